// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes of tc filters: what is written is read back as it was, what differs
 * is not called equal, and no message, however broken, does harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_pedit.h>

#include "offloadd/provider/prov_tc_filter.h"

#define BLOCK 22

struct sample {
	const char *name, *prefix;
	struct ofl_tc_filter f;
};

#define COOKIE                                                                 \
	{                                                                      \
		'o', 'f', 'l', 1, 0xde, 0xad, 0xbe, 0xef                       \
	}

static const struct sample samples[] = {
	{"forward IPv4",
	 "198.51.100.0/24",
	 {.chain = 4,
	  .handle = 77,
	  .pref = 9,
	  .protocol = ETH_P_IP,
	  .flags = TCA_CLS_FLAGS_SKIP_SW,
	  .does = OFL_TC_FORWARD,
	  .out_ifindex = 5,
	  .new_dmac = {2, 0, 0, 0, 0, 1},
	  .new_smac = {2, 0, 0, 0, 0, 2},
	  .cookie = COOKIE}},
	{"forward IPv6 into a VLAN",
	 "2001:db8:8000::/33",
	 {.chain = 6,
	  .handle = 1,
	  .pref = 96,
	  .protocol = ETH_P_IPV6,
	  .does = OFL_TC_FORWARD,
	  .out_ifindex = 7,
	  .out_vlan = 4094,
	  .new_dmac = {0xfe, 1, 2, 3, 4, 5},
	  .new_smac = {0xfe, 6, 7, 8, 9, 10},
	  .cookie = COOKIE}},
	{"a host route is dropped",
	 "192.0.2.1/32",
	 {.chain = 4,
	  .handle = 0xfffffffe,
	  .pref = 1,
	  .protocol = ETH_P_IP,
	  .flags = TCA_CLS_FLAGS_SKIP_HW,
	  .does = OFL_TC_DROP,
	  .cookie = COOKIE}},
	{"the default route is a cover",
	 "0.0.0.0/0",
	 {.chain = 4,
	  .handle = 3,
	  .pref = 33,
	  .protocol = ETH_P_IP,
	  .flags = TCA_CLS_FLAGS_SKIP_SW,
	  .does = OFL_TC_TRAP,
	  .cookie = COOKIE}},
	{"one of 100 packets, whatever it is",
	 NULL,
	 {.handle = 1000,
	  .pref = 49151,
	  .protocol = ETH_P_ALL,
	  .flags = TCA_CLS_FLAGS_SKIP_HW,
	  .does = OFL_TC_SAMPLE,
	  .sample_rate = 100,
	  .sample_group = 0x80001234,
	  .cookie = COOKIE}},
	{"one of 7 IPv6 packets, and no further",
	 NULL,
	 {.chain = 5,
	  .handle = 2,
	  .pref = 1,
	  .protocol = ETH_P_IPV6,
	  .flags = TCA_CLS_FLAGS_SKIP_HW,
	  .does = OFL_TC_SAMPLE_PASS,
	  .sample_rate = 7,
	  .sample_group = 9,
	  .cookie = COOKIE}},
	{"packets to a region are counted",
	 "2001:db8:8000::/33",
	 {.handle = 4099,
	  .pref = 49151,
	  .protocol = ETH_P_ALL,
	  .flags = TCA_CLS_FLAGS_SKIP_HW,
	  .does = OFL_TC_CONTINUE,
	  .cookie = COOKIE}},
	{"all IPv4 packets are counted",
	 "0.0.0.0/0",
	 {.handle = 4100,
	  .pref = 49151,
	  .protocol = ETH_P_ALL,
	  .flags = TCA_CLS_FLAGS_SKIP_HW,
	  .does = OFL_TC_CONTINUE,
	  .cookie = COOKIE}},
	{"all IPv6 packets are counted",
	 "::/0",
	 {.handle = 4100,
	  .pref = 49151,
	  .protocol = ETH_P_ALL,
	  .flags = TCA_CLS_FLAGS_SKIP_HW,
	  .does = OFL_TC_CONTINUE,
	  .cookie = COOKIE}},
	{"redirect as it came",
	 NULL,
	 {.handle = 4,
	  .pref = 3,
	  .protocol = ETH_P_IP,
	  .does = OFL_TC_FORWARD,
	  .out_ifindex = 5,
	  .keep_macs = true,
	  .keep_ttl = true,
	  .cookie = COOKIE}},
	{"redirect with other MACs",
	 NULL,
	 {.handle = 5,
	  .pref = 3,
	  .protocol = ETH_P_IP,
	  .does = OFL_TC_FORWARD,
	  .out_ifindex = 5,
	  .new_dmac = {2, 0, 0, 0, 0, 1},
	  .new_smac = {2, 0, 0, 0, 0, 2},
	  .keep_ttl = true,
	  .cookie = COOKIE}},
	{"guard: router MAC of a port",
	 NULL,
	 {.handle = 1,
	  .pref = 2,
	  .protocol = ETH_P_IP,
	  .has_dmac = true,
	  .dmac = {2, 0, 0, 0, 0, 9},
	  .indev = "sw1",
	  .does = OFL_TC_GOTO,
	  .goto_chain = 4,
	  .cookie = COOKIE}},
	{"guard: TTL 0 and 1",
	 NULL,
	 {.handle = 2,
	  .pref = 1,
	  .protocol = ETH_P_IPV6,
	  .ttl_mask = 0xfe,
	  .does = OFL_TC_PASS,
	  .cookie = COOKIE}},
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static struct ofl_tc_filter sample(size_t i)
{
	struct ofl_tc_filter f = samples[i].f;

	if (samples[i].prefix)
		assert_true(ofl_prefix_parse(samples[i].prefix, false, &f.dst));
	return f;
}

/* A message in a buffer of exactly its size, for the sanitizer's sake. */
static struct nlmsghdr *write_exact(const struct ofl_tc_filter *f)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_FILTER_BYTES];
	struct nlmsghdr *nlh, *exact;

	nlh = ofl_tc_filter_encode(buf, sizeof(buf), RTM_NEWTFILTER,
				   NLM_F_CREATE, BLOCK, f);
	assert_non_null(nlh);
	exact = malloc(nlh->nlmsg_len);
	assert_non_null(exact);
	memcpy(exact, nlh, nlh->nlmsg_len);
	return exact;
}

