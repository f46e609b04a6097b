// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Small moves on a configuration: see tree.h.
 *
 * lyd_find_sibling_first() compares the values of leaves, so that it is only
 * asked for entries and for values of leaf-lists.
 */
#include <stdlib.h>
#include <string.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/tree.h"

bool ofl_nc_tree_is_implied(const struct lysc_node *snode)
{
	return snode->nodetype == LYS_CONTAINER &&
	       !(snode->flags & LYS_PRESENCE);
}

bool ofl_nc_tree_is_key(const struct lysc_node *snode)
{
	return snode->nodetype == LYS_LEAF && (snode->flags & LYS_KEY);
}

bool ofl_nc_tree_is_explicit(const struct lyd_node *node)
{
	const struct lyd_node *child;

	if (!ofl_nc_tree_is_implied(node->schema))
		return !(node->flags & LYD_DEFAULT);
	LY_LIST_FOR(lyd_child(node), child)
	if (ofl_nc_tree_is_explicit(child))
		return true;
	return false;
}

struct lyd_node *ofl_nc_tree_find_first(const struct lyd_node *siblings,
					const struct lysc_node *snode)
{
	struct lyd_node *match = NULL;

	if (siblings)
		(void)lyd_find_sibling_val(siblings, snode, NULL, 0, &match);
	return match;
}

struct lyd_node *ofl_nc_tree_find(const struct lyd_node *siblings,
				  const struct lyd_node *like)
{
	struct lyd_node *match = NULL;

	if (!(like->schema->nodetype & (LYS_LIST | LYS_LEAFLIST)))
		return ofl_nc_tree_find_first(siblings, like->schema);
	if (siblings)
		(void)lyd_find_sibling_first(siblings, like, &match);
	return match;
}

struct lyd_node *ofl_nc_tree_find_explicit(const struct lyd_node *siblings,
					   const struct lyd_node *like)
{
	struct lyd_node *match = ofl_nc_tree_find(siblings, like);

	return match && ofl_nc_tree_is_explicit(match) ? match : NULL;
}

struct lyd_node *ofl_nc_tree_siblings(struct lyd_node *const *tree,
				      const struct lyd_node *parent)
{
	return parent ? lyd_child(parent) : *tree;
}

void ofl_nc_tree_add(struct lyd_node **tree, struct lyd_node *parent,
		     struct lyd_node *node)
{
	if (parent)
		(void)lyd_insert_child(parent, node);
	else
		(void)lyd_insert_sibling(*tree, node, tree);
}

void ofl_nc_tree_del(struct lyd_node **tree, struct lyd_node *node)
{
	if (*tree == node)
		*tree = node->next;
	lyd_free_tree(node);
}

void ofl_nc_tree_move(struct lyd_node **tree, struct lyd_node *node,
		      struct lyd_node *after)
{
	struct lyd_node *first;

	if (after) {
		if (after != node && after->next != node) {
			if (*tree == node)
				*tree = node->next;
			(void)lyd_insert_after(after, node);
		}
		return;
	}
	first = ofl_nc_tree_find_first(node, node->schema);
	if (first == node)
		return;
	(void)lyd_insert_before(first, node);
	if (*tree == first)
		*tree = node;
}

void ofl_nc_tree_set(struct lyd_node *leaf, const struct lyd_node *from)
{
	/* Tells "the same" as an error. */
	(void)lyd_change_term(leaf, lyd_get_value(from));
}

struct lyd_node *ofl_nc_tree_copy(const struct lyd_node *siblings)
{
	struct lyd_node *copy = NULL;

	if (siblings)
		(void)lyd_dup_siblings(siblings, NULL,
				       LYD_DUP_RECURSIVE | LYD_DUP_NO_META |
					       LYD_DUP_WITH_FLAGS,
				       &copy);
	return copy;
}

char *ofl_nc_tree_path(const struct lyd_node *node)
{
	char *path = lyd_path(node, LYD_PATH_STD, NULL, 0), *above;
	const struct lyd_node *holder = node;

	while (ofl_lyd_data_parent(holder))
		holder = ofl_lyd_data_parent(holder);
	holder = lyd_parent(holder);
	above = holder ? lyd_path(holder, LYD_PATH_STD, NULL, 0) : NULL;
	if (path && above)
		memmove(path, path + strlen(above),
			strlen(path) - strlen(above) + 1);
	free(above);
	return path;
}

/* --- choices --- */

/* The next case of the choice that is not `own`. */
static const struct lysc_node *case_next(const struct lysc_node *choice,
					 const struct lysc_node *own,
					 const struct lysc_node *last)
{
	const struct lysc_node *next =
		last ? last->next : lysc_node_child(choice);

	return next == own && next ? next->next : next;
}

/* Any instance of what is in the case. */
static struct lyd_node *case_find(const struct lyd_node *siblings,
				  const struct lysc_node *in_case,
				  bool only_explicit)
{
	const struct lysc_node *snode = NULL;
	struct lyd_node *node;

	while ((snode = lys_getnext(snode, in_case, NULL, 0))) {
		node = ofl_nc_tree_find_first(siblings, snode);
		if (node && (!only_explicit || ofl_nc_tree_is_explicit(node)))
			return node;
	}
	return NULL;
}

struct lyd_node *ofl_nc_tree_find_other_case(const struct lyd_node *siblings,
					     const struct lysc_node *snode)
{
	const struct lysc_node *own = snode->parent, *other;
	struct lyd_node *node;

	for (; own && own->nodetype == LYS_CASE; own = own->parent->parent) {
		other = NULL;
		while ((other = case_next(own->parent, own, other))) {
			node = case_find(siblings, other, true);
			if (node)
				return node;
		}
	}
	return NULL;
}

void ofl_nc_tree_del_other_cases(struct lyd_node **tree,
				 struct lyd_node *parent,
				 const struct lysc_node *snode)
{
	const struct lysc_node *own = snode->parent, *other;
	struct lyd_node *node;

	for (; own && own->nodetype == LYS_CASE; own = own->parent->parent) {
		other = NULL;
		while ((other = case_next(own->parent, own, other)))
			while ((node = case_find(ofl_nc_tree_siblings(tree,
								      parent),
						 other, false)))
				ofl_nc_tree_del(tree, node);
	}
}
