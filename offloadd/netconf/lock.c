// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lock and unlock.
 *
 * The lock of the running configuration is FRR's, the one that vtysh's
 * `configure exclusive` takes: each is refused while the other holds it.  The
 * candidate's is ours alone.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/netconf/datastore_private.h"
#include "offloadd/netconf/session.h"

/* FRR's list of clients is closed; nobody else is this one here. */
#define CLIENT NB_CLIENT_SYSREPO

static struct {
	const struct ofl_nc_session *holder; /* NULL: not locked by us */
	int64_t since;
} locks[OFL_NC_CANDIDATE + 1];

/* The lock's owner in FRR when there is no session; only its address counts. */
static const char server;

static const char *const names[] = {
	[OFL_NC_RUNNING] = "running",
	[OFL_NC_CANDIDATE] = "candidate",
};

/* Someone who is none of our sessions. */
static bool is_foreign(void)
{
	return !locks[OFL_NC_RUNNING].holder &&
	       nb_running_lock_check(CLIENT, &server);
}

uint32_t ofl_nc_lock_holder(enum ofl_nc_datastore which, int64_t *ret_since)
{
	if (locks[which].holder) {
		*ret_since = locks[which].since;
		return ofl_nc_session_id(locks[which].holder);
	}
	if (which == OFL_NC_RUNNING && is_foreign()) {
		*ret_since = 0;
		return UINT32_MAX;
	}
	return 0;
}

const void *ofl_nc_lock_user(const struct ofl_nc_session *s)
{
	if (s)
		return s;
	/* The server acts for a session that holds the lock. */
	return locks[OFL_NC_RUNNING].holder
		       ? (const void *)locks[OFL_NC_RUNNING].holder
		       : &server;
}

bool ofl_nc_lock_allows(enum ofl_nc_datastore which,
			const struct ofl_nc_session *s,
			struct ofl_nc_errors *errors)
{
	int64_t since;
	uint32_t id = ofl_nc_lock_holder(which, &since);

	/* The server's own doing is not stopped by a session. */
	if (!id || (s ? locks[which].holder == s : id != UINT32_MAX))
		return true;
	if (id == UINT32_MAX)
		ofl_nc_error_add(errors, OFL_NC_PROTOCOL, "in-use", NULL,
				 "The %s configuration is locked by someone "
				 "who is no session of NETCONF.",
				 names[which]);
	else
		ofl_nc_error_add(errors, OFL_NC_PROTOCOL, "in-use", NULL,
				 "The %s configuration is locked by session "
				 "%u.",
				 names[which], id);
	return false;
}

/* --- the operations --- */

static enum ofl_nc_datastore target_of(const struct lyd_node *op)
{
	return lyd_find_path(op, "target/candidate", 0, NULL) == LY_SUCCESS
		       ? OFL_NC_CANDIDATE
		       : OFL_NC_RUNNING;
}

static void deny(struct ofl_nc_errors *errors, uint32_t id, const char *words)
{
	struct ofl_nc_error *e;
	char text[16];

	e = ofl_nc_error_add(errors, OFL_NC_PROTOCOL, "lock-denied", NULL, "%s",
			     words);
	snprintf(text, sizeof(text), "%u", id == UINT32_MAX ? 0 : id);
	ofl_nc_error_info(e, "session-id", text);
}

static void lock(struct ofl_nc_session *s, const struct lyd_node *op,
		 struct ofl_nc_reply *reply)
{
	enum ofl_nc_datastore which = target_of(op);
	uint32_t id = ofl_nc_session_id(s), holder, by;
	int64_t since;

	holder = ofl_nc_lock_holder(which, &since);
	if (holder) {
		deny(&reply->errors, holder, "It is locked already.");
		return;
	}
	if (which == OFL_NC_CANDIDATE && ofl_nc_candidate_is_dirty()) {
		by = ofl_nc_candidate_changed_by();
		deny(&reply->errors, ofl_nc_session_find(by) ? by : 0,
		     "It has changes that were neither committed nor "
		     "discarded.");
		return;
	}
	if (which == OFL_NC_RUNNING && ofl_nc_confirm_is_pending() &&
	    ofl_nc_confirm_session() != id) {
		deny(&reply->errors, ofl_nc_confirm_session(),
		     "A confirmed commit waits to be confirmed.");
		return;
	}
	if (which == OFL_NC_RUNNING && nb_running_lock(CLIENT, s)) {
		deny(&reply->errors, 0, "It is locked already.");
		return;
	}
	locks[which].holder = s;
	locks[which].since = time(NULL);
}

/* What was begun under the candidate's lock and not committed goes with it. */
static void release(enum ofl_nc_datastore which)
{
	if (which == OFL_NC_RUNNING)
		(void)nb_running_unlock(CLIENT, locks[which].holder);
	else
		ofl_nc_candidate_discard();
	locks[which].holder = NULL;
}

static void unlock(struct ofl_nc_session *s, const struct lyd_node *op,
		   struct ofl_nc_reply *reply)
{
	enum ofl_nc_datastore which = target_of(op);
	struct ofl_nc_error *e;
	uint32_t holder;
	int64_t since;
	char text[16];

	if (locks[which].holder == s) {
		release(which);
		return;
	}
	holder = ofl_nc_lock_holder(which, &since);
	e = ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
			     "operation-failed", NULL,
			     "This session does not hold the lock.");
	if (holder) {
		snprintf(text, sizeof(text), "%u",
			 holder == UINT32_MAX ? 0 : holder);
		ofl_nc_error_info(e, "session-id", text);
	}
}

void ofl_nc_lock_session_end(const struct ofl_nc_session *s)
{
	for (int which = OFL_NC_RUNNING; which <= OFL_NC_CANDIDATE; which++)
		if (locks[which].holder == s)
			release(which);
}

void ofl_nc_lock_init(void)
{
	static const struct ofl_nc_op ops[] = {
		{"ietf-netconf", "lock", lock},
		{"ietf-netconf", "unlock", unlock},
		{},
	};

	ofl_nc_ops_add(ops);
}

void ofl_nc_lock_fini(void)
{
	for (int which = OFL_NC_RUNNING; which <= OFL_NC_CANDIDATE; which++)
		if (locks[which].holder)
			release(which);
}
