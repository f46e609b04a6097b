// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the emulated table holds and finds: counters, dump, and random
 * operations against a model that looks at every entry.
 */
#include "tests/unit/emulated_fixture.h"

/* --- lookup, counters, dump --- */

static void dump_count(const struct ofl_hw_entry *e, void *arg)
{
	++*(size_t *)arg;
}

static void test_lookup(void **state)
{
	uint8_t addr[16] = {10, 1, 2, 3};
	struct ofl_op op = {.kind = OFL_OP_ADD,
			    .entry = OFL_ENTRY_REAL,
			    .slots = 1,
			    .identity = 5,
			    .key = key_of("10.0.0.0/8")};
	struct ofl_hw_entry e = {};
	uint32_t identity = 99, at = 0;
	size_t n = 0;

	assert_false(ops->find(t.p, &op.key, &e));
	assert_int_equal(ofl_emulated_lookup(t.p, 0, AF_INET, addr, true, 100,
					     &identity),
			 OFL_HIT_MISS);
	assert_int_equal(do_op(op).status, OFL_STATUS_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ofl_emulated_lookup(t.p, 0, AF_INET, addr,
						     i < 2, 100, &identity),
				 OFL_HIT_REAL);
	assert_int_equal(identity, 5);
	assert_true(ops->find(t.p, &op.key, &e));
	assert_int_equal(e.packets, 2);
	assert_int_equal(e.bytes, 200);
	assert_int_equal(e.entry, OFL_ENTRY_REAL);
	assert_int_equal(e.identity, 5);
	assert_int_equal(e.slots, 1);
	assert_int_equal(e.key.p.plen, 8);

	/* Counters survive a replace; a punt has no identity. */
	op.kind = OFL_OP_REPLACE;
	op.entry = OFL_ENTRY_PUNT;
	assert_int_equal(do_op(op).status, OFL_STATUS_OK);
	identity = 99;
	assert_int_equal(ofl_emulated_lookup(t.p, 0, AF_INET, addr, true, 1,
					     &identity),
			 OFL_HIT_PUNT);
	assert_int_equal(identity, 99);
	assert_true(ops->find(t.p, &op.key, &e));
	assert_int_equal(e.packets, 3);
	assert_int_equal(e.identity, 0);
	assert_int_equal(ofl_emulated_lookup(t.p, 0, AF_INET6, addr, true, 1,
					     &identity),
			 OFL_HIT_MISS);
	assert_int_equal(ofl_emulated_lookup(t.p, 1, AF_INET, addr, true, 1,
					     &identity),
			 OFL_HIT_MISS);
	ops->dump(t.p, &at, 10, dump_count, &n);
	assert_int_equal(n, 1);
	assert_int_equal(at, 0);
}

/* --- random operations against a model that looks at every entry --- */

#define MODEL_MAX 400
#define MODEL_CAPACITY 250

struct model_entry {
	struct ofl_key key;
	uint32_t identity;
	uint16_t slots;
	uint64_t packets;
	bool there, punt;
};

static struct model_entry model[MODEL_MAX];

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

/* Few bits vary, so that prefixes nest and collide; every length occurs. */
static void random_addr(uint8_t family, uint8_t *addr)
{
	memset(addr, 0, 16);
	addr[0] = rnd(2) ? 0x20 : 0;
	for (unsigned int i = 1; i < ofl_family_bits(family) / 8; i++)
		addr[i] = rnd(8) == 0 ? 0xff : 0;
}

static struct ofl_key random_key(void)
{
	uint8_t family = rnd(2) ? AF_INET : AF_INET6;
	struct ofl_key key = {.vrf = rnd(3)};
	uint8_t addr[16];

	random_addr(family, addr);
	key.p = ofl_prefix_make(family, addr, rnd(ofl_family_bits(family) + 1));
	return key;
}

static const struct model_entry *model_match(uint32_t vrf, uint8_t family,
					     const uint8_t *addr)
{
	struct ofl_prefix host =
		ofl_prefix_make(family, addr, ofl_family_bits(family));
	const struct model_entry *best = NULL;

	for (size_t i = 0; i < MODEL_MAX; i++) {
		if (!model[i].there || model[i].key.vrf != vrf ||
		    !ofl_prefix_contains(&model[i].key.p, &host))
			continue;
		if (!best || model[i].key.p.plen > best->key.p.plen)
			best = &model[i];
	}
	return best;
}

/* The model does the operation too; what must hardware answer? */
static enum ofl_status model_do(struct model_entry *m, const struct ofl_op *op,
				uint32_t *used)
{
	uint16_t old = m->there ? m->slots : 0;

	if (m->there == (op->kind == OFL_OP_ADD))
		return OFL_STATUS_ERROR;
	if (op->kind == OFL_OP_DEL) {
		m->there = false;
		*used -= old;
		return OFL_STATUS_OK;
	}
	if (*used - old + op->slots > MODEL_CAPACITY)
		return OFL_STATUS_NO_SPACE;
	if (op->kind == OFL_OP_ADD)
		m->packets = 0;
	m->there = true;
	m->slots = op->slots;
	m->punt = op->entry == OFL_ENTRY_PUNT;
	m->identity = op->identity;
	*used += op->slots - old;
	return OFL_STATUS_OK;
}

