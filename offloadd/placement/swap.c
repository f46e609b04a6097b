// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swaps: who is worth more than whom, and the slots that move.
 *
 * Nodes are looked at in the order of memory.  Histograms of what entries and
 * candidates gain per slot, 64 steps an octave, tell how far down entries are
 * to go and candidates may come; a second look does it.  Nobody goes for less
 * than the hysteresis, nor before the minimum residence is over, nor without a
 * token, unless a critical route, or a table that is too small, asks for it.
 * While the table fills up, those that came first have no such rights.
 */
#include <zebra.h>

#include "offloadd/placement/round.h"

#define VAIN 4 /* rounds in which best effort makes room, for nothing */

/* --- gains --- */
static unsigned int bucket_of(int64_t gain)
{
	unsigned int bits;

	if (gain < 1 << OFL_GAIN_FINE)
		return gain > 0 ? gain : 0;
	bits = 63 - __builtin_clzll(gain);
	return (bits << OFL_GAIN_FINE) +
	       ((gain >> (bits - OFL_GAIN_FINE)) & ((1 << OFL_GAIN_FINE) - 1));
}

/* The least gain of a bucket; those below the first octave are not all used. */
static int64_t gain_of(unsigned int bucket)
{
	unsigned int bits = bucket >> OFL_GAIN_FINE;

	if (bits < OFL_GAIN_FINE)
		return bucket;
	return (int64_t)((1 << OFL_GAIN_FINE) +
			 (bucket & ((1 << OFL_GAIN_FINE) - 1)))
	       << (bits - OFL_GAIN_FINE);
}

static void count(struct ofl_histogram *h, int64_t gain, uint32_t slots)
{
	h->slots[bucket_of(gain)] += slots;
	h->sum += slots;
}

/* Everything below the edge, and some of it, is `slots`. */
static void cut_bottom(struct ofl_histogram *h, uint64_t slots)
{
	unsigned int i = 0;

	for (; i < OFL_GAIN_BUCKETS - 1 && h->slots[i] < slots; i++)
		slots -= h->slots[i];
	h->edge = i;
	h->at_edge = slots;
}

/* Everything above the edge, and some of it, is `slots`. */
static void cut_top(struct ofl_histogram *h, uint64_t slots)
{
	unsigned int i = OFL_GAIN_BUCKETS - 1;

	for (; i > 0 && h->slots[i] < slots; i--)
		slots -= h->slots[i];
	h->edge = i;
	h->at_edge = slots;
}

/* What a swap must gain. */
static int64_t fee_of(const struct ofl_place *p)
{
	if (p->round->fresh)
		return 0;
	return ofl_choice_price(p) / 1000 * p->conf.hysteresis_permille;
}

/* Does taking n's entry out free its slot? */
static bool is_free_standing(const struct ofl_lpm_node *n)
{
	return n->want == OFL_ENTRY_REAL &&
	       ofl_closure_identity(ofl_closure_context(n)) == 0;
}

static bool is_settled_in(const struct ofl_place *p,
			  const struct ofl_lpm_node *n)
{
	return p->round->fresh || n->age >= p->conf.residence_sweeps;
}

static bool is_exchangeable(const struct ofl_place *p,
			    const struct ofl_lpm_node *n, int64_t gain)
{
	return is_settled_in(p, n) && gain <= ofl_choice_price(p) &&
	       (!ofl_choice_is_critical(p, n) || p->price.critical);
}

/* Does n, which was worth its slot once, gain less than the floor by more than
 * the hysteresis? */
static bool is_cold(const struct ofl_place *p, const struct ofl_lpm_node *n,
		    int64_t gain)
{
	int64_t floor = ofl_choice_floor(p);
	int64_t stay = 1000 - MIN(p->conf.hysteresis_permille, 1000);

	return floor && gain < floor * stay / 1000 &&
	       !ofl_choice_is_critical(p, n);
}

static bool is_cooled(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      int64_t gain)
{
	return n->age >= p->conf.residence_sweeps && is_cold(p, n, gain);
}

/* --- counting --- */
/* Slots that admitting n takes on balance.  False: it cannot be. */
static bool net_slots(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      int64_t *ret_slots)
{
	uint32_t covers;

	*ret_slots = ofl_lpm_cost(p, n);
	if (!n->b.child[0] && !n->b.child[1])
		return true;
	if (!ofl_closure_count(p, n, n->identity, p->conf.capacity_slots,
			       &covers))
		return false;
	*ret_slots += (int64_t)covers - ofl_closure_freed(p, n);
	return true;
}

