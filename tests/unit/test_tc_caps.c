// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Capabilities of a device: every row is tried by a filter that needs it, what
 * a filter needs is what it is made of, and no answer is taken for more than it
 * says.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "offloadd/provider/prov_tc_caps.h"

#define BIT(cap) (1u << (OFL_TC_CAP_##cap))

static const struct ofl_tc_cap_place hardware = {
	.chain = 9,
	.flags = TCA_CLS_FLAGS_SKIP_SW,
	.to_cpu = OFL_TC_TRAP,
	.ifindex = 7,
	.indev = "sw1",
	.cookie = {'o', 'f', 'l', 1},
};
static const struct ofl_tc_cap_place software = {
	.flags = TCA_CLS_FLAGS_SKIP_HW,
	.to_cpu = OFL_TC_PASS,
	.ifindex = 7,
	.indev = "sw1",
};

/* What each row's filter needs, the row itself and what it is built upon. */
static const uint32_t needs[OFL_TC_CAP_MAX] = {
	[OFL_TC_CAP_TRAP] = BIT(TRAP),
	[OFL_TC_CAP_PASS] = BIT(PASS),
	[OFL_TC_CAP_DROP] = BIT(DROP),
	[OFL_TC_CAP_GOTO] = BIT(GOTO),
	[OFL_TC_CAP_REDIRECT] = BIT(REDIRECT),
	[OFL_TC_CAP_MACS] = BIT(MACS) | BIT(REDIRECT),
	[OFL_TC_CAP_TTL_DEC] = BIT(TTL_DEC) | BIT(MACS) | BIT(REDIRECT),
	[OFL_TC_CAP_HOPS_DEC] = BIT(HOPS_DEC) | BIT(MACS) | BIT(REDIRECT),
	[OFL_TC_CAP_VLAN_PUSH] =
		BIT(VLAN_PUSH) | BIT(TTL_DEC) | BIT(MACS) | BIT(REDIRECT),
	[OFL_TC_CAP_DMAC] = BIT(DMAC) | BIT(GOTO),
	[OFL_TC_CAP_INDEV] = BIT(INDEV) | BIT(DMAC) | BIT(GOTO),
	[OFL_TC_CAP_TTL] = BIT(TTL) | BIT(TRAP),
	[OFL_TC_CAP_HOPS] = BIT(HOPS) | BIT(TRAP),
	[OFL_TC_CAP_IPV4_DST] = BIT(IPV4_DST) | BIT(TRAP),
	[OFL_TC_CAP_IPV6_DST] = BIT(IPV6_DST) | BIT(TRAP),
};

/* Written, read back the same, and needing what the table above says. */
static void test_rows(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_FILTER_BYTES];
	uint32_t prefs[OFL_TC_CAP_MAX];

	for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++) {
		struct ofl_tc_filter f, got;
		struct ofl_tc_seen seen;
		struct nlmsghdr *nlh;

		assert_true(ofl_tc_caps_filter(cap, &hardware, &f));
		assert_int_equal(f.chain, 9);
		assert_true(f.does != OFL_TC_GOTO || f.goto_chain == 10);
		assert_true(!f.indev[0] || !strcmp(f.indev, "sw1"));
		nlh = ofl_tc_filter_encode(buf, sizeof(buf), RTM_NEWTFILTER, 0,
					   1, &f);
		assert_non_null(nlh);
		assert_true(ofl_tc_filter_decode(nlh, &got, &seen));
		if (!seen.understood || !ofl_tc_filter_eq(&f, &got))
			fail_msg("%s: read back as something else",
				 ofl_tc_caps_name(cap));
		if (ofl_tc_caps_needs(&got) != needs[cap])
			fail_msg("%s needs %#x", ofl_tc_caps_name(cap),
				 ofl_tc_caps_needs(&got));
		prefs[cap] = f.pref;
		for (unsigned int before = 0; before < cap; before++) {
			assert_int_not_equal(prefs[cap], prefs[before]);
			assert_string_not_equal(ofl_tc_caps_name(cap),
						ofl_tc_caps_name(before));
		}
		assert_true(ofl_tc_caps_is_key(cap) ==
			    (cap >= OFL_TC_CAP_DMAC));
	}
}

