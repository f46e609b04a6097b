// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Evictions: best effort gives its slots to critical entries and their covers,
 * the least worthy first; and everybody does when the table becomes smaller.
 *
 * Refuses to evict in vain: an entry whose leaving frees no slot stays, and if
 * all that may leave is not enough, all of it is put back.
 */
#include <zebra.h>

#include "offloadd/placement/greedy.h"

/* Candidates for eviction looked at for one critical entry. */
#define EFFORT (4 * OFL_PLACE_COVERS_MAX)
/* ... and what one counts that frees nothing on its own. */
#define FORCED 64

static bool is_below(const struct ofl_lpm_node *n,
		     const struct ofl_lpm_node *top)
{
	return n != top && n->b.key.vrf == top->b.key.vrf &&
	       ofl_prefix_contains(&top->b.key.p, &n->b.key.p);
}

/* Slots that n's entry takes, covers it needs included. */
static bool count_need(const struct ofl_place *p, const struct ofl_lpm_node *n,
		       enum ofl_entry entry, uint32_t *ret_slots)
{
	uint32_t own = n->want == OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	uint32_t covers;

	if (entry == OFL_ENTRY_PUNT) {
		*ret_slots = ofl_bare_has_punts(n) ? 0 : own;
		return true;
	}
	if (!ofl_closure_count(p, n, n->identity, ofl_greedy_capacity(p),
			       &covers))
		return false;
	*ret_slots = own + covers;
	return true;
}

/* The identity that will answer v's packets without v's entry, once n has its
 * entry and the covers that takes. */
static uint32_t identity_then(const struct ofl_lpm_node *v,
			      const struct ofl_lpm_node *n,
			      enum ofl_entry entry)
{
	const struct ofl_lpm_node *u;

	if (!is_below(v, n))
		return ofl_closure_identity(ofl_closure_context(v));
	for (u = ofl_lpm_up(v); u != n; u = ofl_lpm_up(u)) {
		if (u->want != OFL_ENTRY_NONE)
			return ofl_closure_identity(u);
		if (entry == OFL_ENTRY_REAL && u->route &&
		    !ofl_lpm_agrees(u, n->identity))
			return 0; /* a cover, then */
	}
	return entry == OFL_ENTRY_REAL ? n->identity : 0;
}

/* Can v's REAL entry be given up such that no shorter entry has to leave? */
static bool can_leave(const struct ofl_lpm_node *v)
{
	uint32_t above = ofl_closure_identity(ofl_closure_context(v));

	return above == 0 || (v->route && !v->punt_failed) ||
	       (ofl_lpm_agrees(v, above) && ofl_bare_is_alike(v, above));
}

/* Would giving up v's REAL entry free a slot, once n has its entry? */
static bool frees_slots(const struct ofl_lpm_node *v,
			const struct ofl_lpm_node *n, enum ofl_entry entry)
{
	uint32_t above = identity_then(v, n, entry);

	if (above == 0 || ofl_bare_has_punts(v))
		return true;
	return ofl_lpm_agrees(v, above) && ofl_bare_is_alike(v, above);
}

/* Entries that stood aside come back into the heap. */
static void restore(struct ofl_place *p, struct ofl_lpm_side_head *aside)
{
	struct ofl_lpm_node *v;

	while ((v = ofl_lpm_side_pop(aside))) {
		v->aside = false;
		if (v->want == OFL_ENTRY_REAL)
			ofl_lpm_real_add(&p->real, v);
	}
}

struct eviction {
	struct ofl_lpm_side_head evicted, useless;
	unsigned int effort;
	bool again; /* others left since: `useless` is worth another look */
	bool force; /* evict one that frees nothing: others may then */
};

/* Evict one more; false: there is nobody. */
static bool evict_one(struct ofl_place *p, struct eviction *e,
		      const struct ofl_lpm_node *n, enum ofl_entry entry)
{
	struct ofl_lpm_node *v;

	for (; e->effort; e->effort--) {
		v = ofl_lpm_real_first(&p->real);
		if (!v || v->cls == OFL_CLASS_CRITICAL) {
			/* What freed nothing may do so after others left. */
			if (e->force || ofl_lpm_side_count(&e->useless) == 0)
				return false;
			restore(p, &e->useless);
			e->force = !e->again;
			e->again = false;
			continue;
		}
		if (can_leave(v) && (e->force || frees_slots(v, n, entry))) {
			if (e->force)
				e->effort -= MIN(e->effort - 1, FORCED);
			e->force = false;
			ofl_closure_leave(p, v,
					  OFL_REASON_EVICTED_FOR_CRITICAL);
			ofl_lpm_side_add_head(&e->evicted, v);
			p->st.evictions++;
			e->again = true;
			return true;
		}
		ofl_lpm_real_del(&p->real, v);
		v->aside = true;
		ofl_lpm_side_add_head(&e->useless, v);
	}
	return false;
}

static bool has_room(const struct ofl_place *p, uint32_t slots)
{
	return (uint64_t)p->st.planned_slots + slots <= ofl_greedy_capacity(p);
}

bool ofl_evict_for(struct ofl_place *p, struct ofl_lpm_node *n,
		   enum ofl_entry entry)
{
	bool all = p->side_all, critical = p->side_critical, ok;
	struct eviction e = {.effort = EFFORT};
	struct ofl_lpm_node *v;
	uint32_t slots;

	ok = count_need(p, n, entry, &slots);
	if (ok && has_room(p, slots))
		return true;
	if (!ok ||
	    (uint64_t)p->st.critical_slots + slots > ofl_greedy_capacity(p))
		return false;
	ofl_lpm_side_init(&e.evicted);
	ofl_lpm_side_init(&e.useless);
	do {
		/* Counting is dear: only when it may be enough. */
		while (!has_room(p, slots) && evict_one(p, &e, n, entry))
			;
		ok = count_need(p, n, entry, &slots) && has_room(p, slots);
	} while (!ok && evict_one(p, &e, n, entry));
	restore(p, &e.useless);
	while ((v = ofl_lpm_side_pop(&e.evicted))) {
		if (ok)
			continue;
		p->st.evictions--;
		if (ofl_closure_fits(p, v, ofl_greedy_capacity(p)))
			ofl_closure_admit(p, v);
	}
	/* What was tried and undone is no news for others. */
	if (!ok) {
		p->side_all = all;
		p->side_critical = critical;
	}
	ofl_lpm_side_fini(&e.evicted);
	ofl_lpm_side_fini(&e.useless);
	return ok;
}

void ofl_evict_excess(struct ofl_place *p)
{
	struct ofl_lpm_node *v;

	while (p->st.planned_slots > ofl_greedy_capacity(p) &&
	       (v = ofl_lpm_real_first(&p->real)))
		ofl_closure_leave(p, v, OFL_REASON_CAPACITY_REDUCED);
}
