// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes of ACL filters: what is written is read back as it was, what differs
 * is not called equal, and no message, however broken, does harm.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "offloadd/provider/prov_tc_program.h"
#include "tests/unit/acl_words.h"

static const struct ofl_tc_at block = {.block = 22};

static const struct sample {
	bool program;
	const char *match, *acts;
} samples[] = {
	{false, "", "drop"},
	{false, "ethertype=0x800", "goto=128"},
	{false, "src4=10.0.0.0/255.0.0.0 protocol=6 dport=1-1000", "accept"},
	{false, "src6=2001:db8::/ffff:ffff::", "mark=7 trap"},
	{false, "vlan=1 vlan_id=5 ethertype=0x86dd", "redirect=5"},
	{false, "vlan=1", "redirect_in=5"},
	{false, "vlan=0", "mirror=4 mirror_in=5 drop"},
	{false, "ethertype=0x800 dscp=0", "dscp=46 accept"},
	{false, "ethertype=0x86dd dscp=0", "dscp=46 accept"},
	{false, "ethertype=0x800 protocol=17", "police=125000/10000 accept"},
	{false, "ethertype=0x800 protocol=17",
	 "police=5000000000/100000 sample=10/3/64 mark=1 dscp=8 goto=1"},
	{true, "mark=5/0xff", "drop"},
	{true, "ethertype=0x800 length=1-2 ttl=3-200", "dscp=1 drop"},
	{true, "ethertype=0x86dd protocol=6 tcp_flags=2/2 dport=7",
	 "dscp=1 drop"},
	{true, "", "sample=1/7 accept"},
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static struct ofl_tc_acl sample(size_t i)
{
	char text[256], *rest = text, *word;
	struct ofl_match m;
	struct ofl_tc_acl f;

	memset(&f, 0, sizeof(f));
	f.chain = 3;
	f.handle = (uint32_t)i + 1;
	f.pref = 77;
	f.flags = TCA_CLS_FLAGS_SKIP_SW;
	memset(f.cookie, 0xa5, sizeof(f.cookie));
	ofl_match_init(&m);
	snprintf(text, sizeof(text), "%s", samples[i].match);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		assert_true(acl_match_word(&m, word));
	snprintf(text, sizeof(text), "%s", samples[i].acts);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		assert_true(acl_act_word(&f.acts, word));
	if (samples[i].program)
		assert_true(ofl_tc_acl_program_set(&f, &m));
	else
		assert_int_equal(ofl_tc_acl_match_set(&f, &m, NULL), 0);
	return f;
}

/* A message in a buffer of exactly its size, for the sanitizer's sake. */
static struct nlmsghdr *write_exact(const struct ofl_tc_acl *f,
				    const struct ofl_tc_at *at)
{
	static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];
	struct nlmsghdr *nlh, *exact;

	nlh = ofl_tc_acl_encode(buf, sizeof(buf), RTM_NEWTFILTER, NLM_F_CREATE,
				at, f);
	assert_non_null(nlh);
	exact = malloc(nlh->nlmsg_len);
	assert_non_null(exact);
	memcpy(exact, nlh, nlh->nlmsg_len);
	return exact;
}

static void test_round_trip(void **state)
{
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct ofl_tc_acl f = sample(i), got;
		struct nlmsghdr *nlh = write_exact(&f, &block);
		struct ofl_tc_seen seen;

		assert_int_equal(nlh->nlmsg_flags,
				 NLM_F_REQUEST | NLM_F_CREATE);
		assert_true(ofl_tc_acl_decode(nlh, &got, &seen));
		if (!seen.understood || !ofl_tc_acl_eq(&f, &got))
			fail_msg("%s %s: read back as something else",
				 samples[i].match, samples[i].acts);
		assert_int_equal(seen.block, 22);
		assert_true(seen.has_cookie);
		assert_int_equal(got.handle, f.handle);
		assert_true(ofl_tc_acl_digest(&f) == ofl_tc_acl_digest(&got));
		assert_int_equal(ofl_tc_acl_pref_class(&got),
				 ofl_tc_acl_pref_class(&f));
		free(nlh);
	}
}

static void test_samples_differ(void **state)
{
	for (size_t i = 0; i < N_SAMPLES; i++)
		for (size_t j = 0; j < N_SAMPLES; j++) {
			struct ofl_tc_acl a = sample(i), b = sample(j);

			a.handle = b.handle = 0;
			assert_int_equal(ofl_tc_acl_eq(&a, &b), i == j);
			assert_int_equal(ofl_tc_acl_digest(&a) ==
						 ofl_tc_acl_digest(&b),
					 i == j);
		}
}

