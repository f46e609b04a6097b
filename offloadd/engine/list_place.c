// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hardware's half of a list: placement beside the provider.
 *
 * Placement is told an edition when software has it in force, and neither
 * plans nor writes until it was told all of it: half of an edition is nobody's
 * list.  A part is one rule to it, at the place of its topmost user; its
 * entry, real to placement, sends to software with the mark.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_PLACE, "offload list placement");

#define SYNC_BATCH 16
#define PLAN_BATCH 128
#define SUBMIT_BATCH 64
#define SUBMIT_BATCHES 16
/* Identities of parts are above those of actions. */
#define PART_IDENTITY 0x80000000u

void ofl_list_place_open(struct ofl_list *l)
{
	if (!ofl_list_has_hardware(l) || l->place)
		return;
	ofl_acl_place_conf_init(&l->limits);
	l->limits.pref_first = OFL_LIST_PREF_FIRST;
	l->limits.pref_last = OFL_LIST_PREF_LAST;
	l->place = ofl_acl_place_new(&l->limits);
	l->sent = XCALLOC(MTYPE_OFL_LIST_PLACE,
			  OFL_OPS_IN_FLIGHT * sizeof(*l->sent));
}

void ofl_list_place_close(struct ofl_list *l)
{
	ofl_acl_place_free(l->place);
	l->place = NULL;
	XFREE(MTYPE_OFL_LIST_PLACE, l->sent);
	XFREE(MTYPE_OFL_LIST_PLACE, l->refused);
	l->refused_count = l->refused_size = 0;
	ofl_edition_unref(l->placed);
	ofl_edition_unref(l->leaving);
	l->placed = l->leaving = NULL;
}

/* --- editions --- */
static uint32_t demand_of(const struct ofl_list *l)
{
	uint64_t slots = 0;

	for (size_t i = 0; i < l->placed->count; i++) {
		const struct ofl_list_item *it = &l->placed->items[i];

		if (ofl_list_item_is_own(it))
			slots += it->slots;
	}
	for (size_t i = 0; i < l->part_count; i++)
		slots += l->parts[i]->users ? l->parts[i]->slots : 0;
	return MIN(slots, UINT32_MAX);
}

void ofl_list_place_follow(struct ofl_list *l)
{
	if (!l->place || !l->given)
		return;
	l->sync_again = l->sync != OFL_LIST_SYNCED;
	if (l->sync_again)
		return;
	l->leaving = l->placed;
	l->placed = ofl_edition_ref(l->given);
	l->sync = OFL_LIST_SYNC_PARTS;
	l->sync_at = 0;
	ofl_list_parts_count(l, l->placed);
	l->demand_slots = demand_of(l);
	ofl_lists_share(l->host);
}

/* A part that goes, or whose place another rule may want. */
static void part_leave(struct ofl_list *l, struct ofl_list_part *p)
{
	if (!p->placed || p->deleted ||
	    (p->users && p->position == p->placed_position && !l->renew))
		return;
	ofl_acl_place_del(l->place, p->cookie);
	p->deleted = true;
}

/* Was refused, or was never asked for. */
static bool has_nothing(struct ofl_list *l, uint64_t cookie)
{
	struct ofl_acl_view v;

	return ofl_acl_place_view(l->place, cookie, &v) &&
	       v.entry == OFL_ENTRY_NONE && v.in_flight == OFL_OP_NONE;
}

static void item_leave(struct ofl_list *l, const struct ofl_list_item *it)
{
	size_t i = ofl_edition_find(l->placed, it->position);
	const struct ofl_list_item *now = &l->placed->items[i];

	if (!ofl_list_item_is_own(it))
		return;
	if (i == l->placed->count || now->position != it->position ||
	    !ofl_list_item_is_own(now) ||
	    (l->renew && has_nothing(l, ofl_list_item_cookie(it))))
		ofl_acl_place_del(l->place, ofl_list_item_cookie(it));
}

