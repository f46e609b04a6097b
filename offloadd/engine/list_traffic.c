// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists by their traffic: both halves of a list are counted exactly, software's
 * by its rules and hardware's by its entries, so nothing is sampled for them.
 * What an entry of a list carries, in software and in hardware, is what the
 * matches that it is made of weigh together.
 *
 * A round takes one list a step: what was counted since the last round, then
 * estimates, then weights.  Neighbours: traffic.c says when.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/list_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_SEEN, "offload list traffic");

#define ROUND_BATCH 256

enum phase {
	PHASE_OVER = 0,
	PHASE_COUNT,
	PHASE_ROUND,
	PHASE_WEIGH,
};

/* An entry of one list among those of all; entries of lists are numbered as
 * ofl_list_cookie() does it. */
static uint64_t meter_of(const struct ofl_list *l, uint64_t cookie)
{
	return cookie ^ l->number * UINT64_C(0x9e3779b97f4a7c15);
}

/* --- weights --- */
static uint32_t weight_by(const struct ofl_list *l,
			  const struct ofl_list_item *it, size_t mates)
{
	struct ofl_traffic_view v;
	uint64_t weight = OFL_TRAFFIC_UNKNOWN;

	if (!ofl_lists.traffic)
		return it->weight;
	if (ofl_traffic_view(ofl_lists.traffic, meter_of(l, it->cookie), &v))
		weight = MAX(weight, v.weight / mates);
	return MIN(weight * it->weight / 100, UINT32_MAX);
}

uint32_t ofl_list_item_weight(const struct ofl_list *l,
			      const struct ofl_list_item *it)
{
	return weight_by(l, it, 1);
}

/* Matches of one entry stand side by side. */
static size_t mates_at(const struct ofl_edition *e, size_t i)
{
	size_t end = i;

	while (end < e->count && e->items[end].cookie == e->items[i].cookie)
		end++;
	return end - i;
}

static void weigh(struct ofl_list *l)
{
	const struct ofl_edition *e = l->placed;

	/* Placement is being told another edition: that has them, too. */
	if (l->sync != OFL_LIST_SYNCED)
		return;
	ofl_list_parts_count(l, e);
	for (size_t i = 0, n; i < e->count; i += n) {
		n = mates_at(e, i);
		for (size_t k = i; k < i + n; k++) {
			const struct ofl_list_item *it = &e->items[k];

			if (ofl_list_item_is_own(it))
				ofl_acl_place_weight_set(
					l->place, ofl_list_item_cookie(it),
					weight_by(l, it, n));
		}
	}
	for (size_t i = 0; i < l->part_count; i++) {
		if (l->parts[i]->placed && !l->parts[i]->deleted)
			ofl_acl_place_weight_set(l->place, l->parts[i]->cookie,
						 l->parts[i]->weight);
	}
}

/* --- counters --- */
static int seen_cmp(const void *a, const void *b)
{
	return numcmp(((const struct ofl_list_seen *)a)->cookie,
		      ((const struct ofl_list_seen *)b)->cookie);
}

static bool see(const struct ofl_list_counted *c, void *arg)
{
	struct ofl_list *l = arg;

	if (c->cookie & OFL_LIST_PART_COOKIE)
		return true;
	if (l->seen_count == l->seen_size) {
		l->seen_size = l->seen_size ? l->seen_size * 2 : 64;
		l->seen = XREALLOC(MTYPE_OFL_LIST_SEEN, l->seen,
				   l->seen_size * sizeof(*l->seen));
	}
	l->seen[l->seen_count++] = (struct ofl_list_seen){
		.cookie = c->cookie,
		.packets = c->packets[0] + c->packets[1],
		.bytes = c->bytes[0] + c->bytes[1],
	};
	return true;
}

/* The sums of a provider never go back; an entry that is new is counted from
 * now on. */
