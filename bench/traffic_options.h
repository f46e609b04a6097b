/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bench of traffic was asked to do. */
#ifndef BENCH_TRAFFIC_OPTIONS_H
#define BENCH_TRAFFIC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/lpm_table.h"
#include "offloadd/placement/placement.h"

enum ofl_bench_trace_kind {
	OFL_BENCH_TRACE_ZIPF = 0,
	OFL_BENCH_TRACE_DRIFT,
	OFL_BENCH_TRACE_FLASH,
	OFL_BENCH_TRACE_ADVERSARY,
	OFL_BENCH_TRACE_MICE,
};
#define OFL_BENCH_TRACE_MAX 5

struct ofl_bench_traffic_options {
	const char *routes;
	bool family[2]; /* IPv4, IPv6 */
	uint32_t count; /* routes; 0: all */
	struct ofl_bench_traffic table;

	uint32_t slots;
	double slots_percent; /* used if slots are 0 */

	/* Traffic. */
	bool traces[OFL_BENCH_TRACE_MAX];
	double zipf; /* < 0: as each trace has it */
	double pps;
	uint32_t period_s, periods, warm_up; /* periods */
	double drift_permille;		     /* of the routes, a period */
	uint32_t drift_top, flash, alternate;
	uint32_t mice_least, window_s; /* the filter; 0: as the trace has it */
	double mice_percent, mice_times;
	uint32_t burst_s;

	/* What the methods have. */
	uint32_t sampling, half_life_s, writes_per_s;
	uint32_t residence;
	double hysteresis, high_percent, low_percent;

	bool check;
};

/* False: go no further and exit with *ret_code; why was printed. */
bool ofl_bench_traffic_options_parse(struct ofl_bench_traffic_options *o,
				     int argc, char **argv, int *ret_code);
/* The room's configuration for a table of so many routes; false: it cannot be
 * (a sentence was printed). */
bool ofl_bench_traffic_conf(const struct ofl_bench_traffic_options *o,
			    uint32_t routes, struct ofl_place_conf *ret_conf);
const char *ofl_bench_trace_name(enum ofl_bench_trace_kind kind);

extern const char ofl_bench_traffic_usage[];

#endif /* BENCH_TRAFFIC_OPTIONS_H */
