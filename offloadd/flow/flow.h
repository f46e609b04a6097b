/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flow: one route that could be in hardware, and its life.
 *
 * Members are grouped by who writes them; nobody else does.  The state has
 * one writer, ofl_flow_transition(), which knows every legal arrow; nothing
 * is called offloaded before a provider said so.
 *
 * Memory per flow is a feature (a full Internet table is a million of them):
 * mind the size check in flow.c.
 */
#ifndef OFFLOADD_FLOW_FLOW_H
#define OFFLOADD_FLOW_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/slab.h"
#include "offloadd/flow/action.h"
#include "offloadd/flow/addr.h"
#include "offloadd/flow/reason.h"

/* Stored by name ("never", "best-effort", "critical"), ordered by worth. */
enum ofl_class {
	OFL_CLASS_NEVER = 0,
	OFL_CLASS_BEST_EFFORT = 1,
	OFL_CLASS_CRITICAL = 2,
};
#define OFL_CLASS_MAX 3

enum ofl_state {
	OFL_STATE_SEEN = 0,  /* known, not judged yet */
	OFL_STATE_WAITING,   /* judged, in software; reason says why */
	OFL_STATE_SENT,	     /* asked hardware for it, no answer yet */
	OFL_STATE_OFFLOADED, /* hardware confirmed an entry that forwards it */
	OFL_STATE_COVERED,   /* hardware confirmed an entry that punts it */
	OFL_STATE_ELIDED,    /* a confirmed shorter entry forwards alike */
	OFL_STATE_LEAVING,   /* asked hardware to remove it, no answer yet */
	OFL_STATE_FAILED,    /* hardware refused; reason and text say why */
	OFL_STATE_GONE,	     /* the route and its entry are gone; terminal */
};
#define OFL_STATE_MAX 9

/* What zebra says of a route beside where it leads. */
struct ofl_facts {
	uint8_t proto;	   /* ZEBRA_ROUTE_*, or OFL_PROTO_*; names: base */
	uint8_t distance;  /* administrative distance */
	uint16_t instance; /* protocol instance */
	uint32_t metric;
	uint32_t tag;
};
/* Not zebra's: routes this daemon adds so that hardware never answers them. */
#define OFL_PROTO_LOCAL 253    /* an address of this router */
#define OFL_PROTO_RESERVED 254 /* loopback, link-local, multicast, ... */
/* The feed does not tell distance, instance, metric and tag of this route.  No
 * route with that distance is ever used. */
#define OFL_DISTANCE_UNKNOWN 255

static inline bool ofl_facts_are_full(const struct ofl_facts *f)
{
	return f->distance != OFL_DISTANCE_UNKNOWN;
}

/* Index into the engine's table array; OFL_TABLE_NONE: none. */
#define OFL_TABLE_NONE 0xff
/* No table of ours: a driver that takes routes by itself may have it. */
#define OFL_TABLE_FIB 0xfe

/* Flows are named by handles; ofl_flow_at() in flowlist.h. */
extern struct ofl_slab ofl_flow_slab;

enum ofl_flow_link_kind {
	OFL_FLOW_LINK_TABLE, /* flowtab: the list that `list` names */
	OFL_FLOW_LINK_GROUP, /* source: the members of its group */
	OFL_FLOW_LINKS
};
struct ofl_flow_link {
	uint32_t next, prev; /* handles; 0: none */
};
struct ofl_flow_list {
	uint32_t first, last, count;
	uint8_t kind; /* enum ofl_flow_link_kind */
};

struct ofl_rib_group; /* owned by the source room, opaque elsewhere */

struct ofl_flow {
	/* What a feed looks at comes first, in one cache line. */

	/* flowtab */
	uint32_t handle;
	uint32_t hash_next; /* a handle */
	struct ofl_key key;
	struct ofl_flow_link link[OFL_FLOW_LINKS];

	/* source: what zebra and the kernel say */
	struct ofl_action *action;   /* reference held; NULL: not ready */
	struct ofl_rib_group *group; /* unresolved next-hop group */

