// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Closures: which covers a planned entry needs, and what follows when it comes,
 * changes or leaves.
 *
 * After every function here the plan is such that the table, were it exactly
 * so, would answer no packet wrongly: under a REAL entry every route below
 * either forwards alike (elided), or has an entry of its own, real or punt.
 * Who deserves an entry is not decided here (choice.c), nor is anything
 * written (executor.c).
 */
#include <zebra.h>

#include "offloadd/placement/choice.h"

struct ofl_lpm_node *ofl_closure_context(const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u = ofl_lpm_up(n);

	while (u && u->want == OFL_ENTRY_NONE)
		u = ofl_lpm_up(u);
	return u;
}

void ofl_closure_touch_shield(struct ofl_place *p, const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *c = NULL;

	if (p->st.cover_slots)
		c = ofl_closure_context(n);
	if (c && c->want == OFL_ENTRY_PUNT)
		ofl_choice_touch(p, c);
}

void ofl_closure_set_want(struct ofl_place *p, struct ofl_lpm_node *n,
			  enum ofl_entry want, enum ofl_reason reason)
{
	n->reason = reason;
	ofl_place_mark_changed(p, n);
	if (n->want == want)
		return;
	ofl_place_set_stuck(p, n, false);
	if (n->want == OFL_ENTRY_NONE)
		ofl_closure_touch_shield(p, n);
	ofl_choice_account(p, n, -1);
	n->want = want;
	n->age = 0;
	ofl_choice_account(p, n, 1);
	ofl_bare_refresh(n);
	ofl_exec_touch(p, n);
	ofl_choice_touch(p, n);
	/* The next entry above may have other covers now. */
	if (p->conf.critical_cover_limit_slots && (n = ofl_closure_context(n)))
		ofl_choice_touch(p, n);
}

bool ofl_closure_count(const struct ofl_place *p, const struct ofl_lpm_node *n,
		       uint32_t identity, uint32_t room, uint32_t *ret_slots)
{
	struct ofl_lpm_node *d = (struct ofl_lpm_node *)n;
	uint32_t slots = 0, covers = 0;

	while ((d = ofl_bare_next(n, d, identity))) {
		slots += ofl_lpm_cost(p, d);
		if (slots > room || ++covers > OFL_PLACE_COVERS_MAX ||
		    d->punt_failed)
			return false;
	}
	*ret_slots = slots;
	return true;
}

uint32_t ofl_closure_punts(const struct ofl_place *p, struct ofl_lpm_node *n,
			   uint32_t limit)
{
	struct ofl_lpm_node *d = n;
	uint32_t slots = 0;

	while (slots < limit && (d = ofl_bare_next_punt(n, d)))
		slots += ofl_lpm_cost(p, d);
	return slots;
}

/* Branch points looked at for entries that could be given back. */
#define FREED_MAX 512

/* The next node below `top`; `descend` false passes over what is below n. */
static struct ofl_lpm_node *next_below(const struct ofl_lpm_node *top,
				       struct ofl_lpm_node *n, bool descend,
				       unsigned int *left)
{
	struct ofl_lpm_base *b = &n->b;

	while (*left && (b = ofl_lpm_next(&top->b, b, descend))) {
		--*left;
		if (!b->glue)
			return ofl_lpm_of(b);
		descend = true;
	}
	return NULL;
}

uint32_t ofl_closure_droppable(const struct ofl_place *p,
			       const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *d = (struct ofl_lpm_node *)n;
	unsigned int left = FREED_MAX;
	uint32_t slots = 0;
	bool descend = true;

	while ((d = next_below(n, d, descend, &left))) {
		descend = d->want == OFL_ENTRY_NONE;
		if (d->want == OFL_ENTRY_PUNT ||
		    (d->want == OFL_ENTRY_REAL && ofl_value_is_current(p, d) &&
		     ofl_choice_gain(p, d) < ofl_choice_price(p)))
			slots += ofl_lpm_cost(p, d);
	}
	return slots;
}

