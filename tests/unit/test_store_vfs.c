// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store on a disk where each operation fails in turn, one at a time and
 * for good until somebody mends it: a life of the store, from a file that is
 * made or upgraded to a close and a second opening, is told once for each
 * operation, and each time ends with every record on disk exactly once.
 *
 * Not all operations of the frequent kinds are tried unless OFL_FAULTS_ALL is
 * set.  The last lines say how many were, one line of JSON.
 */
#include "tests/unit/store_fixture.h"

#include "lib/clock.h"
#include "offloadd/store/schema.h"
#include "tests/unit/fault_vfs.h"

#define TRIED_MAX 20 /* of one kind of fault, spread over all of them */
#define FLOWS 25     /* of a batch */
#define BATCHES 8    /* half of them before the file is opened again */

static struct {
	uint32_t scenarios, injected, told, tolerated;
	uint64_t records, lost, doubled, dropped;
	uint32_t pages, corrupt_aside, corrupt_refused, corrupt_unseen;
	uint32_t queued_most;
} count;

/* --- a life --- */

static struct ofl_store *life;
static bool was_told;

/* All is written, or the fault was told and mended (until == count is the
 * plan's own end).  A store that hangs or keeps silent fails here. */
static void settle(void)
{
	time_t end = time(NULL) + DEADLINE_S;
	struct ofl_store_stats st;

	for (;;) {
		ofl_store_poll(life);
		st = stats_of(life);
		if (st.queued > count.queued_most)
			count.queued_most = st.queued;
		if (told.state == OFL_STORE_DEGRADED) {
			was_told = true;
			assert_true(st.state == OFL_STORE_OK ||
				    st.degraded_us != 0);
			fault_vfs_heal();
		}
		if (st.queued == 0 && st.state == OFL_STORE_OK)
			return;
		if (time(NULL) > end)
			fail_msg("hangs: %s", st.error);
		usleep(200);
	}
}

static void put_batch(uint32_t batch)
{
	struct ofl_store_event e = {.kind = "settled", .text = "e"};
	struct ofl_store_mark m = {"T", "A", "any", batch + 1};
	struct ofl_store_flow f;
	char text[32];

	for (uint32_t i = 0; i < FLOWS; i++) {
		f = flow_make(i, OFL_STATE_WAITING, OFL_STATE_SENT);
		snprintf(text, sizeof(text), "%u.%u", batch, i);
		f.text = text;
		f.rule = batch;
		assert_true(ofl_store_put_flow(life, &f));
	}
	e.at_us = f.at_us;
	assert_true(ofl_store_put_event(life, &e));
	assert_true(ofl_store_put_mark(life, &m));
	count.records += FLOWS + 2;
	settle();
}

/* A file of the first version, with rows that are too old. */
static void file_of_old(const char *path)
{
	static const char *const sql[OFL_SCHEMA_SQL_MAX] = {OFL_SCHEMA_SQL};
	struct ofl_sqldb_conf conf = {
		.path = path,
		.busy_ms = 1000,
		.app_id = OFL_STORE_APP_ID,
		.sql = sql,
		.sql_count = OFL_SCHEMA_SQL_MAX,
	};
	struct ofl_sqldb_error error;
	struct ofl_sqldb *own = ofl_sqldb_new(&conf, &error);
	sqlite3 *db;

	assert_non_null(own);
	assert_true(ofl_schema_upgrade(own, ofl_schema_ladder, 1, &error));
	ofl_sqldb_free(own);
	db = db_open(path);
	db_exec(db, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
		    " SELECT i + 1 FROM n WHERE i < 50)"
		    " INSERT INTO history SELECT i, 1000000000000000 + i, i,"
		    " '10.9.0.0/16', 'default', 'sent', 'gone', 'none',"
		    " 'never', 0, NULL, NULL, 'old' FROM n");
	sqlite3_close(db);
}

