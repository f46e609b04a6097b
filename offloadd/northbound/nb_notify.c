// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notices of the engine become notifications of the model frr-offload, through
 * FRR's hook, and lines of the log.  Their pace was decided by the engine; here
 * every one is passed on.
 */
#include <zebra.h>

#include "log.h"

/* FRR's: in quotes it would be the file of that name in this directory. */
#include <northbound.h>

#include "offloadd/base/errors.h"
#include "offloadd/northbound/nb_notify.h"

#define TIME_LEN sizeof("2026-01-31T12:00:00.000000Z")

/* --- values of a notification --- */
struct sending {
	struct list *values;
	const char *name; /* of the notification */
};

static void add(struct sending *s, const char *leaf, const char *value)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), "/frr-offload:%s/%s", s->name, leaf);
	listnode_add(s->values, yang_data_new(xpath, value));
}

static void add_text(struct sending *s, const char *leaf, const char *text)
{
	if (text && *text)
		add(s, leaf, text);
}

static void add_number(struct sending *s, const char *leaf, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	add(s, leaf, text);
}

static void add_time(struct sending *s, const char *leaf, uint64_t wall_us)
{
	time_t seconds = wall_us / 1000000;
	char text[TIME_LEN + 32];
	struct tm tm;
	size_t n;

	if (!gmtime_r(&seconds, &tm))
		return;
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%06uZ",
		 (unsigned int)(wall_us % 1000000));
	add(s, leaf, text);
}

static void add_status(struct sending *s, const struct ofl_notice *n)
{
	add(s, "status", n->raised ? "raised" : "cleared");
}

static void add_level(struct sending *s, const struct ofl_notice *n)
{
	add_time(s, "since", n->since_us);
	add_number(s, "suppressed", n->suppressed);
}

static void add_route(struct sending *s, const struct ofl_notice *n)
{
	char prefix[OFL_PREFIX_STRLEN];

	add_text(s, "table", n->table);
	if (n->has_key) {
		add(s, "vrf", n->vrf);
		add(s, "prefix",
		    ofl_prefix_print(&n->key.p, prefix, sizeof(prefix)));
	}
	if (n->more)
		add_number(s, "more", n->more);
}

static void add_watermark(struct sending *s, const struct ofl_notice *n)
{
	add(s, "table", n->table);
	add(s, "level", n->raised ? "above-high" : "below-low");
	add_level(s, n);
	if (!n->has_limits)
		return;
	add_number(s, "used", n->used_slots);
	add_number(s, "max-limit", n->capacity_slots);
	add_number(s, "high", n->high_slots);
	add_number(s, "low", n->low_slots);
}

static void add_flow(struct sending *s, const struct ofl_notice *n)
{
	add_status(s, n);
	add_level(s, n);
	add_route(s, n);
	if (n->has_key) {
		add(s, "state", ofl_state_name(n->state));
		add(s, "reason", ofl_reason_name(n->reason));
		add_text(s, "text", n->text);
	}
	add_number(s, "total", n->total);
}

static void add_held(struct sending *s, const struct ofl_notice *n)
{
	add_status(s, n);
	add_level(s, n);
	if (!n->raised)
		return;
	add_number(s, "held", n->held);
	add_number(s, "of", n->of);
	if (n->until_us)
		add_time(s, "until", n->until_us);
}

static void add_all(struct sending *s, const struct ofl_notice *n)
{
	switch (n->kind) {
	case OFL_NOTICE_WATERMARK:
		add_watermark(s, n);
		break;
	case OFL_NOTICE_CRITICAL:
	case OFL_NOTICE_OR_FAIL:
		add_flow(s, n);
		break;
	case OFL_NOTICE_REMOVED:
		add_route(s, n);
		add_time(s, "at", n->since_us);
		add_text(s, "text", n->text);
		break;
	case OFL_NOTICE_STORE:
		add_status(s, n);
		add_level(s, n);
		add_text(s, "error", n->text);
		add_number(s, "backlog", n->backlog);
		break;
	case OFL_NOTICE_FEED_HELD:
		add_held(s, n);
		break;
	case OFL_NOTICE_FEED_STATE:
		add(s, "state", n->feed);
		add_level(s, n);
		break;
	}
}

