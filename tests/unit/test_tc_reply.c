// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told of filters that the kernel shows: those of routes whole, those
 * of ACLs by a digest, others' by what can be seen of them; and no broken
 * message does harm.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>

#include "offloadd/provider/prov_tc_reply.h"
#include "tests/unit/acl_words.h"

static const struct ofl_tc_at block = {.block = 22};
static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];

static struct ofl_tc_reply found(const struct nlmsghdr *nlh)
{
	struct ofl_tc_reply ret;

	memset(&ret, 0xa5, sizeof(ret));
	ret.tag = 77;
	assert_true(ofl_tc_found_decode(nlh, &ret));
	assert_int_equal(ret.tag, 77);
	assert_int_equal(ret.kind, OFL_TC_FOUND);
	assert_true(ret.echoed);
	assert_int_equal(ret.errnum, 0);
	return ret;
}

/* --- of routes --- */

static struct ofl_tc_reply found_route(uint8_t cookie_kind)
{
	struct ofl_tc_filter f = {.chain = 5,
				  .handle = 9,
				  .pref = 7,
				  .protocol = ETH_P_IP,
				  .does = OFL_TC_GOTO,
				  .goto_chain = 8,
				  .indev = "eth5"};
	struct ofl_tc_reply r;

	if (cookie_kind)
		ofl_tc_cookie_make(4711, cookie_kind, f.cookie);
	r = found(ofl_tc_filter_encode(buf, sizeof(buf), RTM_NEWTFILTER, 0, 22,
				       &f));
	assert_int_equal(r.seen.block, 22);
	if (cookie_kind != OFL_TC_COOKIE_ACL)
		assert_true(ofl_tc_filter_eq(&f, &r.filter));
	return r;
}

static void test_a_route_is_told_whole(void **state)
{
	for (uint8_t kind = OFL_TC_COOKIE_GUARD; kind < OFL_TC_COOKIE_ACL;
	     kind++)
		assert_false(found_route(kind).acl.is);
}

/* Of somebody else, though a route could look like it; or of an ACL. */
static void test_what_looks_like_a_route(void **state)
{
	static const uint8_t kinds[] = {OFL_TC_COOKIE_NONE, OFL_TC_COOKIE_ACL,
					OFL_TC_COOKIE_REGION + 1};
	static const struct ofl_tc_filter none;

	for (size_t i = 0; i < sizeof(kinds); i++) {
		struct ofl_tc_reply r = found_route(kinds[i]);

		assert_true(r.acl.is);
		assert_string_equal(r.acl.kind, "flower");
		assert_int_equal(r.acl.chain, 5);
		assert_int_equal(r.acl.handle, 9);
		assert_int_equal(r.acl.pref, 7);
		assert_int_equal(r.acl.protocol, ETH_P_IP);
		assert_int_equal(r.acl.goto_chain, 8);
		assert_string_equal(r.acl.indev, "eth5");
		assert_true(r.acl.digest == 0); /* no ACL has this protocol */
		assert_int_equal(!memcmp(&r.filter, &none, sizeof(none)),
				 kinds[i] == OFL_TC_COOKIE_ACL);
	}
}

static void test_cookies(void **state)
{
	static const uint8_t bytes[OFL_TC_COOKIE] = {
		'o', 'f', 'l', 1, 0x12, 0x34, 0x56, 0x78, OFL_TC_COOKIE_ACL};
	uint8_t cookie[OFL_TC_COOKIE];

	ofl_tc_cookie_make(0x12345678, OFL_TC_COOKIE_ACL, cookie);
	assert_memory_equal(cookie, bytes, OFL_TC_COOKIE);
	cookie[15] = 1; /* the kind's own */
	assert_int_equal(ofl_tc_cookie_kind_get(cookie), OFL_TC_COOKIE_ACL);
	cookie[3] = 2;
	assert_int_equal(ofl_tc_cookie_kind_get(cookie), OFL_TC_COOKIE_NONE);
}

/* --- of ACLs --- */

static struct ofl_tc_acl filter(bool program, uint32_t flags)
{
	struct ofl_tc_acl f;
	struct ofl_match m;
	char word[] = "ethertype=0x800", mark[] = "mark=5", go[] = "goto=6";

