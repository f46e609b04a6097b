// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A match -> keys of flower; see prov_tc_keys.h.  Pure.
 *
 * What flower wants together is the kernel's net/sched/cls_flower.c and, for
 * what it reads of a packet, net/core/flow_dissector.c.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_keys.h"

#define TTL_TOP 255
/* Of the 16 bits beside the TCP ports: flower leaves out the data offset. */
#define TCP_FLAGS_TOP 0x0fff

/* A match on its way to keys. */
struct draft {
	const struct ofl_match *m;
	struct ofl_tc_keys k;
	uint32_t missing;
};

static struct ofl_bits get(const struct draft *d, enum ofl_field field)
{
	return ofl_match_field_get(d->m, field);
}

static void miss(struct draft *d, enum ofl_field field)
{
	d->missing |= OFL_TC_FIELD(field);
}

/* The value of a field that is matched as a whole, or not at all. */
static bool take_exact(struct draft *d, enum ofl_field field, uint64_t *ret)
{
	struct ofl_bits bits = get(d, field);

	if (!bits.mask)
		return false;
	if (bits.mask != ofl_match_field_top(field)) {
		miss(d, field);
		return false;
	}
	*ret = bits.value;
	return true;
}

/* A field with a mask, where `can` says whether it may be looked at. */
static struct ofl_tc_masked take_masked(struct draft *d, enum ofl_field field,
					bool can, uint16_t top)
{
	struct ofl_bits bits = get(d, field);

	if (bits.mask && (!can || bits.mask & ~(uint64_t)top)) {
		miss(d, field);
		return (struct ofl_tc_masked){0, 0};
	}
	return (struct ofl_tc_masked){(uint16_t)bits.value,
				      (uint16_t)bits.mask};
}

/* --- layer 2 --- */

static void take_mac(struct draft *d, enum ofl_field field, uint8_t *mac,
		     uint8_t *mask)
{
	struct ofl_bits bits = get(d, field);

	for (unsigned int i = 6; i--;) {
		mac[i] = (uint8_t)bits.value;
		mask[i] = (uint8_t)bits.mask;
		bits.value >>= 8;
		bits.mask >>= 8;
	}
}

static void take_vlan(struct draft *d)
{
	uint64_t tagged = 0, value = 0;

	if (take_exact(d, OFL_FIELD_VLAN_TAGGED, &tagged))
		d->k.tag = tagged ? OFL_TC_TAG_THERE : OFL_TC_TAG_NONE;
	if (take_exact(d, OFL_FIELD_VLAN_ID, &value)) {
		d->k.has_vlan_id = true;
		d->k.vlan_id = (uint16_t)value;
		if (!tagged)
			miss(d, OFL_FIELD_VLAN_ID);
	}
	if (take_exact(d, OFL_FIELD_VLAN_PCP, &value)) {
		d->k.has_vlan_pcp = true;
		d->k.vlan_pcp = (uint8_t)value;
		if (!tagged)
			miss(d, OFL_FIELD_VLAN_PCP);
	}
}

static void take_link(struct draft *d, const char *indev)
{
	uint64_t value = 0;

	take_mac(d, OFL_FIELD_SRC_MAC, d->k.smac, d->k.smac_mask);
	take_mac(d, OFL_FIELD_DST_MAC, d->k.dmac, d->k.dmac_mask);
	take_vlan(d);
	d->k.has_ethertype = take_exact(d, OFL_FIELD_ETHERTYPE, &value);
	if (d->k.has_ethertype) {
		d->k.ethertype = (uint16_t)value;
		/* Of flower's it would be a tag's. */
		if (value == ETH_P_8021Q || value == ETH_P_8021AD)
			miss(d, OFL_FIELD_ETHERTYPE);
	}
	if (get(d, OFL_FIELD_MARK).mask)
		miss(d, OFL_FIELD_MARK);
	if (!take_exact(d, OFL_FIELD_PORT, &value))
		return;
	if (indev && indev[0])
		strlcpy(d->k.indev, indev, sizeof(d->k.indev));
	else
		miss(d, OFL_FIELD_PORT);
}

/* --- IP --- */

static bool is_v4(const struct draft *d)
{
	return d->k.has_ethertype && d->k.ethertype == ETH_P_IP;
}

static bool is_v6(const struct draft *d)
{
	return d->k.has_ethertype && d->k.ethertype == ETH_P_IPV6;
}

