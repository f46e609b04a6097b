/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcamsim: a switch whose tables are small, as a kernel module.
 *
 * This header is the contract between the files of the module; README.md is
 * the one for its users.  Who does what:
 *
 *   main.c      switches come and go with the module; parameters
 *   port.c      network devices: a switch port and the wire end before it
 *   frame.c     bytes of a packet -> struct tcamsim_key
 *   match.c     a tc filter -> words to compare; what it costs in slots
 *   action.c    tc actions -> our own; carrying them out on a packet
 *   tcam.c      regions, chains, entries: the table that is full so soon
 *   block.c     flow blocks: the calls of cls_flower and cls_matchall
 *   lpm.c       longest prefix match: the other small table (lpm.h)
 *   route.c     one route of the kernel: where it leads, its flags
 *   fib.c       the kernel's routes and neighbours -> route.c
 *   pipeline.c  a packet from the wire: TCAM, then LPM, then the CPU
 *   devlink.c   resources (size, occupancy), reload
 *   fault.c     what goes wrong with hardware, on demand (debugfs)
 *   say.c       a sentence of ours in a netlink answer
 *   compat.h    where kernels differ
 *
 * Locks.  `sw->lock` (mutex) is held by whoever changes a table; it may
 * sleep, as slow hardware does.  Packets take no lock: they read tables under
 * RCU.  Where RTNL is held too it is taken first.
 */
#ifndef TCAMSIM_H
#define TCAMSIM_H

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/devlink.h>
#include <net/flow_offload.h>
#include <net/pkt_cls.h>

#define TCAMSIM_MAX_PORTS 64
#define TCAMSIM_MAX_SLOTS 1048576 /* of a table */
#define TCAMSIM_MAX_ACTIONS 16
#define TCAMSIM_MAX_HOPS 16 /* goto: chains one packet may visit */

struct tcamsim;
struct tcamsim_port;

/* ------------------------------------------------- what a packet is made of */

/*
 * Every field a table can match, as it stands in a packet; also its mask.
 * Compared in words of 32 bits, so no byte is left unnamed.
 */
struct tcamsim_key {
	u8 dmac[ETH_ALEN];
	u8 smac[ETH_ALEN];
	__be16 outer_type; /* the first type: of the tag, where there is one */
	__be16 n_proto;	   /* the type behind all tags */
	__be16 vlan_tci;   /* of the outermost tag; 0 without one */
	__be16 vlan_tpid;  /* 0 without a tag */
	u8 ip_proto;
	u8 tos; /* IPv6: traffic class */
	u8 ttl; /* IPv6: hop limit */
	u8 frag; /* TCAMSIM_FRAG_* */
	struct in6_addr src; /* IPv4: the first four bytes, the rest 0 */
	struct in6_addr dst;
	__be16 sport; /* 0 in every fragment, as cls_flower sees it */
	__be16 dport;
	__be16 tcp_flags;
	u8 icmp_type;
	u8 icmp_code;
	u32 ingress; /* ifindex of the port */
};

#define TCAMSIM_KEY_WORDS (sizeof(struct tcamsim_key) / sizeof(u32))
#define TCAMSIM_FRAG_ANY 1   /* a fragment */
#define TCAMSIM_FRAG_FIRST 2 /* its offset is 0 */

/* A packet whose data begins at its Ethernet header, read once. */
struct tcamsim_frame {
	struct tcamsim_key key;
	u16 l3_at; /* offset of the network header from data; 0: none */
	bool ip_plain; /* IPv4 without options, or IPv6: whole and sane */
};

/* frame.c: read `skb`.  What is cut off or unknown leaves its fields 0. */
void tcamsim_frame_read(const struct sk_buff *skb, u32 ingress,
			struct tcamsim_frame *ret);

/* ------------------------------------------------------------- a filter */

struct tcamsim_range {
	u16 low, high; /* both included; host order */
};

/* What limit.c tells apart, as bits. */
enum tcamsim_has {
	TCAMSIM_HAS_DMAC,
	TCAMSIM_HAS_INDEV,
	TCAMSIM_HAS_TTL,
	TCAMSIM_HAS_HOPS,
	TCAMSIM_HAS_DST4,
	TCAMSIM_HAS_DST6,
	TCAMSIM_HAS_PORT_RANGE,
	TCAMSIM_HAS_TCP_FLAGS,
};

