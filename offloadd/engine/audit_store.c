// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rows of the database against the flows: the last part of a pass.
 *
 * The rows are read by the store's thread, once everything put before is
 * written.  A flow that changed after they were asked for is left alone: its
 * row may be of before or of after.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/engine/audit_private.h"
#include "offloadd/store/recall.h"

#define WAIT_FOR_MS 30000 /* for a database that does not answer */
#define STEP_MS 20	  /* as audit.c's */

void ofl_audit_rows_begin(void)
{
	struct ofl_store_stats st;

	ofl_audit.at = 0;
	ofl_audit.row_at = 0;
	ofl_audit.asked_for_ms = 0;
	ofl_audit.flows_done = ofl_audit.gone_unseen = false;
	ofl_audit.asked_us = 0;
	ofl_store_stats(ofl_eng.store, &st);
	if (st.state != OFL_STORE_OK)
		return;
	ofl_store_recall_ask(ofl_eng.store);
	ofl_audit.asked_us = ofl_clock_wall_us();
}

void ofl_audit_rows_end(void)
{
	ofl_recall_free(ofl_audit.recall);
	ofl_audit.recall = NULL;
	ofl_audit.asked_us = 0;
}

static struct ofl_recalled *row_of(const struct ofl_flow *f)
{
	return ofl_recall_find(ofl_audit.recall,
			       ofl_engine_vrf_name(f->key.vrf), &f->key.p);
}

void ofl_audit_flow_gone(const struct ofl_flow *f)
{
	struct ofl_recalled *r;

	if (!ofl_audit.asked_us)
		return;
	if (!ofl_audit.recall) {
		ofl_audit.gone_unseen = true;
		return;
	}
	r = row_of(f);
	if (r)
		r->used = true;
}

/* What the row says wrong; NULL: nothing. */
static const char *wrong_of(const struct ofl_flow *f,
			    const struct ofl_recalled *r)
{
	const char *table = ofl_engine_table_name(f->table);

	if (!r)
		return "the database has no row of it";
	if (r->flow_id != f->id)
		return "its row has another number";
	if (r->state != f->state)
		return "its row says another state";
	if (r->reason != f->reason)
		return "its row says another reason";
	if (ofl_eng.restated_us >= ofl_audit.asked_us)
		return NULL; /* verdicts changed meanwhile, this one perhaps */
	if (r->cls != f->cls)
		return "its row says another class";
	if (strcmp(ofl_recall_name(ofl_audit.recall, r->table),
		   table ? table : "") != 0)
		return "its row says another table";
	return NULL;
}

static void look_at_flow(struct ofl_flow *f, void *arg)
{
	struct ofl_recalled *r = row_of(f);
	const char *wrong;

	if (r)
		r->used = true;
	if (f->state == OFL_STATE_SEEN || f->since_us >= ofl_audit.asked_us)
		return;
	wrong = wrong_of(f, r);
	if (!wrong)
		return;
	ofl_audit_record(ofl_engine_table_name(f->table), &f->key,
			 OFL_DIFFERENCE_STORED, OFL_AUDIT_BY_PASS, wrong);
	ofl_outcome_restate(f);
	ofl_audit_repaired();
}

static void look_at_row(struct ofl_recalled *r)
{
	struct ofl_key key = {.p = r->key.p};

	ofl_audit.pass.rows++;
	if (r->used || ofl_audit.gone_unseen)
		return;
	ofl_audit_record(NULL, &key, OFL_DIFFERENCE_STORED, OFL_AUDIT_BY_PASS,
			 "the database has a row of a flow that is not there");
	ofl_restart_row_gone(ofl_audit.recall, r);
	ofl_audit_repaired();
}

/* True: wait on. */
static bool wait_for_rows(void)
{
	bool pending;

	if (!ofl_audit.asked_us)
		return false;
	ofl_audit.recall = ofl_store_recall_take(ofl_eng.store, &pending);
	ofl_audit.pass.rows_compared = ofl_audit.recall != NULL;
	ofl_audit.asked_for_ms += STEP_MS;
	return !ofl_audit.recall && pending &&
	       ofl_audit.asked_for_ms < WAIT_FOR_MS;
}

bool ofl_audit_rows_step(unsigned int budget)
{
	size_t count;

	budget = MIN(budget, ofl_audit.repairs_left);
	if (!ofl_audit.recall && wait_for_rows())
		return true;
	if (!ofl_audit.recall) {
		ofl_audit_rows_end();
		return false;
	}
	if (!ofl_audit.flows_done) {
		ofl_flowtab_walk_some(ofl_eng.flows, &ofl_audit.at, budget,
				      look_at_flow, NULL);
		ofl_audit.flows_done = ofl_audit.at == 0;
		return true;
	}
	count = ofl_recall_count(ofl_audit.recall);
	for (; ofl_audit.row_at < count && budget; ofl_audit.row_at++, budget--)
		look_at_row(ofl_recall_at(ofl_audit.recall, ofl_audit.row_at));
	if (ofl_audit.row_at < count)
		return true;
	ofl_audit_rows_end();
	return false;
}
