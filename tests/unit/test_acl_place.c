// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Placement of ACLs, case by case: covers, shared covers, who gives way, what
 * happens when a rule comes above one that is in hardware, refusals, prefs.
 * Whether it is right after every single operation is the property test's.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/placement/acl.h"

#define OPS_MAX 64
#define PERMIT 1
#define DENY 2

static struct ofl_acl_place *p;
static struct ofl_acl_op ops[OPS_MAX];
static unsigned int op_count;

static void begin(uint32_t slots)
{
	struct ofl_acl_place_conf conf;

	ofl_acl_place_conf_init(&conf);
	conf.capacity_slots = conf.high_slots = slots;
	conf.low_slots = slots - 1;
	p = ofl_acl_place_new(&conf);
}

static int end(void **state)
{
	ofl_acl_place_free(p);
	p = NULL;
	return 0;
}

/* Matches 10.0.0.0/8 narrowed to `len` bits of 10.1.1.x. */
static void rule(uint64_t position, unsigned int len, uint32_t identity,
		 uint32_t weight)
{
	uint32_t address = htonl(0x0a010100 | position);
	uint32_t mask = htonl(len ? UINT32_MAX << (32 - len) : 0);
	struct ofl_acl_rule r = {
		.position = position,
		.identity = identity,
		.weight = weight,
		.slots = 1,
		.cls = OFL_CLASS_BEST_EFFORT,
	};
	struct ofl_match m;

	ofl_match_init(&m);
	ofl_match_addr_set(&m, OFL_END_SRC, AF_INET, (uint8_t *)&address,
			   (uint8_t *)&mask);
	r.match = &m;
	assert_true(ofl_acl_place_set(p, position, &r));
}

static void change(uint64_t cookie, struct ofl_acl_rule *r)
{
	struct ofl_match m;

	ofl_match_init(&m);
	r->match = &m;
	assert_true(ofl_acl_place_set(p, cookie, r));
}

static void answer(const struct ofl_acl_op *op, enum ofl_status status)
{
	struct ofl_outcome outcome = {.op_id = op->id, .status = status};

	ofl_acl_place_done(p, &outcome);
}

static bool next(struct ofl_acl_op *op)
{
	while (ofl_acl_place_plan(p, 10))
		;
	return ofl_acl_place_next(p, op);
}

/* All that is to be written, one after the other, all well. */
static void settle(void)
{
	struct ofl_acl_op op;

	op_count = 0;
	while (next(&op)) {
		assert_true(op_count < OPS_MAX);
		ops[op_count++] = op;
		answer(&op, OFL_STATUS_OK);
	}
	assert_true(ofl_acl_place_is_settled(p));
}

static struct ofl_acl_view view(uint64_t cookie)
{
	struct ofl_acl_view v;

	assert_true(ofl_acl_place_view(p, cookie, &v));
	return v;
}

static struct ofl_acl_stats stats(void)
{
	struct ofl_acl_stats st;

	ofl_acl_place_stats(p, &st);
	return st;
}

static void check(uint64_t cookie, enum ofl_entry entry)
{
	struct ofl_acl_view v = view(cookie);

	if (v.entry != entry)
		fail_msg("rule %" PRIu64 ": %s (%s)", cookie,
			 ofl_entry_name(v.entry), ofl_reason_name(v.reason));
}

static void test_cover(void **state)
{
	begin(2);
	rule(1, 32, DENY, 0);
	rule(9, 0, PERMIT, 1000);
	settle();
	/* the cover before what it protects, with a pref before it */
	assert_int_equal(op_count, 2);
	assert_int_equal(ops[0].cookie, 1);
	assert_int_equal(ops[1].cookie, 9);
	assert_int_equal(ops[1].entry, OFL_ENTRY_REAL);
	assert_true(ops[0].pref < ops[1].pref);
	check(9, OFL_ENTRY_REAL);
	/* there is an entry anyway, so it answers */
	check(1, OFL_ENTRY_REAL);

	/* what is protected goes first */
	ofl_acl_place_del(p, 9);
	settle();
	assert_int_equal(ops[0].kind, OFL_OP_DEL);
	assert_int_equal(ops[0].cookie, 0);
	check(1, OFL_ENTRY_REAL);
}

