// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The compact ZAPI decoder against libfrr's own encoder and decoder, for
 * everything a message may carry, then against every truncation and against
 * random damage.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "nexthop.h"
#include "prefix.h"
#include "stream.h"
#include "vrf.h"
#include "zclient.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/source/zapi_decode.h"

#define VRF 7

static struct stream *s;
static struct zapi_route *route;
static struct zapi_route *again; /* libfrr's decoding of the same bytes */
static struct ofl_zapi_route got;

static int setup_all(void **state)
{
	s = stream_new(65535);
	route = calloc(1, sizeof(*route));
	again = calloc(1, sizeof(*again));
	return !s || !route || !again;
}

static int teardown_all(void **state)
{
	stream_free(s);
	free(route);
	free(again);
	return 0;
}

/* --- building --- */

static void begin(const char *prefix)
{
	memset(route, 0, sizeof(*route));
	route->vrf_id = VRF;
	route->type = ZEBRA_ROUTE_BGP;
	route->safi = SAFI_UNICAST;
	assert_true(str2prefix(prefix, &route->prefix));
	apply_mask(&route->prefix);
}

static struct zapi_nexthop *nexthop(enum nexthop_types_t type)
{
	struct zapi_nexthop *nh = &route->nexthops[route->nexthop_num++];

	SET_FLAG(route->message, ZAPI_MESSAGE_NEXTHOP);
	nh->type = type;
	nh->vrf_id = VRF;
	nh->weight = 1;
	switch (type) {
	case NEXTHOP_TYPE_IPV4_IFINDEX:
		nh->ifindex = 3;
		/* fallthrough */
	case NEXTHOP_TYPE_IPV4:
		inet_pton(AF_INET, "192.0.2.1", &nh->gate.ipv4);
		break;
	case NEXTHOP_TYPE_IPV6_IFINDEX:
		nh->ifindex = 4;
		/* fallthrough */
	case NEXTHOP_TYPE_IPV6:
		inet_pton(AF_INET6, "2001:db8::1", &nh->gate.ipv6);
		break;
	case NEXTHOP_TYPE_IFINDEX:
		nh->ifindex = 5;
		break;
	case NEXTHOP_TYPE_BLACKHOLE:
		nh->bh_type = BLACKHOLE_NULL;
		break;
	}
	return nh;
}

static const uint8_t *encode(size_t *ret_len)
{
	assert_int_equal(
		zapi_route_encode(ZEBRA_REDISTRIBUTE_ROUTE_ADD, s, route), 0);
	*ret_len = stream_get_endp(s) - ZEBRA_HEADER_SIZE;
	return STREAM_DATA(s) + ZEBRA_HEADER_SIZE;
}

static enum ofl_zapi_decoded decode(void)
{
	size_t len;
	const uint8_t *body = encode(&len);

	return ofl_zapi_route_decode(body, len, VRF, &got);
}

/* --- comparing --- */

static void compare_nexthop(const struct zapi_nexthop *a,
			    const struct ofl_rawnh *b)
{
	bool encap = a->flags &
		     (ZAPI_NEXTHOP_FLAG_LABEL | ZAPI_NEXTHOP_FLAG_EVPN |
		      ZAPI_NEXTHOP_FLAG_SEG6 | ZAPI_NEXTHOP_FLAG_SEG6LOCAL);
	uint8_t zero[16] = {0};

	assert_int_equal(b->vrf, a->vrf_id);
	assert_int_equal(b->encap, encap);
	assert_int_equal(b->weight, MAX(MIN(a->weight, 255u), 1u));
	switch (a->type) {
	case NEXTHOP_TYPE_IFINDEX:
		assert_int_equal(b->kind, OFL_RAWNH_INTERFACE);
		assert_int_equal(b->family, 0);
		assert_int_equal(b->ifindex, a->ifindex);
		break;
	case NEXTHOP_TYPE_IPV4:
	case NEXTHOP_TYPE_IPV4_IFINDEX:
		assert_int_equal(b->kind, a->ifindex ? OFL_RAWNH_GATEWAY
						     : OFL_RAWNH_RECURSIVE);
		assert_int_equal(b->family, AF_INET);
		assert_int_equal(b->ifindex, a->ifindex);
		assert_memory_equal(b->gw, &a->gate.ipv4, 4);
		assert_memory_equal(b->gw + 4, zero, 12);
		break;
	case NEXTHOP_TYPE_IPV6:
	case NEXTHOP_TYPE_IPV6_IFINDEX:
		assert_int_equal(b->kind, a->ifindex ? OFL_RAWNH_GATEWAY
						     : OFL_RAWNH_RECURSIVE);
		assert_int_equal(b->family, AF_INET6);
		assert_int_equal(b->ifindex, a->ifindex);
		assert_memory_equal(b->gw, &a->gate.ipv6, 16);
		break;
	case NEXTHOP_TYPE_BLACKHOLE:
		assert_int_equal(b->kind,
				 a->bh_type == BLACKHOLE_REJECT ||
						 a->bh_type ==
							 BLACKHOLE_ADMINPROHIB
					 ? OFL_RAWNH_REJECT
					 : OFL_RAWNH_BLACKHOLE);
		assert_int_equal(b->ifindex, 0);
		break;
	}
}

