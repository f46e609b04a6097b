// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of devlink, with a kernel made of recorded messages: each
 * test plays what it is asked and what it answers, and compares what was told
 * with what should have been.
 */
#include <zebra.h>

#include "devlink_fixture.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "lib/genl.h"
#include "offloadd/provider/prov_devlink_view.h"

#define MS 1000ull

static const struct ofl_devlink_handle tcamsim = {"platform", "tcamsim.0"};
static const struct ofl_devlink_handle netdevsim = {"netdevsim", "netdevsim10"};

static struct ofl_devlink_view *v;
static uint64_t now_us;

/* --- what was told, one line each --- */

static char told[1 << 20];
static size_t told_len;

static void PRINTFRR(1, 2) tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	told_len += vsnprintf(told + told_len, sizeof(told) - told_len, format,
			      args);
	va_end(args);
	assert_true(told_len < sizeof(told));
}

static void assert_told(const char *expected)
{
	assert_string_equal(told, expected);
	told_len = 0;
	told[0] = '\0';
}

static const char *const change_names[] = {
	[OFL_DEVLINK_APPEARED] = "appeared",
	[OFL_DEVLINK_CHANGED] = "changed",
	[OFL_DEVLINK_RELOADED] = "reloaded",
	[OFL_DEVLINK_GONE] = "gone",
};

static void on_state(void *arg, enum ofl_devlink_state state, const char *text)
{
	static const char *const names[] = {"asking", "current", "absent"};

	tell("%s: %s\n", names[state], text);
}

static void on_instance(void *arg, const struct ofl_devlink_instance *i,
			enum ofl_devlink_change change)
{
	tell("%s %s%s\n", i->handle.dev, change_names[change],
	     i->reload_failed ? " failed" : "");
}

static void on_port(void *arg, const struct ofl_devlink_port *p,
		    enum ofl_devlink_change change)
{
	tell("%s/%u %s %u %s\n", p->handle.dev, p->index, change_names[change],
	     p->ifindex, p->ifname);
}

static void on_resources(void *arg, const struct ofl_devlink_handle *handle,
			 const struct ofl_devlink_resource *list, size_t count,
			 int errnum)
{
	tell("%s resources %d:", handle->dev, errnum);
	for (size_t i = 0; i < count; i++)
		tell(" %s %llu/%llu", list[i].path,
		     (unsigned long long)list[i].occ,
		     (unsigned long long)list[i].size);
	tell("\n");
}

static const struct ofl_devlink_events events = {
	.state = on_state,
	.instance = on_instance,
	.port = on_port,
	.resources = on_resources,
};

static const struct ofl_devlink_known *known(void)
{
	return ofl_devlink_view_known(v);
}

/* --- the kernel's part --- */

static int setup(void **state)
{
	now_us = 1000 * MS;
	told_len = 0;
	told[0] = '\0';
	v = ofl_devlink_view_new(&events, NULL);
	return 0;
}

static int teardown(void **state)
{
	ofl_devlink_view_free(v);
	return 0;
}

/* The view asks for this and nothing else. */
static void assert_asks(uint16_t type, uint8_t cmd, bool dump)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_GENL_REQUEST_BYTES];
	struct nlmsghdr *nlh = ofl_devlink_view_request(v, buf, now_us);
	uint8_t found = 0;

	assert_non_null(nlh);
	assert_true(ofl_genl_decode(nlh, type, &found));
	assert_int_equal(found, cmd);
	assert_int_equal(nlh->nlmsg_flags,
			 NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0));
	assert_null(ofl_devlink_view_request(v, buf, now_us));
	assert_int_equal(ofl_devlink_view_due_us(v), UINT64_MAX);
}

static void assert_asks_nothing(void)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_GENL_REQUEST_BYTES];

	assert_null(ofl_devlink_view_request(v, buf, now_us));
}

static void play(const char *hex, void (*to)(struct ofl_devlink_view *v,
					     const struct nlmsghdr *nlh))
{
	struct nlmsghdr *nlh;

	for (size_t i = 0; (nlh = sample_message(hex, i)); i++) {
		to(v, nlh);
		free(nlh);
	}
}

