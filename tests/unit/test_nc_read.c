// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * get and get-config over a northbound with thousands of entries: what is
 * asked for is made and nothing else, long lists come in pieces, and access
 * control goes before the filter.  Access control, datastores and sessions are
 * fakes.  Work is counted in callbacks, never in time.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "northbound.h"
#include "yang.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/read.h"
#include "offloadd/netconf/select.h"
#include "tests/unit/nc_ask.h"
#include "tests/unit/nc_world.h"

#define SUBTREE(inside) "<get><filter>" inside "</filter></get>"
#define XPATH(select)                                                          \
	"<get><filter type=\"xpath\" xmlns:t=\"" NC_TEST "\" select=\"" select \
	"\"/></get>"
#define BOX(inside) "<box xmlns=\"" NC_TEST "\">" inside "</box>"
#define FLOWS(inside) BOX("<state><flow>" inside "</flow></state>")
#define CONFIG                                                                 \
	"<box xmlns=\"" NC_TEST "\"><limit>none</limit><table><name>a</name>"  \
	"</table></box>"

static void expect(const char *xml, const char *expected)
{
	char *text = nc_ask(xml);

	if (strcmp(text, expected) != 0)
		fail_msg("%s\n  gives %s\n  not %s", xml, text, expected);
	free(text);
}

static int setup(void **state)
{
	nc_world = (struct nc_world){.flows = 10000};
	nc_denied = nc_denied_flow = NULL;
	nc_between = NULL;
	nc_world_configure(CONFIG);
	return 0;
}

/* The flows of an answer, which has to be well-formed data. */
struct flows {
	struct lyd_node *tree;
	const struct lyd_node *first;
	unsigned int count;
};

static struct flows flows_of(const char *text)
{
	static const char begin[] = "<data>", end[] = "</data>";
	struct lyd_node *match = NULL;
	struct flows f = {};
	char *inside;

	assert_memory_equal(text, begin, strlen(begin));
	assert_string_equal(text + strlen(text) - strlen(end), end);
	inside = strndup(text + strlen(begin),
			 strlen(text) - strlen(begin) - strlen(end));
	if (lyd_parse_data_mem(ofl_nc_context(), inside, LYD_XML,
			       LYD_PARSE_ONLY | LYD_PARSE_STRICT, 0, &f.tree))
		fail_msg("%.300s: %s", inside, ly_errmsg(ofl_nc_context()));
	free(inside);
	if (f.tree &&
	    !lyd_find_path(f.tree, "/ofl-nc-test:box/state", 0, &match))
		LY_LIST_FOR(lyd_child(match), f.first)
	if (strcmp(LYD_NAME(f.first), "flow") == 0)
		break;
	for (const struct lyd_node *n = f.first;
	     n && strcmp(LYD_NAME(n), "flow") == 0; n = n->next)
		f.count++;
	return f;
}

static void flow_text(unsigned int n, char *buf, size_t len)
{
	snprintf(buf, len,
		 "<flow xmlns=\"" NC_TEST "\"><vrf>%s</vrf>"
		 "<prefix>10.%u.%u.%u/32</prefix><class>%s</class><counters>"
		 "<bytes>%u</bytes></counters></flow>",
		 n < nc_world.flows / 2 ? "blue" : "red", n >> 16, n >> 8 & 255,
		 n & 255, n % 100 ? "best-effort" : "critical", n * 1000);
}

/* --- one entry --- */

