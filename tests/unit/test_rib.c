// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mirror of the RIB against a real flow table: what a route waits for,
 * and every event that changes it.
 */
#include "tests/unit/rib_fixture.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
