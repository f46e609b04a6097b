// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands bare: routes without an entry of their own, which the next
 * entry above answers.
 *
 * Every question about safety is "are all bare routes below alike?".  A default
 * route has a million routes below it, so each branch point remembers the one
 * identity that the bare routes here and below have, or that they differ.  An
 * entry hides what is below it.  Kept twice, for the plan (want) and for
 * hardware (an entry counts only if it is there whatever is unanswered).
 *
 * Knows nothing of slots or of writes; choice.c, closure.c and executor.c ask.
 */
#include <zebra.h>

#include "offloadd/placement/lpm.h"

/* They differ, or one of them may not be answered by hardware at all.  Larger
 * identities do not fit the bits and count as this: never unsafe. */
#define DIFFER 0xffffffu

static uint32_t join(uint32_t a, uint32_t b)
{
	if (a == 0 || a == b)
		return b;
	return b == 0 ? a : DIFFER;
}

static uint32_t join_own(uint32_t below, const struct ofl_lpm_node *n)
{
	if (!n->route)
		return below;
	return join(below, n->identity && n->identity <= OFL_PLACE_IDENTITY_MAX
				   ? n->identity
				   : DIFFER);
}

static uint32_t plan_below(const struct ofl_lpm_base *b)
{
	return join(b->child[0] ? ofl_lpm_child(b, 0)->bare_plan : 0,
		    b->child[1] ? ofl_lpm_child(b, 1)->bare_plan : 0);
}

static uint32_t hw_below(const struct ofl_lpm_base *b)
{
	return join(b->child[0] ? ofl_lpm_child(b, 0)->bare_hw : 0,
		    b->child[1] ? ofl_lpm_child(b, 1)->bare_hw : 0);
}

static bool punts_below(const struct ofl_lpm_base *b)
{
	return (b->child[0] && ofl_lpm_child(b, 0)->punts) ||
	       (b->child[1] && ofl_lpm_child(b, 1)->punts);
}

/* True if something changed. */
static bool sum_up(struct ofl_lpm_base *b)
{
	const struct ofl_lpm_node *n = b->glue ? NULL : ofl_lpm_of(b);
	uint32_t plan = 0, hw = 0;
	bool punts;

	if (n && n->want != OFL_ENTRY_NONE) {
		punts = n->want == OFL_ENTRY_PUNT;
	} else {
		plan = n ? join_own(plan_below(b), n) : plan_below(b);
		punts = punts_below(b);
	}
	if (!n || !ofl_lpm_is_held(n))
		hw = n ? join_own(hw_below(b), n) : hw_below(b);
	if (b->bare_plan == plan && b->bare_hw == hw && b->punts == punts)
		return false;
	b->bare_plan = plan;
	b->bare_hw = hw;
	b->punts = punts;
	return true;
}

void ofl_bare_refresh(struct ofl_lpm_node *n)
{
	struct ofl_lpm_base *b = &n->b;

	while (b && sum_up(b))
		b = ofl_lpm_parent(b);
}

static bool is_alike(uint32_t bare, uint32_t identity)
{
	return bare == 0 || bare == identity;
}

bool ofl_bare_is_alike(const struct ofl_lpm_node *n, uint32_t identity)
{
	return is_alike(plan_below(&n->b), identity);
}

bool ofl_bare_is_safe(const struct ofl_lpm_node *n, uint32_t identity)
{
	return is_alike(hw_below(&n->b), identity);
}

bool ofl_bare_has_punts(const struct ofl_lpm_node *n)
{
	return punts_below(&n->b);
}

struct ofl_lpm_node *ofl_bare_next(const struct ofl_lpm_node *top,
				   struct ofl_lpm_node *n, uint32_t identity)
{
	struct ofl_lpm_base *b = &n->b;
	bool descend = n == top;

	while ((b = ofl_lpm_next(&top->b, b, descend))) {
		descend = !is_alike(b->bare_plan, identity);
		if (!descend || b->glue)
			continue;
		n = ofl_lpm_of(b);
		if (n->route && !ofl_lpm_agrees(n, identity))
			return n;
	}
	return NULL;
}

struct ofl_lpm_node *ofl_bare_next_punt(const struct ofl_lpm_node *top,
					struct ofl_lpm_node *n)
{
	struct ofl_lpm_base *b = &n->b;
	bool descend = n == top || n->want == OFL_ENTRY_NONE;

	while ((b = ofl_lpm_next(&top->b, b, descend))) {
		descend = b->punts;
		if (!descend || b->glue)
			continue;
		n = ofl_lpm_of(b);
		if (n->want == OFL_ENTRY_PUNT)
			return n;
	}
	return NULL;
}
