// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shrink guard of the mirror: what is held, what is not, and when it
 * ends.  Random days are in test_rib_shrink_model.c.
 */
#include "tests/unit/shrink_fixture.h"

static const struct ofl_rawnh *begin_nh(void)
{
	static struct ofl_rawnh nh;

	nh = via("192.0.2.1", 1);
	return &nh;
}

/* 1000 routes that are older than the window. */
static const struct ofl_rawnh *begin(struct fixture *fx)
{
	const struct ofl_rawnh *nh = begin_nh();

	now_us = 100 * SECOND;
	world(fx);
	pass(fx, 0);
	guard(fx, true, 25, 100);
	add_many(fx, 0, 0, 1000, nh);
	pass(fx, 10 * SECOND);
	drain(fx);
	return nh;
}

/* --- withdrawals one by one --- */

static void test_burst(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);
	struct ofl_shrink_stats s;

	del_many(fx, 0, 0, 250); /* a quarter is not more than a quarter */
	assert_int_equal(stats(fx).state, OFL_SHRINK_WATCHING);
	assert_int_equal(drain(fx), 250);
	del_many(fx, 0, 250, 900);
	del_many(fx, 0, 250, 300); /* said twice */
	s = stats(fx);
	assert_int_equal(s.state, OFL_SHRINK_HOLDING);
	assert_int_equal(s.held, 650);
	assert_int_equal(s.lost, 251);
	assert_int_equal(s.of, 1000);
	assert_true(s.since_us == now_us);
	assert_true(s.until_us == now_us + HOLD_S * SECOND);
	assert_int_equal(drain(fx), 0); /* flows stay as they are */
	assert_int_equal(count_ready(fx, 0), 750);
	assert_true(nth_flow(fx, 250)->retained);
	assert_false(nth_flow(fx, 250)->withdrawn);
	assert_false(nth_flow(fx, 900)->retained);

	add_many(fx, 0, 250, 400, nh); /* back */
	assert_int_equal(stats(fx).held, 500);
	assert_false(nth_flow(fx, 250)->retained);
	assert_int_equal(drain(fx), 0);
	pass(fx, HOLD_S * SECOND - 1);
	assert_int_equal(stats(fx).state, OFL_SHRINK_HOLDING);
	pass(fx, 1);
	assert_int_equal(stats(fx).state, OFL_SHRINK_RELEASING);
	assert_true(ofl_rib_work(fx->rib, 100)); /* in steps */
	assert_int_equal(stats(fx).held, 400);
	work(fx);
	s = stats(fx);
	assert_int_equal(s.state, OFL_SHRINK_WATCHING);
	assert_int_equal(s.end, OFL_SHRINK_END_TIME);
	assert_int_equal(s.withdrawn, 500);
	assert_int_equal(s.held, 0);
	assert_int_equal(s.holds, 1);
	assert_int_equal(s.releases, 1);
	assert_int_equal(count_ready(fx, 0), 250);
	assert_int_equal(nth_flow(fx, 400)->wait, OFL_REASON_WITHDRAWN);
	/* The release itself is no loss. */
	del_many(fx, 0, 250, 255);
	assert_int_equal(stats(fx).state, OFL_SHRINK_WATCHING);
	assert_true(nth_flow(fx, 250)->withdrawn);
}

static void test_slow_loss_and_flaps_are_none(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);

	for (unsigned int i = 0; i < 10; i++) { /* two fifths, in ten seconds */
		del_many(fx, 0, i * 40, i * 40 + 40);
		pass(fx, SECOND);
	}
	assert_int_equal(stats(fx).holds, 0);
	pass(fx, 10 * SECOND);
	for (unsigned int i = 0; i < 20; i++) { /* the same 100, up and down */
		del_many(fx, 0, 500, 600);
		add_many(fx, 0, 500, 600, nh);
	}
	assert_int_equal(stats(fx).holds, 0);
	/* Half of what came just now. */
	add_many(fx, 0, 1000, 5000, nh);
	del_many(fx, 0, 1000, 3000);
	assert_int_equal(stats(fx).holds, 1);
}

static void test_minimum_and_off(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);

	guard(fx, true, 25, 800);
	del_many(fx, 0, 0, 799);
	assert_int_equal(stats(fx).holds, 0);
	assert_int_equal(count_ready(fx, 0), 201);
	add_many(fx, 0, 0, 1000, nh);
	pass(fx, 10 * SECOND);
	guard(fx, false, 25, 1);
	del_many(fx, 0, 0, 1000);
	assert_int_equal(stats(fx).holds, 0);
	assert_int_equal(count_ready(fx, 0), 0);

	/* Switched off while it holds; and told to let go. */
	for (int i = 0; i < 2; i++) {
		guard(fx, true, 25, 1);
		add_many(fx, 0, 0, 1000, nh);
		pass(fx, 10 * SECOND);
		del_many(fx, 0, 0, 1000);
		assert_int_equal(stats(fx).held, 750);
		if (i)
			ofl_rib_release(fx->rib);
		else
			guard(fx, false, 25, 1);
		work(fx);
		assert_int_equal(stats(fx).end,
				 i ? OFL_SHRINK_END_ASKED : OFL_SHRINK_END_OFF);
		assert_int_equal(count_ready(fx, 0), 0);
		ofl_rib_release(fx->rib); /* nothing to let go of */
		assert_int_equal(stats(fx).state, OFL_SHRINK_WATCHING);
	}
	assert_int_equal(stats(fx).releases, 2);
}

