/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prefix forest of one hardware table (private to the placement room).
 *
 * One path-compressed binary trie per VRF and family; a route's fields stand
 * inline in its node, branch points without a route ("glue") are a sixth of the
 * size, and what points at them is a 32-bit handle: memory per route is a
 * feature.  The files that work on the forest have members of their own:
 *
 *   value.c     what each route is worth in and out of hardware, summed up
 *   choice.c    decides what the table should hold (want), with closure.c
 *   price.c     the price of a slot; round.c: who swaps slots; pin.c: the
 *               exact optimum of a small table
 *   executor.c  brings hardware there in safe steps (hw, op)
 *   bare.c      sums up what has no entry
 *   sweep.c     looks at large subtrees bit by bit
 *   whatif.c    copies all of it, to see what another table would hold
 *   placement.c is the face to the engine
 */
#ifndef OFFLOADD_PLACEMENT_LPM_H
#define OFFLOADD_PLACEMENT_LPM_H

#include "memory.h"
#include "typesafe.h"

#include "lib/slab.h"
#include "offloadd/flow/watermark.h"
#include "offloadd/placement/placement.h"
#include "offloadd/placement/queue.h"

PREDECL_DLIST(ofl_lpm_exec);
PREDECL_LIST(ofl_sweep_jobs);
PREDECL_HASH(ofl_lpm_trees);

/* What a route, a set of routes or a slot is worth; critical first, whatever
 * best effort is worth.  In units of 1/256 of a weight. */
struct ofl_worth {
	int64_t critical, best_effort;
};

/* What every branch point has. */
struct ofl_lpm_base {
	uint32_t parent, child[2]; /* handles; 0: none */
	/* bare.c: the one identity of the routes here and below that have no
	 * entry of their own, as planned and in hardware; 0: there are none */
	uint32_t bare_plan : 24;
	uint32_t plen : 8;
	uint32_t bare_hw : 24;
	uint32_t glue : 1;  /* true: not a node */
	uint32_t punts : 1; /* a cover is planned here or below */
	uint32_t v6 : 1;
	uint8_t addr[]; /* 4 or 16 bytes, network order, host bits 0 */
};

/* Which list of the executor a node stands in. */
enum ofl_lpm_exec_list {
	OFL_EXEC_NONE = 0,
	OFL_EXEC_FREE,	  /* removals and demotions: free a slot, or nothing */
	OFL_EXEC_ADD,	  /* additions and promotions */
	OFL_EXEC_BLOCKED, /* not safe yet */
	OFL_EXEC_SLOT,	  /* safe, but no slot */
};

/* Are a node's sums, or a tree's, made at the price of now? */
enum ofl_lpm_sum {
	OFL_SUM_NONE = 0, /* no, nor are those above */
	OFL_SUM_EVEN,	  /* yes, if place.sum says the same; the name */
	OFL_SUM_ODD,	  /* changes with each price */
	OFL_SUM_OPEN,	  /* being made: those before the cursor are in */
};

/* What the exact optimum says; pin.c. */
enum ofl_lpm_pin {
	OFL_PIN_FREE = 0, /* nothing */
	OFL_PIN_NONE,
	OFL_PIN_REAL,
	OFL_PIN_PUNT,
};

struct ofl_lpm_node {
	/* the route, as ofl_place_set() told */
	uint64_t cookie;
	/* value.c: nothing real here, children on their own; this route and
	 * those below answered by hardware, own slot not paid */
	struct ofl_worth out, in;
	uint32_t blocked;  /* routes right below that forbid an entry here */
	uint32_t identity; /* 0: hardware may not answer it */
	uint32_t weight;

	/* hardware, executor.c: */
	uint32_t hw_identity; /* of a REAL hw */
	uint32_t op_identity; /* of a REAL op_entry */

	uint16_t tree;
	/* Bits, for there are a million of these.  The route: */
	uint16_t cls : 2;
	uint16_t why : 6;     /* reason shown while identity is 0 */
	uint16_t route : 1;   /* 0: withdrawn, an entry may be left */
	uint16_t changed : 1; /* in the queue of that name */
	/* the sums: */
	uint16_t sum : 2; /* enum ofl_lpm_sum */
	/* the plan: */
	uint16_t dirty : 1;    /* in the queue of that name */
	uint16_t answered : 1; /* hardware forwards it, as planned */
	uint16_t want : 2;     /* enum ofl_entry */