static void count_candidate(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_round *r = p->round;
	int64_t gain = ofl_choice_gain(p, n), slots;

	if (gain <= ofl_choice_floor(p) || !net_slots(p, n, &slots) ||
	    slots <= 0)
		return;
	if (ofl_choice_is_critical(p, n))
		r->critical += slots;
	if (gain != INT64_MAX) /* else critical, and all of them fit */
		count(&r->wanted, gain, slots);
}

/* A critical route that is a punt has its slot, but its covers may not. */
static void count_punt(struct ofl_place *p, const struct ofl_lpm_node *n)
{
	int64_t slots;

	if (!p->price.critical && ofl_value_can_be_real(n) &&
	    ofl_choice_is_critical(p, n) && net_slots(p, n, &slots) &&
	    slots > ofl_lpm_cost(p, n))
		p->round->critical += slots - ofl_lpm_cost(p, n);
}

void ofl_swap_count(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_round *r = p->round;
	uint32_t slots = ofl_lpm_cost(p, n);
	int64_t gain;

	if (n->want == OFL_ENTRY_REAL && r->aging && n->age < 7)
		n->age++;
	/* Fewer of its more specific routes may need covers by now. */
	if (n->route && r->aging && n->fail == OFL_REASON_COVER_LIMIT)
		ofl_choice_fail_set(p, n, OFL_REASON_NONE, false);
	if (!n->route || !ofl_value_is_current(p, n))
		return;
	if (n->want == OFL_ENTRY_NONE) {
		if (ofl_choice_is_waiting(p, n))
			count_candidate(p, n);
		return;
	}
	if (n->want == OFL_ENTRY_PUNT)
		count_punt(p, n);
	if (!is_free_standing(n))
		return;
	gain = ofl_choice_gain(p, n);
	count(&r->forced, gain, slots);
	if (!ofl_choice_is_critical(p, n))
		r->forced_best_effort += slots;
	if (is_exchangeable(p, n, gain))
		count(&r->exchanged, gain, slots);
	else if (gain < ofl_choice_price(p))
		r->young = true;
	if (is_cooled(p, n, gain))
		count(&r->cooled, gain, slots);
	else if (is_cold(p, n, gain))
		r->young = true;
}

void ofl_swap_begin(struct ofl_place *p)
{
	struct ofl_round *r = p->round;

	memset(&r->forced, 0, sizeof(r->forced));
	memset(&r->exchanged, 0, sizeof(r->exchanged));
	memset(&r->wanted, 0, sizeof(r->wanted));
	memset(&r->cooled, 0, sizeof(r->cooled));
	/* What the last round swapped is planned through only by now. */
	r->barren |= r->swaps && ofl_worth_cmp(p->value, r->best) <= 0;
	if (ofl_worth_cmp(p->value, r->best) > 0)
		r->best = p->value;
	if (p->value.critical > r->began_value.critical)
		r->vain = 0;
	else if (p->st.planned_slots >= r->relief_slots && r->vain < VAIN)
		r->vain++;
	r->swaps = 0;
	r->critical = r->forced_best_effort = 0;
	r->young = r->unmet = false;
	r->began_value = p->value;
	r->at = 0;
	r->stage = COUNT;
}

static uint64_t excess(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* How many slots go from the least worthy to candidates that are better by more
 * than the hysteresis, once those that need no other's slot have theirs? */
static uint64_t count_swaps(const struct ofl_place *p, uint64_t room)
{
	const struct ofl_round *r = p->round;
	/* A swap writes two slots, and noise would swap them back. */
	int64_t fee = 3 * fee_of(p);
	unsigned int worst = 0, best = OFL_GAIN_BUCKETS - 1;
	uint64_t in = r->exchanged.slots[0], out = r->wanted.slots[best];
	uint64_t swaps = 0;

	for (;;) {
		uint64_t n;

		for (; !in && ++worst < OFL_GAIN_BUCKETS;
		     in = r->exchanged.slots[worst])
			;
		for (; !out && best-- > 0; out = r->wanted.slots[best])
			;
		if (!in || !out)
			return swaps;
		n = MIN(out, room);
		room -= n;
		out -= n;
		if (!out)
			continue;
		if (gain_of(best) - gain_of(worst) <= fee)
			return swaps;
		n = MIN(in, out);
		in -= n;
		out -= n;
		swaps += n;
	}
}

/* Free slots that best effort leaves to critical routes; none, if these stay
 * out even so: covers may be limited, or more of them needed once it left. */
static uint64_t left_to_critical(const struct ofl_place *p)
{
	return p->round->vain < VAIN ? p->round->critical : 0;
}

/* How many slots must be given up, whoever has them?  Best effort's for
 * critical routes and for the watermark, anybody's if there are no more. */
static uint64_t count_forced(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;
	uint64_t planned = p->st.planned_slots;
	uint64_t capacity = ofl_choice_capacity(p);
	uint64_t wish = MAX(excess(planned + r->critical, capacity),
			    excess(planned,
				   ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT)));

	if (r->vain == VAIN)
		wish = 0;
	return MAX(MIN(wish, r->forced_best_effort), excess(planned, capacity));
}

