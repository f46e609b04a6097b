// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What <edit-config> asks for, done to a copy of a datastore: see edit.h.
 *
 * One step down the payload, one down the datastore; what corresponds is found
 * by hash.  A container that exists by itself is "there" when somebody set
 * something in it, and is never created or missing for its own sake.
 */
#include <stdlib.h>
#include <string.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/edit.h"
#include "offloadd/netconf/tree.h"

struct edit {
	struct lyd_node **tree;
	const struct ly_ctx *ctx;
	struct ofl_nc_errors *errors;
};

static bool level(struct edit *e, struct lyd_node *parent,
		  const struct lyd_node *payload, enum ofl_nc_edit_op op);

static bool refuse(struct edit *e, const char *tag, const struct lyd_node *node,
		   const char *words)
{
	char *path = ofl_nc_tree_path(node);

	ofl_nc_error_add(e->errors, OFL_NC_APPLICATION, tag, path, "%s", words);
	free(path);
	return false;
}

static bool missing(struct edit *e, const struct lyd_node *node)
{
	return refuse(e, "data-missing", node, "There is no such data.");
}

static bool is_inner(const struct lyd_node *node)
{
	return node->schema->nodetype & (LYS_CONTAINER | LYS_LIST);
}

/* Put in a copy of the node itself, with the keys of an entry. */
static struct lyd_node *put(struct edit *e, struct lyd_node *parent,
			    const struct lyd_node *node)
{
	struct lyd_node *copy = NULL;
	uint32_t options = LYD_DUP_NO_META;

	if (!is_inner(node))
		options |= LYD_DUP_RECURSIVE; /* an anydata's content */
	if (lyd_dup_single(node, NULL, options, &copy) != LY_SUCCESS) {
		refuse(e, "operation-failed", node, "It cannot be copied.");
		return NULL;
	}
	ofl_nc_tree_add(e->tree, parent, copy);
	return copy;
}

/* Values of a leaf-list that are there by default go when one is set. */
static void drop_defaults(struct edit *e, struct lyd_node *parent,
			  const struct lyd_node *node)
{
	struct lyd_node *is;

	while ((is = ofl_nc_tree_find_first(
			ofl_nc_tree_siblings(e->tree, parent), node->schema)) &&
	       (is->flags & LYD_DEFAULT))
		ofl_nc_tree_del(e->tree, is);
}

/* Empty, but for the keys of an entry: its place is kept. */
static void clear(struct lyd_node *node)
{
	struct lyd_node *child, *next;

	LY_LIST_FOR_SAFE(lyd_child_no_keys(node), next, child)
	lyd_free_tree(child);
}

/* merge, replace, create of something that is no container or entry. */
static bool set_value(struct edit *e, struct lyd_node *parent,
		      const struct lyd_node *node, struct lyd_node *is)
{
	if (is && node->schema->nodetype == LYS_LEAF) {
		ofl_nc_tree_set(is, node);
		return true;
	}
	if (node->schema->nodetype == LYS_LEAFLIST) {
		drop_defaults(e, parent, node);
		is = ofl_nc_tree_find(ofl_nc_tree_siblings(e->tree, parent),
				      node);
	} else if (is) {
		ofl_nc_tree_del(e->tree, is);
		is = NULL;
	}
	if (!is)
		is = put(e, parent, node);
	return is && ofl_nc_edit_place(e->tree, parent, is, node, e->errors);
}

static bool set(struct edit *e, struct lyd_node *parent,
		const struct lyd_node *node, struct lyd_node *is,
		enum ofl_nc_edit_op op)
{
	bool was = is && ofl_nc_tree_is_explicit(is);

