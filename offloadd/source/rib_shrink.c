// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shrink guard: a feed that loses a large share of its routes at once is
 * not believed at once.
 *
 * A routing daemon that crashed, a session that flapped or a zebra that came
 * back half would empty a table that takes minutes to fill.  So withdrawals
 * beyond a share of the routes are held: the flows stay members of their
 * groups, in a list of their own, and follow their next hops as before.  After
 * a time, or when told so, they are withdrawn in bounded steps.
 *
 * Two ways to lose routes are looked at: withdrawals one by one, against the
 * most routes there were in the last seconds, and the sweep at the end of a
 * resync, against those there were at its beginning.
 *
 * It holds no fact about links, neighbours or gateways, nor the end of a VRF,
 * and knows no clock: time is told.  Neighbours: rib.c asks, rib_group.c keeps
 * the lists.
 */
#include <zebra.h>

#include "offloadd/source/rib_private.h"

/* --- how many there are --- */

void ofl_shrink_more(struct ofl_rib *rib)
{
	struct ofl_shrink *s = &rib->shrink;
	int64_t *most = &s->most[s->second % OFL_SHRINK_WINDOW_S];

	s->level++;
	*most = MAX(*most, s->level);
	if (++rib->stats.routes > rib->most) {
		rib->most = rib->stats.routes;
		rib->stats.sync_progress++;
	}
}

void ofl_shrink_less(struct ofl_rib *rib)
{
	rib->shrink.level--;
	rib->stats.routes--;
}

void ofl_shrink_excuse(struct ofl_rib *rib)
{
	rib->shrink.level++;
}

void ofl_shrink_rebase(struct ofl_rib *rib)
{
	struct ofl_shrink *s = &rib->shrink;

	for (size_t i = 0; i < array_size(s->most); i++)
		s->most[i] = s->level;
}

/* Seconds that passed begin with what there is now. */
static void roll(struct ofl_shrink *s, uint64_t now_us)
{
	uint64_t second = now_us / 1000000;
	uint64_t passed = MIN(second - s->second, OFL_SHRINK_WINDOW_S);

	s->now_us = now_us;
	s->second = second;
	for (uint64_t i = 0; i < passed; i++)
		s->most[(second - i) % OFL_SHRINK_WINDOW_S] = s->level;
}

/* --- holding --- */

static bool is_too_much(const struct ofl_shrink_conf *c, uint64_t lost,
			uint64_t of)
{
	return c->enabled && lost >= c->min_routes &&
	       lost * 100 > of * c->percent;
}

static void hold_begin(struct ofl_shrink *s, uint64_t lost, uint64_t of)
{
	struct ofl_shrink_stats *st = &s->stats;

	if (st->state != OFL_SHRINK_HOLDING)
		st->since_us = s->now_us;
	st->state = OFL_SHRINK_HOLDING;
	st->until_us = s->now_us + s->conf.hold_s * 1000000ULL;
	st->lost = lost;
	st->of = of;
	st->withdrawn = 0;
	st->holds++;
}

static void release_begin(struct ofl_rib *rib, enum ofl_shrink_end end)
{
	struct ofl_shrink *s = &rib->shrink;

	if (s->stats.state != OFL_SHRINK_HOLDING)
		return;
	s->stats.state = OFL_SHRINK_RELEASING;
	s->stats.end = end;
	s->next = ofl_rib_group_list_first(&rib->all);
	if (rib->wake)
		rib->wake(rib->wake_arg);
}

bool ofl_shrink_is_held(struct ofl_rib *rib)
{
	struct ofl_shrink *s = &rib->shrink;
	int64_t most = s->level;
	uint64_t lost;

	if (s->stats.state != OFL_SHRINK_WATCHING)
		return s->stats.state == OFL_SHRINK_HOLDING;
	for (size_t i = 0; i < array_size(s->most); i++)
		most = MAX(most, s->most[i]);
	lost = most - s->level;
	if (!is_too_much(&s->conf, lost + 1, rib->stats.routes + lost))
		return false;
	hold_begin(s, lost + 1, rib->stats.routes + lost);
	return true;
}

void ofl_shrink_judge_sync(struct ofl_rib *rib)
{
	struct ofl_shrink *s = &rib->shrink;
	uint64_t of = MAX(rib->stats.sync_total, rib->stale);

	if (is_too_much(&s->conf, rib->stale, of))
		hold_begin(s, rib->stale, of);
	else if (s->now_us >= s->stats.until_us)
		release_begin(rib, OFL_SHRINK_END_TIME);
}

/* --- letting go --- */

static void release_end(struct ofl_rib *rib)
{
	rib->shrink.stats.state = OFL_SHRINK_WATCHING;
	rib->shrink.stats.releases++;
	ofl_shrink_rebase(rib);
}

unsigned int ofl_shrink_work(struct ofl_rib *rib, unsigned int budget)
{
	struct ofl_shrink *s = &rib->shrink;
	struct ofl_rib_group *g = s->next;
	unsigned int cost = 0;
	struct ofl_flow *f;

	if (s->stats.state != OFL_SHRINK_RELEASING)
		return 0;
	if (!g) {
		release_end(rib);
		return 1;
	}
	g->pins++;
	while (cost < budget && (f = ofl_flow_list_first(&g->held))) {
		bool is_stale = f->retained_stale;

		ofl_group_leave(rib, f);
		ofl_flow_withdraw(rib->flows, f,
				  is_stale ? OFL_REASON_STALE
					   : OFL_REASON_WITHDRAWN);
		rib->stats.stale_swept += is_stale;
		s->stats.withdrawn++;
		cost++;
	}
	g->pins--;
	if (!ofl_flow_list_count(&g->held))
		s->next = ofl_rib_group_list_next(&rib->all, g);
	ofl_group_put(rib, g);
	return MAX(cost, 1u);
}

void ofl_rib_release(struct ofl_rib *rib)
{
	release_begin(rib, OFL_SHRINK_END_ASKED);
}

void ofl_rib_tick(struct ofl_rib *rib, uint64_t now_us)
{
	struct ofl_shrink *s = &rib->shrink;
	const struct ofl_shrink_stats *st = &s->stats;

	roll(s, now_us);
	/* A feed that is not complete may yet announce what is held. */
	if (st->state != OFL_SHRINK_HOLDING || rib->in_sync)
		return;
	if (now_us >= st->until_us)
		release_begin(rib, OFL_SHRINK_END_TIME);
	else if (!st->held &&
		 now_us >= st->since_us + OFL_SHRINK_WINDOW_S * 1000000ULL)
		release_begin(rib, OFL_SHRINK_END_BACK);
}

/* --- asking --- */

void ofl_rib_shrink_set(struct ofl_rib *rib, const struct ofl_shrink_conf *conf)
{
	struct ofl_shrink *s = &rib->shrink;
	bool is_other = s->conf.hold_s != conf->hold_s;

	s->conf = *conf;
	if (!conf->enabled)
		release_begin(rib, OFL_SHRINK_END_OFF);
	else if (is_other && s->stats.state == OFL_SHRINK_HOLDING)
		s->stats.until_us =
			s->stats.since_us + conf->hold_s * 1000000ULL;
}

void ofl_rib_shrink_stats(const struct ofl_rib *rib,
			  struct ofl_shrink_stats *ret_stats)
{
	*ret_stats = rib->shrink.stats;
}
