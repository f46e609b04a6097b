// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine's part of a universe; see drive.h.
 */
#include <zebra.h>

#include "tests/property/drive.h"

struct universe u;

/* --- views: S --- */
static void take_view(const struct ofl_place_view *v)
{
	unsigned int at = v->cookie % (FORESTS * PREFIXES_MAX);
	unsigned int f = at / PREFIXES_MAX, i = at % PREFIXES_MAX;
	struct told *t = &u.told[f][i];
	bool same = v->state == t->state && v->entry == t->entry &&
		    v->identity == t->identity;

	if (v->cookie == 0)
		return; /* an entry of an earlier run, of no route */
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
		*t = (struct told){0};
}

void drain_views(void)
{
	struct ofl_place_view v;

	while (ofl_place_changed(u.place, &v))
		take_view(&v);
}

/* --- routes --- */
/* A cookie tells whose it is. */
static uint64_t new_cookie(unsigned int f, unsigned int i)
{
	return ++u.serial * FORESTS * PREFIXES_MAX + f * PREFIXES_MAX + i;
}

void route_set(unsigned int f, unsigned int i, const struct route *r)
{
	struct ofl_key key = key_of(f, i);
	struct told *t = &u.told[f][i];
	struct ofl_place_route pr = {
		.identity = r->identity,
		.weight = r->weight,
		.cls = r->cls,
		.why = OFL_REASON_RULE_NEVER,
	};

	m.route[f][i] = *r;
	m.route[f][i].present = true;
	/* A route that is never answered may lead somewhere all the same. */
	if (r->cls == OFL_CLASS_NEVER)
		m.route[f][i].identity = 0;
	t->adopted &= m.hw[f][i].entry != OFL_ENTRY_NONE || is_pending(f, i);
	if (!t->cookie) {
		/* Whatever becomes of an earlier run's entry can follow
		 * leaving. */
		t->state = t->adopted ? OFL_STATE_LEAVING : OFL_STATE_SEEN;
		t->cookie = new_cookie(f, i);
		if (!t->adopted)
			t->entry = t->identity = 0;
	}
	pr.cookie = t->cookie;
	if (!ofl_place_set(u.place, &key, &pr))
		fail(f, "set of prefix %u refused", i);
	note_full_table(f);
	u.changes++;
}

void route_del(unsigned int f, unsigned int i)
{
	struct ofl_key key = key_of(f, i);

	m.route[f][i] = (struct route){0};
	ofl_place_del(u.place, &key);
	note_full_table(f);
	u.changes++;
}

/* --- the plan --- */
static void check_tokens(void)
{
	struct ofl_place_stats st;

	ofl_place_stats(u.place, &st);
	if (u.conf.optional_burst && st.optional_left > u.conf.optional_burst)
		fail(0, "T: %u optional writes saved up", st.optional_left);
	if (!u.unlimited && st.optional_writes > u.granted)
		fail(0, "T: %" PRIu64 " optional writes, granted %" PRIu64,
		     st.optional_writes, u.granted);
}

void plan(void)
{
	while (ofl_place_plan(u.place, 1 + rnd(8)))
		;
	check_tokens();
	check_floor();
	/* The engine sends before it tells, if hardware is ready. */
	if (rnd(2))
		drain_views();
}

void improve(unsigned int steps)
{
	while (steps-- && ofl_place_improve(u.place, 1 + rnd(16)))
		;
	check_tokens();
}

void refill(uint32_t writes)
{
	u.granted += writes;
	ofl_place_refill(u.place, writes);
}

/* --- operations --- */
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
	/* Only for want of a slot may it become a cover for a while. */
	if (u.kept[f][i] && (op->kind == OFL_OP_DEL ||
			     (op->entry == OFL_ENTRY_PUNT &&
			      hw_slots_possible() + MAX(m.cost[0], m.cost[1]) <=
				      u.conf.capacity_slots)))
		fail(f, "I9: %s of prefix %u, whose entry is right",
		     ofl_op_kind_name(op->kind), i);
}

void send_some(unsigned int max)
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

void hardware_works(void)
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

void retry(void)
{
	note_retry();
	ofl_place_retry(u.place);
}

static bool is_at_rest(void)
{
	plan();
	send_some(PENDING_MAX);
	return m.pending_count == 0 && ofl_place_is_settled(u.place);
}

void settle(bool best)
{
	unsigned int patience = 100000;

	for (;;) {
		if (--patience == 0)
			fail(0, "does not come to rest: %u pending",
			     m.pending_count);
		if (!is_at_rest()) {
			hardware_works();
			continue;
		}
		if (!best)
			return;
		refill(1000);
		if (!ofl_place_improve(u.place, 1 + rnd(64)) && is_at_rest())
			return;
	}
}

/* --- another run: I9 --- */
/* The daemon dies; what was asked for happens, or does not. */
static void resolve_pending(void)
{
	while (m.pending_count) {
		unsigned int at = rnd(m.pending_count);

		if (!m.pending[at].applied && rnd(2))
			hw_apply(&m.pending[at]);
		m.pending[at] = m.pending[--m.pending_count];
	}
}

#define FOUND 0x80000000u /* identities of nobody */

