// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matches as programs of the classic packet filter; see prov_tc_program.h.
 *
 * A program gathers what it needs of a packet in its scratch memory, then
 * tests one thing after the other.  A test is followed by the "no" it skips if
 * it holds, so that no jump is far.
 */
#include <zebra.h>

#include <linux/if_ether.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_attr.h"
#include "offloadd/provider/prov_tc_program.h"

#define IP 14 /* where the IP header is: tags are not in the data */
#define SKB(what) ((uint32_t)(SKF_AD_OFF + (what)))

#define NEXT_HOP 0
#define NEXT_ROUTING 43
#define NEXT_FRAGMENT 44
#define NEXT_DEST 60

#define LOAD (BPF_LD | BPF_ABS)
#define LOAD_BEHIND (BPF_LD | BPF_IND) /* X */
#define JUMP_EQ (BPF_JMP | BPF_JEQ | BPF_K)

/* Scratch memory; 0 where a packet has no such thing. */
enum memory {
	MEM_TTL,
	MEM_DSCP,
	MEM_LENGTH,
	MEM_PROTOCOL,
	MEM_FRAGMENT,
	MEM_TRANSPORT, /* where its header is */
	MEM_COUNT
};

static void op_jump(struct ofl_tc_program *p, uint16_t code, uint32_t k,
		    uint8_t yes, uint8_t no)
{
	assert(p->count < OFL_TC_PROGRAM_MAX);
	p->op[p->count++] = (struct sock_filter){code, yes, no, k};
}

static void op(struct ofl_tc_program *p, uint16_t code, uint32_t k)
{
	op_jump(p, code, k, 0, 0);
}

/* A jump to where land() is called. */
static unsigned int op_leave(struct ofl_tc_program *p)
{
	op(p, BPF_JMP | BPF_JA, 0);
	return p->count - 1;
}

static void land(struct ofl_tc_program *p, unsigned int from)
{
	p->op[from].k = p->count - from - 1;
}

static void op_keep(struct ofl_tc_program *p, uint16_t load, uint32_t at,
		    enum memory where)
{
	op(p, load, at);
	op(p, BPF_ST, where);
}

static void op_recall(struct ofl_tc_program *p, enum memory where)
{
	op(p, BPF_LD | BPF_MEM, where);
}

/* --- tests of A --- */

static void test_bits(struct ofl_tc_program *p, uint32_t value, uint32_t mask)
{
	if (mask != UINT32_MAX)
		op(p, BPF_ALU | BPF_AND | BPF_K, mask);
	op_jump(p, JUMP_EQ, value, 1, 0);
	op(p, BPF_RET | BPF_K, 0);
}

static void test_range(struct ofl_tc_program *p, struct ofl_range r)
{
	op_jump(p, BPF_JMP | BPF_JGE | BPF_K, r.min, 1, 0);
	op(p, BPF_RET | BPF_K, 0);
	op_jump(p, BPF_JMP | BPF_JGT | BPF_K, r.max, 0, 1);
	op(p, BPF_RET | BPF_K, 0);
}

static void test_field(struct ofl_tc_program *p, const struct ofl_match *m,
		       enum ofl_field field, uint16_t load, uint32_t at)
{
	struct ofl_bits bits = ofl_match_field_get(m, field);

	if (!bits.mask)
		return;
	op(p, load, at);
	test_bits(p, (uint32_t)bits.value, (uint32_t)bits.mask);
}

/* --- the packet's surroundings, layer 2 --- */

static void test_mac(struct ofl_tc_program *p, const struct ofl_match *m,
		     enum ofl_field field, uint32_t at)
{
	struct ofl_bits bits = ofl_match_field_get(m, field);

	if (bits.mask >> 16) {
		op(p, LOAD | BPF_W, at);
		test_bits(p, (uint32_t)(bits.value >> 16),
			  (uint32_t)(bits.mask >> 16));
	}
	if (bits.mask & UINT16_MAX) {
		op(p, LOAD | BPF_H, at + 4);
		test_bits(p, bits.value & UINT16_MAX, bits.mask & UINT16_MAX);
	}
}

