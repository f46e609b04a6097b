// SPDX-License-Identifier: GPL-2.0-or-later
/* What zebra is told of a route: the rungs of the ladder, by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "offloadd/policy/acknowledge.h"

#define OFF OFL_ACK_MODE_OFF
#define HW OFL_ACK_MODE_OFFLOADED
#define ANY OFL_ACK_MODE_OR_SOFTWARE
#define NONE OFL_ACK_NONE
#define YES OFL_ACK_INSTALLED
#define NO OFL_ACK_FAILED

static const struct {
	int rung;
	uint8_t mode, state, reason, told, want;
} table[] = {
	{1, OFF, OFL_STATE_OFFLOADED, OFL_REASON_ADMITTED, NONE, NONE},
	{1, OFF, OFL_STATE_FAILED, OFL_REASON_HW_ERROR, YES, YES},
	{2, HW, OFL_STATE_OFFLOADED, OFL_REASON_ADMITTED, NONE, YES},
	{2, HW, OFL_STATE_ELIDED, OFL_REASON_ELIDED, NO, YES},
	{2, ANY, OFL_STATE_OFFLOADED, OFL_REASON_FIB_TAKEN, NO, YES},
	{3, HW, OFL_STATE_FAILED, OFL_REASON_HW_NO_SPACE, NONE, NO},
	{3, ANY, OFL_STATE_FAILED, OFL_REASON_TABLE_FULL, YES, NO},
	{3, ANY, OFL_STATE_WAITING, OFL_REASON_HW_LOST, YES, NO},
	{3, HW, OFL_STATE_COVERED, OFL_REASON_HW_LOST, YES, NO},
	{4, HW, OFL_STATE_SENT, OFL_REASON_ADMITTED, NONE, NONE},
	{4, HW, OFL_STATE_SENT, OFL_REASON_HW_SILENT, YES, YES},
	{4, ANY, OFL_STATE_SEEN, OFL_REASON_NONE, NONE, NONE},
	{4, HW, OFL_STATE_LEAVING, OFL_REASON_HIGH_WATERMARK, YES, YES},
	{4, HW, OFL_STATE_GONE, OFL_REASON_WITHDRAWN, YES, YES},
	{5, HW, OFL_STATE_WAITING, OFL_REASON_ADMITTED, NONE, NONE},
	{5, ANY, OFL_STATE_WAITING, OFL_REASON_NEXTHOP_CHANGED, YES, YES},
	{6, HW, OFL_STATE_WAITING, OFL_REASON_NEIGHBOR_UNRESOLVED, NONE, NONE},
	{6, HW, OFL_STATE_WAITING, OFL_REASON_NEIGHBOR_UNRESOLVED, YES, NO},
	{6, ANY, OFL_STATE_WAITING, OFL_REASON_LINK_DOWN, YES, YES},
	{6, ANY, OFL_STATE_WAITING, OFL_REASON_TABLE_DOWN, NONE, NONE},
	{7, HW, OFL_STATE_WAITING, OFL_REASON_RULE_NEVER, NONE, NO},
	{7, HW, OFL_STATE_COVERED, OFL_REASON_HIGH_WATERMARK, YES, NO},
	{7, ANY, OFL_STATE_WAITING, OFL_REASON_RULE_NEVER, NONE, YES},
	{7, ANY, OFL_STATE_COVERED, OFL_REASON_COMPULSORY_COVER, NO, YES},
	{7, ANY, OFL_STATE_WAITING, OFL_REASON_ENCAP_UNSUPPORTED, NONE, YES},
};

static void ladder(void **state)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		enum ofl_ack is =
			ofl_acknowledge(table[i].mode, table[i].state,
					table[i].reason, table[i].told);

		if (is != table[i].want)
			fail_msg("rung %d, row %zu: %d, not %d", table[i].rung,
				 i, is, table[i].want);
	}
}

/* What was told and holds is not told again. */
static void rests(void **state)
{
	for (int mode = 0; mode < OFL_ACK_MODE_MAX; mode++)
		for (int s = 0; s < OFL_STATE_MAX; s++)
			for (int r = 0; r < OFL_REASON_MAX; r++)
				for (int told = NONE; told <= NO; told++) {
					enum ofl_ack is = ofl_acknowledge(
						mode, s, r, told);

					assert_int_equal(
						ofl_acknowledge(mode, s, r, is),
						is);
					if (told != NONE)
						assert_int_not_equal(is, NONE);
				}
}

static void names(void **state)
{
	enum ofl_ack_mode m;

	for (int i = 0; i < OFL_ACK_MODE_MAX; i++) {
		assert_true(ofl_ack_mode_parse(ofl_ack_mode_name(i), &m));
		assert_int_equal(m, i);
	}
	m = ANY;
	assert_false(ofl_ack_mode_parse("software", &m));
	assert_int_equal(m, ANY);
	assert_string_equal(ofl_ack_mode_name(9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ladder),
		cmocka_unit_test(rests),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
