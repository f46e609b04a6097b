// SPDX-License-Identifier: GPL-2.0-or-later
/* The time that ages are counted from; see age.h. */
#include "offloadd/store/age.h"

#include <stdbool.h>
#include <string.h>

#define SLACK_US 3600000000ull	  /* a clock may be ahead by that */
#define BELIEVE_US 86400000000ull /* and by more after so long */

void ofl_age_init(struct ofl_age *a, uint64_t last_us, uint64_t mono_us,
		  uint64_t wall_us)
{
	memset(a, 0, sizeof(*a));
	a->now_us = last_us && last_us < wall_us ? last_us : wall_us;
	a->mono_us = mono_us;
}

/* Does the clock go on from where it was when it was first ahead?  One that
 * is set again is not believed the sooner for it. */
static bool is_steady(const struct ofl_age *a, uint64_t mono_us,
		      uint64_t wall_us)
{
	uint64_t expect = a->ahead_us + (mono_us - a->ahead_mono_us);

	return a->ahead_us && wall_us < expect + SLACK_US &&
	       wall_us + SLACK_US > expect;
}

uint64_t ofl_age_now(struct ofl_age *a, uint64_t mono_us, uint64_t wall_us)
{
	if (mono_us > a->mono_us)
		a->now_us += mono_us - a->mono_us;
	a->mono_us = mono_us;
	if (wall_us <= a->now_us + SLACK_US) {
		a->now_us = wall_us;
		a->ahead_us = 0;
	} else if (!is_steady(a, mono_us, wall_us)) {
		a->ahead_us = wall_us;
		a->ahead_mono_us = mono_us;
	} else if (mono_us - a->ahead_mono_us >= BELIEVE_US) {
		a->now_us = wall_us;
		a->ahead_us = 0;
	}
	return a->now_us;
}
