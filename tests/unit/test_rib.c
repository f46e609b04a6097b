// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mirror of the RIB against a real flow table: what a route waits for,
 * and every event that changes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "offloadd/source/source.h"

#define TRACKED_MAX 16

struct tracked {
	uint32_t vrf;
	uint8_t family;
	uint8_t gw[16];
};

struct fixture {
	struct ofl_flowtab *flows;
	struct ofl_rib *rib;
	struct tracked tracked[TRACKED_MAX];
	size_t tracked_count;
	unsigned int registrations, wakes, probe_wakes;
};

static const uint8_t mac_a[6] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[6] = {2, 0, 0, 0, 0, 0xb};

/* --- fixture --- */

static void on_nht(void *arg, uint32_t vrf, uint8_t family, const uint8_t *gw,
		   bool on)
{
	struct fixture *fx = arg;
	size_t i;

	for (i = 0; i < fx->tracked_count; i++)
		if (fx->tracked[i].vrf == vrf &&
		    fx->tracked[i].family == family &&
		    !memcmp(fx->tracked[i].gw, gw, 16))
			break;
	if (on) {
		assert_int_equal(i, fx->tracked_count); /* once each */
		assert_true(i < TRACKED_MAX);
		fx->tracked[i].vrf = vrf;
		fx->tracked[i].family = family;
		memcpy(fx->tracked[i].gw, gw, 16);
		fx->tracked_count++;
		fx->registrations++;
	} else {
		assert_true(i < fx->tracked_count);
		fx->tracked[i] = fx->tracked[--fx->tracked_count];
	}
}

static void on_wake(void *arg)
{
	((struct fixture *)arg)->wakes++;
}

static void on_probe_wake(void *arg)
{
	((struct fixture *)arg)->probe_wakes++;
}

static int setup(void **state)
{
	static const struct ofl_rib_ops ops = {.nht_register = on_nht};
	static struct fixture fx;

	memset(&fx, 0, sizeof(fx));
	ofl_action_init();
	fx.flows = ofl_flowtab_new(1);
	fx.rib = ofl_rib_new(fx.flows, &ops, &fx);
	ofl_rib_set_wake(fx.rib, on_wake, &fx);
	ofl_rib_set_probe_wake(fx.rib, on_probe_wake, &fx);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	ofl_rib_free(fx->rib);
	ofl_flowtab_free(fx->flows);
	assert_int_equal(ofl_action_count(), 0);
	ofl_action_fini();
	return 0;
}

/* --- short words --- */

static struct ofl_key key_of(uint32_t vrf, const char *text)
{
	struct ofl_key k = {.vrf = vrf};

	assert_true(ofl_prefix_parse(text, false, &k.p));
	return k;
}

static void addr_of(const char *text, uint8_t *ret_family, uint8_t *ret)
{
	memset(ret, 0, 16);
	*ret_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(*ret_family, text, ret), 1);
}

static struct ofl_rawnh hop(enum ofl_rawnh_kind kind, const char *gw,
			    uint32_t ifindex)
{
	struct ofl_rawnh nh = {.kind = kind, .ifindex = ifindex};

	if (gw)
		addr_of(gw, &nh.family, nh.gw);
	return nh;
}

static struct ofl_rawnh via(const char *gw, uint32_t ifindex)
{
	return hop(OFL_RAWNH_GATEWAY, gw, ifindex);
}

static struct ofl_rawnh recursive(const char *gw)
{
	return hop(OFL_RAWNH_RECURSIVE, gw, 0);
}

static void add(struct fixture *fx, uint32_t vrf, const char *prefix,
		const struct ofl_rawnh *nh, size_t nh_count)
{
	static const struct ofl_facts facts = {.proto = 9, .distance = 20};
	struct ofl_key k = key_of(vrf, prefix);

	ofl_rib_route_add(fx->rib, &k, &facts, nh, nh_count);
}

static void del(struct fixture *fx, uint32_t vrf, const char *prefix)
{
	struct ofl_key k = key_of(vrf, prefix);

	ofl_rib_route_del(fx->rib, &k);
}

static struct ofl_flow *flow(struct fixture *fx, uint32_t vrf,
			     const char *prefix)
{
	struct ofl_key k = key_of(vrf, prefix);

	return ofl_flowtab_find(fx->flows, &k);
}

static void neigh(struct fixture *fx, uint32_t ifindex, const char *addr,
		  const uint8_t *mac)
{
	uint8_t family, a[16];

	addr_of(addr, &family, a);
	ofl_rib_neigh_set(fx->rib, ifindex, family, a, mac);
}

static void nht(struct fixture *fx, uint32_t vrf, const char *gw,
		const struct ofl_rawnh *nh, size_t nh_count)
{
	uint8_t family, a[16];

	addr_of(gw, &family, a);
	ofl_rib_nht_update(fx->rib, vrf, family, a, nh, nh_count);
}

static void work(struct fixture *fx)
{
	unsigned int turns = 0;

	while (ofl_rib_work(fx->rib, 1000))
		assert_true(++turns < 100000);
}

