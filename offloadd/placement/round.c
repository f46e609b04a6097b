// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rounds: slots move from those who are worth less to those who are worth
 * more, a step at a time, when there is a reason to look:
 *
 *   sweep    weights were brought up to date
 *   urgent   a critical route found no room, or the plan is too large
 *   open     occupancy fell below the low watermark, and some wait
 *   first    the table filled up, and there is no price yet
 *
 * A round finds the price (unless it is still right), makes the sums at it,
 * counts what all entries and all candidates gain per slot, lets the least
 * worthy go until there is room for what is worth more, and admits that, best
 * first (swap.c).
 *
 * A table that is small enough gets the exact optimum instead.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/round.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ROUND, "offload placement round");

#define EAGER_CELLS 1000000 /* routes times slots: some milliseconds */
#define TRIES 4		    /* to take over what the optimum says */
#define PATIENCE 32	    /* rounds without a change from outside */
#define ENOUGH 4096 /* of its value a round is to bring to be repeated */
#define AGAIN 8	    /* rounds at once after the table filled up */
#define SCAN_COST 2 /* nodes looked at for one unit of budget */

void ofl_round_init(struct ofl_place *p)
{
	p->round = XCALLOC(MTYPE_OFL_ROUND, sizeof(*p->round));
	p->round->tokens = p->conf.optional_burst;
	p->round->relief_slots = UINT32_MAX;
}

static void abandon(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	ofl_price_search_free(r->search);
	r->search = NULL;
	ofl_pin_free(r->pin);
	r->pin = NULL;
	r->stage = IDLE;
}

void ofl_round_fini(struct ofl_place *p)
{
	abandon(p);
	XFREE(MTYPE_OFL_ROUND, p->round);
}

/* --- what others tell --- */
void ofl_round_note_change(struct ofl_place *p)
{
	p->round->vain = 0;
	ofl_round_note_weight(p);
}

void ofl_round_note_weight(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	r->changed = true;
	r->stale = true;
	r->futile = false;
	r->barren = false;
	r->inexact = false;
	r->best = (struct ofl_worth){0};
	r->patience = PATIENCE;
	ofl_round_note_stale(p);
}

void ofl_round_note_stale(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	r->stale = true;
	if (r->pin) {
		/* What the optimum is made from may be gone. */
		ofl_pin_free(r->pin);
		r->pin = NULL;
		r->stage = IDLE;
		r->due |= DUE_SWEEP;
	}
}

void ofl_round_note_urgent(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	/* The optimum is what it is, unless it could not be taken over. */
	if (p->exact && !r->stale) {
		if (r->stage != IDLE ||
		    p->st.planned_slots <= ofl_choice_capacity(p))
			return;
		r->inexact = true;
	}
	if (!r->futile && r->patience)
		r->due |= DUE_URGENT;
}

void ofl_round_note_open(struct ofl_place *p)
{
	if (p->st.eligible > p->answered && p->round->patience)
		p->round->due |= DUE_OPEN;
}

bool ofl_round_is_moving(const struct ofl_place *p)
{
	return p->round->stage >= EVICT;
}

bool ofl_round_may_write(const struct ofl_place *p)
{
	if (!p->conf.optional_burst || p->round->tokens)
		return true;
	p->round->starved = true;
	return false;
}

void ofl_round_note_write(struct ofl_place *p)
{
	p->st.optional_writes++;
	if (p->round->tokens)
		p->round->tokens--;
}

bool ofl_round_may_borrow(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;

	return (r->stage == ADMIT || r->stage == FILL) && !r->loan &&
	       r->patience;
}

void ofl_round_note_loan(struct ofl_place *p)
{
	p->round->loan = true;
}

enum ofl_reason ofl_round_reason(const struct ofl_place *p)
{
	return p->round->reason;
}

uint32_t ofl_round_writes_left(const struct ofl_place *p)
{
	return p->conf.optional_burst ? p->round->tokens : UINT32_MAX;
}

void ofl_round_refill(struct ofl_place *p, uint32_t writes)
{
	struct ofl_round *r = p->round;
	uint64_t tokens = (uint64_t)r->tokens + writes;

	r->tokens = MIN(tokens, p->conf.optional_burst);
	if (r->starved && r->tokens)
		r->due |= DUE_SWEEP;
}

void ofl_round_limits(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	r->tokens = MIN(r->tokens, p->conf.optional_burst);
	r->ample = false;
	ofl_round_note_change(p);
	r->due |= DUE_SWEEP;
}

void ofl_round_sweep(struct ofl_place *p)
{
	p->round->aging = true;
	if (p->round->changed || p->round->young || !p->round->futile)
		p->round->due |= DUE_SWEEP;
}

bool ofl_round_exact(const struct ofl_place *p, struct ofl_worth *ret_worth)
{
	*ret_worth = p->round->exact;
	return p->st.planned_slots <= p->round->exact_slots && p->exact &&
	       !p->round->stale && p->round->stage == IDLE;
}

