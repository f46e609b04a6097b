// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a filter looks at: from the rule cls_flower hands to drivers to the
 * words of a key that are compared, and the slots such an entry costs.
 *
 * A filter that names a field this hardware does not parse is refused with
 * the field's name; nothing is ever left out of a filter.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/string.h>

#include "tcamsim.h"

/* The key and the mask of a filter while it is being read. */
struct draft {
	struct tcamsim_key value, mask;
	struct tcamsim_match *match;
	bool ipv6;
};

static const struct {
	enum flow_dissector_key_id id;
	const char *name; /* what is said of it; NULL: understood */
} fields[] = {
	{ FLOW_DISSECTOR_KEY_CONTROL, NULL },
	{ FLOW_DISSECTOR_KEY_BASIC, NULL },
	{ FLOW_DISSECTOR_KEY_ETH_ADDRS, NULL },
	{ FLOW_DISSECTOR_KEY_VLAN, NULL },
	{ FLOW_DISSECTOR_KEY_IPV4_ADDRS, NULL },
	{ FLOW_DISSECTOR_KEY_IPV6_ADDRS, NULL },
	{ FLOW_DISSECTOR_KEY_IP, NULL },
	{ FLOW_DISSECTOR_KEY_PORTS, NULL },
	{ FLOW_DISSECTOR_KEY_PORTS_RANGE, NULL },
	{ FLOW_DISSECTOR_KEY_TCP, NULL },
	{ FLOW_DISSECTOR_KEY_ICMP, NULL },
	{ FLOW_DISSECTOR_KEY_META, NULL },
	{ FLOW_DISSECTOR_KEY_CVLAN, "a second VLAN tag" },
	{ FLOW_DISSECTOR_KEY_NUM_OF_VLANS, "the number of VLAN tags" },
	{ FLOW_DISSECTOR_KEY_ARP, "ARP fields" },
	{ FLOW_DISSECTOR_KEY_MPLS, "MPLS labels" },
	{ FLOW_DISSECTOR_KEY_FLOW_LABEL, "the IPv6 flow label" },
	{ FLOW_DISSECTOR_KEY_ENC_KEYID, "a tunnel key" },
	{ FLOW_DISSECTOR_KEY_ENC_IPV4_ADDRS, "tunnel addresses" },
	{ FLOW_DISSECTOR_KEY_ENC_IPV6_ADDRS, "tunnel addresses" },
	{ FLOW_DISSECTOR_KEY_ENC_CONTROL, "a tunnel" },
	{ FLOW_DISSECTOR_KEY_ENC_PORTS, "tunnel ports" },
	{ FLOW_DISSECTOR_KEY_ENC_IP, "tunnel TOS or TTL" },
	{ FLOW_DISSECTOR_KEY_ENC_OPTS, "tunnel options" },
	{ FLOW_DISSECTOR_KEY_CT, "connection tracking" },
	{ FLOW_DISSECTOR_KEY_HASH, "the packet's hash" },
	{ FLOW_DISSECTOR_KEY_PPPOE, "PPPoE" },
	{ FLOW_DISSECTOR_KEY_L2TPV3, "L2TP" },
};

static int refuse(struct netlink_ext_ack *extack, const char *what)
{
	tcamsim_say(extack, "cannot match on %s", what);
	return -EOPNOTSUPP;
}

static int check_fields(const struct flow_rule *rule,
			struct netlink_ext_ack *extack)
{
	u64 used = rule->match.dissector->used_keys;
	int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!(used & BIT_ULL(fields[i].id)))
			continue;
		if (fields[i].name)
			return refuse(extack, fields[i].name);
		used &= ~BIT_ULL(fields[i].id);
	}
	if (used)
		return refuse(extack, "a field it does not know");
	return 0;
}

