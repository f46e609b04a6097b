// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How good the plan is: what it is worth, and what no other could exceed.
 *
 * The bound is about what is answered less the floor for each slot that it
 * takes, which is what the plan is made for; see doc/decisions/0006-price.md
 * and 0024-least-gain.md.
 */
#include <zebra.h>

#include "offloadd/placement/choice.h"

static double weight_of(int64_t worth)
{
	return (double)worth / OFL_WORTH_SCALE;
}

/* OPT <= sum of U + price * slots, whatever the plan; and the exact optimum
 * where it is known.  Another plan pays the floor for each slot that it takes
 * more than this one, and gets it for each that it takes less. */
static struct ofl_worth bound_of(const struct ofl_place *p)
{
	uint32_t slots = ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT);
	int64_t floor = ofl_value_floor(p);
	int64_t paid = floor * p->st.planned_slots;
	struct ofl_worth bound, most = p->total;

	if (ofl_round_exact(p, &bound)) {
		bound.best_effort += paid;
		return bound;
	}
	if (p->price.critical)
		slots = ofl_choice_capacity(p);
	slots = MAX(slots, p->st.planned_slots);
	bound = ofl_worth_add(ofl_value_top(p), ofl_worth_mul(p->price, slots));
	bound.best_effort -= floor * slots - paid;
	/* Nor can it be more than there is, with no slot at all. */
	most.best_effort += paid;
	return ofl_worth_cmp(most, bound) < 0 ? most : bound;
}

void ofl_place_certificate(const struct ofl_place *p,
			   struct ofl_place_certificate *ret)
{
	struct ofl_worth bound;

	memset(ret, 0, sizeof(*ret));
	bound = bound_of(p);
	ret->valid = ofl_choice_is_idle(p) && ofl_value_is_settled(p);
	ret->value = weight_of(p->value.best_effort);
	ret->value_critical = weight_of(p->value.critical);
	ret->bound = weight_of(bound.best_effort);
	ret->bound_critical = weight_of(bound.critical);
	ret->total = weight_of(p->total.best_effort);
	ret->total_critical = weight_of(p->total.critical);
	ret->price = weight_of(p->price.best_effort);
	ret->price_critical = weight_of(p->price.critical);
	ret->exact = ofl_worth_cmp(p->value, bound) == 0;
	ret->quality = 1;
	if (ret->bound + ret->bound_critical > 0)
		ret->quality = (ret->value + ret->value_critical) /
			       (ret->bound + ret->bound_critical);
}
