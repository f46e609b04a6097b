// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An upper bound on what any choice of entries can answer.
 *
 * At a price per slot the best choice is a maximum closure: a rule brings its
 * traffic and asks for an entry of its own and one for each rule it depends on,
 * shared by all who ask.  That is a minimum cut, found by a maximum flow from
 * rules to entries (Dinic).  Whatever the price, no choice of K slots brings
 * more than that closure's value plus price * K; the least of these over all
 * prices is the bound.  It is a convex function of the price, made of lines:
 * where the lines of two closures meet is the next price to be tried.
 *
 * For a table of a few slots that says little: the closures are too large to
 * end at the last slot.  So where the list is small, the question is cut in two
 * (this rule is in, or it is not) as long as that lowers the bound and there is
 * work allowed; at the end it is the true optimum.
 */
#include <zebra.h>

#include "bench/acl_methods.h"

/* Capacities are whole numbers: a price is one of 2^-20 of a weight. */
#define SCALE (INT64_C(1) << 20)
#define ROUNDS_MAX 100
#define FAR UINT32_MAX
#define WORK_MAX 100000000 /* edges looked at to cut questions in two */
#define DEPTH_MAX 200

/* Rules on the left, entries on the right; an edge for each that is asked for,
 * the rule's own first. */
struct net {
	const struct ofl_bench_graph *g;
	uint32_t n;
	uint64_t *from; /* edges of a rule */
	uint32_t *to;
	uint64_t *back_from; /* the same edges by entry */
	uint64_t *back_edge;
	uint32_t *back_to;
	int64_t *flow;	 /* of edges; their capacity has no limit */
	int64_t *supply; /* left, of rules */
	int64_t *room;	 /* left, of entries */
	uint32_t *depth; /* rules, then entries */
	uint32_t *queue;
	uint64_t *next, *next_back; /* edge to be tried next */
	uint64_t work;		    /* edges looked at */

	/* What is settled: rules in (1) or out (-1); entries that are paid for
	 * so many times; all that weighs and takes. */
	int8_t *fixed;
	uint32_t *paid;
	double fixed_weight;
	uint64_t fixed_slots;
	double best; /* weight of the best choice seen */
};

