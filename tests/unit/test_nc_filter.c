// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters: the examples of RFC 6241, section 6.4, with our module, and odd
 * ones.  Each row: a filter, and what it leaves of the data.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "yang.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/no_namespace.h"
#include "offloadd/netconf/select.h"
#include "offloadd/netconf/text.h"
#include "tests/unit/nc_world.h"

#define USER(name, type, full, dept, id)                                       \
	"<user><name>" name "</name><type>" type "</type><full-name>" full     \
	"</full-name><company-info><dept>" dept "</dept><id>" id               \
	"</id></company-info></user>"
#define ROOT USER("root", "superuser", "Charlie Root", "1", "1")
#define FRED USER("fred", "admin", "Fred Flintstone", "2", "2")
#define BARNEY USER("barney", "admin", "Barney Rubble", "2", "3")
#define NOTE "<note> two  words </note>"
#define TOP(inside) "<top xmlns=\"" NC_TEST "\">" inside "</top>"
#define USERS(inside) TOP("<users>" inside "</users>")
#define FLOW(vrf, prefix, bytes)                                               \
	"<flow><vrf>" vrf "</vrf><prefix>" prefix                              \
	"</prefix><counters><bytes>" bytes "</bytes></counters></flow>"
#define BOX(inside) "<box xmlns=\"" NC_TEST "\">" inside "</box>"
#define COLOUR "<colour xmlns:t=\"" NC_TEST "\">t:red</colour>"
#define TABLE_A "<table><name>a</name><port>p1</port><port>p2</port></table>"
#define TABLE_B "<table><name>b</name><size>10</size></table>"
#define STATE                                                                  \
	"<state><count>3</count>" FLOW("blue", "10.0.0.0/8", "1")              \
		FLOW("blue", "10.1.0.0/16", "2")                               \
			FLOW("red", "10.0.0.0/8",                              \
			     "3") "<event><text>one</text></event>"            \
				  "<event><text>two</text></event></state>"

static const char data_xml[] = USERS(
	ROOT FRED BARNEY) "<box xmlns=\"" NC_TEST "\">" COLOUR
			  "<limit>5</limit><best>a</best><marker/>" TABLE_A
				  TABLE_B STATE "</box>";
static const char note_xml[] = TOP("<users>" FRED "</users>" NOTE);

struct row {
	const char *filter; /* inside <filter>, or the XPath expression */
	const char *expected;
	const char *xml; /* other data than data_xml */
};

/* Names in the filter that are not the base namespace's. */
#define T(inside) "<top xmlns=\"" NC_TEST "\">" inside "</top>"
#define B(inside) "<box xmlns=\"" NC_TEST "\">" inside "</box>"

