/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prefix forest of one hardware table (private to the placement room).
 *
 * One path-compressed binary trie per VRF and family; a route's fields stand
 * inline in its node.  Branch points without a route ("glue") are a third of
 * the size.  The files that work on it have members of their own: greedy.c and
 * closure.c decide what the table should hold (want), executor.c brings
 * hardware there in safe steps (hw, op), bare.c sums up what has no entry,
 * sweep.c looks at large subtrees bit by bit, placement.c is the face to the
 * engine.
 */
#ifndef OFFLOADD_PLACEMENT_LPM_H
#define OFFLOADD_PLACEMENT_LPM_H

#include "memory.h"
#include "typesafe.h"

#include "lib/pool.h"
#include "offloadd/flow/watermark.h"
#include "offloadd/placement/placement.h"

PREDECL_HEAP(ofl_lpm_wait);
PREDECL_HEAP(ofl_lpm_real);
PREDECL_LIST(ofl_lpm_dirty);
PREDECL_LIST(ofl_lpm_changed);
PREDECL_DLIST(ofl_lpm_exec);
PREDECL_DLIST(ofl_lpm_side);
PREDECL_LIST(ofl_sweep_jobs);
PREDECL_HASH(ofl_lpm_trees);

/* What every branch point has. */
struct ofl_lpm_base {
	struct ofl_lpm_base *parent, *child[2];
	struct ofl_key key;
	/* bare.c: the one identity of the routes here and below that have no
	 * entry of their own, as planned and in hardware; 0: there are none */
	uint32_t bare_plan : 31;
	uint32_t glue : 1; /* true: the struct ends here */
	uint32_t bare_hw : 31;
	uint32_t punts : 1; /* a cover is planned here or below */
};

/* Which list of the executor a node stands in. */
enum ofl_lpm_exec_list {
	OFL_EXEC_NONE = 0,
	OFL_EXEC_FREE,	  /* removals and demotions: free a slot, or nothing */
	OFL_EXEC_ADD,	  /* additions and promotions */
	OFL_EXEC_BLOCKED, /* not safe yet */
	OFL_EXEC_SLOT,	  /* safe, but no slot */
};

enum ofl_lpm_wait_list {
	OFL_WAIT_NONE = 0,
	OFL_WAIT_HEAP, /* candidate */
	OFL_WAIT_SIDE, /* candidate, but its closure did not fit */
};

struct ofl_lpm_node {
	struct ofl_lpm_base b;

	/* the route, as ofl_place_set() told */
	uint64_t cookie;
	uint32_t identity; /* 0: hardware may not answer it */
	uint32_t weight;
	uint8_t cls;
	uint8_t why; /* reason shown while identity is 0 */

	/* the plan: greedy.c */
	uint8_t fail;	/* enum ofl_reason: hardware refused this identity */
	uint8_t reason; /* enum ofl_reason for want not being REAL */

	/* Bits, for there are a million of these.  The route: */
	uint32_t route : 1;   /* 0: withdrawn, an entry may be left */
	uint32_t dirty : 1;   /* in the dirty list */
	uint32_t changed : 1; /* in the changed list */
	uint32_t aside : 1;   /* want REAL, but out of the heap for a moment */
	/* the plan: */
	uint32_t punt_failed : 1; /* hardware refused a cover here */
	uint32_t hard_failed : 1; /* `fail` is for good, whatever is retried */
	uint32_t del_failed : 1;  /* hardware refused to remove it */
	uint32_t want : 2;	  /* enum ofl_entry */
	uint32_t waiting : 2;	  /* enum ofl_lpm_wait_list */
	/* hardware, executor.c: */
	uint32_t hw : 2;       /* enum ofl_entry confirmed */
	uint32_t op : 2;       /* enum ofl_op_kind in flight */
	uint32_t op_entry : 2; /* enum ofl_entry if it succeeds */
	uint32_t last_op : 2;  /* enum ofl_op_kind */
	uint32_t exec : 3;     /* enum ofl_lpm_exec_list */

	uint32_t hw_identity; /* of a REAL hw */
	uint32_t op_identity; /* of a REAL op_entry */

	union {
		struct ofl_lpm_wait_item wait_item; /* waiting == HEAP */
		struct ofl_lpm_side_item side_item; /* SIDE, or make_room() */
		struct ofl_lpm_real_item real_item; /* want == REAL */
	};
	struct ofl_lpm_dirty_item dirty_item;
	struct ofl_lpm_changed_item changed_item;
	struct ofl_lpm_exec_item exec_item;
};

struct ofl_lpm_tree {
	struct ofl_lpm_trees_item item;
	uint32_t vrf;
	uint8_t family;
	struct ofl_place *place; /* whose pools feed it */
	struct ofl_lpm_base *root;
};

#define OFL_PLACE_IN_FLIGHT OFL_OPS_IN_FLIGHT

/* An entry that needs more covers than this is not wanted: no single decision
 * may take longer than a turn of the engine. */
#define OFL_PLACE_COVERS_MAX 8192

