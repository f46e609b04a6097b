// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * placement/acl_order.c: levels of a whole list, against all pairs of rules.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/placement/acl_order.h"

#define RULES 40

static struct ofl_match matches[RULES];
static struct ofl_order_rule rules[RULES];

static void rule(unsigned int i, uint32_t bits, uint32_t mask,
		 uint32_t identity)
{
	ofl_match_init(&matches[i]);
	ofl_match_set(&matches[i], OFL_FIELD_SRC_V4, bits & mask, mask);
	rules[i] = (struct ofl_order_rule){.match = &matches[i],
					   .identity = identity};
}

/* In pieces of `budget`; how many. */
static unsigned int order(size_t count, uint64_t budget)
{
	struct ofl_acl_order *o = ofl_acl_order_new(rules, count);
	unsigned int pieces = 1;

	while (ofl_acl_order_run(o, budget))
		pieces++;
	assert_false(ofl_acl_order_is_too_deep(o));
	ofl_acl_order_free(o);
	return pieces;
}

static void test_empty(void **state)
{
	assert_int_equal(order(0, 1), 1);
}

static void test_few(void **state)
{
	rule(0, 1, 3, 1);
	rule(1, 2, 3, 2); /* apart from the first */
	rule(2, 0, 0, 2); /* below the first */
	rule(3, 1, 3, 3); /* the first's twin */
	rule(4, 3, 3, 1); /* below the third only */
	rule(5, 3, 1, 1); /* alike above it: beside the fifth */
	order(6, 1000);
	assert_int_equal(rules[0].level, 0);
	assert_int_equal(rules[1].level, 0);
	assert_int_equal(rules[2].level, 1);
	assert_int_equal(rules[3].twin, 0);
	assert_int_equal(rules[4].level, 2);
	assert_int_equal(rules[5].level, 2);
	assert_int_equal(rules[5].twin, OFL_ORDER_NOBODY);
}

/* The longest chain of rules that must keep their order, and no more. */
static void check_all(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned int level = 0;

		if (rules[i].twin != OFL_ORDER_NOBODY) {
			assert_true(rules[i].twin < i);
			assert_true(ofl_match_eq(rules[rules[i].twin].match,
						 rules[i].match));
			continue;
		}
		for (size_t a = 0; a < i; a++) {
			assert_false(
				rules[a].twin == OFL_ORDER_NOBODY &&
				ofl_match_eq(rules[a].match, rules[i].match));
			if (rules[a].twin == OFL_ORDER_NOBODY &&
			    rules[a].identity != rules[i].identity &&
			    ofl_match_has_overlap(rules[a].match,
						  rules[i].match))
				level = MAX(level, rules[a].level + 1u);
		}
		assert_int_equal(rules[i].level, level);
	}
}

static void test_random(void **state)
{
	srandom(1);
	for (unsigned int n = 0; n < 500; n++) {
		unsigned int count = 1 + random() % RULES;

		for (unsigned int i = 0; i < count; i++)
			rule(i, random() % 32, random() % 32, 1 + random() % 3);
		order(count, 1 + random() % 50);
		check_all(count);
	}
}

static void test_pieces(void **state)
{
	for (unsigned int i = 0; i < RULES; i++)
		rule(i, i, 63, 1 + i % 2);
	assert_true(order(RULES, 10) > RULES * RULES / 40);
	check_all(RULES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
