// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes that look like an Internet table; see prefixgen.h.
 *
 * Trees of prefixes: a root takes a block of the address space nobody else
 * has, its more-specifics take blocks inside, and so on down.  Blocks come
 * from a buddy allocator, so prefixes are distinct because of how they are
 * made and not because someone looked.
 *
 * Addresses are the upper 64 bits of an IPv6 address, or an IPv4 address in
 * the upper 32 bits of the same.
 */
#include <string.h>

#include "bench/prefixgen.h"

#define LEN_MAX 48

/* What a family's tables look like, by prefix length. */
struct shape {
	uint8_t chunk_len; /* of the blocks the address space is cut into */
	uint8_t len_max;
	uint16_t root_weight[LEN_MAX + 1];   /* roots, relative */
	uint16_t child_weight[LEN_MAX + 1];  /* more-specifics, relative */
	uint8_t parent_percent[LEN_MAX + 1]; /* have more-specifics */
	/* A parent has so many that P(at least x) = about x ^ -tail. */
	double tail;
};

static const struct shape shape_v4 = {
	.chunk_len = 8,
	.len_max = 24,
	.root_weight = {[12] = 6,
			[13] = 11,
			[14] = 23,
			[15] = 37,
			[16] = 231,
			[17] = 101,
			[18] = 156,
			[19] = 339,
			[20] = 436,
			[21] = 518,
			[22] = 1336,
			[23] = 932,
			[24] = 5871},
	.child_weight = {[13] = 1,
			 [14] = 3,
			 [15] = 9,
			 [16] = 90,
			 [17] = 150,
			 [18] = 300,
			 [19] = 420,
			 [20] = 900,
			 [21] = 900,
			 [22] = 1300,
			 [23] = 1200,
			 [24] = 6050},
	.parent_percent = {[12] = 60,
			   [13] = 66,
			   [14] = 64,
			   [15] = 55,
			   [16] = 44,
			   [17] = 41,
			   [18] = 36,
			   [19] = 39,
			   [20] = 25,
			   [21] = 21,
			   [22] = 21,
			   [23] = 19},
	.tail = 0.34,
};

static const struct shape shape_v6 = {
	.chunk_len = 16,
	.len_max = 48,
	.root_weight = {[24] = 4,
			[28] = 16,
			[29] = 625,
			[30] = 53,
			[32] = 2436,
			[36] = 377,
			[40] = 461,
			[42] = 150,
			[44] = 588,
			[46] = 206,
			[48] = 4428},
	.child_weight = {[30] = 30,
			 [32] = 600,
			 [33] = 260,
			 [34] = 210,
			 [36] = 370,
			 [38] = 90,
			 [40] = 1120,
			 [42] = 200,
			 [44] = 1130,
			 [46] = 180,
			 [47] = 270,
			 [48] = 4930},
	.parent_percent = {[24] = 27,
			   [28] = 26,
			   [29] = 13,
			   [30] = 17,
			   [32] = 18,
			   [33] = 29,
			   [34] = 13,
			   [36] = 10,
			   [38] = 11,
			   [40] = 7,
			   [42] = 7,
			   [44] = 4,
			   [46] = 10,
			   [47] = 26},
	.tail = 0.55,
};

/* Free blocks: at most one of each length is ever left over. */
struct pool {
	uint64_t addr[LEN_MAX + 1];
	bool is_free[LEN_MAX + 1];
};

struct gen {
	const struct shape *shape;
	uint64_t random;
	bool nested;
	uint8_t family;
	struct ofl_prefix *out;
	size_t n, count;
};

/* --- randomness (splitmix64) --- */

static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint64_t below(uint64_t *state, uint64_t n)
{
	return next(state) % n;
}

/* A length longer than `than`, by weight; 0 if there is none. */
static unsigned int draw_len(struct gen *g, const uint16_t *weight,
			     unsigned int than)
{
	unsigned int sum = 0, x;

	for (unsigned int len = than + 1; len <= g->shape->len_max; len++)
		sum += weight[len];
	if (sum == 0)
		return 0;
	x = below(&g->random, sum);
	for (unsigned int len = than + 1;; len++) {
		if (x < weight[len])
			return len;
		x -= weight[len];
	}
}

/* --- blocks --- */

