// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trying what the ports of a table take, and refusing beforehand what they do
 * not; see prov_tc_priv.h.
 *
 * A port is tried in its private block, before it gets the table's: each row
 * of prov_tc_caps is a filter that is added and deleted in one send.  A port
 * that has the table's block already (we were restarted) cannot be tried
 * alone, and a row that had no answer (hardware was full) is tried again:
 * then in a chain of the table's block that no filter leads to, and the answer
 * is that of all its ports.
 *
 * What one attached port refuses no filter of the block may need: the kernel
 * adds a filter that skips software only if every device takes it.  So when a
 * port comes that can less, new entries are judged by what all can, and those
 * that are there stay as the kernel holds them: it has handed each of them to
 * the device of the new port, or would not have let it in.
 */
#include <zebra.h>

#include <linux/if_ether.h>

#include "offloadd/provider/prov_tc_priv.h"

#define OF_BLOCK 0xff /* instead of the number of a port */

/* Add and delete, one behind the other: no dump of ours comes between. */
static void ask_row(struct ofl_provider *p, unsigned int target, uint32_t block,
		    const struct ofl_tc_cap_place *place, enum ofl_tc_cap cap)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_TRY, target << 8 | cap),
		.ask = OFL_TC_ASK_ADD,
		.block = block,
	};

	if (!ofl_tc_caps_filter(cap, place, &r.filter))
		return;
	p->trying++;
	ofl_tc_ask(p, &r);
	r.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0);
	r.ask = OFL_TC_ASK_DEL;
	ofl_tc_ask(p, &r);
}

static struct ofl_tc_cap_place place_of(const struct ofl_provider *p,
					const struct ofl_tc_port *port,
					uint32_t chain)
{
	struct ofl_tc_cap_place place = {
		.chain = chain,
		.flags = ofl_tc_flags(p),
		.to_cpu = ofl_tc_to_cpu(p),
		.ifindex = port->ifindex,
	};

	strlcpy(place.indev, port->name, sizeof(place.indev));
	ofl_tc_cookie(p, OFL_TC_COOKIE_TRY, place.cookie);
	return place;
}

void ofl_tc_try_port(struct ofl_provider *p, unsigned int i, uint32_t block)
{
	struct ofl_tc_cap_place place = place_of(p, &p->ports[i], 0);

	for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++)
		ask_row(p, i, block, &place, cap);
}

/* --- in the table's block --- */

static struct ofl_tc_port *attached(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_port *port = &p->ports[i];

	return port->state == OFL_TC_PORT_ATTACHED ? port : NULL;
}

/* An attached port that has no answer to a row. */
static struct ofl_tc_port *open_port(struct ofl_provider *p,
				     enum ofl_tc_cap cap)
{
	struct ofl_tc_port *port;

	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		port = attached(p, i);
		if (port && ofl_tc_caps_is_open(port->caps, cap))
			return port;
	}
	return NULL;
}

/* Rows without an answer, from `cap` on, at most `max` of them. */
static void try_block(struct ofl_provider *p, unsigned int cap,
		      unsigned int max)
{
	/* Behind the chains of routes of as many VRFs as there may be. */
	const uint32_t chain = p->conf.chain + 2 * OFL_TC_VRFS_MAX;

	for (; cap < OFL_TC_CAP_MAX && max; cap++) {
		const struct ofl_tc_port *port = open_port(p, cap);
		struct ofl_tc_cap_place place;

		if (!port)
			continue;
		place = place_of(p, port, chain);
		ask_row(p, OF_BLOCK, p->conf.block, &place, cap);
		max--;
	}
}

void ofl_tc_try_block(struct ofl_provider *p)
{
	try_block(p, 0, OFL_TC_CAP_MAX);
}

void ofl_tc_try_again(struct ofl_provider *p)
{
	if (!p->trying)
		try_block(p, 0, 1);
}

static void block_answer(struct ofl_provider *p, enum ofl_tc_cap cap,
			 const struct ofl_tc_cap_known *answer)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_port *port = attached(p, i);

		if (!port || port->caps[cap].state != OFL_CAPABILITY_UNKNOWN)
			continue;
		port->caps[cap] = *answer;
		port->caps[cap].of_block = true;
	}
}

/* --- answers --- */

static void settle(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		if (attached(p, i))
			ofl_tc_caps_settle(p->ports[i].caps);
	ofl_tc_try_sum(p);
}

