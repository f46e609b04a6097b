// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tc actions as this hardware does them: understood once, when a filter comes,
 * and carried out on every packet that hits its entry.
 *
 * What hardware cannot do exactly as software would is refused with a
 * sentence.  So is a change of an IPv4 header that leaves its checksum wrong:
 * software would send such a packet too, and nobody wants it twice as fast.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/slab.h>
#include <linux/tc_act/tc_csum.h>
#include <net/ip.h>

#include "tcamsim.h"
#include "compat.h"

/*
 * A token bucket kept as the time at which it would be full again (the virtual
 * scheduling of ITU-T I.371): no rounding however rare the packets.
 */
struct bucket {
	u64 rate;     /* bytes or packets a second; 0: not limited by this */
	u64 burst_ns; /* how long it takes to fill */
	u64 full_at;  /* ktime, ns */
};

struct tcamsim_policer {
	spinlock_t lock;
	struct bucket bytes, packets;
	u32 mtu;
	bool pass; /* what conforms leaves the TCAM, else the next action */
};

static int refuse(struct netlink_ext_ack *extack, const char *what)
{
	tcamsim_say(extack, "cannot do %s", what);
	return -EOPNOTSUPP;
}

/* ------------------------------------------------------------- reading */

static const struct {
	enum flow_action_mangle_base header;
	u32 offset;
	u32 may_change; /* network order as a number */
	__be16 of;
} edits[] = {
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH, 0, 0xffffffff, 0 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH, 4, 0xffffffff, 0 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH, 8, 0xffffffff, 0 },
	/* TOS, TTL */
	{ FLOW_ACT_MANGLE_HDR_TYPE_IP4, 0, 0x00ff0000, htons(ETH_P_IP) },
	{ FLOW_ACT_MANGLE_HDR_TYPE_IP4, 8, 0xff000000, htons(ETH_P_IP) },
	/* traffic class, hop limit */
	{ FLOW_ACT_MANGLE_HDR_TYPE_IP6, 0, 0x0ff00000, htons(ETH_P_IPV6) },
	{ FLOW_ACT_MANGLE_HDR_TYPE_IP6, 4, 0x000000ff, htons(ETH_P_IPV6) },
};

static int read_edit(const struct flow_action_entry *from,
		     struct netlink_ext_ack *extack, struct tcamsim_action *ret)
{
	u32 changed = ntohl((__force __be32)~from->mangle.mask);
	int i;

	ret->act = from->id == FLOW_ACTION_ADD ? TCAMSIM_ADD : TCAMSIM_SET;
	ret->edit.offset = from->mangle.offset;
	ret->edit.mask = from->mangle.mask;
	ret->edit.value = from->mangle.val;
	if (ret->act == TCAMSIM_SET && (from->mangle.val & from->mangle.mask))
		return refuse(extack, "pedit that flips bits");
	for (i = 0; i < ARRAY_SIZE(edits); i++) {
		if (edits[i].header != from->mangle.htype ||
		    edits[i].offset != from->mangle.offset)
			continue;
		if (changed & ~edits[i].may_change)
			break;
		ret->edit.header = edits[i].of;
		return 0;
	}
	return refuse(extack, "pedit of this header field");
}

static int read_port(struct tcamsim *sw, const struct flow_action_entry *from,
		     struct netlink_ext_ack *extack, struct tcamsim_action *ret)
{
	bool mirror = from->id == FLOW_ACTION_MIRRED;

	ret->act = mirror ? TCAMSIM_MIRROR : TCAMSIM_REDIRECT;
	if (!from->dev || !tcamsim_port_of(sw, from->dev)) {
		tcamsim_say(extack, "cannot %s to a device that is no port of this switch",
			    mirror ? "mirror" : "redirect");
		return -EOPNOTSUPP;
	}
	ret->ifindex = from->dev->ifindex;
	return 0;
}

static int read_csum(const struct flow_action_entry *from,
		     struct netlink_ext_ack *extack, struct tcamsim_action *ret)
{
	const u32 known = TCA_CSUM_UPDATE_FLAG_IPV4HDR |
			  TCA_CSUM_UPDATE_FLAG_ICMP | TCA_CSUM_UPDATE_FLAG_TCP |
			  TCA_CSUM_UPDATE_FLAG_UDP;

	if (from->csum_flags & ~known)
		return refuse(extack, "csum of this protocol");
	ret->act = TCAMSIM_CSUM;
	return 0;
}

static void bucket_init(struct bucket *bucket, u64 rate, u64 burst)
{
	bucket->rate = rate;
	bucket->burst_ns = rate ? mul_u64_u64_div_u64(burst, NSEC_PER_SEC, rate)
				: 0;
}

