// SPDX-License-Identifier: GPL-2.0-or-later
/* The emulated table; see acl_hardware.h.  What does not fit, or is not there,
 * is refused. */
#include <zebra.h>

#include "bench/acl_hardware.h"

#define PREFS 65536

void ofl_bench_hardware_init(struct ofl_bench_hardware *h,
			     uint32_t capacity_slots)
{
	memset(h, 0, sizeof(*h));
	h->capacity_slots = capacity_slots;
	h->at_pref = calloc(PREFS, sizeof(*h->at_pref));
	if (!h->at_pref)
		abort();
}

void ofl_bench_hardware_fini(struct ofl_bench_hardware *h)
{
	free(h->entries);
	free(h->where);
	free(h->at_pref);
}

static struct ofl_bench_entry *entry_find(struct ofl_bench_hardware *h,
					  uint64_t id)
{
	if (id >= h->where_size || !h->where[id])
		return NULL;
	return &h->entries[h->where[id] - 1];
}

static void where_grow(struct ofl_bench_hardware *h, uint64_t id)
{
	uint64_t size = MAX(id + 1, h->where_size * 2);

	h->where = realloc(h->where, size * sizeof(*h->where));
	if (!h->where)
		abort();
	memset(&h->where[h->where_size], 0,
	       (size - h->where_size) * sizeof(*h->where));
	h->where_size = size;
}

static struct ofl_bench_entry *entry_new(struct ofl_bench_hardware *h,
					 uint64_t id)
{
	if (h->count == h->size) {
		h->size = h->size ? h->size * 2 : 1024;
		h->entries = realloc(h->entries, h->size * sizeof(*h->entries));
		if (!h->entries)
			abort();
	}
	if (id >= h->where_size)
		where_grow(h, id);
	h->where[id] = ++h->count;
	return &h->entries[h->count - 1];
}

/* What a table with one array of entries would move for this one. */
static void count_moves(struct ofl_bench_hardware *h,
			const struct ofl_acl_op *op, uint64_t position)
{
	bool has_one = false;

	for (uint32_t i = 0; i < h->count; i++) {
		has_one = has_one || h->entries[i].cookie == op->cookie;
		h->moved.unique += h->entries[i].position > position;
	}
	for (uint32_t i = op->pref + 1u; i < PREFS; i++)
		h->moved.moves += h->at_pref[i] != 0;
	h->moved.moves += has_one;
	h->moved.relabels += has_one;
	h->moved.inserts += !has_one;
}

static bool add(struct ofl_bench_hardware *h, const struct ofl_acl_op *op,
		uint64_t position)
{
	struct ofl_bench_entry *e;

	if (h->used_slots + op->slots > h->capacity_slots)
		return false;
	count_moves(h, op, position);
	e = entry_new(h, op->entry_id);
	*e = (struct ofl_bench_entry){
		.id = op->entry_id,
		.cookie = op->cookie,
		.position = position,
		.pref = op->pref,
		.slots = op->slots,
	};
	memcpy(&e->match, op->match, ofl_match_size(op->match));
	h->used_slots += op->slots;
	h->used_slots_max = MAX(h->used_slots_max, h->used_slots);
	h->prefs += h->at_pref[op->pref]++ == 0;
	h->prefs_max = MAX(h->prefs_max, h->prefs);
	return true;
}

static void del(struct ofl_bench_hardware *h, struct ofl_bench_entry *e)
{
	struct ofl_bench_entry *last = &h->entries[--h->count];

	h->used_slots -= e->slots;
	h->prefs -= --h->at_pref[e->pref] == 0;
	h->where[e->id] = 0;
	if (e == last)
		return;
	*e = *last;
	h->where[e->id] = e - h->entries + 1;
}

enum ofl_status ofl_bench_hardware_write(struct ofl_bench_hardware *h,
					 const struct ofl_acl_op *op,
					 uint64_t position)
{
	struct ofl_bench_entry *e = entry_find(h, op->entry_id);

	h->writes++;
	if (op->kind == OFL_OP_ADD ? e || !add(h, op, position) : !e) {
		h->refused++;
		return OFL_STATUS_NO_SPACE;
	}
	if (op->kind == OFL_OP_DEL) {
		del(h, e);
		return OFL_STATUS_OK;
	}
	e = entry_find(h, op->entry_id);
	e->entry = op->entry;
	e->identity = op->identity;
	return OFL_STATUS_OK;
}

uint32_t ofl_bench_hardware_find(const struct ofl_bench_hardware *h,
				 const struct ofl_packet *p)
{
	const struct ofl_bench_entry *best = NULL;

	for (uint32_t i = 0; i < h->count; i++) {
		const struct ofl_bench_entry *e = &h->entries[i];

		if ((!best || e->pref < best->pref) &&
		    ofl_match_has_packet(&e->match, p))
			best = e;
	}
	return best && best->entry == OFL_ENTRY_REAL ? best->identity : 0;
}
