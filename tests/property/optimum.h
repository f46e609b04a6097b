/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the full table is worth: the most that any choice of entries could
 * answer, and the sums by which placement decides, both from scratch and by
 * nothing but the model.
 */
#ifndef TESTS_PROPERTY_OPTIMUM_H
#define TESTS_PROPERTY_OPTIMUM_H

#include "tests/property/model.h"

/* Critical first, whatever best effort is worth. */
struct worth {
	int64_t critical, best_effort;
};
int worth_cmp(struct worth a, struct worth b);
struct worth worth_add(struct worth a, struct worth b);
/* a + times * b */
struct worth worth_add_times(struct worth a, int64_t times, struct worth b);

/* Where hardware refused an entry. */
struct refusals {
	bool real[FORESTS][PREFIXES_MAX], punt[FORESTS][PREFIXES_MAX];
};

/* What a route is worth: its weight, and a bit. */
struct worth own_worth(unsigned int forest, unsigned int i);
/* What hardware answers, and all that there is. */
struct worth hw_worth(void);
struct worth total_worth(void);
/* The most that entries of at most so many slots can answer, less `floor` of
 * best effort for each slot that they take. */
struct worth optimum(const struct refusals *refused, uint32_t slots,
		     uint32_t floor);
/* The same by trying every choice; at most `TRIED_MAX` routes. */
#define TRIED_MAX 9
struct worth optimum_tried(const struct refusals *refused, uint32_t slots,
			   uint32_t floor);
unsigned int count_routes(void);

/* N, X and U of every route, at a price of a slot. */
struct sums {
	struct worth out, in, best; /* `in` only if it can be answered */
	bool can_be_answered, can_be_real;
	unsigned int blocked; /* routes right below that forbid it */
};
struct all_sums {
	struct sums at[FORESTS][PREFIXES_MAX];
	struct worth top; /* `best` of all routes with none above */
};
void sums_make(const struct refusals *refused, int64_t unit, struct worth price,
	       struct all_sums *ret);

#endif /* TESTS_PROPERTY_OPTIMUM_H */
