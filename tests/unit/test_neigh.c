// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links and neighbours: the decoder with crafted messages, then the whole
 * against a real kernel -- two network namespaces of this test's own, joined
 * by a veth pair.  They end with the processes that hold them.
 */
#include <zebra.h>

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "lib/clock.h"
#include "offloadd/base/frr_compat.h"
#include "offloadd/source/neigh.h"
#include "offloadd/source/neigh_decode.h"

/* --- crafted messages --- */

static _Alignas(struct nlmsghdr) uint8_t buf[4096];
static struct nlmsghdr *nlh;
static struct ofl_rtnl_event ev;

static void *begin(uint16_t type, size_t head_len)
{
	memset(buf, 0, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	return mnl_nlmsg_put_extra_header(nlh, head_len);
}

struct link_case {
	uint16_t type;
	unsigned int flags;
	bool gone, up;
};

static void test_decode_link(void **state)
{
	static const struct link_case cases[] = {
		{RTM_NEWLINK, IFF_UP | IFF_RUNNING, false, true},
		{RTM_NEWLINK, IFF_UP, false, false}, /* no carrier */
		{RTM_NEWLINK, IFF_RUNNING, false, false},
		{RTM_NEWLINK, 0, false, false},
		{RTM_NEWLINK, IFF_UP | IFF_RUNNING | IFF_LOOPBACK, false,
		 false},
		{RTM_DELLINK, IFF_UP | IFF_RUNNING, true, false},
	};
	struct ifinfomsg *ifm;

	for (size_t i = 0; i < array_size(cases); i++) {
		ifm = begin(cases[i].type, sizeof(*ifm));
		ifm->ifi_index = 7;
		ifm->ifi_flags = cases[i].flags;
		assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_LINK);
		assert_int_equal(ev.ifindex, 7);
		assert_int_equal(ev.gone, cases[i].gone);
		assert_int_equal(ev.up, cases[i].up);
	}
	ifm = begin(RTM_NEWLINK, sizeof(*ifm));
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_MALFORMED);
	ifm->ifi_index = 7;
	ifm->ifi_family = AF_BRIDGE;
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_IGNORED);
	begin(RTM_NEWLINK, sizeof(*ifm) - 4);
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_MALFORMED);
	begin(RTM_NEWADDR, sizeof(*ifm));
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_IGNORED);
}

static struct ndmsg *neigh_message(uint16_t type, uint8_t family,
				   uint16_t ndm_state, const uint8_t *mac,
				   size_t mac_len)
{
	struct ndmsg *ndm = begin(type, sizeof(*ndm));
	uint8_t addr[16] = {192, 0, 2, 1};

	ndm->ndm_family = family;
	ndm->ndm_ifindex = 3;
	ndm->ndm_state = ndm_state;
	mnl_attr_put(nlh, NDA_DST, family == AF_INET ? 4 : 16, addr);
	if (mac)
		mnl_attr_put(nlh, NDA_LLADDR, mac_len, mac);
	return ndm;
}

static const uint8_t mac_1[6] = {2, 0, 0, 0, 0, 1};

static void test_decode_neigh_states(void **state)
{
	static const struct {
		uint16_t state;
		bool usable, fixed;
	} cases[] = {
		{NUD_NONE, false},	 {NUD_INCOMPLETE, false},
		{NUD_FAILED, false},	 {NUD_REACHABLE, true},
		{NUD_STALE, true},	 {NUD_DELAY, true},
		{NUD_PROBE, true},	 {NUD_PERMANENT, true, true},
		{NUD_NOARP, true, true},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		neigh_message(RTM_NEWNEIGH, AF_INET, cases[i].state, mac_1, 6);
		assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_NEIGH);
		assert_int_equal(ev.usable, cases[i].usable);
		assert_int_equal(ev.fixed, cases[i].fixed);
		assert_int_equal(ev.ifindex, 3);
		assert_int_equal(ev.family, AF_INET);
		assert_int_equal(ev.addr[0], 192);
		assert_memory_equal(ev.mac, mac_1, 6);
	}
	neigh_message(RTM_DELNEIGH, AF_INET6, NUD_REACHABLE, mac_1, 6);
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_NEIGH);
	assert_false(ev.usable);
	assert_true(ev.gone);
}

