// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the table should hold, kept as a plan with its sums: a rule planned real
 * needs an entry for each rule of its D, real itself or a punt that is shared
 * and counted.  For each rule it is known at any time what it would cost to
 * take it in, and what would come free if it left.
 *
 * Whether to do either is acl_swap.c's.
 */
#include <zebra.h>

#include <math.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/acl_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_HEAP, "offload ACL heap");

#define HEAP_START 64

/* --- heaps --- */
static bool stands_before(const struct ofl_ace_heap *h, const struct ofl_ace *a,
			  const struct ofl_ace *b)
{
	/* Alike: the rule further up is taken first and leaves last. */
	bool first = a->position < b->position;

	if (a->cls != b->cls)
		first = a->cls > b->cls;
	else if (a->key != b->key)
		first = a->key > b->key;
	return first == h->best_first;
}

static void heap_put(struct ofl_ace_heap *h, struct ofl_ace *r, uint32_t at)
{
	h->at[at] = r;
	r->heap_at = at;
}

void ofl_ace_heap_move(struct ofl_ace_heap *h, struct ofl_ace *r)
{
	uint32_t at = r->heap_at, child;

	while (at && stands_before(h, r, h->at[(at - 1) / 2])) {
		heap_put(h, h->at[(at - 1) / 2], at);
		at = (at - 1) / 2;
	}
	while ((child = 2 * at + 1) < h->count) {
		if (child + 1 < h->count &&
		    stands_before(h, h->at[child + 1], h->at[child]))
			child++;
		if (!stands_before(h, h->at[child], r))
			break;
		heap_put(h, h->at[child], at);
		at = child;
	}
	heap_put(h, r, at);
}

void ofl_ace_heap_add(struct ofl_ace_heap *h, struct ofl_ace *r)
{
	if (h->count == h->size) {
		h->size = h->size ? h->size * 2 : HEAP_START;
		h->at = XREALLOC(MTYPE_OFL_ACL_HEAP, h->at,
				 h->size * sizeof(struct ofl_ace *));
	}
	heap_put(h, r, h->count++);
	ofl_ace_heap_move(h, r);
}

void ofl_ace_heap_del(struct ofl_ace_heap *h, struct ofl_ace *r)
{
	struct ofl_ace *last = h->at[--h->count];

	if (last != r) {
		heap_put(h, last, r->heap_at);
		ofl_ace_heap_move(h, last);
	}
	r->heap_at = OFL_ACE_NOWHERE;
}

void ofl_ace_heap_fini(struct ofl_ace_heap *h)
{
	XFREE(MTYPE_OFL_ACL_HEAP, h->at);
}

struct ofl_ace *ofl_ace_heap_top(const struct ofl_ace_heap *h)
{
	return h->count ? h->at[0] : NULL;
}

/* --- what a rule costs --- */
uint32_t ofl_ace_cost_slots(const struct ofl_ace *r)
{
	return r->missing_slots +
	       (ofl_ace_planned(r) == OFL_ENTRY_NONE ? r->slots : 0);
}

uint32_t ofl_ace_freed_slots(const struct ofl_ace *r)
{
	return r->sole_slots + (r->covers ? 0 : r->slots);
}

/* One more critical rule needs an entry here (1), or one less (-1). */
static void critical_need(struct ofl_acl_place *p, struct ofl_ace *d, int sign)
{
	bool was_needed = d->critical_needs != 0;

	d->critical_needs += sign;
	if (was_needed != (d->critical_needs != 0))
		p->critical_slots += sign * d->slots;
}

uint32_t ofl_ace_critical_cost_slots(const struct ofl_acl_place *p,
				     const struct ofl_ace *r)
{
	uint32_t slots = r->critical_needs ? 0 : r->slots;

	for (uint32_t i = 0; i < r->up.count; i++) {
		const struct ofl_ace *d = ofl_ace_at(p, r->up.at[i]);

		slots += d->critical_needs ? 0 : d->slots;
	}
	return slots;
}

bool ofl_ace_is_eligible(const struct ofl_ace *r)
{
	return !ofl_ace_is_ghost(r) && r->identity && r->slots && !r->wide &&
	       !r->barred && !r->fail && !r->uncoverable;
}

