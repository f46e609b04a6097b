// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's messages about routes: what is read from them, also when they
 * are broken, what is written by them, and that each is kept once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "offloadd/provider/prov_fib_decode.h"
#include "offloadd/provider/prov_fib_image.h"

#define SIZE 4096

static _Alignas(struct nlmsghdr) uint8_t buf[SIZE];
static struct ofl_fibmsg msg, other;

/* 198.51.100.0/24 via 192.0.2.1 dev 7, metric 20, table main */
static struct nlmsghdr *begin(uint16_t type, uint32_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm;

	memset(buf, 0, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = 24;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = 186;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_flags = flags;
	mnl_attr_put_u32(nlh, RTA_TABLE, RT_TABLE_MAIN);
	mnl_attr_put_u32(nlh, RTA_DST, htonl(0xc6336400));
	return nlh;
}

static void add_way(struct nlmsghdr *nlh, uint32_t gw, uint32_t oif)
{
	mnl_attr_put_u32(nlh, RTA_GATEWAY, htonl(gw));
	mnl_attr_put_u32(nlh, RTA_OIF, oif);
}

static void add_multipath(struct nlmsghdr *nlh, uint8_t flags)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, RTA_MULTIPATH);

	for (int i = 0; i < 2; i++) {
		struct rtnexthop *nh = mnl_nlmsg_get_payload_tail(nlh);
		struct nlattr *gw = (struct nlattr *)(nh + 1);
		uint32_t addr = htonl(0xc0000201 + i);

		nh->rtnh_len = sizeof(*nh) + MNL_ATTR_HDRLEN + 4;
		nh->rtnh_flags = flags;
		nh->rtnh_hops = 0;
		nh->rtnh_ifindex = 7 + i;
		gw->nla_type = RTA_GATEWAY;
		gw->nla_len = MNL_ATTR_HDRLEN + 4;
		memcpy(gw + 1, &addr, 4);
		nlh->nlmsg_len += nh->rtnh_len;
	}
	mnl_attr_nest_end(nlh, nest);
}

static struct nlmsghdr *sample(uint32_t flags)
{
	struct nlmsghdr *nlh = begin(RTM_NEWROUTE, flags);

	mnl_attr_put_u32(nlh, RTA_PRIORITY, 20);
	add_way(nlh, 0xc0000201, 7);
	return nlh;
}

static bool same_way(void)
{
	return msg.way.len == other.way.len &&
	       !memcmp(msg.way.at, other.way.at, msg.way.len);
}

static bool same_image(void)
{
	return msg.image.len == other.image.len &&
	       !memcmp(msg.image.at, other.image.at, msg.image.len);
}

static void test_states(void **state)
{
	static const struct {
		uint32_t flags;
		uint8_t state;
		bool by_nexthop;
	} rows[] = {
		{0, OFL_FIB_NONE, false},
		{RTM_F_OFFLOAD, OFL_FIB_OFFLOADED, false},
		{RTM_F_TRAP, OFL_FIB_TRAPPED, false},
		{RTM_F_OFFLOAD_FAILED, OFL_FIB_FAILED, false},
		{RTNH_F_OFFLOAD, OFL_FIB_OFFLOADED, true},
		{RTNH_F_TRAP, OFL_FIB_TRAPPED, true},
		{RTM_F_TRAP | RTNH_F_OFFLOAD, OFL_FIB_TRAPPED, false},
		{RTNH_F_ONLINK, OFL_FIB_NONE, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ofl_fibmsg_decode(sample(rows[i].flags), &msg),
				 OFL_FIBMSG_ROUTE);
		assert_int_equal(msg.route.state, rows[i].state);
		assert_int_equal(msg.by_nexthop, rows[i].by_nexthop);
		assert_int_equal(msg.route.key.vrf, RT_TABLE_MAIN);
		assert_int_equal(msg.route.key.p.plen, 24);
		assert_int_equal(msg.route.metric, 20);
		assert_true(msg.route.writable);
		assert_false(msg.route.fixed || msg.route.local);
	}
	/* Of one of several next hops. */
	struct nlmsghdr *nlh = begin(RTM_NEWROUTE, 0);

	add_multipath(nlh, RTNH_F_OFFLOAD);
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_ROUTE);
	assert_int_equal(msg.route.state, OFL_FIB_OFFLOADED);
	assert_true(msg.by_nexthop);
}

static void test_kinds(void **state)
{
	struct nlmsghdr *nlh = sample(0);
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	nlh->nlmsg_type = RTM_DELROUTE;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_GONE);
	nlh->nlmsg_type = RTM_NEWNEIGH;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_IGNORED);
	nlh->nlmsg_type = RTM_NEWROUTE;
	rtm->rtm_tos = 4;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_IGNORED);
	rtm->rtm_tos = 0;
	rtm->rtm_flags = RTM_F_CLONED;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_IGNORED);
	rtm->rtm_flags = 0;
	rtm->rtm_dst_len = 33;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_MALFORMED);
	rtm->rtm_dst_len = 24;
	rtm->rtm_protocol = RTPROT_KERNEL;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_ROUTE);
	assert_true(msg.route.fixed);
	rtm->rtm_type = RTN_LOCAL;
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_ROUTE);
	assert_false(msg.route.writable);
}

