/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much traffic each flow carries, of what was counted and sampled.
 *
 * A meter stands for a flow that carries something; flows without one carry
 * nothing that was ever seen.  Hardware counts exactly and tells what it
 * counted since it told last; of what software forwards only samples are seen,
 * each of which stands for `rate` packets.  At the end of each round what came
 * in goes into an estimate that forgets with a half-life; from that and from
 * the weight of the flow's rule comes its weight.
 *
 * A sampled estimate is as good as there are samples: weights are made of its
 * lower bound (one standard deviation), so that who was seen once is not taken
 * for heavy.  A young meter is averaged over its age, so that who was seen
 * often is.  A flow with a mice filter weighs nothing before it has carried
 * so much within so long.  See doc/decisions/0023-traffic.md.
 *
 * Pure: time comes from outside.  Units: packets or bytes, as configured;
 * rates are per second.
 */
#ifndef OFFLOADD_TRAFFIC_TRAFFIC_H
#define OFFLOADD_TRAFFIC_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ofl_traffic_unit {
	OFL_TRAFFIC_OFF = 0, /* nothing is counted, rules' weights hold */
	OFL_TRAFFIC_PACKETS,
	OFL_TRAFFIC_BYTES,
};

/* How it is known what software forwards. */
enum ofl_traffic_method {
	OFL_TRAFFIC_AUTO = 0, /* samples; where those cannot be, counters */
	OFL_TRAFFIC_SAMPLES,
	OFL_TRAFFIC_COUNTERS, /* of regions, see zoom.h */
};

/* Configuration; equal ones are equal bytes. */
struct ofl_traffic_conf {
	uint8_t unit;		    /* enum ofl_traffic_unit */
	uint32_t half_life_s;	    /* 1..86400 */
	uint32_t period_s;	    /* of a round, at the soonest; 1..3600 */
	uint32_t sample_rate;	    /* one packet of so many; 0: none */
	uint32_t sample_budget_pps; /* samples a second, 1.. */
	uint8_t method;		    /* enum ofl_traffic_method */
};
/* Off; 60 s, 5 s, 1000, 1000, auto. */
void ofl_traffic_conf_init(struct ofl_traffic_conf *c);

/* "off", "packets", "bytes"; out of range: "unknown". */
const char *ofl_traffic_unit_name(enum ofl_traffic_unit u);
bool ofl_traffic_unit_parse(const char *name, enum ofl_traffic_unit *ret_unit);
/* "auto", "samples", "counters". */
const char *ofl_traffic_method_name(enum ofl_traffic_method m);
bool ofl_traffic_method_parse(const char *name,
			      enum ofl_traffic_method *ret_method);

/* A flow is worth a slot only after it carried so much within so long. */
struct ofl_mice_filter {
	uint32_t least; /* packets, or kilobytes (1000 bytes); 0: none */
	bool is_bytes;
	uint32_t window_s; /* 1..3600 */
};

/* What the rules say of a flow, asked when its meter is looked at. */
struct ofl_traffic_rule {
	uint32_t weight; /* 100: traffic counts as it is */
	bool critical;	 /* the filter is not for it */
	struct ofl_mice_filter mice;
};

struct ofl_traffic;

struct ofl_traffic *ofl_traffic_new(const struct ofl_traffic_conf *conf);
void ofl_traffic_free(struct ofl_traffic *t); /* NULL is fine */
/* Another unit forgets all that was measured. */
void ofl_traffic_conf_set(struct ofl_traffic *t,
			  const struct ofl_traffic_conf *conf);

/* `cookie`: the caller's name of a flow, not 0.  Hardware forwarded this since
 * it told last. */
void ofl_traffic_count(struct ofl_traffic *t, uint64_t cookie, uint64_t packets,
		       uint64_t bytes);
/* Software forwards one packet of these bytes, of `rate` that were not
 * sampled. */
void ofl_traffic_sample(struct ofl_traffic *t, uint64_t cookie, uint32_t rate,
			uint32_t bytes);
/* What is believed of a flow of which nothing was seen yet, in weight (of a
 * rule with weight 100): `known` if an earlier life measured it, which is given
 * up as slowly as what was measured now; else what its neighbours carry.  One
 * that has a meter is left as it is. */
