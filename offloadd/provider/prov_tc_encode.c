// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A filter -> netlink; see prov_tc_filter.h.  Pure: no socket, no state.
 */
#include "offloadd/provider/prov_tc_filter.h"

#include <arpa/inet.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_sample.h>
#include <linux/tc_act/tc_vlan.h>

/* --- match --- */

static void put_match(struct ofl_tc_writer *w, const struct ofl_tc_filter *f)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	bool v4 = f->dst.family == AF_INET;
	struct ofl_prefix mask;
	uint8_t ones[16];
	size_t len = v4 ? 4 : 16;

	uint16_t type = f->protocol;

	if (type == ETH_P_ALL && f->dst.family)
		type = v4 ? ETH_P_IP : ETH_P_IPV6;
	if (type != ETH_P_ALL)
		ofl_tc_attr_add_u16(w, TCA_FLOWER_KEY_ETH_TYPE, htons(type));
	if (f->indev[0])
		ofl_tc_attr_add(w, TCA_FLOWER_INDEV,
				strnlen(f->indev, IFNAMSIZ - 1) + 1, f->indev);
	if (f->has_dmac) {
		ofl_tc_attr_add(w, TCA_FLOWER_KEY_ETH_DST, 6, f->dmac);
		ofl_tc_attr_add(w, TCA_FLOWER_KEY_ETH_DST_MASK, 6, all);
	}
	if (f->ttl_mask) {
		ofl_tc_attr_add(w, TCA_FLOWER_KEY_IP_TTL, 1, &f->ttl);
		ofl_tc_attr_add(w, TCA_FLOWER_KEY_IP_TTL_MASK, 1, &f->ttl_mask);
	}
	if (!f->dst.family || !f->dst.plen)
		return;
	memset(ones, 0xff, sizeof(ones));
	mask = ofl_prefix_make(f->dst.family, ones, f->dst.plen);
	ofl_tc_attr_add(w,
			v4 ? TCA_FLOWER_KEY_IPV4_DST : TCA_FLOWER_KEY_IPV6_DST,
			len, f->dst.addr);
	ofl_tc_attr_add(w,
			v4 ? TCA_FLOWER_KEY_IPV4_DST_MASK
			   : TCA_FLOWER_KEY_IPV6_DST_MASK,
			len, mask.addr);
}

/* --- actions --- */

static void put_rewrite(struct ofl_tc_writer *w, const struct ofl_tc_filter *f)
{
	const uint8_t *d = f->new_dmac, *s = f->new_smac;
	const uint16_t eth = TCA_PEDIT_KEY_EX_HDR_TYPE_ETH;
	const uint16_t set = TCA_PEDIT_KEY_EX_CMD_SET;
	struct ofl_tc_edit edits[4] = {
		{eth, set, 0, {0}, {d[0], d[1], d[2], d[3]}},
		{eth, set, 4, {0}, {d[4], d[5], s[0], s[1]}},
		{eth, set, 8, {0}, {s[2], s[3], s[4], s[5]}},
	};

	/* One less: 255 is added to the one byte, modulo 256. */
	if (f->protocol == ETH_P_IP)
		edits[3] = (struct ofl_tc_edit){TCA_PEDIT_KEY_EX_HDR_TYPE_IP4,
						TCA_PEDIT_KEY_EX_CMD_ADD,
						8,
						{0, 0xff, 0xff, 0xff},
						{0xff, 0, 0, 0}};
	else
		edits[3] = (struct ofl_tc_edit){TCA_PEDIT_KEY_EX_HDR_TYPE_IP6,
						TCA_PEDIT_KEY_EX_CMD_ADD,
						4,
						{0xff, 0xff, 0xff, 0},
						{0, 0, 0, 0xff}};
	ofl_tc_pedit_add(w, edits, f->keep_ttl ? 3 : 4);
}

static void put_vlan(struct ofl_tc_writer *w, uint16_t id)
{
	struct tc_vlan parms = {
		.action = TC_ACT_PIPE,
		.v_action = TCA_VLAN_ACT_PUSH,
	};
	struct nlattr *options,
		*start = ofl_tc_action_begin(w, "vlan", &options);

	ofl_tc_attr_add(w, TCA_VLAN_PARMS, sizeof(parms), &parms);
	ofl_tc_attr_add_u16(w, TCA_VLAN_PUSH_VLAN_ID, id);
	ofl_tc_attr_add_u16(w, TCA_VLAN_PUSH_VLAN_PROTOCOL, htons(ETH_P_8021Q));
	ofl_tc_action_commit(w, start, options);
}

