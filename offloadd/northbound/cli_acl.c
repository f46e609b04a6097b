// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands on access control lists as a whole: making, renaming, settings,
 * where they are attached.  Entries are cli_ace.c's, printing is
 * cli_acl_print.c's.
 *
 * Edits that are more than a leaf are nb_acl_edit.c's.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_acl_clippy.c"
#endif

#define ACL_STR "Configure an access control list\n"

struct lyd_node *ofl_cli_acl_get(struct vty *vty)
{
	struct lyd_node *acl = NULL;

	if (vty->xpath_index > 0)
		acl = yang_dnode_get(vty->candidate_config->dnode,
				     VTY_CURR_XPATH);
	if (!acl)
		vty_out(vty, "%% The access control list is gone.\n");
	return acl;
}

/* FRR commits after every line of a daemon's own file: half a minute for 2,000
 * entries, and the square of it for more.  vtysh tells it to wait for a line
 * that is no edit; a file of the daemon is taken the same way here, to its end.
 * While a commit waits there is nothing more to schedule, which would take time
 * in the length of the file. */
int ofl_cli_acl_apply(struct vty *vty)
{
	if (vty->type == VTY_FILE)
		vty->pending_allowed = 1;
	if (vty->pending_allowed && vty->pending_commit)
		return CMD_SUCCESS;
	return nb_cli_apply_changes(vty, NULL);
}

/* --- making and renaming --- */

DEFPY_YANG_NOSH(ofl_acl_enter, ofl_acl_enter_cmd,
	"acl WORD$ofl_acl [<ipv4|ipv6|ethernet|mixed>$type]",
	ACL_STR
	"Name of the list\n"
	"Entries on IPv4 packets\n"
	"Entries on IPv6 packets\n"
	"Entries on frames, without fields of IP\n"
	"Entries of all three kinds\n")
{
	char xpath[XPATH_MAXLEN], type_xpath[XPATH_MAXLEN];
	int ret;

	if (!ofl_cli_name_ok(vty, ofl_acl))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_ACL_XPATH, ofl_acl);
	snprintf(type_xpath, sizeof(type_xpath), OFL_ACL_XPATH "/type",
		 ofl_acl);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	if (type)
		nb_cli_enqueue_change(vty, type_xpath, NB_OP_MODIFY, type);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(OFFLOAD_ACL_NODE, xpath);
	return ret;
}

DEFPY_YANG(ofl_no_acl, ofl_no_acl_cmd,
	"no acl WORD$ofl_acl [<ipv4|ipv6|ethernet|mixed>]",
	NO_STR
	ACL_STR
	"Name of the list\n"
	"Entries on IPv4 packets\n"
	"Entries on IPv6 packets\n"
	"Entries on frames, without fields of IP\n"
	"Entries of all three kinds\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_name_ok(vty, ofl_acl))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_ACL_XPATH, ofl_acl);
	return ofl_cli_leaf_del(vty, xpath);
}