	uint32_t fail : 6;	  /* enum ofl_reason: REAL was refused */
	uint32_t reason : 6;	  /* enum ofl_reason for want not being REAL */
	uint32_t punt_failed : 1; /* hardware refused a cover here */
	uint32_t hard_failed : 1; /* `fail` is for good, whatever is retried */
	uint32_t del_failed : 1;  /* hardware refused to remove it */
	uint32_t age : 3;	  /* sweeps since want is REAL; stays at 7.  Not
				   * wanted: is it of an earlier life? */
	uint32_t pin : 2;	  /* enum ofl_lpm_pin */
	/* hardware: */
	uint32_t hw : 2;       /* enum ofl_entry confirmed */
	uint32_t op : 2;       /* enum ofl_op_kind in flight */
	uint32_t op_entry : 2; /* enum ofl_entry if it succeeds */
	uint32_t last_op : 2;  /* enum ofl_op_kind */
	uint32_t exec : 3;     /* enum ofl_lpm_exec_list */
	uint32_t renewed : 1;  /* the plan below is to follow n's identity */

	struct ofl_lpm_exec_item exec_item;

	struct ofl_lpm_base b; /* last: its address is 4 or 16 bytes long */
};

struct ofl_lpm_tree {
	struct ofl_lpm_trees_item item;
	uint32_t vrf;
	uint32_t root; /* a handle */
	uint16_t id;
	uint8_t family;
	uint8_t sum;	      /* enum ofl_lpm_sum of `top` */
	struct ofl_worth top; /* of the routes that no other covers */
};

#define OFL_PLACE_IN_FLIGHT OFL_OPS_IN_FLIGHT

/* An entry that needs more covers than this is not wanted: no single decision
 * may take longer than a turn of the engine. */
#define OFL_PLACE_COVERS_MAX 8192
/* Larger identities are like no other. */
#define OFL_PLACE_IDENTITY_MAX 0xfffffeu

/* value.c: sums are made again, tree by tree */
struct ofl_value_pass {
	struct ofl_lpm_tree *tree; /* being summed; NULL: none */
	struct ofl_prefix cursor;  /* what comes next */
	struct ofl_lpm_node *open; /* the deepest that is OPEN */
};

struct ofl_price;
struct ofl_round;
struct ofl_pin;

struct ofl_place {
	struct ofl_place_conf conf;
	uint32_t learned_slots; /* hardware refused beyond this */
	bool probing; /* since a retry nothing was refused for lack of space */
	uint32_t stuck_slots; /* entries that hardware refused to remove */

	struct ofl_lpm_trees_head trees;
	struct ofl_lpm_tree **tree; /* by id; holes are NULL */
	uint32_t tree_size;
	struct ofl_slab_kind nodes[2], glue[2]; /* IPv4, IPv6 */
	struct ofl_lpm_tree *last_tree;		/* last one found */

	/* the sums */
	struct ofl_worth price; /* of a slot: one of the two is 0 */
	uint8_t sum;		/* enum ofl_lpm_sum of what is current */
	struct ofl_value_pass pass;
	struct ofl_worth total, value; /* of all routes; of those answered */
	uint32_t answered;	       /* routes */

	/* the plan */
	struct ofl_lpm_queue dirty;	   /* to be decided about */
	struct ofl_lpm_queue changed;	   /* views to be reported */
	struct ofl_watermark mark;	   /* is best effort admitted? */
	struct ofl_sweep_jobs_head sweeps; /* subtrees to look at again */
	bool refused; /* hardware refused something since the last retry */
	struct ofl_round *round; /* round.c */
	bool exact;		 /* pins are obeyed */
	bool has_planned;
	uint32_t lap; /* of dirty, that entries of before go ahead in */

	struct ofl_lpm_exec_head exec_free, exec_add, exec_blocked, exec_slot;
	struct ofl_lpm_node *flight[OFL_PLACE_IN_FLIGHT];
	uint64_t flight_id[OFL_PLACE_IN_FLIGHT];
	uint64_t next_seq;
	uint32_t flight_next; /* where to look for a free place */
	bool gave_way;	      /* an entry did, to end a deadlock */

	uint64_t changes; /* of routes and of what is told of them */
	struct ofl_place_stats st;
};

/* All rooms' branch points: what a handle points at does not depend on the
 * room. */
extern struct ofl_slab ofl_lpm_slab;

static inline struct ofl_lpm_base *ofl_lpm_at(uint32_t handle)
{
	return handle ? ofl_slab_at(&ofl_lpm_slab, handle) : NULL;
}

