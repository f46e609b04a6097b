// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least gain: whoever gains no more than that a slot is not given an entry,
 * whatever room there is, and leaves when the table is no longer as good as
 * empty.  And what is believed of a route of which nothing is known.
 */
#include <zebra.h>

#include "offloadd/placement/whatif.h"
#include "tests/unit/place_fixture.h"

/* Hysteresis a fifth; an entry stays for one sweep. */
static struct ofl_place_conf floored(struct ofl_place_conf conf)
{
	conf.least_gain = 10;
	conf.hysteresis_permille = 200;
	return conf;
}

static void priced_floor(uint32_t low, uint32_t high, uint32_t capacity)
{
	struct ofl_place_conf conf = floored(priced(low, high, capacity));

	limits(&conf);
}

static void exact_floor(uint32_t low, uint32_t high, uint32_t capacity)
{
	struct ofl_place_conf conf = floored(exact(low, high, capacity));

	limits(&conf);
}

/* --- who comes in --- */
static void mice_stay_out(void)
{
	best_effort("10.1.0.0/16", 1, 9); /* gains 10: not more */
	best_effort("10.2.0.0/16", 2, 10);
	best_effort("2001:db8:1::/48", 1, 19); /* two slots */
	best_effort("2001:db8:2::/48", 2, 20);
	settles_by("+10.2.0.0/16=2 +2001:db8:2::/48=2");
	waits("10.1.0.0/16", OFL_REASON_TOO_LITTLE_TRAFFIC);
	waits("2001:db8:1::/48", OFL_REASON_TOO_LITTLE_TRAFFIC);
	assert_false(stats().closed);
	sweep();
	wrote("");
	/* It carries more: the next sweep lets it in. */
	best_effort("10.1.0.0/16", 1, 11);
	sweep();
	wrote("+10.1.0.0/16=1");
}

static void test_mice_stay_out(void **state)
{
	priced_floor(5, 9, 10);
	mice_stay_out();
	assert_true(certificate().price == 10);
}

static void test_mice_stay_out_of_exact_table(void **state)
{
	exact_floor(5, 9, 10);
	mice_stay_out();
	assert_true(certificate().exact);
}

static void test_floor_is_not_for_critical(void **state)
{
	priced_floor(3, 4, 5);
	critical("10.1.0.0/16", 1);
	critical("10.2.0.0/16", 2);
	best_effort("10.2.1.0/24", 3, 0); /* the slot is needed anyway */
	never("10.2.3.0/24");
	best_effort("10.2.2.0/24", 2, 0); /* answered all the same */
	settles_by("+10.1.0.0/16=1 +10.2.1.0/24=3 +10.2.3.0/24=punt"
		   " +10.2.0.0/16=2");
	stands("10.2.2.0/24", OFL_STATE_ELIDED, OFL_REASON_ELIDED);
}

/* A family is weighed as one. */
static void test_floor_and_family(void **state)
{
	priced_floor(5, 9, 10);
	best_effort("10.0.0.0/8", 1, 1);
	best_effort("10.1.0.0/16", 1, 6);
	best_effort("10.2.0.0/16", 1, 6);
	settles_by("+10.0.0.0/8=1");
	stands("10.2.0.0/16", OFL_STATE_ELIDED, OFL_REASON_ELIDED);
}

/* --- who leaves --- */

/* Two that carry much, three that no longer do. */
static void three_cool_down(void)
{
	best_effort("10.1.0.0/16", 1, 100);
	best_effort("10.2.0.0/16", 2, 50);
	best_effort("10.3.0.0/16", 3, 50);
	best_effort("10.4.0.0/16", 4, 50);
	best_effort("10.5.0.0/16", 5, 100);
	settle();
	t.log[0] = '\0';
	best_effort("10.2.0.0/16", 2, 8); /* gains 9: within the hysteresis */
	best_effort("10.3.0.0/16", 3, 1);
	best_effort("10.4.0.0/16", 4, 2);
}

