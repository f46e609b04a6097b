// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What northbound asks about lists before ports; see lists.h.  Put together
 * from editions, placement and the provider at the moment it is asked for;
 * counters are read at most once a second.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_COUNT, "offload list counters");

#define COUNTED_US 1000000

static bool has_acl(const struct ofl_list *l, uint32_t id)
{
	for (unsigned int i = 0; i < l->acl_count; i++) {
		if (l->acls[i] == id)
			return true;
	}
	return false;
}

/* What is configured is in force at the ports. */
static bool is_in_force(const struct ofl_list *l)
{
	struct ofl_acls_stats acls;

	ofl_acls_stats(&acls);
	if (acls.pending || !l->current || l->dirty ||
	    l->stage != OFL_LIST_IDLE || ofl_lists.hearing)
		return false;
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		const struct ofl_list_seat *s = &ofl_lists.seats[i];

		if (s->list == l && s->bound != l)
			return false;
	}
	return true;
}

/* --- attachments --- */
static void applied_of(const struct ofl_list_seat *s, struct ofl_applied *ret)
{
	const struct ofl_list *l = s->bound ? s->bound : s->list;
	const struct ofl_list_host *h;

	*ret = (struct ofl_applied){
		.interface = s->interface,
		.direction = s->direction,
		.table = "",
	};
	strlcpy(ret->why, s->error, sizeof(ret->why));
	if (!l)
		return;
	h = ofl_list_host(l);
	ret->table = h->name;
	/* Hardware follows software, a moment later. */
	ret->current = s->list && is_in_force(s->list) &&
		       ofl_list_hardware_is_right(s->list);
	if (s->bound)
		ret->bound =
			h->ops->lists->bound(h->prov, l->number, s->interface,
					     ret->why, sizeof(ret->why));
	else if (!ret->why[0])
		ret->bound = OFL_LIST_BINDING;
	if (!ret->why[0] && s->list)
		strlcpy(ret->why, s->list->text, sizeof(ret->why));
	if (!ret->why[0])
		(void)ofl_lists_is_refused(s->interface, ret->why,
					   sizeof(ret->why));
}

void ofl_applied_walk(uint32_t acl_id,
		      bool (*cb)(const struct ofl_applied *a, void *arg),
		      void *arg)
{
	for (size_t i = 0; i < ofl_lists.link_count; i++) {
		const struct ofl_list_link *k = &ofl_lists.links[i];

		for (size_t n = 0; n < ofl_lists.seat_count; n++) {
			const struct ofl_list_seat *s = &ofl_lists.seats[n];
			struct ofl_applied a;

			if (k->acl != acl_id || s->direction != k->direction ||
			    strcmp(s->interface, k->interface) != 0)
				continue;
			applied_of(s, &a);
			if (!cb(&a, arg))
				return;
		}
	}
}

/* --- counters --- */
static bool count_one(const struct ofl_list_counted *c, void *arg)
{
	struct ofl_list *l = arg;

	if (c->cookie & OFL_LIST_PART_COOKIE)
		return true;
	if (l->counted_count == l->counted_size) {
		l->counted_size = l->counted_size ? l->counted_size * 2 : 64;
		l->counted = XREALLOC(MTYPE_OFL_LIST_COUNT, l->counted,
				      l->counted_size * sizeof(*l->counted));
	}
	l->counted[l->counted_count++] = *c;
	return true;
}

void ofl_list_counted_free(struct ofl_list *l)
{
	XFREE(MTYPE_OFL_LIST_COUNT, l->counted);
}

static int counted_cmp(const void *a, const void *b)
{
	return numcmp(((const struct ofl_list_counted *)a)->cookie,
		      ((const struct ofl_list_counted *)b)->cookie);
}

static void add_counted(struct ofl_list *l, uint64_t cookie,
			struct ofl_ace_status *ret)
{
	const struct ofl_list_host *h = ofl_list_host(l);
	struct ofl_list_counted key = {.cookie = cookie}, *c;
	uint64_t now_us = ofl_clock_mono_us();

