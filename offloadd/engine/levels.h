/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The levels of very many subjects, each up or down, told at a bounded pace:
 * which critical flows are not in hardware.
 *
 * A subject that goes up is told when it has been up for the whole grace time;
 * one that comes down before that never was anything.  One that was told up
 * and comes down is told at once.  Tellings come one by one and by name, in
 * order, as long as no more than `slots` of them are pending; the others are
 * told together, as a number.  Nothing is lost: what was told up, by name and
 * as numbers, less what was told down, is the number of subjects that count as
 * told, and after a quiet while as many as are up.
 *
 * A subject costs three bits in a byte of the caller's, and a slot only while
 * there is something to tell of it.  Those without a slot are found by walks
 * over all subjects, which the caller makes when walk_is_due() says so: one
 * walk ages them, a later one tells them, so that each has its grace.
 *
 * Pure: no clock, no log.  Times are monotonic, in microseconds.
 */
#ifndef OFFLOADD_ENGINE_LEVELS_H
#define OFFLOADD_ENGINE_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

/* Of a subject's byte; kinds of levels have their own, by `shift`. */
#define OFL_LEVEL_UP 1u
#define OFL_LEVEL_TOLD 2u /* it was told up, and not down since */
#define OFL_LEVEL_AGED 4u /* a walk has met it */
#define OFL_LEVEL_BITS 3

struct ofl_levels_conf {
	unsigned int shift; /* 0, or OFL_LEVEL_BITS */
	uint32_t slots;	    /* 1.. */
	uint64_t grace_us;
	uint32_t burst; /* tellings at once ... */
	uint64_t every_us;
	uint64_t together_us; /* ... and between those of a number */
};

struct ofl_levels *ofl_levels_new(const struct ofl_levels_conf *conf);
void ofl_levels_free(struct ofl_levels *l);
/* Nothing is told before, and who is up then has its grace from now on. */
void ofl_levels_start(struct ofl_levels *l, uint64_t now_us);

/* A subject is up or down.  `bits` stays where it is until the subject is
 * gone, and is 0 at first. */
void ofl_levels_set(struct ofl_levels *l, const struct ofl_key *key,
		    uint8_t *bits, bool up, uint64_t now_us);
/* The subject ends: it is down, and `bits` is not looked at any more. */
void ofl_levels_gone(struct ofl_levels *l, const struct ofl_key *key,
		     uint8_t *bits, uint64_t now_us);

struct ofl_levels_telling {
	bool up;
	bool has_key; /* this one; else `count` that are not named */
	struct ofl_key key;
	uint64_t count; /* 1.. */
	/* Changes since the last telling that came and went untold. */
	uint64_t suppressed;
};
/* What is to be told now; false: nothing.  It counts as told. */
bool ofl_levels_next(struct ofl_levels *l, uint64_t now_us,
		     struct ofl_levels_telling *ret);
/* When there may be something to tell, or a walk to make; UINT64_MAX: when
 * something changes. */
uint64_t ofl_levels_due_us(const struct ofl_levels *l);

/* A walk: begin, meet every subject in as many steps as it takes, end. */
bool ofl_levels_walk_is_due(const struct ofl_levels *l, uint64_t now_us);
void ofl_levels_walk_begin(struct ofl_levels *l);
void ofl_levels_walk_meet(struct ofl_levels *l, const struct ofl_key *key,
			  uint8_t *bits);
void ofl_levels_walk_end(struct ofl_levels *l, uint64_t now_us);

struct ofl_levels_stats {
	uint64_t up;		     /* subjects that are, in grace or not */
	uint64_t told;		     /* subjects that count as told up */
	uint64_t told_up, told_down; /* subjects told since the start */
	uint64_t tellings;	     /* it took so many */
	uint64_t suppressed;	     /* changes that came and went untold */
};
void ofl_levels_stats(const struct ofl_levels *l, struct ofl_levels_stats *ret);
/* Subjects that were told up and are, as far as there are slots to know them;
 * the first told first.  False from cb ends the walk. */
void ofl_levels_known_walk(const struct ofl_levels *l,
			   bool (*cb)(const struct ofl_key *key, void *arg),
			   void *arg);

#endif /* OFFLOADD_ENGINE_LEVELS_H */
