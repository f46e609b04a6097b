// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Actions of an ACL's filter -> netlink; see prov_tc_acts.h.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_sample.h>
#include <linux/tc_act/tc_skbedit.h>

#include "offloadd/provider/prov_tc_acts.h"

#define DSCP_TOP 63
#define NS_PER_TICK 64
#define NS_PER_S 1000000000ull
#define RATE_TOP (UINT64_C(1) << 50)
#define RATE_TABLE_BYTES 1024
/* Packets of this many bytes and less count for what they are; the kernel
 * takes larger ones for above any rate: 255 << CELL_LOG. */
#define CELL_LOG 12

static bool is_end(uint8_t kind)
{
	return kind >= OFL_TC_ACT_ACCEPT;
}

bool ofl_tc_acts_add(struct ofl_tc_acts *acts, const struct ofl_tc_act *act)
{
	if (acts->count == OFL_TC_ACTS_MAX ||
	    (acts->count && is_end(acts->act[acts->count - 1].kind)))
		return false;
	acts->act[acts->count++] = *act;
	return true;
}

uint32_t ofl_tc_burst_ticks(uint64_t rate_bytes, uint32_t burst_bytes)
{
	uint64_t ticks;

	if (!rate_bytes || rate_bytes > RATE_TOP)
		return 0;
	ticks = (burst_bytes * NS_PER_S + rate_bytes * NS_PER_TICK - 1) /
		(rate_bytes * NS_PER_TICK);
	return ticks <= UINT32_MAX ? (uint32_t)ticks : 0;
}

static bool is_act_sound(const struct ofl_tc_act *a, uint16_t ethertype)
{
	switch (a->kind) {
	case OFL_TC_ACT_MIRROR:
	case OFL_TC_ACT_REDIRECT:
		return a->ifindex != 0;
	case OFL_TC_ACT_DSCP:
		return a->dscp <= DSCP_TOP &&
		       (ethertype == ETH_P_IP || ethertype == ETH_P_IPV6);
	case OFL_TC_ACT_POLICE:
		return a->rate_bytes && a->rate_bytes <= RATE_TOP &&
		       a->burst_ticks;
	case OFL_TC_ACT_SAMPLE:
		return a->one_in != 0;
	case OFL_TC_ACT_GOTO:
		return a->chain <= TC_ACT_EXT_VAL_MASK;
	}
	return a->kind < OFL_TC_ACT_MAX;
}

bool ofl_tc_acts_is_sound(const struct ofl_tc_acts *acts, uint16_t ethertype)
{
	if (!acts->count || acts->count > OFL_TC_ACTS_MAX)
		return false;
	for (unsigned int i = 0; i < acts->count; i++)
		if (is_end(acts->act[i].kind) != (i + 1u == acts->count) ||
		    !is_act_sound(&acts->act[i], ethertype))
			return false;
	return true;
}

/* Only what the kind looks at. */
#define WORDS 4
static void words_of(const struct ofl_tc_act *a, uint64_t ret[WORDS])
{
	memset(ret, 0, WORDS * sizeof(*ret));
	ret[0] = a->kind;
	switch (a->kind) {
	case OFL_TC_ACT_MIRROR:
	case OFL_TC_ACT_REDIRECT:
		ret[1] = a->ifindex;
		ret[2] = a->ingress;
		break;
	case OFL_TC_ACT_MARK:
		ret[1] = a->mark;
		break;
	case OFL_TC_ACT_DSCP:
		ret[1] = a->dscp;
		break;
	case OFL_TC_ACT_POLICE:
		ret[1] = a->rate_bytes;
		ret[2] = a->burst_ticks;
		break;
	case OFL_TC_ACT_SAMPLE:
		ret[1] = a->one_in;
		ret[2] = a->group;
		ret[3] = a->most_bytes;
		break;
	case OFL_TC_ACT_GOTO:
		ret[1] = a->chain;
		break;
	}
}

bool ofl_tc_acts_eq(const struct ofl_tc_acts *a, const struct ofl_tc_acts *b)
{
	uint64_t wa[WORDS], wb[WORDS];

	if (a->count != b->count)
		return false;
	for (unsigned int i = 0; i < a->count; i++) {
		words_of(&a->act[i], wa);
		words_of(&b->act[i], wb);
		if (memcmp(wa, wb, sizeof(wa)) != 0)
			return false;
	}
	return true;
}

uint64_t ofl_tc_acts_digest(uint64_t digest, const struct ofl_tc_acts *acts)
{
	uint64_t words[WORDS];

	for (unsigned int i = 0; i < acts->count; i++) {
		words_of(&acts->act[i], words);
		digest = ofl_tc_digest_add(digest, words, sizeof(words));
	}
	return digest;
}

/* --- netlink --- */

struct ofl_tc_edit ofl_tc_dscp_edit(uint16_t ethertype, uint8_t dscp)
{
	if (ethertype == ETH_P_IP)
		return (struct ofl_tc_edit){TCA_PEDIT_KEY_EX_HDR_TYPE_IP4,
					    TCA_PEDIT_KEY_EX_CMD_SET,
					    0,
					    {0xff, 0x03, 0xff, 0xff},
					    {0, (uint8_t)(dscp << 2), 0, 0}};
	return (struct ofl_tc_edit){TCA_PEDIT_KEY_EX_HDR_TYPE_IP6,
				    TCA_PEDIT_KEY_EX_CMD_SET,
				    0,
				    {0xf0, 0x3f, 0xff, 0xff},
				    {(uint8_t)(dscp >> 2), (uint8_t)(dscp << 6),
				     0, 0}};
}

