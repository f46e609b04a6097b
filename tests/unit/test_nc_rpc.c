// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/rpc.c, native.c, monitor.c, capabilities.c and hello.c: a message and
 * its answer, with a real libyang context and no sockets.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/base/rpc.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session_private.h"

#include "tests/unit/nc_fake.h"

#define RPC "<rpc xmlns=\"" NC_BASE "\" message-id=\"1\">"
#define REPLY "<rpc-reply xmlns=\"" NC_BASE "\" message-id=\"1\">"
#define MONITORING "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"

static struct ofl_nc_session session;
static const struct lyd_node *seen; /* op of the last call of `local` */
static unsigned int calls;

static void on_local(struct ofl_nc_session *s, const struct lyd_node *op,
		     struct ofl_nc_reply *reply)
{
	calls++;
	/* The default was not said, so it is not there. */
	seen = lyd_child(op);
	assert_ptr_equal(s, &session);
}

static const struct ofl_nc_op local_ops[] = {
	{"nc-rpc-test", "local", on_local},
	{},
};

static int setup(void **state)
{
	ofl_nc_ops_add(local_ops);
	ofl_nc_monitor_init();
	return nc_fake_setup(state);
}

static int begin(void **state)
{
	memset(&session, 0, sizeof(session));
	session.id = 3;
	session.framing = OFL_NC_FRAMING_CHUNKED;
	nc_fake_may_exec = true;
	nc_fake_rpc = NULL;
	calls = 0;
	return 0;
}

/* The answer; free it. */
static char *answer_of(const char *message, bool *ret_ok)
{
	struct ofl_nc_reply reply = {};
	struct ofl_nc_text out = {};
	char *copy;

	*ret_ok = ofl_nc_rpc(&session, message, strlen(message), &out, &reply);
	session.reply.close = reply.close;
	ofl_nc_reply_fini(&reply);
	copy = strdup(out.data ? out.data : "");
	ofl_nc_text_fini(&out);
	return copy;
}

static void says(const char *message, const char *answer)
{
	bool ok;
	char *text = answer_of(message, &ok);

	assert_true(ok);
	assert_string_equal(text, answer);
	free(text);
}

static void says_part(const char *message, const char *part)
{
	bool ok;
	char *text = answer_of(message, &ok);

	assert_true(ok);
	if (!strstr(text, part))
		print_error("%s\nis not in the answer to\n%s\n%s\n", part,
			    message, text);
	assert_non_null(strstr(text, part));
	/* An answer is one element, whatever was asked. */
	assert_int_equal(strncmp(text, "<rpc-reply ", 11), 0);
	assert_string_equal(text + strlen(text) - 12, "</rpc-reply>");
	free(text);
}

/* --- the envelope --- */

static void attributes(void **state)
{
	says(RPC "<local xmlns=\"" NC_TEST "\"/></rpc>",
	     REPLY "<ok/></rpc-reply>");
	assert_int_equal(calls, 1);
	assert_null(seen);
	says("<?xml version=\"1.0\"?>\n<n:rpc xmlns:n=\"" NC_BASE
	     "\" xmlns:q=\"urn:q\" q:b=\"&lt;&quot;\" message-id=\"a&#10;b\" "
	     "q:a=\"2\" plain=\"3\"><local xmlns=\"" NC_TEST "\"/></n:rpc>",
	     "<rpc-reply xmlns=\"" NC_BASE "\" xmlns:q=\"urn:q\" "
	     "q:b=\"&lt;&quot;\" message-id=\"a&#10;b\" q:a=\"2\" plain=\"3\">"
	     "<ok/></rpc-reply>");
	assert_int_equal(calls, 2);
	assert_int_equal(session.counters.in_rpcs, 2);
	assert_int_equal(session.counters.in_bad_rpcs, 0);
}

