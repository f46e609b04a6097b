// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Placement in scenarios one can read: some routes, a small table, and the
 * operations that are written, in their order, as text:
 *
 *   +10.0.0.0/8=1      an entry is added that forwards by identity 1
 *   ~10.0.0.0/8=punt   it is replaced by one that sends to software
 *   -10.0.0.0/8        it is removed
 *
 * Safety under any order of answers is the property test's business; here the
 * hardware answers in the order it was asked.  It refuses to know more than one
 * operation of a key, and at the end of every test all routes are withdrawn and
 * each cookie must have been reported gone exactly once.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
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
static void table(uint32_t low, uint32_t high, uint32_t capacity)
{
	struct ofl_place_conf conf = {
		.capacity_slots = capacity,
		.high_slots = high,
		.low_slots = low,
		.cost_v4_slots = 1,
		.cost_v6_slots = 2,
	};

	if (t.place) {
		ofl_place_conf_set(t.place, &conf);
		return;
	}
	t.size_slots = UINT32_MAX;
	t.place = ofl_place_new(&conf);
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

static void never(const char *prefix)
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
static void refuse(const char *prefix, enum ofl_entry entry,
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
	assert_non_null(r);
	assert_int_equal(ofl_place_op_cookie(t.place, op->id),
			 COOKIE + (r - t.routes));
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
		struct route *r = &t.routes[v.cookie - COOKIE];

		assert_true(v.cookie - COOKIE < t.count);
		assert_int_equal(r->gone, 0);
		assert_true(!v.gone || !r->announced);
		r->gone += v.gone;
		r->state = v.state;
	}
}

/* Decide, and ask for everything that is safe now; no answers. */
static void ask(void)
{
	while (ofl_place_plan(t.place, 3))
		;
	while (send_one())
		;
	take_views();
}