static void sync_end(struct fixture *fx)
{
	unsigned int turns = 0;

	while (ofl_rib_sync_end(fx->rib, 10))
		assert_true(++turns < 100000);
}

static size_t drain(struct fixture *fx)
{
	size_t n = 0;

	while (ofl_flowtab_pop_dirty(fx->flows))
		n++;
	return n;
}

static void expect_wait(struct fixture *fx, uint32_t vrf, const char *prefix,
			enum ofl_reason wait)
{
	struct ofl_flow *f = flow(fx, vrf, prefix);

	assert_non_null(f);
	assert_string_equal(ofl_reason_name(f->wait), ofl_reason_name(wait));
	assert_null(f->action);
}

static const struct ofl_action *expect_ready(struct fixture *fx, uint32_t vrf,
					     const char *prefix)
{
	struct ofl_flow *f = flow(fx, vrf, prefix);

	assert_non_null(f);
	assert_string_equal(ofl_reason_name(f->wait), "none");
	assert_non_null(f->action);
	assert_false(f->withdrawn);
	return f->action;
}

/* A world in which 1 and 2 are up with neighbours, 3 is down, 4 unknown. */
static void world(struct fixture *fx)
{
	ofl_rib_link_set(fx->rib, 1, true);
	ofl_rib_link_set(fx->rib, 2, true);
	ofl_rib_link_set(fx->rib, 3, false);
	neigh(fx, 1, "192.0.2.1", mac_a);
	neigh(fx, 2, "192.0.2.2", mac_b);
	neigh(fx, 3, "192.0.2.3", mac_a);
	neigh(fx, 1, "fe80::1", mac_a);
}

/* --- every reason --- */

struct wait_case {
	const char *name;
	struct ofl_rawnh nh[3];
	size_t nh_count;
	enum ofl_reason wait; /* NONE: ready */
	int kind;
	size_t action_nh;
};

#define GW(gw_, ifindex_)                                                      \
	{                                                                      \
		.kind = OFL_RAWNH_GATEWAY, .family = AF_INET, .gw = gw_,       \
		.ifindex = ifindex_                                            \
	}
#define A1                                                                     \
	{                                                                      \
		192, 0, 2, 1                                                   \
	}
#define A2                                                                     \
	{                                                                      \
		192, 0, 2, 2                                                   \
	}
#define A3                                                                     \
	{                                                                      \
		192, 0, 2, 3                                                   \
	}
#define A9                                                                     \
	{                                                                      \
		192, 0, 2, 9                                                   \
	}
#define KIND(k)                                                                \
	{                                                                      \
		.kind = OFL_RAWNH_##k                                          \
	}
#define LL                                                                     \
	{                                                                      \
		0xfe, 0x80, [15] = 1                                           \
	}

static const struct wait_case wait_cases[] = {
	{"one", {GW(A1, 1)}, 1, OFL_REASON_NONE, OFL_ACTION_FORWARD, 1},
	{"ecmp",
	 {GW(A1, 1), GW(A2, 2)},
	 2,
	 OFL_REASON_NONE,
	 OFL_ACTION_FORWARD,
	 2},
	{"duplicate",
	 {GW(A1, 1), GW(A1, 1)},
	 2,
	 OFL_REASON_NONE,
	 OFL_ACTION_FORWARD,
	 1},
	{"IPv6 next hop",
	 {{.kind = OFL_RAWNH_GATEWAY,
	   .family = AF_INET6,
	   .gw = LL,
	   .ifindex = 1}},
	 1,
	 OFL_REASON_NONE,
	 OFL_ACTION_FORWARD,
	 1},
	{"blackhole",
	 {KIND(BLACKHOLE)},
	 1,
	 OFL_REASON_NONE,
	 OFL_ACTION_BLACKHOLE,
	 0},
	{"reject", {KIND(REJECT)}, 1, OFL_REASON_ACTION_UNSUPPORTED},
	{"blackhole and gateway",
	 {KIND(BLACKHOLE), GW(A1, 1)},
	 2,
	 OFL_REASON_ACTION_UNSUPPORTED},
	{"interface", {KIND(INTERFACE)}, 1, OFL_REASON_CONNECTED},
	{"interface and gateway",
	 {KIND(INTERFACE), GW(A1, 1)},
	 2,
	 OFL_REASON_CONNECTED},
	{"no next hop", {KIND(REJECT)}, 0, OFL_REASON_NEXTHOP_UNRESOLVED},
	{"recursive",
	 {{.kind = OFL_RAWNH_RECURSIVE, .family = AF_INET, .gw = A1}},
	 1,
	 OFL_REASON_NEXTHOP_UNRESOLVED},
	{"neighbour unknown", {GW(A9, 1)}, 1, OFL_REASON_NEIGHBOR_UNRESOLVED},
	{"neighbour of another port",
	 {GW(A1, 2)},
	 1,
	 OFL_REASON_NEIGHBOR_UNRESOLVED},
	{"one of two unknown",
	 {GW(A1, 1), GW(A9, 2)},
	 2,
	 OFL_REASON_NEIGHBOR_UNRESOLVED},
	{"down", {GW(A3, 3)}, 1, OFL_REASON_LINK_DOWN},
	{"absent", {GW(A1, 4)}, 1, OFL_REASON_LINK_DOWN},
	{"down is told before unknown",
	 {GW(A9, 1), GW(A3, 3)},
	 2,
	 OFL_REASON_LINK_DOWN},
	{"labels",
	 {{.kind = OFL_RAWNH_GATEWAY,
	   .family = AF_INET,
	   .gw = A1,
	   .ifindex = 1,
	   .encap = true}},
	 1,
	 OFL_REASON_ENCAP_UNSUPPORTED},
};

