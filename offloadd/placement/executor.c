// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Safe writes: bring hardware from what it holds to what the plan wants, one
 * operation at a time, such that no order of answers and no failure lets a
 * packet be answered by a wrong entry.
 *
 * How the plan was made is not known here.  An entry whose write is unanswered
 * counts as both: as it was and as it may be.  Two questions decide whether a
 * write is safe now:
 *
 *   a REAL entry appears or changes   would it answer a route below that has
 *                                     no entry and forwards otherwise?
 *   an entry goes                     would a shorter REAL entry answer it, or
 *                                     a bare route below it, otherwise?
 *
 * Turning an entry into a punt is always safe.  What is not safe waits in
 * `exec_blocked` for the answers that make it so; when everything waits for
 * everything (no slot, nothing in flight), a REAL entry is turned into a punt:
 * that takes no slot and lets the rest move.
 */
#include <zebra.h>

#include "offloadd/placement/choice.h"

DECLARE_DLIST(ofl_lpm_exec, struct ofl_lpm_node, exec_item);

#define FLIGHT_MASK (OFL_PLACE_IN_FLIGHT - 1)

static struct ofl_lpm_exec_head *list_of(struct ofl_place *p, uint8_t which)
{
	switch (which) {
	case OFL_EXEC_FREE:
		return &p->exec_free;
	case OFL_EXEC_ADD:
		return &p->exec_add;
	case OFL_EXEC_BLOCKED:
		return &p->exec_blocked;
	case OFL_EXEC_SLOT:
		return &p->exec_slot;
	}
	return NULL;
}

static void enlist(struct ofl_place *p, struct ofl_lpm_node *n, uint8_t which)
{
	if (n->exec == which)
		return;
	if (n->exec != OFL_EXEC_NONE)
		ofl_lpm_exec_del(list_of(p, n->exec), n);
	n->exec = which;
	if (which != OFL_EXEC_NONE)
		ofl_lpm_exec_add_tail(list_of(p, which), n);
}

void ofl_exec_init(struct ofl_place *p)
{
	ofl_lpm_exec_init(&p->exec_free);
	ofl_lpm_exec_init(&p->exec_add);
	ofl_lpm_exec_init(&p->exec_blocked);
	ofl_lpm_exec_init(&p->exec_slot);
	p->next_seq = 1;
}

void ofl_exec_fini(struct ofl_place *p)
{
	for (uint8_t l = OFL_EXEC_FREE; l <= OFL_EXEC_SLOT; l++) {
		struct ofl_lpm_exec_head *head = list_of(p, l);

		while (ofl_lpm_exec_pop(head))
			;
		ofl_lpm_exec_fini(head);
	}
}

bool ofl_exec_clear_some(struct ofl_place *p, unsigned int budget)
{
	for (uint8_t l = OFL_EXEC_FREE; l <= OFL_EXEC_SLOT; l++) {
		struct ofl_lpm_exec_head *head = list_of(p, l);

		while (ofl_lpm_exec_count(head)) {
			if (budget-- == 0)
				return true;
			ofl_lpm_exec_pop(head);
		}
	}
	return false;
}

/* The write that would bring n where the plan wants it; NONE: none is due. */
static enum ofl_op_kind due(const struct ofl_lpm_node *n)
{
	if (n->op != OFL_OP_NONE)
		return OFL_OP_NONE;
	switch (n->want) {
	case OFL_ENTRY_NONE:
		if (n->hw == OFL_ENTRY_NONE || n->del_failed)
			return OFL_OP_NONE;
		return OFL_OP_DEL;
	case OFL_ENTRY_PUNT:
		if (n->hw == OFL_ENTRY_PUNT || n->punt_failed)
			return OFL_OP_NONE;
		break;
	default:
		/* Not planned anew yet after a change: wait for the plan. */
		if (!n->route || !n->identity || n->fail != OFL_REASON_NONE)
			return OFL_OP_NONE;
		if (n->hw == OFL_ENTRY_REAL && n->hw_identity == n->identity)
			return OFL_OP_NONE;
		break;
	}
	return n->hw == OFL_ENTRY_NONE ? OFL_OP_ADD : OFL_OP_REPLACE;
}

/* List n by what is due; a write that was blocked is tried again. */
static void schedule(struct ofl_place *p, struct ofl_lpm_node *n)
{
	enum ofl_op_kind kind = due(n);

	if (kind == OFL_OP_NONE)
		enlist(p, n, OFL_EXEC_NONE);
	else if (kind == OFL_OP_DEL ||
		 (kind == OFL_OP_REPLACE && n->want == OFL_ENTRY_PUNT))
		enlist(p, n, OFL_EXEC_FREE);
	else
		enlist(p, n, OFL_EXEC_ADD);
}