static void test_stays_while_nobody_needs_it(void **state)
{
	priced_floor(6, 9, 10); /* five are below low */
	three_cool_down();
	sweep();
	sweep();
	sweep();
	wrote("");
	offloaded("10.3.0.0/16");
}

static void test_leaves_above_low(void **state)
{
	priced_floor(4, 9, 10);
	three_cool_down();
	wrote(""); /* it stays for one sweep at least */
	sweep();
	/* As many as open the table, the least worthy first. */
	wrote("-10.3.0.0/16 -10.4.0.0/16");
	waits("10.3.0.0/16", OFL_REASON_TOO_LITTLE_TRAFFIC);
	assert_int_equal(stats().evictions, 0);
	sweep();
	sweep();
	wrote("");
	offloaded("10.2.0.0/16");
	assert_int_equal(stats().planned_slots, 3);
}

/* What fell and was kept does not come and go with it. */
static void test_cold_entry_warms_up(void **state)
{
	priced_floor(6, 9, 10);
	three_cool_down();
	sweep();
	best_effort("10.3.0.0/16", 3, 60);
	best_effort("10.4.0.0/16", 4, 60);
	sweep();
	sweep();
	wrote("");
}

static void test_full_of_mice_takes_who_comes(void **state)
{
	priced_floor(3, 4, 5);
	best_effort("10.1.0.0/16", 1, 50);
	best_effort("10.2.0.0/16", 2, 50);
	best_effort("10.3.0.0/16", 3, 50);
	best_effort("10.4.0.0/16", 4, 50);
	best_effort("10.5.0.0/16", 5, 40);
	settle();
	wrote("+10.1.0.0/16=1 +10.2.0.0/16=2 +10.3.0.0/16=3 +10.4.0.0/16=4");
	assert_true(stats().closed);
	best_effort("10.1.0.0/16", 1, 0);
	best_effort("10.2.0.0/16", 2, 1);
	best_effort("10.3.0.0/16", 3, 2);
	sweep();
	sweep();
	wrote("-10.1.0.0/16 +10.5.0.0/16=5 -10.2.0.0/16 -10.3.0.0/16");
	waits("10.1.0.0/16", OFL_REASON_EVICTED_FOR_BETTER);
	assert_false(stats().closed);
	/* The door is open again. */
	best_effort("10.6.0.0/16", 6, 30);
	settles_by("+10.6.0.0/16=6");
}

static void test_exact_table_leaves_above_low(void **state)
{
	exact_floor(6, 9, 10);
	three_cool_down();
	settle();
	sweep();
	wrote("");
	assert_false(certificate().exact);
	/* Somebody comes who is worth it: the optimum is taken over. */
	best_effort("10.6.0.0/16", 6, 70);
	sweep();
	wrote("-10.2.0.0/16 -10.3.0.0/16 -10.4.0.0/16 +10.6.0.0/16=6");
	assert_true(certificate().exact);
}

/* --- what is said of it --- */
static void test_certificate_counts_the_floor(void **state)
{
	struct ofl_place_certificate c;

	priced_floor(6, 9, 10);
	three_cool_down();
	best_effort("10.6.0.0/16", 6, 5); /* waits */
	sweep();
	c = certificate();
	/* Without 1, 2 and 8 there would be 14 less, and three slots. */
	assert_true(c.value == 101 + 9 + 2 + 3 + 101);
	assert_true(c.bound == c.value + 30 - 14);
	assert_false(c.exact);
	withdraw("10.2.0.0/16");
	withdraw("10.3.0.0/16");
	withdraw("10.4.0.0/16");
	settle();
	c = certificate();
	assert_true(c.exact);
	assert_true(c.value == 202 && c.bound == 202 && c.total == 208);
	assert_true(c.quality == 1);
}

