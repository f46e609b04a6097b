// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the block `nacm`: who may do what over NETCONF.
 *
 * A client of the model like cli.c.  Rules are evaluated in the order in which
 * they were entered; `move` changes it, in the candidate itself, since FRR has
 * no edit for that.  One rule has its commands in cli_nacm_rule.c;
 * cli_nacm_print.c prints, nb_nacm.c knows what can be a name.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/mgmtd.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nb_nacm.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_nacm_clippy.c"
#endif

#define NACM_STR "Access control of NETCONF\n"
#define GROUP_STR "A group of users\n"
#define LIST_STR "Rules for some groups\n"
#define RULE_STR "A rule; the first that matches decides\n"
#define DEFAULT_STR                                                            \
	"Reading, where no rule matches\n"                                     \
	"Writing, where no rule matches\n"                                     \
	"Calling of operations, where no rule matches\n"                       \
	"It is permitted\n"                                                    \
	"It is denied\n"
#define MOVE_STR                                                               \
	"Before all others\n"                                                  \
	"After all others\n"                                                   \
	"Before another\n"                                                     \
	"Its name\n"                                                           \
	"After another\n"                                                      \
	"Its name\n"

bool ofl_cli_nacm_name_ok(struct vty *vty, const char *name)
{
	const char *why;

	if (ofl_nacm_name_ok(name, &why))
		return true;
	vty_out(vty, "%% \"%s\" cannot be a name: %s.\n", name, why);
	return false;
}

/* --- the block --- */

DEFPY_YANG_NOSH(ofl_nacm_enter, ofl_nacm_enter_cmd,
	"nacm",
	NACM_STR)
{
	if (ofl_mgmtd_refuses(vty))
		return CMD_WARNING_CONFIG_FAILED;
	VTY_PUSH_XPATH(NACM_NODE, OFL_NACM_XPATH);
	return CMD_SUCCESS;
}

/* A container without presence cannot be destroyed: its content is. */
static void enqueue_del_all(struct vty *vty)
{
	static const char *const leaves[] = {
		"enable-nacm", "read-default", "write-default",
		"exec-default", "enable-external-groups"};
	char xpath[XPATH_MAXLEN];

	for (size_t i = 0; i < array_size(leaves); i++) {
		snprintf(xpath, sizeof(xpath), OFL_NACM_XPATH "/%s",
			 leaves[i]);
		nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, NULL);
	}
}

/* Free the entries of a list below `parent`, in the candidate. */
static void free_entries(struct lyd_node *parent, const char *name)
{
	struct lyd_node *child, *next;

	if (!parent)
		return;
	LY_LIST_FOR_SAFE(lyd_child(parent), next, child)
	if (strcmp(child->schema->name, name) == 0)
		lyd_free_tree(child);
}

