// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * commit, cancel-commit, and commits that are taken back when nobody confirms
 * them: RFC 6241, 8.3 and 8.4.
 *
 * Taking back is a change like any other: what the commit changed is changed
 * back in what is running then, so that what others did meanwhile stays.
 * Where they changed the very same, theirs stays, and the log says where.
 *
 * A daemon that ends while a commit waits begins again with its file, which
 * has the commit only if somebody wrote it there.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "log.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore_private.h"
#include "offloadd/netconf/rebase.h"
#include "offloadd/netconf/session.h"
#include "offloadd/netconf/tree.h"

#define TIMEOUT_S 600
/* Someone who locks the running configuration delays taking back. */
#define AGAIN_MS 1000

static struct ofl_loop *loop;

static struct {
	bool is;
	struct lyd_node *before, *after; /* what the commits made of what */
	uint32_t session_id;
	char *persist; /* NULL: ends with its session */
	struct ofl_ev *timer;
	bool overdue; /* to be taken back, and could not yet be */
} pending;

bool ofl_nc_confirm_is_pending(void)
{
	return pending.is;
}

uint32_t ofl_nc_confirm_session(void)
{
	return pending.is ? pending.session_id : 0;
}

static void forget(void)
{
	ofl_ev_off(pending.timer);
	lyd_free_all(pending.before);
	lyd_free_all(pending.after);
	free(pending.persist);
	memset(&pending, 0, sizeof(pending));
}

/* --- taking back --- */

/* The running configuration without what waits to be confirmed. */
static struct lyd_node *without(struct ofl_nc_conflicts *conflicts)
{
	struct lyd_node *tree = ofl_nc_rebase(pending.after, pending.before,
					      ofl_nc_running(), conflicts);

	(void)lyd_new_implicit_all(&tree, ofl_nc_context(),
				   LYD_IMPLICIT_NO_STATE, NULL);
	return tree;
}

static void log_errors(const char *what, const struct ofl_nc_errors *errors)
{
	for (const struct ofl_nc_error *e = errors->first; e; e = e->next)
		zlog_warn("netconf: %s: %s%s%s", what, e->path ? e->path : "",
			  e->path ? ": " : "",
			  e->message ? e->message : e->tag);
}

static void log_conflicts(const char *what, const struct ofl_nc_conflicts *c)
{
	size_t kept = ofl_nc_conflicts_kept(c);

	for (size_t i = 0; i < kept; i++)
		zlog_warn("netconf: %s, but %s was changed since and stays",
			  what, c->paths[i]);
	if (c->count > kept)
		zlog_warn("netconf: and %zu more stay", c->count - kept);
}

/* What others did makes it impossible: all of it, then, and say so. */
static bool restore(struct ofl_nc_errors *errors)
{
	struct lyd_node *tree = ofl_nc_tree_copy(pending.before);
	bool ok;

	log_errors("an unconfirmed commit cannot be taken back alone", errors);
	ofl_nc_errors_fini(errors);
	ok = ofl_nc_commit(NULL, &tree, errors);
	zlog_warn("netconf: the configuration before the unconfirmed commit "
		  "%s, with all that others changed since",
		  ok ? "was restored" : "could not be restored");
	lyd_free_all(tree);
	return ok;
}

/* False: not yet.  `errors` are of what could not be done at all. */
static bool take_back(struct ofl_nc_errors *errors)
{
	struct ofl_nc_conflicts conflicts = {0};
	struct ofl_nc_errors locked = {0};
	struct lyd_node *tree;

	if (!ofl_nc_lock_allows(OFL_NC_RUNNING, NULL, &locked)) {
		if (!pending.overdue)
			log_errors("an unconfirmed commit waits to be taken "
				   "back",
				   &locked);
		ofl_nc_errors_fini(&locked);
		return false;
	}
	tree = without(&conflicts);
	log_conflicts("an unconfirmed commit is taken back", &conflicts);
	if (!ofl_nc_commit(NULL, &tree, errors))
		(void)restore(errors);
	log_errors("taking back an unconfirmed commit", errors);
	ofl_nc_conflicts_fini(&conflicts);
	lyd_free_all(tree);
	forget();
	return true;
}

static void again(struct ofl_ev *ev)
{
	struct ofl_nc_errors errors = {0};

	if (!take_back(&errors)) {
		pending.overdue = true;
		ofl_ev_timer_ms(loop, again, NULL, AGAIN_MS, &pending.timer);
	}
	ofl_nc_errors_fini(&errors);
}

static void take_back_now(const char *event, const struct ofl_nc_session *s)
{
	ofl_ev_off(pending.timer);
	ofl_nc_tell_confirmed(event, s, 0);
	again(NULL);
}

static void timeout(struct ofl_ev *ev)
{
	zlog_warn("netconf: the commit of session %u was not confirmed in time",
		  pending.session_id);
	take_back_now("timeout", NULL);
}

void ofl_nc_confirm_session_end(const struct ofl_nc_session *s)
{
	if (!pending.is || pending.persist || pending.overdue ||
	    pending.session_id != ofl_nc_session_id(s))
		return;
	zlog_warn("netconf: session %u ended without confirming its commit",
		  pending.session_id);
	take_back_now("cancel", s);
}

/* --- the operations --- */