static void test_every_reason(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_action *a;

	world(fx);
	for (size_t i = 0; i < sizeof(wait_cases) / sizeof(*wait_cases); i++) {
		const struct wait_case *c = &wait_cases[i];

		print_message("%s\n", c->name);
		add(fx, 0, "10.0.0.0/8", c->nh, c->nh_count);
		if (c->wait) {
			expect_wait(fx, 0, "10.0.0.0/8", c->wait);
			continue;
		}
		a = expect_ready(fx, 0, "10.0.0.0/8");
		assert_int_equal(a->kind, c->kind);
		assert_int_equal(a->nh_count, c->action_nh);
	}
	del(fx, 0, "10.0.0.0/8");
	assert_int_equal(fx->tracked_count, 0);
}

static void test_too_many_nexthops(void **state)
{
	struct fixture *fx = *state;
	static struct ofl_rawnh nh[OFL_RAWNH_MAX + 1];

	world(fx);
	for (size_t i = 0; i <= OFL_RAWNH_MAX; i++)
		nh[i] = via("192.0.2.1", 1);
	add(fx, 0, "10.0.0.0/8", nh, OFL_RAWNH_MAX);
	expect_ready(fx, 0, "10.0.0.0/8");
	add(fx, 0, "10.0.0.0/8", nh, OFL_RAWNH_MAX + 1);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_ACTION_UNSUPPORTED);
}

/* --- events --- */

static void test_action_content(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	const struct ofl_action *a;

	world(fx);
	nh.vrf = 7;
	nh.weight = 3;
	add(fx, 7, "10.0.0.0/8", &nh, 1);
	a = expect_ready(fx, 7, "10.0.0.0/8");
	assert_int_equal(a->nh[0].ifindex, 1);
	assert_int_equal(a->nh[0].vrf, 7);
	assert_int_equal(a->nh[0].weight, 3);
	assert_int_equal(a->nh[0].family, AF_INET);
	assert_memory_equal(a->nh[0].mac, mac_a, 6);
	assert_memory_equal(a->nh[0].gw, nh.gw, 16);
}

static void test_neighbor_comes_changes_goes(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);
	const struct ofl_action *a;

	world(fx);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	drain(fx);
	neigh(fx, 1, "192.0.2.9", mac_a);
	assert_int_equal(fx->wakes, 1);
	work(fx);
	a = expect_ready(fx, 0, "10.0.0.0/8");
	assert_memory_equal(a->nh[0].mac, mac_a, 6);
	assert_int_equal(drain(fx), 1);

	neigh(fx, 1, "192.0.2.9", mac_a); /* a repetition is no event */
	assert_false(ofl_rib_work(fx->rib, 1));
	assert_int_equal(fx->wakes, 1);

	neigh(fx, 1, "192.0.2.9", mac_b);
	work(fx);
	a = expect_ready(fx, 0, "10.0.0.0/8");
	assert_memory_equal(a->nh[0].mac, mac_b, 6);

	neigh(fx, 1, "192.0.2.9", NULL);
	work(fx);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_NEIGHBOR_UNRESOLVED);
	neigh(fx, 1, "192.0.2.77", NULL); /* nobody knows it */
}

static void test_link_flap(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);

	world(fx);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	ofl_rib_link_set(fx->rib, 1, false);
	work(fx);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_LINK_DOWN);
	ofl_rib_link_set(fx->rib, 1, true);
	work(fx);
	expect_ready(fx, 0, "10.0.0.0/8");
	ofl_rib_link_del(fx->rib, 1);
	work(fx);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_LINK_DOWN);

	/* Down and up within a turn: nothing is to be seen of it. */
	ofl_rib_link_set(fx->rib, 1, true);
	work(fx);
	drain(fx);
	ofl_rib_link_set(fx->rib, 1, false);
	ofl_rib_link_set(fx->rib, 1, true);
	work(fx);
	assert_int_equal(drain(fx), 0);
}

