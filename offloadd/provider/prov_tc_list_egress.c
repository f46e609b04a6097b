// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What hangs at the egress of ports: no block holds it, so it is looked at
 * port by port, when a port comes and with every audit.  Until a port was
 * looked at nothing is written there: an earlier life may have left a list.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>

#include "offloadd/provider/prov_tc_list.h"

void ofl_tc_egress_look(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_list_port *port = &p->lists->port[i];
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_LIST_LOOK, i),
		.ask = OFL_TC_ASK_DUMP,
		.ifindex = p->ports[i].ifindex,
		.egress = true,
	};

	if (port->looking || p->ports[i].state != OFL_TC_PORT_ATTACHED)
		return;
	port->looking = true;
	port->look_no = p->audit_no;
	port->unknown_count = 0;
	ofl_tc_ask(p, &r);
}

bool ofl_tc_egress_is_known(const struct ofl_provider *p, const char *name)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		if (!strcmp(p->ports[i].name, name))
			return p->lists->port[i].looked;
	return false;
}

static struct ofl_tc_version *version_of(struct ofl_provider *p, unsigned int i,
					 uint32_t chain,
					 struct ofl_tc_list **ret_list)
{
	for (unsigned int n = 0; n < OFL_LISTS_MAX; n++) {
		struct ofl_tc_list *l = p->lists->list[n];
		struct ofl_tc_version *v;

		if (!l || strcmp(l->egress, p->ports[i].name) != 0)
			continue;
		v = ofl_tc_soft_version(l, chain);
		*ret_list = l;
		if (v)
			return v;
	}
	return NULL;
}

/* What leads to a list, perhaps one of an earlier life. */
static void found_leader(struct ofl_provider *p, unsigned int i,
			 const struct ofl_tc_acl_seen *a)
{
	struct ofl_tc_bind *b = &p->lists->port[i].bind[OFL_TC_EGRESS];

	if (b->busy)
		return;
	if (b->there && b->pref == a->pref && b->handle == a->handle) {
		b->audit_no = p->audit_no;
		b->wrong |= b->target != a->goto_chain;
	} else if (!b->there && a->pref == ofl_tc_egress_pref(p)) {
		*b = (struct ofl_tc_bind){
			.there = true,
			.audit_no = p->audit_no,
			.pref = a->pref,
			.handle = a->handle,
			.target = a->goto_chain,
		};
	}
}

static void found(struct ofl_provider *p, unsigned int i,
		  const struct ofl_tc_reply *r)
{
	struct ofl_tc_list_port *port = &p->lists->port[i];
	const struct ofl_tc_acl_seen *a = &r->acl;
	struct ofl_tc_list *l = NULL;
	struct ofl_tc_version *v;

	if (!a->is)
		return;
	if (!ofl_tc_list_is_ours(p, a)) {
		ofl_tc_foreign_note(p, r, p->ports[i].name);
		return;
	}
	if (a->chain >= p->lists->next_soft_chain &&
	    a->chain < OFL_TC_SOFT_CHAINS_END)
		p->lists->next_soft_chain = a->chain + 1;
	if (!a->chain) {
		found_leader(p, i, a);
		return;
	}
	v = version_of(p, i, a->chain, &l);
	if (v)
		ofl_tc_soft_found(p, l, v, r);
	else if (port->unknown_count < OFL_TC_EGRESS_UNKNOWN &&
		 (!port->unknown_count ||
		  port->unknown[port->unknown_count - 1] != a->chain))
		port->unknown[port->unknown_count++] = a->chain;
}

/* What was to be there and is not; what is and is nobody's. */
static void end(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_list_port *port = &p->lists->port[i];
	struct ofl_tc_bind *b = &port->bind[OFL_TC_EGRESS];

	if (b->there && !b->busy && (int8_t)(b->audit_no - port->look_no) < 0)
		b->there = b->wrong = false;
	for (unsigned int n = 0; n < OFL_LISTS_MAX; n++) {
		struct ofl_tc_list *l = p->lists->list[n];

		if (l && !strcmp(l->egress, p->ports[i].name))
			ofl_tc_soft_sweep(l, port->look_no);
	}
	for (unsigned int n = 0; p->lists->settled && n < port->unknown_count;
	     n++)
		if (!port->want[1] || (b->there && port->want[1]->live &&
				       b->target == port->want[1]->live->chain))
			ofl_tc_list_flush_chain(p, p->ports[i].name,
						port->unknown[n]);
}

void ofl_tc_egress_reply(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	unsigned int i = (uint32_t)r->tag % OFL_TC_PORTS_MAX;
	struct ofl_tc_list_port *port = &p->lists->port[i];

	if (r->kind == OFL_TC_FOUND) {
		if (port->looking)
			found(p, i, r);
		return;
	}
	if (!port->looking)
		return;
	port->looking = false;
	/* An inconsistent one proves nothing; the next audit looks again. */
	if (r->errnum && r->errnum != ENOENT && r->errnum != EINVAL)
		return;
	if (port->looked)
		end(p, i);
	port->looked = true;
}
