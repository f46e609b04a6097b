// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exact tree knapsack, against every plan there is.
 *
 * Small forests: all 3^n plans are tried.  Large ones: the plan must be what
 * its value says, and the value must be met by the priced selection, which is
 * the optimum for the slots it happens to use, at every price.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "offloadd/placement/exact.h"

#define SMALL_MAX 9
#define SMALL_FORESTS 6000
#define SLOTS_MAX (SMALL_MAX * 2 + 2)

static uint64_t seed = 1;
static int64_t charge; /* best effort that a slot costs */

static uint32_t under(uint32_t limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % limit;
}

static int cmp(struct ofl_exact_worth a, struct ofl_exact_worth b)
{
	if (a.critical != b.critical)
		return a.critical < b.critical ? -1 : 1;
	return (a.best_effort > b.best_effort) -
	       (a.best_effort < b.best_effort);
}

static void assert_same(struct ofl_exact_worth a, struct ofl_exact_worth b)
{
	assert_int_equal(a.critical, b.critical);
	assert_int_equal(a.best_effort, b.best_effort);
}

/* --- forests --- */
enum shape { DEEP, WIDE, FLAT, CHAIN, SHAPES };

struct kind {
	enum shape shape;
	uint32_t identities; /* 1 ... this */
	uint32_t never_percent, no_punt_percent, critical_percent;
	uint32_t worth;	     /* below this */
	uint32_t cost_slots; /* 1 ... this */
};

static uint32_t some_parent(enum shape shape, size_t i)
{
	uint32_t near = i < 4 ? i : 4;

	if (i == 0 || shape == FLAT)
		return OFL_EXACT_TOP;
	if (shape == CHAIN)
		return i - 1;
	if (under(6) == 0)
		return OFL_EXACT_TOP;
	return shape == DEEP ? i - 1 - under(near) : under(i);
}

static struct ofl_exact_route *forest(const struct kind *k, size_t count)
{
	struct ofl_exact_route *r = calloc(count + 1, sizeof(*r));

	assert_non_null(r);
	for (size_t i = 0; i < count; i++) {
		r[i].parent = some_parent(k->shape, i);
		if (under(100) >= k->never_percent)
			r[i].identity = 1 + under(k->identities);
		r[i].cost_slots = 1 + under(k->cost_slots);
		r[i].no_punt = under(100) < k->no_punt_percent;
		if (under(100) < k->critical_percent)
			r[i].worth.critical = 1 + under(3);
		r[i].worth.best_effort = under(k->worth);
	}
	return r;
}

/* --- the judge --- */
struct verdict {
	bool valid;
	uint32_t slots;
	struct ofl_exact_worth worth;
};

/* Word for word what exact.h says; `above`: room for the routes' entries. */
static struct verdict judge(const struct ofl_exact_route *r, size_t count,
			    const uint8_t *plan, size_t *above)
{
	struct verdict v = {.valid = true};

	/* above[i]: the route whose entry answers i, plus 1; 0: none */
	for (size_t i = 0; i < count; i++) {
		size_t by =
			r[i].parent == OFL_EXACT_TOP ? 0 : above[r[i].parent];

		if (plan[i] != OFL_EXACT_NONE) {
			by = i + 1;
			v.slots += r[i].cost_slots;
		}
		if ((plan[i] == OFL_EXACT_PUNT && r[i].no_punt) ||
		    (plan[i] == OFL_EXACT_REAL && r[i].no_real))
			v.valid = false;
		above[i] = by;
		if (by == 0 || plan[by - 1] != OFL_EXACT_REAL)
			continue;
		if (r[i].identity == 0 || r[i].identity != r[by - 1].identity) {
			v.valid = false;
			continue;
		}
		v.worth.critical += r[i].worth.critical;
		v.worth.best_effort += r[i].worth.best_effort;
	}
	v.worth.best_effort -= charge * v.slots;
	return v;
}

