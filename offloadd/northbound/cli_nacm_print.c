// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `show running-config` and `write` print of the block `nacm`: the
 * commands of cli_nacm.c, such that loading it again gives the same model, in
 * the same order.
 *
 * The block prints all that is in it by itself: an order that users chose must
 * not be left to FRR's sorting.
 */
#include <zebra.h>

#include "command.h"

#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nb_nacm.h"

/* A leaf's value; NULL: it has its default or is not there. */
static const char *value_of(const struct lyd_node *parent, const char *name,
			    bool show_defaults)
{
	const struct lyd_node *leaf = ofl_nb_child(parent, name);

	if (!leaf || (!show_defaults && lyd_is_default(leaf)))
		return NULL;
	return lyd_get_value(leaf);
}

/* All children of this name, "WORDS VALUE" each. */
static void print_items(struct vty *vty, const struct lyd_node *parent,
			const char *name, const char *words)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	if (strcmp(child->schema->name, name) == 0)
		vty_out(vty, "  %s %s\n", words, lyd_get_value(child));
}

static void print_group(struct vty *vty, const struct lyd_node *group)
{
	vty_out(vty, " group %s\n", ofl_nb_child_value(group, "name"));
	print_items(vty, group, "user-name", "user");
	vty_out(vty, " exit\n");
}

/* The action last: until then the rule denies. */
static void print_rule(struct vty *vty, const struct lyd_node *rule,
		       bool show_defaults)
{
	static const struct {
		const char *leaf, *command;
	} leaves[] = {
		{"comment", "comment"}, {"module-name", "module"},
		{"rpc-name", "rpc"},	{"notification-name", "notification"},
		{"path", "path"},	{"access-operations", "access"},
		{"action", "action"},
	};

	vty_out(vty, "  rule %s\n", ofl_nb_child_value(rule, "name"));
	for (size_t i = 0; i < array_size(leaves); i++) {
		const char *value =
			value_of(rule, leaves[i].leaf, show_defaults);

		if (!value)
			continue;
		if (strcmp(leaves[i].command, "access") == 0)
			value = strcmp(value, "*") == 0 ? "all" : value;
		vty_out(vty, "   %s %s\n", leaves[i].command, value);
	}
	vty_out(vty, "  exit\n");
}

static void print_rule_list(struct vty *vty, const struct lyd_node *list,
			    bool show_defaults)
{
	const struct lyd_node *child;

	vty_out(vty, " rule-list %s\n", ofl_nb_child_value(list, "name"));
	print_items(vty, list, "group", "group");
	LY_LIST_FOR(lyd_child(list), child)
	if (strcmp(child->schema->name, "rule") == 0)
		print_rule(vty, child, show_defaults);
	vty_out(vty, " exit\n");
}

static void print_settings(struct vty *vty, const struct lyd_node *nacm,
			   bool show_defaults)
{
	static const char *const switches[] = {"enable-nacm",
					       "enable-external-groups"};
	static const char *const actions[] = {"read-default", "write-default",
					      "exec-default"};

	for (size_t i = 0; i < array_size(switches); i++) {
		const char *value = value_of(nacm, switches[i], show_defaults);

		if (value)
			vty_out(vty, " %s%s\n",
				strcmp(value, "true") == 0 ? "" : "no ",
				switches[i]);
	}
	for (size_t i = 0; i < array_size(actions); i++) {
		const char *value = value_of(nacm, actions[i], show_defaults);

		if (value)
			vty_out(vty, " %s %s\n", actions[i], value);
	}
}

void ofl_cli_print_nacm(struct vty *vty, const struct lyd_node *dnode,
			bool show_defaults)
{
	const struct lyd_node *groups = ofl_nb_child(dnode, "groups"), *child;

	vty_out(vty, "!\nnacm\n");
	print_settings(vty, dnode, show_defaults);
	LY_LIST_FOR(groups ? lyd_child(groups) : NULL, child)
	print_group(vty, child);
	LY_LIST_FOR(lyd_child(dnode), child)
	if (strcmp(child->schema->name, "rule-list") == 0)
		print_rule_list(vty, child, show_defaults);
	vty_out(vty, "exit\n!\n");
}
