// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exact tree knapsack of one table; see exact.h.
 *
 * Two tables per route, over the slots spent at it and below:
 *
 *   N   nothing real answers its own addresses
 *   X   hardware answers them; an entry for that is not counted in
 *
 * A route without a real entry above takes part in its parent's N by
 *   U = max(N, X + entry)
 * and in its parent's X, under that real entry, by
 *   R = max(X, N + entry)          same identity: elided, or shielded by a punt
 *   R = max(X + entry, N + entry)  another one: an entry is compulsory
 *
 * Routes are taken from the last to the first, so that a route's children are
 * all merged into it when its turn comes.  A table ends where more slots bring
 * no more, and starts at the first number of slots for which there is a plan at
 * all: cells are always worths, never "impossible", and all of it is O(routes *
 * slots).  A merge needs no second table and may stop after any cell, for it
 * goes from the last cell down and reads at or below the cell it writes.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/exact.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EXACT, "offload exact placement");

/* What a route costs beside its cells, in cells: looking up and allocating. */
#define ROUTE_CELLS 64

/* The worth of base, base + 1 ... slots; more bring no more.  Never falls. */
struct table {
	struct ofl_exact_worth *cells;
	uint32_t base;
	uint32_t len; /* 0: there is no plan */
	uint32_t room;
};

/* A route of which not all children are merged. */
struct pair {
	struct table n, x;
};

/* What a plan is traced back by: for each cell of the parent's tables, how much
 * this child has of it, and for each cell of U and R which side won.  One
 * block per route, for there may be many thousands. */
struct trace {
	uint32_t x_base, r_base;
	uint32_t n_cells, x_cells; /* of the parent, this child merged */
	uint8_t n_width, x_width;  /* bytes of one share; 0: all are 0 */

	/* the plan chosen last */
	uint8_t choice; /* enum ofl_exact_choice */
	bool in_x;	/* hardware answers the route itself */
	uint32_t left;	/* which cell is left for children to come */

	uint8_t data[]; /* shares of N, shares of X, winners */
};

enum winner {
	U_IS_X = 1,
	R_IS_X = 2,
};

struct merge {
	struct table *into;
	const struct table *from;
	uint32_t old_len; /* of `into` */
	uint32_t todo;	  /* cells of the result that are not done: the first */
	uint8_t *shares;  /* of `from` in each; none if width is 0 */
	uint8_t width;
};

struct ofl_exact {
	const struct ofl_exact_route *routes;
	size_t count, left; /* of `left` the tables are not merged */
	uint32_t slots;
	bool choose;
	int64_t charge; /* best effort that a slot costs */

	struct pair **open;   /* per route; NULL: nothing is merged into it */
	struct pair root;     /* above all; its X is of no use */
	struct table u, r;    /* of the route that is being merged */
	struct merge work[2]; /* U into N, R into X */
	struct trace **trace; /* per route, if choices are wanted */
	uint64_t bytes;
};

static bool is_more(const struct ofl_exact_worth *a,
		    const struct ofl_exact_worth *b)
{
	return a->critical > b->critical ||
	       (a->critical == b->critical && a->best_effort > b->best_effort);
}

static bool is_zero(const struct ofl_exact_worth *w)
{
	return w->critical == 0 && w->best_effort == 0;
}

static void add(struct ofl_exact_worth *to, const struct ofl_exact_worth *w)
{
	to->critical += w->critical;
	to->best_effort += w->best_effort;
}

/* --- tables --- */
static void table_set_len(struct ofl_exact *x, struct table *t, uint32_t len)
{
	uint64_t room = t->room;

	t->len = len;
	if (len <= room)
		return;
	/* doubled: a parent grows by a few cells with each child */
	room = MIN(MAX(2 * room, len), (uint64_t)x->slots + 1);
	x->bytes += (room - t->room) * sizeof(*t->cells);
	t->cells =
		XREALLOC(MTYPE_OFL_EXACT, t->cells, room * sizeof(*t->cells));
	t->room = room;
}