static int read_police(const struct flow_action_entry *from,
		       struct netlink_ext_ack *extack,
		       struct tcamsim_action *ret)
{
	struct tcamsim_policer *policer;

	ret->act = TCAMSIM_POLICE;
	if (from->police.exceed.act_id != FLOW_ACTION_DROP)
		return refuse(extack, "police that does not drop what exceeds");
	if (from->police.notexceed.act_id != FLOW_ACTION_PIPE &&
	    from->police.notexceed.act_id != FLOW_ACTION_ACCEPT)
		return refuse(extack, "police with this action for what conforms");
	if (from->police.peakrate_bytes_ps || from->police.avrate ||
	    from->police.overhead)
		return refuse(extack, "police with peakrate, avrate or overhead");
	policer = kzalloc(sizeof(*policer), GFP_KERNEL);
	if (!policer)
		return -ENOMEM;
	spin_lock_init(&policer->lock);
	bucket_init(&policer->bytes, from->police.rate_bytes_ps,
		    from->police.burst);
	bucket_init(&policer->packets, from->police.rate_pkt_ps,
		    from->police.burst_pkt);
	policer->mtu = from->police.mtu ?: U32_MAX;
	policer->pass = from->police.notexceed.act_id == FLOW_ACTION_ACCEPT;
	ret->policer = policer;
	return 0;
}

static int read_vlan(const struct flow_action_entry *from,
		     struct tcamsim_action *ret)
{
	ret->act = from->id == FLOW_ACTION_VLAN_PUSH ? TCAMSIM_VLAN_PUSH :
						       TCAMSIM_VLAN_SET;
	ret->vlan.vid = from->vlan.vid;
	ret->vlan.tpid = from->vlan.proto;
	ret->vlan.prio = from->vlan.prio;
	return 0;
}

static int read_action(struct tcamsim *sw, const struct flow_action_entry *from,
		       struct netlink_ext_ack *extack,
		       struct tcamsim_action *ret)
{
	switch (from->id) {
	case FLOW_ACTION_ACCEPT:
		ret->act = TCAMSIM_PASS;
		return 0;
	case FLOW_ACTION_DROP:
		ret->act = TCAMSIM_DROP;
		return 0;
	case FLOW_ACTION_TRAP:
		ret->act = TCAMSIM_TRAP;
		return 0;
	case FLOW_ACTION_GOTO:
		ret->act = TCAMSIM_GOTO;
		ret->chain = from->chain_index;
		return 0;
	case FLOW_ACTION_REDIRECT:
	case FLOW_ACTION_MIRRED:
		return read_port(sw, from, extack, ret);
	case FLOW_ACTION_MANGLE:
	case FLOW_ACTION_ADD:
		return read_edit(from, extack, ret);
	case FLOW_ACTION_CSUM:
		return read_csum(from, extack, ret);
	case FLOW_ACTION_MARK:
		ret->act = TCAMSIM_MARK;
		ret->mark = from->mark;
		return 0;
	case FLOW_ACTION_VLAN_PUSH:
	case FLOW_ACTION_VLAN_MANGLE:
		return read_vlan(from, ret);
	case FLOW_ACTION_VLAN_POP:
		ret->act = TCAMSIM_VLAN_POP;
		return 0;
	case FLOW_ACTION_POLICE:
		return read_police(from, extack, ret);
	case FLOW_ACTION_SAMPLE:
		return refuse(extack, "action sample");
	case FLOW_ACTION_PRIORITY:
		return refuse(extack, "skbedit priority");
	case FLOW_ACTION_PTYPE:
		return refuse(extack, "skbedit ptype");
	case FLOW_ACTION_CT:
		return refuse(extack, "action ct");
	case FLOW_ACTION_REDIRECT_INGRESS:
	case FLOW_ACTION_MIRRED_INGRESS:
		return refuse(extack, "mirred ingress");
	case FLOW_ACTION_TUNNEL_ENCAP:
	case FLOW_ACTION_TUNNEL_DECAP:
		return refuse(extack, "action tunnel_key");
	default:
		return refuse(extack, "an action it does not know");
	}
}

static bool edits_ipv4(const struct tcamsim_action *action)
{
	return (action->act == TCAMSIM_SET || action->act == TCAMSIM_ADD) &&
	       action->edit.header == htons(ETH_P_IP);
}

/* Is each change of an IPv4 header followed by its checksum? */
static int check_csum(const struct tcamsim_actions *actions,
		      const struct flow_action *from,
		      struct netlink_ext_ack *extack)
{
	bool stale = false;
	int i;

