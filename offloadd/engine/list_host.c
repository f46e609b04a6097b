// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables as far as lists are concerned: whose ports an interface is, and what
 * their providers tell of lists.
 *
 * What the engine has of a table stays the engine's: here is what it said of
 * it.  Interfaces that are no table's port are served by one more provider,
 * software alone, which is begun when it is needed first.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "log.h"

#include "offloadd/base/debug.h"
#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_PORT, "offload list port");

struct ofl_list *ofl_list_by_number(uint32_t number)
{
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l)
		if (l->number == number)
			return l;
	return NULL;
}

void ofl_list_kick(const struct ofl_list *l)
{
	ofl_lists.env.kick(l->host);
}

/* --- what providers tell; they may not be called back from here --- */
static void on_done(void *arg, uint32_t list, const struct ofl_outcome *outcome)
{
	struct ofl_list *l = ofl_list_by_number(list);

	if (!l)
		return;
	if (outcome->status != OFL_STATUS_OK)
		ofl_debug(OFL_DEBUG_PROVIDER,
			  "list %u: operation %" PRIu64 " refused: %s %s", list,
			  outcome->op_id, ofl_status_name(outcome->status),
			  outcome->text);
	ofl_list_place_done(l, outcome);
	ofl_lists.env.wake();
}

static void on_lost(void *arg, uint32_t list, uint64_t entry_id,
		    const char *text)
{
	struct ofl_list *l = ofl_list_by_number(list);

	if (!l)
		return;
	ofl_debug(OFL_DEBUG_PROVIDER, "list %u: entry %" PRIu64 " lost: %s",
		  list, entry_id, text ? text : "");
	if (ofl_lists.env.lost && ofl_list_host(l)->hardware)
		ofl_lists.env.lost(l->host, text);
	ofl_list_place_lost(l, entry_id);
	ofl_lists.env.wake();
}

static void on_changed(void *arg, uint32_t list)
{
	struct ofl_list *l = ofl_list_by_number(list);

	if (l)
		l->changed = true;
	ofl_lists.env.wake();
}

static void on_able(void *arg)
{
	struct ofl_list_host *h = arg;
	unsigned int host = h - ofl_lists.hosts;
	struct ofl_list *l;

	if (!h->hardware)
		return;
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->host == host)
			l->dirty = l->renew = true;
	}
	ofl_lists.env.wake();
}

static const struct ofl_list_events events = {
	.done = on_done,
	.lost = on_lost,
	.changed = on_changed,
	.able = on_able,
};

/* --- tables --- */
void ofl_lists_host_set(unsigned int host, const struct ofl_hwtable_conf *conf,
			const struct ofl_provider_ops *ops,
			struct ofl_provider *prov, uint32_t capacity_slots)
{
	struct ofl_list_host *h = &ofl_lists.hosts[host];
	bool moved = !h->used ||
		     memcmp(&h->conf.tc, &conf->tc, sizeof(conf->tc)) != 0;

	if (!ops->lists)
		return;
	h->conf = *conf;
	strlcpy(h->name, host == OFL_LIST_SOFT_HOST ? "" : conf->name,
		sizeof(h->name));
	h->capacity_slots = capacity_slots;
	h->hardware = host != OFL_LIST_SOFT_HOST &&
		      conf->tc.mode == OFL_TC_MODE_HARDWARE;
	if (!h->used) {
		h->ops = ops;
		h->prov = prov;
		h->told_settled = false;
		h->used = true;
		ops->lists->events_set(prov, &events, h);
	}
	if (moved) {
		ofl_lists.resolve = true;
		ofl_lists.env.wake();
	}
	ofl_lists_share(host);
}

static void seats_leave(const struct ofl_list *l)
{
	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		struct ofl_list_seat *s = &ofl_lists.seats[i];

		if (s->list == l)
			s->list = NULL;
		if (s->bound == l)
			s->bound = NULL;
	}
}

void ofl_lists_host_del(unsigned int host)
{
	struct ofl_list_host *h = &ofl_lists.hosts[host];
	struct ofl_list *l, *next;

	if (!h->used)
		return;
	for (l = ofl_list_dlist_first(&ofl_lists.lists); l; l = next) {
		next = ofl_list_dlist_next(&ofl_lists.lists, l);
		if (l->host != host)
			continue;
		seats_leave(l);
		ofl_list_free(l);
	}
	XFREE(MTYPE_OFL_LIST_PORT, h->ports);
	memset(h, 0, sizeof(*h));
	ofl_lists.resolve = true;
	ofl_lists.env.wake();
}

void ofl_lists_hosts_fini(void)
{
	for (unsigned int i = 0; i < OFL_LIST_HOSTS; i++)
		XFREE(MTYPE_OFL_LIST_PORT, ofl_lists.hosts[i].ports);
}

void ofl_lists_host_retry(unsigned int host)
{
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->host == host)
			ofl_list_place_retry(l);
	}
}

/* The table that it is configured as a port of, or NULL. */
static const struct ofl_list_host *owner_of(const char *interface)
{
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		const struct ofl_list_host *h = &ofl_lists.hosts[i];

		for (unsigned int n = 0; h->used && n < h->conf.tc.port_count;
		     n++) {
			if (strcmp(h->conf.tc.ports[n], interface) == 0)
				return h;
		}
	}
	return NULL;
}

bool ofl_lists_is_refused(const char *interface, char *ret_why, size_t size)
{
	const struct ofl_list_host *h = owner_of(interface);

	return h && h->ops->lists->refuses &&
	       h->ops->lists->refuses(h->prov, interface, ret_why, size);
}

/* A list that hardware cannot be led to is one of software. */
unsigned int ofl_lists_host_of(const char *interface)
{
	const struct ofl_list_host *h = owner_of(interface);
	char why[OFL_OUTCOME_TEXT];

	if (!h || ofl_lists_is_refused(interface, why, sizeof(why)))
		return OFL_LIST_SOFT_HOST;
	return h - ofl_lists.hosts;
}

/* --- ports of the table of software alone --- */
static size_t port_at(const struct ofl_list_host *h, const char *port)
{
	size_t i = 0;

	while (i < h->port_count && strcmp(h->ports[i].name, port) != 0)
		i++;
	return i;
}

bool ofl_lists_port_add(unsigned int host, const char *port)
{
	struct ofl_list_host *h = &ofl_lists.hosts[host];

	if (host != OFL_LIST_SOFT_HOST || port_at(h, port) < h->port_count)
		return true;
	if (!h->ops->lists->port_add(h->prov, port))
		return false;
	h->ports = XREALLOC(MTYPE_OFL_LIST_PORT, h->ports,
			    (h->port_count + 1) * sizeof(*h->ports));
	strlcpy(h->ports[h->port_count++].name, port, OFL_ACE_IFNAME_LEN);
	return true;
}

void ofl_lists_port_del(unsigned int host, const char *port)
{
	struct ofl_list_host *h = &ofl_lists.hosts[host];
	size_t i = port_at(h, port);

	if (host != OFL_LIST_SOFT_HOST || i == h->port_count)
		return;
	h->ops->lists->port_del(h->prov, port);
	h->ports[i] = h->ports[--h->port_count];
}
