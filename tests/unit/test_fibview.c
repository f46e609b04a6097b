// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's routes and their repairs against a naive model: an array of
 * routes, a driver that takes what fits, and questions answered by looking at
 * all of them.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/placement/fibview.h"

#define BITS 5
#define ROUTES ((2 << BITS) - 1) /* every prefix of at most BITS bits */
#define MAIN 254
#define SECOND_US 1000000ull

struct model_route {
	bool exists, is_flow, fixed;
	uint8_t state, cls;
	uint32_t way, weight; /* way 1: the driver traps it */
};

static struct model_route model[ROUTES];
static unsigned int capacity, images;
static bool broken[ROUTES]; /* the driver refuses it whatever the room */
static struct ofl_fibview *view;

/* --- prefixes by number: 0 is the default route, then by length --- */

static unsigned int plen_of(unsigned int i)
{
	unsigned int plen = 0;

	while (i >= (2u << plen) - 1)
		plen++;
	return plen;
}

static unsigned int bits_of(unsigned int i)
{
	return i - ((1u << plen_of(i)) - 1);
}

static struct ofl_key key_of(unsigned int i)
{
	unsigned int plen = plen_of(i);
	uint8_t addr[16] = {plen ? bits_of(i) << (8 - plen) : 0};

	return (struct ofl_key){.vrf = MAIN,
				.p = ofl_prefix_make(AF_INET, addr, plen)};
}

static unsigned int number_of(const struct ofl_key *key)
{
	unsigned int plen = key->p.plen;

	return (1u << plen) - 1 + (plen ? key->p.addr[0] >> (8 - plen) : 0);
}

static bool is_below(unsigned int i, unsigned int above)
{
	unsigned int d = plen_of(i) - plen_of(above);

	return plen_of(i) >= plen_of(above) &&
	       bits_of(i) >> d == bits_of(above);
}

/* --- the model's answers --- */

static bool is_entry(unsigned int i)
{
	return model[i].exists && (model[i].state == OFL_FIB_OFFLOADED ||
				   model[i].state == OFL_FIB_TRAPPED);
}

/* -1: none */
static int entry_above(unsigned int i)
{
	int best = -1;

	for (unsigned int a = 0; a < ROUTES; a++)
		if (a != i && is_entry(a) && is_below(i, a) &&
		    plen_of(a) < plen_of(i) &&
		    (best < 0 || plen_of(a) > plen_of(best)))
			best = a;
	return best;
}

static bool is_stolen(unsigned int i)
{
	int a = entry_above(i);

	return model[i].exists && model[i].state == OFL_FIB_FAILED && a >= 0 &&
	       model[a].state == OFL_FIB_OFFLOADED &&
	       model[a].way != model[i].way;
}

static unsigned int entries(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ROUTES; i++)
		n += is_entry(i);
	return n;
}

/* What it would cost to take i out; -1: it may not go. */
static int64_t cost_of(unsigned int i, unsigned int f)
{
	int a = entry_above(i);

	if (!is_entry(i) || i == f || !model[i].is_flow || model[i].fixed ||
	    model[i].cls == OFL_CLASS_CRITICAL)
		return -1;
	if (is_below(i, f) && model[i].way != model[f].way)
		return -1;
	if (a >= 0 && model[a].state == OFL_FIB_OFFLOADED)
		return model[i].state == OFL_FIB_OFFLOADED &&
				       model[a].way == model[i].way
			       ? 0
			       : -1;
	if (model[i].state == OFL_FIB_TRAPPED ||
	    model[i].cls == OFL_CLASS_NEVER)
		return 0;
	return model[i].weight;
}

/* How many shadowed ones mends its leaving. */
static unsigned int gain_of(unsigned int i, unsigned int f)
{
	unsigned int n = 0;

	if (entry_above(f) != (int)i)
		return 1;
	for (unsigned int k = 0; k < ROUTES; k++)
		n += is_stolen(k) && entry_above(k) == (int)i;
	return n;
}

/* --- telling --- */

static void release(void *arg, uint32_t image)
{
	assert_true(images > 0);
	images--;
}

static struct ofl_fib_route route_of(unsigned int i)
{
	return (struct ofl_fib_route){
		.key = key_of(i),
		.way = model[i].way,
		.image = i + 1,
		.state = model[i].state,
		.fixed = model[i].fixed,
		.writable = true,
	};
}

static void tell(unsigned int i)
{
	struct ofl_fib_route r = route_of(i);

	images++;
	ofl_fibview_set(view, &r);
}

