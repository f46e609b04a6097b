// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine/conf.c: defaults, order of tables, and every way a configuration can
 * be refused, each with its sentence.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/base/names.h"
#include "offloadd/engine/conf.h"

/* --- changes to a good configuration --- */

static struct ofl_hwtable_conf *hw0(struct ofl_conf *c)
{
	return &c->tables[0];
}

static void rule_set(struct ofl_conf *c, struct ofl_rule r)
{
	r.seq = 10;
	ofl_policy_rule_set(c->policy, &r);
}

static void good(struct ofl_conf *c)
{
}

static void no_tables(struct ofl_conf *c)
{
	c->table_count = 0;
	c->policy->default_table[0] = '\0';
}

static void provider(struct ofl_conf *c)
{
	strlcpy(hw0(c)->provider, "abacus", OFL_NAME_LEN);
}

static void low_equals_high(struct ofl_conf *c)
{
	hw0(c)->low = hw0(c)->high;
}

static void low_equals_high_auto(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 0;
	hw0(c)->low = hw0(c)->high;
}

static void low_above_high_auto(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 0;
	hw0(c)->low = (struct ofl_limit){.value = 98, .percent = true};
}

/* 900 slots of an unknown size: may be below 97 %. */
static void mixed_auto(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 0;
	hw0(c)->low = (struct ofl_limit){.value = 900};
}

static void mixed_equal(struct ofl_conf *c)
{
	hw0(c)->low = (struct ofl_limit){.value = 970};
}

static void mixed_below(struct ofl_conf *c)
{
	hw0(c)->low = (struct ofl_limit){.value = 969};
}

/* Percentages differ, slots do not. */
static void tiny(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 10;
}

static void high_above_capacity(struct ofl_conf *c)
{
	hw0(c)->high = (struct ofl_limit){.value = 1001};
}

static void high_is_capacity(struct ofl_conf *c)
{
	hw0(c)->high = (struct ofl_limit){.value = 1000};
}

static void entry_too_large(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 100;
	hw0(c)->cost_v6_slots = 101;
}

static void low_rounds_to_zero(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 50;
	hw0(c)->low = (struct ofl_limit){.value = 1, .percent = true};
}

static void reserve_is_all(struct ofl_conf *c)
{
	hw0(c)->reserve_slots = 1000;
}

static void reserve_reaches_low(struct ofl_conf *c)
{
	hw0(c)->reserve_slots = 100;
}

static void reserve_above_low(struct ofl_conf *c)
{
	hw0(c)->reserve_slots = 99;
}

static void cover_limit_is_all(struct ofl_conf *c)
{
	hw0(c)->critical_cover_limit_slots = 1000;
}

static void acl_is_all(struct ofl_conf *c)
{
	c->tables[0].capacity_slots = 1000;
	c->tables[0].acl = (struct ofl_limit){.value = 1000};
}

static void acl_above_all(struct ofl_conf *c)
{
	c->tables[0].capacity_slots = 1000;
	c->tables[0].acl = (struct ofl_limit){.value = 1001};
}

static void cover_limit_above_all(struct ofl_conf *c)
{
	hw0(c)->critical_cover_limit_slots = 1001;
}

static void cover_limit_auto(struct ofl_conf *c)
{
	hw0(c)->capacity_slots = 0;
	hw0(c)->critical_cover_limit_slots = 1001;
}

/* An automatic reserve gives way, whatever the watermarks are. */
static void reserve_auto_above_low(struct ofl_conf *c)
{
	hw0(c)->high = (struct ofl_limit){.value = 100, .percent = true};
	hw0(c)->low = (struct ofl_limit){.value = 99, .percent = true};
}

static void tc_ports(struct ofl_hwtable_conf *t, const char *a, const char *b)
{
	t->tc.port_count = 0;
	if (a)
		strlcpy(t->tc.ports[t->tc.port_count++], a, OFL_TC_PORT_LEN);
	if (b)
		strlcpy(t->tc.ports[t->tc.port_count++], b, OFL_TC_PORT_LEN);
}

