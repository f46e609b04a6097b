// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples: messages of psample and heads of packets, made byte by byte; what
 * is cut off, odd or not understood is said to be so; losses are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/psample.h>

#include "lib/genl.h"
#include "offloadd/provider/prov_psample_decode.h"

#define FAMILY 27

/* --- heads of packets --- */

#define MAC_BYTES 0x02, 0, 0, 0, 0, 0x01
#define MACS MAC_BYTES, 0x02, 0, 0, 0, 0, 0x02
#define IP4                                                                    \
	0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7
#define IP6                                                                    \
	0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0,  \
		0, 0, 0, 0, 1, 0x20, 1, 0xd, 0xb8, 0, 9, 0, 0, 0, 0, 0, 0, 0,  \
		0, 0, 5

static const struct row {
	const char *name;
	size_t len;
	uint8_t family;
	uint8_t first, last; /* bytes of the address */
	uint8_t data[128];
} rows[] = {
	{"IPv4", 34, AF_INET, 198, 7, {MACS, 8, 0, IP4}},
	{"IPv6", 54, AF_INET6, 0x20, 5, {MACS, 0x86, 0xdd, IP6}},
	{"IPv4, one tag",
	 38,
	 AF_INET,
	 198,
	 7,
	 {MACS, 0x81, 0, 0, 5, 8, 0, IP4}},
	{"IPv6, two tags",
	 62,
	 AF_INET6,
	 0x20,
	 5,
	 {MACS, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 5, 0x86, 0xdd, IP6}},
	{"three tags",
	 46,
	 0,
	 0,
	 0,
	 {MACS, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 5, 0x81, 0, 0, 6, 8, 0, IP4}},
	{"ARP", 42, 0, 0, 0, {MACS, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1}},
	{"IPv6 called IPv4", 54, 0, 0, 0, {MACS, 8, 0, IP6}},
	{"IPv4 called IPv6", 54, 0, 0, 0, {MACS, 0x86, 0xdd, IP4}},
	{"802.3", 34, 0, 0, 0, {MACS, 0, 20, 0xaa, 0xaa, 3}},
};

/* In memory of its own size: reading behind it is noticed. */
static bool head_of(const uint8_t *data, size_t len,
		    struct ofl_psample_head *ret)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, data, len);
	ok = ofl_psample_head_decode(copy, len, ret);
	free(copy);
	return ok;
}

static void test_heads(void **state)
{
	static const uint8_t mac[6] = {MAC_BYTES};
	struct ofl_psample_head h, before;

	memset(&before, 0xa5, sizeof(before));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		print_message("%s\n", r->name);
		h = before;
		assert_int_equal(head_of(r->data, r->len, &h), r->family != 0);
		if (!r->family) {
			assert_memory_equal(&h, &before, sizeof(h));
			continue;
		}
		assert_memory_equal(h.dmac, mac, sizeof(mac));
		assert_int_equal(h.family, r->family);
		assert_int_equal(h.dst[0], r->first);
		assert_int_equal(h.dst[r->family == AF_INET ? 3 : 15], r->last);
		/* Of every shorter one something is missing. */
		for (size_t len = 0; len < r->len; len++)
			assert_false(head_of(r->data, len, &h));
	}
	assert_false(ofl_psample_head_decode(NULL, 0, &h));
}

/* --- messages --- */

static _Alignas(struct nlmsghdr) uint8_t buf[2048];

enum { WITHOUT_GROUP = 1, WITHOUT_SEQ = 2, WITHOUT_RATE = 4, WITHOUT_SIZE = 8 };

static struct nlmsghdr *message(uint8_t cmd, int without, uint32_t rate)
{
	struct nlmsghdr *nlh = ofl_genl_begin(buf, FAMILY, cmd, 1, 0);

	mnl_attr_put_u16(nlh, PSAMPLE_ATTR_IIFINDEX, 5);
	if (!(without & WITHOUT_RATE))
		mnl_attr_put_u32(nlh, PSAMPLE_ATTR_SAMPLE_RATE, rate);
	if (!(without & WITHOUT_SIZE))
		mnl_attr_put_u32(nlh, PSAMPLE_ATTR_ORIGSIZE, 1514);
	if (!(without & WITHOUT_GROUP))
		mnl_attr_put_u32(nlh, PSAMPLE_ATTR_SAMPLE_GROUP, 0x80001234);
	if (!(without & WITHOUT_SEQ))
		mnl_attr_put_u32(nlh, PSAMPLE_ATTR_GROUP_SEQ, 77);
	mnl_attr_put_u16(nlh, PSAMPLE_ATTR_PROTO, 8);
	mnl_attr_put(nlh, PSAMPLE_ATTR_DATA, 34, rows[0].data);
	return nlh;
}