/* The kernel offers it, and the driver says what it could do. */
static void offer(unsigned int i)
{
	bool fits = is_entry(i) || entries() < capacity;

	model[i].state = OFL_FIB_NONE;
	tell(i);
	model[i].state =
		model[i].way == 1 ? OFL_FIB_TRAPPED : OFL_FIB_OFFLOADED;
	if (!fits || broken[i])
		model[i].state = OFL_FIB_FAILED;
	tell(i);
}

static void withdraw(unsigned int i)
{
	struct ofl_fib_route r = route_of(i);

	model[i].exists = false;
	assert_true(ofl_fibview_del(view, &r));
}

static void check(void)
{
	struct ofl_fibview_stats st;
	uint64_t by_state[OFL_FIB_STATE_MAX] = {0}, stolen = 0;

	for (unsigned int i = 0; i < ROUTES; i++) {
		struct ofl_fibview_route r;
		struct ofl_key key = key_of(i);

		assert_int_equal(ofl_fibview_find(view, &key, &r),
				 model[i].exists);
		if (!model[i].exists)
			continue;
		assert_int_equal(r.state, model[i].state);
		assert_int_equal(r.shadowed, is_stolen(i));
		assert_int_equal(r.has_above, entry_above(i) >= 0);
		if (r.has_above)
			assert_int_equal(number_of(&r.above), entry_above(i));
		by_state[model[i].state]++;
		stolen += is_stolen(i);
	}
	ofl_fibview_stats(view, &st);
	assert_memory_equal(st.by_state[0], by_state, sizeof(by_state));
	assert_int_equal(st.shadowed, stolen);
}

/* --- repairs --- */

/* Nobody may do better. */
static void check_choice(unsigned int f, unsigned int victim)
{
	int64_t cost = cost_of(victim, f);

	assert_true(cost >= 0);
	for (unsigned int i = 0; i < ROUTES; i++) {
		int64_t other = cost_of(i, f);

		if (other >= 0)
			assert_true(cost * gain_of(i, f) <=
				    other * gain_of(victim, f));
	}
}

static void check_no_choice(unsigned int f)
{
	for (unsigned int i = 0; i < ROUTES; i++)
		assert_true(cost_of(i, f) < 0);
}

static void carry_out(const struct ofl_fib_step *step)
{
	unsigned int f = number_of(&step->route), victim = 0;
	bool before[ROUTES];

	assert_true(is_stolen(f));
	assert_int_equal(step->route_image, f + 1);
	for (unsigned int i = 0; i < ROUTES; i++)
		before[i] = is_stolen(i);
	if (step->demote) {
		victim = number_of(&step->victim);
		assert_int_equal(step->victim_image, victim + 1);
		check_choice(f, victim);
		/* What it was in hardware it is no longer. */
		model[victim].state = OFL_FIB_NONE;
	} else {
		check_no_choice(f);
	}
	offer(f);
	if (step->demote) {
		offer(victim);
		assert_false(is_stolen(victim) && !broken[f]);
	}
	/* An entry that came steals at most from what is below it. */
	for (unsigned int i = 0; i < ROUTES; i++)
		assert_false(is_stolen(i) && !before[i] && !is_below(i, f));
	check();
}

/* Until nothing is left to do now; how many. */
static unsigned int repair_all(uint64_t *now_us)
{
	struct ofl_fib_step step;
	unsigned int steps = 0;

	while (ofl_fibview_repair_next(view, *now_us, &step)) {
		carry_out(&step);
		assert_true(++steps < 4 * ROUTES);
	}
	return steps;
}

/* --- tests --- */

static void forget(void)
{
	ofl_fibview_free(view);
	assert_int_equal(images, 0);
}

static void begin(unsigned int slots)
{
	memset(model, 0, sizeof(model));
	memset(broken, 0, sizeof(broken));
	capacity = slots;
	images = 0;
	view = ofl_fibview_new(release, NULL);
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_DEMOTE, false);
}

static void worth(unsigned int i, enum ofl_class cls, uint32_t weight)
{
	struct ofl_key key = key_of(i);

	model[i].is_flow = true;
	model[i].cls = cls;
	model[i].weight = weight;
	ofl_fibview_worth_set(view, &key, true, cls, weight);
}

static void add(unsigned int i, uint32_t way)
{
	model[i].exists = true;
	model[i].way = way;
	offer(i);
}

/* One random thing that happens in a router. */
static void happen(unsigned int *seed)
{
	unsigned int i = rand_r(seed) % ROUTES;
	struct model_route *r = &model[i];

	switch (rand_r(seed) % 8) {
	case 0:
	case 1:
		if (r->exists)
			withdraw(i);
		break;
	case 2:
		worth(i, rand_r(seed) % OFL_CLASS_MAX, rand_r(seed) % 50);
		break;
	case 3:
		if (r->exists) { /* hardware lost it */
			r->state = OFL_FIB_FAILED;
			tell(i);
		}
		break;
	case 4:
		capacity = 2 + rand_r(seed) % 12;
		if (is_entry(i) &&
		    r->way > 1) { /* another next hop, in place */
			r->way = 2 + rand_r(seed) % 3;
			tell(i);
		}
		break;
	default:
		r->fixed = rand_r(seed) % 8 == 0;
		add(i, 1 + rand_r(seed) % 4);
	}
}

