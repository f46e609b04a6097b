// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The FPM session against a zebra of this test's own: two sessions over ZAPI
 * and the third over TCP, what becomes of routes, what is asked for when one
 * of them goes, and what is written back.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/base/names.h"
#include "offloadd/source/fpm.h"

#include "tests/unit/fpm_fixture.h"
#include "tests/unit/zebra_fixture.h"

static struct ofl_loop *loop;
static struct ofl_flowtab *flows;
static struct ofl_rib *rib;
static struct ofl_feed *feed;
static unsigned int settled, ups, drains;
static struct ofl_ev *t_tick;
static int session = -1; /* zebra's side */
static uint16_t port;

static void on_settled(void *arg)
{
	settled++;
}

static void on_up(struct ofl_fpm *f, void *arg)
{
	assert_ptr_equal(f, ofl_feed_fpm(feed));
	ups++;
}

static void on_drained(struct ofl_fpm *f, void *arg)
{
	drains++;
}

static const struct ofl_fpm_events events = {.up = on_up,
					     .drained = on_drained};

static struct ofl_feed_conf conf_of(enum ofl_feed_kind kind)
{
	return (struct ofl_feed_conf){
		.kind = kind,
		.settle_ms = 300,
		.settle_max_ms = 900,
		.fpm_family = AF_INET,
		.fpm_addr = {127, 0, 0, 1},
		.fpm_port = port,
	};
}

/* A port nobody listens at. */
static uint16_t free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static int setup(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct ofl_feed_conf conf;

	s = stream_new(65535);
	route = calloc(1, sizeof(*route));
	settled = ups = drains = 0;
	port = free_port();
	conf = conf_of(OFL_FEED_FPM);
	ofl_action_init();
	zebra_open();
	flows = ofl_flowtab_new(1);
	rib = ofl_rib_new(flows, NULL, NULL);
	for (uint32_t i = 3; i < 5; i++) {
		ofl_rib_link_set(rib, i, true);
		for (uint8_t j = 1; j < 4; j++)
			ofl_rib_neigh_set(rib, i, AF_INET,
					  (uint8_t[16]){192, 0, 2, j}, mac);
	}
	feed = ofl_feed_new(loop, NULL, rib, &conf, on_settled, NULL);
	ofl_feed_set_fpm_events(feed, &events, NULL);
	return 0;
}

static int teardown(void **state)
{
	if (t_tick)
		ofl_ev_off(t_tick);
	ofl_feed_free(feed);
	feed = NULL;
	ofl_rib_free(rib);
	ofl_flowtab_free(flows);
	assert_int_equal(ofl_action_count(), 0);
	ofl_action_fini();
	zebra_close();
	close(listener);
	if (session >= 0)
		close(session);
	session = -1;
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
		uint64_t end_us_ = ofl_clock_mono_us() + 60000000;             \
		while (!(condition) && ofl_clock_mono_us() < end_us_)          \
			turn();                                                \
		assert_true(condition);                                        \
	} while (0)

static struct ofl_feed_stats stats(void)
{
	struct ofl_feed_stats st;

	ofl_feed_stats(feed, &st);
	return st;
}

static struct ofl_flow *flow(const char *prefix)
{
	struct ofl_key k = {0};
	struct ofl_flow *f;

	assert_true(ofl_prefix_parse(prefix, false, &k.p));
	f = ofl_flowtab_find(flows, &k);
	return f && !f->withdrawn ? f : NULL;
}

/* The last byte of the only next hop's gateway; 0: none. */
static unsigned int leads(const char *prefix)
{
	const struct ofl_flow *f = flow(prefix);

	return f && f->action && f->action->nh_count == 1
		       ? f->action->nh[0].gw[3]
		       : 0;
}

/* --- zebra's third session --- */

static void zapi_up(void)
{
	until(peer[CTL] >= 0 && peer[BULK] >= 0);
	send_vrf_table(ZEBRA_VRF_ADD, 0, "", RT_TABLE_MAIN);
	until(stats().fpm.listening);
}

