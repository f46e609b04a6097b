// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matches as keys of flower: what can be said is said whole and read back as
 * it was, what cannot is named, and pieces of a match are the match.
 *
 * That the keys mean what the match means the kernel alone can tell: tests/hw/
 * acl.py.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>

#include "tests/unit/acl_words.h"

#define FIELD(name) OFL_TC_FIELD(OFL_FIELD_##name)
#define NUMBER(name) OFL_TC_NUMBER(OFL_NUMBER_##name)

#define V4 "ethertype=0x800 "
#define V6 "ethertype=0x86dd "

static struct ofl_match match_of(const char *words)
{
	struct ofl_match m;
	char text[256], *rest = text, *word;

	ofl_match_init(&m);
	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		if (!acl_match_word(&m, word))
			fail_msg("%s: not a word", word);
	return m;
}

/* --- what flower can say --- */

static const struct {
	const char *match;
	uint32_t missing;
} cases[] = {
	{"", 0},
	{"ethertype=0x806", 0},
	{"src_mac=1 dst_mac=1/1", 0},
	{"src4=10.0.0.0/255.0.0.255 dst4=10.0.0.1", 0},
	{"src6=2001:db8::/::1 dst6=::1", 0},
	{V4 "protocol=6 sport=1-5 dport=80 tcp_flags=2/2", 0},
	{V6 "protocol=58 icmp_type=1 icmp_code=2", 0},
	{V4 "dscp=46 ttl=64 fragment=0/1", 0},
	{V6 "ttl=0-255", 0},
	{V6 "ttl=0-65535", 0},
	{"vlan=1 vlan_id=0 vlan_pcp=7", 0},
	{"vlan=0", 0},
	{"port=3", 0},
	{"mark=1/1", FIELD(MARK)},
	{"length=0-1500", NUMBER(LENGTH)},
	{"ethertype=0x800/0xf00", FIELD(ETHERTYPE)},
	{"ethertype=0x8100", FIELD(ETHERTYPE)},
	{"ethertype=0x88a8", FIELD(ETHERTYPE)},
	{"protocol=6", FIELD(PROTOCOL)},
	{V4 "protocol=6/0xfe", FIELD(PROTOCOL)},
	{"dscp=1", FIELD(DSCP)},
	{"ethertype=0x806 dscp=1", FIELD(DSCP)},
	{"ttl=1", NUMBER(TTL)},
	{V4 "ttl=1-2", NUMBER(TTL)},
	{V4 "ttl=256-300", NUMBER(TTL)},
	{"fragment=1/1", FIELD(FRAGMENT)},
	{V4 "fragment=0/2", FIELD(FRAGMENT)},
	{V4 "fragment=2/3", FIELD(FRAGMENT)}, /* no such packet */
	{V4 "sport=1", NUMBER(SRC_PORT)},
	{V4 "protocol=1 sport=1-2 dport=3",
	 NUMBER(SRC_PORT) | NUMBER(DST_PORT)},
	{V4 "protocol=17 tcp_flags=2/2", FIELD(TCP_FLAGS)},
	{V4 "protocol=6 tcp_flags=0x5000/0xf000", FIELD(TCP_FLAGS)},
	{V4 "protocol=58 icmp_type=1", FIELD(ICMP_TYPE)},
	{V6 "protocol=1 icmp_code=1", FIELD(ICMP_CODE)},
	{"vlan_id=5", FIELD(VLAN_ID)},
	{"vlan=0 vlan_pcp=0", FIELD(VLAN_PCP)},
	{"vlan=1 vlan_id=1/1 vlan_pcp=1/1", FIELD(VLAN_ID) | FIELD(VLAN_PCP)},
	{"port=1/1", FIELD(PORT)},
	{"port=3 mark=1", FIELD(MARK)},
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static void test_what_is_missing(void **state)
{
	for (size_t i = 0; i < N_CASES; i++) {
		struct ofl_match m = match_of(cases[i].match);
		uint32_t got = ofl_tc_keys_missing(&m);

		if (got != cases[i].missing)
			fail_msg("%s: %#x, not %#x", cases[i].match, got,
				 cases[i].missing);
		/* Without these it can be said, and means at least as much. */
		ofl_tc_keys_widen(&m, got);
		assert_int_equal(ofl_tc_keys_missing(&m), 0);
	}
}

static void test_widening(void **state)
{
	struct ofl_match m = match_of(
		"src6=2001:db8::1 dst6=2001:db8::2 protocol=6 dport=80");
	struct ofl_match want = match_of("dst6=2001:db8::2 protocol=6"), all;

	ofl_tc_keys_widen(&m, FIELD(SRC_V4) | NUMBER(DST_PORT));
	assert_true(ofl_match_eq(&m, &want));
	ofl_tc_keys_widen(&m, UINT32_MAX);
	ofl_match_init(&all);
	assert_true(ofl_match_eq(&m, &all));
}

static void test_unknown_device(void **state)
{
	struct ofl_match m = match_of("port=3");
	struct ofl_tc_keys keys;

	assert_int_equal(ofl_tc_keys_make(&m, NULL, &keys), FIELD(PORT));
	assert_int_equal(ofl_tc_keys_make(&m, "", &keys), FIELD(PORT));
	assert_int_equal(ofl_tc_keys_make(&m, "sw1", &keys), 0);
	assert_string_equal(keys.indev, "sw1");
}

/* --- netlink --- */

static struct ofl_tc_keys back(const struct ofl_tc_keys *k, bool *ret_ok)
{
	_Alignas(struct nlmsghdr) uint8_t buf[1024];
	const struct nlattr *tb[OFL_TC_FLOWER_ATTRS], *nest;
	struct ofl_tc_writer w = {.cookie = buf};
	struct ofl_tc_keys got;
	bool unknown = false;

	assert_non_null(ofl_tc_message_begin(&w, buf, sizeof(buf), 0, 0));
	nest = ofl_tc_nest_begin(&w, 1);
	ofl_tc_keys_encode(&w, k);
	assert_true(w.ok);
	ofl_tc_nest_commit(&w, (struct nlattr *)nest);
	assert_true(ofl_tc_nested_get(nest, tb, OFL_TC_FLOWER_ATTRS, &unknown));
	assert_false(unknown);
	*ret_ok = ofl_tc_keys_decode(tb, ofl_tc_keys_protocol(k), &got);
	return got;
}

static void test_round_trip(void **state)
{
	for (size_t i = 0; i < N_CASES; i++) {
		struct ofl_match m = match_of(cases[i].match);
		struct ofl_tc_keys keys, got;
		bool ok;

		if (ofl_tc_keys_make(&m, "sw1", &keys))
			continue;
		got = back(&keys, &ok);
		if (!ok || !ofl_tc_keys_eq(&keys, &got))
			fail_msg("%s: read back as something else",
				 cases[i].match);
		for (size_t j = 0; j < i; j++) {
			struct ofl_match o = match_of(cases[j].match);
			struct ofl_tc_keys other;

			if (!ofl_tc_keys_make(&o, "sw1", &other) &&
			    strcmp(cases[j].match, V6 "ttl=0-255") != 0)
				assert_false(ofl_tc_keys_eq(&keys, &other));
		}
	}
}

/* Random matches of everything at once: said and read back, or not said; and
 * what differs in meaning differs in keys. */
static uint32_t seed;

static uint32_t roll(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static struct ofl_match random_match(void)
{
	static const char *const words[] = {
		V4,
		V6,
		"protocol=6",
		"protocol=17",
		"protocol=1",
		"protocol=58",
		"sport=5",
		"sport=5-9",
		"dport=0-7",
		"dport=1-7",
		"tcp_flags=2/2",
		"icmp_type=3",
		"dscp=10",
		"ttl=64-127",
		"ttl=1",
		"fragment=1/1",
		"vlan=1",
		"vlan=0",
		"vlan_id=7",
		"vlan_pcp=1",
		"src_mac=7",
		"dst_mac=7/7",
		"mark=1",
		"length=1",
		"src4=10.0.0.0/255.0.0.0",
		"dst6=::5/::f",
		"port=2",
		"fragment=0/2",
	};
	char text[256] = "";
	size_t n = roll(7);

	while (n--) {
		strlcat(text, words[roll(sizeof(words) / sizeof(words[0]))],
			sizeof(text));
		strlcat(text, " ", sizeof(text));
	}
	return match_of(text);
}

static void test_random_round_trips(void **state)
{
	unsigned int said = 0;
	bool ok;

	seed = 1;
	for (int n = 0; n < 100000; n++) {
		struct ofl_match m = random_match();
		struct ofl_tc_keys keys, got;
		uint32_t missing = ofl_tc_keys_make(&m, "sw1", &keys);

		if (missing) {
			struct ofl_match wide = m;

			ofl_tc_keys_widen(&wide, missing);
			assert_true(ofl_match_contains(&wide, &m));
			continue;
		}
		got = back(&keys, &ok);
		assert_true(ok && ofl_tc_keys_eq(&keys, &got));
		said++;
	}
	assert_uint_in_range(said, 20000, 90000);
}

/* --- pieces --- */

static void test_split(void **state)
{
	static const struct {
		const char *match;
		unsigned int pieces;
	} splits[] = {
		{V4 "protocol=6", 1},
		{V4 "ttl=64", 1},
		{V4 "ttl=1-254", 14},
		{V4 "ttl=2-255", 7},
		{V4 "fragment=0/2", 2},
		{V4 "ttl=1-2 fragment=0/2", 4},
		{V4 "ttl=1-254 fragment=0/2", 28},
		{V4 "ttl=300-400", 0},
		{V4 "fragment=1/3", 1},
	};

	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		struct ofl_match m = match_of(splits[i].match);
		struct ofl_match pieces[OFL_TC_SPLIT_MAX];
		unsigned int n = ofl_tc_keys_split(&m, pieces);

		assert_int_equal(n, splits[i].pieces);
		for (unsigned int k = 0; k < n; k++)
			assert_int_equal(ofl_tc_keys_missing(&pieces[k]), 0);
		/* Every packet there is: in the match as often as in a piece.
		 */
		for (unsigned int ttl = 0; ttl < 256; ttl++) {
			static const uint8_t fragments[] = {0, 1, 3};
			struct ofl_packet p;

			ofl_packet_init(&p);
			ofl_match_packet_make(&m, &p);
			p.number[OFL_NUMBER_TTL] = (uint16_t)ttl;
			for (int f = 0; f < 3; f++) {
				unsigned int in = 0;

				ofl_packet_set(&p, OFL_FIELD_FRAGMENT,
					       fragments[f]);
				for (unsigned int k = 0; k < n; k++)
					in += ofl_match_has_packet(&pieces[k],
								   &p);
				assert_int_equal(in,
						 ofl_match_has_packet(&m, &p));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_missing),
		cmocka_unit_test(test_widening),
		cmocka_unit_test(test_unknown_device),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_random_round_trips),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