static struct ofl_ace_heap *heap_of(struct ofl_acl_place *p,
				    const struct ofl_ace *r)
{
	if (!r->want)
		return &p->candidates;
	return r->cls == OFL_CLASS_CRITICAL ? &p->critical : &p->residents;
}

static void to_heap(struct ofl_acl_place *p, struct ofl_ace *r)
{
	struct ofl_ace_heap *h = heap_of(p, r);
	double worth = ofl_ace_worth(r);
	uint32_t slots;

	if (!r->want && (r->parked || !ofl_ace_is_eligible(r))) {
		if (r->heap_at != OFL_ACE_NOWHERE)
			ofl_ace_heap_del(h, r);
		return;
	}
	if (r->want) {
		slots = ofl_ace_freed_slots(r);
	} else {
		slots = ofl_ace_cost_slots(r);
		worth += r->bonus;
	}
	r->key = slots ? worth / slots : INFINITY;
	if (r->heap_at == OFL_ACE_NOWHERE)
		ofl_ace_heap_add(h, r);
	else
		ofl_ace_heap_move(h, r);
}

static void promise_set(struct ofl_acl_place *p, struct ofl_ace *r,
			uint64_t worth)
{
	uint64_t more = worth - r->promise; /* or less: modulo 2^64 */

	if (!more)
		return;
	r->promise = worth;
	p->looks += r->down.count;
	for (uint32_t i = 0; i < r->down.count; i++) {
		struct ofl_ace *l = ofl_ace_at(p, r->down.at[i]);

		if (l->cls != r->cls)
			continue;
		l->bonus += more;
		if (!l->want)
			to_heap(p, l);
	}
}

/* A rule that needs no more than an entry comes in for nothing once another
 * needs that entry as a cover: it counts for the other. */
static void promise(struct ofl_acl_place *p, struct ofl_ace *r)
{
	bool is_free = ofl_ace_planned(r) == OFL_ENTRY_NONE &&
		       r->missing_slots == 0 && ofl_ace_is_eligible(r);

	promise_set(p, r, is_free ? ofl_ace_worth(r) : 0);
}

void ofl_ace_reckon(struct ofl_acl_place *p, struct ofl_ace *r)
{
	to_heap(p, r);
	promise(p, r);
}

static void out_of_heap(struct ofl_acl_place *p, struct ofl_ace *r)
{
	if (r->heap_at != OFL_ACE_NOWHERE)
		ofl_ace_heap_del(heap_of(p, r), r);
}

/* A critical rule is planned real (1), or no more (-1). */
static void critical_real(struct ofl_acl_place *p, struct ofl_ace *r, int sign)
{
	critical_need(p, r, sign);
	for (uint32_t i = 0; i < r->up.count; i++)
		critical_need(p, ofl_ace_at(p, r->up.at[i]), sign);
}

void ofl_ace_class_set(struct ofl_acl_place *p, struct ofl_ace *r, uint8_t cls)
{
	promise_set(p, r, 0);
	out_of_heap(p, r);
	if (r->want && r->cls != cls)
		critical_real(p, r, cls == OFL_CLASS_CRITICAL ? 1 : -1);
	r->cls = cls;
	r->bonus = 0;
	for (uint32_t i = 0; i < r->up.count; i++)
		r->bonus += ofl_ace_promise_to(ofl_ace_at(p, r->up.at[i]), r);
	ofl_ace_reckon(p, r);
}

/* --- entries of the plan --- */
static void replan(struct ofl_acl_place *p, struct ofl_ace *r)
{
	ofl_ace_mark_changed(p, r);
	if (r->replan)
		return;
	r->replan = true;
	ofl_ace_set_add(&p->dirty, r->handle);
}

/* An entry is planned now where there was none (1), or no more (-1). */
static void entry_planned(struct ofl_acl_place *p, struct ofl_ace *d, int sign)
{
	p->st.planned_slots += sign * d->slots;
	p->looks += d->down.count;
	for (uint32_t i = 0; i < d->down.count; i++) {
		struct ofl_ace *l = ofl_ace_at(p, d->down.at[i]);

		l->missing_slots -= sign * d->slots;
		if (!l->want)
			ofl_ace_reckon(p, l);
	}
	replan(p, d);
}

