// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload summary`, `show offload rules`, `show offload reasons`: the
 * whole at a glance, what the operator's rules do, and what the words mean.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/base/names.h"
#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_summary_clippy.c"
#endif

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_SHOW_HITS, "offload show rule hits");

/* --- summary --- */

static const char *store_state_name(enum ofl_store_state s)
{
	switch (s) {
	case OFL_STORE_OFF:
		return "off";
	case OFL_STORE_OK:
		return "ok";
	case OFL_STORE_DEGRADED:
		return "degraded";
	}
	return "unknown";
}

static void summary_flows(struct ofl_out *o, const struct ofl_summary *s)
{
	ofl_out_group_begin(o, NULL, "Flows");
	ofl_out_uint(o, "flows", "Flows", s->flows);
	ofl_out_uint(o, "dirty", "To be judged", s->dirty);
	ofl_out_uint(o, "transitions", "Changes of state", s->transitions);
	ofl_out_uint(o, "illegalTransitions",
		     s->illegal_transitions ? "Illegal changes" : NULL,
		     s->illegal_transitions);
	ofl_out_uint(o, "turnMaxUs", "Longest turn (us)", s->turn_max_us);
	ofl_out_group_end(o, NULL);

	ofl_out_group_begin(o, "states", "By state");
	for (int i = 0; i < OFL_STATE_GONE; i++)
		ofl_out_uint(o, ofl_state_name(i), ofl_state_name(i),
			     s->by_state[i]);
	ofl_out_group_end(o, "states");

	ofl_out_group_begin(o, "classes", "By class");
	for (int i = OFL_CLASS_MAX - 1; i >= 0; i--)
		ofl_out_uint(o, ofl_class_name(i), ofl_class_name(i),
			     s->by_class[i]);
	ofl_out_group_end(o, "classes");

	ofl_out_group_begin(o, "reasons", "By reason");
	for (int i = 0; i < OFL_REASON_MAX; i++)
		if (s->by_reason[i])
			ofl_out_uint(o, ofl_reason_name(i), ofl_reason_name(i),
				     s->by_reason[i]);
	ofl_out_group_end(o, "reasons");
}

/* What is held, and against whose word. */
static void summary_held(struct ofl_out *o, const struct ofl_summary *s)
{
	bool is_full = s->feed.state == OFL_FEED_SETTLED;
	struct ofl_feed_hold hold;
	char text[96];

	snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " routes",
		 s->rib.sync_again, s->rib.sync_total);
	ofl_out_str(o, NULL,
		    !is_full && s->rib.sync_total ? "Announced again" : NULL,
		    text);
	ofl_out_uint(o, "routes", "Routes", s->rib.routes);
	ofl_out_uint(o, "toAnnounceAgain", NULL, s->rib.sync_total);
	ofl_out_uint(o, "announcedAgain", NULL, s->rib.sync_again);
	ofl_out_bool(o, "late", s->feed.late ? "After its time" : NULL,
		     s->feed.late);
	ofl_engine_feed_hold(&hold);
	ofl_out_bool(o, "holding", NULL, hold.is_holding);
	ofl_out_uint(o, "held", NULL, hold.routes);
	if (!hold.is_holding)
		return;
	snprintf(text, sizeof(text),
		 "%" PRIu64 " routes, after a loss of %" PRIu64 " of %" PRIu64,
		 hold.routes, hold.lost, hold.of);
	ofl_out_str(o, NULL, "Held by shrink-guard", text);
	ofl_out_time(o, "heldSince", "Held since", hold.since_us);
	ofl_out_time(o, "heldUntil", "Held until", hold.until_us);
}

