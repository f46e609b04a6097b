// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists before the ports of a table on tc: what the contract of
 * provider_list.h asks of them.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/provider/prov_tc_list.h"

#define EAGER_FOR_US 5000000ull

static int port_find(const struct ofl_provider *p, const char *name)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		if (name[0] && !strcmp(p->ports[i].name, name))
			return (int)i;
	return -1;
}

static void list_events_set(struct ofl_provider *p,
			    const struct ofl_list_events *events, void *arg)
{
	p->lists->events = events;
	p->lists->arg = arg;
}

static bool list_open(struct ofl_provider *p, uint32_t list, const char *egress,
		      const char **ret_error)
{
	uint8_t slot = 0;

	while (slot < OFL_LISTS_MAX && p->lists->list[slot])
		slot++;
	if (slot == OFL_LISTS_MAX) {
		*ret_error = "too many lists";
		return false;
	}
	if (p->conf.pref < 3) {
		*ret_error = "tc pref must be 3 or more: lists come before it";
		return false;
	}
	ofl_tc_list_new(p, list, slot, egress ? egress : "");
	return true;
}

static void list_unbind_at(struct ofl_provider *p, unsigned int i,
			   unsigned int d)
{
	p->lists->port[i].want[d] = NULL;
	ofl_tc_guards_check(p, i);
	if (d)
		ofl_tc_refit(p); /* routes may lead out of it again */
}

static void list_close(struct ofl_provider *p, uint32_t list)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);

	if (!l)
		return;
	for (unsigned int i = 0; i < OFL_TC_PORTS_MAX; i++)
		for (unsigned int d = 0; d < 2; d++)
			if (p->lists->port[i].want[d] == l)
				list_unbind_at(p, i, d);
	l->closing = true;
}

static void list_bind(struct ofl_provider *p, uint32_t list, const char *port)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);
	int i = port_find(p, port);
	unsigned int d;

	if (!l || i < 0)
		return;
	d = l->egress[0] != '\0';
	p->lists->port[i].want[d] = l;
	p->lists->port[i].bind[OFL_TC_SOFT].after_us = 0;
	ofl_tc_guards_check(p, (unsigned int)i);
	if (d)
		ofl_tc_refit(p);
	ofl_tc_list_news(l);
}

static void list_unbind(struct ofl_provider *p, uint32_t list, const char *port)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);
	int i = port_find(p, port);

	for (unsigned int d = 0; l && i >= 0 && d < 2; d++)
		if (p->lists->port[i].want[d] == l)
			list_unbind_at(p, (unsigned int)i, d);
}

/* Why a port is not led to its list, or not in hardware. */
static const char *why_not(const struct ofl_provider *p, unsigned int i,
			   const struct ofl_tc_list *l,
			   const struct ofl_tc_bind *soft)
{
	const struct ofl_tc_bind *hard = &p->lists->port[i].bind[OFL_TC_HARD];

	if (p->ports[i].state != OFL_TC_PORT_ATTACHED)
		return p->ports[i].text[0] ? p->ports[i].text
					   : "the interface is not there";
	if (!l->live)
		return l->text[0] ? l->text : "its entries are being written";
	if (!soft->there || soft->busy)
		return soft->text[0] ? soft->text : "it is being led there";
	if (!l->hardware)
		return "";
	if (l->floor != OFL_TC_FLOOR_THERE)
		return l->floor_text;
	return hard->text;
}

static enum ofl_list_bound list_bound(struct ofl_provider *p, uint32_t list,
				      const char *port, char *ret_why,
				      size_t size)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);
	const struct ofl_tc_bind *soft, *hard;
	int i = port_find(p, port);
	unsigned int d;

	strlcpy(ret_why, "", size);
	if (!l || i < 0)
		return OFL_LIST_UNBOUND;
	d = l->egress[0] != '\0';
	if (p->lists->port[i].want[d] != l)
		return OFL_LIST_UNBOUND;
	soft = &p->lists->port[i].bind[d ? OFL_TC_EGRESS : OFL_TC_SOFT];
	hard = &p->lists->port[i].bind[OFL_TC_HARD];
	if (p->ports[i].state == OFL_TC_PORT_ATTACHED && soft->there &&
	    l->live && soft->target == l->live->chain) {
		if (!d && hard->there && hard->target == l->hard_chain)
			return OFL_LIST_HARDWARE;
		strlcpy(ret_why, why_not(p, (unsigned int)i, l, soft), size);
		return OFL_LIST_SOFTWARE;
	}
	strlcpy(ret_why, why_not(p, (unsigned int)i, l, soft), size);
	return OFL_LIST_BINDING;
}

