// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A source of routes for benches, tests and demonstrations: announces many
 * prefixes to a zebra over its own protocol, as a routing daemon would, and
 * says how long it took.  What zebra and its other clients make of them is
 * for others to measure.
 *
 * Prefixes come from prefixgen.c or from a file.  zebra removes the routes of
 * a client that leaves, so the feeder stays until told to go.
 *
 * Neighbours: feeder_options.c reads the command line; run.py and the
 * demonstration start it.
 */
#include <zebra.h>

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "libfrr.h"
#include "nexthop.h"
#include "prefix.h"
#include "sigevent.h"
#include "vrf.h"
#include "zclient.h"

#include "bench/feeder_churn.h"
#include "bench/feeder_options.h"
#include "bench/prefixgen.h"
#include "lib/clock.h"
#include "offloadd/base/frr_compat.h"

/* Messages sent in one go before signals are looked at. */
#define BATCH 2000
#define CHECK_MS 200
#define DRAIN_MS 2
#define CHURN_MS 10

static struct ofl_feeder_options opt;

static struct ofl_loop *master;
static struct zclient *zc;
static struct ofl_ev *t_work, *t_check, *t_hold, *t_drain, *t_churn;
static struct zapi_route route; /* 89 kB: filled once, then only its prefix */

static struct {
	enum {
		CONNECTING,
		ADDING,
		TO_CHURN,
		CHURNING,
		HOLDING,
		WITHDRAWING,
		DONE
	} phase;
	size_t next;
	size_t sent[2]; /* IPv4, IPv6, in this phase */
	uint64_t start_us;
	int exit_code;
} run;

static struct ofl_feeder_churn churn;
static uint64_t churned; /* changes sent */

/* --- what it says --- */

static void report(const char *event)
{
	uint64_t end_us = ofl_clock_mono_us();
	double seconds = (double)(end_us - run.start_us) / 1e6;
	size_t n = run.sent[0] + run.sent[1];

	printf("{\"event\": \"%s\", \"routes\": %zu, \"ipv4\": %zu, "
	       "\"ipv6\": %zu, \"skipped\": %zu, \"startUs\": %" PRIu64
	       ", \"endUs\": %" PRIu64
	       ", \"seconds\": %.6f, \"routesPerSecond\": %.0f}\n",
	       event, n, run.sent[0], run.sent[1], opt.skipped, run.start_us,
	       end_us, seconds, seconds > 0 ? (double)n / seconds : 0.0);
	fflush(stdout);
}

static void stop(int exit_code)
{
	run.phase = DONE;
	run.exit_code = exit_code;
}

static void lost_zebra(void)
{
	fprintf(stderr, "feeder: zebra closed the connection\n");
	stop(1);
}

/* --- routes --- */

/* Two thirds of the next hops go by the /12 (IPv6: /28) a prefix lies in, so
 * that a prefix and its cover share one about as often as in real tables. */
static size_t choose_nexthop(const struct ofl_prefix *p)
{
	uint64_t hash = 0xcbf29ce484222325ULL ^ opt.seed;
	unsigned int bits = p->family == AF_INET ? 12 : 28;
	struct ofl_prefix area = ofl_prefix_make(
		p->family, p->addr, p->plen < bits ? p->plen : bits);

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 16; i++)
			hash = (hash ^ p->addr[i]) * 0x100000001b3ULL;
		hash = (hash ^ p->plen) * 0x100000001b3ULL;
		if (round == 1 || (hash >> 32) % 100 >= 65)
			break;
		p = &area;
		hash = 0xcbf29ce484222325ULL ^ opt.seed;
	}
	return (hash >> 32) % opt.nexthop_count[p->family == AF_INET6];
}

static void set_nexthop(const struct ofl_feeder_nexthop *nh, uint8_t family)
{
	struct zapi_nexthop *z = &route.nexthops[0];

	memset(z, 0, sizeof(*z));
	z->vrf_id = VRF_DEFAULT;
	z->ifindex = nh->ifindex;
	route.nexthop_num = 1;
	if (nh->blackhole) {
		z->type = NEXTHOP_TYPE_BLACKHOLE;
		z->bh_type = BLACKHOLE_NULL;
	} else if (family == AF_INET) {
		memcpy(&z->gate.ipv4, nh->gateway, 4);
		z->type = nh->ifindex ? NEXTHOP_TYPE_IPV4_IFINDEX
				      : NEXTHOP_TYPE_IPV4;
	} else {
		memcpy(&z->gate.ipv6, nh->gateway, 16);
		z->type = nh->ifindex ? NEXTHOP_TYPE_IPV6_IFINDEX
				      : NEXTHOP_TYPE_IPV6;
	}
}

