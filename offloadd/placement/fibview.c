// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a driver made of the kernel's routes, and whose packets are stolen; see
 * fibview.h.
 *
 * Whether a route is shadowed is kept, not asked: it changes with the route
 * and with the entries above it.  Where an entry changes, the failed ones right
 * below are looked at at once, up to a bound; beyond it all failed ones are,
 * bit by bit.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/fibview_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBVIEW, "offload kernel routes");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBQUEUE, "offload kernel route queue");

#define LOOK_MAX 4096 /* nodes looked at within one call */

void ofl_fibqueue_add(struct ofl_fibqueue *q, uint32_t handle)
{
	if (q->count == q->size) {
		size_t size = q->size ? 2 * q->size : 64;
		uint32_t *to = XCALLOC(MTYPE_OFL_FIBQUEUE, size * sizeof(*to));

		for (size_t i = 0; i < q->count; i++)
			to[i] = q->handle[(q->head + i) % q->size];
		XFREE(MTYPE_OFL_FIBQUEUE, q->handle);
		q->handle = to;
		q->size = size;
		q->head = 0;
	}
	q->handle[(q->head + q->count++) % q->size] = handle;
}

uint32_t ofl_fibqueue_pop(struct ofl_fibqueue *q)
{
	uint32_t handle;

	if (!q->count) {
		XFREE(MTYPE_OFL_FIBQUEUE, q->handle);
		q->size = 0;
		return 0;
	}
	handle = q->handle[q->head];
	q->head = (q->head + 1) % q->size;
	q->count--;
	return handle;
}

void ofl_fibview_mark(struct ofl_fibview *v, uint32_t handle)
{
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, handle);

	if (n->changed)
		return;
	n->changed = true;
	ofl_fibqueue_add(&v->changed, handle);
}

void ofl_fibview_forget(struct ofl_fibview *v, uint32_t handle)
{
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, handle);

	if (n->route || n->is_flow || n->changed || n->patient)
		return;
	n->known = false;
	ofl_fibnode_del(&v->forest, handle);
}

/* --- is it shadowed? --- */

/* One that was offered again stays what it was until the driver answers. */
static bool is_stolen(const struct ofl_fibview *v, const struct ofl_fibnode *n)
{
	const struct ofl_fibnode *above;

	if (!n->route || ofl_fibnode_is_entry(n) ||
	    (n->state == OFL_FIB_NONE && !(n->shadowed && n->patient)))
		return false;
	above = ofl_fibnode_entry_above(&v->forest, n);
	return above && above->state == OFL_FIB_OFFLOADED &&
	       above->way != n->way;
}

static void look(struct ofl_fibview *v, uint32_t handle)
{
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, handle);
	bool now = is_stolen(v, n);

	if (now != n->shadowed) {
		n->shadowed = now;
		v->st.shadowed += now ? 1 : -1;
		v->st.mended += !now && n->patient && n->route;
		v->st.given_up -= n->given_up;
		n->given_up = false;
		ofl_fibview_mark(v, handle);
	}
	if (!n->patient && (now || ofl_fibrepair_is_wanted(v, n)))
		ofl_fibrepair_add(v, handle);
}

/* The entry at `top` came, went or leads elsewhere. */
static void look_below(struct ofl_fibview *v, uint32_t top)
{
	unsigned int looked = 0;
	bool descend = true;
	uint32_t h = 0;

	while ((h = ofl_fibnode_next(&v->forest, top, h, descend))) {
		struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

		if (++looked > LOOK_MAX) {
			v->again = true;
			v->again_at = 0;
			v->fresh = false;
			return;
		}
		descend = !ofl_fibnode_is_entry(n);
		if (n->state == OFL_FIB_FAILED || n->shadowed)
			look(v, h);
	}
}

/* --- news --- */

static void count(struct ofl_fibview *v, const struct ofl_fibnode *n, int sign)
{
	if (n->route)
		v->st.by_state[n->v6][n->state] += sign;
}

/* Another one is the best of its prefix: as the kernel has it, local before
 * main, then the lowest metric. */
static bool is_better(const struct ofl_fibnode *n,
		      const struct ofl_fib_route *than)
{
	if (!n->route)
		return false;
	if (n->local != than->local)
		return n->local;
	return n->metric < than->metric;
}

