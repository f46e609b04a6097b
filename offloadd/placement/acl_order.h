/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which order software needs the rules of a whole list: levels instead of
 * one number for each rule.
 *
 * Two rules that overlap and do something else stand in the order of the list,
 * on levels that rise; all others may share a level.  A rule that matches the
 * same as one above it is never met: it is told apart and gets no level.
 *
 * Pure, and in pieces: all pairs of ten thousand rules take some 60 ms.  Prefs
 * of entries in hardware are acl_level.c's, which looks at few rules, again
 * and again.
 */
#ifndef OFFLOADD_PLACEMENT_ACL_ORDER_H
#define OFFLOADD_PLACEMENT_ACL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/match.h"

#define OFL_ORDER_NOBODY UINT32_MAX

struct ofl_order_rule {
	/* the caller */
	const struct ofl_match *match; /* borrowed until the end */
	uint32_t identity;	       /* of its action: alike are alike */
	/* the answer */
	uint16_t level;
	uint32_t twin; /* the rule above that matches the same, or NOBODY */
};

struct ofl_acl_order;

/* `rules` are in order, the first match first, and stay until the end. */
struct ofl_acl_order *ofl_acl_order_new(struct ofl_order_rule *rules,
					size_t count);
void ofl_acl_order_free(struct ofl_acl_order *o);
/* Compare about so many pairs; true: there are more. */
bool ofl_acl_order_run(struct ofl_acl_order *o, uint64_t budget);
/* There were more levels than there are numbers: the answer is of no use. */
bool ofl_acl_order_is_too_deep(const struct ofl_acl_order *o);

#endif /* OFFLOADD_PLACEMENT_ACL_ORDER_H */