static void table_fini(struct ofl_exact *x, struct table *t)
{
	x->bytes -= t->room * (uint64_t)sizeof(*t->cells);
	XFREE(MTYPE_OFL_EXACT, t->cells);
	memset(t, 0, sizeof(*t));
}

static void table_trim(struct table *t)
{
	while (t->len > 1 &&
	       !is_more(&t->cells[t->len - 1], &t->cells[t->len - 2]))
		t->len--;
}

/* With an entry of `cost` slots added: the slots it starts and ends at. */
static uint64_t start_of(const struct table *t, uint32_t cost)
{
	return t->len ? (uint64_t)t->base + cost : UINT64_MAX;
}

static uint64_t end_of(const struct table *t, uint32_t cost)
{
	return t->len ? (uint64_t)t->base + t->len + cost : 0;
}

/* NULL: no plan with k slots. */
static const struct ofl_exact_worth *cell_of(const struct table *t,
					     uint32_t cost, uint64_t k)
{
	if (k < start_of(t, cost))
		return NULL;
	return &t->cells[MIN(k - t->base - cost, (uint64_t)t->len - 1)];
}

/* Which of X and N, each with an entry added or not, is better with k slots?
 * (One of them has a plan.)  Equal: X, or N if `prefer_n`. */
struct side {
	const struct table *x, *n;
	uint32_t x_cost, n_cost;
	int64_t charge; /* a slot of these costs */
	bool prefer_n;
};

static bool is_x(const struct side *s, uint64_t k,
		 struct ofl_exact_worth *ret_cell)
{
	const struct ofl_exact_worth *x = cell_of(s->x, s->x_cost, k);
	const struct ofl_exact_worth *n = cell_of(s->n, s->n_cost, k);
	struct ofl_exact_worth with_x = {0}, with_n = {0};
	bool x_wins;

	if (x) {
		with_x = *x;
		with_x.best_effort -= s->charge * s->x_cost;
	}
	if (n) {
		with_n = *n;
		with_n.best_effort -= s->charge * s->n_cost;
	}
	x_wins = !n || (x && (s->prefer_n ? is_more(&with_x, &with_n)
					  : !is_more(&with_n, &with_x)));
	*ret_cell = x_wins ? with_x : with_n;
	return x_wins;
}

static void make_best(struct ofl_exact *x, const struct side *s,
		      struct table *ret)
{
	uint64_t start =
		MIN(start_of(s->x, s->x_cost), start_of(s->n, s->n_cost));
	uint64_t end =
		MIN(MAX(end_of(s->x, s->x_cost), end_of(s->n, s->n_cost)),
		    (uint64_t)x->slots + 1);

	ret->len = 0;
	if (start >= end)
		return;
	ret->base = start;
	table_set_len(x, ret, end - start);
	for (uint64_t k = start; k < end; k++)
		is_x(s, k, &ret->cells[k - start]);
	table_trim(ret);
}

/* --- merging --- */
/* How many cells a merge results in; 0: no plan. */
static uint32_t merged_len(const struct ofl_exact *x, const struct table *into,
			   const struct table *from)
{
	uint64_t base = (uint64_t)into->base + from->base;
	uint64_t len = (uint64_t)into->len + from->len - 1;

	if (!into->len || !from->len || base > x->slots)
		return 0;
	return MIN(len, (uint64_t)x->slots + 1 - base);
}

static void merge_begin(struct ofl_exact *x, struct merge *m,
			struct table *into, const struct table *from)
{
	uint32_t len = merged_len(x, into, from);

	m->into = into;
	m->from = from;
	m->old_len = into->len;
	m->todo = len;
	if (len == 0) {
		table_fini(x, into);
		return;
	}
	into->base += from->base;
	table_set_len(x, into, len);
	/* Many routes carry nothing: do not walk a long table for them. */
	if (from->len == 1 && is_zero(&from->cells[0]))
		m->todo = 0;
}

/* The best of into[-j] + from[j], first <= j <= last; returns j. */
static inline uint32_t best_share(const struct ofl_exact_worth *into,
				  const struct ofl_exact_worth *from,
				  uint32_t first, uint32_t last,
				  struct ofl_exact_worth *ret_best)
{
	struct ofl_exact_worth best = *(into - first);
	uint32_t share = first;

