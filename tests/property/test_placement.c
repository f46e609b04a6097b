// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Brute force over small universes: whatever routes come and go, whatever
 * order answers come in and whichever operations fail, after every single
 * hardware operation every address is looked up in a naive model of the
 * hardware and compared with a naive model of the full table.
 *
 *   I1  at rest: miss, punt, or what the full table gives
 *   I2  always: miss, punt, or what the full table gives or gave since rest
 *   I3  slots in hardware never exceed the capacity
 *   I4  no address whose route is *never* is answered at rest
 *   I5  no best-effort entry while a critical route stays out that would fit
 *   I6  at rest a further plan writes nothing
 *   W   best effort alone never passes the high watermark
 *   S   what the room reports of each route is what the model holds
 */
#include <zebra.h>

#include "offloadd/placement/placement.h"

#define BITS 5
#define ADDRS (1 << BITS)
#define PREFIXES (2 * ADDRS) /* heap order: 1 is /0, children 2i, 2i+1 */
#define FORESTS 3	     /* VRF 0 IPv4, VRF 0 IPv6, VRF 7 IPv4 */
#define IDENTITIES 5
#define PENDING_MAX 64

struct route {
	bool present;
	uint32_t identity; /* 0: not eligible */
	uint8_t cls;
	uint32_t weight;
};

struct hw {
	uint8_t entry; /* enum ofl_entry */
	uint32_t identity;
};

struct pending {
	struct ofl_op op;
	bool applied; /* took effect, or was refused, before the answer */
	uint8_t status;
};

static struct {
	struct route route[FORESTS][PREFIXES];
	struct hw hw[FORESTS][PREFIXES];
	bool failed[FORESTS][PREFIXES]; /* hardware refused it */
	/* Bit i: the full table gave identity i since the last rest. */
	uint32_t allowed[FORESTS][ADDRS];
	struct pending pending[PENDING_MAX];
	unsigned int pending_count;
	struct ofl_place *place;
	struct ofl_place_conf conf;
	uint32_t hw_capacity; /* what hardware really holds */
	bool faults, any_fault;
	uint64_t ops, checks, rests, routes_changed;
	uint64_t seed, step;
} u;

static uint64_t rng_state;

static uint32_t rnd(uint32_t below)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (uint32_t)((rng_state >> 16) % below);
}

#define FAIL(...)                                                              \
	do {                                                                   \
		printf("FAILED at seed %" PRIu64 " step %" PRIu64 ": ",        \
		       u.seed, u.step);                                        \
		printf(__VA_ARGS__);                                           \
		printf("\n");                                                  \
		exit(1);                                                       \
	} while (0)

static unsigned int plen_of(unsigned int i)
{
	return 31 - __builtin_clz(i);
}

static struct ofl_key key_of(unsigned int forest, unsigned int i)
{
	unsigned int plen = plen_of(i);
	uint8_t addr[16] = {0};
	struct ofl_key key = {.vrf = forest == 2 ? 7 : 0};

	addr[0] = plen ? (uint8_t)((i - (1u << plen)) << (8 - plen)) : 0;
	key.p = ofl_prefix_make(forest == 1 ? AF_INET6 : AF_INET, addr, plen);
	return key;
}

static unsigned int index_of(const struct ofl_key *key, unsigned int *ret_forest)
{
	*ret_forest = key->vrf == 7 ? 2 : key->p.family == AF_INET6 ? 1 : 0;
	return (1u << key->p.plen) +
	       (key->p.plen ? key->p.addr[0] >> (8 - key->p.plen) : 0);
}

static uint32_t cost_of(unsigned int forest)
{
	return forest == 1 ? u.conf.cost_v6_slots : u.conf.cost_v4_slots;
}

/* --- naive lookups --- */
static uint32_t full_identity(unsigned int f, unsigned int addr)
{
	for (unsigned int i = ADDRS + addr; i; i >>= 1) {
		if (u.route[f][i].present)
			return u.route[f][i].identity;
	}
	return 0;
}

/* Entry index that answers, 0: miss. */
static unsigned int hw_lookup(unsigned int f, unsigned int i)
{
	for (; i; i >>= 1) {
		if (u.hw[f][i].entry != OFL_ENTRY_NONE)
			return i;
	}
	return 0;
}

