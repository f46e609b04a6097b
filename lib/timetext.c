// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times as typed into microseconds since 1970; see timetext.h.
 *
 * The calendar is computed here: timegm() takes the 31st of February for the
 * 3rd of March, and depends on the size of time_t.
 */
#include "lib/timetext.h"

#include <stdbool.h>
#include <stddef.h>

#define SECOND_US 1000000ull
#define DAY_S 86400ull

static const char not_a_time[] = "not a time; write " OFL_TIMETEXT_FORMS;

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly `digits` digits. */
static bool number(const char **at, int digits, unsigned int *ret)
{
	unsigned int v = 0;

	for (int i = 0; i < digits; i++) {
		if (!is_digit((*at)[i]))
			return false;
		v = v * 10 + (unsigned int)((*at)[i] - '0');
	}
	*at += digits;
	*ret = v;
	return true;
}

static bool literal(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned int month_days(unsigned int year, unsigned int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
				       31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01. */
static uint64_t day_number(unsigned int year, unsigned int month,
			   unsigned int day)
{
	uint64_t days = day - 1;

	for (unsigned int y = 1970; y < year; y++)
		days += is_leap(y) ? 366 : 365;
	for (unsigned int m = 1; m < month; m++)
		days += month_days(year, m);
	return days;
}

/* YYYY-MM-DD[THH:MM[:SS][Z]] */
static const char *parse_date(const char *at, uint64_t *ret_us)
{
	unsigned int year, month, day, hour = 0, minute = 0, second = 0;

	if (!number(&at, 4, &year) || !literal(&at, '-') ||
	    !number(&at, 2, &month) || !literal(&at, '-') ||
	    !number(&at, 2, &day))
		return not_a_time;
	if (literal(&at, 'T')) {
		if (!number(&at, 2, &hour) || !literal(&at, ':') ||
		    !number(&at, 2, &minute))
			return not_a_time;
		if (literal(&at, ':') && !number(&at, 2, &second))
			return not_a_time;
		literal(&at, 'Z');
	}
	if (*at)
		return not_a_time;
	if (year < 1970)
		return "before 1970";
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return "not a day of the calendar";
	if (hour > 23 || minute > 59 || second > 59)
		return "not a time of the day (00:00:00 to 23:59:59)";
	*ret_us = (day_number(year, month, day) * DAY_S + hour * 3600 +
		   minute * 60 + second) *
		  SECOND_US;
	return NULL;
}

/* <number><unit> ago */
static const char *parse_ago(const char *at, uint64_t now_us, uint64_t *ret_us)
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_S}};
	uint64_t n = 0;

	for (; is_digit(*at); at++) {
		n = n * 10 + (uint64_t)(*at - '0');
		if (n > 1000000000)
			return "too long ago";
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (at[0] != units[i].letter || at[1])
			continue;
		n *= units[i].seconds * SECOND_US;
		*ret_us = n < now_us ? now_us - n : 0;
		return NULL;
	}
	return not_a_time;
}

const char *ofl_timetext_parse(const char *text, uint64_t now_us,
			       uint64_t *ret_us)
{
	size_t digits = 0;

	while (is_digit(text[digits]))
		digits++;
	if (!digits)
		return not_a_time;
	if (text[digits] == '-')
		return parse_date(text, ret_us);
	return parse_ago(text, now_us, ret_us);
}