static void init_route(void)
{
	route.type = opt.type;
	route.instance = opt.instance;
	route.safi = SAFI_UNICAST;
	route.vrf_id = VRF_DEFAULT;
	if (opt.tag) {
		route.tag = opt.tag;
		SET_FLAG(route.message, ZAPI_MESSAGE_TAG);
	}
	if (opt.distance) {
		route.distance = opt.distance;
		SET_FLAG(route.message, ZAPI_MESSAGE_DISTANCE);
	}
	if (opt.metric) {
		route.metric = opt.metric;
		SET_FLAG(route.message, ZAPI_MESSAGE_METRIC);
	}
	if (opt.recursive)
		SET_FLAG(route.flags, ZEBRA_FLAG_ALLOW_RECURSION);
}

/* `turn`: which next hop after the first one of this prefix. */
static enum zclient_send_status send_one(const struct ofl_prefix *p, bool add,
					 unsigned int turn)
{
	bool v6 = p->family == AF_INET6;
	size_t nh = 0;

	route.prefix.family = p->family;
	route.prefix.prefixlen = p->plen;
	memset(&route.prefix.u, 0, sizeof(route.prefix.u));
	memcpy(&route.prefix.u, p->addr, v6 ? 16 : 4);
	if (add) {
		SET_FLAG(route.message, ZAPI_MESSAGE_NEXTHOP);
		nh = (choose_nexthop(p) + turn) % opt.nexthop_count[v6];
		set_nexthop(&opt.nexthops[v6][nh], p->family);
	} else {
		UNSET_FLAG(route.message, ZAPI_MESSAGE_NEXTHOP);
	}
	run.sent[v6]++;
	return zclient_route_send(add ? ZEBRA_ROUTE_ADD : ZEBRA_ROUTE_DELETE,
				  zc, &route);
}

/* --- phases --- */

static void work(struct ofl_ev *ev);

static void begin(int phase)
{
	run.phase = phase;
	run.next = 0;
	run.sent[0] = run.sent[1] = 0;
	run.start_us = ofl_clock_mono_us();
	ofl_ev_soon(master, work, NULL, &t_work);
}

/* The time to stay is over, or a signal came. */
static void leave(void)
{
	if (run.phase == HOLDING && opt.withdraw) {
		ofl_ev_off(t_hold);
		begin(WITHDRAWING);
	} else {
		stop(run.phase == HOLDING ? 0 : 130);
	}
}

static void hold_over(struct ofl_ev *ev)
{
	leave();
}

static void hold(void)
{
	run.phase = HOLDING;
	if (opt.hold_ms >= 0)
		ofl_ev_timer_ms(master, hold_over, NULL, opt.hold_ms, &t_hold);
}

/* What is gone comes back, so that all routes are there at the end. */
static void churn_end(void)
{
	size_t i;

	while (ofl_feeder_churn_back(&churn, &i)) {
		send_one(&opt.prefixes[i], true, churn.turn[i]);
		churned++;
	}
	ofl_feeder_churn_fini(&churn);
	run.sent[0] = churned;
	run.sent[1] = 0;
	report("churned");
	hold();
}

/* As many as are due by now; what zebra does not take waits in our buffer. */
static void churn_step(struct ofl_ev *ev)
{
	uint64_t us = ofl_clock_mono_us() - run.start_us;
	uint64_t due = us * opt.churn_per_s / 1000000;
	size_t i;

	if (us >= opt.churn_s * 1000000ull) {
		churn_end();
		return;
	}
	for (; churned < due; churned++) {
		bool add = ofl_feeder_churn_next(&churn, &i);

		if (send_one(&opt.prefixes[i], add, churn.turn[i]) ==
		    ZCLIENT_SEND_FAILURE) {
			lost_zebra();
			return;
		}
	}
	ofl_ev_timer_ms(master, churn_step, NULL, CHURN_MS, &t_churn);
}

static void churn_begin(void)
{
	run.phase = CHURNING;
	run.start_us = ofl_clock_mono_us();
	ofl_feeder_churn_init(&churn, opt.prefix_count,
			      MIN(opt.churn_flap, opt.prefix_count), opt.seed);
	churn_step(NULL);
}

