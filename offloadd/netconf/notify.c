// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications (RFC 5277): create-subscription, the one stream NETCONF, and
 * how FRR's notifications get there.
 *
 * Each subscriber is sent what access control lets it have and its filter
 * selects; one that does not read is ended by session.c, nothing waits for it
 * here.  A subscription that begins in the past is brought up to date in
 * pieces, after its <ok/>.  Operations go on meanwhile (interleave).
 *
 * Neighbours: notify_log.c remembers, nacm.c and filter.c decide.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "memory.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/base/nb_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/filter.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/notify_log.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/rpc.h"
#include "offloadd/netconf/session.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_SUB, "offload NETCONF subscription");

#define STREAM "NETCONF"
#define SESSION_XPATH "/ietf-netconf-notifications:netconf-session-"
/* Remembered notifications that are looked at in one turn. */
#define REPLAY_PIECE 64
/* Longest timer: a stopTime may be years ahead. */
#define TIMER_MAX_MS (24 * 3600 * 1000)

struct subscription {
	struct subscription *next;
	struct ofl_nc_session *session;

	/* what was asked for */
	struct ofl_nc_filter *filter; /* NULL: everything */
	int64_t start_us;
	int64_t stop_us; /* INT64_MAX: never */

	/* where it is */
	bool is_replaying;
	uint64_t replayed; /* number of the next remembered one */
	struct ofl_ev *t_replay, *t_stop;
};

static struct subscription *subscriptions;
static struct ofl_loop *loop;

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* --- sending --- */

/* False: the session is being ended. */
static bool deliver(struct subscription *sub, const struct ofl_nc_event *e)
{
	if (e->wall_us > sub->stop_us)
		return true;
	if (!ofl_nc_nacm_may_notify(ofl_nc_session_user(sub->session),
				    e->snode))
		return true;
	if (sub->filter && !ofl_nc_filter_matches(sub->filter, e->tree))
		return true;
	return ofl_nc_session_notify(sub->session, e->text.data, e->text.len);
}

/* replayComplete and notificationComplete are for one subscriber, are not
 * filtered and not remembered. */
static void say(struct subscription *sub, const char *name)
{
	const struct lys_module *module = ly_ctx_get_module_implemented(
		ofl_nc_context(), "nc-notifications");
	struct ofl_nc_text text = {0};
	struct lyd_node *tree = NULL;

	if (!module || lyd_new_inner(NULL, module, name, 0, &tree))
		return;
	ofl_nc_event_print(&text, now_us(), tree);
	ofl_nc_session_notify(sub->session, text.data, text.len);
	ofl_nc_text_fini(&text);
	lyd_free_all(tree);
}

/* --- life of a subscription --- */

static struct subscription *find(const struct ofl_nc_session *s)
{
	struct subscription *sub = subscriptions;

	while (sub && sub->session != s)
		sub = sub->next;
	return sub;
}

static void subscription_free(struct subscription *sub)
{
	struct subscription **at = &subscriptions;

	while (*at && *at != sub)
		at = &(*at)->next;
	if (*at)
		*at = sub->next;
	ofl_ev_off(sub->t_replay);
	ofl_ev_off(sub->t_stop);
	ofl_nc_filter_free(sub->filter);
	XFREE(MTYPE_OFL_NC_SUB, sub);
}

static void complete(struct subscription *sub)
{
	say(sub, "notificationComplete");
	ofl_nc_session_set_subscribed(sub->session, false);
	subscription_free(sub);
}

static void on_stop_time(struct ofl_ev *ev);

/* Once more if it is still ahead. */
static void stop_arm(struct subscription *sub)
{
	int64_t ahead = sub->stop_us - now_us();

	if (sub->stop_us == INT64_MAX)
		return;
	ahead = MAX(MIN(ahead / 1000 + 1, TIMER_MAX_MS), 1);
	ofl_ev_timer_ms(loop, on_stop_time, sub, (long)ahead, &sub->t_stop);
}

static void on_stop_time(struct ofl_ev *ev)
{
	struct subscription *sub = OFL_EV_ARG(ev);

	/* on_replay() ends it when it has sent everything. */
	if (sub->is_replaying)
		return;
	if (now_us() < sub->stop_us)
		stop_arm(sub);
	else
		complete(sub);
}

/* Not by ofl_ev_soon(): that would come before anything is read or written. */
static void replay_arm(struct subscription *sub);