/* Two tables with nothing in common; the second has no provider tc yet. */
static struct ofl_hwtable_conf *tc_two(struct ofl_conf *c)
{
	struct ofl_hwtable_conf *t = ofl_conf_table_add(c, "hw1");

	strlcpy(hw0(c)->provider, "tc", OFL_NAME_LEN);
	tc_ports(hw0(c), "sw1", "sw2");
	tc_ports(t, "sw3", "sw4");
	t->tc.block++;
	return t;
}

static void tc_alone(struct ofl_conf *c)
{
	(void)tc_two(c);
	hw0(c)->tc.single_path = true;
}

static void tc_low_pref(struct ofl_conf *c)
{
	tc_alone(c);
	c->tables[0].tc.pref = 2;
}

static void tc_lowest_pref(struct ofl_conf *c)
{
	tc_alone(c);
	c->tables[0].tc.pref = 3;
}

static void tc_without_port(struct ofl_conf *c)
{
	strlcpy(hw0(c)->provider, "tc", OFL_NAME_LEN);
}

static void tc_both(struct ofl_conf *c)
{
	strlcpy(tc_two(c)->provider, "tc", OFL_NAME_LEN);
}

static void tc_common_port(struct ofl_conf *c)
{
	tc_both(c);
	tc_ports(&c->tables[1], "sw0", "sw2");
}

static void tc_common_block(struct ofl_conf *c)
{
	tc_both(c);
	c->tables[1].tc.block = hw0(c)->tc.block;
}

/* Both in common, but only one of the two has provider tc. */
static void tc_common_with_another_provider(struct ofl_conf *c)
{
	struct ofl_hwtable_conf *t = tc_two(c);

	t->tc = hw0(c)->tc;
}

static void tc_common_with_an_earlier_provider(struct ofl_conf *c)
{
	tc_common_with_another_provider(c);
	strlcpy(hw0(c)->provider, "emulated", OFL_NAME_LEN);
	strlcpy(c->tables[1].provider, "tc", OFL_NAME_LEN);
}

/* The third is at odds with the first, the second with none. */
static void tc_common_with_the_first(struct ofl_conf *c)
{
	struct ofl_hwtable_conf *t;

	tc_both(c);
	t = ofl_conf_table_add(c, "hw2");
	strlcpy(t->provider, "tc", OFL_NAME_LEN);
	tc_ports(t, "sw1", NULL);
	t->tc.block += 2;
}

static void file_set(struct ofl_hwtable_conf *t, const char *path)
{
	strlcpy(t->emulated_file, path, sizeof(t->emulated_file));
}

static void files_shared(struct ofl_conf *c)
{
	file_set(ofl_conf_table_add(c, "hw1"), "/var/a");
	file_set(&c->tables[0], "/var/a");
}

static void files_apart(struct ofl_conf *c)
{
	file_set(ofl_conf_table_add(c, "hw1"), "/var/b");
	file_set(&c->tables[0], "/var/a");
	ofl_conf_table_add(c, "hw2");
	ofl_conf_table_add(c, "hw3");
}

static void many_tables(struct ofl_conf *c)
{
	char name[OFL_NAME_LEN];

	for (unsigned int i = 1; i <= OFL_TABLES_MAX; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		ofl_conf_table_add(c, name);
	}
}

static void default_table(struct ofl_conf *c)
{
	strlcpy(c->policy->default_table, "hw7", OFL_NAME_LEN);
}

static void rule_table(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.set = OFL_SET_TABLE, .table = "hw7"});
}

/* The name is there but not set. */
static void rule_table_unused(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.table = "hw7"});
}

static void rule_plen(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.match = OFL_MATCH_PLEN,
				      .plen_min = 25,
				      .plen_max = 24});
}

static void rule_plen_one(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.match = OFL_MATCH_PLEN,
				      .plen_min = 128,
				      .plen_max = 128});
}

static void rule_plen_v4(struct ofl_conf *c)
{
	rule_set(c,
		 (struct ofl_rule){.match = OFL_MATCH_PLEN | OFL_MATCH_FAMILY,
				   .family = AF_INET,
				   .plen_min = 33,
				   .plen_max = 128});
}

