// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The findings as one JSON object; every member is explained by --help.
 * What was not asked for is null, so that a reader finds all names always.
 */
#include <zebra.h>

#include <math.h>

#include "json.h"

#include "bench/figures.h"
#include "bench/lpm_report.h"

static void put_real(struct json_object *to, const char *name, double x,
		     int decimals)
{
	put(to, name, real(x, decimals));
}

static double part(double share, double whole)
{
	return whole > 0 ? share / whole : NAN;
}

static void put_times(struct json_object *to, const char *name,
		      const struct ofl_bench_stat *s)
{
	struct json_object *times = NULL;

	if (s->count) {
		times = json_object_new_object();
		put_whole(times, "count", s->count);
		put_real(times, "mean", ofl_bench_stat_mean_us(s), 3);
		put_real(times, "p99", ofl_bench_stat_p99_us(s), 3);
		put_real(times, "max", ofl_bench_stat_max_us(s), 3);
	}
	put(to, name, times);
}

static void put_input(struct json_object *to,
		      const struct ofl_bench_findings *f)
{
	static const char *const formats[] = {
		[OFL_BENCH_FORMAT_PREFIX] = "prefix",
		[OFL_BENCH_FORMAT_AS] = "prefix AS",
		[OFL_BENCH_FORMAT_NEXT_HOP] = "prefix nexthop",
	};
	uint32_t never = 0, alike = 0;

	for (uint32_t i = 0; i < f->t->count; i++) {
		const struct ofl_bench_route *r = &f->t->routes[i];

		never += r->cls == OFL_CLASS_NEVER;
		alike += r->parent != OFL_BENCH_NONE &&
			 f->t->routes[r->parent].identity == r->identity;
	}
	put_whole(to, "routes", f->t->count);
	put_whole(to, "routes_ipv4", f->t->count_v4);
	put_whole(to, "routes_ipv6", f->t->count_v6);
	put_whole(to, "duplicates", f->t->duplicates);
	put(to, "format", json_object_new_string(formats[f->t->format]));
	put_whole(to, "next_hops", f->t->identities);
	put_whole(to, "never", never);
	put_real(to, "alike", part(alike, f->t->count), 4);
	put(to, "seed", json_object_new_int64((int64_t)f->o->traffic.seed));
}

static void put_result(struct json_object *to,
		       const struct ofl_bench_findings *f)
{
	const struct ofl_bench_run *run = f->run;

	put_whole(to, "capacity", run->conf.capacity_slots);
	put_whole(to, "used", f->used_slots);
	put_whole(to, "used_max", run->used_slots_max);
	put_whole(to, "cover_slots", f->stats.cover_slots);
	put_whole(to, "elided", f->stats.elided);
	put_whole(to, "refused", run->refused);
	put_real(to, "hit_rate", f->score.hit_rate, 4);
	put_real(to, "best_effort_hit_rate", f->score.best_effort_hit_rate, 4);
	put(to, "critical_offloaded",
	    f->o->traffic.critical ? real(f->score.critical_offloaded, 4)
				   : NULL);
	put_whole(to, "misforwarded", f->misforwarded);
	put_whole(to, "looked_up", f->looked_up);
	put_whole(to, "misforwarded_during", run->misforwarded);
	put_whole(to, "looked_up_during", run->checked);
	put(to, "settled", json_object_new_boolean(!run->unsettled));
}

static void put_certificate(struct json_object *to,
			    const struct ofl_bench_findings *f)
{
	const struct ofl_place_certificate *c = &f->certificate;
	double bound = c->bound + c->bound_critical;

	if (!c->valid)
		bound = NAN;
	put_real(to, "upper_bound",
		 100 * part(bound, c->total + c->total_critical), 4);
	put_real(to, "quality", c->valid ? c->quality : NAN, 6);
	put_real(to, "quality_hardware", part(f->score.value, bound), 6);
	put(to, "exact_plan",
	    c->valid ? json_object_new_boolean(c->exact) : NULL);
	put_real(to, "price", c->valid ? c->price : NAN, 1);
	put_real(to, "price_critical", c->valid ? c->price_critical : NAN, 1);
	put_real(to, "exact_optimum",
		 f->exact_value < 0 ? NAN : 100 * f->exact_value / f->total, 4);
	put_real(to, "exact_ratio",
		 f->exact_value < 0 ? NAN
				    : part(f->score.value, f->exact_value),
		 6);
}

