// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions about history, events and marks, asked on the main thread.
 *
 * Own read-only connection: in WAL mode it neither waits for the writer nor
 * holds it up.  An answer has a deadline; what was found until then is given.
 */
#include <sys/stat.h>

#include "offloadd/store/schema.h"
#include "offloadd/store/store_private.h"

#define ANSWER_US 40000
#define BUSY_MS 20
#define LIMIT_DEFAULT 1000

enum { HISTORY_ALL = 0, HISTORY_TIME, HISTORY_PREFIX, EVENTS, MARKS, SQL_MAX };

#define HISTORY_COLS                                                           \
	"SELECT seq, at_us, flow_id, vrf, prefix, from_state, to_state,"       \
	" reason, class, hw_table, op, text, rule FROM history"

#define BETWEEN " AND at_us >= ?3 AND at_us < ?4"
#define BETWEEN_FEW " AND +at_us >= ?3 AND +at_us < ?4"

static const char *const sql[SQL_MAX] = {
	[HISTORY_ALL] = HISTORY_COLS " WHERE ?1 IS NULL OR vrf = ?1"
				     " ORDER BY seq DESC LIMIT ?2",
	/* By the index of times, whatever the clock did in between. */
	[HISTORY_TIME] = HISTORY_COLS " WHERE (?1 IS NULL OR vrf = ?1)" BETWEEN
				      " ORDER BY at_us DESC, seq DESC LIMIT ?2",
	/* Rows of one prefix are few (the + keeps off the other index). */
	[HISTORY_PREFIX] = HISTORY_COLS
	" WHERE (?1 IS NULL OR vrf = ?1) AND prefix = ?5" BETWEEN_FEW
	" ORDER BY seq DESC LIMIT ?2",
	[EVENTS] = "SELECT seq, at_us, kind, hw_table, text, used_slots,"
		   " capacity_slots FROM event WHERE at_us >= ?2"
		   " ORDER BY seq DESC LIMIT ?1",
	[MARKS] = "SELECT hw_table, list, part, mark FROM mark LIMIT ?1",
};

void ofl_store_reader_close(struct ofl_store *s)
{
	ofl_sqldb_free(s->reader);
	s->reader = NULL;
	pthread_mutex_lock(&s->lock);
	s->reader_open = s->reader_close = false;
	pthread_mutex_unlock(&s->lock);
}

/* Is the file at the path the writer's?  Never another one beside it: see
 * is_reader_in_way() in writer.c. */
static bool is_writers(struct ofl_store *s, const struct stat *st)
{
	bool same;

	pthread_mutex_lock(&s->lock);
	same = s->file && s->dev == st->st_dev && s->ino == st->st_ino;
	pthread_mutex_unlock(&s->lock);
	return same;
}

static struct ofl_sqldb *reader_open(struct ofl_store *s,
				     const char **ret_error)
{
	struct ofl_sqldb_conf conf = {
		.path = s->conf.path,
		.read_only = true,
		.busy_ms = BUSY_MS,
		.app_id = OFL_STORE_APP_ID,
		.sql = sql,
		.sql_count = SQL_MAX,
	};
	struct ofl_sqldb_error error;
	struct stat st;

	if (stat(s->conf.path, &st) < 0 || !is_writers(s, &st)) {
		*ret_error = "the database is not open";
		return NULL;
	}
	s->reader = ofl_sqldb_new(&conf, &error);
	if (!s->reader) {
		*ret_error = error.status == OFL_SQLDB_BUSY
				     ? "the database is busy"
				     : "the database cannot be opened";
		return NULL;
	}
	pthread_mutex_lock(&s->lock);
	s->reader_file = s->file;
	s->reader_open = true;
	s->reader_dev = st.st_dev;
	s->reader_ino = st.st_ino;
	pthread_mutex_unlock(&s->lock);
	return s->reader;
}

/* The connection, opened anew if the writer has another file now. */
static struct ofl_sqldb *reader_get(struct ofl_store *s, const char **ret_error)
{
	bool close;

	if (!s->conf.path[0]) {
		*ret_error = "no database is configured";
		return NULL;
	}
	pthread_mutex_lock(&s->lock);
	close = s->reader_close || s->reader_file != s->file;
	pthread_mutex_unlock(&s->lock);
	if (s->reader && !close)
		return s->reader;
	ofl_store_reader_close(s);
	return reader_open(s, ret_error);
}

/* What became of the answer. */
static int finish(struct ofl_store *s, bool late, const char **ret_error)
{
	enum ofl_sqldb_status status = ofl_sqldb_error(s->reader)->status;

	ofl_sqldb_abort(s->reader);
	ofl_sqldb_set_deadline(s->reader, 0);
	switch (status) {
	case OFL_SQLDB_OK:
	case OFL_SQLDB_LATE:
		*ret_error = late || status == OFL_SQLDB_LATE
				     ? "cut short: looking took too long"
				     : NULL;
		return 0;
	case OFL_SQLDB_BUSY:
		*ret_error = "the database is busy";
		return -1;
	default:
		ofl_store_reader_close(s);
		*ret_error = "the database cannot be read";
		return -1;
	}
}

/* SQLite's integers are signed. */
static int64_t time_of(uint64_t us)
{
	return us < INT64_MAX ? (int64_t)us : INT64_MAX;
}

