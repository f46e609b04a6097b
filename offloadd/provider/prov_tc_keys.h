/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ACE matches, as keys of tc flower: a match (flow/match.h) says a set
 * of packets, keys say which of flower's attributes select that very set.
 *
 * Nothing is ever left out: a match that flower cannot say whole gives no keys
 * but the fields that stand in the way, as bits, and whoever asked takes them
 * away (ofl_match_set() with mask 0) and has what flower can say.  Two things
 * flower says only in several filters: ofl_tc_keys_split() makes their matches.
 *
 *   flower has no such key    mark, length of the IP packet
 *   exact or not at all       ethertype, protocol, VLAN id and priority,
 *                             ingress device
 *   only beside a protocol    ports (TCP, UDP, SCTP), TCP flags, ICMP
 *   only beside an ethertype  addresses, protocol, DSCP, TTL, fragment
 *   only with a tag           VLAN id and priority
 *   as one aligned block      TTL; several blocks: several filters
 *   not in one filter         "no fragment, or the first one"
 *
 * How flower reads packets: ethertype and all above it behind any VLAN tags;
 * a tag is one of 802.1Q; a fragment, the first one too, has no ports, TCP
 * flags or ICMP type: there they are 0.  The protocol of IPv6 is that behind
 * the extension headers.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_KEYS_H
#define OFFLOADD_PROVIDER_PROV_TC_KEYS_H

#include <net/if.h>

#include "offloadd/flow/match.h"
#include "offloadd/provider/prov_tc_attr.h"

/* Of the kernel's enum; FRR brings an older one that ends before it. */
#define OFL_TC_FLOWER_NUM_OF_VLANS 102
#define OFL_TC_FLOWER_ATTRS (OFL_TC_FLOWER_NUM_OF_VLANS + 1)

/* Fields of a match as bits. */
#define OFL_TC_FIELD(field) (1u << (field))
#define OFL_TC_NUMBER(number) (1u << (OFL_FIELD_MAX + (number)))

/* One number with its mask, in host order; mask 0: any. */
struct ofl_tc_masked {
	uint16_t value, mask;
};

/* A port: with a mask, or from min to max. */
struct ofl_tc_port_key {
	bool is_range;
	uint16_t min, max;
	struct ofl_tc_masked bits;
};

enum ofl_tc_tag_key {
	OFL_TC_TAG_ANY = 0,
	OFL_TC_TAG_THERE,
	OFL_TC_TAG_NONE,
};

/* Made by ofl_tc_keys_make() or read from a message; what is not matched is
 * zero. */
struct ofl_tc_keys {
	char indev[IFNAMSIZ]; /* "": any */
	uint8_t smac[6], smac_mask[6], dmac[6], dmac_mask[6];
	uint8_t tag; /* enum ofl_tc_tag_key */
	bool has_vlan_id, has_vlan_pcp, has_ethertype, has_protocol;
	uint16_t vlan_id;
	uint8_t vlan_pcp;
	uint16_t ethertype; /* behind the tag */
	uint8_t protocol;
	/* Network order; of IPv4 the first four bytes. */
	uint8_t src[16], src_mask[16], dst[16], dst_mask[16];
	struct ofl_tc_masked tos, ttl, tcp_flags, icmp_type, icmp_code;
	struct ofl_tc_port_key sport, dport;
	uint32_t fragment, fragment_mask; /* TCA_FLOWER_KEY_FLAGS_* */
};

/*
 * Keys that select the packets of `m`.  `indev`: name of the device the match
 * wants, NULL if it is not there.  0; else what flower cannot say, and *ret is
 * untouched.
 */
uint32_t ofl_tc_keys_make(const struct ofl_match *m, const char *indev,
			  struct ofl_tc_keys *ret);
/* What of a match no flower filter can say; an ingress device can. */
uint32_t ofl_tc_keys_missing(const struct ofl_match *m);
/* Look at a field or number no more (and the address with it). */
void ofl_tc_keys_widen(struct ofl_match *m, uint32_t fields);

/* Matches that are the match together, TTL and fragments in a form flower can
 * say; the most there are, and how many. */
#define OFL_TC_SPLIT_MAX 32
unsigned int ofl_tc_keys_split(const struct ofl_match *m,
			       struct ofl_match ret[OFL_TC_SPLIT_MAX]);

/* prov_tc_keys_attr.c */
/* Attributes of flower; into the nest of its options. */
void ofl_tc_keys_encode(struct ofl_tc_writer *w, const struct ofl_tc_keys *k);
/* Protocol of a filter with these keys (host order): ETH_P_8021Q if it wants a
 * tag, for nowhere else does the kernel tell of it, else ETH_P_ALL. */
uint16_t ofl_tc_keys_protocol(const struct ofl_tc_keys *k);
/* `tb` is indexed by TCA_FLOWER_*, OFL_TC_FLOWER_ATTRS of them; `protocol` is
 * the filter's.  False: something no key holds. */
bool ofl_tc_keys_decode(const struct nlattr **tb, uint16_t protocol,
			struct ofl_tc_keys *ret);
bool ofl_tc_keys_eq(const struct ofl_tc_keys *a, const struct ofl_tc_keys *b);
/* Added to a digest of prov_tc_attr.h: of what eq() compares. */
uint64_t ofl_tc_keys_digest(uint64_t digest, const struct ofl_tc_keys *k);

#endif /* OFFLOADD_PROVIDER_PROV_TC_KEYS_H */
