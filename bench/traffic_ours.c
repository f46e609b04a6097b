// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rooms of traffic and placement, fed as the engine feeds them: what
 * hardware counted of each entry once a period, samples of software's packets
 * at once, tokens for optional writes every second.
 */
#include <zebra.h>

#include "bench/traffic_players.h"
#include "offloadd/flow/flow.h"

#define PACKET_BYTES 1000
#define STEP 1000

static uint64_t cookie_of(uint32_t route)
{
	return route + 1ull;
}

static void tell(struct ofl_bench_player *p, uint32_t route, uint32_t weight)
{
	const struct ofl_bench_route *from = &p->path.run.t->routes[route];
	struct ofl_key key = {.p = from->prefix};
	struct ofl_place_route to = {
		.cookie = cookie_of(route),
		.identity = from->identity,
		.weight = weight,
		.cls = from->cls,
		.why = from->cls == OFL_CLASS_NEVER ? OFL_REASON_RULE_NEVER
						    : OFL_REASON_NONE,
	};

	ofl_place_set(p->path.run.place, &key, &to);
}

void ofl_bench_ours_init(struct ofl_bench_player *p)
{
	struct ofl_bench_run *run = &p->path.run;
	struct ofl_traffic_conf conf;
	/* Of whom nothing was ever seen. */
	uint32_t weight = p->mice.least ? 0 : OFL_TRAFFIC_UNKNOWN;

	ofl_traffic_conf_init(&conf);
	conf.unit = OFL_TRAFFIC_PACKETS;
	conf.half_life_s = p->o->half_life_s;
	conf.period_s = p->o->period_s;
	conf.sample_rate = p->o->sampling;
	p->traffic = ofl_traffic_new(&conf);
	p->counted = calloc(run->t->count, sizeof(*p->counted));
	if (!p->counted)
		abort();
	run->place = ofl_place_new(&run->conf);
	for (uint32_t i = 0; i < run->t->count; i++)
		tell(p, i, weight);
	ofl_bench_run_settle(run);
}

void ofl_bench_ours_fini(struct ofl_bench_player *p)
{
	ofl_traffic_free(p->traffic);
	free(p->counted);
}

/* --- a round --- */
static uint64_t answered_by(void *arg, uint64_t cookie)
{
	struct ofl_bench_player *p = arg;
	uint32_t source = p->path.source[cookie - 1];

	return source == OFL_BENCH_NONE ? 0 : cookie_of(source);
}

static void rule_of(void *arg, uint64_t cookie, struct ofl_traffic_rule *ret)
{
	struct ofl_bench_player *p = arg;

	(void)cookie;
	ret->mice = p->mice;
}

static void weighs(void *arg, uint64_t cookie, uint32_t was, uint32_t weight)
{
	(void)was;
	tell(arg, cookie - 1, weight);
}

/* What an entry counted since it was read last is gone with the entry. */
static void read_hardware(struct ofl_bench_player *p)
{
	const struct ofl_bench_run *run = &p->path.run;

	for (uint32_t i = 0; i < run->t->count; i++) {
		uint64_t packets = p->counted[i];

		if (packets && run->held.entry[i] == OFL_ENTRY_REAL)
			ofl_traffic_count(p->traffic, cookie_of(i), packets,
					  packets * PACKET_BYTES);
		p->counted[i] = 0;
	}
}

static void round_of(struct ofl_bench_player *p)
{
	struct ofl_traffic_ask ask = {p, answered_by, rule_of, weighs};

	read_hardware(p);
	ofl_bench_path_look(&p->path);
	ofl_traffic_round_begin(p->traffic, p->o->period_s * 1000000ull);
	while (ofl_traffic_round_step(p->traffic, STEP, &ask))
		;
	ofl_place_sweep(p->path.run.place);
}

void ofl_bench_ours_act(struct ofl_bench_player *p, uint32_t second)
{
	struct ofl_bench_path *path = &p->path;

	for (uint32_t i = 0; i < path->run.t->count; i++)
		p->counted[i] += path->hits[i];
	for (uint32_t i = 0; i < path->samples; i++)
		ofl_traffic_sample(p->traffic, cookie_of(path->sampled[i]),
				   p->o->sampling, PACKET_BYTES);
	ofl_place_refill(path->run.place, p->o->writes_per_s);
	if ((second + 1) % p->o->period_s == 0)
		round_of(p);
	ofl_bench_run_settle(&path->run);
}
