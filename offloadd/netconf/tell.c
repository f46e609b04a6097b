// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications about the running configuration: RFC 6470.
 *
 * libfrr 8.4 tells nobody of a commit, so that changes of others (vtysh) are
 * found by the version of the running configuration, once a second; who it
 * was and what it changed is not known then.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore_private.h"
#include "offloadd/netconf/diff.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session.h"
#include "offloadd/netconf/tree.h"

#define MODULE "ietf-netconf-notifications"
#define LOOK_MS 1000
/* More edits than these are told as none: the list may be left out. */
#define EDITS_MAX 50
/* Who is named for a change that none of our sessions made. */
#define FOREIGN_USER "vtysh"

static struct ofl_loop *loop;
static struct ofl_ev *look;
static uint32_t told_version;

static struct lyd_node *notification_new(const char *name)
{
	const struct lys_module *module =
		ly_ctx_get_module_implemented(ofl_nc_context(), MODULE);
	struct lyd_node *n = NULL;

	if (module)
		(void)lyd_new_inner(NULL, module, name, 0, &n);
	return n;
}

static void leaf(struct lyd_node *parent, const char *name, const char *value)
{
	(void)lyd_new_term(parent, NULL, name, value, 0, NULL);
}

static void session_put(struct lyd_node *parent, const char *user, uint32_t id)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", id);
	leaf(parent, "username", user);
	leaf(parent, "session-id", text);
}

/* --- netconf-config-change --- */

static struct lyd_node *change_new(void)
{
	struct lyd_node *n = notification_new("netconf-config-change");

	if (n)
		(void)lyd_new_inner(n, NULL, "changed-by", 0, NULL);
	return n;
}

struct edits {
	struct lyd_node *notification;
	size_t count;
};

static enum ofl_nc_walk edit(enum ofl_nc_change change,
			     const struct lyd_node *node, void *arg)
{
	static const char *const names[] = {
		[OFL_NC_CREATED] = "create",
		[OFL_NC_DELETED] = "delete",
		[OFL_NC_CHANGED] = "replace",
		[OFL_NC_MOVED] = "merge",
	};
	struct edits *e = arg;
	struct lyd_node *entry = NULL;
	char *path;

	if (e->count++ >= EDITS_MAX)
		return OFL_NC_STOP;
	path = ofl_nc_tree_path(node);
	if (lyd_new_list(e->notification, NULL, "edit", 0, &entry) ==
	    LY_SUCCESS) {
		leaf(entry, "target", path);
		leaf(entry, "operation", names[change]);
	}
	free(path);
	return OFL_NC_SKIP;
}

struct lyd_node *ofl_nc_tell_make(const struct ofl_nc_session *s,
				  const struct lyd_node *old,
				  const struct lyd_node *new)
{
	struct edits e = {change_new()};
	struct lyd_node *by, *node, *next;

	if (!e.notification)
		return NULL;
	by = lyd_child(e.notification);
	if (s)
		session_put(by, ofl_nc_session_user(s)->name,
			    ofl_nc_session_id(s));
	else
		leaf(by, "server", NULL);
	leaf(e.notification, "datastore", "running");
	if (!ofl_nc_diff_walk(old, new, edit, &e))
		LY_LIST_FOR_SAFE(lyd_child(e.notification), next, node)
	if (!strcmp(node->schema->name, "edit"))
		lyd_free_tree(node);
	return e.notification;
}

void ofl_nc_tell_done(struct lyd_node *notification)
{
	told_version = ofl_nc_running_version();
	if (notification)
		ofl_nc_notify(notification);
}

static void look_now(struct ofl_ev *ev)
{
	struct lyd_node *n;

	ofl_ev_timer_ms(loop, look_now, NULL, LOOK_MS, &look);
	if (told_version == ofl_nc_running_version())
		return;
	n = change_new();
	if (n) {
		session_put(lyd_child(n), FOREIGN_USER, 0);
		leaf(n, "datastore", "running");
	}
	ofl_nc_tell_done(n);
}

/* --- netconf-confirmed-commit --- */

/* The condition on who it was is written in RFC 6470 so that it holds never
 * (it begins at the notification, not at the leaf); done is what it means. */
void ofl_nc_tell_confirmed(const char *event, const struct ofl_nc_session *s,
			   uint32_t timeout_s)
{
	struct lyd_node *n = notification_new("netconf-confirmed-commit");
	char text[16];

	if (!n)
		return;
	if (s)
		session_put(n, ofl_nc_session_user(s)->name,
			    ofl_nc_session_id(s));
	leaf(n, "confirm-event", event);
	snprintf(text, sizeof(text), "%u", timeout_s);
	if (timeout_s)
		leaf(n, "timeout", text);
	ofl_nc_notify(n);
}

void ofl_nc_tell_init(struct ofl_loop *the_loop)
{
	loop = the_loop;
	told_version = ofl_nc_running_version();
	ofl_ev_timer_ms(loop, look_now, NULL, LOOK_MS, &look);
}

void ofl_nc_tell_fini(void)
{
	ofl_ev_off(look);
}