void ofl_traffic_guess(struct ofl_traffic *t, uint64_t cookie, uint32_t weight,
		       bool known);
void ofl_traffic_forget(struct ofl_traffic *t, uint64_t cookie);

/*
 * A round.  First who is answered by whose entry: hardware counts a cover for
 * all routes that need no entry below it, and what it counted is shared out in
 * proportion to what was known of each.  Then every meter is brought up to
 * date.  Both take many steps, of about `budget` meters; what is counted or
 * sampled meanwhile belongs to this round or to the next.
 */
struct ofl_traffic_ask {
	void *arg;
	/* The flow whose entry in hardware answers this one; the same cookie:
	 * its own; 0: none does. */
	uint64_t (*answered_by)(void *arg, uint64_t cookie);
	void (*rule)(void *arg, uint64_t cookie, struct ofl_traffic_rule *ret);
	/* The weight is another now, by so much that it matters. */
	void (*weighs)(void *arg, uint64_t cookie, uint32_t was,
		       uint32_t weight);
};
void ofl_traffic_round_begin(struct ofl_traffic *t, uint64_t elapsed_us);
/* True: there is more. */
bool ofl_traffic_round_step(struct ofl_traffic *t, unsigned int budget,
			    const struct ofl_traffic_ask *ask);

/* How a flow stands. */
struct ofl_traffic_view {
	uint64_t cookie;
	double rate;	 /* packets or bytes a second */
	double error;	 /* of it: a standard deviation */
	uint32_t weight; /* as told last */
	bool is_mouse;	 /* a filter holds it back */
};
/* False: nothing of it was ever seen. */
bool ofl_traffic_view(const struct ofl_traffic *t, uint64_t cookie,
		      struct ofl_traffic_view *ret);
/* Walk all meters; false from cb ends the walk. */
void ofl_traffic_walk(const struct ofl_traffic *t,
		      bool (*cb)(void *arg, const struct ofl_traffic_view *v),
		      void *arg);

struct ofl_traffic_stats {
	uint32_t meters, mice;
	uint64_t rounds;
};
void ofl_traffic_stats(const struct ofl_traffic *t,
		       struct ofl_traffic_stats *ret);

/* Weight of a rate, for a rule of weight 100: sixteenths of a packet a second,
 * or kilobits a second. */
uint32_t ofl_traffic_weight(enum ofl_traffic_unit unit, double rate);

/* A flow that no filter holds back weighs at least this, also if nothing was
 * ever seen of it: room that nobody needs is better not left empty. */
#define OFL_TRAFFIC_UNKNOWN 16
/* An entry that gains no more than this a slot is not worth a write: that for a
 * flow that a mice filter holds back (every route counts one more than its
 * weight). */
#define OFL_TRAFFIC_LEAST_GAIN 1

/* --- beat.c: how often --- */

/* One packet of how many is sampled, kept within a budget. */
struct ofl_beat {
	uint32_t rate;	 /* now; 0: nothing is sampled */
	uint32_t calm_s; /* seconds with much less than the budget */
	uint32_t deaf_s; /* seconds without what was to be sampled */
};
void ofl_beat_init(struct ofl_beat *p, const struct ofl_traffic_conf *conf);
/* A second has passed in which so many samples came and so many were lost;
 * true: the rate is another. */
bool ofl_beat_second(struct ofl_beat *p, const struct ofl_traffic_conf *conf,
		     uint64_t samples, uint64_t lost);
/* Are packets to be counted instead?  Asked once a second; `on`: they are
 * sampled. */
bool ofl_beat_is_deaf(struct ofl_beat *p, const struct ofl_traffic_conf *conf,
		      bool on);
/* Microseconds from the beginning of a reading of all counters to that of the
 * next: the configured period, or so long that readings take a twentieth of the
 * time. */
uint64_t ofl_beat_period_us(const struct ofl_traffic_conf *conf,
			    uint64_t reading_us);

#endif /* OFFLOADD_TRAFFIC_TRAFFIC_H */
