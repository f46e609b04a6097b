// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a table would become is what it becomes: a table is filled, a change is
 * predicted, then made, and the two are compared.  And predicting changes
 * nothing.
 */
#include <zebra.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "offloadd/placement/whatif.h"

#define ROUTES 4000
#define SLOTS 400
#define WITHIN 5 /* percent */
#define LEAST 4	 /* entries that are no difference */

struct world {
	struct ofl_place *place;
	struct ofl_place_conf conf;
	struct ofl_key keys[ROUTES];
	struct ofl_place_route routes[ROUTES];
	uint8_t was[ROUTES]; /* enum ofl_entry */
	unsigned int count;
	uint32_t random;
	uint64_t ops;
};

static struct world w;

/* --- the network --- */
static uint32_t rnd(uint32_t below)
{
	w.random = w.random * 1664525u + 1013904223u;
	return (w.random >> 8) % below;
}

static void put(unsigned int i)
{
	assert_true(ofl_place_set(w.place, &w.keys[i], &w.routes[i]));
}

/* Half of the routes lie inside of another one. */
static struct ofl_key new_key(void)
{
	struct ofl_key k = {.vrf = 0};
	uint8_t addr[16] = {10 + rnd(20), rnd(256), rnd(256), rnd(256)};
	uint8_t plen = 16 + rnd(9);

	if (w.count && rnd(2)) {
		const struct ofl_key *in = &w.keys[rnd(w.count)];

		if (in->p.plen < 28) {
			for (unsigned int b = 0; b < in->p.plen; b++) {
				uint8_t bit = 0x80 >> b % 8;

				addr[b / 8] = (addr[b / 8] & ~bit) |
					      (in->p.addr[b / 8] & bit);
			}
			plen = in->p.plen + 1 + rnd(4);
		}
	}
	k.p = ofl_prefix_make(AF_INET, addr, plen);
	return k;
}

static bool is_known(const struct ofl_key *k)
{
	struct ofl_place_view v;

	return ofl_place_view(w.place, k, &v);
}

static void add_routes(void)
{
	while (w.count < ROUTES) {
		struct ofl_place_route *r = &w.routes[w.count];
		struct ofl_key k = new_key();

		if (is_known(&k))
			continue;
		*r = (struct ofl_place_route){
			.cookie = w.count + 1,
			.identity = 1 + rnd(8),
			/* Zipf, in any order */
			.weight = 1000000 / (1 + rnd(ROUTES)),
			.cls = rnd(50) ? OFL_CLASS_BEST_EFFORT
				       : OFL_CLASS_CRITICAL,
			.why = OFL_REASON_RULE_NEVER,
		};
		w.keys[w.count] = k;
		put(w.count++);
	}
}

/* --- the engine, and a hardware that answers at once --- */
static void settle(void)
{
	struct ofl_outcome outcome = {.status = OFL_STATUS_OK};
	struct ofl_place_view v;
	struct ofl_op op;
	bool more;

	do {
		while (ofl_place_plan(w.place, 100))
			;
		more = ofl_place_improve(w.place, 100);
		while (ofl_place_plan(w.place, 100))
			;
		while (ofl_place_next(w.place, &op)) {
			outcome.op_id = op.id;
			ofl_place_done(w.place, &outcome);
			w.ops++;
			more = true;
		}
		while (ofl_place_changed(w.place, &v))
			;
	} while (more);
}

static void settle_and_sweep(void)
{
	struct ofl_place_stats st;

	settle();
	for (int i = 0; i < OFL_WHATIF_SWEEPS; i++) {
		ofl_place_refill(w.place, 1000000);
		ofl_place_sweep(w.place);
		ofl_place_stats(w.place, &st);
		if (!st.improving)
			return;
		settle();
	}
}

static uint8_t entry_of(unsigned int i)
{
	struct ofl_place_view v;

	assert_true(ofl_place_view(w.place, &w.keys[i], &v));
	return v.entry;
}

static void fill(uint32_t exact_cells)
{
	memset(&w, 0, sizeof(w));
	w.random = 1;
	ofl_place_conf_init(&w.conf);
	w.conf.capacity_slots = SLOTS;
	w.conf.high_slots = SLOTS * 97 / 100;
	w.conf.low_slots = SLOTS * 90 / 100;
	w.conf.optional_burst = 500;
	w.conf.exact_cells = exact_cells;
	w.place = ofl_place_new(&w.conf);
	add_routes();
	settle_and_sweep();
	for (unsigned int i = 0; i < w.count; i++)
		w.was[i] = entry_of(i);
}

