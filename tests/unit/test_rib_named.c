// SPDX-License-Identifier: GPL-2.0-or-later
/* The mirror of the RIB under FPM: next hops with a name, and a second source
 * for some of the routes. */
#include <zebra.h>

#include "rib_fixture.h"

static const struct ofl_facts by_feed = {.proto = 9,
					 .distance = OFL_DISTANCE_UNKNOWN};
static const struct ofl_facts by_side = {.proto = 2};

static void named(struct fixture *fx, const char *prefix, uint64_t name,
		  const struct ofl_rawnh *nh)
{
	struct ofl_key k = key_of(0, prefix);

	ofl_rib_named_add(fx->rib, &k, &by_feed, name, nh, nh ? 1 : 0);
}

static void side(struct fixture *fx, const char *prefix, bool add)
{
	struct ofl_rawnh nh = hop(OFL_RAWNH_INTERFACE, NULL, 1);
	struct ofl_key k = key_of(0, prefix);

	if (add)
		ofl_rib_side_add(fx->rib, &k, &by_side, &nh, 1);
	else
		ofl_rib_side_del(fx->rib, &k);
}

static struct ofl_rawnh reach(struct fixture *fx, uint32_t ifindex)
{
	ofl_rib_link_set(fx->rib, ifindex, true);
	neigh(fx, ifindex, "192.0.2.1", mac_a);
	return via("192.0.2.1", ifindex);
}

static uint32_t port(struct fixture *fx, const char *prefix)
{
	const struct ofl_flow *f = flow(fx, 0, prefix);

	return f && f->action && f->action->nh_count ? f->action->nh[0].ifindex
						     : 0;
}

static bool is_by(struct fixture *fx, const char *prefix,
		  const struct ofl_facts *facts)
{
	const struct ofl_flow *f = flow(fx, 0, prefix);

	return f && !f->withdrawn && f->facts.proto == facts->proto;
}

static bool is_gone(struct fixture *fx, const char *prefix)
{
	const struct ofl_flow *f = flow(fx, 0, prefix);

	return !f || f->withdrawn;
}

static uint64_t routes(struct fixture *fx)
{
	struct ofl_rib_stats st;

	ofl_rib_stats(fx->rib, &st);
	return st.routes;
}

/* --- names --- */

static void test_named(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1), two = reach(fx, 2);

	assert_false(ofl_rib_has_named(fx->rib, 0, 7));
	named(fx, "10.0.0.0/8", 7, &one);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
	assert_true(ofl_rib_has_named(fx->rib, 0, 7));
	assert_false(ofl_rib_has_named(fx->rib, 1, 7));
	named(fx, "11.0.0.0/8", 7, NULL); /* is not looked at */
	assert_int_equal(port(fx, "11.0.0.0/8"), 1);
	ofl_rib_named_set(fx->rib, 0, 7, &two, 1);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 2);
	assert_int_equal(port(fx, "11.0.0.0/8"), 2);
	del(fx, 0, "10.0.0.0/8");
	del(fx, 0, "11.0.0.0/8");
	assert_false(ofl_rib_has_named(fx->rib, 0, 7));
	ofl_rib_named_set(fx->rib, 0, 7, &one, 1); /* nobody's */
	work(fx);
}

/* Two names, or none, for the same next hops are groups of their own. */
static void test_names_do_not_mix(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1), two = reach(fx, 2);

	named(fx, "10.0.0.0/8", 7, &one);
	named(fx, "11.0.0.0/8", 8, &one);
	add(fx, 0, "12.0.0.0/8", &one, 1);
	ofl_rib_named_set(fx->rib, 0, 7, &two, 1);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 2);
	assert_int_equal(port(fx, "11.0.0.0/8"), 1);
	assert_int_equal(port(fx, "12.0.0.0/8"), 1);
}

static void test_unknown_name_waits(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);

	named(fx, "10.0.0.0/8", 7, NULL);
	assert_int_equal(flow(fx, 0, "10.0.0.0/8")->wait,
			 OFL_REASON_NEXTHOP_UNRESOLVED);
	ofl_rib_named_set(fx->rib, 0, 7, &one, 1);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
}

/* In a resync it stays as it was: hardware is not touched for a number that
 * comes a message late; at the end what was never told is in software. */
static void test_unknown_name_in_a_resync(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);

	add(fx, 0, "10.0.0.0/8", &one, 1);
	add(fx, 0, "11.0.0.0/8", &one, 1);
	ofl_rib_sync_begin(fx->rib);
	named(fx, "10.0.0.0/8", 7, NULL);
	named(fx, "11.0.0.0/8", 8, NULL);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
	assert_int_equal(port(fx, "11.0.0.0/8"), 1);
	ofl_rib_named_set(fx->rib, 0, 7, &one, 1);
	work(fx);
	sync_end(fx);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
	assert_int_equal(port(fx, "11.0.0.0/8"), 0);
	assert_int_equal(flow(fx, 0, "11.0.0.0/8")->wait,
			 OFL_REASON_NEXTHOP_UNRESOLVED);
}

/* The same for a gateway that has yet to be answered, when routes come by
 * ZAPI that came resolved before. */
static void test_unanswered_gateway_in_a_resync(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1), far = recursive("198.51.100.1");
	struct ofl_rawnh never = recursive("198.51.100.2");

	named(fx, "10.0.0.0/8", 7, &one);
	named(fx, "11.0.0.0/8", 7, &one);
	ofl_rib_sync_begin(fx->rib);
	add(fx, 0, "10.0.0.0/8", &far, 1);
	add(fx, 0, "11.0.0.0/8", &never, 1);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
	nht(fx, 0, "198.51.100.1", &one, 1);
	sync_end(fx);
	work(fx);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
	assert_int_equal(port(fx, "11.0.0.0/8"), 0);
}

