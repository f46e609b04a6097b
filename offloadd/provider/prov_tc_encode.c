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
#include <linux/tc_act/tc_csum.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_vlan.h>

/* A message being written; `ok` once false stays false. */
struct writer {
	struct nlmsghdr *nlh;
	size_t room;
	bool ok;
	uint8_t n_actions;
	const uint8_t *cookie; /* for the first action */
};

static void put(struct writer *w, uint16_t type, size_t len, const void *data)
{
	w->ok = w->ok && mnl_attr_put_check(w->nlh, w->room, type, len, data);
}

static void put_u32(struct writer *w, uint16_t type, uint32_t value)
{
	put(w, type, sizeof(value), &value);
}

static void put_u16(struct writer *w, uint16_t type, uint16_t value)
{
	put(w, type, sizeof(value), &value);
}

static struct nlattr *nest(struct writer *w, uint16_t type)
{
	struct nlattr *start = NULL;

	if (w->ok)
		start = mnl_attr_nest_start_check(w->nlh, w->room, type);
	w->ok = start != NULL;
	return start;
}

static void nest_end(struct writer *w, struct nlattr *start)
{
	if (w->ok)
		mnl_attr_nest_end(w->nlh, start);
}

/* --- match --- */

static void put_match(struct writer *w, const struct ofl_tc_filter *f)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	bool v4 = f->dst.family == AF_INET;
	struct ofl_prefix mask;
	uint8_t ones[16];
	size_t len = v4 ? 4 : 16;

	put_u16(w, TCA_FLOWER_KEY_ETH_TYPE, htons(f->protocol));
	if (f->indev[0])
		put(w, TCA_FLOWER_INDEV, strnlen(f->indev, IFNAMSIZ - 1) + 1,
		    f->indev);
	if (f->has_dmac) {
		put(w, TCA_FLOWER_KEY_ETH_DST, 6, f->dmac);
		put(w, TCA_FLOWER_KEY_ETH_DST_MASK, 6, all);
	}
	if (f->ttl_mask) {
		put(w, TCA_FLOWER_KEY_IP_TTL, 1, &f->ttl);
		put(w, TCA_FLOWER_KEY_IP_TTL_MASK, 1, &f->ttl_mask);
	}
	if (!f->dst.family || !f->dst.plen)
		return;
	memset(ones, 0xff, sizeof(ones));
	mask = ofl_prefix_make(f->dst.family, ones, f->dst.plen);
	put(w, v4 ? TCA_FLOWER_KEY_IPV4_DST : TCA_FLOWER_KEY_IPV6_DST, len,
	    f->dst.addr);
	put(w, v4 ? TCA_FLOWER_KEY_IPV4_DST_MASK : TCA_FLOWER_KEY_IPV6_DST_MASK,
	    len, mask.addr);
}

/* --- actions --- */

static struct nlattr *action_begin(struct writer *w, const char *kind,
				   struct nlattr **ret_options)
{
	struct nlattr *start = nest(w, ++w->n_actions);

	put(w, TCA_ACT_KIND, strlen(kind) + 1, kind);
	if (w->n_actions == 1)
		put(w, TCA_ACT_COOKIE, OFL_TC_COOKIE, w->cookie);
	*ret_options = nest(w, TCA_ACT_OPTIONS | NLA_F_NESTED);
	return start;
}

static void action_end(struct writer *w, struct nlattr *start,
		       struct nlattr *options)
{
	nest_end(w, options);
	nest_end(w, start);
}

static void put_gact(struct writer *w, int verdict)
{
	struct tc_gact parms = {.action = verdict};
	struct nlattr *options, *start = action_begin(w, "gact", &options);

	put(w, TCA_GACT_PARMS, sizeof(parms), &parms);
	action_end(w, start, options);
}

/* One word of a header to be changed. */
struct edit {
	uint16_t header, cmd; /* TCA_PEDIT_KEY_EX_HDR_TYPE_*, _CMD_* */
	uint32_t offset;
	uint8_t keep[4], value[4]; /* as they stand in the packet */
};

static void put_pedit(struct writer *w, const struct edit *edits, size_t n)
{
	struct {
		struct tc_pedit_sel sel;
		struct tc_pedit_key keys[4];
	} parms = {.sel = {.action = TC_ACT_PIPE, .nkeys = n}};
	struct nlattr *options, *start, *keys, *key;

	start = action_begin(w, "pedit", &options);
	for (size_t i = 0; i < n; i++) {
		memcpy(&parms.keys[i].mask, edits[i].keep, 4);
		memcpy(&parms.keys[i].val, edits[i].value, 4);
		parms.keys[i].off = edits[i].offset;
	}
	put(w, TCA_PEDIT_PARMS_EX,
	    sizeof(parms.sel) + n * sizeof(parms.keys[0]), &parms);
	keys = nest(w, TCA_PEDIT_KEYS_EX | NLA_F_NESTED);
	for (size_t i = 0; i < n; i++) {
		key = nest(w, TCA_PEDIT_KEY_EX | NLA_F_NESTED);
		put_u16(w, TCA_PEDIT_KEY_EX_HTYPE, edits[i].header);
		put_u16(w, TCA_PEDIT_KEY_EX_CMD, edits[i].cmd);
		nest_end(w, key);
	}
	nest_end(w, keys);
	action_end(w, start, options);
}

