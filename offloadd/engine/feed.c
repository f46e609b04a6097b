// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of the feed, told: the shrink guard's holds to store and log,
 * a zebra that takes its time, and both to northbound.
 *
 * Nothing is decided here: the source room holds and lets go.  That the feed
 * came and went is told by engine.c.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/errors.h"
#include "offloadd/engine/engine_private.h"

static void tell_hold(const struct ofl_shrink_stats *s)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "%" PRIu64 " of %" PRIu64
		 " routes are lost; withdrawals are held for %" PRIu64 " s",
		 MAX(s->lost, s->held), s->of,
		 (s->until_us - s->since_us) / 1000000);
	ofl_engine_event("feed-held", text);
	flog_warn(EC_OFL_FEED_SHRUNK, "the feed shrank at once: %s", text);
}

static void tell_release(const struct ofl_shrink_stats *s)
{
	static const char *const why[] = {
		[OFL_SHRINK_END_TIME] = "the time is over",
		[OFL_SHRINK_END_BACK] = "all were announced again",
		[OFL_SHRINK_END_ASKED] = "by command",
		[OFL_SHRINK_END_OFF] = "the guard was switched off",
	};
	char text[128];

	snprintf(text, sizeof(text), "%s; %" PRIu64 " routes withdrawn",
		 why[s->end], s->withdrawn);
	ofl_engine_event("feed-released", text);
}

/* A hold that began and ended since is told as both. */
static void tell_shrink(void)
{
	struct ofl_shrink_stats s;

	ofl_rib_shrink_stats(ofl_eng.rib, &s);
	if (s.state != OFL_SHRINK_HOLDING &&
	    ofl_eng.releases_told < s.releases) {
		if (ofl_eng.holds_told < s.holds)
			tell_hold(&s);
		tell_release(&s);
		ofl_eng.holds_told = s.holds;
	}
	ofl_eng.releases_told = s.releases;
	if (ofl_eng.holds_told < s.holds)
		tell_hold(&s);
	ofl_eng.holds_told = s.holds;
}

static void tell_late(void)
{
	struct ofl_feed_stats z;

	ofl_feed_stats(ofl_eng.feed, &z);
	if (z.late && !ofl_eng.feed_late)
		ofl_engine_event("feed-late",
				 "zebra still announces what was missing; "
				 "nothing is swept before it is done");
	ofl_eng.feed_late = z.late;
}

void ofl_feed_second(uint64_t now_us)
{
	ofl_rib_tick(ofl_eng.rib, now_us);
	tell_shrink();
	tell_late();
	ofl_notify_feed(now_us);
}

uint64_t ofl_feed_wall_us(uint64_t mono_us)
{
	return ofl_clock_wall_us() - ofl_clock_mono_us() + mono_us;
}

void ofl_engine_feed_hold(struct ofl_feed_hold *ret)
{
	struct ofl_shrink_stats s;

	memset(ret, 0, sizeof(*ret));
	if (!ofl_eng.running)
		return;
	ofl_rib_shrink_stats(ofl_eng.rib, &s);
	ret->is_holding = s.state == OFL_SHRINK_HOLDING;
	ret->routes = s.held;
	ret->lost = s.lost;
	ret->of = s.of;
	ret->since_us = ofl_feed_wall_us(s.since_us);
	ret->until_us = ofl_feed_wall_us(s.until_us);
	if (!ret->is_holding)
		ofl_restart_hold_get(ret);
}

bool ofl_engine_feed_release(void)
{
	struct ofl_feed_hold hold;

	ofl_engine_feed_hold(&hold);
	if (!hold.is_holding)
		return false;
	ofl_rib_release(ofl_eng.rib);
	ofl_restart_hold_release();
	return true;
}
