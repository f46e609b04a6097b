// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What differs between two configurations: see diff.h.
 */
#include <libyang/libyang.h>

#include "offloadd/netconf/diff.h"
#include "offloadd/netconf/tree.h"

struct walk {
	ofl_nc_diff_cb cb;
	void *arg;
};

/* The node and all that was set below. */
static bool whole(const struct walk *w, enum ofl_nc_change change,
		  const struct lyd_node *node)
{
	const struct lyd_node *child;

	if (!ofl_nc_tree_is_explicit(node))
		return true;
	if (!ofl_nc_tree_is_implied(node->schema)) {
		switch (w->cb(change, node, w->arg)) {
		case OFL_NC_STOP:
			return false;
		case OFL_NC_SKIP:
			return true;
		case OFL_NC_ON:
			break;
		}
	}
	LY_LIST_FOR(lyd_child(node), child)
	if (!whole(w, change, child))
		return false;
	return true;
}

static const struct lyd_node *next_of(const struct lyd_node *node)
{
	return node->next && node->next->schema == node->schema ? node->next
								: NULL;
}

/* The first from `node` on that the others have. */
static const struct lyd_node *next_common(const struct lyd_node *node,
					  const struct lyd_node *others)
{
	while (node && !ofl_nc_tree_find(others, node))
		node = next_of(node);
	return node;
}

/* Told of each that stands where another stood. */
static bool order(const struct walk *w, const struct lyd_node *old,
		  const struct lyd_node *new, const struct lyd_node *like)
{
	const struct lyd_node *a = ofl_nc_tree_find_first(old, like->schema);
	const struct lyd_node *b = ofl_nc_tree_find_first(new, like->schema);

	while ((a = next_common(a, new)) && (b = next_common(b, old))) {
		if (ofl_nc_tree_find(old, b) != a &&
		    w->cb(OFL_NC_MOVED, b, w->arg) == OFL_NC_STOP)
			return false;
		a = next_of(a);
		b = next_of(b);
		if (!a || !b)
			break;
	}
	return true;
}

static bool is_first_of_ordered(const struct lyd_node *node)
{
	/* The first sibling's `prev` is the last one. */
	return (node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST)) &&
	       (node->schema->flags & LYS_ORDBY_USER) &&
	       (!node->prev->next || node->prev->schema != node->schema);
}

static bool level(const struct walk *w, const struct lyd_node *old,
		  const struct lyd_node *new);

/* One that the new tree has; `was` of the old one may be NULL. */
static bool has(const struct walk *w, const struct lyd_node *was,
		const struct lyd_node *node)
{
	if (ofl_nc_tree_is_implied(node->schema))
		return level(w, was ? lyd_child(was) : NULL, lyd_child(node));
	if (!ofl_nc_tree_is_explicit(node))
		return true;
	if (!was || !ofl_nc_tree_is_explicit(was))
		return whole(w, OFL_NC_CREATED, node);
	if (node->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		return level(w, lyd_child(was), lyd_child(node));
	return lyd_compare_single(was, node, 0) == LY_SUCCESS ||
	       w->cb(OFL_NC_CHANGED, node, w->arg) != OFL_NC_STOP;
}

static bool level(const struct walk *w, const struct lyd_node *old,
		  const struct lyd_node *new)
{
	const struct lyd_node *node, *is;

	LY_LIST_FOR(new, node)
	{
		if (!has(w, ofl_nc_tree_find(old, node), node))
			return false;
		if (is_first_of_ordered(node) && !order(w, old, new, node))
			return false;
	}
	LY_LIST_FOR(old, node)
	{
		is = ofl_nc_tree_find(new, node);
		/* Such a container was passed through above. */
		if (is && (ofl_nc_tree_is_implied(node->schema) ||
			   ofl_nc_tree_is_explicit(is)))
			continue;
		if (!whole(w, OFL_NC_DELETED, node))
			return false;
	}
	return true;
}

bool ofl_nc_diff_walk(const struct lyd_node *old, const struct lyd_node *new,
		      ofl_nc_diff_cb cb, void *arg)
{
	struct walk w = {cb, arg};

	return level(&w, old, new);
}

static enum ofl_nc_walk stop(enum ofl_nc_change change,
			     const struct lyd_node *node, void *arg)
{
	return OFL_NC_STOP;
}

bool ofl_nc_diff_is_none(const struct lyd_node *old, const struct lyd_node *new)
{
	return ofl_nc_diff_walk(old, new, stop, NULL);
}

bool ofl_nc_diff_is_same(const struct lyd_node *a, const struct lyd_node *b)
{
	struct walk w = {stop, NULL};

	return has(&w, a, b);
}

bool ofl_nc_diff_is_same_order(const struct lyd_node *a,
			       const struct lyd_node *b,
			       const struct lyd_node *like)
{
	struct walk w = {stop, NULL};

	return order(&w, a, b, like);
}
