// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Brute force over small universes: whatever routes come and go, whatever
 * order answers come in and whichever operations fail, after every single
 * hardware operation every address is looked up in a naive model of the
 * hardware and compared with a naive model of the full table (model.c).
 *
 *   I1  at rest: miss, punt, or what the full table gives
 *   I2  always: miss, punt, or what the full table gives or gave since rest;
 *       and an operation leads nobody to what was wrong ever since it was
 *       asked for
 *   I3  slots in hardware never exceed the capacity; nothing is added above it
 *   I4  no address whose route is *never* is answered at rest
 *   I5  no best-effort entry while a critical route stays out that would fit
 *   I6  at rest a further plan writes nothing
 *   L   an open table leaves nobody out who would fit
 *   W   best effort alone never passes the high watermark
 *   S   what the room reports of each route is what the model holds, in steps
 *       that the life of a flow allows, and each route is gone exactly once
 *
 * Seeds that are odd have faults: refusals, lost entries, too small a table.
 */
#include <zebra.h>

#include "offloadd/placement/placement.h"
#include "tests/property/model.h"

/* What the engine would remember of a route. */
struct told {
	uint64_t cookie; /* 0: nothing */
	uint8_t state;
	uint8_t entry;
	uint32_t identity;
};

static struct {
	struct told told[FORESTS][PREFIXES_MAX];
	struct ofl_place *place;
	struct ofl_place_conf conf;
	unsigned int critical_one_in; /* 0: none are */
	bool above_high;	      /* new limits were below what is held */
	bool odd;		      /* with faults */
	uint64_t serial;	      /* of the last cookie */
	uint64_t rests, changes;      /* over all universes */
} u;

/* --- views: S --- */
static void take_view(const struct ofl_place_view *v)
{
	unsigned int at = v->cookie % (FORESTS * PREFIXES_MAX);
	unsigned int f = at / PREFIXES_MAX, i = at % PREFIXES_MAX;
	struct told *t = &u.told[f][i];
	bool same = v->state == t->state && v->entry == t->entry &&
		    v->identity == t->identity;

	if (v->cookie != t->cookie)
		fail(f, "S: a view of prefix %u, which is gone", i);
	if (v->gone && (v->entry != OFL_ENTRY_NONE || m.route[f][i].present))
		fail(f, "S: prefix %u gone with route or entry", i);
	if (v->gone != (v->state == OFL_STATE_GONE))
		fail(f, "S: prefix %u gone %d, state %s", i, v->gone,
		     ofl_state_name(v->state));
	if (!ofl_state_can_follow(t->state, v->state))
		fail(f, "S: prefix %u from %s to %s", i,
		     ofl_state_name(t->state), ofl_state_name(v->state));
	if (v->state == OFL_STATE_OFFLOADED && v->entry != OFL_ENTRY_REAL)
		fail(f, "S: prefix %u offloaded without an entry", i);
	if (v->entry == OFL_ENTRY_REAL && !same && t->state != OFL_STATE_SENT &&
	    (t->entry != OFL_ENTRY_REAL || t->identity != v->identity))
		fail(f, "S: prefix %u has an entry that was not sent (%s)", i,
		     ofl_state_name(t->state));
	t->state = v->state;
	t->entry = v->entry;
	t->identity = v->identity;
	if (v->gone)
		t->cookie = 0;
}

static void drain_views(void)
{
	struct ofl_place_view v;

	while (ofl_place_changed(u.place, &v))
		take_view(&v);
}

/* --- what the engine does --- */
static void plan(void)
{
	while (ofl_place_plan(u.place, 1 + rnd(8)))
		;
	/* The engine sends before it tells, if hardware is ready. */
	if (rnd(2))
		drain_views();
}

static void check_op(const struct ofl_op *op)
{
	unsigned int f, i = index_of(&op->key, &f);

	if (is_pending(f, i))
		fail(f, "two operations on prefix %u in flight", i);
	if (op->slots != (op->kind == OFL_OP_DEL ? 0 : m.cost[f]))
		fail(f, "operation says %u slots", op->slots);
	if (op->kind == OFL_OP_ADD &&
	    hw_slots_possible() + m.cost[f] > u.conf.capacity_slots)
		fail(f, "I3: prefix %u added to %u of %u slots", i,
		     hw_slots_possible(), u.conf.capacity_slots);
	if (ofl_place_op_cookie(u.place, op->id) != u.told[f][i].cookie)
		fail(f, "operation on prefix %u has a wrong cookie", i);
}

static void send_some(unsigned int max)
{
	struct ofl_op op;

	while (max-- && m.pending_count < PENDING_MAX &&
	       ofl_place_next(u.place, &op)) {
		check_op(&op);
		if (rnd(40) == 0)
			ofl_place_abort(u.place, &op);
		else
			pending_add(&op);
	}
	drain_views();
}