DEFPY_YANG(ofl_no_nacm, ofl_no_nacm_cmd,
	"no nacm",
	NO_STR
	NACM_STR)
{
	struct lyd_node *nacm = yang_dnode_get(vty->candidate_config->dnode,
					       OFL_NACM_XPATH);

	if (ofl_mgmtd_refuses(vty))
		return CMD_WARNING_CONFIG_FAILED;
	if (nacm) {
		free_entries(nacm, "rule-list");
		free_entries((struct lyd_node *)ofl_nb_child(nacm, "groups"),
			     "group");
	}
	enqueue_del_all(vty);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG(ofl_nacm_enable, ofl_nacm_enable_cmd,
	"[no] enable-nacm",
	NO_STR
	"Access is controlled at all\n")
{
	return ofl_cli_leaf_set(vty, "./enable-nacm", no ? "false" : "true");
}

DEFPY_YANG(ofl_nacm_external, ofl_nacm_external_cmd,
	"[no] enable-external-groups",
	NO_STR
	"Groups that the system has a user in count, too\n")
{
	return ofl_cli_leaf_set(vty, "./enable-external-groups",
				no ? "false" : "true");
}

DEFPY_YANG(ofl_nacm_default, ofl_nacm_default_cmd,
	"<read-default|write-default|exec-default>$leaf <permit|deny>$action",
	DEFAULT_STR)
{
	char xpath[64];

	snprintf(xpath, sizeof(xpath), "./%s", leaf);
	return ofl_cli_leaf_set(vty, xpath, action);
}

DEFPY_YANG(ofl_no_nacm_default, ofl_no_nacm_default_cmd,
	"no <read-default|write-default|exec-default>$leaf [<permit|deny>]",
	NO_STR
	DEFAULT_STR)
{
	char xpath[64];

	snprintf(xpath, sizeof(xpath), "./%s", leaf);
	return ofl_cli_leaf_default(vty, xpath);
}

/* --- groups --- */

int ofl_cli_nacm_enter(struct vty *vty, enum node_type node, const char *xpath)
{
	int ret;

	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(node, xpath);
	return ret;
}

DEFPY_YANG_NOSH(ofl_nacm_group_enter, ofl_nacm_group_enter_cmd,
	"group WORD$nacm_group",
	GROUP_STR
	"Name of the group\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_nacm_name_ok(vty, nacm_group))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_NACM_GROUP_XPATH, nacm_group);
	return ofl_cli_nacm_enter(vty, NACM_GROUP_NODE, xpath);
}

DEFPY_YANG(ofl_no_nacm_group, ofl_no_nacm_group_cmd,
	"no group WORD$nacm_group",
	NO_STR
	GROUP_STR
	"Name of the group\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_nacm_name_ok(vty, nacm_group))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_NACM_GROUP_XPATH, nacm_group);
	return ofl_cli_leaf_del(vty, xpath);
}

/* An item of a leaf-list of the current node. */
static int item_edit(struct vty *vty, const char *xpath, const char *value,
		     bool is_del)
{
	if (!ofl_cli_nacm_name_ok(vty, value))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_item_edit(vty, xpath, value, is_del);
}

DEFPY_YANG(ofl_nacm_user, ofl_nacm_user_cmd,
	"[no] user WORD$nacm_user",
	NO_STR
	"A member of the group\n"
	"Name of the user\n")
{
	return item_edit(vty, "./user-name", nacm_user, no);
}

/* --- lists of rules --- */

DEFPY_YANG_NOSH(ofl_nacm_list_enter, ofl_nacm_list_enter_cmd,
	"rule-list WORD$nacm_list",
	LIST_STR
	"Name of the list\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_nacm_name_ok(vty, nacm_list))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_NACM_RULES_XPATH, nacm_list);
	return ofl_cli_nacm_enter(vty, NACM_LIST_NODE, xpath);
}

DEFPY_YANG(ofl_no_nacm_list, ofl_no_nacm_list_cmd,
	"no rule-list WORD$nacm_list",
	NO_STR
	LIST_STR
	"Name of the list\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_nacm_name_ok(vty, nacm_list))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_NACM_RULES_XPATH, nacm_list);
	return ofl_cli_leaf_del(vty, xpath);
}

DEFPY_YANG(ofl_nacm_list_group, ofl_nacm_list_group_cmd,
	"[no] group WORD$nacm_group",
	NO_STR
	"The rules are for members of this group\n"
	"Name of the group, * for every group\n")
{
	return item_edit(vty, "./group", nacm_group, no);
}

/* --- order --- */

static struct lyd_node *entry_find(struct lyd_node *parent, const char *list,
				   const char *name)
{
	struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	if (strcmp(child->schema->name, list) == 0 &&
	    strcmp(ofl_nb_child_value(child, "name"), name) == 0)
		return child;
	return NULL;
}

/* The first or the last entry but `but`; NULL: there is no other. */
static struct lyd_node *entry_end(struct lyd_node *parent,
				  const struct lyd_node *but, bool is_first)
{
	struct lyd_node *child, *found = NULL;

	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (child->schema != but->schema || child == but)
			continue;
		found = child;
		if (is_first)
			break;
	}
	return found;
}

/* `place` is first, last, before, after; `other` is for the last two. */
static int entry_move(struct vty *vty, const char *list, const char *name,
		      const char *place, const char *other)
{
	struct lyd_node *parent = yang_dnode_get(vty->candidate_config->dnode,
						 VTY_CURR_XPATH);
	bool is_before = place[0] == 'b' || place[0] == 'f';
	struct lyd_node *entry, *at;

	entry = parent ? entry_find(parent, list, name) : NULL;
	if (!entry) {
		vty_out(vty, "%% There is no %s %s.\n", list, name);
		return CMD_WARNING_CONFIG_FAILED;
	}
	at = other ? entry_find(parent, list, other)
		   : entry_end(parent, entry, is_before);
	if (other && !at) {
		vty_out(vty, "%% There is no %s %s.\n", list, other);
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (!at || at == entry)
		return CMD_SUCCESS;
	if (is_before ? lyd_insert_before(at, entry)
		      : lyd_insert_after(at, entry)) {
		vty_out(vty, "%% It could not be moved.\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG(ofl_nacm_move_list, ofl_nacm_move_list_cmd,
	"move rule-list WORD$nacm_list <first$place|last$place|before$place WORD$nacm_other_list|after$place WORD$nacm_other_list>",
	"Change the order of evaluation\n"
	LIST_STR
	"Name of the list\n"
	MOVE_STR)
{
	return entry_move(vty, "rule-list", nacm_list, place,
			  nacm_other_list);
}

DEFPY_YANG(ofl_nacm_move_rule, ofl_nacm_move_rule_cmd,
	"move rule WORD$nacm_rule <first$place|last$place|before$place WORD$nacm_other_rule|after$place WORD$nacm_other_rule>",
	"Change the order of evaluation\n"
	RULE_STR
	"Name of the rule\n"
	MOVE_STR)
{
	return entry_move(vty, "rule", nacm_rule, place, nacm_other_rule);
}

/* --- installation --- */

static int config_write(struct vty *vty)
{
	struct lyd_node *dnode =
		yang_dnode_get(running_config->dnode, OFL_NACM_XPATH);

	if (!dnode)
		return 0;
	nb_cli_show_dnode_cmds(vty, dnode, false);
	return 1;
}

static struct cmd_node nacm_node = {
	.name = "nacm",
	.node = NACM_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-nacm)# ",
	.config_write = config_write,
};

static struct cmd_node nacm_group_node = {
	.name = "nacm group",
	.node = NACM_GROUP_NODE,
	.parent_node = NACM_NODE,
	.prompt = "%s(config-nacm-group)# ",
};

static struct cmd_node nacm_list_node = {
	.name = "nacm rule-list",
	.node = NACM_LIST_NODE,
	.parent_node = NACM_NODE,
	.prompt = "%s(config-nacm-rules)# ",
};

static int complete_one(const struct lyd_node *entry, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION,
				ofl_nb_child_value(entry, "name")));
	return YANG_ITER_CONTINUE;
}

