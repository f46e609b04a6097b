// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Batches into tables; see ledger.h.
 *
 * Of several changes of one flow in a batch all go to `history`, only the last
 * to `flow`.  `history`, `event` and `table_sample` have numbers given here,
 * without gaps but at the old end: a row count is a subtraction, and numbers go
 * on rising after everything was cleared (they are kept in `meta`).
 */
#include "offloadd/store/ledger_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "offloadd/store/store.h"

#define BUSY_MS 2000
#define CUT_STEP 2000	/* rows of a log deleted beyond those added */
#define SWEEP_STEP 5000 /* rows of flow looked at */
#define WAL_PAGES 2000	/* in the log before they are moved into the file */
/* Numbers are counted up from 0, one by one: none ever comes near this. */
#define NUMBER_MAX (INT64_MAX / 2)

/* The first row that is not older than ?1, among the ?2 oldest. */
#define SQL_NEWER(t)                                                           \
	"SELECT seq FROM (SELECT seq, at_us FROM " t                           \
	" ORDER BY seq LIMIT ?2) WHERE at_us >= ?1 LIMIT 1"

static const char *const sql[SQL_MAX] = {
	OFL_SCHEMA_SQL,
	[META_GET] = "SELECT value FROM meta WHERE key = ?1",
	[META_SET] = "INSERT INTO meta (key, value) VALUES (?1, ?2)"
		     " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
	[FLOW_PUT] = "REPLACE INTO flow (flow_id, prefix, vrf, state, reason,"
		     " class, hw_table, protocol, rule, weight, since_us, text,"
		     " generation, traffic) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		     " ?8, ?9, ?10, ?11, ?12, ?13, nullif(?14, 0))",
	[FLOW_DEL] = "DELETE FROM flow WHERE flow_id = ?1",
	[SWEEP_BOUND] = "SELECT flow_id FROM flow WHERE flow_id > ?1"
			" ORDER BY flow_id LIMIT 1 OFFSET ?2",
	[SWEEP_DEL] = "DELETE FROM flow WHERE flow_id > ?1 AND flow_id <= ?2"
		      " AND generation < ?3",
	[HISTORY_ADD] = "INSERT INTO history (seq, at_us, flow_id, prefix, vrf,"
			" from_state, to_state, reason, class, rule, hw_table,"
			" op, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
			" ?9, ?10, ?11, ?12, ?13)",
	[HISTORY_ENDS] = "SELECT (SELECT min(seq) FROM history),"
			 " (SELECT max(seq) FROM history)",
	[HISTORY_NEWER] = SQL_NEWER("history"),
	[HISTORY_CUT] = "DELETE FROM history WHERE seq <= ?1",
	[EVENT_ADD] = "INSERT INTO event (seq, at_us, kind, hw_table,"
		      " used_slots, capacity_slots, text)"
		      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[EVENT_ENDS] = "SELECT (SELECT min(seq) FROM event),"
		       " (SELECT max(seq) FROM event)",
	[EVENT_NEWER] = SQL_NEWER("event"),
	[EVENT_CUT] = "DELETE FROM event WHERE seq <= ?1",
	[MARK_PUT] = "REPLACE INTO mark (hw_table, list, part, mark)"
		     " VALUES (?1, ?2, ?3, ?4)",
	[MARK_DEL] = "DELETE FROM mark WHERE hw_table = ?1 AND list = ?2"
		     " AND part = ?3",
	[SAMPLE_ADD] = "INSERT INTO table_sample (seq, at_us, hw_table,"
		       " used_slots, list_slots, capacity_slots, high_slots,"
		       " low_slots, admission, answered_permille)"
		       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[SAMPLE_ENDS] = "SELECT (SELECT min(seq) FROM table_sample),"
			" (SELECT max(seq) FROM table_sample)",
	[SAMPLE_NEWER] = SQL_NEWER("table_sample"),
	[SAMPLE_CUT] = "DELETE FROM table_sample WHERE seq <= ?1",
	[HISTORY_OLDEST] = "SELECT at_us FROM history ORDER BY seq LIMIT 1",
	[SIZE] = "SELECT (p.page_count - f.freelist_count) * s.page_size"
		 " FROM pragma_page_count p, pragma_freelist_count f,"
		 " pragma_page_size s",
};

