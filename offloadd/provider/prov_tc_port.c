// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ports of a table: each is tried, and gets clsact with the shared block.
 *
 * A port with an ingress qdisc of somebody else is refused, not taken over.
 * What leads its packets to the routes is prov_tc_guard.c's.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#include "log.h"

#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/provider/prov_tc_priv.h"

void ofl_tc_ports_init(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		strlcpy(p->ports[i].name, p->conf.ports[i],
			sizeof(p->ports[i].name));
}

unsigned int ofl_tc_ports_attached(const struct ofl_provider *p)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->conf.port_count; i++)
		n += p->ports[i].state == OFL_TC_PORT_ATTACHED;
	return n;
}

void ofl_tc_port_refuse(struct ofl_provider *p, struct ofl_tc_port *port,
			const char *text)
{
	if (port->state == OFL_TC_PORT_REFUSED && !strcmp(port->text, text))
		return;
	port->state = OFL_TC_PORT_REFUSED;
	strlcpy(port->text, text, sizeof(port->text));
	flog_warn(EC_OFL_PROVIDER, "tc port %s is not used: %s", port->name,
		  text);
}

/* --- attaching --- */

const char *ofl_tc_ports_why_not(const struct ofl_provider *p)
{
	static char text[OFL_OUTCOME_TEXT];

	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		if (p->ports[i].state != OFL_TC_PORT_REFUSED)
			continue;
		snprintf(text, sizeof(text), "%s: %s", p->ports[i].name,
			 p->ports[i].text);
		return text;
	}
	return "none of its ports is there";
}

static void ask_attach(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_PORT, i),
		.ask = OFL_TC_ASK_ATTACH,
		.block = p->conf.block,
		.ifindex = p->ports[i].ifindex,
	};

	p->ports[i].state = OFL_TC_PORT_ATTACHING;
	ofl_tc_ask(p, &r);
}

/*
 * A device that offloads nothing would have the kernel refuse every filter of
 * the block.  So each is tried alone, in a block of its own: one filter, which
 * tells whether it answers at all, then all that prov_tc_try.c asks, and away
 * with the block.  One step after the other: what is taken away must be ours.
 */
enum probe_step {
	PROBE_ATTACH,
	PROBE_FILTER,
	PROBE_DETACH,
};

/* Each its own: they are tried at the same time. */
static uint32_t private_block(const struct ofl_provider *p, unsigned int i)
{
	return 0x7f000000 | (p->conf.block & 0xffff) << 8 | i;
}

static void ask_probe(struct ofl_provider *p, unsigned int i,
		      enum probe_step step)
{
	static const uint8_t asks[] = {
		[PROBE_ATTACH] = OFL_TC_ASK_ATTACH,
		[PROBE_FILTER] = OFL_TC_ASK_ADD,
		[PROBE_DETACH] = OFL_TC_ASK_DETACH,
	};
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_PROBE, i * 4 + step),
		.ask = asks[step],
		.block = private_block(p, i),
		.ifindex = p->ports[i].ifindex,
		.filter = {.handle = 1,
			   .pref = p->conf.pref,
			   .protocol = ETH_P_IP,
			   .flags = ofl_tc_flags(p),
			   .has_dmac = true,
			   .does = ofl_tc_to_cpu(p)},
	};

	ofl_tc_cookie(p, OFL_TC_COOKIE_TRY, r.filter.cookie);
	p->ports[i].state = OFL_TC_PORT_PROBING;
	ofl_tc_ask(p, &r);
}

/* There is a qdisc by now, of another table that is about to leave the port
 * perhaps: tried again when it has gone. */
static void note_taken(struct ofl_provider *p, struct ofl_tc_port *port,
		       const struct ofl_tc_reply *reply)
{
	if (reply->errnum != EEXIST)
		return;
	port->foreign = true;
	ofl_tc_links_set_block(p->links, port->ifindex, 0);
}

