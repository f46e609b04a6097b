/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of one ACL and what hangs on them (private to the placement room).
 *
 *   acl_dep.c     which rules stand above which in the way: D(r)
 *   acl_choice.c  what the table should hold (want, covers)
 *   acl_swap.c    who gives way to whom; the limits
 *   acl_level.c   with which pref
 *   acl_exec.c    which operation is safe now
 *   acl_done.c    what the answers mean
 *   acl.c         the face to the engine
 *
 * D(r), the rules that r depends on: above r in the list, overlapping, of
 * another action.  While r's entry is REAL each of them needs an entry, real or
 * punt, with a lower pref; nothing else can make hardware answer wrongly.
 */
#ifndef OFFLOADD_PLACEMENT_ACL_LIST_H
#define OFFLOADD_PLACEMENT_ACL_LIST_H

#include "memory.h"
#include "typesafe.h"

#include "offloadd/placement/acl.h"

PREDECL_HASH(ofl_ace_hash);
PREDECL_HASH(ofl_ace_order);
PREDECL_DLIST(ofl_ace_queue);
PREDECL_DLIST(ofl_ace_changed);

#define OFL_ACE_NOWHERE UINT32_MAX

/* Handles of rules. */
struct ofl_ace_set {
	uint32_t *at;
	uint32_t count, size;
};

/* What plan() has to decide. */
enum ofl_acl_due {
	OFL_ACL_NOTHING = 0,
	OFL_ACL_CHOICE,	  /* something was told: who is in, and then */
	OFL_ACL_CHOOSING, /* ... of which a part is decided */
	OFL_ACL_LEVELS,	  /* with which prefs */
};

/* Rules to be scanned for overlap, densely. */
struct ofl_ace_scan {
	struct ofl_ace_scan_item {
		struct ofl_bits summary;
		uint32_t handle;
	} * at;
	uint32_t count, size;
};

/* Which queue of the executor a rule stands in. */
enum ofl_ace_wait {
	OFL_ACE_IDLE = 0, /* nothing to do, or D(r) is awaited */
	OFL_ACE_URGENT,	  /* safety asks for it */
	OFL_ACE_READY,
	OFL_ACE_BLOCKED, /* by the entry of rule `blocker` */
	OFL_ACE_NO_ROOM,
};

struct ofl_ace {
	/* acl.c: what the list says.  Cookie 0: the rule is gone from the list,
	 * its entry is not (a ghost). */
	struct ofl_ace_hash_item hash_item;
	struct ofl_ace_order_item order_item;
	struct ofl_ace_changed_item changed_item;
	uint64_t cookie, position;
	uint64_t late_cookie;		 /* a ghost's */
	struct ofl_match *match, *entry; /* entry: what hardware holds */
	uint32_t handle;
	uint32_t identity; /* 0: may not be answered by hardware */
	uint32_t weight;
	uint16_t slots;
	uint8_t cls, why;
	bool punts;
	bool changed;

	/* acl_dep.c */
	struct ofl_ace_set up;	 /* D(r) */
	struct ofl_ace_set down; /* r is in their D */
	uint32_t above;		 /* number of D(r), listed or not */
	bool wide;		 /* D(r) is larger than the table: not listed */
	uint32_t scan_at, wide_at;

	/* acl_choice.c */
	bool want;	   /* a real entry is planned */
	uint8_t fail;	   /* enum ofl_reason: not real until retry */
	bool fail_forever; /* ... or until the rule changes */
	bool uncoverable;  /* its entry cannot be made at all */
	bool uncoverable_forever;
	uint8_t left;		/* enum ofl_reason: why it left */
	uint32_t covers;	/* rules planned real that need an entry here */
	uint32_t covers_xor;	/* ... all their handles: if one, that one */
	uint32_t missing_slots; /* of D(r) without a planned entry */
	uint32_t sole_slots;	/* of punts that only this one needs */
	uint32_t barred;	/* of D(r) that are uncoverable */
	uint64_t promise; /* worth, if it is real as soon as it has an entry */
	uint64_t bonus;	  /* of D(r): what else comes in with r */
	uint32_t critical_needs; /* critical real rules that need an entry here,
				  * itself included */
	uint32_t heap_at;	 /* of candidates or of residents */
	double key;		 /* there */
	bool parked;		 /* a candidate that failed in this plan */

