// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who gets slots: the greedy choice of cover sets, and who gives way to whom.
 *
 * The next to be taken in is always the rule with the most weight for each slot
 * it would cost, covers that are there already not counted; the next to leave
 * is the one with the least for each slot that would come free.  A rule that
 * does not fit comes in if those that would have to leave are worth less by the
 * hysteresis.  Critical rules come before all others, and may have the table
 * above the high watermark.
 */
#include <zebra.h>

#include <math.h>

#include "offloadd/placement/acl_list.h"

/* Candidates that may fail in one plan while the table is full: what the best
 * of them cannot do the others hardly can. */
#define FAILURES_MAX 32
/* As many looks at other rules are a step of the budget. */
#define LOOKS_A_STEP 256

uint32_t ofl_acl_stuck_slots(const struct ofl_acl_place *p)
{
	uint32_t slots = 0;

	for (uint32_t i = 0; i < p->stuck.count; i++) {
		const struct ofl_ace *r = ofl_ace_at(p, p->stuck.at[i]);

		/* Planned or not: what depends on the plan cannot limit it. */
		slots += r->hw != OFL_ENTRY_NONE ? r->slots : 0;
		slots += r->old_hw != OFL_ENTRY_NONE ? r->slots : 0;
	}
	return slots;
}

static uint32_t hard_limit(const struct ofl_acl_place *p)
{
	uint32_t limit = MIN(p->conf.capacity_slots, p->learned_slots);
	uint32_t taken = ofl_acl_stuck_slots(p);

	return limit > taken ? limit - taken : 0;
}

/* Up to where a rule of this class may fill the table. */
static uint32_t limit_of(const struct ofl_acl_place *p, uint8_t cls)
{
	uint32_t hard = hard_limit(p), high = MIN(hard, p->conf.high_slots);

	if (cls == OFL_CLASS_CRITICAL)
		return hard;
	return p->closed ? MIN(high, p->st.planned_slots) : high;
}

/* A step, and what it took beyond one. */
static void spend(struct ofl_acl_place *p, unsigned int *budget)
{
	uint64_t steps = 1 + p->looks / LOOKS_A_STEP;

	p->looks = 0;
	*budget -= MIN(steps, *budget);
}

static void evict(struct ofl_acl_place *p, struct ofl_ace *r,
		  enum ofl_reason why)
{
	ofl_ace_leave(p, r);
	r->left = why;
	p->st.evictions++;
}

/* --- what must leave --- */
static void leave_forced(struct ofl_acl_place *p)
{
	while (p->forced.count) {
		uint32_t handle = p->forced.at[--p->forced.count];
		struct ofl_ace *r = ofl_ace_at(p, handle);

		if (r && r->want && !ofl_ace_is_eligible(r))
			ofl_ace_leave(p, r);
	}
}

/* Who is the next to leave. */
static struct ofl_ace *cheapest(const struct ofl_acl_place *p)
{
	struct ofl_ace *r = ofl_ace_heap_top(&p->residents);

	return r ? r : ofl_ace_heap_top(&p->critical);
}

/* Is there more than may be, and somebody to give way?  Above the high
 * watermark best effort has to. */
static bool is_overfull(const struct ofl_acl_place *p)
{
	const struct ofl_ace *r = cheapest(p);

	if (!r)
		return false;
	return p->st.planned_slots > hard_limit(p) ||
	       (p->st.planned_slots > p->conf.high_slots &&
		r->cls != OFL_CLASS_CRITICAL);
}

/* Covers that safety asked for, critical rules that came, a smaller table. */
static bool shrink(struct ofl_acl_place *p, unsigned int *budget)
{
	enum ofl_reason why = OFL_REASON_EVICTED_FOR_COVER;

	if (p->conf.capacity_slots < p->st.used_slots ||
	    p->learned_slots != UINT32_MAX)
		why = OFL_REASON_CAPACITY_REDUCED;
	while (is_overfull(p)) {
		if (!*budget)
			return true;
		evict(p, cheapest(p), why);
		spend(p, budget);
	}
	return false;
}

