// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the mirror tells of lists, and the work that follows from it.  What is
 * told before `settled` only marks what is to be made anew.
 *
 * Which list each interface meets is list_seat.c's.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_HEARD, "offload lists as told");

/* Marks that nobody claimed in so many seconds, all lists in force, are of
 * parts that are not configured any more. */
#define MARKS_KEPT_S 60

struct ofl_lists ofl_lists;

const struct ofl_acl_conf *ofl_lists_acl(uint32_t id)
{
	for (size_t i = 0; i < ofl_lists.acl_count; i++) {
		if (ofl_lists.acls[i].id == id)
			return &ofl_lists.acls[i].conf;
	}
	return NULL;
}

/* --- what the mirror tells --- */
static void acl_changed(uint32_t id)
{
	struct ofl_list *l;

	ofl_lists.hearing = true;
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		for (unsigned int i = 0; i < l->acl_count; i++)
			l->dirty = l->dirty || l->acls[i] == id;
	}
}

static void on_acl(void *arg, uint32_t id, const struct ofl_acl_conf *conf)
{
	size_t i = 0;

	acl_changed(id);
	while (i < ofl_lists.acl_count && ofl_lists.acls[i].id != id)
		i++;
	if (i == ofl_lists.acl_count) {
		ofl_lists.acls = XREALLOC(MTYPE_OFL_LIST_HEARD, ofl_lists.acls,
					  (i + 1) * sizeof(*ofl_lists.acls));
		ofl_lists.acls[ofl_lists.acl_count++].id = id;
	}
	ofl_lists.acls[i].conf = *conf;
}

static void on_acl_gone(void *arg, uint32_t id)
{
	acl_changed(id);
	for (size_t i = 0; i < ofl_lists.acl_count; i++) {
		if (ofl_lists.acls[i].id == id) {
			ofl_lists.acls[i] =
				ofl_lists.acls[--ofl_lists.acl_count];
			break;
		}
	}
}

static void on_ace(void *arg, uint32_t id, const struct ofl_ace *ace)
{
	acl_changed(id);
}

static void on_ace_gone(void *arg, uint32_t id, uint32_t seq)
{
	acl_changed(id);
}

static void on_attached(void *arg, uint32_t id, const char *interface,
			enum ofl_direction d)
{
	struct ofl_list_link *k;

	ofl_lists.hearing = true;
	ofl_lists.links =
		XREALLOC(MTYPE_OFL_LIST_HEARD, ofl_lists.links,
			 (ofl_lists.link_count + 1) * sizeof(*ofl_lists.links));
	k = &ofl_lists.links[ofl_lists.link_count++];
	k->acl = id;
	k->direction = d;
	strlcpy(k->interface, interface, sizeof(k->interface));
}

static void on_detached(void *arg, uint32_t id, const char *interface,
			enum ofl_direction d)
{
	ofl_lists.hearing = true;
	for (size_t i = 0; i < ofl_lists.link_count; i++) {
		struct ofl_list_link *k = &ofl_lists.links[i];

		if (k->acl == id && k->direction == d &&
		    strcmp(k->interface, interface) == 0) {
			*k = ofl_lists.links[--ofl_lists.link_count];
			break;
		}
	}
}

/* What did not change is of this configuration, too.  What was made while an
 * interface had another index is not: who comes to the list now never met it.
 */
static void configs_raise(void)
{
	struct ofl_list *l;

	ofl_lists.config++;
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		struct ofl_edition *e = l->made ? l->made : l->given;

		l->dirty = l->dirty || ofl_edition_is_outdated(e);
		if (e && !l->dirty)
			e->config = ofl_lists.config;
	}
}

/* Another range: whoever may have a part is made anew, with marks of it. */
static void marks_hear(void)
{
	struct ofl_list *l;
	uint32_t first, count;

	ofl_acls_marks_get(&first, &count);
	if (!ofl_lists_marks_range_set(first, count))
		return;
	frr_each (ofl_list_dlist, &ofl_lists.lists, l)
		l->dirty = l->dirty || ofl_list_has_hardware(l);
}

static void on_settled(void *arg)
{
	ofl_lists.hearing = false;
	marks_hear();
	configs_raise();
	ofl_lists.resolve = true;
	ofl_lists.env.wake();
}

static const struct ofl_acl_consumer consumer = {
	.acl = on_acl,
	.acl_gone = on_acl_gone,
	.ace = on_ace,
	.ace_gone = on_ace_gone,
	.attached = on_attached,
	.detached = on_detached,
	.settled = on_settled,
};

