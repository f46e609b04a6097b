// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink -> a filter; see prov_tc_filter.h.  Pure: no socket, no state.
 *
 * Nothing in a message is believed: an attribute of the wrong size, twice, or
 * unknown makes the filter one that is not understood, which is safe, for such
 * a filter equals nothing this daemon wrote.
 */
#include "offloadd/provider/prov_tc_filter.h"

#include <arpa/inet.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_sample.h>
#include <linux/tc_act/tc_vlan.h>

/* What is being read; `strange`: something is there that no field holds. */
struct reader {
	struct ofl_tc_filter f;
	struct ofl_tc_seen seen;
	bool strange;
	unsigned int n_actions;
	bool ended; /* an action after which nothing may come */
	unsigned int n_edits;
	bool summed;
};

/* --- match --- */

/* Leading ones of a mask; -1: it has ones after a zero. */
static int mask_plen(const uint8_t *mask, size_t len)
{
	size_t bits = len * 8, plen = 0;

	while (plen < bits && ofl_addr_bit(mask, plen))
		plen++;
	for (size_t i = plen; i < bits; i++)
		if (ofl_addr_bit(mask, i))
			return -1;
	return (int)plen;
}

static void read_dst(struct reader *r, uint8_t family,
		     const struct nlattr *value, const struct nlattr *mask)
{
	size_t len = family == AF_INET ? 4 : 16;
	uint8_t addr[16], bits[16];
	int plen;

	if (!value && !mask)
		return;
	if (r->f.dst.family || !ofl_tc_attr_get(value, addr, len) ||
	    !ofl_tc_attr_get(mask, bits, len)) {
		r->strange = true;
		return;
	}
	plen = mask_plen(bits, len);
	if (plen < 0)
		r->strange = true;
	else
		r->f.dst = ofl_prefix_make(family, addr, (uint8_t)plen);
}

/* With any protocol, the type alone says which family is meant. */
static void read_family(struct reader *r, uint16_t type)
{
	uint8_t family = type == ETH_P_IP     ? AF_INET
			 : type == ETH_P_IPV6 ? AF_INET6
					      : 0;

	if (!family || (r->f.dst.family && r->f.dst.family != family))
		r->strange = true;
	r->f.dst.family = family;
}

static void read_match(struct reader *r, const struct nlattr **tb)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t mask[6];
	uint16_t type = 0;

	if (tb[TCA_FLOWER_KEY_ETH_TYPE] &&
	    (!ofl_tc_attr_get(tb[TCA_FLOWER_KEY_ETH_TYPE], &type,
			      sizeof(type)) ||
	     (ntohs(type) != r->f.protocol && r->f.protocol != ETH_P_ALL)))
		r->strange = true;
	if (tb[TCA_FLOWER_KEY_ETH_DST]) {
		r->f.has_dmac = ofl_tc_attr_get(tb[TCA_FLOWER_KEY_ETH_DST],
						r->f.dmac, 6);
		if (!r->f.has_dmac ||
		    !ofl_tc_attr_get(tb[TCA_FLOWER_KEY_ETH_DST_MASK], mask,
				     6) ||
		    memcmp(mask, all, 6) != 0)
			r->strange = true;
	}
	if (tb[TCA_FLOWER_KEY_IP_TTL] &&
	    (!ofl_tc_attr_get(tb[TCA_FLOWER_KEY_IP_TTL], &r->f.ttl, 1) ||
	     !ofl_tc_attr_get(tb[TCA_FLOWER_KEY_IP_TTL_MASK], &r->f.ttl_mask,
			      1)))
		r->strange = true;
	if (tb[TCA_FLOWER_INDEV]) {
		size_t len = mnl_attr_get_payload_len(tb[TCA_FLOWER_INDEV]);

		if (len && len <= IFNAMSIZ)
			ofl_tc_attr_get(tb[TCA_FLOWER_INDEV], r->f.indev, len);
		else
			r->strange = true;
		r->f.indev[IFNAMSIZ - 1] = '\0';
	}
	read_dst(r, AF_INET, tb[TCA_FLOWER_KEY_IPV4_DST],
		 tb[TCA_FLOWER_KEY_IPV4_DST_MASK]);
	read_dst(r, AF_INET6, tb[TCA_FLOWER_KEY_IPV6_DST],
		 tb[TCA_FLOWER_KEY_IPV6_DST_MASK]);
	if (type && r->f.protocol == ETH_P_ALL)
		read_family(r, ntohs(type));
}

