// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The priced choice of a whole table from nothing: a reference that shares no
 * line with the placement room.
 *
 * At a price per slot the best choice of entries falls out of two sums a route,
 * `down` (nothing real at the route) and `real` (hardware answers it); the
 * price is found by bisection.  Whatever the price, worth at that price plus
 * price times slots is more than any choice can be worth; the least of them
 * is the bound.
 */
#include <zebra.h>

#include <math.h>

#include "bench/lpm_methods.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

#define STEPS 60
#define NEAR_STEP 1.1 /* how far apart prices near another are looked at */
#define NEAR_STEPS 100
#define NEAR_PRECISION 1e-3

struct sums {
	double down, real;
};

/* How the traffic of a route is treated. */
enum mode { MODE_SOFTWARE, MODE_REAL, MODE_ELIDED, MODE_PUNT };

struct priced {
	const struct ofl_bench_table *t;
	const struct ofl_bench_capacity *capacity;
	struct sums *sums;
	uint8_t *mode;
	double critical; /* added to the weight of a critical route */
	double price;
};

static double price_of(const struct priced *p, uint32_t route)
{
	return p->price * ofl_bench_cost(p->t, p->capacity, route);
}

static double worth_of(const struct priced *p, const struct ofl_bench_route *r)
{
	return r->weight + (r->cls == OFL_CLASS_CRITICAL ? p->critical : 0);
}

/* The sums at p->price; returns what the best choice is worth at it. */
static double sum_up(struct priced *p)
{
	const struct ofl_bench_route *routes = p->t->routes;
	double all = 0;

	for (uint32_t i = 0; i < p->t->count; i++)
		p->sums[i] = (struct sums){0, worth_of(p, &routes[i])};
	for (uint32_t i = p->t->count; i-- > 0;) {
		const struct ofl_bench_route *r = &routes[i];
		struct sums *s = &p->sums[i], *above;
		double paid = price_of(p, i), free_of_cover;

		if (r->cls == OFL_CLASS_NEVER)
			s->real = -INFINITY;
		free_of_cover = fmax(s->down, s->real - paid);
		if (r->parent == OFL_BENCH_NONE) {
			all += free_of_cover;
			continue;
		}
		above = &p->sums[r->parent];
		above->down += free_of_cover;
		if (routes[r->parent].identity == r->identity &&
		    r->cls != OFL_CLASS_NEVER)
			above->real += fmax(s->real, s->down - paid);
		else
			above->real += fmax(s->real, s->down) - paid;
	}
	return all;
}

static enum mode mode_at(const struct priced *p, uint32_t route)
{
	const struct ofl_bench_route *r = &p->t->routes[route];
	const struct sums *s = &p->sums[route];
	double paid = price_of(p, route);
	enum mode above = MODE_SOFTWARE;

	if (r->parent != OFL_BENCH_NONE)
		above = p->mode[r->parent];
	if (above != MODE_REAL && above != MODE_ELIDED)
		return s->real - paid > s->down ? MODE_REAL : MODE_SOFTWARE;
	if (p->t->routes[r->parent].identity == r->identity &&
	    r->cls != OFL_CLASS_NEVER)
		return s->real >= s->down - paid ? MODE_ELIDED : MODE_PUNT;
	return s->real >= s->down ? MODE_REAL : MODE_PUNT;
}

/* Slots of the best choice at p->price. */
static uint64_t choose(struct priced *p)
{
	uint64_t used = 0;

	for (uint32_t i = 0; i < p->t->count; i++) {
		p->mode[i] = mode_at(p, i);
		if (p->mode[i] == MODE_REAL || p->mode[i] == MODE_PUNT)
			used += ofl_bench_cost(p->t, p->capacity, i);
	}
	return used;
}

/* The lowest price whose choice fits, by bisection. */
static void find_price(struct priced *p, double *ret_bound)
{
	double low = 0, high = 1, all;

	*ret_bound = INFINITY;
	for (uint32_t i = 0; i < p->t->count; i++)
		high += worth_of(p, &p->t->routes[i]);
	p->price = 0;
	*ret_bound = sum_up(p);
	if (choose(p) <= p->capacity->slots)
		return;
	for (int i = 0; i < STEPS && high > low * (1 + 1e-9); i++) {
		/* Halve the exponent first: prices differ by magnitudes. */
		p->price = low > 1 ? sqrt(low * high) : sqrt(high);
		if (p->price <= low || p->price >= high)
			p->price = (low + high) / 2;
		all = sum_up(p);
		*ret_bound =
			fmin(*ret_bound, all + p->price * p->capacity->slots);
		if (choose(p) <= p->capacity->slots)
			high = p->price;
		else
			low = p->price;
	}
	p->price = high;
	sum_up(p);
	choose(p);
}

/* Is the choice at this price small enough?  The bound may become less. */
static bool fits_at(struct priced *p, double price, double *bound)
{
	p->price = price;
	*bound = fmin(*bound, sum_up(p) + price * p->capacity->slots);
	return choose(p) <= p->capacity->slots;
}

static bool find_price_near(struct priced *p, double near, double *ret_bound)
{
	double low = near, high = near;
	int steps = NEAR_STEPS;

	*ret_bound = INFINITY;
	if (fits_at(p, near, ret_bound)) {
		while (fits_at(p, low /= NEAR_STEP, ret_bound) && --steps)
			high = low;
	} else {
		while (!fits_at(p, high *= NEAR_STEP, ret_bound) && --steps)
			low = high;
	}
	while (steps && high > low * (1 + NEAR_PRECISION)) {
		double price = (low + high) / 2;

		if (fits_at(p, price, ret_bound))
			high = price;
		else
			low = price;
	}
	p->price = high;
	return steps;
}

static void priced_init(struct priced *p, const struct ofl_bench_table *t,
			const struct ofl_bench_capacity *c)
{
	*p = (struct priced){
		.t = t,
		.capacity = c,
		.sums = malloc(t->count * sizeof(*p->sums)),
		.mode = malloc(t->count),
		.critical = 1,
	};
	if (!p->sums || !p->mode)
		abort();
	for (uint32_t i = 0; i < t->count; i++)
		p->critical += t->routes[i].weight;
}

static void priced_fini(struct priced *p)
{
	free(p->sums);
	free(p->mode);
}

void ofl_bench_priced_bound(const struct ofl_bench_table *t,
			    const struct ofl_bench_capacity *c, double near,
			    double *ret_bound, double *ret_price)
{
	struct priced p;

	priced_init(&p, t, c);
	if (!(near > 0) || !find_price_near(&p, near, ret_bound))
		find_price(&p, ret_bound);
	*ret_price = p.price;
	priced_fini(&p);
}

void ofl_bench_priced(const struct ofl_bench_table *t,
		      const struct ofl_bench_capacity *c,
		      struct ofl_bench_held *ret, double *ret_bound,
		      double *ret_price)
{
	struct priced p;

	priced_init(&p, t, c);
	find_price(&p, ret_bound);
	for (uint32_t i = 0; i < t->count; i++) {
		if (p.mode[i] == MODE_REAL)
			ret->entry[i] = OFL_ENTRY_REAL;
		else if (p.mode[i] == MODE_PUNT)
			ret->entry[i] = OFL_ENTRY_PUNT;
		ret->identity[i] = t->routes[i].identity;
	}
	*ret_price = p.price;
	priced_fini(&p);
}