/* Decode with both and compare; the damaged forms must be noticed. */
static void check(void)
{
	size_t len;
	const uint8_t *body = encode(&len);
	struct ofl_prefix p;
	uint8_t *copy;

	stream_set_getp(s, ZEBRA_HEADER_SIZE);
	assert_int_equal(zapi_route_decode(s, again), 0);
	assert_int_equal(ofl_zapi_route_decode(body, len, VRF, &got),
			 OFL_ZAPI_OK);
	p = ofl_prefix_make(again->prefix.family, &again->prefix.u.prefix,
			    again->prefix.prefixlen);
	assert_int_equal(got.key.vrf, VRF);
	assert_int_equal(ofl_prefix_cmp(&got.key.p, &p), 0);
	assert_int_equal(got.facts.proto, again->type);
	assert_int_equal(got.facts.instance, again->instance);
	assert_int_equal(got.facts.distance, again->distance);
	assert_int_equal(got.facts.metric, again->metric);
	assert_int_equal(got.facts.tag, again->tag);
	assert_int_equal(got.has_src,
			 !!CHECK_FLAG(again->message, ZAPI_MESSAGE_SRCPFX));
	if (got.has_src) {
		p = ofl_prefix_make(AF_INET6, &again->src_prefix.prefix,
				    again->src_prefix.prefixlen);
		assert_int_equal(ofl_prefix_cmp(&got.src, &p), 0);
	}
	assert_int_equal(got.nh_count, again->nexthop_num);
	for (size_t i = 0; i < got.nh_count; i++)
		compare_nexthop(&again->nexthops[i], &got.nh[i]);

	/* Each truncation in memory of exactly its size: a read behind the end
	 * is for the sanitizer. */
	for (size_t cut = 0; cut<len; cut += len> 2000 ? 97 : 1) {
		copy = malloc(cut ? cut : 1);
		memcpy(copy, body, cut);
		assert_int_equal(ofl_zapi_route_decode(copy, cut, VRF, &got),
				 OFL_ZAPI_MALFORMED);
		free(copy);
	}
	copy = calloc(1, len + 1);
	memcpy(copy, body, len);
	assert_int_equal(ofl_zapi_route_decode(copy, len + 1, VRF, &got),
			 OFL_ZAPI_MALFORMED);
	free(copy);
}

/* --- routes --- */

static void test_prefixes(void **state)
{
	static const char *const prefixes[] = {
		"0.0.0.0/0",
		"10.0.0.0/8",
		"10.1.128.0/17",
		"10.1.2.3/32",
		"::/0",
		"2001:db8::/32",
		"2000::/3",
		"2001:db8::8000/113",
		"2001:db8::1/128",
	};

	for (size_t i = 0; i < array_size(prefixes); i++) {
		begin(prefixes[i]);
		nexthop(NEXTHOP_TYPE_IPV4_IFINDEX);
		check();
	}
}