static const struct log_kind {
	const char *key; /* in meta: the last number given */
	int ends, newer, cut;
} log_kinds[LOGS] = {
	[HISTORY] = {"last_history_seq", HISTORY_ENDS, HISTORY_NEWER,
		     HISTORY_CUT},
	[EVENT] = {"last_event_seq", EVENT_ENDS, EVENT_NEWER, EVENT_CUT},
	[SAMPLE] = {"last_sample_seq", SAMPLE_ENDS, SAMPLE_NEWER, SAMPLE_CUT},
};

void ofl_ledger_fini(struct ofl_ledger *l)
{
	ofl_ledger_close(l);
	free(l->last);
	l->last = NULL;
	l->last_size = 0;
}

/* --- opening --- */

static int64_t meta_get(struct ofl_ledger *l, const char *key)
{
	int64_t v = 0;

	ofl_sqldb_bind_text(l->db, META_GET, 1, key);
	if (ofl_sqldb_step(l->db, META_GET)) {
		v = ofl_sqldb_col_int(l->db, META_GET, 0);
		ofl_sqldb_end(l->db, META_GET);
	}
	return v;
}

static void meta_set(struct ofl_ledger *l, const char *key, int64_t value)
{
	ofl_sqldb_bind_text(l->db, META_SET, 1, key);
	ofl_sqldb_bind_int(l->db, META_SET, 2, value);
	ofl_sqldb_run(l->db, META_SET);
}

/* A number that goes on from here; one that we cannot have written would
 * overflow, or meet rows that are there. */
static uint64_t number_get(struct ofl_ledger *l, int64_t v)
{
	if (v >= 0 && v <= NUMBER_MAX)
		return (uint64_t)v;
	ofl_sqldb_fail(l->db, OFL_SQLDB_CORRUPT,
		       "it has numbers that this program never gives");
	return 0;
}

static void log_load(struct ofl_ledger *l, int which)
{
	const struct log_kind *kind = &log_kinds[which];
	struct ofl_ledger_log *log = &l->now.log[which];
	uint64_t first = 0, last = 0;

	log->last = number_get(l, meta_get(l, kind->key));
	if (ofl_sqldb_step(l->db, kind->ends)) {
		first = number_get(l, ofl_sqldb_col_int(l->db, kind->ends, 0));
		last = number_get(l, ofl_sqldb_col_int(l->db, kind->ends, 1));
		ofl_sqldb_end(l->db, kind->ends);
	}
	if (last > log->last)
		log->last = last;
	log->first = last ? first : log->last + 1;
	log->more = true; /* unknown: look once */
}

/* The inode alone would not do: the number of a deleted file is soon given to
 * another.  Nor would the id: somebody may put back a copy of last week. */
static bool is_another(const struct ofl_ledger *l, const struct stat *st,
		       int64_t file_id)
{
	return st->st_ino != l->ino || st->st_dev != l->dev ||
	       file_id != l->file_id;
}

static bool load(struct ofl_ledger *l, const char *path,
		 struct ofl_sqldb_error *ret_error)
{
	struct stat st = {0};
	int64_t file_id;
	bool is_new;

	stat(path, &st);
	ofl_sqldb_begin(l->db);
	file_id = meta_get(l, "file_id");
	is_new = is_another(l, &st, file_id);
	l->now.last_flow_id = number_get(l, meta_get(l, "last_flow_id"));
	l->now.generation = number_get(l, meta_get(l, "generation"));
	l->done = meta_get(l, "last_record");
	/* Numbers of records are a run's own. */
	if (is_new && l->done)
		meta_set(l, "last_record", l->done = 0);
	l->age_us = meta_get(l, "age_us");
	for (int i = 0; i < LOGS; i++)
		log_load(l, i);
	if (!ofl_sqldb_commit(l->db, ret_error))
		return false;
	/* Last: a file is known only once all of it was read. */
	l->is_new = is_new;
	l->ino = st.st_ino;
	l->dev = st.st_dev;
	l->file_id = file_id;
	return true;
}