/* best[s]: of the plans with exactly s slots; critical -1: there is none. */
static void try_all(const struct ofl_exact_route *r, size_t count,
		    struct ofl_exact_worth best[SLOTS_MAX])
{
	uint8_t plan[SMALL_MAX] = {0};
	size_t above[SMALL_MAX], i;

	for (i = 0; i < SLOTS_MAX; i++)
		best[i].critical = -1;
	do {
		struct verdict v = judge(r, count, plan, above);

		if (v.valid && cmp(v.worth, best[v.slots]) > 0)
			best[v.slots] = v.worth;
		for (i = 0; i < count && ++plan[i] > OFL_EXACT_PUNT; i++)
			plan[i] = 0;
	} while (i < count);
}

static struct verdict chosen(const struct ofl_exact *x,
			     const struct ofl_exact_route *r, size_t count)
{
	uint8_t *plan = calloc(count + 1, 1);
	size_t *above = calloc(count + 1, sizeof(*above));
	struct verdict v;

	assert_non_null(plan);
	assert_non_null(above);
	for (size_t i = 0; i < count; i++)
		plan[i] = ofl_exact_choice(x, i);
	v = judge(r, count, plan, above);
	free(above);
	free(plan);
	return v;
}

static struct ofl_exact *solve(const struct ofl_exact_route *r, size_t count,
			       uint32_t slots, bool choose, uint64_t step)
{
	struct ofl_exact *x = ofl_exact_new(r, count, slots, choose);

	ofl_exact_charge(x, charge);
	while (ofl_exact_run(x, step))
		;
	return x;
}

/* --- small ones --- */
static void check_small(const struct ofl_exact_route *r, size_t count,
			uint32_t slots)
{
	struct ofl_exact_worth best[SLOTS_MAX], so_far = {-1, 0};
	struct ofl_exact *x = solve(r, count, slots, true, UINT64_MAX);
	struct ofl_exact *bit = solve(r, count, slots, true, 1);
	struct ofl_exact *bare = solve(r, count, slots, false, 3);
	uint32_t fewest = 0;

	try_all(r, count, best);
	for (uint32_t k = 0; k <= slots; k++) {
		struct verdict v;

		if (k < SLOTS_MAX && cmp(best[k], so_far) > 0) {
			so_far = best[k];
			fewest = k;
		}
		assert_same(ofl_exact_value(x, k), so_far);
		assert_same(ofl_exact_value(bit, k), so_far);
		assert_same(ofl_exact_value(bare, k), so_far);
		ofl_exact_choose(x, k);
		ofl_exact_choose(bit, k);
		v = chosen(x, r, count);
		assert_true(v.valid);
		assert_int_equal(v.slots, fewest);
		assert_same(v.worth, so_far);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(ofl_exact_choice(bit, i),
					 ofl_exact_choice(x, i));
	}
	ofl_exact_free(x);
	ofl_exact_free(bit);
	ofl_exact_free(bare);
}

static void test_every_plan(void **state)
{
	static const struct kind kinds[] = {
		{WIDE, 3, 15, 15, 20, 6, 2}, {DEEP, 3, 15, 15, 20, 6, 2},
		{DEEP, 2, 5, 0, 0, 20, 1},   {CHAIN, 2, 10, 5, 30, 4, 2},
		{WIDE, 2, 0, 40, 0, 9, 2},   {FLAT, 3, 10, 0, 50, 3, 2},
		{CHAIN, 2, 5, 0, 10, 30, 1},
	};

	for (unsigned int i = 0; i < SMALL_FORESTS; i++) {
		const struct kind *k =
			&kinds[i % (sizeof(kinds) / sizeof(kinds[0]))];
		size_t count = 1 + under(i % 8 ? SMALL_MAX - 2 : SMALL_MAX);
		struct ofl_exact_route *r = forest(k, count);

		for (size_t n = 0; n < count; n++)
			r[n].no_real = under(10) == 0;
		charge = under(3) ? 0 : 1 + under(5);
		check_small(r, count, under(4) ? under(8) : SLOTS_MAX + 5);
		free(r);
	}
	charge = 0;
}