	if (!l->counted_us || now_us - l->counted_us > COUNTED_US) {
		l->counted_us = now_us;
		l->counted_count = 0;
		h->ops->lists->counters(h->prov, l->number, count_one, l);
		if (l->counted_count)
			qsort(l->counted, l->counted_count, sizeof(*l->counted),
			      counted_cmp);
	}
	c = l->counted_count ? bsearch(&key, l->counted, l->counted_count,
				       sizeof(*l->counted), counted_cmp)
			     : NULL;
	for (int i = 0; c && i < 2; i++) {
		ret->packets[i] += c->packets[i];
		ret->bytes[i] += c->bytes[i];
	}
}

/* --- entries --- */
struct standing {
	enum ofl_state state;
	enum ofl_reason reason;
	const char *text;
};

/* The worst comes first. */
static int rank_of(enum ofl_state state)
{
	static const enum ofl_state worst[] = {
		OFL_STATE_FAILED, OFL_STATE_SEEN,    OFL_STATE_WAITING,
		OFL_STATE_SENT,	  OFL_STATE_LEAVING, OFL_STATE_COVERED,
	};
	unsigned int i = 0;

	while (i < array_size(worst) && worst[i] != state)
		i++;
	return i;
}

static void keep_worst(struct ofl_ace_status *ret, const struct standing *st)
{
	if (rank_of(st->state) >= rank_of(ret->state))
		return;
	ret->state = st->state;
	ret->reason = st->reason;
	strlcpy(ret->text, st->text ? st->text : "", sizeof(ret->text));
}

static const char *refusal_of(const struct ofl_list *l, uint64_t cookie)
{
	for (size_t i = 0; i < l->refused_count; i++) {
		if (l->refused[i].cookie == cookie)
			return l->refused[i].text;
	}
	return NULL;
}

/* As placement sees the rule, or the part that stands for it. */
static void placed_as(struct ofl_list *l, const struct ofl_list_item *it,
		      struct standing *st, struct ofl_ace_status *ret)
{
	uint64_t cookie =
		it->part ? it->part->cookie : ofl_list_item_cookie(it);
	struct ofl_flow f = {.offload_or_fail = it->or_fail};
	const char *refusal = refusal_of(l, cookie);
	struct ofl_acl_view v;

	if (!ofl_acl_place_view(l->place, cookie, &v))
		return;
	/* Of what is there until placement was told all: only that it is. */
	if (l->sync == OFL_LIST_SYNCED) {
		st->state = ofl_flow_state_for(&f, v.state, v.reason);
		st->reason = v.reason;
		st->text = refusal ? refusal : it->why;
	}
	ret->slots += v.slots + v.leaving_slots;
	if (v.leaving_slots && st->state == OFL_STATE_WAITING)
		st->state = OFL_STATE_LEAVING;
	if (it->part) {
		ret->mark = it->part->mark;
		ret->mark_users = it->part->users;
		memset(&ret->part, 0, sizeof(ret->part));
		memcpy(&ret->part, &it->part->match,
		       ofl_match_size(&it->part->match));
		/* Its entry, real to placement, sends to software. */
		if (v.entry == OFL_ENTRY_REAL)
			v.entry = OFL_ENTRY_PUNT;
		if (st->state == OFL_STATE_OFFLOADED) {
			st->state = OFL_STATE_COVERED;
			st->reason = OFL_REASON_ACL_SPLIT;
		}
	}
	ret->real += v.entry == OFL_ENTRY_REAL;
	ret->punts += v.entry == OFL_ENTRY_PUNT;
}

static void item_status(struct ofl_list *l, const struct ofl_list_item *it,
			struct ofl_ace_status *ret)
{
	struct standing st = {OFL_STATE_SEEN, OFL_REASON_NONE, NULL};

	ret->matches++;
	if (it->is_twin)
		st = (struct standing){OFL_STATE_WAITING, OFL_REASON_ACL_TWIN};
	else if (l->egress[0])
		st = (struct standing){OFL_STATE_WAITING,
				       OFL_REASON_ACL_EGRESS};
	else if (!l->place)
		st = (struct standing){OFL_STATE_WAITING, OFL_REASON_NO_TABLE};
	else
		placed_as(l, it, &st, ret);
	if (it->or_fail && st.state == OFL_STATE_WAITING && !l->place)
		st.state = OFL_STATE_FAILED;
	keep_worst(ret, &st);
}

