// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A netlink conversation with the kernel, in a network namespace of its own
 * where the privilege for one is there.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "lib/nlsock.h"

static bool have_netns;

struct seen {
	unsigned int messages;
	bool loopback;
};

static void on_message(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(nlh);
	struct seen *seen = arg;

	seen->messages++;
	if (nlh->nlmsg_type == RTM_NEWLINK && (ifm->ifi_flags & IFF_LOOPBACK))
		seen->loopback = true;
}

/* Read until there is something to tell; generous, for a loaded machine. */
static enum ofl_nlsock_read read_on(struct ofl_nlsock *s, struct seen *seen,
				    int *ret_errno)
{
	struct pollfd p = {.fd = ofl_nlsock_fd(s), .events = POLLIN};
	enum ofl_nlsock_read r;

	for (int i = 0; i < 1000; i++) {
		r = ofl_nlsock_read(s, 10, on_message, seen, ret_errno);
		if (r != OFL_NLSOCK_AGAIN && r != OFL_NLSOCK_MORE)
			return r;
		if (r == OFL_NLSOCK_AGAIN && poll(&p, 1, 10000) <= 0)
			break;
	}
	return OFL_NLSOCK_AGAIN;
}

static void test_dump(void **state)
{
	struct ofl_nlsock *s = ofl_nlsock_new(NETLINK_ROUTE, NULL, 0, 1 << 20);
	struct ifinfomsg ifm = {0};
	struct seen seen = {0};
	int errnum = 0;

	assert_non_null(s);
	assert_true(ofl_nlsock_rcvbuf_bytes(s) > 0);
	assert_int_equal(ofl_nlsock_read(s, 10, on_message, &seen, &errnum),
			 OFL_NLSOCK_AGAIN);
	for (int i = 0; i < 2; i++) {
		memset(&seen, 0, sizeof(seen));
		assert_true(ofl_nlsock_dump(s, RTM_GETLINK, &ifm, sizeof(ifm)));
		assert_false(
			ofl_nlsock_dump(s, RTM_GETLINK, &ifm, sizeof(ifm)));
		assert_int_equal(errno, EBUSY);
		assert_int_equal(read_on(s, &seen, &errnum),
				 OFL_NLSOCK_DUMP_DONE);
		assert_true(seen.loopback);
	}
	ofl_nlsock_free(s);
	ofl_nlsock_free(NULL);
}

static void test_refusal(void **state)
{
	struct ofl_nlsock *s = ofl_nlsock_new(NETLINK_ROUTE, NULL, 0, 0);
	_Alignas(struct nlmsghdr) uint8_t buf[256];
	struct ifinfomsg *ifm;
	struct nlmsghdr *nlh;
	struct seen seen = {0};
	uint8_t big[100] = {0};
	int errnum = 0;

	assert_non_null(s);
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	ifm->ifi_index = 0x7ffffff0; /* not there */
	assert_true(ofl_nlsock_send(s, nlh));
	assert_int_equal(read_on(s, &seen, &errnum), OFL_NLSOCK_ERROR);
	assert_int_equal(errnum, ENODEV);
	assert_int_equal(seen.messages, 0);

	assert_false(ofl_nlsock_dump(s, RTM_GETLINK, big, sizeof(big)));
	assert_int_equal(errno, EMSGSIZE);
	/* A refusal ends a dump: the next one may be asked for. */
	assert_true(ofl_nlsock_dump(s, RTM_GETLINK, ifm, sizeof(*ifm)));
	assert_int_equal(read_on(s, &seen, &errnum), OFL_NLSOCK_DUMP_DONE);
	ofl_nlsock_free(s);
}

static void test_no_such_socket(void **state)
{
	const unsigned int none = 12345;

	assert_null(ofl_nlsock_new(9999, NULL, 0, 0));
	assert_int_not_equal(errno, 0);
	assert_null(ofl_nlsock_new(NETLINK_ROUTE, &none, 1, 0));
}

static void set_loopback(struct ofl_nlsock *s, bool up)
{
	_Alignas(struct nlmsghdr) uint8_t buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	ifm->ifi_index = 1;
	ifm->ifi_change = IFF_UP;
	ifm->ifi_flags = up ? IFF_UP : 0;
	assert_true(ofl_nlsock_send(s, nlh));
}

/* Also of a number that has no positive. */
static void test_errno(void **state)
{
	assert_int_equal(ofl_nlsock_errno_make(0), 0);
	assert_int_equal(ofl_nlsock_errno_make(-ENOENT), ENOENT);
	assert_int_equal(ofl_nlsock_errno_make(EPERM), EPERM);
	assert_int_equal(ofl_nlsock_errno_make(INT_MIN + 1), INT_MAX);
	assert_int_equal(ofl_nlsock_errno_make(INT_MIN), EBADMSG);
}

static void test_budget_and_overrun(void **state)
{
	const unsigned int group = RTNLGRP_LINK;
	struct ofl_nlsock *events, *requests;
	struct seen seen = {0};
	unsigned int had;
	int errnum = 0;

	if (!have_netns)
		skip();
	requests = ofl_nlsock_new(NETLINK_ROUTE, NULL, 0, 0);
	events = ofl_nlsock_new(NETLINK_ROUTE, &group, 1, 64 << 10);
	for (int i = 0; i < 6; i++)
		set_loopback(requests, !(i & 1));
	for (unsigned int i = 1; i <= 3; i++) {
		assert_int_equal(ofl_nlsock_read(events, 2, on_message, &seen,
						 &errnum),
				 OFL_NLSOCK_MORE);
		assert_int_equal(seen.messages, 2 * i);
	}
	assert_int_equal(ofl_nlsock_read(events, 2, on_message, &seen, &errnum),
			 OFL_NLSOCK_AGAIN);
	for (int i = 0; i < 500; i++)
		set_loopback(requests, !(i & 1));
	/* Told once; what is left can still be read. */
	assert_int_equal(ofl_nlsock_read(events, 10000, on_message, &seen,
					 &errnum),
			 OFL_NLSOCK_OVERRUN);
	had = seen.messages;
	assert_int_equal(ofl_nlsock_read(events, 10000, on_message, &seen,
					 &errnum),
			 OFL_NLSOCK_AGAIN);
	assert_true(seen.messages > had);
	assert_true(seen.messages < 6 + 500);
	ofl_nlsock_free(events);
	ofl_nlsock_free(requests);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_no_such_socket),
		cmocka_unit_test(test_budget_and_overrun),
	};

	/* Ends with this process. */
	have_netns = unshare(CLONE_NEWNET) == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
