/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of things of one size, for those there are a million of: no
 * bookkeeping a piece, where malloc() takes 8 to 23 bytes.
 *
 * Memory given back serves the next of the kind; all of it is returned to the
 * system when the pool holds nothing.  Not thread-safe.  Under AddressSanitizer
 * every thing is a malloc() of its own, so that its checks still see misuse.
 */
#ifndef LIB_POOL_H
#define LIB_POOL_H

#include <stddef.h>

struct ofl_pool {
	size_t size;	  /* of a thing, a multiple of 8 */
	size_t count;	  /* things handed out */
	void *free;	  /* things given back, linked through themselves */
	void *blocks;	  /* newest first, linked through their first word */
	size_t left;	  /* things never handed out in the newest block */
};

/* `size` is rounded up to a multiple of 8. */
void ofl_pool_init(struct ofl_pool *p, size_t size);
/* Everything must have been given back, else it is gone too. */
void ofl_pool_fini(struct ofl_pool *p);
/* Zeroed.  Never NULL: without memory the process ends, as in XCALLOC(). */
void *ofl_pool_get(struct ofl_pool *p);
void ofl_pool_put(struct ofl_pool *p, void *thing); /* NULL is fine */

#endif /* LIB_POOL_H */
