/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a match says of one field: match.h's setters read backwards, for those
 * who write a match in another language (tc, text).
 *
 * Changes nothing, decides nothing.  Neighbour: match.h, which has the words.
 */
#ifndef OFFLOADD_FLOW_MATCH_FIELD_H
#define OFFLOADD_FLOW_MATCH_FIELD_H

#include "offloadd/flow/match.h"

/* Value and mask of a field; mask 0: not looked at. */
struct ofl_bits ofl_match_field_get(const struct ofl_match *m,
				    enum ofl_field field);
/* All ones of a field. */
uint64_t ofl_match_field_top(enum ofl_field field);
/* Address and mask in network order, 4 or 16 bytes by `family`; false: no bit
 * of it is looked at, and both are zero. */
bool ofl_match_addr_get(const struct ofl_match *m, enum ofl_end end, int family,
			uint8_t *ret_addr, uint8_t *ret_mask);
/* Does it look at bits of addresses that only IPv6 has? */
bool ofl_match_has_long_addr(const struct ofl_match *m);
/* Every number of this kind? */
bool ofl_match_range_is_any(const struct ofl_match *m, enum ofl_number number);
/* The same as value and mask; false: it is no aligned block. */
bool ofl_match_range_bits(struct ofl_range r, struct ofl_bits *ret);

#endif /* OFFLOADD_FLOW_MATCH_FIELD_H */
