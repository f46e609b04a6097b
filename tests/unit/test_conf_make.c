// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/nb_conf_make.c: what a subtree of the model means.  The model is
 * the one that is installed, read by libyang; no daemon.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "offloadd/engine/conf.h"
#include "offloadd/northbound/nb.h"

#define DB "/var/lib/frr/offloadd.db"

static struct ly_ctx *ctx;
static struct lyd_node *tree;

static int setup(void **state)
{
	/* The directories of the model and of the modules it imports. */
	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &ctx), LY_SUCCESS);
	assert_non_null(ly_ctx_load_module(ctx, "frr-offload", NULL, NULL));
	return 0;
}

static int teardown(void **state)
{
	ly_ctx_destroy(ctx);
	return 0;
}

/* The configuration that `json`, the content of the container, describes. */
static struct ofl_conf *conf_of(const char *json, bool with_incomplete)
{
	char text[4096];

	snprintf(text, sizeof(text), "{\"frr-offload:offload\":{%s}}", json);
	assert_int_equal(lyd_parse_data_mem(ctx, text, LYD_JSON,
					    LYD_PARSE_STRICT,
					    LYD_VALIDATE_NO_STATE, &tree),
			 LY_SUCCESS);
	return ofl_nb_conf_make(tree, DB, with_incomplete);
}

/* Does libyang take it? */
static bool is_model(const char *json)
{
	LY_ERR err = lyd_parse_data_mem(ctx, json, LYD_JSON, LYD_PARSE_STRICT,
					LYD_VALIDATE_NO_STATE, &tree);

	lyd_free_all(tree);
	tree = NULL;
	return err == LY_SUCCESS;
}

static void conf_free(struct ofl_conf *c)
{
	ofl_conf_free(c);
	lyd_free_all(tree);
	tree = NULL;
}

/* The defaults of the model are the defaults of the engine. */
static void test_defaults(void **state)
{
	struct ofl_conf *c = conf_of("\"table\":[{\"name\":\"t\"}]", false);
	struct ofl_conf *d = ofl_conf_new(DB);

	ofl_conf_table_add(d, "t");
	assert_int_equal(c->table_count, 1);
	assert_memory_equal(c->tables, d->tables, sizeof(*c->tables));
	assert_true(ofl_policy_eq(c->policy, d->policy));
	assert_memory_equal(&c->store, &d->store, sizeof(c->store));
	assert_memory_equal(&c->feed, &d->feed, sizeof(c->feed));
	assert_int_equal(c->retry_ms, d->retry_ms);
	assert_int_equal(c->hw_timeout_ms, d->hw_timeout_ms);
	assert_int_equal(c->clean_on_exit, d->clean_on_exit);
	assert_memory_equal(&c->traffic, &d->traffic, sizeof(c->traffic));
	ofl_conf_free(d);
	conf_free(c);
}

static void test_table(void **state)
{
	struct ofl_conf *c =
		conf_of("\"table\":[{\"name\":\"b\"},{\"name\":\"a\","
			"\"provider\":\"tc\",\"capacity\":2000,\"reserve\":64,"
			"\"slot-cost\":{\"ipv4\":3,\"ipv6\":255},"
			"\"high-watermark\":{\"slots\":70000},"
			"\"low-watermark\":{\"percent\":12},"
			"\"acl-slots\":{\"slots\":77},"
			"\"hysteresis\":25,\"residence\":7,"
			"\"critical-cover-limit\":16,"
			"\"optional-writes\":1000000,"
			"\"rebalance-interval\":3600,"
			"\"exact-placement\":false}]",
			false);
	const struct ofl_hwtable_conf *t = &c->tables[0];

	assert_int_equal(c->table_count, 2);
	assert_string_equal(c->tables[1].name, "b");
	assert_string_equal(t->name, "a");
	assert_string_equal(t->provider, "tc");
	assert_int_equal(t->capacity_slots, 2000);
	assert_int_equal(t->reserve_slots, 64);
	assert_int_equal(t->cost_v4_slots, 3);
	assert_int_equal(t->cost_v6_slots, 255);
	assert_int_equal(t->high.value, 70000);
	assert_false(t->high.percent);
	assert_int_equal(t->low.value, 12);
	assert_true(t->low.percent);
	assert_int_equal(t->acl.value, 77);
	assert_false(t->acl.percent);
	assert_int_equal(t->hysteresis_permille, 250);
	assert_int_equal(t->residence_sweeps, 7);
	assert_int_equal(t->critical_cover_limit_slots, 16);
	assert_int_equal(t->optional_writes_per_s, 1000000);
	assert_int_equal(t->rebalance_s, 3600);
	assert_false(t->exact);
	conf_free(c);
}

