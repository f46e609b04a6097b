/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same change, made to something that has moved on.
 *
 * Two people begin with one configuration: one has a candidate, the other has
 * changed what is running.  What the first changed is made to what the second
 * left, unless both wanted something of the same node.
 *
 * Pure: no FRR.  Private to this room.
 */
#ifndef OFFLOADD_NETCONF_REBASE_H
#define OFFLOADD_NETCONF_REBASE_H

#include <stddef.h>

struct lyd_node;

/* XPaths of nodes that both changed, differently, or that one removed while
 * the other changed something in them.  All zero is none. */
#define OFL_NC_CONFLICTS_KEPT 16
struct ofl_nc_conflicts {
	char *paths[OFL_NC_CONFLICTS_KEPT];
	size_t count; /* may be more than there are paths */
};
void ofl_nc_conflicts_fini(struct ofl_nc_conflicts *c);
/* How many of them have a path here. */
size_t ofl_nc_conflicts_kept(const struct ofl_nc_conflicts *c);

/* What changed from `base` to `wanted` (siblings; each may be NULL) made to a
 * copy of `onto`.  Where they conflict, the result is as `onto` has it; what
 * else changed is made.  Caller frees; NULL is an empty configuration.
 * Defaults are the caller's: the result may lack some. */
struct lyd_node *ofl_nc_rebase(const struct lyd_node *base,
			       const struct lyd_node *wanted,
			       const struct lyd_node *onto,
			       struct ofl_nc_conflicts *ret_conflicts);

#endif /* OFFLOADD_NETCONF_REBASE_H */
