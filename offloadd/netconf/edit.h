/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What <edit-config> asks for, done to a copy of a datastore: RFC 6241, 7.2,
 * and RFC 7950, 7.5.8 to 7.9.
 *
 * An edit is done whole or thrown away with the copy it was done to, so there
 * is no way back in here.  Conditions that span nodes are left to validation.
 *
 * Pure: no FRR.  Private to this room.
 */
#ifndef OFFLOADD_NETCONF_EDIT_H
#define OFFLOADD_NETCONF_EDIT_H

#include <stdbool.h>

#include "offloadd/netconf/error.h"

struct lyd_attr;
struct lyd_node;
struct lyd_node_opaq;
struct lysc_node;
struct ly_ctx;

enum ofl_nc_edit_op {
	OFL_NC_OP_MERGE,
	OFL_NC_OP_REPLACE,
	OFL_NC_OP_CREATE,
	OFL_NC_OP_DELETE,
	OFL_NC_OP_REMOVE,
	OFL_NC_OP_NONE, /* only as the default operation */
};

/* Do the edit `payload` (siblings, as libyang parses an anyxml; NULL: an empty
 * one) to *tree.  Replacing as the default operation begins with nothing.
 * False: `errors` say why, and *tree is spoilt. */
bool ofl_nc_edit(struct lyd_node **tree, const struct lyd_node *payload,
		 enum ofl_nc_edit_op default_op, const struct ly_ctx *ctx,
		 struct ofl_nc_errors *errors);

/* --- edit_check.c: does the payload fit the model? --- */

/* Everything that can be said of it without a datastore. */
bool ofl_nc_edit_check(const struct lyd_node *payload,
		       enum ofl_nc_edit_op default_op, const struct ly_ctx *ctx,
		       struct ofl_nc_errors *errors);
/* The attribute `operation` of a node, else `inherited`. */
enum ofl_nc_edit_op ofl_nc_edit_op_of(const struct lyd_node *node,
				      enum ofl_nc_edit_op inherited);
/* The schema node that a node without one would have under `parent` (of
 * the payload, or NULL); NULL: none. */
const struct lysc_node *ofl_nc_edit_schema(const struct lyd_node_opaq *node,
					   const struct lyd_node *parent,
					   const struct ly_ctx *ctx);

/* --- edit_order.c: insert, before, after, first, last --- */

/* Move `node`, which is in the datastore, to where `from` of the payload wants
 * it. */
bool ofl_nc_edit_place(struct lyd_node **tree, struct lyd_node *parent,
		       struct lyd_node *node, const struct lyd_node *from,
		       struct ofl_nc_errors *errors);

#endif /* OFFLOADD_NETCONF_EDIT_H */
