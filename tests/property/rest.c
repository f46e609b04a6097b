// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must hold at rest, when all that is planned was written and answered.
 */
#include <zebra.h>

#include "tests/property/drive.h"

/* --- what the room tells --- */
static bool count_cover(const struct ofl_key *cover, enum ofl_entry entry,
			void *arg)
{
	unsigned int *count = arg, f, i = index_of(cover, &f);

	if (entry != OFL_ENTRY_PUNT || m.hw[f][i].entry != entry)
		fail(f, "S: prefix %u is not a cover", i);
	++*count;
	return true;
}

/* The punts right below a REAL entry. */
static unsigned int covers_below(unsigned int f, unsigned int top)
{
	unsigned int count = 0;

	if (m.hw[f][top].entry != OFL_ENTRY_REAL)
		return 0;
	for (unsigned int i = top + 1; i < m.prefixes; i++)
		count += m.hw[f][i].entry == OFL_ENTRY_PUNT &&
			 hw_lookup(f, i >> 1) == top;
	return count;
}

static void check_covers(unsigned int f, unsigned int top)
{
	unsigned int told = 0, there = covers_below(f, top);
	struct ofl_key key = key_of(f, top);

	ofl_place_covers_walk(u.place, &key, count_cover, &told);
	if (told != there)
		fail(f, "S: prefix %u needs %u covers, has %u", top, told,
		     there);
}

static bool note_critical(const struct ofl_key *key, uint32_t cover_slots,
			  void *arg)
{
	uint32_t(*slots)[PREFIXES_MAX] = arg;
	unsigned int f, i = index_of(key, &f);

	if (slots[f][i] || !cover_slots)
		fail(f, "S: covers of critical prefix %u told twice", i);
	slots[f][i] = cover_slots;
	return true;
}

/* Covers of critical routes: each with what the model counts, all of them. */
static void check_critical_covers(void)
{
	static uint32_t slots[FORESTS][PREFIXES_MAX];

	memset(slots, 0, sizeof(slots));
	ofl_place_critical_walk(u.place, note_critical, slots);
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			uint32_t want = covers_below(f, i) * m.cost[f];

			if (m.route[f][i].cls != OFL_CLASS_CRITICAL)
				want = 0;
			if (slots[f][i] != want)
				fail(f,
				     "S: covers of critical prefix %u take "
				     "%u slots, told %u",
				     i, want, slots[f][i]);
			if (u.conf.critical_cover_limit_slots &&
			    want > u.conf.critical_cover_limit_slots)
				fail(f,
				     "B: covers of critical prefix %u take "
				     "%u slots",
				     i, want);
		}
	}
}

static void check_prefix(unsigned int f, unsigned int i, bool as_planned)
{
	struct ofl_key key = key_of(f, i), cover;
	const struct route *r = &m.route[f][i];
	const struct told *t = &u.told[f][i];
	const struct hw *hw = &m.hw[f][i];
	unsigned int above = hw_lookup(f, i >> 1), cover_forest;
	struct ofl_place_view v;
	bool known = ofl_place_view(u.place, &key, &v);

	if (known != (r->present || hw->entry) ||
	    (known != (t->cookie != 0) && !(known && t->adopted)))
		fail(f, "S: prefix %u known %d", i, known);
	if (!known)
		return;
	if (v.entry != hw->entry || v.identity != hw->identity)
		fail(f, "S: prefix %u said to be %u", i, v.entry);
	if (v.cookie != t->cookie)
		fail(f, "S: prefix %u has a wrong cookie", i);
	if (t->cookie && v.state != t->state)
		fail(f, "S: prefix %u is %s, told %s", i,
		     ofl_state_name(v.state), ofl_state_name(t->state));
	if (v.state == OFL_STATE_ELIDED && (!hw_answers(f, i) || hw->entry))
		fail(f, "S: prefix %u is not elided", i);
	if (v.state == OFL_STATE_SENT || v.in_flight != OFL_OP_NONE)
		fail(f, "S: prefix %u is in flight at rest", i);
	if (ofl_place_cover_of(u.place, &key, &cover) != (above != 0) ||
	    (above && index_of(&cover, &cover_forest) != above))
		fail(f, "S: prefix %u has another cover than %u", i, above);
	if (!as_planned)
		return;
	if ((v.state == OFL_STATE_OFFLOADED) != (hw->entry == OFL_ENTRY_REAL))
		fail(f, "S: prefix %u is %s", i, ofl_state_name(v.state));
	if (v.want != hw->entry)
		fail(f, "prefix %u is planned otherwise (%u)", i, v.want);
	check_covers(f, i);
}

/* --- I1 and I4 --- */
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

/* --- the choice --- */
/* Entries that critical routes are answered by: their own, or a shorter one
 * that forwards alike. */
static void find_critical(bool (*ret)[PREFIXES_MAX])
{
	memset(ret, 0, FORESTS * sizeof(*ret));
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (m.route[f][i].cls == OFL_CLASS_CRITICAL &&
			    hw_answers(f, i))
				ret[f][hw_lookup(f, i)] = true;
}

/* Slots of the covers that an entry at i takes if nothing else is there. */
static uint32_t covers_alone(unsigned int f, unsigned int i)
{
	static bool real[FORESTS][PREFIXES_MAX];
	uint32_t slots;

	real[f][i] = true;
	slots = closure_slots((const bool(*)[PREFIXES_MAX])real);
	real[f][i] = false;
	return slots - m.cost[f];
}

