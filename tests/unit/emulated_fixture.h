/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One emulated table and what it said, for the tests of the emulated
 * provider.  Included by each of them; not a library.
 */
#ifndef TESTS_UNIT_EMULATED_FIXTURE_H
#define TESTS_UNIT_EMULATED_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "offloadd/provider/prov_emulated.h"
#include "offloadd/provider/prov_emulated_priv.h"

#define SAID_MAX 8192

static struct {
	struct ofl_provider *p;
	uint64_t next_id, now_us;
	struct ofl_outcome said[SAID_MAX];
	size_t said_count;
	struct ofl_key lost[8];
	size_t lost_count;
	uint32_t capacity;
	int capacity_told, ready_told;
	bool ready;
	char ready_text[64];
} t;

static const struct ofl_provider_ops *const ops = &ofl_prov_emulated;

static inline void on_done(void *arg, const struct ofl_outcome *o)
{
	assert_ptr_equal(arg, &t);
	assert_true(t.said_count < SAID_MAX);
	t.said[t.said_count++] = *o;
}

static inline void on_lost(void *arg, const struct ofl_key *key,
			   const char *text)
{
	assert_ptr_equal(arg, &t);
	assert_true(t.lost_count < 8);
	assert_true(strlen(text) > 0);
	t.lost[t.lost_count++] = *key;
}

static inline void on_capacity(void *arg, uint32_t capacity_slots)
{
	t.capacity = capacity_slots;
	t.capacity_told++;
}

static inline void on_ready(void *arg, bool ready, const char *text)
{
	t.ready = ready;
	t.ready_told++;
	snprintf(t.ready_text, sizeof(t.ready_text), "%s", text);
}

static const struct ofl_provider_events events = {
	.done = on_done,
	.lost = on_lost,
	.capacity = on_capacity,
	.ready = on_ready,
};

static inline void table_new(uint32_t capacity_slots)
{
	struct ofl_hwtable_conf conf = {.capacity_slots = capacity_slots};
	const char *error = NULL;

	memset(&t, 0, sizeof(t));
	t.now_us = 1000000;
	t.p = ops->new (&conf, &events, &t, &error);
	assert_non_null(t.p);
	assert_null(error);
}

static inline uint64_t poll_all(void)
{
	return ops->poll(t.p, t.now_us, UINT32_MAX);
}

static inline int setup(void **state)
{
	table_new(10);
	poll_all();
	return 0;
}

static inline int teardown(void **state)
{
	ops->free(t.p, 0);
	t.p = NULL;
	return 0;
}

static inline struct ofl_key key_of(const char *text)
{
	struct ofl_key key = {};

	assert_true(ofl_prefix_parse(text, false, &key.p));
	return key;
}

static inline struct ofl_op op_of(enum ofl_op_kind kind, const char *prefix,
				  enum ofl_entry entry, uint16_t slots,
				  uint32_t identity)
{
	return (struct ofl_op){.id = ++t.next_id,
			       .kind = kind,
			       .entry = entry,
			       .slots = slots,
			       .identity = identity,
			       .key = key_of(prefix)};
}

static inline void put(struct ofl_op op)
{
	assert_int_equal(ops->submit(t.p, &op, 1, t.now_us), 1);
}

/* Submit one, poll, and return its outcome. */
static inline struct ofl_outcome do_op(struct ofl_op op)
{
	size_t before = t.said_count;

	put(op);
	assert_true(poll_all() == UINT64_MAX);
	assert_int_equal(t.said_count, before + 1);
	assert_int_equal(t.said[before].op_id, op.id);
	return t.said[before];
}

static inline struct ofl_outcome add(const char *prefix, uint32_t identity)
{
	return do_op(op_of(OFL_OP_ADD, prefix, OFL_ENTRY_REAL, 1, identity));
}

static inline void add_ok(const char *prefix, uint32_t identity)
{
	assert_int_equal(add(prefix, identity).status, OFL_STATUS_OK);
}

static inline bool exercise(const char *line)
{
	const char *error = NULL;
	bool ok = ops->exercise(t.p, line, &error);

	if (!ok)
		assert_true(error && strlen(error) > 0);
	return ok;
}

static inline struct ofl_provider_stats stats(void)
{
	struct ofl_provider_stats s;

	ops->stats(t.p, &s);
	return s;
}

static inline enum ofl_hit look(const char *addr, uint32_t vrf,
				uint32_t *identity)
{
	struct ofl_key key = key_of(addr);

	*identity = 0;
	return ofl_emulated_lookup(t.p, vrf, key.p.family, key.p.addr, false, 0,
				   identity);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif /* TESTS_UNIT_EMULATED_FIXTURE_H */
