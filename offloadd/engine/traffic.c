// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic: what hardware counted and what was sampled of software goes to the
 * meters of flows; rounds make weights of them, and placement hears of those.
 *
 * A round begins when every table's counters were read, or could not be within
 * a period.  Flows of which nothing was ever seen weigh a little, so that room
 * that nobody needs is not left empty; those that a mice filter is for weigh
 * nothing, and placement keeps a floor under the gain of an entry.
 */
#include <zebra.h>

#include <math.h>

#include "if.h"
#include "vrf.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/list_private.h"

#define MINUTE_US 60000000ull
#define PRIOR_LEAST 32 /* below it neighbours carry next to nothing */

static bool is_on(void)
{
	return ofl_eng.traffic != NULL;
}

static const struct ofl_traffic_conf *conf(void)
{
	return &ofl_eng.conf->traffic;
}

/* --- what a flow weighs --- */
static const struct ofl_rule *mice_rule(const struct ofl_flow *f)
{
	const struct ofl_rule *r =
		f->rule ? ofl_policy_rule_find(ofl_eng.conf->policy, f->rule)
			: NULL;

	return r && (r->set & OFL_SET_MICE) ? r : NULL;
}

/* One of an earlier life carries what it did then; a new route what those
 * around it do, until it was measured. */
static void guess(const struct ofl_flow *f)
{
	struct ofl_hw *t =
		f->table < OFL_TABLES_MAX ? ofl_eng.tables[f->table] : NULL;
	uint32_t prior = ofl_restart_traffic(f);

	if (prior)
		ofl_traffic_guess(ofl_eng.traffic, ofl_cookie_of(f), prior,
				  true);
	if (f->state != OFL_STATE_SEEN || !t || !f->action ||
	    !ofl_eng.settled || ofl_restart_is_on())
		return;
	prior = ofl_place_prior(t->place, &f->key);
	if (prior >= PRIOR_LEAST)
		ofl_traffic_guess(ofl_eng.traffic, ofl_cookie_of(f), prior,
				  false);
}

uint32_t ofl_traffic_weigh(const struct ofl_flow *f)
{
	struct ofl_traffic_view v;

	if (!is_on())
		return f->weight;
	guess(f);
	if (ofl_traffic_view(ofl_eng.traffic, ofl_cookie_of(f), &v) &&
	    (v.weight || v.is_mouse))
		return v.weight;
	return mice_rule(f) ? 0 : OFL_TRAFFIC_UNKNOWN;
}

uint32_t ofl_traffic_stored(const struct ofl_flow *f)
{
	struct ofl_traffic_view v;

	if (!is_on() ||
	    !ofl_traffic_view(ofl_eng.traffic, ofl_cookie_of(f), &v))
		return 0;
	return ofl_traffic_weight(conf()->unit, v.rate);
}

void ofl_traffic_flow_gone(const struct ofl_flow *f)
{
	if (is_on())
		ofl_traffic_forget(ofl_eng.traffic, ofl_cookie_of(f));
}

uint32_t ofl_traffic_least_gain(void)
{
	const struct ofl_policy *p = ofl_eng.conf->policy;

	for (size_t i = 0; is_on() && i < p->rule_count; i++) {
		if (p->rules[i].set & OFL_SET_MICE)
			return OFL_TRAFFIC_LEAST_GAIN;
	}
	return 0;
}

/* --- what providers tell --- */
void ofl_traffic_came(struct ofl_hw *t, bool hw, uint64_t packets,
		      uint64_t bytes)
{
	t->traffic.packets[hw] += packets;
	t->traffic.bytes[hw] += bytes;
	t->traffic.came[hw] +=
		conf()->unit == OFL_TRAFFIC_BYTES ? bytes : packets;
}

void ofl_traffic_counted(struct ofl_hw *t, const struct ofl_key *key,
			 uint64_t packets, uint64_t bytes)
{
	const struct ofl_flow *f;

	if (!is_on() || t->traffic.before || (!packets && !bytes))
		return;
	ofl_traffic_came(t, true, packets, bytes);
	f = ofl_flowtab_find(ofl_eng.flows, key);
	if (f)
		ofl_traffic_count(ofl_eng.traffic, ofl_cookie_of(f), packets,
				  bytes);
}

static void begin_round(uint64_t now_us);

void ofl_traffic_count_end(struct ofl_hw *t, uint32_t entries, const char *text)
{
	uint64_t now_us = ofl_clock_mono_us();

	if (!t->traffic.reading)
		return;
	t->traffic.reading = false;
	t->traffic.before &= text && text[0];
	t->traffic.reading_us = now_us - t->traffic.began_us;
	t->traffic.regions_due = !text || !text[0];
	if (ofl_eng.traffic_due)
		begin_round(now_us);
	if (text && text[0]) {
		ofl_debug(OFL_DEBUG_PROVIDER, "table %s: counters: %s",
			  t->conf.name, text);
		return;
	}
	t->traffic.readings++;
	t->traffic.read_us = ofl_clock_wall_us();
	t->traffic.entries = entries;
}

