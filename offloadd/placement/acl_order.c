// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Levels for a whole list, see acl_order.h: each rule is one level below the
 * lowest of those above it that it must not change places with.  That is the
 * longest chain, so fewer levels cannot be had.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/acl_order.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_ORDER, "offload ACL order");

#define PLACES_LEAST 16

struct ofl_acl_order {
	struct ofl_order_rule *rules;
	size_t count;
	size_t next;	/* the rule that is being looked at */
	size_t compare; /* ... with those before this one */
	bool begun;	/* ... and its twin was looked for */
	bool too_deep;
	struct ofl_bits *summaries;
	uint32_t *places; /* of matches met, by hash; open addressing */
	size_t place_count;
};

struct ofl_acl_order *ofl_acl_order_new(struct ofl_order_rule *rules,
					size_t count)
{
	struct ofl_acl_order *o = XCALLOC(MTYPE_OFL_ACL_ORDER, sizeof(*o));

	o->rules = rules;
	o->count = count;
	o->place_count = PLACES_LEAST;
	while (o->place_count < count * 2)
		o->place_count *= 2;
	o->places = XMALLOC(MTYPE_OFL_ACL_ORDER,
			    o->place_count * sizeof(*o->places));
	memset(o->places, 0xff, o->place_count * sizeof(*o->places));
	o->summaries = XCALLOC(MTYPE_OFL_ACL_ORDER,
			       MAX(count, 1) * sizeof(*o->summaries));
	return o;
}

void ofl_acl_order_free(struct ofl_acl_order *o)
{
	if (!o)
		return;
	XFREE(MTYPE_OFL_ACL_ORDER, o->places);
	XFREE(MTYPE_OFL_ACL_ORDER, o->summaries);
	XFREE(MTYPE_OFL_ACL_ORDER, o);
}

/* The rule before this one that matches the same; if there is none, this one
 * is to be found from now on. */
static uint32_t twin_of(struct ofl_acl_order *o, size_t i)
{
	const struct ofl_match *m = o->rules[i].match;
	size_t at = ofl_match_hash(m) & (o->place_count - 1);

	while (o->places[at] != OFL_ORDER_NOBODY) {
		if (ofl_match_eq(o->rules[o->places[at]].match, m))
			return o->places[at];
		at = (at + 1) & (o->place_count - 1);
	}
	o->places[at] = i;
	return OFL_ORDER_NOBODY;
}

static void begin(struct ofl_acl_order *o)
{
	struct ofl_order_rule *r = &o->rules[o->next];

	r->level = 0;
	r->twin = twin_of(o, o->next);
	o->summaries[o->next] = ofl_match_summary_make(r->match);
	o->compare = r->twin == OFL_ORDER_NOBODY ? o->next : 0;
	o->begun = true;
}

/* Do they have to stay in their order, and is that news? */
static bool pushes(const struct ofl_acl_order *o, size_t above, size_t i)
{
	const struct ofl_order_rule *a = &o->rules[above], *r = &o->rules[i];
	const struct ofl_bits *x = &o->summaries[above], *y = &o->summaries[i];

	if ((x->value ^ y->value) & x->mask & y->mask)
		return false;
	return a->level >= r->level && a->identity != r->identity &&
	       a->twin == OFL_ORDER_NOBODY &&
	       ofl_match_has_overlap(a->match, r->match);
}

bool ofl_acl_order_run(struct ofl_acl_order *o, uint64_t budget)
{
	for (; o->next < o->count; o->next++) {
		struct ofl_order_rule *r = &o->rules[o->next];

		if (!o->begun)
			begin(o);
		for (; o->compare > 0 && budget; o->compare--, budget--) {
			if (!pushes(o, o->compare - 1, o->next))
				continue;
			r->level = o->rules[o->compare - 1].level + 1;
			o->too_deep = o->too_deep || r->level == 0;
		}
		if (o->compare)
			return true;
		o->begun = false;
		budget -= budget > 0;
	}
	return false;
}

bool ofl_acl_order_is_too_deep(const struct ofl_acl_order *o)
{
	return o->too_deep;
}
