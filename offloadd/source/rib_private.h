/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the mirror of the RIB: groups, facts, guards, held routes.
 *
 *     flow --group--> group --deps--> fact (link, neighbour, tracked gateway)
 *
 * A group is all routes of a VRF with the same raw next hops, or the same name
 * for them; what hardware shall do is found once for the group and handed to
 * its flows.  A fact is a thing outside that a group's answer rests on; it
 * knows the groups to tell.
 * There is no second copy of a route: a flow is member of its group.
 *
 * Shared by rib.c and the files called rib_ only.
 */
#ifndef OFFLOADD_SOURCE_RIB_PRIVATE_H
#define OFFLOADD_SOURCE_RIB_PRIVATE_H

#include "typesafe.h"

#include "offloadd/flow/flowlist.h"
#include "offloadd/source/source.h"

PREDECL_HASH(ofl_rib_groups);
PREDECL_DLIST(ofl_rib_group_list);
PREDECL_DLIST(ofl_rib_work_list);
PREDECL_HASH(ofl_rib_facts);
PREDECL_DLIST(ofl_rib_users);
PREDECL_HEAP(ofl_rib_probes);
PREDECL_HASH(ofl_rib_guards);
PREDECL_HASH(ofl_rib_belows);

/* --- facts --- */

enum ofl_fact_kind {
	OFL_FACT_LINK,	  /* index: ifindex */
	OFL_FACT_NEIGH,	  /* index: ifindex, and an address */
	OFL_FACT_GATEWAY, /* index: VRF, and an address */
};

struct ofl_fact {
	struct ofl_rib_facts_item hash_item;
	/* the identity */
	uint8_t kind; /* enum ofl_fact_kind */
	uint8_t family;
	uint32_t index;
	uint8_t addr[16];

	/* the world: LINK is there; NEIGH has a MAC; GATEWAY is reachable */
	bool known;
	bool up;	/* LINK */
	uint8_t seen;	/* LINK, NEIGH: the kernel list that named it last */
	uint8_t mac[6]; /* NEIGH */
	bool fixed;	/* NEIGH: not to be probed, known or not */
	bool lost;	/* GATEWAY: unreachable, but a resync is under way */
	bool answered;	/* GATEWAY: since it is tracked */
	uint16_t nh_count;
	struct ofl_rawnh *nh; /* GATEWAY: what it resolves to */

	/* the groups */
	struct ofl_rib_users_head users;

	/* NEIGH with users: when to ask the kernel for it */
	struct ofl_rib_probes_item probe_item;
	uint64_t due_us;
	uint64_t probed_us;
	uint8_t tries;
};

struct ofl_dep {
	struct ofl_rib_users_item item;
	struct ofl_fact *fact;
	struct ofl_rib_group *group;
};
DECLARE_DLIST(ofl_rib_users, struct ofl_dep, item);

/* --- groups --- */

struct ofl_rib_group {
	struct ofl_rib_groups_item hash_item;
	struct ofl_rib_group_list_item list_item;
	struct ofl_rib_work_list_item work_item;
	/* Longest not announced first: a resync looks at the head only. */
	struct ofl_flow_list members;
	struct ofl_flow_list held; /* by the shrink guard */
	struct ofl_flow *cursor;   /* next to be given the answer, or NULL */
	uint32_t pins;		   /* guards that hide a route of it, callers */
	bool stale;		   /* a fact changed: find the answer again */
	bool unanswered; /* it rests on a gateway nobody told of yet */
	bool restated;	 /* ... and hand it out even if it is the same */
	bool doomed;	 /* its VRF is gone: withdraw the members */

	/* the answer */
	struct ofl_action *action; /* reference held */
	uint8_t wait;		   /* enum ofl_reason */
	uint32_t dep_count;
	struct ofl_dep *deps; /* what it rests on */

	/* the identity: the next hops, or their name if they have one */
	uint32_t vrf;
	uint64_t name;
	bool is_pending; /* it has, and where that leads was not told */
	uint16_t nh_count;
	struct ofl_rawnh *nh;
};
DECLARE_DLIST(ofl_rib_group_list, struct ofl_rib_group, list_item);
DECLARE_DLIST(ofl_rib_work_list, struct ofl_rib_group, work_item);