	add(&best, &from[first]);
	for (uint32_t j = first + 1; j <= last; j++) {
		struct ofl_exact_worth w = *(into - j);

		add(&w, &from[j]);
		if (is_more(&w, &best)) {
			best = w;
			share = j;
		}
	}
	*ret_best = best;
	return share;
}

/* Bytes that hold a number below `len`. */
static uint8_t share_width(uint32_t len)
{
	if (len <= 1)
		return 0;
	if (len <= UINT8_MAX + 1)
		return 1;
	return len <= UINT16_MAX + 1 ? 2 : 4;
}

/* Shares are not aligned. */
static void share_put(uint8_t *shares, uint8_t width, uint32_t i,
		      uint32_t share)
{
	uint16_t half = share;

	if (width == 1)
		shares[i] = share;
	else if (width == 2)
		memcpy(shares + (size_t)i * 2, &half, 2);
	else if (width == 4)
		memcpy(shares + (size_t)i * 4, &share, 4);
}

static uint32_t share_get(const uint8_t *shares, uint8_t width, uint32_t i)
{
	uint32_t share = 0;
	uint16_t half;

	if (width == 1)
		return shares[i];
	if (width == 2) {
		memcpy(&half, shares + (size_t)i * 2, 2);
		return half;
	}
	if (width == 4)
		memcpy(&share, shares + (size_t)i * 4, 4);
	return share;
}

/* Returns how many cells were read. */
static uint64_t merge_step(struct merge *m, uint64_t budget)
{
	struct ofl_exact_worth *into = m->into->cells;
	uint32_t old_len = m->old_len, from_len = m->from->len;
	uint64_t spent = 0;

	if (m->todo == 0)
		return 0;
	while (m->todo > 0 && spent < budget) {
		uint32_t k = --m->todo;
		uint32_t first = k >= old_len ? k - old_len + 1 : 0;
		uint32_t last = MIN(k, from_len - 1);
		uint32_t share = best_share(into + k, m->from->cells, first,
					    last, &into[k]);

		share_put(m->shares, m->width, k, share);
		spent += last - first + 1;
	}
	if (m->todo == 0)
		table_trim(m->into);
	return spent;
}

/* --- one route --- */
static void pair_fini(struct ofl_exact *x, struct pair *p)
{
	table_fini(x, &p->n);
	table_fini(x, &p->x);
}

static void pair_free(struct ofl_exact *x, struct pair **p)
{
	if (!*p)
		return;
	pair_fini(x, *p);
	x->bytes -= sizeof(**p);
	XFREE(MTYPE_OFL_EXACT, *p);
}

static void pair_init(struct ofl_exact *x, struct pair *p, bool has_x)
{
	static const struct ofl_exact_worth nothing;

	table_set_len(x, &p->n, 1);
	p->n.cells[0] = nothing;
	if (has_x) {
		table_set_len(x, &p->x, 1);
		p->x.cells[0] = nothing;
	}
}

static struct pair *pair_of(struct ofl_exact *x, uint32_t i)
{
	if (i == OFL_EXACT_TOP)
		return &x->root;
	if (!x->open[i]) {
		x->open[i] = XCALLOC(MTYPE_OFL_EXACT, sizeof(struct pair));
		x->bytes += sizeof(struct pair);
		pair_init(x, x->open[i], x->routes[i].identity != 0);
	}
	return x->open[i];
}

static bool is_alike(const struct ofl_exact *x, const struct ofl_exact_route *r)
{
	return r->identity && r->parent != OFL_EXACT_TOP &&
	       r->identity == x->routes[r->parent].identity;
}

/* How the two tables of route i were made of its pair. */
static void sides_of(const struct ofl_exact *x, size_t i, const struct pair *p,
		     struct side *ret_u, struct side *ret_r)
{
	static const struct table no_plan;
	const struct ofl_exact_route *r = &x->routes[i];

