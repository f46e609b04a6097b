// SPDX-License-Identifier: GPL-2.0-or-later
/* Filling a table by one order of the routes; see lpm_methods.h. */
#include <zebra.h>

#include "bench/lpm_methods.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

struct candidate {
	uint64_t worth, then; /* the largest first */
	uint32_t route;
};

static int candidate_cmp(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->worth != right->worth)
		return left->worth > right->worth ? -1 : 1;
	if (left->then != right->then)
		return left->then > right->then ? -1 : 1;
	return left->route < right->route ? -1 : 1;
}

static struct candidate candidate_make(const struct ofl_bench_table *t,
				       enum ofl_bench_method m, uint32_t route)
{
	const struct ofl_bench_route *r = &t->routes[route];
	struct candidate c = {.route = route};

	switch (m) {
	case OFL_BENCH_FIRST_COME:
		c.worth = UINT32_MAX - r->order;
		break;
	case OFL_BENCH_LONGEST_FIRST:
		c.worth = r->prefix.plen;
		c.then = r->weight;
		break;
	default:
		c.worth = r->weight;
		break;
	}
	return c;
}

static void in_order(enum ofl_bench_method m, const struct ofl_bench_table *t,
		     const struct ofl_bench_capacity *capacity,
		     struct ofl_bench_held *ret)
{
	struct candidate *c = malloc(t->count * sizeof(*c));
	uint32_t left = capacity->slots, n = 0;

	if (!c)
		abort();
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->routes[i].cls != OFL_CLASS_NEVER)
			c[n++] = candidate_make(t, m, i);
	}
	qsort(c, n, sizeof(*c), candidate_cmp);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t cost = ofl_bench_cost(t, capacity, c[i].route);

		if (cost > left)
			continue;
		left -= cost;
		ret->entry[c[i].route] = OFL_ENTRY_REAL;
		ret->identity[c[i].route] = t->routes[c[i].route].identity;
	}
	free(c);
}

const char *ofl_bench_method_name(enum ofl_bench_method m)
{
	static const char *const names[OFL_BENCH_METHOD_MAX] = {
		[OFL_BENCH_FIRST_COME] = "first_come",
		[OFL_BENCH_LONGEST_FIRST] = "longest_first",
		[OFL_BENCH_LFU] = "lfu",
		[OFL_BENCH_DEPENDENT_SET] = "dependent_set",
		[OFL_BENCH_MIXED_SET] = "mixed_set",
		[OFL_BENCH_PRICED] = "priced",
	};

	return names[m];
}

double ofl_bench_method_choose(enum ofl_bench_method m,
			       const struct ofl_bench_table *t,
			       const struct ofl_bench_capacity *c,
			       struct ofl_bench_held *ret)
{
	double bound = 0, price;

	if (m == OFL_BENCH_PRICED)
		ofl_bench_priced(t, c, ret, &bound, &price);
	else if (m == OFL_BENCH_DEPENDENT_SET || m == OFL_BENCH_MIXED_SET)
		ofl_bench_cacheflow(t, c, m == OFL_BENCH_MIXED_SET, ret);
	else
		in_order(m, t, c, ret);
	return bound;
}