	/* acl_level.c */
	uint16_t pref; /* planned; 0: none */
	uint32_t level_at;
	bool is_placed_real; /* its pref is one for a real entry */
	bool replan;	     /* planned entry changed since levels were given */
	bool is_late;	     /* its pref is to be an earlier one */

	/* acl_exec.c */
	struct ofl_ace_queue_item queue_item;
	uint8_t wait; /* enum ofl_ace_wait */
	bool retreat; /* punt for now, though planned real */
	bool breaks;  /* no room to move: it goes before it comes again */
	bool del_failed;
	uint32_t blocker;
	uint32_t bare; /* of D(r) without a certain entry in hardware */
	/* the entry, and an older one behind it that is to go */
	uint8_t hw, old_hw; /* enum ofl_entry confirmed */
	uint16_t hw_pref, old_pref;
	uint64_t hw_id, old_id;
	/* the operation in flight */
	uint8_t op, op_entry; /* enum ofl_op_kind, enum ofl_entry */
	bool op_old;	      /* ... about the older entry */
	bool op_lost;	      /* hardware lost its entry meanwhile */
	uint16_t op_pref;
	uint64_t op_id, op_entry_id;
};

DECLARE_DLIST(ofl_ace_queue, struct ofl_ace, queue_item);

struct ofl_ace_heap {
	struct ofl_ace **at;
	uint32_t count, size;
	bool best_first;
};

/* How often each pref is in use. */
struct ofl_acl_prefs {
	uint32_t *count;
	uint64_t *used; /* bit map */
};

/* Distinct masks, counted. */
struct ofl_acl_shapes {
	struct ofl_acl_shape *at; /* open addressing; a power of two */
	uint32_t count, size;
};

struct ofl_acl_place {
	struct ofl_acl_place_conf conf;

	/* acl.c */
	struct ofl_ace **rules; /* by handle; NULL: free */
	uint32_t rules_size;
	struct ofl_ace_set free_handles;
	struct ofl_ace_hash_head by_cookie;
	struct ofl_ace_order_head by_position;
	struct ofl_ace_changed_head changed;
	uint32_t ghosts;
	uint64_t *gone; /* cookies to be reported once more */
	uint32_t gone_count, gone_size;

	/* acl_dep.c */
	struct ofl_ace_scan list; /* the rules of the list */
	struct ofl_ace_set wide;

	/* acl_choice.c, acl_swap.c */
	struct ofl_ace_heap candidates;
	struct ofl_ace_heap residents, critical; /* planned real, by class */
	uint32_t critical_slots;		 /* that critical ones need */
	uint8_t due;				 /* enum ofl_acl_due */
	bool closed;				 /* watermark */
	struct ofl_ace_set forced; /* to leave, if they still must */
	struct ofl_ace_set parked; /* candidates looked at in this plan */
	unsigned int failures;	   /* of them */
	bool again;		   /* one of them may do better now */
	uint64_t looks;		   /* at rules whose costs another changed */
	struct ofl_acl_attempt {
		uint32_t handle; /* of who would come in; NOWHERE: nobody */
		uint32_t limit;
		struct ofl_ace_set away; /* left for it so far */
		double lost;		 /* what those are worth */
		bool back;		 /* in vain: they come in again */
	} attempt;
	struct ofl_ace_set dirty; /* replan */
	uint32_t learned_slots;	  /* hardware is not larger than this */
	struct ofl_ace_set stuck; /* rules with del_failed */

	/* acl_level.c */
	struct ofl_ace_scan ladder; /* rules with an entry planned or there */
	struct ofl_acl_prefs planned, physical;
	unsigned int moves; /* levels given for one rule */
	struct ofl_acl_shapes shapes;

