// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists before the ports of a table on tc: their life and their steps.  See
 * prov_tc_list.h for which file does what.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_LIST, "offload tc list");

#define CHAINS_BEFORE_ROUTES 2048

/* --- small things for its files --- */

/* Before the chains of routes, for there are devices on which a packet only
 * goes on to higher chains. */
uint32_t ofl_tc_list_chains(const struct ofl_provider *p)
{
	return p->conf.chain > CHAINS_BEFORE_ROUTES
		       ? p->conf.chain - CHAINS_BEFORE_ROUTES
		       : p->conf.chain + 2 * OFL_TC_VRFS_MAX + 1;
}

uint32_t ofl_tc_routes_chain(const struct ofl_provider *p)
{
	return p->lists_only ? 0
			     : ofl_tc_list_chains(p) + 2 + OFL_TC_HARD_CHAINS;
}

bool ofl_tc_has_hardware(const struct ofl_provider *p)
{
	return p->conf.mode == OFL_TC_MODE_HARDWARE;
}

struct ofl_tc_list *ofl_tc_list_find(const struct ofl_provider *p, uint32_t id)
{
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i] && p->lists->list[i]->id == id &&
		    !p->lists->list[i]->closing)
			return p->lists->list[i];
	return NULL;
}

struct ofl_tc_list *ofl_tc_list_at(const struct ofl_provider *p,
				   unsigned int slot, uint8_t serial)
{
	struct ofl_tc_list *l = p->lists->list[slot % OFL_LISTS_MAX];

	return l && l->serial == serial ? l : NULL;
}

void ofl_tc_list_news(struct ofl_tc_list *l)
{
	l->news = true;
}

void ofl_tc_list_place(const struct ofl_provider *p, const char *egress,
		       struct ofl_tc_request *r)
{
	const struct ofl_tc_link *link;

	if (!egress[0]) {
		r->block = p->conf.block;
		return;
	}
	link = ofl_tc_links_find_name(p->links, egress);
	/* No device has this number: the kernel says so. */
	r->ifindex = link ? link->ifindex : INT32_MAX;
	r->egress = true;
}

void ofl_tc_list_ask(struct ofl_provider *p, const char *egress, uint64_t tag,
		     enum ofl_tc_ask ask, const struct ofl_tc_acl *f)
{
	struct ofl_tc_request r = {
		.tag = tag,
		.ask = ask,
		.acl = ofl_tc_acl_dup(f),
	};

	ofl_tc_list_place(p, egress, &r);
	ofl_tc_ask(p, &r);
}

void ofl_tc_list_flush_chain(struct ofl_provider *p, const char *egress,
			     uint32_t chain)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
		.ask = OFL_TC_ASK_FLUSH,
		.filter.chain = chain,
	};

	ofl_tc_list_place(p, egress, &r);
	ofl_tc_ask(p, &r);
}

/* --- counters --- */

int ofl_tc_count_cmp(const struct ofl_tc_count *a, const struct ofl_tc_count *b)
{
	return numcmp(a->c.cookie, b->c.cookie);
}

uint32_t ofl_tc_count_hash(const struct ofl_tc_count *c)
{
	return jhash_2words((uint32_t)c->c.cookie,
			    (uint32_t)(c->c.cookie >> 32), 0x6f666c63);
}

void ofl_tc_list_count(struct ofl_tc_list *l, uint64_t cookie,
		       enum ofl_tc_side side, const struct ofl_tc_counted *now,
		       uint64_t *last_packets, uint64_t *last_bytes)
{
	struct ofl_tc_count key = {.c.cookie = cookie}, *count;
	uint64_t packets = now->packets - *last_packets;
	uint64_t bytes = now->bytes - *last_bytes;

	if (!cookie)
		return;
	/* It began anew: all of it is new. */
	if (now->packets < *last_packets || now->bytes < *last_bytes) {
		packets = now->packets;
		bytes = now->bytes;
	}
	*last_packets = now->packets;
	*last_bytes = now->bytes;
	if (!packets && !bytes)
		return;
	count = ofl_tc_counts_find(&l->counts, &key);
	if (!count) {
		count = XCALLOC(MTYPE_OFL_TC_LIST, sizeof(*count));
		count->c.cookie = cookie;
		ofl_tc_counts_add(&l->counts, count);
	}
	count->c.packets[side == OFL_TC_HARD] += packets;
	count->c.bytes[side == OFL_TC_HARD] += bytes;
}

