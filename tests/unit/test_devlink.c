// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client with the kernel it runs on, whatever that has: with devlink it
 * comes to know what there is, without it says so.  What a kernel with devices
 * says is played in test_devlink_view.c.
 */
#include <zebra.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "offloadd/provider/prov_devlink.h"

static unsigned int states, resources;
static int resources_errnum;

static void on_state(void *arg, enum ofl_devlink_state state, const char *text)
{
	assert_true(text[0] != '\0');
	states++;
}

static void on_instance(void *arg, const struct ofl_devlink_instance *i,
			enum ofl_devlink_change change)
{
}

static void on_port(void *arg, const struct ofl_devlink_port *port,
		    enum ofl_devlink_change change)
{
}

static void on_resources(void *arg, const struct ofl_devlink_handle *handle,
			 const struct ofl_devlink_resource *list, size_t count,
			 int errnum)
{
	resources++;
	resources_errnum = errnum;
}

static const struct ofl_devlink_events events = {
	.state = on_state,
	.instance = on_instance,
	.port = on_port,
	.resources = on_resources,
};

/* One round of an event loop that waits for `ms` at the most. */
static void turn(struct ofl_devlink *d, unsigned int budget, int ms)
{
	struct pollfd p = {.fd = ofl_devlink_fd(d), .events = POLLIN};
	uint64_t now_us = ofl_clock_mono_us();
	uint64_t due_us = ofl_devlink_poll(d, now_us, budget);

	if (due_us <= now_us)
		ms = 0;
	else if ((due_us - now_us) / 1000 < (uint64_t)ms)
		ms = (int)((due_us - now_us) / 1000 + 1);
	poll(&p, 1, ms);
}

static enum ofl_devlink_state settle(struct ofl_devlink *d, unsigned int budget)
{
	enum ofl_devlink_state state = OFL_DEVLINK_ASKING;
	const char *text;

	for (int i = 0; i < 1000 && state == OFL_DEVLINK_ASKING; i++) {
		turn(d, budget, 1000);
		state = ofl_devlink_state(d, &text);
	}
	return state;
}

/* With a budget of one message a turn it comes to the same. */
static void test_settle(void **state)
{
	static const unsigned int budgets[] = {1000, 1};
	enum ofl_devlink_state first = OFL_DEVLINK_ASKING, now;
	struct ofl_devlink_stats stats;
	struct ofl_devlink *d;

	for (size_t i = 0; i < array_size(budgets); i++) {
		d = ofl_devlink_new(&events, NULL);
		assert_non_null(d);
		states = 0;
		now = settle(d, budgets[i]);
		assert_int_not_equal(now, OFL_DEVLINK_ASKING);
		assert_int_equal(states, 1);
		if (first != OFL_DEVLINK_ASKING)
			assert_int_equal(now, first);
		first = now;
		ofl_devlink_stats(d, &stats);
		assert_int_equal(stats.asked,
				 now == OFL_DEVLINK_ABSENT ? 1 : 3);
		assert_int_equal(stats.malformed, 0);
		ofl_devlink_free(d);
	}
}

/* Asked for once more; what is followed and is not there. */
static void test_again(void **state)
{
	struct ofl_devlink_handle none = {"platform", "of-no-such-name"};
	struct ofl_devlink *d = ofl_devlink_new(&events, NULL);
	enum ofl_devlink_state found = settle(d, 100);

	resources = 0;
	assert_true(ofl_devlink_follow(d, &none, 10));
	ofl_devlink_ask_ports(d);
	ofl_devlink_poll(d, ofl_clock_mono_us(), 100);
	assert_int_equal(settle(d, 100), found);
	for (int i = 0;
	     i < 1000 && resources < 3 && found == OFL_DEVLINK_CURRENT; i++)
		turn(d, 100, 5);
	if (found == OFL_DEVLINK_CURRENT) {
		assert_true(resources >= 3);
		assert_int_equal(resources_errnum, ENODEV);
	} else {
		assert_int_equal(resources, 0);
	}
	ofl_devlink_free(d);
}

static void test_end(void **state)
{
	struct ofl_devlink *d;

	ofl_devlink_free(NULL);
	ofl_devlink_free(ofl_devlink_new(&events, NULL));
	for (int i = 0; i < 30; i++) {
		d = ofl_devlink_new(&events, NULL);
		for (int k = 0; k < i % 3; k++)
			turn(d, 100, 5);
		ofl_devlink_poll(d, ofl_clock_mono_us(), 100);
		ofl_devlink_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
