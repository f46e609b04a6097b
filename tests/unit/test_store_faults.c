// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store on a sick disk: it says once what is wrong, loses no more than
 * history, recovers by itself, and destroys nothing.
 */
#include "tests/unit/store_fixture.h"

#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void write_text(const char *path, const char *mode, long at,
		       const char *text, int times)
{
	FILE *f = fopen(path, mode);

	assert_non_null(f);
	fseek(f, at, SEEK_SET);
	for (int i = 0; i < times; i++)
		fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* A copy in memory, to see that a file is untouched. */
static char *slurp(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	char *bytes = malloc(1 << 20);

	assert_non_null(f);
	*ret_len = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

/* The file in the directory whose name begins and ends so, the one with the
 * shortest name; "" if none. */
static const char *find_file(const char *prefix, const char *suffix)
{
	static char name[256];
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t len;

	name[0] = '\0';
	while ((e = readdir(d))) {
		len = strlen(e->d_name);
		if (name[0] && len > strlen(name))
			continue;
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
		    len >= strlen(suffix) &&
		    strcmp(e->d_name + len - strlen(suffix), suffix) == 0)
			snprintf(name, sizeof(name), "%.200s", e->d_name);
	}
	closedir(d);
	return name;
}

/* --- a file that cannot be opened --- */

static void no_directory(void **state)
{
	struct ofl_store_conf conf = conf_make(in_dir("later/db"));
	uint64_t first = 0;
	struct ofl_store *s = store_start(&conf, &first);

	/* What numbers the file has is not known: a number that it has not. */
	assert_true(first > 1000000ull * 1000000000);
	assert_int_equal(stats_of(s).state, OFL_STORE_DEGRADED);
	ofl_store_poll(s);
	assert_int_equal(told.state, OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, "No such file or directory"));
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	usleep(1500000); /* a second attempt fails alike: said once */
	ofl_store_poll(s);
	assert_int_equal(told.changes, 1);
	assert_true(stats_of(s).behind_ms > 1000);
	assert_int_equal(mkdir(in_dir("later"), 0750), 0);
	wait_until(s, told.state == OFL_STORE_OK);
	assert_int_equal(told.changes, 2);
	wait_written(s);
	store_close(s);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM flow"), 1);
	assert_int_equal(file_int(conf.path, "SELECT count(*) FROM history"),
			 1);
}

static void not_a_file(void **state)
{
	struct ofl_store *s;

	assert_int_equal(mkdir(in_dir("db"), 0750), 0);
	s = store_open(in_dir("db"));
	ofl_store_poll(s);
	assert_int_equal(told.state, OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, "not a regular file"));
	store_close(s);
	assert_int_equal(rmdir(in_dir("db")), 0);
	/* below a file */
	write_text(in_dir("file"), "w", 0, "x", 1);
	s = store_open(in_dir("file/db"));
	ofl_store_poll(s);
	assert_non_null(strstr(told.text, "Not a directory"));
	store_close(s);
}

