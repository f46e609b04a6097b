// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/rebase.c and diff.c: the same change, made to something that has
 * moved on.
 */
#include <zebra.h>

#include "offloadd/netconf/diff.h"
#include "offloadd/netconf/rebase.h"
#include "offloadd/netconf/tree.h"

#include "tests/unit/nc_fixture.h"

struct ly_ctx *nc_ctx;

static int setup(void **state)
{
	nc_ctx_new(OFL_YANG_DIRS);
	return 0;
}

struct row {
	const char *name;
	const char *base, *wanted, *onto, *result;
	const char *conflict; /* the first path; NULL: none */
};

static struct lyd_node *rebase(const struct lyd_node *base,
			       const struct lyd_node *wanted,
			       const struct lyd_node *onto,
			       struct ofl_nc_conflicts *conflicts)
{
	struct lyd_node *tree = ofl_nc_rebase(base, wanted, onto, conflicts);

	assert_int_equal(lyd_new_implicit_all(&tree, nc_ctx,
					      LYD_IMPLICIT_NO_STATE, NULL),
			 LY_SUCCESS);
	return tree;
}

static void same(const char *name, const struct lyd_node *a,
		 const struct lyd_node *b)
{
	char *x = nc_text(a), *y = nc_text(b);

	if (!ofl_nc_diff_is_none(a, b) || !ofl_nc_diff_is_none(b, a))
		fail_msg("%s:\n%s\n%s", name, x, y);
	free(x);
	free(y);
}

static void check(const struct row *row)
{
	struct lyd_node *base = nc_config(row->base);
	struct lyd_node *wanted = nc_config(row->wanted);
	struct lyd_node *onto = nc_config(row->onto);
	struct lyd_node *should = nc_config(row->result), *tree;
	struct ofl_nc_conflicts conflicts = {0};

	tree = rebase(base, wanted, onto, &conflicts);
	if (row->conflict ? conflicts.count != 1 : conflicts.count != 0)
		fail_msg("%s: %zu %s", row->name, conflicts.count,
			 conflicts.count ? conflicts.paths[0] : "");
	if (row->conflict)
		assert_string_equal(conflicts.paths[0], row->conflict);
	same(row->name, tree, should);
	ofl_nc_conflicts_fini(&conflicts);
	lyd_free_all(base);
	lyd_free_all(wanted);
	lyd_free_all(onto);
	lyd_free_all(should);
	lyd_free_all(tree);
}

#define P "/nc-test:c"
#define U(k) "<u><k>" k "</k><j>1</j></u>"

