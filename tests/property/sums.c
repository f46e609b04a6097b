// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * I7: what the room keeps as running sums is what one gets by summing up from
 * scratch (optimum.c).  F: who is given an entry gains more than the floor by
 * these.  The one file of the tests that looks into the room.
 */
#include <zebra.h>

#include "offloadd/placement/choice.h"
#include "tests/property/drive.h"

static struct ofl_lpm_node *node_at(unsigned int f, unsigned int i)
{
	struct ofl_key key = key_of(f, i);

	return ofl_lpm_find(u.place, &key);
}

void refusals_find(struct refusals *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			struct ofl_lpm_node *n = node_at(f, i);

			ret->real[f][i] = n && n->fail != OFL_REASON_NONE;
			ret->punt[f][i] = n && n->punt_failed;
		}
	}
}

bool is_bound_optimum(void)
{
	struct ofl_worth bound;

	return ofl_round_exact(u.place, &bound);
}

static bool is_same(struct ofl_worth kept, struct worth made)
{
	return kept.critical == made.critical &&
	       kept.best_effort == made.best_effort;
}

static void check_route(unsigned int f, unsigned int i, const struct sums *s)
{
	struct ofl_lpm_node *n = node_at(f, i);
	struct worth own = {0};

	if (!n || !n->route)
		fail(f, "I7: prefix %u is not known", i);
	own = worth_add_times(own, OFL_WORTH_SCALE, own_worth(f, i));
	if (!is_same(ofl_value_own(n), own))
		fail(f, "I7: prefix %u itself is worth something else", i);
	if (!ofl_value_is_current(u.place, n)) {
		if (ofl_value_is_settled(u.place))
			fail(f, "I7: sums of prefix %u are not current", i);
		return;
	}
	if (!is_same(n->out, s->out))
		fail(f,
		     "I7: out of prefix %u is %" PRId64 ".%" PRId64
		     ", not %" PRId64 ".%" PRId64,
		     i, n->out.critical, n->out.best_effort, s->out.critical,
		     s->out.best_effort);
	if (m.route[f][i].identity && n->blocked != s->blocked)
		fail(f, "I7: prefix %u is blocked by %u, not %u", i, n->blocked,
		     s->blocked);
	if (ofl_value_can_be_answered(n) != s->can_be_answered ||
	    ofl_value_can_be_real(n) != s->can_be_real)
		fail(f, "I7: prefix %u can or cannot be real", i);
	if (s->can_be_answered && !is_same(n->in, s->in))
		fail(f,
		     "I7: in of prefix %u is %" PRId64 ".%" PRId64
		     ", not %" PRId64 ".%" PRId64,
		     i, n->in.critical, n->in.best_effort, s->in.critical,
		     s->in.best_effort);
	u.sums++;
}

void check_sums(void)
{
	static struct all_sums all;
	struct worth price = {u.place->price.critical,
			      u.place->price.best_effort};
	struct refusals refused;

	refusals_find(&refused);
	sums_make(&refused, OFL_WORTH_SCALE, price, &all);
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (m.route[f][i].present)
				check_route(f, i, &all.at[f][i]);
	if (ofl_value_is_settled(u.place) &&
	    !is_same(ofl_value_top(u.place), all.top))
		fail(0, "I7: all together is not %" PRId64 ".%" PRId64,
		     all.top.critical, all.top.best_effort);
}

/* --- F --- */

static bool is_real(unsigned int f, unsigned int i)
{
	struct ofl_lpm_node *n = node_at(f, i);

	return n && n->want == OFL_ENTRY_REAL;
}

/* Does its planned entry stand on its own, no REAL one above? */
static bool is_free_standing(unsigned int f, unsigned int i)
{
	while (i >>= 1) {
		struct ofl_lpm_node *n = node_at(f, i);

		if (n && n->want != OFL_ENTRY_NONE)
			return n->want != OFL_ENTRY_REAL;
	}
	return true;
}

static const struct all_sums *sums_now(void)
{
	static struct all_sums all;
	struct worth price = {u.place->price.critical,
			      u.place->price.best_effort};
	struct refusals refused;

	refusals_find(&refused);
	sums_make(&refused, OFL_WORTH_SCALE, price, &all);
	return &all;
}

/* Of `times` thousandths of the floor. */
static bool gains_less(const struct sums *s, unsigned int f, int64_t times)
{
	int64_t least = (int64_t)u.conf.least_gain * OFL_WORTH_SCALE *
			m.cost[f] * times / 1000;

	return s->in.critical == s->out.critical &&
	       s->in.best_effort - s->out.best_effort <= least;
}

static void check_given(unsigned int f, unsigned int i,
			const struct all_sums *all)
{
	struct ofl_lpm_node *n = node_at(f, i);

	/* The optimum is held against another one; what is written, or found,
	 * may stay; critical is for whom the floor is not. */
	if (!n->route || u.place->exact || n->hw == OFL_ENTRY_REAL ||
	    n->op != OFL_OP_NONE || n->cls == OFL_CLASS_CRITICAL ||
	    !is_free_standing(f, i))
		return;
	u.gains++;
	if (gains_less(&all->at[f][i], f, 1000))
		fail(f, "F: prefix %u is given an entry below the floor", i);
}

void floor_note(void)
{
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			u.real[f][i] = m.route[f][i].identity && is_real(f, i);
}

void check_floor(void)
{
	const struct all_sums *all = NULL;

	for (unsigned int f = 0; f < FORESTS && u.conf.least_gain; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			bool real = m.route[f][i].identity && is_real(f, i);

			if (real && !u.real[f][i]) {
				all = all ? all : sums_now();
				check_given(f, i, all);
			}
			u.real[f][i] = real;
		}
	}
}

void check_no_cold(void)
{
	int64_t stay = 1000 - u.conf.hysteresis_permille;
	const struct all_sums *all;

	if (!u.conf.least_gain || u.place->exact || u.place->price.critical ||
	    u.place->st.planned_slots < MAX(u.conf.low_slots, 1))
		return;
	all = sums_now();
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (is_real(f, i) && is_free_standing(f, i) &&
			    gains_less(&all->at[f][i], f, stay - 1))
				fail(f, "F: prefix %u stays below the floor",
				     i);
}
