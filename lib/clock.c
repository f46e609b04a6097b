// SPDX-License-Identifier: GPL-2.0-or-later
/* Clocks that a test can stop; see clock.h. */
#include "lib/clock.h"

#include <time.h>

static uint64_t fixed_mono_us, fixed_wall_us;

static uint64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t ofl_clock_mono_us(void)
{
	return fixed_mono_us ? fixed_mono_us : clock_us(CLOCK_MONOTONIC);
}

uint64_t ofl_clock_wall_us(void)
{
	return fixed_wall_us ? fixed_wall_us : clock_us(CLOCK_REALTIME);
}

void ofl_clock_set(uint64_t mono_us, uint64_t wall_us)
{
	fixed_mono_us = mono_us;
	fixed_wall_us = wall_us;
}