/* A block of this length, split off the smallest free one that has it. */
static bool pool_take(struct pool *pool, unsigned int len, uint64_t *random,
		      uint64_t *ret_addr)
{
	unsigned int from = len;
	uint64_t addr;

	while (!pool->is_free[from])
		if (from-- == 0)
			return false;
	addr = pool->addr[from];
	pool->is_free[from] = false;
	while (from < len) {
		uint64_t half = 1ULL << (63 - from++);
		bool upper = next(random) & 1;

		pool->is_free[from] = true;
		pool->addr[from] = upper ? addr : addr | half;
		if (upper)
			addr |= half;
	}
	*ret_addr = addr;
	return true;
}

static void pool_init(struct pool *pool, uint64_t addr, unsigned int len)
{
	memset(pool->is_free, 0, sizeof(pool->is_free));
	pool->is_free[len] = true;
	pool->addr[len] = addr;
}

/* --- trees --- */

static void emit(struct gen *g, uint64_t addr, unsigned int len)
{
	uint8_t bytes[16] = {0};

	for (int i = 0; i < 8; i++)
		bytes[i] = addr >> (56 - 8 * i);
	g->out[g->count++] = ofl_prefix_make(g->family, bytes, len);
}

/* How many more-specifics: 1 or a few, rarely very many; one parent may not
 * make up more than a fiftieth of a small table. */
static size_t draw_children(struct gen *g)
{
	const size_t max = g->n / 50 + 2;
	size_t k = 1;

	/* P(k + 1 | k) = (k / (k + 1)) ^ tail, about 1 - tail / (k + 1):
	 * whole numbers only, so that every machine draws the same. */
	while (k < max && k < 4096 &&
	       below(&g->random, 1000 * (k + 1)) >= 1000 * g->shape->tail)
		k++;
	return k;
}

static void grow_tree(struct gen *g, uint64_t addr, unsigned int len)
{
	struct pool pool;
	size_t children;

	if (g->count == g->n)
		return;
	emit(g, addr, len);
	if (!g->nested ||
	    below(&g->random, 100) >= g->shape->parent_percent[len])
		return;
	pool_init(&pool, addr, len);
	children = draw_children(g);
	for (size_t i = 0; i < children && g->count < g->n; i++) {
		unsigned int child = draw_len(g, g->shape->child_weight, len);

		if (child == 0 || !pool_take(&pool, child, &g->random, &addr))
			return;
		grow_tree(g, addr, child);
	}
}

/* --- the address space --- */

/* Blocks of the family's chunk length that hold public unicast space only. */
static size_t chunks(uint8_t family, uint64_t *ret_chunks)
{
	/* Private, shared, loopback, link-local, documentation, benchmark. */
	static const uint8_t not_v4[] = {10, 100, 127, 169, 172, 192, 198, 203};
	static const uint16_t v6[] = {0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00};
	size_t n = 0;

	if (family == AF_INET6) {
		for (size_t i = 0; i < sizeof(v6) / sizeof(v6[0]); i++)
			for (uint64_t j = 0; j < 16; j++)
				ret_chunks[n++] = (v6[i] + j) << 48;
		return n;
	}
	for (uint64_t i = 1; i < 224; i++)
		if (!memchr(not_v4, i, sizeof(not_v4)))
			ret_chunks[n++] = i << 56;
	return n;
}

size_t ofl_prefixgen_make(uint8_t family, enum ofl_prefixgen_shape shape,
			  uint64_t seed, size_t n,
			  struct ofl_prefix *ret_prefixes)
{
	struct gen g = {
		.shape = family == AF_INET6 ? &shape_v6 : &shape_v4,
		.random = seed ^ family,
		.nested = shape == OFL_PREFIXGEN_NESTED,
		.family = family,
		.out = ret_prefixes,
		.n = n,
	};
	uint64_t space[256], addr;
	struct pool pool = {.is_free = {false}};
	size_t left = chunks(family, space);

	while (g.count < n) {
		unsigned int len =
			draw_len(&g, g.shape->root_weight, g.shape->chunk_len);

		while (!pool_take(&pool, len, &g.random, &addr)) {
			size_t i;

			if (left == 0)
				return g.count;
			i = below(&g.random, left);
			pool.is_free[g.shape->chunk_len] = true;
			pool.addr[g.shape->chunk_len] = space[i];
			space[i] = space[--left];
		}
		grow_tree(&g, addr, len);
	}
	return g.count;
}

void ofl_prefixgen_shuffle(struct ofl_prefix *prefixes, size_t n, uint64_t seed)
{
	uint64_t random = seed;

	for (size_t i = n; i > 1; i--) {
		size_t j = below(&random, i);
		struct ofl_prefix tmp = prefixes[j];

		prefixes[j] = prefixes[i - 1];
		prefixes[i - 1] = tmp;
	}
}
