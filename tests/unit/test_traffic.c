// SPDX-License-Identifier: GPL-2.0-or-later
/* Meters: what comes in, what is believed, what is told. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "offloadd/traffic/traffic.h"

#define S 1000000ull
#define FLOWS 8

/* --- the world: who is answered by whom, and what was told --- */
static struct {
	uint64_t answered_by[FLOWS];
	struct ofl_traffic_rule rule[FLOWS];
	uint32_t weight[FLOWS], told[FLOWS];
} world;

static uint64_t answered_by(void *arg, uint64_t cookie)
{
	return world.answered_by[cookie];
}

static void rule(void *arg, uint64_t cookie, struct ofl_traffic_rule *ret)
{
	*ret = world.rule[cookie];
}

static void weighs(void *arg, uint64_t cookie, uint32_t was, uint32_t weight)
{
	/* 0: its meter is new, again perhaps. */
	assert_true(was == world.weight[cookie] || !was);
	world.weight[cookie] = weight;
	world.told[cookie]++;
}

static const struct ofl_traffic_ask ask = {
	.answered_by = answered_by,
	.rule = rule,
	.weighs = weighs,
};

static struct ofl_traffic *make(enum ofl_traffic_unit unit)
{
	struct ofl_traffic_conf c;

	memset(&world, 0, sizeof(world));
	for (int i = 0; i < FLOWS; i++)
		world.rule[i].weight = 100;
	ofl_traffic_conf_init(&c);
	c.unit = unit;
	c.half_life_s = 10;
	return ofl_traffic_new(&c);
}

static void pass(struct ofl_traffic *t, unsigned int seconds)
{
	ofl_traffic_round_begin(t, seconds * S);
	while (ofl_traffic_round_step(t, 2, &ask))
		;
}

static double rate_of(struct ofl_traffic *t, uint64_t cookie)
{
	struct ofl_traffic_view v;

	return ofl_traffic_view(t, cookie, &v) ? v.rate : -1;
}

static void near(double is, double want)
{
	if (fabs(is - want) > fabs(want) / 1000)
		fail_msg("%f is not %f", is, want);
}

/* --- estimates --- */
static void test_steady(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	for (int i = 0; i < 30; i++) {
		ofl_traffic_count(t, 1, 500, 50000);
		pass(t, 5);
		near(rate_of(t, 1), 100);
	}
	assert_int_equal(world.weight[1], 1600);
	/* Nothing new, nothing told. */
	assert_int_equal(world.told[1], 1);
	ofl_traffic_free(t);
}

static void test_bytes(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_BYTES);

	ofl_traffic_count(t, 1, 5, 1250000);
	pass(t, 5);
	near(rate_of(t, 1), 250000);
	assert_int_equal(world.weight[1], 2000); /* kilobits a second */
	ofl_traffic_free(t);
}

static void test_half_life(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	for (int i = 0; i < 20; i++) {
		ofl_traffic_count(t, 1, 16000, 0);
		pass(t, 5);
	}
	near(rate_of(t, 1), 3200);
	pass(t, 10);
	near(rate_of(t, 1), 1600);
	pass(t, 5);
	pass(t, 5);
	near(rate_of(t, 1), 800);
	/* In one round or in many. */
	pass(t, 30);
	near(rate_of(t, 1), 100);
	ofl_traffic_free(t);
}

static void test_forgotten_in_the_end(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	struct ofl_traffic_stats st;

	ofl_traffic_count(t, 1, 1000000, 0);
	for (int i = 0; i < 100; i++)
		pass(t, 5);
	assert_int_equal(world.weight[1], OFL_TRAFFIC_UNKNOWN);
	ofl_traffic_stats(t, &st);
	assert_int_equal(st.meters, 0);
	assert_int_equal(st.rounds, 100);
	ofl_traffic_free(t);
}

static void test_samples_are_doubted(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	struct ofl_traffic_view v;

	/* One packet in a thousand, once: it may as well have been chance. */
	ofl_traffic_sample(t, 1, 1000, 100);
	for (int i = 0; i < 100; i++)
		ofl_traffic_sample(t, 2, 1000, 100);
	ofl_traffic_count(t, 3, 1000, 100000);
	pass(t, 5);
	assert_true(ofl_traffic_view(t, 1, &v));
	near(v.rate, 200);
	near(v.error, 200);
	assert_int_equal(world.weight[1], OFL_TRAFFIC_UNKNOWN);
	assert_true(ofl_traffic_view(t, 2, &v));
	near(v.rate, 20000);
	near(v.error, 2000);
	assert_int_equal(world.weight[2], 16000 * 16);
	/* Counted is counted. */
	assert_true(ofl_traffic_view(t, 3, &v));
	near(v.rate, 200);
	assert_true(v.error == 0);
	assert_int_equal(world.weight[3], 200 * 16);
	ofl_traffic_free(t);
}

