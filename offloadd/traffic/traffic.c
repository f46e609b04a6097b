// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Meters: found, made, told and given back.  What becomes of what they take in
 * is meter.c's.
 */
#include <zebra.h>

#include "offloadd/traffic/traffic_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TRAFFIC, "offload traffic");

/* A guess of what neighbours carry is worth so many periods of measuring. */
#define GUESS_PERIODS 3
#define PACKET_PARTS 16.0   /* of a weight: a sixteenth of a packet a second */
#define KILOBIT_BYTES 125.0 /* of a weight: a kilobit a second */

static const char *const unit_names[] = {
	[OFL_TRAFFIC_OFF] = "off",
	[OFL_TRAFFIC_PACKETS] = "packets",
	[OFL_TRAFFIC_BYTES] = "bytes",
};

const char *ofl_traffic_unit_name(enum ofl_traffic_unit u)
{
	return u < array_size(unit_names) ? unit_names[u] : "unknown";
}

bool ofl_traffic_unit_parse(const char *name, enum ofl_traffic_unit *ret_unit)
{
	for (size_t i = 0; i < array_size(unit_names); i++) {
		if (strcmp(name, unit_names[i]) == 0) {
			*ret_unit = i;
			return true;
		}
	}
	return false;
}

static const char *const method_names[] = {
	[OFL_TRAFFIC_AUTO] = "auto",
	[OFL_TRAFFIC_SAMPLES] = "samples",
	[OFL_TRAFFIC_COUNTERS] = "counters",
};

const char *ofl_traffic_method_name(enum ofl_traffic_method m)
{
	return m < array_size(method_names) ? method_names[m] : "unknown";
}

bool ofl_traffic_method_parse(const char *name,
			      enum ofl_traffic_method *ret_method)
{
	for (size_t i = 0; i < array_size(method_names); i++) {
		if (strcmp(name, method_names[i]) == 0) {
			*ret_method = i;
			return true;
		}
	}
	return false;
}

void ofl_traffic_conf_init(struct ofl_traffic_conf *c)
{
	memset(c, 0, sizeof(*c));
	c->half_life_s = 60;
	c->period_s = 5;
	c->sample_rate = 1000;
	c->sample_budget_pps = 1000;
}

/* --- weights --- */
static double weights_of(enum ofl_traffic_unit unit)
{
	return unit == OFL_TRAFFIC_BYTES ? 1 / KILOBIT_BYTES : PACKET_PARTS;
}

uint32_t ofl_traffic_weight(enum ofl_traffic_unit unit, double rate)
{
	double weight = rate * weights_of(unit);

	return weight >= UINT32_MAX ? UINT32_MAX : weight;
}

/* --- life --- */
struct ofl_traffic *ofl_traffic_new(const struct ofl_traffic_conf *conf)
{
	struct ofl_traffic *t = XCALLOC(MTYPE_OFL_TRAFFIC, sizeof(*t));

	t->conf = *conf;
	ofl_slab_kind_init(&t->kind, &t->slab, sizeof(struct ofl_meter), 0);
	ofl_meters_init(&t->meters);
	return t;
}

static void forget_all(struct ofl_traffic *t)
{
	struct ofl_meter *m;

	while ((m = ofl_meters_pop(&t->meters)))
		ofl_slab_put(&t->kind, m->handle);
	t->phase = OFL_ROUND_OVER;
	t->stats.mice = 0;
}

void ofl_traffic_free(struct ofl_traffic *t)
{
	if (!t)
		return;
	forget_all(t);
	ofl_meters_fini(&t->meters);
	XFREE(MTYPE_OFL_TRAFFIC, t);
}

void ofl_traffic_conf_set(struct ofl_traffic *t,
			  const struct ofl_traffic_conf *conf)
{
	if (t->conf.unit != conf->unit)
		forget_all(t);
	t->conf = *conf;
}

