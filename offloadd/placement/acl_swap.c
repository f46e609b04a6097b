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
		--*budget;
		evict(p, cheapest(p), why);
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

/* Those that would have to leave for `c` do so; false: they are worth more,
 * and nothing changed. */
static bool make_room(struct ofl_acl_place *p, struct ofl_ace *c,
		      uint32_t limit, unsigned int *budget)
{
	double lost = 0;
	struct ofl_ace_set away = {};
	bool ok = ofl_ace_cost_slots(c) <= limit;

	while (ok && p->st.planned_slots + ofl_ace_cost_slots(c) > limit) {
		struct ofl_ace *r = victim(p, c, limit);

		ok = r != NULL;
		if (ok && r->cls == c->cls) {
			lost += loss_of(p, r);
			/* Of a lower class one may have to leave that frees
			 * nothing itself: another covers it no more. */
			ok = isfinite(r->key) && lost < gain_of(c);
		}
		if (!ok)
			break;
		ofl_ace_leave(p, r);
		ofl_ace_set_add(&away, r->handle);
		*budget -= *budget > 0;
	}
	/* Who left may have been what a promise rested on. */
	ok = ok && lost < gain_of(c);
	for (uint32_t i = away.count; i-- > 0;) {
		struct ofl_ace *r = ofl_ace_at(p, away.at[i]);

		if (!ok) {
			ofl_ace_enter(p, r);
			continue;
		}
		r->left = c->cls > r->cls ? OFL_REASON_EVICTED_FOR_CRITICAL
					  : OFL_REASON_EVICTED_FOR_BETTER;
		p->st.evictions++;
	}
	ofl_ace_set_fini(&away);
	return ok;
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

static void park(struct ofl_acl_place *p, struct ofl_ace *c)
{
	c->parked = true;
	ofl_ace_reckon(p, c);
	ofl_ace_set_add(&p->parked, c->handle);
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

/* One candidate; false: no use to look at others. */
static bool admit(struct ofl_acl_place *p, struct ofl_ace *c,
		  unsigned int *budget)
{
	uint32_t limit = limit_of(p, c->cls);
	bool has_room = p->st.planned_slots < limit;

	if (p->st.planned_slots + ofl_ace_cost_slots(c) <= limit) {
		take_in(p, c);
		return true;
	}
	if (is_promising(p, c, limit)) {
		if (make_room(p, c, limit, budget)) {
			take_in(p, c);
			return true;
		}
		p->failures++;
	} else if (!has_room && c->cls != OFL_CLASS_CRITICAL) {
		return false; /* nor is any that comes after it */
	}
	park(p, c);
	return true;
}

bool ofl_acl_swap_run(struct ofl_acl_place *p, unsigned int budget)
{
	struct ofl_ace *c;
	bool again;

	leave_forced(p);
	if (shrink(p, &budget))
		return true;
	if (p->st.planned_slots < p->conf.low_slots || !p->st.planned_slots)
		p->closed = false;
	while ((c = ofl_ace_heap_top(&p->candidates))) {
		/* What was looked at stays parked: the next call goes on. */
		if (!budget)
			return true;
		budget--;
		if (!admit(p, c, &budget))
			break;
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
