/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What notify.c keeps, for notify_ask.c, and what the engine's files tell it.
 */
#ifndef OFFLOADD_ENGINE_NOTIFY_PRIVATE_H
#define OFFLOADD_ENGINE_NOTIFY_PRIVATE_H

#include "offloadd/engine/alarm.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/levels.h"
#include "offloadd/engine/notify.h"

/* Bits of a flow's `alarms`. */
#define OFL_NOTIFY_CRITICAL_SHIFT 0
#define OFL_NOTIFY_OR_FAIL_SHIFT OFL_LEVEL_BITS

/* The level of a table outlives it until its end was told. */
struct ofl_notify_table {
	char name[OFL_NAME_LEN]; /* "": unused */
	bool gone;
	struct ofl_alarm alarm;
};

struct ofl_notify {
	void (*tell)(const struct ofl_notice *n);
	struct ofl_ev *ev;
	bool is_soon;
	bool started; /* the feed has settled once */

	/* those that are, and as many that ended; one more for a driver that
	 * offloads by itself */
	struct ofl_notify_table tables[2 * OFL_TABLES_MAX + 1];
	struct ofl_alarm store, held, feed;
	uint64_t tables_told, tables_suppressed; /* of those that ended */

	struct ofl_levels *critical, *or_fail;
	bool walking;
	uint8_t walks; /* bit 0: for critical, bit 1: for or_fail */
	uint32_t walk_at;

	/* entries hardware removed: the last one, and how many untold */
	struct ofl_pace removed_pace;
	uint64_t removed, removed_untold, removed_tellings, removed_us;
	bool removed_has_key;
	struct ofl_key removed_key;
	char removed_table[OFL_NAME_LEN];
	char removed_text[OFL_OUTCOME_TEXT];
};
extern struct ofl_notify ofl_notify;

/* notify_ask.c: the notice of a level as it is now. */
void ofl_notify_table_make(const struct ofl_notify_table *t,
			   struct ofl_notice *ret);
void ofl_notify_store_make(struct ofl_store_stats *st, struct ofl_notice *ret);
void ofl_notify_held_make(struct ofl_notice *ret);
void ofl_notify_feed_make(struct ofl_notice *ret);

#endif /* OFFLOADD_ENGINE_NOTIFY_PRIVATE_H */