static void test_nexthop_types(void **state)
{
	for (int t = NEXTHOP_TYPE_IFINDEX; t <= NEXTHOP_TYPE_BLACKHOLE; t++) {
		begin("10.0.0.0/8");
		nexthop(t);
		check();
	}
	for (int b = BLACKHOLE_UNSPEC; b <= BLACKHOLE_ADMINPROHIB; b++) {
		begin("10.0.0.0/8");
		nexthop(NEXTHOP_TYPE_BLACKHOLE)->bh_type = b;
		check();
	}
	begin("10.0.0.0/8"); /* none at all */
	check();
	begin("10.0.0.0/8"); /* resolved by zebra, though the type has no index
			      */
	nexthop(NEXTHOP_TYPE_IPV4)->ifindex = 9;
	check();
}

static void test_nexthop_flags(void **state)
{
	static const uint32_t weights[] = {0, 1, 255, 256, 0xffffffff};
	struct zapi_nexthop *nh;

	for (unsigned int bits = 0; bits < 128; bits++) {
		begin("2001:db8::/32");
		if (bits & 1)
			SET_FLAG(route->message, ZAPI_MESSAGE_SRTE);
		nh = nexthop(NEXTHOP_TYPE_IPV6_IFINDEX);
		nh->srte_color = 77;
		if (bits & 2) {
			nh->label_num = 1 + bits % MPLS_MAX_LABELS;
			nh->labels[0] = 100;
		}
		if (bits & 4) {
			SET_FLAG(nh->flags, ZAPI_NEXTHOP_FLAG_HAS_BACKUP);
			nh->backup_num = 1 + bits % NEXTHOP_MAX_BACKUPS;
		}
		if (bits & 8)
			SET_FLAG(nh->flags, ZAPI_NEXTHOP_FLAG_EVPN);
		if (bits & 16) {
			SET_FLAG(nh->flags, ZAPI_NEXTHOP_FLAG_SEG6LOCAL);
			nh->seg6local_action = 3;
		}
		if (bits & 32)
			SET_FLAG(nh->flags, ZAPI_NEXTHOP_FLAG_SEG6);
		if (bits & 64)
			SET_FLAG(nh->flags, ZAPI_NEXTHOP_FLAG_ONLINK);
		nh->weight = weights[bits % array_size(weights)];
		nexthop(NEXTHOP_TYPE_IPV4); /* and one behind it */
		check();
	}
}

static void test_attributes(void **state)
{
	static const uint32_t messages[] = {
		ZAPI_MESSAGE_DISTANCE,
		ZAPI_MESSAGE_METRIC,
		ZAPI_MESSAGE_TAG,
		ZAPI_MESSAGE_MTU,
		ZAPI_MESSAGE_NHG,
		ZAPI_MESSAGE_TABLEID,
		ZAPI_MESSAGE_OPAQUE,
		ZAPI_MESSAGE_SRCPFX,
		ZAPI_MESSAGE_BACKUP_NEXTHOPS,
	};

	for (unsigned int bits = 0; bits < 1u << array_size(messages); bits++) {
		begin("2001:db8::/32");
		route->instance = 12;
		for (size_t i = 0; i < array_size(messages); i++)
			if (bits & 1u << i)
				SET_FLAG(route->message, messages[i]);
		nexthop(NEXTHOP_TYPE_IPV6);
		route->distance = 20;
		route->metric = 0x01020304;
		route->tag = 0xfffffffe;
		route->mtu = 1500;
		route->nhgid = 1234;
		route->tableid = 254;
		route->opaque.length = bits % 100;
		str2prefix_ipv6("2001:db8:1::/48", &route->src_prefix);
		route->backup_nexthop_num = 2;
		route->backup_nexthops[0] = route->nexthops[0];
		route->backup_nexthops[0].label_num = 2;
		route->backup_nexthops[1] = route->nexthops[0];
		check();
	}
}

static void test_ecmp(void **state)
{
	begin("10.0.0.0/8");
	for (uint32_t i = 0; i < MULTIPATH_NUM; i++)
		nexthop(NEXTHOP_TYPE_IPV4_IFINDEX)->gate.ipv4.s_addr = htonl(i);
	check();
}

