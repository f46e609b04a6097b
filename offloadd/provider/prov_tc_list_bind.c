// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What leads packets to lists: a filter of each port and side, and in
 * hardware's chain of a list the one that leads back to software.
 *
 * One filter is replaced where it stands, so a port goes from list to list and
 * from version to version without a gap.  Order: software leads to a list
 * before hardware does, and hardware leads away from it before software.
 * Filters of an earlier life are taken over: they lead where they led until
 * something better is there, or until all are known not to be wanted.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/provider/prov_tc_list.h"

#define RESUME_TAG 0xff /* instead of the number of a port */

static bool is_ready(const struct ofl_provider *p)
{
	return p->phase == OFL_TC_READY;
}

/* --- one filter --- */

static uint64_t tag_of(const struct ofl_provider *p, unsigned int port,
		       unsigned int low, uint8_t serial)
{
	return (uint64_t)OFL_TC_TAG_LIST_BIND << 56 |
	       (uint64_t)(p->life & 0xffff) << 32 | serial << 16 | port << 8 |
	       low;
}

/* Bring it to `target` (0: none), a step at a time. */
static void check(struct ofl_provider *p, const char *egress,
		  struct ofl_tc_bind *b, uint32_t target, uint64_t tag,
		  struct ofl_tc_acl *f)
{
	enum ofl_tc_ask ask = !b->there ? OFL_TC_ASK_ADD
			      : target	? OFL_TC_ASK_REPLACE
					: OFL_TC_ASK_DEL;

	if (b->busy || (!target && !b->there) ||
	    (b->there && !b->wrong && b->target == target) ||
	    ofl_clock_mono_us() < b->after_us)
		return;
	b->busy = true;
	b->asked = target;
	f->pref = b->pref;
	f->handle = b->handle;
	ofl_tc_list_ask(p, egress, tag, ask, f);
}

/* The answer.  False: it is as it was. */
static bool answered(struct ofl_provider *p, struct ofl_tc_bind *b, bool hard,
		     const struct ofl_tc_reply *r)
{
	bool add = b->asked != 0;
	bool ok = !r->errnum &&
		  (!add || (r->acl.as_asked && (!hard || r->seen.in_hw)));

	b->busy = false;
	b->audit_no = p->audit_no;
	b->text[0] = '\0';
	if (!add && (!r->errnum || r->errnum == ENOENT)) {
		b->there = b->wrong = false;
		return true;
	}
	if (ok) {
		b->there = true;
		b->wrong = false;
		b->target = b->asked;
		return true;
	}
	strlcpy(b->text,
		r->text[0]  ? r->text
		: r->errnum ? safe_strerror(r->errnum)
			    : "the kernel has it, hardware has not",
		sizeof(b->text));
	b->after_us = ofl_clock_mono_us() + OFL_TC_LIST_RETRY_US;
	/* It is not there, whatever was thought; or another one is. */
	if (r->errnum == ENOENT)
		b->there = false;
	else
		p->audit_due = true;
	return false;
}

/* --- ports --- */

/* A handle that no filter of this side has, ours of an earlier life included.
 */
static uint32_t handle_get(const struct ofl_provider *p, enum ofl_tc_side side)
{
	uint32_t handle = 1;
	bool taken;

	do {
		taken = false;
		for (unsigned int i = 0; i < OFL_TC_PORTS_MAX && !taken; i++)
			taken = p->lists->port[i].bind[side].handle == handle;
		handle += taken;
	} while (taken);
	return handle;
}

static uint16_t pref_of(const struct ofl_provider *p, enum ofl_tc_side side)
{
	return (uint16_t)(p->conf.pref - (side == OFL_TC_HARD ? 1 : 2));
}

uint16_t ofl_tc_egress_pref(const struct ofl_provider *p)
{
	return pref_of(p, OFL_TC_EGRESS);
}

