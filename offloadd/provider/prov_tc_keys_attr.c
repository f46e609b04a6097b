// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of flower <-> netlink; see prov_tc_keys.h.  Pure: no socket, no state.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/provider/prov_tc_keys.h"

static bool is_zero(const uint8_t *bytes, size_t len)
{
	while (len--)
		if (bytes[len])
			return false;
	return true;
}

/* Which attributes ports have; there is one pair for each protocol. */
static const struct port_attrs {
	uint8_t protocol;
	uint16_t src, src_mask, dst, dst_mask;
} port_attrs[] = {
	{IPPROTO_TCP, TCA_FLOWER_KEY_TCP_SRC, TCA_FLOWER_KEY_TCP_SRC_MASK,
	 TCA_FLOWER_KEY_TCP_DST, TCA_FLOWER_KEY_TCP_DST_MASK},
	{IPPROTO_UDP, TCA_FLOWER_KEY_UDP_SRC, TCA_FLOWER_KEY_UDP_SRC_MASK,
	 TCA_FLOWER_KEY_UDP_DST, TCA_FLOWER_KEY_UDP_DST_MASK},
	{IPPROTO_SCTP, TCA_FLOWER_KEY_SCTP_SRC, TCA_FLOWER_KEY_SCTP_SRC_MASK,
	 TCA_FLOWER_KEY_SCTP_DST, TCA_FLOWER_KEY_SCTP_DST_MASK},
};

static const struct port_attrs *ports_of(const struct ofl_tc_keys *k)
{
	for (size_t i = 0; i < sizeof(port_attrs) / sizeof(port_attrs[0]); i++)
		if (k->has_protocol && k->protocol == port_attrs[i].protocol)
			return &port_attrs[i];
	return NULL;
}

/* Of a number with a mask, and how many bytes it has. */
struct number_attrs {
	uint16_t value, mask;
	uint8_t bytes;
};

static const struct number_attrs tos_attrs = {TCA_FLOWER_KEY_IP_TOS,
					      TCA_FLOWER_KEY_IP_TOS_MASK, 1};
static const struct number_attrs ttl_attrs = {TCA_FLOWER_KEY_IP_TTL,
					      TCA_FLOWER_KEY_IP_TTL_MASK, 1};
static const struct number_attrs tcp_flags_attrs = {
	TCA_FLOWER_KEY_TCP_FLAGS, TCA_FLOWER_KEY_TCP_FLAGS_MASK, 2};

static struct number_attrs icmp_attrs(const struct ofl_tc_keys *k, bool code)
{
	bool v4 = k->ethertype == ETH_P_IP;

	if (code)
		return (struct number_attrs){
			v4 ? TCA_FLOWER_KEY_ICMPV4_CODE
			   : TCA_FLOWER_KEY_ICMPV6_CODE,
			v4 ? TCA_FLOWER_KEY_ICMPV4_CODE_MASK
			   : TCA_FLOWER_KEY_ICMPV6_CODE_MASK,
			1};
	return (struct number_attrs){v4 ? TCA_FLOWER_KEY_ICMPV4_TYPE
					: TCA_FLOWER_KEY_ICMPV6_TYPE,
				     v4 ? TCA_FLOWER_KEY_ICMPV4_TYPE_MASK
					: TCA_FLOWER_KEY_ICMPV6_TYPE_MASK,
				     1};
}

/* --- writing --- */

static void put_bytes(struct ofl_tc_writer *w, uint16_t type,
		      uint16_t mask_type, const uint8_t *value,
		      const uint8_t *mask, size_t len)
{
	if (is_zero(mask, len))
		return;
	ofl_tc_attr_add(w, type, len, value);
	ofl_tc_attr_add(w, mask_type, len, mask);
}

static void put_number(struct ofl_tc_writer *w, struct number_attrs attrs,
		       struct ofl_tc_masked n)
{
	uint8_t value[2] = {(uint8_t)(n.value >> 8), (uint8_t)n.value};
	uint8_t mask[2] = {(uint8_t)(n.mask >> 8), (uint8_t)n.mask};

	put_bytes(w, attrs.value, attrs.mask, value + 2 - attrs.bytes,
		  mask + 2 - attrs.bytes, attrs.bytes);
}

