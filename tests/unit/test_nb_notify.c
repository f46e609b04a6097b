// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/nb_notify.c: each kind of notice, both ways, as what a listener at
 * FRR's hook gets: which leaves with which values, and that the model takes
 * them.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include <northbound.h>

#include "offloadd/northbound/nb_notify.h"

#define AT 1767225600000001ull /* 2026-01-01T00:00:00.000001Z */
#define TIME "2026-01-01T00:00:00.000001Z"

static struct ly_ctx *ctx;
static char heard[4096];
static unsigned int calls;

/* "leaf=value leaf=value", and libyang's opinion. */
static int listener(const char *xpath, struct list *arguments)
{
	size_t len = strlen(xpath), n = 0;
	struct lyd_node *tree = NULL;
	struct yang_data *data;
	struct listnode *node;

	calls++;
	assert_int_equal(lyd_new_path(NULL, ctx, xpath, NULL, 0, &tree),
			 LY_SUCCESS);
	for (ALL_LIST_ELEMENTS_RO(arguments, node, data)) {
		assert_int_equal(strncmp(data->xpath, xpath, len), 0);
		assert_int_equal(data->xpath[len], '/');
		assert_int_equal(lyd_new_path(tree, NULL, data->xpath,
					      data->value, 0, NULL),
				 LY_SUCCESS);
		n += snprintf(heard + n, sizeof(heard) - n, "%s%s=%s",
			      n ? " " : "", data->xpath + len + 1, data->value);
	}
	assert_int_equal(lyd_validate_op(tree, NULL, LYD_TYPE_NOTIF_YANG, NULL),
			 LY_SUCCESS);
	lyd_free_all(tree);
	return NB_OK;
}

static int setup(void **state)
{
	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &ctx), LY_SUCCESS);
	assert_non_null(ly_ctx_load_module(ctx, "frr-offload", NULL, NULL));
	hook_register(nb_notification_send, listener);
	return 0;
}

static int teardown(void **state)
{
	hook_unregister(nb_notification_send, listener);
	ly_ctx_destroy(ctx);
	return 0;
}

static void says(const struct ofl_notice *n, const char *wanted)
{
	calls = 0;
	heard[0] = '\0';
	ofl_nb_notify(n);
	assert_int_equal(calls, 1);
	assert_string_equal(heard, wanted);
}

static void prints(const struct ofl_notice *n, const char *wanted)
{
	char text[512];

	ofl_nb_notice_print(n, text, sizeof(text));
	assert_string_equal(text, wanted);
}

static struct ofl_notice notice(enum ofl_notice_kind kind, bool raised)
{
	return (struct ofl_notice){
		.kind = kind,
		.raised = raised,
		.since_us = AT,
	};
}

static void test_watermark(void **state)
{
	struct ofl_notice n = notice(OFL_NOTICE_WATERMARK, true);

	n.table = "main";
	n.has_limits = true;
	n.used_slots = 97;
	n.capacity_slots = 100;
	n.high_slots = 97;
	n.low_slots = 90;
	says(&n, "table=main level=above-high since=" TIME " suppressed=0"
		 " used=97 max-limit=100 high=97 low=90");
	prints(&n, "table main above high: 97 of 100 slots, high 97, low 90");
	n.raised = false;
	n.suppressed = 7;
	n.used_slots = 89;
	says(&n, "table=main level=below-low since=" TIME " suppressed=7"
		 " used=89 max-limit=100 high=97 low=90");
	n.has_limits = false;
	says(&n, "table=main level=below-low since=" TIME " suppressed=7");
	prints(&n, "table main gone");
}

