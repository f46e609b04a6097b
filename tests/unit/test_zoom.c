// SPDX-License-Identifier: GPL-2.0-or-later
/* A few counters find, among many routes, those that carry much. */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "offloadd/traffic/zoom.h"

#define ROUTES 3000
#define STEPS 40

static struct route {
	struct ofl_prefix p;
	uint32_t packets; /* between two readings */
	uint64_t told;	  /* of the last reading */
} routes[ROUTES];
static unsigned int count;

static struct ofl_zoom *z;
static struct ofl_prefix regions[OFL_ZOOM_COUNTERS];
static size_t n_regions;
static uint64_t total, seen;

static bool divides(void *arg, const struct ofl_prefix *p)
{
	for (unsigned int i = 0; i < count; i++) {
		if (routes[i].p.plen > p->plen &&
		    ofl_prefix_contains(p, &routes[i].p))
			return true;
	}
	return false;
}

static struct route *longest(const struct ofl_prefix *p)
{
	struct route *best = NULL;

	for (unsigned int i = 0; i < count; i++) {
		if (ofl_prefix_contains(&routes[i].p, p) &&
		    (!best || routes[i].p.plen > best->p.plen))
			best = &routes[i];
	}
	return best;
}

static struct route *add(const char *prefix, uint32_t packets)
{
	struct route *r = &routes[count++];

	*r = (struct route){.packets = packets};
	assert_true(ofl_prefix_parse(prefix, false, &r->p));
	return r;
}

/* An address that route i answers: its first or its last; false: neither. */
static bool address_of(unsigned int i, struct ofl_prefix *ret)
{
	unsigned int bits = ofl_family_bits(routes[i].p.family);

	*ret = routes[i].p;
	ret->plen = bits;
	if (longest(ret) == &routes[i])
		return true;
	for (unsigned int b = routes[i].p.plen; b < bits; b++)
		ret->addr[b >> 3] |= 0x80 >> (b & 7);
	return longest(ret) == &routes[i];
}

static void no_overlap(void)
{
	assert_uint_in_range(n_regions, 1, OFL_ZOOM_COUNTERS);
	for (size_t i = 0; i < n_regions; i++) {
		for (size_t j = 0; j < n_regions; j++)
			assert_false(
				i != j &&
				ofl_prefix_contains(&regions[i], &regions[j]));
	}
}

/* Between two readings every route gets its packets; the reading. */
static void reading(void)
{
	for (unsigned int i = 0; i < count; i++)
		routes[i].told = 0;
	total = seen = 0;
	for (unsigned int i = 0; i < count; i++) {
		struct ofl_prefix at;

		if (!routes[i].packets || !address_of(i, &at))
			continue;
		total += routes[i].packets;
		for (size_t k = 0; k < n_regions; k++) {
			if (!ofl_prefix_contains(&regions[k], &at))
				continue;
			seen += routes[i].packets;
			assert_true(ofl_zoom_count(z, &regions[k],
						   routes[i].packets));
			if (!divides(NULL, &regions[k]))
				longest(&regions[k])->told += routes[i].packets;
		}
	}
	n_regions = ofl_zoom_step(z, divides, NULL, regions);
	no_overlap();
}

static int setup(void **state)
{
	count = 0;
	z = ofl_zoom_new();
	n_regions = ofl_zoom_step(z, divides, NULL, regions);
	return 0;
}

static int teardown(void **state)
{
	ofl_zoom_free(z);
	return 0;
}

static void test_all_at_first(void **state)
{
	assert_int_equal(n_regions, 2);
	assert_int_equal(regions[0].plen + regions[1].plen, 0);
	assert_int_not_equal(regions[0].family, regions[1].family);
	/* Without traffic there is nothing to look for. */
	add("192.0.2.0/24", 0);
	reading();
	assert_int_equal(n_regions, 2);
	assert_int_equal(total, 0);
}

static void test_no_region(void **state)
{
	struct ofl_prefix p;

	assert_true(ofl_prefix_parse("10.0.0.0/8", false, &p));
	assert_false(ofl_zoom_count(z, &p, 1));
}

