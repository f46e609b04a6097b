// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload > rule`: see cli.c.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_rule_clippy.c"
#endif

#define OFL_MATCH_STR "Condition on a route\n"
#define OFL_SET_STR "What becomes of a route that matches\n"
#define MICE "./set/mice-filter"

DEFPY_YANG_NOSH(ofl_rule_enter, ofl_rule_enter_cmd,
	"rule (1-65535)$ofl_rule",
	"Configure a rule; the first that matches a route decides\n"
	"Sequence number\n")
{
	char xpath[XPATH_MAXLEN];
	int ret;

	snprintf(xpath, sizeof(xpath), OFL_XPATH "/rule[sequence='%s']",
		 ofl_rule_str);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(OFFLOAD_RULE_NODE, xpath);
	return ret;
}

DEFPY_YANG(ofl_no_rule, ofl_no_rule_cmd,
	"no rule (1-65535)$ofl_rule",
	NO_STR
	"Configure a rule; the first that matches a route decides\n"
	"Sequence number\n")
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), OFL_XPATH "/rule[sequence='%s']",
		 ofl_rule_str);
	return ofl_cli_leaf_del(vty, xpath);
}

/* --- match --- */

DEFPY_YANG(ofl_match_family, ofl_match_family_cmd,
	"match family <ipv4|ipv6>$family",
	OFL_MATCH_STR
	"Address family\n"
	"IPv4 routes\n"
	"IPv6 routes\n")
{
	return ofl_cli_leaf_set(vty, "./match/address-family", family);
}

DEFPY_YANG(ofl_no_match_family, ofl_no_match_family_cmd,
	"no match family [<ipv4|ipv6>]",
	NO_STR
	OFL_MATCH_STR
	"Address family\n"
	"IPv4 routes\n"
	"IPv6 routes\n")
{
	return ofl_cli_leaf_del(vty, "./match/address-family");
}

DEFPY_YANG(ofl_match_prefix_list, ofl_match_prefix_list_cmd,
	"match prefix-list PREFIXLIST_NAME$name",
	OFL_MATCH_STR
	"A prefix-list that permits the prefix\n"
	"Name of the prefix-list\n")
{
	if (!ofl_cli_text_ok(vty, name, OFL_NAME_LEN - 1))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./match/prefix-list", name);
}

DEFPY_YANG(ofl_no_match_prefix_list, ofl_no_match_prefix_list_cmd,
	"no match prefix-list [PREFIXLIST_NAME]",
	NO_STR
	OFL_MATCH_STR
	"A prefix-list that permits the prefix\n"
	"Name of the prefix-list\n")
{
	return ofl_cli_leaf_del(vty, "./match/prefix-list");
}

DEFPY_YANG(ofl_match_access_list, ofl_match_access_list_cmd,
	"match access-list ACCESSLIST_NAME$name",
	OFL_MATCH_STR
	"An access-list that permits the prefix\n"
	"Name of the access-list\n")
{
	if (!ofl_cli_text_ok(vty, name, OFL_NAME_LEN - 1))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./match/access-list", name);
}

DEFPY_YANG(ofl_no_match_access_list, ofl_no_match_access_list_cmd,
	"no match access-list [ACCESSLIST_NAME]",
	NO_STR
	OFL_MATCH_STR
	"An access-list that permits the prefix\n"
	"Name of the access-list\n")
{
	return ofl_cli_leaf_del(vty, "./match/access-list");
}

/* The route types of the model, whatever this build of FRR has beside. */
DEFPY_YANG(ofl_match_protocol, ofl_match_protocol_cmd,
	"match protocol <kernel|connected|static|rip|ripng|ospf|ospf6|isis|bgp|eigrp|nhrp|table|vnc|vnc-direct|babel|sharp|openfabric>$protocol",
	OFL_MATCH_STR
	"The protocol the route comes from\n"
	"Kernel routes\n"
	"Connected subnets\n"
	"Static routes\n"
	"RIP\n"
	"RIPng\n"
	"OSPFv2\n"
	"OSPFv3\n"
	"IS-IS\n"
	"BGP\n"
	"EIGRP\n"
	"NHRP\n"
	"Routes of another kernel table\n"
	"VNC\n"
	"VNC direct\n"
	"Babel\n"
	"SHARP\n"
	"OpenFabric\n")
{
	return ofl_cli_leaf_set(vty, "./match/protocol", protocol);
}

DEFPY_YANG(ofl_no_match_protocol, ofl_no_match_protocol_cmd,
	"no match protocol [WORD]",
	NO_STR
	OFL_MATCH_STR
	"The protocol the route comes from\n"
	"Name of the protocol\n")
{
	return ofl_cli_leaf_del(vty, "./match/protocol");
}

DEFPY_YANG(ofl_match_tag, ofl_match_tag_cmd,
	"match tag (0-4294967295)$tag",
	OFL_MATCH_STR
	"The tag of the route\n"
	"Tag\n")
{
	return ofl_cli_leaf_set(vty, "./match/tag", tag_str);
}

