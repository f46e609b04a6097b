// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Safe writes: bring hardware from what it holds to what the plan wants, one
 * operation at a time.  An entry whose write is unanswered counts as both: as
 * it was and as it may be.
 *
 * All rests on one condition.  A REAL entry of rule l at pref q is *sound* if
 * each rule of D(l) has a certain entry at a pref before q.  If all REAL
 * entries are, no packet gets a wrong answer: the entry it hits is of its first
 * rule, or of one of the same action, or a punt.  So
 *
 *   a REAL entry appears       only where it is sound
 *   a punt appears             at any time
 *   a REAL entry turns punt    at any time
 *   an entry goes              if no REAL entry behind it needs it
 *
 * When the list changes, a REAL entry may be unsound for a while (a rule came
 * above it), or belong to no rule any more (a ghost).  Nothing that stands
 * before such an entry and overlaps it goes until it is repaired: covered,
 * turned into a punt, or gone.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/acl_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_FLIGHT, "offload ACL operations");

#define FLIGHT_MASK (OFL_OPS_IN_FLIGHT - 1)

void ofl_acl_exec_init(struct ofl_acl_place *p)
{
	for (int q = 0; q <= OFL_ACE_NO_ROOM; q++)
		ofl_ace_queue_init(&p->queue[q]);
	p->in_flight = XCALLOC(MTYPE_OFL_ACL_FLIGHT,
			       OFL_OPS_IN_FLIGHT * sizeof(struct ofl_ace *));
}

void ofl_acl_exec_fini(struct ofl_acl_place *p)
{
	for (int q = 0; q <= OFL_ACE_NO_ROOM; q++) {
		while (ofl_ace_queue_pop(&p->queue[q]))
			;
		ofl_ace_queue_fini(&p->queue[q]);
	}
	XFREE(MTYPE_OFL_ACL_FLIGHT, p->in_flight);
}

/* --- what is there --- */
bool ofl_ace_is_certain(const struct ofl_ace *r)
{
	/* An older entry never outlives the newer one that shields it. */
	return r->hw != OFL_ENTRY_NONE && (r->op != OFL_OP_DEL || r->op_old);
}

bool ofl_ace_may_be_real(const struct ofl_ace *r)
{
	return r->hw == OFL_ENTRY_REAL || r->op_entry == OFL_ENTRY_REAL;
}

/* --- queues --- */
static void move_to(struct ofl_acl_place *p, struct ofl_ace *r,
		    enum ofl_ace_wait wait)
{
	if (r->wait != OFL_ACE_IDLE)
		ofl_ace_queue_del(&p->queue[r->wait], r);
	r->wait = wait;
	if (wait != OFL_ACE_IDLE)
		ofl_ace_queue_add_tail(&p->queue[wait], r);
}

/* Does a REAL entry below it wait for its cover? */
static bool is_awaited(const struct ofl_acl_place *p, const struct ofl_ace *r)
{
	for (uint32_t i = 0; r->covers && i < r->down.count; i++) {
		if (ofl_ace_may_be_real(ofl_ace_at(p, r->down.at[i])))
			return true;
	}
	return false;
}

static bool is_urgent(const struct ofl_acl_place *p, const struct ofl_ace *r)
{
	if (ofl_ace_is_ghost(r) || r->retreat)
		return true;
	if (r->hw == OFL_ENTRY_REAL)
		return !r->want;
	return r->hw == OFL_ENTRY_NONE && is_awaited(p, r);
}

void ofl_acl_exec_queue(struct ofl_acl_place *p, struct ofl_ace *r)
{
	p->stalled = false;
	if (r->wait != OFL_ACE_URGENT)
		move_to(p, r, is_urgent(p, r) ? OFL_ACE_URGENT : OFL_ACE_READY);
}

void ofl_acl_exec_unqueue(struct ofl_acl_place *p, struct ofl_ace *r)
{
	move_to(p, r, OFL_ACE_IDLE);
}

