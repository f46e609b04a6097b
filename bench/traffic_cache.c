// SPDX-License-Identifier: GPL-2.0-or-later
/* Covers by hand; see traffic_cache.h. */
#include <zebra.h>

#include "bench/traffic_cache.h"
#include "offloadd/flow/flow.h"

static uint32_t cost_of(const struct ofl_bench_run *r, uint32_t route)
{
	return r->t->routes[route].prefix.family == AF_INET
		       ? r->conf.cost_v4_slots
		       : r->conf.cost_v6_slots;
}

static bool is_below_real(const struct ofl_bench_run *r, uint32_t route)
{
	uint32_t parent = r->t->routes[route].parent;

	return parent != OFL_BENCH_NONE && ofl_bench_cache_has(r, parent);
}

bool ofl_bench_cache_may(const struct ofl_bench_run *r, uint32_t route)
{
	return r->t->routes[route].cls != OFL_CLASS_NEVER;
}

/* Slots of the children that have such an entry. */
static uint32_t slots_below(const struct ofl_bench_run *r, uint32_t route,
			    enum ofl_entry entry)
{
	const struct ofl_bench_route *routes = r->t->routes;
	uint32_t slots = 0, end = routes[route].end;

	for (uint32_t c = route + 1; c < end && slots <= r->conf.capacity_slots;
	     c = routes[c].end) {
		if (r->held.entry[c] == entry)
			slots += cost_of(r, c);
	}
	return slots;
}

uint32_t ofl_bench_cache_need(const struct ofl_bench_run *r, uint32_t route)
{
	uint32_t own =
		r->held.entry[route] == OFL_ENTRY_NONE ? cost_of(r, route) : 0;

	return own + slots_below(r, route, OFL_ENTRY_NONE);
}

uint32_t ofl_bench_cache_frees(const struct ofl_bench_run *r, uint32_t route)
{
	uint32_t own = is_below_real(r, route) ? 0 : cost_of(r, route);

	return own + slots_below(r, route, OFL_ENTRY_PUNT);
}

static void put_entry(struct ofl_bench_run *r, uint32_t route,
		      enum ofl_entry entry)
{
	struct ofl_op op = {
		.kind = r->held.entry[route] == OFL_ENTRY_NONE ? OFL_OP_ADD
							       : OFL_OP_REPLACE,
		.entry = entry,
		.slots = cost_of(r, route),
		.key = {.p = r->t->routes[route].prefix},
	};

	if (entry == OFL_ENTRY_NONE) {
		op.kind = OFL_OP_DEL;
		op.slots = 0;
	} else if (entry == OFL_ENTRY_REAL) {
		op.identity = r->t->routes[route].identity;
	}
	ofl_bench_run_write(r, &op);
}

void ofl_bench_cache_put(struct ofl_bench_run *r, uint32_t route)
{
	const struct ofl_bench_route *routes = r->t->routes;

	for (uint32_t c = route + 1; c < routes[route].end; c = routes[c].end) {
		if (r->held.entry[c] == OFL_ENTRY_NONE)
			put_entry(r, c, OFL_ENTRY_PUNT);
	}
	put_entry(r, route, OFL_ENTRY_REAL);
}

void ofl_bench_cache_take(struct ofl_bench_run *r, uint32_t route)
{
	const struct ofl_bench_route *routes = r->t->routes;

	put_entry(r, route,
		  is_below_real(r, route) ? OFL_ENTRY_PUNT : OFL_ENTRY_NONE);
	for (uint32_t c = route + 1; c < routes[route].end; c = routes[c].end) {
		if (r->held.entry[c] == OFL_ENTRY_PUNT)
			put_entry(r, c, OFL_ENTRY_NONE);
	}
}