/* A tag is one of 802.1Q, as for flower; none is none of any kind. */
static void test_vlan(struct ofl_tc_program *p, const struct ofl_match *m)
{
	struct ofl_bits tagged = ofl_match_field_get(m, OFL_FIELD_VLAN_TAGGED);
	struct ofl_bits id = ofl_match_field_get(m, OFL_FIELD_VLAN_ID);
	struct ofl_bits pcp = ofl_match_field_get(m, OFL_FIELD_VLAN_PCP);
	uint32_t mask = (uint32_t)(id.mask | pcp.mask << 13);

	if (tagged.mask) {
		op(p, LOAD | BPF_W, SKB(SKF_AD_VLAN_TAG_PRESENT));
		test_bits(p, (uint32_t)tagged.value, UINT32_MAX);
	}
	if (tagged.value) {
		op(p, LOAD | BPF_W, SKB(SKF_AD_VLAN_TPID));
		test_bits(p, ETH_P_8021Q, UINT32_MAX);
	}
	if (mask) {
		op(p, LOAD | BPF_W, SKB(SKF_AD_VLAN_TAG));
		test_bits(p, (uint32_t)(id.value | pcp.value << 13), mask);
	}
}

static void test_link(struct ofl_tc_program *p, const struct ofl_match *m)
{
	test_field(p, m, OFL_FIELD_MARK, LOAD | BPF_W, SKB(SKF_AD_MARK));
	test_field(p, m, OFL_FIELD_PORT, LOAD | BPF_W, SKB(SKF_AD_IFINDEX));
	test_vlan(p, m);
	test_mac(p, m, OFL_FIELD_DST_MAC, 0);
	test_mac(p, m, OFL_FIELD_SRC_MAC, 6);
	test_field(p, m, OFL_FIELD_ETHERTYPE, LOAD | BPF_W,
		   SKB(SKF_AD_PROTOCOL));
}

static void test_addr(struct ofl_tc_program *p, const struct ofl_match *m,
		      enum ofl_end end, int family, uint32_t at)
{
	unsigned int words = family == AF_INET ? 1 : 4;
	uint32_t addr[4], mask[4];

	if (!ofl_match_addr_get(m, end, family, (uint8_t *)addr,
				(uint8_t *)mask))
		return;
	for (unsigned int i = 0; i < words; i++) {
		if (!mask[i])
			continue;
		op(p, LOAD | BPF_W, at + 4 * i);
		test_bits(p, ntohl(addr[i]), ntohl(mask[i]));
	}
}

/* --- gathering what stands in IP headers --- */

/* A is 0 or not: what says the fragment offset. */
static void keep_fragment(struct ofl_tc_program *p, uint32_t offset_bits)
{
	op_jump(p, BPF_JMP | BPF_JSET | BPF_K, offset_bits, 0, 2);
	op(p, BPF_LD | BPF_IMM, OFL_FRAGMENT_ANY | OFL_FRAGMENT_LATER);
	op_jump(p, BPF_JMP | BPF_JA, 1, 0, 0);
	op(p, BPF_LD | BPF_IMM, OFL_FRAGMENT_ANY);
	op(p, BPF_ST, MEM_FRAGMENT);
}

static void gather_v4(struct ofl_tc_program *p)
{
	unsigned int whole, done;

	op_keep(p, LOAD | BPF_B, IP + 8, MEM_TTL);
	op(p, LOAD | BPF_B, IP + 1);
	op(p, BPF_ALU | BPF_RSH | BPF_K, 2);
	op(p, BPF_ST, MEM_DSCP);
	op_keep(p, LOAD | BPF_H, IP + 2, MEM_LENGTH);
	op_keep(p, LOAD | BPF_B, IP + 9, MEM_PROTOCOL);
	op(p, LOAD | BPF_H, IP + 6);
	op_jump(p, BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 1, 0);
	whole = op_leave(p);
	keep_fragment(p, 0x1fff);
	done = op_leave(p);
	land(p, whole);
	op(p, BPF_LDX | BPF_B | BPF_MSH, IP);
	op(p, BPF_MISC | BPF_TXA, 0);
	op(p, BPF_ALU | BPF_ADD | BPF_K, IP);
	op(p, BPF_ST, MEM_TRANSPORT);
	land(p, done);
}

/* One header behind that of IPv6; X is where.  Returns two jumps: a fragment
 * is the end, and anything else is the transport's. */
