/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rules of one access control list (ACL) get a slot of a hardware table,
 * and in which order they are written.
 *
 * The room is told every rule (ACE) of the list, decides which are answered by
 * hardware (real), which need an entry that sends to software (a cover,
 * "punt") because a rule below them is in hardware, and hands out operations
 * one by one such that after every single one, whatever order the answers come
 * in and whichever fail, a hardware lookup of any packet is a miss, a punt, or
 * the action that the whole list gives or gave.  First match wins in the list;
 * in hardware the lowest pref wins.  See doc/decisions/0011-acl-placement.md.
 *
 * A list bound to other ports or to the other direction is another context of
 * its own: what is said of packets here is said of packets that reach this
 * list.  Rules that share a table share its capacity; whoever binds them
 * divides it.
 *
 * Pure: no clock, no sockets, no log, no randomness.  Neighbours: placement.h
 * is the same for routes; what an ACE matches is flow/match.h's.
 */
#ifndef OFFLOADD_PLACEMENT_ACL_H
#define OFFLOADD_PLACEMENT_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/flow.h"
#include "offloadd/flow/match.h"
#include "offloadd/flow/op.h"

struct ofl_acl_place;

struct ofl_acl_place_conf {
	/* Limits in slots, already resolved.  low < high <= capacity. */
	uint32_t capacity_slots;
	uint32_t high_slots, low_slots; /* best effort */
	/* Who is in stays, unless another gains this much of the price of the
	 * slots it takes (0..1000; 100 is a tenth). */
	uint16_t hysteresis_permille;
	/* Priorities of entries, 1 <= first <= last; the lowest wins. */
	uint16_t pref_first, pref_last;
};
/* No slots; hysteresis 200; prefs 1 to 65535. */
void ofl_acl_place_conf_init(struct ofl_acl_place_conf *conf);

/* One rule of the list. */
struct ofl_acl_rule {
	uint64_t position; /* first match wins: the lowest; no two alike */
	const struct ofl_match *match; /* copied */
	/* What hardware holds of the rule if it cannot match it whole: a match
	 * that contains `match`, copied.  Such a rule can be covered, never
	 * answered.  NULL: the match itself. */
	const struct ofl_match *cover;
	uint32_t identity; /* of its action: alike are alike; 0: hardware may
			    * not answer it */
	uint32_t weight;   /* traffic; a rule of weight 0 is worth a bit, too */
	uint16_t slots;	   /* its entry takes, real or cover (a table without
			    * ranges: one for each block); 0: hardware cannot
			    * match it at all, nor anything that contains it */
	uint8_t cls;	   /* NEVER: may not be answered by hardware */
	uint8_t why;	   /* enum ofl_reason shown while it is not eligible */
	/* Its entry sends to software, too: real to its planning, it answers
	 * for nobody, so it depends on nothing above it. */
	bool punts;
};

struct ofl_acl_place *ofl_acl_place_new(const struct ofl_acl_place_conf *conf);
void ofl_acl_place_free(struct ofl_acl_place *p);
/* New limits; takes effect with the next plan.  Prefs stay as they were. */
void ofl_acl_place_conf_set(struct ofl_acl_place *p,
			    const struct ofl_acl_place_conf *conf);

/* Add or change the rule of this cookie (the caller's name for it, not 0);
 * nothing is decided yet.  A rule whose match, action, slots or place among
 * the rules it overlaps changed is another rule for hardware: the old entry
 * leaves and a new one may come.  False and nothing changed if the position is
 * another rule's or the cookie is 0. */
bool ofl_acl_place_set(struct ofl_acl_place *p, uint64_t cookie,
		       const struct ofl_acl_rule *rule);
/* Its traffic changed, nothing else.  False if there is no such rule. */
bool ofl_acl_place_weight_set(struct ofl_acl_place *p, uint64_t cookie,
			      uint32_t weight);
/* The rule is gone from the list; its entry leaves in safe order.  Reported
 * once more, with `gone`, when nothing of it is left. */
void ofl_acl_place_del(struct ofl_acl_place *p, uint64_t cookie);

/* Decide, in about `budget` steps; true: more to decide.  Due after anything
 * that is told. */
bool ofl_acl_place_plan(struct ofl_acl_place *p, unsigned int budget);

