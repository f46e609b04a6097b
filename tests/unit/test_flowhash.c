// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flows by key: found, walked and taken out while the rows grow, whatever the
 * keys look like.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "offloadd/flow/flowhash.h"
#include "offloadd/flow/flowlist.h"

#define MANY 20000

static struct ofl_flowhash hash;
static struct ofl_slab_kind pool;

static int setup(void **state)
{
	ofl_slab_kind_init(&pool, &ofl_flow_slab, sizeof(struct ofl_flow), 0);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(pool.count, 0);
	assert_int_equal(hash.count, 0);
	assert_null(hash.rows);
	return 0;
}

static struct ofl_flow *flow_add(const struct ofl_key *key)
{
	uint32_t handle = ofl_slab_get(&pool);
	struct ofl_flow *f = ofl_flow_at(handle);

	f->handle = handle;
	f->key = *key;
	ofl_flowhash_add(&hash, f);
	return f;
}

static void flow_del(struct ofl_flow *f)
{
	ofl_flowhash_del(&hash, f);
	ofl_slab_put(&pool, f->handle);
}

/* Kinds of tables: neighbours, hosts of one area, all lengths, IPv6. */
enum kind { SLASH_24, LOOPBACKS, NESTED, IPV6, KINDS };

static struct ofl_key nth_key(enum kind kind, uint32_t i)
{
	uint32_t host[4] = {htonl(0x0a000000 + (i << 8))};
	struct ofl_key k = {0};

	switch (kind) {
	case SLASH_24:
		k.p = ofl_prefix_make(AF_INET, host, 24);
		break;
	case LOOPBACKS:
		host[0] = htonl(0x0a000001 + (i << 8));
		k.p = ofl_prefix_make(AF_INET, host, 32);
		break;
	case NESTED:
		k.vrf = i / 33;
		k.p = ofl_prefix_make(AF_INET, host, i % 33);
		break;
	case IPV6:
	case KINDS:
		host[0] = htonl(0x20010db8);
		host[1] = htonl(i << 16);
		k.p = ofl_prefix_make(AF_INET6, host, 48);
		break;
	}
	return k;
}

static bool count_one(struct ofl_flow *f, void *arg)
{
	++*(size_t *)arg;
	return true;
}

static size_t walk(void)
{
	uint32_t at = 0;
	size_t met = 0;

	do {
		assert_true(ofl_flowhash_row(&hash, &at, count_one, &met));
	} while (at);
	return met;
}

static void all_are_found(void **state)
{
	unsigned int growing = 0;

	for (enum kind kind = 0; kind < KINDS; kind++) {
		for (uint32_t i = 0; i < MANY; i++) {
			struct ofl_key k = nth_key(kind, i);
			struct ofl_key old = nth_key(kind, i / 2);
			struct ofl_flow *f;

			assert_null(ofl_flowhash_find(&hash, &k));
			f = flow_add(&k);
			assert_ptr_equal(f, ofl_flowhash_find(&hash, &k));
			assert_non_null(ofl_flowhash_find(&hash, &old));
			if (!hash.old || i % 16)
				continue;
			assert_int_equal(walk(), i + 1);
			growing++;
		}
		assert_int_equal(walk(), MANY);
		for (uint32_t i = 0; i < MANY; i++) {
			struct ofl_key k = nth_key(kind, i);

			flow_del(ofl_flowhash_find(&hash, &k));
			assert_null(ofl_flowhash_find(&hash, &k));
		}
	}
	assert_uint_in_range(growing, 10, MANY);
}

static size_t chain_length(uint32_t handle)
{
	size_t n = 0;

	for (; handle; handle = ofl_flow_at(handle)->hash_next)
		n++;
	return n;
}

/* No kind of table makes chains long, nor do many rows wait to be moved. */
static void chains_are_short(void **state)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct ofl_flow *f[MANY];
		size_t longest = 0;

		for (uint32_t i = 0; i < MANY; i++) {
			struct ofl_key k = nth_key(kind, i);

			f[i] = flow_add(&k);
		}
		for (uint32_t i = 0; i < 8u << hash.bits; i++)
			longest = MAX(longest, chain_length(hash.rows[i]));
		assert_null(hash.old);
		assert_uint_in_range(longest, 1, 10);
		for (uint32_t i = 0; i < MANY; i++)
			flow_del(f[i]);
	}
}

/* Side by side is near by; another length is another area. */
static void neighbours_share_a_row(void **state)
{
	struct ofl_key a, b;

	for (uint32_t i = 0; i < 800; i++) {
		a = nth_key(SLASH_24, i);
		b = nth_key(SLASH_24, i + 1);
		assert_int_equal(ofl_flowhash_value(&a) ==
					 ofl_flowhash_value(&b),
				 i % 8 != 7);
		b.p.plen = 25;
		assert_int_not_equal(ofl_flowhash_value(&a),
				     ofl_flowhash_value(&b));
	}
}

static void a_list_keeps_its_order(void **state)
{
	struct ofl_flow_list table, group;
	struct ofl_flow *f[4], *at;

	ofl_flow_list_init(&table, OFL_FLOW_LINK_TABLE);
	ofl_flow_list_init(&group, OFL_FLOW_LINK_GROUP);
	for (uint32_t i = 0; i < 4; i++) {
		struct ofl_key k = nth_key(SLASH_24, i);

		f[i] = flow_add(&k);
		ofl_flow_list_add_tail(&table, f[i]);
		ofl_flow_list_add_head(&group, f[i]);
	}
	ofl_flow_list_del(&table, f[1]);
	ofl_flow_list_del(&group, f[3]);
	ofl_flow_list_del(&group, f[0]);
	assert_int_equal(ofl_flow_list_count(&table), 3);
	assert_int_equal(ofl_flow_list_count(&group), 2);
	at = ofl_flow_list_first(&table);
	assert_ptr_equal(at, f[0]);
	at = ofl_flow_list_next(&table, at);
	assert_ptr_equal(at, f[2]);
	assert_ptr_equal(ofl_flow_list_next(&table, at), f[3]);
	assert_null(ofl_flow_list_next(&table, f[3]));
	assert_ptr_equal(ofl_flow_list_first(&group), f[2]);
	assert_ptr_equal(ofl_flow_list_next(&group, f[2]), f[1]);
	assert_null(ofl_flow_list_next(&group, f[1]));
	for (uint32_t i = 0; i < 4; i++)
		flow_del(f[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(chains_are_short, setup,
						teardown),
		cmocka_unit_test(neighbours_share_a_row),
		cmocka_unit_test_setup_teardown(a_list_keeps_its_order, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