static void check_port(struct ofl_provider *p, unsigned int i,
		       enum ofl_tc_side side, uint32_t target)
{
	struct ofl_tc_bind *b = &p->lists->port[i].bind[side];
	bool egress = side == OFL_TC_EGRESS;
	struct ofl_tc_acl f;

	if ((!b->there && !target) ||
	    (b->there && !b->wrong && b->target == target))
		return;
	if (!b->handle)
		b->handle = handle_get(p, side);
	if (!b->there)
		b->pref = pref_of(p, side);
	if (!ofl_tc_list_leader(p, egress ? NULL : p->ports[i].name, NULL,
				false, target ? target : b->target, &f))
		return;
	if (side == OFL_TC_HARD)
		f.flags = TCA_CLS_FLAGS_SKIP_SW;
	check(p, egress ? p->ports[i].name : "", b, target,
	      tag_of(p, i, side, b->serial), &f);
}

/* What is not bound any more goes at once, of an earlier life when it is known
 * that nobody wants it. */
static uint32_t stay(const struct ofl_provider *p, const struct ofl_tc_bind *b)
{
	return b->there && !p->lists->settled ? b->target : 0;
}

static void check_hard(struct ofl_provider *p, unsigned int i,
		       const struct ofl_tc_list *l)
{
	struct ofl_tc_list_port *port = &p->lists->port[i];
	struct ofl_tc_bind *soft = &port->bind[OFL_TC_SOFT];
	struct ofl_tc_bind *hard = &port->bind[OFL_TC_HARD];
	uint32_t target = 0;

	if (!l) {
		target = stay(p, hard);
	} else if (soft->there && soft->target == ofl_tc_soft_target(l) &&
		   ofl_tc_hard_is_open(p, l) && l->resume.there) {
		target = l->hard_chain;
	} else if (hard->there && l->floor != OFL_TC_FLOOR_REFUSED &&
		   hard->target != l->hard_chain) {
		/* Packets meet what they met before, a little longer. */
		target = hard->target;
	} else if (hard->there && hard->target == l->hard_chain &&
		   l->floor == OFL_TC_FLOOR_THERE) {
		target = hard->target;
	}
	if (ofl_tc_has_hardware(p))
		check_port(p, i, OFL_TC_HARD, target);
}

static void check_ports(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_list_port *port = &p->lists->port[i];
	const struct ofl_tc_list *l = port->want[0], *out = port->want[1];
	struct ofl_tc_bind *hard = &port->bind[OFL_TC_HARD];
	uint32_t target;

	if (p->ports[i].state != OFL_TC_PORT_ATTACHED)
		return;
	target = l ? ofl_tc_soft_target(l) : 0;
	if (!target && l)
		target = port->bind[OFL_TC_SOFT].there
				 ? port->bind[OFL_TC_SOFT].target
				 : 0;
	if (!l)
		target = hard->there || hard->busy
				 ? port->bind[OFL_TC_SOFT].target
				 : stay(p, &port->bind[OFL_TC_SOFT]);
	check_port(p, i, OFL_TC_SOFT, target);
	check_hard(p, i, l);
	if (!port->looked)
		return;
	target = out ? ofl_tc_soft_target(out) : 0;
	if (out && !target && port->bind[OFL_TC_EGRESS].there)
		target = port->bind[OFL_TC_EGRESS].target;
	if (!out)
		target = stay(p, &port->bind[OFL_TC_EGRESS]);
	check_port(p, i, OFL_TC_EGRESS, target);
}

/* Back to software, from hardware's chain. */
static void check_resume(struct ofl_provider *p, struct ofl_tc_list *l)
{
	uint32_t target = ofl_tc_soft_target(l);
	struct ofl_tc_acl f;

	if (!l->hard_chain || !target ||
	    (l->resume.there && !l->resume.wrong &&
	     l->resume.target == target) ||
	    !ofl_tc_list_leader(p, NULL, NULL, false, target, &f))
		return;
	f.chain = l->hard_chain;
	l->resume.handle = 1;
	check(p, "", &l->resume, target,
	      tag_of(p, RESUME_TAG, l->slot, l->serial), &f);
}

