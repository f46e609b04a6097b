/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links and neighbours of the kernel, by rtnetlink: which port is up, which
 * MAC address is behind a next hop (ZAPI carries neither).
 *
 * One socket for notifications, one for dumps, both non-blocking, read from
 * the event loop in bounded pieces.  A lost notification (ENOBUFS) leads to a
 * new dump; an interrupted dump (NLM_F_DUMP_INTR) is started again.
 */
#ifndef OFFLOADD_SOURCE_NEIGH_H
#define OFFLOADD_SOURCE_NEIGH_H

#include "offloadd/base/frr_compat.h"
#include "offloadd/source/source.h"

struct ofl_neigh;

/* Works in the network namespace the process is in.  NULL with errno set if
 * the sockets cannot be had. */
struct ofl_neigh *ofl_neigh_new(struct ofl_loop *master,
				struct ofl_rib *rib);
void ofl_neigh_free(struct ofl_neigh *n);

struct ofl_neigh_stats {
	uint64_t messages, malformed, overruns, dumps;
};
void ofl_neigh_stats(const struct ofl_neigh *n, struct ofl_neigh_stats *ret);

#endif /* OFFLOADD_SOURCE_NEIGH_H */