static void count(struct ofl_list *l)
{
	struct ofl_list_host *h = ofl_list_host(l);
	struct ofl_list_seen *was = l->seen;
	size_t was_count = l->seen_count, k = 0;

	l->seen = NULL;
	l->seen_count = l->seen_size = 0;
	h->ops->lists->counters(h->prov, l->number, see, l);
	if (l->seen_count)
		qsort(l->seen, l->seen_count, sizeof(*l->seen), seen_cmp);
	for (size_t i = 0; i < l->seen_count; i++) {
		const struct ofl_list_seen *now = &l->seen[i];

		while (k < was_count && was[k].cookie < now->cookie)
			k++;
		if (k == was_count || was[k].cookie != now->cookie ||
		    (now->packets <= was[k].packets &&
		     now->bytes <= was[k].bytes))
			continue;
		ofl_traffic_count(ofl_lists.traffic, meter_of(l, now->cookie),
				  now->packets - was[k].packets,
				  now->bytes - was[k].bytes);
	}
	XFREE(MTYPE_OFL_LIST_SEEN, was);
}

void ofl_list_seen_free(struct ofl_list *l)
{
	XFREE(MTYPE_OFL_LIST_SEEN, l->seen);
	l->seen_count = l->seen_size = 0;
}

/* --- a round --- */
static uint64_t answered_by(void *arg, uint64_t cookie)
{
	return 0;
}

/* What its configuration says is taken in with the weight. */
static void rule_of(void *arg, uint64_t cookie, struct ofl_traffic_rule *ret)
{
	ret->weight = 100;
}

static void weighs(void *arg, uint64_t cookie, uint32_t was, uint32_t weight)
{
}

/* The next list, by number, that has a half in hardware; NULL: that was all. */
static struct ofl_list *next_list(void)
{
	struct ofl_list *l, *next = NULL;

	frr_each (ofl_list_dlist, &ofl_lists.lists, l) {
		if (l->place && l->placed && l->number > ofl_lists.traffic_at &&
		    (!next || l->number < next->number))
			next = l;
	}
	ofl_lists.traffic_at = next ? next->number : 0;
	return next;
}

bool ofl_lists_traffic_work(void)
{
	static const struct ofl_traffic_ask ask = {
		.answered_by = answered_by,
		.rule = rule_of,
		.weighs = weighs,
	};
	struct ofl_list *l;

	switch ((enum phase)ofl_lists.traffic_phase) {
	case PHASE_OVER:
		return false;
	case PHASE_COUNT:
		l = next_list();
		if (l) {
			count(l);
			return true;
		}
		ofl_traffic_round_begin(ofl_lists.traffic,
					ofl_lists.traffic_elapsed_us);
		break;
	case PHASE_ROUND:
		if (ofl_traffic_round_step(ofl_lists.traffic, ROUND_BATCH,
					   &ask))
			return true;
		break;
	case PHASE_WEIGH:
		l = next_list();
		if (l) {
			weigh(l);
			return true;
		}
		ofl_lists.traffic_phase = PHASE_OVER;
		return false;
	}
	ofl_lists.traffic_phase++;
	return true;
}

void ofl_lists_traffic_begin(uint64_t elapsed_us)
{
	if (!ofl_lists.traffic || ofl_lists.traffic_phase != PHASE_OVER)
		return;
	ofl_lists.traffic_phase = PHASE_COUNT;
	ofl_lists.traffic_at = 0;
	ofl_lists.traffic_elapsed_us = elapsed_us;
}

void ofl_lists_traffic_set(const struct ofl_traffic_conf *conf)
{
	bool on = conf && conf->unit != OFL_TRAFFIC_OFF;

	if (on && ofl_lists.traffic) {
		ofl_traffic_conf_set(ofl_lists.traffic, conf);
		return;
	}
	if (!on && !ofl_lists.traffic)
		return;
	ofl_traffic_free(ofl_lists.traffic);
	ofl_lists.traffic = on ? ofl_traffic_new(conf) : NULL;
	/* Weights are others now. */
	ofl_lists.traffic_phase = PHASE_WEIGH;
	ofl_lists.traffic_at = 0;
}
