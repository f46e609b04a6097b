// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One hardware table: a provider beside a placement, and the values that go
 * between them.  Nothing is decided here: limits come from the configuration
 * and the provider's word, the order of writes from placement.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/list_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_HW, "offload hardware table");

#define SUBMIT_BATCH 64
#define SUBMIT_BATCHES 32 /* in one go */
#define POLL_BUDGET 1024
#define DRAIN_BATCH 1024
#define BURST_LEAST 64 /* optional writes that can be saved up */

void ofl_hw_event(const struct ofl_hw *t, const char *kind, const char *text)
{
	struct ofl_place_stats st;
	struct ofl_store_event e = {
		.at_us = ofl_clock_wall_us(),
		.kind = kind,
		.table = t->conf.name,
		.capacity_slots = t->limits.capacity_slots,
		.text = text,
	};

	if (t->place) {
		/* What the plan takes, or hardware still holds. */
		ofl_place_stats(t->place, &st);
		e.used_slots = MAX(st.planned_slots, st.used_slots);
	}
	ofl_debug(OFL_DEBUG_PROVIDER, "table %s: %s (%u of %u slots)%s%s",
		  t->conf.name, kind, e.used_slots, e.capacity_slots,
		  text && *text ? ": " : "", text ? text : "");
	if (ofl_eng.store)
		ofl_store_put_event(ofl_eng.store, &e);
}

/* --- what the provider tells --- */
static void note_text(struct ofl_hw *t, uint64_t cookie, const char *text,
		      int errnum)
{
	struct ofl_refusal_text *x;

	if ((!text[0] && !errnum) || t->text_count == OFL_TEXTS_MAX)
		return;
	x = &t->texts[t->text_count++];
	x->cookie = cookie;
	x->errnum = errnum;
	strlcpy(x->text, text, sizeof(x->text));
}

static void on_done(void *arg, const struct ofl_outcome *outcome)
{
	struct ofl_hw *t = arg;
	uint64_t cookie = ofl_place_op_cookie(t->place, outcome->op_id);

	t->sent[outcome->op_id % OFL_OPS_IN_FLIGHT].id = 0;
	if (outcome->status == OFL_STATUS_OK) {
		t->ops_ok++;
	} else {
		t->ops_failed++;
		t->failures = true;
		note_text(t, cookie, outcome->text, outcome->errnum);
		ofl_debug(OFL_DEBUG_PROVIDER,
			  "table %s: operation %" PRIu64 " refused: %s %s",
			  t->conf.name, outcome->op_id,
			  ofl_status_name(outcome->status), outcome->text);
	}
	ofl_place_done(t->place, outcome);
	ofl_turn_schedule();
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
	struct ofl_hw *t = arg;
	char buf[OFL_PREFIX_STRLEN];

	ofl_hw_event(t, "hardware-lost",
		     ofl_prefix_print(&key->p, buf, sizeof(buf)));
	ofl_notify_removed(t->conf.name, key, text);
	ofl_place_lost(t->place, key);
	/* Told before it is mended: its history has the loss. */
	ofl_outcome_drain(t);
	ofl_turn_schedule();
}

static void on_unfit(void *arg, const struct ofl_key *key, const char *text)
{
	struct ofl_hw *t = arg;
	uint64_t cookie;

	if (!ofl_place_unfit(t->place, key, &cookie))
		return;
	t->failures = true;
	note_text(t, cookie, text, 0);
	ofl_turn_schedule();
}

/* Optional writes that can be saved up: those of one rebalance. */
static uint32_t optional_burst(const struct ofl_hwtable_conf *c)
{
	uint64_t writes = (uint64_t)c->optional_writes_per_s * c->rebalance_s;

	return writes ? MIN(MAX(writes, BURST_LEAST), UINT32_MAX) : 0;
}

/* `hw_slots`: what hardware has, 0: not known yet.  Returns the capacity of
 * routes and lists together. */
static uint32_t make_limits(const struct ofl_hw *t,
			    const struct ofl_hwtable_conf *c, uint32_t hw_slots,
			    struct ofl_place_conf *l)
{
	uint32_t capacity = c->capacity_slots, whole;