/* The session over FPM, if that is the feed. */
static void summary_fpm(struct ofl_out *o, const struct ofl_summary *s)
{
	const struct ofl_fpm_stats *f = &s->feed.fpm;

	if (s->feed.kind != OFL_FEED_FPM)
		return;
	ofl_out_group_begin(o, "fpm", "FPM session with zebra");
	ofl_out_bool(o, "listening", "Listening", f->listening);
	ofl_out_bool(o, "connected", "Connected", f->connected);
	ofl_out_str(o, "peer", f->peer[0] ? "Peer" : NULL, f->peer);
	ofl_out_time(o, "since", "Since", s->fpm_since_us);
	ofl_out_str(o, "error", f->error[0] ? "Error" : NULL, f->error);
	ofl_out_uint(o, "connects", "Sessions", f->connects);
	ofl_out_uint(o, "replaced", "Replaced by a newer one", f->replaced);
	ofl_out_uint(o, "frames", "Frames", f->frames);
	ofl_out_uint(o, "messages", "Messages", f->messages);
	ofl_out_uint(o, "bytes", "Bytes", f->bytes);
	ofl_out_uint(o, "malformed", "Malformed", f->malformed);
	ofl_out_uint(o, "ignored", "Ignored", f->ignored);
	ofl_out_uint(o, "merged", "Updates merged", f->merged);
	ofl_out_uint(o, "nexthops", "Next hops by number", f->nexthops);
	ofl_out_uint(o, "nexthopsMissing",
		     f->nexthops_missing ? "Of these, not told yet" : NULL,
		     f->nexthops_missing);
	ofl_out_uint(o, "sentMessages", "Messages to zebra", f->sent_messages);
	ofl_out_uint(o, "sentBytes", "Bytes to zebra", f->sent_bytes);
	ofl_out_uint(o, "refusedMessages", NULL, f->refused_messages);
	ofl_out_uint(o, "queuedBytes", NULL, f->queued_bytes);
	ofl_out_group_end(o, "fpm");
	ofl_out_group_begin(o, "acknowledged", "Acknowledged to zebra");
	ofl_out_str(o, "mode", "Installed is", ofl_ack_mode_name(s->ack.mode));
	ofl_out_uint(o, "installed", "Installed", s->ack.installed);
	ofl_out_uint(o, "failed", "Not, or no longer", s->ack.failed);
	ofl_out_uint(o, "waiting", "Waiting to be told", s->ack.queued);
	ofl_out_group_end(o, "acknowledged");
}

static void summary_feed(struct ofl_out *o, const struct ofl_summary *s)
{
	ofl_out_group_begin(o, "feed", "Feed from zebra");
	ofl_out_str(o, "source", "Source", ofl_feed_kind_name(s->feed.kind));
	ofl_out_str(o, "state", "State", ofl_feed_state_name(s->feed.state));
	if (s->begun)
		ofl_out_time(o, "stateSince", "Since", s->feed_since_us);
	summary_held(o, s);
	ofl_out_bool(o, "connected", "Connected", s->feed.connected);
	ofl_out_bool(o, "settled", "Complete", s->feed.settled);
	ofl_out_uint(o, "messages", "Messages", s->feed.messages);
	ofl_out_uint(o, "bytes", "Bytes", s->feed.bytes);
	ofl_out_uint(o, "connects", "Connections made", s->feed.connects);
	ofl_out_uint(o, "malformed", "Malformed messages", s->feed.malformed);
	ofl_out_uint(o, "firstRouteUs", NULL, s->feed.first_route_us);
	ofl_out_uint(o, "lastRouteUs", NULL, s->feed.last_route_us);
	ofl_out_uint(o, "routesAdded", "Routes announced", s->rib.routes_added);
	ofl_out_uint(o, "routesDeleted", "Routes withdrawn",
		     s->rib.routes_deleted);
	ofl_out_uint(o, "staleSwept", "Stale routes removed",
		     s->rib.stale_swept);
	ofl_out_uint(o, "nexthopGroups", "Next-hop groups", s->rib.groups);
	ofl_out_uint(o, "nexthopsTracked", "Next hops tracked",
		     s->rib.nexthops_tracked);
	ofl_out_group_end(o, "feed");
	summary_fpm(o, s);

	ofl_out_group_begin(o, "kernel", "Links and neighbours");
	ofl_out_uint(o, "links", "Links", s->rib.links);
	ofl_out_uint(o, "neighbors", "Neighbours", s->rib.neighbors);
	ofl_out_uint(o, "messages", "Messages", s->neigh.messages);
	ofl_out_uint(o, "malformed", "Malformed messages", s->neigh.malformed);
	ofl_out_uint(o, "overruns", "Overruns", s->neigh.overruns);
	ofl_out_uint(o, "dumps", "Dumps", s->neigh.dumps);
	ofl_out_group_end(o, "kernel");
}

