/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink messages about links and neighbours into values, and one value
 * into a message.  Pure; every length is checked (libmnl).
 */
#ifndef OFFLOADD_SOURCE_NEIGH_DECODE_H
#define OFFLOADD_SOURCE_NEIGH_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

enum ofl_rtnl_decoded {
	OFL_RTNL_IGNORED = 0, /* nothing a next hop could depend on */
	OFL_RTNL_LINK,
	OFL_RTNL_NEIGH,
	OFL_RTNL_MALFORMED,
};

struct ofl_rtnl_event {
	uint32_t ifindex;
	bool gone;
	bool up; /* LINK: carries packets to a neighbour */
	/* NEIGH */
	uint8_t family;
	uint8_t addr[16];
	bool fixed;  /* somebody's word, not resolved */
	bool usable; /* mac is one to send to */
	uint8_t mac[6];
};

enum ofl_rtnl_decoded ofl_rtnl_decode(const struct nlmsghdr *nlh,
				      struct ofl_rtnl_event *ret);

/* The request that has the kernel resolve a neighbour, as a packet to it
 * would.  Not for a fixed one: the kernel takes "use it" for "no longer
 * permanent" and forgets its address.  `buf` has OFL_RTNL_PROBE_BYTES and is
 * aligned for a header. */
#define OFL_RTNL_PROBE_BYTES 128
struct nlmsghdr *ofl_rtnl_probe_encode(void *buf, uint32_t ifindex,
				       uint8_t family, const uint8_t *addr);

#endif /* OFFLOADD_SOURCE_NEIGH_DECODE_H */
