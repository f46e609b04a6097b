// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The watermarks of a table: open until occupancy would pass high, closed
 * until it is below low, whatever moved it.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/flow/watermark.h"

/* One table's day: low 90, high 97. */
static const struct {
	enum { ADMIT, UPDATE } what;
	uint32_t used, want; /* want: ADMIT only */
	bool result, closed;
} day[] = {
	{ADMIT, 0, 97, true, false},
	{ADMIT, 96, 1, true, false}, /* up to high is fine */
	{ADMIT, 96, 2, false, true}, /* an IPv6 entry would pass it */
	{ADMIT, 96, 1, false, true}, /* closed is closed, though it fits */
	{UPDATE, 96, 0, false, true},
	{UPDATE, 90, 0, false, true}, /* at low is not below low */
	{ADMIT, 90, 1, false, true},
	{UPDATE, 89, 0, true, false},  /* opened */
	{UPDATE, 88, 0, false, false}, /* told once */
	{ADMIT, 89, 8, true, false},
	{UPDATE, 97, 0, false, false}, /* at high is not above high */
	{UPDATE, 99, 0, false, true},  /* critical flows filled it up */
	{ADMIT, 92, 1, false, true},
	{UPDATE, 0, 0, true, false},
	{ADMIT, UINT32_MAX, 2, false, true}, /* no wrap */
};

static void test_day(void **state)
{
	struct ofl_watermark w;

	ofl_watermark_init(&w, 90, 97);
	assert_false(w.closed);
	for (size_t i = 0; i < array_size(day); i++) {
		bool result;

		if (day[i].what == ADMIT)
			result = ofl_watermark_admit(&w, day[i].used,
						     day[i].want);
		else
			result = ofl_watermark_update(&w, day[i].used);
		if (result != day[i].result || w.closed != day[i].closed)
			fail_msg("row %zu: %d, closed %d", i, result, w.closed);
	}
}

static void test_set(void **state)
{
	static const struct {
		bool closed_before;
		uint32_t low, high, used;
		bool closed;
	} rows[] = {
		{false, 90, 97, 50, false},
		{false, 40, 45, 50, true},  /* shrank below what it holds */
		{false, 40, 60, 50, false}, /* between: as it was */
		{true, 40, 60, 50, true},
		{true, 60, 70, 50, false},  /* grew: room again */
		{false, 40, 50, 50, false}, /* full to the mark */
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_watermark w;

		ofl_watermark_init(&w, 90, 97);
		w.closed = rows[i].closed_before;
		ofl_watermark_set(&w, rows[i].low, rows[i].high, rows[i].used);
		assert_int_equal(w.closed, rows[i].closed);
		assert_int_equal(w.low_slots, rows[i].low);
		assert_int_equal(w.high_slots, rows[i].high);
	}
}

/* A tiny table, whose low mark is 0, must not stay closed for ever. */
static void test_low_zero(void **state)
{
	struct ofl_watermark w;

	ofl_watermark_init(&w, 0, 1);
	assert_true(ofl_watermark_admit(&w, 0, 1));
	assert_false(ofl_watermark_admit(&w, 1, 1));
	assert_false(ofl_watermark_update(&w, 1));
	assert_true(ofl_watermark_update(&w, 0));
	assert_true(ofl_watermark_admit(&w, 0, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_low_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
