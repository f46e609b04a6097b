// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated table with a file, when something goes wrong behind everyone's
 * back: entries that appear or change, and processes that are killed.  What the
 * file is otherwise: test_emulated_file.c.
 */
#include "tests/unit/emulated_file_fixture.h"

static void test_appear_and_change(void **state)
{
	add_real("10.0.0.0/8", action_a);
	assert_false(exercise("appear 10.0.0.0/8"));
	assert_true(exercise("appear 10.1.0.0/16 vrf 9"));
	assert_false(exercise("change 10.1.0.0/16"));
	assert_true(exercise("change 10.0.0.0/8"));
	assert_int_equal(entry("10.0.0.0/8").identity, OFL_IDENTITY_FOUND);
	assert_int_equal(stats().used_slots, 2);
	assert_int_equal(stats().added, 1);
	assert_int_equal(t.lost_count, 0);
	assert_false(adopt("10.0.0.0/8", action_a));
	life_next();
	assert_int_equal(stats().found, 2);
	assert_false(adopt("10.0.0.0/8", action_a));
	assert_true(exercise("capacity 2"));
	assert_false(exercise("appear 10.2.0.0/16"));
}

/* Another process does so many of four additions and is then killed. */
static void life_killed(const char *line)
{
	static const char *const prefixes[] = {"10.0.0.0/16", "10.1.0.0/16",
					       "10.2.0.0/16", "10.3.0.0/16"};
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		life_begin();
		if (ops->exercise(t.p, line, &(const char *){NULL}))
			for (int i = 0; i < 4; i++)
				write_op(OFL_OP_ADD, prefixes[i], action_a, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void test_kill_taken(void **state)
{
	life_end();
	life_killed("kill-when taken 3");
	life_begin();
	assert_true(t.ready);
	assert_int_equal(stats().found, 2);
	assert_int_equal(head().added, 2);
	assert_true(adopt("10.1.0.0/16", action_a));
}

static void test_kill_done(void **state)
{
	life_end();
	life_killed("kill-when done 3");
	life_begin();
	assert_true(t.ready);
	assert_int_equal(stats().found, 3);
	assert_int_equal(head().added, 3);
	assert_true(adopt("10.2.0.0/16", action_a));
}

static void test_lines(void **state)
{
	assert_false(exercise("kill-when"));
	assert_false(exercise("kill-when taken"));
	assert_false(exercise("kill-when taken 0"));
	assert_false(exercise("kill-when done 1 2"));
	assert_false(exercise("kill-when never 1"));
	assert_false(exercise("appear"));
	assert_false(exercise("appear 10.0.0.1/8"));
	assert_false(exercise("change 10.0.0.0/8 vrf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(test_appear_and_change),
		FILE_TEST(test_kill_taken),
		FILE_TEST(test_kill_done),
		FILE_TEST(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
