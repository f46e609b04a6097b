// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mirror of the RIB: routes come in, flows are kept up to date.
 *
 * Here are the doors: routes, resyncs, the work in turns.  What a route's
 * next hops mean is found in rib_resolve.c, once for all routes that share
 * them (rib_group.c); the world they rest on is in rib_fact.c, the prefixes
 * that hardware must never answer in rib_guard.c, and when withdrawals are
 * held in rib_shrink.c.
 *
 * It knows no socket, no clock and no log.  Nothing here takes longer than
 * the caller's budget, whatever changed.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/rib_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB, "offload RIB mirror");

struct ofl_rib *ofl_rib_new(struct ofl_flowtab *flows,
			    const struct ofl_rib_ops *ops, void *arg)
{
	struct ofl_rib *rib = XCALLOC(MTYPE_OFL_RIB, sizeof(*rib));

	rib->flows = flows;
	if (ops)
		rib->ops = *ops;
	rib->ops_arg = arg;
	ofl_fact_tables_init(rib);
	ofl_group_tables_init(rib);
	ofl_guard_tables_init(rib);
	ofl_below_tables_init(rib);
	return rib;
}

void ofl_rib_free(struct ofl_rib *rib)
{
	if (!rib)
		return;
	/* Nobody is to hear of what ends here. */
	memset(&rib->ops, 0, sizeof(rib->ops));
	rib->wake = NULL;
	rib->probe_wake = NULL;
	ofl_below_tables_fini(rib);
	ofl_guard_tables_fini(rib);
	ofl_group_tables_fini(rib);
	ofl_fact_tables_fini(rib);
	XFREE(MTYPE_OFL_RIB, rib);
}

void ofl_rib_set_wake(struct ofl_rib *rib, void (*wake)(void *arg), void *arg)
{
	rib->wake = wake;
	rib->wake_arg = arg;
}

void ofl_rib_stats(const struct ofl_rib *rib, struct ofl_rib_stats *ret_stats)
{
	*ret_stats = rib->stats;
	ret_stats->groups = ofl_rib_group_list_count(&rib->all);
}

/* --- routes --- */

static bool facts_same(const struct ofl_facts *a, const struct ofl_facts *b)
{
	return a->proto == b->proto && a->distance == b->distance &&
	       a->instance == b->instance && a->metric == b->metric &&
	       a->tag == b->tag;
}

static void announced_again(struct ofl_rib *rib)
{
	rib->stale--;
	rib->stats.sync_again++;
	rib->stats.sync_progress++;
}

/* What both sources have, or seem to: true if the route goes below the
 * other's.  What is stale is not in the way. */
static bool goes_below(struct ofl_rib *rib, const struct ofl_flow *f,
		       struct ofl_rib_group *g, const struct ofl_facts *facts,
		       bool is_side)
{
	if (!f->group || f->retained || f->is_side == is_side ||
	    f->sweep != rib->generation)
		return false;
	if (is_side) {
		ofl_below_set(rib, &f->key, f->group, &f->facts, f->sweep);
		return false;
	}
	ofl_below_set(rib, &f->key, g, facts, rib->generation);
	return true;
}

static void route_add(struct ofl_rib *rib, const struct ofl_key *key,
		      const struct ofl_facts *facts, struct ofl_rib_group *g,
		      bool is_side)
{
	struct ofl_guard *guard;
	struct ofl_flow *f;
	bool is_new;

	rib->stats.routes_added++;
	f = ofl_flowtab_get(rib->flows, key, &is_new);
	/* A flow outside every group is withdrawn or guarded; the many that
	 * are in one need no second look-up. */
	guard = is_new || f->group ? NULL : ofl_guard_find(rib, key);
	if (guard) {
		ofl_guard_hide(rib, guard, g, facts, is_side);
		return;
	}
	if (goes_below(rib, f, g, facts, is_side))
		return;
	f->is_side = is_side;
	if (rib->in_sync && f->group && !f->retained &&
	    f->sweep != rib->generation)
		announced_again(rib);
	f->sweep = rib->generation;
	if (is_new || !facts_same(&f->facts, facts)) {
		f->facts = *facts;
		ofl_flowtab_mark(rib->flows, f);
	}
	if (f->group == g) {
		if (rib->in_sync || f->retained)
			ofl_group_touch(rib, f);
		return;
	}
	/* The new group holds its facts before the old one lets go of them:
	 * what both share is not forgotten in between. */
	if (f->group)
		ofl_group_leave(rib, f);
	ofl_group_join(rib, g, f);
}

void ofl_rib_route_add(struct ofl_rib *rib, const struct ofl_key *key,
		       const struct ofl_facts *facts,
		       const struct ofl_rawnh *nh, size_t nh_count)
{
	route_add(rib, key, facts, ofl_group_get(rib, key->vrf, nh, nh_count),
		  false);
}

void ofl_rib_side_add(struct ofl_rib *rib, const struct ofl_key *key,
		      const struct ofl_facts *facts, const struct ofl_rawnh *nh,
		      size_t nh_count)
{
	route_add(rib, key, facts, ofl_group_get(rib, key->vrf, nh, nh_count),
		  true);
}

