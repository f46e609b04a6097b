// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where software's packets cannot be sampled, they are counted, in regions that
 * zoom in to those that carry much (offloadd/traffic/zoom.h).  What a region
 * tells that no route divides is of one flow, and goes to its meter.
 */
#include <zebra.h>

#include "if.h"
#include "vrf.h"

#include "offloadd/engine/engine_private.h"

_Static_assert(OFL_ZOOM_COUNTERS <= OFL_REGIONS_MAX,
	       "a provider takes all regions");

static bool divides(void *arg, const struct ofl_prefix *region)
{
	struct ofl_hw *t = arg;
	struct ofl_key key = {.vrf = t->traffic.region_vrf, .p = *region};

	return ofl_place_divides(t->place, &key);
}

void ofl_traffic_region_counted(struct ofl_hw *t, uint32_t ifindex,
				const struct ofl_prefix *region,
				uint64_t packets, uint64_t bytes)
{
	struct ofl_hw_traffic *x = &t->traffic;
	bool is_bytes = ofl_eng.conf->traffic.unit == OFL_TRAFFIC_BYTES;
	const struct ofl_flow *f;
	struct ofl_prefix p = *region;
	struct ofl_key key;

	x->region_vrf = ofl_traffic_vrf_of(ifindex);
	/* One that was given up has a last word. */
	if (!x->zoom ||
	    !ofl_zoom_count(x->zoom, region, is_bytes ? bytes : packets))
		return;
	ofl_traffic_came(t, false, packets, bytes);
	p.plen = ofl_family_bits(p.family);
	if (divides(t, region) || !ofl_engine_longest(x->region_vrf, &p, &key))
		return;
	f = ofl_flowtab_find(ofl_eng.flows, &key);
	if (f)
		ofl_traffic_count(ofl_eng.traffic, ofl_cookie_of(f), packets,
				  bytes);
}

void ofl_traffic_regions_step(struct ofl_hw *t)
{
	struct ofl_prefix regions[OFL_ZOOM_COUNTERS];
	size_t n;

	if (!t->traffic.zoom || !t->ready)
		return;
	n = ofl_zoom_step(t->traffic.zoom, divides, t, regions);
	t->ops->regions(t->prov, regions, n);
}

void ofl_traffic_regions_set(struct ofl_hw *t, bool on)
{
	struct ofl_hw_traffic *x = &t->traffic;

	if (on == (x->zoom != NULL))
		return;
	if (on) {
		x->zoom = ofl_zoom_new();
		ofl_traffic_regions_step(t);
		return;
	}
	ofl_zoom_free(x->zoom);
	x->zoom = NULL;
	t->ops->regions(t->prov, NULL, 0);
}
