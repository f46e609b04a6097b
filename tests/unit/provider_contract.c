// SPDX-License-Identifier: GPL-2.0-or-later
/* The contract of a provider, as tests; see provider_contract.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/provider_contract.h"

#define PATIENCE_MS 10000
#define OPS_MAX 2048

static const struct contract *c;

static struct {
	struct ofl_provider *p;
	uint64_t next_id, now_us;
	uint8_t status[OPS_MAX]; /* of the operation with this id */
	uint8_t answers[OPS_MAX];
	uint32_t answered;
	uint32_t capacity;
	int capacity_told, ready_told, lost;
	bool ready, inside; /* of a call that may tell */
	int count_ends, counted;
	uint32_t count_entries;
	char count_text[OFL_OUTCOME_TEXT];
} t;

static struct ofl_action *action_a, *action_b;

/* --- what it tells --- */

static void on_done(void *arg, const struct ofl_outcome *o)
{
	assert_ptr_equal(arg, &t);
	assert_true(t.inside);
	assert_uint_in_range(o->op_id, 1, t.next_id);
	assert_non_null(memchr(o->text, '\0', sizeof(o->text)));
	t.status[o->op_id] = o->status;
	t.answers[o->op_id]++;
	t.answered++;
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
	t.lost++;
}

static void on_unfit(void *arg, const struct ofl_key *key, const char *text)
{
	fail_msg("an entry is unfit: %s", text);
}

static void on_capacity(void *arg, uint32_t capacity_slots)
{
	assert_true(t.inside);
	t.capacity = capacity_slots;
	t.capacity_told++;
}

static void on_ready(void *arg, bool ready, const char *text)
{
	assert_true(t.inside);
	assert_non_null(text);
	assert_true(ready || text[0]); /* if not, why */
	assert_false(ready && !t.capacity_told);
	t.ready_told += ready != t.ready;
	t.ready = ready;
}

static void on_able(void *arg)
{
}

static void on_differs(void *arg, const struct ofl_key *key,
		       enum ofl_difference what, const char *text)
{
	fail_msg("an audit found: %s", text);
}

static void on_audited(void *arg, uint32_t entries)
{
}

static void on_counted(void *arg, const struct ofl_key *key, uint64_t packets,
		       uint64_t bytes)
{
	struct ofl_hw_entry e;

	assert_ptr_equal(arg, &t);
	assert_true(t.inside);
	assert_true(packets || bytes);
	assert_true(c->ops->find(t.p, key, &e));
	assert_int_equal(e.entry, OFL_ENTRY_REAL);
	assert_false(e.found);
	t.counted++;
}

static void on_count_end(void *arg, uint32_t entries, const char *text)
{
	assert_ptr_equal(arg, &t);
	assert_true(t.inside);
	assert_non_null(text);
	assert_true(!text[0] || !entries);
	t.count_ends++;
	t.count_entries = entries;
	snprintf(t.count_text, sizeof(t.count_text), "%s", text);
}

static void on_sampled(void *arg, const struct ofl_sample *sample)
{
	fail_msg("no packet came, and one was sampled");
}

static const struct ofl_provider_events events = {
	.done = on_done,
	.lost = on_lost,
	.unfit = on_unfit,
	.capacity = on_capacity,
	.ready = on_ready,
	.able = on_able,
	.differs = on_differs,
	.audited = on_audited,
	.counted = on_counted,
	.count_end = on_count_end,
	.sampled = on_sampled,
};

/* --- life --- */

static uint64_t poll_some(unsigned int budget)
{
	uint64_t next;

	t.inside = true;
	t.now_us += 1000;
	next = c->ops->poll(t.p, t.now_us, budget);
	t.inside = false;
	return next;
}

static void work(void)
{
	if (c->hardware_work)
		c->hardware_work();
}

/* Until so many answers have come in all. */
static void await(uint32_t answered)
{
	for (int ms = 0; t.answered < answered; ms++) {
		assert_true(ms < PATIENCE_MS);
		work();
		poll_some(64);
		if (ms > 100)
			usleep(1000);
	}
	assert_int_equal(t.answered, answered);
}

