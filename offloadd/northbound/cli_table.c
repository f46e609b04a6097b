// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload > table`: what a hardware table is, how full
 * it may be, and how slots change hands.
 *
 * A client of the model like cli.c, which has what it shares with the others.
 * What only one provider knows has a file of its own if it is much: cli_tc.c.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_table_clippy.c"
#endif

DEFPY_YANG_NOSH(ofl_table_enter, ofl_table_enter_cmd,
	"table WORD$ofl_table",
	"Configure a hardware table\n"
	"Name of the table\n")
{
	char xpath[XPATH_MAXLEN];
	int ret;

	if (!ofl_cli_name_ok(vty, ofl_table))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_XPATH "/table[name='%s']",
		 ofl_table);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(OFFLOAD_TABLE_NODE, xpath);
	return ret;
}

DEFPY_YANG(ofl_no_table, ofl_no_table_cmd,
	"no table WORD$ofl_table",
	NO_STR
	"Configure a hardware table\n"
	"Name of the table\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_name_ok(vty, ofl_table))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_XPATH "/table[name='%s']",
		 ofl_table);
	return ofl_cli_leaf_del(vty, xpath);
}

/* --- what it is --- */

DEFPY_YANG(ofl_table_provider, ofl_table_provider_cmd,
	"provider WORD$ofl_provider",
	"What programs the table\n"
	"Name of the provider\n")
{
	if (!ofl_cli_name_ok(vty, ofl_provider))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./provider", ofl_provider);
}

DEFPY_YANG(ofl_no_provider, ofl_no_provider_cmd,
	"no provider [WORD$ofl_provider]",
	NO_STR
	"What programs the table\n"
	"Name of the provider\n")
{
	return ofl_cli_leaf_default(vty, "./provider");
}

DEFPY_YANG(ofl_emulated_file, ofl_emulated_file_cmd,
	"emulated file WORD$path",
	"The table of provider emulated\n"
	"Its entries outlive the daemon, in a file\n"
	"Absolute path\n")
{
	if (!ofl_cli_path_ok(vty, path))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./emulated/file", path);
}

DEFPY_YANG(ofl_no_emulated_file, ofl_no_emulated_file_cmd,
	"no emulated file [WORD]",
	NO_STR
	"The table of provider emulated\n"
	"Its entries outlive the daemon, in a file\n"
	"Absolute path\n")
{
	return ofl_cli_leaf_del(vty, "./emulated/file");
}

DEFPY_YANG(ofl_capacity, ofl_capacity_cmd,
	"capacity <(1-16777216)|auto>$capacity",
	"Size of the table\n"
	"Number of slots\n"
	"What the provider says\n")
{
	return ofl_cli_leaf_set(vty, "./capacity", capacity);
}

DEFPY_YANG(ofl_no_capacity, ofl_no_capacity_cmd,
	"no capacity [<(1-16777216)|auto>]",
	NO_STR
	"Size of the table\n"
	"Number of slots\n"
	"What the provider says\n")
{
	return ofl_cli_leaf_default(vty, "./capacity");
}

DEFPY_YANG(ofl_slot_cost, ofl_slot_cost_cmd,
	"slot-cost <ipv4$v4|ipv6> (1-255)$slots",
	"Slots that one entry takes\n"
	"Slots of an IPv4 entry\n"
	"Slots of an IPv6 entry\n"
	"Number of slots\n")
{
	return ofl_cli_leaf_set(
		vty, v4 ? "./slot-cost/ipv4" : "./slot-cost/ipv6", slots_str);
}

DEFPY_YANG(ofl_no_slot_cost, ofl_no_slot_cost_cmd,
	"no slot-cost <ipv4$v4|ipv6> [(1-255)]",
	NO_STR
	"Slots that one entry takes\n"
	"Slots of an IPv4 entry\n"
	"Slots of an IPv6 entry\n"
	"Number of slots\n")
{
	return ofl_cli_leaf_default(vty, v4 ? "./slot-cost/ipv4"
					    : "./slot-cost/ipv6");
}

