// SPDX-License-Identifier: GPL-2.0-or-later
/* Score and brute check of a hardware table; see lpm_check.h. */
#include <zebra.h>

#include "bench/lpm_check.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

__extension__ typedef unsigned __int128 u128;

void ofl_bench_held_init(struct ofl_bench_held *h,
			 const struct ofl_bench_table *t)
{
	h->entry = calloc(t->count, sizeof(*h->entry));
	h->identity = calloc(t->count, sizeof(*h->identity));
	if (!h->entry || !h->identity)
		abort();
}

void ofl_bench_held_fini(struct ofl_bench_held *h)
{
	free(h->entry);
	free(h->identity);
	memset(h, 0, sizeof(*h));
}

/* --- score --- */
struct sums {
	double weight[OFL_CLASS_MAX], hit[OFL_CLASS_MAX];
	double wrong;
	uint32_t critical, critical_hit;
};

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static void score_route(const struct ofl_bench_table *t,
			const struct ofl_bench_held *h, uint32_t route,
			uint32_t source, struct sums *s, double *value)
{
	const struct ofl_bench_route *r = &t->routes[route];
	bool right;

	s->weight[r->cls] += r->weight;
	s->critical += r->cls == OFL_CLASS_CRITICAL;
	if (source == OFL_BENCH_NONE || h->entry[source] != OFL_ENTRY_REAL)
		return;
	s->hit[r->cls] += r->weight;
	right = r->cls != OFL_CLASS_NEVER && h->identity[source] == r->identity;
	if (!right) {
		s->wrong += r->weight;
		return;
	}
	*value += r->weight;
	s->critical_hit += r->cls == OFL_CLASS_CRITICAL;
}

void ofl_bench_score(const struct ofl_bench_table *t,
		     const struct ofl_bench_held *h,
		     struct ofl_bench_score *ret)
{
	uint32_t *source = malloc(t->count * sizeof(*source));
	double all = 0, hit = 0;
	struct sums s = {0};

	if (!source)
		abort();
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t parent = t->routes[i].parent;

		/* The entry that answers: its own, or the nearest above. */
		if (h->entry[i] != OFL_ENTRY_NONE)
			source[i] = i;
		else
			source[i] = parent == OFL_BENCH_NONE ? OFL_BENCH_NONE
							     : source[parent];
		if (t->routes[i].announced)
			score_route(t, h, i, source[i], &s, &ret->value);
	}
	free(source);
	for (int c = 0; c < OFL_CLASS_MAX; c++) {
		all += s.weight[c];
		hit += s.hit[c];
	}
	ret->hit_rate = percent(hit, all);
	ret->misforwarded = percent(s.wrong, all);
	ret->best_effort_hit_rate = percent(s.hit[OFL_CLASS_BEST_EFFORT],
					    s.weight[OFL_CLASS_BEST_EFFORT]);
	ret->critical_offloaded = percent(s.critical_hit, s.critical);
}

/* --- lookups --- */
struct answer {
	uint32_t full, hardware; /* routes, or OFL_BENCH_NONE */
};

static struct answer lookup(const struct ofl_bench_table *t,
			    const struct ofl_bench_held *h, uint8_t family,
			    const uint8_t *addr)
{
	struct answer a = {OFL_BENCH_NONE, OFL_BENCH_NONE};
	const bool *lengths = t->lengths[family == AF_INET6];

	for (int plen = ofl_family_bits(family); plen >= 0; plen--) {
		struct ofl_prefix p;
		uint32_t route;

		if (!lengths[plen])
			continue;
		p = ofl_prefix_make(family, addr, plen);
		route = ofl_bench_table_find(t, &p);
		if (route == OFL_BENCH_NONE)
			continue;
		if (a.full == OFL_BENCH_NONE && t->routes[route].announced)
			a.full = route;
		if (a.hardware == OFL_BENCH_NONE &&
		    h->entry[route] != OFL_ENTRY_NONE)
			a.hardware = route;
		if (a.full != OFL_BENCH_NONE && a.hardware != OFL_BENCH_NONE)
			break;
	}
	return a;
}

