// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An operation of another module, through FRR's northbound: its input as the
 * list of values that the callback takes, the list it answers as a tree.
 *
 * The only place of this room that knows how libfrr calls an operation; what
 * a callback answers must be as its module says, or is an error.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "linklist.h"
#include "northbound.h"

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

/* --- input --- */

/* FRR's paths name what libyang leaves out: RPC/input/LEAF.  False: its buffer
 * is too small for that. */
static bool input_add(struct list *input, const struct nb_node *node,
		      const struct lyd_node *op, const struct lyd_node *leaf)
{
	char *whole = lyd_path(leaf, LYD_PATH_STD, NULL, 0);
	char *begin = lyd_path(op, LYD_PATH_STD, NULL, 0);
	struct ofl_nc_text path = {};
	bool ok;

	ofl_nc_text_format(&path, "%s/input%s", node->xpath,
			   whole && begin ? whole + strlen(begin) : "");
	ok = whole && begin && path.len < XPATH_MAXLEN;
	if (ok)
		listnode_add(input,
			     yang_data_new(path.data, lyd_get_value(leaf)));
	ofl_nc_text_fini(&path);
	free(whole);
	free(begin);
	return ok;
}

static bool input_make(const struct nb_node *node, const struct lyd_node *op,
		       struct list *input)
{
	const struct lyd_node *at;
	bool ok = true;

	LYD_TREE_DFS_BEGIN(op, at)
	{
		if (at->schema && (at->schema->nodetype & LYD_NODE_TERM))
			ok = ok && input_add(input, node, op, at);
		LYD_TREE_DFS_END(op, at);
	}
	return ok;
}

/* --- output --- */

static LY_ERR output_add(struct lyd_node *tree, const struct nb_node *node,
			 const struct yang_data *data)
{
	size_t skip = strlen(node->xpath);
	struct ofl_nc_text path = {};
	LY_ERR err;

	if (strncmp(data->xpath, node->xpath, skip) ||
	    strncmp(data->xpath + skip, "/output/", 8))
		return LY_EINVAL;
	ofl_nc_text_format(&path, "%s/%s", node->xpath, data->xpath + skip + 8);
	err = lyd_new_path(tree, ofl_nc_context(), path.data, data->value,
			   LYD_NEW_PATH_OUTPUT | LYD_NEW_PATH_UPDATE, NULL);
	ofl_nc_text_fini(&path);
	return err;
}

static void output_print(const struct nb_node *node, struct list *output,
			 struct ofl_nc_reply *reply)
{
	struct ly_ctx *ctx = ofl_nc_context();
	struct lyd_node *tree = NULL;
	struct listnode *at;
	struct yang_data *data;
	LY_ERR err = lyd_new_path(NULL, ctx, node->xpath, NULL, 0, &tree);

	for (ALL_LIST_ELEMENTS_RO(output, at, data))
		if (!err)
			err = output_add(tree, node, data);
	if (!err)
		err = lyd_validate_op(tree, ofl_nc_running(),
				      LYD_TYPE_REPLY_YANG, NULL);
	if (err)
		ofl_nc_error_libyang(&reply->errors, ctx, OFL_NC_APPLICATION,
				     "The answer is not as its module says");
	else
		ofl_nc_text_tree(&reply->body, lyd_child(tree), true, 0);
	lyd_free_all(tree);
}

void ofl_nc_native_call(const struct lyd_node *op, struct ofl_nc_reply *reply)
{
	const struct nb_node *node = node_find(op->schema);
	struct list *input = yang_data_list_new();
	struct list *output = yang_data_list_new();
	char words[BUFSIZ] = "";
	int result = NB_ERR;

	if (input_make(node, op, input))
		result = nb_callback_rpc(node, node->xpath, input, output,
					 words, sizeof(words));
	else
		strlcpy(words, "a key in the input is too long", sizeof(words));
	if (result != NB_OK)
		ofl_nc_error_northbound(&reply->errors, result, words);
	else if (!list_isempty(output))
		output_print(node, output, reply);
	list_delete(&input);
	list_delete(&output);
}
