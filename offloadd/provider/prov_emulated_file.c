// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated table's entries in a file; see prov_emulated_file.h for what is
 * where in it.
 *
 * Every record is looked at when the file is opened, so that nothing that is
 * read later can be nonsense.  What is done then is stores to memory alone; the
 * file grows in small steps, so that no operation takes long.  It does not
 * defend itself against another program that truncates the file under it.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/flow/op.h"
#include "offloadd/provider/prov_emulated.h"
#include "offloadd/provider/prov_emulated_file.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EMU_FREE, "offload emulated free records");

static_assert(sizeof(struct ofl_emu_head) == 64, "the head is 64 bytes");
static_assert(sizeof(struct ofl_emu_record) == 64, "a record is 64 bytes");
static_assert(sizeof(struct ofl_key) == 24, "a key has no padding");

#define HASH_MASK ((UINT64_C(1) << OFL_EMU_HASH_BITS) - 1)
#define ENTRY_SHIFT 62
#define ROOM_MAX (UINT32_MAX - OFL_EMU_FILE_STEP)

/* --- the word --- */

static uint64_t hash_bytes(uint64_t h, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len--)
		h = (h ^ *at++) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t ofl_emu_hash_make(const struct ofl_action *a)
{
	uint64_t h = hash_bytes(UINT64_C(0xcbf29ce484222325), &a->kind, 1);

	for (unsigned int i = 0; i < a->nh_count; i++) {
		const struct ofl_nexthop *nh = &a->nh[i];
		uint32_t numbers[2] = {htonl(nh->ifindex), htonl(nh->vrf)};

		h = hash_bytes(h, numbers, sizeof(numbers));
		h = hash_bytes(h, &nh->family, 1);
		h = hash_bytes(h, &nh->weight, 1);
		h = hash_bytes(h, nh->mac, sizeof(nh->mac));
		h = hash_bytes(h, nh->gw, sizeof(nh->gw));
	}
	h = ((h >> OFL_EMU_HASH_BITS) ^ h) & HASH_MASK;
	return h ? h : 1;
}

uint64_t ofl_emu_word_make(uint8_t entry, uint16_t slots, uint64_t hash)
{
	return (uint64_t)entry << ENTRY_SHIFT |
	       (uint64_t)slots << OFL_EMU_HASH_BITS | (hash & HASH_MASK);
}

uint8_t ofl_emu_word_entry(uint64_t word)
{
	return word >> ENTRY_SHIFT;
}

uint16_t ofl_emu_word_slots(uint64_t word)
{
	return word >> OFL_EMU_HASH_BITS;
}

uint64_t ofl_emu_word_hash(uint64_t word)
{
	return word & HASH_MASK;
}

/* --- what is there --- */

static size_t size_of(uint64_t room)
{
	return sizeof(struct ofl_emu_head) +
	       room * sizeof(struct ofl_emu_record);
}

/* NULL, or why this cannot be a record of ours. */
static const char *record_fault(const struct ofl_emu_record *r)
{
	const struct ofl_prefix *pf = &r->key.p;
	uint8_t entry = ofl_emu_word_entry(r->does);
	struct ofl_prefix made;

	if (entry != OFL_ENTRY_REAL && entry != OFL_ENTRY_PUNT)
		return "an entry in it does nothing that there is";
	if (ofl_emu_word_slots(r->does) == 0)
		return "an entry in it takes no slots";
	if ((pf->family != AF_INET && pf->family != AF_INET6) ||
	    pf->plen > ofl_family_bits(pf->family))
		return "an entry in it has no prefix";
	made = ofl_prefix_make(pf->family, pf->addr, pf->plen);
	if (memcmp(&made, pf, sizeof(made)) != 0)
		return "an entry in it has no prefix";
	return NULL;
}

/* NULL, or what is wrong; the table has the entries then. */
static const char *load(struct ofl_emu_file *f, struct ofl_emu_table *table)
{
	uint32_t room = f->head->room;

	f->free = XCALLOC(MTYPE_OFL_EMU_FREE, room * sizeof(*f->free));
	/* From the end, so that the first free record is the next. */
	for (uint32_t i = room; i-- > 0;) {
		const struct ofl_emu_record *r = &f->records[i];
		struct ofl_emu_entry *e;
		const char *fault;

		if (!r->does) {
			f->free[f->free_count++] = i;
			continue;
		}
		fault = record_fault(r);
		if (fault)
			return fault;
		if (ofl_emu_table_find(table, &r->key))
			return "it has two entries for one prefix";
		e = ofl_emu_table_add(table, &r->key);
		e->entry = ofl_emu_word_entry(r->does);
		e->slots = ofl_emu_word_slots(r->does);
		e->identity =
			e->entry == OFL_ENTRY_REAL ? OFL_IDENTITY_FOUND : 0;
		e->found = true;
		e->record = i;
		e->packets = r->packets;
		e->bytes = r->bytes;
	}
	return NULL;
}

