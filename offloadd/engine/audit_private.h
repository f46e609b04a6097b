/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The auditor as its own files and the engine see it:
 *
 *   audit.c        a pass: what is installed, what should be
 *   audit_store.c  its last part: the rows of the database
 */
#ifndef OFFLOADD_ENGINE_AUDIT_PRIVATE_H
#define OFFLOADD_ENGINE_AUDIT_PRIVATE_H

#include "offloadd/engine/audit.h"
#include "offloadd/engine/engine_private.h"

enum ofl_audit_step {
	OFL_AUDIT_IDLE = 0,
	OFL_AUDIT_ENTRIES,
	OFL_AUDIT_FLOWS,
	OFL_AUDIT_ROWS,
};

struct ofl_audit {
	enum ofl_audit_step step;
	struct ofl_ev *timer;
	uint64_t due_us; /* monotonic; UINT64_MAX: never */
	bool again;	 /* asked for while one was under way */
	unsigned int table;
	uint32_t at;
	bool warned;
	uint32_t events_left;
	uint32_t repairs_left; /* of this second */
	uint64_t second;

	struct ofl_audit_status st;   /* as told */
	struct ofl_audit_status pass; /* of the one under way */

	struct ofl_audit_found found[OFL_AUDIT_FOUND_MAX]; /* a ring */
	uint64_t found_count;

	/* audit_store.c */
	struct ofl_recall *recall;
	uint64_t asked_us; /* wall clock: changes since then are left alone */
	uint32_t asked_for_ms;
	size_t row_at;
	bool flows_done;
	bool gone_unseen; /* a flow went before the rows were there */
};

extern struct ofl_audit ofl_audit;

/* audit.c */
void ofl_audit_record(const char *table, const struct ofl_key *key,
		      enum ofl_difference what, enum ofl_audit_by by,
		      const char *text);
/* What was found last has been made right, or soon will be. */
void ofl_audit_repaired(void);

/* audit_store.c */
void ofl_audit_rows_begin(void);
bool ofl_audit_rows_step(unsigned int budget); /* true: there is more */
void ofl_audit_rows_end(void);

#endif /* OFFLOADD_ENGINE_AUDIT_PRIVATE_H */
