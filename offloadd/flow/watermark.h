/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two watermarks of a table, with hysteresis: is best effort admitted?
 *
 * Open until occupancy would pass high; then closed until it has fallen below
 * low.  Pure state; who owns it reports crossings.
 */
#ifndef OFFLOADD_FLOW_WATERMARK_H
#define OFFLOADD_FLOW_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

struct ofl_watermark {
	uint32_t high_slots; /* best effort fills up to here */
	uint32_t low_slots;  /* below high */
	bool closed;
};

/* Start open.  low must be below high (asserted). */
void ofl_watermark_init(struct ofl_watermark *w, uint32_t low_slots,
			uint32_t high_slots);
/* New limits; state is kept where it still makes sense. */
void ofl_watermark_set(struct ofl_watermark *w, uint32_t low_slots,
		       uint32_t high_slots, uint32_t used_slots);
/* Best effort wants `want_slots` more on top of `used_slots`: may it have
 * them?  Closes when not (returns false). */
bool ofl_watermark_admit(struct ofl_watermark *w, uint32_t used_slots,
			 uint32_t want_slots);
/* Occupancy changed; returns true if the state did (opened). */
bool ofl_watermark_update(struct ofl_watermark *w, uint32_t used_slots);

#endif /* OFFLOADD_FLOW_WATERMARK_H */
