// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Defaults of a hardware table and the arithmetic of its limits.  It does not
 * judge a configuration (the northbound does, with a sentence); it only makes
 * sure that no limit ever resolves to more than there is.
 */
#include <zebra.h>

#include "offloadd/flow/hwtable.h"

void ofl_hwtable_conf_init(struct ofl_hwtable_conf *c, const char *name)
{
	memset(c, 0, sizeof(*c)); /* so that equal ones are equal bytes */
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->provider, sizeof(c->provider), "emulated");
	c->cost_v4_slots = 1;
	c->cost_v6_slots = 2;
	c->high = (struct ofl_limit){.value = 97, .percent = true};
	c->low = (struct ofl_limit){.value = 90, .percent = true};
}

uint32_t ofl_limit_slots(const struct ofl_limit *l, uint32_t capacity_slots)
{
	uint64_t slots = l->value;

	if (l->percent)
		slots = (uint64_t)capacity_slots * l->value / 100;
	return slots < capacity_slots ? slots : capacity_slots;
}