static void test_software_has_no_trap(void **state)
{
	struct ofl_tc_cap_known known[OFL_TC_CAP_MAX];
	struct ofl_tc_filter f;

	ofl_tc_caps_init(known, OFL_TC_PASS);
	for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++) {
		if (cap == OFL_TC_CAP_TRAP) {
			assert_false(ofl_tc_caps_filter(cap, &software, &f));
			assert_int_equal(known[cap].state,
					 OFL_CAPABILITY_UNUSED);
			continue;
		}
		assert_true(ofl_tc_caps_filter(cap, &software, &f));
		assert_int_not_equal(f.does, OFL_TC_TRAP);
		assert_int_equal(f.flags, TCA_CLS_FLAGS_SKIP_HW);
		ofl_tc_caps_set(&known[cap], 0, true, "");
	}
	ofl_tc_caps_settle(known);
	assert_int_equal(known[OFL_TC_CAP_TRAP].state, OFL_CAPABILITY_UNUSED);
	assert_int_equal(ofl_tc_caps_refused(known), 0);
}

/* Whoever can have a route of a family can have a cover there. */
static void test_covers_need_no_more_than_routes(void **state)
{
	static const uint16_t protocols[] = {ETH_P_IP, ETH_P_IPV6};

	for (int i = 0; i < 2; i++) {
		struct ofl_tc_filter f = {.protocol = protocols[i],
					  .does = OFL_TC_FORWARD,
					  .out_ifindex = 3};
		uint32_t guards = ofl_tc_caps_guards(protocols[i], OFL_TC_TRAP);
		uint32_t route, cover;

		assert_true(ofl_prefix_parse(i ? "2001:db8::/32" : "10.0.0.0/8",
					     false, &f.dst));
		route = ofl_tc_caps_needs(&f) | guards;
		f.does = OFL_TC_TRAP;
		cover = ofl_tc_caps_needs(&f);
		assert_int_equal(cover & ~route, 0);
		assert_int_equal(guards, BIT(TRAP) | BIT(GOTO) | BIT(DMAC) |
						 BIT(INDEV) |
						 (i ? BIT(HOPS) : BIT(TTL)));
	}
	/* A default route looks at no address. */
	assert_int_equal(
		ofl_tc_caps_needs(&(struct ofl_tc_filter){.protocol = ETH_P_IP,
							  .dst.family = AF_INET,
							  .does = OFL_TC_DROP}),
		BIT(DROP));
}

static void test_one_answer(void **state)
{
	static const struct {
		int errnum;
		bool has_it;
		const char *words;
		uint8_t state;
		const char *text;
	} cases[] = {
		{0, true, "a warning", OFL_CAPABILITY_OK, ""},
		{0, false, "", OFL_CAPABILITY_REFUSED,
		 "the kernel has it, hardware has not"},
		{EOPNOTSUPP, false, "not here", OFL_CAPABILITY_REFUSED,
		 "not here"},
		{EOPNOTSUPP, false, "", OFL_CAPABILITY_REFUSED, NULL},
		{ENOENT, false, "no module", OFL_CAPABILITY_REFUSED,
		 "no module"},
		{ENOSPC, false, "full", OFL_CAPABILITY_UNKNOWN, "full"},
		{ETIMEDOUT, false, "", OFL_CAPABILITY_UNKNOWN, NULL},
		{EEXIST, false, "", OFL_CAPABILITY_UNKNOWN, NULL},
		{ENOBUFS, false, "", OFL_CAPABILITY_UNKNOWN, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ofl_tc_cap_known row = {.of_block = true, .text = "old"};

		ofl_tc_caps_set(&row, cases[i].errnum, cases[i].has_it,
				cases[i].words);
		assert_int_equal(row.state, cases[i].state);
		assert_int_equal(row.errnum, cases[i].errnum);
		assert_false(row.of_block);
		assert_string_equal(row.text, cases[i].text
						      ? cases[i].text
						      : strerror(row.errnum));
	}
}

/* Refuse these of the rows (one bit each), take the others. */
static void answer(struct ofl_tc_cap_known *known, uint32_t refused)
{
	ofl_tc_caps_init(known, OFL_TC_TRAP);
	for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++)
		ofl_tc_caps_set(&known[cap],
				refused & 1u << cap ? EOPNOTSUPP : 0, true,
				"no");
	ofl_tc_caps_settle(known);
}

