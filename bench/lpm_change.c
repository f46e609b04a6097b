// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of routes and of traffic, one after the other; see lpm_change.h. */
#include <zebra.h>

#include <math.h>

#include "bench/lpm_change.h"
#include "bench/lpm_methods.h"
#include "bench/poisson.h"

#define DECAY 8	   /* an eighth of a new count goes into the estimate */
#define WARM_UP 24 /* sweeps until estimates have forgotten the start */

/* --- one change at a time --- */
static uint32_t any_route(struct ofl_bench_run *r,
			  struct ofl_bench_random *random)
{
	return ofl_bench_random_below(random, r->t->count);
}

/* Tell the room of the route and let it decide; how long that took. */
static uint64_t update(struct ofl_bench_run *r, uint32_t route)
{
	uint64_t planned = r->turns.sum_ns, since = ofl_bench_wall_ns(), told;

	if (r->t->routes[route].announced)
		ofl_bench_run_set(r, route);
	else
		ofl_bench_run_del(r, route);
	told = ofl_bench_wall_ns() - since;
	ofl_bench_run_plan(r);
	return told + r->turns.sum_ns - planned;
}

static uint64_t busy_ns(const struct ofl_bench_run *r)
{
	return r->turns.sum_ns + r->write_calls.sum_ns;
}

static void settle(struct ofl_bench_run *r, struct ofl_bench_churn *c)
{
	uint64_t before = busy_ns(r);

	ofl_bench_run_settle(r);
	ofl_bench_stat_add(&c->settle, busy_ns(r) - before);
}

static void withdraw_announce(struct ofl_bench_run *r, uint32_t route,
			      struct ofl_bench_churn *c)
{
	uint64_t ns;

	r->t->routes[route].announced = false;
	ns = update(r, route);
	settle(r, c);
	ofl_bench_run_changes(r, route);
	r->t->routes[route].announced = true;
	ns += update(r, route);
	ofl_bench_stat_add(&c->withdraw_announce, ns);
	ofl_bench_stat_add(&c->all, ns);
}

static void next_hop(struct ofl_bench_run *r, uint32_t route,
		     struct ofl_bench_random *random, struct ofl_bench_churn *c)
{
	struct ofl_bench_route *changed = &r->t->routes[route];
	uint32_t other = ofl_bench_random_below(random, r->t->identities);
	uint64_t ns;

	/* Another one, if there is another one. */
	changed->identity = 1 + (other + 1 == changed->identity
					 ? (other + 1) % r->t->identities
					 : other);
	ns = update(r, route);
	ofl_bench_stat_add(&c->next_hop, ns);
	ofl_bench_stat_add(&c->all, ns);
}

/* Half to twice of what it was. */
static void counter(struct ofl_bench_run *r, uint32_t route,
		    struct ofl_bench_random *random, struct ofl_bench_churn *c)
{
	struct ofl_bench_route *changed = &r->t->routes[route];
	double factor = exp2(2 * ofl_bench_random_unit(random) - 1);
	uint64_t ns;

	changed->weight =
		lrint(fmin(UINT32_MAX, fmax(1, changed->weight * factor)));
	ns = update(r, route);
	ofl_bench_stat_add(&c->counter, ns);
	ofl_bench_stat_add(&c->all, ns);
}

void ofl_bench_churn(struct ofl_bench_run *r, const struct ofl_bench_options *o,
		     struct ofl_bench_churn *ret)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(o->traffic.seed, OFL_BENCH_STREAM_CHURN);
	uint64_t before = r->writes;

	for (uint32_t i = 0; i < o->churn; i++) {
		uint32_t route = any_route(r, &random);

		ofl_bench_run_changes(r, route);
		switch (i % 3) {
		case 0:
			withdraw_announce(r, route, ret);
			break;
		case 1:
			next_hop(r, route, &random, ret);
			break;
		default:
			counter(r, route, &random, ret);
			break;
		}
		settle(r, ret);
	}
	ofl_bench_run_changes(r, OFL_BENCH_NONE);
	ret->writes = r->writes - before;
}

/* --- sweeps --- */
static double hit_rate(const struct ofl_bench_run *r, double *ret_quality)
{
	struct ofl_place_certificate cert;
	struct ofl_bench_score score;

	ofl_bench_score(r->t, &r->held, &score);
	ofl_place_certificate(r->place, &cert);
	*ret_quality = -1;
	if (cert.valid && cert.bound + cert.bound_critical > 0)
		*ret_quality = score.value / (cert.bound + cert.bound_critical);
	return score.hit_rate;
}

static void begin(const struct ofl_bench_run *r, struct ofl_bench_sweeps *s)
{
	s->hit_rate_before = hit_rate(r, &s->quality_min);
	s->hit_rate_min = s->hit_rate_before;
}

