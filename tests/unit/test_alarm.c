// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine/alarm.c: one subject's level.  By hand, and random days against what
 * must hold whatever happens: tellings are bounded in every window, each tells
 * the level that is, none is lost in the count, and after a quiet while the
 * level that was told is the one there is.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/engine/alarm.h"

#define SECOND 1000000ull
#define EVERY (5 * SECOND)
#define BURST 4
#define DAYS 300
#define STEPS 2000

static uint32_t seed;

static unsigned int rnd(unsigned int n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void test_both_ways_at_once(void **state)
{
	struct ofl_alarm a;
	uint64_t suppressed = 99;

	ofl_alarm_init(&a, BURST, EVERY);
	assert_false(ofl_alarm_is_pending(&a));
	assert_false(ofl_alarm_tell(&a, 0, &suppressed));
	assert_true(ofl_alarm_due_us(&a) == UINT64_MAX);
	assert_int_equal(suppressed, 99);
	ofl_alarm_set(&a, 1, 0, 7);
	assert_true(ofl_alarm_is_pending(&a));
	assert_true(ofl_alarm_due_us(&a) <= 7);
	assert_true(ofl_alarm_tell(&a, 7, &suppressed));
	assert_int_equal(suppressed, 0);
	assert_int_equal(a.told, 1);
	assert_int_equal(a.since_us, 7);
	ofl_alarm_set(&a, 1, 0, 8);
	assert_int_equal(a.since_us, 7);
	ofl_alarm_set(&a, 0, 0, 9);
	assert_true(ofl_alarm_tell(&a, 9, &suppressed));
	assert_int_equal(a.told, 0);
	assert_int_equal(a.tellings, 2);
}

static void test_flaps_are_counted(void **state)
{
	struct ofl_alarm a;
	uint64_t suppressed, at = 0;

	ofl_alarm_init(&a, BURST, EVERY);
	for (int i = 1; i <= BURST; i++) {
		ofl_alarm_set(&a, i % 2, 0, at);
		assert_true(ofl_alarm_tell(&a, at, &suppressed));
	}
	/* It ends up where it was told: nothing to tell, and three changes too
	 * many for the next. */
	ofl_alarm_set(&a, 1, 0, at);
	assert_false(ofl_alarm_tell(&a, at, &suppressed));
	ofl_alarm_set(&a, 0, 0, at);
	assert_false(ofl_alarm_is_pending(&a));
	assert_true(ofl_alarm_due_us(&a) == UINT64_MAX);
	ofl_alarm_set(&a, 1, 0, at);
	assert_true(ofl_alarm_due_us(&a) == EVERY);
	assert_false(ofl_alarm_tell(&a, EVERY - 1, &suppressed));
	assert_true(ofl_alarm_tell(&a, EVERY, &suppressed));
	assert_int_equal(suppressed, 2);
	assert_int_equal(a.suppressed, 2);
	/* Changes between two looks at it. */
	ofl_alarm_set(&a, 1, 6, 100 * EVERY);
	assert_false(ofl_alarm_is_pending(&a));
	ofl_alarm_set(&a, 0, 2, 100 * EVERY);
	assert_true(ofl_alarm_tell(&a, 100 * EVERY, &suppressed));
	assert_int_equal(suppressed, 8);
}

/* All of the burst comes back, and no more. */
static void test_pace(void **state)
{
	struct ofl_pace p;
	uint64_t now = 1000 * SECOND;

	ofl_pace_init(&p, 3, SECOND);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			assert_true(ofl_pace_take(&p, now));
		assert_false(ofl_pace_take(&p, now));
		assert_true(ofl_pace_due_us(&p) == now + SECOND);
		assert_false(ofl_pace_take(&p, now + SECOND - 1));
		assert_true(ofl_pace_take(&p, now + SECOND));
		assert_false(ofl_pace_take(&p, now + SECOND));
		now += 60 * SECOND;
	}
	ofl_pace_init(&p, 1, SECOND);
	assert_true(ofl_pace_take(&p, 0));
	assert_false(ofl_pace_take(&p, SECOND - 1));
	assert_true(ofl_pace_take(&p, SECOND));
}

static void one_day(void)
{
	uint64_t now = rnd(1000), suppressed, said = 0, changes = 0;
	uint64_t told_at[STEPS + 2], tellings = 0;
	struct ofl_alarm a;
	uint8_t told = 0;

	ofl_alarm_init(&a, BURST, EVERY);
	for (int i = 0; i < STEPS + 2; i++) {
		bool quiet = i >= STEPS;
		uint8_t level = quiet ? a.level : rnd(3);
		uint64_t passed = quiet || rnd(4) ? 0 : 2 * rnd(3);

		now += quiet ? EVERY : rnd(rnd(8) ? EVERY / 4 : EVERY * 8);
		changes += passed + (level != a.level);
		ofl_alarm_set(&a, level, passed, now);
		if (!rnd(3) && !quiet)
			continue;
		if (!ofl_alarm_tell(&a, now, &suppressed)) {
			assert_true(!ofl_alarm_is_pending(&a) ||
				    ofl_alarm_due_us(&a) > now);
			continue;
		}
		assert_int_equal(a.told, level);
		assert_int_not_equal(a.told, told);
		told = a.told;
		said += 1 + suppressed;
		/* Of each BURST + 1 the first and the last are apart. */
		told_at[tellings++] = now;
		if (tellings > BURST)
			assert_true(now - told_at[tellings - 1 - BURST] >=
				    EVERY);
	}
	assert_int_equal(a.told, a.level);
	assert_true(changes == said + a.unsaid);
	assert_true(said == a.tellings + a.suppressed);
	assert_true(tellings == a.tellings);
}

static void test_random_days(void **state)
{
	for (uint32_t day = 1; day <= DAYS; day++) {
		seed = day * 7919;
		one_day();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways_at_once),
		cmocka_unit_test(test_flaps_are_counted),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_random_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
