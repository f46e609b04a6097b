// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The face of the ACL part of the placement room: rules in, operations out,
 * answers in, views out.  How a rule stands is read off it in one place,
 * view_of().
 */
#include <zebra.h>

#include <math.h>

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/acl_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL, "offload ACL placement");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACE, "offload ACE");

#define SET_START 4
#define PREF_TOP 65535

static int cookie_cmp(const struct ofl_ace *a, const struct ofl_ace *b)
{
	return numcmp(a->cookie, b->cookie);
}

static uint32_t cookie_hash(const struct ofl_ace *r)
{
	return jhash_2words(r->cookie, r->cookie >> 32, 0);
}

static int position_cmp(const struct ofl_ace *a, const struct ofl_ace *b)
{
	return numcmp(a->position, b->position);
}

static uint32_t position_hash(const struct ofl_ace *r)
{
	return jhash_2words(r->position, r->position >> 32, 1);
}

DECLARE_HASH(ofl_ace_hash, struct ofl_ace, hash_item, cookie_cmp, cookie_hash);
DECLARE_HASH(ofl_ace_order, struct ofl_ace, order_item, position_cmp,
	     position_hash);
DECLARE_DLIST(ofl_ace_changed, struct ofl_ace, changed_item);

/* --- sets of handles, and arrays to scan --- */
void ofl_ace_set_add(struct ofl_ace_set *s, uint32_t handle)
{
	if (s->count == s->size) {
		s->size = s->size ? s->size * 2 : SET_START;
		s->at = XREALLOC(MTYPE_OFL_ACL, s->at,
				 s->size * sizeof(*s->at));
	}
	s->at[s->count++] = handle;
}

void ofl_ace_set_del(struct ofl_ace_set *s, uint32_t handle)
{
	uint32_t i = s->count;

	/* What came last goes first more often than not. */
	while (s->at[--i] != handle)
		assert(i);
	s->at[i] = s->at[--s->count];
}

void ofl_ace_set_fini(struct ofl_ace_set *s)
{
	XFREE(MTYPE_OFL_ACL, s->at);
	s->count = s->size = 0;
}

uint32_t ofl_ace_scan_add(struct ofl_ace_scan *s, const struct ofl_match *m,
			  uint32_t handle)
{
	if (s->count == s->size) {
		s->size = s->size ? s->size * 2 : SET_START;
		s->at = XREALLOC(MTYPE_OFL_ACL, s->at,
				 s->size * sizeof(*s->at));
	}
	s->at[s->count].summary = ofl_match_summary_make(m);
	s->at[s->count].handle = handle;
	return s->count++;
}

uint32_t ofl_ace_scan_del(struct ofl_ace_scan *s, uint32_t at)
{
	s->at[at] = s->at[--s->count];
	return at < s->count ? s->at[at].handle : OFL_ACE_NOWHERE;
}

/* --- rules --- */
void ofl_ace_mark_changed(struct ofl_acl_place *p, struct ofl_ace *r)
{
	if (r->changed || ofl_ace_is_ghost(r))
		return;
	r->changed = true;
	ofl_ace_changed_add_tail(&p->changed, r);
}

static struct ofl_ace *find(struct ofl_acl_place *p, uint64_t cookie)
{
	struct ofl_ace key = {.cookie = cookie};

	return cookie ? ofl_ace_hash_find(&p->by_cookie, &key) : NULL;
}

static bool has_position(struct ofl_acl_place *p, uint64_t position)
{
	struct ofl_ace key = {.position = position};

	return ofl_ace_order_find(&p->by_position, &key) != NULL;
}

static uint32_t handle_new(struct ofl_acl_place *p)
{
	uint32_t old = p->rules_size;

	if (p->free_handles.count)
		return p->free_handles.at[--p->free_handles.count];
	p->rules_size = old ? old * 2 : SET_START;
	p->rules = XREALLOC(MTYPE_OFL_ACL, p->rules,
			    p->rules_size * sizeof(*p->rules));
	memset(p->rules + old, 0, (p->rules_size - old) * sizeof(*p->rules));
	for (uint32_t i = p->rules_size; i-- > old + 1;)
		ofl_ace_set_add(&p->free_handles, i);
	return old;
}