static void notify(const char *hex)
{
	assert_true(ofl_devlink_view_can_listen(v));
	play(hex, ofl_devlink_view_event);
}

static void answer(const char *hex)
{
	play(hex, ofl_devlink_view_message);
	ofl_devlink_view_answered(v, OFL_NLASK_DONE, 0, now_us);
}

static void no_answer(enum ofl_nlask_end end, int errnum)
{
	ofl_devlink_view_answered(v, end, errnum, now_us);
}

static void asks_families(void)
{
	assert_asks(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, true);
}

static void asks_instances(void)
{
	assert_asks(FAMILY_ID, DEVLINK_CMD_GET, true);
	assert_false(ofl_devlink_view_can_listen(v));
}

static void asks_ports(void)
{
	assert_asks(FAMILY_ID, DEVLINK_CMD_PORT_GET, true);
	assert_false(ofl_devlink_view_can_listen(v));
}

static void asks_resources(void)
{
	assert_asks(FAMILY_ID, DEVLINK_CMD_RESOURCE_DUMP, false);
	assert_true(ofl_devlink_view_can_listen(v));
}

static void lists(const char *instances, const char *ports)
{
	asks_instances();
	answer(instances);
	asks_ports();
	answer(ports);
}

#define CURRENT "current: what the kernel says by devlink is followed\n"
#define TCAMSIM_LISTED                                                         \
	"tcamsim.0 appeared\n"                                                 \
	"tcamsim.1 appeared\n"                                                 \
	"tcamsim.0/1 appeared 8 sw1\n"                                         \
	"tcamsim.0/2 appeared 10 sw2\n"                                        \
	"tcamsim.1/1 appeared 12 sw3\n"                                        \
	"tcamsim.1/2 appeared 14 sw4\n"

static void find_family(void)
{
	asks_families();
	answer(CTRL_NLCTRL CTRL_DEVLINK);
	assert_int_equal(ofl_devlink_view_group(v, now_us), 4);
	assert_asks_nothing();
	ofl_devlink_view_joined(v, 0, now_us);
	assert_int_equal(ofl_devlink_view_group(v, now_us), 0);
}

static void bring_up(void)
{
	find_family();
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	assert_told(TCAMSIM_LISTED CURRENT);
}

/* --- the way to the present --- */

static void test_start(void **state)
{
	struct ofl_devlink_stats stats;
	const char *text;

	assert_int_equal(ofl_devlink_view_due_us(v), 0);
	assert_int_equal(ofl_devlink_view_state(v, &text), OFL_DEVLINK_ASKING);
	bring_up();
	assert_int_equal(ofl_devlink_view_state(v, &text), OFL_DEVLINK_CURRENT);
	assert_asks_nothing();
	assert_int_equal(ofl_devlink_view_due_us(v), UINT64_MAX);
	assert_string_equal(
		ofl_devlink_known_port_find(known(), 12)->handle.dev,
		"tcamsim.1");
	assert_null(ofl_devlink_known_port_find(known(), 13));
	assert_null(ofl_devlink_known_port_find(known(), 0));
	assert_null(ofl_devlink_known_port_at(known(), 4));
	assert_non_null(ofl_devlink_known_instance_at(known(), 1));
	assert_null(ofl_devlink_known_instance_at(known(), 2));
	ofl_devlink_view_stats(v, &stats);
	assert_true(stats.instances == 2 && stats.ports == 4);
	assert_true(stats.asked == 3 && stats.lists == 2);
	assert_true(!stats.failed && !stats.malformed && !stats.waiting_us);
}

static void test_absent(void **state)
{
	asks_families();
	answer(CTRL_NLCTRL);
	assert_told("absent: this kernel has no devlink\n");
	assert_int_equal(ofl_devlink_view_due_us(v), UINT64_MAX);
	ofl_devlink_view_follow(v, &tcamsim, 1000);
	now_us += 10000 * MS;
	assert_asks_nothing();

	/* Asked for, it is looked for once more. */
	ofl_devlink_view_ask_ports(v);
	assert_int_equal(ofl_devlink_view_due_us(v), 0);
	find_family();
	assert_told("asking: asking the kernel for everything about devlink\n");
}

