// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hysteresis of a table's two watermarks.
 *
 * Without the gap between them a route that flaps at the limit would open and
 * close admission with every flap.  Only best effort is judged here; critical
 * flows are limited by the capacity alone and never ask.
 */
#include <zebra.h>

#include "offloadd/flow/watermark.h"

/* Where occupancy alone says what the state is.  An empty table is open even
 * if low is 0: nothing can ever be below that. */
static void settle(struct ofl_watermark *w, uint32_t used_slots)
{
	if (used_slots > w->high_slots)
		w->closed = true;
	else if (used_slots < w->low_slots || used_slots == 0)
		w->closed = false;
}

void ofl_watermark_init(struct ofl_watermark *w, uint32_t low_slots,
			uint32_t high_slots)
{
	assert(low_slots < high_slots);
	w->low_slots = low_slots;
	w->high_slots = high_slots;
	w->closed = false;
}

void ofl_watermark_set(struct ofl_watermark *w, uint32_t low_slots,
		       uint32_t high_slots, uint32_t used_slots)
{
	assert(low_slots < high_slots);
	w->low_slots = low_slots;
	w->high_slots = high_slots;
	settle(w, used_slots);
}

bool ofl_watermark_admit(struct ofl_watermark *w, uint32_t used_slots,
			 uint32_t want_slots)
{
	if ((uint64_t)used_slots + want_slots > w->high_slots)
		w->closed = true;
	return !w->closed;
}

bool ofl_watermark_update(struct ofl_watermark *w, uint32_t used_slots)
{
	bool was_closed = w->closed;

	settle(w, used_slots);
	return was_closed && !w->closed;
}
