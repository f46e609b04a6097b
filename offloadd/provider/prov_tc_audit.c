// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is there against what should be: dumps of the block, notifications
 * about filters others changed, losses of many entries at once.
 *
 * An audit compares every filter of ours with the ledger.  What the ledger has
 * and the kernel has not, or has differently, or not in hardware, is lost: the
 * engine decides again.  What carries our cookie and is in no ledger goes.
 * Entries with an unanswered operation are left alone: their answer tells.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "log.h"

#include "offloadd/base/debug.h"
#include "offloadd/provider/prov_tc_priv.h"

static bool is_route(const struct ofl_tc_filter *f)
{
	return f->cookie[8] == OFL_TC_COOKIE_ROUTE;
}

/* The first one is begun by who finds a port; it may have failed. */
bool ofl_tc_audit_can_begin(const struct ofl_provider *p)
{
	return !p->auditing &&
	       (p->phase == OFL_TC_READY || p->phase == OFL_TC_CLEAN);
}

void ofl_tc_audit_begin(struct ofl_provider *p)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_AUDIT, 0),
		.ask = OFL_TC_ASK_DUMP,
		.block = p->conf.block,
	};

	if (p->auditing)
		return;
	p->auditing = true;
	p->audit_due = false;
	p->audit_no++;
	ofl_tc_guards_mark(p);
	ofl_tc_lists_mark(p);
	ofl_tc_ask(p, &r);
}

void ofl_tc_entry_written(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	e->flags &= ~OFL_TC_BUSY;
	/* A dump under way may be of before: no sight of it proves nothing. */
	e->audit_no = p->audit_no;
	if (e->flags & OFL_TC_STALE) {
		p->rewriting = true;
		p->rewrite_at = 0;
	}
}

static void take_away(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
		.ask = OFL_TC_ASK_DEL,
		.block = p->conf.block,
		.filter = *f,
	};

	ofl_tc_ask(p, &r);
}

/* The ledger's entry of a filter that was found, if it is as it should be. */
static struct ofl_tc_entry *entry_of(struct ofl_provider *p,
				     const struct ofl_tc_filter *f,
				     const struct ofl_tc_seen *seen,
				     bool *ret_right)
{
	struct ofl_tc_entry *e = ofl_tc_entry_at(p, f->handle);
	struct ofl_tc_filter want;
	const char *why;

	*ret_right = false;
	if (!e)
		return NULL;
	if (!ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot, &e->way,
				 &want, &why))
		return e;
	if (want.chain != f->chain || want.pref != f->pref)
		return NULL; /* another filter with the same number */
	*ret_right = seen->understood && ofl_tc_filter_eq(&want, f) &&
		     (seen->in_hw || p->conf.mode != OFL_TC_MODE_HARDWARE);
	return e;
}

static void on_found(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	struct ofl_tc_entry *e;
	bool right;

	ofl_tc_lists_found(p, reply);
	if (reply->acl.is || !reply->seen.has_cookie || !ofl_tc_is_ours(p, f))
		return;
	/*
	 * Before the table is ready nothing of an earlier life stays.  First
	 * what leads to the routes: from then on all is software's, and in
	 * which order the rest goes does not matter.
	 */
	if (p->phase == OFL_TC_CLEAN) {
		if (!f->chain || p->unguarded)
			take_away(p, f);
		return;
	}
	if (!is_route(f)) {
		if (!ofl_tc_guards_found(p, f, &reply->seen))
			take_away(p, f);
		return;
	}
	e = entry_of(p, f, &reply->seen, &right);
	if (!e) {
		take_away(p, f);
		return;
	}
	e->audit_no = p->audit_no;
	if (!right && !(e->flags & OFL_TC_BUSY)) {
		/* Somebody changed it: made right in place. */
		e->flags |= OFL_TC_STALE;
		p->rewriting = true;
		p->rewrite_at = 0;
	}
	e->packets = reply->seen.counted.packets;
	e->bytes = reply->seen.counted.bytes;
}

