// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a slot costs: the price at which the best choice of entries is as large
 * as the watermarks want.
 *
 * The slots that the best choice takes fall as the price rises.  A search asks
 * for several prices at once: one walk through the forest from the leaves up
 * makes the sums of value.h at each of them, in frames of its own (one for
 * each route that covers the cursor), without touching the forest.  Then it
 * looks closer between the two prices that are too low and high enough.  The
 * walk is cut into steps; what changes meanwhile makes the result a little
 * older, not wrong: any price gives a sound plan and a sound certificate.
 *
 * Prices are points on one line: those of best effort first, from the floor up
 * (conf.least_gain), then those of critical routes, at which best effort is
 * worth nothing.
 */
#include <zebra.h>

#include <math.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/choice.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_PRICE, "offload placement price search");

#define LANES 8
#define FRAMES 131		/* routes that cover each other, at most */
#define TURN (INT64_C(1) << 46) /* points up to here are best effort's */
#define POINT_MAX (2 * TURN)
#define ROUNDS_MAX 12

/* The sums of a route at one price; and the slots that come with them. */
struct lane {
	struct ofl_worth out, in;
	int64_t out_slots, in_slots;
};

struct frame {
	struct ofl_prefix prefix;
	uint32_t identity; /* 0: may not be answered */
	uint16_t cost;
	bool refused, punt_failed, blocked;
	struct lane lane[LANES];
};

struct ofl_price_search {
	int64_t point[LANES];
	struct ofl_worth cost[2][LANES]; /* of an entry, IPv4 and IPv6, at it */
	int64_t slots[LANES];	/* what the best choice takes at each */
	int64_t low, high;	/* too cheap; dear enough */
	int64_t high_slots;	/* at `high` */
	int64_t critical_slots; /* with no best effort at all; -1: not known */
	int64_t target;
	int64_t now; /* the price that stands, if it is best effort's and above
		      * the floor; 0: none */
	int64_t floor; /* no price of best effort's is below it */
	unsigned int rounds;

	uint32_t tree;		  /* walked now, by id */
	struct ofl_prefix cursor; /* in it */
	bool within;		  /* the cursor is set */
	unsigned int depth;
	struct frame frame[FRAMES];
};

static struct ofl_worth price_at(int64_t point)
{
	if (point <= TURN)
		return (struct ofl_worth){.best_effort = point};
	return (struct ofl_worth){.critical = point - TURN};
}

static int64_t point_of(struct ofl_worth price)
{
	return price.critical ? TURN + price.critical : price.best_effort;
}

/* --- one walk --- */

/* Frame f, whose sums are made, adds to the one above it or to the total. */
static void close_frame(struct ofl_price_search *s)
{
	struct frame *f = &s->frame[--s->depth];
	struct frame *u = s->depth ? &s->frame[s->depth - 1] : NULL;
	bool answered = f->identity && !f->blocked;
	bool real = answered && !f->refused;
	bool alike = u && answered && u->identity == f->identity;

	if (u && !alike && !real && f->punt_failed)
		u->blocked = true;
	for (unsigned int i = 0; i < LANES; i++) {
		const struct lane *l = &f->lane[i];
		struct ofl_worth cost =
			s->cost[f->prefix.family == AF_INET6][i];
		struct ofl_worth in = ofl_worth_sub(l->in, cost);
		struct ofl_worth punt = ofl_worth_sub(l->out, cost);
		bool better = real && ofl_worth_cmp(in, l->out) > 0;
		int64_t out_slots =
			better ? l->in_slots + f->cost : l->out_slots;
		struct lane *to;

		if (!u) {
			s->slots[i] += out_slots;
			continue;
		}
		to = &u->lane[i];
		to->out = ofl_worth_add(to->out, better ? in : l->out);
		to->out_slots += out_slots;
		if (alike &&
		    (f->punt_failed || ofl_worth_cmp(l->in, punt) >= 0)) {
			to->in = ofl_worth_add(to->in, l->in);
			to->in_slots += l->in_slots;
		} else if (!alike && real &&
			   (f->punt_failed || ofl_worth_cmp(in, punt) >= 0)) {
			to->in = ofl_worth_add(to->in, in);
			to->in_slots += l->in_slots + f->cost;
		} else {
			to->in = ofl_worth_add(to->in, punt);
			to->in_slots += l->out_slots + f->cost;
		}
	}
}

