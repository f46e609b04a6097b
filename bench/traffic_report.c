// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON object, and what was promised; see traffic_report.h. */
#include <zebra.h>

#include "bench/figures.h"
#include "bench/traffic_report.h"

#define OPTIMUM_LEAST 0.95
#define OVS_WRITES_PART 5
#define MICE_INSERTIONS_PART 10
#define MICE_LOSS 0.02

static uint32_t seconds_of(const struct ofl_bench_traffic_options *o)
{
	return (o->periods - o->warm_up) * o->period_s;
}

static double part(double x, double whole)
{
	return whole > 0 ? x / whole : NAN;
}

/* --- a method --- */
static struct json_object *make_tally(const struct ofl_bench_courses *all,
				      const struct ofl_bench_course *c,
				      enum ofl_bench_player_kind kind)
{
	const struct ofl_bench_tally *y = &c->tally[kind];
	struct json_object *to = json_object_new_object();
	double seconds = seconds_of(all->o);
	bool ours = kind <= OFL_BENCH_PLAYER_FILTERED;

	put(to, "share", real(part(y->answered, c->packets), 5));
	put(to, "of_optimum", real(part(y->answered, c->optimum), 5));
	put(to, "of_optimum_least", real(y->least, 5));
	put(to, "reached_s",
	    y->reached_s ? json_object_new_int64(y->reached_s) : NULL);
	put_whole(to, "wrong_packets", y->wrong);
	put_whole(to, "misforwarded_during", y->misforwarded);
	put_whole(to, "looked_up_during", y->checked);
	put_whole(to, "refused", y->refused);
	put_whole(to, "used", y->used_slots);
	put_whole(to, "writes", y->writes);
	put_whole(to, "adds", y->adds);
	put_whole(to, "deletes", y->deletes);
	put_whole(to, "replaces", y->replaces);
	put_whole(to, "insertions", y->insertions);
	put(to, "writes_per_s", real(y->writes / seconds, 2));
	put_whole(to, "writes_max_s", y->writes_max);
	put_whole(to, "writes_all", y->all_writes);
	put(to, "optional_writes",
	    ours ? json_object_new_int64(y->optional) : NULL);
	put(to, "optional_all",
	    ours ? json_object_new_int64(y->all_optional) : NULL);
	put(to, "meters", ours ? json_object_new_int64(y->meters) : NULL);
	put(to, "mice", ours ? json_object_new_int64(y->mice) : NULL);
	put(to, "settled",
	    ours ? json_object_new_boolean(!y->unsettled) : NULL);
	return to;
}

static struct json_object *make_course(const struct ofl_bench_courses *all,
				       const struct ofl_bench_course *c)
{
	struct json_object *to = json_object_new_object();
	struct json_object *methods = json_object_new_object();
	bool mice = c->kind == OFL_BENCH_TRACE_MICE;

	put(to, "trace", json_object_new_string(ofl_bench_trace_name(c->kind)));
	put(to, "zipf", real(c->zipf, 2));
	put(to, "packets", real(c->packets, 0));
	put(to, "optimum_share", real(part(c->optimum, c->packets), 5));
	put(to, "price_pps", real(c->price_pps, 1));
	put(to, "mouse_pps", mice ? real(c->mouse_pps, 1) : NULL);
	put(to, "mice_born", mice ? json_object_new_int64(c->mice_born) : NULL);
	put(to, "mice_least",
	    mice ? json_object_new_int64(c->mice_least) : NULL);
	for (int i = 0; i < OFL_BENCH_PLAYER_MAX; i++)
		put(methods, ofl_bench_player_name(i),
		    c->tally[i].played ? make_tally(all, c, i) : NULL);
	put(to, "methods", methods);
	return to;
}

/* --- promises --- */
struct promises {
	struct json_object *list;
	bool kept;
};

/* `found` has to be at least, or at most, `limit`. */
static void promise(struct promises *p, const struct ofl_bench_course *c,
		    enum ofl_bench_player_kind kind, const char *what,
		    double found, bool at_least, double limit)
{
	struct json_object *to = json_object_new_object();
	bool kept = at_least ? found >= limit : found <= limit;

	put(to, "what", json_object_new_string(what));
	put(to, "trace", json_object_new_string(ofl_bench_trace_name(c->kind)));
	put(to, "zipf", real(c->zipf, 2));
	put(to, "method", json_object_new_string(ofl_bench_player_name(kind)));
	put(to, "found", real(found, 5));
	put(to, at_least ? "at_least" : "at_most", real(limit, 5));
	put(to, "kept", json_object_new_boolean(kept));
	json_object_array_add(p->list, to);
	p->kept &= kept;
}