static void put_vlan(struct ofl_tc_writer *w, const struct ofl_tc_keys *k)
{
	if (k->tag == OFL_TC_TAG_NONE)
		ofl_tc_attr_add_u8(w, OFL_TC_FLOWER_NUM_OF_VLANS, 0);
	if (k->tag == OFL_TC_TAG_THERE)
		ofl_tc_attr_add_u16(w, TCA_FLOWER_KEY_ETH_TYPE,
				    htons(ETH_P_8021Q));
	if (k->has_vlan_id)
		ofl_tc_attr_add_u16(w, TCA_FLOWER_KEY_VLAN_ID, k->vlan_id);
	if (k->has_vlan_pcp)
		ofl_tc_attr_add_u8(w, TCA_FLOWER_KEY_VLAN_PRIO, k->vlan_pcp);
	if (k->has_ethertype)
		ofl_tc_attr_add_u16(w,
				    k->tag == OFL_TC_TAG_THERE
					    ? TCA_FLOWER_KEY_VLAN_ETH_TYPE
					    : TCA_FLOWER_KEY_ETH_TYPE,
				    htons(k->ethertype));
}

static void put_addrs(struct ofl_tc_writer *w, const struct ofl_tc_keys *k)
{
	if (k->ethertype == ETH_P_IP) {
		put_bytes(w, TCA_FLOWER_KEY_IPV4_SRC,
			  TCA_FLOWER_KEY_IPV4_SRC_MASK, k->src, k->src_mask, 4);
		put_bytes(w, TCA_FLOWER_KEY_IPV4_DST,
			  TCA_FLOWER_KEY_IPV4_DST_MASK, k->dst, k->dst_mask, 4);
		return;
	}
	put_bytes(w, TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK,
		  k->src, k->src_mask, 16);
	put_bytes(w, TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK,
		  k->dst, k->dst_mask, 16);
}

static void put_port(struct ofl_tc_writer *w, const struct ofl_tc_port_key *p,
		     struct number_attrs attrs, uint16_t min, uint16_t max)
{
	if (p->is_range) {
		ofl_tc_attr_add_u16(w, min, htons(p->min));
		ofl_tc_attr_add_u16(w, max, htons(p->max));
		return;
	}
	put_number(w, attrs, p->bits);
}

void ofl_tc_keys_encode(struct ofl_tc_writer *w, const struct ofl_tc_keys *k)
{
	const struct port_attrs *ports = ports_of(k);

	if (k->indev[0])
		ofl_tc_attr_add(w, TCA_FLOWER_INDEV,
				strnlen(k->indev, IFNAMSIZ - 1) + 1, k->indev);
	put_bytes(w, TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK,
		  k->smac, k->smac_mask, 6);
	put_bytes(w, TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK,
		  k->dmac, k->dmac_mask, 6);
	put_vlan(w, k);
	put_addrs(w, k);
	if (k->has_protocol)
		ofl_tc_attr_add_u8(w, TCA_FLOWER_KEY_IP_PROTO, k->protocol);
	put_number(w, tos_attrs, k->tos);
	put_number(w, ttl_attrs, k->ttl);
	put_number(w, tcp_flags_attrs, k->tcp_flags);
	put_number(w, icmp_attrs(k, false), k->icmp_type);
	put_number(w, icmp_attrs(k, true), k->icmp_code);
	if (ports) {
		put_port(w, &k->sport,
			 (struct number_attrs){ports->src, ports->src_mask, 2},
			 TCA_FLOWER_KEY_PORT_SRC_MIN,
			 TCA_FLOWER_KEY_PORT_SRC_MAX);
		put_port(w, &k->dport,
			 (struct number_attrs){ports->dst, ports->dst_mask, 2},
			 TCA_FLOWER_KEY_PORT_DST_MIN,
			 TCA_FLOWER_KEY_PORT_DST_MAX);
	}
	if (k->fragment_mask) {
		ofl_tc_attr_add_u32(w, TCA_FLOWER_KEY_FLAGS,
				    htonl(k->fragment));
		ofl_tc_attr_add_u32(w, TCA_FLOWER_KEY_FLAGS_MASK,
				    htonl(k->fragment_mask));
	}
}

uint16_t ofl_tc_keys_protocol(const struct ofl_tc_keys *k)
{
	return k->tag == OFL_TC_TAG_THERE ? ETH_P_8021Q : ETH_P_ALL;
}

/* --- reading --- */

/* Attributes that are still to be understood. */
struct reader {
	const struct nlattr *tb[OFL_TC_FLOWER_ATTRS];
	struct ofl_tc_keys k;
	bool ok;
};

/* An attribute is taken once; what remains in the end is strange. */
static bool take(struct reader *r, uint16_t type, void *to, size_t len)
{
	const struct nlattr *a = r->tb[type];

	r->tb[type] = NULL;
	return ofl_tc_attr_get(a, to, len);
}

static void read_bytes(struct reader *r, uint16_t type, uint16_t mask_type,
		       uint8_t *value, uint8_t *mask, size_t len)
{
	if (!r->tb[type] && !r->tb[mask_type])
		return;
	if (!take(r, type, value, len) || !take(r, mask_type, mask, len))
		r->ok = false;
	for (size_t i = 0; i < len; i++)
		value[i] &= mask[i];
}

