/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between the versions of libyang that FRRouting comes with: 2.1
 * (Debian 12), 3.12 (Debian 13), 6 (later; its headers say 5.11).  Code
 * elsewhere uses the names below and never asks for a version itself.
 */
#ifndef OFFLOADD_BASE_YANG_COMPAT_H
#define OFFLOADD_BASE_YANG_COMPAT_H

#include <stdbool.h>
#include <string.h>

#include <libyang/libyang.h>
#include <libyang/version.h>

#define OFL_LY_IS_5 (LY_VERSION_MAJOR >= 5)

/* lyd_value_validate(); since 5 the schema node knows its context. */
static inline LY_ERR ofl_lyd_value_validate(const struct ly_ctx *ctx,
					    const struct lysc_node *schema,
					    const char *value, size_t len,
					    const struct lyd_node *ctx_node,
					    const struct lysc_type **ret_type)
{
#if OFL_LY_IS_5
	(void)ctx;
	return lyd_value_validate(schema, value, (uint32_t)len, ctx_node,
				  ret_type, NULL);
#else
	return lyd_value_validate(ctx, schema, value, len, ctx_node, ret_type,
				  NULL);
#endif
}

/* Nodes of an output, for lyd_new_path(). */
#if LY_VERSION_MAJOR >= 3
#define OFL_LYD_NEW_OUTPUT LYD_NEW_VAL_OUTPUT
#else
#define OFL_LYD_NEW_OUTPUT LYD_NEW_PATH_OUTPUT
#endif

#endif /* OFFLOADD_BASE_YANG_COMPAT_H */