static void test_tc(void **state)
{
	struct ofl_conf *c =
		conf_of("\"table\":[{\"name\":\"a\",\"tc\":{"
			"\"port\":[\"sw10\",\"fifteen-letters\",\"sw2\","
			"\"sw1\"],"
			"\"mode\":\"software\","
			"\"multipath\":\"single-path\","
			"\"block\":4294967294,\"chain\":200000000,"
			"\"pref\":65534,\"resource\":\"acl/tcam_0.a-b\"}},"
			"{\"name\":\"b\",\"tc\":{\"mode\":\"hardware\","
			"\"multipath\":\"software\"}}]",
			false);
	const struct ofl_tc_conf *tc = &c->tables[0].tc;

	assert_int_equal(tc->port_count, 4);
	assert_string_equal(tc->ports[0], "fifteen-letters");
	assert_string_equal(tc->ports[1], "sw1");
	assert_string_equal(tc->ports[2], "sw2");
	assert_string_equal(tc->ports[3], "sw10");
	assert_int_equal(tc->mode, OFL_TC_MODE_SOFTWARE);
	assert_true(tc->single_path);
	assert_int_equal(tc->block, 4294967294u);
	assert_int_equal(tc->chain, 200000000);
	assert_int_equal(tc->pref, 65534);
	assert_string_equal(tc->resource, "acl/tcam_0.a-b");
	assert_int_equal(c->tables[1].tc.mode, OFL_TC_MODE_HARDWARE);
	assert_false(c->tables[1].tc.single_path);
	conf_free(c);
}

/* The same ports are the same value, whatever order they come in and whatever
 * stood in their place before. */
static void test_tc_order(void **state)
{
	struct ofl_conf *a = conf_of("\"table\":[{\"name\":\"a\",\"tc\":{"
				     "\"port\":[\"p\",\"sw2\",\"eth100\"]}}]",
				     false);
	struct lyd_node *first = tree;
	struct ofl_conf *b = conf_of("\"table\":[{\"name\":\"a\",\"tc\":{"
				     "\"port\":[\"eth100\",\"sw2\",\"p\"]}}]",
				     false);

	assert_memory_equal(a->tables, b->tables, sizeof(*a->tables));
	conf_free(b);
	tree = first;
	conf_free(a);
}

/* The model takes as many ports as there is room for, and no more. */
static void test_tc_ports(void **state)
{
	char json[2048] = "\"table\":[{\"name\":\"a\",\"tc\":{\"port\":[";
	char text[2560];
	struct ofl_conf *c;
	size_t at = strlen(json);

	for (unsigned int i = 0; i < OFL_TC_PORTS_MAX; i++)
		at += snprintf(json + at, sizeof(json) - at, "%s\"sw%u\"",
			       i ? "," : "", i);
	snprintf(text, sizeof(text), "%s]}}]", json);
	c = conf_of(text, false);
	assert_int_equal(c->tables[0].tc.port_count, OFL_TC_PORTS_MAX);
	assert_string_equal(c->tables[0].tc.ports[OFL_TC_PORTS_MAX - 1],
			    "sw63");
	conf_free(c);
	snprintf(text, sizeof(text),
		 "{\"frr-offload:offload\":{%s,\"sw64\"]}}]}}", json);
	assert_false(is_model(text));
	/* Nor does one that nobody checked do harm. */
	assert_int_equal(lyd_parse_data_mem(ctx, text, LYD_JSON,
					    LYD_PARSE_STRICT | LYD_PARSE_ONLY,
					    0, &tree),
			 LY_SUCCESS);
	c = ofl_nb_conf_make(tree, DB, true);
	assert_int_equal(c->tables[0].tc.port_count, OFL_TC_PORTS_MAX);
	conf_free(c);
}

