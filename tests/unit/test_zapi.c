// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ZAPI feed against a zebra of this test's own, behind an abstract
 * socket: what is asked for, what is made of the answers, and what is left
 * when zebra goes and comes back.
 */
#include <zebra.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>
#include <cmocka.h>

#include "if.h"
#include "prefix.h"
#include "stream.h"
#include "vrf.h"
#include "zclient.h"

#include "lib/clock.h"
#include "offloadd/source/zapi.h"

enum session { CTL, BULK };

static struct ofl_loop *loop;
static struct ofl_flowtab *flows;
static struct ofl_rib *rib;
static struct ofl_zapi *zapi;
static unsigned int settled;
static struct ofl_ev *t_tick;

/* zebra's side */
static int listener = -1, peer[2] = {-1, -1};
static unsigned int asked[2][256]; /* messages received, by command */
static struct stream *s;
static struct zapi_route *route;

/* --- a small zebra --- */

static void zebra_open(void)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&zclient_addr;
	int n;

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	n = snprintf(sun->sun_path + 1, sizeof(sun->sun_path) - 1,
		     "offload-test-zapi-%d", (int)getpid());
	zclient_addr_len = offsetof(struct sockaddr_un, sun_path) + 1 + n;
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
		bind(listener, (struct sockaddr *)sun, zclient_addr_len), 0);
	assert_int_equal(listen(listener, 5), 0);
}

static bool read_fully(int fd, void *to, size_t n)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 5000) == 1 &&
	       recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

/* One message of a client; -1: none waits. */
static int zebra_read(int fd, uint8_t *body)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t head[ZEBRA_HEADER_SIZE];
	size_t len;

	if (fd < 0 || poll(&p, 1, 0) != 1 || !read_fully(fd, head, 10))
		return -1;
	len = (head[0] << 8 | head[1]) - sizeof(head);
	assert_true(len < 1024);
	assert_true(!len || read_fully(fd, body, len));
	return head[8] << 8 | head[9];
}

/* Take connections and note what is asked for. */
static void zebra_turn(void)
{
	uint8_t body[1024] = {0};
	int fd = accept(listener, NULL, NULL), command;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (fd >= 0) {
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_int_equal(zebra_read(fd, body), ZEBRA_HELLO);
		/* protocol, instance, session */
		assert_true(body[0] > 0 && body[0] <= ZEBRA_ROUTE_CONNECT);
		assert_true(body[6] <= 1);
		peer[body[6]] = fd;
	}
	for (int i = 0; i < 2; i++)
		while ((command = zebra_read(peer[i], body)) >= 0)
			asked[i][command]++;
}

static void zebra_close(void)
{
	for (int i = 0; i < 2; i++)
		close(peer[i]);
	peer[CTL] = peer[BULK] = -1;
	memset(asked, 0, sizeof(asked));
}

static void send_stream(enum session to)
{
	stream_putw_at(s, 0, stream_get_endp(s));
	assert_int_equal(write(peer[to], STREAM_DATA(s), stream_get_endp(s)),
			 stream_get_endp(s));
}

static void send_vrf(uint16_t command, uint32_t vrf, const char *netns)
{
	struct vrf_data data = {0};

	strlcpy(data.l.netns_name, netns, sizeof(data.l.netns_name));
	stream_reset(s);
	zclient_create_header(s, command, vrf);
	stream_put(s, &data, sizeof(data));
	stream_put(s, "name", 5);
	stream_put(s, NULL, VRF_NAMSIZ - 5);
	send_stream(BULK);
}

static void send_route(uint8_t command, uint32_t vrf, const char *prefix,
		       const char *src, const char *gw, uint32_t ifindex)
{
	struct zapi_nexthop *nh = &route->nexthops[0];

	memset(route, 0, sizeof(*route));
	route->vrf_id = vrf;
	route->type = ZEBRA_ROUTE_STATIC;
	route->safi = SAFI_UNICAST;
	str2prefix(prefix, &route->prefix);
	route->message = ZAPI_MESSAGE_NEXTHOP;
	if (src) {
		SET_FLAG(route->message, ZAPI_MESSAGE_SRCPFX);
		str2prefix_ipv6(src, &route->src_prefix);
	}
	route->nexthop_num = 1;
	nh->vrf_id = vrf;
	if (gw) {
		nh->type =
			ifindex ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV4;
		inet_pton(AF_INET, gw, &nh->gate.ipv4);
		nh->ifindex = ifindex;
	} else {
		nh->type = NEXTHOP_TYPE_BLACKHOLE;
	}
	assert_int_equal(zapi_route_encode(command, s, route), 0);
	send_stream(BULK);
}

