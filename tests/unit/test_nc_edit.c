// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/edit.c: what an edit makes of a configuration, or why it does not.
 */
#include <zebra.h>

#include "offloadd/netconf/edit.h"

#include "tests/unit/nc_fixture.h"

struct ly_ctx *nc_ctx;

static int setup(void **state)
{
	nc_ctx_new(OFL_YANG_DIRS);
	return 0;
}

#define OFFLOAD(content)                                                       \
	"<offload xmlns='http://frrouting.org/yang/offload' xmlns:n='" NC      \
	"'>" content "</offload>"

struct row {
	const char *name;
	const char *store, *edit;
	/* what is then set; NULL: it is refused */
	const char *result;
	const char *tag, *path;
	enum ofl_nc_edit_op op;
};

static bool edit(struct lyd_node **tree, const char *xml,
		 enum ofl_nc_edit_op op, struct ofl_nc_errors *errors)
{
	struct lyd_node *envelope = NULL, *rpc;
	char *text = NULL;
	bool ok;

	assert_true(asprintf(&text,
			     "<edit-config><target><running/></target><config>"
			     "%s</config></edit-config>",
			     xml) > 0);
	rpc = nc_rpc(text, &envelope);
	free(text);
	ok = ofl_nc_edit(tree, nc_payload(rpc), op, nc_ctx, errors);
	assert_int_equal(ok, errors->count == 0);
	lyd_free_all(rpc);
	lyd_free_all(envelope);
	return ok;
}

static void check(const struct row *row)
{
	struct lyd_node *tree = nc_config(row->store);
	struct ofl_nc_errors errors = {0};
	struct lyd_node *wanted;
	char *is, *should;

	if (!edit(&tree, row->edit, row->op, &errors)) {
		if (row->result)
			fail_msg("%s: %s %s: %s", row->name, errors.first->tag,
				 errors.first->path, errors.first->message);
		if (strcmp(errors.first->tag, row->tag) ||
		    strcmp(errors.first->path ? errors.first->path : "",
			   row->path))
			fail_msg("%s: %s %s", row->name, errors.first->tag,
				 errors.first->path);
	} else {
		assert_int_equal(lyd_new_implicit_all(&tree, nc_ctx,
						      LYD_IMPLICIT_NO_STATE,
						      NULL),
				 LY_SUCCESS);
		is = nc_text(tree);
		if (!row->result)
			fail_msg("%s: it was taken: %s", row->name, is);
		wanted = nc_config(row->result);
		should = nc_text(wanted);
		if (strcmp(is, should))
			fail_msg("%s:\n%s\n%s", row->name, is, should);
		free(is);
		free(should);
		lyd_free_all(wanted);
	}
	ofl_nc_errors_fini(&errors);
	lyd_free_all(tree);
}

static void check_all(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&rows[i]);
}
#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof(rows[0]))

#define P "/nc-test:c"

/* --- leaves and containers --- */