static void no_message_id(void **state)
{
	says_part("<rpc xmlns=\"" NC_BASE "\"><local xmlns=\"" NC_TEST
		  "\"/></rpc>",
		  "<error-type>rpc</error-type>"
		  "<error-tag>missing-attribute</error-tag>");
	/* One of another namespace is none. */
	says_part("<rpc xmlns=\"" NC_BASE "\" xmlns:q=\"urn:q\" "
		  "q:message-id=\"1\"><local xmlns=\"" NC_TEST "\"/></rpc>",
		  "<bad-attribute>message-id</bad-attribute>"
		  "<bad-element>rpc</bad-element>");
	assert_int_equal(calls, 0);
	assert_int_equal(session.counters.in_bad_rpcs, 2);
	assert_int_equal(session.counters.out_rpc_errors, 2);
}

/* In 1.1 each is told and the session goes on; 1.0 has no word for it. */
static void malformed(void **state)
{
	static const char *const messages[] = {
		"",
		"  ",
		"no XML",
		"<rpc",
		"<hello xmlns=\"" NC_BASE "\"/>",
		"<rpc message-id=\"1\"><get/></rpc>",
		"<!DOCTYPE rpc><rpc xmlns=\"" NC_BASE "\" message-id=\"1\"/>",
	};
	bool ok;
	char *text;

	for (size_t i = 0; i < array_size(messages); i++) {
		session.framing = OFL_NC_FRAMING_CHUNKED;
		says_part(messages[i], "<error-tag>malformed-message<");
		session.framing = OFL_NC_FRAMING_EOM;
		text = answer_of(messages[i], &ok);
		assert_false(ok);
		assert_string_equal(text, "");
		free(text);
	}
	session.framing = OFL_NC_FRAMING_CHUNKED;
	says_part("<rpc xmlns=\"" NC_BASE "\" message-id=\"1\" "
		  "message-id=\"2\"><get/></rpc>",
		  "<error-tag>malformed-message<");
	says_part(RPC "<local xmlns=\"" NC_TEST "\"></rpc>",
		  "<error-tag>malformed-message<");
	assert_int_equal(calls, 0);
	assert_int_equal(session.counters.in_rpcs, 0);
}

/* A stack of any depth is not tried. */
static void deep(void **state)
{
	const size_t depth = 100000;
	char *text = malloc(strlen(RPC) + depth * 3 + 1);
	size_t at = snprintf(text, strlen(RPC) + 1, "%s", RPC);

	for (size_t i = 0; i < depth; i++, at += 3)
		memcpy(text + at, "<a>", 4);
	says_part(text, "<error-tag>malformed-message<");
	free(text);
}

/* --- operations --- */

static void unknown_operations(void **state)
{
	static const char *const ops[] = {
		"<gone xmlns=\"" NC_TEST "\"/>",
		"<gone xmlns=\"urn:unknown\"><a/></gone>",
		"<gone/>",
		/* A container is no operation; nor is a feature that is off. */
		"<top xmlns=\"" NC_TEST "\"/>",
		"<cancel-commit/>",
		"",
		/* No callback. */
		"<nobody xmlns=\"" NC_TEST "\"/>",
		"<go xmlns=\"" NC_TEST "\"><a>1</a></go>",
	};
	char message[256];

	for (size_t i = 0; i < array_size(ops); i++) {
		snprintf(message, sizeof(message), RPC "%s</rpc>", ops[i]);
		says_part(message, REPLY "<rpc-error>"
					 "<error-type>protocol</error-type>"
					 "<error-tag>operation-not-supported<");
	}
}

static void denied(void **state)
{
	nc_fake_may_exec = false;
	says_part(RPC "<local xmlns=\"" NC_TEST "\"/></rpc>",
		  "<error-tag>access-denied<");
	/* Nothing is told of what the input should have been. */
	says_part(RPC "<go xmlns=\"" NC_TEST "\"/></rpc>",
		  "<error-tag>access-denied<");
	assert_int_equal(calls, 0);
}