static uint32_t hw_slots(void)
{
	uint32_t slots = 0;

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < PREFIXES; i++)
			if (u.hw[f][i].entry != OFL_ENTRY_NONE)
				slots += cost_of(f);
	return slots;
}

static void note_full_table(unsigned int f, bool reset)
{
	for (unsigned int a = 0; a < ADDRS; a++) {
		if (reset)
			u.allowed[f][a] = 0;
		u.allowed[f][a] |= 1u << full_identity(f, a);
	}
}

/* I2, I3: after every single hardware operation. */
static void check_always(unsigned int f)
{
	uint32_t slots = hw_slots();

	if (slots > u.conf.capacity_slots)
		FAIL("I3: %u slots of %u", slots, u.conf.capacity_slots);
	for (unsigned int a = 0; a < ADDRS; a++) {
		unsigned int i = hw_lookup(f, ADDRS + a);

		u.checks++;
		if (!i || u.hw[f][i].entry == OFL_ENTRY_PUNT)
			continue;
		if (!(u.allowed[f][a] & (1u << u.hw[f][i].identity)))
			FAIL("I2: forest %u address %u answered by entry %u identity %u, allowed %x",
			     f, a, i, u.hw[f][i].identity, u.allowed[f][a]);
	}
}

/* --- the naive hardware --- */
static void hw_apply(struct pending *q)
{
	unsigned int f, i = index_of(&q->op.key, &f);
	struct hw *hw = &u.hw[f][i];
	uint32_t free_slots = u.hw_capacity - MIN(u.hw_capacity, hw_slots());

	q->applied = true;
	q->status = OFL_STATUS_OK;
	if (u.faults && rnd(12) == 0) {
		q->status = rnd(2) ? OFL_STATUS_ERROR : OFL_STATUS_UNSUPPORTED;
	} else if (q->op.kind == OFL_OP_ADD && cost_of(f) > free_slots) {
		q->status = OFL_STATUS_NO_SPACE;
	} else if (q->op.kind == OFL_OP_DEL && hw->entry == OFL_ENTRY_NONE) {
		q->status = OFL_STATUS_ERROR; /* lost meanwhile */
	} else if (q->op.kind == OFL_OP_REPLACE &&
		   hw->entry == OFL_ENTRY_NONE) {
		q->status = OFL_STATUS_ERROR;
	} else if (q->op.kind == OFL_OP_ADD && hw->entry != OFL_ENTRY_NONE) {
		FAIL("add of an entry that is there");
	} else {
		hw->entry = q->op.entry;
		hw->identity = q->op.identity;
		if (q->op.kind != OFL_OP_DEL && q->op.slots != cost_of(f))
			FAIL("operation says %u slots", q->op.slots);
	}
	if (q->status != OFL_STATUS_OK) {
		u.any_fault = true;
		u.failed[f][i] = true;
	}
	u.ops++;
	check_always(f);
}

static void answer(unsigned int at)
{
	struct pending q = u.pending[at];
	struct ofl_outcome out = {.op_id = q.op.id, .status = q.status};

	u.pending[at] = u.pending[--u.pending_count];
	ofl_place_done(u.place, &out);
}

static void send_some(unsigned int max)
{
	struct ofl_op op;

	while (max-- && u.pending_count < PENDING_MAX) {
		if (!ofl_place_next(u.place, &op))
			return;
		for (unsigned int i = 0; i < u.pending_count; i++) {
			if (ofl_key_cmp(&u.pending[i].op.key, &op.key) == 0)
				FAIL("two operations on one key in flight");
		}
		if (rnd(40) == 0) {
			ofl_place_abort(u.place, &op);
			continue;
		}
		u.pending[u.pending_count++] = (struct pending){.op = op};
	}
}

/* Take effect, or answer, in any order. */
static void hardware_works(void)
{
	unsigned int at;

	if (!u.pending_count)
		return;
	at = rnd(u.pending_count);
	if (!u.pending[at].applied)
		hw_apply(&u.pending[at]);
	if (rnd(2))
		answer(at);
}