static void test_same_action(void **state)
{
	begin(1);
	rule(1, 32, PERMIT, 0);
	rule(9, 0, PERMIT, 1000);
	settle();
	assert_int_equal(op_count, 1);
	check(9, OFL_ENTRY_REAL);
	check(1, OFL_ENTRY_NONE);
	assert_int_equal(view(9).above, 0);
	assert_int_equal(view(1).reason, OFL_REASON_HIGH_WATERMARK);
}

/* What the rule was stays in hardware until it is taken out. */
static void test_leaving_is_told(void **state)
{
	struct ofl_acl_op op;

	begin(1);
	rule(1, 32, PERMIT, 10);
	settle();
	assert_int_equal(view(1).slots, 1);
	assert_int_equal(view(1).leaving_slots, 0);

	rule(1, 32, DENY, 10);
	assert_int_equal(view(1).slots, 0);
	assert_int_equal(view(1).leaving_slots, 1);
	assert_true(next(&op));
	assert_int_equal(op.kind, OFL_OP_DEL);
	assert_int_equal(view(1).leaving_slots, 1);
	answer(&op, OFL_STATUS_OK);
	assert_int_equal(view(1).leaving_slots, 0);
	settle();
	assert_int_equal(view(1).slots, 1);
}

static void test_too_many_above(void **state)
{
	struct ofl_acl_view v;

	begin(3);
	for (unsigned int i = 1; i <= 4; i++)
		rule(i, 32, DENY, 10);
	rule(9, 0, PERMIT, 1000);
	settle();
	v = view(9);
	assert_int_equal(v.entry, OFL_ENTRY_NONE);
	assert_int_equal(v.reason, OFL_REASON_RULES_ABOVE);
	assert_int_equal(v.above, 4);
	/* one less, still too many: its own slot counts */
	ofl_acl_place_del(p, 1);
	settle();
	check(9, OFL_ENTRY_NONE);
	ofl_acl_place_del(p, 2);
	settle();
	check(9, OFL_ENTRY_REAL);
	check(3, OFL_ENTRY_REAL);
}

/* A rule that comes above one in hardware is covered first of all. */
static void test_insert_above(void **state)
{
	begin(4);
	rule(9, 0, PERMIT, 1000);
	settle();
	rule(5, 32, 0, 0);
	assert_true(view(9).unsafe);
	assert_int_equal(stats().unsafe, 1);
	settle();
	assert_int_equal(op_count, 1);
	assert_int_equal(ops[0].kind, OFL_OP_ADD);
	assert_int_equal(ops[0].entry, OFL_ENTRY_PUNT);
	assert_false(view(9).unsafe);
	assert_int_equal(view(5).state, OFL_STATE_COVERED);
	assert_int_equal(view(5).below, 1);
}

/* Without a slot for the cover, the entry below it is made harmless. */
static void test_insert_without_room(void **state)
{
	begin(1);
	rule(9, 0, PERMIT, 1000);
	settle();
	rule(5, 32, DENY, 1);
	settle();
	assert_true(op_count >= 1);
	assert_int_equal(ops[0].entry_id, 1);
	assert_int_not_equal(ops[0].entry, OFL_ENTRY_REAL);
	check(9, OFL_ENTRY_NONE);
	check(5, OFL_ENTRY_REAL);
	assert_int_equal(stats().unsafe, 0);
}

static void test_never(void **state)
{
	struct ofl_acl_rule r = {.position = 5, .identity = PERMIT, .slots = 1};

	begin(8);
	rule(9, 0, PERMIT, 1000);
	change(5, &r); /* never, of the same action */
	settle();
	check(9, OFL_ENTRY_REAL);
	check(5, OFL_ENTRY_PUNT);
	r.slots = 0; /* no entry can be made for it */
	change(5, &r);
	settle();
	check(9, OFL_ENTRY_NONE);
	assert_int_equal(view(9).reason, OFL_REASON_RULE_ABOVE_UNCOVERABLE);
}

static void test_wide_cover(void **state)
{
	struct ofl_match m, cover;
	struct ofl_acl_rule r = {.position = 5,
				 .match = &m,
				 .cover = &cover,
				 .identity = DENY,
				 .weight = 5000,
				 .slots = 1,
				 .cls = OFL_CLASS_BEST_EFFORT};

	begin(8);
	ofl_match_init(&cover);
	ofl_match_set(&cover, OFL_FIELD_PROTOCOL, 6, 0xff);
	m = cover;
	ofl_match_set(&m, OFL_FIELD_MARK, 1, 1);
	rule(9, 0, PERMIT, 1000);
	assert_true(ofl_acl_place_set(p, 5, &r));
	settle();
	check(9, OFL_ENTRY_REAL);
	check(5, OFL_ENTRY_PUNT);
	assert_true(ofl_match_eq(ops[0].match, &cover));
}

