// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Defaults of a hardware table and the arithmetic of its limits.  It does not
 * judge a configuration (the northbound does, with a sentence); it only makes
 * sure that no limit ever resolves to more than there is.
 */
#include <zebra.h>

#include "offloadd/flow/hwtable.h"

/* An automatic reserve: so many slots or this share of a large table, but of a
 * small one no more than is above the default high watermark. */
#define RESERVE_LEAST_SLOTS 64
#define RESERVE_PERMILLE 5
#define RESERVE_MOST_PERCENT 3

void ofl_hwtable_conf_init(struct ofl_hwtable_conf *c, const char *name)
{
	memset(c, 0, sizeof(*c)); /* so that equal ones are equal bytes */
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->provider, sizeof(c->provider), "emulated");
	c->cost_v4_slots = 1;
	c->cost_v6_slots = 2;
	c->high = (struct ofl_limit){.value = 97, .percent = true};
	c->low = (struct ofl_limit){.value = 90, .percent = true};
	c->reserve_slots = OFL_RESERVE_AUTO;
	c->acl = (struct ofl_limit){.value = 25, .percent = true};
	c->hysteresis_permille = 200;
	c->residence_sweeps = 1;
	/* Half of what slow hardware takes in a second: the other half is for
	 * the writes that are not optional. */
	c->optional_writes_per_s = 500;
	c->rebalance_s = 10;
	c->exact = true;
	c->tc.block = 4096;
	c->tc.chain = 4096;
	c->tc.pref = 49152;
}

uint32_t ofl_limit_slots(const struct ofl_limit *l, uint32_t capacity_slots)
{
	uint64_t slots = l->value;

	if (l->percent)
		slots = (uint64_t)capacity_slots * l->value / 100;
	return slots < capacity_slots ? slots : capacity_slots;
}

uint32_t ofl_hwtable_reserve_slots(const struct ofl_hwtable_conf *c,
				   uint32_t capacity_slots)
{
	uint64_t share = (uint64_t)capacity_slots * RESERVE_PERMILLE / 1000;
	uint64_t most = (uint64_t)capacity_slots * RESERVE_MOST_PERCENT / 100;

	if (c->reserve_slots != OFL_RESERVE_AUTO)
		return MIN(c->reserve_slots, capacity_slots);
	return MIN(MAX(share, RESERVE_LEAST_SLOTS), most);
}
