/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table on tc, as its own files see it:
 *
 *   prov_tc.c        life, and what the kernel tells
 *   prov_tc_op.c     the ledger, operations and their answers
 *   prov_tc_route.c  a route as hardware forwards it: entry -> filter
 *   prov_tc_port.c   ports: tried, given the block, left
 *   prov_tc_try.c    what the ports take of keys and actions
 *   prov_tc_guard.c  the guards before the routes
 *   prov_tc_adopt.c  what an earlier life left: the first dump
 *   prov_tc_audit.c  what is there against what should be: dumps, losses
 *   prov_tc_again.c  entries written once more, and what if that fails
 *   prov_tc_capacity.c  how large the table is and how full, by devlink
 *   prov_tc_count.c  what entries forwarded
 *   prov_tc_sample.c what software forwards, by samples
 *   prov_tc_list*.c  access control lists before the ports: prov_tc_list.h
 *
 * Below them, knowing nothing of tables: prov_tc_wire (the thread; below it
 * prov_tc_exchange, prov_tc_reply), prov_tc_filter (bytes),
 * prov_tc_link (devices), prov_tc_caps (keys, actions), prov_psample;
 * and of ACLs prov_tc_acl (bytes: prov_tc_keys, prov_tc_program, prov_tc_acts;
 * prov_tc_attr is below both), prov_tc_acl_caps.
 *
 * Chains and prefs.  Chain 0, two prefs at conf.pref: one guard a port and a
 * family, "to the router's MAC of this port: goto the chain of its VRF".  The
 * n-th VRF has chains conf.chain + 2n (IPv4) and + 2n + 1 (IPv6); there, pref 1
 * keeps TTL 0 and 1 for the CPU, and routes stand at pref 2 + (32 or 128 -
 * prefix length): longest first.  A filter's handle is that of its ledger
 * entry, so one number finds it in both directions.  In these chains a cookie
 * says the VRF: what stands there explains itself to the next life.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_PRIV_H
#define OFFLOADD_PROVIDER_PROV_TC_PRIV_H

#include "typesafe.h"

#include "lib/nlsock.h"
#include "lib/slab.h"
#include "offloadd/provider/prov_devlink.h"
#include "offloadd/provider/prov_tc_caps.h"
#include "offloadd/provider/prov_tc_link.h"
#include "offloadd/provider/prov_tc_wire.h"
#include "offloadd/provider/provider.h"

#define OFL_TC_VRFS_MAX 64
#define OFL_TC_VRF_NONE UINT32_MAX /* nobody's chains */
#define OFL_TC_STALE_LINKS 8
#define OFL_TC_PREF_TTL 1
#define OFL_TC_PREF_ROUTE 2

/* --- the ledger --- */

enum ofl_tc_entry_flag {
	OFL_TC_PRESENT = 1,   /* hardware confirmed it */
	OFL_TC_BUSY = 2,      /* an operation on it is unanswered */
	OFL_TC_STALE = 4,     /* to be written again: a MAC changed, or lost */
	OFL_TC_UNADOPTED = 8, /* of an earlier life, not adopted yet */
	OFL_TC_APART = 16,    /* to be written anew while nobody is led to it */
};

/* What a filter is being made of by a write of prov_tc_again.c. */
enum ofl_tc_again {
	OFL_TC_AGAIN_NONE = 0, /* of nothing, or an operation came since */
	OFL_TC_AGAIN_RIGHT,    /* what it should be, in place */
	OFL_TC_AGAIN_TRAP,     /* a cover, in place */
	OFL_TC_AGAIN_APART,    /* what it should be, a new one */
};

/* Where it leads and how, as much as a filter needs. */
struct ofl_tc_way {
	uint8_t entry;	  /* enum ofl_entry */
	bool drop;	  /* a blackhole */
	uint8_t dmac[6];  /* of the next hop */
	uint32_t ifindex; /* of the next hop's interface */
};