/* Who would take room that nobody has: all, or only those that are worth more
 * than the price, while what there is is kept for them. */
static uint64_t room_for(const struct ofl_place *p, uint64_t room)
{
	const struct ofl_round *r = p->round;
	int64_t price = ofl_choice_price(p);
	uint64_t worthy = 0;

	if (r->refill && !(r->fresh && price))
		return room;
	for (unsigned int i = OFL_GAIN_BUCKETS - 1;
	     price && i > bucket_of(price) && worthy < room; i--)
		worthy += r->wanted.slots[i];
	return MIN(room, worthy);
}

/* How many slots are given back that gain too little?  Those that make the
 * table open, and no more: what nobody needs may as well stay taken.  What
 * others are about to take is counted when they have it. */
static uint64_t count_cooled(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;
	uint64_t planned = p->st.planned_slots;
	uint64_t low = MAX(p->mark.low_slots, 1);

	return MIN(r->cooled.sum, excess(planned, low - 1));
}

/* How many slots are to move? */
void ofl_swap_weigh(struct ofl_place *p)
{
	struct ofl_round *r = p->round;
	uint64_t planned = p->st.planned_slots, force, swap, cooled;
	uint64_t room;
	uint64_t limit = p->price.critical
				 ? ofl_choice_capacity(p)
				 : ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT);

	r->began_slots = planned;
	force = count_forced(p);
	if (force <= excess(planned, ofl_choice_capacity(p)))
		r->relief_slots = UINT32_MAX;
	else if (planned + left_to_critical(p) > ofl_choice_capacity(p))
		r->relief_slots = 0;
	else
		r->relief_slots = planned;
	cut_bottom(&r->forced, force);
	planned -= MIN(planned, force);
	/* What critical routes are about to take is not best effort's. */
	room = excess(limit,
		      planned + (p->price.critical ? 0 : left_to_critical(p)));
	r->refill = !p->mark.closed || planned < p->mark.low_slots;
	room = room_for(p, room);
	/* A plan that is too large is made to fit first. */
	swap = count_swaps(p, room);
	if (r->barren || p->st.planned_slots > ofl_choice_capacity(p))
		swap = 0;
	if (p->conf.optional_burst && !p->price.critical)
		swap = MIN(swap, r->tokens);
	r->swaps = swap;
	cut_bottom(&r->exchanged, swap);
	cooled = force || swap ? 0 : count_cooled(p);
	cut_bottom(&r->cooled, cooled);
	/* The plan is to be worth less, and what is swapped after it more. */
	if (cooled)
		r->best = (struct ofl_worth){0};
	cut_top(&r->wanted, room + swap);
}

/* Is any slot to move for it? */
static bool has_part(const struct ofl_histogram *h)
{
	return h->edge || h->at_edge;
}

bool ofl_swap_moves(const struct ofl_place *p)
{
	const struct ofl_round *r = p->round;

	return has_part(&r->forced) || has_part(&r->exchanged) ||
	       has_part(&r->cooled);
}

static bool is_beyond(struct ofl_histogram *h, unsigned int bucket, bool below,
		      uint32_t slots)
{
	if (bucket != h->edge)
		return below ? bucket < h->edge : bucket > h->edge;
	if (!h->at_edge)
		return false;
	h->at_edge -= MIN(h->at_edge, slots);
	return true;
}

static enum ofl_reason reason_forced(const struct ofl_place *p)
{
	if (p->round->began_slots > ofl_choice_capacity(p))
		return OFL_REASON_CAPACITY_REDUCED;
	return p->round->critical ? OFL_REASON_EVICTED_FOR_CRITICAL
				  : OFL_REASON_EVICTED_FOR_COVER;
}