uint32_t ofl_traffic_vrf_of(uint32_t ifindex)
{
	struct vrf *v;

	RB_FOREACH (v, vrf_id_head, &vrfs_by_id) {
		if (ifindex && if_lookup_by_index(ifindex, v->vrf_id))
			return v->vrf_id;
	}
	return VRF_DEFAULT;
}

void ofl_traffic_sampled(struct ofl_hw *t, const struct ofl_sample *sample)
{
	struct ofl_prefix p =
		ofl_prefix_make(sample->family, sample->dst,
				sample->family == AF_INET ? 32 : 128);
	const struct ofl_flow *f;
	struct ofl_key key;

	if (!is_on())
		return;
	ofl_traffic_came(t, false, sample->rate,
			 (uint64_t)sample->rate * sample->bytes);
	if (!ofl_engine_longest(ofl_traffic_vrf_of(sample->ifindex), &p, &key))
		return;
	f = ofl_flowtab_find(ofl_eng.flows, &key);
	if (f)
		ofl_traffic_sample(ofl_eng.traffic, ofl_cookie_of(f),
				   sample->rate, sample->bytes);
}

/* --- rounds --- */
static struct ofl_flow *flow_of(uint64_t cookie)
{
	return ofl_flow_of(cookie);
}

static uint64_t answered_by(void *arg, uint64_t cookie)
{
	const struct ofl_flow *f = flow_of(cookie);
	struct ofl_hw *t =
		f->table < OFL_TABLES_MAX ? ofl_eng.tables[f->table] : NULL;
	const struct ofl_flow *cover;
	struct ofl_key key;

	if (f->state == OFL_STATE_OFFLOADED)
		return cookie;
	if (f->state != OFL_STATE_ELIDED || !t ||
	    !ofl_place_cover_of(t->place, &f->key, &key))
		return 0;
	cover = ofl_flowtab_find(ofl_eng.flows, &key);
	return cover ? ofl_cookie_of(cover) : 0;
}

static void rule_of(void *arg, uint64_t cookie, struct ofl_traffic_rule *ret)
{
	const struct ofl_flow *f = flow_of(cookie);
	const struct ofl_rule *r = mice_rule(f);

	ret->weight = f->weight;
	ret->critical = f->cls == OFL_CLASS_CRITICAL;
	if (!r)
		return;
	ret->mice = (struct ofl_mice_filter){
		.least = r->mice_packets ? r->mice_packets : r->mice_kilobytes,
		.is_bytes = !r->mice_packets,
		.window_s = r->mice_window_s,
	};
}

/* Next to nothing is nothing. */
static unsigned int bits_of(uint32_t n)
{
	return n > OFL_TRAFFIC_UNKNOWN ? 32 - __builtin_clz(n) : 0;
}

/* The store hears of it when it is about twice or half as much. */
static void weighs(void *arg, uint64_t cookie, uint32_t was, uint32_t weight)
{
	struct ofl_flow *f = flow_of(cookie);

	ofl_outcome_weigh(f);
	if (f->state != OFL_STATE_SEEN && bits_of(was) != bits_of(weight) &&
	    ofl_store_room(ofl_eng.store))
		ofl_outcome_restate(f);
}

static void end_round(struct ofl_hw *t, double elapsed_s)
{
	struct ofl_hw_traffic *x = &t->traffic;
	double part = 1 - exp2(-elapsed_s / conf()->half_life_s);

	if (!x->rounds && x->came[0] + x->came[1] == 0)
		return;
	/* The first ones are over the time there was. */
	x->rounds++;
	part = MAX(part, 1.0 / x->rounds);
	for (int i = 0; i < 2; i++) {
		x->rate[i] += part * (x->came[i] / elapsed_s - x->rate[i]);
		x->came[i] = 0;
	}
}

bool ofl_traffic_work(unsigned int budget)
{
	static const struct ofl_traffic_ask ask = {
		.answered_by = answered_by,
		.rule = rule_of,
		.weighs = weighs,
	};

	return is_on() && ofl_traffic_round_step(ofl_eng.traffic, budget, &ask);
}

static bool is_reading(void)
{
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i] && ofl_eng.tables[i]->traffic.reading)
			return true;
	}
	return false;
}

/* The longest that a table's counters take to be read. */
static uint64_t period_us(void)
{
	uint64_t reading_us = 0;

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i])
			reading_us = MAX(reading_us,
					 ofl_eng.tables[i]->traffic.reading_us);
	}
	return ofl_beat_period_us(conf(), reading_us);
}

static void read_table(struct ofl_hw *t, uint64_t now_us)
{
	if (!t->ready || !t->ops->count)
		return;
	t->traffic.reading = true;
	t->traffic.began_us = now_us;
	t->ops->count(t->prov);
	t->poll_at_us = now_us;
}

