// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnetlink messages about routes; see prov_fib_decode.h. */
#include "offloadd/provider/prov_fib_decode.h"

#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

/* What TCP takes where a route says nothing, so it changes nothing. */
#define REORDERING_MARK 3
#define ATTRS (RTA_MAX + 1)

/* What an image begins with. */
struct image_head {
	uint8_t family, tos, scope, type, proto;
	uint8_t zero[3];
	uint32_t flags;
};

struct parsed {
	const struct rtmsg *rtm;
	const struct nlattr *attr[ATTRS]; /* the last of each type, or NULL */
};

/* --- parsing --- */

/* Not by mnl_attr_for_each(), which rounds the length of a message up. */
static bool parse(const struct nlmsghdr *nlh, struct parsed *ret)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const struct nlattr *attr;
	const void *at;

	memset(ret, 0, sizeof(*ret));
	if (len < sizeof(*ret->rtm))
		return false;
	ret->rtm = mnl_nlmsg_get_payload(nlh);
	at = ret->rtm + 1;
	len -= sizeof(*ret->rtm);
	mnl_attr_for_each_payload(at, len)
	{
		if (mnl_attr_get_type(attr) < ATTRS)
			ret->attr[mnl_attr_get_type(attr)] = attr;
	}
	return true;
}

static bool u32_of(const struct nlattr *attr, uint32_t *value)
{
	if (!attr)
		return true; /* as it was */
	if (mnl_attr_get_payload_len(attr) != sizeof(*value))
		return false;
	*value = mnl_attr_get_u32(attr);
	return true;
}

static bool prefix_of(const struct parsed *p, struct ofl_prefix *ret)
{
	const struct nlattr *dst = p->attr[RTA_DST];
	uint8_t addr[16] = {0};
	size_t len = p->rtm->rtm_family == AF_INET ? 4 : 16;

	if (p->rtm->rtm_dst_len > ofl_family_bits(p->rtm->rtm_family))
		return false;
	if (dst && mnl_attr_get_payload_len(dst) != len)
		return false;
	if (dst)
		memcpy(addr, mnl_attr_get_payload(dst), len);
	else if (p->rtm->rtm_dst_len)
		return false;
	*ret = ofl_prefix_make(p->rtm->rtm_family, addr, p->rtm->rtm_dst_len);
	return true;
}

/* The next next hop of a list, or NULL at its end or where it is broken. */
static struct rtnexthop *nexthop_next(const struct nlattr *multipath,
				      const struct rtnexthop *nh)
{
	const char *from = mnl_attr_get_payload(multipath);
	size_t len = mnl_attr_get_payload_len(multipath), at = 0;

	if (nh)
		at = (const char *)nh - from + MNL_ALIGN(nh->rtnh_len);
	nh = (const struct rtnexthop *)(from + at);
	if (at + sizeof(*nh) > len || nh->rtnh_len < sizeof(*nh) ||
	    at + nh->rtnh_len > len)
		return NULL;
	return (struct rtnexthop *)nh;
}

static uint32_t nexthop_flags(const struct parsed *p)
{
	const struct nlattr *multipath = p->attr[RTA_MULTIPATH];
	uint32_t flags = p->rtm->rtm_flags;
	struct rtnexthop *nh = NULL;

	while (multipath && (nh = nexthop_next(multipath, nh)))
		flags |= nh->rtnh_flags;
	return flags & (RTNH_F_OFFLOAD | RTNH_F_TRAP);
}

static void state_of(const struct parsed *p, struct ofl_fibmsg *ret)
{
	uint32_t flags = p->rtm->rtm_flags, of_nexthops = nexthop_flags(p);

	if (flags & RTM_F_OFFLOAD_FAILED)
		ret->route.state = OFL_FIB_FAILED;
	else if (flags & RTM_F_OFFLOAD)
		ret->route.state = OFL_FIB_OFFLOADED;
	else if (flags & RTM_F_TRAP)
		ret->route.state = OFL_FIB_TRAPPED;
	else if (of_nexthops & RTNH_F_OFFLOAD)
		ret->route.state = OFL_FIB_OFFLOADED;
	else if (of_nexthops)
		ret->route.state = OFL_FIB_TRAPPED;
	ret->by_nexthop =
		of_nexthops &&
		!(flags & (RTM_F_OFFLOAD_FAILED | RTM_F_OFFLOAD | RTM_F_TRAP));
}

/* --- bytes --- */