/* One write to the table. */
struct ofl_acl_op {
	uint64_t id;	   /* as in struct ofl_op */
	uint64_t entry_id; /* of the entry: ADD makes it, REPLACE and DEL name
			    * it; never used again */
	uint64_t cookie;   /* of the rule; 0: it is gone from the list */
	uint8_t kind;	   /* enum ofl_op_kind; REPLACE keeps match and pref */
	uint8_t entry;	   /* enum ofl_entry after success; NONE for DEL */
	uint16_t slots;	   /* slots the entry takes (0 for DEL) */
	uint16_t pref;
	uint32_t identity;	       /* of a REAL entry, else 0 */
	const struct ofl_match *match; /* borrowed until the next call */
};
/* The next operation that is safe to send now; false: none (wait for answers).
 * To be called when plan() has nothing more to decide. */
bool ofl_acl_place_next(struct ofl_acl_place *p, struct ofl_acl_op *ret_op);
/* An operation handed out by next() could not be given to the provider. */
void ofl_acl_place_abort(struct ofl_acl_place *p, const struct ofl_acl_op *op);
/* The answer to an operation.  Plan again after it. */
void ofl_acl_place_done(struct ofl_acl_place *p,
			const struct ofl_outcome *outcome);
/* Hardware dropped an entry on its own.  Losses and answers about one entry
 * must be told in the order in which they happened. */
void ofl_acl_place_lost(struct ofl_acl_place *p, uint64_t entry_id);
/* Try again what failed with ERROR or NO_SPACE. */
void ofl_acl_place_retry(struct ofl_acl_place *p);

/* How a rule stands. */
struct ofl_acl_view {
	uint64_t cookie;
	uint8_t state;	   /* enum ofl_state as in placement.h */
	uint8_t reason;	   /* enum ofl_reason */
	uint8_t entry;	   /* enum ofl_entry confirmed in hardware */
	uint8_t want;	   /* enum ofl_entry planned */
	uint8_t in_flight; /* enum ofl_op_kind unanswered, or NONE */
	bool unsafe;	   /* real, and a rule above it is not covered (yet) */
	bool gone;	   /* nothing left; forget the cookie */
	uint16_t slots, pref; /* of the entry confirmed */
	/* Of entries that are to go, of the rule as it was before; only told
	 * by ofl_acl_place_view(). */
	uint32_t leaving_slots;
	uint32_t above; /* rules above that it depends on; of a rule hardware
			 * may not answer: 0 */
	uint32_t below; /* planned real entries that need this one */
};
/* Next rule whose view changed since it was last reported; false: none. */
bool ofl_acl_place_changed(struct ofl_acl_place *p,
			   struct ofl_acl_view *ret_view);
/* False if there is no such rule. */
bool ofl_acl_place_view(struct ofl_acl_place *p, uint64_t cookie,
			struct ofl_acl_view *ret_view);
/* Walk the rules above `cookie` whose entries keep its own from answering for
 * them; false from cb ends the walk. */
void ofl_acl_place_covers_walk(struct ofl_acl_place *p, uint64_t cookie,
			       bool (*cb)(uint64_t cover, enum ofl_entry entry,
					  void *arg),
			       void *arg);

struct ofl_acl_stats {
	uint32_t rules, eligible;
	uint32_t planned_slots; /* what the plan takes */
	uint32_t used_slots;	/* confirmed plus what may be there */
	uint32_t cover_slots;	/* of planned: punts */
	uint32_t real, covers;	/* planned entries */
	uint32_t unsafe;	/* real entries with a rule above uncovered */
	uint32_t stuck_slots;	/* of entries that could not be removed */
	uint32_t in_flight;
	uint32_t shapes;       /* distinct masks of planned entries */
	uint32_t prefs;	       /* distinct prefs in hardware */
	uint64_t dependencies; /* pairs of rules known */
	bool closed;	       /* best effort is not admitted (watermark) */
	double price;	       /* weight that a slot is worth at the edge */
	uint64_t evictions;    /* best effort that left for others */
	uint64_t writes;       /* operations handed out */
	uint64_t inserts;      /* entries added, moved ones not counted */
	uint64_t relabels;     /* entries given another pref */
	/* Entries a table with one array of entries moves for all these: one
	 * for each pref in use behind each entry added, and the relabelled. */
	uint64_t moves;
};
void ofl_acl_place_stats(const struct ofl_acl_place *p,
			 struct ofl_acl_stats *ret);
/* Does hardware, whatever it answers, answer as the list now does?  Not while
 * it holds something of a list before. */
bool ofl_acl_place_is_right(struct ofl_acl_place *p);
/* Is everything planned also confirmed, with nothing to decide? */
bool ofl_acl_place_is_settled(const struct ofl_acl_place *p);

#endif /* OFFLOADD_PLACEMENT_ACL_H */
