/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a struct ofl_conf, for whoever reads one from the operator.
 *
 * The rest of its life (new, free, check) is in engine.h.
 */
#ifndef OFFLOADD_ENGINE_CONF_H
#define OFFLOADD_ENGINE_CONF_H

#include "offloadd/engine/engine.h"

/* A table with defaults, in its place by name; valid until the next add. */
struct ofl_hwtable_conf *ofl_conf_table_add(struct ofl_conf *c,
					    const char *name);
/* NULL if there is none. */
const struct ofl_hwtable_conf *ofl_conf_table_find(const struct ofl_conf *c,
						   const char *name);

/* Does this table have provider "tc", so that its member `tc` counts? */
bool ofl_conf_is_tc(const struct ofl_hwtable_conf *t);
/* Are these two descriptions of one table about the same hardware, reached the
 * same way?  If not, a change from one to the other begins with an empty
 * table. */
bool ofl_conf_is_same_hardware(const struct ofl_hwtable_conf *a,
			       const struct ofl_hwtable_conf *b);

/* Check a table as it is described, alone; see ofl_conf_check(). */
bool ofl_conf_table_check(const struct ofl_hwtable_conf *t, char *buf,
			  size_t len);

/* Is low below high?  Without a capacity (0) a percentage cannot be compared
 * with slots: true then. */
bool ofl_conf_limits_can_be(const struct ofl_limit *low,
			    const struct ofl_limit *high,
			    uint32_t capacity_slots);

#endif /* OFFLOADD_ENGINE_CONF_H */