/* The words of a key that a filter looks at. */
struct tcamsim_match {
	u32 has; /* of enum tcamsim_has */
	u32 slots; /* what an entry costs; see tcamsim_match_slots() */
	u8 n_words;
	bool has_sport, has_dport; /* a range */
	struct tcamsim_range sport, dport;
	struct {
		u32 at; /* number of the word in struct tcamsim_key */
		u32 mask, value;
	} words[TCAMSIM_KEY_WORDS];
};

/*
 * match.c: understand a cls_flower filter.  0, or -EOPNOTSUPP with a sentence
 * in `extack`; *ret is then undefined.
 */
int tcamsim_match_make(const struct flow_cls_offload *f,
		       struct netlink_ext_ack *extack,
		       struct tcamsim_match *ret);
/* The same for cls_matchall: everything of `protocol` (ETH_P_ALL: all). */
void tcamsim_match_make_all(__be16 protocol, struct tcamsim_match *ret);
bool tcamsim_match_hits(const struct tcamsim_match *match,
			const struct tcamsim_frame *frame);

/* ------------------------------------------------------------- actions */

enum tcamsim_act {
	TCAMSIM_PASS,	  /* leave the TCAM: on to the LPM table */
	TCAMSIM_DROP,
	TCAMSIM_TRAP,	  /* to the CPU */
	TCAMSIM_GOTO,	  /* on with another chain */
	TCAMSIM_REDIRECT, /* out of a port, and done */
	TCAMSIM_MIRROR,	  /* a copy out of a port */
	TCAMSIM_SET,	  /* word = (word & mask) ^ value */
	TCAMSIM_ADD,	  /* field = field + value within ~mask */
	TCAMSIM_CSUM,	  /* checksum of the IPv4 header anew */
	TCAMSIM_MARK,	  /* skb->mark, for what goes to the CPU */
	TCAMSIM_VLAN_PUSH,
	TCAMSIM_VLAN_POP,
	TCAMSIM_VLAN_SET,
	TCAMSIM_POLICE,	  /* drop what exceeds the rate */
};

struct tcamsim_policer;

struct tcamsim_action {
	enum tcamsim_act act;
	union {
		u32 chain;
		u32 mark;
		u32 ifindex;
		struct {
			/*
			 * Of which header: ETH_P_IP, ETH_P_IPV6, or 0 for the
			 * Ethernet header.  Packets of another kind stay as
			 * they are.
			 */
			__be16 header;
			u16 offset; /* bytes from its begin, a multiple of 4 */
			/* As in memory, which is what act_pedit reckons with. */
			u32 mask;   /* bits that stay */
			u32 value;
		} edit;
		struct {
			u16 vid;
			__be16 tpid;
			u8 prio;
		} vlan;
		struct tcamsim_policer *policer; /* owned */
	};
};

struct tcamsim_actions {
	u8 n;
	struct tcamsim_action list[TCAMSIM_MAX_ACTIONS];
};

/*
 * action.c: understand tc actions of a filter on a port of `sw`.  0, or
 * -EOPNOTSUPP (-ENOMEM) with a sentence in `extack`; *ret is empty then.
 * Whoever gets them gives them back with tcamsim_actions_fini().
 */
int tcamsim_actions_make(struct tcamsim *sw, struct flow_action *from,
			 struct netlink_ext_ack *extack,
			 struct tcamsim_actions *ret);
void tcamsim_actions_fini(struct tcamsim_actions *actions);

enum tcamsim_verdict {
	TCAMSIM_ON_LPM,	  /* ask the LPM table */
	TCAMSIM_ON_CHAIN, /* look into *ret_chain */
	TCAMSIM_ON_CPU,	  /* to the port's network device */
	TCAMSIM_GONE,	  /* skb is consumed: forwarded or dropped */
};

/*
 * Carry out `actions` on a packet that came in at `port`.  Consumes `skb`
 * exactly if it returns TCAMSIM_GONE; otherwise `frame` is what the packet is
 * now.  *ret_chain is set with TCAMSIM_ON_CHAIN.
 */