static void put_methods(struct json_object *to,
			const struct ofl_bench_findings *f)
{
	struct json_object *all = NULL;

	if (f->o->methods)
		all = json_object_new_object();
	for (int m = 0; all && m < OFL_BENCH_METHOD_MAX; m++) {
		const struct ofl_bench_method_score *s = &f->methods[m];
		struct json_object *one = json_object_new_object();

		put_real(one, "hit_rate", s->score.hit_rate, 4);
		put_real(one, "misforwarded", s->score.misforwarded, 4);
		if (m == OFL_BENCH_PRICED && !f->o->traffic.critical)
			put_real(one, "upper_bound", 100 * s->bound / f->total,
				 4);
		put(all, ofl_bench_method_name(m), one);
	}
	put(to, "methods", all);
}

static void put_build(struct json_object *to,
		      const struct ofl_bench_findings *f)
{
	const struct ofl_bench_build *b = &f->build;
	double n = f->t->count * 1000.0;

	put_real(to, "build_us_per_route", (b->set_ns + b->plan_ns) / n, 4);
	put_real(to, "build_cpu_us_per_route",
		 (b->set_cpu_ns + b->plan_cpu_ns) / n, 4);
	put_real(to, "build_set_us_per_route", b->set_ns / n, 4);
	put_real(to, "build_plan_us_per_route", b->plan_ns / n, 4);
	put_real(to, "build_write_us_per_write",
		 b->writes ? b->write_ns / 1000.0 / b->writes : NAN, 4);
	put_whole(to, "build_writes", b->writes);
	put_whole(to, "rest_sweeps", b->rest_sweeps);
	put_whole(to, "rest_writes", b->rest_writes);
	put_real(to, "bytes_per_route", b->heap_bytes / f->t->count, 1);
	put_real(to, "rss_bytes_per_route", b->rss_bytes / f->t->count, 1);
}

static void put_sweeps(struct json_object *to, const char *name,
		       const struct ofl_bench_sweeps *s)
{
	struct json_object *one = NULL, *writes = NULL;
	char writes_name[64];

	if (s->count) {
		writes = json_object_new_object();
		put_real(writes, "mean", (double)s->writes / s->count, 2);
		put_whole(writes, "max", s->writes_max);
		one = json_object_new_object();
		put_whole(one, "sweeps", s->count);
		put_whole(one, "writes", s->writes);
		put_real(one, "hit_rate_before", s->hit_rate_before, 4);
		put_real(one, "hit_rate_mean", s->hit_rate_sum / s->count, 4);
		put_real(one, "hit_rate_min", s->hit_rate_min, 4);
		put_real(one, "hit_rate_last", s->hit_rate_last, 4);
		put_real(one, "quality_min",
			 s->quality_min < 0 ? NAN : s->quality_min, 6);
	}
	snprintf(writes_name, sizeof(writes_name), "%swrites_per_sweep",
		 strcmp(name, "noise") == 0 ? "noise_" : "");
	put(to, writes_name, writes);
	put(to, name, one);
}

static void put_changes(struct json_object *to,
			const struct ofl_bench_findings *f)
{
	const struct ofl_bench_churn *c = &f->churn;

	put_times(to, "update_us", &c->all);
	put_times(to, "withdraw_announce_us", &c->withdraw_announce);
	put_times(to, "next_hop_us", &c->next_hop);
	put_times(to, "counter_us", &c->counter);
	put_times(to, "settle_us", &c->settle);
	put_real(to, "writes_per_update", part(c->writes, c->all.count), 3);
	put_sweeps(to, "drift", &f->drift);
	put_sweeps(to, "noise", &f->noise);
	put_times(to, "turn_us", &f->run->turns);
	put_times(to, "turn_cpu_us", &f->run->turns_cpu);
	put_times(to, "write_call_us", &f->run->write_calls);
}

void ofl_bench_report(const struct ofl_bench_findings *f)
{
	struct json_object *all = json_object_new_object();

	put_input(all, f);
	put_result(all, f);
	put_certificate(all, f);
	put_methods(all, f);
	put_build(all, f);
	put_changes(all, f);
	puts(json_object_to_json_string_ext(
		all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}