bool ofl_ledger_open(struct ofl_ledger *l, const char *path,
		     const atomic_bool *give_up,
		     struct ofl_sqldb_error *ret_error)
{
	struct ofl_sqldb_conf conf = {
		.path = path,
		.busy_ms = BUSY_MS,
		.app_id = OFL_STORE_APP_ID,
		.give_up = give_up,
		.sql = sql,
		.sql_count = SQL_MAX,
	};

	l->db = ofl_sqldb_new(&conf, ret_error);
	if (!l->db)
		return false;
	if (!ofl_schema_upgrade(l->db, ofl_schema_ladder, OFL_STORE_SCHEMA,
				ret_error) ||
	    !load(l, path, ret_error)) {
		ofl_ledger_close(l);
		return false;
	}
	/* The same file opened again goes on with the same generations; a
	 * sweep or a clear of another file is no longer meant. */
	if (l->is_new) {
		l->generation_base = l->now.generation;
		l->now.sweep.on = false;
		for (int i = 0; i < LOGS; i++)
			l->now.log[i].clear_last = 0;
	}
	return true;
}

void ofl_ledger_close(struct ofl_ledger *l)
{
	ofl_sqldb_free(l->db);
	l->db = NULL;
}

bool ofl_ledger_is_lost(const struct ofl_ledger *l, const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || st.st_ino != l->ino ||
	       st.st_dev != l->dev;
}

/* --- a batch --- */

static bool is_flow(const struct ofl_record *r)
{
	return r->kind == OFL_RECORD_FLOW || r->kind == OFL_RECORD_RESTATE;
}

static bool last_reserve(struct ofl_ledger *l, uint32_t count)
{
	size_t size = l->last_size ? l->last_size : 256;

	while (size < 2 * (size_t)count)
		size *= 2;
	if (size > l->last_size) {
		free(l->last);
		l->last = malloc(size * sizeof(l->last[0]));
		l->last_size = l->last ? size : 0;
	}
	if (l->last)
		memset(l->last, 0, l->last_size * sizeof(l->last[0]));
	return l->last != NULL;
}

/* Mark all but the last record of each flow.  Without memory for the table
 * nothing is marked: slower, not wrong. */
static void coalesce(struct ofl_ledger *l, const struct ofl_records *batch)
{
	struct ofl_record_at at = {0};
	struct ofl_record *r;
	size_t slot;

	if (!last_reserve(l, batch->count))
		return;
	while ((r = ofl_records_next(batch, &at))) {
		r->superseded = false;
		if (!is_flow(r))
			continue;
		/* Ids rise by one: as they are they fill the table evenly. */
		slot = r->flow_id & (l->last_size - 1);
		while (l->last[slot] && l->last[slot]->flow_id != r->flow_id)
			slot = (slot + 1) & (l->last_size - 1);
		if (l->last[slot])
			l->last[slot]->superseded = true;
		l->last[slot] = r;
	}
}

static void sweep_start(struct ofl_ledger *l, const struct ofl_record *r)
{
	l->now.sweep.on = true;
	l->now.sweep.generation = l->generation_base + r->generation;
	l->now.sweep.after = INT64_MIN;
}

/* All but rows that are added may be done twice. */
static bool is_done(const struct ofl_ledger *l, const struct ofl_record *r)
{
	return r->number <= l->done;
}

static void put(struct ofl_ledger *l, const struct ofl_record *r)
{
	char prefix[OFL_PREFIX_STRLEN];

	l->now.last_record = r->number;
	switch ((enum ofl_record_kind)r->kind) {
	case OFL_RECORD_FLOW:
	case OFL_RECORD_RESTATE:
		if (r->kind == OFL_RECORD_RESTATE && r->superseded)
			break;
		ofl_prefix_print(&r->key.p, prefix, sizeof(prefix));
		if (r->kind == OFL_RECORD_FLOW && !is_done(l, r))
			ofl_ledger_put_history(l, r, prefix);
		if (!r->superseded)
			ofl_ledger_put_flow(l, r, prefix);
		if (r->flow_id > l->now.last_flow_id)
			l->now.last_flow_id = r->flow_id;
		if (l->generation_base + r->generation > l->now.generation)
			l->now.generation = l->generation_base + r->generation;
		break;
	case OFL_RECORD_EVENT:
		if (!is_done(l, r))
			ofl_ledger_put_event(l, r);
		break;
	case OFL_RECORD_SAMPLE:
		if (!is_done(l, r))
			ofl_ledger_put_sample(l, r);
		break;
	case OFL_RECORD_CLEAR:
		ofl_ledger_clear(l, r->at_us);
		break;
	case OFL_RECORD_SWEEP:
		sweep_start(l, r);
		break;
	case OFL_RECORD_MARK:
		ofl_ledger_put_mark(l, r);
		break;
	}
}

