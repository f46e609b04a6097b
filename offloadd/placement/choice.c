// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan: which entries the table should hold, route by route.
 *
 * What safety asks for is done at once, whatever it costs: covers, leaving,
 * changing.  What is a matter of worth follows the sums of value.c:
 *
 *   nothing real above       an entry if that gains anything and there is room;
 *                            it stays until round.c needs the slot
 *   real above, other hop    real or punt, the better one; the slot is spent
 *   real above, same hop     nothing; a punt where that saves covers below
 *
 * and a choice once made is only changed for more than the hysteresis.  In a
 * small table the choice is that of the exact optimum (pin.c).
 *
 *   best effort   admitted while the plan stays at or below the high
 *                 watermark; once refused, not before it fell below the low;
 *                 in between only for slots that others give up (round.c)
 *   critical      may use the whole table
 *   covers        that safety asks for may use the whole table
 */
#include <zebra.h>

#include "offloadd/placement/choice.h"

uint32_t ofl_choice_capacity(const struct ofl_place *p)
{
	uint32_t slots = ofl_place_capacity(p);

	return slots - MIN(slots, p->stuck_slots);
}

uint32_t ofl_choice_limit(const struct ofl_place *p, uint8_t cls)
{
	if (cls == OFL_CLASS_CRITICAL)
		return ofl_choice_capacity(p);
	return MIN(p->conf.high_slots, ofl_choice_capacity(p));
}

void ofl_choice_touch(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->dirty)
		return;
	n->dirty = true;
	ofl_lpm_queue_add(&p->dirty, n);
}

/* Slots of n's planned entry, by what it is for; and what it is worth. */
void ofl_choice_account(struct ofl_place *p, struct ofl_lpm_node *n, int sign)
{
	int slots = sign * (int)ofl_lpm_cost(p, n);
	struct ofl_worth own;

	if (n->route) {
		own = ofl_worth_mul(ofl_value_own(n), sign);
		p->total = ofl_worth_add(p->total, own);
		if (n->answered) {
			p->value = ofl_worth_add(p->value, own);
			p->answered += sign;
			p->st.elided += sign * (n->want == OFL_ENTRY_NONE);
		}
	}
	if (n->want == OFL_ENTRY_NONE)
		return;
	p->st.planned_slots += slots;
	if (n->want == OFL_ENTRY_PUNT)
		p->st.cover_slots += slots;
	else if (n->cls == OFL_CLASS_CRITICAL)
		p->st.critical_slots += slots;
}

static void set_answered(struct ofl_place *p, struct ofl_lpm_node *n,
			 bool answered)
{
	if (n->answered == answered)
		return;
	ofl_choice_account(p, n, -1);
	n->answered = answered;
	ofl_choice_account(p, n, 1);
}

void ofl_choice_fail_set(struct ofl_place *p, struct ofl_lpm_node *n,
			 enum ofl_reason fail, bool hard)
{
	struct ofl_value_change change = ofl_value_begin(p, n);

	/* The limit for covers is ours: nothing came from outside. */
	if (fail == OFL_REASON_COVER_LIMIT || n->fail == OFL_REASON_COVER_LIMIT)
		ofl_round_note_stale(p);
	else
		ofl_round_note_change(p);
	n->fail = fail;
	n->hard_failed = hard;
	if (n->route)
		ofl_value_commit(p, n, &change);
	ofl_choice_touch(p, n);
}

void ofl_choice_punt_failed_set(struct ofl_place *p, struct ofl_lpm_node *n,
				bool failed)
{
	struct ofl_value_change change = ofl_value_begin(p, n);

	n->punt_failed = failed;
	if (n->route)
		ofl_value_commit(p, n, &change);
	ofl_choice_touch(p, n);
	ofl_round_note_change(p);
}

/* What the cover limit forbade may be possible now. */
static void reconsider_limited(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (!p->conf.critical_cover_limit_slots)
		return;
	for (; n; n = ofl_lpm_up(n)) {
		if (n->route && n->fail == OFL_REASON_COVER_LIMIT)
			ofl_choice_fail_set(p, n, OFL_REASON_NONE, false);
	}
}

void ofl_choice_route_changed(struct ofl_place *p, struct ofl_lpm_node *n)
{
	reconsider_limited(p, n);
	ofl_closure_touch_shield(p, n);
	ofl_choice_touch(p, n);
	ofl_round_note_change(p);
}

bool ofl_choice_is_waiting(const struct ofl_place *p,
			   const struct ofl_lpm_node *n)
{
	return ofl_value_can_be_real(n) && !n->answered &&
	       n->want != OFL_ENTRY_REAL;
}

