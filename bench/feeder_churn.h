/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which route a feeder changes next, and how: the half of the changes flap a
 * small set of prefixes (gone, back, gone ...), the other half gives any other
 * prefix another next hop.  The seed decides; nothing is sent here.
 */
#ifndef BENCH_FEEDER_CHURN_H
#define BENCH_FEEDER_CHURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/lpm_random.h"

struct ofl_feeder_churn {
	struct ofl_bench_random random;
	size_t count, flap; /* prefixes; of these the first `flap` flap */
	uint8_t *turn;	    /* a prefix' next hops so far, modulo 256 */
	bool *gone;
	size_t flap_at; /* the one that flaps next */
	size_t back_at; /* where bringing all back is */
};

/* `flap` is at most `count`. */
void ofl_feeder_churn_init(struct ofl_feeder_churn *c, size_t count,
			   size_t flap, uint64_t seed);
void ofl_feeder_churn_fini(struct ofl_feeder_churn *c);

/* The next change: of which prefix; true: announce it, with the next hop that
 * comes turn[] after its first one; false: withdraw it. */
bool ofl_feeder_churn_next(struct ofl_feeder_churn *c, size_t *ret_index);
/* One that is gone, to be brought back; false: all are there. */
bool ofl_feeder_churn_back(struct ofl_feeder_churn *c, size_t *ret_index);

#endif /* BENCH_FEEDER_CHURN_H */
