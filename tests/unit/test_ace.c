// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Access control entries: what reads as what, what is refused and why, and
 * which packets an entry means.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/flow.h"

#define V4 OFL_ACL_IPV4
#define V6 OFL_ACL_IPV6
#define ETH OFL_ACL_ETHERNET
#define MIX OFL_ACL_MIXED

static bool parse(enum ofl_acl_type type, const char *text, struct ofl_ace *ret,
		  char *error, size_t len)
{
	const char *words[OFL_ACE_WORDS_MAX];
	char copy[1024], *save = NULL;
	size_t count = 0;

	assert_true(strlcpy(copy, text, sizeof(copy)) < sizeof(copy));
	for (char *w = strtok_r(copy, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	return ofl_ace_parse(type, words, count, ret, error, len);
}

static struct ofl_ace must_parse(enum ofl_acl_type type, const char *text)
{
	struct ofl_ace ace;
	char error[256];

	if (!parse(type, text, &ace, error, sizeof(error)))
		fail_msg("%s: %s", text, error);
	return ace;
}

/* --- text --- */

static const struct {
	enum ofl_acl_type type;
	const char *text, *print; /* NULL: the same */
} texts[] = {
	{V4, "permit ip any any", NULL},
	{V4, "deny ip any any log", NULL},
	{V4, "reject tcp 10.0.0.0/8 host 192.0.2.1 eq 80", NULL},
	{V4, "permit tcp 10.1.2.3/8 any", "permit tcp 10.0.0.0/8 any"},
	{V4, "permit 6 0.0.0.0/0 any", "permit tcp any any"},
	{V4, "permit 254 any any", NULL},
	{V4, "permit ip 10.0.0.0 0.255.255.255 any",
	 "permit ip 10.0.0.0/8 any"},
	{V4, "permit ip 10.0.7.1 0.0.255.0 any",
	 "permit ip 10.0.0.1 0.0.255.0 any"},
	{V4, "permit ip 1.2.3.4/32 any", "permit ip host 1.2.3.4 any"},
	{V4, "permit ip 1.2.3.4 0.0.0.0 1.2.3.4 255.255.255.255",
	 "permit ip host 1.2.3.4 any"},
	{V4, "permit udp any range 1 9 any neq 53", NULL},
	{V4, "permit sctp any lt 1024 any gt 1023", NULL},
	{V4, "permit tcp any any flags syn/syn,ack", NULL},
	{V4, "permit tcp any any flags ack,syn",
	 "permit tcp any any flags syn,ack"},
	{V4, "permit tcp any any flags none/syn", NULL},
	{V4, "permit tcp any any flags 0x2", "permit tcp any any flags syn"},
	{V4, "permit tcp any any flags 0x100/0xf00", NULL},
	{V4, "permit icmp any any icmp-type echo", NULL},
	{V4, "permit icmp any any icmp-type 8",
	 "permit icmp any any icmp-type echo"},
	{V4, "permit icmp any any icmp-type unreachable 4", NULL},
	{V6, "permit icmpv6 any any icmp-type echo", NULL},
	{V6, "permit icmpv6 any any icmp-type 200 7", NULL},
	{V4, "permit ip any any dscp 46", "permit ip any any dscp ef"},
	{V4, "permit ip any any dscp 1 ttl 64 length 64 128", NULL},
	{V4, "permit ip any any ttl 0 5", NULL},
	{V4, "permit ip any any fragment later", NULL},
	{V6, "permit tcp 2001:db8::/32 any eq 22", NULL},
	{V6, "permit ip 2001:db8::1 ffff:: any",
	 "permit ip 0:db8::1 ffff:: any"},
	{V6, "permit ip host ::1 any", NULL},
	{V4, "permit ip any any vlan 7 vlan-priority 3 interface eth0", NULL},
	{V4, "permit ip any any mark 7", NULL},
	{V4, "permit ip any any mark 0x107/0xff",
	 "permit ip any any mark 0x7/0xff"},
	{V4, "permit ip any any set-dscp af11 set-mark 9 mirror m0",
	 "permit ip any any mirror m0 set-mark 9 set-dscp af11"},
	{V4, "permit ip any any redirect vf3 count log",
	 "permit ip any any log count redirect vf3"},
	{V4, "permit ip any any police 1000000 burst 1500", NULL},
	{V4, "deny ip any any count mirror m0", NULL},
	{V4,
	 "permit ip any any class critical placement hardware "
	 "offload-or-fail yes weight 500 allow-partial no",
	 NULL},
	{ETH, "permit ethernet", NULL},
	{ETH, "permit ethernet source-mac 02:00:00:00:00:01", NULL},
	{ETH,
	 "deny ethernet destination-mac 01:00:00:00:00:01 01:00:00:00:00:00",
	 "deny ethernet destination-mac 01:00:00:00:00:00 01:00:00:00:00:00"},
	{ETH, "deny ethernet ethertype 2054", "deny ethernet ethertype arp"},
	{ETH, "deny ethernet ethertype 0x9000", NULL},
	{MIX, "permit ethernet vlan 1", NULL},
	{MIX, "permit ip any any", NULL},
	{MIX, "permit tcp any any eq 80", NULL},
	{MIX, "permit tcp 0.0.0.0/0 any eq 80", NULL},
	{MIX, "permit tcp any ::/0 eq 80", "permit tcp ::/0 any eq 80"},
	{MIX, "permit tcp any 10.0.0.0/8", NULL},
	{MIX, "permit icmp any any", "permit icmp 0.0.0.0/0 any"},
};

static void test_text(void **state)
{
	char print[OFL_ACE_STRLEN];

	for (size_t i = 0; i < array_size(texts); i++) {
		const char *want =
			texts[i].print ? texts[i].print : texts[i].text;
		struct ofl_ace ace = must_parse(texts[i].type, texts[i].text);
		struct ofl_ace again;

		ofl_ace_print(&ace, texts[i].type, print, sizeof(print));
		assert_string_equal(print, want);
		again = must_parse(texts[i].type, print);
		if (!ofl_ace_eq(&ace, &again))
			fail_msg("%s reads as another entry", print);
	}
}

/* Every name of a table stands for a value whose name it is. */
static void test_names(void **state)
{
	char text[64];

	for (unsigned int v = 0; v <= UINT8_MAX; v++) {
		uint8_t got;

		ofl_ace_protocol_print(v, text, sizeof(text));
		assert_true(ofl_ace_protocol_parse(text, &got) && got == v);
		ofl_ace_icmp_print(1, v, text, sizeof(text));
		assert_true(ofl_ace_icmp_parse(1, text, &got) && got == v);
		ofl_ace_icmp_print(58, v, text, sizeof(text));
		assert_true(ofl_ace_icmp_parse(58, text, &got) && got == v);
		if (v > 63)
			continue;
		ofl_ace_dscp_print(v, text, sizeof(text));
		assert_true(ofl_ace_dscp_parse(text, &got) && got == v);
	}
	for (unsigned int v = 0; v <= 0xfff; v++) {
		uint16_t got;

		ofl_ace_tcp_flags_print(v, text, sizeof(text));
		assert_true(ofl_ace_tcp_flags_parse(text, &got) && got == v);
	}
	for (unsigned int v = 0; v <= UINT16_MAX; v++) {
		uint16_t got;

		ofl_ace_ethertype_print(v, text, sizeof(text));
		assert_true(ofl_ace_ethertype_parse(text, &got) && got == v);
	}
}

/* --- what is refused --- */

static const struct {
	enum ofl_acl_type type;
	const char *text, *error;
} refusals[] = {
	{V4, "", "'' is not permit, deny or reject"},
	{V4, "allow ip any any", "'allow' is not permit, deny or reject"},
	{V4, "permit", "'' is not a protocol"},
	{V4, "permit foo any any", "'foo' is not a protocol"},
	{V4, "permit 256 any any", "'256' is not a protocol"},
	{V4, "permit ip", "the source is missing"},
	{V4, "permit ip any", "the destination is missing"},
	{V4, "permit ip 10.0.0.0/33 any", "'10.0.0.0/33' is not a prefix"},
	{V4, "permit ip host ten any", "'ten' is not an address"},
	{V4, "permit ip 10.0.0.1 any",
	 "address 10.0.0.1 needs a wildcard mask; a single one is 'host "
	 "10.0.0.1'"},
	{V4, "permit ip 10.0.0.1 :: any",
	 "address 10.0.0.1 needs a wildcard mask; a single one is 'host "
	 "10.0.0.1'"},
	{V4, "permit tcp any eq 65536 any",
	 "'65536' is not a number of 0 to 65535"},
	{V4, "permit tcp any eq -1 any", "'-1' is not a number of 0 to 65535"},
	{V4, "permit tcp any any eq", "'' is not a number of 0 to 65535"},
	{V4, "permit tcp any any lt 0", "no port is lower than 0"},
	{V4, "permit tcp any any gt 65535", "no port is greater than 65535"},
	{V4, "permit tcp any range 9 8 any", "the range of ports is empty"},
	{V4, "permit ip any any eq 80", "ports need tcp, udp or sctp"},
	{V4, "permit icmp any any eq 80", "ports need tcp, udp or sctp"},
	{V4, "permit udp any any flags syn", "TCP flags need tcp"},
	{V4, "permit tcp any any flags foo", "'foo' are not TCP flags"},
	{V4, "permit tcp any any flags syn/ack",
	 "'syn/ack': flags outside the mask"},
	{V4, "permit tcp any any flags none",
	 "the mask of the TCP flags is empty"},
	{V4, "permit ip any any icmp-type 8", "'8' is not an ICMP type"},
	{V4, "permit tcp any any icmp-type 8",
	 "an ICMP type needs icmp or icmpv6"},
	{V4, "permit icmp any any icmp-type packet-too-big",
	 "'packet-too-big' is not an ICMP type"},
	{V4, "permit icmp any any icmp-type echo 256",
	 "'256' is not a number of 0 to 255"},
	{V4, "permit tcp any any eq 80 fragment later",
	 "a fragment has no ports, TCP flags or ICMP type"},
	{V4, "permit tcp any any eq 80 fragment first",
	 "a fragment has no ports, TCP flags or ICMP type"},
	{V4, "permit icmp any any icmp-type 0 fragment any",
	 "a fragment has no ports, TCP flags or ICMP type"},
	{V4, "permit ip any any ttl 9 8", "the range of the TTL is empty"},
	{V4, "permit ip any any length 9 8",
	 "the range of the length is empty"},
	{V4, "permit ip any any dscp 64", "'64' is not a DSCP"},
	{V4, "permit ip any any fragment some",
	 "'some' is not any, first, later or none"},
	{V4, "permit ip any any vlan 4096",
	 "'4096' is not a number of 0 to 4095"},
	{V4, "permit ip any any vlan 1 vlan 1", "vlan is said twice"},
	{V4, "permit ip any any log log", "log is said twice"},
	{V4, "permit ip any any weight 1 weight 2", "weight is said twice"},
	{V4, "permit ip any any weight 0", "a weight is at least 1"},
	{V4, "permit ip any any bogus", "'bogus' is not known here"},
	{V4, "permit ip any any mirror", "'' is not the name of an interface"},
	{V4, "permit ip any any mirror abcdefghijklmnop",
	 "'abcdefghijklmnop' is not the name of an interface"},
	{V4, "permit ip any any mark x", "'x' is not a mark"},
	{V4, "permit ip any any mark 1/0", "the mask of the mark is empty"},
	{V4, "permit ip any any police 8", "a burst in bytes is missing"},
	{V4, "permit ip any any police 0 burst 1",
	 "police needs a rate and a burst"},
	{V4, "permit ip any any class top", "'top' is not a class"},
	{V4, "permit ip any any placement here",
	 "'here' is not hardware, software or both"},
	{V4, "permit ip any any allow-partial", "'' is not yes or no"},
	{V4, "permit ip any any offload-or-fail yes class never",
	 "offload-or-fail contradicts staying in software"},
	{V4, "permit ip any any source-mac 02:00",
	 "'02:00' is not a MAC address"},
	{V4, "permit ip any any ethertype arp",
	 "an IP entry has its ethertype already"},
	{V4, "permit ip ::/0 any", "a list of type ipv4 has IPv4 entries only"},
	{V4, "permit ethernet", "a list of type ipv4 has IPv4 entries only"},
	{V4, "permit icmpv6 any any", "icmpv6 is of IPv6; IPv4 has icmp"},
	{V6, "permit icmp any any", "icmp is of IPv4; IPv6 has icmpv6"},
	{V6, "permit ip 10.0.0.0/8 any",
	 "a list of type ipv6 has IPv6 entries only"},
	{ETH, "permit ip any any",
	 "a list of type ethernet has no fields of IP"},
	{ETH, "permit ethernet dscp ef", "fields of IP need an IP entry"},
	{ETH, "reject ethernet", "only IP packets can be rejected"},
	{ETH, "permit ethernet set-dscp ef", "only IP packets have a DSCP"},
	{MIX, "permit ip 10.0.0.0/8 ::/0",
	 "the addresses are of two versions of IP"},
	{V4, "deny ip any any redirect x",
	 "what is denied cannot be redirected"},
	{V4, "deny ip any any set-mark 1",
	 "what is denied cannot be given a mark or DSCP"},
	{V4, "reject ip any any police 8 burst 8",
	 "what is denied has no rate"},
};

static void test_refusals(void **state)
{
	struct ofl_ace before, ace;

	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < array_size(refusals); i++) {
		char error[256] = "";

		memcpy(&ace, &before, sizeof(ace));
		if (parse(refusals[i].type, refusals[i].text, &ace, error,
			  sizeof(error)))
			fail_msg("%s is taken", refusals[i].text);
		assert_string_equal(error, refusals[i].error);
		assert_memory_equal(&ace, &before, sizeof(ace));
	}
}

/* --- meaning --- */

struct look {
	int family; /* 0: no IP */
	const char *src, *dst;
	uint8_t protocol;
	uint16_t sport, dport;
	uint8_t flags, icmp, fragment;
	uint16_t ttl, length;
	uint32_t port, mark;
	uint16_t vlan;
	bool tagged;
	uint64_t mac;
};

static void packet_make(const struct look *l, struct ofl_packet *p)
{
	uint8_t addr[16];

	ofl_packet_init(p);
	if (l->family) {
		assert_int_equal(inet_pton(l->family, l->src, addr), 1);
		ofl_packet_addr_set(p, OFL_END_SRC, l->family, addr);
		assert_int_equal(inet_pton(l->family, l->dst, addr), 1);
		ofl_packet_addr_set(p, OFL_END_DST, l->family, addr);
		ofl_packet_set(p, OFL_FIELD_ETHERTYPE,
			       l->family == AF_INET ? 0x0800 : 0x86dd);
	} else {
		ofl_packet_set(p, OFL_FIELD_ETHERTYPE, 0x0806);
	}
	assert_true(ofl_packet_set(p, OFL_FIELD_PROTOCOL, l->protocol));
	assert_true(ofl_packet_set(p, OFL_FIELD_TCP_FLAGS, l->flags));
	assert_true(ofl_packet_set(p, OFL_FIELD_ICMP_TYPE, l->icmp));
	assert_true(ofl_packet_set(p, OFL_FIELD_FRAGMENT, l->fragment));
	assert_true(ofl_packet_set(p, OFL_FIELD_PORT, l->port));
	assert_true(ofl_packet_set(p, OFL_FIELD_MARK, l->mark));
	assert_true(ofl_packet_set(p, OFL_FIELD_VLAN_ID, l->vlan));
	assert_true(ofl_packet_set(p, OFL_FIELD_VLAN_TAGGED, l->tagged));
	assert_true(ofl_packet_set(p, OFL_FIELD_SRC_MAC, l->mac));
	p->number[OFL_NUMBER_SRC_PORT] = l->sport;
	p->number[OFL_NUMBER_DST_PORT] = l->dport;
	p->number[OFL_NUMBER_TTL] = l->ttl;
	p->number[OFL_NUMBER_LENGTH] = l->length;
}

#define TCP4 AF_INET, "10.0.0.1", "192.0.2.1", 6
#define TCP6 AF_INET6, "2001:db8::1", "::2", 6
#define LATER (OFL_FRAGMENT_ANY | OFL_FRAGMENT_LATER)

static const struct {
	enum ofl_acl_type type;
	const char *text;
	unsigned int matches;
	bool hit;
	struct look look;
} meanings[] = {
	{V4, "permit ip any any", 1, true, {TCP4}},
	{V4, "permit ip any any", 1, false, {TCP6}},
	{V4, "permit ip any any", 1, false, {0}},
	{V4, "permit ip 10.0.0.0/8 any", 1, true, {TCP4}},
	{V4, "permit ip 11.0.0.0/8 any", 1, false, {TCP4}},
	{V4, "permit ip 10.0.7.1 0.0.255.0 any", 1, true, {TCP4}},
	{V4, "permit ip 10.0.7.2 0.0.255.0 any", 1, false, {TCP4}},
	{V4, "permit ip any host 192.0.2.1", 1, true, {TCP4}},
	{V4, "permit tcp any any", 1, true, {TCP4}},
	{V4, "permit udp any any", 1, false, {TCP4}},
	{V6, "permit tcp 2001:db8::/32 any", 1, true, {TCP6}},
	{V6, "permit tcp 2001:db9::/32 any", 1, false, {TCP6}},
	{MIX, "permit tcp any any", 2, true, {TCP4}},
	{MIX, "permit tcp any any", 2, true, {TCP6}},
	{MIX, "permit ip any any", 2, false, {0}},
	{MIX, "permit ethernet", 1, true, {0}},
	{MIX, "permit ethernet", 1, true, {TCP4}},
	{MIX, "permit tcp any neq 5 any neq 9", 8, true, {TCP6, 6, 8}},
	{MIX, "permit tcp any neq 5 any neq 9", 8, false, {TCP6, 5, 8}},
	{MIX, "permit tcp any neq 5 any neq 9", 8, false, {TCP4, 6, 9}},
	{V4, "permit tcp any any neq 80", 2, true, {TCP4, 1, 81}},
	{V4, "permit tcp any any neq 80", 2, true, {TCP4, 1, 79}},
	{V4, "permit tcp any any neq 80", 2, false, {TCP4, 1, 80}},
	{V4, "permit tcp any any neq 0", 1, true, {TCP4, 1, 65535}},
	{V4, "permit tcp any any neq 65535", 1, true, {TCP4, 1, 0}},
	{V4, "permit tcp any any lt 80", 1, true, {TCP4, 1, 79}},
	{V4, "permit tcp any any lt 80", 1, false, {TCP4, 1, 80}},
	{V4, "permit tcp any any gt 80", 1, true, {TCP4, 1, 81}},
	{V4, "permit tcp any any gt 80", 1, false, {TCP4, 1, 80}},
	{V4, "permit tcp any range 5 6 any", 1, true, {TCP4, 6, 80}},
	{V4, "permit tcp any range 5 6 any", 1, false, {TCP4, 7, 80}},
	/* A fragment shows ports of 0 and has none. */
	{V4, "permit tcp any any lt 80", 1, false, {TCP4, .fragment = LATER}},
	{V4, "permit tcp any any neq 80", 2, false, {TCP4, .fragment = LATER}},
	{V4, "permit tcp any any eq 0", 1, false, {TCP4, .fragment = LATER}},
	{V4, "permit tcp any any eq 0", 1, true, {TCP4}},
	{V4,
	 "permit tcp any any lt 80",
	 1,
	 false,
	 {TCP4, .fragment = OFL_FRAGMENT_ANY}},
	{V4,
	 "permit tcp any any flags none/syn",
	 1,
	 false,
	 {TCP4, .fragment = LATER}},
	{V4,
	 "permit icmp any any icmp-type echo-reply",
	 1,
	 false,
	 {AF_INET, "1.1.1.1", "2.2.2.2", 1, .fragment = LATER}},
	{V4,
	 "permit icmp any any icmp-type echo-reply",
	 1,
	 true,
	 {AF_INET, "1.1.1.1", "2.2.2.2", 1}},
	{V4, "permit tcp any any", 1, true, {TCP4, .fragment = LATER}},
	{V4,
	 "permit ip any any fragment later",
	 1,
	 true,
	 {TCP4, .fragment = LATER}},
	{V4,
	 "permit ip any any fragment later",
	 1,
	 false,
	 {TCP4, .fragment = OFL_FRAGMENT_ANY}},
	{V4,
	 "permit ip any any fragment first",
	 1,
	 true,
	 {TCP4, .fragment = OFL_FRAGMENT_ANY}},
	{V4, "permit ip any any fragment none", 1, true, {TCP4}},
	{V4,
	 "permit ip any any fragment none",
	 1,
	 false,
	 {TCP4, .fragment = LATER}},
	{V4,
	 "permit tcp any any flags syn/syn,ack",
	 1,
	 true,
	 {TCP4, .flags = 0x42}},
	{V4,
	 "permit tcp any any flags syn/syn,ack",
	 1,
	 false,
	 {TCP4, .flags = 0x12}},
	{V4,
	 "permit ip any any ttl 5 9 length 100 200",
	 1,
	 true,
	 {TCP4, .ttl = 9, .length = 100}},
	{V4,
	 "permit ip any any ttl 5 9 length 100 200",
	 1,
	 false,
	 {TCP4, .ttl = 10, .length = 100}},
	{V4, "permit ip any any interface eth0", 1, true, {TCP4, .port = 7}},
	{V4, "permit ip any any interface eth0", 1, false, {TCP4, .port = 8}},
	{V4, "permit ip any any mark 0x1/0xf", 1, true, {TCP4, .mark = 0x21}},
	{V4, "permit ip any any mark 0x1/0xf", 1, false, {TCP4, .mark = 0x22}},
	{ETH, "permit ethernet vlan 0", 1, true, {.tagged = true}},
	{ETH, "permit ethernet vlan 0", 1, false, {0}},
	{ETH, "permit ethernet ethertype arp", 1, true, {0}},
	{ETH, "permit ethernet ethertype arp", 1, false, {TCP4}},
	{ETH,
	 "permit ethernet source-mac 02:00:00:00:00:01",
	 1,
	 true,
	 {.mac = UINT64_C(0x020000000001)}},
	{ETH,
	 "permit ethernet source-mac 02:00:00:00:00:01",
	 1,
	 false,
	 {.mac = UINT64_C(0x020000000002)}},
};

static void test_meaning(void **state)
{
	struct ofl_match m[OFL_ACE_MATCHES_MAX];

	for (size_t i = 0; i < array_size(meanings); i++) {
		struct ofl_ace ace =
			must_parse(meanings[i].type, meanings[i].text);
		unsigned int count = ofl_ace_expand(&ace, 7, m), hits = 0;
		struct ofl_packet p;

		if (count != meanings[i].matches)
			fail_msg("%s: %u matches", meanings[i].text, count);
		packet_make(&meanings[i].look, &p);
		for (unsigned int j = 0; j < count; j++) {
			hits += ofl_match_has_packet(&m[j], &p);
			for (unsigned int k = 0; k < j; k++)
				assert_false(
					ofl_match_has_overlap(&m[j], &m[k]));
		}
		if (hits != meanings[i].hit)
			fail_msg("row %zu, %s: %u of %u match", i,
				 meanings[i].text, hits, count);
	}
}

/* An interface that does not exist lets no packet in. */
static void test_no_interface(void **state)
{
	struct ofl_ace ace = must_parse(V4, "permit ip any any interface eth0");
	struct ofl_match m[OFL_ACE_MATCHES_MAX];

	assert_int_equal(ofl_ace_expand(&ace, 0, m), 0);
	assert_int_equal(ofl_ace_expand(&ace, 1, m), 1);
}

/* --- actions and settings --- */

static const struct {
	const char *a, *b;
	bool equal;
} actions[] = {
	{"permit ip any any", "permit tcp any any eq 80", true},
	{"permit ip any any", "deny ip any any", false},
	{"deny ip any any", "reject ip any any", false},
	{"permit ip any any log", "permit ip any any", false},
	{"permit ip any any mirror a", "permit udp any any mirror a", true},
	{"permit ip any any mirror a", "permit ip any any mirror b", false},
	{"permit ip any any mirror a", "permit ip any any redirect a", false},
	{"permit ip any any set-mark 0", "permit ip any any", false},
	{"permit ip any any weight 5", "permit ip any any class never", true},
};

static void test_actions(void **state)
{
	for (size_t i = 0; i < array_size(actions); i++) {
		struct ofl_ace a = must_parse(V4, actions[i].a);
		struct ofl_ace b = must_parse(V4, actions[i].b);

		if (ofl_ace_action_eq(&a.action, &b.action) != actions[i].equal)
			fail_msg("%s, %s", actions[i].a, actions[i].b);
		if (actions[i].equal)
			assert_int_equal(ofl_ace_action_hash(&a.action),
					 ofl_ace_action_hash(&b.action));
	}
}

static void test_settings(void **state)
{
	struct ofl_ace ace = must_parse(V4, "permit ip any any weight 7 "
					    "allow-partial no");
	struct ofl_ace_settings acl, s;

	ofl_ace_settings_init(&acl);
	acl.cls = OFL_CLASS_CRITICAL;
	acl.where = OFL_ACE_HARDWARE;
	s = ofl_ace_settings_make(&acl, &ace.settings);
	assert_int_equal(s.weight, 7);
	assert_false(s.allow_partial);
	assert_int_equal(s.cls, OFL_CLASS_CRITICAL);
	assert_int_equal(s.where, OFL_ACE_HARDWARE);
	assert_false(s.offload_or_fail);
}

/* The longest there is. */
static void test_longest(void **state)
{
	static const char text[] =
		"permit tcp fe80:1111:2222:3333:4444:5555:6666:0 "
		"1111:1111:1111:1111:1111:1111:1111:1111 range 11111 22222 "
		"fe80:1111:2222:3333:4444:5555:6666:0 "
		"1111:1111:1111:1111:1111:1111:1111:1111 range 11111 22222 "
		"flags "
		"fin,syn,rst,psh,ack,urg,ece/fin,syn,rst,psh,ack,urg,ece,cwr "
		"dscp af11 ttl 100 200 length 11111 22222 fragment none "
		"source-mac 02:00:00:00:00:00 fe:ff:ff:ff:ff:fe "
		"destination-mac 02:00:00:00:00:00 fe:ff:ff:ff:ff:fe "
		"vlan 4095 vlan-priority 7 interface abcdefghijklmno "
		"mark 0x10000000/0xf0000000 log count mirror abcdefghijklmno "
		"redirect abcdefghijklmno set-mark 4294967295 set-dscp af11 "
		"police 1000000000000000 burst 4294967295 class best-effort "
		"placement hardware offload-or-fail yes weight 1000000 "
		"allow-partial yes";
	struct ofl_ace ace = must_parse(V6, text);
	char print[1024], cut[40];

	ofl_ace_print(&ace, V6, print, sizeof(print));
	assert_true(strlen(print) < OFL_ACE_STRLEN);
	ofl_ace_print(&ace, V6, cut, sizeof(cut));
	assert_int_equal(strlen(cut), sizeof(cut) - 1);
	assert_memory_equal(cut, print, sizeof(cut) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_no_interface),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
