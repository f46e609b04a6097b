// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan: which entries the table should hold.  A plain greedy by class and
 * weight; the executor neither knows nor cares how the choice was made.
 *
 * `want` of every node is kept such that the table, were it exactly so, would
 * answer no packet wrongly: under a REAL entry every route below either
 * forwards alike (elided), or has an entry of its own, real or punt.  Slots
 * are spent here, before anything is written:
 *
 *   best effort   admitted while the plan stays at or below the high
 *                 watermark; once refused, not before it fell below the low
 *   critical      may use the whole table and evicts best effort, the least
 *                 worthy first
 *   covers        of a best-effort entry stay below the high watermark, of a
 *                 critical one below the capacity; where there is no room, the
 *                 entry that needs the cover leaves instead
 */
#include <zebra.h>

#include "offloadd/placement/lpm.h"

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

static int best_first(const struct ofl_lpm_node *a,
		      const struct ofl_lpm_node *b)
{
	return ladder(a, b);
}

static int worst_first(const struct ofl_lpm_node *a,
		       const struct ofl_lpm_node *b)
{
	return ladder(b, a);
}

DECLARE_HEAP(ofl_lpm_wait, struct ofl_lpm_node, wait_item, best_first);
DECLARE_HEAP(ofl_lpm_real, struct ofl_lpm_node, real_item, worst_first);
DECLARE_LIST(ofl_lpm_dirty, struct ofl_lpm_node, dirty_item);
DECLARE_DLIST(ofl_lpm_side, struct ofl_lpm_node, side_item);

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

/* What the plan may take: entries that hardware does not let go are lost. */
static uint32_t capacity(const struct ofl_place *p)
{
	uint32_t slots = ofl_place_capacity(p);

	return slots - MIN(slots, p->stuck_slots);
}

/* What entries of this class, covers included, may fill. */
static uint32_t limit_of(const struct ofl_place *p, uint8_t cls)
{
	if (cls == OFL_CLASS_CRITICAL)
		return capacity(p);
	return MIN(p->conf.high_slots, capacity(p));
}

void ofl_greedy_touch(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->dirty)
		return;
	n->dirty = true;
	ofl_lpm_dirty_add_tail(&p->dirty, n);
}

static void set_waiting(struct ofl_place *p, struct ofl_lpm_node *n,
			uint8_t where)
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
	else if (where == OFL_WAIT_SIDE)
		ofl_lpm_side_add_tail(&p->side, n);
	ofl_place_mark_changed(p, n);
}

/* Slots of n's planned entry, by what it is for. */
static void account(struct ofl_place *p, struct ofl_lpm_node *n, int sign)
{
	int slots = sign * (int)ofl_lpm_cost(p, n);

	if (n->want == OFL_ENTRY_NONE)
		return;
	p->st.planned_slots += slots;
	if (n->want == OFL_ENTRY_PUNT)
		p->st.cover_slots += slots;
	else if (n->cls == OFL_CLASS_CRITICAL)
		p->st.critical_slots += slots;
}

