// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An access control entry as words that ofl_ace_parse() reads as the same
 * entry: see ace.h.
 *
 * One order of options, the shortest form of each value.  The text always fits
 * OFL_ACE_STRLEN; a shorter buffer cuts it.
 */
#include <zebra.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/addr.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/words.h"

/* --- addresses and ports --- */

int ofl_ace_mask_plen(const uint8_t *mask, int bits)
{
	int plen = 0;

	while (plen < bits && (mask[plen / 8] & 0x80 >> plen % 8))
		plen++;
	for (int i = plen; i < bits; i++)
		if (mask[i / 8] & 0x80 >> i % 8)
			return -1;
	return plen;
}

/* `say`: the family is known by this address only, so `any` will not do. */
static void put_address(struct ofl_words *w, int family, const uint8_t *addr,
			const uint8_t *mask, bool say)
{
	int bits = family == AF_INET ? 32 : 128;
	int plen = ofl_ace_mask_plen(mask, bits);
	char text[OFL_ADDR_STRLEN], wild[OFL_ADDR_STRLEN];
	uint8_t wildcard[16];

	ofl_addr_print(family, addr, text, sizeof(text));
	if (plen == 0 && !say) {
		ofl_words_put(w, "any");
	} else if (plen == bits) {
		ofl_words_put(w, "host %s", text);
	} else if (plen >= 0) {
		ofl_words_put(w, "%s/%d", text, plen);
	} else {
		for (int i = 0; i < 16; i++)
			wildcard[i] = ~mask[i];
		ofl_addr_print(family, wildcard, wild, sizeof(wild));
		ofl_words_put(w, "%s %s", text, wild);
	}
}

static void put_ports(struct ofl_words *w, const struct ofl_ports *p)
{
	if (p->op == OFL_PORTS_ANY)
		return;
	ofl_words_put(w, "%s %u", ofl_ports_op_name(p->op), p->port);
	if (p->op == OFL_PORTS_RANGE)
		ofl_words_put(w, "%u", p->upper);
}

static void put_ip(struct ofl_words *w, const struct ofl_ace *ace,
		   enum ofl_acl_type type)
{
	int family = ace->family == OFL_ACE_IPV6 ? AF_INET6 : AF_INET;
	char text[32] = "ip";
	bool say;

	say = type == OFL_ACL_MIXED && ace->family != OFL_ACE_IP &&
	      ofl_ace_mask_plen(ace->src_mask, 128) == 0 &&
	      ofl_ace_mask_plen(ace->dst_mask, 128) == 0;
	if (ace->match & OFL_ACE_M_PROTOCOL)
		ofl_ace_protocol_print(ace->protocol, text, sizeof(text));
	ofl_words_put(w, "%s", text);
	put_address(w, family, ace->src, ace->src_mask, say);
	put_ports(w, &ace->src_port);
	put_address(w, family, ace->dst, ace->dst_mask, false);
	put_ports(w, &ace->dst_port);
}

/* --- options --- */

static void put_span(struct ofl_words *w, const char *name, struct ofl_range r)
{
	ofl_words_put(w, "%s %u", name, r.min);
	if (r.max != r.min)
		ofl_words_put(w, "%u", r.max);
}

static void put_mac(struct ofl_words *w, const char *name, const uint8_t *mac,
		    const uint8_t *mask)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	char text[20];

	ofl_ace_mac_print(mac, text, sizeof(text));
	ofl_words_put(w, "%s %s", name, text);
	if (memcmp(mask, all, sizeof(all)) == 0)
		return;
	ofl_ace_mac_print(mask, text, sizeof(text));
	ofl_words_put(w, "%s", text);
}

static void put_flags(struct ofl_words *w, const struct ofl_ace *ace)
{
	char flags[48], mask[48];

	ofl_ace_tcp_flags_print(ace->tcp_flags, flags, sizeof(flags));
	ofl_ace_tcp_flags_print(ace->tcp_flags_mask, mask, sizeof(mask));
	if (ace->tcp_flags == ace->tcp_flags_mask)
		ofl_words_put(w, "flags %s", flags);
	else
		ofl_words_put(w, "flags %s/%s", flags, mask);
}

static void put_ip_options(struct ofl_words *w, const struct ofl_ace *ace)
{
	uint16_t has = ace->match;
	char text[32];

	if (has & OFL_ACE_M_TCP_FLAGS)
		put_flags(w, ace);
	if (has & OFL_ACE_M_ICMP_TYPE) {
		ofl_ace_icmp_print(ace->protocol, ace->icmp_type, text,
				   sizeof(text));
		ofl_words_put(w, "icmp-type %s", text);
	}
	if (has & OFL_ACE_M_ICMP_CODE)
		ofl_words_put(w, "%u", ace->icmp_code);
	if (has & OFL_ACE_M_DSCP) {
		ofl_ace_dscp_print(ace->dscp, text, sizeof(text));
		ofl_words_put(w, "dscp %s", text);
	}
	if (has & OFL_ACE_M_TTL)
		put_span(w, "ttl", ace->ttl);
	if (has & OFL_ACE_M_LENGTH)
		put_span(w, "length", ace->length);
	if (has & OFL_ACE_M_FRAGMENT)
		ofl_words_put(w, "fragment %s",
			      ofl_ace_fragment_name(ace->fragment));
}

