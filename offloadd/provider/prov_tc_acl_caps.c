// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rows of what a device takes of ACL filters; see prov_tc_acl_caps.h.
 * Pure: no socket, no state of its own.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/provider/prov_tc_acl_caps.h"

#define BIT(cap) (UINT64_C(1) << (cap))
#define FIELD(name) OFL_TC_FIELD(OFL_FIELD_##name)
#define NUMBER(name) OFL_TC_NUMBER(OFL_NUMBER_##name)
#define ALONE OFL_TC_CAP_ALONE
#define TO_CPU OFL_TC_ACT_MAX /* as the place says: trap, or accept */

/* Of nobody: locally administered, documentation prefixes. */
#define MAC                                                                    \
	{                                                                      \
		2, 0, 0, 0, 0, 0x0a                                            \
	}
#define MAC_MASK                                                               \
	{                                                                      \
		255, 255, 255, 255, 255, 255                                   \
	}
#define IP4 .has_ethertype = true, .ethertype = ETH_P_IP
#define IP6 .has_ethertype = true, .ethertype = ETH_P_IPV6
#define PROTO(number) .has_protocol = true, .protocol = number
#define ADDR4                                                                  \
	{                                                                      \
		192, 0, 2, 0                                                   \
	}
#define MASK4                                                                  \
	{                                                                      \
		255, 255, 255, 0                                               \
	}
#define ADDR6                                                                  \
	{                                                                      \
		0x3f, 0xff, 0, 1                                               \
	}
#define MASK6                                                                  \
	{                                                                      \
		255, 255, 255, 255                                             \
	}
#define WHOLE(number)                                                          \
	{                                                                      \
		number, UINT16_MAX                                             \
	}
#define BYTE(number)                                                           \
	{                                                                      \
		number, UINT8_MAX                                              \
	}

/* The action is last of all; what does not end is followed by a goto, a mark by
 * the way to the CPU: as filters have them. */