	/* acl_exec.c */
	struct ofl_ace_queue_head queue[OFL_ACE_NO_ROOM + 1];
	struct ofl_ace **in_flight; /* by op id */
	uint64_t last_op_id, last_entry_id;
	bool stalled; /* all that waited was tried once more */

	struct ofl_acl_stats st;
};

/* --- acl.c --- */
static inline struct ofl_ace *ofl_ace_at(const struct ofl_acl_place *p,
					 uint32_t handle)
{
	return p->rules[handle];
}
void ofl_ace_set_add(struct ofl_ace_set *s, uint32_t handle);
/* It must be there. */
void ofl_ace_set_del(struct ofl_ace_set *s, uint32_t handle);
void ofl_ace_set_fini(struct ofl_ace_set *s);
/* Returns where it stands. */
uint32_t ofl_ace_scan_add(struct ofl_ace_scan *s, const struct ofl_match *m,
			  uint32_t handle);
/* Returns the handle of the rule that stands at `at` now, or NOWHERE. */
uint32_t ofl_ace_scan_del(struct ofl_ace_scan *s, uint32_t at);
void ofl_ace_mark_changed(struct ofl_acl_place *p, struct ofl_ace *r);
/* Nothing of a ghost is left. */
void ofl_ace_forget(struct ofl_acl_place *p, struct ofl_ace *r);

static inline bool ofl_ace_is_ghost(const struct ofl_ace *r)
{
	return r->cookie == 0;
}

/* May this rule not be answered like that one? */
static inline bool ofl_ace_differs(const struct ofl_ace *a,
				   const struct ofl_ace *b)
{
	return a->identity == 0 || a->identity != b->identity;
}

/* --- acl_dep.c --- */
/* A rule came into the list, all of it set; or leaves it. */
void ofl_acl_dep_add(struct ofl_acl_place *p, struct ofl_ace *r);
void ofl_acl_dep_del(struct ofl_acl_place *p, struct ofl_ace *r);
/* Lists that were too long may have their place now. */
void ofl_acl_dep_recheck(struct ofl_acl_place *p);
/* Does another position of this rule leave everybody's D as it is? */
bool ofl_acl_dep_can_shift(struct ofl_acl_place *p, const struct ofl_ace *r,
			   uint64_t position);

/* --- acl_choice.c --- */
static inline enum ofl_entry ofl_ace_planned(const struct ofl_ace *r)
{
	if (r->want)
		return OFL_ENTRY_REAL;
	return r->covers ? OFL_ENTRY_PUNT : OFL_ENTRY_NONE;
}
/* Weight in units that tell a rule without traffic from none. */
#define OFL_ACE_WORTH_UNIT 16
static inline uint64_t ofl_ace_worth(const struct ofl_ace *r)
{
	return (uint64_t)r->weight * OFL_ACE_WORTH_UNIT + 1;
}
/* Of its worth, what counts for a rule below it that would cover it. */
static inline uint64_t ofl_ace_promise_to(const struct ofl_ace *d,
					  const struct ofl_ace *l)
{
	return d->cls == l->cls ? d->promise : 0;
}
/* Slots that a candidate would take, its covers included. */
uint32_t ofl_ace_cost_slots(const struct ofl_ace *r);
/* ... if nothing but what critical rules need were in the table. */
uint32_t ofl_ace_critical_cost_slots(const struct ofl_acl_place *p,
				     const struct ofl_ace *r);
/* Slots that come free if a resident leaves. */
uint32_t ofl_ace_freed_slots(const struct ofl_ace *r);
bool ofl_ace_is_eligible(const struct ofl_ace *r);
/* Bring a rule to its place in the heaps after anything about it changed. */
void ofl_ace_reckon(struct ofl_acl_place *p, struct ofl_ace *r);
/* Critical, or no more so; never to or from NEVER. */
void ofl_ace_class_set(struct ofl_acl_place *p, struct ofl_ace *r, uint8_t cls);
void ofl_ace_enter(struct ofl_acl_place *p, struct ofl_ace *r);
void ofl_ace_leave(struct ofl_acl_place *p, struct ofl_ace *r);
/* `d` came into D(l) (real or not), or left it. */
void ofl_ace_cover_add(struct ofl_acl_place *p, struct ofl_ace *d,
		       struct ofl_ace *l);
