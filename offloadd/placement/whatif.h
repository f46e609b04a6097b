/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a table would become, were it another: a second placement that begins
 * where the first one stands, is changed, and runs until it rests before a
 * hardware that answers every operation at once and refuses none.
 *
 *     new()  copy() ... copy()  limits() class() ...  run() ... run()
 *     result()  free_some() ... free_some()
 *
 * The first placement is only read, and only by new() and copy().  It goes on
 * meanwhile: a route that changes while it is copied may be in the copy as it
 * was or as it is, and is counted.  Every call that may be long is a step: a
 * million routes are copied, planned and freed without a long turn.
 *
 * Takes as much memory as the first placement until it is freed.  Pure, like
 * the rest of the room.
 */
#ifndef OFFLOADD_PLACEMENT_WHATIF_H
#define OFFLOADD_PLACEMENT_WHATIF_H

#include "offloadd/placement/placement.h"

/* Sweeps that are waited for, at most. */
#define OFL_WHATIF_SWEEPS 16
/* Critical routes that are named, at most. */
#define OFL_WHATIF_UNFIT 10

struct ofl_whatif;

/* `from` must live until copy() returned false or all was freed. */
struct ofl_whatif *ofl_whatif_new(struct ofl_place *from);
/* Let go of it, a step of about `budget` routes; false: it is gone.  At any
 * time. */
bool ofl_whatif_free_some(struct ofl_whatif *w, unsigned int budget);
void ofl_whatif_free(struct ofl_whatif *w); /* all at once; NULL is fine */

/* A step of about `budget` routes; false: the copy is complete and rests. */
bool ofl_whatif_copy(struct ofl_whatif *w, unsigned int budget);

/* --- then it may be changed --- */
/* Other limits; see ofl_place_conf_set().  Costs are to stay. */
void ofl_whatif_limits(struct ofl_whatif *w, const struct ofl_place_conf *conf);
/* Another class for a route; `identity` as in ofl_place_route.  False: the
 * copy has no such route, or it is of that class already. */
bool ofl_whatif_class(struct ofl_whatif *w, const struct ofl_key *key,
		      uint8_t cls, uint32_t identity);

/* A step of about `budget` routes; false: it rests, and the result is there.
 * What a real table does with each sweep, and with the optional writes that it
 * may make in between, is done here one after another. */
bool ofl_whatif_run(struct ofl_whatif *w, unsigned int budget);

/* How far all of this is, about: 0 to 100. */
unsigned int ofl_whatif_percent(const struct ofl_whatif *w);

struct ofl_whatif_unfit {
	struct ofl_key key;
	uint8_t reason; /* enum ofl_reason */
	/* Slots of covers that its entry would need; UINT32_MAX: they are
	 * refused, or more than are ever counted. */
	uint32_t cover_slots;
};

struct ofl_whatif_result {
	uint64_t meanwhile;  /* changes of routes while it was copied */
	unsigned int sweeps; /* that changed something */
	bool rests; /* false: sweeps still changed something at the end */
	struct ofl_place_conf limits;
	struct ofl_place_stats stats; /* of the end, counters from new() on */
	struct ofl_place_certificate certificate;

	/* Entries that forward, at the end compared with the copy; what becomes
	 * a cover leaves. */
	uint32_t admissions, evictions;
	uint32_t covers_added, covers_removed;

	/* Critical routes that hardware could answer, left out for want of
	 * room; the first of them in order of their keys. */
	uint32_t unfit_count;
	struct ofl_whatif_unfit unfit[OFL_WHATIF_UNFIT];
};
/* After run() returned false. */
const struct ofl_whatif_result *ofl_whatif_result(const struct ofl_whatif *w);

#endif /* OFFLOADD_PLACEMENT_WHATIF_H */