/* More next hops than any zebra of this build sends: told, not stored. */
static void test_too_many_nexthops(void **state)
{
	uint8_t *body, *p;
	size_t one, head = 17, n = OFL_RAWNH_MAX + 3, len;

	begin("10.0.0.0/8");
	nexthop(NEXTHOP_TYPE_BLACKHOLE);
	encode(&len);
	one = len - head;
	body = malloc(head + n * one);
	memcpy(body, STREAM_DATA(s) + ZEBRA_HEADER_SIZE, head);
	body[head - 2] = (uint8_t)(n >> 8);
	body[head - 1] = (uint8_t)n;
	p = body + head;
	for (size_t i = 0; i < n; i++, p += one)
		memcpy(p, STREAM_DATA(s) + ZEBRA_HEADER_SIZE + head, one);
	assert_int_equal(ofl_zapi_route_decode(body, head + n * one, VRF, &got),
			 OFL_ZAPI_OK);
	assert_int_equal(got.nh_count, n);
	free(body);
}

static void test_refused(void **state)
{
	uint8_t copy[64];
	size_t len;

	begin("10.0.0.0/8");
	nexthop(NEXTHOP_TYPE_IPV4);
	encode(&len);
	struct {
		size_t at;
		uint8_t value;
	} bad[] = {
		{0, ZEBRA_ROUTE_MAX}, /* protocol */
		{7, 0xff},	      /* message bits nobody knows */
		{12, AF_UNIX},	      /* family */
		{13, 33},	      /* prefix length */
		{21, 99},	      /* type of next hop */
		{10, 0x20},	      /* a source prefix, on IPv4 */
	};

	for (size_t i = 0; i < array_size(bad); i++) {
		memcpy(copy, STREAM_DATA(s) + ZEBRA_HEADER_SIZE, len);
		copy[bad[i].at] = bad[i].value;
		assert_int_equal(ofl_zapi_route_decode(copy, len, VRF, &got),
				 OFL_ZAPI_MALFORMED);
	}
	begin("10.0.0.0/8");
	route->safi = SAFI_MULTICAST;
	nexthop(NEXTHOP_TYPE_IPV4);
	assert_int_equal(decode(), OFL_ZAPI_IGNORED);
}

static void test_suspected_labels(void **state)
{
	begin("10.0.0.0/8");
	SET_FLAG(route->flags, ZEBRA_FLAG_EVPN_ROUTE);
	nexthop(NEXTHOP_TYPE_IPV4_IFINDEX);
	assert_int_equal(decode(), OFL_ZAPI_OK);
	assert_true(got.nh[0].encap);

	/* BGP, from another VRF: L3VPN or leaking, nobody can tell. */
	begin("10.0.0.0/8");
	nexthop(NEXTHOP_TYPE_IPV4)->vrf_id = VRF + 1;
	assert_int_equal(decode(), OFL_ZAPI_OK);
	assert_true(got.nh[0].encap);

	begin("10.0.0.0/8");
	route->type = ZEBRA_ROUTE_STATIC;
	nexthop(NEXTHOP_TYPE_IPV4)->vrf_id = VRF + 1;
	assert_int_equal(decode(), OFL_ZAPI_OK);
	assert_false(got.nh[0].encap);
}

/* --- next-hop tracking, in the form zebra gives it --- */

static struct ofl_zapi_nht nht;

static size_t nht_begin(const char *gw, int resolved_family)
{
	struct prefix p;
	size_t count_at;

	stream_reset(s);
	assert_true(str2prefix(gw, &p));
	stream_putl(s, 0);
	stream_putw(s, SAFI_UNICAST);
	stream_putw(s, p.family);
	stream_putc(s, p.prefixlen);
	stream_put(s, &p.u.prefix, prefix_blen(&p));
	stream_putw(s, resolved_family);
	stream_putc(s, 24);
	if (resolved_family)
		stream_put(s, &p.u.prefix, resolved_family == AF_INET ? 4 : 16);
	stream_putc(s, ZEBRA_ROUTE_OSPF);
	stream_putw(s, 0);
	stream_putc(s, 110);
	stream_putl(s, 20);
	count_at = stream_get_endp(s) + OFL_ZAPI_NHT_COUNT_BYTES - 1;
	stream_put(s, NULL, OFL_ZAPI_NHT_COUNT_BYTES);
	return count_at;
}