/* --- guards --- */

struct ofl_guard {
	struct ofl_rib_guards_item item;
	struct ofl_key key;
	uint8_t proto;
	/* the route below it, if there is one */
	struct ofl_rib_group *group; /* pinned */
	struct ofl_facts facts;
	bool is_side;
	uint8_t sweep;
};

/* --- two sources --- */

/* A route of the feed below one of the side. */
struct ofl_below {
	struct ofl_rib_belows_item item;
	struct ofl_key key;
	struct ofl_rib_group *group; /* pinned */
	struct ofl_facts facts;
	uint8_t sweep;
};

/* --- the shrink guard --- */

struct ofl_shrink {
	struct ofl_shrink_conf conf;
	struct ofl_shrink_stats stats;
	uint64_t now_us;

	/* How many routes there are, by what zebra announced and withdrew
	 * alone: the end of a VRF or of a resync does not count.  The most in
	 * each of the last seconds, by second modulo the window. */
	int64_t level;
	int64_t most[OFL_SHRINK_WINDOW_S];
	uint64_t second;

	struct ofl_rib_group *next; /* RELEASING: group to look at */
};

/* --- the whole --- */

struct ofl_rib {
	struct ofl_flowtab *flows;
	struct ofl_rib_ops ops;
	void *ops_arg;
	void (*wake)(void *arg);
	void *wake_arg;
	void (*probe_wake)(void *arg);
	void *probe_wake_arg;

	struct ofl_rib_groups_head groups;
	struct ofl_rib_group_list_head all; /* oldest first */
	struct ofl_rib_work_list_head work;
	struct ofl_rib_facts_head facts;
	struct ofl_rib_probes_head probes;
	struct ofl_rib_guards_head guards;
	struct ofl_rib_belows_head belows;

	uint8_t generation; /* of the feed; wraps, compared for equality */
	bool in_sync;
	bool sweeping;
	struct ofl_rib_group *sweep_next;
	uint64_t stale; /* routes that the resync has not named yet */
	uint64_t most;	/* routes there ever were in the resync */
	struct ofl_shrink shrink;
	uint8_t kernel_list; /* generation of links and neighbours */

	struct ofl_rib_stats stats;
};

/* rib_group.c */
void ofl_group_tables_init(struct ofl_rib *rib);
void ofl_group_tables_fini(struct ofl_rib *rib);
/* Find or make; made ones have their answer already.  The caller gives it a
 * member or a pin, or calls ofl_group_put(). */
struct ofl_rib_group *ofl_group_get(struct ofl_rib *rib, uint32_t vrf,
				    const struct ofl_rawnh *nh,
				    size_t nh_count);
/* Of this name; if there is none, made with these next hops, or (NULL)
 * *pending*. */
struct ofl_rib_group *ofl_group_named(struct ofl_rib *rib, uint32_t vrf,
				      uint64_t name, const struct ofl_rawnh *nh,
				      size_t nh_count);
/* The resync is over: what is pending, or unanswered, waits in software. */
void ofl_group_pending_apply(struct ofl_rib *rib);
void ofl_group_put(struct ofl_rib *rib, struct ofl_rib_group *g);
/* Membership.  `join` also hands the flow the group's answer. */
void ofl_group_join(struct ofl_rib *rib, struct ofl_rib_group *g,
		    struct ofl_flow *f);
void ofl_group_leave(struct ofl_rib *rib, struct ofl_flow *f);
/* It was announced again: the last to be stale, and not held. */
void ofl_group_touch(struct ofl_rib *rib, struct ofl_flow *f);
/* It was withdrawn, and that is held. */
void ofl_group_retain(struct ofl_rib *rib, struct ofl_flow *f, bool is_stale);
/* It was not: the first. */
void ofl_group_age(struct ofl_flow *f);
/* A fact of it changed. */
void ofl_group_mark(struct ofl_rib *rib, struct ofl_rib_group *g);
void ofl_group_doom(struct ofl_rib *rib, struct ofl_rib_group *g);
/* Do what is due for the first group on the list; returns what it cost. */
unsigned int ofl_group_work(struct ofl_rib *rib, unsigned int budget);
/* Copy next hops into `ret` (OFL_RAWNH_MAX of them) in their one canonical
 * form; returns how many. */
