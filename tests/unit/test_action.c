// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interned actions: equal content is one action, ids are not used again, and
 * nothing is left when the last reference goes.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

static int setup(void **state)
{
	ofl_action_init();
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(ofl_action_count(), 0);
	ofl_action_fini();
	return 0;
}

static struct ofl_action *get(const struct ofl_nexthop *nh, size_t nh_count)
{
	return ofl_action_get(OFL_ACTION_FORWARD, nh, nh_count);
}

static void test_same_is_same(void **state)
{
	struct ofl_nexthop nh = mk_nexthop(3, 1);
	struct ofl_action *a = get(&nh, 1), *b = get(&nh, 1);

	assert_ptr_equal(a, b);
	assert_int_equal(a->refs, 2);
	assert_int_equal(a->id, 1);
	assert_int_equal(a->kind, OFL_ACTION_FORWARD);
	assert_int_equal(a->nh_count, 1);
	assert_memory_equal(&a->nh[0], &nh, sizeof(nh));
	assert_int_equal(ofl_action_count(), 1);
	ofl_action_unref(a);
	assert_ptr_equal(ofl_action_find(1), b);
	ofl_action_unref(b);
	assert_null(ofl_action_find(1));
}

/* Every member of a next hop makes a difference, junk behind gw does not. */
static void test_differences(void **state)
{
	struct ofl_nexthop nh = mk_nexthop(3, 1), other[7];
	struct ofl_action *a = get(&nh, 1), *b, *made[7];

	for (size_t i = 0; i < array_size(other); i++)
		other[i] = nh;
	other[0].ifindex = 4;
	other[1].vrf = 9;
	other[2].family = AF_INET6;
	other[3].weight = 2;
	other[4].mac[5] ^= 1;
	other[5].gw[0] ^= 1;
	other[6].gw[3] ^= 1;
	for (size_t i = 0; i < array_size(other); i++) {
		made[i] = get(&other[i], 1);
		assert_ptr_not_equal(made[i], a);
		for (size_t j = 0; j < i; j++) {
			assert_ptr_not_equal(made[i], made[j]);
			assert_int_not_equal(made[i]->id, made[j]->id);
		}
	}
	assert_int_equal(ofl_action_count(), 1 + array_size(other));
	for (size_t i = 0; i < array_size(other); i++)
		ofl_action_unref(made[i]);

	nh.gw[7] = 0xee; /* behind an IPv4 address: means nothing */
	b = get(&nh, 1);
	assert_ptr_equal(a, b);
	nh.weight = 0; /* out of contract; taken for 1 */
	ofl_action_unref(b);
	b = get(&nh, 1);
	assert_ptr_equal(a, b);
	ofl_action_unref(b);
	ofl_action_unref(a);
}

static void test_order_is_no_difference(void **state)
{
	struct ofl_nexthop up[40], down[40];
	struct ofl_action *a, *b;

	for (int i = 0; i < 40; i++)
		up[i] = down[39 - i] = mk_nexthop(1 + i % 4, i);
	a = get(up, 40);
	b = get(down, 40);
	assert_ptr_equal(a, b);
	assert_int_equal(a->nh_count, 40);
	for (int i = 1; i < 40; i++)
		assert_true(a->nh[i - 1].ifindex <= a->nh[i].ifindex);
	ofl_action_unref(a);
	ofl_action_unref(b);
}

static void test_duplicates(void **state)
{
	struct ofl_nexthop nh[] = {
		mk_nexthop(2, 1), mk_nexthop(1, 1), mk_nexthop(2, 1),
		mk_nexthop(1, 2), mk_nexthop(2, 1),
	};
	struct ofl_action *a;

	nh[0].weight = 7;
	nh[2].weight = 9;
	a = get(nh, array_size(nh));
	assert_int_equal(a->nh_count, 3);
	assert_int_equal(a->nh[0].ifindex, 1);
	assert_int_equal(a->nh[0].gw[3], 1);
	assert_int_equal(a->nh[1].gw[3], 2);
	assert_int_equal(a->nh[2].ifindex, 2);
	assert_int_equal(a->nh[2].weight, 7); /* of the first */
	ofl_action_unref(a);
}

static void test_blackhole(void **state)
{
	struct ofl_nexthop nh = mk_nexthop(3, 1);
	struct ofl_action *a, *b;

	a = ofl_action_get(OFL_ACTION_BLACKHOLE, NULL, 0);
	b = ofl_action_get(OFL_ACTION_BLACKHOLE, &nh, 1);
	assert_ptr_equal(a, b);
	assert_int_equal(a->nh_count, 0);
	ofl_action_unref(a);
	ofl_action_unref(b);
}

static void test_ids_rise(void **state)
{
	struct ofl_nexthop nh = mk_nexthop(3, 1);
	struct ofl_action *a = get(&nh, 1);
	uint32_t id = a->id;

	ofl_action_unref(a);
	a = get(&nh, 1); /* same content, but a new life */
	assert_int_equal(a->id, id + 1);
	assert_null(ofl_action_find(id));
	assert_null(ofl_action_find(0));
	assert_ptr_equal(ofl_action_find(id + 1), a);
	ofl_action_unref(a);
}

static void test_null(void **state)
{
	assert_null(ofl_action_ref(NULL));
	ofl_action_unref(NULL);
}

/* Many at once: both hashes grow and shrink. */
static void test_many(void **state)
{
	enum { MANY = 5000 };
	static struct ofl_action *made[MANY];

	for (int i = 0; i < MANY; i++) {
		struct ofl_nexthop nh = mk_nexthop(1 + i, i % 251);

		made[i] = get(&nh, 1);
	}
	assert_int_equal(ofl_action_count(), MANY);
	for (int i = 0; i < MANY; i += 2)
		ofl_action_unref(made[i]);
	for (int i = 1; i < MANY; i += 2) {
		struct ofl_nexthop nh = mk_nexthop(1 + i, i % 251);
		struct ofl_action *again = get(&nh, 1);

		assert_ptr_equal(again, made[i]);
		assert_ptr_equal(ofl_action_find(again->id), again);
		ofl_action_unref(again);
		ofl_action_unref(made[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_is_same, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_differences, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_order_is_no_difference,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_duplicates, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_blackhole, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_ids_rise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_null, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
