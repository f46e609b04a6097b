// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ietf-netconf-acm in FRR's northbound: the configuration is only kept, since
 * those who ask it read the running configuration, and is refused where YANG
 * would take what cannot be printed as commands or understood as a path.
 *
 * Neighbours: cli_nacm.c edits, netconf/nacm.c decides and counts.
 */
#include <zebra.h>

#include <ctype.h>

#include "offloadd/northbound/nacm_path.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nb_nacm.h"
#include "offloadd/northbound/northbound.h"

static struct ofl_nacm_denied denied;

struct ofl_nacm_denied *ofl_nacm_denied(void)
{
	return &denied;
}

/* --- words --- */

bool ofl_nacm_name_ok(const char *name, const char **ret_why)
{
	*ret_why = "it is longer than 128 characters";
	if (strlen(name) > OFL_NACM_NAME_LEN)
		return false;
	*ret_why = "it begins with a character that begins a comment";
	if (strchr("!#", name[0]))
		return false;
	*ret_why = "it has a blank, a quote or a control character";
	for (const char *c = name; *c; c++)
		if (*c == '\'' || *c == '"' || *c == ' ' ||
		    iscntrl((unsigned char)*c))
			return false;
	return true;
}

bool ofl_nacm_text_ok(const char *text, const char **ret_why)
{
	size_t len = strlen(text);

	*ret_why = "it is longer than 512 characters";
	if (len > OFL_NACM_TEXT_LEN)
		return false;
	*ret_why = "it is empty, or begins or ends with a blank, or has two "
		   "of them in a row";
	if (!len || text[0] == ' ' || text[len - 1] == ' ' ||
	    strstr(text, "  "))
		return false;
	*ret_why = "it has a control character";
	for (const char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			return false;
	return true;
}

bool ofl_nacm_path_text_ok(const char *path, const char **ret_why)
{
	if (!ofl_nacm_text_ok(path, ret_why))
		return false;
	*ret_why = "it is not of the form /MODULE:NODE/NODE[KEY='VALUE']";
	return ofl_nacm_path_ok(path);
}

/* --- validation --- */

/* "rule X of rule-list Y", for sentences. */
static const char *where(const struct lyd_node *dnode, char *buf, size_t len)
{
	const struct lyd_node *parent = lyd_parent(dnode);
	const char *name = ofl_nb_child_value(dnode, "name");

	if (strcmp(dnode->schema->name, "rule") == 0)
		snprintf(buf, len, "rule %s of rule-list %s", name,
			 ofl_nb_child_value(parent, "name"));
	else
		snprintf(buf, len, "%s %s", dnode->schema->name, name);
	return buf;
}

static int refuse(struct nb_cb_pre_validate_args *args,
		  const struct lyd_node *leaf, const char *why)
{
	char at[3 * OFL_NACM_NAME_LEN];

	snprintf(args->errmsg, args->errmsg_len,
		 "nacm, %s: %s \"%s\" cannot be: %s.",
		 where(args->dnode, at, sizeof(at)), leaf->schema->name,
		 lyd_get_value(leaf), why);
	return NB_ERR_VALIDATION;
}

static bool leaf_ok(const struct lyd_node *leaf, const char **ret_why)
{
	const char *name = leaf->schema->name, *value = lyd_get_value(leaf);

	if (strcmp(name, "path") == 0)
		return ofl_nacm_path_text_ok(value, ret_why);
	if (strcmp(name, "comment") == 0)
		return ofl_nacm_text_ok(value, ret_why);
	if (strcmp(name, "access-operations") == 0 ||
	    strcmp(name, "action") == 0)
		return true;
	*ret_why = "it is empty";
	return *value && ofl_nacm_name_ok(value, ret_why);
}

/* Groups, lists of rules and rules: each looks at its own leaves. */
static int entry_pre_validate(struct nb_cb_pre_validate_args *args)
{
	const struct lyd_node *child;
	const char *why;

	LY_LIST_FOR(lyd_child(args->dnode), child)
	if (child->schema->nodetype & LYD_NODE_TERM && !leaf_ok(child, &why))
		return refuse(args, child, why);
	return NB_OK;
}

/* --- callbacks --- */

static int nacm_create(struct nb_cb_create_args *args)
{
	return NB_OK;
}

static int nacm_modify(struct nb_cb_modify_args *args)
{
	return NB_OK;
}

static int nacm_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

static int nacm_move(struct nb_cb_move_args *args)
{
	return NB_OK;
}

static struct yang_data *operations_get(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, denied.operations);
}

