// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does traffic decide well who gets a slot?
 *
 * Gives a full table traffic that changes, lets several methods see what they
 * would see of it, and says in one JSON object how much of it each had in
 * hardware, with how many writes, beside the best choice of each period that
 * somebody could make who knew the period before it began.
 *
 * Links the rooms of traffic and placement, nothing else: no daemon, no clock.
 */
#include <zebra.h>

#include <math.h>

#include "bench/lpm_methods.h"
#include "bench/traffic_report.h"

#define COURSES_MAX 16
#define ERROR_LEN 256
#define REACHED 0.95

/* One trace, and who runs on it. */
struct meeting {
	const struct ofl_bench_traffic_options *o;
	struct ofl_bench_table *t;
	const struct ofl_place_conf *conf;
	struct ofl_bench_course *course;
	struct ofl_bench_trace trace;
	struct ofl_bench_player player[OFL_BENCH_PLAYER_MAX];
	double answered[OFL_BENCH_PLAYER_MAX]; /* in this period */
	uint32_t *packets;		       /* of a route, in this period */
	const uint32_t *drawn;		       /* weights, whose order counts */
	double price;
};

/* --- counting --- */
static uint64_t optional_of(const struct ofl_bench_player *p)
{
	struct ofl_place_stats stats;

	if (!p->path.run.place)
		return 0;
	ofl_place_stats(p->path.run.place, &stats);
	return stats.optional_writes;
}

/* What had happened when the warm-up was over is taken off in the end. */
static void note(struct ofl_bench_tally *y, const struct ofl_bench_player *p,
		 bool begin)
{
	const struct ofl_bench_run *run = &p->path.run;
	uint64_t sign = begin ? -1 : 1;

	y->writes += sign * run->writes;
	y->adds += sign * run->adds;
	y->deletes += sign * run->deletes;
	y->replaces += sign * run->replaces;
	y->insertions += sign * run->insertions;
	y->optional += sign * optional_of(p);
}

static void end_tally(struct ofl_bench_tally *y,
		      const struct ofl_bench_player *p)
{
	const struct ofl_bench_run *run = &p->path.run;
	struct ofl_traffic_stats stats = {0};

	note(y, p, false);
	y->misforwarded = run->misforwarded;
	y->checked = run->checked;
	y->refused = run->refused;
	y->all_writes = run->writes;
	y->all_optional = optional_of(p);
	y->used_slots = run->used_slots;
	y->unsettled = run->unsettled;
	if (p->traffic)
		ofl_traffic_stats(p->traffic, &stats);
	y->meters = stats.meters;
	y->mice = stats.mice;
}

/* --- periods --- */
/* What the best choice answers of the packets of this period, at most. */
static double optimum(struct meeting *m, double *ret_total)
{
	struct ofl_bench_capacity capacity = {m->conf->capacity_slots,
					      {m->conf->cost_v4_slots,
					       m->conf->cost_v6_slots}};
	double bound;

	*ret_total = 0;
	for (uint32_t i = 0; i < m->t->count; i++) {
		m->t->routes[i].weight = m->packets[i];
		*ret_total += m->packets[i];
	}
	ofl_bench_priced_bound(m->t, &capacity, m->price, &bound, &m->price);
	return bound;
}

static void end_period(struct meeting *m, uint32_t period)
{
	struct ofl_bench_course *c = m->course;
	bool counts = period >= m->o->warm_up;
	double total, best = optimum(m, &total);

	if (counts) {
		c->packets += total;
		c->optimum += best;
	}
	for (int i = 0; i < OFL_BENCH_PLAYER_MAX; i++) {
		struct ofl_bench_tally *y = &c->tally[i];
		double answered = m->answered[i];

		m->answered[i] = 0;
		if (!y->played)
			continue;
		if (!y->reached_s && answered >= REACHED * best)
			y->reached_s = (period + 1) * m->o->period_s;
		if (counts) {
			y->answered += answered;
			y->least = fmin(y->least, answered / fmax(1, best));
		}
		if (period + 1 == m->o->warm_up)
			note(y, &m->player[i], true);
	}
	memset(m->packets, 0, m->t->count * sizeof(*m->packets));
}

static void play(struct meeting *m, uint32_t second, int i)
{
	struct ofl_bench_player *p = &m->player[i];
	struct ofl_bench_tally *y = &m->course->tally[i];
	uint64_t writes = p->path.run.writes;

	ofl_bench_path_second(&p->path, m->trace.packets);
	m->answered[i] += p->path.answered;
	y->wrong += p->path.wrong;
	ofl_bench_player_act(p, second, m->trace.packets);
	if (second >= m->o->warm_up * m->o->period_s)
		y->writes_max = MAX(y->writes_max, p->path.run.writes - writes);
}