	memset(&f, 0, sizeof(f));
	f.chain = 3;
	f.handle = 4;
	f.pref = 5;
	f.flags = flags;
	ofl_tc_cookie_make(1, OFL_TC_COOKIE_ACL, f.cookie);
	ofl_match_init(&m);
	assert_true(acl_match_word(&m, word));
	assert_true(acl_act_word(&f.acts, mark));
	assert_true(acl_act_word(&f.acts, go));
	if (program)
		assert_true(ofl_tc_acl_program_set(&f, &m));
	else
		assert_int_equal(ofl_tc_acl_match_set(&f, &m, "eth1"), 0);
	return f;
}

static const struct nlmsghdr *message(const struct ofl_tc_acl *f, uint16_t type)
{
	struct nlmsghdr *nlh = ofl_tc_acl_encode(buf, sizeof(buf),
						 RTM_NEWTFILTER, 0, &block, f);

	assert_non_null(nlh);
	nlh->nlmsg_type = type;
	return nlh;
}

static void test_an_acl_is_told_by_its_digest(void **state)
{
	for (int program = 0; program < 2; program++) {
		struct ofl_tc_acl f = filter(program, TCA_CLS_FLAGS_SKIP_HW);
		struct ofl_tc_reply r = found(message(&f, RTM_NEWTFILTER));

		assert_true(r.acl.is);
		assert_false(r.filter.pref);
		assert_string_equal(r.acl.kind, program ? "bpf" : "flower");
		assert_int_equal(r.acl.chain, 3);
		assert_int_equal(r.acl.handle, 4);
		assert_int_equal(r.acl.pref, 5);
		assert_int_equal(r.acl.protocol, ETH_P_ALL);
		assert_int_equal(r.acl.flags, TCA_CLS_FLAGS_SKIP_HW);
		assert_int_equal(r.acl.goto_chain, 6);
		assert_true(r.acl.digest == ofl_tc_acl_digest(&f));
		assert_true(r.seen.has_cookie && r.seen.understood);
		assert_int_equal(r.seen.block, 22);
		assert_memory_equal(r.acl.cookie, f.cookie, OFL_TC_COOKIE);
	}
}

static void test_echo(void **state)
{
	static const uint16_t types[] = {RTM_NEWTFILTER, RTM_DELTFILTER};

	for (size_t i = 0; i < 2; i++) {
		struct ofl_tc_acl f = filter(false, TCA_CLS_FLAGS_IN_HW), got;
		struct ofl_tc_reply r = {.tag = 1};

		got = f;
		got.chain++;
		ofl_tc_acl_echo_decode(message(&got, types[i]), &f, &r);
		assert_true(r.echoed && r.acl.is && !r.acl.as_asked);
		assert_true(r.acl.digest == ofl_tc_acl_digest(&got));
		r = (struct ofl_tc_reply){.tag = 1};
		ofl_tc_acl_echo_decode(message(&f, types[i]), &f, &r);
		assert_true(r.echoed && r.acl.is && r.acl.as_asked);
		assert_true(r.seen.in_hw);
		assert_int_equal(r.acl.flags, 0);
	}
}

/* Something no key holds: it is not what was asked, whatever the rest says. */
static void test_what_is_not_understood_has_no_digest(void **state)
{
	struct ofl_tc_acl f = filter(false, 0);
	struct ofl_tc_reply r = {.tag = 1};
	struct nlmsghdr *nlh;
	struct nlattr *a;

	nlh = (struct nlmsghdr *)message(&f, RTM_NEWTFILTER);
	mnl_attr_for_each(a, nlh, sizeof(struct tcmsg))
	{
		if (mnl_attr_get_type(a) != TCA_OPTIONS)
			continue;
		mnl_attr_put_u32(nlh, TCA_FLOWER_CLASSID, 1);
		a->nla_len += 8; /* it is the last one */
		break;
	}
	ofl_tc_acl_echo_decode(nlh, &f, &r);
	assert_true(r.echoed && r.acl.is && !r.acl.as_asked);
	assert_true(r.acl.digest == 0 && !r.seen.understood);
	assert_int_equal(r.acl.goto_chain, 6);
}

/* --- of others --- */