/* Would a punt stay at d, were it answered by an entry above? */
static bool wants_shield(const struct ofl_place *p,
			 const struct ofl_lpm_node *d)
{
	return !ofl_value_is_current(p, d) ||
	       ofl_worth_cmp(ofl_worth_sub(d->out, ofl_value_cost(p, d)),
			     d->in) > 0;
}

uint32_t ofl_closure_freed(const struct ofl_place *p,
			   const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *d = (struct ofl_lpm_node *)n;
	unsigned int left = FREED_MAX;
	uint32_t slots = 0;
	bool descend = true;

	while ((d = next_below(n, d, descend, &left))) {
		/* A cover comes where it forwards otherwise. */
		descend = d->want == OFL_ENTRY_NONE &&
			  (!d->route || ofl_lpm_agrees(d, n->identity));
		if (d->want == OFL_ENTRY_REAL && d->route &&
		    ofl_lpm_agrees(d, n->identity) && !wants_shield(p, d))
			slots += ofl_lpm_cost(p, d);
	}
	return slots;
}

void ofl_closure_settle_below(struct ofl_place *p, struct ofl_lpm_node *n,
			      uint32_t identity)
{
	struct ofl_lpm_node *d = n;

	while ((d = ofl_bare_next_punt(n, d))) {
		if (identity && ((d->route && !ofl_lpm_agrees(d, identity)) ||
				 !ofl_bare_is_alike(d, identity)))
			continue;
		ofl_closure_set_want(p, d, OFL_ENTRY_NONE, OFL_REASON_NONE);
		ofl_choice_touch(p, d);
	}
	ofl_sweep_below(p, n, OFL_SWEEP_PLAN);
}

void ofl_closure_set_punt(struct ofl_place *p, struct ofl_lpm_node *n,
			  enum ofl_reason reason)
{
	ofl_closure_set_want(p, n, OFL_ENTRY_PUNT, reason);
	ofl_closure_settle_below(p, n, 0);
}

/* Cover every route below n that `identity` would answer wrongly. */
static void add_covers(struct ofl_place *p, struct ofl_lpm_node *n,
		       uint32_t identity)
{
	struct ofl_lpm_node *d = n;

	while ((d = ofl_bare_next(n, d, identity))) {
		ofl_closure_set_punt(p, d, OFL_REASON_COMPULSORY_COVER);
	}
}

void ofl_closure_admit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	ofl_closure_set_want(p, n, OFL_ENTRY_REAL, OFL_REASON_ADMITTED);
	add_covers(p, n, n->identity);
	ofl_closure_settle_below(p, n, n->identity);
}

/* Slots that covers safety asks for may still take. */
static uint32_t room_of(const struct ofl_place *p)
{
	uint32_t slots = ofl_choice_capacity(p);

	return slots - MIN(slots, p->st.planned_slots);
}

void ofl_closure_refit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	uint32_t slots;

	if (!n->identity || n->fail != OFL_REASON_NONE) {
		ofl_closure_leave(p, n,
				  n->fail ? (enum ofl_reason)n->fail
					  : OFL_REASON_CLASS_CHANGED);
		return;
	}
	if (!n->renewed && ofl_bare_is_alike(n, n->identity))
		return;
	n->renewed = false;
	if (!ofl_closure_count(p, n, n->identity, UINT32_MAX, &slots) ||
	    (slots > room_of(p) && !(n->cls == OFL_CLASS_CRITICAL &&
				     ofl_round_evict_now(p, slots)))) {
		ofl_closure_leave(p, n, OFL_REASON_EVICTED_FOR_COVER);
		return;
	}
	/* Making room may have moved what is below, or n. */
	if (n->want != OFL_ENTRY_REAL)
		return;
	add_covers(p, n, n->identity);
	ofl_closure_settle_below(p, n, n->identity);
}

