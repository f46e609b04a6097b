/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The methods that are compared: each has a path of its own and the same
 * traffic, and acts after each second on what it may know of it.
 */
#ifndef BENCH_TRAFFIC_PLAYERS_H
#define BENCH_TRAFFIC_PLAYERS_H

#include "bench/traffic_options.h"
#include "bench/traffic_path.h"
#include "offloadd/traffic/traffic.h"

enum ofl_bench_player_kind {
	OFL_BENCH_PLAYER_OURS = 0,
	OFL_BENCH_PLAYER_FILTERED, /* ours, with a mice filter */
	OFL_BENCH_PLAYER_FIRST_COME,
	OFL_BENCH_PLAYER_LRU,
	OFL_BENCH_PLAYER_OVS,
};
#define OFL_BENCH_PLAYER_MAX 5

struct ofl_bench_player {
	const struct ofl_bench_traffic_options *o;
	enum ofl_bench_player_kind kind;
	struct ofl_bench_path path;

	/* ours */
	struct ofl_traffic *traffic;
	struct ofl_mice_filter mice;
	uint32_t *counted; /* hits since hardware was read last */

	/* lru: when a route was last hit, in seconds; ovs: packets */
	double *last;
	uint64_t *seen;
	uint32_t *order, *pending; /* routes, as sorted */
	uint32_t *victims;
};

void ofl_bench_player_init(struct ofl_bench_player *p,
			   const struct ofl_bench_traffic_options *o,
			   enum ofl_bench_player_kind kind,
			   struct ofl_bench_table *t,
			   const struct ofl_place_conf *conf,
			   uint32_t mice_least);
void ofl_bench_player_fini(struct ofl_bench_player *p);
/* After second `second`, 0..; packets by route, for those who may know. */
void ofl_bench_player_act(struct ofl_bench_player *p, uint32_t second,
			  const uint32_t *packets);
/* As JSON calls it. */
const char *ofl_bench_player_name(enum ofl_bench_player_kind kind);

static inline bool ofl_bench_player_is_ours(const struct ofl_bench_player *p)
{
	return p->kind == OFL_BENCH_PLAYER_OURS ||
	       p->kind == OFL_BENCH_PLAYER_FILTERED;
}

/* traffic_ours.c */
void ofl_bench_ours_init(struct ofl_bench_player *p);
void ofl_bench_ours_fini(struct ofl_bench_player *p);
void ofl_bench_ours_act(struct ofl_bench_player *p, uint32_t second);

#endif /* BENCH_TRAFFIC_PLAYERS_H */
