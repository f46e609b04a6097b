/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FPM session as its own files see it:
 *
 *   fpm.c        where zebra connects, reading, writing, the end
 *   fpm_route.c  what its messages make of routes
 */
#ifndef OFFLOADD_SOURCE_FPM_PRIVATE_H
#define OFFLOADD_SOURCE_FPM_PRIVATE_H

#include "offloadd/source/bulk.h"
#include "offloadd/source/feed_private.h"
#include "offloadd/source/fpm_decode.h"
#include "offloadd/source/fpm_frame.h"
#include "offloadd/source/fpm_nhg.h"

/* What waits to be written, at most. */
#define OFL_FPM_QUEUE_BYTES (1024 * 1024)
/* Tables of no VRF that are remembered. */
#define OFL_FPM_TABLES_MAX 64

struct ofl_fpm {
	struct ofl_feed *feed;
	bool wanted; /* to listen */
	int listener, fd;
	struct ofl_ev *t_retry, *t_accept, *t_read, *t_write, *t_event;
	struct ofl_bulk *reader;
	uint64_t logged_us;
	struct ofl_fpm_stats stats;

	/* to be written: from, to are offsets in it */
	uint8_t *queue;
	size_t from, to;
	bool refused;			  /* somebody waits for room */
	bool up_pending, drained_pending; /* to be told */

	/* fpm_route.c */
	struct ofl_nhgs *nhgs;
	uint32_t conversation; /* numbers of next hops are of one only */
	bool has_del;	       /* a withdrawal that may be half an update */
	struct ofl_key del;
	uint32_t table, vrf; /* the last that was found */
	bool vrf_known;
	/* Routes of these were passed over: should a VRF have one later,
	 * zebra has to say them again. */
	uint32_t tables[OFL_FPM_TABLES_MAX];
	size_t table_count;
	struct ofl_fpm_message message; /* large, so not on the stack */
	struct ofl_rawnh nh[OFL_RAWNH_MAX];
};

/* --- fpm_route.c --- */
void ofl_fpm_routes_init(struct ofl_fpm *f);
void ofl_fpm_routes_fini(struct ofl_fpm *f);
/* A new conversation. */
void ofl_fpm_routes_reset(struct ofl_fpm *f);
/* The messages of one frame; false: it is none. */
bool ofl_fpm_routes_frame(struct ofl_fpm *f, const uint8_t *frame, size_t len);

/* --- fpm.c --- */
/* Count, and log now and then, what makes no sense. */
void ofl_fpm_malformed(struct ofl_fpm *f, const char *what);

#endif /* OFFLOADD_SOURCE_FPM_PRIVATE_H */
