/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hardware table as an operator describes it, and as it stands.
 */
#ifndef OFFLOADD_FLOW_HWTABLE_H
#define OFFLOADD_FLOW_HWTABLE_H

#include <stdbool.h>
#include <stdint.h>

#define OFL_NAME_LEN 64 /* names of tables, providers: with the final zero */
#define OFL_TABLES_MAX 32

/* A limit in slots or in percent of the capacity. */
struct ofl_limit {
	uint32_t value;
	bool percent;
};

/* Configuration.  Compared member by member when reconfigured. */
struct ofl_hwtable_conf {
	char name[OFL_NAME_LEN];
	char provider[OFL_NAME_LEN]; /* "emulated", ... */
	uint32_t capacity_slots;     /* 0: ask the provider ("auto") */
	uint16_t cost_v4_slots;	     /* slots one IPv4 entry takes, 1.. */
	uint16_t cost_v6_slots;
	struct ofl_limit high;	     /* default 97 % */
	struct ofl_limit low;	     /* default 90 %; must resolve below high */
	uint32_t reserve_slots;	     /* best effort may not use these */
};

/* Defaults: emulated, auto, 1, 2, 97 %, 90 %, 0. */
void ofl_hwtable_conf_init(struct ofl_hwtable_conf *c, const char *name);
/* A limit in slots for a capacity (percent rounds down); never more than the
 * capacity. */
uint32_t ofl_limit_slots(const struct ofl_limit *l, uint32_t capacity_slots);

#endif /* OFFLOADD_FLOW_HWTABLE_H */
