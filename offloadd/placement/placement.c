// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The face of the placement room: routes in, operations out, answers in, views
 * out.  What a flow's state is, as far as this table goes, is read off a node
 * in one place, view_of().
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/round.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_PLACE, "offload placement");

void ofl_place_conf_init(struct ofl_place_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->cost_v4_slots = 1;
	conf->cost_v6_slots = 2;
	conf->hysteresis_permille = 200;
	conf->residence_sweeps = 1;
	conf->exact_cells = 4000000;
}

struct ofl_place *ofl_place_new(const struct ofl_place_conf *conf)
{
	struct ofl_place *p = XCALLOC(MTYPE_OFL_PLACE, sizeof(*p));

	p->conf = *conf;
	p->learned_slots = UINT32_MAX;
	ofl_value_init(p);
	ofl_lpm_init(p);
	ofl_exec_init(p);
	ofl_sweep_init(p);
	ofl_watermark_init(&p->mark, conf->low_slots, conf->high_slots);
	ofl_round_init(p);
	return p;
}

void ofl_place_free(struct ofl_place *p)
{
	if (!p)
		return;
	ofl_round_fini(p);
	ofl_lpm_queue_fini(&p->changed);
	ofl_lpm_queue_fini(&p->dirty);
	ofl_sweep_fini(p);
	ofl_exec_fini(p);
	ofl_lpm_fini(p);
	XFREE(MTYPE_OFL_PLACE, p);
}

/* Take the slots of all nodes out of the books (-1), or put them in (1). */
static void account_all(struct ofl_place *p, int sign)
{
	struct ofl_lpm_node *n;
	uint64_t at = 0;

	while ((n = ofl_lpm_scan(p, &at))) {
		int slots = sign * (int)ofl_lpm_cost(p, n);

		ofl_choice_account(p, n, sign);
		if (n->hw != OFL_ENTRY_NONE || n->op != OFL_OP_NONE)
			p->st.used_slots += slots;
		if (n->del_failed)
			p->stuck_slots += slots;
	}
}

/* Another limit for covers: each critical route is decided about again. */
static void touch_critical(struct ofl_place *p)
{
	struct ofl_lpm_node *n;
	uint64_t at = 0;

	while ((n = ofl_lpm_scan(p, &at))) {
		if (!n->route || n->cls != OFL_CLASS_CRITICAL)
			continue;
		if (n->fail == OFL_REASON_COVER_LIMIT)
			ofl_choice_fail_set(p, n, OFL_REASON_NONE, false);
		ofl_choice_touch(p, n);
	}
}

void ofl_place_conf_set(struct ofl_place *p, const struct ofl_place_conf *conf)
{
	bool costs = conf->cost_v4_slots != p->conf.cost_v4_slots ||
		     conf->cost_v6_slots != p->conf.cost_v6_slots;
	/* The limit is in slots, too. */
	bool limited = conf->critical_cover_limit_slots !=
			       p->conf.critical_cover_limit_slots ||
		       (costs && conf->critical_cover_limit_slots);
	int64_t floor = ofl_value_floor(p);

	if (costs)
		account_all(p, -1);
	p->conf = *conf;
	p->learned_slots = UINT32_MAX;
	if (costs) {
		account_all(p, 1);
		ofl_value_reset(p);
	}
	ofl_value_floor_changed(p, floor);
	if (limited)
		touch_critical(p);
	ofl_choice_limits(p);
}

