// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink -> actions of an ACL's filter; see prov_tc_acts.h.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_sample.h>
#include <linux/tc_act/tc_skbedit.h>

#include "offloadd/provider/prov_tc_acts.h"

/* TCA_...; FRR brings an older enum that ends before it. */
#define POLICE_PKTRATE64 10

struct reader {
	struct ofl_tc_acts *acts;
	uint16_t ethertype;
	bool wants_csum; /* of a DSCP in IPv4 */
};

typedef bool (*read_fn)(struct reader *r, const struct nlattr **options,
			struct ofl_tc_act *a);

static bool read_gact(struct reader *r, const struct nlattr **options,
		      struct ofl_tc_act *a)
{
	struct tc_gact parms;

	if (!ofl_tc_attr_get(options[TCA_GACT_PARMS], &parms, sizeof(parms)) ||
	    options[TCA_GACT_PROB])
		return false;
	switch (parms.action) {
	case TC_ACT_OK:
		a->kind = OFL_TC_ACT_ACCEPT;
		return true;
	case TC_ACT_SHOT:
		a->kind = OFL_TC_ACT_DROP;
		return true;
	case TC_ACT_TRAP:
		a->kind = OFL_TC_ACT_TRAP;
		return true;
	}
	if (!TC_ACT_EXT_CMP(parms.action, TC_ACT_GOTO_CHAIN))
		return false;
	a->kind = OFL_TC_ACT_GOTO;
	a->chain = (uint32_t)parms.action & TC_ACT_EXT_VAL_MASK;
	return true;
}

static bool read_mirred(struct reader *r, const struct nlattr **options,
			struct ofl_tc_act *a)
{
	struct tc_mirred parms;
	int ends;

	if (!ofl_tc_attr_get(options[TCA_MIRRED_PARMS], &parms, sizeof(parms)))
		return false;
	a->ingress = parms.eaction == TCA_INGRESS_REDIR ||
		     parms.eaction == TCA_INGRESS_MIRROR;
	a->ifindex = parms.ifindex;
	switch (parms.eaction) {
	case TCA_EGRESS_REDIR:
	case TCA_INGRESS_REDIR:
		a->kind = OFL_TC_ACT_REDIRECT;
		ends = TC_ACT_STOLEN;
		break;
	case TCA_EGRESS_MIRROR:
	case TCA_INGRESS_MIRROR:
		a->kind = OFL_TC_ACT_MIRROR;
		ends = TC_ACT_PIPE;
		break;
	default:
		return false;
	}
	return parms.action == ends;
}

static bool read_skbedit(struct reader *r, const struct nlattr **options,
			 struct ofl_tc_act *a)
{
	struct tc_skbedit parms;
	uint32_t mask = UINT32_MAX;

	if (!ofl_tc_attr_get(options[TCA_SKBEDIT_PARMS], &parms,
			     sizeof(parms)) ||
	    parms.action != TC_ACT_PIPE || options[TCA_SKBEDIT_PRIORITY] ||
	    options[TCA_SKBEDIT_QUEUE_MAPPING] || options[TCA_SKBEDIT_PTYPE] ||
	    options[TCA_SKBEDIT_FLAGS])
		return false;
	(void)ofl_tc_attr_get(options[TCA_SKBEDIT_MASK], &mask, sizeof(mask));
	a->kind = OFL_TC_ACT_MARK;
	return mask == UINT32_MAX && ofl_tc_attr_get(options[TCA_SKBEDIT_MARK],
						     &a->mark, sizeof(a->mark));
}

static bool read_pedit(struct reader *r, const struct nlattr **options,
		       struct ofl_tc_act *a)
{
	struct ofl_tc_edit got, ours;

	if (ofl_tc_pedit_get(options, &got, 1) != 1)
		return false;
	a->kind = OFL_TC_ACT_DSCP;
	if (r->ethertype == ETH_P_IP)
		a->dscp = got.value[1] >> 2;
	else
		a->dscp = (uint8_t)((got.value[0] & 0x0f) << 2 |
				    got.value[1] >> 6);
	ours = ofl_tc_dscp_edit(r->ethertype, a->dscp);
	r->wants_csum = r->ethertype == ETH_P_IP;
	return (r->ethertype == ETH_P_IP || r->ethertype == ETH_P_IPV6) &&
	       ofl_tc_edit_eq(&got, &ours);
}

static bool read_police(struct reader *r, const struct nlattr **options,
			struct ofl_tc_act *a)
{
	struct tc_police parms;
	uint32_t result = 0;

