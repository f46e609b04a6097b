// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries of a list that carry the traffic have the slots, as soon as that is
 * counted and as long as it is so. */
#include "tests/unit/list_fixture.h"

#define ENTRIES 60 /* of which a third fits */
#define HEAVY 10

static uint64_t packets[ENTRIES + 1][2];

static uint64_t carried(uint64_t cookie, bool hardware)
{
	uint64_t seq = cookie & 0xffffffff;

	return seq <= ENTRIES ? packets[seq][hardware] : 0;
}

static int traffic_setup(void **state)
{
	struct ofl_traffic_conf c;

	memset(packets, 0, sizeof(packets));
	setup(state);
	hard->carried = carried;
	ofl_traffic_conf_init(&c);
	c.unit = OFL_TRAFFIC_PACKETS;
	c.half_life_s = 10;
	ofl_lists_traffic_set(&c);
	return 0;
}

/* Entries first .. first + HEAVY - 1 carry this in one round. */
static void carry(unsigned int first, uint64_t n, bool hardware)
{
	for (unsigned int i = first; i < first + HEAVY; i++)
		packets[i][hardware] += n;
}

static void pass(void)
{
	ofl_lists_traffic_begin(5000000);
	settle();
}

static unsigned int offloaded(unsigned int first)
{
	unsigned int n = 0;

	for (unsigned int i = first; i < first + HEAVY; i++)
		n += status(i).state == OFL_STATE_OFFLOADED;
	return n;
}

static void test_heavy_ones_have_slots(void **state)
{
	say(ENTRIES, "p0", OFL_INGRESS, NULL);
	settle();
	pass();
	carry(45, 1000, false);
	pass();
	assert_int_equal(offloaded(45), HEAVY);
	/* Where it is counted does not matter. */
	for (int i = 0; i < 20; i++) {
		carry(45, 1000, true);
		carry(15, 300, false);
		pass();
	}
	assert_int_equal(offloaded(45), HEAVY);
	/* They cool down, others do not. */
	for (int i = 0; i < 40; i++) {
		carry(5, 1000, false);
		carry(30, 1000, false);
		pass();
	}
	assert_int_equal(offloaded(5), HEAVY);
	assert_int_equal(offloaded(30), HEAVY);
	assert_int_equal(offloaded(45), 0);
}

/* The same traffic, the same entries: no write. */
static void test_rest(void **state)
{
	uint64_t writes;

	say(ENTRIES, "p0", OFL_INGRESS, NULL);
	settle();
	for (int i = 0; i < 10; i++) {
		carry(45, 1000, false);
		pass();
	}
	writes = hard->writes;
	for (int i = 0; i < 50; i++) {
		carry(45, i % 2 ? 960 : 1040, true);
		pass();
	}
	assert_int_equal(hard->writes, writes);
}

/* Not counted any longer: the weights that were configured hold. */
static void test_off(void **state)
{
	struct ofl_list *l;

	say(ENTRIES, "p0", OFL_INGRESS, NULL);
	settle();
	pass();
	carry(45, 1000, false);
	pass();
	l = ofl_list_dlist_first(&ofl_lists.lists);
	assert_true(ofl_list_item_weight(l, &l->placed->items[44]) > 1000);
	ofl_lists_traffic_set(NULL);
	settle();
	assert_int_equal(ofl_list_item_weight(l, &l->placed->items[44]), 100);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, traffic_setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_heavy_ones_have_slots),
		TEST(test_rest),
		TEST(test_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
