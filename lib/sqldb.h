/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One handle on one SQLite file.  It exists so that a caller writes `begin,
 * bind, run, ..., commit` and asks once, at the end, whether all of it worked:
 * a transaction remembers its first error; after it every call does
 * nothing until commit or abort.
 *
 * Refuses: files of other programs (by application id), triggers somebody put
 * into the file, use by a thread other than the one that opened the handle,
 * and SQL made at run time: statements are a fixed table, named by index,
 * prepared once when first used.  Knows nothing of what is stored.
 */
#ifndef LIB_SQLDB_H
#define LIB_SQLDB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ofl_sqldb;

enum ofl_sqldb_status {
	OFL_SQLDB_OK = 0,
	OFL_SQLDB_BUSY,	   /* another program holds the lock */
	OFL_SQLDB_FULL,	   /* no space left */
	OFL_SQLDB_CORRUPT, /* not a database, or a damaged one */
	OFL_SQLDB_FOREIGN, /* a sound database, but not ours */
	OFL_SQLDB_LATE,	   /* the deadline passed */
	OFL_SQLDB_ERROR,   /* anything else; the text says what */
};

struct ofl_sqldb_error {
	enum ofl_sqldb_status status;
	char text[160]; /* one sentence, without the file's name */
};

struct ofl_sqldb_conf {
	const char *path; /* made (mode 0640) if absent, unless read_only */
	bool read_only;
	uint32_t busy_ms; /* how long to wait for another program's lock */
	uint32_t app_id;  /* the application id of our files */
	const atomic_bool *give_up; /* set: stop waiting at once; or NULL */
	const char *const *sql; /* the statements; must outlive the handle */
	size_t sql_count;
};

/* Open.  NULL with *ret_error set if that cannot be.  Writes nothing into a
 * file that is there: a caller may still decide to leave it alone. */
struct ofl_sqldb *ofl_sqldb_new(const struct ofl_sqldb_conf *conf,
				struct ofl_sqldb_error *ret_error);
void ofl_sqldb_free(struct ofl_sqldb *db); /* NULL is fine */
/* Make the file ours: WAL mode, application id.  Outside a transaction. */
bool ofl_sqldb_own(struct ofl_sqldb *db, struct ofl_sqldb_error *ret_error);

/* A transaction; a writer takes the write lock at begin.  begin forgets the
 * previous error.  commit is false with *ret_error (may be NULL) set, and
 * everything undone, if anything since begin failed. */
bool ofl_sqldb_begin(struct ofl_sqldb *db);
bool ofl_sqldb_commit(struct ofl_sqldb *db, struct ofl_sqldb_error *ret_error);
void ofl_sqldb_abort(struct ofl_sqldb *db);
/* Move what was committed from the -wal into the file, if that has this many
 * pages.  It happens nowhere else but at the end, so that nobody overlooks its
 * failure: all is kept then, in a -wal that grows.  Outside a transaction;
 * another program that reads or writes is no failure. */
bool ofl_sqldb_checkpoint(struct ofl_sqldb *db, uint32_t pages,
			  struct ofl_sqldb_error *ret_error);
/* The first error since begin (status OK: none). */
const struct ofl_sqldb_error *ofl_sqldb_error(const struct ofl_sqldb *db);
/* Remember an error of the caller's own, so that commit fails. */
void ofl_sqldb_fail(struct ofl_sqldb *db, enum ofl_sqldb_status status,
		    const char *text);

/* Parameters of statement `stmt`, from 1.  Text is borrowed until the
 * statement has run; NULL binds NULL. */
void ofl_sqldb_bind_int(struct ofl_sqldb *db, int stmt, int param, int64_t v);
void ofl_sqldb_bind_text(struct ofl_sqldb *db, int stmt, int param,
			 const char *text);
/* Run a statement that yields no rows. */
void ofl_sqldb_run(struct ofl_sqldb *db, int stmt);
/* Next row of a query: false at the end or on error, and the statement is
 * ready for another round.  Columns are from 0, valid until the next call. */
bool ofl_sqldb_step(struct ofl_sqldb *db, int stmt);
int64_t ofl_sqldb_col_int(struct ofl_sqldb *db, int stmt, int col);
const char *ofl_sqldb_col_text(struct ofl_sqldb *db, int stmt, int col);
/* Leave a query before its end. */
void ofl_sqldb_end(struct ofl_sqldb *db, int stmt);
/* A fixed script, several statements. */
void ofl_sqldb_exec(struct ofl_sqldb *db, const char *sql);

/* Break off what runs when CLOCK_MONOTONIC passes this (status LATE);
 * 0: never. */
void ofl_sqldb_set_deadline(struct ofl_sqldb *db, uint64_t mono_us);

#endif /* LIB_SQLDB_H */
