// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An access control entry as the words of a command, and back: see ace.h.
 *
 *     permit|deny|reject ethernet [OPTION...]
 *     permit|deny|reject ip|PROTOCOL SOURCE [PORTS] DESTINATION [PORTS]
 *         [OPTION...]
 *
 * An address is `any`, `host A`, a prefix, or an address and a wildcard mask
 * whose set bits do not count.  What is printed reads as the same entry.
 *
 * Refuses words it does not know and words said twice; what the whole says is
 * ofl_ace_check()'s to refuse.  Neighbours: ace_names.c has the names.
 */
#include <zebra.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/addr.h"
#include "offloadd/flow/flow.h"

/* --- reading --- */

struct reader {
	const char *const *words;
	size_t count, at;
	enum ofl_acl_type type;
	struct ofl_ace ace;
	bool has_v4, has_v6; /* addresses seen */
	char *buf;
	size_t len;
};

static bool refuse(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->buf, r->len, format, args);
	va_end(args);
	return false;
}

/* The next word, or NULL; it is not consumed. */
static const char *peek(const struct reader *r)
{
	return r->at < r->count ? r->words[r->at] : NULL;
}

static bool accept_word(struct reader *r, const char *word)
{
	const char *next = peek(r);

	if (!next || strcmp(next, word) != 0)
		return false;
	r->at++;
	return true;
}

/* The word after an option; "" if there is none, which nothing reads. */
static const char *value(struct reader *r)
{
	return r->at < r->count ? r->words[r->at++] : "";
}

static bool read_number(struct reader *r, uint64_t max, uint64_t *ret)
{
	const char *text = value(r);

	if (ofl_ace_number_parse(text, max, ret))
		return true;
	return refuse(r, "'%s' is not a number of 0 to %" PRIu64, text, max);
}

static bool read_interface(struct reader *r, char ret[OFL_ACE_IFNAME_LEN])
{
	const char *text = value(r);

	if (!text[0] || strlen(text) >= OFL_ACE_IFNAME_LEN ||
	    strpbrk(text, "/:' ") || strcmp(text, ".") == 0 ||
	    strcmp(text, "..") == 0)
		return refuse(r, "'%s' is not the name of an interface", text);
	strlcpy(ret, text, OFL_ACE_IFNAME_LEN);
	return true;
}

static bool read_mac(struct reader *r, uint8_t ret[6])
{
	const char *text = value(r);

	if (ofl_ace_mac_parse(text, ret))
		return true;
	return refuse(r, "'%s' is not a MAC address", text);
}

/* --- addresses and ports --- */

static int addr_parse(const char *text, uint8_t ret[16])
{
	memset(ret, 0, 16);
	if (inet_pton(AF_INET, text, ret) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, ret) == 1 ? AF_INET6 : 0;
}

static void saw_family(struct reader *r, int family)
{
	r->has_v4 |= family == AF_INET;
	r->has_v6 |= family == AF_INET6;
}

static bool read_prefix(struct reader *r, const char *text, uint8_t *addr,
			uint8_t *mask)
{
	struct ofl_prefix p;

	if (!ofl_prefix_parse(text, true, &p))
		return refuse(r, "'%s' is not a prefix", text);
	memcpy(addr, p.addr, 16);
	for (unsigned int i = 0; i < p.plen; i++)
		mask[i / 8] |= 0x80 >> i % 8;
	saw_family(r, p.family);
	return true;
}

static bool read_host(struct reader *r, uint8_t *addr, uint8_t *mask)
{
	const char *text = value(r);
	int family = addr_parse(text, addr);

	if (!family)
		return refuse(r, "'%s' is not an address", text);
	memset(mask, 0xff, family == AF_INET ? 4 : 16);
	saw_family(r, family);
	return true;
}

/* An address and the mask of what does not count. */
static bool read_wildcard(struct reader *r, const char *text, uint8_t *addr,
			  uint8_t *mask)
{
	int family = addr_parse(text, addr);
	const char *wildcard = peek(r);

	if (!family)
		return refuse(r, "'%s' is not an address", text);
	if (!wildcard || addr_parse(wildcard, mask) != family)
		return refuse(r,
			      "address %s needs a wildcard mask; a single one "
			      "is 'host %s'",
			      text, text);
	r->at++;
	for (int i = 0; i < (family == AF_INET ? 4 : 16); i++) {
		mask[i] = ~mask[i];
		addr[i] &= mask[i];
	}
	saw_family(r, family);
	return true;
}