static void test_random(void **state)
{
	unsigned int repaired = 0;

	for (unsigned int round = 0; round < 300; round++) {
		unsigned int seed = round;
		uint64_t now_us = SECOND_US;

		begin(2 + round % 12);
		for (int i = 0; i < 200; i++) {
			happen(&seed);
			check();
			repaired += repair_all(&now_us);
			now_us += SECOND_US;
		}
		forget();
	}
	assert_true(repaired > 1000);
}

/* The packets of a failed route below a default route in hardware: mended with
 * the first question, by the cheapest. */
static void test_cheapest(void **state)
{
	struct ofl_fib_step step;
	uint64_t now_us = SECOND_US;

	begin(3);
	for (unsigned int i = 0; i < ROUTES; i++)
		worth(i, OFL_CLASS_BEST_EFFORT, 100);
	worth(3, OFL_CLASS_BEST_EFFORT, 5); /* 0/2 */
	add(0, 2);
	add(3, 2); /* as the default route: nothing is lost by it */
	add(4, 3);
	add(5, 4); /* 128/2: no room, and 0/0 takes its packets */
	assert_true(is_stolen(5));
	assert_true(ofl_fibview_repair_next(view, now_us, &step));
	assert_true(step.demote);
	assert_int_equal(number_of(&step.victim), 3);
	carry_out(&step);
	assert_false(is_stolen(5));
	assert_int_equal(repair_all(&now_us), 0);
	forget();
}

/* One that mends many is taken before one that is cheaper by itself. */
static void test_gain(void **state)
{
	struct ofl_fib_step step;

	begin(2);
	worth(0, OFL_CLASS_BEST_EFFORT, 30);
	worth(1, OFL_CLASS_BEST_EFFORT, 20);
	add(0, 2);
	worth(1, OFL_CLASS_CRITICAL, 1);
	add(1, 3);
	worth(1, OFL_CLASS_CRITICAL, 1);
	for (unsigned int i = 5; i < 7; i++) /* below 128/1, which is free */
		add(i, 4);
	assert_true(ofl_fibview_repair_next(view, SECOND_US, &step));
	assert_int_equal(number_of(&step.victim), 0);
	carry_out(&step);
	forget();
}

static void test_class_forbids(void **state)
{
	struct ofl_fibview_stats st;
	uint64_t now_us = SECOND_US;

	begin(1);
	worth(0, OFL_CLASS_CRITICAL, 1);
	add(0, 2);
	add(5, 3);
	/* Offered again, for it may fit by now; no more than that. */
	assert_int_equal(repair_all(&now_us), 1);
	for (int i = 0; i < 60; i++) {
		now_us += SECOND_US;
		assert_int_equal(repair_all(&now_us), 0);
	}
	ofl_fibview_stats(view, &st);
	assert_int_equal(st.given_up, 1);
	assert_true(is_stolen(5));
	/* Another class, another answer: with the next of the rare tries. */
	worth(0, OFL_CLASS_BEST_EFFORT, 1);
	now_us += 601 * SECOND_US;
	assert_int_equal(repair_all(&now_us), 1);
	assert_false(is_stolen(5));
	ofl_fibview_stats(view, &st);
	assert_int_equal(st.mended, 1);
	forget();
}

/* A driver that refuses for another reason is not asked in a circle. */
static void test_no_circle(void **state)
{
	struct ofl_fibview_stats st;
	struct ofl_fibview_route r;
	struct ofl_key key = key_of(5);
	uint64_t now_us = SECOND_US;
	unsigned int steps = 0;

	begin(4);
	worth(0, OFL_CLASS_BEST_EFFORT, 1);
	broken[5] = true;
	add(0, 2);
	add(5, 3);
	for (int i = 0; i < 600; i++, now_us += SECOND_US)
		steps += repair_all(&now_us);
	assert_int_equal(steps, 3);
	assert_true(ofl_fibview_find(view, &key, &r));
	assert_true(r.shadowed && r.given_up);
	/* Another route of the same prefix is another question. */
	broken[5] = false;
	add(5, 4);
	assert_false(is_stolen(5));
	now_us += 1000 * SECOND_US;
	assert_int_equal(repair_all(&now_us), 0);
	ofl_fibview_stats(view, &st);
	assert_int_equal(st.given_up, 0);
	forget();
}