static int on_go(struct nb_cb_rpc_args *args)
{
	const char *a = ofl_rpc_input(args, "a");
	const char *b = ofl_rpc_input(args, "deep/b");

	calls++;
	assert_non_null(a);
	assert_non_null(b);
	if (!strcmp(b, "fail")) {
		snprintf(args->errmsg, args->errmsg_len, "it was <said> so");
		return NB_ERR_RESOURCE;
	}
	if (!strcmp(b, "quiet"))
		return NB_OK;
	if (strcmp(b, "half"))
		ofl_rpc_output(args, "sum", strcmp(b, "wrong") ? a : b);
	ofl_rpc_output(args, "row[n='1']/text", b);
	return NB_OK;
}

static void northbound(void **state)
{
	nc_fake_rpc = on_go;
	says(RPC "<go xmlns=\"" NC_TEST "\"><a>5</a></go></rpc>",
	     REPLY "<sum xmlns=\"" NC_TEST "\">5</sum><row xmlns=\"" NC_TEST
		   "\"><n>1</n><text>d</text></row></rpc-reply>");
	says(RPC "<go xmlns=\"" NC_TEST "\"><a>5</a><deep><b>quiet</b></deep>"
		 "</go></rpc>",
	     REPLY "<ok/></rpc-reply>");
	says_part(RPC "<go xmlns=\"" NC_TEST "\"><a>5</a><deep><b>fail</b>"
		      "</deep></go></rpc>",
		  "<error-tag>resource-denied</error-tag>"
		  "<error-severity>error</error-severity>"
		  "<error-message xml:lang=\"en\">it was &lt;said&gt; so<");
	says_part(RPC "<go xmlns=\"" NC_TEST "\"><a>5</a><deep><b>wrong</b>"
		      "</deep></go></rpc>",
		  "<rpc-error>");
	/* The sum is mandatory. */
	says_part(RPC "<go xmlns=\"" NC_TEST "\"><a>5</a><deep><b>half</b>"
		      "</deep></go></rpc>",
		  "<rpc-error>");
	assert_int_equal(calls, 5);
}

static void bad_input(void **state)
{
	nc_fake_rpc = on_go;
	says_part(RPC "<go xmlns=\"" NC_TEST "\"/></rpc>",
		  "<error-tag>missing-element</error-tag>");
	says_part(RPC "<go xmlns=\"" NC_TEST "\"><a>500</a></go></rpc>",
		  "<error-tag>invalid-value</error-tag>");
	says_part(RPC "<go xmlns=\"" NC_TEST "\"><a>5</a><z/></go></rpc>",
		  "<error-tag>unknown-element</error-tag>");
	assert_int_equal(calls, 0);
}

/* --- monitor.c --- */

static void sessions(void **state)
{
	says(RPC "<close-session/></rpc>", REPLY "<ok/></rpc-reply>");
	assert_true(session.reply.close);
	says_part(RPC "<kill-session><session-id>9</session-id></kill-session>"
		      "</rpc>",
		  "<error-tag>invalid-value<");
	says_part(RPC "<kill-session><session-id>0</session-id></kill-session>"
		      "</rpc>",
		  "<error-tag>invalid-value<");
}

static void get_schema(void **state)
{
#define GET(x)                                                                 \
	RPC "<get-schema xmlns=\"" MONITORING "\">" x "</get-schema></rpc>"
	says(GET("<identifier>nc-rpc-test</identifier>"),
	     REPLY "<data xmlns=\"" MONITORING
		   "\">module &lt;nc-rpc-test&gt;</data></rpc-reply>");
	says_part(GET("<identifier>nc-rpc-test</identifier>"
		      "<version>2026-11-22</version><format>yang</format>"),
		  "module &lt;");
	says_part(GET("<identifier>nc-rpc-test</identifier>"
		      "<version>2000-01-01</version>"),
		  "<error-tag>invalid-value<");
	says_part(GET("<identifier>nc-rpc-test</identifier>"
		      "<format>xsd</format>"),
		  "<error-tag>invalid-value<");
	says_part(GET("<identifier>nope</identifier>"),
		  "<error-tag>invalid-value<");
	says_part(GET(""), "<error-tag>missing-element<");
#undef GET
}