void ofl_exec_unblock(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->exec == OFL_EXEC_BLOCKED)
		schedule(p, n);
}

static void unblock_above(struct ofl_place *p, const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u;

	if (ofl_lpm_exec_count(&p->exec_blocked) == 0)
		return;
	for (u = ofl_lpm_up(n); u; u = ofl_lpm_up(u))
		ofl_exec_unblock(p, u);
}

void ofl_exec_touch(struct ofl_place *p, struct ofl_lpm_node *n)
{
	schedule(p, n);
	unblock_above(p, n);
}

/* The forwarding identities that entries above n may have, up to the first
 * entry that surely is there.  0: none is REAL; returns false if several are
 * possible. */
static bool identity_above(const struct ofl_lpm_node *n, uint32_t *ret_identity)
{
	uint32_t found = 0;

	for (n = ofl_lpm_up(n); n; n = ofl_lpm_up(n)) {
		uint32_t now = n->hw == OFL_ENTRY_REAL ? n->hw_identity : 0;
		uint32_t then =
			n->op != OFL_OP_NONE && n->op_entry == OFL_ENTRY_REAL
				? n->op_identity
				: 0;

		if (now && found && now != found)
			return false;
		found = now ? now : found;
		if (then && found && then != found)
			return false;
		found = then ? then : found;
		if (ofl_lpm_is_held(n))
			break;
	}
	*ret_identity = found;
	return true;
}

/* May n's entry be `entry` from now on? */
static bool is_safe(const struct ofl_lpm_node *n, enum ofl_entry entry)
{
	const struct ofl_lpm_node *r;
	uint32_t above;

	if (entry == OFL_ENTRY_PUNT)
		return true;
	if (entry == OFL_ENTRY_REAL)
		return ofl_bare_is_safe(n, n->identity);
	if (!identity_above(n, &above))
		return false;
	if (above == 0)
		return true;
	/* Its addresses are its own route's, or those of the next route up. */
	for (r = n; r && !r->route; r = ofl_lpm_up(r))
		;
	if (!r || !ofl_lpm_agrees(r, above))
		return false;
	return ofl_bare_is_safe(n, above);
}

static bool issue(struct ofl_place *p, struct ofl_lpm_node *n,
		  enum ofl_op_kind kind, enum ofl_entry entry,
		  struct ofl_op *ret_op)
{
	uint32_t at = p->flight_next;

	if (p->st.in_flight == OFL_PLACE_IN_FLIGHT)
		return false;
	while (p->flight[at])
		at = (at + 1) & FLIGHT_MASK;
	p->flight_next = (at + 1) & FLIGHT_MASK;
	p->flight[at] = n;
	p->flight_id[at] = p->next_seq++ * OFL_PLACE_IN_FLIGHT + at;
	p->st.in_flight++;
	enlist(p, n, OFL_EXEC_NONE);
	n->op = kind;
	n->op_entry = entry;
	n->op_identity = entry == OFL_ENTRY_REAL ? n->identity : 0;
	if (kind == OFL_OP_ADD)
		p->st.used_slots += ofl_lpm_cost(p, n);
	ofl_bare_refresh(n);

	memset(ret_op, 0, sizeof(*ret_op));
	ret_op->id = p->flight_id[at];
	ret_op->kind = kind;
	ret_op->entry = entry;
	ret_op->slots = kind == OFL_OP_DEL ? 0 : ofl_lpm_cost(p, n);
	ret_op->identity = n->op_identity;
	ret_op->key = ofl_lpm_key(p, n);
	ofl_place_mark_changed(p, n);
	return true;
}

/* Put everything of a waiting list where it may be tried again. */
static void reschedule_all(struct ofl_place *p, struct ofl_lpm_exec_head *head)
{
	struct ofl_lpm_node *n;

	frr_each_safe (ofl_lpm_exec, head, n)
		schedule(p, n);
}

/* Is n's REAL entry as it should be, so that it would come straight back? */
static bool is_right(const struct ofl_lpm_node *n)
{
	return n->want == OFL_ENTRY_REAL && n->route &&
	       n->identity == n->hw_identity &&
	       ofl_bare_is_safe(n, n->identity);
}

/* The REAL entry, n's own or the next above, without which n can move: a
 * removal may go under a punt, whatever it exposes; anything else only gains if
 * that entry was not right anyway. */
static struct ofl_lpm_node *in_the_way(struct ofl_lpm_node *n)
{
	bool removal = due(n) == OFL_OP_DEL;

