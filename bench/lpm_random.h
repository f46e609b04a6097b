/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that only the seed decides, the same on every machine: a run of the
 * bench can be repeated, and two runs that differ in one option differ in
 * nothing else.  Each purpose takes a generator of its own.
 */
#ifndef BENCH_LPM_RANDOM_H
#define BENCH_LPM_RANDOM_H

#include <stdint.h>

struct ofl_bench_random {
	uint64_t state;
};

/* Purposes, so that one does not draw what another would have drawn. */
enum ofl_bench_stream {
	OFL_BENCH_STREAM_RANKS = 1,
	OFL_BENCH_STREAM_NEXT_HOPS,
	OFL_BENCH_STREAM_CRITICAL,
	OFL_BENCH_STREAM_SAMPLES,
	OFL_BENCH_STREAM_WRITES,
	OFL_BENCH_STREAM_CHURN,
	OFL_BENCH_STREAM_DRIFT,
	OFL_BENCH_STREAM_NOISE,
	OFL_BENCH_STREAM_THIN,
	OFL_BENCH_STREAM_TRACE,
	OFL_BENCH_STREAM_PACKETS,
	OFL_BENCH_STREAM_SAMPLING,
};

/* splitmix64 */
static inline uint64_t ofl_bench_random_u64(struct ofl_bench_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static inline struct ofl_bench_random
ofl_bench_random_make(uint64_t seed, enum ofl_bench_stream stream)
{
	struct ofl_bench_random r = {seed};

	/* Neighbouring seeds share nothing once they went through the mill. */
	r.state = ofl_bench_random_u64(&r) + stream * 0xd1342543de82ef95ull;
	return r;
}

/* 0 .. n - 1; n must not be 0. */
static inline uint32_t ofl_bench_random_below(struct ofl_bench_random *r,
					      uint32_t n)
{
	return ((ofl_bench_random_u64(r) >> 32) * n) >> 32;
}

/* 0 <= x < 1 */
static inline double ofl_bench_random_unit(struct ofl_bench_random *r)
{
	return (ofl_bench_random_u64(r) >> 11) * 0x1p-53;
}

#endif /* BENCH_LPM_RANDOM_H */