PREDECL_HASH(ofl_tc_by_key);
/* A filter of a route; its handle is that of the slab. */
struct ofl_tc_entry {
	uint32_t handle; /* first: the slab links free ones here */
	uint8_t flags;	 /* enum ofl_tc_entry_flag */
	uint8_t chain_slot;
	uint8_t audit_no; /* of the last audit that saw it, or write since */
	uint8_t again;	  /* enum ofl_tc_again: the unanswered one */
	uint16_t slots;
	uint32_t identity;
	struct ofl_key key;
	struct ofl_tc_way way;
	uint64_t packets, bytes; /* as last told by the kernel */
	struct ofl_tc_by_key_item item;
};

static inline int ofl_tc_entry_cmp(const struct ofl_tc_entry *a,
				   const struct ofl_tc_entry *b)
{
	return ofl_key_cmp(&a->key, &b->key);
}

static inline uint32_t ofl_tc_entry_hash(const struct ofl_tc_entry *e)
{
	return ofl_key_hash(&e->key);
}

DECLARE_HASH(ofl_tc_by_key, struct ofl_tc_entry, item, ofl_tc_entry_cmp,
	     ofl_tc_entry_hash);

/* An operation that is unanswered. */
struct ofl_tc_pending {
	bool used;
	uint8_t kind; /* enum ofl_op_kind */
	uint16_t slots;
	uint32_t handle; /* of the ledger, or 0: refused without asking */
	uint32_t identity;
	uint64_t op_id;
	struct ofl_tc_way way; /* after success */
};

/* --- ports --- */

enum ofl_tc_port_state {
	OFL_TC_PORT_ABSENT = 0,
	OFL_TC_PORT_PROBING, /* does it offload at all? */
	OFL_TC_PORT_ATTACHING,
	OFL_TC_PORT_ATTACHED,
	OFL_TC_PORT_REFUSED, /* text says why */
};

struct ofl_tc_port {
	char name[IFNAMSIZ];
	uint8_t state; /* enum ofl_tc_port_state */
	uint32_t ifindex;
	char text[OFL_OUTCOME_TEXT];
	/* Guards as they stand in the kernel, per family; pref 0: none. */
	struct ofl_tc_filter guard[2];
	bool guard_busy[2], guard_seen[2];
	bool guard_changed[2]; /* seen otherwise, and told */
	bool guard_stale[2];   /* busy, with one of a device that has gone */
	bool guard_failed[2];  /* hardware did not take it the last time */
	bool guard_refused;
	bool made_qdisc; /* by us, in this life */
	bool foreign;	 /* refused for a qdisc that may go again */
	/* What it takes, prov_tc_try.c's. */
	bool tried;
	struct ofl_tc_cap_known caps[OFL_TC_CAP_MAX];
};

/* --- the table --- */

enum ofl_tc_dumping {
	OFL_TC_DUMP_NONE = 0,
	OFL_TC_DUMP_LINKS,  /* qdiscs follow */
	OFL_TC_DUMP_QDISCS, /* until then the block of a port is not known */
};

enum ofl_tc_phase {
	OFL_TC_LINKS = 0, /* the first dump of links and qdiscs is awaited */
	OFL_TC_PORTS,	  /* until a port is attached */
	OFL_TC_LOOK,	  /* filters of an earlier life are looked for */
	OFL_TC_GUARDS,	  /* chains get their TTL guard */
	OFL_TC_READY,
};

struct ofl_provider {
	const struct ofl_provider_events *events;
	void *arg;
	struct ofl_tc_conf conf;
	uint32_t capacity_slots; /* configured; 0: as it comes */
	uint16_t cost_v4_slots, cost_v6_slots;
	uint32_t tag; /* of the table, in its cookies */

	int epoll_fd;
	struct ofl_tc_wire *wire;
	struct ofl_nlsock *watch;
	struct ofl_tc_links *links;
	uint8_t phase;	 /* enum ofl_tc_phase */
	uint8_t dumping; /* enum ofl_tc_dumping, of the watch */
	bool dump_again;
	bool deaf; /* to news of filters */
	uint32_t overruns;
	bool ready; /* as told */
	bool cleared;
	bool lists_only; /* no hardware and no routes */
	struct ofl_tc_lists *lists;
	char why_not[OFL_OUTCOME_TEXT];

