/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things of a few kinds, each of one size, named by 32-bit handles: where a
 * million things point at each other, a handle takes half of a pointer.
 *
 * A handle finds its thing whatever its kind (ofl_slab_at), and a kind can be
 * walked in the order of memory, which is how a million things are looked at
 * quickly.  Things given back serve the next of their kind; all memory is
 * returned when a kind holds nothing.  Things that an earlier life numbered get
 * their numbers back (ofl_slab_take).  Not thread-safe.  Under
 * AddressSanitizer what was given back is poisoned.
 */
#ifndef LIB_SLAB_H
#define LIB_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OFL_SLAB_BITS 11 /* of a handle say which thing of a chunk */
#define OFL_SLAB_CHUNK (1u << OFL_SLAB_BITS)
#define OFL_SLAB_TAKE_CHUNKS 1024 /* handles above these cannot be taken */

struct ofl_slab_chunk {
	char *at; /* what the handle of its first thing points at */
	uint32_t size;
	uint32_t used; /* things handed out at least once */
	struct ofl_slab_kind *kind;
	char *memory;
	uint32_t room;	 /* things */
	uint64_t *taken; /* a bit each, while things are being taken */
};

/* Zero it to begin with. */
struct ofl_slab {
	struct ofl_slab_chunk *chunks;
	uint32_t count, size; /* of chunks: in use (with holes), allocated */
};

struct ofl_slab_kind {
	struct ofl_slab *slab;
	uint32_t size;	 /* of a thing, a multiple of 8 */
	uint32_t offset; /* a handle points here within the thing */
	uint32_t count;	 /* things handed out */
	uint32_t free;	 /* a handle: things given back, linked */
	uint32_t newest; /* index of the chunk that has room, if any */
	uint32_t chunks;
	bool taking; /* what was not taken is not free yet */
};

void ofl_slab_kind_init(struct ofl_slab_kind *k, struct ofl_slab *slab,
			size_t size, size_t offset);
/* Zeroed; the handle is never 0.  Never fails: without memory the process
 * ends, as in XCALLOC(). */
uint32_t ofl_slab_get(struct ofl_slab_kind *k);
void ofl_slab_put(struct ofl_slab_kind *k, uint32_t handle);
/* A thing with a handle that the caller knows of before: zeroed, as one that
 * was got.  In any order, but only before the first get() and put() of an empty
 * kind.  False: then, or it is taken, or it is a number that far more things
 * than there ever were would have. */
bool ofl_slab_take(struct ofl_slab_kind *k, uint32_t handle);
size_t ofl_slab_bytes(const struct ofl_slab_kind *k);

/* What a handle points at; it must be one that was handed out. */
static inline void *ofl_slab_at(const struct ofl_slab *s, uint32_t handle)
{
	const struct ofl_slab_chunk *c = &s->chunks[handle >> OFL_SLAB_BITS];

	return c->at + (size_t)(handle & (OFL_SLAB_CHUNK - 1)) * c->size;
}

/* What a number from outside points at if it is a handle of this kind, else
 * NULL.  One that was given back may be found too: all zero from the fifth byte
 * on. */
void *ofl_slab_find(const struct ofl_slab_kind *k, uint32_t handle);

/* Walk the memory of a kind: the first thing at or after `handle` (0: from the
 * beginning) that was ever handed out, or 0.  One that was given back since
 * may be among them: all zero from the fifth byte on. */
uint32_t ofl_slab_next(const struct ofl_slab_kind *k, uint32_t handle);

#endif /* LIB_SLAB_H */