/* The first filter is answered.  False: no use in asking on. */
static bool answers(const struct ofl_provider *p,
		    const struct ofl_tc_reply *reply, const char **ret_why)
{
	bool hardware = p->conf.mode == OFL_TC_MODE_HARDWARE;

	if (!reply->errnum && hardware && !reply->seen.in_hw)
		*ret_why = "the kernel has it, hardware has not";
	else if (reply->errnum == EOPNOTSUPP && !reply->text[0])
		*ret_why = "it offloads no filters";
	else if (reply->errnum && reply->errnum != EOPNOTSUPP &&
		 reply->errnum != ENOSPC)
		*ret_why = reply->text[0] ? reply->text
					  : safe_strerror(reply->errnum);
	else
		return true;
	return false;
}

static void on_probe(struct ofl_provider *p, unsigned int i,
		     enum probe_step step, const struct ofl_tc_reply *reply)
{
	struct ofl_tc_port *port = &p->ports[i];
	const char *text =
		reply->text[0] ? reply->text : safe_strerror(reply->errnum);

	if (port->state != OFL_TC_PORT_PROBING)
		return; /* it went away */
	switch (step) {
	case PROBE_ATTACH:
		port->text[0] = '\0';
		note_taken(p, port, reply);
		if (reply->errnum)
			ofl_tc_port_refuse(p, port, text);
		else
			ask_probe(p, i, PROBE_FILTER);
		break;
	case PROBE_FILTER:
		port->tried = answers(p, reply, &text);
		if (port->tried)
			ofl_tc_try_port(p, i, private_block(p, i));
		else
			strlcpy(port->text, text, sizeof(port->text));
		ask_probe(p, i, PROBE_DETACH);
		break;
	case PROBE_DETACH:
		if (!port->text[0] && ofl_tc_try_verdict(p, port)) {
			ask_attach(p, i);
			break;
		}
		port->state = OFL_TC_PORT_REFUSED;
		flog_warn(EC_OFL_PROVIDER, "tc port %s is not used: %s",
			  port->name, port->text);
		break;
	}
}

static void attach(struct ofl_provider *p, unsigned int i,
		   const struct ofl_tc_link *link)
{
	struct ofl_tc_port *port = &p->ports[i];

	port->ifindex = link->ifindex;
	port->foreign = port->tried = false;
	ofl_tc_caps_init(port->caps, ofl_tc_to_cpu(p));
	if (link->has_clsact && link->in_block == p->conf.block) {
		port->state = OFL_TC_PORT_ATTACHED;
		port->tried = true; /* with the others */
	} else if (link->has_clsact)
		port->foreign = true;
	else if (p->lists_only)
		ask_attach(p, i);
	else
		ask_probe(p, i, PROBE_ATTACH);
	if (port->foreign)
		ofl_tc_port_refuse(p, port,
				   "it has an ingress qdisc of somebody else");
}

static void on_attach(struct ofl_provider *p, unsigned int i,
		      const struct ofl_tc_reply *reply)
{
	struct ofl_tc_port *port = &p->ports[i];

	if (port->state != OFL_TC_PORT_ATTACHING)
		return; /* it went away meanwhile */
	if (reply->errnum) {
		note_taken(p, port, reply);
		ofl_tc_port_refuse(p, port,
				   reply->text[0]
					   ? reply->text
					   : safe_strerror(reply->errnum));
		return;
	}
	ofl_tc_links_set_block(p->links, port->ifindex, p->conf.block);
	port->state = OFL_TC_PORT_ATTACHED;
	port->made_qdisc = true;
	port->text[0] = '\0';
	ofl_tc_lists_port_came(p);
	ofl_tc_try_sum(p);
	ofl_tc_ports_check(p);
}

static void port_gone(struct ofl_provider *p, struct ofl_tc_port *port)
{
	ofl_tc_lists_port_gone(p, port);
	port->state = OFL_TC_PORT_ABSENT;
	port->ifindex = 0;
	port->text[0] = '\0';
	port->made_qdisc = port->guard_refused = false;
	memcpy(port->guard_stale, port->guard_busy, sizeof(port->guard_stale));
	memset(port->guard, 0, sizeof(port->guard));
	memset(port->guard_failed, 0, sizeof(port->guard_failed));
}

/* Somebody took our qdisc away, with everything in it. */
static bool has_lost_block(const struct ofl_provider *p,
			   const struct ofl_tc_port *port,
			   const struct ofl_tc_link *link)
{
	return !p->dumping && port->state == OFL_TC_PORT_ATTACHED &&
	       (!link->has_clsact || link->in_block != p->conf.block);
}

