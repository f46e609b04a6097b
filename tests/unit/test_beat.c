// SPDX-License-Identifier: GPL-2.0-or-later
/* How often packets are sampled and counters read; and what two readings of a
 * counter say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/counter.h"
#include "offloadd/traffic/traffic.h"

static struct ofl_traffic_conf conf(void)
{
	struct ofl_traffic_conf c;

	ofl_traffic_conf_init(&c);
	c.unit = OFL_TRAFFIC_PACKETS;
	c.sample_rate = 100;
	c.sample_budget_pps = 1000;
	return c;
}

static void test_off(void **state)
{
	struct ofl_traffic_conf c = conf();
	struct ofl_beat b;

	c.unit = OFL_TRAFFIC_OFF;
	ofl_beat_init(&b, &c);
	assert_int_equal(b.rate, 0);
	assert_false(ofl_beat_second(&b, &c, 1000000, 0));
	assert_int_equal(b.rate, 0);
}

static void test_up_at_once(void **state)
{
	struct ofl_traffic_conf c = conf();
	struct ofl_beat b;

	ofl_beat_init(&b, &c);
	assert_int_equal(b.rate, 100);
	assert_false(ofl_beat_second(&b, &c, 1000, 0));
	assert_true(ofl_beat_second(&b, &c, 1001, 0));
	assert_int_equal(b.rate, 200);
	/* Lost ones cost as much: 7000 at this rate are 875 at 1600. */
	assert_true(ofl_beat_second(&b, &c, 1000, 6000));
	assert_int_equal(b.rate, 1600);
}

static void test_deaf(void **state)
{
	struct ofl_traffic_conf c = conf();
	struct ofl_beat b;

	ofl_beat_init(&b, &c);
	for (int i = 0; i < 9; i++)
		assert_false(ofl_beat_is_deaf(&b, &c, false));
	assert_true(ofl_beat_is_deaf(&b, &c, false));
	assert_true(ofl_beat_is_deaf(&b, &c, false));
	assert_false(ofl_beat_is_deaf(&b, &c, true));
	assert_false(ofl_beat_is_deaf(&b, &c, false));
	c.method = OFL_TRAFFIC_SAMPLES;
	for (int i = 0; i < 20; i++)
		assert_false(ofl_beat_is_deaf(&b, &c, false));
	c.method = OFL_TRAFFIC_COUNTERS;
	assert_true(ofl_beat_is_deaf(&b, &c, true));
	ofl_beat_init(&b, &c);
	assert_int_equal(b.rate, 0); /* nothing is sampled beside that */
	c.sample_rate = 0;
	assert_false(ofl_beat_is_deaf(&b, &c, false));
	c = conf();
	c.unit = OFL_TRAFFIC_OFF;
	c.method = OFL_TRAFFIC_COUNTERS;
	assert_false(ofl_beat_is_deaf(&b, &c, false));
}

static void test_method_names(void **state)
{
	enum ofl_traffic_method m = OFL_TRAFFIC_AUTO;

	assert_true(ofl_traffic_method_parse("counters", &m));
	assert_int_equal(m, OFL_TRAFFIC_COUNTERS);
	assert_string_equal(ofl_traffic_method_name(m), "counters");
	assert_false(ofl_traffic_method_parse("guess", &m));
	assert_int_equal(m, OFL_TRAFFIC_COUNTERS);
	assert_string_equal(ofl_traffic_method_name(77), "unknown");
}

static void test_never_beyond_a_number(void **state)
{
	struct ofl_traffic_conf c = conf();
	struct ofl_beat b;

	ofl_beat_init(&b, &c);
	for (int i = 0; i < 100; i++)
		ofl_beat_second(&b, &c, UINT64_MAX / 2, UINT64_MAX / 4);
	assert_true(b.rate > 1000000000);
}

static void test_down_after_calm(void **state)
{
	struct ofl_traffic_conf c = conf();
	struct ofl_beat b;

	ofl_beat_init(&b, &c);
	ofl_beat_second(&b, &c, 4000, 0);
	assert_int_equal(b.rate, 400);
	for (int i = 0; i < 4; i++)
		assert_false(ofl_beat_second(&b, &c, 10, 0));
	/* One second that is not calm, and it begins anew. */
	assert_false(ofl_beat_second(&b, &c, 250, 0));
	for (int i = 0; i < 4; i++)
		assert_false(ofl_beat_second(&b, &c, 249, 0));
	assert_true(ofl_beat_second(&b, &c, 249, 0));
	assert_int_equal(b.rate, 200);
	for (int i = 0; i < 20; i++)
		ofl_beat_second(&b, &c, 0, 0);
	/* Not more than was configured. */
	assert_int_equal(b.rate, 100);
}

static void test_period(void **state)
{
	struct ofl_traffic_conf c = conf();

	assert_int_equal(ofl_beat_period_us(&c, 0), 5000000);
	assert_int_equal(ofl_beat_period_us(&c, 250000), 5000000);
	assert_int_equal(ofl_beat_period_us(&c, 1000000), 20000000);
}

static void test_counter(void **state)
{
	const uint64_t wrap = 1ull << 32;
	const struct {
		uint64_t last, now, want;
	} table[] = {
		{0, 0, 0},
		{5, 12, 7},
		{1000, 10, 10}, /* it began anew */
		{wrap - 10, 20, 30},
		{wrap - 10, wrap / 2, wrap / 2}, /* no wrap: that is too far */
		{wrap / 2, 20, 20},
		{wrap + 5, 20, 20}, /* one of 64 bits does not wrap */
		{UINT64_MAX, 3, 3},
		{wrap - 10, wrap + 10, 20},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(ofl_counter_delta(table[i].last, table[i].now),
				 table[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_up_at_once),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_method_names),
		cmocka_unit_test(test_never_beyond_a_number),
		cmocka_unit_test(test_down_after_calm),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