static void test_tracking(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh raw = recursive("198.51.100.1");
	struct ofl_rawnh to[2] = {via("192.0.2.1", 1), via("192.0.2.2", 2)};
	struct ofl_rawnh direct = hop(OFL_RAWNH_INTERFACE, NULL, 1);
	struct ofl_rawnh hole = hop(OFL_RAWNH_BLACKHOLE, NULL, 0);
	const struct ofl_action *a;

	world(fx);
	add(fx, 0, "10.0.0.0/8", &raw, 1);
	add(fx, 0, "11.0.0.0/8", &raw, 1);
	assert_int_equal(fx->tracked_count, 1);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_NEXTHOP_UNRESOLVED);

	nht(fx, 0, "198.51.100.1", to, 1);
	work(fx);
	a = expect_ready(fx, 0, "10.0.0.0/8");
	assert_ptr_equal(a, expect_ready(fx, 0, "11.0.0.0/8"));
	assert_memory_equal(a->nh[0].gw, to[0].gw, 16);

	nht(fx, 0, "198.51.100.1", to, 2);
	work(fx);
	assert_int_equal(expect_ready(fx, 0, "10.0.0.0/8")->nh_count, 2);

	/* On the wire itself: its own address is the neighbour. */
	nht(fx, 0, "198.51.100.1", &direct, 1);
	work(fx);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_NEIGHBOR_UNRESOLVED);
	neigh(fx, 1, "198.51.100.1", mac_b);
	work(fx);
	a = expect_ready(fx, 0, "10.0.0.0/8");
	assert_memory_equal(a->nh[0].gw, raw.gw, 16);

	nht(fx, 0, "198.51.100.1", &hole, 1);
	work(fx);
	assert_int_equal(expect_ready(fx, 0, "10.0.0.0/8")->kind,
			 OFL_ACTION_BLACKHOLE);

	to[0].encap = true;
	nht(fx, 0, "198.51.100.1", to, 1);
	work(fx);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_ENCAP_UNSUPPORTED);

	nht(fx, 0, "198.51.100.1", NULL, 0);
	work(fx);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_NEXTHOP_UNRESOLVED);

	/* Not ours: another VRF, another address. */
	nht(fx, 5, "198.51.100.1", to, 1);
	nht(fx, 0, "198.51.100.2", to, 1);
	assert_false(ofl_rib_work(fx->rib, 1));

	del(fx, 0, "10.0.0.0/8");
	assert_int_equal(fx->tracked_count, 1);
	del(fx, 0, "11.0.0.0/8");
	assert_int_equal(fx->tracked_count, 0);
}

/* A route that changes its next hops must not have what both share forgotten
 * and registered anew. */
static void test_shared_gateway_stays_tracked(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh a[2] = {recursive("198.51.100.1"),
				 recursive("198.51.100.2")};

	add(fx, 0, "10.0.0.0/8", a, 1);
	add(fx, 0, "10.0.0.0/8", a, 2);
	add(fx, 0, "10.0.0.0/8", a + 1, 1);
	assert_int_equal(fx->tracked_count, 1);
	assert_int_equal(fx->registrations, 2);
}

static void count_gateway(uint32_t vrf, uint8_t family, const uint8_t *gw,
			  void *arg)
{
	++*(unsigned int *)arg;
}

static void test_tracked_walk(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh a[2] = {recursive("198.51.100.1"),
				 recursive("2001:db8::1")};
	unsigned int n = 0;

	world(fx);
	add(fx, 0, "10.0.0.0/8", a, 2);
	ofl_rib_nht_walk(fx->rib, count_gateway, &n);
	assert_int_equal(n, 2);
}

static void test_facts_change_marks(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	struct ofl_facts facts = {.proto = 9, .metric = 5};
	struct ofl_key k = key_of(0, "10.0.0.0/8");

	world(fx);
	ofl_rib_route_add(fx->rib, &k, &facts, &nh, 1);
	assert_int_equal(drain(fx), 1);
	ofl_rib_route_add(fx->rib, &k, &facts, &nh, 1);
	assert_int_equal(drain(fx), 0);
	facts.tag = 17;
	ofl_rib_route_add(fx->rib, &k, &facts, &nh, 1);
	assert_int_equal(drain(fx), 1);
	assert_int_equal(flow(fx, 0, "10.0.0.0/8")->facts.tag, 17);
}

static void test_withdraw_and_back(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	struct ofl_flow *f;

	world(fx);
	del(fx, 0, "10.0.0.0/8"); /* never seen */
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	del(fx, 0, "10.0.0.0/8");
	del(fx, 0, "10.0.0.0/8"); /* zebra says it twice for connected routes */
	f = flow(fx, 0, "10.0.0.0/8");
	assert_true(f->withdrawn);
	assert_null(f->group);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_WITHDRAWN);
	drain(fx);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	expect_ready(fx, 0, "10.0.0.0/8");
	assert_int_equal(drain(fx), 1);
	del(fx, 0, "10.0.0.0/8");
	drain(fx);
	ofl_flowtab_del(fx->flows, f);
}

/* --- many flows --- */

#define MANY 5000

static struct ofl_key nth(uint32_t vrf, unsigned int i)
{
	uint8_t a[16] = {20, (uint8_t)(i >> 8), (uint8_t)i};
	struct ofl_key k = {.vrf = vrf, .p = ofl_prefix_make(AF_INET, a, 24)};

	return k;
}

static void add_many(struct fixture *fx, uint32_t vrf, unsigned int from,
		     unsigned int to, const struct ofl_rawnh *nh)
{
	static const struct ofl_facts facts = {.proto = 9};

	for (unsigned int i = from; i < to; i++) {
		struct ofl_key k = nth(vrf, i);

		ofl_rib_route_add(fx->rib, &k, &facts, nh, 1);
	}
}

