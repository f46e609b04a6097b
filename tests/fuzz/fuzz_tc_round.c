// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters made from the bytes of an input: what is written must be read back
 * as it was, and what a match is split into must select its packets, no more
 * and no fewer.
 *
 * The first byte says what is made: a route's filter, an ACL's, a split.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_acl.h"
#include "offloadd/provider/prov_tc_program.h"

#include "tests/fuzz/fuzz.h"

static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];

/* --- a route's --- */

static struct ofl_tc_filter filter_make(struct fuzz *f)
{
	struct ofl_tc_filter r = {
		.chain = fuzz_u32(f) & TC_ACT_EXT_VAL_MASK,
		.handle = 1 + fuzz_u16(f),
		.pref = 1 + fuzz_u8(f),
		.flags = fuzz_u8(f) & TCA_CLS_FLAGS_SKIP_SW,
		.ttl = fuzz_u8(f),
		.does = fuzz_u8(f) % (OFL_TC_SAMPLE_PASS + 1),
	};
	bool v4 = fuzz_u8(f) & 1;
	uint8_t addr[16], bits = fuzz_u8(f), what = fuzz_u8(f);

	r.protocol = v4 ? ETH_P_IP : ETH_P_IPV6;
	fuzz_bytes(f, addr, sizeof(addr));
	bits %= v4 ? 33 : 129;
	if (what & 1)
		r.dst = ofl_prefix_make(v4 ? AF_INET : AF_INET6, addr, bits);
	r.has_dmac = what & 2;
	if (r.has_dmac)
		fuzz_bytes(f, r.dmac, sizeof(r.dmac));
	r.ttl_mask = what & 4 ? 0xff : 0;
	r.ttl &= r.ttl_mask;
	if (what & 8)
		snprintf(r.indev, sizeof(r.indev), "p%u", fuzz_u16(f));
	if (r.does == OFL_TC_GOTO)
		r.goto_chain = fuzz_u32(f) & TC_ACT_EXT_VAL_MASK;
	if (r.does == OFL_TC_FORWARD) {
		r.out_ifindex = 1 + fuzz_u16(f);
		r.out_vlan = what & 16 ? fuzz_u16(f) & 0xfff : 0;
		r.keep_macs = what & 32;
		r.keep_ttl = r.keep_macs || what & 64;
		if (!r.keep_macs) {
			fuzz_bytes(f, r.new_dmac, sizeof(r.new_dmac));
			fuzz_bytes(f, r.new_smac, sizeof(r.new_smac));
		}
	}
	if (r.does >= OFL_TC_SAMPLE) {
		r.sample_rate = 1 + fuzz_u16(f);
		r.sample_group = fuzz_u32(f);
		if (!r.dst.family && !r.ttl_mask && what & 128)
			r.protocol = ETH_P_ALL;
	}
	ofl_tc_cookie_make(fuzz_u32(f), OFL_TC_COOKIE_ROUTE, r.cookie);
	return r;
}

static void route(struct fuzz *f)
{
	struct ofl_tc_filter made = filter_make(f), got;
	struct ofl_tc_seen seen;
	struct nlmsghdr *nlh = ofl_tc_filter_encode(
		buf, OFL_TC_FILTER_BYTES, RTM_NEWTFILTER, 0, 7, &made);

	FUZZ_CHECK(nlh && nlh->nlmsg_len <= OFL_TC_FILTER_BYTES);
	FUZZ_CHECK(ofl_tc_filter_decode(nlh, &got, &seen));
	FUZZ_CHECK(seen.understood && seen.block == 7 && seen.has_cookie);
	FUZZ_CHECK(ofl_tc_filter_eq(&made, &got));
	FUZZ_CHECK(!memcmp(got.cookie, made.cookie, sizeof(made.cookie)));
}

/* --- an ACL's --- */

/* Exact or nearly so, as operators write them; now and then any bits. */
static uint64_t mask_make(struct fuzz *f, uint64_t top)
{
	return fuzz_u8(f) & 0xf0 ? top : fuzz_u64(f) & top;
}

