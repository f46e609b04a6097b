/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hardware table filled by hand, safely: a route comes with a punt for each
 * of its children that has no entry, and leaves as a punt if its parent is in.
 * Nothing is elided: each route that hardware answers has an entry.
 */
#ifndef BENCH_TRAFFIC_CACHE_H
#define BENCH_TRAFFIC_CACHE_H

#include "bench/lpm_run.h"

static inline bool ofl_bench_cache_has(const struct ofl_bench_run *r,
				       uint32_t route)
{
	return r->held.entry[route] == OFL_ENTRY_REAL;
}

static inline uint32_t ofl_bench_cache_free(const struct ofl_bench_run *r)
{
	return r->conf.capacity_slots - r->used_slots;
}

bool ofl_bench_cache_may(const struct ofl_bench_run *r, uint32_t route);
/* Slots that putting a route in would take; more than the table has: too many
 * to be counted. */
uint32_t ofl_bench_cache_need(const struct ofl_bench_run *r, uint32_t route);
/* Slots that taking it out would free. */
uint32_t ofl_bench_cache_frees(const struct ofl_bench_run *r, uint32_t route);
/* There is room for it. */
void ofl_bench_cache_put(struct ofl_bench_run *r, uint32_t route);
void ofl_bench_cache_take(struct ofl_bench_run *r, uint32_t route);

#endif /* BENCH_TRAFFIC_CACHE_H */