static void judge_safety(struct promises *p, const struct ofl_bench_course *c)
{
	for (int i = 0; i < OFL_BENCH_PLAYER_MAX; i++) {
		const struct ofl_bench_tally *y = &c->tally[i];

		if (y->played)
			promise(p, c, i, "wrong", y->wrong + y->misforwarded,
				false, 0);
	}
}

/* Against Open vSwitch's rule. */
static void judge_rival(struct promises *p, const struct ofl_bench_course *c,
			enum ofl_bench_player_kind kind)
{
	const struct ofl_bench_tally *y = &c->tally[kind];
	const struct ofl_bench_tally *ovs = &c->tally[OFL_BENCH_PLAYER_OVS];

	promise(p, c, kind, "share", part(y->answered, c->packets), true,
		part(ovs->answered, c->packets));
	/* Whom a filter is to spare writes makes them without it. */
	if (c->kind == OFL_BENCH_TRACE_MICE && kind == OFL_BENCH_PLAYER_OURS)
		return;
	promise(p, c, kind, "writes", y->writes, false,
		(double)ovs->writes / OVS_WRITES_PART);
}

static void judge_mice(struct promises *p, const struct ofl_bench_course *c)
{
	const struct ofl_bench_tally *with =
		&c->tally[OFL_BENCH_PLAYER_FILTERED];
	const struct ofl_bench_tally *without =
		&c->tally[OFL_BENCH_PLAYER_OURS];

	promise(p, c, OFL_BENCH_PLAYER_FILTERED, "insertions", with->insertions,
		false, (double)without->insertions / MICE_INSERTIONS_PART);
	promise(p, c, OFL_BENCH_PLAYER_FILTERED, "lost",
		part(without->answered - with->answered, c->packets), false,
		MICE_LOSS);
}

static void judge(const struct ofl_bench_courses *all,
		  const struct ofl_bench_course *c, struct promises *p)
{
	const struct ofl_bench_tally *ours = &c->tally[OFL_BENCH_PLAYER_OURS];
	double writes = all->o->writes_per_s, seconds;

	seconds = all->o->periods * all->o->period_s;
	judge_safety(p, c);
	judge_rival(p, c, OFL_BENCH_PLAYER_OURS);
	if (c->kind == OFL_BENCH_TRACE_DRIFT)
		promise(p, c, OFL_BENCH_PLAYER_OURS, "of_optimum",
			part(ours->answered, c->optimum), true, OPTIMUM_LEAST);
	if (c->kind == OFL_BENCH_TRACE_ADVERSARY && writes)
		promise(p, c, OFL_BENCH_PLAYER_OURS, "optional_all",
			ours->all_optional, false,
			all->conf->optional_burst + writes * seconds);
	if (c->kind == OFL_BENCH_TRACE_ADVERSARY && writes)
		promise(p, c, OFL_BENCH_PLAYER_OURS, "writes_per_s",
			ours->writes / (double)seconds_of(all->o), false,
			writes);
	if (c->kind == OFL_BENCH_TRACE_MICE) {
		judge_rival(p, c, OFL_BENCH_PLAYER_FILTERED);
		judge_mice(p, c);
	}
}

/* --- all of it --- */
static void put_input(struct json_object *to,
		      const struct ofl_bench_courses *all)
{
	const struct ofl_bench_traffic_options *o = all->o;

	put_whole(to, "routes", all->t->count);
	put_whole(to, "slots", all->conf->capacity_slots);
	put(to, "seed", json_object_new_int64((int64_t)o->table.seed));
	put(to, "pps", real(o->pps, 0));
	put_whole(to, "period_s", o->period_s);
	put_whole(to, "periods", o->periods);
	put_whole(to, "warm_up", o->warm_up);
	put_whole(to, "sampling", o->sampling);
	put_whole(to, "half_life_s", o->half_life_s);
	put_whole(to, "optional_per_s", o->writes_per_s);
}

bool ofl_bench_traffic_report(const struct ofl_bench_courses *all)
{
	struct json_object *to = json_object_new_object();
	struct json_object *traces = json_object_new_array();
	struct promises p = {json_object_new_array(), true};

	put_input(to, all);
	for (uint32_t i = 0; i < all->count; i++) {
		json_object_array_add(traces,
				      make_course(all, &all->course[i]));
		judge(all, &all->course[i], &p);
	}
	put(to, "traces", traces);
	put(to, "promises", p.list);
	put(to, "kept", json_object_new_boolean(p.kept));
	puts(json_object_to_json_string_ext(
		to, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED));
	json_object_put(to);
	return p.kept;
}
