/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FPM session: zebra's module dplane_fpm_nl connects to us and says by
 * netlink messages what the kernel is to be told.
 *
 * There is one session.  A newer connection takes the place of the older one:
 * a zebra that was killed leaves a connection that looks alive, and the new
 * zebra must not wait for it.
 *
 * It is read for ever and in bounded turns: a peer that does not read blocks
 * zebra.  What is written is queued and bounded, and never waits either.
 *
 * Neighbours: fpm_frame.c finds the messages in the bytes, fpm_decode.c what a
 * message says, fpm_nhg.c keeps next hops by number; when everything was said
 * is feed_settle.c's.
 */
#ifndef OFFLOADD_SOURCE_FPM_H
#define OFFLOADD_SOURCE_FPM_H

#include "offloadd/source/feed.h"

/* What becomes of the session.  `up` and `drained` may be called from any event
 * of the loop but never from inside a call of this file. */
struct ofl_fpm_events {
	/* zebra announced a route, again or as it was, and the mirror knows.
	 * This one is called in the middle of reading: it may take note. */
	void (*announced)(const struct ofl_key *key, uint8_t proto, void *arg);
	/* zebra is connected (again): nothing that was sent before counts. */
	void (*up)(struct ofl_fpm *fpm, void *arg);
	/* ofl_fpm_send() had refused, and would not now. */
	void (*drained)(struct ofl_fpm *fpm, void *arg);
};
/* Who answers on the session; of the feed and not of one connection: set once,
 * it stays across reconnects and changes of the feed's kind.  `up` follows soon
 * if there is a connection now.  `events` NULL: nobody any longer. */
void ofl_feed_set_fpm_events(struct ofl_feed *feed,
			     const struct ofl_fpm_events *events, void *arg);

/* Queue one whole netlink message (its length in its header) for zebra, in a
 * frame of its own.  False: not connected, or no room (then `drained` follows),
 * or it is no message that fits into a frame. */
bool ofl_fpm_send(struct ofl_fpm *fpm, const void *nlmsg, size_t len);
/* Bytes that wait for zebra to read them. */
size_t ofl_fpm_queued_bytes(const struct ofl_fpm *fpm);
bool ofl_fpm_is_connected(const struct ofl_fpm *fpm);

/* The netlink table of a VRF; false: zebra did not name that VRF. */
bool ofl_feed_vrf_table(struct ofl_feed *feed, uint32_t vrf,
			uint32_t *ret_table);
/* The number the kernel and FPM know a protocol by (RTPROT_*), of the number
 * zebra knows it by. */
uint8_t ofl_fpm_rtprot(uint8_t proto);

#endif /* OFFLOADD_SOURCE_FPM_H */