static void put_rewrite(struct writer *w, const struct ofl_tc_filter *f)
{
	const uint8_t *d = f->new_dmac, *s = f->new_smac;
	const uint16_t eth = TCA_PEDIT_KEY_EX_HDR_TYPE_ETH;
	const uint16_t set = TCA_PEDIT_KEY_EX_CMD_SET;
	struct edit edits[4] = {
		{eth, set, 0, {0}, {d[0], d[1], d[2], d[3]}},
		{eth, set, 4, {0}, {d[4], d[5], s[0], s[1]}},
		{eth, set, 8, {0}, {s[2], s[3], s[4], s[5]}},
	};

	/* One less: 255 is added to the one byte, modulo 256. */
	if (f->protocol == ETH_P_IP)
		edits[3] = (struct edit){TCA_PEDIT_KEY_EX_HDR_TYPE_IP4,
					 TCA_PEDIT_KEY_EX_CMD_ADD,
					 8,
					 {0, 0xff, 0xff, 0xff},
					 {0xff, 0, 0, 0}};
	else
		edits[3] = (struct edit){TCA_PEDIT_KEY_EX_HDR_TYPE_IP6,
					 TCA_PEDIT_KEY_EX_CMD_ADD,
					 4,
					 {0xff, 0xff, 0xff, 0},
					 {0, 0, 0, 0xff}};
	put_pedit(w, edits, f->keep_ttl ? 3 : 4);
}

static void put_csum(struct writer *w)
{
	struct tc_csum parms = {
		.action = TC_ACT_PIPE,
		.update_flags = TCA_CSUM_UPDATE_FLAG_IPV4HDR,
	};
	struct nlattr *options, *start = action_begin(w, "csum", &options);

	put(w, TCA_CSUM_PARMS, sizeof(parms), &parms);
	action_end(w, start, options);
}

static void put_vlan(struct writer *w, uint16_t id)
{
	struct tc_vlan parms = {
		.action = TC_ACT_PIPE,
		.v_action = TCA_VLAN_ACT_PUSH,
	};
	struct nlattr *options, *start = action_begin(w, "vlan", &options);

	put(w, TCA_VLAN_PARMS, sizeof(parms), &parms);
	put_u16(w, TCA_VLAN_PUSH_VLAN_ID, id);
	put_u16(w, TCA_VLAN_PUSH_VLAN_PROTOCOL, htons(ETH_P_8021Q));
	action_end(w, start, options);
}

static void put_redirect(struct writer *w, uint32_t ifindex)
{
	struct tc_mirred parms = {
		.action = TC_ACT_STOLEN,
		.eaction = TCA_EGRESS_REDIR,
		.ifindex = ifindex,
	};
	struct nlattr *options, *start = action_begin(w, "mirred", &options);

	put(w, TCA_MIRRED_PARMS, sizeof(parms), &parms);
	action_end(w, start, options);
}

static void put_forward(struct writer *w, const struct ofl_tc_filter *f)
{
	if (!f->keep_macs)
		put_rewrite(w, f);
	if (f->protocol == ETH_P_IP && !f->keep_ttl)
		put_csum(w);
	if (f->out_vlan)
		put_vlan(w, f->out_vlan);
	put_redirect(w, f->out_ifindex);
}

static void put_actions(struct writer *w, const struct ofl_tc_filter *f)
{
	struct nlattr *start = nest(w, TCA_FLOWER_ACT | NLA_F_NESTED);

	switch (f->does) {
	case OFL_TC_TRAP:
		put_gact(w, TC_ACT_TRAP);
		break;
	case OFL_TC_PASS:
		put_gact(w, TC_ACT_OK);
		break;
	case OFL_TC_DROP:
		put_gact(w, TC_ACT_SHOT);
		break;
	case OFL_TC_GOTO:
		put_gact(w, TC_ACT_GOTO_CHAIN |
				    (int)(f->goto_chain & TC_ACT_EXT_VAL_MASK));
		break;
	case OFL_TC_FORWARD:
		put_forward(w, f);
		break;
	}
	nest_end(w, start);
}

/* --- the message --- */

static bool is_sound(const struct ofl_tc_filter *f)
{
	bool ip = f->protocol == ETH_P_IP || f->protocol == ETH_P_IPV6;
	uint16_t of = f->dst.family == AF_INET ? ETH_P_IP : ETH_P_IPV6;

	if (!f->pref || f->chain > TC_ACT_EXT_VAL_MASK ||
	    f->goto_chain > TC_ACT_EXT_VAL_MASK || f->does > OFL_TC_FORWARD)
		return false;
	if (f->dst.family && f->protocol != of)
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
	struct writer w = {.room = len, .ok = true, .cookie = f->cookie};
	struct nlattr *options;
	struct tcmsg *tcm;

	if (len < MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*tcm)) || !is_sound(f))
		return NULL;
	w.nlh = mnl_nlmsg_put_header(buf);
	w.nlh->nlmsg_type = type;
	w.nlh->nlmsg_flags = NLM_F_REQUEST | nlmsg_flags;
	tcm = mnl_nlmsg_put_extra_header(w.nlh, sizeof(*tcm));
	tcm->tcm_family = AF_UNSPEC;
	tcm->tcm_ifindex = (int)TCM_IFINDEX_MAGIC_BLOCK;
	tcm->tcm_block_index = block;
	tcm->tcm_handle = f->handle;
	tcm->tcm_info = TC_H_MAKE((uint32_t)f->pref << 16, htons(f->protocol));
	put(&w, TCA_KIND, sizeof("flower"), "flower");
	put_u32(&w, TCA_CHAIN, f->chain);
	if (type == RTM_NEWTFILTER) {
		options = nest(&w, TCA_OPTIONS | NLA_F_NESTED);
		put_u32(&w, TCA_FLOWER_FLAGS, f->flags);
		put_match(&w, f);
		put_actions(&w, f);
		nest_end(&w, options);
	}
	return w.ok ? w.nlh : NULL;
}
