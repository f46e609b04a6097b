/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The best plan there is for one hardware table: a tree knapsack, exact.
 *
 * For small tables, where one price for all slots may leave a lump of routes
 * out, and as the yardstick the priced selection is measured by.  It works on
 * a plain array of routes and knows neither prefixes nor hardware.
 *
 * A plan gives each route no entry, a real one or a punt.  An address is
 * answered by its longest entry; what a route is worth counts when a real
 * entry of its identity answers it: its own, or (elided) the next one above.
 * Below a real entry every route without an entry must be of that identity.
 *
 * Time and, with choices, memory grow as routes times slots.
 */
#ifndef OFFLOADD_PLACEMENT_EXACT_H
#define OFFLOADD_PLACEMENT_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The critical part decides, the best-effort part where that is equal. */
struct ofl_exact_worth {
	int64_t critical, best_effort;
};

#define OFL_EXACT_TOP UINT32_MAX

struct ofl_exact_route {
	uint32_t parent;     /* index of the nearest route that covers it, less
				than its own; OFL_EXACT_TOP: there is none */
	uint32_t identity;   /* 0: hardware may not answer it */
	uint16_t cost_slots; /* of an entry here, real or punt; at least 1 */
	bool no_punt;	     /* hardware refuses a cover here */
	struct ofl_exact_worth worth; /* neither part below 0 */
	bool no_real; /* hardware refuses a real entry; it may be elided */
};

enum ofl_exact_choice {
	OFL_EXACT_NONE = 0,
	OFL_EXACT_REAL,
	OFL_EXACT_PUNT,
};

struct ofl_exact;

/* `routes` is kept by reference until free.  `choose`: choices are wanted too,
 * for five bytes per route and slot at most (nine if there are more than
 * 65,536 slots) and fifty per route; else only what they are worth. */
struct ofl_exact *ofl_exact_new(const struct ofl_exact_route *routes,
				size_t count, uint32_t slots, bool choose);
void ofl_exact_free(struct ofl_exact *x); /* NULL is fine */

/* Before the first run(): a slot costs so much best effort, and what plans are
 * worth is less by that. */
void ofl_exact_charge(struct ofl_exact *x, int64_t charge);

/* A step of about so many table cells (a million: a few ms), one at least.
 * True: there is more to do. */
bool ofl_exact_run(struct ofl_exact *x, uint64_t cells);

/* --- once run() returned false --- */
/* What the best plan with at most k slots is worth. */
struct ofl_exact_worth ofl_exact_value(const struct ofl_exact *x, uint32_t k);
/* Find that plan; among equally good ones it is of the fewest slots. */
void ofl_exact_choose(struct ofl_exact *x, uint32_t k);
/* ... what it has for routes[i]; NONE if nothing was chosen. */
enum ofl_exact_choice ofl_exact_choice(const struct ofl_exact *x, size_t i);

/* Memory held at the moment. */
uint64_t ofl_exact_bytes(const struct ofl_exact *x);

#endif /* OFFLOADD_PLACEMENT_EXACT_H */
