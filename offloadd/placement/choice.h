/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the plan share (private to them): choice.c decides about
 * one route, closure.c knows which covers an entry needs and what its leaving
 * entails, round.c moves slots from those who are worth less, pin.c knows the
 * optimum of a small table, price.c what a slot costs.
 */
#ifndef OFFLOADD_PLACEMENT_CHOICE_H
#define OFFLOADD_PLACEMENT_CHOICE_H

#include "offloadd/placement/value.h"

/* --- choice.c --- */
/* What the plan may take: entries that hardware does not let go are lost. */
uint32_t ofl_choice_capacity(const struct ofl_place *p);
/* What the plan may fill with entries of this class. */
uint32_t ofl_choice_limit(const struct ofl_place *p, uint8_t cls);
/* Hardware refused n (OFL_REASON_NONE: it did not), or policy did. */
void ofl_choice_fail_set(struct ofl_place *p, struct ofl_lpm_node *n,
			 enum ofl_reason fail, bool hard);
void ofl_choice_punt_failed_set(struct ofl_place *p, struct ofl_lpm_node *n,
				bool failed);
/* Is it critical routes that an entry at n is for, its own or others that it
 * answers? */
bool ofl_choice_is_critical(const struct ofl_place *p,
			    const struct ofl_lpm_node *n);
/* Admit n, whatever the watermark says, if it fits below the limit of its
 * class.  False: it does not. */
bool ofl_choice_admit(struct ofl_place *p, struct ofl_lpm_node *n);
/* What an entry at n would gain over none, per slot, in the class that the
 * price is about; INT64_MAX: critical while the price is best effort's. */
int64_t ofl_choice_gain(const struct ofl_place *p,
			const struct ofl_lpm_node *n);

/* The price in the class that it is about. */
static inline int64_t ofl_choice_price(const struct ofl_place *p)
{
	return p->price.critical ? p->price.critical : p->price.best_effort;
}

/* What an entry has to gain more than, in that class. */
static inline int64_t ofl_choice_floor(const struct ofl_place *p)
{
	return p->price.critical ? 0 : ofl_value_floor(p);
}
/* Does n, as far as known, gain no more than the floor? */
bool ofl_choice_is_too_little(const struct ofl_place *p,
			      const struct ofl_lpm_node *n);

/* --- closure.c --- */
/* The planned entry that answers n's packets where n has none. */
struct ofl_lpm_node *ofl_closure_context(const struct ofl_lpm_node *n);
/* Its forwarding identity; 0: none, or a punt. */
static inline uint32_t ofl_closure_identity(const struct ofl_lpm_node *c)
{
	return c && c->want == OFL_ENTRY_REAL ? c->identity : 0;
}
void ofl_closure_set_want(struct ofl_place *p, struct ofl_lpm_node *n,
			  enum ofl_entry want, enum ofl_reason reason);
void ofl_closure_set_punt(struct ofl_place *p, struct ofl_lpm_node *n,
			  enum ofl_reason reason);
/* A punt above that shielded n may not be needed any longer. */
void ofl_closure_touch_shield(struct ofl_place *p,
			      const struct ofl_lpm_node *n);
/* Slots for covers below n, were it answered by `identity`.  False if that
 * takes more than `room` or needs a cover that hardware refused. */
bool ofl_closure_count(const struct ofl_place *p, const struct ofl_lpm_node *n,
		       uint32_t identity, uint32_t room, uint32_t *ret_slots);
/* Slots that the covers right below n take, `limit` at most. */
uint32_t ofl_closure_punts(const struct ofl_place *p, struct ofl_lpm_node *n,
			   uint32_t limit);
/* Slots that entries right below n, which forward like n, would give back if n
 * were REAL; not all of them if there are very many. */
uint32_t ofl_closure_freed(const struct ofl_place *p,
			   const struct ofl_lpm_node *n);
/* Slots below n that nobody would pay for were n a punt: covers, and entries
 * that are worth less than the price; not all if there are very many. */
uint32_t ofl_closure_droppable(const struct ofl_place *p,
			       const struct ofl_lpm_node *n);
/* n becomes REAL; its covers with it. */
void ofl_closure_admit(struct ofl_place *p, struct ofl_lpm_node *n);
/* n's route changed while it is REAL: do its covers still fit? */
void ofl_closure_refit(struct ofl_place *p, struct ofl_lpm_node *n);
/* What lies below n is answered by `identity` (0: by software) now: covers
 * that are not needed are given back. */
void ofl_closure_settle_below(struct ofl_place *p, struct ofl_lpm_node *n,
			      uint32_t identity);
/* n stands bare under `c`, which answers its packets wrongly: cover it, or let
 * c leave. */
void ofl_closure_cover(struct ofl_place *p, struct ofl_lpm_node *n,
		       struct ofl_lpm_node *c);
