// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guards: prefixes hardware must never answer, whatever is routed there --
 * addresses of this router, and blocks that no router forwards.
 *
 * A guard is a flow of its own that never has an action.  Where a route has
 * the same prefix the guard takes the flow over, keeps what it hides, and
 * gives it back when it goes.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/rib_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_GUARD, "offload guarded prefix");

static int guard_cmp(const struct ofl_guard *a, const struct ofl_guard *b)
{
	return ofl_key_cmp(&a->key, &b->key);
}

static uint32_t guard_hash(const struct ofl_guard *g)
{
	return ofl_key_hash(&g->key);
}

DECLARE_HASH(ofl_rib_guards, struct ofl_guard, item, guard_cmp, guard_hash);

void ofl_guard_tables_init(struct ofl_rib *rib)
{
	ofl_rib_guards_init(&rib->guards);
}

void ofl_guard_tables_fini(struct ofl_rib *rib)
{
	struct ofl_guard *guard;

	while ((guard = ofl_rib_guards_pop(&rib->guards))) {
		ofl_guard_hide(rib, guard, NULL, NULL, false);
		XFREE(MTYPE_OFL_RIB_GUARD, guard);
	}
	ofl_rib_guards_fini(&rib->guards);
}

struct ofl_guard *ofl_guard_find(struct ofl_rib *rib, const struct ofl_key *key)
{
	struct ofl_guard ref = {.key = *key};

	return ofl_rib_guards_find(&rib->guards, &ref);
}

void ofl_guard_hide(struct ofl_rib *rib, struct ofl_guard *guard,
		    struct ofl_rib_group *g, const struct ofl_facts *facts,
		    bool is_side)
{
	struct ofl_rib_group *old = guard->group;

	guard->group = g;
	if (g) {
		g->pins++;
		guard->facts = *facts;
		guard->is_side = is_side;
		guard->sweep = rib->generation;
	}
	if (old) {
		old->pins--;
		ofl_group_put(rib, old);
	}
}

void ofl_rib_guard_add(struct ofl_rib *rib, const struct ofl_key *key,
		       uint8_t proto)
{
	struct ofl_guard *guard = ofl_guard_find(rib, key);
	struct ofl_flow *f;

	if (guard && guard->proto == proto)
		return;
	f = ofl_flowtab_get(rib->flows, key, NULL);
	if (!guard) {
		guard = XCALLOC(MTYPE_OFL_RIB_GUARD, sizeof(*guard));
		guard->key = *key;
		ofl_rib_guards_add(&rib->guards, guard);
		if (f->group && !f->retained) {
			ofl_guard_hide(rib, guard, f->group, &f->facts,
				       f->is_side);
			guard->sweep = f->sweep;
			ofl_shrink_excuse(rib);
		}
		/* One that is held is not there to come back. */
		if (f->group)
			ofl_group_leave(rib, f);
	}
	guard->proto = proto;
	f->facts = (struct ofl_facts){.proto = proto};
	ofl_flow_set_action(rib->flows, f, NULL,
			    proto == OFL_PROTO_LOCAL ? OFL_REASON_LOCAL
						     : OFL_REASON_RESERVED);
	ofl_flowtab_mark(rib->flows, f);
}

static void guard_del(struct ofl_rib *rib, struct ofl_guard *guard)
{
	struct ofl_flow *f = ofl_flowtab_get(rib->flows, &guard->key, NULL);

	ofl_rib_guards_del(&rib->guards, guard);
	if (guard->group) {
		f->facts = guard->facts;
		f->sweep = guard->sweep;
		f->is_side = guard->is_side;
		rib->shrink.level--; /* where it was, as zebra sees it */
		ofl_group_join(rib, guard->group, f);
		if (f->sweep != rib->generation) {
			rib->stale += rib->in_sync;
			ofl_group_age(f);
		}
		ofl_flowtab_mark(rib->flows, f);
		ofl_guard_hide(rib, guard, NULL, NULL, false);
	} else {
		ofl_flow_withdraw(rib->flows, f, OFL_REASON_WITHDRAWN);
	}
	XFREE(MTYPE_OFL_RIB_GUARD, guard);
}

void ofl_rib_guard_del(struct ofl_rib *rib, const struct ofl_key *key)
{
	struct ofl_guard *guard = ofl_guard_find(rib, key);

	if (guard)
		guard_del(rib, guard);
}

void ofl_guard_vrf_del(struct ofl_rib *rib, uint32_t vrf)
{
	struct ofl_guard *guard;

	frr_each_safe (ofl_rib_guards, &rib->guards, guard)
		if (guard->key.vrf == vrf)
			guard_del(rib, guard);
}

/* The guards themselves are no routes: only what they hide can be stale. */
void ofl_guard_sweep(struct ofl_rib *rib)
{
	struct ofl_guard *guard;

	frr_each (ofl_rib_guards, &rib->guards, guard) {
		if (!guard->group || guard->sweep == rib->generation)
			continue;
		ofl_guard_hide(rib, guard, NULL, NULL, false);
		rib->stats.stale_swept++;
	}
}

/* --- reserved blocks --- */

/* Blocks of RFC 6890 that are neither a source nor a destination beyond a
 * link or a host.  Documentation and private blocks are routed in practice,
 * in networks of their own and in laboratories; they are not here. */
static const char *const reserved[] = {
	"0.0.0.0/8",	  /* this network */
	"127.0.0.0/8",	  /* loopback */
	"169.254.0.0/16", /* link-local */
	"224.0.0.0/4",	  /* multicast */
	"240.0.0.0/4",	  /* reserved, limited broadcast */
	"::/128",	  /* unspecified */
	"::1/128",	  /* loopback */
	"::ffff:0:0/96",  /* IPv4-mapped */
	"fe80::/10",	  /* link-local */
	"ff00::/8",	  /* multicast */
};

void ofl_rib_reserved_add(struct ofl_rib *rib, uint32_t vrf)
{
	struct ofl_key key = {.vrf = vrf};

	for (size_t i = 0; i < array_size(reserved); i++)
		if (ofl_prefix_parse(reserved[i], false, &key.p))
			ofl_rib_guard_add(rib, &key, OFL_PROTO_RESERVED);
}
