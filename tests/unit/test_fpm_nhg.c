// SPDX-License-Identifier: GPL-2.0-or-later
/* Next hops by number: in any order, changed, gone, in a circle. */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "offloadd/source/fpm_nhg.h"

static struct ofl_nhgs *t;
static unsigned int told[64];
static struct ofl_rawnh nh[OFL_RAWNH_MAX];
static size_t count;

static void on_changed(uint32_t id, void *arg)
{
	assert_true(id < array_size(told));
	told[id]++;
}

static int setup(void **state)
{
	memset(told, 0, sizeof(told));
	t = ofl_nhgs_new(on_changed, NULL);
	return 0;
}

static int teardown(void **state)
{
	ofl_nhgs_free(t);
	ofl_nhgs_free(NULL);
	return 0;
}

static void single(uint32_t id, uint32_t ifindex)
{
	struct ofl_fpm_nexthop n = {
		.id = id,
		.nh = {.kind = OFL_RAWNH_INTERFACE,
		       .weight = 1,
		       .ifindex = ifindex},
	};

	ofl_nhgs_set(t, &n);
}

static void group(uint32_t id, uint32_t a, uint32_t b)
{
	static struct ofl_fpm_nexthop n;

	n.id = id;
	n.member_count = b ? 2 : 1;
	n.member[0].id = a;
	n.member[0].weight = 3;
	n.member[1].id = b;
	n.member[1].weight = 5;
	ofl_nhgs_set(t, &n);
}

static bool leads(uint32_t id)
{
	return ofl_nhgs_find(t, id, nh, &count);
}

static void test_single(void **state)
{
	assert_false(leads(1));
	single(1, 7);
	assert_int_equal(told[1], 1);
	assert_true(leads(1));
	assert_int_equal(count, 1);
	assert_int_equal(nh[0].ifindex, 7);
	single(1, 7); /* the same */
	assert_int_equal(told[1], 1);
	single(1, 8);
	assert_int_equal(told[1], 2);
	ofl_nhgs_del(t, 1);
	assert_false(leads(1));
	assert_int_equal(ofl_nhgs_count(t), 0);
	ofl_nhgs_del(t, 1);
}

/* zebra sends them in the order of its hash table. */
static void test_group_before_its_members(void **state)
{
	group(3, 1, 2);
	assert_false(leads(3));
	assert_int_equal(ofl_nhgs_missing(t), 2);
	single(1, 7);
	assert_false(leads(3));
	single(2, 8);
	assert_true(leads(3));
	assert_int_equal(ofl_nhgs_missing(t), 0);
	assert_int_equal(count, 2);
	assert_int_equal(nh[0].ifindex, 7);
	assert_int_equal(nh[0].weight, 3);
	assert_int_equal(nh[1].weight, 5);
	assert_int_equal(told[3], 3); /* itself, and each member */
}

static void test_a_member_changes(void **state)
{
	single(1, 7);
	single(2, 8);
	group(3, 1, 2);
	group(4, 3, 0); /* deeper than zebra goes */
	assert_true(leads(4));
	assert_int_equal(count, 2);
	single(2, 9);
	assert_int_equal(told[3], 2);
	assert_int_equal(told[4], 2);
	assert_true(leads(4));
	assert_int_equal(nh[1].ifindex, 9);
	group(3, 1, 0);
	assert_true(leads(4));
	assert_int_equal(count, 1);
	assert_int_equal(told[4], 3);
	/* 2 is not used any longer: nobody hears of it. */
	single(2, 10);
	assert_int_equal(told[3], 3);
}

/* Of a group that lost a member it is not known any longer where it leads. */
static void test_a_member_goes(void **state)
{
	single(1, 7);
	group(3, 1, 0);
	ofl_nhgs_del(t, 1);
	assert_false(leads(3));
	assert_int_equal(ofl_nhgs_missing(t), 1);
	single(1, 8);
	assert_true(leads(3));
	assert_int_equal(nh[0].ifindex, 8);
	ofl_nhgs_del(t, 3);
	ofl_nhgs_del(t, 1);
	assert_int_equal(ofl_nhgs_count(t), 0);
}

static void test_circle(void **state)
{
	group(1, 2, 0);
	group(2, 1, 0);
	assert_false(leads(1));
	group(3, 3, 0);
	assert_false(leads(3));
	ofl_nhgs_del(t, 3);
	ofl_nhgs_del(t, 1);
	ofl_nhgs_del(t, 2);
	assert_int_equal(ofl_nhgs_count(t), 0);
	assert_int_equal(ofl_nhgs_missing(t), 0);
}

static void test_too_many(void **state)
{
	static struct ofl_fpm_nexthop n = {.id = 3, .member_count = 200};

	single(1, 7);
	for (size_t i = 0; i < n.member_count; i++)
		n.member[i].id = 1;
	ofl_nhgs_set(t, &n);
	group(4, 3, 3);
	assert_true(leads(4));
	assert_true(count > OFL_RAWNH_MAX);
}

static void test_a_new_conversation(void **state)
{
	single(1, 7);
	group(3, 1, 2);
	memset(told, 0, sizeof(told));
	ofl_nhgs_clear(t);
	assert_int_equal(ofl_nhgs_count(t), 0);
	assert_false(leads(1));
	assert_int_equal(told[1] + told[3], 0);
	group(1, 2, 0);
	single(2, 9);
	assert_true(leads(1));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_single),
		T(test_group_before_its_members),
		T(test_a_member_changes),
		T(test_a_member_goes),
		T(test_circle),
		T(test_too_many),
		T(test_a_new_conversation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
