// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does the content of an edit fit the model?
 *
 * libyang keeps what it cannot make a node of as an opaque one; here it is
 * found out what was wrong with each, with the tags of RFC 6241, appendix A.
 * A leaf that is to go needs no value, and is opaque without a fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/edit.h"
#include "offloadd/netconf/tree.h"

#define NETCONF_NS "urn:ietf:params:xml:ns:netconf:base:1.0"
/* An answer with each of 100,000 faults helps nobody. */
#define ERRORS_MAX 16

static const char *const op_names[] = {
	[OFL_NC_OP_MERGE] = "merge",   [OFL_NC_OP_REPLACE] = "replace",
	[OFL_NC_OP_CREATE] = "create", [OFL_NC_OP_DELETE] = "delete",
	[OFL_NC_OP_REMOVE] = "remove",
};

/* --- attributes --- */

static const char *op_text(const struct lyd_node *node)
{
	const struct lyd_meta *meta;
	const struct lyd_attr *attr;

	if (node->schema) {
		LY_LIST_FOR(node->meta, meta)
		if (!strcmp(meta->name, "operation") &&
		    !strcmp(meta->annotation->module->name, "ietf-netconf"))
			return lyd_get_meta_value(meta);
		return NULL;
	}
	LY_LIST_FOR(((const struct lyd_node_opaq *)node)->attr, attr)
	if (!strcmp(attr->name.name, "operation") && attr->name.module_ns &&
	    !strcmp(attr->name.module_ns, NETCONF_NS))
		return attr->value;
	return NULL;
}

static bool op_parse(const char *text, enum ofl_nc_edit_op *ret_op)
{
	for (size_t i = 0; i < sizeof(op_names) / sizeof(op_names[0]); i++)
		if (!strcmp(text, op_names[i])) {
			*ret_op = i;
			return true;
		}
	return false;
}

enum ofl_nc_edit_op ofl_nc_edit_op_of(const struct lyd_node *node,
				      enum ofl_nc_edit_op inherited)
{
	const char *text = op_text(node);
	enum ofl_nc_edit_op op = inherited;

	if (text)
		(void)op_parse(text, &op);
	return op;
}

/* --- faults --- */

struct check {
	const struct ly_ctx *ctx;
	struct ofl_nc_errors *errors;
};

/* The path that a node without schema would have; freed by free(). */
static char *opaque_path(const struct lyd_node_opaq *node,
			 const struct lyd_node *parent,
			 const struct lysc_node *snode)
{
	char *above = parent ? ofl_nc_tree_path(parent) : NULL;
	const char *module = NULL;
	char *path = NULL;

	if (snode && (!parent || parent->schema->module != snode->module))
		module = snode->module->name;
	if (asprintf(&path, "%s/%s%s%s", above ? above : "",
		     module ? module : "", module ? ":" : "",
		     node->name.name) < 0)
		path = NULL;
	free(above);
	return path;
}

const struct lysc_node *ofl_nc_edit_schema(const struct lyd_node_opaq *node,
					   const struct lyd_node *parent,
					   const struct ly_ctx *ctx)
{
	const struct lys_module *mod =
		node->name.module_ns
			? ly_ctx_get_module_implemented_ns(ctx,
							   node->name.module_ns)
			: NULL;

	return mod ? ofl_lys_find_child(parent ? parent->schema : NULL, mod,
					node->name.name, 0)
		   : NULL;
}

/* No element of the model: whose fault is it, the name's or the
 * namespace's? */
static void unknown(struct check *c, const char *name, const char *ns,
		    const struct lyd_node *parent)
{
	char *above = parent ? ofl_nc_tree_path(parent) : NULL;
	struct ofl_nc_error *e;

	if (ns && ly_ctx_get_module_implemented_ns(c->ctx, ns)) {
		e = ofl_nc_error_add(c->errors, OFL_NC_APPLICATION,
				     "unknown-element", above,
				     "There is no element %s here.", name);
		ofl_nc_error_info(e, "bad-element", name);
	} else {
		e = ofl_nc_error_add(c->errors, OFL_NC_APPLICATION,
				     "unknown-namespace", above,
				     "The namespace of %s is not known.", name);
		ofl_nc_error_info(e, "bad-element", name);
		ofl_nc_error_info(e, "bad-namespace", ns ? ns : "");
	}
	free(above);
}

static void bad_value(struct check *c, const char *path, const char *name,
		      const char *words)
{
	struct ofl_nc_error *e;

	e = ofl_nc_error_add(c->errors, OFL_NC_APPLICATION, "invalid-value",
			     path, "%s", words);
	ofl_nc_error_info(e, "bad-element", name);
}

/* Why is this no value of the leaf?  In libyang's words. */
static void bad_leaf(struct check *c, const char *path,
		     const struct lysc_node *snode, const char *value)
{
	const char *words = NULL;

	ly_err_clean((struct ly_ctx *)c->ctx, NULL);
	if (ofl_lyd_value_validate(snode, value, strlen(value), NULL, NULL,
				   NULL) != LY_SUCCESS)
		words = ly_errmsg(c->ctx);
	bad_value(c, path, snode->name,
		  words ? words : "The value is not one of this type.");
	ly_err_clean((struct ly_ctx *)c->ctx, NULL);
}