static const struct row {
	struct ofl_tc_cap_row head;
	uint32_t fields; /* of a match */
	uint8_t does;	 /* enum ofl_tc_act_kind, or TO_CPU */
	struct ofl_tc_keys keys;
} rows[OFL_TC_ACL_CAP_MAX] = {
	[OFL_TC_ACL_TRAP] = {{"trap", false, ALONE}, 0, OFL_TC_ACT_TRAP, {IP4}},
	[OFL_TC_ACL_ACCEPT] = {{"accept", false, ALONE},
			       0,
			       OFL_TC_ACT_ACCEPT,
			       {IP4}},
	[OFL_TC_ACL_DROP] = {{"drop", false, ALONE}, 0, OFL_TC_ACT_DROP, {IP4}},
	[OFL_TC_ACL_GOTO] = {{"goto chain", false, ALONE},
			     0,
			     OFL_TC_ACT_GOTO,
			     {IP4}},
	[OFL_TC_ACL_REDIRECT] = {{"redirect", false, ALONE},
				 0,
				 OFL_TC_ACT_REDIRECT,
				 {IP4}},
	[OFL_TC_ACL_REDIRECT_IN] = {{"redirect ingress", false, ALONE},
				    0,
				    OFL_TC_ACT_REDIRECT,
				    {IP4}},
	[OFL_TC_ACL_MIRROR] = {{"mirror", false, OFL_TC_ACL_GOTO},
			       0,
			       OFL_TC_ACT_MIRROR,
			       {IP4}},
	[OFL_TC_ACL_MIRROR_IN] = {{"mirror ingress", false, OFL_TC_ACL_GOTO},
				  0,
				  OFL_TC_ACT_MIRROR,
				  {IP4}},
	[OFL_TC_ACL_MARK] = {{"mark", false, OFL_TC_ACL_TRAP},
			     0,
			     OFL_TC_ACT_MARK,
			     {IP4}},
	[OFL_TC_ACL_POLICE] = {{"police", false, OFL_TC_ACL_GOTO},
			       0,
			       OFL_TC_ACT_POLICE,
			       {IP4}},
	[OFL_TC_ACL_SAMPLE] = {{"sample", false, OFL_TC_ACL_GOTO},
			       0,
			       OFL_TC_ACT_SAMPLE,
			       {IP4}},
	[OFL_TC_ACL_INDEV] = {{"ingress device", true, OFL_TC_ACL_TRAP},
			      FIELD(PORT),
			      TO_CPU,
			      {IP4, .indev = "*"}},
	[OFL_TC_ACL_SRC_MAC] = {{"source MAC", true, OFL_TC_ACL_TRAP},
				FIELD(SRC_MAC),
				TO_CPU,
				{.smac = MAC, .smac_mask = MAC_MASK}},
	[OFL_TC_ACL_DST_MAC] = {{"destination MAC", true, OFL_TC_ACL_TRAP},
				FIELD(DST_MAC),
				TO_CPU,
				{.dmac = MAC, .dmac_mask = MAC_MASK}},
	[OFL_TC_ACL_TAGGED] = {{"VLAN tag", true, OFL_TC_ACL_TRAP},
			       FIELD(VLAN_TAGGED) | FIELD(VLAN_ID) |
				       FIELD(VLAN_PCP),
			       TO_CPU,
			       {.tag = OFL_TC_TAG_THERE}},
	[OFL_TC_ACL_VLAN_ID] = {{"VLAN id", true, OFL_TC_ACL_TAGGED},
				FIELD(VLAN_ID),
				TO_CPU,
				{.tag = OFL_TC_TAG_THERE,
				 .has_vlan_id = true,
				 .vlan_id = 1}},
	[OFL_TC_ACL_VLAN_PCP] = {{"VLAN priority", true, OFL_TC_ACL_TAGGED},
				 FIELD(VLAN_PCP),
				 TO_CPU,
				 {.tag = OFL_TC_TAG_THERE,
				  .has_vlan_pcp = true,
				  .vlan_pcp = 1}},
	[OFL_TC_ACL_UNTAGGED] = {{"no VLAN tag", true, OFL_TC_ACL_TRAP},
				 FIELD(VLAN_TAGGED),
				 TO_CPU,
				 {.tag = OFL_TC_TAG_NONE}},
	[OFL_TC_ACL_ETHERTYPE] = {{"ethertype", true, OFL_TC_ACL_TRAP},
				  FIELD(ETHERTYPE),
				  TO_CPU,
				  {.has_ethertype = true,
				   .ethertype = ETH_P_ARP}},
	[OFL_TC_ACL_IPV4] = {{"IPv4", true, OFL_TC_ACL_TRAP},
			     FIELD(ETHERTYPE),
			     TO_CPU,
			     {IP4}},
	[OFL_TC_ACL_IPV6] = {{"IPv6", true, OFL_TC_ACL_TRAP},
			     FIELD(ETHERTYPE),
			     TO_CPU,
			     {IP6}},
	[OFL_TC_ACL_IPV4_SRC] = {{"IPv4 source", true, OFL_TC_ACL_IPV4},
				 FIELD(SRC_V4),
				 TO_CPU,
				 {IP4, .src = ADDR4, .src_mask = MASK4}},
	[OFL_TC_ACL_IPV4_DST] = {{"IPv4 destination", true, OFL_TC_ACL_IPV4},
				 FIELD(DST_V4),
				 TO_CPU,
				 {IP4, .dst = ADDR4, .dst_mask = MASK4}},
	[OFL_TC_ACL_IPV6_SRC] = {{"IPv6 source", true, OFL_TC_ACL_IPV6},
				 FIELD(SRC_V4),
				 TO_CPU,
				 {IP6, .src = ADDR6, .src_mask = MASK6}},
	[OFL_TC_ACL_IPV6_DST] = {{"IPv6 destination", true, OFL_TC_ACL_IPV6},
				 FIELD(DST_V4),
				 TO_CPU,
				 {IP6, .dst = ADDR6, .dst_mask = MASK6}},
	[OFL_TC_ACL_DSCP] = {{"DSCP", true, OFL_TC_ACL_IPV4},
			     FIELD(DSCP),
			     TO_CPU,
			     {IP4, .tos = {0xb8, 0xfc}}},
	[OFL_TC_ACL_TTL] = {{"TTL", true, OFL_TC_ACL_IPV4},
			    NUMBER(TTL),
			    TO_CPU,
			    {IP4, .ttl = BYTE(64)}},
	[OFL_TC_ACL_FRAGMENT] = {{"fragment", true, OFL_TC_ACL_IPV4},
				 FIELD(FRAGMENT),
				 TO_CPU,
				 {IP4,
				  .fragment_mask =
					  TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT}},
	[OFL_TC_ACL_FIRST_FRAGMENT] =
		{{"first fragment", true, OFL_TC_ACL_FRAGMENT},
		 FIELD(FRAGMENT),
		 TO_CPU,
		 {IP4, .fragment = TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT,
		  .fragment_mask = TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT |
				   TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST}},
	[OFL_TC_ACL_PROTOCOL] = {{"protocol", true, OFL_TC_ACL_IPV4},
				 FIELD(PROTOCOL),
				 TO_CPU,
				 {IP4, PROTO(IPPROTO_TCP)}},
	[OFL_TC_ACL_SRC_PORT] = {{"source port", true, OFL_TC_ACL_PROTOCOL},
				 NUMBER(SRC_PORT),
				 TO_CPU,
				 {IP4, PROTO(IPPROTO_TCP),
				  .sport.bits = WHOLE(9)}},
	[OFL_TC_ACL_DST_PORT] = {{"destination port", true,
				  OFL_TC_ACL_PROTOCOL},
				 NUMBER(DST_PORT),
				 TO_CPU,
				 {IP4, PROTO(IPPROTO_TCP),
				  .dport.bits = WHOLE(9)}},
	[OFL_TC_ACL_SRC_PORTS] =
		{{"source port range", true, OFL_TC_ACL_PROTOCOL},
		 NUMBER(SRC_PORT),
		 TO_CPU,
		 {IP4, PROTO(IPPROTO_TCP),
		  .sport = {.is_range = true, .min = 9, .max = 10}}},
	[OFL_TC_ACL_DST_PORTS] =
		{{"destination port range", true, OFL_TC_ACL_PROTOCOL},
		 NUMBER(DST_PORT),
		 TO_CPU,
		 {IP4, PROTO(IPPROTO_TCP),
		  .dport = {.is_range = true, .min = 9, .max = 10}}},
	[OFL_TC_ACL_TCP_FLAGS] = {{"TCP flags", true, OFL_TC_ACL_PROTOCOL},
				  FIELD(TCP_FLAGS),
				  TO_CPU,
				  {IP4, PROTO(IPPROTO_TCP),
				   .tcp_flags = {2, 2}}},
	[OFL_TC_ACL_ICMP_TYPE] = {{"ICMP type", true, OFL_TC_ACL_PROTOCOL},
				  FIELD(ICMP_TYPE),
				  TO_CPU,
				  {IP4, PROTO(IPPROTO_ICMP),
				   .icmp_type = BYTE(8)}},
	[OFL_TC_ACL_ICMP_CODE] = {{"ICMP code", true, OFL_TC_ACL_PROTOCOL},
				  FIELD(ICMP_CODE),
				  TO_CPU,
				  {IP4, PROTO(IPPROTO_ICMP),
				   .icmp_code = BYTE(1)}},
	[OFL_TC_ACL_SET_DSCP] = {{"set DSCP", false, OFL_TC_ACL_GOTO},
				 0,
				 OFL_TC_ACT_DSCP,
				 {IP4}},
	[OFL_TC_ACL_SET_DSCP6] = {{"set DSCP of IPv6", false, OFL_TC_ACL_GOTO},
				  0,
				  OFL_TC_ACT_DSCP,
				  {IP6}},
	[OFL_TC_ACL_PROGRAM] = {{"program", true, ALONE},
				0,
				TO_CPU,
				{.tag = 0}},
};

