// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An operation of another module, through FRR's northbound (base/nb_compat.h).
 * What a callback answers must be as its module says, or is an error.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/base/nb_compat.h"
#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/native.h"

static const struct nb_node *node_find(const struct lysc_node *rpc)
{
	const struct lysc_node *native = ofl_nc_native(rpc);
	const struct nb_node *node = native ? native->priv : NULL;

	return node && node->cbs.rpc ? node : NULL;
}

bool ofl_nc_native_has(const struct lysc_node *rpc)
{
	return node_find(rpc);
}

/* --- output --- */

static int output_add(void *tree, const char *path, const char *value)
{
	return lyd_new_path(tree, ofl_nc_context(), path, value,
			    OFL_LYD_NEW_OUTPUT | LYD_NEW_PATH_UPDATE, NULL);
}

static void output_print(struct lyd_node *tree, LY_ERR err,
			 struct ofl_nc_reply *reply)
{
	if (!err)
		err = lyd_validate_op(tree, ofl_nc_running(),
				      LYD_TYPE_REPLY_YANG, NULL);
	if (err)
		ofl_nc_error_libyang(&reply->errors, ofl_nc_context(),
				     OFL_NC_APPLICATION,
				     "The answer is not as its module says");
	else
		ofl_nc_text_tree(&reply->body, lyd_child(tree), true, 0);
}

void ofl_nc_native_call(const struct lyd_node *op, struct ofl_nc_reply *reply)
{
	const struct nb_node *node = node_find(op->schema);
	struct lyd_node *tree = NULL;
	char words[BUFSIZ] = "";
	int result, said;

	if (lyd_new_path(NULL, ofl_nc_context(), node->xpath, NULL, 0, &tree))
		tree = NULL;
	result = ofl_nb_rpc(node, op, output_add, tree, &said, words,
			    sizeof(words));
	if (result != NB_OK)
		ofl_nc_error_northbound(&reply->errors, result, words);
	else if (said || lyd_child(tree))
		output_print(tree, said, reply);
	lyd_free_all(tree);
}