static int fpm_connect(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t connects = stats().fpm.connects;

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	until(stats().fpm.connects == connects + 1);
	return fd;
}

static void fpm_write(void)
{
	size_t len = frame_end();

	assert_int_equal(write(session, frame, len), len);
	frame_begin();
}

static void fpm_close(void)
{
	close(session);
	session = -1;
}

static bool is_closed(int fd)
{
	char c;

	return !recv(fd, &c, 1, MSG_DONTWAIT) || errno == ECONNRESET;
}

/* Connected, with two numbers and a route by each. */
static void all_up(void)
{
	zapi_up();
	session = fpm_connect();
	frame_begin();
	put_single(1, "192.0.2.1", 3);
	fpm_write();
	put_single(2, "192.0.2.2", 3);
	fpm_write();
	put_route_by(RTM_NEWROUTE, "10.1.0.0/16", 1);
	fpm_write();
	put_route_by(RTM_NEWROUTE, "10.2.0.0/16", 2);
	fpm_write();
	until(leads("10.1.0.0/16") == 1 && leads("10.2.0.0/16") == 2);
}

/* --- tests --- */

static void test_nobody_listens_before_vrfs_are_known(void **state)
{
	until(peer[CTL] >= 0 && peer[BULK] >= 0);
	for (int i = 0; i < 20; i++)
		turn();
	assert_false(stats().fpm.listening);
	zapi_up();
	/* Only what FPM does not tell is redistributed. */
	until(asked[BULK][ZEBRA_REDISTRIBUTE_ADD] >= 4);
	assert_false(stats().connected);
	session = fpm_connect();
	assert_true(stats().connected);
	until(ups == 1);
}

static void test_routes(void **state)
{
	all_up();
	assert_int_equal(flow("10.1.0.0/16")->facts.distance,
			 OFL_DISTANCE_UNKNOWN);
	assert_string_equal(ofl_proto_name(flow("10.1.0.0/16")->facts.proto),
			    "static");
	until(settled == 1);
	assert_int_equal(stats().state, OFL_FEED_SETTLED);
	/* What a number leads to changes: so do its routes. */
	put_single(1, "192.0.2.3", 3);
	fpm_write();
	until(leads("10.1.0.0/16") == 3);
	put_route_by(RTM_DELROUTE, "10.2.0.0/16", 0);
	fpm_write();
	until(!flow("10.2.0.0/16"));
	/* Of a table nobody has, and of nobody's blocks. */
	put_route(RTM_NEWROUTE, "10.3.0.0/16", 77, RTPROT_OF_BGP);
	message_end();
	put_route_by(RTM_NEWROUTE, "127.1.0.0/16", 1);
	put_route_by(RTM_NEWROUTE, "10.4.0.0/16", 1);
	fpm_write();
	until(flow("10.4.0.0/16"));
	assert_null(flow("10.3.0.0/16"));
	assert_null(flow("127.1.0.0/16"));
	assert_int_equal(stats().fpm.ignored, 2);
}

/* DEL and NEW in one frame: it is never gone in between, and the guard does
 * not count it. */
static void test_merge(void **state)
{
	const struct ofl_shrink_conf guard = {
		.enabled = true, .percent = 1, .min_routes = 1, .hold_s = 60};
	struct ofl_shrink_stats shrink;
	struct ofl_rib_stats before, after;
	struct ofl_flow *f;

	all_up();
	until(settled == 1);
	ofl_rib_shrink_set(rib, &guard);
	f = flow("10.1.0.0/16");
	ofl_rib_stats(rib, &before);
	put_route_by(RTM_DELROUTE, "10.1.0.0/16", 0);
	put_route_by(RTM_NEWROUTE, "10.1.0.0/16", 2);
	fpm_write();
	until(leads("10.1.0.0/16") == 2);
	assert_ptr_equal(flow("10.1.0.0/16"), f);
	ofl_rib_stats(rib, &after);
	assert_int_equal(after.routes_deleted, before.routes_deleted);
	ofl_rib_shrink_stats(rib, &shrink);
	assert_int_equal(shrink.holds, 0);
	assert_int_equal(stats().fpm.merged, 1);
	/* Two prefixes in a frame are two things. */
	put_route_by(RTM_DELROUTE, "10.1.0.0/16", 0);
	put_route_by(RTM_NEWROUTE, "10.5.0.0/16", 2);
	fpm_write();
	until(flow("10.5.0.0/16"));
	ofl_rib_stats(rib, &after);
	assert_int_equal(after.routes_deleted, before.routes_deleted + 1);
}