void ofl_acl_exec_wake(struct ofl_acl_place *p, const struct ofl_ace *r)
{
	struct ofl_ace *o;

	frr_each_safe (ofl_ace_queue, &p->queue[OFL_ACE_BLOCKED], o) {
		if (o->blocker == r->handle)
			ofl_acl_exec_queue(p, o);
	}
}

void ofl_acl_exec_wake_room(struct ofl_acl_place *p, uint32_t slots)
{
	struct ofl_ace *o;
	uint32_t woken = 0;

	/* Not all: a thousand that wait need not ask for one slot each. */
	while (woken <= slots &&
	       (o = ofl_ace_queue_first(&p->queue[OFL_ACE_NO_ROOM]))) {
		ofl_acl_exec_queue(p, o);
		woken += MAX(o->slots, 1);
	}
}

static bool block(struct ofl_acl_place *p, struct ofl_ace *r,
		  const struct ofl_ace *blocker)
{
	r->blocker = blocker->handle;
	move_to(p, r, OFL_ACE_BLOCKED);
	return false;
}

/* --- is it safe --- */
/* Would a REAL entry of `r` at this pref be sound?  If not, *ret_blocker is
 * what stands in the way, or NULL: the rules above that have no entry. */
static bool is_sound(const struct ofl_acl_place *p, const struct ofl_ace *r,
		     uint16_t pref, const struct ofl_ace **ret_blocker)
{
	*ret_blocker = NULL;
	if (r->bare)
		return false;
	for (uint32_t i = 0; i < r->up.count; i++) {
		const struct ofl_ace *d = ofl_ace_at(p, r->up.at[i]);

		if (d->hw_pref >= pref) {
			*ret_blocker = d;
			return false;
		}
	}
	return true;
}

/* A REAL entry below `r` that an entry at this pref would not shield. */
static const struct ofl_ace *stands_before(const struct ofl_acl_place *p,
					   const struct ofl_ace *r,
					   uint16_t pref)
{
	for (uint32_t i = 0; i < r->down.count; i++) {
		const struct ofl_ace *l = ofl_ace_at(p, r->down.at[i]);

		if ((l->hw == OFL_ENTRY_REAL && l->hw_pref <= pref) ||
		    (l->op_entry == OFL_ENTRY_REAL && l->op_pref <= pref))
			return l;
	}
	return NULL;
}

/* The REAL entry that forbids to take out the entry of `r`, or NULL. */
static const struct ofl_ace *needs(const struct ofl_acl_place *p,
				   const struct ofl_ace *r)
{
	const struct ofl_bits *mine = &p->ladder.at[r->level_at].summary;

	for (uint32_t i = 0; i < p->ladder.count; i++) {
		const struct ofl_ace_scan_item *item = &p->ladder.at[i];
		const struct ofl_ace *l;

		if ((item->summary.value ^ mine->value) & item->summary.mask &
		    mine->mask)
			continue;
		l = ofl_ace_at(p, item->handle);
		if (l == r || l->punts || !ofl_ace_may_be_real(l) ||
		    MAX(l->hw_pref, l->op_pref) <= r->hw_pref ||
		    !ofl_match_has_overlap(l->entry, r->entry))
			continue;
		if (ofl_ace_is_ghost(l) || l->bare)
			return l;
		if (!ofl_ace_is_ghost(r) && r->position < l->position &&
		    ofl_ace_differs(r, l))
			return l;
	}
	return NULL;
}

static bool has_room(const struct ofl_acl_place *p, const struct ofl_ace *r)
{
	uint32_t limit = MIN(p->conf.capacity_slots, p->learned_slots);

	return (uint64_t)p->st.used_slots + r->slots <= limit;
}

static void retreat(struct ofl_acl_place *p, struct ofl_ace *l)
{
	if (l->retreat)
		return;
	l->retreat = true;
	ofl_acl_exec_queue(p, l);
}

/* A new entry has to wait for room; what waits for it as a cover must not. */
static bool wait_for_room(struct ofl_acl_place *p, struct ofl_ace *r)
{
	move_to(p, r, OFL_ACE_NO_ROOM);
	for (uint32_t i = 0; i < r->down.count; i++) {
		struct ofl_ace *l = ofl_ace_at(p, r->down.at[i]);

		if (ofl_ace_is_unsafe(l))
			retreat(p, l);
	}
	return false;
}

