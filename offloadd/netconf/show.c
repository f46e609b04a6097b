// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the operator is told about the server, as values; the commands and
 * their words are in offloadd/northbound/show_netconf.c.
 */
#include <zebra.h>

#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session_private.h"
#include "offloadd/northbound/show_netconf.h"

static const struct ofl_nc_limits *limits;

static void on_status(struct ofl_netconf_status *ret_status)
{
	struct ofl_nc_statistics s;

	ofl_nc_session_statistics(&s);
	*ret_status = (struct ofl_netconf_status){
		.socket = limits->socket,
		.group = limits->socket_group,
		.since_us = (uint64_t)s.since * 1000000,
		.sessions = ofl_nc_session_count((uid_t)-1),
		.sessions_max = limits->sessions,
		.user_sessions_max = limits->sessions_per_user,
		.message_bytes_max = limits->message_bytes,
		.hello_s = limits->hello_s,
		.idle_s = limits->idle_s,
		.in_sessions = s.in_sessions,
		.in_bad_hellos = s.in_bad_hellos,
		.dropped_sessions = s.dropped_sessions,
		.in_rpcs = s.counters.in_rpcs,
		.in_bad_rpcs = s.counters.in_bad_rpcs,
		.out_rpc_errors = s.counters.out_rpc_errors,
		.out_notifications = s.counters.out_notifications,
	};
}

struct walk {
	void (*cb)(const struct ofl_netconf_session *session, void *arg);
	void *arg;
};

static void on_session(struct ofl_nc_session *s, void *arg)
{
	struct walk *walk = arg;
	struct ofl_netconf_session session = {
		.id = s->id,
		.user = s->user.name,
		.since_us = (uint64_t)s->login * 1000000,
		.has_hello = s->state != OFL_NC_SESSION_HELLO,
		.is_chunked = s->framing == OFL_NC_FRAMING_CHUNKED,
		.is_subscribed = s->is_subscribed,
		.queue_bytes = s->out.len - s->out_sent + s->backlog.len,
		.in_rpcs = s->counters.in_rpcs,
		.in_bad_rpcs = s->counters.in_bad_rpcs,
		.out_rpc_errors = s->counters.out_rpc_errors,
		.out_notifications = s->counters.out_notifications,
	};

	walk->cb(&session, walk->arg);
}

static void on_walk(void (*cb)(const struct ofl_netconf_session *session,
			       void *arg),
		    void *arg)
{
	struct walk walk = {cb, arg};

	ofl_nc_sessions_walk(on_session, &walk);
}

static bool on_clear(uint32_t id)
{
	struct ofl_nc_session *s = ofl_nc_session_find(id);

	if (s)
		ofl_nc_session_kill(s, "the operator cleared it");
	return s;
}

static const struct ofl_netconf_ops ops = {
	.status = on_status,
	.sessions_walk = on_walk,
	.session_clear = on_clear,
};

void ofl_nc_show_init(const struct ofl_nc_limits *conf)
{
	limits = conf;
	ofl_netconf_ops_set(&ops);
}

void ofl_nc_show_fini(void)
{
	ofl_netconf_ops_set(NULL);
}
