// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Naive models of the full table and of hardware; see model.h.  Everything is
 * looked up the slow and obvious way: cleverness belongs to what is tested.
 */
#include <zebra.h>

#include "tests/property/model.h"

struct model m;
static uint64_t rng_state;

void rnd_seed(uint64_t seed)
{
	rng_state = seed * 0x9e3779b97f4a7c15ull + 1;
}

uint32_t rnd(uint32_t below)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (uint32_t)((rng_state >> 16) % below);
}

static void print_prefix(unsigned int f, unsigned int i)
{
	static const char *const entries[] = {"-", "real", "punt"};
	const struct route *r = &m.route[f][i];
	const struct hw *hw = &m.hw[f][i];

	printf("  forest %u prefix %3u: ", f, i);
	if (r->present)
		printf("route %u %s weight %u, ", r->identity,
		       ofl_class_name(r->cls), r->weight);
	printf("hardware %s %u%s%s\n", entries[hw->entry], hw->identity,
	       hw->refused ? " refused" : "",
	       is_pending(f, i) ? " pending" : "");
}

void fail(unsigned int forest, const char *format, ...)
{
	va_list args;

	printf("FAILED at seed %" PRIu64 " step %" PRIu64 ": forest %u: ",
	       m.seed, m.step, forest);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n  %s\n  %u slots held, %u allowed\n", m.about, hw_slots(),
	       m.bound_slots);
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			if (m.hw[f][i].entry != OFL_ENTRY_NONE ||
			    (f == forest && m.route[f][i].present))
				print_prefix(f, i);
		}
	}
	exit(1);
}

void model_reset(uint64_t seed, unsigned int bits)
{
	uint64_t ops = m.ops, checks = m.checks;

	memset(&m, 0, sizeof(m));
	m.ops = ops;
	m.checks = checks;
	m.seed = seed;
	m.addrs = 1u << bits;
	m.prefixes = 2 * m.addrs;
	m.hw_capacity = UINT32_MAX;
}

struct ofl_key key_of(unsigned int forest, unsigned int i)
{
	unsigned int plen = 31 - __builtin_clz(i);
	uint8_t addr[16] = {0};
	struct ofl_key key = {.vrf = forest == 2 ? 7 : 0};

	addr[0] = plen ? (uint8_t)((i - (1u << plen)) << (8 - plen)) : 0;
	key.p = ofl_prefix_make(forest == 1 ? AF_INET6 : AF_INET, addr, plen);
	return key;
}

unsigned int index_of(const struct ofl_key *key, unsigned int *ret_forest)
{
	*ret_forest = key->vrf == 7 ? 2 : key->p.family == AF_INET6 ? 1 : 0;
	return (1u << key->p.plen) +
	       (key->p.plen ? key->p.addr[0] >> (8 - key->p.plen) : 0);
}

uint32_t full_identity(unsigned int forest, unsigned int addr)
{
	for (unsigned int i = m.addrs + addr; i; i >>= 1) {
		if (m.route[forest][i].present)
			return m.route[forest][i].identity;
	}
	return 0;
}

unsigned int hw_lookup(unsigned int forest, unsigned int i)
{
	for (; i; i >>= 1) {
		if (m.hw[forest][i].entry != OFL_ENTRY_NONE)
			return i;
	}
	return 0;
}

bool hw_answers(unsigned int forest, unsigned int i)
{
	const struct route *r = &m.route[forest][i];
	unsigned int at = hw_lookup(forest, i);

	return at && r->present && r->identity &&
	       m.hw[forest][at].entry == OFL_ENTRY_REAL &&
	       m.hw[forest][at].identity == r->identity;
}

uint32_t hw_slots(void)
{
	uint32_t slots = 0;

	for (unsigned int f = 0; f < FORESTS; f++)
		slots += m.entries[f] * m.cost[f];
	return slots;
}

uint32_t hw_slots_possible(void)
{
	uint32_t slots = hw_slots();

	for (unsigned int n = 0; n < m.pending_count; n++) {
		const struct pending *q = &m.pending[n];

		/* Removed, but nobody said so yet; or not added yet. */
		if (q->op.kind == OFL_OP_ADD
			    ? q->status != OFL_STATUS_OK || !q->applied
			    : m.hw[q->forest][q->index].entry == OFL_ENTRY_NONE)
			slots += m.cost[q->forest];
	}
	return slots;
}

void note_full_table(unsigned int forest)
{
	for (unsigned int a = 0; a < m.addrs; a++) {
		uint32_t bit = 1u << full_identity(forest, a);

		m.allowed[forest][a] |= bit;
		for (unsigned int n = 0; n < m.pending_count; n++) {
			if (m.pending[n].forest == forest)
				m.pending[n].allowed[a] |= bit;
		}
	}
}

void note_rest(void)
{
	for (unsigned int f = 0; f < FORESTS; f++) {
		m.lost[f] = false;
		for (unsigned int a = 0; a < m.addrs; a++) {
			unsigned int i = hw_lookup(f, m.addrs + a);

			m.allowed[f][a] = 1u << full_identity(f, a);
			/* What a refused removal left lingers on. */
			if (i && m.hw[f][i].entry == OFL_ENTRY_REAL)
				m.allowed[f][a] |= 1u << m.hw[f][i].identity;
		}
	}
}

