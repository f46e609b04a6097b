// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A route explained in sentences; see explain.h.
 *
 * Every number comes from the engine; nothing is decided or claimed here.
 * Entries of access control lists are explain_acl.c's.
 */
#include <zebra.h>

#include "offloadd/base/names.h"
#include "offloadd/flow/words.h"
#include "offloadd/northbound/explain.h"
#include "offloadd/northbound/show_traffic.h"

#define HIDDEN_NAMED 3

const char *ofl_question_key(enum ofl_question q)
{
	static const char *const keys[OFL_ASK_MAX] = {
		[OFL_ASK_STATE] = "state",     [OFL_ASK_CLASS] = "class",
		[OFL_ASK_WHY] = "why",	       [OFL_ASK_REMEDY] = "remedy",
		[OFL_ASK_SHADOW] = "shadow",   [OFL_ASK_COST] = "cost",
		[OFL_ASK_TRAFFIC] = "traffic",
	};

	return keys[q];
}

const char *ofl_question_label(enum ofl_question q)
{
	static const char *const labels[OFL_ASK_MAX] = {
		[OFL_ASK_STATE] = "State",
		[OFL_ASK_CLASS] = "Class",
		[OFL_ASK_WHY] = "Not in hardware",
		[OFL_ASK_REMEDY] = "Admitted by",
		[OFL_ASK_SHADOW] = "Above and below",
		[OFL_ASK_COST] = "Cost",
		[OFL_ASK_TRAFFIC] = "Traffic",
	};

	return labels[q];
}

const char *ofl_instant_print(uint64_t wall_us, char *buf, size_t len)
{
	time_t s = wall_us / 1000000;
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(buf, len, "%Y-%m-%d %H:%M:%S UTC", &tm);
	return buf;
}

static const char *plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

bool ofl_explained_get(const struct ofl_key *key, struct ofl_explained *ret)
{
	struct ofl_traffic_status status;
	const struct ofl_flow *f;
	const char *table;

	memset(ret, 0, sizeof(*ret));
	if (!ofl_engine_explain(key, &ret->e))
		return false;
	f = ret->e.flow;
	table = f->table < OFL_TABLES_MAX ? ofl_engine_table_name(f->table)
					  : NULL;
	ret->has_table = table && ofl_engine_table_status(table, &ret->table);
	ret->has_need = ofl_engine_need(f, &ret->need);
	ofl_engine_traffic_status(&status);
	ret->counted = status.conf->unit;
	ret->has_traffic = ofl_engine_traffic_of(f, &ret->traffic);
	return true;
}

/* Is hardware's answer its own, by whatever entry? */
static bool is_in_hardware(const struct ofl_flow *f)
{
	return f->state == OFL_STATE_OFFLOADED || f->state == OFL_STATE_ELIDED;
}

/* --- how it stands --- */

static const char *state_words(const struct ofl_flow *f)
{
	static const char *const words[OFL_STATE_MAX] = {
		[OFL_STATE_SEEN] = "It is known, and not judged yet",
		[OFL_STATE_WAITING] = "Software forwards it",
		[OFL_STATE_SENT] =
			"Hardware was asked to forward it and has not answered",
		[OFL_STATE_OFFLOADED] = "Hardware forwards it",
		[OFL_STATE_COVERED] =
			"An entry in hardware sends its packets to software",
		[OFL_STATE_ELIDED] = "Hardware forwards it by a shorter entry",
		[OFL_STATE_LEAVING] = "Hardware was asked to remove its entry "
				      "and has not answered",
		[OFL_STATE_FAILED] = "It was refused, and software forwards it",
		[OFL_STATE_GONE] = "It is gone",
	};

	return words[f->state];
}

