/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the LPM table (lpm.c), the kernel's routes in it (route.c) and what
 * tells of them (fib.c).
 *
 * lpm.c is the hardware: prefixes and what to do.  route.c is the driver's
 * memory: which of the kernel's routes is meant, and whether the hardware has
 * it.  Nobody else looks in here.
 */
#ifndef TCAMSIM_LPM_H
#define TCAMSIM_LPM_H

#include <net/inet_dscp.h>

#include "tcamsim.h"

struct fib_info;
struct fib6_info;

/* ------------------------------------------------------------- lpm.c */

/* NULL: no memory.  Not yet in sw->lpm, where packets find it. */
struct tcamsim_lpm *tcamsim_lpm_new(struct tcamsim *sw);
/* No packet may look into it any more; slots are given back. */
void tcamsim_lpm_free(struct tcamsim_lpm *lpm);

/*
 * Under sw->lock, of sw->lpm.  Writes a route, new or in place of what the
 * prefix did before; only a new one takes slots.  After an errno the table is
 * as it was.
 */
int tcamsim_lpm_set(struct tcamsim *sw, const struct tcamsim_route_key *key,
		    const struct tcamsim_route_result *result,
		    enum tcamsim_write write);
/* Takes a route out; not known: 0.  After an errno it is still there. */
int tcamsim_lpm_unset(struct tcamsim *sw, const struct tcamsim_route_key *key);
/* The same, of itself: no write, so it never fails. */
void tcamsim_lpm_lose(struct tcamsim *sw, const struct tcamsim_route_key *key);
/* What a route of the family takes. */
u32 tcamsim_lpm_slots_of(u8 family);

/* ------------------------------------------------------------- route.c */

/* A route as the kernel knows it; holds what it points at. */
struct tcamsim_origin {
	u8 family;
	union {
		struct {
			struct fib_info *fi;
			dscp_t dscp;
			u8 type;
		} v4;
		struct {
			u32 n; /* more than one: multipath */
			struct fib6_info **list;
		} v6;
	};
};

void tcamsim_origin_fini(struct tcamsim_origin *origin);

/* A neighbour routes lead through. */
struct tcamsim_via {
	u32 ifindex; /* of a port; 0: none */
	u32 family;
	struct in6_addr address; /* IPv4: the first four bytes, the rest 0 */
};

struct tcamsim_routes {
	struct tcamsim *sw;
	struct net *net;
	struct list_head all; /* oldest first */
	DECLARE_HASHTABLE(by_key, 12);
};

void tcamsim_routes_init(struct tcamsim_routes *routes, struct tcamsim *sw,
			 struct net *net);
/*
 * What follows is called under sw->lock, and under RTNL as well once there is
 * an IPv6 route with a next-hop object: the kernel fills its answers about
 * such a one without protecting itself.
 *
 * replace(), append() and del() take `origin` over.
 */
void tcamsim_route_replace(struct tcamsim_routes *routes,
			   const struct tcamsim_route_key *key,
			   struct tcamsim_origin *origin);
/* More next hops for the IPv6 route. */
void tcamsim_route_append(struct tcamsim_routes *routes,
			  const struct tcamsim_route_key *key,
			  struct tcamsim_origin *origin);
/* IPv6: perhaps only some of its next hops. */
void tcamsim_route_del(struct tcamsim_routes *routes,
		       const struct tcamsim_route_key *key,
		       struct tcamsim_origin *origin);
/* -ENOENT: not in hardware. */
int tcamsim_route_evict(struct tcamsim_routes *routes,
			const struct tcamsim_route_key *key);
/* Routes by `via`, NULL: all, may lead elsewhere now. */
void tcamsim_routes_update(struct tcamsim_routes *routes,
			   const struct tcamsim_via *via);
/* Writes again what the device did not hear. */
void tcamsim_routes_catch_up(struct tcamsim_routes *routes);
/* Takes all out and tells the kernel that none is in hardware. */
void tcamsim_routes_forget(struct tcamsim_routes *routes);
void tcamsim_routes_dump(const struct tcamsim_routes *routes,
			 struct seq_file *to);

#endif /* TCAMSIM_LPM_H */
