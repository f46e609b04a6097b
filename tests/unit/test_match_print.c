// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow/match_print.c: every field of a match is said, masks where they are not
 * whole, and nothing of what is not looked at.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/match_print.h"

static const struct {
	const char *entry; /* of a mixed list; its first match is printed */
	const char *want;
} entries[] = {
	{"permit ethernet", "any"},
	{"permit ip 0.0.0.0/0 any", "ipv4"},
	{"permit ip ::/0 any", "ipv6"},
	{"permit tcp 10.0.0.0/8 range 5 9 host 192.0.2.1 eq 80 flags "
	 "syn/syn,ack",
	 "ipv4 tcp source 10.0.0.0/8 source-port 5-9 destination 192.0.2.1/32 "
	 "destination-port 80 flags 0x2/0x12"},
	{"permit ip 10.0.7.1 0.0.255.0 any",
	 "ipv4 source 10.0.0.1/255.255.0.255"},
	{"permit ip any 2001:db8::/32 dscp ef ttl 0 5 length 100",
	 "ipv6 destination 2001:db8::/32 dscp 46 ttl 0-5 length 100"},
	{"permit icmp 0.0.0.0/0 any icmp-type 3 1",
	 "ipv4 icmp icmp-type 3 icmp-code 1"},
	{"permit ip 0.0.0.0/0 any fragment any mark 5/0xff",
	 "ipv4 fragment 0x1/0x1 mark 0x5/0xff"},
	{"permit ethernet ethertype arp vlan 7 vlan-priority 3 source-mac "
	 "02:00:00:00:00:01 destination-mac 01:00:00:00:00:00 "
	 "01:00:00:00:00:00",
	 "ethertype arp tagged 1 vlan 7 vlan-priority 3 source-mac "
	 "02:00:00:00:00:01 destination-mac "
	 "01:00:00:00:00:00/01:00:00:00:00:00"},
	{"permit ethernet interface eth0", "interface-index 9"},
};

static struct ofl_match match_of(const char *text)
{
	const char *words[OFL_ACE_WORDS_MAX];
	struct ofl_match all[OFL_ACE_MATCHES_MAX];
	char copy[512], *save = NULL, error[192];
	size_t count = 0;
	struct ofl_ace ace;

	strlcpy(copy, text, sizeof(copy));
	for (char *w = strtok_r(copy, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	if (!ofl_ace_parse(OFL_ACL_MIXED, words, count, &ace, error,
			   sizeof(error)))
		fail_msg("%s: %s", text, error);
	assert_int_not_equal(ofl_ace_expand(&ace, 9, all), 0);
	return all[0];
}

static void test_words(void **state)
{
	char text[OFL_MATCH_STRLEN];

	for (size_t i = 0; i < array_size(entries); i++) {
		struct ofl_match m = match_of(entries[i].entry);

		assert_string_equal(ofl_match_print(&m, text, sizeof(text)),
				    entries[i].want);
	}
}

/* Masks that no entry has, only what something wider was made of. */
static void test_masks(void **state)
{
	char text[OFL_MATCH_STRLEN];
	struct ofl_match m;

	ofl_match_init(&m);
	assert_true(ofl_match_set(&m, OFL_FIELD_ETHERTYPE, 0x0800, 0xff00));
	assert_true(ofl_match_set(&m, OFL_FIELD_PROTOCOL, 0, 0xf0));
	assert_true(ofl_match_set(&m, OFL_FIELD_DSCP, 8, 0x38));
	assert_string_equal(ofl_match_print(&m, text, sizeof(text)),
			    "ethertype 0x800/0xff00 protocol 0x0/0xf0 dscp "
			    "0x8/0x38");
}

/* The longest there is fits, and a short buffer cuts. */
static void test_length(void **state)
{
	static const enum ofl_field fields[] = {
		OFL_FIELD_TCP_FLAGS, OFL_FIELD_ICMP_TYPE, OFL_FIELD_ICMP_CODE,
		OFL_FIELD_DSCP,	     OFL_FIELD_PORT,	  OFL_FIELD_VLAN_TAGGED,
		OFL_FIELD_VLAN_ID,   OFL_FIELD_VLAN_PCP,  OFL_FIELD_MARK,
		OFL_FIELD_DST_MAC,   OFL_FIELD_SRC_MAC,	  OFL_FIELD_PROTOCOL,
		OFL_FIELD_FRAGMENT,
	};
	char text[OFL_MATCH_STRLEN], cut[10];
	uint8_t addr[16], mask[16];
	struct ofl_match m;

	ofl_match_init(&m);
	for (int i = 0; i < 16; i++) {
		mask[i] = i % 2 ? 0xfe : 0xff;
		addr[i] = 0xee & mask[i];
	}
	ofl_match_addr_set(&m, OFL_END_SRC, AF_INET6, addr, mask);
	ofl_match_addr_set(&m, OFL_END_DST, AF_INET6, addr, mask);
	for (size_t i = 0; i < array_size(fields); i++) {
		uint64_t ones = 1;

		while (ofl_match_set(&m, fields[i], 0, ones << 1 | 1))
			ones = ones << 1 | 1;
		ofl_match_set(&m, fields[i], ones & ~UINT64_C(1),
			      ones > 1 ? ones & ~UINT64_C(1) : 1);
	}
	for (int i = 0; i < OFL_NUMBER_MAX; i++)
		assert_true(ofl_match_range_set(&m, i, 10001, 65534));
	ofl_match_print(&m, text, sizeof(text));
	assert_true(strlen(text) + 1 < sizeof(text));
	assert_non_null(strstr(text, "destination-mac "));
	ofl_match_print(&m, cut, sizeof(cut));
	assert_int_equal(strlen(cut), sizeof(cut) - 1);
	assert_memory_equal(cut, text, sizeof(cut) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
