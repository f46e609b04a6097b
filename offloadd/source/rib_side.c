// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two sources of routes: what the feed has of a prefix that the side has, too.
 *
 * zebra has one route of a prefix, but tells of a change on two connections;
 * between what they say there is no order.  For that while, and it is short,
 * the feed's route is kept here.  It comes back when the side's goes, as if it
 * had been announced then.
 *
 * Neighbours: rib.c decides whose the flow is.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/rib_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_BELOW, "offload route below another");

static int below_cmp(const struct ofl_below *a, const struct ofl_below *b)
{
	return ofl_key_cmp(&a->key, &b->key);
}

static uint32_t below_hash(const struct ofl_below *b)
{
	return ofl_key_hash(&b->key);
}

DECLARE_HASH(ofl_rib_belows, struct ofl_below, item, below_cmp, below_hash);

void ofl_below_tables_init(struct ofl_rib *rib)
{
	ofl_rib_belows_init(&rib->belows);
}

void ofl_below_tables_fini(struct ofl_rib *rib)
{
	struct ofl_below *b;

	frr_each_safe (ofl_rib_belows, &rib->belows, b)
		ofl_below_del(rib, b);
	ofl_rib_belows_fini(&rib->belows);
}

struct ofl_below *ofl_below_find(struct ofl_rib *rib, const struct ofl_key *key)
{
	struct ofl_below ref = {.key = *key};

	if (!ofl_rib_belows_count(&rib->belows))
		return NULL; /* nearly always */
	return ofl_rib_belows_find(&rib->belows, &ref);
}

void ofl_below_set(struct ofl_rib *rib, const struct ofl_key *key,
		   struct ofl_rib_group *g, const struct ofl_facts *facts,
		   uint8_t sweep)
{
	struct ofl_below *b = ofl_below_find(rib, key);
	struct ofl_rib_group *old = NULL;

	g->pins++;
	if (!b) {
		b = XCALLOC(MTYPE_OFL_RIB_BELOW, sizeof(*b));
		b->key = *key;
		ofl_rib_belows_add(&rib->belows, b);
	} else {
		old = b->group;
	}
	b->group = g;
	b->facts = *facts;
	b->sweep = sweep;
	if (old) {
		old->pins--;
		ofl_group_put(rib, old);
	}
}

void ofl_below_del(struct ofl_rib *rib, struct ofl_below *b)
{
	if (!b)
		return;
	ofl_rib_belows_del(&rib->belows, b);
	b->group->pins--;
	ofl_group_put(rib, b->group);
	XFREE(MTYPE_OFL_RIB_BELOW, b);
}

bool ofl_below_restore(struct ofl_rib *rib, struct ofl_flow *f)
{
	struct ofl_below *b = f->is_side ? ofl_below_find(rib, &f->key) : NULL;

	if (!b)
		return false;
	/* In a resync the feed may not have said it again yet. */
	if (b->sweep != rib->generation && rib->sweeping) {
		ofl_below_del(rib, b);
		return false;
	}
	ofl_group_leave(rib, f);
	f->facts = b->facts;
	f->sweep = b->sweep;
	f->is_side = false;
	ofl_group_join(rib, b->group, f);
	if (f->sweep != rib->generation) {
		rib->stale += rib->in_sync;
		ofl_group_age(f);
	}
	ofl_flowtab_mark(rib->flows, f);
	ofl_below_del(rib, b);
	return true;
}

void ofl_below_vrf_del(struct ofl_rib *rib, uint32_t vrf)
{
	struct ofl_below *b;

	frr_each_safe (ofl_rib_belows, &rib->belows, b)
		if (b->key.vrf == vrf)
			ofl_below_del(rib, b);
}

void ofl_below_sweep(struct ofl_rib *rib)
{
	struct ofl_below *b;

	frr_each_safe (ofl_rib_belows, &rib->belows, b)
		if (b->sweep != rib->generation)
			ofl_below_del(rib, b);
}
