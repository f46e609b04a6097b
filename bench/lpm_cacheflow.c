// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two greedy algorithms of CacheFlow (Katta et al., SOSR 2016) for routes.
 *
 * A route can be cached with its dependent set, all routes below it that are
 * not cached yet, or with its cover set, a punt for each of its children that
 * has no entry.  What carries most traffic a slot goes first.  Its punt entries
 * give way to the route itself later, for no slot.
 */
#include <zebra.h>

#include <math.h>

#include "bench/lpm_methods.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

/* One of the ways to cache a route, as it was when it was put on the heap. */
struct offer {
	double ratio;
	uint32_t route;
};

/* What is left to take at and below a route. */
struct rest {
	uint64_t weight; /* of those without a REAL entry */
	uint32_t cost;	 /* of those without an entry */
	uint32_t cover;	 /* the same, of the route and its children only */
};

struct cache {
	const struct ofl_bench_table *t;
	const struct ofl_bench_capacity *capacity;
	struct ofl_bench_held *held;
	struct rest *rest;
	uint32_t left;
	bool mixed;

	struct offer *heap; /* best first; old ones are skipped when met */
	size_t count, room;
};

/* --- the heap --- */
static void heap_push(struct cache *c, struct offer o)
{
	size_t i = c->count++;

	if (i == c->room) {
		c->room = c->room ? 2 * c->room : 1024;
		c->heap = realloc(c->heap, c->room * sizeof(*c->heap));
		if (!c->heap)
			abort();
	}
	for (; i && c->heap[(i - 1) / 2].ratio < o.ratio; i = (i - 1) / 2)
		c->heap[i] = c->heap[(i - 1) / 2];
	c->heap[i] = o;
}

static struct offer heap_pop(struct cache *c)
{
	struct offer top = c->heap[0], o = c->heap[--c->count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < c->count) {
		if (child + 1 < c->count &&
		    c->heap[child + 1].ratio > c->heap[child].ratio)
			child++;
		if (c->heap[child].ratio <= o.ratio)
			break;
		c->heap[i] = c->heap[child];
		i = child;
	}
	c->heap[i] = o;
	return top;
}

/* --- offers --- */
static uint64_t weight_of(const struct cache *c, uint32_t route)
{
	const struct ofl_bench_route *r = &c->t->routes[route];

	return r->cls == OFL_CLASS_NEVER ? 0 : r->weight;
}

static double ratio(uint64_t weight, uint32_t cost)
{
	return cost ? (double)weight / cost : INFINITY;
}

static double dependent_ratio(const struct cache *c, uint32_t route)
{
	return ratio(c->rest[route].weight, c->rest[route].cost);
}

static double cover_ratio(const struct cache *c, uint32_t route)
{
	return c->mixed ? ratio(weight_of(c, route), c->rest[route].cover) : -1;
}

static bool is_wanted(const struct cache *c, uint32_t route)
{
	return c->held->entry[route] != OFL_ENTRY_REAL &&
	       c->t->routes[route].cls != OFL_CLASS_NEVER;
}

static double best_ratio(const struct cache *c, uint32_t route)
{
	return fmax(dependent_ratio(c, route), cover_ratio(c, route));
}

static void offer(struct cache *c, uint32_t route)
{
	if (is_wanted(c, route))
		heap_push(c, (struct offer){best_ratio(c, route), route});
}

/* --- taking --- */
static void enter(struct cache *c, uint32_t route, enum ofl_entry entry)
{
	uint32_t parent = c->t->routes[route].parent;
	uint32_t cost = 0;
	uint64_t weight = 0;

	if (c->held->entry[route] == OFL_ENTRY_NONE) {
		cost = ofl_bench_cost(c->t, c->capacity, route);
		c->left -= cost;
		c->rest[route].cover -= cost;
		if (parent != OFL_BENCH_NONE)
			c->rest[parent].cover -= cost;
	}
	if (entry == OFL_ENTRY_REAL)
		weight = weight_of(c, route);
	c->held->entry[route] = entry;
	c->held->identity[route] = c->t->routes[route].identity;
	for (uint32_t i = route; i != OFL_BENCH_NONE;
	     i = c->t->routes[i].parent) {
		c->rest[i].cost -= cost;
		c->rest[i].weight -= weight;
		offer(c, i);
	}
}

static void take_dependent_set(struct cache *c, uint32_t route)
{
	for (uint32_t i = route; i < c->t->routes[route].end; i++) {
		if (is_wanted(c, i))
			enter(c, i, OFL_ENTRY_REAL);
		else if (c->held->entry[i] == OFL_ENTRY_NONE)
			enter(c, i, OFL_ENTRY_PUNT);
	}
}

static void take_cover_set(struct cache *c, uint32_t route)
{
	const struct ofl_bench_route *routes = c->t->routes;
	uint32_t i = route + 1;

	enter(c, route, OFL_ENTRY_REAL);
	for (; i < routes[route].end; i = routes[i].end) {
		if (c->held->entry[i] == OFL_ENTRY_NONE)
			enter(c, i, OFL_ENTRY_PUNT);
	}
}

static void make_offers(struct cache *c)
{
	const struct ofl_bench_route *routes = c->t->routes;

	for (uint32_t i = c->t->count; i-- > 0;) {
		uint32_t cost = ofl_bench_cost(c->t, c->capacity, i);
		uint32_t parent = routes[i].parent;

		/* Those below have been here: parents come first. */
		c->rest[i].weight += weight_of(c, i);
		c->rest[i].cost += cost;
		c->rest[i].cover += cost;
		if (parent != OFL_BENCH_NONE) {
			c->rest[parent].weight += c->rest[i].weight;
			c->rest[parent].cost += c->rest[i].cost;
			c->rest[parent].cover += cost;
		}
		offer(c, i);
	}
}

void ofl_bench_cacheflow(const struct ofl_bench_table *t,
			 const struct ofl_bench_capacity *capacity, bool mixed,
			 struct ofl_bench_held *ret)
{
	struct cache c = {
		.t = t,
		.capacity = capacity,
		.held = ret,
		.left = capacity->slots,
		.mixed = mixed,
		.rest = calloc(t->count, sizeof(*c.rest)),
	};

	if (!c.rest)
		abort();
	make_offers(&c);
	while (c.count) {
		struct offer o = heap_pop(&c);
		bool cover;

		if (!is_wanted(&c, o.route) ||
		    o.ratio != best_ratio(&c, o.route))
			continue;
		cover = cover_ratio(&c, o.route) >=
			dependent_ratio(&c, o.route);
		if (!cover && c.rest[o.route].cost <= c.left)
			take_dependent_set(&c, o.route);
		else if (mixed && c.rest[o.route].cover <= c.left)
			take_cover_set(&c, o.route);
	}
	free(c.rest);
	free(c.heap);
}