static const struct lyd_node_opaq *child_find(const struct lyd_node_opaq *node,
					      const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(node->child, child)
	if (!child->schema &&
	    !strcmp(((const struct lyd_node_opaq *)child)->name.name, name))
		return (const struct lyd_node_opaq *)child;
	return NULL;
}

/* An entry without a key, or with one that is no value of its type. */
static void bad_entry(struct check *c, const struct lyd_node_opaq *node,
		      const char *path, const struct lysc_node *snode)
{
	const struct lysc_node *key;
	const struct lyd_node_opaq *given;
	const struct lyd_node *child;
	struct ofl_nc_error *e;
	size_t before = c->errors->count;

	for (key = lysc_node_child(snode); key && ofl_nc_tree_is_key(key);
	     key = key->next) {
		LY_LIST_FOR(node->child, child)
		if (child->schema == key)
			break;
		if (child)
			continue;
		given = child_find(node, key->name);
		if (given) {
			bad_leaf(c, path, key, given->value);
			continue;
		}
		e = ofl_nc_error_add(c->errors, OFL_NC_APPLICATION,
				     "missing-element", path,
				     "An entry of %s needs its key %s.",
				     snode->name, key->name);
		ofl_nc_error_info(e, "bad-element", key->name);
	}
	if (c->errors->count == before)
		bad_value(c, path, snode->name,
			  "This is no entry of the list.");
}

static bool is_message(const struct lysc_node *snode)
{
	return snode->nodetype & (LYS_RPC | LYS_ACTION | LYS_NOTIF);
}

static void opaque(struct check *c, const struct lyd_node_opaq *node,
		   const struct lyd_node *parent, enum ofl_nc_edit_op inherited)
{
	const struct lysc_node *snode =
		ofl_nc_edit_schema(node, parent, c->ctx);
	enum ofl_nc_edit_op op = ofl_nc_edit_op_of(&node->node, inherited);
	const char *value = node->value ? node->value : "";
	char *path;

	if (!snode || is_message(snode)) {
		unknown(c, node->name.name, node->name.module_ns, parent);
		return;
	}
	path = opaque_path(node, parent, snode);
	if (snode->flags & LYS_CONFIG_R)
		bad_value(c, path, snode->name,
			  "This is state, which cannot be configured.");
	else if (snode->nodetype == LYS_LIST)
		bad_entry(c, node, path, snode);
	else if (!(snode->nodetype & LYD_NODE_TERM))
		bad_value(c, path, snode->name, "This element holds no text.");
	else if (snode->nodetype == LYS_LEAFLIST || *value ||
		 (op != OFL_NC_OP_DELETE && op != OFL_NC_OP_REMOVE))
		bad_leaf(c, path, snode, value);
	free(path);
}

static void bad_attribute(struct check *c, const struct lyd_node *node,
			  const char *words)
{
	char *path = node->schema ? ofl_nc_tree_path(node) : NULL;
	struct ofl_nc_error *e;

	e = ofl_nc_error_add(c->errors, OFL_NC_APPLICATION, "bad-attribute",
			     path, "%s", words);
	ofl_nc_error_info(e, "bad-attribute", "operation");
	ofl_nc_error_info(
		e, "bad-element",
		node->schema ? node->schema->name
			     : ((const struct lyd_node_opaq *)node)->name.name);
	free(path);
}

static void level(struct check *c, const struct lyd_node *first,
		  const struct lyd_node *parent, enum ofl_nc_edit_op inherited)
{
	const struct lyd_node *node;
	enum ofl_nc_edit_op op;
	char *path;

	LY_LIST_FOR(first, node)
	{
		if (c->errors->count >= ERRORS_MAX)
			return;
		op = inherited;
		if (op_text(node) && !op_parse(op_text(node), &op)) {
			bad_attribute(c, node, "There is no such operation.");
			continue;
		}
		if (!node->schema) {
			opaque(c, (const struct lyd_node_opaq *)node, parent,
			       inherited);
			continue;
		}
		if (is_message(node->schema)) {
			unknown(c, node->schema->name, node->schema->module->ns,
				parent);
			continue;
		}
		if (node->schema->flags & LYS_CONFIG_R) {
			path = ofl_nc_tree_path(node);
			bad_value(c, path, node->schema->name,
				  "This is state, which cannot be configured.");
			free(path);
			continue;
		}
		if (ofl_nc_tree_is_key(node->schema) && op != inherited)
			bad_attribute(c, node,
				      "A key has the operation of its entry.");
		level(c, lyd_child(node), node, op);
	}
}

bool ofl_nc_edit_check(const struct lyd_node *payload,
		       enum ofl_nc_edit_op default_op, const struct ly_ctx *ctx,
		       struct ofl_nc_errors *errors)
{
	struct check c = {ctx, errors};
	size_t before = errors->count;

	level(&c, payload, NULL, default_op);
	return errors->count == before;
}
