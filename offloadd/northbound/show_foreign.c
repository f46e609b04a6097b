// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload foreign`: filters that other programs have at the ports of our
 * tables, and at interfaces with lists.  They are shown and never touched.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/engine/engine.h"
#include "offloadd/engine/lists.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_foreign_clippy.c"
#endif

struct show {
	struct ofl_out out;
	const char *table; /* that is walked; "": of none */
	uint64_t count, in_hw;
	bool counting, headed;
};

static const char *where(const struct ofl_foreign *f)
{
	if (!f->in_hw)
		return "software";
	return f->skip_sw ? "hardware" : "both";
}

static void show_row(struct show *s, const struct ofl_foreign *f)
{
	struct ofl_out *o = &s->out;
	char handle[16];

	snprintf(handle, sizeof(handle), "0x%x", f->handle);
	ofl_out_row_begin(o);
	ofl_out_str(o, "table", NULL, s->table);
	ofl_out_cell(o, "port", 15, o->is_json || f->port[0] ? f->port : "*");
	ofl_out_cell(o, "direction", 3,
		     ofl_direction_name(f->egress ? OFL_EGRESS : OFL_INGRESS));
	ofl_out_cell(o, "classifier", 8, f->kind);
	ofl_out_cell_uint(o, "chain", -6, f->chain);
	ofl_out_cell_uint(o, "pref", -5, f->pref);
	if (o->is_json)
		ofl_out_uint(o, "handle", NULL, f->handle);
	else
		ofl_out_cell(o, NULL, 10, handle);
	ofl_out_cell(o, "where", 8, where(f));
	ofl_out_cell_uint(o, "packets", -12, f->packets);
	ofl_out_uint(o, "bytes", NULL, f->bytes);
	ofl_out_uint(o, "protocol", NULL, f->protocol);
	ofl_out_bool(o, "inHardware", NULL, f->in_hw);
	ofl_out_bool(o, "skipHw", NULL, f->skip_hw);
	ofl_out_bool(o, "skipSw", NULL, f->skip_sw);
	ofl_out_row_end(o);
}

static bool each(const struct ofl_foreign *f, void *arg)
{
	struct show *s = arg;

	if (s->counting) {
		s->count++;
		s->in_hw += f->in_hw;
		return true;
	}
	if (!s->headed)
		ofl_out_text(&s->out, "%s%s\n",
			     s->table[0] ? "Table " : "Other interfaces",
			     s->table);
	s->headed = true;
	show_row(s, f);
	return true;
}

static bool walk_table(struct show *s, const char *table)
{
	s->table = table;
	s->headed = false;
	return ofl_lists_foreign_walk(table, each, s);
}

static bool walk_one(const struct ofl_table_status *t, void *arg)
{
	walk_table(arg, t->conf->name);
	return true;
}

/* Of one table, or of all. */
static bool walk(struct show *s, const char *table)
{
	if (table)
		return walk_table(s, table);
	ofl_engine_tables_walk(walk_one, s);
	walk_table(s, "");
	return true;
}

DEFPY(ofl_show_foreign, ofl_show_foreign_cmd,
	"show offload foreign [table WORD$ofl_table] [json$json]",
	SHOW_STR
	OFL_STR
	"Filters of other programs, which are never touched\n"
	"Only those at the ports of a table\n"
	"Name of a table\n"
	JSON_STR)
{
	struct ofl_table_status status;
	struct show s = {.counting = true};

	ofl_out_begin(&s.out, vty, json);
	if (ofl_table && !ofl_engine_table_status(ofl_table, &status))
		return ofl_out_error(&s.out, "There is no table %s.",
				     ofl_table);
	walk(&s, ofl_table);
	ofl_out_uint(&s.out, "count", "Filters", s.count);
	ofl_out_uint(&s.out, "inHardware", "In hardware", s.in_hw);
	if (s.count)
		ofl_out_text(&s.out,
			     "%-15s %-3s %-8s %6s %5s %-10s %-8s %12s\n",
			     "Port", "Dir", "Kind", "Chain", "Pref", "Handle",
			     "Where", "Packets");
	s.counting = false;
	ofl_out_rows_begin(&s.out, "filters");
	walk(&s, ofl_table);
	ofl_out_rows_end(&s.out);
	return ofl_out_end(&s.out);
}

void ofl_show_foreign_init(void)
{
	install_element(VIEW_NODE, &ofl_show_foreign_cmd);
}
