// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A round: what meters took in becomes estimates, and these weights.
 *
 * An estimate is an average in which what is older by a half-life counts half.
 * A young one is over its age: x seconds of age make the last x' of them count
 * x'/x.  Its variance is that of the samples alone; what hardware counted has
 * none.
 */
#include <zebra.h>

#include "offloadd/traffic/traffic_private.h"

#include <float.h>

/* A weight that moved by less than this part is not worth telling. */
#define TOLD_PART 8
/* Once it has carried enough, it may carry so much less. */
#define GROWN_PART 4
/* A meter that would be sampled so seldom, in the time its estimate is over, is
 * forgotten. */
#define SEEN_LEAST 0.125f

void ofl_traffic_round_begin(struct ofl_traffic *t, uint64_t elapsed_us)
{
	if (t->phase != OFL_ROUND_OVER || !elapsed_us)
		return;
	t->phase = OFL_ROUND_SUM;
	t->at = 0;
	t->elapsed_s = elapsed_us / 1e6;
	t->mice = 0;
}

/* --- who is answered by whom --- */
/* The meter of another flow whose entry answers this one; NULL: there is none.
 */
static struct ofl_meter *cover_of(const struct ofl_traffic *t,
				  const struct ofl_meter *m,
				  const struct ofl_traffic_ask *ask)
{
	uint64_t cookie = ask->answered_by(ask->arg, m->cookie);

	return cookie && cookie != m->cookie ? ofl_meter_find(t, cookie) : NULL;
}

static void sum(struct ofl_traffic *t, struct ofl_meter *m,
		const struct ofl_traffic_ask *ask)
{
	struct ofl_meter *cover;

	m->shared = m->counted;
	m->counted = (struct ofl_amount){0};
	if (!(m->rate > 0))
		return;
	cover = cover_of(t, m, ask);
	if (cover)
		cover->below += m->rate;
}

static void share(struct ofl_traffic *t, struct ofl_meter *m,
		  const struct ofl_traffic_ask *ask)
{
	struct ofl_meter *cover;
	float part;

	if (!(m->rate > 0))
		return;
	cover = cover_of(t, m, ask);
	/* One that was not summed up gets nothing. */
	if (!cover || !(cover->below >= m->rate))
		return;
	part = m->rate / (cover->rate + cover->below);
	m->counted.packets += cover->shared.packets * part;
	m->counted.bytes += cover->shared.bytes * part;
}

/* --- estimates --- */
/* What came in, and what is left for those below is not its own. */
static struct ofl_amount taken_in(struct ofl_meter *m)
{
	float own = m->below > 0 ? m->rate / (m->rate + m->below) : 1;
	struct ofl_amount in = {
		m->counted.packets + m->sampled.packets +
			m->shared.packets * own,
		m->counted.bytes + m->sampled.bytes + m->shared.bytes * own,
	};

	m->counted = m->sampled = m->shared = (struct ofl_amount){0};
	m->below = 0;
	return in;
}

static void estimate(const struct ofl_traffic *t, struct ofl_meter *m, float in)
{
	float dt = t->elapsed_s, constant = ofl_traffic_constant_s(t);
	float part = 1 - exp2f(-dt / t->conf.half_life_s);

	m->age_s += dt;
	part = fmaxf(part, fminf(1, dt / m->age_s));
	m->age_s = fminf(m->age_s, constant);
	m->rate += part * (in / dt - m->rate);
	m->variance = (1 - part) * (1 - part) * m->variance +
		      part * part * m->noise / (dt * dt);
	m->noise = 0;
}

