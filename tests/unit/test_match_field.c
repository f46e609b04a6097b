// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields of a match are read as they were set, whatever else is set.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "offloadd/flow/match_field.h"

static void test_fields(void **state)
{
	static const uint8_t widths[OFL_FIELD_MAX] = {
		32, 32, 16, 8, 6, 2, 16, 8, 8, 32, 12, 3, 1, 32, 48, 48};
	struct ofl_match m;

	for (unsigned int i = 0; i < OFL_FIELD_MAX; i++)
		assert_true(ofl_match_field_top((enum ofl_field)i) ==
			    UINT64_MAX >> (64 - widths[i]));
	ofl_match_init(&m);
	/* One after the other, and all that were set before stay. */
	for (unsigned int i = 0; i < OFL_FIELD_MAX; i++) {
		uint64_t top = ofl_match_field_top((enum ofl_field)i);
		uint64_t mask = top - (top > 1 ? 1 : 0);

		assert_true(ofl_match_field_get(&m, (enum ofl_field)i).mask ==
			    0);
		assert_true(ofl_match_set(&m, (enum ofl_field)i,
					  UINT64_C(0xaaaaaaaaaaaa) & mask,
					  mask));
		for (unsigned int k = 0; k <= i; k++) {
			struct ofl_bits got =
				ofl_match_field_get(&m, (enum ofl_field)k);

			top = ofl_match_field_top((enum ofl_field)k);
			mask = top - (top > 1 ? 1 : 0);
			assert_true(got.mask == mask);
			assert_true(got.value ==
				    (UINT64_C(0xaaaaaaaaaaaa) & mask));
		}
	}
}

static void test_addresses(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};
	uint8_t addr[16], mask[16], got[16], got_mask[16];
	struct ofl_match m;

	for (int i = 0; i < 16; i++) {
		addr[i] = (uint8_t)(0x10 + i);
		mask[i] = (uint8_t)(0xf0 | i);
	}
	for (int i = 0; i < 16; i++)
		addr[i] &= mask[i];
	for (int f = 0; f < 2; f++) {
		size_t len = f ? 16 : 4;

		for (int end = OFL_END_SRC; end <= OFL_END_DST; end++) {
			ofl_match_init(&m);
			ofl_match_addr_set(&m, (enum ofl_end)end, families[f],
					   addr, mask);
			assert_true(ofl_match_addr_get(&m, (enum ofl_end)end,
						       families[f], got,
						       got_mask));
			assert_memory_equal(got, addr, len);
			assert_memory_equal(got_mask, mask, len);
			assert_false(
				ofl_match_addr_get(&m, (enum ofl_end)(1 - end),
						   families[f], got, got_mask));
			assert_int_equal(ofl_match_has_long_addr(&m), f);
		}
	}
}

static void test_ranges(void **state)
{
	static const struct {
		struct ofl_range r;
		bool is_block;
		uint16_t value, mask;
	} cases[] = {
		{{0, 65535}, true, 0, 0},     {{7, 7}, true, 7, 0xffff},
		{{0, 1023}, true, 0, 0xfc00}, {{4, 7}, true, 4, 0xfffc},
		{{2, 5}, false, 0, 0},	      {{1, 2}, false, 0, 0},
		{{1, 65535}, false, 0, 0},    {{0, 2}, false, 0, 0},
		{{6, 9}, false, 0, 0},
	};
	struct ofl_match m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ofl_bits bits = {0, 0};

		assert_int_equal(ofl_match_range_bits(cases[i].r, &bits),
				 cases[i].is_block);
		assert_int_equal(bits.value, cases[i].value);
		assert_int_equal(bits.mask, cases[i].mask);
	}
	ofl_match_init(&m);
	assert_true(ofl_match_range_is_any(&m, OFL_NUMBER_TTL));
	ofl_match_range_set(&m, OFL_NUMBER_TTL, 0, 255);
	assert_false(ofl_match_range_is_any(&m, OFL_NUMBER_TTL));
	assert_true(ofl_match_range_is_any(&m, OFL_NUMBER_LENGTH));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
