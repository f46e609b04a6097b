/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two files of the ledger share: the names of its statements, and the
 * rows that a record becomes.
 */
#ifndef OFFLOADD_STORE_LEDGER_PRIVATE_H
#define OFFLOADD_STORE_LEDGER_PRIVATE_H

#include "offloadd/store/ledger.h"
#include "offloadd/store/schema.h"

enum {
	META_GET = OFL_SCHEMA_SQL_MAX,
	META_SET,
	FLOW_PUT,
	FLOW_DEL,
	SWEEP_BOUND,
	SWEEP_DEL,
	HISTORY_ADD,
	HISTORY_ENDS,
	HISTORY_NEWER,
	HISTORY_CUT,
	EVENT_ADD,
	EVENT_ENDS,
	EVENT_NEWER,
	EVENT_CUT,
	MARK_PUT,
	MARK_DEL,
	SAMPLE_ADD,
	SAMPLE_ENDS,
	SAMPLE_NEWER,
	SAMPLE_CUT,
	HISTORY_OLDEST,
	SIZE,
	SQL_MAX
};

/* Tables that grow at one end and are cut at the other: places in
 * ofl_ledger.now.log. */
enum { HISTORY, EVENT, SAMPLE, LOGS };

_Static_assert(LOGS == OFL_LEDGER_LOGS, "history, event and table_sample");

/* ledger_rows.c: inside a transaction; an error is the handle's.  `prefix` is
 * the flow's, printed. */
void ofl_ledger_put_history(struct ofl_ledger *l, const struct ofl_record *r,
			    const char *prefix);
void ofl_ledger_put_flow(struct ofl_ledger *l, const struct ofl_record *r,
			 const char *prefix);
void ofl_ledger_put_event(struct ofl_ledger *l, const struct ofl_record *r);
void ofl_ledger_put_mark(struct ofl_ledger *l, const struct ofl_record *r);
void ofl_ledger_put_sample(struct ofl_ledger *l, const struct ofl_record *r);

#endif /* OFFLOADD_STORE_LEDGER_PRIVATE_H */
