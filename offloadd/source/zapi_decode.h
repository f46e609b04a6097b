/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of ZAPI messages into values.  Pure: no allocation, no log, no FRR
 * structure, every byte checked against the length; fit for a fuzzer.
 *
 * libfrr's own decoder fills (and first clears) 89 KB for each route, which
 * is most of what a feed of a million would cost; a route with one next hop
 * touches a hundred bytes here.
 */
#ifndef OFFLOADD_SOURCE_ZAPI_DECODE_H
#define OFFLOADD_SOURCE_ZAPI_DECODE_H

#include "offloadd/source/source.h"

/* The header in front of every message. */
#define OFL_ZAPI_HEADER_BYTES 10

struct ofl_zapi_header {
	uint16_t bytes; /* of the whole message, at least the header's */
	uint16_t command;
	uint32_t vrf;
};
/* `data` has at least OFL_ZAPI_HEADER_BYTES.  False: this is no ZAPI of the
 * version this was built for, the conversation cannot go on. */
bool ofl_zapi_header_decode(const uint8_t *data, struct ofl_zapi_header *ret);

enum ofl_zapi_decoded {
	OFL_ZAPI_OK = 0,
	OFL_ZAPI_IGNORED,   /* well-formed, but not about unicast routes */
	OFL_ZAPI_MALFORMED, /* *ret is not to be used */
};

struct ofl_zapi_route {
	struct ofl_key key;
	struct ofl_facts facts;
	bool has_src; /* only for packets from `src` (IPv6) */
	struct ofl_prefix src;
	uint16_t nh_count; /* may be more than are stored */
	struct ofl_rawnh nh[OFL_RAWNH_MAX];
};
/* REDISTRIBUTE_ROUTE_ADD and _DEL: the body behind the header. */
enum ofl_zapi_decoded ofl_zapi_route_decode(const uint8_t *body, size_t len,
					    uint32_t vrf,
					    struct ofl_zapi_route *ret);

struct ofl_zapi_nht {
	uint8_t family;
	uint8_t gw[16];
	uint16_t nh_count;
	struct ofl_rawnh nh[OFL_RAWNH_MAX];
};
/* NEXTHOP_UPDATE. */
enum ofl_zapi_decoded ofl_zapi_nht_decode(const uint8_t *body, size_t len,
					  struct ofl_zapi_nht *ret);

struct ofl_zapi_address {
	uint32_t ifindex;
	bool is_peer; /* point to point: no subnet, no broadcast */
	uint8_t family;
	uint8_t plen;
	uint8_t addr[16];
};
/* INTERFACE_ADDRESS_ADD and _DELETE. */
enum ofl_zapi_decoded ofl_zapi_address_decode(const uint8_t *body, size_t len,
					      struct ofl_zapi_address *ret);

struct ofl_zapi_vrf {
	bool is_netns;	/* of its own: its interface numbers are not ours */
	uint32_t table; /* of the kernel */
};
/* VRF_ADD. */
enum ofl_zapi_decoded ofl_zapi_vrf_decode(const uint8_t *body, size_t len,
					  struct ofl_zapi_vrf *ret);
/* INTERFACE_ADD, _DELETE: which interface. */
enum ofl_zapi_decoded ofl_zapi_interface_decode(const uint8_t *body, size_t len,
						uint32_t *ret_ifindex);

#endif /* OFFLOADD_SOURCE_ZAPI_DECODE_H */
