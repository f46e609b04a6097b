// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The methods to compare with.  None of them elides, none has a budget of
 * writes; what they know is as good as it can be: last hits and counts are
 * exact.
 */
#include <zebra.h>

#include <math.h>

#include "bench/traffic_cache.h"
#include "bench/traffic_players.h"

#define OVS_INTERVAL_S 3
#define OVS_SWAPS_MAX 1024
/* A route that takes a larger part of the table is never put in by LRU. */
#define LRU_PART 64
/* Of their writes one of so many is checked, which is slow. */
#define CHECK_ONE_IN 16

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* --- first come, first served --- */
static int order_cmp(const void *a, const void *b, void *arg)
{
	const struct ofl_bench_table *t = arg;
	uint32_t left = t->routes[*(const uint32_t *)a].order;
	uint32_t right = t->routes[*(const uint32_t *)b].order;

	return left < right ? -1 : left > right;
}

static void first_come(struct ofl_bench_player *p)
{
	struct ofl_bench_run *run = &p->path.run;

	for (uint32_t i = 0; i < run->t->count; i++)
		p->order[i] = i;
	qsort_r(p->order, run->t->count, sizeof(*p->order), order_cmp, run->t);
	for (uint32_t i = 0; i < run->t->count; i++) {
		uint32_t route = p->order[i];

		if (ofl_bench_cache_may(run, route) &&
		    ofl_bench_cache_need(run, route) <=
			    ofl_bench_cache_free(run))
			ofl_bench_cache_put(run, route);
	}
}

/* --- least recently used --- */
static int last_cmp(const void *a, const void *b, void *arg)
{
	const struct ofl_bench_player *p = arg;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	if (p->last[left] != p->last[right])
		return p->last[left] < p->last[right] ? -1 : 1;
	return left < right ? -1 : left > right;
}

/* Entries, the one that was hit longest ago first; their last packet of the
 * second came at the latest of as many moments. */
static uint32_t lru_sort(struct ofl_bench_player *p, uint32_t second)
{
	struct ofl_bench_path *path = &p->path;
	uint32_t count = 0;

	for (uint32_t i = 0; i < path->run.t->count; i++) {
		if (!ofl_bench_cache_has(&path->run, i))
			continue;
		if (path->hits[i])
			p->last[i] = second +
				     pow(ofl_bench_random_unit(&path->random),
					 1.0 / path->hits[i]);
		p->order[count++] = i;
	}
	qsort_r(p->order, count, sizeof(*p->order), last_cmp, p);
	return count;
}

static void shuffle(uint32_t *array, uint32_t n, struct ofl_bench_random *r)
{
	for (uint32_t i = n; i > 1; i--) {
		uint32_t other = ofl_bench_random_below(r, i), swap;

		swap = array[i - 1];
		array[i - 1] = array[other];
		array[other] = swap;
	}
}

/* Evict until there is room for a route; false: there never is. */
static bool lru_make_room(struct ofl_bench_player *p, uint32_t route,
			  uint32_t *at, uint32_t count)
{
	struct ofl_bench_run *run = &p->path.run;
	uint32_t most = MAX(8, run->conf.capacity_slots / LRU_PART), slots;

	while ((slots = ofl_bench_cache_need(run, route)) >
	       ofl_bench_cache_free(run)) {
		if (slots > most || *at == count)
			return false;
		ofl_bench_cache_take(run, p->order[(*at)++]);
	}
	return true;
}

static void lru_act(struct ofl_bench_player *p, uint32_t second)
{
	struct ofl_bench_path *path = &p->path;
	uint32_t count = lru_sort(p, second), at = 0;

	shuffle(path->sampled, path->samples, &path->random);
	for (uint32_t i = 0; i < path->samples; i++) {
		uint32_t route = path->sampled[i];

		p->last[route] = second + 1;
		if (ofl_bench_cache_has(&path->run, route) ||
		    !ofl_bench_cache_may(&path->run, route))
			continue;
		if (lru_make_room(p, route, &at, count))
			ofl_bench_cache_put(&path->run, route);
	}
}

/* --- Open vSwitch --- */
static int seen_cmp(const void *a, const void *b, void *arg)
{
	const struct ofl_bench_player *p = arg;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	if (p->seen[left] != p->seen[right])
		return p->seen[left] > p->seen[right] ? -1 : 1;
	return left < right ? -1 : left > right;
}

struct rebalance {
	uint32_t in, out; /* how many are offloaded, and are not */
	uint32_t at;	  /* of those offloaded: who is next to leave */
	uint32_t swaps;
	uint32_t victims; /* in p->victims */
};

/* The least offloaded ones that make room for a route, which leave a slot when
 * they go; their packets. */
static uint64_t ovs_victims(const struct ofl_bench_player *p,
			    struct rebalance *b, uint32_t slots, uint64_t most)
{
	const struct ofl_bench_run *run = &p->path.run;
	uint32_t room = ofl_bench_cache_free(run);
	uint64_t sum = 0;

	b->victims = 0;
	for (uint32_t i = b->at; i < b->in && room < slots && sum < most; i++) {
		uint32_t victim = p->order[i];
		uint32_t freed = ofl_bench_cache_frees(run, victim);

		if (!freed || !ofl_bench_cache_has(run, victim))
			continue;
		room += freed;
		sum += p->seen[victim];
		p->victims[b->victims++] = victim;
	}
	return room < slots ? UINT64_MAX : sum;
}

