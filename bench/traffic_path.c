// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic through a hardware table; see traffic_path.h.
 *
 * Every packet that goes to software is sampled with the same chance.  Packets
 * until the next sample are drawn, which is the same and sooner done.
 */
#include <zebra.h>

#include <math.h>

#include "bench/traffic_path.h"
#include "offloadd/flow/flow.h"

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void ofl_bench_path_init(struct ofl_bench_path *p, struct ofl_bench_table *t,
			 const struct ofl_place_conf *conf, uint32_t sampling,
			 uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	ofl_bench_run_init(&p->run, t, conf, 1000, seed);
	p->sampling = sampling;
	p->random = ofl_bench_random_make(seed, OFL_BENCH_STREAM_SAMPLING);
	p->source = need(malloc(t->count * sizeof(*p->source)));
	p->source_writes = UINT64_MAX;
	p->hits = need(calloc(t->count, sizeof(*p->hits)));
}

void ofl_bench_path_fini(struct ofl_bench_path *p)
{
	ofl_bench_run_fini(&p->run);
	free(p->source);
	free(p->hits);
	free(p->sampled);
}

void ofl_bench_path_look(struct ofl_bench_path *p)
{
	const struct ofl_bench_table *t = p->run.t;

	if (p->source_writes == p->run.writes)
		return;
	p->source_writes = p->run.writes;
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t parent = t->routes[i].parent;

		if (p->run.held.entry[i] == OFL_ENTRY_REAL)
			p->source[i] = i;
		else if (p->run.held.entry[i] == OFL_ENTRY_PUNT ||
			 parent == OFL_BENCH_NONE)
			p->source[i] = OFL_BENCH_NONE;
		else
			p->source[i] = p->source[parent];
	}
}

static void take_sample(struct ofl_bench_path *p, uint32_t route)
{
	if (p->samples == p->samples_room) {
		p->samples_room = MAX(1024, 2 * p->samples_room);
		p->sampled = need(realloc(
			p->sampled, p->samples_room * sizeof(*p->sampled)));
	}
	p->sampled[p->samples++] = route;
}

/* Packets that pass before the next one that is sampled. */
static uint64_t draw_gap(struct ofl_bench_path *p)
{
	double u;

	if (p->sampling == 1)
		return 0;
	u = 1 - ofl_bench_random_unit(&p->random);
	return log(u) / log1p(-1.0 / p->sampling);
}

static void answer(struct ofl_bench_path *p, uint32_t route, uint32_t source,
		   uint32_t packets)
{
	const struct ofl_bench_route *r = &p->run.t->routes[route];

	p->hits[source] += packets;
	if (r->cls == OFL_CLASS_NEVER ||
	    p->run.held.identity[source] != r->identity)
		p->wrong += packets;
	else
		p->answered += packets;
}

void ofl_bench_path_second(struct ofl_bench_path *p, const uint32_t *packets)
{
	uint32_t count = p->run.t->count;
	uint64_t gap = draw_gap(p), left;

	ofl_bench_path_look(p);
	memset(p->hits, 0, count * sizeof(*p->hits));
	p->samples = 0;
	p->packets = p->answered = p->wrong = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (!packets[i])
			continue;
		p->packets += packets[i];
		if (p->source[i] != OFL_BENCH_NONE) {
			answer(p, i, p->source[i], packets[i]);
			continue;
		}
		for (left = packets[i]; left > gap; gap = draw_gap(p)) {
			left -= gap + 1;
			take_sample(p, i);
		}
		gap -= left;
	}
}