static void drain_views(void)
{
	struct ofl_place_view v;

	while (ofl_place_changed(u.place, &v)) {
		if (v.gone && v.entry != OFL_ENTRY_NONE)
			FAIL("gone with an entry");
	}
}

static void plan(void)
{
	while (ofl_place_plan(u.place, 1 + rnd(8)))
		;
}

/* Slots the critical routes in `real` would take with their covers. */
static uint32_t critical_need(const bool (*real)[PREFIXES])
{
	uint32_t slots = 0;

	for (unsigned int f = 0; f < FORESTS; f++) {
		bool punt[PREFIXES] = {false};

		for (unsigned int i = 1; i < PREFIXES; i++) {
			unsigned int up = i >> 1;

			if (!u.route[f][i].present)
				continue;
			if (real[f][i]) {
				slots += cost_of(f);
				continue;
			}
			while (up && !real[f][up] && !punt[up])
				up >>= 1;
			if (!up || punt[up] ||
			    (u.route[f][i].identity &&
			     u.route[f][i].identity ==
				     u.route[f][up].identity))
				continue;
			punt[i] = true;
			slots += cost_of(f);
		}
	}
	return slots;
}

/* Slots of punts that stand in for several below them: a route that took its
 * own slot could make them unneeded, which a greedy choice does not foresee. */
static uint32_t shield_slots(void)
{
	uint32_t slots = 0;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 2; i < PREFIXES; i++) {
			unsigned int up = hw_lookup(f, i >> 1);

			if (u.hw[f][i].entry == OFL_ENTRY_PUNT && up &&
			    u.hw[f][up].entry == OFL_ENTRY_REAL &&
			    u.hw[f][up].identity == u.route[f][i].identity)
				slots += cost_of(f);
		}
	}
	return slots;
}

/* I5, by trying: the critical entries there are, and one more. */
static void check_critical(void)
{
	static bool real[FORESTS][PREFIXES];
	uint32_t slack = shield_slots();
	bool best_effort = false;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < PREFIXES; i++) {
			bool held = u.hw[f][i].entry == OFL_ENTRY_REAL;
			bool crit = u.route[f][i].cls == OFL_CLASS_CRITICAL;

			real[f][i] = held && crit;
			best_effort |= held && !crit;
		}
	}
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < PREFIXES; i++) {
			const struct route *r = &u.route[f][i];
			unsigned int at = hw_lookup(f, i);

			if (!r->present || r->cls != OFL_CLASS_CRITICAL ||
			    !r->identity || real[f][i])
				continue;
			if (at && u.hw[f][at].entry == OFL_ENTRY_REAL &&
			    u.hw[f][at].identity == r->identity)
				continue; /* elided */
			real[f][i] = true;
			if (critical_need((const bool(*)[PREFIXES])real) +
				    slack <=
			    u.conf.capacity_slots)
				FAIL("I5: critical forest %u prefix %u would fit, best effort %sthere",
				     f, i, best_effort ? "" : "not ");
			real[f][i] = false;
		}
	}
}

static void check_views(void)
{
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < PREFIXES; i++) {
			struct ofl_key key = key_of(f, i);
			const struct route *r = &u.route[f][i];
			const struct hw *hw = &u.hw[f][i];
			struct ofl_place_view v;
			bool known = ofl_place_view(u.place, &key, &v);

			if (known != (r->present || hw->entry))
				FAIL("S: forest %u prefix %u known %d", f, i,
				     known);
			if (!known)
				continue;
			if (v.entry != hw->entry ||
			    (hw->entry == OFL_ENTRY_REAL &&
			     v.identity != hw->identity))
				FAIL("S: forest %u prefix %u entry %u, hardware %u",
				     f, i, v.entry, hw->entry);
			if ((v.state == OFL_STATE_OFFLOADED) !=
				    (hw->entry == OFL_ENTRY_REAL) &&
			    !u.any_fault)
				FAIL("S: forest %u prefix %u state %u entry %u",
				     f, i, v.state, hw->entry);
			if (v.state == OFL_STATE_ELIDED) {
				unsigned int at = hw_lookup(f, i);

				if (!at ||
				    u.hw[f][at].entry != OFL_ENTRY_REAL ||
				    u.hw[f][at].identity != r->identity)
					FAIL("S: forest %u prefix %u is not elided",
					     f, i);
			}
		}
	}
}