void ofl_place_mark_changed(struct ofl_place *p, struct ofl_lpm_node *n)
{
	p->changes++;
	if (n->changed)
		return;
	n->changed = true;
	ofl_lpm_queue_add(&p->changed, n);
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

/* Only its weight is another: nothing follows but other sums. */
static void set_weight(struct ofl_place *p, struct ofl_lpm_node *n,
		       const struct ofl_place_route *r)
{
	struct ofl_value_change change;
	bool was_too_little;

	n->cookie = r->cookie;
	if (n->weight == r->weight)
		return;
	was_too_little = ofl_choice_is_too_little(p, n);
	change = ofl_value_begin(p, n);
	ofl_choice_account(p, n, -1);
	n->weight = r->weight;
	p->changes++;
	ofl_choice_account(p, n, 1);
	ofl_value_commit(p, n, &change);
	/* Why it waits may be another reason now. */
	if (ofl_choice_is_too_little(p, n) != was_too_little &&
	    ofl_choice_is_waiting(p, n))
		ofl_place_mark_changed(p, n);
	if (n->cls == OFL_CLASS_CRITICAL)
		ofl_round_note_change(p);
	else
		ofl_round_note_weight(p);
}

bool ofl_place_set(struct ofl_place *p, const struct ofl_key *key,
		   const struct ofl_place_route *r)
{
	uint32_t identity = r->cls == OFL_CLASS_NEVER ? 0 : r->identity;
	struct ofl_lpm_node *n;
	bool is_new, gives_way;

	if (!key_is_sound(key))
		return false;
	n = ofl_lpm_get(p, key, &is_new);
	/* Its slot may be what a critical route waits for. */
	gives_way = n->want == OFL_ENTRY_REAL && n->cls == OFL_CLASS_CRITICAL &&
		    r->cls != n->cls;
	if (n->route && n->identity == identity && n->cls == r->cls &&
	    n->why == r->why) {
		set_weight(p, n, r);
		return true;
	}
	if (n->route)
		ofl_value_leave(p, n);
	ofl_choice_account(p, n, -1);
	if (!n->route)
		p->st.routes++;
	p->st.eligible += (identity != 0);
	p->st.eligible -= n->route && n->identity;
	if (n->identity != identity || n->fail == OFL_REASON_COVER_LIMIT) {
		n->fail = OFL_REASON_NONE;
		n->hard_failed = false;
	}
	n->renewed |= n->identity != identity;
	n->route = true;
	n->cookie = r->cookie;
	n->identity = identity;
	n->weight = r->weight;
	n->cls = r->cls;
	n->why = r->why;
	ofl_choice_account(p, n, 1);
	ofl_value_join(p, n);
	ofl_bare_refresh(n);
	ofl_choice_route_changed(p, n);
	if (gives_way && p->round->unmet)
		ofl_round_note_urgent(p);
	ofl_exec_touch(p, n);
	ofl_place_mark_changed(p, n);
	return true;
}

void ofl_place_del(struct ofl_place *p, const struct ofl_key *key)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	if (!n || !n->route)
		return;
	ofl_value_leave(p, n);
	ofl_choice_account(p, n, -1);
	n->route = false;
	n->answered = false;
	n->pin = OFL_PIN_FREE;
	p->st.routes--;
	p->st.eligible -= n->identity != 0;
	ofl_choice_account(p, n, 1);
	ofl_bare_refresh(n);
	ofl_choice_route_changed(p, n);
	ofl_exec_touch(p, n);
	ofl_place_mark_changed(p, n);
}

bool ofl_place_plan(struct ofl_place *p, unsigned int budget)
{
	return ofl_choice_plan(p, budget);
}

bool ofl_place_improve(struct ofl_place *p, unsigned int budget)
{
	return ofl_round_run(p, budget);
}

void ofl_place_sweep(struct ofl_place *p)
{
	ofl_round_sweep(p);
}

void ofl_place_refill(struct ofl_place *p, uint32_t writes)
{
	ofl_round_refill(p, writes);
}

/* What hardware holds here is known anew. */
static void hw_learned(struct ofl_place *p, struct ofl_lpm_node *n)
{
	ofl_bare_refresh(n);
	ofl_choice_touch(p, n);
	ofl_exec_touch(p, n);
	ofl_place_mark_changed(p, n);
	ofl_sweep_below(p, n, OFL_SWEEP_HW);
}

bool ofl_place_adopt(struct ofl_place *p, const struct ofl_key *key,
		     enum ofl_entry entry, uint32_t identity)
{
	struct ofl_lpm_node *n;
	bool is_new;

	if (!key_is_sound(key) || entry == OFL_ENTRY_NONE)
		return false;
	n = ofl_lpm_get(p, key, &is_new);
	if (n->hw != OFL_ENTRY_NONE || n->op != OFL_OP_NONE)
		return false;
	n->hw = entry;
	n->hw_identity = entry == OFL_ENTRY_REAL ? identity : 0;
	p->st.used_slots += ofl_lpm_cost(p, n);
	if (n->want == OFL_ENTRY_NONE)
		n->age = 1;
	hw_learned(p, n);
	ofl_choice_adopted(p);
	return true;
}

bool ofl_place_identity_set(struct ofl_place *p, const struct ofl_key *key,
			    uint32_t identity)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	if (!n || n->hw != OFL_ENTRY_REAL || n->op != OFL_OP_NONE)
		return false;
	n->hw_identity = identity;
	hw_learned(p, n);
	return true;
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

bool ofl_place_unfit(struct ofl_place *p, const struct ofl_key *key,
		     uint64_t *ret_cookie)
{
	struct ofl_lpm_node *n = ofl_lpm_find(p, key);

	if (!n || !n->route || n->hw != OFL_ENTRY_REAL ||
	    n->op != OFL_OP_NONE || n->hw_identity != n->identity)
		return false;
	ofl_choice_fail_set(p, n, OFL_REASON_HW_ERROR, false);
	p->refused = true;
	ofl_place_mark_changed(p, n);
	*ret_cookie = n->cookie;
	return true;
}