/* --- how full it may be --- */

/* The other way to express the limit goes first: only one can be there. */
static int limit_set(struct vty *vty, const char *name, const char *percent,
		     const char *slots)
{
	char xpath_percent[64], xpath_slots[64];

	snprintf(xpath_percent, sizeof(xpath_percent), "./%s/percent", name);
	snprintf(xpath_slots, sizeof(xpath_slots), "./%s/slots", name);
	if (slots) {
		nb_cli_enqueue_change(vty, xpath_percent, NB_OP_DESTROY, NULL);
		return ofl_cli_leaf_set(vty, xpath_slots, slots);
	}
	nb_cli_enqueue_change(vty, xpath_slots, NB_OP_DESTROY, NULL);
	return ofl_cli_leaf_set(vty, xpath_percent, percent);
}

DEFPY_YANG(ofl_high_watermark, ofl_high_watermark_cmd,
	"high-watermark <(1-100)$percent percent|(1-16777216)$slots slots>",
	"Best-effort routes are admitted up to here\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n")
{
	return limit_set(vty, "high-watermark", percent_str, slots_str);
}

DEFPY_YANG(ofl_no_high_watermark, ofl_no_high_watermark_cmd,
	"no high-watermark [<(1-100) percent|(1-16777216) slots>]",
	NO_STR
	"Best-effort routes are admitted up to here\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n")
{
	return limit_set(vty, "high-watermark", NULL, NULL);
}

DEFPY_YANG(ofl_low_watermark, ofl_low_watermark_cmd,
	"low-watermark <(1-100)$percent percent|(1-16777216)$slots slots>",
	"Best-effort routes are admitted again below this\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n")
{
	return limit_set(vty, "low-watermark", percent_str, slots_str);
}

DEFPY_YANG(ofl_no_low_watermark, ofl_no_low_watermark_cmd,
	"no low-watermark [<(1-100) percent|(1-16777216) slots>]",
	NO_STR
	"Best-effort routes are admitted again below this\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n")
{
	return limit_set(vty, "low-watermark", NULL, NULL);
}

DEFPY_YANG(ofl_acl_slots, ofl_acl_slots_cmd,
	"acl-slots <(1-100)$percent percent|(1-16777216)$slots slots>",
	"Entries of access control lists take at most this much\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n")
{
	return limit_set(vty, "acl-slots", percent_str, slots_str);
}

DEFPY_YANG(ofl_no_acl_slots, ofl_no_acl_slots_cmd,
	"no acl-slots [<(1-100) percent|(1-16777216) slots>]",
	NO_STR
	"Entries of access control lists take at most this much\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n")
{
	return limit_set(vty, "acl-slots", NULL, NULL);
}

DEFPY_YANG(ofl_reserve, ofl_reserve_cmd,
	"reserve (0-16777215)$slots",
	"Slots that best-effort routes may not use\n"
	"Number of slots\n")
{
	return ofl_cli_leaf_set(vty, "./reserve", slots_str);
}

DEFPY_YANG(ofl_no_reserve, ofl_no_reserve_cmd,
	"no reserve [(0-16777215)]",
	NO_STR
	"Slots that best-effort routes may not use\n"
	"Number of slots\n")
{
	return ofl_cli_leaf_del(vty, "./reserve");
}

/* --- how slots change hands --- */

DEFPY_YANG(ofl_hysteresis, ofl_hysteresis_cmd,
	"hysteresis (0-100)$percent",
	"What a better route must gain to get the slot of another\n"
	"Percent of the price of the slot\n")
{
	return ofl_cli_leaf_set(vty, "./hysteresis", percent_str);
}

DEFPY_YANG(ofl_no_hysteresis, ofl_no_hysteresis_cmd,
	"no hysteresis [(0-100)]",
	NO_STR
	"What a better route must gain to get the slot of another\n"
	"Percent of the price of the slot\n")
{
	return ofl_cli_leaf_default(vty, "./hysteresis");
}

