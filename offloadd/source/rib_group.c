// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next-hop groups: the routes of a VRF that share their raw next hops.
 *
 * A full table has a million routes and a few hundred groups.  A group finds
 * its answer once and hands it to its members, resuming where the budget of
 * the last turn ended.  It does not know what next hops mean
 * (rib_resolve.c).
 */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/rib_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_GROUP, "offload next-hop group");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_NH, "offload next hops of a group");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_DEPS, "offload next-hop dependencies");

static size_t nh_bytes(size_t nh_count)
{
	return nh_count * sizeof(struct ofl_rawnh);
}

static int group_cmp(const struct ofl_rib_group *a,
		     const struct ofl_rib_group *b)
{
	if (a->vrf != b->vrf)
		return a->vrf < b->vrf ? -1 : 1;
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->name)
		return 0;
	if (a->nh_count != b->nh_count)
		return a->nh_count < b->nh_count ? -1 : 1;
	return memcmp(a->nh, b->nh, nh_bytes(a->nh_count));
}

static uint32_t group_hash(const struct ofl_rib_group *g)
{
	if (g->name)
		return jhash_3words(g->name, g->name >> 32, g->vrf, 0);
	return jhash(g->nh, nh_bytes(g->nh_count), g->vrf);
}

DECLARE_HASH(ofl_rib_groups, struct ofl_rib_group, hash_item, group_cmp,
	     group_hash);

/* Next hops are compared and hashed as bytes: no byte may be undefined. */
_Static_assert(sizeof(struct ofl_rawnh) == 28, "padding in struct ofl_rawnh");

void ofl_group_tables_init(struct ofl_rib *rib)
{
	ofl_rib_groups_init(&rib->groups);
	ofl_rib_group_list_init(&rib->all);
	ofl_rib_work_list_init(&rib->work);
}

size_t ofl_rawnh_canonical(const struct ofl_rawnh *nh, size_t nh_count,
			   struct ofl_rawnh *ret)
{
	if (nh_count > OFL_RAWNH_MAX) {
		/* Forwarding to some of them would not be what software does
		 * with all of them. */
		ret[0] = (struct ofl_rawnh){.kind = OFL_RAWNH_REJECT,
					    .weight = 1};
		return 1;
	}
	for (size_t i = 0; i < nh_count; i++) {
		ret[i] = (struct ofl_rawnh){
			.kind = nh[i].kind,
			.family = nh[i].family,
			.weight = nh[i].weight ? nh[i].weight : 1,
			.encap = nh[i].encap,
			.ifindex = nh[i].ifindex,
			.vrf = nh[i].vrf,
		};
		if (nh[i].family)
			memcpy(ret[i].gw, nh[i].gw,
			       ofl_family_bits(nh[i].family) / 8);
	}
	return nh_count;
}

/* --- the members, held ones last --- */

static struct ofl_flow *first_of(struct ofl_rib_group *g)
{
	struct ofl_flow *f = ofl_flow_list_first(&g->members);

	return f ? f : ofl_flow_list_first(&g->held);
}

static struct ofl_flow *next_of(struct ofl_rib_group *g, struct ofl_flow *f)
{
	struct ofl_flow *next;

	if (f->retained)
		return ofl_flow_list_next(&g->held, f);
	next = ofl_flow_list_next(&g->members, f);
	return next ? next : ofl_flow_list_first(&g->held);
}

static void unlink_member(struct ofl_rib_group *g, struct ofl_flow *f)
{
	if (g->cursor == f)
		g->cursor = next_of(g, f);
	if (f->retained)
		ofl_flow_list_del(&g->held, f);
	else
		ofl_flow_list_del(&g->members, f);
}

/* --- life --- */

static void deps_release(struct ofl_rib *rib, struct ofl_dep *deps,
			 size_t dep_count)
{
	for (size_t i = 0; i < dep_count; i++)
		ofl_fact_release(rib, &deps[i]);
	XFREE(MTYPE_OFL_RIB_DEPS, deps);
}

/* Find the answer again; true if it is another one. */
static bool group_judge(struct ofl_rib *rib, struct ofl_rib_group *g)
{
	struct ofl_dep *old_deps = g->deps;
	size_t old_count = g->dep_count;
	struct ofl_resolved r;
	bool changed;

	ofl_group_resolve(rib, g, &r);
	g->stale = false;
	g->unanswered = r.unanswered;
	g->dep_count = r.fact_count;
	g->deps = NULL;
	if (r.fact_count)
		g->deps = XCALLOC(MTYPE_OFL_RIB_DEPS,
				  r.fact_count * sizeof(*g->deps));
	for (size_t i = 0; i < r.fact_count; i++) {
		g->deps[i].group = g;
		g->deps[i].fact = r.facts[i];
		ofl_fact_use(rib, &g->deps[i]);
	}
	deps_release(rib, old_deps, old_count);

	changed = g->action != r.action || g->wait != r.wait;
	ofl_action_unref(g->action);
	g->action = r.action;
	g->wait = r.wait;
	return changed;
}

