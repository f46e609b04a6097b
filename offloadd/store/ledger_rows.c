// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which row a record becomes; see ledger.h.  One function a table, nothing
 * else: when a row is written, and how many are kept, is ledger.c's.
 */
#include "offloadd/store/ledger_private.h"

#include "offloadd/flow/op.h"

static const char *vrf_of(const struct ofl_record *r)
{
	const char *vrf = ofl_record_string(r, OFL_RECORD_VRF);

	return vrf ? vrf : "";
}

static const char *table_of(const struct ofl_record *r)
{
	const char *table = ofl_record_string(r, OFL_RECORD_TABLE);

	return table ? table : "";
}

void ofl_ledger_put_history(struct ofl_ledger *l, const struct ofl_record *r,
			    const char *prefix)
{
	struct ofl_sqldb *db = l->db;
	int p = 0;

	ofl_sqldb_bind_int(db, HISTORY_ADD, ++p, ++l->now.log[HISTORY].last);
	ofl_sqldb_bind_int(db, HISTORY_ADD, ++p, r->at_us);
	ofl_sqldb_bind_int(db, HISTORY_ADD, ++p, r->flow_id);
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p, prefix);
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p, vrf_of(r));
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p, ofl_state_name(r->from));
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p, ofl_state_name(r->to));
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p, ofl_reason_name(r->reason));
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p, ofl_class_name(r->cls));
	ofl_sqldb_bind_int(db, HISTORY_ADD, ++p, r->rule);
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p,
			    ofl_record_string(r, OFL_RECORD_TABLE));
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p,
			    r->op == OFL_OP_NONE ? NULL
						 : ofl_op_kind_name(r->op));
	ofl_sqldb_bind_text(db, HISTORY_ADD, ++p,
			    ofl_record_string(r, OFL_RECORD_TEXT));
	ofl_sqldb_run(db, HISTORY_ADD);
}

void ofl_ledger_put_flow(struct ofl_ledger *l, const struct ofl_record *r,
			 const char *prefix)
{
	struct ofl_sqldb *db = l->db;
	int p = 0;

	if (r->to == OFL_STATE_GONE) {
		ofl_sqldb_bind_int(db, FLOW_DEL, ++p, r->flow_id);
		ofl_sqldb_run(db, FLOW_DEL);
		return;
	}
	ofl_sqldb_bind_int(db, FLOW_PUT, ++p, r->flow_id);
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p, prefix);
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p, vrf_of(r));
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p, ofl_state_name(r->to));
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p, ofl_reason_name(r->reason));
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p, ofl_class_name(r->cls));
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p,
			    ofl_record_string(r, OFL_RECORD_TABLE));
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p, r->name ? r->name : "");
	ofl_sqldb_bind_int(db, FLOW_PUT, ++p, r->rule);
	ofl_sqldb_bind_int(db, FLOW_PUT, ++p, r->weight);
	ofl_sqldb_bind_int(db, FLOW_PUT, ++p, r->at_us);
	ofl_sqldb_bind_text(db, FLOW_PUT, ++p,
			    ofl_record_string(r, OFL_RECORD_TEXT));
	ofl_sqldb_bind_int(db, FLOW_PUT, ++p,
			   l->generation_base + r->generation);
	ofl_sqldb_bind_int(db, FLOW_PUT, ++p, r->traffic);
	ofl_sqldb_run(db, FLOW_PUT);
}

void ofl_ledger_put_event(struct ofl_ledger *l, const struct ofl_record *r)
{
	struct ofl_sqldb *db = l->db;
	int p = 0;

	ofl_sqldb_bind_int(db, EVENT_ADD, ++p, ++l->now.log[EVENT].last);
	ofl_sqldb_bind_int(db, EVENT_ADD, ++p, r->at_us);
	ofl_sqldb_bind_text(db, EVENT_ADD, ++p, r->name ? r->name : "");
	ofl_sqldb_bind_text(db, EVENT_ADD, ++p,
			    ofl_record_string(r, OFL_RECORD_TABLE));
	ofl_sqldb_bind_int(db, EVENT_ADD, ++p, r->used_slots);
	ofl_sqldb_bind_int(db, EVENT_ADD, ++p, r->capacity_slots);
	ofl_sqldb_bind_text(db, EVENT_ADD, ++p,
			    ofl_record_string(r, OFL_RECORD_TEXT));
	ofl_sqldb_run(db, EVENT_ADD);
}

void ofl_ledger_put_mark(struct ofl_ledger *l, const struct ofl_record *r)
{
	int stmt = r->mark ? MARK_PUT : MARK_DEL;
	struct ofl_sqldb *db = l->db;

	ofl_sqldb_bind_text(db, stmt, 1,
			    ofl_record_string(r, OFL_RECORD_TABLE));
	ofl_sqldb_bind_text(db, stmt, 2, ofl_record_string(r, OFL_RECORD_LIST));
	ofl_sqldb_bind_text(db, stmt, 3, ofl_record_string(r, OFL_RECORD_TEXT));
	if (r->mark)
		ofl_sqldb_bind_int(db, stmt, 4, r->mark);
	ofl_sqldb_run(db, stmt);
}

void ofl_ledger_put_sample(struct ofl_ledger *l, const struct ofl_record *r)
{
	struct ofl_sqldb *db = l->db;
	int p = 0;

	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, ++l->now.log[SAMPLE].last);
	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->at_us);
	ofl_sqldb_bind_text(db, SAMPLE_ADD, ++p, table_of(r));
	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->used_slots);
	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->list_slots);
	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->capacity_slots);
	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->high_slots);
	ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->low_slots);
	ofl_sqldb_bind_text(db, SAMPLE_ADD, ++p, r->name ? r->name : "");
	if (r->answered_permille <= 1000)
		ofl_sqldb_bind_int(db, SAMPLE_ADD, ++p, r->answered_permille);
	else
		ofl_sqldb_bind_text(db, SAMPLE_ADD, ++p, NULL);
	ofl_sqldb_run(db, SAMPLE_ADD);
}
