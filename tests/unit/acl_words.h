/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches, packets and actions of ACLs from words: what tests in virtual
 * machines, which are Python, say to acl_live.
 *
 *   src4=10.0.0.0/255.0.0.0 dst6=2001:db8::/ffff:: protocol=6 vlan=1/1
 *   dport=1024-65535 ttl=2-255
 *   mark=7 police=125000/10000 redirect=5
 */
#ifndef TESTS_UNIT_ACL_WORDS_H
#define TESTS_UNIT_ACL_WORDS_H

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_acl.h"

static const char *const acl_fields[OFL_FIELD_MAX] = {
	[OFL_FIELD_SRC_V4] = "",
	[OFL_FIELD_DST_V4] = "",
	[OFL_FIELD_ETHERTYPE] = "ethertype",
	[OFL_FIELD_PROTOCOL] = "protocol",
	[OFL_FIELD_DSCP] = "dscp",
	[OFL_FIELD_FRAGMENT] = "fragment",
	[OFL_FIELD_TCP_FLAGS] = "tcp_flags",
	[OFL_FIELD_ICMP_TYPE] = "icmp_type",
	[OFL_FIELD_ICMP_CODE] = "icmp_code",
	[OFL_FIELD_PORT] = "port",
	[OFL_FIELD_VLAN_ID] = "vlan_id",
	[OFL_FIELD_VLAN_PCP] = "vlan_pcp",
	[OFL_FIELD_VLAN_TAGGED] = "vlan",
	[OFL_FIELD_MARK] = "mark",
	[OFL_FIELD_DST_MAC] = "dst_mac",
	[OFL_FIELD_SRC_MAC] = "src_mac",
};
static const char *const acl_numbers[OFL_NUMBER_MAX] = {"sport", "dport",
							"length", "ttl"};
static const struct acl_addr {
	const char *name;
	enum ofl_end end;
	int family;
} acl_addrs[] = {
	{"src4", OFL_END_SRC, AF_INET},
	{"dst4", OFL_END_DST, AF_INET},
	{"src6", OFL_END_SRC, AF_INET6},
	{"dst6", OFL_END_DST, AF_INET6},
};

static inline int acl_find(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* "address/mask" of this family; without a mask all of it. */
static inline bool acl_addr_parse(int family, char *text, uint8_t *ret_addr,
				  uint8_t *ret_mask)
{
	char *mask = strchr(text, '/');

	if (mask)
		*mask++ = '\0';
	memset(ret_mask, 0xff, 16);
	if (inet_pton(family, text, ret_addr) != 1 ||
	    (mask && inet_pton(family, mask, ret_mask) != 1))
		return false;
	for (int i = 0; i < (family == AF_INET ? 4 : 16); i++)
		ret_addr[i] &= ret_mask[i];
	return true;
}

static inline bool acl_match_word(struct ofl_match *m, char *word)
{
	char *value = strchr(word, '='), *end;
	uint8_t addr[16], mask[16];
	uint64_t from, to;
	int i;

	if (!value)
		return false;
	*value++ = '\0';
	for (i = 0; i < 4; i++) {
		if (strcmp(acl_addrs[i].name, word) != 0)
			continue;
		if (!acl_addr_parse(acl_addrs[i].family, value, addr, mask))
			return false;
		ofl_match_addr_set(m, acl_addrs[i].end, acl_addrs[i].family,
				   addr, mask);
		return true;
	}
	from = strtoull(value, &end, 0);
	i = acl_find(acl_numbers, OFL_NUMBER_MAX, word);
	if (i >= 0) {
		to = *end == '-' ? strtoull(end + 1, NULL, 0) : from;
		return from <= to && to <= UINT16_MAX &&
		       ofl_match_range_set(m, (enum ofl_number)i,
					   (uint16_t)from, (uint16_t)to);
	}
	i = acl_find(acl_fields, OFL_FIELD_MAX, word);
	if (i < 0)
		return false;
	to = *end == '/' ? strtoull(end + 1, NULL, 0)
			 : ofl_match_field_top((enum ofl_field)i);
	return ofl_match_set(m, (enum ofl_field)i, from & to, to);
}

static inline bool acl_packet_word(struct ofl_packet *p, char *word)
{
	struct ofl_match m;
	char name[32], *value = strchr(word, '=');
	int i;

	if (!value || (size_t)(value - word) >= sizeof(name))
		return false;
	memcpy(name, word, (size_t)(value - word));
	name[value - word] = '\0';
	i = acl_find(acl_numbers, OFL_NUMBER_MAX, name);
	if (i >= 0) {
		p->number[i] = (uint16_t)strtoul(value + 1, NULL, 0);
		return true;
	}
	i = acl_find(acl_fields, OFL_FIELD_MAX, name);
	if (i >= 0)
		return ofl_packet_set(p, (enum ofl_field)i,
				      strtoull(value + 1, NULL, 0));
	ofl_match_init(&m);
	if (!acl_match_word(&m, word))
		return false;
	ofl_match_packet_make(&m, p);
	return true;
}

static inline bool acl_act_word(struct ofl_tc_acts *acts, char *word)
{
	static const char *const names[] = {"mirror",  "mark",	 "dscp",
					    "police",  "sample", "accept",
					    "goto",    "drop",	 "trap",
					    "redirect"};
	unsigned long long n[3] = {0};
	struct ofl_tc_act a;
	char *value = strchr(word, '='), *in;
	int kind;

	if (value) {
		*value++ = '\0';
		for (int i = 0; i < 3; i++) {
			n[i] = strtoull(value, &value, 0);
			value += *value == '/';
		}
	}
	in = strstr(word, "_in");
	if (in)
		*in = '\0';
	kind = acl_find(names, OFL_TC_ACT_MAX, word);
	if (kind < 0)
		return false;
	memset(&a, 0, sizeof(a));
	a.kind = (uint8_t)kind;
	a.ingress = in;
	a.ifindex = a.mark = a.chain = a.one_in = (uint32_t)n[0];
	a.dscp = (uint8_t)n[0];
	a.rate_bytes = n[0];
	a.burst_ticks = ofl_tc_burst_ticks(n[0], (uint32_t)n[1]);
	a.group = (uint32_t)n[1];
	a.most_bytes = (uint32_t)n[2];
	return ofl_tc_acts_add(acts, &a);
}

#endif /* TESTS_UNIT_ACL_WORDS_H */
