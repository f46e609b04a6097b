// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is there against what should be: dumps of the block, notifications
 * about filters others changed, losses of many entries at once.
 *
 * An audit compares every filter of ours with the ledger.  What the ledger has
 * and the kernel has not is lost: the engine decides again.  What it has
 * differently, or not in hardware, is written once more (prov_tc_again.c).
 * What carries our cookie and is in no ledger goes.  Each is told as a
 * difference.  Entries with an unanswered operation are left alone: their
 * answer tells.  The first dump of all is prov_tc_adopt.c's.
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
	       (p->phase == OFL_TC_READY || p->phase == OFL_TC_LOOK);
}

void ofl_tc_differs(struct ofl_provider *p, const struct ofl_key *key,
		    enum ofl_difference what, const char *format, ...)
{
	char text[OFL_OUTCOME_TEXT];
	va_list args;

	if (!p->events->differs)
		return;
	va_start(args, format);
	vsnprintfrr(text, sizeof(text), format, args);
	va_end(args);
	p->events->differs(p->arg, key, what, text);
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
	if (p->adopts)
		ofl_tc_adopt_begin(p);
	ofl_tc_guards_mark(p);
	ofl_tc_lists_mark(p);
	ofl_tc_sample_mark(p);
	ofl_tc_region_mark(p);
	ofl_tc_ask(p, &r);
}

void ofl_tc_entry_written(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	e->flags &= ~OFL_TC_BUSY;
	/* A dump under way may be of before: no sight of it proves nothing. */
	e->audit_no = p->audit_no;
	if (e->flags & (OFL_TC_STALE | OFL_TC_APART))
		ofl_tc_refit(p);
}

void ofl_tc_take_away(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
		.ask = OFL_TC_ASK_DEL,
		.block = p->conf.block,
		.filter = *f,
	};

	ofl_tc_ask(p, &r);
}

bool ofl_tc_entry_is_right(const struct ofl_provider *p,
			   const struct ofl_tc_entry *e,
			   const struct ofl_tc_filter *f,
			   const struct ofl_tc_seen *seen)
{
	struct ofl_tc_filter want;
	const char *why;

	return !ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot,
				    &e->way, &want, &why) ||
	       (seen->understood && ofl_tc_filter_eq(&want, f) &&
		(seen->in_hw || p->conf.mode != OFL_TC_MODE_HARDWARE));
}

struct ofl_tc_entry *ofl_tc_entry_of(struct ofl_provider *p,
				     const struct ofl_tc_filter *f)
{
	const struct ofl_tc_way punt = {.entry = OFL_ENTRY_PUNT};
	struct ofl_tc_entry *e = ofl_tc_entry_at(p, f->handle);
	struct ofl_tc_filter place;
	const char *why;

	/* There may be another filter with the same number. */
	if (!e ||
	    !ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot, &punt,
				 &place, &why) ||
	    place.chain != f->chain || place.pref != f->pref)
		return NULL;
	return e;
}

static void found_route(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	struct ofl_tc_entry *e = ofl_tc_entry_of(p, f);
	uint8_t slot;
	struct ofl_key key;

	if (!e) {
		ofl_tc_differs(
			p, ofl_tc_route_key(p, f, &key, &slot) ? NULL : &key,
			OFL_DIFFERENCE_EXTRA,
			"chain %u pref %u handle %u: taken away", f->chain,
			f->pref, f->handle);
		ofl_tc_take_away(p, f);
		return;
	}
	e->audit_no = p->audit_no;
	ofl_tc_entry_counted(p, e, &reply->seen.counted);
	if ((e->flags & OFL_TC_BUSY) ||
	    ofl_tc_entry_is_right(p, e, f, &reply->seen))
		return;
	/* Somebody changed it, or we are about to: made right in place. */
	if (!ofl_tc_entry_is_stale(p, e))
		ofl_tc_differs(p, &e->key, OFL_DIFFERENCE_CHANGED,
			       reply->seen.understood && !reply->seen.in_hw &&
					       p->conf.mode ==
						       OFL_TC_MODE_HARDWARE
				       ? "it is not in hardware any more"
				       : "the kernel has another filter");
	ofl_tc_entry_stale(p, e);
}