static unsigned int count_ready(struct fixture *fx, uint32_t vrf)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < MANY; i++) {
		struct ofl_key k = nth(vrf, i);
		struct ofl_flow *f = ofl_flowtab_find(fx->flows, &k);

		n += f && f->action;
	}
	return n;
}

static void test_bounded_turns(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);
	struct ofl_rib_stats st;
	unsigned int turns = 0, before, ready = 0;

	world(fx);
	add_many(fx, 0, 0, MANY, &nh);
	ofl_rib_stats(fx->rib, &st);
	assert_int_equal(st.groups, 1);
	drain(fx);
	neigh(fx, 1, "192.0.2.9", mac_a);
	while (ofl_rib_work(fx->rib, 100)) {
		before = ready;
		ready = count_ready(fx, 0);
		assert_true(ready > before);
		assert_true(ready - before <= 100);
		turns++;
		/* In the middle: members leave, come and move; also the very
		 * next one to be served. */
		if (turns == 10) {
			for (unsigned int i = ready; i < ready + 20; i++) {
				struct ofl_key k = nth(0, i);

				ofl_rib_route_del(fx->rib, &k);
			}
			add_many(fx, 0, ready, ready + 20, &nh);
			ready = count_ready(fx, 0);
		}
		if (turns == 20) /* and the answer changes once more */
			neigh(fx, 1, "192.0.2.9", mac_b);
		if (turns == 20)
			break;
	}
	assert_int_equal(turns, 20);
	work(fx);
	assert_int_equal(count_ready(fx, 0), MANY);
	for (unsigned int i = 0; i < MANY; i++) {
		struct ofl_key k = nth(0, i);
		struct ofl_flow *f = ofl_flowtab_find(fx->flows, &k);

		assert_memory_equal(f->action->nh[0].mac, mac_b, 6);
	}
	assert_int_equal(ofl_action_count(), 1);
}

static void test_smallest_budget(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh[2] = {via("192.0.2.9", 1), via("192.0.2.2", 2)};
	unsigned int turns = 0;

	world(fx);
	add(fx, 3, "10.0.0.0/8", nh, 2);
	add(fx, 3, "11.0.0.0/8", nh, 2);
	neigh(fx, 1, "192.0.2.9", mac_a);
	while (ofl_rib_work(fx->rib, 1))
		assert_true(++turns < 10);
	expect_ready(fx, 3, "11.0.0.0/8");
	ofl_rib_vrf_del(fx->rib, 3);
	while (ofl_rib_work(fx->rib, 1))
		assert_true(++turns < 20);
	assert_true(flow(fx, 3, "11.0.0.0/8")->withdrawn);
}

static void test_group_freed_while_work_is_due(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);

	world(fx);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	neigh(fx, 1, "192.0.2.9", mac_a);
	del(fx, 0, "10.0.0.0/8");
	assert_false(ofl_rib_work(fx->rib, 10));
}

/* --- guards --- */

static void test_guard_wins_and_gives_back(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	struct ofl_key k = key_of(0, "203.0.113.1/32");
	struct ofl_flow *f;

	world(fx);
	add(fx, 0, "203.0.113.1/32", &nh, 1);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL); /* says it twice */
	expect_wait(fx, 0, "203.0.113.1/32", OFL_REASON_LOCAL);
	f = flow(fx, 0, "203.0.113.1/32");
	assert_int_equal(f->facts.proto, OFL_PROTO_LOCAL);
	assert_null(f->group);

	ofl_rib_guard_del(fx->rib, &k);
	expect_ready(fx, 0, "203.0.113.1/32");
	assert_int_equal(f->facts.proto, 9);
	ofl_rib_guard_del(fx->rib, &k);

	/* The other way round, and the hidden route changes meanwhile. */
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_RESERVED);
	expect_wait(fx, 0, "203.0.113.1/32", OFL_REASON_RESERVED);
	nh = via("192.0.2.2", 2);
	add(fx, 0, "203.0.113.1/32", &nh, 1);
	expect_wait(fx, 0, "203.0.113.1/32", OFL_REASON_RESERVED);
	ofl_rib_guard_del(fx->rib, &k);
	assert_memory_equal(expect_ready(fx, 0, "203.0.113.1/32")->nh[0].mac,
			    mac_b, 6);

	/* The hidden route goes: nothing to give back. */
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	del(fx, 0, "203.0.113.1/32");
	expect_wait(fx, 0, "203.0.113.1/32", OFL_REASON_LOCAL);
	ofl_rib_guard_del(fx->rib, &k);
	assert_true(f->withdrawn);

	/* A guard on a withdrawn flow, and a route on a withdrawn guard. */
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	assert_false(f->withdrawn);
	ofl_rib_guard_del(fx->rib, &k);
	add(fx, 0, "203.0.113.1/32", &nh, 1);
	expect_ready(fx, 0, "203.0.113.1/32");
	assert_int_equal(f->facts.proto, 9);
}

