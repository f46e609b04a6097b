/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Naive models of an ACL and of the hardware that holds a part of it: a
 * universe of 128 packets, all of which are looked up after every single
 * operation, first match in the list against lowest pref in hardware.  They
 * know nothing of the placement room.
 */
#ifndef TESTS_PROPERTY_ACL_MODEL_H
#define TESTS_PROPERTY_ACL_MODEL_H

#include "offloadd/placement/acl.h"

#define ACL_PACKETS 128
#define ACL_RULES 24 /* cookies 1 .. */
#define ACL_ENTRIES 256
#define ACL_PENDING 64
#define ACL_IDENTITIES 5

struct acl_entry {
	uint64_t id; /* 0: none */
	uint16_t pref, slots;
	uint8_t entry;
	uint32_t identity;
	bool hits[ACL_PACKETS];
};

struct acl_pending {
	struct ofl_acl_op op;
	bool hits[ACL_PACKETS];
	bool applied;
	bool forgiven; /* hardware lost an entry since it was asked for */
	uint8_t status;
	/* Bit i: the list gave identity i since this was asked for. */
	uint32_t allowed[ACL_PACKETS];
};

struct acl_listed {
	bool present;
	struct ofl_acl_rule rule;
	struct ofl_match match, cover;
	bool hits[ACL_PACKETS];
};

struct acl_model {
	struct ofl_packet packet[ACL_PACKETS];
	struct acl_listed list[ACL_RULES];
	struct acl_entry entry[ACL_ENTRIES];
	struct acl_pending pending[ACL_PENDING];
	unsigned int pending_count;
	uint32_t truth[ACL_PACKETS];   /* what the list gives; 0: software */
	uint32_t allowed[ACL_PACKETS]; /* bit i: ... since the last rest */
	bool lost;		       /* an entry, since the last rest */
	bool faulty;		       /* something was refused */
	uint32_t bound_slots;	       /* hardware may hold so many */
	uint32_t hw_capacity;	       /* beyond this it refuses */
	unsigned int fault_one_in;     /* 0: never */
	struct ofl_acl_place_conf conf;
	uint64_t seed, step;
	uint64_t ops, checks; /* over all universes */
};
extern struct acl_model am;

void acl_rnd_seed(uint64_t seed);
uint32_t acl_rnd(uint32_t below);
void acl_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

void acl_model_begin(uint64_t seed);
/* The list changed: look again what it gives. */
void acl_model_listed(unsigned int i);
/* Does rule i stand in the way of rule l (above, overlapping, different)? */
bool acl_model_depends(unsigned int l, unsigned int d);
bool acl_model_is_eligible(unsigned int i);

/* What hardware may do with a packet: bit i: identity i, bit 0: miss or punt.
 * Any of those that share a pref may win. */
uint32_t acl_model_answers(unsigned int packet);
uint32_t acl_model_slots(void);
const struct acl_entry *acl_model_entry(uint64_t id);

/* An operation is on its way. */
void acl_model_send(const struct ofl_acl_op *op);
/* It takes effect, or is refused; everything is looked up. */
void acl_model_apply(struct acl_pending *pending);
/* Hardware forgets an entry; returns its id, 0: there was none to forget. */
uint64_t acl_model_lose(void);
/* No packet gets an answer that is not the list's. */
void acl_model_check_right(void);
/* All is at rest: what was is forgotten. */
void acl_model_rest(void);

#endif /* TESTS_PROPERTY_ACL_MODEL_H */