static void take_addr(struct draft *d, enum ofl_end end, uint8_t *addr,
		      uint8_t *mask)
{
	int family = is_v4(d) ? AF_INET : AF_INET6;
	bool wants = ofl_match_addr_get(d->m, end, family, addr, mask);

	if (is_v4(d) ? ofl_match_has_long_addr(d->m) : wants && !is_v6(d))
		miss(d,
		     end == OFL_END_SRC ? OFL_FIELD_SRC_V4 : OFL_FIELD_DST_V4);
}

static void take_ttl(struct draft *d)
{
	struct ofl_range r = d->m->range[OFL_NUMBER_TTL];
	bool ip = is_v4(d) || is_v6(d);
	struct ofl_bits bits;

	if (r.max >= TTL_TOP)
		r.max = TTL_TOP;
	if (r.min == 0 && r.max == TTL_TOP)
		return;
	if (!ip || r.min > r.max || !ofl_match_range_bits(r, &bits)) {
		d->missing |= OFL_TC_NUMBER(OFL_NUMBER_TTL);
		return;
	}
	d->k.ttl.value = (uint16_t)bits.value;
	d->k.ttl.mask = bits.mask & TTL_TOP;
}

/* Flower knows fragments and first ones, a match fragments and later ones. */
static void take_fragment(struct draft *d)
{
	const uint32_t any = TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT;
	const uint32_t first = TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST;
	struct ofl_bits bits = get(d, OFL_FIELD_FRAGMENT);
	bool is_any = bits.value & OFL_FRAGMENT_ANY;
	bool is_later = bits.value & OFL_FRAGMENT_LATER;

	if (!bits.mask)
		return;
	d->k.fragment_mask = any;
	if (is_later)
		is_any = !(bits.mask & OFL_FRAGMENT_ANY) || is_any;
	if (!(is_v4(d) || is_v6(d)) || (is_later && !is_any) ||
	    (!is_later && bits.mask == OFL_FRAGMENT_LATER)) {
		miss(d, OFL_FIELD_FRAGMENT);
		return;
	}
	if (!is_any)
		return;
	d->k.fragment = any;
	if (!(bits.mask & OFL_FRAGMENT_LATER))
		return;
	d->k.fragment_mask |= first;
	d->k.fragment |= is_later ? 0 : first;
}

static void take_network(struct draft *d)
{
	bool ip = is_v4(d) || is_v6(d);
	struct ofl_tc_masked dscp;
	uint64_t value = 0;

	take_addr(d, OFL_END_SRC, d->k.src, d->k.src_mask);
	take_addr(d, OFL_END_DST, d->k.dst, d->k.dst_mask);
	d->k.has_protocol = take_exact(d, OFL_FIELD_PROTOCOL, &value);
	d->k.protocol = (uint8_t)value;
	if (d->k.has_protocol && !ip)
		miss(d, OFL_FIELD_PROTOCOL);
	dscp = take_masked(d, OFL_FIELD_DSCP, ip, 0x3f);
	d->k.tos.value = (uint16_t)(dscp.value << 2);
	d->k.tos.mask = (uint16_t)(dscp.mask << 2);
	take_ttl(d);
	take_fragment(d);
	if (!ofl_match_range_is_any(d->m, OFL_NUMBER_LENGTH))
		d->missing |= OFL_TC_NUMBER(OFL_NUMBER_LENGTH);
}

/* --- transport --- */

static bool is_protocol(const struct draft *d, uint8_t protocol)
{
	return d->k.has_protocol && d->k.protocol == protocol;
}

static void take_port(struct draft *d, enum ofl_number number,
		      struct ofl_tc_port_key *ret)
{
	struct ofl_range r = d->m->range[number];
	struct ofl_bits bits;

	if (ofl_match_range_is_any(d->m, number))
		return;
	if (!is_protocol(d, IPPROTO_TCP) && !is_protocol(d, IPPROTO_UDP) &&
	    !is_protocol(d, IPPROTO_SCTP)) {
		d->missing |= OFL_TC_NUMBER(number);
	} else if (ofl_match_range_bits(r, &bits)) {
		ret->bits.value = (uint16_t)bits.value;
		ret->bits.mask = (uint16_t)bits.mask;
	} else {
		ret->is_range = true;
		ret->min = r.min;
		ret->max = r.max;
	}
}