static void nht_check(enum ofl_zapi_decoded expected)
{
	size_t len = stream_get_endp(s);
	uint8_t *copy;

	for (size_t cut = 0; cut < len; cut++) {
		copy = malloc(cut ? cut : 1);
		memcpy(copy, STREAM_DATA(s), cut);
		assert_int_equal(ofl_zapi_nht_decode(copy, cut, &nht),
				 OFL_ZAPI_MALFORMED);
		free(copy);
	}
	assert_int_equal(ofl_zapi_nht_decode(STREAM_DATA(s), len, &nht),
			 expected);
}

static void test_nht(void **state)
{
	struct zapi_nexthop *nh;
	size_t at;

	nht_begin("198.51.100.1/32", AF_INET);
	nht_check(OFL_ZAPI_OK);
	assert_int_equal(nht.nh_count, 0);
	assert_int_equal(nht.family, AF_INET);
	assert_int_equal(nht.gw[0], 198);

	at = nht_begin("2001:db8::9/128", AF_INET6);
	begin("10.0.0.0/8");
	nexthop(NEXTHOP_TYPE_IPV6_IFINDEX);
	nh = nexthop(NEXTHOP_TYPE_IFINDEX);
	nh->label_num = 1;
	for (int i = 0; i < 2; i++)
		zapi_nexthop_encode(s, &route->nexthops[i], 0, 0);
	stream_putc_at(s, at, 2);
	nht_check(OFL_ZAPI_OK);
	assert_int_equal(nht.family, AF_INET6);
	assert_int_equal(nht.nh_count, 2);
	assert_int_equal(nht.nh[0].kind, OFL_RAWNH_GATEWAY);
	assert_int_equal(nht.nh[1].kind, OFL_RAWNH_INTERFACE);
	assert_true(nht.nh[1].encap);

	nht_begin("198.51.100.0/24", AF_INET); /* no address */
	assert_int_equal(ofl_zapi_nht_decode(STREAM_DATA(s), stream_get_endp(s),
					     &nht),
			 OFL_ZAPI_MALFORMED);
	nht_begin("198.51.100.1/32", 0); /* matched by nothing */
	nht_check(OFL_ZAPI_OK);
}

static void test_nht_backups(void **state)
{
	struct zapi_nexthop *nh;
	size_t at = nht_begin("198.51.100.1/32", AF_INET);

	begin("10.0.0.0/8");
	nh = nexthop(NEXTHOP_TYPE_IPV4_IFINDEX);
	SET_FLAG(nh->flags, ZAPI_NEXTHOP_FLAG_HAS_BACKUP);
	nh->backup_num = 1;
	nexthop(NEXTHOP_TYPE_IPV4_IFINDEX)->ifindex = 99; /* the backup */
	for (int i = 0; i < 2; i++)
		zapi_nexthop_encode(s, &route->nexthops[i], 0, 0);
	stream_putc_at(s, at, 2);
	nht_check(OFL_ZAPI_OK);
	assert_int_equal(nht.nh_count, 1);
	assert_int_equal(nht.nh[0].ifindex, 3);
}

/* --- the rest --- */

static void test_header(void **state)
{
	struct ofl_zapi_header h;
	uint8_t bytes[OFL_ZAPI_HEADER_BYTES];

	stream_reset(s);
	zclient_create_header(s, ZEBRA_REDISTRIBUTE_ROUTE_ADD, 0x01020304);
	memcpy(bytes, STREAM_DATA(s), sizeof(bytes));
	assert_true(ofl_zapi_header_decode(bytes, &h));
	assert_int_equal(h.bytes, ZEBRA_HEADER_SIZE);
	assert_int_equal(h.command, ZEBRA_REDISTRIBUTE_ROUTE_ADD);
	assert_int_equal(h.vrf, 0x01020304);
	bytes[1] = 9; /* shorter than itself */
	assert_false(ofl_zapi_header_decode(bytes, &h));
	bytes[1] = 10;
	bytes[2] = 0; /* marker */
	assert_false(ofl_zapi_header_decode(bytes, &h));
	bytes[2] = ZEBRA_HEADER_MARKER;
	bytes[3]++; /* version */
	assert_false(ofl_zapi_header_decode(bytes, &h));
}