static void image_set(struct ofl_fibview *v, struct ofl_fibnode *n,
		      uint32_t image)
{
	if (n->image)
		v->release(v->arg, n->image);
	n->image = image;
}

static void demoted_set(struct ofl_fibview *v, struct ofl_fibnode *n, bool on)
{
	v->st.demoted += on - n->demoted;
	n->demoted = on;
}

void ofl_fibview_set(struct ofl_fibview *v, const struct ofl_fib_route *r)
{
	uint32_t h = ofl_fibnode_get(&v->forest, &r->key);
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);
	bool was_entry = ofl_fibnode_is_entry(n), news;
	uint8_t was_state = n->state;
	uint32_t was_way = n->way;

	if (n->gen != v->gen)
		n->hides = false; /* a list begins anew */
	else if (n->route && (n->local != r->local || n->metric != r->metric))
		n->hides = true;
	if (is_better(n, r) && n->gen == v->gen) {
		if (r->image)
			v->release(v->arg, r->image);
		return;
	}
	news = !n->route || n->state != r->state || n->way != r->way;
	count(v, n, -1);
	n->known = n->route = true;
	n->gen = v->gen;
	n->state = r->state;
	n->way = r->way;
	n->metric = r->metric;
	n->local = r->local;
	n->fixed = r->fixed;
	n->writable = r->writable;
	image_set(v, n, r->image);
	count(v, n, 1);
	if (ofl_fibnode_is_entry(n) || n->way != was_way)
		n->left = false;
	/* Being taken out ends with the driver's word on what came back. */
	if (r->state != OFL_FIB_NONE)
		n->busy = false;
	if (ofl_fibnode_is_entry(n) && !n->busy)
		demoted_set(v, n, false);
	if (n->way != was_way && n->patient)
		ofl_fibrepair_restart(v, h);
	if (news)
		ofl_fibview_mark(v, h);
	look(v, h);
	if (was_entry != ofl_fibnode_is_entry(n) || was_state != n->state ||
	    (was_entry && was_way != n->way))
		look_below(v, h);
}

static void take_away(struct ofl_fibview *v, uint32_t h)
{
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);
	bool was_entry = ofl_fibnode_is_entry(n);

	count(v, n, -1);
	n->route = n->hides = false;
	n->state = OFL_FIB_NONE;
	n->way = 0;
	image_set(v, n, 0);
	n->busy = false;
	demoted_set(v, n, false);
	look(v, h);
	ofl_fibview_mark(v, h); /* told, then forgotten */
	if (was_entry)
		look_below(v, h);
}

bool ofl_fibview_del(struct ofl_fibview *v, const struct ofl_fib_route *r)
{
	uint32_t h = ofl_fibnode_find(&v->forest, &r->key);
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

	bool hides;

	if (!n || !n->route || n->local != r->local || n->metric != r->metric)
		return true; /* one that was hidden */
	if (n->v6 && r->way != n->way)
		return false; /* one of several next hops */
	hides = n->hides;
	take_away(v, h);
	return !hides;
}

/* --- lists --- */

void ofl_fibview_sync_begin(struct ofl_fibview *v)
{
	/* While one is compared with what is kept nothing new may begin. */
	v->gen++;
	v->sweeping = true;
	v->sweep_at = UINT64_MAX;
}

void ofl_fibview_sync_end(struct ofl_fibview *v)
{
	v->sweep_at = 0;
}

static bool sweep(struct ofl_fibview *v, unsigned int budget)
{
	while (budget--) {
		uint32_t h = ofl_fibnode_scan(&v->forest, &v->sweep_at);
		struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

		if (!n) {
			v->sweeping = false;
			return false;
		}
		if (n->known && n->route && n->gen != v->gen)
			take_away(v, h);
	}
	return true;
}

static bool look_again(struct ofl_fibview *v, unsigned int budget)
{
	while (budget--) {
		uint32_t h = ofl_fibnode_scan(&v->forest, &v->again_at);
		struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

		if (!n) {
			v->again = false;
			return false;
		}
		if (!n->known || (n->state != OFL_FIB_FAILED && !n->shadowed))
			continue;
		n->left &= !v->fresh;
		look(v, h);
	}
	return true;
}