static void part_set(struct ofl_list *l, struct ofl_list_part *p)
{
	struct ofl_acl_rule rule = {
		.position = p->position,
		.match = &p->match,
		.identity = PART_IDENTITY | (uint32_t)p->cookie,
		.weight = p->weight,
		.slots = p->slots,
		.cls = p->cls,
		.punts = true,
	};

	if (!p->placed)
		ofl_list_part_ref(p);
	p->placed = true;
	p->deleted = false;
	p->placed_position = p->position;
	ofl_acl_place_set(l->place, p->cookie, &rule);
}

static void item_set(struct ofl_list *l, const struct ofl_list_item *it)
{
	struct ofl_acl_rule rule = {
		.position = it->position,
		.match = it->match,
		.cover = it->cover,
		.identity = it->action->identity,
		.weight = ofl_list_item_weight(l, it),
		.slots = it->slots,
		.cls = it->cls,
		.why = it->reason,
	};

	if (it->part && it->part->position == it->position)
		part_set(l, it->part);
	if (ofl_list_item_is_own(it))
		ofl_acl_place_set(l->place, ofl_list_item_cookie(it), &rule);
}

static void sync_end(struct ofl_list *l)
{
	ofl_edition_unref(l->leaving);
	l->leaving = NULL;
	l->sync = OFL_LIST_SYNCED;
	l->renew = false;
	if (!l->sync_again)
		return;
	l->sync_again = false;
	if (l->current)
		ofl_list_place_follow(l);
}

/* What there is to do in this part of it. */
static size_t sync_count(const struct ofl_list *l)
{
	switch ((enum ofl_list_sync)l->sync) {
	case OFL_LIST_SYNC_PARTS:
		return l->part_count;
	case OFL_LIST_SYNC_GONE:
		return l->leaving ? l->leaving->count : 0;
	case OFL_LIST_SYNC_SET:
		return l->placed->count;
	case OFL_LIST_SYNCED:
		break;
	}
	return 0;
}

static void sync_some(struct ofl_list *l)
{
	for (unsigned int i = 0; i < SYNC_BATCH; i++, l->sync_at++) {
		while (l->sync_at == sync_count(l)) {
			l->sync_at = 0;
			if (l->sync++ == OFL_LIST_SYNC_SET) {
				sync_end(l);
				return;
			}
		}
		if (l->sync == OFL_LIST_SYNC_PARTS)
			part_leave(l, l->parts[l->sync_at]);
		else if (l->sync == OFL_LIST_SYNC_GONE)
			item_leave(l, &l->leaving->items[l->sync_at]);
		else
			item_set(l, &l->placed->items[l->sync_at]);
	}
}

/* --- operations --- */
static const struct ofl_list_item *item_of(const struct ofl_list *l,
					   uint64_t cookie)
{
	size_t i = ofl_edition_find(l->placed, cookie - 1);

	if (!cookie || i == l->placed->count ||
	    l->placed->items[i].position != cookie - 1)
		return NULL;
	return &l->placed->items[i];
}

/* As the provider says it; false: that rule is not there any longer. */
static bool translate(const struct ofl_list *l, const struct ofl_acl_op *op,
		      struct ofl_list_op *ret)
{
	const struct ofl_list_item *it;
	const struct ofl_list_part *p;

	*ret = (struct ofl_list_op){
		.id = op->id,
		.entry_id = op->entry_id,
		.kind = op->kind,
		.entry = op->entry,
		.slots = op->slots,
		.pref = op->pref,
		.match = op->match,
		.cookie = op->cookie | OFL_LIST_PART_COOKIE,
	};
	if (op->entry != OFL_ENTRY_REAL)
		return true;
	if (op->cookie & OFL_LIST_PART_COOKIE) {
		p = ofl_list_part_find(l, op->cookie);
		ret->entry = OFL_ENTRY_PUNT;
		ret->mark = p ? p->mark : 0;
		return p != NULL;
	}
	it = item_of(l, op->cookie);
	if (!it)
		return false;
	ret->cookie = it->cookie;
	ret->action = &it->action->action;
	return true;
}