static void test_plain(void **state)
{
	static const struct row rows[] = {
		{"merge a leaf", C(""), C("<a>1</a>"), C("<a>1</a>")},
		{"into nothing", "", C("<a>1</a>"), C("<a>1</a>")},
		{"another value", C("<a>1</a>"), C("<a>2</a>"), C("<a>2</a>")},
		{"the default, said", C(""), C("<d>five</d>"),
		 C("<d>five</d>")},
		{"merge below", C("<a>1</a>"), C("<np><x>q</x></np>"),
		 C("<a>1</a><np><x>q</x></np>")},
		{"presence", C(""), C("<p/>"), C("<p/>")},
		{"replace a container", C("<a>1</a><np><x>q</x><y>8</y></np>"),
		 C("<np n:operation='replace'><y>9</y></np>"),
		 C("<a>1</a><np><y>9</y></np>")},
		{"replace everything", C("<a>1</a><l><k>1</k></l>"),
		 C("<d>x</d>"), C("<d>x</d>"), .op = OFL_NC_OP_REPLACE},
		{"replace by nothing", C("<a>1</a>"), "", "",
		 .op = OFL_NC_OP_REPLACE},
		{"create", C(""), C("<a n:operation='create'>1</a>"),
		 C("<a>1</a>")},
		{"create over a default", C(""),
		 C("<d n:operation='create'>x</d>"), C("<d>x</d>")},
		{"create, exists", C("<a>1</a>"),
		 C("<a n:operation='create'>1</a>"), NULL, "data-exists",
		 P "/a"},
		{"create an implicit container", C(""),
		 C("<np n:operation='create'><x>q</x></np>"),
		 C("<np><x>q</x></np>")},
		{"create it with a default inside", C(""),
		 C("<np n:operation='create'><y>7</y></np>"),
		 C("<np><y>7</y></np>")},
		{"create one that holds something", C("<np><x>q</x></np>"),
		 C("<np n:operation='create'><y>3</y></np>"), NULL,
		 "data-exists", P "/np"},
		{"create presence, exists", C("<p/>"),
		 C("<p n:operation='create'/>"), NULL, "data-exists", P "/p"},
		{"delete", C("<a>1</a><d>x</d>"),
		 C("<a n:operation='delete'>1</a>"), C("<d>x</d>")},
		{"delete without a value", C("<a>1</a>"),
		 C("<a n:operation='delete'/>"), C("")},
		{"delete, missing", C(""), C("<a n:operation='delete'>1</a>"),
		 NULL, "data-missing", P "/a"},
		{"delete without a value, missing", C(""),
		 C("<a n:operation='delete'/>"), NULL, "data-missing",
		 P "/nc-test:a"},
		{"delete a default", C(""), C("<d n:operation='delete'/>"),
		 NULL, "data-missing", P "/d"},
		{"delete an implicit container", C(""),
		 C("<np n:operation='delete'/>"), NULL, "data-missing",
		 P "/np"},
		{"delete a container", C("<a>1</a><np><x>q</x></np>"),
		 C("<np n:operation='delete'/>"), C("<a>1</a>")},
		{"remove", C("<a>1</a>"), C("<a n:operation='remove'/>"),
		 C("")},
		{"remove, missing", C(""), C("<a n:operation='remove'/>"),
		 C("")},
		{"inherited", C(""), C("<p n:operation='create'><x>1</x></p>"),
		 C("<p><x>1</x></p>")},
		{"overridden below", C("<p><x>1</x></p>"),
		 C("<p n:operation='merge'><x n:operation='remove'/></p>"),
		 C("<p/>")},
	};

	CHECK_ALL(rows);
}

static void test_none(void **state)
{
	static const struct row rows[] = {
		{"nothing asked", C("<a>1</a>"), C("<a>2</a>"), C("<a>1</a>"),
		 .op = OFL_NC_OP_NONE},
		{"asked below", C("<a>1</a>"),
		 C("<a n:operation='merge'>2</a>"), C("<a>2</a>"),
		 .op = OFL_NC_OP_NONE},
		{"below a container that is implied", "",
		 C("<np><x n:operation='create'>q</x></np>"),
		 C("<np><x>q</x></np>"), .op = OFL_NC_OP_NONE},
		{"below what is not there", C(""),
		 C("<l><k>1</k><v n:operation='merge'>2</v></l>"), NULL,
		 "data-missing", P "/l[k='1']", OFL_NC_OP_NONE},
		{"a leaf that is not there", C(""), C("<a>1</a>"), NULL,
		 "data-missing", P "/a", OFL_NC_OP_NONE},
	};

	CHECK_ALL(rows);
}

/* The value of a leaf is no part of what it is. */
static void test_same_leaf(void **state)
{
	struct lyd_node *tree = nc_config("");
	struct ofl_nc_errors errors = {0};
	char *text;

	assert_true(edit(&tree, C("<a>1</a>"), OFL_NC_OP_MERGE, &errors));
	assert_true(edit(&tree, C("<a>2</a>"), OFL_NC_OP_MERGE, &errors));
	assert_true(edit(&tree, C("<a>3</a>"), OFL_NC_OP_MERGE, &errors));
	text = nc_text(tree);
	assert_string_equal(text,
			    "<c xmlns=\"urn:offloadd:nc-test\"><a>3</a></c>");
	free(text);
	lyd_free_all(tree);
}

