/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic as it is: how many packets each route has, second by second.  Nobody
 * but the judge looks at it; methods see what their hardware counts and what
 * is sampled.
 */
#ifndef BENCH_TRAFFIC_TRACE_H
#define BENCH_TRAFFIC_TRACE_H

#include "bench/lpm_random.h"
#include "bench/traffic_options.h"

struct ofl_bench_mouse {
	uint32_t route;
	uint32_t until_s;
};

struct ofl_bench_trace {
	const struct ofl_bench_traffic_options *o;
	enum ofl_bench_trace_kind kind;
	uint32_t routes, slots;
	double zipf;

	uint32_t *ranked;  /* the route of each rank, heaviest first */
	double *share;	   /* of a rank, of all traffic */
	double *rate;	   /* of a route: packets a second, now */
	uint32_t *packets; /* of a route: in the second that passed */
	struct ofl_bench_random change, noise;

	/* mice */
	struct ofl_bench_mouse *mice;
	uint32_t mice_count, mice_room, mice_next;
	uint64_t mice_born;
	double mouse_pps, mice_per_s, mice_due;
};

/* Ranks are the table's weights, which are drawn already. */
void ofl_bench_trace_init(struct ofl_bench_trace *tr,
			  const struct ofl_bench_traffic_options *o,
			  const struct ofl_bench_table *t, uint32_t slots,
			  enum ofl_bench_trace_kind kind, double zipf);
void ofl_bench_trace_fini(struct ofl_bench_trace *tr);
/* Second `second`, 0..: tr->packets are its packets. */
void ofl_bench_trace_second(struct ofl_bench_trace *tr, uint32_t second);
/* What the mice filter is to ask for in this trace, in packets. */
uint32_t ofl_bench_trace_mice_least(const struct ofl_bench_trace *tr);

#endif /* BENCH_TRAFFIC_TRACE_H */
