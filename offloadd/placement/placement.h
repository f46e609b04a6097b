/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who gets a slot of one hardware table, and in which order it is written.
 *
 * The room is told every route of the full table (eligible or not: those that
 * are not must never be answered by a shorter entry), decides which entries
 * the table should hold, and hands out operations one by one such that after
 * every single one, whatever order the answers come in and whichever fail, a
 * hardware lookup of any address is a miss, a punt, or the forwarding identity
 * that the full table gives or gave.  See doc/decisions/0003-safe-writes.md.
 *
 * Who is worth a slot is a question of price: routes form a forest, and at a
 * price per slot the best choice falls out of two numbers a route, summed up
 * from the leaves.  The price is such that the table is as full as its
 * watermarks want, and the same two numbers tell how far from the optimum the
 * plan can be at most: the certificate.  See doc/decisions/0006-price.md.
 *
 * Pure: no clock, no sockets, no log, no randomness.  The safe executor does
 * not know how the choice was made.
 */
#ifndef OFFLOADD_PLACEMENT_PLACEMENT_H
#define OFFLOADD_PLACEMENT_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

struct ofl_place;

struct ofl_place_conf {
	/* Limits in slots, already resolved.  low < high <= capacity. */
	uint32_t capacity_slots;
	uint32_t high_slots, low_slots;	       /* best effort */
	uint16_t cost_v4_slots, cost_v6_slots; /* a real entry or a cover */

	/* Who is in stays, unless another gains this much of the price of the
	 * slots it takes (0..1000; 100 is a tenth). */
	uint16_t hysteresis_permille;
	/* An entry stays for so many sweeps before another may take its slot
	 * (0..7); a critical one may at any time. */
	uint8_t residence_sweeps;
	/* Slots that the covers of one critical route may take; 0: any. */
	uint32_t critical_cover_limit_slots;
	/* Optional writes that can be saved up; 0: they are not limited. */
	uint32_t optional_burst;
	/* Tables of at most so many routes times slots are placed exactly (a
	 * tree knapsack), where the price alone would lose; 0: never. */
	uint32_t exact_cells;
	/* The floor of the price: an entry that gains no more than this a slot,
	 * in weights, is not made for best effort's sake, whatever room there
	 * is; 0: any is.  One that is there, and gains less by more than the
	 * hysteresis, leaves when another needs its slot, or when the table
	 * does not open otherwise; see doc/decisions/0024-least-gain.md. */
	uint32_t least_gain;
};
/* No slots; an entry costs 1, of IPv6 2; hysteresis 200, residence 1, no cover
 * limit, optional writes not limited, exact up to four million cells. */
void ofl_place_conf_init(struct ofl_place_conf *conf);

/* One route as placement needs to know it. */
struct ofl_place_route {
	uint64_t cookie;   /* the caller's; handed back, never looked at */
	uint32_t identity; /* action id; 0: may not be answered by hardware */
	uint32_t weight; /* traffic; a route of weight 0 is worth a bit, too */
	uint8_t cls;	 /* NEVER: may not be answered by hardware */
	uint8_t why;	 /* enum ofl_reason shown while it is not eligible */
};

struct ofl_place *ofl_place_new(const struct ofl_place_conf *conf);
void ofl_place_free(struct ofl_place *p);
/* New limits; takes effect with the next plan.  Entries above a smaller
 * capacity are removed, nothing is added above it. */
void ofl_place_conf_set(struct ofl_place *p, const struct ofl_place_conf *conf);

/* Add or change a route; nothing is decided yet.  A route that was withdrawn,
 * but is not gone yet, lives on under the cookie given here.  False and
 * nothing changed if `key` is malformed. */
bool ofl_place_set(struct ofl_place *p, const struct ofl_key *key,
		   const struct ofl_place_route *r);
/* The route is withdrawn; its entry leaves in safe order.  Its cookie is
 * reported once more, with `gone`, when nothing of it is left. */
void ofl_place_del(struct ofl_place *p, const struct ofl_key *key);

/* Decide about what changed, at most about `budget` routes; true: more.  Due
 * after set, del, conf_set, retry, done, lost and improve. */
bool ofl_place_plan(struct ofl_place *p, unsigned int budget);
/* Look for a better plan, a step of about `budget` routes; true: more.  Never
 * urgent: who calls it seldom gets a worse plan, not a wrong one.  To be called
 * when plan() has nothing more to decide, and plan() again after it. */