static void test_what_a_refusal_says(void **state)
{
	static const struct {
		uint32_t answers, refused, unknown;
	} cases[] = {
		{0, 0, 0},
		{BIT(DROP), BIT(DROP), 0},
		{BIT(TTL_DEC) | BIT(VLAN_PUSH), BIT(TTL_DEC), BIT(VLAN_PUSH)},
		/* Nothing above a redirect says anything of itself. */
		{BIT(REDIRECT) | BIT(MACS) | BIT(TTL_DEC) | BIT(HOPS_DEC) |
			 BIT(VLAN_PUSH),
		 BIT(REDIRECT),
		 BIT(MACS) | BIT(TTL_DEC) | BIT(HOPS_DEC) | BIT(VLAN_PUSH)},
		/* Refused alone, taken as routes have it. */
		{BIT(REDIRECT) | BIT(MACS) | BIT(HOPS_DEC), BIT(HOPS_DEC), 0},
		{BIT(TRAP) | BIT(TTL) | BIT(HOPS) | BIT(IPV4_DST) |
			 BIT(IPV6_DST),
		 BIT(TRAP),
		 BIT(TTL) | BIT(HOPS) | BIT(IPV4_DST) | BIT(IPV6_DST)},
		{BIT(IPV6_DST), BIT(IPV6_DST), 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ofl_tc_cap_known known[OFL_TC_CAP_MAX];
		uint32_t unknown = 0;

		answer(known, cases[i].answers);
		assert_int_equal(ofl_tc_caps_refused(known), cases[i].refused);
		for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++) {
			/* What stands on a refusal is not tried again. */
			assert_false(ofl_tc_caps_is_open(known, cap));
			if (known[cap].state == OFL_CAPABILITY_UNKNOWN)
				unknown |= 1u << cap;
		}
		assert_int_equal(unknown, cases[i].unknown);
	}
}

static void test_what_is_tried_again(void **state)
{
	struct ofl_tc_cap_known known[OFL_TC_CAP_MAX];

	answer(known, 0);
	ofl_tc_caps_set(&known[OFL_TC_CAP_MACS], ENOSPC, false, "full");
	ofl_tc_caps_set(&known[OFL_TC_CAP_TTL], ENOSPC, false, "full");
	ofl_tc_caps_settle(known);
	/* A longer filter was taken, so the shorter one would be. */
	assert_int_equal(known[OFL_TC_CAP_MACS].state, OFL_CAPABILITY_OK);
	assert_true(ofl_tc_caps_is_open(known, OFL_TC_CAP_TTL));
	assert_false(ofl_tc_caps_is_open(known, OFL_TC_CAP_DROP));
	ofl_tc_caps_set(&known[OFL_TC_CAP_TRAP], EOPNOTSUPP, false, "");
	assert_false(ofl_tc_caps_is_open(known, OFL_TC_CAP_TTL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_software_has_no_trap),
		cmocka_unit_test(test_covers_need_no_more_than_routes),
		cmocka_unit_test(test_one_answer),
		cmocka_unit_test(test_what_a_refusal_says),
		cmocka_unit_test(test_what_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
