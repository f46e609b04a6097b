// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guards before the routes of a table; see prov_tc_priv.h for where they
 * stand.
 *
 * A guard of a port says "this port, this MAC: on to the routes": a packet for
 * the MAC of one port that arrives at another is none of the router's, in
 * hardware as in software.  A chain of routes begins with a guard for the TTL,
 * and nobody is led to routes that have none.  Ports themselves are
 * prov_tc_port.c's.
 */
#include <zebra.h>

#include <linux/if_ether.h>

#include "log.h"

#include "offloadd/base/errors.h"
#include "offloadd/provider/prov_tc_priv.h"

static uint16_t protocol_of(unsigned int family)
{
	return family ? ETH_P_IPV6 : ETH_P_IP;
}

static struct ofl_tc_filter ttl_guard(const struct ofl_provider *p,
				      unsigned int slot, unsigned int family)
{
	struct ofl_tc_filter f = {
		.chain = p->conf.chain + 2 * slot + family,
		.handle = 1,
		.pref = OFL_TC_PREF_TTL,
		.protocol = protocol_of(family),
		.flags = ofl_tc_flags(p),
		.ttl_mask = 0xfe, /* 0 and 1: the CPU answers */
		.does = ofl_tc_to_cpu(p),
	};

	ofl_tc_cookie(p, OFL_TC_COOKIE_GUARD, f.cookie);
	ofl_tc_cookie_vrf_set(f.cookie, p->vrfs[slot]);
	return f;
}

static void ask_ttl_guard(struct ofl_provider *p, unsigned int slot)
{
	for (unsigned int family = 0; family < 2; family++) {
		struct ofl_tc_request r = {
			.tag = ofl_tc_tag(OFL_TC_TAG_TTL,
					  p->life << 8 | (slot * 2 + family)),
			.ask = OFL_TC_ASK_ADD,
			.block = p->conf.block,
			.filter = ttl_guard(p, slot, family),
		};

		if (p->vrfs[slot] == OFL_TC_VRF_NONE ||
		    p->ttl_guard[slot][family] || p->ttl_busy[slot][family] ||
		    !ofl_tc_guards_can(p, family))
			continue;
		p->ttl_busy[slot][family] = true;
		ofl_tc_ask(p, &r);
	}
}

void ofl_tc_ttl_guards_check(struct ofl_provider *p)
{
	for (unsigned int slot = 0; slot < p->vrf_count; slot++)
		ask_ttl_guard(p, slot);
}

int ofl_tc_vrf_slot(struct ofl_provider *p, uint32_t vrf)
{
	unsigned int slot = p->vrf_count;

	for (unsigned int i = p->vrf_count; i-- > 0;) {
		if (p->vrfs[i] == vrf)
			return (int)i;
		if (p->vrfs[i] == OFL_TC_VRF_NONE)
			slot = i;
	}
	if (slot == OFL_TC_VRFS_MAX)
		return -1;
	p->vrfs[slot] = vrf;
	p->vrf_count = MAX(p->vrf_count, slot + 1);
	ask_ttl_guard(p, slot);
	ofl_tc_ports_check(p); /* ports of this VRF lead here now */
	return (int)slot;
}

/* The VRF a port is in, as far as there are routes for it; -1: none. */
static int port_slot(const struct ofl_provider *p,
		     const struct ofl_tc_link *link)
{
	const struct ofl_tc_link *master =
		ofl_tc_links_find(p->links, link->master);
	uint32_t vrf = master && master->is_vrf ? master->ifindex : 0;

	/* A port of a bridge or a bond does not route. */
	if (link->master && !vrf)
		return -1;
	for (unsigned int i = 0; i < p->vrf_count; i++)
		if (p->vrfs[i] == vrf)
			return (int)i;
	return -1;
}

int ofl_tc_port_slot(const struct ofl_provider *p, unsigned int i)
{
	const struct ofl_tc_link *link =
		ofl_tc_links_find(p->links, p->ports[i].ifindex);

	return link ? port_slot(p, link) : -1;
}