static void on_replay(struct ofl_ev *ev)
{
	struct subscription *sub = OFL_EV_ARG(ev);
	struct ofl_nc_log_range range = ofl_nc_log_range();
	uint64_t end;

	sub->replayed = MAX(sub->replayed, range.first);
	end = MIN(range.next, sub->replayed + REPLAY_PIECE);
	for (; sub->replayed < end; sub->replayed++) {
		const struct ofl_nc_event *e = ofl_nc_log_find(sub->replayed);

		if (e->wall_us >= sub->start_us && !deliver(sub, e))
			return;
	}
	if (sub->replayed < range.next) {
		replay_arm(sub);
		return;
	}
	sub->is_replaying = false;
	say(sub, "replayComplete");
	if (now_us() >= sub->stop_us)
		complete(sub);
	else
		stop_arm(sub);
}

static void replay_arm(struct subscription *sub)
{
	ofl_ev_timer_ms(loop, on_replay, sub, 1, &sub->t_replay);
}

static void on_session_end(struct ofl_nc_session *s)
{
	struct subscription *sub = find(s);

	if (sub)
		subscription_free(sub);
}

/* --- create-subscription --- */

struct request {
	bool has_start, has_stop;
	int64_t start_us, stop_us;
	const struct lyd_node *filter;
};

static bool refuse(struct ofl_nc_errors *errors, const char *tag,
		   const char *element, const char *sentence)
{
	struct ofl_nc_error *e = ofl_nc_error_add(errors, OFL_NC_PROTOCOL, tag,
						  NULL, "%s", sentence);

	if (element)
		ofl_nc_error_info(e, "bad-element", element);
	return false;
}

/* True, too, for what is none of the two times. */
static bool time_parse(const char *name, const char *text, struct request *r)
{
	bool is_start = strcmp(name, "startTime") == 0;
	char *fraction = NULL, digits[7] = "000000";
	time_t seconds;

	if (!is_start && strcmp(name, "stopTime") != 0)
		return true;
	if (ly_time_str2time(text, &seconds, &fraction))
		return false;
	for (size_t i = 0; fraction && fraction[i] && i < 6; i++)
		digits[i] = fraction[i];
	free(fraction);
	*(is_start ? &r->start_us : &r->stop_us) =
		seconds * INT64_C(1000000) + strtol(digits, NULL, 10);
	return true;
}

static bool request_parse(const struct lyd_node *op, struct request *r,
			  struct ofl_nc_errors *errors)
{
	const struct lyd_node *child;

	*r = (struct request){.stop_us = INT64_MAX};
	LY_LIST_FOR(lyd_child(op), child)
	{
		const char *name = LYD_NAME(child);

		if (strcmp(name, "filter") == 0) {
			r->filter = child;
			continue;
		}
		if (strcmp(name, "stream") == 0 &&
		    strcmp(lyd_get_value(child), STREAM) != 0)
			return refuse(errors, "invalid-value", NULL,
				      "There is no stream of this name.");
		if (strcmp(name, "startTime") == 0)
			r->has_start = true;
		if (strcmp(name, "stopTime") == 0)
			r->has_stop = true;
		if (!time_parse(name, lyd_get_value(child), r))
			return refuse(errors, "bad-element", name,
				      "This is no time.");
	}
	return true;
}

/* RFC 5277, section 2.1.1. */
static bool request_check(const struct request *r, struct ofl_nc_errors *errors)
{
	if (r->has_stop && !r->has_start)
		return refuse(errors, "missing-element", "startTime",
			      "stopTime needs a startTime.");
	if (r->has_start && r->start_us > now_us())
		return refuse(errors, "bad-element", "startTime",
			      "startTime is in the future.");
	if (r->has_stop && r->stop_us <= r->start_us)
		return refuse(errors, "bad-element", "stopTime",
			      "stopTime does not come after startTime.");
	return true;
}

static void create_subscription(struct ofl_nc_session *s,
				const struct lyd_node *op,
				struct ofl_nc_reply *reply)
{
	struct ofl_nc_filter *filter = NULL;
	struct subscription *sub;
	struct request r;

