// SPDX-License-Identifier: GPL-2.0-or-later
/* Traces, made and not recorded; see traffic_trace.h. */
#include <zebra.h>

#include <math.h>

#include "bench/poisson.h"
#include "bench/traffic_trace.h"

#define FLASH_S 60
/* Of an adversary's traffic, so much is in the set whose turn it is. */
#define ADVERSARY_PART 0.9
/* Ranks that count as the top, of those that would fill the table. */
#define TOP_PART 10
/* Elephants are so many times the slots; mice are on the others. */
#define ELEPHANTS_TIMES 4
/* The filter asks for so many times a burst. */
#define FILTER_BURSTS 2.5
#define MICE_STEP 7919 /* a prime: all have their turn */

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static bool is_new_period(const struct ofl_bench_trace *tr, uint32_t second)
{
	return second % tr->o->period_s == 0;
}

static void rates_by_rank(struct ofl_bench_trace *tr, double pps)
{
	for (uint32_t i = 0; i < tr->routes; i++)
		tr->rate[tr->ranked[i]] = pps * tr->share[i];
}

/* --- drift --- */
static void swap_ranks(struct ofl_bench_trace *tr, uint32_t a, uint32_t b)
{
	uint32_t route = tr->ranked[a];

	tr->ranked[a] = tr->ranked[b];
	tr->ranked[b] = route;
	tr->rate[tr->ranked[a]] = tr->o->pps * tr->share[a];
	tr->rate[tr->ranked[b]] = tr->o->pps * tr->share[b];
}

static void drift(struct ofl_bench_trace *tr)
{
	uint32_t swaps = ceil(tr->routes * tr->o->drift_permille / 1000 / 2);
	uint32_t top = MAX(1, tr->slots / TOP_PART);

	for (uint32_t i = 0; i < swaps + tr->o->drift_top; i++) {
		uint32_t from = i < swaps ? tr->routes : top;
		uint32_t a = ofl_bench_random_below(&tr->change, from);
		uint32_t b = ofl_bench_random_below(&tr->change, tr->routes);

		swap_ranks(tr, a, b);
	}
}

/* --- flash crowd --- */
/* Cold routes get on top of theirs what the heaviest have, of the same sum. */
static void flash(struct ofl_bench_trace *tr, uint32_t second)
{
	uint32_t begins =
		tr->o->warm_up + (tr->o->periods - tr->o->warm_up) / 3;
	uint32_t count = MIN(tr->o->flash, tr->routes / 2);
	double sum = 1;

	begins *= tr->o->period_s;
	if (second == begins + FLASH_S)
		rates_by_rank(tr, tr->o->pps);
	if (second != begins)
		return;
	for (uint32_t i = 0; i < count; i++)
		sum += tr->share[i];
	rates_by_rank(tr, tr->o->pps / sum);
	for (uint32_t i = 0; i < count; i++) {
		/* Each another, from the cold half. */
		uint32_t rank =
			tr->routes - 1 - (uint64_t)i * (tr->routes / 2) / count;

		tr->rate[tr->ranked[rank]] += tr->o->pps / sum * tr->share[i];
	}
}

/* --- adversary --- */
static void alternate(struct ofl_bench_trace *tr, uint32_t second)
{
	uint32_t turn = second / tr->o->period_s / tr->o->alternate % 2;
	double each = tr->o->pps * ADVERSARY_PART / tr->slots;

	rates_by_rank(tr, tr->o->pps * (1 - ADVERSARY_PART));
	/* The heaviest are not in either set: they are the rest. */
	for (uint32_t i = 0; i < tr->slots; i++) {
		uint32_t rank = tr->routes - 1 - 2 * i - turn;

		tr->rate[tr->ranked[rank]] += each;
	}
}

/* --- mice --- */
static uint32_t elephants_of(const struct ofl_bench_trace *tr)
{
	return MIN(tr->slots * ELEPHANTS_TIMES, tr->routes / 2);
}

/* Elephants have what mice leave; nobody else has anything for long. */
static void mice_init(struct ofl_bench_trace *tr)
{
	double pps = tr->o->pps * tr->o->mice_percent / 100, sum = 0;
	uint32_t elephants = elephants_of(tr);

	for (uint32_t i = 0; i < elephants; i++)
		sum += tr->share[i];
	for (uint32_t i = 0; i < tr->routes; i++)
		tr->share[i] = i < elephants ? tr->share[i] / sum : 0;
	rates_by_rank(tr, tr->o->pps - pps);
	tr->mouse_pps = tr->o->mice_times *
			tr->rate[tr->ranked[MIN(tr->slots, elephants) - 1]];
	tr->mice_per_s = pps / (tr->mouse_pps * tr->o->burst_s);
	tr->mice_room = ceil(tr->mice_per_s * (tr->o->burst_s + 1)) + 1;
	tr->mice = need(calloc(tr->mice_room, sizeof(*tr->mice)));
}

