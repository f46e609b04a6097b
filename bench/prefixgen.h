/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefixes that look like an Internet table: distinct, mostly /24 (IPv6:
 * /48), half of them inside another one, 0.7 deep on average, a few with
 * hundreds of more-specifics.  The figures behind are those of full tables of
 * October 2025.  The same seed makes the same prefixes on every machine.
 *
 * None lies in an address block that is reserved, private or kept for
 * documentation, so a test may number its links from those.
 */
#ifndef BENCH_PREFIXGEN_H
#define BENCH_PREFIXGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

enum ofl_prefixgen_shape {
	OFL_PREFIXGEN_NESTED, /* as real tables */
	OFL_PREFIXGEN_FLAT,   /* none inside another */
};

/* Fill `ret_prefixes` with n prefixes, less specific ones first.  Returns how
 * many there are: fewer than n when the address space is used up, which takes
 * more than 900,000. */
size_t ofl_prefixgen_make(uint8_t family, enum ofl_prefixgen_shape shape,
			  uint64_t seed, size_t n,
			  struct ofl_prefix *ret_prefixes);

/* Put them in an order that only the seed decides. */
void ofl_prefixgen_shuffle(struct ofl_prefix *prefixes, size_t n,
			   uint64_t seed);

#endif /* BENCH_PREFIXGEN_H */
