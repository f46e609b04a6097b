/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The feed of routes: one handle, whoever brings them.
 *
 *   zapi   everything by redistribution, in two sessions with zebra
 *   fpm    the routes of protocols from zebra's module dplane_fpm_nl, in the
 *          third; interfaces, VRFs, addresses, and the routes that module does
 *          not tell when they change (connected, kernel) stay with the two
 *
 * What is complete, what is stale and when is decided here, the same for both
 * (feed_settle.c); who brings what is in zapi.c and fpm.c.  Who asks never
 * needs to know which feed it is, but for what is shown.
 *
 * One feed in a process.  Before it starts vrf_init() must have been called
 * (its callbacks may be NULL); the lists of VRFs and interfaces are libfrr's
 * and end with vrf_terminate().
 */
#ifndef OFFLOADD_SOURCE_FEED_H
#define OFFLOADD_SOURCE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/base/frr_compat.h"
#include "offloadd/flow/addr.h"
#include "offloadd/source/source.h"

struct zebra_privs_t;
struct ofl_feed;
struct ofl_fpm;

enum ofl_feed_kind {
	OFL_FEED_ZAPI = 0,
	OFL_FEED_FPM,
};
#define OFL_FEED_KIND_MAX 2
/* "zapi", "fpm"; also what the configuration calls them. */
const char *ofl_feed_kind_name(enum ofl_feed_kind kind);
bool ofl_feed_kind_parse(const char *name, enum ofl_feed_kind *ret_kind);

/* Does this feed know the distance, the metric, the tag and the instance of a
 * route?  If not, rules cannot ask for them. */
bool ofl_feed_has_attributes(enum ofl_feed_kind kind);
/* ... but of routes of these protocols (connected, local, kernel) every feed
 * knows them, as they come by ZAPI. */
bool ofl_feed_is_by_zapi(enum ofl_feed_kind kind, uint8_t proto);

#define OFL_FPM_PORT 2620

struct ofl_feed_conf {
	uint8_t kind; /* enum ofl_feed_kind */
	/* Quiet time after which a resync has ended.  After a loss of zebra it
	 * does not end before the protocol daemons had time to come back to it
	 * (12 s, after a long absence a minute). */
	uint32_t settle_ms;
	/* At the latest, even if never quiet: but not while zebra still brings
	 * what it did not bring before. */
	uint32_t settle_max_ms;
	/* FPM: where to wait for zebra. */
	uint8_t fpm_family;
	uint8_t fpm_addr[16];
	uint16_t fpm_port;
};

/* Starts connecting; reconnects for ever.  `settled` is called at the end of
 * each resync (after the sweep). */
struct ofl_feed *ofl_feed_new(struct ofl_loop *loop,
			      struct zebra_privs_t *privs, struct ofl_rib *rib,
			      const struct ofl_feed_conf *conf,
			      void (*settled)(void *arg), void *arg);
/* Another kind, or another address, is as if zebra had been lost: everything
 * is held until the new feed has said what there is. */
void ofl_feed_conf_set(struct ofl_feed *feed, const struct ofl_feed_conf *conf);
void ofl_feed_free(struct ofl_feed *feed); /* NULL is fine */

/* For ofl_rib_ops.nht_register; arg is the struct ofl_feed, NULL is fine. */
void ofl_feed_nht_register(void *arg, uint32_t vrf, uint8_t family,
			   const uint8_t *gw, bool on);

/* Whoever knows what zebra had before has seen all of it come again: the first
 * feed is complete after a quarter of the quiet time.  NULL is fine. */
void ofl_feed_all_back(struct ofl_feed *feed);

/* Have zebra announce everything again: a resync, as after a loss of zebra but
 * without one.  What it does not name is withdrawn when the feed has settled,
 * and not before zebra has said anything (or the latest time for that has
 * come).  False: there is no zebra. */
bool ofl_feed_resync(struct ofl_feed *feed);

/* The FPM side, for who answers on it (fpm.h); NULL under ZAPI.  It changes
 * with the configuration: ask each time. */
struct ofl_fpm *ofl_feed_fpm(struct ofl_feed *feed);

enum ofl_feed_state {
	OFL_FEED_CONNECTING = 0, /* no zebra yet */
	OFL_FEED_SYNCING,	 /* it says what it has */
	OFL_FEED_SETTLED,	 /* that was all; changes follow */
	OFL_FEED_LOST,		 /* it went away; everything is held */
};
const char *ofl_feed_state_name(enum ofl_feed_state s);

/* Of the FPM session. */
struct ofl_fpm_stats {
	bool listening, connected;
	char peer[64];		     /* address and port of zebra, or "" */
	char error[96];		     /* why it does not listen, or why the last
				      * connection was closed by this side; or "" */
	uint64_t since_us;	     /* it is connected, or is not; monotonic */
	uint64_t connects, replaced; /* ... by a newer connection */
	uint64_t frames, bytes, messages;
	uint64_t malformed; /* frames, and messages that make no sense */
	uint64_t ignored;   /* of no table of a VRF, not about routes ... */
	uint64_t merged;    /* withdrawals that an announcement followed */
	uint64_t nexthops;  /* groups and next hops with a number */
	uint64_t nexthops_missing; /* of these, named but not known */
	/* written by this side */
	uint64_t sent_messages, sent_bytes, refused_messages;
	uint64_t queued_bytes;
};

struct ofl_feed_stats {
	uint8_t kind;	   /* enum ofl_feed_kind */
	uint8_t state;	   /* enum ofl_feed_state */
	uint64_t state_us; /* since when; monotonic */
	bool late; /* SYNCING beyond settle_max_ms, and still progressing */
	bool connected; /* all sessions */
	bool settled;	/* the first feed, or the last resync, is complete */
	/* of what brings the routes */
	uint64_t messages, bytes, connects;
	uint64_t malformed; /* messages dropped by the decoder */
	uint64_t first_route_us,
		last_route_us; /* monotonic; rate of the feed */
	struct ofl_fpm_stats fpm;
};
void ofl_feed_stats(struct ofl_feed *feed, struct ofl_feed_stats *ret);

#endif /* OFFLOADD_SOURCE_FEED_H */
