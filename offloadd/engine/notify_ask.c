// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Levels as values: for a telling (notify.c), and for who asks.
 */
#include <zebra.h>

#include "offloadd/engine/notify_private.h"

/* clang-format off */
static const char *const notice_names[OFL_NOTICE_MAX] = {
	[OFL_NOTICE_WATERMARK] = "watermark-crossed",
	[OFL_NOTICE_CRITICAL] = "critical-not-offloaded",
	[OFL_NOTICE_OR_FAIL] = "offload-or-fail-failed",
	[OFL_NOTICE_REMOVED] = "entry-removed-by-hardware",
	[OFL_NOTICE_STORE] = "store-degraded",
	[OFL_NOTICE_FEED_HELD] = "feed-held",
	[OFL_NOTICE_FEED_STATE] = "feed-state",
};
/* clang-format on */

const char *ofl_notice_name(enum ofl_notice_kind k)
{
	return (unsigned int)k < OFL_NOTICE_MAX ? notice_names[k] : "unknown";
}

static void begin(struct ofl_notice *n, enum ofl_notice_kind kind,
		  const struct ofl_alarm *a)
{
	*n = (struct ofl_notice){
		.kind = kind,
		.raised = a->level,
		.since_us = ofl_feed_wall_us(a->since_us),
	};
}

static void limits_of_driver(struct ofl_notice *n)
{
	struct ofl_fib_status st;

	ofl_engine_fib_status(&st);
	n->has_limits = st.has_resource;
	n->used_slots = MIN(st.used_slots, UINT32_MAX);
	n->capacity_slots = MIN(st.capacity_slots, UINT32_MAX);
	n->high_slots =
		n->capacity_slots * (uint64_t)st.conf.high_percent / 100;
	n->low_slots = n->capacity_slots * (uint64_t)st.conf.low_percent / 100;
}

void ofl_notify_table_make(const struct ofl_notify_table *t,
			   struct ofl_notice *ret)
{
	const struct ofl_hw *hw = ofl_engine_table_find(t->name);
	struct ofl_place_stats st;

	begin(ret, OFL_NOTICE_WATERMARK, &t->alarm);
	ret->table = t->name;
	if (t->gone)
		return;
	if (!hw) {
		limits_of_driver(ret);
		return;
	}
	ofl_place_stats(hw->place, &st);
	ret->has_limits = true;
	/* What the plan takes, or hardware still holds. */
	ret->used_slots = MAX(st.planned_slots, st.used_slots);
	ret->capacity_slots = hw->limits.capacity_slots;
	ret->high_slots = hw->limits.high_slots;
	ret->low_slots = hw->limits.low_slots;
}

void ofl_notify_store_make(struct ofl_store_stats *st, struct ofl_notice *ret)
{
	begin(ret, OFL_NOTICE_STORE, &ofl_notify.store);
	ofl_store_stats(ofl_eng.store, st);
	ret->backlog = st->queued;
	if (ret->raised && st->error[0])
		ret->text = st->error;
}

void ofl_notify_held_make(struct ofl_notice *ret)
{
	struct ofl_feed_hold hold;

	begin(ret, OFL_NOTICE_FEED_HELD, &ofl_notify.held);
	ofl_engine_feed_hold(&hold);
	if (!ret->raised || !hold.is_holding)
		return;
	ret->held = hold.routes;
	ret->of = hold.of;
	ret->until_us = hold.until_us;
	ret->since_us = hold.since_us;
}

void ofl_notify_feed_make(struct ofl_notice *ret)
{
	const struct ofl_alarm *a = &ofl_notify.feed;

	begin(ret, OFL_NOTICE_FEED_STATE, a);
	ret->feed =
		ofl_feed_state_name(a->level ? a->level - 1 : OFL_FEED_SETTLED);
}

/* --- asked by northbound --- */
static void add_alarm(struct ofl_notify_counts *c, const struct ofl_alarm *a)
{
	c->up += !!a->level;
	c->told += !!a->told;
	c->tellings += a->tellings;
	c->suppressed += a->suppressed + a->unsaid - ofl_alarm_is_pending(a);
}

