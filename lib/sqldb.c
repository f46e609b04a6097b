// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A SQLite handle whose transaction remembers its first error; see sqldb.h.
 *
 * The file's own descriptor is never opened and closed here beside SQLite's:
 * POSIX drops all locks of a process on a file when any descriptor of it is
 * closed.  Hence O_EXCL when making it, and stat() otherwise.
 */
#include "lib/sqldb.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_STEP_MS 10
#define PROGRESS_OPS 1000 /* of the virtual machine; well below 1 ms */

struct ofl_sqldb {
	sqlite3 *handle;
	pthread_t owner;
	bool read_only;
	uint32_t busy_ms;
	uint32_t app_id;
	const atomic_bool *give_up;
	uint64_t deadline_us;
	uint32_t wal_pages;
	struct ofl_sqldb_error error; /* the first one since begin */
	const char *const *sql;
	size_t sql_count;
	sqlite3_stmt *stmt[]; /* sql_count; NULL: not prepared yet */
};

static uint64_t mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* --- errors --- */

static void error_set(struct ofl_sqldb_error *e, enum ofl_sqldb_status status,
		      const char *text, int errnum)
{
	e->status = status;
	if (errnum)
		snprintf(e->text, sizeof(e->text), "%s: %s", text,
			 strerrordesc_np(errnum) ? strerrordesc_np(errnum)
						 : "unknown error");
	else
		snprintf(e->text, sizeof(e->text), "%s", text);
	/* SQLite quotes what it found, damaged names too; and the end may
	 * have been cut within a character. */
	for (char *c = e->text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static bool is_full(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
}

static void error_from(sqlite3 *handle, int rc, struct ofl_sqldb_error *e)
{
	enum ofl_sqldb_status status = OFL_SQLDB_ERROR;
	int errnum = 0;

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		status = OFL_SQLDB_BUSY;
		break;
	case SQLITE_FULL:
		status = OFL_SQLDB_FULL;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		status = OFL_SQLDB_CORRUPT;
		break;
	case SQLITE_INTERRUPT:
		status = OFL_SQLDB_LATE;
		break;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		errnum = handle ? sqlite3_system_errno(handle) : 0;
		/* A failed commit does not tell; nothing came after it. */
		if (!errnum && (is_full(errno) || errno == EIO))
			errnum = errno;
		if (is_full(errnum))
			status = OFL_SQLDB_FULL;
		break;
	}
	error_set(e, status,
		  handle ? sqlite3_errmsg(handle) : sqlite3_errstr(rc), errnum);
}

/* Remember the first error only: later ones are mostly its echo. */
static void remember(struct ofl_sqldb *db, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE &&
	    db->error.status == OFL_SQLDB_OK)
		error_from(db->handle, rc, &db->error);
}

static bool is_usable(const struct ofl_sqldb *db)
{
	return db->error.status == OFL_SQLDB_OK &&
	       pthread_equal(db->owner, pthread_self());
}

const struct ofl_sqldb_error *ofl_sqldb_error(const struct ofl_sqldb *db)
{
	return &db->error;
}

void ofl_sqldb_fail(struct ofl_sqldb *db, enum ofl_sqldb_status status,
		    const char *text)
{
	if (db->error.status == OFL_SQLDB_OK)
		error_set(&db->error, status, text, 0);
}

/* --- opening --- */

/* With SQLite's own creation the mode would depend on the umask; -wal and
 * -shm take theirs from this file. */
static bool file_make(const char *path, struct ofl_sqldb_error *ret_error)
{
	struct stat st;
	int fd, err;

	if (stat(path, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return true;
		error_set(ret_error, OFL_SQLDB_ERROR, "not a regular file", 0);
		return false;
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0) {
		err = errno;
		error_set(ret_error,
			  is_full(err) ? OFL_SQLDB_FULL : OFL_SQLDB_ERROR,
			  "cannot make the file", err);
		return false;
	}
	fchmod(fd, 0640);
	close(fd);
	return true;
}

static int on_busy(void *arg, int count)
{
	const struct ofl_sqldb *db = arg;
	struct timespec step = {.tv_nsec = BUSY_STEP_MS * 1000000};

	if ((uint32_t)count * BUSY_STEP_MS >= db->busy_ms)
		return 0;
	if (db->give_up && atomic_load(db->give_up))
		return 0;
	nanosleep(&step, NULL);
	return 1;
}

static int on_progress(void *arg)
{
	const struct ofl_sqldb *db = arg;

	return mono_us() >= db->deadline_us;
}

/* Reading a WAL file makes -wal and -shm, closing removes them again; but if
 * -wal has content, closing would move it into the file.  Until it is known
 * that the file may be written, that must not happen. */
static void keep_wal(struct ofl_sqldb *db, const char *path, bool keep)
{
	char wal[4096];
	struct stat st;

	if (keep) {
		snprintf(wal, sizeof(wal), "%s-wal", path);
		keep = stat(wal, &st) == 0 && st.st_size > 0;
	}
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep,
			  NULL);
}