	struct ofl_tc_port ports[OFL_TC_PORTS_MAX];
	uint32_t ports_mtu;		/* the largest of those attached */
	uint32_t vrfs[OFL_TC_VRFS_MAX]; /* by chain slot; [0] is 0 */
	uint8_t vrf_count;
	bool ttl_guard[OFL_TC_VRFS_MAX][2], ttl_seen[OFL_TC_VRFS_MAX][2];
	bool ttl_busy[OFL_TC_VRFS_MAX][2];
	/* Entries there; of these APART; and one could not even so be written:
	 * nobody is led there until all have left. */
	uint32_t chain_count[OFL_TC_VRFS_MAX][2], apart[OFL_TC_VRFS_MAX][2];
	bool barred[OFL_TC_VRFS_MAX][2];
	uint32_t apart_count;		   /* of all chains */
	char guard_text[OFL_OUTCOME_TEXT]; /* why the last guard failed */
	uint32_t
		refused; /* rows of prov_tc_caps that a port refuses, as bits */
	uint32_t trying; /* rows that are unanswered */
	uint32_t life;	 /* of the block; answers of an earlier one are stale */

	struct ofl_slab slab;
	struct ofl_slab_kind entries;
	struct ofl_tc_by_key_head by_key;
	uint32_t present, used_slots;
	struct ofl_tc_pending pending[OFL_OPS_IN_FLIGHT];
	uint32_t in_flight;
	/* Answers that needed no asking; they too come out of poll(). */
	struct ofl_outcome *refusals;
	size_t refusal_count, refusal_room;

	/* Requests the wire had no room for yet, in order. */
	struct ofl_tc_request *backlog;
	size_t backlog_count, backlog_room;

	/* prov_tc_audit.c */
	bool audit_due, auditing, audit_tells;
	bool audit_failed;	 /* once more, but not at once */
	bool unguarded;		 /* of an earlier life only routes are left */
	uint32_t audited;	 /* entries, in the walk that ends an audit */
	uint64_t audit_at_us;	 /* the next one of its own */
	uint64_t eager_until_us; /* a port was asked for not long ago */
	uint32_t lose_at;	 /* how far a walk over all entries is */
	uint32_t rewrite_at;	 /* likewise, of those that are stale */
	bool losing, rewriting;
	uint8_t audit_no; /* counts up and wraps */
	/* Through which devices those lead that are to be rewritten; 0: all. */
	uint32_t stale_links[OFL_TC_STALE_LINKS];
	uint8_t stale_count;
	char lose_text[OFL_OUTCOME_TEXT];

	char again_text[OFL_OUTCOME_TEXT]; /* why the last one failed */

	/* prov_tc_adopt.c */
	bool adopts;	/* the first look: entries are made of what is found */
	uint32_t found; /* entries that are */
	char unclear[OFL_OUTCOME_TEXT]; /* why they cannot be, or "" */
	struct ofl_tc_left {
		struct ofl_tc_filter filter;
		bool sound; /* understood, and where it should be */
		bool kept;
	} * left; /* guards, as they come */
	size_t left_count, left_room;

	/* prov_tc_capacity.c */
	struct ofl_devlink *devlink; /* NULL: no resource is configured */
	bool followed;
	uint64_t writes;	 /* asked for; counts up */
	uint32_t unwritten;	 /* of these, without an answer */
	uint32_t again;		 /* rewrites that are unanswered */
	uint16_t headroom_slots; /* a replace wants room for a second one */
	struct ofl_tc_reading {
		bool known;
		uint64_t size, occ, writes;
	} reading; /* the last one with nothing in flight */
	/* When the reading under way was asked for. */
	uint64_t asked, asked_writes;
	bool asked_idle;
	bool blamed, costs_differ;
	uint32_t told_slots;
	char resource_text[OFL_OUTCOME_TEXT]; /* why it is not known, or "" */

	/* prov_tc_count.c */
	bool count_due, counting;
	bool count_terse;    /* the dump under way is */
	uint32_t count_spot; /* ... of the chain of this one */
	uint32_t counted;    /* entries read so far */

