// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunks of things, found by the upper bits of a handle; see slab.h. */
#include "lib/slab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)0)
#define __asan_address_is_poisoned(at) 0
#endif

#define LINE 64	 /* a thing of a cache line's size shall stand in one */
#define FIRST 32 /* things in the first chunk of a kind: many stay small */

static void *memory_or_end(void *memory)
{
	if (!memory) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return memory;
}

void ofl_slab_kind_init(struct ofl_slab_kind *k, struct ofl_slab *slab,
			size_t size, size_t offset)
{
	memset(k, 0, sizeof(*k));
	k->slab = slab;
	k->size = (size + 7) & ~(size_t)7;
	k->offset = offset;
}

static uint32_t chunk_end(struct ofl_slab *s)
{
	if (s->count == s->size) {
		s->size = s->size ? 2 * s->size : 16;
		s->chunks = memory_or_end(
			realloc(s->chunks, s->size * sizeof(*s->chunks)));
	}
	if (s->count == UINT32_MAX >> OFL_SLAB_BITS)
		memory_or_end(NULL); /* there are no more handles */
	return s->count++;
}

/* A place for a chunk: one that became free, or a new one at the end. */
static uint32_t chunk_place(struct ofl_slab *s)
{
	for (uint32_t i = s->count; i > 0 && s->count == s->size; i--) {
		if (!s->chunks[i - 1].memory)
			return i - 1;
	}
	return chunk_end(s);
}

static void chunk_make(struct ofl_slab_kind *k, uint32_t at, uint32_t room)
{
	struct ofl_slab_chunk *c = &k->slab->chunks[at];
	size_t bytes;

	memset(c, 0, sizeof(*c));
	k->chunks++;
	c->room = room;
	c->size = k->size;
	c->kind = k;
	bytes = ((size_t)c->room * k->size + LINE - 1) / LINE * LINE;
	c->memory = memory_or_end(aligned_alloc(LINE, bytes));
	c->at = c->memory + k->offset;
	/* No handle is 0. */
	c->used = at == 0;
	k->newest = at;
}

static void chunk_add(struct ofl_slab_kind *k)
{
	uint32_t at = chunk_place(k->slab);

	chunk_make(k, at, k->chunks ? OFL_SLAB_CHUNK : FIRST);
}

static char *thing_at(const struct ofl_slab_kind *k, uint32_t handle)
{
	return (char *)ofl_slab_at(k->slab, handle) - k->offset;
}

/* --- things that have a number already --- */

static bool is_taken(const struct ofl_slab_chunk *c, uint32_t i)
{
	return c->taken[i / 64] >> i % 64 & 1;
}

/* All that was not taken is free from now on. */
static void take_commit(struct ofl_slab_kind *k)
{
	for (uint32_t at = 0; k->taking && at < k->slab->count; at++) {
		struct ofl_slab_chunk *c = &k->slab->chunks[at];

		if (c->kind != k || !c->taken)
			continue;
		for (uint32_t i = c->room; i-- > (at == 0);) {
			uint32_t handle = (at << OFL_SLAB_BITS) + i;
			char *thing = thing_at(k, handle);

			if (is_taken(c, i))
				continue;
			ASAN_UNPOISON_MEMORY_REGION(thing, k->size);
			memcpy(thing, &k->free, sizeof(k->free));
			ASAN_POISON_MEMORY_REGION(thing, k->size);
			k->free = handle;
		}
		free(c->taken);
		c->taken = NULL;
	}
	k->taking = false;
}

/* The chunk of a handle; NULL: it is another's. */
static struct ofl_slab_chunk *chunk_at(struct ofl_slab_kind *k, uint32_t at)
{
	struct ofl_slab *s = k->slab;
	struct ofl_slab_chunk *c;

	while (s->count <= at) {
		uint32_t end = chunk_end(s); /* may move the chunks */

		memset(&s->chunks[end], 0, sizeof(*s->chunks));
	}
	c = &s->chunks[at];
	if (c->memory)
		return c->kind == k ? c : NULL;
	chunk_make(k, at, OFL_SLAB_CHUNK);
	c->used = c->room;
	c->taken = memory_or_end(calloc(OFL_SLAB_CHUNK / 64, 8));
	memset(c->memory, 0, (size_t)c->room * c->size);
	ASAN_POISON_MEMORY_REGION(c->memory, (size_t)c->room * c->size);
	return c;
}