struct ofl_place {
	struct ofl_place_conf conf;
	uint32_t learned_slots; /* hardware refused beyond this */
	bool probing; /* since a retry nothing was refused for lack of space */
	uint32_t stuck_slots; /* entries that hardware refused to remove */
	struct ofl_lpm_trees_head trees;
	struct ofl_pool nodes, glue;	/* the branch points of all trees */
	struct ofl_lpm_tree *last_tree; /* last one found */

	struct ofl_lpm_dirty_head dirty;     /* to be decided about */
	struct ofl_lpm_changed_head changed; /* views to be reported */
	struct ofl_lpm_wait_head wait;	     /* candidates, best first */
	struct ofl_lpm_real_head real;	     /* want REAL, worst first */
	struct ofl_lpm_side_head side; /* did not fit; critical ones first */
	bool side_all, side_critical;  /* what of `side` is to be tried */
	struct ofl_watermark mark;     /* is best effort admitted? */
	struct ofl_sweep_jobs_head sweeps; /* subtrees to look at again */
	bool refused; /* hardware refused something since the last retry */

	struct ofl_lpm_exec_head exec_free, exec_add, exec_blocked, exec_slot;
	struct ofl_lpm_node *flight[OFL_PLACE_IN_FLIGHT];
	uint64_t flight_id[OFL_PLACE_IN_FLIGHT];
	uint64_t next_seq;
	uint32_t flight_next; /* where to look for a free place */

	struct ofl_place_stats st;
};

static inline struct ofl_lpm_node *ofl_lpm_of(struct ofl_lpm_base *b)
{
	return (struct ofl_lpm_node *)b;
}

/* Slots an entry takes at this node. */
static inline uint32_t ofl_lpm_cost(const struct ofl_place *p,
				    const struct ofl_lpm_node *n)
{
	return n->b.key.p.family == AF_INET ? p->conf.cost_v4_slots
					    : p->conf.cost_v6_slots;
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
struct ofl_lpm_node *ofl_lpm_find(struct ofl_place *p,
				  const struct ofl_key *key);
/* Find or make; *ret_new tells which. */
struct ofl_lpm_node *ofl_lpm_get(struct ofl_place *p, const struct ofl_key *key,
				 bool *ret_new);
/* Take out and free; it is in no list and has nothing in hardware. */
void ofl_lpm_del(struct ofl_place *p, struct ofl_lpm_node *n);
void ofl_lpm_init(struct ofl_place *p);
void ofl_lpm_fini(struct ofl_place *p); /* free every tree */
/* Nearest node above (route or withdrawn route, no glue), or NULL. */
struct ofl_lpm_node *ofl_lpm_up(const struct ofl_lpm_node *n);
/* Preorder walk strictly below `top`: start with n == &top->b.  `descend`
 * false passes over what is below n.  NULL at the end.  May return glue. */
struct ofl_lpm_base *ofl_lpm_next(const struct ofl_lpm_base *top,
				  struct ofl_lpm_base *n, bool descend);
/* The first branch point or node of key's tree that is not before `key` in
 * preorder, or NULL. */
struct ofl_lpm_base *ofl_lpm_seek(struct ofl_place *p,
				  const struct ofl_key *key);
/* Call for every node of every tree; `cb` may not change the tree. */
void ofl_lpm_walk(struct ofl_place *p,
		  void (*cb)(struct ofl_place *p, struct ofl_lpm_node *n));
/* Call with the shortest prefix of every tree. */
void ofl_lpm_walk_trees(struct ofl_place *p,
			void (*cb)(struct ofl_place *p,
				   const struct ofl_key *top, uint8_t what),
			uint8_t what);

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

/* --- greedy.c: the plan --- */
void ofl_greedy_init(struct ofl_place *p);
void ofl_greedy_fini(struct ofl_place *p);
/* Decide about n again. */
void ofl_greedy_touch(struct ofl_place *p, struct ofl_lpm_node *n);
/* The route of n changed, came or went: decide about it again, and about those
 * whose covers it may be or whose slot it may give. */
void ofl_greedy_route_changed(struct ofl_place *p, struct ofl_lpm_node *n);
/* The route of n is about to change or to go: leave the candidate lists. */
void ofl_greedy_unlist(struct ofl_place *p, struct ofl_lpm_node *n);
/* ... and back, if want is REAL. */
void ofl_greedy_relist(struct ofl_place *p, struct ofl_lpm_node *n);
/* The slots an entry takes change: take n out of the books, put it back. */
void ofl_greedy_account(struct ofl_place *p, struct ofl_lpm_node *n, int sign);
/* Limits changed: look at candidates again. */
void ofl_greedy_limits(struct ofl_place *p);
bool ofl_greedy_plan(struct ofl_place *p, unsigned int budget);
uint32_t ofl_greedy_waiting(const struct ofl_place *p); /* candidates */
bool ofl_greedy_is_idle(const struct ofl_place *p);

/* --- executor.c: safe writes --- */
void ofl_exec_init(struct ofl_place *p);
void ofl_exec_fini(struct ofl_place *p);
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
