// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the store keeps: by size, by an age that no clock's jump can fool, and
 * found again by time; words from outside stay words.
 */
#include "tests/unit/store_fixture.h"

#include "lib/clock.h"
#include "offloadd/store/age.h"

#define HOUR_US 3600000000ull
#define T0 1700000000000000ull
#define MIB 1048576

/* --- the time of ages --- */

struct age_step {
	int64_t mono_h, wall_h; /* hours since the start */
	int64_t expect_h;
};

static void age_walk(const struct age_step *steps, size_t n)
{
	struct ofl_age a;

	ofl_age_init(&a, 0, 5, T0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ofl_age_now(&a, 5 + steps[i].mono_h * HOUR_US,
					     T0 + steps[i].wall_h * HOUR_US),
				 T0 + steps[i].expect_h * HOUR_US);
}

static void age_of_a_clock_that_jumps(void **state)
{
	static const struct age_step calm[] = {
		{0, 0, 0}, {1, 1, 1}, {50, 50, 50}, {50, 51, 51}, {51, 51, 51}};
	/* a month ahead for twenty hours, and back */
	static const struct age_step ahead_and_back[] = {{1, 1, 1},
							 {2, 722, 2},
							 {21, 741, 21},
							 {22, 22, 22},
							 {23, 23, 23}};
	/* a month ahead, and right: believed after a day */
	static const struct age_step ahead[] = {
		{1, 721, 1}, {24, 744, 24}, {25, 745, 745}, {26, 746, 746}};
	/* ahead, and set again: it takes a day from there */
	static const struct age_step ahead_twice[] = {{1, 721, 1},
						      {20, 1440, 20},
						      {26, 1446, 26},
						      {43, 1463, 43},
						      {44, 1464, 1464}};
	/* behind at once; back from there is a jump like others */
	static const struct age_step behind[] = {
		{1, 1, 1}, {2, -700, -700}, {3, -699, -699}, {4, 4, -698}};

#define WALK(s) age_walk(s, array_size(s))
	WALK(calm);
	WALK(ahead_and_back);
	WALK(ahead);
	WALK(ahead_twice);
	WALK(behind);
}

static void age_goes_on_from_the_file(void **state)
{
	struct ofl_age a;

	/* off for a moment; for a week; a clock that is behind */
	ofl_age_init(&a, T0, 9, T0 + 60000000);
	assert_int_equal(ofl_age_now(&a, 9, T0 + 60000000), T0 + 60000000);
	ofl_age_init(&a, T0, 9, T0 + 168 * HOUR_US);
	assert_int_equal(ofl_age_now(&a, 9, T0 + 168 * HOUR_US), T0);
	assert_int_equal(ofl_age_now(&a, 9 + 24 * HOUR_US, T0 + 192 * HOUR_US),
			 T0 + 192 * HOUR_US);
	ofl_age_init(&a, T0, 9, T0 - HOUR_US);
	assert_int_equal(ofl_age_now(&a, 9, T0 - HOUR_US), T0 - HOUR_US);
}

static void put_at(struct ofl_store *s, uint32_t i, uint64_t at_us)
{
	struct ofl_store_flow f =
		flow_make(i, OFL_STATE_WAITING, OFL_STATE_SENT);

	f.at_us = at_us;
	assert_true(ofl_store_put_flow(s, &f));
}

/* A clock that jumps by a year and back, through a restart too, costs nothing;
 * ages are counted all the same. */