	if (removal && n->hw == OFL_ENTRY_PUNT)
		n = ofl_lpm_up(n);
	while (n && n->hw == OFL_ENTRY_NONE)
		n = ofl_lpm_up(n);
	if (!n || n->hw != OFL_ENTRY_REAL)
		return NULL;
	return removal || !is_right(n) ? n : NULL;
}

/* The REAL entry v becomes a punt, which takes no slot.  If hardware refuses
 * that, it goes if nothing above answers for it then; one that is to go anyway
 * can once the next above has given way.  An entry that is wanted comes back
 * when the others have moved. */
static bool give_way(struct ofl_place *p, struct ofl_lpm_node *v,
		     struct ofl_op *ret_op)
{
	uint32_t above;

	for (; v && v->hw != OFL_ENTRY_PUNT; v = ofl_lpm_up(v)) {
		if (v->hw != OFL_ENTRY_REAL)
			continue;
		if (!v->punt_failed)
			return issue(p, v, OFL_OP_REPLACE, OFL_ENTRY_PUNT,
				     ret_op);
		if (!v->del_failed && identity_above(v, &above) && above == 0)
			return issue(p, v, OFL_OP_DEL, OFL_ENTRY_NONE, ret_op);
		if (due(v) != OFL_OP_DEL)
			break;
	}
	return false;
}

/* Nothing moves and nothing is in flight. */
static bool break_deadlock(struct ofl_place *p, struct ofl_op *ret_op)
{
	struct ofl_lpm_exec_head *heads[] = {&p->exec_blocked, &p->exec_slot};
	struct ofl_lpm_node *n;

	for (size_t i = 0; i < array_size(heads); i++) {
		frr_each (ofl_lpm_exec, heads[i], n) {
			if (give_way(p, in_the_way(n), ret_op)) {
				p->gave_way = true;
				return true;
			}
		}
	}
	return false;
}

static bool has_slot(const struct ofl_place *p, const struct ofl_lpm_node *n)
{
	return (uint64_t)p->st.used_slots + ofl_lpm_cost(p, n) <=
	       ofl_place_capacity(p);
}

/* What may be tried now: what frees slots comes first. */
static struct ofl_lpm_node *first_scheduled(struct ofl_place *p)
{
	struct ofl_lpm_node *n = ofl_lpm_exec_first(&p->exec_free);

	if (!n)
		n = ofl_lpm_exec_first(&p->exec_add);
	if (!n) {
		n = ofl_lpm_exec_first(&p->exec_slot);
		if (n && !has_slot(p, n))
			return NULL;
	}
	return n;
}

static bool next_scheduled(struct ofl_place *p, struct ofl_op *ret_op)
{
	struct ofl_lpm_node *n;

	while ((n = first_scheduled(p))) {
		enum ofl_op_kind kind = due(n);
		enum ofl_entry entry;

		entry = kind == OFL_OP_DEL ? OFL_ENTRY_NONE : n->want;
		if (kind == OFL_OP_NONE)
			enlist(p, n, OFL_EXEC_NONE);
		else if (!is_safe(n, entry))
			enlist(p, n, OFL_EXEC_BLOCKED);
		else if (kind == OFL_OP_ADD && !has_slot(p, n))
			enlist(p, n, OFL_EXEC_SLOT);
		else
			return issue(p, n, kind, entry, ret_op);
	}
	return false;
}

bool ofl_exec_next(struct ofl_place *p, struct ofl_op *ret_op)
{
	if (p->st.in_flight == OFL_PLACE_IN_FLIGHT)
		return false;
	if (next_scheduled(p, ret_op))
		return true;
	if (p->st.in_flight)
		return false;
	/* Should a wake-up have been missed, this finds it. */
	reschedule_all(p, &p->exec_blocked);
	reschedule_all(p, &p->exec_slot);
	return next_scheduled(p, ret_op) || break_deadlock(p, ret_op);
}

static struct ofl_lpm_node *land(struct ofl_place *p, uint64_t op_id)
{
	uint32_t at = op_id & FLIGHT_MASK;
	struct ofl_lpm_node *n = p->flight[at];

	if (!n || p->flight_id[at] != op_id)
		return NULL;
	p->flight[at] = NULL;
	p->st.in_flight--;
	return n;
}

void ofl_exec_abort(struct ofl_place *p, uint64_t op_id)
{
	struct ofl_lpm_node *n = land(p, op_id);

	if (!n)
		return;
	if (n->op == OFL_OP_ADD)
		p->st.used_slots -= ofl_lpm_cost(p, n);
	n->op = OFL_OP_NONE;
	ofl_bare_refresh(n);
	schedule(p, n);
	unblock_above(p, n);
	ofl_place_mark_changed(p, n);
}

