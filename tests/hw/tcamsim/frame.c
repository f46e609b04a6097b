// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the parser of a switch makes of a packet: the fields tables match.
 *
 * It agrees with the kernel's flow dissector wherever a filter can tell, so
 * that a filter means the same in hardware and in software; the exception is
 * tunnels: this parser stops at the outer header, as switches do.
 *
 * It trusts nothing in the packet: a header that is cut off or lies about its
 * length ends the parsing, and what was not read stays 0.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/icmp.h>
#include <linux/tcp.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tcamsim.h"

#define MAX_EXTENSIONS 8
#define MAX_TAGS 4

static void read_l4(const struct sk_buff *skb, unsigned int at,
		    struct tcamsim_key *key)
{
	int ports = proto_ports_offset(key->ip_proto);

	if (ports >= 0) {
		const __be16 *p;
		__be16 buf[2];

		p = skb_header_pointer(skb, at + ports, sizeof(buf), buf);
		if (p) {
			key->sport = p[0];
			key->dport = p[1];
		}
	}
	if (key->ip_proto == IPPROTO_TCP) {
		const struct tcphdr *tcp;
		struct tcphdr buf;

		tcp = skb_header_pointer(skb, at, sizeof(buf), &buf);
		if (tcp && tcp->doff >= sizeof(buf) / 4)
			key->tcp_flags = *(const __be16 *)&tcp_flag_word(tcp) &
					 htons(0x0fff);
	} else if (key->ip_proto == IPPROTO_ICMP ||
		   key->ip_proto == IPPROTO_ICMPV6) {
		const u8 *icmp;
		u8 buf[2];

		icmp = skb_header_pointer(skb, at, sizeof(buf), buf);
		if (icmp) {
			key->icmp_type = icmp[0];
			key->icmp_code = icmp[1];
		}
	}
}

static void read_ipv4(const struct sk_buff *skb, unsigned int at,
		      struct tcamsim_frame *ret)
{
	struct tcamsim_key *key = &ret->key;
	const struct iphdr *ip;
	struct iphdr buf;

	ip = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (!ip || ip->ihl < 5)
		return;
	key->ip_proto = ip->protocol;
	key->tos = ip->tos;
	key->ttl = ip->ttl;
	key->src.s6_addr32[0] = ip->saddr;
	key->dst.s6_addr32[0] = ip->daddr;
	ret->ip_plain = ip->version == 4 && ip->ihl == 5 &&
			ntohs(ip->tot_len) >= sizeof(*ip) &&
			ntohs(ip->tot_len) <= skb->len - at &&
			!ip_fast_csum((const u8 *)ip, ip->ihl);
	if (ip_is_fragment(ip)) {
		key->frag = TCAMSIM_FRAG_ANY;
		if (!(ip->frag_off & htons(IP_OFFSET)))
			key->frag |= TCAMSIM_FRAG_FIRST;
		return;
	}
	read_l4(skb, at + ip->ihl * 4, key);
}

/*
 * Walk the extension headers the flow dissector walks.  False: no layer 4 to
 * be read, because of a fragment or because the packet ended.
 */
static bool skip_extensions(const struct sk_buff *skb, unsigned int *at,
			    struct tcamsim_key *key)
{
	int n;

	for (n = 0; n < MAX_EXTENSIONS; n++) {
		const struct frag_hdr *frag;
		struct frag_hdr buf;

		switch (key->ip_proto) {
		case NEXTHDR_HOP:
		case NEXTHDR_ROUTING:
		case NEXTHDR_DEST: {
			const struct ipv6_opt_hdr *opt;
			struct ipv6_opt_hdr obuf;

			opt = skb_header_pointer(skb, *at, sizeof(obuf), &obuf);
			if (!opt)
				return false;
			key->ip_proto = opt->nexthdr;
			*at += ipv6_optlen(opt);
			break;
		}
		case NEXTHDR_FRAGMENT:
			frag = skb_header_pointer(skb, *at, sizeof(buf), &buf);
			if (!frag)
				return false;
			key->ip_proto = frag->nexthdr;
			key->frag = TCAMSIM_FRAG_ANY;
			if (!(frag->frag_off & htons(IP6_OFFSET)))
				key->frag |= TCAMSIM_FRAG_FIRST;
			return false;
		default:
			return true;
		}
	}
	return false;
}

static void read_ipv6(const struct sk_buff *skb, unsigned int at,
		      struct tcamsim_frame *ret)
{
	struct tcamsim_key *key = &ret->key;
	const struct ipv6hdr *ip;
	struct ipv6hdr buf;

	ip = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (!ip)
		return;
	key->ip_proto = ip->nexthdr;
	key->tos = ipv6_get_dsfield(ip);
	key->ttl = ip->hop_limit;
	key->src = ip->saddr;
	key->dst = ip->daddr;
	/* A hop-by-hop header is for every router on the way: its CPU. */
	ret->ip_plain = ip->version == 6 && ip->nexthdr != NEXTHDR_HOP &&
			sizeof(*ip) + ntohs(ip->payload_len) <= skb->len - at;
	at += sizeof(*ip);
	if (skip_extensions(skb, &at, key))
		read_l4(skb, at, key);
}

/* Tags within the data: the outermost of the packet is the one matched. */
static bool skip_tags(const struct sk_buff *skb, unsigned int *at, __be16 *type,
		      struct tcamsim_key *key)
{
	int n;

	for (n = 0; eth_type_vlan(*type); n++) {
		const struct vlan_hdr *tag;
		struct vlan_hdr buf;

		tag = skb_header_pointer(skb, *at, sizeof(buf), &buf);
		if (!tag || n == MAX_TAGS)
			return false;
		if (!key->vlan_tpid) {
			key->vlan_tpid = *type;
			key->vlan_tci = tag->h_vlan_TCI;
		}
		*type = tag->h_vlan_encapsulated_proto;
		*at += VLAN_HLEN;
	}
	return true;
}

void tcamsim_frame_read(const struct sk_buff *skb, u32 ingress,
			struct tcamsim_frame *ret)
{
	struct tcamsim_key *key = &ret->key;
	unsigned int at = ETH_HLEN;
	const struct ethhdr *eth;
	struct ethhdr buf;
	__be16 type;

	memset(ret, 0, sizeof(*ret));
	key->ingress = ingress;
	eth = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!eth)
		return;
	ether_addr_copy(key->dmac, eth->h_dest);
	ether_addr_copy(key->smac, eth->h_source);
	type = eth->h_proto;
	key->outer_type = type;
	if (skb_vlan_tag_present(skb)) {
		key->outer_type = skb->vlan_proto;
		key->vlan_tpid = skb->vlan_proto;
		key->vlan_tci = htons(skb_vlan_tag_get(skb));
	}
	if (!skip_tags(skb, &at, &type, key))
		return;
	key->n_proto = type;
	if (type == htons(ETH_P_IP))
		read_ipv4(skb, at, ret);
	else if (type == htons(ETH_P_IPV6))
		read_ipv6(skb, at, ret);
	else
		return;
	ret->l3_at = at;
}
