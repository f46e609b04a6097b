/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine answers about traffic, made up: one table of which much is
 * known and one of which nothing is, and flows of the real engine that carry
 * something.  A program with it is linked with OFL_TRAFFIC_FAKE.
 */
#ifndef TESTS_UNIT_TRAFFIC_FAKE_H
#define TESTS_UNIT_TRAFFIC_FAKE_H

#include "offloadd/engine/engine.h"
#include "offloadd/engine/traffic.h"

#define FAKE_SINCE_US 1700000000000000ull

/* Defaults, but for the unit, which is the test's to change. */
static struct ofl_traffic_conf fake_conf = {
	.half_life_s = 60,
	.period_s = 5,
	.sample_rate = 1000,
	.sample_budget_pps = 1000,
};
/* Which are counted among the flows: those of these ids, the first the
 * heaviest. */
static uint64_t fake_ids[64];
static size_t fake_id_count;

void __wrap_ofl_engine_traffic_status(struct ofl_traffic_status *ret);
void __wrap_ofl_engine_traffic_tables_walk(
	bool (*cb)(const struct ofl_table_traffic *t, void *arg), void *arg);
bool __wrap_ofl_engine_traffic_top(
	const char *table, bool software_only, uint32_t limit,
	bool (*cb)(const struct ofl_traffic_flow *f, void *arg), void *arg);
bool __wrap_ofl_engine_traffic_of(const struct ofl_flow *flow,
				  struct ofl_traffic_view *ret);

void __wrap_ofl_engine_traffic_status(struct ofl_traffic_status *ret)
{
	*ret = (struct ofl_traffic_status){.conf = &fake_conf};
	if (fake_conf.unit == OFL_TRAFFIC_OFF)
		return;
	ret->since_us = FAKE_SINCE_US;
	ret->stats = (struct ofl_traffic_stats){
		.meters = 12345, .mice = 11000, .rounds = 18};
}

void __wrap_ofl_engine_traffic_tables_walk(
	bool (*cb)(const struct ofl_table_traffic *t, void *arg), void *arg)
{
	const struct ofl_table_traffic tables[] = {
		{
			.table = "asic",
			.hw_rate = 123456.789,
			.sw_rate = 2345.6,
			.known = true,
			.hw_permille = 981,
			.hw_packets = UINT64_C(12345678901),
			.hw_bytes = UINT64_C(1234567890123456),
			.sw_packets = 98765,
			.sw_bytes = 9876500,
			.sampling = {.on = true,
				     .rate = 2000,
				     .samples = 4711,
				     .lost = 3,
				     .odd = 2},
			.sample_budget_pps = 1000,
			.period_us = 5000000,
			.reading_us = 12345,
			.readings = 17,
			.read_us = FAKE_SINCE_US + 85000000,
			.entries = 2000,
			.writes_per_min = 12,
		},
		{
			.table = "other",
			.sampling = {.rate = 1000,
				     .text = "Port sw1: no action sample."},
			.sample_budget_pps = 1000,
			.period_us = 5000000,
		},
	};

	for (size_t i = 0; i < array_size(tables); i++)
		if (!cb(&tables[i], arg))
			return;
}

bool __wrap_ofl_engine_traffic_of(const struct ofl_flow *flow,
				  struct ofl_traffic_view *ret)
{
	for (size_t i = 0; i < fake_id_count; i++) {
		if (fake_ids[i] != flow->id)
			continue;
		*ret = (struct ofl_traffic_view){
			.cookie = flow->id,
			.rate = 12345.67 / (i + 1),
			.error = 30.25,
			.weight = 4000 - i,
			.is_mouse = i % 2,
		};
		return fake_conf.unit != OFL_TRAFFIC_OFF;
	}
	return false;
}

bool __wrap_ofl_engine_traffic_top(
	const char *table, bool software_only, uint32_t limit,
	bool (*cb)(const struct ofl_traffic_flow *f, void *arg), void *arg)
{
	struct ofl_traffic_flow f;

	if (table && strcmp(table, "asic") != 0)
		return false;
	for (size_t i = 0; i < fake_id_count && limit; i++) {
		f.flow = ofl_flowtab_find_id(ofl_engine_flows(), fake_ids[i]);
		if (!f.flow || !__wrap_ofl_engine_traffic_of(f.flow, &f.view) ||
		    (software_only && f.flow->state == OFL_STATE_OFFLOADED))
			continue;
		f.permille = 125 / (i + 1);
		limit--;
		if (!cb(&f, arg))
			break;
	}
	return true;
}

#endif /* TESTS_UNIT_TRAFFIC_FAKE_H */