void ofl_tc_ports_link(struct ofl_provider *p, const struct ofl_tc_link *link,
		       bool gone)
{
	bool left = false;

	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_port *port = &p->ports[i];
		uint8_t was = port->state;

		/* By number: a device may have been renamed. */
		if (port->ifindex == link->ifindex &&
		    (gone || strcmp(port->name, link->name) != 0))
			port_gone(p, port);
		if (!gone && port->ifindex == link->ifindex &&
		    has_lost_block(p, port, link))
			port_gone(p, port);
		left |= was == OFL_TC_PORT_ATTACHED && port->state != was;
	}
	if (left)
		ofl_tc_try_sum(p);
	ofl_tc_ports_check(p);
}

void ofl_tc_ports_look(struct ofl_provider *p)
{
	bool left = false;

	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_port *port = &p->ports[i];
		const struct ofl_tc_link *link =
			ofl_tc_links_find(p->links, port->ifindex);

		if (!link || !has_lost_block(p, port, link))
			continue;
		port_gone(p, port);
		left = true;
	}
	if (left)
		ofl_tc_try_sum(p);
	if (p->lists_only)
		ofl_tc_lists_leftovers(p);
	ofl_tc_ports_check(p);
}

/* How large a packet may be that arrives. */
static void measure(struct ofl_provider *p)
{
	uint32_t before = p->ports_mtu;

	p->ports_mtu = 0;
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		const struct ofl_tc_link *link =
			ofl_tc_links_find(p->links, p->ports[i].ifindex);

		if (link && p->ports[i].state == OFL_TC_PORT_ATTACHED)
			p->ports_mtu = MAX(p->ports_mtu, link->mtu);
	}
	if (p->ports_mtu > before)
		ofl_tc_refit(p);
}

void ofl_tc_ports_check(struct ofl_provider *p)
{
	bool adopted = false;

	if (p->phase < OFL_TC_PORTS || p->dumping)
		return;
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_port *port = &p->ports[i];
		const struct ofl_tc_link *link;
		uint8_t was = port->state;

		link = ofl_tc_links_find_name(p->links, port->name);
		if (link && (port->state == OFL_TC_PORT_ABSENT ||
			     (port->state == OFL_TC_PORT_REFUSED &&
			      port->foreign && !link->has_clsact)))
			attach(p, i, link);
		adopted |= was != port->state &&
			   port->state == OFL_TC_PORT_ATTACHED;
		ofl_tc_guards_check(p, i);
	}
	measure(p);
	if (!adopted)
		return;
	ofl_tc_lists_port_came(p);
	if (!p->lists_only)
		ofl_tc_try_block(p);
}

void ofl_tc_ports_reply(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	uint32_t low = (uint32_t)reply->tag;

	switch (reply->tag >> 56) {
	case OFL_TC_TAG_PORT:
		on_attach(p, low, reply);
		break;
	case OFL_TC_TAG_PROBE:
		on_probe(p, low / 4, low % 4, reply);
		break;
	}
}

void ofl_tc_ports_detach(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_port *port = &p->ports[i];
		struct ofl_tc_request r = {
			.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
			.ask = OFL_TC_ASK_DETACH,
			.ifindex = port->ifindex,
		};

		/* One that is being tried has a qdisc of ours as well. */
		if (port->made_qdisc || port->state == OFL_TC_PORT_PROBING)
			ofl_tc_ask(p, &r);
	}
}

void ofl_tc_port_leave(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_port *port = &p->ports[i];
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
		.ask = OFL_TC_ASK_DETACH,
		.ifindex = port->ifindex,
	};

	/* Nothing but lists was in this block. */
	if (port->state == OFL_TC_PORT_ATTACHED ||
	    port->state == OFL_TC_PORT_ATTACHING) {
		ofl_tc_links_set_block(p->links, port->ifindex, 0);
		ofl_tc_ask(p, &r);
	}
	memset(port, 0, sizeof(*port));
}

void ofl_tc_ports_clear(struct ofl_provider *p)
{
	ofl_tc_guards_clear(p);
	ofl_tc_ports_detach(p);
}