bool ofl_tc_may_lead(const struct ofl_tc_filter *f)
{
	return !f->chain || f->does == OFL_TC_GOTO;
}

static void on_found(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;

	ofl_tc_lists_found(p, reply);
	if (reply->acl.is || !reply->seen.has_cookie || !ofl_tc_is_ours(p, f))
		return;
	if (f->cookie[8] == OFL_TC_COOKIE_SAMPLE) {
		ofl_tc_sample_found(p, reply);
		return;
	}
	if (f->cookie[8] == OFL_TC_COOKIE_REGION) {
		ofl_tc_region_found(p, reply);
		return;
	}
	if (p->phase == OFL_TC_LOOK && p->adopts) {
		ofl_tc_adopt_found(p, reply);
		return;
	}
	/*
	 * What cannot be taken over does not stay.  First what leads to the
	 * routes: from then on all is software's, and in which order the rest
	 * goes does not matter.
	 */
	if (p->phase == OFL_TC_LOOK) {
		if (ofl_tc_may_lead(f) || p->unguarded)
			ofl_tc_take_away(p, f);
		return;
	}
	if (is_route(f))
		found_route(p, reply);
	else if (!ofl_tc_guards_found(p, f, &reply->seen))
		ofl_tc_take_away(p, f);
}

/* What is there was taken over; or it goes, the guards first. */
static void end_look(struct ofl_provider *p)
{
	bool done = p->adopts ? ofl_tc_adopt_end(p) : p->unguarded;

	if (done) {
		p->adopts = false;
		p->phase = OFL_TC_GUARDS;
		return;
	}
	p->unguarded = !p->adopts;
	p->adopts = false;
	ofl_tc_audit_begin(p);
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
	if (p->phase == OFL_TC_LOOK) {
		end_look(p);
		return;
	}
	ofl_tc_guards_sweep(p);
	ofl_tc_lists_sweep(p);
	ofl_tc_sample_sweep(p);
	ofl_tc_region_sweep(p);
	ofl_tc_try_again(p);
	if (p->losing) {
		p->audit_due = true; /* this one ends nothing */
		return;
	}
	p->losing = true;
	p->audit_tells = true;
	p->audited = 0;
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

void ofl_tc_entry_lose(struct ofl_provider *p, struct ofl_tc_entry *e,
		       const char *text)
{
	struct ofl_key key = e->key;
	bool known = !(e->flags & OFL_TC_UNADOPTED);

	p->stats.lost++;
	ofl_tc_entry_forget(p, e);
	/* Of one that was not adopted yet nobody knows. */
	if (known)
		p->events->lost(p->arg, &key, text);
}

static void lose(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	if ((e->flags & OFL_TC_BUSY) || !(e->flags & OFL_TC_PRESENT))
		return; /* its answer tells */
	p->audited++;
	if (p->audit_tells && e->audit_no == p->audit_no)
		return;
	if (p->audit_tells)
		ofl_tc_differs(p, &e->key, OFL_DIFFERENCE_MISSING, "%s",
			       p->lose_text);
	ofl_tc_entry_lose(p, e, p->lose_text);
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
	if (!h && p->audit_tells && p->events->audited)
		p->events->audited(p->arg, p->audited);
}

bool ofl_tc_audit_step(struct ofl_provider *p, unsigned int budget)
{
	if (p->losing)
		lose_step(p, budget);
	else if (p->rewriting)
		ofl_tc_rewrite_step(p, budget);
	else if (p->audit_due && ofl_tc_audit_can_begin(p))
		ofl_tc_audit_begin(p);
	/* Where the wire is full its next answers bring us here again. */
	return p->losing || (p->rewriting && p->again < OFL_OPS_IN_FLIGHT / 2);
}

/* One under way may have passed what is asked about: once more after it. */
void ofl_tc_audit(struct ofl_provider *p)
{
	p->audit_due = true;
	if (p->losing || p->rewriting || !ofl_tc_audit_can_begin(p))
		return;
	ofl_tc_audit_begin(p);
	(void)ofl_tc_flush(p);
}