static bool put(struct ofl_fibmsg_bytes *b, const void *from, size_t len)
{
	if (b->len + MNL_ALIGN(len) > sizeof(b->at))
		return false;
	memset(b->at + b->len, 0, MNL_ALIGN(len));
	memcpy(b->at + b->len, from, len);
	b->len += MNL_ALIGN(len);
	return true;
}

/* Flags of a next hop that are somebody's wish, not the moment's. */
static void clean_nexthops(struct nlattr *multipath)
{
	struct rtnexthop *nh = NULL;

	while ((nh = nexthop_next(multipath, nh)))
		nh->rtnh_flags &= RTNH_F_ONLINK;
}

static bool put_attr(struct ofl_fibmsg_bytes *b, const struct nlattr *attr)
{
	size_t at = b->len;

	if (!attr)
		return true;
	if (!put(b, attr, attr->nla_len))
		return false;
	if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
		clean_nexthops((struct nlattr *)(b->at + at));
	return true;
}

/* Where it leads, whoever wrote it and in whatever words: a next-hop object is
 * what it stands for, if the kernel says that. */
static bool way_make(const struct parsed *p, struct ofl_fibmsg_bytes *ret)
{
	static const uint8_t leads[] = {RTA_OIF,	RTA_GATEWAY,
					RTA_VIA,	RTA_MULTIPATH,
					RTA_ENCAP_TYPE, RTA_ENCAP};
	uint8_t type[4] = {p->rtm->rtm_type};
	bool ok = put(ret, type, sizeof(type));

	for (size_t i = 0; i < sizeof(leads); i++)
		ok &= put_attr(ret, p->attr[leads[i]]);
	if (ret->len == sizeof(type))
		ok &= put_attr(ret, p->attr[RTA_NH_ID]);
	return ok;
}

/* Made by the kernel for an address or an interface of its own, or by a router
 * that advertised itself. */
static bool is_fixed(const struct rtmsg *rtm)
{
	return rtm->rtm_protocol == RTPROT_KERNEL ||
	       rtm->rtm_protocol == RTPROT_REDIRECT ||
	       rtm->rtm_protocol == RTPROT_RA;
}

/* One that ends by itself would not, written again. */
static bool has_end(const struct parsed *p)
{
	const struct nlattr *info = p->attr[RTA_CACHEINFO];
	struct rta_cacheinfo ci;

	if (p->attr[RTA_EXPIRES])
		return true;
	if (!info || mnl_attr_get_payload_len(info) < sizeof(ci))
		return false;
	memcpy(&ci, mnl_attr_get_payload(info), sizeof(ci));
	return ci.rta_expires;
}

static bool is_writable(const struct parsed *p)
{
	switch (p->rtm->rtm_type) {
	case RTN_UNICAST:
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
		return !has_end(p);
	}
	return false;
}

/* With a next-hop object a request must not say what it stands for. */
static bool belongs(const struct parsed *p, unsigned int type)
{
	switch (type) {
	case RTA_DST:
	case RTA_CACHEINFO:
		return false;
	case RTA_OIF:
	case RTA_GATEWAY:
	case RTA_VIA:
	case RTA_MULTIPATH:
	case RTA_ENCAP:
	case RTA_ENCAP_TYPE:
		return !p->attr[RTA_NH_ID];
	}
	return true;
}

static bool image_make(const struct parsed *p, struct ofl_fibmsg_bytes *ret)
{
	struct image_head head = {
		.family = p->rtm->rtm_family,
		.tos = p->rtm->rtm_tos,
		.scope = p->rtm->rtm_scope,
		.type = p->rtm->rtm_type,
		.proto = p->rtm->rtm_protocol,
		.flags = p->attr[RTA_NH_ID] ? 0
					    : p->rtm->rtm_flags & RTNH_F_ONLINK,
	};
	bool ok = put(ret, &head, sizeof(head));

	for (unsigned int type = 0; type < ATTRS; type++)
		if (belongs(p, type))
			ok &= put_attr(ret, p->attr[type]);
	return ok;
}

enum ofl_fibmsg_kind ofl_fibmsg_decode(const struct nlmsghdr *nlh,
				       struct ofl_fibmsg *ret)
{
	struct ofl_fib_route *r = &ret->route;
	struct parsed p;

