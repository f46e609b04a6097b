// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which list each interface meets: what is attached becomes seats (an interface
 * in one direction) and lists, one for all seats of a table that meet the same.
 *
 * A seat keeps the list it has until the one it is to have is in force, so
 * there is no gap between them.
 *
 * What is attached is heard in list.c; who gives rules to a list is
 * list_rules.c.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST, "offload list");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_SEAT, "offload list seats");

/* --- lists --- */
static struct ofl_list *list_find(unsigned int host, const char *egress,
				  const uint32_t *acls, unsigned int count)
{
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (!l->frozen && l->host == host && l->acl_count == count &&
		    strcmp(l->egress, egress) == 0 &&
		    memcmp(l->acls, acls, count * sizeof(*acls)) == 0)
			return l;
	}
	return NULL;
}

static struct ofl_list *list_new(unsigned int host, const char *egress,
				 const uint32_t *acls, unsigned int count,
				 const char **ret_error)
{
	const struct ofl_list_host *h = &ofl_lists.hosts[host];
	struct ofl_list *l;
	uint32_t number = ++ofl_lists.last_number;

	if (!h->ops->lists->open(h->prov, number, egress[0] ? egress : NULL,
				 ret_error))
		return NULL;
	l = XCALLOC(MTYPE_OFL_LIST, sizeof(*l));
	l->number = number;
	l->host = host;
	strlcpy(l->egress, egress, sizeof(l->egress));
	memcpy(l->acls, acls, count * sizeof(*acls));
	l->acl_count = count;
	l->dirty = l->changed = true;
	ofl_list_dlist_add_tail(&ofl_lists.lists, l);
	ofl_list_place_open(l);
	ofl_list_kick(l);
	return l;
}

bool ofl_list_is_leaving(const struct ofl_list *l)
{
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		const struct ofl_list_seat *s = &ofl_lists.seats[i];

		if (s->bound == l && s->list != l)
			return true;
	}
	return false;
}

/* Its memory, and if the provider stays what that has of it. */
void ofl_list_free(struct ofl_list *l)
{
	const struct ofl_list_host *h = ofl_list_host(l);
	unsigned int host = l->host;

	ofl_list_dlist_del(&ofl_lists.lists, l);
	ofl_list_make_stop(l);
	ofl_list_parts_fini(l);
	ofl_list_place_close(l);
	ofl_edition_unref(l->given);
	ofl_list_counted_free(l);
	ofl_list_seen_free(l);
	if (ofl_lists.running) {
		h->ops->lists->close(h->prov, l->number);
		ofl_list_kick(l);
	}
	XFREE(MTYPE_OFL_LIST, l);
	if (ofl_lists.running)
		ofl_lists_share(host);
}

void ofl_lists_sweep(void)
{
	struct ofl_list *l, *next;

	for (l = ofl_list_dlist_first(&ofl_lists.lists); l; l = next) {
		bool used = false;

		next = ofl_list_dlist_next(&ofl_lists.lists, l);
		for (size_t i = 0; i < ofl_lists.seat_count && !used; i++)
			used = ofl_lists.seats[i].list == l ||
			       ofl_lists.seats[i].bound == l;
		if (!used)
			ofl_list_free(l);
	}
}

/* --- seats --- */
static struct ofl_list_seat *seat_get(const struct ofl_list_link *k)
{
	struct ofl_list_seat *s;

	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		s = &ofl_lists.seats[i];
		if (s->direction == k->direction &&
		    strcmp(s->interface, k->interface) == 0)
			return s;
	}
	ofl_lists.seats =
		XREALLOC(MTYPE_OFL_LIST_SEAT, ofl_lists.seats,
			 (ofl_lists.seat_count + 1) * sizeof(*ofl_lists.seats));
	s = &ofl_lists.seats[ofl_lists.seat_count++];
	memset(s, 0, sizeof(*s));
	strlcpy(s->interface, k->interface, sizeof(s->interface));
	s->direction = k->direction;
	return s;
}

/* Does `a` come before `b`?  Static flows do; others are of different
 * families, and any order is right. */
static bool comes_before(uint32_t a, uint32_t b)
{
	bool x = ofl_lists_acl(a)->origin == OFL_ACL_FLOWS;
	bool y = ofl_lists_acl(b)->origin == OFL_ACL_FLOWS;

	return x != y ? x : a < b;
}