/* What the guard should be; false: none. */
static bool guard_make(const struct ofl_provider *p, unsigned int i,
		       unsigned int family, struct ofl_tc_filter *ret)
{
	const struct ofl_tc_link *link =
		ofl_tc_links_find(p->links, p->ports[i].ifindex);
	int slot = link && link->has_mac && link->up ? port_slot(p, link) : -1;

	/* Nobody is led to routes that do not look at the TTL, or of which one
	 * is wrong. */
	if (slot < 0 || !p->ttl_guard[slot][family] || p->apart[slot][family] ||
	    p->barred[slot][family])
		return false;
	*ret = (struct ofl_tc_filter){
		.chain = ofl_tc_list_guard_chain(p, i),
		.handle = i + 1,
		.pref = (uint16_t)(p->conf.pref + family),
		.protocol = protocol_of(family),
		.flags = ofl_tc_flags(p),
		.has_dmac = true,
		.does = OFL_TC_GOTO,
		.goto_chain = p->conf.chain + 2 * (unsigned int)slot + family,
	};
	memcpy(ret->dmac, link->mac, 6);
	strlcpy(ret->indev, link->name, sizeof(ret->indev));
	ofl_tc_cookie(p, OFL_TC_COOKIE_GUARD, ret->cookie);
	return true;
}

/* Bring one guard to what it should be; a step at a time. */
static void guard_check(struct ofl_provider *p, unsigned int i,
			unsigned int family)
{
	struct ofl_tc_port *port = &p->ports[i];
	struct ofl_tc_filter *now = &port->guard[family];
	struct ofl_tc_filter want = {0};
	bool wanted = p->phase == OFL_TC_READY &&
		      port->state == OFL_TC_PORT_ATTACHED &&
		      !port->guard_refused && guard_make(p, i, family, &want);
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_GUARD, i * 2 + family),
		.block = p->conf.block,
	};

	if (port->guard_busy[family] || (!wanted && !now->pref) ||
	    (wanted && now->pref && ofl_tc_filter_eq(&want, now)))
		return;
	/* Never two at once: a packet goes to software in between. */
	r.ask = now->pref ? OFL_TC_ASK_DEL : OFL_TC_ASK_ADD;
	r.filter = now->pref ? *now : want;
	port->guard_busy[family] = true;
	ofl_tc_ask(p, &r);
}

void ofl_tc_guards_check(struct ofl_provider *p, unsigned int i)
{
	guard_check(p, i, 0);
	guard_check(p, i, 1);
}

/* Did hardware take it?  It asks for all entries to be looked at if not. */
static bool is_taken(struct ofl_provider *p, const char *what,
		     const struct ofl_tc_reply *reply)
{
	if (!reply->errnum && reply->echoed &&
	    (reply->seen.in_hw || p->conf.mode == OFL_TC_MODE_SOFTWARE))
		return true;
	strlcpy(p->guard_text, what, sizeof(p->guard_text));
	strlcat(p->guard_text, ": ", sizeof(p->guard_text));
	strlcat(p->guard_text,
		reply->text[0]	? reply->text
		: reply->errnum ? safe_strerror(reply->errnum)
				: "the kernel has it, hardware has not",
		sizeof(p->guard_text));
	ofl_tc_refit(p);
	return false;
}

bool ofl_tc_guards_lead(const struct ofl_provider *p, unsigned int slot,
			unsigned int family, char *ret_why, size_t size)
{
	bool leads = p->ttl_guard[slot][family] || p->ttl_busy[slot][family];
	bool some = false;

	for (unsigned int i = 0; i < p->conf.port_count && !some; i++)
		some = p->ports[i].state == OFL_TC_PORT_ATTACHED &&
		       !p->ports[i].guard_failed[family];
	if (leads && some && !p->barred[slot][family])
		return true;
	strlcpy(ret_why, "no packet is led to it: ", size);
	strlcat(ret_why,
		p->barred[slot][family] ? p->again_text : p->guard_text, size);
	return false;
}

bool ofl_tc_guards_are_away(const struct ofl_provider *p, unsigned int slot,
			    unsigned int family)
{
	const uint32_t chain = p->conf.chain + 2 * slot + family;

	for (unsigned int i = 0; i < p->conf.port_count; i++)
		if (p->ports[i].guard_busy[family] ||
		    (p->ports[i].guard[family].pref &&
		     p->ports[i].guard[family].goto_chain == chain))
			return false;
	return true;
}

