/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one access control entry (ACE) matches, and what a packet shows of
 * itself: value and mask over a fixed key of 64-bit words, plus ranges of the
 * numbers that operators write as ranges.
 *
 *   word 0  IPv4 source | destination (IPv6: the last 32 bits of each)
 *   word 1  ethertype, protocol, DSCP, fragment, TCP flags, ICMP type and code
 *   word 2  ingress port, VLAN       word 3  mark (software only)
 *   word 4  destination MAC          word 5  source MAC
 *   word 6  IPv6 source, first half  word 7  IPv6 destination, first half
 *   word 8  bits 64 to 95 of the IPv6 source | destination
 *   ranges  source port, destination port, length, TTL
 *
 * Words 0 and 1 are always there; of the others a match has those it looks at,
 * packed.  So the first ofl_match_size() bytes are the whole match: 56 for an
 * IPv4 five-tuple.  Masks are arbitrary.  Bits outside a mask are 0, and what
 * is not stored matches anything: equal matches are equal bytes.
 *
 * Sets of packets, and nothing else: it knows no protocols.  A field that a
 * packet does not have is 0 in its key; who matches on one also matches on the
 * protocol that has it.  Then two rules that never meet in a packet may count
 * as overlapping, which is safe, and never the other way round.
 *
 * Neighbours: actions are action.h's; order is whose who keeps the list.
 */
#ifndef OFFLOADD_FLOW_MATCH_H
#define OFFLOADD_FLOW_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OFL_MATCH_BASE 2 /* words that are always there */
#define OFL_MATCH_MORE 7
#define OFL_MATCH_WORDS (OFL_MATCH_BASE + OFL_MATCH_MORE)

enum ofl_field {
	OFL_FIELD_SRC_V4 = 0,
	OFL_FIELD_DST_V4,
	OFL_FIELD_ETHERTYPE,
	OFL_FIELD_PROTOCOL, /* IPv6: of the last header */
	OFL_FIELD_DSCP,
	OFL_FIELD_FRAGMENT,  /* OFL_FRAGMENT_* */
	OFL_FIELD_TCP_FLAGS, /* with the reserved bits above them */
	OFL_FIELD_ICMP_TYPE,
	OFL_FIELD_ICMP_CODE,
	OFL_FIELD_PORT, /* ingress: an interface index */
	OFL_FIELD_VLAN_ID,
	OFL_FIELD_VLAN_PCP,
	OFL_FIELD_VLAN_TAGGED, /* 1: there is a tag */
	OFL_FIELD_MARK,
	OFL_FIELD_DST_MAC,
	OFL_FIELD_SRC_MAC,
	OFL_FIELD_MAX
};

#define OFL_FRAGMENT_ANY 1   /* it is a fragment */
#define OFL_FRAGMENT_LATER 2 /* ... and not the first */

enum ofl_number {
	OFL_NUMBER_SRC_PORT = 0,
	OFL_NUMBER_DST_PORT,
	OFL_NUMBER_LENGTH, /* of the IP packet */
	OFL_NUMBER_TTL,
	OFL_NUMBER_MAX
};

enum ofl_end {
	OFL_END_SRC = 0,
	OFL_END_DST,
};

struct ofl_bits {
	uint64_t value, mask; /* value & ~mask is 0 */
};

struct ofl_range {
	uint16_t min, max; /* both included */
};

struct ofl_match {
	struct ofl_range range[OFL_NUMBER_MAX];
	struct ofl_bits base[OFL_MATCH_BASE];
	uint64_t more;				/* bit i: word 2 + i is there */
	struct ofl_bits packed[OFL_MATCH_MORE]; /* those, in order */
};

/* What a packet shows. */
struct ofl_packet {
	uint64_t word[OFL_MATCH_WORDS];
	uint16_t number[OFL_NUMBER_MAX];
};

/* Matches every packet. */
void ofl_match_init(struct ofl_match *m);
/* Look at a field, too.  False and nothing changed if value or mask have bits
 * that the field has not. */
bool ofl_match_set(struct ofl_match *m, enum ofl_field field, uint64_t value,
		   uint64_t mask);
/* False if min is above max. */
bool ofl_match_range_set(struct ofl_match *m, enum ofl_number number,
			 uint16_t min, uint16_t max);
/* Addresses in network order, with any mask; the ethertype is matched with
 * them.  `family` is AF_INET or AF_INET6. */
void ofl_match_addr_set(struct ofl_match *m, enum ofl_end end, int family,
			const uint8_t *addr, const uint8_t *mask);

/* Bytes in use; so many are a copy. */
static inline size_t ofl_match_size(const struct ofl_match *m)
{
	return offsetof(struct ofl_match, packed) +
	       (size_t)__builtin_popcountll(m->more) * sizeof(m->packed[0]);
}

/* Is there a packet that both match? */
bool ofl_match_has_overlap(const struct ofl_match *a,
			   const struct ofl_match *b);
/* Does `outer` match every packet that `inner` matches? */
bool ofl_match_contains(const struct ofl_match *outer,
			const struct ofl_match *inner);
bool ofl_match_eq(const struct ofl_match *a, const struct ofl_match *b);
uint32_t ofl_match_hash(const struct ofl_match *m);
bool ofl_match_has_packet(const struct ofl_match *m,
			  const struct ofl_packet *p);
/* Change as little of a packet as makes it match.  Done for two matches that
 * overlap, one after the other, it matches both. */
void ofl_match_packet_make(const struct ofl_match *m, struct ofl_packet *p);

/* The shape: which bits are looked at, whatever they should be.  Hardware that
 * keeps its masks apart from its values has a place for so many shapes.  A
 * range that is one aligned block is a mask; all others are one shape. */
bool ofl_match_shape_eq(const struct ofl_match *a, const struct ofl_match *b);
uint32_t ofl_match_shape_hash(const struct ofl_match *m);

/* Values with a mask that a range falls into, for hardware without ranges:
 * 1..30; of a match: the product over its ranges. */
uint32_t ofl_range_blocks(struct ofl_range r);
uint32_t ofl_match_blocks(const struct ofl_match *m);

/* A summary of 64 bits: two matches whose summaries exclude each other do not
 * overlap.  For scans over very many. */
struct ofl_bits ofl_match_summary_make(const struct ofl_match *m);

/* --- packets --- */
/* Nothing but zeroes. */
void ofl_packet_init(struct ofl_packet *p);
/* False and nothing changed if the field has no room for it. */
bool ofl_packet_set(struct ofl_packet *p, enum ofl_field field, uint64_t value);
void ofl_packet_addr_set(struct ofl_packet *p, enum ofl_end end, int family,
			 const uint8_t *addr);

#endif /* OFFLOADD_FLOW_MATCH_H */