static void rule_plen_v6(struct ofl_conf *c)
{
	rule_set(c,
		 (struct ofl_rule){.match = OFL_MATCH_PLEN | OFL_MATCH_FAMILY,
				   .family = AF_INET6,
				   .plen_min = 33,
				   .plen_max = 128});
}

static void rule_distance(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.match = OFL_MATCH_DISTANCE,
				      .distance_min = 20,
				      .distance_max = 19});
}

static void rule_metric(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.match = OFL_MATCH_METRIC,
				      .metric_min = UINT32_MAX,
				      .metric_max = 0});
}

/* A range that no condition uses is not looked at. */
static void rule_metric_unused(struct ofl_conf *c)
{
	rule_set(c, (struct ofl_rule){.metric_min = 1});
}

static void mice_of_class(struct ofl_conf *c, enum ofl_class cls)
{
	rule_set(c, (struct ofl_rule){.set = OFL_SET_MICE,
				      .cls = cls,
				      .mice_packets = 5,
				      .mice_window_s = 60});
}

static void mice(struct ofl_conf *c)
{
	mice_of_class(c, OFL_CLASS_BEST_EFFORT);
}

static void mice_critical(struct ofl_conf *c)
{
	mice_of_class(c, OFL_CLASS_CRITICAL);
}

static void mice_never(struct ofl_conf *c)
{
	mice_of_class(c, OFL_CLASS_NEVER);
}

static void settle(struct ofl_conf *c)
{
	c->feed.settle_ms = 90001;
}

static void metrics_v4(struct ofl_conf *c)
{
	inet_pton(AF_INET, "127.0.0.2", c->metrics.addr);
}

static void metrics_v6(struct ofl_conf *c)
{
	c->metrics.family = AF_INET6;
	inet_pton(AF_INET6, "::", c->metrics.addr);
}

static void metrics_v6_loopback(struct ofl_conf *c)
{
	metrics_v6(c);
	c->metrics.addr[15] = 1;
}

static const struct {
	void (*change)(struct ofl_conf *c);
	const char *error; /* NULL: can be */
} cases[] = {
	{good, NULL},
	{no_tables, NULL},
	{provider, "Table hw0: there is no provider abacus."},
	{low_equals_high,
	 "Table hw0: the low watermark (97 percent) is not below the high "
	 "watermark (97 percent) of 1000 slots."},
	{low_equals_high_auto, "Table hw0: the low watermark (97 percent) is "
			       "not below the high watermark (97 percent)."},
	{low_above_high_auto, "Table hw0: the low watermark (98 percent) is "
			      "not below the high watermark (97 percent)."},
	{mixed_auto, NULL},
	{mixed_equal, "Table hw0: the low watermark (970 slots) is not below "
		      "the high watermark (97 percent) of 1000 slots."},
	{mixed_below, NULL},
	{tiny, "Table hw0: the low watermark (90 percent) is not below the "
	       "high watermark (97 percent) of 10 slots."},
	{high_above_capacity, "Table hw0: the high watermark of 1001 slots is "
			      "above its capacity of 1000."},
	{high_is_capacity, NULL},
	{entry_too_large,
	 "Table hw0: an entry takes 101 slots, more than the 100 it has."},
	{low_rounds_to_zero,
	 "Table hw0: the low watermark of 1 percent is less than one slot; "
	 "best effort would never be admitted again."},
	{reserve_is_all, "Table hw0: a reserve of 1000 slots leaves nothing of "
			 "its capacity of 1000."},
	{reserve_reaches_low,
	 "Table hw0: the low watermark of 90 percent is not below the 900 "
	 "slots that the reserve leaves."},
	{reserve_above_low, NULL},
	{acl_is_all, NULL},
	{acl_above_all, "Table hw0: the 1001 slots for access control lists "
			"are more than its capacity of 1000."},
	{cover_limit_is_all, NULL},
	{cover_limit_above_all,
	 "Table hw0: the critical cover limit of 1001 slots is above its "
	 "capacity of 1000."},
	{cover_limit_auto, NULL},
	{reserve_auto_above_low, NULL},
	{tc_alone, NULL},
	{tc_without_port, "Table hw0: provider tc needs a port (tc port "
			  "INTERFACE) first."},
	{tc_low_pref, "Table hw0: tc pref must be at least 3: the two before "
		      "it lead to access control lists."},
	{tc_lowest_pref, NULL},
	{tc_both, NULL},
	{tc_common_port,
	 "Tables hw0 and hw1: port sw2 can be in one of them only."},
	{tc_common_block, "Tables hw0 and hw1: they cannot share tc block "
			  "4096."},
	{tc_common_with_another_provider, NULL},
	{tc_common_with_an_earlier_provider, NULL},
	{tc_common_with_the_first,
	 "Tables hw0 and hw2: port sw1 can be in one of them only."},
	{files_shared,
	 "Tables hw0 and hw1: they cannot share the emulated file /var/a."},
	{files_apart, NULL},
	{many_tables, "33 tables are more than the 32 possible."},
	{default_table, "The default table hw7 does not exist."},
	{rule_table, "Rule 10: there is no table hw7."},
	{rule_table_unused, NULL},
	{rule_plen, "Rule 10: the prefix length range 25 to 24 is empty."},
	{rule_plen_one, NULL},
	{rule_plen_v4, "Rule 10: no IPv4 prefix is 33 bits long or longer."},
	{rule_plen_v6, NULL},
	{rule_distance, "Rule 10: the distance range 20 to 19 is empty."},
	{mice, NULL},
	{mice_critical, "Rule 10: a mice filter holds back best-effort routes "
			"only; remove it, "
			"or set another class than critical."},
	{mice_never, "Rule 10: a mice filter holds back best-effort routes "
		     "only; remove it, "
		     "or set another class than never."},
	{rule_metric, "Rule 10: the metric range 4294967295 to 0 is empty."},
	{rule_metric_unused, NULL},
	{metrics_v4, "Metrics: 127.0.0.2 is not this machine alone; use "
		     "127.0.0.1 or ::1, and a proxy for others."},
	{metrics_v6, "Metrics: :: is not this machine alone; use 127.0.0.1 or "
		     "::1, and a proxy for others."},
	{metrics_v6_loopback, NULL},
	{settle,
	 "The settle time of 90001 ms is above its maximum of 90000 ms."},
};

