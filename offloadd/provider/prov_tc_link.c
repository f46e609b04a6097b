// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network devices for the tc provider; see prov_tc_link.h.
 */
#include <zebra.h>

#include "typesafe.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_link.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_LINKS, "offload tc links");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_LINK, "offload tc link");

PREDECL_HASH(link_by_index);
struct node {
	struct ofl_tc_link link;
	struct link_by_index_item item;
};

static int node_cmp(const struct node *a, const struct node *b)
{
	return numcmp(a->link.ifindex, b->link.ifindex);
}

static uint32_t node_hash(const struct node *n)
{
	return n->link.ifindex * 2654435761u;
}

DECLARE_HASH(link_by_index, struct node, item, node_cmp, node_hash);

struct ofl_tc_links {
	struct link_by_index_head by_index;
	uint32_t epoch;
};

struct ofl_tc_links *ofl_tc_links_new(void)
{
	struct ofl_tc_links *l = XCALLOC(MTYPE_OFL_TC_LINKS, sizeof(*l));

	link_by_index_init(&l->by_index);
	return l;
}

void ofl_tc_links_free(struct ofl_tc_links *l)
{
	struct node *n;

	if (!l)
		return;
	while ((n = link_by_index_pop(&l->by_index)))
		XFREE(MTYPE_OFL_TC_LINK, n);
	link_by_index_fini(&l->by_index);
	XFREE(MTYPE_OFL_TC_LINKS, l);
}

static struct node *node_find(const struct ofl_tc_links *l, uint32_t ifindex)
{
	struct node key = {.link.ifindex = ifindex};

	return link_by_index_find((struct link_by_index_head *)&l->by_index,
				  &key);
}

static void node_del(struct ofl_tc_links *l, struct node *n)
{
	link_by_index_del(&l->by_index, n);
	XFREE(MTYPE_OFL_TC_LINK, n);
}

/* --- reading --- */

static void read_vlan(const struct nlattr *data, struct ofl_tc_link *link)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(
		a, data) if (mnl_attr_get_type(a) == IFLA_VLAN_ID &&
			     !mnl_attr_validate(a, MNL_TYPE_U16)) link->vlan =
		mnl_attr_get_u16(a);
}

static void read_kind(const struct nlattr *info, struct ofl_tc_link *link)
{
	const struct nlattr *a, *data = NULL;
	const char *kind = "";

	mnl_attr_for_each_nested(a, info)
	{
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND &&
		    !mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
			kind = mnl_attr_get_str(a);
		else if (mnl_attr_get_type(a) == IFLA_INFO_DATA)
			data = a;
	}
	link->is_vrf = !strcmp(kind, "vrf");
	link->is_macvlan = !strcmp(kind, "macvlan");
	if (!strcmp(kind, "vlan") && data)
		read_vlan(data, link);
}

static bool read_link(const struct nlmsghdr *nlh, struct ofl_tc_link *ret)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct ofl_tc_link link = {0};
	const struct nlattr *a;

	/* AF_BRIDGE messages are about a port of a bridge, not about a link. */
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) ||
	    ifi->ifi_family != AF_UNSPEC || ifi->ifi_index <= 0)
		return false;
	link.ifindex = (uint32_t)ifi->ifi_index;
	link.up = ifi->ifi_flags & IFF_UP;
	mnl_attr_for_each(a, nlh, sizeof(*ifi))
	{
		switch (mnl_attr_get_type(a)) {
		case IFLA_IFNAME:
			if (!mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
				strlcpy(link.name, mnl_attr_get_str(a),
					sizeof(link.name));
			break;
		case IFLA_ADDRESS:
			link.has_mac = mnl_attr_get_payload_len(a) == 6;
			if (link.has_mac)
				memcpy(link.mac, mnl_attr_get_payload(a), 6);
			break;
		case IFLA_MTU:
			if (!mnl_attr_validate(a, MNL_TYPE_U32))
				link.mtu = mnl_attr_get_u32(a);
			break;
		case IFLA_LINK:
			if (!mnl_attr_validate(a, MNL_TYPE_U32))
				link.lower = mnl_attr_get_u32(a);
			break;
		case IFLA_MASTER:
			if (!mnl_attr_validate(a, MNL_TYPE_U32))
				link.master = mnl_attr_get_u32(a);
			break;
		case IFLA_LINKINFO:
			read_kind(a, &link);
			break;
		}
	}
	*ret = link;
	return link.name[0];
}

static enum ofl_tc_link_news take_link(struct ofl_tc_links *l,
				       const struct nlmsghdr *nlh,
				       struct ofl_tc_link *ret)
{
	struct ofl_tc_link link;
	struct node *n;
	bool same;