int64_t ofl_choice_gain(const struct ofl_place *p, const struct ofl_lpm_node *n)
{
	struct ofl_worth gain = ofl_worth_sub(n->in, n->out);
	int64_t cost = ofl_lpm_cost(p, n);

	if (p->price.critical)
		return gain.critical / cost;
	if (gain.critical)
		return gain.critical > 0 ? INT64_MAX : INT64_MIN;
	return gain.best_effort / cost;
}

bool ofl_choice_is_too_little(const struct ofl_place *p,
			      const struct ofl_lpm_node *n)
{
	int64_t floor = ofl_value_floor(p);
	struct ofl_worth own;

	if (floor == 0)
		return false;
	if (ofl_value_is_current(p, n))
		return !p->price.critical && ofl_choice_gain(p, n) <= floor;
	own = ofl_value_own(n);
	if (own.critical)
		return false;
	/* What is below may add to it: the sums will tell, and ask again. */
	return own.best_effort <= floor * ofl_lpm_cost(p, n) || n->b.child[0] ||
	       n->b.child[1];
}

/* Is n's entry in hardware one of an earlier life, and right?  It stays, for
 * what was found out about its traffic may be lost; swap.c sees to it. */
static bool is_found(const struct ofl_lpm_node *n)
{
	return n->want == OFL_ENTRY_NONE && n->age && n->hw == OFL_ENTRY_REAL &&
	       n->hw_identity == n->identity;
}

/* The same before anything was planned, whatever was made of n meanwhile. */
static bool is_of_before(const struct ofl_lpm_node *n)
{
	return n->hw == OFL_ENTRY_REAL && n->hw_identity == n->identity &&
	       n->identity;
}

/* The cover limit of critical routes; true: n is within it. */
static bool is_within_cover_limit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	uint32_t limit = p->conf.critical_cover_limit_slots, more, held = 0;

	if (!limit || n->cls != OFL_CLASS_CRITICAL)
		return true;
	if (n->want == OFL_ENTRY_REAL)
		held = ofl_closure_punts(p, n, limit + 1);
	return held <= limit &&
	       ofl_closure_count(p, n, n->identity, limit - held, &more);
}

/* Slots n needs to become REAL fit below `limit`. */
static bool fits(struct ofl_place *p, const struct ofl_lpm_node *n,
		 uint32_t limit)
{
	uint32_t own = n->want == OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	uint32_t room = limit - MIN(limit, p->st.planned_slots), covers;

	if (own <= room &&
	    ofl_closure_count(p, n, n->identity, room - own, &covers))
		return true;
	if (!(n->b.child[0] || n->b.child[1]) || !ofl_round_may_borrow(p))
		return false;
	/* Those below that forward alike give their slots back at once. */
	room += ofl_closure_freed(p, n);
	if (own > room ||
	    !ofl_closure_count(p, n, n->identity, room - own, &covers))
		return false;
	ofl_round_note_loan(p);
	return true;
}

bool ofl_choice_is_critical(const struct ofl_place *p,
			    const struct ofl_lpm_node *n)
{
	if (!ofl_value_is_current(p, n))
		return n->cls == OFL_CLASS_CRITICAL;
	return n->in.critical > n->out.critical;
}

static uint32_t limit_of(const struct ofl_place *p,
			 const struct ofl_lpm_node *n)
{
	return ofl_choice_limit(p, ofl_choice_is_critical(p, n)
					   ? OFL_CLASS_CRITICAL
					   : OFL_CLASS_BEST_EFFORT);
}

bool ofl_choice_admit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (!is_within_cover_limit(p, n)) {
		ofl_choice_fail_set(p, n, OFL_REASON_COVER_LIMIT, false);
		return false;
	}
	if (!fits(p, n, limit_of(p, n)))
		return false;
	ofl_closure_admit(p, n);
	return true;
}

/* Why n waits; that it gave its slot up says more than that it has none. */
static void set_left_out(struct ofl_lpm_node *n, enum ofl_reason reason)
{
	if (n->reason != OFL_REASON_CAPACITY_REDUCED &&
	    n->reason != OFL_REASON_EVICTED_FOR_CRITICAL &&
	    n->reason != OFL_REASON_EVICTED_FOR_BETTER &&
	    n->reason != OFL_REASON_EVICTED_FOR_COVER)
		n->reason = reason;
}