/* It becomes a connected one, which ZAPI tells. */
static void test_kernel_route_ends_it(void **state)
{
	all_up();
	put_route(RTM_NEWROUTE, "10.1.0.0/16", RT_TABLE_MAIN, RTPROT_KERNEL);
	mnl_attr_put_u32(last, RTA_NH_ID, 2);
	message_end();
	fpm_write();
	until(!flow("10.1.0.0/16"));
	route_type = ZEBRA_ROUTE_CONNECT;
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "10.1.0.0/16", NULL, NULL,
		   0);
	until(flow("10.1.0.0/16"));
	put_route(RTM_DELROUTE, "10.1.0.0/16", RT_TABLE_MAIN, RTPROT_KERNEL);
	message_end();
	put_route_by(RTM_NEWROUTE, "10.6.0.0/16", 2);
	fpm_write();
	until(flow("10.6.0.0/16"));
	assert_non_null(flow("10.1.0.0/16"));
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_DEL, 0, "10.1.0.0/16", NULL, NULL,
		   0);
	until(!flow("10.1.0.0/16"));
	route_type = ZEBRA_ROUTE_STATIC;
}

/* Its numbers mean something else in the next session: what they meant stays
 * until the routes are said again. */
static void test_session_is_lost(void **state)
{
	unsigned int adds;

	all_up();
	until(settled == 1);
	fpm_close();
	until(stats().state == OFL_FEED_LOST);
	assert_int_equal(leads("10.1.0.0/16"), 1);
	adds = asked[BULK][ZEBRA_REDISTRIBUTE_ADD];
	session = fpm_connect();
	assert_int_equal(stats().state, OFL_FEED_SYNCING);
	until(asked[BULK][ZEBRA_REDISTRIBUTE_ADD] > adds);
	put_single(1, "192.0.2.2", 3); /* the other one before */
	fpm_write();
	put_single(2, "192.0.2.1", 3);
	fpm_write();
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(leads("10.1.0.0/16"), 1);
	assert_int_equal(leads("10.2.0.0/16"), 2);
	put_route_by(RTM_NEWROUTE, "10.1.0.0/16", 2);
	fpm_write();
	until(settled == 2);
	assert_int_equal(leads("10.1.0.0/16"), 1);
	assert_null(flow("10.2.0.0/16"));
}

/* A session that says nothing is no zebra without routes. */
static void test_silent_session_is_waited_for(void **state)
{
	const struct ofl_feed_conf patient = {
		.kind = OFL_FEED_FPM,
		.settle_ms = 100,
		.settle_max_ms = 3600000,
		.fpm_family = AF_INET,
		.fpm_addr = {127, 0, 0, 1},
		.fpm_port = port,
	};
	uint64_t end_us;

	ofl_feed_conf_set(feed, &patient);
	all_up();
	until(settled == 1);
	fpm_close();
	until(stats().state == OFL_FEED_LOST);
	session = fpm_connect();
	end_us = ofl_clock_mono_us() + 500000;
	while (ofl_clock_mono_us() < end_us)
		turn();
	assert_int_equal(settled, 1);
	put_single(1, "192.0.2.1", 3);
	fpm_write();
	until(settled == 2);
	assert_null(flow("10.1.0.0/16"));
}

static void test_zebra_goes(void **state)
{
	all_up();
	until(settled == 1);
	zebra_close();
	until(is_closed(session));
	fpm_close();
	assert_false(stats().fpm.listening);
	assert_int_equal(leads("10.1.0.0/16"), 1);
	all_up();
	assert_int_equal(settled, 1);
}