	struct ofl_tc_sampling *sampling; /* prov_tc_sample.c's */
	struct ofl_tc_regions *regions;	  /* prov_tc_region.c's */
	uint64_t now_us;		  /* of the last poll */

	struct ofl_provider_stats stats;
};

/* What a tag of a request is about: the upper byte. */
enum ofl_tc_tag {
	OFL_TC_TAG_OP = 1, /* low: number of the pending operation */
	OFL_TC_TAG_PORT,   /* low: index of the port */
	OFL_TC_TAG_PROBE,  /* low: index of the port * 4 + step */
	OFL_TC_TAG_TRY,	   /* low: index of the port, or 255 << 8 | row */
	OFL_TC_TAG_GUARD,  /* low: port * 2 + family */
	OFL_TC_TAG_TTL,	   /* low: life << 8 | chain slot * 2 + family */
	OFL_TC_TAG_AUDIT,
	OFL_TC_TAG_CLEAN,    /* deleting what is not in the ledger */
	OFL_TC_TAG_AGAIN,    /* low: handle of an entry that is written again */
	OFL_TC_TAG_LIST_TRY, /* low: row */
	/* What is in the lower bytes of these, their files know. */
	OFL_TC_TAG_LIST_SOFT,
	OFL_TC_TAG_LIST_READ, /* a dump, as AUDIT */
	OFL_TC_TAG_LIST_LOOK, /* a dump; low: port */
	OFL_TC_TAG_LIST_FLOOR,
	OFL_TC_TAG_LIST_ENTRY,
	OFL_TC_TAG_LIST_BIND,
	OFL_TC_TAG_COUNT,  /* a dump; low: life << 8 | spot */
	OFL_TC_TAG_SAMPLE, /* low: life << 8 | spot */
	/* Low: life << 10 | region << 2 | one of its spots. */
	OFL_TC_TAG_REGION,
};
static inline uint64_t ofl_tc_tag(enum ofl_tc_tag kind, uint32_t low)
{
	return (uint64_t)kind << 56 | low;
}

/* prov_tc.c */
/* Gathered, and sent at the end of each call of the contract by flush(), which
 * says whether all of it is on its way. */
bool ofl_tc_flush(struct ofl_provider *p);
void ofl_tc_ask(struct ofl_provider *p, const struct ofl_tc_request *r);
void ofl_tc_tell_ready(struct ofl_provider *p, bool ready, const char *text);

/* prov_tc_op.c */
struct ofl_tc_entry *ofl_tc_entry_find(struct ofl_provider *p,
				       const struct ofl_key *key);
struct ofl_tc_entry *ofl_tc_entry_at(struct ofl_provider *p, uint32_t handle);
/* Out of the ledger; its slots are free. */
void ofl_tc_entry_forget(struct ofl_provider *p, struct ofl_tc_entry *e);
size_t ofl_tc_submit(struct ofl_provider *p, const struct ofl_op *ops, size_t n,
		     uint64_t now_us);
/* What an errno value of the kernel means for an operation. */
enum ofl_status ofl_tc_status(int errnum);
void ofl_tc_op_reply(struct ofl_provider *p, const struct ofl_tc_reply *reply);
void ofl_tc_op_refusals_tell(struct ofl_provider *p);
void ofl_tc_op_fini(struct ofl_provider *p);

/* prov_tc_route.c: pure but for the links it looks at. */
/* NULL, or why hardware cannot have it (static text). */
const char *ofl_tc_way_make(const struct ofl_provider *p,
			    const struct ofl_op *op, struct ofl_tc_way *ret);
/* False: larger packets arrive than leave there; text in ret_why. */
bool ofl_tc_way_fits(const struct ofl_provider *p, const struct ofl_tc_way *way,
		     char *ret_why, size_t size);
/* False: the interface is gone or has no MAC; text in *ret_why. */
bool ofl_tc_route_filter(const struct ofl_provider *p,
			 const struct ofl_key *key, uint32_t handle,
			 uint8_t chain_slot, const struct ofl_tc_way *way,
			 struct ofl_tc_filter *ret, const char **ret_why);
