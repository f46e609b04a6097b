/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two sessions over ZAPI as zapi.c sees them: one ordinary (interfaces,
 * VRFs, tracking) and one for the bulk of routes, read in 256 KB pieces.
 *
 * The zapi files are the only ones that know libfrr's zclient.
 */
#ifndef OFFLOADD_SOURCE_ZAPI_PRIVATE_H
#define OFFLOADD_SOURCE_ZAPI_PRIVATE_H

#include "zclient.h"

#include "offloadd/source/feed_private.h"
#include "offloadd/source/zapi_bulk.h"
#include "offloadd/source/zapi_decode.h"
#include "offloadd/source/zapi_guard.h"

/* A VRF zebra named. */
struct zapi_vrf {
	uint32_t id;
	uint32_t table; /* of the kernel */
	bool foreign;	/* a network namespace: its interfaces are not ours */
	uint8_t seen;
};

struct ofl_zapi {
	struct ofl_feed *feed;
	struct ofl_loop *loop;
	struct ofl_rib *rib;

	struct zclient *ctl, *bulk;
	struct ofl_bulk *reader;
	struct ofl_ev *t_retry;
	struct ofl_zapi_guards guards;
	struct zapi_vrf *vrfs;
	size_t vrf_count, foreign_count;
	uint8_t vrf_generation;

	uint64_t logged_us;
	uint64_t routes; /* messages about them */
	uint64_t messages, malformed;
	/* decoded into; large, so not on the stack */
	struct ofl_zapi_route route;
	struct ofl_zapi_nht nht;
};

#endif /* OFFLOADD_SOURCE_ZAPI_PRIVATE_H */