static bool read_address(struct reader *r, const char *which, uint8_t *addr,
			 uint8_t *mask)
{
	const char *text;

	if (!peek(r))
		return refuse(r, "the %s is missing", which);
	if (accept_word(r, "any"))
		return true;
	if (accept_word(r, "host"))
		return read_host(r, addr, mask);
	text = value(r);
	if (strchr(text, '/'))
		return read_prefix(r, text, addr, mask);
	return read_wildcard(r, text, addr, mask);
}

static bool read_ports(struct reader *r, struct ofl_ports *ret)
{
	struct ofl_ports p = {0};
	const char *word = peek(r);
	uint64_t n;

	if (!word || strcmp(word, "any") == 0 ||
	    !ofl_ports_op_parse(word, &p.op))
		return true;
	r->at++;
	if (!read_number(r, UINT16_MAX, &n))
		return false;
	p.port = n;
	if (p.op == OFL_PORTS_RANGE) {
		if (!read_number(r, UINT16_MAX, &n))
			return false;
		p.upper = n;
	}
	*ret = p;
	return true;
}

/* --- options --- */

/* VALUE, or VALUE MAXIMUM if a number follows. */
static bool read_span(struct reader *r, uint16_t max, struct ofl_range *ret)
{
	uint64_t low, high;

	if (!read_number(r, max, &low))
		return false;
	high = low;
	if (peek(r) && isdigit((unsigned char)peek(r)[0]) &&
	    !read_number(r, max, &high))
		return false;
	*ret = (struct ofl_range){low, high};
	return true;
}

static bool read_ttl(struct reader *r)
{
	return read_span(r, UINT8_MAX, &r->ace.ttl);
}

static bool read_length(struct reader *r)
{
	return read_span(r, UINT16_MAX, &r->ace.length);
}

static bool dscp_of(struct reader *r, uint8_t *ret)
{
	const char *text = value(r);

	if (ofl_ace_dscp_parse(text, ret))
		return true;
	return refuse(r, "'%s' is not a DSCP", text);
}

static bool read_dscp(struct reader *r)
{
	return dscp_of(r, &r->ace.dscp);
}

static bool read_fragment(struct reader *r)
{
	const char *text = value(r);

	if (ofl_ace_fragment_parse(text, &r->ace.fragment))
		return true;
	return refuse(r, "'%s' is not any, first, later or none", text);
}

/* "a/b" into its halves; the second is NULL without a slash. */
static void halves(const char *text, char copy[64], const char **ret_second)
{
	char *slash;

	strlcpy(copy, text, 64);
	slash = strchr(copy, '/');
	*ret_second = slash ? slash + 1 : NULL;
	if (slash)
		*slash = '\0';
}

static bool read_flags(struct reader *r)
{
	const char *text = value(r), *second;
	uint16_t flags, mask;
	char copy[64];

	halves(text, copy, &second);
	if (strlen(text) >= sizeof(copy) ||
	    !ofl_ace_tcp_flags_parse(copy, &flags) ||
	    !ofl_ace_tcp_flags_parse(second ? second : copy, &mask))
		return refuse(r, "'%s' are not TCP flags", text);
	if (flags & ~mask)
		return refuse(r, "'%s': flags outside the mask", text);
	r->ace.tcp_flags = flags;
	r->ace.tcp_flags_mask = mask;
	return true;
}

static bool read_icmp(struct reader *r)
{
	const char *text = value(r), *code;
	uint64_t n;

	if (!(r->ace.match & OFL_ACE_M_PROTOCOL) ||
	    !ofl_ace_icmp_parse(r->ace.protocol, text, &r->ace.icmp_type))
		return refuse(r, "'%s' is not an ICMP type", text);
	code = peek(r);
	if (!code || !isdigit((unsigned char)code[0]))
		return true;
	if (!read_number(r, UINT8_MAX, &n))
		return false;
	r->ace.icmp_code = n;
	r->ace.match |= OFL_ACE_M_ICMP_CODE;
	return true;
}

static bool read_masked_mac(struct reader *r, uint8_t *mac, uint8_t *mask)
{
	if (!read_mac(r, mac))
		return false;
	memset(mask, 0xff, 6);
	if (peek(r) && ofl_ace_mac_parse(peek(r), mask))
		r->at++;
	for (int i = 0; i < 6; i++)
		mac[i] &= mask[i];
	return true;
}

static bool read_src_mac(struct reader *r)
{
	return read_masked_mac(r, r->ace.src_mac, r->ace.src_mac_mask);
}

static bool read_dst_mac(struct reader *r)
{
	return read_masked_mac(r, r->ace.dst_mac, r->ace.dst_mac_mask);
}

static bool read_ethertype(struct reader *r)
{
	const char *text = value(r);

	if (ofl_ace_ethertype_parse(text, &r->ace.ethertype))
		return true;
	return refuse(r, "'%s' is not an ethertype", text);
}

