// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every line of exercise(): what the emulated table does when told to fail.
 */
#include <errno.h>

#include "tests/unit/emulated_fixture.h"

/* --- faults --- */

static void test_fail_nth(void **state)
{
	struct ofl_outcome o;

	assert_true(exercise("fail 2 the ASIC said no, twice  "));
	add_ok("10.0.0.0/8", 1);
	o = add("11.0.0.0/8", 1);
	assert_int_equal(o.status, OFL_STATUS_ERROR);
	assert_int_equal(o.errnum, EIO);
	assert_string_equal(o.text, "the ASIC said no, twice");
	add_ok("11.0.0.0/8", 1);

	assert_true(exercise("no-space 1"));
	o = add("12.0.0.0/8", 1);
	assert_int_equal(o.status, OFL_STATUS_NO_SPACE);
	assert_int_equal(o.errnum, ENOSPC);
	assert_true(strlen(o.text) > 0);
	add_ok("12.0.0.0/8", 1);

	/* Counted from the line on: what is in flight already is spared. */
	put(op_of(OFL_OP_ADD, "13.0.0.0/8", OFL_ENTRY_REAL, 1, 1));
	assert_true(exercise("fail 1"));
	put(op_of(OFL_OP_ADD, "14.0.0.0/8", OFL_ENTRY_REAL, 1, 1));
	t.said_count = 0;
	poll_all();
	assert_int_equal(t.said[0].status, OFL_STATUS_OK);
	assert_int_equal(t.said[1].status, OFL_STATUS_ERROR);
	assert_true(strlen(t.said[1].text) > 0);
	assert_int_equal(stats().entries, 4);
}

static void test_refuse(void **state)
{
	static const struct {
		const char *line;
		bool add_real, add_punt, replace_real, replace_punt, del;
	} rows[] = {
		{"refuse add", false, false, true, true, true},
		{"refuse replace", true, true, false, false, true},
		{"refuse del", true, true, true, true, false},
		{"refuse real", false, true, false, true, true},
		{"refuse punt", true, false, true, false, true},
		{"refuse real and some words", false, true, false, true, true},
		{"accept", true, true, true, true, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ofl_outcome o[5];
		bool ok[5] = {rows[i].add_real, rows[i].add_punt,
			      rows[i].replace_real, rows[i].replace_punt,
			      rows[i].del};

		add_ok("10.0.0.0/8", 1);
		assert_true(exercise(rows[i].line));
		o[0] = add("11.0.0.0/8", 1);
		o[1] = do_op(
			op_of(OFL_OP_ADD, "12.0.0.0/8", OFL_ENTRY_PUNT, 1, 0));
		o[2] = do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL,
				   1, 2));
		o[3] = do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_PUNT,
				   1, 0));
		o[4] = do_op(
			op_of(OFL_OP_DEL, "10.0.0.0/8", OFL_ENTRY_NONE, 0, 0));
		for (int j = 0; j < 5; j++) {
			print_message("%s: %d\n", rows[i].line, j);
			assert_int_equal(o[j].status,
					 ok[j] ? OFL_STATUS_OK
					       : OFL_STATUS_UNSUPPORTED);
			if (ok[j])
				continue;
			assert_int_equal(o[j].errnum, EOPNOTSUPP);
			assert_string_equal(o[j].text,
					    i == 5 ? "and some words"
						   : "refused as asked");
		}
		ops->free(t.p, 0);
		table_new(10);
		poll_all();
	}
}

static void test_accept(void **state)
{
	assert_true(exercise("refuse add"));
	assert_true(exercise("fail 1"));
	assert_true(exercise("no-space 1"));
	assert_true(exercise("accept"));
	add_ok("10.0.0.0/8", 1);
}

static void test_lose(void **state)
{
	uint32_t identity;
	struct ofl_op op;

	add_ok("10.0.0.0/8", 1);
	add_ok("11.0.0.0/8", 1);
	op = op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 3, 9);
	op.key.vrf = 4000000000;
	assert_int_equal(do_op(op).status, OFL_STATUS_OK);

	assert_true(exercise("lose 10.0.0.0/8"));
	assert_int_equal(t.lost_count, 1);
	assert_int_equal(t.lost[0].vrf, 0);
	assert_int_equal(look("10.1.1.1", 0, &identity), OFL_HIT_MISS);
	assert_int_equal(look("10.1.1.1", 4000000000, &identity), OFL_HIT_REAL);
	assert_int_equal(stats().used_slots, 4);
	assert_int_equal(stats().lost, 1);

	assert_false(exercise("lose 10.0.0.0/8")); /* gone already */
	assert_true(exercise("lose 10.0.0.0/8 vrf 4000000000"));
	assert_int_equal(t.lost[1].vrf, 4000000000);
	assert_int_equal(stats().used_slots, 1);

	assert_true(exercise("lose-silently 11.0.0.0/8"));
	assert_int_equal(t.lost_count, 2);
	assert_int_equal(stats().lost, 2);
	assert_int_equal(stats().entries, 0);
	assert_int_equal(stats().used_slots, 0);
	/* The next to touch it finds out. */
	assert_int_equal(
		do_op(op_of(OFL_OP_DEL, "11.0.0.0/8", OFL_ENTRY_NONE, 0, 0))
			.errnum,
		ENOENT);
}

static void test_silent(void **state)
{
	assert_true(exercise("silent on"));
	put(op_of(OFL_OP_ADD, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 1));
	t.now_us += 100000000;
	assert_true(poll_all() == UINT64_MAX);
	assert_int_equal(t.said_count, 0);
	assert_int_equal(stats().in_flight, 1);
	assert_int_equal(stats().entries, 0);
	assert_true(exercise("silent off"));
	assert_true(poll_all() == UINT64_MAX);
	assert_int_equal(t.said_count, 1);
	assert_int_equal(t.said[0].status, OFL_STATUS_OK);
	assert_int_equal(stats().entries, 1);
}

