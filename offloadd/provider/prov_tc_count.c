// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What entries forwarded: the kernel's counters, read by dumps and told as
 * differences.
 *
 * A dump is terse (place, cookie and counters, Linux 5.8; before that all is
 * told) and of one chain of routes after the other, and of those with regions
 * of prov_tc_region.c: whatever else is in the block is not read, and a
 * classifier that cannot be dumped tersely would end the dump of all.  Where
 * somebody put such a one into a chain of routes, that chain is dumped whole.
 *
 * The thread answers in the order in which it was asked, so what a dump tells
 * of an entry is of after all writes that were answered before: a write that
 * was taken begins a new filter, whose counters begin at 0.  Audits read the
 * same counters and tell them as well; nothing is told twice.
 */
#include <zebra.h>

#include "log.h"

#include "lib/counter.h"
#include "offloadd/provider/prov_tc_priv.h"

void ofl_tc_entry_counted(struct ofl_provider *p, struct ofl_tc_entry *e,
			  const struct ofl_tc_counted *now)
{
	uint64_t packets = ofl_counter_delta(e->packets, now->packets);
	uint64_t bytes = ofl_counter_delta(e->bytes, now->bytes);
	struct ofl_key key = e->key;

	e->packets = now->packets;
	e->bytes = now->bytes;
	if ((!packets && !bytes) || e->way.entry != OFL_ENTRY_REAL ||
	    !(e->flags & OFL_TC_PRESENT) || (e->flags & OFL_TC_UNADOPTED) ||
	    !p->events->counted)
		return;
	p->events->counted(p->arg, &key, packets, bytes);
}

void ofl_tc_entry_count_anew(struct ofl_tc_entry *e)
{
	e->packets = e->bytes = 0;
}

/* --- a reading --- */

static void end(struct ofl_provider *p, const char *text)
{
	p->counting = false;
	if (p->events->count_end)
		p->events->count_end(p->arg, text[0] ? 0 : p->counted, text);
}

static void ask(struct ofl_provider *p, bool terse)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_COUNT,
				  p->life << 8 | p->count_spot),
		.ask = OFL_TC_ASK_DUMP,
		.block = p->conf.block,
		.of_chain = true,
		.terse = terse,
		.filter.chain = ofl_tc_spot_chain(p, p->count_spot),
	};

	p->count_terse = terse;
	ofl_tc_ask(p, &r);
}

static bool has_counters(const struct ofl_provider *p, unsigned int spot)
{
	unsigned int at = spot - OFL_TC_SPOT_VRFS;

	return (spot >= OFL_TC_SPOT_VRFS && p->chain_count[at / 2][at % 2]) ||
	       ofl_tc_region_is_at(p, spot);
}

/* The next chain with entries, or with regions of software; without one, that
 * was all. */
static void go_on(struct ofl_provider *p)
{
	for (; p->count_spot < OFL_TC_SPOTS; p->count_spot++)
		if (has_counters(p, p->count_spot)) {
			ask(p, true);
			return;
		}
	end(p, "");
}

void ofl_tc_count_step(struct ofl_provider *p)
{
	if (!p->count_due || p->counting)
		return;
	p->count_due = false;
	p->counting = true;
	p->count_spot = 0;
	p->counted = 0;
	if (p->phase == OFL_TC_READY)
		go_on(p);
	else
		end(p, "the table is not ready");
}

/* Without entries there is nothing to ask, and the end is told by poll(). */
void ofl_tc_count(struct ofl_provider *p)
{
	if (p->counting)
		return;
	p->count_due = true;
	if (p->phase != OFL_TC_READY || !p->present)
		return;
	ofl_tc_count_step(p);
	(void)ofl_tc_flush(p);
}

static void on_found(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	struct ofl_tc_entry *e;

	if (reply->acl.is || !ofl_tc_is_ours(p, f))
		return;
	if (f->cookie[8] == OFL_TC_COOKIE_REGION)
		ofl_tc_region_counted(p, reply);
	if (f->cookie[8] != OFL_TC_COOKIE_ROUTE)
		return;
	e = ofl_tc_entry_of(p, f);
	if (!e)
		return; /* an audit takes it away */
	p->counted += e->way.entry == OFL_ENTRY_REAL;
	ofl_tc_entry_counted(p, e, &reply->seen.counted);
}

void ofl_tc_count_reply(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	bool is_old = ((uint32_t)reply->tag >> 8) != (p->life & 0xffffff);

	if (reply->kind == OFL_TC_FOUND) {
		if (!is_old)
			on_found(p, reply);
		return;
	}
	if (is_old) {
		end(p, "its ports have gone");
	} else if (!reply->errnum) {
		p->count_spot++;
		go_on(p);
	} else if (p->count_terse &&
		   (reply->errnum == EMSGSIZE || reply->errnum == EOPNOTSUPP)) {
		ask(p, false);
	} else {
		end(p, reply->text[0] ? reply->text
				      : safe_strerror(reply->errnum));
	}
}
