// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show netconf`, `show netconf sessions`, `clear netconf session`.
 *
 * The server is a module of its own and may not be loaded; it gives values
 * through show_netconf.h.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_netconf.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_netconf_clippy.c"
#endif

#define NETCONF_STR "The NETCONF server of offloadd\n"
#define NOT_LOADED "NETCONF is not loaded: start offloadd with -M netconf."

static const struct ofl_netconf_ops *ops;

void ofl_netconf_ops_set(const struct ofl_netconf_ops *new_ops)
{
	ops = new_ops;
}

static void show_status(struct ofl_out *o, const struct ofl_netconf_status *s)
{
	ofl_out_str(o, "socket", "Socket", s->socket);
	ofl_out_str(o, "group", s->group[0] ? "Group" : NULL, s->group);
	ofl_out_time(o, "since", "Since", s->since_us);
	ofl_out_uint(o, "sessions", "Sessions", s->sessions);
	ofl_out_uint(o, "sessionsMax", "At most", s->sessions_max);
	ofl_out_uint(o, "userSessionsMax", "Of one user at most",
		     s->user_sessions_max);
	ofl_out_uint(o, "messageBytesMax", "Message max (bytes)",
		     s->message_bytes_max);
	ofl_out_uint(o, "helloSeconds", "Hello within (s)", s->hello_s);
	ofl_out_uint(o, "idleSeconds", s->idle_s ? "Idle at most (s)" : NULL,
		     s->idle_s);
	ofl_out_group_begin(o, "statistics", "Since then");
	ofl_out_uint(o, "inSessions", "Sessions begun", s->in_sessions);
	ofl_out_uint(o, "droppedSessions", "Sessions dropped",
		     s->dropped_sessions);
	ofl_out_uint(o, "inBadHellos", "Bad hellos", s->in_bad_hellos);
	ofl_out_uint(o, "inRpcs", "Requests", s->in_rpcs);
	ofl_out_uint(o, "inBadRpcs", "Bad requests", s->in_bad_rpcs);
	ofl_out_uint(o, "outRpcErrors", "Errors answered", s->out_rpc_errors);
	ofl_out_uint(o, "outNotifications", "Notifications",
		     s->out_notifications);
	ofl_out_group_end(o, "statistics");
}

DEFPY(ofl_show_netconf, ofl_show_netconf_cmd,
	"show netconf [json$json]",
	SHOW_STR
	NETCONF_STR
	JSON_STR)
{
	struct ofl_netconf_status status;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!ops)
		return ofl_out_error(&o, NOT_LOADED);
	ops->status(&status);
	show_status(&o, &status);
	return ofl_out_end(&o);
}

static void show_session(const struct ofl_netconf_session *s, void *arg)
{
	struct ofl_out *o = arg;

	ofl_out_row_begin(o);
	ofl_out_cell_uint(o, "id", -6, s->id);
	ofl_out_cell(o, "user", 16, s->user);
	ofl_out_cell_time(o, "since", s->since_us);
	ofl_out_cell(o, "framing", 8,
		     !s->has_hello ? "none" : s->is_chunked ? "chunked" : "eom");
	ofl_out_bool(o, "subscribed", NULL, s->is_subscribed);
	ofl_out_cell_uint(o, "inRpcs", -7, s->in_rpcs);
	ofl_out_cell_uint(o, "outRpcErrors", -6, s->out_rpc_errors);
	ofl_out_cell_uint(o, "outNotifications", -6, s->out_notifications);
	ofl_out_uint(o, "inBadRpcs", NULL, s->in_bad_rpcs);
	ofl_out_uint(o, "queueBytes", NULL, s->queue_bytes);
	ofl_out_row_end(o);
}

DEFPY(ofl_show_netconf_sessions, ofl_show_netconf_sessions_cmd,
	"show netconf sessions [json$json]",
	SHOW_STR
	NETCONF_STR
	"Who is connected\n"
	JSON_STR)
{
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!ops)
		return ofl_out_error(&o, NOT_LOADED);
	ofl_out_text(&o, "%6s %-16s %-19s %-8s %7s %6s %6s\n", "Id", "User",
		     "Since", "Framing", "Calls", "Errors", "Notes");
	ofl_out_rows_begin(&o, "sessions");
	ops->sessions_walk(show_session, &o);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

DEFPY(ofl_clear_netconf, ofl_clear_netconf_cmd,
	"clear netconf session (1-4294967294)$netconf_session",
	CLEAR_STR
	NETCONF_STR
	"End a session\n"
	"Its number\n")
{
	if (!ops) {
		vty_out(vty, "%% " NOT_LOADED "\n");
		return CMD_WARNING;
	}
	if (!ops->session_clear(netconf_session)) {
		vty_out(vty, "%% There is no session %lu.\n",
			(unsigned long)netconf_session);
		return CMD_WARNING;
	}
	return CMD_SUCCESS;
}

static void complete_one(const struct ofl_netconf_session *s, void *arg)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)s->id);
	vector_set(arg, XSTRDUP(MTYPE_COMPLETION, text));
}

static void complete_session(vector out, struct cmd_token *token)
{
	if (ops)
		ops->sessions_walk(complete_one, out);
}

static const struct cmd_variable_handler completions[] = {
	{.varname = "netconf_session", .completions = complete_session},
	{.completions = NULL},
};

void ofl_show_netconf_init(void)
{
	cmd_variable_handler_register(completions);
	install_element(VIEW_NODE, &ofl_show_netconf_cmd);
	install_element(VIEW_NODE, &ofl_show_netconf_sessions_cmd);
	install_element(ENABLE_NODE, &ofl_clear_netconf_cmd);
}