void ofl_tc_try_reply(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	struct ofl_tc_cap_known answer = {0};
	unsigned int target = (uint32_t)reply->tag >> 8;
	enum ofl_tc_cap cap = reply->tag & 0xff;
	bool has_it =
		reply->echoed && reply->seen.understood &&
		(reply->seen.in_hw || p->conf.mode == OFL_TC_MODE_SOFTWARE);

	p->trying--;
	if (target == OF_BLOCK) {
		ofl_tc_caps_set(&answer, reply->errnum, has_it, reply->text);
		block_answer(p, cap, &answer);
	} else if (p->ports[target].state == OFL_TC_PORT_PROBING) {
		ofl_tc_caps_set(&p->ports[target].caps[cap], reply->errnum,
				has_it, reply->text);
	}
	if (p->trying)
		return;
	settle(p);
	/* Room for this one: then perhaps for the next, too. */
	if (target == OF_BLOCK && answer.state != OFL_CAPABILITY_UNKNOWN)
		try_block(p, cap + 1, 1);
}

void ofl_tc_try_sum(struct ofl_provider *p)
{
	uint32_t before = p->refused;

	p->refused = 0;
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		if (attached(p, i))
			p->refused |= ofl_tc_caps_refused(p->ports[i].caps);
	if (before & ~p->refused)
		p->events->able(p->arg);
}

/* --- what follows --- */

/* "TTL: " and the kernel's words, as much as there is room for. */
static void add_words(char *to, size_t size, const struct ofl_tc_port *port,
		      enum ofl_tc_cap cap)
{
	strlcat(to, ofl_tc_caps_name(cap), size);
	strlcat(to, ": ", size);
	strlcat(to, port->caps[cap].text, size);
}

bool ofl_tc_try_verdict(struct ofl_provider *p, struct ofl_tc_port *port)
{
	uint32_t refused, v4, v6;

	ofl_tc_caps_settle(port->caps);
	refused = ofl_tc_caps_refused(port->caps);
	v4 = refused & ofl_tc_caps_guards(ETH_P_IP, ofl_tc_to_cpu(p));
	v6 = refused & ofl_tc_caps_guards(ETH_P_IPV6, ofl_tc_to_cpu(p));
	if (!v4 || !v6)
		return true;
	port->text[0] = '\0';
	add_words(port->text, sizeof(port->text), port,
		  (enum ofl_tc_cap)(ffs((int)v4) - 1));
	return false;
}

bool ofl_tc_guards_can(const struct ofl_provider *p, unsigned int family)
{
	uint16_t protocol = family ? ETH_P_IPV6 : ETH_P_IP;

	return !(p->refused & ofl_tc_caps_guards(protocol, ofl_tc_to_cpu(p)));
}

bool ofl_tc_filter_can(const struct ofl_provider *p,
		       const struct ofl_tc_filter *f, char *ret_why,
		       size_t size)
{
	uint32_t missing;
	enum ofl_tc_cap cap;

	/* Nobody is led to routes of a family without its guards.  What a cover
	 * needs all of its family's routes need, so none is there that could
	 * not be covered. */
	missing = p->refused &
		  (ofl_tc_caps_needs(f) |
		   ofl_tc_caps_guards(f->protocol, ofl_tc_to_cpu(p)));
	if (!missing)
		return true;
	cap = (enum ofl_tc_cap)(ffs((int)missing) - 1);
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		const struct ofl_tc_port *port = &p->ports[i];

		if (port->state != OFL_TC_PORT_ATTACHED ||
		    port->caps[cap].state != OFL_CAPABILITY_REFUSED)
			continue;
		snprintf(ret_why, size, "%s: ", port->name);
		add_words(ret_why, size, port, cap);
		break;
	}
	return false;
}

void ofl_tc_capabilities(struct ofl_provider *p,
			 bool (*cb)(const struct ofl_capability *c, void *arg),
			 void *arg)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		const struct ofl_tc_port *port = &p->ports[i];

		if (port->state == OFL_TC_PORT_ABSENT || !port->tried)
			continue;
		for (unsigned int cap = 0; cap < OFL_TC_CAP_MAX; cap++) {
			const struct ofl_tc_cap_known *k = &port->caps[cap];
			struct ofl_capability c = {
				.is_key = ofl_tc_caps_is_key(cap),
				.state = k->state,
				.of_block = k->of_block,
				.errnum = k->errnum,
			};

			strlcpy(c.port, port->name, sizeof(c.port));
			strlcpy(c.name, ofl_tc_caps_name(cap), sizeof(c.name));
			strlcpy(c.text, k->text, sizeof(c.text));
			if (!cb(&c, arg))
				return;
		}
	}
	ofl_tc_list_capabilities(p, cb, arg);
}
