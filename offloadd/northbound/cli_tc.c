// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload > table` that begin with `tc`: how provider
 * tc meets its hardware.
 *
 * A client of the model like cli_table.c, which makes the node.  The commands
 * are accepted whatever the provider is: they come before `provider tc`, which
 * is refused without a port.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_tc_clippy.c"
#endif

#define TC_STR "How provider tc meets its hardware\n"

/* --- ports --- */

static int port_edit(struct vty *vty, const char *name, bool is_del)
{
	if (!ofl_cli_port_ok(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_item_edit(vty, "./tc/port", name, is_del);
}

DEFPY_YANG(ofl_tc_port, ofl_tc_port_cmd,
	"tc port IFNAME$ifname",
	TC_STR
	"A port of the device, or of the devices that share the table\n"
	"Name of the interface\n")
{
	return port_edit(vty, ifname, false);
}

DEFPY_YANG(ofl_no_tc_port, ofl_no_tc_port_cmd,
	"no tc port IFNAME$ifname",
	NO_STR
	TC_STR
	"A port of the device, or of the devices that share the table\n"
	"Name of the interface\n")
{
	return port_edit(vty, ifname, true);
}

/* --- what it asks of hardware --- */

DEFPY_YANG(ofl_tc_mode, ofl_tc_mode_cmd,
	"tc mode <hardware|software>$mode",
	TC_STR
	"Who holds the table\n"
	"Hardware alone\n"
	"The kernel alone: a dry run\n")
{
	return ofl_cli_leaf_set(vty, "./tc/mode", mode);
}

DEFPY_YANG(ofl_no_tc_mode, ofl_no_tc_mode_cmd,
	"no tc mode [<hardware|software>]",
	NO_STR
	TC_STR
	"Who holds the table\n"
	"Hardware alone\n"
	"The kernel alone: a dry run\n")
{
	return ofl_cli_leaf_default(vty, "./tc/mode");
}

DEFPY_YANG(ofl_tc_multipath, ofl_tc_multipath_cmd,
	"tc multipath <software|single-path>$multipath",
	TC_STR
	"What becomes of routes with several next hops\n"
	"They stay in software\n"
	"Hardware uses one of the next hops\n")
{
	return ofl_cli_leaf_set(vty, "./tc/multipath", multipath);
}

DEFPY_YANG(ofl_no_tc_multipath, ofl_no_tc_multipath_cmd,
	"no tc multipath [<software|single-path>]",
	NO_STR
	TC_STR
	"What becomes of routes with several next hops\n"
	"They stay in software\n"
	"Hardware uses one of the next hops\n")
{
	return ofl_cli_leaf_default(vty, "./tc/multipath");
}

/* --- where its filters are --- */

DEFPY_YANG(ofl_tc_block, ofl_tc_block_cmd,
	"tc block (1-4294967294)$block",
	TC_STR
	"Shared ingress block of the ports\n"
	"Index of the block\n")
{
	return ofl_cli_leaf_set(vty, "./tc/block", block_str);
}

DEFPY_YANG(ofl_no_tc_block, ofl_no_tc_block_cmd,
	"no tc block [(1-4294967294)]",
	NO_STR
	TC_STR
	"Shared ingress block of the ports\n"
	"Index of the block\n")
{
	return ofl_cli_leaf_default(vty, "./tc/block");
}

DEFPY_YANG(ofl_tc_chain, ofl_tc_chain_cmd,
	"tc chain (1-200000000)$chain",
	TC_STR
	"First chain of routes\n"
	"Number of the chain\n")
{
	return ofl_cli_leaf_set(vty, "./tc/chain", chain_str);
}

DEFPY_YANG(ofl_no_tc_chain, ofl_no_tc_chain_cmd,
	"no tc chain [(1-200000000)]",
	NO_STR
	TC_STR
	"First chain of routes\n"
	"Number of the chain\n")
{
	return ofl_cli_leaf_default(vty, "./tc/chain");
}

DEFPY_YANG(ofl_tc_pref, ofl_tc_pref_cmd,
	"tc pref (1-65534)$pref",
	TC_STR
	"First of the two prefs of the guards in chain 0\n"
	"The lower of them\n")
{
	return ofl_cli_leaf_set(vty, "./tc/pref", pref_str);
}

DEFPY_YANG(ofl_no_tc_pref, ofl_no_tc_pref_cmd,
	"no tc pref [(1-65534)]",
	NO_STR
	TC_STR
	"First of the two prefs of the guards in chain 0\n"
	"The lower of them\n")
{
	return ofl_cli_leaf_default(vty, "./tc/pref");
}

DEFPY_YANG(ofl_tc_resource, ofl_tc_resource_cmd,
	"tc resource WORD$path",
	TC_STR
	"Devlink resource that tells the size of the table\n"
	"Path of the resource\n")
{
	if (!ofl_cli_resource_ok(vty, path))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./tc/resource", path);
}

DEFPY_YANG(ofl_no_tc_resource, ofl_no_tc_resource_cmd,
	"no tc resource [WORD]",
	NO_STR
	TC_STR
	"Devlink resource that tells the size of the table\n"
	"Path of the resource\n")
{
	return ofl_cli_leaf_del(vty, "./tc/resource");
}

/* --- installation --- */

void ofl_cli_tc_init(void)
{
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_port_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_port_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_mode_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_mode_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_multipath_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_multipath_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_block_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_block_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_chain_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_chain_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_pref_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_pref_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_tc_resource_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_tc_resource_cmd);
}
