/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the store share: a directory of their own, a look into a
 * database with plain SQLite (not with the code under test), and waiting for
 * the writer without guessing how long it takes.
 */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <zebra.h>

#include <ftw.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sys/stat.h>

#include "offloadd/flow/op.h"
#include "offloadd/store/store.h"

#define DAY_US 86400000000ull
#define DEADLINE_S 60 /* generous: a loaded machine is no failure */

/* --- a directory --- */

static char dir[128];

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	return remove(path);
}

static int dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/ofl-store-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int dir_teardown(void **state)
{
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* A path in the directory; good until the fourth next call. */
static inline const char *in_dir(const char *name)
{
	static char path[4][256];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[0]), "%.120s/%.120s", dir, name);
	return path[turn];
}

/* --- plain SQLite --- */

static inline sqlite3 *db_open(const char *path)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	return db;
}

static inline void db_exec(sqlite3 *db, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

/* The first column of the first row as text; "" for NULL or no row.  `arg`,
 * if not NULL, is bound to the statement's one parameter. */
static inline const char *db_text_of(sqlite3 *db, const char *sql,
				     const char *arg)
{
	static char text[512];
	sqlite3_stmt *stmt = NULL;
	const char *col = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (arg)
		sqlite3_bind_text(stmt, 1, arg, -1, SQLITE_TRANSIENT);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		col = (const char *)sqlite3_column_text(stmt, 0);
	snprintf(text, sizeof(text), "%s", col ? col : "");
	sqlite3_finalize(stmt);
	return text;
}

static inline const char *db_text(sqlite3 *db, const char *sql)
{
	return db_text_of(db, sql, NULL);
}

static inline long db_int(sqlite3 *db, const char *sql, const char *arg)
{
	return strtol(db_text_of(db, sql, arg), NULL, 10);
}

static inline long file_int_of(const char *path, const char *sql,
			       const char *arg)
{
	sqlite3 *db = db_open(path);
	long v = db_int(db, sql, arg);

	sqlite3_close(db);
	return v;
}

static inline long file_int(const char *path, const char *sql)
{
	return file_int_of(path, sql, NULL);
}

static inline void assert_file_text(const char *path, const char *sql,
				    const char *expect)
{
	sqlite3 *db = db_open(path);

	assert_string_equal(db_text(db, sql), expect);
	sqlite3_close(db);
}

/* --- a store --- */

static struct {
	int changes; /* of state told */
	enum ofl_store_state state;
	char text[256];
	char corrupt[256]; /* told of a corrupt file */
	int refreshes;
} told;

static inline void on_state(void *arg, enum ofl_store_state state,
			    const char *text)
{
	told.changes++;
	told.state = state;
	snprintf(told.text, sizeof(told.text), "%s", text);
	if (strstr(text, "a new one is started"))
		snprintf(told.corrupt, sizeof(told.corrupt), "%s", text);
}

static inline void on_refresh(void *arg)
{
	told.refreshes++;
}

static const struct ofl_store_events events = {
	.state = on_state,
	.refresh = on_refresh,
};

static inline struct ofl_store_conf conf_make(const char *path)
{
	struct ofl_store_conf conf;

	ofl_store_conf_init(&conf);
	snprintf(conf.path, sizeof(conf.path), "%s", path);
	conf.batch_ms = 10;
	return conf;
}

static inline struct ofl_store *store_start(const struct ofl_store_conf *conf,
					    uint64_t *ret_first_id)
{
	uint64_t first_id;

	memset(&told, 0, sizeof(told));
	return ofl_store_new(conf, &events, NULL,
			     ret_first_id ? ret_first_id : &first_id);
}

static inline struct ofl_store *store_open(const char *path)
{
	struct ofl_store_conf conf = conf_make(path);

	return store_start(&conf, NULL);
}

/* Writes everything. */
static inline void store_close(struct ofl_store *s)
{
	ofl_store_free(s, DEADLINE_S * 1000);
}

/* Poll the store until `cond`; fails the test after the deadline. */
#define wait_until(s, cond)                                                    \
	do {                                                                   \
		time_t end_ = time(NULL) + DEADLINE_S;                         \
                                                                               \
		ofl_store_poll(s);                                             \
		while (!(cond)) {                                              \
			if (time(NULL) > end_)                                 \
				fail_msg("never: %s", #cond);                  \
			usleep(2000);                                          \
			ofl_store_poll(s);                                     \
		}                                                              \
	} while (0)

static inline struct ofl_store_stats stats_of(struct ofl_store *s)
{
	struct ofl_store_stats st;

	ofl_store_stats(s, &st);
	return st;
}

#define wait_written(s) wait_until(s, stats_of(s).queued == 0)

/* --- records --- */

/* 10.0.0.0/24 + i, best effort, in table "main" of VRF "default". */
static inline struct ofl_store_flow flow_make(uint32_t i, enum ofl_state from,
					      enum ofl_state to)
{
	uint32_t addr = htonl(0x0a000000u + i * 256);
	struct ofl_store_flow f = {
		.flow_id = i + 1,
		.key.p = ofl_prefix_make(AF_INET, &addr, 24),
		.vrf = "default",
		.table = "main",
		.proto = "bgp",
		.at_us = (uint64_t)time(NULL) * 1000000,
		.from = from,
		.to = to,
		.reason = OFL_REASON_ADMITTED,
		.cls = OFL_CLASS_BEST_EFFORT,
		.op = OFL_OP_ADD,
		.rule = 10,
		.weight = 1,
	};

	return f;
}

static inline void put(struct ofl_store *s, uint32_t i, enum ofl_state from,
		       enum ofl_state to)
{
	struct ofl_store_flow f = flow_make(i, from, to);

	assert_true(ofl_store_put_flow(s, &f));
}

static inline void restate(struct ofl_store *s, uint32_t i, enum ofl_state to)
{
	struct ofl_store_flow f = flow_make(i, to, to);

	f.restate = true;
	assert_true(ofl_store_put_flow(s, &f));
}

#endif /* TESTS_UNIT_STORE_FIXTURE_H */