static void sweep(struct ofl_bench_run *r)
{
	ofl_bench_run_sweep(r);
	ofl_bench_run_settle(r);
}

static void count(const struct ofl_bench_run *r, uint64_t writes,
		  struct ofl_bench_sweeps *s)
{
	double quality;

	s->count++;
	s->writes += writes;
	s->writes_max = MAX(s->writes_max, writes);
	s->hit_rate_last = hit_rate(r, &quality);
	s->hit_rate_sum += s->hit_rate_last;
	s->hit_rate_min = fmin(s->hit_rate_min, s->hit_rate_last);
	s->quality_min = fmin(s->quality_min, quality);
}

void ofl_bench_drift(struct ofl_bench_run *r, const struct ofl_bench_options *o,
		     struct ofl_bench_sweeps *ret)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(o->traffic.seed, OFL_BENCH_STREAM_DRIFT);
	uint32_t moved = ceil(r->t->count * o->drift_permille / 1000);

	begin(r, ret);
	for (uint32_t i = 0; i < o->drift; i++) {
		uint64_t before = r->writes;

		for (uint32_t j = 0; j < moved; j++) {
			uint32_t a = any_route(r, &random);
			uint32_t b = any_route(r, &random);
			uint32_t weight = r->t->routes[a].weight;

			r->t->routes[a].weight = r->t->routes[b].weight;
			r->t->routes[b].weight = weight;
			ofl_bench_run_set(r, a);
			ofl_bench_run_set(r, b);
		}
		sweep(r);
		count(r, r->writes - before, ret);
	}
}

/* --- noise --- */
struct counters {
	uint32_t *real;	 /* the weights as they are */
	float *estimate; /* packets a sweep */
	double packets;	 /* a sweep, per unit of weight */
	struct ofl_bench_random random;
};

/* A sweep's packets are counted; the room hears what changed. */
static void recount(struct ofl_bench_run *r, struct counters *c)
{
	for (uint32_t i = 0; i < r->t->count; i++) {
		struct ofl_bench_route *route = &r->t->routes[i];
		double seen =
			ofl_bench_poisson(&c->random, c->real[i] * c->packets);
		double weight;

		c->estimate[i] += (seen - c->estimate[i]) / DECAY;
		weight = rint(c->estimate[i] / c->packets);
		weight = fmin(fmax(weight, 1), UINT32_MAX);
		if (route->weight == weight)
			continue;
		route->weight = weight;
		ofl_bench_run_set(r, i);
	}
}

/* Score by the traffic as it is, not as it is believed to be. */
static void swap_weights(struct ofl_bench_run *r, struct counters *c)
{
	for (uint32_t i = 0; i < r->t->count; i++) {
		uint32_t weight = r->t->routes[i].weight;

		r->t->routes[i].weight = c->real[i];
		c->real[i] = weight;
	}
}

static double price_of(const struct ofl_bench_run *r)
{
	struct ofl_bench_capacity capacity = {r->conf.capacity_slots,
					      {r->conf.cost_v4_slots,
					       r->conf.cost_v6_slots}};
	struct ofl_bench_held held;
	double bound, price;

	ofl_bench_held_init(&held, r->t);
	ofl_bench_priced(r->t, &capacity, &held, &bound, &price);
	ofl_bench_held_fini(&held);
	return price;
}

void ofl_bench_noise(struct ofl_bench_run *r, const struct ofl_bench_options *o,
		     struct ofl_bench_sweeps *ret)
{
	struct counters c = {
		.real = malloc(r->t->count * sizeof(*c.real)),
		.estimate = malloc(r->t->count * sizeof(*c.estimate)),
		.packets = o->noise_packets / fmax(1, price_of(r)),
		.random = ofl_bench_random_make(o->traffic.seed,
						OFL_BENCH_STREAM_NOISE),
	};

	if (!c.real || !c.estimate)
		abort();
	begin(r, ret);
	ret->quality_min = -1; /* the bound is that of estimates */
	for (uint32_t i = 0; i < r->t->count; i++) {
		c.real[i] = r->t->routes[i].weight;
		c.estimate[i] = c.real[i] * c.packets;
	}
	for (uint32_t i = 0; i < WARM_UP + o->noise; i++) {
		uint64_t before = r->writes;

		recount(r, &c);
		sweep(r);
		if (i < WARM_UP)
			continue;
		swap_weights(r, &c);
		count(r, r->writes - before, ret);
		swap_weights(r, &c);
	}
	/* The table is left as it was found. */
	for (uint32_t i = 0; i < r->t->count; i++) {
		r->t->routes[i].weight = c.real[i];
		ofl_bench_run_set(r, i);
	}
	free(c.real);
	free(c.estimate);
}
