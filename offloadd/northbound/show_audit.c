// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The auditor's commands: when it begins by itself, `offload audit` to begin
 * now, and `show offload audit`.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "northbound_cli.h"

#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_audit_clippy.c"
#endif

#define AUDIT_STR "Intent, hardware and database compared\n"

/* --- configuration --- */

DEFPY_YANG(ofl_audit_interval, ofl_audit_interval_cmd,
	"audit interval (0-86400)$seconds",
	AUDIT_STR
	"Time from the end of a pass to the next\n"
	"Seconds; 0: none begins by itself\n")
{
	return ofl_cli_leaf_set(vty, "./audit/interval", seconds_str);
}

DEFPY_YANG(ofl_no_audit_interval, ofl_no_audit_interval_cmd,
	"no audit interval [(0-86400)]",
	NO_STR
	AUDIT_STR
	"Time from the end of a pass to the next\n"
	"Seconds; 0: none begins by itself\n")
{
	return ofl_cli_leaf_default(vty, "./audit/interval");
}

DEFPY_YANG(ofl_audit_repairs, ofl_audit_repairs_cmd,
	"audit repairs (1-1000000)$repairs",
	AUDIT_STR
	"What differs is made right at this pace\n"
	"Repairs a second\n")
{
	return ofl_cli_leaf_set(vty, "./audit/repairs", repairs_str);
}

DEFPY_YANG(ofl_no_audit_repairs, ofl_no_audit_repairs_cmd,
	"no audit repairs [(1-1000000)]",
	NO_STR
	AUDIT_STR
	"What differs is made right at this pace\n"
	"Repairs a second\n")
{
	return ofl_cli_leaf_default(vty, "./audit/repairs");
}

/* --- now --- */

DEFPY(ofl_audit_begin, ofl_audit_begin_cmd,
	"offload audit",
	OFL_STR
	"Compare intent, hardware and database now\n")
{
	if (!ofl_audit_now())
		vty_out(vty, "A pass is under way; another one follows it.\n");
	return CMD_SUCCESS;
}

/* --- show --- */

static void show_pass(struct ofl_out *o, const struct ofl_audit_status *st)
{
	ofl_out_bool(o, "running", "A pass is under way", st->running);
	if (st->running)
		ofl_out_str(o, "comparing", "It compares", st->step);
	ofl_out_uint(o, "passes", "Passes", st->passes);
	if (!st->running && st->next_in_ms)
		ofl_out_uint(o, "nextInSeconds", "Next one, in seconds",
			     (st->next_in_ms + 999) / 1000);
	if (!st->passes)
		return;
	ofl_out_group_begin(o, "last", "Last pass");
	ofl_out_time(o, "began", "Began", st->began_us);
	ofl_out_time(o, "ended", "Ended", st->ended_us);
	ofl_out_uint(o, "entries", "Entries of hardware", st->entries);
	ofl_out_uint(o, "flows", "Flows", st->flows);
	if (st->rows_compared)
		ofl_out_uint(o, "rows", "Rows of the database", st->rows);
	else
		ofl_out_text(o, "  The database was not compared.\n");
	ofl_out_uint(o, "differences", "Differences", st->pass_differences);
	ofl_out_group_end(o, "last");
}

static void show_sums(struct ofl_out *o, const struct ofl_audit_status *st)
{
	static const char *const labels[OFL_DIFFERENCE_MAX] = {
		[OFL_DIFFERENCE_MISSING] = "Missing in hardware",
		[OFL_DIFFERENCE_CHANGED] = "Changed in hardware",
		[OFL_DIFFERENCE_EXTRA] = "Nobody's in hardware",
		[OFL_DIFFERENCE_STORED] = "Wrong in the database",
	};

	ofl_out_group_begin(o, "sinceStart", "Differences since the start");
	for (unsigned int i = 0; i < OFL_DIFFERENCE_MAX; i++)
		ofl_out_uint(o, ofl_difference_name(i), labels[i],
			     st->differences[i][OFL_AUDIT_BY_PASS] +
				     st->differences[i][OFL_AUDIT_BY_PROVIDER]);
	ofl_out_uint(o, "repaired", "Decided again", st->repaired);
	ofl_out_uint(o, "providerAudits", "Audits of providers",
		     st->provider_audits);
	ofl_out_group_end(o, "sinceStart");
}

static bool show_found(const struct ofl_audit_found *f, void *arg)
{
	struct ofl_out *o = arg;
	char prefix[OFL_PREFIX_STRLEN] = "";

	if (f->has_key)
		ofl_prefix_print(&f->key.p, prefix, sizeof(prefix));
	ofl_out_row_begin(o);
	ofl_out_cell_time(o, "at", f->at_us);
	ofl_out_cell(o, "prefix", 20, f->has_key || o->is_json ? prefix : "-");
	ofl_out_cell(o, "what", 8, ofl_difference_name(f->what));
	ofl_out_cell(o, "by", 8,
		     f->by == OFL_AUDIT_BY_PASS ? "pass" : "provider");
	ofl_out_cell(o, NULL, 0, f->table[0] ? f->table : "-");
	if (f->has_key)
		ofl_out_str(o, "vrf", NULL, ofl_engine_vrf_name(f->key.vrf));
	if (f->table[0])
		ofl_out_str(o, "table", NULL, f->table);
	ofl_out_note(o, "text", f->text);
	ofl_out_row_end(o);
	return true;
}

DEFPY(ofl_show_audit, ofl_show_audit_cmd,
	"show offload audit [json$json]",
	SHOW_STR
	OFL_STR
	"What was compared, and what was not as it should be\n"
	JSON_STR)
{
	struct ofl_audit_status st;
	struct ofl_out o;

	ofl_audit_status(&st);
	ofl_out_begin(&o, vty, json);
	show_pass(&o, &st);
	show_sums(&o, &st);
	ofl_out_text(&o, "\n%-19s %-20s %-8s %-8s %s\n", "Time (UTC)",
		     "Prefix", "What", "Found by", "Table");
	ofl_out_rows_begin(&o, "found");
	ofl_audit_walk(show_found, &o);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

void ofl_show_audit_init(void)
{
	install_element(OFFLOAD_NODE, &ofl_audit_interval_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_audit_interval_cmd);
	install_element(OFFLOAD_NODE, &ofl_audit_repairs_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_audit_repairs_cmd);
	install_element(ENABLE_NODE, &ofl_audit_begin_cmd);
	install_element(VIEW_NODE, &ofl_show_audit_cmd);
}
