// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the database gets of time that passes: how full each table was, and how
 * many records were lost.  Both are for who looks back; nothing here decides.
 *
 * A sample is written when something of it changed, at most one in SAMPLE_US (a
 * table that became larger or smaller is written at once); and one now and then
 * though nothing did, so that a time without samples is one of which nobody
 * knows.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/engine/engine_private.h"

#define SAMPLE_US 10000000ull /* between two samples of a table */
#define SAME_US 300000000ull  /* ... that say the same */
#define PERMILLE 1000

/* Rounded down, so that only the whole is 1000. */
static uint32_t answered_permille(const struct ofl_hw *t)
{
	struct ofl_place_certificate c;
	double value, total;

	ofl_place_certificate(t->place, &c);
	value = c.value + c.value_critical;
	total = c.total + c.total_critical;
	if (!c.valid || total <= 0)
		return OFL_STORE_UNKNOWN;
	return MIN(value / total, 1.0) * PERMILLE;
}

static const char *admission(const struct ofl_hw *t,
			     const struct ofl_place_stats *st)
{
	if (!t->ready)
		return "not-ready";
	return st->closed ? "closed" : "open";
}

static struct ofl_store_sample sample_of(const struct ofl_hw *t)
{
	struct ofl_table_slots slots;
	struct ofl_place_stats st;

	ofl_place_stats(t->place, &st);
	ofl_hw_slots(t, &slots);
	return (struct ofl_store_sample){
		.table = t->conf.name,
		.used_slots = slots.used,
		.list_slots = slots.used - st.used_slots,
		.capacity_slots = slots.capacity,
		.high_slots = t->limits.high_slots,
		.low_slots = t->limits.low_slots,
		.admission = admission(t, &st),
		.answered_permille = answered_permille(t),
	};
}

/* What does not move by itself: of that every change is recorded. */
static bool is_same_size(const struct ofl_store_sample *a,
			 const struct ofl_store_sample *b)
{
	return a->capacity_slots == b->capacity_slots &&
	       a->high_slots == b->high_slots && a->low_slots == b->low_slots;
}

/* All but the time of it; a name does not change. */
static bool is_same(const struct ofl_store_sample *a,
		    const struct ofl_store_sample *b)
{
	return a->used_slots == b->used_slots &&
	       a->list_slots == b->list_slots && a->admission == b->admission &&
	       a->answered_permille == b->answered_permille &&
	       is_same_size(a, b);
}

static void write_sample(struct ofl_hw *t, struct ofl_store_sample *now,
			 uint64_t now_us)
{
	now->at_us = ofl_clock_wall_us();
	ofl_store_put_sample(ofl_eng.store, now);
	t->sampled = *now;
	t->sampled_us = now_us;
}

static void sample(struct ofl_hw *t, uint64_t now_us)
{
	struct ofl_store_sample now = sample_of(t);
	uint64_t age_us = now_us - t->sampled_us;
	bool is_due = !t->sampled_us || age_us >= SAME_US ||
		      !is_same_size(&now, &t->sampled);

	if (is_due || (age_us >= SAMPLE_US && !is_same(&now, &t->sampled)))
		write_sample(t, &now, now_us);
}

/* Said once the file can take it. */
static void tell_dropped(void)
{
	struct ofl_store_stats st;
	char text[64];

	ofl_store_stats(ofl_eng.store, &st);
	if (st.dropped == ofl_eng.dropped_told || st.state != OFL_STORE_OK)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " records were lost",
		 st.dropped - ofl_eng.dropped_told);
	ofl_eng.dropped_told = st.dropped;
	ofl_engine_event("store-lost", text);
}

void ofl_sample_second(uint64_t now_us)
{
	tell_dropped();
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++)
		if (ofl_eng.tables[i])
			sample(ofl_eng.tables[i], now_us);
}

void ofl_sample_last(void)
{
	struct ofl_store_sample now;

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t)
			continue;
		now = sample_of(t);
		write_sample(t, &now, ofl_clock_mono_us());
	}
}
