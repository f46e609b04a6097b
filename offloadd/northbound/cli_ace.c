// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands on the entries of an access control list, and static flows, which
 * are entries by name.
 *
 * The grammar here is for completion and help; the words of a command are read
 * by ofl_ace_parse(), which also refuses what does not fit together.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_ace_clippy.c"
#endif

#define FLOW_STR "A static flow: a rule that packets meet before any list\n" \
	"Name of the flow\n"

#define FLOW_AT_STR FLOW_STR \
	"Packets that come in through an interface\n" \
	"Name of the interface\n" \
	"Place among the flows of the interface, 1000 if none is said\n" \
	"The lowest comes first\n"

#define ACE_SEQ_STR "An entry; the first that matches a packet decides\n" \
	"Sequence number\n"

#define ACE_FORWARD_CMD "<permit|deny|reject>"
#define ACE_FORWARD_STR "The packet goes on\n" \
	"The packet is dropped\n" \
	"The packet is dropped and its sender told\n"

#define ACE_PROTOCOL_CMD "<ip|icmp|igmp|tcp|udp|gre|esp|ah|icmpv6|ospf|pim|vrrp|sctp|(0-255)>"
#define ACE_PROTOCOL_STR "Any protocol over IP\n" \
	"ICMP of IPv4\n" \
	"IGMP\n" \
	"TCP\n" \
	"UDP\n" \
	"GRE\n" \
	"IPsec ESP\n" \
	"IPsec AH\n" \
	"ICMPv6\n" \
	"OSPF\n" \
	"PIM\n" \
	"VRRP\n" \
	"SCTP\n" \
	"Number of the protocol\n"

#define ACE_ADDRESS_CMD "<any|host <A.B.C.D|X:X::X:X>|A.B.C.D/M|X:X::X:X/M|A.B.C.D A.B.C.D|X:X::X:X X:X::X:X>"
#define ACE_ADDRESS_STR "Any address\n" \
	"A single address\n" \
	"IPv4 address\n" \
	"IPv6 address\n" \
	"IPv4 prefix\n" \
	"IPv6 prefix\n" \
	"IPv4 address with a wildcard mask\n" \
	"Bits that do not count\n" \
	"IPv6 address with a wildcard mask\n" \
	"Bits that do not count\n"

#define ACE_PORTS_CMD "[<<eq|neq|lt|gt> (0-65535)|range (0-65535) (0-65535)>]"
#define ACE_PORTS_STR "This port\n" \
	"Any port but this\n" \
	"Lower ports\n" \
	"Higher ports\n" \
	"Port\n" \
	"A range of ports\n" \
	"First port\n" \
	"Last port\n"

#define ACE_MATCH_CMD "flags WORD|icmp-type WORD [(0-255)]|dscp WORD|ttl (0-255) [(0-255)]|length (0-65535) [(0-65535)]|fragment <any|first|later|none>|source-mac X:X:X:X:X:X [X:X:X:X:X:X]|destination-mac X:X:X:X:X:X [X:X:X:X:X:X]|ethertype WORD|vlan (0-4095)|vlan-priority (0-7)|interface IFNAME|mark WORD"
#define ACE_MATCH_STR "TCP flags\n" \
	"Those set of those looked at: syn/syn,ack\n" \
	"ICMP type\n" \
	"Name or number\n" \
	"Code\n" \
	"Differentiated Services Code Point\n" \
	"Name or number\n" \
	"Time to live, hop limit\n" \
	"Lowest\n" \
	"Highest\n" \
	"Length of the packet with its IP header\n" \
	"Shortest\n" \
	"Longest\n" \
	"Fragments\n" \
	"Any fragment\n" \
	"The first fragment\n" \
	"Any fragment but the first\n" \
	"No fragment\n" \
	"Source MAC address\n" \
	"MAC address\n" \
	"Bits that count\n" \
	"Destination MAC address\n" \
	"MAC address\n" \
	"Bits that count\n" \
	"Ethertype\n" \
	"Name or number\n" \
	"VLAN\n" \
	"VLAN\n" \
	"Priority in the VLAN tag\n" \
	"Priority\n" \
	"Interface the packet came in through\n" \
	"Name of the interface\n" \
	"Mark of the packet, known to software only\n" \
	"Mark, or mark/mask\n"

