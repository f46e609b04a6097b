// SPDX-License-Identifier: GPL-2.0-or-later
/* Traffic, for who asks: tables, and the heaviest flows. */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/engine_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TRAFFIC_TOP, "offload heaviest flows");

#define PERMILLE 1000

void ofl_engine_traffic_status(struct ofl_traffic_status *ret)
{
	*ret = (struct ofl_traffic_status){.conf = &ofl_eng.conf->traffic};
	if (!ofl_eng.traffic)
		return;
	ret->since_us = ofl_eng.traffic_since_us;
	ofl_traffic_stats(ofl_eng.traffic, &ret->stats);
}

static uint32_t permille(double part, double whole)
{
	return whole > 0 ? MIN(part / whole, 1.0) * PERMILLE : 0;
}

static double all_of(const struct ofl_hw *t)
{
	return t->traffic.rate[0] + t->traffic.rate[1];
}

static void table_of(const struct ofl_hw *t, struct ofl_table_traffic *ret)
{
	const struct ofl_hw_traffic *x = &t->traffic;

	*ret = (struct ofl_table_traffic){
		.table = t->conf.name,
		.hw_rate = x->rate[1],
		.sw_rate = x->rate[0],
		.known = x->rounds && all_of(t) > 0,
		.hw_permille = permille(x->rate[1], all_of(t)),
		.hw_packets = x->packets[1],
		.hw_bytes = x->bytes[1],
		.sw_packets = x->packets[0],
		.sw_bytes = x->bytes[0],
		.sample_budget_pps = ofl_eng.conf->traffic.sample_budget_pps,
		.period_us = ofl_beat_period_us(&ofl_eng.conf->traffic,
						x->reading_us),
		.reading_us = x->reading_us,
		.readings = x->readings,
		.read_us = x->read_us,
		.entries = x->entries,
		.writes_per_min = x->writes_per_min,
	};
	if (t->ops->sampling)
		t->ops->sampling(t->prov, &ret->sampling);
	else
		strlcpy(ret->sampling.text,
			"its provider cannot sample packets",
			sizeof(ret->sampling.text));
}

static int name_cmp(const void *a, const void *b)
{
	const struct ofl_hw *const *left = a, *const *right = b;

	return strcmp((*left)->conf.name, (*right)->conf.name);
}

void ofl_engine_traffic_tables_walk(
	bool (*cb)(const struct ofl_table_traffic *t, void *arg), void *arg)
{
	struct ofl_hw *tables[OFL_TABLES_MAX];
	struct ofl_table_traffic said;
	size_t n = 0;

	for (unsigned int i = 0; ofl_eng.traffic && i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i] && !ofl_eng.tables[i]->retiring)
			tables[n++] = ofl_eng.tables[i];
	}
	qsort(tables, n, sizeof(tables[0]), name_cmp);
	for (size_t i = 0; i < n; i++) {
		table_of(tables[i], &said);
		if (!cb(&said, arg))
			return;
	}
}

/* --- the heaviest --- */
/* The lightest of those kept is on top. */
struct top {
	const struct ofl_hw *table; /* NULL: any */
	bool software_only;
	uint32_t limit, count;
	struct ofl_traffic_view *heap;
};

static bool is_wanted(const struct top *top, const struct ofl_flow *f)
{
	if (top->table && f->table != top->table->index)
		return false;
	return !top->software_only || (f->state != OFL_STATE_OFFLOADED &&
				       f->state != OFL_STATE_ELIDED);
}

static void swap(struct top *top, uint32_t a, uint32_t b)
{
	struct ofl_traffic_view was = top->heap[a];

	top->heap[a] = top->heap[b];
	top->heap[b] = was;
}

static void sink(struct top *top, uint32_t at)
{
	for (;;) {
		uint32_t least = at;

		for (uint32_t c = 2 * at + 1; c <= 2 * at + 2; c++) {
			if (c < top->count &&
			    top->heap[c].rate < top->heap[least].rate)
				least = c;
		}
		if (least == at)
			return;
		swap(top, at, least);
		at = least;
	}
}

static void rise(struct top *top, uint32_t at)
{
	while (at && top->heap[at].rate < top->heap[(at - 1) / 2].rate) {
		swap(top, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static bool take(void *arg, const struct ofl_traffic_view *v)
{
	struct top *top = arg;

	if (!(v->rate > 0) || !is_wanted(top, ofl_flow_of(v->cookie)))
		return true;
	if (top->count < top->limit) {
		top->heap[top->count++] = *v;
		rise(top, top->count - 1);
	} else if (v->rate > top->heap[0].rate) {
		top->heap[0] = *v;
		sink(top, 0);
	}
	return true;
}

static int rate_cmp(const void *a, const void *b)
{
	const struct ofl_traffic_view *left = a, *right = b;

	if (left->rate != right->rate)
		return left->rate > right->rate ? -1 : 1;
	return ofl_key_cmp(&ofl_flow_of(left->cookie)->key,
			   &ofl_flow_of(right->cookie)->key);
}

static void tell(const struct top *top,
		 bool (*cb)(const struct ofl_traffic_flow *f, void *arg),
		 void *arg)
{
	for (uint32_t i = 0; i < top->count; i++) {
		struct ofl_traffic_flow said = {
			.flow = ofl_flow_of(top->heap[i].cookie),
			.view = top->heap[i],
		};
		const struct ofl_hw *t =
			said.flow->table < OFL_TABLES_MAX
				? ofl_eng.tables[said.flow->table]
				: NULL;

		if (t)
			said.permille = permille(said.view.rate, all_of(t));
		if (!cb(&said, arg))
			return;
	}
}

bool ofl_engine_traffic_top(
	const char *table, bool software_only, uint32_t limit,
	bool (*cb)(const struct ofl_traffic_flow *f, void *arg), void *arg)
{
	struct top top = {
		.software_only = software_only,
		.limit = MIN(limit, OFL_TRAFFIC_TOP_MAX),
	};

	if (table) {
		top.table = ofl_engine_table_find(table);
		if (!top.table)
			return false;
	}
	if (!ofl_eng.traffic || !top.limit)
		return true;
	top.heap =
		XCALLOC(MTYPE_OFL_TRAFFIC_TOP, top.limit * sizeof(top.heap[0]));
	ofl_traffic_walk(ofl_eng.traffic, take, &top);
	qsort(top.heap, top.count, sizeof(top.heap[0]), rate_cmp);
	tell(&top, cb, arg);
	XFREE(MTYPE_OFL_TRAFFIC_TOP, top.heap);
	return true;
}

bool ofl_engine_traffic_of(const struct ofl_flow *flow,
			   struct ofl_traffic_view *ret)
{
	return ofl_eng.traffic &&
	       ofl_traffic_view(ofl_eng.traffic, ofl_cookie_of(flow), ret);
}
