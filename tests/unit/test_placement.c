// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Placement in scenarios one can read: some routes, a small table, and the
 * operations that are written, in their order, as text:
 *
 *   +10.0.0.0/8=1      an entry is added that forwards by identity 1
 *   ~10.0.0.0/8=punt   it is replaced by one that sends to software
 *   -10.0.0.0/8        it is removed
 *
 * Safety under any order of answers is the property test's business.
 */
#include <zebra.h>

#include "tests/unit/place_fixture.h"

/* --- who gets a slot --- */
static void test_fills_to_high_and_closes(void **state)
{
	priced_table(1, 3, 5);
	best_effort("10.1.0.0/16", 1, 10);
	best_effort("10.2.0.0/16", 2, 40);
	best_effort("10.3.0.0/16", 3, 20);
	best_effort("10.4.0.0/16", 4, 30);
	settles_by("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3");
	offloaded("10.2.0.0/16");
	waits("10.4.0.0/16", OFL_REASON_HIGH_WATERMARK);
	assert_true(stats().closed);
	assert_int_equal(stats().planned_slots, 3);
	assert_int_equal(stats().used_slots, 3);
	assert_int_equal(stats().waiting, 1);
	assert_int_equal(stats().crossings_high, 1);

	/* Nobody comes in until weights are up to date; then the better do. */
	best_effort("10.5.0.0/16", 5, 2);
	settles_by("");
	sweep();
	wrote("-10.1.0.0/16 +10.4.0.0/16=4");
	waits("10.1.0.0/16", OFL_REASON_EVICTED_FOR_BETTER);
	waits("10.5.0.0/16", OFL_REASON_BELOW_PRICE);
	assert_int_equal(stats().evictions, 1);
	sweep();
	wrote("");
}

static void test_opens_below_low(void **state)
{
	priced_table(2, 4, 8);
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
	assert_int_equal(stats().planned_slots, 4);
	assert_int_equal(stats().crossings_low, 1);
}

static void critical_evicts_least_worthy(void)
{
	best_effort("10.1.0.0/16", 1, 5);
	best_effort("10.2.0.0/16", 2, 1);
	best_effort("10.3.3.0/24", 3, 3);
	best_effort("10.4.0.0/16", 4, 7);
	settle();
	wrote("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.3.0/24=3 +10.4.0.0/16=4");

	critical("192.0.2.0/24", 8); /* of no traffic at all */
	settles_by("-10.2.0.0/16 +192.0.2.0/24=8");
	waits("10.2.0.0/16", OFL_REASON_EVICTED_FOR_CRITICAL);
	critical("198.51.100.0/24", 8);
	settles_by("-10.3.3.0/24 +198.51.100.0/24=8");
	critical("203.0.113.0/24", 8);
	critical("203.0.112.0/24", 8);
	settle();
	t.log[0] = '\0';
	offloaded("203.0.113.0/24");
	offloaded("203.0.112.0/24");
	waits("10.4.0.0/16", OFL_REASON_EVICTED_FOR_CRITICAL);
	assert_int_equal(stats().evictions, 4);
	assert_int_equal(stats().critical_slots, 4);

	critical("203.0.111.0/24", 8); /* nobody is worth less */
	settles_by("");
	waits("203.0.111.0/24", OFL_REASON_TABLE_FULL);
}

static void test_critical_evicts_least_worthy(void **state)
{
	priced_table(1, 4, 4);
	critical_evicts_least_worthy();
}

static void test_critical_evicts_in_exact_table(void **state)
{
	exact_table(1, 4, 4);
	critical_evicts_least_worthy();
}

