/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between two configurations, node by node.
 *
 * Own and not lyd_diff_siblings(): that one is quadratic in the length of a
 * list in libyang 2.1, and makes a tree where a walk is wanted.
 *
 * Defaults that nobody set do not count.  Pure: no FRR.  Private to this room.
 */
#ifndef OFFLOADD_NETCONF_DIFF_H
#define OFFLOADD_NETCONF_DIFF_H

#include <stdbool.h>

struct lyd_node;

enum ofl_nc_change {
	OFL_NC_CREATED,
	OFL_NC_DELETED,
	OFL_NC_CHANGED, /* another value */
	OFL_NC_MOVED,	/* another place among its siblings */
};
enum ofl_nc_walk {
	OFL_NC_ON,
	OFL_NC_SKIP, /* what is below a created or deleted node */
	OFL_NC_STOP,
};
/* `node`: of the old tree if deleted, else of the new one. */
typedef enum ofl_nc_walk (*ofl_nc_diff_cb)(enum ofl_nc_change change,
					   const struct lyd_node *node,
					   void *arg);
/* Each may be NULL.  Containers that exist by themselves are passed through,
 * not told.  False: it was stopped. */
bool ofl_nc_diff_walk(const struct lyd_node *old, const struct lyd_node *new,
		      ofl_nc_diff_cb cb, void *arg);

/* Of all siblings, and of two nodes with what is below. */
bool ofl_nc_diff_is_none(const struct lyd_node *old,
			 const struct lyd_node *new);
bool ofl_nc_diff_is_same(const struct lyd_node *a, const struct lyd_node *b);
/* Do the instances that both have stand in the same order?  `a` and `b` are
 * among siblings, `like` tells of what. */
bool ofl_nc_diff_is_same_order(const struct lyd_node *a,
			       const struct lyd_node *b,
			       const struct lyd_node *like);

#endif /* OFFLOADD_NETCONF_DIFF_H */
