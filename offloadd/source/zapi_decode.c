// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ZAPI messages, byte by byte; see zapi_decode.h.  Of FRR's headers only
 * constants are used.
 *
 * A reader that ran past the end remembers it and gives zeroes; it is asked
 * once, at the end of a message.  A message must be used up exactly: one byte
 * more or less means that zebra speaks another dialect than this.
 */
#include <zebra.h>

#include "if.h"
#include "nexthop.h"
#include "vrf.h"
#include "zclient.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/source/zapi_decode.h"

_Static_assert(ZEBRA_HEADER_SIZE == OFL_ZAPI_HEADER_BYTES, "ZAPI header");
_Static_assert(ZSERV_VERSION == 6, "written for ZAPI version 6");

/* Bits of a route's message word that say how it is built. */
#define KNOWN_MESSAGE_BITS                                                     \
	(ZAPI_MESSAGE_NEXTHOP | ZAPI_MESSAGE_DISTANCE | ZAPI_MESSAGE_METRIC |  \
	 ZAPI_MESSAGE_TAG | ZAPI_MESSAGE_MTU | ZAPI_MESSAGE_SRCPFX |           \
	 ZAPI_MESSAGE_BACKUP_NEXTHOPS | ZAPI_MESSAGE_NHG |                     \
	 ZAPI_MESSAGE_TABLEID | ZAPI_MESSAGE_SRTE | ZAPI_MESSAGE_OPAQUE)

struct reader {
	const uint8_t *p;
	size_t left;
	bool bad;
};