static void summary_store(struct ofl_out *o, const struct ofl_summary *s)
{
	const struct ofl_store_stats *st = &s->store;

	ofl_out_group_begin(o, "store", "Database");
	ofl_out_str(o, "state", "State", store_state_name(st->state));
	ofl_out_str(o, "error", st->error[0] ? "Error" : NULL, st->error);
	if (st->degraded_us)
		ofl_out_time(o, "degradedSince", "Degraded since",
			     st->degraded_us);
	ofl_out_str(o, "path", "File", ofl_engine_conf()->store.path);
	ofl_out_uint(o, "behindMs", "Behind (ms)", st->behind_ms);
	ofl_out_uint(o, "written", "Records written", st->written);
	ofl_out_uint(o, "queued", "Records queued", st->queued);
	ofl_out_uint(o, "queueLimit", "Queue limit", st->queue_max);
	ofl_out_uint(o, "dropped", "Records dropped", st->dropped);
	ofl_out_uint(o, "fileBytes", "Size (bytes)", st->file_bytes);
	ofl_out_group_end(o, "store");
}

/* Why it is not as it should be, and for how long. */
static void table_trouble(const struct ofl_table_status *t, char *buf,
			  size_t len)
{
	uint64_t now_us = ofl_clock_wall_us();

	buf[0] = '\0';
	if (!t->ready)
		snprintf(buf, len, ", not ready for %" PRIu64 " s: %s",
			 (now_us - t->ready_us) / 1000000,
			 t->not_ready_text[0] ? t->not_ready_text
					      : "not started yet");
	else if (t->silent)
		snprintf(buf, len,
			 ", silent for %" PRIu64 " s, %u operations unanswered",
			 (now_us - t->silent_us) / 1000000,
			 t->place.in_flight);
}

static bool summary_table(const struct ofl_table_status *t, void *arg)
{
	struct ofl_out *o = arg;
	char trouble[OFL_OUTCOME_TEXT + 64], text[sizeof(trouble) + 96];

	table_trouble(t, trouble, sizeof(trouble));
	snprintf(text, sizeof(text), "%u of %u slots, %s%s",
		 t->place.used_slots, t->limits.capacity_slots,
		 t->place.closed ? "best effort waits" : "open", trouble);
	ofl_out_item_begin(o);
	ofl_out_str(o, "name", NULL, t->conf->name);
	ofl_out_table_state(o, t, false);
	ofl_out_uint(o, "capacity", NULL, t->limits.capacity_slots);
	ofl_out_uint(o, "used", NULL, t->place.used_slots);
	ofl_out_str(o, "admission", NULL, t->place.closed ? "closed" : "open");
	ofl_out_uint(o, "inFlight", NULL, t->place.in_flight);
	ofl_out_uint(o, "oldestInFlightMs", NULL, t->oldest_in_flight_ms);
	ofl_out_item_end(o);
	ofl_out_str(o, NULL, t->conf->name, text);
	return true;
}

DEFPY(ofl_show_summary, ofl_show_summary_cmd,
	"show offload [summary] [json$json]",
	SHOW_STR
	OFL_STR
	"The whole at a glance\n"
	JSON_STR)
{
	struct ofl_summary s;
	struct ofl_out o;

	ofl_engine_summary(&s);
	ofl_out_begin(&o, vty, json);
	if (!s.begun)
		ofl_out_text(&o, "Nothing has begun: a configuration is waited "
				 "for (vtysh -b).\n");
	ofl_out_bool(&o, "begun", NULL, s.begun);
	summary_flows(&o, &s);
	if (ofl_engine_conf()->table_count)
		ofl_out_text(&o, "Tables\n");
	ofl_out_array_begin(&o, "tables");
	ofl_engine_tables_walk(summary_table, &o);
	ofl_out_array_end(&o);
	summary_feed(&o, &s);
	summary_store(&o, &s);
	return ofl_out_end(&o);
}