static void test_hidden_route_follows_the_world(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);
	struct ofl_key k = key_of(0, "203.0.113.1/32");

	world(fx);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	add(fx, 0, "203.0.113.1/32", &nh, 1);
	neigh(fx, 1, "192.0.2.9", mac_a);
	work(fx);
	expect_wait(fx, 0, "203.0.113.1/32", OFL_REASON_LOCAL);
	ofl_rib_guard_del(fx->rib, &k);
	expect_ready(fx, 0, "203.0.113.1/32");
}

static void test_reserved_blocks(void **state)
{
	static const char *const blocks[] = {
		"0.0.0.0/8",   "127.0.0.0/8", "224.0.0.0/4",
		"240.0.0.0/4", "fe80::/10",   "ff00::/8",
	};
	struct fixture *fx = *state;
	size_t n;

	ofl_rib_reserved_add(fx->rib, 3);
	n = ofl_flowtab_count(fx->flows);
	ofl_rib_reserved_add(fx->rib, 3);
	assert_int_equal(ofl_flowtab_count(fx->flows), n);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		expect_wait(fx, 3, blocks[i], OFL_REASON_RESERVED);
	assert_null(flow(fx, 0, "127.0.0.0/8"));
	ofl_rib_vrf_del(fx->rib, 3);
	assert_true(flow(fx, 3, "127.0.0.0/8")->withdrawn);
}

/* --- resync --- */

static void test_sweep(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1), nh2 = via("192.0.2.2", 2);
	struct ofl_rib_stats st;
	struct ofl_key k;

	world(fx);
	add_many(fx, 0, 0, MANY, &nh);
	add(fx, 0, "10.0.0.0/8", &nh2, 1); /* a group that ends wholly */
	add(fx, 0, "11.0.0.0/8", &nh, 1);
	k = key_of(0, "11.0.0.0/8");
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	assert_false(ofl_rib_sync_end(fx->rib, 10)); /* none was begun */
	drain(fx);

	ofl_rib_sync_begin(fx->rib); /* one that is never finished */
	add_many(fx, 0, 100, 200, &nh);
	ofl_rib_sync_begin(fx->rib);
	add_many(fx, 0, 1000, 4000, &nh);
	add_many(fx, 0, 4000, 4500, &nh2);
	sync_end(fx);
	work(fx);
	assert_int_equal(count_ready(fx, 0), 3500);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_STALE);
	expect_wait(fx, 0, "11.0.0.0/8", OFL_REASON_LOCAL);
	ofl_rib_stats(fx->rib, &st);
	assert_int_equal(st.stale_swept, MANY - 3500 + 2);
	/* Announced again and unchanged: nobody needs to judge it. */
	assert_int_equal(drain(fx), MANY - 3500 + 1 + 500);
	ofl_rib_guard_del(fx->rib, &k);
	assert_true(flow(fx, 0, "11.0.0.0/8")->withdrawn);
}

static void test_guard_lifted_during_sync(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	struct ofl_key k = key_of(0, "11.0.0.0/8");

	world(fx);
	add(fx, 0, "11.0.0.0/8", &nh, 1);
	add(fx, 0, "12.0.0.0/8", &nh, 1);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	ofl_rib_sync_begin(fx->rib);
	add(fx, 0, "12.0.0.0/8", &nh, 1);
	ofl_rib_guard_del(fx->rib, &k); /* behind one that is fresh */
	sync_end(fx);
	expect_wait(fx, 0, "11.0.0.0/8", OFL_REASON_STALE);
	expect_ready(fx, 0, "12.0.0.0/8");
}

static void test_guard_set_during_sync(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	struct ofl_key k = key_of(0, "11.0.0.0/8");

	world(fx);
	add(fx, 0, "11.0.0.0/8", &nh, 1);
	ofl_rib_sync_begin(fx->rib);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL); /* hides a stale one */
	sync_end(fx);
	ofl_rib_guard_del(fx->rib, &k);
	assert_true(flow(fx, 0, "11.0.0.0/8")->withdrawn);
}

/* Announced again while the answer is being handed out, and the very one
 * that was next, and last. */
static void test_announced_again_at_the_cursor(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);

	world(fx);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	add(fx, 0, "11.0.0.0/8", &nh, 1);
	neigh(fx, 1, "192.0.2.9", mac_a);
	assert_true(ofl_rib_work(fx->rib, 3));
	expect_ready(fx, 0, "10.0.0.0/8");
	expect_wait(fx, 0, "11.0.0.0/8", OFL_REASON_NEIGHBOR_UNRESOLVED);
	ofl_rib_sync_begin(fx->rib);
	add(fx, 0, "11.0.0.0/8", &nh, 1);
	work(fx);
	expect_ready(fx, 0, "11.0.0.0/8");
}