static void read_ethernet(const struct flow_rule *rule, struct draft *d)
{
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_ETH_ADDRS)) {
		struct flow_match_eth_addrs m;

		flow_rule_match_eth_addrs(rule, &m);
		ether_addr_copy(d->value.dmac, m.key->dst);
		ether_addr_copy(d->mask.dmac, m.mask->dst);
		ether_addr_copy(d->value.smac, m.key->src);
		ether_addr_copy(d->mask.smac, m.mask->src);
	}
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_VLAN)) {
		struct flow_match_vlan m;

		flow_rule_match_vlan(rule, &m);
		d->value.vlan_tpid = m.key->vlan_tpid;
		d->mask.vlan_tpid = m.mask->vlan_tpid;
		d->value.vlan_tci = htons(m.key->vlan_id |
					  m.key->vlan_dei << 12 |
					  m.key->vlan_priority << 13);
		d->mask.vlan_tci = htons(m.mask->vlan_id |
					 m.mask->vlan_dei << 12 |
					 m.mask->vlan_priority << 13);
	}
}

/* Only the port; newer kernels have more in the same key. */
static int read_meta(const struct flow_rule *rule, struct draft *d,
		     struct netlink_ext_ack *extack)
{
	const size_t known =
		offsetofend(struct flow_dissector_key_meta, ingress_ifindex);
	struct flow_match_meta m;

	if (!flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_META))
		return 0;
	flow_rule_match_meta(rule, &m);
	BUILD_BUG_ON(offsetof(struct flow_dissector_key_meta,
			      ingress_ifindex));
	if (memchr_inv((const u8 *)m.mask + known, 0,
		       sizeof(*m.mask) - known))
		return refuse(extack, "more of where a packet is from than its port");
	d->value.ingress = m.key->ingress_ifindex;
	d->mask.ingress = m.mask->ingress_ifindex;
	return 0;
}

/* cls_flower says IPv4 and IPv6 at once; which it is says `control`. */
static int read_addresses(const struct flow_rule *rule, struct draft *d,
			  struct netlink_ext_ack *extack)
{
	struct flow_match_control control;
	u16 type;
	u32 flags;

	if (!flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_CONTROL))
		return 0;
	flow_rule_match_control(rule, &control);
	type = control.key->addr_type;
	flags = control.mask->flags;
	if (flags & ~(u32)(FLOW_DIS_IS_FRAGMENT | FLOW_DIS_FIRST_FRAG))
		return refuse(extack, "flags other than frag and firstfrag");
	if (flags & FLOW_DIS_IS_FRAGMENT) {
		d->mask.frag |= TCAMSIM_FRAG_ANY;
		if (control.key->flags & FLOW_DIS_IS_FRAGMENT)
			d->value.frag |= TCAMSIM_FRAG_ANY;
	}
	if (flags & FLOW_DIS_FIRST_FRAG) {
		d->mask.frag |= TCAMSIM_FRAG_FIRST;
		if (control.key->flags & FLOW_DIS_FIRST_FRAG)
			d->value.frag |= TCAMSIM_FRAG_FIRST;
	}
	if (type == FLOW_DISSECTOR_KEY_IPV4_ADDRS) {
		struct flow_match_ipv4_addrs m;

		flow_rule_match_ipv4_addrs(rule, &m);
		d->value.src.s6_addr32[0] = m.key->src;
		d->mask.src.s6_addr32[0] = m.mask->src;
		d->value.dst.s6_addr32[0] = m.key->dst;
		d->mask.dst.s6_addr32[0] = m.mask->dst;
		d->value.n_proto = htons(ETH_P_IP);
		d->mask.n_proto = htons(0xffff);
	} else if (type == FLOW_DISSECTOR_KEY_IPV6_ADDRS) {
		struct flow_match_ipv6_addrs m;

		flow_rule_match_ipv6_addrs(rule, &m);
		d->value.src = m.key->src;
		d->mask.src = m.mask->src;
		d->value.dst = m.key->dst;
		d->mask.dst = m.mask->dst;
		d->value.n_proto = htons(ETH_P_IPV6);
		d->mask.n_proto = htons(0xffff);
		d->ipv6 = true;
	}
	return 0;
}

