/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of the emulated table: entries by key, and the longest match.
 *
 * Knows no capacity, no operations and no time; prov_emulated.c does.  It is
 * private to the emulated provider.
 */
#ifndef OFFLOADD_PROVIDER_PROV_EMULATED_LPM_H
#define OFFLOADD_PROVIDER_PROV_EMULATED_LPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

/* 72 bytes an entry and 4 to 8 of index: a table may hold a million. */
struct ofl_emu_entry {
	struct ofl_key key;
	uint32_t identity;
	uint32_t next; /* index of the next entry of the bucket, + 1 */
	uint16_t slots;
	uint8_t entry;	 /* enum ofl_entry: REAL or PUNT */
	bool found;	 /* of an earlier life, not adopted yet */
	uint32_t record; /* where it is in the table's file, if there is one */
	uint64_t packets, bytes;
	uint64_t told_packets, told_bytes; /* of these, to who counts */
};

static inline void ofl_emu_entry_told(struct ofl_emu_entry *e)
{
	e->told_packets = e->packets;
	e->told_bytes = e->bytes;
}

/* One VRF and family: which prefix lengths occur, and how often. */
struct ofl_emu_space {
	uint32_t vrf;
	uint8_t family;
	uint64_t used[3]; /* bit n: there are entries of length n */
	uint32_t count[129];
	uint32_t entries;
};

struct ofl_emu_table {
	struct ofl_emu_entry *entries; /* dense: 0 .. count - 1 */
	uint32_t count, room;
	uint32_t *bucket; /* index + 1 of the first entry, 0: empty */
	uint32_t buckets; /* a power of two */
	struct ofl_emu_space *spaces; /* sorted by VRF, family */
	size_t space_count;
};

void ofl_emu_table_fini(struct ofl_emu_table *t);

/* Pointers into the table are good until the next add or del. */
struct ofl_emu_entry *ofl_emu_table_find(const struct ofl_emu_table *t,
					 const struct ofl_key *key);
/* The key must not be there; everything but the key is zero. */
struct ofl_emu_entry *ofl_emu_table_add(struct ofl_emu_table *t,
					const struct ofl_key *key);
void ofl_emu_table_del(struct ofl_emu_table *t, struct ofl_emu_entry *e);

/* The entry with the longest prefix that contains the address, or NULL. */
struct ofl_emu_entry *ofl_emu_table_match(const struct ofl_emu_table *t,
					  uint32_t vrf, uint8_t family,
					  const uint8_t *addr);

#endif /* OFFLOADD_PROVIDER_PROV_EMULATED_LPM_H */
