/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which time the age of history is counted from.  Not simply the clock's: a
 * clock that is set a year ahead by mistake, and back an hour later, must not
 * have cost a year of history.
 *
 * It runs with the monotonic clock.  A wall clock that is behind it is
 * followed at once (that deletes less); one that is more than an hour ahead is
 * believed after it has been so for a day on end.
 *
 * Pure: both times come from the caller.  Writer thread only, like the ledger.
 */
#ifndef OFFLOADD_STORE_AGE_H
#define OFFLOADD_STORE_AGE_H

#include <stdint.h>

struct ofl_age {
	uint64_t now_us;  /* believed, at mono_us */
	uint64_t mono_us; /* of the last call */

	/* A clock that is ahead: what it said, and when; 0: it is not. */
	uint64_t ahead_us, ahead_mono_us;
};

/* Go on from `last_us`, what was believed when the file was last written; 0:
 * unknown, the wall clock is right. */
void ofl_age_init(struct ofl_age *a, uint64_t last_us, uint64_t mono_us,
		  uint64_t wall_us);
uint64_t ofl_age_now(struct ofl_age *a, uint64_t mono_us, uint64_t wall_us);

#endif /* OFFLOADD_STORE_AGE_H */
