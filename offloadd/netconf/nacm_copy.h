/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copying trees, the configuration of access control among them, into another
 * context.
 *
 * Private to this room.  context.c calls it.
 */
#ifndef OFFLOADD_NETCONF_NACM_COPY_H
#define OFFLOADD_NETCONF_NACM_COPY_H

#include <stdbool.h>

struct ly_ctx;
struct lyd_node;

/* All siblings from `tree` on, without metadata; flags say which are defaults.
 * False: nothing was copied.  Caller frees. */
bool ofl_nc_nacm_copy(const struct lyd_node *tree, const struct ly_ctx *ctx,
		      struct lyd_node **ret_tree);

#endif /* OFFLOADD_NETCONF_NACM_COPY_H */