static unsigned int seat_acls(const struct ofl_list_seat *s, uint32_t *ret)
{
	unsigned int count = 0;

	for (size_t i = 0; i < ofl_lists.link_count; i++) {
		const struct ofl_list_link *k = &ofl_lists.links[i];
		unsigned int at = count;

		if (k->direction != s->direction ||
		    strcmp(k->interface, s->interface) != 0 ||
		    !ofl_lists_acl(k->acl) || count == OFL_LIST_ACLS_MAX)
			continue;
		for (; at > 0 && comes_before(k->acl, ret[at - 1]); at--)
			ret[at] = ret[at - 1];
		ret[at] = k->acl;
		count++;
	}
	return count;
}

static void seat_unbind(struct ofl_list_seat *s)
{
	const struct ofl_list_host *h;

	if (!s->bound)
		return;
	h = ofl_list_host(s->bound);
	h->ops->lists->unbind(h->prov, s->bound->number, s->interface);
	ofl_list_kick(s->bound);
	s->bound = NULL;
}

/* Does the interface meet anything of this table, in any direction? */
static bool has_seat_at(const char *interface, unsigned int host)
{
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		const struct ofl_list_seat *s = &ofl_lists.seats[i];

		if (strcmp(s->interface, interface) == 0 &&
		    ((s->list && s->list->host == host) ||
		     (s->bound && s->bound->host == host)))
			return true;
	}
	return false;
}

/* Nothing of another table's stays at the port. */
static void seat_leave(struct ofl_list_seat *s)
{
	seat_unbind(s);
	s->list = NULL;
	if (!has_seat_at(s->interface, OFL_LIST_SOFT_HOST))
		ofl_lists_port_del(OFL_LIST_SOFT_HOST, s->interface);
}

static bool seat_take(struct ofl_list_seat *s, unsigned int host,
		      const uint32_t *acls, unsigned int count,
		      const char **ret_error)
{
	const char *egress = s->direction == OFL_EGRESS ? s->interface : "";
	struct ofl_list *l;

	*ret_error = "there is no datapath for it";
	if (!ofl_lists.hosts[host].used &&
	    (host != OFL_LIST_SOFT_HOST ||
	     !ofl_lists.env.soft_begin(ret_error)))
		return false;
	*ret_error = "the port cannot be taken";
	if (!ofl_lists_port_add(host, s->interface))
		return false;
	l = list_find(host, egress, acls, count);
	if (!l)
		l = list_new(host, egress, acls, count, ret_error);
	if (s->list != l)
		s->config = ofl_lists.config;
	s->list = l;
	return l != NULL;
}

static void seat_resolve(struct ofl_list_seat *s)
{
	uint32_t acls[OFL_LIST_ACLS_MAX];
	unsigned int count = seat_acls(s, acls);
	unsigned int host = ofl_lists_host_of(s->interface);
	const char *error = "";

	if (!count) {
		s->wanted = false;
		seat_leave(s);
		return;
	}
	s->wanted = true;
	if ((s->list && s->list->host != host) ||
	    (s->bound && s->bound->host != host))
		seat_leave(s);
	if (seat_take(s, host, acls, count, &error))
		error = "";
	strlcpy(s->error, error, sizeof(s->error));
}

void ofl_lists_resolve(void)
{
	size_t kept = 0;

	ofl_lists.resolve = false;
	for (size_t i = 0; i < ofl_lists.link_count; i++)
		seat_get(&ofl_lists.links[i]);
	/* A port leaves one table before it comes to another. */
	for (size_t i = 0; i < ofl_lists.seat_count; i++)
		seat_resolve(&ofl_lists.seats[i]);
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		if (ofl_lists.seats[i].wanted)
			ofl_lists.seats[kept++] = ofl_lists.seats[i];
	}
	ofl_lists.seat_count = kept;
	ofl_lists_sweep();
	for (unsigned int i = 0; i < OFL_LIST_HOSTS; i++)
		ofl_lists_share(i);
}

bool ofl_list_hardware_is_right(const struct ofl_list *l)
{
	return !l->placed || (l->sync == OFL_LIST_SYNCED &&
			      ofl_acl_place_is_right(l->place));
}

/* Both halves are of this configuration or of a later one. */
static bool is_since(const struct ofl_list *l, uint64_t config)
{
	if (!l->current || l->given->config < config)
		return false;
	return (!l->placed || l->placed->config >= config) &&
	       ofl_list_hardware_is_right(l);
}

void ofl_lists_bind(struct ofl_list *l)
{
	const struct ofl_list_host *h = ofl_list_host(l);

	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		struct ofl_list_seat *s = &ofl_lists.seats[i];

		if (s->list != l || s->bound == l || !is_since(l, s->config))
			continue;
		h->ops->lists->bind(h->prov, l->number, s->interface);
		s->bound = l;
		ofl_list_kick(l);
	}
}

void ofl_lists_seats_fini(void)
{
	XFREE(MTYPE_OFL_LIST_SEAT, ofl_lists.seats);
}