DEFPY_YANG(ofl_residence, ofl_residence_cmd,
	"residence (0-7)$sweeps",
	"How long an entry stays before a better route may get its slot\n"
	"Number of sweeps\n")
{
	return ofl_cli_leaf_set(vty, "./residence", sweeps_str);
}

DEFPY_YANG(ofl_no_residence, ofl_no_residence_cmd,
	"no residence [(0-7)]",
	NO_STR
	"How long an entry stays before a better route may get its slot\n"
	"Number of sweeps\n")
{
	return ofl_cli_leaf_default(vty, "./residence");
}

DEFPY_YANG(ofl_cover_limit, ofl_cover_limit_cmd,
	"critical-cover-limit (0-16777216)$slots",
	"Slots that the covers of one critical route may take\n"
	"Number of slots, 0 for any\n")
{
	return ofl_cli_leaf_set(vty, "./critical-cover-limit", slots_str);
}

DEFPY_YANG(ofl_no_cover_limit, ofl_no_cover_limit_cmd,
	"no critical-cover-limit [(0-16777216)]",
	NO_STR
	"Slots that the covers of one critical route may take\n"
	"Number of slots, 0 for any\n")
{
	return ofl_cli_leaf_default(vty, "./critical-cover-limit");
}

DEFPY_YANG(ofl_optional_writes, ofl_optional_writes_cmd,
	"optional-writes (0-1000000)$writes",
	"Writes that only serve to give slots to better routes\n"
	"Number a second, 0 for any\n")
{
	return ofl_cli_leaf_set(vty, "./optional-writes", writes_str);
}

DEFPY_YANG(ofl_no_optional_writes, ofl_no_optional_writes_cmd,
	"no optional-writes [(0-1000000)]",
	NO_STR
	"Writes that only serve to give slots to better routes\n"
	"Number a second, 0 for any\n")
{
	return ofl_cli_leaf_default(vty, "./optional-writes");
}

DEFPY_YANG(ofl_rebalance, ofl_rebalance_cmd,
	"rebalance-interval (1-3600)$seconds",
	"Time from one sweep, which weighs every route anew, to the next\n"
	"Seconds\n")
{
	return ofl_cli_leaf_set(vty, "./rebalance-interval", seconds_str);
}

DEFPY_YANG(ofl_no_rebalance, ofl_no_rebalance_cmd,
	"no rebalance-interval [(1-3600)]",
	NO_STR
	"Time from one sweep, which weighs every route anew, to the next\n"
	"Seconds\n")
{
	return ofl_cli_leaf_default(vty, "./rebalance-interval");
}

DEFPY_YANG(ofl_exact, ofl_exact_cmd,
	"[no] exact-placement",
	NO_STR
	"Find the best choice of routes itself if the table is small enough\n")
{
	return ofl_cli_leaf_set(vty, "./exact-placement",
				no ? "false" : "true");
}

/* --- installation --- */

static struct cmd_node table_node = {
	.name = "offload table",
	.node = OFFLOAD_TABLE_NODE,
	.parent_node = OFFLOAD_NODE,
	.prompt = "%s(config-offload-table)# ",
};

void ofl_cli_table_init(void)
{
	install_node(&table_node);
	install_default(OFFLOAD_TABLE_NODE);

	install_element(OFFLOAD_NODE, &ofl_table_enter_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_table_cmd);

	install_element(OFFLOAD_TABLE_NODE, &ofl_table_provider_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_provider_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_emulated_file_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_emulated_file_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_capacity_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_capacity_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_slot_cost_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_slot_cost_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_high_watermark_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_high_watermark_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_low_watermark_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_low_watermark_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_acl_slots_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_acl_slots_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_reserve_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_reserve_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_hysteresis_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_hysteresis_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_residence_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_residence_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_cover_limit_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_cover_limit_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_optional_writes_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_optional_writes_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_rebalance_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_no_rebalance_cmd);
	install_element(OFFLOAD_TABLE_NODE, &ofl_exact_cmd);
}
