// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to the kernel from a thread.  Asked is generic netlink's own
 * family, which every kernel with generic netlink has.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "lib/genl.h"
#include "lib/nlask.h"

#define MAX_BYTES (1 << 20)

static _Alignas(struct nlmsghdr) uint8_t buf[1024];

static bool is_readable(struct ofl_nlask *a, int timeout_ms)
{
	struct pollfd p = {.fd = ofl_nlask_fd(a), .events = POLLIN};

	return poll(&p, 1, timeout_ms) == 1;
}

/* Generous, for a loaded machine. */
static struct ofl_nlask_answer answer_of(struct ofl_nlask *a,
					 const struct nlmsghdr *nlh)
{
	struct ofl_nlask_answer answer;

	assert_true(ofl_nlask_ask(a, nlh));
	assert_true(is_readable(a, 30000));
	assert_false(ofl_nlask_is_busy(a));
	assert_true(ofl_nlask_take(a, &answer));
	assert_false(is_readable(a, 0));
	assert_false(ofl_nlask_take(a, &answer));
	return answer;
}

static const struct nlmsghdr *one_family(uint16_t id)
{
	struct nlmsghdr *nlh =
		ofl_genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);

	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, id);
	return nlh;
}

static unsigned int count_family(const struct ofl_nlask_answer *answer,
				 const char *name, unsigned int *ret_messages)
{
	const struct nlmsghdr *nlh = NULL;
	struct ofl_genl_family family;
	unsigned int found = 0;

	*ret_messages = 0;
	while ((nlh = ofl_nlask_next(answer, nlh))) {
		++*ret_messages;
		found += ofl_genl_family_decode(nlh, name, &family);
	}
	return found;
}

static void test_answers(void **state)
{
	struct ofl_nlask *a = ofl_nlask_new(NETLINK_GENERIC, MAX_BYTES);
	struct ofl_nlask_answer answer;
	unsigned int messages;

	assert_non_null(a);
	assert_false(ofl_nlask_is_busy(a));
	assert_false(ofl_nlask_take(a, &answer));
	for (int i = 0; i < 3; i++) {
		answer = answer_of(a, ofl_genl_families_encode(buf));
		assert_int_equal(answer.end, OFL_NLASK_DONE);
		assert_int_equal(count_family(&answer, "nlctrl", &messages), 1);
		answer = answer_of(a, one_family(GENL_ID_CTRL));
		assert_int_equal(answer.end, OFL_NLASK_DONE);
		assert_int_equal(count_family(&answer, "nlctrl", &messages), 1);
		assert_int_equal(messages, 1);
	}
	ofl_nlask_free(a);
}

static void test_refused(void **state)
{
	struct ofl_nlask *a = ofl_nlask_new(NETLINK_GENERIC, MAX_BYTES);
	struct ofl_nlask_answer answer;
	unsigned int messages;

	/* Each leaves nothing behind for the next. */
	for (int i = 0; i < 3; i++) {
		answer = answer_of(a, one_family(65000));
		assert_int_equal(answer.end, OFL_NLASK_REFUSED);
		assert_int_equal(answer.errnum, ENOENT);
		assert_null(ofl_nlask_next(&answer, NULL));
		answer = answer_of(a, ofl_genl_begin(buf, 65000, 1, 1,
						     NLM_F_DUMP));
		assert_int_equal(answer.end, OFL_NLASK_REFUSED);
		assert_int_equal(answer.errnum, ENOENT);
		answer = answer_of(a, one_family(GENL_ID_CTRL));
		assert_int_equal(answer.end, OFL_NLASK_DONE);
		assert_int_equal(count_family(&answer, "nlctrl", &messages), 1);
		assert_int_equal(messages, 1);
	}
	ofl_nlask_free(a);
}

static void test_failed(void **state)
{
	struct ofl_nlask *a = ofl_nlask_new(NETLINK_GENERIC, 100);
	struct ofl_nlask_answer answer;

	answer = answer_of(a, ofl_genl_families_encode(buf));
	assert_int_equal(answer.end, OFL_NLASK_FAILED);
	assert_int_equal(answer.errnum, EMSGSIZE);
	assert_null(ofl_nlask_next(&answer, NULL));
	ofl_nlask_free(a);

	a = ofl_nlask_new(9999, MAX_BYTES);
	for (int i = 0; i < 2; i++) {
		answer = answer_of(a, ofl_genl_families_encode(buf));
		assert_int_equal(answer.end, OFL_NLASK_FAILED);
		assert_int_not_equal(answer.errnum, 0);
	}
	ofl_nlask_free(a);
}

static void test_one_at_a_time(void **state)
{
	struct ofl_nlask *a = ofl_nlask_new(NETLINK_GENERIC, MAX_BYTES);
	struct nlmsghdr *nlh = ofl_genl_families_encode(buf);
	struct ofl_nlask_answer answer;

	assert_true(ofl_nlask_ask(a, nlh));
	assert_false(ofl_nlask_ask(a, nlh));
	assert_int_equal(errno, EBUSY);
	assert_true(is_readable(a, 30000));
	/* Not while an answer is waiting, either. */
	assert_false(ofl_nlask_ask(a, nlh));
	assert_int_equal(errno, EBUSY);
	assert_true(ofl_nlask_take(a, &answer));
	nlh->nlmsg_len = OFL_NLASK_REQUEST_BYTES + 1;
	assert_false(ofl_nlask_ask(a, nlh));
	assert_int_equal(errno, EMSGSIZE);
	ofl_nlask_free(a);
}

/* At any moment: before the thread looked, while it asks, after that. */
static void test_end(void **state)
{
	struct nlmsghdr *nlh = ofl_genl_families_encode(buf);
	struct ofl_nlask *a;

	ofl_nlask_free(NULL);
	ofl_nlask_free(ofl_nlask_new(NETLINK_GENERIC, MAX_BYTES));
	for (int i = 0; i < 100; i++) {
		a = ofl_nlask_new(NETLINK_GENERIC, MAX_BYTES);
		assert_true(ofl_nlask_ask(a, nlh));
		if (i % 4 == 3)
			assert_true(is_readable(a, 30000));
		ofl_nlask_free(a);
	}
}

static void test_signals(void **state)
{
	struct ofl_nlask *a = ofl_nlask_new(NETLINK_GENERIC, MAX_BYTES);
	sigset_t before, after;

	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &before), 0);
	assert_true(ofl_nlask_ask(a, ofl_genl_families_encode(buf)));
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &after), 0);
	for (int sig = 1; sig < 32; sig++)
		assert_int_equal(sigismember(&before, sig),
				 sigismember(&after, sig));
	ofl_nlask_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
