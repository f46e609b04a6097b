// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes: what is accepted, what comes out again, and that
 * order, containment and hash agree with each other.  The tables of names
 * (reasons, operations) and of limits are checked here, too.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "offloadd/flow/hwtable.h"
#include "offloadd/flow/op.h"
#include "offloadd/flow/reason.h"

static const struct {
	const char *text;
	const char *strict; /* printed again; NULL: refused */
	const char *masked; /* same with host bits cleared */
} texts[] = {
	{"192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24"},
	{"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0"},
	{"::/0", "::/0", "::/0"},
	{"192.0.2.1", "192.0.2.1/32", "192.0.2.1/32"},
	{"2001:db8::1", "2001:db8::1/128", "2001:db8::1/128"},
	{"2001:db8::/32", "2001:db8::/32", "2001:db8::/32"},
	{"2001:0DB8:0:0::/32", "2001:db8::/32", "2001:db8::/32"},
	{"255.255.255.255/32", "255.255.255.255/32", "255.255.255.255/32"},
	{"128.0.0.0/1", "128.0.0.0/1", "128.0.0.0/1"},
	/* host bits */
	{"192.0.2.1/24", NULL, "192.0.2.0/24"},
	{"192.0.2.128/24", NULL, "192.0.2.0/24"},
	{"192.0.2.3/31", NULL, "192.0.2.2/31"},
	{"64.0.0.0/1", NULL, "0.0.0.0/1"},
	{"0.0.0.1/0", NULL, "0.0.0.0/0"},
	{"2001:db8::1/64", NULL, "2001:db8::/64"},
	{"2001:db8:0:0:8000::/64", NULL, "2001:db8::/64"},
	{"ffff::/7", NULL, "fe00::/7"},
	/* nonsense */
	{"", NULL, NULL},
	{"/", NULL, NULL},
	{"/24", NULL, NULL},
	{"192.0.2.0/", NULL, NULL},
	{"192.0.2.0/33", NULL, NULL},
	{"192.0.2.0/024", NULL, NULL},
	{"192.0.2.0/00", NULL, NULL},
	{"192.0.2.0/-1", NULL, NULL},
	{"192.0.2.0/+8", NULL, NULL},
	{"192.0.2.0/ 8", NULL, NULL},
	{"192.0.2.0/8 ", NULL, NULL},
	{"192.0.2.0/24/24", NULL, NULL},
	{"192.0.2.0/4294967304", NULL, NULL},
	{"192.0.2/24", NULL, NULL},
	{"192.0.2.256/32", NULL, NULL},
	{" 192.0.2.0/24", NULL, NULL},
	{"2001:db8::/129", NULL, NULL},
	{"2001:db8::/256", NULL, NULL},
	{"fe80::1%eth0/64", NULL, NULL},
	{":::/0", NULL, NULL},
	{"default", NULL, NULL},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/1", NULL,
	 NULL},
};

static void check_text(const char *text, bool mask, const char *expect)
{
	struct ofl_prefix p, before;
	char buf[OFL_PREFIX_STRLEN];

	memset(&p, 0xa5, sizeof(p));
	before = p;
	assert_int_equal(ofl_prefix_parse(text, mask, &p), expect != NULL);
	if (expect)
		assert_string_equal(ofl_prefix_print(&p, buf, sizeof(buf)),
				    expect);
	else
		assert_memory_equal(&p, &before, sizeof(p));
}

static void test_parse_print(void **state)
{
	for (size_t i = 0; i < array_size(texts); i++) {
		check_text(texts[i].text, false, texts[i].strict);
		check_text(texts[i].text, true, texts[i].masked);
	}
}

static void test_longest_text(void **state)
{
	char buf[OFL_PREFIX_STRLEN];
	struct ofl_prefix p, again;
	uint8_t addr[16];

	memset(addr, 0xff, sizeof(addr));
	p = ofl_prefix_make(AF_INET6, addr, 128);
	assert_string_equal(ofl_prefix_print(&p, buf, sizeof(buf)),
			    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
	/* Text with an embedded IPv4 address may be longer.  How it is
	 * printed is libfrr's choice; it must be read back as the same. */
	assert_true(ofl_prefix_parse(
		"0000:0000:0000:0000:0000:ffff:255.255.255.255/128", false,
		&p));
	ofl_prefix_print(&p, buf, sizeof(buf));
	assert_true(ofl_prefix_parse(buf, false, &again));
	assert_int_equal(ofl_prefix_cmp(&p, &again), 0);
}

static void test_make_clears(void **state)
{
	uint8_t ones[16];

	memset(ones, 0xff, sizeof(ones));
	for (unsigned int plen = 0; plen <= 128; plen++) {
		struct ofl_prefix p = ofl_prefix_make(AF_INET6, ones, plen);

		for (unsigned int i = 0; i < 128; i++)
			assert_int_equal(ofl_addr_bit(p.addr, i), i < plen);
		if (plen > 32)
			continue;
		p = ofl_prefix_make(AF_INET, ones, plen);
		for (unsigned int i = 0; i < 128; i++)
			assert_int_equal(ofl_addr_bit(p.addr, i), i < plen);
	}
}

static void test_contains(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool yes;
	} rows[] = {
		{"0.0.0.0/0", "192.0.2.0/24", true},
		{"192.0.2.0/24", "192.0.2.0/24", true},
		{"192.0.2.0/24", "192.0.2.128/25", true},
		{"192.0.2.0/25", "192.0.2.128/25", false},
		{"192.0.2.128/25", "192.0.2.0/24", false},
		{"192.0.2.0/23", "192.0.3.255/32", true},
		{"0.0.0.0/0", "::/0", false},
		{"::/0", "2001:db8::/32", true},
		{"2001:db8::/33", "2001:db8:8000::/33", false},
		{"2001:db8::/127", "2001:db8::1/128", true},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_prefix outer = mk_prefix(rows[i].outer);
		struct ofl_prefix inner = mk_prefix(rows[i].inner);

		assert_int_equal(ofl_prefix_contains(&outer, &inner),
				 rows[i].yes);
	}
}

