// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The slab hands out distinct, zeroed things by handle, of several kinds, walks
 * them in the order of memory, and keeps nothing once a kind is empty.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/slab.h"

#define MANY (3 * OFL_SLAB_CHUNK)
#define OFFSET 16 /* a handle points here within a thing */

struct thing {
	uint64_t number[5];
};

struct small {
	uint32_t link; /* may stand where the slab links what is free */
	uint32_t number;
};

static struct ofl_slab slab;
static struct ofl_slab_kind things, smalls;

static int setup(void **state)
{
	memset(&slab, 0, sizeof(slab));
	ofl_slab_kind_init(&things, &slab, sizeof(struct thing), OFFSET);
	ofl_slab_kind_init(&smalls, &slab, sizeof(struct small), 0);
	return 0;
}

static struct thing *thing_at(uint32_t handle)
{
	return (struct thing *)((char *)ofl_slab_at(&slab, handle) - OFFSET);
}

/* A new thing, all zero before it is filled. */
static uint32_t thing_get(uint64_t number)
{
	uint32_t handle = ofl_slab_get(&things);

	assert_int_not_equal(handle, 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(thing_at(handle)->number[i], 0);
		thing_at(handle)->number[i] = number;
	}
	return handle;
}

static void thing_put(uint32_t handle, uint64_t number)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(thing_at(handle)->number[i], number);
	ofl_slab_put(&things, handle);
}

static void is_empty(void)
{
	assert_int_equal(things.count, 0);
	assert_int_equal(things.chunks, 0);
	assert_int_equal(ofl_slab_bytes(&things), 0);
	assert_int_equal(ofl_slab_next(&things, 0), 0);
}

static void test_sizes(void **state)
{
	struct ofl_slab_kind odd;

	ofl_slab_kind_init(&odd, &slab, 61, 0);
	assert_int_equal(odd.size, 64);
	assert_int_equal(things.size, sizeof(struct thing));
	is_empty();
	assert_null(slab.chunks);
}

/* Over several chunks, nobody writes into another's. */
static void test_grows(void **state)
{
	static uint32_t handles[MANY];

	for (uint32_t i = 0; i < MANY; i++) {
		handles[i] = thing_get(i + 1);
		assert_int_equal((uintptr_t)thing_at(handles[i]) % 8, 0);
	}
	assert_int_equal(things.count, MANY);
	assert_true(things.chunks >= 3);
	assert_true(ofl_slab_bytes(&things) >= MANY * sizeof(struct thing));
	assert_true(ofl_slab_bytes(&things) <=
		    (MANY + OFL_SLAB_CHUNK) * sizeof(struct thing));
	for (uint32_t i = 0; i < MANY; i++)
		thing_put(handles[i], i + 1);
	is_empty();
	assert_null(slab.chunks);

	/* and once more, from nothing */
	thing_put(thing_get(7), 7);
	is_empty();
}

static void test_reuse(void **state)
{
	uint32_t a = thing_get(1), b = thing_get(2), c = thing_get(3);
	size_t bytes = ofl_slab_bytes(&things);

	thing_put(b, 2);
	thing_put(a, 1);
	for (uint64_t i = 0; i < 10000; i++) {
		a = thing_get(i);
		assert_int_not_equal(a, c);
		thing_put(a, i);
	}
	assert_int_equal(ofl_slab_bytes(&things), bytes);
	assert_int_equal(things.count, 1);
	thing_put(c, 3);
	is_empty();
}

/* Handles tell things of different kinds apart; one kind's end is not the
 * other's. */
static void test_two_kinds(void **state)
{
	static uint32_t a[MANY], b[MANY];

	for (uint32_t i = 0; i < MANY; i++) {
		struct small *s;

		a[i] = thing_get(i);
		b[i] = ofl_slab_get(&smalls);
		assert_int_not_equal(b[i], 0);
		assert_int_not_equal(a[i], b[i]);
		s = ofl_slab_at(&slab, b[i]);
		assert_int_equal(s->link, 0);
		assert_int_equal(s->number, 0);
		s->link = s->number = i;
	}
	for (uint32_t i = 0; i < MANY; i++)
		thing_put(a[i], i);
	is_empty();
	assert_int_equal(smalls.count, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		const struct small *s = ofl_slab_at(&slab, b[i]);

		assert_int_equal(s->link, i);
		assert_int_equal(s->number, i);
	}
	/* What the first kind left serves again. */
	for (uint32_t i = 0; i < MANY; i++)
		a[i] = thing_get(i);
	for (uint32_t i = 0; i < MANY; i++) {
		ofl_slab_put(&smalls, b[i]);
		thing_put(a[i], i);
	}
	is_empty();
	assert_int_equal(smalls.chunks, 0);
	assert_null(slab.chunks);
}

/* Every thing once, in the order of handles; others only if given back. */
static uint32_t walk(void)
{
	uint32_t count = 0, last = 0, h;

	for (h = ofl_slab_next(&things, 0); h;
	     h = ofl_slab_next(&things, h + 1)) {
		const struct thing *t = thing_at(h);

		assert_true(h > last);
		last = h;
		count += t->number[1] != 0;
		for (int i = 1; i < 5; i++)
			assert_int_equal(t->number[i], t->number[1]);
	}
	return count;
}