static void list_status(struct ofl_list *l, uint32_t acl, uint64_t seq,
			struct ofl_ace_status *ret)
{
	struct ofl_edition *e = l->placed ? l->placed : l->given;
	unsigned int at = 0;
	uint64_t position;

	while (l->acls[at] != acl)
		at++;
	position = (uint64_t)at << 48 | seq << 8;
	ret->in_software = ret->in_software && is_in_force(l);
	if (!e)
		return;
	for (size_t i = ofl_edition_find(e, position);
	     i < e->count && e->items[i].position >> 8 == position >> 8; i++)
		item_status(l, &e->items[i], ret);
	add_counted(l, ofl_list_cookie(acl, seq), ret);
}

static void status_of(uint32_t acl, uint64_t seq, struct ofl_ace_status *ret)
{
	bool attached = false;
	struct ofl_list *l;

	memset(ret, 0, sizeof(*ret));
	ret->in_software = true;
	ret->state = OFL_STATE_OFFLOADED;
	ret->reason = OFL_REASON_ADMITTED;
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (!has_acl(l, acl))
			continue;
		attached = true;
		list_status(l, acl, seq, ret);
	}
	ret->in_software = ret->in_software && attached;
	if (ret->matches)
		return;
	ret->state = attached ? OFL_STATE_SEEN : OFL_STATE_WAITING;
	ret->reason = attached ? OFL_REASON_NONE : OFL_REASON_ACL_UNATTACHED;
}

struct asked {
	uint32_t seq;
	bool found;
};

static bool is_asked(const struct ofl_ace *ace, void *arg)
{
	struct asked *a = arg;

	a->found = ace->seq == a->seq;
	return false;
}

bool ofl_ace_status(uint32_t acl_id, uint32_t seq, struct ofl_ace_status *ret)
{
	struct asked asked = {.seq = seq};

	ofl_aces_walk(acl_id, seq, is_asked, &asked);
	if (!asked.found)
		return false;
	status_of(acl_id, seq, ret);
	return true;
}

bool ofl_acl_default_status(uint32_t acl_id, struct ofl_ace_status *ret)
{
	const struct ofl_acl_conf *conf = ofl_lists_acl(acl_id);

	if (!conf || conf->origin == OFL_ACL_FLOWS)
		return false;
	status_of(acl_id, OFL_LIST_SEQ_DEFAULT, ret);
	return true;
}

/* --- tables --- */
static void add_list(const struct ofl_list *l, struct ofl_lists_at *ret)
{
	struct ofl_acl_stats st;

	ret->lists++;
	ret->rules += l->given ? l->given->count : 0;
	if (!l->place)
		return;
	ofl_acl_place_stats(l->place, &st);
	ret->used_slots += st.used_slots;
	ret->planned_slots += st.planned_slots;
	ret->real += st.real;
	ret->covers += st.covers;
	ret->writes += l->writes;
	for (size_t i = 0; i < l->part_count; i++) {
		struct ofl_acl_view v;

		if (!ofl_acl_place_view(l->place, l->parts[i]->cookie, &v))
			continue;
		ret->marks++;
		ret->parts += v.want == OFL_ENTRY_REAL;
		ret->real -= v.want == OFL_ENTRY_REAL;
	}
}

bool ofl_lists_at(const char *table, struct ofl_lists_at *ret)
{
	struct ofl_lists_at at = {};
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		const struct ofl_list_host *h = ofl_list_host(l);

		if (strcmp(h->name, table) != 0)
			continue;
		at.limit_slots = h->hardware
					 ? ofl_limit_slots(&h->conf.acl,
							   h->capacity_slots)
					 : 0;
		add_list(l, &at);
	}
	if (!at.lists)
		return false;
	*ret = at;
	return true;
}

bool ofl_lists_foreign_walk(const char *table,
			    bool (*cb)(const struct ofl_foreign *f, void *arg),
			    void *arg)
{
	for (unsigned int i = 0; i < OFL_LIST_HOSTS; i++) {
		const struct ofl_list_host *h = &ofl_lists.hosts[i];

		if (!h->used || strcmp(h->name, table) != 0)
			continue;
		h->ops->lists->foreign(h->prov, cb, arg);
		return true;
	}
	/* Interfaces without a table need one first. */
	return !table[0];
}
