// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A database somebody else wrote into: rows of any type and size, names that
 * are none, text that is no text, to everything that reads them.
 *
 * Its tables have the names and columns the store knows but no types and no
 * constraints, as a file from elsewhere may have.  Input: a byte (bit 0: the
 * store is opened anew, and so reads what it reads at the start), then rows:
 * which table, then a value for each column (kind, size, bytes).  Whatever is
 * there, a row has the texts it promises.
 */
#include <zebra.h>

#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "offloadd/store/recall.h"
#include "offloadd/store/schema.h"
#include "offloadd/store/store.h"

#include "tests/fuzz/fuzz.h"

#define ROWS_MAX 32
#define TEXT_MAX 70000 /* longer than anything of ours */

static const struct table {
	const char *clear, *insert;
	int columns;
} tables[] = {
	{"DELETE FROM history",
	 "INSERT INTO history (seq, at_us, flow_id, prefix, vrf, from_state,"
	 " to_state, reason, class, rule, hw_table, op, text)"
	 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	 13},
	{"DELETE FROM event",
	 "INSERT INTO event (seq, at_us, kind, hw_table, used_slots,"
	 " capacity_slots, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
	 7},
	{"DELETE FROM table_sample",
	 "INSERT INTO table_sample (seq, at_us, hw_table, used_slots,"
	 " list_slots, capacity_slots, high_slots, low_slots, admission,"
	 " answered_permille) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	 10},
	{"DELETE FROM mark",
	 "INSERT INTO mark (hw_table, list, part, mark) VALUES (?, ?, ?, ?)",
	 4},
	{"DELETE FROM flow",
	 "INSERT INTO flow (flow_id, prefix, vrf, state, reason, class,"
	 " hw_table, protocol, rule, weight, since_us, text, generation,"
	 " traffic) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	 14},
	{"DELETE FROM meta WHERE key IS NOT 'schema'",
	 "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", 2},
};

static const char make_tables[] =
	"CREATE TABLE meta (key PRIMARY KEY, value);"
	"CREATE TABLE flow (flow_id, prefix, vrf, state, reason, class,"
	" hw_table, protocol, rule, weight, since_us, text, generation,"
	" traffic);"
	"CREATE TABLE history (seq, at_us, flow_id, prefix, vrf, from_state,"
	" to_state, reason, class, rule, hw_table, op, text);"
	"CREATE TABLE event (seq, at_us, kind, hw_table, used_slots,"
	" capacity_slots, text);"
	"CREATE TABLE table_sample (seq, at_us, hw_table, used_slots,"
	" list_slots, capacity_slots, high_slots, low_slots, admission,"
	" answered_permille);"
	"CREATE TABLE mark (hw_table, list, part, mark);";

static char dir[128];
static struct ofl_store_conf conf;
static sqlite3 *db; /* somebody else's connection */
static sqlite3_stmt *inserts[array_size(tables)];
static struct ofl_store *store;

/* --- the file --- */

static void run(const char *sql)
{
	FUZZ_CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	return ftw->level ? remove(path) : 0;
}

/* The store, and every file it left. */
static void tear_down(void)
{
	ofl_store_free(store, 0);
	store = NULL;
	for (size_t i = 0; i < array_size(inserts); i++)
		sqlite3_finalize(inserts[i]);
	memset(inserts, 0, sizeof(inserts));
	sqlite3_close(db);
	db = NULL;
	nftw(dir, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

static void at_end(void)
{
	tear_down();
	rmdir(dir);
}

static void dir_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.80s/ofl-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	FUZZ_CHECK(mkdtemp(dir));
	ofl_store_conf_init(&conf);
	conf.history_max = 10;
	snprintf(conf.path, sizeof(conf.path), "%s/a.db", dir);
	atexit(at_end);
}

static void set_up(void)
{
	sqlite3_stmt *st;
	char sql[64];

	if (!dir[0])
		dir_make();
	FUZZ_CHECK(sqlite3_open(conf.path, &db) == SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d",
		 OFL_STORE_APP_ID);
	run(sql);
	run("PRAGMA journal_mode=WAL");
	run("PRAGMA synchronous=OFF");
	run(make_tables);
	FUZZ_CHECK(sqlite3_prepare_v2(db,
				      "INSERT INTO meta VALUES ('schema', ?)",
				      -1, &st, NULL) == SQLITE_OK);
	sqlite3_bind_int(st, 1, OFL_STORE_SCHEMA);
	FUZZ_CHECK(sqlite3_step(st) == SQLITE_DONE);
	sqlite3_finalize(st);
	for (size_t i = 0; i < array_size(tables); i++)
		FUZZ_CHECK(sqlite3_prepare_v2(db, tables[i].insert, -1,
					      &inserts[i], NULL) == SQLITE_OK);
}

/* --- rows --- */

static void text_put(struct fuzz *f, sqlite3_stmt *st, int column, bool blob)
{
	size_t len, long_len = 0;
	char *text = fuzz_copy(f, fuzz_u8(f), &len), *larger;

	/* Now and then very long: the bytes over and over. */
	if (len && text[0] == '\xff')
		long_len = TEXT_MAX;
	if (long_len) {
		larger = malloc(long_len);
		FUZZ_CHECK(larger);
		for (size_t i = 0; i < long_len; i++)
			larger[i] = text[i % len];
		free(text);
		text = larger;
		len = long_len;
	}
	if (blob)
		sqlite3_bind_blob(st, column, text, (int)len, free);
	else
		sqlite3_bind_text(st, column, text, (int)len, free);
}

static void value_put(struct fuzz *f, sqlite3_stmt *st, int column)
{
	static const char *const words[] = {
		"history_pruned", "last_history_seq", "last_event_seq",
		"generation",	  "next_flow_id",     "hardware",
		"10.0.0.0/8",	  "default",
	};
	double real;

	switch (fuzz_u8(f) % 8) {
	case 0:
		sqlite3_bind_null(st, column);
		break;
	case 1:
		sqlite3_bind_int64(st, column, (int64_t)fuzz_u64(f));
		break;
	case 2:
		sqlite3_bind_int(st, column, fuzz_u8(f));
		break;
	case 3:
		fuzz_bytes(f, &real, sizeof(real));
		sqlite3_bind_double(st, column, real);
		break;
	case 4:
		text_put(f, st, column, true);
		break;
	case 5:
		sqlite3_bind_text(st, column,
				  words[fuzz_u8(f) % array_size(words)], -1,
				  SQLITE_STATIC);
		break;
	default:
		text_put(f, st, column, false);
	}
}

static void rows_put(struct fuzz *f)
{
	run("BEGIN IMMEDIATE");
	for (size_t i = 0; i < array_size(tables); i++)
		run(tables[i].clear);
	for (int row = 0; row < ROWS_MAX && f->left; row++) {
		size_t which = fuzz_u8(f) % array_size(tables);

		for (int c = 1; c <= tables[which].columns; c++)
			value_put(f, inserts[which], c);
		FUZZ_CHECK(sqlite3_step(inserts[which]) == SQLITE_DONE);
		sqlite3_reset(inserts[which]);
		sqlite3_clear_bindings(inserts[which]);
	}
	run("COMMIT");
}

/* --- reading them --- */

static size_t total; /* so that no look at a text is left out */

static void look(const char *text)
{
	FUZZ_CHECK(text);
	total += strlen(text);
}

static void look_if(const char *text)
{
	if (text)
		look(text);
}

static bool on_history(const struct ofl_history_row *r, void *arg)
{
	look(r->vrf);
	look(r->prefix);
	look(r->from);
	look(r->to);
	look(r->reason);
	look(r->cls);
	look_if(r->table);
	look_if(r->op);
	look_if(r->text);
	return ++*(unsigned int *)arg < ROWS_MAX;
}

static bool on_event(const struct ofl_event_row *r, void *arg)
{
	look(r->kind);
	look_if(r->table);
	look_if(r->text);
	return ++*(unsigned int *)arg < ROWS_MAX;
}

static bool on_mark(const struct ofl_store_mark *m, void *arg)
{
	look(m->table);
	look(m->list);
	look(m->part);
	return ++*(unsigned int *)arg < ROWS_MAX;
}

static void check_answer(int rc, const char *error)
{
	FUZZ_CHECK(rc == 0 || (rc == -1 && error && error[0]));
}

static void ask_all(void)
{
	const struct ofl_history_query all = {.limit = 5},
				       one = {.prefix = "10.0.0.0/8",
					      .vrf = "default",
					      .since_us = 1};
	const char *error = NULL;
	unsigned int count = 0;

	check_answer(ofl_store_history(store, &all, on_history, &count, &error),
		     error);
	FUZZ_CHECK(count <= all.limit);
	count = 0;
	check_answer(ofl_store_history(store, &one, on_history, &count, &error),
		     error);
	count = 0;
	check_answer(ofl_store_events(store, 1, 3, on_event, &count, &error),
		     error);
	FUZZ_CHECK(count <= 3);
	count = 0;
	check_answer(ofl_store_marks(store, on_mark, &count, &error), error);
}

/* What a new life of the daemon is told of the last one. */
static void recall(void)
{
	static const atomic_bool give_up;
	struct ofl_recall *r = ofl_recall_read(conf.path, &give_up);
	struct ofl_recalled *row, *found;

	for (size_t i = 0; i < ofl_recall_count(r); i++) {
		row = ofl_recall_at(r, i);
		FUZZ_CHECK(row->flow_id && row->flow_id <= INT64_MAX);
		FUZZ_CHECK(row->state < OFL_STATE_GONE);
		FUZZ_CHECK(row->reason <= OFL_REASON_MAX);
		FUZZ_CHECK(ofl_class_name(row->cls));
		FUZZ_CHECK(row->key.p.plen <=
			   ofl_family_bits(row->key.p.family));
		look(ofl_recall_name(r, row->table));
		found = ofl_recall_find(r, ofl_recall_name(r, row->key.vrf),
					&row->key.p);
		FUZZ_CHECK(found && !found->used);
		FUZZ_CHECK(found == row || row->used);
		FUZZ_CHECK(!ofl_key_cmp(&found->key, &row->key));
	}
	ofl_recall_free(r);
}

static void on_state(void *arg, enum ofl_store_state state, const char *text)
{
}

/* Writing goes on from what was there; the end waits until it is written. */
static void write_more(void)
{
	struct ofl_store_event e = {.at_us = 5, .kind = "fuzz"};
	struct ofl_store_flow r = {
		.flow_id = 7,
		.vrf = "default",
		.proto = "bgp",
		.at_us = 6,
		.to = OFL_STATE_WAITING,
	};

	r.key.p = ofl_prefix_make(AF_INET, "\n\0\0\0", 8);
	FUZZ_CHECK(ofl_store_put_flow(store, &r));
	FUZZ_CHECK(ofl_store_put_event(store, &e));
	ofl_store_clear_history(store, 6);
	ofl_store_sweep(store);
	ofl_store_free(store, 1000);
	store = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ofl_store_events events = {.state = on_state};
	struct fuzz f = {.at = data, .left = size};
	bool anew = fuzz_u8(&f) & 1;
	uint64_t first_id = 0;

	/* The store may set such a file aside and begin a new one. */
	if (anew && db)
		tear_down();
	if (!db)
		set_up();
	rows_put(&f);
	if (!store) {
		store = ofl_store_new(&conf, &events, NULL, &first_id);
		FUZZ_CHECK(store && first_id);
	}
	ask_all();
	if (anew) {
		recall();
		write_more();
		tear_down();
	}
	return 0;
}