static void test_by_key(void **state)
{
	char flow[512], expected[1024];

	flow_text(9999, flow, sizeof(flow));
	snprintf(expected, sizeof(expected),
		 "<data><box xmlns=\"" NC_TEST "\"><state>%s</state></box>"
		 "</data>",
		 flow);
	/* As it is printed inside of its parent. */
	memmove(strstr(expected, "<flow ") + 5, strstr(expected, "><vrf>"),
		strlen(strstr(expected, "><vrf>")) + 1);
	for (unsigned int i = 0; i < 2; i++) {
		expect(i ? XPATH("/t:box/t:state/t:flow[t:vrf='red']"
				 "[t:prefix='10.0.39.15/32']")
			 : SUBTREE(FLOWS("<vrf>red</vrf>"
					 "<prefix>10.0.39.15/32</prefix>")),
		       expected);
		assert_int_equal(nc_world.lookups, 1);
		assert_int_equal(nc_world.next, 0);
		assert_int_equal(nc_world.elems, 2);
	}
	/* Only what was asked for of it. */
	expect(XPATH("/t:box/t:state/t:flow[t:vrf='red']"
		     "[t:prefix='10.0.39.15/32']/t:counters/t:bytes"),
	       "<data><box xmlns=\"" NC_TEST "\"><state><flow><vrf>red</vrf>"
	       "<prefix>10.0.39.15/32</prefix><counters><bytes>9999000</bytes>"
	       "</counters></flow></state></box></data>");
	assert_int_equal(nc_world.elems, 1);
	/* Twice the same, one that is not there, one that cannot be. */
	expect(SUBTREE(FLOWS("<vrf>red</vrf><prefix>10.0.39.15/32</prefix>"
			     "<counters/>")
			       FLOWS("<vrf>red</vrf><prefix>10.0.39.15/32</"
				     "prefix>"
				     "<counters/>")
				       FLOWS("<vrf>blue</vrf><prefix>"
					     "10.0.39.15/32</prefix>")
					       FLOWS("<vrf>red</vrf><prefix>x</"
						     "prefix>")),
	       "<data><box xmlns=\"" NC_TEST "\"><state><flow><vrf>red</vrf>"
	       "<prefix>10.0.39.15/32</prefix><counters><bytes>9999000</bytes>"
	       "</counters></flow></state></box></data>");
	assert_int_equal(nc_world.next, 0);
	assert_int_equal(nc_world.lookups, 3);
}

/* --- long lists --- */

static void test_stream_all(void **state)
{
	char *text = nc_ask(SUBTREE(BOX("<state><flow/></state>")));
	struct flows f = flows_of(text);
	const char *at = text;
	char flow[512];

	assert_int_equal(f.count, nc_world.flows);
	for (unsigned int n = 0; n < nc_world.flows; n++) {
		flow_text(n, flow, sizeof(flow));
		at = strstr(at, "<flow ");
		assert_non_null(at);
		if (strncmp(at, flow, strlen(flow)) != 0)
			fail_msg("%u: %.200s is not %s", n, at, flow);
		at += strlen(flow);
	}
	assert_string_equal(at, "</state></box></data>");
	assert_true(nc_turns >= nc_world.flows / OFL_NC_TURN_ENTRIES);
	assert_true(nc_most_in_turn <= OFL_NC_TURN_ENTRIES);
	lyd_free_all(f.tree);
	free(text);
}

/* An expression with a position is not applied entry by entry; with as many
 * entries as can be had at once both ways have to tell the same. */
static void test_stream_equals(void **state)
{
	static const struct {
		const char *stream, *at_once;
	} rows[] = {
		{"<get/>", XPATH("/* | //*[9]")},
		{SUBTREE(FLOWS("<class>critical</class>")),
		 XPATH("//t:flow[t:class='critical']")},
		{SUBTREE(FLOWS("<class>critical</class><counters/>")),
		 XPATH("//t:flow[t:class='critical']/t:counters | "
		       "//t:flow[t:class='critical']/t:class")},
		{XPATH("/t:box/t:state/t:flow[t:counters/t:bytes > 1400000]"),
		 XPATH("//t:bytes[. > 1400000]/../..")},
		{XPATH("/t:box/t:table | /t:box/t:state/t:flow[t:vrf = 'red' "
		       "and not(starts-with(t:class, 'b'))]/t:class"),
		 XPATH("//t:table | //t:flow[t:vrf = 'red' and "
		       "not(starts-with(t:class, 'b'))]/t:class")},
		{XPATH("/t:box/t:state/*"), XPATH("//t:box/t:state/*")},
		{SUBTREE(BOX("<table/><state><count>1500</count></state>")),
		 XPATH("//t:box/t:table | //t:box/t:state")},
		{SUBTREE(BOX("<state><count>1</count></state>")),
		 XPATH("//t:nothing")},
	};

	nc_world.flows = 1500;
	for (size_t i = 0; i < array_size(rows); i++) {
		char *stream = nc_ask(rows[i].stream), *once;
		bool is_stream = nc_turns > 0;
		struct flows a, b;
		char *x, *y;

		once = nc_ask(rows[i].at_once);
		if (!is_stream && i + 1 < array_size(rows))
			fail_msg("%s is no stream: %.200s", rows[i].stream,
				 stream);
		if (nc_turns)
			fail_msg("%s is a stream", rows[i].at_once);
		a = flows_of(stream);
		b = flows_of(once);
		x = nc_world_print(a.tree, LYD_PRINT_WD_ALL);
		y = nc_world_print(b.tree, LYD_PRINT_WD_ALL);
		if (strcmp(x, y) != 0)
			fail_msg("row %zu: %zu and %zu characters:\n%.600s\n"
				 "%.600s",
				 i, strlen(x), strlen(y), x, y);
		free(x);
		free(y);
		lyd_free_all(a.tree);
		lyd_free_all(b.tree);
		free(stream);
		free(once);
	}
}