static struct yang_data *data_writes_get(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, denied.data_writes);
}

static struct yang_data *notifications_get(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, denied.notifications);
}

/* FRR 8.4 reports an entry of a list that was moved by `modify`, and crashes
 * without one; in the table below it would complain that a list has none. */
void ofl_nb_nacm_init(void)
{
	static const char *const lists[] = {OFL_NACM_XPATH "/rule-list",
					    OFL_NACM_XPATH "/rule-list/rule"};

	for (size_t i = 0; i < array_size(lists); i++) {
		struct nb_node *node = nb_node_find(lists[i]);

		if (node)
			node->cbs.modify = nacm_modify;
	}
}

/* --- the table --- */

#define LEAF_WITH_DEFAULT(path)                                                \
	{                                                                      \
		.xpath = OFL_NACM_XPATH path, .cbs = {.modify = nacm_modify},  \
	}
#define MANDATORY_LEAF(path) LEAF_WITH_DEFAULT(path)
#define LEAF(path)                                                             \
	{                                                                      \
		.xpath = OFL_NACM_XPATH path,                                  \
		.cbs = {.modify = nacm_modify, .destroy = nacm_destroy},       \
	}
#define LEAF_LIST(path)                                                        \
	{                                                                      \
		.xpath = OFL_NACM_XPATH path,                                  \
		.cbs = {.create = nacm_create, .destroy = nacm_destroy},       \
	}
#define ORDERED_LIST(path)                                                     \
	{                                                                      \
		.xpath = OFL_NACM_XPATH path,                                  \
		.cbs = {.create = nacm_create,                                 \
			.destroy = nacm_destroy,                               \
			.move = nacm_move,                                     \
			.pre_validate = entry_pre_validate},                   \
	}
#define COUNTER(path, get)                                                     \
	{                                                                      \
		.xpath = OFL_NACM_XPATH path, .cbs = {.get_elem = get},        \
	}

/* clang-format off */
const struct frr_yang_module_info ofl_nb_nacm_info = {
	.name = "ietf-netconf-acm",
	.nodes = {
		{
			.xpath = OFL_NACM_XPATH,
			.cbs = {
				.cli_show = ofl_cli_print_nacm,
			},
		},
		LEAF_WITH_DEFAULT("/enable-nacm"),
		LEAF_WITH_DEFAULT("/read-default"),
		LEAF_WITH_DEFAULT("/write-default"),
		LEAF_WITH_DEFAULT("/exec-default"),
		LEAF_WITH_DEFAULT("/enable-external-groups"),
		COUNTER("/denied-operations", operations_get),
		COUNTER("/denied-data-writes", data_writes_get),
		COUNTER("/denied-notifications", notifications_get),
		{
			.xpath = OFL_NACM_XPATH "/groups/group",
			.cbs = {
				.create = nacm_create,
				.destroy = nacm_destroy,
				.pre_validate = entry_pre_validate,
			},
		},
		LEAF_LIST("/groups/group/user-name"),
		ORDERED_LIST("/rule-list"),
		LEAF_LIST("/rule-list/group"),
		ORDERED_LIST("/rule-list/rule"),
		LEAF_WITH_DEFAULT("/rule-list/rule/module-name"),
		LEAF("/rule-list/rule/rpc-name"),
		LEAF("/rule-list/rule/notification-name"),
		LEAF("/rule-list/rule/path"),
		LEAF_WITH_DEFAULT("/rule-list/rule/access-operations"),
		MANDATORY_LEAF("/rule-list/rule/action"),
		LEAF("/rule-list/rule/comment"),
		{
			.xpath = NULL,
		},
	},
};
/* clang-format on */

/* See the module: it has no nodes of its own. */
const struct frr_yang_module_info ofl_nb_deviations_info = {
	.name = "offloadd-deviations",
	.nodes = {{.xpath = NULL}},
};
