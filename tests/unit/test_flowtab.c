// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The flow table: ids, the order flows come out in, when the wake rings, and
 * a random walk of all operations against a naive model.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "offloadd/flow/flowhash.h"
#include "offloadd/flow/flowtab.h"

static struct ofl_flowtab *tab;
static unsigned int wakes;

static void wake(void *arg)
{
	assert_ptr_equal(arg, &wakes);
	assert_true(ofl_flowtab_dirty_count(tab) > 0);
	wakes++;
}

static int setup(void **state)
{
	ofl_action_init();
	tab = ofl_flowtab_new(100);
	wakes = 0;
	ofl_flowtab_set_wake(tab, wake, &wakes);
	return 0;
}

static int teardown(void **state)
{
	ofl_flowtab_free(tab);
	assert_int_equal(ofl_action_count(), 0);
	ofl_action_fini();
	return 0;
}

static struct ofl_key nth_key(unsigned int i)
{
	uint8_t addr[16] = {0x20, 1, 0xd, 0xb8, i >> 16, i >> 8, i};
	struct ofl_key k = {.vrf = i % 3,
			    .p = ofl_prefix_make(AF_INET6, addr, 64)};

	if (i % 2)
		k.p = ofl_prefix_make(AF_INET, addr + 4, 24);
	return k;
}

static struct ofl_flow *get(unsigned int i)
{
	struct ofl_key k = nth_key(i);

	return ofl_flowtab_get(tab, &k, NULL);
}

static struct ofl_action *action(uint8_t host)
{
	struct ofl_nexthop nh = mk_nexthop(1, host);

	return ofl_action_get(OFL_ACTION_FORWARD, &nh, 1);
}

static void drain(void)
{
	while (ofl_flowtab_pop_dirty(tab))
		;
	assert_int_equal(ofl_flowtab_dirty_count(tab), 0);
}

static void test_get_find_del(void **state)
{
	struct ofl_key k = mk_key(7, "192.0.2.0/24"), other;
	struct ofl_flow *f, *g;
	bool is_new = false;

	assert_null(ofl_flowtab_find(tab, &k));
	f = ofl_flowtab_get(tab, &k, &is_new);
	assert_true(is_new);
	assert_int_equal(f->id, 100);
	assert_int_equal(f->state, OFL_STATE_SEEN);
	assert_int_equal(f->wait, OFL_REASON_NONE);
	assert_int_equal(f->table, OFL_TABLE_NONE);
	assert_null(f->action);
	assert_int_equal(ofl_key_cmp(&f->key, &k), 0);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 0); /* not dirty yet */
	assert_ptr_equal(ofl_flowtab_get(tab, &k, &is_new), f);
	assert_false(is_new);
	assert_ptr_equal(ofl_flowtab_find(tab, &k), f);

	other = mk_key(8, "192.0.2.0/24");
	assert_null(ofl_flowtab_find(tab, &other));
	g = ofl_flowtab_get(tab, &other, NULL);
	assert_int_equal(g->id, 101);
	assert_ptr_equal(ofl_flowtab_find_id(tab, 100), f);
	assert_ptr_equal(ofl_flowtab_find_id(tab, 101), g);
	assert_null(ofl_flowtab_find_id(tab, 102));
	assert_int_equal(ofl_flowtab_count(tab), 2);

	ofl_flowtab_del(tab, f);
	assert_null(ofl_flowtab_find(tab, &k));
	assert_int_equal(ofl_flowtab_count(tab), 1);
	f = ofl_flowtab_get(tab, &k, NULL);
	assert_int_equal(f->id, 102); /* an id is not used again */
	assert_int_equal(wakes, 0);
}

static void test_ids_begin_at_one(void **state)
{
	struct ofl_flowtab *fresh = ofl_flowtab_new(0);
	struct ofl_key k = nth_key(0);

	assert_int_equal(ofl_flowtab_get(fresh, &k, NULL)->id, 1);
	ofl_flowtab_free(fresh);
	ofl_flowtab_free(NULL);
}

