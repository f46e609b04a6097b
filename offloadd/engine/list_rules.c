// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An edition of a list: the matches of all its entries in order, with their
 * levels and with what hardware can hold of them.  Made in pieces from the
 * mirror, which may not change meanwhile: whoever hears of a change begins
 * anew.
 *
 * Equal actions are one object with a number, which is how placement tells
 * them apart.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "jhash.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_RULES, "offload list rules");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_ACTION, "offload list action");

#define READ_BATCH 128
#define ORDER_BATCH 200000
#define ASK_BATCH 64
#define ITEMS_START 16

/* --- actions --- */
static int action_cmp(const struct ofl_list_action *a,
		      const struct ofl_list_action *b)
{
	int ret = memcmp(&a->action, &b->action, sizeof(a->action));

	return ret ? ret : numcmp(a->owner, b->owner);
}

static uint32_t action_hash(const struct ofl_list_action *a)
{
	return ofl_ace_action_hash(&a->action);
}

DECLARE_HASH(ofl_list_actions, struct ofl_list_action, item, action_cmp,
	     action_hash);

/* Entries that do the same may answer for each other, unless they are to be
 * counted apart. */
static struct ofl_list_action *action_get(const struct ofl_ace_action *action,
					  uint64_t cookie)
{
	struct ofl_list_action key = {
		.action = *action,
		.owner = action->does & OFL_ACE_A_COUNT ? cookie : 0,
	};
	struct ofl_list_action *a;

	a = ofl_list_actions_find(&ofl_lists.actions, &key);
	if (!a) {
		a = XCALLOC(MTYPE_OFL_LIST_ACTION, sizeof(*a));
		a->action = *action;
		a->owner = key.owner;
		a->identity = ++ofl_lists.last_identity;
		ofl_list_actions_add(&ofl_lists.actions, a);
	}
	a->refs++;
	return a;
}

static void action_unref(struct ofl_list_action *a)
{
	if (--a->refs)
		return;
	ofl_list_actions_del(&ofl_lists.actions, a);
	XFREE(MTYPE_OFL_LIST_ACTION, a);
}

void ofl_list_rules_init(void)
{
	ofl_list_actions_init(&ofl_lists.actions);
}

void ofl_list_rules_fini(void)
{
	ofl_list_actions_fini(&ofl_lists.actions);
}

/* --- editions --- */
struct ofl_edition *ofl_edition_ref(struct ofl_edition *e)
{
	if (e)
		e->refs++;
	return e;
}

void ofl_edition_unref(struct ofl_edition *e)
{
	if (!e || --e->refs)
		return;
	for (size_t i = 0; i < e->count; i++) {
		struct ofl_list_item *it = &e->items[i];

		action_unref(it->action);
		if (it->part) {
			it->part->items--;
			ofl_list_part_unref(it->part);
		}
		XFREE(MTYPE_OFL_LIST_RULES, it->match);
		XFREE(MTYPE_OFL_LIST_RULES, it->cover);
		XFREE(MTYPE_OFL_LIST_RULES, it->why);
	}
	XFREE(MTYPE_OFL_LIST_RULES, e->items);
	XFREE(MTYPE_OFL_LIST_RULES, e->names);
	XFREE(MTYPE_OFL_LIST_RULES, e);
}

static bool item_eq(const struct ofl_list_item *a,
		    const struct ofl_list_item *b)
{
	return a->position == b->position && a->cookie == b->cookie &&
	       a->action == b->action && a->level == b->level &&
	       a->part == b->part && a->is_twin == b->is_twin &&
	       ofl_match_eq(a->match, b->match);
}