static const char *input(const struct lyd_node *op, const char *name)
{
	struct lyd_node *node = NULL;

	return lyd_find_path(op, name, 0, &node) == LY_SUCCESS
		       ? lyd_get_value(node)
		       : NULL;
}

static bool refuse(struct ofl_nc_errors *errors, const char *tag,
		   const char *element, const char *words)
{
	struct ofl_nc_error *e;

	e = ofl_nc_error_add(errors, OFL_NC_PROTOCOL, tag, NULL, "%s", words);
	if (element)
		ofl_nc_error_info(e, "bad-element", element);
	return false;
}

/* May the session confirm, extend or cancel what waits? */
static bool is_owner(const struct ofl_nc_session *s, const char *persist_id,
		     struct ofl_nc_errors *errors)
{
	if (pending.is && pending.overdue)
		return refuse(errors, "in-use", NULL,
			      "The commit is being taken back.");
	if (persist_id && (!pending.is || !pending.persist ||
			   strcmp(persist_id, pending.persist) != 0))
		return refuse(errors, "invalid-value", "persist-id",
			      "No commit of this name waits.");
	if (!pending.is || persist_id)
		return true;
	if (pending.persist)
		return refuse(errors, "invalid-value", "persist-id",
			      "A commit waits that is confirmed by its name "
			      "only.");
	if (pending.session_id != ofl_nc_session_id(s))
		return refuse(errors, "in-use", NULL,
			      "A commit of another session waits to be "
			      "confirmed.");
	return true;
}

/* The commit is done that has to be confirmed; `before` is consumed: what
 * would run without it and those before it. */
static void wait_for(const struct ofl_nc_session *s, struct lyd_node *before,
		     uint32_t timeout_s, const char *persist)
{
	const char *event = pending.is ? "extend" : "start";
	char *name = persist	       ? strdup(persist)
		     : pending.persist ? strdup(pending.persist)
				       : NULL;

	forget();
	pending.is = true;
	pending.before = before;
	pending.after = ofl_nc_tree_copy(ofl_nc_running());
	pending.session_id = ofl_nc_session_id(s);
	pending.persist = name;
	ofl_ev_timer_ms(loop, timeout, NULL, (long)timeout_s * 1000,
			&pending.timer);
	ofl_nc_tell_confirmed(event, s, timeout_s);
}

/* The candidate becomes what is running. */
static bool commit_candidate(const struct ofl_nc_session *s,
			     struct ofl_nc_errors *errors)
{
	struct lyd_node *tree;
	bool ok;

	if (!ofl_nc_lock_allows(OFL_NC_RUNNING, s, errors) ||
	    !ofl_nc_lock_allows(OFL_NC_CANDIDATE, s, errors) ||
	    !ofl_nc_candidate_refresh(errors))
		return false;
	if (!ofl_nc_candidate_is_dirty())
		return true;
	tree = ofl_nc_datastore_copy(OFL_NC_CANDIDATE);
	ok = ofl_nc_commit(s, &tree, errors);
	lyd_free_all(tree);
	if (ok)
		ofl_nc_candidate_discard();
	return ok;
}

static void commit(struct ofl_nc_session *s, const struct lyd_node *op,
		   struct ofl_nc_reply *reply)
{
	bool confirmed = input(op, "confirmed");
	const char *seconds = input(op, "confirm-timeout");
	const char *persist = input(op, "persist");
	struct ofl_nc_conflicts conflicts = {0};
	struct lyd_node *before = NULL;

	if (persist && !confirmed) {
		refuse(&reply->errors, "missing-element", "confirmed",
		       "A name is for a commit that has to be confirmed.");
		return;
	}
	if (!is_owner(s, input(op, "persist-id"), &reply->errors))
		return;
	if (confirmed)
		before = pending.is ? without(&conflicts)
				    : ofl_nc_tree_copy(ofl_nc_running());
	if (!commit_candidate(s, &reply->errors)) {
		ofl_nc_conflicts_fini(&conflicts);
		lyd_free_all(before);
		return;
	}
	log_conflicts("an unconfirmed commit is extended", &conflicts);
	ofl_nc_conflicts_fini(&conflicts);
	if (confirmed) {
		wait_for(s, before,
			 seconds ? strtoul(seconds, NULL, 10) : TIMEOUT_S,
			 persist);
	} else if (pending.is) {
		forget();
		ofl_nc_tell_confirmed("complete", s, 0);
	}
}

static void cancel_commit(struct ofl_nc_session *s, const struct lyd_node *op,
			  struct ofl_nc_reply *reply)
{
	if (!is_owner(s, input(op, "persist-id"), &reply->errors))
		return;
	if (!pending.is) {
		refuse(&reply->errors, "operation-failed", NULL,
		       "No commit waits to be confirmed.");
		return;
	}
	if (!ofl_nc_lock_allows(OFL_NC_RUNNING, s, &reply->errors))
		return;
	ofl_nc_tell_confirmed("cancel", s, 0);
	(void)take_back(&reply->errors);
}

void ofl_nc_confirm_init(struct ofl_loop *the_loop)
{
	static const struct ofl_nc_op ops[] = {
		{"ietf-netconf", "commit", commit},
		{"ietf-netconf", "cancel-commit", cancel_commit},
		{},
	};

	loop = the_loop;
	ofl_nc_ops_add(ops);
}

void ofl_nc_confirm_fini(void)
{
	forget();
}
