/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full table of a bench run: routes read from a file, sorted such that a
 * route comes before its more-specifics, with what they weigh and where they
 * lead.
 *
 * Indices are the routes' names everywhere in the bench.  A route that is
 * withdrawn keeps its place, so relations between prefixes never change.
 */
#ifndef BENCH_LPM_TABLE_H
#define BENCH_LPM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

#define OFL_BENCH_NONE UINT32_MAX

struct ofl_bench_route {
	struct ofl_prefix prefix;
	uint32_t parent;   /* nearest covering prefix, or OFL_BENCH_NONE */
	uint32_t end;	   /* index behind its more-specifics */
	uint32_t order;	   /* its rank in the file */
	uint32_t identity; /* 1..: where it leads */
	uint32_t weight;   /* 1.. */
	uint8_t cls;	   /* enum ofl_class */
	bool announced;	   /* it is in the full table now */
};

struct ofl_bench_slot {
	uint32_t route; /* OFL_BENCH_NONE: free */
	uint32_t tag;	/* saves a look at the route */
};

enum ofl_bench_format {
	OFL_BENCH_FORMAT_PREFIX = 1, /* no next hops: drawn */
	OFL_BENCH_FORMAT_AS,	     /* "prefix AS": hash(AS) mod K */
	OFL_BENCH_FORMAT_NEXT_HOP,   /* "prefix nexthop,interface" */
};

struct ofl_bench_table {
	struct ofl_bench_route *routes;
	uint32_t count, count_v4, count_v6;
	uint32_t duplicates; /* lines whose prefix was there already */
	uint32_t identities; /* 1..: distinct destinations */
	enum ofl_bench_format format;

	/* Exact match: where a prefix hashes to, or behind. */
	struct ofl_bench_slot *slots;
	uint32_t slot_mask;
	bool lengths[2][129]; /* IPv6 or not: there are such prefixes */
};

/* How weights and next hops are drawn. */
struct ofl_bench_traffic {
	uint64_t seed;
	double zipf, gamma, size_bias;
	uint32_t next_hops, critical;
};

/* Read plain text or gzip.  False: a sentence is in `error`; the table is
 * empty. */
bool ofl_bench_table_read(struct ofl_bench_table *t, const char *path,
			  bool want_v4, bool want_v6, char *error, size_t len);
/* Leave about `count` routes: whole trees of the forest, picked at random, no
 * more of them than fit. */
void ofl_bench_table_thin(struct ofl_bench_table *t, uint32_t count,
			  uint64_t seed);
void ofl_bench_table_fini(struct ofl_bench_table *t);
/* Weights, classes and, unless the file has them, next hops. */
void ofl_bench_table_draw(struct ofl_bench_table *t,
			  const struct ofl_bench_traffic *traffic);

/* The route of exactly this prefix, or OFL_BENCH_NONE. */
uint32_t ofl_bench_table_find(const struct ofl_bench_table *t,
			      const struct ofl_prefix *p);

#endif /* BENCH_LPM_TABLE_H */
