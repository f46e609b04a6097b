// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of zebra's FPM module; see fpm_decode.h. */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "offloadd/base/names.h"
#include "offloadd/source/fpm.h"
#include "offloadd/source/fpm_decode.h"

/* --- protocols --- */

/* As zebra writes them; what the kernel's headers do not name has its number
 * in zebra's rt_netlink.h and in iproute2's rt_protos. */
static const struct {
	uint8_t rtprot;
	const char *name, *name6;
} protos[] = {
	{11, "table", "table"}, /* RTPROT_ZEBRA: tables, and all the others */
	{42, "babel", "babel"},
	{186, "bgp", "bgp"},
	{187, "isis", "isis"},
	{188, "ospf", "ospf6"},
	{189, "rip", "rip"},
	{190, "ripng", "ripng"},
	{191, "nhrp", "nhrp"},
	{192, "eigrp", "eigrp"},
	{193, "ldp", "ldp"},
	{194, "sharp", "sharp"},
	{195, "pbr", "pbr"},
	{196, "static", "static"},
	{197, "openfabric", "openfabric"},
	{198, "srte", "srte"},
};
#define RTPROT_OTHERS 11

/* By RTPROT_*, IPv4 and IPv6; 0 (zebra's "system"): none. */
static uint8_t by_rtprot[256][2];

void ofl_fpm_protos_init(void)
{
	uint8_t others = 0;

	ofl_proto_parse("table", &others);
	for (size_t i = 0; i < array_size(by_rtprot); i++)
		by_rtprot[i][0] = by_rtprot[i][1] = others;
	for (size_t i = 0; i < array_size(protos); i++) {
		uint8_t *to = by_rtprot[protos[i].rtprot];

		ofl_proto_parse(protos[i].name, &to[0]);
		ofl_proto_parse(protos[i].name6, &to[1]);
	}
	memset(by_rtprot[RTPROT_KERNEL], 0, sizeof(by_rtprot[0]));
}

bool ofl_fpm_proto(uint8_t rtprot, uint8_t family, uint8_t *ret_proto)
{
	if (rtprot == RTPROT_KERNEL)
		return false;
	*ret_proto = by_rtprot[rtprot][family == AF_INET6];
	return true;
}

uint8_t ofl_fpm_rtprot(uint8_t proto)
{
	const char *name = ofl_proto_name(proto);

	for (size_t i = 0; i < array_size(protos); i++)
		if (!strcmp(name, protos[i].name) ||
		    !strcmp(name, protos[i].name6))
			return protos[i].rtprot;
	if (!strcmp(name, "connected") || !strcmp(name, "local") ||
	    !strcmp(name, "kernel"))
		return RTPROT_KERNEL;
	return RTPROT_OTHERS;
}

/* --- attributes --- */

/* The attributes of a message by type, the last of each. */
struct attrs {
	const struct nlattr *by_type[32];
	bool bad;
};
_Static_assert(RTA_NH_ID < 32 && NHA_MAX < 32, "struct attrs is too small");

static void attr_put(struct attrs *a, const struct nlattr *attr)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type < array_size(a->by_type))
		a->by_type[type] = attr;
}

/* Attributes fill the space; bytes that are none make the message bad. */
static void attrs_read(struct attrs *a, const void *data, size_t len)
{
	const struct nlattr *attr = data;

	memset(a, 0, sizeof(*a));
	while (mnl_attr_ok(attr, (int)len)) {
		size_t bytes = MIN((size_t)MNL_ALIGN(attr->nla_len), len);

		attr_put(a, attr);
		len -= bytes;
		attr = (const struct nlattr *)((const uint8_t *)attr + bytes);
	}
	a->bad = len > 0;
}

static const void *get(struct attrs *a, unsigned int type, size_t len)
{
	const struct nlattr *attr = a->by_type[type];

	if (!attr)
		return NULL;
	if (mnl_attr_get_payload_len(attr) != len) {
		a->bad = true;
		return NULL;
	}
	return mnl_attr_get_payload(attr);
}