/* A filter with one action, `packets` counted. */
static struct nlmsghdr *other(const char *kind, uint32_t handle,
			      uint16_t flags_type, uint16_t acts_type,
			      uint32_t packets)
{
	struct tc_gact parms = {.action = TC_ACT_GOTO_CHAIN | 6};
	struct gnet_stats_basic basic = {.bytes = 100, .packets = packets};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *options, *acts, *act, *nest;
	struct tcmsg *tcm;

	nlh->nlmsg_type = RTM_NEWTFILTER;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = 3;
	tcm->tcm_handle = handle;
	tcm->tcm_info = TC_H_MAKE(7u << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	mnl_attr_put_u32(nlh, TCA_CHAIN, 8);
	if (!acts_type)
		return nlh;
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	if (flags_type)
		mnl_attr_put_u32(nlh, flags_type,
				 TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_IN_HW);
	acts = mnl_attr_nest_start(nlh, acts_type);
	act = mnl_attr_nest_start(nlh, 1);
	mnl_attr_put_strz(nlh, TCA_ACT_KIND, "gact");
	nest = mnl_attr_nest_start(nlh, TCA_ACT_OPTIONS);
	mnl_attr_put(nlh, TCA_GACT_PARMS, sizeof(parms), &parms);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, TCA_ACT_STATS);
	mnl_attr_put(nlh, TCA_STATS_BASIC, 12, &basic);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_nest_end(nlh, act);
	mnl_attr_nest_end(nlh, acts);
	mnl_attr_nest_end(nlh, options);
	return nlh;
}

static void test_others(void **state)
{
	static const struct {
		const char *kind, *told;
		uint32_t handle;
		uint16_t flags, acts;
	} rows[] = {
		{"matchall", "matchall", 1, TCA_MATCHALL_FLAGS,
		 TCA_MATCHALL_ACT},
		{"u32", "u32", 0x80000800, TCA_U32_FLAGS, TCA_U32_ACT},
		{"fw", "fw", 5, 0, TCA_FW_ACT},
		{"basic", "basic", 1, 0, TCA_BASIC_ACT},
		{"route", "route", 1, 0, 0},
		{"a-name-that-is-long", "a-name-that-is-", 1, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ofl_tc_reply r =
			found(other(rows[i].kind, rows[i].handle, rows[i].flags,
				    rows[i].acts, 17));

		assert_true(r.acl.is);
		assert_string_equal(r.acl.kind, rows[i].told);
		assert_int_equal(r.acl.handle, rows[i].handle);
		assert_int_equal(r.acl.chain, 8);
		assert_int_equal(r.acl.pref, 7);
		assert_int_equal(r.acl.protocol, ETH_P_ALL);
		assert_int_equal(r.acl.flags,
				 rows[i].flags ? TCA_CLS_FLAGS_SKIP_SW : 0);
		assert_int_equal(r.seen.in_hw, rows[i].flags != 0);
		assert_int_equal(r.acl.goto_chain, rows[i].acts ? 6 : 0);
		assert_int_equal(r.seen.counted.packets, rows[i].acts ? 17 : 0);
		assert_true(r.acl.digest == 0 && !r.seen.has_cookie);
		assert_int_equal(r.seen.block, 0);
		assert_int_equal(r.filter.pref, 0);
	}
}

/* As a terse dump tells a filter: flags, and of each action its kind, counters
 * and cookie.  Which is all that counters need. */
static void test_a_terse_route(void **state)
{
	const struct gnet_stats_basic few = {.bytes = 100, .packets = 2};
	const struct gnet_stats_basic many = {.bytes = 1ull << 40,
					      .packets = 7};
	const uint64_t packets = 1ull << 33 | 7, hw_packets = 1ull << 33 | 5;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *options, *acts, *act, *nest;
	uint8_t cookie[OFL_TC_COOKIE];
	struct ofl_tc_reply r;
	struct tcmsg *tcm;

	ofl_tc_cookie_make(1, OFL_TC_COOKIE_ROUTE, cookie);
	nlh->nlmsg_type = RTM_NEWTFILTER;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_handle = 9;
	tcm->tcm_info = TC_H_MAKE(7u << 16, htons(ETH_P_IP));
	mnl_attr_put_strz(nlh, TCA_KIND, "flower");
	mnl_attr_put_u32(nlh, TCA_CHAIN, 5);
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_SW);
	acts = mnl_attr_nest_start(nlh, TCA_FLOWER_ACT);
	for (int i = 1; i <= 2; i++) {
		act = mnl_attr_nest_start(nlh, i);
		mnl_attr_put_strz(nlh, TCA_ACT_KIND,
				  i == 1 ? "csum" : "mirred");
		nest = mnl_attr_nest_start(nlh, TCA_ACT_STATS);
		mnl_attr_put(nlh, TCA_STATS_BASIC, 12, i == 1 ? &few : &many);
		if (i == 2) {
			mnl_attr_put_u64(nlh, TCA_STATS_PKT64, packets);
			mnl_attr_put(nlh, TCA_STATS_BASIC_HW, 12, &many);
			mnl_attr_put_u64(nlh, TCA_STATS_PKT64, hw_packets);
		}
		mnl_attr_nest_end(nlh, nest);
		if (i == 1)
			mnl_attr_put(nlh, TCA_ACT_COOKIE, sizeof(cookie),
				     cookie);
		mnl_attr_nest_end(nlh, act);
	}
	mnl_attr_nest_end(nlh, acts);
	mnl_attr_nest_end(nlh, options);

	r = found(nlh);
	assert_false(r.acl.is);
	assert_int_equal(r.filter.handle, 9);
	assert_int_equal(r.filter.pref, 7);
	assert_int_equal(r.filter.chain, 5);
	assert_memory_equal(r.filter.cookie, cookie, sizeof(cookie));
	assert_true(r.seen.has_cookie && !r.seen.understood);
	assert_true(r.seen.counted.bytes == 1ull << 40);
	assert_true(r.seen.counted.packets == packets);
	assert_true(r.seen.counted.hw_packets == hw_packets);
}

