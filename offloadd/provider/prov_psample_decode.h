/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of generic netlink's family psample, and heads of packets, as
 * values.
 *
 * Pure: no socket, no state, nothing of what comes is believed.  Neighbour:
 * prov_psample.h reads the messages.
 */
#ifndef OFFLOADD_PROVIDER_PROV_PSAMPLE_DECODE_H
#define OFFLOADD_PROVIDER_PROV_PSAMPLE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/* A packet that was sampled; `data` is the message's. */
struct ofl_psample_packet {
	uint32_t group, seq; /* of the group, counts up and wraps */
	uint32_t rate;	     /* 1.. */
	/* Where it came in; most kernels tell 16 bits of the number.  0: not
	 * told. */
	uint32_t ifindex;
	uint32_t bytes; /* as it came, with its Ethernet header */
	const uint8_t *data;
	size_t len; /* of its head */
};
/* False, with *ret untouched: a message of another family, of something else,
 * or not well formed. */
bool ofl_psample_decode(const struct nlmsghdr *nlh, uint16_t family_id,
			struct ofl_psample_packet *ret);

/* Where a packet goes. */
struct ofl_psample_head {
	uint8_t dmac[6];
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t dst[16];
};
/* Ethernet, up to two VLAN tags, IPv4 or IPv6.  False, with *ret untouched: it
 * is something else, or cut off before the destination. */
bool ofl_psample_head_decode(const uint8_t *data, size_t len,
			     struct ofl_psample_head *ret);

/* How many samples were lost, by the numbers of those that came. */
struct ofl_psample_seq {
	bool known;
	uint32_t next;
	uint32_t ahead; /* counted as lost before a number told so */
};
/* This one came; so many before it did not.  A group that is made anew counts
 * from 0 again, which is no loss. */
uint32_t ofl_psample_seq_take(struct ofl_psample_seq *s, uint32_t seq);
/* The socket had no room: at least one is lost, 1 is returned; the next number
 * tells how many more. */
uint32_t ofl_psample_seq_overrun(struct ofl_psample_seq *s);

#endif /* OFFLOADD_PROVIDER_PROV_PSAMPLE_DECODE_H */