static bool stands_late(const struct ofl_ace *r)
{
	return r->pref && r->hw != OFL_ENTRY_NONE && r->pref < r->hw_pref;
}

/* A rule above that is to move, and that `r` gave way to for it. */
static const struct ofl_ace *yields_to(const struct ofl_acl_place *p,
				       const struct ofl_ace *r)
{
	for (uint32_t i = 0; i < r->up.count; i++) {
		const struct ofl_ace *d = ofl_ace_at(p, r->up.at[i]);

		if (d->breaks && stands_late(d))
			return d;
	}
	return NULL;
}

/* --- one operation --- */
static bool emit(struct ofl_acl_place *p, struct ofl_ace *r,
		 enum ofl_op_kind kind, enum ofl_entry entry,
		 struct ofl_acl_op *ret)
{
	bool was_certain = ofl_ace_is_certain(r), was_real;

	was_real = ofl_ace_may_be_real(r);
	r->op = kind;
	r->op_entry = entry;
	r->op_id = ++p->last_op_id;
	if (kind == OFL_OP_ADD) {
		r->op_entry_id = ++p->last_entry_id;
		r->op_pref = r->pref;
		p->st.used_slots += r->slots;
	} else {
		r->op_entry_id = r->op_old ? r->old_id : r->hw_id;
		r->op_pref = r->op_old ? r->old_pref : r->hw_pref;
	}
	p->in_flight[r->op_id & FLIGHT_MASK] = r;
	p->st.in_flight++;
	p->st.writes++;
	if (!was_real && ofl_ace_is_unsafe(r))
		p->st.unsafe++;
	ofl_acl_done_certain(p, r, was_certain);
	ofl_ace_mark_changed(p, r);
	*ret = (struct ofl_acl_op){
		.id = r->op_id,
		.entry_id = r->op_entry_id,
		.cookie = r->cookie,
		.kind = kind,
		.entry = entry,
		.slots = kind == OFL_OP_DEL ? 0 : r->slots,
		.pref = r->op_pref,
		.identity = entry == OFL_ENTRY_REAL ? r->identity : 0,
		.match = r->entry,
	};
	return true;
}

/* There is no entry. */
static bool step_absent(struct ofl_acl_place *p, struct ofl_ace *r,
			enum ofl_entry want, struct ofl_acl_op *ret)
{
	const struct ofl_ace *blocker;

	if (want == OFL_ENTRY_NONE) {
		ofl_acl_level_leave(p, r);
		return false;
	}
	if (r->pref == 0 || r->uncoverable)
		return false;
	if (want == OFL_ENTRY_REAL && !is_sound(p, r, r->pref, &blocker)) {
		if (is_awaited(p, r))
			want = OFL_ENTRY_PUNT; /* its own covers take longer */
		else
			return blocker && block(p, r, blocker);
	}
	blocker = stands_before(p, r, r->pref);
	if (blocker)
		return block(p, r, blocker);
	if (!has_room(p, r))
		return wait_for_room(p, r);
	return emit(p, r, OFL_OP_ADD, want, ret);
}

/* It is to go. */
static bool step_out(struct ofl_acl_place *p, struct ofl_ace *r,
		     struct ofl_acl_op *ret)
{
	const struct ofl_ace *blocker = needs(p, r);

	if (!blocker && !r->del_failed)
		return emit(p, r, OFL_OP_DEL, OFL_ENTRY_NONE, ret);
	/* Harmless at least. */
	if (r->hw == OFL_ENTRY_REAL && (r->bare || r->del_failed) &&
	    !r->uncoverable)
		return emit(p, r, OFL_OP_REPLACE, OFL_ENTRY_PUNT, ret);
	return blocker && block(p, r, blocker);
}

/* It stands too late.  With room, the new entry comes first.  Without, the old
 * one goes first, and before it whatever REAL entry needs it turns punt for a
 * while: that takes no slot. */
