// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shrink guard over a restart: when the feed has settled and a large share
 * of the flows of before is not back, it is more likely that their protocol
 * daemon is not back yet than that all of them are gone.
 *
 * The feed's own guard counts what it has seen in this life.  Here entries
 * without a route stay as they are for the configured time: placement has a
 * route for each that says just that, without a flow.  A route that comes back
 * meanwhile takes its entry over.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/errors.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/store/recall.h"

#define RELEASE_BATCH 256

enum hold {
	HOLD_NONE = 0, /* not asked yet, or there is no need */
	HOLD_ON,
	HOLD_RELEASING,
	HOLD_OVER,
};

bool ofl_restart_is_holding(void)
{
	return ofl_eng.recall_hold == HOLD_ON;
}

static bool is_short(void)
{
	const struct ofl_shrink_conf *c = &ofl_eng.conf->shrink;

	return ofl_eng.recall && c->enabled && ofl_eng.recall_left &&
	       ofl_eng.recall_left >= c->min_routes &&
	       ofl_eng.recall_left * 100ull >
		       ofl_eng.recall_total * (uint64_t)c->percent;
}

static uint64_t until_us(void)
{
	return ofl_eng.settled_us + ofl_eng.conf->shrink.hold_s * 1000000ull;
}

void ofl_restart_hold_begin(void)
{
	char text[160];

	if (ofl_eng.recall_hold != HOLD_NONE || !ofl_eng.settled || !is_short())
		return;
	ofl_eng.recall_hold = HOLD_ON;
	snprintf(text, sizeof(text),
		 "%zu of %zu routes of before the restart are not back; what "
		 "hardware has of them stays for %u s",
		 ofl_eng.recall_left, ofl_eng.recall_total,
		 ofl_eng.conf->shrink.hold_s);
	ofl_engine_event("feed-held", text);
	flog_warn(EC_OFL_FEED_SHRUNK, "%s", text);
}

void ofl_restart_hold_keep(struct ofl_hw *t, const struct ofl_key *key,
			   uint32_t identity)
{
	struct ofl_place_route r = {
		.identity = identity,
		.weight = 1,
		.cls = OFL_CLASS_BEST_EFFORT,
	};
	const struct ofl_recalled *row;

	if (!ofl_restart_is_holding())
		return;
	row = ofl_recall_find(ofl_eng.recall, ofl_engine_vrf_name(key->vrf),
			      &key->p);
	if (row && row->cls == OFL_CLASS_CRITICAL)
		r.cls = row->cls;
	ofl_place_set(t->place, key, &r);
}

static void let_go(const struct ofl_recalled *row)
{
	struct ofl_key key = {.p = row->key.p};
	struct ofl_place_view v;

	if (!ofl_engine_vrf_find(ofl_recall_name(ofl_eng.recall, row->key.vrf),
				 &key.vrf))
		return;
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		/* With a cookie it is a flow's own route. */
		if (t && ofl_place_view(t->place, &key, &v) && !v.cookie)
			ofl_place_del(t->place, &key);
	}
}

static void release_some(void)
{
	size_t count = ofl_recall_count(ofl_eng.recall);

	for (int i = 0; i < RELEASE_BATCH && ofl_eng.recall_hold_at < count;
	     i++)
		let_go(ofl_recall_at(ofl_eng.recall, ofl_eng.recall_hold_at++));
	if (ofl_eng.recall_hold_at == count)
		ofl_eng.recall_hold = HOLD_OVER;
	ofl_turn_schedule();
}

static void end(const char *why)
{
	char text[128];

	snprintf(text, sizeof(text), "%s; %zu routes did not come back", why,
		 ofl_eng.recall_left);
	ofl_engine_event("feed-released", text);
	ofl_eng.recall_hold = HOLD_RELEASING;
	ofl_eng.recall_hold_at = 0;
}

bool ofl_restart_hold_is_over(void)
{
	if (ofl_eng.recall_hold == HOLD_ON) {
		if (!ofl_eng.recall_left)
			end("all were announced again");
		else if (!ofl_eng.conf->shrink.enabled)
			end("the guard was switched off");
		else if (ofl_clock_mono_us() > until_us())
			end("the time is over");
	}
	if (ofl_eng.recall_hold == HOLD_RELEASING)
		release_some();
	return ofl_eng.recall_hold == HOLD_NONE ||
	       ofl_eng.recall_hold == HOLD_OVER;
}

void ofl_restart_hold_release(void)
{
	if (ofl_eng.recall_hold != HOLD_ON)
		return;
	end("by command");
	ofl_turn_schedule();
}

void ofl_restart_hold_get(struct ofl_feed_hold *ret)
{
	if (ofl_eng.recall_hold != HOLD_ON)
		return;
	ret->is_holding = true;
	ret->routes = ret->lost = ofl_eng.recall_left;
	ret->of = ofl_eng.recall_total;
	ret->since_us = ofl_feed_wall_us(ofl_eng.settled_us);
	ret->until_us = ofl_feed_wall_us(until_us());
}