/* The mean of sampled estimates is what there is. */
static void test_samples_are_fair(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	uint32_t seed = 1;
	double sum = 0;

	for (int round = 0; round < 2000; round++) {
		/* 10,000 packets, a hundredth of them sampled. */
		for (int i = 0; i < 10000; i++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 16 < 655)
				ofl_traffic_sample(t, 1, 100, 64);
		}
		pass(t, 5);
		if (round >= 20)
			sum += rate_of(t, 1);
	}
	sum /= 1980;
	assert_true(sum > 1980 && sum < 2020);
	ofl_traffic_free(t);
}

/* --- covers --- */
static void test_elided_through_cover(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	/* 2 carries thrice what 1 does, 3 is nobody's, while in software. */
	for (int i = 0; i < 20; i++) {
		ofl_traffic_count(t, 1, 1000, 0);
		ofl_traffic_count(t, 2, 3000, 0);
		ofl_traffic_count(t, 3, 500, 0);
		pass(t, 5);
	}
	/* Then hardware counts both on the entry of 1. */
	world.answered_by[1] = world.answered_by[2] = 1;
	for (int i = 0; i < 40; i++) {
		ofl_traffic_count(t, 1, 4000, 0);
		ofl_traffic_count(t, 3, 500, 0);
		pass(t, 5);
		near(rate_of(t, 1), 200);
		near(rate_of(t, 2), 600);
		near(rate_of(t, 3), 100);
	}
	/* Twice of it is twice of each. */
	for (int i = 0; i < 40; i++) {
		ofl_traffic_count(t, 1, 8000, 0);
		pass(t, 5);
	}
	near(rate_of(t, 1), 400);
	near(rate_of(t, 2), 1200);
	ofl_traffic_free(t);
}

static void test_cover_without_traffic_of_its_own(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	ofl_traffic_guess(t, 2, 1600, true);
	world.weight[2] = 1600;
	world.answered_by[1] = world.answered_by[2] = 1;
	for (int i = 0; i < 40; i++) {
		ofl_traffic_count(t, 1, 500, 0);
		pass(t, 5);
	}
	near(rate_of(t, 2), 100);
	assert_true(rate_of(t, 1) < 0.001);
	/* A cover that nobody ever heard of. */
	world.answered_by[2] = 7;
	pass(t, 10);
	near(rate_of(t, 2), 50);
	ofl_traffic_free(t);
}

/* --- mice --- */
static void test_mice(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	struct ofl_traffic_stats st;
	struct ofl_traffic_view v;

	for (int i = 1; i <= 3; i++)
		world.rule[i].mice =
			(struct ofl_mice_filter){.least = 1000, .window_s = 20};
	world.rule[3].critical = true;
	/* 1 has a thousand within twenty seconds, 2 within forty. */
	for (int i = 0; i < 3; i++) {
		ofl_traffic_count(t, 1, 300, 0);
		ofl_traffic_count(t, 2, 150, 0);
		ofl_traffic_count(t, 3, 150, 0);
		pass(t, 5);
		assert_int_equal(world.weight[1], 0);
		assert_int_equal(world.weight[2], 0);
		assert_int_equal(world.weight[3], 480);
	}
	ofl_traffic_stats(t, &st);
	assert_int_equal(st.mice, 3);
	for (int i = 0; i < 9; i++) {
		ofl_traffic_count(t, 1, 300, 0);
		ofl_traffic_count(t, 2, 150, 0);
		pass(t, 5);
		assert_int_equal(world.weight[1], 960);
		assert_int_equal(world.weight[2], 0);
	}
	assert_true(ofl_traffic_view(t, 2, &v));
	assert_true(v.is_mouse);
	/* A quarter of it is enough to stay, less is not. */
	for (int i = 0; i < 12; i++) {
		ofl_traffic_count(t, 1, 80, 0);
		pass(t, 5);
	}
	assert_true(world.weight[1] > 0);
	for (int i = 0; i < 12; i++) {
		ofl_traffic_count(t, 1, 30, 0);
		pass(t, 5);
	}
	assert_int_equal(world.weight[1], 0);
	ofl_traffic_free(t);
}

static void test_mice_of_bytes_and_long_rounds(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	world.rule[1].mice = world.rule[2].mice = (struct ofl_mice_filter){
		.least = 100, .is_bytes = true, .window_s = 10};
	/* 120 kB in 40 s are 30 kB in a window. */
	ofl_traffic_count(t, 1, 1, 120000);
	ofl_traffic_count(t, 2, 1, 480000);
	pass(t, 40);
	assert_int_equal(world.weight[1], 0);
	assert_true(world.weight[2] > 0);
	/* Without the filter it is a flow as any other. */
	world.rule[1].mice.least = 0;
	pass(t, 5);
	assert_true(world.weight[1] > 0);
	ofl_traffic_free(t);
}

