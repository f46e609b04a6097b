/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A point in time as a person types it: `2026-11-17`, `2026-11-17T14:00`,
 * `2026-11-17T14:00:30Z` (always UTC), or how long ago: `3d`, `12h`, `30m`,
 * `45s`.
 *
 * Pure: what time it is comes from the caller.  Refuses dates that are not in
 * the calendar, times before 1970, and anything behind the time; knows no time
 * zone but UTC, since every time that is shown is UTC.
 */
#ifndef LIB_TIMETEXT_H
#define LIB_TIMETEXT_H

#include <stdint.h>

/* The forms, for messages and help. */
#define OFL_TIMETEXT_FORMS                                                     \
	"2026-11-17, 2026-11-17T14:00, 2026-11-17T14:00:00Z (UTC), or 3d, "    \
	"12h, 30m ago"

/* NULL, or what is wrong with `text`: a static sentence; *ret_us is then as it
 * was.  What is more than `now_us` ago is 0, the beginning. */
const char *ofl_timetext_parse(const char *text, uint64_t now_us,
			       uint64_t *ret_us);

#endif /* LIB_TIMETEXT_H */