/* n, a punt, is answered by `above` like its route says: covers come in its
 * place below.  False: they do not fit below `limit`. */
bool ofl_closure_unshield(struct ofl_place *p, struct ofl_lpm_node *n,
			  uint32_t above, uint32_t limit);
/* Is n's entry, that forwards like the one above, to stay?  Without it its
 * covers are those of the one above, which may be a critical route's that is
 * allowed no more. */
bool ofl_closure_is_spared(const struct ofl_place *p, struct ofl_lpm_node *n);
/* n's entry, real or punt, is given up. */
void ofl_closure_leave(struct ofl_place *p, struct ofl_lpm_node *n,
		       enum ofl_reason reason);

/* --- round.c --- */
void ofl_round_init(struct ofl_place *p);
void ofl_round_fini(struct ofl_place *p);
/* Something changed that a better plan may follow from. */
void ofl_round_note_change(struct ofl_place *p);
/* ... but no critical route did, nor what one may need. */
void ofl_round_note_weight(struct ofl_place *p);
/* ... that only an exact optimum has to follow. */
void ofl_round_note_stale(struct ofl_place *p);
/* A critical route found no room, or the plan is larger than it may be. */
void ofl_round_note_urgent(struct ofl_place *p);
/* Occupancy fell below the low watermark. */
void ofl_round_note_open(struct ofl_place *p);
/* Is a round about to move slots?  Best effort is not admitted meanwhile. */
bool ofl_round_is_moving(const struct ofl_place *p);
/* May an optional write be made? */
bool ofl_round_may_write(const struct ofl_place *p);
void ofl_round_note_write(struct ofl_place *p);
/* May an entry be admitted on slots that others give back only when they are
 * decided about again?  One at a time. */
bool ofl_round_may_borrow(const struct ofl_place *p);
void ofl_round_note_loan(struct ofl_place *p);
/* A compulsory cover finds no room: take a slot from best effort, at once. */
bool ofl_round_evict_now(struct ofl_place *p, uint32_t slots);
/* The limits of the table changed. */
void ofl_round_limits(struct ofl_place *p);
void ofl_round_sweep(struct ofl_place *p);
void ofl_round_refill(struct ofl_place *p, uint32_t writes);
bool ofl_round_run(struct ofl_place *p, unsigned int budget);
bool ofl_round_is_due(const struct ofl_place *p);
/* Why who is not in the optimum leaves. */
enum ofl_reason ofl_round_reason(const struct ofl_place *p);
/* Is the exact optimum of now known, and what is it worth? */
bool ofl_round_exact(const struct ofl_place *p, struct ofl_worth *ret_worth);
uint32_t ofl_round_writes_left(const struct ofl_place *p);

/* --- price.c --- */
struct ofl_price_search;
struct ofl_price_search *ofl_price_search_new(struct ofl_place *p);
void ofl_price_search_free(struct ofl_price_search *s); /* NULL is fine */
/* A step; false: done. */
bool ofl_price_search_run(struct ofl_place *p, struct ofl_price_search *s,
			  unsigned int budget);
/* The price found, after run() returned false. */
struct ofl_worth ofl_price_search_result(const struct ofl_price_search *s);

/* --- pin.c --- */
struct ofl_pin_plan;
/* Is the table small enough to be placed exactly? */
bool ofl_pin_can(const struct ofl_place *p);
/* No route may come, go or change until free(). */
struct ofl_pin_plan *ofl_pin_new(struct ofl_place *p);
void ofl_pin_free(struct ofl_pin_plan *x); /* NULL is fine */
/* A step; false: done. */
bool ofl_pin_run(struct ofl_pin_plan *x, unsigned int budget);
/* The best plan that the watermarks allow for now. */
struct ofl_worth ofl_pin_worth(const struct ofl_pin_plan *x);
/* Slots that it may take. */
uint32_t ofl_pin_slots(const struct ofl_pin_plan *x);
/* The optimum, were the door open; and its slots. */
struct ofl_worth ofl_pin_bound(const struct ofl_pin_plan *x);
uint32_t ofl_pin_bound_slots(const struct ofl_pin_plan *x);
/* About what the last slot is worth. */
struct ofl_worth ofl_pin_price(const struct ofl_pin_plan *x);
/* Slots that stand otherwise in the optimum than planned. */
uint32_t ofl_pin_count(const struct ofl_pin_plan *x);
/* Has it a real entry where the plan has none? */
bool ofl_pin_adds(const struct ofl_pin_plan *x);
/* Pin every route to what the optimum says; to what is planned. */
void ofl_pin_apply(struct ofl_pin_plan *x);
void ofl_pin_hold(struct ofl_place *p);
/* Decide about those routes whose pins differ from the plan: those that give a
 * slot back, or all.  False: there are none. */
bool ofl_pin_touch(struct ofl_place *p, bool giving);

#endif /* OFFLOADD_PLACEMENT_CHOICE_H */