static enum ofl_reason refusal(const struct ofl_outcome *o)
{
	switch (o->status) {
	case OFL_STATUS_NO_SPACE:
		return OFL_REASON_HW_NO_SPACE;
	case OFL_STATUS_UNSUPPORTED:
		return OFL_REASON_HW_UNSUPPORTED;
	default:
		return OFL_REASON_HW_ERROR;
	}
}

static void op_failed(struct ofl_place *p, struct ofl_lpm_node *n, uint8_t kind,
		      const struct ofl_outcome *o)
{
	if (kind != OFL_OP_ADD) {
		/* The entry was lost meanwhile: its slot is free after all. */
		if (n->hw == OFL_ENTRY_NONE)
			p->st.used_slots -= ofl_lpm_cost(p, n);
	} else {
		p->st.used_slots -= ofl_lpm_cost(p, n);
		if (o->status == OFL_STATUS_NO_SPACE) {
			/* The table is smaller than we were told. */
			p->learned_slots =
				MIN(p->learned_slots, p->st.used_slots);
			p->probing = false;
			n->reason = OFL_REASON_HW_NO_SPACE;
			ofl_choice_limits(p);
			ofl_choice_touch(p, n);
			return;
		}
	}
	p->refused = true;
	if (kind == OFL_OP_DEL)
		ofl_place_set_stuck(p, n, n->hw != OFL_ENTRY_NONE);
	else if (n->op_entry == OFL_ENTRY_PUNT)
		ofl_choice_punt_failed_set(p, n, true);
	else if (n->op_identity == n->identity)
		ofl_choice_fail_set(p, n, refusal(o),
				    o->status == OFL_STATUS_UNSUPPORTED);
	ofl_choice_touch(p, n);
}

void ofl_exec_done(struct ofl_place *p, const struct ofl_outcome *outcome)
{
	struct ofl_lpm_node *n = land(p, outcome->op_id);
	bool was_held;
	uint8_t kind;

	if (!n)
		return;
	kind = n->op;
	was_held = ofl_lpm_is_held(n);
	n->op = OFL_OP_NONE;
	n->last_op = kind;
	if (outcome->status != OFL_STATUS_OK) {
		op_failed(p, n, kind, outcome);
	} else {
		if (kind == OFL_OP_DEL)
			p->st.used_slots -= ofl_lpm_cost(p, n);
		else if (p->probing && p->st.used_slots + ofl_lpm_cost(p, n) >
					       p->learned_slots)
			ofl_place_probe(p);
		n->hw = n->op_entry;
		n->hw_identity = n->op_identity;
	}
	ofl_bare_refresh(n);
	if (p->gave_way) {
		/* What n gave way to goes first, else n would come back. */
		reschedule_all(p, &p->exec_blocked);
		p->gave_way = false;
	}
	schedule(p, n);
	ofl_place_mark_changed(p, n);
	if (!was_held && ofl_lpm_is_held(n))
		unblock_above(p, n);
	ofl_sweep_below(p, n, OFL_SWEEP_HW);
}

void ofl_exec_lost(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->hw == OFL_ENTRY_NONE)
		return;
	n->hw = OFL_ENTRY_NONE;
	n->hw_identity = 0;
	n->last_op = OFL_OP_NONE;
	ofl_bare_refresh(n);
	ofl_place_set_stuck(p, n, false);
	/* An unanswered write keeps the slot until its answer. */
	if (n->op == OFL_OP_NONE)
		p->st.used_slots -= ofl_lpm_cost(p, n);
	schedule(p, n);
	ofl_place_mark_changed(p, n);
	ofl_sweep_below(p, n, OFL_SWEEP_HW);
}

struct ofl_lpm_node *ofl_exec_cover_of(const struct ofl_lpm_node *n)
{
	struct ofl_lpm_node *u;

	for (u = ofl_lpm_up(n); u; u = ofl_lpm_up(u)) {
		if (u->op != OFL_OP_NONE)
			return NULL;
		if (u->hw != OFL_ENTRY_NONE)
			return u;
	}
	return NULL;
}

bool ofl_exec_is_elided(const struct ofl_lpm_node *n)
{
	const struct ofl_lpm_node *u;

	if (n->hw != OFL_ENTRY_NONE || n->op != OFL_OP_NONE)
		return false;
	u = ofl_exec_cover_of(n);
	return u && u->hw == OFL_ENTRY_REAL &&
	       ofl_lpm_agrees(n, u->hw_identity);
}

bool ofl_exec_is_idle(const struct ofl_place *p)
{
	return p->st.in_flight == 0 && ofl_lpm_exec_count(&p->exec_free) == 0 &&
	       ofl_lpm_exec_count(&p->exec_add) == 0;
}