static void test_table_local_is_main(void **state)
{
	struct nlmsghdr *nlh = begin(RTM_NEWROUTE, 0);

	mnl_attr_put_u32(nlh, RTA_TABLE, RT_TABLE_LOCAL);
	assert_int_equal(ofl_fibmsg_decode(nlh, &msg), OFL_FIBMSG_ROUTE);
	assert_true(msg.route.local);
	assert_int_equal(msg.route.key.vrf, RT_TABLE_MAIN);
}

static void test_way(void **state)
{
	struct nlmsghdr *nlh = sample(RTM_F_OFFLOAD);

	ofl_fibmsg_decode(nlh, &msg);
	/* Other words about the same way. */
	nlh = begin(RTM_NEWROUTE, RTM_F_OFFLOAD_FAILED);
	((struct rtmsg *)mnl_nlmsg_get_payload(nlh))->rtm_protocol = 4;
	add_way(nlh, 0xc0000201, 7);
	ofl_fibmsg_decode(nlh, &other);
	assert_true(same_way());
	assert_false(same_image());
	nlh = begin(RTM_NEWROUTE, 0);
	add_way(nlh, 0xc0000202, 7);
	ofl_fibmsg_decode(nlh, &other);
	assert_false(same_way());
	/* A next-hop object is what it stands for. */
	nlh = begin(RTM_NEWROUTE, 0);
	mnl_attr_put_u32(nlh, RTA_NH_ID, 12);
	add_way(nlh, 0xc0000201, 7);
	ofl_fibmsg_decode(nlh, &other);
	assert_true(same_way());
	nlh = begin(RTM_NEWROUTE, 0);
	mnl_attr_put_u32(nlh, RTA_NH_ID, 12);
	ofl_fibmsg_decode(nlh, &other);
	assert_false(same_way());
	/* Flags of next hops are of the moment. */
	nlh = begin(RTM_NEWROUTE, 0);
	add_multipath(nlh, RTNH_F_OFFLOAD | RTNH_F_LINKDOWN);
	ofl_fibmsg_decode(nlh, &msg);
	nlh = begin(RTM_NEWROUTE, 0);
	add_multipath(nlh, 0);
	ofl_fibmsg_decode(nlh, &other);
	assert_true(same_way());
	assert_true(same_image());
}

/* --- requests --- */

static _Alignas(struct nlmsghdr) uint8_t out[SIZE];

static struct nlmsghdr *encode(enum ofl_fibmsg_verb verb)
{
	return ofl_fibmsg_encode(out, sizeof(out), verb, &msg.route.key.p,
				 msg.image.at, msg.image.len);
}

static const struct nlattr *find(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh,
			  sizeof(struct rtmsg)) if (mnl_attr_get_type(attr) ==
						    type) return attr;
	return NULL;
}

static uint32_t reordering(const struct nlmsghdr *nlh)
{
	const struct nlattr *metrics = find(nlh, RTA_METRICS), *attr;

	if (metrics)
		mnl_attr_for_each_nested(attr, metrics) if (
			mnl_attr_get_type(attr) ==
			RTAX_REORDERING) return mnl_attr_get_u32(attr);
	return 0;
}