static const struct row subtree[] = {
	/* 6.4.1: no filter is tested apart.  6.4.2: an empty one. */
	{"", ""},
	/* 6.4.3: a whole subtree. */
	{T("<users/>"), USERS(ROOT FRED BARNEY)},
	{T("<users><user/></users>"), USERS(ROOT FRED BARNEY)},
	/* 6.4.4: all names. */
	{T("<users><user><name/></user></users>"),
	 USERS("<user><name>root</name></user><user><name>fred</name></user>"
	       "<user><name>barney</name></user>")},
	/* 6.4.5: one entry. */
	{T("<users><user><name>fred</name></user></users>"), USERS(FRED)},
	/* 6.4.6: elements of one entry. */
	{T("<users><user><name>fred</name><type/><full-name/></user></users>"),
	 USERS("<user><name>fred</name><type>admin</type>"
	       "<full-name>Fred Flintstone</full-name></user>")},
	/* 6.4.7: several subtrees. */
	{T("<users><user><name>root</name><company-info/></user>"
	   "<user><name>fred</name><company-info><id/></company-info></user>"
	   "<user><name>barney</name><type>superuser</type>"
	   "<company-info><dept/></company-info></user></users>"),
	 USERS("<user><name>root</name><company-info><dept>1</dept><id>1</id>"
	       "</company-info></user><user><name>fred</name><company-info>"
	       "<id>2</id></company-info></user>")},
	/* 6.2.1: namespaces: another's, none, and one that nobody has. */
	{"<top xmlns=\"urn:other\"/>", ""},
	{"<top/>", ""},
	{"<top xmlns=\"\"><users><user><name>root</name></user></users></top>",
	 USERS(ROOT)},
	{"<top xmlns=\"\"/>", USERS(ROOT FRED BARNEY)},
	{T("<users xmlns=\"urn:other\"/>"), ""},
	{"<top xmlns=\"\"><users><user><name/><type/></user></users></top>"
	 "<top xmlns=\'\'><note/></top>",
	 USERS("<user><name>root</name><type>superuser</type></user>"
	       "<user><name>fred</name><type>admin</type></user>"
	       "<user><name>barney</name><type>admin</type></user>")},
	{"<box xmlns=\"\"><colour>red</colour><best/></box>",
	 BOX(COLOUR "<best>a</best>")},
	/* 6.2.2: attributes: no data has any. */
	{"<top xmlns=\"\" xmlns:x=\"urn:x\" x:y=\"z\"/>", ""},
	/* 6.2.5: content matches hold together. */
	{T("<users><user><type>admin</type></user></users>"),
	 USERS(FRED BARNEY)},
	{T("<users><user><type>admin</type><name>fred</name></user></users>"),
	 USERS(FRED)},
	{T("<users><user><type>admin</type><name>root</name></user></users>"),
	 ""},
	{T("<users><user><type>admin</type><name/></user></users>"),
	 USERS("<user><name>fred</name><type>admin</type></user>"
	       "<user><name>barney</name><type>admin</type></user>")},
	{T("<users><user><company-info><dept>2</dept></company-info></user>"
	   "</users>"),
	 USERS("<user><name>fred</name><company-info><dept>2</dept><id>2</id>"
	       "</company-info></user><user><name>barney</name><company-info>"
	       "<dept>2</dept><id>3</id></company-info></user>")},
	/* It is in the answer though what stands beside it selects nothing. */
	{T("<users><user><name>fred</name><company-info><dept>9</dept>"
	   "</company-info></user></users>"),
	 USERS("<user><name>fred</name></user>")},
	/* White space around a value. */
	{T("<users><user><name>\n fred </name><type/></user></users>"),
	 USERS("<user><name>fred</name><type>admin</type></user>")},
	{T("<note>two  words</note>"), TOP(NOTE "<users>" FRED "</users>"),
	 note_xml},
	{T("<note>two words</note>"), "", note_xml},
	{T("<users><user><name>  </name></user></users>"),
	 USERS("<user><name>root</name></user><user><name>fred</name></user>"
	       "<user><name>barney</name></user>")},
	/* Values that the type does not have match nothing. */
	{T("<users><user><company-info><dept>many</dept></company-info></user>"
	   "</users>"),
	 ""},
	{T("<users>text</users>"), ""},
	{B("<table>text</table>"), ""},
	/* Canonical values. */
	{T("<users><user><company-info><dept>+2</dept><id/></company-info>"
	   "</user></users>"),
	 USERS("<user><name>fred</name><company-info><dept>2</dept><id>2</id>"
	       "</company-info></user><user><name>barney</name><company-info>"
	       "<dept>2</dept><id>3</id></company-info></user>")},
	{B("<colour xmlns:a=\"" NC_TEST "\">a:red</colour><limit/>"),
	 BOX(COLOUR "<limit>5</limit>")},
	{B("<colour>red</colour><limit>5</limit><best/>"),
	 BOX(COLOUR "<limit>5</limit><best>a</best>")},
	{B("<limit>none</limit><best/>"), ""},
	{B("<best>a</best><marker/>"), BOX("<best>a</best><marker/>")},
	{B("<best>b</best><marker/>"), ""},
	{B("<state><flow><prefix>10.1.2.3/16</prefix></flow></state>"),
	 BOX("<state>" FLOW("blue", "10.1.0.0/16", "2") "</state>")},
	/* Leaf-lists, empty leaves, lists without keys. */
	{B("<table><port>p2</port></table>"), BOX(TABLE_A)},
	{B("<table><port>p2</port><name/></table>"),
	 BOX("<table><name>a</name><port>p2</port></table>")},
	{B("<table><port/></table>"), BOX(TABLE_A)},
	{B("<marker/>"), BOX("<marker/>")},
	{B("<state><event><text>two</text></event></state>"),
	 BOX("<state><event><text>two</text></event></state>")},
	/* Several filters for the same node: what they select is merged. */
	{T("<users><user><name>fred</name><type/></user>"
	   "<user><name>fred</name><full-name/></user></users>"),
	 USERS("<user><name>fred</name><type>admin</type>"
	       "<full-name>Fred Flintstone</full-name></user>")},
	{T("<users><user><name>fred</name></user></users>")
		 T("<users><user><name>root</name><type/></user></users>"),
	 USERS("<user><name>root</name><type>superuser</type></user>" FRED)},
	{T("<users><user><name/></user></users>") B("<best/>"),
	 USERS("<user><name>root</name></user><user><name>fred</name></user>"
	       "<user><name>barney</name></user>") BOX("<best>a</best>")},
	/* Keys that were not asked for. */
	{B("<table><size/></table>"), BOX(TABLE_B)},
	{B("<state><flow><vrf>red</vrf><counters/></flow></state>"),
	 BOX("<state>" FLOW("red", "10.0.0.0/8", "3") "</state>")},
	/* Names that no schema has. */
	{T("<nobody/>"), ""},
	{T("<users><user><nothing>1</nothing></user></users>"), ""},
};