/* Does the door let best effort in? */
static bool is_let_in(struct ofl_place *p, const struct ofl_lpm_node *n)
{
	uint32_t own = ofl_lpm_cost(p, n);

	if (p->mark.closed)
		return false;
	/* Below the low watermark the door would open again at once. */
	if (p->st.planned_slots + own > p->mark.high_slots &&
	    (p->st.planned_slots < p->mark.low_slots ||
	     p->st.planned_slots == 0))
		return false;
	if (ofl_watermark_admit(&p->mark, p->st.planned_slots, own))
		return true;
	p->st.crossings_high++;
	return false;
}

static void try_admit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	bool critical = ofl_choice_is_critical(p, n);

	if (n->want == OFL_ENTRY_NONE &&
	    ((ofl_round_is_moving(p) && (!critical || p->price.critical)) ||
	     (!critical && !is_let_in(p, n)))) {
		set_left_out(n, critical ? OFL_REASON_TABLE_FULL
					 : OFL_REASON_HIGH_WATERMARK);
		return;
	}
	if (ofl_choice_admit(p, n) || n->fail != OFL_REASON_NONE)
		return;
	if (critical)
		ofl_round_note_urgent(p);
	if (critical ||
	    p->st.planned_slots + ofl_lpm_cost(p, n) > ofl_choice_capacity(p))
		set_left_out(n, OFL_REASON_TABLE_FULL);
	else
		set_left_out(n, OFL_REASON_COVERS_TOO_MANY);
}

/* Is a better than b by more than the hysteresis of n's slots? */
static bool exceeds(const struct ofl_place *p, const struct ofl_lpm_node *n,
		    struct ofl_worth a, struct ofl_worth b)
{
	struct ofl_worth cost = ofl_value_cost(p, n);

	cost.critical = cost.critical / 1000 * p->conf.hysteresis_permille;
	cost.best_effort =
		cost.best_effort / 1000 * p->conf.hysteresis_permille;
	return ofl_value_is_current(p, n) &&
	       ofl_worth_cmp(a, ofl_worth_add(b, cost)) > 0;
}

/* ... and may it be written? */
static bool is_better(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      struct ofl_worth a, struct ofl_worth b)
{
	/* What a critical route gains waits for no token. */
	return exceeds(p, n, a, b) &&
	       (a.critical != b.critical || ofl_round_may_write(p));
}

/* Is n, a punt that takes a slot anyway, better made real?  What is not in
 * hardware yet costs no write. */
static bool is_worth_real(const struct ofl_place *p,
			  const struct ofl_lpm_node *n)
{
	if (n->hw == OFL_ENTRY_PUNT)
		return exceeds(p, n, n->in, n->out);
	if (p->lap && is_of_before(n))
		return true;
	return ofl_value_is_current(p, n) && ofl_worth_cmp(n->in, n->out) > 0;
}

/* A write that only best effort gains from is one of those that are counted;
 * what is only planned yet needs none. */
static void pay(struct ofl_place *p, const struct ofl_lpm_node *n,
		struct ofl_worth a, struct ofl_worth b)
{
	if (n->hw != OFL_ENTRY_NONE && a.critical == b.critical &&
	    !ofl_choice_is_critical(p, n))
		ofl_round_note_write(p);
}

/* The optimum gives n an entry: if hardware takes the covers.  Those that are
 * to go to make room may still be there, unless tokens hold them back. */
static void admit_pinned(struct ofl_place *p, struct ofl_lpm_node *n)
{
	uint32_t slots;

	if (!is_within_cover_limit(p, n)) {
		ofl_choice_fail_set(p, n, OFL_REASON_COVER_LIMIT, false);
		return;
	}
	if (p->conf.optional_burst
		    ? fits(p, n, ofl_choice_capacity(p))
		    : ofl_closure_count(p, n, n->identity, UINT32_MAX, &slots))
		ofl_closure_admit(p, n);
}

/* Does a pin ask for another choice, and may it be made? */
static bool is_repinned(const struct ofl_place *p, const struct ofl_lpm_node *n)
{
	/* What is only planned yet costs no write. */
	return ofl_choice_is_critical(p, n) || n->hw == OFL_ENTRY_NONE ||
	       ofl_round_may_write(p);
}

/* n was to be written in place of a cover, or when it carried more: there is
 * still time. */
static bool is_unwanted(const struct ofl_place *p, const struct ofl_lpm_node *n)
{
	if (!ofl_value_floor(p) || n->hw == OFL_ENTRY_REAL ||
	    n->op != OFL_OP_NONE)
		return false;
	return ofl_choice_is_too_little(p, n) ||
	       (ofl_value_is_current(p, n) && ofl_choice_gain(p, n) <= 0);
}

