/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short words for the shrink guard of the mirror, beside rib_fixture.h.
 */
#ifndef TESTS_UNIT_SHRINK_FIXTURE_H
#define TESTS_UNIT_SHRINK_FIXTURE_H
#include "tests/unit/rib_fixture.h"

#define SECOND 1000000ULL
#define HOLD_S 30

static uint64_t now_us;

static inline void guard(struct fixture *fx, bool enabled, unsigned int percent,
			 unsigned int min_routes)
{
	const struct ofl_shrink_conf c = {
		.enabled = enabled,
		.percent = percent,
		.min_routes = min_routes,
		.hold_s = HOLD_S,
	};

	ofl_rib_shrink_set(fx->rib, &c);
}

static inline void pass(struct fixture *fx, uint64_t us)
{
	now_us += us;
	ofl_rib_tick(fx->rib, now_us);
}

static inline void del_many(struct fixture *fx, uint32_t vrf, unsigned int from,
			    unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		struct ofl_key k = nth(vrf, i);

		ofl_rib_route_del(fx->rib, &k);
	}
}

static inline struct ofl_flow *nth_flow(struct fixture *fx, unsigned int i)
{
	struct ofl_key k = nth(0, i);

	return ofl_flowtab_find(fx->flows, &k);
}

static inline struct ofl_shrink_stats stats(struct fixture *fx)
{
	struct ofl_shrink_stats s;

	ofl_rib_shrink_stats(fx->rib, &s);
	return s;
}

#endif /* TESTS_UNIT_SHRINK_FIXTURE_H */
