/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated table's entries in a file, so that they outlive the daemon as
 * hardware's do: also a daemon that is killed.
 *
 * The file is mapped shared and is one head and `room` records of one size, in
 * the byte order of the machine.  What an entry does is one aligned word, which
 * is 0 where there is none: an addition writes the key and then the word, a
 * replacement and a deletion are one store.  So whoever reads the file after
 * a kill at any instruction finds each entry whole, old or new, or not at all.
 * It does not outlive the machine better than other files: nothing is synced.
 *
 * A file that is not such a table, or that another process has locked, is
 * refused and stays as it is; an empty one is made one.  Private to the
 * emulated provider, which alone knows capacity and operations.
 */
#ifndef OFFLOADD_PROVIDER_PROV_EMULATED_FILE_H
#define OFFLOADD_PROVIDER_PROV_EMULATED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/action.h"
#include "offloadd/provider/prov_emulated_lpm.h"

#define OFL_EMU_FILE_MAGIC "OFLEMUTB"
#define OFL_EMU_FILE_VERSION 1
#define OFL_EMU_FILE_STEP 4096 /* records that the file grows by */

struct ofl_emu_head {
	char magic[8]; /* no zero at its end */
	uint32_t version;
	uint32_t record_bytes;
	uint64_t room; /* records that follow, used or not */
	/* Operations carried out, in all lives; a kill may lose the last. */
	uint64_t added, replaced, deleted;
	uint64_t zero[2];
};

/*
 * The word: who forwards (enum ofl_entry) in bits 63-62, the slots in 61-46,
 * and of a REAL one the hash of its action in 45-0.
 *
 * The hash is FNV-1a of 64 bits over one byte of the kind (enum
 * ofl_action_kind) and of each next hop, in the order of the action: ifindex
 * and vrf (4 bytes each, network order), family, weight, mac (6), gw (16).  It
 * is folded, h >> 46 exclusive or h, to its lower 46 bits; 0 becomes 1.
 */
#define OFL_EMU_HASH_BITS 46

struct ofl_emu_record {
	uint64_t does; /* the word; 0: no entry, the rest means nothing */
	struct ofl_key key;
	uint64_t packets, bytes;
	uint64_t zero[2];
};

struct ofl_emu_file {
	int fd;
	struct ofl_emu_head *head; /* NULL: not open */
	struct ofl_emu_record *records;
	uint32_t *free; /* records without an entry, the next one last */
	uint32_t free_count;
};

/*
 * Open the file, or make it, and put the entries into the empty table, each as
 * `found`.  False and a reason in buf: there is nothing to close, the table is
 * empty, and no file was changed.
 */
bool ofl_emu_file_open(struct ofl_emu_file *f, const char *path,
		       struct ofl_emu_table *table, char *buf, size_t len);
void ofl_emu_file_close(struct ofl_emu_file *f);

uint64_t ofl_emu_hash_make(const struct ofl_action *a);
uint64_t ofl_emu_word_make(uint8_t entry, uint16_t slots, uint64_t hash);
uint8_t ofl_emu_word_entry(uint64_t word);
uint16_t ofl_emu_word_slots(uint64_t word);
uint64_t ofl_emu_word_hash(uint64_t word);

/* A record for the key; false: the file cannot grow. */
bool ofl_emu_file_add(struct ofl_emu_file *f, const struct ofl_key *key,
		      uint64_t word, uint32_t *ret_record);
void ofl_emu_file_set(struct ofl_emu_file *f, uint32_t record, uint64_t word);
void ofl_emu_file_del(struct ofl_emu_file *f, uint32_t record);

#endif /* OFFLOADD_PROVIDER_PROV_EMULATED_FILE_H */