static bool has(const char *text, const char *what)
{
	if (!strstr(text, what))
		print_error("%s\nis not in\n%s\n", what, text);
	return strstr(text, what);
}

static void state_tree(void **state)
{
	struct lyd_node *tree = ofl_nc_monitor_state();
	struct ofl_nc_text text = {};

	assert_non_null(tree);
	ofl_nc_text_tree(&text, tree, true, 0);
	assert_true(has(text.data, ":candidate:1.0</capability>"));
	assert_true(has(text.data, "<datastore><name>running</name><locks>"
				   "<global-lock><locked-by-session>77<"));
	assert_true(has(text.data, "<datastore><name>candidate</name>"
				   "</datastore>"));
	assert_true(has(text.data, "<identifier>nc-rpc-test</identifier>"
				   "<version>2026-11-22</version>"));
	assert_true(has(text.data, "<statistics><netconf-start-time>"));
	/* It is what the module says. */
	assert_int_equal(lyd_validate_all(&tree, NULL, LYD_VALIDATE_PRESENT,
					  NULL),
			 LY_SUCCESS);
	ofl_nc_text_fini(&text);
	lyd_free_all(tree);
}

/* --- hello.c --- */

static void hello(void **state)
{
#define CAPS(x) "<capabilities>" x "</capabilities>"
#define CAP(x) "<capability>" x "</capability>"
#define V10 "urn:ietf:params:netconf:base:1.0"
#define V11 "urn:ietf:params:netconf:base:1.1"
	static const struct {
		const char *content;
		bool ok;
		enum ofl_nc_framing framing;
	} rows[] = {
		{CAPS(CAP(V10)), true, OFL_NC_FRAMING_EOM},
		{CAPS(CAP(V11)), true, OFL_NC_FRAMING_CHUNKED},
		{CAPS(CAP(V10) CAP("urn:x?a&amp;b") CAP("\n " V11 "\n ")), true,
		 OFL_NC_FRAMING_CHUNKED},
		{CAPS(CAP(V11 "x") CAP("urn:x")), false, 0},
		{CAPS(""), false, 0},
		{"", false, 0},
		{CAPS(CAP(V10)) "<session-id>1</session-id>", false, 0},
		{"<x", false, 0},
	};
	char text[512], why[160];
	enum ofl_nc_framing framing;

	for (size_t i = 0; i < array_size(rows); i++) {
		snprintf(text, sizeof(text), "<hello xmlns=\"%s\">%s</hello>",
			 NC_BASE, rows[i].content);
		framing = OFL_NC_FRAMING_EOM;
		why[0] = '\0';
		assert_int_equal(ofl_nc_hello_parse(text, strlen(text),
						    &framing, why, sizeof(why)),
				 rows[i].ok);
		assert_int_equal(why[0] == '\0', rows[i].ok);
		assert_int_equal(framing, rows[i].framing);
	}
	assert_false(ofl_nc_hello_parse(RPC "<get/></rpc>",
					strlen(RPC "<get/></rpc>"), &framing,
					why, sizeof(why)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(attributes, begin),
		cmocka_unit_test_setup(no_message_id, begin),
		cmocka_unit_test_setup(malformed, begin),
		cmocka_unit_test_setup(deep, begin),
		cmocka_unit_test_setup(unknown_operations, begin),
		cmocka_unit_test_setup(denied, begin),
		cmocka_unit_test_setup(northbound, begin),
		cmocka_unit_test_setup(bad_input, begin),
		cmocka_unit_test_setup(sessions, begin),
		cmocka_unit_test_setup(get_schema, begin),
		cmocka_unit_test_setup(state_tree, begin),
		cmocka_unit_test_setup(hello, begin),
	};

	return cmocka_run_group_tests(tests, setup, nc_fake_teardown);
}
