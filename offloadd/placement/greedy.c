// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan: which entries the table should hold.  A plain greedy by class and
 * weight; the executor neither knows nor cares how the choice was made.
 * Slots are spent here, before anything is written:
 *
 *   best effort   admitted while the plan stays at or below the high
 *                 watermark; once refused, not before it fell below the low
 *   critical      may use the whole table and evicts best effort, the least
 *                 worthy first
 *   covers        of a best-effort entry stay below the high watermark, of a
 *                 critical one below the capacity; where there is no room, the
 *                 entry that needs the cover leaves instead
 *
 * What an entry entails is closure.c's, whom it displaces evict.c's.
 */
#include <zebra.h>

#include "offloadd/placement/greedy.h"

/* 1 class, 2 weight, 3 longer prefix (fewer covers), 4 VRF and address. */
static int ladder(const struct ofl_lpm_node *a, const struct ofl_lpm_node *b)
{
	if (a->cls != b->cls)
		return a->cls > b->cls ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->b.key.p.plen != b->b.key.p.plen)
		return a->b.key.p.plen > b->b.key.p.plen ? -1 : 1;
	return ofl_key_cmp(&a->b.key, &b->b.key);
}

int ofl_greedy_best_first(const struct ofl_lpm_node *a,
			  const struct ofl_lpm_node *b)
{
	return ladder(a, b);
}

int ofl_greedy_worst_first(const struct ofl_lpm_node *a,
			   const struct ofl_lpm_node *b)
{
	return ladder(b, a);
}

DECLARE_LIST(ofl_lpm_dirty, struct ofl_lpm_node, dirty_item);

void ofl_greedy_init(struct ofl_place *p)
{
	ofl_lpm_wait_init(&p->wait);
	ofl_lpm_real_init(&p->real);
	ofl_lpm_dirty_init(&p->dirty);
	ofl_lpm_side_init(&p->side);
}

void ofl_greedy_fini(struct ofl_place *p)
{
	while (ofl_lpm_wait_pop(&p->wait))
		;
	while (ofl_lpm_real_pop(&p->real))
		;
	while (ofl_lpm_dirty_pop(&p->dirty))
		;
	while (ofl_lpm_side_pop(&p->side))
		;
	ofl_lpm_wait_fini(&p->wait);
	ofl_lpm_real_fini(&p->real);
	ofl_lpm_dirty_fini(&p->dirty);
	ofl_lpm_side_fini(&p->side);
}

uint32_t ofl_greedy_capacity(const struct ofl_place *p)
{
	uint32_t slots = ofl_place_capacity(p);

	return slots - MIN(slots, p->stuck_slots);
}

uint32_t ofl_greedy_limit(const struct ofl_place *p, uint8_t cls)
{
	if (cls == OFL_CLASS_CRITICAL)
		return ofl_greedy_capacity(p);
	return MIN(p->conf.high_slots, ofl_greedy_capacity(p));
}

void ofl_greedy_touch(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->dirty)
		return;
	n->dirty = true;
	ofl_lpm_dirty_add_tail(&p->dirty, n);
}

void ofl_greedy_set_waiting(struct ofl_place *p, struct ofl_lpm_node *n,
			    enum ofl_lpm_wait_list where)
{
	if (n->waiting == where)
		return;
	if (n->waiting == OFL_WAIT_HEAP)
		ofl_lpm_wait_del(&p->wait, n);
	else if (n->waiting == OFL_WAIT_SIDE)
		ofl_lpm_side_del(&p->side, n);
	n->waiting = where;
	if (where == OFL_WAIT_HEAP)
		ofl_lpm_wait_add(&p->wait, n);
	else if (where == OFL_WAIT_SIDE && n->cls == OFL_CLASS_CRITICAL)
		ofl_lpm_side_add_head(&p->side, n);
	else if (where == OFL_WAIT_SIDE)
		ofl_lpm_side_add_tail(&p->side, n);
	ofl_place_mark_changed(p, n);
}