static const struct ofl_tc_cap_row *head_of(unsigned int cap)
{
	return &rows[cap].head;
}

const char *ofl_tc_acl_caps_name(enum ofl_tc_acl_cap cap)
{
	return rows[cap].head.name;
}

bool ofl_tc_acl_caps_is_key(enum ofl_tc_acl_cap cap)
{
	return rows[cap].head.is_key;
}

/* --- trying --- */

static bool is_unused(enum ofl_tc_acl_cap cap,
		      const struct ofl_tc_cap_place *place)
{
	if (cap == OFL_TC_ACL_TRAP)
		return place->to_cpu != OFL_TC_TRAP;
	/* No hardware runs ours. */
	return cap == OFL_TC_ACL_PROGRAM &&
	       (place->flags & TCA_CLS_FLAGS_SKIP_SW);
}

static uint8_t end_of(uint8_t does, const struct ofl_tc_cap_place *place)
{
	if (does == TO_CPU || does == OFL_TC_ACT_MARK)
		return place->to_cpu == OFL_TC_TRAP ? OFL_TC_ACT_TRAP
						    : OFL_TC_ACT_ACCEPT;
	return OFL_TC_ACT_GOTO;
}

static void acts_make(enum ofl_tc_acl_cap cap,
		      const struct ofl_tc_cap_place *place,
		      struct ofl_tc_acts *ret)
{
	const struct ofl_tc_act what = {
		.kind = rows[cap].does,
		.ingress = cap == OFL_TC_ACL_MIRROR_IN ||
			   cap == OFL_TC_ACL_REDIRECT_IN,
		.dscp = 46,
		.ifindex = place->ifindex,
		.mark = 1,
		.chain = place->chain + 1,
		.rate_bytes = 1000000,
		.burst_ticks = ofl_tc_burst_ticks(1000000, 100000),
		.one_in = 1,
		.group = 1,
	};
	struct ofl_tc_act end = what;

