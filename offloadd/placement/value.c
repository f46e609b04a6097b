// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The running sums of value.h.
 *
 * Sums are integers, so that adding and taking away a million times leaves
 * nothing behind.  A change of one route is taken out of the sums of the route
 * above and put back, and so on up, until nothing changes any longer.
 *
 * With another price all sums are made again, in steps.  Meanwhile a node is
 * current (made at the price of now), OPEN (being made: the current ones below
 * it that lie before the cursor are in), or neither; below a current node all
 * are current.  The top of each tree is treated as one more node.  Routes that
 * have more others right below them than can be looked at in one go are summed
 * the same way: they and what covers them cease to be current.
 */
#include <zebra.h>

#include "offloadd/placement/value.h"

/* Branch points looked at in one go. */
#define GATHER_MAX 16384

void ofl_value_init(struct ofl_place *p)
{
	p->sum = OFL_SUM_EVEN;
	p->price = ofl_value_floor_price(p);
}

struct ofl_worth ofl_value_own(const struct ofl_lpm_node *n)
{
	int64_t worth = ((int64_t)n->weight + 1) * OFL_WORTH_SCALE;

	return n->cls == OFL_CLASS_CRITICAL
		       ? (struct ofl_worth){.critical = worth}
		       : (struct ofl_worth){.best_effort = worth};
}

struct ofl_lpm_node *ofl_value_up(const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u = ofl_lpm_up(n);

	while (u && !u->route)
		u = ofl_lpm_up(u);
	return u;
}

static struct ofl_worth worth_max(struct ofl_worth a, struct ofl_worth b)
{
	return ofl_worth_cmp(a, b) < 0 ? b : a;
}

/* What c adds to the sums of u above it; NULL: to a tree's top. */
static struct ofl_value_term term_of(const struct ofl_place *p,
				     const struct ofl_lpm_node *u,
				     const struct ofl_lpm_node *c)
{
	struct ofl_worth cost = ofl_value_cost(p, c);
	bool real = ofl_value_can_be_real(c), alike;
	struct ofl_value_term t = {.out = c->out};
	struct ofl_worth punt = ofl_worth_sub(c->out, cost);

	if (real)
		t.out = worth_max(c->out, ofl_worth_sub(c->in, cost));
	if (!u)
		return t;
	alike = u->identity == c->identity && ofl_value_can_be_answered(c);
	if (alike)
		t.in = c->punt_failed ? c->in : worth_max(c->in, punt);
	else if (real)
		t.in = c->punt_failed
			       ? ofl_worth_sub(c->in, cost)
			       : worth_max(ofl_worth_sub(c->in, cost), punt);
	else if (c->punt_failed)
		t.blocked = 1;
	else
		t.in = punt;
	return t;
}

static void term_add(struct ofl_value_term *to, const struct ofl_value_term *t,
		     int sign)
{
	to->out = ofl_worth_add(to->out, ofl_worth_mul(t->out, sign));
	to->in = ofl_worth_add(to->in, ofl_worth_mul(t->in, sign));
	to->blocked += sign * (int)t->blocked;
}

static bool term_is_zero(const struct ofl_value_term *t)
{
	return !t->out.critical && !t->out.best_effort && !t->in.critical &&
	       !t->in.best_effort && !t->blocked;
}

/* Is n's place in the order of the trie before the cursor? */
static bool is_behind(const struct ofl_place *p, const struct ofl_lpm_node *n)
{
	struct ofl_prefix prefix = ofl_lpm_prefix(&n->b);

	return ofl_prefix_cmp(&prefix, &p->pass.cursor) < 0;
}

static uint8_t sum_of(const struct ofl_lpm_tree *t,
		      const struct ofl_lpm_node *u)
{
	return u ? u->sum : t->sum;
}

/* Is c, or would it be, in the sums of u (NULL: the tree's top)? */
static bool is_in(const struct ofl_place *p, const struct ofl_lpm_tree *t,
		  const struct ofl_lpm_node *u, const struct ofl_lpm_node *c)
{
	uint8_t sum = sum_of(t, u);

	if (sum == p->sum)
		return true;
	return sum == OFL_SUM_OPEN && is_behind(p, c);
}

/* How n compares in and out of hardware: all that decisions look at. */
static unsigned int preference(const struct ofl_place *p,
			       const struct ofl_lpm_node *n)
{
	struct ofl_worth cost = ofl_value_cost(p, n);

	return (ofl_worth_cmp(n->in, n->out) > 0) |
	       (ofl_worth_cmp(ofl_worth_sub(n->in, cost), n->out) > 0) << 1 |
	       (ofl_worth_cmp(ofl_worth_sub(n->out, cost), n->in) > 0) << 2 |
	       (n->blocked != 0) << 3;
}

