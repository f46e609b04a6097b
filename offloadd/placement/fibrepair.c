// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which repair: the route to offer again, and the entry to take out for it; see
 * fibview.h for why that is enough.
 *
 * A route is tried a few times, each later than the one before, then rarely: a
 * driver that refuses it for another reason than room is not asked in a circle.
 * It decides about one repair at a time and knows the outcome of the others
 * only from what the kernel says.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/fibview_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBPATIENT, "offload repairs");

#define TRIES 3		   /* in quick succession */
#define PAUSE_US 1000000u  /* behind the first, then four times as long */
#define LEFT_US 600000000u /* between those that follow */
#define REST_US 30000000u  /* mended for so long: forgotten */
#define LOOK_MAX 4096	   /* patients looked at in one call, */
#define TREAT_MAX 32	   /* ... and how many of them closely */
#define PATIENTS_MAX 4096  /* who are offered only because there is room */
#define COUNT_MAX 1024	   /* nodes, where shadowed ones are counted */
#define NO_CANDIDATE UINT32_MAX

/* --- who may leave --- */

/* May it leave hardware without harm to its own packets?  *ret_cost: what is
 * lost for hardware by it. */
static bool may_leave(const struct ofl_fibview *v, const struct ofl_fibnode *n,
		      uint32_t *ret_cost)
{
	const struct ofl_fibnode *above;

	if (!ofl_fibnode_is_entry(n) || !n->is_flow || n->fixed || n->busy ||
	    !n->writable || n->cls == OFL_CLASS_CRITICAL)
		return false;
	above = ofl_fibnode_entry_above(&v->forest, n);
	*ret_cost = n->cls == OFL_CLASS_NEVER ? 0 : n->weight;
	if (n->state == OFL_FIB_TRAPPED)
		*ret_cost = 0;
	if (!above || above->state == OFL_FIB_TRAPPED)
		return true;
	*ret_cost = 0; /* the one above does as it did */
	return n->state == OFL_FIB_OFFLOADED && above->way == n->way;
}

/* `f` is about to be an entry: that must not steal the packets of n. */
static bool may_leave_for(const struct ofl_fibnode *n,
			  const struct ofl_fibnode *f)
{
	return n != f && (!ofl_fibnode_is_below(n, f) || n->way == f->way);
}

/* How many shadowed ones does `top` shadow?  At least 1, and not all of very
 * many. */
static uint32_t count_shadowed(const struct ofl_fibview *v, uint32_t top)
{
	uint32_t found = 0, h = 0;
	bool descend = true;

	for (int i = 0; i < COUNT_MAX; i++) {
		const struct ofl_fibnode *n;

		h = ofl_fibnode_next(&v->forest, top, h, descend);
		n = ofl_fibnode_at(&v->forest, h);
		if (!n)
			break;
		descend = !ofl_fibnode_is_entry(n);
		found += n->shadowed;
	}
	return MAX(found, 1);
}

static uint32_t handle_of(const struct ofl_fibview *v,
			  const struct ofl_fibnode *n)
{
	const struct ofl_fibnode *up = ofl_fibnode_at(&v->forest, n->parent);

	return up ? up->child[ofl_addr_bit(n->addr, up->plen)]
		  : v->forest.tree[n->tree]->root;
}

struct candidate {
	struct ofl_fibnode *n; /* NULL: none */
	uint32_t cost;
	uint32_t gain; /* how many it mends */
};

/* Is a cheaper for what it mends?  Among equals the first. */
static bool is_cheaper(const struct candidate *a, const struct candidate *b)
{
	return a->n && (!b->n || (uint64_t)a->cost * b->gain <
					 (uint64_t)b->cost * a->gain);
}

/* Of those above f.  Taking out the nearest mends all that it shadows. */
static struct candidate best_above(const struct ofl_fibview *v,
				   const struct ofl_fibnode *f)
{
	struct ofl_fibnode *n = ofl_fibnode_entry_above(&v->forest, f);
	struct candidate best = {.gain = 1}, c = {.gain = 1};

	c.gain = n ? count_shadowed(v, handle_of(v, n)) : 1;
	for (; n; n = ofl_fibnode_entry_above(&v->forest, n)) {
		c.n = may_leave(v, n, &c.cost) ? n : NULL;
		if (is_cheaper(&c, &best))
			best = c;
		c.gain = 1;
	}
	return best;
}

/* --- the pool: the cheapest of all --- */

static void pool_insert(struct ofl_fibpool *pool, uint32_t handle,
			uint32_t cost)
{
	unsigned int at = MIN(pool->count, OFL_FIBPOOL - 1);

	if (pool->count == OFL_FIBPOOL && pool->cost[at] <= cost)
		return;
	for (; at > 0 && pool->cost[at - 1] > cost; at--) {
		pool->handle[at] = pool->handle[at - 1];
		pool->cost[at] = pool->cost[at - 1];
	}
	pool->handle[at] = handle;
	pool->cost[at] = cost;
	pool->count = MIN(pool->count + 1, OFL_FIBPOOL);
}

