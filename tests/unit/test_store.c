// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store in good health: what is put can be read again, by this program
 * and by people with sqlite3; it keeps order, bounds and generations.  Sick
 * disks are test_store_faults.c's.
 */
#include "tests/unit/store_fixture.h"

/* --- what a query found --- */

static struct {
	unsigned int count;
	uint64_t seq[5000], flow_id[5000], at_us[5000];
	char first[400]; /* the newest row, all of it */
	unsigned int stop_after;
	bool slow;
} found;

static bool on_row(const struct ofl_history_row *r, void *arg)
{
	if (found.count == 0)
		snprintf(found.first, sizeof(found.first),
			 "%s %s %s>%s %s %s %s %s %u %s", r->vrf, r->prefix,
			 r->from, r->to, r->reason, r->cls,
			 r->table ? r->table : "-", r->op ? r->op : "-",
			 r->rule, r->text ? r->text : "-");
	assert_true(found.count < 5000);
	found.seq[found.count] = r->seq;
	found.at_us[found.count] = r->at_us;
	found.flow_id[found.count++] = r->flow_id;
	if (found.slow)
		usleep(5000);
	return found.count != found.stop_after;
}

static bool on_event(const struct ofl_event_row *r, void *arg)
{
	if (found.count == 0)
		snprintf(found.first, sizeof(found.first), "%s %s %u/%u %s",
			 r->kind, r->table ? r->table : "-", r->used_slots,
			 r->capacity_slots, r->text ? r->text : "-");
	found.seq[found.count++] = r->seq;
	return found.count != found.stop_after;
}

static unsigned int ask(struct ofl_store *s, const char *prefix,
			const char *vrf, uint64_t since_us, uint32_t limit)
{
	struct ofl_history_query q = {
		.prefix = prefix,
		.vrf = vrf,
		.since_us = since_us,
		.limit = limit,
	};
	const char *error = "not set";

	memset(&found, 0, sizeof(found));
	assert_int_equal(ofl_store_history(s, &q, on_row, NULL, &error), 0);
	assert_null(error);
	return found.count;
}

static unsigned int ask_events(struct ofl_store *s, uint64_t since_us,
			       uint32_t limit)
{
	const char *error = "not set";

	memset(&found, 0, sizeof(found));
	assert_int_equal(ofl_store_events(s, since_us, limit, on_event, NULL,
					  &error),
			 0);
	assert_null(error);
	return found.count;
}

/* --- tests --- */

static bool on_mark(const struct ofl_store_mark *m, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%s|%s|%s|%u;",
		 m->table, m->list, m->part, m->mark);
	return true;
}

static void marks_come_back(void **state)
{
	struct ofl_store *s = store_open(in_dir("db"));
	struct ofl_store_mark m = {"T", "access-list A", "src 10.0.0.1/32", 7};
	const char *error = "not set";
	char text[200] = "";

	assert_int_equal(ofl_store_marks(s, on_mark, text, &error), 0);
	assert_string_equal(text, "");
	assert_true(ofl_store_put_mark(s, &m));
	m.mark = UINT32_MAX;
	assert_true(ofl_store_put_mark(s, &m));
	m.part = "any";
	assert_true(ofl_store_put_mark(s, &m));
	m.list = "flows p0";
	assert_true(ofl_store_put_mark(s, &m));
	store_close(s);
	s = store_open(in_dir("db"));
	/* One that goes, and one that was never there. */
	m.mark = 0;
	assert_true(ofl_store_put_mark(s, &m));
	m.list = "nobody's";
	assert_true(ofl_store_put_mark(s, &m));
	wait_written(s);
	assert_int_equal(ofl_store_marks(s, on_mark, text, &error), 0);
	assert_null(error);
	assert_string_equal(text,
			    "T|access-list A|any|4294967295;"
			    "T|access-list A|src 10.0.0.1/32|4294967295;");
	store_close(s);
}