static void life_begin(void)
{
	const char *error = NULL;

	memset(&t, 0, sizeof(t));
	t.now_us = 1000000;
	t.p = c->ops->new (&c->conf, &events, &t, &error);
	assert_null(error);
	assert_non_null(t.p);
	for (int ms = 0; !t.ready; ms++) {
		assert_true(ms < PATIENCE_MS);
		work();
		poll_some(64);
		if (ms > 100)
			usleep(1000);
	}
}

static void life_end(void)
{
	c->ops->free(t.p, 0);
	t.p = NULL;
	work();
}

/* The same content each time, and other numbers, as after a restart. */
static void actions_make(void)
{
	struct ofl_nexthop a = {.ifindex = 1, .family = AF_INET, .weight = 1};
	struct ofl_nexthop b = {.ifindex = 2, .family = AF_INET, .weight = 1};

	a.mac[5] = 1;
	b.mac[5] = 2;
	action_a = ofl_action_get(OFL_ACTION_FORWARD, &a, 1);
	action_b = ofl_action_get(OFL_ACTION_FORWARD, &b, 1);
}

static void actions_drop(void)
{
	ofl_action_unref(action_a);
	ofl_action_unref(action_b);
}

static int setup(void **state)
{
	ofl_action_init();
	actions_make();
	if (c->hardware_new)
		c->hardware_new();
	life_begin();
	return 0;
}

static int teardown(void **state)
{
	if (t.p)
		life_end();
	actions_drop();
	ofl_action_fini();
	return 0;
}

/* --- words --- */

static struct ofl_key key_of(const char *text)
{
	struct ofl_key key = {};

	assert_true(ofl_prefix_parse(text, false, &key.p));
	return key;
}

static struct ofl_key key_at(uint32_t i)
{
	char text[OFL_PREFIX_STRLEN];

	snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
	return key_of(text);
}

static struct ofl_op op_make(enum ofl_op_kind kind, struct ofl_key key,
			     const struct ofl_action *action)
{
	assert_true(t.next_id + 1 < OPS_MAX);
	return (struct ofl_op){
		.id = ++t.next_id,
		.kind = kind,
		.entry = kind == OFL_OP_DEL ? OFL_ENTRY_NONE
			 : action	    ? OFL_ENTRY_REAL
					    : OFL_ENTRY_PUNT,
		.slots = kind == OFL_OP_DEL ? 0 : 1,
		.identity = action ? action->id : 0,
		.key = key,
		.action = action,
	};
}

/* All of them, however many are taken at once. */
static void put(const struct ofl_op *ops, size_t n)
{
	for (int ms = 0; n; ms++) {
		size_t taken = c->ops->submit(t.p, ops, n, t.now_us);

		assert_uint_in_range(taken, 0, n);
		assert_true(ms < PATIENCE_MS);
		ops += taken;
		n -= taken;
		if (n) {
			work();
			poll_some(64);
		}
	}
}

/* NULL: a punt, or nothing if it is deleted. */
static enum ofl_status write_one(enum ofl_op_kind kind, const char *prefix,
				 const struct ofl_action *action)
{
	struct ofl_op op = op_make(kind, key_of(prefix), action);
	uint32_t before = t.answered;

	put(&op, 1);
	await(before + 1);
	assert_int_equal(t.answers[op.id], 1);
	return t.status[op.id];
}

static void write_ok(enum ofl_op_kind kind, const char *prefix,
		     const struct ofl_action *action)
{
	assert_int_equal(write_one(kind, prefix, action), OFL_STATUS_OK);
}

static struct ofl_provider_stats stats(void)
{
	struct ofl_provider_stats st;

	c->ops->stats(t.p, &st);
	return st;
}

static bool is_there(const char *prefix, struct ofl_hw_entry *ret)
{
	struct ofl_key key = key_of(prefix);

	memset(ret, 0, sizeof(*ret));
	if (!c->ops->find(t.p, &key, ret))
		return false;
	assert_int_equal(ofl_key_cmp(&ret->key, &key), 0);
	return true;
}