static void answer(unsigned int at)
{
	struct pending q = m.pending[at];
	struct ofl_outcome out = {.op_id = q.op.id, .status = q.status};

	m.pending[at] = m.pending[--m.pending_count];
	ofl_place_done(u.place, &out);
	if (ofl_place_op_cookie(u.place, q.op.id) != 0)
		fail(q.forest, "an answered operation has a cookie");
}

/* Some operations take effect, or are answered, in any order. */
static void hardware_works(void)
{
	for (unsigned int n = rnd(4); n && m.pending_count; n--) {
		unsigned int at = rnd(m.pending_count);

		if (!m.pending[at].applied)
			hw_apply(&m.pending[at]);
		if (rnd(2))
			answer(at);
	}
	drain_views();
}

static void set_route(unsigned int f, unsigned int i)
{
	struct route *r = &m.route[f][i];
	struct ofl_key key = key_of(f, i);
	struct told *t = &u.told[f][i];
	struct ofl_place_route pr = {
		.identity = rnd(IDENTITIES),
		.weight = rnd(4),
		.cls = OFL_CLASS_BEST_EFFORT,
		.why = OFL_REASON_RULE_NEVER,
	};

	if (u.critical_one_in && rnd(u.critical_one_in) == 0)
		pr.cls = OFL_CLASS_CRITICAL;
	if (rnd(8) == 0)
		pr.cls = OFL_CLASS_NEVER;
	r->present = true;
	r->cls = pr.cls;
	r->identity = pr.cls == OFL_CLASS_NEVER ? 0 : pr.identity;
	if (!t->cookie) {
		*t = (struct told){.state = OFL_STATE_SEEN};
		t->cookie = ++u.serial * FORESTS * PREFIXES_MAX +
			    f * PREFIXES_MAX + i;
	}
	pr.cookie = t->cookie;
	if (!ofl_place_set(u.place, &key, &pr))
		fail(f, "set of prefix %u refused", i);
}

static void del_route(unsigned int f, unsigned int i)
{
	struct ofl_key key = key_of(f, i);

	m.route[f][i] = (struct route){0};
	ofl_place_del(u.place, &key);
}

static void change_route(void)
{
	unsigned int f = rnd(FORESTS), i = 1 + rnd(m.prefixes - 1);

	u.changes++;
	if (m.route[f][i].present && rnd(3) == 0)
		del_route(f, i);
	else
		set_route(f, i);
	note_full_table(f);
}

/* Hardware forgets an entry.  What that exposes is hardware's doing: the model
 * forgives it until the room could repair it. */
static void lose_entry(void)
{
	unsigned int f = rnd(FORESTS), i = 1 + rnd(m.prefixes - 1);
	struct ofl_key key = key_of(f, i);

	for (unsigned int n = 0; n < m.pending_count; n++) {
		/* Answers and losses are told in the order they happen. */
		if (m.pending[n].forest == f && m.pending[n].index == i &&
		    m.pending[n].applied)
			return;
	}
	if (m.hw[f][i].entry == OFL_ENTRY_NONE)
		return;
	m.hw[f][i].entry = OFL_ENTRY_NONE;
	m.hw[f][i].identity = 0;
	m.hw[f][i].refused = false;
	m.entries[f]--;
	m.any_fault = true;
	m.lost[f] = true;
	ofl_place_lost(u.place, &key);
}

static void random_limits(void)
{
	struct ofl_place_conf *c = &u.conf;

	c->capacity_slots = 1 + rnd(m.addrs + 8);
	c->high_slots = 1 + rnd(c->capacity_slots);
	c->low_slots = rnd(c->high_slots);
	c->cost_v4_slots = 1 + rnd(2);
	c->cost_v6_slots = c->cost_v4_slots + rnd(2);
	for (unsigned int f = 0; f < FORESTS; f++)
		m.cost[f] = f == 1 ? c->cost_v6_slots : c->cost_v4_slots;
}

static void new_limits(void)
{
	random_limits();
	ofl_place_conf_set(u.place, &u.conf);
	m.bound_slots = MAX(u.conf.capacity_slots, hw_slots_possible());
	u.above_high = true;
}

/* --- at rest --- */
static bool count_cover(const struct ofl_key *cover, enum ofl_entry entry,
			void *arg)
{
	unsigned int *count = arg, f, i = index_of(cover, &f);

	if (entry != OFL_ENTRY_PUNT || m.hw[f][i].entry != entry)
		fail(f, "S: prefix %u is not a cover", i);
	++*count;
	return true;
}

