/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A round's own state (private): round.c leads through its stages, swap.c
 * knows who is worth more than whom and moves the slots.
 */
#ifndef OFFLOADD_PLACEMENT_ROUND_H
#define OFFLOADD_PLACEMENT_ROUND_H

#include "offloadd/placement/choice.h"

#define OFL_GAIN_FINE 6 /* bits: so finely is an octave of gains divided */
#define OFL_GAIN_BUCKETS (64 << OFL_GAIN_FINE)

enum ofl_round_stage {
	IDLE,
	SEARCH, /* for the price */
	SUM,	/* what routes are worth at it */
	COUNT,	/* gains */
	EVICT,	/* from here on slots move */
	ADMIT,
	FILL,	  /* what is free, with critical routes */
	PIN,	  /* the exact optimum is made */
	PIN_FREE, /* it is taken over: who gives slots back */
	PIN_MORE, /* ... and everybody else */
};

enum ofl_round_due {
	DUE_SWEEP = 1,
	DUE_URGENT = 2,
	DUE_OPEN = 4,
	DUE_FIRST = 8,
	DUE_AGAIN = 16, /* at the same price */
};

/* Slots by what they gain, and how far down, or up, they are wanted. */
struct ofl_histogram {
	uint64_t slots[OFL_GAIN_BUCKETS];
	uint64_t sum;
	unsigned int edge; /* everything beyond this bucket ... */
	uint64_t at_edge;  /* ... and so many slots in it */
};

struct ofl_round {
	uint8_t stage;	  /* enum ofl_round_stage */
	uint8_t due;	  /* enum ofl_round_due */
	bool changed;	  /* something, since the last round began */
	bool stale;	  /* something, since the exact optimum was made */
	bool futile;	  /* the last round could do nothing about an urge */
	uint8_t tries;	  /* to take the optimum over */
	uint8_t reason;	  /* why who is not in the optimum leaves */
	uint8_t patience; /* rounds that may follow without a change */
	bool loan;	  /* slots are planned that others are to give back */
	bool inexact;	  /* the exact optimum could not be taken over */
	struct ofl_worth best; /* planned since something changed */
	bool barren; /* the last swaps brought nothing: covers did not fit */
	/* Best effort was to make room, and did if fewer are planned; 0: for
	 * critical routes, that were to gain; UINT32_MAX: it was not. */
	uint32_t relief_slots;
	uint8_t vain;  /* it did not, so many times */
	bool aging;    /* entries grow older in this round */
	bool fresh;    /* the table is still filling up */
	uint8_t again; /* so many rounds may follow at once while it is */
	bool ample;    /* the price that was found is the floor */
	bool starved;  /* a choice was not made for want of a token */
	bool young;    /* some may be exchanged when they are older */
	uint32_t seen; /* eligible routes in the last round */
	uint32_t tokens;
	uint64_t at;	 /* of a scan */
	uint64_t patrol; /* where evict_now() looks next */

	struct ofl_price_search *search;
	struct ofl_pin_plan *pin;
	uint32_t exact_slots;	/* that the optimum may take */
	struct ofl_worth exact; /* the optimum, while p->exact && !stale */

	/* this round: */
	uint32_t began_slots; /* planned when counting began */
	struct ofl_worth began_value;
	struct ofl_histogram forced;	/* entries that an urge may evict */
	struct ofl_histogram exchanged; /* ... that better ones may */
	struct ofl_histogram wanted;	/* candidates */
	struct ofl_histogram cooled;	/* entries that gain too little */
	uint64_t forced_best_effort;	/* of these, slots of best effort */
	uint64_t swaps;
	bool unmet;	   /* a critical route found no room */
	uint64_t critical; /* slots of critical candidates */
	bool retouch;	   /* choices that waited are to be made */
	bool refill;	   /* any candidate may fill what is free */
};

/* --- swap.c --- */
void ofl_swap_begin(struct ofl_place *p);
/* Each node, in the order of memory. */
void ofl_swap_count(struct ofl_place *p, struct ofl_lpm_node *n);
/* All are counted: how many slots are to move? */
void ofl_swap_weigh(struct ofl_place *p);
/* Is anybody to leave? */
bool ofl_swap_moves(const struct ofl_place *p);
void ofl_swap_evict(struct ofl_place *p, struct ofl_lpm_node *n);
void ofl_swap_admit(struct ofl_place *p, struct ofl_lpm_node *n);
void ofl_swap_fill(struct ofl_place *p, struct ofl_lpm_node *n);

#endif /* OFFLOADD_PLACEMENT_ROUND_H */