/* Is the head ours, and as much there as it says? */
static const char *head_fault(const struct ofl_emu_head *head, uint64_t size)
{
	if (memcmp(head->magic, OFL_EMU_FILE_MAGIC, sizeof(head->magic)) != 0)
		return "it is not an emulated table";
	if (head->version != OFL_EMU_FILE_VERSION ||
	    head->record_bytes != sizeof(struct ofl_emu_record))
		return "it is an emulated table of another version";
	if (head->room > ROOM_MAX || size_of(head->room) > size)
		return "it is shorter than it says";
	return NULL;
}

/* --- opening --- */

/* The head of an empty file in one write: whole, or the file stays empty. */
static const char *head_write(int fd)
{
	struct ofl_emu_head head = {
		.version = OFL_EMU_FILE_VERSION,
		.record_bytes = sizeof(struct ofl_emu_record),
	};

	memcpy(head.magic, OFL_EMU_FILE_MAGIC, sizeof(head.magic));
	if (pwrite(fd, &head, sizeof(head), 0) != sizeof(head))
		return "it cannot be written";
	return NULL;
}

/* Map what the head tells of.  NULL, or what is wrong. */
static const char *map(struct ofl_emu_file *f)
{
	struct ofl_emu_head head;
	struct stat st;
	const char *fault;
	void *at;

	if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
		return "another table or process has it";
	/* Not before it is ours: another one may have been making it. */
	if (fstat(f->fd, &st) != 0)
		return strerror(errno);
	if (st.st_size == 0) {
		fault = head_write(f->fd);
		if (fault)
			return fault;
		st.st_size = sizeof(head);
	}
	if (pread(f->fd, &head, sizeof(head), 0) != sizeof(head))
		return "it is not an emulated table";
	fault = head_fault(&head, st.st_size);
	if (fault)
		return fault;
	at = mmap(NULL, size_of(head.room), PROT_READ | PROT_WRITE, MAP_SHARED,
		  f->fd, 0);
	if (at == MAP_FAILED)
		return strerror(errno);
	f->head = at;
	f->records = (struct ofl_emu_record *)(f->head + 1);
	return NULL;
}

bool ofl_emu_file_open(struct ofl_emu_file *f, const char *path,
		       struct ofl_emu_table *table, char *buf, size_t len)
{
	const char *fault;

	memset(f, 0, sizeof(*f));
	f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	fault = f->fd >= 0 ? map(f) : strerror(errno);
	if (!fault)
		fault = load(f, table);
	if (!fault)
		return true;
	snprintf(buf, len, "emulated file: %s", fault);
	ofl_emu_table_fini(table);
	ofl_emu_file_close(f);
	return false;
}

void ofl_emu_file_close(struct ofl_emu_file *f)
{
	if (f->head)
		munmap(f->head, size_of(f->head->room));
	if (f->fd >= 0)
		close(f->fd);
	XFREE(MTYPE_OFL_EMU_FREE, f->free);
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}

/* --- writing --- */

/* The room is told last: until then what follows it means nothing. */
static bool grow(struct ofl_emu_file *f)
{
	uint64_t old = f->head->room, room = old + OFL_EMU_FILE_STEP;
	void *at;

	/* Allocated, not only longer: a store must not find the disk full. */
	if (room > ROOM_MAX || posix_fallocate(f->fd, 0, size_of(room)) != 0)
		return false;
	at = mremap(f->head, size_of(old), size_of(room), MREMAP_MAYMOVE);
	if (at == MAP_FAILED)
		return false;
	f->head = at;
	f->records = (struct ofl_emu_record *)(f->head + 1);
	/* Of a life that was killed while it grew, perhaps. */
	memset(&f->records[old], 0, (room - old) * sizeof(f->records[0]));
	f->free =
		XREALLOC(MTYPE_OFL_EMU_FREE, f->free, room * sizeof(*f->free));
	for (uint64_t i = room; i-- > old;)
		f->free[f->free_count++] = i;
	__atomic_store_n(&f->head->room, room, __ATOMIC_RELEASE);
	return true;
}

bool ofl_emu_file_add(struct ofl_emu_file *f, const struct ofl_key *key,
		      uint64_t word, uint32_t *ret_record)
{
	struct ofl_emu_record *r;

	if (f->free_count == 0 && !grow(f))
		return false;
	*ret_record = f->free[--f->free_count];
	r = &f->records[*ret_record];
	r->key = *key;
	r->packets = 0;
	r->bytes = 0;
	/* The compiler may not put the word before the key. */
	__atomic_store_n(&r->does, word, __ATOMIC_RELEASE);
	return true;
}

void ofl_emu_file_set(struct ofl_emu_file *f, uint32_t record, uint64_t word)
{
	__atomic_store_n(&f->records[record].does, word, __ATOMIC_RELEASE);
}

void ofl_emu_file_del(struct ofl_emu_file *f, uint32_t record)
{
	ofl_emu_file_set(f, record, 0);
	f->free[f->free_count++] = record;
}