static void test_walk(void **state)
{
	static uint32_t handles[MANY];
	uint32_t other = ofl_slab_get(&smalls);

	assert_int_equal(ofl_slab_next(&things, 0), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		handles[i] = thing_get(i + 1);
		assert_int_equal(ofl_slab_next(&things, handles[i]),
				 handles[i]);
	}
	assert_int_equal(walk(), MANY);
	for (uint32_t i = 0; i < MANY; i += 3)
		thing_put(handles[i], i + 1);
	assert_int_equal(walk(), things.count);
	for (uint32_t i = 0; i < MANY; i++) {
		if (i % 3)
			thing_put(handles[i], i + 1);
	}
	assert_int_equal(ofl_slab_next(&smalls, 0), other);
	assert_int_equal(ofl_slab_next(&smalls, other + 1), 0);
	ofl_slab_put(&smalls, other);
	is_empty();
}

static void test_find(void **state)
{
	uint32_t a = thing_get(1), b = thing_get(2);

	assert_ptr_equal(ofl_slab_find(&things, a), ofl_slab_at(&slab, a));
	assert_ptr_equal(ofl_slab_find(&things, b), ofl_slab_at(&slab, b));
	/* Numbers that never were handles, near and far. */
	assert_null(ofl_slab_find(&things, 0));
	assert_null(ofl_slab_find(&things, b + 1));
	assert_null(ofl_slab_find(&things, UINT32_MAX));
	assert_null(ofl_slab_find(&things, 5u << OFL_SLAB_BITS));
	thing_put(a, 1);
	thing_put(b, 2);
	assert_null(ofl_slab_find(&things, a));
}

static void test_random(void **state)
{
	static uint32_t handles[4096];
	uint32_t count = 0;

	srandom(1);
	for (int i = 0; i < 200000; i++) {
		uint32_t at = random() % 4096;

		if (handles[at]) {
			thing_put(handles[at], at + 1);
			handles[at] = 0;
			count--;
		} else {
			handles[at] = thing_get(at + 1);
			count++;
		}
	}
	assert_int_equal(things.count, count);
	assert_int_equal(walk(), count);
	for (uint32_t at = 0; at < 4096; at++) {
		if (handles[at])
			thing_put(handles[at], at + 1);
	}
	is_empty();
	assert_null(slab.chunks);
}

static void take(uint32_t handle)
{
	assert_true(ofl_slab_take(&things, handle));
	for (int i = 0; i < 5; i++) {
		assert_int_equal(thing_at(handle)->number[i], 0);
		thing_at(handle)->number[i] = handle;
	}
}

/* Handles of an earlier life, in any order and with gaps; then new ones. */
static void test_take(void **state)
{
	static const uint32_t old[] = {
		5 * OFL_SLAB_CHUNK + 7, 1,  OFL_SLAB_CHUNK - 1,
		5 * OFL_SLAB_CHUNK,	40, 5 * OFL_SLAB_CHUNK + 6,
	};
	static uint32_t handles[MANY];
	const uint32_t n = sizeof(old) / sizeof(old[0]);
	uint32_t other = ofl_slab_get(&smalls);

	ofl_slab_put(&smalls, other);
	for (uint32_t i = 0; i < n; i++)
		take(old[i]);
	assert_int_equal(things.count, n);
	for (uint32_t i = 0; i < n; i++) {
		assert_false(ofl_slab_take(&things, old[i]));
		assert_non_null(ofl_slab_find(&things, old[i]));
	}
	assert_int_equal(walk(), n);
	/* No handles, and some that nobody can have had. */
	assert_false(ofl_slab_take(&things, 0));
	assert_false(ofl_slab_take(&things, UINT32_MAX));
	assert_false(
		ofl_slab_take(&things, OFL_SLAB_TAKE_CHUNKS << OFL_SLAB_BITS));
	assert_int_equal(things.count, n);

	for (uint32_t i = 0; i < MANY; i++) {
		handles[i] = thing_get(1000000 + i);
		for (uint32_t k = 0; k < n; k++)
			assert_int_not_equal(handles[i], old[k]);
	}
	assert_int_equal(walk(), n + MANY);
	/* Now handles are given, no longer taken. */
	assert_false(ofl_slab_take(&things, 3 * OFL_SLAB_CHUNK));
	assert_false(ofl_slab_take(&things, 2));
	for (uint32_t i = 0; i < n; i++)
		thing_put(old[i], old[i]);
	for (uint32_t i = 0; i < MANY; i++)
		thing_put(handles[i], 1000000 + i);
	is_empty();
	assert_null(slab.chunks);

	/* What was taken goes before anything is got. */
	take(70);
	take(69);
	thing_put(70, 70);
	assert_false(ofl_slab_take(&things, 71));
	thing_put(69, 69);
	is_empty();
	assert_null(slab.chunks);
	take(70);
	thing_put(70, 70);
	is_empty();
}

/* A chunk of another kind is not taken from. */
static void test_take_beside(void **state)
{
	uint32_t other = ofl_slab_get(&smalls);

	assert_false(ofl_slab_take(&things, other));
	assert_false(ofl_slab_take(&things, other + 1));
	take(3 * OFL_SLAB_CHUNK);
	assert_int_equal(walk(), 1);
	thing_put(3 * OFL_SLAB_CHUNK, 3 * OFL_SLAB_CHUNK);
	is_empty();
	ofl_slab_put(&smalls, other);
	assert_null(slab.chunks);
}

#define SCENARIO(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(test_sizes),	    SCENARIO(test_grows),
		SCENARIO(test_reuse),	    SCENARIO(test_two_kinds),
		SCENARIO(test_walk),	    SCENARIO(test_find),
		SCENARIO(test_random),	    SCENARIO(test_take),
		SCENARIO(test_take_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