static void test_sweep_with_changes_between_turns(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh[4] = {via("192.0.2.1", 1), via("192.0.2.2", 2),
				  via("192.0.2.3", 3), recursive("192.0.2.4")};

	world(fx);
	for (unsigned int i = 0; i < 4; i++)
		add_many(fx, 0, i * 10, i * 10 + 10, &nh[i]);
	ofl_rib_sync_begin(fx->rib);
	assert_true(ofl_rib_sync_end(fx->rib, 15));
	/* The group the sweep stands at goes away. */
	add_many(fx, 0, 10, 20, &nh[0]);
	sync_end(fx);
	assert_int_equal(count_ready(fx, 0), 5 + 5);
	assert_int_equal(fx->tracked_count, 0);
}

/* A zebra that restarted resolves nothing at first: hardware is held. */
static void test_unreachable_waits_for_the_end_of_sync(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh raw[2] = {recursive("198.51.100.1"),
				   recursive("198.51.100.2")};
	struct ofl_rawnh to = via("192.0.2.1", 1);

	world(fx);
	for (int i = 0; i < 2; i++)
		add(fx, 0, i ? "11.0.0.0/8" : "10.0.0.0/8", &raw[i], 1);
	nht(fx, 0, "198.51.100.1", &to, 1);
	nht(fx, 0, "198.51.100.2", &to, 1);
	work(fx);
	drain(fx);
	ofl_rib_sync_begin(fx->rib);
	nht(fx, 0, "198.51.100.1", NULL, 0);
	nht(fx, 0, "198.51.100.2", NULL, 0);
	for (int i = 0; i < 2; i++)
		add(fx, 0, i ? "11.0.0.0/8" : "10.0.0.0/8", &raw[i], 1);
	work(fx);
	assert_int_equal(drain(fx), 0);
	nht(fx, 0, "198.51.100.1", &to, 1);
	sync_end(fx);
	work(fx);
	expect_ready(fx, 0, "10.0.0.0/8");
	expect_wait(fx, 0, "11.0.0.0/8", OFL_REASON_NEXTHOP_UNRESOLVED);
}

static void test_kernel_list(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh[2] = {via("192.0.2.1", 1), via("192.0.2.2", 2)};
	struct ofl_rib_stats st;

	world(fx);
	add(fx, 0, "10.0.0.0/8", nh, 1);
	add(fx, 0, "11.0.0.0/8", nh + 1, 1);
	drain(fx);
	ofl_rib_kernel_sync_begin(fx->rib);
	ofl_rib_link_set(fx->rib, 1, true);
	ofl_rib_link_set(fx->rib, 2, true);
	neigh(fx, 1, "192.0.2.1", mac_a);
	ofl_rib_kernel_sync_end(fx->rib);
	work(fx);
	expect_ready(fx, 0, "10.0.0.0/8");
	expect_wait(fx, 0, "11.0.0.0/8", OFL_REASON_NEIGHBOR_UNRESOLVED);
	assert_int_equal(drain(fx), 1);
	ofl_rib_stats(fx->rib, &st);
	assert_int_equal(st.links, 2);
	assert_int_equal(st.neighbors, 1);
}

/* --- VRFs --- */

static void test_vrf_del(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.1", 1);
	struct ofl_key k = key_of(4, "10.0.0.1/32");

	world(fx);
	add_many(fx, 4, 0, MANY, &nh);
	add_many(fx, 5, 0, MANY, &nh);
	add(fx, 4, "10.0.0.1/32", &nh, 1);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);

	ofl_rib_vrf_del(fx->rib, 4);
	assert_true(ofl_rib_work(fx->rib, 100));
	assert_int_equal(count_ready(fx, 4), MANY - 100);
	/* The VRF is back at once: its new routes survive. */
	add_many(fx, 4, MANY - 10, MANY, &nh);
	add_many(fx, 4, 0, 10, &nh);
	work(fx);
	assert_int_equal(count_ready(fx, 4), 20);
	assert_int_equal(count_ready(fx, 5), MANY);
	assert_true(flow(fx, 4, "10.0.0.1/32")->withdrawn);
	assert_string_equal(ofl_reason_name(flow(fx, 4, "20.0.100.0/24")->wait),
			    "withdrawn");
}

static void test_vrf_has_its_own_tracking(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh a = recursive("198.51.100.1"), b = a;
	struct ofl_rawnh to = via("192.0.2.1", 1);

	world(fx);
	b.vrf = 6;
	add(fx, 0, "10.0.0.0/8", &a, 1);
	add(fx, 6, "10.0.0.0/8", &b, 1);
	assert_int_equal(fx->tracked_count, 2);
	nht(fx, 6, "198.51.100.1", &to, 1);
	work(fx);
	expect_ready(fx, 6, "10.0.0.0/8");
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_NEXTHOP_UNRESOLVED);
	ofl_rib_vrf_del(fx->rib, 6);
	work(fx);
	assert_int_equal(fx->tracked_count, 1);
}

/* --- probes --- */

