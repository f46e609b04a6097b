/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ZAPI feed: routes of every VRF by redistribution, recursive next hops by
 * next-hop tracking, addresses of this router by interface events.
 *
 * Two sessions with zebra: one ordinary (interfaces, VRFs, tracking) and one
 * for the bulk of routes, read in 256 KB pieces.  The zapi files are the only
 * ones that know libfrr's zclient.
 *
 * One feed in a process.  Before it starts vrf_init() must have been called
 * (its callbacks may be NULL); the lists of VRFs and interfaces are libfrr's
 * and end with vrf_terminate().
 */
#ifndef OFFLOADD_SOURCE_ZAPI_H
#define OFFLOADD_SOURCE_ZAPI_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/base/frr_compat.h"
#include "offloadd/source/source.h"

struct zebra_privs_t;
struct ofl_zapi;

struct ofl_zapi_conf {
	/* Quiet time after which a resync has ended.  After a loss of zebra it
	 * does not end before the protocol daemons had time to come back to it
	 * (12 s, after a long absence a minute). */
	uint32_t settle_ms;
	/* At the latest, even if never quiet: but not while zebra still brings
	 * what it did not bring before. */
	uint32_t settle_max_ms;
};

/* Starts connecting; reconnects for ever.  `settled` is called at the end of
 * each resync (after the sweep). */
struct ofl_zapi *ofl_zapi_new(struct ofl_loop *master,
			      struct zebra_privs_t *privs, struct ofl_rib *rib,
			      const struct ofl_zapi_conf *conf,
			      void (*settled)(void *arg), void *arg);
void ofl_zapi_conf_set(struct ofl_zapi *z, const struct ofl_zapi_conf *conf);
void ofl_zapi_free(struct ofl_zapi *z);

/* For ofl_rib_ops.nht_register; arg is the struct ofl_zapi. */
void ofl_zapi_nht_register(void *arg, uint32_t vrf, uint8_t family,
			   const uint8_t *gw, bool on);

/* Whoever knows what zebra had before has seen all of it come again: the first
 * feed is complete after a quarter of the quiet time.  NULL is fine. */
void ofl_zapi_all_back(struct ofl_zapi *z);

/* Have zebra announce everything again, in the sessions there are: a resync, as
 * after a loss of zebra but without one.  What it does not name is withdrawn
 * when the feed has settled, and not before zebra has said anything (or the
 * latest time for that has come).  False: there is no zebra. */
bool ofl_zapi_resync(struct ofl_zapi *z);

enum ofl_feed_state {
	OFL_FEED_CONNECTING = 0, /* no zebra yet */
	OFL_FEED_SYNCING,	 /* it says what it has */
	OFL_FEED_SETTLED,	 /* that was all; changes follow */
	OFL_FEED_LOST,		 /* it went away; everything is held */
};
const char *ofl_feed_state_name(enum ofl_feed_state s);

struct ofl_zapi_stats {
	uint8_t state;	   /* enum ofl_feed_state */
	uint64_t state_us; /* since when; monotonic */
	bool late; /* SYNCING beyond settle_max_ms, and still progressing */
	bool connected; /* both sessions */
	bool settled;	/* the first feed, or the last resync, is complete */
	uint64_t messages, bytes, connects;
	uint64_t malformed; /* messages dropped by the decoder */
	uint64_t first_route_us,
		last_route_us; /* monotonic; rate of the feed */
};
void ofl_zapi_stats(struct ofl_zapi *z, struct ofl_zapi_stats *ret);

#endif /* OFFLOADD_SOURCE_ZAPI_H */
