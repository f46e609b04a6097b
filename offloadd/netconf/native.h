/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations that are not NETCONF's own: the `rpc` callbacks of FRR's
 * northbound.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_NATIVE_H
#define OFFLOADD_NETCONF_NATIVE_H

#include <stdbool.h>

#include "offloadd/netconf/rpc.h"

struct lysc_node;

/* Is there a callback for this operation? */
bool ofl_nc_native_has(const struct lysc_node *rpc);
/* Call it.  `op` has its defaults. */
void ofl_nc_native_call(const struct lyd_node *op, struct ofl_nc_reply *reply);

#endif /* OFFLOADD_NETCONF_NATIVE_H */
