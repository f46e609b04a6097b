// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Brute force over small ACLs: whatever rules come, go and move, whatever order
 * answers come in and whichever operations fail, after every single hardware
 * operation every packet is looked up in a naive model of hardware and compared
 * with the first match of the list (acl_model.c).
 *
 *   A1  at rest: miss, punt, or what the list gives; never-rules are not
 *       answered
 *   A2  always: miss, punt, or what the list gives or gave since rest; and no
 *       operation leads a packet to what the list does not give and did not
 *       give since the operation was asked for
 *   A3  slots never exceed the capacity
 *   A4  no critical rule stays out that would fit if best effort made room
 *   A5  same list, same weights: nothing is written
 *   A6  a planned real entry has a planned entry for each rule it depends on,
 *       and every punt is there for somebody; the sums kept are those counted
 *   A7  best effort alone never passes the high watermark at rest
 *   A8  what is told of each rule is what hardware holds; each rule that goes
 *       is gone once
 *   A9  when all is withdrawn, nothing is left
 *
 * Seeds that are odd have faults: refusals, lost entries, too small a table.
 */
#include <zebra.h>

#include "tests/property/args.h"
#include "tests/property/acl_model.h"

#define SETTLE_OPS 20000

static struct ofl_acl_place *place;
static struct ofl_acl_view told[ACL_RULES];
static bool gone_due[ACL_RULES];
static bool odd; /* with faults */
static bool settling;
static uint64_t changes, rests, settled_ops;

/* --- the list --- */
static void random_match(struct ofl_match *m, bool marks)
{
	uint32_t low = acl_rnd(4), high = acl_rnd(4);

	ofl_match_init(m);
	ofl_match_set(m, OFL_FIELD_SRC_V4, acl_rnd(4), acl_rnd(4));
	ofl_match_set(m, OFL_FIELD_PROTOCOL, acl_rnd(4), acl_rnd(4));
	if (acl_rnd(2))
		ofl_match_range_set(m, OFL_NUMBER_DST_PORT, MIN(low, high),
				    MAX(low, high));
	if (marks)
		ofl_match_set(m, OFL_FIELD_MARK, acl_rnd(2), 1);
}

static uint64_t random_position(void)
{
	for (;;) {
		uint64_t position = acl_rnd(40);
		bool taken = false;

		for (unsigned int i = 0; i < ACL_RULES; i++)
			taken |= am.list[i].present &&
				 am.list[i].rule.position == position;
		if (!taken)
			return position;
	}
}

static void random_rule(unsigned int i)
{
	static const uint32_t weights[] = {1, 4, 30, 1000};
	struct acl_listed *l = &am.list[i];

	random_match(&l->match, false);
	l->rule = (struct ofl_acl_rule){
		.position = random_position(),
		.match = &l->match,
		.identity = acl_rnd(ACL_IDENTITIES),
		.weight = acl_rnd(weights[acl_rnd(array_size(weights))]),
		.slots = acl_rnd(20) ? 1 + (acl_rnd(4) == 0) : 0,
		.cls = acl_rnd(5) ? OFL_CLASS_BEST_EFFORT : OFL_CLASS_CRITICAL,
	};
	if (acl_rnd(12) == 0)
		l->rule.cls = OFL_CLASS_NEVER;
	if (acl_rnd(12) == 0) {
		l->cover = l->match;
		ofl_match_set(&l->match, OFL_FIELD_MARK, acl_rnd(2), 1);
		l->rule.cover = &l->cover;
	}
}

static void tell(unsigned int i)
{
	am.list[i].present = true;
	acl_model_listed(i);
	changes++;
	if (!ofl_acl_place_set(place, i + 1, &am.list[i].rule))
		acl_fail("rule %u is not taken", i + 1);
	gone_due[i] = false;
}

static void withdraw(unsigned int i)
{
	am.list[i].present = false;
	acl_model_listed(i);
	changes++;
	ofl_acl_place_del(place, i + 1);
	gone_due[i] = true;
}