static struct ofl_match *match_copy(const struct ofl_match *m)
{
	size_t size = ofl_match_size(m);
	struct ofl_match *copy = XMALLOC(MTYPE_OFL_ACE, size);

	memcpy(copy, m, size);
	return copy;
}

/* Of its action, as dependencies see it. */
static uint32_t effective_identity(const struct ofl_acl_rule *rule)
{
	if (rule->cls == OFL_CLASS_NEVER || rule->cover)
		return 0;
	return rule->identity;
}

/* It came back before that was told. */
static void gone_del(struct ofl_acl_place *p, uint64_t cookie)
{
	for (uint32_t i = p->gone_count; i-- > 0;) {
		if (p->gone[i] == cookie)
			p->gone[i] = p->gone[--p->gone_count];
	}
}

static void rule_new(struct ofl_acl_place *p, uint64_t cookie,
		     const struct ofl_acl_rule *rule)
{
	struct ofl_ace *r = XCALLOC(MTYPE_OFL_ACE, sizeof(*r));

	r->handle = handle_new(p);
	p->rules[r->handle] = r;
	r->cookie = cookie;
	r->position = rule->position;
	r->match = match_copy(rule->match);
	r->entry = rule->cover ? match_copy(rule->cover) : r->match;
	r->identity = effective_identity(rule);
	r->weight = rule->weight;
	r->slots = rule->slots;
	r->cls = rule->cls;
	r->why = rule->why;
	r->punts = rule->punts;
	r->uncoverable = r->uncoverable_forever = rule->slots == 0;
	r->level_at = r->wide_at = r->heap_at = OFL_ACE_NOWHERE;
	ofl_ace_hash_add(&p->by_cookie, r);
	ofl_ace_order_add(&p->by_position, r);
	gone_del(p, cookie);
	ofl_acl_dep_add(p, r);
	ofl_ace_reckon(p, r);
	ofl_ace_mark_changed(p, r);
}

static void gone_add(struct ofl_acl_place *p, uint64_t cookie)
{
	if (p->gone_count == p->gone_size) {
		p->gone_size = p->gone_size ? p->gone_size * 2 : SET_START;
		p->gone = XREALLOC(MTYPE_OFL_ACL, p->gone,
				   p->gone_size * sizeof(*p->gone));
	}
	p->gone[p->gone_count++] = cookie;
}

/* Is there anything by this name, in the list or left over of it? */
static bool is_left(struct ofl_acl_place *p, uint64_t cookie)
{
	if (find(p, cookie))
		return true;
	for (uint32_t i = 0; i < p->ladder.count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, p->ladder.at[i].handle);

		if (ofl_ace_is_ghost(r) && r->late_cookie == cookie)
			return true;
	}
	return false;
}

static void rule_free(struct ofl_acl_place *p, struct ofl_ace *r)
{
	p->rules[r->handle] = NULL;
	ofl_ace_set_fini(&r->up);
	ofl_ace_set_fini(&r->down);
	if (r->entry != r->match)
		XFREE(MTYPE_OFL_ACE, r->entry);
	XFREE(MTYPE_OFL_ACE, r->match);
	XFREE(MTYPE_OFL_ACE, r);
}

void ofl_ace_forget(struct ofl_acl_place *p, struct ofl_ace *r)
{
	uint64_t cookie = r->late_cookie;

	p->ghosts--;
	ofl_acl_level_leave(p, r);
	ofl_acl_exec_unqueue(p, r);
	ofl_ace_set_add(&p->free_handles, r->handle);
	rule_free(p, r);
	if (!is_left(p, cookie))
		gone_add(p, cookie);
}

