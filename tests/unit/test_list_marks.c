// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Marks of split entries (engine/list_mark.c): the range and what becomes of
 * entries when it moves or has an end, and what is remembered of an earlier
 * life.
 */
#include "tests/unit/list_fixture.h"

/* A part for each. */
static void split_apart(struct ofl_ace *ace)
{
	ace->match |= OFL_ACE_M_TTL;
	ace->ttl.min = ace->ttl.max = 1;
}

static bool is_given(uint32_t mark)
{
	for (int i = 0; i < hard->entry_top; i++) {
		if (hard->entries[i].id && hard->entries[i].mark == mark)
			return true;
	}
	return false;
}

static void test_marks_move(void **state)
{
	say(2, "p0", OFL_INGRESS, split_apart);
	settle();
	assert_int_equal(status(1).mark, OFL_MARKS_FIRST);
	assert_int_equal(status(2).mark, OFL_MARKS_FIRST + 1);
	/* One of the two stays where it is. */
	ofl_acls_marks_set(OFL_MARKS_FIRST + 1, 2);
	settle();
	assert_int_equal(status(2).mark, OFL_MARKS_FIRST + 1);
	assert_int_equal(status(1).mark, OFL_MARKS_FIRST + 2);
	assert_true(is_given(OFL_MARKS_FIRST + 2));
	assert_false(is_given(OFL_MARKS_FIRST));
	/* Beyond where placement has numbers of its own. */
	ofl_acls_marks_set(0xfffffffe, 2);
	settle();
	assert_int_equal(status(1).mark, 0xfffffffe);
	assert_int_equal(status(2).mark, 0xffffffff);
	assert_int_equal(status(2).punts, 1);
	assert_false(is_given(OFL_MARKS_FIRST + 1));
	assert_true(is_given(0xffffffff));
}

static void test_marks_exhausted(void **state)
{
	say(3, "p0", OFL_INGRESS, split_apart);
	ofl_acls_marks_set(100, 2);
	settle();
	assert_int_equal(status(2).mark, 101);
	assert_int_equal(status(3).mark, 0);
	assert_true(status(3).in_software);
	assert_int_equal(status(3).real, 0);
	assert_string_equal(status(3).text,
			    "no mark is left for its half in hardware");
	conf.acl.value = 0;
	ofl_lists_host_set(0, &conf, &fake_ops, hard, hard->capacity_slots);
	settle();
	assert_int_equal(status(3).state, OFL_STATE_WAITING);
	assert_int_equal(status(3).reason, OFL_REASON_ACL_NO_MARK);
	/* Another list gives one back, or the range is larger. */
	ofl_acls_marks_set(100, 3);
	settle();
	assert_int_equal(status(3).mark, 102);
}

/* One that comes back goes to who had none. */
static void test_mark_comes_back(void **state)
{
	struct ofl_attachment a = {.interface = "p1", .name = "B"};
	struct ofl_acl_conf c;

	ofl_acls_marks_set(100, 2);
	ofl_acl_conf_init(&c, "B");
	c.type = OFL_ACL_IPV4;
	ofl_acls_begin();
	for (int i = 0; i < 2; i++) {
		struct ofl_ace ace;

		c.name[0] = a.name[0] = "BA"[i];
		strlcpy(a.interface, i ? "p0" : "p1", sizeof(a.interface));
		ofl_acls_add(&c);
		ofl_acls_attach(&a);
		for (uint32_t seq = 1; seq <= 2; seq++) {
			ofl_ace_init(&ace, OFL_ACL_IPV4);
			ace.seq = seq;
			ace.src[0] = 10;
			ace.src[3] = seq;
			memset(ace.src_mask, 0xff, 4);
			split_apart(&ace);
			ofl_acls_ace_add(&ace);
		}
	}
	ofl_acls_commit();
	settle();
	/* "A" came second. */
	assert_true(status(1).mark == 0 || status(2).mark == 0);
	/* That "B" goes is no change of "A". */
	say(2, "p0", OFL_INGRESS, split_apart);
	settle();
	assert_true(status(1).mark == 0 || status(2).mark == 0);
	ofl_lists_second();
	settle();
	assert_int_not_equal(status(1).mark, 0);
	assert_int_not_equal(status(2).mark, 0);
}

