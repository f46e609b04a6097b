// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries that are written once more: a MAC address changed, hardware lost
 * them, somebody changed them.  Also which of them may not stay.  What is
 * there and what should be, prov_tc_audit.c finds out.
 *
 * A filter that is wrong cannot simply be deleted: a shorter prefix in
 * hardware would get its packets, and only the engine knows which order is
 * safe.  Nor may it stay.  So, the next step where one fails:
 *
 *   1. it is replaced by what it should be;
 *   2. it is replaced by a trap.  The CPU is never wrong; the engine is told
 *      that the entry may not stay, and takes it out in its own order;
 *   3. the guards that lead to its chain go: all packets of its VRF and family
 *      are software's, so its filter can be deleted and made anew, and the
 *      guards come back.  This needs no room for a second entry, and is what
 *      happens in a full table;
 *   4. that fails, too: the entry is lost, and the guards stay away until the
 *      chain is empty.  Its other entries may not stay either, for nobody is
 *      led to them.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>

#include "log.h"

#include "offloadd/base/errors.h"
#include "offloadd/provider/prov_tc_priv.h"

static unsigned int family_of(const struct ofl_tc_entry *e)
{
	return e->key.p.family == AF_INET6;
}

/* --- what is to be written --- */

void ofl_tc_entry_stale(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	e->flags |= OFL_TC_STALE;
	ofl_tc_refit(p);
}

void ofl_tc_stale(struct ofl_provider *p, uint32_t ifindex)
{
	if (p->stale_count == OFL_TC_STALE_LINKS) {
		p->stale_count = 1;
		ifindex = p->stale_links[0] = 0;
	} else {
		p->stale_links[p->stale_count++] = ifindex;
	}
	ofl_tc_refit(p);
}

void ofl_tc_refit(struct ofl_provider *p)
{
	p->rewriting = true;
	p->rewrite_at = 0;
}

static bool leads_through(const struct ofl_provider *p,
			  const struct ofl_tc_entry *e, uint32_t ifindex)
{
	const struct ofl_tc_link *link;

	if (!ifindex || e->way.ifindex == ifindex)
		return true;
	link = ofl_tc_links_find(p->links, e->way.ifindex);
	return link && link->lower == ifindex;
}

bool ofl_tc_entry_is_stale(const struct ofl_provider *p,
			   const struct ofl_tc_entry *e)
{
	bool ret = e->flags & (OFL_TC_STALE | OFL_TC_APART);

	for (unsigned int i = 0; i < p->stale_count && !ret; i++)
		ret = leads_through(p, e, p->stale_links[i]);
	return ret;
}

/* --- writing --- */

static bool ask(struct ofl_provider *p, struct ofl_tc_entry *e,
		enum ofl_tc_again again)
{
	const struct ofl_tc_way trap = {.entry = OFL_ENTRY_PUNT};
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_AGAIN, e->handle),
		.ask = again == OFL_TC_AGAIN_APART ? OFL_TC_ASK_ADD
						   : OFL_TC_ASK_REPLACE,
		.block = p->conf.block,
	};
	const char *why;

	/* Where its device is gone the route will be withdrawn. */
	if (!ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot,
				 again == OFL_TC_AGAIN_TRAP ? &trap : &e->way,
				 &r.filter, &why))
		return false;
	if (again == OFL_TC_AGAIN_APART)
		ofl_tc_take_away(p, &r.filter);
	e->again = again;
	e->flags |= OFL_TC_BUSY;
	p->again++;
	ofl_tc_ask(p, &r);
	return true;
}

static void rewrite(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	e->flags &= ~OFL_TC_STALE;
	if (e->flags & OFL_TC_PRESENT)
		(void)ask(p, e, OFL_TC_AGAIN_RIGHT);
}

/* Step 3 begins: nobody shall be led there. */
static void stand_apart(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	if (e->flags & OFL_TC_APART)
		return;
	e->flags |= OFL_TC_APART;
	p->apart[e->chain_slot][family_of(e)]++;
	p->apart_count++;
	ofl_tc_ports_check(p);
	ofl_tc_refit(p);
}

void ofl_tc_apart_end(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	unsigned int slot = e->chain_slot, family = family_of(e);

	if (p->barred[slot][family] && !p->chain_count[slot][family]) {
		p->barred[slot][family] = false;
		ofl_tc_ports_check(p);
	}
	if (!(e->flags & OFL_TC_APART))
		return;
	e->flags &= ~(OFL_TC_APART | OFL_TC_STALE);
	p->apart_count--;
	if (!--p->apart[slot][family])
		ofl_tc_ports_check(p);
}

