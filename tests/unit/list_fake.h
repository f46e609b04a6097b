/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A provider of lists in memory, for tests of the engine: hardware is entries
 * that are looked up by pref, software is snapshots.  Nothing happens by
 * itself: a test says when the next thing is done, and which fail.
 */
#ifndef TESTS_UNIT_LIST_FAKE_H
#define TESTS_UNIT_LIST_FAKE_H

#include "offloadd/provider/provider.h"

#define FAKE_LISTS 64
#define FAKE_ENTRIES 8192
#define FAKE_PENDING 4096
#define FAKE_PORTS 8

struct fake_entry {
	uint64_t id; /* 0: free */
	uint32_t list, mark;
	uint16_t pref, slots;
	uint8_t entry;
	uint64_t cookie;
	struct ofl_match match;
	struct ofl_ace_action action;
};

struct fake_list {
	uint32_t number; /* 0: free */
	char egress[16];
	struct ofl_list_soft *next, *soft; /* next: set, not in force */
};

struct fake_port {
	char name[16];
	bool egress;
	uint32_t list; /* is met; 0: none */
	uint32_t next; /* is to be, once it is in force */
};

struct fake_pending {
	uint32_t list;
	struct ofl_list_op op;
	struct ofl_match match;
	struct ofl_ace_action action;
};

struct ofl_provider {
	bool hardware;
	const struct ofl_list_events *events;
	void *arg;
	struct fake_list lists[FAKE_LISTS];
	struct fake_port ports[FAKE_PORTS];
	struct fake_entry entries[FAKE_ENTRIES];
	int entry_top; /* above all that were ever used */
	struct fake_pending pending[FAKE_PENDING];
	unsigned int pending_count;
	uint32_t capacity_slots;
	unsigned int (*rnd)(unsigned int below); /* NULL: no faults */
	unsigned int fault_one_in;
	bool soft_stuck; /* sets do not come into force */
	/* What rules of this cookie counted, in software and in hardware; NULL:
	 * one packet of a hundred bytes, in software. */
	uint64_t (*carried)(uint64_t cookie, bool hardware);
	bool can_ttl;	 /* hardware matches TTLs */
	bool settled;
	unsigned int sets, binds;
	uint64_t writes;
	char error[200]; /* a call that the contract does not allow */
};

extern const struct ofl_provider_ops fake_ops;

/* The oldest operation takes effect and is answered; false: there is none. */
bool fake_write(struct ofl_provider *p);
/* The oldest snapshot comes into force; false: there is none. */
bool fake_switch(struct ofl_provider *p);
/* Hardware forgets this entry. */
void fake_lose(struct ofl_provider *p, struct fake_entry *e);
uint32_t fake_slots(const struct ofl_provider *p);

/* What becomes of a packet: every way it can go must be the same to the caller,
 * who is told each once.  `action` NULL: no rule of a list matched. */
void fake_lookup(struct ofl_provider *p, const char *port, bool egress,
		 const struct ofl_packet *packet,
		 void (*cb)(const struct ofl_ace_action *action, bool hardware,
			    void *arg),
		 void *arg);
/* The snapshots that it has, and entries: none at the end. */
unsigned int fake_left(const struct ofl_provider *p);

#endif /* TESTS_UNIT_LIST_FAKE_H */