static const struct row xpath[] = {
	{"/t:top/t:users/t:user[t:name='fred']", USERS(FRED)},
	{"/t:top/t:users/t:user[t:type='admin']/t:name",
	 USERS("<user><name>fred</name></user>"
	       "<user><name>barney</name></user>")},
	{"/t:top/t:users/t:user/t:company-info[t:dept > 1]/t:id",
	 USERS("<user><name>fred</name><company-info><id>2</id></company-info>"
	       "</user><user><name>barney</name><company-info><id>3</id>"
	       "</company-info></user>")},
	/* Newer ones of libyang sort lists; this is in the middle anyway. */
	{"/t:top/t:users/t:user[2]/t:name | /t:box/t:best",
	 USERS("<user><name>fred</name></user>") BOX("<best>a</best>")},
	{"//t:dept[. = 1]", USERS("<user><name>root</name><company-info>"
				  "<dept>1</dept></company-info></user>")},
	{"/t:top/t:users/t:user[t:name='fred'] | /t:top/t:users/t:user/t:name",
	 USERS("<user><name>root</name></user>" FRED
	       "<user><name>barney</name></user>")},
	{"/t:box[t:colour='t:red']/t:best", BOX("<best>a</best>")},
	{"/t:box/t:table[t:name=../t:best]", BOX(TABLE_A)},
	{"/t:box/t:state/t:flow[t:vrf='blue'][t:prefix='10.0.0.0/8']",
	 BOX("<state>" FLOW("blue", "10.0.0.0/8", "1") "</state>")},
	{"t:box/t:best", BOX("<best>a</best>")},
	{"/t:box/t:state/t:flow[9]", ""},
	{"/*[local-name()='nothing']", ""},
};

static struct lyd_node *data_new(const char *xml)
{
	struct lyd_node *tree = NULL;

	if (lyd_parse_data_mem(ofl_nc_context(), xml, LYD_XML,
			       LYD_PARSE_STRICT | LYD_PARSE_ONLY, 0,
			       &tree) != LY_SUCCESS)
		fail_msg("data: %s", ly_errmsg(ofl_nc_context()));
	return tree;
}

static struct lyd_node *element_of(const char *filter, bool is_xpath,
				   struct lyd_node **ret_op)
{
	struct lyd_node *op, *match = NULL;
	char *xml;

