/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The auditor: intent, hardware and database compared with each other, again
 * and again, and what differs made right.
 *
 * A pass walks what every table has installed (something there that nobody
 * knows?  that does something else than it should?), then all flows (something
 * not there that should be?), then the rows of the database.  Providers whose
 * hardware is the kernel's compare their own books with the kernel's besides,
 * and tell what they found.  It goes in small steps between other work; what it
 * finds is recorded with the reason and mended by deciding again, at most so
 * many repairs a second.
 *
 * Main thread only.
 */
#ifndef OFFLOADD_ENGINE_AUDIT_H
#define OFFLOADD_ENGINE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/flow/hwtable.h"
#include "offloadd/provider/provider.h"

#define OFL_AUDIT_FOUND_MAX 64 /* differences that are remembered */

struct ofl_audit_conf {
	uint32_t interval_s; /* from the end of a pass to the next; 0: never */
	uint32_t repairs_per_s; /* 1.. */
};
void ofl_audit_conf_init(struct ofl_audit_conf *c); /* 300 s, 1000 */

enum ofl_audit_by {
	OFL_AUDIT_BY_PASS = 0, /* a pass of the auditor */
	OFL_AUDIT_BY_PROVIDER, /* the provider, of its own hardware */
};

struct ofl_audit_found {
	uint64_t at_us; /* wall clock */
	char table[OFL_NAME_LEN];
	bool has_key;
	struct ofl_key key;
	uint8_t what; /* enum ofl_difference */
	uint8_t by;   /* enum ofl_audit_by */
	char text[OFL_OUTCOME_TEXT];
};

struct ofl_audit_status {
	bool running;
	const char *step; /* what is walked now; "" */
	uint64_t passes;
	uint64_t began_us, ended_us; /* wall clock; of the last pass; 0: none */
	uint64_t next_in_ms;	     /* 0: none is due */
	/* Of the last pass that ended. */
	uint64_t entries, flows, rows, pass_differences;
	bool rows_compared; /* false: the database did not answer */
	/* Since the start. */
	uint64_t differences[OFL_DIFFERENCE_MAX][2]; /* [][enum ofl_audit_by] */
	uint64_t repaired;
	uint64_t provider_audits;
	uint64_t provider_entries; /* of the last one */
};
void ofl_audit_status(struct ofl_audit_status *ret);
/* What was found last, newest first; false from cb ends the walk. */
void ofl_audit_walk(bool (*cb)(const struct ofl_audit_found *f, void *arg),
		    void *arg);
/* Begin a pass now; false: one is under way, and another follows it. */
bool ofl_audit_now(void);

const char *ofl_difference_name(enum ofl_difference d);

#endif /* OFFLOADD_ENGINE_AUDIT_H */