static int64_t ask_int(struct ofl_sqldb *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t v = 0;

	if (db->error.status != OFL_SQLDB_OK)
		return 0;
	remember(db, sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL));
	if (stmt) {
		int rc = sqlite3_step(stmt);

		if (rc == SQLITE_ROW)
			v = sqlite3_column_int64(stmt, 0);
		remember(db, rc);
	}
	sqlite3_finalize(stmt);
	return v;
}

static void check_ours(struct ofl_sqldb *db)
{
	uint32_t app_id = ask_int(db, "PRAGMA application_id");
	int64_t objects = ask_int(db, "SELECT count(*) FROM sqlite_schema");

	if (app_id != db->app_id && (app_id || objects))
		ofl_sqldb_fail(db, OFL_SQLDB_FOREIGN,
			       "a database of another program");
}

static void handle_open(struct ofl_sqldb *db, const char *path)
{
	int flags = SQLITE_OPEN_NOMUTEX;
	int rc;

	flags |= db->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	/* Nobody asks SQLite how much memory it has, and counting takes a
	 * lock for each piece.  Refused, harmlessly, once it is in use. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
	remember(db, rc);
	if (rc != SQLITE_OK)
		return;
	keep_wal(db, path, true);
	sqlite3_busy_handler(db->handle, on_busy, db);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	/* SQLite falls back to reading when it may not write. */
	if (!db->read_only && sqlite3_db_readonly(db->handle, "main") == 1) {
		ofl_sqldb_fail(db, OFL_SQLDB_ERROR,
			       "no permission to write the file");
		return;
	}
	check_ours(db);
	ofl_sqldb_exec(db, "PRAGMA synchronous=NORMAL;"
			   "PRAGMA secure_delete=OFF;"
			   "PRAGMA cache_size=-2048;");
}

struct ofl_sqldb *ofl_sqldb_new(const struct ofl_sqldb_conf *conf,
				struct ofl_sqldb_error *ret_error)
{
	struct ofl_sqldb *db;

	if (!conf->read_only && !file_make(conf->path, ret_error))
		return NULL;
	db = calloc(1, sizeof(*db) + conf->sql_count * sizeof(db->stmt[0]));
	if (!db) {
		error_set(ret_error, OFL_SQLDB_ERROR, "out of memory", 0);
		return NULL;
	}
	db->owner = pthread_self();
	db->read_only = conf->read_only;
	db->busy_ms = conf->busy_ms;
	db->app_id = conf->app_id;
	db->give_up = conf->give_up;
	db->sql = conf->sql;
	db->sql_count = conf->sql_count;
	handle_open(db, conf->path);
	if (db->error.status != OFL_SQLDB_OK) {
		*ret_error = db->error;
		ofl_sqldb_free(db);
		return NULL;
	}
	return db;
}

static int on_wal(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct ofl_sqldb *db = arg;

	(void)handle, (void)name;
	db->wal_pages = pages;
	return SQLITE_OK;
}

bool ofl_sqldb_own(struct ofl_sqldb *db, struct ofl_sqldb_error *ret_error)
{
	char pragma[64];

	memset(&db->error, 0, sizeof(db->error));
	keep_wal(db, "", false);
	ofl_sqldb_exec(db, "PRAGMA journal_mode=WAL;"
			   "PRAGMA wal_autocheckpoint=0;"
			   "PRAGMA journal_size_limit=16777216;");
	sqlite3_wal_hook(db->handle, on_wal, db);
	if ((uint32_t)ask_int(db, "PRAGMA application_id") != db->app_id) {
		/* A pragma takes no parameters; this is our own number. */
		snprintf(pragma, sizeof(pragma), "PRAGMA application_id=%u",
			 db->app_id);
		ofl_sqldb_exec(db, pragma);
	}
	if (db->error.status != OFL_SQLDB_OK)
		*ret_error = db->error;
	return db->error.status == OFL_SQLDB_OK;
}

