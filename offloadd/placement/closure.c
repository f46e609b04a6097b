// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Closures: which covers a planned entry needs, and what follows when it comes,
 * changes or leaves.
 *
 * After every function here the plan is such that the table, were it exactly
 * so, would answer no packet wrongly: under a REAL entry every route below
 * either forwards alike (elided), or has an entry of its own, real or punt.
 * Who deserves an entry is not decided here (greedy.c), nor is anything
 * written (executor.c).
 */
#include <zebra.h>

#include "offloadd/placement/greedy.h"

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
		ofl_greedy_touch(p, c);
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
	/* Entries below a cover free a slot when they are evicted. */
	if (want == OFL_ENTRY_PUNT)
		p->side_critical = true;
	if (want == OFL_ENTRY_REAL)
		ofl_greedy_set_waiting(p, n, OFL_WAIT_NONE);
	if (n->want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_del(&p->real, n);
	ofl_greedy_account(p, n, -1);
	n->want = want;
	ofl_greedy_account(p, n, 1);
	if (want == OFL_ENTRY_REAL && !n->aside)
		ofl_lpm_real_add(&p->real, n);
	ofl_bare_refresh(n);
	ofl_exec_touch(p, n);
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

bool ofl_closure_fits(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      uint32_t limit)
{
	uint32_t own = n->want == OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	uint32_t slots;

	if (p->st.planned_slots + own > limit)
		return false;
	return ofl_closure_count(p, n, n->identity,
				 limit - p->st.planned_slots - own, &slots);
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
		ofl_greedy_touch(p, d);
	}
	ofl_sweep_below(p, n, OFL_SWEEP_PLAN);
}

static void set_punt(struct ofl_place *p, struct ofl_lpm_node *n,
		     enum ofl_reason reason)
{
	ofl_closure_set_want(p, n, OFL_ENTRY_PUNT, reason);
	/* To become real takes no slot of its own now. */
	p->side_all |= n->waiting == OFL_WAIT_SIDE;
	ofl_closure_settle_below(p, n, 0);
}

/* Cover every route below n that `identity` would answer wrongly. */
static void add_covers(struct ofl_place *p, struct ofl_lpm_node *n,
		       uint32_t identity)
{
	struct ofl_lpm_node *d = n;

	while ((d = ofl_bare_next(n, d, identity))) {
		set_punt(p, d, OFL_REASON_COMPULSORY_COVER);
		ofl_greedy_touch(p, d);
	}
}

void ofl_closure_admit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	ofl_closure_set_want(p, n, OFL_ENTRY_REAL, OFL_REASON_ADMITTED);
	add_covers(p, n, n->identity);
	ofl_closure_settle_below(p, n, n->identity);
}

void ofl_closure_refit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	uint32_t limit = ofl_greedy_limit(p, n->cls), slots;

	if (!n->identity || n->fail != OFL_REASON_NONE) {
		ofl_closure_leave(p, n,
				  n->fail ? (enum ofl_reason)n->fail
					  : OFL_REASON_CLASS_CHANGED);
		return;
	}
	limit = MAX(limit, p->st.planned_slots);
	if (!ofl_closure_count(p, n, n->identity, limit - p->st.planned_slots,
			       &slots)) {
		ofl_closure_leave(p, n, OFL_REASON_EVICTED_FOR_COVER);
		return;
	}
	add_covers(p, n, n->identity);
	ofl_closure_settle_below(p, n, n->identity);
}

void ofl_closure_cover(struct ofl_place *p, struct ofl_lpm_node *n,
		       struct ofl_lpm_node *c)
{
	/* Covers below n are given back for it. */
	uint32_t cost = ofl_bare_has_punts(n) ? 0 : ofl_lpm_cost(p, n);

	if (!n->punt_failed &&
	    (p->st.planned_slots + cost <= ofl_greedy_limit(p, c->cls) ||
	     (c->cls == OFL_CLASS_CRITICAL &&
	      ofl_evict_for(p, n, OFL_ENTRY_PUNT)))) {
		/* Making room may have removed c, or covered n. */
		if (ofl_closure_context(n) == c && n->want == OFL_ENTRY_NONE)
			set_punt(p, n, OFL_REASON_COMPULSORY_COVER);
		return;
	}
	ofl_closure_leave(p, c, OFL_REASON_EVICTED_FOR_COVER);
}

/* Where a shorter REAL entry would answer packets wrongly without n's, a punt
 * stays, or covers come in its place; if there is no room for those, the
 * shorter entry leaves first. */
void ofl_closure_leave(struct ofl_place *p, struct ofl_lpm_node *n,
		       enum ofl_reason reason)
{
	ofl_greedy_touch(p, n);
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
			set_punt(p, n, reason);
			return;
		}
		limit = MAX(ofl_greedy_limit(p, c->cls), p->st.planned_slots);
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
