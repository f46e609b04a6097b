// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened becomes levels, and levels become notices: see notify.h.
 *
 * The engine's files say here how a subject stands.  One event does all the
 * telling: soon after a change, then when the pace allows the next.  While more
 * flows are pending than have a slot it also walks the flow table, a piece at a
 * time.
 *
 * A critical flow is out of place when it is neither in hardware nor forwarded
 * by a shorter entry there, and could be: what is never in hardware by design
 * (an address of this router) alarms nobody, nor what is not judged yet.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/engine/notify_private.h"

#define SECOND_US 1000000ull
#define ALARM_BURST 4
#define ALARM_EVERY_US (5 * SECOND_US)
#define GRACE_US (5 * SECOND_US)
#define LEVEL_SLOTS 256
#define LEVEL_BURST 20
#define LEVEL_EVERY_US (SECOND_US / 100)
#define TOGETHER_US SECOND_US
#define REMOVED_BURST 10
#define WALK_BATCH 512
#define WALK_MS 2

struct ofl_notify ofl_notify;

/* --- when --- */
static void on_due(struct ofl_ev *ev);

static void wake(void)
{
	if (ofl_notify.is_soon || !ofl_eng.running)
		return;
	ofl_notify.is_soon = true;
	ofl_ev_off(ofl_notify.ev);
	ofl_ev_soon(ofl_eng.loop, on_due, NULL, &ofl_notify.ev);
}

static uint64_t due_us(void)
{
	const struct ofl_notify *n = &ofl_notify;
	uint64_t us = MIN(ofl_levels_due_us(n->critical),
			  ofl_levels_due_us(n->or_fail));

	us = MIN(us, ofl_alarm_due_us(&n->store));
	us = MIN(us, ofl_alarm_due_us(&n->held));
	us = MIN(us, ofl_alarm_due_us(&n->feed));
	for (size_t i = 0; i < array_size(n->tables); i++) {
		if (n->tables[i].name[0])
			us = MIN(us, ofl_alarm_due_us(&n->tables[i].alarm));
	}
	if (n->removed_untold)
		us = MIN(us, ofl_pace_due_us(&n->removed_pace));
	return us;
}

static void wake_when_due(uint64_t now_us)
{
	uint64_t us = due_us();

	if (ofl_notify.is_soon || (us == UINT64_MAX && !ofl_notify.walking))
		return;
	us = us > now_us ? (us - now_us + 999) / 1000 : 1;
	ofl_ev_timer_ms(ofl_eng.loop, on_due, NULL,
			ofl_notify.walking ? WALK_MS : us, &ofl_notify.ev);
}

/* --- tellings --- */
static void tell(const struct ofl_notice *n)
{
	if (ofl_notify.tell)
		ofl_notify.tell(n);
}

static void tell_tables(uint64_t now_us)
{
	for (size_t i = 0; i < array_size(ofl_notify.tables); i++) {
		struct ofl_notify_table *t = &ofl_notify.tables[i];
		struct ofl_notice n;
		uint64_t suppressed;

		if (!t->name[0])
			continue;
		if (ofl_alarm_tell(&t->alarm, now_us, &suppressed)) {
			ofl_notify_table_make(t, &n);
			n.suppressed = suppressed;
			tell(&n);
		}
		if (!t->gone || ofl_alarm_is_pending(&t->alarm))
			continue;
		ofl_notify.tables_told += t->alarm.tellings;
		ofl_notify.tables_suppressed +=
			t->alarm.suppressed + t->alarm.unsaid;
		memset(t, 0, sizeof(*t));
	}
}

static void tell_single(uint64_t now_us)
{
	struct ofl_store_stats st;
	struct ofl_notice n;
	uint64_t suppressed;

	if (ofl_alarm_tell(&ofl_notify.store, now_us, &suppressed)) {
		ofl_notify_store_make(&st, &n);
		n.suppressed = suppressed;
		tell(&n);
	}
	if (ofl_alarm_tell(&ofl_notify.held, now_us, &suppressed)) {
		ofl_notify_held_make(&n);
		n.suppressed = suppressed;
		tell(&n);
	}
	if (ofl_alarm_tell(&ofl_notify.feed, now_us, &suppressed)) {
		ofl_notify_feed_make(&n);
		n.suppressed = suppressed;
		tell(&n);
	}
}

static void describe_flow(const struct ofl_key *key, struct ofl_notice *n)
{
	const struct ofl_flow *f = ofl_flowtab_find(ofl_eng.flows, key);

	n->has_key = true;
	n->key = *key;
	n->vrf = ofl_engine_vrf_name(key->vrf);
	n->state = OFL_STATE_GONE;
	n->reason = OFL_REASON_WITHDRAWN;
	n->since_us = ofl_clock_wall_us();
	if (!f)
		return;
	n->table = ofl_engine_table_name(f->table);
	n->state = f->state;
	n->reason = f->reason;
	n->text = f->text;
	n->since_us = f->since_us;
}

