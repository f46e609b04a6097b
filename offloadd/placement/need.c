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

/* --- what is believed of a route of which nothing is known --- */

/* Routes that are asked, and branch points that are looked at for them. */
#define PRIOR_ROUTES 32
#define PRIOR_STEPS 512

struct neighbours {
	uint64_t sum; /* of weights */
	uint32_t count;
	uint32_t steps;
};

/* The routes at `top` and below; what is below one of them is passed over. */
static void ask_all(struct ofl_lpm_base *top, struct neighbours *of)
{
	struct ofl_lpm_base *b = top;

	while (b && of->steps < PRIOR_STEPS && of->count < PRIOR_ROUTES) {
		bool is_route = !b->glue && ofl_lpm_of(b)->route;

		of->steps++;
		if (is_route) {
			of->sum += ofl_lpm_of(b)->weight;
			of->count++;
		}
		b = ofl_lpm_next(top, b, !is_route);
	}
}

static bool covers(const struct ofl_lpm_base *b, const struct ofl_prefix *p)
{
	return b->plen < p->plen &&
	       ofl_addr_common(b->addr, p->addr, b->plen) == b->plen;
}

/* The longest branch point that covers `p`; *ret_below: what is below it on
 * the side of p, or NULL. */
static struct ofl_lpm_base *branch_above(const struct ofl_lpm_tree *t,
					 const struct ofl_prefix *p,
					 struct ofl_lpm_base **ret_below)
{
	struct ofl_lpm_base *b = ofl_lpm_at(t->root), *above = NULL;

	while (b && covers(b, p)) {
		above = b;
		b = ofl_lpm_child(b, ofl_addr_bit(p->addr, b->plen));
	}
	*ret_below = b;
	return above;
}

/* Up from the key to its nearest cover, so that the nearest are asked first. */
uint32_t ofl_place_prior(struct ofl_place *p, const struct ofl_key *key)
{
	const struct ofl_lpm_tree *t =
		ofl_lpm_tree_find(p, key->vrf, key->p.family);
	struct ofl_lpm_base *b, *below;
	struct neighbours of = {0};

	if (!t)
		return 0;
	b = branch_above(t, &key->p, &below);
	/* Beside the key, with nothing between: not below it, nor itself. */
	if (below &&
	    ofl_addr_common(below->addr, key->p.addr,
			    MIN(below->plen, key->p.plen)) < key->p.plen)
		ask_all(below, &of);
	for (; b; b = ofl_lpm_parent(b)) {
		unsigned int side = ofl_addr_bit(key->p.addr, b->plen);

		if (b->child[!side])
			ask_all(ofl_lpm_child(b, !side), &of);
		if (!b->glue && ofl_lpm_of(b)->route)
			break;
	}
	return of.count ? of.sum / of.count : 0;
}

static bool has_route(struct ofl_lpm_base *b)
{
	if (!b)
		return false;
	if (!b->glue && ofl_lpm_of(b)->route)
		return true;
	return has_route(ofl_lpm_child(b, 0)) || has_route(ofl_lpm_child(b, 1));
}

bool ofl_place_divides(const struct ofl_place *p, const struct ofl_key *key)
{
	const struct ofl_lpm_tree *t = ofl_lpm_tree_find(
		(struct ofl_place *)p, key->vrf, key->p.family);
	struct ofl_lpm_base *b;

	if (!t)
		return false;
	(void)branch_above(t, &key->p, &b);
	if (!b || b->plen < key->p.plen ||
	    ofl_addr_common(b->addr, key->p.addr, key->p.plen) < key->p.plen)
		return false;
	if (b->plen > key->p.plen)
		return has_route(b);
	return has_route(ofl_lpm_child(b, 0)) || has_route(ofl_lpm_child(b, 1));
}
