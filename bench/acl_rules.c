// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list and its traffic.  The classifier here is the plainest there is, one
 * rule after the other from the top: the placement room is held against it.
 */
#include <zebra.h>

#include <math.h>

#include "bench/acl_rules.h"
#include "offloadd/flow/flow.h"

#define POSITION_GAP (UINT64_C(1) << 24)
#define WEIGHT_MAX 2147483648.0 /* of the most popular rule */
#define TRIES 64		/* to get past the rules above */
#define POINTS 4		/* of a rule's traffic */
#define POINTS_MAX 200000

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void ofl_bench_rules_fini(struct ofl_bench_rules *t)
{
	free(t->rules);
	free(t->order);
	free(t->first);
	free(t->traffic);
	memset(t, 0, sizeof(*t));
}

/* --- the list --- */
/* How many stand before this position. */
static uint32_t place_of(const struct ofl_bench_rules *t, uint64_t position)
{
	uint32_t low = 0, high = t->present;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (t->rules[t->order[mid]].position < position)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void ofl_bench_rules_del(struct ofl_bench_rules *t, uint32_t rule)
{
	uint32_t at = place_of(t, t->rules[rule].position);
	uint32_t behind = --t->present - at;

	memmove(&t->order[at], &t->order[at + 1], behind * sizeof(*t->order));
	memmove(&t->first[at], &t->first[at + 1], behind * sizeof(*t->first));
	t->rules[rule].present = false;
}

void ofl_bench_rules_add(struct ofl_bench_rules *t, uint32_t rule)
{
	uint32_t at = place_of(t, t->rules[rule].position);
	uint32_t behind = t->present++ - at;

	memmove(&t->order[at + 1], &t->order[at], behind * sizeof(*t->order));
	memmove(&t->first[at + 1], &t->first[at], behind * sizeof(*t->first));
	t->order[at] = rule;
	t->first[at] = t->rules[rule].match.base[0];
	t->rules[rule].present = true;
}

uint32_t ofl_bench_rules_find(const struct ofl_bench_rules *t,
			      const struct ofl_packet *p)
{
	for (uint32_t i = 0; i < t->present; i++) {
		if (((p->word[0] ^ t->first[i].value) & t->first[i].mask) ==
			    0 &&
		    ofl_match_has_packet(&t->rules[t->order[i]].match, p))
			return t->order[i];
	}
	return OFL_BENCH_NO_RULE;
}

bool ofl_bench_rules_dress(struct ofl_bench_rules *t,
			   enum ofl_bench_actions actions, bool expand,
			   uint64_t seed)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_NEXT_HOPS);

	if (actions == OFL_BENCH_ACTIONS_FILE && t->with_action < t->count)
		return false;
	t->order = must(malloc(t->count * sizeof(*t->order)));
	t->first = must(malloc(t->count * sizeof(*t->first)));
	for (uint32_t i = 0; i < t->count; i++) {
		struct ofl_bench_rule *r = &t->rules[i];
		uint32_t drawn = ofl_bench_random_below(&random, 2);

		r->identity = 1 + i;
		if (actions == OFL_BENCH_ACTIONS_TWO)
			r->identity = 1 + drawn;
		if (actions == OFL_BENCH_ACTIONS_FILE)
			r->identity = r->action == 'p' ? 1 : 2;
		r->position = (i + 1) * POSITION_GAP;
		r->slots = expand ? MIN(ofl_match_blocks(&r->match), UINT16_MAX)
				  : 1;
		r->cls = OFL_CLASS_BEST_EFFORT;
		ofl_bench_rules_add(t, i);
	}
	return true;
}

/* --- traffic --- */
struct ofl_packet ofl_bench_packet_make(struct ofl_bench_random *r)
{
	static const uint8_t protocols[] = {6, 6, 17, 17, 1, 47, 50, 89};
	struct ofl_packet p;
	uint64_t drawn = ofl_bench_random_u64(r);

	ofl_packet_init(&p);
	p.word[0] = ofl_bench_random_u64(r);
	ofl_packet_set(&p, OFL_FIELD_ETHERTYPE, 0x0800);
	ofl_packet_set(&p, OFL_FIELD_PROTOCOL,
		       protocols[drawn % array_size(protocols)]);
	ofl_packet_set(&p, OFL_FIELD_TCP_FLAGS, drawn >> 8 & 0x1ff);
	p.number[OFL_NUMBER_SRC_PORT] = drawn >> 32;
	p.number[OFL_NUMBER_DST_PORT] = drawn >> 48;
	p.number[OFL_NUMBER_LENGTH] = 64;
	p.number[OFL_NUMBER_TTL] = 64;
	return p;
}

/* A packet for which `rule` is the first match, if one is found. */
static bool point(const struct ofl_bench_rules *t, uint32_t rule,
		  struct ofl_bench_random *random, struct ofl_packet *ret)
{
	for (int i = 0; i < TRIES; i++) {
		struct ofl_packet p = ofl_bench_packet_make(random);

		ofl_match_packet_make(&t->rules[rule].match, &p);
		if (ofl_bench_rules_find(t, &p) == rule) {
			*ret = p;
			return true;
		}
	}
	return false;
}

static void deal(struct ofl_bench_rules *t, uint32_t *reached, double zipf,
		 uint64_t seed)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_RANKS);

	for (uint32_t i = t->reached; i > 1; i--) {
		uint32_t other = ofl_bench_random_below(&random, i);
		uint32_t swap = reached[i - 1];

		reached[i - 1] = reached[other];
		reached[other] = swap;
	}
	for (uint32_t i = 0; i < t->reached; i++) {
		double w = WEIGHT_MAX / pow(i + 1.0, zipf);

		t->rules[reached[i]].weight = w < 1 ? 1 : lrint(w);
		t->total += t->rules[reached[i]].weight;
	}
}

void ofl_bench_rules_draw(struct ofl_bench_rules *t, double zipf, uint64_t seed)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_SAMPLES);
	uint32_t *reached = must(malloc(t->count * sizeof(*reached)));
	uint32_t points = t->count * (uint64_t)POINTS > POINTS_MAX ? 1 : POINTS;

	t->traffic =
		must(calloc(t->count * (size_t)points, sizeof(*t->traffic)));
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t before = t->traffic_count;

		for (uint32_t k = 0; k < points; k++) {
			struct ofl_bench_traffic_item *item =
				&t->traffic[t->traffic_count];

			item->rule = i;
			if (!point(t, i, &random, &item->packet))
				break; /* it would be found by luck only */
			t->traffic_count++;
		}
		if (t->traffic_count > before)
			reached[t->reached++] = i;
		for (uint32_t k = before; k < t->traffic_count; k++)
			t->traffic[k].weight =
				1.0 / (t->traffic_count - before);
	}
	deal(t, reached, zipf, seed);
	for (uint32_t k = 0; k < t->traffic_count; k++)
		t->traffic[k].weight *= t->rules[t->traffic[k].rule].weight;
	free(reached);
}