	/* From here on in order of size. */
	uint64_t id; /* flowtab: 1.., never reused within a database */
	/* state machine: ofl_flow_transition() and _since_set() only */
	char *text;	   /* hardware's own words, or NULL; owned */
	uint64_t since_us; /* wall clock, microseconds since 1970 */

	struct ofl_facts facts; /* source */

	/* policy: what it is worth */
	uint32_t rule; /* sequence number; 0: the default class */
	uint32_t weight;

	/* engine: which tables know the route, and which of them have, or may
	 * have, an entry that forwards it (bit i: table i) */
	uint32_t placed, held;
	uint16_t errnum; /* what came with `text`, or 0 */
	uint8_t alarms;	 /* there are about it (engine/levels.h) */
	uint8_t restate; /* generation in which the store was told last */

	/* source */
	uint8_t wait;  /* enum ofl_reason why action is NULL; NONE if it is not
			*/
	uint8_t sweep; /* generation of the feed that last announced it */

	/* policy */
	uint8_t cls;   /* enum ofl_class */
	uint8_t table; /* engine's table index */

	/* state machine */
	uint8_t state;	/* enum ofl_state */
	uint8_t reason; /* enum ofl_reason */

	/* flowtab */
	uint8_t list : 2;   /* which of its lists: clean, dirty, recheck */
	bool withdrawn : 1; /* the route is gone, the entry may not be */

	/* source: zebra withdrew the route, or did not name it again, and the
	 * shrink guard holds that */
	bool retained : 1;
	bool retained_stale : 1; /* the latter */

	bool offload_or_fail : 1; /* policy */
	bool counted : 1;	  /* engine: in its sums */
	bool is_side : 1; /* source: told by the second of two (source.h) */

	/* engine/ack.c: what zebra was told since it announced the route */
	uint8_t acked : 2;   /* enum ofl_ack */
	bool ack_waits : 1;  /* in one of its queues */
	bool ack_urgent : 1; /* in the first */
	bool ack_lost : 1;   /* hardware lost it, and zebra does not know */
};

/* "critical"...; out of range: "unknown". */
const char *ofl_class_name(enum ofl_class c);
bool ofl_class_parse(const char *name, enum ofl_class *ret_class);
const char *ofl_state_name(enum ofl_state s);
bool ofl_state_parse(const char *name, enum ofl_state *ret_state);

/* --- the life of a flow --- */

/* What is told of every change of state (store, notifications, log). */
struct ofl_transition {
	const struct ofl_flow *flow; /* as it is after the change */
	enum ofl_state from, to;
	enum ofl_reason reason;
	const char *text; /* NULL or hardware's words; valid for the call */
	uint64_t at_us;	  /* wall clock */
	uint8_t op;	  /* enum ofl_op_kind that brought it, OFL_OP_NONE */
};

/* Is the arrow from -> to legal?  (The table is in flow.c, with words.) */
bool ofl_state_can_follow(enum ofl_state from, enum ofl_state to);

/* The one function that changes a flow's state.
 *
 * Same state, same reason and same text: nothing happens, false is returned.
 * An illegal arrow changes nothing and returns false with *ret_illegal true
 * (a bug in a caller: the engine counts and logs it).  Otherwise state,
 * reason, text and since are set, *ret_t describes the change, true. */
bool ofl_flow_transition(struct ofl_flow *f, enum ofl_state to,
			 enum ofl_reason reason, const char *text, uint8_t op,
			 uint64_t now_us, struct ofl_transition *ret_t,
			 bool *ret_illegal);

/* It is what it is since an earlier life of the daemon. */
void ofl_flow_since_set(struct ofl_flow *f, uint64_t since_us);

/* How a flow that is to be offloaded or else failed stands: what placement
 * calls waiting for want of room is a failure for it. */
enum ofl_state ofl_flow_state_for(const struct ofl_flow *f,
				  enum ofl_state state, enum ofl_reason reason);

/* Drop what a flow owns (its action's reference, its text) before its memory
 * goes; ofl_flowtab_del() does, tests with a flow of their own must. */
void ofl_flow_fini(struct ofl_flow *f);

#endif /* OFFLOADD_FLOW_FLOW_H */