/* Everything was sent: wait until zebra read it, too. */
static void sent_all(struct ofl_ev *ev)
{
	int unread = 0;

	if (ioctl(zc->sock, SIOCOUTQ, &unread) == 0 && unread > 0) {
		ofl_ev_timer_ms(master, sent_all, NULL, DRAIN_MS, &t_drain);
		return;
	}
	if (run.phase == ADDING) {
		report("announced");
		if (opt.churn_per_s && opt.churn_wait)
			run.phase = TO_CHURN;
		else if (opt.churn_per_s && opt.prefix_count)
			churn_begin();
		else
			hold();
	} else if (run.phase == WITHDRAWING) {
		report("withdrawn");
		stop(0);
	}
}

/* Send until the socket is full; buffer_ready() goes on then. */
static void work(struct ofl_ev *ev)
{
	enum zclient_send_status status = ZCLIENT_SEND_SUCCESS;

	for (int i = 0; i < BATCH && run.next < opt.prefix_count; i++) {
		status = send_one(&opt.prefixes[run.next++],
				  run.phase == ADDING, 0);
		if (status == ZCLIENT_SEND_FAILURE) {
			lost_zebra();
			return;
		}
		if (status == ZCLIENT_SEND_BUFFERED)
			return;
	}
	if (run.next < opt.prefix_count)
		ofl_ev_soon(master, work, NULL, &t_work);
	else
		ofl_ev_soon(master, sent_all, NULL, &t_drain);
}

static void buffer_ready(void)
{
	if (run.phase != ADDING && run.phase != WITHDRAWING)
		return;
	if (run.next < opt.prefix_count)
		ofl_ev_soon(master, work, NULL, &t_work);
	else
		ofl_ev_soon(master, sent_all, NULL, &t_drain);
}

/* --- the connection --- */

static void connected(struct zclient *client)
{
	if (run.phase == CONNECTING)
		begin(ADDING);
}

/* libfrr would try again every ten seconds; a bench wants to know. */
static void check(struct ofl_ev *ev)
{
	if (zc->sock < 0 && run.phase == CONNECTING) {
		fprintf(stderr,
			"feeder: no zebra listens on %s (is it running, and "
			"may this user write there?)\n",
			opt.socket);
		stop(1);
	} else if (zc->sock < 0 && run.phase != DONE) {
		lost_zebra();
	} else {
		ofl_ev_timer_ms(master, check, NULL, CHECK_MS, &t_check);
	}
}

static void on_churn_signal(void)
{
	if (run.phase == TO_CHURN && opt.prefix_count)
		churn_begin();
}

static struct frr_signal_t signals[] = {
	{.signal = SIGUSR1, .handler = on_churn_signal},
	{.signal = SIGINT, .handler = leave},
	{.signal = SIGTERM, .handler = leave},
};

static int feed(void)
{
	master = ofl_loop_new(NULL);
	signal_init(master, array_size(signals), signals);
	vrf_init(NULL, NULL, NULL, NULL);
	if (!frr_zclient_addr(&zclient_addr, &zclient_addr_len, opt.socket)) {
		fprintf(stderr, "feeder: --socket %s: not a socket path\n",
			opt.socket);
		return 2;
	}
	init_route();
	zc = zclient_new(master, &zclient_options_default, NULL, 0);
	zclient_init(zc, opt.type, opt.instance, NULL);
	zc->zebra_connected = connected;
	zc->zebra_buffer_write_ready = buffer_ready;
	ofl_ev_timer_ms(master, check, NULL, CHECK_MS, &t_check);

	while (run.phase != DONE)
		ofl_loop_turn(master);

	zclient_stop(zc);
	zclient_free(zc);
	vrf_terminate();
	ofl_loop_free(master);
	return run.exit_code;
}

static int print_prefixes(void)
{
	char buf[OFL_PREFIX_STRLEN];

	for (size_t i = 0; i < opt.prefix_count; i++)
		puts(ofl_prefix_print(&opt.prefixes[i], buf, sizeof(buf)));
	if (fflush(stdout) != 0) {
		fprintf(stderr, "feeder: cannot write: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int ret;

	if (!ofl_feeder_options_parse(&opt, argc, argv, &ret))
		return ret;
	ret = opt.print ? print_prefixes() : feed();
	ofl_feeder_options_fini(&opt);
	return ret;
}