static void test_what_is_no_filter(void **state)
{
	struct ofl_tc_reply r = {.tag = 1};
	struct nlmsghdr *nlh;

	/* The head of a pref; a table; another message. */
	assert_false(ofl_tc_found_decode(other("matchall", 0, 0, 0, 0), &r));
	assert_false(ofl_tc_found_decode(other("flower", 0, 0, 0, 0), &r));
	assert_false(
		ofl_tc_found_decode(other("u32", 0x80000000, 0, 0, 0), &r));
	nlh = other("matchall", 1, 0, 0, 0);
	nlh->nlmsg_type = RTM_NEWCHAIN;
	assert_false(ofl_tc_found_decode(nlh, &r));
}

/* A message in a buffer of exactly its size, cut or with bits changed. */
static void damage(const struct nlmsghdr *good, uint32_t len, uint32_t random)
{
	struct nlmsghdr *bad = malloc(len);
	struct ofl_tc_reply r = {.tag = 1};

	assert_non_null(bad);
	memcpy(bad, good, len);
	bad->nlmsg_len = len;
	if (random && len > NLMSG_HDRLEN)
		((uint8_t *)bad)[NLMSG_HDRLEN +
				 (random >> 8) % (len - NLMSG_HDRLEN)] ^=
			(uint8_t)(1 << (random >> 29));
	(void)ofl_tc_found_decode(bad, &r);
	assert_true(memchr(r.acl.kind, 0, sizeof(r.acl.kind)));
	assert_true(memchr(r.acl.indev, 0, sizeof(r.acl.indev)));
	free(bad);
}

static void test_damaged(void **state)
{
	struct ofl_tc_acl f = filter(false, 0);
	uint32_t random = 1;

	for (int kind = 0; kind < 2; kind++) {
		const struct nlmsghdr *nlh =
			kind ? message(&f, RTM_NEWTFILTER)
			     : other("matchall", 1, TCA_MATCHALL_FLAGS,
				     TCA_MATCHALL_ACT, 5);

		for (uint32_t len = NLMSG_HDRLEN; len < nlh->nlmsg_len; len++)
			damage(nlh, len, 0);
		for (int n = 0; n < 20000; n++) {
			random = random * 1664525 + 1013904223;
			damage(nlh, nlh->nlmsg_len, random);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_route_is_told_whole),
		cmocka_unit_test(test_what_looks_like_a_route),
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_an_acl_is_told_by_its_digest),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_what_is_not_understood_has_no_digest),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_a_terse_route),
		cmocka_unit_test(test_what_is_no_filter),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
