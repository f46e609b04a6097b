// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a file says of flows, as a new life reads it: right at the start, while
 * the store goes on, twice the same flow, and rows that make no sense.
 */
#include "tests/unit/store_fixture.h"

#include "offloadd/store/recall.h"

#define COUNT 3000

static const char *path;

static struct ofl_prefix prefix_of(uint32_t i)
{
	return flow_make(i, OFL_STATE_SEEN, OFL_STATE_WAITING).key.p;
}

static struct ofl_recalled *find(struct ofl_recall *r, uint32_t i)
{
	struct ofl_prefix p = prefix_of(i);

	return ofl_recall_find(r, "default", &p);
}

/* A file with COUNT flows, every third of them in software. */
static void fill(void)
{
	struct ofl_store *s = store_open(path);

	for (uint32_t i = 0; i < COUNT; i++)
		put(s, i, OFL_STATE_SEEN,
		    i % 3 ? OFL_STATE_OFFLOADED : OFL_STATE_WAITING);
	store_close(s);
}

static struct ofl_recall *take(struct ofl_store *s)
{
	struct ofl_recall *r = NULL;
	bool pending = true;

	wait_until(s, (r = ofl_store_recall_take(s, &pending)) || !pending);
	return r;
}

static void known_at_the_start(void **state)
{
	struct ofl_store *s;
	struct ofl_recall *r;
	uint64_t first;
	bool pending;

	fill();
	struct ofl_store_conf conf = conf_make(path);

	s = store_start(&conf, &first);
	assert_int_equal(first, COUNT + 1);
	r = ofl_store_recall_take(s, &pending);
	assert_false(pending);
	assert_int_equal(ofl_recall_count(r), COUNT);
	assert_int_equal(ofl_recall_odd(r), 0);
	for (uint32_t i = 0; i < COUNT; i++) {
		struct ofl_recalled *x = find(r, i);

		assert_non_null(x);
		assert_int_equal(x->flow_id, i + 1);
		assert_int_equal(x->state, i % 3 ? OFL_STATE_OFFLOADED
						 : OFL_STATE_WAITING);
		assert_int_equal(x->reason, OFL_REASON_ADMITTED);
		assert_int_equal(x->cls, OFL_CLASS_BEST_EFFORT);
		assert_string_equal(ofl_recall_name(r, x->table), "main");
		assert_true(x->since_us > 0);
		assert_false(x->used);
		if (i)
			assert_true(ofl_key_cmp(&ofl_recall_at(r, i - 1)->key,
						&ofl_recall_at(r, i)->key) < 0);
	}
	assert_null(find(r, COUNT));
	struct ofl_prefix p = prefix_of(0);

	assert_null(ofl_recall_find(r, "red", &p));
	ofl_recall_free(r);
	/* It is given once. */
	assert_null(ofl_store_recall_take(s, &pending));
	assert_false(pending);
	store_close(s);
}

static void asked_later(void **state)
{
	struct ofl_store *s = store_open(path);
	struct ofl_recall *r;

	r = take(s);
	assert_int_equal(ofl_recall_count(r), 0);
	ofl_recall_free(r);
	/* What was put before is in the answer. */
	for (uint32_t i = 0; i < 100; i++)
		put(s, i, OFL_STATE_SEEN, OFL_STATE_WAITING);
	put(s, 5, OFL_STATE_WAITING, OFL_STATE_GONE);
	ofl_store_recall_ask(s);
	r = take(s);
	assert_int_equal(ofl_recall_count(r), 99);
	assert_null(find(r, 5));
	ofl_recall_free(r);
	/* One that nobody takes. */
	ofl_store_recall_ask(s);
	store_close(s);
}