uint32_t largest_closure(void)
{
	uint32_t most = 0;

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (m.route[f][i].identity)
				most = MAX(most,
					   covers_alone(f, i) + m.cost[f]);
	return most;
}

static bool is_over_limit(unsigned int f, unsigned int i)
{
	uint32_t limit = u.conf.critical_cover_limit_slots;

	return limit && covers_alone(f, i) > limit;
}

/* Does an entry stand on its own that answers no critical route? */
static bool has_best_effort_only(const bool (*critical)[PREFIXES_MAX])
{
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			unsigned int up = hw_lookup(f, i >> 1);

			if (m.hw[f][i].entry == OFL_ENTRY_REAL &&
			    !critical[f][i] &&
			    (!up || m.hw[f][up].entry != OFL_ENTRY_REAL))
				return true;
		}
	}
	return false;
}

/* I5: while best effort has entries of its own, no critical route stays out
 * that would fit if it made room. */
static void check_critical(void)
{
	static bool real[FORESTS][PREFIXES_MAX];
	struct ofl_place_certificate c;
	struct refusals refused;

	/* What the limit for covers kept out is looked at with the next sweep.
	 */
	refusals_find(&refused);
	/* Where not even all of them fit, the price decides who does. */
	ofl_place_certificate(u.place, &c);
	find_critical(real);
	if ((c.price_critical > 0 && !c.exact) ||
	    !has_best_effort_only((const bool(*)[PREFIXES_MAX])real))
		return;
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			const struct route *r = &m.route[f][i];

			if (r->cls != OFL_CLASS_CRITICAL || !r->identity ||
			    hw_answers(f, i) || is_over_limit(f, i) ||
			    refused.real[f][i])
				continue;
			real[f][i] = true;
			if (closure_slots((const bool(*)[PREFIXES_MAX])real) <=
			    u.conf.capacity_slots)
				fail(f, "I5: critical prefix %u would fit", i);
			real[f][i] = false;
		}
	}
}

/* C: if there is room for all critical routes, all are answered. */
static void check_all_critical(void)
{
	struct refusals none = {0};
	struct ofl_place_certificate c;
	struct worth most, now;

	/* A price finds them all unless one needs a large part of the table. */
	ofl_place_certificate(u.place, &c);
	if (!c.exact || !u.critical_one_in || u.conf.critical_cover_limit_slots)
		return;
	most = optimum(&none, UINT32_MAX, 0);
	now = hw_worth();
	if (now.critical == most.critical)
		return;
	if (optimum(&none, u.conf.capacity_slots, 0).critical == most.critical)
		fail(0, "C: critical worth %" PRId64 ", %" PRId64 " would fit",
		     now.critical, most.critical);
}

static void check_watermarks(const struct ofl_place_stats *st)
{
	if (st->closed && hw_slots() < u.conf.low_slots)
		fail(0, "W: closed below the low watermark");
	u.above_high &= hw_slots() > u.conf.high_slots;
	if (!u.critical_one_in && !u.above_high &&
	    hw_slots() > u.conf.high_slots)
		fail(0, "W: best effort above %u", u.conf.high_slots);
}

static void check_stats(const struct ofl_place_stats *st)
{
	uint32_t routes = 0, eligible = 0, elided = 0, covers = 0, critical = 0;

	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			const struct route *r = &m.route[f][i];
			uint8_t entry = m.hw[f][i].entry;

			routes += r->present;
			eligible += r->identity != 0;
			elided += entry == OFL_ENTRY_NONE && hw_answers(f, i);
			if (entry == OFL_ENTRY_PUNT)
				covers += m.cost[f];
			else if (entry && r->cls == OFL_CLASS_CRITICAL)
				critical += m.cost[f];
		}
	}
	if (st->routes != routes || st->eligible != eligible)
		fail(0, "S: %u routes, %u eligible", st->routes, st->eligible);
	if (st->planned_slots != hw_slots())
		fail(0, "S: planned %u slots", st->planned_slots);
	if (st->cover_slots != covers || st->critical_slots != critical)
		fail(0, "S: covers %u of %u slots, critical %u of %u",
		     st->cover_slots, covers, st->critical_slots, critical);
	if (st->elided != elided)
		fail(0, "S: elided %u of %u", st->elided, elided);
}

void check_rest(bool best)
{
	struct ofl_place_stats st;
	struct ofl_op op;
	bool as_planned;

	u.rests++;
	ofl_place_stats(u.place, &st);
	/* It takes a better plan to give up what a smaller table cannot hold.
	 */
	as_planned = !m.any_fault &&
		     (best || st.planned_slots <= u.conf.capacity_slots);
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int a = 0; a < m.addrs; a++)
			check_address(f, a);
		for (unsigned int i = 1; i < m.prefixes; i++)
			check_prefix(f, i, as_planned);
	}
	if (st.used_slots != hw_slots() || st.in_flight)
		fail(0, "I3: accounted %u, in flight %u", st.used_slots,
		     st.in_flight);
	m.bound_slots = MAX(u.conf.capacity_slots, hw_slots());
	note_rest();
	if (!as_planned)
		return;
	if (MAX(hw_slots(), st.planned_slots) > u.conf.capacity_slots)
		fail(0, "I3: above %u at rest", u.conf.capacity_slots);
	check_stats(&st);
	check_critical_covers();
	if (best) {
		check_watermarks(&st);
		check_critical();
	}
	if (best && rnd(4) == 0)
		check_all_critical();
	plan();
	if (ofl_place_next(u.place, &op))
		fail(0, "I6: a second plan writes");
}