static void test_common(void **state)
{
	uint8_t a[16] = {0}, b[16] = {0};

	assert_int_equal(ofl_addr_common(a, b, 128), 128);
	assert_int_equal(ofl_addr_common(a, b, 0), 0);
	for (unsigned int i = 0; i < 128; i++) {
		memset(b, 0, sizeof(b));
		b[i / 8] = 0x80 >> (i % 8);
		b[15] |= 1;
		assert_int_equal(ofl_addr_common(a, b, 128), i);
		assert_int_equal(ofl_addr_common(a, b, i), i);
		assert_int_equal(ofl_addr_common(a, b, i / 2), i / 2);
	}
}

/* In preorder of the tree, each strictly below the next. */
static void test_order(void **state)
{
	static const char *const order[] = {
		"0.0.0.0/0",	   "0.0.0.0/1",	    "10.0.0.0/8",
		"10.0.0.0/9",	   "10.0.0.0/32",   "10.128.0.0/9",
		"128.0.0.0/1",	   "255.0.0.0/8",   "::/0",
		"2001:db8::/32",   "2001:db8::/33", "2001:db8::1/128",
		"2001:db8:1::/48",
	};

	for (size_t i = 0; i < array_size(order); i++) {
		for (size_t j = 0; j < array_size(order); j++) {
			struct ofl_prefix a = mk_prefix(order[i]);
			struct ofl_prefix b = mk_prefix(order[j]);
			int diff = ofl_prefix_cmp(&a, &b);

			assert_int_equal(diff < 0, i < j);
			assert_int_equal(diff > 0, i > j);
		}
	}
}

static void test_key(void **state)
{
	struct ofl_key a = mk_key(1, "192.0.2.0/24");
	struct ofl_key b = mk_key(1, "192.0.2.0/25");
	struct ofl_key c = mk_key(2, "192.0.2.0/24");
	struct ofl_key d = mk_key(1, "0.0.0.0/0");
	struct ofl_key e = mk_key(1, "::/0");
	struct ofl_key again = mk_key(1, "192.0.2.0/24");

	assert_true(ofl_key_cmp(&a, &b) < 0 && ofl_key_cmp(&b, &a) > 0);
	assert_true(ofl_key_cmp(&b, &c) < 0); /* VRF comes first */
	assert_int_equal(ofl_key_cmp(&a, &again), 0);
	assert_int_equal(ofl_key_hash(&a), ofl_key_hash(&again));
	assert_int_not_equal(ofl_key_hash(&a), ofl_key_hash(&b));
	assert_int_not_equal(ofl_key_hash(&a), ofl_key_hash(&c));
	assert_int_not_equal(ofl_key_hash(&d), ofl_key_hash(&e));
}

/* The hash table takes the hash's upper bits: neighbours must part there. */
static void test_hash_spreads(void **state)
{
	static uint16_t used[4096];
	unsigned int most = 0;

	memset(used, 0, sizeof(used));
	for (unsigned int i = 0; i < 4096; i++) {
		uint8_t addr[4] = {10, 1, i >> 4, i << 4};
		struct ofl_key k = {.p = ofl_prefix_make(AF_INET, addr, 28)};
		unsigned int at = ofl_key_hash(&k) >> 20;

		if (++used[at] > most)
			most = used[at];
	}
	assert_true(most <= 10); /* 7 is usual for a random function */
}