/* Only what read_match() and read_options() look at may be there. */
static bool has_others(const struct nlattr **tb)
{
	for (unsigned int i = 0; i <= TCA_FLOWER_MAX; i++) {
		if (!tb[i])
			continue;
		switch (i) {
		case TCA_FLOWER_FLAGS:
		case TCA_FLOWER_ACT:
		case TCA_FLOWER_IN_HW_COUNT:
		case TCA_FLOWER_INDEV:
		case TCA_FLOWER_KEY_ETH_TYPE:
		case TCA_FLOWER_KEY_ETH_DST:
		case TCA_FLOWER_KEY_ETH_DST_MASK:
		case TCA_FLOWER_KEY_IP_TTL:
		case TCA_FLOWER_KEY_IP_TTL_MASK:
		case TCA_FLOWER_KEY_IPV4_DST:
		case TCA_FLOWER_KEY_IPV4_DST_MASK:
		case TCA_FLOWER_KEY_IPV6_DST:
		case TCA_FLOWER_KEY_IPV6_DST_MASK:
			continue;
		}
		return true;
	}
	return false;
}

/* --- actions --- */

static bool read_gact(struct reader *r, const struct nlattr **options)
{
	struct tc_gact parms;

	if (!ofl_tc_attr_get(options[TCA_GACT_PARMS], &parms, sizeof(parms)) ||
	    options[TCA_GACT_PROB] || r->n_actions > 1)
		return false;
	r->ended = true;
	switch (parms.action) {
	case TC_ACT_TRAP:
		r->f.does = OFL_TC_TRAP;
		return true;
	case TC_ACT_OK:
		r->f.does = OFL_TC_PASS;
		return true;
	case TC_ACT_SHOT:
		r->f.does = OFL_TC_DROP;
		return true;
	case TC_ACT_UNSPEC:
		r->f.does = OFL_TC_CONTINUE;
		return true;
	}
	if (!TC_ACT_EXT_CMP(parms.action, TC_ACT_GOTO_CHAIN))
		return false;
	r->f.does = OFL_TC_GOTO;
	r->f.goto_chain = (uint32_t)parms.action & TC_ACT_EXT_VAL_MASK;
	return true;
}

static bool is_ttl_dec(const struct ofl_tc_edit *e, uint16_t protocol)
{
	static const struct ofl_tc_edit v4 = {TCA_PEDIT_KEY_EX_HDR_TYPE_IP4,
					      TCA_PEDIT_KEY_EX_CMD_ADD,
					      8,
					      {0, 0xff, 0xff, 0xff},
					      {0xff, 0, 0, 0}};
	static const struct ofl_tc_edit v6 = {TCA_PEDIT_KEY_EX_HDR_TYPE_IP6,
					      TCA_PEDIT_KEY_EX_CMD_ADD,
					      4,
					      {0xff, 0xff, 0xff, 0},
					      {0, 0, 0, 0xff}};

	return ofl_tc_edit_eq(e, protocol == ETH_P_IP ? &v4 : &v6);
}

static bool read_pedit(struct reader *r, const struct nlattr **options)
{
	struct ofl_tc_edit edits[4], set;
	uint8_t macs[12];
	int n;

	if (r->n_actions > 1)
		return false;
	n = ofl_tc_pedit_get(options, edits, 4);
	if (n < 3)
		return false;
	for (uint32_t i = 0; i < 3; i++) {
		set = (struct ofl_tc_edit){
			.header = TCA_PEDIT_KEY_EX_HDR_TYPE_ETH,
			.cmd = TCA_PEDIT_KEY_EX_CMD_SET,
			.offset = 4 * i,
		};
		memcpy(set.value, edits[i].value, 4);
		if (!ofl_tc_edit_eq(&edits[i], &set))
			return false;
		memcpy(macs + 4 * (size_t)i, edits[i].value, 4);
	}
	memcpy(r->f.new_dmac, macs, 6);
	memcpy(r->f.new_smac, macs + 6, 6);
	r->n_edits = (unsigned int)n;
	return n == 3 || is_ttl_dec(&edits[3], r->f.protocol);
}

static bool read_csum(struct reader *r, const struct nlattr **options)
{
	r->summed = r->n_actions == 2 && ofl_tc_csum_is_ours(options);
	return r->summed;
}

static bool read_vlan(struct reader *r, const struct nlattr **options)
{
	uint16_t protocol = 0;
	uint8_t prio = 0;
	struct tc_vlan parms;

	if (options[TCA_VLAN_PUSH_VLAN_PRIORITY])
		(void)ofl_tc_attr_get(options[TCA_VLAN_PUSH_VLAN_PRIORITY],
				      &prio, 1);
	return ofl_tc_attr_get(options[TCA_VLAN_PARMS], &parms,
			       sizeof(parms)) &&
	       parms.v_action == TCA_VLAN_ACT_PUSH &&
	       parms.action == TC_ACT_PIPE && !r->f.out_vlan && !prio &&
	       ofl_tc_attr_get(options[TCA_VLAN_PUSH_VLAN_ID], &r->f.out_vlan,
			       2) &&
	       ofl_tc_attr_get(options[TCA_VLAN_PUSH_VLAN_PROTOCOL], &protocol,
			       2) &&
	       protocol == htons(ETH_P_8021Q) && r->f.out_vlan;
}