void ofl_swap_evict(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_round *r = p->round;
	uint32_t slots;
	int64_t gain;

	if (!n->route || n->want != OFL_ENTRY_REAL ||
	    !ofl_value_is_current(p, n))
		return;
	gain = ofl_choice_gain(p, n);
	/* Looking up is dear: most are worth too much anyway. */
	if (bucket_of(gain) > MAX(MAX(r->forced.edge, r->exchanged.edge),
				  r->cooled.edge) ||
	    !is_free_standing(n))
		return;
	slots = ofl_lpm_cost(p, n);
	if (is_beyond(&r->forced, bucket_of(gain), true, slots)) {
		p->st.evictions++;
		ofl_closure_leave(p, n, reason_forced(p));
	} else if (is_exchangeable(p, n, gain) &&
		   (p->price.critical || ofl_round_may_write(p)) &&
		   is_beyond(&r->exchanged, bucket_of(gain), true, slots)) {
		p->st.evictions++;
		if (!p->price.critical)
			ofl_round_note_write(p);
		ofl_closure_leave(p, n, OFL_REASON_EVICTED_FOR_BETTER);
	} else if (is_cooled(p, n, gain) && has_part(&r->cooled) &&
		   ofl_round_may_write(p) &&
		   is_beyond(&r->cooled, bucket_of(gain), true, slots)) {
		ofl_round_note_write(p);
		ofl_closure_leave(p, n, OFL_REASON_TOO_LITTLE_TRAFFIC);
	}
}

/* A candidate with its gain, or 0. */
static int64_t candidate_gain(const struct ofl_place *p,
			      const struct ofl_lpm_node *n)
{
	if (!n->route || n->want != OFL_ENTRY_NONE ||
	    !ofl_value_is_current(p, n) || !ofl_choice_is_waiting(p, n) ||
	    ofl_choice_gain(p, n) <= ofl_choice_floor(p))
		return 0;
	return ofl_choice_gain(p, n);
}

/* May n come in, given what there is room for? */
static bool is_chosen(struct ofl_place *p, const struct ofl_lpm_node *n,
		      int64_t gain)
{
	struct ofl_round *r = p->round;
	int64_t price = ofl_choice_price(p), slots;

	if (gain == INT64_MAX)
		return true;
	if (gain <= ofl_choice_floor(p) || !net_slots(p, n, &slots))
		return false;
	if (slots <= 0)
		return gain > price + fee_of(p);
	return is_beyond(&r->wanted, bucket_of(gain), false, slots);
}

/* A punt that is worth more than it costs has its slot already, but there was
 * no room for its covers when that was last looked at. */
static bool is_eager_punt(const struct ofl_place *p,
			  const struct ofl_lpm_node *n)
{
	return n->route && n->want == OFL_ENTRY_PUNT &&
	       ofl_choice_is_waiting(p, n) && ofl_value_is_current(p, n) &&
	       ofl_choice_gain(p, n) > fee_of(p);
}

void ofl_swap_admit(struct ofl_place *p, struct ofl_lpm_node *n)
{
	int64_t gain = candidate_gain(p, n);

	if (is_eager_punt(p, n) ||
	    (p->round->retouch && n->route &&
	     (n->want != OFL_ENTRY_NONE || n->b.child[0] || n->b.child[1])))
		ofl_choice_touch(p, n);
	if (gain && is_chosen(p, n, gain))
		ofl_choice_admit(p, n);
}

/* No critical route stays out while there is room. */
void ofl_swap_fill(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->route && n->want == OFL_ENTRY_PUNT &&
	    ofl_choice_is_critical(p, n))
		ofl_choice_touch(p, n);
	if (!ofl_choice_is_critical(p, n) || !candidate_gain(p, n) ||
	    ofl_choice_admit(p, n) || n->fail != OFL_REASON_NONE)
		return;
	n->reason = OFL_REASON_TABLE_FULL;
	p->round->unmet = true;
	ofl_place_mark_changed(p, n);
}

bool ofl_round_evict_now(struct ofl_place *p, uint32_t slots)
{
	struct ofl_round *r = p->round;
	uint32_t limit = ofl_choice_capacity(p);
	struct ofl_lpm_node *n;

	for (unsigned int tries = 4096; tries; tries--) {
		if ((uint64_t)p->st.planned_slots + slots <= limit)
			return true;
		n = ofl_lpm_scan(p, &r->patrol);
		if (!n) {
			r->patrol = 0;
			continue;
		}
		if (!n->route || ofl_choice_is_critical(p, n) ||
		    !is_free_standing(n))
			continue;
		p->st.evictions++;
		ofl_closure_leave(p, n, OFL_REASON_EVICTED_FOR_CRITICAL);
	}
	return (uint64_t)p->st.planned_slots + slots <= limit;
}
