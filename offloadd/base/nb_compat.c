// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See nb_compat.h.
 *
 * Why trees are copied: FRR's callbacks hang on the schema nodes of FRR's
 * context, a client may have one of its own.  An output is told leaf by leaf,
 * as libyang 3 does not find the nodes of an output in another context.
 */
#include <zebra.h>

#include "linklist.h"
#include "northbound.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/base/nb_compat.h"
#include "offloadd/base/yang_compat.h"

static const struct ly_ctx *notify_ctx;
static void (*notify_fn)(struct lyd_node *tree);

#if OFL_FRR_IS_10

/* --- operations --- */

static int output_tell(const struct lyd_node *output, ofl_nb_leaf_fn *leaf_fn,
		       void *arg)
{
	const struct lyd_node *node;
	int said = 0;
	char *path;

	LYD_TREE_DFS_BEGIN(output, node)
	{
		if (!said && node->schema &&
		    (node->schema->nodetype & LYD_NODE_TERM)) {
			path = lyd_path(node, LYD_PATH_STD, NULL, 0);
			said = path ? leaf_fn(arg, path, lyd_get_value(node))
				    : LY_EMEM;
			free(path);
		}
		LYD_TREE_DFS_END(output, node);
	}
	return said;
}

int ofl_nb_rpc(const struct nb_node *node, const struct lyd_node *op,
	       ofl_nb_leaf_fn *leaf_fn, void *arg, int *ret_said, char *words,
	       size_t len)
{
	struct lyd_node *input = NULL, *output = NULL;
	int result = NB_ERR;

	*ret_said = 0;
	if (lyd_dup_single_to_ctx(op, ly_native_ctx, NULL,
				  LYD_DUP_RECURSIVE | LYD_DUP_NO_META |
					  LYD_DUP_WITH_FLAGS,
				  &input) ||
	    lyd_new_path(NULL, ly_native_ctx, node->xpath, NULL, 0, &output))
		strlcpy(words, "the input cannot be told to FRR", len);
	else
		result = nb_callback_rpc(node, node->xpath, input, output,
					 words, len);
	if (result == NB_OK)
		*ret_said = output_tell(output, leaf_fn, arg);
	lyd_free_all(input);
	lyd_free_all(output);
	return result;
}

/* --- notifications --- */

/* FRR makes trees of notifications in the older form, too. */
static int on_notification(const char *xpath, const struct lyd_node *tree)
{
	struct lyd_node *copy = NULL;

	while (lyd_parent(tree))
		tree = lyd_parent(tree);
	if (!lyd_dup_single_to_ctx(tree, notify_ctx, NULL,
				   LYD_DUP_RECURSIVE | LYD_DUP_NO_META, &copy))
		notify_fn(copy);
	return NB_OK;
}

static void notifications_hook(bool on)
{
	if (on)
		hook_register(nb_notification_tree_send, on_notification);
	else
		hook_unregister(nb_notification_tree_send, on_notification);
}

/* --- state --- */

bool ofl_nb_has_get(const struct nb_node *node)
{
	return node->cbs.get;
}

/* Its parent as a node of FRR's, all alone; *ret_top is to be freed. */
static struct lyd_node *parent_make(const struct nb_node *node,
				    const char *xpath,
				    struct lyd_node **ret_top)
{
	size_t len = strlen(xpath), own = strlen(node->snode->name);
	struct lyd_node *parent = NULL;
	char *path;

	/* The last step may have its module's name before its own. */
	path = strndup(xpath, len > own ? len - own : 0);
	if (!path)
		abort();
	if (strrchr(path, '/'))
		*strrchr(path, '/') = 0;
	if (lyd_new_path(NULL, ly_native_ctx, path, NULL, 0, ret_top) ||
	    lyd_find_path(*ret_top, path, 0, &parent))
		parent = NULL;
	free(path);
	return parent;
}

void ofl_nb_get(const struct nb_node *node, const char *xpath,
		const void *entry, void (*fn)(void *arg, const char *value),
		void *arg)
{
	struct lyd_node *top = NULL, *parent = parent_make(node, xpath, &top);
	const struct lyd_node *child;

	if (parent && node->cbs.get(node, entry, parent) == NB_OK) {
		LY_LIST_FOR(lyd_child(parent), child)
		{
			if (child->schema == node->snode)
				fn(arg, lyd_get_value(child));
		}
	}
	lyd_free_all(top);
}

