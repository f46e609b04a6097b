/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hardware table of ternary entries, emulated plainly: the lowest pref of
 * those that match wins.  It counts what it is asked to do. */
#ifndef BENCH_ACL_HARDWARE_H
#define BENCH_ACL_HARDWARE_H

#include "bench/acl_rules.h"
#include "offloadd/placement/acl.h"

struct ofl_bench_entry {
	struct ofl_match match;
	uint64_t id, cookie, position;
	uint32_t identity;
	uint16_t pref, slots;
	uint8_t entry;
};

struct ofl_bench_moves {
	uint64_t inserts;  /* entries of rules that had none */
	uint64_t relabels; /* entries of rules that have one */
	uint64_t moves;	   /* one array, an entry for each pref behind */
	uint64_t unique;   /* ... were every rule's pref its own */
};

struct ofl_bench_hardware {
	struct ofl_bench_entry *entries;
	uint32_t count, size;
	uint32_t *where; /* by id: index + 1 */
	uint64_t where_size;
	uint32_t *at_pref; /* how many have it */
	uint32_t prefs, prefs_max;

	uint32_t capacity_slots, used_slots, used_slots_max;
	uint64_t writes, refused;
	struct ofl_bench_moves moved;
};

void ofl_bench_hardware_init(struct ofl_bench_hardware *h,
			     uint32_t capacity_slots);
void ofl_bench_hardware_fini(struct ofl_bench_hardware *h);
/* `position` is the rule's in the list. */
enum ofl_status ofl_bench_hardware_write(struct ofl_bench_hardware *h,
					 const struct ofl_acl_op *op,
					 uint64_t position);
/* What it does with a packet: an identity, 0 if it leaves it to software. */
uint32_t ofl_bench_hardware_find(const struct ofl_bench_hardware *h,
				 const struct ofl_packet *p);

#endif /* BENCH_ACL_HARDWARE_H */
