/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hardware table makes of the traffic, judged from its entries alone.
 *
 * The score goes by routes: each weighs what the addresses weigh that no
 * more-specific route has.  The brute check goes by addresses and shares
 * nothing with it: each is looked up by trying every prefix length, in the full
 * table and in hardware, and a hit must lead where the full table leads.
 */
#ifndef BENCH_LPM_CHECK_H
#define BENCH_LPM_CHECK_H

#include "bench/lpm_random.h"
#include "bench/lpm_table.h"

/* Entries of a hardware table, by route. */
struct ofl_bench_held {
	uint8_t *entry;	    /* enum ofl_entry */
	uint32_t *identity; /* of a REAL one */
};

void ofl_bench_held_init(struct ofl_bench_held *h,
			 const struct ofl_bench_table *t);
void ofl_bench_held_fini(struct ofl_bench_held *h);

struct ofl_bench_score {
	/* Percent of all weight: answered by hardware, and of that wrongly. */
	double hit_rate, misforwarded;
	double best_effort_hit_rate; /* percent of best effort's weight */
	double critical_offloaded;   /* percent of critical routes */
	double value;		     /* weights answered rightly */
};
void ofl_bench_score(const struct ofl_bench_table *t,
		     const struct ofl_bench_held *h,
		     struct ofl_bench_score *ret);

/* Does hardware answer as the full table does, or not at all? */
bool ofl_bench_is_right(const struct ofl_bench_table *t,
			const struct ofl_bench_held *h, uint8_t family,
			const uint8_t *addr);
/* An address anywhere inside a prefix. */
void ofl_bench_address_in(const struct ofl_prefix *p,
			  struct ofl_bench_random *r, uint8_t ret_addr[16]);
/* An address whose longest match is this route; false: its more-specifics
 * leave none. */
bool ofl_bench_address_of(const struct ofl_bench_table *t, uint32_t route,
			  uint8_t ret_addr[16]);

/* Look up an address of each route and others at random, at least `samples`;
 * returns how many were answered wrongly. */
uint64_t ofl_bench_check(const struct ofl_bench_table *t,
			 const struct ofl_bench_held *h, uint64_t seed,
			 uint64_t samples, uint64_t *ret_looked_up);

#endif /* BENCH_LPM_CHECK_H */