static void test_dirty_order(void **state)
{
	struct ofl_flow *f[4];

	for (int i = 0; i < 4; i++)
		f[i] = get(i);
	assert_null(ofl_flowtab_pop_dirty(tab));
	ofl_flowtab_mark(tab, f[2]);
	ofl_flowtab_mark(tab, f[0]);
	ofl_flowtab_mark(tab, f[3]);
	ofl_flowtab_mark(tab, f[2]); /* keeps its place */
	assert_int_equal(wakes, 1);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 3);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[2]);
	ofl_flowtab_mark(tab, f[2]); /* changed again: last now */
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[0]);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[3]);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[2]);
	assert_null(ofl_flowtab_pop_dirty(tab));
	assert_int_equal(wakes, 1);
	ofl_flowtab_mark(tab, f[1]);
	assert_int_equal(wakes, 2);
}

static void test_mark_all(void **state)
{
	struct ofl_flow *f[4];

	ofl_flowtab_mark_all(tab); /* nothing there: nothing happens */
	assert_int_equal(wakes, 0);
	for (int i = 0; i < 4; i++)
		f[i] = get(i);
	ofl_flowtab_mark_all(tab);
	assert_int_equal(wakes, 1);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 4);
	ofl_flowtab_mark(tab, f[3]); /* marked on its own: goes first */
	assert_int_equal(ofl_flowtab_dirty_count(tab), 4);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[3]);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[0]);

	/* marked again in the midst of a pass: those judged come again */
	ofl_flowtab_mark_all(tab);
	ofl_flowtab_mark_all(tab);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[1]);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[2]);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 4);
	for (int i = 0; i < 4; i++)
		assert_non_null(ofl_flowtab_pop_dirty(tab));
	assert_null(ofl_flowtab_pop_dirty(tab));
	assert_int_equal(wakes, 1);

	/* a new flow after a flip is clean */
	get(9);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 0);
}

/* The further pass also begins when the old one ends by a mark or a del. */
static void test_pass_ends_otherwise(void **state)
{
	struct ofl_flow *f[3];

	for (int i = 0; i < 3; i++)
		f[i] = get(i);
	ofl_flowtab_mark_all(tab);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[0]);
	ofl_flowtab_mark_all(tab);
	ofl_flowtab_mark(tab, f[1]);
	ofl_flowtab_mark(tab, f[2]); /* recheck is empty: f[0] is due again */
	assert_int_equal(ofl_flowtab_dirty_count(tab), 3);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[1]);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[2]);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[0]);
	assert_null(ofl_flowtab_pop_dirty(tab));

	ofl_flowtab_mark_all(tab);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[1]);
	assert_ptr_equal(ofl_flowtab_pop_dirty(tab), f[2]);
	ofl_flowtab_mark_all(tab);
	ofl_flowtab_del(tab, f[0]);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 2);
	drain();
	assert_int_equal(wakes, 2);
}

static void test_set_action(void **state)
{
	struct ofl_flow *f = get(1);
	struct ofl_action *a = action(1), *b = action(2);

	ofl_flow_set_action(tab, f, NULL, OFL_REASON_LINK_DOWN);
	assert_int_equal(f->wait, OFL_REASON_LINK_DOWN);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);
	drain();
	ofl_flow_set_action(tab, f, NULL, OFL_REASON_LINK_DOWN);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 0); /* no news */
	ofl_flow_set_action(tab, f, NULL, OFL_REASON_NEIGHBOR_UNRESOLVED);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);

	drain();
	ofl_flow_set_action(tab, f, ofl_action_ref(a), OFL_REASON_LINK_DOWN);
	assert_ptr_equal(f->action, a);
	assert_int_equal(f->wait, OFL_REASON_NONE);
	assert_int_equal(a->refs, 2);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);
	drain();
	ofl_flow_set_action(tab, f, ofl_action_ref(a), OFL_REASON_NONE);
	assert_int_equal(a->refs, 2);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 0);

	ofl_flow_set_action(tab, f, ofl_action_ref(b), OFL_REASON_NONE);
	assert_int_equal(a->refs, 1);
	assert_int_equal(b->refs, 2);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);
	ofl_action_unref(a);
	ofl_action_unref(b); /* the flow's own reference goes with the table */
}