/* --- meters --- */
struct ofl_meter *ofl_meter_find(const struct ofl_traffic *t, uint64_t cookie)
{
	struct ofl_meter like = {.cookie = cookie};

	return (struct ofl_meter *)ofl_meters_const_find(&t->meters, &like);
}

static struct ofl_meter *meter_get(struct ofl_traffic *t, uint64_t cookie)
{
	struct ofl_meter *m = ofl_meter_find(t, cookie);
	uint32_t handle;

	if (m)
		return m;
	handle = ofl_slab_get(&t->kind);
	m = ofl_meter_at(t, handle);
	m->handle = handle;
	m->cookie = cookie;
	ofl_meters_add(&t->meters, m);
	return m;
}

void ofl_meter_del(struct ofl_traffic *t, struct ofl_meter *m)
{
	uint32_t handle = m->handle;

	ofl_meters_del(&t->meters, m);
	ofl_slab_put(&t->kind, handle);
}

void ofl_traffic_count(struct ofl_traffic *t, uint64_t cookie, uint64_t packets,
		       uint64_t bytes)
{
	struct ofl_meter *m = meter_get(t, cookie);

	m->counted.packets += packets;
	m->counted.bytes += bytes;
}

void ofl_traffic_sample(struct ofl_traffic *t, uint64_t cookie, uint32_t rate,
			uint32_t bytes)
{
	struct ofl_meter *m = meter_get(t, cookie);
	struct ofl_amount stands_for = {rate, (float)rate * bytes};
	float amount = ofl_amount_of(t, &stands_for);

	m->sampled.packets += stands_for.packets;
	m->sampled.bytes += stands_for.bytes;
	/* Without sampling there is nothing to guess. */
	if (rate > 1)
		m->noise += amount * amount;
}

void ofl_traffic_guess(struct ofl_traffic *t, uint64_t cookie, uint32_t weight,
		       bool known)
{
	struct ofl_meter *m;

	if (!weight || ofl_meter_find(t, cookie))
		return;
	m = meter_get(t, cookie);
	m->rate = weight / weights_of(t->conf.unit);
	m->age_s = known ? ofl_traffic_constant_s(t)
			 : (float)t->conf.period_s * GUESS_PERIODS;
	m->is_grown = known;
	m->weight = known ? weight : 0;
}

void ofl_traffic_forget(struct ofl_traffic *t, uint64_t cookie)
{
	struct ofl_meter *m = ofl_meter_find(t, cookie);

	if (m)
		ofl_meter_del(t, m);
}

/* --- told --- */
static void view_of(const struct ofl_meter *m, struct ofl_traffic_view *ret)
{
	*ret = (struct ofl_traffic_view){
		.cookie = m->cookie,
		.rate = m->rate,
		.error = sqrt(m->variance),
		.weight = m->weight,
		.is_mouse = m->window_s > 0 && !m->is_grown,
	};
}

bool ofl_traffic_view(const struct ofl_traffic *t, uint64_t cookie,
		      struct ofl_traffic_view *ret)
{
	const struct ofl_meter *m = ofl_meter_find(t, cookie);

	if (m)
		view_of(m, ret);
	return m;
}

void ofl_traffic_walk(const struct ofl_traffic *t,
		      bool (*cb)(void *arg, const struct ofl_traffic_view *v),
		      void *arg)
{
	struct ofl_traffic_view v;

	for (uint32_t h = ofl_slab_next(&t->kind, 0); h;
	     h = ofl_slab_next(&t->kind, h + 1)) {
		const struct ofl_meter *m = ofl_meter_at(t, h);

		if (!m->cookie)
			continue;
		view_of(m, &v);
		if (!cb(arg, &v))
			return;
	}
}

void ofl_traffic_stats(const struct ofl_traffic *t,
		       struct ofl_traffic_stats *ret)
{
	*ret = t->stats;
	ret->meters = ofl_meters_count(&t->meters);
}