static bool is_led(const struct ofl_tc_list_port *port)
{
	for (unsigned int side = 0; side < OFL_TC_SIDE_MAX; side++)
		if (port->bind[side].there || port->bind[side].busy)
			return true;
	return false;
}

void ofl_tc_binds_check(struct ofl_provider *p)
{
	if (!is_ready(p))
		return;
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i] && !p->lists->list[i]->closing)
			check_resume(p, p->lists->list[i]);
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_list_port *port = &p->lists->port[i];

		if (!port->looked)
			ofl_tc_egress_look(p, i);
		check_ports(p, i);
		if (!port->is_leftover || !p->lists->settled || is_led(port) ||
		    p->ports[i].state != OFL_TC_PORT_ATTACHED)
			continue;
		port->is_leftover = false;
		ofl_tc_port_leave(p, i);
	}
}

static void news_of(const struct ofl_tc_list_port *port)
{
	for (unsigned int d = 0; d < 2; d++)
		if (port->want[d])
			ofl_tc_list_news(port->want[d]);
}

void ofl_tc_binds_reply(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	unsigned int i = r->tag >> 8 & 0xff, low = r->tag & 0xff;
	struct ofl_tc_list *l;

	if ((uint16_t)(r->tag >> 32) != (uint16_t)p->life)
		return; /* of a block that has gone */
	if (i == RESUME_TAG) {
		l = ofl_tc_list_at(p, low, (uint8_t)(r->tag >> 16));
		if (l)
			(void)answered(p, &l->resume, false, r);
		return;
	}
	if (p->lists->port[i].bind[low].serial != (uint8_t)(r->tag >> 16))
		return; /* of a port that has gone */
	(void)answered(p, &p->lists->port[i].bind[low], low == OFL_TC_HARD, r);
	news_of(&p->lists->port[i]);
	/* What an earlier life left may go now. */
	p->audit_due |= p->lists->settled && p->lists->unknown_count;
	/* Guards of routes may follow, or go back. */
	ofl_tc_guards_check(p, i);
}

/* --- who leads where --- */

static bool leads(const struct ofl_tc_bind *b, uint32_t chain, uint32_t chains)
{
	return (b->there && b->target - chain < chains) ||
	       (b->busy && b->asked - chain < chains);
}

bool ofl_tc_binds_of_ports_lead_to(const struct ofl_provider *p, uint32_t chain,
				   uint32_t chains)
{
	for (unsigned int i = 0; i < OFL_TC_PORTS_MAX; i++)
		for (unsigned int side = 0; side < OFL_TC_SIDE_MAX; side++)
			if (leads(&p->lists->port[i].bind[side], chain, chains))
				return true;
	return false;
}

bool ofl_tc_binds_lead_to(const struct ofl_provider *p, uint32_t chain,
			  uint32_t chains)
{
	if (ofl_tc_binds_of_ports_lead_to(p, chain, chains))
		return true;
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i] &&
		    leads(&p->lists->list[i]->resume, chain, chains))
			return true;
	return false;
}

void ofl_tc_binds_port_gone(struct ofl_provider *p, unsigned int i)
{
	struct ofl_tc_list_port *port = &p->lists->port[i];

	/* The kernel's filter means a device by its number: one that comes
	 * under the same name is not led by it. */
	for (unsigned int side = 0; side < OFL_TC_EGRESS; side++) {
		struct ofl_tc_bind *b = &port->bind[side];
		struct ofl_tc_acl f;

		if ((b->there || b->busy) &&
		    ofl_tc_list_leader(p, NULL, NULL, false, 1, &f)) {
			f.pref = b->pref;
			f.handle = b->handle;
			ofl_tc_list_ask(p, "", ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
					OFL_TC_ASK_DEL, &f);
		}
	}
	for (unsigned int side = 0; side < OFL_TC_SIDE_MAX; side++)
		port->bind[side] = (struct ofl_tc_bind){
			.serial = port->bind[side].serial + 1};
	port->looking = port->looked = false;
	news_of(port);
}