/* --- who gives way --- */
static double gain_of(const struct ofl_ace *c)
{
	return (double)ofl_ace_worth(c) + c->bonus;
}

/* What is in hardware is worth more than what is only planned. */
static double loss_of(const struct ofl_acl_place *p, const struct ofl_ace *r)
{
	double more = p->conf.hysteresis_permille / 1000.0;

	return ofl_ace_worth(r) * (ofl_ace_may_be_real(r) ? 1 + more : 1);
}

/* What its covers promised comes in with it, or the count was wrong. */
static void take_in(struct ofl_acl_place *p, struct ofl_ace *c)
{
	ofl_ace_enter(p, c);
	for (uint32_t i = 0; i < c->up.count; i++) {
		struct ofl_ace *d = ofl_ace_at(p, c->up.at[i]);

		if (!d->want && d->cls == c->cls && ofl_ace_is_eligible(d) &&
		    ofl_ace_cost_slots(d) == 0)
			ofl_ace_enter(p, d);
	}
}

/* Who would have to leave first for `c`: of its own class if it is best effort,
 * or if critical ones alone leave no room for it; or NULL. */
static struct ofl_ace *victim(const struct ofl_acl_place *p,
			      const struct ofl_ace *c, uint32_t limit)
{
	uint32_t slots = p->critical_slots;

	if (c->cls != OFL_CLASS_CRITICAL)
		return ofl_ace_heap_top(&p->residents);
	slots += ofl_ace_critical_cost_slots(p, c);
	return slots <= limit ? cheapest(p) : ofl_ace_heap_top(&p->critical);
}

/* --- making room: an attempt, which may take several calls --- */
/* Those that would have to leave for `c` do so, one by one, until it fits; if
 * they turn out to be worth more, they come in again. */
static void attempt_begin(struct ofl_acl_place *p, const struct ofl_ace *c,
			  uint32_t limit)
{
	p->attempt.handle = c->handle;
	p->attempt.lost = 0;
	p->attempt.limit = limit;
	p->attempt.back = ofl_ace_cost_slots(c) > limit;
}

void ofl_acl_swap_forget(struct ofl_acl_place *p, const struct ofl_ace *r)
{
	struct ofl_acl_attempt *a = &p->attempt;
	uint32_t kept = 0;

	if (r->parked)
		ofl_ace_set_del(&p->parked, r->handle);
	if (a->handle == r->handle) {
		a->handle = OFL_ACE_NOWHERE;
		a->back = true;
	}
	for (uint32_t i = 0; i < a->away.count; i++) {
		if (a->away.at[i] != r->handle)
			a->away.at[kept++] = a->away.at[i];
	}
	a->away.count = kept;
}

/* One more leaves; false: there is nobody, or those are worth more. */
static bool attempt_evict(struct ofl_acl_place *p, struct ofl_ace *c)
{
	struct ofl_acl_attempt *a = &p->attempt;
	struct ofl_ace *r = victim(p, c, a->limit);

	if (!r)
		return false;
	if (r->cls == c->cls) {
		a->lost += loss_of(p, r);
		/* Of a lower class one may have to leave that frees nothing
		 * itself: another covers it no more. */
		if (!isfinite(r->key) || a->lost >= gain_of(c))
			return false;
	}
	ofl_ace_leave(p, r);
	ofl_ace_set_add(&a->away, r->handle);
	return true;
}

/* `c` comes in; they stay away. */
static void attempt_end(struct ofl_acl_place *p, struct ofl_ace *c)
{
	struct ofl_acl_attempt *a = &p->attempt;

	for (uint32_t i = 0; i < a->away.count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, a->away.at[i]);

		r->left = c->cls > r->cls ? OFL_REASON_EVICTED_FOR_CRITICAL
					  : OFL_REASON_EVICTED_FOR_BETTER;
		p->st.evictions++;
	}
	a->away.count = 0;
	a->handle = OFL_ACE_NOWHERE;
	take_in(p, c);
	p->again = p->again || p->parked.count;
}

