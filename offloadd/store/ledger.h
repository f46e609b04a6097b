/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written into an open database: batches of records, and the deletes
 * that keep it bounded.  One transaction a call; whether and when to call, and
 * what to do about an error, is the writer's.
 *
 * Writer thread only.  No FRR function: of the flow room it uses names and
 * prefix printing, which are pure.
 */
#ifndef OFFLOADD_STORE_LEDGER_H
#define OFFLOADD_STORE_LEDGER_H

#include <stdatomic.h>
#include <sys/types.h>

#include "lib/sqldb.h"
#include "offloadd/store/record.h"

struct ofl_ledger_bounds {
	uint32_t history_max; /* rows */
	uint64_t before_us;   /* rows older than this go; 0: none */
	uint64_t size_max;    /* bytes; above that the oldest rows go */
	uint64_t age_us;      /* the time that ages are counted from */
};

/* A table that grows at one end and is cut at the other. */
struct ofl_ledger_log {
	uint64_t first, last; /* rows first..last; first > last: empty */
	uint64_t clear_last;  /* a clear goes up to this row; 0: none */
	uint64_t clear_before_us;
	bool more; /* a cut is left over */
};
#define OFL_LEDGER_LOGS 3 /* history, event, table_sample */

/* A walk through `flow`, a stretch at a time. */
struct ofl_ledger_sweep {
	bool on;
	uint64_t generation; /* rows below it go */
	int64_t after;	     /* flow ids up to this are done */
};

/* Starts zeroed. */
struct ofl_ledger {
	struct ofl_sqldb *db; /* NULL: closed */

	/* Which file it is, or was when last open. */
	dev_t dev;
	ino_t ino;	 /* 0: none */
	int64_t file_id; /* given when the file was made */
	bool is_new;

	/* As in the file when it was opened.  A commit that failed may have
	 * happened: records up to `done` have their rows. */
	uint64_t done;
	uint64_t age_us; /* 0: none */

	/* Added to the generation of a record: above all of earlier runs. */
	uint64_t generation_base;

	/* As in the file; undone when a write fails. */
	struct ofl_ledger_tally {
		uint64_t last_flow_id, generation;
		uint64_t last_record; /* number of the last one written */
		struct ofl_ledger_log log[OFL_LEDGER_LOGS];
		struct ofl_ledger_sweep sweep;
	} now, saved;

	/* Last record of each flow of a batch: an open hash, at most half
	 * full. */
	struct ofl_record **last;
	size_t last_size;
};

void ofl_ledger_fini(struct ofl_ledger *l);

/* Open (make, upgrade) the file.  False with *ret_error set. */
bool ofl_ledger_open(struct ofl_ledger *l, const char *path,
		     const atomic_bool *give_up,
		     struct ofl_sqldb_error *ret_error);
void ofl_ledger_close(struct ofl_ledger *l);
static inline bool ofl_ledger_is_open(const struct ofl_ledger *l)
{
	return l->db != NULL;
}
/* The file at `path` is no longer the one that is open. */
bool ofl_ledger_is_lost(const struct ofl_ledger *l, const char *path);
/* The open file is another one than the last that was open. */
static inline bool ofl_ledger_is_new(const struct ofl_ledger *l)
{
	return l->is_new;
}
/* Above every flow id in the open file. */
static inline uint64_t ofl_ledger_next_flow_id(const struct ofl_ledger *l)
{
	return l->now.last_flow_id + 1;
}

/* Delete rows of these tables older than this, up to the newest that is there
 * now, in the steps that follow. */
void ofl_ledger_clear(struct ofl_ledger *l, uint64_t before_us);

/* Write a batch (may be empty) and one step of what is to be deleted.  False
 * with *ret_error set: nothing of it happened. */
bool ofl_ledger_write(struct ofl_ledger *l, const struct ofl_records *batch,
		      const struct ofl_ledger_bounds *bounds,
		      struct ofl_sqldb_error *ret_error);
/* Move what was written from the log into the file, once that is worth it.
 * False with *ret_error set: it stays in the log, which grows. */
bool ofl_ledger_checkpoint(struct ofl_ledger *l,
			   struct ofl_sqldb_error *ret_error);
/* Deletes are left over for another step. */
bool ofl_ledger_has_more(const struct ofl_ledger *l);

#endif /* OFFLOADD_STORE_LEDGER_H */