static inline struct ofl_lpm_base *ofl_lpm_child(const struct ofl_lpm_base *b,
						 unsigned int which)
{
	return ofl_lpm_at(b->child[which]);
}

static inline struct ofl_lpm_base *ofl_lpm_parent(const struct ofl_lpm_base *b)
{
	return ofl_lpm_at(b->parent);
}

static inline struct ofl_lpm_node *ofl_lpm_of(struct ofl_lpm_base *b)
{
	return container_of(b, struct ofl_lpm_node, b);
}

/* Slots an entry takes at this node. */
static inline uint32_t ofl_lpm_cost(const struct ofl_place *p,
				    const struct ofl_lpm_node *n)
{
	return n->b.v6 ? p->conf.cost_v6_slots : p->conf.cost_v4_slots;
}

/* May hardware answer this route with `identity`? */
static inline bool ofl_lpm_agrees(const struct ofl_lpm_node *n,
				  uint32_t identity)
{
	return n->identity && n->identity == identity;
}

/* Does hardware surely hold some entry at n, whatever is unanswered? */
static inline bool ofl_lpm_is_held(const struct ofl_lpm_node *n)
{
	return n->hw != OFL_ENTRY_NONE && n->op != OFL_OP_DEL;
}

/* --- lpm.c: the trie --- */
struct ofl_prefix ofl_lpm_prefix(const struct ofl_lpm_base *b);
struct ofl_key ofl_lpm_key(const struct ofl_place *p,
			   const struct ofl_lpm_node *n);
struct ofl_lpm_tree *ofl_lpm_tree_of(const struct ofl_place *p,
				     const struct ofl_lpm_node *n);
/* NULL if there is none. */
struct ofl_lpm_tree *ofl_lpm_tree_find(struct ofl_place *p, uint32_t vrf,
				       uint8_t family);
struct ofl_lpm_node *ofl_lpm_find(struct ofl_place *p,
				  const struct ofl_key *key);
/* Find or make; *ret_new tells which. */
struct ofl_lpm_node *ofl_lpm_get(struct ofl_place *p, const struct ofl_key *key,
				 bool *ret_new);
/* Take out and free; it is in no list and has nothing in hardware. */
void ofl_lpm_del(struct ofl_place *p, struct ofl_lpm_node *n);
void ofl_lpm_init(struct ofl_place *p);
void ofl_lpm_fini(struct ofl_place *p); /* free every tree */
/* Likewise, a step of about `budget` nodes, which may be in no list any more
 * and in no queue; false: all are gone. */
bool ofl_lpm_clear_some(struct ofl_place *p, unsigned int budget);
/* Nearest node above (route or withdrawn route, no glue), or NULL. */
struct ofl_lpm_node *ofl_lpm_up(const struct ofl_lpm_node *n);
/* Preorder walk strictly below `top`: start with n == top.  `descend` false
 * passes over what is below n.  NULL at the end.  May return glue. */
struct ofl_lpm_base *ofl_lpm_next(const struct ofl_lpm_base *top,
				  struct ofl_lpm_base *n, bool descend);
/* The first branch point or node of the tree that is not before `prefix` in
 * preorder, or NULL. */
struct ofl_lpm_base *ofl_lpm_seek(const struct ofl_lpm_tree *t,
				  const struct ofl_prefix *prefix);
/* Walk the nodes in the order of memory, which is the quickest: start with
 * *at == 0, NULL at the end.  Nodes may come and go meanwhile. */
struct ofl_lpm_node *ofl_lpm_scan(struct ofl_place *p, uint64_t *at);

/* --- value.c: see value.h --- */

/* --- bare.c: what has no entry --- */
/* Route, identity, want, hw or op of n changed. */
void ofl_bare_refresh(struct ofl_lpm_node *n);
/* Would a planned entry of `identity` at n answer a bare route below wrongly?
 */
bool ofl_bare_is_alike(const struct ofl_lpm_node *n, uint32_t identity);
/* The same for what hardware holds, whatever is unanswered. */
bool ofl_bare_is_safe(const struct ofl_lpm_node *n, uint32_t identity);
/* Is a cover planned below n, with no other entry in between? */
bool ofl_bare_has_punts(const struct ofl_lpm_node *n);
/* Walk the routes below `top` that such an entry would answer wrongly; what
 * is below one of them is passed over.  Start with n == top. */
struct ofl_lpm_node *ofl_bare_next(const struct ofl_lpm_node *top,
				   struct ofl_lpm_node *n, uint32_t identity);