static void test_address(void **state)
{
	struct ofl_zapi_address a;
	struct in_addr in;

	inet_pton(AF_INET, "192.0.2.1", &in);
	stream_reset(s);
	stream_putl(s, 17);
	stream_putc(s, ZEBRA_IFA_PEER);
	stream_putc(s, AF_INET);
	stream_put(s, &in, 4);
	stream_putc(s, 24);
	stream_put(s, NULL, 4);
	assert_int_equal(ofl_zapi_address_decode(STREAM_DATA(s),
						 stream_get_endp(s), &a),
			 OFL_ZAPI_OK);
	assert_int_equal(a.ifindex, 17);
	assert_int_equal(a.plen, 24);
	assert_true(a.is_peer);
	assert_memory_equal(a.addr, &in, 4);
	for (size_t cut = 0; cut < stream_get_endp(s); cut++)
		assert_int_equal(ofl_zapi_address_decode(STREAM_DATA(s), cut,
							 &a),
				 OFL_ZAPI_MALFORMED);
	stream_putc_at(s, 10, 33);
	assert_int_equal(ofl_zapi_address_decode(STREAM_DATA(s),
						 stream_get_endp(s), &a),
			 OFL_ZAPI_MALFORMED);
}

static void test_vrf_and_interface(void **state)
{
	struct vrf_data data = {0};
	uint32_t ifindex;
	struct ofl_zapi_vrf v;

	stream_reset(s);
	stream_put(s, &data, sizeof(data));
	stream_put(s, NULL, VRF_NAMSIZ);
	assert_int_equal(ofl_zapi_vrf_decode(STREAM_DATA(s), stream_get_endp(s),
					     &v),
			 OFL_ZAPI_OK);
	assert_false(v.is_netns);
	STREAM_DATA(s)[offsetof(struct vrf_data, l.netns_name)] = 'x';
	ofl_zapi_vrf_decode(STREAM_DATA(s), stream_get_endp(s), &v);
	assert_true(v.is_netns);
	assert_int_equal(ofl_zapi_vrf_decode(STREAM_DATA(s),
					     stream_get_endp(s) - 1, &v),
			 OFL_ZAPI_MALFORMED);

	stream_reset(s);
	stream_put(s, NULL, IFNAMSIZ);
	stream_putl(s, 42);
	stream_putl(s, 0);
	assert_int_equal(ofl_zapi_interface_decode(
				 STREAM_DATA(s), stream_get_endp(s), &ifindex),
			 OFL_ZAPI_OK);
	assert_int_equal(ifindex, 42);
	assert_int_equal(ofl_zapi_interface_decode(STREAM_DATA(s), 5, &ifindex),
			 OFL_ZAPI_MALFORMED);
}

/* Random damage: whatever it is taken for, memory stays whole and a message
 * taken for good holds nothing impossible. */
static void test_damage(void **state)
{
	unsigned int seed = 1, good = 0;
	uint8_t *copy;
	size_t len;

	begin("2001:db8::/32");
	SET_FLAG(route->message, ZAPI_MESSAGE_OPAQUE | ZAPI_MESSAGE_SRTE);
	nexthop(NEXTHOP_TYPE_IPV6_IFINDEX)->label_num = 3;
	nexthop(NEXTHOP_TYPE_IPV4);
	nexthop(NEXTHOP_TYPE_BLACKHOLE);
	route->opaque.length = 5;
	encode(&len);
	for (int round = 0; round < 200000; round++) {
		copy = malloc(len);
		memcpy(copy, STREAM_DATA(s) + ZEBRA_HEADER_SIZE, len);
		for (int i = rand_r(&seed) % 4; i >= 0; i--)
			copy[rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
		if (ofl_zapi_route_decode(copy, len, VRF, &got) ==
		    OFL_ZAPI_OK) {
			good++;
			assert_true(got.key.p.plen <=
				    ofl_family_bits(got.key.p.family));
			for (size_t i = 0; i < got.nh_count; i++)
				assert_true(got.nh[i].kind <= OFL_RAWNH_REJECT);
		}
		ofl_zapi_nht_decode(copy, len, &nht);
		free(copy);
	}
	assert_true(good > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_nexthop_types),
		cmocka_unit_test(test_nexthop_flags),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_ecmp),
		cmocka_unit_test(test_too_many_nexthops),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_suspected_labels),
		cmocka_unit_test(test_nht),
		cmocka_unit_test(test_nht_backups),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_vrf_and_interface),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