static bool decode(const struct nlmsghdr *nlh, struct ofl_psample_packet *p)
{
	memset(p, 0, sizeof(*p));
	return ofl_psample_decode(nlh, FAMILY, p);
}

static void test_messages(void **state)
{
	struct ofl_psample_packet p;
	struct nlmsghdr *nlh;

	assert_true(decode(message(PSAMPLE_CMD_SAMPLE, 0, 100), &p));
	assert_int_equal(p.group, 0x80001234);
	assert_int_equal(p.seq, 77);
	assert_int_equal(p.rate, 100);
	assert_int_equal(p.ifindex, 5);
	assert_int_equal(p.bytes, 1514);
	assert_int_equal(p.len, 34);
	assert_memory_equal(p.data, rows[0].data, 34);
	/* A kernel that tells all of the number. */
	nlh = message(PSAMPLE_CMD_SAMPLE, 0, 1);
	mnl_attr_put_u32(nlh, PSAMPLE_ATTR_IIFINDEX, 70000);
	assert_true(decode(nlh, &p));
	assert_int_equal(p.ifindex, 70000);
	/* One without a packet is a sample that is odd. */
	nlh = ofl_genl_begin(buf, FAMILY, PSAMPLE_CMD_SAMPLE, 1, 0);
	mnl_attr_put_u32(nlh, PSAMPLE_ATTR_SAMPLE_RATE, 1);
	mnl_attr_put_u32(nlh, PSAMPLE_ATTR_ORIGSIZE, 60);
	mnl_attr_put_u32(nlh, PSAMPLE_ATTR_SAMPLE_GROUP, 2);
	mnl_attr_put_u32(nlh, PSAMPLE_ATTR_GROUP_SEQ, 0);
	assert_true(decode(nlh, &p));
	assert_int_equal(p.len, 0);
	assert_int_equal(p.ifindex, 0);
}

static void test_what_is_none(void **state)
{
	struct ofl_psample_packet p;
	struct nlmsghdr *nlh;

	for (int without = 1; without < 16; without++)
		assert_false(
			decode(message(PSAMPLE_CMD_SAMPLE, without, 1), &p));
	assert_false(decode(message(PSAMPLE_CMD_SAMPLE, 0, 0), &p));
	assert_false(decode(message(PSAMPLE_CMD_NEW_GROUP, 0, 1), &p));
	nlh = message(PSAMPLE_CMD_SAMPLE, 0, 1);
	nlh->nlmsg_type = FAMILY + 1;
	assert_false(decode(nlh, &p));
	/* A number of the wrong size; a message that is cut off. */
	nlh = message(PSAMPLE_CMD_SAMPLE, 0, 1);
	mnl_attr_put_u16(nlh, PSAMPLE_ATTR_GROUP_SEQ, 1);
	assert_false(decode(nlh, &p));
	nlh = message(PSAMPLE_CMD_SAMPLE, 0, 1);
	nlh->nlmsg_len -= 8;
	assert_false(decode(nlh, &p));
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 2;
	assert_false(decode(nlh, &p));
}

/* --- losses --- */

static void test_losses(void **state)
{
	struct ofl_psample_seq s = {0};

	assert_int_equal(ofl_psample_seq_take(&s, 1000), 0); /* the first */
	assert_int_equal(ofl_psample_seq_take(&s, 1001), 0);
	assert_int_equal(ofl_psample_seq_take(&s, 1005), 3);
	assert_int_equal(ofl_psample_seq_take(&s, 1006), 0);
	/* What the socket told of is not counted again. */
	assert_int_equal(ofl_psample_seq_overrun(&s), 1);
	assert_int_equal(ofl_psample_seq_take(&s, 1007), 0); /* in the buffer */
	assert_int_equal(ofl_psample_seq_take(&s, 1012), 3);
	assert_int_equal(ofl_psample_seq_take(&s, 1014), 1);
	assert_int_equal(ofl_psample_seq_overrun(&s), 1);
	assert_int_equal(ofl_psample_seq_overrun(&s), 1);
	assert_int_equal(ofl_psample_seq_take(&s, 1016), 0);
	assert_int_equal(ofl_psample_seq_take(&s, 1018), 0);
	assert_int_equal(ofl_psample_seq_take(&s, 1020), 1);
	/* The group is made anew. */
	assert_int_equal(ofl_psample_seq_take(&s, 0), 0);
	assert_int_equal(ofl_psample_seq_take(&s, 2), 1);
	/* Numbers wrap. */
	assert_int_equal(ofl_psample_seq_take(&s, UINT32_MAX), 0);
	assert_int_equal(ofl_psample_seq_take(&s, 0), 0);
	assert_int_equal(ofl_psample_seq_take(&s, 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