size_t ofl_rawnh_canonical(const struct ofl_rawnh *nh, size_t nh_count,
			   struct ofl_rawnh *ret);

/* rib_resolve.c */
/* What a resolution found: the answer and the facts it rests on. */
#define OFL_RESOLVE_FACTS_MAX (3 * OFL_RAWNH_MAX)
struct ofl_resolved {
	struct ofl_action *action; /* reference, or NULL: wait says why */
	uint8_t wait;
	bool unanswered; /* by a gateway */
	size_t fact_count;
	struct ofl_fact *facts[OFL_RESOLVE_FACTS_MAX];
};
void ofl_group_resolve(struct ofl_rib *rib, const struct ofl_rib_group *g,
		       struct ofl_resolved *ret);

/* rib_fact.c */
void ofl_fact_tables_init(struct ofl_rib *rib);
void ofl_fact_tables_fini(struct ofl_rib *rib);
struct ofl_fact *ofl_fact_get(struct ofl_rib *rib, enum ofl_fact_kind kind,
			      uint32_t index, uint8_t family,
			      const uint8_t *addr);
/* Users come and go; an unused fact the world does not know is freed. */
void ofl_fact_use(struct ofl_rib *rib, struct ofl_dep *dep);
void ofl_fact_release(struct ofl_rib *rib, struct ofl_dep *dep);
/* The resync is over: gateways that stayed unreachable are. */
void ofl_fact_lost_apply(struct ofl_rib *rib);

/* rib_shrink.c */
/* Routes came or went, one by one. */
void ofl_shrink_more(struct ofl_rib *rib);
void ofl_shrink_less(struct ofl_rib *rib);
/* The next that goes was not withdrawn by zebra. */
void ofl_shrink_excuse(struct ofl_rib *rib);
/* Zebra withdraws a route: is that to be held? */
bool ofl_shrink_is_held(struct ofl_rib *rib);
/* A resync is over, and what it did not name is about to be swept ... */
void ofl_shrink_judge_sync(struct ofl_rib *rib);
/* ... and was. */
void ofl_shrink_rebase(struct ofl_rib *rib);
/* Withdraw held routes, if it is time; returns what it cost, 0: none. */
unsigned int ofl_shrink_work(struct ofl_rib *rib, unsigned int budget);

/* rib_guard.c */
void ofl_guard_tables_init(struct ofl_rib *rib);
void ofl_guard_tables_fini(struct ofl_rib *rib);
struct ofl_guard *ofl_guard_find(struct ofl_rib *rib,
				 const struct ofl_key *key);
/* The route below a guard: set (pins the group) or, with NULL, forget. */
void ofl_guard_hide(struct ofl_rib *rib, struct ofl_guard *guard,
		    struct ofl_rib_group *g, const struct ofl_facts *facts,
		    bool is_side);
void ofl_guard_vrf_del(struct ofl_rib *rib, uint32_t vrf);
void ofl_guard_sweep(struct ofl_rib *rib);

/* rib_side.c */
void ofl_below_tables_init(struct ofl_rib *rib);
void ofl_below_tables_fini(struct ofl_rib *rib);
struct ofl_below *ofl_below_find(struct ofl_rib *rib,
				 const struct ofl_key *key);
/* The feed's route of a prefix that the side has. */
void ofl_below_set(struct ofl_rib *rib, const struct ofl_key *key,
		   struct ofl_rib_group *g, const struct ofl_facts *facts,
		   uint8_t sweep);
void ofl_below_del(struct ofl_rib *rib, struct ofl_below *b); /* or NULL */
/* The side's route goes: the feed's has the flow again, if there is one that
 * is not stale. */
bool ofl_below_restore(struct ofl_rib *rib, struct ofl_flow *f);
void ofl_below_vrf_del(struct ofl_rib *rib, uint32_t vrf);
void ofl_below_sweep(struct ofl_rib *rib);

#endif /* OFFLOADD_SOURCE_RIB_PRIVATE_H */
