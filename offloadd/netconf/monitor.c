// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ietf-netconf-monitoring (RFC 6022) and the operations on sessions.
 *
 * Neighbours: session.c knows the sessions, datastore.c the locks, context.c
 * the texts of modules.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/rpc.h"
#include "offloadd/netconf/session_private.h"

#define NS_MONITORING "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
#define STATE "/ietf-netconf-monitoring:netconf-state"

/* --- operations --- */

static const char *input_of(const struct lyd_node *op, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(op), child)
	if (child->schema && !strcmp(child->schema->name, name))
		return lyd_get_value(child);
	return NULL;
}

static void on_close_session(struct ofl_nc_session *s,
			     const struct lyd_node *op,
			     struct ofl_nc_reply *reply)
{
	reply->close = true;
}

static void on_kill_session(struct ofl_nc_session *s, const struct lyd_node *op,
			    struct ofl_nc_reply *reply)
{
	const char *value = input_of(op, "session-id");
	uint32_t id = value ? strtoul(value, NULL, 10) : 0;
	struct ofl_nc_session *other = ofl_nc_session_find(id);
	char why[64];

	if (other == s || !other) {
		ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
				 "invalid-value", NULL,
				 other ? "A session does not kill itself: "
					 "close-session is for that"
				       : "There is no session %u",
				 id);
		return;
	}
	snprintf(why, sizeof(why), "session %u killed it",
		 ofl_nc_session_id(s));
	ofl_nc_session_end(other, "killed", ofl_nc_session_id(s), why);
}

/* How many revisions there are to choose from, submodules among them. */
static unsigned int revision_count(const char *name)
{
	const struct ly_ctx *ctx = ofl_nc_context();
	const struct lys_module *m;
	uint32_t index = 0;
	unsigned int count = 0;

	while ((m = ly_ctx_get_module_iter(ctx, &index)))
		count += !strcmp(m->name, name);
	return count;
}

/* RFC 6022, 3.1: each way in which it cannot be told has its error. */
static void on_get_schema(struct ofl_nc_session *s, const struct lyd_node *op,
			  struct ofl_nc_reply *reply)
{
	const char *name = input_of(op, "identifier");
	const char *version = input_of(op, "version");
	const char *format = input_of(op, "format");
	const char *bare = format ? strchr(format, ':') : NULL;
	struct ofl_nc_error *e;
	char *text;

	bare = bare ? bare + 1 : format ? format : "yang";
	/* "" is the version of a module without a revision. */
	if (version && !*version)
		version = NULL;
	if (!version && revision_count(name) > 1) {
		e = ofl_nc_error_add(&reply->errors, OFL_NC_APPLICATION,
				     "operation-failed", NULL,
				     "%s has more than one version: say which",
				     name);
		e->app_tag = strdup("data-not-unique");
		return;
	}
	text = ofl_nc_schema_text(name, version, bare);
	if (!text) {
		ofl_nc_error_add(&reply->errors, OFL_NC_APPLICATION,
				 "invalid-value", NULL,
				 "There is no %s of version %s in format %s",
				 name, version ? version : "any", bare);
		return;
	}
	ofl_nc_text_str(&reply->body, "<data xmlns=\"" NS_MONITORING "\">");
	ofl_nc_text_escaped(&reply->body, text);
	ofl_nc_text_str(&reply->body, "</data>");
	free(text);
}

static const struct ofl_nc_op monitor_ops[] = {
	{"ietf-netconf", "close-session", on_close_session},
	{"ietf-netconf", "kill-session", on_kill_session},
	{"ietf-netconf-monitoring", "get-schema", on_get_schema},
	{},
};

void ofl_nc_monitor_init(void)
{
	ofl_nc_ops_add(monitor_ops);
}

/* --- state --- */

static void time_print(int64_t since, char *buf, size_t len)
{
	time_t t = since;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, len, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void leaf_add(struct lyd_node *parent, const char *name,
		     const char *value)
{
	(void)lyd_new_term(parent, NULL, name, value, 0, NULL);
}

static void number_add(struct lyd_node *parent, const char *name, uint32_t n)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%u", n);
	leaf_add(parent, name, buf);
}

static struct lyd_node *container_add(struct lyd_node *parent, const char *name)
{
	struct lyd_node *node = NULL;

	(void)lyd_new_inner(parent, NULL, name, 0, &node);
	return node;
}

