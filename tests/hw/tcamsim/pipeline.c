// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet from the wire: the TCAM first, then the LPM table, then the CPU.
 *
 * What the tables decide is done here and the CPU sees nothing of it; that is
 * what makes a test able to prove which path a packet took.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/ip.h>

#include "tcamsim.h"

/*
 * A packet that missed in a chain it went to must go on there in software,
 * not begin again: it may have been changed on the way.
 */
static void resume_in_software(struct sk_buff *skb, u32 chain)
{
#if IS_ENABLED(CONFIG_NET_TC_SKB_EXT)
	struct tc_skb_ext *ext = tc_skb_ext_alloc(skb);

	if (ext)
		ext->chain = chain;
#endif
}

static enum tcamsim_verdict run_tcam(struct tcamsim_port *port,
				     struct sk_buff *skb,
				     struct tcamsim_frame *frame)
{
	const struct tcamsim_region *region = rcu_dereference(port->region);
	enum tcamsim_verdict verdict;
	struct tcamsim_entry *entry;
	u32 chain = 0;
	int hop;

	if (!region)
		return TCAMSIM_ON_LPM;
	for (hop = 0; hop < TCAMSIM_MAX_HOPS; hop++) {
		entry = tcamsim_tcam_find(region, chain, frame);
		if (!entry) {
			if (!chain)
				return TCAMSIM_ON_LPM;
			break;
		}
		if (!hop)
			atomic64_inc(&port->count.tcam_hits);
		tcamsim_entry_count(entry, skb->len);
		verdict = tcamsim_actions_run(&entry->actions, port, skb,
					      frame, &chain);
		if (verdict != TCAMSIM_ON_CHAIN)
			return verdict;
	}
	resume_in_software(skb, chain);
	atomic64_inc(&port->count.missed);
	tcamsim_port_punt(port, skb);
	return TCAMSIM_GONE;
}

/* Would a router forward it at all, without asking its CPU? */
static bool is_routable(const struct tcamsim_port *port,
			const struct tcamsim_frame *frame)
{
	const struct tcamsim_key *key = &frame->key;

	if (!frame->ip_plain || key->vlan_tpid || key->ttl <= 1 ||
	    !ether_addr_equal(key->dmac, port->dev->dev_addr))
		return false;
	if (key->n_proto == htons(ETH_P_IP)) {
		__be32 dst = key->dst.s6_addr32[0];
		__be32 src = key->src.s6_addr32[0];

		return !ipv4_is_multicast(dst) && !ipv4_is_lbcast(dst) &&
		       !ipv4_is_loopback(dst) && !ipv4_is_loopback(src) &&
		       !ipv4_is_multicast(src) && !ipv4_is_zeronet(src);
	}
	return (ipv6_addr_type(&key->dst) & IPV6_ADDR_UNICAST) &&
	       !(ipv6_addr_type(&key->dst) &
		 (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)) &&
	       (ipv6_addr_type(&key->src) & IPV6_ADDR_UNICAST) &&
	       !(ipv6_addr_type(&key->src) &
		 (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK));
}

/* Takes `skb` if it returns true. */
static bool route(struct tcamsim_port *port, struct tcamsim_port *out,
		  struct sk_buff *skb, const struct tcamsim_frame *frame,
		  const u8 *dmac)
{
	bool ipv4 = frame->key.n_proto == htons(ETH_P_IP);
	struct ethhdr *eth;

	if (skb->len - ETH_HLEN > READ_ONCE(out->dev->mtu) ||
	    skb_ensure_writable(skb, frame->l3_at +
					     (ipv4 ? sizeof(struct iphdr) :
						     sizeof(struct ipv6hdr))))
		return false;
	if (ipv4)
		ip_decrease_ttl((struct iphdr *)(skb->data + frame->l3_at));
	else
		((struct ipv6hdr *)(skb->data + frame->l3_at))->hop_limit--;
	eth = (struct ethhdr *)skb->data;
	ether_addr_copy(eth->h_source, out->dev->dev_addr);
	ether_addr_copy(eth->h_dest, dmac);
	atomic64_inc(&port->count.hw_forwarded);
	tcamsim_port_send(out, skb);
	return true;
}

static enum tcamsim_verdict run_lpm(struct tcamsim_port *port,
				    struct sk_buff *skb,
				    const struct tcamsim_frame *frame)
{
	struct tcamsim_route_result result;
	struct tcamsim_port *out;

	if (!is_routable(port, frame) ||
	    !tcamsim_lpm_find(port->sw, port->dev, frame, &result))
		return TCAMSIM_ON_LPM; /* it says nothing */
	atomic64_inc(&port->count.lpm_hits);
	switch (result.does) {
	case TCAMSIM_ROUTE_DROP:
		atomic64_inc(&port->count.hw_dropped);
		kfree_skb(skb);
		return TCAMSIM_GONE;
	case TCAMSIM_ROUTE_FORWARD:
		out = tcamsim_port_find(port->sw, result.ifindex);
		if (out && route(port, out, skb, frame, result.dmac))
			return TCAMSIM_GONE;
		return TCAMSIM_ON_CPU;
	default:
		return TCAMSIM_ON_CPU;
	}
}

/* As the tables see it: without what the sender's stack knew of it. */
static void strip(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb_reset_mac_header(skb);
	skb->mac_len = ETH_HLEN;
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = eth_hdr(skb)->h_proto;
}

void tcamsim_pipeline(struct tcamsim_port *port, struct sk_buff *skb)
{
	enum tcamsim_verdict verdict;
	struct tcamsim_frame frame;

	atomic64_inc(&port->count.from_wire);
	if (!pskb_may_pull(skb, ETH_HLEN)) {
		kfree_skb(skb);
		return;
	}
	strip(skb);
	rcu_read_lock();
	tcamsim_frame_read(skb, port->dev->ifindex, &frame);
	verdict = run_tcam(port, skb, &frame);
	if (verdict == TCAMSIM_ON_LPM)
		verdict = run_lpm(port, skb, &frame);
	if (verdict == TCAMSIM_ON_CPU)
		atomic64_inc(&port->count.trapped);
	else if (verdict == TCAMSIM_ON_LPM)
		atomic64_inc(&port->count.missed);
	if (verdict != TCAMSIM_GONE)
		tcamsim_port_punt(port, skb);
	rcu_read_unlock();
}