static void list_set(struct ofl_provider *p, uint32_t list,
		     struct ofl_list_soft *soft)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);

	if (l)
		ofl_tc_soft_set(l, soft);
	else
		soft->free(soft);
}

static void list_status(struct ofl_provider *p, uint32_t list,
			struct ofl_list_status *ret)
{
	const struct ofl_tc_list *l = ofl_tc_list_find(p, list);

	memset(ret, 0, sizeof(*ret));
	if (!l)
		return;
	ret->current = l->live && !l->building && !l->next;
	ret->open = ofl_tc_hard_is_open(p, l);
	strlcpy(ret->text, !ret->current ? l->text : l->floor_text,
		sizeof(ret->text));
	if (!p->ready && !ret->text[0])
		strlcpy(ret->text, p->why_not, sizeof(ret->text));
}

static size_t list_submit(struct ofl_provider *p, uint32_t list,
			  const struct ofl_list_op *ops, size_t n)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);

	return l ? ofl_tc_hard_submit(p, l, ops, n) : 0;
}

static void list_counters(struct ofl_provider *p, uint32_t list,
			  bool (*cb)(const struct ofl_list_counted *c,
				     void *arg),
			  void *arg)
{
	struct ofl_tc_list *l = ofl_tc_list_find(p, list);
	struct ofl_tc_count *count;

	if (!l)
		return;
	frr_each (ofl_tc_counts, &l->counts, count)
		if (!cb(&count->c, arg))
			return;
}

static void list_settled(struct ofl_provider *p)
{
	p->lists->settled = true;
	p->audit_due = true;
}

/* One with a qdisc of somebody else cannot be had by anybody of ours. */
static bool list_refuses(struct ofl_provider *p, const char *port,
			 char *ret_why, size_t size)
{
	int i = port_find(p, port);

	if (i < 0 || p->lists_only || p->ports[i].foreign ||
	    p->ports[i].state != OFL_TC_PORT_REFUSED)
		return false;
	strlcpy(ret_why, p->ports[i].text, size);
	return true;
}

/* --- a table of software alone --- */

static int port_new(struct ofl_provider *p, const char *name)
{
	unsigned int i = 0;

	while (i < p->conf.port_count && p->ports[i].name[0])
		i++;
	if (i == OFL_TC_PORTS_MAX)
		return -1;
	p->lists->port[i].is_leftover = false;
	strlcpy(p->ports[i].name, name, sizeof(p->ports[i].name));
	p->conf.port_count = MAX(p->conf.port_count, i + 1);
	return (int)i;
}

void ofl_tc_lists_leftovers(struct ofl_provider *p)
{
	const struct ofl_tc_link *link = NULL;
	int i;

	while ((link = ofl_tc_links_in_block(p->links, p->conf.block,
					     link ? link->ifindex : 0))) {
		if (port_find(p, link->name) >= 0)
			continue;
		i = port_new(p, link->name);
		if (i >= 0)
			p->lists->port[i].is_leftover = true;
	}
}

static bool list_port_add(struct ofl_provider *p, const char *port)
{
	int i = port_find(p, port);

	if (i < 0)
		i = port_new(p, port);
	if (i < 0)
		return false;
	p->lists->port[i].is_leftover = false;
	/* Nobody tells of qdiscs that go. */
	p->audit_at_us = ofl_clock_mono_us();
	p->eager_until_us = p->audit_at_us + EAGER_FOR_US;
	ofl_tc_ports_check(p);
	return true;
}

static void list_port_del(struct ofl_provider *p, const char *port)
{
	int i = port_find(p, port);

	if (i < 0)
		return;
	for (unsigned int d = 0; d < 2; d++)
		p->lists->port[i].want[d] = NULL;
	ofl_tc_binds_port_gone(p, (unsigned int)i);
	ofl_tc_port_leave(p, (unsigned int)i);
}

const struct ofl_list_ops ofl_tc_list_ops = {
	.events_set = list_events_set,
	.open = list_open,
	.close = list_close,
	.bind = list_bind,
	.unbind = list_unbind,
	.bound = list_bound,
	.set = list_set,
	.status = list_status,
	.can = ofl_tc_list_can,
	.submit = list_submit,
	.counters = list_counters,
	.settled = list_settled,
	.foreign = ofl_tc_lists_foreign,
	.refuses = list_refuses,
	.port_add = list_port_add,
	.port_del = list_port_del,
};
