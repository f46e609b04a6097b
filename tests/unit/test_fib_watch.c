// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's routes as they are told, and repairs as they are written, in a
 * network namespace of the test.  No driver is there: what is tried is that
 * nobody's route is lost, overwritten or brought back by a repair, whoever else
 * writes it between the news and the repair.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "lib/clock.h"
#include "offloadd/provider/prov_fib.h"

#define ROUTES 4 /* 198.51.N.0/24 */
#define DEADLINE_US 20000000

static bool have_netns;
static struct ofl_fibwatch *watch;
static struct mnl_socket *nl;
static uint32_t seq;

/* What was told. */
static struct {
	bool exists;
	uint32_t image;
	unsigned int news;
} told[ROUTES];
static unsigned int lists, done, failures;
static int last_errnum;

/* --- somebody else --- */

static int write_route(uint16_t type, uint16_t flags, unsigned int n,
		       uint8_t proto)
{
	_Alignas(struct nlmsghdr) uint8_t buf[4096] = {0};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm;
	ssize_t got;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++seq;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = 24;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = proto;
	rtm->rtm_scope = RT_SCOPE_LINK;
	rtm->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_DST, htonl(0xc6330000 + (n << 8)));
	mnl_attr_put_u32(nlh, RTA_OIF, if_nametoindex("lo"));
	assert_true(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) > 0);
	got = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	assert_true(got > 0);
	return mnl_cb_run(buf, got, seq, mnl_socket_get_portid(nl), NULL,
			  NULL) < 0
		       ? errno
		       : 0;
}

static void add(unsigned int n, uint8_t proto)
{
	assert_int_equal(write_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, n,
				     proto),
			 0);
}

static void replace(unsigned int n, uint8_t proto)
{
	assert_int_equal(write_route(RTM_NEWROUTE, NLM_F_REPLACE, n, proto), 0);
}

static void del(unsigned int n, uint8_t proto)
{
	assert_int_equal(write_route(RTM_DELROUTE, 0, n, proto), 0);
}

/* --- what is told --- */

static int number_of(const struct ofl_key *key)
{
	const uint8_t *a = key->p.addr;

	if (key->p.family != AF_INET || key->p.plen != 24 || a[0] != 198 ||
	    a[1] != 51 || a[2] >= ROUTES)
		return -1;
	return a[2];
}

static struct ofl_key key_of(unsigned int n)
{
	uint8_t addr[16] = {198, 51, n};

	return (struct ofl_key){.vrf = RT_TABLE_MAIN,
				.p = ofl_prefix_make(AF_INET, addr, 24)};
}

static void on_route(void *arg, const struct ofl_fib_route *r)
{
	int n = number_of(&r->key);

	if (n < 0) {
		ofl_fibwatch_release(watch, r->image);
		return;
	}
	if (told[n].image)
		ofl_fibwatch_release(watch, told[n].image);
	told[n].exists = true;
	told[n].image = r->image;
	told[n].news++;
}

static void on_gone(void *arg, const struct ofl_fib_route *r)
{
	int n = number_of(&r->key);

	if (n >= 0)
		told[n].exists = false;
}

static void on_list_begin(void *arg)
{
	for (unsigned int n = 0; n < ROUTES; n++)
		told[n].exists = false;
}

static void on_list_end(void *arg)
{
	lists++;
}

static void on_done(void *arg, const struct ofl_fib_step *step, int errnum,
		    bool lost, const char *what)
{
	done++;
	failures += errnum != 0;
	last_errnum = errnum;
	assert_false(lost);
}

static const struct ofl_fibwatch_events events = {
	.route = on_route,
	.gone = on_gone,
	.list_begin = on_list_begin,
	.list_end = on_list_end,
	.done = on_done,
};

static void turn(uint64_t until_us)
{
	struct pollfd p = {.fd = ofl_fibwatch_fd(watch), .events = POLLIN};
	uint64_t now_us = ofl_clock_mono_us();

	assert_true(now_us < until_us);
	if (ofl_fibwatch_poll(watch, now_us, 100) > now_us)
		poll(&p, 1, 5);
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		uint64_t until_us = ofl_clock_mono_us() + DEADLINE_US;         \
		while (!(condition))                                           \
			turn(until_us);                                        \
	} while (0)

/* All that was written so far is told; news are counted from here. */
static void settle(void)
{
	struct pollfd p = {.fd = ofl_fibwatch_fd(watch), .events = POLLIN};

	UNTIL(lists > 0);
	while (poll(&p, 1, 0) > 0)
		turn(UINT64_MAX);
	for (unsigned int n = 0; n < ROUTES; n++)
		told[n].news = 0;
}

/* What is told is what is there, whatever was told before. */
static void list_again(void)
{
	unsigned int before = lists;

	ofl_fibwatch_ask(watch);
	UNTIL(lists > before);
}

static struct ofl_fib_step step_for(unsigned int n)
{
	return (struct ofl_fib_step){.route = key_of(n),
				     .route_image = told[n].image};
}

static struct ofl_fib_step step_with_victim(unsigned int n, unsigned int v)
{
	struct ofl_fib_step step = step_for(n);

	step.demote = true;
	step.victim = key_of(v);
	step.victim_image = told[v].image;
	return step;
}

