/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding flows a piece at a time: a bounded look at the flow table, from a key
 * on that need not be there any more.
 *
 * Knows nothing of the model.  Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_FIND_H
#define OFFLOADD_NORTHBOUND_FIND_H

#include "offloadd/flow/flowtab.h"

/* has_x false: any. */
struct ofl_find {
	bool has_vrf, has_within, has_table, has_state, has_class, has_reason;
	bool has_after;
	uint32_t vrf;
	struct ofl_prefix within;
	uint8_t table, state, cls, reason;
	struct ofl_key after;
	unsigned int limit;  /* flows to be found, 1.. */
	unsigned int budget; /* flows to be looked at, 1.. */
};

/* Calls for each one that is found.  True: there is more behind *ret_last, the
 * last one that was looked at. */
bool ofl_find_some(struct ofl_flowtab *tab, const struct ofl_find *x,
		   void (*cb)(const struct ofl_flow *f, void *arg), void *arg,
		   struct ofl_key *ret_last);

#endif /* OFFLOADD_NORTHBOUND_FIND_H */