static void read_number(struct reader *r, struct number_attrs attrs,
			struct ofl_tc_masked *ret)
{
	uint8_t value[2] = {0}, mask[2] = {0};

	read_bytes(r, attrs.value, attrs.mask, value + 2 - attrs.bytes,
		   mask + 2 - attrs.bytes, attrs.bytes);
	ret->value = (uint16_t)(value[0] << 8 | value[1]);
	ret->mask = (uint16_t)(mask[0] << 8 | mask[1]);
}

/* A number that stands alone: has it one?  */
static bool read_u16(struct reader *r, uint16_t type, uint16_t *ret)
{
	if (!r->tb[type])
		return false;
	r->ok = take(r, type, ret, sizeof(*ret)) && r->ok;
	return true;
}

static bool read_u8(struct reader *r, uint16_t type, uint8_t *ret)
{
	if (!r->tb[type])
		return false;
	r->ok = take(r, type, ret, sizeof(*ret)) && r->ok;
	return true;
}

/* Of a tagged packet we say ETH_TYPE of the tag; the kernel says instead that
 * behind the tag, if it is matched, and the tag's in the filter's protocol. */
static void read_tagged(struct reader *r)
{
	uint16_t type = 0, inner = 0;
	bool has_type = read_u16(r, TCA_FLOWER_KEY_ETH_TYPE, &type);

	r->k.tag = OFL_TC_TAG_THERE;
	r->k.has_ethertype = read_u16(r, TCA_FLOWER_KEY_VLAN_ETH_TYPE, &inner);
	r->k.ethertype = ntohs(inner);
	if (has_type && type != htons(ETH_P_8021Q))
		r->ok = r->ok && r->k.has_ethertype && type == inner;
	r->k.has_vlan_id = read_u16(r, TCA_FLOWER_KEY_VLAN_ID, &r->k.vlan_id);
	r->k.has_vlan_pcp =
		read_u8(r, TCA_FLOWER_KEY_VLAN_PRIO, &r->k.vlan_pcp);
}

static void read_untagged(struct reader *r)
{
	uint16_t type = 0;
	uint8_t tags = 0;

	r->k.has_ethertype = read_u16(r, TCA_FLOWER_KEY_ETH_TYPE, &type);
	r->k.ethertype = ntohs(type);
	r->ok = r->ok && r->k.ethertype != ETH_P_8021Q &&
		r->k.ethertype != ETH_P_8021AD;
	if (!read_u8(r, OFL_TC_FLOWER_NUM_OF_VLANS, &tags))
		return;
	r->k.tag = OFL_TC_TAG_NONE;
	r->ok = r->ok && !tags;
}

static void read_network(struct reader *r)
{
	if (r->k.ethertype == ETH_P_IP) {
		read_bytes(r, TCA_FLOWER_KEY_IPV4_SRC,
			   TCA_FLOWER_KEY_IPV4_SRC_MASK, r->k.src,
			   r->k.src_mask, 4);
		read_bytes(r, TCA_FLOWER_KEY_IPV4_DST,
			   TCA_FLOWER_KEY_IPV4_DST_MASK, r->k.dst,
			   r->k.dst_mask, 4);
	} else if (r->k.ethertype == ETH_P_IPV6) {
		read_bytes(r, TCA_FLOWER_KEY_IPV6_SRC,
			   TCA_FLOWER_KEY_IPV6_SRC_MASK, r->k.src,
			   r->k.src_mask, 16);
		read_bytes(r, TCA_FLOWER_KEY_IPV6_DST,
			   TCA_FLOWER_KEY_IPV6_DST_MASK, r->k.dst,
			   r->k.dst_mask, 16);
	}
	r->k.has_protocol = read_u8(r, TCA_FLOWER_KEY_IP_PROTO, &r->k.protocol);
	read_number(r, tos_attrs, &r->k.tos);
	read_number(r, ttl_attrs, &r->k.ttl);
}

static void read_port(struct reader *r, struct number_attrs attrs, uint16_t min,
		      uint16_t max, struct ofl_tc_port_key *ret)
{
	read_number(r, attrs, &ret->bits);
	if (!r->tb[min] && !r->tb[max])
		return;
	r->ok = take(r, min, &ret->min, 2) && take(r, max, &ret->max, 2) &&
		!ret->bits.mask && r->ok;
	ret->is_range = true;
	ret->min = ntohs(ret->min);
	ret->max = ntohs(ret->max);
}

