// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/show_ace.c: what the engine says of an entry and of an attachment
 * is what is shown, in 80 columns and in JSON.  The engine here is a fake.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "buffer.h"
#include "json.h"
#include "vty.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/show_ace.h"

/* --- the engine --- */

static struct ofl_ace_status status;
static struct ofl_applied applied;
static bool is_known;

bool ofl_ace_status(uint32_t acl_id, uint32_t seq, struct ofl_ace_status *ret)
{
	if (is_known)
		*ret = status;
	return is_known;
}

void ofl_applied_walk(uint32_t acl_id,
		      bool (*cb)(const struct ofl_applied *a, void *arg),
		      void *arg)
{
	struct ofl_applied other = applied;

	other.direction = OFL_EGRESS;
	other.bound = OFL_LIST_SOFTWARE;
	if (is_known && cb(&other, arg))
		cb(&applied, arg);
}

static int setup(void **state)
{
	is_known = true;
	status = (struct ofl_ace_status){
		.state = OFL_STATE_OFFLOADED,
		.reason = OFL_REASON_ADMITTED,
		.in_software = true,
		.matches = 3,
		.real = 2,
		.punts = 1,
		.slots = 5,
		.packets = {7, 1234567890123},
		.bytes = {700, UINT64_C(1234567890123456)},
	};
	applied = (struct ofl_applied){
		.interface = "fifteen-letters",
		.direction = OFL_INGRESS,
		.table = "asic",
		.bound = OFL_LIST_HARDWARE,
		.current = true,
	};
	return 0;
}

static void split(void)
{
	status.mark = 0x6f660003;
	status.mark_users = 4;
	ofl_match_init(&status.part);
	assert_true(ofl_match_set(&status.part, OFL_FIELD_PROTOCOL, 6, 0xff));
}

/* --- what is shown --- */

static struct ofl_ace_status asked(bool is_attached)
{
	struct ofl_ace_status s;

	ofl_show_ace_get(1, 2, is_attached, &s);
	return s;
}

/* The lines that a command prints. */
static char *shown(void (*show)(struct ofl_out *o, void *arg), void *arg,
		   bool is_json)
{
	static struct vty *vty;
	struct ofl_out o;
	char *text;

	if (!vty)
		vty = vty_new();
	vty->type = VTY_SHELL_SERV;
	OFL_VTY_KEEP(vty);
	ofl_out_begin(&o, vty, is_json);
	show(&o, arg);
	ofl_out_end(&o);
	text = buffer_getstr(vty->obuf);
	buffer_reset(vty->obuf);
	return text;
}

static void show_row(struct ofl_out *o, void *arg)
{
	struct ofl_ace_status *s = arg;

	ofl_out_rows_begin(o, "aces");
	ofl_out_row_begin(o);
	ofl_out_cell(o, "state", 0, ofl_state_name(s->state));
	if (o->is_json)
		ofl_show_ace_json(o, s);
	else
		ofl_show_ace_notes(o, s);
	ofl_out_row_end(o);
	ofl_out_rows_end(o);
}

static void check_row(struct ofl_ace_status s, bool is_json, const char *want)
{
	char *text = shown(show_row, &s, is_json);

	assert_string_equal(text, want);
	XFREE(MTYPE_TMP, text);
}

static void test_text(void **state)
{
	check_row(asked(true), false,
		  "offloaded\n"
		  "  hardware: 2 of 3 matches, 1 to software, 5 slots; "
		  "1234567890123 packets,\n"
		  "  1234567890123456 bytes\n"
		  "  software: in force; 7 packets, 700 bytes\n");
	split();
	strlcpy(status.text, "sw2: no such key", sizeof(status.text));
	status.in_software = false;
	status.matches = status.real = status.slots = 1;
	check_row(asked(true), false,
		  "offloaded\n"
		  "  sw2: no such key\n"
		  "  hardware: 1 of 1 match, 1 to software, 1 slot; "
		  "1234567890123 packets,\n"
		  "  1234567890123456 bytes\n"
		  "  software: not in force; 7 packets, 700 bytes\n"
		  "  part: tcp, to software with mark 0x6f660003; 4 entries\n");
}

