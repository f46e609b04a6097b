// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a flow is worth.  The numbers of the rows are those of the ladder in
 * classify.c.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "offloadd/policy/policy.h"

enum { PROTO_STATIC = 3, PROTO_BGP = 9 }; /* any two numbers do here */

/* --- the world as the tests see it --- */

static unsigned int lists_asked;

static bool list_permits(void *arg, const char *name,
			 const struct ofl_prefix *p)
{
	struct ofl_prefix customers = mk_prefix("192.0.2.0/24");

	assert_ptr_equal(arg, &lists_asked);
	lists_asked++;
	return strcmp(name, "CUSTOMERS") == 0 &&
	       ofl_prefix_contains(&customers, p);
}

static const char *vrf_name(void *arg, uint32_t vrf)
{
	return vrf == 0 ? "default" : vrf == 7 ? "blue" : NULL;
}

static const char *interface_name(void *arg, uint32_t ifindex, uint32_t vrf)
{
	return ifindex == 1 ? "eth1" : ifindex == 2 ? "eth2" : NULL;
}

static const struct ofl_policy_env env = {
	.arg = &lists_asked,
	.prefix_list_permits = list_permits,
	.access_list_permits = list_permits,
	.vrf_name = vrf_name,
	.interface_name = interface_name,
};

/* --- one rule against one flow --- */

/* The flow unless a row says otherwise: 192.0.2.0/24, VRF 0, BGP, distance 20,
 * metric 100, tag 5, through eth1. */
struct row {
	const char *step; /* of the ladder */
	struct ofl_rule rule;
	bool matches;
	const char *prefix;
	uint32_t vrf;
	uint32_t ifindex[3]; /* first 0: eth1 alone */
	bool no_action, discard;
	bool not_told; /* distance, metric and tag */
};

#define F(bits) .match = OFL_MATCH_##bits

static const struct row rows[] = {
	{"3.0", {.match = 0}, true},
	{"3.1", {F(FAMILY), .family = AF_INET}, true},
	{"3.1", {F(FAMILY), .family = AF_INET6}, false},
	{"3.1", {F(FAMILY), .family = AF_INET6}, true, "2001:db8::/32"},
	{"3.2", {F(PROTO), .proto = PROTO_BGP}, true},
	{"3.2", {F(PROTO), .proto = PROTO_STATIC}, false},
	{"3.3", {F(PLEN), .plen_min = 24, .plen_max = 24}, true},
	{"3.3", {F(PLEN), .plen_min = 8, .plen_max = 24}, true},
	{"3.3", {F(PLEN), .plen_min = 24, .plen_max = 32}, true},
	{"3.3", {F(PLEN), .plen_min = 25, .plen_max = 32}, false},
	{"3.3", {F(PLEN), .plen_min = 0, .plen_max = 23}, false},
	{"3.3", {F(PLEN), .plen_min = 0, .plen_max = 0}, true, "0.0.0.0/0"},
	{"3.4", {F(DISTANCE), .distance_min = 20, .distance_max = 20}, true},
	{"3.4", {F(DISTANCE), .distance_min = 0, .distance_max = 255}, true},
	{"3.4", {F(DISTANCE), .distance_min = 21, .distance_max = 255}, false},
	{"3.4", {F(DISTANCE), .distance_min = 0, .distance_max = 19}, false},
	{"3.5", {F(TAG), .tag = 5}, true},
	{"3.5", {F(TAG), .tag = 0}, false},
	{"3.4",
	 {F(DISTANCE), .distance_min = 0, .distance_max = 255},
	 false,
	 .not_told = true},
	{"3.5", {F(TAG), .tag = 0}, false, .not_told = true},
	{"3.6",
	 {F(METRIC), .metric_min = 0, .metric_max = UINT32_MAX},
	 false,
	 .not_told = true},
	{"3.2", {F(PROTO), .proto = PROTO_BGP}, true, .not_told = true},
	{"3.6", {F(METRIC), .metric_min = 100, .metric_max = 100}, true},
	{"3.6",
	 {F(METRIC), .metric_min = 101, .metric_max = UINT32_MAX},
	 false},
	{"3.6", {F(METRIC), .metric_min = 0, .metric_max = 99}, false},
	{"3.7", {F(VRF), .vrf = "default"}, true},
	{"3.7", {F(VRF), .vrf = "blue"}, false},
	{"3.7", {F(VRF), .vrf = "blue"}, true, .vrf = 7},
	{"3.7", {F(VRF), .vrf = ""}, false, .vrf = 8}, /* a VRF without name */
	{"3.8", {F(INTERFACE), .interface = "eth1"}, true},
	{"3.8", {F(INTERFACE), .interface = "eth2"}, false},
	{"3.8", {F(INTERFACE), .interface = "eth1"}, true, .ifindex = {1, 1}},
	{"3.8", {F(INTERFACE), .interface = "eth1"}, false, .ifindex = {1, 2}},
	{"3.8", {F(INTERFACE), .interface = "eth1"}, false, .ifindex = {1, 99}},
	{"3.8", {F(INTERFACE), .interface = "eth1"}, false, .no_action = true},
	{"3.8", {F(INTERFACE), .interface = "eth1"}, false, .discard = true},
	{"3.9", {F(PREFIX_LIST), .prefix_list = "CUSTOMERS"}, true},
	{"3.9",
	 {F(PREFIX_LIST), .prefix_list = "CUSTOMERS"},
	 false,
	 "203.0.113.0/24"},
	{"3.9", {F(PREFIX_LIST), .prefix_list = "ABSENT"}, false},
	{"3.10", {F(ACCESS_LIST), .access_list = "CUSTOMERS"}, true},
	{"3.10", {F(ACCESS_LIST), .access_list = "ABSENT"}, false},
};