static void gather_extension(struct ofl_tc_program *p,
			     unsigned int *ret_fragment,
			     unsigned int *ret_transport)
{
	op_recall(p, MEM_PROTOCOL);
	op_jump(p, JUMP_EQ, NEXT_HOP, 4, 0);
	op_jump(p, JUMP_EQ, NEXT_ROUTING, 3, 0);
	op_jump(p, JUMP_EQ, NEXT_DEST, 2, 0);
	op_jump(p, JUMP_EQ, NEXT_FRAGMENT, 9, 0);
	*ret_transport = op_leave(p);
	op_keep(p, LOAD_BEHIND | BPF_B, 0, MEM_PROTOCOL);
	op(p, LOAD_BEHIND | BPF_B, 1);
	op(p, BPF_ALU | BPF_ADD | BPF_K, 1);
	op(p, BPF_ALU | BPF_LSH | BPF_K, 3);
	op(p, BPF_ALU | BPF_ADD | BPF_X, 0);
	op(p, BPF_MISC | BPF_TAX, 0);
	op_jump(p, BPF_JMP | BPF_JA, 1, 0, 0);
	*ret_fragment = op_leave(p);
}

static void gather_v6(struct ofl_tc_program *p)
{
	unsigned int fragment[OFL_TC_PROGRAM_HEADERS];
	unsigned int transport[OFL_TC_PROGRAM_HEADERS], done[2];

	op_keep(p, LOAD | BPF_B, IP + 7, MEM_TTL);
	op(p, LOAD | BPF_H, IP);
	op(p, BPF_ALU | BPF_RSH | BPF_K, 6);
	op(p, BPF_ALU | BPF_AND | BPF_K, 0x3f);
	op(p, BPF_ST, MEM_DSCP);
	op(p, LOAD | BPF_H, IP + 4);
	op(p, BPF_ALU | BPF_ADD | BPF_K, 40);
	op(p, BPF_ST, MEM_LENGTH);
	op_keep(p, LOAD | BPF_B, IP + 6, MEM_PROTOCOL);
	op(p, BPF_LDX | BPF_IMM, IP + 40);
	for (unsigned int i = 0; i < OFL_TC_PROGRAM_HEADERS; i++)
		gather_extension(p, &fragment[i], &transport[i]);
	/* More headers than are looked at. */
	op_keep(p, BPF_LD | BPF_IMM, 0, MEM_PROTOCOL);
	done[0] = op_leave(p);
	for (unsigned int i = 0; i < OFL_TC_PROGRAM_HEADERS; i++)
		land(p, fragment[i]);
	op_keep(p, LOAD_BEHIND | BPF_B, 0, MEM_PROTOCOL);
	op(p, LOAD_BEHIND | BPF_H, 2);
	keep_fragment(p, 0xfff8);
	done[1] = op_leave(p);
	for (unsigned int i = 0; i < OFL_TC_PROGRAM_HEADERS; i++)
		land(p, transport[i]);
	op(p, BPF_STX, MEM_TRANSPORT);
	land(p, done[0]);
	land(p, done[1]);
}

static void gather(struct ofl_tc_program *p)
{
	unsigned int other, done;

	op(p, BPF_LD | BPF_IMM, 0);
	for (unsigned int i = 0; i < MEM_COUNT; i++)
		op(p, BPF_ST, i);
	op(p, LOAD | BPF_W, SKB(SKF_AD_PROTOCOL));
	op_jump(p, JUMP_EQ, ETH_P_IP, 1, 0);
	other = op_leave(p);
	gather_v4(p);
	done = op_leave(p);
	land(p, other);
	op_jump(p, JUMP_EQ, ETH_P_IPV6, 1, 0);
	other = op_leave(p);
	gather_v6(p);
	land(p, other);
	land(p, done);
}

/* --- tests of it --- */

/* A := what stands `at` behind the transport header's begin, in a packet of one
 * of these protocols; else 0. */
