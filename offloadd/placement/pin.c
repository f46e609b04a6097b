// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Small tables: the exact optimum (exact.c) instead of a price, which can lose
 * much where one route with its covers is a large part of the table.
 *
 * The forest is copied into arrays, the tree knapsack is solved on them in
 * steps, and each route is pinned to what the optimum gives it; choice.c obeys
 * the pins.  When to do so, and whether it is worth the writes, is round.c's.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/choice.h"
#include "offloadd/placement/exact.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_PIN, "offload placement exact plan");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_PIN_ROUTES, "offload placement exact routes");

#define CELLS 256 /* of the knapsack for one unit of budget */
/* Among optima the one is taken that keeps most of what is: worth is counted in
 * parts, and whoever has an entry has one part more.  As many entries as parts,
 * or routes as would let sums pass 63 bits, and it is not. */
#define PARTS 8192
#define PARTS_ROUTES 100000

struct ofl_pin_plan {
	const struct ofl_place *place;
	struct ofl_exact_route *routes;
	struct ofl_lpm_node **nodes; /* the same routes */
	size_t count;
	struct ofl_exact *exact;
	uint32_t capacity, high, slots; /* slots: those the optimum may take */
	uint32_t open_slots;		/* ... if the door were open */
	int64_t parts;
};

bool ofl_pin_can(const struct ofl_place *p)
{
	return p->st.routes &&
	       (uint64_t)p->st.routes * ofl_choice_capacity(p) <=
		       p->conf.exact_cells;
}

static void add_route(struct ofl_pin_plan *x, struct ofl_lpm_node *n,
		      uint32_t parent)
{
	struct ofl_exact_route *r = &x->routes[x->count];
	struct ofl_worth own = ofl_value_own(n);

	r->parent = parent;
	r->identity = n->identity;
	r->no_real = n->fail != OFL_REASON_NONE;
	r->cost_slots = ofl_lpm_cost(x->place, n);
	r->no_punt = n->punt_failed;
	r->worth.critical = own.critical;
	r->worth.best_effort = own.best_effort * x->parts;
	if (x->parts > 1 && n->want == OFL_ENTRY_REAL)
		r->worth.best_effort++;
	x->nodes[x->count++] = n;
}

/* All routes of a tree in preorder. */
static void add_tree(struct ofl_pin_plan *x, const struct ofl_lpm_tree *t)
{
	struct ofl_lpm_base *root = ofl_lpm_at(t->root), *b = root;
	uint32_t above = OFL_EXACT_TOP;

	for (; b; b = ofl_lpm_next(root, b, true)) {
		if (b->glue || !ofl_lpm_of(b)->route)
			continue;
		while (above != OFL_EXACT_TOP &&
		       ofl_value_up(ofl_lpm_of(b)) != x->nodes[above])
			above = x->routes[above].parent;
		add_route(x, ofl_lpm_of(b), above);
		above = x->count - 1;
	}
}

struct ofl_pin_plan *ofl_pin_new(struct ofl_place *p)
{
	struct ofl_pin_plan *x = XCALLOC(MTYPE_OFL_PIN, sizeof(*x));

	x->place = p;
	x->capacity = ofl_choice_capacity(p);
	x->high = ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT);
	x->parts =
		x->capacity < PARTS && p->st.routes < PARTS_ROUTES ? PARTS : 1;
	x->routes = XCALLOC(MTYPE_OFL_PIN_ROUTES,
			    p->st.routes * sizeof(*x->routes));
	x->nodes =
		XCALLOC(MTYPE_OFL_PIN_ROUTES, p->st.routes * sizeof(*x->nodes));
	for (uint32_t i = 0; i < p->tree_size; i++) {
		if (p->tree[i])
			add_tree(x, p->tree[i]);
	}
	x->exact = ofl_exact_new(x->routes, x->count, x->capacity, true);
	ofl_exact_charge(x->exact, ofl_value_floor(p) * x->parts);
	return x;
}

void ofl_pin_free(struct ofl_pin_plan *x)
{
	if (!x)
		return;
	ofl_exact_free(x->exact);
	XFREE(MTYPE_OFL_PIN_ROUTES, x->routes);
	XFREE(MTYPE_OFL_PIN_ROUTES, x->nodes);
	XFREE(MTYPE_OFL_PIN, x);
}

/* Critical routes may use the whole table; best effort what is below the high
 * watermark, if that costs no critical route. */