static void test_decode_neigh_oddities(void **state)
{
	static const uint8_t zero[6], multicast[6] = {1, 0, 0x5e},
				      infiniband[20] = {2};
	struct ndmsg *ndm;

	neigh_message(RTM_NEWNEIGH, AF_INET, NUD_REACHABLE, NULL, 0);
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_NEIGH);
	assert_false(ev.usable);
	neigh_message(RTM_NEWNEIGH, AF_INET, NUD_NOARP, zero, 6);
	ofl_rtnl_decode(nlh, &ev);
	assert_false(ev.usable);
	neigh_message(RTM_NEWNEIGH, AF_INET, NUD_NOARP, multicast, 6);
	ofl_rtnl_decode(nlh, &ev);
	assert_false(ev.usable);
	neigh_message(RTM_NEWNEIGH, AF_INET, NUD_REACHABLE, infiniband, 20);
	ofl_rtnl_decode(nlh, &ev);
	assert_false(ev.usable);

	ndm = neigh_message(RTM_NEWNEIGH, AF_INET, NUD_REACHABLE, mac_1, 6);
	ndm->ndm_flags = NTF_PROXY;
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_IGNORED);
	ndm->ndm_flags = 0;
	ndm->ndm_family = AF_BRIDGE;
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_IGNORED);
	ndm->ndm_family = AF_INET6; /* with an address of four bytes */
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_MALFORMED);
	begin(RTM_NEWNEIGH, sizeof(*ndm) - 4);
	assert_int_equal(ofl_rtnl_decode(nlh, &ev), OFL_RTNL_MALFORMED);
}

/* Each truncation and random damage: for the sanitizer. */
static void test_decode_damage(void **state)
{
	unsigned int seed = 1;

	neigh_message(RTM_NEWNEIGH, AF_INET, NUD_REACHABLE, mac_1, 6);
	for (int round = 0; round < 100000; round++) {
		size_t len = nlh->nlmsg_len;
		struct nlmsghdr *copy = malloc(len);

		memcpy(copy, nlh, len);
		for (int i = 0; i < 3; i++)
			((uint8_t *)
				 copy)[sizeof(*copy) +
				       rand_r(&seed) % (len - sizeof(*copy))] =
				(uint8_t)rand_r(&seed);
		copy->nlmsg_len = sizeof(*copy) +
				  rand_r(&seed) % (len - sizeof(*copy) + 1);
		ofl_rtnl_decode(copy, &ev);
		free(copy);
	}
}

/* --- the kernel --- */

static bool have_kernel;
static struct mnl_socket *requests;
static pid_t peer_pid;
static int peer_pipe = -1;
static uint32_t ifindex; /* of our end */

/* Send what is in `buf` and wait for the kernel's word; a positive errno. */
static int request(void)
{
	uint8_t answer[4096];
	const struct nlmsgerr *err;
	ssize_t n;

	nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (mnl_socket_sendto(requests, nlh, nlh->nlmsg_len) < 0)
		return errno;
	n = mnl_socket_recvfrom(requests, answer, sizeof(answer));
	if (n < 0)
		return errno;
	err = mnl_nlmsg_get_payload((struct nlmsghdr *)answer);
	return -err->error;
}

static int add_veth(pid_t other_end)
{
	struct nlattr *info, *data, *peer;

	begin(RTM_NEWLINK, sizeof(struct ifinfomsg));
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "near");
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "far");
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, mac_1);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_PID, other_end);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return request();
}

static int set_up(uint32_t index, bool up)
{
	struct ifinfomsg *ifm = begin(RTM_NEWLINK, sizeof(*ifm));

	ifm->ifi_index = (int)index;
	ifm->ifi_change = IFF_UP;
	ifm->ifi_flags = up ? IFF_UP : 0;
	return request();
}

static int add_address(uint32_t index, uint8_t last)
{
	struct ifaddrmsg *ifa = begin(RTM_NEWADDR, sizeof(*ifa));
	const uint8_t addr[4] = {192, 0, 2, last};

	nlh->nlmsg_flags = NLM_F_CREATE;
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 24;
	ifa->ifa_index = index;
	mnl_attr_put(nlh, IFA_LOCAL, 4, addr);
	mnl_attr_put(nlh, IFA_ADDRESS, 4, addr);
	return request();
}

static int set_neigh(uint16_t type, uint8_t last, const uint8_t *mac)
{
	const uint8_t addr[4] = {192, 0, 2, last};
	struct ndmsg *ndm = begin(type, sizeof(*ndm));

	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	ndm->ndm_family = AF_INET;
	ndm->ndm_ifindex = (int)ifindex;
	ndm->ndm_state = NUD_PERMANENT;
	mnl_attr_put(nlh, NDA_DST, 4, addr);
	if (mac)
		mnl_attr_put(nlh, NDA_LLADDR, 6, mac);
	return request();
}

static int open_requests(void)
{
	requests = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	return !requests ||
	       mnl_socket_bind(requests, 0, MNL_SOCKET_AUTOPID) < 0;
}