static void test_critical_first(void **state)
{
	struct ofl_acl_rule r = {.position = 30,
				 .identity = 7,
				 .weight = 0,
				 .slots = 1,
				 .cls = OFL_CLASS_CRITICAL};

	begin(2);
	rule(1, 32, PERMIT, 500);
	rule(2, 32, PERMIT, 600);
	settle();
	assert_int_equal(stats().real, 2);
	ofl_acl_place_del(p, 1);
	rule(3, 32, PERMIT, 700);
	settle();
	change(30, &r); /* needs covers for both, and there is no room */
	settle();
	check(30, OFL_ENTRY_NONE);
	assert_int_equal(view(30).reason, OFL_REASON_TABLE_FULL);
	ofl_acl_place_del(p, 2);
	settle();
	check(30, OFL_ENTRY_REAL);
	check(3, OFL_ENTRY_REAL);
}

static void test_hysteresis(void **state)
{
	begin(1);
	rule(1, 32, PERMIT, 1000);
	rule(2, 32, PERMIT, 900);
	settle();
	check(1, OFL_ENTRY_REAL);
	assert_true(ofl_acl_place_weight_set(p, 2, 1150));
	settle();
	assert_int_equal(op_count, 0);
	assert_true(ofl_acl_place_weight_set(p, 2, 1250));
	settle();
	check(1, OFL_ENTRY_NONE);
	check(2, OFL_ENTRY_REAL);
	assert_int_equal(view(1).reason, OFL_REASON_EVICTED_FOR_BETTER);
	assert_int_equal(stats().evictions, 1);
	assert_false(ofl_acl_place_weight_set(p, 77, 1));
}

static void test_refused_cover(void **state)
{
	struct ofl_acl_op op;
	unsigned int tries = 0;

	begin(4);
	rule(5, 32, 0, 0);
	rule(9, 0, PERMIT, 1000);
	while (next(&op)) {
		bool refuse = op.cookie == 5 && op.kind == OFL_OP_ADD;

		tries += refuse;
		assert_true(op.cookie == 5 || op.entry != OFL_ENTRY_REAL);
		answer(&op, refuse ? OFL_STATUS_UNSUPPORTED : OFL_STATUS_OK);
	}
	assert_int_equal(tries, 1);
	check(9, OFL_ENTRY_NONE);
	assert_int_equal(view(9).reason, OFL_REASON_RULE_ABOVE_UNCOVERABLE);
	/* not even then: it will never work */
	ofl_acl_place_retry(p);
	settle();
	assert_int_equal(op_count, 0);
}

static void test_error_and_retry(void **state)
{
	struct ofl_acl_op op;

	begin(4);
	rule(9, 0, PERMIT, 1000);
	assert_true(next(&op));
	answer(&op, OFL_STATUS_ERROR);
	assert_false(next(&op));
	assert_int_equal(view(9).state, OFL_STATE_FAILED);
	assert_int_equal(view(9).reason, OFL_REASON_HW_ERROR);
	ofl_acl_place_retry(p);
	settle();
	check(9, OFL_ENTRY_REAL);
}

static void test_no_space(void **state)
{
	struct ofl_acl_op op;

	begin(4);
	rule(1, 32, PERMIT, 10);
	rule(2, 32, PERMIT, 20);
	assert_true(next(&op));
	answer(&op, OFL_STATUS_OK);
	assert_true(next(&op));
	answer(&op, OFL_STATUS_NO_SPACE);
	settle();
	assert_int_equal(stats().used_slots, 1);
	ofl_acl_place_retry(p);
	settle();
	assert_int_equal(stats().used_slots, 2);
}

static void test_lost(void **state)
{
	begin(4);
	rule(5, 32, 0, 0);
	rule(9, 0, PERMIT, 1000);
	settle();
	ofl_acl_place_lost(p, ops[0].entry_id);
	assert_true(view(9).unsafe);
	settle();
	assert_int_equal(ops[0].cookie, 5);
	check(5, OFL_ENTRY_PUNT);
	assert_int_equal(stats().unsafe, 0);
}