static void complete_group(vector out, struct cmd_token *token)
{
	yang_dnode_iterate(complete_one, out, running_config->dnode,
			   OFL_NACM_XPATH "/groups/group");
}

static void complete_list(vector out, struct cmd_token *token)
{
	yang_dnode_iterate(complete_one, out, running_config->dnode,
			   OFL_NACM_XPATH "/rule-list");
}

static int complete_leaf(const struct lyd_node *leaf, void *arg)
{
	const char *value = lyd_get_value(leaf);
	vector out = arg;

	for (unsigned int i = 0; i < vector_active(out); i++)
		if (strcmp(vector_slot(out, i), value) == 0)
			return YANG_ITER_CONTINUE;
	vector_set(out, XSTRDUP(MTYPE_COMPLETION, value));
	return YANG_ITER_CONTINUE;
}

static void complete_user(vector out, struct cmd_token *token)
{
	yang_dnode_iterate(complete_leaf, out, running_config->dnode,
			   OFL_NACM_XPATH "/groups/group/user-name");
}

/* Rules of every list: which one is edited is not told here. */
static void complete_rule(vector out, struct cmd_token *token)
{
	yang_dnode_iterate(complete_leaf, out, running_config->dnode,
			   OFL_NACM_XPATH "/rule-list/rule/name");
}

static void complete_module(vector out, struct cmd_token *token)
{
	struct yang_module *module;

	RB_FOREACH (module, yang_modules, &yang_modules)
		vector_set(out, XSTRDUP(MTYPE_COMPLETION, module->name));
}

static const struct cmd_variable_handler completions[] = {
	{.varname = "nacm_group", .completions = complete_group},
	{.varname = "nacm_list", .completions = complete_list},
	{.varname = "nacm_other_list", .completions = complete_list},
	{.varname = "nacm_rule", .completions = complete_rule},
	{.varname = "nacm_other_rule", .completions = complete_rule},
	{.varname = "nacm_user", .completions = complete_user},
	{.varname = "nacm_module", .completions = complete_module},
	{.completions = NULL},
};

void ofl_cli_nacm_init(void)
{
	cmd_variable_handler_register(completions);
	install_node(&nacm_node);
	install_default(NACM_NODE);
	install_element(CONFIG_NODE, &ofl_nacm_enter_cmd);
	install_element(CONFIG_NODE, &ofl_no_nacm_cmd);
	install_element(NACM_NODE, &ofl_nacm_enable_cmd);
	install_element(NACM_NODE, &ofl_nacm_external_cmd);
	install_element(NACM_NODE, &ofl_nacm_default_cmd);
	install_element(NACM_NODE, &ofl_no_nacm_default_cmd);
	install_element(NACM_NODE, &ofl_nacm_group_enter_cmd);
	install_element(NACM_NODE, &ofl_no_nacm_group_cmd);
	install_element(NACM_NODE, &ofl_nacm_list_enter_cmd);
	install_element(NACM_NODE, &ofl_no_nacm_list_cmd);
	install_element(NACM_NODE, &ofl_nacm_move_list_cmd);

	install_node(&nacm_group_node);
	install_default(NACM_GROUP_NODE);
	install_element(NACM_GROUP_NODE, &ofl_nacm_user_cmd);

	install_node(&nacm_list_node);
	install_default(NACM_LIST_NODE);
	install_element(NACM_LIST_NODE, &ofl_nacm_list_group_cmd);
	install_element(NACM_LIST_NODE, &ofl_nacm_move_rule_cmd);
}
