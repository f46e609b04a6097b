// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ZAPI feed against a zebra of this test's own, behind an abstract
 * socket: what is asked for, what is made of the answers, and what is left
 * when zebra goes and comes back.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/source/feed.h"

#include "tests/unit/zebra_fixture.h"

static struct ofl_loop *loop;
static struct ofl_flowtab *flows;
static struct ofl_rib *rib;
static struct ofl_feed *feed;
static unsigned int settled;
static struct ofl_ev *t_tick;

/* --- our side --- */

static void on_settled(void *arg)
{
	settled++;
}

static void on_nht(void *arg, uint32_t vrf, uint8_t family, const uint8_t *gw,
		   bool on)
{
	ofl_feed_nht_register(feed, vrf, family, gw, on);
}

static int setup(void **state)
{
	static const struct ofl_rib_ops ops = {.nht_register = on_nht};
	const struct ofl_feed_conf conf = {.settle_ms = 300,
					   .settle_max_ms = 900};

	s = stream_new(65535);
	route = calloc(1, sizeof(*route));
	settled = 0;
	ofl_action_init();
	zebra_open();
	flows = ofl_flowtab_new(1);
	rib = ofl_rib_new(flows, &ops, NULL);
	ofl_rib_link_set(rib, 3, true);
	feed = ofl_feed_new(loop, NULL, rib, &conf, on_settled, NULL);
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
	struct ofl_feed_stats st;

	ofl_feed_stats(feed, &st);
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
	struct ofl_feed_stats st;

	ofl_feed_stats(feed, &st);
	assert_int_equal(st.connected, st.state == OFL_FEED_SYNCING ||
					       st.state == OFL_FEED_SETTLED);
	assert_int_equal(st.settled, st.state == OFL_FEED_SETTLED);
	return st.state;
}

static bool is_late(void)
{
	struct ofl_feed_stats st;

	ofl_feed_stats(feed, &st);
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
static const struct ofl_feed_conf patient = {.settle_ms = 2000,
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
	ofl_feed_conf_set(feed, &patient);
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
	ofl_feed_conf_set(feed, &patient);
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