void note_retry(void)
{
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++)
			m.hw[f][i].punt_refused = false;
	}
}

void pending_add(const struct ofl_op *op)
{
	struct pending *q = &m.pending[m.pending_count++];

	memset(q, 0, sizeof(*q));
	q->op = *op;
	q->index = index_of(&op->key, &q->forest);
	for (unsigned int a = 0; a < m.addrs; a++)
		q->allowed[a] = 1u << full_identity(q->forest, a);
}

bool is_pending(unsigned int forest, unsigned int i)
{
	for (unsigned int n = 0; n < m.pending_count; n++) {
		if (m.pending[n].forest == forest && m.pending[n].index == i)
			return true;
	}
	return false;
}

/* I2: after every single operation, and whoever is answered by another entry
 * for it, by one that was right since it was asked for. */
static void check_answers(const struct pending *q, const uint32_t *before)
{
	unsigned int f = q->forest;

	for (unsigned int a = 0; a < m.addrs; a++) {
		unsigned int i = hw_lookup(f, m.addrs + a);
		uint32_t now = i ? m.hw[f][i].identity : 0;

		m.checks++;
		if (now == 0)
			continue; /* a miss or a punt */
		if (m.lost[f])
			continue; /* what that exposes is hardware's doing */
		if (!(m.allowed[f][a] & (1u << now)))
			fail(f, "I2: address %u gets %u, allowed %x", a, now,
			     m.allowed[f][a]);
		if (now != before[a] && !(q->allowed[a] & (1u << now)))
			fail(f,
			     "I2: %s of prefix %u gives address %u to %u, "
			     "allowed %x",
			     ofl_op_kind_name(q->op.kind), q->index, a, now,
			     q->allowed[a]);
	}
	if (hw_slots() > m.bound_slots)
		fail(f, "I3: %u slots of %u", hw_slots(), m.bound_slots);
}

static enum ofl_status judge(const struct pending *q)
{
	bool there = m.hw[q->forest][q->index].entry != OFL_ENTRY_NONE;

	if (m.fault_one_in && rnd(m.fault_one_in) == 0)
		return rnd(2) ? OFL_STATUS_ERROR : OFL_STATUS_UNSUPPORTED;
	if (m.fault_after) {
		m.fault_after--;
	} else if (m.fault_count) {
		m.fault_count--;
		return m.fault_status;
	}
	if (q->op.kind != OFL_OP_ADD)
		return there ? OFL_STATUS_OK : OFL_STATUS_ERROR;
	if (there)
		fail(q->forest, "add of prefix %u, which is there", q->index);
	if (hw_slots() + m.cost[q->forest] > m.hw_capacity)
		return OFL_STATUS_NO_SPACE;
	return OFL_STATUS_OK;
}

void hw_apply(struct pending *q)
{
	struct hw *hw = &m.hw[q->forest][q->index];
	uint32_t before[ADDRS_MAX];

	for (unsigned int a = 0; a < m.addrs; a++) {
		unsigned int i = hw_lookup(q->forest, m.addrs + a);

		before[a] = i ? m.hw[q->forest][i].identity : 0;
	}
	q->status = judge(q);
	q->applied = true;
	hw->refused = q->status != OFL_STATUS_OK;
	if (hw->refused) {
		m.any_fault = true;
		hw->punt_refused |= q->op.entry == OFL_ENTRY_PUNT;
	} else {
		m.entries[q->forest] += (q->op.entry != OFL_ENTRY_NONE);
		m.entries[q->forest] -= (hw->entry != OFL_ENTRY_NONE);
		hw->entry = q->op.entry;
		hw->identity = q->op.identity;
	}
	m.ops++;
	check_answers(q, before);
}

uint32_t closure_slots(const bool (*real)[PREFIXES_MAX])
{
	uint32_t slots = 0;

	for (unsigned int f = 0; f < FORESTS; f++) {
		bool punt[PREFIXES_MAX] = {false};

		for (unsigned int i = 1; i < m.prefixes; i++) {
			const struct route *r = &m.route[f][i];
			unsigned int up = i >> 1;

			if (!r->present)
				continue;
			if (real[f][i]) {
				slots += m.cost[f];
				continue;
			}
			while (up && !real[f][up] && !punt[up])
				up >>= 1;
			if (!up || punt[up] ||
			    (r->identity &&
			     r->identity == m.route[f][up].identity))
				continue;
			punt[i] = true;
			slots += m.cost[f];
		}
	}
	return slots;
}

uint32_t more_slots(unsigned int forest, unsigned int top)
{
	const struct hw *hw = m.hw[forest];
	bool hidden[PREFIXES_MAX] = {false}; /* by an entry, or by a cover */
	uint32_t slots = hw[top].entry == OFL_ENTRY_NONE ? m.cost[forest] : 0;

	for (unsigned int i = top + 1; i < m.prefixes; i++) {
		const struct route *r = &m.route[forest][i];
		unsigned int up = i;

		while (up > top)
			up >>= 1;
		if (up != top)
			continue;
		hidden[i] = hidden[i >> 1] || hw[i].entry != OFL_ENTRY_NONE;
		if (hidden[i] || !r->present ||
		    (r->identity &&
		     r->identity == m.route[forest][top].identity))
			continue;
		hidden[i] = true;
		slots += m.cost[forest];
	}
	return slots;
}
