// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generated prefixes: distinct, nested like a real table, the same every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bench/prefixgen.h"

#define DEPTH_MAX 64

struct figures {
	size_t covered, depth_sum, longest, out_of_space;
};

static int by_prefix(const void *a, const void *b)
{
	return ofl_prefix_cmp(a, b);
}

/* Sorted, covering prefixes come before what they cover: a stack of those
 * that contain the present one tells its depth. */
static struct figures look_at(struct ofl_prefix *p, size_t n)
{
	const struct ofl_prefix *stack[DEPTH_MAX];
	struct figures f = {0};
	size_t depth = 0;

	qsort(p, n, sizeof(*p), by_prefix);
	for (size_t i = 0; i < n; i++) {
		struct ofl_prefix masked =
			ofl_prefix_make(p[i].family, p[i].addr, p[i].plen);
		unsigned int longest = p[i].family == AF_INET ? 24 : 48;
		uint8_t first = p[i].addr[0];

		assert_memory_equal(&masked, &p[i], sizeof(masked));
		if (i > 0)
			assert_true(ofl_prefix_cmp(&p[i - 1], &p[i]) < 0);
		while (depth > 0 &&
		       !ofl_prefix_contains(stack[depth - 1], &p[i]))
			depth--;
		f.covered += depth > 0;
		f.depth_sum += depth;
		f.longest += p[i].plen == longest;
		f.out_of_space += p[i].family == AF_INET
					  ? first == 0 || first == 10 ||
						    first == 127 ||
						    first == 192 || first >= 224
					  : first < 0x24 || first > 0x2c;
		assert_true(depth < DEPTH_MAX);
		stack[depth++] = &p[i];
	}
	return f;
}

static struct ofl_prefix *make(uint8_t family, enum ofl_prefixgen_shape shape,
			       uint64_t seed, size_t n)
{
	struct ofl_prefix *p = calloc(n, sizeof(*p));

	assert_non_null(p);
	assert_int_equal(ofl_prefixgen_make(family, shape, seed, n, p), n);
	return p;
}

static void test_like_a_real_table(void **state)
{
	static const struct {
		uint8_t family;
		size_t n;
		uint64_t seed;
	} rows[] = {
		{AF_INET, 20000, 1},   {AF_INET, 20000, 2},
		{AF_INET, 100000, 1},  {AF_INET, 100000, 7},
		{AF_INET, 900000, 1},  {AF_INET6, 20000, 1},
		{AF_INET6, 200000, 3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i].n;
		struct ofl_prefix *p = make(
			rows[i].family, OFL_PREFIXGEN_NESTED, rows[i].seed, n);
		struct figures f = look_at(p, n);

		print_message("row %zu: covered %zu, depth %zu of %zu\n", i,
			      f.covered, f.depth_sum, n);
		assert_uint_in_range(f.covered * 100 / n, 42, 60);
		assert_uint_in_range(f.depth_sum * 100 / n, 55, 85);
		assert_uint_in_range(f.longest * 100 / n, 50, 70);
		assert_int_equal(f.out_of_space, 0);
		free(p);
	}
}

static void test_flat(void **state)
{
	struct ofl_prefix *p = make(AF_INET, OFL_PREFIXGEN_FLAT, 1, 100000);

	assert_int_equal(look_at(p, 100000).covered, 0);
	free(p);
}

static void test_small(void **state)
{
	for (size_t n = 0; n < 50; n++) {
		struct ofl_prefix *p =
			make(AF_INET6, OFL_PREFIXGEN_NESTED, n, n + 1);

		look_at(p, n + 1);
		free(p);
	}
	assert_int_equal(ofl_prefixgen_make(AF_INET, OFL_PREFIXGEN_NESTED, 1, 0,
					    NULL),
			 0);
}

static void test_seed(void **state)
{
	const size_t n = 5000;
	struct ofl_prefix *a = make(AF_INET, OFL_PREFIXGEN_NESTED, 5, n);
	struct ofl_prefix *b = make(AF_INET, OFL_PREFIXGEN_NESTED, 5, n);
	struct ofl_prefix *c = make(AF_INET, OFL_PREFIXGEN_NESTED, 6, n);

	assert_memory_equal(a, b, n * sizeof(*a));
	assert_memory_not_equal(a, c, n * sizeof(*a));

	/* Another order of the same prefixes. */
	ofl_prefixgen_shuffle(b, n, 5);
	assert_memory_not_equal(a, b, n * sizeof(*a));
	look_at(a, n);
	look_at(b, n);
	assert_memory_equal(a, b, n * sizeof(*a));
	free(a);
	free(b);
	free(c);
}

/* When the address space is used up it says so. */
static void test_used_up(void **state)
{
	const size_t n = 3000000;
	struct ofl_prefix *p = calloc(n, sizeof(*p));
	size_t made;

	assert_non_null(p);
	made = ofl_prefixgen_make(AF_INET, OFL_PREFIXGEN_NESTED, 1, n, p);
	assert_uint_in_range(made, 900000, n - 1);
	look_at(p, made);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_a_real_table),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