static void test_nothing(void **state)
{
	static const struct ofl_exact_worth zero;
	struct ofl_exact *x = solve(NULL, 0, 10, true, 1);

	assert_false(ofl_exact_run(x, 0));
	ofl_exact_choose(x, 10);
	assert_same(ofl_exact_value(x, 0), zero);
	assert_same(ofl_exact_value(x, UINT32_MAX), zero);
	ofl_exact_free(x);
	ofl_exact_free(NULL);
}

/* Each rule by itself, so that a broken one has a name. */
static void test_rules(void **state)
{
	static const struct {
		const char *what;
		struct ofl_exact_route r[4];
		size_t count;
		uint32_t slots;
		int64_t critical, best_effort;
		uint8_t plan[4];
	} rows[] = {
		{"elided for free",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 5}},
		  {0, 1, 1, false, {0, 7}}},
		 2,
		 1,
		 0,
		 12,
		 {OFL_EXACT_REAL}},
		{"another identity is covered",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 5}},
		  {0, 2, 1, false, {0, 0}}},
		 2,
		 2,
		 0,
		 5,
		 {OFL_EXACT_REAL, OFL_EXACT_REAL}},
		{"never is covered by a punt",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 5}},
		  {0, 0, 1, false, {0, 9}}},
		 2,
		 2,
		 0,
		 5,
		 {OFL_EXACT_REAL, OFL_EXACT_PUNT}},
		{"never, and no punt there",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 5}},
		  {0, 0, 1, true, {0, 9}}},
		 2,
		 2,
		 0,
		 0,
		 {0}},
		{"never does not elide",
		 {{OFL_EXACT_TOP, 0, 1, false, {0, 5}},
		  {0, 0, 1, false, {0, 9}}},
		 2,
		 2,
		 0,
		 0,
		 {0}},
		{"one punt shields many below",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 5}},
		  {0, 1, 1, false, {0, 1}},
		  {1, 2, 1, false, {0, 1}},
		  {1, 3, 1, false, {0, 1}}},
		 4,
		 2,
		 0,
		 5,
		 {OFL_EXACT_REAL, OFL_EXACT_PUNT}},
		{"below a punt each is on its own",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 5}},
		  {0, 0, 1, false, {0, 1}},
		  {1, 1, 1, false, {0, 6}}},
		 3,
		 3,
		 0,
		 11,
		 {OFL_EXACT_REAL, OFL_EXACT_PUNT, OFL_EXACT_REAL}},
		{"critical comes first, best effort fills up",
		 {{OFL_EXACT_TOP, 1, 2, false, {1, 0}},
		  {OFL_EXACT_TOP, 1, 1, false, {0, 1000}},
		  {OFL_EXACT_TOP, 1, 1, false, {0, 2000}}},
		 3,
		 3,
		 1,
		 2000,
		 {OFL_EXACT_REAL, OFL_EXACT_NONE, OFL_EXACT_REAL}},
		{"equally good: the longer one, which has a counter",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 0}},
		  {0, 1, 1, false, {0, 5}}},
		 2,
		 2,
		 0,
		 5,
		 {OFL_EXACT_NONE, OFL_EXACT_REAL}},
		{"no slot is spent for nothing",
		 {{OFL_EXACT_TOP, 1, 1, false, {0, 0}},
		  {0, 2, 1, false, {0, 0}}},
		 2,
		 2,
		 0,
		 0,
		 {0}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ofl_exact *x = solve(rows[i].r, rows[i].count,
					    rows[i].slots, true, 1000);
		struct ofl_exact_worth v = ofl_exact_value(x, rows[i].slots);

		print_message("%s\n", rows[i].what);
		assert_int_equal(v.critical, rows[i].critical);
		assert_int_equal(v.best_effort, rows[i].best_effort);
		ofl_exact_choose(x, rows[i].slots);
		for (size_t j = 0; j < rows[i].count; j++)
			assert_int_equal(ofl_exact_choice(x, j),
					 rows[i].plan[j]);
		ofl_exact_free(x);
	}
}

