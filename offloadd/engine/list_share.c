// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How lists and routes divide a table.
 *
 * All lists together may take what the table's limit for them says, and leave
 * to routes what they have no use for.  First comes what makes a list work at
 * all: its last entry, which sends to software, and what each port needs.  The
 * rest is divided by demand.  Watermarks hold within each share in the
 * proportions of the table.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#define FLOOR_SLOTS 1
/* A filter that leads into the list, two that guard the way out of it. */
#define PORT_SLOTS 3

struct sums {
	uint64_t fixed, demand;
	unsigned int lists;
};

/* So many slots that all of the demand fits below the high watermark. */
static uint64_t padded(uint64_t slots, uint32_t high, uint32_t capacity)
{
	return high ? (slots * capacity + high - 1) / high : slots;
}

static uint32_t ports_of(const struct ofl_list *l)
{
	uint32_t ports = 0;

	for (size_t i = 0; i < ofl_lists.seat_count; i++) {
		const struct ofl_list_seat *s = &ofl_lists.seats[i];

		ports += s->list == l || s->bound == l;
	}
	return ports;
}

static struct sums sums_of(unsigned int host)
{
	struct sums sums = {};
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->host != host || !l->place)
			continue;
		sums.fixed += FLOOR_SLOTS + PORT_SLOTS * ports_of(l);
		sums.demand += l->demand_slots;
		sums.lists++;
	}
	return sums;
}

static void limits_set(struct ofl_list *l, uint32_t slots, uint32_t high,
		       uint32_t low, uint32_t capacity)
{
	struct ofl_acl_place_conf c = l->limits;

	c.hysteresis_permille = ofl_list_host(l)->conf.hysteresis_permille;
	c.capacity_slots = slots;
	c.high_slots = capacity ? (uint64_t)slots * high / capacity : 0;
	if (slots)
		c.high_slots = MAX(c.high_slots, 1);
	c.low_slots = capacity ? (uint64_t)slots * low / capacity : 0;
	if (c.low_slots >= c.high_slots)
		c.low_slots = c.high_slots ? c.high_slots - 1 : 0;
	if (memcmp(&c, &l->limits, sizeof(c)) == 0)
		return;
	l->limits = c;
	ofl_acl_place_conf_set(l->place, &c);
}

void ofl_lists_share(unsigned int host)
{
	struct ofl_list_host *h = &ofl_lists.hosts[host];
	const struct ofl_hwtable_conf *c = &h->conf;
	uint32_t capacity = h->capacity_slots, high, low, limit, was;
	struct sums sums = sums_of(host);
	uint64_t room, wanted;
	struct ofl_list *l;

	if (!h->used)
		return;
	high = MIN(ofl_limit_slots(&c->high, capacity),
		   capacity - ofl_hwtable_reserve_slots(c, capacity));
	low = MIN(ofl_limit_slots(&c->low, capacity), high);
	limit = ofl_limit_slots(&c->acl, capacity);
	room = limit > sums.fixed ? limit - sums.fixed : 0;
	wanted = padded(sums.demand, high, capacity);
	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		uint64_t slots;

		if (l->host != host || !l->place)
			continue;
		slots = padded(l->demand_slots, high, capacity);
		if (wanted > room)
			slots = room * l->demand_slots / sums.demand;
		limits_set(l, MIN(slots, room), high, low, capacity);
	}
	was = h->taken_slots;
	h->taken_slots = sums.lists ? MIN(limit, sums.fixed + wanted) : 0;
	if (h->taken_slots != was && ofl_lists.env.share)
		ofl_lists.env.share(host);
}

uint32_t ofl_lists_used_slots(unsigned int host)
{
	uint32_t used_slots = 0;
	struct ofl_list *l;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		struct ofl_acl_stats st;

		if (!l->place || l->host != host)
			continue;
		ofl_acl_place_stats(l->place, &st);
		used_slots += st.used_slots;
	}
	return used_slots;
}

uint32_t ofl_lists_taken_slots(unsigned int host)
{
	return ofl_lists.hosts[host].taken_slots;
}