/* A punt is planned (1), or no more (-1). */
static void punt_planned(struct ofl_acl_place *p, const struct ofl_ace *d,
			 int sign)
{
	p->st.cover_slots += sign * d->slots;
	p->st.covers += sign;
}

/* The punt of `d` is, or is no more, there for one rule alone. */
static void sole(struct ofl_acl_place *p, const struct ofl_ace *d,
		 uint32_t owner, int sign)
{
	struct ofl_ace *l = ofl_ace_at(p, owner);

	l->sole_slots += sign * d->slots;
	ofl_ace_reckon(p, l);
}

void ofl_ace_cover_add(struct ofl_acl_place *p, struct ofl_ace *d,
		       struct ofl_ace *l)
{
	uint32_t others = d->covers++, other = d->covers_xor;

	d->covers_xor ^= l->handle;
	if (l->cls == OFL_CLASS_CRITICAL)
		critical_need(p, d, 1);
	if (d->want) {
		if (!others)
			ofl_ace_reckon(p, d); /* leaving frees less */
		return;
	}
	if (others == 0) {
		punt_planned(p, d, 1);
		entry_planned(p, d, 1);
		sole(p, d, l->handle, 1);
		ofl_ace_reckon(p, d);
	} else if (others == 1) {
		sole(p, d, other, -1);
	}
}

void ofl_ace_cover_del(struct ofl_acl_place *p, struct ofl_ace *d,
		       struct ofl_ace *l)
{
	uint32_t others = --d->covers;

	d->covers_xor ^= l->handle;
	if (l->cls == OFL_CLASS_CRITICAL)
		critical_need(p, d, -1);
	if (d->want) {
		if (!others)
			ofl_ace_reckon(p, d);
		return;
	}
	if (others == 0) {
		sole(p, d, l->handle, -1);
		punt_planned(p, d, -1);
		entry_planned(p, d, -1);
		ofl_ace_reckon(p, d);
	} else if (others == 1) {
		sole(p, d, d->covers_xor, 1);
	}
}

void ofl_ace_enter(struct ofl_acl_place *p, struct ofl_ace *r)
{
	bool was_punt = r->covers != 0;

	out_of_heap(p, r);
	r->want = true;
	p->st.real++;
	if (r->cls == OFL_CLASS_CRITICAL)
		critical_need(p, r, 1);
	if (was_punt) {
		punt_planned(p, r, -1);
		if (r->covers == 1)
			sole(p, r, r->covers_xor, -1);
		replan(p, r);
	} else {
		entry_planned(p, r, 1);
	}
	for (uint32_t i = 0; i < r->up.count; i++)
		ofl_ace_cover_add(p, ofl_ace_at(p, r->up.at[i]), r);
	r->left = OFL_REASON_NONE;
	ofl_ace_reckon(p, r);
}

void ofl_ace_leave(struct ofl_acl_place *p, struct ofl_ace *r)
{
	out_of_heap(p, r);
	r->want = false;
	p->st.real--;
	if (r->cls == OFL_CLASS_CRITICAL)
		critical_need(p, r, -1);
	for (uint32_t i = 0; i < r->up.count; i++)
		ofl_ace_cover_del(p, ofl_ace_at(p, r->up.at[i]), r);
	if (r->covers) {
		punt_planned(p, r, 1);
		if (r->covers == 1)
			sole(p, r, r->covers_xor, 1);
		replan(p, r);
	} else {
		entry_planned(p, r, -1);
	}
	ofl_ace_reckon(p, r);
}

void ofl_ace_uncoverable_set(struct ofl_acl_place *p, struct ofl_ace *d,
			     bool uncoverable)
{
	if (d->uncoverable == uncoverable)
		return;
	d->uncoverable = uncoverable;
	for (uint32_t i = 0; i < d->down.count; i++) {
		struct ofl_ace *l = ofl_ace_at(p, d->down.at[i]);

		l->barred += uncoverable ? 1 : -1;
		if (l->want && uncoverable)
			ofl_ace_set_add(&p->forced, l->handle);
		ofl_ace_reckon(p, l);
		ofl_ace_mark_changed(p, l);
	}
	if (d->want && uncoverable)
		ofl_ace_set_add(&p->forced, d->handle);
	ofl_ace_reckon(p, d);
	ofl_ace_mark_changed(p, d);
	p->due = OFL_ACL_CHOICE;
}
