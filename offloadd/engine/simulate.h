/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a table would hold, were it, or the class of routes, another.
 *
 * Nothing is touched: no placement, no hardware, no flow, no row.  A second
 * placement (placement/whatif.h) begins where the table stands, is changed,
 * and runs until it rests, in steps between the turns of the event loop.  It is
 * freed when the answer is there; the answer stays until the next question.
 * One at a time.  Main thread only.
 */
#ifndef OFFLOADD_ENGINE_SIMULATE_H
#define OFFLOADD_ENGINE_SIMULATE_H

#include "offloadd/engine/engine.h"
#include "offloadd/placement/whatif.h"

/* What is to be another. */
#define OFL_SIMULATE_CAPACITY (1u << 0)
#define OFL_SIMULATE_HIGH (1u << 1)
#define OFL_SIMULATE_LOW (1u << 2)
#define OFL_SIMULATE_RESERVE (1u << 3)
#define OFL_SIMULATE_CLASS (1u << 4)

/* Whose class. */
enum ofl_simulate_whose {
	OFL_SIMULATE_PREFIX = 0, /* within `prefix`, of length ge to le */
	OFL_SIMULATE_LIST,	 /* that prefix-list `list` permits */
	OFL_SIMULATE_RULE,	 /* that `rule` decides about now */
};

struct ofl_simulate_ask {
	char table[OFL_NAME_LEN];
	uint32_t set; /* OFL_SIMULATE_* */
	uint32_t capacity_slots;
	struct ofl_limit high, low;
	uint32_t reserve_slots;
	uint8_t cls;   /* enum ofl_class */
	uint8_t whose; /* enum ofl_simulate_whose */
	struct ofl_prefix prefix;
	uint8_t ge, le;
	char list[OFL_NAME_LEN];
	uint32_t rule; /* sequence number; 0: the default class */
};

enum ofl_simulate_state {
	OFL_SIMULATE_NONE = 0, /* nothing was asked */
	OFL_SIMULATE_RUNNING,
	OFL_SIMULATE_DONE,
	OFL_SIMULATE_FAILED, /* `text` says why */
};

struct ofl_simulate_status {
	uint8_t state;	       /* enum ofl_simulate_state */
	unsigned int percent;  /* about */
	const char *text;      /* why it failed */
	uint64_t began_us;     /* wall clock */
	uint64_t took_us;      /* until the answer, or so far */
	uint64_t slice_max_us; /* longest part of it in the event loop */
	struct ofl_simulate_ask ask;

	/* Once it is done: */
	uint32_t reclassified; /* routes */
	/* the table when it was asked ... */
	struct ofl_place_conf now_limits;
	uint32_t now_reserve_slots, then_reserve_slots;
	struct ofl_place_stats now;
	struct ofl_place_certificate now_certificate;
	/* ... and as it would be */
	struct ofl_whatif_result then;
};

/* Routes of the prefix `text`, of lengths as in a prefix-list (NULL: not said).
 * False and nothing changed: these cannot be. */
bool ofl_simulate_prefix_set(struct ofl_simulate_ask *ask, const char *text,
			     const uint32_t *ge, const uint32_t *le);
/* Begin; the answer may be there at once if the table is small.  False and a
 * sentence in buf, and nothing has changed: it cannot be asked, or another is
 * under way. */
bool ofl_simulate_begin(const struct ofl_simulate_ask *ask, char *buf,
			size_t len);
/* Valid until the next question, or the next turn while it runs. */
const struct ofl_simulate_status *ofl_simulate_status(void);
const char *ofl_simulate_state_name(enum ofl_simulate_state state);
/* As the hit share of a table is told: rounded down to three decimals, so that
 * only the whole is 100; 100 of nothing. */
double ofl_simulate_percent(double part, double whole);
/* Forget the answer, or give up; false: there is neither. */
bool ofl_simulate_clear(void);

#endif /* OFFLOADD_ENGINE_SIMULATE_H */