DEFPY_YANG(ofl_acl_rename, ofl_acl_rename_cmd,
	"acl rename WORD$ofl_acl WORD$name",
	ACL_STR
	"Give a list another name, also where it is attached\n"
	"Name of the list\n"
	"New name\n")
{
	struct lyd_node *acl;

	if (!ofl_cli_name_ok(vty, ofl_acl) || !ofl_cli_name_ok(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	acl = ofl_nb_acl_find(vty->candidate_config, ofl_acl);
	if (!acl) {
		vty_out(vty, "%% There is no access control list %s.\n",
			ofl_acl);
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (ofl_nb_acl_find(vty->candidate_config, name)) {
		vty_out(vty, "%% There is an access control list %s already.\n",
			name);
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (!ofl_nb_acl_rename(acl, name)) {
		vty_out(vty, "%% It could not be renamed.\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	return nb_cli_apply_changes(vty, NULL);
}

/* --- settings of a list --- */

static int remark_edit(struct vty *vty, struct cmd_token **argv, int argc,
		       int at)
{
	char *remark = argv_concat(argv, argc, at);
	int ret = CMD_WARNING_CONFIG_FAILED;

	if (ofl_cli_text_ok(vty, remark, OFL_ACL_REMARK_LEN - 1))
		ret = ofl_cli_leaf_set(vty, "./remark", remark);
	XFREE(MTYPE_TMP, remark);
	return ret;
}

DEFPY_YANG(ofl_acl_remark, ofl_acl_remark_cmd,
	"remark LINE...",
	"Words for people\n"
	"Up to 100 characters\n")
{
	return remark_edit(vty, argv, argc, 1);
}

DEFPY_YANG(ofl_no_acl_remark, ofl_no_acl_remark_cmd,
	"no remark",
	NO_STR
	"Words for people\n")
{
	return ofl_cli_leaf_del(vty, "./remark");
}

ALIAS_YANG(ofl_no_acl_remark, ofl_no_acl_remark_line_cmd,
	"no remark LINE...",
	NO_STR
	"Words for people\n"
	"The rest is not looked at\n")

DEFPY_YANG(ofl_acl_default, ofl_acl_default_cmd,
	"default-action <permit$permit|deny>",
	"What becomes of packets that no entry matches\n"
	"They go on\n"
	"They are dropped\n")
{
	return ofl_cli_leaf_set(vty, "./default-action",
				permit ? "accept" : "drop");
}

DEFPY_YANG(ofl_no_acl_default, ofl_no_acl_default_cmd,
	"no default-action [<permit|deny>]",
	NO_STR
	"What becomes of packets that no entry matches\n"
	"They go on\n"
	"They are dropped\n")
{
	return ofl_cli_leaf_default(vty, "./default-action");
}

DEFPY_YANG(ofl_acl_class, ofl_acl_class_cmd,
	"class <critical|best-effort|never>$cls",
	"Class of entries that have none of their own\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stay in software\n")
{
	return ofl_cli_leaf_set(vty, "./class", cls);
}

DEFPY_YANG(ofl_no_acl_class, ofl_no_acl_class_cmd,
	"no class [<critical|best-effort|never>]",
	NO_STR
	"Class of entries that have none of their own\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stay in software\n")
{
	return ofl_cli_leaf_default(vty, "./class");
}

DEFPY_YANG(ofl_acl_placement, ofl_acl_placement_cmd,
	"placement <hardware|software|both>$where",
	"Which datapaths may hold the entries\n"
	"Hardware too\n"
	"Software only\n"
	"Hardware too\n")
{
	return ofl_cli_leaf_set(vty, "./placement", where);
}

DEFPY_YANG(ofl_no_acl_placement, ofl_no_acl_placement_cmd,
	"no placement [<hardware|software|both>]",
	NO_STR
	"Which datapaths may hold the entries\n"
	"Hardware too\n"
	"Software only\n"
	"Hardware too\n")
{
	return ofl_cli_leaf_default(vty, "./placement");
}

DEFPY_YANG(ofl_acl_weight, ofl_acl_weight_cmd,
	"weight (1-1000000)$weight",
	"Worth of an entry among those of its class\n"
	"Weight\n")
{
	return ofl_cli_leaf_set(vty, "./weight", weight_str);
}

DEFPY_YANG(ofl_no_acl_weight, ofl_no_acl_weight_cmd,
	"no weight [(1-1000000)]",
	NO_STR
	"Worth of an entry among those of its class\n"
	"Weight\n")
{
	return ofl_cli_leaf_default(vty, "./weight");
}

DEFPY_YANG(ofl_acl_or_fail, ofl_acl_or_fail_cmd,
	"[no] offload-or-fail",
	NO_STR
	"Report an error while an entry is not in hardware\n")
{
	return ofl_cli_leaf_set(vty, "./offload-or-fail",
				no ? "false" : "true");
}

DEFPY_YANG(ofl_acl_partial, ofl_acl_partial_cmd,
	"[no] allow-partial",
	NO_STR
	"Split an entry that hardware cannot match whole\n")
{
	return ofl_cli_leaf_set(vty, "./allow-partial", no ? "false" : "true");
}

/* --- where it is attached --- */

DEFPY_YANG(ofl_access_group, ofl_access_group_cmd,
	"access-group WORD$ofl_list interface IFNAME$ifname <in$in|out>",
	"Attach a list to an interface\n"
	"Name of an acl, or of an access-list\n"
	"The interface\n"
	"Name of the interface\n"
	"Packets that come in\n"
	"Packets that leave\n")
{
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_text_ok(vty, ofl_list, OFL_NAME_LEN - 1) ||
	    !ofl_cli_port_ok(vty, ifname))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_ATTACH_XPATH "/%s", ifname,
		 in ? "ingress" : "egress");
	return ofl_cli_leaf_set(vty, xpath, ofl_list);
}

/* An interface without any list goes, too. */
DEFPY_YANG(ofl_no_access_group, ofl_no_access_group_cmd,
	"no access-group [WORD$ofl_list] interface IFNAME$ifname <in$in|out>",
	NO_STR
	"Attach a list to an interface\n"
	"Name of an acl, or of an access-list\n"
	"The interface\n"
	"Name of the interface\n"
	"Packets that come in\n"
	"Packets that leave\n")
{
	const char *leaf = in ? "ingress" : "egress";
	struct lyd_node *interface;
	char xpath[XPATH_MAXLEN];

	if (!ofl_cli_port_ok(vty, ifname))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), OFL_ATTACH_XPATH, ifname);
	interface = yang_dnode_get(vty->candidate_config->dnode, xpath);
	if (!interface || !ofl_nb_child(interface, leaf)) {
		vty_out(vty, "%% No list is attached there.\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (ofl_nb_child(interface, in ? "egress" : "ingress")) {
		strlcat(xpath, "/", sizeof(xpath));
		strlcat(xpath, leaf, sizeof(xpath));
	}
	return ofl_cli_leaf_del(vty, xpath);
}

/* --- marks of split entries --- */

DEFPY_YANG(ofl_marks, ofl_marks_cmd,
	"marks first WORD$first count (1-1048576)$count",
	"Marks of packets that belong to split entries; nothing else uses them\n"
	"First of them\n"
	"Mark, decimal or 0x...\n"
	"How many they are\n"
	"Number of marks\n")
{
	uint64_t number;
	char text[24];

	if (!ofl_ace_number_parse(first, UINT32_MAX, &number) || !number) {
		vty_out(vty, "%% %s is not a mark from 1 to 0xffffffff.\n",
			first);
		return CMD_WARNING_CONFIG_FAILED;
	}
	snprintf(text, sizeof(text), "%" PRIu64, number);
	nb_cli_enqueue_change(vty, OFL_ACLS_XPATH "/marks/first", NB_OP_MODIFY,
			      text);
	return ofl_cli_leaf_set(vty, OFL_ACLS_XPATH "/marks/count", count_str);
}

DEFPY_YANG(ofl_no_marks, ofl_no_marks_cmd,
	"no marks [first WORD count (1-1048576)]",
	NO_STR
	"Marks of packets that belong to split entries; nothing else uses them\n"
	"First of them\n"
	"Mark, decimal or 0x...\n"
	"How many they are\n"
	"Number of marks\n")
{
	nb_cli_enqueue_change(vty, OFL_ACLS_XPATH "/marks/first", NB_OP_MODIFY,
			      NULL);
	return ofl_cli_leaf_default(vty, OFL_ACLS_XPATH "/marks/count");
}

/* --- installation --- */

static struct cmd_node acl_node = {
	.name = "offload acl",
	.node = OFFLOAD_ACL_NODE,
	.parent_node = OFFLOAD_NODE,
	.prompt = "%s(config-offload-acl)# ",
};

static bool complete_one(const struct ofl_acl_status *s, void *arg)
{
	if (s->conf->origin == OFL_ACL_OWN)
		vector_set(arg, XSTRDUP(MTYPE_COMPLETION, s->conf->name));
	return true;
}

/* Also FRR's lists that an attachment names. */
static bool complete_named(const struct ofl_acl_status *s, void *arg)
{
	vector out = arg;
	unsigned int n = vector_active(out);

	if (s->conf->origin < OFL_ACL_NAMED_MAX &&
	    (!n || strcmp(vector_slot(out, n - 1), s->conf->name) != 0))
		vector_set(out, XSTRDUP(MTYPE_COMPLETION, s->conf->name));
	return true;
}

static void complete_list(vector out, struct cmd_token *token)
{
	ofl_acls_walk(complete_named, out);
}

static void complete_acl(vector out, struct cmd_token *token)
{
	ofl_acls_walk(complete_one, out);
}

static const struct cmd_variable_handler completions[] = {
	{.varname = "ofl_acl", .completions = complete_acl},
	{.varname = "ofl_list", .completions = complete_list},
	{.completions = NULL},
};

void ofl_cli_acl_init(void)
{
	cmd_variable_handler_register(completions);
	install_node(&acl_node);
	install_default(OFFLOAD_ACL_NODE);

	install_element(OFFLOAD_NODE, &ofl_acl_enter_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_acl_cmd);
	install_element(OFFLOAD_NODE, &ofl_acl_rename_cmd);
	install_element(OFFLOAD_NODE, &ofl_access_group_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_access_group_cmd);
	install_element(OFFLOAD_NODE, &ofl_marks_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_marks_cmd);

	install_element(OFFLOAD_ACL_NODE, &ofl_acl_remark_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_acl_remark_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_acl_remark_line_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_default_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_acl_default_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_class_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_acl_class_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_placement_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_acl_placement_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_weight_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_no_acl_weight_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_or_fail_cmd);
	install_element(OFFLOAD_ACL_NODE, &ofl_acl_partial_cmd);
}