/* --- what else is told --- */
static void test_rules_weight(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	world.rule[1].weight = 250;
	world.rule[2].weight = 1000000;
	ofl_traffic_count(t, 1, 500, 0);
	ofl_traffic_count(t, 2, 5000000000, 0);
	pass(t, 5);
	assert_int_equal(world.weight[1], 4000);
	assert_int_equal(world.weight[2], UINT32_MAX);
	ofl_traffic_free(t);
}

static void test_little_news_is_none(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	uint32_t told;

	for (int i = 0; i < 30; i++) {
		ofl_traffic_count(t, 1, i % 2 ? 1050 : 950, 0);
		pass(t, 5);
	}
	told = world.told[1];
	assert_true(told <= 2);
	for (int i = 0; i < 30; i++) {
		ofl_traffic_count(t, 1, 2000, 0);
		pass(t, 5);
	}
	assert_true(world.told[1] > told && world.told[1] < told + 8);
	ofl_traffic_free(t);
}

static void test_guesses(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);

	ofl_traffic_guess(t, 1, 1600, true);
	ofl_traffic_guess(t, 2, 1600, false);
	ofl_traffic_guess(t, 3, 0, true);
	ofl_traffic_guess(t, 1, 99, true); /* it has a meter */
	world.weight[1] = 1600;
	near(rate_of(t, 1), 100);
	assert_true(rate_of(t, 3) < 0);
	/* What was measured goes by the half-life, what neighbours carry as
	 * soon as a few periods have not shown it. */
	pass(t, 10);
	near(rate_of(t, 1), 50);
	near(rate_of(t, 2), 50);
	ofl_traffic_free(t);
}

static void test_gone(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	struct ofl_traffic_conf c;

	for (uint64_t i = 1; i < FLOWS; i++)
		ofl_traffic_count(t, i, 500, 500);
	ofl_traffic_round_begin(t, 5 * S);
	assert_true(ofl_traffic_round_step(t, 3, &ask));
	/* In the middle of a round, and what has none. */
	ofl_traffic_forget(t, 2);
	ofl_traffic_forget(t, 7);
	ofl_traffic_forget(t, 7);
	while (ofl_traffic_round_step(t, 1, &ask))
		;
	assert_true(rate_of(t, 2) < 0);
	near(rate_of(t, 3), 100);
	/* Another unit knows nothing. */
	ofl_traffic_conf_init(&c);
	c.unit = OFL_TRAFFIC_BYTES;
	ofl_traffic_conf_set(t, &c);
	assert_true(rate_of(t, 3) < 0);
	ofl_traffic_free(t);
	ofl_traffic_free(NULL);
}

static bool count_up(void *arg, const struct ofl_traffic_view *v)
{
	return ++*(int *)arg < 4;
}

static void test_walk(void **state)
{
	struct ofl_traffic *t = make(OFL_TRAFFIC_PACKETS);
	int n = 0;

	for (uint64_t i = 1; i <= 3; i++)
		ofl_traffic_count(t, i, 1, 1);
	ofl_traffic_walk(t, count_up, &n);
	assert_int_equal(n, 3);
	n = 2;
	ofl_traffic_walk(t, count_up, &n);
	assert_int_equal(n, 4);
	ofl_traffic_free(t);
}

static void test_units(void **state)
{
	enum ofl_traffic_unit unit = OFL_TRAFFIC_OFF;

	assert_true(ofl_traffic_unit_parse("bytes", &unit));
	assert_int_equal(unit, OFL_TRAFFIC_BYTES);
	assert_false(ofl_traffic_unit_parse("bits", &unit));
	assert_string_equal(ofl_traffic_unit_name(OFL_TRAFFIC_PACKETS),
			    "packets");
	assert_string_equal(ofl_traffic_unit_name(9), "unknown");
	assert_int_equal(ofl_traffic_weight(OFL_TRAFFIC_PACKETS, 1e12),
			 UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_half_life),
		cmocka_unit_test(test_forgotten_in_the_end),
		cmocka_unit_test(test_samples_are_doubted),
		cmocka_unit_test(test_samples_are_fair),
		cmocka_unit_test(test_elided_through_cover),
		cmocka_unit_test(test_cover_without_traffic_of_its_own),
		cmocka_unit_test(test_mice),
		cmocka_unit_test(test_mice_of_bytes_and_long_rounds),
		cmocka_unit_test(test_rules_weight),
		cmocka_unit_test(test_little_news_is_none),
		cmocka_unit_test(test_guesses),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