/* --- deletes --- */

void ofl_ledger_clear(struct ofl_ledger *l, uint64_t before_us)
{
	for (int i = 0; i < LOGS; i++) {
		struct ofl_ledger_log *log = &l->now.log[i];

		/* One that goes on and reaches further covers this one. */
		if (log->clear_last && log->clear_before_us >= before_us)
			continue;
		log->clear_last = log->last;
		log->clear_before_us = before_us;
	}
}

/* The last of the `step` oldest rows that is older than `before_us` (and all
 * before it are), or 0.  The order of rows counts, not their times alone: a
 * clock that was set back leaves no holes. */
static uint64_t older(struct ofl_ledger *l, int which, uint64_t before_us,
		      uint64_t step)
{
	const struct ofl_ledger_log *log = &l->now.log[which];
	int newer = log_kinds[which].newer;
	uint64_t last = log->first + step - 1;

	/* SQLite's integers are signed. */
	if (before_us > INT64_MAX)
		before_us = INT64_MAX;
	ofl_sqldb_bind_int(l->db, newer, 1, before_us);
	ofl_sqldb_bind_int(l->db, newer, 2, step);
	if (ofl_sqldb_step(l->db, newer)) {
		last = (uint64_t)ofl_sqldb_col_int(l->db, newer, 0) - 1;
		ofl_sqldb_end(l->db, newer);
	}
	return last < log->last ? last : log->last;
}

static int64_t ask_int(struct ofl_ledger *l, int stmt)
{
	int64_t v = 0;

	if (ofl_sqldb_step(l->db, stmt)) {
		v = ofl_sqldb_col_int(l->db, stmt, 0);
		ofl_sqldb_end(l->db, stmt);
	}
	return v;
}

/* The file is too large: up to where a log is cut, a step at a time.  Events
 * and samples go with the history of their time. */
static uint64_t oversize(struct ofl_ledger *l, int which, uint64_t step)
{
	const struct ofl_ledger_log *history = &l->now.log[HISTORY];
	const struct ofl_ledger_log *log = &l->now.log[which];
	uint64_t end = log->first + step - 1;

	if (which != HISTORY && history->first <= history->last)
		return older(l, which, ask_int(l, HISTORY_OLDEST), step);
	return end < log->last ? end : log->last;
}

/* The oldest row there is: a file that somebody made has gaps, and in steps it
 * would take for ever to get across. */
static uint64_t oldest(struct ofl_ledger *l, int which, uint64_t otherwise)
{
	int ends = log_kinds[which].ends;
	uint64_t first = otherwise;

	if (ofl_sqldb_step(l->db, ends)) {
		first = (uint64_t)ofl_sqldb_col_int(l->db, ends, 0);
		ofl_sqldb_end(l->db, ends);
	}
	return first > otherwise ? first : otherwise;
}

/* One step of deleting at the old end; at least as many rows as were added,
 * so that a full log stays at its bound. */