/* The covers told of a REAL entry are the punts right below it. */
static void check_covers(unsigned int f, unsigned int top)
{
	unsigned int told = 0, there = 0;
	struct ofl_key key = key_of(f, top);

	for (unsigned int i = top + 1; i < m.prefixes; i++)
		there += m.hw[f][i].entry == OFL_ENTRY_PUNT &&
			 hw_lookup(f, i >> 1) == top;
	if (m.hw[f][top].entry != OFL_ENTRY_REAL)
		there = 0;
	ofl_place_covers_walk(u.place, &key, count_cover, &told);
	if (told != there)
		fail(f, "S: prefix %u needs %u covers, has %u", top, told,
		     there);
}

static void check_prefix(unsigned int f, unsigned int i)
{
	struct ofl_key key = key_of(f, i), cover;
	const struct route *r = &m.route[f][i];
	const struct hw *hw = &m.hw[f][i];
	unsigned int above = hw_lookup(f, i >> 1), cover_forest;
	struct ofl_place_view v;
	bool known = ofl_place_view(u.place, &key, &v);

	if (known != (r->present || hw->entry) ||
	    known != (u.told[f][i].cookie != 0))
		fail(f, "S: prefix %u known %d", i, known);
	if (!known)
		return;
	if (v.entry != hw->entry || v.identity != hw->identity)
		fail(f, "S: prefix %u said to be %u", i, v.entry);
	if (v.state != u.told[f][i].state)
		fail(f, "S: prefix %u is %s, told %s", i,
		     ofl_state_name(v.state),
		     ofl_state_name(u.told[f][i].state));
	if (v.state == OFL_STATE_ELIDED &&
	    (!above || m.hw[f][above].identity != r->identity || hw->entry))
		fail(f, "S: prefix %u is not elided", i);
	if (v.state == OFL_STATE_SENT || v.in_flight != OFL_OP_NONE)
		fail(f, "S: prefix %u is in flight at rest", i);
	if (ofl_place_cover_of(u.place, &key, &cover) != (above != 0) ||
	    (above && index_of(&cover, &cover_forest) != above))
		fail(f, "S: prefix %u has another cover than %u", i, above);
	if (m.any_fault)
		return;
	if ((v.state == OFL_STATE_OFFLOADED) != (hw->entry == OFL_ENTRY_REAL))
		fail(f, "S: prefix %u is %s", i, ofl_state_name(v.state));
	if (v.want != hw->entry)
		fail(f, "prefix %u is planned otherwise (%u)", i, v.want);
	check_covers(f, i);
}

static bool is_stuck(unsigned int f, unsigned int i)
{
	for (; i; i >>= 1) {
		const struct hw *hw = &m.hw[f][i];

		if (hw->entry == OFL_ENTRY_REAL &&
		    (hw->refused || hw->punt_refused))
			return true;
	}
	return false;
}

static void check_address(unsigned int f, unsigned int a)
{
	unsigned int i = hw_lookup(f, m.addrs + a);
	uint32_t full = full_identity(f, a);

	m.checks++;
	if (!i || m.hw[f][i].entry == OFL_ENTRY_PUNT)
		return;
	/* Hardware may refuse to let go of what it has, or to make it a cover;
	 * what is below that may have to stay. */
	if (m.hw[f][i].identity != full && !is_stuck(f, i))
		fail(f, "%s: address %u gets %u, full table %u",
		     full ? "I1" : "I4", a, m.hw[f][i].identity, full);
}

static bool is_elided(unsigned int f, unsigned int i)
{
	unsigned int at = hw_lookup(f, i);

	return at && m.hw[f][at].entry == OFL_ENTRY_REAL &&
	       m.hw[f][at].identity == m.route[f][i].identity;
}

/* I5 and L: would prefix i, which has no REAL entry, fit? */
static void check_left_out(unsigned int f, unsigned int i,
			   const struct ofl_place_stats *st,
			   bool (*critical)[PREFIXES_MAX])
{
	const struct route *r = &m.route[f][i];

	if (!r->identity || m.hw[f][i].entry == OFL_ENTRY_REAL ||
	    is_elided(f, i))
		return;
	if (r->cls == OFL_CLASS_CRITICAL) {
		/* A greedy choice does not foresee that an entry may make the
		 * punt above it unneeded. */
		critical[f][i] = true;
		if (closure_slots((const bool(*)[PREFIXES_MAX])critical) +
			    shield_slots() <=
		    u.conf.capacity_slots)
			fail(f, "I5: critical prefix %u would fit", i);
		critical[f][i] = false;
	} else if (!st->closed &&
		   hw_slots() + more_slots(f, i) <= u.conf.high_slots) {
		fail(f, "L: prefix %u would fit below %u", i,
		     u.conf.high_slots);
	}
}

