// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of access control entries and what they stand for: see ace.h.
 *
 * Tables and the two ways through them.  Which words may stand where is
 * ace_text.c's, whether they fit together ofl_ace_check()'s.
 */
#include <zebra.h>

#include "offloadd/flow/ace.h"

struct name {
	const char *name;
	unsigned int value;
};

static const char *const type_names[] = {"ipv4", "ipv6", "ethernet", "mixed"};
static const char *const where_names[] = {"both", "hardware", "software"};
static const char *const forward_names[] = {"accept", "drop", "reject"};
static const char *const op_names[] = {"any", "eq", "neq", "lt", "gt", "range"};
static const char *const fragment_names[] = {"any", "first", "later", "none"};

static const struct name protocols[] = {
	{"icmp", 1},  {"igmp", 2},  {"tcp", 6},	   {"udp", 17},
	{"gre", 47},  {"esp", 50},  {"ah", 51},	   {"icmpv6", 58},
	{"ospf", 89}, {"pim", 103}, {"vrrp", 112}, {"sctp", 132},
	{NULL, 0},
};

static const struct name dscps[] = {
	{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},	{"cs4", 32},
	{"cs5", 40},  {"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12},
	{"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22}, {"af31", 26},
	{"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38},
	{"ef", 46},   {NULL, 0},
};

/* As in ietf-ethertypes, for those anybody asks for. */
static const struct name ethertypes[] = {
	{"ipv4", 0x0800},
	{"arp", 0x0806},
	{"rarp", 0x8035},
	{"ipv6", 0x86dd},
	{"mpls-unicast", 0x8847},
	{"mpls-multicast", 0x8848},
	{"pppoe-discovery", 0x8863},
	{"pppoe-session", 0x8864},
	{"eap", 0x888e},
	{"lldp", 0x88cc},
	{"macsec", 0x88e5},
	{NULL, 0},
};

static const struct name icmp_types[] = {
	{"echo-reply", 0},
	{"unreachable", 3},
	{"redirect", 5},
	{"echo", 8},
	{"router-advertisement", 9},
	{"router-solicitation", 10},
	{"time-exceeded", 11},
	{"parameter-problem", 12},
	{"timestamp-request", 13},
	{"timestamp-reply", 14},
	{NULL, 0},
};

static const struct name icmpv6_types[] = {
	{"unreachable", 1},
	{"packet-too-big", 2},
	{"time-exceeded", 3},
	{"parameter-problem", 4},
	{"echo", 128},
	{"echo-reply", 129},
	{"router-solicitation", 133},
	{"router-advertisement", 134},
	{"neighbor-solicitation", 135},
	{"neighbor-advertisement", 136},
	{"redirect", 137},
	{NULL, 0},
};

static const struct name tcp_flags[] = {
	{"fin", 0x01}, {"syn", 0x02}, {"rst", 0x04},
	{"psh", 0x08}, {"ack", 0x10}, {"urg", 0x20},
	{"ece", 0x40}, {"cwr", 0x80}, {NULL, 0},
};
#define TCP_FLAGS_MAX 0xfff

/* --- the two ways through a table --- */

static const char *name_of(const struct name *table, unsigned int value)
{
	for (; table->name; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}

static bool value_of(const struct name *table, const char *text,
		     uint64_t number_max, uint64_t *ret)
{
	for (; table->name; table++)
		if (strcmp(table->name, text) == 0) {
			*ret = table->value;
			return true;
		}
	return ofl_ace_number_parse(text, number_max, ret);
}

static void print(const struct name *table, unsigned int value,
		  const char *format, char *buf, size_t len)
{
	const char *name = name_of(table, value);

	if (name)
		snprintf(buf, len, "%s", name);
	else if (format)
		snprintf(buf, len, "0x%04x", value);
	else
		snprintf(buf, len, "%u", value);
}

static int index_of(const char *const *names, int count, const char *text)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	return -1;
}

/* A name of an enumeration, whose values are the places in the table. */
#define ENUM_NAMES(what, table, type, ret_type)                                \
	const char *ofl_##what##_name(enum type value)                         \
	{                                                                      \
		return (size_t)value < array_size(table) ? table[value]        \
							 : NULL;               \
	}                                                                      \
	bool ofl_##what##_parse(const char *text, ret_type *ret)               \
	{                                                                      \
		int i = index_of(table, array_size(table), text);              \
                                                                               \
		if (i < 0)                                                     \
			return false;                                          \
		*ret = i;                                                      \
		return true;                                                   \
	}

ENUM_NAMES(acl_type, type_names, ofl_acl_type, enum ofl_acl_type)
ENUM_NAMES(ace_where, where_names, ofl_ace_where, uint8_t)
ENUM_NAMES(ace_forward, forward_names, ofl_ace_forward, uint8_t)
ENUM_NAMES(ports_op, op_names, ofl_ports_op, uint16_t)
ENUM_NAMES(ace_fragment, fragment_names, ofl_ace_fragment, uint8_t)

_Static_assert(array_size(type_names) == OFL_ACL_TYPE_MAX, "a name each");
_Static_assert(array_size(where_names) == OFL_ACE_WHERE_MAX, "a name each");
_Static_assert(array_size(forward_names) == OFL_ACE_FORWARD_MAX, "a name each");
_Static_assert(array_size(op_names) == OFL_PORTS_OP_MAX, "a name each");
_Static_assert(array_size(fragment_names) == OFL_ACE_FRAGMENT_MAX,
	       "a name each");

/* --- names or numbers --- */

bool ofl_ace_number_parse(const char *text, uint64_t max, uint64_t *ret)
{
	bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long value;
	char *end;

	if (!isxdigit((unsigned char)text[is_hex ? 2 : 0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, is_hex ? 16 : 10);
	if (errno || *end || value > max)
		return false;
	*ret = value;
	return true;
}

#define PARSE_SMALL(table, max)                                                \
	do {                                                                   \
		uint64_t value;                                                \
                                                                               \
		if (!value_of(table, text, max, &value))                       \
			return false;                                          \
		*ret = value;                                                  \
		return true;                                                   \
	} while (0)

bool ofl_ace_protocol_parse(const char *text, uint8_t *ret)
{
	PARSE_SMALL(protocols, UINT8_MAX);
}

void ofl_ace_protocol_print(uint8_t protocol, char *buf, size_t len)
{
	print(protocols, protocol, NULL, buf, len);
}

bool ofl_ace_dscp_parse(const char *text, uint8_t *ret)
{
	PARSE_SMALL(dscps, 63);
}

void ofl_ace_dscp_print(uint8_t dscp, char *buf, size_t len)
{
	print(dscps, dscp, NULL, buf, len);
}

bool ofl_ace_ethertype_parse(const char *text, uint16_t *ret)
{
	PARSE_SMALL(ethertypes, UINT16_MAX);
}

void ofl_ace_ethertype_print(uint16_t ethertype, char *buf, size_t len)
{
	print(ethertypes, ethertype, "hex", buf, len);
}

static const struct name *icmp_table(uint8_t protocol)
{
	return protocol == IPPROTO_ICMPV6 ? icmpv6_types : icmp_types;
}

bool ofl_ace_icmp_parse(uint8_t protocol, const char *text, uint8_t *ret)
{
	PARSE_SMALL(icmp_table(protocol), UINT8_MAX);
}

void ofl_ace_icmp_print(uint8_t protocol, uint8_t type, char *buf, size_t len)
{
	print(icmp_table(protocol), type, NULL, buf, len);
}

bool ofl_ace_tcp_flags_parse(const char *text, uint16_t *ret)
{
	uint16_t flags = 0;
	uint64_t number;
	char copy[64], *save = NULL, *word;

	if (ofl_ace_number_parse(text, TCP_FLAGS_MAX, &number)) {
		*ret = number;
		return true;
	}
	if (!text[0] || strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return false;
	if (strcmp(copy, "none") == 0) {
		*ret = 0;
		return true;
	}
	for (word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		/* Numbers only alone. */
		if (!value_of(tcp_flags, word, 0, &number) || !number)
			return false;
		flags |= number;
	}
	*ret = flags;
	return true;
}

void ofl_ace_tcp_flags_print(uint16_t flags, char *buf, size_t len)
{
	size_t at = 0;

	if (flags > 0xff)
		snprintf(buf, len, "0x%03x", flags);
	else if (!flags)
		snprintf(buf, len, "none");
	for (const struct name *n = tcp_flags; flags <= 0xff && n->name; n++)
		if (flags & n->value)
			at += snprintf(buf + at, len - at, "%s%s",
				       at ? "," : "", n->name);
}

bool ofl_ace_mac_parse(const char *text, uint8_t ret[6])
{
	uint8_t mac[6];

	for (int i = 0; i < 6; i++) {
		char *end;

		if (!isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]))
			return false;
		mac[i] = strtoul((char[]){text[0], text[1], '\0'}, &end, 16);
		if (text[2] != (i < 5 ? ':' : '\0'))
			return false;
		text += 3;
	}
	memcpy(ret, mac, sizeof(mac));
	return true;
}

void ofl_ace_mac_print(const uint8_t mac[6], char *buf, size_t len)
{
	snprintf(buf, len, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
}