/* The sums of u change by `delta`; and so on up. */
static void ascend(struct ofl_place *p, struct ofl_lpm_tree *t,
		   struct ofl_lpm_node *u, struct ofl_value_term delta)
{
	while (!term_is_zero(&delta)) {
		struct ofl_value_term before, after;
		struct ofl_lpm_node *up;
		unsigned int preferred;

		if (!u) {
			t->top = ofl_worth_add(t->top, delta.out);
			return;
		}
		up = ofl_value_up(u);
		before = term_of(p, up, u);
		preferred = preference(p, u);
		u->out = ofl_worth_add(u->out, delta.out);
		u->in = ofl_worth_add(u->in, delta.in);
		u->blocked += delta.blocked;
		if (!ofl_value_is_current(p, u))
			return;
		if (preference(p, u) != preferred)
			ofl_choice_touch(p, u);
		if (!is_in(p, t, up, u))
			return;
		after = term_of(p, up, u);
		term_add(&after, &before, -1);
		delta = after;
		u = up;
	}
}

/* The next route below `top` that no other route below it covers. */
static struct ofl_lpm_base *next_below(const struct ofl_lpm_node *top,
				       struct ofl_lpm_base *b,
				       unsigned int *left)
{
	bool descend = b->glue || b == &top->b || !ofl_lpm_of(b)->route;

	while ((b = ofl_lpm_next(&top->b, b, descend))) {
		if (--*left == 0)
			return NULL;
		if (!b->glue && ofl_lpm_of(b)->route)
			return b;
		descend = true;
	}
	return NULL;
}

/* The routes right below n, summed up. */
struct gathered {
	struct ofl_value_term under_n;	/* all that are current */
	struct ofl_value_term behind_n; /* of these, those before the cursor */
	struct ofl_value_term in_u;	/* those in the sums of u, for u */
	bool pending;			/* some are not current */
};

/* False: there are too many to look at. */
static bool gather(const struct ofl_place *p, const struct ofl_lpm_tree *t,
		   const struct ofl_lpm_node *n, const struct ofl_lpm_node *u,
		   struct gathered *g)
{
	bool open = t->sum == OFL_SUM_OPEN, u_sums = sum_of(t, u) != 0;
	struct ofl_lpm_base *b = (struct ofl_lpm_base *)&n->b;
	unsigned int left = GATHER_MAX;

	memset(g, 0, sizeof(*g));
	while ((b = next_below(n, b, &left))) {
		const struct ofl_lpm_node *c = ofl_lpm_of(b);
		struct ofl_value_term term;

		if (!ofl_value_is_current(p, c)) {
			g->pending = true;
			continue;
		}
		term = term_of(p, n, c);
		term_add(&g->under_n, &term, 1);
		if (!open || is_behind(p, c))
			term_add(&g->behind_n, &term, 1);
		if (u_sums && is_in(p, t, u, c)) {
			term = term_of(p, u, c);
			term_add(&g->in_u, &term, 1);
		}
	}
	return left != 0;
}

static void restart(struct ofl_place *p, struct ofl_lpm_tree *t)
{
	struct ofl_lpm_node *n;

	for (n = p->pass.open; n; n = ofl_value_up(n))
		n->sum = OFL_SUM_NONE;
	p->pass.open = NULL;
	p->pass.cursor = (struct ofl_prefix){.family = t->family};
	t->top = (struct ofl_worth){0};
	t->sum = OFL_SUM_OPEN;
}

/* n and what covers it are no longer current: they are summed again. */
static void dissolve(struct ofl_place *p, struct ofl_lpm_tree *t,
		     struct ofl_lpm_node *n)
{
	if (p->pass.tree == t)
		restart(p, t);
	else
		t->sum = OFL_SUM_NONE;
	for (; n; n = ofl_value_up(n))
		n->sum = OFL_SUM_NONE;
}

static void set_sums(struct ofl_lpm_node *n, const struct ofl_value_term *t)
{
	n->out = t->out;
	n->in = ofl_worth_add(t->in, ofl_value_own(n));
	n->blocked = t->blocked;
}

/* n's place is inside what is being summed, and the cursor in n. */
static void join_open(struct ofl_place *p, struct ofl_lpm_node *n,
		      const struct ofl_lpm_node *u, const struct gathered *g)
{
	set_sums(n, &g->behind_n);
	n->sum = OFL_SUM_OPEN;
	if (p->pass.open == u)
		p->pass.open = n;
}