static void test_each_field_counts(void **state)
{
	struct ofl_tc_acl a = sample(10), b;

#define DIFFERS(change)                                                        \
	do {                                                                   \
		b = a;                                                         \
		change;                                                        \
		assert_false(ofl_tc_acl_eq(&a, &b));                           \
		assert_false(ofl_tc_acl_eq(&b, &a));                           \
		assert_int_equal(ofl_tc_acl_digest(&a) ==                      \
					 ofl_tc_acl_digest(&b),                \
				 b.handle != a.handle);                        \
	} while (0)
	DIFFERS(b.chain++);
	DIFFERS(b.pref++);
	DIFFERS(b.handle++);
	DIFFERS(b.flags = TCA_CLS_FLAGS_SKIP_HW);
	DIFFERS(b.is_program = true);
	DIFFERS(b.cookie[15]++);
	DIFFERS(b.acts.count--);
	DIFFERS(b.acts.act[0].rate_bytes++);
	DIFFERS(b.acts.act[0].burst_ticks++);
	DIFFERS(b.acts.act[1].one_in++);
	DIFFERS(b.acts.act[1].group++);
	DIFFERS(b.acts.act[1].most_bytes++);
	DIFFERS(b.acts.act[2].mark++);
	DIFFERS(b.acts.act[3].dscp++);
	DIFFERS(b.acts.act[4].chain++);
	DIFFERS(b.keys.indev[0] = 'x');
	DIFFERS(b.keys.smac[0]++);
	DIFFERS(b.keys.smac_mask[0]++);
	DIFFERS(b.keys.dmac_mask[5]++);
	DIFFERS(b.keys.dmac[5]++);
	DIFFERS(b.keys.tag = OFL_TC_TAG_NONE);
	DIFFERS(b.keys.has_vlan_id = true);
	DIFFERS(b.keys.has_vlan_pcp = true);
	DIFFERS(b.keys.has_ethertype = false);
	DIFFERS(b.keys.has_protocol = false);
	DIFFERS(b.keys.vlan_id++);
	DIFFERS(b.keys.vlan_pcp++);
	DIFFERS(b.keys.ethertype++);
	DIFFERS(b.keys.protocol++);
	DIFFERS(b.keys.src[3]++);
	DIFFERS(b.keys.src_mask[15]++);
	DIFFERS(b.keys.dst[0]++);
	DIFFERS(b.keys.dst_mask[0]++);
	DIFFERS(b.keys.tos.mask++);
	DIFFERS(b.keys.tos.value++);
	DIFFERS(b.keys.ttl.value++);
	DIFFERS(b.keys.ttl.mask++);
	DIFFERS(b.keys.tcp_flags.value++);
	DIFFERS(b.keys.tcp_flags.mask++);
	DIFFERS(b.keys.icmp_type.mask++);
	DIFFERS(b.keys.icmp_type.value++);
	DIFFERS(b.keys.icmp_code.mask++);
	DIFFERS(b.keys.icmp_code.value++);
	DIFFERS(b.keys.sport.is_range = true);
	DIFFERS(b.keys.sport.min++);
	DIFFERS(b.keys.sport.max++);
	DIFFERS(b.keys.sport.bits.mask++);
	DIFFERS(b.keys.sport.bits.value++);
	DIFFERS(b.keys.dport.is_range = true);
	DIFFERS(b.keys.dport.min++);
	DIFFERS(b.keys.dport.max++);
	DIFFERS(b.keys.dport.bits.mask++);
	DIFFERS(b.keys.dport.bits.value++);
	DIFFERS(b.keys.fragment++);
	DIFFERS(b.keys.fragment_mask++);
	DIFFERS(b.acts.act[0].kind = OFL_TC_ACT_MARK);
	a = sample(6);
	DIFFERS(b.acts.act[0].ifindex++);
	DIFFERS(b.acts.act[0].ingress = true);
	a = sample(11);
	DIFFERS(b.digest++);
#undef DIFFERS
	/* What is no part of it, and what its kind does not look at. */
	b = a;
	b.handle = 0;
	b.flags |= TCA_CLS_FLAGS_VERBOSE;
	b.keys.protocol++;
	b.acts.act[0].mark++;
	b.acts.act[5].kind++;
	assert_true(ofl_tc_acl_eq(&a, &b));
	assert_true(ofl_tc_acl_digest(&a) == ofl_tc_acl_digest(&b));
}