void ofl_sqldb_free(struct ofl_sqldb *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->sql_count; i++)
		sqlite3_finalize(db->stmt[i]);
	sqlite3_close(db->handle);
	free(db);
}

/* --- transactions --- */

bool ofl_sqldb_begin(struct ofl_sqldb *db)
{
	memset(&db->error, 0, sizeof(db->error));
	ofl_sqldb_exec(db, db->read_only ? "BEGIN" : "BEGIN IMMEDIATE");
	return db->error.status == OFL_SQLDB_OK;
}

void ofl_sqldb_abort(struct ofl_sqldb *db)
{
	for (size_t i = 0; i < db->sql_count; i++)
		if (db->stmt[i])
			sqlite3_reset(db->stmt[i]);
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool ofl_sqldb_commit(struct ofl_sqldb *db, struct ofl_sqldb_error *ret_error)
{
	ofl_sqldb_exec(db, "COMMIT");
	if (db->error.status == OFL_SQLDB_OK)
		return true;
	if (ret_error)
		*ret_error = db->error;
	ofl_sqldb_abort(db);
	return false;
}

bool ofl_sqldb_checkpoint(struct ofl_sqldb *db, uint32_t pages,
			  struct ofl_sqldb_error *ret_error)
{
	if (db->wal_pages < pages)
		return true;
	db->wal_pages = 0;
	memset(&db->error, 0, sizeof(db->error));
	remember(db, sqlite3_wal_checkpoint_v2(db->handle, "main",
					       SQLITE_CHECKPOINT_PASSIVE, NULL,
					       NULL));
	if (db->error.status == OFL_SQLDB_OK ||
	    db->error.status == OFL_SQLDB_BUSY)
		return true;
	*ret_error = db->error;
	return false;
}

/* --- statements --- */

static sqlite3_stmt *stmt_get(struct ofl_sqldb *db, int stmt)
{
	if (!is_usable(db))
		return NULL;
	if (!db->stmt[stmt])
		remember(db, sqlite3_prepare_v3(db->handle, db->sql[stmt], -1,
						SQLITE_PREPARE_PERSISTENT,
						&db->stmt[stmt], NULL));
	return db->stmt[stmt];
}

void ofl_sqldb_bind_int(struct ofl_sqldb *db, int stmt, int param, int64_t v)
{
	sqlite3_stmt *st = stmt_get(db, stmt);

	if (st)
		remember(db, sqlite3_bind_int64(st, param, v));
}

void ofl_sqldb_bind_text(struct ofl_sqldb *db, int stmt, int param,
			 const char *text)
{
	sqlite3_stmt *st = stmt_get(db, stmt);

	if (st)
		remember(db,
			 sqlite3_bind_text(st, param, text, -1, SQLITE_STATIC));
}

bool ofl_sqldb_step(struct ofl_sqldb *db, int stmt)
{
	sqlite3_stmt *st = stmt_get(db, stmt);
	int rc;

	if (!st)
		return false;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return true;
	remember(db, rc);
	sqlite3_reset(st);
	return false;
}

void ofl_sqldb_run(struct ofl_sqldb *db, int stmt)
{
	if (ofl_sqldb_step(db, stmt)) {
		ofl_sqldb_end(db, stmt);
		ofl_sqldb_fail(db, OFL_SQLDB_ERROR, "a row nobody asked for");
	}
}

void ofl_sqldb_end(struct ofl_sqldb *db, int stmt)
{
	if (db->stmt[stmt])
		sqlite3_reset(db->stmt[stmt]);
}

int64_t ofl_sqldb_col_int(struct ofl_sqldb *db, int stmt, int col)
{
	return sqlite3_column_int64(db->stmt[stmt], col);
}

const char *ofl_sqldb_col_text(struct ofl_sqldb *db, int stmt, int col)
{
	return (const char *)sqlite3_column_text(db->stmt[stmt], col);
}

void ofl_sqldb_exec(struct ofl_sqldb *db, const char *sql)
{
	if (is_usable(db))
		remember(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

void ofl_sqldb_set_deadline(struct ofl_sqldb *db, uint64_t us)
{
	db->deadline_us = us;
	sqlite3_progress_handler(db->handle, us ? PROGRESS_OPS : 0,
				 us ? on_progress : NULL, db);
}
