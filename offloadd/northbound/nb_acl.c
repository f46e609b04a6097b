// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which callback serves which node of frr-offload-acl, and the two that do
 * anything: every entry of a candidate is checked before anything is done, and
 * the engine is told all of them after everything is.
 *
 * As in nb.c, leaves only mark and nothing is kept between callbacks.  The
 * meaning of the nodes is nb_acl_make.c's.
 */
#include <zebra.h>

#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/northbound.h"

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

static void acls_apply_finish(struct nb_cb_apply_finish_args *args)
{
	const struct lyd_node *points, *child;
	struct ofl_acl_conf conf;

	ofl_acls_begin();
	LY_LIST_FOR(lyd_child(args->dnode), child)
	{
		if (strcmp(child->schema->name, "acl") != 0)
			continue;
		ofl_nb_acl_make(child, &conf);
		ofl_acls_add(&conf);
		aces_walk(child, add_one, NULL);
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
}

/* --- the table --- */

#define LEAF_WITH_DEFAULT(path)                                                \
	{                                                                      \
		.xpath = OFL_ACLS_XPATH path, .cbs = {.modify = acl_modify},   \
	}
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
#define ACE "/acl/aces/ace"
#define IP_LEAVES(container)                                                   \
	LEAF(ACE "/matches/" container "/dscp"),                               \
		LEAF(ACE "/matches/" container "/length-lower"),               \
		LEAF(ACE "/matches/" container "/length-upper"),               \
		LEAF(ACE "/matches/" container "/ttl-lower"),                  \
		LEAF(ACE "/matches/" container "/ttl-upper"),                  \
		LEAF(ACE "/matches/" container "/protocol"),                   \
		LEAF(ACE "/matches/" container "/fragment")
#define ADDRESS_LEAVES(v)                                                      \
	LEAF(ACE "/matches/" v "/destination-" v "-network"),                  \
		LEAF(ACE "/matches/" v "/destination-" v "-address"),          \
		LEAF(ACE "/matches/" v "/destination-" v "-wildcard"),         \
		LEAF(ACE "/matches/" v "/source-" v "-network"),               \
		LEAF(ACE "/matches/" v "/source-" v "-address"),               \
		LEAF(ACE "/matches/" v "/source-" v "-wildcard")
#define END_LEAVES(container)                                                  \
	LEAF(ACE "/matches/" container "/lower-port"),                         \
		LEAF(ACE "/matches/" container "/upper-port"),                 \
		LEAF(ACE "/matches/" container "/operator"),                   \
		LEAF(ACE "/matches/" container "/port")
#define PORT_LEAVES(container)                                                 \
	END_LEAVES(container "/source-port"),                                  \
		END_LEAVES(container "/destination-port")

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
		NODE(ACE),
		LEAF(ACE "/remark"),
		LEAF(ACE "/matches/eth/destination-mac-address"),
		LEAF(ACE "/matches/eth/destination-mac-address-mask"),
		LEAF(ACE "/matches/eth/source-mac-address"),
		LEAF(ACE "/matches/eth/source-mac-address-mask"),
		LEAF(ACE "/matches/eth/ethertype"),
		LEAF(ACE "/matches/eth/vlan-id"),
		LEAF(ACE "/matches/eth/vlan-priority"),
		IP_LEAVES("ipv4"),
		ADDRESS_LEAVES("ipv4"),
		IP_LEAVES("ipv6"),
		ADDRESS_LEAVES("ipv6"),
		NODE(ACE "/matches/ip"),
		IP_LEAVES("ip"),
		PORT_LEAVES("tcp"),
		LEAF(ACE "/matches/tcp/flags"),
		LEAF(ACE "/matches/tcp/flags-mask"),
		PORT_LEAVES("udp"),
		PORT_LEAVES("sctp"),
		LEAF(ACE "/matches/icmp/type"),
		LEAF(ACE "/matches/icmp/code"),
		LEAF(ACE "/matches/ingress-interface"),
		LEAF(ACE "/matches/mark"),
		LEAF(ACE "/matches/mark-mask"),
		LEAF(ACE "/actions/forwarding"),
		LEAF(ACE "/actions/logging"),
		LEAF(ACE "/actions/count"),
		LEAF(ACE "/actions/mirror"),
		LEAF(ACE "/actions/redirect"),
		LEAF(ACE "/actions/set-mark"),
		LEAF(ACE "/actions/set-dscp"),
		LEAF(ACE "/actions/police-rate"),
		LEAF(ACE "/actions/police-burst"),
		LEAF(ACE "/class"),
		LEAF(ACE "/placement"),
		LEAF(ACE "/offload-or-fail"),
		LEAF(ACE "/weight"),
		LEAF(ACE "/allow-partial"),
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
		{
			.xpath = NULL,
		},
	},
};
/* clang-format on */