DEFPY_YANG(ofl_no_match_tag, ofl_no_match_tag_cmd,
	"no match tag [(0-4294967295)]",
	NO_STR
	OFL_MATCH_STR
	"The tag of the route\n"
	"Tag\n")
{
	return ofl_cli_leaf_del(vty, "./match/tag");
}

/* One number is a range of its own. */
static int range_set(struct vty *vty, const char *name, const char *min,
		     const char *max)
{
	char xpath_min[64], xpath_max[64];

	snprintf(xpath_min, sizeof(xpath_min), "./match/%s/minimum", name);
	snprintf(xpath_max, sizeof(xpath_max), "./match/%s/maximum", name);
	nb_cli_enqueue_change(vty, xpath_min, NB_OP_MODIFY, min);
	return ofl_cli_leaf_set(vty, xpath_max, max ? max : min);
}

static int range_del(struct vty *vty, const char *name)
{
	char xpath_min[64], xpath_max[64];

	snprintf(xpath_min, sizeof(xpath_min), "./match/%s/minimum", name);
	snprintf(xpath_max, sizeof(xpath_max), "./match/%s/maximum", name);
	nb_cli_enqueue_change(vty, xpath_min, NB_OP_DESTROY, NULL);
	return ofl_cli_leaf_del(vty, xpath_max);
}

DEFPY_YANG(ofl_match_distance, ofl_match_distance_cmd,
	"match distance (0-255)$min [(0-255)$max]",
	OFL_MATCH_STR
	"The administrative distance of the route\n"
	"Distance, or the lowest of a range\n"
	"Highest distance of the range\n")
{
	return range_set(vty, "distance", min_str, max_str);
}

DEFPY_YANG(ofl_no_match_distance, ofl_no_match_distance_cmd,
	"no match distance [(0-255) [(0-255)]]",
	NO_STR
	OFL_MATCH_STR
	"The administrative distance of the route\n"
	"Distance, or the lowest of a range\n"
	"Highest distance of the range\n")
{
	return range_del(vty, "distance");
}

DEFPY_YANG(ofl_match_metric, ofl_match_metric_cmd,
	"match metric (0-4294967295)$min [(0-4294967295)$max]",
	OFL_MATCH_STR
	"The metric of the route\n"
	"Metric, or the lowest of a range\n"
	"Highest metric of the range\n")
{
	return range_set(vty, "metric", min_str, max_str);
}

DEFPY_YANG(ofl_no_match_metric, ofl_no_match_metric_cmd,
	"no match metric [(0-4294967295) [(0-4294967295)]]",
	NO_STR
	OFL_MATCH_STR
	"The metric of the route\n"
	"Metric, or the lowest of a range\n"
	"Highest metric of the range\n")
{
	return range_del(vty, "metric");
}

DEFPY_YANG(ofl_match_vrf, ofl_match_vrf_cmd,
	"match vrf NAME$vrf_name",
	OFL_MATCH_STR
	"The VRF of the route\n"
	"Name of the VRF\n")
{
	if (!ofl_cli_text_ok(vty, vrf_name, OFL_NAME_LEN - 1))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./match/vrf", vrf_name);
}

DEFPY_YANG(ofl_no_match_vrf, ofl_no_match_vrf_cmd,
	"no match vrf [NAME$vrf_name]",
	NO_STR
	OFL_MATCH_STR
	"The VRF of the route\n"
	"Name of the VRF\n")
{
	return ofl_cli_leaf_del(vty, "./match/vrf");
}

DEFPY_YANG(ofl_match_interface, ofl_match_interface_cmd,
	"match nexthop-interface IFNAME$ifname",
	OFL_MATCH_STR
	"The interface through which every next hop leaves\n"
	"Name of the interface\n")
{
	if (!ofl_cli_text_ok(vty, ifname, IFNAMSIZ - 1))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./match/nexthop-interface", ifname);
}

DEFPY_YANG(ofl_no_match_interface, ofl_no_match_interface_cmd,
	"no match nexthop-interface [IFNAME]",
	NO_STR
	OFL_MATCH_STR
	"The interface through which every next hop leaves\n"
	"Name of the interface\n")
{
	return ofl_cli_leaf_del(vty, "./match/nexthop-interface");
}

DEFPY_YANG(ofl_match_plen, ofl_match_plen_cmd,
	"match prefix-length (0-128)$min [(0-128)$max]",
	OFL_MATCH_STR
	"The length of the prefix\n"
	"Length in bits, or the shortest of a range\n"
	"Longest of the range\n")
{
	return range_set(vty, "prefix-length", min_str, max_str);
}

DEFPY_YANG(ofl_no_match_plen, ofl_no_match_plen_cmd,
	"no match prefix-length [(0-128) [(0-128)]]",
	NO_STR
	OFL_MATCH_STR
	"The length of the prefix\n"
	"Length in bits, or the shortest of a range\n"
	"Longest of the range\n")
{
	return range_del(vty, "prefix-length");
}

/* --- set --- */

DEFPY_YANG(ofl_set_class, ofl_set_class_cmd,
	"set class <critical|best-effort|never>$cls",
	OFL_SET_STR
	"Class of the route; the rule is used once it has one\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stays in software\n")
{
	return ofl_cli_leaf_set(vty, "./set/class", cls);
}

