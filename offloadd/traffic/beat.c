// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often something is looked at, so that looking stays cheap: samples within
 * a budget a second, readings of counters within a part of the time.
 *
 * Rates change by powers of two: up at once, down after some calm seconds, and
 * only while half as much would stay below half of the budget.
 */
#include <zebra.h>

#include "offloadd/traffic/traffic.h"

#define CALM_S 5
#define CALM_PART 4	/* calm is less than this part of the budget */
#define READING_PART 20 /* of the time may go into readings */
#define DEAF_S 10	/* what samples is written within a second */
#define RATE_MAX (UINT32_MAX / 2)

void ofl_beat_init(struct ofl_beat *p, const struct ofl_traffic_conf *conf)
{
	*p = (struct ofl_beat){
		.rate = conf->unit == OFL_TRAFFIC_OFF ||
					conf->method == OFL_TRAFFIC_COUNTERS
				? 0
				: conf->sample_rate,
	};
}

bool ofl_beat_second(struct ofl_beat *p, const struct ofl_traffic_conf *conf,
		     uint64_t samples, uint64_t lost)
{
	uint64_t came = samples + lost, budget = conf->sample_budget_pps;
	uint32_t was = p->rate;

	if (!p->rate)
		return false;
	while (came > budget && p->rate < RATE_MAX) {
		p->rate *= 2;
		came /= 2;
	}
	if (p->rate != was || came >= budget / CALM_PART) {
		p->calm_s = 0;
	} else if (p->rate / 2 >= conf->sample_rate && ++p->calm_s >= CALM_S) {
		p->rate /= 2;
		p->calm_s = 0;
	}
	return p->rate != was;
}

bool ofl_beat_is_deaf(struct ofl_beat *p, const struct ofl_traffic_conf *conf,
		      bool on)
{
	if (conf->unit == OFL_TRAFFIC_OFF || !conf->sample_rate)
		return false;
	if (conf->method != OFL_TRAFFIC_AUTO)
		return conf->method == OFL_TRAFFIC_COUNTERS;
	p->deaf_s = on ? 0 : MIN(p->deaf_s + 1, DEAF_S);
	return p->deaf_s == DEAF_S;
}

uint64_t ofl_beat_period_us(const struct ofl_traffic_conf *conf,
			    uint64_t reading_us)
{
	return MAX(conf->period_s * 1000000ull, reading_us * READING_PART);
}