static void check_file(const char *path)
{
	const long expect = BATCHES * FLOWS;
	sqlite3 *db = db_open(path);
	long rows, tags;

	assert_string_equal(db_text(db, "PRAGMA integrity_check"), "ok");
	tags = db_int(db, "SELECT count(DISTINCT text) FROM history", NULL);
	rows = db_int(db, "SELECT count(*) FROM history", NULL);
	count.lost += expect - tags;
	count.doubled += rows - tags;
	assert_int_equal(tags, expect);
	assert_int_equal(rows, expect);
	/* in the order in which they were put, without gaps */
	assert_int_equal(db_int(db,
				"SELECT count(*) FROM history AS a JOIN"
				" history AS b ON b.seq = a.seq + 1 AND"
				" b.rule * 1000 + b.flow_id >"
				" a.rule * 1000 + a.flow_id",
				NULL),
			 expect - 1);
	assert_int_equal(db_int(db, "SELECT count(*) FROM event", NULL),
			 BATCHES);
	assert_int_equal(db_int(db, "SELECT mark FROM mark", NULL), BATCHES);
	assert_int_equal(db_int(db, "SELECT count(*) FROM flow WHERE rule = ?",
				"7"),
			 FLOWS);
	sqlite3_close(db);
}

static struct ofl_store_conf conf_fast(const char *path)
{
	struct ofl_store_conf conf = conf_make(path);

	conf.batch_ms = 1;
	conf.retry_ms = 1;
	conf.history_days = 2;
	return conf;
}

static void live(const struct fault_plan *plan, bool upgrade)
{
	struct ofl_store_conf conf = conf_fast(in_dir("db"));

	if (upgrade)
		file_of_old(conf.path);
	was_told = false;
	fault_vfs_arm(plan);
	for (uint32_t batch = 0; batch < BATCHES; batch++) {
		if (batch == 0 || batch == BATCHES / 2)
			life = store_start(&conf, NULL);
		put_batch(batch);
		if (batch != BATCHES / 2 - 1 && batch != BATCHES - 1)
			continue;
		count.dropped += stats_of(life).dropped;
		assert_string_equal(told.corrupt, "");
		store_close(life);
	}
	fault_vfs_heal();
	check_file(conf.path);
	remove(conf.path);
	remove(in_dir("db-wal"));
	remove(in_dir("db-shm"));
	remove(in_dir("db-journal"));
	count.scenarios++;
	count.injected += fault_vfs_failed();
	if (was_told)
		count.told++;
	else if (fault_vfs_failed())
		count.tolerated++;
}

/* How many operations of the kind a life has. */
static uint32_t operations(struct fault_plan plan, bool upgrade)
{
	plan.count = 0;
	live(&plan, upgrade);
	assert_false(was_told);
	return fault_vfs_seen();
}

static void each_in_turn(struct fault_plan plan, bool upgrade)
{
	uint32_t most = operations(plan, upgrade), step = 1;

	assert_true(most > 0);
	if (!getenv("OFL_FAULTS_ALL") && most > TRIED_MAX)
		step = (most + TRIED_MAX - 1) / TRIED_MAX;
	for (plan.pass = 0; plan.pass < most; plan.pass += step)
		live(&plan, upgrade);
}

static const struct {
	const char *name;
	struct fault_plan plan;
} kinds[] = {
	{"full", {FAULT_WRITE, FAULT_ANY, SQLITE_FULL}},
	{"write", {FAULT_WRITE, FAULT_ANY, SQLITE_IOERR_WRITE}},
	{"torn", {FAULT_WRITE, FAULT_ANY, SQLITE_IOERR_WRITE, true}},
	{"readonly", {FAULT_WRITE, FAULT_ANY, SQLITE_READONLY}},
	{"read", {FAULT_READ, FAULT_ANY, SQLITE_IOERR_READ}},
	{"sync", {FAULT_SYNC, FAULT_ANY, SQLITE_IOERR_FSYNC}},
	{"size", {FAULT_SIZE, FAULT_ANY, SQLITE_IOERR_FSTAT}},
	{"open", {FAULT_OPEN, FAULT_ANY, SQLITE_CANTOPEN}},
	{"lock", {FAULT_LOCK, FAULT_ANY, SQLITE_IOERR_LOCK}},
	{"shm-lock", {FAULT_SHM_LOCK, FAULT_ANY, SQLITE_IOERR_SHMLOCK}},
	{"shm-map", {FAULT_SHM_MAP, FAULT_ANY, SQLITE_IOERR_SHMMAP}},
	{"shm-full", {FAULT_SHM_MAP, FAULT_ANY, SQLITE_IOERR_SHMSIZE}},
	{"delete", {FAULT_DELETE, FAULT_ANY, SQLITE_IOERR_DELETE}},
};