static void capability_add(const char *uri, void *arg)
{
	leaf_add(arg, "capability", uri);
}

static void datastore_add(struct lyd_node *parent, const char *name,
			  enum ofl_nc_datastore which)
{
	struct lyd_node *node = NULL;
	int64_t since = 0;
	uint32_t holder = ofl_nc_lock_holder(which, &since);
	char buf[32];

	if (lyd_new_list(parent, NULL, "datastore", 0, &node, name) || !holder)
		return;
	node = container_add(container_add(node, "locks"), "global-lock");
	/* 0 is who holds it by other means, as in lock-denied. */
	number_add(node, "locked-by-session",
		   holder == UINT32_MAX ? 0 : holder);
	time_print(since, buf, sizeof(buf));
	leaf_add(node, "locked-time", buf);
}

static void schema_add(struct lyd_node *parent, const char *name,
		       const char *revision, const char *ns)
{
	struct lyd_node *node = NULL;

	if (lyd_new_list(parent, NULL, "schema", 0, &node, name,
			 revision ? revision : "",
			 "ietf-netconf-monitoring:yang"))
		return;
	leaf_add(node, "namespace", ns);
	leaf_add(node, "location", "NETCONF");
}

static void schemas_add(struct lyd_node *parent)
{
	const struct ly_ctx *ctx = ofl_nc_context();
	const struct lys_module *m;
	uint32_t index = 0;
	ofl_lya_index i;

	while ((m = ly_ctx_get_module_iter(ctx, &index))) {
		schema_add(parent, m->name, m->revision, m->ns);
		if (!m->parsed)
			continue;
		OFL_LYA_FOR(m->parsed->includes, i)
		{
			const struct lysp_submodule *sub =
				m->parsed->includes[i].submodule;

			schema_add(parent, sub->name,
				   sub->revs ? sub->revs[0].date : NULL, m->ns);
		}
	}
}

static void counters_add(struct lyd_node *parent,
			 const struct ofl_nc_counters *c)
{
	number_add(parent, "in-rpcs", c->in_rpcs);
	number_add(parent, "in-bad-rpcs", c->in_bad_rpcs);
	number_add(parent, "out-rpc-errors", c->out_rpc_errors);
	number_add(parent, "out-notifications", c->out_notifications);
}

static void session_add(struct ofl_nc_session *s, void *arg)
{
	struct lyd_node *parent = arg, *node = NULL;
	char buf[32];

	snprintf(buf, sizeof(buf), "%u", ofl_nc_session_id(s));
	if (lyd_new_list(parent, NULL, "session", 0, &node, buf))
		return;
	/* sshd's subsystem is what the socket is for; nobody else is told
	 * apart from it. */
	leaf_add(node, "transport", "ietf-netconf-monitoring:netconf-ssh");
	leaf_add(node, "username", ofl_nc_session_user(s)->name);
	time_print(ofl_nc_session_login(s), buf, sizeof(buf));
	leaf_add(node, "login-time", buf);
	counters_add(node, ofl_nc_session_counters(s));
}

static void statistics_add(struct lyd_node *parent)
{
	struct ofl_nc_statistics statistics;
	char buf[32];

	ofl_nc_session_statistics(&statistics);
	time_print(statistics.since, buf, sizeof(buf));
	leaf_add(parent, "netconf-start-time", buf);
	number_add(parent, "in-bad-hellos", statistics.in_bad_hellos);
	number_add(parent, "in-sessions", statistics.in_sessions);
	number_add(parent, "dropped-sessions", statistics.dropped_sessions);
	counters_add(parent, &statistics.counters);
}

struct lyd_node *ofl_nc_monitor_state(void)
{
	struct lyd_node *state = NULL, *node;

	if (lyd_new_path(NULL, ofl_nc_context(), STATE, NULL, 0, &state))
		return NULL;
	ofl_nc_capabilities_walk(capability_add,
				 container_add(state, "capabilities"));
	node = container_add(state, "datastores");
	datastore_add(node, "running", OFL_NC_RUNNING);
	datastore_add(node, "candidate", OFL_NC_CANDIDATE);
	schemas_add(container_add(state, "schemas"));
	ofl_nc_sessions_walk(session_add, container_add(state, "sessions"));
	statistics_add(container_add(state, "statistics"));
	return state;
}