static void test_need_says_the_floor(void **state)
{
	struct ofl_key k = key("10.1.0.0/16");
	struct ofl_place_need need;

	priced_floor(5, 9, 10);
	best_effort("10.1.0.0/16", 1, 3);
	settles_by("");
	assert_true(ofl_place_need(t.place, &k, &need));
	assert_true(need.valued && need.gain == 4 && need.price == 10);
}

/* --- another floor, another life --- */
static void test_floor_comes_and_goes(void **state)
{
	struct ofl_place_conf conf = priced(1, 9, 10);

	limits(&conf);
	best_effort("10.1.0.0/16", 1, 2);
	best_effort("10.2.0.0/16", 2, 50);
	settles_by("+10.1.0.0/16=1 +10.2.0.0/16=2");
	conf = floored(conf);
	limits(&conf);
	settle();
	best_effort("10.3.0.0/16", 3, 2);
	settle();
	sweep();
	sweep();
	wrote("-10.1.0.0/16");
	waits("10.3.0.0/16", OFL_REASON_TOO_LITTLE_TRAFFIC);
	conf.least_gain = 0;
	limits(&conf);
	settles_by("+10.1.0.0/16=1 +10.3.0.0/16=3");
}

/* What is found in hardware stays, as what cooled down does. */
static void test_found_entry_stays(void **state)
{
	priced_floor(3, 9, 10);
	holds("10.1.0.0/16", OFL_ENTRY_REAL, 1);
	holds("10.2.0.0/16", OFL_ENTRY_REAL, 7); /* it leads elsewhere now */
	best_effort("10.1.0.0/16", 1, 0);
	best_effort("10.2.0.0/16", 2, 0);
	best_effort("10.3.0.0/16", 3, 0);
	settles_by("-10.2.0.0/16");
	offloaded("10.1.0.0/16");
	waits("10.3.0.0/16", OFL_REASON_TOO_LITTLE_TRAFFIC);
	sweep();
	sweep();
	wrote("");
}

/* Limits are tried with the floor that there is. */
static void test_simulated_table_has_it(void **state)
{
	struct ofl_place_conf other = exact(8, 15, 20);
	struct ofl_whatif *w;

	priced_floor(5, 9, 10);
	best_effort("10.1.0.0/16", 1, 3);
	best_effort("10.2.0.0/16", 2, 50);
	settles_by("+10.2.0.0/16=2");
	w = ofl_whatif_new(t.place);
	while (ofl_whatif_copy(w, 100))
		;
	ofl_whatif_limits(w, &other);
	while (ofl_whatif_run(w, 100))
		;
	assert_int_equal(ofl_whatif_result(w)->limits.least_gain, 10);
	assert_int_equal(ofl_whatif_result(w)->admissions, 0);
	ofl_whatif_free(w);
}

/* --- what neighbours carry --- */
static uint32_t prior(const char *prefix)
{
	struct ofl_key k = key(prefix);

	return ofl_place_prior(t.place, &k);
}

static void test_prior(void **state)
{
	priced_table(2, 3, 4);
	assert_int_equal(prior("10.1.0.0/16"), 0); /* no forest */
	best_effort("10.0.0.0/8", 1, 1000);
	assert_int_equal(prior("10.1.0.0/16"), 0); /* no neighbour */
	assert_int_equal(prior("10.0.0.0/8"), 0);  /* itself is none */
	assert_int_equal(prior("11.0.0.0/8"), 1000);
	best_effort("10.1.0.0/16", 1, 10);
	best_effort("10.2.0.0/16", 2, 20);
	best_effort("10.2.3.0/24", 2, 5000); /* nobody's but its own */
	best_effort("10.9.0.0/16", 2, 60);
	best_effort("11.0.0.0/8", 2, 7);
	assert_int_equal(prior("10.1.0.0/16"), 40); /* of 20 and 60 */
	assert_int_equal(prior("10.3.0.0/16"), 30); /* not there yet */
	assert_int_equal(prior("10.2.4.0/24"), 5000);
	assert_int_equal(prior("10.2.2.0/23"), 0); /* that is below it */
	assert_int_equal(prior("10.0.0.0/8"), 7);
	assert_int_equal(prior("0.0.0.0/0"), 0);
	withdraw("10.9.0.0/16");
	assert_int_equal(prior("10.1.0.0/16"), 20);
	/* Another family, another VRF. */
	assert_int_equal(prior("2001:db8::/32"), 0);
	best_effort("2001:db8:1::/48", 1, 3);
	assert_int_equal(prior("2001:db8:2::/48"), 3);
}

