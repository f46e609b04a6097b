// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matches as sets of packets: what overlaps, what contains what, shapes, and
 * the points of an intersection.  The last test holds all of it against
 * counting, in a universe of a few bits in every word.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/flow/match.h"

static const uint8_t ones[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				 0xff, 0xff, 0xff, 0xff};

/* "192.0.2.0" and "255.255.255.0", of either family. */
static void addr(struct ofl_match *m, enum ofl_end end, const char *address,
		 const char *mask)
{
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	uint8_t a[16], b[16];

	assert_int_equal(inet_pton(family, address, a), 1);
	assert_int_equal(inet_pton(family, mask, b), 1);
	ofl_match_addr_set(m, end, family, a, b);
}

static struct ofl_match source(const char *address, const char *mask)
{
	struct ofl_match m;

	ofl_match_init(&m);
	addr(&m, OFL_END_SRC, address, mask);
	return m;
}

static void test_addresses(void **state)
{
	static const struct {
		const char *a, *a_mask, *b, *b_mask;
		bool overlap, contains; /* a contains b */
	} rows[] = {
		{"192.0.2.0", "255.255.255.0", "192.0.2.7", "255.255.255.255",
		 true, true},
		{"192.0.2.7", "255.255.255.255", "192.0.2.0", "255.255.255.0",
		 true, false},
		{"192.0.2.0", "255.255.255.0", "192.0.3.0", "255.255.255.0",
		 false, false},
		/* a wildcard mask with holes: every odd host of every net */
		{"0.0.0.1", "0.0.0.1", "10.9.8.7", "255.255.255.255", true,
		 true},
		{"0.0.0.1", "0.0.0.1", "10.9.8.6", "255.255.255.255", false,
		 false},
		{"10.0.0.1", "255.0.0.255", "10.0.7.0", "255.255.255.0", true,
		 false},
		{"2001:db8::", "ffff:ffff::", "2001:db8:7::",
		 "ffff:ffff:ffff::", true, true},
		{"2001:db8::1", "ffff:ffff::ffff", "2001:db8::2",
		 "ffff:ffff::ffff", false, false},
		{"2001:db8:0:0:1::", "ffff:ffff:0:0:ffff::", "2001:db8::",
		 "ffff:ffff::", true, false},
		/* families never meet, whatever their bits */
		{"0.0.0.0", "0.0.0.0", "::", "::", false, false},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_match a = source(rows[i].a, rows[i].a_mask);
		struct ofl_match b = source(rows[i].b, rows[i].b_mask);

		if (ofl_match_has_overlap(&a, &b) != rows[i].overlap ||
		    ofl_match_has_overlap(&b, &a) != rows[i].overlap ||
		    ofl_match_contains(&a, &b) != rows[i].contains)
			fail_msg("row %zu", i);
	}
}

static void test_ranges(void **state)
{
	static const struct {
		uint16_t min, max;
		uint32_t blocks;
	} rows[] = {
		{0, 65535, 1},	{80, 80, 1},	 {1024, 65535, 6}, {0, 1023, 1},
		{1, 65534, 30}, {4000, 4001, 1}, {4001, 4002, 2},
	};
	struct ofl_match m;

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_range r = {rows[i].min, rows[i].max};

		if (ofl_range_blocks(r) != rows[i].blocks)
			fail_msg("row %zu: %u", i, ofl_range_blocks(r));
	}
	ofl_match_init(&m);
	assert_int_equal(ofl_match_blocks(&m), 1);
	assert_true(ofl_match_range_set(&m, OFL_NUMBER_SRC_PORT, 1024, 65535));
	assert_true(ofl_match_range_set(&m, OFL_NUMBER_DST_PORT, 4001, 4002));
	assert_int_equal(ofl_match_blocks(&m), 12);
	assert_false(ofl_match_range_set(&m, OFL_NUMBER_TTL, 2, 1));
	assert_int_equal(m.range[OFL_NUMBER_TTL].max, 65535);
}