/* --- large ones --- */
static void check_plan(struct ofl_exact *x, const struct ofl_exact_route *r,
		       size_t count, uint32_t slots)
{
	struct ofl_exact_worth worth = ofl_exact_value(x, slots);
	struct verdict v;

	ofl_exact_choose(x, slots);
	v = chosen(x, r, count);
	assert_true(v.valid);
	assert_true(v.slots <= slots);
	assert_same(v.worth, worth);
	if (v.slots > 0)
		assert_true(cmp(ofl_exact_value(x, v.slots - 1), worth) < 0);
}

#define NO_PLAN INT64_MIN

/* What a selection is worth after slots are paid for, and its slots. */
struct priced {
	int64_t worth;
	uint32_t slots;
};

static struct priced entry(struct priced p, uint32_t slots, int64_t price)
{
	if (p.worth != NO_PLAN)
		p.worth -= price * slots;
	p.slots += slots;
	return p;
}

static struct priced better(struct priced a, struct priced b)
{
	return b.worth > a.worth ? b : a;
}

static void add(struct priced *to, struct priced p)
{
	if (to->worth == NO_PLAN || p.worth == NO_PLAN)
		to->worth = NO_PLAN;
	else
		to->worth += p.worth;
	to->slots += p.slots;
}

/* The best selection at `price` (best effort alone). */
static struct priced priced(const struct ofl_exact_route *r, size_t count,
			    int64_t price)
{
	static const struct priced no_plan = {NO_PLAN, 0};
	struct priced *n = calloc(count * 2, sizeof(*n)), *x = n + count;
	struct priced all = {0};

	assert_non_null(n);
	for (size_t i = count; i-- > 0;) {
		uint32_t up = r[i].parent, cost = r[i].cost_slots;
		struct priced real, punt, own;

		if (r[i].identity)
			add(&x[i], (struct priced){r[i].worth.best_effort, 0});
		else
			x[i] = no_plan;
		real = entry(x[i], cost, price);
		if (up == OFL_EXACT_TOP) {
			add(&all, better(n[i], real));
			continue;
		}
		add(&n[up], better(n[i], real));
		own = r[i].identity == r[up].identity ? x[i] : real;
		punt = r[i].no_punt ? no_plan : entry(n[i], cost, price);
		add(&x[up], better(own, punt));
	}
	free(n);
	return all;
}

static void check_prices(const struct ofl_exact *x,
			 const struct ofl_exact_route *r, size_t count,
			 uint32_t slots)
{
	unsigned int met = 0;

	for (int64_t price = 1; price < 4000; price += 1 + price / 20) {
		struct priced p = priced(r, count, price);

		if (p.slots == 0 || p.slots > slots)
			continue;
		assert_int_equal(ofl_exact_value(x, p.slots).best_effort,
				 p.worth + price * p.slots);
		met++;
	}
	print_message("met at %u prices\n", met);
	assert_true(met > 0);
}

