// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine/levels.c: many subjects, few slots.  Random days against a model that
 * remembers everything: what is told by name is so, and was for the grace time;
 * tellings are bounded; numbers add up at every moment; and after a quiet while
 * exactly those who are up count as told.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/engine/levels.h"

#define SECOND 1000000ull
#define GRACE (5 * SECOND)
#define EVERY (SECOND / 100)
#define BURST 20
#define SLOTS 32
#define MANY 500
#define DAYS 60

struct subject {
	struct ofl_key key;
	uint8_t bits;
	bool up, gone;
	uint64_t up_us; /* since */
};

static struct subject subjects[MANY];
static struct ofl_levels *l;
static unsigned int shift;
static uint64_t now, tellings, began;
static int64_t told; /* up less down */
static uint64_t changes, said;
static uint32_t seed;

static unsigned int rnd(unsigned int n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void begin(unsigned int s)
{
	struct ofl_levels_conf conf = {
		.shift = s,
		.slots = SLOTS,
		.grace_us = GRACE,
		.burst = BURST,
		.every_us = EVERY,
		.together_us = SECOND,
	};

	shift = s;
	memset(subjects, 0, sizeof(subjects));
	for (unsigned int i = 0; i < MANY; i++) {
		subjects[i].key.p.family = AF_INET;
		subjects[i].key.p.plen = 32;
		memcpy(subjects[i].key.p.addr, &i, sizeof(i));
	}
	l = ofl_levels_new(&conf);
	now = began = 1000 * SECOND;
	told = tellings = changes = said = 0;
	ofl_levels_start(l, now);
}

static struct subject *subject_of(const struct ofl_key *key)
{
	unsigned int i;

	memcpy(&i, key->p.addr, sizeof(i));
	assert_true(i < MANY);
	return &subjects[i];
}

static void set(struct subject *s, bool up)
{
	changes += s->up != up;
	if (up && !s->up)
		s->up_us = now;
	s->up = up;
	ofl_levels_set(l, &s->key, &s->bits, up, now);
}

/* It ends; another of the same key may begin. */
static void gone(struct subject *s)
{
	changes += s->up;
	s->up = false;
	ofl_levels_gone(l, &s->key, &s->bits, now);
	assert_int_equal(s->bits, 0);
}

static void walk(void)
{
	if (!ofl_levels_walk_is_due(l, now))
		return;
	ofl_levels_walk_begin(l);
	for (unsigned int i = 0; i < MANY; i++) {
		uint8_t was = subjects[i].bits >> shift;

		ofl_levels_walk_meet(l, &subjects[i].key, &subjects[i].bits);
		/* Who is told as a number has had its grace, too. */
		if (((subjects[i].bits >> shift) & ~was) & OFL_LEVEL_TOLD)
			assert_true(now - subjects[i].up_us >= GRACE);
		/* Others live meanwhile. */
		if (!rnd(50)) {
			struct subject *s = &subjects[rnd(MANY)];

			set(s, s->up);
		}
	}
	ofl_levels_walk_end(l, now);
}

static void heard(const struct ofl_levels_telling *t)
{
	struct subject *s;

	tellings++;
	/* One pace for names, one for numbers. */
	assert_true(tellings <=
		    BURST + (now - began) / EVERY + 2 + (now - began) / SECOND);
	assert_true(t->count > 0);
	assert_true(t->has_key == (t->count == 1 && t->has_key));
	told += t->up ? (int64_t)t->count : -(int64_t)t->count;
	said += t->count + t->suppressed;
	if (!t->has_key)
		return;
	assert_int_equal(t->count, 1);
	s = subject_of(&t->key);
	if (t->up) {
		assert_true(s->up);
		assert_true(now - s->up_us >= GRACE);
		assert_int_equal(s->bits, (OFL_LEVEL_UP | OFL_LEVEL_TOLD)
						  << shift);
	}
}

static void tell(void)
{
	struct ofl_levels_telling t;

	walk();
	while (ofl_levels_next(l, now, &t))
		heard(&t);
}

static void check(void)
{
	struct ofl_levels_stats st;
	uint64_t up = 0, counted = 0;

	ofl_levels_stats(l, &st);
	for (unsigned int i = 0; i < MANY; i++) {
		uint8_t b = subjects[i].bits >> shift;

		up += subjects[i].up;
		counted += !!(b & OFL_LEVEL_TOLD);
		assert_true(!!(b & OFL_LEVEL_UP) == subjects[i].up);
	}
	assert_true(st.up == up);
	assert_true(st.told == counted);
	assert_true((int64_t)(st.told_up - st.told_down) == told);
	assert_true(st.tellings == tellings);
}

/* Nothing changes any more, and everything has been told. */
static void quiet(void)
{
	struct ofl_levels_stats st;

	for (int i = 0; i < 400 && ofl_levels_due_us(l) != UINT64_MAX; i++) {
		now += SECOND / 4;
		tell();
	}
	check();
	ofl_levels_stats(l, &st);
	assert_true(changes == st.told_up + st.told_down + st.suppressed);
	for (unsigned int i = 0; i < MANY; i++) {
		bool is_told = (subjects[i].bits >> shift) & OFL_LEVEL_TOLD;

		assert_true(is_told == subjects[i].up);
		told -= subjects[i].up;
	}
	assert_int_equal(told, 0);
	for (unsigned int i = 0; i < MANY; i++)
		told += subjects[i].up;
	assert_true(ofl_levels_due_us(l) == UINT64_MAX);
}

static void end(void)
{
	ofl_levels_free(l);
	l = NULL;
}

static void test_named_after_grace(void **state)
{
	struct ofl_levels_telling t;
	struct subject *s = subjects;

	begin(0);
	set(s, true);
	assert_true(ofl_levels_due_us(l) == now + GRACE);
	now += GRACE - 1;
	assert_false(ofl_levels_next(l, now, &t));
	now++;
	assert_true(ofl_levels_next(l, now, &t));
	assert_true(t.up && t.has_key);
	assert_int_equal(ofl_key_cmp(&t.key, &s->key), 0);
	assert_int_equal(t.suppressed, 0);
	set(s, false);
	assert_true(ofl_levels_next(l, now, &t));
	assert_true(!t.up && t.has_key);
	assert_false(ofl_levels_next(l, now, &t));
	end();
}

static void test_momentary_is_not_told(void **state)
{
	struct ofl_levels_telling t;

	begin(OFL_LEVEL_BITS);
	for (int i = 0; i < 10; i++) {
		set(subjects, true);
		now += GRACE - 1;
		assert_false(ofl_levels_next(l, now, &t));
		set(subjects, false);
		now += GRACE;
		assert_false(ofl_levels_next(l, now, &t));
	}
	set(subjects, true);
	now += GRACE;
	assert_true(ofl_levels_next(l, now, &t));
	assert_int_equal(t.suppressed, 20);
	end();
}

/* Whose turn came first is told first, up or down. */
static void test_order(void **state)
{
	struct ofl_levels_telling t;

	for (int late = 0; late < 2; late++) {
		begin(0);
		set(&subjects[0], true);
		quiet();
		set(&subjects[1], true);
		now += late ? GRACE + 1 : GRACE - 1;
		set(&subjects[0], false);
		now += GRACE;
		assert_true(ofl_levels_next(l, now, &t));
		assert_true(t.up == late);
		assert_true(ofl_levels_next(l, now, &t));
		assert_true(t.up != late);
		end();
	}
}

/* Before the start nobody is told, and all have their grace from then on. */
static void test_start(void **state)
{
	struct ofl_levels_conf conf = {
		.slots = 2,
		.grace_us = GRACE,
		.burst = 1,
		.every_us = 1,
		.together_us = SECOND,
	};
	struct ofl_levels_telling t;

	begin(0);
	end();
	l = ofl_levels_new(&conf);
	for (int i = 0; i < 3; i++)
		set(&subjects[i], true);
	now += 100 * GRACE;
	assert_true(ofl_levels_due_us(l) == UINT64_MAX);
	assert_false(ofl_levels_walk_is_due(l, now));
	assert_false(ofl_levels_next(l, now, &t));
	ofl_levels_start(l, now);
	now += GRACE - 1;
	assert_false(ofl_levels_next(l, now, &t));
	now++;
	assert_true(ofl_levels_next(l, now, &t));
	end();
}

/* More than there are slots: some by name, the others as one number. */
static void test_all_at_once(void **state)
{
	struct ofl_levels_telling t;
	uint64_t named = 0, more = 0;

	begin(0);
	for (unsigned int i = 0; i < MANY; i++)
		set(&subjects[i], true);
	for (int i = 0; i < 400; i++) {
		now += SECOND / 10;
		walk();
		while (ofl_levels_next(l, now, &t)) {
			assert_true(t.up);
			heard(&t);
			named += t.has_key;
			more += t.has_key ? 0 : t.count;
		}
	}
	assert_int_equal(named, SLOTS);
	assert_int_equal(more, MANY - SLOTS);
	quiet();
	/* They end altogether, also in memory. */
	for (unsigned int i = 0; i < MANY; i++)
		gone(&subjects[i]);
	quiet();
	assert_int_equal(told, 0);
	end();
}

static bool count_known(const struct ofl_key *key, void *arg)
{
	const struct subject *s = subject_of(key);

	assert_true(s->up && (s->bits & OFL_LEVEL_TOLD));
	(*(unsigned int *)arg)++;
	return *(unsigned int *)arg < 20;
}

static void test_who_is_known(void **state)
{
	unsigned int count = 0;

	begin(0);
	for (unsigned int i = 0; i < 30; i++)
		set(&subjects[i], true);
	ofl_levels_known_walk(l, count_known, &count);
	assert_int_equal(count, 0);
	quiet();
	ofl_levels_known_walk(l, count_known, &count);
	assert_int_equal(count, 20);
	/* They make room for those of whom there is something to tell. */
	for (unsigned int i = 100; i < 100 + SLOTS; i++)
		set(&subjects[i], true);
	count = 0;
	ofl_levels_known_walk(l, count_known, &count);
	assert_int_equal(count, 0);
	quiet();
	end();
}

static void one_day(void)
{
	unsigned int some = 1 + rnd(MANY);

	begin(rnd(2) ? OFL_LEVEL_BITS : 0);
	for (int i = 0; i < 600; i++) {
		unsigned int count = rnd(20) ? rnd(4) : rnd(2 * MANY);

		for (unsigned int n = 0; n < count; n++) {
			struct subject *s = &subjects[rnd(some)];

			if (rnd(10))
				set(s, rnd(2));
			else
				gone(s);
		}
		now += rnd(rnd(10) ? SECOND : 3 * GRACE);
		if (rnd(4))
			tell();
		if (!rnd(20))
			check();
		if (!rnd(100))
			quiet();
	}
	quiet();
	assert_true(said <= changes);
	end();
}

static void test_random_days(void **state)
{
	for (uint32_t day = 1; day <= DAYS; day++) {
		seed = day * 7919;
		one_day();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_after_grace),
		cmocka_unit_test(test_momentary_is_not_told),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_who_is_known),
		cmocka_unit_test(test_random_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