/* Other numbers in the same order are no change for hardware. */
static void test_resequence(void **state)
{
	struct ofl_acl_rule r = {.position = 900,
				 .identity = PERMIT,
				 .weight = 1000,
				 .slots = 1,
				 .cls = OFL_CLASS_BEST_EFFORT};

	begin(4);
	rule(5, 32, DENY, 10);
	r.position = 9;
	change(9, &r);
	settle();
	r.position = 900;
	change(9, &r);
	settle();
	assert_int_equal(op_count, 0);
	/* above the other one it hides it, rightly */
	r.position = 2;
	change(9, &r);
	settle();
	check(9, OFL_ENTRY_REAL);
	assert_int_equal(view(9).above, 0);
	assert_int_equal(view(5).above, 1);
	assert_true(view(9).pref < view(5).pref || !view(5).entry);
	/* nobody else's position */
	r.position = 5;
	assert_false(ofl_acl_place_set(p, 9, &r));
	assert_false(ofl_acl_place_set(p, 0, &r));
}

static void test_gone(void **state)
{
	struct ofl_acl_view v;
	struct ofl_acl_op op;
	unsigned int gone = 0;

	begin(4);
	rule(9, 0, PERMIT, 1000);
	settle();
	while (ofl_acl_place_changed(p, &v))
		assert_false(v.gone);
	ofl_acl_place_del(p, 9);
	assert_false(ofl_acl_place_view(p, 9, &v));
	assert_false(ofl_acl_place_changed(p, &v));
	assert_true(next(&op));
	/* handed out, but not taken */
	ofl_acl_place_abort(p, &op);
	settle();
	while (ofl_acl_place_changed(p, &v)) {
		assert_int_equal(v.cookie, 9);
		assert_int_equal(v.state, OFL_STATE_GONE);
		gone += v.gone;
	}
	assert_int_equal(gone, 1);
	assert_int_equal(stats().used_slots, 0);
	assert_int_equal(stats().shapes, 0);
	assert_int_equal(stats().prefs, 0);
}

/* Rules of one action, or apart, share a pref; a chain of others does not. */
static void test_prefs(void **state)
{
	begin(32);
	for (unsigned int i = 1; i <= 8; i++)
		rule(i, 32, 10 + i, 10);
	settle();
	assert_int_equal(stats().prefs, 1);
	assert_int_equal(stats().shapes, 1);
	rule(20, 24, PERMIT, 10);
	rule(30, 16, DENY, 10);
	settle();
	assert_int_equal(stats().prefs, 3);
	assert_int_equal(stats().shapes, 3);
	assert_true(view(1).pref < view(20).pref);
	assert_true(view(20).pref < view(30).pref);
	assert_int_equal(view(30).pref, 65535);
}

static void test_prefs_exhausted(void **state)
{
	struct ofl_acl_place_conf conf;

	ofl_acl_place_conf_init(&conf);
	conf.capacity_slots = conf.high_slots = 10;
	conf.pref_first = 100;
	conf.pref_last = 101;
	p = ofl_acl_place_new(&conf);
	rule(1, 32, 11, 10);
	rule(2, 24, 12, 10);
	rule(3, 16, 13, 1);
	settle();
	assert_int_equal(stats().prefs, 2);
	assert_int_equal(view(1).pref, 100);
	assert_int_equal(view(2).pref, 101);
	assert_int_equal(view(3).entry, OFL_ENTRY_NONE);
	assert_int_equal(view(3).reason, OFL_REASON_PREFS_EXHAUSTED);
	/* a level comes free */
	ofl_acl_place_del(p, 1);
	ofl_acl_place_retry(p);
	settle();
	check(3, OFL_ENTRY_REAL);
}

static bool count_cover(uint64_t cover, enum ofl_entry entry, void *arg)
{
	unsigned int *count = arg;

	++*count;
	return *count < 2;
}

static void test_covers_walk(void **state)
{
	unsigned int count = 0;

	begin(8);
	for (unsigned int i = 1; i <= 3; i++)
		rule(i, 32, 0, 0);
	rule(9, 0, PERMIT, 1000);
	settle();
	ofl_acl_place_covers_walk(p, 9, count_cover, &count);
	assert_int_equal(count, 2); /* ended by the callback */
	assert_int_equal(stats().covers, 3);
	assert_int_equal(stats().cover_slots, 3);
}