static bool holds_cursor(const struct ofl_place *p,
			 const struct ofl_lpm_node *n)
{
	struct ofl_prefix prefix = ofl_lpm_prefix(&n->b);

	return ofl_prefix_contains(&prefix, &p->pass.cursor);
}

void ofl_value_join(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_tree *t = ofl_lpm_tree_of(p, n);
	struct ofl_lpm_node *u = ofl_value_up(n);
	struct ofl_value_term delta = {{0}};
	struct gathered g;

	if (!gather(p, t, n, u, &g)) {
		dissolve(p, t, n);
		return;
	}
	term_add(&delta, &g.in_u, -1);
	if (t->sum == OFL_SUM_OPEN && is_behind(p, n) && holds_cursor(p, n)) {
		join_open(p, n, u, &g);
	} else if (!g.pending) {
		set_sums(n, &g.under_n);
		n->sum = p->sum;
		if (is_in(p, t, u, n)) {
			struct ofl_value_term own = term_of(p, u, n);

			term_add(&delta, &own, 1);
		}
	} else {
		n->sum = OFL_SUM_NONE;
	}
	ascend(p, t, u, delta);
}

void ofl_value_leave(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_tree *t = ofl_lpm_tree_of(p, n);
	struct ofl_lpm_node *u = ofl_value_up(n);
	struct ofl_value_term delta = {{0}};
	struct gathered g;

	if (n->sum == OFL_SUM_OPEN && p->pass.open == n)
		p->pass.open = u;
	if (!ofl_value_is_current(p, n) && n->sum != OFL_SUM_OPEN) {
		n->sum = OFL_SUM_NONE;
		return;
	}
	if (ofl_value_is_current(p, n) && is_in(p, t, u, n)) {
		struct ofl_value_term own = term_of(p, u, n);

		term_add(&delta, &own, -1);
	}
	if (!u && (n->sum == OFL_SUM_OPEN || t->sum == p->sum)) {
		/* The top asks only what is in n's own sum. */
		delta.out = ofl_worth_add(delta.out, n->out);
	} else if (sum_of(t, u) != OFL_SUM_NONE) {
		if (!gather(p, t, n, u, &g)) {
			n->sum = OFL_SUM_NONE;
			dissolve(p, t, u);
			return;
		}
		term_add(&delta, &g.in_u, 1);
	}
	n->sum = OFL_SUM_NONE;
	ascend(p, t, u, delta);
}

struct ofl_value_change ofl_value_begin(const struct ofl_place *p,
					const struct ofl_lpm_node *n)
{
	return (struct ofl_value_change){
		.term = term_of(p, ofl_value_up(n), n),
		.own = ofl_value_own(n),
	};
}

void ofl_value_commit(struct ofl_place *p, struct ofl_lpm_node *n,
		      const struct ofl_value_change *change)
{
	struct ofl_lpm_tree *t = ofl_lpm_tree_of(p, n);
	struct ofl_lpm_node *u = ofl_value_up(n);
	struct ofl_value_term delta;

	if (!ofl_value_is_current(p, n) && n->sum != OFL_SUM_OPEN)
		return;
	n->in = ofl_worth_add(n->in,
			      ofl_worth_sub(ofl_value_own(n), change->own));
	if (n->sum == OFL_SUM_OPEN || !is_in(p, t, u, n))
		return;
	delta = term_of(p, u, n);
	term_add(&delta, &change->term, -1);
	ascend(p, t, u, delta);
}

/* --- all again --- */
void ofl_value_forget(struct ofl_place *p, struct ofl_lpm_tree *t)
{
	if (p->pass.tree == t)
		p->pass.tree = NULL;
}

void ofl_value_reset(struct ofl_place *p)
{
	struct ofl_lpm_node *n;
	uint64_t at = 0;

	while ((n = ofl_lpm_scan(p, &at)))
		n->sum = OFL_SUM_NONE;
	for (uint32_t i = 0; i < p->tree_size; i++) {
		if (p->tree[i]) {
			p->tree[i]->sum = OFL_SUM_NONE;
			p->tree[i]->top = (struct ofl_worth){0};
		}
	}
	p->pass.tree = NULL;
	p->pass.open = NULL;
}