/* One batch; false: nothing more can be sent now. */
static bool submit_batch(struct ofl_list *l)
{
	const struct ofl_list_host *h = ofl_list_host(l);
	struct ofl_acl_op ops[SUBMIT_BATCH];
	struct ofl_list_op out[SUBMIT_BATCH];
	struct ofl_match matches[SUBMIT_BATCH];
	size_t n = 0, taken;
	bool more = true;

	while (n < SUBMIT_BATCH &&
	       (more = ofl_acl_place_next(l->place, &ops[n]))) {
		more = translate(l, &ops[n], &out[n]);
		if (!more) {
			ofl_acl_place_abort(l->place, &ops[n]);
			break;
		}
		/* Placement lends it until the next call only. */
		memset(&matches[n], 0, sizeof(matches[n]));
		memcpy(&matches[n], ops[n].match, ofl_match_size(ops[n].match));
		out[n].match = &matches[n];
		l->sent[ops[n].id % OFL_OPS_IN_FLIGHT] = ops[n].cookie;
		n++;
	}
	if (!n)
		return false;
	taken = h->ops->lists->submit(h->prov, l->number, out, n);
	l->writes += taken;
	for (size_t i = n; i > taken; i--)
		ofl_acl_place_abort(l->place, &ops[i - 1]);
	if (taken)
		ofl_list_kick(l);
	return more && taken == n;
}

/* Parts of which nothing is left give their marks back. */
static void hear_views(struct ofl_list *l)
{
	struct ofl_acl_view v;

	while (ofl_acl_place_changed(l->place, &v)) {
		struct ofl_list_part *p;

		if (!v.gone || !(v.cookie & OFL_LIST_PART_COOKIE))
			continue;
		p = ofl_list_part_find(l, v.cookie);
		if (!p || !p->placed || !p->deleted)
			continue;
		p->placed = false;
		ofl_list_part_unref(p);
	}
}

bool ofl_list_place_work(struct ofl_list *l)
{
	bool more = false;

	if (!l->place || !l->placed)
		return false;
	if (l->sync != OFL_LIST_SYNCED) {
		sync_some(l);
		return true;
	}
	if (ofl_acl_place_plan(l->place, PLAN_BATCH))
		return true;
	for (int i = 0; l->open && i < SUBMIT_BATCHES; i++) {
		more = submit_batch(l);
		if (!more)
			break;
	}
	hear_views(l);
	return more;
}

/* --- answers --- */
static void refused(struct ofl_list *l, uint64_t cookie, const char *text)
{
	struct ofl_list_refused *r = NULL;

	for (size_t i = 0; i < l->refused_count && !r; i++) {
		if (l->refused[i].cookie == cookie)
			r = &l->refused[i];
	}
	if (!text[0]) {
		if (r)
			*r = l->refused[--l->refused_count];
		return;
	}
	if (!r && l->refused_count == l->refused_size) {
		l->refused_size = l->refused_size ? l->refused_size * 2 : 4;
		l->refused = XREALLOC(MTYPE_OFL_LIST_PLACE, l->refused,
				      l->refused_size * sizeof(*l->refused));
	}
	if (!r)
		r = &l->refused[l->refused_count++];
	r->cookie = cookie;
	strlcpy(r->text, text, sizeof(r->text));
}

void ofl_list_place_done(struct ofl_list *l, const struct ofl_outcome *o)
{
	uint64_t cookie;

	if (!l->place)
		return;
	cookie = l->sent[o->op_id % OFL_OPS_IN_FLIGHT];
	l->failures = l->failures || o->status != OFL_STATUS_OK;
	if (cookie && (l->refused_count || o->status != OFL_STATUS_OK))
		refused(l, cookie, o->status == OFL_STATUS_OK ? "" : o->text);
	ofl_acl_place_done(l->place, o);
}

void ofl_list_place_lost(struct ofl_list *l, uint64_t entry_id)
{
	if (l->place)
		ofl_acl_place_lost(l->place, entry_id);
}

void ofl_list_place_retry(struct ofl_list *l)
{
	if (!l->place || !l->failures)
		return;
	l->failures = false;
	ofl_acl_place_retry(l->place);
}