static void jumps_delete_nothing_young(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	uint64_t now = (uint64_t)time(NULL) * 1000000;
	struct ofl_store *s;

	conf.history_days = 30;
	ofl_clock_set(1000000, now);
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 100; i++)
		put_at(s, i, now - (i < 50 ? 20 : 1) * DAY_US);
	wait_written(s);
	for (int run = 0; run < 2; run++) {
		ofl_clock_set(2000000, now + 365 * DAY_US);
		put_at(s, 200 + 3 * run, now + 365 * DAY_US);
		wait_written(s);
		store_close(s);
		s = store_start(&conf, NULL);
		put_at(s, 201 + 3 * run, now + 365 * DAY_US);
		wait_written(s);
		ofl_clock_set(3000000, now);
		put_at(s, 202 + 3 * run, now);
		wait_written(s);
	}
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 106);
	/* Behind by a year, and back: nothing either. */
	ofl_clock_set(4000000, now - 365 * DAY_US);
	put_at(s, 500, now - 365 * DAY_US);
	wait_written(s);
	ofl_clock_set(5000000, now);
	put_at(s, 501, now);
	wait_written(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 108);
	/* Eleven true days later the first fifty are too old.  The clock went
	 * back a year ago, so it is not believed before it stood for a day. */
	ofl_clock_set(5000000, now + 11 * DAY_US);
	put_at(s, 502, now + 11 * DAY_US);
	wait_written(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 109);
	ofl_clock_set(5000000 + DAY_US, now + 12 * DAY_US);
	put_at(s, 503, now + 12 * DAY_US);
	wait_written(s);
	wait_until(s,
		   file_int(conf.path, "SELECT count(*) FROM history") == 60);
	store_close(s);
	ofl_clock_set(0, 0);
	/* Numbers are in the order of writing, whatever the clock said. */
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history AS a"
					     " JOIN history AS b"
					     " ON b.seq = a.seq + 1"
					     " AND b.flow_id > a.flow_id"),
			 59);
}

/* --- size --- */

static void bulk(struct ofl_store *s, uint32_t first, uint32_t n)
{
	struct ofl_store_event e = {.kind = "settled"};
	struct ofl_store_flow f;
	char text[300];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (uint32_t i = first; i < first + n; i++) {
		f = flow_make((i * 7919u) % 500, OFL_STATE_WAITING,
			      OFL_STATE_SENT);
		f.text = text;
		/* (a second each, so that order by time is order) */
		f.at_us = (T0 / 1000000 + i) * 1000000;
		assert_true(ofl_store_put_flow(s, &f));
		e.at_us = f.at_us;
		if (i % 10 == 0)
			assert_true(ofl_store_put_event(s, &e));
	}
	wait_until(s, stats_of(s).queued == 0);
}

static void size_is_bounded(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store *s;
	long pages, later;

	conf.size_max_mb = 4;
	conf.history_days = 0;
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 20; i++)
		bulk(s, i * 1000, 1000);
	pages = file_int(conf.path, "PRAGMA page_count");
	/* the bound, and what a batch may bring */
	assert_uint_in_range(pages * 4096, 3 * MIB, 6 * MIB);
	/* As much again and again: the file has stopped growing. */
	for (uint32_t i = 20; i < 80; i++)
		bulk(s, i * 1000, 1000);
	later = file_int(conf.path, "PRAGMA page_count");
	assert_true(later * 4096 <= 6 * MIB);
	/* The newest are there without a gap, of events those of that time;
	 * and every flow. */
	assert_int_equal(file_int(conf.path, "SELECT max(at_us) FROM history") /
				 1000000,
			 T0 / 1000000 + 79999);
	assert_int_equal(file_int(conf.path, "SELECT max(seq) - min(seq) + 1 ="
					     " count(*) AND count(*) > 3000"
					     " FROM history"),
			 1);
	assert_int_equal(file_int(conf.path,
				  "SELECT (SELECT min(at_us) FROM event) >="
				  " (SELECT min(at_us) FROM history)"
				  " AND (SELECT count(*) FROM event) > 300"),
			 1);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM flow"), 500);
	/* A smaller bound takes effect; space is free then, not given back. */
	conf.size_max_mb = 2;
	ofl_store_conf_set(s, &conf);
	bulk(s, 80000, 10);
	wait_until(s, file_int(conf.path,
			       "SELECT (SELECT page_count FROM"
			       " pragma_page_count) - (SELECT freelist_count"
			       " FROM pragma_freelist_count)") <= 512);
	assert_true(file_int(conf.path, "SELECT count(*) FROM history") > 500);
	store_close(s);
	assert_file_text(conf.path, "PRAGMA integrity_check", "ok");
}

