// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A database that somebody else wrote into: numbers, gaps and rows the store
 * itself never leaves.  Nothing crashes, nothing spins, and what cannot be gone
 * on with is set aside as a corrupt file is.
 */
#include "tests/unit/store_fixture.h"

/* Not so old that it goes for its age: the year 2100. */
#define FUTURE "4102444800000000"

static void exec_in(const char *path, const char *sql)
{
	sqlite3 *db = db_open(path);

	db_exec(db, sql);
	sqlite3_close(db);
}

/* Somebody wrote numbers into the file from which no one could count on. */
static void numbers_nobody_gave(void **state)
{
	static const char *const sql[] = {
		"INSERT INTO event VALUES (9223372036854775807, 1, 'x', NULL,"
		" 0, 0, NULL)",
		"INSERT INTO event VALUES (-5, 1, 'x', NULL, 0, 0, NULL)",
		"REPLACE INTO meta VALUES ('last_history_seq', -1)",
		"REPLACE INTO meta VALUES ('last_flow_id', -1)",
		"REPLACE INTO meta VALUES ('generation', 9223372036854775807)",
	};
	char name[16];
	uint64_t first;

	for (size_t i = 0; i < array_size(sql); i++) {
		struct ofl_store_conf conf;
		struct ofl_store *s;

		snprintf(name, sizeof(name), "db%zu", i);
		conf = conf_make(in_dir(name));
		store_close(store_start(&conf, NULL));
		exec_in(conf.path, sql[i]);
		s = store_start(&conf, &first);
		assert_true(first > 0 && first <= INT64_MAX);
		put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
		wait_written(s);
		wait_until(s, told.corrupt[0] && told.state == OFL_STORE_OK);
		assert_non_null(strstr(told.corrupt, "never gives"));
		store_close(s);
		assert_int_equal(
			file_int(conf.path, "SELECT max(seq) FROM history"), 1);
	}
}

/* Rows with a gap, which no store leaves: cutting does not walk through it. */
static void gap_is_crossed(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store *s;

	conf.history_max = 10;
	store_close(store_start(&conf, NULL));
	exec_in(conf.path,
		"INSERT INTO event VALUES (1, " FUTURE ", 'x', NULL, 0, 0,"
		" NULL), (1099511627776, " FUTURE ", 'x', NULL, 0, 0, NULL)");
	s = store_start(&conf, NULL);
	wait_until(s, file_int(conf.path, "SELECT min(seq) FROM event") ==
			      1099511627776);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	/* It would not come to the end of what is due before its end. */
	wait_written(s);
	ofl_store_free(s, DEADLINE_S * 1000);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM event"), 1);
}

/* Texts that are missing, numbers that are texts: no row is a trap. */
static bool look_at_row(const struct ofl_history_row *row, void *arg)
{
	const char *const all[] = {row->vrf, row->prefix, row->from,
				   row->to,  row->reason, row->cls};

	for (size_t i = 0; i < array_size(all); i++)
		assert_string_equal(all[i], "");
	++*(int *)arg;
	return true;
}

static void rows_of_somebody_else(void **state)
{
	const char *path = in_dir("db"), *error = NULL;
	struct ofl_history_query q = {.limit = 5};
	struct ofl_store *s;
	int rows = 0;

	store_close(store_open(path));
	exec_in(path,
		"DROP VIEW v_history; DROP TABLE history;"
		"CREATE TABLE history (seq, at_us, flow_id, prefix, vrf,"
		" from_state, to_state, reason, class, rule, hw_table, op,"
		" text); INSERT INTO history (seq, at_us) VALUES (1, " FUTURE
		")");
	s = store_open(path);
	assert_int_equal(ofl_store_history(s, &q, look_at_row, &rows, &error),
			 0);
	assert_int_equal(rows, 1);
	store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_nobody_gave),
		TEST(gap_is_crossed),
		TEST(rows_of_somebody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