/* What tells the next life which VRF a chain is of; read: false if it does not.
 */
void ofl_tc_cookie_vrf_set(uint8_t cookie[OFL_TC_COOKIE], uint32_t vrf);
bool ofl_tc_cookie_vrf_get(const uint8_t cookie[OFL_TC_COOKIE],
			   uint32_t *ret_vrf);
/* Whose route a filter is, by its place, match and cookie; NULL, or why that
 * cannot be said (static text). */
const char *ofl_tc_route_key(const struct ofl_provider *p,
			     const struct ofl_tc_filter *f,
			     struct ofl_key *ret_key, uint8_t *ret_chain_slot);
/* `kind`: enum ofl_tc_cookie_kind. */
void ofl_tc_cookie(const struct ofl_provider *p, uint8_t kind,
		   uint8_t ret[OFL_TC_COOKIE]);
/* Of this table, and no ACL's: those are not the ledger's. */
bool ofl_tc_is_ours(const struct ofl_provider *p,
		    const struct ofl_tc_filter *f);
uint32_t ofl_tc_flags(const struct ofl_provider *p);
uint8_t ofl_tc_to_cpu(const struct ofl_provider *p); /* enum ofl_tc_does */

/* prov_tc_port.c */
void ofl_tc_ports_init(struct ofl_provider *p);
/* A device came, changed, went; or everything did (after a dump). */
void ofl_tc_ports_link(struct ofl_provider *p, const struct ofl_tc_link *link,
		       bool gone);
void ofl_tc_ports_check(struct ofl_provider *p);
/* All links and qdiscs are known anew. */
void ofl_tc_ports_look(struct ofl_provider *p);
void ofl_tc_ports_reply(struct ofl_provider *p,
			const struct ofl_tc_reply *reply);
unsigned int ofl_tc_ports_attached(const struct ofl_provider *p);
/* Why none is; good until the next call. */
const char *ofl_tc_ports_why_not(const struct ofl_provider *p);
/* Not used, or not wholly: told once. */
void ofl_tc_port_refuse(struct ofl_provider *p, struct ofl_tc_port *port,
			const char *text);
void ofl_tc_ports_detach(struct ofl_provider *p);
/* Guards go, then routes: from the first moment all is software's. */
void ofl_tc_ports_clear(struct ofl_provider *p);

/* prov_tc_try.c */
/* Try all rows in the private block of a port. */
void ofl_tc_try_port(struct ofl_provider *p, unsigned int port, uint32_t block);
/* All are answered.  False: no packet of any family could be led to routes;
 * the port's text says why. */
bool ofl_tc_try_verdict(struct ofl_provider *p, struct ofl_tc_port *port);
/* Try in the table's block the rows without an answer: all, or one after the
 * other as long as there is one. */
void ofl_tc_try_block(struct ofl_provider *p);
void ofl_tc_try_again(struct ofl_provider *p);
void ofl_tc_try_reply(struct ofl_provider *p, const struct ofl_tc_reply *reply);
/* A port came or went: what all can. */
void ofl_tc_try_sum(struct ofl_provider *p);
/* Can a family have its guards; can a filter be.  False and why, if not. */
bool ofl_tc_guards_can(const struct ofl_provider *p, unsigned int family);
bool ofl_tc_filter_can(const struct ofl_provider *p,
		       const struct ofl_tc_filter *f, char *ret_why,
		       size_t size);
void ofl_tc_capabilities(struct ofl_provider *p,
			 bool (*cb)(const struct ofl_capability *c, void *arg),
			 void *arg);

/* prov_tc_guard.c */
/* Chain slot of a VRF, guards included; -1: there are too many. */
int ofl_tc_vrf_slot(struct ofl_provider *p, uint32_t vrf);
/* That of the VRF that a port routes in; -1: it does not, or nothing is there.
 */
int ofl_tc_port_slot(const struct ofl_provider *p, unsigned int i);
/* Bring the guards of a port to what they should be. */
void ofl_tc_guards_check(struct ofl_provider *p, unsigned int port);
void ofl_tc_guards_reply(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply);
/* The audit begins; it found a guard; it has ended. */
void ofl_tc_guards_mark(struct ofl_provider *p);
/* False: hardware leads no packet to the routes of this chain, and will not;
 * text in ret_why. */
