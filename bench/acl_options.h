/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ACL bench was asked to do. */
#ifndef BENCH_ACL_OPTIONS_H
#define BENCH_ACL_OPTIONS_H

#include "bench/acl_rules.h"
#include "offloadd/placement/acl.h"

struct ofl_bench_acl_options {
	const char *rules;
	/* The size of the table: slots, or percent of the rules. */
	uint32_t capacity_slots;
	double capacity_percent; /* < 0: slots were given */
	double high_percent, low_percent;
	bool expand; /* ranges take a slot for each block */
	double zipf;
	uint64_t seed;
	uint8_t actions;   /* enum ofl_bench_actions */
	double hysteresis; /* < 0: the room's default */
	bool bound;
	uint32_t changes, packets, pairs;
};

/* False: go no further and exit with *ret_code; why was printed. */
bool ofl_bench_acl_options_parse(struct ofl_bench_acl_options *o, int argc,
				 char **argv, int *ret_code);
/* The room's configuration for so many rules: a slot at least. */
void ofl_bench_acl_options_conf(const struct ofl_bench_acl_options *o,
				uint32_t rules, struct ofl_acl_place_conf *ret_conf);

extern const char ofl_bench_acl_usage[];

#endif /* BENCH_ACL_OPTIONS_H */
