/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hardware table with traffic on it: what hardware answers, and how often
 * which entry; what goes to software is sampled.
 */
#ifndef BENCH_TRAFFIC_PATH_H
#define BENCH_TRAFFIC_PATH_H

#include "bench/lpm_run.h"

struct ofl_bench_path {
	struct ofl_bench_run run;
	uint32_t sampling; /* one packet of so many */
	struct ofl_bench_random random;

	/* The real entry that answers a route, or OFL_BENCH_NONE; as it was
	 * after so many writes. */
	uint32_t *source;
	uint64_t source_writes;

	/* The second that passed. */
	uint32_t *hits;	   /* packets that each entry answered */
	uint32_t *sampled; /* routes of sampled packets, by address */
	uint32_t samples, samples_room;
	double packets, answered, wrong;
};

void ofl_bench_path_init(struct ofl_bench_path *p, struct ofl_bench_table *t,
			 const struct ofl_place_conf *conf, uint32_t sampling,
			 uint64_t seed);
void ofl_bench_path_fini(struct ofl_bench_path *p);
/* Make p->source that of the entries that are there. */
void ofl_bench_path_look(struct ofl_bench_path *p);
/* A second of traffic, packets by route. */
void ofl_bench_path_second(struct ofl_bench_path *p, const uint32_t *packets);

#endif /* BENCH_TRAFFIC_PATH_H */
