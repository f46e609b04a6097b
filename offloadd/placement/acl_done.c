// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the answers of hardware mean: entries come, change, go, are refused or
 * lost, and whoever waited for that goes on.
 *
 * A refusal is never repeated by itself; retry() does that.  What cannot be
 * covered bars what is below it; what cannot be removed is turned into a punt,
 * which harms nobody, and keeps its slots.
 */
#include <zebra.h>

#include "offloadd/placement/acl_list.h"

#define FLIGHT_MASK (OFL_OPS_IN_FLIGHT - 1)

void ofl_acl_done_certain(struct ofl_acl_place *p, struct ofl_ace *r,
			  bool was_certain)
{
	bool certain = ofl_ace_is_certain(r);

	if (certain == was_certain)
		return;
	for (uint32_t i = 0; i < r->down.count; i++) {
		struct ofl_ace *l = ofl_ace_at(p, r->down.at[i]);

		if (!certain) {
			if (l->bare++ == 0 && ofl_ace_may_be_real(l))
				p->st.unsafe++;
		} else if (--l->bare == 0) {
			if (ofl_ace_may_be_real(l))
				p->st.unsafe--;
			ofl_acl_exec_queue(p, l);
			ofl_acl_exec_wake(p, l);
		} else {
			continue;
		}
		if (ofl_ace_may_be_real(l))
			ofl_ace_mark_changed(p, l);
	}
}

static void del_failed_set(struct ofl_acl_place *p, struct ofl_ace *r,
			   bool failed)
{
	if (failed && !r->del_failed)
		ofl_ace_set_add(&p->stuck, r->handle);
	else if (!failed && r->del_failed)
		ofl_ace_set_del(&p->stuck, r->handle);
	r->del_failed = failed;
}

/* --- what took effect --- */
static void added(struct ofl_acl_place *p, struct ofl_ace *r)
{
	p->st.moves += ofl_acl_prefs_behind(&p->physical, r->op_pref);
	ofl_acl_prefs_add(&p->physical, r->op_pref);
	if (r->hw != OFL_ENTRY_NONE) {
		r->old_hw = r->hw;
		r->old_id = r->hw_id;
		r->old_pref = r->hw_pref;
		p->st.relabels++;
		p->st.moves++;
	} else {
		p->st.inserts++;
	}
	r->hw = r->op_entry;
	r->hw_id = r->op_entry_id;
	r->hw_pref = r->op_pref;
}

static void removed(struct ofl_acl_place *p, struct ofl_ace *r)
{
	del_failed_set(p, r, false);
	p->st.used_slots -= r->slots;
	ofl_acl_prefs_del(&p->physical, r->op_pref);
	if (r->op_old) {
		r->old_hw = OFL_ENTRY_NONE;
	} else {
		r->hw = OFL_ENTRY_NONE;
		r->hw_pref = 0;
	}
	ofl_acl_exec_wake_room(p, r->slots);
}

static void succeeded(struct ofl_acl_place *p, struct ofl_ace *r)
{
	if (r->op_lost) {
		/* What was lost before it was to be changed is there again. */
		if (r->op == OFL_OP_REPLACE) {
			p->st.used_slots += r->slots;
			added(p, r);
		}
		return;
	}
	switch (r->op) {
	case OFL_OP_ADD:
		added(p, r);
		break;
	case OFL_OP_REPLACE:
		r->hw = r->op_entry;
		break;
	case OFL_OP_DEL:
		removed(p, r);
		break;
	}
}

/* --- what was refused --- */
static void del_refused(struct ofl_acl_place *p, struct ofl_ace *r)
{
	del_failed_set(p, r, true);
	p->due = OFL_ACL_CHOICE;
}

static void write_refused(struct ofl_acl_place *p, struct ofl_ace *r,
			  enum ofl_status status)
{
	bool is_move = r->op == OFL_OP_ADD && r->hw != OFL_ENTRY_NONE;
	bool forever = status == OFL_STATUS_UNSUPPORTED;

	r->fail = forever ? OFL_REASON_HW_UNSUPPORTED : OFL_REASON_HW_ERROR;
	r->fail_forever = forever && !is_move;
	p->due = OFL_ACL_CHOICE;
	if (r->want)
		ofl_ace_set_add(&p->forced, r->handle);
	/* Where it cannot go others may need it: then they cannot either. */
	if (r->op_entry == OFL_ENTRY_PUNT || is_move) {
		r->uncoverable_forever = forever && !is_move;
		ofl_ace_uncoverable_set(p, r, true);
	}
	ofl_ace_reckon(p, r);
}

static void refused(struct ofl_acl_place *p, struct ofl_ace *r,
		    enum ofl_status status)
{
	if (r->op_lost)
		return; /* no wonder */
	if (r->op == OFL_OP_ADD)
		p->st.used_slots -= r->slots;
	if (r->op == OFL_OP_DEL)
		del_refused(p, r);
	else if (status != OFL_STATUS_NO_SPACE)
		write_refused(p, r, status);
	else if (r->op == OFL_OP_REPLACE)
		write_refused(p, r, OFL_STATUS_ERROR);
	else {
		p->learned_slots = MIN(p->learned_slots, p->st.used_slots);
		p->due = OFL_ACL_CHOICE;
	}
}

/* --- an operation ends --- */
static struct ofl_ace *op_find(struct ofl_acl_place *p, uint64_t id)
{
	struct ofl_ace *r = p->in_flight[id & FLIGHT_MASK];

