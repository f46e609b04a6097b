// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How good and how fast is placement, on real tables?
 *
 * Reads a full table, gives it traffic, lets the placement room fill an
 * emulated hardware table, changes routes and traffic as asked, and says in
 * one JSON object what came of it.  It links the placement room and what lies
 * below it, nothing else: no daemon, no sockets.
 *
 * It judges by what hardware holds and not by what the room says of it, and
 * refuses nothing but bad input: poor figures are reported, exit status 0, for
 * whoever reads them to judge.
 */
#include <zebra.h>

#include <malloc.h>

#include "bench/lpm_report.h"
#include "offloadd/placement/exact.h"

#define REST_SWEEPS 8
#define EXACT_CELLS_MAX 1000000000ull
#define EXACT_STEP (1u << 24)
#define ERROR_LEN 256

/* --- memory --- */
static double heap_bytes(void)
{
	struct mallinfo2 m = mallinfo2();

	return (double)m.uordblks + (double)m.hblkhd;
}

static double rss_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, rss = 0;

	if (f) {
		if (fscanf(f, "%lu %lu", &size, &rss) != 2)
			rss = 0;
		fclose(f);
	}
	return (double)rss * sysconf(_SC_PAGESIZE);
}

/* --- phases --- */
static void check(struct ofl_bench_findings *f)
{
	f->misforwarded +=
		ofl_bench_check(f->t, &f->run->held, f->o->traffic.seed,
				f->o->samples, &f->looked_up);
}

/* Sweeps over traffic that stays as it is: whoever only waited for the end of
 * a residence moves now. */
static void come_to_rest(struct ofl_bench_run *r, struct ofl_bench_build *b)
{
	uint64_t start = r->writes, before;

	do {
		before = r->writes;
		ofl_bench_run_sweep(r);
		ofl_bench_run_settle(r);
		b->rest_sweeps++;
	} while (r->writes != before && b->rest_sweeps < REST_SWEEPS);
	b->rest_writes = r->writes - start;
}

static void build(struct ofl_bench_run *r, struct ofl_bench_build *b)
{
	double heap = heap_bytes(), rss = rss_bytes();
	uint64_t cpu, wall;

	r->place = ofl_place_new(&r->conf);
	cpu = ofl_bench_cpu_ns();
	wall = ofl_bench_wall_ns();
	for (uint32_t i = 0; i < r->t->count; i++)
		ofl_bench_run_set(r, i);
	b->set_ns = ofl_bench_wall_ns() - wall;
	b->set_cpu_ns = ofl_bench_cpu_ns() - cpu;
	ofl_bench_run_settle(r);
	b->plan_ns = r->turns.sum_ns;
	b->plan_cpu_ns = r->turns_cpu.sum_ns;
	b->write_ns = r->write_calls.sum_ns;
	b->writes = r->writes;
	b->heap_bytes = heap_bytes() - heap;
	b->rss_bytes = rss_bytes() - rss;
}

static void look(struct ofl_bench_findings *f)
{
	ofl_bench_score(f->t, &f->run->held, &f->score);
	ofl_place_certificate(f->run->place, &f->certificate);
	ofl_place_stats(f->run->place, &f->stats);
	f->used_slots = f->run->used_slots;
	for (uint32_t i = 0; i < f->t->count; i++)
		f->total += f->t->routes[i].weight;
	check(f);
}

static void compare(struct ofl_bench_findings *f)
{
	const struct ofl_place_conf *conf = &f->run->conf;
	struct ofl_bench_capacity capacity = {conf->capacity_slots,
					      {conf->cost_v4_slots,
					       conf->cost_v6_slots}};

	for (int m = 0; m < OFL_BENCH_METHOD_MAX; m++) {
		struct ofl_bench_method_score *s = &f->methods[m];
		struct ofl_bench_held held;

		ofl_bench_held_init(&held, f->t);
		s->bound = ofl_bench_method_choose(m, f->t, &capacity, &held);
		ofl_bench_score(f->t, &held, &s->score);
		ofl_bench_held_fini(&held);
	}
}

/* What the best plan is worth, whatever it takes to find it. */
static double exact_value(const struct ofl_bench_table *t,
			  const struct ofl_place_conf *conf)
{
	struct ofl_exact_route *routes = malloc(t->count * sizeof(*routes));
	struct ofl_exact_worth worth;
	struct ofl_exact *x;

	if (!routes)
		abort();
	for (uint32_t i = 0; i < t->count; i++) {
		const struct ofl_bench_route *r = &t->routes[i];
		bool v6 = r->prefix.family == AF_INET6;
		int64_t value = r->weight;

		routes[i] = (struct ofl_exact_route){
			.parent = r->parent,
			.cost_slots =
				v6 ? conf->cost_v6_slots : conf->cost_v4_slots,
		};
		if (r->cls == OFL_CLASS_NEVER)
			continue;
		routes[i].identity = r->identity;
		if (r->cls == OFL_CLASS_CRITICAL)
			routes[i].worth.critical = value;
		else
			routes[i].worth.best_effort = value;
	}
	x = ofl_exact_new(routes, t->count, conf->high_slots, false);
	while (ofl_exact_run(x, EXACT_STEP))
		;
	worth = ofl_exact_value(x, conf->high_slots);
	ofl_exact_free(x);
	free(routes);
	return (double)worth.critical + (double)worth.best_effort;
}

static void change(struct ofl_bench_findings *f, struct ofl_bench_run *r)
{
	if (f->o->churn) {
		ofl_bench_churn(r, f->o, &f->churn);
		check(f);
	}
	if (f->o->drift) {
		ofl_bench_drift(r, f->o, &f->drift);
		check(f);
	}
	if (f->o->noise) {
		ofl_bench_noise(r, f->o, &f->noise);
		check(f);
	}
}

static void bench(const struct ofl_bench_options *o, struct ofl_bench_table *t,
		  const struct ofl_place_conf *conf)
{
	static struct ofl_bench_findings f;
	static struct ofl_bench_run run;

	f = (struct ofl_bench_findings){.o = o, .t = t, .run = &run};
	f.exact_value = -1;
	ofl_bench_run_init(&run, t, conf, o->turn_budget, o->traffic.seed);
	build(&run, &f.build);
	come_to_rest(&run, &f.build);
	look(&f);
	if (o->methods)
		compare(&f);
	if (o->exact &&
	    (uint64_t)t->count * conf->high_slots <= EXACT_CELLS_MAX)
		f.exact_value = exact_value(t, conf);
	change(&f, &run);
	ofl_bench_report(&f);
	ofl_bench_run_fini(&run);
}

int main(int argc, char **argv)
{
	struct ofl_bench_options o;
	struct ofl_bench_table t;
	struct ofl_place_conf conf;
	char error[ERROR_LEN];
	int code;

	if (!ofl_bench_options_parse(&o, argc, argv, &code))
		return code;
	if (!ofl_bench_table_read(&t, o.routes, o.family[0], o.family[1], error,
				  sizeof(error))) {
		fprintf(stderr, "lpm_bench: %s\n", error);
		return 2;
	}
	if (!ofl_bench_options_conf(&o, t.count, &conf)) {
		ofl_bench_table_fini(&t);
		return 2;
	}
	ofl_bench_table_draw(&t, &o.traffic);
	bench(&o, &t, &conf);
	ofl_bench_table_fini(&t);
	return 0;
}