static void on_guard(struct ofl_provider *p, unsigned int i,
		     unsigned int family, const struct ofl_tc_reply *reply)
{
	struct ofl_tc_port *port = &p->ports[i];
	bool was_there = port->guard[family].pref != 0;
	char text[OFL_OUTCOME_TEXT + 40];

	port->guard_busy[family] = false;
	if (port->guard_stale[family]) {
		/* Says nothing of the device that is there now; what it may
		 * have left goes as any guard that is wrong. */
		port->guard_stale[family] = false;
		if (!reply->errnum && reply->echoed)
			port->guard[family] = reply->filter;
		guard_check(p, i, family);
		return;
	}
	if (was_there) {
		/* Gone either way; what failed is found by the audit. */
		memset(&port->guard[family], 0, sizeof(port->guard[family]));
		p->audit_due |= reply->errnum && reply->errnum != ENOENT;
	} else if (is_taken(p, "the guard of its ports", reply)) {
		port->guard[family] = reply->filter;
		port->guard_failed[family] = false;
	} else if (port->state == OFL_TC_PORT_ATTACHED) {
		snprintf(text, sizeof(text), "its guard: %s",
			 reply->text[0] ? reply->text
					: safe_strerror(reply->errnum));
		port->guard_failed[family] = true;
		if (strcmp(port->text, text) != 0)
			ofl_tc_port_refuse(p, port, text);
		port->state = OFL_TC_PORT_ATTACHED;
		/* There may be room another time: the next audit looks. */
		port->guard_refused = reply->errnum != ENOSPC;
		return;
	}
	guard_check(p, i, family);
	/* Somebody may wait for it to be away. */
	if (p->apart_count)
		ofl_tc_refit(p);
}

static void on_ttl_guard(struct ofl_provider *p, unsigned int slot,
			 unsigned int family, const struct ofl_tc_reply *reply)
{
	p->ttl_busy[slot][family] = false;
	p->ttl_guard[slot][family] = is_taken(p, "the guard for TTL", reply);
	if (!p->ttl_guard[slot][family])
		flog_warn(EC_OFL_PROVIDER, "tc block %u: %s", p->conf.block,
			  p->guard_text);
	ofl_tc_ports_check(p);
}

/* --- guards in an audit --- */

void ofl_tc_guards_mark(struct ofl_provider *p)
{
	/* What is on its way is not judged. */
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		for (unsigned int family = 0; family < 2; family++) {
			p->ports[i].guard_seen[family] =
				p->ports[i].guard_busy[family] ||
				!p->ports[i].guard[family].pref;
			p->ports[i].guard_changed[family] = false;
		}
	for (unsigned int slot = 0; slot < p->vrf_count; slot++)
		for (unsigned int family = 0; family < 2; family++)
			p->ttl_seen[slot][family] = !p->ttl_guard[slot][family];
}

/* One at the place of another that was believed to be there. */
static bool is_instead(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	unsigned int i = f->handle - 1, family = f->pref - p->conf.pref;
	const struct ofl_tc_filter *g;

	if (i >= p->conf.port_count || family > 1)
		return false;
	g = &p->ports[i].guard[family];
	if (!g->pref || g->chain != f->chain)
		return false;
	p->ports[i].guard_changed[family] = true;
	return true;
}

/* It goes; what should be there comes when the audit has ended. */
static bool is_wrong(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	bool changed = is_instead(p, f);

	ofl_tc_differs(p, NULL,
		       changed ? OFL_DIFFERENCE_CHANGED : OFL_DIFFERENCE_EXTRA,
		       "a guard, chain %u pref %u handle %u", f->chain, f->pref,
		       f->handle);
	return false;
}

/* False: it is none that should be there, and that is told. */
bool ofl_tc_guards_found(struct ofl_provider *p, const struct ofl_tc_filter *f,
			 const struct ofl_tc_seen *seen)
{
	uint32_t chain = f->chain - p->conf.chain;
	unsigned int i = f->handle - 1, family = f->pref - p->conf.pref;
	struct ofl_tc_filter ttl;

	if (!seen->understood ||
	    (!seen->in_hw && p->conf.mode == OFL_TC_MODE_HARDWARE))
		return is_wrong(p, f);
	if (!f->chain || f->chain == ofl_tc_routes_chain(p)) {
		if (i >= p->conf.port_count || family > 1)
			return is_wrong(p, f);
		if (p->ports[i].guard_busy[family])
			return true; /* its answer tells */
		if (!ofl_tc_filter_eq(f, &p->ports[i].guard[family]))
			return is_wrong(p, f);
		p->ports[i].guard_seen[family] = true;
		return true;
	}
	if (chain >= 2u * p->vrf_count || f->pref != OFL_TC_PREF_TTL)
		return is_wrong(p, f);
	ttl = ttl_guard(p, chain / 2, chain % 2);
	if (!ofl_tc_filter_eq(f, &ttl))
		return is_wrong(p, f);
	p->ttl_seen[chain / 2][chain % 2] = true;
	p->ttl_guard[chain / 2][chain % 2] = true;
	return true;
}