static void adopt(unsigned int f, unsigned int i)
{
	const struct hw *hw = &m.hw[f][i];
	struct ofl_key key = key_of(f, i);
	struct told *t = &u.told[f][i];

	bool later = hw->entry == OFL_ENTRY_REAL && rnd(2);

	/* What it does may be found out after it was found. */
	if (!ofl_place_adopt(u.place, &key, hw->entry,
			     later ? FOUND + i : hw->identity))
		fail(f, "prefix %u not adopted", i);
	if (later && !ofl_place_identity_set(u.place, &key, hw->identity))
		fail(f, "prefix %u cannot be told what it does", i);
	t->adopted = true;
	t->entry = hw->entry;
	t->identity = hw->identity;
	if (t->cookie)
		t->state = OFL_STATE_LEAVING;
}

/* Entries and routes are told in any order. */
static void tell_all(void)
{
	unsigned int all = FORESTS * m.prefixes, begin = rnd(all);
	bool entries_first = rnd(2);

	for (unsigned int pass = 0; pass < 2; pass++) {
		for (unsigned int n = 0; n < all; n++) {
			unsigned int at = (begin + n) % all;
			unsigned int f = at / m.prefixes, i = at % m.prefixes;
			bool entry = (pass == 0) == entries_first;
			struct route r = m.route[f][i];

			if (entry && m.hw[f][i].entry != OFL_ENTRY_NONE)
				adopt(f, i);
			if (!entry && r.present)
				route_set(f, i, &r);
			if (rnd(64) == 0)
				ofl_place_plan(u.place, 1 + rnd(8));
		}
	}
}

/* What is there and is wanted stays, whatever else is written. */
static void mark_kept(void)
{
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			const struct hw *hw = &m.hw[f][i];
			struct ofl_key key = key_of(f, i);
			struct ofl_place_view v;

			u.kept[f][i] = hw->entry != OFL_ENTRY_NONE &&
				       ofl_place_view(u.place, &key, &v) &&
				       v.want == hw->entry &&
				       (hw->entry == OFL_ENTRY_PUNT ||
					hw->identity == m.route[f][i].identity);
		}
	}
}

void rebuild(void)
{
	unsigned int fault_one_in = m.fault_one_in;
	struct ofl_place *old;

	u.rebuilds++;
	resolve_pending();
	old = u.place;
	u.place = ofl_place_new(&u.conf);
	ofl_place_free(old);
	u.granted = u.conf.optional_burst;
	u.unlimited = u.conf.optional_burst == 0;
	u.above_high = true;
	m.bound_slots = MAX(u.conf.capacity_slots, hw_slots());
	memset(u.told, 0, sizeof(u.told));
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			m.hw[f][i].refused = m.hw[f][i].punt_refused = false;
	m.any_fault = m.hw_capacity != UINT32_MAX;
	memset(u.real, 0, sizeof(u.real));
	tell_all();
	plan();
	drain_views();
	m.fault_one_in = 0;
	if (!m.any_fault)
		mark_kept();
	settle(false);
	memset(u.kept, 0, sizeof(u.kept));
	m.fault_one_in = fault_one_in;
}

/* --- a universe, from nothing to nothing --- */
static void conf_note(const struct ofl_place_conf *conf)
{
	u.conf = *conf;
	snprintf(m.about, sizeof(m.about),
		 "capacity %u, high %u, low %u, costs %u and %u, hysteresis "
		 "%u, residence %u, covers %u, burst %u, exact %u, floor %u",
		 conf->capacity_slots, conf->high_slots, conf->low_slots,
		 conf->cost_v4_slots, conf->cost_v6_slots,
		 conf->hysteresis_permille, conf->residence_sweeps,
		 conf->critical_cover_limit_slots, conf->optional_burst,
		 conf->exact_cells, conf->least_gain);
	for (unsigned int f = 0; f < FORESTS; f++)
		m.cost[f] = f == 1 ? conf->cost_v6_slots : conf->cost_v4_slots;
}

void universe_begin(uint64_t seed, unsigned int bits,
		    const struct ofl_place_conf *conf)
{
	model_reset(seed, bits);
	memset(u.told, 0, sizeof(u.told));
	memset(u.kept, 0, sizeof(u.kept));
	u.above_high = false;
	u.granted = conf->optional_burst;
	u.unlimited = conf->optional_burst == 0;
	memset(u.real, 0, sizeof(u.real));
	conf_note(conf);
	m.bound_slots = conf->capacity_slots;
	u.place = ofl_place_new(conf);
	note_rest();
}

void limits_set(const struct ofl_place_conf *conf)
{
	u.granted += conf->optional_burst;
	u.unlimited |= conf->optional_burst == 0;
	floor_note();
	conf_note(conf);
	ofl_place_conf_set(u.place, conf);
	m.bound_slots = MAX(conf->capacity_slots, hw_slots_possible());
	u.above_high = true;
}

void universe_drop(void)
{
	ofl_place_free(u.place);
	u.place = NULL;
}

void universe_end(void)
{
	struct ofl_place_stats st;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			if (m.route[f][i].present)
				route_del(f, i);
			if (rnd(8) == 0)
				hardware_works();
		}
	}
	m.fault_one_in = 0;
	settle(rnd(2));
	retry();
	settle(true);
	check_rest(true);
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (u.told[f][i].cookie)
				fail(f, "S: prefix %u is never gone", i);
	ofl_place_stats(u.place, &st);
	if (st.routes || st.eligible || st.planned_slots || st.used_slots ||
	    st.cover_slots || st.critical_slots || st.elided || st.waiting ||
	    st.in_flight)
		fail(0, "something is left of nothing");
	universe_drop();
}