/* Room came: what failed, and what left for another, is offered again; what is
 * refused all the same is left. */
static void test_room(void **state)
{
	struct ofl_fib_step step;
	uint64_t now_us = SECOND_US;
	unsigned int offers = 0;

	begin(2);
	for (unsigned int i = 1; i < 5; i++) {
		worth(i, OFL_CLASS_BEST_EFFORT, 1);
		add(i, 2); /* 1 and 2 get in, 3 and 4 fail and do no harm */
	}
	broken[3] = true;
	assert_false(ofl_fibview_repair_next(view, now_us, &step));
	capacity = 4;
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_DEMOTE, true);
	while (ofl_fibview_work(view, 3))
		;
	for (int i = 0; i < 100; i++, now_us += SECOND_US)
		while (ofl_fibview_repair_next(view, now_us, &step)) {
			assert_false(step.demote);
			offer(number_of(&step.route));
			offers++;
		}
	assert_int_equal(model[4].state, OFL_FIB_OFFLOADED);
	assert_int_equal(model[3].state, OFL_FIB_FAILED);
	assert_int_equal(offers, 4); /* three times the broken one */
	broken[3] = false;
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_DEMOTE, false);
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_DEMOTE, true);
	while (ofl_fibview_work(view, 3))
		;
	assert_true(ofl_fibview_repair_next(view, now_us, &step));
	assert_int_equal(number_of(&step.route), 3);
	forget();
}

static void test_policy(void **state)
{
	struct ofl_fib_step step;

	begin(1);
	worth(0, OFL_CLASS_BEST_EFFORT, 1);
	add(0, 2);
	add(5, 3);
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_NONE, false);
	assert_false(ofl_fibview_repair_next(view, SECOND_US, &step));
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_REPROGRAM, false);
	assert_true(ofl_fibview_repair_next(view, SECOND_US, &step));
	assert_false(step.demote);
	ofl_fibview_policy_set(view, OFL_FIB_REPAIR_DEMOTE, true);
	assert_true(ofl_fibview_repair_next(view, SECOND_US, &step));
	assert_false(step.demote); /* there is room, they say */
	assert_true(ofl_fibview_repair_next(view, 10 * SECOND_US, &step));
	assert_true(step.demote);
	forget();
}

/* What a new list does not have is gone; the rest stays. */
static void test_list(void **state)
{
	struct ofl_fibview_route r;
	unsigned int told = 0;

	begin(8);
	for (unsigned int i = 0; i < 8; i++)
		add(i, 2);
	while (ofl_fibview_changed(view, &r))
		told++;
	assert_int_equal(told, 8);
	ofl_fibview_sync_begin(view);
	for (unsigned int i = 0; i < 4; i++)
		tell(i);
	for (unsigned int i = 4; i < 8; i++)
		model[i].exists = false;
	ofl_fibview_sync_end(view);
	while (ofl_fibview_work(view, 3))
		;
	check();
	while (ofl_fibview_changed(view, &r)) {
		assert_false(r.exists);
		told--;
	}
	assert_int_equal(told, 4);
	forget();
}

/* The table local is asked first, and the lowest metric is the best. */
static void test_best_of_a_prefix(void **state)
{
	struct ofl_fib_route r = {.key = key_of(3), .image = 7, .metric = 20};
	struct ofl_fibview_route is;

	begin(8);
	images = 3;
	r.state = OFL_FIB_OFFLOADED;
	ofl_fibview_set(view, &r);
	r.metric = 30;
	r.state = OFL_FIB_NONE;
	ofl_fibview_set(view, &r);
	assert_true(ofl_fibview_find(view, &r.key, &is));
	assert_int_equal(is.state, OFL_FIB_OFFLOADED);
	assert_true(ofl_fibview_del(view, &r)); /* that one: no news */
	assert_true(ofl_fibview_find(view, &r.key, &is));
	r.local = true;
	r.state = OFL_FIB_TRAPPED;
	ofl_fibview_set(view, &r);
	assert_true(ofl_fibview_find(view, &r.key, &is));
	assert_int_equal(is.state, OFL_FIB_TRAPPED);
	r.local = false;
	r.metric = 20;
	assert_true(ofl_fibview_del(view, &r));
	assert_true(ofl_fibview_find(view, &r.key, &is));
	r.local = true;
	r.metric = 30;
	/* Nobody knows of the one of main any longer. */
	assert_false(ofl_fibview_del(view, &r));
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_cheapest),
		cmocka_unit_test(test_gain),
		cmocka_unit_test(test_class_forbids),
		cmocka_unit_test(test_no_circle),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_best_of_a_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
