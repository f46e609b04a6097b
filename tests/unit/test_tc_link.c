// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices as the tc provider knows them: what messages of the kernel teach,
 * what is news, what a dump that no longer has a device means; and a table
 * whose ports are nowhere says so and takes nothing.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "lib/clock.h"
#include "offloadd/provider/prov_tc.h"
#include "offloadd/provider/prov_tc_link.h"

static _Alignas(struct nlmsghdr) uint8_t buf[1024];

static struct nlmsghdr *link_message(uint16_t type, int ifindex,
				     const char *name, uint8_t mac)
{
	const uint8_t address[6] = {2, 0, 0, 0, 0, mac};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = type;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	ifi->ifi_flags = IFF_UP;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, address);
	return nlh;
}

static struct nlmsghdr *qdisc_message(uint16_t type, int ifindex,
				      uint32_t parent, uint32_t block)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;

	nlh->nlmsg_type = type;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = ifindex;
	tcm->tcm_parent = parent;
	if (block)
		mnl_attr_put_u32(nlh, TCA_INGRESS_BLOCK, block);
	return nlh;
}

static void put_vlan(struct nlmsghdr *nlh, uint32_t lower, uint16_t id)
{
	struct nlattr *info, *data;

	mnl_attr_put_u32(nlh, IFLA_LINK, lower);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vlan");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u16(nlh, IFLA_VLAN_ID, id);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

static struct ofl_tc_links *links;
static struct ofl_tc_link got;

static int setup(void **state)
{
	links = ofl_tc_links_new();
	return 0;
}

static int teardown(void **state)
{
	ofl_tc_links_free(links);
	return 0;
}

static enum ofl_tc_link_news take(const struct nlmsghdr *nlh)
{
	return ofl_tc_links_take(links, nlh, &got);
}

static void test_news(void **state)
{
	const struct ofl_tc_link *link;

	assert_int_equal(take(link_message(RTM_NEWLINK, 7, "sw1", 1)),
			 OFL_TC_LINK_NEW);
	link = ofl_tc_links_find(links, 7);
	assert_non_null(link);
	assert_true(link->up && link->has_mac);
	assert_ptr_equal(ofl_tc_links_find_name(links, "sw1"), link);
	assert_int_equal(take(link_message(RTM_NEWLINK, 7, "sw1", 1)),
			 OFL_TC_LINK_SAME);
	/* Another name is no other frame, another MAC is. */
	assert_int_equal(take(link_message(RTM_NEWLINK, 7, "swp1", 1)),
			 OFL_TC_LINK_CHANGED);
	assert_false(got.is_other);
	assert_null(ofl_tc_links_find_name(links, "sw1"));
	assert_int_equal(take(link_message(RTM_NEWLINK, 7, "swp1", 2)),
			 OFL_TC_LINK_CHANGED);
	assert_true(got.is_other);
	assert_int_equal(take(link_message(RTM_DELLINK, 7, "swp1", 2)),
			 OFL_TC_LINK_GONE);
	assert_int_equal(got.ifindex, 7);
	assert_null(ofl_tc_links_find(links, 7));
	assert_int_equal(take(link_message(RTM_DELLINK, 7, "swp1", 2)),
			 OFL_TC_LINK_SAME);
}

static void test_vlan(void **state)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, 9, "sw1.100", 1);

	put_vlan(nlh, 7, 100);
	assert_int_equal(take(nlh), OFL_TC_LINK_NEW);
	assert_int_equal(got.vlan, 100);
	assert_int_equal(got.lower, 7);
}