/* Words of the message that a reader can check against headers and RFCs. */
static void test_bytes(void **state)
{
	static const struct {
		size_t sample;
		uint8_t bytes[12];
		size_t len;
	} golden[] = {
		/* pedit: keep ff 03 ff ff, set 00 b8 00 00 (EF), at byte 0 */
		{7, {0xff, 0x03, 0xff, 0xff, 0, 0xb8, 0, 0, 0, 0, 0, 0}, 12},
		{8, {0xf0, 0x3f, 0xff, 0xff, 0x0b, 0x80, 0, 0, 0, 0, 0, 0}, 12},
		/* TCP ports 1 to 1000: two attributes of 6 bytes */
		{2, {6, 0, TCA_FLOWER_KEY_PORT_DST_MAX, 0, 0x03, 0xe8}, 6},
		{2, {6, 0, TCA_FLOWER_KEY_PORT_DST_MIN, 0, 0x00, 0x01}, 6},
		/* flower's ethertype is that of the tag, the other behind it */
		{4, {6, 0, TCA_FLOWER_KEY_ETH_TYPE, 0, 0x81, 0x00}, 6},
		{4, {6, 0, TCA_FLOWER_KEY_VLAN_ETH_TYPE, 0, 0x86, 0xdd}, 6},
		/* number of tags 0: attribute 102 */
		{6, {5, 0, 102, 0, 0}, 5},
	};

	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct ofl_tc_acl f = sample(golden[i].sample);
		struct nlmsghdr *nlh = write_exact(&f, &block);

		if (!memmem(nlh, nlh->nlmsg_len, golden[i].bytes,
			    golden[i].len))
			fail_msg("golden bytes %zu are not there", i);
		free(nlh);
	}
}

static void test_where(void **state)
{
	const struct ofl_tc_at out = {.ifindex = 7, .egress = true};
	struct ofl_tc_acl f = sample(4);
	struct nlmsghdr *nlh = write_exact(&f, &out);
	struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	assert_int_equal(tcm->tcm_ifindex, 7);
	assert_int_equal(tcm->tcm_parent, 0xfffffff3);
	assert_int_equal(tcm->tcm_info, 77u << 16 | htons(ETH_P_8021Q));
	free(nlh);
}

static void test_delete_names_the_place_only(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[256];
	struct ofl_tc_acl f = sample(0), got;
	struct ofl_tc_seen seen;
	struct nlmsghdr *nlh;

	nlh = ofl_tc_acl_encode(buf, sizeof(buf), RTM_DELTFILTER, 0, &block,
				&f);
	assert_non_null(nlh);
	assert_false(ofl_tc_acl_decode(nlh, &got, &seen));
}

static void test_what_cannot_be_is_not_written(void **state)
{
	static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];
	struct ofl_tc_acl good = sample(10), f;

#define REFUSED(change)                                                        \
	do {                                                                   \
		f = good;                                                      \
		change;                                                        \
		assert_null(ofl_tc_acl_encode(buf, sizeof(buf),                \
					      RTM_NEWTFILTER, 0, &block, &f)); \
	} while (0)
	REFUSED(f.pref = 0);
	REFUSED(f.chain = 0x10000000);
	REFUSED(f.acts.count = 0);
	REFUSED(f.acts.count = 4);		       /* no end */
	REFUSED(f.acts.act[1].kind = OFL_TC_ACT_DROP); /* an end before it */
	REFUSED(f.acts.act[1].kind = OFL_TC_ACT_MAX);
	REFUSED(f.acts.act[0].rate_bytes = 0);
	REFUSED(f.acts.act[0].burst_ticks = 0);
	REFUSED(f.acts.act[1].one_in = 0);
	REFUSED(f.acts.act[3].dscp = 64);
	REFUSED(f.acts.act[4].chain = 0x10000000);
	REFUSED(f.ethertype = 0); /* DSCP of what? */
	REFUSED(f.acts.act[4] =
			(struct ofl_tc_act){.kind = OFL_TC_ACT_REDIRECT});
#undef REFUSED
	for (size_t len = 0;; len += 4) {
		uint8_t *room = malloc(len ? len : 1);
		bool fits;

		assert_non_null(room);
		fits = ofl_tc_acl_encode(room, len, RTM_NEWTFILTER, 0, &block,
					 &good);
		free(room);
		if (fits)
			break;
		assert_true(len < OFL_TC_ACL_BYTES);
	}
}

static void test_bursts(void **state)
{
	/* 1 MB at 1 MB/s is a second: 15,625,000 ticks of 64 ns. */
	assert_int_equal(ofl_tc_burst_ticks(1000000, 1000000), 15625000);
	assert_int_equal(ofl_tc_burst_ticks(1000000000000, 1), 1);
	assert_int_equal(ofl_tc_burst_ticks(1, 4), 62500000);
	assert_int_equal(ofl_tc_burst_ticks(1, 1000000), 0);
	assert_int_equal(ofl_tc_burst_ticks(0, 1), 0);
	assert_int_equal(ofl_tc_burst_ticks(1, 0), 0);
	assert_int_equal(ofl_tc_burst_ticks(UINT64_MAX, UINT32_MAX), 0);
}

