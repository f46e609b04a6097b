// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state machine.  The table below is written down a second time on
 * purpose, as a picture: an arrow that appears or vanishes by accident in
 * flow.c fails here.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "offloadd/flow/flow.h"
#include "offloadd/flow/op.h"

/* Columns: Seen Waiting sEnt Offloaded Covered eLided leaVing Failed Gone. */
static const char *const picture[OFL_STATE_MAX] = {
	[OFL_STATE_SEEN] = ".WEOCLVFG",	   [OFL_STATE_WAITING] = ".WEOCLVFG",
	[OFL_STATE_SENT] = ".WEOCLVFG",	   [OFL_STATE_OFFLOADED] = ".WEOCLVFG",
	[OFL_STATE_COVERED] = ".WE.CLVFG", [OFL_STATE_ELIDED] = ".WE.CLVFG",
	[OFL_STATE_LEAVING] = ".WEOCLVFG", [OFL_STATE_FAILED] = ".WEOCLVFG",
	[OFL_STATE_GONE] = ".........",
};

static void test_arrows(void **state)
{
	for (unsigned int from = 0; from < OFL_STATE_MAX; from++)
		for (unsigned int to = 0; to < OFL_STATE_MAX; to++)
			if (ofl_state_can_follow(from, to) !=
			    (picture[from][to] != '.'))
				fail_msg("%s -> %s", ofl_state_name(from),
					 ofl_state_name(to));
	assert_false(ofl_state_can_follow(OFL_STATE_MAX, OFL_STATE_GONE));
	assert_false(ofl_state_can_follow(OFL_STATE_SEEN, OFL_STATE_MAX));
	assert_false(ofl_state_can_follow(OFL_STATE_SEEN, -1));
}

/* The same through the function that changes a flow. */
static void test_every_transition(void **state)
{
	for (unsigned int from = 0; from < OFL_STATE_MAX; from++) {
		for (unsigned int to = 0; to < OFL_STATE_MAX; to++) {
			struct ofl_flow f = {.state = from, .since_us = 5};
			struct ofl_transition t = {.at_us = 1};
			bool legal = picture[from][to] != '.';
			bool illegal = legal;

			assert_int_equal(
				ofl_flow_transition(&f, to, OFL_REASON_HW_ERROR,
						    "why", OFL_OP_DEL, 77, &t,
						    &illegal),
				legal);
			assert_int_equal(illegal, !legal);
			assert_int_equal(f.state, legal ? to : from);
			assert_int_equal(f.reason, legal ? OFL_REASON_HW_ERROR
							 : OFL_REASON_NONE);
			assert_int_equal(f.since_us, legal ? 77 : 5);
			assert_int_equal(t.at_us, legal ? 77 : 1);
			assert_int_equal(f.text != NULL, legal);
			ofl_flow_fini(&f);
			assert_null(f.text);
		}
	}
}

static bool go(struct ofl_flow *f, enum ofl_state to, enum ofl_reason reason,
	       const char *text, uint64_t now_us, struct ofl_transition *ret_t)
{
	bool illegal;
	bool changed = ofl_flow_transition(f, to, reason, text, OFL_OP_ADD,
					   now_us, ret_t, &illegal);

	assert_false(illegal);
	return changed;
}

static void test_life(void **state)
{
	struct ofl_flow f = {.id = 42};
	struct ofl_transition t;

	assert_true(go(&f, OFL_STATE_SENT, OFL_REASON_ADMITTED, NULL, 10, &t));
	assert_ptr_equal(t.flow, &f);
	assert_int_equal(t.from, OFL_STATE_SEEN);
	assert_int_equal(t.to, OFL_STATE_SENT);
	assert_int_equal(t.reason, OFL_REASON_ADMITTED);
	assert_null(t.text);
	assert_int_equal(t.at_us, 10);
	assert_int_equal(t.op, OFL_OP_ADD);

	/* the same again is nothing, and nothing is written */
	t.from = OFL_STATE_MAX;
	assert_false(go(&f, OFL_STATE_SENT, OFL_REASON_ADMITTED, "", 11, &t));
	assert_int_equal(t.from, OFL_STATE_MAX);
	assert_int_equal(f.since_us, 10);

	/* another reason is a change, so are other words */
	assert_true(go(&f, OFL_STATE_SENT, OFL_REASON_HW_SILENT, NULL, 12, &t));
	assert_true(
		go(&f, OFL_STATE_FAILED, OFL_REASON_HW_ERROR, "EIO", 13, &t));
	assert_string_equal(t.text, "EIO");
	assert_ptr_equal(t.text, f.text);
	assert_false(
		go(&f, OFL_STATE_FAILED, OFL_REASON_HW_ERROR, "EIO", 14, &t));
	assert_true(
		go(&f, OFL_STATE_FAILED, OFL_REASON_HW_ERROR, "EBUSY", 15, &t));
	assert_int_equal(f.since_us, 15);

	/* the flow's own text may be handed in again */
	assert_true(go(&f, OFL_STATE_FAILED, OFL_REASON_HW_NO_SPACE, f.text, 16,
		       &t));
	assert_string_equal(f.text, "EBUSY");

	/* text goes with the failure it described */
	assert_true(go(&f, OFL_STATE_SENT, OFL_REASON_ADMITTED, NULL, 17, &t));
	assert_null(f.text);
	assert_true(go(&f, OFL_STATE_GONE, OFL_REASON_WITHDRAWN, "", 18, &t));
	assert_null(f.text);
	/* gone again: no change, but no bug either */
	assert_false(
		go(&f, OFL_STATE_GONE, OFL_REASON_WITHDRAWN, NULL, 19, &t));
	ofl_flow_fini(&f);
}

static void test_names(void **state)
{
	enum ofl_class c = OFL_CLASS_MAX;
	enum ofl_state s = OFL_STATE_MAX;

	for (unsigned int i = 0; i < OFL_CLASS_MAX; i++) {
		assert_true(ofl_class_parse(ofl_class_name(i), &c));
		assert_int_equal(c, i);
	}
	for (unsigned int i = 0; i < OFL_STATE_MAX; i++) {
		assert_true(ofl_state_parse(ofl_state_name(i), &s));
		assert_int_equal(s, i);
	}
	assert_string_equal(ofl_class_name(OFL_CLASS_BEST_EFFORT),
			    "best-effort");
	assert_string_equal(ofl_state_name(OFL_STATE_OFFLOADED), "offloaded");
	assert_string_equal(ofl_class_name(OFL_CLASS_MAX), "unknown");
	assert_string_equal(ofl_state_name(OFL_STATE_MAX), "unknown");
	assert_false(ofl_class_parse("unknown", &c));
	assert_false(ofl_state_parse("Seen", &s));
	assert_int_equal(c, OFL_CLASS_CRITICAL); /* untouched */
	assert_int_equal(s, OFL_STATE_GONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrows),
		cmocka_unit_test(test_every_transition),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