static void nh_set(struct ofl_rib_group *g, const struct ofl_rawnh *nh,
		   size_t nh_count)
{
	XFREE(MTYPE_OFL_RIB_NH, g->nh);
	g->nh_count = nh_count;
	if (!nh_count)
		return;
	g->nh = XMALLOC(MTYPE_OFL_RIB_NH, nh_bytes(nh_count));
	memcpy(g->nh, nh, nh_bytes(nh_count));
}

static struct ofl_rib_group *group_new(struct ofl_rib *rib,
				       const struct ofl_rib_group *ref)
{
	struct ofl_rib_group *g = XCALLOC(MTYPE_OFL_RIB_GROUP, sizeof(*g));

	g->vrf = ref->vrf;
	g->name = ref->name;
	g->is_pending = ref->is_pending;
	nh_set(g, ref->nh, ref->nh_count);
	ofl_flow_list_init(&g->members, OFL_FLOW_LINK_GROUP);
	ofl_flow_list_init(&g->held, OFL_FLOW_LINK_GROUP);
	ofl_rib_groups_add(&rib->groups, g);
	ofl_rib_group_list_add_tail(&rib->all, g);
	group_judge(rib, g);
	return g;
}

struct ofl_rib_group *ofl_group_get(struct ofl_rib *rib, uint32_t vrf,
				    const struct ofl_rawnh *nh, size_t nh_count)
{
	/* Only the part in use is written. */
	struct ofl_rawnh canonical[OFL_RAWNH_MAX];
	struct ofl_rib_group ref, *g;

	ref.vrf = vrf;
	ref.name = 0;
	ref.is_pending = false;
	ref.nh = canonical;
	ref.nh_count = ofl_rawnh_canonical(nh, nh_count, canonical);
	g = ofl_rib_groups_find(&rib->groups, &ref);
	return g ? g : group_new(rib, &ref);
}

/* --- by name --- */

static struct ofl_rib_group *named_find(struct ofl_rib *rib, uint32_t vrf,
					uint64_t name)
{
	struct ofl_rib_group ref = {.vrf = vrf, .name = name};

	return ofl_rib_groups_find(&rib->groups, &ref);
}

bool ofl_rib_has_named(struct ofl_rib *rib, uint32_t vrf, uint64_t name)
{
	return named_find(rib, vrf, name);
}

struct ofl_rib_group *ofl_group_named(struct ofl_rib *rib, uint32_t vrf,
				      uint64_t name, const struct ofl_rawnh *nh,
				      size_t nh_count)
{
	struct ofl_rib_group *g = named_find(rib, vrf, name);
	struct ofl_rawnh canonical[OFL_RAWNH_MAX];
	struct ofl_rib_group ref;

	if (g)
		return g;
	ref.vrf = vrf;
	ref.name = name;
	ref.is_pending = !nh;
	ref.nh = canonical;
	ref.nh_count = nh ? ofl_rawnh_canonical(nh, nh_count, canonical) : 0;
	return group_new(rib, &ref);
}

void ofl_rib_named_set(struct ofl_rib *rib, uint32_t vrf, uint64_t name,
		       const struct ofl_rawnh *nh, size_t nh_count)
{
	struct ofl_rawnh canonical[OFL_RAWNH_MAX];
	struct ofl_rib_group *g = named_find(rib, vrf, name);

	if (!g)
		return;
	g->is_pending = !nh;
	nh_set(g, canonical,
	       nh ? ofl_rawnh_canonical(nh, nh_count, canonical) : 0);
	g->restated = true;
	ofl_group_mark(rib, g);
}

void ofl_group_pending_apply(struct ofl_rib *rib)
{
	struct ofl_rib_group *g;

	frr_each (ofl_rib_group_list, &rib->all, g) {
		if ((!g->is_pending && !g->unanswered) || g->doomed)
			continue;
		g->restated = true;
		ofl_group_mark(rib, g);
	}
}

void ofl_group_put(struct ofl_rib *rib, struct ofl_rib_group *g)
{
	if (g->pins || first_of(g))
		return;
	if (rib->shrink.next == g)
		rib->shrink.next = ofl_rib_group_list_next(&rib->all, g);
	if (rib->sweep_next == g)
		rib->sweep_next = ofl_rib_group_list_next(&rib->all, g);
	if (ofl_rib_work_list_anywhere(g))
		ofl_rib_work_list_del(&rib->work, g);
	ofl_rib_group_list_del(&rib->all, g);
	if (!g->doomed)
		ofl_rib_groups_del(&rib->groups, g);
	deps_release(rib, g->deps, g->dep_count);
	ofl_action_unref(g->action);
	XFREE(MTYPE_OFL_RIB_NH, g->nh);
	XFREE(MTYPE_OFL_RIB_GROUP, g);
}