static void take_transport(struct draft *d)
{
	bool icmp = (is_v4(d) && is_protocol(d, IPPROTO_ICMP)) ||
		    (is_v6(d) && is_protocol(d, IPPROTO_ICMPV6));

	take_port(d, OFL_NUMBER_SRC_PORT, &d->k.sport);
	take_port(d, OFL_NUMBER_DST_PORT, &d->k.dport);
	d->k.tcp_flags =
		take_masked(d, OFL_FIELD_TCP_FLAGS, is_protocol(d, IPPROTO_TCP),
			    TCP_FLAGS_TOP);
	d->k.icmp_type = take_masked(d, OFL_FIELD_ICMP_TYPE, icmp, UINT8_MAX);
	d->k.icmp_code = take_masked(d, OFL_FIELD_ICMP_CODE, icmp, UINT8_MAX);
}

/* --- all of it --- */

uint32_t ofl_tc_keys_make(const struct ofl_match *m, const char *indev,
			  struct ofl_tc_keys *ret)
{
	struct draft d = {.m = m};

	memset(&d.k, 0, sizeof(d.k));
	take_link(&d, indev);
	take_network(&d);
	take_transport(&d);
	if (!d.missing)
		memcpy(ret, &d.k, sizeof(d.k));
	return d.missing;
}

uint32_t ofl_tc_keys_missing(const struct ofl_match *m)
{
	struct ofl_tc_keys keys;

	return ofl_tc_keys_make(m, "*", &keys);
}

void ofl_tc_keys_widen(struct ofl_match *m, uint32_t fields)
{
	struct ofl_match wide;

	for (unsigned int i = 0; i < OFL_FIELD_MAX; i++)
		if (fields & OFL_TC_FIELD(i))
			ofl_match_set(m, (enum ofl_field)i, 0, 0);
	for (unsigned int i = 0; i < OFL_NUMBER_MAX; i++)
		if (fields & OFL_TC_NUMBER(i))
			ofl_match_range_set(m, (enum ofl_number)i, 0,
					    UINT16_MAX);
	/* An address of IPv6 has words beside the field, which only setting an
	 * address reaches, and that sets the ethertype. */
	for (unsigned int end = 0; end <= OFL_END_DST; end++) {
		static const uint8_t none[16];
		struct ofl_bits type;

		if (!(fields & OFL_TC_FIELD(OFL_FIELD_SRC_V4 + end)))
			continue;
		wide = *m;
		type = ofl_match_field_get(m, OFL_FIELD_ETHERTYPE);
		ofl_match_addr_set(&wide, (enum ofl_end)end, AF_INET6, none,
				   none);
		ofl_match_set(&wide, OFL_FIELD_ETHERTYPE, type.value,
			      type.mask);
		*m = wide;
	}
}

/* The first `r` of an aligned block; what is left stays in *rest. */
static struct ofl_range cut_block(struct ofl_range *rest)
{
	uint32_t at = rest->min, end = rest->max + 1u;
	uint32_t size = at ? at & -at : UINT16_MAX + 1u;

	while (size > end - at)
		size >>= 1;
	rest->min = (uint16_t)(at + size);
	return (struct ofl_range){(uint16_t)at, (uint16_t)(at + size - 1)};
}

unsigned int ofl_tc_keys_split(const struct ofl_match *m,
			       struct ofl_match ret[OFL_TC_SPLIT_MAX])
{
	struct ofl_bits fragment = ofl_match_field_get(m, OFL_FIELD_FRAGMENT);
	struct ofl_range rest = m->range[OFL_NUMBER_TTL];
	bool twice = fragment.mask == OFL_FRAGMENT_LATER && !fragment.value;
	unsigned int n = 0, last;
	struct ofl_match one = *m;

	if (rest.max > TTL_TOP)
		rest.max = TTL_TOP;
	last = rest.max; /* above it there is no TTL: such a match is nothing */
	while (rest.min <= last && n + 1 < OFL_TC_SPLIT_MAX) {
		struct ofl_range block = cut_block(&rest);

		one.range[OFL_NUMBER_TTL] = block;
		if (twice)
			ofl_match_set(&one, OFL_FIELD_FRAGMENT, 0,
				      OFL_FRAGMENT_ANY);
		ret[n++] = one;
		if (!twice)
			continue;
		ofl_match_set(&one, OFL_FIELD_FRAGMENT, OFL_FRAGMENT_ANY,
			      OFL_FRAGMENT_ANY | OFL_FRAGMENT_LATER);
		ret[n++] = one;
	}
	return n;
}