static void test_withdraw_revive(void **state)
{
	struct ofl_key k = nth_key(1);
	struct ofl_flow *f = get(1);
	bool is_new = true;

	ofl_flow_set_action(tab, f, action(1), OFL_REASON_NONE);
	drain();
	ofl_flow_withdraw(tab, f, OFL_REASON_WITHDRAWN);
	assert_true(f->withdrawn);
	assert_null(f->action);
	assert_int_equal(ofl_action_count(), 0);
	assert_int_equal(f->wait, OFL_REASON_WITHDRAWN);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);
	assert_ptr_equal(ofl_flowtab_find(tab, &k), f);
	drain();
	ofl_flow_withdraw(tab, f, OFL_REASON_WITHDRAWN);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 0);

	f->state = OFL_STATE_LEAVING;
	assert_ptr_equal(ofl_flowtab_get(tab, &k, &is_new), f);
	assert_false(is_new);
	assert_false(f->withdrawn);
	assert_int_equal(f->state, OFL_STATE_LEAVING);
	assert_int_equal(f->id, 100);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);

	/* withdrawn while it waits for the very same reason: still news */
	drain();
	ofl_flow_set_action(tab, f, NULL, OFL_REASON_STALE);
	drain();
	ofl_flow_withdraw(tab, f, OFL_REASON_STALE);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 1);
}

static bool count_walk(struct ofl_flow *f, void *arg)
{
	unsigned int *left = arg;

	ofl_flowtab_mark(tab, f); /* a walk may mark */
	return --*left > 0;
}

static void test_walk(void **state)
{
	unsigned int left = 1000;

	for (int i = 0; i < 10; i++)
		get(i);
	ofl_flowtab_walk(tab, count_walk, &left);
	assert_int_equal(left, 990);
	assert_int_equal(ofl_flowtab_dirty_count(tab), 10);
	left = 3;
	ofl_flowtab_walk(tab, count_walk, &left);
	assert_int_equal(left, 0);
}

/* --- random operations against a model --- */

enum { UNIVERSE = 300 };

struct model {
	struct ofl_flow *f; /* NULL: not in the table */
	bool due;	    /* must come out before dirty_count is 0 */
};
static struct model model[UNIVERSE];
static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static unsigned int model_due(void)
{
	unsigned int due = 0;

	for (int i = 0; i < UNIVERSE; i++)
		due += model[i].due;
	return due;
}

static void model_pop(void)
{
	struct ofl_flow *f = ofl_flowtab_pop_dirty(tab);

	if (!f) {
		assert_int_equal(model_due(), 0);
		return;
	}
	for (int i = 0; i < UNIVERSE; i++)
		if (model[i].f == f)
			model[i].due = false;
}

static void model_step(void)
{
	struct model *m = &model[random_below(UNIVERSE)];
	bool is_new;
	struct ofl_key k = nth_key(m - model);
	size_t before = ofl_flowtab_dirty_count(tab);
	unsigned int wakes_before = wakes;
	bool pops = false;

	switch (random_below(20)) {
	case 0 ... 5:
		is_new = m->f == NULL;
		if (is_new)
			m->due = false;
		m->f = ofl_flowtab_get(tab, &k, NULL);
		ofl_flowtab_mark(tab, m->f);
		m->due = true;
		break;
	case 6 ... 8:
		if (m->f)
			ofl_flowtab_del(tab, m->f);
		m->f = NULL;
		m->due = false;
		break;
	case 9:
		ofl_flowtab_mark_all(tab);
		for (int i = 0; i < UNIVERSE; i++)
			model[i].due = model[i].f != NULL;
		break;
	default:
		model_pop();
		pops = true;
	}
	/* It rings if and only if dirty flows appeared where none were. */
	assert_int_equal(wakes - wakes_before,
			 !pops && !before && ofl_flowtab_dirty_count(tab));
}