static void log_cut(struct ofl_ledger *l, int which,
		    const struct ofl_ledger_bounds *b, uint64_t added,
		    bool is_oversize)
{
	struct ofl_ledger_log *log = &l->now.log[which];
	uint64_t step = added + CUT_STEP, end = log->first + step - 1;
	uint64_t count = log->last + 1 - log->first, cut = 0, c;

	if (count > b->history_max)
		cut = log->last - b->history_max;
	if (b->before_us && count) {
		c = older(l, which, b->before_us, step);
		cut = c > cut ? c : cut;
	}
	if (log->clear_last >= log->first) {
		c = older(l, which, log->clear_before_us, step);
		c = c < log->clear_last ? c : log->clear_last;
		cut = c > cut ? c : cut;
	}
	if (count && is_oversize) {
		c = oversize(l, which, step);
		cut = c > cut ? c : cut;
	}
	log->more = cut >= end;
	if (!log->more)
		log->clear_last = 0;
	if (cut > end)
		cut = end;
	if (cut < log->first)
		return;
	ofl_sqldb_bind_int(l->db, log_kinds[which].cut, 1, cut);
	ofl_sqldb_run(l->db, log_kinds[which].cut);
	log->first = log->more ? oldest(l, which, cut + 1) : cut + 1;
}

/* One stretch of the walk: find where it ends, delete in between. */
static void sweep_step(struct ofl_ledger *l)
{
	struct ofl_ledger_sweep *s = &l->now.sweep;
	struct ofl_sqldb *db = l->db;
	int64_t end = INT64_MAX;

	if (!s->on)
		return;
	ofl_sqldb_bind_int(db, SWEEP_BOUND, 1, s->after);
	ofl_sqldb_bind_int(db, SWEEP_BOUND, 2, SWEEP_STEP - 1);
	if (ofl_sqldb_step(db, SWEEP_BOUND)) {
		end = ofl_sqldb_col_int(db, SWEEP_BOUND, 0);
		ofl_sqldb_end(db, SWEEP_BOUND);
	}
	ofl_sqldb_bind_int(db, SWEEP_DEL, 1, s->after);
	ofl_sqldb_bind_int(db, SWEEP_DEL, 2, end);
	ofl_sqldb_bind_int(db, SWEEP_DEL, 3, s->generation);
	ofl_sqldb_run(db, SWEEP_DEL);
	s->after = end;
	s->on = end != INT64_MAX;
}

/* --- one transaction --- */

static void tally_put(struct ofl_ledger *l, uint64_t age_us)
{
	const struct ofl_ledger_tally *now = &l->now, *saved = &l->saved;

	if (now->last_flow_id != saved->last_flow_id)
		meta_set(l, "last_flow_id", now->last_flow_id);
	if (now->last_record != saved->last_record) {
		meta_set(l, "last_record", now->last_record);
		meta_set(l, "age_us", age_us);
	}
	if (now->generation != saved->generation)
		meta_set(l, "generation", now->generation);
	for (int i = 0; i < LOGS; i++)
		if (now->log[i].last != saved->log[i].last)
			meta_set(l, log_kinds[i].key, now->log[i].last);
}

bool ofl_ledger_write(struct ofl_ledger *l, const struct ofl_records *batch,
		      const struct ofl_ledger_bounds *bounds,
		      struct ofl_sqldb_error *ret_error)
{
	struct ofl_record_at at = {0};
	const struct ofl_record *r;
	bool is_oversize;

	l->saved = l->now;
	if (!ofl_sqldb_begin(l->db)) {
		*ret_error = *ofl_sqldb_error(l->db);
		return false;
	}
	coalesce(l, batch);
	while ((r = ofl_records_next(batch, &at)))
		put(l, r);
	is_oversize = (uint64_t)ask_int(l, SIZE) > bounds->size_max;
	for (int i = 0; i < LOGS; i++)
		log_cut(l, i, bounds, l->now.log[i].last - l->saved.log[i].last,
			is_oversize);
	sweep_step(l);
	tally_put(l, bounds->age_us);
	if (ofl_sqldb_commit(l->db, ret_error))
		return true;
	l->now = l->saved;
	return false;
}

bool ofl_ledger_checkpoint(struct ofl_ledger *l,
			   struct ofl_sqldb_error *ret_error)
{
	return ofl_sqldb_checkpoint(l->db, WAL_PAGES, ret_error);
}

bool ofl_ledger_has_more(const struct ofl_ledger *l)
{
	bool more = l->now.sweep.on;

	for (int i = 0; i < LOGS; i++)
		more |= l->now.log[i].more;
	return more;
}