/* Without faults, what is planned is what hardware holds, everywhere. */
static void check_fulfilled(void)
{
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < PREFIXES; i++) {
			struct ofl_key key = key_of(f, i);
			struct ofl_place_view v;

			if (ofl_place_view(u.place, &key, &v) &&
			    v.want != u.hw[f][i].entry)
				FAIL("forest %u prefix %u planned %u, holds %u",
				     f, i, v.want, u.hw[f][i].entry);
		}
	}
}

static void check_rest(void)
{
	struct ofl_place_stats st;
	struct ofl_op op;
	bool critical = false;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int a = 0; a < ADDRS; a++) {
			unsigned int i = hw_lookup(f, ADDRS + a);
			uint32_t full = full_identity(f, a);

			u.checks++;
			if (!i || u.hw[f][i].entry == OFL_ENTRY_PUNT)
				continue;
			if (u.any_fault)
				continue; /* a refused removal may linger */
			if (u.hw[f][i].identity != full || !full)
				FAIL("I1/I4: forest %u address %u gives %u, full table %u",
				     f, a, u.hw[f][i].identity, full);
		}
		for (unsigned int i = 1; i < PREFIXES; i++)
			critical |= u.route[f][i].present &&
				    u.route[f][i].cls == OFL_CLASS_CRITICAL;
	}
	ofl_place_stats(u.place, &st);
	if (st.used_slots != hw_slots())
		FAIL("I3: accounted %u, hardware %u", st.used_slots, hw_slots());
	check_views();
	if (u.any_fault)
		return;
	if (st.planned_slots != st.used_slots)
		FAIL("planned %u, used %u", st.planned_slots, st.used_slots);
	check_fulfilled();
	if (!critical && st.used_slots > u.conf.high_slots)
		FAIL("W: best effort takes %u of %u", st.used_slots,
		     u.conf.high_slots);
	check_critical();
	plan();
	if (ofl_place_next(u.place, &op))
		FAIL("I6: a second plan writes");
}

static bool is_at_rest(void)
{
	plan();
	send_some(PENDING_MAX);
	drain_views();
	return u.pending_count == 0 && ofl_place_is_settled(u.place);
}

static void come_to_rest(void)
{
	unsigned int patience = 20000;

	u.faults = false;
	while (!is_at_rest()) {
		if (--patience == 0)
			FAIL("does not come to rest: %u pending",
			     u.pending_count);
		hardware_works();
	}
	if (u.any_fault && rnd(2)) {
		ofl_place_retry(u.place);
		while (!is_at_rest()) {
			if (--patience == 0)
				FAIL("does not come to rest after retry");
			hardware_works();
		}
	}
	u.rests++;
	check_rest();
	for (unsigned int f = 0; f < FORESTS; f++) {
		note_full_table(f, true);
		/* What a refused removal left may linger on. */
		for (unsigned int a = 0; a < ADDRS && u.any_fault; a++) {
			unsigned int i = hw_lookup(f, ADDRS + a);

			if (i && u.hw[f][i].entry == OFL_ENTRY_REAL)
				u.allowed[f][a] |= 1u << u.hw[f][i].identity;
		}
	}
}

static void change_route(void)
{
	unsigned int f = rnd(FORESTS), i = 1 + rnd(PREFIXES - 1);
	struct route *r = &u.route[f][i];
	struct ofl_key key = key_of(f, i);

	u.routes_changed++;
	if (r->present && rnd(3) == 0) {
		*r = (struct route){0};
		ofl_place_del(u.place, &key);
	} else {
		struct ofl_place_route pr = {
			.cookie = 1 + f * PREFIXES + i,
			.identity = rnd(IDENTITIES),
			.weight = rnd(4),
			.cls = rnd(8) == 0   ? OFL_CLASS_NEVER
			       : rnd(4) == 0 ? OFL_CLASS_CRITICAL
					     : OFL_CLASS_BEST_EFFORT,
			.why = OFL_REASON_RULE_NEVER,
		};

		r->present = true;
		r->cls = pr.cls;
		r->weight = pr.weight;
		r->identity = pr.cls == OFL_CLASS_NEVER ? 0 : pr.identity;
		if (!ofl_place_set(u.place, &key, &pr))
			FAIL("set refused");
	}
	note_full_table(f, false);
}