static void send_address(uint16_t command, uint32_t ifindex, const char *text)
{
	struct prefix p;

	str2prefix(text, &p);
	stream_reset(s);
	zclient_create_header(s, command, 0);
	stream_putl(s, ifindex);
	stream_putc(s, 0);
	stream_putc(s, p.family);
	stream_put(s, &p.u.prefix, prefix_blen(&p));
	stream_putc(s, p.prefixlen);
	stream_put(s, NULL, prefix_blen(&p));
	send_stream(CTL);
}

static void send_nht(const char *gw, uint32_t ifindex)
{
	struct zapi_nexthop nh = {.type = NEXTHOP_TYPE_IFINDEX,
				  .ifindex = ifindex};
	struct prefix p;

	str2prefix(gw, &p);
	stream_reset(s);
	zclient_create_header(s, ZEBRA_NEXTHOP_UPDATE, 0);
	stream_putl(s, 0);
	stream_putw(s, SAFI_UNICAST);
	for (int i = 0; i < 2; i++) {
		stream_putw(s, p.family);
		stream_putc(s, p.prefixlen);
		stream_put(s, &p.u.prefix, 4);
	}
	stream_put(s, NULL, 1 + 2 + 1 + 4);
	stream_put(s, NULL, OFL_ZAPI_NHT_COUNT_BYTES - 1);
	stream_putc(s, 1);
	zapi_nexthop_encode(s, &nh, 0, 0);
	send_stream(CTL);
}

/* --- our side --- */

static void on_settled(void *arg)
{
	settled++;
}

static void on_nht(void *arg, uint32_t vrf, uint8_t family, const uint8_t *gw,
		   bool on)
{
	ofl_zapi_nht_register(zapi, vrf, family, gw, on);
}

static int setup(void **state)
{
	static const struct ofl_rib_ops ops = {.nht_register = on_nht};
	const struct ofl_zapi_conf conf = {.settle_ms = 300,
					   .settle_max_ms = 900};

	s = stream_new(65535);
	route = calloc(1, sizeof(*route));
	settled = 0;
	ofl_action_init();
	zebra_open();
	flows = ofl_flowtab_new(1);
	rib = ofl_rib_new(flows, &ops, NULL);
	ofl_rib_link_set(rib, 3, true);
	zapi = ofl_zapi_new(loop, NULL, rib, &conf, on_settled, NULL);
	return 0;
}

static int teardown(void **state)
{
	if (t_tick)
		ofl_ev_off(t_tick);
	ofl_zapi_free(zapi);
	zapi = NULL;
	ofl_rib_free(rib);
	ofl_flowtab_free(flows);
	ofl_action_fini();
	zebra_close();
	close(listener);
	stream_free(s);
	free(route);
	return 0;
}

static void on_tick(struct ofl_ev *ev)
{
}

static void turn(void)
{
	zebra_turn();
	ofl_ev_timer_ms(loop, on_tick, NULL, 10, &t_tick);
	ofl_loop_turn(loop);
	ofl_rib_work(rib, 1000);
}

/* Until it is so; generous, for a loaded machine. */
#define until(condition)                                                       \
	do {                                                                   \
		uint64_t end_us_ = ofl_clock_mono_us() + 30000000;             \
		while (!(condition) && ofl_clock_mono_us() < end_us_)          \
			turn();                                                \
		assert_true(condition);                                        \
	} while (0)

static const char *why(uint32_t vrf, const char *prefix)
{
	struct ofl_key k = {.vrf = vrf};
	struct ofl_flow *f;

	assert_true(ofl_prefix_parse(prefix, false, &k.p));
	f = ofl_flowtab_find(flows, &k);
	if (!f)
		return "absent";
	return ofl_reason_name(f->wait);
}

static bool is(uint32_t vrf, const char *prefix, const char *reason)
{
	return !strcmp(why(vrf, prefix), reason);
}

static uint64_t malformed(void)
{
	struct ofl_zapi_stats st;

	ofl_zapi_stats(zapi, &st);
	return st.malformed;
}

static void connect_both(void)
{
	until(peer[CTL] >= 0 && peer[BULK] >= 0);
	send_vrf(ZEBRA_VRF_ADD, 0, "");
	until(asked[BULK][ZEBRA_REDISTRIBUTE_ADD] == 2);
	assert_int_equal(asked[BULK][ZEBRA_REDISTRIBUTE_DELETE], 2);
}

