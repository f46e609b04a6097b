// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/show_traffic.c and what explain.c says of traffic: what the engine
 * says is what is shown, in 80 columns and in JSON.  The engine's answers about
 * traffic are made up, its flows are its own.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include "buffer.h"
#include "ferr.h"
#include "json.h"
#include "vty.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/explain.h"
#include "offloadd/northbound/show_out.h"
#include "offloadd/northbound/show_traffic.h"
#include "tests/unit/traffic_fake.h"

static struct ofl_loop *loop;

static void flow_add(const char *prefix, enum ofl_state flow_state,
		     enum ofl_reason reason)
{
	struct ofl_key key = {.vrf = 0};
	struct ofl_flow *f;

	assert_true(ofl_prefix_parse(prefix, false, &key.p));
	f = ofl_flowtab_get(ofl_engine_flows(), &key, NULL);
	f->state = flow_state;
	f->reason = reason;
	f->cls = OFL_CLASS_BEST_EFFORT;
	fake_ids[fake_id_count++] = f->id;
}

static int setup(void **state)
{
	log_ref_init();
	loop = ofl_loop_new(NULL);
	ofl_engine_init(loop, NULL, "");
	flow_add("10.0.0.0/24", OFL_STATE_OFFLOADED, OFL_REASON_ADMITTED);
	flow_add("10.0.1.0/24", OFL_STATE_WAITING, OFL_REASON_BELOW_PRICE);
	flow_add("10.0.2.0/24", OFL_STATE_FAILED, OFL_REASON_TABLE_FULL);
	flow_add("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff01/128",
		 OFL_STATE_WAITING, OFL_REASON_EVICTED_FOR_CRITICAL);
	return 0;
}

static int teardown(void **state)
{
	ofl_engine_fini();
	ofl_loop_free(loop);
	log_ref_fini();
	return 0;
}

/* --- numbers --- */

static void test_rate(void **state)
{
	static const struct {
		double rate;
		const char *text;
	} cases[] = {
		{0, "0.0"},	    {0.04, "0.0"},	   {9999.9, "9999.9"},
		{9999.96, "10.0k"}, {12345.67, "12.3k"},   {9999900, "9999.9k"},
		{12.5e9, "12.5G"},  {1e22, "10000000.0P"},
	};
	char text[OFL_RATE_LEN];

	for (size_t i = 0; i < array_size(cases); i++)
		assert_string_equal(ofl_rate_print(cases[i].rate,
						   OFL_TRAFFIC_OFF, text,
						   sizeof(text)),
				    cases[i].text);
	assert_string_equal(ofl_rate_print(1500, OFL_TRAFFIC_BYTES, text,
					   sizeof(text)),
			    "1500.0 bytes/s");
}

/* --- the command --- */

static char *shown(const char *table, uint32_t top, bool is_json, int *ret)
{
	static struct vty *vty;
	struct ofl_out o;
	char *text;

	if (!vty)
		vty = vty_new();
	vty->type = VTY_SHELL_SERV;
	OFL_VTY_KEEP(vty);
	ofl_out_begin(&o, vty, is_json);
	*ret = ofl_show_traffic(&o, table, top);
	text = buffer_getstr(vty->obuf);
	buffer_reset(vty->obuf);
	return text;
}

static void test_off(void **state)
{
	char *text;
	int ret;

	fake_conf.unit = OFL_TRAFFIC_OFF;
	text = shown(NULL, 10, false, &ret);
	assert_int_equal(ret, CMD_SUCCESS);
	assert_non_null(strstr(text, "Traffic is not counted"));
	assert_non_null(strstr(text, "`traffic count packets'"));
	assert_null(strstr(text, "Table"));
	XFREE(MTYPE_TMP, text);
	text = shown(NULL, 10, true, &ret);
	assert_non_null(strstr(text, "\"count\":\"off\""));
	assert_null(strstr(text, "tables"));
	XFREE(MTYPE_TMP, text);
	fake_conf.unit = OFL_TRAFFIC_PACKETS;
}

/* From the first line that depends on no clock. */
static void test_text(void **state)
{
	char *text, *line, *end;
	int ret;

	text = shown(NULL, 2, false, &ret);
	assert_int_equal(ret, CMD_SUCCESS);
	assert_non_null(strstr(text, "Traffic, counted in packets\n"
				     "  Since:                2023-11-14 "
				     "22:13:20 UTC ("));
	assert_non_null(strstr(
		text,
		"Table asic\n"
		"  In hardware:          98.1 % of the traffic\n"
		"  Hardware:             123.5k packets/s; 12345678901 "
		"packets, 1234567890123456\n"
		"                        bytes in all\n"
		"  Software, estimated:  2345.6 packets/s; 98765 packets, "
		"9876500 bytes in all\n"
		"  Sampling:             one packet of 2000, at most 1000 "
		"samples/s\n"
		"  Samples:              4711, of these 2 not routed; 3 lost\n"
		"  Readings of counters: 17, one in 5.0 s\n"
		"  The last:             2000 entries in 12.3 ms\n"));
	assert_non_null(strstr(text,
			       "Table other\n"
			       "  In hardware:          not known yet\n"));
	assert_non_null(strstr(text, "  Sampling:             none\n"
				     "  Because:              Port sw1: no "
				     "action sample.\n"));
	line = strstr(text, "Heaviest flows in software, and why\n");
	assert_string_equal(
		line, "Heaviest flows in software, and why\n"
		      "Prefix             Table    Packets/s   Share State     "
		      "Reason\n"
		      "10.0.1.0/24        -           6172.8   6.2 % waiting   "
		      "below-price, held back\n"
		      "10.0.2.0/24        -           4115.2   4.1 % failed    "
		      "table-full\n");
	for (line = text; (end = strchr(line, '\n')); line = end + 1)
		assert_true(end - line <= 79);
	XFREE(MTYPE_TMP, text);
}