static void test_no_generic_netlink(void **state)
{
	asks_families();
	no_answer(OFL_NLASK_FAILED, EPROTONOSUPPORT);
	assert_told("absent: this kernel has no generic netlink\n");
}

static void test_family_failed(void **state)
{
	asks_families();
	no_answer(OFL_NLASK_FAILED, ENOBUFS);
	assert_told("asking: the kernel's list of netlink families failed: "
		    "No buffer space available\n");
	assert_asks_nothing();
	assert_int_equal(ofl_devlink_view_due_us(v), now_us + 1000 * MS);
	now_us += 1000 * MS;
	asks_families();
	no_answer(OFL_NLASK_BROKEN, 0);
	now_us += 200 * MS;
	asks_families();
	answer(CTRL_DEVLINK);
	ofl_devlink_view_joined(v, EPERM, now_us);
	assert_told("asking: devlink notifications cannot be had: Operation "
		    "not permitted\n");
	assert_int_equal(ofl_devlink_view_group(v, now_us), 0);
	now_us = ofl_devlink_view_due_us(v);
	assert_int_equal(ofl_devlink_view_group(v, now_us), 4);
	ofl_devlink_view_joined(v, 0, now_us);
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	assert_told(TCAMSIM_LISTED CURRENT);
}

/* A list that broke off is no word on what it did not name. */
static void test_list_broken(void **state)
{
	bring_up();
	ofl_devlink_view_ask_ports(v);
	asks_instances();
	answer(INSTANCES_TCAMSIM);
	asks_ports();
	no_answer(OFL_NLASK_BROKEN, 0);
	assert_asks_nothing();
	assert_true(ofl_devlink_view_can_listen(v));
	now_us += 200 * MS;
	asks_instances();
	no_answer(OFL_NLASK_REFUSED, EPERM);
	assert_told("asking: asking the kernel for everything about devlink\n"
		    "asking: the kernel's list of devlink instances failed: "
		    "Operation not permitted\n");
	now_us += 999 * MS;
	assert_asks_nothing();
	now_us += 1 * MS;
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	assert_told(CURRENT);
}

/* --- changes --- */

static void test_reload(void **state)
{
	bring_up();
	notify(RELOAD_TCAMSIM);
	assert_told("tcamsim.0/1 changed 0 \n"
		    "tcamsim.0/2 changed 0 \n"
		    "tcamsim.0/1 gone 0 \n"
		    "tcamsim.0/2 gone 0 \n"
		    "tcamsim.0/1 appeared 0 \n"
		    "tcamsim.0/1 changed 16 sw1\n"
		    "tcamsim.0/2 appeared 0 \n"
		    "tcamsim.0/2 changed 18 sw2\n"
		    "tcamsim.0 reloaded\n");
	assert_null(ofl_devlink_known_port_find(known(), 8));
	assert_int_equal(ofl_devlink_known_port_find(known(), 18)->index, 2);
	notify(REMOVE_TCAMSIM);
	assert_told("tcamsim.0/1 gone 16 sw1\n"
		    "tcamsim.0/2 gone 18 sw2\n"
		    "tcamsim.0 gone\n"
		    "tcamsim.1/1 gone 12 sw3\n"
		    "tcamsim.1/2 gone 14 sw4\n"
		    "tcamsim.1 gone\n");
	/* Told twice, of what nobody knows, of something else: nothing. */
	notify(REMOVE_TCAMSIM DEL_NETDEVSIM PARAM_NETDEVSIM);
	assert_told("");
}

static void test_same_again(void **state)
{
	bring_up();
	notify(INSTANCES_TCAMSIM PORTS_TCAMSIM);
	assert_told("");
}

static void test_reload_failed(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[512] = {0};
	struct nlmsghdr *nlh;

	bring_up();
	for (int failed = 1; failed >= 0; failed--) {
		nlh = ofl_genl_begin(buf, FAMILY_ID, DEVLINK_CMD_NEW, 1, 0);
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "platform");
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, "tcamsim.0");
		mnl_attr_put_u8(nlh, DEVLINK_ATTR_RELOAD_FAILED, failed);
		ofl_devlink_view_event(v, nlh);
	}
	assert_told("tcamsim.0 changed failed\ntcamsim.0 changed\n");
}

