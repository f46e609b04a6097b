// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same change, made to something that has moved on: see rebase.h.
 *
 * Own and not a diff of libyang's applied: that one is quadratic in the length
 * of a list in libyang 2.1, and applies what does not fit without a word.
 *
 * At each level what went goes first, so that the other case of a choice is
 * away before its successor comes; then what is new or has changed; then the
 * order of lists whose order is the user's.
 */
#include <stdlib.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/diff.h"
#include "offloadd/netconf/rebase.h"
#include "offloadd/netconf/tree.h"

struct rebase {
	struct lyd_node **tree;
	struct ofl_nc_conflicts *conflicts;
};

size_t ofl_nc_conflicts_kept(const struct ofl_nc_conflicts *c)
{
	return c->count < OFL_NC_CONFLICTS_KEPT ? c->count
						: OFL_NC_CONFLICTS_KEPT;
}

void ofl_nc_conflicts_fini(struct ofl_nc_conflicts *c)
{
	for (size_t i = 0; i < ofl_nc_conflicts_kept(c); i++)
		free(c->paths[i]);
	*c = (struct ofl_nc_conflicts){0};
}

static void conflict(struct rebase *r, const struct lyd_node *node)
{
	if (r->conflicts->count < OFL_NC_CONFLICTS_KEPT)
		r->conflicts->paths[r->conflicts->count] =
			ofl_nc_tree_path(node);
	r->conflicts->count++;
}

static struct lyd_node *siblings(struct rebase *r,
				 const struct lyd_node *parent)
{
	return ofl_nc_tree_siblings(r->tree, parent);
}

static void level(struct rebase *r, struct lyd_node *parent,
		  const struct lyd_node *base, const struct lyd_node *wanted);

/* --- what went --- */

static void gone(struct rebase *r, struct lyd_node *parent,
		 const struct lyd_node *was)
{
	struct lyd_node *is = ofl_nc_tree_find(siblings(r, parent), was);

	if (!is)
		return;
	if (ofl_nc_tree_is_implied(was->schema)) {
		level(r, is, lyd_child(was), NULL);
		return;
	}
	if (!ofl_nc_tree_is_explicit(is))
		return;
	if (ofl_nc_diff_is_same(was, is))
		ofl_nc_tree_del(r->tree, is);
	else
		conflict(r, was);
}

/* --- what came, or is another --- */

static struct lyd_node *put(struct rebase *r, struct lyd_node *parent,
			    const struct lyd_node *node, uint32_t options)
{
	struct lyd_node *copy = NULL;

	if (lyd_dup_single(node, NULL,
			   LYD_DUP_NO_META | LYD_DUP_WITH_FLAGS | options,
			   &copy) == LY_SUCCESS)
		ofl_nc_tree_add(r->tree, parent, copy);
	return copy;
}

