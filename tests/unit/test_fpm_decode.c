// SPDX-License-Identifier: GPL-2.0-or-later
/* FPM frames and the messages in them, as zebra writes them and as it would
 * never. */
#include "fpm_fixture.h"

#include "lib/clock.h"
#include "offloadd/base/names.h"
#include "offloadd/source/fpm.h"
#include "offloadd/source/fpm_decode.h"

static struct ofl_fpm_message got;
static enum ofl_fpm_decoded kinds[8];
static size_t kind_count;

static void on_message(const struct nlmsghdr *n, void *arg)
{
	assert_true(kind_count < array_size(kinds));
	kinds[kind_count++] = ofl_fpm_decode(n, &got);
}

static bool walk(void)
{
	kind_count = 0;
	return ofl_fpm_frame_walk(frame, frame_len, on_message, NULL);
}

/* The kind of the frame's only message. */
static enum ofl_fpm_decoded one(void)
{
	frame_end();
	assert_true(walk());
	assert_int_equal(kind_count, 1);
	return kinds[0];
}

static const char *text(const struct ofl_prefix *p)
{
	static char buf[OFL_PREFIX_STRLEN];

	return ofl_prefix_print(p, buf, sizeof(buf));
}

static void is_gateway(const struct ofl_rawnh *nh, const char *gw,
		       uint32_t ifindex)
{
	char buf[OFL_ADDR_STRLEN];

	assert_int_equal(nh->kind, OFL_RAWNH_GATEWAY);
	assert_int_equal(nh->ifindex, ifindex);
	assert_string_equal(
		ofl_addr_print(nh->family, nh->gw, buf, sizeof(buf)), gw);
}

/* --- golden: what a zebra of FRR 8.4.4 wrote --- */

