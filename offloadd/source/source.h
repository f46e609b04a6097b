/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the feeds (zapi, fpm) and the mirror of the RIB.
 *
 * A feed announces routes as the protocol gave them (unresolved next hops);
 * rib.c joins them with next-hop tracking, links and neighbours and keeps the
 * flow of each route up to date in the flow table.  A feed that lost its peer
 * begins a resync: routes not announced again until it ends are stale.
 *
 *     ofl_rib_sync_begin()            generation + 1
 *     ofl_rib_route_add() ...         announced again: kept
 *     ofl_rib_sync_end()              the rest is withdrawn, reason *stale*
 *
 * Everything here runs in the main thread and never blocks.
 */
#ifndef OFFLOADD_SOURCE_SOURCE_H
#define OFFLOADD_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/flowtab.h"

/* A next hop as a route carries it. */
enum ofl_rawnh_kind {
	OFL_RAWNH_INTERFACE = 0, /* directly connected, no gateway */
	OFL_RAWNH_GATEWAY,	 /* gateway with interface: resolved */
	OFL_RAWNH_RECURSIVE,	 /* gateway only: next-hop tracking resolves it */
	OFL_RAWNH_BLACKHOLE,	 /* discard silently */
	OFL_RAWNH_REJECT,	 /* discard with an ICMP error */
};

struct ofl_rawnh {
	uint8_t kind;	 /* enum ofl_rawnh_kind */
	uint8_t family;	 /* of gw, 0 without gateway */
	uint8_t weight;	 /* 0 counts as 1 */
	bool encap;	 /* carries labels or segments: not offloadable */
	uint32_t ifindex; /* 0 where none */
	uint32_t vrf;
	uint8_t gw[16];
};

#define OFL_RAWNH_MAX 256 /* more next hops than this: the rest is ignored and
			   * the route counts as action-unsupported */

struct ofl_rib;

/* `flows` outlives the rib.  `nht_register` asks the feed to track or to stop
 * tracking a gateway (family, address) in a VRF; called once per distinct one.
 * It may not call back into the rib before it returns. */
struct ofl_rib_ops {
	void (*nht_register)(void *arg, uint32_t vrf, uint8_t family,
			     const uint8_t *gw, bool on);
};
struct ofl_rib *ofl_rib_new(struct ofl_flowtab *flows,
			    const struct ofl_rib_ops *ops, void *arg);
void ofl_rib_free(struct ofl_rib *rib); /* flows stay; NULL is fine */

/* --- routes (feed) --- */
void ofl_rib_route_add(struct ofl_rib *rib, const struct ofl_key *key,
		       const struct ofl_facts *facts,
		       const struct ofl_rawnh *nh, size_t nh_count);
void ofl_rib_route_del(struct ofl_rib *rib, const struct ofl_key *key);

/* A second source may bring some of the routes: the side.  Each prefix is
 * with one of them in the end, but what they say crosses on its way.  So while
 * both have a route the side's counts, neither withdraws the other's, and the
 * feed's comes back when the side's goes. */
void ofl_rib_side_add(struct ofl_rib *rib, const struct ofl_key *key,
		      const struct ofl_facts *facts, const struct ofl_rawnh *nh,
		      size_t nh_count);
void ofl_rib_side_del(struct ofl_rib *rib, const struct ofl_key *key);

/* Next hops with a name (not 0) that routes refer to; the routes of a VRF with
 * one name are told where it leads once for all of them.  nh NULL: that is not
 * known yet.  Such a route waits in software; in a resync it stays as it was
 * until the end. */
void ofl_rib_named_add(struct ofl_rib *rib, const struct ofl_key *key,
		       const struct ofl_facts *facts, uint64_t name,
		       const struct ofl_rawnh *nh, size_t nh_count);
/* Does a route of the VRF refer to it?  Then what it leads to is known from
 * that one, and nh above is not looked at. */
bool ofl_rib_has_named(struct ofl_rib *rib, uint32_t vrf, uint64_t name);
/* What it leads to now, for all routes of the VRF that refer to it. */
void ofl_rib_named_set(struct ofl_rib *rib, uint32_t vrf, uint64_t name,
		       const struct ofl_rawnh *nh, size_t nh_count);
/* A VRF went away: its routes are withdrawn. */
void ofl_rib_vrf_del(struct ofl_rib *rib, uint32_t vrf);
/* Addresses of this router and reserved blocks (facts.proto tells which);
 * they win over a route of the same prefix and come back to it when gone. */
void ofl_rib_guard_add(struct ofl_rib *rib, const struct ofl_key *key,
		       uint8_t proto);
void ofl_rib_guard_del(struct ofl_rib *rib, const struct ofl_key *key);
/* Add the reserved blocks of a VRF (RFC 6890: 0/8, 127/8, 224/4, 240/4
 * without unicast use, fe80::/10, ff00::/8, ...). */
void ofl_rib_reserved_add(struct ofl_rib *rib, uint32_t vrf);

/* Also as soon as the peer is lost, and again when it is back: between begin
 * and end nothing is held against what zebra cannot have said yet. */
void ofl_rib_sync_begin(struct ofl_rib *rib);
/* Ends a resync in bounded turns: returns true while there is more to do. */
bool ofl_rib_sync_end(struct ofl_rib *rib, unsigned int budget);

/* --- the shrink guard (rib_shrink.c) --- */
/* A feed that loses a large share of its routes at once is more likely to be
 * broken than right: its withdrawals are held.  A held route stays as it is,
 * and follows its next hops as any other. */
struct ofl_shrink_conf {
	bool enabled;
	uint8_t percent;    /* more than this share of the routes lost ... */
	uint32_t min_routes; /* ... and at least so many: held */
	uint32_t hold_s;    /* and for so long */
};
/* A guard that is switched off lets go of what it holds. */
void ofl_rib_shrink_set(struct ofl_rib *rib,
			const struct ofl_shrink_conf *conf);