	ofl_place_conf_init(l);
	if (!capacity || (hw_slots && hw_slots < capacity))
		capacity = hw_slots;
	if (t->retiring)
		capacity = 0;
	whole = capacity;
	/* Watermarks are those of the whole table; lists have their part. */
	capacity -= MIN(capacity, ofl_lists_taken_slots(t->index));
	l->capacity_slots = capacity;
	l->high_slots = MIN(ofl_limit_slots(&c->high, capacity),
			    capacity - ofl_hwtable_reserve_slots(c, capacity));
	l->high_slots = MAX(l->high_slots, 1);
	l->low_slots =
		MIN(ofl_limit_slots(&c->low, capacity), l->high_slots - 1);
	l->cost_v4_slots = c->cost_v4_slots;
	l->cost_v6_slots = c->cost_v6_slots;
	l->hysteresis_permille = c->hysteresis_permille;
	l->residence_sweeps = c->residence_sweeps;
	l->critical_cover_limit_slots = c->critical_cover_limit_slots;
	l->optional_burst = optional_burst(c);
	l->least_gain = ofl_traffic_least_gain();
	if (!c->exact)
		l->exact_cells = 0;
	return whole;
}

static void set_limits(struct ofl_hw *t)
{
	t->capacity_slots =
		make_limits(t, &t->conf, t->hw_capacity_slots, &t->limits);
	if (t->place)
		ofl_place_conf_set(t->place, &t->limits);
	ofl_turn_schedule();
}

void ofl_hw_limits_if(const struct ofl_hw *t,
		      const struct ofl_hwtable_conf *conf,
		      struct ofl_place_conf *ret)
{
	bool resize = t->conf.capacity_slots != conf->capacity_slots;

	make_limits(t, conf,
		    resize && t->ops->resize ? conf->capacity_slots
					     : t->hw_capacity_slots,
		    ret);
}

void ofl_hw_limits_set(struct ofl_hw *t)
{
	set_limits(t);
}

static void lists_set(struct ofl_hw *t)
{
	if (!t->ops->lists || t->retiring || !t->prov)
		return;
	t->had_lists = true;
	ofl_lists_host_set(t->index, &t->conf, t->ops, t->prov,
			   t->capacity_slots);
}

static void on_capacity(void *arg, uint32_t capacity_slots)
{
	struct ofl_hw *t = arg;

	if (t->hw_capacity_slots == capacity_slots)
		return;
	t->hw_capacity_slots = capacity_slots;
	set_limits(t);
	lists_set(t);
	ofl_hw_event(t, "capacity", NULL);
}

static void on_ready(void *arg, bool ready, const char *text)
{
	struct ofl_hw *t = arg;

	strlcpy(t->not_ready_text, ready || !text ? "" : text,
		sizeof(t->not_ready_text));
	if (t->ready == ready)
		return;
	t->ready = ready;
	t->ready_us = ofl_clock_wall_us();
	ofl_adopt_ready(t, ready);
	if (!ready)
		flog_warn(EC_OFL_PROVIDER, "table %s: not ready: %s",
			  t->conf.name, t->not_ready_text);
	ofl_hw_event(t, ready ? "table-ready" : "table-down", text);
	/* What waits in its flows' reasons changes with it. */
	ofl_flowtab_mark_all(ofl_eng.flows);
	ofl_turn_schedule();
}

static void on_able(void *arg)
{
	struct ofl_hw *t = arg;

	ofl_place_renew(t->place);
	ofl_turn_schedule();
}

static void on_differs(void *arg, const struct ofl_key *key,
		       enum ofl_difference what, const char *text)
{
	ofl_audit_differs(arg, key, what, text);
}

static void on_audited(void *arg, uint32_t entries)
{
	ofl_audit_provider_done(arg, entries);
}

static void on_counted(void *arg, const struct ofl_key *key, uint64_t packets,
		       uint64_t bytes)
{
	ofl_traffic_counted(arg, key, packets, bytes);
}

static void on_count_end(void *arg, uint32_t entries, const char *text)
{
	ofl_traffic_count_end(arg, entries, text);
}

static void on_region_counted(void *arg, uint32_t ifindex,
			      const struct ofl_prefix *region, uint64_t packets,
			      uint64_t bytes)
{
	ofl_traffic_region_counted(arg, ifindex, region, packets, bytes);
}

static void on_sampled(void *arg, const struct ofl_sample *sample)
{
	ofl_traffic_sampled(arg, sample);
}

static const struct ofl_provider_events provider_events = {
	.done = on_done,
	.lost = on_lost,
	.unfit = on_unfit,
	.capacity = on_capacity,
	.ready = on_ready,
	.able = on_able,
	.differs = on_differs,
	.audited = on_audited,
	.counted = on_counted,
	.count_end = on_count_end,
	.sampled = on_sampled,
	.region_counted = on_region_counted,
};

/* --- life --- */
static void on_readable(struct ofl_ev *ev)
{
	struct ofl_hw *t = OFL_EV_ARG(ev);

	t->poll_at_us = 0;
	ofl_turn_schedule();
}