	if (!read_link(nlh, &link))
		return OFL_TC_LINK_SAME;
	n = node_find(l, link.ifindex);
	if (nlh->nlmsg_type == RTM_DELLINK) {
		if (!n)
			return OFL_TC_LINK_SAME;
		*ret = n->link;
		node_del(l, n);
		return OFL_TC_LINK_GONE;
	}
	link.epoch = l->epoch;
	if (!n) {
		n = XCALLOC(MTYPE_OFL_TC_LINK, sizeof(*n));
		n->link = link;
		link_by_index_add(&l->by_index, n);
		*ret = link;
		return OFL_TC_LINK_NEW;
	}
	link.has_clsact = n->link.has_clsact;
	link.in_block = n->link.in_block;
	link.is_other = memcmp(n->link.mac, link.mac, 6) != 0 ||
			n->link.has_mac != link.has_mac ||
			n->link.vlan != link.vlan ||
			n->link.lower != link.lower;
	link.is_resized = n->link.mtu != link.mtu;
	same = !link.is_other && !link.is_resized && n->link.up == link.up &&
	       n->link.is_vrf == link.is_vrf && n->link.master == link.master &&
	       !strcmp(n->link.name, link.name);
	n->link = link;
	*ret = link;
	return same ? OFL_TC_LINK_SAME : OFL_TC_LINK_CHANGED;
}

/* clsact, and ingress that stands at the same place. */
static enum ofl_tc_link_news take_qdisc(struct ofl_tc_links *l,
					const struct nlmsghdr *nlh,
					struct ofl_tc_link *ret)
{
	bool there = nlh->nlmsg_type == RTM_NEWQDISC, changed;
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;
	uint32_t block = 0;
	struct node *n;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*tcm) ||
	    tcm->tcm_parent != TC_H_CLSACT)
		return OFL_TC_LINK_SAME;
	mnl_attr_for_each(a, nlh,
			  sizeof(*tcm)) if (mnl_attr_get_type(a) ==
						    TCA_INGRESS_BLOCK &&
					    !mnl_attr_validate(a, MNL_TYPE_U32))
		block = mnl_attr_get_u32(a);
	n = node_find(l, (uint32_t)tcm->tcm_ifindex);
	if (!n)
		return OFL_TC_LINK_SAME;
	changed = n->link.has_clsact != there ||
		  n->link.in_block != (there ? block : 0);
	n->link.has_clsact = there;
	n->link.in_block = there ? block : 0;
	*ret = n->link;
	return changed ? OFL_TC_LINK_CHANGED : OFL_TC_LINK_SAME;
}

enum ofl_tc_link_news ofl_tc_links_take(struct ofl_tc_links *l,
					const struct nlmsghdr *nlh,
					struct ofl_tc_link *ret)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return take_link(l, nlh, ret);
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
		return take_qdisc(l, nlh, ret);
	default:
		return OFL_TC_LINK_SAME;
	}
}

/* --- dumps --- */

void ofl_tc_links_mark(struct ofl_tc_links *l)
{
	l->epoch++;
}

bool ofl_tc_links_sweep(struct ofl_tc_links *l, struct ofl_tc_link *ret_gone)
{
	struct node *n;

	frr_each_safe (link_by_index, &l->by_index, n) {
		if (n->link.epoch == l->epoch)
			continue;
		*ret_gone = n->link;
		node_del(l, n);
		return true;
	}
	return false;
}

void ofl_tc_links_unblock(struct ofl_tc_links *l)
{
	struct node *n;

	frr_each (link_by_index, &l->by_index, n) {
		n->link.has_clsact = false;
		n->link.in_block = 0;
	}
}

void ofl_tc_links_set_block(struct ofl_tc_links *l, uint32_t ifindex,
			    uint32_t block)
{
	struct node *n = node_find(l, ifindex);

	if (n) {
		n->link.has_clsact = true;
		n->link.in_block = block;
	}
}

/* --- asking --- */

const struct ofl_tc_link *ofl_tc_links_find(const struct ofl_tc_links *l,
					    uint32_t ifindex)
{
	const struct node *n = node_find(l, ifindex);

	return n ? &n->link : NULL;
}

const struct ofl_tc_link *ofl_tc_links_find_name(const struct ofl_tc_links *l,
						 const char *name)
{
	struct node *n;

	frr_each (link_by_index, (struct link_by_index_head *)&l->by_index, n)
		if (!strcmp(n->link.name, name))
			return &n->link;
	return NULL;
}

const struct ofl_tc_link *ofl_tc_links_find_vlan(const struct ofl_tc_links *l,
						 uint32_t lower, uint16_t vlan)
{
	struct node *n;

	frr_each (link_by_index, (struct link_by_index_head *)&l->by_index, n)
		if (n->link.lower == lower && n->link.vlan == vlan)
			return &n->link;
	return NULL;
}

const struct ofl_tc_link *ofl_tc_links_in_block(const struct ofl_tc_links *l,
						uint32_t block, uint32_t after)
{
	const struct ofl_tc_link *found = NULL;
	struct node *n;

	frr_each (link_by_index, (struct link_by_index_head *)&l->by_index, n)
		if (n->link.in_block == block && n->link.ifindex > after &&
		    (!found || n->link.ifindex < found->ifindex))
			found = &n->link;
	return found;
}