static void op_transport(struct ofl_tc_program *p, const uint8_t *protocols,
			 unsigned int n, uint16_t size, uint32_t at)
{
	op(p, BPF_LDX | BPF_MEM, MEM_TRANSPORT);
	op(p, BPF_MISC | BPF_TXA, 0);
	/* To the end with A = 0, past as many tests, two and the load. */
	op_jump(p, JUMP_EQ, 0, (uint8_t)(n + 4), 0);
	op_recall(p, MEM_PROTOCOL);
	for (unsigned int i = 0; i < n; i++)
		op_jump(p, JUMP_EQ, protocols[i], (uint8_t)(n - i + 1), 0);
	op(p, BPF_LD | BPF_IMM, 0);
	op_jump(p, BPF_JMP | BPF_JA, 1, 0, 0);
	op(p, LOAD_BEHIND | size, at);
}

static void test_transport(struct ofl_tc_program *p, const struct ofl_match *m)
{
	static const uint8_t ports[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};
	static const uint8_t tcp[] = {IPPROTO_TCP};
	static const uint8_t icmp[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};
	struct ofl_bits bits;

	for (unsigned int i = 0; i <= OFL_NUMBER_DST_PORT; i++) {
		if (ofl_match_range_is_any(m, (enum ofl_number)i))
			continue;
		op_transport(p, ports, 3, BPF_H, 2 * i);
		test_range(p, m->range[i]);
	}
	bits = ofl_match_field_get(m, OFL_FIELD_TCP_FLAGS);
	if (bits.mask) {
		op_transport(p, tcp, 1, BPF_H, 12);
		/* Without the data offset, which counts as 0. */
		op(p, BPF_ALU | BPF_AND | BPF_K, 0x0fff);
		test_bits(p, (uint32_t)bits.value, (uint32_t)bits.mask);
	}
	for (unsigned int i = 0; i < 2; i++) {
		bits = ofl_match_field_get(m, i ? OFL_FIELD_ICMP_CODE
						: OFL_FIELD_ICMP_TYPE);
		if (!bits.mask)
			continue;
		op_transport(p, icmp, 2, BPF_B, i);
		test_bits(p, (uint32_t)bits.value, (uint32_t)bits.mask);
	}
}

static void test_network(struct ofl_tc_program *p, const struct ofl_match *m)
{
	const uint16_t load = BPF_LD | BPF_MEM;

	test_field(p, m, OFL_FIELD_PROTOCOL, load, MEM_PROTOCOL);
	test_field(p, m, OFL_FIELD_DSCP, load, MEM_DSCP);
	test_field(p, m, OFL_FIELD_FRAGMENT, load, MEM_FRAGMENT);
	if (!ofl_match_range_is_any(m, OFL_NUMBER_LENGTH)) {
		op_recall(p, MEM_LENGTH);
		test_range(p, m->range[OFL_NUMBER_LENGTH]);
	}
	if (!ofl_match_range_is_any(m, OFL_NUMBER_TTL)) {
		op_recall(p, MEM_TTL);
		test_range(p, m->range[OFL_NUMBER_TTL]);
	}
}

bool ofl_tc_program_make(const struct ofl_match *m, struct ofl_tc_program *ret)
{
	struct ofl_bits type = ofl_match_field_get(m, OFL_FIELD_ETHERTYPE);
	bool exact = type.mask == UINT16_MAX;
	bool v4 = exact && type.value == ETH_P_IP;
	bool v6 = exact && type.value == ETH_P_IPV6;
	uint8_t addr[16], mask[16];
	bool addrs;

	addrs = ofl_match_addr_get(m, OFL_END_SRC, AF_INET6, addr, mask);
	addrs = ofl_match_addr_get(m, OFL_END_DST, AF_INET6, addr, mask) ||
		addrs;
	if (addrs && !v6 && (!v4 || ofl_match_has_long_addr(m)))
		return false;
	ret->count = 0;
	test_link(ret, m);
	if (v4) {
		test_addr(ret, m, OFL_END_SRC, AF_INET, IP + 12);
		test_addr(ret, m, OFL_END_DST, AF_INET, IP + 16);
	} else if (v6) {
		test_addr(ret, m, OFL_END_SRC, AF_INET6, IP + 8);
		test_addr(ret, m, OFL_END_DST, AF_INET6, IP + 24);
	}
	gather(ret);
	test_network(ret, m);
	test_transport(ret, m);
	op(ret, BPF_RET | BPF_K, UINT32_MAX);
	return true;
}

uint64_t ofl_tc_program_digest(const struct sock_filter *ops, size_t count)
{
	return ofl_tc_digest_add(OFL_TC_DIGEST, ops, count * sizeof(*ops));
}