static void say_state(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_flow *f = x->e.flow;
	const char *table = ofl_engine_table_name(f->table);
	char since[OFL_INSTANT_LEN];

	ofl_words_put(w, "%s (%s)%s%s since %s.", state_words(f),
		      ofl_state_name(f->state), table ? ", table " : "",
		      table ? table : "",
		      ofl_instant_print(f->since_us, since, sizeof(since)));
	if (x->has_table && !x->table.ready)
		ofl_words_put(w, "The table is not ready: %s.",
			      x->table.not_ready_text[0]
				      ? x->table.not_ready_text
				      : "not started yet");
	if (f->retained)
		ofl_words_put(w, "Zebra has it no longer; the shrink guard "
				 "holds it.");
}

/* --- what it is worth --- */

static void put_range(struct ofl_words *w, const char *what, uint32_t min,
		      uint32_t max)
{
	if (min == max)
		ofl_words_put(w, "%s %u,", what, min);
	else
		ofl_words_put(w, "%s %u to %u,", what, min, max);
}

/* The conditions of a rule, each followed by a comma. */
static void put_rule(struct ofl_words *w, const struct ofl_rule *r)
{
	if (r->match & OFL_MATCH_FAMILY)
		ofl_words_put(w, "%s,", r->family == AF_INET ? "IPv4" : "IPv6");
	if (r->match & OFL_MATCH_PREFIX_LIST)
		ofl_words_put(w, "prefix-list %s,", r->prefix_list);
	if (r->match & OFL_MATCH_ACCESS_LIST)
		ofl_words_put(w, "access-list %s,", r->access_list);
	if (r->match & OFL_MATCH_PROTO)
		ofl_words_put(w, "protocol %s,", ofl_proto_name(r->proto));
	if (r->match & OFL_MATCH_TAG)
		ofl_words_put(w, "tag %u,", r->tag);
	if (r->match & OFL_MATCH_DISTANCE)
		put_range(w, "distance", r->distance_min, r->distance_max);
	if (r->match & OFL_MATCH_METRIC)
		put_range(w, "metric", r->metric_min, r->metric_max);
	if (r->match & OFL_MATCH_VRF)
		ofl_words_put(w, "VRF %s,", r->vrf);
	if (r->match & OFL_MATCH_INTERFACE)
		ofl_words_put(w, "next hops through %s,", r->interface);
	if (r->match & OFL_MATCH_PLEN)
		put_range(w, "prefix length", r->plen_min, r->plen_max);
}

static void say_class(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_flow *f = x->e.flow;
	const struct ofl_rule *r =
		ofl_policy_rule_find(ofl_engine_conf()->policy, f->rule);
	char raw[512] = "";
	struct ofl_words match = {.buf = raw, .len = sizeof(raw)};

	if (f->state == OFL_STATE_SEEN) {
		ofl_words_put(w, "No rule was asked yet.");
		return;
	}
	if (f->rule && r) {
		put_rule(&match, r);
		if (match.at && raw[match.at - 1] == ',')
			raw[match.at - 1] = '\0';
		ofl_words_put(w,
			      "Its class is %s by rule %u, which matches %s.",
			      ofl_class_name(f->cls), f->rule,
			      raw[0] ? raw : "every route");
	} else if (f->rule) {
		ofl_words_put(w,
			      "Its class is %s by rule %u, which is there "
			      "no longer.",
			      ofl_class_name(f->cls), f->rule);
	} else if (f->facts.proto == OFL_PROTO_LOCAL ||
		   f->facts.proto == OFL_PROTO_RESERVED) {
		ofl_words_put(w, "Its class is %s whatever the rules say.",
			      ofl_class_name(f->cls));
	} else {
		ofl_words_put(w,
			      "Its class is %s by default: no rule matches it.",
			      ofl_class_name(f->cls));
	}
	ofl_words_put(w, "Its weight is %u.", f->weight);
	if (f->offload_or_fail)
		ofl_words_put(w, "Whenever it is not in hardware, that is an "
				 "error (offload-or-fail).");
}

/* --- why it is not in hardware --- */

static void say_why(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_flow *f = x->e.flow;

	if (is_in_hardware(f))
		return;
	ofl_words_put(w, "%s (Reason %s.)", ofl_reason_meaning(f->reason),
		      ofl_reason_name(f->reason));
	if (f->text && f->errnum)
		ofl_words_put(w, "Hardware says: %s (error %u).", f->text,
			      f->errnum);
	else if (f->text)
		ofl_words_put(w, "Hardware says: %s.", f->text);
}