/* --- lists --- */

static void test_lists(void **state)
{
	static const struct row rows[] = {
		{"an entry", C(""), C("<l><k>1</k><v>3</v></l>"),
		 C("<l><k>1</k><v>3</v></l>")},
		{"its leaf", C("<l><k>1</k><v>3</v></l><l><k>2</k></l>"),
		 C("<l><k>1</k><v>4</v></l>"),
		 C("<l><k>1</k><v>4</v></l><l><k>2</k></l>")},
		{"keys last", C(""), C("<u><v>x</v><j>1</j><k>a</k></u>"),
		 C("<u><k>a</k><j>1</j><v>x</v></u>")},
		{"replace an entry",
		 C("<l><k>1</k><v>3</v><sub><id>1</id></sub></l>"),
		 C("<l "
		   "n:operation='replace'><k>1</k><sub><id>2</id></sub></l>"),
		 C("<l><k>1</k><sub><id>2</id></sub></l>")},
		{"replace keeps its place",
		 C("<u><k>a</k><j>1</j><v>x</v></u><u><k>b</k><j>1</j></u>"),
		 C("<u n:operation='replace'><k>a</k><j>1</j></u>"),
		 C("<u><k>a</k><j>1</j></u><u><k>b</k><j>1</j></u>")},
		{"create, exists", C("<l><k>1</k></l>"),
		 C("<l n:operation='create'><k>1</k></l>"), NULL, "data-exists",
		 P "/l[k='1']"},
		{"create twice", C(""),
		 C("<l n:operation='create'><k>1</k></l>"
		   "<l n:operation='create'><k>1</k></l>"),
		 NULL, "data-exists", P "/l[k='1']"},
		{"delete", C("<l><k>1</k></l><l><k>2</k></l>"),
		 C("<l n:operation='delete'><k>1</k></l>"),
		 C("<l><k>2</k></l>")},
		{"delete, missing", C("<l><k>2</k></l>"),
		 C("<l n:operation='delete'><k>1</k></l>"), NULL,
		 "data-missing", P "/l[k='1']"},
		{"an operation of a key", C(""),
		 C("<l><k n:operation='delete'>1</k></l>"), NULL,
		 "bad-attribute", P "/l[k='1']/k"},
		{"leaf-list", C("<ll>a</ll>"), C("<ll>a</ll><ll>b</ll>"),
		 C("<ll>a</ll><ll>b</ll>")},
		{"delete of a leaf-list", C("<ll>a</ll><ll>b</ll>"),
		 C("<ll n:operation='delete'>a</ll>"), C("<ll>b</ll>")},
		{"delete of none", C("<ll>b</ll>"),
		 C("<ll n:operation='delete'>a</ll>"), NULL, "data-missing",
		 P "/ll[.='a']"},
		{"one instead of defaults", C(""), C("<dl>q</dl>"),
		 C("<dl>q</dl>")},
		{"a default said", C(""), C("<dl>x</dl>"), C("<dl>x</dl>")},
	};

	CHECK_ALL(rows);
}

#define U(k) "<u><k>" k "</k><j>1</j></u>"
#define UI(k, attrs) "<u " attrs "><k>" k "</k><j>1</j></u>"