static void pool_begin(struct ofl_fibpool *pool, unsigned int v6)
{
	pool->count = 0;
	pool->at = (uint64_t)v6 << 32;
	pool->looking = true;
	pool->complete = false;
}

static bool pool_look(struct ofl_fibview *v, unsigned int v6,
		      unsigned int budget)
{
	struct ofl_fibpool *pool = &v->pool[v6];
	uint32_t cost;

	while (pool->looking && budget--) {
		uint32_t h = ofl_fibnode_scan(&v->forest, &pool->at);
		const struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

		if (!n || n->v6 != v6) {
			pool->looking = false;
			pool->complete = true;
		} else if (n->known && may_leave(v, n, &cost)) {
			pool_insert(pool, h, cost);
		}
	}
	return pool->looking;
}

/* The cheapest of the pool that still may leave. */
static struct candidate best_pooled(struct ofl_fibview *v,
				    const struct ofl_fibnode *f)
{
	const struct ofl_slab_kind *kind = &v->forest.nodes[f->v6];
	struct ofl_fibpool *pool = &v->pool[f->v6];
	struct candidate best = {.gain = 1}, c = {.gain = 1};

	for (unsigned int i = 0; i < pool->count; i++) {
		c.n = ofl_slab_find(kind, pool->handle[i]);
		if (c.n && c.n->known && may_leave(v, c.n, &c.cost) &&
		    may_leave_for(c.n, f) && is_cheaper(&c, &best))
			best = c;
	}
	return best;
}

bool ofl_fibrepair_work(struct ofl_fibview *v, unsigned int budget)
{
	bool more = false;

	for (unsigned int v6 = 0; v6 < 2; v6++)
		more |= pool_look(v, v6, budget);
	return more;
}

static struct candidate choose(struct ofl_fibview *v,
			       const struct ofl_fibnode *f)
{
	struct ofl_fibpool *pool = &v->pool[f->v6];
	struct candidate above = best_above(v, f), pooled;

	/* What is not large is looked at as a whole, now. */
	if (!pool->looking &&
	    (!pool->complete || v->forest.nodes[f->v6].count <= COUNT_MAX))
		pool_begin(pool, f->v6);
	pool_look(v, f->v6, COUNT_MAX);
	pooled = best_pooled(v, f);
	if (!pooled.n && pool->complete)
		pool->complete = false; /* used up: look anew next time */
	return is_cheaper(&pooled, &above) ? pooled : above;
}

/* --- patients --- */

bool ofl_fibrepair_is_wanted(const struct ofl_fibview *v,
			     const struct ofl_fibnode *n)
{
	return v->has_room && v->repair != OFL_FIB_REPAIR_NONE && n->route &&
	       n->state == OFL_FIB_FAILED && n->writable && !n->left &&
	       (n->patient || v->patient_count < PATIENTS_MAX);
}

void ofl_fibrepair_add(struct ofl_fibview *v, uint32_t handle)
{
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, handle);

	if (v->patient_count == v->patient_size) {
		v->patient_size = v->patient_size ? 2 * v->patient_size : 64;
		v->patients = XREALLOC(MTYPE_OFL_FIBPATIENT, v->patients,
				       v->patient_size * sizeof(*v->patients));
	}
	v->patients[v->patient_count++] =
		(struct ofl_fibpatient){.handle = handle};
	v->idle = 0;
	n->patient = true;
}

static void given_up_set(struct ofl_fibview *v, uint32_t handle, bool on)
{
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, handle);

	if (n->given_up == on)
		return;
	n->given_up = on;
	v->st.given_up += on ? 1 : -1;
	ofl_fibview_mark(v, handle);
}

static void begin_anew(struct ofl_fibview *v, struct ofl_fibpatient *p)
{
	p->tries = 0;
	p->due_us = 0;
	given_up_set(v, p->handle, false);
}

void ofl_fibrepair_restart(struct ofl_fibview *v, uint32_t handle)
{
	for (size_t i = 0; i < v->patient_count; i++) {
		if (v->patients[i].handle == handle)
			begin_anew(v, &v->patients[i]);
	}
}

void ofl_fibview_policy_set(struct ofl_fibview *v, enum ofl_fib_repair repair,
			    bool has_room)
{
	for (size_t i = 0; i < v->patient_count && repair != v->repair; i++)
		begin_anew(v, &v->patients[i]);
	if (has_room && (!v->has_room || repair != v->repair)) {
		v->again = v->fresh = true;
		v->again_at = 0;
	}
	v->repair = repair;
	v->has_room = has_room;
}

