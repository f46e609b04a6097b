/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands on NETCONF ask the module that is loaded with -M netconf.
 * Without it they say so: vtysh has them in any case.
 */
#ifndef OFFLOADD_NORTHBOUND_SHOW_NETCONF_H
#define OFFLOADD_NORTHBOUND_SHOW_NETCONF_H

#include <stdbool.h>
#include <stdint.h>

struct ofl_netconf_status {
	const char *socket, *group;
	uint64_t since_us; /* since 1970 */
	uint32_t sessions, sessions_max, user_sessions_max;
	uint64_t message_bytes_max;
	uint32_t hello_s, idle_s;
	/* of all sessions since then, as RFC 6022 counts */
	uint32_t in_sessions, in_bad_hellos, dropped_sessions;
	uint32_t in_rpcs, in_bad_rpcs, out_rpc_errors, out_notifications;
};

struct ofl_netconf_session {
	uint32_t id;
	const char *user;
	uint64_t since_us; /* since 1970 */
	bool has_hello, is_chunked, is_subscribed;
	uint64_t queue_bytes; /* that it has not taken yet */
	uint32_t in_rpcs, in_bad_rpcs, out_rpc_errors, out_notifications;
};

struct ofl_netconf_ops {
	void (*status)(struct ofl_netconf_status *ret_status);
	void (*sessions_walk)(void (*cb)(const struct ofl_netconf_session *s,
					 void *arg),
			      void *arg);
	/* False: there is none of this number. */
	bool (*session_clear)(uint32_t id);
};

/* NULL: it is not there (any more). */
void ofl_netconf_ops_set(const struct ofl_netconf_ops *ops);

#endif /* OFFLOADD_NORTHBOUND_SHOW_NETCONF_H */
