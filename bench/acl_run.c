// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The run; see acl_run.h.  Times are those of the room alone: what the emulated
 * table takes, and looking whether all is right, is not counted.
 */
#include <zebra.h>

#include "bench/acl_run.h"

#define TURN_BUDGET 128 /* as the engine's */
#define SETTLE_MAX 1000000 /* operations; more is no settling */
#define POINTS_A_CHANGE 32

void ofl_bench_acl_init(struct ofl_bench_acl_run *r, struct ofl_bench_rules *t,
			const struct ofl_acl_place_conf *conf)
{
	memset(r, 0, sizeof(*r));
	r->t = t;
	r->budget = TURN_BUDGET;
	ofl_bench_hardware_init(&r->hw, conf->capacity_slots);
	r->place = ofl_acl_place_new(conf);
}

void ofl_bench_acl_fini(struct ofl_bench_acl_run *r)
{
	ofl_acl_place_free(r->place);
	ofl_bench_hardware_fini(&r->hw);
}

/* --- the room --- */
static void rule_set(struct ofl_bench_acl_run *r, uint32_t i)
{
	const struct ofl_bench_rule *rule = &r->t->rules[i];
	struct ofl_acl_rule told = {
		.position = rule->position,
		.match = &rule->match,
		.identity = rule->identity,
		.weight = rule->weight,
		.slots = rule->slots,
		.cls = rule->cls,
	};
	uint64_t start = ofl_bench_wall_ns();

	ofl_acl_place_set(r->place, i + 1, &told);
	r->room_ns += ofl_bench_wall_ns() - start;
}

static void rule_del(struct ofl_bench_acl_run *r, uint32_t i)
{
	uint64_t start = ofl_bench_wall_ns();

	ofl_acl_place_del(r->place, i + 1);
	r->room_ns += ofl_bench_wall_ns() - start;
}

static void weight_set(struct ofl_bench_acl_run *r, uint32_t i)
{
	uint64_t start = ofl_bench_wall_ns();

	ofl_acl_place_weight_set(r->place, i + 1, r->t->rules[i].weight);
	r->room_ns += ofl_bench_wall_ns() - start;
}

/* One operation there and back; false: there was none. */
static bool write_one(struct ofl_bench_acl_run *r)
{
	uint64_t start = ofl_bench_wall_ns();
	struct ofl_outcome outcome = {};
	struct ofl_acl_op op;
	bool any = ofl_acl_place_next(r->place, &op);

	r->room_ns += ofl_bench_wall_ns() - start;
	if (!any)
		return false;
	outcome.op_id = op.id;
	outcome.status = ofl_bench_hardware_write(
		&r->hw, &op,
		op.cookie ? r->t->rules[op.cookie - 1].position : 0);
	start = ofl_bench_wall_ns();
	ofl_acl_place_done(r->place, &outcome);
	r->room_ns += ofl_bench_wall_ns() - start;
	return true;
}

static void plan(struct ofl_bench_acl_run *r)
{
	uint64_t start = ofl_bench_wall_ns();
	struct ofl_acl_view view;
	bool more;

	do {
		uint64_t step = ofl_bench_wall_ns();

		more = ofl_acl_place_plan(r->place, r->budget);
		step = ofl_bench_wall_ns() - step;
		r->plan_step_max_ns = MAX(r->plan_step_max_ns, step);
	} while (more);
	while (ofl_acl_place_changed(r->place, &view))
		;
	r->room_ns += ofl_bench_wall_ns() - start;
}

void ofl_bench_acl_settle(struct ofl_bench_acl_run *r)
{
	uint64_t limit = r->hw.writes + SETTLE_MAX;

	do {
		plan(r);
	} while (write_one(r) && r->hw.writes < limit);
	r->unsettled |= !ofl_acl_place_is_settled(r->place);
}

void ofl_bench_acl_load(struct ofl_bench_acl_run *r)
{
	for (uint32_t i = 0; i < r->t->count; i++)
		rule_set(r, i);
	ofl_bench_acl_settle(r);
}

/* --- is it right --- */
/* Hardware, and software for what it leaves, against the list. */
static void look_up(struct ofl_bench_acl_run *r, const struct ofl_packet *p)
{
	uint32_t answer = ofl_bench_hardware_find(&r->hw, p);
	uint32_t rule = ofl_bench_rules_find(r->t, p);
	uint32_t right =
		rule == OFL_BENCH_NO_RULE ? 0 : r->t->rules[rule].identity;

	r->looked_up++;
	r->misclassified += answer != 0 && answer != right;
}

/* A packet that both rules match, if there is one. */
static bool meet(const struct ofl_bench_rules *t, uint32_t a, uint32_t b,
		 struct ofl_packet *p)
{
	const struct ofl_match *x = &t->rules[a].match;
	const struct ofl_match *y = &t->rules[b].match;

	if (!ofl_match_has_overlap(x, y))
		return false;
	ofl_match_packet_make(x, p);
	ofl_match_packet_make(y, p);
	return true;
}

/* Of the pairs that overlap, those with an entry in hardware matter most. */
static void check_pairs(struct ofl_bench_acl_run *r, uint32_t pairs,
			struct ofl_bench_random *random)
{
	uint64_t tries = (uint64_t)pairs * 20;

	while (pairs && tries--) {
		uint32_t a = ofl_bench_random_below(random, r->t->count);
		uint32_t b = ofl_bench_random_below(random, r->t->count);
		struct ofl_packet p = ofl_bench_packet_make(random);

		if (r->hw.count && tries & 1)
			b = r->hw.entries[ofl_bench_random_below(random,
								 r->hw.count)]
				    .cookie -
			    1;
		if (!r->t->rules[a].present || !meet(r->t, a, b, &p))
			continue;
		look_up(r, &p);
		pairs--;
	}
}