static unsigned int steps_to(const struct route *r)
{
	for (unsigned int i = 1; i < STEPS; i++) {
		reading();
		if (r->told == r->packets)
			return i;
	}
	return STEPS;
}

static void test_one(void **state)
{
	struct route *r = add("198.51.100.0/24", 1000);

	add("0.0.0.0/0", 3);
	/* Six bits a step. */
	assert_uint_in_range(steps_to(r), 2, 6);
}

static void test_long_ipv6(void **state)
{
	struct route *r = add("2001:db8:1:2:3:4:5:6/128", 1000);

	add("2001:db8::/32", 3);
	assert_uint_in_range(steps_to(r), 2, 25);
}

/* What a shorter route carries beside longer ones is its own. */
static void test_between_routes(void **state)
{
	struct route *outer = add("10.0.0.0/8", 700);

	add("10.128.0.0/16", 500);
	add("10.255.0.0/16", 300);
	assert_uint_in_range(steps_to(outer), 2, 10);
	for (unsigned int i = 0; i < 10; i++)
		reading();
	assert_int_equal(outer->told, 700);
	assert_int_equal(routes[1].told, 500);
	assert_int_equal(routes[2].told, 300);
}

static uint32_t under(uint32_t limit)
{
	static uint64_t x = 7;

	x = x * 6364136223846793005ull + 1442695040888963407ull;
	return (x >> 33) % limit;
}

static void make_many(void)
{
	while (count < ROUTES) {
		struct route *r = &routes[count++];
		uint8_t addr[16] = {0x20, 0x01, under(4), under(256)};
		bool v6 = under(4) == 0;

		if (!v6) {
			addr[0] = 1 + under(200);
			addr[1] = under(256);
		}
		addr[v6 ? 4 : 2] = under(256);
		addr[v6 ? 5 : 3] = under(256);
		*r = (struct route){
			.p = ofl_prefix_make(v6 ? AF_INET6 : AF_INET, addr,
					     (v6 ? 32 : 12) + under(13)),
			.packets = under(20),
		};
	}
}

/* The heaviest are found, and when they are gone, those that were heavy beside
 * them: in the end nine tenths of it. */
static void test_many(void **state)
{
	uint64_t all = 0, found = 0;

	make_many();
	for (unsigned int i = 0; i < 60; i++)
		routes[i * 50].packets = 200000 / (i + 1);
	for (unsigned int i = 0; i < count; i++) {
		struct ofl_prefix at;

		all += address_of(i, &at) ? routes[i].packets : 0;
	}
	for (unsigned int step = 0; step < STEPS; step++) {
		reading();
		/* Nothing out of sight carries much. */
		if (step > 4)
			assert_true(seen > total - total / 4);
		for (unsigned int i = 0; i < count; i++) {
			if (routes[i].told < total / 50)
				continue;
			assert_uint_in_range(routes[i].told, 1,
					     routes[i].packets);
			/* To hardware. */
			found += routes[i].packets;
			routes[i].packets = 0;
		}
	}
	assert_true(found > all / 10 * 9);
}

/* What is out of sight is looked at again. */
static void test_it_moves(void **state)
{
	struct route *a = add("10.1.1.0/24", 1000), *b = add("10.1.2.0/24", 0),
		     *c = add("203.0.113.0/24", 0);

	steps_to(a);
	b->packets = 1000;
	assert_uint_in_range(steps_to(b), 1, 8);
	assert_int_equal(a->told, 1000);
	a->packets = 0;
	c->packets = 800;
	assert_uint_in_range(steps_to(c), 1, 16);
}

/* Routes come and go while they are looked for. */
static void test_routes_change(void **state)
{
	make_many();
	for (unsigned int step = 0; step < STEPS; step++) {
		for (unsigned int i = 0; i < 20; i++) {
			struct route *r = &routes[under(count)];

			r->packets = under(100000);
			if (step % 3 == 0)
				*r = routes[--count];
		}
		reading();
	}
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(test_all_at_first),
		SCENARIO(test_no_region),
		SCENARIO(test_one),
		SCENARIO(test_long_ipv6),
		SCENARIO(test_between_routes),
		SCENARIO(test_many),
		SCENARIO(test_it_moves),
		SCENARIO(test_routes_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
