/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mirror's own state, shared by its files:
 *
 *   acl.c       transactions: what is new, what changed, what went
 *   acl_flows.c static flows as lists
 *   acl_tell.c  changes on their way to the consumer
 *   acl_query.c answers to northbound
 *
 * A change is the node itself in a queue.  A node that went but was told stays
 * in the queue, out of its tree, until that is told too.
 */
#ifndef OFFLOADD_ENGINE_ACL_PRIVATE_H
#define OFFLOADD_ENGINE_ACL_PRIVATE_H

#include <zebra.h>

#include "memory.h"
#include "typesafe.h"

#include "offloadd/engine/acl.h"

PREDECL_DLIST(ofl_acl_changes);
PREDECL_RBTREE_UNIQ(ofl_acl_tree);
PREDECL_RBTREE_UNIQ(ofl_ace_tree);
PREDECL_RBTREE_UNIQ(ofl_acl_links);

enum ofl_acl_node_kind { OFL_NODE_ACL, OFL_NODE_ACE, OFL_NODE_LINK };

/* Begins each of the three nodes. */
struct ofl_acl_change {
	struct ofl_acl_changes_item item;
	uint8_t kind; /* enum ofl_acl_node_kind */
	bool listed;  /* in the queue */
	bool told;    /* the consumer knows it */
	bool gone;
};

struct ofl_acl_node {
	struct ofl_acl_change change;  /* first */
	struct ofl_acl_tree_item item; /* by name, then origin */
	uint32_t id;
	uint32_t gen; /* the transaction that last said it */
	bool filled;  /* ... and its entries */
	uint32_t link_count;
	struct ofl_acl_conf conf;
	struct ofl_ace_tree_head aces;
};

struct ofl_ace_node {
	struct ofl_acl_change change; /* first */
	struct ofl_ace_tree_item item;
	struct ofl_acl_node *acl;
	uint32_t gen;
	struct ofl_ace ace;
};

/* A list at an interface. */
struct ofl_acl_link {
	struct ofl_acl_change change; /* first */
	struct ofl_acl_links_item item;
	struct ofl_acl_node *acl;
	uint32_t gen;
	uint8_t direction;
	char interface[OFL_ACE_IFNAME_LEN];
};

/* By interface, priority, name; those of the next transaction in any order. */
struct ofl_acl_flows {
	struct ofl_static_flow *v;
	size_t count, size;
};

struct ofl_acls {
	struct ofl_acl_tree_head acls;
	struct ofl_acl_links_head links;
	struct ofl_acl_changes_head changes;
	struct ofl_attachment *attachments, *next; /* next: being said */
	size_t attachment_count, next_count, ace_count;
	struct ofl_acl_node *filling; /* the list added last */
	struct ofl_acl_flows flows, flows_next;
	uint32_t marks_first, marks_count;
	uint32_t gen, last_id;
	bool frr_changed; /* FRR's lists are to be read again */
	bool unsettled;	  /* something was told since `settled` */

	const struct ofl_acl_consumer *consumer;
	void *arg;
	void (*wake)(void);
};
extern struct ofl_acls ofl_acls;

int ofl_acl_node_cmp(const struct ofl_acl_node *a,
		     const struct ofl_acl_node *b);
int ofl_ace_node_cmp(const struct ofl_ace_node *a,
		     const struct ofl_ace_node *b);
int ofl_acl_link_cmp(const struct ofl_acl_link *a,
		     const struct ofl_acl_link *b);
DECLARE_DLIST(ofl_acl_changes, struct ofl_acl_change, item);
DECLARE_RBTREE_UNIQ(ofl_acl_tree, struct ofl_acl_node, item, ofl_acl_node_cmp);
DECLARE_RBTREE_UNIQ(ofl_ace_tree, struct ofl_ace_node, item, ofl_ace_node_cmp);
DECLARE_RBTREE_UNIQ(ofl_acl_links, struct ofl_acl_link, item, ofl_acl_link_cmp);

/* acl.c */
struct ofl_acl_node *ofl_acl_node_find(enum ofl_acl_origin origin,
				       const char *name);
struct ofl_acl_node *ofl_acl_node_by_id(uint32_t id);
/* Out of every tree and queue, and its memory. */
void ofl_acl_change_free(struct ofl_acl_change *c);
/* Read FRR's lists again. */
void ofl_acls_refresh(void);
/* The list, if it is there, is attached where `a` says. */
void ofl_acl_link_set(const struct ofl_attachment *a, struct ofl_acl_node *acl);

/* acl_flows.c */
void ofl_acl_flows_begin(void);
/* Lists and entries of what was added since. */
void ofl_acl_flows_commit(void);
/* Their attachments. */
void ofl_acl_flows_link(void);
void ofl_acl_flows_fini(void);

/* acl_tell.c */
/* The node is new or another than before. */
void ofl_acl_change_put(struct ofl_acl_change *c);
/* It left its tree: freed now, or when that is told. */
void ofl_acl_change_gone(struct ofl_acl_change *c);
/* Changes of a transaction are all put: nobody to tell forgets them. */
void ofl_acl_changes_done(void);

#endif /* OFFLOADD_ENGINE_ACL_PRIVATE_H */