/* The far end: 192.0.2.2, answering for itself until its pipe is closed. */
static void peer_main(int from_parent, int to_parent)
{
	uint32_t index;
	char c = 0;

	if (unshare(CLONE_NEWNET) || open_requests() ||
	    write(to_parent, &c, 1) != 1 || read(from_parent, &c, 1) != 1)
		_exit(1);
	index = if_nametoindex("far");
	if (!index || add_address(index, 2) || set_up(index, true))
		_exit(1);
	if (write(to_parent, &c, 1) != 1)
		_exit(1);
	while (read(from_parent, &c, 1) > 0)
		;
	_exit(0);
}

static int kernel_setup(void)
{
	int down[2], up[2];
	char c = 0;

	if (unshare(CLONE_NEWNET) || pipe2(down, O_CLOEXEC) ||
	    pipe2(up, O_CLOEXEC))
		return -1;
	peer_pid = fork();
	if (!peer_pid) {
		close(down[1]);
		peer_main(down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	peer_pipe = down[1];
	if (peer_pid < 0 || open_requests() || read(up[0], &c, 1) != 1)
		return -1;
	if (add_veth(peer_pid) || write(peer_pipe, &c, 1) != 1 ||
	    read(up[0], &c, 1) != 1)
		return -1;
	close(up[0]);
	ifindex = if_nametoindex("near");
	return !ifindex || add_address(ifindex, 1) || set_up(ifindex, true);
}

static void kernel_teardown(void)
{
	if (peer_pipe >= 0)
		close(peer_pipe);
	if (peer_pid > 0) {
		kill(peer_pid, SIGTERM);
		waitpid(peer_pid, NULL, 0);
	}
	if (requests)
		mnl_socket_close(requests);
}

/* --- the feed, in an event loop --- */

struct fixture {
	struct ofl_loop *loop;
	struct ofl_flowtab *flows;
	struct ofl_rib *rib;
	struct ofl_neigh *neigh;
	struct ofl_flow *flow; /* one route by 192.0.2.`gw` */
	struct ofl_ev *t_tick;
};

static int setup(void **state)
{
	struct fixture *fx;

	if (!have_kernel)
		return 0;
	fx = calloc(1, sizeof(*fx));
	ofl_action_init();
	fx->loop = ofl_loop_new(NULL);
	fx->flows = ofl_flowtab_new(1);
	fx->rib = ofl_rib_new(fx->flows, NULL, NULL);
	fx->neigh = ofl_neigh_new(fx->loop, fx->rib);
	assert_non_null(fx->neigh);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	if (!have_kernel)
		return 0;
	if (fx->t_tick)
		ofl_ev_off(fx->t_tick);
	ofl_neigh_free(fx->neigh);
	ofl_rib_free(fx->rib);
	ofl_flowtab_free(fx->flows);
	ofl_action_fini();
	ofl_loop_free(fx->loop);
	free(fx);
	return 0;
}

static void route(struct fixture *fx, uint8_t last, uint32_t out)
{
	struct ofl_facts facts = {.proto = 1};
	struct ofl_rawnh nh = {
		.kind = OFL_RAWNH_GATEWAY,
		.family = AF_INET,
		.gw = {192, 0, 2, last},
		.ifindex = out,
	};
	struct ofl_key key = {0};

	ofl_prefix_parse("10.0.0.0/8", false, &key.p);
	ofl_rib_route_add(fx->rib, &key, &facts, &nh, 1);
	fx->flow = ofl_flowtab_find(fx->flows, &key);
}

static void on_tick(struct ofl_ev *e)
{
}

static void turn(struct fixture *fx)
{
	/* So that the loop comes back though nothing happens. */
	ofl_ev_timer_ms(fx->loop, on_tick, fx, 50, &fx->t_tick);
	ofl_loop_turn(fx->loop);
	ofl_rib_work(fx->rib, 1000);
}

/* Until it is so, or very long. */
#define until(condition)                                                       \
	do {                                                                   \
		uint64_t end_us_ = ofl_clock_mono_us() + 30000000;             \
		while (!(condition) && ofl_clock_mono_us() < end_us_)          \
			turn(fx);                                              \
		assert_true(condition);                                        \
	} while (0)

static void run_until(struct fixture *fx, enum ofl_reason wait)
{
	ofl_rib_work(fx->rib, 1000);
	until(fx->flow->wait == wait);
}

static uint64_t neighbors(struct fixture *fx)
{
	struct ofl_rib_stats st;

	ofl_rib_stats(fx->rib, &st);
	return st.neighbors;
}

static void test_neighbor_and_link(void **state)
{
	static const uint8_t mac_2[6] = {2, 0, 0, 0, 0, 2};
	struct fixture *fx = *state;
	struct ofl_neigh_stats st;

	if (!have_kernel)
		skip();
	assert_int_equal(set_neigh(RTM_NEWNEIGH, 50, mac_1), 0);
	route(fx, 50, ifindex);
	assert_int_equal(fx->flow->wait, OFL_REASON_LINK_DOWN);
	run_until(fx, OFL_REASON_NONE); /* found by the first list */
	assert_memory_equal(fx->flow->action->nh[0].mac, mac_1, 6);

	assert_int_equal(set_neigh(RTM_DELNEIGH, 50, NULL), 0);
	run_until(fx, OFL_REASON_NEIGHBOR_UNRESOLVED);
	assert_int_equal(set_neigh(RTM_NEWNEIGH, 50, mac_2), 0);
	run_until(fx, OFL_REASON_NONE);
	assert_memory_equal(fx->flow->action->nh[0].mac, mac_2, 6);

	assert_int_equal(set_up(ifindex, false), 0);
	run_until(fx, OFL_REASON_LINK_DOWN);
	assert_int_equal(set_up(ifindex, true), 0);
	assert_int_equal(set_neigh(RTM_NEWNEIGH, 50, mac_1), 0);
	run_until(fx, OFL_REASON_NONE);
	ofl_neigh_stats(fx->neigh, &st);
	assert_int_equal(st.malformed, 0);
	assert_int_equal(st.dumps, 1);
	assert_int_equal(set_neigh(RTM_DELNEIGH, 50, NULL), 0);
}

/* Nobody sends anything: our asking alone brings the neighbour. */
static void test_probe_resolves(void **state)
{
	struct fixture *fx = *state;

	if (!have_kernel)
		skip();
	route(fx, 2, ifindex);
	run_until(fx, OFL_REASON_NONE);
	assert_memory_equal(fx->flow->action->nh[0].mac, mac_1, 6);
	/* One that does not answer stays unresolved. */
	route(fx, 99, ifindex);
	run_until(fx, OFL_REASON_NEIGHBOR_UNRESOLVED);
}

static void test_loopback_is_no_port(void **state)
{
	struct fixture *fx = *state;

	if (!have_kernel)
		skip();
	assert_int_equal(set_up(1, true), 0);
	route(fx, 50, ifindex);
	run_until(fx, OFL_REASON_NEIGHBOR_UNRESOLVED);
	route(fx, 50, 1);
	run_until(fx, OFL_REASON_LINK_DOWN);
}

/* More notifications than the buffer holds: those that count are lost, and the
 * list that follows finds it out.  (No route needs these neighbours: nobody
 * asks for them.) */
static void test_overrun_leads_to_a_list(void **state)
{
	struct fixture *fx = *state;
	struct ofl_neigh_stats st;
	uint8_t mac[6] = {2, 1};
	uint64_t before;

	if (!have_kernel)
		skip();
	assert_int_equal(set_neigh(RTM_NEWNEIGH, 50, mac_1), 0);
	assert_int_equal(set_neigh(RTM_NEWNEIGH, 51, mac_1), 0);
	route(fx, 50, ifindex);
	run_until(fx, OFL_REASON_NONE); /* the first list is complete */
	ofl_neigh_stats(fx->neigh, &st);
	assert_int_equal(st.dumps, 1);
	before = neighbors(fx);
	for (unsigned int i = 0; i < 60000; i++) {
		mac[4] = (uint8_t)(i >> 8);
		mac[5] = (uint8_t)i;
		assert_int_equal(set_neigh(RTM_NEWNEIGH, 52, mac), 0);
	}
	assert_int_equal(set_neigh(RTM_DELNEIGH, 51, NULL), 0);
	assert_int_equal(set_neigh(RTM_DELNEIGH, 52, NULL), 0);
	until(neighbors(fx) == before - 1);
	ofl_neigh_stats(fx->neigh, &st);
	assert_true(st.overruns > 0);
	assert_true(st.dumps > 1);
	assert_int_equal(set_neigh(RTM_DELNEIGH, 50, NULL), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_link),
		cmocka_unit_test(test_decode_neigh_states),
		cmocka_unit_test(test_decode_neigh_oddities),
		cmocka_unit_test(test_decode_damage),
		T(test_neighbor_and_link),
		T(test_probe_resolves),
		T(test_loopback_is_no_port),
		T(test_overrun_leads_to_a_list),
	};
	int failed;

	/* Without the privilege only the decoder is tested. */
	have_kernel = kernel_setup() == 0;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	kernel_teardown();
	return failed;
}