/* What can be a port or a resource, and what the model refuses. */
static void test_tc_names(void **state)
{
	static const struct {
		const char *json;
		bool can_be;
	} cases[] = {
		{"\"port\":[\"eth0.100\"]", true},
		{"\"port\":[\"a-b_c@d\"]", true},
		{"\"port\":[\"...\"]", true},
		{"\"port\":[\"\"]", false},
		{"\"port\":[\".\"]", false},
		{"\"port\":[\"..\"]", false},
		{"\"port\":[\"a/b\"]", false},
		{"\"port\":[\"a:b\"]", false},
		{"\"port\":[\"a b\"]", false},
		{"\"port\":[\"a\\tb\"]", false},
		{"\"port\":[\"a'b\"]", false},
		{"\"port\":[\"sixteen-letters.\"]", false},
		{"\"port\":[\"sw1\",\"sw1\"]", false},
		{"\"resource\":\"/kvd/hash_single\"", true},
		{"\"resource\":\"\"", false},
		{"\"resource\":\"a b\"", false},
		{"\"resource\":\"a'b\"", false},
		{"\"block\":0", false},
		{"\"block\":4294967295", false},
		{"\"chain\":0", false},
		{"\"chain\":200000001", false},
		{"\"pref\":0", false},
		{"\"pref\":65535", false},
		{"\"mode\":\"both\"", false},
		{"\"multipath\":\"hardware\"", false},
	};
	char text[512];

	for (size_t i = 0; i < array_size(cases); i++) {
		snprintf(text, sizeof(text),
			 "{\"frr-offload:offload\":{\"table\":[{\"name\":"
			 "\"a\",\"tc\":{%s}}]}}",
			 cases[i].json);
		if (is_model(text) != cases[i].can_be)
			fail_msg("%s", cases[i].json);
	}
}

static void test_emulated(void **state)
{
	struct ofl_conf *c = conf_of("\"table\":[{\"name\":\"a\",\"emulated\":{"
				     "\"file\":\"/var/a.table\"}},"
				     "{\"name\":\"b\"}]",
				     false);

	assert_string_equal(c->tables[0].emulated_file, "/var/a.table");
	assert_string_equal(c->tables[1].emulated_file, "");
	conf_free(c);
	assert_false(is_model("{\"frr-offload:offload\":{\"table\":[{\"name\":"
			      "\"a\",\"emulated\":{\"file\":\"a\"}}]}}"));
	assert_false(is_model("{\"frr-offload:offload\":{\"table\":[{\"name\":"
			      "\"a\",\"emulated\":{\"file\":\"/\"}}]}}"));
}