	ret->count = 0;
	if (what.kind != TO_CPU)
		(void)ofl_tc_acts_add(ret, &what);
	end.kind = end_of(what.kind, place);
	(void)ofl_tc_acts_add(ret, &end); /* refused behind one that ends */
}

bool ofl_tc_acl_caps_filter(enum ofl_tc_acl_cap cap,
			    const struct ofl_tc_cap_place *place,
			    struct ofl_tc_acl *ret)
{
	struct ofl_tc_acl f;

	if (is_unused(cap, place))
		return false;
	memset(&f, 0, sizeof(f));
	f.chain = place->chain;
	f.handle = 1;
	/* Each its own; far from where people put theirs. */
	f.pref = (uint16_t)(UINT16_MAX - OFL_TC_ACL_CAP_MAX + cap);
	f.flags = place->flags;
	f.keys = rows[cap].keys;
	if (f.keys.indev[0])
		memcpy(f.keys.indev, place->indev, sizeof(f.keys.indev));
	f.ethertype = f.keys.ethertype;
	acts_make(cap, place, &f.acts);
	memcpy(f.cookie, place->cookie, sizeof(f.cookie));
	if (cap == OFL_TC_ACL_PROGRAM) {
		struct ofl_match m;

		ofl_match_init(&m);
		ofl_match_set(&m, OFL_FIELD_MARK, 1, UINT32_MAX);
		if (!ofl_tc_acl_program_set(&f, &m))
			return false;
	}
	*ret = f;
	return true;
}

/* --- what a filter needs --- */

static uint64_t act_needs(const struct ofl_tc_act *a, uint16_t ethertype)
{
	switch (a->kind) {
	case OFL_TC_ACT_MIRROR:
		return BIT(a->ingress ? OFL_TC_ACL_MIRROR_IN
				      : OFL_TC_ACL_MIRROR);
	case OFL_TC_ACT_REDIRECT:
		return BIT(a->ingress ? OFL_TC_ACL_REDIRECT_IN
				      : OFL_TC_ACL_REDIRECT);
	case OFL_TC_ACT_DSCP:
		return BIT(ethertype == ETH_P_IP ? OFL_TC_ACL_SET_DSCP
						 : OFL_TC_ACL_SET_DSCP6);
	case OFL_TC_ACT_MARK:
		return BIT(OFL_TC_ACL_MARK);
	case OFL_TC_ACT_POLICE:
		return BIT(OFL_TC_ACL_POLICE);
	case OFL_TC_ACT_SAMPLE:
		return BIT(OFL_TC_ACL_SAMPLE);
	case OFL_TC_ACT_ACCEPT:
		return BIT(OFL_TC_ACL_ACCEPT);
	case OFL_TC_ACT_GOTO:
		return BIT(OFL_TC_ACL_GOTO);
	case OFL_TC_ACT_DROP:
		return BIT(OFL_TC_ACL_DROP);
	}
	return BIT(OFL_TC_ACL_TRAP);
}

static bool is_any(const uint8_t *mask, size_t len)
{
	static const uint8_t none[16];

	return !memcmp(mask, none, len);
}

static uint64_t link_needs(const struct ofl_tc_keys *k)
{
	uint64_t needs = 0;

	if (k->indev[0])
		needs |= BIT(OFL_TC_ACL_INDEV);
	if (!is_any(k->smac_mask, 6))
		needs |= BIT(OFL_TC_ACL_SRC_MAC);
	if (!is_any(k->dmac_mask, 6))
		needs |= BIT(OFL_TC_ACL_DST_MAC);
	if (k->tag == OFL_TC_TAG_THERE)
		needs |= BIT(OFL_TC_ACL_TAGGED);
	if (k->tag == OFL_TC_TAG_NONE)
		needs |= BIT(OFL_TC_ACL_UNTAGGED);
	if (k->has_vlan_id)
		needs |= BIT(OFL_TC_ACL_VLAN_ID);
	if (k->has_vlan_pcp)
		needs |= BIT(OFL_TC_ACL_VLAN_PCP);
	return needs;
}