static void test_check(void **state)
{
	char text[256];

	for (size_t i = 0; i < array_size(cases); i++) {
		struct ofl_conf *c = ofl_conf_new("");

		ofl_conf_table_add(c, "hw0")->capacity_slots = 1000;
		strlcpy(c->policy->default_table, "hw0", OFL_NAME_LEN);
		cases[i].change(c);
		text[0] = '\0';
		if (ofl_conf_check(c, text, sizeof(text)))
			assert_null(cases[i].error);
		assert_string_equal(text, cases[i].error ? cases[i].error : "");
		ofl_conf_free(c);
	}
}

/* What a feed does not tell cannot be asked for, but of routes of which it
 * does. */
static void test_feed(void **state)
{
	static const struct {
		uint32_t match;
		const char *proto, *error;
	} rows[] = {
		{OFL_MATCH_TAG, NULL,
		 "Rule 7 could never match: it asks for the tag of routes, "
		 "which rib feed fpm does not carry."},
		{OFL_MATCH_DISTANCE, "bgp",
		 "Rule 7 could never match: it asks for the distance of "
		 "routes, which rib feed fpm does not carry."},
		{OFL_MATCH_METRIC, "static",
		 "Rule 7 could never match: it asks for the metric of routes, "
		 "which rib feed fpm does not carry."},
		{OFL_MATCH_METRIC | OFL_MATCH_TAG, "kernel", ""},
		{OFL_MATCH_DISTANCE, "connected", ""},
		{OFL_MATCH_FAMILY, "bgp", ""},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_conf *c = ofl_conf_new("");
		struct ofl_rule r = {
			.seq = 7, .match = rows[i].match, .family = AF_INET};
		char text[256] = "";

		if (rows[i].proto) {
			r.match |= OFL_MATCH_PROTO;
			assert_true(ofl_proto_parse(rows[i].proto, &r.proto));
		}
		ofl_policy_rule_set(c->policy, &r);
		assert_true(ofl_conf_check(c, text, sizeof(text)));
		c->feed.kind = OFL_FEED_FPM;
		assert_int_equal(ofl_conf_check(c, text, sizeof(text)),
				 !rows[i].error[0]);
		assert_string_equal(text, rows[i].error);
		ofl_conf_free(c);
	}
}