static void read_counters(uint64_t now_us)
{
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i])
			read_table(ofl_eng.tables[i], now_us);
	}
	ofl_eng.traffic_read_us = now_us;
	ofl_eng.traffic_due = true;
	ofl_turn_schedule();
}

/* What is not answered within a period is not waited for. */
static void begin_round(uint64_t now_us)
{
	uint64_t elapsed_us = now_us - ofl_eng.traffic_round_us;

	if (is_reading() && now_us - ofl_eng.traffic_read_us < period_us())
		return;
	ofl_eng.traffic_due = false;
	ofl_eng.traffic_round_us = now_us;
	ofl_traffic_round_begin(ofl_eng.traffic, elapsed_us);
	ofl_lists_traffic_begin(elapsed_us);
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i])
			end_round(ofl_eng.tables[i], elapsed_us / 1e6);
	}
	ofl_turn_schedule();
}

/* --- sampling --- */
static void sample_second(struct ofl_hw *t)
{
	struct ofl_hw_traffic *x = &t->traffic;
	struct ofl_sampling_status st = {0};

	if (!t->ops->sample || t->retiring)
		return;
	if (!x->asked)
		ofl_beat_init(&x->beat, conf());
	t->ops->sampling(t->prov, &st);
	if (!x->asked ||
	    ofl_beat_second(&x->beat, conf(), st.samples - x->samples,
			    st.lost - x->lost))
		t->ops->sample(t->prov, x->beat.rate);
	x->asked = true;
	x->samples = st.samples;
	x->lost = st.lost;
	if (x->regions_due)
		ofl_traffic_regions_step(t);
	x->regions_due = false;
	if (t->ops->regions)
		ofl_traffic_regions_set(t, ofl_beat_is_deaf(&x->beat, conf(),
							    st.on));
	t->poll_at_us = 0;
}

static void minute(struct ofl_hw *t, uint64_t now_us)
{
	struct ofl_hw_traffic *x = &t->traffic;

	if (x->minute_us && now_us - x->minute_us < MINUTE_US)
		return;
	x->writes_per_min = x->minute_us ? t->ops_sent - x->minute_ops : 0;
	x->minute_us = now_us;
	x->minute_ops = t->ops_sent;
}

void ofl_traffic_second(uint64_t now_us)
{
	if (!is_on())
		return;
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (!ofl_eng.tables[i])
			continue;
		sample_second(ofl_eng.tables[i]);
		minute(ofl_eng.tables[i], now_us);
	}
	/* Timers are late by a little: what is nearly due is. */
	if (!ofl_eng.traffic_due &&
	    now_us + 500000 >= ofl_eng.traffic_read_us + period_us())
		read_counters(now_us);
	else if (ofl_eng.traffic_due)
		begin_round(now_us);
}

/* --- life --- */
/* A table that is ready has counted all along: from there on it counts.  One
 * that is not yet will say what it has when it is. */
static void table_begin(struct ofl_hw *t)
{
	t->traffic.before = t->ready && t->ops->count;
	read_table(t, ofl_clock_mono_us());
	ofl_turn_schedule();
}

static void table_forget(struct ofl_hw *t)
{
	if (t->ops->sample && t->traffic.asked)
		t->ops->sample(t->prov, 0);
	if (t->ops->regions)
		ofl_traffic_regions_set(t, false);
	memset(&t->traffic, 0, sizeof(t->traffic));
}

void ofl_traffic_table_gone(struct ofl_hw *t)
{
	ofl_zoom_free(t->traffic.zoom);
	t->traffic.zoom = NULL;
}

void ofl_traffic_fini(void)
{
	ofl_traffic_free(ofl_eng.traffic);
	ofl_eng.traffic = NULL;
}

static void begin(void)
{
	ofl_eng.traffic = ofl_traffic_new(conf());
	ofl_eng.traffic_since_us = ofl_clock_wall_us();
	ofl_eng.traffic_read_us = ofl_eng.traffic_round_us =
		ofl_clock_mono_us();
	ofl_eng.traffic_due = false;
}

void ofl_traffic_configure(void)
{
	struct ofl_traffic_conf was = ofl_eng.traffic_conf;
	bool same_unit = was.unit == conf()->unit;

	ofl_eng.traffic_conf = *conf();
	ofl_lists_traffic_set(conf());
	if (!same_unit) {
		ofl_traffic_fini();
		if (conf()->unit != OFL_TRAFFIC_OFF)
			begin();
	} else if (is_on()) {
		ofl_traffic_conf_set(ofl_eng.traffic, conf());
	}
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t)
			continue;
		if (!same_unit) {
			table_forget(t);
			if (is_on())
				table_begin(t);
		} else if (memcmp(&was, conf(), sizeof(was)) != 0) {
			t->traffic.asked = false;
		}
		ofl_hw_limits_set(t);
		if (is_on())
			sample_second(t);
	}
}