static bool divides(const char *prefix)
{
	struct ofl_key k = key(prefix);

	return ofl_place_divides(t.place, &k);
}

static void test_divides(void **state)
{
	priced_table(2, 3, 4);
	assert_false(divides("0.0.0.0/0"));
	best_effort("10.0.0.0/8", 1, 1);
	assert_true(divides("0.0.0.0/0"));
	assert_true(divides("10.0.0.0/7"));
	assert_false(divides("10.0.0.0/8")); /* itself is none */
	assert_false(divides("10.0.0.0/9"));
	assert_false(divides("11.0.0.0/8"));
	assert_false(divides("::/0"));
	best_effort("10.200.1.0/24", 1, 1);
	assert_true(divides("10.0.0.0/8"));
	assert_false(divides("10.0.0.0/9"));
	assert_true(divides("10.128.0.0/9"));
	best_effort("10.200.9.0/24", 2, 1);
	assert_true(divides("10.200.0.0/20")); /* a branch point below */
	assert_true(divides("10.200.8.0/21"));
	assert_false(divides("10.200.4.0/22"));
	assert_false(divides("10.200.9.0/24"));
	assert_false(divides("10.200.9.77/32"));
	withdraw("10.200.1.0/24");
	withdraw("10.200.9.0/24");
	assert_false(divides("10.128.0.0/9"));
}

/* Of many the nearest are asked. */
static void test_prior_of_many(void **state)
{
	struct ofl_place_route r = {.identity = 1, .weight = 5, .cls = 1};
	struct ofl_place_conf conf = priced(2, 3, 4);
	struct ofl_place *p = ofl_place_new(&conf);
	struct ofl_key k = {0};

	r.cls = OFL_CLASS_BEST_EFFORT;
	for (uint32_t i = 0; i < 40000; i++) {
		uint32_t addr = htonl(i << 8);

		k.p = ofl_prefix_make(AF_INET, &addr, 24);
		r.cookie = i + 1;
		r.weight = i >> 8 == 77 ? 9 : 5000;
		assert_true(ofl_place_set(p, &k, &r));
	}
	k = key("0.77.200.0/24");
	assert_int_equal(ofl_place_prior(p, &k), 9);
	k = key("0.78.200.0/24");
	assert_int_equal(ofl_place_prior(p, &k), 5000);
	ofl_place_free(p);
	priced_table(2, 3, 4); /* what the end of a test looks at */
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(test_mice_stay_out),
		SCENARIO(test_mice_stay_out_of_exact_table),
		SCENARIO(test_floor_is_not_for_critical),
		SCENARIO(test_floor_and_family),
		SCENARIO(test_stays_while_nobody_needs_it),
		SCENARIO(test_leaves_above_low),
		SCENARIO(test_cold_entry_warms_up),
		SCENARIO(test_full_of_mice_takes_who_comes),
		SCENARIO(test_exact_table_leaves_above_low),
		SCENARIO(test_certificate_counts_the_floor),
		SCENARIO(test_need_says_the_floor),
		SCENARIO(test_floor_comes_and_goes),
		SCENARIO(test_found_entry_stays),
		SCENARIO(test_simulated_table_has_it),
		SCENARIO(test_prior),
		SCENARIO(test_divides),
		SCENARIO(test_prior_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