/* A sentence is cut to the room there is for it. */
static void test_short_buffer(void **state)
{
	struct ofl_conf *c = ofl_conf_new("");
	char text[16];

	memset(text, 'x', sizeof(text));
	strlcpy(c->policy->default_table, "hw7", OFL_NAME_LEN);
	assert_false(ofl_conf_check(c, text, 12));
	assert_string_equal(text, "The default");
	assert_int_equal(text[12], 'x');
	ofl_conf_free(c);
}

static void test_defaults(void **state)
{
	struct ofl_conf *c = ofl_conf_new("/var/lib/frr/x.db");
	char text[256];

	assert_true(ofl_conf_check(c, text, sizeof(text)));
	assert_int_equal(c->table_count, 0);
	assert_int_equal(c->policy->rule_count, 0);
	assert_int_equal(c->policy->default_class, OFL_CLASS_BEST_EFFORT);
	assert_string_equal(c->store.path, "/var/lib/frr/x.db");
	assert_int_equal(c->feed.kind, OFL_FEED_ZAPI);
	assert_int_equal(c->feed.fpm_port, 2620);
	assert_int_equal(c->feed.settle_ms, 3000);
	assert_int_equal(c->feed.settle_max_ms, 90000);
	assert_int_equal(c->retry_ms, 5000);
	assert_int_equal(c->hw_timeout_ms, 10000);
	assert_false(c->clean_on_exit);
	ofl_conf_free(c);
	ofl_conf_free(NULL);
}

/* Tables are kept by name, whatever order they come in. */
static void test_tables(void **state)
{
	static const char *const names[] = {"m", "z", "a", "n", "b"};
	struct ofl_conf *c = ofl_conf_new("");

	for (size_t i = 0; i < array_size(names); i++) {
		struct ofl_hwtable_conf *t = ofl_conf_table_add(c, names[i]);

		assert_string_equal(t->name, names[i]);
		assert_string_equal(t->provider, "emulated");
		t->capacity_slots = names[i][0];
	}
	assert_int_equal(c->table_count, array_size(names));
	for (size_t i = 1; i < c->table_count; i++)
		assert_true(strcmp(c->tables[i - 1].name, c->tables[i].name) <
			    0);
	for (size_t i = 0; i < array_size(names); i++)
		assert_int_equal(
			ofl_conf_table_find(c, names[i])->capacity_slots,
			names[i][0]);
	assert_null(ofl_conf_table_find(c, "c"));
	ofl_conf_free(c);
}

/* What makes a table begin empty, and what does not. */
static void test_same_hardware(void **state)
{
	struct ofl_hwtable_conf a, b;

	ofl_hwtable_conf_init(&a, "a");
	ofl_hwtable_conf_init(&b, "a");
	assert_false(ofl_conf_is_tc(&a));
	b.capacity_slots = 5;
	b.tc.block++;
	assert_true(ofl_conf_is_same_hardware(&a, &b));
	file_set(&b, "/b");
	assert_false(ofl_conf_is_same_hardware(&a, &b));
	file_set(&a, "/b");
	assert_true(ofl_conf_is_same_hardware(&a, &b));
	a.emulated_file[0] = '\0';
	strlcpy(b.provider, "tc", OFL_NAME_LEN);
	assert_true(ofl_conf_is_tc(&b));
	assert_false(ofl_conf_is_same_hardware(&a, &b));
	strlcpy(a.provider, "tc", OFL_NAME_LEN);
	assert_false(ofl_conf_is_same_hardware(&a, &b));
	a.tc.block++;
	assert_true(ofl_conf_is_same_hardware(&a, &b));
	tc_ports(&a, "sw1", "sw2");
	tc_ports(&b, "sw1", NULL);
	assert_false(ofl_conf_is_same_hardware(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_feed),
		cmocka_unit_test(test_short_buffer),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_same_hardware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