bool ofl_place_improve(struct ofl_place *p, unsigned int budget);
/* Weights were brought up to date: entries are older by one sweep, and slots
 * may go to others.  improve() is due. */
void ofl_place_sweep(struct ofl_place *p);
/* So many more optional writes may be made (up to conf.optional_burst): those
 * that move slots from one best-effort route to another.  What safety, a
 * critical route or a change of a route asks for is never held back.  The
 * burst is there from the beginning. */
void ofl_place_refill(struct ofl_place *p, uint32_t writes);
/* Hardware holds this entry, and nobody here asked for it (identity: of a REAL
 * one).  All of an earlier life are to be told before the first next(); one
 * that turns up later may have answered wrongly until now.  It stays if the
 * plan wants it, else it leaves in safe order; its view has no cookie (0)
 * unless its route was or is set.  False: an entry of this key is known, or on
 * its way. */
bool ofl_place_adopt(struct ofl_place *p, const struct ofl_key *key,
		     enum ofl_entry entry, uint32_t identity);
/* A REAL entry that was adopted turned out to have this identity.  False: there
 * is none, or an operation on its way. */
bool ofl_place_identity_set(struct ofl_place *p, const struct ofl_key *key,
			    uint32_t identity);
/* The next operation that is safe to send now; false: none (wait for
 * answers).  To be called when plan() has nothing more to decide.
 * ret_op->action is NULL: the caller looks the identity up. */
bool ofl_place_next(struct ofl_place *p, struct ofl_op *ret_op);
/* An operation handed out by next() could not be given to the provider:
 * as if it had not been asked for. */
void ofl_place_abort(struct ofl_place *p, const struct ofl_op *op);
/* The answer to an operation.  A refusal marks the route as failed until
 * ofl_place_set() brings another identity or ofl_place_retry() is called; one
 * that was UNSUPPORTED until ofl_place_renew() is. */
void ofl_place_done(struct ofl_place *p, const struct ofl_outcome *outcome);
/* Hardware dropped an entry on its own.  Losses and answers about one key must
 * be told in the order in which they happened. */
void ofl_place_lost(struct ofl_place *p, const struct ofl_key *key);
/* A real entry of hardware may not stay: as if it had been refused with ERROR,
 * and it leaves in safe order.  False: there is none, or its answer will tell.
 */
bool ofl_place_unfit(struct ofl_place *p, const struct ofl_key *key,
		     uint64_t *ret_cookie);
/* Try again what failed with ERROR or NO_SPACE. */
void ofl_place_retry(struct ofl_place *p);
/* Hardware is another now: try again whatever failed. */
void ofl_place_renew(struct ofl_place *p);

/* How a route stands; for the state machine and for show. */
struct ofl_place_view {
	uint64_t cookie;
	uint8_t state;	   /* enum ofl_state as the flow should be in */
	uint8_t reason;	   /* enum ofl_reason */
	uint8_t entry;	   /* enum ofl_entry confirmed in hardware */
	uint8_t want;	   /* enum ofl_entry planned */
	uint8_t in_flight; /* enum ofl_op_kind unanswered, or NONE */
	uint8_t last_op;   /* enum ofl_op_kind that brought the last change */
	uint16_t slots;	   /* slots its entry takes now */
	uint32_t identity; /* of the confirmed REAL entry */
	bool gone;	   /* nothing left; forget the cookie */
};
/* Next route whose view changed since it was last reported; false: none.
 * The text of a failure is the last outcome's, kept by the caller. */
bool ofl_place_changed(struct ofl_place *p, struct ofl_place_view *ret_view);
/* False if there is no such route. */
bool ofl_place_view(struct ofl_place *p, const struct ofl_key *key,
		    struct ofl_place_view *ret_view);
/* The cookie of the route an unanswered operation belongs to; 0: none. */
uint64_t ofl_place_op_cookie(struct ofl_place *p, uint64_t op_id);
/* The shorter entry in hardware above this route, if any. */
bool ofl_place_cover_of(struct ofl_place *p, const struct ofl_key *key,
			struct ofl_key *ret_cover);
/* Walk the covers that `key`'s REAL entry needs: planned punts below it that
 * keep it from stealing packets; false from cb ends the walk. */