/* The next n bytes, or NULL if there are not so many. */
static const uint8_t *take(struct reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->left < n) {
		r->left = 0;
		r->bad = true;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

static uint8_t get8(struct reader *r)
{
	const uint8_t *p = take(r, 1);

	return p ? p[0] : 0;
}

static uint16_t get16(struct reader *r)
{
	const uint8_t *p = take(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static uint32_t get32(struct reader *r)
{
	const uint8_t *p = take(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | p[3]
		 : 0;
}

static void get_bytes(struct reader *r, void *to, size_t n)
{
	const uint8_t *p = take(r, n);

	if (p)
		memcpy(to, p, n);
}

static bool family_ok(uint32_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static size_t family_bytes(uint8_t family)
{
	return ofl_family_bits(family) / 8;
}

static enum ofl_zapi_decoded verdict(const struct reader *r)
{
	return r->bad || r->left ? OFL_ZAPI_MALFORMED : OFL_ZAPI_OK;
}

bool ofl_zapi_header_decode(const uint8_t *data, struct ofl_zapi_header *ret)
{
	struct reader r = {.p = data, .left = OFL_ZAPI_HEADER_BYTES};
	uint8_t marker, version;

	ret->bytes = get16(&r);
	marker = get8(&r);
	version = get8(&r);
	ret->vrf = get32(&r);
	ret->command = get16(&r);
	return marker == ZEBRA_HEADER_MARKER && version == ZSERV_VERSION &&
	       ret->bytes >= OFL_ZAPI_HEADER_BYTES;
}

/* A prefix of `plen` bits in as few bytes as they need. */
static void get_prefix(struct reader *r, uint8_t family, struct ofl_prefix *ret)
{
	uint8_t addr[16] = {0}, plen = get8(r);

	if (plen > ofl_family_bits(family)) {
		r->bad = true;
		return;
	}
	get_bytes(r, addr, (plen + 7) / 8);
	*ret = ofl_prefix_make(family, addr, plen);
}

/* --- next hops --- */

static void get_gateway(struct reader *r, uint8_t family, struct ofl_rawnh *nh)
{
	nh->family = family;
	get_bytes(r, nh->gw, family_bytes(family));
	nh->ifindex = get32(r);
	nh->kind = nh->ifindex ? OFL_RAWNH_GATEWAY : OFL_RAWNH_RECURSIVE;
}

static void get_where(struct reader *r, uint8_t type, struct ofl_rawnh *nh)
{
	uint8_t hole;

	switch (type) {
	case NEXTHOP_TYPE_IFINDEX:
		nh->kind = OFL_RAWNH_INTERFACE;
		nh->ifindex = get32(r);
		break;
	case NEXTHOP_TYPE_IPV4:
	case NEXTHOP_TYPE_IPV4_IFINDEX:
		get_gateway(r, AF_INET, nh);
		break;
	case NEXTHOP_TYPE_IPV6:
	case NEXTHOP_TYPE_IPV6_IFINDEX:
		get_gateway(r, AF_INET6, nh);
		break;
	case NEXTHOP_TYPE_BLACKHOLE:
		hole = get8(r);
		nh->kind = hole == BLACKHOLE_REJECT ||
					   hole == BLACKHOLE_ADMINPROHIB
				   ? OFL_RAWNH_REJECT
				   : OFL_RAWNH_BLACKHOLE;
		break;
	default:
		r->bad = true;
	}
}

static void skip_labels(struct reader *r)
{
	size_t n = get8(r);

	take(r, OFL_ZAPI_LABEL_TYPE + n * sizeof(mpls_label_t));
}

static void skip_segments(struct reader *r)
{
	size_t n = OFL_ZAPI_SEG6_IS_LIST ? get8(r) : 1;

	take(r, n * sizeof(struct in6_addr) + OFL_ZAPI_SEG6_TAIL_BYTES);
}

/* Ours are small: what is more than fits counts as that. */
static uint8_t get_weight(struct reader *r)
{
	uint32_t high = OFL_ZAPI_WEIGHT_BYTES > 4 ? get32(r) : 0;
	uint32_t low = get32(r);

	if (high || low > UINT8_MAX)
		return UINT8_MAX;
	return low ? (uint8_t)low : 1;
}

/* One next hop.  Returns its flags. */
static uint8_t get_nexthop(struct reader *r, uint32_t message,
			   struct ofl_rawnh *nh)
{
	uint8_t type, flags;

	memset(nh, 0, sizeof(*nh));
	nh->vrf = get32(r);
	type = get8(r);
	flags = get8(r);
	get_where(r, type, nh);
	if (flags & ZAPI_NEXTHOP_FLAG_LABEL)
		skip_labels(r);
	nh->weight = 1;
	if (flags & ZAPI_NEXTHOP_FLAG_WEIGHT)
		nh->weight = get_weight(r);
	if (flags & ZAPI_NEXTHOP_FLAG_EVPN)
		take(r, sizeof(struct ethaddr));
	if (message & ZAPI_MESSAGE_SRTE)
		take(r, sizeof(uint32_t));
	if (flags & ZAPI_NEXTHOP_FLAG_HAS_BACKUP)
		take(r, get8(r));
	if (flags & ZAPI_NEXTHOP_FLAG_SEG6LOCAL)
		take(r, sizeof(uint32_t) + sizeof(struct seg6local_context));
	if (flags & ZAPI_NEXTHOP_FLAG_SEG6)
		skip_segments(r);
	nh->encap =
		flags & (ZAPI_NEXTHOP_FLAG_LABEL | ZAPI_NEXTHOP_FLAG_EVPN |
			 ZAPI_NEXTHOP_FLAG_SEG6LOCAL | ZAPI_NEXTHOP_FLAG_SEG6);
	return flags;
}

/* Next hops beyond what fits are read and dropped; the count tells. */
static void get_nexthops(struct reader *r, uint32_t message, uint16_t count,
			 struct ofl_rawnh *nh)
{
	struct ofl_rawnh spare;

	for (uint16_t i = 0; i < count && !r->bad; i++)
		get_nexthop(r, message, i < OFL_RAWNH_MAX ? &nh[i] : &spare);
}

/* --- routes --- */

/* Redistribution leaves the labels of a next hop out.  Where there may be
 * some, packets are not ours to send without them: EVPN routes, and routes
 * BGP took over from another VRF, where L3VPN cannot be told from leaking. */
static void suspect_encap(struct ofl_zapi_route *route, uint32_t flags)
{
	size_t n = MIN(route->nh_count, OFL_RAWNH_MAX);

	for (size_t i = 0; i < n; i++) {
		struct ofl_rawnh *nh = &route->nh[i];

		if (flags & ZEBRA_FLAG_EVPN_ROUTE)
			nh->encap = true;
		if (route->facts.proto == ZEBRA_ROUTE_BGP && nh->family &&
		    nh->vrf != route->key.vrf)
			nh->encap = true;
	}
}

static void skip_backups(struct reader *r, uint32_t message)
{
	struct ofl_rawnh spare;

	for (uint16_t n = get16(r); n && !r->bad; n--)
		get_nexthop(r, message, &spare);
}

static void get_attributes(struct reader *r, uint32_t message,
			   struct ofl_facts *facts)
{
	if (message & ZAPI_MESSAGE_DISTANCE)
		facts->distance = get8(r);
	if (message & ZAPI_MESSAGE_METRIC)
		facts->metric = get32(r);
	if (message & ZAPI_MESSAGE_TAG)
		facts->tag = get32(r);
	if (message & ZAPI_MESSAGE_MTU)
		get32(r);
	if (message & ZAPI_MESSAGE_TABLEID)
		get32(r);
	if (message & ZAPI_MESSAGE_OPAQUE)
		take(r, get16(r));
}

enum ofl_zapi_decoded ofl_zapi_route_decode(const uint8_t *body, size_t len,
					    uint32_t vrf,
					    struct ofl_zapi_route *ret)
{
	struct reader r = {.p = body, .left = len};
	uint32_t flags, message;
	uint8_t safi, family;

	ret->facts = (struct ofl_facts){.proto = get8(&r)};
	ret->facts.instance = get16(&r);
	flags = get32(&r);
	message = get32(&r);
	safi = get8(&r);
	family = get8(&r);
	if (r.bad || ret->facts.proto >= ZEBRA_ROUTE_MAX ||
	    !family_ok(family) || message & ~KNOWN_MESSAGE_BITS)
		return OFL_ZAPI_MALFORMED;
	ret->key.vrf = vrf;
	get_prefix(&r, family, &ret->key.p);
	ret->has_src = message & ZAPI_MESSAGE_SRCPFX;
	if (ret->has_src) {
		if (family != AF_INET6)
			return OFL_ZAPI_MALFORMED;
		get_prefix(&r, family, &ret->src);
	}
	if (message & ZAPI_MESSAGE_NHG)
		get32(&r);
	ret->nh_count = 0;
	if (message & ZAPI_MESSAGE_NEXTHOP) {
		ret->nh_count = get16(&r);
		get_nexthops(&r, message, ret->nh_count, ret->nh);
	}
	if (message & ZAPI_MESSAGE_BACKUP_NEXTHOPS)
		skip_backups(&r, message);
	get_attributes(&r, message, &ret->facts);
	if (verdict(&r) != OFL_ZAPI_OK)
		return OFL_ZAPI_MALFORMED;
	suspect_encap(ret, flags);
	return safi == SAFI_UNICAST ? OFL_ZAPI_OK : OFL_ZAPI_IGNORED;
}

/* --- next-hop tracking --- */

/* Backup next hops follow the real ones without a sign between them; but
 * those that have a backup are real.  Sending to these alone is right. */
static void drop_backups(struct ofl_zapi_nht *nht, const uint8_t *flags)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < nht->nh_count; i++)
		if (flags[i] & ZAPI_NEXTHOP_FLAG_HAS_BACKUP)
			nht->nh[kept++] = nht->nh[i];
	if (kept)
		nht->nh_count = kept;
}

enum ofl_zapi_decoded ofl_zapi_nht_decode(const uint8_t *body, size_t len,
					  struct ofl_zapi_nht *ret)
{
	struct reader r = {.p = body, .left = len};
	uint8_t flags[OFL_RAWNH_MAX] = {0};
	uint16_t safi, family;
	uint32_t message;

	message = get32(&r);
	safi = get16(&r);
	family = get16(&r);
	if (r.bad || !family_ok(family) ||
	    get8(&r) != ofl_family_bits((uint8_t)family))
		return OFL_ZAPI_MALFORMED;
	ret->family = (uint8_t)family;
	memset(ret->gw, 0, sizeof(ret->gw));
	get_bytes(&r, ret->gw, family_bytes(ret->family));
	/* The prefix it was matched with; without one the family is that of
	 * what was asked for, or nothing. */
	family = get16(&r);
	get8(&r);
	if (family_ok(family))
		take(&r, family_bytes((uint8_t)family));
	if (message & ZAPI_MESSAGE_SRTE)
		get32(&r);
	take(&r, 1 + 2 + 1 + 4); /* type, instance, distance, metric */
	ret->nh_count = OFL_ZAPI_NHT_COUNT_BYTES > 1 ? get16(&r) : get8(&r);
	if (ret->nh_count > OFL_RAWNH_MAX)
		return OFL_ZAPI_MALFORMED;
	for (uint16_t i = 0; i < ret->nh_count && !r.bad; i++)
		flags[i] = get_nexthop(&r, message, &ret->nh[i]);
	if (verdict(&r) != OFL_ZAPI_OK)
		return OFL_ZAPI_MALFORMED;
	drop_backups(ret, flags);
	return safi == SAFI_UNICAST ? OFL_ZAPI_OK : OFL_ZAPI_IGNORED;
}

/* --- interfaces and VRFs --- */

enum ofl_zapi_decoded ofl_zapi_address_decode(const uint8_t *body, size_t len,
					      struct ofl_zapi_address *ret)
{
	struct reader r = {.p = body, .left = len};

	ret->ifindex = get32(&r);
	ret->is_peer = get8(&r) & ZEBRA_IFA_PEER;
	ret->family = get8(&r);
	if (r.bad || !family_ok(ret->family))
		return OFL_ZAPI_MALFORMED;
	memset(ret->addr, 0, sizeof(ret->addr));
	get_bytes(&r, ret->addr, family_bytes(ret->family));
	ret->plen = get8(&r);
	take(&r, family_bytes(ret->family)); /* the other end */
	if (ret->plen > ofl_family_bits(ret->family))
		return OFL_ZAPI_MALFORMED;
	return verdict(&r);
}

enum ofl_zapi_decoded ofl_zapi_vrf_decode(const uint8_t *body, size_t len,
					  struct ofl_zapi_vrf *ret)
{
	struct vrf_data data;

	/* zebra sends the structure as it lies in memory. */
	if (len != sizeof(data) + VRF_NAMSIZ)
		return OFL_ZAPI_MALFORMED;
	memcpy(&data, body, sizeof(data));
	ret->is_netns = data.l.netns_name[0];
	ret->table = data.l.table_id;
	return OFL_ZAPI_OK;
}

enum ofl_zapi_decoded ofl_zapi_interface_decode(const uint8_t *body, size_t len,
						uint32_t *ret_ifindex)
{
	struct reader r = {.p = body, .left = len};

	take(&r, IFNAMSIZ);
	*ret_ifindex = get32(&r);
	return r.bad ? OFL_ZAPI_MALFORMED : OFL_ZAPI_OK;
}
