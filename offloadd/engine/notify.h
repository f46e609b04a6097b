/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator has to be told without asking: levels (a watermark crossed,
 * a critical flow out of hardware, the database degraded, the feed held) and
 * entries that hardware removed on its own.
 *
 * Levels are told at a bounded pace, and the one that holds last always:
 * alarm.h for single subjects, levels.h for flows.  Values go to one listener,
 * from an event of their own: never in the middle of a turn.
 *
 * Main thread only.
 */
#ifndef OFFLOADD_ENGINE_NOTIFY_H
#define OFFLOADD_ENGINE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/flow/flow.h"

enum ofl_notice_kind {
	OFL_NOTICE_WATERMARK = 0, /* a table is above its high watermark */
	OFL_NOTICE_CRITICAL,	  /* a critical flow is not in hardware */
	OFL_NOTICE_OR_FAIL,	  /* an offload-or-fail flow failed */
	OFL_NOTICE_REMOVED,	  /* hardware removed an entry; no level */
	OFL_NOTICE_STORE,	  /* the database is not written */
	OFL_NOTICE_FEED_HELD,	  /* the shrink guard holds withdrawals */
	OFL_NOTICE_FEED_STATE,	  /* the feed is not settled */
};
#define OFL_NOTICE_MAX 7
/* As in the model: "watermark-crossed"...; out of range: "unknown". */
const char *ofl_notice_name(enum ofl_notice_kind k);

struct ofl_notice {
	enum ofl_notice_kind kind;
	bool raised;	     /* false: it is over */
	uint64_t since_us;   /* wall clock; of this level */
	uint64_t suppressed; /* changes since the last one, not told */
	const char *table;   /* name or NULL */

	/* WATERMARK, if has_limits; else the table is gone */
	bool has_limits;
	uint32_t used_slots, capacity_slots, high_slots, low_slots;

	/* CRITICAL, OR_FAIL, REMOVED: a route, and so many that are not named;
	 * at least one of both */
	bool has_key;
	struct ofl_key key;
	const char *vrf;
	uint64_t more;
	/* CRITICAL, OR_FAIL: how it stands, if has_key; flows of that level */
	enum ofl_state state;
	enum ofl_reason reason;
	uint64_t total;

	/* FEED_HELD */
	uint64_t held, of, until_us;
	/* STORE: records that wait */
	uint32_t backlog;
	/* FEED_STATE: its name */
	const char *feed;

	const char *text; /* hardware's or the database's words, or NULL */
};
/* Strings are valid for the call.  NULL: nobody listens. */
void ofl_notify_set_tell(void (*tell)(const struct ofl_notice *n));

/* --- asked --- */
struct ofl_notify_counts {
	uint64_t up;	     /* flows: of that level now, in grace or not */
	uint64_t told;	     /* flows: that count as told */
	uint64_t tellings;   /* since the start */
	uint64_t suppressed; /* changes that were not told */
	uint64_t events;     /* REMOVED: entries since the start */
};
void ofl_notify_counts(enum ofl_notice_kind k, struct ofl_notify_counts *ret);
/* Single levels that are raised now, told or not. */
void ofl_notify_alarms_walk(void (*cb)(const struct ofl_notice *n,
				       const struct ofl_notify_counts *c,
				       void *arg),
			    void *arg);
/* Flows that were told to be of level CRITICAL or OR_FAIL, and are; some 250
 * at most are known.  False from cb ends the walk. */
void ofl_notify_flows_walk(enum ofl_notice_kind k,
			   bool (*cb)(const struct ofl_flow *f, void *arg),
			   void *arg);

#endif /* OFFLOADD_ENGINE_NOTIFY_H */
