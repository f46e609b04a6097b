// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times as people type them: each form, the edges of the calendar, and that
 * nonsense is refused with a sentence and changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "lib/timetext.h"

#define NOW 1795357230123456ull /* 2026-11-22T14:20:30.123456Z */
#define S 1000000ull

static void dates(void **state)
{
	static const struct {
		const char *text;
		uint64_t us;
	} rows[] = {
		{"1970-01-01", 0},
		{"1970-01-01T00:00:01", 1 * S},
		{"2000-02-29", 951782400 * S},
		{"2026-11-17", 1794873600 * S},
		{"2026-11-17T14:00", 1794924000 * S},
		{"2026-11-17T14:00Z", 1794924000 * S},
		{"2026-11-17T14:00:00", 1794924000 * S},
		{"2026-11-17T14:00:59Z", 1794924059 * S},
		{"2100-03-01T00:00:00Z", 4107542400 * S},
		{"9999-12-31T23:59:59Z", 253402300799 * S},
	};
	uint64_t us;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		us = 1;
		assert_null(ofl_timetext_parse(rows[i].text, NOW, &us));
		assert_int_equal(us, rows[i].us);
	}
}

/* Every day of a century as the C library has it. */
static void days_agree_with_the_library(void **state)
{
	char text[32];
	struct tm tm;
	uint64_t us;

	for (time_t t = 0; t < 3155760000; t += 86400) {
		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		assert_null(ofl_timetext_parse(text, NOW, &us));
		assert_int_equal(us, (uint64_t)t * S);
	}
}

static void ago(void **state)
{
	static const struct {
		const char *text;
		uint64_t s;
	} rows[] = {
		{"0s", 0},	    {"45s", 45},       {"30m", 1800},
		{"12h", 12 * 3600}, {"3d", 3 * 86400}, {"007d", 7 * 86400},
	};
	uint64_t us;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(ofl_timetext_parse(rows[i].text, NOW, &us));
		assert_int_equal(us, NOW - rows[i].s * S);
	}
	/* From the beginning, not round the end. */
	assert_null(ofl_timetext_parse("1000000000d", NOW, &us));
	assert_int_equal(us, 0);
	assert_null(ofl_timetext_parse("2s", 1 * S, &us));
	assert_int_equal(us, 0);
}

static void nonsense(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "not a time; write 2026-11-17, "},
		{"yesterday", "not a time"},
		{"3", "not a time"},
		{"3w", "not a time"},
		{"3d ", "not a time"},
		{"3dd", "not a time"},
		{"-3d", "not a time"},
		{"+3d", "not a time"},
		{" 3d", "not a time"},
		{"d", "not a time"},
		{"1000000001s", "too long ago"},
		{"99999999999999999999999999s", "too long ago"},
		{"2026-11", "not a time"},
		{"2026-1-1", "not a time"},
		{"26-11-17", "not a time"},
		{"2026-11-17T", "not a time"},
		{"2026-11-17T14", "not a time"},
		{"2026-11-17T14:0", "not a time"},
		{"2026-11-17T14:00:", "not a time"},
		{"2026-11-17T14:00:5", "not a time"},
		{"2026-11-17 14:00", "not a time"},
		{"2026-11-17Z", "not a time"},
		{"2026-11-17T14:00ZZ", "not a time"},
		{"2026-11-17T14:00+01:00", "not a time"},
		{"2026-11-17t14:00", "not a time"},
		{"12345-01-01", "not a time"},
		{"1969-12-31", "before 1970"},
		{"2026-13-01", "calendar"},
		{"2026-00-01", "calendar"},
		{"2026-01-00", "calendar"},
		{"2026-02-29", "calendar"},
		{"2100-02-29", "calendar"},
		{"2026-04-31", "calendar"},
		{"2026-11-17T24:00", "time of the day"},
		{"2026-11-17T23:60", "time of the day"},
		{"2026-11-17T23:59:60", "time of the day"},
	};
	const char *why;
	uint64_t us;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		us = 42;
		why = ofl_timetext_parse(rows[i].text, NOW, &us);
		if (!why || !strstr(why, rows[i].why))
			fail_msg("\"%s\": %s", rows[i].text, why ? why : "-");
		assert_int_equal(us, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(days_agree_with_the_library),
		cmocka_unit_test(ago),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
