/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small moves on a configuration as libyang holds it, which edits, rebases and
 * comparisons share: find what corresponds to a node, tell what was set from
 * what is implied, put in, take out.
 *
 * Everything is found by libyang's hashes: the room has no loop over a list
 * within a loop over that list.  Pure: no FRR.  Private to this room.
 */
#ifndef OFFLOADD_NETCONF_TREE_H
#define OFFLOADD_NETCONF_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct lyd_node;
struct lysc_node;

/* The node among `siblings` (may be NULL) that `like` is an instance of: the
 * entry with the same keys, the same value of a leaf-list, the leaf whatever
 * it holds.  NULL: there is none. */
struct lyd_node *ofl_nc_tree_find(const struct lyd_node *siblings,
				  const struct lyd_node *like);
/* The same, if somebody set it. */
struct lyd_node *ofl_nc_tree_find_explicit(const struct lyd_node *siblings,
					   const struct lyd_node *like);
/* The first instance of a schema node; NULL: none. */
struct lyd_node *ofl_nc_tree_find_first(const struct lyd_node *siblings,
					const struct lysc_node *snode);
/* Did somebody set it?  False for defaults, and for a container without
 * presence that holds nothing else. */
bool ofl_nc_tree_is_explicit(const struct lyd_node *node);
/* A container that exists by itself. */
bool ofl_nc_tree_is_implied(const struct lysc_node *snode);
bool ofl_nc_tree_is_key(const struct lysc_node *snode);

/* `tree` is the first of the top-level siblings, kept right; `parent` NULL:
 * top level. */
struct lyd_node *ofl_nc_tree_siblings(struct lyd_node *const *tree,
				      const struct lyd_node *parent);
void ofl_nc_tree_add(struct lyd_node **tree, struct lyd_node *parent,
		     struct lyd_node *node);
void ofl_nc_tree_del(struct lyd_node **tree, struct lyd_node *node);
/* Of an ordered-by user list: behind `after`, or first of all (NULL). */
void ofl_nc_tree_move(struct lyd_node **tree, struct lyd_node *node,
		      struct lyd_node *after);
/* Give a leaf that is there, maybe by default, the value of another. */
void ofl_nc_tree_set(struct lyd_node *leaf, const struct lyd_node *from);
/* A copy of siblings with all below, flags too. */
struct lyd_node *ofl_nc_tree_copy(const struct lyd_node *siblings);

/* What is set in the other cases of the choices that `snode` is in.  A node of
 * it, or NULL; and away with all of it. */
struct lyd_node *ofl_nc_tree_find_other_case(const struct lyd_node *siblings,
					     const struct lysc_node *snode);
void ofl_nc_tree_del_other_cases(struct lyd_node **tree,
				 struct lyd_node *parent,
				 const struct lysc_node *snode);

/* Its XPath; freed by free(). */
char *ofl_nc_tree_path(const struct lyd_node *node);

#endif /* OFFLOADD_NETCONF_TREE_H */
