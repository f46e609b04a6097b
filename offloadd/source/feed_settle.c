// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When what zebra has is complete.  zebra does not say: a feed that has been
 * quiet for a while is, and one that has named everything that was known
 * before is after less of a while.  A slow zebra is not taken for a complete
 * one as long as it brings what was missing.
 *
 * Neighbours: zapi.c and fpm.c tell what comes; what is stale then is the
 * rib's.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/source/feed_private.h"

#define SWEEP_BUDGET 5000 /* flows a turn */
#define HASTE 4 /* a feed in which all are back needs that much less quiet */
/* After a restart of zebra the protocol daemons come back by libfrr's clock:
 * 10 s after they lost it, three times; then once a minute. */
#define RETURN_US 12000000
#define RETURN_LATE_US 62000000
#define LATE_AFTER_US 25000000
/* offloadd and zebra are started together: no absence. */
#define ABSENT_US 2000000

static uint64_t latest_us(const struct ofl_feed *feed)
{
	return feed->sync_us + feed->conf.settle_max_ms * 1000ULL;
}

/* Milliseconds until the resync may end; 0: now.  A busy network is never
 * quiet, hence the latest time; but what a slow zebra still has to announce
 * again would be withdrawn then, and come back. */
static uint64_t settle_left_ms(const struct ofl_feed *feed)
{
	uint64_t now_us = ofl_clock_mono_us();
	uint64_t ms = feed->conf.settle_ms / (feed->all_back ? HASTE : 1);
	uint64_t quiet_us = feed->activity_us + ms * 1000;
	uint64_t last_us =
		MAX(latest_us(feed),
		    feed->progress_us + feed->conf.settle_ms * 1000ULL);
	uint64_t end_us = MIN(MAX(quiet_us, feed->not_before_us), last_us);

	/* Quiet before it says anything is a zebra that is busy. */
	if (feed->asked)
		end_us = last_us;

	return end_us > now_us ? (end_us - now_us) / 1000 + 1 : 0;
}

static void settle(struct ofl_ev *ev);

static void arm(struct ofl_feed *feed, uint64_t delay_ms)
{
	ofl_ev_off(feed->t_settle);
	ofl_ev_timer_ms(feed->loop, settle, feed, delay_ms, &feed->t_settle);
}

static void settle(struct ofl_ev *ev)
{
	struct ofl_feed *feed = OFL_EV_ARG(ev);
	uint64_t left_ms = settle_left_ms(feed);

	ofl_rib_tick(feed->rib, ofl_clock_mono_us());
	/* Half a zebra is no zebra: the next connection begins anew. */
	if (!ofl_feed_is_connected(feed))
		return;
	if (left_ms) {
		arm(feed, left_ms);
		return;
	}
	if (ofl_rib_sync_end(feed->rib, SWEEP_BUDGET)) {
		ofl_ev_soon(feed->loop, settle, feed, &feed->t_settle);
		return;
	}
	ofl_zapi_sweep(feed->zapi);
	feed->settled = feed->ever_settled = true;
	feed->all_back = false;
	feed->lost_us = 0;
	ofl_feed_state_note(feed);
	ofl_debug(OFL_DEBUG_SOURCE, "zebra's feed is complete");
	if (feed->on_settled)
		feed->on_settled(feed->arg);
}

void ofl_feed_clock_restart(struct ofl_feed *feed)
{
	feed->sync_us = feed->activity_us = feed->progress_us =
		ofl_clock_mono_us();
	arm(feed, feed->conf.settle_ms);
}

/* The protocol daemons need time to come back to a zebra that was away. */
static uint64_t return_us(struct ofl_feed *feed, uint64_t now_us)
{
	if (!feed->lost_us && !feed->ever_settled &&
	    now_us - feed->start_us > ABSENT_US)
		feed->lost_us = feed->start_us;
	if (!feed->lost_us)
		return 0;
	return now_us - feed->lost_us < LATE_AFTER_US ? RETURN_US
						      : RETURN_LATE_US;
}

void ofl_feed_begin(struct ofl_feed *feed, enum ofl_feed_begin what)
{
	uint64_t now_us = ofl_clock_mono_us();

	feed->settled = false;
	feed->asked = what != OFL_FEED_BEGIN_ZEBRA;
	ofl_rib_sync_begin(feed->rib);
	switch (what) {
	case OFL_FEED_BEGIN_ZEBRA:
		feed->not_before_us = now_us + return_us(feed, now_us);
		break;
	case OFL_FEED_BEGIN_FPM:
		/* As long as zebra itself has to wait. */
		feed->not_before_us = MAX(feed->not_before_us, now_us);
		break;
	case OFL_FEED_BEGIN_ASKED:
		feed->all_back = false;
		feed->not_before_us = now_us;
		break;
	}
	ofl_feed_clock_restart(feed);
	ofl_feed_state_note(feed);
}

/* A zebra that goes again before it was heard out was away all the time, for
 * the protocol daemons too. */
void ofl_feed_lost(struct ofl_feed *feed, bool is_zebra)
{
	if (is_zebra && (feed->settled || !feed->lost_us))
		feed->lost_us = ofl_clock_mono_us();
	feed->settled = false;
	ofl_rib_sync_begin(feed->rib);
	ofl_feed_state_note(feed);
}

void ofl_feed_active(struct ofl_feed *feed)
{
	feed->activity_us = ofl_clock_mono_us();
}

void ofl_feed_heard(struct ofl_feed *feed)
{
	struct ofl_rib_stats st;

	/* The timer counted on silence. */
	if (feed->asked)
		arm(feed, feed->conf.settle_ms);
	feed->asked = false;
	ofl_feed_active(feed);
	if (!feed->first_route_us)
		feed->first_route_us = feed->activity_us;
	feed->last_route_us = feed->activity_us;
	ofl_rib_stats(feed->rib, &st);
	if (st.sync_progress != feed->progress)
		feed->progress_us = feed->activity_us;
	feed->progress = st.sync_progress;
}

void ofl_feed_all_back(struct ofl_feed *feed)
{
	if (!feed || feed->all_back || feed->settled)
		return;
	feed->all_back = true;
	arm(feed, settle_left_ms(feed));
}

void ofl_feed_state_note(struct ofl_feed *feed)
{
	enum ofl_feed_state now;

	if (ofl_feed_is_connected(feed))
		now = feed->settled ? OFL_FEED_SETTLED : OFL_FEED_SYNCING;
	else
		now = feed->connects ? OFL_FEED_LOST : OFL_FEED_CONNECTING;
	if (feed->state == now)
		return;
	feed->state = now;
	feed->state_us = ofl_clock_mono_us();
}

bool ofl_feed_is_late(const struct ofl_feed *feed)
{
	return feed->state == OFL_FEED_SYNCING &&
	       ofl_clock_mono_us() > latest_us(feed);
}