bool ofl_tc_guards_lead(const struct ofl_provider *p, unsigned int slot,
			unsigned int family, char *ret_why, size_t size);
bool ofl_tc_guards_found(struct ofl_provider *p, const struct ofl_tc_filter *f,
			 const struct ofl_tc_seen *seen);
void ofl_tc_guards_sweep(struct ofl_provider *p);
/* One that an earlier life left is as it should be, and kept. */
bool ofl_tc_ttl_guard_adopt(struct ofl_provider *p,
			    const struct ofl_tc_filter *f);
bool ofl_tc_guard_adopt(struct ofl_provider *p, const struct ofl_tc_filter *f);
/* Nobody is led to these routes, for certain. */
bool ofl_tc_guards_are_away(const struct ofl_provider *p, unsigned int slot,
			    unsigned int family);
/* Guards for TTL that are missing, in all chains of routes. */
void ofl_tc_ttl_guards_check(struct ofl_provider *p);
/* Hardware may have lost the guards: they are written once more. */
void ofl_tc_guards_again(struct ofl_provider *p);
/* They go, then the chains of routes. */
void ofl_tc_guards_clear(struct ofl_provider *p);

/* prov_tc_adopt.c */
/* The first dump begins; it found a filter of ours that is no list's; it has
 * ended.  False: what is there cannot be taken over and has to go. */
void ofl_tc_adopt_begin(struct ofl_provider *p);
void ofl_tc_adopt_found(struct ofl_provider *p,
			const struct ofl_tc_reply *reply);
bool ofl_tc_adopt_end(struct ofl_provider *p);
void ofl_tc_adopt_fini(struct ofl_provider *p);
bool ofl_tc_adopt(struct ofl_provider *p, const struct ofl_key *key,
		  const struct ofl_action *action);

/* prov_tc_audit.c */
/* An audit found something; of no route: `key` NULL. */
void ofl_tc_differs(struct ofl_provider *p, const struct ofl_key *key,
		    enum ofl_difference what, const char *format, ...)
	PRINTFRR(4, 5);
/* A guard leads to routes, or may. */
bool ofl_tc_may_lead(const struct ofl_tc_filter *f);
void ofl_tc_take_away(struct ofl_provider *p, const struct ofl_tc_filter *f);
/* The ledger's entry of a route's filter that was found; NULL: it is nobody's.
 */
struct ofl_tc_entry *ofl_tc_entry_of(struct ofl_provider *p,
				     const struct ofl_tc_filter *f);
/* What the kernel has of an entry is what the ledger says; also where that
 * cannot be written any more, for its device is gone. */
bool ofl_tc_entry_is_right(const struct ofl_provider *p,
			   const struct ofl_tc_entry *e,
			   const struct ofl_tc_filter *f,
			   const struct ofl_tc_seen *seen);
/* It is gone: out of the ledger, and told. */
void ofl_tc_entry_lose(struct ofl_provider *p, struct ofl_tc_entry *e,
		       const char *text);
void ofl_tc_audit(struct ofl_provider *p); /* of the contract */
bool ofl_tc_audit_can_begin(const struct ofl_provider *p);
void ofl_tc_audit_begin(struct ofl_provider *p);
void ofl_tc_audit_reply(struct ofl_provider *p,
			const struct ofl_tc_reply *reply);
/* An operation on it was answered. */
void ofl_tc_entry_written(struct ofl_provider *p, struct ofl_tc_entry *e);
/* A filter of ours changed or went, and not by us. */
void ofl_tc_audit_notice(struct ofl_provider *p, const struct nlmsghdr *nlh);
/* All entries are lost at once: told in steps. */
void ofl_tc_lose_all(struct ofl_provider *p, const char *text);
/* A step of what takes longer; true: there is more. */
bool ofl_tc_audit_step(struct ofl_provider *p, unsigned int budget);