static void test_addresses_need_their_family(void **state)
{
	static const uint8_t addr[16] = {1}, mask[16] = {0xff};
	struct ofl_tc_program program;
	struct ofl_match m;

	for (int family = 0; family < 2; family++) {
		ofl_match_init(&m);
		ofl_match_addr_set(&m, OFL_END_DST, family ? AF_INET6 : AF_INET,
				   addr, mask);
		assert_true(ofl_tc_program_make(&m, &program));
		ofl_match_set(&m, OFL_FIELD_ETHERTYPE, 0, 0);
		assert_false(ofl_tc_program_make(&m, &program));
	}
}

/* The longest there can be, and that its jumps stay inside. */
static void test_programs_end(void **state)
{
	static const char words[] =
		"mark=1 port=1 vlan=1 vlan_id=1 src_mac=1 dst_mac=1 "
		"src6=::1 dst6=::2 protocol=1/1 dscp=1 fragment=0/2 "
		"length=1-2 ttl=1-2 sport=1-2 dport=1-2 tcp_flags=1/1 "
		"icmp_type=1 icmp_code=1";
	char text[512], *rest = text, *word;
	struct ofl_tc_program p;
	struct ofl_match m;

	ofl_match_init(&m);
	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		assert_true(acl_match_word(&m, word));
	assert_true(ofl_tc_program_make(&m, &p));
	assert_uint_in_range(p.count, 100, OFL_TC_PROGRAM_MAX - 50);
	for (unsigned int i = 0; i < p.count; i++) {
		uint32_t most = 0;

		if (BPF_CLASS(p.op[i].code) != BPF_JMP)
			continue;
		if (BPF_OP(p.op[i].code) == BPF_JA)
			most = p.op[i].k;
		else
			most = p.op[i].jt > p.op[i].jf ? p.op[i].jt
						       : p.op[i].jf;
		assert_uint_in_range(most, 0, p.count - i - 2);
	}
	assert_int_equal(p.op[p.count - 1].code, BPF_RET | BPF_K);
}

static void test_truncated(void **state)
{
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct ofl_tc_acl f = sample(i), got;
		struct nlmsghdr *nlh = write_exact(&f, &block);
		struct ofl_tc_seen seen;

		for (uint32_t len = NLMSG_HDRLEN; len < nlh->nlmsg_len; len++) {
			struct nlmsghdr *cut = malloc(len);

			assert_non_null(cut);
			memcpy(cut, nlh, len);
			cut->nlmsg_len = len;
			if (ofl_tc_acl_decode(cut, &got, &seen))
				assert_false(seen.understood &&
					     ofl_tc_acl_eq(&f, &got));
			free(cut);
		}
		free(nlh);
	}
}

/* Random damage: no crash (sanitizers watch), and what still passes for a
 * filter of ours is one: written again it is read as the same. */
static void test_damaged(void **state)
{
	static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];
	struct nlmsghdr *made[N_SAMPLES];
	uint32_t random = 1, again = 0;

	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct ofl_tc_acl f = sample(i);

		made[i] = write_exact(&f, &block);
	}
	for (int n = 0; n < 200000; n++) {
		const struct nlmsghdr *good = made[(size_t)n % N_SAMPLES];
		struct nlmsghdr *nlh = malloc(good->nlmsg_len), *next;
		struct ofl_tc_acl got, back;
		struct ofl_tc_seen seen;

		assert_non_null(nlh);
		memcpy(nlh, good, good->nlmsg_len);
		for (int k = 0; k <= n % 3; k++) {
			random = random * 1664525 + 1013904223;
			((uint8_t *)nlh)[16 + (random >> 8) %
						      (nlh->nlmsg_len - 16)] ^=
				(uint8_t)(1 << (random >> 29));
		}
		/* A program is not read back, only its digest. */
		if (ofl_tc_acl_decode(nlh, &got, &seen) && seen.understood &&
		    seen.block == 22 && !got.is_program) {
			next = ofl_tc_acl_encode(buf, sizeof(buf),
						 RTM_NEWTFILTER, 0, &block,
						 &got);
			if (next) {
				assert_true(
					ofl_tc_acl_decode(next, &back, &seen));
				assert_true(ofl_tc_acl_eq(&got, &back));
				again++;
			}
		}
		free(nlh);
	}
	assert_true(again > 10000);
	for (size_t i = 0; i < N_SAMPLES; i++)
		free(made[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_samples_differ),
		cmocka_unit_test(test_each_field_counts),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_delete_names_the_place_only),
		cmocka_unit_test(test_what_cannot_be_is_not_written),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_addresses_need_their_family),
		cmocka_unit_test(test_programs_end),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