	if (asprintf(
		    &xml,
		    is_xpath
			    ? "<get><filter type=\"xpath\" xmlns:t=\"" NC_TEST
			      "\" select=\"%s\"/></get>"
			    : "<get><filter type=\"subtree\">%s</filter></get>",
		    filter) < 0)
		abort();
	op = nc_world_operation(xml, ret_op);
	if (!op)
		fail_msg("%s: %s", xml, ly_errmsg(ofl_nc_context()));
	assert_int_equal(lyd_find_path(op, "filter", 0, &match), LY_SUCCESS);
	free(xml);
	return match;
}

static struct ofl_nc_filter *filter_new(const char *filter, bool is_xpath,
					struct ofl_nc_errors *errors)
{
	struct ofl_nc_filter *f;
	struct lyd_node *op;

	f = ofl_nc_filter_new(element_of(filter, is_xpath, &op), errors);
	/* A filter outlives the message. */
	lyd_free_all(op);
	return f;
}

/* Whatever can be selected is let through by the schema too. */
static void check_schema(const struct ofl_nc_select *s,
			 const struct lyd_node *selected)
{
	struct ofl_nc_select below;

	for (; selected; selected = selected->next) {
		if (!ofl_nc_select_schema(s, selected->schema, &below) &&
		    !lysc_is_key(selected->schema))
			fail_msg("%s is not in the schema's part",
				 selected->schema->name);
		check_schema(&below, lyd_child_no_keys(selected));
		ofl_nc_select_fini(&below);
	}
}

static void check_row(const struct row *r, bool is_xpath)
{
	struct lyd_node *tree = data_new(r->xml ? r->xml : data_xml);
	struct lyd_node *expected = NULL, *got;
	struct ofl_nc_errors errors = {};
	struct ofl_nc_filter *filter;
	struct ofl_nc_select top;
	char *want, *have, *before, *after;

	filter = filter_new(r->filter, is_xpath, &errors);
	if (!filter)
		fail_msg("%s: %s", r->filter,
			 errors.first ? errors.first->message : "no filter");
	before = nc_world_print(tree, 0);
	got = ofl_nc_filter_apply(filter, tree);
	after = nc_world_print(tree, 0);
	assert_string_equal(before, after);
	if (*r->expected)
		expected = data_new(r->expected);
	want = nc_world_print(expected, 0);
	have = nc_world_print(got, 0);
	if (strcmp(want, have) != 0)
		fail_msg("%s\n  gives %s\n  not %s", r->filter, have, want);
	assert_int_equal(ofl_nc_filter_matches(filter, tree),
			 *r->expected != 0);
	ofl_nc_select_root(filter, &top);
	check_schema(&top, got);
	ofl_nc_select_fini(&top);
	free(want);
	free(have);
	free(before);
	free(after);
	ofl_nc_filter_free(filter);
	lyd_free_all(expected);
	lyd_free_all(got);
	lyd_free_all(tree);
}

static void test_subtree(void **state)
{
	for (size_t i = 0; i < array_size(subtree); i++)
		check_row(&subtree[i], false);
}

static void test_xpath(void **state)
{
	for (size_t i = 0; i < array_size(xpath); i++)
		check_row(&xpath[i], true);
}

/* What is needed for an expression: w everything, l entries can be judged
 * alone, k the flows are named by their keys; else the number of flows. */