void ofl_closure_cover(struct ofl_place *p, struct ofl_lpm_node *n,
		       struct ofl_lpm_node *c)
{
	/* Covers below n are given back for it. */
	uint32_t cost = ofl_bare_has_punts(n) ? 0 : ofl_lpm_cost(p, n);
	uint32_t limit = c->cls == OFL_CLASS_CRITICAL
				 ? p->conf.critical_cover_limit_slots
				 : 0;

	if (limit && ofl_closure_punts(p, c, limit + 1) + cost > limit) {
		ofl_choice_fail_set(p, c, OFL_REASON_COVER_LIMIT, false);
		ofl_closure_leave(p, c, OFL_REASON_COVER_LIMIT);
		return;
	}
	if (!n->punt_failed &&
	    (cost <= room_of(p) ||
	     (c->cls == OFL_CLASS_CRITICAL && ofl_round_evict_now(p, cost)))) {
		/* Making room may have removed c, or covered n. */
		if (ofl_closure_context(n) == c && n->want == OFL_ENTRY_NONE)
			ofl_closure_set_punt(p, n, OFL_REASON_COMPULSORY_COVER);
		return;
	}
	ofl_closure_leave(p, c, OFL_REASON_EVICTED_FOR_COVER);
}

bool ofl_closure_unshield(struct ofl_place *p, struct ofl_lpm_node *n,
			  uint32_t above, uint32_t limit)
{
	uint32_t others = p->st.planned_slots - ofl_lpm_cost(p, n), slots;

	if (!ofl_closure_count(p, n, above, UINT32_MAX, &slots) ||
	    (slots && (uint64_t)others + slots > limit))
		return false;
	ofl_closure_set_want(p, n, OFL_ENTRY_NONE, OFL_REASON_ELIDED);
	add_covers(p, n, above);
	ofl_closure_settle_below(p, n, above);
	return true;
}

bool ofl_closure_is_spared(const struct ofl_place *p, struct ofl_lpm_node *n)
{
	uint32_t limit = p->conf.critical_cover_limit_slots;
	struct ofl_lpm_node *c = limit ? ofl_closure_context(n) : NULL;

	return c && c->cls == OFL_CLASS_CRITICAL && ofl_bare_has_punts(n) &&
	       ofl_closure_punts(p, c, limit + 1) +
			       ofl_closure_punts(p, n, limit + 1) >
		       limit;
}

/* Where a shorter REAL entry would answer packets wrongly without n's, a punt
 * stays, or covers come in its place; if there is no room for those, the
 * shorter entry leaves first. */
void ofl_closure_leave(struct ofl_place *p, struct ofl_lpm_node *n,
		       enum ofl_reason reason)
{
	ofl_choice_touch(p, n);
	for (;;) {
		struct ofl_lpm_node *c = ofl_closure_context(n);
		uint32_t above = ofl_closure_identity(c), slots;
		uint32_t others = p->st.planned_slots - ofl_lpm_cost(p, n);
		uint32_t limit;
		bool alike = !n->route || ofl_lpm_agrees(n, above);

		if (above == 0) {
			ofl_closure_set_want(p, n, OFL_ENTRY_NONE, reason);
			ofl_closure_settle_below(p, n, 0);
			return;
		}
		/* One punt here serves instead of several below. */
		if (n->route && !n->punt_failed &&
		    !(alike && ofl_bare_is_alike(n, above))) {
			ofl_closure_set_punt(p, n, reason);
			return;
		}
		limit = MAX(ofl_choice_capacity(p), p->st.planned_slots);
		if (alike &&
		    ofl_closure_count(p, n, above, limit - others, &slots)) {
			ofl_closure_set_want(p, n, OFL_ENTRY_NONE, reason);
			add_covers(p, n, above);
			ofl_closure_settle_below(p, n, above);
			return;
		}
		ofl_closure_leave(p, c, OFL_REASON_EVICTED_FOR_COVER);
	}
}