void ofl_ace_cover_del(struct ofl_acl_place *p, struct ofl_ace *d,
		       struct ofl_ace *l);
/* No entry can be made for it, or it can be again. */
void ofl_ace_uncoverable_set(struct ofl_acl_place *p, struct ofl_ace *d,
			     bool uncoverable);
void ofl_ace_heap_fini(struct ofl_ace_heap *h);
struct ofl_ace *ofl_ace_heap_top(const struct ofl_ace_heap *h);
void ofl_ace_heap_del(struct ofl_ace_heap *h, struct ofl_ace *r);
void ofl_ace_heap_add(struct ofl_ace_heap *h, struct ofl_ace *r);
/* Its key changed. */
void ofl_ace_heap_move(struct ofl_ace_heap *h, struct ofl_ace *r);

/* --- acl_swap.c --- */
/* Slots of entries that could not be removed. */
uint32_t ofl_acl_stuck_slots(const struct ofl_acl_place *p);
/* The rule goes from the list. */
void ofl_acl_swap_forget(struct ofl_acl_place *p, const struct ofl_ace *r);
/* Decide; true: more. */
bool ofl_acl_swap_run(struct ofl_acl_place *p, unsigned int budget);

/* --- acl_level.c --- */
void ofl_acl_level_init(struct ofl_acl_place *p);
void ofl_acl_level_fini(struct ofl_acl_place *p);
/* Give a pref to rules whose planned entry is new; true: there are more than
 * `budget`. */
bool ofl_acl_level_run(struct ofl_acl_place *p, unsigned int budget);
/* The rule has no entry any more, nor is one planned. */
void ofl_acl_level_leave(struct ofl_acl_place *p, struct ofl_ace *r);
/* The rule is a ghost: its pref binds nobody. */
void ofl_acl_level_release(struct ofl_acl_place *p, struct ofl_ace *r);
void ofl_acl_level_shape(struct ofl_acl_place *p, const struct ofl_match *m,
			 int sign);
void ofl_acl_prefs_add(struct ofl_acl_prefs *s, uint16_t pref);
void ofl_acl_prefs_del(struct ofl_acl_prefs *s, uint16_t pref);
/* Prefs in use after this one. */
uint32_t ofl_acl_prefs_behind(const struct ofl_acl_prefs *s, uint16_t pref);

/* --- acl_exec.c --- */
void ofl_acl_exec_init(struct ofl_acl_place *p);
void ofl_acl_exec_fini(struct ofl_acl_place *p);
/* Look at the rule when operations are asked for. */
void ofl_acl_exec_queue(struct ofl_acl_place *p, struct ofl_ace *r);
void ofl_acl_exec_unqueue(struct ofl_acl_place *p, struct ofl_ace *r);
/* What waits for this rule's entry, or for room, may go on. */
void ofl_acl_exec_wake(struct ofl_acl_place *p, const struct ofl_ace *r);
void ofl_acl_exec_wake_room(struct ofl_acl_place *p, uint32_t slots);
/* Has it a REAL entry, or may it have one? */
bool ofl_ace_may_be_real(const struct ofl_ace *r);
/* Is it REAL with a rule above it that has no entry? */
static inline bool ofl_ace_is_unsafe(const struct ofl_ace *r)
{
	return r->bare && ofl_ace_may_be_real(r);
}
/* What it has in hardware that will stay until something is asked of it. */
bool ofl_ace_is_certain(const struct ofl_ace *r);

/* --- acl_done.c --- */
/* The count of certain entries may have changed: tell those below. */
void ofl_acl_done_certain(struct ofl_acl_place *p, struct ofl_ace *r,
			  bool was_certain);

#endif /* OFFLOADD_PLACEMENT_ACL_LIST_H */
