// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the database remembers of flows is given back to them: their numbers,
 * and, where a flow is judged as it was before, the time since which it is so.
 * A restart that changes nothing leaves no trace in the history.
 *
 * When the feed has settled and every flow has been judged, those that did not
 * come back are told as gone, all rows are put again, and what was recalled is
 * forgotten.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/store/recall.h"

#define GONE_BATCH 256
/* After the feed has settled: a driver that never answers about a route holds
 * nothing up for ever. */
#define LATEST_US 60000000

bool ofl_restart_is_on(void)
{
	return ofl_eng.recall != NULL;
}

static struct ofl_recalled *recalled_of(const struct ofl_flow *f)
{
	return ofl_recall_find(ofl_eng.recall, ofl_engine_vrf_name(f->key.vrf),
			       &f->key.p);
}

/* A flow that was there before has its number again. */
static void on_born(struct ofl_flow *f)
{
	struct ofl_recalled *r;

	if (!ofl_eng.recall)
		return;
	r = recalled_of(f);
	if (!r || r->used)
		return;
	f->id = r->flow_id;
	if (r->back)
		return;
	r->back = true;
	if (ofl_eng.recall_left && --ofl_eng.recall_left == 0)
		ofl_feed_all_back(ofl_eng.feed);
}

void ofl_restart_begin(void)
{
	bool pending;

	ofl_eng.recall = ofl_store_recall_take(ofl_eng.store, &pending);
	ofl_eng.recall_at = ofl_eng.recall_left = 0;
	if (!ofl_recall_count(ofl_eng.recall))
		ofl_restart_end();
	else
		ofl_flowtab_set_born(ofl_eng.flows, on_born);
	for (size_t i = 0; i < ofl_recall_count(ofl_eng.recall); i++)
		ofl_eng.recall_left += !ofl_recall_at(ofl_eng.recall, i)->used;
	ofl_eng.recall_total = ofl_eng.recall_left;
	if (ofl_recall_odd(ofl_eng.recall))
		zlog_warn("offload: %zu rows of the database make no sense",
			  ofl_recall_odd(ofl_eng.recall));
}

void ofl_restart_end(void)
{
	ofl_recall_free(ofl_eng.recall);
	ofl_eng.recall = NULL;
	ofl_eng.recall_hold = 0;
	ofl_flowtab_set_born(ofl_eng.flows, NULL);
}

bool ofl_restart_keeps(struct ofl_flow *f, enum ofl_state *ret_from)
{
	const char *table = ofl_engine_table_name(f->table);
	struct ofl_recalled *r;

	if (!ofl_eng.recall)
		return false;
	r = recalled_of(f);
	if (!r || r->used || r->flow_id != f->id)
		return false;
	r->used = true;
	*ret_from = r->state;
	/* The words of a failure are not recalled. */
	if (r->state != f->state || r->reason != f->reason ||
	    r->cls != f->cls || f->state == OFL_STATE_FAILED ||
	    strcmp(ofl_recall_name(ofl_eng.recall, r->table),
		   table ? table : "") != 0)
		return false;
	ofl_flow_since_set(f, r->since_us);
	return true;
}

uint32_t ofl_restart_traffic(const struct ofl_flow *f)
{
	const struct ofl_recalled *r;

	if (!ofl_eng.recall)
		return 0;
	r = recalled_of(f);
	return r && r->flow_id == f->id ? r->traffic : 0;
}

/* --- the end --- */

static bool all_are_judged(void)
{
	if (!ofl_eng.settled || !ofl_restart_hold_is_over())
		return false;
	if (ofl_clock_mono_us() - ofl_eng.settled_us > LATEST_US)
		return true;
	if (ofl_flowtab_dirty_count(ofl_eng.flows) ||
	    ofl_eng.by_state[OFL_STATE_SEEN])
		return false;
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		const struct ofl_hw *t = ofl_eng.tables[i];

		if (t && (t->adopt == OFL_ADOPT_WAITING ||
			  t->adopt == OFL_ADOPT_RUNNING || !t->planned))
			return false;
	}
	return true;
}

void ofl_restart_row_gone(const struct ofl_recall *recall,
			  const struct ofl_recalled *r)
{
	struct ofl_store_flow row = {
		.flow_id = r->flow_id,
		.key.p = r->key.p,
		.vrf = ofl_recall_name(recall, r->key.vrf),
		.table = r->table ? ofl_recall_name(recall, r->table) : NULL,
		.proto = "",
		.at_us = ofl_clock_wall_us(),
		.from = r->state,
		.to = OFL_STATE_GONE,
		.reason = OFL_REASON_STALE,
		.cls = r->cls,
	};

	ofl_store_put_flow(ofl_eng.store, &row);
}

bool ofl_restart_work(void)
{
	size_t count = ofl_recall_count(ofl_eng.recall);
	uint32_t room;

	if (!ofl_eng.recall || (!ofl_eng.recall_at && !all_are_judged()))
		return false;
	room = MIN(ofl_store_room(ofl_eng.store), GONE_BATCH);
	for (; ofl_eng.recall_at < count && room; ofl_eng.recall_at++) {
		const struct ofl_recalled *r =
			ofl_recall_at(ofl_eng.recall, ofl_eng.recall_at);

		if (r->used)
			continue;
		ofl_restart_row_gone(ofl_eng.recall, r);
		room--;
	}
	if (ofl_eng.recall_at < count)
		return room == 0 && ofl_store_room(ofl_eng.store);
	ofl_restart_end();
	/* Every row anew; those of nobody are swept. */
	ofl_outcome_restate_begin();
	return false;
}
