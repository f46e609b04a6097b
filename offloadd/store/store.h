/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory across restarts: every decision and its reason, in SQLite.
 *
 * The main thread hands over records (copied into a bounded queue, never
 * blocking); a writer thread commits them in batches, at most about a second
 * behind.  Tables: `flow` (current decision of every flow), `history` (every
 * transition), `event` (watermark crossings and the like), `table_sample` (how
 * full tables were), `mark` (marks of split entries), `meta` (schema version,
 * last flow id).  Names are stored,
 * never numbers.
 *
 * A sick disk degrades memory, not forwarding: when writing fails the store
 * says so once, keeps the newest records up to its bound, tries again with
 * growing pauses and recovers by itself; a corrupt file is renamed
 * (NAME.corrupt-TIME), never deleted, and a new one started.  A schema newer
 * than this program, or another program's database, is refused, the file left
 * untouched.  What was lost meanwhile is history only: the `refresh` event
 * asks for the current state of every flow again.
 *
 * The writer is a thread: start the store after the daemon has gone to the
 * background (fork), not before.  Every function is for the main thread.
 */
#ifndef OFFLOADD_STORE_STORE_H
#define OFFLOADD_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/flow.h"
#include "offloadd/flow/hwtable.h"

#define OFL_STORE_SCHEMA 5

/* Bytes kept of each string of a record. */
#define OFL_STORE_STRING_MAX 512

struct ofl_recall;
struct ofl_store;

struct ofl_store_conf {
	char path[256];	       /* database file; its directory exists */
	uint32_t history_max;  /* rows kept in history; oldest go first */
	uint32_t history_days; /* and not older than this; 0: no limit */
	uint32_t size_max_mb;  /* the file's content; oldest history goes */
	uint32_t batch_ms;     /* longest time a record waits, 1000 */
	uint32_t queue_max;    /* records kept while the disk is away */
	uint32_t retry_ms;     /* first pause after a fault; to 30 times that */
};
void ofl_store_conf_init(struct ofl_store_conf *c); /* defaults; path empty */

enum ofl_store_state {
	OFL_STORE_OFF = 0, /* no path, or not tried yet */
	OFL_STORE_OK,
	OFL_STORE_DEGRADED, /* not writing; text says why */
};

/* Told from the main thread through ofl_store_poll(). */
struct ofl_store_events {
	/* Told once a change; logged by the store already.  A corrupt file
	 * set aside is told as degraded, then as what came after. */
	void (*state)(void *arg, enum ofl_store_state state, const char *text);
	/* Records were lost, or another file was opened: put every mark again,
	 * and every flow with `restate` set (in pieces, see ofl_store_room()),
	 * then, if the feed has settled, call ofl_store_sweep().  May be NULL.
	 */
	void (*refresh)(void *arg);
};

/* Starts the writer and waits (3 s at most) for it to open the file.  Always
 * succeeds: what is wrong with the file is reported as degraded.
 * `ret_first_id` gets an id above every flow id in the file
 * (if unknown the time in microseconds: no number of a file is as high, unless
 * it came from such a start). */
struct ofl_store *ofl_store_new(const struct ofl_store_conf *conf,
				const struct ofl_store_events *events,
				void *arg, uint64_t *ret_first_id);
/* What the file says of all flows (recall.h), once everything that was put is
 * written.  At the start it was asked for and read before ofl_store_new()
 * returned, if that took no longer than it waits. */
void ofl_store_recall_ask(struct ofl_store *s);
/* The caller's from now on; NULL: not read yet, or it cannot be.  *ret_pending
 * tells which. */
struct ofl_recall *ofl_store_recall_take(struct ofl_store *s,
					 bool *ret_pending);
/* Writes what is queued (waits at most `wait_ms`), stops the writer. */
void ofl_store_free(struct ofl_store *s, uint32_t wait_ms);
/* Reconfigure; a new path opens a new file, the old one is finished. */
void ofl_store_conf_set(struct ofl_store *s, const struct ofl_store_conf *conf);
/* Deliver state changes; call about once a second.  Never blocks. */
void ofl_store_poll(struct ofl_store *s);

/* A flow changed its state: one history row, and the flow's current row. */
struct ofl_store_flow {
	uint64_t flow_id;
	struct ofl_key key;
	const char *vrf;   /* name; copied */
	const char *table; /* name or NULL; copied */
	const char *proto; /* static string */
	const char *text;  /* NULL or hardware's words; copied */
	uint64_t at_us;	   /* wall clock */
	uint8_t from, to;  /* enum ofl_state; to GONE removes the flow row */
	uint8_t reason;	   /* enum ofl_reason */
	uint8_t cls;	   /* enum ofl_class */
	uint8_t op;	   /* enum ofl_op_kind */
	uint32_t rule;
	uint32_t weight;
	uint32_t traffic; /* weight from traffic, of a rule of weight 100; 0:
			   * none is known, or counted */
	/* No transition: `to` is what the flow is, since `at_us`.  Writes the
	 * current row, no history. */
	bool restate;
};
/* False if it could not be kept (no memory; counted).  With a full queue the
 * oldest record is dropped for it (counted, and `refresh` will follow). */