static void test_order(void **state)
{
	static const struct row rows[] = {
		{"last by itself", C(U("a") U("b")), C(U("c")),
		 C(U("a") U("b") U("c"))},
		{"first", C(U("a") U("b")), C(UI("c", "y:insert='first'")),
		 C(U("c") U("a") U("b"))},
		{"before", C(U("a") U("b")),
		 C(UI("c", "y:insert='before' y:key=\"[t:k='b'][t:j='1']\"")),
		 C(U("a") U("c") U("b"))},
		{"after, no prefix", C(U("a") U("b")),
		 C(UI("c", "y:insert='after' y:key=\"[k='a'][j='1']\"")),
		 C(U("a") U("c") U("b"))},
		{"a colon in a key", C(U("a:b") U("b")),
		 C(UI("c",
		      "y:insert='after' y:key=\"[t:k = 'a:b'][t:j='1']\"")),
		 C(U("a:b") U("c") U("b"))},
		{"moved to the end", C(U("a") U("b") U("c")),
		 C(UI("a", "y:insert='last'")), C(U("b") U("c") U("a"))},
		{"moved to the front", C(U("a") U("b") U("c")),
		 C(UI("c", "y:insert='first'")), C(U("c") U("a") U("b"))},
		{"behind itself", C(U("a") U("b")),
		 C(UI("a", "y:insert='after' y:key=\"[k='a'][j='1']\"")),
		 C(U("a") U("b"))},
		{"behind the next", C(U("a") U("b") U("c")),
		 C(UI("a", "y:insert='after' y:key=\"[k='b'][j='1']\"")),
		 C(U("b") U("a") U("c"))},
		{"before nothing", C(U("a")),
		 C(UI("c", "y:insert='before' y:key=\"[k='z'][j='1']\"")), NULL,
		 "bad-attribute", P "/u[k='c'][j='1']"},
		{"no key", C(U("a")), C(UI("c", "y:insert='before'")), NULL,
		 "missing-attribute", P "/u[k='c'][j='1']"},
		{"not the user's", C("<l><k>1</k></l>"),
		 C("<l y:insert='first'><k>2</k></l>"), NULL,
		 "unknown-attribute", P "/l[k='2']"},
		{"a value", C("<ul>a</ul><ul>b</ul>"),
		 C("<ul y:insert='before' y:value='b'>c</ul>"),
		 C("<ul>a</ul><ul>c</ul><ul>b</ul>")},
		{"moving a value", C("<ul>a</ul><ul>b</ul>"),
		 C("<ul y:insert='first'>b</ul>"), C("<ul>b</ul><ul>a</ul>")},
		{"created in place", C(U("a") U("b")),
		 C(UI("c", "n:operation='create' y:insert='first'")),
		 C(U("c") U("a") U("b"))},
	};

	CHECK_ALL(rows);
}

/* --- choices --- */

static void test_choices(void **state)
{
	static const struct row rows[] = {
		{"another case", C("<one>1</one><one-too>2</one-too>"),
		 C("<two><z>3</z></two>"), C("<two><z>3</z></two>")},
		{"the same case", C("<one>1</one>"), C("<one-too>2</one-too>"),
		 C("<one>1</one><one-too>2</one-too>")},
		{"a list goes", C("<four><k>1</k></four><four><k>2</k></four>"),
		 C("<one>1</one>"), C("<one>1</one>")},
		{"an inner one", C("<left>1</left><two><z>1</z></two>"),
		 C("<right>2</right>"),
		 C("<two><z>1</z></two><right>2</right>")},
		{"from an inner one out", C("<left>1</left>"),
		 C("<one>1</one>"), C("<one>1</one>")},
		{"into an inner one", C("<one>1</one>"), C("<left>1</left>"),
		 C("<left>1</left>")},
		{"twice", C("<one>1</one>"),
		 C("<left>1</left><four><k>1</k></four>"),
		 C("<four><k>1</k></four>")},
		{"removing does not", C("<one>1</one>"),
		 C("<left n:operation='remove'>1</left>"), C("<one>1</one>")},
	};

	CHECK_ALL(rows);
}

/* --- what does not fit --- */