/* --- what would admit it --- */

/* Does a route wait with this reason for want of slots? */
static bool is_about_room(enum ofl_reason r)
{
	switch (r) {
	case OFL_REASON_HIGH_WATERMARK:
	case OFL_REASON_BELOW_PRICE:
	case OFL_REASON_COVERS_TOO_MANY:
	case OFL_REASON_TABLE_FULL:
	case OFL_REASON_EVICTED_FOR_CRITICAL:
	case OFL_REASON_EVICTED_FOR_BETTER:
	case OFL_REASON_EVICTED_FOR_COVER:
	case OFL_REASON_CAPACITY_REDUCED:
	case OFL_REASON_COMPULSORY_COVER:
		return true;
	default:
		return false;
	}
}

uint32_t ofl_explained_missing(const struct ofl_explained *x)
{
	const struct ofl_place_need *n = &x->need;
	uint32_t room = n->limit_slots - MIN(n->limit_slots, n->planned_slots);

	if (!x->has_need || !n->eligible || !is_about_room(x->e.flow->reason) ||
	    n->more_slots <= room)
		return 0;
	return n->more_slots - room;
}

/* The limit that binds a route of its class, in words. */
static const char *limit_name(const struct ofl_explained *x)
{
	const struct ofl_hwtable_conf *c = x->table.conf;
	const struct ofl_place_conf *l = &x->table.limits;

	if (x->need.critical)
		return "the capacity";
	if (ofl_limit_slots(&c->high, l->capacity_slots) > l->high_slots)
		return "what the reserve leaves";
	return "the high-watermark";
}

static void say_room(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_place_need *n = &x->need;
	uint32_t missing = ofl_explained_missing(x);
	uint32_t room = n->limit_slots - MIN(n->limit_slots, n->planned_slots);

	ofl_words_put(w,
		      "%s routes may fill %u slots (%s), and %u are planned.",
		      n->critical ? "Critical" : "Best-effort", n->limit_slots,
		      limit_name(x), n->planned_slots);
	if (missing)
		ofl_words_put(w,
			      "It needs %u slot%s more, %u %s left: %u %s "
			      "missing.",
			      n->more_slots, plural(n->more_slots, "", "s"),
			      room, plural(room, "is", "are"), missing,
			      plural(missing, "is", "are"));
	else if (n->more_slots)
		ofl_words_put(w, "It needs %u slot%s more, and %u %s left.",
			      n->more_slots, plural(n->more_slots, "", "s"),
			      room, plural(room, "is", "are"));
	if (!n->critical && n->closed && n->planned_slots >= n->low_slots)
		ofl_words_put(w,
			      "Best-effort routes are not admitted until "
			      "less than %u slots are planned (the "
			      "low-watermark): %u more have to become free.",
			      n->low_slots,
			      n->planned_slots - n->low_slots + 1);
}

static void say_price(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_place_need *n = &x->need;

	if (n->valued && n->price > 0)
		ofl_words_put(w,
			      "A slot costs a weight of %.3f now; an entry "
			      "for it would gain %.3f a slot.",
			      n->price, n->gain);
}

static void say_cover_limit(const struct ofl_explained *x, struct ofl_words *w)
{
	ofl_words_put(w,
		      "Its covers would take %s%u slots; "
		      "critical-cover-limit allows %u.",
		      x->need.counted ? "" : "more than ", x->need.cover_slots,
		      x->table.conf->critical_cover_limit_slots);
}

static void say_remedy(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_flow *f = x->e.flow;

	if (is_in_hardware(f))
		return;
	ofl_words_put(w, "%s", ofl_reason_remedy(f->reason));
	if (x->has_table && x->has_need && x->need.eligible) {
		if (f->reason == OFL_REASON_COVER_LIMIT)
			say_cover_limit(x, w);
		if (f->reason == OFL_REASON_TOO_LITTLE_TRAFFIC)
			say_price(x, w);
		if (is_about_room(f->reason)) {
			say_price(x, w);
			say_room(x, w);
		}
		if (x->need.cover_refused)
			ofl_words_put(w, "Hardware refused an entry that it "
					 "needs as a cover.");
	}
}

