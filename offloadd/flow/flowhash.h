/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows by key: four bytes a bucket, chained through the flows by handle.
 *
 * Eight buckets make a row, half a cache line.  Eight prefixes of one length
 * that stand side by side share a row, a bucket each: feeds bring routes in
 * the order of their addresses, and most find their row at hand.
 *
 * It grows without a pause: rows of the old size move on a few at a time.
 * Rows stand in the order of the hash value, whatever their number, so a place
 * in a walk is a hash value and holds while the table grows.
 */
#ifndef OFFLOADD_FLOW_FLOWHASH_H
#define OFFLOADD_FLOW_FLOWHASH_H

#include "offloadd/flow/flow.h"

struct ofl_flowhash {
	uint32_t *rows, *old; /* old: NULL unless it grows */
	uint32_t moved;	      /* rows of the old size below it are empty */
	uint8_t bits;	      /* 1 << bits rows; 0: none yet */
	uint32_t count;	      /* of flows */
};

void ofl_flowhash_fini(struct ofl_flowhash *h);
/* The flow has its key and its handle, and no other of that key is in. */
void ofl_flowhash_add(struct ofl_flowhash *h, struct ofl_flow *f);
void ofl_flowhash_del(struct ofl_flowhash *h, struct ofl_flow *f);
struct ofl_flow *ofl_flowhash_find(const struct ofl_flowhash *h,
				   const struct ofl_key *key);

/* What rows are chosen by: the same for neighbours. */
uint32_t ofl_flowhash_value(const struct ofl_key *key);

/* The flows of the row at *at, and *at at the next row: 0 after the last.  The
 * callback may neither add nor delete and ends the row by returning false. */
bool ofl_flowhash_row(const struct ofl_flowhash *h, uint32_t *at,
		      bool (*cb)(struct ofl_flow *f, void *arg), void *arg);

#endif /* OFFLOADD_FLOW_FLOWHASH_H */