static const struct {
	const char *xpath, *kind;
} guides[] = {
	{"/t:box/t:state/t:flow[t:vrf='red'][t:prefix='10.0.0.0/8']", "lk"},
	{"/t:box/t:state/t:flow[t:prefix='10.0.0.0/8'][t:vrf='red']/t:class",
	 "lk"},
	{"/t:box/t:state/t:flow[t:vrf='red'][t:prefix='10.0.0.0/8']"
	 "[t:class='x' or t:class='y']//t:bytes",
	 "lk"},
	{"/t:box/t:state/t:flow[t:vrf='red'][t:prefix='1'] | /t:box/t:limit",
	 "lk"},
	{"/t:box/t:state/t:flow[t:vrf='red']", "l"},
	{"/t:box/t:state/t:flow[t:vrf='red' and t:prefix='10.0.0.0/8']", "l"},
	{"/t:box/t:state/t:flow[not(t:class)]", "l"},
	{"/t:box/t:state/t:flow[t:class]/t:counters[t:bytes > 5]", "l"},
	{"/t:box/t:state/t:flow[t:counters/t:bytes > 5]", "l"},
	{"/t:box/t:state", "l"},
	{"/t:box/t:state/*", "l"},
	{"/t:box//t:bytes", "l"},
	/* Positions, of any kind. */
	{"/t:box/t:state/t:flow[1]", ""},
	{"/t:box/t:state/t:flow[t:vrf='red'][t:prefix='10.0.0.0/8'][1]", ""},
	{"/t:box/t:state/t:flow[last()]", "w"},
	{"/t:box/t:state/t:flow[position() < 5]", "w"},
	{"/t:box/t:state/t:flow[t:counters/t:bytes]", "l"},
	{"/t:box/t:state/t:flow[count(t:class)]", ""},
	{"/t:box/t:state/t:flow[(t:counters/t:bytes)]", ""},
	{"/t:box/t:state/t:flow[t:counters/t:bytes + 1]", ""},
	{"/t:box/t:state/t:flow/t:counters[1]", ""},
	{"/t:box//t:bytes[1]", ""},
	/* Above the list. */
	{"/t:box[t:limit=5]/t:state/t:flow", ""},
	{"/t:box/*[t:count=5]", ""},
	/* Elsewhere. */
	{"/t:box/t:state/t:flow[t:class=../t:count]", "w"},
	{"/t:box/t:state/t:flow[t:class=/t:box/t:limit]", "w"},
	{"/t:box/t:state/t:flow[t:class='a' or /t:box]", "w"},
	{"/t:box/t:state/t:flow[t:class and/t:box]", "w"},
	{"/t:box/t:state/t:flow/../t:count", "w"},
	{"/t:box/t:state/t:flow/following-sibling::*", "w"},
	{"//t:flow", "w"},
	{"/*", "w"},
	/* What looks like something else, in a literal. */
	{"/t:box/t:state/t:flow[t:class='../[1]//|']", "l"},
};

static void test_guides(void **state)
{
	for (size_t i = 0; i < array_size(guides); i++) {
		struct ofl_nc_errors errors = {};
		struct ofl_nc_filter *f;
		struct ofl_nc_select top, box, flows;
		struct yang_list_keys *keys = NULL;
		const struct lysc_node *flow;
		size_t count;
		char kind[8] = "";

		f = filter_new(guides[i].xpath, true, &errors);
		if (!f)
			fail_msg("%s: %s", guides[i].xpath,
				 errors.first->message);
		flow = lys_find_path(ofl_nc_context(), NULL,
				     "/ofl-nc-test:box/state/flow", 0);
		ofl_nc_select_root(f, &top);
		ofl_nc_select_schema(&top, flow->parent->parent, &box);
		ofl_nc_select_schema(&box, flow->parent, &flows);
		snprintf(kind, sizeof(kind), "%s%s%s", f->is_whole ? "w" : "",
			 ofl_nc_select_is_local(f) ? "l" : "",
			 ofl_nc_select_keys(&flows, flow, &keys, &count) ? "k"
									 : "");
		if (strcmp(kind, guides[i].kind) != 0)
			fail_msg("%s is %s, not %s", guides[i].xpath, kind,
				 guides[i].kind);
		free(keys);
		ofl_nc_select_fini(&flows);
		ofl_nc_select_fini(&box);
		ofl_nc_select_fini(&top);
		ofl_nc_filter_free(f);
	}
}

#define NONE OFL_NC_NO_NAMESPACE