/* Flows alone are more than may be: their decisions stay, and the writer does
 * not spin over what it cannot delete. */
static void flows_are_not_history(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store *s;

	conf.size_max_mb = 1;
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 30000; i++)
		restate(s, i, OFL_STATE_OFFLOADED);
	put(s, 1, OFL_STATE_WAITING, OFL_STATE_SENT);
	wait_written(s);
	wait_until(s, file_int(conf.path, "SELECT count(*) FROM history") == 0);
	store_close(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM flow"),
			 30000);
}

/* --- samples --- */

static void sample_at(struct ofl_store *s, uint32_t used, uint64_t at_us)
{
	struct ofl_store_sample e = {
		.at_us = at_us,
		.table = "main",
		.used_slots = used,
		.list_slots = 1,
		.capacity_slots = 100,
		.high_slots = 97,
		.low_slots = 90,
		.admission = "open",
		.answered_permille = used % 2 ? OFL_STORE_UNKNOWN : used,
	};

	assert_true(ofl_store_put_sample(s, &e));
}

/* Kept as history is, by rows, by age and until they are cleared; and what is
 * not known is not the number of the row before. */
static void samples_are_bounded(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	uint64_t now = (uint64_t)time(NULL) * 1000000;
	struct ofl_store *s;

	conf.history_max = 50;
	conf.history_days = 30;
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 80; i++)
		sample_at(s, i, now - (i < 60 ? 40 : 1) * DAY_US);
	wait_written(s);
	wait_until(s, file_int(conf.path,
			       "SELECT count(*) FROM table_sample") == 20);
	assert_file_text(conf.path,
			 "SELECT min(seq) || ' ' || max(seq) || ' ' ||"
			 " min(used_slots) || ' ' || count(answered_permille)"
			 " || ' ' || min(list_slots) || max(capacity_slots) ||"
			 " max(high_slots) || max(low_slots) FROM table_sample",
			 "61 80 60 10 11009790");
	store_close(s);
	/* Numbers go on; the bound of rows. */
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 60; i++)
		sample_at(s, i, now);
	wait_written(s);
	wait_until(s, file_int(conf.path,
			       "SELECT count(*) FROM table_sample") == 50);
	assert_int_equal(
		file_int(conf.path, "SELECT max(seq) FROM table_sample"), 140);
	ofl_store_clear_history(s, UINT64_MAX);
	wait_until(s, file_int(conf.path,
			       "SELECT count(*) FROM table_sample") == 0);
	store_close(s);
}

/* --- questions about a time --- */

static struct {
	uint32_t count;
	uint64_t id[400];
	char text[400];
} found;

static bool on_row(const struct ofl_history_row *r, void *arg)
{
	if (found.count < 400)
		found.id[found.count] = r->flow_id;
	found.count++;
	snprintf(found.text, sizeof(found.text), "%s|%s|%s", r->vrf,
		 r->table ? r->table : "-", r->text ? r->text : "-");
	return true;
}

static uint32_t ask(struct ofl_store *s, struct ofl_history_query q)
{
	const char *error = "not set";

	memset(&found, 0, sizeof(found));
	assert_int_equal(ofl_store_history(s, &q, on_row, NULL, &error), 0);
	assert_null(error);
	return found.count;
}

