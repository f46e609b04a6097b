// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands on one rule of the block `nacm`: what it is about, and what becomes
 * of that.
 *
 * A client of the model like cli_nacm.c, which has the lists and their order.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/base/yang_compat.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_nacm.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_nacm_rule_clippy.c"
#endif

#define RULE_STR "A rule; the first that matches decides\n"

/* --- the node --- */

/* A new rule denies until it is told otherwise: it matches everything while
 * its lines are entered. */
DEFPY_YANG_NOSH(ofl_nacm_rule_enter, ofl_nacm_rule_enter_cmd,
	"rule WORD$nacm_rule",
	RULE_STR
	"Name of the rule\n")
{
	char xpath[XPATH_MAXLEN], action[XPATH_MAXLEN];

	if (!ofl_cli_nacm_name_ok(vty, nacm_rule))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "%s/rule[name='%s']", VTY_CURR_XPATH,
		 nacm_rule);
	if (!yang_dnode_exists(vty->candidate_config->dnode, xpath)) {
		snprintf(action, sizeof(action), "%s/rule[name='%s']/action",
			 VTY_CURR_XPATH, nacm_rule);
		nb_cli_enqueue_change(vty, action, NB_OP_MODIFY, "deny");
	}
	return ofl_cli_nacm_enter(vty, NACM_RULE_NODE, xpath);
}

DEFPY_YANG(ofl_no_nacm_rule, ofl_no_nacm_rule_cmd,
	"no rule WORD$nacm_rule",
	NO_STR
	RULE_STR
	"Name of the rule\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_nacm_name_ok(vty, nacm_rule))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./rule[name='%s']", nacm_rule);
	return ofl_cli_leaf_del(vty, xpath);
}

DEFPY_YANG(ofl_nacm_module, ofl_nacm_module_cmd,
	"module WORD$nacm_module",
	"Module of what the rule is about\n"
	"Name of the module, * for every module\n")
{
	if (!ofl_cli_nacm_name_ok(vty, nacm_module))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./module-name", nacm_module);
}

DEFPY_YANG(ofl_no_nacm_module, ofl_no_nacm_module_cmd,
	"no module [WORD]",
	NO_STR
	"Module of what the rule is about\n"
	"Name of the module, * for every module\n")
{
	return ofl_cli_leaf_default(vty, "./module-name");
}

