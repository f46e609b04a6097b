// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated table against what prov_emulated.h promises of operations, their
 * time and their order.  Faults: test_emulated_faults.c, lookup:
 * test_emulated_lpm.c.
 */
#include <errno.h>

#include "tests/unit/emulated_fixture.h"

/* --- the registry, birth --- */

static void test_registry(void **state)
{
	assert_ptr_equal(ofl_provider_find("emulated"), &ofl_prov_emulated);
	assert_null(ofl_provider_find("nothing-like-it"));
	assert_null(ofl_provider_find(""));
	assert_ptr_equal(ofl_provider_at(0), &ofl_prov_emulated);
	assert_ptr_equal(ofl_provider_at(1), ofl_provider_find("tc"));
	assert_null(ofl_provider_at(2));
	assert_null(ofl_provider_at(SIZE_MAX));
}

static void test_birth(void **state)
{
	table_new(0);
	assert_int_equal(stats().capacity_slots, OFL_EMULATED_CAPACITY);
	assert_int_equal(t.capacity_told, 0);
	assert_true(poll_all() == UINT64_MAX);
	assert_int_equal(t.capacity, OFL_EMULATED_CAPACITY);
	assert_true(t.ready);
	poll_all();
	assert_int_equal(t.capacity_told, 1);
	assert_int_equal(t.ready_told, 1);
	assert_int_equal(ops->fd(t.p), -1);
	ops->free(t.p, 0);

	/* What was asked for before the first poll is told by it, once. */
	table_new(77);
	assert_true(exercise("capacity 78"));
	assert_true(exercise("down"));
	poll_all();
	assert_int_equal(t.capacity, 78);
	assert_int_equal(t.capacity_told, 1);
	assert_false(t.ready);
	assert_int_equal(t.ready_told, 1);
	ops->free(t.p, 0);

	ops->free(NULL, 0);
	table_new(1);
}

/* --- operations, one after the other on one table of 10 slots --- */

static const struct {
	enum ofl_op_kind kind;
	const char *prefix;
	enum ofl_entry entry;
	uint16_t slots;
	uint32_t identity;
	enum ofl_status status;
	int errnum;
	uint32_t used, entries; /* afterwards */
} steps[] = {
	/* 0 */ {OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 4, 1, OFL_STATUS_OK,
		 0, 4, 1},
	/* 1: it is there */
	{OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 4, 2, OFL_STATUS_ERROR,
	 EEXIST, 4, 1},
	/* 2: it is not there */
	{OFL_OP_REPLACE, "10.0.0.0/9", OFL_ENTRY_REAL, 4, 2, OFL_STATUS_ERROR,
	 ENOENT, 4, 1},
	/* 3 */
	{OFL_OP_DEL, "10.0.0.0/9", OFL_ENTRY_NONE, 0, 0, OFL_STATUS_ERROR,
	 ENOENT, 4, 1},
	/* 4: replace accounts the difference */
	{OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_PUNT, 1, 0, OFL_STATUS_OK, 0,
	 1, 1},
	/* 5: up to the last slot */
	{OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL, 10, 3, OFL_STATUS_OK, 0,
	 10, 1},
	/* 6: and no further */
	{OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL, 11, 3,
	 OFL_STATUS_NO_SPACE, ENOSPC, 10, 1},
	/* 7 */
	{OFL_OP_ADD, "2001:db8::/32", OFL_ENTRY_REAL, 2, 4, OFL_STATUS_NO_SPACE,
	 ENOSPC, 10, 1},
	/* 8 */
	{OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL, 8, 3, OFL_STATUS_OK, 0,
	 8, 1},
	/* 9 */
	{OFL_OP_ADD, "2001:db8::/32", OFL_ENTRY_REAL, 2, 4, OFL_STATUS_OK, 0,
	 10, 2},
	/* 10 */
	{OFL_OP_DEL, "10.0.0.0/8", OFL_ENTRY_NONE, 0, 0, OFL_STATUS_OK, 0, 2,
	 1},
	/* 11: a default route is an entry as any */
	{OFL_OP_ADD, "0.0.0.0/0", OFL_ENTRY_REAL, 1, 5, OFL_STATUS_OK, 0, 3, 2},
	/* 12: nonsense */
	{OFL_OP_NONE, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 1, OFL_STATUS_ERROR,
	 EINVAL, 3, 2},
	/* 13 */
	{OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_NONE, 1, 1, OFL_STATUS_ERROR,
	 EINVAL, 3, 2},
	/* 14 */
	{OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 0, 1, OFL_STATUS_ERROR,
	 EINVAL, 3, 2},
	/* 15 */
	{OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 0, OFL_STATUS_ERROR,
	 EINVAL, 3, 2},
};

static void test_operations(void **state)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct ofl_outcome o = do_op(
			op_of(steps[i].kind, steps[i].prefix, steps[i].entry,
			      steps[i].slots, steps[i].identity));

		print_message("step %zu: %s\n", i, o.text);
		assert_int_equal(o.status, steps[i].status);
		assert_int_equal(o.errnum, steps[i].errnum);
		assert_int_equal(strlen(o.text) > 0, o.status != OFL_STATUS_OK);
		assert_int_equal(stats().used_slots, steps[i].used);
		assert_int_equal(stats().entries, steps[i].entries);
	}
	assert_int_equal(stats().added, 3);
	assert_int_equal(stats().replaced, 3);
	assert_int_equal(stats().deleted, 1);
	assert_int_equal(stats().refused, 9);
}