bool ofl_store_put_flow(struct ofl_store *s, const struct ofl_store_flow *r);
/* Records that can be put without filling more than half of the queue: who
 * puts many at once goes on later when this is 0.  Without a path: plenty. */
uint32_t ofl_store_room(struct ofl_store *s);

/* Something that is no flow's: a watermark crossed, the feed settled, ... */
struct ofl_store_event {
	uint64_t at_us;
	const char *kind;  /* static string: "watermark-high", ... */
	const char *table; /* name or NULL; copied */
	uint32_t used_slots, capacity_slots;
	const char *text; /* NULL or a sentence; copied */
};
bool ofl_store_put_event(struct ofl_store *s, const struct ofl_store_event *e);

/* How full a hardware table is; samples are bounded as events are. */
#define OFL_STORE_UNKNOWN UINT32_MAX
struct ofl_store_sample {
	uint64_t at_us;
	const char *table;		/* name; copied */
	uint32_t used_slots;		/* by routes and lists */
	uint32_t list_slots;		/* of these: by lists */
	uint32_t capacity_slots;	/* of the whole table */
	uint32_t high_slots, low_slots; /* what routes are held to */
	const char *admission;		/* static string */
	/* Of the weight of its routes, what hardware answers as planned; or
	 * OFL_STORE_UNKNOWN. */
	uint32_t answered_permille;
};
bool ofl_store_put_sample(struct ofl_store *s,
			  const struct ofl_store_sample *sample);

/* The mark of a part of a list, by names that outlive a restart; 0: the part is
 * gone.  Strings are copied. */
struct ofl_store_mark {
	const char *table, *list, *part;
	uint32_t mark;
};
bool ofl_store_put_mark(struct ofl_store *s, const struct ofl_store_mark *m);

struct ofl_store_stats {
	enum ofl_store_state state;
	char error[200]; /* why degraded, or "" */
	uint64_t written, dropped;
	uint32_t queued, queue_max;
	uint64_t degraded_us; /* since when (wall clock); 0: it is not */
	uint64_t behind_ms;   /* age of the oldest record not yet on disk */
	uint64_t file_bytes;
};
void ofl_store_stats(struct ofl_store *s, struct ofl_store_stats *ret);

/* --- questions (main thread, own read-only connection, bounded) --- */
struct ofl_history_row {
	uint64_t seq, at_us, flow_id;
	const char *vrf, *prefix, *from, *to, *reason, *cls, *table, *op, *text;
	uint32_t rule;
}; /* strings valid for the callback; table, op, text may be NULL */
struct ofl_event_row {
	uint64_t seq, at_us;
	const char *kind, *table, *text;
	uint32_t used_slots, capacity_slots;
};
struct ofl_history_query {
	const char *prefix; /* text as stored, or NULL for all */
	const char *vrf;    /* name or NULL for all */
	uint64_t since_us;  /* not before this; 0: no limit */
	uint64_t until_us;  /* before this; 0: no limit */
	uint32_t limit;	    /* newest rows; 0: 1000 */
};
/* Newest first: as written, or by time if a time but no prefix is given (the
 * order differs where the clock was set).  Returns 0, or -1 with *ret_error set
 * (static text).  An answer takes 40 ms at most: if that cut it short, 0 and
 * *ret_error says so (else it is NULL).  What is queued is not seen before it
 * is written. */
int ofl_store_history(struct ofl_store *s, const struct ofl_history_query *q,
		      bool (*cb)(const struct ofl_history_row *row, void *arg),
		      void *arg, const char **ret_error);
int ofl_store_events(struct ofl_store *s, uint64_t since_us, uint32_t limit,
		     bool (*cb)(const struct ofl_event_row *row, void *arg),
		     void *arg, const char **ret_error);
/* All marks, as ofl_store_history(); at most OFL_STORE_MARKS_MAX. */
#define OFL_STORE_MARKS_MAX 65536
int ofl_store_marks(struct ofl_store *s,
		    bool (*cb)(const struct ofl_store_mark *m, void *arg),
		    void *arg, const char **ret_error);
/* Ask the writer to delete history (events, samples) put so far and older than
 * `before_us` (UINT64_MAX: all).  Asynchronous. */
void ofl_store_clear_history(struct ofl_store *s, uint64_t before_us);
/* Remove flow rows not put since this store was started (a previous run's),
 * or since the last `refresh`; once the feed has settled.  Asynchronous. */
void ofl_store_sweep(struct ofl_store *s);

#endif /* OFFLOADD_STORE_STORE_H */