/* Nobody behind may have more than the least of those that are in. */
static bool ovs_is_over(const struct ofl_bench_player *p,
			const struct rebalance *b, uint32_t route)
{
	if (b->swaps == OVS_SWAPS_MAX)
		return true;
	return !ofl_bench_cache_free(&p->path.run) &&
	       (b->at == b->in || p->seen[p->order[b->at]] >= p->seen[route]);
}

/* One that waits for the least that are in, if it has more. */
static void ovs_swap(struct ofl_bench_player *p, struct rebalance *b,
		     uint32_t route)
{
	struct ofl_bench_run *run = &p->path.run;
	uint32_t slots = ofl_bench_cache_need(run, route);

	if (slots > ofl_bench_cache_free(run)) {
		if (ovs_victims(p, b, slots, p->seen[route]) >= p->seen[route])
			return;
		for (uint32_t i = 0; i < b->victims; i++)
			ofl_bench_cache_take(run, p->victims[i]);
		b->swaps++;
	}
	/* One that left may have been right above or below. */
	if (ofl_bench_cache_need(run, route) <= ofl_bench_cache_free(run))
		ofl_bench_cache_put(run, route);
	/* Who is out, or frees nothing for now, is not looked at again. */
	while (b->at < b->in && (!ofl_bench_cache_has(run, p->order[b->at]) ||
				 !ofl_bench_cache_frees(run, p->order[b->at])))
		b->at++;
}

static void ovs_rebalance(struct ofl_bench_player *p)
{
	struct ofl_bench_run *run = &p->path.run;
	struct rebalance b = {0};

	for (uint32_t i = 0; i < run->t->count; i++) {
		if (ofl_bench_cache_has(run, i))
			p->order[b.in++] = i;
		else if (p->seen[i] && ofl_bench_cache_may(run, i))
			p->pending[b.out++] = i;
	}
	qsort_r(p->order, b.in, sizeof(*p->order), seen_cmp, p);
	qsort_r(p->pending, b.out, sizeof(*p->pending), seen_cmp, p);
	for (uint32_t i = 0; i < b.in / 2; i++) {
		uint32_t route = p->order[i];

		p->order[i] = p->order[b.in - 1 - i];
		p->order[b.in - 1 - i] = route;
	}
	for (uint32_t i = 0; i < b.out && !ovs_is_over(p, &b, p->pending[i]);
	     i++)
		ovs_swap(p, &b, p->pending[i]);
	memset(p->seen, 0, run->t->count * sizeof(*p->seen));
}

static void ovs_act(struct ofl_bench_player *p, uint32_t second,
		    const uint32_t *packets)
{
	for (uint32_t i = 0; i < p->path.run.t->count; i++)
		p->seen[i] += packets[i];
	if ((second + 1) % OVS_INTERVAL_S == 0)
		ovs_rebalance(p);
}

/* --- players --- */
const char *ofl_bench_player_name(enum ofl_bench_player_kind kind)
{
	static const char *const names[OFL_BENCH_PLAYER_MAX] = {
		[OFL_BENCH_PLAYER_OURS] = "ours",
		[OFL_BENCH_PLAYER_FILTERED] = "ours_filtered",
		[OFL_BENCH_PLAYER_FIRST_COME] = "first_come",
		[OFL_BENCH_PLAYER_LRU] = "lru",
		[OFL_BENCH_PLAYER_OVS] = "ovs",
	};

	return names[kind];
}

void ofl_bench_player_init(struct ofl_bench_player *p,
			   const struct ofl_bench_traffic_options *o,
			   enum ofl_bench_player_kind kind,
			   struct ofl_bench_table *t,
			   const struct ofl_place_conf *conf,
			   uint32_t mice_least)
{
	memset(p, 0, sizeof(*p));
	p->o = o;
	p->kind = kind;
	ofl_bench_path_init(&p->path, t, conf, o->sampling, o->table.seed);
	if (kind == OFL_BENCH_PLAYER_FILTERED)
		p->mice = (struct ofl_mice_filter){mice_least, false,
						   o->window_s};
	if (ofl_bench_player_is_ours(p)) {
		ofl_bench_ours_init(p);
		return;
	}
	p->path.run.check_one_in = CHECK_ONE_IN;
	p->last = need(calloc(t->count, sizeof(*p->last)));
	p->seen = need(calloc(t->count, sizeof(*p->seen)));
	p->order = need(malloc(t->count * sizeof(*p->order)));
	p->pending = need(malloc(t->count * sizeof(*p->pending)));
	p->victims = need(malloc(t->count * sizeof(*p->victims)));
	if (kind == OFL_BENCH_PLAYER_FIRST_COME)
		first_come(p);
}

void ofl_bench_player_fini(struct ofl_bench_player *p)
{
	if (ofl_bench_player_is_ours(p))
		ofl_bench_ours_fini(p);
	ofl_bench_path_fini(&p->path);
	free(p->last);
	free(p->seen);
	free(p->order);
	free(p->pending);
	free(p->victims);
}

void ofl_bench_player_act(struct ofl_bench_player *p, uint32_t second,
			  const uint32_t *packets)
{
	switch (p->kind) {
	case OFL_BENCH_PLAYER_OURS:
	case OFL_BENCH_PLAYER_FILTERED:
		ofl_bench_ours_act(p, second);
		return;
	case OFL_BENCH_PLAYER_LRU:
		lru_act(p, second);
		return;
	case OFL_BENCH_PLAYER_OVS:
		ovs_act(p, second, packets);
		return;
	default:
		return;
	}
}