static void test_rule(void **state)
{
	struct ofl_conf *c =
		conf_of("\"rule\":[{\"sequence\":65535,\"match\":{"
			"\"address-family\":\"ipv6\",\"prefix-list\":\"P\","
			"\"access-list\":\"A\",\"protocol\":\"bgp\","
			"\"tag\":4294967295,"
			"\"distance\":{\"minimum\":1,\"maximum\":200},"
			"\"metric\":{\"minimum\":7},\"vrf\":\"red\","
			"\"nexthop-interface\":\"eth0\","
			"\"prefix-length\":{\"maximum\":48}},"
			"\"set\":{\"class\":\"critical\",\"weight\":5,"
			"\"offload-or-fail\":true,\"table\":\"a\"}}]",
			false);
	const struct ofl_rule *r = ofl_policy_rule_find(c->policy, 65535);

	assert_non_null(r);
	assert_int_equal(r->match, (1u << 10) - 1);
	assert_int_equal(r->set, OFL_SET_WEIGHT | OFL_SET_TABLE |
					 OFL_SET_OFFLOAD_OR_FAIL);
	assert_int_equal(r->family, AF_INET6);
	assert_string_equal(r->prefix_list, "P");
	assert_string_equal(r->access_list, "A");
	assert_int_equal(r->proto, ZEBRA_ROUTE_BGP);
	assert_int_equal(r->tag, UINT32_MAX);
	assert_int_equal(r->distance_min, 1);
	assert_int_equal(r->distance_max, 200);
	assert_int_equal(r->metric_min, 7);
	assert_int_equal(r->metric_max, UINT32_MAX);
	assert_string_equal(r->vrf, "red");
	assert_string_equal(r->interface, "eth0");
	assert_int_equal(r->plen_min, 0);
	assert_int_equal(r->plen_max, 48);
	assert_int_equal(r->cls, OFL_CLASS_CRITICAL);
	assert_int_equal(r->weight, 5);
	assert_string_equal(r->table, "a");
	conf_free(c);
}

static void test_traffic(void **state)
{
	struct ofl_conf *c =
		conf_of("\"traffic\":{\"count\":\"bytes\",\"half-life\":86400,"
			"\"period\":3600,\"sampling\":{\"rate\":0,"
			"\"budget\":100000}}",
			false);
	const struct ofl_traffic_conf *t = &c->traffic;

	assert_int_equal(t->unit, OFL_TRAFFIC_BYTES);
	assert_int_equal(t->half_life_s, 86400);
	assert_int_equal(t->period_s, 3600);
	assert_int_equal(t->sample_rate, 0);
	assert_int_equal(t->sample_budget_pps, 100000);
	conf_free(c);
	c = conf_of("\"traffic\":{\"count\":\"packets\"}", false);
	assert_int_equal(c->traffic.unit, OFL_TRAFFIC_PACKETS);
	conf_free(c);
}

static void test_mice(void **state)
{
	static const struct {
		const char *json;
		bool can_be;
	} cases[] = {
		{"\"packets\":4294967295,\"window\":3600", true},
		{"\"kilobytes\":1,\"window\":1", true},
		{"\"packets\":1", false},
		{"\"window\":1", false},
		{"", false},
		{"\"packets\":1,\"kilobytes\":1,\"window\":1", false},
		{"\"packets\":0,\"window\":1", false},
		{"\"kilobytes\":1,\"window\":3601", false},
	};
	struct ofl_conf *c =
		conf_of("\"rule\":[{\"sequence\":1,\"set\":{\"class\":"
			"\"best-effort\",\"mice-filter\":{\"packets\":1000,"
			"\"window\":60}}},{\"sequence\":2,\"set\":{"
			"\"class\":\"best-effort\",\"mice-filter\":{"
			"\"kilobytes\":64,\"window\":7}}}]",
			false);
	const struct ofl_rule *r = ofl_policy_rule_find(c->policy, 1);
	char text[512];

	assert_int_equal(r->set, OFL_SET_MICE);
	assert_int_equal(r->mice_packets, 1000);
	assert_int_equal(r->mice_kilobytes, 0);
	assert_int_equal(r->mice_window_s, 60);
	r = ofl_policy_rule_find(c->policy, 2);
	assert_int_equal(r->set, OFL_SET_MICE);
	assert_int_equal(r->mice_packets, 0);
	assert_int_equal(r->mice_kilobytes, 64);
	assert_int_equal(r->mice_window_s, 7);
	conf_free(c);
	for (size_t i = 0; i < array_size(cases); i++) {
		snprintf(text, sizeof(text),
			 "{\"frr-offload:offload\":{\"rule\":[{\"sequence\":1,"
			 "\"set\":{\"mice-filter\":{%s}}}]}}",
			 cases[i].json);
		if (is_model(text) != cases[i].can_be)
			fail_msg("%s", cases[i].json);
	}
}