static void everything_comes_back(void **state)
{
	const char *path = in_dir("db");
	struct ofl_store *s = store_open(path);
	struct ofl_store_flow f =
		flow_make(3, OFL_STATE_SENT, OFL_STATE_FAILED);
	struct ofl_store_event e = {
		.at_us = 1600000000123456,
		.kind = "watermark-high",
		.used_slots = 970,
		.capacity_slots = 1000,
	};
	sqlite3 *db;

	ofl_prefix_parse("2001:db8::/32", false, &f.key.p);
	f.vrf = "it's \"red\"";
	f.text = "no space; DROP TABLE flow";
	f.at_us = (uint64_t)time(NULL) / 100 * 100000000 + 250000;
	f.reason = OFL_REASON_HW_NO_SPACE;
	f.cls = OFL_CLASS_CRITICAL;
	f.op = OFL_OP_REPLACE;
	f.rule = UINT32_MAX;
	f.weight = UINT32_MAX;
	f.traffic = UINT32_MAX;
	assert_true(ofl_store_put_flow(s, &f));
	wait_written(s);
	assert_int_equal(ask(s, "2001:db8::/32", f.vrf, 0, 0), 1);
	assert_string_equal(found.first,
			    "it's \"red\" 2001:db8::/32 sent>failed "
			    "hardware-no-space critical main replace "
			    "4294967295 no space; DROP TABLE flow");
	assert_int_equal(found.at_us[0], f.at_us);
	assert_int_equal(found.flow_id[0], 4);

	/* as little as possible */
	f = flow_make(4, OFL_STATE_SEEN, OFL_STATE_WAITING);
	f.vrf = f.table = f.proto = NULL;
	f.op = OFL_OP_NONE;
	f.rule = 0;
	assert_true(ofl_store_put_flow(s, &f));
	assert_true(ofl_store_put_event(s, &e));
	wait_written(s);
	assert_int_equal(ask(s, NULL, NULL, 0, 0), 2);
	assert_string_equal(found.first, " 10.0.4.0/24 seen>waiting admitted "
					 "best-effort - - 0 -");
	/* (The event is of 2020: written, and too old to be kept.) */
	assert_int_equal(stats_of(s).written, 3);
	store_close(s);

	db = db_open(path);
	assert_string_equal(db_text(db,
				    "SELECT prefix || vrf || state || reason"
				    " || class || hw_table || protocol || "
				    "rule || weight || text || flow_id || "
				    "stale FROM v_flow WHERE flow_id = 4"),
			    "2001:db8::/32it's \"red\"failedhardware-no-space"
			    "criticalmainbgp42949672954294967295no space; "
			    "DROP TABLE flow40");
	assert_string_equal(db_text(db, "SELECT substr(at, 5, 1) || substr(at,"
					" 11, 1) || substr(at, 20) FROM "
					"v_history WHERE flow_id = 4"),
			    "-T.250Z");
	assert_string_equal(db_text(db, "SELECT since FROM v_flow WHERE "
					"flow_id = 4 AND since = (SELECT at "
					"FROM v_history WHERE flow_id = 4)") +
				    19,
			    ".250Z");
	assert_string_equal(db_text(db, "SELECT traffic FROM v_flow"
					" WHERE flow_id = 4"),
			    "4294967295");
	assert_string_equal(db_text(db, "SELECT traffic IS NULL FROM v_flow"
					" WHERE flow_id = 5"),
			    "1");
	sqlite3_close(db);
}

static void events_come_back(void **state)
{
	struct ofl_store *s = store_open(in_dir("db"));
	uint64_t now = (uint64_t)time(NULL) * 1000000;
	struct ofl_store_event e = {
		.at_us = now,
		.kind = "watermark-high",
		.table = "main",
		.used_slots = 970,
		.capacity_slots = 1000,
		.text = "best effort stops",
	};

	assert_true(ofl_store_put_event(s, &e));
	e = (struct ofl_store_event){.at_us = now + 1, .kind = "settled"};
	assert_true(ofl_store_put_event(s, &e));
	wait_written(s);
	assert_int_equal(ask_events(s, 0, 0), 2);
	assert_string_equal(found.first, "settled - 0/0 -");
	assert_true(found.seq[0] > found.seq[1]);
	assert_int_equal(ask_events(s, 0, 1), 1);
	assert_int_equal(ask_events(s, now + 1, 0), 1);
	assert_int_equal(ask_events(s, now + 2, 0), 0);
	store_close(s);
	assert_file_text(in_dir("db"),
			 "SELECT kind || hw_table || used_slots ||"
			 " capacity_slots || text FROM v_event "
			 "WHERE seq = 1",
			 "watermark-highmain9701000best effort stops");
}

