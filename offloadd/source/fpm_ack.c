// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers to zebra over FPM; see fpm_ack.h. */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "offloadd/source/fpm.h"
#include "offloadd/source/fpm_ack.h"

size_t ofl_fpm_ack_encode(const struct ofl_prefix *p, uint32_t table,
			  uint8_t rtprot, bool installed, void *buf)
{
	struct nlmsghdr *n = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(n, sizeof(*rtm));

	n->nlmsg_type = RTM_NEWROUTE;
	n->nlmsg_flags = NLM_F_REQUEST;
	rtm->rtm_family = p->family;
	rtm->rtm_dst_len = p->plen;
	rtm->rtm_table = table <= UINT8_MAX ? table : RT_TABLE_COMPAT;
	rtm->rtm_protocol = rtprot;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_flags = installed ? RTM_F_OFFLOAD : RTM_F_OFFLOAD_FAILED;
	mnl_attr_put(n, RTA_DST, ofl_family_bits(p->family) / 8, p->addr);
	mnl_attr_put_u32(n, RTA_TABLE, table);
	return n->nlmsg_len;
}

enum ofl_fpm_ack_sent ofl_fpm_ack(struct ofl_feed *feed,
				  const struct ofl_key *key, uint8_t proto,
				  bool installed)
{
	_Alignas(struct nlmsghdr) uint8_t message[OFL_FPM_ACK_BYTES];
	struct ofl_fpm *fpm = ofl_feed_fpm(feed);
	uint32_t table;
	size_t len;

	if (!fpm || !ofl_fpm_is_connected(fpm) ||
	    !ofl_feed_vrf_table(feed, key->vrf, &table))
		return OFL_FPM_ACK_LOST;
	len = ofl_fpm_ack_encode(&key->p, table, ofl_fpm_rtprot(proto),
				 installed, message);
	return ofl_fpm_send(fpm, message, len) ? OFL_FPM_ACK_SENT
					       : OFL_FPM_ACK_FULL;
}
