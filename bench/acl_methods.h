/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others would make of the same list and table: the simple method, and a
 * bound that no choice of entries can exceed. */
#ifndef BENCH_ACL_METHODS_H
#define BENCH_ACL_METHODS_H

#include "bench/acl_rules.h"

/* Which rules each rule depends on: above it, overlapping, of another action.
 * `at[from[r]]` to `at[from[r + 1] - 1]`. */
struct ofl_bench_graph {
	uint32_t count;
	uint64_t *from;
	uint32_t *at;
	bool *wide; /* its rules and it do not fit: none are listed */
};

/* Of all rules in the list, in the order of the file; `slots` is the size of
 * the table. */
void ofl_bench_graph_init(struct ofl_bench_graph *g,
			  const struct ofl_bench_rules *t, uint32_t slots);
void ofl_bench_graph_fini(struct ofl_bench_graph *g);

/* Dependent set (CacheFlow): a rule goes in with all it depends on, those they
 * depend on, and so on; no covers.  Returns percent of the traffic. */
double ofl_bench_dependent_set(const struct ofl_bench_graph *g,
			       const struct ofl_bench_rules *t, uint32_t slots);
/* Percent of the traffic that no choice of real entries and covers can answer
 * more than: the best price of a slot, and at that price the best choice
 * whatever its size, by a minimum cut: *ret_whole.  Returned is a better bound
 * where the list is small: the true optimum at best. */
double ofl_bench_bound(const struct ofl_bench_graph *g,
		       const struct ofl_bench_rules *t, uint32_t slots,
		       double *ret_whole);

#endif /* BENCH_ACL_METHODS_H */