static void test_all_back_ends_it(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);

	del_many(fx, 0, 0, 500);
	add_many(fx, 0, 0, 500, nh);
	assert_int_equal(stats(fx).held, 0);
	pass(fx, SECOND);
	assert_int_equal(stats(fx).state, OFL_SHRINK_HOLDING); /* no flapping */
	pass(fx, OFL_SHRINK_WINDOW_S * SECOND);
	work(fx);
	assert_int_equal(stats(fx).end, OFL_SHRINK_END_BACK);
	assert_int_equal(stats(fx).state, OFL_SHRINK_WATCHING);
	assert_int_equal(count_ready(fx, 0), 1000);
}

/* --- what is not held --- */

static void test_next_hops_take_effect(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh other = via("192.0.2.2", 2),
			 far = recursive("1.2.3.4");
	struct ofl_rawnh to = via("192.0.2.1", 1);

	begin(fx);
	add_many(fx, 0, 1000, 1010, &other);
	add_many(fx, 0, 2000, 2010, &far);
	nht(fx, 0, "1.2.3.4", &to, 1);
	work(fx);
	pass(fx, 10 * SECOND);
	del_many(fx, 0, 0, 3000);
	assert_non_null(nth_flow(fx, 1000)->action);
	neigh(fx, 1, "192.0.2.1", NULL);
	work(fx);
	assert_int_equal(nth_flow(fx, 999)->wait,
			 OFL_REASON_NEIGHBOR_UNRESOLVED);
	assert_true(nth_flow(fx, 999)->retained);
	neigh(fx, 1, "192.0.2.1", mac_b); /* and forwards again */
	work(fx);
	assert_memory_equal(nth_flow(fx, 999)->action->nh[0].mac, mac_b, 6);
	ofl_rib_link_set(fx->rib, 2, false);
	nht(fx, 0, "1.2.3.4", NULL, 0);
	work(fx);
	assert_int_equal(nth_flow(fx, 1000)->wait, OFL_REASON_LINK_DOWN);
	assert_int_equal(nth_flow(fx, 2000)->wait,
			 OFL_REASON_NEXTHOP_UNRESOLVED);
	/* Announced again with another next hop: at once. */
	add_many(fx, 0, 1000, 1001, &to);
	assert_non_null(nth_flow(fx, 1000)->action);
	assert_false(nth_flow(fx, 1000)->retained);
}

/* An answer is being handed out while routes are withdrawn and held. */
static void test_held_at_the_cursor(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh other = via("192.0.2.2", 2);

	begin(fx);
	del_many(fx, 0, 0, 260);
	neigh(fx, 1, "192.0.2.1", NULL);
	for (unsigned int i = 260; i < 1000; i += 10) {
		ofl_rib_work(fx->rib, 7);
		del_many(fx, 0, i, i + 10);
	}
	work(fx);
	assert_int_equal(count_ready(fx, 0), 0);

	/* The very one that is next, and last, of a group that holds none. */
	neigh(fx, 1, "192.0.2.1", mac_a);
	ofl_rib_release(fx->rib);
	work(fx);
	add_many(fx, 0, 0, 100, begin_nh());
	add_many(fx, 0, 1000, 2000, &other);
	pass(fx, 10 * SECOND);
	neigh(fx, 1, "192.0.2.1", NULL);
	assert_true(ofl_rib_work(fx->rib, 2 + 99));
	assert_int_equal(count_ready(fx, 0), 1000 + 1);
	del_many(fx, 0, 1000, 2000);
	assert_int_equal(stats(fx).state, OFL_SHRINK_HOLDING);
	del_many(fx, 0, 99, 100);
	assert_true(nth_flow(fx, 99)->retained);
	work(fx);
	assert_null(nth_flow(fx, 99)->action);
}