static struct {
	uint32_t entries, slots, found;
	bool is[OPS_MAX];
} seen;

static void see(const struct ofl_hw_entry *e, void *arg)
{
	uint32_t i = e->key.p.addr[1] * 256 + e->key.p.addr[2];

	assert_ptr_equal(arg, &seen);
	assert_true(i < OPS_MAX);
	assert_false(seen.is[i]); /* once */
	seen.is[i] = true;
	seen.entries++;
	seen.slots += e->slots;
	seen.found += e->found;
}

static void dump(unsigned int max)
{
	uint32_t at = 0;

	memset(&seen, 0, sizeof(seen));
	do {
		uint32_t before = seen.entries;

		c->ops->dump(t.p, &at, max, see, &seen);
		assert_uint_in_range(seen.entries - before, 0, max);
	} while (at);
}

/* --- the tests --- */

static void test_birth(void **state)
{
	struct ofl_hw_entry e;

	assert_true(strlen(c->ops->name) > 0);
	assert_int_equal(t.capacity, c->capacity_slots);
	assert_int_equal(t.ready_told, 1);
	assert_int_equal(t.answered, 0);
	assert_int_equal(stats().capacity_slots, c->capacity_slots);
	assert_int_equal(stats().entries, 0);
	assert_int_equal(stats().used_slots, 0);
	assert_int_equal(stats().in_flight, 0);
	assert_false(is_there("10.0.0.0/24", &e));
	dump(1);
	assert_int_equal(seen.entries, 0);
	c->ops->free(NULL, 0);
}

static void test_one(void **state)
{
	struct ofl_hw_entry e;

	write_ok(OFL_OP_ADD, "10.0.1.0/24", action_a);
	assert_true(is_there("10.0.1.0/24", &e));
	assert_int_equal(e.entry, OFL_ENTRY_REAL);
	assert_int_equal(e.identity, action_a->id);
	assert_int_equal(e.slots, 1);
	assert_false(e.found);
	assert_false(is_there("10.0.1.0/25", &e));

	write_ok(OFL_OP_REPLACE, "10.0.1.0/24", action_b);
	assert_true(is_there("10.0.1.0/24", &e));
	assert_int_equal(e.identity, action_b->id);

	write_ok(OFL_OP_REPLACE, "10.0.1.0/24", NULL);
	assert_true(is_there("10.0.1.0/24", &e));
	assert_int_equal(e.entry, OFL_ENTRY_PUNT);
	assert_int_equal(e.identity, 0);
	assert_int_equal(stats().entries, 1);
	assert_int_equal(stats().used_slots, 1);

	write_ok(OFL_OP_DEL, "10.0.1.0/24", NULL);
	assert_false(is_there("10.0.1.0/24", &e));
	assert_int_equal(stats().entries, 0);
	assert_int_equal(stats().used_slots, 0);
	assert_int_equal(stats().added, 1);
	assert_int_equal(stats().replaced, 2);
	assert_int_equal(stats().deleted, 1);
	assert_int_equal(stats().lost, 0);
	assert_int_equal(t.lost, 0);
}

/* Nothing is called done before hardware did it, and submit() tells nothing. */
static void test_submit_only_takes(void **state)
{
	struct ofl_op op = op_make(OFL_OP_ADD, key_at(1), action_a);

	put(&op, 1);
	assert_int_equal(t.answered, 0);
	assert_int_equal(stats().in_flight, 1);
	await(1);
	assert_int_equal(stats().in_flight, 0);
}

/* The action may be gone when submit() has returned. */
static void test_action_is_borrowed(void **state)
{
	struct ofl_nexthop nh = {.ifindex = 3, .family = AF_INET, .weight = 1};
	struct ofl_action *a = ofl_action_get(OFL_ACTION_FORWARD, &nh, 1);
	struct ofl_op op = op_make(OFL_OP_ADD, key_at(1), a);

	put(&op, 1);
	ofl_action_unref(a);
	await(1);
	assert_int_equal(t.status[op.id], OFL_STATUS_OK);
}

