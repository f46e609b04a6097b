// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload traffic`: how much of it hardware forwards, how that is
 * measured, and which routes carry the most of what it does not.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "vrf.h"

#include "offloadd/base/names.h"
#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#include "offloadd/northbound/show_traffic.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_traffic_clippy.c"
#endif

#define TOP_DEFAULT 10

/* --- words --- */

const char *ofl_rate_print(double rate, enum ofl_traffic_unit unit, char *buf,
			   size_t len)
{
	static const char *const scales[] = {"", "k", "M", "G", "T", "P"};
	size_t scale = 0;

	/* What would be printed as 10000.0 is 10.0k. */
	while (rate >= 9999.95 && scale + 1 < array_size(scales)) {
		rate /= 1000;
		scale++;
	}
	snprintf(buf, len, "%.1f%s%s%s%s", rate, scales[scale],
		 unit == OFL_TRAFFIC_OFF ? "" : " ",
		 unit == OFL_TRAFFIC_OFF ? "" : ofl_traffic_unit_name(unit),
		 unit == OFL_TRAFFIC_OFF ? "" : "/s");
	return buf;
}

void ofl_show_traffic_of(struct ofl_out *o, const char *label,
			 const struct ofl_traffic_view *v,
			 enum ofl_traffic_unit unit)
{
	char rate[OFL_RATE_LEN], error[OFL_RATE_LEN], text[128];

	ofl_rate_print(v->rate, unit, rate, sizeof(rate));
	ofl_rate_print(v->error, OFL_TRAFFIC_OFF, error, sizeof(error));
	snprintf(text, sizeof(text), "%s, +/- %s%s", rate, error,
		 v->is_mouse ? ", held back by the mice filter" : "");
	ofl_out_str(o, NULL, label, text);
	ofl_out_group_begin(o, "traffic", NULL);
	ofl_out_str(o, "unit", NULL, ofl_traffic_unit_name(unit));
	ofl_out_real(o, "rate", NULL, v->rate, 3);
	ofl_out_real(o, "error", NULL, v->error, 3);
	ofl_out_uint(o, "weight", NULL, v->weight);
	ofl_out_bool(o, "heldBack", NULL, v->is_mouse);
	ofl_out_group_end(o, "traffic");
}

/* --- a table --- */

static void table_rates(struct ofl_out *o, const struct ofl_table_traffic *t,
			enum ofl_traffic_unit unit)
{
	uint32_t permille = MIN(t->hw_permille, 1000);
	char rate[OFL_RATE_LEN], text[160];

	snprintf(text, sizeof(text), "not known yet");
	if (t->known)
		snprintf(text, sizeof(text), "%u.%u %% of the traffic",
			 permille / 10, permille % 10);
	ofl_out_str(o, NULL, "In hardware", text);
	if (t->known) {
		ofl_out_real(o, "hardwarePercent", NULL, permille / 10.0, 1);
		ofl_out_real(o, "hardwareRate", NULL, t->hw_rate, 3);
		ofl_out_real(o, "softwareRate", NULL, t->sw_rate, 3);
	}
	snprintf(text, sizeof(text),
		 "%s; %" PRIu64 " packets, %" PRIu64 " bytes in all",
		 ofl_rate_print(t->hw_rate, unit, rate, sizeof(rate)),
		 t->hw_packets, t->hw_bytes);
	ofl_out_str(o, NULL, "Hardware", text);
	snprintf(text, sizeof(text),
		 "%s; %" PRIu64 " packets, %" PRIu64 " bytes in all",
		 ofl_rate_print(t->sw_rate, unit, rate, sizeof(rate)),
		 t->sw_packets, t->sw_bytes);
	ofl_out_str(o, NULL, "Software, estimated", text);
	ofl_out_uint(o, "hardwarePackets", NULL, t->hw_packets);
	ofl_out_uint(o, "hardwareBytes", NULL, t->hw_bytes);
	ofl_out_uint(o, "softwarePackets", NULL, t->sw_packets);
	ofl_out_uint(o, "softwareBytes", NULL, t->sw_bytes);
}