/* --- work --- */
static void hear_status(struct ofl_list *l)
{
	const struct ofl_list_host *h = ofl_list_host(l);
	struct ofl_list_status st = {};
	bool was = l->current;

	l->changed = false;
	h->ops->lists->status(h->prov, l->number, &st);
	l->open = st.open;
	strlcpy(l->text, st.text, sizeof(l->text));
	l->current = l->given && st.current;
	if (!l->current || was)
		return;
	ofl_lists_bind(l);
	ofl_list_place_follow(l);
}

/* Providers whose lists are all there may forget what was before. */
static void tell_settled(void)
{
	for (unsigned int i = 0; i < OFL_LIST_HOSTS; i++) {
		struct ofl_list_host *h = &ofl_lists.hosts[i];
		bool bound = h->used && !h->told_settled;

		for (size_t n = 0; bound && n < ofl_lists.seat_count; n++) {
			const struct ofl_list_seat *s = &ofl_lists.seats[n];

			bound = !s->list || s->list->host != i ||
				s->bound == s->list;
		}
		if (!bound)
			continue;
		h->told_settled = true;
		h->ops->lists->settled(h->prov);
		ofl_lists.env.kick(i);
	}
}

bool ofl_lists_work(void)
{
	struct ofl_list *l;
	bool more = false;

	if (!ofl_lists.running || !ofl_lists.config)
		return false;
	if (ofl_lists.resolve && !ofl_lists.hearing)
		ofl_lists_resolve();
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->changed)
			hear_status(l);
		more |= ofl_list_make(l);
		more |= ofl_list_place_work(l);
		ofl_lists_bind(l);
	}
	ofl_lists_sweep();
	if (!ofl_lists.hearing)
		tell_settled();
	more |= ofl_lists_traffic_work();
	return more;
}

/* All of it is as configured. */
static bool is_at_rest(void)
{
	struct ofl_list *l;

	if (!ofl_lists.config || ofl_lists.hearing || ofl_lists.resolve)
		return false;
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->dirty || l->stage != OFL_LIST_IDLE || !l->current)
			return false;
	}
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		if (ofl_lists.seats[i].error[0])
			return false;
	}
	return true;
}

static void marks_second(void)
{
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->wants_marks && ofl_lists_marks_are_left())
			l->dirty = true;
	}
	ofl_lists.rest_s = is_at_rest() ? ofl_lists.rest_s + 1 : 0;
	if (ofl_lists.rest_s == MARKS_KEPT_S)
		ofl_lists_marks_sweep();
}

void ofl_lists_second(void)
{
	struct ofl_list *l;

	marks_second();
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		const struct ofl_list_seat *s = &ofl_lists.seats[i];

		if (s->error[0] ||
		    (s->list &&
		     s->list->host != ofl_lists_host_of(s->interface)))
			ofl_lists.resolve = true;
	}
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (ofl_edition_is_outdated(l->made ? l->made : l->given))
			l->dirty = true;
		if (l->dirty || ofl_lists.resolve)
			ofl_lists.env.wake();
	}
}

/* --- life --- */
void ofl_lists_init(const struct ofl_lists_env *env)
{
	memset(&ofl_lists, 0, sizeof(ofl_lists));
	ofl_lists.env = *env;
	ofl_lists_marks_init();
	ofl_list_dlist_init(&ofl_lists.lists);
	ofl_list_rules_init();
}

void ofl_lists_start(void)
{
	ofl_lists.running = true;
	ofl_acls_consumer_set(&consumer, NULL);
}

void ofl_lists_stop(void)
{
	ofl_acls_consumer_set(NULL, NULL);
	ofl_lists.running = false;
}

void ofl_lists_fini(void)
{
	struct ofl_list *l;

	ofl_lists_stop();
	while ((l = ofl_list_dlist_first(&ofl_lists.lists)))
		ofl_list_free(l);
	ofl_lists_traffic_set(NULL);
	ofl_list_rules_fini();
	ofl_list_dlist_fini(&ofl_lists.lists);
	XFREE(MTYPE_OFL_LIST_HEARD, ofl_lists.acls);
	XFREE(MTYPE_OFL_LIST_HEARD, ofl_lists.links);
	ofl_lists_seats_fini();
	ofl_lists_marks_fini();
	ofl_lists_hosts_fini();
	memset(&ofl_lists, 0, sizeof(ofl_lists));
}