static void test_fields(void **state)
{
	struct ofl_match m, twin;
	struct ofl_packet p;

	ofl_match_init(&m);
	/* what a field has no room for is refused, and nothing changes */
	assert_false(ofl_match_set(&m, OFL_FIELD_VLAN_ID, 4096, 0xfff));
	assert_false(ofl_match_set(&m, OFL_FIELD_PROTOCOL, 6, 0x1ff));
	assert_int_equal(ofl_match_size(&m), 56);

	assert_true(ofl_match_set(&m, OFL_FIELD_MARK, 7, UINT32_MAX));
	assert_true(ofl_match_set(&m, OFL_FIELD_DST_MAC, 0x020000000001,
				  0xffffffffffff));
	assert_true(ofl_match_set(&m, OFL_FIELD_VLAN_ID, 10, 0xfff));
	assert_true(ofl_match_set(&m, OFL_FIELD_VLAN_PCP, 5, 7));
	assert_int_equal(ofl_match_size(&m), 56 + 3 * 16);

	/* the order in which fields are set leaves no trace */
	ofl_match_init(&twin);
	ofl_match_set(&twin, OFL_FIELD_VLAN_PCP, 5, 7);
	ofl_match_set(&twin, OFL_FIELD_SRC_MAC, 1, 1);
	ofl_match_set(&twin, OFL_FIELD_DST_MAC, 0x020000000001, 0xffffffffffff);
	ofl_match_set(&twin, OFL_FIELD_VLAN_ID, 10, 0xfff);
	assert_false(ofl_match_eq(&m, &twin));
	ofl_match_set(&twin, OFL_FIELD_SRC_MAC, 0, 0);
	ofl_match_set(&twin, OFL_FIELD_MARK, 7, UINT32_MAX);
	assert_true(ofl_match_eq(&m, &twin));
	assert_int_equal(ofl_match_hash(&m), ofl_match_hash(&twin));

	/* bits outside the mask do not count */
	ofl_match_set(&twin, OFL_FIELD_DSCP, 63, 0);
	assert_true(ofl_match_eq(&m, &twin));

	ofl_packet_init(&p);
	assert_false(ofl_packet_set(&p, OFL_FIELD_VLAN_PCP, 8));
	assert_true(ofl_packet_set(&p, OFL_FIELD_VLAN_PCP, 5));
	ofl_packet_set(&p, OFL_FIELD_VLAN_ID, 10);
	ofl_packet_set(&p, OFL_FIELD_DST_MAC, 0x020000000001);
	assert_false(ofl_match_has_packet(&m, &p));
	ofl_packet_set(&p, OFL_FIELD_MARK, 7);
	assert_true(ofl_match_has_packet(&m, &p));
}

static void test_shapes(void **state)
{
	struct ofl_match a = source("192.0.2.0", "255.255.255.0");
	struct ofl_match b = source("10.0.0.0", "255.255.255.0");

	assert_true(ofl_match_shape_eq(&a, &b));
	assert_int_equal(ofl_match_shape_hash(&a), ofl_match_shape_hash(&b));
	/* one port is a mask as good as another; a true range is not */
	ofl_match_range_set(&a, OFL_NUMBER_DST_PORT, 80, 80);
	assert_false(ofl_match_shape_eq(&a, &b));
	ofl_match_range_set(&b, OFL_NUMBER_DST_PORT, 443, 443);
	assert_true(ofl_match_shape_eq(&a, &b));
	ofl_match_range_set(&b, OFL_NUMBER_DST_PORT, 80, 443);
	assert_false(ofl_match_shape_eq(&a, &b));
	ofl_match_range_set(&a, OFL_NUMBER_DST_PORT, 22, 99);
	assert_true(ofl_match_shape_eq(&a, &b));
	ofl_match_set(&a, OFL_FIELD_MARK, 1, 1);
	assert_false(ofl_match_shape_eq(&a, &b));
}