static void tell_levels(enum ofl_notice_kind kind, struct ofl_levels *l,
			uint64_t now_us)
{
	struct ofl_levels_telling t;
	struct ofl_levels_stats st;

	while (ofl_levels_next(l, now_us, &t)) {
		struct ofl_notice n = {
			.kind = kind,
			.raised = t.up,
			.suppressed = t.suppressed,
			.since_us = ofl_clock_wall_us(),
			.more = t.has_key ? 0 : t.count,
		};

		ofl_levels_stats(l, &st);
		n.total = st.up;
		if (t.has_key)
			describe_flow(&t.key, &n);
		tell(&n);
	}
}

/* The last one by name, those before it as a number. */
static void tell_removed(uint64_t now_us)
{
	struct ofl_notify *o = &ofl_notify;
	struct ofl_notice n = {
		.kind = OFL_NOTICE_REMOVED,
		.raised = true,
		.since_us = o->removed_us,
		.table = o->removed_table,
		.has_key = o->removed_has_key,
		.key = o->removed_key,
		.more = o->removed_untold - o->removed_has_key,
		.text = o->removed_text[0] ? o->removed_text : NULL,
	};

	if (!o->removed_untold || !ofl_pace_take(&o->removed_pace, now_us))
		return;
	n.vrf = n.has_key ? ofl_engine_vrf_name(n.key.vrf) : NULL;
	o->removed_untold = 0;
	o->removed_tellings++;
	tell(&n);
}

/* --- flows without a slot --- */
static void meet(struct ofl_flow *f, void *arg)
{
	if (ofl_notify.walks & 1)
		ofl_levels_walk_meet(ofl_notify.critical, &f->key, &f->alarms);
	if (ofl_notify.walks & 2)
		ofl_levels_walk_meet(ofl_notify.or_fail, &f->key, &f->alarms);
}

static void walk_some(uint64_t now_us)
{
	struct ofl_levels *l[2] = {ofl_notify.critical, ofl_notify.or_fail};

	for (int i = 0; i < 2 && !ofl_notify.walking; i++) {
		if (ofl_levels_walk_is_due(l[i], now_us)) {
			ofl_levels_walk_begin(l[i]);
			ofl_notify.walks |= 1 << i;
		}
	}
	if (!ofl_notify.walks)
		return;
	ofl_notify.walking = true;
	ofl_flowtab_walk_some(ofl_eng.flows, &ofl_notify.walk_at, WALK_BATCH,
			      meet, NULL);
	if (ofl_notify.walk_at)
		return;
	for (int i = 0; i < 2; i++) {
		if (ofl_notify.walks & 1 << i)
			ofl_levels_walk_end(l[i], now_us);
	}
	ofl_notify.walks = 0;
	ofl_notify.walking = false;
}

static void on_due(struct ofl_ev *ev)
{
	uint64_t now_us = ofl_clock_mono_us();

	ofl_notify.is_soon = false;
	walk_some(now_us);
	tell_tables(now_us);
	tell_single(now_us);
	tell_levels(OFL_NOTICE_CRITICAL, ofl_notify.critical, now_us);
	tell_levels(OFL_NOTICE_OR_FAIL, ofl_notify.or_fail, now_us);
	tell_removed(now_us);
	wake_when_due(now_us);
}

/* --- told by the engine's files --- */
static bool is_in_hardware(const struct ofl_flow *f)
{
	return f->state == OFL_STATE_OFFLOADED || f->state == OFL_STATE_ELIDED;
}

/* Nobody expects it there, or nobody knows yet. */
static bool is_excused(const struct ofl_flow *f)
{
	return f->withdrawn || f->state == OFL_STATE_SEEN ||
	       f->state == OFL_STATE_GONE || f->wait == OFL_REASON_CONNECTED ||
	       f->wait == OFL_REASON_LOCAL || f->wait == OFL_REASON_RESERVED;
}

/* As it was last said. */
static bool is_up(const struct ofl_flow *f, unsigned int shift)
{
	return f->alarms >> shift & OFL_LEVEL_UP;
}

/* While hardware is asked, and is not overdue, it is as it was. */
static bool is_critical_out(const struct ofl_flow *f)
{
	if (f->cls != OFL_CLASS_CRITICAL || is_in_hardware(f) || is_excused(f))
		return false;
	if ((f->state == OFL_STATE_SENT || f->state == OFL_STATE_LEAVING) &&
	    f->reason != OFL_REASON_HW_SILENT)
		return is_up(f, OFL_NOTIFY_CRITICAL_SHIFT);
	return true;
}

/* Once failed it is so until it is in hardware, however often it is tried. */
static bool is_failed(const struct ofl_flow *f)
{
	if (!f->offload_or_fail || is_in_hardware(f) || is_excused(f))
		return false;
	return f->state == OFL_STATE_FAILED ||
	       is_up(f, OFL_NOTIFY_OR_FAIL_SHIFT);
}

void ofl_notify_flow(struct ofl_flow *f)
{
	bool critical = is_critical_out(f), failed = is_failed(f);
	uint64_t now_us;

	if (!critical && !failed && !f->alarms)
		return;
	now_us = ofl_clock_mono_us();
	ofl_levels_set(ofl_notify.critical, &f->key, &f->alarms, critical,
		       now_us);
	ofl_levels_set(ofl_notify.or_fail, &f->key, &f->alarms, failed, now_us);
	wake();
}