static void rule_del(struct ofl_acl_place *p, struct ofl_ace *r)
{
	ofl_ace_hash_del(&p->by_cookie, r);
	ofl_ace_order_del(&p->by_position, r);
	ofl_acl_swap_forget(p, r);
	ofl_acl_dep_del(p, r);
	r->late_cookie = r->cookie;
	r->cookie = 0; /* from here on there is nothing to tell of it */
	p->ghosts++;
	if (r->changed)
		ofl_ace_changed_del(&p->changed, r);
	r->changed = false;
	ofl_ace_reckon(p, r);
	ofl_acl_level_release(p, r);
	if (r->hw == OFL_ENTRY_NONE && r->op == OFL_OP_NONE &&
	    r->old_hw == OFL_ENTRY_NONE)
		ofl_ace_forget(p, r);
	else
		ofl_acl_exec_queue(p, r);
}

/* Is it the same to hardware? */
static bool is_same(const struct ofl_ace *r, const struct ofl_acl_rule *rule)
{
	return ofl_match_eq(r->match, rule->match) &&
	       ofl_match_eq(r->entry,
			    rule->cover ? rule->cover : rule->match) &&
	       (r->entry != r->match) == (rule->cover != NULL) &&
	       r->identity == effective_identity(rule) &&
	       r->punts == rule->punts && r->slots == rule->slots;
}

bool ofl_acl_place_set(struct ofl_acl_place *p, uint64_t cookie,
		       const struct ofl_acl_rule *rule)
{
	struct ofl_ace *r = find(p, cookie);
	bool moved = !r || r->position != rule->position;

	if (!cookie || (moved && has_position(p, rule->position)))
		return false;
	p->due = OFL_ACL_CHOICE;
	if (!r || !is_same(r, rule) ||
	    (moved && !ofl_acl_dep_can_shift(p, r, rule->position))) {
		if (r)
			rule_del(p, r);
		rule_new(p, cookie, rule);
		return true;
	}
	if (moved) {
		ofl_ace_order_del(&p->by_position, r);
		r->position = rule->position;
		ofl_ace_order_add(&p->by_position, r);
	}
	r->weight = rule->weight;
	r->why = rule->why;
	ofl_ace_class_set(p, r, rule->cls);
	ofl_ace_mark_changed(p, r);
	return true;
}

bool ofl_acl_place_weight_set(struct ofl_acl_place *p, uint64_t cookie,
			      uint32_t weight)
{
	struct ofl_ace *r = find(p, cookie);

	if (!r)
		return false;
	if (r->weight != weight) {
		r->weight = weight;
		ofl_ace_reckon(p, r);
		p->due = OFL_ACL_CHOICE;
	}
	return true;
}

void ofl_acl_place_del(struct ofl_acl_place *p, uint64_t cookie)
{
	struct ofl_ace *r = find(p, cookie);

	if (!r)
		return;
	p->due = OFL_ACL_CHOICE;
	rule_del(p, r);
}

/* --- the room --- */
void ofl_acl_place_conf_init(struct ofl_acl_place_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->hysteresis_permille = 200;
	conf->pref_first = 1;
	conf->pref_last = PREF_TOP;
}

struct ofl_acl_place *ofl_acl_place_new(const struct ofl_acl_place_conf *conf)
{
	struct ofl_acl_place *p = XCALLOC(MTYPE_OFL_ACL, sizeof(*p));

	p->conf = *conf;
	p->learned_slots = UINT32_MAX;
	p->attempt.handle = OFL_ACE_NOWHERE;
	p->candidates.best_first = true;
	ofl_ace_hash_init(&p->by_cookie);
	ofl_ace_order_init(&p->by_position);
	ofl_ace_changed_init(&p->changed);
	ofl_acl_level_init(p);
	ofl_acl_exec_init(p);
	return p;
}

