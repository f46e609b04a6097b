// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/error.c and text.c: what libyang and FRR say, as RFC 6241 and
 * RFC 7950, section 15 have it, from errors that libyang really makes.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/error.h"
#include "offloadd/netconf/text.h"

#include "tests/unit/nc_fake.h"

#define PATH "<error-path xmlns:nc-rpc-test=\"" NC_TEST "\">"

static void has(const struct ofl_nc_text *t, const char *what)
{
	if (!strstr(t->data, what))
		print_error("%s\nis not in\n%s\n", what, t->data);
	assert_non_null(strstr(t->data, what));
}

/* What validation says of the content of the container. */
static void errors_of(const char *content, struct ofl_nc_text *ret_text)
{
	uint32_t quiet = LY_LOSTORE;
	struct ofl_nc_errors errors = {};
	struct lyd_node *tree = NULL;
	char text[1024];

	snprintf(text, sizeof(text), "<top xmlns=\"%s\">%s</top>", NC_TEST,
		 content);
	ly_temp_log_options(&quiet);
	ly_err_clean(ofl_nc_context(), NULL);
	assert_int_not_equal(lyd_parse_data_mem(ofl_nc_context(), text, LYD_XML,
						LYD_PARSE_STRICT,
						LYD_VALIDATE_PRESENT, &tree),
			     LY_SUCCESS);
	ofl_nc_error_libyang(&errors, ofl_nc_context(), OFL_NC_APPLICATION,
			     "nothing said");
	ly_temp_log_options(NULL);
	assert_int_equal(errors.count, 1);
	ofl_nc_errors_print(&errors, ofl_nc_context(), ret_text);
	ofl_nc_errors_fini(&errors);
	lyd_free_all(tree);
}

static void libyang(void **state)
{
	static const struct {
		const char *content;
		const char *has[4];
	} rows[] = {
		{"<number>99</number>",
		 {"<error-tag>invalid-value<", "<error-app-tag>my-range<",
		  ">out of range<",
		  PATH "/nc-rpc-test:top/nc-rpc-test:number</error-path>"}},
		{"<entry><name>a</name><value>1</value></entry>"
		 "<entry><name>b</name><value>1</value></entry>",
		 {"<error-tag>operation-failed<",
		  "<error-app-tag>data-not-unique<", "<non-unique xmlns=",
		  "nc-rpc-test:entry[nc-rpc-test:name=&apos;b&apos;]<"}},
		{"<entry><name>a</name></entry><entry><name>b</name></entry>"
		 "<entry><name>c</name></entry><entry><name>d</name></entry>",
		 {"<error-tag>operation-failed<",
		  "<error-app-tag>too-many-elements<"}},
		{"<entry><name>a</name><value>1</value><big>x</big></entry>",
		 {"<error-tag>operation-failed<",
		  "<error-app-tag>must-violation<",
		  "[nc-rpc-test:name=&apos;a&apos;]/nc-rpc-test:big<"}},
		{"<entry><name>a</name><ref>1</ref></entry>",
		 {"<error-tag>data-missing<",
		  "<error-app-tag>instance-required<"}},
		{"<full/>",
		 {"<error-tag>data-missing<",
		  "<bad-element>needed</bad-element>"}},
		{"<entry><value>1</value></entry>",
		 {"<error-tag>missing-element<",
		  "<bad-element>name</bad-element>"}},
		{"<nothing/>",
		 {"<error-tag>unknown-element<",
		  "<bad-element>nothing</bad-element>"}},
		{"<x xmlns=\"urn:x\"/>",
		 {"<error-tag>unknown-namespace<",
		  "<bad-namespace>urn:x</bad-namespace>",
		  "<bad-element>top</bad-element>"}},
		{"<number a=\"1\">1</number>",
		 {"<error-tag>unknown-attribute<",
		  "<bad-attribute>a</bad-attribute>"}},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_nc_text text = {};

		errors_of(rows[i].content, &text);
		for (size_t k = 0; k < 4 && rows[i].has[k]; k++)
			has(&text, rows[i].has[k]);
		ofl_nc_text_fini(&text);
	}
}

static void nothing_said(void **state)
{
	struct ofl_nc_errors errors = {};

	ly_err_clean(ofl_nc_context(), NULL);
	ofl_nc_error_libyang(&errors, ofl_nc_context(), OFL_NC_PROTOCOL,
			     "the fallback");
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.first->message, "the fallback");
	ofl_nc_errors_fini(&errors);
	assert_null(errors.first);
}

static void northbound(void **state)
{
	struct ofl_nc_errors errors = {};

	ofl_nc_error_northbound(&errors, NB_ERR_VALIDATION,
				"YANG error(s):\n Must condition \"x\" not "
				"satisfied.\n YANG path: Data location "
				"\"/nc-rpc-test:top/number\".\n");
	assert_string_equal(errors.first->message,
			    "Must condition \"x\" not satisfied.");
	assert_string_equal(errors.first->path, "/nc-rpc-test:top/number");
	ofl_nc_error_northbound(&errors, NB_ERR_RESOURCE, "no room\n");
	assert_string_equal(errors.last->tag, "resource-denied");
	assert_string_equal(errors.last->message, "no room");
	ofl_nc_error_northbound(&errors, NB_ERR, "");
	assert_string_equal(errors.last->tag, "operation-failed");
	assert_string_equal(errors.last->message, nb_err_name(NB_ERR));
	assert_int_equal(errors.count, 3);
	ofl_nc_errors_fini(&errors);
}

static void paths(void **state)
{
	static const struct {
		const char *path, *printed;
	} rows[] = {
		{"/nc-rpc-test:top/number",
		 PATH "/nc-rpc-test:top/nc-rpc-test:number<"},
		/* Slashes, brackets and colons of values are no path. */
		{"/nc-rpc-test:top/entry[name='/a[b:c']/value",
		 PATH "/nc-rpc-test:top/nc-rpc-test:entry"
		      "[nc-rpc-test:name=&apos;/a[b:c&apos;]"
		      "/nc-rpc-test:value<"},
		{"/nc-rpc-test:top/ietf-netconf:x/y[1]/z[.='q']",
		 "/nc-rpc-test:top/ietf-netconf:x/ietf-netconf:y[1]"
		 "/ietf-netconf:z[.=&apos;q&apos;]<"},
		{"/unknown:a/b", "<error-path>/unknown:a/unknown:b<"},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_nc_errors errors = {};
		struct ofl_nc_text text = {};

		ofl_nc_error_denied(&errors, rows[i].path);
		ofl_nc_errors_print(&errors, ofl_nc_context(), &text);
		has(&text, "<error-tag>access-denied<");
		has(&text, rows[i].printed);
		ofl_nc_text_fini(&text);
		ofl_nc_errors_fini(&errors);
	}
}

static void escapes(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"", ""},
		{"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&apos;"},
		{"\t\n\r", "&#9;&#10;&#13;"},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		/* no character; no UTF-8; cut; too long; a surrogate; behind
		 * the end; never one */
		{"\x01", "\xef\xbf\xbd"},
		{"\xff", "\xef\xbf\xbd"},
		{"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90\x80\x80",
		 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_nc_text text = {};

		ofl_nc_text_escaped(&text, rows[i].in);
		assert_string_equal(text.data, rows[i].out);
		assert_int_equal(text.len, strlen(rows[i].out));
		ofl_nc_text_fini(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libyang),    cmocka_unit_test(nothing_said),
		cmocka_unit_test(northbound), cmocka_unit_test(paths),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, nc_fake_setup, nc_fake_teardown);
}
