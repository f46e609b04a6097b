// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of routes without an end; see feeder_churn.h. */
#include <stdlib.h>

#include "bench/feeder_churn.h"

void ofl_feeder_churn_init(struct ofl_feeder_churn *c, size_t count,
			   size_t flap, uint64_t seed)
{
	*c = (struct ofl_feeder_churn){
		.random = ofl_bench_random_make(seed, OFL_BENCH_STREAM_CHURN),
		.count = count,
		.flap = flap,
		.turn = calloc(count + 1, sizeof(*c->turn)),
		.gone = calloc(count + 1, sizeof(*c->gone)),
	};
	if (!c->turn || !c->gone)
		abort();
}

void ofl_feeder_churn_fini(struct ofl_feeder_churn *c)
{
	free(c->turn);
	free(c->gone);
	c->turn = NULL;
	c->gone = NULL;
}

bool ofl_feeder_churn_next(struct ofl_feeder_churn *c, size_t *ret_index)
{
	bool flap = c->flap == c->count ||
		    (c->flap && ofl_bench_random_below(&c->random, 2));
	size_t i;

	if (flap) {
		i = c->flap_at++ % c->flap;
		c->gone[i] = !c->gone[i];
	} else {
		i = c->flap +
		    ofl_bench_random_below(&c->random, c->count - c->flap);
		c->turn[i]++;
	}
	*ret_index = i;
	return !c->gone[i];
}

bool ofl_feeder_churn_back(struct ofl_feeder_churn *c, size_t *ret_index)
{
	for (; c->back_at < c->flap; c->back_at++) {
		if (!c->gone[c->back_at])
			continue;
		c->gone[c->back_at] = false;
		*ret_index = c->back_at;
		return true;
	}
	return false;
}