/* What is written is what was read. */
static void test_again(void **state)
{
	const struct nlmsghdr *nlh;

	ofl_fibmsg_decode(sample(RTM_F_OFFLOAD_FAILED), &msg);
	nlh = encode(OFL_FIBMSG_ADD);
	assert_non_null(nlh);
	assert_int_equal(nlh->nlmsg_flags,
			 NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_int_equal(ofl_fibmsg_decode(nlh, &other), OFL_FIBMSG_ROUTE);
	assert_int_equal(other.route.state, OFL_FIB_NONE);
	assert_true(same_way() && same_image());
	assert_int_equal(ofl_key_cmp(&msg.route.key, &other.route.key), 0);
	nlh = encode(OFL_FIBMSG_DEL);
	assert_int_equal(nlh->nlmsg_type, RTM_DELROUTE);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	nlh = encode(OFL_FIBMSG_REPLACE);
	assert_int_equal(nlh->nlmsg_flags,
			 NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE);
	ofl_fibmsg_decode(nlh, &other);
	assert_true(same_image());
	nlh = encode(OFL_FIBMSG_REPLACE_MARKED);
	ofl_fibmsg_decode(nlh, &other);
	assert_false(same_image());
	assert_true(same_way());
	assert_int_not_equal(reordering(nlh), 0);
}

/* The mark is another value than what there is; other metrics stay. */
static void test_mark(void **state)
{
	struct nlmsghdr *nlh = sample(0);
	struct nlattr *nest = mnl_attr_nest_start(nlh, RTA_METRICS);
	uint32_t was;

	mnl_attr_put_u32(nlh, RTAX_MTU, 1400);
	mnl_attr_nest_end(nlh, nest);
	ofl_fibmsg_decode(nlh, &msg);
	nlh = encode(OFL_FIBMSG_REPLACE_MARKED);
	was = reordering(nlh);
	assert_int_equal(mnl_attr_get_payload_len(find(nlh, RTA_METRICS)), 16);
	memcpy(buf, out, sizeof(buf));
	ofl_fibmsg_decode((struct nlmsghdr *)buf, &msg);
	nlh = encode(OFL_FIBMSG_REPLACE_MARKED);
	assert_int_not_equal(reordering(nlh), was);
	assert_int_equal(mnl_attr_get_payload_len(find(nlh, RTA_METRICS)), 16);
}

static void test_request_of_an_object(void **state)
{
	struct nlmsghdr *nlh = begin(RTM_NEWROUTE, 0);

	mnl_attr_put_u32(nlh, RTA_NH_ID, 12);
	add_way(nlh, 0xc0000201, 7);
	ofl_fibmsg_decode(nlh, &msg);
	nlh = encode(OFL_FIBMSG_ADD);
	assert_non_null(find(nlh, RTA_NH_ID));
	assert_null(find(nlh, RTA_GATEWAY));
	assert_null(find(nlh, RTA_OIF));
}

static void test_no_room(void **state)
{
	ofl_fibmsg_decode(sample(0), &msg);
	for (size_t size = 0; size < 60; size++)
		assert_null(ofl_fibmsg_encode(out, size, OFL_FIBMSG_ADD,
					      &msg.route.key.p, msg.image.at,
					      msg.image.len));
	assert_null(ofl_fibmsg_encode(out, SIZE, OFL_FIBMSG_ADD,
				      &msg.route.key.p, msg.image.at, 0));
}

/* Bytes that nobody checked, in memory of exactly their size. */
static void test_mangled(void **state)
{
	unsigned int seed = 1, routes = 0, malformed = 0;

	for (int round = 0; round < 100000; round++) {
		struct nlmsghdr *nlh = begin(RTM_NEWROUTE, 0), *exact;
		enum ofl_fibmsg_kind kind;
		uint32_t len;

		add_multipath(nlh, 0);
		mnl_attr_put_u32(nlh, RTA_PRIORITY, 20);
		len = nlh->nlmsg_len;
		for (int i = rand_r(&seed) % 4; i >= 0; i--)
			buf[16 + rand_r(&seed) % (len - 16)] = rand_r(&seed);
		if (rand_r(&seed) % 2)
			len = 16 + rand_r(&seed) % (len - 15);
		nlh->nlmsg_len = len;
		exact = malloc(len);
		memcpy(exact, nlh, len);
		kind = ofl_fibmsg_decode(exact, &msg);
		routes += kind == OFL_FIBMSG_ROUTE;
		malformed += kind == OFL_FIBMSG_MALFORMED;
		if (kind == OFL_FIBMSG_ROUTE && msg.route.writable)
			(void)encode(OFL_FIBMSG_REPLACE_MARKED);
		free(exact);
	}
	assert_true(routes > 1000);
	assert_true(malformed > 1000);
}

/* --- images --- */

static void test_images(void **state)
{
	static const uint8_t a[] = "image a", b[] = "image b", w[] = "way";
	struct ofl_fibimages *s = ofl_fibimages_new();
	uint32_t one, two, three, many[1000];
	size_t len;

	one = ofl_fibimage_get(s, a, sizeof(a), w, sizeof(w));
	two = ofl_fibimage_get(s, a, sizeof(a), w, sizeof(w));
	three = ofl_fibimage_get(s, b, sizeof(b), w, sizeof(w));
	assert_int_equal(one, two);
	assert_int_not_equal(one, three);
	assert_int_equal(ofl_fibimage_way(s, one), ofl_fibimage_way(s, three));
	assert_int_equal(ofl_fibimages_count(s), 3);
	assert_memory_equal(ofl_fibimage_bytes(s, three, &len), b, sizeof(b));
	assert_int_equal(len, sizeof(b));
	ofl_fibimage_unref(s, one);
	ofl_fibimage_unref(s, two);
	assert_int_equal(ofl_fibimages_count(s), 2);
	ofl_fibimage_unref(s, three);
	assert_int_equal(ofl_fibimages_count(s), 0);
	for (uint32_t i = 0; i < 1000; i++)
		many[i] = ofl_fibimage_get(s, (uint8_t *)&i, 4, NULL, 0);
	for (uint32_t i = 0; i < 1000; i += 2)
		ofl_fibimage_unref(s, many[i]);
	for (uint32_t i = 1; i < 1000; i += 2)
		assert_memory_equal(ofl_fibimage_bytes(s, many[i], &len), &i,
				    4);
	ofl_fibimages_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_table_local_is_main),
		cmocka_unit_test(test_way),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_request_of_an_object),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_mangled),
		cmocka_unit_test(test_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
