// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What metrics say of tables: a family at a time, as the format wants it, each
 * with a sample of every table.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/engine.h"
#include "offloadd/engine/lists.h"
#include "offloadd/metrics/content.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_METRIC_TABLES, "offload metrics tables");

struct table {
	struct ofl_table_status st;
	struct ofl_lists_at lists;
	bool has_lists;
};

struct tables {
	struct table *v;
	size_t count;
};

static bool collect(const struct ofl_table_status *st, void *arg)
{
	struct tables *all = arg;
	struct table *table = &all->v[all->count++];

	table->st = *st;
	table->has_lists = ofl_lists_at(st->conf->name, &table->lists);
	return all->count < OFL_TABLES_MAX;
}

/* --- families of one sample a table --- */

enum value_kind {
	VALUE_BOOL,
	VALUE_U32,
	VALUE_U64,
	VALUE_MS,   /* uint64_t, told in seconds */
	VALUE_REAL, /* of the certificate: none while there is none */
	VALUE_SURE, /* bool, likewise */
	VALUE_LIST, /* uint32_t of lists: none if there are no lists */
	VALUE_LIST_U64,
};

struct figure {
	enum ofl_metric metric;
	enum value_kind kind;
	size_t offset; /* in struct table */
};

#define AT(member) offsetof(struct table, member)
static const struct figure figures[] = {
	{OFL_METRIC_TABLE_READY, VALUE_BOOL, AT(st.ready)},
	{OFL_METRIC_TABLE_SILENT, VALUE_BOOL, AT(st.silent)},
	{OFL_METRIC_TABLE_CAPACITY, VALUE_U32, AT(st.limits.capacity_slots)},
	{OFL_METRIC_TABLE_USED, VALUE_U32, AT(st.place.used_slots)},
	{OFL_METRIC_TABLE_PEAK, VALUE_U32, AT(st.slots.peak)},
	{OFL_METRIC_TABLE_HIGH, VALUE_U32, AT(st.limits.high_slots)},
	{OFL_METRIC_TABLE_LOW, VALUE_U32, AT(st.limits.low_slots)},
	{OFL_METRIC_TABLE_RESERVE, VALUE_U32, AT(st.reserve_slots)},
	{OFL_METRIC_TABLE_LEARNED, VALUE_U32, AT(st.place.learned_slots)},
	{OFL_METRIC_TABLE_PLANNED, VALUE_U32, AT(st.place.planned_slots)},
	{OFL_METRIC_TABLE_COVERS, VALUE_U32, AT(st.place.cover_slots)},
	{OFL_METRIC_TABLE_CRITICAL, VALUE_U32, AT(st.place.critical_slots)},
	{OFL_METRIC_TABLE_ROUTES, VALUE_U32, AT(st.place.routes)},
	{OFL_METRIC_TABLE_ELIGIBLE, VALUE_U32, AT(st.place.eligible)},
	{OFL_METRIC_TABLE_WAITING, VALUE_U32, AT(st.place.waiting)},
	{OFL_METRIC_TABLE_ELIDED, VALUE_U32, AT(st.place.elided)},
	{OFL_METRIC_TABLE_ENTRIES, VALUE_U32, AT(st.provider.entries)},
	{OFL_METRIC_TABLE_SENT, VALUE_U64, AT(st.ops_sent)},
	{OFL_METRIC_TABLE_IN_FLIGHT, VALUE_U32, AT(st.place.in_flight)},
	{OFL_METRIC_TABLE_OLDEST, VALUE_MS, AT(st.oldest_in_flight_ms)},
	{OFL_METRIC_TABLE_EVICTIONS, VALUE_U64, AT(st.place.evictions)},
	{OFL_METRIC_TABLE_OPTIONAL, VALUE_U64, AT(st.place.optional_writes)},
	{OFL_METRIC_TABLE_CERTIFIED, VALUE_BOOL, AT(st.certificate.valid)},
	{OFL_METRIC_TABLE_EXACT, VALUE_SURE, AT(st.certificate.exact)},
	{OFL_METRIC_TABLE_QUALITY, VALUE_REAL, AT(st.certificate.quality)},
	{OFL_METRIC_LISTS, VALUE_LIST, AT(lists.lists)},
	{OFL_METRIC_LIST_RULES, VALUE_LIST, AT(lists.rules)},
	{OFL_METRIC_LIST_MARKS, VALUE_LIST, AT(lists.marks)},
	{OFL_METRIC_LIST_LIMIT, VALUE_LIST, AT(lists.limit_slots)},
	{OFL_METRIC_LIST_USED, VALUE_LIST, AT(lists.used_slots)},
	{OFL_METRIC_LIST_PLANNED, VALUE_LIST, AT(lists.planned_slots)},
	{OFL_METRIC_LIST_WRITES, VALUE_LIST_U64, AT(lists.writes)},
};
#undef AT