/* ip route 10.10.0.0/16 10.0.1.2 */
static const uint8_t golden_route[] = {
	0x01, 0x01, 0x00, 0x38, 0x34, 0x00, 0x00, 0x00, 0x18, 0x00, 0x01, 0x05,
	0x00, 0x00, 0x00, 0x00, 0x7f, 0xaa, 0xb2, 0x9c, 0x02, 0x10, 0x00, 0x00,
	0xfe, 0xc4, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x00,
	0x0a, 0x0a, 0x00, 0x00, 0x08, 0x00, 0x06, 0x00, 0x14, 0x00, 0x00, 0x00,
	0x08, 0x00, 0x1e, 0x00, 0x10, 0x00, 0x00, 0x00,
};
/* ... by 10.0.1.3 from now on */
static const uint8_t golden_update[] = {
	0x01, 0x01, 0x00, 0x64, 0x2c, 0x00, 0x00, 0x00, 0x19, 0x00, 0x01, 0x04,
	0x00, 0x00, 0x00, 0x00, 0x7f, 0xaa, 0xb2, 0x9c, 0x02, 0x10, 0x00, 0x00,
	0xfe, 0xc4, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x00,
	0x0a, 0x0a, 0x00, 0x00, 0x08, 0x00, 0x06, 0x00, 0x14, 0x00, 0x00, 0x00,
	0x34, 0x00, 0x00, 0x00, 0x18, 0x00, 0x01, 0x05, 0x00, 0x00, 0x00, 0x00,
	0x7f, 0xaa, 0xb2, 0x9c, 0x02, 0x10, 0x00, 0x00, 0xfe, 0xc4, 0x00, 0x01,
	0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x00, 0x0a, 0x0a, 0x00, 0x00,
	0x08, 0x00, 0x06, 0x00, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x1e, 0x00,
	0x12, 0x00, 0x00, 0x00,
};
/* both of them, for another route */
static const uint8_t golden_group[] = {
	0x01, 0x01, 0x00, 0x38, 0x34, 0x00, 0x00, 0x00, 0x68, 0x00, 0x01, 0x05,
	0x00, 0x00, 0x00, 0x00, 0x7f, 0xaa, 0xb2, 0x9c, 0x00, 0x00, 0x0b, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x00, 0x11, 0x00, 0x00, 0x00,
	0x14, 0x00, 0x02, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x12, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static void take(const uint8_t *bytes, size_t len)
{
	bool garbage = false;

	frame_begin();
	memcpy(frame, bytes, len);
	frame_len = len;
	assert_int_equal(ofl_fpm_frame_measure(frame, len, &garbage), len);
	assert_true(walk());
}

static void test_golden(void **state)
{
	take(golden_route, sizeof(golden_route));
	assert_int_equal(kind_count, 1);
	assert_int_equal(kinds[0], OFL_FPM_ROUTE_ADD);
	assert_string_equal(text(&got.route.p), "10.10.0.0/16");
	assert_int_equal(got.route.table, RT_TABLE_MAIN);
	assert_int_equal(got.route.rtprot, RTPROT_OF_STATIC);
	assert_int_equal(got.route.nhid, 16);
	assert_false(got.route.has_src);

	take(golden_update, sizeof(golden_update));
	assert_int_equal(kind_count, 2);
	assert_int_equal(kinds[0], OFL_FPM_ROUTE_DEL);
	assert_int_equal(kinds[1], OFL_FPM_ROUTE_ADD);
	assert_int_equal(got.route.nhid, 18);

	take(golden_group, sizeof(golden_group));
	assert_int_equal(kinds[0], OFL_FPM_NEXTHOP_ADD);
	assert_int_equal(got.nexthop.id, 17);
	assert_int_equal(got.nexthop.member_count, 2);
	assert_int_equal(got.nexthop.member[0].id, 16);
	assert_int_equal(got.nexthop.member[0].weight, 1);
	assert_int_equal(got.nexthop.member[1].id, 18);
}

/* --- frames --- */

static void test_measure(void **state)
{
	static const struct {
		uint8_t bytes[4];
		size_t left, len;
		bool garbage;
	} rows[] = {
		{{1, 1, 0, 4}, 4, 4, false},
		{{1, 1, 0, 40}, 4, 40, false},
		{{1, 1, 0xff, 0xff}, 4, 65535, false},
		{{1, 1, 0, 40}, 3, 0, false},
		{{1, 1, 0, 3}, 4, 0, true},
		{{0, 1, 0, 40}, 4, 0, true},
		{{2, 1, 0, 40}, 4, 0, true},
		{{1, 2, 0, 40}, 4, 0, true}, /* protobuf */
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		bool garbage = false;

		assert_int_equal(ofl_fpm_frame_measure(rows[i].bytes,
						       rows[i].left, &garbage),
				 rows[i].len);
		assert_int_equal(garbage, rows[i].garbage);
	}
}

static void test_two_messages_and_a_tail(void **state)
{
	frame_begin();
	put_route_by(RTM_DELROUTE, "10.0.0.0/8", 0);
	put_route_by(RTM_NEWROUTE, "10.0.0.0/8", 7);
	frame_end();
	assert_true(walk());
	assert_int_equal(kind_count, 2);
	assert_int_equal(kinds[0], OFL_FPM_ROUTE_DEL);
	assert_int_equal(kinds[1], OFL_FPM_ROUTE_ADD);
	/* Bytes that are no message. */
	frame_len += 8;
	assert_false(walk());
	assert_int_equal(kind_count, 2);
	frame_len = OFL_FPM_HEADER_BYTES; /* nothing at all is a frame */
	assert_true(walk());
}

static void test_encode(void **state)
{
	uint8_t h[OFL_FPM_HEADER_BYTES];

	assert_false(ofl_fpm_frame_encode(h, 0));
	assert_false(ofl_fpm_frame_encode(h, 65532));
	assert_true(ofl_fpm_frame_encode(h, 65531));
	assert_memory_equal(h, ((uint8_t[]){1, 1, 0xff, 0xff}), 4);
}

/* A frame at any address, cut anywhere: no byte beyond it is read (under the
 * sanitizers), and what is cut is told. */
static void test_cut_anywhere(void **state)
{
	struct nexthop_grp g[2] = {{.id = 1}, {.id = 2}};
	uint8_t *copy;

	frame_begin();
	put_single(1, "10.0.0.1", 3);
	put_group(3, g, 2);
	put_route_by(RTM_NEWROUTE, "10.0.0.0/8", 3);
	frame_end();
	for (size_t len = OFL_FPM_HEADER_BYTES; len <= frame_len; len++) {
		for (size_t shift = 0; shift < 4; shift++) {
			copy = malloc(len + shift);
			memcpy(copy + shift, frame, len);
			kind_count = 0;
			if (ofl_fpm_frame_walk(copy + shift, len, on_message,
					       NULL))
				assert_int_not_equal(kind_count, len < 40);
			free(copy);
		}
	}
}

/* --- routes --- */

static void test_route_alone(void **state)
{
	frame_begin();
	put_route(RTM_NEWROUTE, "2001:db8::/32", 1000, RTPROT_OF_BGP);
	put_addr(RTA_GATEWAY, "fe80::1");
	mnl_attr_put_u32(last, RTA_OIF, 5);
	message_end();
	assert_int_equal(one(), OFL_FPM_ROUTE_ADD);
	assert_string_equal(text(&got.route.p), "2001:db8::/32");
	assert_int_equal(got.route.table, 1000);
	assert_int_equal(got.route.rtprot, RTPROT_OF_BGP);
	assert_int_equal(got.route.nhid, 0);
	assert_int_equal(got.route.nh_count, 1);
	is_gateway(&got.route.nh[0], "fe80::1", 5);
	assert_false(got.route.nh[0].encap);
}

static void test_kinds_of_routes(void **state)
{
	static const struct {
		uint8_t type;
		enum ofl_fpm_decoded kind;
		uint8_t nh;
	} rows[] = {
		{RTN_BLACKHOLE, OFL_FPM_ROUTE_ADD, OFL_RAWNH_BLACKHOLE},
		{RTN_UNREACHABLE, OFL_FPM_ROUTE_ADD, OFL_RAWNH_REJECT},
		{RTN_PROHIBIT, OFL_FPM_ROUTE_ADD, OFL_RAWNH_REJECT},
		{RTN_LOCAL, OFL_FPM_IGNORED, 0},
		{RTN_BROADCAST, OFL_FPM_IGNORED, 0},
		{RTN_MULTICAST, OFL_FPM_IGNORED, 0},
		{RTN_THROW, OFL_FPM_IGNORED, 0},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		frame_begin();
		put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, RTPROT_OF_STATIC)
			->rtm_type = rows[i].type;
		message_end();
		assert_int_equal(one(), rows[i].kind);
		if (rows[i].kind != OFL_FPM_ROUTE_ADD)
			continue;
		assert_int_equal(got.route.nh_count, 1);
		assert_int_equal(got.route.nh[0].kind, rows[i].nh);
	}
}

