/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Meters (private to the traffic room): traffic.c finds and tells them, meter.c
 * brings them up to date.
 */
#ifndef OFFLOADD_TRAFFIC_TRAFFIC_PRIVATE_H
#define OFFLOADD_TRAFFIC_TRAFFIC_PRIVATE_H

#include <zebra.h>

#include <math.h>

#include "jhash.h"
#include "memory.h"
#include "typesafe.h"

#include "lib/slab.h"
#include "offloadd/traffic/traffic.h"

PREDECL_HASH(ofl_meters);

/* Of both, for a mice filter may ask for either. */
struct ofl_amount {
	float packets, bytes;
};

struct ofl_meter {
	uint32_t handle; /* first: the slab links free ones here */
	uint32_t weight; /* as told last */
	uint64_t cookie; /* 0: given back */
	struct ofl_meters_item item;

	/* What came in since the last round ... */
	struct ofl_amount counted, sampled;
	float noise; /* ... squares of what each sample stands for */
	/* Of this round: what hardware counted, to be shared out, and the rates
	 * of those that it answered below. */
	struct ofl_amount shared;
	float below;

	/* The estimate: units a second, its variance, and over how long it is
	 * made, at most the time constant. */
	float rate, variance, age_s;

	/* The mice filter: in its unit, this window and the one before. */
	float carried, carried_before, window_s;
	bool is_grown; /* it has carried enough */
};

static inline int ofl_meter_cmp(const struct ofl_meter *a,
				const struct ofl_meter *b)
{
	return a->cookie < b->cookie ? -1 : a->cookie > b->cookie;
}

static inline uint32_t ofl_meter_hash(const struct ofl_meter *m)
{
	return jhash_2words(m->cookie, m->cookie >> 32, 0x7a11f1c5);
}

DECLARE_HASH(ofl_meters, struct ofl_meter, item, ofl_meter_cmp, ofl_meter_hash);

enum ofl_round_phase {
	OFL_ROUND_OVER = 0,
	OFL_ROUND_SUM,	  /* who is answered by whom */
	OFL_ROUND_SHARE,  /* what was counted is shared out */
	OFL_ROUND_UPDATE, /* estimates, weights */
};

struct ofl_traffic {
	struct ofl_traffic_conf conf;
	struct ofl_slab slab;
	struct ofl_slab_kind kind;
	struct ofl_meters_head meters;
	struct ofl_traffic_stats stats;

	/* the round */
	uint8_t phase; /* enum ofl_round_phase */
	uint32_t at;   /* where the walk over the meters is */
	float elapsed_s;
	uint32_t mice; /* met in this round */
};

static inline struct ofl_meter *ofl_meter_at(const struct ofl_traffic *t,
					     uint32_t handle)
{
	return ofl_slab_at(&t->slab, handle);
}

/* Of the unit that is configured. */
static inline float ofl_amount_of(const struct ofl_traffic *t,
				  const struct ofl_amount *a)
{
	return t->conf.unit == OFL_TRAFFIC_BYTES ? a->bytes : a->packets;
}

/* How long an average is over, as the half-life says it. */
static inline float ofl_traffic_constant_s(const struct ofl_traffic *t)
{
	return t->conf.half_life_s / (float)M_LN2;
}

/* traffic.c */
struct ofl_meter *ofl_meter_find(const struct ofl_traffic *t, uint64_t cookie);
void ofl_meter_del(struct ofl_traffic *t, struct ofl_meter *m);

#endif /* OFFLOADD_TRAFFIC_TRAFFIC_PRIVATE_H */
