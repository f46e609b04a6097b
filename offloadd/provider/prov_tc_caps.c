// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rows of a device's capabilities; see prov_tc_caps.h.  Pure: no socket,
 * no state of its own.
 */
#include "offloadd/provider/prov_tc_caps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_ether.h>

#define BIT(cap) (1u << (cap))
#define NOTHING OFL_TC_CAP_ALONE

/* Of nobody: locally administered, documentation prefixes. */
#define MAC_A                                                                  \
	{                                                                      \
		0x02, 0, 0, 0, 0, 0x0a                                         \
	}
#define MAC_B                                                                  \
	{                                                                      \
		0x02, 0, 0, 0, 0, 0x0b                                         \
	}
#define DST_V4                                                                 \
	{                                                                      \
		.family = AF_INET, .plen = 24, .addr = { 192, 0, 2 }           \
	}
#define DST_V6                                                                 \
	{                                                                      \
		.family = AF_INET6, .plen = 48, .addr = { 0x3f, 0xff, 0, 1 }   \
	}

/* The device, its name and the way to the CPU are filled in. */
static const struct row {
	struct ofl_tc_cap_row head;
	struct ofl_tc_filter filter;
} rows[OFL_TC_CAP_MAX] = {
	[OFL_TC_CAP_TRAP] = {{"trap", false, NOTHING},
			     {.protocol = ETH_P_IP, .does = OFL_TC_TRAP}},
	[OFL_TC_CAP_PASS] = {{"pass", false, NOTHING},
			     {.protocol = ETH_P_IP, .does = OFL_TC_PASS}},
	[OFL_TC_CAP_DROP] = {{"drop", false, NOTHING},
			     {.protocol = ETH_P_IP, .does = OFL_TC_DROP}},
	[OFL_TC_CAP_GOTO] = {{"goto chain", false, NOTHING},
			     {.protocol = ETH_P_IP, .does = OFL_TC_GOTO}},
	[OFL_TC_CAP_REDIRECT] = {{"redirect", false, NOTHING},
				 {.protocol = ETH_P_IP,
				  .does = OFL_TC_FORWARD,
				  .keep_macs = true,
				  .keep_ttl = true}},
	[OFL_TC_CAP_MACS] = {{"MAC rewrite", false, OFL_TC_CAP_REDIRECT},
			     {.protocol = ETH_P_IP,
			      .does = OFL_TC_FORWARD,
			      .keep_ttl = true,
			      .new_dmac = MAC_A,
			      .new_smac = MAC_B}},
	[OFL_TC_CAP_TTL_DEC] = {{"TTL decrement", false, OFL_TC_CAP_MACS},
				{.protocol = ETH_P_IP,
				 .does = OFL_TC_FORWARD,
				 .new_dmac = MAC_A,
				 .new_smac = MAC_B}},
	[OFL_TC_CAP_HOPS_DEC] = {{"hop limit decrement", false,
				  OFL_TC_CAP_MACS},
				 {.protocol = ETH_P_IPV6,
				  .does = OFL_TC_FORWARD,
				  .new_dmac = MAC_A,
				  .new_smac = MAC_B}},
	[OFL_TC_CAP_VLAN_PUSH] = {{"VLAN push", false, OFL_TC_CAP_TTL_DEC},
				  {.protocol = ETH_P_IP,
				   .does = OFL_TC_FORWARD,
				   .out_vlan = 1,
				   .new_dmac = MAC_A,
				   .new_smac = MAC_B}},
	[OFL_TC_CAP_DMAC] = {{"destination MAC", true, OFL_TC_CAP_GOTO},
			     {.protocol = ETH_P_IP,
			      .has_dmac = true,
			      .dmac = MAC_A,
			      .does = OFL_TC_GOTO}},
	[OFL_TC_CAP_INDEV] = {{"ingress device", true, OFL_TC_CAP_DMAC},
			      {.protocol = ETH_P_IP,
			       .has_dmac = true,
			       .dmac = MAC_A,
			       .indev = "*",
			       .does = OFL_TC_GOTO}},
	[OFL_TC_CAP_TTL] = {{"TTL", true, OFL_TC_CAP_TRAP},
			    {.protocol = ETH_P_IP,
			     .ttl_mask = 0xfe,
			     .does = OFL_TC_TRAP}},
	[OFL_TC_CAP_HOPS] = {{"hop limit", true, OFL_TC_CAP_TRAP},
			     {.protocol = ETH_P_IPV6,
			      .ttl_mask = 0xfe,
			      .does = OFL_TC_TRAP}},
	[OFL_TC_CAP_IPV4_DST] = {{"IPv4 destination", true, OFL_TC_CAP_TRAP},
				 {.protocol = ETH_P_IP,
				  .dst = DST_V4,
				  .does = OFL_TC_TRAP}},
	[OFL_TC_CAP_IPV6_DST] = {{"IPv6 destination", true, OFL_TC_CAP_TRAP},
				 {.protocol = ETH_P_IPV6,
				  .dst = DST_V6,
				  .does = OFL_TC_TRAP}},
};