static void put_frame_options(struct ofl_words *w, const struct ofl_ace *ace)
{
	uint16_t has = ace->match;
	char text[32];

	if (has & OFL_ACE_M_SRC_MAC)
		put_mac(w, "source-mac", ace->src_mac, ace->src_mac_mask);
	if (has & OFL_ACE_M_DST_MAC)
		put_mac(w, "destination-mac", ace->dst_mac, ace->dst_mac_mask);
	if (has & OFL_ACE_M_ETHERTYPE) {
		ofl_ace_ethertype_print(ace->ethertype, text, sizeof(text));
		ofl_words_put(w, "ethertype %s", text);
	}
	if (has & OFL_ACE_M_VLAN_ID)
		ofl_words_put(w, "vlan %u", ace->vlan_id);
	if (has & OFL_ACE_M_VLAN_PRIORITY)
		ofl_words_put(w, "vlan-priority %u", ace->vlan_priority);
	if (has & OFL_ACE_M_INTERFACE)
		ofl_words_put(w, "interface %s", ace->interface);
	if ((has & OFL_ACE_M_MARK) && ace->mark_mask == UINT32_MAX)
		ofl_words_put(w, "mark %u", ace->mark);
	else if (has & OFL_ACE_M_MARK)
		ofl_words_put(w, "mark 0x%x/0x%x", ace->mark, ace->mark_mask);
}

static void put_action(struct ofl_words *w, const struct ofl_ace_action *a)
{
	char text[32];

	if (a->does & OFL_ACE_A_LOG)
		ofl_words_put(w, "log");
	if (a->does & OFL_ACE_A_COUNT)
		ofl_words_put(w, "count");
	if (a->does & OFL_ACE_A_MIRROR)
		ofl_words_put(w, "mirror %s", a->mirror);
	if (a->does & OFL_ACE_A_REDIRECT)
		ofl_words_put(w, "redirect %s", a->redirect);
	if (a->does & OFL_ACE_A_MARK)
		ofl_words_put(w, "set-mark %u", a->mark);
	if (a->does & OFL_ACE_A_DSCP) {
		ofl_ace_dscp_print(a->dscp, text, sizeof(text));
		ofl_words_put(w, "set-dscp %s", text);
	}
	if (a->does & OFL_ACE_A_POLICE)
		ofl_words_put(w, "police %" PRIu64 " burst %u", a->rate_bps,
			      a->burst_bytes);
}

static void put_settings(struct ofl_words *w, const struct ofl_ace_settings *s)
{
	if (s->set & OFL_ACE_S_CLASS)
		ofl_words_put(w, "class %s", ofl_class_name(s->cls));
	if (s->set & OFL_ACE_S_PLACEMENT)
		ofl_words_put(w, "placement %s", ofl_ace_where_name(s->where));
	if (s->set & OFL_ACE_S_OFFLOAD_OR_FAIL)
		ofl_words_put(w, "offload-or-fail %s",
			      s->offload_or_fail ? "yes" : "no");
	if (s->set & OFL_ACE_S_WEIGHT)
		ofl_words_put(w, "weight %u", s->weight);
	if (s->set & OFL_ACE_S_PARTIAL)
		ofl_words_put(w, "allow-partial %s",
			      s->allow_partial ? "yes" : "no");
}

static void put_match(struct ofl_words *w, const struct ofl_ace *ace,
		      enum ofl_acl_type type)
{
	if (ace->family == OFL_ACE_FRAMES)
		ofl_words_put(w, "ethernet");
	else
		put_ip(w, ace, type);
	put_ip_options(w, ace);
	put_frame_options(w, ace);
}

/* --- the whole --- */

const char *ofl_ace_print_match(const struct ofl_ace *ace,
				enum ofl_acl_type type, char *buf, size_t len)
{
	struct ofl_words w = {.buf = buf, .len = len};

	buf[0] = '\0';
	put_match(&w, ace, type);
	return buf;
}

const char *ofl_ace_print_action(const struct ofl_ace_action *a, char *buf,
				 size_t len)
{
	struct ofl_words w = {.buf = buf, .len = len};

	buf[0] = '\0';
	put_action(&w, a);
	return buf;
}

const char *ofl_ace_print(const struct ofl_ace *ace, enum ofl_acl_type type,
			  char *buf, size_t len)
{
	static const char *const words[OFL_ACE_FORWARD_MAX] = {"permit", "deny",
							       "reject"};
	struct ofl_words w = {.buf = buf, .len = len};

	buf[0] = '\0';
	ofl_words_put(&w, "%s", words[ace->action.forward]);
	put_match(&w, ace, type);
	put_action(&w, &ace->action);
	put_settings(&w, &ace->settings);
	return buf;
}