static unsigned int is_gone_from;

static bool is_odd_gone(unsigned int n)
{
	return is_gone_from && n >= is_gone_from && n % 2;
}

/* Every turn the entries around its end go, that of the place too. */
static void odd_go(void)
{
	if (!is_gone_from)
		is_gone_from = 101;
}

static void test_entries_vanish(void **state)
{
	unsigned int last = 0, even = 0;
	struct flows f;
	char *text;

	is_gone_from = 0;
	nc_world.is_gone = is_odd_gone;
	nc_between = odd_go;
	text = nc_ask(SUBTREE(BOX("<state><flow/></state>")));
	f = flows_of(text);
	for (const struct lyd_node *n = f.first; n; n = n->next) {
		struct lyd_node *bytes;
		unsigned int at;

		assert_int_equal(lyd_find_path(n, "counters/bytes", 0, &bytes),
				 LY_SUCCESS);
		at = strtoul(lyd_get_value(bytes), NULL, 10) / 1000;
		assert_true(n == f.first || at > last);
		last = at;
		even += at % 2 == 0;
		/* Only the first turn saw the odd ones. */
		assert_true(at % 2 == 0 || at < OFL_NC_TURN_ENTRIES);
	}
	assert_int_equal(even, nc_world.flows / 2);
	lyd_free_all(f.tree);
	free(text);
}

static void test_turns_are_bounded(void **state)
{
	/* One in a hundred is sent; the others cost a turn as well. */
	char *text = nc_ask(SUBTREE(FLOWS("<class>critical</class>")));
	struct flows f = flows_of(text);

	assert_int_equal(f.count, nc_world.flows / 100);
	assert_int_equal(nc_most_in_turn, OFL_NC_TURN_ENTRIES);
	assert_true(nc_turns >= nc_world.flows / OFL_NC_TURN_ENTRIES);
	lyd_free_all(f.tree);
	free(text);

	/* None: nothing is left of the containers. */
	expect(SUBTREE(FLOWS("<class>none</class>")), "<data></data>");
	assert_true(nc_most_in_turn <= OFL_NC_TURN_ENTRIES);
	nc_world.flows = 0;
	expect(SUBTREE(BOX("<state><flow/></state>")), "<data></data>");
	expect(SUBTREE(BOX("<limit/><state><flow/></state>")),
	       "<data><box xmlns=\"" NC_TEST "\"><limit xmlns=\"" NC_TEST
	       "\">none</limit></box></data>");
}

static void test_too_many(void **state)
{
	nc_world.flows = OFL_NC_LONG_AT_ONCE + 1;
	expect(XPATH("/t:box/t:state/t:flow[2]"), "too-big");
	assert_true(nc_world.next <= nc_world.flows + 1);
	/* Nothing of a long list is needed for these. */
	expect(XPATH("/t:box/t:limit[../t:table]"), "too-big");
	expect(XPATH("/t:box/t:table[1]/t:name"),
	       "<data><box xmlns=\"" NC_TEST "\"><table><name>a</name></table>"
	       "</box></data>");
	assert_int_equal(nc_world.next, 0);
}

/* --- what is asked for --- */

static void test_state_merges(void **state)
{
	expect(SUBTREE(BOX("<table/>")),
	       "<data><box xmlns=\"" NC_TEST
	       "\"><table><name>a</name><state><used>1</used></state></table>"
	       "<table><name>operational-only</name><state><used>16</used>"
	       "</state></table></box></data>");
	assert_int_equal(nc_world.elems, 0);
	expect(SUBTREE(BOX("<table><name>a</name><state/></table>")),
	       "<data><box xmlns=\"" NC_TEST
	       "\"><table><name>a</name><state><used>1</used></state></table>"
	       "</box></data>");
	expect(SUBTREE(BOX("<state><count/><warning/><event/></state>")),
	       "<data><box xmlns=\"" NC_TEST
	       "\"><state><count>10000</count><warning>first</warning>"
	       "<warning>second &amp; &lt;third&gt;</warning>"
	       "<event><text>first</text></event><event><text>second &amp; "
	       "&lt;third&gt;</text></event></state></box></data>");
	assert_int_equal(nc_world.next, 0);
	assert_int_equal(nc_turns, 0);
}