void ofl_greedy_unlist(struct ofl_place *p, struct ofl_lpm_node *n)
{
	set_waiting(p, n, OFL_WAIT_NONE);
	if (n->want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_del(&p->real, n);
	account(p, n, -1);
}

void ofl_greedy_relist(struct ofl_place *p, struct ofl_lpm_node *n)
{
	account(p, n, 1);
	if (n->want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_add(&p->real, n);
}

/* The planned entry that answers n's packets where n has none. */
static struct ofl_lpm_node *context(const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u = ofl_lpm_up(n);

	while (u && u->want == OFL_ENTRY_NONE)
		u = ofl_lpm_up(u);
	return u;
}

/* Its forwarding identity; 0: none, or a punt. */
static uint32_t identity_of(const struct ofl_lpm_node *c)
{
	return c && c->want == OFL_ENTRY_REAL ? c->identity : 0;
}

/* A punt above that shielded n may not be needed any longer. */
static void touch_shield(struct ofl_place *p, const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *c = p->st.cover_slots ? context(n) : NULL;

	if (c && c->want == OFL_ENTRY_PUNT)
		ofl_greedy_touch(p, c);
}

void ofl_greedy_route_changed(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u;

	u = ofl_lpm_side_count(&p->side) ? ofl_lpm_up(n) : NULL;
	for (; u; u = ofl_lpm_up(u)) {
		if (u->waiting == OFL_WAIT_SIDE)
			set_waiting(p, u, OFL_WAIT_HEAP);
	}
	if (n->want == OFL_ENTRY_REAL && n->cls != OFL_CLASS_CRITICAL)
		p->side_mark = UINT32_MAX;
	touch_shield(p, n);
	ofl_greedy_touch(p, n);
}

static void set_want(struct ofl_place *p, struct ofl_lpm_node *n,
		     enum ofl_entry want, enum ofl_reason reason)
{
	n->reason = reason;
	ofl_place_mark_changed(p, n);
	if (n->want == want)
		return;
	ofl_place_set_stuck(p, n, false);
	if (n->want == OFL_ENTRY_NONE)
		touch_shield(p, n);
	if (want == OFL_ENTRY_REAL)
		set_waiting(p, n, OFL_WAIT_NONE);
	if (n->want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_del(&p->real, n);
	account(p, n, -1);
	n->want = want;
	ofl_greedy_relist(p, n);
	ofl_exec_touch(p, n);
}

/* Slots for covers below n, were it answered by `identity`.  False if that
 * takes more than `room` or needs a cover that hardware refused. */
static bool count_covers(const struct ofl_place *p,
			 const struct ofl_lpm_node *n, uint32_t identity,
			 uint32_t room, uint32_t *ret_slots)
{
	struct ofl_lpm_node *d = (struct ofl_lpm_node *)n;
	bool descend = true;
	uint32_t slots = 0;

	while ((d = ofl_lpm_next_node(n, d, descend))) {
		descend = d->want == OFL_ENTRY_NONE;
		if (!descend || !d->route || ofl_lpm_agrees(d, identity))
			continue;
		descend = false;
		slots += ofl_lpm_cost(p, d);
		if (slots > room || d->punt_failed)
			return false;
	}
	*ret_slots = slots;
	return true;
}

/* What lies below n is answered by `identity` (0: by software) now: give back
 * covers that are not needed, and look again at routes for which it matters. */
static void settle_below(struct ofl_place *p, struct ofl_lpm_node *n,
			 uint32_t identity)
{
	struct ofl_lpm_node *d = n;
	bool descend = true;
	uint32_t none;

	while ((d = ofl_lpm_next_node(n, d, descend))) {
		descend = d->want == OFL_ENTRY_NONE;
		if (d->want == OFL_ENTRY_PUNT &&
		    (identity == 0 ||
		     ((!d->route || ofl_lpm_agrees(d, identity)) &&
		      count_covers(p, d, identity, 0, &none)))) {
			set_want(p, d, OFL_ENTRY_NONE, OFL_REASON_NONE);
			ofl_greedy_touch(p, d);
			descend = true;
		} else if (d->want == OFL_ENTRY_NONE && d->route &&
			   d->identity) {
			bool alike = ofl_lpm_agrees(d, identity);

			if (alike == (d->waiting != OFL_WAIT_NONE))
				ofl_greedy_touch(p, d);
		}
	}
}

static void set_punt(struct ofl_place *p, struct ofl_lpm_node *n,
		     enum ofl_reason reason)
{
	set_want(p, n, OFL_ENTRY_PUNT, reason);
	/* To become real takes no slot of its own now. */
	if (n->waiting == OFL_WAIT_SIDE)
		set_waiting(p, n, OFL_WAIT_HEAP);
	settle_below(p, n, 0);
}

/* Cover every route below n that `identity` would answer wrongly. */
static void add_covers(struct ofl_place *p, struct ofl_lpm_node *n,
		       uint32_t identity)
{
	struct ofl_lpm_node *d = n;
	bool descend = true;

	while ((d = ofl_lpm_next_node(n, d, descend))) {
		descend = d->want == OFL_ENTRY_NONE;
		if (!descend || !d->route || ofl_lpm_agrees(d, identity))
			continue;
		descend = false;
		set_punt(p, d, OFL_REASON_COMPULSORY_COVER);
		ofl_greedy_touch(p, d);
	}
}

/* n's entry, real or punt, is given up.  Where a shorter REAL entry would then
 * answer packets wrongly, a punt stays, or covers come in its place; if there
 * is no room for those, the shorter entry leaves first. */
static void leave(struct ofl_place *p, struct ofl_lpm_node *n,
		  enum ofl_reason reason)
{
	ofl_greedy_touch(p, n);
	for (;;) {
		struct ofl_lpm_node *c = context(n);
		uint32_t above = identity_of(c), slots;
		uint32_t others = p->st.planned_slots - ofl_lpm_cost(p, n);
		bool alike = !n->route || ofl_lpm_agrees(n, above);

		if (above == 0) {
			set_want(p, n, OFL_ENTRY_NONE, reason);
			settle_below(p, n, 0);
			return;
		}
		/* One punt here serves instead of several below. */
		if (n->route && !n->punt_failed &&
		    !(alike && count_covers(p, n, above, 0, &slots))) {
			set_punt(p, n, reason);
			return;
		}
		if (alike && others <= capacity(p) &&
		    count_covers(p, n, above, capacity(p) - others, &slots)) {
			set_want(p, n, OFL_ENTRY_NONE, reason);
			add_covers(p, n, above);
			settle_below(p, n, above);
			return;
		}
		leave(p, c, OFL_REASON_EVICTED_FOR_COVER);
	}
}

/* Would giving up n's REAL entry free a slot? */
static bool frees_slots(const struct ofl_lpm_node *n)
{
	uint32_t above = identity_of(context(n));
	struct ofl_lpm_node *d = (struct ofl_lpm_node *)n;
	bool descend = true;

	if (above == 0 || ofl_lpm_agrees(n, above))
		return true;
	while ((d = ofl_lpm_next_node(n, d, descend))) {
		if (d->want == OFL_ENTRY_PUNT)
			return true;
		descend = d->want == OFL_ENTRY_NONE;
	}
	return false;
}

/* Does n's REAL entry, with the covers it needs, fit below `limit`? */
static bool fits(const struct ofl_place *p, const struct ofl_lpm_node *n,
		 uint32_t limit)
{
	uint32_t own = n->want == OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	uint32_t slots;

	if (p->st.planned_slots + own > limit)
		return false;
	return count_covers(p, n, n->identity,
			    limit - p->st.planned_slots - own, &slots);
}

static void admit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	set_want(p, n, OFL_ENTRY_REAL, OFL_REASON_ADMITTED);
	add_covers(p, n, n->identity);
	settle_below(p, n, n->identity);
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

/* Evict best effort, least worthy first, until `done` says that it is enough.
 * If all of it is not enough, everything is put back. */
static bool make_room(struct ofl_place *p, struct ofl_lpm_node *n,
		      bool (*done)(struct ofl_place *p,
				   struct ofl_lpm_node *n))
{
	struct ofl_lpm_side_head evicted, useless;
	bool ok, again = false;
	struct ofl_lpm_node *v;

	ofl_lpm_side_init(&evicted);
	ofl_lpm_side_init(&useless);
	while (!(ok = done(p, n))) {
		v = ofl_lpm_real_first(&p->real);
		if (!v || v->cls == OFL_CLASS_CRITICAL) {
			/* What freed nothing may do so after others left. */
			if (!again)
				break;
			restore(p, &useless);
			again = false;
		} else if (frees_slots(v)) {
			leave(p, v, OFL_REASON_EVICTED_FOR_CRITICAL);
			ofl_lpm_side_add_head(&evicted, v);
			p->st.evictions++;
			again = true;
		} else {
			ofl_lpm_real_del(&p->real, v);
			v->aside = true;
			ofl_lpm_side_add_head(&useless, v);
		}
	}
	restore(p, &useless);
	while ((v = ofl_lpm_side_pop(&evicted))) {
		if (ok)
			continue;
		p->st.evictions--;
		if (fits(p, v, capacity(p)))
			admit(p, v);
	}
	ofl_lpm_side_fini(&evicted);
	ofl_lpm_side_fini(&useless);
	return ok;
}

static bool closure_fits(struct ofl_place *p, struct ofl_lpm_node *n)
{
	return fits(p, n, capacity(p));
}

static bool cover_fits(struct ofl_place *p, struct ofl_lpm_node *n)
{
	return p->st.planned_slots + ofl_lpm_cost(p, n) <= capacity(p);
}

/* n stands bare under `c`, which answers its packets wrongly: cover it, or let
 * c leave. */
static void cover(struct ofl_place *p, struct ofl_lpm_node *n,
		  struct ofl_lpm_node *c)
{
	uint32_t with = p->st.planned_slots + ofl_lpm_cost(p, n);

	if (!n->punt_failed &&
	    (with <= limit_of(p, c->cls) ||
	     (c->cls == OFL_CLASS_CRITICAL && make_room(p, n, cover_fits)))) {
		/* Making room may have removed c, or covered n. */
		if (context(n) == c && n->want == OFL_ENTRY_NONE)
			set_punt(p, n, OFL_REASON_COMPULSORY_COVER);
		return;
	}
	leave(p, c, OFL_REASON_EVICTED_FOR_COVER);
}

/* Is n a candidate for a REAL entry? */
static bool is_candidate(const struct ofl_lpm_node *n)
{
	if (!n->route || !n->identity || n->fail != OFL_REASON_NONE ||
	    n->want == OFL_ENTRY_REAL)
		return false;
	return n->want == OFL_ENTRY_PUNT ||
	       !ofl_lpm_agrees(n, identity_of(context(n)));
}

/* A REAL entry whose route changed: do its covers still fit? */
static void refit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	uint32_t limit = limit_of(p, n->cls), slots;

	if (!n->identity || n->fail != OFL_REASON_NONE) {
		leave(p, n,
		      n->fail ? (enum ofl_reason)n->fail
			      : OFL_REASON_CLASS_CHANGED);
		return;
	}
	limit = MAX(limit, p->st.planned_slots);
	if (!count_covers(p, n, n->identity, limit - p->st.planned_slots,
			  &slots)) {
		leave(p, n, OFL_REASON_EVICTED_FOR_COVER);
		return;
	}
	add_covers(p, n, n->identity);
	settle_below(p, n, n->identity);
}

static void replan(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *c;
	uint32_t above, none;

	if (!n->route) {
		if (n->want != OFL_ENTRY_NONE)
			leave(p, n, OFL_REASON_WITHDRAWN);
		ofl_place_mark_changed(p, n);
		return;
	}
	if (n->want == OFL_ENTRY_REAL)
		refit(p, n);
	while (n->want == OFL_ENTRY_NONE) {
		c = context(n);
		above = identity_of(c);
		if (above == 0 || ofl_lpm_agrees(n, above))
			break;
		cover(p, n, c);
	}
	if (n->want == OFL_ENTRY_PUNT) {
		above = identity_of(context(n));
		if (above == 0 ||
		    (ofl_lpm_agrees(n, above) &&
		     count_covers(p, n, above, 0, &none))) {
			set_want(p, n, OFL_ENTRY_NONE, n->reason);
			settle_below(p, n, above);
		}
	}
	if (!is_candidate(n))
		set_waiting(p, n, OFL_WAIT_NONE);
	else if (n->waiting == OFL_WAIT_NONE)
		set_waiting(p, n, OFL_WAIT_HEAP);
	ofl_place_mark_changed(p, n);
}

/* n does not fit: it waits until the plan takes less than it does now. */
static void put_aside(struct ofl_place *p, struct ofl_lpm_node *n,
		      enum ofl_reason reason)
{
	n->reason = reason;
	p->side_mark = MAX(p->side_mark, p->st.planned_slots);
	set_waiting(p, n, OFL_WAIT_SIDE);
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
		set_waiting(p, n, OFL_WAIT_NONE);
		return true;
	}
	if (n->cls == OFL_CLASS_CRITICAL) {
		set_waiting(p, n, OFL_WAIT_NONE);
		if (make_room(p, n, closure_fits))
			admit(p, n);
		else
			put_aside(p, n, OFL_REASON_TABLE_FULL);
		return true;
	}
	if (p->mark.closed)
		return false;
	own = n->want == OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	if (!ofl_watermark_admit(&p->mark, p->st.planned_slots, own)) {
		p->st.crossings_high++;
		return false;
	}
	if (fits(p, n, limit_of(p, n->cls))) {
		admit(p, n);
		return true;
	}
	put_aside(p, n,
		  p->st.planned_slots + own > capacity(p)
			  ? OFL_REASON_TABLE_FULL
			  : OFL_REASON_COVERS_TOO_MANY);
	return true;
}

/* What did not fit becomes a candidate again. */
static void retry_side(struct ofl_place *p)
{
	struct ofl_lpm_node *n;

	p->side_mark = 0;
	while ((n = ofl_lpm_side_first(&p->side)))
		set_waiting(p, n, OFL_WAIT_HEAP);
}

/* The table became smaller than the plan: the least worthy leave. */
static void shrink(struct ofl_place *p)
{
	struct ofl_lpm_node *v;

	while (p->st.planned_slots > capacity(p) &&
	       (v = ofl_lpm_real_first(&p->real)))
		leave(p, v, OFL_REASON_CAPACITY_REDUCED);
}

void ofl_greedy_limits(struct ofl_place *p)
{
	/* A table of no slots has no watermarks: fits() refuses. */
	uint32_t high = MAX(limit_of(p, OFL_CLASS_BEST_EFFORT), 1);

	ofl_watermark_set(&p->mark, MIN(p->conf.low_slots, high - 1), high,
			  p->st.planned_slots);
	p->side_mark = UINT32_MAX;
}

static void follow_watermark(struct ofl_place *p)
{
	bool was_closed = p->mark.closed;

	if (ofl_watermark_update(&p->mark, p->st.planned_slots)) {
		p->st.crossings_low++;
		p->side_mark = UINT32_MAX;
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
		shrink(p);
		follow_watermark(p);
		if (p->st.planned_slots < p->side_mark)
			retry_side(p);
		do {
			if (budget-- == 0)
				return true;
		} while (admit_best(p));
		if (ofl_lpm_dirty_count(&p->dirty) == 0 &&
		    p->st.planned_slots >= p->side_mark)
			return false;
	}
}

uint32_t ofl_greedy_waiting(const struct ofl_place *p)
{
	return ofl_lpm_wait_count(&p->wait) + ofl_lpm_side_count(&p->side);
}

bool ofl_greedy_is_idle(const struct ofl_place *p)
{
	return ofl_lpm_dirty_count(&p->dirty) == 0;
}
