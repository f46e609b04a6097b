/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One placement room, the hardware it writes to, and a clock beside it.
 *
 * The hardware is emulated: it applies what it is asked at once and remembers
 * it by prefix, in a store of its own.  After every single write it looks up
 * addresses under the prefix written, and a hit that gives what the full table
 * neither gives nor gave is counted.  Only the room's own calls are timed.
 */
#ifndef BENCH_LPM_RUN_H
#define BENCH_LPM_RUN_H

#include "bench/lpm_check.h"
#include "bench/lpm_stat.h"
#include "offloadd/flow/op.h"
#include "offloadd/placement/placement.h"

struct ofl_bench_run {
	struct ofl_bench_table *t;
	struct ofl_place *place; /* fini frees it */
	struct ofl_place_conf conf;
	unsigned int turn_budget;

	/* The hardware. */
	struct ofl_bench_held held;
	uint32_t used_slots, used_slots_max;
	uint64_t writes, adds, deletes, replaces;
	uint64_t insertions;		/* REAL entries where none was */
	uint64_t refused;		/* for want of room, or as nonsense */
	uint64_t misforwarded, checked; /* after single writes */
	uint32_t check_one_in; /* of so many writes one is checked; 0: all */
	struct ofl_bench_random random;
	/* The route that changed last, as it was before. */
	uint32_t old_route;
	struct ofl_bench_route old;

	/* The clock. */
	struct ofl_bench_stat turns, turns_cpu; /* plan, improve, sweep */
	struct ofl_bench_stat write_calls;	/* next, done, changed: each */
	bool unsettled; /* improve() never came to an end */
};

/* Without a room: the caller makes it, which a caller who counts memory wants
 * to see. */
void ofl_bench_run_init(struct ofl_bench_run *r, struct ofl_bench_table *t,
			const struct ofl_place_conf *conf,
			unsigned int turn_budget, uint64_t seed);
void ofl_bench_run_fini(struct ofl_bench_run *r);

/* Tell the room of a route as it is in the full table. */
void ofl_bench_run_set(struct ofl_bench_run *r, uint32_t route);
void ofl_bench_run_del(struct ofl_bench_run *r, uint32_t route);
/* The route is about to change in the full table (OFL_BENCH_NONE: none is,
 * what the table gives is all that hardware may give). */
void ofl_bench_run_changes(struct ofl_bench_run *r, uint32_t route);
/* Decide what is due, in turns. */
void ofl_bench_run_plan(struct ofl_bench_run *r);
void ofl_bench_run_sweep(struct ofl_bench_run *r);
/* Write as somebody else than the room asks; false: hardware refused.  The
 * operation's id is not looked at. */
bool ofl_bench_run_write(struct ofl_bench_run *r, const struct ofl_op *op);
/* Plan, write and improve until nothing is left to do. */
void ofl_bench_run_settle(struct ofl_bench_run *r);

#endif /* BENCH_LPM_RUN_H */