static void put_forward(struct ofl_tc_writer *w, const struct ofl_tc_filter *f)
{
	if (!f->keep_macs)
		put_rewrite(w, f);
	if (f->protocol == ETH_P_IP && !f->keep_ttl)
		ofl_tc_csum_add(w);
	if (f->out_vlan)
		put_vlan(w, f->out_vlan);
	ofl_tc_mirred_add(w, TCA_EGRESS_REDIR, f->out_ifindex);
}

static void put_sample(struct ofl_tc_writer *w, const struct ofl_tc_filter *f)
{
	struct tc_sample parms = {
		.action = f->does == OFL_TC_SAMPLE ? TC_ACT_UNSPEC : TC_ACT_OK,
	};
	struct nlattr *options,
		*start = ofl_tc_action_begin(w, "sample", &options);

	ofl_tc_attr_add(w, TCA_SAMPLE_PARMS, sizeof(parms), &parms);
	ofl_tc_attr_add_u32(w, TCA_SAMPLE_RATE, f->sample_rate);
	ofl_tc_attr_add_u32(w, TCA_SAMPLE_PSAMPLE_GROUP, f->sample_group);
	ofl_tc_attr_add_u32(w, TCA_SAMPLE_TRUNC_SIZE, OFL_TC_SAMPLE_BYTES);
	ofl_tc_action_commit(w, start, options);
}

static void put_actions(struct ofl_tc_writer *w, const struct ofl_tc_filter *f)
{
	struct nlattr *start =
		ofl_tc_nest_begin(w, TCA_FLOWER_ACT | NLA_F_NESTED);

	switch (f->does) {
	case OFL_TC_TRAP:
		ofl_tc_gact_add(w, TC_ACT_TRAP);
		break;
	case OFL_TC_PASS:
		ofl_tc_gact_add(w, TC_ACT_OK);
		break;
	case OFL_TC_CONTINUE:
		ofl_tc_gact_add(w, TC_ACT_UNSPEC);
		break;
	case OFL_TC_DROP:
		ofl_tc_gact_add(w, TC_ACT_SHOT);
		break;
	case OFL_TC_GOTO:
		ofl_tc_gact_add(w,
				TC_ACT_GOTO_CHAIN | (int)(f->goto_chain &
							  TC_ACT_EXT_VAL_MASK));
		break;
	case OFL_TC_FORWARD:
		put_forward(w, f);
		break;
	case OFL_TC_SAMPLE:
	case OFL_TC_SAMPLE_PASS:
		put_sample(w, f);
		break;
	}
	ofl_tc_nest_commit(w, start);
}

/* --- the message --- */

static bool is_sound(const struct ofl_tc_filter *f)
{
	bool ip = f->protocol == ETH_P_IP || f->protocol == ETH_P_IPV6;
	uint16_t of = f->dst.family == AF_INET ? ETH_P_IP : ETH_P_IPV6;

	if (!f->pref || f->chain > TC_ACT_EXT_VAL_MASK ||
	    f->goto_chain > TC_ACT_EXT_VAL_MASK || f->does > OFL_TC_SAMPLE_PASS)
		return false;
	if (f->does >= OFL_TC_SAMPLE && !f->sample_rate)
		return false;
	if (f->dst.family && f->protocol != of && f->protocol != ETH_P_ALL)
		return false;
	if ((f->ttl_mask || f->does == OFL_TC_FORWARD) && !ip)
		return false;
	if (f->keep_macs && !f->keep_ttl)
		return false;
	return f->does != OFL_TC_FORWARD || f->out_ifindex;
}

struct nlmsghdr *ofl_tc_filter_encode(void *buf, size_t len, uint16_t type,
				      uint16_t nlmsg_flags, uint32_t block,
				      const struct ofl_tc_filter *f)
{
	struct ofl_tc_writer w = {.cookie = f->cookie};
	struct nlattr *options;
	struct tcmsg *tcm;

	if (!is_sound(f))
		return NULL;
	tcm = ofl_tc_message_begin(&w, buf, len, type, nlmsg_flags);
	if (!tcm)
		return NULL;
	tcm->tcm_ifindex = (int)TCM_IFINDEX_MAGIC_BLOCK;
	tcm->tcm_block_index = block;
	tcm->tcm_handle = f->handle;
	tcm->tcm_info = TC_H_MAKE((uint32_t)f->pref << 16, htons(f->protocol));
	ofl_tc_attr_add(&w, TCA_KIND, sizeof("flower"), "flower");
	ofl_tc_attr_add_u32(&w, TCA_CHAIN, f->chain);
	if (type == RTM_NEWTFILTER) {
		options = ofl_tc_nest_begin(&w, TCA_OPTIONS | NLA_F_NESTED);
		ofl_tc_attr_add_u32(&w, TCA_FLOWER_FLAGS, f->flags);
		put_match(&w, f);
		put_actions(&w, f);
		ofl_tc_nest_commit(&w, options);
	}
	return w.ok ? w.nlh : NULL;
}