void ofl_place_retry_node(struct ofl_place *p, struct ofl_lpm_node *n)
{
	bool soft = n->fail != OFL_REASON_NONE && !n->hard_failed;

	if (!soft && !n->punt_failed && !n->del_failed)
		return;
	if (soft)
		ofl_choice_fail_set(p, n, OFL_REASON_NONE, false);
	if (n->punt_failed)
		ofl_choice_punt_failed_set(p, n, false);
	ofl_place_set_stuck(p, n, false);
	ofl_choice_touch(p, n);
	ofl_exec_touch(p, n);
}

/* More by an eighth: should hardware have no more room, then only so many are
 * refused again. */
void ofl_place_probe(struct ofl_place *p)
{
	if (p->learned_slots < p->conf.capacity_slots)
		p->learned_slots += p->learned_slots / 8 + 8;
	ofl_choice_limits(p);
}

void ofl_place_retry(struct ofl_place *p)
{
	if (p->refused)
		ofl_sweep_all(p, OFL_SWEEP_RETRY);
	p->refused = false;
	p->probing = true;
	ofl_place_probe(p);
}

void ofl_place_renew(struct ofl_place *p)
{
	ofl_sweep_all(p, OFL_SWEEP_RENEW);
}

/* Why a route that could be answered is not. */
static enum ofl_reason reason_left_out(const struct ofl_place *p,
				       const struct ofl_lpm_node *n)
{
	int64_t price = p->price.best_effort;

	if (!ofl_value_can_be_real(n))
		return n->reason;
	if (ofl_choice_is_too_little(p, n) &&
	    (n->reason == OFL_REASON_HIGH_WATERMARK ||
	     n->reason == OFL_REASON_BELOW_PRICE))
		return OFL_REASON_TOO_LITTLE_TRAFFIC;
	if (n->reason != OFL_REASON_HIGH_WATERMARK &&
	    !(n->reason == OFL_REASON_TOO_LITTLE_TRAFFIC && p->mark.closed &&
	      !ofl_choice_is_too_little(p, n)))
		return n->reason;
	if (ofl_value_is_current(p, n) &&
	    (p->price.critical || ofl_choice_gain(p, n) < price))
		return OFL_REASON_BELOW_PRICE;
	return OFL_REASON_HIGH_WATERMARK;
}

/* A route without an entry of its own, nothing in flight: why? */
static void view_bare(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      struct ofl_place_view *v)
{
	v->state = OFL_STATE_WAITING;
	if (n->fail != OFL_REASON_NONE) {
		if (n->fail != OFL_REASON_COVER_LIMIT)
			v->state = OFL_STATE_FAILED;
		v->reason = n->fail;
	} else if (!n->identity) {
		v->reason = n->why;
	} else if (n->want == OFL_ENTRY_REAL) {
		v->reason = n->reason; /* admitted, or lost by hardware */
	} else if (ofl_exec_is_elided(n)) {
		v->state = OFL_STATE_ELIDED;
		v->reason = OFL_REASON_ELIDED;
	} else {
		v->reason = reason_left_out(p, n);
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
	struct ofl_lpm_node *n = ofl_lpm_queue_pop(&p->changed);

	if (!n)
		return false;
	n->changed = false;
	view_of(p, n, ret_view);
	if (ret_view->gone) {
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
	*ret_cover = ofl_lpm_key(p, n);
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
		struct ofl_key cover = ofl_lpm_key(p, d);

		if (!cb(&cover, d->want, arg))
			return;
	}
}

void ofl_place_critical_walk(struct ofl_place *p,
			     bool (*cb)(const struct ofl_key *key,
					uint32_t cover_slots, void *arg),
			     void *arg)
{
	struct ofl_lpm_node *n;
	uint64_t at = 0;

	while ((n = ofl_lpm_scan(p, &at))) {
		struct ofl_key key;

		if (!n->route || n->cls != OFL_CLASS_CRITICAL ||
		    n->want != OFL_ENTRY_REAL || !ofl_bare_has_punts(n))
			continue;
		key = ofl_lpm_key(p, n);
		if (!cb(&key, ofl_closure_punts(p, n, UINT32_MAX), arg))
			return;
	}
}

void ofl_place_stats(const struct ofl_place *p, struct ofl_place_stats *ret)
{
	*ret = p->st;
	ret->closed = p->mark.closed;
	ret->waiting = p->st.eligible - p->answered;
	ret->learned_slots = p->learned_slots < p->conf.capacity_slots
				     ? p->learned_slots
				     : 0;
	ret->improving = ofl_round_is_due(p);
	ret->optional_left = ofl_round_writes_left(p);
}

bool ofl_place_is_settled(const struct ofl_place *p)
{
	return ofl_choice_is_idle(p) && ofl_exec_is_idle(p);
}