/* An instance takes its ports along also if nobody told of them. */
static void test_instance_gone(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[512] = {0};
	struct nlmsghdr *nlh =
		ofl_genl_begin(buf, FAMILY_ID, DEVLINK_CMD_DEL, 1, 0);

	bring_up();
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "platform");
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, "tcamsim.0");
	ofl_devlink_view_event(v, nlh);
	assert_told("tcamsim.0/2 gone 10 sw2\n"
		    "tcamsim.0/1 gone 8 sw1\n"
		    "tcamsim.0 gone\n");
	assert_non_null(ofl_devlink_known_port_find(known(), 14));
}

#define LOST "asking: devlink notifications were lost, asking for everything\n"

/* After a loss: what is gone, what is new, what was reloaded meanwhile. */
static void test_lost(void **state)
{
	struct ofl_devlink_stats stats;

	bring_up();
	notify(INSTANCES_NETDEVSIM PORTS_NETDEVSIM);
	assert_told("netdevsim10 appeared\n"
		    "netdevsim10/0 appeared 7 eth0\n"
		    "netdevsim10/1 appeared 8 eth1\n");
	ofl_devlink_view_lost(v);
	assert_told(LOST);
	lists(NEW_NETDEVSIM_RELOADED, PORTS_NETDEVSIM);
	assert_told("netdevsim10 reloaded\n"
		    "tcamsim.1/2 gone 14 sw4\n"
		    "tcamsim.1/1 gone 12 sw3\n"
		    "tcamsim.1 gone\n"
		    "tcamsim.0/2 gone 10 sw2\n"
		    "tcamsim.0/1 gone 8 sw1\n"
		    "tcamsim.0 gone\n" CURRENT);
	ofl_devlink_view_lost(v);
	lists(INSTANCES_NETDEVSIM, "");
	/* Fewer reloads than before: it is another one. */
	assert_told(LOST "netdevsim10 reloaded\n"
			 "netdevsim10/1 gone 8 eth1\n"
			 "netdevsim10/0 gone 7 eth0\n" CURRENT);
	ofl_devlink_view_stats(v, &stats);
	assert_int_equal(stats.overruns, 2);
	assert_int_equal(stats.lists, 6);
}

/* While a question hangs in the kernel. */
static void test_lost_while_asking(void **state)
{
	bring_up();
	ofl_devlink_view_follow(v, &tcamsim, 1000);
	asks_resources();
	ofl_devlink_view_lost(v);
	assert_asks_nothing();
	answer(RESOURCES_TCAMSIM);
	assert_told(LOST "tcamsim.0 resources 0: memory 5/768 "
			 "memory/acl_tcam 0/768 memory/lpm 5/768\n");
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	assert_told(CURRENT);
	/* A list under way when it is asked for once more is not the answer. */
	ofl_devlink_view_ask_ports(v);
	asks_instances();
	answer(INSTANCES_TCAMSIM);
	asks_ports();
	ofl_devlink_view_ask_ports(v);
	assert_asks_nothing();
	answer(PORTS_TCAMSIM);
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	assert_told("asking: asking the kernel for everything about "
		    "devlink\n" CURRENT);
}

static void test_parted(void **state)
{
	bring_up();
	ofl_devlink_view_parted(v, EIO, now_us);
	assert_told("asking: devlink notifications failed: "
		    "Input/output error\n");
	assert_asks_nothing();
	now_us += 1000 * MS;
	assert_int_equal(ofl_devlink_view_group(v, now_us), 4);
	ofl_devlink_view_joined(v, 0, now_us);
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	assert_told(CURRENT);
}

/* --- following --- */

