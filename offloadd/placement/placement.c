// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The face of the placement room: routes in, operations out, answers in, views
 * out.  What a flow's state is, as far as this table goes, is read off a node
 * in one place, view_of().
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/lpm.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_PLACE, "offload placement");

DECLARE_LIST(ofl_lpm_changed, struct ofl_lpm_node, changed_item);

struct ofl_place *ofl_place_new(const struct ofl_place_conf *conf)
{
	struct ofl_place *p = XCALLOC(MTYPE_OFL_PLACE, sizeof(*p));

	p->conf = *conf;
	p->learned_slots = UINT32_MAX;
	ofl_lpm_init(p);
	ofl_lpm_changed_init(&p->changed);
	ofl_greedy_init(p);
	ofl_exec_init(p);
	ofl_sweep_init(p);
	ofl_watermark_init(&p->mark, conf->low_slots, conf->high_slots);
	return p;
}

void ofl_place_free(struct ofl_place *p)
{
	if (!p)
		return;
	while (ofl_lpm_changed_pop(&p->changed))
		;
	ofl_lpm_changed_fini(&p->changed);
	ofl_sweep_fini(p);
	ofl_exec_fini(p);
	ofl_greedy_fini(p);
	ofl_lpm_fini(p);
	XFREE(MTYPE_OFL_PLACE, p);
}

/* Take n's slots out of the books (-1), or put them in (1). */
static void account(struct ofl_place *p, struct ofl_lpm_node *n, int sign)
{
	int slots = sign * (int)ofl_lpm_cost(p, n);

	ofl_greedy_account(p, n, sign);
	if (n->hw != OFL_ENTRY_NONE || n->op != OFL_OP_NONE)
		p->st.used_slots += slots;
	if (n->del_failed)
		p->stuck_slots += slots;
}

static void account_out(struct ofl_place *p, struct ofl_lpm_node *n)
{
	account(p, n, -1);
}

static void account_in(struct ofl_place *p, struct ofl_lpm_node *n)
{
	account(p, n, 1);
}

void ofl_place_conf_set(struct ofl_place *p, const struct ofl_place_conf *conf)
{
	bool costs = conf->cost_v4_slots != p->conf.cost_v4_slots ||
		     conf->cost_v6_slots != p->conf.cost_v6_slots;

	if (costs)
		ofl_lpm_walk(p, account_out);
	p->conf = *conf;
	p->learned_slots = UINT32_MAX;
	if (costs)
		ofl_lpm_walk(p, account_in);
	ofl_greedy_limits(p);
}

void ofl_place_mark_changed(struct ofl_place *p, struct ofl_lpm_node *n)
{
	if (n->changed)
		return;
	n->changed = true;
	ofl_lpm_changed_add_tail(&p->changed, n);
}

void ofl_place_set_stuck(struct ofl_place *p, struct ofl_lpm_node *n,
			 bool stuck)
{
	if (n->del_failed == stuck)
		return;
	n->del_failed = stuck;
	if (stuck)
		p->stuck_slots += ofl_lpm_cost(p, n);
	else
		p->stuck_slots -= ofl_lpm_cost(p, n);
}

static bool key_is_sound(const struct ofl_key *key)
{
	struct ofl_prefix same;

	if (key->p.family != AF_INET && key->p.family != AF_INET6)
		return false;
	if (key->p.plen > ofl_family_bits(key->p.family))
		return false;
	same = ofl_prefix_make(key->p.family, key->p.addr, key->p.plen);
	return ofl_prefix_cmp(&same, &key->p) == 0;
}

bool ofl_place_set(struct ofl_place *p, const struct ofl_key *key,
		   const struct ofl_place_route *r)
{
	uint32_t identity = r->cls == OFL_CLASS_NEVER ? 0 : r->identity;
	struct ofl_lpm_node *n;
	bool is_new;

	if (!key_is_sound(key))
		return false;
	n = ofl_lpm_get(p, key, &is_new);
	ofl_greedy_unlist(p, n);
	if (!n->route)
		p->st.routes++;
	p->st.eligible += (identity != 0);
	p->st.eligible -= n->route && n->identity;
	if (n->identity != identity) {
		n->fail = OFL_REASON_NONE;
		n->hard_failed = false;
	}
	n->route = true;
	n->cookie = r->cookie;
	n->identity = identity;
	n->weight = r->weight;
	n->cls = r->cls;
	n->why = r->why;
	ofl_greedy_relist(p, n);
	ofl_bare_refresh(n);
	ofl_greedy_route_changed(p, n);
	ofl_exec_touch(p, n);
	ofl_place_mark_changed(p, n);
	return true;
}