static void fill(uint32_t n)
{
	static struct ofl_op ops[OPS_MAX];

	for (uint32_t i = 0; i < n; i++)
		ops[i] =
			op_make(OFL_OP_ADD, key_at(i), i % 2 ? action_a : NULL);
	put(ops, n);
}

static void test_each_is_answered_once(void **state)
{
	uint32_t n = c->capacity_slots;

	fill(n);
	await(n);
	poll_some(64);
	for (uint64_t id = 1; id <= n; id++) {
		assert_int_equal(t.answers[id], 1);
		assert_int_equal(t.status[id], OFL_STATUS_OK);
	}
	assert_int_equal(stats().entries, n);
	assert_int_equal(stats().used_slots, n);
	for (unsigned int max = 1; max <= n; max *= 7) {
		dump(max);
		assert_int_equal(seen.entries, n);
		assert_int_equal(seen.slots, n);
		assert_int_equal(seen.found, 0);
	}
}

static void test_full(void **state)
{
	uint32_t n = c->capacity_slots;
	struct ofl_hw_entry e;

	fill(n);
	await(n);
	assert_int_equal(write_one(OFL_OP_ADD, "10.7.0.0/24", action_a),
			 OFL_STATUS_NO_SPACE);
	assert_false(is_there("10.7.0.0/24", &e));
	assert_int_equal(stats().used_slots, n);
	assert_int_equal(stats().refused, 1);

	/* What does not grow always fits. */
	write_ok(OFL_OP_REPLACE, "10.0.1.0/24", NULL);
	write_ok(OFL_OP_REPLACE, "10.0.1.0/24", action_b);
	write_ok(OFL_OP_DEL, "10.0.2.0/24", NULL);
	write_ok(OFL_OP_ADD, "10.7.0.0/24", action_a);
	assert_int_equal(stats().used_slots, n);
}

static void test_budget(void **state)
{
	uint32_t before = 0;

	fill(8);
	for (int ms = 0; t.answered < 8; ms++) {
		assert_true(ms < PATIENCE_MS);
		work();
		poll_some(1);
		assert_uint_in_range(t.answered - before, 0, 1);
		before = t.answered;
	}
}

static void test_both_families_and_vrfs(void **state)
{
	struct ofl_op op[2];
	struct ofl_hw_entry e;

	write_ok(OFL_OP_ADD, "2001:db8::/32", action_a);
	write_ok(OFL_OP_ADD, "0.0.0.0/0", action_a);
	write_ok(OFL_OP_ADD, "::/0", NULL);
	op[0] = op_make(OFL_OP_ADD, key_at(1), action_a);
	op[1] = op_make(OFL_OP_ADD, key_at(1), action_b);
	op[1].key.vrf = 7;
	put(op, 2);
	await(5);
	assert_int_equal(t.status[op[1].id], OFL_STATUS_OK);
	assert_true(c->ops->find(t.p, &op[0].key, &e));
	assert_int_equal(e.identity, action_a->id);
	assert_true(c->ops->find(t.p, &op[1].key, &e));
	assert_int_equal(e.identity, action_b->id);
	assert_int_equal(stats().entries, 5);
}

static void test_free_with_work_to_do(void **state)
{
	fill(8);
	life_end(); /* what it tells now has nobody to hear it */
	assert_int_equal(t.answered, 0);
}

static void count(void)
{
	int before = t.count_ends;

	c->ops->count(t.p);
	assert_int_equal(t.count_ends, before); /* poll() tells */
	c->ops->count(t.p);
	for (int ms = 0; t.count_ends == before; ms++) {
		assert_true(ms < PATIENCE_MS);
		work();
		poll_some(64);
	}
	assert_string_equal(t.count_text, "");
}

