// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finding flows a piece at a time; see find.h.
 */
#include <zebra.h>

#include "offloadd/northbound/find.h"

static bool is_sought(const struct ofl_find *x, const struct ofl_flow *f)
{
	return (!x->has_vrf || f->key.vrf == x->vrf) &&
	       (!x->has_within || ofl_prefix_contains(&x->within, &f->key.p)) &&
	       (!x->has_table || f->table == x->table) &&
	       (!x->has_state || f->state == x->state) &&
	       (!x->has_class || f->cls == x->cls) &&
	       (!x->has_reason || f->reason == x->reason);
}

bool ofl_find_some(struct ofl_flowtab *tab, const struct ofl_find *x,
		   void (*cb)(const struct ofl_flow *f, void *arg), void *arg,
		   struct ofl_key *ret_last)
{
	const struct ofl_key *at = x->has_after ? &x->after : NULL;
	unsigned int found = 0, seen = 0;
	struct ofl_flow *f;

	while ((f = ofl_flowtab_next(tab, at))) {
		if (found == x->limit || seen == x->budget) {
			*ret_last = *at;
			return true;
		}
		seen++;
		if (is_sought(x, f)) {
			cb(f, arg);
			found++;
		}
		at = &f->key;
	}
	return false;
}