static void test_follow(void **state)
{
	struct ofl_devlink_stats stats;

	ofl_devlink_view_follow(v, &tcamsim, 500);
	bring_up();
	asks_resources();
	ofl_devlink_view_stats(v, &stats);
	assert_int_equal(stats.waiting_us, now_us);
	now_us += 30 * MS;
	answer(RESOURCES_TCAMSIM);
	assert_told("tcamsim.0 resources 0: memory 5/768 memory/acl_tcam 0/768 "
		    "memory/lpm 5/768\n");
	assert_int_equal(ofl_devlink_view_due_us(v), now_us + 500 * MS);
	now_us += 499 * MS;
	assert_asks_nothing();
	now_us += 1 * MS;
	asks_resources();
	answer(RESOURCES_TCAMSIM_SET);
	assert_told("tcamsim.0 resources 0: memory 5/768 memory/acl_tcam 0/768 "
		    "memory/lpm 5/768\n");

	/* A reload is not waited for. */
	notify(RELOAD_TCAMSIM);
	assert_int_equal(ofl_devlink_view_due_us(v), 0);
	told_len = 0;
	asks_resources();
	answer(RESOURCES_TCAMSIM_RELOADED);
	assert_told("tcamsim.0 resources 0: memory 5/768 memory/acl_tcam 0/100 "
		    "memory/lpm 5/100\n");

	ofl_devlink_view_follow(v, &tcamsim, 0);
	assert_int_equal(ofl_devlink_view_due_us(v), UINT64_MAX);
	ofl_devlink_view_follow(v, &tcamsim, 0);
}

/* Reloaded while its resources were asked for: the answer may be of before. */
static void test_follow_reloaded_meanwhile(void **state)
{
	ofl_devlink_view_follow(v, &tcamsim, 500);
	bring_up();
	asks_resources();
	notify(RELOAD_TCAMSIM);
	answer(RESOURCES_TCAMSIM);
	asks_resources();
	answer(RESOURCES_TCAMSIM_RELOADED);
	assert_int_equal(ofl_devlink_view_due_us(v), now_us + 500 * MS);
}

static void test_follow_failures(void **state)
{
	ofl_devlink_view_follow(v, &netdevsim, 500);
	bring_up();
	asks_resources();
	no_answer(OFL_NLASK_REFUSED, ENODEV);
	assert_told("netdevsim10 resources 19:\n");
	assert_int_equal(ofl_devlink_view_due_us(v), now_us + 500 * MS);
	notify(INSTANCES_NETDEVSIM);
	assert_told("netdevsim10 appeared\n");
	asks_resources();
	no_answer(OFL_NLASK_BROKEN, 0);
	assert_told("");
	assert_int_equal(ofl_devlink_view_due_us(v), now_us + 200 * MS);
	now_us += 200 * MS;
	asks_resources();
	answer("");
	assert_told("netdevsim10 resources 95:\n");
	now_us += 500 * MS;
	asks_resources();
	answer(RESOURCES_TCAMSIM); /* of another one */
	assert_told("netdevsim10 resources 74:\n");
	now_us += 500 * MS;
	asks_resources();
	answer(RESOURCES_NETDEVSIM);
	assert_int_equal(strncmp(told, "netdevsim10 resources 0: IPv4 ", 30),
			 0);
	now_us += 500 * MS;
	/* Nobody wants to know any more. */
	told_len = 0;
	asks_resources();
	ofl_devlink_view_follow(v, &netdevsim, 0);
	answer(RESOURCES_NETDEVSIM);
	assert_int_equal(told_len, 0);
}

/* Each gets its turn; there is an end to how many. */
static void test_follow_many(void **state)
{
	struct ofl_devlink_handle h = tcamsim;

	bring_up();
	for (int i = 0; i < OFL_DEVLINK_FOLLOWED_MAX; i++) {
		snprintf(h.dev, sizeof(h.dev), "n%d", i);
		assert_true(ofl_devlink_view_follow(v, &h, 1000));
	}
	snprintf(h.dev, sizeof(h.dev), "n%d", 99);
	assert_false(ofl_devlink_view_follow(v, &h, 1000));
	for (int i = 0; i < OFL_DEVLINK_FOLLOWED_MAX; i++) {
		asks_resources();
		no_answer(OFL_NLASK_REFUSED, ENODEV);
		now_us += MS;
	}
	assert_asks_nothing();
	assert_told("n0 resources 19:\nn1 resources 19:\nn2 resources 19:\n"
		    "n3 resources 19:\nn4 resources 19:\nn5 resources 19:\n"
		    "n6 resources 19:\nn7 resources 19:\nn8 resources 19:\n"
		    "n9 resources 19:\nn10 resources 19:\nn11 resources 19:\n"
		    "n12 resources 19:\nn13 resources 19:\n"
		    "n14 resources 19:\nn15 resources 19:\n");
	snprintf(h.dev, sizeof(h.dev), "n%d", 3);
	assert_true(ofl_devlink_view_follow(v, &h, 0));
	snprintf(h.dev, sizeof(h.dev), "n%d", 99);
	/* Not more often than this, whatever was said. */
	assert_true(ofl_devlink_view_follow(v, &h, 1));
	asks_resources();
	no_answer(OFL_NLASK_REFUSED, ENODEV);
	assert_int_equal(ofl_devlink_view_due_us(v),
			 now_us + OFL_DEVLINK_PERIOD_MIN_MS * MS);
}