static void figure_tell(struct ofl_metric_text *t, const struct figure *f,
			const struct table *table)
{
	const char *name = table->st.conf->name;
	const void *at = (const char *)table + f->offset;
	bool has_certificate = table->st.certificate.valid;

	switch (f->kind) {
	case VALUE_SURE:
		if (!has_certificate)
			break;
		/* fall through */
	case VALUE_BOOL:
		ofl_metric_uint(t, *(const bool *)at, "table", name, NULL);
		break;
	case VALUE_LIST:
		if (!table->has_lists)
			break;
		/* fall through */
	case VALUE_U32:
		ofl_metric_uint(t, *(const uint32_t *)at, "table", name, NULL);
		break;
	case VALUE_LIST_U64:
		if (!table->has_lists)
			break;
		/* fall through */
	case VALUE_U64:
		ofl_metric_uint(t, *(const uint64_t *)at, "table", name, NULL);
		break;
	case VALUE_MS:
		ofl_metric_real(t, *(const uint64_t *)at / 1e3, "table", name,
				NULL);
		break;
	case VALUE_REAL:
		if (has_certificate)
			ofl_metric_real(t, *(const double *)at, "table", name,
					NULL);
		break;
	}
}

/* --- families of several --- */

static void provider_tell(struct ofl_metric_text *t, const struct tables *all)
{
	ofl_metric_begin(t, OFL_METRIC_TABLE);
	for (size_t i = 0; i < all->count; i++) {
		const struct ofl_hwtable_conf *conf = all->v[i].st.conf;

		ofl_metric_uint(t, 1, "table", conf->name, "provider",
				conf->provider, NULL);
	}
}

static void admission_tell(struct ofl_metric_text *t, const struct tables *all)
{
	static const char *const states[] = {"open", "closed"};

	ofl_metric_begin(t, OFL_METRIC_TABLE_ADMISSION);
	for (size_t i = 0; i < all->count; i++)
		ofl_metric_states(t, "table", all->v[i].st.conf->name, states,
				  array_size(states),
				  states[all->v[i].st.place.closed]);
}

/* A family with one more label: so many values of it, each at its place. */
struct spread {
	enum ofl_metric metric;
	const char *label;
	struct {
		const char *value;
		size_t offset;
	} of[6]; /* ends with value NULL */
	enum value_kind kind;
};