static void test_resync_by_command(void **state)
{
	assert_false(ofl_feed_resync(feed));
	all_up();
	until(settled == 1);
	assert_true(ofl_feed_resync(feed));
	until(is_closed(session));
	assert_int_equal(leads("10.1.0.0/16"), 1);
	assert_false(ofl_feed_resync(feed));
}

static void test_newer_connection(void **state)
{
	int older;

	all_up();
	until(settled == 1);
	older = session;
	session = fpm_connect();
	until(is_closed(older));
	close(older);
	assert_int_equal(stats().fpm.replaced, 1);
	assert_true(stats().connected);
	assert_int_equal(leads("10.1.0.0/16"), 1);
}

static void test_garbage(void **state)
{
	static const char *const words[] = {
		"\x01\x01\x00\x03",
		"GET / HTTP/1.0\r\n\r\n",
		"\x01\x02\x00\x08wxyz",
		"\x01\x01\x00\x14"
		"1234567890123456",
	};
	static const size_t lens[] = {4, 18, 8, 20};

	all_up();
	until(settled == 1);
	for (size_t i = 0; i < array_size(words); i++) {
		assert_int_equal(write(session, words[i], lens[i]), lens[i]);
		until(is_closed(session));
		assert_int_equal(stats().fpm.malformed, i + 1);
		assert_true(stats().fpm.error[0]);
		fpm_close();
		session = fpm_connect();
		assert_false(stats().fpm.error[0]);
	}
	/* A message that is none is dropped, and the session goes on. */
	frame_begin();
	put_route(RTM_NEWROUTE, "10.7.0.0/16", 254, 196)->rtm_dst_len = 200;
	message_end();
	put_single(1, "192.0.2.1", 3);
	put_route_by(RTM_NEWROUTE, "10.7.0.0/16", 1);
	fpm_write();
	until(leads("10.7.0.0/16") == 1);
	assert_int_equal(stats().fpm.malformed, array_size(words) + 1);
}

/* A table whose VRF is told later: zebra is asked to say all again. */
static void test_table_before_its_vrf(void **state)
{
	struct ofl_key k = {.vrf = 5};

	all_up();
	put_route(RTM_NEWROUTE, "10.8.0.0/16", 1005, RTPROT_OF_BGP);
	mnl_attr_put_u32(last, RTA_NH_ID, 1);
	message_end();
	fpm_write();
	until(stats().fpm.ignored == 1);
	send_vrf_table(ZEBRA_VRF_ADD, 6, "", 1006);
	send_vrf_table(ZEBRA_VRF_ADD, 7, "elsewhere", 1005);
	for (int i = 0; i < 20; i++)
		turn();
	assert_false(is_closed(session));
	send_vrf_table(ZEBRA_VRF_ADD, 5, "", 1005);
	until(is_closed(session));
	fpm_close();
	session = fpm_connect();
	put_single(1, "192.0.2.1", 3);
	put_route(RTM_NEWROUTE, "10.8.0.0/16", 1005, RTPROT_OF_BGP);
	mnl_attr_put_u32(last, RTA_NH_ID, 1);
	message_end();
	fpm_write();
	assert_true(ofl_prefix_parse("10.8.0.0/16", false, &k.p));
	until(ofl_flowtab_find(flows, &k));
}

/* --- the other kind --- */