static void addr_make(struct fuzz *f, struct ofl_match *m, enum ofl_end end,
		      int family)
{
	uint8_t addr[16], mask[16], kind = fuzz_u8(f);

	fuzz_bytes(f, addr, sizeof(addr));
	if (kind & 1)
		fuzz_bytes(f, mask, sizeof(mask));
	else
		memset(mask, 0xff, sizeof(mask));
	for (size_t i = 0; i < sizeof(addr); i++)
		addr[i] &= mask[i];
	ofl_match_addr_set(m, end, family, addr, mask);
}

static struct ofl_match match_make(struct fuzz *f)
{
	static const uint16_t ethertypes[] = {ETH_P_IP, ETH_P_IPV6, ETH_P_ARP};
	static const uint8_t protocols[] = {6, 17, 132, 1, 58};
	uint32_t fields = fuzz_u32(f);
	uint8_t how = fuzz_u8(f);
	struct ofl_match m;
	uint64_t top, mask;
	uint16_t a, b;

	ofl_match_init(&m);
	if (how & 1)
		addr_make(f, &m, OFL_END_SRC, how & 4 ? AF_INET : AF_INET6);
	if (how & 2)
		addr_make(f, &m, OFL_END_DST, how & 4 ? AF_INET : AF_INET6);
	for (int i = OFL_FIELD_ETHERTYPE; i < OFL_FIELD_MAX; i++) {
		if (!(fields & 1u << i))
			continue;
		top = ofl_match_field_top(i);
		mask = mask_make(f, top);
		FUZZ_CHECK(ofl_match_set(&m, i, fuzz_u64(f) & mask, mask));
	}
	if (how & 8)
		ofl_match_set(&m, OFL_FIELD_ETHERTYPE,
			      ethertypes[fuzz_u8(f) % array_size(ethertypes)],
			      UINT16_MAX);
	if (how & 16)
		ofl_match_set(&m, OFL_FIELD_PROTOCOL,
			      protocols[fuzz_u8(f) % array_size(protocols)],
			      UINT8_MAX);
	for (int i = 0; i < OFL_NUMBER_MAX; i++) {
		if (!(fields & 1u << (OFL_FIELD_MAX + i)))
			continue;
		a = fuzz_u16(f) & (i == OFL_NUMBER_TTL ? 0xff : 0xffff);
		b = fuzz_u16(f) & (i == OFL_NUMBER_TTL ? 0xff : 0xffff);
		FUZZ_CHECK(ofl_match_range_set(&m, i, MIN(a, b), MAX(a, b)));
	}
	return m;
}

static void acts_make(struct fuzz *f, struct ofl_tc_acts *acts)
{
	static const uint8_t ends[] = {OFL_TC_ACT_ACCEPT, OFL_TC_ACT_GOTO,
				       OFL_TC_ACT_DROP, OFL_TC_ACT_TRAP,
				       OFL_TC_ACT_REDIRECT};
	unsigned int count = fuzz_u8(f) % OFL_TC_ACTS_MAX;
	struct ofl_tc_act a;

	memset(acts, 0, sizeof(*acts));
	for (unsigned int i = 0; i <= count; i++) {
		memset(&a, 0, sizeof(a));
		a.kind = i < count ? fuzz_u8(f) % OFL_TC_ACT_ACCEPT
				   : ends[fuzz_u8(f) % array_size(ends)];
		a.ingress = fuzz_u8(f) & 1;
		a.dscp = fuzz_u8(f) & 0x3f;
		a.ifindex = 1 + fuzz_u16(f);
		a.mark = fuzz_u32(f);
		a.chain = fuzz_u32(f) & TC_ACT_EXT_VAL_MASK;
		a.rate_bytes = fuzz_u64(f);
		a.burst_ticks = fuzz_u32(f);
		a.one_in = fuzz_u32(f);
		a.group = fuzz_u32(f);
		a.most_bytes = fuzz_u32(f);
		FUZZ_CHECK(ofl_tc_acts_add(acts, &a));
	}
}