static uint32_t slots_from(const struct ofl_pin_plan *x, uint32_t low)
{
	int64_t most = ofl_exact_value(x->exact, x->capacity).critical;
	uint32_t high = x->capacity;

	if (ofl_exact_value(x->exact, low).critical == most)
		return low;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (ofl_exact_value(x->exact, middle).critical == most)
			high = middle;
		else
			low = middle;
	}
	return high;
}

static void choose_slots(struct ofl_pin_plan *x)
{
	x->slots = x->open_slots = slots_from(x, x->high);
	/* Between the marks a closed door stays closed. */
	if (x->place->mark.closed && x->place->st.planned_slots < x->high)
		x->slots = slots_from(x, x->place->st.planned_slots);
}

bool ofl_pin_run(struct ofl_pin_plan *x, unsigned int budget)
{
	if (ofl_exact_run(x->exact, (uint64_t)budget * CELLS))
		return true;
	choose_slots(x);
	ofl_exact_choose(x->exact, x->slots);
	return false;
}

static struct ofl_worth worth_at(const struct ofl_pin_plan *x, uint32_t slots)
{
	struct ofl_exact_worth w = ofl_exact_value(x->exact, slots);
	int64_t part = w.best_effort % x->parts;

	/* With the floor it may be below 0. */
	if (part < 0)
		part += x->parts;
	return (struct ofl_worth){w.critical,
				  (w.best_effort - part) / x->parts};
}

struct ofl_worth ofl_pin_worth(const struct ofl_pin_plan *x)
{
	return worth_at(x, x->slots);
}

struct ofl_worth ofl_pin_bound(const struct ofl_pin_plan *x)
{
	return worth_at(x, x->open_slots);
}

uint32_t ofl_pin_bound_slots(const struct ofl_pin_plan *x)
{
	return x->open_slots;
}

uint32_t ofl_pin_slots(const struct ofl_pin_plan *x)
{
	return x->slots;
}

struct ofl_worth ofl_pin_price(const struct ofl_pin_plan *x)
{
	uint32_t last = MAX(x->slots / 8, MIN(x->slots, 1));
	struct ofl_worth gain = ofl_worth_sub(worth_at(x, x->slots),
					      worth_at(x, x->slots - last));

	if (gain.critical)
		return (struct ofl_worth){.critical = gain.critical / last};
	/* The floor is paid beside that. */
	if (last)
		gain.best_effort /= last;
	gain.best_effort += ofl_value_floor(x->place);
	return gain;
}

static uint8_t want_of(const struct ofl_pin_plan *x, size_t i)
{
	switch (ofl_exact_choice(x->exact, i)) {
	case OFL_EXACT_REAL:
		return OFL_ENTRY_REAL;
	case OFL_EXACT_PUNT:
		return OFL_ENTRY_PUNT;
	default:
		return OFL_ENTRY_NONE;
	}
}

static uint8_t pin_of(uint8_t want)
{
	static const uint8_t pins[] = {
		[OFL_ENTRY_NONE] = OFL_PIN_NONE,
		[OFL_ENTRY_REAL] = OFL_PIN_REAL,
		[OFL_ENTRY_PUNT] = OFL_PIN_PUNT,
	};

	return pins[want];
}

uint32_t ofl_pin_count(const struct ofl_pin_plan *x)
{
	uint32_t slots = 0;

	for (size_t i = 0; i < x->count; i++) {
		if (want_of(x, i) != x->nodes[i]->want)
			slots += x->routes[i].cost_slots;
	}
	return slots;
}

bool ofl_pin_adds(const struct ofl_pin_plan *x)
{
	for (size_t i = 0; i < x->count; i++) {
		if (x->nodes[i]->want != OFL_ENTRY_REAL &&
		    want_of(x, i) == OFL_ENTRY_REAL)
			return true;
	}
	return false;
}

void ofl_pin_apply(struct ofl_pin_plan *x)
{
	for (size_t i = 0; i < x->count; i++)
		x->nodes[i]->pin = pin_of(want_of(x, i));
}

void ofl_pin_hold(struct ofl_place *p)
{
	struct ofl_lpm_node *n;
	uint64_t at = 0;

	while ((n = ofl_lpm_scan(p, &at)))
		n->pin = n->route ? pin_of(n->want) : OFL_PIN_FREE;
}

bool ofl_pin_touch(struct ofl_place *p, bool giving)
{
	struct ofl_lpm_node *n;
	bool any = false;
	uint64_t at = 0;

	while ((n = ofl_lpm_scan(p, &at))) {
		if (n->pin == OFL_PIN_FREE || n->pin == pin_of(n->want))
			continue;
		if (giving && n->want != OFL_ENTRY_REAL)
			continue;
		ofl_choice_touch(p, n);
		any = true;
	}
	return any;
}