static void test_no_namespace(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"<rpc xmlns=\"urn:x\"><a/></rpc>",
		 "<rpc xmlns=\"urn:x\"><a/></rpc>"},
		{"<n:rpc xmlns:n=\"urn:x\"><a/></n:rpc>",
		 "<n:rpc xmlns=\"" NONE "\" xmlns:n=\"urn:x\"><a/></n:rpc>"},
		{"<?xml version='1.0'?><!-- <a xmlns=\"\"> --><r a='>' "
		 "xmlns = '' ><b xmlns=\"\"/></r>",
		 "<?xml version='1.0'?><!-- <a xmlns=\"\"> --><r a='>' "
		 "xmlns = '" NONE "' ><b xmlns=\"" NONE "\"/></r>"},
		{"<r xmlns=\"x\"><a b=\"xmlns=''\" xmlns:c=''>xmlns=''"
		 "<![CDATA[<a xmlns=''>]]></a></r>",
		 "<r xmlns=\"x\"><a b=\"xmlns=''\" xmlns:c=''>xmlns=''"
		 "<![CDATA[<a xmlns=''>]]></a></r>"},
		{"<r/>", "<r xmlns=\"" NONE "\"/>"},
		/* No XML: it has to come to an end. */
		{"", NULL},
		{"<", "< xmlns=\"" NONE "\""},
		{"<r xmlns=", "<r xmlns="},
		{"<r xmlns='", "<r xmlns='"},
		{"<r xmlns='x'><a =\"'<b xmlns=''", "<r xmlns='x'><a =\"'<b "
						    "xmlns=''"},
		{"<!--", "<!--"},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_nc_text out = {};

		ofl_nc_no_namespace(rows[i].in, strlen(rows[i].in), &out);
		if (!rows[i].out)
			assert_int_equal(out.len, 0);
		else
			assert_string_equal(out.data, rows[i].out);
		ofl_nc_text_fini(&out);
	}
}

/* `part` so many times between two others, as a filter, is too big. */
static void check_too_big(const char *before, const char *part,
			  unsigned int count, const char *after, bool is_xpath)
{
	struct ofl_nc_errors errors = {};
	struct ofl_nc_text text = {};

	ofl_nc_text_str(&text, before);
	for (unsigned int i = 0; i < count; i++)
		ofl_nc_text_str(&text, part);
	for (unsigned int i = 0; after && i < count; i++)
		ofl_nc_text_str(&text, after);
	if (strcmp(before, "<a>") == 0)
		ofl_nc_text_str(&text, "</a>");
	assert_null(filter_new(text.data, is_xpath, &errors));
	assert_string_equal(errors.first->tag, "too-big");
	ofl_nc_errors_fini(&errors);
	ofl_nc_text_fini(&text);
}

/* The element of RFC 5277 has the same attributes. */
static void test_subscription(void **state)
{
	struct lyd_node *tree = data_new(data_xml), *op, *all, *match = NULL;
	struct ofl_nc_errors errors = {};
	struct ofl_nc_filter *f;

	op = nc_world_operation(
		"<create-subscription xmlns=\"urn:ietf:params:xml:ns:netconf:"
		"notification:1.0\"><filter type=\"xpath\" xmlns:t=\"" NC_TEST
		"\" select=\"/t:box/t:nothing\"/></create-subscription>",
		&all);
	assert_non_null(op);
	assert_int_equal(lyd_find_path(op, "filter", 0, &match), LY_SUCCESS);
	f = ofl_nc_filter_new(match, &errors);
	assert_non_null(f);
	assert_non_null(f->xpath);
	assert_false(ofl_nc_filter_matches(f, tree));
	ofl_nc_filter_free(f);
	lyd_free_all(all);
	lyd_free_all(tree);
}

static void test_limits(void **state)
{
	check_too_big("<a>", "<b/>", OFL_NC_TESTS, NULL, false);
	check_too_big("", "<b>", OFL_NC_TEST_DEPTH + 1, "</b>", false);
	check_too_big("/t:box", "[1]", 65, NULL, true);
	check_too_big("/t:box", "/t:limit", 400, NULL, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subtree),
		cmocka_unit_test(test_xpath),
		cmocka_unit_test(test_guides),
		cmocka_unit_test(test_no_namespace),
		cmocka_unit_test(test_subscription),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, nc_world_setup, nc_world_teardown);
}