	if (op == OFL_NC_OP_CREATE && was)
		return refuse(e, "data-exists", node, "It exists already.");
	if (!was) {
		ofl_nc_tree_del_other_cases(e->tree, parent, node->schema);
		is = ofl_nc_tree_find(ofl_nc_tree_siblings(e->tree, parent),
				      node);
	}
	if (!is_inner(node))
		return set_value(e, parent, node, is);
	if (is && op == OFL_NC_OP_REPLACE)
		clear(is);
	if (!is)
		is = put(e, parent, node);
	return is && ofl_nc_edit_place(e->tree, parent, is, node, e->errors) &&
	       level(e, is, lyd_child_no_keys(node), op);
}

/* Nothing to do here, maybe below. */
static bool pass(struct edit *e, struct lyd_node *parent,
		 const struct lyd_node *node, struct lyd_node *is)
{
	if (!is && ofl_nc_tree_is_implied(node->schema))
		is = put(e, parent, node);
	else if (!is)
		return missing(e, node);
	return !is_inner(node) ||
	       level(e, is, lyd_child_no_keys(node), OFL_NC_OP_NONE);
}

static bool drop(struct edit *e, const struct lyd_node *node,
		 struct lyd_node *is, enum ofl_nc_edit_op op)
{
	if (!is || !ofl_nc_tree_is_explicit(is))
		return op == OFL_NC_OP_REMOVE || missing(e, node);
	ofl_nc_tree_del(e->tree, is);
	return true;
}

/* A leaf without a value, which is to go. */
static bool opaque(struct edit *e, struct lyd_node *parent,
		   const struct lyd_node *node, enum ofl_nc_edit_op op)
{
	const struct lysc_node *snode =
		ofl_nc_edit_schema((const struct lyd_node_opaq *)node,
				   ofl_lyd_data_parent(node), e->ctx);
	struct lyd_node *is = ofl_nc_tree_find_first(
		ofl_nc_tree_siblings(e->tree, parent), snode);
	char *above, *path = NULL;

	if (is && ofl_nc_tree_is_explicit(is)) {
		ofl_nc_tree_del(e->tree, is);
		return true;
	}
	if (op == OFL_NC_OP_REMOVE)
		return true;
	above = parent ? ofl_nc_tree_path(parent) : strdup("");
	if (asprintf(&path, "%s/%s:%s", above, snode->module->name,
		     snode->name) < 0)
		path = NULL;
	ofl_nc_error_add(e->errors, OFL_NC_APPLICATION, "data-missing", path,
			 "There is no such data.");
	free(path);
	free(above);
	return false;
}

static bool one(struct edit *e, struct lyd_node *parent,
		const struct lyd_node *node, enum ofl_nc_edit_op op)
{
	struct lyd_node *is;

	op = ofl_nc_edit_op_of(node, op);
	if (!node->schema)
		return opaque(e, parent, node, op);
	is = ofl_nc_tree_find(ofl_nc_tree_siblings(e->tree, parent), node);
	switch (op) {
	case OFL_NC_OP_MERGE:
	case OFL_NC_OP_REPLACE:
	case OFL_NC_OP_CREATE:
		return set(e, parent, node, is, op);
	case OFL_NC_OP_DELETE:
	case OFL_NC_OP_REMOVE:
		return drop(e, node, is, op);
	case OFL_NC_OP_NONE:
		break;
	}
	return pass(e, parent, node, is);
}

static bool level(struct edit *e, struct lyd_node *parent,
		  const struct lyd_node *payload, enum ofl_nc_edit_op op)
{
	const struct lyd_node *node;

	LY_LIST_FOR(payload, node)
	if (!one(e, parent, node, op))
		return false;
	return true;
}

bool ofl_nc_edit(struct lyd_node **tree, const struct lyd_node *payload,
		 enum ofl_nc_edit_op default_op, const struct ly_ctx *ctx,
		 struct ofl_nc_errors *errors)
{
	struct edit e = {tree, ctx, errors};

	if (!ofl_nc_edit_check(payload, default_op, ctx, errors))
		return false;
	if (default_op == OFL_NC_OP_REPLACE) {
		lyd_free_all(*tree);
		*tree = NULL;
	}
	return level(&e, NULL, payload, default_op);
}
