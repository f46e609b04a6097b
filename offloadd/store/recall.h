/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the database says of every flow, read in one go: at the start, so that
 * flows keep their numbers and the time since which they are what they are;
 * later, so that somebody can compare it with what he knows.
 *
 * Reading is the writer thread's (ofl_store_recall_ask() and _take() in
 * store.h); what was read belongs to who took it and knows nothing of the
 * file.  Flows are found by name of VRF and prefix: numbers of VRFs mean
 * nothing to another life.  Of rows that name the same flow the last telling
 * counts.  A row that makes no sense is left out and counted.
 */
#ifndef OFFLOADD_STORE_RECALL_H
#define OFFLOADD_STORE_RECALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/flow.h"

/* Rows that are read at most; more than any router has routes. */
#define OFL_RECALL_MAX 8000000

struct ofl_recalled {
	uint64_t flow_id;
	uint64_t since_us;
	struct ofl_key key; /* vrf: number of the name, ofl_recall_name() */
	uint16_t table;	    /* likewise; 0: none */
	uint8_t state, reason, cls;
	uint32_t traffic; /* as in struct ofl_store_flow; 0: none */
	bool used, back;  /* the taker's own; false at first */
	uint64_t generation;
};

struct ofl_recall;

/* Writer thread.  NULL: it cannot be read, or the time to give up came. */
struct ofl_recall *ofl_recall_read(const char *path,
				   const atomic_bool *give_up);
void ofl_recall_free(struct ofl_recall *r); /* NULL is fine */

size_t ofl_recall_count(const struct ofl_recall *r); /* NULL: 0 */
/* Rows that were left out. */
size_t ofl_recall_odd(const struct ofl_recall *r);
/* The i-th, in the order of ofl_key_cmp(); i below the count.  Of rows that
 * were superseded by a later one, which follows, `used` is set. */
struct ofl_recalled *ofl_recall_at(struct ofl_recall *r, size_t i);
/* NULL: there is none.  Quickest if asked for in their order, as a feed that
 * begins brings them. */
struct ofl_recalled *ofl_recall_find(struct ofl_recall *r, const char *vrf,
				     const struct ofl_prefix *p);
/* A name by its number; 0: "". */
const char *ofl_recall_name(const struct ofl_recall *r, uint32_t number);

#endif /* OFFLOADD_STORE_RECALL_H */