static void test_flows(void **state)
{
	struct ofl_notice n = notice(OFL_NOTICE_CRITICAL, true);

	n.has_key = true;
	assert_true(ofl_prefix_parse("198.18.7.0/24", false, &n.key.p));
	n.vrf = "default";
	n.table = "main";
	n.state = OFL_STATE_FAILED;
	n.reason = OFL_REASON_HW_ERROR;
	n.text = "no, thanks";
	n.total = 3;
	says(&n, "status=raised since=" TIME " suppressed=0 table=main"
		 " vrf=default prefix=198.18.7.0/24 state=failed"
		 " reason=hardware-error text=no, thanks total=3");
	prints(&n, "198.18.7.0/24 in VRF default not offloaded: failed,"
		   " hardware-error: no, thanks (3 in all)");
	n.kind = OFL_NOTICE_OR_FAIL;
	n.raised = false;
	n.text = NULL;
	n.table = NULL;
	assert_true(ofl_prefix_parse("2001:db8::/32", false, &n.key.p));
	n.state = OFL_STATE_GONE;
	n.reason = OFL_REASON_WITHDRAWN;
	n.total = 0;
	says(&n, "status=cleared since=" TIME " suppressed=0 vrf=default"
		 " prefix=2001:db8::/32 state=gone reason=withdrawn total=0");
}

/* Too many to be named. */
static void test_number(void **state)
{
	struct ofl_notice n = notice(OFL_NOTICE_CRITICAL, true);

	n.more = 99744;
	n.total = 100000;
	says(&n, "status=raised since=" TIME
		 " suppressed=0 more=99744 total=100000");
	prints(&n, "99744 not named not offloaded (100000 in all)");
}

static void test_removed(void **state)
{
	struct ofl_notice n = notice(OFL_NOTICE_REMOVED, true);

	n.table = "main";
	n.has_key = true;
	assert_true(ofl_prefix_parse("10.0.0.0/8", false, &n.key.p));
	n.vrf = "red";
	says(&n, "table=main vrf=red prefix=10.0.0.0/8 at=" TIME);
	n.more = 12;
	n.text = "found by an audit";
	says(&n, "table=main vrf=red prefix=10.0.0.0/8 more=12 at=" TIME
		 " text=found by an audit");
	prints(&n, "table main: 10.0.0.0/8 in VRF red and 12 more:"
		   " found by an audit");
	n.has_key = false;
	n.text = NULL;
	says(&n, "table=main more=12 at=" TIME);
}

static void test_store(void **state)
{
	struct ofl_notice n = notice(OFL_NOTICE_STORE, true);

	n.backlog = 17;
	n.text = "disk is full";
	says(&n, "status=raised since=" TIME
		 " suppressed=0 error=disk is full backlog=17");
	n.raised = false;
	n.text = NULL;
	n.backlog = 0;
	says(&n, "status=cleared since=" TIME " suppressed=0 backlog=0");
}

static void test_feed(void **state)
{
	struct ofl_notice n = notice(OFL_NOTICE_FEED_HELD, true);

	n.held = 40;
	n.of = 60;
	n.until_us = AT;
	says(&n, "status=raised since=" TIME
		 " suppressed=0 held=40 of=60 until=" TIME);
	prints(&n, "40 of 60 routes are held");
	n.raised = false;
	says(&n, "status=cleared since=" TIME " suppressed=0");
	n = notice(OFL_NOTICE_FEED_STATE, true);
	n.feed = "lost";
	n.suppressed = 2;
	says(&n, "state=lost since=" TIME " suppressed=2");
	n.raised = false;
	n.feed = "settled";
	says(&n, "state=settled since=" TIME " suppressed=2");
}

/* Every state of the feed, and every kind, has its name in the model. */
static void test_names(void **state)
{
	static const char *const feeds[] = {"connecting", "syncing", "settled",
					    "lost"};
	struct ofl_notice n = notice(OFL_NOTICE_FEED_STATE, true);
	char path[128];

	for (size_t i = 0; i < array_size(feeds); i++) {
		n.feed = feeds[i];
		calls = 0;
		ofl_nb_notify(&n);
		assert_int_equal(calls, 1);
	}
	for (unsigned int k = 0; k < OFL_NOTICE_MAX; k++) {
		snprintf(path, sizeof(path), "/frr-offload:%s",
			 ofl_notice_name(k));
		assert_non_null(lys_find_path(ctx, NULL, path, 0));
	}
	assert_string_equal(ofl_notice_name(OFL_NOTICE_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watermark),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_feed),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
