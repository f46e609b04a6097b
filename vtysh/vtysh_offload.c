// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What FRR's vtysh must know about offloadd beyond its list of commands: the
 * configuration nodes, the commands that enter and leave them, and who may
 * write the integrated configuration file.
 *
 * It holds no command that only a daemon answers: those are extracted from
 * offloadd/northbound at build time.  The texts of the entering commands
 * must equal the daemon's; transform.py compares them.
 *
 * Neighbours: transform.py puts the calls into a copy of FRR's vtysh;
 * offloadd/northbound/nodes.h numbers the nodes for both programs.
 */
#include <zebra.h>

#include <sys/stat.h>

#include "command.h"
#include "vty.h"
#include "vtysh/vtysh.h"

#include "offloadd/northbound/nodes.h"
#include "vtysh/vtysh_offload.h"

static struct cmd_node offload_node = {
	.name = "offload",
	.node = OFFLOAD_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-offload)# ",
};

static struct cmd_node offload_table_node = {
	.name = "offload table",
	.node = OFFLOAD_TABLE_NODE,
	.parent_node = OFFLOAD_NODE,
	.prompt = "%s(config-offload-table)# ",
};

static struct cmd_node offload_rule_node = {
	.name = "offload rule",
	.node = OFFLOAD_RULE_NODE,
	.parent_node = OFFLOAD_NODE,
	.prompt = "%s(config-offload-rule)# ",
};

static struct cmd_node offload_acl_node = {
	.name = "offload acl",
	.node = OFFLOAD_ACL_NODE,
	.parent_node = OFFLOAD_NODE,
	.prompt = "%s(config-offload-acl)# ",
};

static struct cmd_node nacm_node = {
	.name = "nacm",
	.node = NACM_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-nacm)# ",
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

static struct cmd_node nacm_rule_node = {
	.name = "nacm rule",
	.node = NACM_RULE_NODE,
	.parent_node = NACM_LIST_NODE,
	.prompt = "%s(config-nacm-rule)# ",
};

DEFUNSH(VTYSH_OFFLOADD, vtysh_offload_enter, vtysh_offload_enter_cmd, "offload",
	"Offload of routes into hardware\n")
{
	vty->node = OFFLOAD_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_offload_table_enter,
	vtysh_offload_table_enter_cmd, "table WORD$ofl_table",
	"Configure a hardware table\n"
	"Name of the table\n")
{
	vty->node = OFFLOAD_TABLE_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_offload_rule_enter, vtysh_offload_rule_enter_cmd,
	"rule (1-65535)$ofl_rule",
	"Configure a rule; the first that matches a route decides\n"
	"Sequence number\n")
{
	vty->node = OFFLOAD_RULE_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_offload_acl_enter, vtysh_offload_acl_enter_cmd,
	"acl WORD$ofl_acl [<ipv4|ipv6|ethernet|mixed>$type]",
	"Configure an access control list\n"
	"Name of the list\n"
	"Entries on IPv4 packets\n"
	"Entries on IPv6 packets\n"
	"Entries on frames, without fields of IP\n"
	"Entries of all three kinds\n")
{
	vty->node = OFFLOAD_ACL_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_nacm_enter, vtysh_nacm_enter_cmd, "nacm",
	"Access control of NETCONF\n")
{
	vty->node = NACM_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_nacm_group_enter, vtysh_nacm_group_enter_cmd,
	"group WORD$nacm_group",
	"A group of users\n"
	"Name of the group\n")
{
	vty->node = NACM_GROUP_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_nacm_list_enter, vtysh_nacm_list_enter_cmd,
	"rule-list WORD$nacm_list",
	"Rules for some groups\n"
	"Name of the list\n")
{
	vty->node = NACM_LIST_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_nacm_rule_enter, vtysh_nacm_rule_enter_cmd,
	"rule WORD$nacm_rule",
	"A rule; the first that matches decides\n"
	"Name of the rule\n")
{
	vty->node = NACM_RULE_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_offload_exit, vtysh_offload_exit_cmd, "exit",
	"Exit current mode and down to previous mode\n")
{
	vty->node = node_parent(vty->node);
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_OFFLOADD, vtysh_offload_quit, vtysh_offload_quit_cmd, "quit",
	"Exit current mode and down to previous mode\n")
{
	return vtysh_offload_exit(self, vty, argc, argv);
}

/* Every daemon leaves its configuration mode, as with FRR's own "end". */
DEFUNSH(VTYSH_REALLYALL, vtysh_offload_end, vtysh_offload_end_cmd, "end",
	"End current mode and change to enable mode\n")
{
	vty->node = ENABLE_NODE;
	return CMD_SUCCESS;
}

/*
 * To write frr.conf, watchfrr starts the vtysh that was packaged with it.
 * That one drops our block without a word unless it is this very program.
 */