static void test_vrf_and_address_are_not_held(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);
	struct ofl_key k = nth(0, 600);

	add_many(fx, 4, 0, 3000, nh);
	pass(fx, 10 * SECOND);
	ofl_rib_vrf_del(fx->rib, 4);
	ofl_rib_work(fx->rib, 10);
	del_many(fx, 4, 1000, 3000); /* zebra says so too, late */
	work(fx);
	assert_int_equal(stats(fx).holds, 0);
	assert_int_equal(count_ready(fx, 4), 0);
	/* Nor do its routes count as lost. */
	del_many(fx, 0, 0, 250);
	assert_int_equal(stats(fx).holds, 0);
	/* Nor is one that an address hid for a moment won or lost. */
	for (int i = 0; i < 3; i++) {
		ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
		ofl_rib_guard_del(fx->rib, &k);
	}
	del_many(fx, 0, 250, 700);
	assert_int_equal(stats(fx).held, 450);
	/* An address wins over a held route, and has none to give back. */
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	expect_wait(fx, 0, "20.2.88.0/24", OFL_REASON_LOCAL);
	assert_int_equal(stats(fx).held, 449);
	ofl_rib_guard_del(fx->rib, &k);
	assert_true(nth_flow(fx, 600)->withdrawn);
	/* Held ones of a VRF that ends go with it. */
	ofl_rib_vrf_del(fx->rib, 0);
	work(fx);
	assert_int_equal(stats(fx).held, 0);
	assert_int_equal(count_ready(fx, 0), 0);
}

/* --- resync --- */

static void test_half_a_zebra_comes_back(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);
	struct ofl_rib_stats r;

	ofl_rib_sync_begin(fx->rib); /* lost */
	pass(fx, 40 * SECOND);
	ofl_rib_sync_begin(fx->rib); /* back */
	add_many(fx, 0, 0, 500, nh);
	ofl_rib_stats(fx->rib, &r);
	assert_int_equal(r.sync_total, 1000);
	assert_int_equal(r.sync_again, 500);
	sync_end(fx);
	drain(fx);
	assert_int_equal(stats(fx).held, 500);
	assert_int_equal(stats(fx).lost, 500);
	assert_int_equal(stats(fx).of, 1000);
	assert_int_equal(count_ready(fx, 0), 1000);
	ofl_rib_stats(fx->rib, &r);
	assert_int_equal(r.routes, 500);
	assert_int_equal(r.stale_swept, 0);

	/* It goes again: nothing ends while it is away, whatever the time. */
	ofl_rib_sync_begin(fx->rib);
	pass(fx, 3000 * SECOND);
	assert_int_equal(stats(fx).state, OFL_SHRINK_HOLDING);
	ofl_rib_sync_begin(fx->rib);
	add_many(fx, 0, 0, 600, nh);
	sync_end(fx);
	work(fx);
	/* What it does not name now is not so much: it is believed. */
	assert_int_equal(count_ready(fx, 0), 600);
	assert_int_equal(nth_flow(fx, 999)->wait, OFL_REASON_STALE);
	ofl_rib_stats(fx->rib, &r);
	assert_int_equal(r.stale_swept, 400);
}

static void test_a_little_less_comes_back(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);

	ofl_rib_sync_begin(fx->rib);
	add_many(fx, 0, 250, 1000, nh);
	sync_end(fx);
	assert_int_equal(stats(fx).holds, 0);
	assert_int_equal(count_ready(fx, 0), 750);
	/* The sweep is no loss of the window. */
	del_many(fx, 0, 250, 400);
	assert_int_equal(stats(fx).holds, 0);
}

/* One that an address hid is as stale as it was. */
static void test_address_lifted_during_sync(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);
	struct ofl_key k = nth(0, 0);

	del_many(fx, 0, 2, 1000);
	ofl_rib_release(fx->rib);
	work(fx);
	guard(fx, true, 25, 1);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	pass(fx, 10 * SECOND);
	ofl_rib_sync_begin(fx->rib);
	ofl_rib_guard_del(fx->rib, &k);
	add_many(fx, 0, 1, 2, nh);
	sync_end(fx);
	assert_int_equal(stats(fx).held, 1);
	assert_true(nth_flow(fx, 0)->retained);
}

/* The counters that settling is decided by. */
static void test_progress(void **state)
{
	struct fixture *fx = *state;
	const struct ofl_rawnh *nh = begin(fx);
	struct ofl_rib_stats a, b;

	ofl_rib_sync_begin(fx->rib);
	add_many(fx, 0, 0, 10, nh);
	ofl_rib_stats(fx->rib, &a);
	for (int i = 0; i < 3; i++) { /* flapping is none */
		add_many(fx, 0, 0, 10, nh);
		del_many(fx, 0, 0, 10);
		add_many(fx, 0, 0, 10, nh);
	}
	ofl_rib_stats(fx->rib, &b);
	assert_int_equal(a.sync_progress, b.sync_progress);
	add_many(fx, 0, 10, 11, nh);	 /* again */
	add_many(fx, 0, 1000, 1001, nh); /* more than ever */
	ofl_rib_stats(fx->rib, &b);
	assert_int_equal(a.sync_progress + 2, b.sync_progress);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_burst),
		T(test_slow_loss_and_flaps_are_none),
		T(test_minimum_and_off),
		T(test_all_back_ends_it),
		T(test_next_hops_take_effect),
		T(test_held_at_the_cursor),
		T(test_vrf_and_address_are_not_held),
		T(test_half_a_zebra_comes_back),
		T(test_a_little_less_comes_back),
		T(test_address_lifted_during_sync),
		T(test_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
