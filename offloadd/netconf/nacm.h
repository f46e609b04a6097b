/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access control: RFC 8341, by the configuration of ietf-netconf-acm.
 *
 * Fails closed: what cannot be read or understood denies.  The recovery user
 * (uid 0) is asked nothing.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_NACM_H
#define OFFLOADD_NETCONF_NACM_H

#include <stdbool.h>

struct lyd_node;
struct lysc_node;
struct ofl_nc_user;

enum ofl_nc_access {
	OFL_NC_READ,
	OFL_NC_CREATE,
	OFL_NC_UPDATE,
	OFL_NC_DELETE,
};

/* All are answered by the rules of the running configuration, which are made
 * ready when it has changed, and count what they deny (denied-operations,
 * denied-data-writes, denied-notifications). */
bool ofl_nc_nacm_may_exec(const struct ofl_nc_user *user,
			  const struct lysc_node *rpc);
/* May this very node be created, updated, deleted or read?  `node` is in the
 * context of context.h and in a tree that has its ancestors with their keys. */
bool ofl_nc_nacm_may(const struct ofl_nc_user *user,
		     const struct lyd_node *node, enum ofl_nc_access access);
/* Take away what the user may not read, with all that is below; *tree may
 * become NULL.  Keys stay as long as their entry does. */
void ofl_nc_nacm_prune(const struct ofl_nc_user *user, struct lyd_node **tree);
/* False: no instance of the node, or of anything below it, can be read, so
 * that there is no need to make any. */
bool ofl_nc_nacm_may_read_any(const struct ofl_nc_user *user,
			      const struct lysc_node *snode);
/* May it have the whole of such a notification (RFC 8341, 3.4.6)? */
bool ofl_nc_nacm_may_notify(const struct ofl_nc_user *user,
			    const struct lysc_node *notification);
/* Forget what was made ready: before the context goes. */
void ofl_nc_nacm_fini(void);

#endif /* OFFLOADD_NETCONF_NACM_H */