static void sweep_guard(struct ofl_provider *p, unsigned int i,
			unsigned int family)
{
	struct ofl_tc_port *port = &p->ports[i];

	if (port->guard_seen[family] || port->guard_busy[family])
		return;
	if (!port->guard_changed[family])
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
			       "the guard of %s for %s", port->name,
			       family ? "IPv6" : "IPv4");
	memset(&port->guard[family], 0, sizeof(port->guard[family]));
}

/* What was not found is written again. */
void ofl_tc_guards_sweep(struct ofl_provider *p)
{
	for (unsigned int chain = 0; chain < 2u * p->vrf_count; chain++) {
		if (p->ttl_seen[chain / 2][chain % 2])
			continue;
		p->ttl_guard[chain / 2][chain % 2] = false;
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
			       "the guard for TTL of chain %u",
			       p->conf.chain + chain);
	}
	ofl_tc_ttl_guards_check(p); /* also what failed before */
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		for (unsigned int family = 0; family < 2; family++) {
			sweep_guard(p, i, family);
			guard_check(p, i, family);
		}
}

/* --- guards of an earlier life --- */

bool ofl_tc_ttl_guard_adopt(struct ofl_provider *p,
			    const struct ofl_tc_filter *f)
{
	uint32_t chain = f->chain - p->conf.chain;
	struct ofl_tc_filter want;

	if (chain >= 2u * p->vrf_count)
		return false;
	want = ttl_guard(p, chain / 2, chain % 2);
	if (!ofl_tc_filter_eq(f, &want))
		return false;
	p->ttl_guard[chain / 2][chain % 2] = true;
	return true;
}

bool ofl_tc_guard_adopt(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	unsigned int i = f->handle - 1, family = f->pref - p->conf.pref;
	struct ofl_tc_filter want;

	if (i >= p->conf.port_count || family > 1 ||
	    p->ports[i].state != OFL_TC_PORT_ATTACHED ||
	    p->ports[i].guard_busy[family] ||
	    !guard_make(p, i, family, &want) || !ofl_tc_filter_eq(f, &want))
		return false;
	p->ports[i].guard[family] = *f;
	return true;
}

void ofl_tc_guards_reply(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	uint32_t low = (uint32_t)reply->tag;

	switch (reply->tag >> 56) {
	case OFL_TC_TAG_GUARD:
		on_guard(p, low / 2, low % 2, reply);
		break;
	case OFL_TC_TAG_TTL:
		if (low >> 8 == (p->life & 0xffffff))
			on_ttl_guard(p, (low & 0xff) / 2, low % 2, reply);
		break;
	}
}

void ofl_tc_guards_clear(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		for (unsigned int family = 0; family < 2; family++) {
			struct ofl_tc_request r = {
				.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
				.ask = OFL_TC_ASK_DEL,
				.block = p->conf.block,
				.filter = p->ports[i].guard[family],
			};

			if (r.filter.pref)
				ofl_tc_ask(p, &r);
		}
	for (unsigned int chain = 0; chain < 2u * p->vrf_count; chain++) {
		struct ofl_tc_request r = {
			.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
			.ask = OFL_TC_ASK_FLUSH,
			.block = p->conf.block,
			.filter.chain = p->conf.chain + chain,
		};

		ofl_tc_ask(p, &r);
	}
}

static void ask_again(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
		.ask = OFL_TC_ASK_REPLACE,
		.block = p->conf.block,
		.filter = *f,
	};

	ofl_tc_ask(p, &r);
}

void ofl_tc_guards_again(struct ofl_provider *p)
{
	/* TTL first: it is what keeps the rest from doing harm. */
	for (unsigned int slot = 0; slot < p->vrf_count; slot++)
		for (unsigned int family = 0; family < 2; family++) {
			struct ofl_tc_filter f = ttl_guard(p, slot, family);

			if (p->ttl_guard[slot][family])
				ask_again(p, &f);
		}
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		for (unsigned int family = 0; family < 2; family++)
			if (p->ports[i].guard[family].pref &&
			    !p->ports[i].guard_busy[family])
				ask_again(p, &p->ports[i].guard[family]);
}
