// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which callback serves which node of frr-offload-acl, and those that do
 * anything: every entry of a candidate is checked before anything is done, and
 * the engine is told all of them after everything is.
 *
 * As in nb.c, leaves only mark and nothing is kept between callbacks.  The
 * meaning of the nodes is nb_acl_make.c's.
 */
#include <zebra.h>

#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/northbound.h"
#include "offloadd/northbound/state_nodes.h"

/* --- callbacks --- */

static int acl_create(struct nb_cb_create_args *args)
{
	return NB_OK;
}

static int acl_modify(struct nb_cb_modify_args *args)
{
	return NB_OK;
}

static int acl_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

/* For every entry: false from cb ends the walk. */
static bool aces_walk(const struct lyd_node *acl,
		      bool (*cb)(const struct lyd_node *ace,
				 enum ofl_acl_type type, void *arg),
		      void *arg)
{
	const struct lyd_node *aces = ofl_nb_child(acl, "aces"), *ace;
	enum ofl_acl_type type = ofl_nb_acl_type(acl);

	LY_LIST_FOR(aces ? lyd_child(aces) : NULL, ace)
	if (!cb(ace, type, arg))
		return false;
	return true;
}

static bool check_one(const struct lyd_node *dnode, enum ofl_acl_type type,
		      void *arg)
{
	struct nb_cb_pre_validate_args *args = arg;
	struct ofl_ace ace;
	char text[192];

	if (ofl_nb_ace_make(dnode, type, &ace, text, sizeof(text)) !=
	    OFL_ACE_BAD)
		return true;
	snprintf(args->errmsg, args->errmsg_len, "ACL %s, sequence %s: %s.",
		 ofl_nb_child_value(args->dnode, "name"),
		 ofl_nb_child_value(dnode, "sequence"), text);
	return false;
}

static int acl_pre_validate(struct nb_cb_pre_validate_args *args)
{
	return aces_walk(args->dnode, check_one, args) ? NB_OK
						       : NB_ERR_VALIDATION;
}

static bool add_one(const struct lyd_node *dnode, enum ofl_acl_type type,
		    void *arg)
{
	struct ofl_ace ace;
	char text[192];

	if (ofl_nb_ace_make(dnode, type, &ace, text, sizeof(text)) ==
	    OFL_ACE_MADE)
		ofl_acls_ace_add(&ace);
	return true;
}

static void attach(const struct lyd_node *interface)
{
	static const char *const leaves[OFL_DIRECTION_MAX] = {
		[OFL_INGRESS] = "ingress", [OFL_EGRESS] = "egress"};
	struct ofl_attachment a;

	for (int d = 0; d < OFL_DIRECTION_MAX; d++) {
		const char *name = ofl_nb_child_value(interface, leaves[d]);

		if (!name)
			continue;
		memset(&a, 0, sizeof(a));
		strlcpy(a.interface,
			ofl_nb_child_value(interface, "interface-id"),
			sizeof(a.interface));
		a.direction = d;
		strlcpy(a.name, name, sizeof(a.name));
		ofl_acls_attach(&a);
	}
}

static int flow_pre_validate(struct nb_cb_pre_validate_args *args)
{
	struct ofl_static_flow flow;
	char text[192] = "it has no action";

	if (ofl_nb_static_flow_make(args->dnode, &flow, text, sizeof(text)))
		return NB_OK;
	snprintf(args->errmsg, args->errmsg_len, "Flow %s: %s.",
		 ofl_nb_child_value(args->dnode, "name"), text);
	return NB_ERR_VALIDATION;
}

static int marks_pre_validate(struct nb_cb_pre_validate_args *args)
{
	uint32_t first, count;

	return ofl_nb_marks_make(args->dnode, &first, &count, args->errmsg,
				 args->errmsg_len)
		       ? NB_OK
		       : NB_ERR_VALIDATION;
}

static void add_acl(const struct lyd_node *dnode)
{
	struct ofl_acl_conf conf;

	ofl_nb_acl_make(dnode, &conf);
	ofl_acls_add(&conf);
	aces_walk(dnode, add_one, NULL);
}

