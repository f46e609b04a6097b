/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bench's findings, and how they are said: one JSON object. */
#ifndef BENCH_LPM_REPORT_H
#define BENCH_LPM_REPORT_H

#include "bench/lpm_change.h"
#include "bench/lpm_methods.h"
#include "bench/lpm_options.h"
#include "bench/lpm_run.h"

struct ofl_bench_build {
	uint64_t set_ns, set_cpu_ns, plan_ns, plan_cpu_ns, write_ns;
	uint64_t writes;
	/* Sweeps afterwards until nothing is written any more. */
	uint32_t rest_sweeps;
	uint64_t rest_writes;
	double heap_bytes, rss_bytes; /* taken meanwhile */
};

struct ofl_bench_method_score {
	struct ofl_bench_score score;
	double bound; /* of the priced one */
};

struct ofl_bench_findings {
	const struct ofl_bench_options *o;
	const struct ofl_bench_table *t;
	const struct ofl_bench_run *run;

	struct ofl_bench_build build;
	/* At rest after the table was filled. */
	struct ofl_bench_score score;
	struct ofl_place_certificate certificate;
	struct ofl_place_stats stats;
	uint32_t used_slots;
	uint64_t misforwarded, looked_up; /* at rest, after each phase */

	double total;	    /* value if hardware had all */
	double exact_value; /* < 0: not asked for, or too large */
	struct ofl_bench_method_score methods[OFL_BENCH_METHOD_MAX];

	struct ofl_bench_churn churn;
	struct ofl_bench_sweeps drift, noise;
};

/* On standard output. */
void ofl_bench_report(const struct ofl_bench_findings *f);

#endif /* BENCH_LPM_REPORT_H */