static void test_not_a_prefix(void **state)
{
	struct ofl_op op =
		op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 1);

	op.key.p.plen = 33;
	assert_int_equal(do_op(op).errnum, EINVAL);
	op.key.p.plen = 8;
	op.key.p.family = 0;
	assert_int_equal(do_op(op).errnum, EINVAL);
	assert_int_equal(stats().entries, 0);
}

/* --- time and order --- */

static void test_not_before_due(void **state)
{
	uint32_t identity;

	assert_true(exercise("latency 500"));
	put(op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 7));
	t.now_us += 100;
	put(op_of(OFL_OP_ADD, "11.0.0.0/8", OFL_ENTRY_REAL, 1, 8));
	assert_int_equal(stats().in_flight, 2);

	assert_true(poll_all() == t.now_us + 400);
	t.now_us += 399;
	assert_true(poll_all() == t.now_us + 1);
	assert_int_equal(t.said_count, 0);
	/* The entry is not there either. */
	assert_int_equal(look("10.1.1.1", 0, &identity), OFL_HIT_MISS);
	assert_int_equal(stats().used_slots, 0);

	t.now_us += 1;
	assert_true(poll_all() == t.now_us + 100);
	assert_int_equal(t.said_count, 1);
	assert_int_equal(look("10.1.1.1", 0, &identity), OFL_HIT_REAL);
	assert_int_equal(identity, 7);
	assert_int_equal(look("11.1.1.1", 0, &identity), OFL_HIT_MISS);

	t.now_us += 100;
	assert_true(poll_all() == UINT64_MAX);
	assert_int_equal(t.said_count, 2);
	assert_int_equal(stats().in_flight, 0);
}

/* A shorter latency later does not let an operation overtake. */
static void test_fifo(void **state)
{
	uint32_t identity;

	assert_true(exercise("latency 1000"));
	put(op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 1));
	assert_true(exercise("latency 0"));
	put(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 2));
	put(op_of(OFL_OP_DEL, "10.0.0.0/8", OFL_ENTRY_NONE, 0, 0));
	put(op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 3));
	assert_true(poll_all() == t.now_us + 1000);
	assert_int_equal(t.said_count, 0);
	t.now_us += 1000;
	poll_all();
	assert_int_equal(t.said_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(t.said[i].op_id, i + 1);
		assert_int_equal(t.said[i].status, OFL_STATUS_OK);
	}
	assert_int_equal(look("10.1.1.1", 0, &identity), OFL_HIT_REAL);
	assert_int_equal(identity, 3);
}

static void test_budget_and_queue(void **state)
{
	static struct ofl_op many[OFL_EMULATED_QUEUE + 10];

	assert_true(exercise("capacity 100000"));
	for (size_t i = 0; i < OFL_EMULATED_QUEUE + 10; i++) {
		many[i] =
			op_of(OFL_OP_ADD, "10.0.0.0/32", OFL_ENTRY_REAL, 1, 1);
		many[i].key.p.addr[2] = i >> 8;
		many[i].key.p.addr[3] = i;
	}
	/* The ring has wrapped by then. */
	for (int i = 0; i < 7; i++)
		do_op(op_of(OFL_OP_DEL, "9.0.0.0/8", OFL_ENTRY_NONE, 0, 0));
	t.said_count = 0;

	assert_int_equal(ops->submit(t.p, many, OFL_EMULATED_QUEUE + 10,
				     t.now_us),
			 OFL_EMULATED_QUEUE);
	assert_int_equal(
		ops->submit(t.p, many + OFL_EMULATED_QUEUE, 10, t.now_us), 0);
	assert_int_equal(ops->poll(t.p, t.now_us, 0), 0);
	assert_int_equal(t.said_count, 0);
	assert_int_equal(ops->poll(t.p, t.now_us, 4), 0);
	assert_int_equal(t.said_count, 4);
	assert_int_equal(
		ops->submit(t.p, many + OFL_EMULATED_QUEUE, 10, t.now_us), 4);
	assert_true(ops->poll(t.p, t.now_us, OFL_EMULATED_QUEUE) == UINT64_MAX);
	assert_int_equal(t.said_count, OFL_EMULATED_QUEUE + 4);
	for (size_t i = 0; i < t.said_count; i++) {
		assert_int_equal(t.said[i].op_id, many[i].id);
		assert_int_equal(t.said[i].status, OFL_STATUS_OK);
	}
	assert_int_equal(stats().entries, OFL_EMULATED_QUEUE + 4);
}

/* free() with operations in flight: the sanitizer sees what is left. */
static void test_free_unanswered(void **state)
{
	assert_true(exercise("silent on"));
	put(op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registry),
		cmocka_unit_test_teardown(test_birth, teardown),
		TEST(test_operations),
		TEST(test_not_a_prefix),
		TEST(test_not_before_due),
		TEST(test_fifo),
		TEST(test_budget_and_queue),
		TEST(test_free_unanswered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