static void all_kinds(uint32_t faults, bool upgrade)
{
	for (size_t i = 0; i < array_size(kinds); i++) {
		struct fault_plan plan = kinds[i].plan;

		plan.count = faults;
		each_in_turn(plan, upgrade);
	}
}

static void one_fault_new_file(void **state)
{
	all_kinds(1, false);
}

static void one_fault_old_file(void **state)
{
	all_kinds(1, true);
}

static void until_mended_new_file(void **state)
{
	all_kinds(UINT32_MAX, false);
}

static void until_mended_old_file(void **state)
{
	all_kinds(UINT32_MAX, true);
}

/* Another program's lock, for a moment: waited for, not told. */
static void busy_for_a_moment(void **state)
{
	for (int ops = FAULT_LOCK; ops <= FAULT_SHM_LOCK; ops <<= 1) {
		struct fault_plan plan = {ops, FAULT_ANY, SQLITE_BUSY};

		plan.count = 3;
		each_in_turn(plan, true);
	}
}

/* --- what a life is too short for --- */

static void put_bulk(uint32_t first, uint32_t n, const char *text)
{
	struct ofl_store_flow f;

	for (uint32_t i = first; i < first + n; i++) {
		f = flow_make((i * 7919u) % 65536, OFL_STATE_WAITING,
			      OFL_STATE_SENT);
		f.flow_id = i + 1;
		f.text = text;
		assert_true(ofl_store_put_flow(life, &f));
	}
}

/* The log cannot be moved into the file: said, though every record is safe in
 * the log, which grows; mended, it shrinks again. */
static void file_takes_nothing(void **state)
{
	static const int ops[] = {FAULT_WRITE, FAULT_SYNC, FAULT_WRITE};
	static const int rcs[] = {SQLITE_FULL, SQLITE_IOERR_FSYNC,
				  SQLITE_IOERR_WRITE};
	char text[400];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < array_size(ops); i++) {
		struct ofl_store_conf conf = conf_fast(in_dir("db"));
		struct fault_plan plan = {ops[i], FAULT_DB, rcs[i]};

		plan.count = UINT32_MAX;
		plan.torn = i == 2;
		life = store_start(&conf, NULL);
		settle();
		was_told = false;
		fault_vfs_arm(&plan);
		for (uint32_t k = 0; k < 4; k++) {
			put_bulk(k * 5000, 5000, text);
			settle();
		}
		assert_true(was_told);
		assert_int_equal(stats_of(life).dropped, 0);
		assert_true(fault_vfs_failed() > 0);
		count.injected += fault_vfs_failed();
		count.scenarios++;
		count.told++;
		count.records += 20000;
		store_close(life);
		assert_file_text(conf.path, "PRAGMA integrity_check", "ok");
		assert_int_equal(file_int(conf.path, "SELECT count(*) = 20000"
						     " AND count(DISTINCT "
						     "flow_id) = 20000 "
						     "FROM history"),
				 1);
		remove(conf.path);
	}
}

/* A commit that fails after its last page is in the log: the index of the log
 * cannot grow.  With the next opening the log is read anew, and the commit has
 * happened.  (A reader keeps the log from starting over before that.) */
static void commit_that_failed_happened(void **state)
{
	struct ofl_store_conf conf = conf_fast(in_dir("db"));
	struct fault_plan plan = {FAULT_SHM_GROW | FAULT_WRITE,
				  FAULT_SHM | FAULT_DB, SQLITE_IOERR};
	const long index_page = 32 + 4062 * 4120;
	struct stat st = {0};
	uint32_t rows = 0;
	char text[400];
	sqlite3 *reader;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	plan.count = UINT32_MAX;
	life = store_start(&conf, NULL);
	put_bulk(rows++, 1, text);
	settle();
	reader = db_open(conf.path);
	db_exec(reader, "BEGIN; SELECT count(*) FROM history");
	fault_vfs_arm(&plan);
	while (st.st_size <= index_page) {
		put_bulk(rows, 100, text);
		rows += 100;
		wait_until(life, stats_of(life).queued == 0 ||
					 (stat(in_dir("db-wal"), &st) == 0 &&
					  st.st_size > index_page));
		assert_int_equal(stat(in_dir("db-wal"), &st), 0);
	}
	sqlite3_close(reader);
	wait_until(life, told.state == OFL_STORE_DEGRADED);
	count.injected += fault_vfs_failed();
	count.scenarios++;
	count.told++;
	count.records += rows;
	settle();
	store_close(life);
	assert_file_text(conf.path, "PRAGMA integrity_check", "ok");
	count.doubled += file_int(conf.path, "SELECT count(*) - count(DISTINCT"
					     " flow_id) FROM history");
	assert_int_equal(file_int(conf.path, "SELECT count(DISTINCT flow_id)"
					     " FROM history"),
			 rows);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 rows);
}