static bool step_move(struct ofl_acl_place *p, struct ofl_ace *r,
		      struct ofl_acl_op *ret)
{
	const struct ofl_ace *blocker;

	if (r->hw == OFL_ENTRY_REAL && !is_sound(p, r, r->pref, &blocker))
		return blocker && block(p, r, blocker);
	if (has_room(p, r))
		return emit(p, r, OFL_OP_ADD, r->hw, ret);
	blocker = needs(p, r);
	if (!blocker)
		return emit(p, r, OFL_OP_DEL, OFL_ENTRY_NONE, ret);
	if (!ofl_ace_is_ghost(blocker)) {
		r->breaks = true;
		retreat(p, ofl_ace_at(p, blocker->handle));
	}
	return block(p, r, blocker);
}

/* What is to be done about this rule; false: nothing now. */
static bool step(struct ofl_acl_place *p, struct ofl_ace *r,
		 struct ofl_acl_op *ret)
{
	enum ofl_entry want = ofl_ace_planned(r);
	const struct ofl_ace *blocker;

	if (r->op != OFL_OP_NONE)
		return false;
	blocker = r->retreat ? yields_to(p, r) : NULL;
	r->retreat = r->retreat && (r->bare || blocker);
	if (!stands_late(r))
		r->breaks = false;
	if (r->retreat && want == OFL_ENTRY_REAL)
		want = OFL_ENTRY_PUNT;
	if (r->old_hw != OFL_ENTRY_NONE && !r->del_failed) {
		r->op_old = true;
		return emit(p, r, OFL_OP_DEL, OFL_ENTRY_NONE, ret);
	}
	if (r->hw == OFL_ENTRY_NONE)
		return step_absent(p, r, want, ret);
	if (want == OFL_ENTRY_NONE)
		return step_out(p, r, ret);
	if (want == OFL_ENTRY_PUNT && r->hw == OFL_ENTRY_REAL) {
		if (!r->uncoverable)
			return emit(p, r, OFL_OP_REPLACE, want, ret);
	} else if (want == OFL_ENTRY_REAL && r->hw == OFL_ENTRY_PUNT) {
		if (is_sound(p, r, r->hw_pref, &blocker))
			return emit(p, r, OFL_OP_REPLACE, want, ret);
		if (blocker && r->pref == r->hw_pref)
			return block(p, r, blocker);
	}
	if (stands_late(r) && r->old_hw == OFL_ENTRY_NONE && !r->del_failed)
		return step_move(p, r, ret);
	return r->retreat && blocker && block(p, r, blocker);
}

/* Take what waits in the two queues; false: nothing can be sent. */
static bool take(struct ofl_acl_place *p, struct ofl_acl_op *ret)
{
	struct ofl_ace *r;

	if (p->st.in_flight == OFL_OPS_IN_FLIGHT ||
	    p->in_flight[(p->last_op_id + 1) & FLIGHT_MASK])
		return false;
	for (;;) {
		r = ofl_ace_queue_first(&p->queue[OFL_ACE_URGENT]);
		if (!r)
			r = ofl_ace_queue_first(&p->queue[OFL_ACE_READY]);
		if (!r)
			return false;
		move_to(p, r, OFL_ACE_IDLE);
		if (step(p, r, ret))
			return true;
	}
}

/* Everything waits and nothing is in flight: once, all is looked at again. */
static bool unstall(struct ofl_acl_place *p)
{
	struct ofl_ace *r;

	if (p->stalled)
		return false;
	frr_each_safe (ofl_ace_queue, &p->queue[OFL_ACE_BLOCKED], r)
		ofl_acl_exec_queue(p, r);
	frr_each_safe (ofl_ace_queue, &p->queue[OFL_ACE_NO_ROOM], r)
		ofl_acl_exec_queue(p, r);
	p->stalled = true;
	return true;
}

bool ofl_acl_place_next(struct ofl_acl_place *p, struct ofl_acl_op *ret_op)
{
	for (;;) {
		if (take(p, ret_op)) {
			p->stalled = false;
			return true;
		}
		if (p->st.in_flight || !unstall(p))
			return false;
	}
}