/* --- bounds --- */

static void test_too_many(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[512] = {0};
	struct ofl_devlink_stats stats;
	struct nlmsghdr *nlh;
	char dev[16];

	bring_up();
	for (uint32_t i = 0; i < OFL_DEVLINK_PORTS_MAX + 10; i++) {
		nlh = ofl_genl_begin(buf, FAMILY_ID, DEVLINK_CMD_PORT_NEW, 1,
				     0);
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "platform");
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, "tcamsim.1");
		mnl_attr_put_u32(nlh, DEVLINK_ATTR_PORT_INDEX, 100 + i);
		mnl_attr_put_u32(nlh, DEVLINK_ATTR_PORT_NETDEV_IFINDEX,
				 1000 + i);
		ofl_devlink_view_event(v, nlh);
		told_len = 0;
	}
	for (int i = 0; i < OFL_DEVLINK_INSTANCES_MAX + 5; i++) {
		nlh = ofl_genl_begin(buf, FAMILY_ID, DEVLINK_CMD_NEW, 1, 0);
		snprintf(dev, sizeof(dev), "n%d", i);
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "platform");
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, dev);
		ofl_devlink_view_event(v, nlh);
		told_len = 0;
	}
	ofl_devlink_view_stats(v, &stats);
	assert_int_equal(stats.ports, OFL_DEVLINK_PORTS_MAX);
	assert_int_equal(stats.instances, OFL_DEVLINK_INSTANCES_MAX);
	assert_int_equal(stats.left_out, 10 + 4 + 5 + 2);
	assert_non_null(ofl_devlink_known_port_find(
		known(), 1000 + OFL_DEVLINK_PORTS_MAX - 5));
	assert_null(ofl_devlink_known_port_find(known(),
						1000 + OFL_DEVLINK_PORTS_MAX));
}

static void try_event(const struct nlmsghdr *nlh)
{
	told_len = 0;
	ofl_devlink_view_event(v, nlh);
}

static void test_torture(void **state)
{
	struct ofl_devlink_stats stats;

	bring_up();
	sample_torture(RELOAD_TCAMSIM, try_event);
	ofl_devlink_view_stats(v, &stats);
	assert_true(stats.malformed > 1000);
	assert_true(stats.ports <= OFL_DEVLINK_PORTS_MAX);
	assert_true(stats.instances <= OFL_DEVLINK_INSTANCES_MAX);
	/* A list puts everything right. */
	ofl_devlink_view_lost(v);
	lists(INSTANCES_TCAMSIM, PORTS_TCAMSIM);
	ofl_devlink_view_stats(v, &stats);
	assert_true(stats.instances == 2 && stats.ports == 4);
	assert_string_equal(ofl_devlink_known_port_find(known(), 10)->ifname,
			    "sw2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_no_generic_netlink),
		cmocka_unit_test(test_family_failed),
		cmocka_unit_test(test_list_broken),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_same_again),
		cmocka_unit_test(test_reload_failed),
		cmocka_unit_test(test_instance_gone),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_lost_while_asking),
		cmocka_unit_test(test_parted),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_follow_reloaded_meanwhile),
		cmocka_unit_test(test_follow_failures),
		cmocka_unit_test(test_follow_many),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_torture),
	};
	struct CMUnitTest each[array_size(tests)];

	for (size_t i = 0; i < array_size(tests); i++) {
		each[i] = tests[i];
		each[i].setup_func = setup;
		each[i].teardown_func = teardown;
	}
	return cmocka_run_group_tests(each, NULL, NULL);
}
