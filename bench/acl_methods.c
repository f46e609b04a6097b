// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The graph of dependencies, found rule by rule with no index, and the simple
 * method on it.  Nothing here is the placement room's: it is held against this.
 */
#include <zebra.h>

#include "bench/acl_methods.h"

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* --- dependencies --- */
/* Those of one rule, appended; returns the slots they and it take. */
static uint64_t above(const struct ofl_bench_rules *t, uint32_t rule,
		      uint32_t **at, uint64_t *count, uint64_t *size)
{
	const struct ofl_bench_rule *r = &t->rules[rule];
	uint64_t slots = r->slots;

	for (uint32_t i = 0; i < rule; i++) {
		struct ofl_bits first = t->first[i];

		if ((first.value ^ r->match.base[0].value) & first.mask &
		    r->match.base[0].mask)
			continue;
		if (t->rules[i].identity == r->identity ||
		    !ofl_match_has_overlap(&t->rules[i].match, &r->match))
			continue;
		if (*count == *size) {
			*size = *size ? *size * 2 : 4096;
			*at = must(realloc(*at, *size * sizeof(**at)));
		}
		(*at)[(*count)++] = i;
		slots += t->rules[i].slots;
	}
	return slots;
}

void ofl_bench_graph_init(struct ofl_bench_graph *g,
			  const struct ofl_bench_rules *t, uint32_t slots)
{
	uint64_t count = 0, size = 0;

	memset(g, 0, sizeof(*g));
	g->count = t->count;
	g->from = must(calloc(t->count + 1ull, sizeof(*g->from)));
	g->wide = must(calloc(t->count, sizeof(*g->wide)));
	for (uint32_t i = 0; i < t->count; i++) {
		g->from[i] = count;
		g->wide[i] = above(t, i, &g->at, &count, &size) > slots;
		if (g->wide[i])
			count = g->from[i];
	}
	g->from[t->count] = count;
}

void ofl_bench_graph_fini(struct ofl_bench_graph *g)
{
	free(g->from);
	free(g->at);
	free(g->wide);
}

/* --- dependent set --- */
struct closure {
	uint32_t *rules; /* to be taken in */
	uint32_t count;
	uint64_t slots;
	double weight;
};

struct search {
	const struct ofl_bench_graph *g;
	const struct ofl_bench_rules *t;
	bool *in;	/* the table */
	uint32_t *seen; /* in which search */
	uint32_t round;
	struct closure now;
	double *density; /* as last reckoned */
	uint32_t *heap;
	uint32_t heap_count;
};

/* All that has to come in with `rule`; false: more than `slots`, or some of it
 * never can. */
static bool close_over(struct search *s, uint32_t rule, uint64_t slots)
{
	struct closure *c = &s->now;

	s->round++;
	c->count = 0;
	c->slots = 0;
	c->weight = 0;
	c->rules[c->count++] = rule;
	s->seen[rule] = s->round;
	for (uint32_t i = 0; i < c->count; i++) {
		uint32_t r = c->rules[i];

		c->slots += s->t->rules[r].slots;
		c->weight += s->t->rules[r].weight;
		if (s->g->wide[r] || c->slots > slots)
			return false;
		for (uint64_t k = s->g->from[r]; k < s->g->from[r + 1]; k++) {
			uint32_t d = s->g->at[k];

			if (s->in[d] || s->seen[d] == s->round)
				continue;
			s->seen[d] = s->round;
			c->rules[c->count++] = d;
		}
	}
	return true;
}

static void sink(struct search *s, uint32_t at)
{
	uint32_t rule = s->heap[at], child;

	while ((child = 2 * at + 1) < s->heap_count) {
		if (child + 1 < s->heap_count &&
		    s->density[s->heap[child + 1]] > s->density[s->heap[child]])
			child++;
		if (s->density[s->heap[child]] <= s->density[rule])
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = rule;
}

/* Reckon all again: what is in the table makes others cheaper. */
static void refresh(struct search *s, uint64_t slots)
{
	s->heap_count = 0;
	for (uint32_t i = 0; i < s->t->count; i++) {
		if (s->in[i] || !close_over(s, i, slots))
			continue;
		s->density[i] = s->now.weight / s->now.slots;
		s->heap[s->heap_count++] = i;
	}
	for (uint32_t i = s->heap_count / 2; i-- > 0;)
		sink(s, i);
}

/* The best by now, its closure in s->now; false: nothing fits. */
static bool best(struct search *s, uint64_t slots)
{
	while (s->heap_count) {
		uint32_t rule = s->heap[0];
		double density;

		if (s->in[rule] || !close_over(s, rule, slots)) {
			s->heap[0] = s->heap[--s->heap_count];
			if (s->heap_count)
				sink(s, 0);
			continue;
		}
		density = s->now.weight / s->now.slots;
		if (density >= s->density[rule] * (1 - 1e-12))
			return true;
		s->density[rule] = density;
		sink(s, 0);
		if (s->heap[0] == rule)
			return true;
	}
	return false;
}

static double fill(struct search *s, uint32_t slots)
{
	uint64_t used = 0, fresh = 0;
	double weight = 0;

	refresh(s, slots);
	while (best(s, slots - used)) {
		for (uint32_t i = 0; i < s->now.count; i++)
			s->in[s->now.rules[i]] = true;
		used += s->now.slots;
		weight += s->now.weight;
		if ((used - fresh) * 50 >= slots) {
			refresh(s, slots - used);
			fresh = used;
		}
	}
	return weight;
}

double ofl_bench_dependent_set(const struct ofl_bench_graph *g,
			       const struct ofl_bench_rules *t, uint32_t slots)
{
	size_t n = t->count;
	struct search s = {
		.g = g,
		.t = t,
		.in = must(calloc(n, sizeof(bool))),
		.seen = must(calloc(n, sizeof(uint32_t))),
		.density = must(calloc(n, sizeof(double))),
		.heap = must(calloc(n, sizeof(uint32_t))),
		.now = {.rules = must(calloc(n, sizeof(uint32_t)))},
	};
	double weight = fill(&s, slots);

	free(s.in);
	free(s.seen);
	free(s.density);
	free(s.heap);
	free(s.now.rules);
	return t->total > 0 ? 100 * weight / t->total : 0;
}
