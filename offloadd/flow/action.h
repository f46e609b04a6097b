/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hardware does with a packet that hits a route: forward to a resolved
 * next-hop group, or discard.
 *
 * Actions are interned: equal content is the same pointer and the same id, so
 * "same forwarding identity" (the question elision asks) is one comparison.
 * An id is never used again within a run.  Reference-counted; not thread-safe
 * (main thread only).
 */
#ifndef OFFLOADD_FLOW_ACTION_H
#define OFFLOADD_FLOW_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ofl_action_kind {
	OFL_ACTION_FORWARD = 0, /* to one or more next hops */
	OFL_ACTION_BLACKHOLE,	/* discard silently (RTN_BLACKHOLE) */
	/* unreachable and prohibit routes answer with ICMP: software only,
	 * they never become an action. */
};

/* One resolved next hop: a port and the MAC address behind it. */
struct ofl_nexthop {
	uint32_t ifindex; /* egress interface, never 0 */
	uint32_t vrf;	  /* VRF of the egress interface (route leaking) */
	uint8_t family;	  /* of gw: AF_INET, AF_INET6 (RFC 5549) */
	uint8_t weight;	  /* ECMP weight, 1.. */
	uint8_t mac[6];	  /* neighbour's link-layer address */
	uint8_t gw[16];	  /* network order, unused bytes 0 */
};

struct ofl_action {
	uint32_t refs;
	uint32_t id; /* 1..; 0 means "no action" wherever an id is stored */
	uint8_t kind; /* enum ofl_action_kind */
	uint16_t nh_count;
	struct ofl_nexthop nh[]; /* sorted, no duplicates; empty: discard */
};

/* Find or make the action with this content and take a reference.
 * `nh` need not be sorted; duplicates are merged (weights kept from the
 * first).  FORWARD needs nh_count >= 1.  Never NULL. */
struct ofl_action *ofl_action_get(enum ofl_action_kind kind,
				  const struct ofl_nexthop *nh,
				  size_t nh_count);
struct ofl_action *ofl_action_ref(struct ofl_action *a); /* NULL stays NULL */
void ofl_action_unref(struct ofl_action *a);		 /* NULL is fine */

/* The live action with this id, or NULL; no reference is taken. */
struct ofl_action *ofl_action_find(uint32_t id);
/* Number of distinct live actions. */
size_t ofl_action_count(void);

void ofl_action_init(void);
void ofl_action_fini(void); /* all references must be gone */

#endif /* OFFLOADD_FLOW_ACTION_H */