static void read_ports(const struct flow_rule *rule, struct draft *d)
{
	struct tcamsim_match *match = d->match;

	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_PORTS)) {
		struct flow_match_ports m;

		flow_rule_match_ports(rule, &m);
		d->value.sport = m.key->src;
		d->mask.sport = m.mask->src;
		d->value.dport = m.key->dst;
		d->mask.dport = m.mask->dst;
	}
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_PORTS_RANGE)) {
		struct flow_match_ports_range m;

		flow_rule_match_ports_range(rule, &m);
		if (m.mask->tp_min.src && m.mask->tp_max.src) {
			match->has_sport = true;
			match->sport.low = ntohs(m.key->tp_min.src);
			match->sport.high = ntohs(m.key->tp_max.src);
		}
		if (m.mask->tp_min.dst && m.mask->tp_max.dst) {
			match->has_dport = true;
			match->dport.low = ntohs(m.key->tp_min.dst);
			match->dport.high = ntohs(m.key->tp_max.dst);
		}
	}
}

static void read_above_ip(const struct flow_rule *rule, struct draft *d)
{
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_IP)) {
		struct flow_match_ip m;

		flow_rule_match_ip(rule, &m);
		d->value.tos = m.key->tos;
		d->mask.tos = m.mask->tos;
		d->value.ttl = m.key->ttl;
		d->mask.ttl = m.mask->ttl;
	}
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_TCP)) {
		struct flow_match_tcp m;

		flow_rule_match_tcp(rule, &m);
		d->value.tcp_flags = m.key->flags;
		d->mask.tcp_flags = m.mask->flags;
	}
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_ICMP)) {
		struct flow_match_icmp m;

		flow_rule_match_icmp(rule, &m);
		d->value.icmp_type = m.key->type;
		d->mask.icmp_type = m.mask->type;
		d->value.icmp_code = m.key->code;
		d->mask.icmp_code = m.mask->code;
	}
	read_ports(rule, d);
}

static void read_protocols(const struct flow_cls_offload *f,
			   const struct flow_rule *rule, struct draft *d)
{
	/* The protocol of the tc filter itself is that of the outermost tag. */
	if (f->common.protocol && f->common.protocol != htons(ETH_P_ALL)) {
		d->value.outer_type = f->common.protocol;
		d->mask.outer_type = htons(0xffff);
	}
	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_BASIC)) {
		struct flow_match_basic m;

		flow_rule_match_basic(rule, &m);
		d->value.n_proto = m.key->n_proto;
		d->mask.n_proto = m.mask->n_proto;
		d->value.ip_proto = m.key->ip_proto;
		d->mask.ip_proto = m.mask->ip_proto;
	}
}

/*
 * The least number of value/mask pairs that cover low..high: what a range
 * costs in a memory that has no comparators (Srinivasan et al., "Packet
 * classification using tuple space search", 1999, prefix expansion).
 */
static u32 range_pairs(const struct tcamsim_range *range)
{
	u32 at = range->low, end = range->high, n = 0;

	while (at <= end) {
		u32 size = at ? at & -at : 0x10000;

		while (at + size - 1 > end)
			size >>= 1;
		at += size;
		n++;
	}
	return n;
}

static u32 count_slots(const struct draft *d)
{
	const struct tcamsim_key *mask = &d->mask;
	const struct tcamsim_match *match = d->match;
	bool addresses, mac, ip;
	u32 width = 1;

	mac = memchr_inv(mask->dmac, 0, 2 * ETH_ALEN);
	addresses = memchr_inv(&mask->src, 0, 2 * sizeof(mask->src));
	ip = addresses || mask->ip_proto || mask->tos || mask->ttl ||
	     mask->frag || mask->sport || mask->dport || mask->tcp_flags ||
	     mask->icmp_type || mask->icmp_code || match->has_sport ||
	     match->has_dport;
	if (mac && ip)
		width++;
	if (d->ipv6 && addresses)
		width += tcamsim_ipv6_slots - 1;
	if (match->has_sport)
		width *= range_pairs(&match->sport);
	if (match->has_dport)
		width *= range_pairs(&match->dport);
	return width;
}

