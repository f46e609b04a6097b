/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prefix forest of the kernel's routes (private to the placement room):
 * one path-compressed binary trie per table and family.
 *
 * Only shape lives here; fibview.c says what a node means, fibrepair.c what to
 * do about it.  Apart from lpm.h's forest, which carries a plan and sums that
 * nobody makes for a table that fills itself: 56 bytes an IPv4 route.
 */
#ifndef OFFLOADD_PLACEMENT_FIBTREE_H
#define OFFLOADD_PLACEMENT_FIBTREE_H

#include <stddef.h>

#include "memory.h"
#include "typesafe.h"

#include "lib/slab.h"
#include "offloadd/flow/fibroute.h"

PREDECL_HASH(ofl_fibtrees);

struct ofl_fibnode {
	uint32_t parent, child[2]; /* handles; 0: none */
	uint32_t weight;	   /* fibview.c */
	uint32_t metric, way, image;
	uint16_t tree;
	uint8_t plen;
	uint8_t gen; /* the list that last had it */
	uint32_t v6 : 1;
	uint32_t known : 1; /* kept, a route or the rest of one; else glue */
	uint32_t route : 1; /* the kernel has it */
	uint32_t state : 2; /* enum ofl_fib_state */
	uint32_t local : 1; /* of the table local */
	uint32_t hides : 1; /* the kernel has a worse one of this prefix */
	uint32_t fixed : 1; /* these two: see struct ofl_fib_route */
	uint32_t writable : 1;
	uint32_t changed : 1;  /* to be told */
	uint32_t is_flow : 1;  /* cls and weight are somebody's word */
	uint32_t cls : 2;      /* enum ofl_class */
	uint32_t shadowed : 1; /* failed, and hardware steals its packets */
	uint32_t demoted : 1;  /* out of hardware for another one's sake */
	/* fibrepair.c */
	uint32_t patient : 1;  /* in the list of those to be mended */
	uint32_t given_up : 1; /* shadowed, and only tried rarely any more */
	uint32_t left : 1;     /* failed though there was room: not again */
	uint32_t busy : 1;     /* being taken out */
	uint8_t addr[];	       /* 4 or 16 bytes, network order, host bits 0 */
};

struct ofl_fibtree {
	struct ofl_fibtrees_item item;
	uint32_t table;
	uint32_t root; /* a handle */
	uint16_t id;
	uint8_t family;
};

struct ofl_fibforest {
	struct ofl_slab slab;
	struct ofl_slab_kind nodes[2]; /* IPv4, IPv6 */
	struct ofl_fibtrees_head trees;
	struct ofl_fibtree **tree; /* by id; holes are NULL */
	uint32_t tree_size;
};

static inline struct ofl_fibnode *ofl_fibnode_at(const struct ofl_fibforest *f,
						 uint32_t handle)
{
	return handle ? ofl_slab_at(&f->slab, handle) : NULL;
}

/* Is something about it in hardware? */
static inline bool ofl_fibnode_is_entry(const struct ofl_fibnode *n)
{
	return n->state == OFL_FIB_OFFLOADED || n->state == OFL_FIB_TRAPPED;
}

void ofl_fibforest_init(struct ofl_fibforest *f);
void ofl_fibforest_fini(struct ofl_fibforest *f); /* whatever is in it */

/* 0: there is none; the node may be glue. */
uint32_t ofl_fibnode_find(struct ofl_fibforest *f, const struct ofl_key *key);
/* Find or make; what is new is zero but for its place. */
uint32_t ofl_fibnode_get(struct ofl_fibforest *f, const struct ofl_key *key);
/* It is not known any longer: take it out where the shape allows. */
void ofl_fibnode_del(struct ofl_fibforest *f, uint32_t handle);
struct ofl_key ofl_fibnode_key(const struct ofl_fibforest *f,
			       const struct ofl_fibnode *n);
/* The nearest one above that is in hardware, or NULL. */
struct ofl_fibnode *ofl_fibnode_entry_above(const struct ofl_fibforest *f,
					    const struct ofl_fibnode *n);
/* Does `above` contain n?  Itself included. */
bool ofl_fibnode_is_below(const struct ofl_fibnode *n,
			  const struct ofl_fibnode *above);
/* Preorder strictly below `top`: start with 0, 0 at the end.  `descend` false
 * passes over what is below `at`.  Glue too. */
uint32_t ofl_fibnode_next(const struct ofl_fibforest *f, uint32_t top,
			  uint32_t at, bool descend);
/* In the order of memory, glue too: start with *at == 0; 0 at the end.  Nodes
 * may come and go meanwhile. */
uint32_t ofl_fibnode_scan(const struct ofl_fibforest *f, uint64_t *at);

#endif /* OFFLOADD_PLACEMENT_FIBTREE_H */
