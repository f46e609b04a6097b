/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network, an engine and a tiny hardware around one placement, so that a
 * scenario of test_placement.c reads as: announce, settle, compare what was
 * written.
 *
 * The hardware answers in the order it was asked.  It refuses to know more than
 * one operation of a key, and at the end of every test all routes are withdrawn
 * and each cookie must have been reported gone exactly once.
 */
#ifndef TESTS_UNIT_PLACE_FIXTURE_H
#define TESTS_UNIT_PLACE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "offloadd/placement/placement.h"

#define ROUTES_MAX 32
#define COOKIE 0xc0de0000u /* plus the route's number */

/* One announcement until it is gone; announced again it is another. */
struct route {
	struct ofl_key key;
	bool announced;
	unsigned int gone;
	uint8_t state; /* as last reported */
};

static struct {
	struct ofl_place *place;
	struct route routes[ROUTES_MAX];
	unsigned int count;

	/* the hardware */
	struct ofl_op flight[ROUTES_MAX]; /* oldest first */
	unsigned int in_flight;
	uint32_t used_slots, size_slots;
	struct ofl_key refused; /* entries of this kind there are refused */
	enum ofl_entry refused_entry;
	enum ofl_status refused_status; /* OK: none are */

	char log[512]; /* what was asked since the last look */
} t;

/* --- the operator and the network --- */
static void limits(const struct ofl_place_conf *conf)
{
	if (t.place) {
		ofl_place_conf_set(t.place, conf);
		return;
	}
	t.size_slots = UINT32_MAX;
	t.place = ofl_place_new(conf);
}

/* So small a table is placed exactly. */
static struct ofl_place_conf exact(uint32_t low, uint32_t high,
				   uint32_t capacity)
{
	struct ofl_place_conf conf;

	ofl_place_conf_init(&conf);
	conf.capacity_slots = capacity;
	conf.high_slots = high;
	conf.low_slots = low;
	conf.hysteresis_permille = 100;
	return conf;
}

/* As if it were a large one: whoever comes finds a door and a price. */
static struct ofl_place_conf priced(uint32_t low, uint32_t high,
				    uint32_t capacity)
{
	struct ofl_place_conf conf = exact(low, high, capacity);

	conf.exact_cells = 0;
	return conf;
}

static inline void exact_table(uint32_t low, uint32_t high, uint32_t capacity)
{
	struct ofl_place_conf conf = exact(low, high, capacity);

	limits(&conf);
}

static void priced_table(uint32_t low, uint32_t high, uint32_t capacity)
{
	struct ofl_place_conf conf = priced(low, high, capacity);

	limits(&conf);
}

static struct ofl_key key(const char *text)
{
	struct ofl_key k = {.vrf = 0};

	assert_true(ofl_prefix_parse(text, false, &k.p));
	return k;
}

static struct route *route_find(const struct ofl_key *k)
{
	for (unsigned int i = 0; i < t.count; i++) {
		if (!t.routes[i].gone && !ofl_key_cmp(&t.routes[i].key, k))
			return &t.routes[i];
	}
	return NULL;
}

static void announce(const char *prefix, uint32_t identity, uint32_t weight,
		     enum ofl_class cls)
{
	struct ofl_key k = key(prefix);
	struct route *r = route_find(&k);
	struct ofl_place_route pr = {
		.identity = identity,
		.weight = weight,
		.cls = cls,
		.why = OFL_REASON_RULE_NEVER,
	};

	if (!r) {
		assert_true(t.count < ROUTES_MAX);
		r = &t.routes[t.count++];
		r->key = k;
	}
	r->announced = true;
	pr.cookie = COOKIE + (r - t.routes);
	assert_true(ofl_place_set(t.place, &k, &pr));
}

static void best_effort(const char *prefix, uint32_t identity, uint32_t weight)
{
	announce(prefix, identity, weight, OFL_CLASS_BEST_EFFORT);
}

static void critical(const char *prefix, uint32_t identity)
{
	announce(prefix, identity, 0, OFL_CLASS_CRITICAL);
}

static inline void never(const char *prefix)
{
	announce(prefix, 9, 0, OFL_CLASS_NEVER);
}

static void withdraw(const char *prefix)
{
	struct ofl_key k = key(prefix);
	struct route *r = route_find(&k);

	assert_non_null(r);
	r->announced = false;
	ofl_place_del(t.place, &k);
}

/* --- the hardware --- */
/* An entry of an earlier run. */
static void holds(const char *prefix, enum ofl_entry entry, uint32_t identity)
{
	struct ofl_key k = key(prefix);

	assert_true(ofl_place_adopt(t.place, &k, entry, identity));
	t.used_slots += k.p.family == AF_INET ? 1 : 2;
}

static inline void refuse(const char *prefix, enum ofl_entry entry,
			  enum ofl_status status)
{
	t.refused = key(prefix);
	t.refused_entry = entry;
	t.refused_status = status;
}

static void op_log(const struct ofl_op *op)
{
	static const char sign[] = {' ', '+', '~', '-'};
	size_t len = strlen(t.log);
	char prefix[OFL_PREFIX_STRLEN], entry[16] = "";

	if (op->entry == OFL_ENTRY_REAL)
		snprintf(entry, sizeof(entry), "=%u", op->identity);
	else if (op->entry == OFL_ENTRY_PUNT)
		snprintf(entry, sizeof(entry), "=punt");
	snprintf(t.log + len, sizeof(t.log) - len, "%s%c%s%s", len ? " " : "",
		 sign[op->kind],
		 ofl_prefix_print(&op->key.p, prefix, sizeof(prefix)), entry);
}

