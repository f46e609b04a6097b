/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a filter of an ACL does with a packet: actions in order, and their
 * bytes on netlink.  All but the last let the packet go on; the last one, and
 * only that, says where it ends.
 *
 * What an ACE can ask for and tc cannot do: *reject* (answer with ICMP or a
 * TCP reset).  And what is no action: *count*, for every filter counts.  *Log*
 * is a sample of every packet, handed to whoever listens to the psample group.
 *
 * Pure; encode() and decode() are each other's inverse for all that is sound.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_ACTS_H
#define OFFLOADD_PROVIDER_PROV_TC_ACTS_H

#include "offloadd/provider/prov_tc_attr.h"

enum ofl_tc_act_kind {
	/* Go on. */
	OFL_TC_ACT_MIRROR = 0, /* a copy to `ifindex` */
	OFL_TC_ACT_MARK,       /* skb mark, all 32 bits */
	OFL_TC_ACT_DSCP,       /* of the IP header, with its checksum */
	OFL_TC_ACT_POLICE,     /* what is above the rate is dropped */
	OFL_TC_ACT_SAMPLE,     /* one in `rate` to a psample group */
	/* End. */
	OFL_TC_ACT_ACCEPT, /* past all other filters */
	OFL_TC_ACT_GOTO,   /* on with a chain: that of routes */
	OFL_TC_ACT_DROP,
	OFL_TC_ACT_TRAP, /* to the CPU; only hardware can */
	OFL_TC_ACT_REDIRECT,
	OFL_TC_ACT_MAX
};

struct ofl_tc_act {
	uint8_t kind; /* enum ofl_tc_act_kind */
	/* MIRROR, REDIRECT: out of the device; or in, as if it had received
	 * the packet (a macvlan's peer, a VF's representor). */
	bool ingress;
	uint8_t dscp;
	uint32_t ifindex;
	uint32_t mark;
	uint32_t chain;
	uint64_t rate_bytes;	/* POLICE: a second */
	uint32_t burst_ticks;	/* of ofl_tc_burst_ticks() */
	uint32_t one_in, group; /* SAMPLE */
	uint32_t most_bytes;	/* SAMPLE: of each packet; 0: all */
};

#define OFL_TC_ACTS_MAX 8

struct ofl_tc_acts {
	uint8_t count;
	struct ofl_tc_act act[OFL_TC_ACTS_MAX];
};

/* At the end; false: there is no room, or one that ends is there. */
bool ofl_tc_acts_add(struct ofl_tc_acts *acts, const struct ofl_tc_act *act);
/* Can they be written, for packets of this ethertype (0: any)?  DSCP wants IPv4
 * or IPv6. */
bool ofl_tc_acts_is_sound(const struct ofl_tc_acts *acts, uint16_t ethertype);
bool ofl_tc_acts_eq(const struct ofl_tc_acts *a, const struct ofl_tc_acts *b);
/* Added to a digest of prov_tc_attr.h: of what eq() compares. */
uint64_t ofl_tc_acts_digest(uint64_t digest, const struct ofl_tc_acts *acts);
/* Of the police: the kernel's measure of a burst, ticks of 64 ns; rounded up.
 * 0: too large for it (more than 274 s at this rate), or nothing. */
uint32_t ofl_tc_burst_ticks(uint64_t rate_bytes, uint32_t burst_bytes);

/* The actions of a filter; into its TCA_..._ACT nest. */
void ofl_tc_acts_encode(struct ofl_tc_writer *w, const struct ofl_tc_acts *acts,
			uint16_t ethertype);

/* What comes with them. */
struct ofl_tc_acts_seen {
	bool has_cookie;
	uint8_t cookie[OFL_TC_COOKIE];
	struct ofl_tc_counted counted;
};
/* prov_tc_acts_decode.c */
/* False: something no action of ours is, *ret as far as it was understood. */
bool ofl_tc_acts_decode(const struct nlattr *nest, uint16_t ethertype,
			struct ofl_tc_acts *ret, struct ofl_tc_acts_seen *seen);

/* prov_tc_acts_decode.c needs them, too. */
/* The edit that sets DSCP in this family's header. */
struct ofl_tc_edit ofl_tc_dscp_edit(uint16_t ethertype, uint8_t dscp);

#endif /* OFFLOADD_PROVIDER_PROV_TC_ACTS_H */