static void flow_make(struct ofl_flow *f, const struct row *r)
{
	struct ofl_nexthop nh[3];
	size_t nh_count = 0;

	*f = (struct ofl_flow){
		.key = mk_key(r->vrf, r->prefix ? r->prefix : "192.0.2.0/24"),
		.facts = {.proto = PROTO_BGP,
			  .distance = 20,
			  .metric = 100,
			  .tag = 5},
	};
	if (r->not_told)
		f->facts = (struct ofl_facts){
			.proto = PROTO_BGP,
			.distance = OFL_DISTANCE_UNKNOWN,
		};
	if (r->no_action)
		return;
	if (r->discard) {
		f->action = ofl_action_get(OFL_ACTION_BLACKHOLE, NULL, 0);
		return;
	}
	do {
		uint32_t ifindex = r->ifindex[nh_count];

		nh[nh_count] = mk_nexthop(ifindex ? ifindex : 1, nh_count + 1);
		nh_count++;
	} while (r->ifindex[nh_count]);
	f->action = ofl_action_get(OFL_ACTION_FORWARD, nh, nh_count);
}

static struct ofl_verdict judge(const struct ofl_rule *rule,
				const struct ofl_policy_env *e,
				const struct ofl_flow *f)
{
	struct ofl_policy *p = ofl_policy_new();
	struct ofl_rule copy = *rule;
	struct ofl_verdict v;

	copy.seq = 10;
	copy.cls = OFL_CLASS_CRITICAL;
	ofl_policy_rule_set(p, &copy);
	v = ofl_classify(p, e, f);
	ofl_policy_free(p);
	return v;
}

