// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes wait in their order, over the ends of blocks. */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/queue.h"

static struct ofl_lpm_node *nth(uintptr_t i)
{
	return (struct ofl_lpm_node *)(i * 8); /* never looked at */
}

/* Two come, one goes, until there are many; then all go. */
static void first_in_first_out(void **state)
{
	struct ofl_lpm_queue q = {0};
	uintptr_t in = 1, out = 1;

	assert_null(ofl_lpm_queue_pop(&q));
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3000; i++) {
			ofl_lpm_queue_add(&q, nth(in++));
			ofl_lpm_queue_add(&q, nth(in++));
			assert_ptr_equal(ofl_lpm_queue_pop(&q), nth(out++));
			assert_int_equal(q.count, in - out);
		}
		while (out < in)
			assert_ptr_equal(ofl_lpm_queue_pop(&q), nth(out++));
		assert_null(ofl_lpm_queue_pop(&q));
		assert_int_equal(q.count, 0);
	}
	ofl_lpm_queue_fini(&q);
}

static int count_blocks(void *arg, struct memgroup *mg, struct memtype *mt)
{
	if (mt && strcmp(mt->name, "offload placement queue") == 0)
		*(size_t *)arg = mt->n_alloc;
	return 0;
}

static size_t blocks(void)
{
	size_t n = 0;

	qmem_walk(count_blocks, &n);
	return n;
}

/* Memory of what went is not kept, nor is any after the end. */
static void memory_goes(void **state)
{
	struct ofl_lpm_queue q = {0};

	for (uintptr_t i = 1; i <= 10000; i++)
		ofl_lpm_queue_add(&q, nth(i));
	assert_uint_in_range(blocks(), 10, 30);
	for (uintptr_t i = 1; i <= 9000; i++)
		ofl_lpm_queue_pop(&q);
	assert_uint_in_range(blocks(), 1, 5);
	ofl_lpm_queue_fini(&q);
	assert_int_equal(blocks(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_in_first_out),
		cmocka_unit_test(memory_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