static bool read_vlan(struct reader *r)
{
	uint64_t n;

	if (!read_number(r, 4095, &n))
		return false;
	r->ace.vlan_id = n;
	return true;
}

static bool read_vlan_priority(struct reader *r)
{
	uint64_t n;

	if (!read_number(r, 7, &n))
		return false;
	r->ace.vlan_priority = n;
	return true;
}

static bool read_mark(struct reader *r)
{
	const char *text = value(r), *second;
	uint64_t mark, mask = UINT32_MAX;
	char copy[64];

	halves(text, copy, &second);
	if (!ofl_ace_number_parse(copy, UINT32_MAX, &mark) ||
	    (second && !ofl_ace_number_parse(second, UINT32_MAX, &mask)))
		return refuse(r, "'%s' is not a mark", text);
	r->ace.mark = mark & mask;
	r->ace.mark_mask = mask;
	return true;
}

static bool read_in_interface(struct reader *r)
{
	return read_interface(r, r->ace.interface);
}

static bool read_nothing(struct reader *r)
{
	return true;
}

static bool read_mirror(struct reader *r)
{
	return read_interface(r, r->ace.action.mirror);
}

static bool read_redirect(struct reader *r)
{
	return read_interface(r, r->ace.action.redirect);
}

static bool read_set_mark(struct reader *r)
{
	uint64_t n;

	if (!read_number(r, UINT32_MAX, &n))
		return false;
	r->ace.action.mark = n;
	return true;
}

static bool read_set_dscp(struct reader *r)
{
	return dscp_of(r, &r->ace.action.dscp);
}

static bool read_police(struct reader *r)
{
	uint64_t rate, burst;

	if (!read_number(r, UINT64_C(1000000000000000), &rate))
		return false;
	if (!accept_word(r, "burst"))
		return refuse(r, "a burst in bytes is missing");
	if (!read_number(r, UINT32_MAX, &burst))
		return false;
	r->ace.action.rate_bps = rate;
	r->ace.action.burst_bytes = burst;
	return true;
}

static bool read_class(struct reader *r)
{
	const char *text = value(r);
	enum ofl_class cls;

	if (!ofl_class_parse(text, &cls))
		return refuse(r, "'%s' is not a class", text);
	r->ace.settings.cls = cls;
	return true;
}

static bool read_where(struct reader *r)
{
	const char *text = value(r);

	if (ofl_ace_where_parse(text, &r->ace.settings.where))
		return true;
	return refuse(r, "'%s' is not hardware, software or both", text);
}

static bool read_bool(struct reader *r, bool *ret)
{
	if (accept_word(r, "yes"))
		*ret = true;
	else if (accept_word(r, "no"))
		*ret = false;
	else
		return refuse(r, "'%s' is not yes or no", value(r));
	return true;
}

static bool read_or_fail(struct reader *r)
{
	return read_bool(r, &r->ace.settings.offload_or_fail);
}

static bool read_partial(struct reader *r)
{
	return read_bool(r, &r->ace.settings.allow_partial);
}

static bool read_weight(struct reader *r)
{
	uint64_t n;

	if (!read_number(r, 1000000, &n))
		return false;
	if (!n)
		return refuse(r, "a weight is at least 1");
	r->ace.settings.weight = n;
	return true;
}

/* Each option has one bit of one of the three members. */
static const struct option_row {
	const char *name;
	bool (*read)(struct reader *r);
	uint16_t match;
	uint8_t does, set;
} options[] = {
	{"flags", read_flags, OFL_ACE_M_TCP_FLAGS},
	{"icmp-type", read_icmp, OFL_ACE_M_ICMP_TYPE},
	{"dscp", read_dscp, OFL_ACE_M_DSCP},
	{"ttl", read_ttl, OFL_ACE_M_TTL},
	{"length", read_length, OFL_ACE_M_LENGTH},
	{"fragment", read_fragment, OFL_ACE_M_FRAGMENT},
	{"source-mac", read_src_mac, OFL_ACE_M_SRC_MAC},
	{"destination-mac", read_dst_mac, OFL_ACE_M_DST_MAC},
	{"ethertype", read_ethertype, OFL_ACE_M_ETHERTYPE},
	{"vlan", read_vlan, OFL_ACE_M_VLAN_ID},
	{"vlan-priority", read_vlan_priority, OFL_ACE_M_VLAN_PRIORITY},
	{"interface", read_in_interface, OFL_ACE_M_INTERFACE},
	{"mark", read_mark, OFL_ACE_M_MARK},
	{"log", read_nothing, 0, OFL_ACE_A_LOG},
	{"count", read_nothing, 0, OFL_ACE_A_COUNT},
	{"mirror", read_mirror, 0, OFL_ACE_A_MIRROR},
	{"redirect", read_redirect, 0, OFL_ACE_A_REDIRECT},
	{"set-mark", read_set_mark, 0, OFL_ACE_A_MARK},
	{"set-dscp", read_set_dscp, 0, OFL_ACE_A_DSCP},
	{"police", read_police, 0, OFL_ACE_A_POLICE},
	{"class", read_class, 0, 0, OFL_ACE_S_CLASS},
	{"placement", read_where, 0, 0, OFL_ACE_S_PLACEMENT},
	{"offload-or-fail", read_or_fail, 0, 0, OFL_ACE_S_OFFLOAD_OR_FAIL},
	{"weight", read_weight, 0, 0, OFL_ACE_S_WEIGHT},
	{"allow-partial", read_partial, 0, 0, OFL_ACE_S_PARTIAL},
};