enum tcamsim_verdict tcamsim_actions_run(const struct tcamsim_actions *actions,
					 struct tcamsim_port *port,
					 struct sk_buff *skb,
					 struct tcamsim_frame *frame,
					 u32 *ret_chain);
const char *tcamsim_act_name(enum tcamsim_act act);

/* ------------------------------------------------------------- the TCAM */

struct tcamsim_entry {
	struct list_head in_chain; /* RCU; ordered by prio, then age */
	struct hlist_node by_cookie;
	struct list_head in_region;
	struct rcu_head rcu;
	struct tcamsim_region *region;
	struct tcamsim_chain *chain;
	unsigned long cookie; /* cls_flower's name of the filter */
	u32 prio;
	bool installed; /* no: the hardware lost it, the kernel was not told */
	bool doomed;	/* deleted while the device did not answer */
	struct tcamsim_match match;
	struct tcamsim_actions actions;

	/* Packets write these; statistics read them. */
	atomic64_t packets, bytes;
	unsigned long last_hit; /* jiffies */
	/* What the kernel was told already. */
	u64 told_packets, told_bytes;
};

struct tcamsim_chain {
	struct list_head in_region; /* RCU */
	struct rcu_head rcu;
	u32 index;
	u32 n_entries; /* known ones, installed or not: the chain's owners */
	struct list_head entries; /* RCU */
};

/* One flow block: the ports that share it look into the same entries. */
struct tcamsim_region {
	struct list_head in_switch;
	struct rcu_head rcu;
	struct tcamsim *sw;
	u32 id;	     /* counts up from 1, never used again */
	u32 n_ports; /* bound */
	struct list_head chains; /* RCU */
	struct list_head entries;
};

struct tcamsim_region *tcamsim_region_new(struct tcamsim *sw);
/* Drops what is left in it.  Ports must not point at it any more. */
void tcamsim_region_free(struct tcamsim_region *region);

/*
 * tcam.c: add an entry.  Takes `match` and `actions` over if it returns 0;
 * otherwise -ENOSPC, -ENOMEM, or what fault.c says, with a sentence.
 */
int tcamsim_entry_add(struct tcamsim_region *region, unsigned long cookie,
		      u32 chain, u32 prio, const struct tcamsim_match *match,
		      const struct tcamsim_actions *actions,
		      struct netlink_ext_ack *extack);
/* -ENOENT: not known. */
int tcamsim_entry_del(struct tcamsim_region *region, unsigned long cookie);
/* Counters since the last call; clears nothing but what was told. */
int tcamsim_entry_stats(struct tcamsim_region *region, unsigned long cookie,
			u64 *ret_packets, u64 *ret_bytes,
			unsigned long *ret_last_hit);
/* Hardware loses an entry and tells nobody.  -ENOENT: no such one. */
int tcamsim_entry_evict(struct tcamsim *sw, unsigned long cookie);
/* The device answers again: carry out the deletes it missed. */
void tcamsim_tcam_catch_up(struct tcamsim *sw);
/* Loses every entry that no packet hit for so long; how many. */
unsigned int tcamsim_tcam_age(struct tcamsim *sw, unsigned long jiffies_idle);
/* Call under RCU.  NULL: no entry of the chain matches. */
struct tcamsim_entry *tcamsim_tcam_find(const struct tcamsim_region *region,
					u32 chain,
					const struct tcamsim_frame *frame);
void tcamsim_entry_count(struct tcamsim_entry *entry, unsigned int bytes);
int tcamsim_tcam_init(void); /* the module's caches */
void tcamsim_tcam_fini(void);

/* ------------------------------------------------------------- the LPM table */

enum tcamsim_route_does {
	TCAMSIM_ROUTE_TRAP,    /* to the CPU: local, connected, unresolved */
	TCAMSIM_ROUTE_DROP,    /* blackhole */
	TCAMSIM_ROUTE_FORWARD, /* to a neighbour behind a port */
};

struct tcamsim_route_key {
	u32 table; /* the kernel's routing table */
	u8 family; /* AF_INET, AF_INET6 */
	u8 plen;
	u8 zero[2];
	struct in6_addr prefix; /* IPv4: the first four bytes; host bits 0 */
};