static void test_no_presence(void **state)
{
	nc_world_configure("<top xmlns=\"" NC_TEST "\"><note>x</note></top>");
	expect(SUBTREE(BOX("")), "<data></data>");
	expect(SUBTREE(FLOWS("<vrf>red</vrf><prefix>10.0.39.15/32</prefix>")),
	       "<data></data>");
	assert_int_equal(nc_world.lookups + nc_world.next + nc_world.elems, 0);
}

static void test_access(void **state)
{
	static const char *const above[] = {"box", "state", "flow"};
	struct flows f;
	char *text;

	/* What cannot be read is not asked for. */
	for (size_t i = 0; i < array_size(above); i++) {
		nc_denied = above[i];
		expect(SUBTREE(BOX("<state><flow/></state>")), "<data></data>");
		expect(SUBTREE(FLOWS("<vrf>red</vrf><prefix>10.0.39.15/32"
				     "</prefix>")),
		       "<data></data>");
		assert_int_equal(nc_world.lookups + nc_world.next, 0);
		assert_int_equal(nc_world.elems, 0);
	}
	/* A filter does not tell it either. */
	nc_denied = "class";
	expect(SUBTREE(FLOWS("<class>critical</class>")), "<data></data>");
	expect(XPATH("/t:box/t:state/t:flow[t:class='critical']"),
	       "<data></data>");
	text = nc_ask(SUBTREE(FLOWS("<vrf>red</vrf>")));
	f = flows_of(text);
	assert_int_equal(f.count, nc_world.flows / 2);
	assert_null(strstr(text, "class"));
	lyd_free_all(f.tree);
	free(text);
	/* One entry of a long list, however it is asked for. */
	nc_denied = NULL;
	nc_denied_flow = "10.0.39.15/32";
	text = nc_ask(SUBTREE(BOX("<state><flow/></state>")));
	f = flows_of(text);
	assert_int_equal(f.count, nc_world.flows - 1);
	assert_null(strstr(text, nc_denied_flow));
	lyd_free_all(f.tree);
	free(text);
	expect(XPATH("/t:box/t:state/t:flow[t:prefix='10.0.39.15/32']"),
	       "<data></data>");
	expect(SUBTREE(FLOWS("<vrf>red</vrf><prefix>10.0.39.15/32</prefix>")),
	       "<data></data>");
	nc_denied_flow = NULL;
	nc_denied = "limit";
	expect(SUBTREE(BOX("<limit>none</limit><table><name/></table>")),
	       "<data></data>");
	expect("<get-config><source><running/></source></get-config>",
	       "<data><box xmlns=\"" NC_TEST
	       "\"><table><name>a</name></table></box></data>");
}

static void test_filter_errors(void **state)
{
	char *text;

	expect(XPATH("count(/t:box)"), "bad-attribute");
	expect(XPATH("1"), "bad-attribute");
	expect(XPATH("//*[//*[//*]]"), "too-big");
	expect(XPATH("/t:box/t:table[/t:box/t:state[/t:top]]"), "too-big");
	nc_world.flows = OFL_NC_WIDE_NODES;
	expect(XPATH("//t:flow[//t:count]"), "too-big");
	nc_world.flows = 10;
	text = nc_ask(XPATH("//t:flow[//t:count]"));
	assert_non_null(strstr(text, "10.0.0.9/32"));
	free(text);
	expect("<get><filter type=\"xpath\"/></get>", "missing-attribute");
	expect("<get-config><source><running/></source><filter type=\"xpath\" "
	       "select=\"1 = 1\"/></get-config>",
	       "bad-attribute");
}

/* --- configuration --- */

static void test_get_config(void **state)
{
	expect("<get-config><source><running/></source></get-config>",
	       "<data><box xmlns=\"" NC_TEST
	       "\"><limit>none</limit><table><name>a</name></table></box>"
	       "</data>");
	assert_int_equal(nc_world.elems + nc_world.next, 0);
	expect("<get-config><source><candidate/></source></get-config>",
	       "<data></data>");
	if (lyd_new_path(NULL, ofl_nc_context(), "/ofl-nc-test:top/note", "y",
			 0, &nc_candidate))
		abort();
	expect("<get-config><source><candidate/></source></get-config>",
	       "<data><top xmlns=\"" NC_TEST "\"><note>y</note></top></data>");
	lyd_free_all(nc_candidate);
	nc_candidate = NULL;
	expect("<get-config/>", "missing-element");
}

/* Of the box only: libfrr may have defaults of its own. */
#define WITH(mode)                                                             \
	"<get-config><source><running/></source><filter><box "                 \
	"xmlns=\"" NC_TEST "\"/></filter><with-defaults "                      \
	"xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-with-"               \
	"defaults\">" mode "</with-defaults></get-config>"