void ofl_tc_binds_lost(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_TC_PORTS_MAX; i++) {
		memset(p->lists->port[i].bind, 0,
		       sizeof(p->lists->port[i].bind));
		p->lists->port[i].looking = p->lists->port[i].looked = false;
		news_of(&p->lists->port[i]);
	}
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			p->lists->list[i]->resume = (struct ofl_tc_bind){
				.pref = OFL_TC_PREF_RESUME};
}

void ofl_tc_binds_again(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		p->lists->port[i].bind[OFL_TC_HARD].wrong =
			p->lists->port[i].bind[OFL_TC_HARD].there;
}

void ofl_tc_binds_clear(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		ofl_tc_binds_port_gone(p, i);
}

bool ofl_tc_binds_are_there(const struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		const struct ofl_tc_list_port *port = &p->lists->port[i];

		if (p->ports[i].state == OFL_TC_PORT_ATTACHED &&
		    port->want[0] &&
		    (!port->bind[OFL_TC_SOFT].there || !port->want[0]->live))
			return false;
	}
	return true;
}

/* --- in an audit --- */

static bool side_of(const struct ofl_provider *p,
		    const struct ofl_tc_acl_seen *a, enum ofl_tc_side *ret)
{
	if (a->chain)
		return false;
	*ret = (a->flags & TCA_CLS_FLAGS_SKIP_SW) ? OFL_TC_HARD : OFL_TC_SOFT;
	return a->indev[0] && a->goto_chain;
}

void ofl_tc_binds_old(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	enum ofl_tc_side side;

	if (!side_of(p, &r->acl, &side))
		return;
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_bind *b = &p->lists->port[i].bind[side];

		/* One at another pref is not changed but goes. */
		if (strcmp(p->ports[i].name, r->acl.indev) != 0 || b->there ||
		    b->busy || r->acl.pref != pref_of(p, side))
			continue;
		*b = (struct ofl_tc_bind){
			.there = true,
			.audit_no = p->audit_no,
			.pref = r->acl.pref,
			.handle = r->acl.handle,
			.target = r->acl.goto_chain,
		};
	}
}

bool ofl_tc_binds_found(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	const struct ofl_tc_acl_seen *a = &r->acl;
	enum ofl_tc_side side;

	if (!side_of(p, a, &side))
		return false;
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		struct ofl_tc_bind *b = &p->lists->port[i].bind[side];

		if (b->pref != a->pref || b->handle != a->handle ||
		    (!b->there && !b->busy))
			continue;
		b->audit_no = p->audit_no;
		if (!b->busy &&
		    (strcmp(p->ports[i].name, a->indev) != 0 ||
		     b->target != a->goto_chain ||
		     (side == OFL_TC_HARD && !r->seen.in_hw)) &&
		    !b->wrong) {
			b->wrong = true; /* somebody changed it */
			ofl_tc_differs(p, NULL, OFL_DIFFERENCE_CHANGED,
				       "what leads %s to a list",
				       p->ports[i].name);
		}
		return true;
	}
	return false;
}

static void sweep(struct ofl_provider *p, struct ofl_tc_bind *b)
{
	if (!b->there || b->busy || b->audit_no == p->audit_no)
		return;
	b->there = b->wrong = false;
	ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
		       "what leads packets to chain %u of a list", b->target);
}

void ofl_tc_binds_sweep(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_TC_PORTS_MAX; i++)
		for (unsigned int side = 0; side < OFL_TC_EGRESS; side++)
			sweep(p, &p->lists->port[i].bind[side]);
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (p->lists->list[i])
			sweep(p, &p->lists->list[i]->resume);
}