static void test_large(void **state)
{
	static const struct {
		struct kind kind;
		size_t count;
		uint32_t slots;
	} rows[] = {
		{{DEEP, 3, 5, 5, 0, 1000, 2}, 700, 2000},
		{{WIDE, 4, 5, 5, 0, 1000, 2}, 700, 2000},
		{{WIDE, 4, 5, 0, 0, 1000, 3}, 3000, 300},
		{{DEEP, 2, 1, 0, 0, 1000, 1}, 3000, 300},
		{{DEEP, 2, 1, 1, 5, 1000, 2}, 3000, 70},
		{{FLAT, 8, 5, 5, 0, 1000, 2}, 10000, 64},
		{{FLAT, 8, 5, 5, 3, 1000, 2}, 10000, 64},
		{{CHAIN, 2, 0, 0, 0, 1000, 1}, 33, 100},
		{{CHAIN, 2, 5, 5, 10, 1000, 2}, 33, 20},
		{{CHAIN, 3, 5, 0, 0, 1000, 2}, 129, 300},
		{{CHAIN, 2, 5, 0, 0, 1000, 2}, 129, 40},
		{{CHAIN, 2, 2, 0, 0, 1000, 1}, 5000, 50},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t count = rows[i].count;
		uint32_t slots = rows[i].slots;
		struct ofl_exact_route *r = forest(&rows[i].kind, count);
		struct ofl_exact *x = solve(r, count, slots, true, 100000);
		struct ofl_exact *bare = solve(r, count, slots, false, 777);

		print_message("row %zu: %zu routes, %u slots, %llu bytes\n", i,
			      count, slots,
			      (unsigned long long)ofl_exact_bytes(x));
		for (uint32_t k = 0; k <= slots; k += 1 + slots / 13)
			check_plan(x, r, count, k);
		for (uint32_t k = 0; k <= slots; k++)
			assert_same(ofl_exact_value(x, k),
				    ofl_exact_value(bare, k));
		if (rows[i].kind.critical_percent == 0)
			check_prices(x, r, count, slots);
		assert_true(ofl_exact_bytes(x) <
			    count * (100 + 8 * (uint64_t)slots));
		assert_true(ofl_exact_bytes(bare) <
			    count * 16 + 200 * (uint64_t)slots + 1000);
		ofl_exact_free(x);
		ofl_exact_free(bare);
		free(r);
	}
}

/* Shares of a child that just fit one byte or two, or no more. */
static void test_many_slots(void **state)
{
	static const struct {
		uint32_t parents[4];
		uint16_t costs_slots[4];
	} rows[] = {
		{{OFL_EXACT_TOP, OFL_EXACT_TOP, OFL_EXACT_TOP, 2},
		 {255, 256, 65535, 1}},
		{{OFL_EXACT_TOP, 0, 1, OFL_EXACT_TOP}, {257, 300, 256, 65535}},
		{{OFL_EXACT_TOP, 0, 0, 2}, {40000, 300, 257, 65535}},
	};
	static const uint32_t at[] = {
		0,     255,   256,   257,   511,    512,    557,
		768,   813,   20000, 40257, 40557,  65534,  65535,
		65536, 65792, 66000, 66047, 100000, 106092, UINT32_MAX,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ofl_exact_route r[4] = {0};
		struct ofl_exact *x;

		for (size_t j = 0; j < 4; j++) {
			r[j].parent = rows[i].parents[j];
			r[j].cost_slots = rows[i].costs_slots[j];
			r[j].identity = 1 + j % 2;
			r[j].worth.best_effort = 100 + j;
		}
		x = solve(r, 4, UINT32_MAX, true, 1 << 20);
		assert_int_equal(ofl_exact_value(x, UINT32_MAX).best_effort,
				 406);
		for (size_t j = 0; j < sizeof(at) / sizeof(at[0]); j++)
			check_plan(x, r, 4, at[j]);
		ofl_exact_free(x);
	}
}

/* Given up in the middle of a merge: nothing may leak, nothing is chosen. */
static void test_abandoned(void **state)
{
	static const struct kind kind = {DEEP, 2, 5, 5, 5, 100, 2};
	struct ofl_exact_route *r = forest(&kind, 200);

	for (unsigned int steps = 0; steps < 4000; steps += 131) {
		struct ofl_exact *x = ofl_exact_new(r, 200, 50, true);

		for (unsigned int i = 0; i < steps; i++)
			ofl_exact_run(x, 1);
		ofl_exact_choose(x, 50);
		if (ofl_exact_run(x, 1))
			assert_int_equal(ofl_exact_choice(x, 0),
					 OFL_EXACT_NONE);
		ofl_exact_free(x);
	}
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_every_plan),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_many_slots),
		cmocka_unit_test(test_abandoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