/* The next one in a round through all but the elephants, in no order. */
static uint32_t next_mouse(struct ofl_bench_trace *tr)
{
	uint32_t elephants = elephants_of(tr);

	tr->mice_next = (tr->mice_next + MICE_STEP) % (tr->routes - elephants);
	return tr->ranked[elephants + tr->mice_next];
}

static void run_mice(struct ofl_bench_trace *tr, uint32_t second)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < tr->mice_count; i++) {
		struct ofl_bench_mouse m = tr->mice[i];

		if (m.until_s > second)
			tr->mice[kept++] = m;
		else
			tr->rate[m.route] =
				fmax(0, tr->rate[m.route] - tr->mouse_pps);
	}
	tr->mice_count = kept;
	tr->mice_due += tr->mice_per_s;
	for (; tr->mice_due >= 1 && tr->mice_count < tr->mice_room;
	     tr->mice_due--) {
		struct ofl_bench_mouse m = {next_mouse(tr),
					    second + tr->o->burst_s};

		tr->mice[tr->mice_count++] = m;
		tr->rate[m.route] += tr->mouse_pps;
		tr->mice_born++;
	}
}

uint32_t ofl_bench_trace_mice_least(const struct ofl_bench_trace *tr)
{
	if (tr->o->mice_least)
		return tr->o->mice_least;
	return MAX(1, lrint(FILTER_BURSTS * tr->mouse_pps * tr->o->burst_s));
}

/* --- all of it --- */
struct rank {
	uint32_t route, weight;
};

static int rank_cmp(const void *a, const void *b)
{
	const struct rank *left = a, *right = b;

	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return left->route < right->route ? -1 : left->route > right->route;
}

static void make_ranks(struct ofl_bench_trace *tr,
		       const struct ofl_bench_table *t)
{
	struct rank *ranks = need(malloc(t->count * sizeof(*ranks)));
	double sum = 0;

	for (uint32_t i = 0; i < t->count; i++)
		ranks[i] = (struct rank){i, t->routes[i].weight};
	qsort(ranks, t->count, sizeof(*ranks), rank_cmp);
	for (uint32_t i = 0; i < t->count; i++) {
		tr->ranked[i] = ranks[i].route;
		tr->share[i] = pow(i + 1.0, -tr->zipf);
		sum += tr->share[i];
	}
	for (uint32_t i = 0; i < t->count; i++)
		tr->share[i] /= sum;
	free(ranks);
}

void ofl_bench_trace_init(struct ofl_bench_trace *tr,
			  const struct ofl_bench_traffic_options *o,
			  const struct ofl_bench_table *t, uint32_t slots,
			  enum ofl_bench_trace_kind kind, double zipf)
{
	*tr = (struct ofl_bench_trace){
		.o = o,
		.kind = kind,
		.routes = t->count,
		.slots = slots,
		.zipf = zipf,
		.ranked = need(malloc(t->count * sizeof(*tr->ranked))),
		.share = need(malloc(t->count * sizeof(*tr->share))),
		.rate = need(malloc(t->count * sizeof(*tr->rate))),
		.packets = need(calloc(t->count, sizeof(*tr->packets))),
		.change = ofl_bench_random_make(o->table.seed,
						OFL_BENCH_STREAM_TRACE),
		.noise = ofl_bench_random_make(o->table.seed,
					       OFL_BENCH_STREAM_PACKETS),
	};
	make_ranks(tr, t);
	rates_by_rank(tr, o->pps);
	if (kind == OFL_BENCH_TRACE_MICE)
		mice_init(tr);
}

void ofl_bench_trace_fini(struct ofl_bench_trace *tr)
{
	free(tr->ranked);
	free(tr->share);
	free(tr->rate);
	free(tr->packets);
	free(tr->mice);
}

void ofl_bench_trace_second(struct ofl_bench_trace *tr, uint32_t second)
{
	if (tr->kind == OFL_BENCH_TRACE_DRIFT && second &&
	    is_new_period(tr, second))
		drift(tr);
	if (tr->kind == OFL_BENCH_TRACE_FLASH)
		flash(tr, second);
	if (tr->kind == OFL_BENCH_TRACE_ADVERSARY && is_new_period(tr, second))
		alternate(tr, second);
	if (tr->kind == OFL_BENCH_TRACE_MICE)
		run_mice(tr, second);
	for (uint32_t i = 0; i < tr->routes; i++)
		tr->packets[i] = ofl_bench_poisson(&tr->noise, tr->rate[i]);
}
