/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames as zebra's module dplane_fpm_nl writes them: messages are put one
 * behind the other into `frame`, and its header last.
 */
#ifndef TESTS_UNIT_FPM_FIXTURE_H
#define TESTS_UNIT_FPM_FIXTURE_H

#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "offloadd/flow/addr.h"
#include "offloadd/source/fpm_frame.h"

#define RTPROT_OF_BGP 186
#define RTPROT_OF_STATIC 196

static _Alignas(8) uint8_t frame[70000];
static size_t frame_len = OFL_FPM_HEADER_BYTES;
static struct nlmsghdr *last; /* the message that grows */

static inline void frame_begin(void)
{
	memset(frame, 0, sizeof(frame));
	frame_len = OFL_FPM_HEADER_BYTES;
	last = NULL;
}

static inline size_t frame_end(void)
{
	assert_true(
		ofl_fpm_frame_encode(frame, frame_len - OFL_FPM_HEADER_BYTES));
	return frame_len;
}

static inline void *message_begin(uint16_t type, size_t head)
{
	last = mnl_nlmsg_put_header(frame + frame_len);
	last->nlmsg_type = type;
	last->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	return mnl_nlmsg_put_extra_header(last, head);
}

static inline void message_end(void)
{
	frame_len += MNL_ALIGN(last->nlmsg_len);
}

static inline struct rtmsg *put_route(uint16_t type, const char *prefix,
				      uint32_t table, uint8_t protocol)
{
	struct rtmsg *rtm = message_begin(type, sizeof(*rtm));
	struct ofl_prefix p;

	assert_true(ofl_prefix_parse(prefix, false, &p));
	rtm->rtm_family = p.family;
	rtm->rtm_dst_len = p.plen;
	rtm->rtm_protocol = protocol;
	rtm->rtm_type = type == RTM_NEWROUTE ? RTN_UNICAST : RTN_UNSPEC;
	mnl_attr_put(last, RTA_DST, ofl_family_bits(p.family) / 8, p.addr);
	mnl_attr_put_u32(last, RTA_PRIORITY, 20);
	if (table < 256)
		rtm->rtm_table = table;
	else
		mnl_attr_put_u32(last, RTA_TABLE, table);
	return rtm;
}

static inline void put_addr(uint16_t type, const char *text)
{
	uint8_t a[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, text, a), 1);
	mnl_attr_put(last, type, family == AF_INET ? 4 : 16, a);
}

/* A route as the module writes it by default: by number. */
static inline void put_route_by(uint16_t type, const char *prefix,
				uint32_t nhid)
{
	put_route(type, prefix, RT_TABLE_MAIN, RTPROT_OF_STATIC);
	if (nhid)
		mnl_attr_put_u32(last, RTA_NH_ID, nhid);
	message_end();
}

static inline struct nhmsg *put_nexthop(uint16_t type, uint32_t id)
{
	struct nhmsg *nhm = message_begin(type, sizeof(*nhm));

	mnl_attr_put_u32(last, NHA_ID, id);
	return nhm;
}

static inline void put_single(uint32_t id, const char *gw, uint32_t ifindex)
{
	put_nexthop(RTM_NEWNEXTHOP, id)->nh_family =
		strchr(gw, ':') ? AF_INET6 : AF_INET;
	put_addr(NHA_GATEWAY, gw);
	mnl_attr_put_u32(last, NHA_OIF, ifindex);
	message_end();
}

static inline void put_group(uint32_t id, const struct nexthop_grp *g, size_t n)
{
	put_nexthop(RTM_NEWNEXTHOP, id);
	mnl_attr_put(last, NHA_GROUP, n * sizeof(*g), g);
	message_end();
}

#endif /* TESTS_UNIT_FPM_FIXTURE_H */