#define AT(member) offsetof(struct table, member)
static const struct spread spreads[] = {
	{OFL_METRIC_TABLE_CROSSINGS,
	 "watermark",
	 {{"high", AT(st.place.crossings_high)},
	  {"low", AT(st.place.crossings_low)}},
	 VALUE_U64},
	{OFL_METRIC_TABLE_ANSWERED,
	 "result",
	 {{"ok", AT(st.ops_ok)}, {"failed", AT(st.ops_failed)}},
	 VALUE_U64},
	{OFL_METRIC_TABLE_CHANGES,
	 "change",
	 {{"added", AT(st.provider.added)},
	  {"replaced", AT(st.provider.replaced)},
	  {"deleted", AT(st.provider.deleted)},
	  {"refused", AT(st.provider.refused)},
	  {"lost", AT(st.provider.lost)}},
	 VALUE_U64},
	{OFL_METRIC_LIST_ENTRIES,
	 "kind",
	 {{"real", AT(lists.real)},
	  {"cover", AT(lists.covers)},
	  {"part", AT(lists.parts)}},
	 VALUE_LIST},
	{OFL_METRIC_TABLE_VALUE,
	 "class",
	 {{"critical", AT(st.certificate.value_critical)},
	  {"best-effort", AT(st.certificate.value)}},
	 VALUE_REAL},
	{OFL_METRIC_TABLE_BOUND,
	 "class",
	 {{"critical", AT(st.certificate.bound_critical)},
	  {"best-effort", AT(st.certificate.bound)}},
	 VALUE_REAL},
	{OFL_METRIC_TABLE_WEIGHT,
	 "class",
	 {{"critical", AT(st.certificate.total_critical)},
	  {"best-effort", AT(st.certificate.total)}},
	 VALUE_REAL},
	{OFL_METRIC_TABLE_PRICE,
	 "class",
	 {{"critical", AT(st.certificate.price_critical)},
	  {"best-effort", AT(st.certificate.price)}},
	 VALUE_REAL},
};
#undef AT

static void spread_tell(struct ofl_metric_text *t, const struct spread *s,
			const struct table *table)
{
	const char *name = table->st.conf->name;

	if ((s->kind == VALUE_REAL && !table->st.certificate.valid) ||
	    (s->kind == VALUE_LIST && !table->has_lists))
		return;
	for (size_t i = 0; i < array_size(s->of) && s->of[i].value; i++) {
		const void *at = (const char *)table + s->of[i].offset;
		const char *value = s->of[i].value;

		if (s->kind == VALUE_REAL)
			ofl_metric_real(t, *(const double *)at, "table", name,
					s->label, value, NULL);
		else
			ofl_metric_uint(t,
					s->kind == VALUE_U64
						? *(const uint64_t *)at
						: *(const uint32_t *)at,
					"table", name, s->label, value, NULL);
	}
}

/* Of both classes; a table without routes misses nothing. */
static void hit_tell(struct ofl_metric_text *t, const struct tables *all)
{
	ofl_metric_begin(t, OFL_METRIC_TABLE_HIT);
	for (size_t i = 0; i < all->count; i++) {
		const struct ofl_place_certificate *c =
			&all->v[i].st.certificate;
		double value = c->value + c->value_critical;
		double total = c->total + c->total_critical;

		if (c->valid)
			ofl_metric_real(t,
					total > 0 ? MIN(value / total, 1.0) : 1,
					"table", all->v[i].st.conf->name, NULL);
	}
}

void ofl_metric_content_tables(struct ofl_metric_text *t)
{
	struct tables all = {
		.v = XCALLOC(MTYPE_OFL_METRIC_TABLES,
			     OFL_TABLES_MAX * sizeof(*all.v)),
	};

	ofl_engine_tables_walk(collect, &all);
	provider_tell(t, &all);
	admission_tell(t, &all);
	for (size_t i = 0; i < array_size(figures); i++) {
		ofl_metric_begin(t, figures[i].metric);
		for (size_t j = 0; j < all.count; j++)
			figure_tell(t, &figures[i], &all.v[j]);
	}
	for (size_t i = 0; i < array_size(spreads); i++) {
		ofl_metric_begin(t, spreads[i].metric);
		for (size_t j = 0; j < all.count; j++)
			spread_tell(t, &spreads[i], &all.v[j]);
	}
	hit_tell(t, &all);
	XFREE(MTYPE_OFL_METRIC_TABLES, all.v);
}