/* Hardware forgets an entry.  What a lost cover exposes is hardware's doing:
 * the model forgives it until the room could repair it. */
static void lose_entry(void)
{
	unsigned int f = rnd(FORESTS), i = 1 + rnd(PREFIXES - 1);
	struct ofl_key key = key_of(f, i);

	for (unsigned int n = 0; n < u.pending_count; n++) {
		if (ofl_key_cmp(&u.pending[n].op.key, &key) == 0)
			return;
	}
	if (u.hw[f][i].entry == OFL_ENTRY_NONE)
		return;
	u.hw[f][i] = (struct hw){0};
	u.any_fault = true;
	for (unsigned int a = 0; a < ADDRS; a++)
		u.allowed[f][a] = UINT32_MAX;
	ofl_place_lost(u.place, &key);
}

static void new_limits(void)
{
	u.conf.capacity_slots = 1 + rnd(40);
	u.conf.high_slots = 1 + rnd(u.conf.capacity_slots);
	u.conf.low_slots = rnd(u.conf.high_slots);
	u.conf.cost_v4_slots = 1 + rnd(2);
	u.conf.cost_v6_slots = u.conf.cost_v4_slots + rnd(2);
	u.hw_capacity = u.conf.capacity_slots;
}

static void one_universe(uint64_t seed, uint64_t steps, bool faults)
{
	uint64_t ops = u.ops, checks = u.checks, rests = u.rests,
		 changed = u.routes_changed;

	memset(&u, 0, sizeof(u));
	u.ops = ops;
	u.checks = checks;
	u.rests = rests;
	u.routes_changed = changed;
	u.seed = seed;
	rng_state = seed * 0x9e3779b97f4a7c15ull + 1;
	new_limits();
	if (faults && rnd(3) == 0)
		u.hw_capacity = rnd(u.conf.capacity_slots + 1);
	u.place = ofl_place_new(&u.conf);
	for (unsigned int f = 0; f < FORESTS; f++)
		note_full_table(f, true);
	for (u.step = 0; u.step < steps; u.step++) {
		u.faults = faults;
		switch (rnd(faults ? 64 : 60)) {
		case 0 ... 19:
			change_route();
			break;
		case 20 ... 29:
			plan();
			break;
		case 30 ... 39:
			plan();
			send_some(1 + rnd(8));
			break;
		case 40 ... 57:
			hardware_works();
			break;
		case 58:
			drain_views();
			break;
		case 59:
			come_to_rest();
			break;
		default:
			lose_entry();
			break;
		}
	}
	come_to_rest();
	ofl_place_free(u.place);
}

static void usage(void)
{
	printf("usage: test_placement [--universes N] [--steps N] [--seed N]\n"
	       "Random routes, answers and faults against naive models.\n");
}

int main(int argc, char **argv)
{
	uint64_t universes = 400, steps = 1500, seed = 1;

	for (int i = 1; i < argc; i++) {
		uint64_t *where = NULL;

		if (strcmp(argv[i], "--universes") == 0)
			where = &universes;
		else if (strcmp(argv[i], "--steps") == 0)
			where = &steps;
		else if (strcmp(argv[i], "--seed") == 0)
			where = &seed;
		if (!where || i + 1 == argc) {
			usage();
			return 2;
		}
		*where = strtoull(argv[++i], NULL, 10);
	}
	for (uint64_t i = 0; i < universes; i++)
		one_universe(seed + i, steps, (seed + i) % 2);
	printf("%" PRIu64 " route changes, %" PRIu64
	       " hardware operations, %" PRIu64 " address checks, %" PRIu64
	       " rests\n",
	       u.routes_changed, u.ops, u.checks, u.rests);
	printf("%" PRIu64 " passed, 0 failed\n", universes);
	return 0;
}