void ofl_acl_place_free(struct ofl_acl_place *p)
{
	if (!p)
		return;
	ofl_acl_exec_fini(p);
	while (ofl_ace_changed_pop(&p->changed))
		;
	while (ofl_ace_hash_pop(&p->by_cookie))
		;
	while (ofl_ace_order_pop(&p->by_position))
		;
	for (uint32_t i = 0; i < p->rules_size; i++) {
		if (p->rules[i])
			rule_free(p, p->rules[i]);
	}
	ofl_ace_changed_fini(&p->changed);
	ofl_ace_hash_fini(&p->by_cookie);
	ofl_ace_order_fini(&p->by_position);
	ofl_acl_level_fini(p);
	ofl_ace_set_fini(&p->free_handles);
	ofl_ace_set_fini(&p->wide);
	ofl_ace_set_fini(&p->forced);
	ofl_ace_set_fini(&p->parked);
	ofl_ace_set_fini(&p->attempt.away);
	ofl_ace_set_fini(&p->dirty);
	ofl_ace_set_fini(&p->stuck);
	ofl_ace_heap_fini(&p->candidates);
	ofl_ace_heap_fini(&p->residents);
	ofl_ace_heap_fini(&p->critical);
	XFREE(MTYPE_OFL_ACL, p->list.at);
	XFREE(MTYPE_OFL_ACL, p->ladder.at);
	XFREE(MTYPE_OFL_ACL, p->gone);
	XFREE(MTYPE_OFL_ACL, p->rules);
	XFREE(MTYPE_OFL_ACL, p);
}

void ofl_acl_place_conf_set(struct ofl_acl_place *p,
			    const struct ofl_acl_place_conf *conf)
{
	uint16_t first = p->conf.pref_first, last = p->conf.pref_last;

	p->conf = *conf;
	p->conf.pref_first = first;
	p->conf.pref_last = last;
	p->learned_slots = UINT32_MAX;
	p->closed = false;
	p->due = OFL_ACL_CHOICE;
	ofl_acl_dep_recheck(p);
	ofl_acl_exec_wake_room(p, UINT32_MAX);
}

bool ofl_acl_place_plan(struct ofl_acl_place *p, unsigned int budget)
{
	bool more;

	if (p->due == OFL_ACL_NOTHING)
		return false;
	/* What was decided before that was told may be otherwise now. */
	if (p->due == OFL_ACL_CHOICE)
		p->again = p->again || p->parked.count ||
			   p->attempt.handle != OFL_ACE_NOWHERE;
	if (p->due != OFL_ACL_LEVELS) {
		more = ofl_acl_swap_run(p, budget);
		p->due = more ? OFL_ACL_CHOOSING : OFL_ACL_LEVELS;
		if (more)
			return true;
	}
	more = ofl_acl_level_run(p, budget);
	/* A rule without a pref to be had cannot be covered: decide again. */
	if (p->forced.count)
		p->due = OFL_ACL_CHOICE;
	else if (!more)
		p->due = OFL_ACL_NOTHING;
	return p->due != OFL_ACL_NOTHING;
}

/* --- how things stand --- */
static enum ofl_reason why_waiting(const struct ofl_acl_place *p,
				   const struct ofl_ace *r)
{
	if (r->identity == 0)
		return r->why ? r->why : OFL_REASON_RULE_NEVER;
	if (r->slots == 0)
		return OFL_REASON_HW_UNSUPPORTED;
	if (r->fail)
		return r->fail;
	if (r->want)
		return OFL_REASON_ADMITTED;
	if (r->wide || ofl_ace_cost_slots(r) > p->conf.capacity_slots)
		return OFL_REASON_RULES_ABOVE;
	if (r->barred)
		return OFL_REASON_RULE_ABOVE_UNCOVERABLE;
	if (r->left)
		return r->left;
	if (r->cls == OFL_CLASS_CRITICAL)
		return OFL_REASON_TABLE_FULL;
	return p->closed ? OFL_REASON_HIGH_WATERMARK : OFL_REASON_BELOW_PRICE;
}

static enum ofl_state state_of(const struct ofl_ace *r)
{
	if (r->op == OFL_OP_ADD && r->hw == OFL_ENTRY_NONE)
		return OFL_STATE_SENT;
	if (r->op == OFL_OP_DEL && !r->op_old)
		return OFL_STATE_LEAVING;
	if (r->hw == OFL_ENTRY_REAL)
		return OFL_STATE_OFFLOADED;
	if (r->hw == OFL_ENTRY_PUNT)
		return OFL_STATE_COVERED;
	return r->fail ? OFL_STATE_FAILED : OFL_STATE_WAITING;
}

