// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload history` and `events`: what the database remembers, newest
 * first; `clear offload history`.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

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

static bool history_row(const struct ofl_history_row *r, void *arg)
{
	struct ofl_out *o = arg;

	ofl_out_row_begin(o);
	ofl_out_cell_time(o, "at", r->at_us);
	ofl_out_cell(o, "prefix", 18, r->prefix);
	ofl_out_cell(o, "from", 9, r->from);
	ofl_out_cell(o, "to", 9, r->to);
	ofl_out_cell(o, "reason", 0, r->reason);
	if (r->text && r->text[0])
		ofl_out_note(o, "text", r->text);
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
	"show offload history [<A.B.C.D/M|X:X::X:X/M>$prefix] [vrf NAME$vrf_name] [limit (1-100000)$limit] [json$json]",
	SHOW_STR
	OFL_STR
	"Changes of state, newest first\n"
	"Of this IPv4 route\n"
	"Of this IPv6 route\n"
	"Of one VRF\n"
	"Name of the VRF\n"
	"How many (default 100)\n"
	"Number of rows\n"
	JSON_STR)
{
	struct ofl_history_query q = {
		.vrf = vrf_name,
		.limit = limit_str ? limit : LIMIT_DEFAULT,
	};
	struct ofl_store *store = ofl_engine_store();
	const char *error = NULL;
	char text[OFL_PREFIX_STRLEN];
	struct ofl_prefix p;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!store)
		return ofl_out_error(&o, "There is no database.");
	if (prefix_str) {
		if (!ofl_prefix_parse(prefix_str, true, &p))
			return ofl_out_error(&o, "%s is not a prefix.",
					     prefix_str);
		q.prefix = ofl_prefix_print(&p, text, sizeof(text));
	}
	ofl_out_text(&o, "%-19s %-18s %-9s %-9s %s\n", "Time (UTC)", "Prefix",
		     "From", "To", "Reason");
	ofl_out_rows_begin(&o, "history");
	if (ofl_store_history(store, &q, history_row, &o, &error) < 0)
		return ofl_out_error(&o, "%s", error);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

static bool event_row(const struct ofl_event_row *r, void *arg)
{
	struct ofl_out *o = arg;

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
	"show offload events [limit (1-100000)$limit] [json$json]",
	SHOW_STR
	OFL_STR
	"Watermark crossings and the like, newest first\n"
	"How many (default 100)\n"
	"Number of rows\n"
	JSON_STR)
{
	struct ofl_store *store = ofl_engine_store();
	const char *error = NULL;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!store)
		return ofl_out_error(&o, "There is no database.");
	ofl_out_text(&o, "%-19s %-16s %8s %8s %s\n", "Time (UTC)", "Event",
		     "Used", "Slots", "Table");
	ofl_out_rows_begin(&o, "events");
	if (ofl_store_events(store, 0, limit_str ? limit : LIMIT_DEFAULT,
			     event_row, &o, &error) < 0)
		return ofl_out_error(&o, "%s", error);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

DEFPY(ofl_clear_history, ofl_clear_history_cmd,
	"clear offload history",
	CLEAR_STR
	OFL_STR
	"Forget every change of state and event until now\n")
{
	struct ofl_store *store = ofl_engine_store();

	if (!store) {
		vty_out(vty, "%% There is no database.\n");
		return CMD_WARNING;
	}
	ofl_store_clear_history(store, UINT64_MAX);
	return CMD_SUCCESS;
}

void ofl_show_history_init(void)
{
	install_element(VIEW_NODE, &ofl_show_history_cmd);
	install_element(VIEW_NODE, &ofl_show_events_cmd);
	install_element(ENABLE_NODE, &ofl_clear_history_cmd);
}