static void run_all(struct meeting *m)
{
	for (uint32_t s = 0; s < m->o->periods * m->o->period_s; s++) {
		ofl_bench_trace_second(&m->trace, s);
		for (uint32_t i = 0; i < m->t->count; i++)
			m->packets[i] += m->trace.packets[i];
		for (int i = 0; i < OFL_BENCH_PLAYER_MAX; i++) {
			if (m->course->tally[i].played)
				play(m, s, i);
		}
		if ((s + 1) % m->o->period_s == 0)
			end_period(m, s / m->o->period_s);
	}
}

/* --- a course --- */
static void begin_course(struct meeting *m, double zipf,
			 enum ofl_bench_trace_kind kind)
{
	struct ofl_bench_course *c = m->course;

	*c = (struct ofl_bench_course){.kind = kind, .zipf = zipf};
	for (uint32_t i = 0; i < m->t->count; i++)
		m->t->routes[i].weight = m->drawn[i];
	ofl_bench_trace_init(&m->trace, m->o, m->t, m->conf->capacity_slots,
			     kind, zipf);
	if (kind == OFL_BENCH_TRACE_MICE)
		c->mice_least = ofl_bench_trace_mice_least(&m->trace);
	for (int i = 0; i < OFL_BENCH_PLAYER_MAX; i++) {
		struct ofl_bench_tally *y = &c->tally[i];

		y->played = i != OFL_BENCH_PLAYER_FILTERED || c->mice_least;
		y->least = INFINITY;
		if (y->played)
			ofl_bench_player_init(&m->player[i], m->o, i, m->t,
					      m->conf, c->mice_least);
	}
}

static void end_course(struct meeting *m)
{
	struct ofl_bench_course *c = m->course;

	for (int i = 0; i < OFL_BENCH_PLAYER_MAX; i++) {
		if (!c->tally[i].played)
			continue;
		end_tally(&c->tally[i], &m->player[i]);
		ofl_bench_player_fini(&m->player[i]);
	}
	c->price_pps = m->price / m->o->period_s;
	c->mouse_pps = m->trace.mouse_pps;
	c->mice_born = m->trace.mice_born;
	ofl_bench_trace_fini(&m->trace);
}

static void run_course(struct ofl_bench_courses *all, double zipf,
		       enum ofl_bench_trace_kind kind,
		       struct ofl_bench_table *t)
{
	static struct meeting m;

	m = (struct meeting){
		.o = all->o,
		.t = t,
		.conf = all->conf,
		.course = &all->course[all->count++],
		.drawn = all->drawn,
		.packets = calloc(t->count, sizeof(*m.packets)),
	};
	if (!m.packets)
		abort();
	begin_course(&m, zipf, kind);
	run_all(&m);
	end_course(&m);
	free(m.packets);
}

/* What was promised of drifting traffic holds from 0.9 to 1.2. */
static void run_courses(struct ofl_bench_courses *all,
			struct ofl_bench_table *t)
{
	static const double drifts[] = {0.9, 1.0, 1.2};

	for (int k = 0; k < OFL_BENCH_TRACE_MAX; k++) {
		if (!all->o->traces[k])
			continue;
		if (all->o->zipf >= 0) {
			run_course(all, all->o->zipf, k, t);
			continue;
		}
		if (k != OFL_BENCH_TRACE_DRIFT) {
			run_course(all, 1.0, k, t);
			continue;
		}
		for (size_t i = 0; i < array_size(drifts); i++)
			run_course(all, drifts[i], k, t);
	}
}

static uint32_t *weights_of(const struct ofl_bench_table *t)
{
	uint32_t *weights = malloc(t->count * sizeof(*weights));

	if (!weights)
		abort();
	for (uint32_t i = 0; i < t->count; i++)
		weights[i] = t->routes[i].weight;
	return weights;
}

static int bench(const struct ofl_bench_traffic_options *o,
		 struct ofl_bench_table *t)
{
	static struct ofl_bench_course course[COURSES_MAX];
	struct ofl_place_conf conf;
	struct ofl_bench_courses all = {
		.o = o, .t = t, .conf = &conf, .course = course};
	bool kept;

	if (o->count && o->count < t->count)
		ofl_bench_table_thin(t, o->count, o->table.seed);
	if (!ofl_bench_traffic_conf(o, t->count, &conf))
		return 2;
	ofl_bench_table_draw(t, &o->table);
	all.drawn = weights_of(t);
	run_courses(&all, t);
	kept = ofl_bench_traffic_report(&all);
	free(all.drawn);
	return o->check && !kept ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct ofl_bench_traffic_options o;
	struct ofl_bench_table t;
	char error[ERROR_LEN];
	int code;

	if (!ofl_bench_traffic_options_parse(&o, argc, argv, &code))
		return code;
	if (!ofl_bench_table_read(&t, o.routes, o.family[0], o.family[1], error,
				  sizeof(error))) {
		fprintf(stderr, "traffic_bench: %s\n", error);
		return 2;
	}
	code = bench(&o, &t);
	ofl_bench_table_fini(&t);
	return code;
}
