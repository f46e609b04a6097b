/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the feeder was asked to do, with its prefixes made or read. */
#ifndef BENCH_FEEDER_OPTIONS_H
#define BENCH_FEEDER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

struct ofl_feeder_nexthop {
	uint8_t gateway[16];
	unsigned int ifindex; /* 0: whichever leads there */
	bool blackhole;
};

struct ofl_feeder_options {
	const char *socket;
	uint8_t type; /* ZEBRA_ROUTE_* */
	uint16_t instance;
	uint32_t tag, metric;
	uint8_t distance;
	bool recursive, withdraw, print;
	long hold_ms; /* -1: until a signal */
	/* Changes a second, for so long, after all was announced; 0: none. */
	uint32_t churn_per_s, churn_s;
	bool churn_wait;   /* for SIGUSR1 */
	size_t churn_flap; /* prefixes that come and go meanwhile */
	uint64_t seed;

	/* By family: IPv4, IPv6. */
	struct ofl_feeder_nexthop *nexthops[2];
	size_t nexthop_count[2];

	struct ofl_prefix *prefixes;
	size_t prefix_count;
	size_t skipped; /* of a family that has no next hop */
};

/* False: go no further and exit with *ret_code; why was printed. */
bool ofl_feeder_options_parse(struct ofl_feeder_options *o, int argc,
			      char **argv, int *ret_code);
void ofl_feeder_options_fini(struct ofl_feeder_options *o);

#endif /* BENCH_FEEDER_OPTIONS_H */