static void test_conditions(void **state)
{
	static const struct ofl_policy_env nobody;

	for (size_t i = 0; i < array_size(rows); i++) {
		const struct row *r = &rows[i];
		struct ofl_flow f;
		struct ofl_verdict v;

		flow_make(&f, r);
		v = judge(&r->rule, &env, &f);
		if (v.cls != (r->matches ? OFL_CLASS_CRITICAL
					 : OFL_CLASS_BEST_EFFORT) ||
		    v.rule != (r->matches ? 10 : 0))
			fail_msg("row %zu, step %s", i, r->step);

		/* Where nobody answers, what asks does not match. */
		v = judge(&r->rule, &nobody, &f);
		if (r->rule.match &
		    (OFL_MATCH_VRF | OFL_MATCH_INTERFACE |
		     OFL_MATCH_PREFIX_LIST | OFL_MATCH_ACCESS_LIST))
			assert_int_equal(v.rule, 0);
		ofl_flow_fini(&f);
	}
}

/* All at once match; with any one of them wrong, none does. */
static void test_all_conditions(void **state)
{
	const struct ofl_rule all = {
		.match = (OFL_MATCH_ACCESS_LIST << 1) - 1,
		.family = AF_INET,
		.proto = PROTO_BGP,
		.plen_min = 24,
		.plen_max = 24,
		.distance_min = 20,
		.distance_max = 20,
		.tag = 5,
		.metric_min = 100,
		.metric_max = 100,
		.vrf = "default",
		.interface = "eth1",
		.prefix_list = "CUSTOMERS",
		.access_list = "CUSTOMERS",
	};
	struct ofl_rule wrong[10];
	struct ofl_flow f;

	flow_make(&f, &(struct row){.step = "3"});
	assert_int_equal(judge(&all, &env, &f).rule, 10);
	for (size_t i = 0; i < array_size(wrong); i++)
		wrong[i] = all;
	wrong[0].family = AF_INET6;
	wrong[1].proto++;
	wrong[2].plen_min = 25;
	wrong[3].distance_max = 19;
	wrong[4].tag++;
	wrong[5].metric_min++;
	wrong[6].vrf[0] = 'x';
	wrong[7].interface[0] = 'x';
	wrong[8].prefix_list[0] = 'x';
	wrong[9].access_list[0] = 'x';
	for (size_t i = 0; i < array_size(wrong); i++) {
		lists_asked = 0;
		assert_int_equal(judge(&wrong[i], &env, &f).rule, 0);
		/* lists are dear: asked only when all else holds */
		assert_int_equal(lists_asked, i < 8 ? 0 : i - 7);
	}
	ofl_flow_fini(&f);
}

static void test_guards(void **state)
{
	const struct ofl_rule any = {
		.set = OFL_SET_WEIGHT | OFL_SET_TABLE | OFL_SET_OFFLOAD_OR_FAIL,
		.weight = 7,
		.table = "asic0",
	};
	static const uint8_t guarded[] = {
		OFL_PROTO_LOCAL,    /* 1 */
		OFL_PROTO_RESERVED, /* 2 */
	};
	struct ofl_flow f;

	flow_make(&f, &(struct row){.step = "1"});
	assert_int_equal(judge(&any, &env, &f).cls, OFL_CLASS_CRITICAL);
	for (size_t i = 0; i < array_size(guarded); i++) {
		struct ofl_verdict v;

		f.facts.proto = guarded[i];
		v = judge(&any, &env, &f);
		assert_int_equal(v.cls, OFL_CLASS_NEVER);
		assert_int_equal(v.rule, 0);
		assert_int_equal(v.weight, OFL_WEIGHT_DEFAULT);
		assert_false(v.offload_or_fail);
		assert_null(v.table);
	}
	ofl_flow_fini(&f);
}

/* 3: the lowest matching number decides, however the rules were entered.
 * 4: none: the default. */