	if (find(s)) {
		refuse(&reply->errors, "operation-failed", NULL,
		       "This session has a subscription already.");
		return;
	}
	if (!request_parse(op, &r, &reply->errors) ||
	    !request_check(&r, &reply->errors))
		return;
	if (r.filter)
		filter = ofl_nc_filter_new(r.filter, &reply->errors);
	if (reply->errors.count)
		return;
	sub = XCALLOC(MTYPE_OFL_NC_SUB, sizeof(*sub));
	*sub = (struct subscription){
		.next = subscriptions,
		.session = s,
		.filter = filter,
		.start_us = r.start_us,
		.stop_us = r.stop_us,
		.is_replaying = r.has_start,
	};
	subscriptions = sub;
	ofl_nc_session_set_subscribed(s, true);
	if (r.has_start)
		replay_arm(sub);
}

/* --- where notifications come from --- */

void ofl_nc_notify(struct lyd_node *notification)
{
	const struct ofl_nc_event *e = ofl_nc_log_add(notification, now_us());
	struct subscription *sub, *next;

	/* One that replays comes to it by itself. */
	for (sub = e ? subscriptions : NULL; sub; sub = next) {
		next = sub->next;
		if (!sub->is_replaying)
			deliver(sub, e);
	}
}

static bool leaf_add(struct lyd_node *tree, const char *xpath,
		     const char *value)
{
	return lyd_new_path(tree, ofl_nc_context(), xpath, value,
			    LYD_NEW_PATH_UPDATE, NULL) == LY_SUCCESS;
}

void ofl_nc_notify_session(const struct ofl_nc_session *s, const char *reason,
			   uint32_t killed_by)
{
	const char *at = reason ? SESSION_XPATH "end" : SESSION_XPATH "start";
	struct lyd_node *tree = NULL;
	char xpath[128], id[16];
	bool ok;

	if (lyd_new_path(NULL, ofl_nc_context(), at, NULL, 0, &tree))
		return;
	snprintf(xpath, sizeof(xpath), "%s/username", at);
	ok = leaf_add(tree, xpath, ofl_nc_session_user(s)->name);
	snprintf(xpath, sizeof(xpath), "%s/session-id", at);
	snprintf(id, sizeof(id), "%u", ofl_nc_session_id(s));
	ok = ok && leaf_add(tree, xpath, id);
	if (reason)
		ok = ok &&
		     leaf_add(tree, SESSION_XPATH "end/termination-reason",
			      reason);
	snprintf(id, sizeof(id), "%u", killed_by);
	if (killed_by)
		ok = ok && leaf_add(tree, SESSION_XPATH "end/killed-by", id);
	if (ok)
		ofl_nc_notify(tree);
	else
		lyd_free_all(tree);
}

/* --- state --- */

struct lyd_node *ofl_nc_notify_state(void)
{
	static const char stream[] =
		"/nc-notifications:netconf/streams/stream[name='" STREAM "']";
	char xpath[128], time[OFL_NC_TIME_LEN];
	struct lyd_node *tree = NULL;

	if (lyd_new_path(NULL, ofl_nc_context(), stream, NULL, 0, &tree))
		return NULL;
	snprintf(xpath, sizeof(xpath), "%s/description", stream);
	leaf_add(tree, xpath, "Everything that is notified");
	snprintf(xpath, sizeof(xpath), "%s/replaySupport", stream);
	leaf_add(tree, xpath, "true");
	snprintf(xpath, sizeof(xpath), "%s/replayLogCreationTime", stream);
	leaf_add(tree, xpath,
		 ofl_nc_time_print(ofl_nc_log_created(), time, sizeof(time)));
	snprintf(xpath, sizeof(xpath), "%s/replayLogAgedTime", stream);
	if (ofl_nc_log_aged())
		leaf_add(tree, xpath,
			 ofl_nc_time_print(ofl_nc_log_aged(), time,
					   sizeof(time)));
	return tree;
}

/* --- opening and closing --- */

void ofl_nc_notify_init(struct ofl_loop *master)
{
	static const struct ofl_nc_op ops[] = {
		{"notifications", "create-subscription", create_subscription},
		{NULL, NULL, NULL},
	};

	loop = master;
	ofl_nc_log_init(now_us());
	ofl_nc_ops_add(ops);
	ofl_nc_session_on_end(on_session_end);
	ofl_nb_notifications_init(ofl_nc_context(), ofl_nc_notify);
}

void ofl_nc_notify_fini(void)
{
	ofl_nb_notifications_fini();
	while (subscriptions)
		subscription_free(subscriptions);
	ofl_nc_log_fini();
}