static void check_choice(const struct ofl_place_stats *st)
{
	static bool critical[FORESTS][PREFIXES_MAX];

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			critical[f][i] =
				m.hw[f][i].entry == OFL_ENTRY_REAL &&
				m.route[f][i].cls == OFL_CLASS_CRITICAL;
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			check_left_out(f, i, st, critical);
	if (st->closed && hw_slots() < u.conf.low_slots)
		fail(0, "W: closed below the low watermark");
	u.above_high &= hw_slots() > u.conf.high_slots;
	if (!u.critical_one_in && !u.above_high &&
	    hw_slots() > u.conf.high_slots)
		fail(0, "W: best effort above %u", u.conf.high_slots);
}

static void check_rest(void)
{
	struct ofl_place_stats st;
	struct ofl_op op;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int a = 0; a < m.addrs; a++)
			check_address(f, a);
		for (unsigned int i = 1; i < m.prefixes; i++)
			check_prefix(f, i);
	}
	ofl_place_stats(u.place, &st);
	if (st.used_slots != hw_slots() || st.in_flight)
		fail(0, "I3: accounted %u, in flight %u", st.used_slots,
		     st.in_flight);
	if (m.any_fault)
		return;
	if (st.planned_slots != st.used_slots)
		fail(0, "planned %u slots", st.planned_slots);
	if (hw_slots() > u.conf.capacity_slots)
		fail(0, "I3: above %u at rest", u.conf.capacity_slots);
	check_choice(&st);
	plan();
	if (ofl_place_next(u.place, &op))
		fail(0, "I6: a second plan writes");
}

static bool is_at_rest(void)
{
	plan();
	send_some(PENDING_MAX);
	return m.pending_count == 0 && ofl_place_is_settled(u.place);
}

static void settle(void)
{
	unsigned int patience = 100000;

	while (!is_at_rest()) {
		if (--patience == 0)
			fail(0, "does not come to rest: %u pending",
			     m.pending_count);
		hardware_works();
	}
}

static void retry(void)
{
	note_retry();
	ofl_place_retry(u.place);
}

static void come_to_rest(void)
{
	m.fault_one_in = 0;
	settle();
	if (m.any_fault && rnd(2)) {
		retry();
		settle();
	}
	u.rests++;
	check_rest();
	m.bound_slots = MAX(u.conf.capacity_slots, hw_slots());
	note_rest();
}

/* --- a universe, from nothing to nothing --- */
static void withdraw_everything(void)
{
	struct ofl_place_stats st;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			if (m.route[f][i].present)
				del_route(f, i);
			if (rnd(8) == 0)
				hardware_works();
		}
		note_full_table(f);
	}
	come_to_rest();
	retry();
	come_to_rest();
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (u.told[f][i].cookie)
				fail(f, "S: prefix %u is never gone", i);
	ofl_place_stats(u.place, &st);
	if (st.routes || st.eligible || st.planned_slots || st.used_slots ||
	    st.cover_slots || st.critical_slots || st.waiting || st.in_flight)
		fail(0, "something is left of nothing");
}

static void one_step(void)
{
	switch (rnd(u.odd ? 64 : 60)) {
	case 0 ... 19:
		change_route();
		break;
	case 20 ... 28:
		plan();
		break;
	case 29 ... 38:
		plan();
		send_some(1 + rnd(8));
		break;
	case 39 ... 57:
		hardware_works();
		break;
	case 58:
		if (rnd(8) == 0)
			new_limits();
		break;
	case 59:
		if (rnd(2))
			come_to_rest();
		break;
	default:
		lose_entry();
		break;
	}
}

static void one_universe(uint64_t seed, uint64_t steps)
{
	static const unsigned int shares[] = {0, 2, 5, 5};

	rnd_seed(seed);
	model_reset(seed, 3 + rnd(BITS_MAX - 2));
	memset(u.told, 0, sizeof(u.told));
	u.odd = seed % 2;
	u.critical_one_in = shares[rnd(array_size(shares))];
	u.above_high = false;
	random_limits();
	m.bound_slots = u.conf.capacity_slots;
	if (u.odd && rnd(3) == 0)
		m.hw_capacity = rnd(u.conf.capacity_slots + 1);
	u.place = ofl_place_new(&u.conf);
	note_rest();
	for (m.step = 0; m.step < steps; m.step++) {
		m.fault_one_in = u.odd ? 12 : 0;
		one_step();
	}
	come_to_rest();
	withdraw_everything();
	ofl_place_free(u.place);
}

static void usage(void)
{
	printf("usage: test_placement [--universes N] [--steps N] [--seed N]\n"
	       "Random routes, answers and faults against naive models.\n");
}

int main(int argc, char **argv)
{
	uint64_t universes = 15000, steps = 1200, seed = 1;

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
		one_universe(seed + i, steps);
	printf("%" PRIu64 " route changes, %" PRIu64
	       " hardware operations, %" PRIu64 " address checks, %" PRIu64
	       " rests\n",
	       u.changes, m.ops, m.checks, u.rests);
	printf("%" PRIu64 " passed, 0 failed\n", universes);
	return 0;
}