static void test_smaller_table(void **state)
{
	struct ofl_acl_place_conf conf;

	begin(4);
	for (unsigned int i = 1; i <= 4; i++)
		rule(i, 32, PERMIT, 10 * i);
	settle();
	assert_int_equal(stats().used_slots, 4);
	ofl_acl_place_conf_init(&conf);
	conf.capacity_slots = conf.high_slots = 2;
	conf.low_slots = 1;
	ofl_acl_place_conf_set(p, &conf);
	settle();
	assert_int_equal(stats().used_slots, 2);
	check(4, OFL_ENTRY_REAL);
	check(1, OFL_ENTRY_NONE);
	assert_int_equal(view(1).reason, OFL_REASON_CAPACITY_REDUCED);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

/* --- a large swap is decided in pieces --- */
#define SMALL 40

static void large_rule(uint64_t position, uint32_t slots, uint32_t weight)
{
	struct ofl_acl_rule r = {
		.position = position,
		.identity = 1,
		.weight = weight,
		.slots = slots,
		.cls = OFL_CLASS_BEST_EFFORT,
	};

	change(position, &r);
}

static unsigned int real_count(void)
{
	unsigned int count = 0;

	for (uint64_t i = 1; i <= SMALL; i++)
		count += view(i).want == OFL_ENTRY_REAL;
	return count;
}

/* Its steps are as small as the budget says. */
static void test_pieces(void **state)
{
	unsigned int steps = 0, was = SMALL, now;
	struct ofl_acl_op op;

	begin(SMALL);
	for (uint64_t i = 1; i <= SMALL; i++)
		rule(i, 32, 1, 10);
	settle();
	assert_int_equal(real_count(), SMALL);
	large_rule(100, SMALL, 100000);
	while (ofl_acl_place_plan(p, 1)) {
		now = real_count();
		assert_true(was - now <= 2);
		was = now;
		steps++;
	}
	assert_true(steps >= SMALL);
	assert_int_equal(real_count(), 0);
	assert_true(ofl_acl_place_next(p, &op));
	assert_int_equal(op.kind, OFL_OP_DEL);
	ofl_acl_place_abort(p, &op);
	settle();
	assert_int_equal(view(100).state, OFL_STATE_OFFLOADED);
}

/* Who it was for goes when it is half done: all is as before. */
static void test_pieces_in_vain(void **state)
{
	begin(SMALL);
	for (uint64_t i = 1; i <= SMALL; i++)
		rule(i, 32, 1, 10);
	settle();
	large_rule(100, SMALL, 100000);
	while (real_count() > SMALL / 2)
		assert_true(ofl_acl_place_plan(p, 1));
	/* One of those that left goes, too. */
	for (uint64_t i = 1; i <= SMALL; i++) {
		if (view(i).want == OFL_ENTRY_NONE) {
			ofl_acl_place_del(p, i);
			rule(i, 32, 1, 20);
			break;
		}
	}
	ofl_acl_place_del(p, 100);
	settle();
	assert_int_equal(real_count(), SMALL);
}

/* Candidates that found no room, and are gone when it goes on. */
static void test_pieces_gone(void **state)
{
	begin(4);
	for (uint64_t i = 1; i <= SMALL; i++)
		rule(i, 32, 1, 1000 - i);
	for (uint64_t i = 101; i <= 110; i++)
		large_rule(i, 5, 1000000);
	for (unsigned int n = 0; n < 3; n++)
		assert_true(ofl_acl_place_plan(p, 2));
	for (uint64_t i = 101; i <= 110; i++)
		ofl_acl_place_del(p, i);
	settle();
	assert_int_equal(real_count(), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cover),	    TEST(test_same_action),
		TEST(test_leaving_is_told), TEST(test_too_many_above),
		TEST(test_insert_above),    TEST(test_insert_without_room),
		TEST(test_never),	    TEST(test_wide_cover),
		TEST(test_critical_first),  TEST(test_hysteresis),
		TEST(test_refused_cover),   TEST(test_error_and_retry),
		TEST(test_no_space),	    TEST(test_lost),
		TEST(test_resequence),	    TEST(test_gone),
		TEST(test_prefs),	    TEST(test_prefs_exhausted),
		TEST(test_covers_walk),	    TEST(test_smaller_table),
		TEST(test_pieces),	    TEST(test_pieces_in_vain),
		TEST(test_pieces_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
