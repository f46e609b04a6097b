/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other ways to fill a hardware table, to compare with: what drivers do today,
 * what the literature does, and the priced choice made from nothing.
 *
 * They look at a table once and answer with the entries; none is incremental.
 */
#ifndef BENCH_LPM_METHODS_H
#define BENCH_LPM_METHODS_H

#include "bench/lpm_check.h"

enum ofl_bench_method {
	OFL_BENCH_FIRST_COME,	 /* order of the file */
	OFL_BENCH_LONGEST_FIRST, /* longest prefix, then heaviest */
	OFL_BENCH_LFU,		 /* heaviest, dependencies ignored */
	OFL_BENCH_DEPENDENT_SET, /* CacheFlow: a route with all below it */
	OFL_BENCH_MIXED_SET,	 /* CacheFlow: or with punts for its children */
	OFL_BENCH_PRICED, /* prices, covers and elision, not incremental */
};
#define OFL_BENCH_METHOD_MAX 6

struct ofl_bench_capacity {
	uint32_t slots;
	uint16_t cost[2]; /* of an entry: IPv4, IPv6 */
};

/* As JSON calls it. */
const char *ofl_bench_method_name(enum ofl_bench_method m);
/* The entries of a table of that size, into a `ret` that is empty.  Returns
 * what no choice can be worth more than, if the method knows, else 0. */
double ofl_bench_method_choose(enum ofl_bench_method m,
			       const struct ofl_bench_table *t,
			       const struct ofl_bench_capacity *c,
			       struct ofl_bench_held *ret);

/* Slots of an entry for this route. */
static inline uint32_t ofl_bench_cost(const struct ofl_bench_table *t,
				      const struct ofl_bench_capacity *c,
				      uint32_t route)
{
	return c->cost[t->routes[route].prefix.family == AF_INET6];
}

/* The priced choice; *ret_bound: no choice whatsoever can be worth more, in
 * weights (critical routes weigh more than all others). */
void ofl_bench_priced(const struct ofl_bench_table *t,
		      const struct ofl_bench_capacity *c,
		      struct ofl_bench_held *ret, double *ret_bound,
		      double *ret_price);

/* The bound alone, to a thousandth of the price, sought near the price that a
 * table with nearly the same weights had. */
void ofl_bench_priced_bound(const struct ofl_bench_table *t,
			    const struct ofl_bench_capacity *c, double near,
			    double *ret_bound, double *ret_price);

/* CacheFlow's greedy. */
void ofl_bench_cacheflow(const struct ofl_bench_table *t,
			 const struct ofl_bench_capacity *c, bool mixed,
			 struct ofl_bench_held *ret);

#endif /* BENCH_LPM_METHODS_H */