static void change_list(void)
{
	unsigned int i = acl_rnd(ACL_RULES);
	struct acl_listed *l = &am.list[i];

	if (!l->present) {
		random_rule(i);
		tell(i);
		return;
	}
	switch (acl_rnd(6)) {
	case 0:
	case 1:
		withdraw(i);
		return;
	case 2:
		l->rule.position = random_position();
		break;
	case 3:
		l->rule.weight = acl_rnd(1000);
		break;
	case 4:
		l->rule.identity = acl_rnd(ACL_IDENTITIES);
		break;
	default:
		random_rule(i);
		break;
	}
	tell(i);
}

/* --- the engine --- */
static void plan(void)
{
	unsigned int budget = 1 + acl_rnd(acl_rnd(2) ? 50 : 3), rounds = 0;

	while (ofl_acl_place_plan(place, budget)) {
		if (++rounds > 10000)
			acl_fail("the plan has no end");
		/* The list may change when it is half decided. */
		if (!settling && rounds < 1000 && acl_rnd(8) == 0)
			change_list();
	}
}

static void send_some(unsigned int max)
{
	struct ofl_acl_op op;

	while (max-- && am.pending_count < ACL_PENDING &&
	       ofl_acl_place_next(place, &op)) {
		if (!settling && acl_rnd(16) == 0)
			ofl_acl_place_abort(place, &op);
		else
			acl_model_send(&op);
	}
}

static void hardware_works(void)
{
	unsigned int n;
	struct acl_pending *p;
	struct ofl_outcome outcome = {};

	if (!am.pending_count)
		return;
	n = acl_rnd(am.pending_count);
	p = &am.pending[n];
	if (!p->applied) {
		acl_model_apply(p);
		if (acl_rnd(2))
			return;
	}
	outcome.op_id = p->op.id;
	outcome.status = p->status;
	am.pending[n] = am.pending[--am.pending_count];
	ofl_acl_place_done(place, &outcome);
}

static void drain_views(void)
{
	struct ofl_acl_view view;

	while (ofl_acl_place_changed(place, &view)) {
		unsigned int i = view.cookie - 1;

		if (i >= ACL_RULES)
			acl_fail("a view of nobody");
		if (view.gone && !gone_due[i])
			acl_fail("rule %u is said to be gone", i + 1);
		if (view.gone)
			gone_due[i] = false;
		told[i] = view;
	}
}

static void settle(void)
{
	uint64_t limit = am.ops + SETTLE_OPS;
	bool more = true;

	settling = true;
	while (more) {
		plan();
		send_some(ACL_PENDING);
		more = am.pending_count != 0;
		while (am.pending_count)
			hardware_works();
		plan();
		if (am.ops > limit)
			acl_fail("it does not settle");
	}
	settling = false;
	drain_views();
}

/* --- at rest --- */
static void check_plan(void)
{
	struct ofl_acl_stats st;
	uint32_t slots = 0, covers = 0;

	for (unsigned int i = 0; i < ACL_RULES; i++) {
		struct ofl_acl_view v;
		uint32_t needed_by = 0;

		if (!ofl_acl_place_view(place, i + 1, &v))
			continue;
		for (unsigned int o = 0; o < ACL_RULES; o++) {
			struct ofl_acl_view other;

			if (!ofl_acl_place_view(place, o + 1, &other))
				continue;
			needed_by += other.want == OFL_ENTRY_REAL &&
				     acl_model_depends(o, i);
			if (v.want == OFL_ENTRY_REAL &&
			    acl_model_depends(i, o) &&
			    other.want == OFL_ENTRY_NONE)
				acl_fail("A6: rule %u has no cover for %u",
					 i + 1, o + 1);
		}
		if (v.below != needed_by)
			acl_fail("A6: rule %u is needed by %u, not %u", i + 1,
				 needed_by, v.below);
		if (v.want == OFL_ENTRY_PUNT && !needed_by)
			acl_fail("A6: rule %u covers nobody", i + 1);
		slots += v.want ? am.list[i].rule.slots : 0;
		covers += v.want == OFL_ENTRY_PUNT ? am.list[i].rule.slots : 0;
	}
	ofl_acl_place_stats(place, &st);
	if (st.planned_slots != slots || st.cover_slots != covers)
		acl_fail("A6: %u slots (%u of covers) are planned, not %u (%u)",
			 slots, covers, st.planned_slots, st.cover_slots);
}