static void order_and_questions(void **state)
{
	struct ofl_store *s = store_open(in_dir("db"));
	uint64_t base = (uint64_t)time(NULL) * 1000000;
	struct ofl_store_flow f;
	const char *error = NULL;

	/* Many batches, 100 flows of two VRFs. */
	for (uint32_t i = 0; i < 4000; i++) {
		f = flow_make(i % 100, OFL_STATE_WAITING, OFL_STATE_SENT);
		f.at_us = base + i;
		f.flow_id = i + 1;
		f.vrf = i % 2 ? "red" : "default";
		assert_true(ofl_store_put_flow(s, &f));
		if (i % 500 == 0)
			wait_written(s);
	}
	wait_written(s);
	assert_int_equal(ask(s, NULL, NULL, 0, 5000), 4000);
	for (uint32_t i = 0; i < 4000; i++) {
		assert_int_equal(found.flow_id[i], 4000 - i);
		assert_int_equal(found.seq[i], 4000 - i);
	}
	assert_int_equal(ask(s, NULL, NULL, 0, 0), 1000);
	assert_int_equal(ask(s, NULL, NULL, 0, 7), 7);
	assert_int_equal(ask(s, NULL, "red", 0, 5000), 2000);
	assert_int_equal(ask(s, "10.0.7.0/24", NULL, 0, 0), 40);
	assert_int_equal(found.flow_id[0], 3908);
	assert_int_equal(ask(s, "10.0.7.0/24", "red", 0, 0), 40);
	assert_int_equal(ask(s, "10.0.7.0/24", "default", 0, 0), 0);
	assert_int_equal(ask(s, "10.0.7.0/24", NULL, base + 3000, 0), 10);
	assert_int_equal(ask(s, NULL, NULL, base + 3990, 0), 10);
	assert_int_equal(ask(s, "' OR 1=1 --", NULL, 0, 0), 0);
	/* The asker has enough; then again from the start. */
	memset(&found, 0, sizeof(found));
	found.stop_after = 3;
	assert_int_equal(
		ofl_store_history(s, &(struct ofl_history_query){.limit = 10},
				  on_row, NULL, &error),
		0);
	assert_int_equal(found.count, 3);
	/* A slow asker gets what there was time for, and is told. */
	memset(&found, 0, sizeof(found));
	found.slow = true;
	assert_int_equal(
		ofl_store_history(s, &(struct ofl_history_query){.limit = 1000},
				  on_row, NULL, &error),
		0);
	assert_uint_in_range(found.count, 1, 9);
	assert_non_null(strstr(error, "cut short"));
	assert_int_equal(ask(s, NULL, NULL, 0, 5), 5);
	store_close(s);
}

static void last_change_of_a_batch_counts(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store *s;
	sqlite3 *db;

	/* All in one batch: it is written by the close. */
	conf.batch_ms = DEADLINE_S * 1000;
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 300; i++)
		put(s, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
	for (uint32_t i = 0; i < 300; i++)
		put(s, i, OFL_STATE_WAITING, OFL_STATE_SENT);
	for (uint32_t i = 0; i < 300; i += 3)
		put(s, i, OFL_STATE_SENT, OFL_STATE_OFFLOADED);
	for (uint32_t i = 1; i < 300; i += 3)
		put(s, i, OFL_STATE_SENT, OFL_STATE_GONE);
	restate(s, 2, OFL_STATE_FAILED);
	assert_int_equal(stats_of(s).queued, 801);
	store_close(s);
	db = db_open(conf.path);
	assert_string_equal(db_text(db, "SELECT count(*) FROM history"), "800");
	assert_string_equal(db_text(db, "SELECT count(*) FROM flow"), "200");
	assert_string_equal(db_text(db, "SELECT count(*) FROM flow WHERE state "
					"= 'offloaded' AND flow_id % 3 = 1"),
			    "100");
	assert_string_equal(db_text(db, "SELECT count(*) FROM flow WHERE state "
					"= 'sent' AND flow_id % 3 = 0"),
			    "99");
	assert_string_equal(db_text(db, "SELECT state FROM flow WHERE "
					"flow_id = 3"),
			    "failed");
	sqlite3_close(db);
}

static void early_when_many(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store *s;

	conf.batch_ms = 24 * 3600 * 1000;
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 100000; i++)
		put(s, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_until(s, stats_of(s).queued < 40000);
	assert_int_equal(stats_of(s).dropped, 0);
	store_close(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 100000);
}

