/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Naive models of the full table and of hardware: arrays indexed by prefix,
 * looked up bit by bit.  They know nothing of the placement room; what it
 * does is held against them.  One small universe at a time.
 */
#ifndef TESTS_PROPERTY_MODEL_H
#define TESTS_PROPERTY_MODEL_H

#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

#define BITS_MAX 6
#define ADDRS_MAX (1 << BITS_MAX)
#define PREFIXES_MAX (2 * ADDRS_MAX) /* heap order: 1 is /0, then 2i, 2i+1 */
#define FORESTS 3		     /* VRF 0 IPv4, VRF 0 IPv6, VRF 7 IPv4 */
#define IDENTITIES 5
#define PENDING_MAX 256

struct route {
	bool present;
	uint32_t identity; /* 0: hardware may not answer it */
	uint32_t weight;
	uint8_t cls;
};

struct hw {
	uint8_t entry; /* enum ofl_entry */
	uint32_t identity;
	bool refused;	   /* the last write to it was refused */
	bool punt_refused; /* a cover was refused here since the last retry */
};

struct pending {
	struct ofl_op op;
	unsigned int forest, index;
	bool applied; /* took effect, or was refused, before the answer */
	uint8_t status;
	/* Bit i: the full table gave identity i since this was asked for. */
	uint32_t allowed[ADDRS_MAX];
};

struct model {
	unsigned int addrs, prefixes; /* of this universe */
	struct route route[FORESTS][PREFIXES_MAX];
	struct hw hw[FORESTS][PREFIXES_MAX];
	/* Bit i: the full table gave identity i since the last rest. */
	uint32_t allowed[FORESTS][ADDRS_MAX];
	bool lost[FORESTS]; /* hardware lost an entry since the last rest */
	struct pending pending[PENDING_MAX];
	unsigned int pending_count;
	uint32_t cost[FORESTS]; /* slots of an entry */
	uint32_t entries[FORESTS];
	uint32_t bound_slots;	   /* hardware may hold that much now */
	uint32_t hw_capacity;	   /* beyond this hardware refuses */
	unsigned int fault_one_in; /* 0: never */
	/* So many operations fail, after so many that do not, this way. */
	unsigned int fault_after, fault_count;
	uint8_t fault_status;
	bool any_fault;
	uint64_t seed, step;
	char about[192];      /* the limits, in words */
	uint64_t ops, checks; /* over all universes */
};
extern struct model m;

/* Say what is wrong, and how the forest looks; exit. */
void fail(unsigned int forest, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void rnd_seed(uint64_t seed);
uint32_t rnd(uint32_t below);

void model_reset(uint64_t seed, unsigned int bits);
struct ofl_key key_of(unsigned int forest, unsigned int i);
unsigned int index_of(const struct ofl_key *key, unsigned int *ret_forest);
/* What the full table gives; 0: software only. */
uint32_t full_identity(unsigned int forest, unsigned int addr);
/* The entry at prefix i or above it; 0: none. */
unsigned int hw_lookup(unsigned int forest, unsigned int i);
/* Does hardware answer the route at prefix i? */
bool hw_answers(unsigned int forest, unsigned int i);
uint32_t hw_slots(void);
/* Slots that hardware holds or may hold once everything is answered. */
uint32_t hw_slots_possible(void);
/* The room is told to forget refusals. */
void note_retry(void);
/* A route changed: what the full table gives now is allowed too. */
void note_full_table(unsigned int forest);
/* At rest: nothing else is allowed any longer. */
void note_rest(void);
/* Remember an operation that was asked for. */
void pending_add(const struct ofl_op *op);
bool is_pending(unsigned int forest, unsigned int i);
/* The operation takes effect, or is refused; I2 and I3 are checked. */
void hw_apply(struct pending *q);
/* Slots that REAL entries at `real`, and nothing else, take with their covers.
 */
uint32_t closure_slots(const bool (*real)[PREFIXES_MAX]);
/* Slots that a REAL entry at i takes on top of what hardware holds. */
uint32_t more_slots(unsigned int forest, unsigned int i);

#endif /* TESTS_PROPERTY_MODEL_H */