static void test_routes_and_vrfs(void **state)
{
	connect_both();
	assert_true(is(0, "127.0.0.0/8", "reserved"));
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "10.0.0.0/8", NULL, NULL,
		   0);
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "11.0.0.0/8", NULL,
		   "192.0.2.1", 3);
	until(is(0, "10.0.0.0/8", "none"));
	until(is(0, "11.0.0.0/8", "neighbor-unresolved"));
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_DEL, 0, "10.0.0.0/8", NULL, NULL,
		   0);
	until(is(0, "10.0.0.0/8", "withdrawn"));

	send_vrf(ZEBRA_VRF_ADD, 7, "");
	send_vrf(ZEBRA_VRF_ADD, 8, "elsewhere");
	until(asked[BULK][ZEBRA_REDISTRIBUTE_ADD] == 6);
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 7, "11.0.0.0/8", NULL,
		   "192.0.2.1", 3);
	/* Interface 3 of another namespace is not our interface 3. */
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 8, "11.0.0.0/8", NULL,
		   "192.0.2.1", 3);
	until(is(7, "11.0.0.0/8", "neighbor-unresolved"));
	until(is(8, "11.0.0.0/8", "action-unsupported"));
	send_vrf(ZEBRA_VRF_DELETE, 7, "");
	until(is(7, "11.0.0.0/8", "withdrawn"));
	until(is(7, "127.0.0.0/8", "withdrawn"));
	assert_true(is(0, "11.0.0.0/8", "neighbor-unresolved"));
	assert_int_equal(malformed(), 0);
}

static void test_guards(void **state)
{
	connect_both();
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "192.0.2.9/24");
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "2001:db8::9/64");
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "fe80::9/64");
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "198.51.100.1/31");
	until(is(0, "198.51.100.1/32", "local"));
	assert_true(is(0, "192.0.2.9/32", "local"));
	assert_true(is(0, "192.0.2.255/32", "local"));
	assert_true(is(0, "2001:db8::9/128", "local"));
	assert_true(is(0, "fe80::9/128", "absent"));
	send_address(ZEBRA_INTERFACE_ADDRESS_DELETE, 3, "192.0.2.9/24");
	until(is(0, "192.0.2.9/32", "withdrawn"));
	assert_true(is(0, "192.0.2.255/32", "withdrawn"));

	/* A route for one source guards what it cannot be. */
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "2001:db8:5::/48", NULL,
		   NULL, 0);
	until(is(0, "2001:db8:5::/48", "none"));
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "2001:db8:5::/48",
		   "2001:db8:6::/48", NULL, 0);
	until(is(0, "2001:db8:5::/48", "reserved"));
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_DEL, 0, "2001:db8:5::/48",
		   "2001:db8:6::/48", NULL, 0);
	until(is(0, "2001:db8:5::/48", "none"));
}

static void test_nonsense(void **state)
{
	connect_both();
	stream_reset(s);
	zclient_create_header(s, ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0);
	stream_putl(s, 0xffffffff);
	send_stream(BULK);
	stream_reset(s);
	zclient_create_header(s, ZEBRA_NEXTHOP_UPDATE, 0);
	stream_putl(s, 0xffffffff);
	send_stream(CTL);
	until(malformed() == 2);
	/* The conversation goes on. */
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "10.0.0.0/8", NULL, NULL,
		   0);
	until(is(0, "10.0.0.0/8", "none"));

	/* This is no ZAPI at all: it is ended, and begun anew. */
	assert_int_equal(write(peer[BULK], "HTTP/1.1 400 Bad Request", 24), 24);
	until(malformed() == 3);
	close(peer[BULK]);
	peer[BULK] = -1;
	until(peer[BULK] >= 0);
	assert_true(is(0, "10.0.0.0/8", "none"));
}

static void test_zebra_comes_back(void **state)
{
	connect_both();
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "192.0.2.9/32");
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "192.0.2.10/32");
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "10.0.0.0/8", NULL, NULL,
		   0);
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "11.0.0.0/8", NULL,
		   "198.51.100.7", 0);
	send_vrf(ZEBRA_VRF_ADD, 7, "");
	until(asked[CTL][ZEBRA_NEXTHOP_REGISTER] == 1);
	assert_true(is(0, "11.0.0.0/8", "nexthop-unresolved"));
	send_nht("198.51.100.7/32", 3);
	until(is(0, "11.0.0.0/8", "neighbor-unresolved"));
	until(settled == 1);

	zebra_close();
	until(peer[CTL] >= 0 && peer[BULK] >= 0);
	assert_true(is(0, "10.0.0.0/8", "none"));
	until(asked[CTL][ZEBRA_NEXTHOP_REGISTER] == 1);
	send_vrf(ZEBRA_VRF_ADD, 0, "");
	send_address(ZEBRA_INTERFACE_ADDRESS_ADD, 3, "192.0.2.9/32");
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "11.0.0.0/8", NULL,
		   "198.51.100.7", 0);
	until(settled == 2);
	assert_true(is(0, "10.0.0.0/8", "stale"));
	assert_true(is(0, "11.0.0.0/8", "neighbor-unresolved"));
	assert_true(is(0, "192.0.2.9/32", "local"));
	assert_true(is(0, "192.0.2.10/32", "withdrawn"));
	assert_true(is(0, "127.0.0.0/8", "reserved"));
	assert_true(is(7, "127.0.0.0/8", "withdrawn"));
	/* No longer wanted: not tracked any more. */
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_DEL, 0, "11.0.0.0/8", NULL, NULL,
		   0);
	until(asked[CTL][ZEBRA_NEXTHOP_UNREGISTER] == 1);
}

