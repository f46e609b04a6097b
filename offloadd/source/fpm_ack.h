/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What zebra understands of an answer over FPM: RTM_NEWROUTE of a route that
 * it announced, with RTM_F_OFFLOAD or RTM_F_OFFLOAD_FAILED (zebra of FRRouting
 * 10.x, dplane_fpm_nl.c, fpm_read(); linux/rtnetlink.h).  It finds the route by
 * table, prefix and protocol; next hops are not looked at.
 *
 * zebra of 8.4 reads such messages and makes nothing of them.
 */
#ifndef OFFLOADD_SOURCE_FPM_ACK_H
#define OFFLOADD_SOURCE_FPM_ACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

struct ofl_feed;

#define OFL_FPM_ACK_BYTES 64

/* Write the message to `buf` (OFL_FPM_ACK_BYTES, aligned as a struct nlmsghdr);
 * returns its length.  `rtprot` is the kernel's number of the protocol. */
size_t ofl_fpm_ack_encode(const struct ofl_prefix *p, uint32_t table,
			  uint8_t rtprot, bool installed, void *buf);

enum ofl_fpm_ack_sent {
	OFL_FPM_ACK_SENT = 0,
	OFL_FPM_ACK_FULL, /* try again when there is room: `drained` follows */
	OFL_FPM_ACK_LOST, /* zebra is not connected, or knows no such VRF */
};
/* Tell zebra of a route of protocol `proto` (ZEBRA_ROUTE_*). */
enum ofl_fpm_ack_sent ofl_fpm_ack(struct ofl_feed *feed,
				  const struct ofl_key *key, uint8_t proto,
				  bool installed);

#endif /* OFFLOADD_SOURCE_FPM_ACK_H */