/* --- above and below --- */

struct hidden {
	struct ofl_words *w;
	uint32_t n;
};

static bool put_hidden(const struct ofl_key *cover, enum ofl_entry entry,
		       void *arg)
{
	char prefix[OFL_PREFIX_STRLEN];
	struct hidden *h = arg;

	ofl_words_put(h->w, "%s%s", h->n ? "and " : "",
		      ofl_prefix_print(&cover->p, prefix, sizeof(prefix)));
	return ++h->n < HIDDEN_NAMED;
}

static void say_above(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_flow *f = x->e.flow;
	char above[OFL_PREFIX_STRLEN];
	const char *then;

	if (!x->e.has_cover) {
		ofl_words_put(w, "No shorter entry in hardware is above it.");
		return;
	}
	ofl_prefix_print(&x->e.cover.p, above, sizeof(above));
	if (f->reason == OFL_REASON_FIB_SHADOWED)
		then = "which forwards its packets instead, wrongly";
	else if (x->e.view.entry == OFL_ENTRY_REAL)
		then = "which its own, longer one goes before";
	else if (x->e.view.entry == OFL_ENTRY_PUNT)
		then = "which would take its packets; its own entry sends "
		       "them to software";
	else if (f->state == OFL_STATE_ELIDED)
		then = "which forwards it alike";
	else
		then = "and it has none of its own below that";
	ofl_words_put(w, "The next shorter entry in hardware is %s, %s.", above,
		      then);
}

static void say_below(const struct ofl_explained *x, struct ofl_words *w)
{
	char list[3 * OFL_PREFIX_STRLEN + 16] = "";
	struct ofl_words names = {.buf = list, .len = sizeof(list)};
	struct hidden h = {.w = &names};
	uint32_t n = x->e.covers_needed;

	if (n) {
		ofl_engine_covers_walk(x->e.flow, put_hidden, &h);
		ofl_words_put(w,
			      "Its entry hides %u more specific route%s, which "
			      "%s an entry as cover: %s",
			      n, plural(n, "", "s"), plural(n, "has", "have"),
			      list);
		if (n > h.n)
			ofl_words_put(w, "and %u more.", n - h.n);
		else if (w->at + 1 < w->len)
			strlcpy(w->buf + w->at++, ".", 2);
	} else if (x->has_need && x->need.covers &&
		   x->e.view.want != OFL_ENTRY_REAL) {
		ofl_words_put(w,
			      "An entry for it would hide %s%u more specific "
			      "route%s that need%s a cover.",
			      x->need.counted ? "" : "more than ",
			      x->need.covers, plural(x->need.covers, "", "s"),
			      plural(x->need.covers, "s", ""));
	} else if (x->has_need && x->need.eligible) {
		ofl_words_put(w, "It hides no more specific route.");
	}
}

static void say_shadow(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_flow *f = x->e.flow;

	if (!x->has_table && f->table != OFL_TABLE_FIB)
		return;
	say_above(x, w);
	say_below(x, w);
}

/* --- what it costs --- */

static void say_cost(const struct ofl_explained *x, struct ofl_words *w)
{
	const struct ofl_place_need *n = &x->need;
	const char *verb = "would take";

	if (!x->has_need)
		return;
	if (x->e.view.entry != OFL_ENTRY_NONE &&
	    x->e.view.entry == x->e.view.want)
		verb = "takes";
	ofl_words_put(w, "Its entry %s %u slot%s", verb, n->own_slots,
		      plural(n->own_slots, "", "s"));
	if (!n->eligible)
		ofl_words_put(w, "and what covers take is not known while it "
				 "may not be in hardware.");
	else if (!n->covers)
		ofl_words_put(w, "and no cover is needed.");
	else
		ofl_words_put(w, "and %s%u cover%s %u more, %u in all.",
			      n->counted ? "" : "more than ", n->covers,
			      plural(n->covers, " takes", "s take"),
			      n->cover_slots, n->own_slots + n->cover_slots);
}