/* prov_tc_again.c */
/* One is to be written again. */
void ofl_tc_entry_stale(struct ofl_provider *p, struct ofl_tc_entry *e);
/* It is, or will be, without anybody having changed it. */
bool ofl_tc_entry_is_stale(const struct ofl_provider *p,
			   const struct ofl_tc_entry *e);
/* An operation made it right, or it is gone: it need not stand apart. */
void ofl_tc_apart_end(struct ofl_provider *p, struct ofl_tc_entry *e);
void ofl_tc_rewrite_step(struct ofl_provider *p, unsigned int budget);
/* Entries that lead through this device (0: all) are to be written again. */
void ofl_tc_stale(struct ofl_provider *p, uint32_t ifindex);
/* An MTU changed: those that do not fit any more are lost. */
void ofl_tc_refit(struct ofl_provider *p);
void ofl_tc_audit_again(struct ofl_provider *p,
			const struct ofl_tc_reply *reply);

/* prov_tc_port.c: of a table of lists alone, one leaves. */
void ofl_tc_port_leave(struct ofl_provider *p, unsigned int port);

/* prov_tc_list.c */
void ofl_tc_lists_init(struct ofl_provider *p);
void ofl_tc_lists_fini(struct ofl_provider *p);
/* A step of what is under way; true: there is more. */
bool ofl_tc_lists_step(struct ofl_provider *p, unsigned int budget);
uint64_t ofl_tc_lists_due_us(const struct ofl_provider *p, uint64_t now_us);
void ofl_tc_lists_reply(struct ofl_provider *p, const struct ofl_tc_reply *r);
/* Packets are led to lists. */
bool ofl_tc_lists_are_used(const struct ofl_provider *p);
/* The block has gone with all that was in it. */
void ofl_tc_lists_lost(struct ofl_provider *p, const char *text);
/* Slots of all that is of lists in hardware. */
uint32_t ofl_tc_lists_slots(const struct ofl_provider *p);
/* Hardware may have lost any of it: written once more. */
void ofl_tc_lists_again(struct ofl_provider *p);
/* All that is of lists goes. */
void ofl_tc_lists_clear(struct ofl_provider *p);
void ofl_tc_lists_port_came(struct ofl_provider *p);
/* A table of lists alone: devices that an earlier life gave the block. */
void ofl_tc_lists_leftovers(struct ofl_provider *p);
void ofl_tc_lists_port_gone(struct ofl_provider *p,
			    const struct ofl_tc_port *port);
void ofl_tc_lists_link(struct ofl_provider *p, const struct ofl_tc_link *link);
/* Where the guards of a port stand: in chain 0, or behind its list. */
uint32_t ofl_tc_list_guard_chain(const struct ofl_provider *p, unsigned int i);
uint32_t ofl_tc_routes_chain(const struct ofl_provider *p);
/* What leaves this device meets a list in software: nothing that hardware
 * sends there does. */
bool ofl_tc_list_leaves(const struct ofl_provider *p, uint32_t ifindex,
			char *ret_why, size_t size);
extern const struct ofl_list_ops ofl_tc_list_ops;
/* prov_tc_list_look.c */
void ofl_tc_lists_mark(struct ofl_provider *p);
void ofl_tc_lists_found(struct ofl_provider *p, const struct ofl_tc_reply *r);
void ofl_tc_lists_sweep(struct ofl_provider *p);
/* Somebody has filters in the block: it is not taken away. */
bool ofl_tc_has_foreign(const struct ofl_provider *p);
/* Those in hardware, as far as is known: a slot each. */
uint32_t ofl_tc_foreign_slots(const struct ofl_provider *p);
/* prov_tc_list_can.c */
void ofl_tc_list_capabilities(struct ofl_provider *p,
			      bool (*cb)(const struct ofl_capability *c,
					 void *arg),
			      void *arg);

/* prov_tc_capacity.c */
bool ofl_tc_capacity_init(struct ofl_provider *p);
void ofl_tc_capacity_fini(struct ofl_provider *p);
/* Returns when to be called again. */
uint64_t ofl_tc_capacity_poll(struct ofl_provider *p, uint64_t now_us,
			      unsigned int budget);