/* --- transactions --- */

int ofl_nb_commit(struct nb_context *context, struct nb_config *candidate,
		  const char *comment, char *words, size_t len)
{
	return nb_candidate_commit(*context, candidate, true, comment, NULL,
				   words, len);
}

#else

/* --- operations --- */

/* FRR's paths name what libyang leaves out: RPC/input/LEAF.  False: its buffer
 * is too small for that. */
static bool input_add(struct list *input, const struct nb_node *node,
		      const struct lyd_node *op, const struct lyd_node *leaf)
{
	char *whole = lyd_path(leaf, LYD_PATH_STD, NULL, 0);
	char *begin = lyd_path(op, LYD_PATH_STD, NULL, 0);
	char path[XPATH_MAXLEN];
	bool ok;

	ok = whole && begin &&
	     (size_t)snprintf(path, sizeof(path), "%s/input%s", node->xpath,
			      whole + strlen(begin)) < sizeof(path);
	if (ok)
		listnode_add(input, yang_data_new(path, lyd_get_value(leaf)));
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

static int output_tell(const struct nb_node *node, const struct yang_data *data,
		       ofl_nb_leaf_fn *leaf_fn, void *arg)
{
	size_t skip = strlen(node->xpath);
	char path[2 * XPATH_MAXLEN];

	if (strncmp(data->xpath, node->xpath, skip) ||
	    strncmp(data->xpath + skip, "/output/", 8))
		return LY_EINVAL;
	snprintf(path, sizeof(path), "%s/%s", node->xpath,
		 data->xpath + skip + 8);
	return leaf_fn(arg, path, data->value);
}

int ofl_nb_rpc(const struct nb_node *node, const struct lyd_node *op,
	       ofl_nb_leaf_fn *leaf_fn, void *arg, int *ret_said, char *words,
	       size_t len)
{
	struct list *input = yang_data_list_new();
	struct list *output = yang_data_list_new();
	struct yang_data *data;
	struct listnode *at;
	int result = NB_ERR;

	*ret_said = 0;
	if (input_make(node, op, input))
		result = nb_callback_rpc(node, node->xpath, input, output,
					 words, len);
	else
		strlcpy(words, "a key in the input is too long", len);
	if (result == NB_OK)
		for (ALL_LIST_ELEMENTS_RO(output, at, data))
			if (!*ret_said)
				*ret_said =
					output_tell(node, data, leaf_fn, arg);
	list_delete(&input);
	list_delete(&output);
	return result;
}

/* --- notifications --- */

/* A path, and more paths with values. */
static int on_notification(const char *xpath, struct list *arguments)
{
	struct lyd_node *tree = NULL;
	struct yang_data *data;
	struct listnode *at;

	if (lyd_new_path(NULL, notify_ctx, xpath, NULL, 0, &tree))
		return NB_OK;
	for (ALL_LIST_ELEMENTS_RO(arguments, at, data))
		(void)lyd_new_path(tree, notify_ctx, data->xpath, data->value,
				   LYD_NEW_PATH_UPDATE, NULL);
	notify_fn(tree);
	return NB_OK;
}

static void notifications_hook(bool on)
{
	if (on)
		hook_register(nb_notification_send, on_notification);
	else
		hook_unregister(nb_notification_send, on_notification);
}

/* --- state --- */

bool ofl_nb_has_get(const struct nb_node *node)
{
	return false;
}

void ofl_nb_get(const struct nb_node *node, const char *xpath,
		const void *entry, void (*fn)(void *arg, const char *value),
		void *arg)
{
}

/* --- transactions --- */

int ofl_nb_commit(struct nb_context *context, struct nb_config *candidate,
		  const char *comment, char *words, size_t len)
{
	return nb_candidate_commit(context, candidate, true, comment, NULL,
				   words, len);
}

#endif

void ofl_nb_notifications_init(const struct ly_ctx *ctx,
			       void (*fn)(struct lyd_node *tree))
{
	notify_ctx = ctx;
	notify_fn = fn;
	notifications_hook(true);
}

void ofl_nb_notifications_fini(void)
{
	notifications_hook(false);
}
