/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The feed as its own files see it:
 *
 *   feed.c         the handle: who brings what, and what is told of it
 *   feed_settle.c  when what zebra has is complete
 *   zapi.c         the two sessions over ZAPI
 *   fpm.c          the session over FPM, and fpm_route.c what it says
 */
#ifndef OFFLOADD_SOURCE_FEED_PRIVATE_H
#define OFFLOADD_SOURCE_FEED_PRIVATE_H

#include "offloadd/source/feed.h"
#include "offloadd/source/fpm.h"

struct ofl_zapi;

/* For how long a session is read before others have their turn. */
#define OFL_FEED_TURN_US 20000

struct ofl_feed {
	struct ofl_loop *loop;
	struct ofl_rib *rib;
	struct ofl_feed_conf conf;
	void (*on_settled)(void *arg);
	void *arg;
	struct ofl_zapi *zapi;
	struct ofl_fpm *fpm; /* NULL under ZAPI */
	struct ofl_fpm_events fpm_events;
	void *fpm_events_arg;

	/* feed_settle.c */
	struct ofl_ev *t_settle;
	uint64_t start_us;	/* of this feed */
	uint64_t lost_us;	/* when zebra went away, or was missed first,
				 * since the last complete feed; 0: never */
	uint64_t sync_us;	/* when the present resync began */
	uint64_t not_before_us; /* and the earliest time it may end */
	uint64_t activity_us;	/* when zebra last said something */
	uint64_t progress_us;	/* and something it had not said before */
	uint64_t progress;	/* as the rib counts it */
	bool ever_settled;
	bool all_back; /* zebra has named all that was known before */
	bool asked;    /* to say all again; nothing came since */
	uint64_t connects;
	uint64_t first_route_us, last_route_us;
	bool settled;
	uint8_t state; /* enum ofl_feed_state */
	uint64_t state_us;
};

/* --- feed.c, for the sessions --- */
/* Are all sessions there? */
bool ofl_feed_is_connected(const struct ofl_feed *feed);
/* zebra said over ZAPI which VRFs there are: it may say over FPM what is in
 * their tables.  Or it went away. */
void ofl_feed_vrfs_known(struct ofl_feed *feed, bool known);
/* A VRF has a table now that it had not. */
void ofl_feed_table_new(struct ofl_feed *feed, uint32_t table);

/* --- feed_settle.c --- */
/* What of zebra is there again. */
enum ofl_feed_begin {
	OFL_FEED_BEGIN_ZEBRA, /* zebra itself */
	OFL_FEED_BEGIN_FPM,   /* its FPM module; it waits for nobody else */
	OFL_FEED_BEGIN_ASKED, /* it was there, and says all again */
};
void ofl_feed_begin(struct ofl_feed *feed, enum ofl_feed_begin what);
/* A session that brings routes ended. */
void ofl_feed_lost(struct ofl_feed *feed, bool is_zebra);
/* The ordinary session is there: what it says counts, too. */
void ofl_feed_clock_restart(struct ofl_feed *feed);
/* zebra said something ... */
void ofl_feed_active(struct ofl_feed *feed);
/* ... and something about routes. */
void ofl_feed_heard(struct ofl_feed *feed);
/* A session came or went, or the resync ended. */
void ofl_feed_state_note(struct ofl_feed *feed);
/* The latest time for the end of the resync is over. */
bool ofl_feed_is_late(const struct ofl_feed *feed);

/* --- zapi.c --- */
/* What is asked for under FPM, by name: the numbers differ between versions. */
#define OFL_ZAPI_SIDE_TYPES 3
extern const char *const ofl_zapi_side_types[OFL_ZAPI_SIDE_TYPES];
struct ofl_zapi *ofl_zapi_new(struct ofl_feed *feed,
			      struct zebra_privs_t *privs);
void ofl_zapi_free(struct ofl_zapi *z);
void ofl_zapi_nht_register(struct ofl_zapi *z, uint32_t vrf, uint8_t family,
			   const uint8_t *gw, bool on);
bool ofl_zapi_is_connected(const struct ofl_zapi *z);
/* Have the routes of this feed announced again; `before`: what it was asked
 * for until now.  False: there is no zebra. */
bool ofl_zapi_subscribe(struct ofl_zapi *z, enum ofl_feed_kind before);
/* The resync is over: what was not named is gone. */
void ofl_zapi_sweep(struct ofl_zapi *z);
struct ofl_zapi_stats {
	uint64_t messages, bytes, malformed;
};
void ofl_zapi_stats(const struct ofl_zapi *z, struct ofl_zapi_stats *ret);
/* VRFs by table, and back; not those that are network namespaces. */
bool ofl_zapi_table_vrf(const struct ofl_zapi *z, uint32_t table,
			uint32_t *ret_vrf);
bool ofl_zapi_vrf_table(const struct ofl_zapi *z, uint32_t vrf,
			uint32_t *ret_table);
void ofl_zapi_vrfs_walk(const struct ofl_zapi *z,
			void (*cb)(uint32_t vrf, void *arg), void *arg);
/* The VRF of an interface; `vrf` if it is in that, or not known. */
uint32_t ofl_zapi_interface_vrf(uint32_t ifindex, uint32_t vrf);
/* A route for one source only. */
void ofl_zapi_source_route(struct ofl_zapi *z, const struct ofl_key *key,
			   const struct ofl_prefix *src, bool add);

/* --- fpm.c --- */
struct ofl_fpm *ofl_fpm_new(struct ofl_feed *feed);
void ofl_fpm_free(struct ofl_fpm *fpm); /* NULL is fine; tells nobody */
/* Wait for zebra, or no longer. */
void ofl_fpm_listen(struct ofl_fpm *fpm, bool on);
/* End the session: zebra comes back and says all again.  False: there is
 * none. */
bool ofl_fpm_restart(struct ofl_fpm *fpm);
void ofl_fpm_table_new(struct ofl_fpm *fpm, uint32_t table);
void ofl_fpm_events_set(struct ofl_fpm *fpm);
void ofl_fpm_stats(const struct ofl_fpm *fpm, struct ofl_fpm_stats *ret);

#endif /* OFFLOADD_SOURCE_FEED_PRIVATE_H */