DEFPY_YANG(ofl_no_set_class, ofl_no_set_class_cmd,
	"no set class [<critical|best-effort|never>]",
	NO_STR
	OFL_SET_STR
	"Class of the route; the rule is used once it has one\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stays in software\n")
{
	return ofl_cli_leaf_del(vty, "./set/class");
}

DEFPY_YANG(ofl_set_weight, ofl_set_weight_cmd,
	"set weight (1-1000000)$weight",
	OFL_SET_STR
	"Worth among routes of the same class\n"
	"Weight; 100 if none is set\n")
{
	return ofl_cli_leaf_set(vty, "./set/weight", weight_str);
}

DEFPY_YANG(ofl_no_set_weight, ofl_no_set_weight_cmd,
	"no set weight [(1-1000000)]",
	NO_STR
	OFL_SET_STR
	"Worth among routes of the same class\n"
	"Weight; 100 if none is set\n")
{
	return ofl_cli_leaf_del(vty, "./set/weight");
}

DEFPY_YANG(ofl_set_or_fail, ofl_set_or_fail_cmd,
	"[no] set offload-or-fail",
	NO_STR
	OFL_SET_STR
	"Report an error while the route is not in hardware\n")
{
	return ofl_cli_leaf_set(vty, "./set/offload-or-fail",
				no ? "false" : "true");
}

DEFPY_YANG(ofl_set_table, ofl_set_table_cmd,
	"set table WORD$ofl_table",
	OFL_SET_STR
	"Table of the route\n"
	"Name of the table\n")
{
	if (!ofl_cli_name_ok(vty, ofl_table))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./set/table", ofl_table);
}

DEFPY_YANG(ofl_no_set_table, ofl_no_set_table_cmd,
	"no set table [WORD$ofl_table]",
	NO_STR
	OFL_SET_STR
	"Table of the route\n"
	"Name of the table\n")
{
	return ofl_cli_leaf_del(vty, "./set/table");
}

#define MICE_STR                                                               \
	OFL_SET_STR                                                            \
	"An entry only for a route that carries enough, while traffic is counted\n"
#define MICE_VALUES_STR                                                        \
	"So many packets\n"                                                    \
	"Number of packets\n"                                                  \
	"So many kilobytes\n"                                                  \
	"Number of kilobytes, of 1000 bytes\n"                                 \
	"Within so long\n"                                                     \
	"Seconds\n"

/* The other way to say how much goes first: only one can be there. */
DEFPY_YANG(ofl_set_mice, ofl_set_mice_cmd,
	"set mice-filter <packets (1-4294967295)$packets|kilobytes (1-4294967295)$kilobytes> window (1-3600)$window",
	MICE_STR
	MICE_VALUES_STR)
{
	nb_cli_enqueue_change(vty, MICE, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, packets_str ? MICE "/kilobytes"
					       : MICE "/packets",
			      NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, packets_str ? MICE "/packets"
					       : MICE "/kilobytes",
			      NB_OP_MODIFY,
			      packets_str ? packets_str : kilobytes_str);
	return ofl_cli_leaf_set(vty, MICE "/window", window_str);
}

DEFPY_YANG(ofl_no_set_mice, ofl_no_set_mice_cmd,
	"no set mice-filter [<packets (1-4294967295)|kilobytes (1-4294967295)> window (1-3600)]",
	NO_STR
	MICE_STR
	MICE_VALUES_STR)
{
	return ofl_cli_leaf_del(vty, MICE);
}

static struct cmd_node rule_node = {
	.name = "offload rule",
	.node = OFFLOAD_RULE_NODE,
	.parent_node = OFFLOAD_NODE,
	.prompt = "%s(config-offload-rule)# ",
};

static int complete_one(const struct lyd_node *rule, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION,
				ofl_nb_child_value(rule, "sequence")));
	return YANG_ITER_CONTINUE;
}

static void complete_rule(vector out, struct cmd_token *token)
{
	yang_dnode_iterate(complete_one, out, running_config->dnode,
			   OFL_XPATH "/rule");
}

static const struct cmd_variable_handler completions[] = {
	{.varname = "ofl_rule", .completions = complete_rule},
	{.completions = NULL},
};

void ofl_cli_rule_init(void)
{
	cmd_variable_handler_register(completions);
	install_node(&rule_node);
	install_default(OFFLOAD_RULE_NODE);

	install_element(OFFLOAD_NODE, &ofl_rule_enter_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_rule_cmd);

	install_element(OFFLOAD_RULE_NODE, &ofl_match_family_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_family_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_prefix_list_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_prefix_list_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_access_list_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_access_list_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_protocol_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_protocol_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_tag_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_tag_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_distance_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_distance_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_metric_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_metric_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_vrf_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_vrf_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_interface_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_interface_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_match_plen_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_match_plen_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_set_class_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_set_class_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_set_weight_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_set_weight_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_set_or_fail_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_set_table_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_set_table_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_set_mice_cmd);
	install_element(OFFLOAD_RULE_NODE, &ofl_no_set_mice_cmd);
}