static uint64_t network_needs(const struct ofl_tc_keys *k)
{
	bool v4 = k->ethertype == ETH_P_IP, v6 = k->ethertype == ETH_P_IPV6;
	uint64_t needs = 0;

	if (k->has_ethertype)
		needs |= BIT(v4	  ? OFL_TC_ACL_IPV4
			     : v6 ? OFL_TC_ACL_IPV6
				  : OFL_TC_ACL_ETHERTYPE);
	if (!is_any(k->src_mask, 16))
		needs |= BIT(v4 ? OFL_TC_ACL_IPV4_SRC : OFL_TC_ACL_IPV6_SRC);
	if (!is_any(k->dst_mask, 16))
		needs |= BIT(v4 ? OFL_TC_ACL_IPV4_DST : OFL_TC_ACL_IPV6_DST);
	if (k->tos.mask)
		needs |= BIT(OFL_TC_ACL_DSCP);
	if (k->ttl.mask)
		needs |= BIT(OFL_TC_ACL_TTL);
	if (k->fragment_mask)
		needs |= BIT(OFL_TC_ACL_FRAGMENT);
	if (k->fragment_mask & TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST)
		needs |= BIT(OFL_TC_ACL_FIRST_FRAGMENT);
	if (k->has_protocol)
		needs |= BIT(OFL_TC_ACL_PROTOCOL);
	return needs;
}

static uint64_t transport_needs(const struct ofl_tc_keys *k)
{
	uint64_t needs = 0;

	if (k->sport.is_range)
		needs |= BIT(OFL_TC_ACL_SRC_PORTS);
	if (k->sport.bits.mask)
		needs |= BIT(OFL_TC_ACL_SRC_PORT);
	if (k->dport.is_range)
		needs |= BIT(OFL_TC_ACL_DST_PORTS);
	if (k->dport.bits.mask)
		needs |= BIT(OFL_TC_ACL_DST_PORT);
	if (k->tcp_flags.mask)
		needs |= BIT(OFL_TC_ACL_TCP_FLAGS);
	if (k->icmp_type.mask)
		needs |= BIT(OFL_TC_ACL_ICMP_TYPE);
	if (k->icmp_code.mask)
		needs |= BIT(OFL_TC_ACL_ICMP_CODE);
	return needs;
}

static uint64_t key_needs(const struct ofl_tc_keys *k)
{
	return link_needs(k) | network_needs(k) | transport_needs(k);
}

uint64_t ofl_tc_acl_caps_needs(const struct ofl_tc_acl *f)
{
	uint64_t needs =
		f->is_program ? BIT(OFL_TC_ACL_PROGRAM) : key_needs(&f->keys);

	for (unsigned int i = 0; i < f->acts.count; i++)
		needs |= act_needs(&f->acts.act[i], f->ethertype);
	return needs;
}

uint32_t ofl_tc_acl_caps_missing(const struct ofl_tc_keys *k, uint64_t refused)
{
	uint64_t bad = key_needs(k) & refused;
	uint32_t fields = 0;

	for (; bad; bad &= bad - 1)
		fields |= rows[__builtin_ctzll(bad)].fields;
	return fields;
}

uint32_t ofl_tc_acl_caps_part_make(const struct ofl_match *m, const char *indev,
				   uint64_t refused, struct ofl_match *ret)
{
	struct ofl_match part = *m;
	struct ofl_tc_keys keys;
	uint32_t out = 0, fields;

	/* What stood beside a field that is gone may have to go with it: each
	 * time at least one less. */
	for (;;) {
		fields = ofl_tc_keys_make(&part, indev, &keys);
		if (!fields)
			fields = ofl_tc_acl_caps_missing(&keys, refused);
		if (!fields)
			break;
		out |= fields;
		ofl_tc_keys_widen(&part, fields);
	}
	*ret = part;
	return out;
}

/* --- what is known --- */

void ofl_tc_acl_caps_init(struct ofl_tc_cap_known *known,
			  const struct ofl_tc_cap_place *place)
{
	memset(known, 0, OFL_TC_ACL_CAP_MAX * sizeof(*known));
	for (unsigned int cap = 0; cap < OFL_TC_ACL_CAP_MAX; cap++)
		if (is_unused((enum ofl_tc_acl_cap)cap, place))
			known[cap].state = OFL_CAPABILITY_UNUSED;
}

void ofl_tc_acl_caps_settle(struct ofl_tc_cap_known *known)
{
	ofl_tc_cap_rows_settle(known, OFL_TC_ACL_CAP_MAX, head_of);
}

bool ofl_tc_acl_caps_is_open(const struct ofl_tc_cap_known *known,
			     enum ofl_tc_acl_cap cap)
{
	return ofl_tc_cap_row_is_open(known, cap, head_of);
}

uint64_t ofl_tc_acl_caps_refused(const struct ofl_tc_cap_known *known)
{
	uint64_t refused = 0;

	for (unsigned int cap = 0; cap < OFL_TC_ACL_CAP_MAX; cap++)
		if (known[cap].state == OFL_CAPABILITY_REFUSED)
			refused |= BIT(cap);
	return refused;
}