const char *ofl_tc_caps_name(enum ofl_tc_cap cap)
{
	return rows[cap].head.name;
}

bool ofl_tc_caps_is_key(enum ofl_tc_cap cap)
{
	return rows[cap].head.is_key;
}

/* In software nothing traps. */
static bool is_unused(enum ofl_tc_cap cap, uint8_t to_cpu)
{
	return cap == OFL_TC_CAP_TRAP && to_cpu != OFL_TC_TRAP;
}

bool ofl_tc_caps_filter(enum ofl_tc_cap cap,
			const struct ofl_tc_cap_place *place,
			struct ofl_tc_filter *ret)
{
	struct ofl_tc_filter f = rows[cap].filter;

	if (is_unused(cap, place->to_cpu))
		return false;
	f.chain = place->chain;
	f.handle = 1;
	/* Each its own, for a pref has one protocol; far from where people
	 * put theirs. */
	f.pref = (uint16_t)(UINT16_MAX - OFL_TC_CAP_MAX + cap);
	f.flags = place->flags;
	if (f.indev[0])
		memcpy(f.indev, place->indev, sizeof(f.indev));
	if (f.does == OFL_TC_TRAP)
		f.does = place->to_cpu;
	if (f.does == OFL_TC_GOTO)
		f.goto_chain = place->chain + 1;
	if (f.does == OFL_TC_FORWARD)
		f.out_ifindex = place->ifindex;
	memcpy(f.cookie, place->cookie, sizeof(f.cookie));
	*ret = f;
	return true;
}

static uint32_t action_needs(const struct ofl_tc_filter *f)
{
	uint32_t needs = BIT(OFL_TC_CAP_REDIRECT);

	switch (f->does) {
	case OFL_TC_TRAP:
		return BIT(OFL_TC_CAP_TRAP);
	case OFL_TC_PASS:
		return BIT(OFL_TC_CAP_PASS);
	case OFL_TC_DROP:
		return BIT(OFL_TC_CAP_DROP);
	case OFL_TC_GOTO:
		return BIT(OFL_TC_CAP_GOTO);
	}
	if (!f->keep_macs)
		needs |= BIT(OFL_TC_CAP_MACS);
	if (!f->keep_ttl)
		needs |= f->protocol == ETH_P_IP ? BIT(OFL_TC_CAP_TTL_DEC)
						 : BIT(OFL_TC_CAP_HOPS_DEC);
	if (f->out_vlan)
		needs |= BIT(OFL_TC_CAP_VLAN_PUSH);
	return needs;
}

uint32_t ofl_tc_caps_needs(const struct ofl_tc_filter *f)
{
	bool v4 = f->protocol == ETH_P_IP;
	uint32_t needs = action_needs(f);

	if (f->has_dmac)
		needs |= BIT(OFL_TC_CAP_DMAC);
	if (f->indev[0])
		needs |= BIT(OFL_TC_CAP_INDEV);
	if (f->ttl_mask)
		needs |= v4 ? BIT(OFL_TC_CAP_TTL) : BIT(OFL_TC_CAP_HOPS);
	if (f->dst.family && f->dst.plen)
		needs |= v4 ? BIT(OFL_TC_CAP_IPV4_DST)
			    : BIT(OFL_TC_CAP_IPV6_DST);
	return needs;
}

uint32_t ofl_tc_caps_guards(uint16_t protocol, uint8_t to_cpu)
{
	const struct ofl_tc_filter ttl = {
		.protocol = protocol, .ttl_mask = 0xfe, .does = to_cpu};
	const struct ofl_tc_filter port = {.protocol = protocol,
					   .has_dmac = true,
					   .indev = "*",
					   .does = OFL_TC_GOTO};

	return ofl_tc_caps_needs(&ttl) | ofl_tc_caps_needs(&port);
}

/* --- what is known --- */

void ofl_tc_caps_init(struct ofl_tc_cap_known *known, uint8_t to_cpu)
{
	memset(known, 0, OFL_TC_CAP_MAX * sizeof(*known));
	for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++)
		if (is_unused(cap, to_cpu))
			known[cap].state = OFL_CAPABILITY_UNUSED;
}

static const struct ofl_tc_cap_row *head_of(unsigned int cap)
{
	return &rows[cap].head;
}

void ofl_tc_caps_settle(struct ofl_tc_cap_known *known)
{
	ofl_tc_cap_rows_settle(known, OFL_TC_CAP_MAX, head_of);
}

bool ofl_tc_caps_is_open(const struct ofl_tc_cap_known *known,
			 enum ofl_tc_cap cap)
{
	return ofl_tc_cap_row_is_open(known, cap, head_of);
}

uint32_t ofl_tc_caps_refused(const struct ofl_tc_cap_known *known)
{
	uint32_t refused = 0;

	for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++)
		if (known[cap].state == OFL_CAPABILITY_REFUSED)
			refused |= BIT(cap);
	return refused;
}
