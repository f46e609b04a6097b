// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of buckets of flows; see flowhash.h. */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/flow/flowhash.h"
#include "offloadd/flow/flowlist.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FLOWHASH, "offload flow hash");

#define ROW_BITS 3
#define ROW (1u << ROW_BITS)
#define BITS_FIRST 4
#define BITS_MAX 28
#define MOVE_ROWS 4 /* a flow that is added makes room for the next ones */

/* The last bits of a prefix, which tell it from those beside it. */
static unsigned int beside(const struct ofl_prefix *p)
{
	unsigned int from = p->plen > ROW_BITS ? p->plen - ROW_BITS : 0, n = 0;

	for (unsigned int i = from; i < p->plen; i++)
		n = n << 1 | ofl_addr_bit(p->addr, i);
	return n;
}

uint32_t ofl_flowhash_value(const struct ofl_key *key)
{
	uint32_t seed = (uint32_t)key->p.family << 8 | key->p.plen;
	unsigned int keep = key->p.plen > ROW_BITS ? key->p.plen - ROW_BITS : 0;
	struct ofl_prefix area;
	uint32_t words[4], host;

	if (key->p.family == AF_INET) {
		memcpy(&host, key->p.addr, sizeof(host));
		host = ntohl(host) & (keep ? UINT32_MAX << (32 - keep) : 0);
		return jhash_3words(key->vrf, host, seed, 0);
	}
	area = ofl_prefix_make(key->p.family, key->p.addr, keep);
	memcpy(words, area.addr, sizeof(words));
	return jhash2(words, 4, jhash_2words(key->vrf, seed, 0));
}

/* The eight of a hash value. */
static uint32_t *row_of(const struct ofl_flowhash *h, uint32_t hash)
{
	uint32_t i = hash >> (32 - h->bits);

	if (h->old && i >> 1 >= h->moved)
		return &h->old[i >> 1 << ROW_BITS];
	return &h->rows[i << ROW_BITS];
}

/* Areas of which only one prefix is there begin anywhere in their row. */
static uint32_t *bucket_of(const struct ofl_flowhash *h,
			   const struct ofl_key *key)
{
	uint32_t hash = ofl_flowhash_value(key);

	return &row_of(h, hash)[(hash ^ beside(&key->p)) & (ROW - 1)];
}

static uint32_t *rows_new(unsigned int bits)
{
	return XCALLOC(MTYPE_OFL_FLOWHASH, sizeof(uint32_t)
						   << (bits + ROW_BITS));
}

void ofl_flowhash_fini(struct ofl_flowhash *h)
{
	XFREE(MTYPE_OFL_FLOWHASH, h->rows);
	XFREE(MTYPE_OFL_FLOWHASH, h->old);
	memset(h, 0, sizeof(*h));
}

static void push(uint32_t *bucket, struct ofl_flow *f)
{
	f->hash_next = *bucket;
	*bucket = f->handle;
}

/* The first row that has not moved becomes two. */
static void move_row(struct ofl_flowhash *h)
{
	uint32_t *from = &h->old[h->moved++ << ROW_BITS];
	struct ofl_flow *f;

	for (unsigned int i = 0; i < ROW; i++) {
		while ((f = ofl_flow_at(from[i]))) {
			from[i] = f->hash_next;
			push(bucket_of(h, &f->key), f);
		}
	}
	if (h->moved < 1u << (h->bits - 1))
		return;
	XFREE(MTYPE_OFL_FLOWHASH, h->old);
	h->moved = 0;
}

static void grow(struct ofl_flowhash *h)
{
	if (!h->rows) {
		h->bits = BITS_FIRST;
		h->rows = rows_new(h->bits);
	} else if (!h->old && h->bits < BITS_MAX &&
		   h->count >> ROW_BITS >> h->bits) {
		h->old = h->rows;
		h->rows = rows_new(++h->bits);
	}
	for (int i = 0; h->old && i < MOVE_ROWS; i++)
		move_row(h);
}

void ofl_flowhash_add(struct ofl_flowhash *h, struct ofl_flow *f)
{
	grow(h);
	push(bucket_of(h, &f->key), f);
	h->count++;
}

void ofl_flowhash_del(struct ofl_flowhash *h, struct ofl_flow *f)
{
	uint32_t *at = bucket_of(h, &f->key);

	while (*at != f->handle)
		at = &ofl_flow_at(*at)->hash_next;
	*at = f->hash_next;
	/* A million routes come and go: rows stay until the last flow. */
	if (--h->count == 0)
		ofl_flowhash_fini(h);
}

struct ofl_flow *ofl_flowhash_find(const struct ofl_flowhash *h,
				   const struct ofl_key *key)
{
	struct ofl_flow *f;

	if (!h->rows)
		return NULL;
	f = ofl_flow_at(*bucket_of(h, key));
	while (f && ofl_key_cmp(&f->key, key) != 0)
		f = ofl_flow_at(f->hash_next);
	return f;
}

bool ofl_flowhash_row(const struct ofl_flowhash *h, uint32_t *at,
		      bool (*cb)(struct ofl_flow *f, void *arg), void *arg)
{
	uint32_t hash = *at, *row;
	unsigned int shift = 32 - h->bits;
	bool more = true;

	*at = 0;
	if (!h->rows)
		return true;
	row = row_of(h, hash);
	if (h->old && hash >> shift >> 1 >= h->moved)
		shift++;
	*at = ((hash >> shift) + 1) << shift;
	for (unsigned int i = 0; i < ROW && more; i++) {
		struct ofl_flow *f = ofl_flow_at(row[i]);

		for (; f && more; f = ofl_flow_at(f->hash_next))
			more = cb(f, arg);
	}
	return more;
}