static void same_flow_twice(void **state)
{
	struct ofl_store *s;
	struct ofl_recall *r;
	struct ofl_recalled *x;
	uint32_t used = 0;
	sqlite3 *db;

	fill();
	db = db_open(path);
	db_exec(db, "INSERT INTO flow SELECT flow_id + 100000, prefix, vrf,"
		    " 'covered', reason, class, NULL, protocol, rule, weight,"
		    " since_us, text, generation + 1, traffic FROM flow"
		    " WHERE flow_id <= 10");
	db_exec(db, "INSERT INTO flow SELECT flow_id + 200000, prefix, vrf,"
		    " 'failed', reason, class, NULL, protocol, rule, weight,"
		    " since_us, text, generation - 1, traffic FROM flow"
		    " WHERE flow_id BETWEEN 11 AND 20");
	sqlite3_close(db);
	s = store_open(path);
	r = take(s);
	assert_int_equal(ofl_recall_count(r), COUNT + 20);
	for (uint32_t i = 0; i < 20; i++) {
		x = find(r, i);
		assert_non_null(x);
		assert_int_equal(x->flow_id, i < 10 ? i + 100001 : i + 1);
		assert_false(x->used);
	}
	for (uint32_t i = 0; i < COUNT + 20; i++)
		used += ofl_recall_at(r, i)->used;
	assert_int_equal(used, 20);
	ofl_recall_free(r);
	store_close(s);
}

static void rows_of_nonsense(void **state)
{
	struct ofl_store *s;
	struct ofl_recall *r;
	sqlite3 *db;

	fill();
	db = db_open(path);
	db_exec(db, "UPDATE flow SET prefix = 'a \"; DROP TABLE flow; --'"
		    " WHERE flow_id = 1;"
		    "UPDATE flow SET prefix = '10.0.1.1/8' WHERE flow_id = 2;"
		    "UPDATE flow SET state = 'asleep' WHERE flow_id = 3;"
		    "UPDATE flow SET state = 'gone' WHERE flow_id = 4;"
		    "UPDATE flow SET class = x'ff00' WHERE flow_id = 5;"
		    "UPDATE flow SET flow_id = -7 WHERE flow_id = 6;"
		    "UPDATE flow SET reason = 'whim' WHERE flow_id = 7;"
		    "UPDATE flow SET since_us = 'never' WHERE flow_id = 8;"
		    "UPDATE flow SET traffic = -5 WHERE flow_id = 9;"
		    "UPDATE flow SET traffic = 'much' WHERE flow_id = 10;"
		    "UPDATE flow SET traffic = 1 << 40 WHERE flow_id = 11;"
		    "UPDATE flow SET traffic = 77 WHERE flow_id = 12;");
	sqlite3_close(db);
	s = store_open(path);
	r = take(s);
	assert_int_equal(ofl_recall_odd(r), 6);
	assert_int_equal(ofl_recall_count(r), COUNT - 6);
	/* A reason of another version is no reason to forget the flow. */
	assert_int_equal(find(r, 6)->reason, OFL_REASON_MAX);
	assert_int_equal(find(r, 7)->since_us, 0);
	assert_int_equal(find(r, 8)->traffic, 0);
	assert_int_equal(find(r, 9)->traffic, 0);
	assert_int_equal(find(r, 10)->traffic, UINT32_MAX);
	assert_int_equal(find(r, 11)->traffic, 77);
	assert_int_equal(find(r, 12)->traffic, 0);
	ofl_recall_free(r);
	store_close(s);
}

static void no_file(void **state)
{
	struct ofl_store *s = store_open("");
	bool pending = true;

	assert_null(ofl_store_recall_take(s, &pending));
	assert_false(pending);
	ofl_store_recall_ask(s);
	assert_null(ofl_store_recall_take(s, &pending));
	assert_false(pending);
	store_close(s);
}

static int setup(void **state)
{
	if (dir_setup(state))
		return -1;
	path = in_dir("db");
	return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(known_at_the_start),
		TEST(asked_later),
		TEST(same_flow_twice),
		TEST(rows_of_nonsense),
		TEST(no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
