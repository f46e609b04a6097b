/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations and outcomes: the values that cross between placement, engine
 * and providers.
 */
#ifndef OFFLOADD_FLOW_OP_H
#define OFFLOADD_FLOW_OP_H

#include <stdint.h>

#include "offloadd/flow/action.h"
#include "offloadd/flow/addr.h"

enum ofl_op_kind {
	OFL_OP_NONE = 0,
	OFL_OP_ADD,	/* no entry for the key is there */
	OFL_OP_REPLACE, /* an entry is there; swap it in place, atomically */
	OFL_OP_DEL,
};

/* What a hardware entry does with a packet that hits it. */
enum ofl_entry {
	OFL_ENTRY_NONE = 0,
	OFL_ENTRY_REAL, /* forwards (or discards) by its action */
	OFL_ENTRY_PUNT, /* sends to software: a cover */
};

/* At most this many operations are unanswered per table; a power of two. */
#define OFL_OPS_IN_FLIGHT 4096

/* One write to one table.  At most one operation per key is in flight. */
struct ofl_op {
	uint64_t id;	   /* unique within the table; modulo OFL_OPS_IN_FLIGHT
			    * unique among those unanswered */
	uint8_t kind;	   /* enum ofl_op_kind */
	uint8_t entry;	   /* enum ofl_entry after success; NONE for DEL */
	uint16_t slots;	   /* slots the entry takes (0 for DEL) */
	uint32_t identity; /* action id of a REAL entry, else 0 */
	struct ofl_key key;
	/* The action of a REAL entry: borrowed for the duration of submit();
	 * a provider that needs it longer copies what it needs. */
	const struct ofl_action *action;
};

enum ofl_status {
	OFL_STATUS_OK = 0,
	OFL_STATUS_NO_SPACE,	/* the table is full; nothing changed */
	OFL_STATUS_UNSUPPORTED, /* will never work; nothing changed */
	OFL_STATUS_ERROR,	/* failed for another reason; nothing changed */
};

#define OFL_OUTCOME_TEXT 160

/* A provider's answer to one operation. */
struct ofl_outcome {
	uint64_t op_id;
	uint8_t status; /* enum ofl_status */
	int errnum;	/* errno value or 0 */
	char text[OFL_OUTCOME_TEXT]; /* kernel's or device's words, or "" */
};

const char *ofl_op_kind_name(enum ofl_op_kind k);
const char *ofl_entry_name(enum ofl_entry e);
const char *ofl_status_name(enum ofl_status s);

#endif /* OFFLOADD_FLOW_OP_H */