static void test_block(void **state)
{
	take(link_message(RTM_NEWLINK, 7, "sw1", 1));
	assert_int_equal(take(qdisc_message(RTM_NEWQDISC, 7, TC_H_ROOT, 0)),
			 OFL_TC_LINK_SAME);
	assert_int_equal(take(qdisc_message(RTM_NEWQDISC, 7, TC_H_CLSACT, 22)),
			 OFL_TC_LINK_CHANGED);
	assert_true(got.has_clsact);
	assert_int_equal(got.in_block, 22);
	/* A later message about the link does not forget the qdisc. */
	take(link_message(RTM_NEWLINK, 7, "sw1", 3));
	assert_int_equal(ofl_tc_links_find(links, 7)->in_block, 22);
	assert_int_equal(take(qdisc_message(RTM_DELQDISC, 7, TC_H_CLSACT, 22)),
			 OFL_TC_LINK_CHANGED);
	assert_false(got.has_clsact);
	assert_int_equal(take(qdisc_message(RTM_NEWQDISC, 8, TC_H_CLSACT, 22)),
			 OFL_TC_LINK_SAME);
	ofl_tc_links_set_block(links, 7, 23);
	assert_int_equal(ofl_tc_links_find(links, 7)->in_block, 23);
	ofl_tc_links_unblock(links);
	assert_false(ofl_tc_links_find(links, 7)->has_clsact);
}

static void test_sweep(void **state)
{
	take(link_message(RTM_NEWLINK, 7, "sw1", 1));
	take(link_message(RTM_NEWLINK, 8, "sw2", 2));
	ofl_tc_links_mark(links);
	take(link_message(RTM_NEWLINK, 8, "sw2", 2));
	assert_true(ofl_tc_links_sweep(links, &got));
	assert_int_equal(got.ifindex, 7);
	assert_false(ofl_tc_links_sweep(links, &got));
	assert_non_null(ofl_tc_links_find(links, 8));
}

/* A message cut anywhere teaches nothing wrong and harms nobody. */
static void test_truncated(void **state)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, 9, "sw1.100", 1);
	uint32_t whole;

	put_vlan(nlh, 7, 100);
	whole = nlh->nlmsg_len;
	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		nlh->nlmsg_len = len;
		take(nlh);
		if (ofl_tc_links_find(links, 9))
			assert_string_equal(ofl_tc_links_find(links, 9)->name,
					    "sw1.100");
	}
	nlh = qdisc_message(RTM_NEWQDISC, 9, TC_H_CLSACT, 22);
	nlh->nlmsg_len = NLMSG_HDRLEN + 4;
	assert_int_equal(take(nlh), OFL_TC_LINK_SAME);
}

/* --- a table without its ports --- */

static char why_not[OFL_OUTCOME_TEXT];
static bool is_ready;

static void on_done(void *arg, const struct ofl_outcome *outcome)
{
	fail_msg("an answer to nothing");
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
	fail_msg("nothing was there to be lost");
}

static void on_capacity(void *arg, uint32_t capacity_slots)
{
}

static void on_ready(void *arg, bool ready, const char *text)
{
	is_ready = ready;
	snprintf(why_not, sizeof(why_not), "%s", text);
}

static const struct ofl_provider_events events = {
	.done = on_done,
	.lost = on_lost,
	.unfit = on_lost,
	.capacity = on_capacity,
	.ready = on_ready,
};

static void test_no_port_is_there(void **state)
{
	struct ofl_hwtable_conf conf;
	struct ofl_provider *p;
	struct ofl_op op = {.kind = OFL_OP_ADD};
	const char *error = NULL;

	ofl_hwtable_conf_init(&conf, "unit");
	assert_null(ofl_prov_tc.new(&conf, &events, NULL, &error));
	assert_string_equal(error, "it has no ports");
	snprintf(conf.tc.ports[0], sizeof(conf.tc.ports[0]), "no-such-port");
	conf.tc.port_count = 1;
	p = ofl_prov_tc.new(&conf, &events, NULL, &error);
	assert_non_null(p);
	for (int i = 0; i < 1000 && !why_not[0]; i++) {
		struct pollfd fd = {.fd = ofl_prov_tc.fd(p), .events = POLLIN};

		if (ofl_prov_tc.poll(p, ofl_clock_mono_us(), 64))
			(void)poll(&fd, 1, 100);
	}
	assert_string_equal(why_not, "none of its ports is there");
	assert_false(is_ready);
	assert_int_equal(ofl_prov_tc.submit(p, &op, 1, 0), 0);
	ofl_prov_tc.free(p, 0);
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(test_news),	  SCENARIO(test_vlan),
		SCENARIO(test_block),	  SCENARIO(test_sweep),
		SCENARIO(test_truncated), SCENARIO(test_no_port_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