static void check_lookups(int n)
{
	for (int i = 0; i < n; i++) {
		uint8_t addr[16], family = rnd(2) ? AF_INET : AF_INET6;
		uint32_t vrf = rnd(4), identity = 0;
		struct model_entry *m;
		enum ofl_hit hit;

		random_addr(family, addr);
		m = (struct model_entry *)model_match(vrf, family, addr);
		hit = ofl_emulated_lookup(t.p, vrf, family, addr, true, 10,
					  &identity);
		if (m)
			m->packets++;
		assert_int_equal(hit, !m	? OFL_HIT_MISS
				      : m->punt ? OFL_HIT_PUNT
						: OFL_HIT_REAL);
		assert_int_equal(identity,
				 hit == OFL_HIT_REAL ? m->identity : 0);
	}
}

static void dump_check(const struct ofl_hw_entry *e, void *arg)
{
	for (size_t i = 0; i < MODEL_MAX; i++) {
		if (!model[i].there || ofl_key_cmp(&model[i].key, &e->key) != 0)
			continue;
		assert_int_equal(e->packets, model[i].packets);
		assert_int_equal(e->bytes, model[i].packets * 10);
		assert_int_equal(e->slots, model[i].slots);
		++*(size_t *)arg;
		return;
	}
	fail_msg("an entry the model does not have");
}

static void random_run(uint64_t run_seed, int count)
{
	uint32_t used = 0, there = 0;
	size_t dumped = 0;
	uint32_t at = 0;

	print_message("seed %llu\n", (unsigned long long)run_seed);
	seed = run_seed;
	memset(model, 0, sizeof(model));
	for (size_t i = 0; i < MODEL_MAX; i++) {
	again:
		model[i].key = random_key();
		for (size_t j = 0; j < i; j++)
			if (ofl_key_cmp(&model[i].key, &model[j].key) == 0)
				goto again;
	}
	for (int i = 0; i < count; i++) {
		struct model_entry *m = &model[rnd(MODEL_MAX)];
		bool punt = rnd(3) == 0;
		struct ofl_op op = {
			.id = ++t.next_id,
			.kind = OFL_OP_ADD + rnd(3),
			.key = m->key,
		};

		if (op.kind != OFL_OP_DEL) {
			op.entry = punt ? OFL_ENTRY_PUNT : OFL_ENTRY_REAL;
			op.identity = punt ? 0 : 1 + rnd(1000);
			op.slots = 1 + rnd(3);
		}
		assert_int_equal(do_op(op).status, model_do(m, &op, &used));
		assert_int_equal(stats().used_slots, used);
		check_lookups(3);
		t.said_count = 0;
	}
	for (size_t i = 0; i < MODEL_MAX; i++)
		there += model[i].there;
	assert_int_equal(stats().entries, there);
	do {
		ops->dump(t.p, &at, 7, dump_check, &dumped);
	} while (at);
	assert_int_equal(dumped, there);
}

static void test_random(void **state)
{
	for (uint64_t s = 1; s <= 20; s++) {
		ops->free(t.p, 0);
		table_new(MODEL_CAPACITY);
		poll_all();
		random_run(s, 3000);
	}
}

/* A large table: all in, each found, all out; memory per entry. */
static void test_large(void **state)
{
	const uint32_t n = 250000;
	struct ofl_op op = {.entry = OFL_ENTRY_REAL, .slots = 1};
	uint32_t identity;

	assert_true(sizeof(struct ofl_emu_entry) <= 72);
	assert_true(exercise("capacity 250000"));
	op.key = key_of("10.0.0.0/24");
	for (int round = 0; round < 2; round++) {
		op.kind = round == 0 ? OFL_OP_ADD : OFL_OP_DEL;
		for (uint32_t i = 0; i < n; i++) {
			op.id = ++t.next_id;
			op.identity = i + 1;
			t.said_count = 0;
			op.key.p.addr[0] = 1 + (i >> 16);
			op.key.p.addr[1] = i >> 8;
			op.key.p.addr[2] = i;
			assert_int_equal(do_op(op).status, OFL_STATUS_OK);
			if (round == 1)
				continue;
			assert_int_equal(ofl_emulated_lookup(
						 t.p, 0, AF_INET, op.key.p.addr,
						 false, 0, &identity),
					 OFL_HIT_REAL);
			assert_int_equal(identity, i + 1);
		}
		assert_int_equal(stats().entries, round == 0 ? n : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lookup),
		TEST(test_random),
		TEST(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