static void test_costs_of_families(void **state)
{
	struct ofl_key k = key("2001:db8:1::/48");
	struct ofl_place_view v;

	priced_table(1, 4, 5);
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

static void smaller_table(void (*table)(uint32_t, uint32_t, uint32_t))
{
	table(1, 3, 3);
	best_effort("10.1.0.0/16", 1, 3);
	best_effort("10.2.0.0/16", 2, 1);
	best_effort("10.3.0.0/16", 3, 2);
	settles_by("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3");
	table(0, 1, 1);
	settles_by("-10.2.0.0/16 -10.3.0.0/16");
	offloaded("10.1.0.0/16");
	waits("10.3.0.0/16", OFL_REASON_CAPACITY_REDUCED);
	table(2, 3, 3);
	settle();
	t.log[0] = '\0';
	offloaded("10.2.0.0/16");
	offloaded("10.3.0.0/16");
}

static void test_smaller_table(void **state)
{
	smaller_table(priced_table);
}

static void test_smaller_exact_table(void **state)
{
	smaller_table(exact_table);
}

static void test_residence_and_hysteresis(void **state)
{
	struct ofl_place_conf conf = priced(1, 2, 2);

	conf.residence_sweeps = 2;
	limits(&conf);
	best_effort("10.1.0.0/16", 1, 99);
	best_effort("10.2.0.0/16", 2, 98);
	best_effort("10.3.0.0/16", 3, 199);
	settles_by("+10.1.0.0/16=1 +10.2.0.0/16=2");
	sweep();
	wrote(""); /* they came just before */
	sweep();
	wrote("-10.2.0.0/16 +10.3.0.0/16=3");

	best_effort("10.2.0.0/16", 2, 104); /* a bit better than 10.1/16 */
	for (unsigned int i = 0; i < 4; i++)
		sweep();
	wrote("");
	best_effort("10.2.0.0/16", 2, 149);
	sweep();
	wrote("-10.1.0.0/16 +10.2.0.0/16=2");
}

static void test_tokens(void **state)
{
	struct ofl_place_conf conf = priced(1, 4, 4);

	conf.optional_burst = 1;
	limits(&conf);
	for (unsigned int i = 1; i <= 8; i++) {
		char prefix[OFL_PREFIX_STRLEN];

		snprintf(prefix, sizeof(prefix), "10.%u.0.0/16", i);
		best_effort(prefix, i, 100 * i);
	}
	settle();
	wrote("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3 +10.4.0.0/16=4");
	assert_int_equal(stats().optional_left, 1);
	sweep();
	assert_int_equal(stats().evictions, 1);
	assert_int_equal(stats().optional_writes, 1);
	assert_int_equal(stats().optional_left, 0);
	sweep();
	sweep();
	assert_int_equal(stats().evictions, 1);
	t.log[0] = '\0';

	/* A critical route waits for no token. */
	critical("192.0.2.0/24", 9);
	settle();
	offloaded("192.0.2.0/24");
	assert_int_equal(stats().evictions, 2);
	assert_int_equal(stats().optional_writes, 1);
	withdraw("192.0.2.0/24");
	settle();

	/* No more than the burst is saved up. */
	ofl_place_refill(t.place, 5);
	assert_int_equal(stats().optional_left, 1);
	sweep();
	assert_int_equal(stats().optional_writes, 2);
	assert_int_equal(stats().optional_left, 0);
	t.log[0] = '\0';
}

/* --- how good it is --- */
static void test_certificate_where_all_fits(void **state)
{
	priced_table(4, 8, 8);
	best_effort("10.0.0.0/8", 1, 9);
	best_effort("10.1.0.0/16", 2, 4);
	critical("11.0.0.0/8", 3);
	for (unsigned int i = 0; i < 2; i++) {
		settle();
		assert_true(certificate().exact);
		assert_true(certificate().quality == 1);
		assert_true(certificate().price == 0);
		assert_true(certificate().price_critical == 0);
		assert_true(certificate().value == 15);
		assert_true(certificate().value_critical == 1);
		assert_true(certificate().total == 15);
		exact_table(4, 8, 8);
	}
}

/* A price would take the two that are better by the slot, and waste one. */
static void test_certificate_of_exact_table(void **state)
{
	exact_table(1, 3, 3);
	never("10.1.0.0/16");
	never("10.2.0.0/16");
	best_effort("11.0.0.0/8", 1, 39);
	best_effort("12.0.0.0/8", 1, 39);
	best_effort("10.0.0.0/8", 1, 99);
	settles_by("+10.1.0.0/16=punt +10.2.0.0/16=punt +10.0.0.0/8=1");
	assert_true(certificate().exact);
	assert_true(certificate().quality == 1);
	assert_true(certificate().value == 100);
	assert_true(certificate().bound == 100);
	assert_true(certificate().price > 0);
	assert_true(certificate().total == 182);
	waits("11.0.0.0/8", OFL_REASON_EVICTED_FOR_BETTER);
}

/* A plan that hysteresis keeps is not the optimum; the bound is. */
static void test_certificate_of_kept_plan(void **state)
{
	exact_table(0, 1, 1);
	best_effort("10.1.0.0/16", 1, 99);
	settles_by("+10.1.0.0/16=1");
	assert_true(certificate().exact);
	best_effort("10.2.0.0/16", 2, 104);
	settles_by("");
	assert_true(certificate().value == 100);
	assert_true(certificate().bound == 105);
	assert_true(certificate().quality < 1);
	assert_false(certificate().exact);
}

/* --- covers and elision --- */
static void test_compulsory_cover(void **state)
{
	struct ofl_key k = key("10.1.0.0/16"), cover;

	priced_table(1, 2, 3);
	best_effort("11.0.0.0/8", 1, 1);
	best_effort("10.0.0.0/8", 1, 9);
	best_effort("12.0.0.0/8", 1, 0);
	settles_by("+11.0.0.0/8=1 +10.0.0.0/8=1");
	assert_true(stats().closed);
	assert_false(ofl_place_cover_of(t.place, &k, &cover));

	/* At once, whatever the watermark says; that is for later. */
	never("10.1.0.0/16");
	while (ofl_place_plan(t.place, 1))
		;
	while (send_one())
		;
	wrote("+10.1.0.0/16=punt");
	settles_by("-11.0.0.0/8");
	stands("10.1.0.0/16", OFL_STATE_COVERED, OFL_REASON_RULE_NEVER);
	assert_int_equal(stats().cover_slots, 1);
	assert_true(ofl_place_cover_of(t.place, &k, &cover));
	assert_int_equal(cover.p.plen, 8);

	/* What has to have an entry has the better one. */
	best_effort("10.1.0.0/16", 2, 5);
	settles_by("~10.1.0.0/16=2");
	offloaded("10.1.0.0/16");
}

/* What an entry takes is what its coming writes. */
static void test_need(void **state)
{
	struct ofl_key k = key("10.0.0.0/8"), none = key("12.0.0.0/8");
	struct ofl_place_conf conf = priced(1, 2, 3);
	struct ofl_place_need need;

	limits(&conf);
	best_effort("11.0.0.0/8", 1, 9);
	settles_by("+11.0.0.0/8=1");
	never("10.1.0.0/16");
	never("10.2.0.0/16");
	best_effort("10.3.0.0/16", 1, 9);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.3.0.0/16=1");
	assert_false(ofl_place_need(t.place, &none, &need));

	assert_true(ofl_place_need(t.place, &k, &need));
	assert_true(need.eligible && need.counted && !need.cover_refused);
	assert_false(need.critical);
	assert_int_equal(need.own_slots, 1);
	assert_int_equal(need.covers, 2);
	assert_int_equal(need.cover_slots, 2);
	assert_int_equal(need.more_slots, 3);
	assert_int_equal(need.limit_slots, 2);
	assert_int_equal(need.planned_slots, 2);
	assert_int_equal(need.low_slots, 1);

	/* One that may not be answered takes its own, and needs nothing. */
	k = key("10.1.0.0/16");
	assert_true(ofl_place_need(t.place, &k, &need));
	assert_false(need.eligible || need.valued);
	assert_int_equal(need.covers, 0);

	/* A critical one may fill the table. */
	critical("10.0.0.0/8", 1);
	conf = priced(7, 8, 8);
	limits(&conf);
	settles_by("-10.3.0.0/16 +10.1.0.0/16=punt +10.2.0.0/16=punt "
		   "+10.0.0.0/8=1");
	k = key("10.0.0.0/8");
	assert_true(ofl_place_need(t.place, &k, &need));
	assert_true(need.critical);
	assert_int_equal(need.limit_slots, 8);
	assert_int_equal(need.covers, 2);
	assert_int_equal(need.more_slots, 0);
}

static void test_no_room_for_cover(void **state)
{
	priced_table(1, 3, 3);
	best_effort("10.0.0.0/8", 1, 99);
	best_effort("11.0.0.0/8", 1, 9);
	never("10.1.0.0/16");
	settles_by("+10.1.0.0/16=punt +11.0.0.0/8=1 +10.0.0.0/8=1");

	/* What it protects from leaves, and the first is not needed any
	 * longer. */
	never("10.2.0.0/16");
	settles_by("-10.0.0.0/8 -10.1.0.0/16");
	waits("10.0.0.0/8", OFL_REASON_EVICTED_FOR_COVER);
	waits("10.2.0.0/16", OFL_REASON_RULE_NEVER);
}

static bool walked(const struct ofl_key *k, uint32_t slots, void *arg)
{
	*(uint32_t *)arg += slots;
	return true;
}

static void test_critical_cover_limit(void **state)
{
	struct ofl_place_conf conf = exact(1, 8, 8);
	uint32_t slots = 0;

	conf.critical_cover_limit_slots = 1;
	limits(&conf);
	critical("10.0.0.0/8", 1);
	never("10.1.0.0/16");
	never("10.2.0.0/16");
	settles_by("");
	waits("10.0.0.0/8", OFL_REASON_COVER_LIMIT);

	conf.critical_cover_limit_slots = 2;
	limits(&conf);
	settles_by("+10.1.0.0/16=punt +10.2.0.0/16=punt +10.0.0.0/8=1");
	offloaded("10.0.0.0/8");
	ofl_place_critical_walk(t.place, walked, &slots);
	assert_int_equal(slots, 2);

	never("10.3.0.0/16");
	settles_by("-10.0.0.0/8 -10.1.0.0/16 -10.2.0.0/16");
	waits("10.0.0.0/8", OFL_REASON_COVER_LIMIT);
	withdraw("10.1.0.0/16");
	settles_by("+10.2.0.0/16=punt +10.3.0.0/16=punt +10.0.0.0/8=1");
}

static void test_cover_of_critical_evicts(void **state)
{
	exact_table(1, 2, 2);
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
	exact_table(1, 4, 4);
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
	exact_table(1, 4, 4);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	refuse("10.2.0.0/16", OFL_ENTRY_PUNT, OFL_STATUS_ERROR);
	never("10.2.0.0/16");
	settles_by("+10.2.0.0/16=punt -10.0.0.0/8");
	waits("10.0.0.0/8", OFL_REASON_EVICTED_FOR_COVER);
	settles_by("");

	t.refused_status = OFL_STATUS_OK;
	ofl_place_retry(t.place);
	settles_by("+10.2.0.0/16=punt +10.0.0.0/8=1");
}

static void test_elision(void **state)
{
	exact_table(1, 4, 4);
	best_effort("10.1.0.0/16", 1, 1);
	settles_by("+10.1.0.0/16=1");
	/* Its packets go alike: an entry of its own is given up. */
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("-10.1.0.0/16 +10.0.0.0/8=1");
	best_effort("10.2.0.0/16", 1, 1);
	settles_by("");
	stands("10.1.0.0/16", OFL_STATE_ELIDED, OFL_REASON_ELIDED);
	stands("10.2.0.0/16", OFL_STATE_ELIDED, OFL_REASON_ELIDED);
	assert_int_equal(stats().elided, 2);

	/* The cover goes elsewhere: what hid behind it comes first. */
	best_effort("10.0.0.0/8", 2, 1);
	ask();
	wrote("+10.1.0.0/16=1 +10.2.0.0/16=1");
	stands("10.0.0.0/8", OFL_STATE_LEAVING, OFL_REASON_NEXTHOP_CHANGED);
	answer();
	answer();
	ask();
	wrote("~10.0.0.0/8=2");
	settle();
	offloaded("10.0.0.0/8");
	offloaded("10.2.0.0/16");
	best_effort("10.0.0.0/8", 1, 1);
	ask();
	wrote("~10.0.0.0/8=1"); /* nobody below is bare: at once */
	settles_by("-10.1.0.0/16 -10.2.0.0/16");
}

static void test_cover_is_given_back(void **state)
{
	exact_table(1, 2, 4);
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
	exact_table(1, capacity, capacity);
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
	wrote("-10.0.0.0/8"); /* while it may be there, the other stays */
	answer();
	ask();
	wrote("-10.1.1.0/24");
}

/* The same without a slot to spare: entries become punts for a while. */
static void test_withdraw_in_full_table(void **state)
{
	three_generations(2);
	withdraw("10.1.0.0/16");
	settle();
	wrote("~10.1.0.0/16=punt ~10.0.0.0/8=punt -10.1.0.0/16 "
	      "+10.1.1.0/24=2 ~10.0.0.0/8=1");
}

static void test_one_operation_per_key(void **state)
{
	exact_table(1, 2, 2);
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

	exact_table(1, 2, 2);
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
	exact_table(3, 4, 4);
	t.size_slots = 2; /* less than it says */
	best_effort("10.1.0.0/16", 1, 4);
	best_effort("10.2.0.0/16", 2, 3);
	best_effort("10.3.0.0/16", 3, 2);
	settles_by("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3");
	offloaded("10.2.0.0/16");
	assert_int_equal(t.routes[2].state, OFL_STATE_WAITING);
	assert_int_equal(stats().planned_slots, 2);
	best_effort("10.4.0.0/16", 4, 1);
	settles_by("");
	assert_int_equal(stats().learned_slots, 2);

	t.size_slots = 4;
	ofl_place_retry(t.place);
	settles_by("+10.3.0.0/16=3 +10.4.0.0/16=4");
	assert_int_equal(stats().learned_slots, 0);
}

static void test_error_is_retried(void **state)
{
	exact_table(1, 2, 2);
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
	exact_table(1, 2, 2);
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

static void test_unsupported_by_hardware_that_changed(void **state)
{
	exact_table(1, 2, 2);
	refuse("10.0.0.0/8", OFL_ENTRY_REAL, OFL_STATUS_UNSUPPORTED);
	best_effort("10.0.0.0/8", 1, 1);
	settles_by("+10.0.0.0/8=1");
	t.refused_status = OFL_STATUS_OK;
	ofl_place_renew(t.place);
	settles_by("+10.0.0.0/8=1");
	offloaded("10.0.0.0/8");
}

static void test_lost_entry_comes_back(void **state)
{
	struct ofl_key k = key("10.0.0.0/8");

	exact_table(1, 2, 2);
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

static void test_adopted_entries_stay(void **state)
{
	exact_table(2, 4, 4);
	holds("10.0.0.0/8", OFL_ENTRY_REAL, 1);
	holds("10.1.0.0/16", OFL_ENTRY_PUNT, 0);
	best_effort("10.0.0.0/8", 1, 1);
	never("10.1.0.0/16");
	best_effort("11.0.0.0/8", 2, 1);
	holds("11.0.0.0/8", OFL_ENTRY_REAL, 1); /* another next hop since */
	holds("12.0.0.0/8", OFL_ENTRY_REAL, 1); /* withdrawn since */
	settles_by("-12.0.0.0/8 ~11.0.0.0/8=2");
	offloaded("10.0.0.0/8");
	stands("10.1.0.0/16", OFL_STATE_COVERED, OFL_REASON_RULE_NEVER);
	assert_int_equal(stats().used_slots, 3);
}

/* --- the border --- */
/* Whichever routes come first: a full table of before stays as it is. */
static void adopted_go_ahead(void)
{
	best_effort("10.0.0.0/16", 1, 2);
	best_effort("10.1.0.0/16", 1, 3);
	best_effort("10.2.0.0/16", 1, 7000);
	best_effort("10.2.2.0/24", 2, 8000);
	best_effort("10.3.0.0/16", 3, 9000);
	best_effort("10.4.0.0/16", 4, 6000);
	holds("10.2.0.0/16", OFL_ENTRY_REAL, 1);
	holds("10.2.2.0/24", OFL_ENTRY_REAL, 2);
	holds("10.3.0.0/16", OFL_ENTRY_REAL, 3);
	holds("10.4.0.0/16", OFL_ENTRY_REAL, 4);
	settles_by("");
	offloaded("10.2.2.0/24");
	waits("10.0.0.0/16", OFL_REASON_BELOW_PRICE);
}

static void test_adopted_go_ahead(void **state)
{
	priced_table(3, 4, 5);
	adopted_go_ahead();
}

static void test_adopted_go_ahead_in_exact_table(void **state)
{
	exact_table(3, 4, 5);
	adopted_go_ahead();
}

static void test_malformed_keys(void **state)
{
	struct ofl_key bad[] = {key("10.0.0.0/8"), key("10.0.0.0/8"),
				key("10.0.0.0/8"), key("2001:db8::/32"),
				key("10.0.0.0/8")};
	struct ofl_place_route r = {
		.cookie = 1, .identity = 1, .cls = OFL_CLASS_CRITICAL};
	struct ofl_place_view v;

	exact_table(1, 2, 2);
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
	exact_table(1, 2, 2);
	best_effort("10.1.0.0/16", 1, 1);
	withdraw("10.1.0.0/16"); /* before anything was decided */
	take_views();
	assert_int_equal(t.routes[0].gone, 0); /* the plan still knows it */
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
		SCENARIO(test_critical_evicts_in_exact_table),
		SCENARIO(test_costs_of_families),
		SCENARIO(test_smaller_table),
		SCENARIO(test_smaller_exact_table),
		SCENARIO(test_residence_and_hysteresis),
		SCENARIO(test_tokens),
		SCENARIO(test_certificate_where_all_fits),
		SCENARIO(test_certificate_of_exact_table),
		SCENARIO(test_certificate_of_kept_plan),
		SCENARIO(test_compulsory_cover),
		SCENARIO(test_need),
		SCENARIO(test_no_room_for_cover),
		SCENARIO(test_critical_cover_limit),
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
		SCENARIO(test_unsupported_by_hardware_that_changed),
		SCENARIO(test_lost_entry_comes_back),
		SCENARIO(test_adopted_entries_stay),
		SCENARIO(test_adopted_go_ahead),
		SCENARIO(test_adopted_go_ahead_in_exact_table),
		SCENARIO(test_malformed_keys),
		SCENARIO(test_cookies_come_back_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
