// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an access control entry can say, and what it means: see ace.h.
 *
 * The only place that knows which protocol has which field.  A packet that
 * lacks a field shows 0 there (match.h): an entry that asks for 0, or for a
 * range with 0 in it, says itself that the field must be there.
 */
#include <zebra.h>

#include "jhash.h"

#include "offloadd/flow/ace.h"
#include "offloadd/flow/flow.h"

/* Equal entries are equal bytes only if there are no others. */
_Static_assert(sizeof(struct ofl_ace_settings) == 12, "no padding");
_Static_assert(sizeof(struct ofl_ace_action) == 56, "no padding");
_Static_assert(sizeof(struct ofl_ace) % 8 == 0, "no padding at the end");

#define L3_MATCHES                                                             \
	(OFL_ACE_M_PROTOCOL | OFL_ACE_M_DSCP | OFL_ACE_M_FRAGMENT |            \
	 OFL_ACE_M_TCP_FLAGS | OFL_ACE_M_ICMP_TYPE | OFL_ACE_M_ICMP_CODE |     \
	 OFL_ACE_M_TTL | OFL_ACE_M_LENGTH)

void ofl_ace_init(struct ofl_ace *ace, enum ofl_acl_type type)
{
	memset(ace, 0, sizeof(*ace));
	switch (type) {
	case OFL_ACL_IPV4:
		ace->family = OFL_ACE_IPV4;
		break;
	case OFL_ACL_IPV6:
		ace->family = OFL_ACE_IPV6;
		break;
	case OFL_ACL_ETHERNET:
	case OFL_ACL_MIXED:
	case OFL_ACL_TYPE_MAX:
		ace->family = OFL_ACE_FRAMES;
		break;
	}
}