/* What a choice brings, and what it takes. */
struct line {
	double weight, slots;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void *array(uint64_t count, size_t size)
{
	return must(calloc(count + 1, size));
}

/* --- the net --- */
static bool is_in(const struct ofl_bench_graph *g,
		  const struct ofl_bench_rules *t, uint32_t r, uint32_t slots)
{
	return !g->wide[r] && t->rules[r].slots <= slots && t->rules[r].weight;
}

static void edges(struct net *x, const struct ofl_bench_rules *t,
		  uint32_t slots)
{
	const struct ofl_bench_graph *g = x->g;
	uint64_t count = 0;

	for (uint32_t r = 0; r < x->n; r++) {
		x->from[r] = count;
		if (!is_in(g, t, r, slots))
			continue;
		x->to[count++] = r;
		for (uint64_t k = g->from[r]; k < g->from[r + 1]; k++)
			x->to[count++] = g->at[k];
	}
	x->from[x->n] = count;
	for (uint64_t k = 0; k < count; k++)
		x->back_from[x->to[k] + 1]++;
	for (uint32_t e = 0; e < x->n; e++)
		x->back_from[e + 1] += x->back_from[e];
	for (uint32_t e = 0; e < x->n; e++)
		x->next[e] = x->back_from[e];
	for (uint32_t r = 0; r < x->n; r++) {
		for (uint64_t k = x->from[r]; k < x->from[r + 1]; k++) {
			uint64_t at = x->next[x->to[k]]++;

			x->back_edge[at] = k;
			x->back_to[at] = r;
		}
	}
}

static void net_init(struct net *x, const struct ofl_bench_graph *g,
		     const struct ofl_bench_rules *t, uint32_t slots)
{
	uint64_t count = g->from[g->count] + g->count;

	x->g = g;
	x->n = g->count;
	x->from = array(x->n, sizeof(*x->from));
	x->to = array(count, sizeof(*x->to));
	x->back_from = array(x->n, sizeof(*x->back_from));
	x->back_edge = array(count, sizeof(*x->back_edge));
	x->back_to = array(count, sizeof(*x->back_to));
	x->flow = array(count, sizeof(*x->flow));
	x->supply = array(x->n, sizeof(*x->supply));
	x->room = array(x->n, sizeof(*x->room));
	x->depth = array(2ull * x->n, sizeof(*x->depth));
	x->queue = array(2ull * x->n, sizeof(*x->queue));
	x->next = array(x->n, sizeof(*x->next));
	x->next_back = array(x->n, sizeof(*x->next_back));
	x->fixed = array(x->n, sizeof(*x->fixed));
	x->paid = array(x->n, sizeof(*x->paid));
	edges(x, t, slots);
}

static void net_fini(struct net *x)
{
	free(x->from);
	free(x->to);
	free(x->back_from);
	free(x->back_edge);
	free(x->back_to);
	free(x->flow);
	free(x->supply);
	free(x->room);
	free(x->depth);
	free(x->queue);
	free(x->next);
	free(x->next_back);
	free(x->fixed);
	free(x->paid);
}

/* --- maximum flow --- */
static void reach(struct net *x, uint32_t node, uint32_t depth, uint32_t *tail)
{
	if (x->depth[node] != FAR)
		return;
	x->depth[node] = depth;
	x->queue[(*tail)++] = node;
}

/* How far everything is from where supply is left; true: room is within reach.
 * Rules are nodes 0.., entries n.. */
static bool measure(struct net *x)
{
	uint32_t head = 0, tail = 0;
	bool found = false;

	for (uint32_t i = 0; i < 2 * x->n; i++)
		x->depth[i] = FAR;
	for (uint32_t r = 0; r < x->n; r++) {
		if (x->supply[r] && x->from[r] < x->from[r + 1])
			reach(x, r, 0, &tail);
	}
	while (head < tail) {
		uint32_t node = x->queue[head++], e = node - x->n;

		if (node < x->n) {
			for (uint64_t k = x->from[node]; k < x->from[node + 1];
			     k++)
				reach(x, x->n + x->to[k], x->depth[node] + 1,
				      &tail);
			continue;
		}
		found = found || x->room[e];
		for (uint64_t k = x->back_from[e]; k < x->back_from[e + 1];
		     k++) {
			if (x->flow[x->back_edge[k]])
				reach(x, x->back_to[k], x->depth[node] + 1,
				      &tail);
		}
	}
	return found;
}

static int64_t push_entry(struct net *x, uint32_t e, int64_t amount);

static int64_t push_rule(struct net *x, uint32_t r, int64_t amount)
{
	int64_t pushed = 0;

	for (; x->next[r] < x->from[r + 1] && pushed < amount; x->next[r]++) {
		uint64_t k = x->next[r];
		int64_t some;

		if (x->depth[x->n + x->to[k]] != x->depth[r] + 1)
			continue;
		some = push_entry(x, x->to[k], amount - pushed);
		x->flow[k] += some;
		pushed += some;
		if (pushed == amount)
			break; /* it may take more */
	}
	return pushed;
}

static int64_t push_entry(struct net *x, uint32_t e, int64_t amount)
{
	int64_t pushed = MIN(amount, x->room[e]);

	x->room[e] -= pushed;
	for (; x->next_back[e] < x->back_from[e + 1] && pushed < amount;
	     x->next_back[e]++) {
		uint64_t at = x->next_back[e], k = x->back_edge[at];
		uint32_t r = x->back_to[at];
		int64_t some;

		if (!x->flow[k] || x->depth[r] != x->depth[x->n + e] + 1)
			continue;
		some = push_rule(x, r, MIN(amount - pushed, x->flow[k]));
		x->flow[k] -= some;
		pushed += some;
		if (pushed == amount)
			break;
	}
	return pushed;
}

static void flow_all(struct net *x)
{
	while (measure(x)) {
		for (uint32_t i = 0; i < x->n; i++) {
			x->next[i] = x->from[i];
			x->next_back[i] = x->back_from[i];
		}
		for (uint32_t r = 0; r < x->n; r++) {
			if (x->supply[r])
				x->supply[r] -= push_rule(x, r, x->supply[r]);
		}
	}
}

/* The best choice at this price. */
static struct line choose(struct net *x, const struct ofl_bench_rules *t,
			  int64_t price)
{
	struct line line = {0, 0};
	uint64_t edge_count = x->from[x->n];

	memset(x->flow, 0, edge_count * sizeof(*x->flow));
	x->work += edge_count + x->n;
	for (uint32_t i = 0; i < x->n; i++) {
		x->supply[i] = x->fixed[i] ? 0 : t->rules[i].weight * SCALE;
		x->room[i] = x->paid[i] ? 0 : price * t->rules[i].slots;
	}
	flow_all(x);
	/* What still has supply pays for all it reaches. */
	for (uint32_t i = 0; i < x->n; i++) {
		if (x->depth[i] != FAR)
			line.weight += t->rules[i].weight;
		if (x->depth[x->n + i] != FAR && !x->paid[i])
			line.slots += t->rules[i].slots;
	}
	return line;
}

/* --- the price --- */
static double value(struct line line, int64_t price)
{
	return line.weight - (double)price / SCALE * line.slots;
}

/* The bound for what is not settled, in so many slots; *ret_in_doubt is a rule
 * that the bound would like to have in part, or n. */
static double bound_rest(struct net *x, const struct ofl_bench_rules *t,
			 double slots, uint32_t *ret_in_doubt)
{
	struct line more = choose(x, t, 0), less = {0, 0};
	double bound = more.weight;
	int rounds = 0;

	*ret_in_doubt = x->n;
	while (more.slots > slots && rounds++ < ROUNDS_MAX) {
		int64_t price = (more.weight - less.weight) /
				(more.slots - less.slots) * SCALE;
		struct line line = choose(x, t, price);

		bound = MIN(bound,
			    value(line, price) + (double)price / SCALE * slots);
		if (value(line, price) <=
			    value(more, price) + 1e-9 * more.weight ||
		    line.slots == more.slots || line.slots == less.slots)
			break;
		if (line.slots > slots)
			more = line;
		else
			less = line;
	}
	if (more.slots <= slots)
		less = more;
	x->best = MAX(x->best, x->fixed_weight + less.weight);
	if (less.weight >= bound)
		return bound;
	/* The heaviest that could still be in or out. */
	for (uint32_t r = 0; r < x->n; r++) {
		if (!x->fixed[r] && x->from[r] < x->from[r + 1] &&
		    (*ret_in_doubt == x->n ||
		     t->rules[r].weight > t->rules[*ret_in_doubt].weight))
			*ret_in_doubt = r;
	}
	return bound;
}

/* Settle a rule as in (1), or take that back (-1). */
static void take(struct net *x, const struct ofl_bench_rules *t, uint32_t r,
		 int sign)
{
	x->fixed[r] = sign > 0;
	x->fixed_weight += sign * (double)t->rules[r].weight;
	for (uint64_t k = x->from[r]; k < x->from[r + 1]; k++) {
		uint32_t e = x->to[k];

		if (sign > 0 ? x->paid[e]++ == 0 : --x->paid[e] == 0)
			x->fixed_slots += sign * t->rules[e].slots;
	}
}

/* An upper bound given what is settled. */
static double bound_cut(struct net *x, const struct ofl_bench_rules *t,
			uint32_t slots, unsigned int depth)
{
	uint32_t rule;
	double bound, in, out;

	if (x->fixed_slots > slots)
		return 0;
	bound = x->fixed_weight +
		bound_rest(x, t, slots - (double)x->fixed_slots, &rule);
	if (rule == x->n || bound <= x->best * (1 + 1e-9) ||
	    depth == DEPTH_MAX || x->work > WORK_MAX)
		return bound;
	take(x, t, rule, 1);
	in = bound_cut(x, t, slots, depth + 1);
	take(x, t, rule, -1);
	x->fixed[rule] = -1;
	out = bound_cut(x, t, slots, depth + 1);
	x->fixed[rule] = 0;
	return MIN(bound, MAX(in, out));
}

double ofl_bench_bound(const struct ofl_bench_graph *g,
		       const struct ofl_bench_rules *t, uint32_t slots,
		       double *ret_whole)
{
	struct net x = {};
	double bound;
	uint32_t rule;

	net_init(&x, g, t, slots);
	*ret_whole = bound_rest(&x, t, slots, &rule);
	bound = MIN(*ret_whole, bound_cut(&x, t, slots, 0));
	net_fini(&x);
	if (t->total <= 0)
		return *ret_whole = 0;
	*ret_whole *= 100 / t->total;
	return 100 * bound / t->total;
}
