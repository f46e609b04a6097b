/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of rules as the ACL bench has it: what a file says, the traffic it
 * was given, and who is right about a packet: the first match. */
#ifndef BENCH_ACL_RULES_H
#define BENCH_ACL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/lpm_random.h"
#include "offloadd/flow/match.h"

#define OFL_BENCH_NO_RULE UINT32_MAX

enum ofl_bench_actions {
	OFL_BENCH_ACTIONS_DISTINCT = 0, /* each rule its own */
	OFL_BENCH_ACTIONS_TWO,		/* two, drawn */
	OFL_BENCH_ACTIONS_FILE,		/* permit or deny, as the file says */
};

struct ofl_bench_rule {
	struct ofl_match match;
	uint64_t position;
	uint32_t identity;
	uint32_t weight;
	uint16_t slots;
	char action; /* of the file: 'p', 'd', or 0 */
	uint8_t cls;
	bool present; /* in the list now */
};

struct ofl_bench_traffic_item {
	struct ofl_packet packet;
	uint32_t rule; /* the first match */
	double weight;
};

struct ofl_bench_rules {
	struct ofl_bench_rule *rules; /* in the order of the file */
	uint32_t count, size;
	uint32_t with_action;

	/* What is in the list now, in order; of each the first words. */
	uint32_t *order;
	struct ofl_bits *first;
	uint32_t present;

	struct ofl_bench_traffic_item *traffic;
	uint32_t traffic_count;
	uint32_t reached; /* rules that some packet gets to */
	double total;	  /* weight of all rules */
};

/* False: a sentence is in `error`. */
bool ofl_bench_rules_read(struct ofl_bench_rules *t, const char *path,
			  char *error, size_t len);
void ofl_bench_rules_fini(struct ofl_bench_rules *t);
/* What entries cost, and which action a rule has.  False: the file does not
 * say which. */
bool ofl_bench_rules_dress(struct ofl_bench_rules *t,
			   enum ofl_bench_actions actions, bool expand,
			   uint64_t seed);
/* Popularity by Zipf's law over the rules that some packet gets to. */
void ofl_bench_rules_draw(struct ofl_bench_rules *t, double zipf,
			  uint64_t seed);

/* Take a rule out of the list, or put it in at its position. */
void ofl_bench_rules_del(struct ofl_bench_rules *t, uint32_t rule);
void ofl_bench_rules_add(struct ofl_bench_rules *t, uint32_t rule);
/* The first match, one by one; NO_RULE: none. */
uint32_t ofl_bench_rules_find(const struct ofl_bench_rules *t,
			      const struct ofl_packet *p);
/* A packet of IPv4, of nobody in particular. */
struct ofl_packet ofl_bench_packet_make(struct ofl_bench_random *r);

#endif /* BENCH_ACL_RULES_H */