/* What the table says of a packet. */
struct tcamsim_route_result {
	enum tcamsim_route_does does;
	u32 ifindex; /* FORWARD: port it leaves by */
	u8 dmac[ETH_ALEN];
};

/* lpm.c: call under RCU.  False: no route of the tables covers the packet. */
bool tcamsim_lpm_find(struct tcamsim *sw, const struct net_device *in,
		      const struct tcamsim_frame *frame,
		      struct tcamsim_route_result *ret);

/* fib.c: follow routes and neighbours of the switch's network namespace. */
int tcamsim_fib_start(struct tcamsim *sw, struct netlink_ext_ack *extack);
/*
 * Waits for work under way and lets go of every route.  Nothing if it was not
 * started.  Call both without RTNL: the work takes it.
 */
void tcamsim_fib_stop(struct tcamsim *sw);
/*
 * Call the rest without any lock of ours, devlink's or RTNL; all do nothing
 * while the LPM table has no slots.
 *
 * Hardware loses a route and the kernel is told.  -ENOENT: no such one.
 */
int tcamsim_fib_evict(struct tcamsim *sw, const struct tcamsim_route_key *key);
/* The device answers again: carry out what it missed. */
void tcamsim_fib_catch_up(struct tcamsim *sw);
/* The routes as lines of JSON. */
void tcamsim_fib_dump(struct tcamsim *sw, struct seq_file *to);

/* ------------------------------------------------------------- ports */

/* Written by packets, on any CPU. */
struct tcamsim_port_counters {
	atomic64_t from_wire;	 /* packets that came in */
	atomic64_t tcam_hits;	 /* hit an entry at least once */
	atomic64_t hw_forwarded; /* left by a port, unseen by the CPU */
	atomic64_t hw_dropped;
	atomic64_t lpm_hits;	 /* a route decided */
	atomic64_t trapped;	 /* to the CPU because a table said so */
	atomic64_t missed;	 /* to the CPU because no table said anything */
};

struct tcamsim_port {
	struct tcamsim *sw;
	u32 number; /* 1.. */
	struct net_device *dev;	 /* swN: what the CPU sees */
	struct net_device *wire; /* swNw: where a test host plugs in */
	struct devlink_port devlink_port;
	struct tcamsim_region __rcu *region; /* ingress block, or NULL */
	struct tcamsim_port_counters count;
};

/* port.c */
int tcamsim_ports_add(struct tcamsim *sw);
void tcamsim_ports_del(struct tcamsim *sw);
/* NULL: not a port of `sw` (an end of a wire is none). */
struct tcamsim_port *tcamsim_port_of(struct tcamsim *sw,
				     const struct net_device *dev);
/* Call under RCU or sw->lock.  NULL: no such port. */
struct tcamsim_port *tcamsim_port_find(struct tcamsim *sw, u32 ifindex);
/* Out of the port onto its wire, by hardware.  Consumes `skb`. */
void tcamsim_port_send(struct tcamsim_port *port, struct sk_buff *skb);
/* Up to the CPU as a packet of the port.  Consumes `skb`. */
void tcamsim_port_punt(struct tcamsim_port *port, struct sk_buff *skb);

/* pipeline.c: a packet from the wire, data at its Ethernet header; consumed. */
void tcamsim_pipeline(struct tcamsim_port *port, struct sk_buff *skb);

/* block.c: ndo_setup_tc of a port */
int tcamsim_setup_tc(struct net_device *dev, enum tc_setup_type type,
		     void *type_data);

/* ------------------------------------------------------------- memory */

enum tcamsim_table {
	TCAMSIM_TCAM,
	TCAMSIM_LPM,
	TCAMSIM_N_TABLES,
};

/*
 * devlink.c: slots of a table; with `coupled` both live in one memory, and the
 * sum counts as well.  -ENOSPC with a sentence that names the table and its
 * size.  Under sw->lock.
 */
int tcamsim_slots_take(struct tcamsim *sw, enum tcamsim_table table, u32 slots,
		       struct netlink_ext_ack *extack);
void tcamsim_slots_give(struct tcamsim *sw, enum tcamsim_table table,
			u32 slots);

/* ------------------------------------------------------------- faults */