static void settle(void)
{
	for (ask(); t.in_flight; ask()) {
		while (t.in_flight)
			answer();
	}
	assert_true(ofl_place_is_settled(t.place));
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

/* --- who gets a slot --- */
static void test_fills_to_high_and_closes(void **state)
{
	table(1, 3, 5);
	best_effort("10.1.0.0/16", 1, 10);
	best_effort("10.2.0.0/16", 2, 40);
	best_effort("10.3.0.0/16", 3, 20);
	best_effort("10.4.0.0/16", 4, 30);
	settles_by("+10.2.0.0/16=2 +10.4.0.0/16=4 +10.3.0.0/16=3");
	offloaded("10.2.0.0/16");
	stands("10.1.0.0/16", OFL_STATE_WAITING, OFL_REASON_HIGH_WATERMARK);
	assert_true(stats().closed);
	assert_int_equal(stats().planned_slots, 3);
	assert_int_equal(stats().used_slots, 3);
	assert_int_equal(stats().waiting, 1);
	assert_int_equal(stats().crossings_high, 1);

	/* However much it is worth: the door is closed. */
	best_effort("10.5.0.0/16", 5, 99);
	settles_by("");
}

static void test_opens_below_low(void **state)
{
	table(2, 4, 8);
	for (unsigned int i = 1; i <= 7; i++) {
		char prefix[OFL_PREFIX_STRLEN];

		snprintf(prefix, sizeof(prefix), "10.%u.0.0/16", i);
		best_effort(prefix, i, 10 - i);
	}
	settle();
	wrote("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3 +10.4.0.0/16=4");
	withdraw("10.1.0.0/16");
	withdraw("10.2.0.0/16");
	settles_by("-10.1.0.0/16 -10.2.0.0/16"); /* at low: still closed */
	assert_true(stats().closed);
	assert_int_equal(stats().crossings_low, 0);

	withdraw("10.3.0.0/16");
	settle();
	wrote("-10.3.0.0/16 +10.5.0.0/16=5 +10.6.0.0/16=6 +10.7.0.0/16=7");
	assert_false(stats().closed);
	assert_int_equal(stats().crossings_low, 1);
}

static void test_critical_evicts_least_worthy(void **state)
{
	table(1, 4, 4);
	best_effort("10.1.0.0/16", 1, 5);
	best_effort("10.2.0.0/16", 2, 1);
	best_effort("10.3.3.0/24", 3, 1);
	best_effort("10.4.0.0/16", 4, 7);
	settle();
	wrote("+10.4.0.0/16=4 +10.1.0.0/16=1 +10.3.3.0/24=3 +10.2.0.0/16=2");

	critical("192.0.2.0/24", 8); /* same weight: the shorter one goes */
	settles_by("-10.2.0.0/16 +192.0.2.0/24=8");
	stands("10.2.0.0/16", OFL_STATE_WAITING,
	       OFL_REASON_EVICTED_FOR_CRITICAL);
	critical("198.51.100.0/24", 8);
	settles_by("-10.3.3.0/24 +198.51.100.0/24=8");
	critical("203.0.113.0/24", 8);
	critical("203.0.112.0/24", 8);
	settle();
	wrote("-10.1.0.0/16 -10.4.0.0/16 +203.0.112.0/24=8 +203.0.113.0/24=8");
	assert_int_equal(stats().evictions, 4);
	assert_int_equal(stats().critical_slots, 4);

	critical("203.0.111.0/24", 8); /* nobody is worth less */
	settles_by("");
	stands("203.0.111.0/24", OFL_STATE_WAITING, OFL_REASON_TABLE_FULL);
}

static void test_costs_of_families(void **state)
{
	struct ofl_key k = key("2001:db8:1::/48");
	struct ofl_place_view v;

	table(1, 4, 5);
	best_effort("10.1.0.0/16", 1, 9);
	best_effort("2001:db8:1::/48", 2, 8);
	best_effort("2001:db8:2::/48", 3, 7); /* would pass the mark */
	settles_by("+10.1.0.0/16=1 +2001:db8:1::/48=2");
	assert_int_equal(stats().used_slots, 3);
	assert_int_equal(t.used_slots, 3);
	assert_true(ofl_place_view(t.place, &k, &v));
	assert_int_equal(v.slots, 2);
	assert_true(stats().closed);
}

static void test_smaller_table(void **state)
{
	table(1, 3, 3);
	best_effort("10.1.0.0/16", 1, 3);
	best_effort("10.2.0.0/16", 2, 1);
	best_effort("10.3.0.0/16", 3, 2);
	settles_by("+10.1.0.0/16=1 +10.3.0.0/16=3 +10.2.0.0/16=2");
	table(0, 1, 1);
	settles_by("-10.2.0.0/16 -10.3.0.0/16");
	offloaded("10.1.0.0/16");
}

/* --- covers and elision --- */
static void test_compulsory_cover(void **state)
{
	struct ofl_key k = key("10.1.0.0/16"), cover;

	table(1, 3, 4);
	best_effort("10.0.0.0/8", 1, 1);
	best_effort("11.0.0.0/8", 1, 1);
	best_effort("2001:db8::/32", 1, 0); /* closes the door */
	settles_by("+10.0.0.0/8=1 +11.0.0.0/8=1");
	assert_true(stats().closed);
	assert_false(ofl_place_cover_of(t.place, &k, &cover));

	best_effort("10.1.0.0/16", 2, 99);
	settles_by("+10.1.0.0/16=punt");
	stands("10.1.0.0/16", OFL_STATE_COVERED, OFL_REASON_HIGH_WATERMARK);
	assert_int_equal(stats().cover_slots, 1);
	assert_true(ofl_place_cover_of(t.place, &k, &cover));
	assert_int_equal(cover.p.plen, 8);

	/* A second one does not fit: what it protects from leaves, and the
	 * first is not needed any longer. */
	never("10.2.0.0/16");
	settles_by("-10.0.0.0/8 -10.1.0.0/16");
	stands("10.0.0.0/8", OFL_STATE_WAITING, OFL_REASON_EVICTED_FOR_COVER);
	stands("10.2.0.0/16", OFL_STATE_WAITING, OFL_REASON_RULE_NEVER);
}

static void test_cover_of_critical_evicts(void **state)
{
	table(1, 2, 2);
	critical("10.0.0.0/8", 1);
	best_effort("11.0.0.0/8", 2, 5);
	settles_by("+10.0.0.0/8=1 +11.0.0.0/8=2");
	never("10.2.0.0/16");
	settles_by("-11.0.0.0/8 +10.2.0.0/16=punt");
	stands("10.2.0.0/16", OFL_STATE_COVERED, OFL_REASON_RULE_NEVER);
	offloaded("10.0.0.0/8");
}

static void test_cover_is_written_first(void **state)
{
	table(1, 4, 4);
	never("10.2.0.0/16");
	best_effort("10.0.0.0/8", 1, 1);
	ask();
	wrote("+10.2.0.0/16=punt"); /* 10/8 waits for the answer */
	answer();
	ask();
	wrote("+10.0.0.0/8=1");
	settle();
	/* and the other way round */
	withdraw("10.0.0.0/8");
	ask();
	wrote("-10.0.0.0/8");
	settles_by("-10.2.0.0/16");
}

static void test_cover_refused(void **state)
{
	table(1, 4, 4);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	refuse("10.2.0.0/16", OFL_ENTRY_PUNT, OFL_STATUS_ERROR);
	never("10.2.0.0/16");
	settles_by("+10.2.0.0/16=punt -10.0.0.0/8");
	stands("10.0.0.0/8", OFL_STATE_WAITING, OFL_REASON_COVERS_TOO_MANY);
	settles_by("");

	t.refused_status = OFL_STATUS_OK;
	ofl_place_retry(t.place);
	settles_by("+10.2.0.0/16=punt +10.0.0.0/8=1");
}

static void test_elision(void **state)
{
	table(1, 4, 4);
	best_effort("10.0.0.0/8", 1, 1);
	best_effort("10.1.0.0/16", 1, 1);
	settle();
	/* The longer one came first: its entry stays, it does no harm. */
	wrote("+10.1.0.0/16=1 +10.0.0.0/8=1");
	best_effort("10.2.0.0/16", 1, 1);
	settles_by("");
	stands("10.2.0.0/16", OFL_STATE_ELIDED, OFL_REASON_ELIDED);

	/* The cover goes elsewhere: what hid behind it comes first. */
	best_effort("10.0.0.0/8", 2, 1);
	ask();
	wrote("+10.2.0.0/16=1");
	stands("10.0.0.0/8", OFL_STATE_LEAVING, OFL_REASON_NEXTHOP_CHANGED);
	answer();
	ask();
	wrote("~10.0.0.0/8=2");
	settle();
	offloaded("10.0.0.0/8");
	offloaded("10.2.0.0/16");
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("~10.0.0.0/8=1"); /* nobody below is bare: at once */
}

static void test_cover_is_given_back(void **state)
{
	table(1, 2, 4);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	never("10.1.0.0/16");
	settles_by("+10.1.0.0/16=punt");
	best_effort("10.1.0.0/16", 1, 0); /* may be answered as 10/8 is now */
	settles_by("-10.1.0.0/16");
	stands("10.1.0.0/16", OFL_STATE_ELIDED, OFL_REASON_ELIDED);
}

/* --- the order of writes --- */
static void three_generations(uint32_t capacity)
{
	table(1, capacity, capacity);
	best_effort("10.0.0.0/8", 1, 1);
	best_effort("10.1.0.0/16", 2, 1);
	settles_by("+10.1.0.0/16=2 +10.0.0.0/8=1");
	best_effort("10.1.1.0/24", 2, 1);
	settles_by("");
	stands("10.1.1.0/24", OFL_STATE_ELIDED, OFL_REASON_ELIDED);
}

static void test_withdraw(void **state)
{
	three_generations(4);
	withdraw("10.1.0.0/16");
	ask();
	wrote("+10.1.1.0/24=2"); /* else 10/8 would answer it */
	stands("10.1.0.0/16", OFL_STATE_LEAVING, OFL_REASON_WITHDRAWN);
	answer();
	ask();
	wrote("-10.1.0.0/16");
	settle();
	withdraw("10.0.0.0/8");
	withdraw("10.1.1.0/24");
	ask();
	wrote("-10.0.0.0/8 -10.1.1.0/24"); /* none exposes the other */
}

/* The same without a slot to spare: entries become punts for a while. */
static void test_withdraw_in_full_table(void **state)
{
	three_generations(2);
	withdraw("10.1.0.0/16");
	settle();
	wrote("~10.1.0.0/16=punt ~10.0.0.0/8=punt -10.1.0.0/16 ~10.0.0.0/8=1");
}

static void test_one_operation_per_key(void **state)
{
	table(1, 2, 2);
	best_effort("10.0.0.0/8", 1, 1);
	ask();
	wrote("+10.0.0.0/8=1");
	best_effort("10.0.0.0/8", 2, 1);
	ask();
	withdraw("10.0.0.0/8");
	ask();
	best_effort("10.0.0.0/8", 3, 1);
	ask();
	wrote(""); /* nothing before the answer, whatever happens */
	stands("10.0.0.0/8", OFL_STATE_SENT, OFL_REASON_ADMITTED);
	answer();
	ask();
	wrote("~10.0.0.0/8=3");
	withdraw("10.0.0.0/8");
	settles_by("-10.0.0.0/8");
}

static void test_abort(void **state)
{
	struct ofl_outcome late = {.status = OFL_STATUS_OK};

	table(1, 2, 2);
	best_effort("10.0.0.0/8", 1, 1);
	ask();
	late.op_id = t.flight[0].id;
	ofl_place_abort(t.place, &t.flight[0]);
	t.in_flight = 0;
	assert_int_equal(stats().used_slots, 0);
	assert_int_equal(stats().in_flight, 0);
	assert_int_equal(ofl_place_op_cookie(t.place, late.op_id), 0);
	ofl_place_done(t.place, &late); /* of no operation */
	take_views();
	stands("10.0.0.0/8", OFL_STATE_WAITING, OFL_REASON_ADMITTED);
	wrote("+10.0.0.0/8=1");
	settles_by("+10.0.0.0/8=1");
	assert_int_equal(stats().used_slots, 1);
}

/* --- what hardware does --- */
static void test_no_space(void **state)
{
	table(2, 4, 4);
	t.size_slots = 2; /* less than it says */
	best_effort("10.1.0.0/16", 1, 4);
	best_effort("10.2.0.0/16", 2, 3);
	best_effort("10.3.0.0/16", 3, 2);
	settles_by("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3");
	stands("10.3.0.0/16", OFL_STATE_WAITING, OFL_REASON_CAPACITY_REDUCED);
	best_effort("10.4.0.0/16", 4, 1);
	settles_by(""); /* learned */

	t.size_slots = 4;
	ofl_place_retry(t.place);
	settles_by("+10.3.0.0/16=3 +10.4.0.0/16=4");
}

static void test_error_is_retried(void **state)
{
	table(1, 2, 2);
	refuse("10.0.0.0/8", OFL_ENTRY_REAL, OFL_STATUS_ERROR);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	stands("10.0.0.0/8", OFL_STATE_FAILED, OFL_REASON_HW_ERROR);
	best_effort("10.0.0.0/8", 1, 7); /* no other identity: no news */
	settles_by("");
	t.refused_status = OFL_STATUS_OK;
	ofl_place_retry(t.place);
	settles_by("+10.0.0.0/8=1");
	offloaded("10.0.0.0/8");
}

static void test_unsupported_is_not(void **state)
{
	table(1, 2, 2);
	refuse("10.0.0.0/8", OFL_ENTRY_REAL, OFL_STATUS_UNSUPPORTED);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	t.refused_status = OFL_STATUS_OK;
	ofl_place_retry(t.place);
	settles_by("");
	stands("10.0.0.0/8", OFL_STATE_FAILED, OFL_REASON_HW_UNSUPPORTED);
	best_effort("10.0.0.0/8", 2, 1);
	settles_by("+10.0.0.0/8=2");
	offloaded("10.0.0.0/8");
}

static void test_lost_entry_comes_back(void **state)
{
	struct ofl_key k = key("10.0.0.0/8");

	table(1, 2, 2);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	t.used_slots--;
	ofl_place_lost(t.place, &k);
	take_views();
	stands("10.0.0.0/8", OFL_STATE_WAITING, OFL_REASON_HW_LOST);
	assert_int_equal(stats().used_slots, 0);
	settles_by("+10.0.0.0/8=1");
	offloaded("10.0.0.0/8");
}

/* --- the border --- */
static void test_malformed_keys(void **state)
{
	struct ofl_key bad[] = {key("10.0.0.0/8"), key("10.0.0.0/8"),
				key("10.0.0.0/8"), key("2001:db8::/32"),
				key("10.0.0.0/8")};
	struct ofl_place_route r = {
		.cookie = 1, .identity = 1, .cls = OFL_CLASS_CRITICAL};
	struct ofl_place_view v;

	table(1, 2, 2);
	bad[0].p.family = AF_UNIX;
	bad[1].p.plen = 33;
	bad[2].p.addr[3] = 1; /* a host bit */
	bad[3].p.plen = 129;
	bad[4].p.addr[4] = 1; /* no byte of an IPv4 address */
	for (size_t i = 0; i < array_size(bad); i++) {
		assert_false(ofl_place_set(t.place, &bad[i], &r));
		ofl_place_del(t.place, &bad[i]);
		ofl_place_lost(t.place, &bad[i]);
		assert_false(ofl_place_view(t.place, &bad[i], &v));
	}
	assert_false(ofl_place_changed(t.place, &v));
	settles_by("");
}

static void test_cookies_come_back_once(void **state)
{
	table(1, 2, 2);
	best_effort("10.1.0.0/16", 1, 1);
	withdraw("10.1.0.0/16"); /* before anything was decided */
	settles_by("");
	assert_int_equal(t.routes[0].gone, 1);

	best_effort("10.1.0.0/16", 1, 1);
	ask();
	withdraw("10.1.0.0/16"); /* its write is unanswered */
	ask();
	assert_int_equal(t.routes[1].gone, 0);
	settles_by("+10.1.0.0/16=1 -10.1.0.0/16");
	assert_int_equal(t.routes[1].gone, 1);

	best_effort("10.1.0.0/16", 1, 1);
	settles_by("+10.1.0.0/16=1");
	withdraw("10.1.0.0/16");
	best_effort("10.1.0.0/16", 1, 1); /* back before it was gone */
	settles_by("");
	assert_int_equal(t.routes[2].gone, 0);
	assert_int_equal(t.count, 3);
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(test_fills_to_high_and_closes),
		SCENARIO(test_opens_below_low),
		SCENARIO(test_critical_evicts_least_worthy),
		SCENARIO(test_costs_of_families),
		SCENARIO(test_smaller_table),
		SCENARIO(test_compulsory_cover),
		SCENARIO(test_cover_of_critical_evicts),
		SCENARIO(test_cover_is_written_first),
		SCENARIO(test_cover_refused),
		SCENARIO(test_elision),
		SCENARIO(test_cover_is_given_back),
		SCENARIO(test_withdraw),
		SCENARIO(test_withdraw_in_full_table),
		SCENARIO(test_one_operation_per_key),
		SCENARIO(test_abort),
		SCENARIO(test_no_space),
		SCENARIO(test_error_is_retried),
		SCENARIO(test_unsupported_is_not),
		SCENARIO(test_lost_entry_comes_back),
		SCENARIO(test_malformed_keys),
		SCENARIO(test_cookies_come_back_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
