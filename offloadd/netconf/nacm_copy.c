// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A copy of trees in another context, with the paths of NACM's rules.
 *
 * libyang 2.1 cannot copy a node-instance-identifier between contexts (it
 * reports an internal error and copies nothing), but can make one of text.  So
 * the container `nacm` is copied without the paths, and these are made anew.
 * Everything else is copied as it is.
 *
 * Neighbour: context.c copies by this.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/nacm_copy.h"

#define OPTIONS (LYD_DUP_RECURSIVE | LYD_DUP_NO_META | LYD_DUP_WITH_FLAGS)

static bool is_nacm(const struct lyd_node *node)
{
	return node->schema && strcmp(node->schema->name, "nacm") == 0 &&
	       strcmp(node->schema->module->name, "ietf-netconf-acm") == 0;
}

/* The next sibling of this name from `node` on. */
static struct lyd_node *named(struct lyd_node *node, const char *name)
{
	while (node && (!node->schema || strcmp(node->schema->name, name) != 0))
		node = node->next;
	return node;
}

static struct lyd_node *first_named(const struct lyd_node *parent,
				    const char *name)
{
	return parent ? named(lyd_child(parent), name) : NULL;
}

/* For each rule of two trees of one shape; false from cb ends it. */
static bool rules_walk(const struct lyd_node *a, const struct lyd_node *b,
		       bool (*cb)(struct lyd_node *a, struct lyd_node *b))
{
	struct lyd_node *list_a = first_named(a, "rule-list");
	struct lyd_node *list_b = first_named(b, "rule-list");

	while (list_a && list_b) {
		struct lyd_node *rule_a = first_named(list_a, "rule");
		struct lyd_node *rule_b = first_named(list_b, "rule");

		while (rule_a && rule_b) {
			if (!cb(rule_a, rule_b))
				return false;
			rule_a = named(rule_a->next, "rule");
			rule_b = named(rule_b->next, "rule");
		}
		list_a = named(list_a->next, "rule-list");
		list_b = named(list_b->next, "rule-list");
	}
	return true;
}

static bool path_del(struct lyd_node *rule, struct lyd_node *same)
{
	lyd_free_tree(first_named(rule, "path"));
	return true;
}

static bool path_add(struct lyd_node *from, struct lyd_node *to)
{
	const struct lyd_node *path = first_named(from, "path");
	struct lyd_node *made;

	if (!path)
		return true;
	if (lyd_new_term(to, NULL, "path", lyd_get_value(path), 0, &made))
		return false;
	made->flags = path->flags;
	return true;
}

static bool nacm_dup(const struct lyd_node *nacm, const struct ly_ctx *ctx,
		     struct lyd_node **ret)
{
	struct lyd_node *without = NULL, *dup = NULL;
	bool ok;

	ok = lyd_dup_single(nacm, NULL, OPTIONS, &without) == LY_SUCCESS;
	if (ok)
		rules_walk(without, without, path_del);
	ok = ok && lyd_dup_single_to_ctx(without, ctx, NULL, OPTIONS, &dup) ==
			   LY_SUCCESS;
	ok = ok && rules_walk(nacm, dup, path_add);
	lyd_free_tree(without);
	if (!ok)
		lyd_free_tree(dup);
	else
		*ret = dup;
	return ok;
}

bool ofl_nc_nacm_copy(const struct lyd_node *tree, const struct ly_ctx *ctx,
		      struct lyd_node **ret)
{
	struct lyd_node *all = NULL, *dup;
	const struct lyd_node *node;
	bool ok = true;

	LY_LIST_FOR(tree, node)
	{
		dup = NULL;
		ok = is_nacm(node)
			     ? nacm_dup(node, ctx, &dup)
			     : lyd_dup_single_to_ctx(node, ctx, NULL, OPTIONS,
						     &dup) == LY_SUCCESS;
		ok = ok &&
		     (!dup || lyd_insert_sibling(all, dup, &all) == LY_SUCCESS);
		if (!ok)
			break;
	}
	if (ok)
		*ret = all;
	else
		lyd_free_siblings(all);
	return ok;
}