static bool read_mirred(struct reader *r, const struct nlattr **options)
{
	struct tc_mirred parms;

	if (!ofl_tc_attr_get(options[TCA_MIRRED_PARMS], &parms,
			     sizeof(parms)) ||
	    parms.eaction != TCA_EGRESS_REDIR ||
	    parms.action != TC_ACT_STOLEN ||
	    r->summed != (r->f.protocol == ETH_P_IP && r->n_edits == 4))
		return false;
	r->ended = true;
	r->f.keep_macs = !r->n_edits;
	r->f.keep_ttl = r->n_edits < 4;
	r->f.does = OFL_TC_FORWARD;
	r->f.out_ifindex = parms.ifindex;
	return true;
}

static bool read_sample(struct reader *r, const struct nlattr **options)
{
	struct tc_sample parms;
	uint32_t bytes = 0;

	if (!ofl_tc_attr_get(options[TCA_SAMPLE_PARMS], &parms,
			     sizeof(parms)) ||
	    (parms.action != TC_ACT_UNSPEC && parms.action != TC_ACT_OK) ||
	    !ofl_tc_attr_get(options[TCA_SAMPLE_RATE], &r->f.sample_rate, 4) ||
	    !r->f.sample_rate ||
	    !ofl_tc_attr_get(options[TCA_SAMPLE_PSAMPLE_GROUP],
			     &r->f.sample_group, 4) ||
	    !ofl_tc_attr_get(options[TCA_SAMPLE_TRUNC_SIZE], &bytes, 4) ||
	    bytes != OFL_TC_SAMPLE_BYTES || r->n_actions > 1)
		return false;
	r->ended = true;
	r->f.does =
		parms.action == TC_ACT_OK ? OFL_TC_SAMPLE_PASS : OFL_TC_SAMPLE;
	return true;
}

static bool read_options(struct reader *r, const struct nlattr **tb)
{
	const struct nlattr *options[OFL_TC_OPTIONS_MAX];
	const struct nlattr *kind = tb[TCA_ACT_KIND];
	bool unknown = false;

	if (r->ended || !tb[TCA_ACT_OPTIONS] ||
	    !ofl_tc_nested_get(tb[TCA_ACT_OPTIONS], options, OFL_TC_OPTIONS_MAX,
			       &unknown) ||
	    unknown)
		return false;
	if (ofl_tc_attr_is_text(kind, "gact"))
		return read_gact(r, options);
	if (ofl_tc_attr_is_text(kind, "pedit"))
		return read_pedit(r, options);
	if (ofl_tc_attr_is_text(kind, "csum"))
		return read_csum(r, options);
	if (ofl_tc_attr_is_text(kind, "vlan"))
		return read_vlan(r, options);
	if (ofl_tc_attr_is_text(kind, "mirred"))
		return read_mirred(r, options);
	if (ofl_tc_attr_is_text(kind, "sample"))
		return read_sample(r, options);
	return false;
}

static void read_action(struct reader *r, const struct nlattr *a)
{
	const struct nlattr *tb[TCA_ACT_MAX + 1];
	bool unknown = false;

	r->n_actions++;
	if (!ofl_tc_nested_get(a, tb, TCA_ACT_MAX + 1, &unknown)) {
		r->strange = true;
		return;
	}
	if (tb[TCA_ACT_COOKIE] && r->n_actions == 1) {
		if (mnl_attr_get_payload_len(tb[TCA_ACT_COOKIE]) ==
		    OFL_TC_COOKIE)
			r->seen.has_cookie = ofl_tc_attr_get(
				tb[TCA_ACT_COOKIE], r->f.cookie, OFL_TC_COOKIE);
		else
			r->strange = true;
	}
	if (tb[TCA_ACT_STATS])
		ofl_tc_stats_get(tb[TCA_ACT_STATS], &r->seen.counted);
	if (!read_options(r, tb))
		r->strange = true;
}

/* --- the message --- */