static void since_and_until(void **state)
{
	struct ofl_store *s = store_open(in_dir("db"));
	uint64_t now = (uint64_t)time(NULL) * 1000000;

	/* An hour apart; then the clock was wrong, and behind, for a while. */
	for (uint32_t i = 0; i < 100; i++)
		put_at(s, i % 10, now - (100 - i) * HOUR_US);
	for (uint32_t i = 0; i < 50; i++)
		put_at(s, 20, i + 1);
	put_at(s, 30, now);
	wait_written(s);
	assert_int_equal(ask(s, (struct ofl_history_query){0}), 151);
	/* since: what is behind the wrong time is found */
	assert_int_equal(
		ask(s,
		    (struct ofl_history_query){.since_us = now - 5 * HOUR_US}),
		6);
	assert_int_equal(found.id[0], 31);
	assert_int_equal(found.id[1], 10);
	assert_int_equal(
		ask(s,
		    (struct ofl_history_query){.since_us = now - 5 * HOUR_US,
					       .until_us = now - 2 * HOUR_US}),
		3);
	assert_int_equal(found.id[0], 8);
	assert_int_equal(ask(s, (struct ofl_history_query){.until_us = 51}),
			 50);
	assert_int_equal(ask(s, (struct ofl_history_query){.until_us = 1}), 0);
	assert_int_equal(
		ask(s, (struct ofl_history_query){.since_us = UINT64_MAX}), 0);
	/* of a prefix */
	assert_int_equal(
		ask(s,
		    (struct ofl_history_query){.prefix = "10.0.9.0/24",
					       .since_us = now - 21 * HOUR_US,
					       .until_us = now - 1 * HOUR_US}),
		2);
	assert_int_equal(
		ask(s, (struct ofl_history_query){.prefix = "10.0.20.0/24",
						  .since_us = 10,
						  .limit = 7}),
		7);
	store_close(s);
}

/* --- words from outside --- */

static void words_stay_words(void **state)
{
	static const char *const words[] = {
		"it's",
		"\"",
		"'; DROP TABLE history; --",
		"100%s%n%d",
		"a\nb\r\tc",
		"--",
		"/* */",
		"?1",
		":x",
		"\\",
		"\xc3\xa4\xff",
		"' OR 1=1 --",
		"`[x]`",
		"",
	};
	struct ofl_store *s = store_open(in_dir("db"));
	struct ofl_store_event e = {.kind = "settled"};
	char expect[400];

	for (size_t i = 0; i < array_size(words); i++) {
		struct ofl_store_flow f =
			flow_make(i, OFL_STATE_WAITING, OFL_STATE_SENT);
		struct ofl_store_mark m = {words[i], words[i], words[i], i + 1};

		f.vrf = f.table = f.text = words[i];
		e.table = e.text = words[i];
		e.at_us = f.at_us;
		assert_true(ofl_store_put_flow(s, &f));
		assert_true(ofl_store_put_event(s, &e));
		assert_true(ofl_store_put_mark(s, &m));
	}
	wait_written(s);
	for (size_t i = 0; i < array_size(words); i++) {
		/* found by the very word, and nothing else is */
		assert_int_equal(
			ask(s, (struct ofl_history_query){.vrf = words[i]}), 1);
		assert_int_equal(found.id[0], i + 1);
		snprintf(expect, sizeof(expect), "%s|%s|%s", words[i], words[i],
			 words[i]);
		assert_string_equal(found.text, expect);
		assert_int_equal(
			ask(s, (struct ofl_history_query){.prefix = words[i]}),
			0);
	}
	store_close(s);
	for (size_t i = 0; i < array_size(words); i++) {
		const char *path = in_dir("db");

		assert_int_equal(file_int_of(path,
					     "SELECT count(*) FROM event"
					     " WHERE hw_table = ?1"
					     " AND text = ?1",
					     words[i]),
				 1);
		assert_int_equal(file_int_of(path,
					     "SELECT mark FROM mark WHERE"
					     " hw_table = ?1 AND list = ?1"
					     " AND part = ?1",
					     words[i]),
				 i + 1);
		assert_int_equal(file_int_of(path,
					     "SELECT flow_id FROM flow WHERE"
					     " hw_table = ?1 AND text = ?1",
					     words[i]),
				 i + 1);
	}
	assert_file_text(in_dir("db"), "PRAGMA integrity_check", "ok");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(age_of_a_clock_that_jumps),
		TEST(age_goes_on_from_the_file),
		TEST(jumps_delete_nothing_young),
		TEST(size_is_bounded),
		TEST(samples_are_bounded),
		TEST(flows_are_not_history),
		TEST(since_and_until),
		TEST(words_stay_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
