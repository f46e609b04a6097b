/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tc flower filter as this daemon writes them, and its bytes on netlink.
 *
 * One value holds what such a filter says; encode() and decode() are pure and
 * are each other's inverse for everything this daemon writes, so that what the
 * kernel echoes can be compared with what was asked.  decode() reads filters
 * of others too: what it does not understand it says, and such a filter is
 * equal to nothing.
 *
 * Sources: the kernel's include/uapi/linux/{pkt_cls,rtnetlink}.h and
 * their directory tc_act; net/sched/cls_flower.c for which attributes it wants
 * together.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_FILTER_H
#define OFFLOADD_PROVIDER_PROV_TC_FILTER_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"
#include "offloadd/provider/prov_tc_attr.h"

struct nlmsghdr;

/* What happens to a packet that a filter matches. */
enum ofl_tc_does {
	OFL_TC_TRAP = 0, /* to the CPU; only hardware can */
	OFL_TC_PASS, /* on with what comes after tc: software's forwarding */
	OFL_TC_DROP,
	OFL_TC_GOTO,	/* on with another chain */
	OFL_TC_FORWARD, /* MACs, TTL, checksum, VLAN tag, out of a port */
	OFL_TC_CONTINUE, /* as if it had matched nothing, but counted */
	/* One packet of so many is handed to a group of psample, and all go on
	 * as if they had matched nothing; or with what comes after tc. */
	OFL_TC_SAMPLE,
	OFL_TC_SAMPLE_PASS,
};
#define OFL_TC_SAMPLE_BYTES 128 /* of a packet, at most */

struct ofl_tc_filter {
	/* Where it stands. */
	uint32_t chain;
	uint32_t handle;   /* 0: the kernel gives one */
	uint16_t pref;	   /* 1.. */
	uint16_t protocol; /* ETH_P_*, host order; ETH_P_ALL: any */
	uint32_t flags;	   /* TCA_CLS_FLAGS_SKIP_SW, _SKIP_HW, _VERBOSE */

	/* What it matches; nothing of these: every packet of `protocol`. */
	struct ofl_prefix dst; /* family 0: any; of ETH_P_ALL: its family */
	bool has_dmac;
	uint8_t dmac[6];
	uint8_t ttl, ttl_mask; /* hop limit; mask 0: any */
	char indev[IFNAMSIZ];  /* "": any */

	/* What it does. */
	uint8_t does; /* enum ofl_tc_does */
	uint32_t goto_chain;
	uint32_t out_ifindex; /* FORWARD, as all below */
	uint16_t out_vlan;    /* id to push; 0: untagged */
	uint8_t new_dmac[6], new_smac[6];
	bool keep_macs, keep_ttl; /* as they are, both or the TTL alone: no
				   * route, but a try of what a device does */
	uint32_t sample_rate, sample_group; /* SAMPLE, SAMPLE_PASS; rate 1.. */

	/* Whose it is: bytes of its writer, on its first action. */
	uint8_t cookie[OFL_TC_COOKIE];
};

/* What the kernel says of a filter besides its content. */
struct ofl_tc_seen {
	uint32_t block; /* index of the shared block, or 0 */
	bool in_hw, not_in_hw;
	uint32_t in_hw_count; /* devices that hold it; 0: not told */
	bool has_cookie;      /* else cookie is all zero */
	bool understood;      /* all of it is in struct ofl_tc_filter */
	struct ofl_tc_counted counted;
};

/* Room that encode() needs at most. */
#define OFL_TC_FILTER_BYTES 1024

/*
 * Write a request into buf: message `type` (RTM_NEWTFILTER, RTM_DELTFILTER)
 * with `nlmsg_flags`, for a filter of shared block `block`.  A delete needs
 * chain, pref, protocol and handle only.  NULL: it does not fit into `len`
 * bytes, or the value is not one (a FORWARD of something else than IP).
 */
struct nlmsghdr *ofl_tc_filter_encode(void *buf, size_t len, uint16_t type,
				      uint16_t nlmsg_flags, uint32_t block,
				      const struct ofl_tc_filter *f);

/*
 * Read RTM_NEWTFILTER or RTM_DELTFILTER.  False, with both results untouched:
 * not a message about one flower filter (another kind, or a whole pref).
 */
bool ofl_tc_filter_decode(const struct nlmsghdr *nlh,
			  struct ofl_tc_filter *ret_filter,
			  struct ofl_tc_seen *ret_seen);

/* Same place, match, actions and owner?  Flags that are no wish (in_hw) and a
 * handle of 0 on either side do not count. */
bool ofl_tc_filter_eq(const struct ofl_tc_filter *a,
		      const struct ofl_tc_filter *b);

#endif /* OFFLOADD_PROVIDER_PROV_TC_FILTER_H */