static void model_check(void)
{
	size_t count = 0;

	for (int i = 0; i < UNIVERSE; i++) {
		struct ofl_key k = nth_key(i);

		assert_ptr_equal(ofl_flowtab_find(tab, &k), model[i].f);
		count += model[i].f != NULL;
	}
	assert_int_equal(ofl_flowtab_count(tab), count);
	assert_true(ofl_flowtab_dirty_count(tab) >= (model_due() ? 1u : 0u));
}

static void test_random(void **state)
{
	for (unsigned int run = 0; run < 20; run++) {
		memset(model, 0, sizeof(model));
		ofl_flowtab_free(tab);
		tab = ofl_flowtab_new(1);
		ofl_flowtab_set_wake(tab, wake, &wakes);
		seed = 1 + run;
		for (int i = 0; i < 3000; i++) {
			model_step();
			if (i % 100 == 0)
				model_check();
		}
		while (ofl_flowtab_dirty_count(tab))
			model_pop();
		model_pop();
		assert_int_equal(model_due(), 0);
	}
}

/* A route that flaps where the hash would grow and shrink, down to empty. */
static void test_boundary(void **state)
{
	struct ofl_key k = nth_key(2000);

	for (int i = 0; i < 1023; i++)
		get(i);
	for (int i = 0; i < 100; i++)
		ofl_flowtab_del(tab, ofl_flowtab_get(tab, &k, NULL));
	assert_int_equal(ofl_flowtab_count(tab), 1023);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1023; i++)
			ofl_flowtab_del(tab, get(i));
		assert_int_equal(ofl_flowtab_count(tab), 0);
		for (int i = 0; i < 40; i++) {
			ofl_flowtab_del(tab, get(i));
			get(i + 5);
			k = nth_key(i + 5);
			assert_non_null(ofl_flowtab_find(tab, &k));
		}
		for (int i = 0; i < 40; i++)
			ofl_flowtab_del(tab, get(i + 5));
	}
}

/* --- a walk in steps --- */

#define WALKED 5000
static uint8_t met[WALKED];

static void meet(struct ofl_flow *f, void *arg)
{
	unsigned int *count = arg;

	met[f->id - 100]++;
	(*count)++;
}

/* Flows that are there all the while are met once, those that come or go
 * once at most, though the table grows to sixteen times its size meanwhile. */
static void walk_in_steps(void **state)
{
	uint32_t at = 0;
	unsigned int steps = 0, before = WALKED / 16, n = before;

	memset(met, 0, sizeof(met));
	for (unsigned int i = 0; i < before; i++)
		get(i);
	do {
		unsigned int count = 0;

		ofl_flowtab_walk_some(tab, &at, 10, meet, &count);
		assert_true(count >= 10 || !at);
		assert_true(count < 100);
		steps++;
		for (int i = 0; i < 100 && n < WALKED; i++)
			get(n++);
	} while (at);
	assert_true(steps > before / 100);
	for (unsigned int i = 0; i < WALKED; i++)
		assert_uint_in_range(met[i], i < before, 1);
}

static void walk_of_nothing(void **state)
{
	unsigned int count = 0;
	uint32_t at = 0;

	ofl_flowtab_walk_some(tab, &at, 10, meet, &count);
	assert_int_equal(at, 0);
	get(0);
	ofl_flowtab_walk_some(tab, &at, 10, meet, &count);
	assert_int_equal(at, 0);
	assert_int_equal(count, 1);
}

static void give_number(struct ofl_flow *f)
{
	f->id = 7;
}

static void known_from_before(void **state)
{
	ofl_flowtab_set_born(tab, give_number);
	assert_int_equal(get(0)->id, 7);
	ofl_flowtab_set_born(tab, NULL);
	assert_int_equal(get(0)->id, 7);
	assert_int_equal(get(1)->id, 101);
}

/* --- one after the other, by key --- */

/* How often each of the first `n` is met; `step` is called in between. */
static void walk_by_key(unsigned int n, unsigned int *times,
			void (*step)(const struct ofl_key *at))
{
	struct ofl_key at, *p = NULL;
	struct ofl_flow *f;

	while ((f = ofl_flowtab_next(tab, p))) {
		for (unsigned int i = 0; i < n; i++) {
			struct ofl_key k = nth_key(i);

			times[i] += ofl_key_cmp(&f->key, &k) == 0;
		}
		at = f->key;
		p = &at;
		if (step)
			step(&at);
	}
}

