// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnetlink messages; see neigh_decode.h. */
#include "offloadd/source/neigh_decode.h"

#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#define ETHERNET_BYTES 6
/* The kernel knows the address and would send to it, if only to try. */
#define USABLE_STATES                                                          \
	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT |   \
	 NUD_NOARP)

static enum ofl_rtnl_decoded decode_link(const struct nlmsghdr *nlh,
					 struct ofl_rtnl_event *ret)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifm) || ifm->ifi_index < 1)
		return OFL_RTNL_MALFORMED;
	/* A bridge tells of its ports in messages of its own. */
	if (ifm->ifi_family != AF_UNSPEC)
		return OFL_RTNL_IGNORED;
	*ret = (struct ofl_rtnl_event){
		.ifindex = (uint32_t)ifm->ifi_index,
		.gone = nlh->nlmsg_type == RTM_DELLINK,
	};
	/* What goes to the loopback ends here: never a port. */
	ret->up = !ret->gone && (ifm->ifi_flags & IFF_UP) &&
		  (ifm->ifi_flags & IFF_RUNNING) &&
		  !(ifm->ifi_flags & IFF_LOOPBACK);
	return OFL_RTNL_LINK;
}

/* An address a frame for one station can carry. */
static bool is_station(const uint8_t *mac)
{
	static const uint8_t zero[ETHERNET_BYTES];

	return !(mac[0] & 1) && memcmp(mac, zero, sizeof(zero));
}

static void neigh_attribute(const struct nlattr *attr,
			    struct ofl_rtnl_event *ret, bool *has_addr)
{
	size_t len = ret->family == AF_INET ? 4 : 16;

	switch (mnl_attr_get_type(attr)) {
	case NDA_DST:
		if (mnl_attr_get_payload_len(attr) != len)
			return;
		memcpy(ret->addr, mnl_attr_get_payload(attr), len);
		*has_addr = true;
		break;
	case NDA_LLADDR:
		/* Tunnels have other addresses: nothing for an Ethernet. */
		if (mnl_attr_get_payload_len(attr) != ETHERNET_BYTES)
			return;
		memcpy(ret->mac, mnl_attr_get_payload(attr), ETHERNET_BYTES);
		break;
	}
}

static enum ofl_rtnl_decoded decode_neigh(const struct nlmsghdr *nlh,
					  struct ofl_rtnl_event *ret)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	bool has_addr = false;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ndm))
		return OFL_RTNL_MALFORMED;
	/* Bridges keep their stations in the same kind of message; a proxy
	 * entry is something we answer for. */
	if ((ndm->ndm_family != AF_INET && ndm->ndm_family != AF_INET6) ||
	    (ndm->ndm_flags & NTF_PROXY))
		return OFL_RTNL_IGNORED;
	*ret = (struct ofl_rtnl_event){
		.ifindex = (uint32_t)ndm->ndm_ifindex,
		.family = ndm->ndm_family,
		.gone = nlh->nlmsg_type == RTM_DELNEIGH,
	};
	mnl_attr_for_each(attr, nlh, sizeof(*ndm))
		neigh_attribute(attr, ret, &has_addr);
	if (ndm->ndm_ifindex < 1 || !has_addr)
		return OFL_RTNL_MALFORMED;
	ret->fixed =
		!ret->gone && (ndm->ndm_state & (NUD_PERMANENT | NUD_NOARP));
	ret->usable = !ret->gone && (ndm->ndm_state & USABLE_STATES) &&
		      is_station(ret->mac);
	return OFL_RTNL_NEIGH;
}

enum ofl_rtnl_decoded ofl_rtnl_decode(const struct nlmsghdr *nlh,
				      struct ofl_rtnl_event *ret)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return decode_link(nlh, ret);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		return decode_neigh(nlh, ret);
	}
	return OFL_RTNL_IGNORED;
}

struct nlmsghdr *ofl_rtnl_probe_encode(void *buf, uint32_t ifindex,
				       uint8_t family, const uint8_t *addr)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm;

	nlh->nlmsg_type = RTM_NEWNEIGH;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	ndm->ndm_family = family;
	ndm->ndm_ifindex = (int)ifindex;
	ndm->ndm_state = NUD_NONE;
	ndm->ndm_flags = NTF_USE;
	mnl_attr_put_check(nlh, OFL_RTNL_PROBE_BYTES, NDA_DST,
			   family == AF_INET ? 4 : 16, addr);
	return nlh;
}
