// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How good the plan is: the certificate against the optimum (optimum.c), and
 * the plan against both.
 */
#include <zebra.h>

#include "tests/property/drive.h"

/* Lexicographic, of what is counted in doubles. */
static bool is_less(double critical, double best_effort, struct worth than)
{
	if (critical != than.critical)
		return critical < than.critical;
	return best_effort < than.best_effort;
}

static void check_tried(const struct refusals *refused, uint32_t slots,
			struct worth best)
{
	struct worth tried;

	if (count_routes() > TRIED_MAX)
		return;
	tried = optimum_tried(refused, slots, u.conf.least_gain);
	if (worth_cmp(tried, best) != 0)
		fail(0, "the knapsack of the test is wrong");
}

/* The plan is no worse than its price says.  Both are less the floor for each
 * slot. */
static void check_gap(const struct ofl_place_certificate *c, struct worth value,
		      struct worth best, uint32_t slots, uint32_t used)
{
	double h = u.conf.hysteresis_permille / 1000.0;
	double slack = 3 * h * (slots + used), floor = u.conf.least_gain;
	/* Slots that nobody took are worth what they cost above the floor. */
	double spare = MAX(c->price - floor, 0) * (slots - used);

	if (c->price_critical > 0)
		slack += slots - used;
	/* A price cannot divide what comes as one: a route with its covers.
	 * One of these may be in that should be out, and one out. */
	if (!c->exact)
		slack += 2 * largest_closure();
	/* While the table is as good as empty nobody leaves for the floor. */
	if (used < u.conf.low_slots)
		spare += floor * used;
	/* Where not even all critical routes fit, what does not come in one
	 * piece decides; small tables, where that matters, are exact. */
	if (!c->exact &&
	    (c->price_critical > 0 || value.critical != best.critical ||
	     slots < 8 * largest_closure()))
		return;
	if (is_less(value.critical + c->price_critical * slack,
		    value.best_effort + c->price * slack + spare, best))
		fail(0,
		     "I8: value %" PRId64 ".%" PRId64 ", optimum %" PRId64
		     ".%" PRId64 " of %u slots, used %u, price %g.%g",
		     value.critical, value.best_effort, best.critical,
		     best.best_effort, slots, used, c->price_critical,
		     c->price);
	if (c->exact && h == 0 && worth_cmp(value, best) != 0)
		fail(0,
		     "I8: exact, but value %" PRId64 ".%" PRId64
		     ", optimum %" PRId64 ".%" PRId64,
		     value.critical, value.best_effort, best.critical,
		     best.best_effort);
}

static void check_values(const struct ofl_place_certificate *c,
			 struct worth value)
{
	struct worth total = total_worth();

	if (c->value_critical != value.critical ||
	    c->value != value.best_effort)
		fail(0, "I7: said to be worth %g.%g, is %" PRId64 ".%" PRId64,
		     c->value_critical, c->value, value.critical,
		     value.best_effort);
	if (c->total_critical != total.critical ||
	    c->total != total.best_effort)
		fail(0, "I7: all said to be worth %g.%g", c->total_critical,
		     c->total);
	if (c->price_critical < 0 || c->price < 0 ||
	    (c->price_critical > 0 && c->price > 0))
		fail(0, "I7: prices %g and %g", c->price_critical, c->price);
}

void check_worth(void)
{
	struct ofl_place_certificate c;
	struct refusals refused;
	struct ofl_place_stats st;
	struct worth value = hw_worth(), best;
	uint32_t slots;
	int64_t paid;

	ofl_place_certificate(u.place, &c);
	if (m.any_fault)
		return;
	if (!c.valid)
		fail(0, "I7: no certificate at rest");
	check_values(&c, value);
	ofl_place_stats(u.place, &st);
	slots = MAX(u.conf.high_slots, st.planned_slots);
	if (c.bound_critical < c.value_critical ||
	    (c.bound_critical == c.value_critical && c.bound < c.value))
		fail(0, "I7: value above the bound");
	u.certificates++;
	/* What the limit for covers keeps out counts as refused. */
	refusals_find(&refused);
	best = optimum(&refused, slots, u.conf.least_gain);
	u.optima++;
	u.floors += u.conf.least_gain != 0;
	check_tried(&refused, slots, best);
	/* What the plan pays is in the bound, too. */
	paid = (int64_t)u.conf.least_gain * st.planned_slots;
	if (is_less(c.bound_critical, c.bound - paid, best))
		fail(0, "I7: bound %g.%g, optimum %" PRId64 ".%" PRId64,
		     c.bound_critical, c.bound - paid, best.critical,
		     best.best_effort);
	if (is_bound_optimum() && (c.bound_critical != best.critical ||
				   c.bound - paid != best.best_effort))
		fail(0, "I8: exact bound %g.%g, optimum %" PRId64 ".%" PRId64,
		     c.bound_critical, c.bound - paid, best.critical,
		     best.best_effort);
	value.best_effort -= paid;
	/* A closed table stays as it is until it falls below the watermark. */
	if (!st.closed || c.price > 0 || c.exact)
		check_gap(&c, value, best, slots, st.planned_slots);
	u.exact += c.exact;
	check_no_cold();
}