/* What limit.c may refuse. */
static u32 find_fields(const struct draft *d)
{
	const struct tcamsim_key *mask = &d->mask;
	bool ipv6 = d->value.n_proto == htons(ETH_P_IPV6);
	u32 has = 0;

	if (memchr_inv(mask->dmac, 0, ETH_ALEN))
		has |= BIT(TCAMSIM_HAS_DMAC);
	if (mask->ingress)
		has |= BIT(TCAMSIM_HAS_INDEV);
	if (mask->ttl)
		has |= BIT(ipv6 ? TCAMSIM_HAS_HOPS : TCAMSIM_HAS_TTL);
	if (memchr_inv(&mask->dst, 0, sizeof(mask->dst)))
		has |= BIT(ipv6 ? TCAMSIM_HAS_DST6 : TCAMSIM_HAS_DST4);
	if (d->match->has_sport || d->match->has_dport)
		has |= BIT(TCAMSIM_HAS_PORT_RANGE);
	if (mask->tcp_flags)
		has |= BIT(TCAMSIM_HAS_TCP_FLAGS);
	return has;
}

/* Keep the words that are looked at. */
static void finish(struct draft *d)
{
	struct tcamsim_match *match = d->match;
	u32 value[TCAMSIM_KEY_WORDS], mask[TCAMSIM_KEY_WORDS];
	u32 i;

	BUILD_BUG_ON(sizeof(struct tcamsim_key) % sizeof(u32));
	memcpy(value, &d->value, sizeof(value));
	memcpy(mask, &d->mask, sizeof(mask));
	for (i = 0; i < TCAMSIM_KEY_WORDS; i++) {
		if (!mask[i])
			continue;
		match->words[match->n_words].at = i;
		match->words[match->n_words].mask = mask[i];
		match->words[match->n_words].value = value[i] & mask[i];
		match->n_words++;
	}
	match->slots = count_slots(d);
	match->has = find_fields(d);
}

int tcamsim_match_make(const struct flow_cls_offload *f,
		       struct netlink_ext_ack *extack,
		       struct tcamsim_match *ret)
{
	const struct flow_rule *rule = f->rule;
	struct draft d = { .match = ret };
	int err;

	memset(ret, 0, sizeof(*ret));
	err = check_fields(rule, extack);
	if (err)
		return err;
	read_protocols(f, rule, &d);
	read_ethernet(rule, &d);
	err = read_meta(rule, &d, extack);
	if (err)
		return err;
	err = read_addresses(rule, &d, extack);
	if (err)
		return err;
	read_above_ip(rule, &d);
	finish(&d);
	return 0;
}

void tcamsim_match_make_all(__be16 protocol, struct tcamsim_match *ret)
{
	struct draft d = { .match = ret };

	memset(ret, 0, sizeof(*ret));
	if (protocol != htons(ETH_P_ALL)) {
		d.value.outer_type = protocol;
		d.mask.outer_type = htons(0xffff);
	}
	finish(&d);
}

static bool is_within(const struct tcamsim_range *range, __be16 port)
{
	return ntohs(port) >= range->low && ntohs(port) <= range->high;
}

bool tcamsim_match_hits(const struct tcamsim_match *match,
			const struct tcamsim_frame *frame)
{
	const u32 *key = (const u32 *)&frame->key;
	int i;

	for (i = 0; i < match->n_words; i++)
		if ((key[match->words[i].at] & match->words[i].mask) !=
		    match->words[i].value)
			return false;
	return (!match->has_sport ||
		is_within(&match->sport, frame->key.sport)) &&
	       (!match->has_dport ||
		is_within(&match->dport, frame->key.dport));
}