void ofl_place_del(struct ofl_place *p, const struct ofl_key *key)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	if (!n || !n->route)
		return;
	ofl_greedy_unlist(p, n);
	n->route = false;
	p->st.routes--;
	p->st.eligible -= n->identity != 0;
	ofl_greedy_relist(p, n);
	ofl_bare_refresh(n);
	ofl_greedy_route_changed(p, n);
	ofl_exec_touch(p, n);
	ofl_place_mark_changed(p, n);
}

bool ofl_place_plan(struct ofl_place *p, unsigned int budget)
{
	return ofl_greedy_plan(p, budget);
}

bool ofl_place_next(struct ofl_place *p, struct ofl_op *ret_op)
{
	return ofl_exec_next(p, ret_op);
}

void ofl_place_abort(struct ofl_place *p, const struct ofl_op *op)
{
	ofl_exec_abort(p, op->id);
}

void ofl_place_done(struct ofl_place *p, const struct ofl_outcome *outcome)
{
	ofl_exec_done(p, outcome);
}

void ofl_place_lost(struct ofl_place *p, const struct ofl_key *key)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	if (!n)
		return;
	n->reason = OFL_REASON_HW_LOST;
	ofl_exec_lost(p, n);
}

void ofl_place_retry_node(struct ofl_place *p, struct ofl_lpm_node *n)
{
	bool soft = n->fail != OFL_REASON_NONE && !n->hard_failed;

	if (!soft && !n->punt_failed && !n->del_failed)
		return;
	if (soft)
		n->fail = OFL_REASON_NONE;
	n->punt_failed = false;
	ofl_place_set_stuck(p, n, false);
	ofl_greedy_touch(p, n);
	ofl_exec_touch(p, n);
}

/* More by an eighth: should hardware have no more room, then only so many are
 * refused again. */
void ofl_place_probe(struct ofl_place *p)
{
	if (p->learned_slots < p->conf.capacity_slots)
		p->learned_slots += p->learned_slots / 8 + 8;
	ofl_greedy_limits(p);
}

void ofl_place_retry(struct ofl_place *p)
{
	if (p->refused)
		ofl_sweep_all(p, OFL_SWEEP_RETRY);
	p->refused = false;
	p->probing = true;
	ofl_place_probe(p);
}

/* A route without an entry of its own, nothing in flight: why? */
static void view_bare(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      struct ofl_place_view *v)
{
	v->state = OFL_STATE_WAITING;
	if (n->fail != OFL_REASON_NONE) {
		v->state = OFL_STATE_FAILED;
		v->reason = n->fail;
	} else if (!n->identity) {
		v->reason = n->why;
	} else if (n->want == OFL_ENTRY_REAL) {
		v->reason = n->reason; /* admitted, or lost by hardware */
	} else if (ofl_exec_is_elided(n)) {
		v->state = OFL_STATE_ELIDED;
		v->reason = OFL_REASON_ELIDED;
	} else if (n->waiting == OFL_WAIT_HEAP && p->mark.closed &&
		   n->reason != OFL_REASON_EVICTED_FOR_CRITICAL &&
		   n->reason != OFL_REASON_EVICTED_FOR_COVER) {
		v->reason = OFL_REASON_HIGH_WATERMARK;
	} else {
		v->reason = n->reason;
	}
}

static void view_held(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      struct ofl_place_view *v)
{
	if (n->hw == OFL_ENTRY_PUNT) {
		view_bare(p, n, v);
		if (v->state == OFL_STATE_WAITING)
			v->state = OFL_STATE_COVERED;
		return;
	}
	if (n->want == OFL_ENTRY_REAL && n->hw_identity == n->identity) {
		v->state = OFL_STATE_OFFLOADED;
		v->reason = OFL_REASON_ADMITTED;
		return;
	}
	v->state = OFL_STATE_LEAVING;
	if (n->del_failed)
		v->reason = OFL_REASON_HW_ERROR;
	else if (n->want == OFL_ENTRY_REAL)
		v->reason = OFL_REASON_NEXTHOP_CHANGED;
	else
		v->reason = n->reason;
}

