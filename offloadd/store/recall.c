// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading all rows of `flow`; see recall.h.
 *
 * On a read-only connection of its own in the writer's thread: malloc() and
 * pure functions of the flow room only, no FRR function.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "offloadd/store/recall.h"
#include "offloadd/store/schema.h"
#include "offloadd/store/store.h"

#define BUSY_MS 2000
#define NAMES_MAX 4096 /* VRFs and tables */
#define GIVE_UP_ROWS 4096

enum { FLOWS = 0, SQL_MAX };

static const char *const sql[SQL_MAX] = {
	[FLOWS] = "SELECT flow_id, prefix, vrf, state, reason, class, hw_table,"
		  " since_us, generation, traffic FROM flow",
};

struct ofl_recall {
	struct ofl_recalled *rows;
	size_t count, room, odd;
	size_t hint; /* the row that was found last */
	char **names;
	uint32_t name_count;
};

void ofl_recall_free(struct ofl_recall *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->name_count; i++)
		free(r->names[i]);
	free(r->names);
	free(r->rows);
	free(r);
}

size_t ofl_recall_count(const struct ofl_recall *r)
{
	return r ? r->count : 0;
}

size_t ofl_recall_odd(const struct ofl_recall *r)
{
	return r ? r->odd : 0;
}

struct ofl_recalled *ofl_recall_at(struct ofl_recall *r, size_t i)
{
	return &r->rows[i];
}

const char *ofl_recall_name(const struct ofl_recall *r, uint32_t number)
{
	return number ? r->names[number - 1] : "";
}

/* --- names --- */

/* There are few of them, and rows of one kind come together. */
static uint32_t name_find(const struct ofl_recall *r, const char *name)
{
	for (uint32_t i = 0; i < r->name_count; i++)
		if (strcmp(r->names[i], name) == 0)
			return i + 1;
	return 0;
}

/* 0: there is no room for it. */
static uint32_t name_get(struct ofl_recall *r, const char *name)
{
	uint32_t number = name_find(r, name);

	if (number || r->name_count == NAMES_MAX)
		return number;
	if (!r->names)
		r->names = calloc(NAMES_MAX, sizeof(*r->names));
	if (!r->names)
		return 0;
	r->names[r->name_count] = strdup(name);
	return r->names[r->name_count] ? ++r->name_count : 0;
}

/* --- rows --- */

static bool row_make(struct ofl_recall *r, struct ofl_sqldb *db,
		     struct ofl_recalled *ret)
{
	const char *prefix = ofl_sqldb_col_text(db, FLOWS, 1);
	const char *vrf = ofl_sqldb_col_text(db, FLOWS, 2);
	const char *state = ofl_sqldb_col_text(db, FLOWS, 3);
	const char *reason = ofl_sqldb_col_text(db, FLOWS, 4);
	const char *cls = ofl_sqldb_col_text(db, FLOWS, 5);
	const char *table = ofl_sqldb_col_text(db, FLOWS, 6);
	int64_t traffic = ofl_sqldb_col_int(db, FLOWS, 9);
	enum ofl_state s;
	enum ofl_class c;

	memset(ret, 0, sizeof(*ret));
	if (!prefix || !vrf || !state || !reason || !cls ||
	    !ofl_prefix_parse(prefix, false, &ret->key.p) ||
	    !ofl_state_parse(state, &s) || s == OFL_STATE_GONE ||
	    !ofl_class_parse(cls, &c))
		return false;
	ret->flow_id = ofl_sqldb_col_int(db, FLOWS, 0);
	ret->since_us = ofl_sqldb_col_int(db, FLOWS, 7);
	ret->generation = ofl_sqldb_col_int(db, FLOWS, 8);
	ret->state = s;
	ret->cls = c;
	if (traffic > 0)
		ret->traffic = traffic < UINT32_MAX ? traffic : UINT32_MAX;
	/* Of another version, perhaps: then it is news what it is now. */
	ret->reason = ofl_reason_find(reason);
	ret->key.vrf = name_get(r, vrf);
	if (table)
		ret->table = name_get(r, table);
	return ret->flow_id && ret->flow_id <= INT64_MAX && ret->key.vrf &&
	       (!table || ret->table);
}

