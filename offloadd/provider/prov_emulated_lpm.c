// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory of the emulated table; see prov_emulated_lpm.h.
 *
 * Entries lie densely in one array (a dump is a loop, a deletion moves the
 * last one into the hole) and are found by hash of the key.  The longest
 * match asks once for each prefix length that the VRF and family really has,
 * longest first: some twenty probes for an Internet table, and nothing to
 * rebalance when entries come and go.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_emulated_lpm.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EMU_ENTRIES, "offload emulated entries");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EMU_INDEX, "offload emulated index");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EMU_SPACE, "offload emulated space");

#define ROOM_MIN 64

void ofl_emu_table_fini(struct ofl_emu_table *t)
{
	XFREE(MTYPE_OFL_EMU_ENTRIES, t->entries);
	XFREE(MTYPE_OFL_EMU_INDEX, t->bucket);
	XFREE(MTYPE_OFL_EMU_SPACE, t->spaces);
	memset(t, 0, sizeof(*t));
}

/* --- spaces --- */

/* Where the space is, or would have to be. */
static size_t space_place(const struct ofl_emu_table *t, uint32_t vrf,
			  uint8_t family, bool *ret_found)
{
	size_t lo = 0, hi = t->space_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct ofl_emu_space *s = &t->spaces[mid];

		if (s->vrf == vrf && s->family == family) {
			*ret_found = true;
			return mid;
		}
		if (s->vrf < vrf || (s->vrf == vrf && s->family < family))
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret_found = false;
	return lo;
}

static void space_add(struct ofl_emu_table *t, const struct ofl_key *key)
{
	struct ofl_emu_space *s;
	bool found;
	size_t i = space_place(t, key->vrf, key->p.family, &found);

	if (!found) {
		t->spaces = XREALLOC(MTYPE_OFL_EMU_SPACE, t->spaces,
				     (t->space_count + 1) * sizeof(*s));
		memmove(&t->spaces[i + 1], &t->spaces[i],
			(t->space_count - i) * sizeof(*s));
		memset(&t->spaces[i], 0, sizeof(*s));
		t->spaces[i].vrf = key->vrf;
		t->spaces[i].family = key->p.family;
		t->space_count++;
	}
	s = &t->spaces[i];
	s->entries++;
	if (s->count[key->p.plen]++ == 0)
		s->used[key->p.plen >> 6] |= 1ULL << (key->p.plen & 63);
}

static void space_del(struct ofl_emu_table *t, const struct ofl_key *key)
{
	bool found;
	size_t i = space_place(t, key->vrf, key->p.family, &found);
	struct ofl_emu_space *s = &t->spaces[i];

	if (--s->count[key->p.plen] == 0)
		s->used[key->p.plen >> 6] &= ~(1ULL << (key->p.plen & 63));
	if (--s->entries > 0)
		return;
	t->space_count--;
	memmove(s, s + 1, (t->space_count - i) * sizeof(*s));
	if (t->space_count == 0)
		XFREE(MTYPE_OFL_EMU_SPACE, t->spaces);
}

/* --- entries --- */

static uint32_t *bucket_of(const struct ofl_emu_table *t,
			   const struct ofl_key *key)
{
	return &t->bucket[ofl_key_hash(key) & (t->buckets - 1)];
}

static void grow(struct ofl_emu_table *t)
{
	t->room = t->room ? t->room * 2 : ROOM_MIN;
	t->entries = XREALLOC(MTYPE_OFL_EMU_ENTRIES, t->entries,
			      t->room * sizeof(*t->entries));
	XFREE(MTYPE_OFL_EMU_INDEX, t->bucket);
	t->buckets = t->room;
	t->bucket =
		XCALLOC(MTYPE_OFL_EMU_INDEX, t->buckets * sizeof(*t->bucket));
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t *b = bucket_of(t, &t->entries[i].key);

		t->entries[i].next = *b;
		*b = i + 1;
	}
}

struct ofl_emu_entry *ofl_emu_table_find(const struct ofl_emu_table *t,
					 const struct ofl_key *key)
{
	struct ofl_emu_entry *e;

	if (t->count == 0)
		return NULL;
	for (uint32_t i = *bucket_of(t, key); i; i = e->next) {
		e = &t->entries[i - 1];
		if (ofl_key_cmp(&e->key, key) == 0)
			return e;
	}
	return NULL;
}

struct ofl_emu_entry *ofl_emu_table_add(struct ofl_emu_table *t,
					const struct ofl_key *key)
{
	struct ofl_emu_entry *e;
	uint32_t *b;

	if (t->count == t->room)
		grow(t);
	b = bucket_of(t, key);
	e = &t->entries[t->count++];
	memset(e, 0, sizeof(*e));
	e->key = *key;
	e->next = *b;
	*b = t->count;
	space_add(t, key);
	return e;
}

/* The place that holds the index of entry i: its bucket or a `next`. */
static uint32_t *link_of(struct ofl_emu_table *t, uint32_t i)
{
	uint32_t *link = bucket_of(t, &t->entries[i].key);

	while (*link != i + 1)
		link = &t->entries[*link - 1].next;
	return link;
}

void ofl_emu_table_del(struct ofl_emu_table *t, struct ofl_emu_entry *e)
{
	uint32_t hole = e - t->entries;
	uint32_t last = t->count - 1;

	space_del(t, &e->key);
	*link_of(t, hole) = e->next;
	if (hole != last) {
		*link_of(t, last) = hole + 1;
		t->entries[hole] = t->entries[last];
	}
	t->count--;
}

/* --- the longest match --- */

struct ofl_emu_entry *ofl_emu_table_match(const struct ofl_emu_table *t,
					  uint32_t vrf, uint8_t family,
					  const uint8_t *addr)
{
	bool found;
	size_t i = space_place(t, vrf, family, &found);
	struct ofl_key key = {.vrf = vrf};
	struct ofl_emu_entry *e;

	if (!found)
		return NULL;
	for (int word = 2; word >= 0; word--) {
		uint64_t left = t->spaces[i].used[word];

		while (left) {
			unsigned int bit = 63 - __builtin_clzll(left);

			left &= ~(1ULL << bit);
			key.p = ofl_prefix_make(family, addr, word * 64 + bit);
			e = ofl_emu_table_find(t, &key);
			if (e)
				return e;
		}
	}
	return NULL;
}