/* A step of a scan over all nodes; false: done. */
static bool scan(struct ofl_place *p, unsigned int budget,
		 void (*cb)(struct ofl_place *p, struct ofl_lpm_node *n))
{
	struct ofl_lpm_node *n;

	for (unsigned int left = budget * SCAN_COST; left; left--) {
		n = ofl_lpm_scan(p, &p->round->at);
		if (!n)
			return false;
		cb(p, n);
		if (p->round->loan)
			break; /* it is to be paid back first */
	}
	return true;
}

/* --- the stages --- */
static void end_search(struct ofl_place *p)
{
	struct ofl_round *r = p->round;
	struct ofl_worth price = ofl_price_search_result(r->search);

	ofl_price_search_free(r->search);
	r->search = NULL;
	/* The floor may have risen meanwhile. */
	if (!price.critical)
		price.best_effort = MAX(price.best_effort, ofl_value_floor(p));
	r->ample = price.best_effort && price.best_effort == ofl_value_floor(p);
	if (ofl_worth_cmp(price, p->price) != 0)
		ofl_value_price_set(p, price);
	r->stage = SUM;
}

/* Did the round bring so much that another one may be worth while? */
static bool has_gained(const struct ofl_place *p)
{
	struct ofl_worth gain = ofl_worth_sub(p->value, p->round->began_value);

	return gain.critical > 0 ||
	       gain.best_effort > p->value.best_effort / ENOUGH;
}

static void end_round(struct ofl_place *p)
{
	struct ofl_round *r = p->round;
	bool still = p->st.planned_slots >
		     ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT);

	r->stage = IDLE;
	r->aging = false;
	r->futile = p->st.planned_slots == r->began_slots &&
		    ofl_worth_cmp(p->value, r->began_value) == 0;
	if (r->fresh && r->again && has_gained(p)) {
		r->again--;
		r->due |= DUE_AGAIN;
	} else {
		/* What a fresh table kept for the best is for the others now.
		 */
		if (r->fresh && r->refill && r->patience &&
		    p->st.eligible > p->answered &&
		    p->st.planned_slots <
			    ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT))
			r->due |= DUE_OPEN;
		r->again = 0;
	}
	/* A sweep, or a change, may help where rounds do not. */
	if ((still || r->unmet) && !r->futile && r->patience)
		r->due |= DUE_URGENT;
}

static bool is_first_due(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;

	if (!p->mark.closed || !r->changed)
		return false;
	return (ofl_choice_price(p) == ofl_choice_floor(p) && !r->ample) ||
	       p->st.eligible / 4 >= r->seen;
}

static void begin(struct ofl_place *p)
{
	struct ofl_worth floor_price = ofl_value_floor_price(p);
	struct ofl_round *r = p->round;
	bool same;

	r->patience -= r->patience > 0;
	same = r->due == DUE_AGAIN && !r->changed;
	r->due = 0;
	r->changed = false;
	r->retouch = r->starved;
	r->starved = false;
	if (p->st.eligible / 16 > r->seen / 15) {
		r->fresh = true;
		r->again = AGAIN;
	} else if (!r->again) {
		r->fresh = false;
	}
	r->seen = p->st.eligible;
	r->at = 0;
	if (ofl_pin_can(p) && !r->inexact) {
		r->pin = ofl_pin_new(p);
		r->stage = PIN;
		return;
	}
	r->retouch |= p->exact;
	p->exact = false;
	if (p->answered == p->st.eligible &&
	    p->st.planned_slots <= ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT)) {
		/* Nobody is left out: slots cost nothing but a write. */
		if (ofl_worth_cmp(p->price, floor_price) != 0)
			ofl_value_price_set(p, floor_price);
		r->stage = SUM;
		return;
	}
	r->stage = SUM;
	if (same)
		return;
	r->search = ofl_price_search_new(p);
	r->stage = SEARCH;
}

/* A small table follows every change, if anybody is left out. */
static bool is_pin_due(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;
	uint64_t cells = (uint64_t)p->st.routes * ofl_choice_capacity(p);

	/* A larger one waits for the next sweep: that takes longer. */
	if (cells > EAGER_CELLS && r->seen)
		return false;

	if (!r->stale || r->inexact || !r->patience)
		return false;
	return p->exact || (p->answered < p->st.eligible && ofl_pin_can(p));
}

bool ofl_round_is_due(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;

	return r->stage != IDLE || r->due || !ofl_value_is_settled(p) ||
	       is_first_due(p) || is_pin_due(p);
}

/* Would the optimum but take entries out that gain too little, though nobody
 * needs their slots? */
static bool is_only_less(const struct ofl_place *p)
{
	return ofl_value_floor(p) && p->st.planned_slots < p->mark.low_slots &&
	       !ofl_pin_adds(p->round->pin);
}