static void test_json(void **state)
{
	check_row(asked(true), true,
		  "{\"aces\":[\n{\"state\":\"offloaded\",\"matches\":3,"
		  "\"hardware\":{\"real\":2,\"punts\":1,\"slots\":5,"
		  "\"packets\":1234567890123,\"bytes\":1234567890123456},"
		  "\"software\":{\"inForce\":true,\"packets\":7,\"bytes\":700}}"
		  "\n]}\n");
	split();
	strlcpy(status.text, "why", sizeof(status.text));
	check_row(asked(true), true,
		  "{\"aces\":[\n{\"state\":\"offloaded\",\"text\":\"why\","
		  "\"matches\":3,"
		  "\"hardware\":{\"real\":2,\"punts\":1,\"slots\":5,"
		  "\"packets\":1234567890123,\"bytes\":1234567890123456},"
		  "\"software\":{\"inForce\":true,\"packets\":7,\"bytes\":700},"
		  "\"part\":{\"mark\":1868955651,\"entries\":4,"
		  "\"match\":\"tcp\"}}\n]}\n");
}

/* Of what the engine does not know nothing is claimed. */
static void test_unknown(void **state)
{
	is_known = false;
	assert_int_equal(asked(true).state, OFL_STATE_SEEN);
	assert_int_equal(asked(true).reason, OFL_REASON_NONE);
	assert_false(asked(true).in_software);
	assert_int_equal(asked(false).state, OFL_STATE_WAITING);
	assert_int_equal(asked(false).reason, OFL_REASON_ACL_UNATTACHED);
}

static void show_point(struct ofl_out *o, void *arg)
{
	ofl_out_array_begin(o, "attachedTo");
	ofl_show_applied(o, 1, applied.interface, OFL_INGRESS);
	ofl_out_array_end(o);
}

static void check_point(const char *want, const char *want_json)
{
	char *text = shown(show_point, NULL, false);
	char *got = shown(show_point, NULL, true);
	struct json_object *a = json_tokener_parse(got);
	struct json_object *b = json_tokener_parse(want_json);

	assert_string_equal(text, want);
	assert_non_null(a);
	assert_non_null(b);
	assert_true(json_object_equal(a, b));
	json_object_free(a);
	json_object_free(b);
	XFREE(MTYPE_TMP, text);
	XFREE(MTYPE_TMP, got);
}

static void test_applied(void **state)
{
	check_point("  fifteen-letters in:   hardware, table asic\n",
		    "{\"attachedTo\":[{\"interface\":\"fifteen-letters\","
		    "\"direction\":\"in\",\"table\":\"asic\","
		    "\"bound\":\"hardware\",\"current\":true}]}");
	applied.bound = OFL_LIST_BINDING;
	applied.current = false;
	applied.table = "";
	strlcpy(applied.why,
		"it has a block of somebody else, as every port of "
		"this device",
		sizeof(applied.why));
	check_point("  fifteen-letters in:   binding, not current: it has a "
		    "block of somebody else,\n"
		    "                        as every port of this device\n",
		    "{\"attachedTo\":[{\"interface\":\"fifteen-letters\","
		    "\"direction\":\"in\",\"bound\":\"binding\","
		    "\"current\":false,\"why\":\"it has a block of somebody "
		    "else, as every port of this device\"}]}");
	is_known = false;
	check_point("  fifteen-letters in:   unbound, not current\n",
		    "{\"attachedTo\":[{\"interface\":\"fifteen-letters\","
		    "\"direction\":\"in\",\"bound\":\"unbound\","
		    "\"current\":false}]}");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_text),
		TEST(test_json),
		TEST(test_unknown),
		TEST(test_applied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