	for (i = 0; i < actions->n; i++) {
		if (edits_ipv4(&actions->list[i]))
			stale = true;
		else if (actions->list[i].act == TCAMSIM_CSUM &&
			 (from->entries[i].csum_flags &
			  TCA_CSUM_UPDATE_FLAG_IPV4HDR))
			stale = false;
	}
	if (!stale)
		return 0;
	return refuse(extack, "an IPv4 header change without csum ip4h behind it");
}

int tcamsim_actions_make(struct tcamsim *sw, struct flow_action *from,
			 struct netlink_ext_ack *extack,
			 struct tcamsim_actions *ret)
{
	const struct flow_action_entry *entry;
	int i, err;

	memset(ret, 0, sizeof(*ret));
	if (!flow_action_basic_hw_stats_check(from, extack))
		return -EOPNOTSUPP;
	if (from->num_entries > TCAMSIM_MAX_ACTIONS) {
		tcamsim_say(extack, "cannot do more than %u actions",
			    TCAMSIM_MAX_ACTIONS);
		return -EOPNOTSUPP;
	}
	flow_action_for_each(i, entry, from) {
		err = read_action(sw, entry, extack, &ret->list[ret->n]);
		if (err)
			goto fail;
		ret->n++;
	}
	err = check_csum(ret, from, extack);
	if (!err)
		return 0;
fail:
	tcamsim_actions_fini(ret);
	return err;
}

void tcamsim_actions_fini(struct tcamsim_actions *actions)
{
	int i;

	for (i = 0; i < actions->n; i++)
		if (actions->list[i].act == TCAMSIM_POLICE)
			kfree(actions->list[i].policer);
	actions->n = 0;
}

/* ------------------------------------------------------------- doing */

static bool bucket_has(const struct bucket *bucket, u64 now, u64 cost_ns)
{
	u64 full_at = max(bucket->full_at, now);

	return !bucket->rate || full_at + cost_ns - now <= bucket->burst_ns;
}

static void bucket_take(struct bucket *bucket, u64 now, u64 cost_ns)
{
	bucket->full_at = max(bucket->full_at, now) + cost_ns;
}

static bool policer_conforms(struct tcamsim_policer *policer, u32 bytes)
{
	u64 now = ktime_get_ns();
	u64 bytes_ns = 0, packet_ns = 0;
	bool conforms;

	if (bytes > policer->mtu)
		return false;
	if (policer->bytes.rate)
		bytes_ns = div64_u64((u64)bytes * NSEC_PER_SEC,
				     policer->bytes.rate);
	if (policer->packets.rate)
		packet_ns = div64_u64(NSEC_PER_SEC, policer->packets.rate);
	spin_lock_bh(&policer->lock);
	conforms = bucket_has(&policer->bytes, now, bytes_ns) &&
		   bucket_has(&policer->packets, now, packet_ns);
	if (conforms) {
		bucket_take(&policer->bytes, now, bytes_ns);
		bucket_take(&policer->packets, now, packet_ns);
	}
	spin_unlock_bh(&policer->lock);
	return conforms;
}

/* False: no memory, or the packet is shorter than it says. */
static bool do_edit(const struct tcamsim_action *action, struct sk_buff *skb,
		    const struct tcamsim_frame *frame)
{
	u32 at = action->edit.offset;
	u32 old, new;

	if (action->edit.header) {
		if (!frame->l3_at || frame->key.n_proto != action->edit.header)
			return true;
		at += frame->l3_at;
	}
	if (skb_ensure_writable(skb, at + sizeof(u32)))
		return false;
	old = get_unaligned((u32 *)(skb->data + at));
	if (action->act == TCAMSIM_ADD)
		new = (old + action->edit.value) & ~action->edit.mask;
	else
		new = action->edit.value;
	put_unaligned((old & action->edit.mask) | new,
		      (u32 *)(skb->data + at));
	return true;
}

static bool do_csum(struct sk_buff *skb, const struct tcamsim_frame *frame)
{
	struct iphdr *ip;

	if (!frame->l3_at || frame->key.n_proto != htons(ETH_P_IP))
		return true;
	if (skb_ensure_writable(skb, frame->l3_at + sizeof(*ip)))
		return false;
	ip = (struct iphdr *)(skb->data + frame->l3_at);
	if (skb_ensure_writable(skb, frame->l3_at + ip->ihl * 4))
		return false;
	ip_send_check((struct iphdr *)(skb->data + frame->l3_at));
	return true;
}

