/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does traffic go, if there are but a few counters?
 *
 * Without samples software's packets can be counted by filters, each for a
 * prefix, and there are far fewer of those than routes.  So counters zoom in:
 * they stand for regions, prefixes that do not overlap; after each reading a
 * region that carries much is divided in two, and two that together carry
 * little become one again.  One that no route divides tells what one route
 * carries: that of its longest match.
 *
 * What carries a share of the whole that is smaller than two counters' is not
 * looked for; when the heavier have moved into hardware, it is the heavier.  A
 * region that carries next to nothing is let out of sight, so that its counter
 * can be another's, and looked at again in turn.
 *
 * After: Jose, Yu, Rexford, "Online Measurement of Large Traffic Aggregates on
 * Commodity Switches", Hot-ICE 2011.  Pure: no clock, no socket.
 */
#ifndef OFFLOADD_TRAFFIC_ZOOM_H
#define OFFLOADD_TRAFFIC_ZOOM_H

#include "offloadd/flow/addr.h"

#define OFL_ZOOM_COUNTERS 128

struct ofl_zoom;

struct ofl_zoom *ofl_zoom_new(void);
void ofl_zoom_free(struct ofl_zoom *z); /* NULL is fine */

/* So much came to this region since it was told last.  False: it is none. */
bool ofl_zoom_count(struct ofl_zoom *z, const struct ofl_prefix *region,
		    uint64_t amount);

/* A reading has ended, of all regions: which are to be counted from now on?  In
 * ret, in no order; at first all of both families.  `divides`: does a route
 * lie strictly within a prefix? */
size_t ofl_zoom_step(struct ofl_zoom *z,
		     bool (*divides)(void *arg, const struct ofl_prefix *p),
		     void *arg, struct ofl_prefix ret[OFL_ZOOM_COUNTERS]);

#endif /* OFFLOADD_TRAFFIC_ZOOM_H */