bool ofl_edition_eq(const struct ofl_edition *a, const struct ofl_edition *b)
{
	if (!a || !b || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!item_eq(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

bool ofl_edition_is_outdated(const struct ofl_edition *e)
{
	for (size_t i = 0; e && i < e->name_count; i++) {
		if (ofl_lists.env.ifindex(e->names[i].name) !=
		    e->names[i].ifindex)
			return true;
	}
	return false;
}

size_t ofl_edition_find(const struct ofl_edition *e, uint64_t position)
{
	size_t low = 0, high = e->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (e->items[mid].position < position)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* All of it, though a match may be shorter: providers copy it as a value. */
static struct ofl_match *match_copy(const struct ofl_match *m)
{
	struct ofl_match *copy = XCALLOC(MTYPE_OFL_LIST_RULES, sizeof(*copy));

	memcpy(copy, m, ofl_match_size(m));
	return copy;
}

/* --- entries become rules --- */
static struct ofl_list_item *item_new(struct ofl_edition *e)
{
	if (e->count == e->size) {
		e->size = e->size ? e->size * 2 : ITEMS_START;
		e->items = XREALLOC(MTYPE_OFL_LIST_RULES, e->items,
				    e->size * sizeof(*e->items));
	}
	memset(&e->items[e->count], 0, sizeof(*e->items));
	return &e->items[e->count++];
}

/* Remembered, so that it is noticed when it is another. */
static uint32_t ifindex_of(struct ofl_edition *e, const char *name)
{
	struct ofl_list_name *n;

	for (size_t i = 0; i < e->name_count; i++) {
		if (strcmp(e->names[i].name, name) == 0)
			return e->names[i].ifindex;
	}
	e->names = XREALLOC(MTYPE_OFL_LIST_RULES, e->names,
			    (e->name_count + 1) * sizeof(*e->names));
	n = &e->names[e->name_count++];
	strlcpy(n->name, name, sizeof(n->name));
	n->ifindex = ofl_lists.env.ifindex(name);
	return n->ifindex;
}

static void settings_apply(struct ofl_list_item *it,
			   const struct ofl_ace_settings *s)
{
	it->cls = s->cls;
	it->weight = s->weight;
	it->may_part = s->allow_partial;
	it->or_fail = s->offload_or_fail;
	if (s->cls == OFL_CLASS_NEVER) {
		it->reason = OFL_REASON_RULE_NEVER;
	} else if (s->where == OFL_ACE_SOFTWARE) {
		it->cls = OFL_CLASS_NEVER;
		it->reason = OFL_REASON_ACL_SOFTWARE;
	}
}

static void read_ace(struct ofl_list *l, const struct ofl_ace *ace,
		     uint64_t seq, const struct ofl_ace_settings *settings)
{
	struct ofl_match m[OFL_ACE_MATCHES_MAX];
	uint32_t ifindex = 0;
	unsigned int count;

	if (ace->match & OFL_ACE_M_INTERFACE)
		ifindex = ifindex_of(l->made, ace->interface);
	count = ofl_ace_expand(ace, ifindex, m);
	for (unsigned int i = 0; i < count; i++) {
		struct ofl_list_item *it = item_new(l->made);

		it->match = match_copy(&m[i]);
		it->cookie = ofl_list_cookie(l->acls[l->read_acl], seq);
		it->action = action_get(&ace->action, it->cookie);
		it->position = (uint64_t)l->read_acl << 48 | seq << 8 | i;
		settings_apply(it, settings);
	}
}

struct reading {
	struct ofl_list *list;
	const struct ofl_acl_conf *conf;
	unsigned int left;
};

static bool read_one(const struct ofl_ace *ace, void *arg)
{
	struct reading *r = arg;
	struct ofl_ace_settings s =
		ofl_ace_settings_make(&r->conf->settings, &ace->settings);

	read_ace(r->list, ace, ace->seq, &s);
	r->list->read_seq = (uint64_t)ace->seq + 1;
	return --r->left > 0;
}

/* What becomes of packets of the list's family that no entry matches. */
static void read_default(struct ofl_list *l, const struct ofl_acl_conf *conf)
{
	struct ofl_ace_settings s = conf->settings;
	struct ofl_ace ace;

	ofl_ace_init(&ace, conf->type);
	ace.action.forward =
		conf->default_accept ? OFL_ACE_ACCEPT : OFL_ACE_DROP;
	s.weight = 1;
	read_ace(l, &ace, OFL_LIST_SEQ_DEFAULT, &s);
}

/* Some entries; true: there are more. */
static bool read_some(struct ofl_list *l)
{
	struct reading r = {.list = l, .left = READ_BATCH};

	while (l->read_acl < l->acl_count) {
		r.conf = ofl_lists_acl(l->acls[l->read_acl]);
		if (r.conf && l->read_seq <= UINT32_MAX)
			ofl_aces_walk(l->acls[l->read_acl], l->read_seq,
				      read_one, &r);
		if (!r.left)
			return true;
		if (r.conf && r.conf->origin != OFL_ACL_FLOWS)
			read_default(l, r.conf);
		l->read_acl++;
		l->read_seq = 0;
	}
	return false;
}

/* --- levels --- */
static void order_begin(struct ofl_list *l)
{
	struct ofl_edition *e = l->made;

	l->order_rules = XCALLOC(MTYPE_OFL_LIST_RULES,
				 MAX(e->count, 1) * sizeof(*l->order_rules));
	for (size_t i = 0; i < e->count; i++) {
		l->order_rules[i].match = e->items[i].match;
		l->order_rules[i].identity = e->items[i].action->identity;
	}
	l->order = ofl_acl_order_new(l->order_rules, e->count);
}

static void order_free(struct ofl_list *l)
{
	ofl_acl_order_free(l->order);
	l->order = NULL;
	XFREE(MTYPE_OFL_LIST_RULES, l->order_rules);
}

/* False: there are more levels than a list can have. */
static bool order_end(struct ofl_list *l)
{
	bool ok = !ofl_acl_order_is_too_deep(l->order);

	for (size_t i = 0; i < l->made->count; i++) {
		struct ofl_list_item *it = &l->made->items[i];

		it->level = l->order_rules[i].level;
		it->is_twin = l->order_rules[i].twin != OFL_ORDER_NOBODY;
	}
	order_free(l);
	return ok;
}

/* --- what hardware can hold --- */
static void only_cover(struct ofl_list_item *it, const char *why)
{
	if (!it->reason)
		it->reason = OFL_REASON_HW_UNSUPPORTED;
	if (!it->why)
		it->why = XSTRDUP(MTYPE_OFL_LIST_RULES, why);
	it->cls = OFL_CLASS_NEVER;
}

static void ask_one(struct ofl_list *l, struct ofl_list_item *it)
{
	const struct ofl_list_host *h = ofl_list_host(l);
	struct ofl_list_can can = {};

	h->ops->lists->can(h->prov, it->match, &it->action->action, &can);
	it->holds = can.holds;
	it->slots = can.holds == OFL_LIST_NOTHING ? 0 : can.slots;
	if (can.holds == OFL_LIST_WHOLE)
		return;
	if (can.why[0])
		it->why = XSTRDUP(MTYPE_OFL_LIST_RULES, can.why);
	if (can.holds == OFL_LIST_PART && it->cls != OFL_CLASS_NEVER &&
	    it->may_part) {
		it->part = ofl_list_part_get(l, &can.part);
		if (it->part)
			return;
		l->wants_marks = true;
		XFREE(MTYPE_OFL_LIST_RULES, it->why);
		it->reason = OFL_REASON_ACL_NO_MARK;
		only_cover(it, "no mark is left for its half in hardware");
	}
	if (can.holds == OFL_LIST_PART)
		it->cover = match_copy(&can.part);
	only_cover(it, "hardware cannot match it");
}

static bool ask_some(struct ofl_list *l)
{
	if (!ofl_list_has_hardware(l))
		return false;
	for (unsigned int i = 0; i < ASK_BATCH; i++) {
		struct ofl_list_item *it;

		if (l->at == l->made->count)
			return false;
		it = &l->made->items[l->at++];
		if (!it->is_twin)
			ask_one(l, it);
	}
	return true;
}

/* --- the stages --- */
void ofl_list_make_stop(struct ofl_list *l)
{
	order_free(l);
	ofl_list_soft_stop(l);
	ofl_edition_unref(l->made);
	l->made = NULL;
	l->stage = OFL_LIST_IDLE;
}

/* An interface that is to meet another list keeps this one for now: it is not
 * to see what is new in it.  Those that stay get a list of their own. */
static void freeze(struct ofl_list *l)
{
	l->frozen = true;
	ofl_lists.resolve = true;
	ofl_lists.env.wake();
}

static void make_begin(struct ofl_list *l)
{
	ofl_list_make_stop(l);
	l->dirty = l->wants_marks = false;
	if (ofl_list_is_leaving(l)) {
		freeze(l);
		return;
	}
	l->made = XCALLOC(MTYPE_OFL_LIST_RULES, sizeof(*l->made));
	l->made->refs = 1;
	l->made->config = ofl_lists.config;
	l->read_acl = 0;
	l->read_seq = 0;
	l->stage = OFL_LIST_READ;
}

/* What is only hardware's concern changed: software stays as it is. */
static void take_over(struct ofl_list *l)
{
	ofl_edition_unref(l->given);
	l->given = l->made;
	l->made = NULL;
	ofl_list_make_stop(l);
	if (l->current)
		ofl_list_place_follow(l);
}

static void asked(struct ofl_list *l)
{
	l->at = l->part_at = 0;
	if (ofl_edition_eq(l->made, l->given))
		take_over(l);
	else
		l->stage = OFL_LIST_WRITE;
}

static void ordered(struct ofl_list *l)
{
	l->at = 0;
	if (order_end(l)) {
		l->stage = OFL_LIST_ASK;
		return;
	}
	strlcpy(l->text, "its rules overlap in too long a chain",
		sizeof(l->text));
	ofl_list_make_stop(l);
}

bool ofl_list_make(struct ofl_list *l)
{
	if (ofl_lists.hearing)
		return false;
	if (l->dirty && !l->frozen)
		make_begin(l);
	switch ((enum ofl_list_stage)l->stage) {
	case OFL_LIST_IDLE:
		return false;
	case OFL_LIST_READ:
		if (!read_some(l)) {
			order_begin(l);
			l->stage = OFL_LIST_ORDER;
		}
		return true;
	case OFL_LIST_ORDER:
		if (!ofl_acl_order_run(l->order, ORDER_BATCH))
			ordered(l);
		return true;
	case OFL_LIST_ASK:
		if (!ask_some(l))
			asked(l);
		return true;
	case OFL_LIST_WRITE:
		if (!ofl_list_soft_step(l))
			l->stage = OFL_LIST_MADE;
		return true;
	case OFL_LIST_MADE:
		/* One at a time, unless the one before does not get on. */
		if (l->given && !l->current && !l->text[0])
			return false;
		ofl_list_soft_give(l);
		return false;
	}
	return false;
}
