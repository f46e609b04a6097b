// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers to zebra over FPM, byte by byte: read back by libmnl. */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "offloadd/source/fpm_ack.h"

struct answer {
	const struct rtmsg *rtm;
	const uint8_t *dst;
	size_t dst_len;
	uint32_t table;
};

static int take(const struct nlattr *attr, void *arg)
{
	struct answer *a = arg;

	if (mnl_attr_get_type(attr) == RTA_DST) {
		a->dst = mnl_attr_get_payload(attr);
		a->dst_len = mnl_attr_get_payload_len(attr);
	} else if (mnl_attr_get_type(attr) == RTA_TABLE) {
		a->table = mnl_attr_get_u32(attr);
	} else {
		fail_msg("attribute %u", mnl_attr_get_type(attr));
	}
	return MNL_CB_OK;
}

static struct answer answer(const char *prefix, uint32_t table, bool installed)
{
	static _Alignas(struct nlmsghdr) uint8_t buf[OFL_FPM_ACK_BYTES];
	const struct nlmsghdr *n = (const struct nlmsghdr *)buf;
	struct answer a = {0};
	struct ofl_prefix p;
	size_t len;

	memset(buf, 0xaa, sizeof(buf));
	assert_true(ofl_prefix_parse(prefix, true, &p));
	len = ofl_fpm_ack_encode(&p, table, 186, installed, buf);
	assert_true(len <= sizeof(buf));
	assert_int_equal(len, n->nlmsg_len);
	assert_true(mnl_nlmsg_ok(n, (int)len));
	assert_int_equal(n->nlmsg_type, RTM_NEWROUTE);
	/* zebra passes over what is no request. */
	assert_int_equal(n->nlmsg_flags, NLM_F_REQUEST);
	a.rtm = mnl_nlmsg_get_payload(n);
	assert_int_equal(mnl_attr_parse(n, sizeof(*a.rtm), take, &a),
			 MNL_CB_OK);
	assert_int_equal(a.rtm->rtm_protocol, 186);
	assert_int_equal(a.rtm->rtm_type, RTN_UNICAST);
	assert_int_equal(a.rtm->rtm_src_len, 0);
	assert_int_equal(a.table, table);
	return a;
}

static void ipv4(void **state)
{
	struct answer a = answer("192.0.2.0/24", 254, true);

	assert_int_equal(a.rtm->rtm_family, AF_INET);
	assert_int_equal(a.rtm->rtm_dst_len, 24);
	assert_int_equal(a.rtm->rtm_table, 254);
	assert_int_equal(a.rtm->rtm_flags, RTM_F_OFFLOAD);
	assert_int_equal(a.dst_len, 4);
	assert_memory_equal(a.dst, ((uint8_t[]){192, 0, 2, 0}), 4);
}

static void ipv6_of_a_vrf(void **state)
{
	struct answer a = answer("2001:db8::/32", 1001, false);

	assert_int_equal(a.rtm->rtm_family, AF_INET6);
	assert_int_equal(a.rtm->rtm_dst_len, 32);
	/* The byte is too small for it. */
	assert_int_equal(a.rtm->rtm_table, RT_TABLE_COMPAT);
	assert_int_equal(a.rtm->rtm_flags, RTM_F_OFFLOAD_FAILED);
	assert_int_equal(a.dst_len, 16);
	assert_memory_equal(a.dst, ((uint8_t[]){0x20, 1, 0xd, 0xb8}), 4);
}

static void defaults(void **state)
{
	assert_int_equal(answer("0.0.0.0/0", 254, true).rtm->rtm_dst_len, 0);
	assert_int_equal(answer("::/0", 255, true).rtm->rtm_table, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6_of_a_vrf),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
