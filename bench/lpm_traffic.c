// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic for a full table: how much each route carries, which are critical
 * and, where a file does not tell, where they lead.
 *
 * Popularity follows Zipf's law.  Its ranks are dealt at random, a larger block
 * being somewhat likelier to be next.  Next hops that have to be drawn nest as
 * in real tables: a covering route either is one customer's, and all its
 * more-specifics lead where it leads, or it is a provider's, and they lead
 * anywhere.
 */
#include <zebra.h>

#include <math.h>

#include "bench/lpm_random.h"
#include "bench/lpm_table.h"
#include "offloadd/flow/flow.h"

#define WEIGHT_MAX 2147483648.0 /* of the most popular route */

static void shuffle(uint32_t *array, uint32_t n, struct ofl_bench_random *r)
{
	for (uint32_t i = n; i > 1; i--) {
		uint32_t other = ofl_bench_random_below(r, i), swap;

		swap = array[i - 1];
		array[i - 1] = array[other];
		array[other] = swap;
	}
}

/* A route and how soon it is its turn. */
struct turn {
	double at;
	uint32_t route;
};

static int turn_cmp(const void *a, const void *b)
{
	const struct turn *left = a, *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return left->route < right->route ? -1 : left->route > right->route;
}

/* Ranks without replacement, the chance of each a power of its size: who
 * waits for as many of his own alarms is served in the order they go off. */
static void draw_weights(struct ofl_bench_table *t,
			 const struct ofl_bench_traffic *traffic)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(traffic->seed, OFL_BENCH_STREAM_RANKS);
	struct turn *turns = malloc(t->count * sizeof(*turns));

	if (!turns)
		abort();
	for (uint32_t i = 0; i < t->count; i++) {
		const struct ofl_prefix *p = &t->routes[i].prefix;
		int usual = p->family == AF_INET ? 24 : 48;
		double chance = exp2(traffic->size_bias * (usual - p->plen));

		turns[i].route = i;
		turns[i].at = -log1p(-ofl_bench_random_unit(&random)) / chance;
	}
	qsort(turns, t->count, sizeof(*turns), turn_cmp);
	for (uint32_t i = 0; i < t->count; i++) {
		double w = WEIGHT_MAX / pow(i + 1.0, traffic->zipf);

		t->routes[turns[i].route].weight = w < 1 ? 1 : lrint(w);
	}
	free(turns);
}

static uint32_t as_hash(uint32_t as)
{
	uint64_t h = (as + 1ull) * 0x9e3779b97f4a7c15ull;

	h = (h ^ h >> 32) * 0xbf58476d1ce4e5b9ull;
	return h >> 32;
}

/* How often the more-specifics of a covering route all lead where it leads,
 * such that a share gamma of all routes lead where theirs leads. */
static double alike_chance(const struct ofl_bench_table *t,
			   const struct ofl_bench_traffic *traffic)
{
	double by_chance = 1.0 / traffic->next_hops, wanted;
	uint32_t covered = 0;

	for (uint32_t i = 0; i < t->count; i++)
		covered += t->routes[i].parent != OFL_BENCH_NONE;
	if (covered == 0 || traffic->next_hops == 1)
		return 1;
	wanted = traffic->gamma * t->count / covered;
	return (wanted - by_chance) / (1 - by_chance);
}

static void draw_next_hops(struct ofl_bench_table *t,
			   const struct ofl_bench_traffic *traffic)
{
	struct ofl_bench_random random = ofl_bench_random_make(
		traffic->seed, OFL_BENCH_STREAM_NEXT_HOPS);
	double chance = alike_chance(t, traffic);
	bool *alike = calloc(t->count, sizeof(*alike));

	if (!alike)
		abort();
	for (uint32_t i = 0; i < t->count; i++) {
		struct ofl_bench_route *r = &t->routes[i];
		uint32_t drawn =
			ofl_bench_random_below(&random, traffic->next_hops);

		alike[i] = ofl_bench_random_unit(&random) < chance;
		if (r->parent != OFL_BENCH_NONE && alike[r->parent])
			r->identity = t->routes[r->parent].identity;
		else
			r->identity = 1 + drawn;
	}
	free(alike);
}

static void hash_next_hops(struct ofl_bench_table *t, uint32_t next_hops)
{
	for (uint32_t i = 0; i < t->count; i++)
		t->routes[i].identity =
			1 + as_hash(t->routes[i].identity) % next_hops;
}

static void draw_critical(struct ofl_bench_table *t,
			  const struct ofl_bench_traffic *traffic)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(traffic->seed, OFL_BENCH_STREAM_CRITICAL);
	uint32_t *order = malloc(t->count * sizeof(*order));
	uint32_t left = traffic->critical;

	if (!order)
		abort();
	for (uint32_t i = 0; i < t->count; i++)
		order[i] = i;
	shuffle(order, t->count, &random);
	for (uint32_t i = 0; i < t->count && left; i++) {
		struct ofl_bench_route *r = &t->routes[order[i]];

		if (r->cls == OFL_CLASS_NEVER)
			continue;
		r->cls = OFL_CLASS_CRITICAL;
		left--;
	}
	free(order);
}

void ofl_bench_table_draw(struct ofl_bench_table *t,
			  const struct ofl_bench_traffic *traffic)
{
	draw_weights(t, traffic);
	if (t->format != OFL_BENCH_FORMAT_NEXT_HOP)
		t->identities = traffic->next_hops;
	if (t->format == OFL_BENCH_FORMAT_PREFIX)
		draw_next_hops(t, traffic);
	else if (t->format == OFL_BENCH_FORMAT_AS)
		hash_next_hops(t, traffic->next_hops);
	draw_critical(t, traffic);
}
