// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations in bins, 32 to a power of two; see lpm_stat.h. */
#include <zebra.h>

#include "bench/lpm_stat.h"

#define SUB_BITS 5

static unsigned int bin_of(uint64_t ns)
{
	unsigned int shift;

	if (ns < 1u << SUB_BITS)
		return ns;
	shift = 63 - __builtin_clzll(ns) - SUB_BITS;
	return (shift << SUB_BITS) + (unsigned int)(ns >> shift);
}

/* The longest duration of a bin. */
static double bin_ns(unsigned int bin)
{
	unsigned int shift, top;

	if (bin < 2u << SUB_BITS)
		return bin;
	shift = (bin >> SUB_BITS) - 1;
	top = bin - (shift << SUB_BITS);
	return (double)(((top + 1ull) << shift) - 1);
}

void ofl_bench_stat_add(struct ofl_bench_stat *s, uint64_t ns)
{
	s->count++;
	s->sum_ns += ns;
	s->max_ns = MAX(s->max_ns, ns);
	s->bins[bin_of(ns)]++;
}

double ofl_bench_stat_mean_us(const struct ofl_bench_stat *s)
{
	return s->count ? (double)s->sum_ns / s->count / 1000 : 0;
}

double ofl_bench_stat_max_us(const struct ofl_bench_stat *s)
{
	return s->max_ns / 1000.0;
}

double ofl_bench_stat_p99_us(const struct ofl_bench_stat *s)
{
	uint64_t left = s->count - s->count / 100;

	for (unsigned int i = 0; i < OFL_BENCH_STAT_BINS; i++) {
		if (s->bins[i] >= left)
			return MIN(bin_ns(i), (double)s->max_ns) / 1000;
		left -= s->bins[i];
	}
	return 0;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

uint64_t ofl_bench_wall_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t ofl_bench_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}