void ofl_value_floor_changed(struct ofl_place *p, int64_t was)
{
	int64_t floor = ofl_value_floor(p), now = p->price.best_effort;

	if (floor == was || p->price.critical)
		return;
	/* Only a price above the floor says that slots are scarce. */
	p->price.best_effort = now <= was ? floor : MAX(now, floor);
	ofl_value_reset(p);
}

void ofl_value_price_set(struct ofl_place *p, struct ofl_worth price)
{
	assert(ofl_value_is_settled(p));
	p->price = price;
	p->sum = p->sum == OFL_SUM_EVEN ? OFL_SUM_ODD : OFL_SUM_EVEN;
	for (uint32_t i = 0; i < p->tree_size; i++) {
		if (p->tree[i])
			p->tree[i]->sum = OFL_SUM_NONE;
	}
}

/* c's sums are made: add it to what is open above it. */
static void close_into(struct ofl_place *p, struct ofl_lpm_tree *t,
		       struct ofl_lpm_node *c)
{
	struct ofl_lpm_node *u = p->pass.open;
	struct ofl_value_term term = term_of(p, u, c);

	if (!u) {
		t->top = ofl_worth_add(t->top, term.out);
		return;
	}
	u->out = ofl_worth_add(u->out, term.out);
	u->in = ofl_worth_add(u->in, term.in);
	u->blocked += term.blocked;
}

static void close_open(struct ofl_place *p, struct ofl_lpm_tree *t)
{
	struct ofl_lpm_node *n = p->pass.open;

	p->pass.open = ofl_value_up(n);
	n->sum = p->sum;
	if (n->b.child[0] || n->b.child[1] || n->want == OFL_ENTRY_PUNT)
		ofl_choice_touch(p, n);
	close_into(p, t, n);
}

static bool contains(const struct ofl_lpm_base *outer,
		     const struct ofl_lpm_base *b)
{
	return outer->plen <= b->plen &&
	       ofl_addr_common(outer->addr, b->addr, outer->plen) ==
		       outer->plen;
}

/* Look at n; false: what is below it is in its sums already. */
static bool visit(struct ofl_place *p, struct ofl_lpm_tree *t,
		  struct ofl_lpm_node *n)
{
	if (!n->route)
		return true;
	if (ofl_value_is_current(p, n)) {
		close_into(p, t, n);
		return false;
	}
	n->out = (struct ofl_worth){0};
	n->in = ofl_value_own(n);
	n->blocked = 0;
	n->sum = OFL_SUM_OPEN;
	p->pass.open = n;
	return true;
}

/* A step within one tree; returns what is left of `budget`, 0: not done. */
static unsigned int run_tree(struct ofl_place *p, struct ofl_lpm_tree *t,
			     unsigned int budget)
{
	struct ofl_lpm_base *root = ofl_lpm_at(t->root);
	struct ofl_lpm_base *b = ofl_lpm_seek(t, &p->pass.cursor);

	while (b && budget) {
		bool descend = true;

		budget--;
		while (p->pass.open && !contains(&p->pass.open->b, b))
			close_open(p, t);
		if (!b->glue)
			descend = visit(p, t, ofl_lpm_of(b));
		b = ofl_lpm_next(root, b, descend);
	}
	/* Between steps exactly those that contain the cursor are open. */
	while (p->pass.open && !(b && contains(&p->pass.open->b, b)))
		close_open(p, t);
	if (b) {
		p->pass.cursor = ofl_lpm_prefix(b);
		return 0;
	}
	t->sum = p->sum;
	p->pass.tree = NULL;
	return budget + 1;
}

static struct ofl_lpm_tree *unsummed_tree(const struct ofl_place *p)
{
	for (uint32_t i = 0; i < p->tree_size; i++) {
		if (p->tree[i] && p->tree[i]->sum != p->sum)
			return p->tree[i];
	}
	return NULL;
}

bool ofl_value_run(struct ofl_place *p, unsigned int budget)
{
	while (budget) {
		if (!p->pass.tree) {
			p->pass.tree = unsummed_tree(p);
			if (!p->pass.tree)
				return false;
			p->pass.open = NULL;
			restart(p, p->pass.tree);
		}
		budget = run_tree(p, p->pass.tree, budget);
	}
	return true;
}

bool ofl_value_is_settled(const struct ofl_place *p)
{
	return !p->pass.tree && !unsummed_tree(p);
}

struct ofl_worth ofl_value_top(const struct ofl_place *p)
{
	struct ofl_worth sum = {0};

	for (uint32_t i = 0; i < p->tree_size; i++) {
		if (p->tree[i])
			sum = ofl_worth_add(sum, p->tree[i]->top);
	}
	return sum;
}
