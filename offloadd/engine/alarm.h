/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the level of one subject is told: a table is above its watermark, the
 * database is degraded, the feed is held.
 *
 * What is told is a level, not its changes.  A subject that flaps is told a few
 * times at once and then now and then, with the number of changes that nobody
 * was told of; whatever the rate, the level that holds last is told, so that
 * who listens is never left with a wrong one.
 *
 * Pure: no clock, no memory but the caller's, no log.  Times are monotonic, in
 * microseconds.  Levels of many subjects at once are levels.h's.
 */
#ifndef OFFLOADD_ENGINE_ALARM_H
#define OFFLOADD_ENGINE_ALARM_H

#include <stdbool.h>
#include <stdint.h>

/* So many at once, then one each `every_us`. */
struct ofl_pace {
	uint64_t every_us; /* not 0 */
	uint32_t burst;	   /* 1.. */
	uint64_t full_us;  /* when all of the burst is there again */
};
void ofl_pace_init(struct ofl_pace *p, uint32_t burst, uint64_t every_us);
/* May one go now?  If so it has. */
bool ofl_pace_take(struct ofl_pace *p, uint64_t now_us);
/* When the next one may; in the past: at once. */
uint64_t ofl_pace_due_us(const struct ofl_pace *p);

struct ofl_alarm {
	uint8_t level;	   /* as it is; 0: all is well, as at first */
	uint8_t told;	   /* as it was told */
	uint64_t since_us; /* it is what it is; 0: since the beginning */
	uint64_t unsaid;   /* changes since the last telling */
	uint64_t tellings;
	uint64_t suppressed; /* changes that were left out of tellings */
	struct ofl_pace pace;
};
void ofl_alarm_init(struct ofl_alarm *a, uint32_t burst, uint64_t every_us);
/* The level is this now.  `passed`: changes since the last call that are over,
 * beside the one that led here. */
void ofl_alarm_set(struct ofl_alarm *a, uint8_t level, uint64_t passed,
		   uint64_t now_us);
/* Its level is not the one that was told. */
bool ofl_alarm_is_pending(const struct ofl_alarm *a);
/* When it may be told; UINT64_MAX: there is nothing to tell. */
uint64_t ofl_alarm_due_us(const struct ofl_alarm *a);
/* True: the level is to be told now, and counts as told; *ret_suppressed
 * changes since the last telling are not.  Of all changes there were, each is
 * a telling, suppressed, or still unsaid. */
bool ofl_alarm_tell(struct ofl_alarm *a, uint64_t now_us,
		    uint64_t *ret_suppressed);

#endif /* OFFLOADD_ENGINE_ALARM_H */