bool ofl_fibview_work(struct ofl_fibview *v, unsigned int budget)
{
	bool more = false;

	if (v->sweeping && v->sweep_at != UINT64_MAX)
		more |= sweep(v, budget);
	if (v->again)
		more |= look_again(v, budget);
	more |= ofl_fibrepair_work(v, budget);
	return more;
}

/* --- worth --- */

void ofl_fibview_worth_set(struct ofl_fibview *v, const struct ofl_key *key,
			   bool is_flow, enum ofl_class cls, uint32_t weight)
{
	uint32_t h = is_flow ? ofl_fibnode_get(&v->forest, key)
			     : ofl_fibnode_find(&v->forest, key);
	struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

	if (!n)
		return;
	/* Kept for a flow whose route the kernel has not told yet. */
	n->known |= is_flow;
	n->is_flow = is_flow;
	n->cls = cls;
	n->weight = weight;
	ofl_fibview_forget(v, h);
}

/* --- answers --- */

static void route_of(const struct ofl_fibview *v, const struct ofl_fibnode *n,
		     struct ofl_fibview_route *ret)
{
	const struct ofl_fibnode *above =
		ofl_fibnode_entry_above(&v->forest, n);

	*ret = (struct ofl_fibview_route){
		.key = ofl_fibnode_key(&v->forest, n),
		.exists = n->route,
		.state = n->state,
		.is_flow = n->is_flow,
		.image = n->image,
		.shadowed = n->shadowed,
		.given_up = n->given_up,
		.demoted = n->demoted,
		.has_above = above,
	};
	if (above)
		ret->above = ofl_fibnode_key(&v->forest, above);
}

bool ofl_fibview_find(const struct ofl_fibview *v, const struct ofl_key *key,
		      struct ofl_fibview_route *ret)
{
	struct ofl_fibforest *f = (struct ofl_fibforest *)&v->forest;
	const struct ofl_fibnode *n =
		ofl_fibnode_at(f, ofl_fibnode_find(f, key));

	if (!n || !n->route)
		return false;
	route_of(v, n, ret);
	return true;
}

bool ofl_fibview_changed(struct ofl_fibview *v, struct ofl_fibview_route *ret)
{
	uint32_t h;

	while ((h = ofl_fibqueue_pop(&v->changed))) {
		struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

		if (!n->changed)
			continue;
		n->changed = false;
		route_of(v, n, ret);
		ofl_fibview_forget(v, h);
		return true;
	}
	return false;
}

void ofl_fibview_shadowed_walk(const struct ofl_fibview *v,
			       bool (*cb)(const struct ofl_fibview_route *r,
					  void *arg),
			       void *arg)
{
	struct ofl_fibview_route r;
	uint64_t at = 0;
	uint32_t h;

	while (v->st.shadowed && (h = ofl_fibnode_scan(&v->forest, &at))) {
		const struct ofl_fibnode *n = ofl_fibnode_at(&v->forest, h);

		if (!n->known || !n->shadowed)
			continue;
		route_of(v, n, &r);
		if (!cb(&r, arg))
			return;
	}
}

void ofl_fibview_stats(const struct ofl_fibview *v,
		       struct ofl_fibview_stats *ret)
{
	*ret = v->st;
	/* Few chunks, however many routes. */
	ret->bytes = ofl_slab_bytes(&v->forest.nodes[0]) +
		     ofl_slab_bytes(&v->forest.nodes[1]);
}

/* --- life --- */

struct ofl_fibview *ofl_fibview_new(void (*release)(void *arg, uint32_t image),
				    void *arg)
{
	struct ofl_fibview *v = XCALLOC(MTYPE_OFL_FIBVIEW, sizeof(*v));

	ofl_fibforest_init(&v->forest);
	v->release = release;
	v->arg = arg;
	return v;
}

void ofl_fibview_free(struct ofl_fibview *v)
{
	uint64_t at = 0;
	uint32_t h;

	if (!v)
		return;
	while ((h = ofl_fibnode_scan(&v->forest, &at)))
		image_set(v, ofl_fibnode_at(&v->forest, h), 0);
	ofl_fibrepair_fini(v);
	ofl_fibforest_fini(&v->forest);
	XFREE(MTYPE_OFL_FIBQUEUE, v->changed.handle);
	XFREE(MTYPE_OFL_FIBVIEW, v);
}
