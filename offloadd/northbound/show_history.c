// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload history` and `events`: what the database remembers, newest
 * first; `clear offload history`.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "lib/clock.h"
#include "lib/timetext.h"
#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_history_clippy.c"
#endif

#define LIMIT_DEFAULT 100

static void optional(struct ofl_out *o, const char *key, const char *value)
{
	if (value)
		ofl_out_str(o, key, NULL, value);
}

/* Words into a time; false: it was refused, and said so. */
static bool time_get(struct ofl_out *o, const char *what, const char *text,
		     uint64_t *ret_us)
{
	const char *error;

	if (!text)
		return true;
	error = ofl_timetext_parse(text, ofl_clock_wall_us(), ret_us);
	if (error)
		ofl_out_error(o, "%s %s: %s.", what, text, error);
	return !error;
}

/* A route as it is stored.  With host bits it would be found nowhere, and
 * without them it would answer something that was not asked. */
static bool prefix_get(struct ofl_out *o, const char *text,
		       char stored[OFL_PREFIX_STRLEN])
{
	struct ofl_prefix p;

	if (ofl_prefix_parse(text, false, &p)) {
		ofl_prefix_print(&p, stored, OFL_PREFIX_STRLEN);
		return true;
	}
	if (ofl_prefix_parse(text, true, &p))
		ofl_out_error(o, "%s has host bits; the route is %s.", text,
			      ofl_prefix_print(&p, stored, OFL_PREFIX_STRLEN));
	else
		ofl_out_error(o, "%s is not a prefix.", text);
	return false;
}

/* The end of an answer of which `error`, if not NULL, says that it is not
 * whole; and of which `limit` may be why it is not. */
static int answer_end(struct ofl_out *o, const char *error, uint32_t rows,
		      uint32_t limit)
{
	if (error)
		return ofl_out_error(o, "The answer is %s.", error);
	ofl_out_rows_end(o);
	if (!rows)
		ofl_out_text(o, "(none)\n");
	else if (rows == limit)
		ofl_out_text(o, "(the newest %u; \"limit\" shows more)\n",
			     rows);
	return ofl_out_end(o);
}

struct answer {
	struct ofl_out out;
	uint32_t rows;
	bool one; /* of one route: say what reasons mean */
};

/* What a reason means, where it is asked about one route; in plain words what
 * `show offload reasons` says of all. */
static void reason_row(struct answer *a, const char *name)
{
	enum ofl_reason reason = ofl_reason_find(name);

	if (!a->one || reason == OFL_REASON_NONE || reason >= OFL_REASON_MAX)
		return;
	ofl_out_note(&a->out, "meaning", ofl_reason_meaning(reason));
}

static bool history_row(const struct ofl_history_row *r, void *arg)
{
	struct answer *a = arg;
	struct ofl_out *o = &a->out;

	a->rows++;
	ofl_out_row_begin(o);
	ofl_out_cell_time(o, "at", r->at_us);
	ofl_out_cell(o, "prefix", 18, r->prefix);
	ofl_out_cell(o, "from", 9, r->from);
	ofl_out_cell(o, "to", 9, r->to);
	ofl_out_cell(o, "reason", 0, r->reason);
	if (r->text && r->text[0])
		ofl_out_note(o, "text", r->text);
	reason_row(a, r->reason);
	ofl_out_uint(o, "sequence", NULL, r->seq);
	ofl_out_uint(o, "id", NULL, r->flow_id);
	ofl_out_str(o, "vrf", NULL, r->vrf);
	ofl_out_str(o, "class", NULL, r->cls);
	ofl_out_uint(o, "rule", NULL, r->rule);
	optional(o, "table", r->table);
	optional(o, "operation", r->op);
	ofl_out_row_end(o);
	return true;
}