static void read_transport(struct reader *r)
{
	const struct port_attrs *ports = ports_of(&r->k);

	read_number(r, tcp_flags_attrs, &r->k.tcp_flags);
	read_number(r, icmp_attrs(&r->k, false), &r->k.icmp_type);
	read_number(r, icmp_attrs(&r->k, true), &r->k.icmp_code);
	if (!ports)
		return;
	read_port(r, (struct number_attrs){ports->src, ports->src_mask, 2},
		  TCA_FLOWER_KEY_PORT_SRC_MIN, TCA_FLOWER_KEY_PORT_SRC_MAX,
		  &r->k.sport);
	read_port(r, (struct number_attrs){ports->dst, ports->dst_mask, 2},
		  TCA_FLOWER_KEY_PORT_DST_MIN, TCA_FLOWER_KEY_PORT_DST_MAX,
		  &r->k.dport);
}

static void read_fragment(struct reader *r)
{
	uint8_t value[4] = {0}, mask[4] = {0};

	read_bytes(r, TCA_FLOWER_KEY_FLAGS, TCA_FLOWER_KEY_FLAGS_MASK, value,
		   mask, 4);
	memcpy(&r->k.fragment, value, 4);
	memcpy(&r->k.fragment_mask, mask, 4);
	r->k.fragment = ntohl(r->k.fragment);
	r->k.fragment_mask = ntohl(r->k.fragment_mask);
}

static void read_indev(struct reader *r)
{
	const struct nlattr *a = r->tb[TCA_FLOWER_INDEV];
	size_t len;

	if (!a)
		return;
	len = mnl_attr_get_payload_len(a);
	if (!len || len > IFNAMSIZ ||
	    ((const char *)mnl_attr_get_payload(a))[len - 1])
		r->ok = false;
	else
		memcpy(r->k.indev, mnl_attr_get_payload(a),
		       strnlen(mnl_attr_get_payload(a), len));
	r->tb[TCA_FLOWER_INDEV] = NULL;
}

bool ofl_tc_keys_decode(const struct nlattr **tb, uint16_t protocol,
			struct ofl_tc_keys *ret)
{
	struct reader r = {.ok = protocol == ETH_P_ALL ||
				 protocol == ETH_P_8021Q};

	memset(&r.k, 0, sizeof(r.k));
	memcpy(r.tb, tb, sizeof(r.tb));
	r.tb[TCA_FLOWER_FLAGS] = NULL;
	r.tb[TCA_FLOWER_ACT] = NULL;
	r.tb[TCA_FLOWER_IN_HW_COUNT] = NULL;
	read_indev(&r);
	read_bytes(&r, TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK,
		   r.k.smac, r.k.smac_mask, 6);
	read_bytes(&r, TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK,
		   r.k.dmac, r.k.dmac_mask, 6);
	if (protocol == ETH_P_8021Q)
		read_tagged(&r);
	else
		read_untagged(&r);
	read_network(&r);
	read_transport(&r);
	read_fragment(&r);
	for (unsigned int i = 0; i < OFL_TC_FLOWER_ATTRS; i++)
		r.ok = r.ok && !r.tb[i];
	memcpy(ret, &r.k, sizeof(*ret));
	return r.ok;
}

/* --- comparing --- */

/* What of the keys counts, besides the device's name. */
#define PART(member)                                                           \
	{                                                                      \
		offsetof(struct ofl_tc_keys, member),                          \
			sizeof(((struct ofl_tc_keys *)NULL)->member)           \
	}
static const struct {
	uint16_t at, len;
} parts[] = {
	PART(smac),
	PART(smac_mask),
	PART(dmac),
	PART(dmac_mask),
	PART(tag),
	PART(has_vlan_id),
	PART(has_vlan_pcp),
	PART(has_ethertype),
	PART(has_protocol),
	PART(vlan_id),
	PART(vlan_pcp),
	PART(ethertype),
	PART(protocol),
	PART(src),
	PART(src_mask),
	PART(dst),
	PART(dst_mask),
	PART(tos),
	PART(ttl),
	PART(tcp_flags),
	PART(icmp_type),
	PART(icmp_code),
	PART(sport.is_range),
	PART(sport.min),
	PART(sport.max),
	PART(sport.bits),
	PART(dport.is_range),
	PART(dport.min),
	PART(dport.max),
	PART(dport.bits),
	PART(fragment),
	PART(fragment_mask),
};
#undef PART

bool ofl_tc_keys_eq(const struct ofl_tc_keys *a, const struct ofl_tc_keys *b)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (memcmp((const uint8_t *)a + parts[i].at,
			   (const uint8_t *)b + parts[i].at, parts[i].len) != 0)
			return false;
	return !strncmp(a->indev, b->indev, IFNAMSIZ);
}

uint64_t ofl_tc_keys_digest(uint64_t digest, const struct ofl_tc_keys *k)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		digest = ofl_tc_digest_add(
			digest, (const uint8_t *)k + parts[i].at, parts[i].len);
	return ofl_tc_digest_add(digest, k->indev, strnlen(k->indev, IFNAMSIZ));
}