static bool do_vlan(const struct tcamsim_action *action, struct sk_buff *skb)
{
	u16 tci = action->vlan.vid | action->vlan.prio << VLAN_PRIO_SHIFT;

	switch (action->act) {
	case TCAMSIM_VLAN_PUSH:
		return !skb_vlan_push(skb, action->vlan.tpid, tci);
	case TCAMSIM_VLAN_POP:
		return !skb_vlan_pop(skb);
	default:
		if (!skb_vlan_tagged(skb))
			return true;
		return !skb_vlan_pop(skb) &&
		       !skb_vlan_push(skb, action->vlan.tpid, tci);
	}
}

static void do_mirror(struct tcamsim_port *port, u32 ifindex,
		      struct sk_buff *skb)
{
	struct tcamsim_port *out = tcamsim_port_find(port->sw, ifindex);
	struct sk_buff *copy;

	copy = out ? skb_copy(skb, GFP_ATOMIC) : NULL;
	if (copy)
		tcamsim_port_send(out, copy);
}

static void drop(struct tcamsim_port *port, struct sk_buff *skb)
{
	atomic64_inc(&port->count.hw_dropped);
	kfree_skb(skb);
}

static void do_redirect(struct tcamsim_port *port, u32 ifindex,
			struct sk_buff *skb)
{
	struct tcamsim_port *out = tcamsim_port_find(port->sw, ifindex);

	if (!out) {
		drop(port, skb);
		return;
	}
	atomic64_inc(&port->count.hw_forwarded);
	tcamsim_port_send(out, skb);
}

/* An action after which the packet goes on: false if it could not be done. */
static bool do_change(const struct tcamsim_action *action,
		      struct tcamsim_port *port, struct sk_buff *skb,
		      struct tcamsim_frame *frame)
{
	bool done = true;

	switch (action->act) {
	case TCAMSIM_MIRROR:
		do_mirror(port, action->ifindex, skb);
		return true;
	case TCAMSIM_MARK:
		skb->mark = action->mark;
		return true;
	case TCAMSIM_SET:
	case TCAMSIM_ADD:
		done = do_edit(action, skb, frame);
		break;
	case TCAMSIM_CSUM:
		done = do_csum(skb, frame);
		break;
	default:
		done = do_vlan(action, skb);
		break;
	}
	tcamsim_frame_read(skb, frame->key.ingress, frame);
	return done;
}

enum tcamsim_verdict tcamsim_actions_run(const struct tcamsim_actions *actions,
					 struct tcamsim_port *port,
					 struct sk_buff *skb,
					 struct tcamsim_frame *frame,
					 u32 *ret_chain)
{
	const struct tcamsim_action *action = actions->list;
	int i;

	for (i = 0; i < actions->n; i++, action++) {
		switch (action->act) {
		case TCAMSIM_PASS:
			return TCAMSIM_ON_LPM;
		case TCAMSIM_TRAP:
			return TCAMSIM_ON_CPU;
		case TCAMSIM_GOTO:
			*ret_chain = action->chain;
			return TCAMSIM_ON_CHAIN;
		case TCAMSIM_REDIRECT:
			do_redirect(port, action->ifindex, skb);
			return TCAMSIM_GONE;
		case TCAMSIM_POLICE:
			if (!policer_conforms(action->policer, skb->len))
				goto dropped;
			if (action->policer->pass)
				return TCAMSIM_ON_LPM;
			break;
		case TCAMSIM_DROP:
			goto dropped;
		default:
			if (!do_change(action, port, skb, frame))
				goto dropped;
		}
	}
	return TCAMSIM_ON_LPM; /* as software: the list ends, the packet goes on */
dropped:
	drop(port, skb);
	return TCAMSIM_GONE;
}

const char *tcamsim_act_name(enum tcamsim_act act)
{
	static const char *const names[] = {
		[TCAMSIM_PASS] = "pass",
		[TCAMSIM_DROP] = "drop",
		[TCAMSIM_TRAP] = "trap",
		[TCAMSIM_GOTO] = "goto",
		[TCAMSIM_REDIRECT] = "redirect",
		[TCAMSIM_MIRROR] = "mirror",
		[TCAMSIM_SET] = "set",
		[TCAMSIM_ADD] = "add",
		[TCAMSIM_CSUM] = "csum",
		[TCAMSIM_MARK] = "mark",
		[TCAMSIM_VLAN_PUSH] = "vlan-push",
		[TCAMSIM_VLAN_POP] = "vlan-pop",
		[TCAMSIM_VLAN_SET] = "vlan-set",
		[TCAMSIM_POLICE] = "police",
	};

	return names[act];
}