static void check_views(void)
{
	struct ofl_acl_stats st;
	uint32_t unsafe = 0;

	for (unsigned int i = 0; i < ACL_RULES; i++) {
		struct ofl_acl_view v;
		bool known = ofl_acl_place_view(place, i + 1, &v);

		if (known != am.list[i].present)
			acl_fail("A8: rule %u: known %d", i + 1, known);
		if (!known)
			continue;
		if (memcmp(&v, &told[i], sizeof(v)) != 0 &&
		    (v.state != told[i].state || v.entry != told[i].entry ||
		     v.want != told[i].want || v.unsafe != told[i].unsafe))
			acl_fail("A8: rule %u changed untold", i + 1);
		unsafe += v.unsafe;
		if (v.entry && !v.pref)
			acl_fail("A8: rule %u stands nowhere", i + 1);
		if (v.entry == OFL_ENTRY_REAL && !acl_model_is_eligible(i))
			acl_fail("A1: rule %u is answered", i + 1);
	}
	ofl_acl_place_stats(place, &st);
	if (st.used_slots != acl_model_slots() || st.in_flight)
		acl_fail("A8: %u slots are used, not %u", acl_model_slots(),
			 st.used_slots);
	if (st.unsafe != unsafe)
		acl_fail("A8: %u rules are unsafe, not %u", unsafe, st.unsafe);
}

/* Slots that critical rules alone take, with `more` among them. */
static uint32_t critical_slots(unsigned int more)
{
	bool entry[ACL_RULES] = {};
	uint32_t slots = 0;

	for (unsigned int i = 0; i < ACL_RULES; i++) {
		if (!am.list[i].present ||
		    (i != more && (told[i].want != OFL_ENTRY_REAL ||
				   am.list[i].rule.cls != OFL_CLASS_CRITICAL)))
			continue;
		entry[i] = true;
		for (unsigned int d = 0; d < ACL_RULES; d++)
			entry[d] |= acl_model_depends(i, d);
	}
	for (unsigned int i = 0; i < ACL_RULES; i++)
		slots += entry[i] ? am.list[i].rule.slots : 0;
	return slots;
}

static void check_critical(void)
{
	for (unsigned int i = 0; i < ACL_RULES; i++) {
		if (am.list[i].rule.cls == OFL_CLASS_CRITICAL &&
		    acl_model_is_eligible(i) &&
		    told[i].want != OFL_ENTRY_REAL &&
		    critical_slots(i) <= am.conf.capacity_slots)
			acl_fail("A4: critical rule %u stays out", i + 1);
	}
}

static void check_watermark(void)
{
	struct ofl_acl_stats st;

	ofl_acl_place_stats(place, &st);
	if (st.planned_slots <= am.conf.high_slots)
		return;
	for (unsigned int i = 0; i < ACL_RULES; i++) {
		if (am.list[i].present && told[i].want == OFL_ENTRY_REAL &&
		    am.list[i].rule.cls == OFL_CLASS_BEST_EFFORT)
			acl_fail("A7: best effort above the high watermark");
	}
}

static void come_to_rest(void)
{
	unsigned int faults = am.fault_one_in;
	uint64_t ops;

	am.fault_one_in = 0;
	settle();
	if (am.faulty) {
		/* What failed for good stays out; the rest is made good. */
		ofl_acl_place_retry(place);
		settle();
	}
	rests++;
	acl_model_check_right();
	check_plan();
	check_views();
	check_watermark();
	am.bound_slots = am.conf.capacity_slots;
	if (!am.faulty) {
		check_critical();
		if (acl_model_slots() > am.bound_slots)
			acl_fail("A3: more than the capacity at rest");
		if (!ofl_acl_place_is_settled(place))
			acl_fail("at rest, and not settled");
	}
	ops = am.ops;
	settle();
	settled_ops += am.ops - ops;
	if (am.ops != ops)
		acl_fail("A5: %" PRIu64 " operations at rest", am.ops - ops);
	for (unsigned int i = 0; i < ACL_RULES; i++) {
		if (gone_due[i])
			acl_fail("A8: rule %u is not gone", i + 1);
	}
	acl_model_rest();
	am.fault_one_in = faults;
}

