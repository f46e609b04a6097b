/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What zebra is to be told of a route: that it is installed, or that it is
 * not.  With bgpd's `suppress-fib-pending` the first has the route advertised,
 * the second has it withdrawn from peers.
 *
 * Pure: who asks remembers what was told.
 */
#ifndef OFFLOADD_POLICY_ACKNOWLEDGE_H
#define OFFLOADD_POLICY_ACKNOWLEDGE_H

#include <stdbool.h>

#include "offloadd/flow/flow.h"

enum ofl_ack_mode {
	OFL_ACK_MODE_OFF = 0,
	OFL_ACK_MODE_OFFLOADED,	  /* installed is what hardware forwards */
	OFL_ACK_MODE_OR_SOFTWARE, /* ... or what software forwards because that
				   * was decided */
};
#define OFL_ACK_MODE_MAX 3
/* "none", "offloaded", "offloaded-or-software", as configured. */
const char *ofl_ack_mode_name(enum ofl_ack_mode m);
bool ofl_ack_mode_parse(const char *name, enum ofl_ack_mode *ret_mode);

enum ofl_ack {
	OFL_ACK_NONE = 0, /* nothing since zebra announced the route */
	OFL_ACK_INSTALLED,
	OFL_ACK_FAILED,
};

/* What zebra ought to have been told of a route that stands like this; `told`
 * is what it was.  The same: there is nothing to tell (yet). */
enum ofl_ack ofl_acknowledge(enum ofl_ack_mode mode, enum ofl_state state,
			     enum ofl_reason reason, enum ofl_ack told);

#endif /* OFFLOADD_POLICY_ACKNOWLEDGE_H */
