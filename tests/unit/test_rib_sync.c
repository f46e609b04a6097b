// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mirror of the RIB against a real flow table: guards, resync and sweep,
 * VRFs, and when neighbours are asked for.
 */
#include "tests/unit/rib_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