/* As a user without rights; in a child, since root has all of them. */
static void no_permission_child(const char *path)
{
	struct ofl_store *s;
	bool ok;

	if (geteuid() == 0 &&
	    (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
		_exit(2);
	s = store_open(path);
	ofl_store_poll(s);
	ok = told.state == OFL_STORE_DEGRADED &&
	     (strstr(told.text, "permission") ||
	      strstr(told.text, "Permission denied"));
	ofl_store_free(s, 0);
	_exit(ok ? 0 : 1);
}

static void no_permission(void **state)
{
	static const struct {
		mode_t dir, file;
	} cases[] = {{0555, 0}, {0755, 0444}, {0755, 0400}};
	int status;
	pid_t pid;

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(chmod(dir, 0700), 0);
		remove(in_dir("db"));
		if (cases[i].file) {
			store_close(store_open(in_dir("db")));
			chmod(in_dir("db"), cases[i].file);
		}
		chmod(dir, cases[i].dir);
		pid = fork();
		if (pid == 0)
			no_permission_child(in_dir("db"));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	chmod(dir, 0700);
}

/* --- a file that is not for us --- */

static void newer_schema(void **state)
{
	const char *path = in_dir("db");
	size_t before_len, after_len;
	char *before, *after;
	struct ofl_store *s;
	sqlite3 *db;

	store_close(store_open(path));
	db = db_open(path);
	db_exec(db, "UPDATE meta SET value = 7 WHERE key = 'schema'");
	sqlite3_close(db);
	before = slurp(path, &before_len);
	s = store_open(path);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	ofl_store_poll(s);
	assert_int_equal(told.state, OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, "newer program (schema 7, this one "
					  "knows 5)"));
	usleep(1200000);
	after = slurp(path, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	assert_int_not_equal(access(in_dir("db-wal"), F_OK), 0);
	free(before);
	free(after);
	/* The operator moves it away. */
	assert_int_equal(rename(path, in_dir("old")), 0);
	wait_until(s, told.state == OFL_STORE_OK);
	store_close(s);
	assert_int_equal(file_int(path, "SELECT count(*) FROM flow"), 1);
}

static void database_of_another_program(void **state)
{
	sqlite3 *db = db_open(in_dir("db"));
	struct ofl_store *s;

	db_exec(db, "CREATE TABLE flow (mine)");
	sqlite3_close(db);
	s = store_open(in_dir("db"));
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	ofl_store_poll(s);
	assert_int_equal(told.state, OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, "another program"));
	ofl_store_free(s, 0);
	assert_int_equal(file_int(in_dir("db"),
				  "SELECT count(*) FROM sqlite_schema"),
			 1);
}

/* --- a corrupt file --- */

static void corrupt_at_start(void **state)
{
	const char *path = in_dir("db");
	struct ofl_store *s;
	size_t len;
	char *bytes;

	write_text(path, "w", 0, "this is no database\n", 1000);
	write_text(in_dir("db-wal"), "w", 0, "nor is this a log\n", 10);
	s = store_open(path);
	ofl_store_poll(s);
	/* told of the old file, and that all is well */
	assert_int_equal(told.changes, 2);
	assert_non_null(strstr(told.corrupt, "db.corrupt-"));
	assert_int_equal(told.state, OFL_STORE_OK);
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_written(s);
	store_close(s);
	assert_int_equal(file_int(path, "SELECT count(*) FROM flow"), 1);
	assert_int_equal(strlen(find_file("db.corrupt-2", "-wal")),
			 strlen("db.corrupt-YYYYmmddTHHMMSS-wal"));
	bytes = slurp(in_dir(find_file("db.corrupt-", "")), &len);
	assert_int_equal(len, 20000);
	assert_memory_equal(bytes, "this is no database", 19);
	free(bytes);
}

static bool count_row(const struct ofl_history_row *row, void *arg)
{
	++*(int *)arg;
	return true;
}

static void corrupt_while_running(void **state)
{
	const char *path = in_dir("db");
	struct ofl_history_query q = {.limit = 1};
	const char *error = NULL;
	struct ofl_store *s = store_open(path);
	int rows = 0;

	for (uint32_t i = 0; i < 20000; i++)
		put(s, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
	store_close(s);
	/* All pages but the first, which says it is a database. */
	write_text(path, "r+", 4096, "damage! ", 200000);
	s = store_open(path);
	for (uint32_t i = 0; i < 2000; i++)
		put(s, i * 10, OFL_STATE_WAITING, OFL_STATE_SENT);
	wait_until(s, told.corrupt[0] && told.state == OFL_STORE_OK);
	wait_written(s);
	assert_int_equal(stats_of(s).dropped, 0);
	/* (an answer or an error, but no crash) */
	ofl_store_history(s, &q, count_row, &rows, &error);
	store_close(s);
	assert_file_text(path, "PRAGMA integrity_check", "ok");
	assert_int_equal(file_int(path, "SELECT count(*) FROM flow"), 2000);
	assert_string_not_equal(find_file("db.corrupt-", ""), "");
}

/* --- a file that goes away --- */

static void removed_while_running(void **state)
{
	const char *path = in_dir("db");
	struct ofl_history_query q = {.limit = 100};
	struct ofl_store *s = store_open(path);
	const char *error = NULL;
	int rows = 0;

	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_written(s);
	/* The reader has the old file open. */
	assert_int_equal(ofl_store_history(s, &q, count_row, &rows, &error), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(remove(path), 0);
	put(s, 1, OFL_STATE_WAITING, OFL_STATE_SENT);
	put(s, 2, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_until(s, told.state == OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, "removed or replaced"));
	wait_until(s, told.refreshes == 1 && stats_of(s).queued == 0);
	rows = 0;
	assert_int_equal(ofl_store_history(s, &q, count_row, &rows, &error), 0);
	assert_int_equal(rows, 2);
	store_close(s);
	assert_file_text(path, "PRAGMA integrity_check", "ok");
	assert_int_equal(file_int(path, "SELECT count(*) FROM flow"), 2);
	assert_int_equal(file_int(path, "SELECT count(*) FROM history"), 2);
}

/* --- a lock, a full disk --- */

static void locked_by_another(void **state)
{
	const char *path = in_dir("db");
	struct ofl_store *s = store_open(path);
	sqlite3 *other;

	ofl_store_poll(s);
	other = db_open(path);
	db_exec(other, "BEGIN IMMEDIATE");
	put(s, 1, OFL_STATE_SEEN, OFL_STATE_WAITING);
	wait_until(s, told.state == OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, "locked"));
	assert_int_equal(stats_of(s).queued, 1);
	/* An end is an end, though what is queued is lost then. */
	ofl_store_free(s, 0);
	s = store_open(path);
	put(s, 2, OFL_STATE_SEEN, OFL_STATE_WAITING);
	db_exec(other, "COMMIT");
	sqlite3_close(other);
	wait_until(s, told.state == OFL_STORE_OK);
	wait_written(s);
	store_close(s);
	assert_int_equal(file_int(path, "SELECT count(*) FROM history"), 1);
}

/* Enough to need more pages. */
static void put_many(struct ofl_store *s, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		put(s, first + i, OFL_STATE_SEEN, OFL_STATE_WAITING);
}

static void full_then_free(struct ofl_store *s, const char *path,
			   const char *why, void (*make_full)(void),
			   void (*make_free)(void))
{
	put_many(s, 0, 100);
	wait_written(s);
	make_full();
	put_many(s, 100, 20000);
	wait_until(s, told.state == OFL_STORE_DEGRADED);
	assert_non_null(strstr(told.text, why));
	assert_int_equal(stats_of(s).queued + stats_of(s).written, 20100);
	make_free();
	wait_until(s, told.state == OFL_STORE_OK);
	wait_written(s);
	assert_int_equal(stats_of(s).dropped, 0);
	assert_int_equal(told.refreshes, 0);
	store_close(s);
	assert_file_text(path, "PRAGMA integrity_check", "ok");
	assert_int_equal(file_int(path, "SELECT count(*) FROM history"), 20100);
	assert_int_equal(file_int(path, "SELECT count(*) FROM flow"), 20100);
}

static struct rlimit old_limit;

static void limit_files(void)
{
	struct rlimit limit = old_limit;

	limit.rlim_cur = 400000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void unlimit_files(void)
{
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
}

static void file_too_large(void **state)
{
	const char *path = in_dir("db");
	struct ofl_store *s = store_open(path);

	getrlimit(RLIMIT_FSIZE, &old_limit);
	full_then_free(s, path, "File too large", limit_files, unlimit_files);
	assert_int_equal(told.changes, 3);
}

/* A small file system of our own, seen by nobody else: the namespace ends with
 * the process.  Must be the last test. */
static void nothing(void)
{
}

static void grow_disk(void)
{
	assert_int_equal(mount("ofl-test", in_dir("disk"), "tmpfs", MS_REMOUNT,
			       "size=64m"),
			 0);
}

static int disk_teardown(void **state)
{
	umount2(in_dir("disk"), MNT_DETACH);
	return dir_teardown(state);
}

static void disk_full(void **state)
{
	struct ofl_store *s;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mkdir(in_dir("disk"), 0750) != 0 ||
	    mount("ofl-test", in_dir("disk"), "tmpfs", 0, "size=1m") != 0)
		skip();
	s = store_open(in_dir("disk/db"));
	full_then_free(s, in_dir("disk/db"), "full", nothing, grow_disk);
}

/* --- the end is right, whatever was lost --- */

#define FLOWS 200
static struct {
	uint64_t id[FLOWS], next_id;
	enum ofl_state state[FLOWS]; /* GONE: there is none */
	struct ofl_store *s;
	int refreshes;
	uint32_t seed;
} world;

static uint32_t rnd(uint32_t below)
{
	world.seed = world.seed * 1664525 + 1013904223;
	return (world.seed >> 8) % below;
}

static void world_tell(uint32_t i, enum ofl_state from, bool again)
{
	struct ofl_store_flow f = flow_make(i, from, world.state[i]);

	f.flow_id = world.id[i];
	f.restate = again;
	ofl_store_put_flow(world.s, &f);
}

static void world_change(void)
{
	uint32_t i = rnd(FLOWS);
	enum ofl_state from = world.state[i];

	if (from == OFL_STATE_GONE) {
		world.id[i] = ++world.next_id;
		from = OFL_STATE_SEEN;
		world.state[i] = OFL_STATE_WAITING;
	} else {
		world.state[i] = rnd(4) ? rnd(OFL_STATE_GONE) : OFL_STATE_GONE;
	}
	world_tell(i, from, false);
}

static void world_refresh(void *arg)
{
	world.refreshes++;
	for (uint32_t i = 0; i < FLOWS; i++)
		if (world.state[i] != OFL_STATE_GONE)
			world_tell(i, world.state[i], true);
	ofl_store_sweep(world.s);
}

static void world_compare(const char *path)
{
	sqlite3 *db = db_open(path);
	char prefix[OFL_PREFIX_STRLEN];
	struct ofl_store_flow f;
	const char *now;
	int alive = 0;

	for (uint32_t i = 0; i < FLOWS; i++) {
		f = flow_make(i, 0, 0);
		ofl_prefix_print(&f.key.p, prefix, sizeof(prefix));
		now = db_text_of(db,
				 "SELECT group_concat(flow_id || state) "
				 "FROM v_flow WHERE prefix = ?",
				 prefix);
		if (world.state[i] == OFL_STATE_GONE) {
			assert_string_equal(now, "");
			continue;
		}
		snprintf(prefix, sizeof(prefix), "%d%s", (int)world.id[i],
			 ofl_state_name(world.state[i]));
		assert_string_equal(now, prefix);
		alive++;
	}
	assert_int_equal(db_int(db, "SELECT count(*) FROM flow", NULL), alive);
	assert_int_equal(db_int(db, "SELECT sum(stale) FROM v_flow", NULL), 0);
	sqlite3_close(db);
}

static void world_calm(void)
{
	int refreshes;

	do {
		wait_until(world.s,
			   stats_of(world.s).queued == 0 &&
				   stats_of(world.s).state == OFL_STORE_OK);
		refreshes = world.refreshes;
		ofl_store_poll(world.s);
	} while (refreshes != world.refreshes);
}

static void lost_records_are_made_good(void **state)
{
	static const struct ofl_store_events told_world = {
		.state = on_state,
		.refresh = world_refresh,
	};
	struct ofl_store_conf conf = conf_make(in_dir("d/db"));
	uint64_t first;
	uint32_t most = 0;

	conf.queue_max = 500;
	memset(&world, 0, sizeof(world));
	world.seed = 42;
	for (uint32_t i = 0; i < FLOWS; i++)
		world.state[i] = OFL_STATE_GONE;
	world.s = ofl_store_new(&conf, &told_world, NULL, &first);
	/* Not there; there; away; back; removed altogether. */
	for (int phase = 0; phase < 5; phase++) {
		if (phase == 1)
			assert_int_equal(mkdir(in_dir("d"), 0750), 0);
		if (phase == 2)
			rename(in_dir("d"), in_dir("away"));
		if (phase == 3)
			rename(in_dir("away"), in_dir("d"));
		if (phase == 4)
			remove(in_dir("d/db"));
		for (int i = 0; i < 3000; i++) {
			world_change();
			most = stats_of(world.s).queued > most
				       ? stats_of(world.s).queued
				       : most;
			if (i % 100 == 0)
				ofl_store_poll(world.s);
		}
		if (phase == 2) {
			wait_until(world.s, stats_of(world.s).state ==
						    OFL_STORE_DEGRADED);
			continue;
		}
		if (phase == 0)
			continue;
		world_calm();
		if (phase > 1) {
			world_compare(conf.path);
			assert_true(world.refreshes > 0);
		}
	}
	assert_uint_in_range(most, 400, 502);
	assert_true(stats_of(world.s).dropped > 2000);
	store_close(world.s);
	world_compare(conf.path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_directory),
		TEST(not_a_file),
		TEST(no_permission),
		TEST(newer_schema),
		TEST(database_of_another_program),
		TEST(corrupt_at_start),
		TEST(corrupt_while_running),
		TEST(removed_while_running),
		TEST(locked_by_another),
		TEST(file_too_large),
		TEST(lost_records_are_made_good),
		cmocka_unit_test_setup_teardown(disk_full, dir_setup,
						disk_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
