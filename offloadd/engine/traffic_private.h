/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a table knows of its traffic (private to the engine): traffic.c moves
 * values between providers, the room of estimates and placement, traffic_ask.c
 * answers northbound.
 */
#ifndef OFFLOADD_ENGINE_TRAFFIC_PRIVATE_H
#define OFFLOADD_ENGINE_TRAFFIC_PRIVATE_H

#include "offloadd/engine/traffic.h"
#include "offloadd/traffic/zoom.h"

struct ofl_hw;

struct ofl_hw_traffic {
	/* Since traffic is counted; [0] software (estimates), [1] hardware. */
	uint64_t packets[2], bytes[2];
	/* Since the last round, of the unit; and the rates. */
	double came[2], rate[2];
	uint32_t rounds; /* that have ended since something came */

	struct ofl_beat beat;
	struct ofl_zoom *zoom;	/* NULL: packets are sampled, or nothing is */
	uint32_t region_vrf;	/* that the table's ports are in */
	bool regions_due;	/* they were read */
	uint64_t samples, lost; /* a second ago */
	bool asked;		/* the provider was, for beat.rate */

	bool reading; /* counters, since began_us */
	bool before;  /* what they count came before traffic was counted */
	uint64_t began_us, reading_us, readings, read_us;
	uint32_t entries;

	uint64_t minute_us,
		minute_ops; /* the minute began then, with so many */
	uint32_t writes_per_min;
};

/* The configuration is another, or the daemon starts. */
void ofl_traffic_configure(void);
void ofl_traffic_fini(void);
/* A second has passed. */
void ofl_traffic_second(uint64_t now_us);
/* A step of a round; true: there is more. */
bool ofl_traffic_work(unsigned int budget);

/* What a route weighs for placement. */
uint32_t ofl_traffic_weigh(const struct ofl_flow *f);
/* What it carries, for the store: weight of a rule with weight 100; 0: nothing
 * is known. */
uint32_t ofl_traffic_stored(const struct ofl_flow *f);
void ofl_traffic_flow_gone(const struct ofl_flow *f);
/* For placement: an entry that gains less is not made. */
uint32_t ofl_traffic_least_gain(void);

/* Something came to hardware, or to software. */
void ofl_traffic_came(struct ofl_hw *t, bool hw, uint64_t packets,
		      uint64_t bytes);
/* The VRF that packets of this port are routed in. */
uint32_t ofl_traffic_vrf_of(uint32_t ifindex);
void ofl_traffic_table_gone(struct ofl_hw *t);

/* traffic_region.c */
/* Packets are counted instead of sampled, or no longer. */
void ofl_traffic_regions_set(struct ofl_hw *t, bool on);
/* They were read. */
void ofl_traffic_regions_step(struct ofl_hw *t);
void ofl_traffic_region_counted(struct ofl_hw *t, uint32_t ifindex,
				const struct ofl_prefix *region,
				uint64_t packets, uint64_t bytes);

/* What providers tell. */
void ofl_traffic_counted(struct ofl_hw *t, const struct ofl_key *key,
			 uint64_t packets, uint64_t bytes);
void ofl_traffic_count_end(struct ofl_hw *t, uint32_t entries,
			   const char *text);
void ofl_traffic_sampled(struct ofl_hw *t, const struct ofl_sample *sample);

#endif /* OFFLOADD_ENGINE_TRAFFIC_PRIVATE_H */
