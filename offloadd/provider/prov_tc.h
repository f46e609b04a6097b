/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Provider "tc": a table of any device that offloads tc flower filters
 * (include/net/flow_offload.h in the kernel), reached through one shared
 * ingress block over its ports.
 *
 * Routes become filters that rewrite MACs and TTL and redirect to a port; a
 * cover is a trap.  Hardware has an entry when the kernel said in_hw of
 * exactly the filter that was asked for.  With the dry run (filters skip
 * hardware) the kernel's software stands in for it.
 *
 * Filters of others are never touched: ours are known by the cookie of their
 * first action.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_H
#define OFFLOADD_PROVIDER_PROV_TC_H

#include "offloadd/provider/provider.h"

extern const struct ofl_provider_ops ofl_prov_tc;

#endif /* OFFLOADD_PROVIDER_PROV_TC_H */