bool ofl_bench_is_right(const struct ofl_bench_table *t,
			const struct ofl_bench_held *h, uint8_t family,
			const uint8_t *addr)
{
	struct answer a = lookup(t, h, family, addr);

	if (a.hardware == OFL_BENCH_NONE ||
	    h->entry[a.hardware] == OFL_ENTRY_PUNT)
		return true;
	return a.full != OFL_BENCH_NONE &&
	       t->routes[a.full].cls != OFL_CLASS_NEVER &&
	       t->routes[a.full].identity == h->identity[a.hardware];
}

/* --- addresses --- */
static u128 to_number(const uint8_t *addr)
{
	u128 n = 0;

	for (int i = 0; i < 16; i++)
		n = n << 8 | addr[i];
	return n;
}

static void to_address(u128 n, uint8_t ret_addr[16])
{
	for (int i = 15; i >= 0; i--, n >>= 8)
		ret_addr[i] = (uint8_t)n;
}

/* The last address of a prefix; IPv4 stands in the uppermost 32 bits. */
static u128 last_address(const struct ofl_prefix *p)
{
	unsigned int bits = ofl_family_bits(p->family);
	u128 all = ~(u128)0, family = bits == 128 ? all : all << (128 - bits);
	u128 host = p->plen == 0 ? all : ~(all << (128 - p->plen));

	if (p->plen == 128)
		host = 0;
	return to_number(p->addr) | (host & family);
}

void ofl_bench_address_in(const struct ofl_prefix *p,
			  struct ofl_bench_random *r, uint8_t ret_addr[16])
{
	u128 first = to_number(p->addr), host = last_address(p) ^ first;
	u128 drawn =
		(u128)ofl_bench_random_u64(r) << 64 | ofl_bench_random_u64(r);

	to_address(first | (drawn & host), ret_addr);
}

bool ofl_bench_address_of(const struct ofl_bench_table *t, uint32_t route,
			  uint8_t ret_addr[16])
{
	const struct ofl_bench_route *r = &t->routes[route];
	u128 first = to_number(r->prefix.addr), last = last_address(&r->prefix);
	u128 step = r->prefix.family == AF_INET ? (u128)1 << 96 : 1;
	uint32_t child = route + 1;

	/* Behind the more-specifics that lie without a gap at the front. */
	for (; child < r->end; child = t->routes[child].end) {
		const struct ofl_prefix *p = &t->routes[child].prefix;

		if (to_number(p->addr) != first)
			break;
		if (last_address(p) == last)
			return false;
		first = last_address(p) + step;
	}
	to_address(first, ret_addr);
	return true;
}

uint64_t ofl_bench_check(const struct ofl_bench_table *t,
			 const struct ofl_bench_held *h, uint64_t seed,
			 uint64_t samples, uint64_t *ret_looked_up)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_SAMPLES);
	uint64_t looked_up = 0, wrong = 0;
	uint8_t addr[16];

	for (uint32_t i = 0; i < t->count; i++) {
		if (!ofl_bench_address_of(t, i, addr))
			continue;
		looked_up++;
		wrong += !ofl_bench_is_right(t, h, t->routes[i].prefix.family,
					     addr);
	}
	while (looked_up < samples) {
		uint32_t i = ofl_bench_random_below(&random, t->count);
		struct ofl_prefix p = t->routes[i].prefix;

		/* Every fourth anywhere, the others inside of some route. */
		if (looked_up % 4 == 0)
			p = ofl_prefix_make(p.family, p.addr, 0);
		ofl_bench_address_in(&p, &random, addr);
		looked_up++;
		wrong += !ofl_bench_is_right(t, h, p.family, addr);
	}
	*ret_looked_up += looked_up;
	return wrong;
}
