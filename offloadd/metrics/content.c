// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What metrics say of everything but tables and traffic: see content.h.
 */
#include <zebra.h>

#include "offloadd/engine/acl.h"
#include "offloadd/engine/engine.h"
#include "offloadd/engine/notify.h"
#include "offloadd/metrics/content.h"

/* A family of one sample without labels. */
static void one(struct ofl_metric_text *t, enum ofl_metric m, uint64_t value)
{
	ofl_metric_begin(t, m);
	ofl_metric_uint(t, value, NULL);
}

static void one_real(struct ofl_metric_text *t, enum ofl_metric m, double value)
{
	ofl_metric_begin(t, m);
	ofl_metric_real(t, value, NULL);
}

/* --- flows --- */

static void flows(struct ofl_metric_text *t, const struct ofl_summary *s)
{
	ofl_metric_begin(t, OFL_METRIC_FLOWS);
	for (int c = OFL_CLASS_MAX - 1; c >= 0; c--)
		for (int i = 0; i < OFL_STATE_GONE; i++)
			ofl_metric_uint(t, s->by_class_state[c][i], "class",
					ofl_class_name(c), "state",
					ofl_state_name(i), NULL);
	ofl_metric_begin(t, OFL_METRIC_FLOW_REASONS);
	for (int i = 0; i < OFL_REASON_MAX; i++)
		ofl_metric_uint(t, s->by_reason[i], "reason",
				ofl_reason_name(i), NULL);
	one(t, OFL_METRIC_FLOWS_DIRTY, s->dirty);
	one(t, OFL_METRIC_TRANSITIONS, s->transitions);
	one(t, OFL_METRIC_ILLEGAL, s->illegal_transitions);
	ofl_metric_begin(t, OFL_METRIC_FAILURES);
	for (int i = 0; i < OFL_REASON_MAX; i++)
		ofl_metric_uint(t, s->failures[i], "reason", ofl_reason_name(i),
				NULL);
}

/* --- feed and store --- */

static void feed(struct ofl_metric_text *t, const struct ofl_summary *s)
{
	const char *states[OFL_FEED_LOST + 1];
	struct ofl_feed_hold hold;

	for (int i = 0; i <= OFL_FEED_LOST; i++)
		states[i] = ofl_feed_state_name(i);
	ofl_engine_feed_hold(&hold);
	ofl_metric_begin(t, OFL_METRIC_FEED);
	ofl_metric_uint(t, 1, "source", ofl_feed_kind_name(s->feed.kind), NULL);
	ofl_metric_begin(t, OFL_METRIC_FEED_STATE);
	ofl_metric_states(t, NULL, NULL, states, array_size(states),
			  ofl_feed_state_name(s->feed.state));
	one(t, OFL_METRIC_FEED_CONNECTED, s->feed.connected);
	one(t, OFL_METRIC_FEED_ROUTES, s->rib.routes);
	one(t, OFL_METRIC_FEED_HELD, hold.routes);
	one(t, OFL_METRIC_FEED_MESSAGES, s->feed.messages);
	one(t, OFL_METRIC_FEED_BYTES, s->feed.bytes);
	one(t, OFL_METRIC_FEED_MALFORMED, s->feed.malformed);
	one(t, OFL_METRIC_FEED_CONNECTS, s->feed.connects);
	one(t, OFL_METRIC_FEED_ANNOUNCED, s->rib.routes_added);
	one(t, OFL_METRIC_FEED_WITHDRAWN, s->rib.routes_deleted);
	one(t, OFL_METRIC_FEED_STALE, s->rib.stale_swept);
}

static void store(struct ofl_metric_text *t, const struct ofl_summary *s)
{
	static const char *const states[] = {
		[OFL_STORE_OFF] = "off",
		[OFL_STORE_OK] = "ok",
		[OFL_STORE_DEGRADED] = "degraded",
	};

	ofl_metric_begin(t, OFL_METRIC_STORE_STATE);
	ofl_metric_states(t, NULL, NULL, states, array_size(states),
			  states[s->store.state]);
	one(t, OFL_METRIC_STORE_QUEUED, s->store.queued);
	one(t, OFL_METRIC_STORE_LIMIT, s->store.queue_max);
	one(t, OFL_METRIC_STORE_WRITTEN, s->store.written);
	one(t, OFL_METRIC_STORE_DROPPED, s->store.dropped);
	one_real(t, OFL_METRIC_STORE_BEHIND, s->store.behind_ms / 1e3);
	one(t, OFL_METRIC_STORE_FILE, s->store.file_bytes);
}