/*
 * fault.c: every write to a table begins here.  Waits as slow hardware does;
 * an errno with a sentence if this one is to fail.  Under sw->lock.
 */
enum tcamsim_write {
	TCAMSIM_ADDS,	 /* these can be made to fail */
	TCAMSIM_UPDATES, /* what is there already does something else */
	TCAMSIM_DELETES,
};
int tcamsim_write_begin(struct tcamsim *sw, enum tcamsim_table table,
			enum tcamsim_write write,
			struct netlink_ext_ack *extack);

/* Operators of debugfs write these, tables read them. */
struct tcamsim_faults {
	u32 fail_at[TCAMSIM_N_TABLES]; /* the Nth add from now fails; 0: none */
	u32 fail_errno[TCAMSIM_N_TABLES];
	u32 delay_ms;	/* each write takes so long */
	bool silent;	/* no answer to any write, no counters */
	u32 timeout_ms; /* how long the driver waits for one: -ETIMEDOUT */
	u32 age_ms;	/* entries idle for so long vanish; 0: never */
	struct delayed_work ageing;
	bool resetting; /* the switch is taken down: no write takes time */
	wait_queue_head_t answers; /* who waits for a silent device */
};
void tcamsim_faults_init(struct tcamsim *sw);
/* Make the files of debugfs, for a switch that is up; take them away. */
void tcamsim_faults_show(struct tcamsim *sw);
void tcamsim_faults_fini(struct tcamsim *sw);
/* `on`: every write from now on, and one that waits, is done at once. */
void tcamsim_faults_reset(struct tcamsim *sw, bool on);
/*
 * limit.c: count an addition, and refuse it (-EOPNOTSUPP) if the switch was
 * told that it cannot do this.  Under sw->lock.
 */
struct tcamsim_limits {
	u32 keys, acts; /* refused: bits of enum tcamsim_has, tcamsim_act */
	u32 additions;	/* asked for, refused ones included */
};
int tcamsim_limit_check(struct tcamsim *sw, const struct tcamsim_match *match,
			const struct tcamsim_actions *actions,
			struct netlink_ext_ack *extack);
void tcamsim_limit_show(struct tcamsim *sw); /* its files of debugfs */
/* The debugfs directory of the module itself. */
void tcamsim_debugfs_init(void);
void tcamsim_debugfs_fini(void);

/*
 * say.c: a sentence for whoever asked, "tcamsim: ..."; keep it below 70
 * characters, for kernels give room for no more.  `extack` may be NULL.
 */
__printf(2, 3) void tcamsim_say(struct netlink_ext_ack *extack,
				const char *format, ...);

/* ------------------------------------------------------------- a switch */

struct tcamsim_lpm;
struct tcamsim_fib;

struct tcamsim {
	/* Set once. */
	u32 number; /* 0.. */
	struct platform_device *pdev;
	u32 n_ports;
	bool coupled;
	u32 first_port; /* its port 1 is called sw<first_port> */
	struct tcamsim_port **ports; /* see tcamsim_port_find() */
	bool loaded; /* under the devlink lock: ports and routes are there */

	struct mutex lock; /* tables, slots, faults */
	u64 size[TCAMSIM_N_TABLES]; /* slots; in force since the last (re)load */
	u64 used[TCAMSIM_N_TABLES];
	u64 memory_size; /* with `coupled`: of both together */

	DECLARE_HASHTABLE(by_cookie, 12);
	struct list_head regions;
	u32 last_region;

	/* Both NULL while the LPM table has no slots. */
	struct tcamsim_lpm *lpm; /* packets read it under RCU */
	struct tcamsim_fib *fib; /* set under this and devlink's lock */

	struct tcamsim_faults faults;
	struct tcamsim_limits limits;
	struct dentry *debugfs;
};

/* devlink.c */
struct tcamsim *tcamsim_switch_new(struct platform_device *pdev, u32 number);
void tcamsim_switch_free(struct tcamsim *sw);

/* Parameters of the module, main.c. */
extern unsigned int tcamsim_ports;
extern unsigned int tcamsim_tcam_slots;
extern unsigned int tcamsim_lpm_slots;
extern unsigned int tcamsim_ipv6_slots;
extern bool tcamsim_coupled;

#endif /* TCAMSIM_H */
