/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long things took: mean, 99th percentile, longest; without keeping every
 * one (the percentile is right to 3 %). */
#ifndef BENCH_LPM_STAT_H
#define BENCH_LPM_STAT_H

#include <stdint.h>

#define OFL_BENCH_STAT_BINS 2048

struct ofl_bench_stat {
	uint64_t count, sum_ns, max_ns;
	uint32_t bins[OFL_BENCH_STAT_BINS];
};

void ofl_bench_stat_add(struct ofl_bench_stat *s, uint64_t ns);
double ofl_bench_stat_mean_us(const struct ofl_bench_stat *s);
double ofl_bench_stat_max_us(const struct ofl_bench_stat *s);
double ofl_bench_stat_p99_us(const struct ofl_bench_stat *s);

uint64_t ofl_bench_wall_ns(void);
/* Of this thread: what others do on the machine does not count. */
uint64_t ofl_bench_cpu_ns(void);

#endif /* BENCH_LPM_STAT_H */