static void test_probe_schedule(void **state)
{
	static const uint64_t after_s[] = {1, 2, 4, 8, 16, 32, 60, 60};
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);
	uint64_t now = 1000 * 1000000ULL;
	struct ofl_probe p;

	world(fx);
	assert_true(ofl_rib_probe_due_us(fx->rib) == UINT64_MAX);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	assert_int_equal(fx->probe_wakes, 1);
	for (size_t i = 0; i < sizeof(after_s) / sizeof(*after_s); i++) {
		assert_true(ofl_rib_probe_next(fx->rib, now, &p));
		assert_int_equal(p.ifindex, 1);
		assert_int_equal(p.family, AF_INET);
		assert_memory_equal(p.addr, nh.gw, 16);
		assert_false(ofl_rib_probe_next(fx->rib, now, &p));
		assert_int_equal(ofl_rib_probe_due_us(fx->rib) - now,
				 after_s[i] * 1000000);
		now = ofl_rib_probe_due_us(fx->rib);
	}
	/* Known: kept alive.  Lost again: asked for soon. */
	neigh(fx, 1, "192.0.2.9", mac_a);
	work(fx);
	assert_true(ofl_rib_probe_next(fx->rib, now, &p));
	assert_int_equal(ofl_rib_probe_due_us(fx->rib) - now,
			 OFL_PROBE_KEEP_US);
	neigh(fx, 1, "192.0.2.9", NULL);
	work(fx);
	assert_int_equal(ofl_rib_probe_due_us(fx->rib) - now,
			 OFL_PROBE_FIRST_US);

	/* Nothing is asked of a link that is down, nor for nobody. */
	ofl_rib_link_set(fx->rib, 1, false);
	work(fx);
	assert_true(ofl_rib_probe_due_us(fx->rib) == UINT64_MAX);
	ofl_rib_link_set(fx->rib, 1, true);
	work(fx);
	assert_true(ofl_rib_probe_next(fx->rib, now, &p));
	del(fx, 0, "10.0.0.0/8");
	assert_true(ofl_rib_probe_due_us(fx->rib) == UINT64_MAX);
}

static void test_fixed_neighbor_is_not_probed(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh = via("192.0.2.9", 1);
	struct ofl_probe p;

	world(fx);
	/* With an address and without, told before and after it is wanted. */
	neigh(fx, 1, "192.0.2.9", NULL);
	ofl_rib_neigh_fixed(fx->rib, 1, AF_INET, nh.gw);
	add(fx, 0, "10.0.0.0/8", &nh, 1);
	expect_wait(fx, 0, "10.0.0.0/8", OFL_REASON_NEIGHBOR_UNRESOLVED);
	assert_false(ofl_rib_probe_next(fx->rib, 1000000, &p));
	neigh(fx, 1, "192.0.2.9", mac_a);
	ofl_rib_neigh_fixed(fx->rib, 1, AF_INET, nh.gw);
	work(fx);
	expect_ready(fx, 0, "10.0.0.0/8");
	assert_false(ofl_rib_probe_next(fx->rib, 900000000, &p));
	neigh(fx, 1, "192.0.2.9", mac_a); /* resolved from now on */
	assert_true(ofl_rib_probe_next(fx->rib, 1900000000, &p));
	/* The complete list does not name it. */
	ofl_rib_neigh_fixed(fx->rib, 1, AF_INET, nh.gw);
	ofl_rib_kernel_sync_begin(fx->rib);
	ofl_rib_link_set(fx->rib, 1, true);
	ofl_rib_kernel_sync_end(fx->rib);
	work(fx);
	assert_true(ofl_rib_probe_next(fx->rib, 2900000000, &p));
}

static void test_free_in_the_middle(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh nh[2] = {via("192.0.2.9", 1), recursive("1.2.3.4")};
	struct ofl_key k = key_of(0, "10.0.0.0/8");

	world(fx);
	add_many(fx, 0, 0, 100, nh);
	add(fx, 0, "10.0.0.0/8", nh, 2);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	ofl_rib_reserved_add(fx->rib, 0);
	neigh(fx, 1, "192.0.2.9", mac_a);
	assert_true(ofl_rib_work(fx->rib, 10));
	ofl_rib_sync_begin(fx->rib);
	assert_true(ofl_rib_sync_end(fx->rib, 10));
	/* teardown frees; the flows stay until then */
	assert_true(ofl_flowtab_count(fx->flows) > 100);
	ofl_rib_free(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_reason),
		T(test_too_many_nexthops),
		T(test_action_content),
		T(test_neighbor_comes_changes_goes),
		T(test_link_flap),
		T(test_tracking),
		T(test_shared_gateway_stays_tracked),
		T(test_tracked_walk),
		T(test_facts_change_marks),
		T(test_withdraw_and_back),
		T(test_bounded_turns),
		T(test_smallest_budget),
		T(test_group_freed_while_work_is_due),
		T(test_guard_wins_and_gives_back),
		T(test_hidden_route_follows_the_world),
		T(test_reserved_blocks),
		T(test_sweep),
		T(test_guard_lifted_during_sync),
		T(test_guard_set_during_sync),
		T(test_announced_again_at_the_cursor),
		T(test_sweep_with_changes_between_turns),
		T(test_unreachable_waits_for_the_end_of_sync),
		T(test_kernel_list),
		T(test_vrf_del),
		T(test_vrf_has_its_own_tracking),
		T(test_probe_schedule),
		T(test_fixed_neighbor_is_not_probed),
		T(test_free_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
