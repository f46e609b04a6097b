// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * I7: what the room keeps as running sums is what one gets by summing up from
 * scratch (optimum.c).  The one file of the tests that looks into the room.
 */
#include <zebra.h>

#include "offloadd/placement/value.h"
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