static void table_sampling(struct ofl_out *o, const struct ofl_table_traffic *t)
{
	const struct ofl_sampling_status *s = &t->sampling;
	char text[128];

	snprintf(text, sizeof(text), "none");
	if (s->on)
		snprintf(text, sizeof(text),
			 "one packet of %u, at most %u samples/s", s->rate,
			 t->sample_budget_pps);
	else if (s->regions)
		snprintf(text, sizeof(text),
			 "none; packets are counted, in %u regions",
			 s->regions);
	ofl_out_str(o, NULL, "Sampling", text);
	if (s->text[0])
		ofl_out_str(o, NULL, "Because", s->text);
	snprintf(text, sizeof(text),
		 "%" PRIu64 ", of these %" PRIu64 " not routed; %" PRIu64
		 " lost",
		 s->samples, s->odd, s->lost);
	ofl_out_str(o, NULL, "Samples", text);
	ofl_out_group_begin(o, "sampling", NULL);
	ofl_out_bool(o, "active", NULL, s->on);
	ofl_out_uint(o, "rate", NULL, s->on ? s->rate : 0);
	ofl_out_uint(o, "budget", NULL, t->sample_budget_pps);
	ofl_out_uint(o, "samples", NULL, s->samples);
	ofl_out_uint(o, "lost", NULL, s->lost);
	ofl_out_uint(o, "notRouted", NULL, s->odd);
	ofl_out_uint(o, "regions", NULL, s->regions);
	if (s->text[0])
		ofl_out_str(o, "text", NULL, s->text);
	ofl_out_group_end(o, "sampling");
}

static void table_readings(struct ofl_out *o, const struct ofl_table_traffic *t)
{
	char text[160];

	snprintf(text, sizeof(text), "%" PRIu64 ", one in %.1f s", t->readings,
		 t->period_us / 1e6);
	ofl_out_str(o, NULL, "Readings of counters", text);
	ofl_out_group_begin(o, "readings", NULL);
	ofl_out_uint(o, "count", NULL, t->readings);
	ofl_out_uint(o, "periodUs", NULL, t->period_us);
	if (t->readings) {
		snprintf(text, sizeof(text), "%u entries in %.1f ms",
			 t->entries, t->reading_us / 1e3);
		ofl_out_str(o, NULL, "The last", text);
		ofl_out_uint(o, "entries", NULL, t->entries);
		ofl_out_uint(o, "durationUs", NULL, t->reading_us);
		ofl_out_time(o, "last", "It ended", t->read_us);
	}
	ofl_out_group_end(o, "readings");
}

struct telling {
	struct ofl_out *o;
	const char *only; /* NULL: all tables */
	enum ofl_traffic_unit unit;
};

static bool table_show(const struct ofl_table_traffic *t, void *arg)
{
	const struct telling *x = arg;
	struct ofl_out *o = x->o;

	if (x->only && strcmp(t->table, x->only) != 0)
		return true;
	ofl_out_item_begin(o);
	ofl_out_text(o, "Table %s\n", t->table);
	ofl_out_str(o, "name", NULL, t->table);
	table_rates(o, t, x->unit);
	table_sampling(o, t);
	table_readings(o, t);
	ofl_out_uint(o, "writesPerMinute", "Writes per minute",
		     t->writes_per_min);
	ofl_out_item_end(o);
	return true;
}

/* --- the heaviest --- */

struct rows {
	struct ofl_out *o;
	uint32_t n;
};

static bool flow_row(const struct ofl_traffic_flow *f, void *arg)
{
	struct rows *rows = arg;
	const struct ofl_flow *flow = f->flow;
	const char *table = ofl_engine_table_name(flow->table);
	const char *vrf = ofl_engine_vrf_name(flow->key.vrf);
	char prefix[OFL_PREFIX_STRLEN], text[64];
	struct ofl_out *o = rows->o;

	rows->n++;
	ofl_out_row_begin(o);
	ofl_out_cell(o, "prefix", 18,
		     ofl_prefix_print(&flow->key.p, prefix, sizeof(prefix)));
	if (table || !o->is_json)
		ofl_out_cell(o, "table", 8, table ? table : "-");
	ofl_rate_print(f->view.rate, OFL_TRAFFIC_OFF, text, sizeof(text));
	ofl_out_cell(o, NULL, -9, text);
	snprintf(text, sizeof(text), "%u.%u %%", f->permille / 10,
		 f->permille % 10);
	ofl_out_cell(o, NULL, -7, text);
	ofl_out_cell(o, "state", 9, ofl_state_name(flow->state));
	snprintf(text, sizeof(text), "%s%s", ofl_reason_name(flow->reason),
		 f->view.is_mouse && !o->is_json ? ", held back" : "");
	ofl_out_cell(o, "reason", 0, text);
	if (flow->key.vrf != VRF_DEFAULT && !o->is_json) {
		snprintf(text, sizeof(text), "VRF %s", vrf);
		ofl_out_note(o, NULL, text);
	}
	ofl_out_str(o, "vrf", NULL, vrf);
	ofl_out_str(o, "class", NULL, ofl_class_name(flow->cls));
	ofl_out_real(o, "rate", NULL, f->view.rate, 3);
	ofl_out_real(o, "error", NULL, f->view.error, 3);
	ofl_out_real(o, "percent", NULL, f->permille / 10.0, 1);
	ofl_out_uint(o, "weight", NULL, f->view.weight);
	ofl_out_bool(o, "heldBack", NULL, f->view.is_mouse);
	ofl_out_row_end(o);
	return true;
}

