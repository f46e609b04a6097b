// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `show running-config` and `write` print of access control lists: the
 * commands of cli_acl.c, such that loading it again gives the same model.
 *
 * A list prints its entries itself, in their order: FRR would sort them by
 * path expressions, which takes long for many.
 */
#include <zebra.h>

#include "command.h"
#include "if.h"
#include "memory.h"
#include "northbound_cli.h"

#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"

int ofl_cli_acl_cmp(const struct lyd_node *a, const struct lyd_node *b)
{
	return strcmp(ofl_nb_child_value(a, "name"),
		      ofl_nb_child_value(b, "name"));
}

int ofl_cli_attachment_cmp(const struct lyd_node *a, const struct lyd_node *b)
{
	return if_cmp_name_func(ofl_nb_child_value(a, "interface-id"),
				ofl_nb_child_value(b, "interface-id"));
}

static void print_ace(struct vty *vty, const struct lyd_node *dnode,
		      enum ofl_acl_type type)
{
	const char *seq = ofl_nb_child_value(dnode, "sequence");
	const char *remark = ofl_nb_child_value(dnode, "remark");
	char text[OFL_ACE_STRLEN];
	struct ofl_ace ace;

	if (remark)
		vty_out(vty, "  seq %s remark %s\n", seq, remark);
	if (ofl_nb_ace_make(dnode, type, &ace, text, sizeof(text)) ==
	    OFL_ACE_MADE)
		vty_out(vty, "  seq %s %s\n", seq,
			ofl_ace_print(&ace, type, text, sizeof(text)));
}

/* A leaf of the list with a default, if it has another value. */
static const char *setting(const struct lyd_node *acl, const char *name,
			   bool show_defaults)
{
	const struct lyd_node *leaf = ofl_nb_child(acl, name);

	if (!leaf || (!show_defaults && lyd_is_default(leaf)))
		return NULL;
	return lyd_get_value(leaf);
}

static void print_settings(struct vty *vty, const struct lyd_node *acl,
			   bool show_defaults)
{
	static const char *const words[] = {"class", "placement", "weight"};
	static const char *const switches[] = {"offload-or-fail",
					       "allow-partial"};
	const char *text = setting(acl, "default-action", show_defaults);

	if (text)
		vty_out(vty, "  default-action %s\n",
			strcmp(text, "accept") == 0 ? "permit" : "deny");
	for (size_t i = 0; i < array_size(words); i++) {
		text = setting(acl, words[i], show_defaults);
		if (text)
			vty_out(vty, "  %s %s\n", words[i], text);
	}
	for (size_t i = 0; i < array_size(switches); i++) {
		text = setting(acl, switches[i], show_defaults);
		if (text)
			vty_out(vty, "  %s%s\n",
				strcmp(text, "true") == 0 ? "" : "no ",
				switches[i]);
	}
}

void ofl_cli_print_acl(struct vty *vty, const struct lyd_node *dnode,
		       bool show_defaults)
{
	enum ofl_acl_type type = ofl_nb_acl_type(dnode);
	const char *remark = ofl_nb_child_value(dnode, "remark");
	struct lyd_node **all;
	size_t count;

	vty_out(vty, " acl %s", ofl_nb_child_value(dnode, "name"));
	if (type != OFL_ACL_IPV4 || show_defaults)
		vty_out(vty, " %s", ofl_acl_type_name(type));
	vty_out(vty, "\n");
	if (remark)
		vty_out(vty, "  remark %s\n", remark);
	print_settings(vty, dnode, show_defaults);
	all = ofl_nb_aces_sorted(dnode, &count);
	for (size_t i = 0; i < count; i++)
		print_ace(vty, all[i], type);
	XFREE(MTYPE_TMP, all);
	vty_out(vty, " exit\n");
}

/* --- static flows, in the order in which packets meet them --- */

static int priority_of(const struct lyd_node *flow)
{
	return (int)strtoul(ofl_nb_child_value(flow, "priority"), NULL, 10);
}

int ofl_cli_static_flow_cmp(const struct lyd_node *a, const struct lyd_node *b)
{
	int cmp = if_cmp_name_func(ofl_nb_child_value(a, "interface"),
				   ofl_nb_child_value(b, "interface"));

	if (!cmp)
		cmp = priority_of(a) - priority_of(b);
	return cmp ? cmp : ofl_cli_acl_cmp(a, b);
}

/* The remark comes second: it needs the flow. */
void ofl_cli_print_static_flow(struct vty *vty, const struct lyd_node *dnode,
			       bool show_defaults)
{
	const char *name = ofl_nb_child_value(dnode, "name");
	const char *remark = ofl_nb_child_value(dnode, "remark");
	struct ofl_static_flow flow;
	char text[OFL_ACE_STRLEN];

	if (!ofl_nb_static_flow_make(dnode, &flow, text, sizeof(text)))
		return;
	vty_out(vty, " flow %s interface %s", name, flow.interface);
	if (flow.priority != OFL_STATIC_FLOW_PRIORITY || show_defaults)
		vty_out(vty, " priority %u", flow.priority);
	vty_out(vty, " %s\n",
		ofl_ace_print(&flow.ace, OFL_ACL_MIXED, text, sizeof(text)));
	if (remark)
		vty_out(vty, " flow %s remark %s\n", name, remark);
}

void ofl_cli_print_marks(struct vty *vty, const struct lyd_node *dnode,
			 bool show_defaults)
{
	uint32_t first, count;
	char text[128];

	if (!ofl_nb_marks_make(dnode, &first, &count, text, sizeof(text)))
		return;
	if (first != OFL_MARKS_FIRST || count != OFL_MARKS_COUNT ||
	    show_defaults)
		vty_out(vty, " marks first 0x%x count %u\n", first, count);
}

/* --- attachments --- */

void ofl_cli_print_attachment(struct vty *vty, const struct lyd_node *dnode,
			      bool show_defaults)
{
	static const char *const leaves[] = {"ingress", "egress"};
	static const char *const words[] = {"in", "out"};

	for (size_t i = 0; i < array_size(leaves); i++) {
		const char *name = ofl_nb_child_value(dnode, leaves[i]);

		if (name)
			vty_out(vty, " access-group %s interface %s %s\n", name,
				ofl_nb_child_value(dnode, "interface-id"),
				words[i]);
	}
}
