// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How full a table is with routes and lists together, and what northbound asks
 * to be done: a resync, a sweep, a database without its past.
 *
 * Nothing is decided here: each is a wish told to the room it concerns.
 * Neighbours: query.c answers what is only asked; the auditor and the feed have
 * wishes of their own (audit.h, feed.c).
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/list_private.h"
#include "offloadd/engine/lists.h"

/* --- how full --- */

void ofl_hw_slots(const struct ofl_hw *t, struct ofl_table_slots *ret)
{
	struct ofl_lists_at at = {0};
	struct ofl_place_stats st;

	ofl_place_stats(t->place, &st);
	if (t->had_lists)
		ofl_lists_at(t->conf.name, &at);
	*ret = (struct ofl_table_slots){
		.capacity = t->capacity_slots,
		.used = st.used_slots + at.used_slots,
		.planned = st.planned_slots + at.planned_slots,
		.peak = t->peak_slots,
		.peak_us = t->peak_us,
	};
}

/* What an operation may take is used as soon as it was handed out, and lists
 * hand out theirs before: called behind both, it misses nothing. */
void ofl_hw_peak_note(struct ofl_hw *t)
{
	struct ofl_place_stats st;
	uint32_t used;

	ofl_place_stats(t->place, &st);
	used = st.used_slots + ofl_lists_used_slots(t->index);
	if (used <= t->peak_slots)
		return;
	t->peak_slots = used;
	t->peak_us = ofl_clock_wall_us();
}

/* --- what is to be done --- */

bool ofl_engine_resync(void)
{
	if (!ofl_eng.running || !ofl_feed_resync(ofl_eng.feed))
		return false;
	ofl_eng.settled = false;
	ofl_engine_event("feed-resync", "zebra was asked for its routes again");
	return true;
}

static void sweep(struct ofl_hw *t)
{
	t->since_sweep_s = 0;
	ofl_place_sweep(t->place);
	ofl_turn_schedule();
}

bool ofl_engine_rebalance(const char *name)
{
	bool found = !name;

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t || t->retiring ||
		    (name && strcmp(t->conf.name, name) != 0))
			continue;
		sweep(t);
		found = true;
	}
	return found;
}

bool ofl_engine_clear_history(uint64_t before_us)
{
	if (!ofl_eng.store || !ofl_eng.conf->store.path[0])
		return false;
	ofl_store_clear_history(ofl_eng.store, before_us);
	return true;
}