#define ACE_ACTION_CMD "log|count|mirror IFNAME|redirect IFNAME|set-mark (0-4294967295)|set-dscp WORD|police (1-1000000000000000) burst (1-4294967295)"
#define ACE_ACTION_STR "Log the packet\n" \
	"Count the packets of this entry\n" \
	"Send a copy to an interface\n" \
	"Name of the interface\n" \
	"Send it to an interface instead of routing it\n" \
	"Name of the interface\n" \
	"Give it a mark\n" \
	"Mark\n" \
	"Give it a DSCP\n" \
	"Name or number\n" \
	"Drop what is above a rate\n" \
	"Bits a second\n" \
	"What may pass at once\n" \
	"Bytes\n"

#define ACE_SETTINGS_CMD "class <critical|best-effort|never>|placement <hardware|software|both>|offload-or-fail <yes|no>|weight (1-1000000)|allow-partial <yes|no>"
#define ACE_SETTINGS_STR "Class of this entry\n" \
	"May take any slot\n" \
	"Offloaded while there is room\n" \
	"Stays in software\n" \
	"Which datapaths may hold this entry\n" \
	"Hardware too\n" \
	"Software only\n" \
	"Hardware too\n" \
	"Report an error while it is not in hardware\n" \
	"Yes\n" \
	"No\n" \
	"Worth among entries of its class\n" \
	"Weight\n" \
	"Split it if hardware cannot match it whole\n" \
	"Yes\n" \
	"No\n"

/* Keywords in full, whatever was typed of them. */
static size_t words_of(struct cmd_token **argv, int argc, int at,
		       const char *words[OFL_ACE_WORDS_MAX])
{
	size_t count = 0;

	for (int i = at; i < argc && count < OFL_ACE_WORDS_MAX; i++)
		words[count++] = argv[i]->type == WORD_TKN ? argv[i]->text
							   : argv[i]->arg;
	return count;
}

