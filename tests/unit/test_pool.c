// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool hands out distinct, aligned, zeroed things, and takes them back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/pool.h"

#define MANY 5000

static void test_things(void **state)
{
	static unsigned char *things[MANY];
	struct ofl_pool p;

	ofl_pool_init(&p, 61);
	assert_int_equal(p.size, 64);
	for (int i = 0; i < MANY; i++) {
		things[i] = ofl_pool_get(&p);
		assert_int_equal((uintptr_t)things[i] % 8, 0);
		for (int b = 0; b < 61; b++)
			assert_int_equal(things[i][b], 0);
		memset(things[i], i & 0xff, 61);
	}
	assert_int_equal(p.count, MANY);
	/* Nobody wrote into another's. */
	for (int i = 0; i < MANY; i++)
		for (int b = 0; b < 61; b++)
			assert_int_equal(things[i][b], i & 0xff);
	for (int i = 0; i < MANY; i++)
		ofl_pool_put(&p, things[i]);
	assert_int_equal(p.count, 0);
	ofl_pool_fini(&p);
}

static void test_random(void **state)
{
	static uint64_t *things[64];
	struct ofl_pool p;

	srandom(1);
	ofl_pool_init(&p, sizeof(uint64_t));
	for (int i = 0; i < 200000; i++) {
		uint64_t **at = &things[random() % 64];

		if (*at) {
			assert_int_equal(**at, (uintptr_t)at);
			ofl_pool_put(&p, *at);
			*at = NULL;
		} else {
			*at = ofl_pool_get(&p);
			assert_int_equal(**at, 0);
			**at = (uintptr_t)at;
		}
	}
	for (int i = 0; i < 64; i++)
		ofl_pool_put(&p, things[i]);
	assert_int_equal(p.count, 0);
	/* Empty: nothing is kept. */
	assert_null(p.blocks);
	ofl_pool_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_things),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