/* What time it is (monotonic).  To be told before routes are, and about once
 * a second: a hold ends then, unless the feed is not complete. */
void ofl_rib_tick(struct ofl_rib *rib, uint64_t now_us);
/* Let go of what is held, in the turns of ofl_rib_work(). */
void ofl_rib_release(struct ofl_rib *rib);

/* Routes lost are counted over so many seconds. */
#define OFL_SHRINK_WINDOW_S 5

enum ofl_shrink_state {
	OFL_SHRINK_WATCHING = 0,
	OFL_SHRINK_HOLDING,   /* withdrawals are held */
	OFL_SHRINK_RELEASING, /* what was held is being withdrawn */
};
enum ofl_shrink_end {
	OFL_SHRINK_END_TIME = 0, /* the configured time is over */
	OFL_SHRINK_END_BACK,	 /* every route was announced again */
	OFL_SHRINK_END_ASKED,	 /* ofl_rib_release() */
	OFL_SHRINK_END_OFF,	 /* the guard was switched off */
};
struct ofl_shrink_stats {
	uint8_t state; /* enum ofl_shrink_state */
	uint8_t end;   /* enum ofl_shrink_end, of the last hold */
	uint64_t held; /* routes */
	/* of the present or last hold; monotonic */
	uint64_t since_us, until_us;
	uint64_t lost, of;	/* routes, when it began */
	uint64_t withdrawn;	/* at its end */
	uint64_t holds, releases; /* begun, ended; since start */
};
void ofl_rib_shrink_stats(const struct ofl_rib *rib,
			  struct ofl_shrink_stats *ret_stats);

/* --- next-hop tracking (feed) --- */
/* What a recursive next hop resolves to; nh_count 0: unreachable. */
void ofl_rib_nht_update(struct ofl_rib *rib, uint32_t vrf, uint8_t family,
			const uint8_t *gw, const struct ofl_rawnh *nh,
			size_t nh_count);

/* Every gateway that is tracked now: a feed that lost its peer registers them
 * again. */
void ofl_rib_nht_walk(struct ofl_rib *rib,
		      void (*cb)(uint32_t vrf, uint8_t family,
				 const uint8_t *gw, void *arg),
		      void *arg);

/* --- links and neighbours (neigh) --- */
/* A complete list of links and neighbours begins; those not named until it
 * ends are gone. */
void ofl_rib_kernel_sync_begin(struct ofl_rib *rib);
void ofl_rib_kernel_sync_end(struct ofl_rib *rib);
void ofl_rib_link_set(struct ofl_rib *rib, uint32_t ifindex, bool up);
void ofl_rib_link_del(struct ofl_rib *rib, uint32_t ifindex);
/* mac NULL: the neighbour is gone or not usable (FAILED, INCOMPLETE). */
void ofl_rib_neigh_set(struct ofl_rib *rib, uint32_t ifindex, uint8_t family,
		       const uint8_t *addr, const uint8_t *mac);

/* The neighbour of the last ofl_rib_neigh_set() is not a result of resolution
 * but somebody's word (permanent, no ARP): it is not probed -- to the kernel
 * that would mean to forget it.  Holds until the next neigh_set(). */
void ofl_rib_neigh_fixed(struct ofl_rib *rib, uint32_t ifindex, uint8_t family,
			 const uint8_t *addr);

/* Without traffic the kernel resolves no neighbour, and forgets those it once
 * knew; hardware forwards without the kernel seeing it.  So the rib keeps a
 * schedule of who is to be asked to resolve what: a next hop without a MAC
 * address soon and then ever more rarely, one in use now and then. */
struct ofl_probe {
	uint32_t ifindex;
	uint8_t family;
	uint8_t addr[16];
};
#define OFL_PROBE_KEEP_US 30000000ULL  /* a neighbour that is known */
#define OFL_PROBE_FIRST_US 1000000ULL  /* between the first two, then doubled */
#define OFL_PROBE_SLOW_US 60000000ULL  /* ... up to this */
/* Take the next probe that is due; false: none is. */
bool ofl_rib_probe_next(struct ofl_rib *rib, uint64_t now_us,
			struct ofl_probe *ret_probe);
/* When the next one is due (monotonic); UINT64_MAX: never. */
uint64_t ofl_rib_probe_due_us(const struct ofl_rib *rib);
/* Called when that moved to an earlier time. */
void ofl_rib_set_probe_wake(struct ofl_rib *rib, void (*wake)(void *arg),
			    void *arg);

/* Re-judge groups whose next hops changed, at most `budget` flows; returns
 * true while there is more.  Changes are cheap to report; this does the work. */
bool ofl_rib_work(struct ofl_rib *rib, unsigned int budget);
/* Called when ofl_rib_work() has something to do again. */
void ofl_rib_set_wake(struct ofl_rib *rib, void (*wake)(void *arg), void *arg);

struct ofl_rib_stats {
	uint64_t routes_added, routes_deleted; /* messages since start */
	uint64_t groups;	/* distinct next-hop groups */
	uint64_t nexthops_tracked, neighbors, links;
	uint64_t stale_swept;
	uint64_t routes; /* announced, or stale; without held ones */
	/* The present resync, or the last: routes there were at its beginning,
	 * and of these the ones announced again. */
	uint64_t sync_total, sync_again;
	/* Grows while a resync brings what was not there: routes announced
	 * again, and more routes than there ever were.  Not by flapping. */
	uint64_t sync_progress;
};
void ofl_rib_stats(const struct ofl_rib *rib, struct ofl_rib_stats *ret_stats);

#endif /* OFFLOADD_SOURCE_SOURCE_H */