	return r && r->op_id == id ? r : NULL;
}

/* Nothing is in flight for it any more; who waited may look again. */
static void op_ends(struct ofl_acl_place *p, struct ofl_ace *r,
		    bool was_certain, bool was_unsafe)
{
	r->op = OFL_OP_NONE;
	r->op_entry = OFL_ENTRY_NONE;
	r->op_old = r->op_lost = false;
	r->op_pref = 0;
	p->in_flight[r->op_id & FLIGHT_MASK] = NULL;
	p->st.in_flight--;
	p->st.unsafe += ofl_ace_is_unsafe(r) - was_unsafe;
	ofl_acl_done_certain(p, r, was_certain);
	ofl_acl_exec_wake(p, r);
	ofl_ace_mark_changed(p, r);
	if (ofl_ace_is_ghost(r) && r->hw == OFL_ENTRY_NONE &&
	    r->old_hw == OFL_ENTRY_NONE)
		ofl_ace_forget(p, r);
	else
		ofl_acl_exec_queue(p, r);
}

void ofl_acl_place_done(struct ofl_acl_place *p,
			const struct ofl_outcome *outcome)
{
	struct ofl_ace *r = op_find(p, outcome->op_id);
	bool was_certain, was_unsafe;

	if (!r)
		return;
	was_certain = ofl_ace_is_certain(r);
	was_unsafe = ofl_ace_is_unsafe(r);
	if (outcome->status == OFL_STATUS_OK)
		succeeded(p, r);
	else
		refused(p, r, outcome->status);
	op_ends(p, r, was_certain, was_unsafe);
}

void ofl_acl_place_abort(struct ofl_acl_place *p, const struct ofl_acl_op *op)
{
	struct ofl_ace *r = op_find(p, op->id);
	bool was_certain, was_unsafe;

	if (!r)
		return;
	was_certain = ofl_ace_is_certain(r);
	was_unsafe = ofl_ace_is_unsafe(r);
	if (r->op == OFL_OP_ADD)
		p->st.used_slots -= r->slots;
	op_ends(p, r, was_certain, was_unsafe);
}

/* --- what happens by itself --- */
static struct ofl_ace *entry_find(struct ofl_acl_place *p, uint64_t id)
{
	for (uint32_t i = 0; i < p->ladder.count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, p->ladder.at[i].handle);

		if ((r->hw != OFL_ENTRY_NONE && r->hw_id == id) ||
		    (r->old_hw != OFL_ENTRY_NONE && r->old_id == id))
			return r;
	}
	return NULL;
}

/* The newer of two is lost: the older one stands in for it. */
static void promote_old(struct ofl_ace *r)
{
	r->hw = r->old_hw;
	r->hw_id = r->old_id;
	r->hw_pref = r->old_pref;
	r->old_hw = OFL_ENTRY_NONE;
	r->op_old = false;
}

void ofl_acl_place_lost(struct ofl_acl_place *p, uint64_t entry_id)
{
	struct ofl_ace *r = entry_find(p, entry_id);
	bool was_certain, was_unsafe;

	if (!r)
		return;
	was_certain = ofl_ace_is_certain(r);
	was_unsafe = ofl_ace_is_unsafe(r);
	p->st.used_slots -= r->slots;
	if (r->op != OFL_OP_NONE && r->op_entry_id == entry_id)
		r->op_lost = true;
	del_failed_set(p, r, false);
	if (r->old_hw != OFL_ENTRY_NONE && r->old_id == entry_id) {
		ofl_acl_prefs_del(&p->physical, r->old_pref);
		r->old_hw = OFL_ENTRY_NONE;
	} else {
		ofl_acl_prefs_del(&p->physical, r->hw_pref);
		r->hw = OFL_ENTRY_NONE;
		r->hw_pref = 0;
		if (r->old_hw != OFL_ENTRY_NONE)
			promote_old(r);
	}
	p->due = OFL_ACL_CHOICE;
	p->st.unsafe += ofl_ace_is_unsafe(r) - was_unsafe;
	ofl_acl_done_certain(p, r, was_certain);
	ofl_acl_exec_wake(p, r);
	ofl_acl_exec_wake_room(p, r->slots);
	ofl_ace_mark_changed(p, r);
	if (r->op == OFL_OP_NONE && ofl_ace_is_ghost(r) &&
	    r->hw == OFL_ENTRY_NONE)
		ofl_ace_forget(p, r);
	else
		ofl_acl_exec_queue(p, r);
}

static void retry_one(struct ofl_acl_place *p, struct ofl_ace *r)
{
	del_failed_set(p, r, false);
	if (r->fail && !r->fail_forever)
		r->fail = OFL_REASON_NONE;
	if (r->uncoverable && !r->uncoverable_forever)
		ofl_ace_uncoverable_set(p, r, false);
	ofl_ace_reckon(p, r);
	ofl_acl_exec_queue(p, r);
	ofl_ace_mark_changed(p, r);
}

void ofl_acl_place_retry(struct ofl_acl_place *p)
{
	p->learned_slots = UINT32_MAX;
	p->closed = false;
	p->due = OFL_ACL_CHOICE;
	for (uint32_t i = 0; i < p->rules_size; i++) {
		struct ofl_ace *r = p->rules[i];

		if (r && (r->del_failed || r->fail || r->uncoverable))
			retry_one(p, r);
	}
	ofl_acl_exec_wake_room(p, UINT32_MAX);
}
