/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things that happen to a table that is filled: routes change one at a time,
 * traffic moves to other routes, or only its counters jitter.
 */
#ifndef BENCH_LPM_CHANGE_H
#define BENCH_LPM_CHANGE_H

#include "bench/lpm_options.h"
#include "bench/lpm_run.h"

struct ofl_bench_churn {
	/* From telling the room to nothing more to decide. */
	struct ofl_bench_stat all, withdraw_announce, next_hop, counter;
	/* From then until all is written and nothing better is found. */
	struct ofl_bench_stat settle;
	uint64_t writes;
};
void ofl_bench_churn(struct ofl_bench_run *r, const struct ofl_bench_options *o,
		     struct ofl_bench_churn *ret);

struct ofl_bench_sweeps {
	uint32_t count;
	uint64_t writes, writes_max;
	double hit_rate_before; /* percent */
	double hit_rate_sum, hit_rate_min, hit_rate_last;
	double quality_min; /* of hardware, by the certificate's bound; or < 0
			     */
};
/* Some routes swap their traffic with others, every sweep. */
void ofl_bench_drift(struct ofl_bench_run *r, const struct ofl_bench_options *o,
		     struct ofl_bench_sweeps *ret);
/* Traffic stays as it is, but is counted by samples. */
void ofl_bench_noise(struct ofl_bench_run *r, const struct ofl_bench_options *o,
		     struct ofl_bench_sweeps *ret);

#endif /* BENCH_LPM_CHANGE_H */