static void history_is_bounded(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store_flow f;
	struct ofl_store *s;
	uint64_t now = (uint64_t)time(NULL) * 1000000;

	conf.history_max = 1000;
	conf.history_days = 2;
	s = store_start(&conf, NULL);
	for (uint32_t i = 0; i < 20000; i++) {
		put(s, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
		if (i % 1000 == 0)
			wait_written(s);
	}
	wait_written(s);
	wait_until(s, ask(s, NULL, NULL, 0, 5000) == 1000);
	assert_int_equal(found.seq[0], 20000);
	assert_int_equal(found.seq[999], 19001);
	/* The current state of flows is not history. */
	store_close(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM flow"),
			 20000);

	/* Too old, at the next start; a newer row among them shields those
	 * behind it, not those before. */
	conf.history_max = 100000;
	conf.history_days = 0;
	s = store_start(&conf, NULL);
	ofl_store_clear_history(s, UINT64_MAX);
	for (uint32_t i = 0; i < 6000; i++) {
		f = flow_make(i, OFL_STATE_SEEN, OFL_STATE_WAITING);
		f.at_us = now - (i == 5000 ? 1 : 3) * DAY_US;
		ofl_store_put_flow(s, &f);
	}
	wait_written(s);
	assert_int_equal(ask(s, NULL, NULL, 0, 1), 1);
	assert_int_equal(found.seq[0], 26000);
	conf.history_days = 2;
	ofl_store_conf_set(s, &conf);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_until(s, ask(s, NULL, NULL, 0, 5000) == 1001);
	assert_int_equal(found.seq[1000], 25001);
	store_close(s);
}

static void history_is_cleared(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("db"));
	struct ofl_store *s = store_start(&conf, NULL);
	struct ofl_store_event e = {.kind = "settled"};
	struct ofl_store_flow f;
	uint64_t base = (uint64_t)time(NULL) * 1000000 - DAY_US;

	for (uint32_t i = 0; i < 10000; i++) {
		f = flow_make(i, OFL_STATE_SEEN, OFL_STATE_WAITING);
		f.at_us = e.at_us = base + i;
		ofl_store_put_flow(s, &f);
		if (i % 1000 == 0)
			ofl_store_put_event(s, &e);
	}
	ofl_store_clear_history(s, base + 9000);
	wait_until(s, ask(s, NULL, NULL, 0, 5000) == 1000);
	assert_int_equal(found.at_us[999], base + 9000);
	assert_int_equal(ask_events(s, 0, 0), 1);
	/* What is put after the order stays. */
	put(s, 1, OFL_STATE_WAITING, OFL_STATE_SENT);
	ofl_store_clear_history(s, UINT64_MAX);
	put(s, 1, OFL_STATE_SENT, OFL_STATE_OFFLOADED);
	wait_until(s,
		   stats_of(s).queued == 0 && ask(s, NULL, NULL, 0, 5000) == 1);
	/* (settles at once or in the next step, but never at less) */
	assert_int_equal(found.seq[0], 10002);
	assert_int_equal(ask_events(s, 0, 0), 0);
	ofl_store_clear_history(s, UINT64_MAX);
	wait_until(s, ask(s, NULL, NULL, 0, 0) == 0);
	store_close(s);
	/* Numbers go on, though nothing is left to count from. */
	s = store_start(&conf, NULL);
	put(s, 1, OFL_STATE_OFFLOADED, OFL_STATE_LEAVING);
	wait_written(s);
	assert_int_equal(ask(s, NULL, NULL, 0, 0), 1);
	assert_int_equal(found.seq[0], 10003);
	store_close(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM flow"),
			 10000);
}

