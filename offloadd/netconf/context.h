/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A libyang context of our own, and copies of FRR's trees in it.
 *
 * libfrr keeps its callbacks in the schema nodes of its context, so NETCONF's
 * modules do not go there.  Ours has every module that libfrr's implements (the
 * same text), and ietf-netconf with its features, with-defaults, monitoring,
 * notifications, yang-library.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_CONTEXT_H
#define OFFLOADD_NETCONF_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ly_ctx;
struct lyd_node;
struct lysc_node;

/* After FRR has loaded its modules (hook frr_late_init).  False: a sentence is
 * in buf. */
bool ofl_nc_context_init(char *buf, size_t len);
void ofl_nc_context_fini(void);
struct ly_ctx *ofl_nc_context(void);

/* The running configuration (all top-level siblings, with implicit defaults),
 * copied when it has changed only; NULL: it is empty.  Good until the end of
 * the turn, or the next commit. */
const struct lyd_node *ofl_nc_running(void);
/* Its version in FRR. */
uint32_t ofl_nc_running_version(void);

/* Copies of siblings, from FRR's context and into it.  Caller frees.  False:
 * cannot be (a module is missing there). */
bool ofl_nc_import(const struct lyd_node *native, struct lyd_node **ret_tree);
bool ofl_nc_export(const struct lyd_node *tree, struct lyd_node **ret_native);
/* The node of FRR's context for a schema node of ours; NULL: only NETCONF
 * knows it. */
const struct lysc_node *ofl_nc_native(const struct lysc_node *snode);

/* The text of a module or submodule as YANG for get-schema; freed by free().
 * `revision` may be NULL if there is only one.  NULL: no such one. */
char *ofl_nc_schema_text(const char *name, const char *revision,
			 const char *format);

#endif /* OFFLOADD_NETCONF_CONTEXT_H */