static void acl_round(struct fuzz *f, struct ofl_tc_acl *made)
{
	const struct ofl_tc_at at = {.block = 9};
	struct ofl_tc_seen seen;
	struct nlmsghdr *nlh;
	struct ofl_tc_acl got;

	acts_make(f, &made->acts);
	nlh = ofl_tc_acl_encode(buf, sizeof(buf), RTM_NEWTFILTER, 0, &at, made);
	FUZZ_CHECK(!nlh == !ofl_tc_acts_is_sound(&made->acts, made->ethertype));
	if (!nlh)
		return;
	FUZZ_CHECK(nlh->nlmsg_len <= sizeof(buf));
	FUZZ_CHECK(ofl_tc_acl_decode(nlh, &got, &seen));
	FUZZ_CHECK(seen.understood && seen.block == 9);
	FUZZ_CHECK(ofl_tc_acl_eq(made, &got) && ofl_tc_acl_eq(&got, made));
	FUZZ_CHECK(ofl_tc_acl_digest(made) == ofl_tc_acl_digest(&got));
}

static void acl(struct fuzz *f)
{
	struct ofl_match m;
	struct ofl_tc_acl made;
	uint32_t missing;
	char indev[IFNAMSIZ];

	memset(&made, 0, sizeof(made));
	made.chain = fuzz_u32(f) & TC_ACT_EXT_VAL_MASK;
	made.handle = 1 + fuzz_u16(f);
	made.pref = 1 + fuzz_u8(f);
	made.flags = fuzz_u8(f) & TCA_CLS_FLAGS_SKIP_SW;
	ofl_tc_cookie_make(fuzz_u32(f), OFL_TC_COOKIE_ACL, made.cookie);
	snprintf(indev, sizeof(indev), "p%u", fuzz_u8(f));
	m = match_make(f);
	missing = ofl_tc_acl_match_set(&made, &m, indev);
	if (missing) {
		if (ofl_tc_acl_program_set(&made, &m))
			acl_round(f, &made);
		/* Without what stands in the way, flower can say the rest. */
		ofl_tc_keys_widen(&m, missing);
		missing = ofl_tc_acl_match_set(&made, &m, indev);
	}
	if (!missing)
		acl_round(f, &made);
}

/* --- a split --- */

static void packet_make(struct fuzz *f, struct ofl_packet *p)
{
	ofl_packet_init(p);
	for (int i = 0; i < OFL_FIELD_MAX; i++)
		FUZZ_CHECK(ofl_packet_set(
			p, i, fuzz_u64(f) & ofl_match_field_top(i)));
	for (int i = 0; i < OFL_NUMBER_MAX; i++)
		p->number[i] =
			fuzz_u16(f) & (i == OFL_NUMBER_TTL ? 0xff : 0xffff);
}

static void check_packet(const struct ofl_match *m,
			 const struct ofl_match *parts, unsigned int n,
			 struct ofl_packet *p)
{
	/* What is a later fragment is a fragment. */
	static const uint8_t fragments[] = {
		0, OFL_FRAGMENT_ANY, OFL_FRAGMENT_ANY | OFL_FRAGMENT_LATER};
	unsigned int hits;

	for (size_t k = 0; k < array_size(fragments); k++) {
		FUZZ_CHECK(ofl_packet_set(p, OFL_FIELD_FRAGMENT, fragments[k]));
		hits = 0;
		for (unsigned int i = 0; i < n; i++)
			hits += ofl_match_has_packet(&parts[i], p);
		FUZZ_CHECK(hits <= 1);
		FUZZ_CHECK(hits == ofl_match_has_packet(m, p));
	}
}

static void split(struct fuzz *f)
{
	struct ofl_match m = match_make(f), parts[OFL_TC_SPLIT_MAX];
	unsigned int n = ofl_tc_keys_split(&m, parts);
	struct ofl_packet p;

	FUZZ_CHECK(n <= OFL_TC_SPLIT_MAX);
	for (int round = 0; round < 4; round++) {
		packet_make(f, &p);
		if (round & 1)
			ofl_match_packet_make(&m, &p);
		check_packet(&m, parts, n, &p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const makers[])(struct fuzz * f) = {route, acl, split};
	struct fuzz f = {.at = data, .left = size};

	makers[fuzz_u8(&f) % array_size(makers)](&f);
	return 0;
}