/* --- rules --- */

struct hits {
	const struct ofl_policy *policy;
	uint64_t *by_rule; /* in the order of the policy; then the default */
};

/* Place of a rule in the policy; the number of rules: not there. */
static size_t rule_index(const struct ofl_policy *p, uint32_t seq)
{
	size_t from = 0, to = p->rule_count;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (p->rules[mid].seq < seq)
			from = mid + 1;
		else
			to = mid;
	}
	return from < p->rule_count && p->rules[from].seq == seq
		       ? from
		       : p->rule_count;
}

static bool count_hit(struct ofl_flow *f, void *arg)
{
	struct hits *h = arg;

	if (f->state != OFL_STATE_SEEN && !f->withdrawn)
		h->by_rule[rule_index(h->policy, f->rule)]++;
	return true;
}

static void rule_range(struct ofl_out *o, const char *key, const char *label,
		       uint32_t min, uint32_t max)
{
	char text[32];

	snprintf(text, sizeof(text), "%u to %u", min, max);
	ofl_out_str(o, NULL, label, text);
	ofl_out_group_begin(o, key, NULL);
	ofl_out_uint(o, "minimum", NULL, min);
	ofl_out_uint(o, "maximum", NULL, max);
	ofl_out_group_end(o, key);
}

static void rule_match(struct ofl_out *o, const struct ofl_rule *r)
{
	if (r->match & OFL_MATCH_FAMILY)
		ofl_out_str(o, "addressFamily", "family",
			    r->family == AF_INET ? "ipv4" : "ipv6");
	if (r->match & OFL_MATCH_PREFIX_LIST)
		ofl_out_str(o, "prefixList", "prefix-list", r->prefix_list);
	if (r->match & OFL_MATCH_ACCESS_LIST)
		ofl_out_str(o, "accessList", "access-list", r->access_list);
	if (r->match & OFL_MATCH_PROTO)
		ofl_out_str(o, "protocol", "protocol",
			    ofl_proto_name(r->proto));
	if (r->match & OFL_MATCH_TAG)
		ofl_out_uint(o, "tag", "tag", r->tag);
	if (r->match & OFL_MATCH_DISTANCE)
		rule_range(o, "distance", "distance", r->distance_min,
			   r->distance_max);
	if (r->match & OFL_MATCH_METRIC)
		rule_range(o, "metric", "metric", r->metric_min, r->metric_max);
	if (r->match & OFL_MATCH_VRF)
		ofl_out_str(o, "vrf", "vrf", r->vrf);
	if (r->match & OFL_MATCH_INTERFACE)
		ofl_out_str(o, "nexthopInterface", "nexthop-interface",
			    r->interface);
	if (r->match & OFL_MATCH_PLEN)
		rule_range(o, "prefixLength", "prefix-length", r->plen_min,
			   r->plen_max);
}

static void rule_mice(struct ofl_out *o, const struct ofl_rule *r)
{
	bool is_packets = r->mice_packets;
	char text[64];

	if (!(r->set & OFL_SET_MICE))
		return;
	snprintf(text, sizeof(text), "%u %s within %u s",
		 is_packets ? r->mice_packets : r->mice_kilobytes,
		 is_packets ? "packets" : "kilobytes", r->mice_window_s);
	ofl_out_str(o, NULL, "mice-filter", text);
	ofl_out_group_begin(o, "miceFilter", NULL);
	if (is_packets)
		ofl_out_uint(o, "packets", NULL, r->mice_packets);
	else
		ofl_out_uint(o, "kilobytes", NULL, r->mice_kilobytes);
	ofl_out_uint(o, "windowSeconds", NULL, r->mice_window_s);
	ofl_out_group_end(o, "miceFilter");
}