static void read_flower(struct reader *r, const struct nlattr *options)
{
	const struct nlattr *tb[TCA_FLOWER_MAX + 1], *a;
	uint32_t flags = 0;

	if (!ofl_tc_nested_get(options, tb, TCA_FLOWER_MAX + 1, &r->strange)) {
		r->strange = true;
		return;
	}
	(void)ofl_tc_attr_get(tb[TCA_FLOWER_FLAGS], &flags, sizeof(flags));
	r->seen.in_hw = flags & TCA_CLS_FLAGS_IN_HW;
	r->seen.not_in_hw = flags & TCA_CLS_FLAGS_NOT_IN_HW;
	r->f.flags = flags &
		     ~(uint32_t)(TCA_CLS_FLAGS_IN_HW | TCA_CLS_FLAGS_NOT_IN_HW);
	(void)ofl_tc_attr_get(tb[TCA_FLOWER_IN_HW_COUNT], &r->seen.in_hw_count,
			      sizeof(r->seen.in_hw_count));
	read_match(r, tb);
	if (tb[TCA_FLOWER_ACT])
		mnl_attr_for_each_nested(a, tb[TCA_FLOWER_ACT])
			read_action(r, a);
	if (has_others(tb) || !r->ended)
		r->strange = true;
}

bool ofl_tc_filter_decode(const struct nlmsghdr *nlh,
			  struct ofl_tc_filter *ret_filter,
			  struct ofl_tc_seen *ret_seen)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[TCA_MAX + 1];
	const size_t head = MNL_ALIGN(sizeof(*tcm));
	bool unknown = false;
	struct reader r = {0};

	if ((nlh->nlmsg_type != RTM_NEWTFILTER &&
	     nlh->nlmsg_type != RTM_DELTFILTER) ||
	    mnl_nlmsg_get_payload_len(nlh) < head ||
	    !ofl_tc_attrs_get((const uint8_t *)tcm + head,
			      mnl_nlmsg_get_payload_len(nlh) - head, tb,
			      TCA_MAX + 1, &unknown) ||
	    !ofl_tc_attr_is_text(tb[TCA_KIND], "flower") || !tb[TCA_OPTIONS] ||
	    !tcm->tcm_handle)
		return false;
	r.f.handle = tcm->tcm_handle;
	r.f.pref = (uint16_t)(TC_H_MAJ(tcm->tcm_info) >> 16);
	r.f.protocol = ntohs((uint16_t)TC_H_MIN(tcm->tcm_info));
	if (tcm->tcm_ifindex == (int)TCM_IFINDEX_MAGIC_BLOCK)
		r.seen.block = tcm->tcm_block_index;
	(void)ofl_tc_attr_get(tb[TCA_CHAIN], &r.f.chain, sizeof(r.f.chain));
	read_flower(&r, tb[TCA_OPTIONS]);
	r.seen.understood = !r.strange;
	*ret_filter = r.f;
	*ret_seen = r.seen;
	return true;
}

static bool same_match(const struct ofl_tc_filter *a,
		       const struct ofl_tc_filter *b)
{
	/* A prefix of length 0 is no match at all, as in the kernel, unless
	 * it is of any protocol. */
	bool a_any = !a->dst.family || !a->dst.plen;
	bool b_any = !b->dst.family || !b->dst.plen;

	if (a->protocol == ETH_P_ALL && a->dst.family != b->dst.family)
		return false;
	if (a_any != b_any || (!a_any && ofl_prefix_cmp(&a->dst, &b->dst)))
		return false;
	return a->has_dmac == b->has_dmac &&
	       (!a->has_dmac || !memcmp(a->dmac, b->dmac, 6)) &&
	       a->ttl_mask == b->ttl_mask &&
	       (a->ttl & a->ttl_mask) == (b->ttl & b->ttl_mask) &&
	       !strncmp(a->indev, b->indev, IFNAMSIZ);
}

static bool same_actions(const struct ofl_tc_filter *a,
			 const struct ofl_tc_filter *b)
{
	if (a->does != b->does)
		return false;
	if (a->does == OFL_TC_GOTO)
		return a->goto_chain == b->goto_chain;
	if (a->does >= OFL_TC_SAMPLE)
		return a->sample_rate == b->sample_rate &&
		       a->sample_group == b->sample_group;
	if (a->does != OFL_TC_FORWARD)
		return true;
	if (a->keep_macs != b->keep_macs || a->keep_ttl != b->keep_ttl)
		return false;
	return a->out_ifindex == b->out_ifindex && a->out_vlan == b->out_vlan &&
	       !memcmp(a->new_dmac, b->new_dmac, 6) &&
	       !memcmp(a->new_smac, b->new_smac, 6);
}

bool ofl_tc_filter_eq(const struct ofl_tc_filter *a,
		      const struct ofl_tc_filter *b)
{
	const uint32_t wish = TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_SKIP_HW;

	return a->chain == b->chain && a->pref == b->pref &&
	       a->protocol == b->protocol &&
	       (!a->handle || !b->handle || a->handle == b->handle) &&
	       (a->flags & wish) == (b->flags & wish) && same_match(a, b) &&
	       same_actions(a, b) &&
	       !memcmp(a->cookie, b->cookie, OFL_TC_COOKIE);
}