/* Each wake-up is for one poll. */
static void watch_fd(struct ofl_hw *t)
{
	int fd = t->ops->fd(t->prov);

	if (fd >= 0)
		ofl_ev_read(ofl_eng.loop, on_readable, t, fd, &t->read_ev);
}

struct ofl_hw *ofl_hw_new(const struct ofl_hwtable_conf *conf, uint8_t index,
			  const char **ret_error)
{
	struct ofl_hw *t = XCALLOC(MTYPE_OFL_HW, sizeof(*t));

	t->used = true;
	t->ready_us = ofl_clock_wall_us();
	t->index = index;
	t->conf = *conf;
	t->ops = ofl_provider_find(conf->provider);
	set_limits(t);
	t->place = ofl_place_new(&t->limits);
	if (t->ops)
		t->prov = t->ops->new (conf, &provider_events, t, ret_error);
	else
		*ret_error = "there is no such provider";
	if (!t->prov) {
		ofl_place_free(t->place);
		XFREE(MTYPE_OFL_HW, t);
		return NULL;
	}
	watch_fd(t);
	lists_set(t);
	return t;
}

void ofl_hw_free(struct ofl_hw *t, uint32_t wait_ms)
{
	if (!t)
		return;
	ofl_ev_off(t->read_ev);
	ofl_simulate_forget(t);
	ofl_traffic_table_gone(t);
	t->ops->free(t->prov, wait_ms);
	ofl_place_free(t->place);
	XFREE(MTYPE_OFL_HW, t);
}

void ofl_hw_conf_set(struct ofl_hw *t, const struct ofl_hwtable_conf *conf)
{
	bool resize = t->conf.capacity_slots != conf->capacity_slots;

	t->conf = *conf;
	t->retiring = false;
	if (resize && t->ops->resize) {
		t->ops->resize(t->prov, conf->capacity_slots);
		/* The provider says what came of it. */
		t->hw_capacity_slots = conf->capacity_slots
					       ? conf->capacity_slots
					       : t->hw_capacity_slots;
		if (!conf->capacity_slots) {
			struct ofl_provider_stats st;

			t->ops->stats(t->prov, &st);
			t->hw_capacity_slots = st.capacity_slots;
		}
	}
	set_limits(t);
	lists_set(t);
}

void ofl_hw_retire(struct ofl_hw *t)
{
	t->retiring = true;
	ofl_lists_host_del(t->index);
	set_limits(t);
}

bool ofl_hw_is_empty(const struct ofl_hw *t)
{
	struct ofl_place_stats st;

	ofl_place_stats(t->place, &st);
	return st.used_slots == 0 && st.in_flight == 0 && !t->untold &&
	       t->adopt != OFL_ADOPT_WAITING && t->adopt != OFL_ADOPT_RUNNING;
}

/* --- work --- */
static void tell_high(struct ofl_hw *t, const struct ofl_place_stats *st)
{
	for (; t->crossings_high < st->crossings_high; t->crossings_high++)
		ofl_hw_event(t, "watermark-high",
			     "best-effort flows are not admitted any longer");
}

static void tell_low(struct ofl_hw *t, const struct ofl_place_stats *st)
{
	for (; t->crossings_low < st->crossings_low; t->crossings_low++)
		ofl_hw_event(t, "watermark-low",
			     "best-effort flows are admitted again");
}

/* One event a crossing, the one that holds last. */
static void tell_crossings(struct ofl_hw *t)
{
	struct ofl_place_stats st;
	uint64_t crossed;

	ofl_place_stats(t->place, &st);
	crossed = st.crossings_high - t->crossings_high + st.crossings_low -
		  t->crossings_low;
	if ((crossed || st.closed != t->closed) &&
	    ofl_notify_watermark(t->conf.name, st.closed, crossed))
		t->closed = st.closed;
	if (st.closed) {
		tell_low(t, &st);
		tell_high(t, &st);
	} else {
		tell_high(t, &st);
		tell_low(t, &st);
	}
}

/* Fill one batch; false: nothing more can be sent now. */
static bool submit_batch(struct ofl_hw *t, uint64_t now_us)
{
	struct ofl_op ops[SUBMIT_BATCH];
	size_t n = 0, taken;
	bool more = true;

	while (n < SUBMIT_BATCH && (more = ofl_place_next(t->place, &ops[n]))) {
		if (ops[n].entry == OFL_ENTRY_REAL) {
			ops[n].action = ofl_action_find(ops[n].identity);
			if (!ops[n].action) {
				/* The flow moved on; it is judged soon. */
				ofl_place_abort(t->place, &ops[n]);
				/* What it was cannot be written again. */
				if (ofl_identity_is_found(ops[n].identity))
					ofl_place_del(t->place, &ops[n].key);
				more = false;
				break;
			}
		}
		n++;
	}
	if (!n)
		return false;
	taken = t->ops->submit(t->prov, ops, n, now_us);
	for (size_t i = 0; i < taken; i++) {
		t->sent[ops[i].id % OFL_OPS_IN_FLIGHT].id = ops[i].id;
		t->sent[ops[i].id % OFL_OPS_IN_FLIGHT].at_us = now_us;
	}
	t->ops_sent += taken;
	for (size_t i = n; i > taken; i--)
		ofl_place_abort(t->place, &ops[i - 1]);
	if (taken)
		t->poll_at_us = now_us;
	return more && taken == n;
}