/* --- life --- */

void ofl_tc_lists_init(struct ofl_provider *p)
{
	p->lists = XCALLOC(MTYPE_OFL_TC_LIST, sizeof(*p->lists));
	p->lists->next_soft_chain = OFL_TC_SOFT_CHAINS;
}

void ofl_tc_list_new(struct ofl_provider *p, uint32_t id, uint8_t slot,
		     const char *egress)
{
	struct ofl_tc_list *l = XCALLOC(MTYPE_OFL_TC_LIST, sizeof(*l));

	l->id = id;
	l->slot = slot;
	l->serial = ++p->lists->serial[slot];
	strlcpy(l->egress, egress, sizeof(l->egress));
	ofl_tc_counts_init(&l->counts);
	ofl_tc_hard_init(p, l);
	p->lists->list[slot] = l;
}

static void list_free(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_count *count;

	ofl_tc_soft_free(p, l);
	ofl_tc_hard_free(p, l);
	while ((count = ofl_tc_counts_pop(&l->counts)))
		XFREE(MTYPE_OFL_TC_LIST, count);
	ofl_tc_counts_fini(&l->counts);
	p->lists->list[l->slot] = NULL;
	XFREE(MTYPE_OFL_TC_LIST, l);
}

void ofl_tc_lists_fini(struct ofl_provider *p)
{
	if (!p->lists)
		return;
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			list_free(p, p->lists->list[i]);
	ofl_tc_lists_hard_fini(p);
	ofl_tc_lists_look_fini(p);
	XFREE(MTYPE_OFL_TC_LIST, p->lists);
}

bool ofl_tc_lists_are_used(const struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_TC_PORTS_MAX; i++)
		for (unsigned int side = 0; side < OFL_TC_SIDE_MAX; side++)
			if (p->lists->port[i].bind[side].there ||
			    p->lists->port[i].bind[side].busy)
				return true;
	return false;
}

void ofl_tc_lists_lost(struct ofl_provider *p, const char *text)
{
	ofl_tc_binds_lost(p);
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++) {
		if (!p->lists->list[i])
			continue;
		ofl_tc_soft_lost(p, p->lists->list[i]);
		ofl_tc_hard_lost(p, p->lists->list[i], text);
	}
	memset(p->lists->old_hard, 0, sizeof(p->lists->old_hard));
}

uint32_t ofl_tc_lists_slots(const struct ofl_provider *p)
{
	uint32_t slots = 0;

	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			slots += p->lists->list[i]->used_slots +
				 (p->lists->list[i]->floor ==
				  OFL_TC_FLOOR_THERE);
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		slots += p->lists->port[i].bind[OFL_TC_HARD].there;
	return slots;
}

void ofl_tc_lists_again(struct ofl_provider *p)
{
	ofl_tc_binds_again(p);
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			ofl_tc_hard_again(p, p->lists->list[i]);
}

void ofl_tc_lists_clear(struct ofl_provider *p)
{
	ofl_tc_binds_clear(p);
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			list_free(p, p->lists->list[i]);
}

/* --- steps --- */

static void bury(struct ofl_provider *p, struct ofl_tc_list *l)
{
	bool led = ofl_tc_binds_lead_to(p, l->hard_chain, l->hard_chain != 0);
	struct ofl_tc_version *all[] = {l->building, l->live, l->old};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		/* Its own way back does not count. */
		led |= all[i] && ofl_tc_binds_of_ports_lead_to(p, all[i]->chain,
							       all[i]->chains);
	if (!led)
		list_free(p, l);
}