void ofl_notify_flow_gone(struct ofl_flow *f)
{
	uint64_t now_us;

	if (!f->alarms)
		return;
	now_us = ofl_clock_mono_us();
	ofl_levels_gone(ofl_notify.critical, &f->key, &f->alarms, now_us);
	ofl_levels_gone(ofl_notify.or_fail, &f->key, &f->alarms, now_us);
	wake();
}

static struct ofl_notify_table *table_of(const char *name)
{
	struct ofl_notify_table *free = NULL;

	for (size_t i = 0; i < array_size(ofl_notify.tables); i++) {
		struct ofl_notify_table *t = &ofl_notify.tables[i];

		if (strcmp(t->name, name) == 0)
			return t;
		if (!free && !t->name[0])
			free = t;
	}
	return free;
}

bool ofl_notify_watermark(const char *table, bool above, uint64_t crossed)
{
	struct ofl_notify_table *t = table_of(table);

	if (!t)
		return false;
	if (!t->name[0]) {
		strlcpy(t->name, table, sizeof(t->name));
		ofl_alarm_init(&t->alarm, ALARM_BURST, ALARM_EVERY_US);
	}
	t->gone = false;
	if (t->alarm.level != above && crossed)
		crossed--;
	ofl_alarm_set(&t->alarm, above, crossed, ofl_clock_mono_us());
	if (ofl_alarm_is_pending(&t->alarm))
		wake();
	return true;
}

void ofl_notify_table_gone(const char *table)
{
	struct ofl_notify_table *t = table_of(table);

	if (!t || !t->name[0])
		return;
	ofl_alarm_set(&t->alarm, 0, 0, ofl_clock_mono_us());
	t->gone = true;
	wake();
}

void ofl_notify_removed(const char *table, const struct ofl_key *key,
			const char *text)
{
	struct ofl_notify *n = &ofl_notify;

	n->removed++;
	n->removed_untold++;
	n->removed_us = ofl_clock_wall_us();
	n->removed_has_key = key;
	if (key)
		n->removed_key = *key;
	strlcpy(n->removed_table, table, sizeof(n->removed_table));
	strlcpy(n->removed_text, text ? text : "", sizeof(n->removed_text));
	wake();
}

void ofl_notify_store(bool degraded)
{
	ofl_alarm_set(&ofl_notify.store, degraded, 0, ofl_clock_mono_us());
	wake();
}

void ofl_notify_feed(uint64_t now_us)
{
	struct ofl_feed_hold hold;
	struct ofl_feed_stats z;
	uint8_t level = 0;

	ofl_engine_feed_hold(&hold);
	ofl_alarm_set(&ofl_notify.held, hold.is_holding, 0, now_us);
	ofl_feed_stats(ofl_eng.feed, &z);
	/* A start that takes its time is no alarm. */
	if (ofl_notify.started && z.state != OFL_FEED_SETTLED)
		level = 1 + z.state;
	ofl_alarm_set(&ofl_notify.feed, level, 0, now_us);
	if (ofl_alarm_is_pending(&ofl_notify.held) ||
	    ofl_alarm_is_pending(&ofl_notify.feed))
		wake();
}

void ofl_notify_start(void)
{
	uint64_t now_us = ofl_clock_mono_us();

	ofl_notify.started = true;
	ofl_levels_start(ofl_notify.critical, now_us);
	ofl_levels_start(ofl_notify.or_fail, now_us);
	wake();
}

/* --- life --- */
void ofl_notify_set_tell(void (*tell_cb)(const struct ofl_notice *n))
{
	ofl_notify.tell = tell_cb;
}

void ofl_notify_init(void)
{
	struct ofl_levels_conf conf = {
		.shift = OFL_NOTIFY_CRITICAL_SHIFT,
		.slots = LEVEL_SLOTS,
		.grace_us = GRACE_US,
		.burst = LEVEL_BURST,
		.every_us = LEVEL_EVERY_US,
		.together_us = TOGETHER_US,
	};

	memset(&ofl_notify, 0, sizeof(ofl_notify));
	ofl_notify.critical = ofl_levels_new(&conf);
	conf.shift = OFL_NOTIFY_OR_FAIL_SHIFT;
	ofl_notify.or_fail = ofl_levels_new(&conf);
	ofl_alarm_init(&ofl_notify.store, ALARM_BURST, ALARM_EVERY_US);
	ofl_alarm_init(&ofl_notify.held, ALARM_BURST, ALARM_EVERY_US);
	ofl_alarm_init(&ofl_notify.feed, ALARM_BURST, ALARM_EVERY_US);
	ofl_pace_init(&ofl_notify.removed_pace, REMOVED_BURST, SECOND_US);
}

void ofl_notify_fini(void)
{
	ofl_ev_off(ofl_notify.ev);
	ofl_levels_free(ofl_notify.critical);
	ofl_levels_free(ofl_notify.or_fail);
	memset(&ofl_notify, 0, sizeof(ofl_notify));
}
