/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call of a northbound operation, in the way the libfrr at hand makes it:
 * with lists of values, or (FRR 10) with trees of a context that has the model.
 */
#ifndef TESTS_UNIT_RPC_FIXTURE_H
#define TESTS_UNIT_RPC_FIXTURE_H

#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "linklist.h"
#include "northbound.h"

#include "offloadd/base/frr_compat.h"

struct call {
	struct nb_cb_rpc_args args;
	const struct ly_ctx *ctx;
	char errmsg[256], xpath[64];
	bool is_invalid; /* the input is not as the model says */
};

#if OFL_FRR_IS_10
static inline void input_begin(struct call *c)
{
	struct lyd_node *tree;

	assert_int_equal(lyd_new_path(NULL, c->ctx, c->xpath, NULL, 0, &tree),
			 LY_SUCCESS);
	c->args.input = tree;
	assert_int_equal(lyd_new_path(NULL, c->ctx, c->xpath, NULL, 0,
				      &c->args.output),
			 LY_SUCCESS);
}

static inline void input_add(struct call *c, const char *leaf,
			     const char *value)
{
	if (lyd_new_path((struct lyd_node *)c->args.input, NULL, leaf, value, 0,
			 NULL))
		c->is_invalid = true;
}

static inline const char *output(struct call *c, const char *leaf)
{
	struct lyd_node *node;

	return lyd_find_path(c->args.output, leaf, true, &node)
		       ? NULL
		       : lyd_get_value(node);
}

static inline unsigned int output_count(struct call *c)
{
	const struct lyd_node *node;
	unsigned int n = 0;

	LYD_TREE_DFS_BEGIN(c->args.output, node)
	{
		n += !!(node->schema->nodetype & LYD_NODE_TERM);
		LYD_TREE_DFS_END(c->args.output, node);
	}
	return n;
}

/* How many flows were found; their states are as they should be. */
static inline unsigned int output_states(struct call *c, const char *state)
{
	struct ly_set *set;
	unsigned int n;

	assert_int_equal(lyd_find_xpath(c->args.output, "flow/state", &set),
			 LY_SUCCESS);
	n = set->count;
	for (unsigned int i = 0; i < n; i++)
		assert_string_equal(lyd_get_value(set->dnodes[i]), state);
	ly_set_free(set, NULL);
	return n;
}

static inline void input_end(struct call *c)
{
	lyd_free_all((struct lyd_node *)c->args.input);
}

static inline void done(struct call *c)
{
	lyd_free_all(c->args.output);
}
#else
static inline void input_begin(struct call *c)
{
	c->args.input = yang_data_list_new();
	c->args.output = yang_data_list_new();
}

static inline void input_add(struct call *c, const char *leaf,
			     const char *value)
{
	struct list *input = (struct list *)c->args.input;
	char xpath[128];

	snprintf(xpath, sizeof(xpath), "%s/input/%s", c->xpath, leaf);
	listnode_add(input, yang_data_new(xpath, value));
}

static inline const char *output(struct call *c, const char *leaf)
{
	const struct yang_data *d = yang_data_list_find(
		c->args.output, "%s/output/%s", c->xpath, leaf);

	return d ? d->value : NULL;
}

static inline unsigned int output_count(struct call *c)
{
	return listcount(c->args.output);
}

static inline unsigned int output_states(struct call *c, const char *state)
{
	struct listnode *node;
	struct yang_data *d;
	unsigned int n = 0;

	for (ALL_LIST_ELEMENTS_RO(c->args.output, node, d))
		if (strstr(d->xpath, "]/state")) {
			assert_string_equal(d->value, state);
			n++;
		}
	return n;
}

static inline void input_end(struct call *c)
{
	struct list *input = (struct list *)c->args.input;

	list_delete(&input);
}

static inline void done(struct call *c)
{
	list_delete(&c->args.output);
}
#endif

#endif /* TESTS_UNIT_RPC_FIXTURE_H */