#define TAG                                                                    \
	" xmlns:wd=\"urn:ietf:params:xml:ns:netconf:default:1.0\" "            \
	"wd:default=\"true\""

static void test_defaults(void **state)
{
	expect(WITH("explicit"),
	       "<data><box xmlns=\"" NC_TEST
	       "\"><limit>none</limit><table><name>a</name></table></box>"
	       "</data>");
	expect(WITH("trim"), "<data><box xmlns=\"" NC_TEST
			     "\"><table><name>a</name></table></box></data>");
	expect(WITH("report-all"),
	       "<data><box xmlns=\"" NC_TEST
	       "\"><enabled>true</enabled><limit>none</limit><table><name>a"
	       "</name><size>10</size></table></box></data>");
	expect(WITH("report-all-tagged"),
	       "<data><box xmlns=\"" NC_TEST "\"><enabled" TAG
	       ">true</enabled><limit>none</limit><table><name>a</"
	       "name><size" TAG ">10</size></table></box></data>");
}

/* --- the server itself --- */

static void test_server(void **state)
{
	static const char *const paths[] = {
		"/ietf-yang-library:yang-library/module-set/module"
		"[name='ofl-nc-test'][namespace='" NC_TEST "']",
		"/ietf-yang-library:yang-library/module-set/module"
		"[name='ietf-netconf']/feature[.='candidate']",
		"/ietf-yang-library:yang-library/datastore"
		"[name='ietf-datastores:running'][schema='complete']",
		"/ietf-yang-library:modules-state/module"
		"[name='ietf-netconf'][conformance-type='implement']",
	};
	struct lyd_node *tree = ofl_nc_yanglib_state();
	struct lyd_node *again = ofl_nc_yanglib_state();
	char *a, *b;

	assert_non_null(tree);
	assert_int_equal(lyd_validate_all(&tree, NULL, LYD_VALIDATE_PRESENT,
					  NULL),
			 LY_SUCCESS);
	for (size_t i = 0; i < array_size(paths); i++) {
		struct ly_set *set = NULL;

		assert_int_equal(lyd_find_xpath(tree, paths[i], &set),
				 LY_SUCCESS);
		if (set->count != 1)
			fail_msg("%s", paths[i]);
		ly_set_free(set, NULL);
	}
	a = nc_world_print(tree, 0);
	b = nc_world_print(again, 0);
	assert_string_equal(a, b);
	free(a);
	free(b);
	lyd_free_all(tree);
	lyd_free_all(again);

	expect(SUBTREE("<netconf-state xmlns=\"urn:ietf:params:xml:ns:yang:"
		       "ietf-netconf-monitoring\"/>"),
	       "<data><netconf-state xmlns=\"urn:ietf:params:xml:ns:yang:"
	       "ietf-netconf-monitoring\"><capabilities><capability>urn:one"
	       "</capability></capabilities></netconf-state></data>");
	a = nc_ask(
		SUBTREE("<modules-state xmlns=\"urn:ietf:params:xml:ns:yang:"
			"ietf-yang-library\"><module-set-id/></modules-state>"
			"<yang-library xmlns=\"urn:ietf:params:xml:ns:yang:"
			"ietf-yang-library\"><content-id/></yang-library>"));
	assert_non_null(strstr(a, "<module-set-id>"));
	assert_non_null(strstr(a, "<content-id>"));
	free(a);
	nc_denied = "netconf-state";
	expect(SUBTREE("<netconf-state xmlns=\"urn:ietf:params:xml:ns:yang:"
		       "ietf-netconf-monitoring\"/>"),
	       "<data></data>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_by_key, setup),
		cmocka_unit_test_setup(test_stream_all, setup),
		cmocka_unit_test_setup(test_stream_equals, setup),
		cmocka_unit_test_setup(test_entries_vanish, setup),
		cmocka_unit_test_setup(test_turns_are_bounded, setup),
		cmocka_unit_test_setup(test_too_many, setup),
		cmocka_unit_test_setup(test_state_merges, setup),
		cmocka_unit_test_setup(test_no_presence, setup),
		cmocka_unit_test_setup(test_access, setup),
		cmocka_unit_test_setup(test_filter_errors, setup),
		cmocka_unit_test_setup(test_get_config, setup),
		cmocka_unit_test_setup(test_defaults, setup),
		cmocka_unit_test_setup(test_server, setup),
	};

	ofl_nc_read_init();
	return cmocka_run_group_tests(tests, nc_world_setup, nc_world_teardown);
}
