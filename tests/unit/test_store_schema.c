// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ladder of schema versions: an empty file and an older one become
 * current with their rows, a rung that breaks leaves the file as it was.
 */
#include "tests/unit/store_fixture.h"

#include "offloadd/store/schema.h"

static const char *const sql[OFL_SCHEMA_SQL_MAX] = {OFL_SCHEMA_SQL};

/* Versions that are not, to climb on. */
static const char *const longer[] = {
	"CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value INTEGER);"
	"CREATE TABLE t (a TEXT);",
	"ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 5;",
	"CREATE TABLE u AS SELECT a || b AS ab FROM t;",
};
static const char *const broken[] = {
	"CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value INTEGER);"
	"CREATE TABLE t (a TEXT);",
	"ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 5;",
	"DROP TABLE t; CREATE TABLE u AS SELECT nowhere FROM t;",
};

static bool climb(const char *path, const char *const *ladder, int rungs,
		  struct ofl_sqldb_error *ret_error)
{
	struct ofl_sqldb_conf conf = {
		.path = path,
		.busy_ms = 1000,
		.app_id = OFL_STORE_APP_ID,
		.sql = sql,
		.sql_count = OFL_SCHEMA_SQL_MAX,
	};
	struct ofl_sqldb *db = ofl_sqldb_new(&conf, ret_error);
	bool ok;

	assert_non_null(db);
	ok = ofl_schema_upgrade(db, ladder, rungs, ret_error);
	ofl_sqldb_free(db);
	return ok;
}

static void empty_file_becomes_current(void **state)
{
	static const char *const objects[] = {
		"event",	  "flow",	    "history",	"history_at",
		"history_prefix", "mark",	    "meta",	"table_sample",
		"v_event",	  "v_eviction",	    "v_flow",	"v_history",
		"v_hour",	  "v_reason_count", "v_sample",
	};
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;

	fclose(fopen(path, "w"));
	for (int i = 0; i < 2; i++) {
		assert_true(climb(path, ofl_schema_ladder, OFL_STORE_SCHEMA,
				  &error));
		assert_file_text(path,
				 "SELECT value FROM meta WHERE key = 'schema'",
				 "5");
		assert_file_text(path, "PRAGMA journal_mode", "wal");
		for (size_t k = 0; k < array_size(objects); k++) {
			assert_int_equal(
				file_int_of(
					path,
					"SELECT count(*) FROM sqlite_schema "
					"WHERE name = ?",
					objects[k]),
				1);
		}
	}
	assert_file_text(path, "SELECT stale, since, since_us FROM v_flow", "");
	assert_file_text(path, "SELECT at, at_us FROM v_history", "");
	assert_file_text(path, "SELECT at, at_us FROM v_event", "");
	assert_file_text(path, "SELECT at, at_us FROM v_sample", "");
	assert_int_equal(file_int(path, "PRAGMA application_id"),
			 OFL_STORE_APP_ID);
}

/* From each version to each later one, rows kept. */
static void older_file_becomes_current(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	sqlite3 *db;

	for (int from = 1; from <= 3; from++) {
		assert_true(climb(path, longer, from, &error));
		db = db_open(path);
		db_exec(db, "INSERT INTO t (a) VALUES ('x')");
		sqlite3_close(db);
		assert_true(climb(path, longer, 3, &error));
		assert_int_equal(file_int(path, "SELECT value FROM meta WHERE "
						"key = 'schema'"),
				 3);
		assert_file_text(path, "SELECT a || b FROM t", "x5");
		/* Only the missing rungs ran: the last one copies. */
		assert_file_text(path, "SELECT ab FROM u",
				 from < 3 ? "x5" : "");
		/* and going down is refused */
		assert_false(climb(path, longer, 2, &error));
		assert_int_equal(error.status, OFL_SQLDB_FOREIGN);
		assert_int_equal(remove(path), 0);
	}
}