static void previous_run_is_swept(void **state)
{
	const char *path = in_dir("db");
	struct ofl_store_conf conf = conf_make(path);
	uint64_t first = 0;
	struct ofl_store *s = store_start(&conf, &first);
	struct ofl_store_flow f;

	assert_int_equal(first, 1);
	for (uint32_t i = 0; i < 12000; i++)
		put(s, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
	put(s, 11999, OFL_STATE_WAITING, OFL_STATE_GONE);
	store_close(s);

	s = store_start(&conf, &first);
	assert_int_equal(first, 12001);
	for (uint32_t i = 0; i < 6000; i += 2) {
		f = flow_make(i, OFL_STATE_SEEN, OFL_STATE_OFFLOADED);
		f.flow_id = first + i;
		assert_true(ofl_store_put_flow(s, &f));
	}
	wait_written(s);
	assert_int_equal(file_int(path, "SELECT sum(stale) FROM v_flow"),
			 11999);
	ofl_store_sweep(s);
	wait_until(s, file_int(path, "SELECT count(*) FROM flow") == 3000);
	assert_int_equal(file_int(path, "SELECT sum(stale) FROM v_flow"), 0);
	assert_int_equal(file_int(path, "SELECT min(flow_id) FROM flow"),
			 12001);
	/* Nothing left to sweep. */
	ofl_store_sweep(s);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_written(s);
	assert_int_equal(file_int(path, "SELECT count(*) FROM flow"), 3001);
	assert_int_equal(told.refreshes, 0);
	store_close(s);
}

static void path_changes(void **state)
{
	struct ofl_store_conf a = conf_make(in_dir("a")),
			      b = conf_make(in_dir("b")), off = conf_make("");
	struct ofl_history_query q = {.limit = 1};
	const char *error = NULL;
	uint64_t first = 0;
	struct ofl_store *s = store_start(&off, &first);

	/* off: nothing is kept, nothing is wrong */
	assert_int_equal(first, 1);
	assert_int_equal(stats_of(s).state, OFL_STORE_OFF);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	assert_int_equal(stats_of(s).queued, 0);
	assert_int_equal(ofl_store_room(s), UINT32_MAX);
	assert_int_equal(ofl_store_history(s, &q, on_row, NULL, &error), -1);
	assert_non_null(strstr(error, "no database"));
	ofl_store_poll(s);
	assert_int_equal(told.changes, 0);

	ofl_store_conf_set(s, &a);
	wait_until(s, told.state == OFL_STORE_OK && told.refreshes == 1);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	ofl_store_conf_set(s, &b);
	wait_until(s, told.refreshes == 2);
	put(s, 2, OFL_STATE_SEEN, OFL_STATE_WAITING);
	put(s, 3, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_written(s);
	assert_int_equal(ask(s, NULL, NULL, 0, 0), 2);
	assert_int_equal(file_int(a.path, "SELECT count(*) FROM history"), 1);
	ofl_store_conf_set(s, &off);
	wait_until(s, told.state == OFL_STORE_OFF);
	assert_int_equal(file_int(b.path, "SELECT count(*) FROM history"), 2);
	assert_int_not_equal(access(in_dir("b-wal"), F_OK), 0);
	ofl_store_conf_set(s, &a);
	wait_until(s, told.refreshes == 3);
	assert_int_equal(ask(s, NULL, NULL, 0, 0), 1);
	assert_int_equal(stats_of(s).dropped, 0);
	store_close(s);
}

static void file_is_closed_to_others(void **state)
{
	static const char *const names[] = {"db", "db-wal", "db-shm"};
	mode_t old = umask(0);
	struct ofl_store *s = store_open(in_dir("db"));
	struct stat st;

	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_written(s);
	umask(old);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(stat(in_dir(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
	}
	assert_true(stats_of(s).file_bytes > 0);
	store_close(s);
	assert_int_not_equal(access(in_dir("db-wal"), F_OK), 0);
}

/* The main thread asks, and another program looks, while the writer writes. */
static void readers_beside_the_writer(void **state)
{
	struct ofl_store *s = store_open(in_dir("db"));
	sqlite3 *other = NULL;
	unsigned int asked = 0, i = 0;
	uint64_t newest = 0;

	while (asked < 200) {
		for (int n = 0; n < 200; n++, i++)
			put(s, i % 1000, OFL_STATE_WAITING, OFL_STATE_SENT);
		if (i == 10000) {
			other = db_open(in_dir("db"));
			db_exec(other, "BEGIN; SELECT count(*) FROM history");
		}
		ofl_store_poll(s);
		if (stats_of(s).state != OFL_STORE_OK)
			continue;
		asked++;
		ask(s, NULL, NULL, 0, 100);
		/* one moment of the table: no gaps, never going back */
		for (unsigned int k = 1; k < found.count; k++)
			assert_int_equal(found.seq[k - 1], found.seq[k] + 1);
		if (found.count) {
			assert_true(found.seq[0] >= newest);
			newest = found.seq[0];
		}
		ask(s, "10.0.7.0/24", NULL, 0, 10);
	}
	sqlite3_close(other);
	wait_written(s);
	ask(s, NULL, NULL, 0, 1);
	assert_int_equal(found.seq[0], i);
	assert_int_equal(stats_of(s).dropped, 0);
	assert_int_equal(stats_of(s).behind_ms, 0);
	assert_int_equal(stats_of(s).written, i);
	assert_int_equal(told.changes, 1);
	store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_comes_back),
		TEST(events_come_back),
		TEST(order_and_questions),
		TEST(last_change_of_a_batch_counts),
		TEST(early_when_many),
		TEST(history_is_bounded),
		TEST(history_is_cleared),
		TEST(previous_run_is_swept),
		TEST(path_changes),
		TEST(marks_come_back),
		TEST(file_is_closed_to_others),
		TEST(readers_beside_the_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
