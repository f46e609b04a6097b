/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine around one placement and the model of hardware: it tells of
 * routes, sends what is handed out, gives the answers in any order, and holds
 * what the room reports of each route against the model (S).  One small
 * universe at a time.
 */
#ifndef TESTS_PROPERTY_DRIVE_H
#define TESTS_PROPERTY_DRIVE_H

#include "offloadd/placement/placement.h"
#include "tests/property/optimum.h"

/* What the engine would remember of a route. */
struct told {
	uint64_t cookie; /* 0: nothing */
	uint8_t state;
	uint8_t entry;
	uint32_t identity;
	bool adopted; /* an entry of an earlier run, or a route in its place */
};

struct universe {
	struct told told[FORESTS][PREFIXES_MAX];
	struct ofl_place *place;
	struct ofl_place_conf conf;
	unsigned int critical_one_in; /* 0: none are */
	bool above_high;	      /* new limits were below what is held */
	uint64_t granted;	      /* optional writes, so far */
	bool unlimited;		      /* ... or no limit */
	uint64_t serial;	      /* of the last cookie */

	/* I9: entries that are there and are wanted may not be touched. */
	bool kept[FORESTS][PREFIXES_MAX];

	/* F: planned REAL when that was looked at last. */
	bool real[FORESTS][PREFIXES_MAX];

	/* over all universes */
	uint64_t changes, rests, rebuilds, steps;
	uint64_t optima, certificates, exact, sums;
	uint64_t gains, floors;
};
extern struct universe u;

/* From nothing, in conf; the costs are the model's. */
void universe_begin(uint64_t seed, unsigned int bits,
		    const struct ofl_place_conf *conf);
/* Withdraw everything, and look that nothing is left. */
void universe_end(void);
/* ... or just forget it. */
void universe_drop(void);
void limits_set(const struct ofl_place_conf *conf);

/* --- what the engine does --- */
void route_set(unsigned int f, unsigned int i, const struct route *r);
void route_del(unsigned int f, unsigned int i);
void plan(void);
/* Look for a better plan, in so many small steps; plan() is due then. */
void improve(unsigned int steps);
void send_some(unsigned int max);
/* Some operations take effect, or are answered, in any order. */
void hardware_works(void);
void drain_views(void);
void refill(uint32_t writes);
void retry(void);
/* Plan and send until all is as planned; `best`: and nothing better is found,
 * with writes granted for it. */
void settle(bool best);
/* Another run begins with what hardware has. */
void rebuild(void);

/* --- at rest --- */
/* I1, I3, I4, I6, S; and if nothing better is to be found I5, W and C. */
void check_rest(bool best);
/* I7, at any time; see worth.c. */
void check_sums(void);
/* F, whenever all is planned: what is planned anew gains more than the floor.
 */
void check_floor(void);
/* What is planned now is not new: the floor is about to change. */
void floor_note(void);
/* F, at rest and with nothing better to find. */
void check_no_cold(void);
/* I7 and I8, at rest and with nothing better to find. */
void check_worth(void);
void refusals_find(struct refusals *ret);
/* Is the bound that of the exact optimum? */
bool is_bound_optimum(void);

/* Slots that the largest entry takes with its covers. */
uint32_t largest_closure(void);

#endif /* TESTS_PROPERTY_DRIVE_H */