static void heaviest_show(struct ofl_out *o, const char *table, uint32_t top,
			  enum ofl_traffic_unit unit)
{
	struct rows rows = {.o = o};

	ofl_out_text(o, "Heaviest flows in software, and why\n");
	ofl_out_text(o, "%-18s %-8s %9s %7s %-9s %s\n", "Prefix", "Table",
		     unit == OFL_TRAFFIC_BYTES ? "Bytes/s" : "Packets/s",
		     "Share", "State", "Reason");
	ofl_out_rows_begin(o, "heaviest");
	ofl_engine_traffic_top(table, true, top, flow_row, &rows);
	ofl_out_rows_end(o);
	if (!rows.n)
		ofl_out_text(o, "None: no traffic of a flow in software was "
				"seen.\n");
}

/* --- the command --- */

static void configured_show(struct ofl_out *o,
			    const struct ofl_traffic_status *st)
{
	const struct ofl_traffic_conf *conf = st->conf;
	char text[96];

	ofl_out_text(o, "Traffic, counted in %s\n",
		     ofl_traffic_unit_name(conf->unit));
	if (st->since_us)
		ofl_out_time(o, "since", "Since", st->since_us);
	ofl_out_uint(o, "halfLifeSeconds", "Half-life (s)", conf->half_life_s);
	ofl_out_uint(o, "periodSeconds", "Period (s)", conf->period_s);
	snprintf(text, sizeof(text), "%u, of these %u held back",
		 st->stats.meters, st->stats.mice);
	ofl_out_str(o, NULL, "Flows with traffic", text);
	ofl_out_uint(o, "flows", NULL, st->stats.meters);
	ofl_out_uint(o, "heldBack", NULL, st->stats.mice);
	ofl_out_uint(o, "rounds", "Rounds of weights", st->stats.rounds);
}

int ofl_show_traffic(struct ofl_out *o, const char *table, uint32_t top)
{
	struct telling x = {.o = o, .only = table};
	struct ofl_table_status status;
	struct ofl_traffic_status st;

	if (table && !ofl_engine_table_status(table, &status))
		return ofl_out_error(o, "There is no table %s.", table);
	ofl_engine_traffic_status(&st);
	x.unit = st.conf->unit;
	ofl_out_str(o, "count", NULL, ofl_traffic_unit_name(x.unit));
	if (x.unit == OFL_TRAFFIC_OFF) {
		ofl_out_text(o, "Traffic is not counted: the weights of rules "
				"hold. To have it counted,\nconfigure "
				"`traffic count packets' or `traffic count "
				"bytes' in the node offload.\n");
		return ofl_out_end(o);
	}
	configured_show(o, &st);
	ofl_out_array_begin(o, "tables");
	ofl_engine_traffic_tables_walk(table_show, &x);
	ofl_out_array_end(o);
	heaviest_show(o, table, top, x.unit);
	return ofl_out_end(o);
}

DEFPY(ofl_cli_show_traffic, ofl_show_traffic_cmd,
	"show offload traffic [table WORD$ofl_table] [top (1-1000)$top] [json$json]",
	SHOW_STR
	OFL_STR
	"Share of hardware in the traffic, and the heaviest flows in software\n"
	"Of one table\n"
	"Name of the table\n"
	"So many flows at most (10)\n"
	"Number of flows\n"
	JSON_STR)
{
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	return ofl_show_traffic(&o, ofl_table, top_str ? top : TOP_DEFAULT);
}

void ofl_show_traffic_init(void)
{
	install_element(VIEW_NODE, &ofl_show_traffic_cmd);
}