static void view_of(const struct ofl_place *p, const struct ofl_lpm_node *n,
		    struct ofl_place_view *v)
{
	memset(v, 0, sizeof(*v));
	v->cookie = n->cookie;
	v->entry = n->hw;
	v->want = n->want;
	v->in_flight = n->op;
	v->last_op = n->op != OFL_OP_NONE ? n->op : n->last_op;
	v->identity = n->hw == OFL_ENTRY_REAL ? n->hw_identity : 0;
	v->slots = n->hw != OFL_ENTRY_NONE ? ofl_lpm_cost(p, n) : 0;
	v->gone = !n->route && n->hw == OFL_ENTRY_NONE &&
		  n->op == OFL_OP_NONE && n->want == OFL_ENTRY_NONE &&
		  !n->dirty;
	if (n->op == OFL_OP_NONE && n->hw == OFL_ENTRY_NONE) {
		view_bare(p, n, v);
		if (!n->route)
			v->state = v->gone ? OFL_STATE_GONE : OFL_STATE_WAITING;
	} else if (n->op == OFL_OP_NONE) {
		view_held(p, n, v);
	} else if (n->op_entry == OFL_ENTRY_REAL) {
		v->state = OFL_STATE_SENT;
		v->reason = OFL_REASON_ADMITTED;
	} else if (n->hw == OFL_ENTRY_REAL || n->op == OFL_OP_DEL) {
		v->state = OFL_STATE_LEAVING;
		v->reason = n->route && !n->identity ? n->why : n->reason;
	} else {
		/* A cover on its way: until then as without it. */
		view_bare(p, n, v);
	}
	if (!n->route && !v->gone)
		v->reason = OFL_REASON_WITHDRAWN;
}

bool ofl_place_changed(struct ofl_place *p, struct ofl_place_view *ret_view)
{
	struct ofl_lpm_node *n = ofl_lpm_changed_pop(&p->changed);

	if (!n)
		return false;
	n->changed = false;
	view_of(p, n, ret_view);
	if (ret_view->gone) {
		ofl_greedy_unlist(p, n);
		ofl_lpm_del(p, n);
	}
	return true;
}

bool ofl_place_view(struct ofl_place *p, const struct ofl_key *key,
		    struct ofl_place_view *ret_view)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	if (!n)
		return false;
	view_of(p, n, ret_view);
	return true;
}

uint64_t ofl_place_op_cookie(struct ofl_place *p, uint64_t op_id)
{
	uint32_t at = op_id & (OFL_PLACE_IN_FLIGHT - 1);

	return p->flight[at] && p->flight_id[at] == op_id
		       ? p->flight[at]->cookie
		       : 0;
}

bool ofl_place_cover_of(struct ofl_place *p, const struct ofl_key *key,
			struct ofl_key *ret_cover)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	n = n ? ofl_exec_cover_of(n) : NULL;
	if (!n)
		return false;
	*ret_cover = n->b.key;
	return true;
}

void ofl_place_covers_walk(struct ofl_place *p, const struct ofl_key *key,
			   bool (*cb)(const struct ofl_key *cover,
				      enum ofl_entry entry, void *arg),
			   void *arg)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key), *d = n;

	if (!n || n->want != OFL_ENTRY_REAL)
		return;
	while ((d = ofl_bare_next_punt(n, d))) {
		if (!cb(&d->b.key, d->want, arg))
			return;
	}
}

void ofl_place_stats(const struct ofl_place *p, struct ofl_place_stats *ret)
{
	*ret = p->st;
	ret->closed = p->mark.closed;
	ret->waiting = ofl_greedy_waiting(p);
}

bool ofl_place_is_settled(const struct ofl_place *p)
{
	return ofl_greedy_is_idle(p) && ofl_exec_is_idle(p);
}