/* The last that left comes in again; false: all have. */
static bool attempt_undo(struct ofl_acl_place *p)
{
	struct ofl_acl_attempt *a = &p->attempt;
	struct ofl_ace *r;

	if (!a->away.count)
		return false;
	r = ofl_ace_at(p, a->away.at[--a->away.count]);
	/* Told meanwhile that it may not be: then it stays away. */
	if (!r->want && ofl_ace_is_eligible(r))
		ofl_ace_enter(p, r);
	return true;
}

static void park(struct ofl_acl_place *p, struct ofl_ace *c)
{
	c->parked = true;
	ofl_ace_reckon(p, c);
	ofl_ace_set_add(&p->parked, c->handle);
}

/* Go on with it; true: there is more of it. */
static bool attempt_run(struct ofl_acl_place *p, unsigned int *budget)
{
	struct ofl_acl_attempt *a = &p->attempt;

	while (a->handle != OFL_ACE_NOWHERE || a->back) {
		struct ofl_ace *c = NULL;

		if (!*budget)
			return true;
		if (a->handle != OFL_ACE_NOWHERE)
			c = ofl_ace_at(p, a->handle);
		if (a->back) {
			a->back = attempt_undo(p);
			if (!a->back)
				a->handle = OFL_ACE_NOWHERE;
			p->failures += !a->back;
			if (!a->back && c)
				park(p, c);
		} else if (p->st.planned_slots + ofl_ace_cost_slots(c) >
			   a->limit) {
			a->back = !attempt_evict(p, c);
		} else if (a->lost < gain_of(c) && ofl_ace_is_eligible(c)) {
			attempt_end(p, c);
		} else {
			/* Who left may have been what a promise rested on. */
			a->back = true;
		}
		spend(p, budget);
	}
	return false;
}

/* Is it worth trying to make room?  Best effort always gives way to a critical
 * rule that fits among the critical ones. */
static bool is_promising(const struct ofl_acl_place *p, const struct ofl_ace *c,
			 uint32_t limit)
{
	const struct ofl_ace *r = victim(p, c, limit);

	if (!r || c->cls != r->cls)
		return r != NULL;
	return c->key > r->key && p->failures < FAILURES_MAX;
}

static void unpark(struct ofl_acl_place *p)
{
	for (uint32_t i = 0; i < p->parked.count; i++) {
		struct ofl_ace *c = ofl_ace_at(p, p->parked.at[i]);

		c->parked = false;
		ofl_ace_reckon(p, c);
	}
	p->parked.count = 0;
	p->failures = 0;
	p->again = false;
}

/* One candidate, or the attempt to make room for it; false: no use to look at
 * others. */
static bool admit(struct ofl_acl_place *p, struct ofl_ace *c)
{
	uint32_t limit = limit_of(p, c->cls);
	bool has_room = p->st.planned_slots < limit;

	if (p->st.planned_slots + ofl_ace_cost_slots(c) <= limit) {
		take_in(p, c);
		return true;
	}
	if (is_promising(p, c, limit)) {
		attempt_begin(p, c, limit);
		return true;
	}
	if (!has_room && c->cls != OFL_CLASS_CRITICAL) {
		return false; /* nor is any that comes after it */
	}
	park(p, c);
	return true;
}

bool ofl_acl_swap_run(struct ofl_acl_place *p, unsigned int budget)
{
	struct ofl_ace *c;
	bool again, more;

	p->looks = 0;
	leave_forced(p);
	if (attempt_run(p, &budget) || shrink(p, &budget))
		return true;
	if (p->st.planned_slots < p->conf.low_slots || !p->st.planned_slots)
		p->closed = false;
	while ((c = ofl_ace_heap_top(&p->candidates))) {
		/* What was looked at stays parked: the next call goes on. */
		if (!budget)
			return true;
		more = admit(p, c);
		spend(p, &budget);
		if (!more)
			break;
		if (attempt_run(p, &budget))
			return true;
		/* Who failed before may share the covers of who came in. */
		p->again = p->again || (c->want && p->parked.count);
	}
	again = p->again || is_overfull(p);
	/* Whatever fits is in: best effort is closed while anything is left. */
	if (!again && (p->parked.count || c))
		p->closed = true;
	unpark(p);
	return again;
}
