// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/find.c: pieces of a search together are the search, whatever the
 * limit and the budget are.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "offloadd/northbound/find.h"

#define FLOWS 500

static struct ofl_flowtab *tab;
static unsigned int met[FLOWS], found;

static struct ofl_key nth_key(unsigned int i)
{
	uint8_t addr[4] = {10, i >> 8, i, 0};
	struct ofl_key k = {.vrf = i % 2,
			    .p = ofl_prefix_make(AF_INET, addr, 24)};

	return k;
}

static int setup(void **state)
{
	tab = ofl_flowtab_new(1);
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct ofl_key k = nth_key(i);
		struct ofl_flow *f = ofl_flowtab_get(tab, &k, NULL);

		f->table = i % 3;
		f->state = i % 5 ? OFL_STATE_WAITING : OFL_STATE_OFFLOADED;
		f->cls = i % 7 ? OFL_CLASS_BEST_EFFORT : OFL_CLASS_CRITICAL;
		f->reason = i % 11 ? OFL_REASON_HIGH_WATERMARK
				   : OFL_REASON_ADMITTED;
	}
	return 0;
}

static int teardown(void **state)
{
	ofl_flowtab_free(tab);
	return 0;
}

static void take(const struct ofl_flow *f, void *arg)
{
	unsigned int i = f->key.p.addr[1] << 8 | f->key.p.addr[2];

	met[i]++;
	found++;
}

/* The whole search; returns the number of calls. */
static unsigned int search(struct ofl_find *x)
{
	unsigned int calls = 0, before;
	bool more = true;

	memset(met, 0, sizeof(met));
	while (more) {
		before = found = 0;
		more = ofl_find_some(tab, x, take, NULL, &x->after);
		x->has_after = true;
		assert_true(found - before <= x->limit);
		calls++;
	}
	return calls;
}

static void everything(void **state)
{
	struct ofl_find x = {.limit = 7, .budget = 1000};

	assert_int_equal(search(&x), (FLOWS + 6) / 7);
	for (unsigned int i = 0; i < FLOWS; i++)
		assert_int_equal(met[i], 1);
}

static void budget(void **state)
{
	struct ofl_find x = {
		.has_vrf = true, .vrf = 9, .limit = 10, .budget = 100};

	/* Nothing is found, and each call ends nevertheless. */
	assert_int_equal(search(&x), FLOWS / 100);
	for (unsigned int i = 0; i < FLOWS; i++)
		assert_int_equal(met[i], 0);
}

static void filters(void **state)
{
	struct ofl_find x = {.limit = 3, .budget = 40};

	for (unsigned int mask = 0; mask < 64; mask++) {
		x.has_after = false;
		x.has_vrf = mask & 1;
		x.vrf = 1;
		x.has_table = mask & 2;
		x.table = 2;
		x.has_state = mask & 4;
		x.state = OFL_STATE_WAITING;
		x.has_class = mask & 8;
		x.cls = OFL_CLASS_CRITICAL;
		x.has_reason = mask & 16;
		x.reason = OFL_REASON_HIGH_WATERMARK;
		x.has_within = mask & 32;
		x.within = mk_prefix("10.0.0.0/17");
		search(&x);
		for (unsigned int i = 0; i < FLOWS; i++)
			assert_int_equal(met[i],
					 (!x.has_vrf || i % 2 == 1) &&
						 (!x.has_table || i % 3 == 2) &&
						 (!x.has_state || i % 5) &&
						 (!x.has_class || i % 7 == 0) &&
						 (!x.has_reason || i % 11) &&
						 (!x.has_within || i < 128));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything, setup, teardown),
		cmocka_unit_test_setup_teardown(budget, setup, teardown),
		cmocka_unit_test_setup_teardown(filters, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