/* The next operation, if there is one, is in flight. */
static bool send_one(void)
{
	struct ofl_op *op = &t.flight[t.in_flight];
	struct route *r;

	if (!ofl_place_next(t.place, op))
		return false;
	for (unsigned int i = 0; i < t.in_flight; i++)
		assert_int_not_equal(ofl_key_cmp(&t.flight[i].key, &op->key),
				     0);
	r = route_find(&op->key);
	assert_int_equal(ofl_place_op_cookie(t.place, op->id),
			 r ? COOKIE + (r - t.routes) : 0);
	t.in_flight++;
	op_log(op);
	return true;
}

static enum ofl_status apply(const struct ofl_op *op)
{
	uint32_t slots = op->key.p.family == AF_INET ? 1 : 2;

	if (t.refused_status != OFL_STATUS_OK && t.refused_entry == op->entry &&
	    ofl_key_cmp(&t.refused, &op->key) == 0)
		return t.refused_status;
	assert_int_equal(op->slots, op->kind == OFL_OP_DEL ? 0 : slots);
	if (op->kind == OFL_OP_ADD) {
		if (t.used_slots + slots > t.size_slots)
			return OFL_STATUS_NO_SPACE;
		t.used_slots += slots;
	} else if (op->kind == OFL_OP_DEL) {
		t.used_slots -= slots;
	}
	return OFL_STATUS_OK;
}

/* The oldest operation is answered. */
static void answer(void)
{
	struct ofl_outcome out = {
		.op_id = t.flight[0].id,
		.status = apply(&t.flight[0]),
	};

	assert_true(t.in_flight > 0);
	memmove(&t.flight[0], &t.flight[1],
		--t.in_flight * sizeof(t.flight[0]));
	ofl_place_done(t.place, &out);
}

/* --- the engine --- */
static void take_views(void)
{
	struct ofl_place_view v;

	while (ofl_place_changed(t.place, &v)) {
		struct route *r;

		if (v.cookie == 0)
			continue; /* an earlier run's entry, of no route */
		assert_true(v.cookie >= COOKIE && v.cookie < COOKIE + t.count);
		r = &t.routes[v.cookie - COOKIE];
		assert_int_equal(r->gone, 0);
		assert_true(!v.gone || !r->announced);
		r->gone += v.gone;
		r->state = v.state;
	}
}

static void decide(void)
{
	unsigned int patience = 10000;

	do {
		assert_true(patience-- > 0);
		while (ofl_place_plan(t.place, 3))
			;
	} while (ofl_place_improve(t.place, 3));
}

/* Decide, and ask for everything that is safe now; no answers. */
static void ask(void)
{
	decide();
	while (send_one())
		;
	take_views();
}

static void settle(void)
{
	unsigned int rounds = 0;

	for (ask(); t.in_flight; ask()) {
		assert_true(rounds++ < ROUTES_MAX);
		while (t.in_flight)
			answer();
	}
	assert_true(ofl_place_is_settled(t.place));
}

/* Weights were brought up to date. */
static void sweep(void)
{
	ofl_place_sweep(t.place);
	settle();
}

/* --- what is expected --- */
static void wrote(const char *log)
{
	assert_string_equal(t.log, log);
	t.log[0] = '\0';
}

static void settles_by(const char *log)
{
	settle();
	wrote(log);
}

static void stands(const char *prefix, enum ofl_state state,
		   enum ofl_reason reason)
{
	struct ofl_key k = key(prefix);
	struct ofl_place_view v;

	assert_true(ofl_place_view(t.place, &k, &v));
	assert_string_equal(ofl_state_name(v.state), ofl_state_name(state));
	assert_string_equal(ofl_reason_name(v.reason), ofl_reason_name(reason));
	assert_int_equal(route_find(&k)->state, v.state);
}

static void offloaded(const char *prefix)
{
	stands(prefix, OFL_STATE_OFFLOADED, OFL_REASON_ADMITTED);
}

static void waits(const char *prefix, enum ofl_reason reason)
{
	stands(prefix, OFL_STATE_WAITING, reason);
}

static inline struct ofl_place_certificate certificate(void)
{
	struct ofl_place_certificate c;

	ofl_place_certificate(t.place, &c);
	assert_true(c.valid);
	return c;
}

static struct ofl_place_stats stats(void)
{
	struct ofl_place_stats st;

	ofl_place_stats(t.place, &st);
	return st;
}

static int setup(void **state)
{
	memset(&t, 0, sizeof(t));
	return 0;
}

/* Every test ends with an empty table and all cookies handed back, once. */
static int teardown(void **state)
{
	t.refused_status = OFL_STATUS_OK;
	for (unsigned int i = 0; i < t.count; i++) {
		if (t.routes[i].announced)
			ofl_place_del(t.place, &t.routes[i].key);
		t.routes[i].announced = false;
	}
	ofl_place_retry(t.place);
	settle();
	for (unsigned int i = 0; i < t.count; i++)
		assert_int_equal(t.routes[i].gone, 1);
	assert_int_equal(t.used_slots, 0);
	assert_int_equal(stats().used_slots, 0);
	assert_int_equal(stats().planned_slots, 0);
	assert_int_equal(stats().routes, 0);
	ofl_place_free(t.place);
	return 0;
}

#endif /* TESTS_UNIT_PLACE_FIXTURE_H */