static void discharge(struct ofl_fibview *v, size_t i)
{
	uint32_t handle = v->patients[i].handle;

	given_up_set(v, handle, false);
	ofl_fibnode_at(&v->forest, handle)->patient = false;
	v->patients[i] = v->patients[--v->patient_count];
	ofl_fibview_forget(v, handle);
}

/* One more try has begun. */
static void tried(struct ofl_fibview *v, struct ofl_fibpatient *p,
		  uint64_t now_us)
{
	uint64_t pause_us = PAUSE_US << (2 * p->tries);

	if (p->tries < TRIES)
		p->tries++;
	else
		pause_us = LEFT_US;
	p->due_us = now_us + pause_us;
	v->st.steps++;
}

/* Nothing helped: say so, and ask rarely. */
static bool give_up(struct ofl_fibview *v, struct ofl_fibpatient *p,
		    uint64_t now_us)
{
	given_up_set(v, p->handle, true);
	p->due_us = now_us + LEFT_US;
	return false;
}

static bool treat(struct ofl_fibview *v, struct ofl_fibpatient *p,
		  uint64_t now_us, struct ofl_fib_step *ret)
{
	struct ofl_fibnode *f = ofl_fibnode_at(&v->forest, p->handle);
	bool first_again = v->has_room && (p->tries == 0 || !f->shadowed);
	struct candidate c = {NULL};

	if (p->tries == TRIES && !f->shadowed) {
		f->left = true;
		return false;
	}
	if (p->tries == TRIES && !f->given_up)
		return give_up(v, p, now_us);
	if (f->writable && v->repair == OFL_FIB_REPAIR_DEMOTE && !first_again)
		c = choose(v, f);
	if (!f->writable || v->repair == OFL_FIB_REPAIR_NONE ||
	    (!c.n && !first_again && p->tries && !f->given_up))
		return give_up(v, p, now_us);
	*ret = (struct ofl_fib_step){
		.route = ofl_fibnode_key(&v->forest, f),
		.route_image = f->image,
	};
	if (c.n) {
		ret->demote = true;
		ret->victim = ofl_fibnode_key(&v->forest, c.n);
		ret->victim_image = c.n->image;
		c.n->busy = true;
		v->st.demoted += !c.n->demoted;
		c.n->demoted = true;
	}
	tried(v, p, now_us);
	return true;
}

bool ofl_fibview_repair_next(struct ofl_fibview *v, uint64_t now_us,
			     struct ofl_fib_step *ret)
{
	/* Against an old list, or half of a new one, nothing is decided. */
	if (v->sweeping)
		return false;
	if (v->idle >= v->patient_count) {
		if (ofl_fibview_repair_due_us(v) > now_us)
			return false;
		v->idle = 0;
	}
	v->look_us = now_us;
	for (unsigned int i = 0; i < LOOK_MAX && v->patient_count; i++) {
		size_t at = v->patient_next % v->patient_count;
		struct ofl_fibpatient *p = &v->patients[at];
		struct ofl_fibnode *f = ofl_fibnode_at(&v->forest, p->handle);
		bool wanted = f->shadowed || ofl_fibrepair_is_wanted(v, f);

		v->patient_next = at + 1;
		v->idle++;
		if (!wanted && (!p->tries || now_us > p->due_us + REST_US)) {
			discharge(v, at);
		} else if (wanted && now_us >= p->due_us) {
			if (treat(v, p, now_us, ret)) {
				v->idle = 0;
				return true;
			}
			i += LOOK_MAX / TREAT_MAX;
		}
	}
	return false;
}

void ofl_fibview_repair_abort(struct ofl_fibview *v,
			      const struct ofl_fib_step *step)
{
	struct ofl_fibnode *n = ofl_fibnode_at(
		&v->forest,
		step->demote ? ofl_fibnode_find(&v->forest, &step->victim) : 0);

	if (!n || !n->busy)
		return;
	n->busy = false;
	v->st.demoted -= n->demoted;
	n->demoted = false;
}

uint64_t ofl_fibview_repair_due_us(const struct ofl_fibview *v)
{
	uint64_t due_us = UINT64_MAX;

	if (v->sweeping)
		return due_us;
	/* Too many to ask each: round after round, with pauses. */
	if (v->patient_count > LOOK_MAX)
		return v->idle < v->patient_count ? 0 : v->look_us + PAUSE_US;
	for (size_t i = 0; i < v->patient_count; i++) {
		const struct ofl_fibpatient *p = &v->patients[i];
		const struct ofl_fibnode *f =
			ofl_fibnode_at(&v->forest, p->handle);

		bool wanted = f->shadowed || ofl_fibrepair_is_wanted(v, f);

		due_us = MIN(due_us, p->due_us + (wanted ? 0 : REST_US));
	}
	return due_us;
}

void ofl_fibrepair_fini(struct ofl_fibview *v)
{
	XFREE(MTYPE_OFL_FIBPATIENT, v->patients);
}