static void test_capacity(void **state)
{
	for (int i = 0; i < 6; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "10.%d.0.0/16", i);
		add_ok(prefix, 1);
	}
	assert_true(exercise("capacity 4"));
	assert_int_equal(t.capacity, 4);
	assert_int_equal(t.capacity_told, 2);
	/* What is there stays, and may become a punt without a free slot. */
	assert_int_equal(stats().entries, 6);
	assert_int_equal(do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/16",
				     OFL_ENTRY_PUNT, 1, 0))
				 .status,
			 OFL_STATUS_OK);
	assert_int_equal(do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/16",
				     OFL_ENTRY_REAL, 2, 1))
				 .status,
			 OFL_STATUS_NO_SPACE);
	assert_int_equal(add("11.0.0.0/8", 1).status, OFL_STATUS_NO_SPACE);
	for (int i = 0; i < 3; i++) {
		char prefix[32];

		assert_int_equal(add("11.0.0.0/8", 1).status,
				 OFL_STATUS_NO_SPACE);
		snprintf(prefix, sizeof(prefix), "10.%d.0.0/16", i);
		assert_int_equal(
			do_op(op_of(OFL_OP_DEL, prefix, OFL_ENTRY_NONE, 0, 0))
				.status,
			OFL_STATUS_OK);
	}
	add_ok("11.0.0.0/8", 1);
	assert_int_equal(stats().used_slots, 4);
	assert_true(exercise("capacity 0"));
	assert_int_equal(t.capacity, 0);
	assert_true(exercise("capacity 5"));
	add_ok("12.0.0.0/8", 1);
}

static void test_down_up(void **state)
{
	struct ofl_op op =
		op_of(OFL_OP_ADD, "11.0.0.0/8", OFL_ENTRY_REAL, 1, 1);
	uint32_t identity;

	add_ok("10.0.0.0/8", 1);
	assert_true(exercise("latency 1000000"));
	put(op_of(OFL_OP_ADD, "12.0.0.0/8", OFL_ENTRY_REAL, 1, 1));
	assert_true(exercise("down"));
	assert_false(t.ready);
	assert_true(strlen(t.ready_text) > 0);
	assert_int_equal(t.ready_told, 2);
	assert_true(exercise("down")); /* no news */
	assert_int_equal(t.ready_told, 2);

	/* Takes nothing; what was in flight is answered, undone. */
	assert_int_equal(ops->submit(t.p, &op, 1, t.now_us), 0);
	t.said_count = 0;
	assert_true(poll_all() == UINT64_MAX);
	assert_int_equal(t.said_count, 1);
	assert_int_equal(t.said[0].status, OFL_STATUS_ERROR);
	assert_int_equal(t.said[0].errnum, ENODEV);

	assert_true(exercise("up"));
	assert_true(t.ready);
	assert_int_equal(t.ready_told, 3);
	assert_true(exercise("latency 0"));
	assert_int_equal(do_op(op).status, OFL_STATUS_OK);
	assert_int_equal(stats().entries, 2);
	assert_int_equal(look("10.0.0.1", 0, &identity), OFL_HIT_REAL);
}

/* Lines that are not understood say so and change nothing. */
static void test_bad_lines(void **state)
{
	static const char *const lines[] = {
		"",
		"   ",
		"explode",
		"latency",
		"latency -1",
		"latency 1x",
		"latency 99999999999999999999999",
		"latency 1 2",
		"fail",
		"fail 0",
		"fail x",
		"no-space",
		"no-space 0",
		"no-space 1 x",
		"refuse",
		"refuse everything",
		"accept now",
		"lose",
		"lose 10.0.0.0",
		"lose 10.0.0.1/8",
		"lose 10.0.0.0/33",
		"lose 10.0.0.0/8 vrf",
		"lose 10.0.0.0/8 vrf x",
		"lose 10.0.0.0/8 vrf 1",
		"lose 10.0.0.0/8 vrf 0 0",
		"lose 10.0.0.0/8 table 0",
		"lose-silently 10.0.0.0/9",
		"silent",
		"silent maybe",
		"silent on on",
		"capacity",
		"capacity -1",
		"capacity 4294967296",
		"capacity 1 slot",
		"down please",
		"up up",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaa",
		"lose "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaa"};
	struct ofl_emu_faults before;

	add_ok("10.0.0.0/8", 1);
	before = t.p->faults;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		print_message("\"%s\"\n", lines[i]);
		assert_false(exercise(lines[i]));
		assert_memory_equal(&before, &t.p->faults, sizeof(before));
		assert_int_equal(stats().capacity_slots, 10);
		assert_int_equal(stats().entries, 1);
	}
	assert_int_equal(t.lost_count, 0);
	assert_int_equal(t.ready_told, 1);
}

/* A text longer than an outcome holds is cut, not spilled. */
static void test_long_text(void **state)
{
	char line[1000] = "refuse add ";

	memset(line + strlen(line), 'x', 900);
	assert_true(exercise(line));
	assert_int_equal(strlen(add("10.0.0.0/8", 1).text),
			 OFL_OUTCOME_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fail_nth), TEST(test_refuse),	   TEST(test_accept),
		TEST(test_lose),     TEST(test_silent),	   TEST(test_capacity),
		TEST(test_down_up),  TEST(test_bad_lines), TEST(test_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