static void write_apart(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	if (!ofl_tc_guards_are_away(p, e->chain_slot, family_of(e)))
		return; /* here again when they are */
	/* Without its device it is as wrong, and there is no other: a trap is
	 * right as long as the route is not withdrawn. */
	if (ask(p, e, OFL_TC_AGAIN_APART))
		return;
	e->way = (struct ofl_tc_way){.entry = OFL_ENTRY_PUNT};
	(void)ask(p, e, OFL_TC_AGAIN_APART);
}

/* --- looking --- */

static void look_at(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	char why[OFL_OUTCOME_TEXT];
	bool fits = ofl_tc_way_fits(p, &e->way, why, sizeof(why)) &&
		    ofl_tc_guards_lead(p, e->chain_slot, family_of(e), why,
				       sizeof(why));

	if (fits && !ofl_tc_entry_is_stale(p, e))
		return;
	if (e->flags & OFL_TC_BUSY)
		e->flags |= OFL_TC_STALE; /* after its answer */
	else if (e->flags & OFL_TC_APART)
		write_apart(p, e);
	else if (fits)
		rewrite(p, e);
	else if ((e->flags & OFL_TC_PRESENT) &&
		 !(e->flags & OFL_TC_UNADOPTED) &&
		 e->way.entry == OFL_ENTRY_REAL)
		p->events->unfit(p->arg, &e->key, why);
}

/* Not more at once than the wire takes. */
void ofl_tc_rewrite_step(struct ofl_provider *p, unsigned int budget)
{
	uint32_t h = ofl_slab_next(&p->entries, p->rewrite_at);

	/* One that has to be written apart may begin the walk anew. */
	p->rewriting = false;
	for (; h && budget && p->again < OFL_OPS_IN_FLIGHT / 2;
	     h = ofl_slab_next(&p->entries, h + 1), budget--) {
		struct ofl_tc_entry *e = ofl_tc_entry_at(p, h);

		if (e)
			look_at(p, e);
	}
	if (p->rewriting)
		return;
	p->rewrite_at = h;
	p->rewriting = h != 0;
	if (!h)
		p->stale_count = 0;
}

/* --- answers --- */

static void note(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	strlcpy(p->again_text,
		reply->text[0]	? reply->text
		: reply->errnum ? safe_strerror(reply->errnum)
				: "the kernel made another filter of it",
		sizeof(p->again_text));
}

/* It is a cover now, of an entry that the engine thinks forwards. */
static void become_trap(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	struct ofl_key key = e->key;

	e->way = (struct ofl_tc_way){.entry = OFL_ENTRY_PUNT};
	e->identity = 0;
	if (!(e->flags & OFL_TC_UNADOPTED))
		p->events->unfit(p->arg, &key, p->again_text);
}

static void give_up(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	unsigned int slot = e->chain_slot, family = family_of(e);

	flog_warn(EC_OFL_PROVIDER,
		  "tc block %u: a filter cannot be made right, routes of chain "
		  "%u are software's: %s",
		  p->conf.block, p->conf.chain + 2 * slot + family,
		  p->again_text);
	p->barred[slot][family] = true;
	ofl_tc_entry_lose(p, e, p->again_text);
	ofl_tc_refit(p);
}

/* Is this what was asked for? */
static bool is_right(const struct ofl_provider *p, const struct ofl_tc_entry *e,
		     const struct ofl_tc_reply *reply)
{
	struct ofl_tc_entry as = *e;

	if (e->again == OFL_TC_AGAIN_TRAP)
		as.way = (struct ofl_tc_way){.entry = OFL_ENTRY_PUNT};
	return !reply->errnum && reply->echoed &&
	       ofl_tc_entry_is_right(p, &as, &reply->filter, &reply->seen);
}

void ofl_tc_audit_again(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	struct ofl_tc_entry *e = ofl_tc_entry_at(p, (uint32_t)reply->tag);
	uint8_t again = e ? e->again : OFL_TC_AGAIN_NONE;
	bool right;

	p->again--;
	if (e && !reply->errnum)
		ofl_tc_entry_count_anew(e);
	if (again == OFL_TC_AGAIN_NONE) {
		/* What came since is answered later; it may fail. */
		p->audit_due |= reply->errnum != 0;
		return;
	}
	right = is_right(p, e, reply);
	e->again = OFL_TC_AGAIN_NONE;
	ofl_tc_entry_written(p, e);
	if (right && again == OFL_TC_AGAIN_TRAP) {
		become_trap(p, e);
		return;
	} else if (right) {
		ofl_tc_apart_end(p, e);
		return;
	}
	note(p, reply);
	if (again == OFL_TC_AGAIN_APART)
		give_up(p, e);
	else if (reply->errnum == ENOENT)
		ofl_tc_entry_lose(p, e, p->again_text);
	else if (again == OFL_TC_AGAIN_TRAP || e->way.entry != OFL_ENTRY_REAL)
		stand_apart(p, e);
	else
		(void)ask(p, e, OFL_TC_AGAIN_TRAP);
}