/* The table is ready, or was read: it is told how large it is. */
void ofl_tc_capacity_tell(struct ofl_provider *p);

/* prov_tc_count.c */
/* The kernel says so of an entry's counters: told, if it is more. */
void ofl_tc_entry_counted(struct ofl_provider *p, struct ofl_tc_entry *e,
			  const struct ofl_tc_counted *now);
/* A filter was written: a new one counts. */
void ofl_tc_entry_count_anew(struct ofl_tc_entry *e);
void ofl_tc_count(struct ofl_provider *p); /* of the contract */
void ofl_tc_count_step(struct ofl_provider *p);
void ofl_tc_count_reply(struct ofl_provider *p,
			const struct ofl_tc_reply *reply);

/* prov_tc_spot.c: where packets come by that hardware left to software */
#define OFL_TC_SPOT_CHAIN_0 0
#define OFL_TC_SPOT_ROUTES 1
#define OFL_TC_SPOT_VRFS 2 /* by chain slot and family */
#define OFL_TC_SPOTS (OFL_TC_SPOT_VRFS + 2 * OFL_TC_VRFS_MAX)
/* Packets may come by there. */
bool ofl_tc_spot_is_of_use(const struct ofl_provider *p, unsigned int spot);
uint32_t ofl_tc_spot_chain(const struct ofl_provider *p, unsigned int spot);
/* OFL_TC_SPOTS: none. */
unsigned int ofl_tc_spot_of(const struct ofl_provider *p, uint32_t chain);
/* For all packets there, in software only; handle, deed and cookie are the
 * caller's. */
struct ofl_tc_filter ofl_tc_spot_filter(const struct ofl_provider *p,
					unsigned int spot);

/* prov_tc_region.c: as prov_tc_sample.c below */
void ofl_tc_region_init(struct ofl_provider *p);
void ofl_tc_region_fini(struct ofl_provider *p);
void ofl_tc_regions(struct ofl_provider *p, const struct ofl_prefix *region,
		    size_t n); /* of the contract */
void ofl_tc_region_poll(struct ofl_provider *p, uint64_t now_us);
void ofl_tc_region_reply(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply);
void ofl_tc_region_mark(struct ofl_provider *p);
void ofl_tc_region_found(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply);
void ofl_tc_region_sweep(struct ofl_provider *p);
void ofl_tc_region_block_gone(struct ofl_provider *p);
bool ofl_tc_region_clear(struct ofl_provider *p);
/* Are there any at this spot, to be read? */
bool ofl_tc_region_is_at(const struct ofl_provider *p, unsigned int spot);
/* Read of the kernel. */
void ofl_tc_region_counted(struct ofl_provider *p,
			   const struct ofl_tc_reply *reply);
/* How many are counted; `text` (room for OFL_OUTCOME_TEXT) says why fewer than
 * asked for, or is left as it is. */
uint32_t ofl_tc_region_count(const struct ofl_provider *p, char *text);

/* prov_tc_sample.c */
void ofl_tc_sample_init(struct ofl_provider *p);
void ofl_tc_sample_fini(struct ofl_provider *p);
/* Of the contract. */
void ofl_tc_sample(struct ofl_provider *p, uint32_t rate);
void ofl_tc_sample_status(struct ofl_provider *p,
			  struct ofl_sampling_status *ret);
/* Returns when to be called again. */
uint64_t ofl_tc_sample_poll(struct ofl_provider *p, uint64_t now_us,
			    unsigned int budget);
void ofl_tc_sample_reply(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply);
/* The audit begins; it found a filter that samples; it has ended. */
void ofl_tc_sample_mark(struct ofl_provider *p);
void ofl_tc_sample_found(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply);
void ofl_tc_sample_sweep(struct ofl_provider *p);
void ofl_tc_sample_block_gone(struct ofl_provider *p);
/* All go.  False: there was none. */
bool ofl_tc_sample_clear(struct ofl_provider *p);

#endif /* OFFLOADD_PROVIDER_PROV_TC_PRIV_H */