/* `no fpm use-next-hop-groups`; a weight of 300 does not fit. */
static void test_multipath(void **state)
{
	static const uint8_t gw[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
	struct rtnexthop *rtnh;
	struct nlattr *nest;

	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, RTPROT_OF_STATIC);
	nest = mnl_attr_nest_start(last, RTA_MULTIPATH);
	for (int i = 0; i < 2; i++) {
		rtnh = mnl_nlmsg_get_payload_tail(last);
		rtnh->rtnh_len = sizeof(*rtnh) + 8;
		rtnh->rtnh_hops = i ? 255 : 4;
		rtnh->rtnh_ifindex = 3 + i;
		last->nlmsg_len += sizeof(*rtnh);
		mnl_attr_put(last, RTA_GATEWAY, 4, gw[i]);
	}
	mnl_attr_nest_end(last, nest);
	message_end();
	assert_int_equal(one(), OFL_FPM_ROUTE_ADD);
	assert_int_equal(got.route.nh_count, 2);
	is_gateway(&got.route.nh[0], "10.0.0.1", 3);
	is_gateway(&got.route.nh[1], "10.0.0.2", 4);
	assert_int_equal(got.route.nh[0].weight, 5);
	assert_int_equal(got.route.nh[1].weight, 255);
	rtnh = mnl_attr_get_payload(nest);
	rtnh->rtnh_len = 3; /* would go round for ever */
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	rtnh->rtnh_len = 200;
	assert_int_equal(one(), OFL_FPM_MALFORMED);
}

static void test_encap_and_via(void **state)
{
	uint8_t via[18] = {AF_INET6, 0, 0xfe, 0x80, [17] = 9};

	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, RTPROT_OF_BGP);
	mnl_attr_put(last, RTA_VIA, sizeof(via), via);
	mnl_attr_put_u32(last, RTA_OIF, 5);
	mnl_attr_put_u16(last, RTA_ENCAP_TYPE, 1);
	message_end();
	assert_int_equal(one(), OFL_FPM_ROUTE_ADD);
	is_gateway(&got.route.nh[0], "fe80::9", 5);
	assert_true(got.route.nh[0].encap);
	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, RTPROT_OF_BGP);
	mnl_attr_put(last, RTA_VIA, 6, via); /* too short for its family */
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
}

static void test_source_route(void **state)
{
	frame_begin();
	put_route(RTM_NEWROUTE, "2001:db8::/32", 254, RTPROT_OF_STATIC)
		->rtm_src_len = 48;
	put_addr(RTA_SRC, "2001:db8:7::");
	message_end();
	assert_int_equal(one(), OFL_FPM_ROUTE_ADD);
	assert_true(got.route.has_src);
	assert_string_equal(text(&got.route.src), "2001:db8:7::/48");
}

static void test_nonsense_in_routes(void **state)
{
	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, 196)->rtm_dst_len = 33;
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, 196)->rtm_family = AF_INET6;
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, 196)->rtm_family = AF_MPLS;
	message_end();
	assert_int_equal(one(), OFL_FPM_IGNORED);
	frame_begin();
	put_route(RTM_NEWROUTE, "10.0.0.0/8", 254, 196);
	mnl_attr_put_u16(last, RTA_NH_ID, 7); /* of four bytes */
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	message_begin(RTM_NEWROUTE, 4);
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	message_begin(RTM_NEWNEIGH, 12);
	message_end();
	assert_int_equal(one(), OFL_FPM_IGNORED);
}