/* --- against counting --- */
static uint64_t random_state = 1;

static uint32_t rnd(uint32_t below)
{
	random_state =
		random_state * 6364136223846793005ull + 1442695040888963407;
	return (random_state >> 33) % below;
}

/* Three bits, in words that are always there and in such that are not. */
static const enum ofl_field fields[] = {OFL_FIELD_DST_V4, OFL_FIELD_PORT,
					OFL_FIELD_SRC_MAC};
#define PACKETS 32 /* and two of a port */

static struct ofl_match random_match(void)
{
	struct ofl_match m;
	uint32_t low = rnd(4), high = rnd(4);

	ofl_match_init(&m);
	for (size_t i = 0; i < array_size(fields); i++)
		ofl_match_set(&m, fields[i], rnd(2), rnd(2));
	ofl_match_range_set(&m, OFL_NUMBER_SRC_PORT, MIN(low, high),
			    MAX(low, high));
	return m;
}

static struct ofl_packet packet(unsigned int k)
{
	struct ofl_packet p;

	ofl_packet_init(&p);
	for (size_t i = 0; i < array_size(fields); i++)
		ofl_packet_set(&p, fields[i], k >> i & 1);
	p.number[OFL_NUMBER_SRC_PORT] = k >> 3;
	return p;
}

static void one_pair(void)
{
	struct ofl_match a = random_match(), b = random_match();
	struct ofl_bits x = ofl_match_summary_make(&a);
	struct ofl_bits y = ofl_match_summary_make(&b);
	bool overlap = false, contains = true;
	struct ofl_packet p = packet(rnd(PACKETS));

	for (unsigned int k = 0; k < PACKETS; k++) {
		struct ofl_packet q = packet(k);
		bool in_a = ofl_match_has_packet(&a, &q);
		bool in_b = ofl_match_has_packet(&b, &q);

		overlap |= in_a && in_b;
		contains &= in_a || !in_b;
	}
	/* No port above 3 is in the universe, nor in a match. */
	assert_int_equal(ofl_match_has_overlap(&a, &b), overlap);
	assert_int_equal(ofl_match_contains(&a, &b), contains);
	if (!overlap)
		return;
	assert_int_equal((x.value ^ y.value) & x.mask & y.mask, 0);
	ofl_match_packet_make(&a, &p);
	assert_true(ofl_match_has_packet(&a, &p));
	ofl_match_packet_make(&b, &p);
	assert_true(ofl_match_has_packet(&a, &p));
	assert_true(ofl_match_has_packet(&b, &p));
}

static void test_counting(void **state)
{
	for (int i = 0; i < 20000; i++)
		one_pair();
}

/* What summaries say excludes an overlap, for addresses of both families. */
static void test_summaries(void **state)
{
	uint32_t excluded = 0;

	for (int i = 0; i < 20000; i++) {
		struct ofl_match m[2];
		struct ofl_bits s[2];

		for (int k = 0; k < 2; k++) {
			uint8_t a[16] = {}, mask[16] = {};
			int family = rnd(2) ? AF_INET : AF_INET6;

			ofl_match_init(&m[k]);
			a[rnd(4)] = rnd(2);
			memcpy(mask, ones, rnd(5));
			if (rnd(8))
				ofl_match_addr_set(&m[k], rnd(2), family, a,
						   mask);
			else
				ofl_match_set(&m[k], OFL_FIELD_ETHERTYPE,
					      0x0806, 0xffff * rnd(2));
			s[k] = ofl_match_summary_make(&m[k]);
		}
		if (((s[0].value ^ s[1].value) & s[0].mask & s[1].mask) == 0)
			continue;
		excluded++;
		assert_false(ofl_match_has_overlap(&m[0], &m[1]));
	}
	assert_true(excluded > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_summaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
