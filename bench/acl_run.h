/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the ACL bench: the placement room between a list and an emulated
 * table, and the questions whether packets are answered rightly. */
#ifndef BENCH_ACL_RUN_H
#define BENCH_ACL_RUN_H

#include "bench/acl_hardware.h"
#include "bench/lpm_stat.h"

struct ofl_bench_acl_run {
	struct ofl_bench_rules *t;
	struct ofl_acl_place *place;
	struct ofl_bench_hardware hw;
	uint64_t room_ns;	   /* spent in the room since it was set to 0 */
	uint64_t plan_step_max_ns; /* longest call of plan() */
	unsigned int budget;
	bool unsettled;
	uint64_t looked_up, misclassified;
};

struct ofl_bench_acl_score {
	double hit_rate; /* percent: traffic of the rules that are real */
	double hit_rate_packets; /* percent: of the traffic, looked up */
};

struct ofl_bench_acl_changes {
	struct ofl_bench_stat times;
	uint64_t writes;
	struct ofl_bench_moves moved;
};

void ofl_bench_acl_init(struct ofl_bench_acl_run *r, struct ofl_bench_rules *t,
			const struct ofl_acl_place_conf *conf);
void ofl_bench_acl_fini(struct ofl_bench_acl_run *r);
/* Tell of all rules in order, and let hardware be written. */
void ofl_bench_acl_load(struct ofl_bench_acl_run *r);
/* Plan and write until nothing is left to do. */
void ofl_bench_acl_settle(struct ofl_bench_acl_run *r);
void ofl_bench_acl_score(const struct ofl_bench_acl_run *r,
			 struct ofl_bench_acl_score *ret);
/* Traffic, each rule's own point, so many random intersections of two rules
 * and so many random packets: list against hardware and software. */
void ofl_bench_acl_check(struct ofl_bench_acl_run *r, uint32_t pairs,
			 uint32_t packets, uint64_t seed);
/* So many changes of one rule each: out, in, moved, another weight, another
 * class.  Afterwards each time some packets of that rule are looked up. */
void ofl_bench_acl_change(struct ofl_bench_acl_run *r, uint32_t changes,
			  uint64_t seed, struct ofl_bench_acl_changes *ret);

#endif /* BENCH_ACL_RUN_H */
