// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * get and get-config.
 *
 * In this order: what the filter can select at all is copied (or asked for),
 * access control takes away what the user may not read, the filter is
 * applied to the rest, and defaults are shown as they were asked for.  So a
 * filter tells nothing about data that cannot be read.
 *
 * Neighbours: state.c, defaults.c, stream.c; datastore.h has the
 * configurations, parts.h the state of the server itself.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/read.h"
#include "offloadd/netconf/select.h"
#include "offloadd/netconf/session.h"

static const struct lyd_node *child_find(const struct lyd_node *op,
					 const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(op), child)
	{
		if (strcmp(LYD_NAME(child), name) == 0)
			return child;
	}
	return NULL;
}

/* Copy what the schema says may be selected: no value is looked at, so that
 * this tells nothing. */
static struct lyd_node *copy_possible(const struct ofl_nc_select *s,
				      const struct lyd_node *node)
{
	struct lyd_node *copy = NULL, *below_copy;
	const struct lyd_node *child;
	struct ofl_nc_select below;

	if (!node->schema || !ofl_nc_select_schema(s, node->schema, &below))
		return NULL;
	if (lyd_dup_single(node, NULL,
			   LYD_DUP_WITH_FLAGS |
				   (below.is_all ? LYD_DUP_RECURSIVE : 0),
			   &copy) == LY_SUCCESS &&
	    !below.is_all) {
		LY_LIST_FOR(lyd_child_no_keys(node), child)
		{
			below_copy = copy_possible(&below, child);
			if (below_copy)
				lyd_insert_child(copy, below_copy);
		}
	}
	ofl_nc_select_fini(&below);
	return copy;
}

static struct lyd_node *config_copy(const struct ofl_nc_filter *filter,
				    const struct lyd_node *config)
{
	struct lyd_node *tree = NULL, *copy;
	const struct lyd_node *node;
	struct ofl_nc_select top;

	ofl_nc_select_root(filter, &top);
	LY_LIST_FOR(config, node)
	{
		copy = copy_possible(&top, node);
		if (copy)
			lyd_insert_sibling(tree, copy, &tree);
	}
	ofl_nc_select_fini(&top);
	return tree;
}

/* --- state of the server itself --- */

static const struct {
	const char *module;
	struct lyd_node *(*make)(void);
} servers[] = {
	{"ietf-netconf-monitoring", ofl_nc_monitor_state},
	{"nc-notifications", ofl_nc_notify_state},
	{"ietf-yang-library", ofl_nc_yanglib_state},
};

static bool is_wanted(const char *module, const struct ofl_nc_select *top,
		      const struct ofl_nc_user *user)
{
	const struct lys_module *m;
	const struct lysc_node *snode = NULL;
	struct ofl_nc_select below;
	bool wanted = false;

	m = ly_ctx_get_module_implemented(ofl_nc_context(), module);
	if (!m || !m->compiled)
		return false;
	while (!wanted && (snode = lys_getnext(snode, NULL, m->compiled, 0))) {
		if (!(snode->nodetype & (LYS_CONTAINER | LYS_LIST)))
			continue;
		wanted = ofl_nc_select_schema(top, snode, &below) &&
			 ofl_nc_nacm_may_read_any(user, snode);
		ofl_nc_select_fini(&below);
	}
	return wanted;
}

static void servers_add(const struct ofl_nc_filter *filter,
			const struct ofl_nc_user *user, struct lyd_node **tree)
{
	struct ofl_nc_select top;
	struct lyd_node *state, *next;

	ofl_nc_select_root(filter, &top);
	for (size_t i = 0; i < array_size(servers); i++) {
		if (!is_wanted(servers[i].module, &top, user))
			continue;
		LY_LIST_FOR_SAFE(servers[i].make(), next, state)
		{
			lyd_insert_sibling(*tree, state, tree);
		}
	}
	ofl_nc_select_fini(&top);
}

/* --- the operations --- */

static void answer_free(struct ofl_nc_answer *a, struct lyd_node *tree)
{
	ofl_nc_plan_free(a->plan);
	ofl_nc_filter_free(a->filter);
	lyd_free_all(tree);
}

/* Access control and filter; `tree` is freed. */
static void answer(struct ofl_nc_answer *a, const struct lyd_node *op,
		   struct lyd_node *tree, struct ofl_nc_reply *reply)
{
	ofl_nc_nacm_prune(a->user, &tree);
	if (ofl_nc_select_is_too_wide(a->filter, tree)) {
		ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL, "too-big",
				 NULL,
				 "There are more than %u nodes to search: "
				 "predicates of the filter may only look "
				 "downwards by name.",
				 OFL_NC_WIDE_NODES);
		answer_free(a, tree);
		return;
	}
	a->whole = tree;
	a->defaults = ofl_nc_defaults_of(op);
	a->small = a->filter ? ofl_nc_filter_apply(a->filter, tree) : tree;
	ofl_nc_defaults_tag(a->defaults, a->small);
	ofl_nc_answer_send(a, reply);
	if (a->small != tree)
		lyd_free_all(a->small);
	lyd_free_all(tree);
}

static bool filter_begin(struct ofl_nc_answer *a, struct ofl_nc_session *s,
			 const struct lyd_node *op, struct ofl_nc_reply *reply)
{
	*a = (struct ofl_nc_answer){.user = ofl_nc_session_user(s)};
	a->filter = ofl_nc_filter_new(child_find(op, "filter"), &reply->errors);
	return !reply->errors.count;
}

static void on_get(struct ofl_nc_session *s, const struct lyd_node *op,
		   struct ofl_nc_reply *reply)
{
	struct ofl_nc_answer a;
	struct lyd_node *tree;

	if (!filter_begin(&a, s, op, reply))
		return;
	tree = config_copy(a.filter, ofl_nc_running());
	a.plan = ofl_nc_plan_new(a.filter, a.user);
	if (!ofl_nc_plan_run(a.plan, &tree, a.longs, &a.long_count,
			     &reply->errors)) {
		answer_free(&a, tree);
		return;
	}
	servers_add(a.filter, a.user, &tree);
	answer(&a, op, tree, reply);
}

static void on_get_config(struct ofl_nc_session *s, const struct lyd_node *op,
			  struct ofl_nc_reply *reply)
{
	const struct lyd_node *source = child_find(op, "source");
	const struct lyd_node *name = source ? lyd_child(source) : NULL;
	enum ofl_nc_datastore which = OFL_NC_RUNNING;
	struct ofl_nc_error *e;
	struct ofl_nc_answer a;

	if (name && strcmp(LYD_NAME(name), "candidate") == 0) {
		which = OFL_NC_CANDIDATE;
	} else if (!name || strcmp(LYD_NAME(name), "running") != 0) {
		e = ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
				     name ? "invalid-value" : "missing-element",
				     NULL,
				     "The source is running or candidate.");
		ofl_nc_error_info(e, "bad-element", "source");
		return;
	}
	if (!filter_begin(&a, s, op, reply))
		return;
	answer(&a, op, config_copy(a.filter, ofl_nc_datastore_get(which)),
	       reply);
}

void ofl_nc_read_init(void)
{
	static const struct ofl_nc_op ops[] = {
		{"ietf-netconf", "get", on_get},
		{"ietf-netconf", "get-config", on_get_config},
		{},
	};

	ofl_nc_ops_add(ops);
}