/* Slots of n's planned entry, by what it is for. */
void ofl_greedy_account(struct ofl_place *p, struct ofl_lpm_node *n, int sign)
{
	int slots = sign * (int)ofl_lpm_cost(p, n);

	if (n->want == OFL_ENTRY_NONE)
		return;
	p->side_all |= sign < 0;
	p->st.planned_slots += slots;
	if (n->want == OFL_ENTRY_PUNT)
		p->st.cover_slots += slots;
	else if (n->cls == OFL_CLASS_CRITICAL)
		p->st.critical_slots += slots;
}

void ofl_greedy_unlist(struct ofl_place *p, struct ofl_lpm_node *n)
{
	ofl_greedy_set_waiting(p, n, OFL_WAIT_NONE);
	if (n->want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_del(&p->real, n);
	ofl_greedy_account(p, n, -1);
}

void ofl_greedy_relist(struct ofl_place *p, struct ofl_lpm_node *n)
{
	ofl_greedy_account(p, n, 1);
	if (n->want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_add(&p->real, n);
}

void ofl_greedy_route_changed(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u;

	u = ofl_lpm_side_count(&p->side) ? ofl_lpm_up(n) : NULL;
	for (; u; u = ofl_lpm_up(u)) {
		if (u->waiting == OFL_WAIT_SIDE)
			ofl_greedy_set_waiting(p, u, OFL_WAIT_HEAP);
	}
	/* It may have become one that can be evicted. */
	if (n->want == OFL_ENTRY_REAL && n->cls != OFL_CLASS_CRITICAL)
		p->side_critical = true;
	ofl_closure_touch_shield(p, n);
	ofl_greedy_touch(p, n);
}

/* Is n a candidate for a REAL entry? */
static bool is_candidate(const struct ofl_lpm_node *n)
{
	if (!n->route || !n->identity || n->fail != OFL_REASON_NONE ||
	    n->want == OFL_ENTRY_REAL)
		return false;
	return n->want == OFL_ENTRY_PUNT ||
	       !ofl_lpm_agrees(n, ofl_closure_identity(ofl_closure_context(n)));
}

static void replan(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *c;
	uint32_t above;

	if (!n->route) {
		if (n->want != OFL_ENTRY_NONE)
			ofl_closure_leave(p, n, OFL_REASON_WITHDRAWN);
		ofl_place_mark_changed(p, n);
		return;
	}
	if (n->want == OFL_ENTRY_REAL)
		ofl_closure_refit(p, n);
	if (n->want == OFL_ENTRY_PUNT && n->punt_failed &&
	    n->hw != OFL_ENTRY_PUNT)
		ofl_closure_leave(p, n, n->reason);
	while (n->want == OFL_ENTRY_NONE) {
		c = ofl_closure_context(n);
		above = ofl_closure_identity(c);
		if (above == 0 || ofl_lpm_agrees(n, above))
			break;
		ofl_closure_cover(p, n, c);
	}
	if (n->want == OFL_ENTRY_PUNT) {
		above = ofl_closure_identity(ofl_closure_context(n));
		if (above == 0 ||
		    (ofl_lpm_agrees(n, above) && ofl_bare_is_alike(n, above))) {
			ofl_closure_set_want(p, n, OFL_ENTRY_NONE, n->reason);
			ofl_closure_settle_below(p, n, above);
		}
	}
	if (!is_candidate(n))
		ofl_greedy_set_waiting(p, n, OFL_WAIT_NONE);
	else if (n->waiting == OFL_WAIT_NONE)
		ofl_greedy_set_waiting(p, n, OFL_WAIT_HEAP);
	ofl_place_mark_changed(p, n);
}

/* n does not fit: it waits until something else leaves. */
static void put_aside(struct ofl_place *p, struct ofl_lpm_node *n,
		      enum ofl_reason reason)
{
	n->reason = reason;
	ofl_greedy_set_waiting(p, n, OFL_WAIT_SIDE);
}

/* The best candidate gets a slot, waits aside, or closes the door.  False:
 * nobody can be admitted now. */
static bool admit_best(struct ofl_place *p)
{
	struct ofl_lpm_node *n = ofl_lpm_wait_first(&p->wait);
	uint32_t own;

	if (!n)
		return false;
	if (!is_candidate(n)) {
		ofl_greedy_set_waiting(p, n, OFL_WAIT_NONE);
		return true;
	}
	if (n->cls == OFL_CLASS_CRITICAL) {
		ofl_greedy_set_waiting(p, n, OFL_WAIT_NONE);
		if (ofl_evict_for(p, n, OFL_ENTRY_REAL))
			ofl_closure_admit(p, n);
		else
			put_aside(p, n, OFL_REASON_TABLE_FULL);
		return true;
	}
	if (p->mark.closed)
		return false;
	own = n->want == OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	/* Below the low watermark the door would open again at once. */
	if (p->st.planned_slots + own > p->mark.high_slots &&
	    (p->st.planned_slots < p->mark.low_slots ||
	     p->st.planned_slots == 0)) {
		put_aside(p, n, OFL_REASON_HIGH_WATERMARK);
		return true;
	}
	if (!ofl_watermark_admit(&p->mark, p->st.planned_slots, own)) {
		p->st.crossings_high++;
		return false;
	}
	if (ofl_closure_fits(p, n, ofl_greedy_limit(p, n->cls))) {
		ofl_closure_admit(p, n);
		return true;
	}
	put_aside(p, n,
		  p->st.planned_slots + own > ofl_greedy_capacity(p)
			  ? OFL_REASON_TABLE_FULL
			  : OFL_REASON_COVERS_TOO_MANY);
	return true;
}

/* What did not fit becomes a candidate again. */
static void retry_side(struct ofl_place *p)
{
	struct ofl_lpm_node *n;

	while ((n = ofl_lpm_side_first(&p->side)) &&
	       (p->side_all ||
		(p->side_critical && n->cls == OFL_CLASS_CRITICAL)))
		ofl_greedy_set_waiting(p, n, OFL_WAIT_HEAP);
	p->side_all = p->side_critical = false;
}

void ofl_greedy_limits(struct ofl_place *p)
{
	/* A table of no slots has no watermarks: fits() refuses. */
	uint32_t high = MAX(ofl_greedy_limit(p, OFL_CLASS_BEST_EFFORT), 1);

	ofl_watermark_set(&p->mark, MIN(p->conf.low_slots, high - 1), high,
			  p->st.planned_slots);
	p->side_all = true;
}

static void follow_watermark(struct ofl_place *p)
{
	bool was_closed = p->mark.closed;

	if (ofl_watermark_update(&p->mark, p->st.planned_slots)) {
		p->st.crossings_low++;
		p->side_all = true;
	} else if (!was_closed && p->mark.closed) {
		p->st.crossings_high++;
	}
}

bool ofl_greedy_plan(struct ofl_place *p, unsigned int budget)
{
	struct ofl_lpm_node *n;

	for (;;) {
		while ((n = ofl_lpm_dirty_first(&p->dirty))) {
			if (budget-- == 0)
				return true;
			ofl_lpm_dirty_pop(&p->dirty);
			n->dirty = false;
			replan(p, n);
		}
		if (ofl_sweep_run(p)) {
			/* A step is worth some decisions. */
			if (budget <= 8)
				return true;
			budget -= 8;
			continue;
		}
		ofl_evict_excess(p);
		follow_watermark(p);
		retry_side(p);
		do {
			if (budget-- == 0)
				return true;
		} while (admit_best(p));
		if (ofl_greedy_is_idle(p))
			return false;
	}
}

uint32_t ofl_greedy_waiting(const struct ofl_place *p)
{
	return ofl_lpm_wait_count(&p->wait) + ofl_lpm_side_count(&p->side);
}

bool ofl_greedy_is_idle(const struct ofl_place *p)
{
	return ofl_lpm_dirty_count(&p->dirty) == 0 &&
	       !ofl_sweep_is_pending(p) && !p->side_all && !p->side_critical;
}
