/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of the traces, whether it is what was promised, and how it is
 * said: one JSON object. */
#ifndef BENCH_TRAFFIC_REPORT_H
#define BENCH_TRAFFIC_REPORT_H

#include "bench/traffic_players.h"
#include "bench/traffic_trace.h"

/* Of one method; after the warm-up, unless it says otherwise. */
struct ofl_bench_tally {
	bool played;
	double answered;
	double least; /* of the optimum, in the worst period */
	uint64_t writes, adds, deletes, replaces, insertions;
	uint64_t writes_max; /* in a second */
	uint64_t optional;   /* of writes: planned to better the plan */

	/* Of the whole run. */
	double wrong; /* packets that hardware answered wrongly */
	uint64_t misforwarded, checked, refused;
	uint64_t all_writes, all_optional;
	uint32_t reached_s; /* 0.95 of the optimum, first; 0: never */
	uint32_t used_slots, meters, mice;
	bool unsettled;
};

struct ofl_bench_course {
	enum ofl_bench_trace_kind kind;
	double zipf;
	double packets, optimum; /* after the warm-up; bound of the optimum */
	double price_pps;	 /* of a slot, by the optimum, at the end */
	double mouse_pps;
	uint64_t mice_born;
	uint32_t mice_least;
	struct ofl_bench_tally tally[OFL_BENCH_PLAYER_MAX];
};

struct ofl_bench_courses {
	const struct ofl_bench_traffic_options *o;
	const struct ofl_bench_table *t;
	const struct ofl_place_conf *conf;
	uint32_t *drawn; /* weights of the routes as they were drawn */
	struct ofl_bench_course *course;
	uint32_t count;
};

/* On standard output.  False: something that was promised did not come out.
 */
bool ofl_bench_traffic_report(const struct ofl_bench_courses *c);

#endif /* BENCH_TRAFFIC_REPORT_H */