static void test_first_match(void **state)
{
	struct ofl_policy *p = ofl_policy_new();
	struct ofl_rule r30 = {.seq = 30, .cls = OFL_CLASS_NEVER};
	struct ofl_rule r10 = {
		.seq = 10, F(TAG), .tag = 9, .cls = OFL_CLASS_BEST_EFFORT};
	struct ofl_rule r20 = {.seq = 20,
			       F(TAG),
			       .tag = 5,
			       .cls = OFL_CLASS_CRITICAL,
			       .set = OFL_SET_WEIGHT | OFL_SET_TABLE |
				      OFL_SET_OFFLOAD_OR_FAIL,
			       .weight = 7,
			       .table = "asic0"};
	struct ofl_verdict v;
	struct ofl_flow f;

	flow_make(&f, &(struct row){.step = "3"});
	v = ofl_classify(p, &env, &f);
	assert_int_equal(v.cls, OFL_CLASS_BEST_EFFORT);
	p->default_class = OFL_CLASS_CRITICAL;
	v = ofl_classify(p, &env, &f);
	assert_int_equal(v.cls, OFL_CLASS_CRITICAL);
	assert_int_equal(v.rule, 0);
	assert_int_equal(v.weight, OFL_WEIGHT_DEFAULT);

	ofl_policy_rule_set(p, &r30);
	ofl_policy_rule_set(p, &r10);
	ofl_policy_rule_set(p, &r20);
	v = ofl_classify(p, &env, &f);
	assert_int_equal(v.rule, 20);
	assert_int_equal(v.cls, OFL_CLASS_CRITICAL);
	assert_true(v.offload_or_fail);
	assert_int_equal(v.weight, 7);
	assert_string_equal(v.table, "asic0");
	f.facts.tag = 9;
	v = ofl_classify(p, &env, &f);
	assert_int_equal(v.rule, 10);
	assert_false(v.offload_or_fail);
	assert_int_equal(v.weight, OFL_WEIGHT_DEFAULT);
	assert_null(v.table);
	f.facts.tag = 1;
	assert_int_equal(ofl_classify(p, &env, &f).rule, 30);
	ofl_flow_fini(&f);
	ofl_policy_free(p);
}

static void test_rules(void **state)
{
	static const uint32_t seqs[] = {50, 10, 40, UINT32_MAX, 30, 1, 20, 30};
	struct ofl_policy *p = ofl_policy_new();
	struct ofl_rule r = {0};

	assert_null(ofl_policy_rule_find(p, 10));
	for (size_t i = 0; i < array_size(seqs); i++) {
		r.seq = seqs[i];
		r.tag = i;
		ofl_policy_rule_set(p, &r);
	}
	assert_int_equal(p->rule_count, 7);
	for (size_t i = 1; i < p->rule_count; i++)
		assert_true(p->rules[i - 1].seq < p->rules[i].seq);
	assert_int_equal(ofl_policy_rule_find(p, 30)->tag, 7); /* the last */
	assert_int_equal(ofl_policy_rule_find(p, UINT32_MAX)->tag, 3);
	assert_null(ofl_policy_rule_find(p, 31));
	assert_null(ofl_policy_rule_find(p, 0));
	/* a rule of the policy itself may be handed in */
	ofl_policy_rule_set(p, ofl_policy_rule_find(p, 30));
	assert_int_equal(ofl_policy_rule_find(p, 30)->tag, 7);
	ofl_policy_free(p);
	ofl_policy_free(NULL);
}

static struct ofl_policy *one_rule(const struct ofl_rule *r)
{
	struct ofl_policy *p = ofl_policy_new();

	ofl_policy_rule_set(p, r);
	return p;
}