/* --- words --- */
static void print_routes(const struct ofl_notice *n, char *buf, size_t len)
{
	char prefix[OFL_PREFIX_STRLEN], more[32] = "";

	if (n->more)
		snprintf(more, sizeof(more), "%" PRIu64 "%s", n->more,
			 n->has_key ? " more" : "");
	if (n->has_key)
		snprintf(buf, len, "%s in VRF %s%s%s",
			 ofl_prefix_print(&n->key.p, prefix, sizeof(prefix)),
			 n->vrf, n->more ? " and " : "", more);
	else
		snprintf(buf, len, "%s not named", more);
}

static void print_flow(const struct ofl_notice *n, char *buf, size_t len)
{
	char routes[OFL_PREFIX_STRLEN + 128], why[256] = "";

	print_routes(n, routes, sizeof(routes));
	if (n->has_key)
		snprintf(why, sizeof(why), ": %s, %s%s%s",
			 ofl_state_name(n->state), ofl_reason_name(n->reason),
			 n->text ? ": " : "", n->text ? n->text : "");
	snprintf(buf, len, "%s %s%s (%" PRIu64 " in all)", routes,
		 n->raised ? "not offloaded" : "over", why, n->total);
}

static void print_watermark(const struct ofl_notice *n, char *buf, size_t len)
{
	if (n->has_limits)
		snprintf(buf, len,
			 "table %s %s: %u of %u slots, high %u, low %u",
			 n->table, n->raised ? "above high" : "below low",
			 n->used_slots, n->capacity_slots, n->high_slots,
			 n->low_slots);
	else
		snprintf(buf, len, "table %s %s", n->table,
			 n->raised ? "above high" : "gone");
}

static void print_words(const struct ofl_notice *n, char *buf, size_t len)
{
	char routes[OFL_PREFIX_STRLEN + 128];

	switch (n->kind) {
	case OFL_NOTICE_WATERMARK:
		print_watermark(n, buf, len);
		break;
	case OFL_NOTICE_CRITICAL:
	case OFL_NOTICE_OR_FAIL:
		print_flow(n, buf, len);
		break;
	case OFL_NOTICE_REMOVED:
		print_routes(n, routes, sizeof(routes));
		snprintf(buf, len, "table %s: %s%s%s", n->table, routes,
			 n->text ? ": " : "", n->text ? n->text : "");
		break;
	case OFL_NOTICE_STORE:
		snprintf(buf, len, "%s, %u records wait%s%s",
			 n->raised ? "not written" : "written again",
			 n->backlog, n->text ? ": " : "",
			 n->text ? n->text : "");
		break;
	case OFL_NOTICE_FEED_HELD:
		if (n->raised)
			snprintf(buf, len,
				 "%" PRIu64 " of %" PRIu64 " routes are held",
				 n->held, n->of);
		else
			strlcpy(buf, "nothing is held", len);
		break;
	case OFL_NOTICE_FEED_STATE:
		strlcpy(buf, n->feed, len);
		break;
	}
}

void ofl_nb_notice_print(const struct ofl_notice *n, char *buf, size_t len)
{
	*buf = '\0';
	print_words(n, buf, len);
}

static void write_log(const struct ofl_notice *n)
{
	char text[512], flaps[64] = "";

	ofl_nb_notice_print(n, text, sizeof(text));
	if (n->suppressed)
		snprintf(flaps, sizeof(flaps),
			 " (%" PRIu64 " changes not told)", n->suppressed);
	if (n->raised &&
	    (n->kind == OFL_NOTICE_CRITICAL || n->kind == OFL_NOTICE_OR_FAIL))
		flog_warn(EC_OFL_CRITICAL, "%s: %s%s", ofl_notice_name(n->kind),
			  text, flaps);
	else
		zlog_notice("%s: %s%s", ofl_notice_name(n->kind), text, flaps);
}

void ofl_nb_notify(const struct ofl_notice *n)
{
	struct sending s = {
		.values = yang_data_list_new(),
		.name = ofl_notice_name(n->kind),
	};
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), "/frr-offload:%s", s.name);
	add_all(&s, n);
	write_log(n);
	/* The list is its from here on. */
	nb_notification_send(xpath, s.values);
}