void ofl_place_covers_walk(struct ofl_place *p, const struct ofl_key *key,
			   bool (*cb)(const struct ofl_key *cover,
				      enum ofl_entry entry, void *arg),
			   void *arg);

/* What a real entry of a route takes, and what that is measured against.  The
 * covers are those right below it, at most 8192 of them are counted. */
struct ofl_place_need {
	uint32_t own_slots;   /* of its entry */
	bool eligible;	      /* false: may not be answered; the rest of the
			       * group and of the next one is 0 */
	bool counted;	      /* all covers were */
	bool cover_refused;   /* hardware refused one of them */
	uint32_t covers;      /* that it has or would need */
	uint32_t cover_slots; /* which these take */
	uint32_t more_slots;  /* beyond what is planned already */

	bool valued;	    /* false: not compared with the price now */
	double gain, price; /* a slot, in weights; it has to gain more */

	bool critical; /* the limit is the capacity, else it is the
			* high watermark */
	bool closed;   /* best effort waits for the low watermark */
	uint32_t limit_slots, low_slots;
	uint32_t planned_slots; /* of the whole table */
};
/* False if there is no such route.  As expensive as deciding about it. */
bool ofl_place_need(struct ofl_place *p, const struct ofl_key *key,
		    struct ofl_place_need *ret);

/* What a route carries of which nothing is known: the mean weight of the routes
 * around it in the forest (of those below its nearest cover some dozens at
 * most), itself not counted; 0: they carry nothing, or there are none. */
uint32_t ofl_place_prior(struct ofl_place *p, const struct ofl_key *key);

/* Is there a route within the key's prefix that is longer? */
bool ofl_place_divides(const struct ofl_place *p, const struct ofl_key *key);

/* Walk the critical routes whose planned entries need covers, with the slots
 * these take; false from cb ends the walk. */
void ofl_place_critical_walk(struct ofl_place *p,
			     bool (*cb)(const struct ofl_key *key,
					uint32_t cover_slots, void *arg),
			     void *arg);

/* How good the plan is.  Values are sums of weights (plus one a route); of
 * critical routes, which come first whatever best effort is worth, and of best
 * effort apart.  OPT(K) <= value + price * (K - used), K being the slots that
 * the high watermark leaves, or the plan's where that is more: no choice of
 * entries whatsoever could answer more than the bound.  With a floor
 * (conf.least_gain, best effort) a plan is made for what it answers less the
 * floor for each slot that it takes, and the bound is about that: no choice
 * could answer more than the bound, plus the floor for each slot that it takes
 * more than this plan, or less for each that it takes less. */
struct ofl_place_certificate {
	bool valid; /* false: sums are being made again, ask later */
	bool exact; /* the plan is the optimum: value and bound are equal */
	double value, value_critical; /* answered by hardware, as planned */
	double bound, bound_critical;
	double total, total_critical; /* of all routes, never ones included */
	double price, price_critical; /* of a slot; at most one is not 0 */
	double quality;		      /* value / bound, both classes; 0..1 */
};
void ofl_place_certificate(const struct ofl_place *p,
			   struct ofl_place_certificate *ret);

struct ofl_place_stats {
	uint32_t routes, eligible;
	uint32_t planned_slots;	 /* what the plan takes */
	uint32_t used_slots;	 /* confirmed plus what may be there */
	uint32_t learned_slots;	 /* hardware refused more for lack of space;
				  * grows again as it takes more; 0: none */
	uint32_t cover_slots;	 /* of planned: punts */
	uint32_t critical_slots; /* of planned: critical real entries */
	uint32_t elided;	 /* routes that need no entry */
	uint32_t waiting;	 /* eligible best effort left out */
	uint32_t in_flight;
	bool closed; /* best effort is not admitted (watermark) */
	uint64_t crossings_high, crossings_low;
	uint64_t evictions;	  /* best effort that left for others */
	uint64_t searches;	  /* for another price */
	uint64_t optional_writes; /* planned so far */
	uint32_t optional_left;	  /* writes that may be made now */
	bool improving;		  /* improve() has more to do */
};
void ofl_place_stats(const struct ofl_place *p, struct ofl_place_stats *ret);

/* Is everything planned also confirmed, with nothing to decide?  (improve() may
 * still find something better.) */
bool ofl_place_is_settled(const struct ofl_place *p);

#endif /* OFFLOADD_PLACEMENT_PLACEMENT_H */
