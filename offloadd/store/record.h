/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records on their way to the disk: copied, packed one behind the other in
 * chunks, in the order they were put.
 *
 * A list of records has no lock of its own: the store's queue is used under
 * the store's lock, a batch belongs to the writer thread alone.  No FRR
 * function and no FRR memory: the writer frees what the main thread made.
 */
#ifndef OFFLOADD_STORE_RECORD_H
#define OFFLOADD_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/flow.h"
#include "offloadd/store/store.h"

enum ofl_record_kind {
	OFL_RECORD_FLOW = 0, /* a transition: history and current row */
	OFL_RECORD_RESTATE,  /* current row only */
	OFL_RECORD_EVENT,
	OFL_RECORD_CLEAR,  /* delete history before at_us */
	OFL_RECORD_SWEEP,  /* delete flow rows of older generations */
	OFL_RECORD_MARK,   /* row of a part; its strings: list, table, part */
	OFL_RECORD_SAMPLE, /* how full a table is */
};

/* Which of the three strings behind a record. */
enum ofl_record_string {
	OFL_RECORD_VRF = 0,
	OFL_RECORD_LIST = OFL_RECORD_VRF, /* of a mark */
	OFL_RECORD_TABLE,
	OFL_RECORD_TEXT,
	OFL_RECORD_STRINGS
};
#define OFL_RECORD_STRING_MAX OFL_STORE_STRING_MAX

struct ofl_record {
	uint32_t size;	 /* with its strings, a multiple of 8 */
	uint8_t kind;	 /* enum ofl_record_kind */
	bool superseded; /* writer: a later one of the batch has the row */
	uint16_t string[OFL_RECORD_STRINGS]; /* offsets; 0: NULL */
	uint32_t generation; /* which telling of the flows it belongs to */
	uint64_t number;     /* rises with each record put */
	uint64_t put_us;     /* monotonic */
	uint64_t at_us;
	/* Static: protocol of a flow, kind of an event, admission of a
	 * sample. */
	const char *name;

	/* Only what `kind` is about. */
	union {
		struct { /* flow */
			uint64_t flow_id;
			struct ofl_key key;
			uint8_t from, to, reason, cls, op;
			uint32_t rule, weight, traffic;
		};
		struct { /* event, sample */
			uint32_t used_slots, capacity_slots;

			/* sample alone */
			uint32_t list_slots, high_slots, low_slots;
			uint32_t answered_permille; /* above 1000: unknown */
		};
		uint32_t mark; /* 0: the row goes */
	};
};

struct ofl_record_chunk;

struct ofl_records {
	struct ofl_record_chunk *head, *tail;
	uint32_t count;
};

static inline const char *ofl_record_string(const struct ofl_record *r,
					    enum ofl_record_string which)
{
	return r->string[which] ? (const char *)r + r->string[which] : NULL;
}

/* Copy to the end; size and string[] are filled in.  False: no memory. */
bool ofl_records_add(struct ofl_records *list, const struct ofl_record *r,
		     const char *const strings[OFL_RECORD_STRINGS]);
/* The oldest, or NULL. */
struct ofl_record *ofl_records_first(const struct ofl_records *list);
/* Remove the oldest. */
void ofl_records_pop(struct ofl_records *list);
/* Move about `max` of the oldest (whole chunks, at least one) to ret_list,
 * which must be empty. */
void ofl_records_take(struct ofl_records *list, uint32_t max,
		      struct ofl_records *ret_list);
/* Put back what was taken, in front; `taken` is empty then. */
void ofl_records_untake(struct ofl_records *list, struct ofl_records *taken);
void ofl_records_free(struct ofl_records *list);

/* Walk from the oldest: `at` starts zeroed; NULL at the end. */
struct ofl_record_at {
	struct ofl_record_chunk *chunk;
	uint32_t offset;
	bool started;
};
struct ofl_record *ofl_records_next(const struct ofl_records *list,
				    struct ofl_record_at *at);

#endif /* OFFLOADD_STORE_RECORD_H */