static void rule_show(struct ofl_out *o, const struct ofl_rule *r,
		      uint64_t flows)
{
	ofl_out_row_begin(o);
	ofl_out_text(o, "Rule %u: %s, %" PRIu64 " flow%s\n", r->seq,
		     ofl_class_name(r->cls), flows, flows == 1 ? "" : "s");
	ofl_out_uint(o, "sequence", NULL, r->seq);
	ofl_out_uint(o, "flows", NULL, flows);
	ofl_out_group_begin(o, "match", NULL);
	rule_match(o, r);
	ofl_out_group_end(o, "match");
	ofl_out_str(o, "class", NULL, ofl_class_name(r->cls));
	ofl_out_uint(o, "weight", r->set & OFL_SET_WEIGHT ? "weight" : NULL,
		     r->weight);
	if (r->set & OFL_SET_TABLE)
		ofl_out_str(o, "table", "table", r->table);
	ofl_out_bool(o, "offloadOrFail",
		     r->set & OFL_SET_OFFLOAD_OR_FAIL ? "offload-or-fail"
						      : NULL,
		     r->set & OFL_SET_OFFLOAD_OR_FAIL);
	rule_mice(o, r);
	ofl_out_row_end(o);
}

DEFPY(ofl_show_rules, ofl_show_rules_cmd,
	"show offload rules [json$json]",
	SHOW_STR
	OFL_STR
	"Rules in their order, and how many flows each decides now\n"
	JSON_STR)
{
	const struct ofl_policy *p = ofl_engine_conf()->policy;
	struct hits h = {.policy = p};
	struct ofl_out o;

	h.by_rule = XCALLOC(MTYPE_OFL_SHOW_HITS,
			    (p->rule_count + 1) * sizeof(*h.by_rule));
	ofl_flowtab_walk(ofl_engine_flows(), count_hit, &h);

	ofl_out_begin(&o, vty, json);
	ofl_out_str(&o, "defaultClass", NULL, ofl_class_name(p->default_class));
	if (p->default_table[0])
		ofl_out_str(&o, "defaultTable", NULL, p->default_table);
	ofl_out_uint(&o, "defaultFlows", NULL, h.by_rule[p->rule_count]);
	ofl_out_rows_begin(&o, "rules");
	for (size_t i = 0; i < p->rule_count; i++)
		rule_show(&o, &p->rules[i], h.by_rule[i]);
	ofl_out_rows_end(&o);
	ofl_out_text(&o, "Default: %s, %" PRIu64 " flow%s\n",
		     ofl_class_name(p->default_class), h.by_rule[p->rule_count],
		     h.by_rule[p->rule_count] == 1 ? "" : "s");
	if (p->default_table[0])
		ofl_out_str(&o, NULL, "table", p->default_table);
	XFREE(MTYPE_OFL_SHOW_HITS, h.by_rule);
	return ofl_out_end(&o);
}

/* --- reasons --- */

DEFPY(ofl_show_reasons, ofl_show_reasons_cmd,
	"show offload reasons [json$json]",
	SHOW_STR
	OFL_STR
	"Every reason, what it means and what would change it\n"
	JSON_STR)
{
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	ofl_out_rows_begin(&o, "reasons");
	for (int i = 0; i < OFL_REASON_MAX; i++) {
		ofl_out_row_begin(&o);
		ofl_out_text(&o, "%s\n", ofl_reason_name(i));
		ofl_out_str(&o, "reason", NULL, ofl_reason_name(i));
		ofl_out_str(&o, "meaning", "Meaning", ofl_reason_meaning(i));
		ofl_out_str(&o, "remedy", "Changed by", ofl_reason_remedy(i));
		ofl_out_row_end(&o);
	}
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

void ofl_show_summary_init(void)
{
	install_element(VIEW_NODE, &ofl_show_summary_cmd);
	install_element(VIEW_NODE, &ofl_show_rules_cmd);
	install_element(VIEW_NODE, &ofl_show_reasons_cmd);
}