/* Nothing real above n. */
static void choose_free(struct ofl_place *p, struct ofl_lpm_node *n,
			uint8_t pin)
{
	if (n->want == OFL_ENTRY_PUNT) {
		ofl_closure_set_want(p, n, OFL_ENTRY_NONE, n->reason);
		ofl_closure_settle_below(p, n, 0);
	}
	if (n->want == OFL_ENTRY_REAL) {
		if ((pin == OFL_PIN_NONE || pin == OFL_PIN_PUNT) &&
		    is_repinned(p, n)) {
			pay(p, n, n->in, n->out);
			p->st.evictions += n->cls != OFL_CLASS_CRITICAL;
			ofl_closure_leave(p, n, ofl_round_reason(p));
		} else if (pin == OFL_PIN_FREE && is_unwanted(p, n)) {
			ofl_closure_leave(p, n, OFL_REASON_TOO_LITTLE_TRAFFIC);
		}
		return;
	}
	if (!ofl_value_can_be_real(n))
		return;
	if (pin == OFL_PIN_REAL)
		admit_pinned(p, n);
	else if (pin != OFL_PIN_FREE ||
		 (ofl_value_is_current(p, n) && ofl_choice_gain(p, n) <= 0))
		set_left_out(n, OFL_REASON_BELOW_PRICE);
	else if (ofl_choice_is_too_little(p, n) && !is_found(n))
		set_left_out(n, OFL_REASON_TOO_LITTLE_TRAFFIC);
	else
		try_admit(p, n);
}

/* A REAL entry above forwards otherwise: n has an entry of its own. */
static void choose_other(struct ofl_place *p, struct ofl_lpm_node *n,
			 uint8_t pin)
{
	if (n->want == OFL_ENTRY_PUNT && ofl_value_can_be_real(n)) {
		if (pin == OFL_PIN_REAL)
			admit_pinned(p, n);
		else if (pin == OFL_PIN_FREE && is_worth_real(p, n))
			try_admit(p, n);
	} else if (n->want == OFL_ENTRY_REAL && !n->punt_failed) {
		if (pin == OFL_PIN_FREE
			    ? !is_better(p, n, n->out, n->in)
			    : pin == OFL_PIN_REAL || !is_repinned(p, n))
			return;
		pay(p, n, n->in, n->out);
		ofl_closure_set_punt(p, n, OFL_REASON_EVICTED_FOR_BETTER);
	}
}

/* A punt at n saves more than it costs. */
static void shield(struct ofl_place *p, struct ofl_lpm_node *n, uint8_t pin)
{
	struct ofl_worth punt = ofl_worth_sub(n->out, ofl_value_cost(p, n));
	uint32_t cost = ofl_lpm_cost(p, n);

	if (pin == OFL_PIN_FREE) {
		if (!is_better(p, n, punt, n->in) ||
		    (p->st.planned_slots + cost >
			     ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT) &&
		     ofl_closure_droppable(p, n) < cost))
			return;
	} else if (pin != OFL_PIN_PUNT || !is_repinned(p, n)) {
		return;
	}
	pay(p, n, n->in, punt);
	ofl_closure_set_punt(p, n, OFL_REASON_BELOW_PRICE);
}

/* Is the punt at n, which nothing below needs any longer, worth its slot? */
static bool is_shield_worth(const struct ofl_place *p,
			    const struct ofl_lpm_node *n, uint8_t pin)
{
	struct ofl_worth punt = ofl_worth_sub(n->out, ofl_value_cost(p, n));

	if (pin != OFL_PIN_FREE)
		return pin == OFL_PIN_PUNT;
	return ofl_value_is_current(p, n) && ofl_worth_cmp(punt, n->in) > 0;
}

/* A REAL entry above forwards alike: n needs none. */
static void choose_alike(struct ofl_place *p, struct ofl_lpm_node *n,
			 uint32_t above, uint8_t pin)
{
	struct ofl_worth punt = ofl_worth_sub(n->out, ofl_value_cost(p, n));

	if (n->want == OFL_ENTRY_REAL && !ofl_closure_is_spared(p, n))
		ofl_closure_leave(p, n, OFL_REASON_ELIDED);
	if (n->want == OFL_ENTRY_NONE && !n->punt_failed &&
	    (n->b.child[0] || n->b.child[1])) {
		shield(p, n, pin);
		return;
	}
	if (n->want != OFL_ENTRY_PUNT || is_shield_worth(p, n, pin) ||
	    ofl_closure_identity(ofl_closure_context(n)) != above)
		return;
	if (ofl_bare_is_alike(n, above) ||
	    (pin == OFL_PIN_FREE ? is_better(p, n, n->in, punt)
				 : is_repinned(p, n)))
		ofl_closure_unshield(p, n, above,
				     pin == OFL_PIN_FREE
					     ? ofl_choice_limit(p, n->cls)
					     : UINT32_MAX);
}

