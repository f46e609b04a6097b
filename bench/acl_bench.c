// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How good and how fast is the placement of ACLs, on real lists?
 *
 * It links the placement room and what lies below it, nothing else.  It judges
 * by what the emulated table holds and not by what the room says of it, and
 * refuses nothing but bad input: poor figures are reported, exit status 0.
 */
#include <zebra.h>

#include <math.h>

#include "json.h"

#include "bench/figures.h"
#include "bench/acl_methods.h"
#include "bench/acl_options.h"
#include "bench/acl_run.h"

#define ERROR_LEN 256

struct findings {
	const struct ofl_bench_acl_options *o;
	struct ofl_bench_acl_run run;
	double load_s;
	struct ofl_bench_acl_score score;
	struct ofl_acl_stats stats; /* at rest after the table was filled */
	uint32_t used_slots, prefs;
	struct ofl_bench_moves load_moves;
	double bound, cut_bound, dependent_set; /* NAN: not asked for */
	struct ofl_bench_acl_changes changes;
};

/* --- the object --- */

static double part(double share, double whole)
{
	return whole > 0 ? share / whole : NAN;
}

static void put_quality(struct json_object *to, const struct findings *f)
{
	const struct ofl_bench_acl_run *run = &f->run;

	put_whole(to, "capacity", run->hw.capacity_slots);
	put_whole(to, "used", f->used_slots);
	put_whole(to, "used_max", run->hw.used_slots_max);
	put_whole(to, "real", f->stats.real);
	put_whole(to, "covers", f->stats.covers);
	put_whole(to, "refused", run->hw.refused);
	put(to, "hit_rate", real(f->score.hit_rate, 4));
	put(to, "hit_rate_packets", real(f->score.hit_rate_packets, 4));
	put_whole(to, "misclassified", run->misclassified);
	put_whole(to, "looked_up", run->looked_up);
	put(to, "upper_bound", real(f->bound, 4));
	put(to, "cut_bound", real(f->cut_bound, 4));
	put(to, "of_bound", real(part(f->score.hit_rate, f->bound), 4));
	put(to, "dependent_set", real(f->dependent_set, 4));
	put_whole(to, "dependencies", f->stats.dependencies);
}

static void put_cost(struct json_object *to, const struct findings *f)
{
	const struct ofl_bench_acl_changes *c = &f->changes;
	struct json_object *times = NULL;

	if (c->times.count) {
		times = json_object_new_object();
		put_whole(times, "count", c->times.count);
		put(times, "mean",
		    real(ofl_bench_stat_mean_us(&c->times) / 1000, 4));
		put(times, "p99",
		    real(ofl_bench_stat_p99_us(&c->times) / 1000, 4));
		put(times, "max",
		    real(ofl_bench_stat_max_us(&c->times) / 1000, 4));
	}
	put(to, "load_s", real(f->load_s, 4));
	put(to, "plan_step_max_ms", real(f->run.plan_step_max_ns / 1e6, 3));
	put(to, "change_ms", times);
	put(to, "writes_per_change", real(part(c->writes, c->times.count), 2));
	put(to, "moves_per_insert",
	    real(part(c->moved.moves, c->moved.inserts), 2));
	put(to, "moves_per_insert_unique",
	    real(part(c->moved.unique, c->moved.inserts), 2));
	put(to, "moves_per_insert_load",
	    real(part(f->load_moves.moves, f->load_moves.inserts), 2));
	put_whole(to, "relabels", f->run.hw.moved.relabels);
	put_whole(to, "prefs", f->prefs);
	put_whole(to, "prefs_max", f->run.hw.prefs_max);
	put_whole(to, "distinct_masks", f->stats.shapes);
	put(to, "settled", json_object_new_boolean(!f->run.unsettled));
}

static void report(const struct findings *f)
{
	static const char *const actions[] = {"distinct", "two", "file"};
	struct json_object *all = json_object_new_object();

	put_whole(all, "rules", f->run.t->count);
	put_whole(all, "reached", f->run.t->reached);
	put(all, "actions", json_object_new_string(actions[f->o->actions]));
	put(all, "seed", json_object_new_int64((int64_t)f->o->seed));
	put_quality(all, f);
	put_cost(all, f);
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
}

/* --- phases --- */
static void load(struct findings *f)
{
	ofl_bench_acl_load(&f->run);
	f->load_s = f->run.room_ns / 1e9;
	ofl_acl_place_stats(f->run.place, &f->stats);
	ofl_bench_acl_score(&f->run, &f->score);
	f->used_slots = f->run.hw.used_slots;
	f->prefs = f->run.hw.prefs;
	f->load_moves = f->run.hw.moved;
	ofl_bench_acl_check(&f->run, f->o->pairs, f->o->packets, f->o->seed);
}

/* Before anything changes: the graph is that of the file. */
static void compare(struct findings *f, const struct ofl_acl_place_conf *conf)
{
	struct ofl_bench_graph g;

	ofl_bench_graph_init(&g, f->run.t, conf->high_slots);
	f->dependent_set =
		ofl_bench_dependent_set(&g, f->run.t, conf->high_slots);
	if (f->o->bound)
		f->bound = ofl_bench_bound(&g, f->run.t, conf->high_slots,
					   &f->cut_bound);
	ofl_bench_graph_fini(&g);
}

static void bench(const struct ofl_bench_acl_options *o,
		  struct ofl_bench_rules *t)
{
	static struct findings f;
	struct ofl_acl_place_conf conf;

	f.o = o;
	f.bound = f.cut_bound = NAN;
	ofl_bench_acl_options_conf(o, t->count, &conf);
	ofl_bench_acl_init(&f.run, t, &conf);
	load(&f);
	compare(&f, &conf);
	if (o->changes) {
		ofl_bench_acl_change(&f.run, o->changes, o->seed, &f.changes);
		ofl_bench_acl_check(&f.run, o->pairs / 10, o->packets / 10,
				    o->seed + 1);
	}
	report(&f);
	ofl_bench_acl_fini(&f.run);
}

int main(int argc, char **argv)
{
	struct ofl_bench_acl_options o;
	struct ofl_bench_rules t;
	char error[ERROR_LEN];
	int code;

	if (!ofl_bench_acl_options_parse(&o, argc, argv, &code))
		return code;
	if (!ofl_bench_rules_read(&t, o.rules, error, sizeof(error))) {
		fprintf(stderr, "acl_bench: %s\n", error);
		return 2;
	}
	if (!ofl_bench_rules_dress(&t, o.actions, o.expand, o.seed)) {
		fprintf(stderr,
			"acl_bench: %s: not every rule has an action (p or "
			"d)\n",
			o.rules);
		ofl_bench_rules_fini(&t);
		return 2;
	}
	ofl_bench_rules_draw(&t, o.zipf, o.seed);
	bench(&o, &t);
	ofl_bench_rules_fini(&t);
	return 0;
}