/* Has it carried enough within a window, this one or the one before? */
static void grow(const struct ofl_traffic *t, struct ofl_meter *m,
		 const struct ofl_mice_filter *mice,
		 const struct ofl_amount *in)
{
	float least = mice->is_bytes ? mice->least * 1000.0f : mice->least;
	float window = mice->window_s, came;

	if (!mice->least) {
		m->is_grown = true;
		m->carried = m->carried_before = m->window_s = 0;
		return;
	}
	came = mice->is_bytes ? in->bytes : in->packets;
	/* A round that is longer than the window has it in part. */
	m->carried += came * fminf(1, window / t->elapsed_s);
	m->window_s += t->elapsed_s;
	if (m->carried >= least)
		m->is_grown = true;
	if (m->window_s < window)
		return;
	m->is_grown &=
		fmaxf(m->carried, m->carried_before) >= least / GROWN_PART;
	m->carried_before = m->carried;
	m->carried = 0;
	/* Not 0: that is one without a filter. */
	m->window_s = FLT_MIN;
}

static uint32_t weight_of(const struct ofl_traffic *t,
			  const struct ofl_meter *m,
			  const struct ofl_traffic_rule *rule)
{
	float least = m->rate - 2 * sqrtf(m->variance);
	double weight;

	if (!m->is_grown && !rule->critical)
		return 0;
	weight = ofl_traffic_weight(t->conf.unit, fmaxf(0, least));
	weight = fmax(weight * rule->weight / 100, OFL_TRAFFIC_UNKNOWN);
	return weight >= UINT32_MAX ? UINT32_MAX : weight;
}

static bool is_news(uint32_t was, uint32_t now)
{
	uint32_t moved = now > was ? now - was : was - now;

	return !was != !now || moved > was / TOLD_PART;
}

/* Nothing came for so long that nothing is known any longer. */
static bool is_over(const struct ofl_traffic *t, const struct ofl_meter *m)
{
	float least = t->conf.sample_rate * SEEN_LEAST;

	if (m->weight > OFL_TRAFFIC_UNKNOWN ||
	    m->age_s < ofl_traffic_constant_s(t))
		return false;
	/* It may be growing. */
	if (m->carried > 0 || m->carried_before > 0)
		return false;
	if (!ofl_traffic_weight(t->conf.unit, m->rate))
		return true;
	return t->conf.unit == OFL_TRAFFIC_PACKETS &&
	       m->rate * ofl_traffic_constant_s(t) < least;
}

static void update(struct ofl_traffic *t, struct ofl_meter *m,
		   const struct ofl_traffic_ask *ask)
{
	struct ofl_traffic_rule rule = {.weight = 100};
	struct ofl_amount in = taken_in(m);
	uint64_t cookie = m->cookie;
	uint32_t weight;

	ask->rule(ask->arg, cookie, &rule);
	estimate(t, m, ofl_amount_of(t, &in));
	grow(t, m, &rule.mice, &in);
	weight = weight_of(t, m, &rule);
	if (!m->is_grown)
		t->mice++;
	if (is_news(m->weight, weight)) {
		uint32_t was = m->weight;

		m->weight = weight;
		ask->weighs(ask->arg, cookie, was, weight);
		m = ofl_meter_find(t, cookie);
	}
	if (m && is_over(t, m))
		ofl_meter_del(t, m);
}

static void (*const phases[])(struct ofl_traffic *t, struct ofl_meter *m,
			      const struct ofl_traffic_ask *ask) = {
	[OFL_ROUND_SUM] = sum,
	[OFL_ROUND_SHARE] = share,
	[OFL_ROUND_UPDATE] = update,
};

static void end_phase(struct ofl_traffic *t)
{
	t->at = 0;
	if (t->phase++ != OFL_ROUND_UPDATE)
		return;
	t->phase = OFL_ROUND_OVER;
	t->stats.rounds++;
	t->stats.mice = t->mice;
}

bool ofl_traffic_round_step(struct ofl_traffic *t, unsigned int budget,
			    const struct ofl_traffic_ask *ask)
{
	while (t->phase != OFL_ROUND_OVER && budget) {
		uint32_t h = ofl_slab_next(&t->kind, t->at);

		for (; h && budget; h = ofl_slab_next(&t->kind, h + 1)) {
			struct ofl_meter *m = ofl_meter_at(t, h);

			budget--;
			if (m->cookie)
				phases[t->phase](t, m, ask);
		}
		t->at = h;
		if (!h)
			end_phase(t);
	}
	return t->phase != OFL_ROUND_OVER;
}