/* --- lists, alarms, audit --- */

static void lists(struct ofl_metric_text *t)
{
	struct ofl_acls_stats st;

	ofl_acls_stats(&st);
	one(t, OFL_METRIC_ACLS, st.acls);
	one(t, OFL_METRIC_ACES, st.aces);
	one(t, OFL_METRIC_ATTACHMENTS, st.attachments);
}

static void count_alarm(const struct ofl_notice *n,
			const struct ofl_notify_counts *c, void *arg)
{
	((uint64_t *)arg)[n->kind]++;
}

static void alarms(struct ofl_metric_text *t)
{
	uint64_t raised[OFL_NOTICE_MAX] = {0};
	struct ofl_notify_counts c[OFL_NOTICE_MAX];

	ofl_notify_alarms_walk(count_alarm, raised);
	for (unsigned int k = 0; k < OFL_NOTICE_MAX; k++)
		ofl_notify_counts(k, &c[k]);
	raised[OFL_NOTICE_CRITICAL] = c[OFL_NOTICE_CRITICAL].up;
	raised[OFL_NOTICE_OR_FAIL] = c[OFL_NOTICE_OR_FAIL].up;
	ofl_metric_begin(t, OFL_METRIC_ALARMS);
	for (unsigned int k = 0; k < OFL_NOTICE_MAX; k++)
		if (k != OFL_NOTICE_REMOVED)
			ofl_metric_uint(t, raised[k], "alarm",
					ofl_notice_name(k), NULL);
	ofl_metric_begin(t, OFL_METRIC_NOTICES);
	for (unsigned int k = 0; k < OFL_NOTICE_MAX; k++)
		ofl_metric_uint(t, c[k].tellings, "alarm", ofl_notice_name(k),
				NULL);
	ofl_metric_begin(t, OFL_METRIC_SUPPRESSED);
	for (unsigned int k = 0; k < OFL_NOTICE_MAX; k++)
		if (k != OFL_NOTICE_REMOVED)
			ofl_metric_uint(t, c[k].suppressed, "alarm",
					ofl_notice_name(k), NULL);
}

static void audit(struct ofl_metric_text *t)
{
	struct ofl_audit_status st;

	ofl_audit_status(&st);
	one(t, OFL_METRIC_AUDITS, st.passes);
	ofl_metric_begin(t, OFL_METRIC_DIFFERENCES);
	for (unsigned int d = 0; d < OFL_DIFFERENCE_MAX; d++) {
		ofl_metric_uint(t, st.differences[d][OFL_AUDIT_BY_PASS],
				"difference", ofl_difference_name(d), "by",
				"pass", NULL);
		ofl_metric_uint(t, st.differences[d][OFL_AUDIT_BY_PROVIDER],
				"difference", ofl_difference_name(d), "by",
				"provider", NULL);
	}
	one(t, OFL_METRIC_REPAIRED, st.repaired);
}

/* --- all --- */

static void self_tell(struct ofl_metric_text *t,
		      const struct ofl_metric_self *self)
{
	one(t, OFL_METRIC_SCRAPES, self->scrapes);
	one(t, OFL_METRIC_SCRAPE_ERRORS, self->errors);
	one_real(t, OFL_METRIC_SCRAPE_LONGEST, self->longest_us / 1e6);
}

char *ofl_metric_content_make(enum ofl_metric_format f,
			      const struct ofl_metric_self *self,
			      size_t *ret_len)
{
	struct ofl_metric_text t;
	struct ofl_summary s;

	ofl_engine_summary(&s);
	ofl_metric_text_init(&t, f);
	ofl_metric_begin(&t, OFL_METRIC_BUILD);
	ofl_metric_uint(&t, 1, "version", self->version, "frr_version",
			self->frr_version, NULL);
	one_real(&t, OFL_METRIC_START, self->started_us / 1e6);
	flows(&t, &s);
	ofl_metric_content_tables(&t);
	ofl_metric_content_traffic(&t);
	lists(&t);
	feed(&t, &s);
	store(&t, &s);
	alarms(&t);
	audit(&t);
	one_real(&t, OFL_METRIC_TURN, s.turn_max_us / 1e6);
	self_tell(&t, self);
	return ofl_metric_text_end(&t, ret_len);
}