static void view_of(const struct ofl_acl_place *p, const struct ofl_ace *r,
		    struct ofl_acl_view *ret)
{
	*ret = (struct ofl_acl_view){
		.cookie = r->cookie,
		.state = state_of(r),
		.entry = r->hw,
		.want = ofl_ace_planned(r),
		.in_flight = r->op,
		.unsafe = ofl_ace_is_unsafe(r),
		.slots = r->hw ? r->slots : 0,
		.pref = r->hw ? r->hw_pref : 0,
		.above = r->identity ? r->above : 0,
		.below = r->covers,
	};
	if (ret->state == OFL_STATE_OFFLOADED)
		ret->reason = OFL_REASON_ADMITTED;
	else if (ret->state == OFL_STATE_COVERED && !r->fail)
		ret->reason = OFL_REASON_COVER_FOR_BELOW;
	else
		ret->reason = why_waiting(p, r);
}

bool ofl_acl_place_changed(struct ofl_acl_place *p,
			   struct ofl_acl_view *ret_view)
{
	struct ofl_ace *r = ofl_ace_changed_pop(&p->changed);

	if (r) {
		r->changed = false;
		view_of(p, r, ret_view);
		return true;
	}
	if (!p->gone_count)
		return false;
	*ret_view = (struct ofl_acl_view){
		.cookie = p->gone[--p->gone_count],
		.state = OFL_STATE_GONE,
		.reason = OFL_REASON_WITHDRAWN,
		.gone = true,
	};
	return true;
}

bool ofl_acl_place_view(struct ofl_acl_place *p, uint64_t cookie,
			struct ofl_acl_view *ret_view)
{
	struct ofl_ace *r = find(p, cookie);

	if (!r)
		return false;
	view_of(p, r, ret_view);
	for (uint32_t i = 0; p->ghosts && i < p->ladder.count; i++) {
		r = ofl_ace_at(p, p->ladder.at[i].handle);
		if (ofl_ace_is_ghost(r) && r->late_cookie == cookie)
			ret_view->leaving_slots += r->slots;
	}
	return true;
}

void ofl_acl_place_covers_walk(struct ofl_acl_place *p, uint64_t cookie,
			       bool (*cb)(uint64_t cover, enum ofl_entry entry,
					  void *arg),
			       void *arg)
{
	struct ofl_ace *r = find(p, cookie);

	for (uint32_t i = 0; r && i < r->up.count; i++) {
		struct ofl_ace *d = ofl_ace_at(p, r->up.at[i]);

		if (ofl_ace_planned(d) != OFL_ENTRY_NONE &&
		    !cb(d->cookie, ofl_ace_planned(d), arg))
			return;
	}
}

void ofl_acl_place_stats(const struct ofl_acl_place *p,
			 struct ofl_acl_stats *ret)
{
	const struct ofl_ace *edge = ofl_ace_heap_top(&p->residents);

	*ret = p->st;
	ret->rules = p->list.count;
	ret->stuck_slots = ofl_acl_stuck_slots(p);
	ret->shapes = p->shapes.count;
	ret->prefs = ofl_acl_prefs_behind(&p->physical, 0);
	ret->closed = p->closed;
	if (p->closed && edge && isfinite(edge->key))
		ret->price = edge->key / OFL_ACE_WORTH_UNIT;
}

bool ofl_acl_place_is_right(struct ofl_acl_place *p)
{
	for (uint32_t i = 0; i < p->ladder.count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, p->ladder.at[i].handle);

		if (ofl_ace_is_ghost(r) && ofl_ace_may_be_real(r) && !r->punts)
			return false;
	}
	return p->st.unsafe == 0;
}

bool ofl_acl_place_is_settled(const struct ofl_acl_place *p)
{
	if (p->due || p->st.in_flight)
		return false;
	for (int q = OFL_ACE_URGENT; q <= OFL_ACE_NO_ROOM; q++) {
		if (ofl_ace_queue_count(&p->queue[q]))
			return false;
	}
	return true;
}
