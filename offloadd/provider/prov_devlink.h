/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's devlink, for a provider: which device a port belongs to, when
 * that device goes or is reloaded, how large its tables are and how full.
 *
 * It never blocks: questions are asked by a thread (lib/nlask.h says why),
 * notifications are read from a socket of their own.  It allocates a bounded
 * amount, has one question under way, and asks for everything again after
 * notifications were lost.  A kernel without devlink is a state, not an error.
 * How full a table is the kernel does not notify: it is asked each period.
 *
 * It programs nothing, and what to do about what it tells is the provider's.
 * What is known is in prov_devlink_known.h, what to ask in prov_devlink_view.h.
 */
#ifndef OFFLOADD_PROVIDER_PROV_DEVLINK_H
#define OFFLOADD_PROVIDER_PROV_DEVLINK_H

#include "offloadd/provider/prov_devlink_view.h"

struct ofl_devlink;

/* Works in the network namespace the process is in, needs no privilege.
 * `events` and `arg` outlive it.  NULL with errno set if there are not enough
 * file descriptors. */
struct ofl_devlink *ofl_devlink_new(const struct ofl_devlink_events *events,
				    void *arg);
void ofl_devlink_free(struct ofl_devlink *d); /* NULL is fine */

/* Call poll() when this is readable, and when poll() said.  It may be put into
 * an epoll set. */
int ofl_devlink_fd(const struct ofl_devlink *d);
/* Do what is due, look at no more than about `budget` messages; returns when
 * to be polled next: monotonic microseconds, 0: at once, UINT64_MAX: not
 * before the descriptor is readable.  Nothing is asked before the first one:
 * a daemon has forked by then. */
uint64_t ofl_devlink_poll(struct ofl_devlink *d, uint64_t now_us,
			  unsigned int budget);

/* Ask for all instances and ports once more, with the next poll(), also if
 * the kernel had no devlink before. */
void ofl_devlink_ask_ports(struct ofl_devlink *d);
/* Ask for the resources of an instance with the next poll() and each
 * period_ms (at least OFL_DEVLINK_PERIOD_MIN_MS) from then on, and at once
 * when it was reloaded; 0: no longer.  It need not be there yet.  False: there
 * are OFL_DEVLINK_FOLLOWED_MAX. */
bool ofl_devlink_follow(struct ofl_devlink *d,
			const struct ofl_devlink_handle *handle,
			uint32_t period_ms);

enum ofl_devlink_state ofl_devlink_state(const struct ofl_devlink *d,
					 const char **ret_text);
/* What is known; a pointer is good until the next poll(). */
const struct ofl_devlink_port *
ofl_devlink_port_find(const struct ofl_devlink *d, uint32_t ifindex);
const struct ofl_devlink_port *ofl_devlink_port_at(const struct ofl_devlink *d,
						   size_t i);
const struct ofl_devlink_instance *
ofl_devlink_instance_at(const struct ofl_devlink *d, size_t i);
void ofl_devlink_stats(const struct ofl_devlink *d,
		       struct ofl_devlink_stats *ret_stats);

#endif /* OFFLOADD_PROVIDER_PROV_DEVLINK_H */