void ofl_group_tables_fini(struct ofl_rib *rib)
{
	struct ofl_rib_group *g;
	struct ofl_flow *f;

	while ((g = ofl_rib_group_list_first(&rib->all))) {
		g->pins = 1;
		while ((f = first_of(g))) {
			unlink_member(g, f);
			f->group = NULL;
			f->retained = false;
		}
		g->pins = 0;
		ofl_group_put(rib, g);
	}
	ofl_rib_groups_fini(&rib->groups);
	ofl_rib_group_list_fini(&rib->all);
	ofl_rib_work_list_fini(&rib->work);
}

/* --- members --- */

static void give_answer(struct ofl_rib *rib, struct ofl_rib_group *g,
			struct ofl_flow *f)
{
	/* In a resync it may yet be told where that leads: what was stays. */
	if ((g->is_pending || g->unanswered) && rib->in_sync && f->action)
		return;
	ofl_flow_set_action(rib->flows, f, ofl_action_ref(g->action), g->wait);
}

void ofl_group_join(struct ofl_rib *rib, struct ofl_rib_group *g,
		    struct ofl_flow *f)
{
	f->group = g;
	ofl_flow_list_add_tail(&g->members, f);
	ofl_shrink_more(rib);
	give_answer(rib, g, f);
}

void ofl_group_leave(struct ofl_rib *rib, struct ofl_flow *f)
{
	struct ofl_rib_group *g = f->group;

	unlink_member(g, f);
	if (f->retained) {
		f->retained = false;
		rib->shrink.stats.held--;
	} else {
		if (rib->in_sync && f->sweep != rib->generation)
			rib->stale--;
		ofl_shrink_less(rib);
	}
	f->group = NULL;
	ofl_group_put(rib, g);
}

void ofl_group_touch(struct ofl_rib *rib, struct ofl_flow *f)
{
	struct ofl_rib_group *g = f->group;

	unlink_member(g, f);
	ofl_flow_list_add_tail(&g->members, f);
	if (f->retained) {
		f->retained = false;
		rib->shrink.stats.held--;
		ofl_shrink_more(rib);
	}
	/* It may have jumped over the cursor. */
	give_answer(rib, g, f);
}

void ofl_group_retain(struct ofl_rib *rib, struct ofl_flow *f, bool is_stale)
{
	struct ofl_rib_group *g = f->group;

	unlink_member(g, f);
	if (rib->in_sync && f->sweep != rib->generation)
		rib->stale--;
	ofl_shrink_less(rib);
	f->retained = true;
	f->retained_stale = is_stale;
	rib->shrink.stats.held++;
	ofl_flow_list_add_tail(&g->held, f);
	/* The cursor may have stood at it. */
	give_answer(rib, g, f);
}

void ofl_group_age(struct ofl_flow *f)
{
	struct ofl_rib_group *g = f->group;

	unlink_member(g, f);
	ofl_flow_list_add_head(&g->members, f);
}

/* --- work --- */

static void work_add(struct ofl_rib *rib, struct ofl_rib_group *g)
{
	if (ofl_rib_work_list_anywhere(g))
		return;
	ofl_rib_work_list_add_tail(&rib->work, g);
	if (ofl_rib_work_list_count(&rib->work) == 1 && rib->wake)
		rib->wake(rib->wake_arg);
}

void ofl_group_mark(struct ofl_rib *rib, struct ofl_rib_group *g)
{
	g->stale = true;
	work_add(rib, g);
}

/* Not to be found any more: a VRF that comes back with the same number gets
 * new groups, and only what was announced before is withdrawn. */
void ofl_group_doom(struct ofl_rib *rib, struct ofl_rib_group *g)
{
	ofl_rib_groups_del(&rib->groups, g);
	g->doomed = true;
	work_add(rib, g);
}

static unsigned int withdraw_members(struct ofl_rib *rib,
				     struct ofl_rib_group *g,
				     unsigned int budget)
{
	unsigned int cost = 0;
	struct ofl_flow *f;

	g->pins++;
	while (cost < budget && (f = first_of(g))) {
		if (!f->retained)
			ofl_shrink_excuse(rib);
		ofl_group_leave(rib, f);
		ofl_flow_withdraw(rib->flows, f, OFL_REASON_WITHDRAWN);
		cost++;
	}
	g->pins--;
	ofl_group_put(rib, g); /* without members it ends here */
	return MAX(cost, 1u);
}

unsigned int ofl_group_work(struct ofl_rib *rib, unsigned int budget)
{
	struct ofl_rib_group *g = ofl_rib_work_list_first(&rib->work);
	unsigned int cost = 0;
	struct ofl_flow *f;

	if (g->doomed)
		return withdraw_members(rib, g, budget);
	if (g->stale) {
		cost += 1 + g->nh_count;
		/* With another name's meaning members may have kept what no
		 * answer of the group was. */
		if (group_judge(rib, g) || g->restated)
			g->cursor = first_of(g);
		g->restated = false;
	}
	while (g->cursor && cost < budget) {
		f = g->cursor;
		g->cursor = next_of(g, f);
		give_answer(rib, g, f);
		cost++;
	}
	if (!g->cursor)
		ofl_rib_work_list_del(&rib->work, g);
	return MAX(cost, 1u);
}