static void test_table(void **state)
{
	static const struct row rows[] = {
		{"two leaves", C(""), C("<a>1</a>"), C("<d>x</d>"),
		 C("<a>1</a><d>x</d>")},
		{"from nothing", "", C("<a>1</a>"), "", C("<a>1</a>")},
		{"the same", C("<a>1</a>"), C("<a>2</a>"), C("<a>2</a>"),
		 C("<a>2</a>")},
		{"another", C("<a>1</a>"), C("<a>2</a>"), C("<a>3</a>"),
		 C("<a>3</a>"), P "/a"},
		{"both new", C(""), C("<a>2</a>"), C("<a>3</a>"), C("<a>3</a>"),
		 P "/a"},
		{"gone and changed", C("<a>1</a>"), C(""), C("<a>3</a>"),
		 C("<a>3</a>"), P "/a"},
		{"changed and gone", C("<a>1</a>"), C("<a>3</a>"), C(""), C(""),
		 P "/a"},
		{"both gone", C("<a>1</a>"), C(""), C(""), C("")},
		{"gone and as it was", C("<a>1</a>"), C(""),
		 C("<a>1</a><d>x</d>"), C("<d>x</d>")},
		{"back to the default", C("<d>x</d>"), C(""), C("<d>x</d>"),
		 C("")},
		{"from the default", C(""), C("<d>x</d>"), C("<a>1</a>"),
		 C("<a>1</a><d>x</d>")},
		{"entries", C("<l><k>1</k></l>"),
		 C("<l><k>1</k></l><l><k>2</k></l>"),
		 C("<l><k>1</k></l><l><k>3</k></l>"),
		 C("<l><k>1</k></l><l><k>3</k></l><l><k>2</k></l>")},
		{"both have the entry", C(""), C("<l><k>1</k><v>1</v></l>"),
		 C("<l><k>1</k><sub><id>1</id></sub></l>"),
		 C("<l><k>1</k><v>1</v><sub><id>1</id></sub></l>")},
		{"an entry gone, changed below",
		 C("<l><k>1</k><v>1</v></l><a>1</a>"), C(""),
		 C("<l><k>1</k><v>2</v></l><a>1</a>"),
		 C("<l><k>1</k><v>2</v></l>"), P "/l[k='1']"},
		{"an entry changed below, gone", C("<l><k>1</k><v>1</v></l>"),
		 C("<l><k>1</k><v>2</v></l><a>1</a>"), C(""), C("<a>1</a>"),
		 P "/l[k='1']"},
		{"a container that is implied", C("<np><x>1</x></np>"), C(""),
		 C("<np><x>1</x><y>3</y></np>"), C("<np><y>3</y></np>")},
		{"the same in it", C("<np><x>1</x></np>"), C(""),
		 C("<np><x>2</x></np>"), C("<np><x>2</x></np>"), P "/np/x"},
		{"presence", C(""), C("<p/>"), C("<a>1</a>"),
		 C("<a>1</a><p/>")},
		{"another case", C("<one>1</one>"), C("<two><z>1</z></two>"),
		 C("<one>1</one><a>1</a>"), C("<a>1</a><two><z>1</z></two>")},
		{"two cases", C(""), C("<left>1</left>"), C("<one>1</one>"),
		 C("<one>1</one>"), P "/left"},
		{"a case of a container", C(""), C("<two><z>1</z></two>"),
		 C("<one>1</one>"), C("<one>1</one>"), P "/two"},
		{"values", C("<ll>a</ll><ll>b</ll>"), C("<ll>b</ll><ll>c</ll>"),
		 C("<ll>a</ll><ll>b</ll><ll>d</ll>"),
		 C("<ll>b</ll><ll>d</ll><ll>c</ll>")},
		{"instead of defaults", C(""), C("<dl>q</dl>"), C("<a>1</a>"),
		 C("<a>1</a><dl>q</dl>")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

static void test_order(void **state)
{
	static const struct row rows[] = {
		{"in between", C(U("a") U("b")), C(U("a") U("c") U("b")),
		 C(U("a") U("b")), C(U("a") U("c") U("b"))},
		{"in front", C(U("a")), C(U("c") U("a")), C(U("a") U("x")),
		 C(U("c") U("a") U("x"))},
		{"ours moved", C(U("a") U("b") U("c")), C(U("c") U("a") U("b")),
		 C(U("a") U("b") U("c")), C(U("c") U("a") U("b"))},
		{"theirs moved", C(U("a") U("b")), C(U("a") U("b") "<a>1</a>"),
		 C(U("b") U("a")), C(U("b") U("a") "<a>1</a>")},
		{"moved alike", C(U("a") U("b")), C(U("b") U("a")),
		 C(U("b") U("a")), C(U("b") U("a"))},
		{"moved differently", C(U("a") U("b") U("c")),
		 C(U("b") U("a") U("c")), C(U("a") U("c") U("b")),
		 C(U("a") U("c") U("b")), P "/u[k='b'][j='1']"},
		{"values", C("<ul>a</ul><ul>b</ul>"), C("<ul>b</ul><ul>a</ul>"),
		 C("<ul>a</ul><ul>b</ul>"), C("<ul>b</ul><ul>a</ul>")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

/* --- random configurations --- */

static uint32_t seed;
static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void put(struct lyd_node *tree, const char *format, ...)
{
	char path[256], *value;
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	value = strchr(path, ' ');
	if (value)
		*value++ = '\0';
	(void)lyd_new_path(tree, nc_ctx, path, value, LYD_NEW_PATH_UPDATE,
			   NULL);
}

/* Set this and that in the half `side` of all there is; 2: both halves. */
static void scatter(struct lyd_node *tree, unsigned int side)
{
	for (int i = 0; i < 12; i++) {
		unsigned int s = side == 2 ? rnd(2) : side;
		char name = 'a' + s * 8 + rnd(8);

		switch (rnd(6)) {
		case 0:
			put(tree, s ? P "/a %u" : P "/np/x %u", rnd(4));
			break;
		case 1:
			put(tree, P "/l[k='%c']/v %u", name, rnd(4));
			break;
		case 2:
			put(tree, P "/l[k='%c']/sub[id='%u']/v %u", name,
			    rnd(3), rnd(3));
			break;
		case 3:
			put(tree, P "/ll[.='%c']", name);
			break;
		case 4:
			put(tree, s ? P "/p/x %u" : P "/d %u", rnd(3));
			break;
		case 5:
			put(tree, s ? P "/np/y %u" : P "/dl[.='%u']", rnd(3));
			break;
		}
	}
}

/* Take away some of what is of the half. */
static void thin(struct lyd_node **tree, unsigned int side)
{
	struct lyd_node *node, *next;
	const char *key;

	LY_LIST_FOR_SAFE(lyd_child(*tree), next, node)
	{
		if (!(node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST)) ||
		    (node->flags & LYD_DEFAULT))
			continue;
		key = node->schema->nodetype == LYS_LIST
			      ? lyd_get_value(lyd_child(node))
			      : lyd_get_value(node);
		if (key[0] >= 'a' && (unsigned int)(key[0] - 'a') / 8 == side &&
		    !rnd(3))
			lyd_free_tree(node);
	}
}

static struct lyd_node *change(const struct lyd_node *base, unsigned int side)
{
	struct lyd_node *tree = ofl_nc_tree_copy(base);

	thin(&tree, side);
	scatter(tree, side);
	return tree;
}

/* Onto what it began from, it is what was wanted; and from there back. */
static void test_identity(void **state)
{
	struct ofl_nc_conflicts none = {0};

	for (seed = 1; seed < 100000; seed += 331) {
		uint32_t at = seed;
		struct lyd_node *base = nc_config(C("")),
				*other = nc_config(C(""));
		struct lyd_node *there, *back;

		scatter(base, 2);
		scatter(other, 2);
		there = rebase(base, other, base, &none);
		back = rebase(other, base, there, &none);
		assert_int_equal(none.count, 0);
		same("there", there, other);
		same("back", back, base);
		lyd_free_all(base);
		lyd_free_all(other);
		lyd_free_all(there);
		lyd_free_all(back);
		seed = at;
	}
}

/* Changes of different things can be made in any order. */
static void test_commute(void **state)
{
	struct ofl_nc_conflicts none = {0};

	for (seed = 1; seed < 100000; seed += 331) {
		uint32_t at = seed;
		struct lyd_node *base = nc_config(C("")), *a, *b, *ab, *ba;

		scatter(base, 2);
		a = change(base, 0);
		b = change(base, 1);
		ab = rebase(base, a, b, &none);
		ba = rebase(base, b, a, &none);
		assert_int_equal(none.count, 0);
		same("commute", ab, ba);
		lyd_free_all(base);
		lyd_free_all(a);
		lyd_free_all(b);
		lyd_free_all(ab);
		lyd_free_all(ba);
		seed = at;
	}
}

/* --- diff.c --- */

static enum ofl_nc_walk tell(enum ofl_nc_change change,
			     const struct lyd_node *node, void *arg)
{
	char *path = ofl_nc_tree_path(node), *text = arg;

	strlcat(text, &"+\0-\0=\0>\0"[2 * change], 1024);
	strlcat(text, path + strlen(P), 1024);
	strlcat(text, " ", 1024);
	free(path);
	return change == OFL_NC_DELETED ? OFL_NC_SKIP : OFL_NC_ON;
}

static void test_diff(void **state)
{
	struct lyd_node *a =
		nc_config(C("<a>1</a><d>x</d><l><k>1</k><v>1</v>"
			    "</l><np><y>3</y></np>" U("a") U("b")));
	struct lyd_node *b = nc_config(C("<a>2</a><l><k>2</k><v>1</v></l>"
					 "<np><x>3</x></np>" U("b") U("a")));
	char text[1024] = "";

	assert_true(ofl_nc_diff_walk(a, b, tell, text));
	assert_string_equal(text, "=/a +/np/x -/np/y +/l[k='2'] +/l[k='2']/k "
				  "+/l[k='2']/v >/u[k='b'][j='1'] "
				  ">/u[k='a'][j='1'] -/d -/l[k='1'] ");
	assert_true(ofl_nc_diff_is_none(a, a));
	assert_false(ofl_nc_diff_is_none(a, b));
	assert_false(ofl_nc_diff_is_none(a, NULL));
	assert_false(ofl_nc_diff_is_none(NULL, a));
	lyd_free_all(a);
	lyd_free_all(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	 cmocka_unit_test(test_order),
		cmocka_unit_test(test_identity), cmocka_unit_test(test_commute),
		cmocka_unit_test(test_diff),
	};

	return cmocka_run_group_tests(tests, setup, nc_ctx_teardown);
}
