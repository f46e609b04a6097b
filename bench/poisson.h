/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many of many rare events happen. */
#ifndef BENCH_POISSON_H
#define BENCH_POISSON_H

#include <math.h>

#include "bench/lpm_random.h"

/* From so many on, Poisson's law is nearly Gauss's. */
#define OFL_BENCH_POISSON_MANY 30.0

static inline double ofl_bench_poisson(struct ofl_bench_random *random,
				       double mean)
{
	double u, v, product = 1, least;
	uint32_t n = 0;

	if (mean < OFL_BENCH_POISSON_MANY) {
		least = exp(-mean);
		while ((product *= ofl_bench_random_unit(random)) > least)
			n++;
		return n;
	}
	u = 1 - ofl_bench_random_unit(random);
	v = ofl_bench_random_unit(random);
	return fmax(0, rint(mean + sqrt(mean) * sqrt(-2 * log(u)) *
					   cos(2 * M_PI * v)));
}

#endif /* BENCH_POISSON_H */