/* A route without any below it: its frame need not be made. */
static void add_leaf(const struct ofl_place *p, struct ofl_price_search *s,
		     const struct ofl_lpm_node *n)
{
	struct frame *u = s->depth ? &s->frame[s->depth - 1] : NULL;
	bool real = n->identity && n->fail == OFL_REASON_NONE;
	bool alike = u && n->identity && u->identity == n->identity;
	struct ofl_worth own = ofl_value_own(n);
	uint32_t slots = ofl_lpm_cost(p, n);

	if (u && !alike && !real && n->punt_failed)
		u->blocked = true;
	for (unsigned int i = 0; i < LANES; i++) {
		struct ofl_worth cost = s->cost[n->b.v6][i];
		struct ofl_worth in = ofl_worth_sub(own, cost);
		bool better =
			real && ofl_worth_cmp(in, (struct ofl_worth){0}) > 0;
		struct lane *to;

		if (!u) {
			s->slots[i] += better ? slots : 0;
			continue;
		}
		to = &u->lane[i];
		if (better) {
			to->out = ofl_worth_add(to->out, in);
			to->out_slots += slots;
		}
		if (alike) {
			to->in = ofl_worth_add(to->in, own);
			continue;
		}
		to->in_slots += slots;
		to->in = real ? ofl_worth_add(to->in, in)
			      : ofl_worth_sub(to->in, cost);
	}
}

static bool frame_contains(const struct frame *f, const struct ofl_lpm_base *b)
{
	return f->prefix.plen <= b->plen &&
	       ofl_addr_common(f->prefix.addr, b->addr, f->prefix.plen) ==
		       f->prefix.plen;
}

static void open_frame(const struct ofl_place *p, struct ofl_price_search *s,
		       const struct ofl_lpm_node *n)
{
	struct frame *f = &s->frame[s->depth++];
	struct ofl_worth own = ofl_value_own(n);

	f->prefix = ofl_lpm_prefix(&n->b);
	f->identity = n->identity;
	f->cost = ofl_lpm_cost(p, n);
	f->refused = n->fail != OFL_REASON_NONE;
	f->punt_failed = n->punt_failed;
	f->blocked = false;
	memset(f->lane, 0, sizeof(f->lane));
	for (unsigned int i = 0; i < LANES; i++)
		f->lane[i].in = own;
}

/* A step through one tree; what is left of `budget`, 0: not done. */
static unsigned int walk_tree(const struct ofl_place *p,
			      struct ofl_price_search *s,
			      const struct ofl_lpm_tree *t, unsigned int budget)
{
	struct ofl_lpm_base *root = ofl_lpm_at(t->root), *b = root;

	if (s->within)
		b = ofl_lpm_seek(t, &s->cursor);
	for (; b && budget; b = ofl_lpm_next(root, b, true)) {
		budget--;
		while (s->depth && !frame_contains(&s->frame[s->depth - 1], b))
			close_frame(s);
		if (b->glue || !ofl_lpm_of(b)->route)
			continue;
		if (b->child[0] || b->child[1])
			open_frame(p, s, ofl_lpm_of(b));
		else
			add_leaf(p, s, ofl_lpm_of(b));
	}
	s->within = b != NULL;
	if (b) {
		s->cursor = ofl_lpm_prefix(b);
		return 0;
	}
	while (s->depth)
		close_frame(s);
	return budget + 1;
}

/* False: every tree was walked. */
static bool walk(const struct ofl_place *p, struct ofl_price_search *s,
		 unsigned int budget)
{
	while (budget && s->tree < p->tree_size) {
		const struct ofl_lpm_tree *t = p->tree[s->tree];

		if (t)
			budget = walk_tree(p, s, t, budget);
		if (!t || !s->within) {
			/* A tree that went away leaves its frames. */
			s->depth = 0;
			s->within = false;
			s->tree++;
		}
	}
	return s->tree < p->tree_size;
}

/* --- which prices to ask for --- */
static void walk_again(const struct ofl_place *p, struct ofl_price_search *s)
{
	for (unsigned int i = 0; i < LANES; i++) {
		struct ofl_worth price = price_at(s->point[i]);

		s->cost[0][i] = ofl_worth_mul(price, p->conf.cost_v4_slots);
		s->cost[1][i] = ofl_worth_mul(price, p->conf.cost_v6_slots);
	}
	s->tree = 0;
	s->within = false;
	s->depth = 0;
	memset(s->slots, 0, sizeof(s->slots));
}

