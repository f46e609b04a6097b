/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a netlink message of zebra's FPM module says: routes, and next hops by
 * number.  Pure: no allocation, no log, every byte checked against the length;
 * fit for a fuzzer.
 *
 * The module writes for a kernel: there is no distance, no tag, no metric (all
 * have 20) and no instance; the protocol is the kernel's number for it, in
 * which connected, local and kernel routes are one.
 */
#ifndef OFFLOADD_SOURCE_FPM_DECODE_H
#define OFFLOADD_SOURCE_FPM_DECODE_H

#include "offloadd/source/source.h"

struct nlmsghdr;

enum ofl_fpm_decoded {
	OFL_FPM_ROUTE_ADD = 0,
	OFL_FPM_ROUTE_DEL,
	OFL_FPM_NEXTHOP_ADD,
	OFL_FPM_NEXTHOP_DEL,
	OFL_FPM_IGNORED,   /* well-formed, but about something else */
	OFL_FPM_MALFORMED, /* *ret is not to be used */
};

struct ofl_fpm_route {
	struct ofl_prefix p;
	uint32_t table;
	uint8_t rtprot; /* RTPROT_* */
	bool has_src;	/* only for packets from `src` (IPv6) */
	struct ofl_prefix src;
	/* ADD: where it leads.  The VRFs of next hops are not known. */
	uint32_t nhid;	   /* by number, or 0 and ... */
	uint16_t nh_count; /* may be more than are stored */
	struct ofl_rawnh nh[OFL_RAWNH_MAX];
};

struct ofl_fpm_nexthop {
	uint32_t id;
	/* ADD: other numbers, or (member_count 0) one next hop */
	uint16_t member_count; /* may be more than are stored */
	struct ofl_rawnh nh;
	struct {
		uint32_t id;
		uint8_t weight;
	} member[OFL_RAWNH_MAX];
};

struct ofl_fpm_message {
	struct ofl_fpm_route route;
	struct ofl_fpm_nexthop nexthop;
};

/* `n` is whole (fpm_frame.h).  Fills the member its kind names. */
enum ofl_fpm_decoded ofl_fpm_decode(const struct nlmsghdr *n,
				    struct ofl_fpm_message *ret);

/* zebra's number of the protocol the kernel knows as `rtprot`, in this family;
 * false: it is of those that are one to the kernel (connected, local, kernel).
 * By names, as the numbers differ between versions. */
bool ofl_fpm_proto(uint8_t rtprot, uint8_t family, uint8_t *ret_proto);
/* Prepare the above. */
void ofl_fpm_protos_init(void);

#endif /* OFFLOADD_SOURCE_FPM_DECODE_H */