/* Without traffic: each reading ends once, and of entries that forward. */
static void test_count(void **state)
{
	if (!c->ops->count)
		return;
	count();
	assert_int_equal(t.count_entries, 0);
	write_ok(OFL_OP_ADD, "10.0.1.0/24", action_a);
	write_ok(OFL_OP_ADD, "10.0.2.0/24", action_b);
	write_ok(OFL_OP_ADD, "10.0.3.0/24", NULL);
	count();
	assert_int_equal(t.count_entries, 2);
	write_ok(OFL_OP_REPLACE, "10.0.2.0/24", NULL);
	write_ok(OFL_OP_DEL, "10.0.3.0/24", NULL);
	count();
	assert_int_equal(t.count_entries, 1);
	assert_int_equal(t.counted, 0);
	poll_some(64);
	assert_int_equal(t.count_ends, 3);
}

/* Whether it can be had or not, it says so. */
static void test_sampling(void **state)
{
	struct ofl_sampling_status s;

	if (!c->ops->sample)
		return;
	assert_non_null(c->ops->sampling);
	for (uint32_t rate = 0; rate < 3; rate++) {
		c->ops->sample(t.p, rate);
		work();
		poll_some(64);
		c->ops->sampling(t.p, &s);
		assert_int_equal(s.rate, rate);
		assert_true(!rate ? !s.on : s.on || s.text[0]);
		assert_non_null(memchr(s.text, '\0', sizeof(s.text)));
		assert_true(s.samples == 0 && s.lost == 0 && s.odd == 0);
	}
	c->ops->sample(t.p, 0);
}

static bool adopt(const char *prefix, const struct ofl_action *action)
{
	struct ofl_key key = key_of(prefix);

	return c->ops->adopt(t.p, &key, action);
}

static void test_next_life(void **state)
{
	struct ofl_hw_entry e;

	if (!c->outlives)
		return;
	write_ok(OFL_OP_ADD, "10.0.1.0/24", action_a);
	write_ok(OFL_OP_ADD, "10.0.2.0/24", action_a);
	write_ok(OFL_OP_ADD, "10.0.3.0/24", NULL);
	write_ok(OFL_OP_ADD, "10.0.4.0/24", action_a);
	life_end();
	actions_drop();
	actions_make();
	life_begin();
	/* All is there before it is ready, and nothing was done to it. */
	assert_int_equal(stats().entries, 4);
	assert_int_equal(stats().found, 4);
	assert_int_equal(stats().used_slots, 4);
	dump(64);
	assert_int_equal(seen.found, 4);
	assert_true(is_there("10.0.1.0/24", &e));
	assert_int_equal(e.identity, OFL_IDENTITY_FOUND);
	assert_true(is_there("10.0.3.0/24", &e));
	assert_int_equal(e.entry, OFL_ENTRY_PUNT);
	assert_int_equal(e.identity, 0);

	assert_true(adopt("10.0.1.0/24", action_a));
	assert_true(is_there("10.0.1.0/24", &e));
	assert_int_equal(e.identity, action_a->id);
	assert_false(adopt("10.0.2.0/24", action_b));
	assert_true(is_there("10.0.2.0/24", &e));
	assert_int_equal(e.identity, OFL_IDENTITY_FOUND);
	assert_true(adopt("10.0.2.0/24", action_a)); /* tried again */
	assert_true(adopt("10.0.3.0/24", NULL));
	assert_false(adopt("10.0.4.0/24", NULL)); /* a route nobody has */
	assert_int_equal(stats().found, 0);

	/* They are entries as any other. */
	write_ok(OFL_OP_REPLACE, "10.0.3.0/24", action_b);
	write_ok(OFL_OP_REPLACE, "10.0.4.0/24", action_b);
	write_ok(OFL_OP_DEL, "10.0.1.0/24", NULL);
	assert_int_equal(stats().entries, 3);
	assert_int_equal(t.lost, 0);
}

int contract_run(const struct contract *contract)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_birth),
		TEST(test_one),
		TEST(test_submit_only_takes),
		TEST(test_action_is_borrowed),
		TEST(test_each_is_answered_once),
		TEST(test_full),
		TEST(test_budget),
		TEST(test_both_families_and_vrfs),
		TEST(test_count),
		TEST(test_sampling),
		TEST(test_free_with_work_to_do),
		TEST(test_next_life),
	};

	c = contract;
	return cmocka_run_group_tests_name(contract->ops->name, tests, NULL,
					   NULL);
}