static void remember(const char *list, const char *part, uint32_t mark)
{
	struct ofl_list_mark_name name = {"T", list, part};

	ofl_list_mark_remember(&name, mark);
}

static void test_marks_kept(void **state)
{
	kept_count = 0;
	say(2, "p0", OFL_INGRESS, split_apart);
	settle();
	assert_int_equal(kept_count, 2);
	assert_string_equal(kept[0].table, "T");
	assert_string_equal(kept[0].list, "acl A");
	assert_int_equal(kept[0].mark, OFL_MARKS_FIRST);
	assert_string_not_equal(kept[0].part, kept[1].part);
}

static void test_marks_again(void **state)
{
	char part[2][64];

	kept_count = 0;
	say(2, "p0", OFL_INGRESS, split_apart);
	settle();
	for (int i = 0; i < 2; i++)
		strlcpy(part[i], kept[i].part, sizeof(part[i]));
	teardown(state);
	setup(state);
	/* Another order, one out of range, one that is gone, one of two names.
	 */
	kept_count = 3;
	strlcpy(kept[0].list, "acl A", sizeof(kept[0].list));
	strlcpy(kept[0].part, part[0], sizeof(kept[0].part));
	strlcpy(kept[1].part, part[1], sizeof(kept[1].part));
	strlcpy(kept[2].part, "gone", sizeof(kept[2].part));
	strlcpy(kept[2].list, "acl A", sizeof(kept[2].list));
	remember("acl A", part[0], OFL_MARKS_FIRST + 40);
	remember("acl A", part[1], 5);
	remember("acl A", "gone", OFL_MARKS_FIRST);
	remember("acl B", part[0], OFL_MARKS_FIRST + 40);
	say(2, "p0", OFL_INGRESS, split_apart);
	settle();
	assert_int_equal(status(1).mark, OFL_MARKS_FIRST + 40);
	/* What is remembered is another's only if nothing else is left. */
	assert_int_equal(status(2).mark, OFL_MARKS_FIRST + 1);
	for (int i = 0; i < 59; i++)
		ofl_lists_second();
	assert_int_equal(kept_count, 3);
	ofl_lists_second();
	assert_int_equal(kept_count, 2);
	/* A part that goes is not remembered, as soon as software's rules of
	 * the time when hardware had it are gone, too. */
	say(1, "p0", OFL_INGRESS, split_apart);
	settle();
	assert_int_equal(kept_count, 2);
	say(1, "p0", OFL_INGRESS, NULL);
	settle();
	assert_int_equal(kept_count, 1);
	assert_string_equal(kept[0].part, part[0]);
	/* Everything once more, if there is room. */
	kept_count = 0;
	ofl_lists_marks_restate(0);
	assert_int_equal(kept_count, 0);
	ofl_lists_marks_restate(8);
	assert_int_equal(kept_count, 1);
	assert_int_equal(kept[0].mark, OFL_MARKS_FIRST + 40);
}

/* A mark that is only remembered is given before an entry has none. */
static void test_mark_remembered(void **state)
{
	kept_count = 1;
	strlcpy(kept[0].list, "acl B", sizeof(kept[0].list));
	strlcpy(kept[0].part, "any", sizeof(kept[0].part));
	remember("acl B", "any", 100);
	ofl_acls_marks_set(100, 1);
	say(1, "p0", OFL_INGRESS, split_apart);
	settle();
	assert_int_equal(status(1).mark, 100);
	assert_int_equal(kept_count, 1);
	assert_string_equal(kept[0].list, "acl A");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_marks_move),	    TEST(test_marks_exhausted),
		TEST(test_mark_comes_back), TEST(test_marks_kept),
		TEST(test_marks_again),	    TEST(test_mark_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
