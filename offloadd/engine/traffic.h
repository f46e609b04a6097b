/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic, as northbound asks about it.
 */
#ifndef OFFLOADD_ENGINE_TRAFFIC_H
#define OFFLOADD_ENGINE_TRAFFIC_H

#include "offloadd/flow/flow.h"
#include "offloadd/provider/provider.h"
#include "offloadd/traffic/traffic.h"

/* What is sampled at the ports of a table, and read of its counters. */
struct ofl_table_traffic {
	const char *table; /* name */
	/* Rates, of the unit that is configured, forgotten with its half-life:
	 * what hardware forwarded, and what software did as samples tell. */
	double hw_rate, sw_rate;
	bool known;	      /* some round has ended, and something was seen */
	uint32_t hw_permille; /* hardware's share */
	/* Since traffic is counted; of software: estimates. */
	uint64_t hw_packets, hw_bytes, sw_packets, sw_bytes;

	struct ofl_sampling_status sampling;
	uint32_t sample_budget_pps;

	/* Readings of hardware's counters. */
	uint64_t period_us,
		reading_us;	    /* from one to the next; the last took */
	uint64_t readings, read_us; /* so many; the last ended, wall clock */
	uint32_t entries;	    /* that the last one read */

	uint32_t writes_per_min; /* operations in the last full minute */
};

struct ofl_traffic_status {
	const struct ofl_traffic_conf *conf; /* unit OFF: nothing else counts */
	uint64_t since_us;		     /* counted since; wall clock */
	struct ofl_traffic_stats stats;
};
void ofl_engine_traffic_status(struct ofl_traffic_status *ret);
/* Walk tables by name; false from cb ends the walk. */
void ofl_engine_traffic_tables_walk(
	bool (*cb)(const struct ofl_table_traffic *t, void *arg), void *arg);

/* A flow that carries traffic. */
struct ofl_traffic_flow {
	const struct ofl_flow *flow; /* state and reason say why */
	struct ofl_traffic_view view;
	uint32_t permille; /* of all traffic of its table */
};
/* At most this many are told at once. */
#define OFL_TRAFFIC_TOP_MAX 1000
/* Walk the heaviest flows of a table (NULL: of all), heaviest first, those in
 * software alone or all; `limit` at most.  False: no such table. */
bool ofl_engine_traffic_top(
	const char *table, bool software_only, uint32_t limit,
	bool (*cb)(const struct ofl_traffic_flow *f, void *arg), void *arg);
/* Of one flow; false: nothing was seen of it, or traffic is not counted. */
bool ofl_engine_traffic_of(const struct ofl_flow *flow,
			   struct ofl_traffic_view *ret);

#endif /* OFFLOADD_ENGINE_TRAFFIC_H */