/* The last point of the lanes ends best effort: what critical routes take. */
static void first_points(struct ofl_price_search *s, int64_t now)
{
	static const unsigned int percent[] = {60, 90, 100, 111, 160};

	if (now <= s->floor || now > TURN) {
		for (unsigned int i = 1; i < LANES - 1; i++)
			s->point[i] = INT64_C(1) << (6 + 6 * i);
	} else {
		s->point[1] = now / 8;
		for (unsigned int i = 0; i < array_size(percent); i++)
			s->point[i + 2] =
				MIN(now / 100 * percent[i] +
					    now % 100 * percent[i] / 100,
				    TURN - LANES + i);
	}
	s->point[0] = 0;
	for (unsigned int i = 0; i < LANES - 1; i++)
		s->point[i] = MAX(s->point[i], s->floor);
	s->point[LANES - 1] = TURN + 1;
}

struct ofl_price_search *ofl_price_search_new(struct ofl_place *p)
{
	struct ofl_price_search *s = XCALLOC(MTYPE_OFL_PRICE, sizeof(*s));

	p->st.searches++;
	s->floor = ofl_value_floor(p);
	s->low = s->floor - 1;
	s->high = POINT_MAX;
	s->critical_slots = -1;
	if (p->price.best_effort > s->floor)
		s->now = p->price.best_effort;
	first_points(s, point_of(p->price));
	walk_again(p, s);
	return s;
}

void ofl_price_search_free(struct ofl_price_search *s)
{
	XFREE(MTYPE_OFL_PRICE, s);
}

/* How much the best choice shall take.  Room for best effort is what the
 * watermarks leave beside what critical routes take anyway. */
static int64_t target_of(const struct ofl_place *p, int64_t critical_slots)
{
	int64_t high = ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT);
	int64_t middle = (high + MIN(p->mark.low_slots, high) + 1) / 2;

	if (critical_slots > ofl_choice_capacity(p))
		return ofl_choice_capacity(p);
	if (critical_slots > high)
		return critical_slots;
	return critical_slots > middle ? high : middle;
}

static int64_t between(int64_t low, int64_t high, unsigned int i)
{
	double from = low > TURN ? low - TURN : MAX(low, 1);
	double to = high > TURN ? high - TURN : high;
	int64_t base = low >= TURN ? TURN : 0;

	if (low < TURN && high > TURN)
		to = TURN;
	if (low == TURN)
		from = 1;
	return base + (int64_t)(from * pow(to / from, i / (LANES + 1.0)));
}

/* New points between low and high; false: close enough. */
static bool next_points(const struct ofl_place *p, struct ofl_price_search *s)
{
	int64_t last = s->low, size = s->high > TURN ? s->high - TURN : s->high;

	if (s->high - s->low <= 1 || s->rounds >= ROUNDS_MAX ||
	    (s->low > 0 && s->high - s->low <= size / 512) ||
	    s->target - s->high_slots <= s->target / 512)
		return false;
	for (unsigned int i = 0; i < LANES; i++) {
		last = MAX(between(s->low, s->high, i + 1), last + 1);
		s->point[i] = MIN(last, s->high);
	}
	walk_again(p, s);
	return true;
}

/* Between the watermarks a price is left as it is. */
static bool is_still_right(const struct ofl_place *p,
			   const struct ofl_price_search *s)
{
	int64_t high = ofl_choice_limit(p, OFL_CLASS_BEST_EFFORT);

	for (unsigned int i = 0; s->now && i < LANES; i++) {
		if (s->point[i] == s->now)
			return s->slots[i] >= p->mark.low_slots &&
			       s->slots[i] <= high;
	}
	return false;
}

/* One walk is done: which of its prices enclose the one that is asked for? */
static bool narrow(const struct ofl_place *p, struct ofl_price_search *s)
{
	if (s->critical_slots < 0) {
		s->critical_slots = s->slots[LANES - 1];
		s->target = target_of(p, s->critical_slots);
		if (is_still_right(p, s)) {
			s->high = s->now;
			return false;
		}
	}
	s->rounds++;
	for (unsigned int i = 0; i < LANES; i++) {
		if (s->slots[i] <= s->target) {
			if (s->point[i] <= s->high) {
				s->high = s->point[i];
				s->high_slots = s->slots[i];
			}
			break;
		}
		s->low = MAX(s->low, s->point[i]);
	}
	return next_points(p, s);
}

bool ofl_price_search_run(struct ofl_place *p, struct ofl_price_search *s,
			  unsigned int budget)
{
	if (walk(p, s, budget))
		return true;
	return narrow(p, s);
}

struct ofl_worth ofl_price_search_result(const struct ofl_price_search *s)
{
	return price_at(s->high);
}