static int ace_put(struct vty *vty, uint32_t seq, struct cmd_token **argv,
		   int argc)
{
	struct lyd_node *acl = ofl_cli_acl_get(vty);
	const char *words[OFL_ACE_WORDS_MAX];
	struct ofl_ace ace;
	char error[192];

	if (!acl)
		return CMD_WARNING_CONFIG_FAILED;
	if (!ofl_ace_parse(ofl_nb_acl_type(acl), words,
			   words_of(argv, argc, 2, words), &ace, error,
			   sizeof(error))) {
		vty_out(vty, "%% Sequence %u: %s.\n", seq, error);
		return CMD_WARNING_CONFIG_FAILED;
	}
	ace.seq = seq;
	if (!ofl_nb_ace_put(acl, &ace)) {
		vty_out(vty, "%% Sequence %u: it has a name that cannot be one.\n", seq);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return ofl_cli_acl_apply(vty);
}

DEFPY_YANG(ofl_ace_ip, ofl_ace_ip_cmd,
	"seq (1-4294967295)$seq " ACE_FORWARD_CMD " " ACE_PROTOCOL_CMD " " ACE_ADDRESS_CMD " " ACE_PORTS_CMD " " ACE_ADDRESS_CMD " " ACE_PORTS_CMD " [{" ACE_MATCH_CMD "|" ACE_ACTION_CMD "|" ACE_SETTINGS_CMD "}]",
	ACE_SEQ_STR
	ACE_FORWARD_STR
	ACE_PROTOCOL_STR
	ACE_ADDRESS_STR
	ACE_PORTS_STR
	ACE_ADDRESS_STR
	ACE_PORTS_STR
	ACE_MATCH_STR
	ACE_ACTION_STR
	ACE_SETTINGS_STR)
{
	return ace_put(vty, seq, argv, argc);
}

DEFPY_YANG(ofl_ace_ethernet, ofl_ace_ethernet_cmd,
	"seq (1-4294967295)$seq " ACE_FORWARD_CMD " ethernet [{" ACE_MATCH_CMD "|" ACE_ACTION_CMD "|" ACE_SETTINGS_CMD "}]",
	ACE_SEQ_STR
	ACE_FORWARD_STR
	"Any frame\n"
	ACE_MATCH_STR
	ACE_ACTION_STR
	ACE_SETTINGS_STR)
{
	return ace_put(vty, seq, argv, argc);
}

DEFPY_YANG(ofl_ace_remark, ofl_ace_remark_cmd,
	"seq (1-4294967295)$seq remark LINE...",
	ACE_SEQ_STR
	"Words for people\n"
	"Up to 100 characters\n")
{
	struct lyd_node *acl = ofl_cli_acl_get(vty);
	char *remark = argv_concat(argv, argc, 3);
	int ret = CMD_WARNING_CONFIG_FAILED;

	if (acl && ofl_cli_text_ok(vty, remark, OFL_ACL_REMARK_LEN - 1)) {
		if (ofl_nb_ace_remark_put(acl, seq, remark))
			ret = ofl_cli_acl_apply(vty);
		else
			vty_out(vty, "%% The remark has characters that cannot be kept.\n");
	}
	XFREE(MTYPE_TMP, remark);
	return ret;
}

DEFPY_YANG(ofl_no_ace, ofl_no_ace_cmd,
	"no seq (1-4294967295)$seq",
	NO_STR
	ACE_SEQ_STR)
{
	struct lyd_node *acl = ofl_cli_acl_get(vty);

	if (!acl)
		return CMD_WARNING_CONFIG_FAILED;
	if (!ofl_nb_ace_del(acl, seq)) {
		vty_out(vty, "%% There is no sequence %s.\n", seq_str);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return ofl_cli_acl_apply(vty);
}

ALIAS_YANG(ofl_no_ace, ofl_no_ace_line_cmd,
	"no seq (1-4294967295)$seq <permit|deny|reject> LINE...",
	NO_STR
	ACE_SEQ_STR
	ACE_FORWARD_STR
	"The rest is not looked at\n")

DEFPY_YANG(ofl_no_ace_remark, ofl_no_ace_remark_cmd,
	"no seq (1-4294967295)$seq remark",
	NO_STR
	ACE_SEQ_STR
	"Words for people\n")
{
	struct lyd_node *acl = ofl_cli_acl_get(vty);

	if (!acl)
		return CMD_WARNING_CONFIG_FAILED;
	if (!ofl_nb_ace_remark_del(acl, seq)) {
		vty_out(vty, "%% Sequence %s has no remark.\n", seq_str);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return ofl_cli_acl_apply(vty);
}

ALIAS_YANG(ofl_no_ace_remark, ofl_no_ace_remark_line_cmd,
	"no seq (1-4294967295)$seq remark LINE...",
	NO_STR
	ACE_SEQ_STR
	"Words for people\n"
	"The rest is not looked at\n")

DEFPY_YANG(ofl_acl_resequence, ofl_acl_resequence_cmd,
	"resequence (1-4294967295)$start (1-4294967295)$step",
	"Number the entries anew, in their order\n"
	"First number\n"
	"From one to the next\n")
{
	struct lyd_node *acl = ofl_cli_acl_get(vty);

	if (!acl)
		return CMD_WARNING_CONFIG_FAILED;
	if (!ofl_nb_acl_resequence(acl, start, step)) {
		vty_out(vty,
			"%% The last number would be above 4294967295.\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	return ofl_cli_acl_apply(vty);
}

/* --- static flows --- */

static int flow_put(struct vty *vty, const char *name, const char *interface,
		    long priority, struct cmd_token **argv, int argc, int at)
{
	struct ofl_static_flow flow = {.priority = priority};
	const char *words[OFL_ACE_WORDS_MAX];
	char error[192];

	if (!ofl_cli_name_ok(vty, name) || !ofl_cli_port_ok(vty, interface))
		return CMD_WARNING_CONFIG_FAILED;
	if (!ofl_ace_parse(OFL_ACL_MIXED, words,
			   words_of(argv, argc, at, words), &flow.ace, error,
			   sizeof(error))) {
		vty_out(vty, "%% Flow %s: %s.\n", name, error);
		return CMD_WARNING_CONFIG_FAILED;
	}
	strlcpy(flow.name, name, sizeof(flow.name));
	strlcpy(flow.interface, interface, sizeof(flow.interface));
	if (!ofl_nb_static_flow_put(vty->candidate_config, &flow)) {
		vty_out(vty, "%% Flow %s: it has a name that cannot be one.\n", name);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return ofl_cli_acl_apply(vty);
}

DEFPY_YANG(ofl_flow_ip, ofl_flow_ip_cmd,
	"flow WORD$ofl_flow interface IFNAME$flow_port [priority (1-65535)$priority] " ACE_FORWARD_CMD " " ACE_PROTOCOL_CMD " " ACE_ADDRESS_CMD " " ACE_PORTS_CMD " " ACE_ADDRESS_CMD " " ACE_PORTS_CMD " [{" ACE_MATCH_CMD "|" ACE_ACTION_CMD "|" ACE_SETTINGS_CMD "}]",
	FLOW_AT_STR
	ACE_FORWARD_STR
	ACE_PROTOCOL_STR
	ACE_ADDRESS_STR
	ACE_PORTS_STR
	ACE_ADDRESS_STR
	ACE_PORTS_STR
	ACE_MATCH_STR
	ACE_ACTION_STR
	ACE_SETTINGS_STR)
{
	return flow_put(vty, ofl_flow, flow_port,
			priority_str ? priority : OFL_STATIC_FLOW_PRIORITY,
			argv, argc, priority_str ? 6 : 4);
}

DEFPY_YANG(ofl_flow_ethernet, ofl_flow_ethernet_cmd,
	"flow WORD$ofl_flow interface IFNAME$flow_port [priority (1-65535)$priority] " ACE_FORWARD_CMD " ethernet [{" ACE_MATCH_CMD "|" ACE_ACTION_CMD "|" ACE_SETTINGS_CMD "}]",
	FLOW_AT_STR
	ACE_FORWARD_STR
	"Any frame\n"
	ACE_MATCH_STR
	ACE_ACTION_STR
	ACE_SETTINGS_STR)
{
	return flow_put(vty, ofl_flow, flow_port,
			priority_str ? priority : OFL_STATIC_FLOW_PRIORITY,
			argv, argc, priority_str ? 6 : 4);
}

/* False, said: there is none. */
static bool flow_exists(struct vty *vty, const char *name)
{
	if (!ofl_cli_name_ok(vty, name))
		return false;
	if (ofl_nb_static_flow_find(vty->candidate_config, name))
		return true;
	vty_out(vty, "%% There is no flow %s.\n", name);
	return false;
}

DEFPY_YANG(ofl_flow_remark, ofl_flow_remark_cmd,
	"flow WORD$ofl_flow remark LINE...",
	FLOW_STR
	"Words for people\n"
	"Up to 100 characters\n")
{
	char *remark = argv_concat(argv, argc, 3);
	int ret = CMD_WARNING_CONFIG_FAILED;
	char xpath[XPATH_MAXLEN];

	if (flow_exists(vty, ofl_flow) &&
	    ofl_cli_text_ok(vty, remark, OFL_ACL_REMARK_LEN - 1)) {
		snprintf(xpath, sizeof(xpath), OFL_FLOW_XPATH "/remark",
			 ofl_flow);
		ret = ofl_cli_leaf_set(vty, xpath, remark);
	}
	XFREE(MTYPE_TMP, remark);
	return ret;
}

DEFPY_YANG(ofl_no_flow, ofl_no_flow_cmd,
	"no flow WORD$ofl_flow [remark$remark]",
	NO_STR
	FLOW_STR
	"Only the words for people\n")
{
	char xpath[XPATH_MAXLEN];

	if (!flow_exists(vty, ofl_flow))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_FLOW_XPATH "%s", ofl_flow,
		 remark ? "/remark" : "");
	return ofl_cli_leaf_del(vty, xpath);
}

ALIAS_YANG(ofl_no_flow, ofl_no_flow_line_cmd,
	"no flow WORD$ofl_flow <remark$remark|interface> LINE...",
	NO_STR
	FLOW_STR
	"Only the words for people\n"
	"Packets that come in through an interface\n"
	"The rest is not looked at\n")

static bool complete_one(const struct ofl_static_flow *flow, void *arg)
{
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, flow->name));
	return true;
}

static void complete_flow(vector out, struct cmd_token *token)
{
	ofl_static_flows_walk(complete_one, out);
}

static const struct cmd_variable_handler completions[] = {
	{.varname = "ofl_flow", .completions = complete_flow},
	{.completions = NULL},
};

void ofl_cli_ace_init(void)
{
	cmd_variable_handler_register(completions);
	install_element(OFFLOAD_NODE, &ofl_flow_ip_cmd);
	install_element(OFFLOAD_NODE, &ofl_flow_ethernet_cmd);
	install_element(OFFLOAD_NODE, &ofl_flow_remark_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_flow_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_flow_line_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_ace_ip_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_ace_ethernet_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_ace_remark_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_ace_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_ace_line_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_ace_remark_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_ace_remark_line_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_resequence_cmd);
}