/* Each member counts, if and only if the rule says that it does. */
static void test_eq(void **state)
{
	const struct ofl_rule base = {.seq = 10, .cls = OFL_CLASS_CRITICAL};
	static const struct {
		uint32_t match, set;
		struct ofl_rule other;
	} diffs[] = {
		{OFL_MATCH_FAMILY, 0, {.family = AF_INET}},
		{OFL_MATCH_PREFIX_LIST, 0, {.prefix_list = "A"}},
		{OFL_MATCH_PROTO, 0, {.proto = 1}},
		{OFL_MATCH_TAG, 0, {.tag = 1}},
		{OFL_MATCH_DISTANCE, 0, {.distance_min = 1}},
		{OFL_MATCH_DISTANCE, 0, {.distance_max = 1}},
		{OFL_MATCH_METRIC, 0, {.metric_min = 1}},
		{OFL_MATCH_METRIC, 0, {.metric_max = 1}},
		{OFL_MATCH_VRF, 0, {.vrf = "A"}},
		{OFL_MATCH_INTERFACE, 0, {.interface = "A"}},
		{OFL_MATCH_PLEN, 0, {.plen_min = 1}},
		{OFL_MATCH_PLEN, 0, {.plen_max = 1}},
		{OFL_MATCH_ACCESS_LIST, 0, {.access_list = "A"}},
		{0, OFL_SET_WEIGHT, {.weight = 1}},
		{0, OFL_SET_TABLE, {.table = "A"}},
		{0, OFL_SET_MICE, {.mice_packets = 1}},
		{0, OFL_SET_MICE, {.mice_kilobytes = 1}},
		{0, OFL_SET_MICE, {.mice_window_s = 1}},
	};

	for (size_t i = 0; i < array_size(diffs); i++) {
		for (int says = 0; says < 2; says++) {
			struct ofl_rule x = base, y = diffs[i].other;
			struct ofl_policy *a, *b;

			y.seq = x.seq;
			y.cls = x.cls;
			x.match = y.match = says ? diffs[i].match : 0;
			x.set = y.set = says ? diffs[i].set : 0;
			a = one_rule(&x);
			b = one_rule(&y);
			assert_int_equal(ofl_policy_eq(a, b), !says);
			assert_true(ofl_policy_eq(a, a));
			ofl_policy_free(a);
			ofl_policy_free(b);
		}
	}
}

static void test_eq_whole(void **state)
{
	const struct ofl_rule base = {.seq = 10, .cls = OFL_CLASS_CRITICAL};
	struct ofl_policy *a = ofl_policy_new(), *b = ofl_policy_new();
	struct ofl_rule r;

	assert_true(ofl_policy_eq(a, b));
	b->default_class = OFL_CLASS_NEVER;
	assert_false(ofl_policy_eq(a, b));
	b->default_class = a->default_class;
	snprintf(b->default_table, sizeof(b->default_table), "asic0");
	assert_false(ofl_policy_eq(a, b));
	b->default_table[0] = '\0';
	ofl_policy_rule_set(a, &base);
	assert_false(ofl_policy_eq(a, b));
	for (int i = 0; i < 4; i++) {
		r = base;
		r.seq += i == 0;
		r.cls -= i == 1;
		r.match |= i == 2 ? OFL_MATCH_TAG : 0;
		r.set |= i == 3 ? OFL_SET_OFFLOAD_OR_FAIL : 0;
		ofl_policy_free(b);
		b = one_rule(&r);
		assert_false(ofl_policy_eq(a, b));
	}
	ofl_policy_free(b);
	b = one_rule(&base);
	assert_true(ofl_policy_eq(a, b));
	ofl_policy_free(a);
	ofl_policy_free(b);
}

static void test_uses(void **state)
{
	struct ofl_rule r = {.seq = 10,
			     .match = OFL_MATCH_PREFIX_LIST,
			     .prefix_list = "P",
			     .access_list = "UNUSED"};
	struct ofl_policy *p = one_rule(&r);

	r = (struct ofl_rule){
		.seq = 20, .match = OFL_MATCH_ACCESS_LIST, .access_list = "A"};
	ofl_policy_rule_set(p, &r);
	assert_true(ofl_policy_uses_prefix_list(p, "P"));
	assert_false(ofl_policy_uses_prefix_list(p, "A"));
	assert_true(ofl_policy_uses_access_list(p, "A"));
	assert_false(ofl_policy_uses_access_list(p, "P"));
	assert_false(ofl_policy_uses_access_list(p, "UNUSED"));
	ofl_policy_free(p);
}

static int setup(void **state)
{
	ofl_action_init();
	return 0;
}

static int teardown(void **state)
{
	ofl_action_fini();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_all_conditions),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_first_match),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_eq),
		cmocka_unit_test(test_eq_whole),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