/* A disk that is away for long: memory has its bound, the newest are kept. */
static void away_for_long(void **state)
{
	struct ofl_store_conf conf = conf_fast(in_dir("db"));
	struct fault_plan plan = {FAULT_WRITE, FAULT_ANY, SQLITE_FULL};
	struct ofl_store_stats st;

	plan.count = UINT32_MAX;
	conf.queue_max = 1000;
	life = store_start(&conf, NULL);
	settle();
	fault_vfs_arm(&plan);
	for (uint32_t i = 0; i < 50000; i++) {
		put(life, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
		st = stats_of(life);
		assert_true(st.queued <= st.queue_max + 1);
	}
	wait_until(life, told.state == OFL_STORE_DEGRADED);
	st = stats_of(life);
	assert_int_equal(st.queue_max, 1000);
	assert_true(st.degraded_us != 0);
	assert_int_equal(st.dropped + st.queued + st.written, 50000);
	assert_true(st.dropped >= 48000);
	count.injected += fault_vfs_failed();
	count.scenarios++;
	count.told++;
	fault_vfs_heal();
	wait_until(life, told.state == OFL_STORE_OK && told.refreshes == 1);
	wait_written(life);
	assert_int_equal(stats_of(life).degraded_us, 0);
	store_close(life);
	assert_file_text(conf.path, "PRAGMA integrity_check", "ok");
	assert_int_equal(file_int(conf.path, "SELECT max(flow_id) FROM flow"),
			 50000);
	assert_true(file_int(conf.path, "SELECT count(*) FROM history") <=
		    2100);
}

/* --- bytes that are not what was written --- */

static bool on_row(const struct ofl_history_row *row, void *arg)
{
	++*(int *)arg;
	return true;
}

static void copy(const char *from, const char *to, long flip, int len)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	long at = 0;
	int c;

	assert_non_null(in);
	assert_non_null(out);
	for (; (c = fgetc(in)) != EOF; at++)
		fputc(at >= flip && at < flip + len ? c ^ 0xa5 : c, out);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void assert_printable(const char *text)
{
	for (; *text; text++)
		assert_uint_in_range(*text, ' ', '~');
}

static void forget(const char *name)
{
	struct ofl_store_conf conf = conf_fast(in_dir(name));
	char text[400];

	for (int i = 0; i < 3; i++) {
		static const char *const suffixes[] = {"", "-wal", "-shm"};

		snprintf(text, sizeof(text), "%s%s", conf.path, suffixes[i]);
		remove(text);
	}
}

/* A fault that is still told after so many looks stays; one that had the file
 * set aside is over soon. */
static void wait_refused_or_written(void)
{
	time_t end = time(NULL) + DEADLINE_S;

	for (int faulty = 0; faulty < 400 && stats_of(life).queued;) {
		ofl_store_poll(life);
		faulty += told.state == OFL_STORE_DEGRADED;
		assert_true(time(NULL) < end);
		usleep(1000);
	}
	ofl_store_poll(life);
}

/* Some bytes of a closed file are wrong.  It is set aside whole, or refused
 * and left; or nobody came by, and all that is new is there. */
static void flipped(const char *good, long at, int len)
{
	struct ofl_store_conf conf = conf_fast(in_dir("bad"));
	struct ofl_history_query q = {.limit = 100};
	const char *error = NULL;
	long size = 0;
	struct stat st;
	int rows = 0;

	forget("bad");
	copy(good, conf.path, at, len);
	assert_int_equal(stat(conf.path, &st), 0);
	size = st.st_size;
	life = store_start(&conf, NULL);
	put(life, 90000, OFL_STATE_SEEN, OFL_STATE_WAITING);
	for (uint32_t i = 0; i < 40; i++)
		put(life, i * 50, OFL_STATE_WAITING, OFL_STATE_SENT);
	wait_refused_or_written();
	/* (an answer or an error, but no crash) */
	q.prefix = "10.0.7.0/24";
	ofl_store_history(life, &q, on_row, &rows, &error);
	ofl_store_poll(life);
	count.pages++;
	/* What SQLite quotes of a damaged file goes into logs and JSON. */
	assert_printable(told.text);
	assert_printable(told.corrupt);
	if (stats_of(life).queued) {
		count.corrupt_refused++;
		assert_int_equal(stats_of(life).state, OFL_STORE_DEGRADED);
		assert_int_equal(stats_of(life).queued, 41);
		ofl_store_free(life, 0);
		/* Nothing is gone. */
		assert_int_equal(stat(conf.path, &st), 0);
		assert_true(st.st_size >= size);
		return;
	}
	store_close(life);
	/* (by its number, if damage that nobody met is still in the file) */
	assert_int_equal(file_int(conf.path, told.corrupt[0]
						     ? "SELECT count(*) FROM"
						       " history WHERE"
						       " flow_id = 90001"
						     : "SELECT flow_id = 90001"
						       " FROM history"
						       " WHERE seq = 3001"),
			 1);
	if (!told.corrupt[0]) {
		count.corrupt_unseen++;
		return;
	}
	count.corrupt_aside++;
	assert_file_text(conf.path, "PRAGMA integrity_check", "ok");
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 41);
}