void ofl_bench_acl_check(struct ofl_bench_acl_run *r, uint32_t pairs,
			 uint32_t packets, uint64_t seed)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_WRITES);

	for (uint32_t k = 0; k < r->t->traffic_count; k++)
		look_up(r, &r->t->traffic[k].packet);
	for (uint32_t i = 0; i < r->t->count; i++) {
		struct ofl_packet p = ofl_bench_packet_make(&random);

		ofl_match_packet_make(&r->t->rules[i].match, &p);
		look_up(r, &p);
	}
	for (uint32_t k = 0; k < packets; k++) {
		struct ofl_packet p = ofl_bench_packet_make(&random);

		look_up(r, &p);
	}
	check_pairs(r, pairs, &random);
}

void ofl_bench_acl_score(const struct ofl_bench_acl_run *r,
			 struct ofl_bench_acl_score *ret)
{
	double real = 0, answered = 0;

	for (uint32_t i = 0; i < r->hw.count; i++) {
		const struct ofl_bench_entry *e = &r->hw.entries[i];

		if (e->entry == OFL_ENTRY_REAL)
			real += r->t->rules[e->cookie - 1].weight;
	}
	for (uint32_t k = 0; k < r->t->traffic_count; k++) {
		const struct ofl_bench_traffic_item *item = &r->t->traffic[k];

		if (ofl_bench_hardware_find(&r->hw, &item->packet))
			answered += item->weight;
	}
	ret->hit_rate = r->t->total > 0 ? 100 * real / r->t->total : 0;
	ret->hit_rate_packets =
		r->t->total > 0 ? 100 * answered / r->t->total : 0;
}

/* --- changes --- */
/* Packets of this rule, some of them of another one, too. */
static void check_rule(struct ofl_bench_acl_run *r, uint32_t rule,
		       struct ofl_bench_random *random)
{
	for (int k = 0; k < POINTS_A_CHANGE; k++) {
		struct ofl_packet p = ofl_bench_packet_make(random);
		uint32_t other = rule;

		if (k & 1 && r->hw.count)
			other = r->hw.entries[ofl_bench_random_below(
						      random, r->hw.count)]
					.cookie -
				1;
		if (meet(r->t, rule, other, &p))
			look_up(r, &p);
	}
}

/* Between two neighbours somewhere, if there is room between their numbers. */
static void move(struct ofl_bench_acl_run *r, uint32_t rule,
		 struct ofl_bench_random *random)
{
	struct ofl_bench_rules *t = r->t;
	uint64_t low = 0, high;
	uint32_t at;

	ofl_bench_rules_del(t, rule);
	at = t->present ? ofl_bench_random_below(random, t->present) : 0;
	if (t->present) {
		if (at)
			low = t->rules[t->order[at - 1]].position;
		high = t->rules[t->order[at]].position;
		if (high - low > 1)
			t->rules[rule].position = low + (high - low) / 2;
	}
	ofl_bench_rules_add(t, rule);
	rule_set(r, rule);
}

static void change_one(struct ofl_bench_acl_run *r, uint32_t rule,
		       unsigned int kind, struct ofl_bench_random *random)
{
	struct ofl_bench_rule *what = &r->t->rules[rule];
	uint32_t other = ofl_bench_random_below(random, r->t->count);

	if (!what->present) {
		ofl_bench_rules_add(r->t, rule);
		rule_set(r, rule);
		return;
	}
	switch (kind) {
	case 0:
	case 1:
		ofl_bench_rules_del(r->t, rule);
		rule_del(r, rule);
		break;
	case 2:
		move(r, rule, random);
		break;
	case 3:
		what->weight = r->t->rules[other].weight;
		weight_set(r, rule);
		break;
	default:
		what->cls = what->cls == OFL_CLASS_CRITICAL
				    ? OFL_CLASS_BEST_EFFORT
				    : OFL_CLASS_CRITICAL;
		rule_set(r, rule);
		break;
	}
}

void ofl_bench_acl_change(struct ofl_bench_acl_run *r, uint32_t changes,
			  uint64_t seed, struct ofl_bench_acl_changes *ret)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_CHURN);
	struct ofl_bench_moves before = r->hw.moved;
	uint64_t writes = r->hw.writes;
	uint32_t rule = 0, last = 0;

	for (uint32_t k = 0; k < changes; k++) {
		/* A rule that went comes back with the next change. */
		rule = ofl_bench_random_below(&random, r->t->count);
		if (k & 1 && r->hw.count)
			rule = r->hw.entries[ofl_bench_random_below(
						     &random, r->hw.count)]
				       .cookie -
			       1;
		if (k && !r->t->rules[last].present)
			rule = last;
		last = rule;
		r->room_ns = 0;
		change_one(r, rule, ofl_bench_random_below(&random, 5),
			   &random);
		ofl_bench_acl_settle(r);
		ofl_bench_stat_add(&ret->times, r->room_ns);
		check_rule(r, rule, &random);
	}
	ret->writes = r->hw.writes - writes;
	ret->moved.inserts = r->hw.moved.inserts - before.inserts;
	ret->moved.relabels = r->hw.moved.relabels - before.relabels;
	ret->moved.moves = r->hw.moved.moves - before.moves;
	ret->moved.unique = r->hw.moved.unique - before.unique;
}