bool ofl_hw_is_improving(const struct ofl_hw *t)
{
	struct ofl_place_stats st;

	ofl_place_stats(t->place, &st);
	return st.improving;
}

bool ofl_hw_work(struct ofl_hw *t, unsigned int budget, bool may_improve)
{
	uint64_t now_us = ofl_clock_mono_us();
	bool better = false, more = false;

	if (ofl_adopt_holds(t, budget, &more))
		return more;
	t->planned = true;
	if (ofl_place_plan(t->place, budget))
		return true;
	if (may_improve && ofl_hw_is_improving(t)) {
		better = ofl_place_improve(t->place, budget);
		if (ofl_place_plan(t->place, budget))
			return true;
	}
	tell_crossings(t);
	/* Send before telling, so that a flow goes straight to *sent*. */
	for (int i = 0; t->ready && i < SUBMIT_BATCHES; i++) {
		more = submit_batch(t, now_us);
		if (!more)
			break;
	}
	more |= ofl_outcome_drain_some(t, DRAIN_BATCH);
	return more || better;
}

bool ofl_hw_tell(struct ofl_hw *t)
{
	return t->untold && ofl_outcome_drain_some(t, DRAIN_BATCH);
}

void ofl_hw_poll(struct ofl_hw *t, uint64_t now_us)
{
	if (t->untold || t->poll_at_us > now_us)
		return;
	t->poll_at_us = t->ops->poll(t->prov, now_us, POLL_BUDGET);
	watch_fd(t);
	if (ofl_outcome_drain_some(t, DRAIN_BATCH))
		ofl_turn_schedule();
}

uint64_t ofl_hw_oldest_us(const struct ofl_hw *t, uint64_t now_us)
{
	uint64_t oldest = 0;

	for (size_t i = 0; i < OFL_OPS_IN_FLIGHT; i++) {
		if (t->sent[i].id && now_us > t->sent[i].at_us)
			oldest = MAX(oldest, now_us - t->sent[i].at_us);
	}
	return oldest;
}

void ofl_hw_second(struct ofl_hw *t)
{
	if (t->retiring)
		return;
	if (t->conf.optional_writes_per_s)
		ofl_place_refill(t->place, t->conf.optional_writes_per_s);
	if (++t->since_sweep_s >= t->conf.rebalance_s) {
		t->since_sweep_s = 0;
		ofl_place_sweep(t->place);
	}
	if (ofl_hw_is_improving(t))
		ofl_turn_schedule();
}

/* Flows whose operation is overdue say so. */
static void tell_overdue(struct ofl_hw *t, uint64_t now_us, uint64_t limit_us)
{
	for (size_t i = 0; i < OFL_OPS_IN_FLIGHT; i++) {
		struct ofl_flow *f;

		if (!t->sent[i].id || t->sent[i].at_us + limit_us > now_us)
			continue;
		f = ofl_flow_of(ofl_place_op_cookie(t->place, t->sent[i].id));
		if (f && f->table == t->index && f->state != OFL_STATE_GONE)
			ofl_outcome_move(f, f->state, OFL_REASON_HW_SILENT,
					 NULL, OFL_OP_NONE);
	}
}

void ofl_hw_watch(struct ofl_hw *t, uint64_t now_us)
{
	uint64_t limit_us = (uint64_t)ofl_eng.conf->hw_timeout_ms * 1000;
	bool silent = ofl_hw_oldest_us(t, now_us) > limit_us;

	if (silent)
		tell_overdue(t, now_us, limit_us);
	if (silent == t->silent)
		return;
	t->silent = silent;
	t->silent_us = ofl_clock_wall_us();
	ofl_hw_event(t, silent ? "hardware-silent" : "hardware-answers", NULL);
	if (silent)
		flog_warn(
			EC_OFL_HW_SILENT,
			"table %s: no answer from hardware for more than %u ms",
			t->conf.name, ofl_eng.conf->hw_timeout_ms);
}