bool vtysh_offload_must_write(void)
{
	struct stat self, packaged;

	if (stat("/proc/self/exe", &self) || stat(OFL_PACKAGED_VTYSH, &packaged))
		return true;
	return self.st_dev != packaged.st_dev || self.st_ino != packaged.st_ino;
}

/*
 * Takes a line of "show watchfrr"; @arg is a bool, cleared by the first
 * daemon that is not up.  Those lines are "  NAME STATE", all others have
 * another indentation.
 */
void vtysh_offload_watch_line(void *arg, const char *line)
{
	bool *all_up = arg;
	char name[64], state[64];

	if (strncmp(line, "  ", 2) != 0 || line[2] == ' ')
		return;
	if (sscanf(line, "%63s %63s", name, state) == 2 &&
	    strncmp(state, "Up", 2) != 0)
		*all_up = false;
}

/* watchfrr's own condition comes first: a daemon that is down would lose its
 * configuration. */
int vtysh_offload_write(struct vty *vty, bool all_up)
{
	if (!all_up) {
		vty_out(vty,
			"%% Not all daemons are up, cannot write config.\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	vty_out(vty,
		"Note: written by this vtysh, as %s (used by watchfrr) does "
		"not know offloadd\n",
		OFL_PACKAGED_VTYSH);
	return vtysh_write_config_integrated();
}

static void nacm_init(void)
{
	install_element(CONFIG_NODE, &vtysh_nacm_enter_cmd);
	install_element(NACM_NODE, &vtysh_nacm_group_enter_cmd);
	install_element(NACM_NODE, &vtysh_nacm_list_enter_cmd);
	install_element(NACM_LIST_NODE, &vtysh_nacm_rule_enter_cmd);

	install_element(NACM_NODE, &vtysh_offload_exit_cmd);
	install_element(NACM_NODE, &vtysh_offload_quit_cmd);
	install_element(NACM_NODE, &vtysh_offload_end_cmd);

	install_element(NACM_GROUP_NODE, &vtysh_offload_exit_cmd);
	install_element(NACM_GROUP_NODE, &vtysh_offload_quit_cmd);
	install_element(NACM_GROUP_NODE, &vtysh_offload_end_cmd);

	install_element(NACM_LIST_NODE, &vtysh_offload_exit_cmd);
	install_element(NACM_LIST_NODE, &vtysh_offload_quit_cmd);
	install_element(NACM_LIST_NODE, &vtysh_offload_end_cmd);

	install_element(NACM_RULE_NODE, &vtysh_offload_exit_cmd);
	install_element(NACM_RULE_NODE, &vtysh_offload_quit_cmd);
	install_element(NACM_RULE_NODE, &vtysh_offload_end_cmd);
}

/* Before the extracted commands are installed: they need the nodes. */
void vtysh_offload_nodes_init(void)
{
	install_node(&offload_node);
	install_node(&offload_table_node);
	install_node(&offload_rule_node);
	install_node(&offload_acl_node);

	install_node(&nacm_node);
	install_node(&nacm_group_node);
	install_node(&nacm_list_node);
	install_node(&nacm_rule_node);
}

void vtysh_offload_init(void)
{
	install_element(CONFIG_NODE, &vtysh_offload_enter_cmd);
	install_element(OFFLOAD_NODE, &vtysh_offload_table_enter_cmd);
	install_element(OFFLOAD_NODE, &vtysh_offload_rule_enter_cmd);
	install_element(OFFLOAD_NODE, &vtysh_offload_acl_enter_cmd);

	/* No loop: install_element() wants constants. */
	install_element(OFFLOAD_NODE, &vtysh_offload_exit_cmd);
	install_element(OFFLOAD_NODE, &vtysh_offload_quit_cmd);
	install_element(OFFLOAD_NODE, &vtysh_offload_end_cmd);

	install_element(OFFLOAD_TABLE_NODE, &vtysh_offload_exit_cmd);
	install_element(OFFLOAD_TABLE_NODE, &vtysh_offload_quit_cmd);
	install_element(OFFLOAD_TABLE_NODE, &vtysh_offload_end_cmd);

	install_element(OFFLOAD_RULE_NODE, &vtysh_offload_exit_cmd);
	install_element(OFFLOAD_RULE_NODE, &vtysh_offload_quit_cmd);
	install_element(OFFLOAD_RULE_NODE, &vtysh_offload_end_cmd);

	install_element(OFFLOAD_ACL_NODE, &vtysh_offload_exit_cmd);
	install_element(OFFLOAD_ACL_NODE, &vtysh_offload_quit_cmd);
	install_element(OFFLOAD_ACL_NODE, &vtysh_offload_end_cmd);
	nacm_init();
}