	if (nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
		return OFL_FIBMSG_IGNORED;
	if (!parse(nlh, &p))
		return OFL_FIBMSG_MALFORMED;
	/* Not for all packets to the prefix, or for none that is forwarded. */
	if ((p.rtm->rtm_family != AF_INET && p.rtm->rtm_family != AF_INET6) ||
	    (p.rtm->rtm_flags & RTM_F_CLONED) || p.rtm->rtm_src_len ||
	    p.rtm->rtm_tos || p.rtm->rtm_type == RTN_MULTICAST)
		return OFL_FIBMSG_IGNORED;
	memset(r, 0, sizeof(*r));
	r->key.vrf = p.rtm->rtm_table;
	if (!prefix_of(&p, &r->key.p) ||
	    !u32_of(p.attr[RTA_TABLE], &r->key.vrf) ||
	    !u32_of(p.attr[RTA_PRIORITY], &r->metric))
		return OFL_FIBMSG_MALFORMED;
	r->local = r->key.vrf == RT_TABLE_LOCAL;
	if (r->local)
		r->key.vrf = RT_TABLE_MAIN;
	r->fixed = is_fixed(p.rtm);
	state_of(&p, ret);
	ret->way.len = ret->image.len = 0;
	if (!way_make(&p, &ret->way) ||
	    (is_writable(&p) && !image_make(&p, &ret->image)))
		return OFL_FIBMSG_MALFORMED;
	r->writable = ret->image.len;
	return nlh->nlmsg_type == RTM_NEWROUTE ? OFL_FIBMSG_ROUTE
					       : OFL_FIBMSG_GONE;
}

/* --- requests --- */

static const uint16_t verb_flags[] = {
	[OFL_FIBMSG_ADD] = NLM_F_CREATE | NLM_F_EXCL,
	[OFL_FIBMSG_DEL] = 0,
	[OFL_FIBMSG_REPLACE] = NLM_F_REPLACE,
	[OFL_FIBMSG_REPLACE_MARKED] = NLM_F_REPLACE,
};

/* The metrics there are, with reordering changed. */
static bool put_marked(struct nlmsghdr *nlh, size_t size,
		       const struct nlattr *metrics)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, RTA_METRICS);
	uint32_t value = REORDERING_MARK;
	const struct nlattr *attr;
	bool ok = nest;

	if (nest && metrics) {
		mnl_attr_for_each_nested(attr, metrics)
		{
			if (mnl_attr_get_type(attr) == RTAX_REORDERING &&
			    mnl_attr_get_payload_len(attr) == sizeof(value))
				value += mnl_attr_get_u32(attr) == value;
			else
				ok &= mnl_attr_put_check(
					nlh, size, mnl_attr_get_type(attr),
					mnl_attr_get_payload_len(attr),
					mnl_attr_get_payload(attr));
		}
	}
	ok = ok && mnl_attr_put_u32_check(nlh, size, RTAX_REORDERING, value);
	if (ok)
		mnl_attr_nest_end(nlh, nest);
	return ok;
}

static bool put_image(struct nlmsghdr *nlh, size_t size, bool marked,
		      const uint8_t *at, size_t len)
{
	const struct nlattr *attr, *metrics = NULL;
	bool ok = true;

	mnl_attr_for_each_payload((const void *)at, len)
	{
		if (marked && mnl_attr_get_type(attr) == RTA_METRICS)
			metrics = attr;
		else
			ok &= mnl_attr_put_check(nlh, size, attr->nla_type,
						 mnl_attr_get_payload_len(attr),
						 mnl_attr_get_payload(attr));
	}
	return ok && (!marked || put_marked(nlh, size, metrics));
}

struct nlmsghdr *ofl_fibmsg_encode(void *buf, size_t size,
				   enum ofl_fibmsg_verb verb,
				   const struct ofl_prefix *prefix,
				   const uint8_t *image, size_t image_len)
{
	struct image_head head;
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;

	if (image_len < sizeof(head) ||
	    size < MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*rtm)))
		return NULL;
	memcpy(&head, image, sizeof(head));
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = verb == OFL_FIBMSG_DEL ? RTM_DELROUTE : RTM_NEWROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | verb_flags[verb];
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = head.family;
	rtm->rtm_dst_len = prefix->plen;
	rtm->rtm_tos = head.tos;
	rtm->rtm_scope = head.scope;
	rtm->rtm_type = head.type;
	rtm->rtm_protocol = head.proto;
	rtm->rtm_flags = head.flags;
	if (!mnl_attr_put_check(nlh, size, RTA_DST,
				prefix->family == AF_INET ? 4 : 16,
				prefix->addr) ||
	    !put_image(nlh, size, verb == OFL_FIBMSG_REPLACE_MARKED,
		       image + sizeof(head), image_len - sizeof(head)))
		return NULL;
	return nlh;
}
