/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ZAPI feed as its own files see it:
 *
 *   zapi.c         two sessions with zebra, what they say, their end
 *   zapi_settle.c  when what zebra has is complete, and what is told of it
 */
#ifndef OFFLOADD_SOURCE_ZAPI_PRIVATE_H
#define OFFLOADD_SOURCE_ZAPI_PRIVATE_H

#include "zclient.h"

#include "offloadd/source/zapi.h"
#include "offloadd/source/zapi_bulk.h"
#include "offloadd/source/zapi_decode.h"
#include "offloadd/source/zapi_guard.h"

/* A VRF zebra named. */
struct zapi_vrf {
	uint32_t id;
	bool foreign; /* a network namespace: its interfaces are not ours */
	uint8_t seen;
};

struct ofl_zapi {
	struct ofl_loop *loop;
	struct ofl_rib *rib;
	struct ofl_zapi_conf conf;
	void (*on_settled)(void *arg);
	void *arg;

	struct zclient *ctl, *bulk;
	struct ofl_zapi_bulk *reader;
	struct ofl_ev *t_retry, *t_settle;
	struct ofl_zapi_guards guards;
	struct zapi_vrf *vrfs;
	size_t vrf_count, foreign_count;
	uint8_t vrf_generation;

	uint64_t start_us;	/* of this feed */
	uint64_t lost_us;	/* when zebra went away, or was missed first,
				 * since the last complete feed; 0: never */
	uint64_t sync_us;	/* when the present resync began */
	uint64_t not_before_us; /* and the earliest time it may end */
	uint64_t activity_us;	/* when zebra last said something */
	uint64_t progress_us;	/* and something it had not said before */
	uint64_t progress;	/* as the rib counts it */
	bool all_back;		/* zebra has named all that was known before */
	bool asked;		/* to say all again; nothing came since */
	uint64_t logged_us;
	uint64_t routes; /* messages about them */
	struct ofl_zapi_stats stats;
	/* decoded into; large, so not on the stack */
	struct ofl_zapi_route route;
	struct ofl_zapi_nht nht;
};

/* zapi.c: VRFs that zebra did not name again are gone. */
void ofl_zapi_vrf_sweep(struct ofl_zapi *z);

/* zapi_settle.c */
/* Look when it may have ended. */
void ofl_zapi_settle_arm(struct ofl_zapi *z);
/* Routes were read. */
void ofl_zapi_progress_note(struct ofl_zapi *z);
/* A session came or went, or the resync ended. */
void ofl_zapi_state_note(struct ofl_zapi *z);

#endif /* OFFLOADD_SOURCE_ZAPI_PRIVATE_H */