static void test_refused(void **state)
{
	static const struct row rows[] = {
		{"element", C(""), C("<zz>1</zz>"), NULL, "unknown-element", P},
		{"top element", C(""), "<zz xmlns='urn:offloadd:nc-test'/>",
		 NULL, "unknown-element", ""},
		{"namespace", C(""), "<zz xmlns='urn:nobody'/>", NULL,
		 "unknown-namespace", ""},
		{"namespace below", C(""), C("<a xmlns='urn:nobody'>1</a>"),
		 NULL, "unknown-namespace", P},
		{"value", C(""), C("<a>256</a>"), NULL, "invalid-value",
		 P "/a"},
		{"no value", C(""), C("<a/>"), NULL, "invalid-value", P "/a"},
		{"a bad value of what goes", C("<a>1</a>"),
		 C("<a n:operation='delete'>x</a>"), NULL, "invalid-value",
		 P "/a"},
		{"no key", C(""), C("<l><v>1</v></l>"), NULL, "missing-element",
		 P "/l"},
		{"a bad key", C(""), C("<u><k>1</k><j>1000</j></u>"), NULL,
		 "invalid-value", P "/u"},
		{"state", C(""), C("<state>1</state>"), NULL, "invalid-value",
		 P "/state"},
		{"an RPC", "", "<get xmlns='" NC "'/>", NULL, "unknown-element",
		 ""},
		{"below an entry", C(""), C("<l><k>1</k><v>x</v></l>"), NULL,
		 "invalid-value", P "/l[k='1']/v"},
		{"of the daemon", "",
		 OFFLOAD("<table><name>a b</name></table>"), NULL,
		 "invalid-value", "/frr-offload:offload/table"},
	};

	CHECK_ALL(rows);
}

/* All faults at once, but not for ever; what each is about. */
static void test_faults(void **state)
{
	struct lyd_node *tree = nc_config("");
	struct ofl_nc_errors errors = {0};
	char many[4096] = "<c xmlns='urn:offloadd:nc-test'>";

	assert_false(edit(&tree, C("<l><v>1</v></l><zz/>"), OFL_NC_OP_MERGE,
			  &errors));
	assert_int_equal(errors.count, 2);
	assert_string_equal(errors.first->info[0].name, "bad-element");
	assert_string_equal(errors.first->info[0].value, "k");
	assert_string_equal(errors.last->info[0].value, "zz");
	ofl_nc_errors_fini(&errors);
	for (int i = 0; i < 100; i++)
		strlcat(many, "<a>x</a>", sizeof(many));
	strlcat(many, "</c>", sizeof(many));
	assert_false(edit(&tree, many, OFL_NC_OP_MERGE, &errors));
	assert_int_equal(errors.count, 16);
	ofl_nc_errors_fini(&errors);
	lyd_free_all(tree);
}

/* --- the daemon's own model --- */

static void test_offload(void **state)
{
	static const struct row rows[] = {
		{"a table", "", OFFLOAD("<table><name>a</name></table>"),
		 OFFLOAD("<table><name>a</name></table>")},
		{"the other limit",
		 OFFLOAD("<table><name>a</name><high-watermark><percent>80"
			 "</percent></high-watermark></table>"),
		 OFFLOAD("<table><name>a</name><high-watermark><slots>9"
			 "</slots></high-watermark></table>"),
		 OFFLOAD("<table><name>a</name><high-watermark><slots>9"
			 "</slots></high-watermark></table>")},
		{"away with all", OFFLOAD("<table><name>a</name></table>"),
		 "<offload xmlns='http://frrouting.org/yang/offload' "
		 "xmlns:n='" NC "' n:operation='delete'/>",
		 ""},
	};

	CHECK_ALL(rows);
}

/* Thousands of entries at once, and again. */
static void test_many(void **state)
{
	struct lyd_node *tree = nc_config("");
	struct ofl_nc_errors errors = {0};
	size_t size = 10000 * 64, len = 0;
	char *xml = calloc(1, size);

	len += snprintf(xml, size, "<c xmlns='urn:offloadd:nc-test'>");
	for (int i = 0; i < 10000; i++)
		len += snprintf(xml + len, size - len,
				"<l><k>%d</k><v>%d</v></l>", i, i % 256);
	snprintf(xml + len, size - len, "</c>");
	assert_true(edit(&tree, xml, OFL_NC_OP_CREATE, &errors) == false ||
		    errors.count == 0);
	ofl_nc_errors_fini(&errors);
	assert_true(edit(&tree, xml, OFL_NC_OP_MERGE, &errors));
	assert_true(edit(&tree, xml, OFL_NC_OP_REMOVE, &errors));
	assert_true(edit(&tree, xml, OFL_NC_OP_REPLACE, &errors));
	free(xml);
	lyd_free_all(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_same_leaf),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_offload),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, nc_ctx_teardown);
}