static void test_kind_is_changed(void **state)
{
	struct ofl_feed_conf zapi = conf_of(OFL_FEED_ZAPI);
	struct ofl_feed_conf fpm = conf_of(OFL_FEED_FPM);

	all_up();
	until(settled == 1);
	ofl_feed_conf_set(feed, &zapi);
	assert_null(ofl_feed_fpm(feed));
	until(is_closed(session));
	fpm_close();
	assert_int_equal(stats().state, OFL_FEED_SYNCING);
	assert_int_equal(leads("10.1.0.0/16"), 1);
	/* They are blackholes now: another thing than before. */
	send_route(ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0, "10.1.0.0/16", NULL, NULL,
		   0);
	until(settled == 2);
	assert_non_null(flow("10.1.0.0/16"));
	assert_int_equal(leads("10.1.0.0/16"), 0);
	assert_null(flow("10.2.0.0/16"));
	ofl_feed_conf_set(feed, &fpm);
	until(stats().fpm.listening);
	assert_non_null(flow("10.1.0.0/16"));
	ups = 0;
	session = fpm_connect();
	until(ups == 1);
}

static void test_address_is_in_use(void **state)
{
	struct ofl_feed_conf conf = conf_of(OFL_FEED_FPM);
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	conf.fpm_port = port = free_port();
	a.sin_port = htons(port);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	ofl_feed_conf_set(feed, &conf);
	until(peer[CTL] >= 0 && peer[BULK] >= 0);
	send_vrf_table(ZEBRA_VRF_ADD, 0, "", RT_TABLE_MAIN);
	until(strstr(stats().fpm.error, "cannot listen at 127.0.0.1:"));
	close(fd);
	until(stats().fpm.listening);
	assert_string_equal(stats().fpm.error, "");
}

/* --- writing back --- */

static void test_send(void **state)
{
	struct nlmsghdr *n;
	size_t len, sent = 0;
	uint8_t got[256];
	static uint8_t big[60000], sink[1 << 20];

	assert_false(ofl_fpm_send(ofl_feed_fpm(feed), "x", 1));
	all_up();
	frame_begin();
	put_route_by(RTM_NEWROUTE, "10.1.0.0/16", 0);
	n = last;
	assert_true(ofl_fpm_send(ofl_feed_fpm(feed), n, n->nlmsg_len));
	len = n->nlmsg_len + OFL_FPM_HEADER_BYTES;
	until(recv(session, got, len, MSG_DONTWAIT | MSG_PEEK) == (ssize_t)len);
	assert_int_equal(recv(session, got, len, 0), len);
	assert_memory_equal(got, ((uint8_t[]){1, 1, 0, len}), 4);
	assert_memory_equal(got + 4, n, n->nlmsg_len);
	/* zebra does not read: there is an end to it, and a word when there
	 * is room again. */
	assert_false(ofl_fpm_send(ofl_feed_fpm(feed), big, 65535));
	while (ofl_fpm_send(ofl_feed_fpm(feed), big, sizeof(big))) {
		sent++;
		turn();
		assert_true(sent < 10000);
	}
	assert_true(ofl_fpm_queued_bytes(ofl_feed_fpm(feed)) <= 1 << 20);
	assert_int_equal(drains, 0);
	assert_int_equal(stats().fpm.refused_messages, 1);
	while (!drains) {
		recv(session, sink, sizeof(sink), MSG_DONTWAIT);
		turn();
	}
	assert_true(ofl_fpm_send(ofl_feed_fpm(feed), big, sizeof(big)));
	/* Another session begins with nothing. */
	fpm_close();
	until(stats().state == OFL_FEED_LOST);
	assert_false(ofl_fpm_send(ofl_feed_fpm(feed), "x", 1));
	session = fpm_connect();
	assert_int_equal(ofl_fpm_queued_bytes(ofl_feed_fpm(feed)), 0);
	until(ups == 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nobody_listens_before_vrfs_are_known),
		T(test_routes),
		T(test_merge),
		T(test_kernel_route_ends_it),
		T(test_session_is_lost),
		T(test_silent_session_is_waited_for),
		T(test_zebra_goes),
		T(test_resync_by_command),
		T(test_newer_connection),
		T(test_garbage),
		T(test_table_before_its_vrf),
		T(test_kind_is_changed),
		T(test_address_is_in_use),
		T(test_send),
	};
	int failed;

	loop = ofl_loop_new(NULL);
	vrf_init(NULL, NULL, NULL, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	vrf_terminate();
	ofl_loop_free(loop);
	return failed;
}
