// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SQLite handle: a transaction keeps its first error and undoes itself,
 * strangers' files are left alone, waiting and looking have an end.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/sqldb.h"

#define APP_ID 0x74657374

enum { MAKE, ADD, GET, COUNT, FOREVER, NONSENSE, SQL_MAX };
static const char *const sql[SQL_MAX] = {
	[MAKE] = "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL)",
	[ADD] = "INSERT INTO t (k, v) VALUES (?1, ?2)",
	[GET] = "SELECT k, v FROM t ORDER BY k",
	[COUNT] = "SELECT count(*) FROM t",
	[FOREVER] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
		    " FROM n) SELECT count(*) FROM n",
	[NONSENSE] = "SELECT x FROM nowhere",
};

static char dir[128], path[160];

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/ofl-sqldb-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/db", dir);
	return 0;
}

static int teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char name[200];

	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		remove(name);
	}
	return rmdir(dir);
}

static struct ofl_sqldb *try_open(bool read_only, struct ofl_sqldb_error *error)
{
	struct ofl_sqldb_conf conf = {
		.path = path,
		.read_only = read_only,
		.busy_ms = 50,
		.app_id = APP_ID,
		.sql = sql,
		.sql_count = SQL_MAX,
	};

	memset(error, 0, sizeof(*error));
	return ofl_sqldb_new(&conf, error);
}

/* Open, ours, with its table. */
static struct ofl_sqldb *open_made(void)
{
	struct ofl_sqldb_error error;
	struct ofl_sqldb *db = try_open(false, &error);

	assert_non_null(db);
	assert_true(ofl_sqldb_own(db, &error));
	assert_true(ofl_sqldb_begin(db));
	ofl_sqldb_run(db, MAKE);
	assert_true(ofl_sqldb_commit(db, &error));
	return db;
}

static void add(struct ofl_sqldb *db, int64_t k, const char *v)
{
	ofl_sqldb_bind_int(db, ADD, 1, k);
	ofl_sqldb_bind_text(db, ADD, 2, v);
	ofl_sqldb_run(db, ADD);
}

static int64_t count(struct ofl_sqldb *db)
{
	int64_t n = -1;

	if (ofl_sqldb_step(db, COUNT))
		n = ofl_sqldb_col_int(db, COUNT, 0);
	ofl_sqldb_end(db, COUNT);
	return n;
}

static void plain(const char *script)
{
	sqlite3 *raw = NULL;

	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, script, NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(raw);
}

/* --- tests --- */

static void rows_come_back(void **state)
{
	struct ofl_sqldb *db = open_made();
	struct ofl_sqldb_error error;

	assert_true(ofl_sqldb_begin(db));
	add(db, INT64_MAX, "last");
	add(db, -1, "it's; DROP TABLE t --");
	assert_true(ofl_sqldb_commit(db, &error));
	assert_true(ofl_sqldb_step(db, GET));
	assert_int_equal(ofl_sqldb_col_int(db, GET, 0), -1);
	assert_string_equal(ofl_sqldb_col_text(db, GET, 1),
			    "it's; DROP TABLE t --");
	assert_true(ofl_sqldb_step(db, GET));
	assert_int_equal(ofl_sqldb_col_int(db, GET, 0), INT64_MAX);
	assert_false(ofl_sqldb_step(db, GET));
	/* ready for another round */
	assert_true(ofl_sqldb_step(db, GET));
	ofl_sqldb_end(db, GET);
	ofl_sqldb_free(db);
}

static void first_error_is_kept(void **state)
{
	struct ofl_sqldb *db = open_made();
	struct ofl_sqldb_error error;

	assert_true(ofl_sqldb_begin(db));
	add(db, 1, "one");
	add(db, 1, "again");
	add(db, 2, NULL); /* another error, an echo */
	add(db, 3, "not done any more");
	assert_int_equal(ofl_sqldb_error(db)->status, OFL_SQLDB_ERROR);
	assert_false(ofl_sqldb_commit(db, &error));
	assert_non_null(strstr(error.text, "UNIQUE"));
	/* all undone; the next transaction starts afresh */
	assert_true(ofl_sqldb_begin(db));
	assert_int_equal(count(db), 0);
	add(db, 1, "one");
	assert_true(ofl_sqldb_commit(db, &error));
	assert_int_equal(count(db), 1);
	ofl_sqldb_free(db);
}

static void callers_error_and_abort(void **state)
{
	struct ofl_sqldb *db = open_made();
	struct ofl_sqldb_error error;

	ofl_sqldb_begin(db);
	add(db, 1, "one");
	ofl_sqldb_fail(db, OFL_SQLDB_FULL, "mine");
	assert_false(ofl_sqldb_commit(db, &error));
	assert_int_equal(error.status, OFL_SQLDB_FULL);
	assert_string_equal(error.text, "mine");
	ofl_sqldb_begin(db);
	add(db, 2, "two");
	ofl_sqldb_abort(db);
	ofl_sqldb_begin(db);
	ofl_sqldb_step(db, NONSENSE);
	assert_false(ofl_sqldb_commit(db, &error));
	assert_string_equal(error.text, "no such table: nowhere");
	ofl_sqldb_begin(db);
	assert_int_equal(count(db), 0);
	ofl_sqldb_commit(db, NULL);
	ofl_sqldb_free(db);
}

static void file_mode_is_ours(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	static const mode_t masks[] = {0, 077};
	struct stat st;
	char name[200];

	for (int m = 0; m < 2; m++) {
		mode_t old = umask(masks[m]);
		struct ofl_sqldb *db = open_made();

		for (int i = 0; i < 3; i++) {
			snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
			assert_int_equal(stat(name, &st), 0);
			assert_int_equal(st.st_mode & 07777, 0640);
		}
		ofl_sqldb_free(db);
		umask(old);
		remove(path);
	}
}