/* --- a universe --- */
static void random_limits(struct ofl_acl_place_conf *c)
{
	ofl_acl_place_conf_init(c);
	c->capacity_slots = 1 + acl_rnd(acl_rnd(3) ? 12 : 40);
	c->high_slots = 1 + acl_rnd(c->capacity_slots);
	c->low_slots = acl_rnd(c->high_slots);
	c->hysteresis_permille = acl_rnd(3) * 100;
}

static void new_limits(void)
{
	struct ofl_acl_place_conf conf;

	random_limits(&conf);
	am.bound_slots = MAX(am.bound_slots, conf.capacity_slots);
	am.conf = conf;
	ofl_acl_place_conf_set(place, &conf);
}

static void one_step(void)
{
	uint64_t lost;

	switch (acl_rnd(odd ? 66 : 64)) {
	case 0 ... 15:
		change_list();
		break;
	case 16 ... 25:
		plan();
		break;
	case 26 ... 35:
		plan();
		send_some(1 + acl_rnd(8));
		break;
	case 36 ... 59:
		hardware_works();
		break;
	case 60:
		if (acl_rnd(4) == 0)
			come_to_rest();
		break;
	case 61:
		if (acl_rnd(8) == 0)
			new_limits();
		break;
	case 62:
		ofl_acl_place_weight_set(place, 1 + acl_rnd(ACL_RULES),
					 acl_rnd(1000));
		break;
	case 63:
		drain_views();
		break;
	case 64:
		ofl_acl_place_retry(place);
		break;
	default:
		lost = acl_model_lose();
		if (lost)
			ofl_acl_place_lost(place, lost);
		break;
	}
}

static void one_universe(uint64_t seed, uint64_t steps)
{
	acl_rnd_seed(seed);
	acl_model_begin(seed);
	memset(told, 0, sizeof(told));
	memset(gone_due, 0, sizeof(gone_due));
	odd = seed % 2;
	random_limits(&am.conf);
	if (acl_rnd(4) == 0) {
		am.conf.pref_first = 7;
		am.conf.pref_last = 7 + acl_rnd(6);
		am.faulty = true; /* prefs run out */
	}
	am.bound_slots = am.conf.capacity_slots;
	if (odd && acl_rnd(3) == 0)
		am.hw_capacity = acl_rnd(am.conf.capacity_slots + 1);
	am.fault_one_in = odd ? 12 : 0;
	place = ofl_acl_place_new(&am.conf);
	for (am.step = 0; am.step < steps; am.step++)
		one_step();
	come_to_rest();
	for (unsigned int i = 0; i < ACL_RULES; i++) {
		if (am.list[i].present)
			withdraw(i);
	}
	come_to_rest();
	if (acl_model_slots())
		acl_fail("A9: entries are left");
	ofl_acl_place_free(place);
}

int main(int argc, char **argv)
{
	struct property_args a = {.universes = 3000, .steps = 600, .seed = 1};

	if (!property_args_parse(
		    &a, argc, argv, "test_acl",
		    "Random lists, answers and faults against naive models."))
		return 2;
	for (uint64_t i = 0; i < a.universes; i++)
		one_universe(a.seed + i, a.steps);
	printf("%" PRIu64 " list changes, %" PRIu64
	       " hardware operations, %" PRIu64 " packet checks, %" PRIu64
	       " rests\n",
	       changes, am.ops, am.checks, rests);
	printf("%" PRIu64 " passed, 0 failed\n", a.universes);
	return 0;
}