static void add_levels(struct ofl_notify_counts *c, const struct ofl_levels *l)
{
	struct ofl_levels_stats st;

	ofl_levels_stats(l, &st);
	c->up = st.up;
	c->told = st.told;
	c->tellings = st.tellings;
	c->suppressed = st.suppressed;
}

static void add_tables(struct ofl_notify_counts *c)
{
	for (size_t i = 0; i < array_size(ofl_notify.tables); i++) {
		if (ofl_notify.tables[i].name[0])
			add_alarm(c, &ofl_notify.tables[i].alarm);
	}
	c->tellings += ofl_notify.tables_told;
	c->suppressed += ofl_notify.tables_suppressed;
}

void ofl_notify_counts(enum ofl_notice_kind k, struct ofl_notify_counts *ret)
{
	struct ofl_notify_counts c = {.up = 0};

	switch (k) {
	case OFL_NOTICE_WATERMARK:
		add_tables(&c);
		break;
	case OFL_NOTICE_CRITICAL:
		add_levels(&c, ofl_notify.critical);
		break;
	case OFL_NOTICE_OR_FAIL:
		add_levels(&c, ofl_notify.or_fail);
		break;
	case OFL_NOTICE_REMOVED:
		c.events = ofl_notify.removed;
		c.tellings = ofl_notify.removed_tellings;
		break;
	case OFL_NOTICE_STORE:
		add_alarm(&c, &ofl_notify.store);
		break;
	case OFL_NOTICE_FEED_HELD:
		add_alarm(&c, &ofl_notify.held);
		break;
	case OFL_NOTICE_FEED_STATE:
		add_alarm(&c, &ofl_notify.feed);
		break;
	}
	*ret = c;
}

static struct ofl_notify_counts counts_of(const struct ofl_alarm *a)
{
	struct ofl_notify_counts c = {.up = 0};

	add_alarm(&c, a);
	return c;
}

void ofl_notify_alarms_walk(void (*cb)(const struct ofl_notice *n,
				       const struct ofl_notify_counts *c,
				       void *arg),
			    void *arg)
{
	struct ofl_notify_counts c;
	struct ofl_store_stats st;
	struct ofl_notice n;

	for (size_t i = 0; i < array_size(ofl_notify.tables); i++) {
		const struct ofl_notify_table *t = &ofl_notify.tables[i];

		if (!t->name[0] || !t->alarm.level)
			continue;
		ofl_notify_table_make(t, &n);
		c = counts_of(&t->alarm);
		cb(&n, &c, arg);
	}
	if (ofl_notify.store.level) {
		ofl_notify_store_make(&st, &n);
		c = counts_of(&ofl_notify.store);
		cb(&n, &c, arg);
	}
	if (ofl_notify.held.level) {
		ofl_notify_held_make(&n);
		c = counts_of(&ofl_notify.held);
		cb(&n, &c, arg);
	}
	if (ofl_notify.feed.level) {
		ofl_notify_feed_make(&n);
		c = counts_of(&ofl_notify.feed);
		cb(&n, &c, arg);
	}
}

struct known {
	bool (*cb)(const struct ofl_flow *f, void *arg);
	void *arg;
};

static bool on_known(const struct ofl_key *key, void *arg)
{
	const struct ofl_flow *f = ofl_flowtab_find(ofl_eng.flows, key);
	struct known *k = arg;

	return !f || k->cb(f, k->arg);
}

void ofl_notify_flows_walk(enum ofl_notice_kind k,
			   bool (*cb)(const struct ofl_flow *f, void *arg),
			   void *arg)
{
	struct known known = {.cb = cb, .arg = arg};

	ofl_levels_known_walk(k == OFL_NOTICE_CRITICAL ? ofl_notify.critical
						       : ofl_notify.or_fail,
			      on_known, &known);
}