static void on_end(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	p->auditing = false;
	/* No such block: nothing is there. */
	if (reply->errnum && reply->errnum != ENOENT &&
	    reply->errnum != EINVAL) {
		p->audit_failed = true;
		return;
	}
	if (p->phase == OFL_TC_CLEAN && !p->unguarded) {
		p->unguarded = true;
		ofl_tc_audit_begin(p);
		return;
	}
	if (p->phase == OFL_TC_CLEAN) {
		p->phase = OFL_TC_GUARDS;
		return;
	}
	ofl_tc_guards_sweep(p);
	ofl_tc_lists_sweep(p);
	ofl_tc_try_again(p);
	if (p->losing)
		return;
	p->losing = true;
	p->audit_tells = true;
	p->lose_at = 0;
	strlcpy(p->lose_text, "it is not in the kernel any more",
		sizeof(p->lose_text));
}

void ofl_tc_audit_reply(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	if (reply->tag >> 56 == OFL_TC_TAG_CLEAN) {
		if (reply->errnum && reply->errnum != ENOENT)
			ofl_debug(OFL_DEBUG_PROVIDER,
				  "tc block %u: a filter stays: %s %s",
				  p->conf.block, safe_strerror(reply->errnum),
				  reply->text);
		return;
	}
	if (reply->kind == OFL_TC_FOUND)
		on_found(p, reply);
	else
		on_end(p, reply);
}

void ofl_tc_audit_notice(struct ofl_provider *p, const struct nlmsghdr *nlh)
{
	struct ofl_tc_filter f;
	struct ofl_tc_acl acl;
	struct ofl_tc_seen seen;
	uint8_t cookie[OFL_TC_COOKIE];

	/* Others' filters take slots, too: what was read is of before. */
	p->reading.known = false;
	ofl_tc_cookie(p, OFL_TC_COOKIE_ACL, cookie);
	if (ofl_tc_acl_decode(nlh, &acl, &seen) &&
	    !memcmp(cookie, acl.cookie, OFL_TC_COOKIE)) {
		p->audit_due = true;
		return;
	}
	/* A whole pref or chain, or one of ours: look at all. */
	if (!ofl_tc_filter_decode(nlh, &f, &seen)) {
		p->audit_due |= nlh->nlmsg_type == RTM_DELTFILTER;
		return;
	}
	if (seen.block == p->conf.block && ofl_tc_is_ours(p, &f))
		p->audit_due = true;
}

/* --- what takes longer than a turn --- */

void ofl_tc_lose_all(struct ofl_provider *p, const char *text)
{
	p->losing = true;
	p->audit_tells = false;
	p->lose_at = 0;
	strlcpy(p->lose_text, text, sizeof(p->lose_text));
}

static void lose(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	struct ofl_key key = e->key;

	if ((e->flags & OFL_TC_BUSY) || !(e->flags & OFL_TC_PRESENT))
		return; /* its answer tells */
	if (p->audit_tells && e->audit_no == p->audit_no)
		return;
	p->stats.lost++;
	ofl_tc_entry_forget(p, e);
	p->events->lost(p->arg, &key, p->lose_text);
}

static void lose_step(struct ofl_provider *p, unsigned int budget)
{
	uint32_t h = ofl_slab_next(&p->entries, p->lose_at);

	for (; h && budget; h = ofl_slab_next(&p->entries, h + 1), budget--) {
		struct ofl_tc_entry *e = ofl_tc_entry_at(p, h);

		if (e)
			lose(p, e);
	}
	p->lose_at = h;
	p->losing = h != 0;
}

/* --- writing again --- */