static void tell_answers(struct ofl_provider *p)
{
	struct ofl_tc_lists *ls = p->lists;
	size_t n = ls->answer_count;

	for (size_t i = 0; i < n; i++)
		if (ls->events && ofl_tc_list_find(p, ls->answers[i].list))
			ls->events->done(ls->arg, ls->answers[i].list,
					 &ls->answers[i].outcome);
	/* Nobody called back meanwhile: the contract. */
	ls->answer_count = 0;
}

static void tell_news(struct ofl_provider *p)
{
	struct ofl_tc_lists *ls = p->lists;

	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++) {
		struct ofl_tc_list *l = ls->list[i];

		if (!l || !l->news)
			continue;
		l->news = false;
		if (ls->events && !l->closing)
			ls->events->changed(ls->arg, l->id);
	}
}

bool ofl_tc_lists_step(struct ofl_provider *p, unsigned int budget)
{
	struct ofl_tc_lists *ls = p->lists;
	bool more = false, some = false;

	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++) {
		struct ofl_tc_list *l = ls->list[i];

		if (!l)
			continue;
		if (p->phase == OFL_TC_READY) {
			some = true;
			more |= ofl_tc_soft_step(p, l, budget);
			ofl_tc_hard_step(p, l);
		}
		if (l->closing)
			bury(p, l);
	}
	if (some && (ls->try_due || !ls->tried))
		ofl_tc_list_try_begin(p);
	ofl_tc_binds_check(p);
	tell_answers(p);
	tell_news(p);
	return more;
}

/* Something failed and is to be tried again. */
uint64_t ofl_tc_lists_due_us(const struct ofl_provider *p, uint64_t now_us)
{
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			return now_us + OFL_TC_LIST_RETRY_US / 5;
	return UINT64_MAX;
}

void ofl_tc_lists_port_came(struct ofl_provider *p)
{
	p->lists->try_due = true;
}

void ofl_tc_lists_port_gone(struct ofl_provider *p,
			    const struct ofl_tc_port *port)
{
	ofl_tc_binds_port_gone(p, (unsigned int)(port - p->ports));
}

void ofl_tc_lists_reply(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	switch (r->tag >> 56) {
	case OFL_TC_TAG_LIST_TRY:
		ofl_tc_list_try_reply(p, r);
		break;
	case OFL_TC_TAG_LIST_SOFT:
	case OFL_TC_TAG_LIST_READ:
		ofl_tc_soft_reply(p, r);
		break;
	case OFL_TC_TAG_LIST_LOOK:
		ofl_tc_egress_reply(p, r);
		break;
	case OFL_TC_TAG_LIST_FLOOR:
	case OFL_TC_TAG_LIST_ENTRY:
		ofl_tc_hard_reply(p, r);
		break;
	default:
		ofl_tc_binds_reply(p, r);
		break;
	}
}

/* Names in rules mean other devices now: they are written anew. */
void ofl_tc_lists_link(struct ofl_provider *p, const struct ofl_tc_link *link)
{
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++) {
		struct ofl_tc_list *l = p->lists->list[i];

		if (l && ofl_tc_soft_names(l, link->name))
			l->again = true;
	}
}

/* --- what routes have to know --- */

uint32_t ofl_tc_list_guard_chain(const struct ofl_provider *p, unsigned int i)
{
	const struct ofl_tc_list_port *port = &p->lists->port[i];

	/* One of an earlier life holds until it is known not to be wanted. */
	return port->want[0] || port->bind[OFL_TC_HARD].there ||
			       (port->bind[OFL_TC_SOFT].there &&
				!p->lists->settled)
		       ? ofl_tc_routes_chain(p)
		       : 0;
}

bool ofl_tc_list_leaves(const struct ofl_provider *p, uint32_t ifindex,
			char *ret_why, size_t size)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		if (!p->lists->port[i].want[1] ||
		    p->ports[i].ifindex != ifindex)
			continue;
		snprintf(ret_why, size,
			 "what leaves %s meets a list, in software",
			 p->ports[i].name);
		return true;
	}
	return false;
}
