/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bench was asked to do. */
#ifndef BENCH_LPM_OPTIONS_H
#define BENCH_LPM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/lpm_table.h"
#include "offloadd/placement/placement.h"

struct ofl_bench_options {
	const char *routes;
	bool family[2]; /* IPv4, IPv6 */

	/* The size of the table: slots, or percent of the routes. */
	uint32_t capacity_slots;
	double capacity_percent; /* < 0: slots were given */
	double high_percent, low_percent;
	uint32_t cost_v6_slots; /* 0: the room's default */

	struct ofl_bench_traffic traffic;

	/* The room; < 0: its default. */
	double hysteresis;
	int residence_sweeps;
	bool no_exact_plan;
	uint32_t cover_limit_slots, burst;
	uint32_t turn_budget;

	/* What to do beside filling the table. */
	bool methods, exact;
	uint32_t churn, drift, noise; /* changes, sweeps, sweeps */
	double drift_permille, noise_packets;
	uint32_t samples;
};

/* False: go no further and exit with *ret_code; why was printed. */
bool ofl_bench_options_parse(struct ofl_bench_options *o, int argc, char **argv,
			     int *ret_code);
/* The room's configuration for a table of so many routes; false: it cannot be
 * (a sentence was printed). */
bool ofl_bench_options_conf(const struct ofl_bench_options *o, uint32_t routes,
			    struct ofl_place_conf *ret_conf);

extern const char ofl_bench_usage[];

#endif /* BENCH_LPM_OPTIONS_H */