static void put_mark(struct ofl_tc_writer *w, uint32_t mark)
{
	struct tc_skbedit parms = {.action = TC_ACT_PIPE};
	struct nlattr *options;
	struct nlattr *start = ofl_tc_action_begin(w, "skbedit", &options);

	ofl_tc_attr_add(w, TCA_SKBEDIT_PARMS, sizeof(parms), &parms);
	ofl_tc_attr_add_u32(w, TCA_SKBEDIT_MARK, mark);
	ofl_tc_action_commit(w, start, options);
}

static void put_dscp(struct ofl_tc_writer *w, uint16_t ethertype, uint8_t dscp)
{
	struct ofl_tc_edit edit = ofl_tc_dscp_edit(ethertype, dscp);

	ofl_tc_pedit_add(w, &edit, 1);
	if (ethertype == ETH_P_IP)
		ofl_tc_csum_add(w);
}

static void put_police(struct ofl_tc_writer *w, const struct ofl_tc_act *a)
{
	/* The kernel wants a table of rates and has not looked into it since
	 * it calculates; the link layer is the one thing it would guess. */
	static const uint8_t table[RATE_TABLE_BYTES];
	bool is_long = a->rate_bytes > UINT32_MAX;
	struct tc_police parms = {
		.action = TC_ACT_SHOT,
		.burst = a->burst_ticks,
		.rate = {.rate = is_long ? UINT32_MAX : (uint32_t)a->rate_bytes,
			 .cell_log = CELL_LOG,
			 .linklayer = TC_LINKLAYER_ETHERNET},
	};
	struct nlattr *options;
	struct nlattr *start = ofl_tc_action_begin(w, "police", &options);

	ofl_tc_attr_add(w, TCA_POLICE_TBF, sizeof(parms), &parms);
	ofl_tc_attr_add(w, TCA_POLICE_RATE, sizeof(table), table);
	if (is_long)
		ofl_tc_attr_add(w, TCA_POLICE_RATE64, sizeof(a->rate_bytes),
				&a->rate_bytes);
	ofl_tc_attr_add_u32(w, TCA_POLICE_RESULT, TC_ACT_PIPE);
	ofl_tc_action_commit(w, start, options);
}

static void put_sample(struct ofl_tc_writer *w, const struct ofl_tc_act *a)
{
	struct tc_sample parms = {.action = TC_ACT_PIPE};
	struct nlattr *options;
	struct nlattr *start = ofl_tc_action_begin(w, "sample", &options);

	ofl_tc_attr_add(w, TCA_SAMPLE_PARMS, sizeof(parms), &parms);
	ofl_tc_attr_add_u32(w, TCA_SAMPLE_RATE, a->one_in);
	ofl_tc_attr_add_u32(w, TCA_SAMPLE_PSAMPLE_GROUP, a->group);
	if (a->most_bytes)
		ofl_tc_attr_add_u32(w, TCA_SAMPLE_TRUNC_SIZE, a->most_bytes);
	ofl_tc_action_commit(w, start, options);
}

static void put_act(struct ofl_tc_writer *w, const struct ofl_tc_act *a,
		    uint16_t ethertype)
{
	switch (a->kind) {
	case OFL_TC_ACT_MIRROR:
		ofl_tc_mirred_add(
			w, a->ingress ? TCA_INGRESS_MIRROR : TCA_EGRESS_MIRROR,
			a->ifindex);
		break;
	case OFL_TC_ACT_REDIRECT:
		ofl_tc_mirred_add(
			w, a->ingress ? TCA_INGRESS_REDIR : TCA_EGRESS_REDIR,
			a->ifindex);
		break;
	case OFL_TC_ACT_MARK:
		put_mark(w, a->mark);
		break;
	case OFL_TC_ACT_DSCP:
		put_dscp(w, ethertype, a->dscp);
		break;
	case OFL_TC_ACT_POLICE:
		put_police(w, a);
		break;
	case OFL_TC_ACT_SAMPLE:
		put_sample(w, a);
		break;
	case OFL_TC_ACT_ACCEPT:
		ofl_tc_gact_add(w, TC_ACT_OK);
		break;
	case OFL_TC_ACT_GOTO:
		ofl_tc_gact_add(w, TC_ACT_GOTO_CHAIN | (int)a->chain);
		break;
	case OFL_TC_ACT_DROP:
		ofl_tc_gact_add(w, TC_ACT_SHOT);
		break;
	case OFL_TC_ACT_TRAP:
		ofl_tc_gact_add(w, TC_ACT_TRAP);
		break;
	}
}

void ofl_tc_acts_encode(struct ofl_tc_writer *w, const struct ofl_tc_acts *acts,
			uint16_t ethertype)
{
	for (unsigned int i = 0; i < acts->count; i++)
		put_act(w, &acts->act[i], ethertype);
}
