// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/nacm_path.c: what is a node-instance-identifier and what is not,
 * and the parts of one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "offloadd/northbound/nacm_path.h"

static void test_form(void **state)
{
	static const struct {
		const char *path;
		bool is_ok;
	} cases[] = {
		{"/", true},
		{" / ", true},
		{"/m:a", true},
		{"/m:a/b/n:c", true},
		{"/m:a/b[k='v']", true},
		{"/m:a/b[k='v'][m:l=\"w\"]/c", true},
		{"/m:a/b[ k = 'a/b]c' ]/c", true},
		{"/m:a/b[.='v']", true},
		{"/m:a/b[k=$USER]", true},
		{"/m:a/_b-c.d", true},
		{"", false},
		{"m:a", false},
		{"/a", false},
		{"//m:a", false},
		{"/m:a/", false},
		{"/m:a//b", false},
		{"/m:*", false},
		{"/m:a/*", false},
		{"/m:a/..", false},
		{"/m:a/b[1]", false},
		{"/m:a/b[k]", false},
		{"/m:a/b[k='v]", false},
		{"/m:a/b[k='v'", false},
		{"/m:a/b[k=v]", false},
		{"/m:a/b[k!='v']", false},
		{"/m:a/b['v'=k]", false},
		{"/m:a | /m:b", false},
		{"/m:a/b[k=$OTHER]", false},
		{"/m:", false},
		{"/:a", false},
		{"/m:1a", false},
	};
	char deep[3 * (OFL_NACM_STEPS + 1) + 1] = "";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (ofl_nacm_path_ok(cases[i].path) != cases[i].is_ok)
			fail_msg("%s: not %d", cases[i].path, cases[i].is_ok);
	/* As many steps as there may be, and one more. */
	memcpy(deep, "/m:a", 4);
	for (int i = 1; i < OFL_NACM_STEPS; i++)
		memcpy(deep + 2 + 2 * i, "/a", 2);
	assert_true(ofl_nacm_path_ok(deep));
	memcpy(deep + 2 + 2 * OFL_NACM_STEPS, "/a", 2);
	assert_false(ofl_nacm_path_ok(deep));
}

static void assert_word(struct ofl_nacm_word word, const char *text)
{
	assert_int_equal(word.len, strlen(text));
	assert_memory_equal(word.text ? word.text : "", text, word.len);
}

static void test_parts(void **state)
{
	const char *at = "/m:a/b[k='v'][n:l=$USER]/n:c[.=\"it's\"]";
	struct ofl_nacm_predicate p;
	struct ofl_nacm_step step;

	assert_int_equal(ofl_nacm_path_step(&at, &step), 1);
	assert_word(step.module, "m");
	assert_word(step.name, "a");
	assert_int_equal(ofl_nacm_path_predicate(&step.predicates, &p), 0);

	assert_int_equal(ofl_nacm_path_step(&at, &step), 1);
	assert_word(step.module, "");
	assert_word(step.name, "b");
	assert_int_equal(ofl_nacm_path_predicate(&step.predicates, &p), 1);
	assert_word(p.module, "");
	assert_word(p.key, "k");
	assert_word(p.value, "v");
	assert_false(p.is_user);
	assert_int_equal(ofl_nacm_path_predicate(&step.predicates, &p), 1);
	assert_word(p.module, "n");
	assert_word(p.key, "l");
	assert_true(p.is_user);
	assert_int_equal(ofl_nacm_path_predicate(&step.predicates, &p), 0);

	assert_int_equal(ofl_nacm_path_step(&at, &step), 1);
	assert_word(step.module, "n");
	assert_word(step.name, "c");
	assert_int_equal(ofl_nacm_path_predicate(&step.predicates, &p), 1);
	assert_word(p.key, ".");
	assert_word(p.value, "it's");
	assert_int_equal(ofl_nacm_path_step(&at, &step), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests_name("nacm_path", tests, NULL, NULL);
}