	*ret_u = (struct side){
		.x = r->no_real ? &no_plan : &p->x,
		.x_cost = r->cost_slots,
		.n = &p->n,
		.charge = x->charge,
		.prefer_n = true,
	};
	*ret_r = (struct side){
		.x = r->no_real && !is_alike(x, r) ? &no_plan : &p->x,
		.x_cost = is_alike(x, r) ? 0 : r->cost_slots,
		.n = r->no_punt ? &no_plan : &p->n,
		.n_cost = r->cost_slots,
		.charge = x->charge,
	};
}

static uint8_t *shares_of(struct trace *t, bool covered)
{
	return t->data + (covered ? (size_t)t->n_cells * t->n_width : 0);
}

static uint8_t *winners_of(struct trace *t)
{
	return shares_of(t, true) + (size_t)t->x_cells * t->x_width;
}

static size_t trace_size(const struct trace *t, uint32_t winners)
{
	return offsetof(struct trace, data) + (size_t)t->n_cells * t->n_width +
	       (size_t)t->x_cells * t->x_width + winners;
}

/* `into` is the pair of the parent. */
static struct trace *trace_new(struct ofl_exact *x, const struct side *u,
			       const struct side *r, const struct pair *into)
{
	struct trace head = {
		/* The same table, or none in one of the two. */
		.x_base = MAX(u->x->base, r->x->base),
		.r_base = x->r.base,
		.n_cells = merged_len(x, &into->n, &x->u),
		.x_cells = merged_len(x, &into->x, &x->r),
		.n_width = share_width(x->u.len),
		.x_width = share_width(x->r.len),
	};
	uint32_t winners = MAX(x->u.len, x->r.len);
	size_t size = trace_size(&head, winners);
	struct trace *t = XCALLOC(MTYPE_OFL_EXACT, size);
	struct ofl_exact_worth cell;
	uint8_t *won;

	x->bytes += size;
	*t = head;
	won = winners_of(t);
	for (uint32_t j = 0; j < x->u.len; j++)
		won[j] |= is_x(u, j, &cell) ? U_IS_X : 0;
	for (uint32_t j = 0; j < x->r.len; j++)
		won[j] |= is_x(r, (uint64_t)x->r.base + j, &cell) ? R_IS_X : 0;
	return t;
}

/* Make U and R of route i and begin to merge them into its parent.  Returns
 * what that costs, in cells. */
static uint64_t route_begin(struct ofl_exact *x, uint32_t i)
{
	const struct ofl_exact_route *route = &x->routes[i];
	struct pair *into = pair_of(x, route->parent);
	struct pair *own = pair_of(x, i);
	struct merge *to_n = &x->work[0], *to_x = &x->work[1];
	struct side u, r;

	for (uint32_t k = 0; k < own->x.len; k++)
		add(&own->x.cells[k], &route->worth);
	sides_of(x, i, own, &u, &r);
	make_best(x, &u, &x->u);
	x->r.len = 0;
	if (into->x.len)
		make_best(x, &r, &x->r);
	if (x->choose) {
		struct trace *t = trace_new(x, &u, &r, into);

		x->trace[i] = t;
		to_n->shares = shares_of(t, false);
		to_n->width = t->n_width;
		to_x->shares = shares_of(t, true);
		to_x->width = t->x_width;
	}
	pair_free(x, &x->open[i]);
	merge_begin(x, to_n, &into->n, &x->u);
	merge_begin(x, to_x, &into->x, &x->r);
	return ROUTE_CELLS + x->u.len + (uint64_t)x->r.len;
}

/* --- the interface --- */
struct ofl_exact *ofl_exact_new(const struct ofl_exact_route *routes,
				size_t count, uint32_t slots, bool choose)
{
	struct ofl_exact *x = XCALLOC(MTYPE_OFL_EXACT, sizeof(*x));
	uint64_t of_use = 0;

	assert(count < OFL_EXACT_TOP);
	for (size_t i = 0; i < count; i++) {
		assert(routes[i].parent < i ||
		       routes[i].parent == OFL_EXACT_TOP);
		of_use += routes[i].cost_slots;
	}
	x->routes = routes;
	x->count = count;
	x->left = count;
	x->slots = MIN(MIN(of_use, slots), UINT32_MAX - 1);
	x->choose = choose;
	x->bytes = sizeof(*x);
	x->open = XCALLOC(MTYPE_OFL_EXACT, (count + 1) * sizeof(*x->open));
	x->bytes += (count + 1) * sizeof(*x->open);
	if (choose) {
		x->trace = XCALLOC(MTYPE_OFL_EXACT,
				   (count + 1) * sizeof(*x->trace));
		x->bytes += (count + 1) * sizeof(*x->trace);
	}
	pair_init(x, &x->root, false);
	return x;
}