static int history_stmt(const struct ofl_history_query *q)
{
	if (q->prefix)
		return HISTORY_PREFIX;
	return q->since_us || q->until_us ? HISTORY_TIME : HISTORY_ALL;
}

/* A text the schema has in every row; a file of somebody else may not. */
static const char *text_of(struct ofl_sqldb *db, int stmt, int col)
{
	const char *text = ofl_sqldb_col_text(db, stmt, col);

	return text ? text : "";
}

static void history_row(struct ofl_sqldb *db, int stmt,
			struct ofl_history_row *ret_row)
{
	ret_row->seq = ofl_sqldb_col_int(db, stmt, 0);
	ret_row->at_us = ofl_sqldb_col_int(db, stmt, 1);
	ret_row->flow_id = ofl_sqldb_col_int(db, stmt, 2);
	ret_row->vrf = text_of(db, stmt, 3);
	ret_row->prefix = text_of(db, stmt, 4);
	ret_row->from = text_of(db, stmt, 5);
	ret_row->to = text_of(db, stmt, 6);
	ret_row->reason = text_of(db, stmt, 7);
	ret_row->cls = text_of(db, stmt, 8);
	ret_row->table = ofl_sqldb_col_text(db, stmt, 9);
	ret_row->op = ofl_sqldb_col_text(db, stmt, 10);
	ret_row->text = ofl_sqldb_col_text(db, stmt, 11);
	ret_row->rule = ofl_sqldb_col_int(db, stmt, 12);
}

int ofl_store_history(struct ofl_store *s, const struct ofl_history_query *q,
		      bool (*cb)(const struct ofl_history_row *row, void *arg),
		      void *arg, const char **ret_error)
{
	uint64_t until = ofl_store_mono_us() + ANSWER_US;
	int stmt = history_stmt(q);
	struct ofl_sqldb *db = reader_get(s, ret_error);
	struct ofl_history_row row;
	bool late = false;

	if (!db)
		return -1;
	ofl_sqldb_set_deadline(db, until);
	ofl_sqldb_begin(db);
	ofl_sqldb_bind_text(db, stmt, 1, q->vrf);
	ofl_sqldb_bind_int(db, stmt, 2, q->limit ? q->limit : LIMIT_DEFAULT);
	if (stmt != HISTORY_ALL) {
		ofl_sqldb_bind_int(db, stmt, 3, time_of(q->since_us));
		ofl_sqldb_bind_int(db, stmt, 4,
				   q->until_us ? time_of(q->until_us)
					       : INT64_MAX);
	}
	if (stmt == HISTORY_PREFIX)
		ofl_sqldb_bind_text(db, stmt, 5, q->prefix);
	while (!late && ofl_sqldb_step(db, stmt)) {
		history_row(db, stmt, &row);
		if (!cb(&row, arg))
			break;
		late = ofl_store_mono_us() >= until;
	}
	return finish(s, late, ret_error);
}

int ofl_store_events(struct ofl_store *s, uint64_t since_us, uint32_t limit,
		     bool (*cb)(const struct ofl_event_row *row, void *arg),
		     void *arg, const char **ret_error)
{
	uint64_t until = ofl_store_mono_us() + ANSWER_US;
	struct ofl_sqldb *db = reader_get(s, ret_error);
	struct ofl_event_row row;
	bool late = false;

	if (!db)
		return -1;
	ofl_sqldb_set_deadline(db, until);
	ofl_sqldb_begin(db);
	ofl_sqldb_bind_int(db, EVENTS, 1, limit ? limit : LIMIT_DEFAULT);
	ofl_sqldb_bind_int(db, EVENTS, 2, time_of(since_us));
	while (!late && ofl_sqldb_step(db, EVENTS)) {
		row.seq = ofl_sqldb_col_int(db, EVENTS, 0);
		row.at_us = ofl_sqldb_col_int(db, EVENTS, 1);
		row.kind = text_of(db, EVENTS, 2);
		row.table = ofl_sqldb_col_text(db, EVENTS, 3);
		row.text = ofl_sqldb_col_text(db, EVENTS, 4);
		row.used_slots = ofl_sqldb_col_int(db, EVENTS, 5);
		row.capacity_slots = ofl_sqldb_col_int(db, EVENTS, 6);
		if (!cb(&row, arg))
			break;
		late = ofl_store_mono_us() >= until;
	}
	return finish(s, late, ret_error);
}

int ofl_store_marks(struct ofl_store *s,
		    bool (*cb)(const struct ofl_store_mark *m, void *arg),
		    void *arg, const char **ret_error)
{
	uint64_t until = ofl_store_mono_us() + ANSWER_US;
	struct ofl_sqldb *db = reader_get(s, ret_error);
	struct ofl_store_mark m;
	bool late = false;

	if (!db)
		return -1;
	ofl_sqldb_set_deadline(db, until);
	ofl_sqldb_begin(db);
	ofl_sqldb_bind_int(db, MARKS, 1, OFL_STORE_MARKS_MAX);
	while (!late && ofl_sqldb_step(db, MARKS)) {
		m.table = text_of(db, MARKS, 0);
		m.list = text_of(db, MARKS, 1);
		m.part = text_of(db, MARKS, 2);
		m.mark = ofl_sqldb_col_int(db, MARKS, 3);
		if (!cb(&m, arg))
			break;
		late = ofl_store_mono_us() >= until;
	}
	return finish(s, late, ret_error);
}