void ofl_tc_stale(struct ofl_provider *p, uint32_t ifindex)
{
	if (p->stale_count == OFL_TC_STALE_LINKS) {
		p->stale_count = 1;
		ifindex = p->stale_links[0] = 0;
	} else {
		p->stale_links[p->stale_count++] = ifindex;
	}
	p->rewriting = true;
	p->rewrite_at = 0;
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

static bool is_stale(const struct ofl_provider *p, const struct ofl_tc_entry *e)
{
	bool ret = e->flags & OFL_TC_STALE;

	for (unsigned int i = 0; i < p->stale_count && !ret; i++)
		ret = leads_through(p, e, p->stale_links[i]);
	return ret;
}

static void rewrite(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_AGAIN, e->handle),
		.ask = OFL_TC_ASK_REPLACE,
		.block = p->conf.block,
	};
	const char *why;

	e->flags &= ~OFL_TC_STALE;
	/* Where its device is gone the route will be withdrawn. */
	if (!(e->flags & OFL_TC_PRESENT) ||
	    !ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot, &e->way,
				 &r.filter, &why))
		return;
	e->flags |= OFL_TC_BUSY;
	p->again++;
	ofl_tc_ask(p, &r);
}

/*
 * It could not be made right where it stands: away with it, and the engine
 * decides again.
 */
static void give_up(struct ofl_provider *p, struct ofl_tc_entry *e,
		    const char *text)
{
	struct ofl_tc_filter f;
	const char *why;

	if (ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot,
				&(struct ofl_tc_way){.entry = OFL_ENTRY_PUNT},
				&f, &why))
		take_away(p, &f);
	strlcpy(p->lose_text, text, sizeof(p->lose_text));
	p->audit_tells = false;
	lose(p, e);
}

static void look_at(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	char why[OFL_OUTCOME_TEXT];
	bool fits = ofl_tc_way_fits(p, &e->way, why, sizeof(why)) &&
		    ofl_tc_guards_lead(p, e->chain_slot,
				       e->key.p.family == AF_INET6, why,
				       sizeof(why));

	if (fits && !is_stale(p, e))
		return;
	if (e->flags & OFL_TC_BUSY)
		e->flags |= OFL_TC_STALE; /* after its answer */
	else if (fits)
		rewrite(p, e);
	else if ((e->flags & OFL_TC_PRESENT) && e->way.entry == OFL_ENTRY_REAL)
		p->events->unfit(p->arg, &e->key, why);
}

/* Not more at once than the wire takes. */
static void rewrite_step(struct ofl_provider *p, unsigned int budget)
{
	uint32_t h = ofl_slab_next(&p->entries, p->rewrite_at);

	for (; h && budget && p->again < OFL_OPS_IN_FLIGHT / 2;
	     h = ofl_slab_next(&p->entries, h + 1), budget--) {
		struct ofl_tc_entry *e = ofl_tc_entry_at(p, h);

		if (e)
			look_at(p, e);
	}
	p->rewrite_at = h;
	p->rewriting = h != 0;
	if (!h)
		p->stale_count = 0;
}

void ofl_tc_audit_again(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	struct ofl_tc_entry *e = ofl_tc_entry_at(p, (uint32_t)reply->tag);
	bool right = false;

	p->again--;
	if (!e)
		return;
	ofl_tc_entry_written(p, e);
	if (!reply->errnum && reply->echoed)
		entry_of(p, &reply->filter, &reply->seen, &right);
	if (!right)
		give_up(p, e,
			reply->text[0] ? reply->text
			: reply->errnum
				? safe_strerror(reply->errnum)
				: "the kernel made another filter of it");
}

bool ofl_tc_audit_step(struct ofl_provider *p, unsigned int budget)
{
	if (p->losing)
		lose_step(p, budget);
	else if (p->rewriting)
		rewrite_step(p, budget);
	else if (p->audit_due && ofl_tc_audit_can_begin(p))
		ofl_tc_audit_begin(p);
	/* Where the wire is full its next answers bring us here again. */
	return p->losing || (p->rewriting && p->again < OFL_OPS_IN_FLIGHT / 2);
}