static void next_by_key(void **state)
{
	unsigned int times[300] = {0};

	assert_null(ofl_flowtab_next(tab, NULL));
	get(7);
	walk_by_key(300, times, NULL);
	assert_int_equal(times[7], 1);
	for (unsigned int i = 0; i < 300; i++)
		get(i);
	memset(times, 0, sizeof(times));
	walk_by_key(300, times, NULL);
	for (unsigned int i = 0; i < 300; i++)
		assert_int_equal(times[i], 1);
}

#define MANY 300000

struct hashed {
	uint32_t hash;
	unsigned int i;
};

static int hashed_cmp(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Keys that share a hash value are told apart, in either order of coming. */
static void next_of_one_hash(void **state)
{
	struct hashed *v = calloc(MANY, sizeof(*v));
	unsigned int pairs = 0, met_all = 0;
	struct ofl_flow *f;

	for (unsigned int i = 0; i < MANY; i++) {
		struct ofl_key k = nth_key(i);

		v[i] = (struct hashed){ofl_flowhash_value(&k), i};
	}
	qsort(v, MANY, sizeof(*v), hashed_cmp);
	for (unsigned int i = 1; i < MANY; i++) {
		struct ofl_key low = nth_key(v[i - 1].i);
		struct ofl_key high = nth_key(v[i].i);

		/* Of three, the first two. */
		if (v[i].hash != v[i - 1].hash ||
		    (i > 1 && v[i].hash == v[i - 2].hash))
			continue;
		if (ofl_key_cmp(&low, &high) > 0) {
			struct ofl_key k = low;

			low = high;
			high = k;
		}
		ofl_flowtab_get(tab, pairs % 2 ? &low : &high, NULL);
		ofl_flowtab_get(tab, pairs % 2 ? &high : &low, NULL);
		assert_ptr_equal(ofl_flowtab_next(tab, &low),
				 ofl_flowtab_find(tab, &high));
		ofl_flowtab_del(tab, ofl_flowtab_find(tab, &low));
		assert_ptr_equal(ofl_flowtab_next(tab, &low),
				 ofl_flowtab_find(tab, &high));
		ofl_flowtab_get(tab, &low, NULL);
		pairs++;
	}
	assert_true(pairs >= 2);
	for (f = ofl_flowtab_next(tab, NULL); f;
	     f = ofl_flowtab_next(tab, &f->key))
		met_all++;
	assert_int_equal(met_all, 2 * pairs);
	free(v);
}

/* The flow that the walk stands at goes, others come: the table grows. */
static unsigned int newest;

static void go_and_come(const struct ofl_key *at)
{
	for (unsigned int i = 0; i < 300; i += 3) {
		struct ofl_key k = nth_key(i);

		if (ofl_key_cmp(at, &k) == 0)
			ofl_flowtab_del(tab, ofl_flowtab_find(tab, at));
	}
	for (unsigned int i = 0; i < 8 && newest < 5000; i++)
		get(newest++);
}

static void next_while_all_changes(void **state)
{
	unsigned int times[300] = {0};

	newest = 300;
	for (unsigned int i = 0; i < 300; i++)
		get(i);
	walk_by_key(300, times, go_and_come);
	assert_true(ofl_flowtab_count(tab) > 1000);
	for (unsigned int i = 0; i < 300; i++)
		assert_int_equal(times[i], 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get_find_del),
		TEST(test_ids_begin_at_one),
		TEST(test_dirty_order),
		TEST(test_mark_all),
		TEST(test_pass_ends_otherwise),
		TEST(test_set_action),
		TEST(test_withdraw_revive),
		TEST(test_walk),
		TEST(test_random),
		TEST(test_boundary),
		TEST(walk_in_steps),
		TEST(walk_of_nothing),
		TEST(known_from_before),
		TEST(next_by_key),
		TEST(next_while_all_changes),
		TEST(next_of_one_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
