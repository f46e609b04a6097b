// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One turn of the wheel: what changed is judged, planned, written, answered
 * and told, as far as one turn may last; the rest is for the next.
 *
 * A better plan is looked for in turns that have nothing else to do, and only
 * for a part of each, so that answers and routes wait for it as little as for
 * any other turn.  While routes come in without a pause, such turns are made
 * now and then: the feed pays a few percent for a plan that does not fall
 * behind.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/engine/acl.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/list_private.h"

#define TURN_US 15000 /* a turn begins nothing new after this */
#define JUDGE_BATCH 128
#define PLAN_BATCH 128
#define RIB_BATCH 256
#define ACL_BATCH 256
#define TRAFFIC_BATCH 256
#define IMPROVE_US 5000		/* of a turn, for a better plan */
#define IMPROVE_PAUSE_US 100000 /* between such turns in a busy feed */

static void on_turn(struct ofl_ev *ev)
{
	if (ofl_turn_run())
		ofl_turn_schedule();
}

void ofl_turn_schedule(void)
{
	if (ofl_eng.running)
		ofl_ev_soon(ofl_eng.loop, on_turn, NULL, &ofl_eng.turn_ev);
}

void ofl_turn_schedule_at(uint64_t at_us)
{
	uint64_t now_us = ofl_clock_mono_us();

	ofl_ev_off(ofl_eng.turn_timer);
	if (at_us == UINT64_MAX || !ofl_eng.running)
		return;
	/* Sooner than the clock of the loop can tell is now. */
	if (at_us <= now_us + 500)
		ofl_turn_schedule();
	else
		ofl_ev_timer_ms(ofl_eng.loop, on_turn, NULL,
				(at_us - now_us + 999) / 1000,
				&ofl_eng.turn_timer);
}

static bool judge_some(void)
{
	struct ofl_flow *f;

	for (int i = 0; i < JUDGE_BATCH; i++) {
		f = ofl_flowtab_pop_dirty(ofl_eng.flows);
		if (!f)
			return false;
		ofl_outcome_judge(f);
	}
	return true;
}

/* A table that is to go and holds nothing any longer. */
static void bury(struct ofl_hw *t)
{
	ofl_hw_event(t, "table-removed", NULL);
	ofl_notify_table_gone(t->conf.name);
	ofl_eng.tables[t->index] = NULL;
	ofl_engine_forget_table(t->index);
	/* Lists went without waiting for answers. */
	if (t->had_lists && t->ops->clear)
		t->ops->clear(t->prov);
	ofl_hw_free(t, ofl_eng.ending || t->had_lists ? OFL_LAST_WORD_MS : 0);
}

/* Nothing new is judged, asked for or heard before all flows know what was
 * before it: their history would have gaps.  True: some do not yet. */
static bool tell_tables(void)
{
	bool more = false;

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i])
			more |= ofl_hw_tell(ofl_eng.tables[i]);
	}
	return more;
}

static bool work_tables(bool may_improve)
{
	bool more = false;

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t)
			continue;
		more |= ofl_hw_work(t, PLAN_BATCH, may_improve);
		ofl_hw_peak_note(t);
		if (t->retiring && ofl_hw_is_empty(t))
			bury(t);
	}
	return more;
}

/* `held_back`: a better plan was not looked for in this turn. */
static void poll_tables(bool held_back)
{
	uint64_t now_us = ofl_clock_mono_us();
	uint64_t next_us = ofl_list_engine_poll(now_us);

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t)
			continue;
		ofl_hw_poll(t, now_us);
		next_us = MIN(next_us, t->poll_at_us);
		if (held_back && ofl_hw_is_improving(t))
			next_us = MIN(next_us,
				      ofl_eng.improved_us + IMPROVE_PAUSE_US);
	}
	ofl_turn_schedule_at(next_us);
}

bool ofl_turn_run(void)
{
	uint64_t began_us = ofl_clock_mono_us(), took_us = 0, improve_us = 0;
	bool hold_back = began_us - ofl_eng.improved_us < IMPROVE_PAUSE_US;
	bool busy = false, may_improve, more;

	do {
		uint64_t round_us = took_us;

		if (tell_tables()) {
			more = true;
			may_improve = false;
			took_us = ofl_clock_mono_us() - began_us;
			continue;
		}
		more = ofl_rib_work(ofl_eng.rib, RIB_BATCH);
		more |= ofl_acls_work(ACL_BATCH);
		busy |= ofl_flowtab_dirty_count(ofl_eng.flows) > 0;
		more |= judge_some();
		may_improve = !more && !(busy && hold_back);
		more |= ofl_lists_work();
		more |= work_tables(may_improve);
		more |= ofl_restart_work();
		more |= ofl_traffic_work(TRAFFIC_BATCH);
		took_us = ofl_clock_mono_us() - began_us;
		if (may_improve)
			improve_us += took_us - round_us;
	} while (more && took_us < TURN_US && improve_us < IMPROVE_US);
	if (improve_us)
		ofl_eng.improved_us = began_us + took_us;
	poll_tables(busy && hold_back);
	took_us = ofl_clock_mono_us() - began_us;
	ofl_eng.turn_max_us = MAX(ofl_eng.turn_max_us, took_us);
	return more;
}