/* What safety asks of a bare route: an entry, or nothing wrong above it.
 * Returns the identity of the REAL entry above n, 0: there is none. */
static uint32_t make_safe(struct ofl_place *p, struct ofl_lpm_node *n)
{
	for (;;) {
		struct ofl_lpm_node *c = ofl_closure_context(n);
		uint32_t above = ofl_closure_identity(c);

		if (above == 0 || n->want != OFL_ENTRY_NONE ||
		    ofl_lpm_agrees(n, above))
			return above;
		ofl_closure_cover(p, n, c);
	}
}

static void choose(struct ofl_place *p, struct ofl_lpm_node *n, uint32_t above)
{
	uint8_t pin = p->exact ? n->pin : OFL_PIN_FREE, want = n->want;

	if (above == 0)
		choose_free(p, n, pin);
	else if (ofl_lpm_agrees(n, above))
		choose_alike(p, n, above, pin);
	else
		choose_other(p, n, pin);
	/* Looking up is dear: only if something moved. */
	if (n->want == OFL_ENTRY_NONE && want != OFL_ENTRY_NONE)
		above = ofl_closure_identity(ofl_closure_context(n));
	set_answered(p, n,
		     n->want == OFL_ENTRY_REAL ||
			     (n->want == OFL_ENTRY_NONE && above &&
			      ofl_lpm_agrees(n, above)));
}

static void replan(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (!n->route) {
		if (n->want != OFL_ENTRY_NONE)
			ofl_closure_leave(p, n, OFL_REASON_WITHDRAWN);
		ofl_place_mark_changed(p, n);
		return;
	}
	if (n->want == OFL_ENTRY_REAL && !is_within_cover_limit(p, n))
		ofl_choice_fail_set(p, n, OFL_REASON_COVER_LIMIT, false);
	if (n->want == OFL_ENTRY_REAL)
		ofl_closure_refit(p, n);
	if (n->want == OFL_ENTRY_PUNT && n->punt_failed &&
	    n->hw != OFL_ENTRY_PUNT)
		ofl_closure_leave(p, n, n->reason);
	choose(p, n, make_safe(p, n));
	ofl_place_mark_changed(p, n);
}

void ofl_choice_limits(struct ofl_place *p)
{
	/* A table of no slots has no watermarks: fits() refuses. */
	uint32_t high = MAX(ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT), 1);

	ofl_watermark_set(&p->mark, MIN(p->conf.low_slots, high - 1), high,
			  p->st.planned_slots);
	ofl_round_limits(p);
}

static void follow_watermark(struct ofl_place *p)
{
	bool was_closed = p->mark.closed;

	if (p->st.planned_slots > ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT))
		ofl_round_note_urgent(p);
	if (ofl_round_is_moving(p))
		return;
	/* Full is closed, whoever filled it, if somebody waits. */
	if (!was_closed && p->answered < p->st.eligible &&
	    p->st.planned_slots >= p->mark.high_slots)
		ofl_watermark_admit(&p->mark, p->st.planned_slots, 1);
	if (ofl_watermark_update(&p->mark, p->st.planned_slots)) {
		p->st.crossings_low++;
		ofl_round_note_open(p);
	} else if (!was_closed && p->mark.closed) {
		p->st.crossings_high++;
	}
}

/* Entries of an earlier life are decided about before others: what it found
 * out may be why they are there, and a write is not made to find it out again.
 */
void ofl_choice_adopted(struct ofl_place *p)
{
	if (!p->has_planned)
		p->lap = p->dirty.count;
}

bool ofl_choice_plan(struct ofl_place *p, unsigned int budget)
{
	struct ofl_lpm_node *n;

	p->has_planned = true;
	for (;;) {
		while (p->dirty.count) {
			if (budget-- == 0)
				return true;
			n = ofl_lpm_queue_pop(&p->dirty);
			if (p->lap && !is_of_before(n)) {
				ofl_lpm_queue_add(&p->dirty, n);
			} else {
				n->dirty = false;
				replan(p, n);
			}
			p->lap -= p->lap > 0;
		}
		if (!ofl_sweep_run(p))
			break;
		/* A step is worth some decisions. */
		if (budget <= 8)
			return true;
		budget -= 8;
	}
	follow_watermark(p);
	return false;
}

bool ofl_choice_is_idle(const struct ofl_place *p)
{
	return p->dirty.count == 0 && !ofl_sweep_is_pending(p);
}