static void test_names(void **state)
{
	for (unsigned int r = 0; r < OFL_REASON_MAX; r++) {
		assert_int_equal(ofl_reason_find(ofl_reason_name(r)), r);
		assert_true(*ofl_reason_meaning(r));
		assert_true(*ofl_reason_remedy(r));
	}
	assert_string_equal(ofl_reason_name(OFL_REASON_NONE), "none");
	assert_string_equal(ofl_reason_name(OFL_REASON_ELIDED),
			    "same-as-cover");
	assert_string_equal(ofl_reason_name(OFL_REASON_MAX), "unknown");
	assert_string_equal(ofl_reason_name(-1), "unknown");
	assert_true(*ofl_reason_meaning(OFL_REASON_MAX));
	assert_true(*ofl_reason_remedy(OFL_REASON_MAX));
	assert_int_equal(ofl_reason_find("no such reason"), OFL_REASON_MAX);
	assert_int_equal(ofl_reason_find(""), OFL_REASON_MAX);

	assert_string_equal(ofl_op_kind_name(OFL_OP_NONE), "none");
	assert_string_equal(ofl_op_kind_name(OFL_OP_ADD), "add");
	assert_string_equal(ofl_op_kind_name(OFL_OP_REPLACE), "replace");
	assert_string_equal(ofl_op_kind_name(OFL_OP_DEL), "delete");
	assert_string_equal(ofl_op_kind_name(77), "unknown");
	assert_string_equal(ofl_entry_name(OFL_ENTRY_NONE), "none");
	assert_string_equal(ofl_entry_name(OFL_ENTRY_REAL), "real");
	assert_string_equal(ofl_entry_name(OFL_ENTRY_PUNT), "punt");
	assert_string_equal(ofl_entry_name(77), "unknown");
	assert_string_equal(ofl_status_name(OFL_STATUS_OK), "ok");
	assert_string_equal(ofl_status_name(OFL_STATUS_NO_SPACE), "no-space");
	assert_string_equal(ofl_status_name(OFL_STATUS_UNSUPPORTED),
			    "unsupported");
	assert_string_equal(ofl_status_name(OFL_STATUS_ERROR), "error");
	assert_string_equal(ofl_status_name(77), "unknown");
}

static void test_limits(void **state)
{
	static const struct {
		struct ofl_limit limit;
		uint32_t capacity, slots;
	} rows[] = {
		{{97, true}, 2000, 1940},
		{{97, true}, 10, 9}, /* rounds down */
		{{90, true}, 0, 0},
		{{100, true}, UINT32_MAX, UINT32_MAX},
		{{97, true}, UINT32_MAX, 4166118276},
		{{200, true}, 100, 100},
		{{50, false}, 2000, 50},
		{{3000, false}, 2000, 2000},
	};
	struct ofl_hwtable_conf c;
	char longer[2 * OFL_NAME_LEN];

	for (size_t i = 0; i < array_size(rows); i++)
		assert_int_equal(ofl_limit_slots(&rows[i].limit,
						 rows[i].capacity),
				 rows[i].slots);

	ofl_hwtable_conf_init(&c, "asic0");
	assert_string_equal(c.name, "asic0");
	assert_string_equal(c.provider, "emulated");
	assert_int_equal(c.capacity_slots, 0);
	assert_int_equal(c.cost_v4_slots, 1);
	assert_int_equal(c.cost_v6_slots, 2);
	assert_int_equal(ofl_limit_slots(&c.high, 1000), 970);
	assert_int_equal(ofl_limit_slots(&c.low, 1000), 900);
	assert_int_equal(c.reserve_slots, OFL_RESERVE_AUTO);
	assert_int_equal(c.hysteresis_permille, 200);
	assert_int_equal(c.residence_sweeps, 1);
	assert_int_equal(c.critical_cover_limit_slots, 0);
	assert_int_equal(c.optional_writes_per_s, 500);
	assert_int_equal(c.rebalance_s, 10);
	assert_true(c.exact);

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	ofl_hwtable_conf_init(&c, longer);
	assert_int_equal(strlen(c.name), OFL_NAME_LEN - 1);
}

/* The automatic reserve never reaches below the default high watermark. */
static void test_reserve(void **state)
{
	static const struct {
		uint32_t reserve, capacity, slots;
	} rows[] = {
		{OFL_RESERVE_AUTO, 0, 0},
		{OFL_RESERVE_AUTO, 33, 0},
		{OFL_RESERVE_AUTO, 34, 1},
		{OFL_RESERVE_AUTO, 100, 3},
		{OFL_RESERVE_AUTO, 2000, 60},
		{OFL_RESERVE_AUTO, 2134, 64}, /* no more than is needed */
		{OFL_RESERVE_AUTO, 12800, 64},
		{OFL_RESERVE_AUTO, 13000, 65}, /* half a percent */
		{OFL_RESERVE_AUTO, UINT32_MAX, 21474836},
		{0, 2000, 0},
		{700, 2000, 700},
		{700, 600, 600},
	};
	struct ofl_hwtable_conf c;

	ofl_hwtable_conf_init(&c, "asic0");
	for (size_t i = 0; i < array_size(rows); i++) {
		c.reserve_slots = rows[i].reserve;
		assert_int_equal(ofl_hwtable_reserve_slots(&c,
							   rows[i].capacity),
				 rows[i].slots);
	}
	c.reserve_slots = OFL_RESERVE_AUTO;
	for (uint32_t n = 0; n < 100000; n++)
		assert_true(n - ofl_hwtable_reserve_slots(&c, n) >=
			    ofl_limit_slots(&c.high, n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_print),
		cmocka_unit_test(test_longest_text),
		cmocka_unit_test(test_make_clears),
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_hash_spreads),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