static int setup(void **state)
{
	memset(told, 0, sizeof(told));
	lists = done = failures = 0;
	if (!have_netns)
		return 0;
	watch = ofl_fibwatch_new(&events, NULL);
	return watch ? 0 : -1;
}

static int teardown(void **state)
{
	if (!have_netns)
		return 0;
	for (unsigned int n = 0; n < ROUTES; n++)
		for (unsigned int proto = 100; proto < 103; proto++)
			(void)write_route(RTM_DELROUTE, 0, n, proto);
	for (unsigned int n = 0; n < ROUTES; n++)
		if (told[n].image)
			ofl_fibwatch_release(watch, told[n].image);
	ofl_fibwatch_free(watch);
	return 0;
}

/* --- tests --- */

static void test_list_and_news(void **state)
{
	struct ofl_fibwatch_stats st;

	if (!have_netns)
		skip();
	add(0, 100);
	settle();
	assert_true(told[0].exists);
	assert_false(told[1].exists);
	add(1, 100);
	UNTIL(told[1].exists);
	/* The same words but for the prefix: kept once. */
	assert_int_equal(told[0].image, told[1].image);
	replace(1, 101);
	UNTIL(told[1].news >= 2);
	assert_int_not_equal(told[0].image, told[1].image);
	del(0, 100);
	UNTIL(!told[0].exists);
	ofl_fibwatch_stats(watch, &st);
	assert_true(st.current);
	assert_int_equal(st.malformed, 0);
}

static void test_offered_again(void **state)
{
	struct ofl_fib_step step;
	uint32_t image;

	if (!have_netns)
		skip();
	add(0, 100);
	add(1, 100); /* keeps the number of these words */
	settle();
	image = told[0].image;
	step = step_for(0);
	assert_true(ofl_fibwatch_send(watch, &step));
	UNTIL(done == 1 && told[0].news >= 2); /* marked, then as it was */
	assert_int_equal(failures, 0);
	list_again();
	assert_int_equal(told[0].image, image);
	assert_int_equal(told[1].image, image);
}

static void test_victim_comes_back(void **state)
{
	struct ofl_fib_step step;

	if (!have_netns)
		skip();
	add(0, 100);
	add(1, 101);
	settle();
	step = step_with_victim(0, 1);
	assert_true(ofl_fibwatch_send(watch, &step));
	UNTIL(done == 1 && told[1].news >= 1);
	assert_int_equal(failures, 0);
	assert_true(told[1].exists); /* its absence was not told */
	list_again();
	assert_true(told[0].exists && told[1].exists);
}

/* Written by somebody after what the repair knows. */
static void test_newer_words_stay(void **state)
{
	struct ofl_fib_step step;
	uint32_t newest;

	if (!have_netns)
		skip();
	add(0, 100);
	add(1, 101);
	settle();
	step = step_for(0);
	replace(0, 102); /* nobody has read the news of it */
	assert_true(ofl_fibwatch_send(watch, &step));
	/* Theirs, ours twice, and theirs again, which we write. */
	UNTIL(done == 2 && told[0].news >= 5);
	newest = told[0].image;
	replace(1, 102);
	UNTIL(told[1].image == newest);
	list_again();
	assert_int_equal(told[0].image, newest);
}

static void test_what_is_gone_stays_gone(void **state)
{
	struct ofl_fib_step step;

	if (!have_netns)
		skip();
	add(0, 100);
	add(1, 101);
	settle();
	step = step_with_victim(0, 1);
	del(0, 100);
	del(1, 101);
	assert_true(ofl_fibwatch_send(watch, &step));
	UNTIL(done == 1);
	assert_int_equal(failures, 1);
	assert_int_equal(last_errnum, ENOENT);
	list_again();
	assert_false(told[0].exists || told[1].exists);
}

/* The victim is another route by now: it is left alone. */
static void test_changed_victim_is_left(void **state)
{
	struct ofl_fib_step step;
	uint32_t newest;

	if (!have_netns)
		skip();
	add(0, 100);
	add(1, 101);
	settle();
	step = step_with_victim(0, 1);
	replace(1, 102);
	assert_true(ofl_fibwatch_send(watch, &step));
	UNTIL(done == 1 && told[1].news >= 1);
	assert_int_equal(last_errnum, ESRCH);
	newest = told[1].image;
	list_again();
	assert_true(told[0].exists && told[1].exists);
	assert_int_equal(told[1].image, newest);
}

static void test_removed(void **state)
{
	struct ofl_fib_step step;

	if (!have_netns)
		skip();
	add(0, 100);
	settle();
	step = step_for(0);
	step.remove = true;
	assert_true(ofl_fibwatch_send(watch, &step));
	UNTIL(done == 1 && !told[0].exists);
	assert_int_equal(failures, 0);
}

static bool lo_up(void)
{
	struct ifreq req = {.ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	strlcpy(req.ifr_name, "lo", sizeof(req.ifr_name));
	ok = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &req);
	close(fd);
	return ok;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_list_and_news),
		TEST(test_offered_again),
		TEST(test_victim_comes_back),
		TEST(test_newer_words_stay),
		TEST(test_what_is_gone_stays_gone),
		TEST(test_changed_victim_is_left),
		TEST(test_removed),
	};

	/* Ends with this process. */
	have_netns = unshare(CLONE_NEWNET) == 0 && lo_up();
	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		have_netns = false;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