/* --- what it carries --- */

static void say_mouse(const struct ofl_flow *f, struct ofl_words *w)
{
	const struct ofl_rule *r =
		ofl_policy_rule_find(ofl_engine_conf()->policy, f->rule);
	bool is_packets = r && r->mice_packets;

	ofl_words_put(w, "A mice filter holds it back: it gets no entry of "
			 "its own");
	if (r && (r->set & OFL_SET_MICE))
		ofl_words_put(w,
			      "before it has carried %u %s within %u seconds "
			      "(rule %u).",
			      is_packets ? r->mice_packets : r->mice_kilobytes,
			      is_packets ? "packets" : "kilobytes",
			      r->mice_window_s, r->seq);
	else
		ofl_words_put(w, "before it has carried enough.");
}

static void say_traffic(const struct ofl_explained *x, struct ofl_words *w)
{
	char rate[OFL_RATE_LEN], error[OFL_RATE_LEN];
	const struct ofl_traffic_view *v = &x->traffic;

	if (x->counted == OFL_TRAFFIC_OFF || !x->has_table)
		return;
	if (!x->has_traffic) {
		ofl_words_put(w, "No traffic of it was seen lately.");
		return;
	}
	ofl_rate_print(v->rate, x->counted, rate, sizeof(rate));
	ofl_rate_print(v->error, OFL_TRAFFIC_OFF, error, sizeof(error));
	ofl_words_put(w,
		      "It carries about %s, give or take %s, which gives it a "
		      "weight of %u.",
		      rate, error, v->weight);
	if (v->is_mouse)
		say_mouse(x->e.flow, w);
}

bool ofl_explained_answer(const struct ofl_explained *x, enum ofl_question q,
			  char *buf, size_t len)
{
	static void (*const say[OFL_ASK_MAX])(const struct ofl_explained *x,
					      struct ofl_words *w) = {
		[OFL_ASK_STATE] = say_state,	 [OFL_ASK_CLASS] = say_class,
		[OFL_ASK_WHY] = say_why,	 [OFL_ASK_REMEDY] = say_remedy,
		[OFL_ASK_SHADOW] = say_shadow,	 [OFL_ASK_COST] = say_cost,
		[OFL_ASK_TRAFFIC] = say_traffic,
	};
	struct ofl_words w = {.buf = buf, .len = len};

	buf[0] = '\0';
	say[q](x, &w);
	return w.at > 0;
}

/* --- what is not known --- */

bool ofl_explain_unknown(uint32_t vrf, const struct ofl_prefix *p, char *buf,
			 size_t len, struct ofl_key *ret_longest)
{
	char prefix[OFL_PREFIX_STRLEN], longest[OFL_PREFIX_STRLEN];
	struct ofl_words w = {.buf = buf, .len = len};
	struct ofl_explained x;
	struct ofl_summary s;

	buf[0] = '\0';
	ofl_words_put(&w, "There is no route %s in VRF %s.",
		      ofl_prefix_print(p, prefix, sizeof(prefix)),
		      ofl_engine_vrf_name(vrf));
	ofl_engine_summary(&s);
	if (s.feed.state != OFL_FEED_SETTLED)
		ofl_words_put(&w,
			      "The feed from zebra is not complete (%s): it "
			      "may come yet.",
			      ofl_feed_state_name(s.feed.state));
	if (!ofl_engine_longest(vrf, p, ret_longest) ||
	    !ofl_explained_get(ret_longest, &x)) {
		ofl_words_put(&w, "Nor is there a shorter one that contains "
				  "it: no route answers these packets.");
		return false;
	}
	ofl_words_put(&w,
		      "The longest route that contains it is %s, which is "
		      "explained here.",
		      ofl_prefix_print(&ret_longest->p, longest,
				       sizeof(longest)));
	return true;
}