static void add_flow(const struct lyd_node *dnode)
{
	struct ofl_static_flow flow;
	char text[192];

	if (ofl_nb_static_flow_make(dnode, &flow, text, sizeof(text)))
		ofl_acls_flow_add(&flow);
}

static void set_marks(const struct lyd_node *dnode)
{
	uint32_t first, count;
	char text[128];

	if (ofl_nb_marks_make(dnode, &first, &count, text, sizeof(text)))
		ofl_acls_marks_set(first, count);
}

static void acls_apply_finish(struct nb_cb_apply_finish_args *args)
{
	const struct lyd_node *points, *child;

	ofl_acls_begin();
	LY_LIST_FOR(lyd_child(args->dnode), child)
	{
		if (strcmp(child->schema->name, "acl") == 0)
			add_acl(child);
		else if (strcmp(child->schema->name, "flow") == 0)
			add_flow(child);
		else if (strcmp(child->schema->name, "marks") == 0)
			set_marks(child);
	}
	points = ofl_nb_child(args->dnode, "attachment-points");
	LY_LIST_FOR(points ? lyd_child(points) : NULL, child)
	attach(child);
	ofl_acls_commit();
}

void ofl_nb_acls_clear(void)
{
	ofl_acls_begin();
	ofl_acls_commit();
	ofl_acls_marks_set(OFL_MARKS_FIRST, OFL_MARKS_COUNT);
}

/* --- the table --- */

#define LEAF_WITH_DEFAULT(path)                                                \
	{                                                                      \
		.xpath = OFL_ACLS_XPATH path, .cbs = {.modify = acl_modify},   \
	}
#define MANDATORY_LEAF(path) LEAF_WITH_DEFAULT(path)
#define LEAF(path)                                                             \
	{                                                                      \
		.xpath = OFL_ACLS_XPATH path,                                  \
		.cbs = {.modify = acl_modify, .destroy = acl_destroy},         \
	}
#define NODE(path)                                                             \
	{                                                                      \
		.xpath = OFL_ACLS_XPATH path,                                  \
		.cbs = {.create = acl_create, .destroy = acl_destroy},         \
	}
#define IP_LEAVES(at)                                                          \
	LEAF(at "/dscp"), LEAF(at "/length-lower"), LEAF(at "/length-upper"),  \
		LEAF(at "/ttl-lower"), LEAF(at "/ttl-upper"),                  \
		LEAF(at "/protocol"), LEAF(at "/fragment")
#define ADDRESS_LEAVES(at, v)                                                  \
	LEAF(at "/" v "/destination-" v "-network"),                           \
		LEAF(at "/" v "/destination-" v "-address"),                   \
		LEAF(at "/" v "/destination-" v "-wildcard"),                  \
		LEAF(at "/" v "/source-" v "-network"),                        \
		LEAF(at "/" v "/source-" v "-address"),                        \
		LEAF(at "/" v "/source-" v "-wildcard")
#define END_LEAVES(at)                                                         \
	LEAF(at "/lower-port"), LEAF(at "/upper-port"), LEAF(at "/operator"),  \
		LEAF(at "/port")
#define PORT_LEAVES(at)                                                        \
	END_LEAVES(at "/source-port"), END_LEAVES(at "/destination-port")
#define FRAME_LEAVES(at)                                                       \
	LEAF(at "/destination-mac-address"),                                   \
		LEAF(at "/destination-mac-address-mask"),                      \
		LEAF(at "/source-mac-address"),                                \
		LEAF(at "/source-mac-address-mask"), LEAF(at "/ethertype"),    \
		LEAF(at "/vlan-id"), LEAF(at "/vlan-priority")
#if OFL_NB_CASE_HAS_CALLBACKS
#define CASES(at)                                                              \
	NODE(at "/eth"), NODE(at "/ipv4"), NODE(at "/ipv6"), NODE(at "/tcp"),  \
		NODE(at "/udp"), NODE(at "/sctp"), NODE(at "/icmp"),
