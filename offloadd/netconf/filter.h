/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters: subtree (RFC 6241, section 6) and XPath.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_FILTER_H
#define OFFLOADD_NETCONF_FILTER_H

#include <stdbool.h>

#include "offloadd/netconf/error.h"

struct lyd_node;
struct lysc_node;
struct ofl_nc_filter;

/* Of the element <filter> of an operation (get, get-config,
 * create-subscription) or NULL.  NULL with no error: everything is selected.
 * NULL with an error in `errors`: it cannot be. */
struct ofl_nc_filter *ofl_nc_filter_new(const struct lyd_node *element,
					struct ofl_nc_errors *errors);
void ofl_nc_filter_free(struct ofl_nc_filter *filter); /* NULL is fine */
/* A copy of what it selects, with ancestors and keys; NULL: nothing.  `tree`
 * stays as it is. */
struct lyd_node *ofl_nc_filter_apply(const struct ofl_nc_filter *filter,
				     const struct lyd_node *tree);
/* For a notification: does it select anything of it? */
bool ofl_nc_filter_matches(const struct ofl_nc_filter *filter,
			   const struct lyd_node *tree);

#endif /* OFFLOADD_NETCONF_FILTER_H */