DEFPY(ofl_show_history, ofl_show_history_cmd,
	"show offload history [<A.B.C.D/M|X:X::X:X/M>$prefix] [vrf NAME$vrf_name] [since TIME$since] [until TIME$until] [limit (1-100000)$limit] [json$json]",
	SHOW_STR
	OFL_STR
	"Changes of state, newest first\n"
	"Of this IPv4 route\n"
	"Of this IPv6 route\n"
	"Of one VRF\n"
	"Name of the VRF\n"
	"Not before this time\n"
	"2026-11-17, 2026-11-17T14:00, 2026-11-17T14:00:00Z (UTC), or 3d, 12h, 30m ago\n"
	"Before this time\n"
	"2026-11-17, 2026-11-17T14:00, 2026-11-17T14:00:00Z (UTC), or 3d, 12h, 30m ago\n"
	"How many (default 100)\n"
	"Number of rows\n"
	JSON_STR)
{
	struct ofl_history_query q = {
		.vrf = vrf_name,
		.limit = limit_str ? limit : LIMIT_DEFAULT,
	};
	struct ofl_store *store = ofl_engine_store();
	struct answer a = {.one = prefix_str};
	char stored[OFL_PREFIX_STRLEN];
	struct ofl_out *o = &a.out;
	const char *error = NULL;

	ofl_out_begin(o, vty, json);
	if (!store)
		return ofl_out_error(o, "There is no database.");
	if (!time_get(o, "since", since, &q.since_us) ||
	    !time_get(o, "until", until, &q.until_us) ||
	    (prefix_str && !prefix_get(o, prefix_str, stored)))
		return CMD_WARNING;
	/* In the store 0 is no limit; nothing is that old. */
	if (until && !q.until_us)
		q.until_us = 1;
	if (until && q.since_us >= q.until_us)
		return ofl_out_error(o, "since is not before until.");
	if (prefix_str)
		q.prefix = stored;
	ofl_out_text(o, "%-19s %-18s %-9s %-9s %s\n", "Time (UTC)", "Prefix",
		     "From", "To", "Reason");
	ofl_out_rows_begin(o, "history");
	if (ofl_store_history(store, &q, history_row, &a, &error) < 0)
		return ofl_out_error(o, "%s", error);
	return answer_end(o, error, a.rows, q.limit);
}

static bool event_row(const struct ofl_event_row *r, void *arg)
{
	struct answer *a = arg;
	struct ofl_out *o = &a->out;

	a->rows++;
	ofl_out_row_begin(o);
	ofl_out_cell_time(o, "at", r->at_us);
	ofl_out_cell(o, "kind", 16, r->kind);
	ofl_out_cell_uint(o, "used", -8, r->used_slots);
	ofl_out_cell_uint(o, "capacity", -8, r->capacity_slots);
	ofl_out_cell(o, NULL, 0, r->table ? r->table : "-");
	if (r->text && r->text[0])
		ofl_out_note(o, "text", r->text);
	ofl_out_uint(o, "sequence", NULL, r->seq);
	optional(o, "table", r->table);
	ofl_out_row_end(o);
	return true;
}

DEFPY(ofl_show_events, ofl_show_events_cmd,
	"show offload events [since TIME$since] [limit (1-100000)$limit] [json$json]",
	SHOW_STR
	OFL_STR
	"Watermark crossings and the like, newest first\n"
	"Not before this time\n"
	"2026-11-17, 2026-11-17T14:00, 2026-11-17T14:00:00Z (UTC), or 3d, 12h, 30m ago\n"
	"How many (default 100)\n"
	"Number of rows\n"
	JSON_STR)
{
	uint32_t most = limit_str ? limit : LIMIT_DEFAULT;
	struct ofl_store *store = ofl_engine_store();
	struct answer a = {.rows = 0};
	struct ofl_out *o = &a.out;
	const char *error = NULL;
	uint64_t since_us = 0;

	ofl_out_begin(o, vty, json);
	if (!store)
		return ofl_out_error(o, "There is no database.");
	if (!time_get(o, "since", since, &since_us))
		return CMD_WARNING;
	ofl_out_text(o, "%-19s %-16s %8s %8s %s\n", "Time (UTC)", "Event",
		     "Used", "Slots", "Table");
	ofl_out_rows_begin(o, "events");
	if (ofl_store_events(store, since_us, most, event_row, &a, &error) < 0)
		return ofl_out_error(o, "%s", error);
	return answer_end(o, error, a.rows, most);
}

DEFPY(ofl_clear_history, ofl_clear_history_cmd,
	"clear offload history [before TIME$before]",
	CLEAR_STR
	OFL_STR
	"Forget every change of state and event until now\n"
	"Only those before this time\n"
	"2026-11-17, 2026-11-17T14:00, 2026-11-17T14:00:00Z (UTC), or 3d, 12h, 30m ago\n")
{
	uint64_t before_us = UINT64_MAX;
	struct ofl_out o;

	ofl_out_begin(&o, vty, false);
	if (!time_get(&o, "before", before, &before_us))
		return CMD_WARNING;
	if (!ofl_engine_clear_history(before_us))
		return ofl_out_error(&o, "There is no database.");
	return CMD_SUCCESS;
}

void ofl_show_history_init(void)
{
	install_element(VIEW_NODE, &ofl_show_history_cmd);
	install_element(VIEW_NODE, &ofl_show_events_cmd);
	install_element(ENABLE_NODE, &ofl_clear_history_cmd);
}
