// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an entry of a route takes, and what that is measured against: for those
 * who ask why a route is not in hardware.
 *
 * Counts with what the plan itself counts with (closure.c, choice.c), and
 * decides nothing.
 */
#include <zebra.h>

#include "offloadd/placement/choice.h"

/* The covers right below n: those that are planned, and those that a real
 * entry at n would need beside them. */
static void count_covers(const struct ofl_place *p, struct ofl_lpm_node *n,
			 struct ofl_place_need *ret)
{
	struct ofl_lpm_node *d = n;

	while (ret->covers < OFL_PLACE_COVERS_MAX &&
	       (d = ofl_bare_next_punt(n, d))) {
		ret->covers++;
		ret->cover_slots += ofl_lpm_cost(p, d);
	}
	d = n;
	while (n->want != OFL_ENTRY_REAL &&
	       ret->covers < OFL_PLACE_COVERS_MAX &&
	       (d = ofl_bare_next(n, d, n->identity))) {
		ret->covers++;
		ret->cover_slots += ofl_lpm_cost(p, d);
		ret->more_slots += ofl_lpm_cost(p, d);
		ret->cover_refused |= d->punt_failed;
	}
	ret->counted = ret->covers < OFL_PLACE_COVERS_MAX;
}

bool ofl_place_need(struct ofl_place *p, const struct ofl_key *key,
		    struct ofl_place_need *ret)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);
	int64_t gain;

	if (!n)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->own_slots = ofl_lpm_cost(p, n);
	ret->more_slots = n->want == OFL_ENTRY_NONE ? ret->own_slots : 0;
	ret->critical = ofl_choice_is_critical(p, n);
	ret->limit_slots = ofl_choice_limit(
		p, ret->critical ? OFL_CLASS_CRITICAL : OFL_CLASS_BEST_EFFORT);
	ret->planned_slots = p->st.planned_slots;
	ret->low_slots = p->mark.low_slots;
	ret->closed = p->mark.closed;
	ret->eligible = n->route && n->identity;
	if (!ret->eligible)
		return true;
	count_covers(p, n, ret);
	if (!ofl_value_can_be_real(n) || !ofl_value_is_current(p, n))
		return true;
	gain = ofl_choice_gain(p, n);
	ret->valued = gain != INT64_MAX && gain != INT64_MIN;
	ret->gain = (double)gain / OFL_WORTH_SCALE;
	ret->price = (double)ofl_choice_price(p) / OFL_WORTH_SCALE;
	return true;
}

uint32_t ofl_place_prior(struct ofl_place *p, const struct ofl_key *key)
{
	return 0;
}