/* Each condition alone brings its own bit and no other. */
static void test_rule_bits(void **state)
{
	static const struct {
		const char *match;
		uint32_t bit;
	} cases[] = {
		{"\"address-family\":\"ipv4\"", OFL_MATCH_FAMILY},
		{"\"prefix-list\":\"P\"", OFL_MATCH_PREFIX_LIST},
		{"\"access-list\":\"P\"", OFL_MATCH_ACCESS_LIST},
		{"\"protocol\":\"static\"", OFL_MATCH_PROTO},
		{"\"tag\":0", OFL_MATCH_TAG},
		{"\"distance\":{\"maximum\":9}", OFL_MATCH_DISTANCE},
		{"\"metric\":{\"minimum\":9}", OFL_MATCH_METRIC},
		{"\"vrf\":\"x\"", OFL_MATCH_VRF},
		{"\"nexthop-interface\":\"x\"", OFL_MATCH_INTERFACE},
		{"\"prefix-length\":{\"minimum\":9}", OFL_MATCH_PLEN},
		{"", 0},
	};
	char json[512];

	for (size_t i = 0; i < array_size(cases); i++) {
		struct ofl_conf *c;

		snprintf(json, sizeof(json),
			 "\"rule\":[{\"sequence\":1,\"match\":{%s},"
			 "\"set\":{\"class\":\"never\"}}]",
			 cases[i].match);
		c = conf_of(json, false);
		assert_int_equal(c->policy->rules[0].match, cases[i].bit);
		assert_int_equal(c->policy->rules[0].set, 0);
		assert_int_equal(c->policy->rules[0].weight,
				 OFL_WEIGHT_DEFAULT);
		conf_free(c);
	}
}

/* A rule without a class is checked, not used. */
static void test_rule_incomplete(void **state)
{
	static const char json[] =
		"\"rule\":[{\"sequence\":30,\"set\":{\"weight\":5}},"
		"{\"sequence\":20,\"set\":{\"class\":\"never\"}},"
		"{\"sequence\":10}]";
	struct ofl_conf *c = conf_of(json, false);

	assert_int_equal(c->policy->rule_count, 1);
	assert_int_equal(c->policy->rules[0].seq, 20);
	conf_free(c);
	c = conf_of(json, true);
	assert_int_equal(c->policy->rule_count, 3);
	assert_int_equal(c->policy->rules[0].seq, 10);
	assert_int_equal(c->policy->rules[2].seq, 30);
	conf_free(c);
}

static void test_rest(void **state)
{
	struct ofl_conf *c =
		conf_of("\"default-class\":\"never\",\"default-table\":\"a\","
			"\"database\":{\"path\":\"/x/y\",\"history-limit\":5,"
			"\"history-days\":6,\"size-limit\":77,\"batch\":70},"
			"\"timers\":{\"settle\":101,\"settle-max\":102,"
			"\"retry\":103,\"hardware-timeout\":104},"
			"\"clean-on-exit\":true",
			false);

	assert_int_equal(c->policy->default_class, OFL_CLASS_NEVER);
	assert_string_equal(c->policy->default_table, "a");
	assert_string_equal(c->store.path, "/x/y");
	assert_int_equal(c->store.history_max, 5);
	assert_int_equal(c->store.history_days, 6);
	assert_int_equal(c->store.size_max_mb, 77);
	assert_int_equal(c->store.batch_ms, 70);
	assert_int_equal(c->feed.settle_ms, 101);
	assert_int_equal(c->feed.settle_max_ms, 102);
	assert_int_equal(c->retry_ms, 103);
	assert_int_equal(c->hw_timeout_ms, 104);
	assert_true(c->clean_on_exit);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_tc),
		cmocka_unit_test(test_tc_order),
		cmocka_unit_test(test_tc_ports),
		cmocka_unit_test(test_tc_names),
		cmocka_unit_test(test_emulated),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_rule_bits),
		cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_mice),
		cmocka_unit_test(test_rule_incomplete),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