void ofl_exact_charge(struct ofl_exact *x, int64_t charge)
{
	x->charge = charge;
}

void ofl_exact_free(struct ofl_exact *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->count; i++) {
		pair_free(x, &x->open[i]);
		if (x->choose)
			XFREE(MTYPE_OFL_EXACT, x->trace[i]);
	}
	pair_fini(x, &x->root);
	table_fini(x, &x->u);
	table_fini(x, &x->r);
	XFREE(MTYPE_OFL_EXACT, x->open);
	XFREE(MTYPE_OFL_EXACT, x->trace);
	XFREE(MTYPE_OFL_EXACT, x);
}

static bool is_running(const struct ofl_exact *x)
{
	return x->left || x->work[0].todo || x->work[1].todo;
}

bool ofl_exact_run(struct ofl_exact *x, uint64_t cells)
{
	uint64_t spent = 0;

	cells = MAX(cells, 1u);
	while (spent < cells) {
		if (x->work[0].todo)
			spent += merge_step(&x->work[0], cells - spent);
		else if (x->work[1].todo)
			spent += merge_step(&x->work[1], cells - spent);
		else if (x->left)
			spent += route_begin(x, --x->left);
		else
			break;
	}
	return is_running(x);
}

struct ofl_exact_worth ofl_exact_value(const struct ofl_exact *x, uint32_t k)
{
	return x->root.n.cells[MIN(k, x->root.n.len - 1)];
}

/* `share` of the parent's cell is this child's: what does it do with it? */
static void settle(struct trace *t, const struct ofl_exact_route *r,
		   bool covered, bool alike, uint32_t share)
{
	uint32_t slots = covered ? t->r_base + share : share;
	bool entry = true;

	t->in_x = winners_of(t)[share] & (covered ? R_IS_X : U_IS_X);
	if (covered ? t->in_x && alike : !t->in_x)
		entry = false;
	t->choice = OFL_EXACT_NONE;
	if (entry) {
		t->choice = t->in_x ? OFL_EXACT_REAL : OFL_EXACT_PUNT;
		slots -= r->cost_slots;
	}
	/* Never beyond the table: the plan has no slot to spare. */
	t->left = t->in_x ? slots - t->x_base : slots;
}

void ofl_exact_choose(struct ofl_exact *x, uint32_t k)
{
	const struct table *root = &x->root.n;
	uint32_t root_left = MIN(k, root->len - 1);

	if (!x->choose || is_running(x))
		return;
	/* Of equally good plans the one of the fewest slots. */
	while (root_left > 0 &&
	       !is_more(&root->cells[root_left], &root->cells[root_left - 1]))
		root_left--;
	/* The first child was merged last. */
	for (size_t i = 0; i < x->count; i++) {
		const struct ofl_exact_route *r = &x->routes[i];
		struct trace *t = x->trace[i];
		struct trace *up =
			r->parent == OFL_EXACT_TOP ? NULL : x->trace[r->parent];
		bool covered = up && up->in_x;
		uint32_t *left = up ? &up->left : &root_left;
		uint8_t width = covered ? t->x_width : t->n_width;
		uint32_t share = share_get(shares_of(t, covered), width, *left);

		*left -= share;
		settle(t, r, covered, is_alike(x, r), share);
	}
}

enum ofl_exact_choice ofl_exact_choice(const struct ofl_exact *x, size_t i)
{
	return x->choose && x->trace[i] ? x->trace[i]->choice : OFL_EXACT_NONE;
}

uint64_t ofl_exact_bytes(const struct ofl_exact *x)
{
	return x->bytes;
}
