// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A match in words; see match_print.h.
 */
#include <zebra.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/addr.h"
#include "offloadd/flow/match_field.h"
#include "offloadd/flow/match_print.h"
#include "offloadd/flow/words.h"

#define ETHERTYPE_V4 0x0800
#define ETHERTYPE_V6 0x86dd

/* --- parts --- */

static void put_address(struct ofl_words *w, const struct ofl_match *m,
			enum ofl_end end, int family, const char *name)
{
	int bits = family == AF_INET6 ? 128 : 32, plen;
	char text[OFL_ADDR_STRLEN], mask_text[OFL_ADDR_STRLEN];
	uint8_t addr[16] = {0}, mask[16] = {0};

	if (!ofl_match_addr_get(m, end, family, addr, mask))
		return;
	plen = ofl_ace_mask_plen(mask, bits);
	ofl_addr_print(family, addr, text, sizeof(text));
	ofl_addr_print(family, mask, mask_text, sizeof(mask_text));
	if (plen >= 0)
		ofl_words_put(w, "%s %s/%d", name, text, plen);
	else
		ofl_words_put(w, "%s %s/%s", name, text, mask_text);
}

static void put_mac(struct ofl_words *w, const char *name, struct ofl_bits b)
{
	uint8_t mac[6], mask[6];
	char text[20], mask_text[20];

	if (!b.mask)
		return;
	for (int i = 0; i < 6; i++) {
		mac[i] = b.value >> (40 - 8 * i);
		mask[i] = b.mask >> (40 - 8 * i);
	}
	ofl_ace_mac_print(mac, text, sizeof(text));
	ofl_ace_mac_print(mask, mask_text, sizeof(mask_text));
	if (b.mask == ofl_match_field_top(OFL_FIELD_DST_MAC))
		ofl_words_put(w, "%s %s", name, text);
	else
		ofl_words_put(w, "%s %s/%s", name, text, mask_text);
}

static void put_number(struct ofl_words *w, const struct ofl_match *m,
		       enum ofl_number number, const char *name)
{
	struct ofl_range r = m->range[number];

	if (ofl_match_range_is_any(m, number))
		return;
	if (r.min == r.max)
		ofl_words_put(w, "%s %u", name, r.min);
	else
		ofl_words_put(w, "%s %u-%u", name, r.min, r.max);
}

/* The version of IP is said as a word; 0: it is neither, or not looked at. */
static int put_ethertype(struct ofl_words *w, const struct ofl_match *m)
{
	struct ofl_bits b = ofl_match_field_get(m, OFL_FIELD_ETHERTYPE);
	char text[32];

	if (!b.mask)
		return 0;
	if (b.mask == UINT16_MAX && b.value == ETHERTYPE_V4) {
		ofl_words_put(w, "ipv4");
		return AF_INET;
	}
	if (b.mask == UINT16_MAX && b.value == ETHERTYPE_V6) {
		ofl_words_put(w, "ipv6");
		return AF_INET6;
	}
	ofl_ace_ethertype_print(b.value, text, sizeof(text));
	if (b.mask == UINT16_MAX)
		ofl_words_put(w, "ethertype %s", text);
	else
		ofl_words_put(w, "ethertype 0x%" PRIx64 "/0x%" PRIx64, b.value,
			      b.mask);
	return 0;
}

static void put_protocol(struct ofl_words *w, const struct ofl_match *m)
{
	struct ofl_bits b = ofl_match_field_get(m, OFL_FIELD_PROTOCOL);
	char text[32];

	if (!b.mask)
		return;
	ofl_ace_protocol_print(b.value, text, sizeof(text));
	if (b.mask == UINT8_MAX)
		ofl_words_put(w, "%s", text);
	else
		ofl_words_put(w, "protocol 0x%" PRIx64 "/0x%" PRIx64, b.value,
			      b.mask);
}

static void put_fields(struct ofl_words *w, const struct ofl_match *m)
{
	static const struct {
		enum ofl_field field;
		const char *name;
		bool is_hex;
	} rows[] = {
		{OFL_FIELD_TCP_FLAGS, "flags", true},
		{OFL_FIELD_ICMP_TYPE, "icmp-type", false},
		{OFL_FIELD_ICMP_CODE, "icmp-code", false},
		{OFL_FIELD_DSCP, "dscp", false},
		{OFL_FIELD_FRAGMENT, "fragment", true},
		{OFL_FIELD_PORT, "interface-index", false},
		{OFL_FIELD_VLAN_TAGGED, "tagged", false},
		{OFL_FIELD_VLAN_ID, "vlan", false},
		{OFL_FIELD_VLAN_PCP, "vlan-priority", false},
		{OFL_FIELD_MARK, "mark", true},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct ofl_bits b = ofl_match_field_get(m, rows[i].field);

		if (!b.mask)
			continue;
		if (b.mask != ofl_match_field_top(rows[i].field))
			ofl_words_put(w, "%s 0x%" PRIx64 "/0x%" PRIx64,
				      rows[i].name, b.value, b.mask);
		else if (rows[i].is_hex)
			ofl_words_put(w, "%s 0x%" PRIx64, rows[i].name,
				      b.value);
		else
			ofl_words_put(w, "%s %" PRIu64, rows[i].name, b.value);
	}
}

const char *ofl_match_print(const struct ofl_match *m, char *buf, size_t len)
{
	struct ofl_words w = {.buf = buf, .len = len};
	int family;

	buf[0] = '\0';
	family = put_ethertype(&w, m);
	put_protocol(&w, m);
	if (!family)
		family = ofl_match_has_long_addr(m) ? AF_INET6 : AF_INET;
	put_address(&w, m, OFL_END_SRC, family, "source");
	put_number(&w, m, OFL_NUMBER_SRC_PORT, "source-port");
	put_address(&w, m, OFL_END_DST, family, "destination");
	put_number(&w, m, OFL_NUMBER_DST_PORT, "destination-port");
	put_fields(&w, m);
	put_number(&w, m, OFL_NUMBER_TTL, "ttl");
	put_number(&w, m, OFL_NUMBER_LENGTH, "length");
	put_mac(&w, "source-mac", ofl_match_field_get(m, OFL_FIELD_SRC_MAC));
	put_mac(&w, "destination-mac",
		ofl_match_field_get(m, OFL_FIELD_DST_MAC));
	if (!w.at)
		ofl_words_put(&w, "any");
	return buf;
}