/* --- two sources --- */

static void test_the_side_counts_while_both_have_it(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);

	named(fx, "10.0.0.0/8", 7, &one);
	side(fx, "10.0.0.0/8", true);
	assert_true(is_by(fx, "10.0.0.0/8", &by_side));
	assert_int_equal(port(fx, "10.0.0.0/8"), 0);
	assert_int_equal(routes(fx), 1);
	side(fx, "10.0.0.0/8", false);
	assert_true(is_by(fx, "10.0.0.0/8", &by_feed));
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
	assert_int_equal(routes(fx), 1);
	del(fx, 0, "10.0.0.0/8");
	assert_true(is_gone(fx, "10.0.0.0/8"));
	assert_int_equal(routes(fx), 0);
	assert_false(ofl_rib_has_named(fx->rib, 0, 7));
}

/* Static, connected, static: whatever crosses with what. */
static void test_every_order(void **state)
{
	/* f, F: the feed withdraws and announces; S, s: the side */
	static const char *const orders[] = {
		"fSFs",
		"fSsF",
		"fFSs",
		"SfFs",
		"SfsF",
		"Ssf"
		"F",
	};
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);

	for (size_t i = 0; i < array_size(orders); i++) {
		named(fx, "10.0.0.0/8", 7, &one);
		for (const char *at = orders[i]; *at; at++) {
			if (*at == 'f')
				del(fx, 0, "10.0.0.0/8");
			else if (*at == 'F')
				named(fx, "10.0.0.0/8", 7, &one);
			else
				side(fx, "10.0.0.0/8", *at == 'S');
		}
		assert_true(is_by(fx, "10.0.0.0/8", &by_feed));
		assert_int_equal(port(fx, "10.0.0.0/8"), 1);
		assert_int_equal(routes(fx), 1);
	}
}

static void test_neither_withdraws_the_others(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);

	side(fx, "10.0.0.0/8", true);
	del(fx, 0, "10.0.0.0/8");
	assert_true(is_by(fx, "10.0.0.0/8", &by_side));
	named(fx, "11.0.0.0/8", 7, &one);
	side(fx, "11.0.0.0/8", false);
	assert_true(is_by(fx, "11.0.0.0/8", &by_feed));
	/* Below the side's, withdrawn there. */
	named(fx, "10.0.0.0/8", 7, &one);
	assert_true(is_by(fx, "10.0.0.0/8", &by_side));
	del(fx, 0, "10.0.0.0/8");
	side(fx, "10.0.0.0/8", false);
	assert_true(is_gone(fx, "10.0.0.0/8"));
}

static void test_guard_above_both(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);
	struct ofl_key k = key_of(0, "10.0.0.0/8");

	side(fx, "10.0.0.0/8", true);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	del(fx, 0, "10.0.0.0/8"); /* not the feed's */
	ofl_rib_guard_del(fx->rib, &k);
	assert_true(is_by(fx, "10.0.0.0/8", &by_side));
	side(fx, "10.0.0.0/8", false);
	assert_true(is_gone(fx, "10.0.0.0/8"));
	named(fx, "10.0.0.0/8", 7, &one);
	ofl_rib_guard_add(fx->rib, &k, OFL_PROTO_LOCAL);
	side(fx, "10.0.0.0/8", false);
	ofl_rib_guard_del(fx->rib, &k);
	assert_int_equal(port(fx, "10.0.0.0/8"), 1);
}

/* What a resync does not name is stale on both levels. */
static void test_resync(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);
	static const char *const p[] = {"10.0.0.0/8", "11.0.0.0/8",
					"12.0.0.0/8", "13.0.0.0/8"};

	for (size_t i = 0; i < array_size(p); i++) {
		named(fx, p[i], 7, &one);
		side(fx, p[i], true);
	}
	ofl_rib_sync_begin(fx->rib);
	side(fx, p[0], true);	  /* and not the feed */
	named(fx, p[1], 9, &one); /* and not the side */
	named(fx, p[2], 9, &one);
	side(fx, p[2], true);
	sync_end(fx);
	work(fx);
	assert_true(is_by(fx, p[0], &by_side));
	assert_true(is_by(fx, p[1], &by_feed));
	assert_true(is_by(fx, p[2], &by_side));
	assert_true(is_gone(fx, p[3]));
	side(fx, p[0], false);
	side(fx, p[2], false);
	assert_true(is_gone(fx, p[0]));
	assert_true(is_by(fx, p[2], &by_feed));
	assert_int_equal(routes(fx), 2);
	assert_false(ofl_rib_has_named(fx->rib, 0, 7));
}

static void test_vrf_del(void **state)
{
	struct fixture *fx = *state;
	struct ofl_rawnh one = reach(fx, 1);

	named(fx, "10.0.0.0/8", 7, &one);
	side(fx, "10.0.0.0/8", true);
	ofl_rib_vrf_del(fx->rib, 0);
	work(fx);
	assert_true(is_gone(fx, "10.0.0.0/8"));
	assert_int_equal(routes(fx), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_named),
		T(test_names_do_not_mix),
		T(test_unknown_name_waits),
		T(test_unknown_name_in_a_resync),
		T(test_unanswered_gateway_in_a_resync),
		T(test_the_side_counts_while_both_have_it),
		T(test_every_order),
		T(test_neither_withdraws_the_others),
		T(test_guard_above_both),
		T(test_resync),
		T(test_vrf_del),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