/* --- next hops --- */

static void test_nexthops(void **state)
{
	struct nexthop_grp g[2] = {{.id = 1, .weight = 0},
				   {.id = 2, .weight = 9}};

	frame_begin();
	put_single(1, "10.0.0.1", 3);
	assert_int_equal(one(), OFL_FPM_NEXTHOP_ADD);
	assert_int_equal(got.nexthop.id, 1);
	assert_int_equal(got.nexthop.member_count, 0);
	is_gateway(&got.nexthop.nh, "10.0.0.1", 3);

	frame_begin();
	put_group(3, g, 2);
	assert_int_equal(one(), OFL_FPM_NEXTHOP_ADD);
	assert_int_equal(got.nexthop.member_count, 2);
	assert_int_equal(got.nexthop.member[1].id, 2);
	assert_int_equal(got.nexthop.member[1].weight, 10);
	/* 10.x: 257 */
	*((uint8_t *)g + offsetof(struct nexthop_grp, weight) + 1) = 1;
	frame_begin();
	put_group(3, g, 2);
	one();
	assert_int_equal(got.nexthop.member[0].weight, 255);

	frame_begin();
	put_nexthop(RTM_NEWNEXTHOP, 4)->nh_family = AF_INET;
	mnl_attr_put(last, NHA_BLACKHOLE, 0, NULL);
	message_end();
	assert_int_equal(one(), OFL_FPM_NEXTHOP_ADD);
	assert_int_equal(got.nexthop.nh.kind, OFL_RAWNH_BLACKHOLE);

	frame_begin();
	put_nexthop(RTM_NEWNEXTHOP, 5)->nh_family = AF_INET6;
	mnl_attr_put_u32(last, NHA_OIF, 3);
	mnl_attr_put_u16(last, NHA_ENCAP_TYPE, 7);
	message_end();
	assert_int_equal(one(), OFL_FPM_NEXTHOP_ADD);
	assert_int_equal(got.nexthop.nh.kind, OFL_RAWNH_INTERFACE);
	assert_true(got.nexthop.nh.encap);

	frame_begin();
	put_nexthop(RTM_DELNEXTHOP, 5);
	message_end();
	assert_int_equal(one(), OFL_FPM_NEXTHOP_DEL);
	assert_int_equal(got.nexthop.id, 5);
}

static void test_nonsense_in_nexthops(void **state)
{
	struct nexthop_grp g[2] = {{.id = 1}, {.id = 0}};

	frame_begin();
	put_group(3, g, 2);
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	put_nexthop(RTM_NEWNEXTHOP, 3);
	mnl_attr_put(last, NHA_GROUP, 7, g);
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	put_nexthop(RTM_NEWNEXTHOP, 0);
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
	frame_begin();
	put_nexthop(RTM_NEWNEXTHOP, 3)->nh_family = AF_INET6;
	mnl_attr_put(last, NHA_GATEWAY, 15, g);
	message_end();
	assert_int_equal(one(), OFL_FPM_MALFORMED);
}

/* --- protocols --- */

static void test_protocols(void **state)
{
	static const struct {
		uint8_t rtprot;
		const char *name, *name6;
	} rows[] = {
		{186, "bgp", "bgp"},	{188, "ospf", "ospf6"},
		{187, "isis", "isis"},	{196, "static", "static"},
		{42, "babel", "babel"}, {11, "table", "table"},
	};
	uint8_t proto;

	ofl_fpm_protos_init();
	for (size_t i = 0; i < array_size(rows); i++) {
		assert_true(ofl_fpm_proto(rows[i].rtprot, AF_INET, &proto));
		assert_string_equal(ofl_proto_name(proto), rows[i].name);
		assert_int_equal(ofl_fpm_rtprot(proto), rows[i].rtprot);
		assert_true(ofl_fpm_proto(rows[i].rtprot, AF_INET6, &proto));
		assert_string_equal(ofl_proto_name(proto), rows[i].name6);
		assert_int_equal(ofl_fpm_rtprot(proto), rows[i].rtprot);
	}
	assert_false(ofl_fpm_proto(RTPROT_KERNEL, AF_INET, &proto));
	assert_true(ofl_proto_parse("connected", &proto));
	assert_int_equal(ofl_fpm_rtprot(proto), RTPROT_KERNEL);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_golden),
		T(test_measure),
		T(test_two_messages_and_a_tail),
		T(test_encode),
		T(test_cut_anywhere),
		T(test_route_alone),
		T(test_kinds_of_routes),
		T(test_multipath),
		T(test_encap_and_via),
		T(test_source_route),
		T(test_nonsense_in_routes),
		T(test_nexthops),
		T(test_nonsense_in_nexthops),
		T(test_protocols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