static void test_round_trip(void **state)
{
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct ofl_tc_filter f = sample(i), got;
		struct nlmsghdr *nlh = write_exact(&f);
		struct ofl_tc_seen seen;

		assert_int_equal(nlh->nlmsg_flags,
				 NLM_F_REQUEST | NLM_F_CREATE);
		assert_true(ofl_tc_filter_decode(nlh, &got, &seen));
		if (!seen.understood || !ofl_tc_filter_eq(&f, &got))
			fail_msg("%s: read back as something else",
				 samples[i].name);
		assert_int_equal(seen.block, BLOCK);
		assert_true(seen.has_cookie);
		assert_false(seen.in_hw || seen.not_in_hw);
		assert_int_equal(got.handle, f.handle);
		free(nlh);
	}
}

static void test_samples_differ(void **state)
{
	for (size_t i = 0; i < N_SAMPLES; i++)
		for (size_t j = 0; j < N_SAMPLES; j++) {
			struct ofl_tc_filter a = sample(i), b = sample(j);

			assert_int_equal(ofl_tc_filter_eq(&a, &b), i == j);
		}
}

/* One thing at a time, each of which must matter to eq(). */
static void test_each_field_counts(void **state)
{
	struct ofl_tc_filter a = sample(0), b;

#define DIFFERS(change)                                                        \
	do {                                                                   \
		b = a;                                                         \
		change;                                                        \
		assert_false(ofl_tc_filter_eq(&a, &b));                        \
		assert_false(ofl_tc_filter_eq(&b, &a));                        \
	} while (0)
	DIFFERS(b.chain++);
	DIFFERS(b.pref++);
	DIFFERS(b.handle++);
	DIFFERS(b.protocol = ETH_P_ARP);
	DIFFERS(b.flags = TCA_CLS_FLAGS_SKIP_HW);
	DIFFERS(b.dst.plen--);
	DIFFERS(b.dst.addr[0]++);
	DIFFERS(b.dst.family = 0);
	DIFFERS(b.has_dmac = true);
	DIFFERS(b.ttl_mask = 1);
	DIFFERS(b.indev[0] = 'x');
	DIFFERS(b.does = OFL_TC_DROP);
	DIFFERS(b.out_ifindex++);
	DIFFERS(b.out_vlan++);
	DIFFERS(b.new_dmac[5]++);
	DIFFERS(b.new_smac[0]++);
	DIFFERS(b.keep_ttl = true);
	DIFFERS(b.keep_macs = true);
	DIFFERS(b.cookie[15]++);
	a.does = OFL_TC_SAMPLE;
	a.sample_rate = a.sample_group = 1;
	DIFFERS(b.does = OFL_TC_SAMPLE_PASS);
	DIFFERS(b.sample_rate++);
	DIFFERS(b.sample_group++);
	a = sample(0);
#undef DIFFERS
	/* A handle the kernel has still to give, and verbosity, do not. */
	b = a;
	b.handle = 0;
	b.flags |= TCA_CLS_FLAGS_VERBOSE;
	assert_true(ofl_tc_filter_eq(&a, &b));
}