bool ofl_slab_take(struct ofl_slab_kind *k, uint32_t handle)
{
	uint32_t i = handle & (OFL_SLAB_CHUNK - 1);
	struct ofl_slab_chunk *c;

	if (!handle || handle >> OFL_SLAB_BITS >= OFL_SLAB_TAKE_CHUNKS ||
	    (k->chunks && !k->taking))
		return false;
	c = chunk_at(k, handle >> OFL_SLAB_BITS);
	if (!c || is_taken(c, i))
		return false;
	k->taking = true;
	c->taken[i / 64] |= UINT64_C(1) << i % 64;
	ASAN_UNPOISON_MEMORY_REGION(thing_at(k, handle), k->size);
	k->count++;
	return true;
}

/* --- things that get one --- */

uint32_t ofl_slab_get(struct ofl_slab_kind *k)
{
	struct ofl_slab_chunk *c = NULL;
	uint32_t handle;

	take_commit(k);
	handle = k->free;
	if (handle) {
		ASAN_UNPOISON_MEMORY_REGION(thing_at(k, handle), k->size);
		memcpy(&k->free, thing_at(k, handle), sizeof(k->free));
		memset(thing_at(k, handle), 0, sizeof(k->free));
	} else {
		c = k->chunks ? &k->slab->chunks[k->newest] : NULL;
		if (!c || c->used == c->room) {
			chunk_add(k);
			c = &k->slab->chunks[k->newest];
		}
		handle = (k->newest << OFL_SLAB_BITS) + c->used++;
		memset(thing_at(k, handle), 0, k->size);
	}
	k->count++;
	return handle;
}

/* Nothing is handed out any longer. */
static void free_chunks(struct ofl_slab_kind *k)
{
	struct ofl_slab *s = k->slab;

	for (uint32_t i = 0; i < s->count; i++) {
		if (s->chunks[i].kind != k || !s->chunks[i].memory)
			continue;
		ASAN_UNPOISON_MEMORY_REGION(s->chunks[i].memory,
					    (size_t)s->chunks[i].room *
						    s->chunks[i].size);
		free(s->chunks[i].memory);
		memset(&s->chunks[i], 0, sizeof(s->chunks[i]));
	}
	while (s->count && !s->chunks[s->count - 1].memory)
		s->count--;
	if (!s->count) {
		free(s->chunks);
		s->chunks = NULL;
		s->size = 0;
	}
	k->chunks = k->free = k->newest = 0;
}

void ofl_slab_put(struct ofl_slab_kind *k, uint32_t handle)
{
	char *thing = thing_at(k, handle);

	take_commit(k);
	memset(thing, 0, k->size);
	memcpy(thing, &k->free, sizeof(k->free));
	ASAN_POISON_MEMORY_REGION(thing, k->size);
	k->free = handle;
	if (--k->count == 0)
		free_chunks(k);
}

size_t ofl_slab_bytes(const struct ofl_slab_kind *k)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < k->slab->count; i++) {
		if (k->slab->chunks[i].kind == k)
			bytes += (size_t)k->slab->chunks[i].room * k->size;
	}
	return bytes;
}

void *ofl_slab_find(const struct ofl_slab_kind *k, uint32_t handle)
{
	uint32_t at = handle >> OFL_SLAB_BITS;
	uint32_t i = handle & (OFL_SLAB_CHUNK - 1);

	if (!handle || at >= k->slab->count || k->slab->chunks[at].kind != k ||
	    i >= k->slab->chunks[at].used ||
	    __asan_address_is_poisoned(thing_at(k, handle)))
		return NULL;
	return ofl_slab_at(k->slab, handle);
}

uint32_t ofl_slab_next(const struct ofl_slab_kind *k, uint32_t handle)
{
	uint32_t at = handle >> OFL_SLAB_BITS;
	uint32_t i = handle & (OFL_SLAB_CHUNK - 1);

	for (; at < k->slab->count; at++, i = 0) {
		const struct ofl_slab_chunk *c = &k->slab->chunks[at];

		if (c->kind != k)
			continue;
		if (at == 0 && i == 0)
			i = 1;
		for (; i < c->used; i++) {
			uint32_t found = (at << OFL_SLAB_BITS) + i;

			if (!__asan_address_is_poisoned(thing_at(k, found)))
				return found;
		}
	}
	return 0;
}