DEFPY_YANG(ofl_nacm_rpc, ofl_nacm_rpc_cmd,
	"rpc WORD$name",
	"The rule is about calling an operation\n"
	"Name of the operation, * for every operation\n")
{
	if (!ofl_cli_nacm_name_ok(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./rpc-name", name);
}

DEFPY_YANG(ofl_nacm_notification, ofl_nacm_notification_cmd,
	"notification WORD$name",
	"The rule is about being told of events\n"
	"Name of the notification, * for every notification\n")
{
	if (!ofl_cli_nacm_name_ok(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./notification-name", name);
}

DEFPY_YANG(ofl_no_nacm_about, ofl_no_nacm_about_cmd,
	"no <rpc|notification>$leaf [WORD]",
	NO_STR
	"The rule is about calling an operation\n"
	"The rule is about being told of events\n"
	"The name is not looked at\n")
{
	char xpath[64];

	snprintf(xpath, sizeof(xpath), "./%s-name", leaf);
	return ofl_cli_leaf_del(vty, xpath);
}

/* The rest of a line, as the value of a leaf. */
static int line_set(struct vty *vty, struct cmd_token **argv, int argc,
		    const char *xpath,
		    bool (*ok)(const char *text, const char **ret_why))
{
	char *text = argv_concat(argv, argc, 1);
	int ret = CMD_WARNING_CONFIG_FAILED;
	const char *why;

	if (ok(text, &why))
		ret = ofl_cli_leaf_set(vty, xpath, text);
	else
		vty_out(vty, "%% \"%s\" cannot be: %s.\n", text, why);
	XFREE(MTYPE_TMP, text);
	return ret;
}

/* FRR 8.4 says that an edit succeeded which libyang refused. */
static bool path_ok(const char *path, const char **ret_why)
{
	const struct nb_node *leaf =
		nb_node_find(OFL_NACM_XPATH "/rule-list/rule/path");

	if (!ofl_nacm_path_text_ok(path, ret_why))
		return false;
	*ret_why = "no module of this daemon has such a node";
	return ofl_lyd_value_validate(leaf->snode, path, strlen(path), NULL,
				      NULL, NULL) == LY_SUCCESS;
}

DEFPY_YANG(ofl_nacm_path, ofl_nacm_path_cmd,
	"path LINE...",
	"The rule is about a node of the data, and what is below it\n"
	"/MODULE:NODE/NODE[KEY='VALUE']/...; / is everything\n")
{
	return line_set(vty, argv, argc, "./path", path_ok);
}

DEFPY_YANG(ofl_no_nacm_path, ofl_no_nacm_path_cmd,
	"no path",
	NO_STR
	"The rule is about a node of the data, and what is below it\n")
{
	return ofl_cli_leaf_del(vty, "./path");
}

ALIAS_YANG(ofl_no_nacm_path, ofl_no_nacm_path_line_cmd,
	"no path LINE...",
	NO_STR
	"The rule is about a node of the data, and what is below it\n"
	"The rest is not looked at\n")

DEFPY_YANG(ofl_nacm_access, ofl_nacm_access_cmd,
	"access <all$all|{create$cr|read$re|update$up|delete$de|exec$ex}>",
	"Kinds of access that the rule is about\n"
	"All of them\n"
	"Making what was not there\n"
	"Reading, and being told\n"
	"Changing what is there\n"
	"Removing\n"
	"Calling of operations\n")
{
	const char *const words[] = {cr, re, up, de, ex};
	char text[64] = "";

	for (size_t i = 0; i < array_size(words); i++) {
		if (!words[i])
			continue;
		strlcat(text, text[0] ? " " : "", sizeof(text));
		strlcat(text, words[i], sizeof(text));
	}
	return ofl_cli_leaf_set(vty, "./access-operations", all ? "*" : text);
}

DEFPY_YANG(ofl_no_nacm_access, ofl_no_nacm_access_cmd,
	"no access [<all|{create|read|update|delete|exec}>]",
	NO_STR
	"Kinds of access that the rule is about\n"
	"All of them\n"
	"Making what was not there\n"
	"Reading, and being told\n"
	"Changing what is there\n"
	"Removing\n"
	"Calling of operations\n")
{
	return ofl_cli_leaf_default(vty, "./access-operations");
}

DEFPY_YANG(ofl_nacm_action, ofl_nacm_action_cmd,
	"action <permit|deny>$action",
	"What becomes of an access that the rule matches\n"
	"It is permitted\n"
	"It is denied\n")
{
	return ofl_cli_leaf_set(vty, "./action", action);
}

DEFPY_YANG(ofl_nacm_comment, ofl_nacm_comment_cmd,
	"comment LINE...",
	"Words for people\n"
	"Up to 512 characters\n")
{
	return line_set(vty, argv, argc, "./comment", ofl_nacm_text_ok);
}

DEFPY_YANG(ofl_no_nacm_comment, ofl_no_nacm_comment_cmd,
	"no comment",
	NO_STR
	"Words for people\n")
{
	return ofl_cli_leaf_del(vty, "./comment");
}

ALIAS_YANG(ofl_no_nacm_comment, ofl_no_nacm_comment_line_cmd,
	"no comment LINE...",
	NO_STR
	"Words for people\n"
	"The rest is not looked at\n")

/* --- installation --- */

static struct cmd_node nacm_rule_node = {
	.name = "nacm rule",
	.node = NACM_RULE_NODE,
	.parent_node = NACM_LIST_NODE,
	.prompt = "%s(config-nacm-rule)# ",
};

void ofl_cli_nacm_rule_init(void)
{
	install_node(&nacm_rule_node);
	install_default(NACM_RULE_NODE);
	install_element(NACM_LIST_NODE, &ofl_nacm_rule_enter_cmd);
	install_element(NACM_LIST_NODE, &ofl_no_nacm_rule_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_module_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_module_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_rpc_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_notification_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_about_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_path_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_path_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_path_line_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_access_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_access_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_action_cmd);
	install_element(NACM_RULE_NODE, &ofl_nacm_comment_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_comment_cmd);
	install_element(NACM_RULE_NODE, &ofl_no_nacm_comment_line_cmd);
}