/* --- prediction and truth --- */
static struct ofl_whatif *predict(const struct ofl_place_conf *conf,
				  uint8_t cls, unsigned int every)
{
	struct ofl_whatif *x = ofl_whatif_new(w.place);
	struct ofl_place_stats before, after;
	uint64_t ops = w.ops;

	ofl_place_stats(w.place, &before);
	while (ofl_whatif_copy(x, 7))
		assert_true(ofl_whatif_percent(x) < 60);
	if (conf)
		ofl_whatif_limits(x, conf);
	for (unsigned int i = 0; every && i < w.count; i += every) {
		bool other = w.routes[i].cls != cls;

		assert_int_equal(ofl_whatif_class(x, &w.keys[i], cls,
						  w.routes[i].identity),
				 other);
	}
	while (ofl_whatif_run(x, 7))
		assert_true(ofl_whatif_percent(x) < 100);
	assert_int_equal(ofl_whatif_percent(x), 100);
	assert_int_equal(ofl_whatif_result(x)->meanwhile, 0);
	/* Nothing is to be decided or written, and nothing was told. */
	ofl_place_stats(w.place, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	settle();
	assert_int_equal(w.ops, ops);
	for (unsigned int i = 0; i < w.count; i++)
		assert_int_equal(entry_of(i), w.was[i]);
	return x;
}

static void make_true(const struct ofl_place_conf *conf, uint8_t cls,
		      unsigned int every)
{
	if (conf)
		ofl_place_conf_set(w.place, conf);
	for (unsigned int i = 0; every && i < w.count; i += every) {
		w.routes[i].cls = cls;
		put(i);
	}
	settle_and_sweep();
}

static void near(const char *what, double told, double is, double least)
{
	printf("# %-14s %12.1f told, %12.1f true\n", what, told, is);
	assert_true(fabs(told - is) <= MAX(least, is * WITHIN / 100));
}

static void compare(struct ofl_whatif *x)
{
	const struct ofl_whatif_result *r = ofl_whatif_result(x);
	struct ofl_place_certificate c;
	struct ofl_place_stats st;
	uint32_t evictions = 0, admissions = 0;

	for (unsigned int i = 0; i < w.count; i++) {
		uint8_t is = entry_of(i);

		evictions += w.was[i] == OFL_ENTRY_REAL && is != w.was[i];
		admissions += is == OFL_ENTRY_REAL && is != w.was[i];
	}
	ofl_place_stats(w.place, &st);
	ofl_place_certificate(w.place, &c);
	assert_true(r->rests);
	near("value", r->certificate.value, c.value, 0);
	near("critical value", r->certificate.value_critical, c.value_critical,
	     0);
	near("slots", r->stats.used_slots, st.used_slots, 0);
	near("evictions", r->evictions, evictions, LEAST);
	near("admissions", r->admissions, admissions, LEAST);
	assert_int_equal(r->stats.closed, st.closed);
	assert_int_equal(r->stats.eligible, st.eligible);
	ofl_whatif_free(x);
	ofl_place_free(w.place);
}

static struct ofl_place_conf slots(uint32_t capacity, uint32_t high_percent)
{
	struct ofl_place_conf conf = w.conf;

	conf.capacity_slots = capacity;
	conf.high_slots = capacity * high_percent / 100;
	conf.low_slots = MIN(capacity * 90 / 100, conf.high_slots - 1);
	return conf;
}

static void limits(uint32_t exact_cells, uint32_t capacity, uint32_t high)
{
	struct ofl_place_conf conf;
	struct ofl_whatif *x;

	fill(exact_cells);
	conf = slots(capacity, high);
	x = predict(&conf, 0, 0);
	make_true(&conf, 0, 0);
	compare(x);
}

static void classes(uint8_t cls, unsigned int every)
{
	struct ofl_whatif *x;

	fill(0);
	x = predict(NULL, cls, every);
	make_true(NULL, cls, every);
	compare(x);
}

static void test_larger(void **state)
{
	limits(0, SLOTS * 2, 97);
}

static void test_smaller(void **state)
{
	limits(0, SLOTS / 2, 97);
}

static void test_high(void **state)
{
	limits(0, SLOTS, 60);
}

static void test_exact(void **state)
{
	limits(4000000, SLOTS / 2, 97);
}

static void test_critical(void **state)
{
	classes(OFL_CLASS_CRITICAL, 40);
}

static void test_never(void **state)
{
	classes(OFL_CLASS_NEVER, 3);
}

static void test_all_at_once(void **state)
{
	struct ofl_place_conf conf;
	struct ofl_whatif *x;

	fill(0);
	conf = slots(SLOTS * 3 / 2, 80);
	x = predict(&conf, OFL_CLASS_CRITICAL, 30);
	make_true(&conf, OFL_CLASS_CRITICAL, 30);
	compare(x);
}

/* Nothing is asked: nothing moves. */
static void test_as_it_is(void **state)
{
	const struct ofl_whatif_result *r;
	struct ofl_whatif *x;

	fill(0);
	x = predict(NULL, 0, 0);
	r = ofl_whatif_result(x);
	near("evictions", r->evictions, 0, LEAST);
	near("admissions", r->admissions, 0, LEAST);
	compare(x);
}

/* Critical routes that find no room are counted, and the first of them named in
 * order. */
static void test_unfit(void **state)
{
	struct ofl_place_conf conf;
	const struct ofl_whatif_result *r;
	uint32_t out = 0;
	struct ofl_whatif *x;

	fill(0);
	conf = slots(20, 97);
	x = predict(&conf, 0, 0);
	make_true(&conf, 0, 0);
	r = ofl_whatif_result(x);
	for (unsigned int i = 0; i < w.count; i++) {
		struct ofl_place_view v;

		ofl_place_view(w.place, &w.keys[i], &v);
		out += w.routes[i].cls == OFL_CLASS_CRITICAL &&
		       v.state != OFL_STATE_OFFLOADED &&
		       v.state != OFL_STATE_ELIDED;
	}
	assert_true(r->unfit_count > OFL_WHATIF_UNFIT);
	near("unfit", r->unfit_count, out, LEAST);
	for (unsigned int i = 0; i < OFL_WHATIF_UNFIT; i++) {
		assert_true(r->unfit[i].key.p.plen > 0);
		assert_true(r->unfit[i].cover_slots < ROUTES);
		assert_int_not_equal(r->unfit[i].reason, OFL_REASON_NONE);
		if (i)
			assert_true(ofl_key_cmp(&r->unfit[i - 1].key,
						&r->unfit[i].key) < 0);
	}
	ofl_whatif_free(x);
	ofl_place_free(w.place);
}

/* Routes change while the copy is made: it is sound all the same, and says how
 * many; and it can be given up at any time. */
static void test_meanwhile(void **state)
{
	struct ofl_place_conf conf;
	struct ofl_whatif *x;
	unsigned int i = 0;

	fill(0);
	x = ofl_whatif_new(w.place);
	while (ofl_whatif_copy(x, 8)) {
		unsigned int at = rnd(w.count);

		if (++i > ROUTES / 8)
			continue;
		if (rnd(3)) {
			w.routes[at].identity = 1 + rnd(8);
			put(at);
		} else {
			ofl_place_del(w.place, &w.keys[at]);
			put(at);
		}
		settle();
	}
	conf = slots(SLOTS / 2, 97);
	ofl_whatif_limits(x, &conf);
	while (ofl_whatif_run(x, 100))
		;
	assert_true(ofl_whatif_result(x)->meanwhile >= ROUTES / 8);
	assert_true(ofl_whatif_result(x)->rests);
	make_true(&conf, 0, 0);
	near("slots", ofl_whatif_result(x)->stats.used_slots, SLOTS / 2, 20);
	ofl_whatif_free(x);
	for (unsigned int steps = 0; steps < 2000; steps += 97) {
		x = ofl_whatif_new(w.place);
		for (i = 0; i < steps && ofl_whatif_copy(x, 10); i++)
			;
		for (; i < steps; i++)
			ofl_whatif_run(x, 10);
		ofl_whatif_free(x);
	}
	ofl_place_free(w.place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_it_is),
		cmocka_unit_test(test_larger),
		cmocka_unit_test(test_smaller),
		cmocka_unit_test(test_high),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_critical),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_unfit),
		cmocka_unit_test(test_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