static void came(struct rebase *r, struct lyd_node *parent,
		 const struct lyd_node *node)
{
	struct lyd_node *is = ofl_nc_tree_find(siblings(r, parent), node);

	if (is && ofl_nc_tree_is_explicit(is)) {
		if (node->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
			level(r, is, NULL, lyd_child_no_keys(node));
		else if (!ofl_nc_diff_is_same(is, node))
			conflict(r, node);
		return;
	}
	if (ofl_nc_tree_find_other_case(siblings(r, parent), node->schema)) {
		conflict(r, node);
		return;
	}
	ofl_nc_tree_del_other_cases(r->tree, parent, node->schema);
	while ((is = ofl_nc_tree_find_first(siblings(r, parent),
					    node->schema)) &&
	       (is->flags & LYD_DEFAULT))
		ofl_nc_tree_del(r->tree, is);
	put(r, parent, node, LYD_DUP_RECURSIVE);
}

static void kept(struct rebase *r, struct lyd_node *parent,
		 const struct lyd_node *was, const struct lyd_node *node)
{
	struct lyd_node *is =
		ofl_nc_tree_find_explicit(siblings(r, parent), node);

	if (is && (node->schema->nodetype & (LYS_CONTAINER | LYS_LIST))) {
		level(r, is, lyd_child(was), lyd_child(node));
		return;
	}
	if (ofl_nc_diff_is_same(was, node))
		return;
	if (!is) {
		conflict(r, node);
	} else if (ofl_nc_diff_is_same(was, is)) {
		if (node->schema->nodetype == LYS_LEAF) {
			ofl_nc_tree_set(is, node);
		} else {
			ofl_nc_tree_del(r->tree, is);
			put(r, parent, node, LYD_DUP_RECURSIVE);
		}
	} else if (!ofl_nc_diff_is_same(is, node)) {
		conflict(r, node);
	}
}

static void have(struct rebase *r, struct lyd_node *parent,
		 const struct lyd_node *was, const struct lyd_node *node)
{
	struct lyd_node *is;

	if (ofl_nc_tree_is_key(node->schema))
		return;
	if (ofl_nc_tree_is_implied(node->schema)) {
		is = ofl_nc_tree_find(siblings(r, parent), node);
		if (!is && ofl_nc_tree_is_explicit(node)) {
			if (ofl_nc_tree_find_other_case(siblings(r, parent),
							node->schema)) {
				conflict(r, node);
				return;
			}
			is = put(r, parent, node, 0);
		}
		if (is)
			level(r, is, was ? lyd_child(was) : NULL,
			      lyd_child(node));
		return;
	}
	if (!ofl_nc_tree_is_explicit(node))
		return;
	if (was && ofl_nc_tree_is_explicit(was))
		kept(r, parent, was, node);
	else
		came(r, parent, node);
}

/* --- order --- */

/* Of all instances of what `like` is one of, which is the first. */
static void order(struct rebase *r, struct lyd_node *parent,
		  const struct lyd_node *base, const struct lyd_node *wanted,
		  const struct lyd_node *like)
{
	const struct lyd_node *now = siblings(r, parent), *node;
	struct lyd_node *is, *last = NULL;
	bool ours = !ofl_nc_diff_is_same_order(base, wanted, like);
	bool theirs = !ofl_nc_diff_is_same_order(base, now, like);

	if (ours && theirs && !ofl_nc_diff_is_same_order(wanted, now, like)) {
		conflict(r, like);
		return;
	}
	for (node = like; node && node->schema == like->schema;
	     node = node->next) {
		is = ofl_nc_tree_find(siblings(r, parent), node);
		if (!is)
			continue;
		if ((ours && !theirs) || !ofl_nc_tree_find(base, node))
			ofl_nc_tree_move(r->tree, is, last);
		last = is;
	}
}

static void level(struct rebase *r, struct lyd_node *parent,
		  const struct lyd_node *base, const struct lyd_node *wanted)
{
	const struct lyd_node *node, *is;

	LY_LIST_FOR(base, node)
	{
		if (!ofl_nc_tree_is_explicit(node) ||
		    ofl_nc_tree_is_key(node->schema))
			continue;
		is = ofl_nc_tree_find(wanted, node);
		if (!is || (!ofl_nc_tree_is_implied(node->schema) &&
			    !ofl_nc_tree_is_explicit(is)))
			gone(r, parent, node);
	}
	LY_LIST_FOR(wanted, node)
	have(r, parent, ofl_nc_tree_find(base, node), node);
	LY_LIST_FOR(wanted, node)
	if ((node->schema->flags & LYS_ORDBY_USER) &&
	    (node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST)) &&
	    (!node->prev->next || node->prev->schema != node->schema))
		order(r, parent, base, wanted, node);
}

struct lyd_node *ofl_nc_rebase(const struct lyd_node *base,
			       const struct lyd_node *wanted,
			       const struct lyd_node *onto,
			       struct ofl_nc_conflicts *ret_conflicts)
{
	struct lyd_node *tree = ofl_nc_tree_copy(onto);
	struct rebase r = {&tree, ret_conflicts};

	level(&r, NULL, base, wanted);
	return tree;
}
