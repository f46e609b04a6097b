// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What metrics say of traffic: nothing but the heads of the families while none
 * is counted.  Names of flows are no labels: there may be a million.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/traffic.h"
#include "offloadd/metrics/content.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_METRIC_TRAFFIC, "offload metrics traffic");

struct tables {
	struct ofl_table_traffic *v;
	size_t count;
};

static bool collect(const struct ofl_table_traffic *t, void *arg)
{
	struct tables *all = arg;

	struct ofl_table_traffic *table = &all->v[all->count++];

	*table = *t;
	/* Those that came are not told twice. */
	table->sampling.samples -=
		MIN(table->sampling.odd, table->sampling.samples);
	return all->count < OFL_TABLES_MAX;
}

/* A family with a sample of each value of a label, for each table. */
struct spread {
	enum ofl_metric metric;
	const char *label;
	struct {
		const char *value;
		size_t offset; /* of a uint64_t in struct ofl_table_traffic */
	} of[3];	       /* ends with value NULL */
};

#define AT(member) offsetof(struct ofl_table_traffic, member)
static const struct spread spreads[] = {
	{OFL_METRIC_TRAFFIC_PACKETS,
	 "by",
	 {{"hardware", AT(hw_packets)}, {"software", AT(sw_packets)}}},
	{OFL_METRIC_TRAFFIC_BYTES,
	 "by",
	 {{"hardware", AT(hw_bytes)}, {"software", AT(sw_bytes)}}},
	{OFL_METRIC_TRAFFIC_SAMPLES,
	 "result",
	 {{"ok", AT(sampling.samples)},
	  {"lost", AT(sampling.lost)},
	  {"not-routed", AT(sampling.odd)}}},
};
#undef AT

static void spread_tell(struct ofl_metric_text *t, const struct spread *s,
			const struct ofl_table_traffic *table)
{
	for (size_t i = 0; i < array_size(s->of) && s->of[i].value; i++)
		ofl_metric_uint(t,
				*(const uint64_t *)((const char *)table +
						    s->of[i].offset),
				"table", table->table, s->label, s->of[i].value,
				NULL);
}

static void tables_tell(struct ofl_metric_text *t, const struct tables *all)
{
	const struct ofl_table_traffic *end = all->v + all->count, *at;

	for (size_t i = 0; i < array_size(spreads); i++) {
		ofl_metric_begin(t, spreads[i].metric);
		for (at = all->v; at < end; at++)
			spread_tell(t, &spreads[i], at);
	}
	ofl_metric_begin(t, OFL_METRIC_TRAFFIC_HARDWARE);
	for (at = all->v; at < end; at++)
		if (at->known)
			ofl_metric_real(t, at->hw_permille / 1e3, "table",
					at->table, NULL);
	ofl_metric_begin(t, OFL_METRIC_TRAFFIC_RATE);
	for (at = all->v; at < end; at++)
		ofl_metric_uint(t, at->sampling.on ? at->sampling.rate : 0,
				"table", at->table, NULL);
	ofl_metric_begin(t, OFL_METRIC_TRAFFIC_READINGS);
	for (at = all->v; at < end; at++)
		ofl_metric_uint(t, at->readings, "table", at->table, NULL);
	ofl_metric_begin(t, OFL_METRIC_TRAFFIC_READING);
	for (at = all->v; at < end; at++)
		ofl_metric_real(t, at->reading_us / 1e6, "table", at->table,
				NULL);
}

static void flows_tell(struct ofl_metric_text *t,
		       const struct ofl_traffic_status *st, bool is_on)
{
	ofl_metric_begin(t, OFL_METRIC_TRAFFIC_FLOWS);
	if (is_on) {
		ofl_metric_uint(t, st->stats.meters - st->stats.mice,
				"held_back", "no", NULL);
		ofl_metric_uint(t, st->stats.mice, "held_back", "yes", NULL);
	}
	ofl_metric_begin(t, OFL_METRIC_TRAFFIC_ROUNDS);
	if (is_on)
		ofl_metric_uint(t, st->stats.rounds, NULL);
}

void ofl_metric_content_traffic(struct ofl_metric_text *t)
{
	struct tables all = {
		.v = XCALLOC(MTYPE_OFL_METRIC_TRAFFIC,
			     OFL_TABLES_MAX * sizeof(*all.v)),
	};
	struct ofl_traffic_status st;
	bool is_on;

	ofl_engine_traffic_status(&st);
	is_on = st.conf->unit != OFL_TRAFFIC_OFF;
	if (is_on)
		ofl_engine_traffic_tables_walk(collect, &all);
	tables_tell(t, &all);
	flows_tell(t, &st, is_on);
	XFREE(MTYPE_OFL_METRIC_TRAFFIC, all.v);
}