	if (!ofl_tc_attr_get(options[TCA_POLICE_TBF], &parms, sizeof(parms)) ||
	    !ofl_tc_attr_get(options[TCA_POLICE_RESULT], &result,
			     sizeof(result)) ||
	    parms.action != TC_ACT_SHOT || result != TC_ACT_PIPE ||
	    parms.peakrate.rate || parms.rate.overhead ||
	    options[TCA_POLICE_AVRATE] || options[TCA_POLICE_PEAKRATE64] ||
	    options[POLICE_PKTRATE64])
		return false;
	a->kind = OFL_TC_ACT_POLICE;
	a->rate_bytes = parms.rate.rate;
	(void)ofl_tc_attr_get(options[TCA_POLICE_RATE64], &a->rate_bytes,
			      sizeof(a->rate_bytes));
	a->burst_ticks = parms.burst;
	return true;
}

static bool read_sample(struct reader *r, const struct nlattr **options,
			struct ofl_tc_act *a)
{
	struct tc_sample parms;

	a->kind = OFL_TC_ACT_SAMPLE;
	(void)ofl_tc_attr_get(options[TCA_SAMPLE_TRUNC_SIZE], &a->most_bytes,
			      sizeof(a->most_bytes));
	return ofl_tc_attr_get(options[TCA_SAMPLE_PARMS], &parms,
			       sizeof(parms)) &&
	       parms.action == TC_ACT_PIPE &&
	       ofl_tc_attr_get(options[TCA_SAMPLE_RATE], &a->one_in,
			       sizeof(a->one_in)) &&
	       ofl_tc_attr_get(options[TCA_SAMPLE_PSAMPLE_GROUP], &a->group,
			       sizeof(a->group));
}

static const struct {
	const char *name;
	read_fn read;
} readers[] = {
	{"gact", read_gact},	   {"mirred", read_mirred},
	{"skbedit", read_skbedit}, {"pedit", read_pedit},
	{"police", read_police},   {"sample", read_sample},
};

/* One action; a csum belongs to the edit before it. */
static bool read_action(struct reader *r, const struct nlattr **tb)
{
	const struct nlattr *options[OFL_TC_OPTIONS_MAX];
	const struct nlattr *kind = tb[TCA_ACT_KIND];
	struct ofl_tc_act act;
	bool unknown = false;

	memset(&act, 0, sizeof(act));
	if (!tb[TCA_ACT_OPTIONS] ||
	    !ofl_tc_nested_get(tb[TCA_ACT_OPTIONS], options, OFL_TC_OPTIONS_MAX,
			       &unknown) ||
	    unknown)
		return false;
	if (r->wants_csum) {
		r->wants_csum = false;
		return ofl_tc_attr_is_text(kind, "csum") &&
		       ofl_tc_csum_is_ours(options);
	}
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (ofl_tc_attr_is_text(kind, readers[i].name))
			return readers[i].read(r, options, &act) &&
			       ofl_tc_acts_add(r->acts, &act);
	return false;
}

static bool read_cookie(const struct nlattr *a, struct ofl_tc_acts_seen *seen)
{
	if (mnl_attr_get_payload_len(a) != OFL_TC_COOKIE)
		return false;
	seen->has_cookie = ofl_tc_attr_get(a, seen->cookie, OFL_TC_COOKIE);
	return true;
}

bool ofl_tc_acts_decode(const struct nlattr *nest, uint16_t ethertype,
			struct ofl_tc_acts *ret, struct ofl_tc_acts_seen *seen)
{
	struct reader r = {.acts = ret, .ethertype = ethertype};
	const struct nlattr *a;
	unsigned int n = 0;
	bool ok = true;

	memset(ret, 0, sizeof(*ret));
	memset(seen, 0, sizeof(*seen));
	mnl_attr_for_each_nested(a, nest)
	{
		const struct nlattr *tb[TCA_ACT_MAX + 1];
		bool unknown = false;

		if (!ofl_tc_nested_get(a, tb, TCA_ACT_MAX + 1, &unknown))
			return false;
		if (tb[TCA_ACT_COOKIE] && !n++)
			ok = read_cookie(tb[TCA_ACT_COOKIE], seen) && ok;
		if (tb[TCA_ACT_STATS])
			ofl_tc_stats_get(tb[TCA_ACT_STATS], &seen->counted);
		ok = ok && read_action(&r, tb);
	}
	return ok && !r.wants_csum && ofl_tc_acts_is_sound(ret, ethertype);
}