void ofl_rib_named_add(struct ofl_rib *rib, const struct ofl_key *key,
		       const struct ofl_facts *facts, uint64_t name,
		       const struct ofl_rawnh *nh, size_t nh_count)
{
	route_add(rib, key, facts,
		  ofl_group_named(rib, key->vrf, name, nh, nh_count), false);
}

static void withdraw(struct ofl_rib *rib, struct ofl_flow *f)
{
	if (f->group->doomed) {
		ofl_shrink_excuse(rib); /* it goes with its VRF */
	} else if (ofl_shrink_is_held(rib)) {
		ofl_group_retain(rib, f, false);
		return;
	}
	ofl_group_leave(rib, f);
	ofl_flow_withdraw(rib->flows, f, OFL_REASON_WITHDRAWN);
}

static void route_del(struct ofl_rib *rib, const struct ofl_key *key,
		      bool is_side)
{
	struct ofl_flow *f = ofl_flowtab_find(rib->flows, key);
	struct ofl_guard *guard;

	rib->stats.routes_deleted++;
	if (!f)
		return;
	if (f->retained)
		return; /* it says so twice */
	if (f->group && f->is_side == is_side) {
		if (!is_side || !ofl_below_restore(rib, f))
			withdraw(rib, f);
		return;
	}
	if (!is_side)
		ofl_below_del(rib, ofl_below_find(rib, key));
	guard = f->group ? NULL : ofl_guard_find(rib, key);
	if (guard && guard->is_side == is_side)
		ofl_guard_hide(rib, guard, NULL, NULL, false);
}

void ofl_rib_route_del(struct ofl_rib *rib, const struct ofl_key *key)
{
	route_del(rib, key, false);
}

void ofl_rib_side_del(struct ofl_rib *rib, const struct ofl_key *key)
{
	route_del(rib, key, true);
}

void ofl_rib_vrf_del(struct ofl_rib *rib, uint32_t vrf)
{
	struct ofl_rib_group *g;

	/* Guards first: what they hide comes back and goes with the rest. */
	ofl_below_vrf_del(rib, vrf);
	ofl_guard_vrf_del(rib, vrf);
	frr_each_safe (ofl_rib_group_list, &rib->all, g)
		if (g->vrf == vrf && !g->doomed)
			ofl_group_doom(rib, g);
}

/* --- resync --- */

void ofl_rib_sync_begin(struct ofl_rib *rib)
{
	rib->generation++;
	rib->in_sync = true;
	rib->sweeping = false;
	rib->sweep_next = NULL;
	rib->stale = rib->most = rib->stats.routes;
	rib->stats.sync_total = rib->stats.routes;
	rib->stats.sync_again = 0;
}

/* Announced flows moved to the tail of their group: what was not is at the
 * head, and the first one that was ends the group. */
static bool sweep_one(struct ofl_rib *rib, struct ofl_rib_group *g)
{
	struct ofl_flow *f = ofl_flow_list_first(&g->members);

	if (!f || f->sweep == rib->generation)
		return false;
	if (ofl_below_restore(rib, f))
		return true;
	ofl_shrink_excuse(rib);
	if (rib->shrink.stats.state == OFL_SHRINK_HOLDING && !g->doomed) {
		ofl_group_retain(rib, f, true);
		return true;
	}
	ofl_group_leave(rib, f);
	ofl_flow_withdraw(rib->flows, f, OFL_REASON_STALE);
	rib->stats.stale_swept++;
	return true;
}

bool ofl_rib_sync_end(struct ofl_rib *rib, unsigned int budget)
{
	struct ofl_rib_group *g;

	if (!rib->in_sync)
		return false;
	if (!rib->sweeping) {
		rib->sweeping = true;
		ofl_shrink_judge_sync(rib);
		rib->sweep_next = ofl_rib_group_list_first(&rib->all);
	}
	for (; rib->sweep_next && budget; budget--) {
		g = rib->sweep_next;
		/* Leaving may free the group, which moves sweep_next on. */
		if (!sweep_one(rib, g))
			rib->sweep_next = ofl_rib_group_list_next(&rib->all, g);
	}
	if (rib->sweep_next)
		return true;
	rib->in_sync = false;
	rib->sweeping = false;
	rib->stale = 0;
	ofl_shrink_rebase(rib);
	ofl_guard_sweep(rib);
	ofl_below_sweep(rib);
	ofl_group_pending_apply(rib);
	ofl_fact_lost_apply(rib);
	return false;
}

/* --- work --- */

bool ofl_rib_work(struct ofl_rib *rib, unsigned int budget)
{
	unsigned int cost;

	while (budget && ofl_rib_work_list_count(&rib->work)) {
		cost = ofl_group_work(rib, budget);
		budget -= MIN(cost, budget);
	}
	while (budget && (cost = ofl_shrink_work(rib, budget)))
		budget -= MIN(cost, budget);
	return ofl_rib_work_list_count(&rib->work) > 0 ||
	       rib->shrink.stats.state == OFL_SHRINK_RELEASING;
}