static enum ofl_feed_state feed_state(void)
{
	struct ofl_zapi_stats st;

	ofl_zapi_stats(zapi, &st);
	assert_int_equal(st.connected, st.state == OFL_FEED_SYNCING ||
					       st.state == OFL_FEED_SETTLED);
	assert_int_equal(st.settled, st.state == OFL_FEED_SETTLED);
	return st.state;
}

static bool is_late(void)
{
	struct ofl_zapi_stats st;

	ofl_zapi_stats(zapi, &st);
	return st.late;
}

static const char *nth_prefix(unsigned int i)
{
	static char buf[32];

	snprintf(buf, sizeof(buf), "10.%u.0.0/16", i);
	return buf;
}

static void send_nth(unsigned int i)
{
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, nth_prefix(i), NULL, NULL,
		   0);
}

/* Longer than a loaded machine pauses. */
static const struct ofl_zapi_conf patient = {.settle_ms = 2000,
					     .settle_max_ms = 2000};

/* It takes longer than the longest time: nothing it has yet to name is swept.
 * Once it only repeats itself, it is complete although never quiet. */
static void test_slow_zebra_is_heard_out(void **state)
{
	unsigned int sent = 0, repeated = 0;

	assert_int_equal(feed_state(), OFL_FEED_CONNECTING);
	connect_both();
	assert_int_equal(feed_state(), OFL_FEED_SYNCING);
	for (unsigned int i = 0; i < 200; i++)
		send_nth(i);
	until(settled == 1);
	assert_int_equal(feed_state(), OFL_FEED_SETTLED);
	ofl_zapi_conf_set(zapi, &patient);
	zebra_close();
	until(feed_state() == OFL_FEED_LOST);
	until(peer[CTL] >= 0 && peer[BULK] >= 0);
	assert_int_equal(feed_state(), OFL_FEED_SYNCING);
	send_vrf(ZEBRA_VRF_ADD, 0, "");
	assert_false(is_late());
	while (!is_late() || sent < 50) {
		assert_true(sent < 190);
		send_nth(sent++);
		for (int i = 0; i < 10; i++)
			turn();
		assert_int_equal(settled, 1);
	}
	for (unsigned int i = 0; i < 20; i++) {
		send_nth(sent++);
		turn();
		turn();
	}
	assert_int_equal(settled, 1);
	assert_true(is(0, nth_prefix(sent), "none"));
	while (settled == 1) {
		assert_true(repeated++ < 3000);
		send_nth(0);
		for (int i = 0; i < 10; i++)
			turn();
	}
	assert_true(is(0, nth_prefix(sent - 1), "none"));
	assert_true(is(0, nth_prefix(sent), "stale"));
}

/* It goes again before it was heard out: nothing is swept in between. */
static void test_zebra_dies_in_the_middle(void **state)
{
	struct ofl_rib_stats st;

	connect_both();
	for (unsigned int i = 0; i < 20; i++)
		send_nth(i);
	until(settled == 1);
	ofl_zapi_conf_set(zapi, &patient);
	for (unsigned int round = 0; round < 3; round++) {
		zebra_close();
		/* Everything is to be announced again from now on. */
		until((ofl_rib_stats(rib, &st), st.sync_again) == 0 &&
		      st.sync_total == 20 && feed_state() == OFL_FEED_LOST);
		until(peer[CTL] >= 0 && peer[BULK] >= 0);
		assert_int_equal(feed_state(), OFL_FEED_SYNCING);
		send_vrf(ZEBRA_VRF_ADD, 0, "");
		for (unsigned int i = 0; i < 5; i++)
			send_nth(i + round);
		until((ofl_rib_stats(rib, &st), st.sync_again) == 5);
		assert_int_equal(st.sync_total, 20);
		assert_int_equal(settled, 1);
	}
	assert_true(is(0, nth_prefix(19), "none"));
	until(settled == 2);
	assert_true(is(0, nth_prefix(2), "none"));
	assert_true(is(0, nth_prefix(1), "stale"));
	assert_true(is(0, nth_prefix(19), "stale"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_routes_and_vrfs),
		T(test_guards),
		T(test_nonsense),
		T(test_zebra_comes_back),
		T(test_slow_zebra_is_heard_out),
		T(test_zebra_dies_in_the_middle),
	};
	int failed;

	loop = ofl_loop_new(NULL);
	vrf_init(NULL, NULL, NULL, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	vrf_terminate();
	ofl_loop_free(loop);
	return failed;
}
