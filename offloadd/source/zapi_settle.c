// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When what zebra has is complete.  zebra does not say: a feed that has been
 * quiet for a while is, and one that has named everything that was known
 * before is after less of a while.  A slow zebra is not taken for a complete
 * one as long as it brings what was missing.
 *
 * Neighbours: zapi.c tells what comes; what is stale then is the rib's.
 */
#include <zebra.h>

#include "memory.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/source/zapi_private.h"

#define SWEEP_BUDGET 5000 /* flows a turn */
#define HASTE 4 /* a feed in which all are back needs that much less quiet */

/* Milliseconds until the resync may end; 0: now.  A busy network is never
 * quiet, hence the latest time; but what a slow zebra still has to announce
 * again would be withdrawn then, and come back. */
static uint64_t settle_left_ms(const struct ofl_zapi *z)
{
	uint64_t now_us = ofl_clock_mono_us();
	uint64_t ms = z->conf.settle_ms / (z->all_back ? HASTE : 1);
	uint64_t quiet_us = z->activity_us + ms * 1000;
	uint64_t latest_us = MAX(z->sync_us + z->conf.settle_max_ms * 1000ULL,
				 z->progress_us + z->conf.settle_ms * 1000ULL);
	uint64_t end_us = MIN(MAX(quiet_us, z->not_before_us), latest_us);

	/* Quiet before it says anything is a zebra that is busy. */
	if (z->asked)
		end_us = latest_us;

	return end_us > now_us ? (end_us - now_us) / 1000 + 1 : 0;
}

static void settle(struct ofl_ev *ev);

static void arm(struct ofl_zapi *z, uint64_t delay_ms)
{
	ofl_ev_off(z->t_settle);
	ofl_ev_timer_ms(z->loop, settle, z, delay_ms, &z->t_settle);
}

static void settle(struct ofl_ev *ev)
{
	struct ofl_zapi *z = OFL_EV_ARG(ev);
	uint64_t left_ms = settle_left_ms(z);

	ofl_rib_tick(z->rib, ofl_clock_mono_us());
	/* Half a zebra is no zebra: the next connection begins anew. */
	if (z->ctl->sock < 0 || z->bulk->sock < 0)
		return;
	if (left_ms) {
		arm(z, left_ms);
		return;
	}
	if (ofl_rib_sync_end(z->rib, SWEEP_BUDGET)) {
		ofl_ev_soon(z->loop, settle, z, &z->t_settle);
		return;
	}
	ofl_zapi_guards_sync_end(&z->guards);
	ofl_zapi_vrf_sweep(z);
	z->stats.settled = true;
	z->all_back = false;
	ofl_zapi_state_note(z);
	ofl_debug(OFL_DEBUG_SOURCE, "zebra's feed is complete");
	if (z->on_settled)
		z->on_settled(z->arg);
}

void ofl_zapi_settle_arm(struct ofl_zapi *z)
{
	arm(z, z->conf.settle_ms);
}

void ofl_zapi_all_back(struct ofl_zapi *z)
{
	if (!z || z->all_back || z->stats.settled)
		return;
	z->all_back = true;
	arm(z, settle_left_ms(z));
}

void ofl_zapi_progress_note(struct ofl_zapi *z)
{
	struct ofl_rib_stats st;

	ofl_rib_stats(z->rib, &st);
	if (st.sync_progress != z->progress)
		z->progress_us = z->activity_us;
	z->progress = st.sync_progress;
}

const char *ofl_feed_state_name(enum ofl_feed_state s)
{
	static const char *const names[] = {
		[OFL_FEED_CONNECTING] = "connecting",
		[OFL_FEED_SYNCING] = "syncing",
		[OFL_FEED_SETTLED] = "settled",
		[OFL_FEED_LOST] = "lost",
	};

	return (size_t)s < array_size(names) ? names[s] : "unknown";
}

void ofl_zapi_state_note(struct ofl_zapi *z)
{
	bool connected = z->ctl->sock >= 0 && z->bulk->sock >= 0;
	enum ofl_feed_state now;

	if (connected)
		now = z->stats.settled ? OFL_FEED_SETTLED : OFL_FEED_SYNCING;
	else
		now = z->stats.connects ? OFL_FEED_LOST : OFL_FEED_CONNECTING;
	z->stats.connected = connected;
	if (z->stats.state == now)
		return;
	z->stats.state = now;
	z->stats.state_us = ofl_clock_mono_us();
}

void ofl_zapi_stats(struct ofl_zapi *z, struct ofl_zapi_stats *ret)
{
	/* libfrr may have noticed the end of its session by itself. */
	ofl_zapi_state_note(z);
	*ret = z->stats;
	ret->settled = z->stats.state == OFL_FEED_SETTLED;
	ret->late = z->stats.state == OFL_FEED_SYNCING &&
		    ofl_clock_mono_us() >
			    z->sync_us + z->conf.settle_max_ms * 1000ULL;
	ret->bytes = ofl_zapi_bulk_bytes(z->reader);
}
