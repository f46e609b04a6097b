/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was counted between two readings of a counter that may have begun anew
 * (its filter was written again, its device was reset) or wrapped.
 */
#ifndef LIB_COUNTER_H
#define LIB_COUNTER_H

#include <stdint.h>

/* A counter of 32 bits that was in its last quarter and is in its first has
 * wrapped; any other that is lower than before began anew. */
static inline uint64_t ofl_counter_delta(uint64_t last, uint64_t now)
{
	const uint64_t quarter = 1ull << 30;

	if (now >= last)
		return now - last;
	if (last <= UINT32_MAX && last >= 3 * quarter && now < quarter)
		return now + (1ull << 32) - last;
	return now;
}

#endif /* LIB_COUNTER_H */