/* A file of the first version gets its table of marks, and keeps the rest. */
static void first_version_gets_marks(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	sqlite3 *db;

	assert_true(climb(path, ofl_schema_ladder, 1, &error));
	assert_file_text(path,
			 "SELECT count(*) FROM sqlite_schema "
			 "WHERE name = 'mark'",
			 "0");
	db = db_open(path);
	db_exec(db, "INSERT INTO event (seq, at_us, kind, used_slots,"
		    " capacity_slots) VALUES (1, 2, 'start', 3, 4)");
	sqlite3_close(db);
	assert_true(climb(path, ofl_schema_ladder, OFL_STORE_SCHEMA, &error));
	assert_file_text(path, "SELECT kind FROM event", "start");
	assert_file_text(path, "SELECT count(*) FROM mark", "0");
	db = db_open(path);
	db_exec(db, "INSERT INTO mark VALUES ('T', 'A', 'any', 7)");
	assert_int_not_equal(
		sqlite3_exec(db, "INSERT INTO mark VALUES ('T', 'A', 'any', 8)",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

/* A file of the third version gets samples, and keeps its history. */
static void third_version_gets_samples(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	struct ofl_store_sample e = {
		.at_us = (uint64_t)time(NULL) * 1000000,
		.table = "main",
		.used_slots = 7,
		.admission = "open",
		.answered_permille = OFL_STORE_UNKNOWN,
	};
	struct ofl_store *s;
	sqlite3 *db;

	assert_true(climb(path, ofl_schema_ladder, 3, &error));
	db = db_open(path);
	db_exec(db, "INSERT INTO event (seq, at_us, kind, used_slots,"
		    " capacity_slots) VALUES (1, strftime('%s', 'now') * "
		    "1000000, 'start',"
		    " 3, 4)");
	db_exec(db, "INSERT INTO meta VALUES ('last_event_seq', 1)");
	sqlite3_close(db);
	s = store_open(path);
	assert_true(ofl_store_put_sample(s, &e));
	store_close(s);
	assert_file_text(path, "SELECT kind FROM event", "start");
	assert_file_text(path,
			 "SELECT seq || hw_table || used_slots || admission"
			 " FROM table_sample WHERE answered_permille IS NULL",
			 "1main7open");
	assert_file_text(path, "SELECT count(*) FROM v_sample", "1");
}

/* A file of the fourth version gets a column, and keeps its flows. */
static void fourth_version_gets_traffic(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	struct ofl_store *s;
	sqlite3 *db;

	assert_true(climb(path, ofl_schema_ladder, 4, &error));
	db = db_open(path);
	db_exec(db, "INSERT INTO flow VALUES (7, '192.0.2.0/24', 'default',"
		    " 'offloaded', 'admitted', 'best-effort', 'main', 'bgp',"
		    " 10, 3, 1, NULL, 0)");
	sqlite3_close(db);
	s = store_open(path);
	store_close(s);
	assert_file_text(path,
			 "SELECT prefix || weight FROM v_flow"
			 " WHERE traffic IS NULL AND flow_id = 7",
			 "192.0.2.0/243");
	assert_file_text(path, "SELECT count(*) FROM v_reason_count", "0");
}

static void broken_rung_changes_nothing(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	sqlite3 *db;

	assert_true(climb(path, broken, 1, &error));
	db = db_open(path);
	db_exec(db, "INSERT INTO t (a) VALUES ('x')");
	sqlite3_close(db);
	assert_false(climb(path, broken, 3, &error));
	assert_int_equal(error.status, OFL_SQLDB_ERROR);
	assert_int_equal(file_int(path, "SELECT value FROM meta WHERE "
					"key = 'schema'"),
			 1);
	assert_file_text(path, "SELECT a FROM t", "x");
	assert_file_text(path, "SELECT count(*) FROM pragma_table_info('t')",
			 "1");
	/* With a sound ladder it goes on. */
	assert_true(climb(path, longer, 3, &error));
	assert_file_text(path, "SELECT ab FROM u", "x5");
}

static void file_without_a_version(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	sqlite3 *db;

	assert_true(climb(path, ofl_schema_ladder, OFL_STORE_SCHEMA, &error));
	db = db_open(path);
	db_exec(db, "DELETE FROM meta WHERE key = 'schema'");
	sqlite3_close(db);
	assert_false(climb(path, ofl_schema_ladder, OFL_STORE_SCHEMA, &error));
	assert_int_equal(error.status, OFL_SQLDB_ERROR);
	assert_non_null(strstr(error.text, "schema version"));
}

/* The index does what it is for, in both questions about a prefix. */
static void prefix_is_looked_up(void **state)
{
	const char *path = in_dir("db");
	struct ofl_sqldb_error error;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_true(climb(path, ofl_schema_ladder, OFL_STORE_SCHEMA, &error));
	db = db_open(path);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "EXPLAIN QUERY PLAN SELECT * FROM "
					    "v_history WHERE prefix = ?1 "
					    "ORDER BY seq DESC",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_non_null(strstr((const char *)sqlite3_column_text(stmt, 3),
			       "USING INDEX history_prefix (prefix=?)"));
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE); /* no sorting */
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_file_becomes_current),
		TEST(older_file_becomes_current),
		TEST(first_version_gets_marks),
		TEST(third_version_gets_samples),
		TEST(fourth_version_gets_traffic),
		TEST(broken_rung_changes_nothing),
		TEST(file_without_a_version),
		TEST(prefix_is_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