/* The optimum is known: is it worth the writes? */
static void end_pin(struct ofl_place *p)
{
	struct ofl_round *r = p->round;
	struct ofl_worth gain, price = ofl_pin_price(r->pin), fee;
	uint32_t moved = ofl_pin_count(r->pin);

	r->exact = ofl_pin_bound(r->pin);
	r->exact_slots = ofl_pin_bound_slots(r->pin);
	gain = ofl_worth_sub(ofl_pin_worth(r->pin), p->value);
	gain.best_effort += ofl_value_floor(p) * p->st.planned_slots;
	fee = ofl_worth_mul(price, moved);
	fee.critical = fee.critical / 1000 * p->conf.hysteresis_permille;
	fee.best_effort = fee.best_effort / 1000 * p->conf.hysteresis_permille;
	r->stage = IDLE;
	if (p->st.planned_slots > ofl_choice_capacity(p))
		r->reason = OFL_REASON_CAPACITY_REDUCED;
	else if (gain.critical > 0)
		r->reason = OFL_REASON_EVICTED_FOR_CRITICAL;
	else
		r->reason = OFL_REASON_EVICTED_FOR_BETTER;
	if (gain.critical > 0 ||
	    (ofl_worth_cmp(gain, fee) > 0 && !is_only_less(p)) ||
	    p->st.planned_slots > ofl_pin_slots(r->pin)) {
		ofl_pin_apply(r->pin);
		r->stage = PIN_FREE;
		r->tries = TRIES;
	} else if (!p->exact) {
		ofl_pin_hold(p);
	}
	/* It is not worth its writes, but an open door leaves no room empty. */
	if (r->stage == IDLE && !p->mark.closed &&
	    p->st.eligible > p->answered && ofl_pin_adds(r->pin) &&
	    p->st.planned_slots < ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT) &&
	    !is_only_less(p)) {
		r->inexact = true;
		r->due |= DUE_OPEN;
	}
	p->exact = true;
	r->stale = false;
	ofl_pin_free(r->pin);
	r->pin = NULL;
	if (ofl_worth_cmp(price, p->price) != 0 && ofl_value_is_settled(p))
		ofl_value_price_set(p, price);
}

static void run_exact(struct ofl_place *p, unsigned int budget)
{
	struct ofl_round *r = p->round;

	switch (r->stage) {
	case PIN:
		if (!ofl_pin_run(r->pin, budget))
			end_pin(p);
		break;
	case PIN_FREE:
		ofl_pin_touch(p, true);
		r->stage = PIN_MORE;
		break;
	default:
		/* One choice may wait for another: once is not always enough.
		 */
		r->aging = false;
		if (ofl_pin_touch(p, false) && r->tries--)
			r->stage = PIN_FREE;
		else
			r->stage = IDLE;
		break;
	}
}

/* Covers that are limited or refused may forbid what the optimum counts on. */
static void check_taken_over(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	if (p->exact && !r->stale && !r->inexact &&
	    p->value.critical < r->exact.critical) {
		r->inexact = true;
		r->due |= DUE_URGENT;
	}
}

static void end_counting(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	ofl_swap_weigh(p);
	r->at = 0;
	r->stage = EVICT;
	if (!ofl_swap_moves(p))
		r->stage = ADMIT;
}

static void end_evicting(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	r->at = 0;
	r->stage = ADMIT;
	if (r->began_slots <= ofl_choice_capacity(p))
		return;
	/* The plan was too large: look again now that it fits. */
	if (p->st.planned_slots == r->began_slots || !r->patience) {
		end_round(p);
		return;
	}
	r->stage = IDLE;
	r->due |= DUE_URGENT;
}

bool ofl_round_run(struct ofl_place *p, unsigned int budget)
{
	struct ofl_round *r = p->round;

	r->loan = false;
	switch (r->stage) {
	case IDLE:
		if (ofl_value_run(p, budget))
			return true;
		check_taken_over(p);
		if (!ofl_round_is_due(p))
			return false;
		begin(p);
		break;
	case SEARCH:
		if (ofl_value_is_settled(p) &&
		    !ofl_price_search_run(p, r->search, budget))
			end_search(p);
		else if (ofl_value_run(p, budget))
			break;
		break;
	case SUM:
		if (!ofl_value_run(p, budget))
			ofl_swap_begin(p);
		break;
	case COUNT:
		if (!scan(p, budget, ofl_swap_count))
			end_counting(p);
		break;
	case EVICT:
		if (!scan(p, budget, ofl_swap_evict))
			end_evicting(p);
		break;
	case ADMIT:
		if (scan(p, budget, ofl_swap_admit))
			break;
		r->at = 0;
		r->stage = FILL;
		if (!r->critical)
			end_round(p);
		break;
	case FILL:
		if (!scan(p, budget, ofl_swap_fill))
			end_round(p);
		break;
	default:
		run_exact(p, budget);
		break;
	}
	return true;
}