/* Walk the covers planned below `top` with no other entry in between. */
struct ofl_lpm_node *ofl_bare_next_punt(const struct ofl_lpm_node *top,
					struct ofl_lpm_node *n);

/* --- sweep.c: large subtrees, bit by bit --- */
enum ofl_sweep {
	OFL_SWEEP_PLAN = 1,  /* other entries are planned above */
	OFL_SWEEP_HW = 2,    /* other entries stand above in hardware */
	OFL_SWEEP_RETRY = 4, /* forget refusals */
	OFL_SWEEP_RENEW = 8, /* also those that were for good */
};
void ofl_sweep_init(struct ofl_place *p);
void ofl_sweep_fini(struct ofl_place *p);
/* Look again at what is below n: a little now, the rest by ofl_sweep_run(). */
void ofl_sweep_below(struct ofl_place *p, struct ofl_lpm_node *n,
		     enum ofl_sweep what);
/* Look again at everything. */
void ofl_sweep_all(struct ofl_place *p, enum ofl_sweep what);
/* One step; false: there is nothing to do. */
bool ofl_sweep_run(struct ofl_place *p);
bool ofl_sweep_is_pending(const struct ofl_place *p);

/* --- choice.c: the plan --- */
/* Decide about n again. */
void ofl_choice_touch(struct ofl_place *p, struct ofl_lpm_node *n);
/* An entry was found in hardware. */
void ofl_choice_adopted(struct ofl_place *p);
/* The route of n changed, came or went: decide about it again, and about those
 * whose covers it may be. */
void ofl_choice_route_changed(struct ofl_place *p, struct ofl_lpm_node *n);
/* Take n out of the books, put it back: its route or its slots change. */
void ofl_choice_account(struct ofl_place *p, struct ofl_lpm_node *n, int sign);
/* Limits changed: look at candidates again. */
void ofl_choice_limits(struct ofl_place *p);
bool ofl_choice_plan(struct ofl_place *p, unsigned int budget);
bool ofl_choice_is_idle(const struct ofl_place *p);
/* Eligible, but not answered by hardware as planned, though nothing but the
 * lack of a slot stands in the way. */
bool ofl_choice_is_waiting(const struct ofl_place *p,
			   const struct ofl_lpm_node *n);

/* --- executor.c: safe writes --- */
void ofl_exec_init(struct ofl_place *p);
void ofl_exec_fini(struct ofl_place *p);
/* Nothing is due any longer at about `budget` nodes; false: at none. */
bool ofl_exec_clear_some(struct ofl_place *p, unsigned int budget);
/* want, identity or route of n changed: see whether a write is due. */
void ofl_exec_touch(struct ofl_place *p, struct ofl_lpm_node *n);
bool ofl_exec_next(struct ofl_place *p, struct ofl_op *ret_op);
void ofl_exec_abort(struct ofl_place *p, uint64_t op_id);
void ofl_exec_done(struct ofl_place *p, const struct ofl_outcome *outcome);
void ofl_exec_lost(struct ofl_place *p, struct ofl_lpm_node *n);
/* A shorter confirmed REAL entry answers n as its route says. */
bool ofl_exec_is_elided(const struct ofl_lpm_node *n);
/* The nearest entry above that hardware surely holds, or NULL. */
struct ofl_lpm_node *ofl_exec_cover_of(const struct ofl_lpm_node *n);
/* Something around n changed: if its write was blocked, try it again. */
void ofl_exec_unblock(struct ofl_place *p, struct ofl_lpm_node *n);
/* Nothing in flight and nothing that could be sent. */
bool ofl_exec_is_idle(const struct ofl_place *p);

/* --- placement.c --- */
/* The view of n may have changed: report it. */
void ofl_place_mark_changed(struct ofl_place *p, struct ofl_lpm_node *n);
/* Hardware may have more room than it had: try. */
void ofl_place_probe(struct ofl_place *p);
/* What hardware refused at n may be tried again. */
void ofl_place_retry_node(struct ofl_place *p, struct ofl_lpm_node *n);
/* Hardware refused to remove n's entry, or no longer. */
void ofl_place_set_stuck(struct ofl_place *p, struct ofl_lpm_node *n,
			 bool stuck);
/* Slots hardware has, as far as known. */
static inline uint32_t ofl_place_capacity(const struct ofl_place *p)
{
	return p->conf.capacity_slots < p->learned_slots
		       ? p->conf.capacity_slots
		       : p->learned_slots;
}

#endif /* OFFLOADD_PLACEMENT_LPM_H */