static int remove_aside(const char *path, const struct stat *st, int flag,
			struct FTW *ftw)
{
	return strstr(path, ".corrupt-") ? remove(path) : 0;
}

static void flipped_bytes(void **state)
{
	static const int header[] = {0,	 5,  16, 18, 20, 24,  28,  32,	40,
				     44, 56, 60, 68, 96, 100, 101, 105, 120};
	struct ofl_store_conf conf = conf_fast(in_dir("good"));
	struct stat st;

	life = store_start(&conf, NULL);
	put_bulk(0, 3000, NULL);
	settle();
	store_close(life);
	assert_int_equal(stat(in_dir("good"), &st), 0);
	assert_true(st.st_size > 100 * 4096);
	for (size_t i = 0; i < array_size(header); i++) {
		flipped(in_dir("good"), header[i], 4);
		nftw(dir, remove_aside, 8, FTW_DEPTH | FTW_PHYS);
	}
	/* the schema's text, then the head and the middle of every page */
	for (long at = 512; at < 4096; at += 256) {
		flipped(in_dir("good"), at, 16);
		nftw(dir, remove_aside, 8, FTW_DEPTH | FTW_PHYS);
	}
	for (long at = 4096; at < st.st_size; at += 2048) {
		flipped(in_dir("good"), at, 64);
		nftw(dir, remove_aside, 8, FTW_DEPTH | FTW_PHYS);
	}
	assert_true(count.corrupt_aside > 20);
	assert_true(count.corrupt_refused > 0);
}

/* Not a test of the store: what this program found, for the documents. */
static void figures(void **state)
{
	assert_int_equal(count.lost + count.doubled + count.dropped, 0);
	assert_true(count.told > 200);
	print_message("== {\"store_faults\": {\"scenarios\": %u, \"injected\":"
		      " %u, \"told\": %u, \"tolerated\": %u, \"records\": %ju,"
		      " \"lost\": %ju, \"doubled\": %ju, \"flipped\": %u,"
		      " \"set_aside\": %u, \"refused\": %u, \"unseen\": %u}}\n",
		      count.scenarios, count.injected, count.told,
		      count.tolerated, (uintmax_t)count.records,
		      (uintmax_t)(count.lost + count.dropped),
		      (uintmax_t)count.doubled, count.pages,
		      count.corrupt_aside, count.corrupt_refused,
		      count.corrupt_unseen);
}

static int faults_setup(void **state)
{
	fault_vfs_init();
	return 0;
}

static int faults_teardown(void **state)
{
	fault_vfs_fini();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_fault_new_file),
		TEST(one_fault_old_file),
		TEST(until_mended_new_file),
		TEST(until_mended_old_file),
		TEST(busy_for_a_moment),
		TEST(file_takes_nothing),
		TEST(commit_that_failed_happened),
		TEST(away_for_long),
		TEST(flipped_bytes),
		TEST(figures),
	};

	return cmocka_run_group_tests(tests, faults_setup, faults_teardown);
}