/* The header's own words: bytes a reader can check against RFC 791. */
static void test_pedit_is_ttl_minus_one(void **state)
{
	struct ofl_tc_filter f = sample(0);
	struct nlmsghdr *nlh = write_exact(&f);
	/* keep 00 ff ff ff, add ff 00 00 00, at byte 8 */
	static const uint8_t key[] = {0x00, 0xff, 0xff, 0xff, 0xff, 0,
				      0,    0,	  8,	0,    0,    0};

	assert_non_null(memmem(nlh, nlh->nlmsg_len, key, sizeof(key)));
	free(nlh);
}

static void test_delete_names_the_place_only(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_FILTER_BYTES];
	struct ofl_tc_filter f = sample(0), got;
	struct ofl_tc_seen seen;
	struct nlmsghdr *nlh;
	struct tcmsg *tcm;

	nlh = ofl_tc_filter_encode(buf, sizeof(buf), RTM_DELTFILTER, 0, BLOCK,
				   &f);
	assert_non_null(nlh);
	tcm = mnl_nlmsg_get_payload(nlh);
	assert_int_equal(tcm->tcm_handle, f.handle);
	assert_int_equal(TC_H_MAJ(tcm->tcm_info) >> 16, f.pref);
	assert_false(ofl_tc_filter_decode(nlh, &got, &seen));
}

static void test_what_cannot_be_is_not_written(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_FILTER_BYTES];
	struct ofl_tc_filter good = sample(0), f;

#define REFUSED(change)                                                        \
	do {                                                                   \
		f = good;                                                      \
		change;                                                        \
		assert_null(ofl_tc_filter_encode(                              \
			buf, sizeof(buf), RTM_NEWTFILTER, 0, BLOCK, &f));      \
	} while (0)
	REFUSED(f.pref = 0);
	REFUSED(f.protocol = ETH_P_IPV6);
	REFUSED(f.protocol = ETH_P_ARP);
	REFUSED(f.out_ifindex = 0);
	REFUSED(f.does = 99);
	REFUSED(f.keep_macs = true); /* and lower the TTL all the same */
	REFUSED(f.chain = 0x10000000);
	REFUSED(f.does = OFL_TC_SAMPLE); /* one of none */
#undef REFUSED
	/* Too little room is noticed at every size. */
	for (size_t len = 0;; len++) {
		uint8_t *room = malloc(len ? len : 1);
		bool fits;

		assert_non_null(room);
		fits = ofl_tc_filter_encode(room, len, RTM_NEWTFILTER, 0, BLOCK,
					    &good);
		free(room);
		if (fits)
			break;
		assert_true(len < OFL_TC_FILTER_BYTES);
	}
}

static void test_truncated(void **state)
{
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct ofl_tc_filter f = sample(i), got;
		struct nlmsghdr *nlh = write_exact(&f);
		struct ofl_tc_seen seen;

		for (uint32_t len = NLMSG_HDRLEN; len < nlh->nlmsg_len; len++) {
			struct nlmsghdr *cut = malloc(len);

			assert_non_null(cut);
			memcpy(cut, nlh, len);
			cut->nlmsg_len = len;
			if (ofl_tc_filter_decode(cut, &got, &seen))
				assert_false(seen.understood &&
					     ofl_tc_filter_eq(&f, &got));
			free(cut);
		}
		free(nlh);
	}
}

/* Random damage: no crash (sanitizers watch), and what still passes for a
 * filter of ours is one: written again it is the same message. */
static void test_damaged(void **state)
{
	uint32_t random = 1;

	for (int n = 0; n < 200000; n++) {
		struct ofl_tc_filter f = sample((size_t)n % N_SAMPLES), got;
		struct nlmsghdr *nlh = write_exact(&f), *again;
		struct ofl_tc_seen seen;

		for (int k = 0; k <= n % 3; k++) {
			random = random * 1664525 + 1013904223;
			((uint8_t *)nlh)[16 + (random >> 8) %
						      (nlh->nlmsg_len - 16)] ^=
				(uint8_t)(1 << (random >> 29));
		}
		if (ofl_tc_filter_decode(nlh, &got, &seen) && seen.understood &&
		    seen.block == BLOCK) {
			struct ofl_tc_filter back;
			struct ofl_tc_seen seen2;
			_Alignas(struct nlmsghdr)
				uint8_t buf[OFL_TC_FILTER_BYTES];

			again = ofl_tc_filter_encode(buf, sizeof(buf),
						     RTM_NEWTFILTER, 0, BLOCK,
						     &got);
			if (again) {
				assert_true(ofl_tc_filter_decode(again, &back,
								 &seen2));
				assert_true(ofl_tc_filter_eq(&got, &back));
			}
		}
		free(nlh);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_samples_differ),
		cmocka_unit_test(test_each_field_counts),
		cmocka_unit_test(test_pedit_is_ttl_minus_one),
		cmocka_unit_test(test_delete_names_the_place_only),
		cmocka_unit_test(test_what_cannot_be_is_not_written),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
