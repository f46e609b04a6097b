// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What devices take of ACL filters: every row is tried by a filter that needs
 * it and what it is built upon, and a refused row says which fields of a match
 * stay with software.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "offloadd/provider/prov_tc_acl_caps.h"
#include "tests/unit/acl_words.h"

#define BIT(cap) (UINT64_C(1) << OFL_TC_ACL_##cap)

static const struct ofl_tc_at block = {.block = 1};
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

static void check_row(enum ofl_tc_acl_cap cap,
		      const struct ofl_tc_cap_place *place)
{
	static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];
	const char *name = ofl_tc_acl_caps_name(cap);
	struct ofl_tc_acl f, got;
	struct ofl_tc_seen seen;
	struct nlmsghdr *nlh;

	if (!ofl_tc_acl_caps_filter(cap, place, &f)) {
		assert_true(cap == (place == &software ? OFL_TC_ACL_TRAP
						       : OFL_TC_ACL_PROGRAM));
		return;
	}
	nlh = ofl_tc_acl_encode(buf, sizeof(buf), RTM_NEWTFILTER, 0, &block,
				&f);
	if (!nlh)
		fail_msg("%s: cannot be written", name);
	assert_true(ofl_tc_acl_decode(nlh, &got, &seen));
	if (!seen.understood || !ofl_tc_acl_eq(&f, &got))
		fail_msg("%s: read back as something else", name);
	if (!(ofl_tc_acl_caps_needs(&f) & UINT64_C(1) << cap))
		fail_msg("%s: its own filter does not need it", name);
	assert_int_equal(f.pref, UINT16_MAX - OFL_TC_ACL_CAP_MAX + cap);
	assert_true(place == &software || f.flags == TCA_CLS_FLAGS_SKIP_SW);
	assert_true(place != &software || f.flags == TCA_CLS_FLAGS_SKIP_HW);
}

static void test_rows(void **state)
{
	for (unsigned int cap = 0; cap < OFL_TC_ACL_CAP_MAX; cap++) {
		const char *name = ofl_tc_acl_caps_name(cap);

		check_row((enum ofl_tc_acl_cap)cap, &hardware);
		check_row((enum ofl_tc_acl_cap)cap, &software);
		for (unsigned int before = 0; before < cap; before++)
			assert_string_not_equal(name,
						ofl_tc_acl_caps_name(before));
	}
}

/* A row that stands alone is refused together with all that need it, and with
 * nothing else: what a filter is made of is what it is built upon. */
static void test_a_refusal_is_found(void **state)
{
	for (unsigned int bad = 0; bad < OFL_TC_ACL_CAP_MAX; bad++) {
		struct ofl_tc_cap_known known[OFL_TC_ACL_CAP_MAX];
		struct ofl_tc_acl f;

		ofl_tc_acl_caps_init(known, &hardware);
		for (unsigned int cap = 0; cap < OFL_TC_ACL_CAP_MAX; cap++) {
			bool no;

			if (!ofl_tc_acl_caps_filter(cap, &hardware, &f))
				continue;
			no = ofl_tc_acl_caps_needs(&f) & UINT64_C(1) << bad;
			ofl_tc_caps_set(&known[cap], no ? EOPNOTSUPP : 0, true,
					"no");
		}
		ofl_tc_acl_caps_settle(known);
		if (bad == OFL_TC_ACL_PROGRAM) {
			assert_int_equal(known[bad].state,
					 OFL_CAPABILITY_UNUSED);
			continue;
		}
		if (known[bad].state != OFL_CAPABILITY_REFUSED)
			fail_msg("%s: not refused", ofl_tc_acl_caps_name(bad));
		/* These stand in the filters of actions, too, which are not
		 * built upon them: so much is refused. */
		if (bad == OFL_TC_ACL_IPV4 || bad == OFL_TC_ACL_IPV6)
			continue;
		if (ofl_tc_acl_caps_refused(known) != UINT64_C(1) << bad)
			fail_msg("%s: refused are %#llx",
				 ofl_tc_acl_caps_name(bad),
				 (unsigned long long)ofl_tc_acl_caps_refused(
					 known));
	}
}

