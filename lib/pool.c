// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks of things of one size and a list of free ones; see pool.h. */
#include "lib/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536
#define BLOCK_HEAD 16 /* the link, and what keeps things aligned */

static void *memory_or_end(void *memory)
{
	if (!memory) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return memory;
}

void ofl_pool_init(struct ofl_pool *p, size_t size)
{
	memset(p, 0, sizeof(*p));
	p->size = (size + 7) & ~(size_t)7;
}

#ifdef __SANITIZE_ADDRESS__

void ofl_pool_fini(struct ofl_pool *p)
{
	memset(p, 0, sizeof(*p));
}

void *ofl_pool_get(struct ofl_pool *p)
{
	p->count++;
	return memory_or_end(calloc(1, p->size));
}

void ofl_pool_put(struct ofl_pool *p, void *thing)
{
	if (!thing)
		return;
	p->count--;
	free(thing);
}

#else

static void free_blocks(struct ofl_pool *p)
{
	while (p->blocks) {
		void *block = p->blocks;

		p->blocks = *(void **)block;
		free(block);
	}
	p->free = NULL;
	p->left = 0;
}

void ofl_pool_fini(struct ofl_pool *p)
{
	free_blocks(p);
	memset(p, 0, sizeof(*p));
}

void *ofl_pool_get(struct ofl_pool *p)
{
	void *thing = p->free;

	if (thing) {
		p->free = *(void **)thing;
	} else {
		if (!p->left) {
			void **block = memory_or_end(malloc(BLOCK_BYTES));

			*block = p->blocks;
			p->blocks = block;
			p->left = (BLOCK_BYTES - BLOCK_HEAD) / p->size;
		}
		thing = (char *)p->blocks + BLOCK_HEAD + --p->left * p->size;
	}
	p->count++;
	return memset(thing, 0, p->size);
}

void ofl_pool_put(struct ofl_pool *p, void *thing)
{
	if (!thing)
		return;
	*(void **)thing = p->free;
	p->free = thing;
	if (--p->count == 0)
		free_blocks(p);
}

#endif