static bool read_option(struct reader *r)
{
	struct ofl_ace *ace = &r->ace;
	const char *word = value(r);

	for (size_t i = 0; i < array_size(options); i++) {
		const struct option_row *o = &options[i];

		if (strcmp(o->name, word) != 0)
			continue;
		if ((ace->match & o->match) || (ace->action.does & o->does) ||
		    (ace->settings.set & o->set))
			return refuse(r, "%s is said twice", word);
		if (!o->read(r))
			return false;
		ace->match |= o->match;
		ace->action.does |= o->does;
		ace->settings.set |= o->set;
		return true;
	}
	return refuse(r, "'%s' is not known here", word);
}

/* --- the whole --- */

static bool read_forward(struct reader *r)
{
	const char *word = value(r);

	if (strcmp(word, "permit") == 0)
		r->ace.action.forward = OFL_ACE_ACCEPT;
	else if (strcmp(word, "deny") == 0)
		r->ace.action.forward = OFL_ACE_DROP;
	else if (strcmp(word, "reject") == 0)
		r->ace.action.forward = OFL_ACE_REJECT;
	else
		return refuse(r, "'%s' is not permit, deny or reject", word);
	return true;
}

/* What the list does not say, addresses do, and the protocol. */
static bool set_family(struct reader *r)
{
	struct ofl_ace *ace = &r->ace;
	bool has_protocol = ace->match & OFL_ACE_M_PROTOCOL;

	if (r->has_v4 && r->has_v6)
		return refuse(r, "the addresses are of two versions of IP");
	if (r->has_v4)
		ace->family = OFL_ACE_IPV4;
	else if (r->has_v6)
		ace->family = OFL_ACE_IPV6;
	else if (r->type == OFL_ACL_IPV4)
		ace->family = OFL_ACE_IPV4;
	else if (r->type == OFL_ACL_IPV6)
		ace->family = OFL_ACE_IPV6;
	else if (has_protocol && ace->protocol == IPPROTO_ICMP)
		ace->family = OFL_ACE_IPV4;
	else if (has_protocol && ace->protocol == IPPROTO_ICMPV6)
		ace->family = OFL_ACE_IPV6;
	else
		ace->family = OFL_ACE_IP;
	return true;
}

static bool read_ip(struct reader *r)
{
	struct ofl_ace *ace = &r->ace;
	const char *word = value(r);

	if (strcmp(word, "ip") != 0) {
		if (!ofl_ace_protocol_parse(word, &ace->protocol))
			return refuse(r, "'%s' is not a protocol", word);
		ace->match |= OFL_ACE_M_PROTOCOL;
	}
	return read_address(r, "source", ace->src, ace->src_mask) &&
	       read_ports(r, &ace->src_port) &&
	       read_address(r, "destination", ace->dst, ace->dst_mask) &&
	       read_ports(r, &ace->dst_port) && set_family(r);
}

bool ofl_ace_parse(enum ofl_acl_type type, const char *const *words,
		   size_t count, struct ofl_ace *ret_ace, char *buf, size_t len)
{
	struct reader r = {.words = words,
			   .count = count,
			   .type = type,
			   .buf = buf,
			   .len = len};

	ofl_ace_init(&r.ace, type);
	if (!read_forward(&r))
		return false;
	if (accept_word(&r, "ethernet"))
		r.ace.family = OFL_ACE_FRAMES;
	else if (!read_ip(&r))
		return false;
	while (peek(&r))
		if (!read_option(&r))
			return false;
	if (!ofl_ace_check(&r.ace, type, buf, len))
		return false;
	memcpy(ret_ace, &r.ace, sizeof(*ret_ace));
	return true;
}