/* --- what stays with software --- */

static void match_of(const char *words, struct ofl_match *ret)
{
	char text[256], *rest = text, *word;

	ofl_match_init(ret);
	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		assert_true(acl_match_word(ret, word));
}

static struct ofl_tc_acl filter_of(const char *words, const char *acts)
{
	char text[256], *rest = text, *word;
	struct ofl_tc_acl f;
	struct ofl_match m;

	memset(&f, 0, sizeof(f));
	match_of(words, &m);
	snprintf(text, sizeof(text), "%s", acts);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		assert_true(acl_act_word(&f.acts, word));
	assert_int_equal(ofl_tc_acl_match_set(&f, &m, "sw1"), 0);
	return f;
}

static void test_needs(void **state)
{
	static const struct {
		const char *match, *acts;
		uint64_t needs;
	} cases[] = {
		{"", "drop", BIT(DROP)},
		{"src4=10.0.0.0/255.0.0.0", "trap",
		 BIT(IPV4) | BIT(IPV4_SRC) | BIT(TRAP)},
		{"dst6=::1 protocol=6 dport=1-9 sport=7", "mark=1 trap",
		 BIT(IPV6) | BIT(IPV6_DST) | BIT(PROTOCOL) | BIT(SRC_PORT) |
			 BIT(DST_PORTS) | BIT(MARK) | BIT(TRAP)},
		{"ethertype=0x86dd fragment=1/3 dscp=1 ttl=1",
		 "dscp=1 redirect_in=5",
		 BIT(IPV6) | BIT(FRAGMENT) | BIT(FIRST_FRAGMENT) | BIT(DSCP) |
			 BIT(TTL) | BIT(SET_DSCP6) | BIT(REDIRECT_IN)},
		{"vlan=1 vlan_id=5 vlan_pcp=1 port=3 src_mac=1 dst_mac=1/1",
		 "mirror=3 police=1000000/10000 sample=1/1 goto=1",
		 BIT(TAGGED) | BIT(VLAN_ID) | BIT(VLAN_PCP) | BIT(INDEV) |
			 BIT(SRC_MAC) | BIT(DST_MAC) | BIT(MIRROR) |
			 BIT(POLICE) | BIT(SAMPLE) | BIT(GOTO)},
		{"vlan=0 ethertype=0x806", "mirror_in=3 accept",
		 BIT(UNTAGGED) | BIT(ETHERTYPE) | BIT(MIRROR_IN) | BIT(ACCEPT)},
		{"ethertype=0x800 protocol=1 icmp_type=1 icmp_code=1",
		 "dscp=1 redirect=3",
		 BIT(IPV4) | BIT(PROTOCOL) | BIT(ICMP_TYPE) | BIT(ICMP_CODE) |
			 BIT(SET_DSCP) | BIT(REDIRECT)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ofl_tc_acl f = filter_of(cases[i].match, cases[i].acts);

		if (ofl_tc_acl_caps_needs(&f) != cases[i].needs)
			fail_msg("%s %s: needs %#llx, not %#llx",
				 cases[i].match, cases[i].acts,
				 (unsigned long long)ofl_tc_acl_caps_needs(&f),
				 (unsigned long long)cases[i].needs);
	}
}

static void test_fields_left_to_software(void **state)
{
	struct ofl_tc_acl f = filter_of(
		"src4=10.0.0.1 protocol=6 dport=1-9 sport=7 tcp_flags=2/2",
		"drop");
	const uint32_t flags = OFL_TC_FIELD(OFL_FIELD_TCP_FLAGS);
	const uint32_t dport = OFL_TC_NUMBER(OFL_NUMBER_DST_PORT);

	assert_int_equal(ofl_tc_acl_caps_missing(&f.keys, 0), 0);
	assert_int_equal(ofl_tc_acl_caps_missing(&f.keys,
						 BIT(TCP_FLAGS) | BIT(TTL)),
			 flags);
	assert_int_equal(ofl_tc_acl_caps_missing(
				 &f.keys, BIT(TCP_FLAGS) | BIT(DST_PORTS)),
			 flags | dport);
	/* Of single ports it has one, in the other direction. */
	assert_int_equal(ofl_tc_acl_caps_missing(&f.keys, BIT(DST_PORT)), 0);
	assert_int_equal(ofl_tc_acl_caps_missing(&f.keys, BIT(IPV6_SRC)), 0);
}

/* Whatever rows are refused, there is a part of the match that needs none of
 * them, contains it, and lacks no more than was said. */
static void test_part_for_hardware(void **state)
{
	static const char *const matches[] = {
		"src4=10.0.0.1 dst4=10.0.0.2 vlan=1 vlan_id=5 vlan_pcp=1 "
		"src_mac=1 dst_mac=2 port=3 dscp=1 ttl=64 fragment=1/3 "
		"protocol=6 sport=7 dport=1-9 tcp_flags=2/2",
		"src6=::1 dst6=::2 protocol=58 icmp_type=1 icmp_code=1 vlan=0",
		"ethertype=0x800 mark=5 length=1-2 ttl=1-2 protocol=17 dport=7",
	};
	uint32_t random = 1;

	for (int n = 0; n < 3000; n++) {
		struct ofl_match m, part, again;
		uint64_t refused = 0;
		struct ofl_tc_acl f;
		uint32_t out;

		match_of(matches[n % 3], &m);
		for (int k = 0; k < n % 5; k++) {
			random = random * 1664525 + 1013904223;
			refused |= UINT64_C(1)
				   << (OFL_TC_ACL_INDEV +
				       (random >> 8) % (OFL_TC_ACL_ICMP_CODE -
							OFL_TC_ACL_INDEV + 1));
		}
		out = ofl_tc_acl_caps_part_make(&m, "sw1", refused, &part);
		assert_true(ofl_match_contains(&part, &m));
		assert_int_equal(ofl_match_eq(&part, &m), out == 0);
		memset(&f, 0, sizeof(f));
		assert_int_equal(ofl_tc_acl_match_set(&f, &part, "sw1"), 0);
		assert_false(ofl_tc_acl_caps_needs(&f) & refused);
		again = m;
		ofl_tc_keys_widen(&again, out);
		assert_true(ofl_match_eq(&again, &part));
	}
}

static void test_part_is_what_people_expect(void **state)
{
	struct ofl_match m, part, want;

	match_of("src4=10.0.0.0/255.0.0.0 protocol=6 tcp_flags=2/2 dport=1-9 "
		 "mark=7",
		 &m);
	assert_int_equal(ofl_tc_acl_caps_part_make(&m, NULL, BIT(TCP_FLAGS),
						   &part),
			 OFL_TC_FIELD(OFL_FIELD_MARK) |
				 OFL_TC_FIELD(OFL_FIELD_TCP_FLAGS));
	match_of("src4=10.0.0.0/255.0.0.0 protocol=6 dport=1-9", &want);
	assert_true(ofl_match_eq(&part, &want));
	/* Without a protocol there are no ports. */
	(void)ofl_tc_acl_caps_part_make(&m, NULL, BIT(PROTOCOL), &part);
	match_of("src4=10.0.0.0/255.0.0.0", &want);
	assert_true(ofl_match_eq(&part, &want));
	(void)ofl_tc_acl_caps_part_make(&m, NULL, BIT(IPV4), &part);
	ofl_match_init(&want);
	assert_true(ofl_match_eq(&part, &want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_a_refusal_is_found),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_fields_left_to_software),
		cmocka_unit_test(test_part_for_hardware),
		cmocka_unit_test(test_part_is_what_people_expect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
