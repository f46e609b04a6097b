/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What routes are worth in and out of hardware (private to the placement
 * room).  Kept as running sums: a change walks up its few covering routes.
 *
 * For route v with price P a slot and cost c slots (the recursion and its proof
 * of optimality are doc/decisions/0006-price.md):
 *
 *   out(v) = sum over routes c right below of U(c)
 *   in(v)  = own(v) + sum over routes c right below of R(v, c)
 *   U(c)   = max(out, in - P*c)           nothing real above c
 *   R(v,c) = max(in, out - P*c)           c forwards like v: elided, or
 * shielded max(out, in) - P*c           otherwise: a punt, or real
 *
 * P is never below conf.least_gain, so that what is worth less than that is
 * worth no entry in any sum (doc/decisions/0024-least-gain.md).
 *
 * A route that hardware may not answer has no `in`; one that hardware refused
 * to take has no `in - P*c`; where hardware refused a cover there is no punt,
 * and where nothing is left the route forbids any entry right above it
 * (`blocked`).
 */
#ifndef OFFLOADD_PLACEMENT_VALUE_H
#define OFFLOADD_PLACEMENT_VALUE_H

#include "offloadd/placement/lpm.h"

#define OFL_WORTH_SCALE 256 /* of a weight */

static inline int ofl_worth_cmp(struct ofl_worth a, struct ofl_worth b)
{
	if (a.critical != b.critical)
		return a.critical < b.critical ? -1 : 1;
	return a.best_effort < b.best_effort ? -1
					     : a.best_effort > b.best_effort;
}

static inline struct ofl_worth ofl_worth_add(struct ofl_worth a,
					     struct ofl_worth b)
{
	return (struct ofl_worth){a.critical + b.critical,
				  a.best_effort + b.best_effort};
}

static inline struct ofl_worth ofl_worth_sub(struct ofl_worth a,
					     struct ofl_worth b)
{
	return (struct ofl_worth){a.critical - b.critical,
				  a.best_effort - b.best_effort};
}

static inline struct ofl_worth ofl_worth_mul(struct ofl_worth a, int64_t n)
{
	return (struct ofl_worth){a.critical * n, a.best_effort * n};
}

/* What the route itself is worth while hardware answers it. */
struct ofl_worth ofl_value_own(const struct ofl_lpm_node *n);
/* May hardware answer n: by an entry of its own or, alike, by one above? */
static inline bool ofl_value_can_be_answered(const struct ofl_lpm_node *n)
{
	return n->route && n->identity && !n->blocked;
}
/* ... by an entry of its own? */
static inline bool ofl_value_can_be_real(const struct ofl_lpm_node *n)
{
	return ofl_value_can_be_answered(n) && n->fail == 0;
}
static inline bool ofl_value_is_current(const struct ofl_place *p,
					const struct ofl_lpm_node *n)
{
	return n->sum == p->sum;
}
/* Nearest route above, withdrawn ones passed over; or NULL. */
struct ofl_lpm_node *ofl_value_up(const struct ofl_lpm_node *n);
/* The price of n's entry. */
static inline struct ofl_worth ofl_value_cost(const struct ofl_place *p,
					      const struct ofl_lpm_node *n)
{
	return ofl_worth_mul(p->price, ofl_lpm_cost(p, n));
}

/* What a slot costs at the least, while the price is best effort's. */
static inline int64_t ofl_value_floor(const struct ofl_place *p)
{
	return (int64_t)p->conf.least_gain * OFL_WORTH_SCALE;
}
/* The price where there is room for all who are worth that. */
static inline struct ofl_worth ofl_value_floor_price(const struct ofl_place *p)
{
	return (struct ofl_worth){.best_effort = ofl_value_floor(p)};
}
/* Has the price to rise, or fall, where the floor was `was`? */
void ofl_value_floor_changed(struct ofl_place *p, int64_t was);

/* What a route adds to the sums of the one above it. */
struct ofl_value_term {
	struct ofl_worth out, in;
	uint32_t blocked; /* 0 or 1 */
};

void ofl_value_init(struct ofl_place *p);
/* A tree goes away. */
void ofl_value_forget(struct ofl_place *p, struct ofl_lpm_tree *t);
/* n's route came (n->route is true now), or is about to go or to change its
 * identity: leave, change, join. */
void ofl_value_join(struct ofl_place *p, struct ofl_lpm_node *n);
void ofl_value_leave(struct ofl_place *p, struct ofl_lpm_node *n);
/* Anything else of n changes: worth, what hardware refused.  begin() before,
 * commit() after. */
struct ofl_value_change {
	struct ofl_value_term term;
	struct ofl_worth own;
};
struct ofl_value_change ofl_value_begin(const struct ofl_place *p,
					const struct ofl_lpm_node *n);
void ofl_value_commit(struct ofl_place *p, struct ofl_lpm_node *n,
		      const struct ofl_value_change *change);
/* The costs of entries changed: no sum is right any longer. */
void ofl_value_reset(struct ofl_place *p);
/* Another price: all sums are to be made again.  Only when they are settled. */
void ofl_value_price_set(struct ofl_place *p, struct ofl_worth price);
/* Make sums, a step of about `budget` branch points; false: all are made. */
bool ofl_value_run(struct ofl_place *p, unsigned int budget);
/* Are all sums made? */
bool ofl_value_is_settled(const struct ofl_place *p);
/* Sum of U over the routes that no other covers, of all trees. */
struct ofl_worth ofl_value_top(const struct ofl_place *p);

#endif /* OFFLOADD_PLACEMENT_VALUE_H */