static uint32_t get32(struct attrs *a, unsigned int type)
{
	const void *data = get(a, type, sizeof(uint32_t));
	uint32_t value = 0;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

static size_t family_bytes(uint8_t family)
{
	return ofl_family_bits(family) / 8;
}

static bool get_prefix(struct attrs *a, unsigned int type, uint8_t family,
		       uint8_t plen, struct ofl_prefix *ret)
{
	static const uint8_t zero[16];
	const void *addr = get(a, type, family_bytes(family));

	if (plen > ofl_family_bits(family) || (plen && !addr))
		return false;
	*ret = ofl_prefix_make(family, addr ? addr : zero, plen);
	return true;
}

/* --- next hops --- */

static void kind_set(struct ofl_rawnh *nh)
{
	if (!nh->family)
		nh->kind = OFL_RAWNH_INTERFACE;
	else
		nh->kind =
			nh->ifindex ? OFL_RAWNH_GATEWAY : OFL_RAWNH_RECURSIVE;
}

static void gateway_set(struct ofl_rawnh *nh, uint8_t family, const void *gw)
{
	nh->family = family;
	memcpy(nh->gw, gw, family_bytes(family));
}

/* A gateway of another family than the route's. */
static void get_via(struct attrs *a, struct ofl_rawnh *nh)
{
	const struct nlattr *attr = a->by_type[RTA_VIA];
	uint16_t family;

	if (!attr)
		return;
	if (mnl_attr_get_payload_len(attr) < sizeof(family)) {
		a->bad = true;
		return;
	}
	memcpy(&family, mnl_attr_get_payload(attr), sizeof(family));
	if ((family != AF_INET && family != AF_INET6) ||
	    mnl_attr_get_payload_len(attr) !=
		    sizeof(family) + family_bytes(family)) {
		a->bad = true;
		return;
	}
	gateway_set(nh, family,
		    (const uint8_t *)mnl_attr_get_payload(attr) +
			    sizeof(family));
}

/* One next hop, from the attributes of a route or of one of several. */
static void get_nexthop(struct attrs *a, uint8_t family, uint32_t ifindex,
			struct ofl_rawnh *nh)
{
	const void *gw = get(a, RTA_GATEWAY, family_bytes(family));

	nh->ifindex = ifindex ? ifindex : get32(a, RTA_OIF);
	if (gw)
		gateway_set(nh, family, gw);
	get_via(a, nh);
	nh->encap = a->by_type[RTA_ENCAP] || a->by_type[RTA_ENCAP_TYPE] ||
		    a->by_type[RTA_NEWDST];
	kind_set(nh);
}

static uint8_t weight_of(unsigned int above_one)
{
	return MIN(above_one + 1, UINT8_MAX);
}

static bool get_multipath(const struct nlattr *nest, uint8_t family,
			  struct ofl_fpm_route *ret)
{
	const uint8_t *at = mnl_attr_get_payload(nest);
	size_t left = mnl_attr_get_payload_len(nest), bytes;
	const struct rtnexthop *rtnh;
	struct ofl_rawnh nh;
	struct attrs a;

	for (; left >= sizeof(*rtnh); at += bytes, left -= bytes) {
		rtnh = (const struct rtnexthop *)at;
		if (rtnh->rtnh_len < sizeof(*rtnh) || rtnh->rtnh_len > left)
			return false;
		attrs_read(&a, at + sizeof(*rtnh),
			   rtnh->rtnh_len - sizeof(*rtnh));
		nh = (struct ofl_rawnh){.weight = weight_of(rtnh->rtnh_hops)};
		get_nexthop(&a, family, (uint32_t)rtnh->rtnh_ifindex, &nh);
		if (a.bad)
			return false;
		if (ret->nh_count < OFL_RAWNH_MAX)
			ret->nh[ret->nh_count] = nh;
		ret->nh_count++;
		bytes = MIN((size_t)RTNH_ALIGN(rtnh->rtnh_len), left);
	}
	return !left;
}

/* --- routes --- */

static bool get_nexthops(struct attrs *a, const struct rtmsg *rtm,
			 struct ofl_fpm_route *ret)
{
	ret->nhid = 0;
	ret->nh_count = 0;
	switch (rtm->rtm_type) {
	case RTN_UNICAST:
		break;
	case RTN_BLACKHOLE:
		ret->nh[ret->nh_count++] =
			(struct ofl_rawnh){.kind = OFL_RAWNH_BLACKHOLE};
		return true;
	default:
		ret->nh[ret->nh_count++] =
			(struct ofl_rawnh){.kind = OFL_RAWNH_REJECT};
		return true;
	}
	ret->nhid = get32(a, RTA_NH_ID);
	if (ret->nhid)
		return true;
	if (a->by_type[RTA_MULTIPATH])
		return get_multipath(a->by_type[RTA_MULTIPATH], rtm->rtm_family,
				     ret);
	if (a->by_type[RTA_OIF] || a->by_type[RTA_GATEWAY] ||
	    a->by_type[RTA_VIA]) {
		ret->nh[0] = (struct ofl_rawnh){.weight = 1};
		get_nexthop(a, rtm->rtm_family, 0, &ret->nh[0]);
		ret->nh_count = 1;
	}
	return true;
}

static enum ofl_fpm_decoded decode_route(const struct nlmsghdr *n,
					 struct ofl_fpm_route *ret)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(n);
	bool add = n->nlmsg_type == RTM_NEWROUTE;
	struct attrs a;

	if (mnl_nlmsg_get_payload_len(n) < MNL_ALIGN(sizeof(*rtm)))
		return OFL_FPM_MALFORMED;
	if (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
		return OFL_FPM_IGNORED;
	attrs_read(&a, mnl_nlmsg_get_payload_offset(n, sizeof(*rtm)),
		   mnl_nlmsg_get_payload_len(n) - MNL_ALIGN(sizeof(*rtm)));
	if (!get_prefix(&a, RTA_DST, rtm->rtm_family, rtm->rtm_dst_len,
			&ret->p))
		return OFL_FPM_MALFORMED;
	ret->has_src = rtm->rtm_src_len;
	if (ret->has_src && (rtm->rtm_family != AF_INET6 ||
			     !get_prefix(&a, RTA_SRC, rtm->rtm_family,
					 rtm->rtm_src_len, &ret->src)))
		return OFL_FPM_MALFORMED;
	ret->table = get32(&a, RTA_TABLE);
	if (!ret->table)
		ret->table = rtm->rtm_table;
	ret->rtprot = rtm->rtm_protocol;
	if (add && !get_nexthops(&a, rtm, ret))
		return OFL_FPM_MALFORMED;
	if (a.bad)
		return OFL_FPM_MALFORMED;
	if (add &&
	    (rtm->rtm_type < RTN_UNICAST || rtm->rtm_type > RTN_PROHIBIT ||
	     (rtm->rtm_type > RTN_UNICAST && rtm->rtm_type < RTN_BLACKHOLE)))
		return OFL_FPM_IGNORED; /* local, broadcast, multicast */
	return add ? OFL_FPM_ROUTE_ADD : OFL_FPM_ROUTE_DEL;
}

/* --- next hops by number --- */

static bool get_members(const struct nlattr *attr, struct ofl_fpm_nexthop *ret)
{
	const uint8_t *at = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	struct nexthop_grp g;
	uint8_t high;

	if (!len || len % sizeof(g))
		return false;
	ret->member_count = len / sizeof(g);
	for (size_t i = 0; i < MIN(ret->member_count, OFL_RAWNH_MAX); i++) {
		memcpy(&g, at + i * sizeof(g), sizeof(g));
		if (!g.id)
			return false;
		ret->member[i].id = g.id;
		/* Newer kernels, and zebra for them, have a high byte; older
		 * headers call it reserved. */
		high = at[i * sizeof(g) + offsetof(struct nexthop_grp, weight) +
			  1];
		ret->member[i].weight = weight_of(high << 8 | g.weight);
	}
	return true;
}

static bool get_single(struct attrs *a, uint8_t family, struct ofl_rawnh *nh)
{
	const void *gw;

	*nh = (struct ofl_rawnh){.weight = 1};
	if (a->by_type[NHA_BLACKHOLE]) {
		nh->kind = OFL_RAWNH_BLACKHOLE;
		return true;
	}
	nh->ifindex = get32(a, NHA_OIF);
	/* A next hop for segments is said to be of IPv6, whatever it was. */
	nh->encap = a->by_type[NHA_ENCAP] || a->by_type[NHA_ENCAP_TYPE];
	if (a->by_type[NHA_GATEWAY]) {
		if (mnl_attr_get_payload_len(a->by_type[NHA_GATEWAY]) == 4)
			family = AF_INET;
		if (family != AF_INET && family != AF_INET6)
			return false;
		gw = get(a, NHA_GATEWAY, family_bytes(family));
		if (!gw)
			return false;
		gateway_set(nh, family, gw);
	}
	kind_set(nh);
	return true;
}

static enum ofl_fpm_decoded decode_nexthop(const struct nlmsghdr *n,
					   struct ofl_fpm_nexthop *ret)
{
	const struct nhmsg *nhm = mnl_nlmsg_get_payload(n);
	bool add = n->nlmsg_type == RTM_NEWNEXTHOP;
	struct attrs a;

	if (mnl_nlmsg_get_payload_len(n) < MNL_ALIGN(sizeof(*nhm)))
		return OFL_FPM_MALFORMED;
	attrs_read(&a, mnl_nlmsg_get_payload_offset(n, sizeof(*nhm)),
		   mnl_nlmsg_get_payload_len(n) - MNL_ALIGN(sizeof(*nhm)));
	ret->id = get32(&a, NHA_ID);
	ret->member_count = 0;
	if (a.bad || !ret->id)
		return OFL_FPM_MALFORMED;
	if (!add)
		return OFL_FPM_NEXTHOP_DEL;
	if (a.by_type[NHA_GROUP] ? !get_members(a.by_type[NHA_GROUP], ret)
				 : !get_single(&a, nhm->nh_family, &ret->nh))
		return OFL_FPM_MALFORMED;
	return a.bad ? OFL_FPM_MALFORMED : OFL_FPM_NEXTHOP_ADD;
}

enum ofl_fpm_decoded ofl_fpm_decode(const struct nlmsghdr *n,
				    struct ofl_fpm_message *ret)
{
	switch (n->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return decode_route(n, &ret->route);
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return decode_nexthop(n, &ret->nexthop);
	}
	return OFL_FPM_IGNORED;
}