#else
#define CASES(at)
#endif
#define MATCHES(at)                                                            \
	CASES(at)                                                              \
	FRAME_LEAVES(at "/eth"), IP_LEAVES(at "/ipv4"),                        \
		ADDRESS_LEAVES(at, "ipv4"), IP_LEAVES(at "/ipv6"),             \
		ADDRESS_LEAVES(at, "ipv6"), NODE(at "/ip"),                    \
		IP_LEAVES(at "/ip"), PORT_LEAVES(at "/tcp"),                   \
		LEAF(at "/tcp/flags"), LEAF(at "/tcp/flags-mask"),             \
		PORT_LEAVES(at "/udp"), PORT_LEAVES(at "/sctp"),               \
		LEAF(at "/icmp/type"), LEAF(at "/icmp/code"),                  \
		LEAF(at "/ingress-interface"), LEAF(at "/mark"),               \
		LEAF(at "/mark-mask")
#define ACTIONS(at)                                                            \
	LEAF(at "/logging"), LEAF(at "/count"), LEAF(at "/mirror"),            \
		LEAF(at "/redirect"), LEAF(at "/set-mark"),                    \
		LEAF(at "/set-dscp"), LEAF(at "/police-rate"),                 \
		LEAF(at "/police-burst")
#define SETTINGS(at)                                                           \
	LEAF(at "/class"), LEAF(at "/placement"), LEAF(at "/offload-or-fail"), \
		LEAF(at "/weight"), LEAF(at "/allow-partial")
/* What an entry and a static flow have in common. */
#define PACKET_RULE(at)                                                        \
	LEAF(at "/remark"), MATCHES(at "/matches"), ACTIONS(at "/actions"),    \
		SETTINGS(at)

/* clang-format off */
const struct frr_yang_module_info ofl_nb_acl_info = {
	.name = "frr-offload-acl",
	.nodes = {
		{
			.xpath = OFL_ACLS_XPATH,
			.cbs = {
				.apply_finish = acls_apply_finish,
			},
		},
		{
			.xpath = OFL_ACLS_XPATH "/acl",
			.cbs = {
				.create = acl_create,
				.destroy = acl_destroy,
				.pre_validate = acl_pre_validate,
				.cli_cmp = ofl_cli_acl_cmp,
				.cli_show = ofl_cli_print_acl,
			},
		},
		LEAF_WITH_DEFAULT("/acl/type"),
		LEAF("/acl/remark"),
		LEAF_WITH_DEFAULT("/acl/default-action"),
		LEAF_WITH_DEFAULT("/acl/class"),
		LEAF_WITH_DEFAULT("/acl/placement"),
		LEAF_WITH_DEFAULT("/acl/offload-or-fail"),
		LEAF_WITH_DEFAULT("/acl/weight"),
		LEAF_WITH_DEFAULT("/acl/allow-partial"),
		NODE("/acl/aces/ace"),
		LEAF("/acl/aces/ace/actions/forwarding"),
		PACKET_RULE("/acl/aces/ace"),
		{
			.xpath = OFL_ACLS_XPATH "/flow",
			.cbs = {
				.create = acl_create,
				.destroy = acl_destroy,
				.pre_validate = flow_pre_validate,
				.cli_cmp = ofl_cli_static_flow_cmp,
				.cli_show = ofl_cli_print_static_flow,
			},
		},
		MANDATORY_LEAF("/flow/interface"),
		LEAF_WITH_DEFAULT("/flow/priority"),
		MANDATORY_LEAF("/flow/actions/forwarding"),
		PACKET_RULE("/flow"),
		{
			.xpath = OFL_ACLS_XPATH "/marks",
			.cbs = {
				.pre_validate = marks_pre_validate,
				.cli_show = ofl_cli_print_marks,
			},
		},
		LEAF_WITH_DEFAULT("/marks/first"),
		LEAF_WITH_DEFAULT("/marks/count"),
		{
			.xpath = OFL_ACLS_XPATH "/attachment-points/interface",
			.cbs = {
				.create = acl_create,
				.destroy = acl_destroy,
				.cli_cmp = ofl_cli_attachment_cmp,
				.cli_show = ofl_cli_print_attachment,
			},
		},
		LEAF("/attachment-points/interface/ingress"),
		LEAF("/attachment-points/interface/egress"),
#include "offloadd/northbound/state_acl.def"
		{
			.xpath = NULL,
		},
	},
};
/* clang-format on */