bool ofl_ace_eq(const struct ofl_ace *a, const struct ofl_ace *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool ofl_ace_action_eq(const struct ofl_ace_action *a,
		       const struct ofl_ace_action *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

uint32_t ofl_ace_action_hash(const struct ofl_ace_action *a)
{
	return jhash(a, sizeof(*a), 0x0f1ace);
}

/* --- settings --- */

void ofl_ace_settings_init(struct ofl_ace_settings *s)
{
	*s = (struct ofl_ace_settings){
		.cls = OFL_CLASS_BEST_EFFORT,
		.where = OFL_ACE_BOTH,
		.allow_partial = true,
		.weight = 100,
	};
}

struct ofl_ace_settings
ofl_ace_settings_make(const struct ofl_ace_settings *acl,
		      const struct ofl_ace_settings *ace)
{
	struct ofl_ace_settings s = *acl;

	s.set |= ace->set;
	if (ace->set & OFL_ACE_S_CLASS)
		s.cls = ace->cls;
	if (ace->set & OFL_ACE_S_PLACEMENT)
		s.where = ace->where;
	if (ace->set & OFL_ACE_S_OFFLOAD_OR_FAIL)
		s.offload_or_fail = ace->offload_or_fail;
	if (ace->set & OFL_ACE_S_PARTIAL)
		s.allow_partial = ace->allow_partial;
	if (ace->set & OFL_ACE_S_WEIGHT)
		s.weight = ace->weight;
	return s;
}

/* --- checks: NULL, or the sentence --- */

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool has_ports(const struct ofl_ace *ace)
{
	return ace->src_port.op != OFL_PORTS_ANY ||
	       ace->dst_port.op != OFL_PORTS_ANY;
}

static bool is_protocol(const struct ofl_ace *ace, uint8_t protocol)
{
	return (ace->match & OFL_ACE_M_PROTOCOL) && ace->protocol == protocol;
}

static const char *check_family(const struct ofl_ace *ace,
				enum ofl_acl_type type)
{
	bool is_ip = ace->family != OFL_ACE_FRAMES;
	bool has_addr =
		!is_zero(ace->src_mask, 16) || !is_zero(ace->dst_mask, 16);

	if (type == OFL_ACL_IPV4 && ace->family != OFL_ACE_IPV4)
		return "a list of type ipv4 has IPv4 entries only";
	if (type == OFL_ACL_IPV6 && ace->family != OFL_ACE_IPV6)
		return "a list of type ipv6 has IPv6 entries only";
	if (type == OFL_ACL_ETHERNET && is_ip)
		return "a list of type ethernet has no fields of IP";
	if (!is_ip && ((ace->match & L3_MATCHES) || has_addr || has_ports(ace)))
		return "fields of IP need an IP entry";
	if (ace->family == OFL_ACE_IP && has_addr)
		return "an address is of one version of IP only";
	if (is_ip && (ace->match & OFL_ACE_M_ETHERTYPE))
		return "an IP entry has its ethertype already";
	if (is_protocol(ace, IPPROTO_ICMP) && ace->family != OFL_ACE_IPV4)
		return "icmp is of IPv4; IPv6 has icmpv6";
	if (is_protocol(ace, IPPROTO_ICMPV6) && ace->family != OFL_ACE_IPV6)
		return "icmpv6 is of IPv6; IPv4 has icmp";
	return NULL;
}

static const char *check_ports(const struct ofl_ports *p)
{
	if (p->op == OFL_PORTS_LT && p->port == 0)
		return "no port is lower than 0";
	if (p->op == OFL_PORTS_GT && p->port == UINT16_MAX)
		return "no port is greater than 65535";
	if (p->op == OFL_PORTS_RANGE && p->port > p->upper)
		return "the range of ports is empty";
	return NULL;
}

static const char *check_protocol(const struct ofl_ace *ace)
{
	const char *error = check_ports(&ace->src_port);
	uint16_t m = ace->match;
	bool part = (m & OFL_ACE_M_FRAGMENT) &&
		    ace->fragment != OFL_ACE_FRAGMENT_NONE;

	if (!error)
		error = check_ports(&ace->dst_port);
	if (error)
		return error;
	if (has_ports(ace) && !is_protocol(ace, IPPROTO_TCP) &&
	    !is_protocol(ace, IPPROTO_UDP) && !is_protocol(ace, IPPROTO_SCTP))
		return "ports need tcp, udp or sctp";
	if ((m & OFL_ACE_M_TCP_FLAGS) && !is_protocol(ace, IPPROTO_TCP))
		return "TCP flags need tcp";
	if ((m & OFL_ACE_M_TCP_FLAGS) && !ace->tcp_flags_mask)
		return "the mask of the TCP flags is empty";
	if (ace->tcp_flags & ~ace->tcp_flags_mask)
		return "there are TCP flags outside the mask";
	if ((m & OFL_ACE_M_ICMP_TYPE) && !is_protocol(ace, IPPROTO_ICMP) &&
	    !is_protocol(ace, IPPROTO_ICMPV6))
		return "an ICMP type needs icmp or icmpv6";
	if ((m & OFL_ACE_M_ICMP_CODE) && !(m & OFL_ACE_M_ICMP_TYPE))
		return "an ICMP code needs a type";
	if (part && (has_ports(ace) ||
		     (m & (OFL_ACE_M_TCP_FLAGS | OFL_ACE_M_ICMP_TYPE))))
		return "a fragment has no ports, TCP flags or ICMP type";
	if ((m & OFL_ACE_M_TTL) && ace->ttl.min > ace->ttl.max)
		return "the range of the TTL is empty";
	if ((m & OFL_ACE_M_LENGTH) && ace->length.min > ace->length.max)
		return "the range of the length is empty";
	return NULL;
}

static const char *check_action(const struct ofl_ace *ace)
{
	const struct ofl_ace_action *a = &ace->action;
	bool denies = a->forward != OFL_ACE_ACCEPT;

	if (denies && (a->does & OFL_ACE_A_REDIRECT))
		return "what is denied cannot be redirected";
	if (denies && (a->does & (OFL_ACE_A_MARK | OFL_ACE_A_DSCP)))
		return "what is denied cannot be given a mark or DSCP";
	if (denies && (a->does & OFL_ACE_A_POLICE))
		return "what is denied has no rate";
	if (a->forward == OFL_ACE_REJECT && ace->family == OFL_ACE_FRAMES)
		return "only IP packets can be rejected";
	if ((a->does & OFL_ACE_A_DSCP) && ace->family == OFL_ACE_FRAMES)
		return "only IP packets have a DSCP";
	if ((a->does & OFL_ACE_A_POLICE) && (!a->rate_bps || !a->burst_bytes))
		return "police needs a rate and a burst";
	return NULL;
}

static const char *check_settings(const struct ofl_ace_settings *s)
{
	bool software =
		(s->set & OFL_ACE_S_PLACEMENT) && s->where == OFL_ACE_SOFTWARE;
	bool never = (s->set & OFL_ACE_S_CLASS) && s->cls == OFL_CLASS_NEVER;

	if ((s->set & OFL_ACE_S_OFFLOAD_OR_FAIL) && s->offload_or_fail &&
	    (software || never))
		return "offload-or-fail contradicts staying in software";
	return NULL;
}

bool ofl_ace_check(const struct ofl_ace *ace, enum ofl_acl_type type, char *buf,
		   size_t len)
{
	const char *error = check_family(ace, type);

	if (!error)
		error = check_protocol(ace);
	if (!error && (ace->match & OFL_ACE_M_MARK) && !ace->mark_mask)
		error = "the mask of the mark is empty";
	if (!error)
		error = check_action(ace);
	if (!error)
		error = check_settings(&ace->settings);
	if (error)
		snprintf(buf, len, "%s", error);
	return !error;
}

/* --- expansion --- */

static uint64_t mac_number(const uint8_t mac[6])
{
	uint64_t n = 0;

	for (int i = 0; i < 6; i++)
		n = n << 8 | mac[i];
	return n;
}

static void set_ethernet(const struct ofl_ace *ace, uint32_t ifindex,
			 struct ofl_match *m)
{
	uint16_t has = ace->match;

	if (has & OFL_ACE_M_INTERFACE)
		ofl_match_set(m, OFL_FIELD_PORT, ifindex, UINT32_MAX);
	if (has & OFL_ACE_M_SRC_MAC)
		ofl_match_set(m, OFL_FIELD_SRC_MAC, mac_number(ace->src_mac),
			      mac_number(ace->src_mac_mask));
	if (has & OFL_ACE_M_DST_MAC)
		ofl_match_set(m, OFL_FIELD_DST_MAC, mac_number(ace->dst_mac),
			      mac_number(ace->dst_mac_mask));
	if (has & OFL_ACE_M_ETHERTYPE)
		ofl_match_set(m, OFL_FIELD_ETHERTYPE, ace->ethertype,
			      UINT16_MAX);
	if (has & (OFL_ACE_M_VLAN_ID | OFL_ACE_M_VLAN_PRIORITY))
		ofl_match_set(m, OFL_FIELD_VLAN_TAGGED, 1, 1);
	if (has & OFL_ACE_M_VLAN_ID)
		ofl_match_set(m, OFL_FIELD_VLAN_ID, ace->vlan_id, 0xfff);
	if (has & OFL_ACE_M_VLAN_PRIORITY)
		ofl_match_set(m, OFL_FIELD_VLAN_PCP, ace->vlan_priority, 7);
	if (has & OFL_ACE_M_MARK)
		ofl_match_set(m, OFL_FIELD_MARK, ace->mark, ace->mark_mask);
}

static void set_fragment(const struct ofl_ace *ace, struct ofl_match *m)
{
	static const struct {
		uint8_t value, mask;
	} bits[OFL_ACE_FRAGMENT_MAX] = {
		[OFL_ACE_FRAGMENT_ANY] = {OFL_FRAGMENT_ANY, OFL_FRAGMENT_ANY},
		[OFL_ACE_FRAGMENT_FIRST] = {OFL_FRAGMENT_ANY,
					    OFL_FRAGMENT_ANY |
						    OFL_FRAGMENT_LATER},
		[OFL_ACE_FRAGMENT_LATER] = {OFL_FRAGMENT_ANY |
						    OFL_FRAGMENT_LATER,
					    OFL_FRAGMENT_ANY |
						    OFL_FRAGMENT_LATER},
		[OFL_ACE_FRAGMENT_NONE] = {0, OFL_FRAGMENT_ANY},
	};

	ofl_match_set(m, OFL_FIELD_FRAGMENT, bits[ace->fragment].value,
		      bits[ace->fragment].mask);
}

static void set_ip(const struct ofl_ace *ace, struct ofl_match *m)
{
	uint16_t has = ace->match;

	if (has & OFL_ACE_M_PROTOCOL)
		ofl_match_set(m, OFL_FIELD_PROTOCOL, ace->protocol, UINT8_MAX);
	if (has & OFL_ACE_M_DSCP)
		ofl_match_set(m, OFL_FIELD_DSCP, ace->dscp, 0x3f);
	if (has & OFL_ACE_M_FRAGMENT)
		set_fragment(ace, m);
	if (has & OFL_ACE_M_TCP_FLAGS)
		ofl_match_set(m, OFL_FIELD_TCP_FLAGS, ace->tcp_flags,
			      ace->tcp_flags_mask);
	if (has & OFL_ACE_M_ICMP_TYPE)
		ofl_match_set(m, OFL_FIELD_ICMP_TYPE, ace->icmp_type,
			      UINT8_MAX);
	if (has & OFL_ACE_M_ICMP_CODE)
		ofl_match_set(m, OFL_FIELD_ICMP_CODE, ace->icmp_code,
			      UINT8_MAX);
	if (has & OFL_ACE_M_TTL)
		ofl_match_range_set(m, OFL_NUMBER_TTL, ace->ttl.min,
				    ace->ttl.max);
	if (has & OFL_ACE_M_LENGTH)
		ofl_match_range_set(m, OFL_NUMBER_LENGTH, ace->length.min,
				    ace->length.max);
}

/* A fragment shows no such field, the first neither, and would look as if it
 * held 0. */
static void set_field_there(const struct ofl_ace *ace, struct ofl_match *m)
{
	if (!(ace->match & OFL_ACE_M_FRAGMENT))
		ofl_match_set(m, OFL_FIELD_FRAGMENT, 0, OFL_FRAGMENT_ANY);
}

/* The ports as ranges: one, or two for neq. */
static unsigned int port_ranges(const struct ofl_ports *p,
				struct ofl_range ret[2])
{
	unsigned int count = 0;

	switch (p->op) {
	case OFL_PORTS_EQ:
		ret[count++] = (struct ofl_range){p->port, p->port};
		break;
	case OFL_PORTS_RANGE:
		ret[count++] = (struct ofl_range){p->port, p->upper};
		break;
	case OFL_PORTS_NEQ:
		if (p->port > 0)
			ret[count++] = (struct ofl_range){0, p->port - 1};
		if (p->port < UINT16_MAX)
			ret[count++] =
				(struct ofl_range){p->port + 1, UINT16_MAX};
		break;
	case OFL_PORTS_LT:
		ret[count++] = (struct ofl_range){0, p->port - 1};
		break;
	case OFL_PORTS_GT:
		ret[count++] = (struct ofl_range){p->port + 1, UINT16_MAX};
		break;
	default:
		ret[count++] = (struct ofl_range){0, UINT16_MAX};
		break;
	}
	return count;
}

static bool asks_for_0(const struct ofl_ports *p, struct ofl_range r)
{
	return p->op != OFL_PORTS_ANY && r.min == 0;
}

/* `m` once for each pair of ranges of ports. */
static unsigned int expand_ports(const struct ofl_ace *ace,
				 const struct ofl_match *m,
				 struct ofl_match *ret_m)
{
	struct ofl_range src[2], dst[2];
	unsigned int sources = port_ranges(&ace->src_port, src);
	unsigned int targets = port_ranges(&ace->dst_port, dst);
	unsigned int count = 0;

	for (unsigned int s = 0; s < sources; s++) {
		for (unsigned int d = 0; d < targets; d++) {
			struct ofl_match *one = &ret_m[count++];

			*one = *m;
			ofl_match_range_set(one, OFL_NUMBER_SRC_PORT,
					    src[s].min, src[s].max);
			ofl_match_range_set(one, OFL_NUMBER_DST_PORT,
					    dst[d].min, dst[d].max);
			if (asks_for_0(&ace->src_port, src[s]) ||
			    asks_for_0(&ace->dst_port, dst[d]))
				set_field_there(ace, one);
		}
	}
	return count;
}

unsigned int ofl_ace_expand(const struct ofl_ace *ace, uint32_t ifindex,
			    struct ofl_match ret_m[OFL_ACE_MATCHES_MAX])
{
	static const int families[2] = {AF_INET, AF_INET6};
	struct ofl_match base, m;
	unsigned int count = 0;

	if ((ace->match & OFL_ACE_M_INTERFACE) && !ifindex)
		return 0;
	ofl_match_init(&base);
	set_ethernet(ace, ifindex, &base);
	if (ace->family == OFL_ACE_FRAMES) {
		ret_m[0] = base;
		return 1;
	}
	set_ip(ace, &base);
	if (((ace->match & OFL_ACE_M_TCP_FLAGS) && !ace->tcp_flags) ||
	    ((ace->match & OFL_ACE_M_ICMP_TYPE) && !ace->icmp_type))
		set_field_there(ace, &base);
	for (int i = 0; i < 2; i++) {
		if (ace->family == (i ? OFL_ACE_IPV4 : OFL_ACE_IPV6))
			continue;
		m = base;
		ofl_match_addr_set(&m, OFL_END_SRC, families[i], ace->src,
				   ace->src_mask);
		ofl_match_addr_set(&m, OFL_END_DST, families[i], ace->dst,
				   ace->dst_mask);
		count += expand_ports(ace, &m, &ret_m[count]);
	}
	return count;
}