/* False: no memory. */
static bool row_add(struct ofl_recall *r, const struct ofl_recalled *row)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 1024;
		void *rows = realloc(r->rows, room * sizeof(*r->rows));

		if (!rows)
			return false;
		r->rows = rows;
		r->room = room;
	}
	r->rows[r->count++] = *row;
	return true;
}

/* Those of one flow as they were told. */
static int row_cmp(const void *a, const void *b)
{
	const struct ofl_recalled *x = a, *y = b;
	int diff = ofl_key_cmp(&x->key, &y->key);

	if (diff)
		return diff;
	if (x->generation != y->generation)
		return x->generation < y->generation ? -1 : 1;
	return x->flow_id < y->flow_id ? -1 : x->flow_id > y->flow_id;
}

/* Two rows name one flow: a process was killed between the first telling of a
 * new life and the sweep of the old one.  The last telling counts. */
static void index_make(struct ofl_recall *r)
{
	if (r->count)
		qsort(r->rows, r->count, sizeof(*r->rows), row_cmp);
	for (size_t i = 1; i < r->count; i++)
		if (ofl_key_cmp(&r->rows[i - 1].key, &r->rows[i].key) == 0)
			r->rows[i - 1].used = true;
}

/* The last row that is not after `key`; r->count: all are. */
static size_t search(const struct ofl_recall *r, const struct ofl_key *key)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ofl_key_cmp(&r->rows[mid].key, key) > 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low ? low - 1 : r->count;
}

static bool is_at(const struct ofl_recall *r, size_t i,
		  const struct ofl_key *key)
{
	return i < r->count && ofl_key_cmp(&r->rows[i].key, key) == 0 &&
	       (i + 1 == r->count ||
		ofl_key_cmp(&r->rows[i + 1].key, key) != 0);
}

struct ofl_recalled *ofl_recall_find(struct ofl_recall *r, const char *vrf,
				     const struct ofl_prefix *p)
{
	struct ofl_key key = {.p = *p};
	size_t i;

	key.vrf = r ? name_find(r, vrf) : 0;
	if (!key.vrf)
		return NULL;
	/* Who asks for all of them mostly does so in their order. */
	i = r->hint + 1;
	if (!is_at(r, i, &key) && !is_at(r, --i, &key))
		i = search(r, &key);
	if (!is_at(r, i, &key))
		return NULL;
	r->hint = i;
	return &r->rows[i];
}

static bool rows_read(struct ofl_recall *r, struct ofl_sqldb *db,
		      const atomic_bool *give_up)
{
	struct ofl_recalled row;
	bool ok = true;

	ofl_sqldb_begin(db);
	while (ok && ofl_sqldb_step(db, FLOWS)) {
		if (r->count == OFL_RECALL_MAX)
			break;
		if (row_make(r, db, &row))
			ok = row_add(r, &row);
		else
			r->odd++;
		if (r->count % GIVE_UP_ROWS == 0 && atomic_load(give_up))
			ok = false;
	}
	ok &= ofl_sqldb_error(db)->status == OFL_SQLDB_OK;
	ofl_sqldb_abort(db);
	return ok;
}

struct ofl_recall *ofl_recall_read(const char *path, const atomic_bool *give_up)
{
	struct ofl_sqldb_conf conf = {
		.path = path,
		.read_only = true,
		.busy_ms = BUSY_MS,
		.app_id = OFL_STORE_APP_ID,
		.give_up = give_up,
		.sql = sql,
		.sql_count = SQL_MAX,
	};
	struct ofl_sqldb_error error;
	struct ofl_sqldb *db = ofl_sqldb_new(&conf, &error);
	struct ofl_recall *r = db ? calloc(1, sizeof(*r)) : NULL;

	if (r && !rows_read(r, db, give_up)) {
		ofl_recall_free(r);
		r = NULL;
	}
	if (r)
		index_make(r);
	ofl_sqldb_free(db);
	return r;
}