static void strangers_are_left_alone(void **state)
{
	static const struct {
		const char *script;
		bool ours;
	} cases[] = {
		{"CREATE TABLE other (x)", false},
		{"PRAGMA application_id=7", false},
		{"PRAGMA application_id=7; CREATE TABLE t (x)", false},
		{"PRAGMA application_id=0x74657374; CREATE TABLE t (x)", true},
		{"PRAGMA journal_mode=WAL; CREATE TABLE t (x)", false},
		{"PRAGMA user_version=0", true}, /* an empty file */
	};
	struct ofl_sqldb_error error;
	struct ofl_sqldb *db;
	char wal[200];

	snprintf(wal, sizeof(wal), "%s-wal", path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plain(cases[i].script);
		db = try_open(false, &error);
		assert_int_equal(db != NULL, cases[i].ours);
		if (!db)
			assert_int_equal(error.status, OFL_SQLDB_FOREIGN);
		ofl_sqldb_free(db);
		assert_int_not_equal(access(wal, F_OK), 0);
		assert_int_equal(remove(path), 0);
	}
}

static void what_cannot_be_opened(void **state)
{
	struct ofl_sqldb_error error;
	int fd;

	/* nothing there, and it may not be made */
	assert_null(try_open(true, &error));
	assert_int_equal(error.status, OFL_SQLDB_ERROR);
	/* a directory */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(try_open(false, &error));
	assert_string_equal(error.text, "not a regular file");
	rmdir(path);
	/* no directory */
	snprintf(path, sizeof(path), "%s/no/db", dir);
	assert_null(try_open(false, &error));
	assert_non_null(strstr(error.text, "No such file or directory"));
	snprintf(path, sizeof(path), "%s/db", dir);
	/* garbage */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	for (int i = 0; i < 512; i++)
		assert_int_equal(write(fd, "garbage\n", 8), 8);
	close(fd);
	assert_null(try_open(false, &error));
	assert_int_equal(error.status, OFL_SQLDB_CORRUPT);
}

static void lock_of_another(void **state)
{
	struct ofl_sqldb *db = open_made();
	struct ofl_sqldb_error error;
	sqlite3 *other = NULL;

	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	assert_false(ofl_sqldb_begin(db));
	assert_int_equal(ofl_sqldb_error(db)->status, OFL_SQLDB_BUSY);
	add(db, 1, "not done");
	assert_false(ofl_sqldb_commit(db, &error));
	assert_int_equal(error.status, OFL_SQLDB_BUSY);
	sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(other);
	assert_true(ofl_sqldb_begin(db));
	add(db, 1, "done");
	assert_true(ofl_sqldb_commit(db, &error));
	ofl_sqldb_free(db);
}

static void looking_has_an_end(void **state)
{
	struct ofl_sqldb *db = open_made();
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ofl_sqldb_set_deadline(db, ts.tv_sec * 1000000ull + 1000);
	ofl_sqldb_begin(db);
	assert_false(ofl_sqldb_step(db, FOREVER));
	assert_int_equal(ofl_sqldb_error(db)->status, OFL_SQLDB_LATE);
	ofl_sqldb_abort(db);
	ofl_sqldb_set_deadline(db, 0);
	assert_true(ofl_sqldb_begin(db));
	assert_int_equal(count(db), 0);
	ofl_sqldb_abort(db);
	ofl_sqldb_free(db);
}

static void reader_beside_writer(void **state)
{
	struct ofl_sqldb *db = open_made(), *reader;
	struct ofl_sqldb_error error;

	reader = try_open(true, &error);
	assert_non_null(reader);
	ofl_sqldb_begin(reader);
	assert_int_equal(count(reader), 0);
	ofl_sqldb_begin(db);
	add(db, 1, "one");
	assert_true(ofl_sqldb_commit(db, &error));
	/* its own moment, until it begins again */
	assert_int_equal(count(reader), 0);
	assert_true(ofl_sqldb_commit(reader, &error));
	ofl_sqldb_begin(reader);
	assert_int_equal(count(reader), 1);
	add(reader, 2, "not here");
	assert_false(ofl_sqldb_commit(reader, &error));
	ofl_sqldb_free(reader);
	ofl_sqldb_free(db);
}

static void *use_elsewhere(void *arg)
{
	return (void *)(intptr_t)ofl_sqldb_step(arg, COUNT);
}

static void threads_and_triggers_refused(void **state)
{
	struct ofl_sqldb *db = open_made();
	pthread_t thread;
	void *stepped = NULL;

	pthread_create(&thread, NULL, use_elsewhere, db);
	pthread_join(thread, &stepped);
	assert_null(stepped);
	assert_int_equal(count(db), 0);
	ofl_sqldb_free(db);
	/* a trigger somebody left in the file does not run */
	plain("CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END");
	struct ofl_sqldb_error error;
	db = try_open(false, &error);
	assert_non_null(db);
	ofl_sqldb_begin(db);
	add(db, 1, "stays");
	assert_true(ofl_sqldb_commit(db, &error));
	assert_int_equal(count(db), 1);
	ofl_sqldb_free(db);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_come_back),
		TEST(first_error_is_kept),
		TEST(callers_error_and_abort),
		TEST(file_mode_is_ours),
		TEST(strangers_are_left_alone),
		TEST(what_cannot_be_opened),
		TEST(lock_of_another),
		TEST(looking_has_an_end),
		TEST(reader_beside_writer),
		TEST(threads_and_triggers_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