static void test_wide(void **state)
{
	char *text, *line, *end;
	int ret;

	text = shown(NULL, OFL_TRAFFIC_TOP_MAX, false, &ret);
	for (line = text; (end = strchr(line, '\n')); line = end + 1)
		assert_true(end - line <= 79);
	assert_non_null(
		strstr(text, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff01/128\n"));
	assert_non_null(strstr(text, "evicted-for-critical, held"));
	XFREE(MTYPE_TMP, text);
}

static struct json_object *in(struct json_object *o, const char *key)
{
	struct json_object *found = NULL;

	if (!json_object_object_get_ex(o, key, &found))
		fail_msg("there is no %s", key);
	return found;
}

static void test_json(void **state)
{
	struct json_object *all, *table, *flow;
	char *text;
	int ret;

	text = shown(NULL, 10, true, &ret);
	all = json_tokener_parse(text);
	assert_non_null(all);
	assert_string_equal(json_object_get_string(in(all, "count")),
			    "packets");
	assert_string_equal(json_object_get_string(in(all, "since")),
			    "2023-11-14T22:13:20.000000Z");
	assert_int_equal(json_object_get_int(in(all, "heldBack")), 11000);
	assert_int_equal(json_object_array_length(in(all, "tables")), 2);
	table = json_object_array_get_idx(in(all, "tables"), 0);
	assert_true(json_object_get_double(in(table, "hardwarePercent")) ==
		    98.1);
	assert_true(json_object_get_double(in(table, "hardwareRate")) ==
		    123456.789);
	assert_int_equal(json_object_get_int(in(in(table, "sampling"), "rate")),
			 2000);
	assert_int_equal(
		json_object_get_int(in(in(table, "readings"), "entries")),
		2000);
	assert_int_equal(json_object_get_int(in(table, "writesPerMinute")), 12);
	/* What is not known is not there, and no rate where none is sampled. */
	table = json_object_array_get_idx(in(all, "tables"), 1);
	assert_false(json_object_object_get_ex(table, "hardwarePercent", NULL));
	assert_int_equal(json_object_get_int(in(in(table, "sampling"), "rate")),
			 0);
	/* Those in software alone. */
	assert_int_equal(json_object_array_length(in(all, "heaviest")), 3);
	flow = json_object_array_get_idx(in(all, "heaviest"), 0);
	assert_string_equal(json_object_get_string(in(flow, "prefix")),
			    "10.0.1.0/24");
	assert_string_equal(json_object_get_string(in(flow, "reason")),
			    "below-price");
	assert_true(json_object_get_boolean(in(flow, "heldBack")));
	assert_int_equal(json_object_get_int(in(flow, "weight")), 3999);
	json_object_put(all);
	XFREE(MTYPE_TMP, text);
}

static void test_no_table(void **state)
{
	char *text;
	int ret;

	text = shown("none", 10, false, &ret);
	assert_int_equal(ret, CMD_WARNING);
	assert_string_equal(text, "% There is no table none.\n");
	XFREE(MTYPE_TMP, text);
}

/* --- explanations --- */

static bool traffic_said(const char *prefix, char *text, size_t len,
			 bool has_table)
{
	struct ofl_key key = {.vrf = 0};
	struct ofl_explained x;

	assert_true(ofl_prefix_parse(prefix, false, &key.p));
	assert_true(ofl_explained_get(&key, &x));
	x.has_table = has_table;
	return ofl_explained_answer(&x, OFL_ASK_TRAFFIC, text, len);
}

static void test_explain(void **state)
{
	char text[OFL_ANSWER_LEN];

	fake_id_count--;
	assert_true(traffic_said("10.0.0.0/24", text, sizeof(text), true));
	assert_string_equal(text, "It carries about 12.3k packets/s, give or "
				  "take 30.2, which gives it a weight of "
				  "4000.");
	assert_true(traffic_said("10.0.1.0/24", text, sizeof(text), true));
	assert_non_null(strstr(text, "A mice filter holds it back"));
	assert_true(traffic_said("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff01/128",
				 text, sizeof(text), true));
	assert_string_equal(text, "No traffic of it was seen lately.");
	assert_false(traffic_said("10.0.0.0/24", text, sizeof(text), false));
	fake_conf.unit = OFL_TRAFFIC_OFF;
	assert_false(traffic_said("10.0.0.0/24", text, sizeof(text), true));
	fake_conf.unit = OFL_TRAFFIC_PACKETS;
	fake_id_count++;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),	cmocka_unit_test(test_off),
		cmocka_unit_test(test_text),	cmocka_unit_test(test_wide),
		cmocka_unit_test(test_json),	cmocka_unit_test(test_no_table),
		cmocka_unit_test(test_explain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
