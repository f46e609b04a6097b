// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever zebra's socket may bring: each message alone, and a stream of them
 * in pieces of any size through the bulk reader into the mirror of the RIB.
 *
 * The first byte says which: 0..5 one message, else a stream, whose second byte
 * seeds the sizes of its pieces.  The framing is read here a second time, in
 * the plainest way; what is decoded must be sound, and a message with one byte
 * less must be none.
 */
#include <zebra.h>

#include "network.h"
#include "vrf.h"
#include "zclient.h"

#include "offloadd/source/source.h"
#include "offloadd/source/zapi_bulk.h"

#include "tests/fuzz/fuzz.h"

static struct ofl_zapi_route route;
static struct ofl_zapi_nht nht;

/* --- what is decoded is sound --- */

static void check_prefix(const struct ofl_prefix *p)
{
	struct ofl_prefix again;

	FUZZ_CHECK(p->family == AF_INET || p->family == AF_INET6);
	FUZZ_CHECK(p->plen <= ofl_family_bits(p->family));
	again = ofl_prefix_make(p->family, p->addr, p->plen);
	FUZZ_CHECK(!memcmp(p, &again, sizeof(again)));
}

static void check_nexthops(const struct ofl_rawnh *nh, size_t count)
{
	static const uint8_t zero[16];
	bool has_gw;

	for (size_t i = 0; i < MIN(count, OFL_RAWNH_MAX); i++) {
		FUZZ_CHECK(nh[i].kind <= OFL_RAWNH_REJECT);
		FUZZ_CHECK(nh[i].weight);
		has_gw = nh[i].kind == OFL_RAWNH_GATEWAY ||
			 nh[i].kind == OFL_RAWNH_RECURSIVE;
		FUZZ_CHECK(has_gw == (nh[i].family != 0));
		FUZZ_CHECK(has_gw || !memcmp(nh[i].gw, zero, 16));
		FUZZ_CHECK(nh[i].family != AF_INET ||
			   !memcmp(nh[i].gw + 4, zero, 12));
		FUZZ_CHECK(nh[i].kind != OFL_RAWNH_RECURSIVE || !nh[i].ifindex);
		FUZZ_CHECK(nh[i].kind != OFL_RAWNH_GATEWAY || nh[i].ifindex);
	}
}

static bool take_route(const uint8_t *body, size_t len, uint32_t vrf)
{
	enum ofl_zapi_decoded d = ofl_zapi_route_decode(body, len, vrf, &route);

	if (d == OFL_ZAPI_MALFORMED)
		return false;
	FUZZ_CHECK(route.key.vrf == vrf);
	FUZZ_CHECK(route.facts.proto < ZEBRA_ROUTE_MAX);
	check_prefix(&route.key.p);
	if (route.has_src) {
		check_prefix(&route.src);
		FUZZ_CHECK(route.src.family == route.key.p.family);
	}
	check_nexthops(route.nh, route.nh_count);
	return true;
}

static bool take_nht(const uint8_t *body, size_t len)
{
	if (ofl_zapi_nht_decode(body, len, &nht) == OFL_ZAPI_MALFORMED)
		return false;
	FUZZ_CHECK(nht.family == AF_INET || nht.family == AF_INET6);
	FUZZ_CHECK(nht.nh_count <= UINT8_MAX);
	check_nexthops(nht.nh, nht.nh_count);
	return true;
}

static bool take_address(const uint8_t *body, size_t len)
{
	struct ofl_zapi_address a;

	if (ofl_zapi_address_decode(body, len, &a) == OFL_ZAPI_MALFORMED)
		return false;
	FUZZ_CHECK(a.family == AF_INET || a.family == AF_INET6);
	FUZZ_CHECK(a.plen <= ofl_family_bits(a.family));
	return true;
}

static bool take_vrf(const uint8_t *body, size_t len)
{
	struct ofl_zapi_vrf v;

	return ofl_zapi_vrf_decode(body, len, &v) == OFL_ZAPI_OK;
}

static bool take_interface(const uint8_t *body, size_t len)
{
	uint32_t ifindex;

	return ofl_zapi_interface_decode(body, len, &ifindex) == OFL_ZAPI_OK;
}

/* Is it well-formed? */
static bool take(uint16_t command, const uint8_t *body, size_t len,
		 uint32_t vrf)
{
	switch (command) {
	case ZEBRA_REDISTRIBUTE_ROUTE_ADD:
	case ZEBRA_REDISTRIBUTE_ROUTE_DEL:
		return take_route(body, len, vrf);
	case ZEBRA_NEXTHOP_UPDATE:
		return take_nht(body, len);
	case ZEBRA_INTERFACE_ADDRESS_ADD:
	case ZEBRA_INTERFACE_ADDRESS_DELETE:
		return take_address(body, len);
	case ZEBRA_VRF_ADD:
		return take_vrf(body, len);
	default:
		return take_interface(body, len);
	}
}

static void one(uint16_t command, struct fuzz *f)
{
	size_t len;
	uint8_t *body = fuzz_copy(f, f->left, &len), *shorter;
	bool ok = take(command, body, len, 7);

	if (ok && len && command != ZEBRA_INTERFACE_ADD) {
		shorter = malloc(len);
		FUZZ_CHECK(shorter);
		memcpy(shorter, body, len - 1);
		FUZZ_CHECK(!take(command, shorter, len - 1, 7));
		free(shorter);
	}
	free(body);
}

/* --- a stream --- */

struct stream_test {
	const uint8_t *bytes; /* all of the stream */
	size_t size, at;      /* at: behind what was handed out */
	struct ofl_rib *rib;
	unsigned int malformed, told;
};

static void on_register(void *arg, uint32_t vrf, uint8_t family,
			const uint8_t *gw, bool on)
{
	FUZZ_CHECK(family == AF_INET || family == AF_INET6);
}

static void mirror(struct stream_test *t, uint16_t command, uint32_t vrf)
{
	if (command == ZEBRA_REDISTRIBUTE_ROUTE_ADD)
		ofl_rib_route_add(t->rib, &route.key, &route.facts, route.nh,
				  route.nh_count);
	else if (command == ZEBRA_REDISTRIBUTE_ROUTE_DEL)
		ofl_rib_route_del(t->rib, &route.key);
	else if (command == ZEBRA_NEXTHOP_UPDATE)
		ofl_rib_nht_update(t->rib, vrf, nht.family, nht.gw, nht.nh,
				   nht.nh_count);
	else if (command == ZEBRA_VRF_DELETE)
		ofl_rib_vrf_del(t->rib, vrf);
}

/* Bytes of the message at `at`: 0: it is not whole, SIZE_MAX: garbage. */
static size_t frame(const struct stream_test *t)
{
	const uint8_t *p = t->bytes + t->at;
	size_t left = t->size - t->at, len;

	if (left < OFL_ZAPI_HEADER_BYTES)
		return 0;
	len = (size_t)p[0] << 8 | p[1];
	if (p[2] != ZEBRA_HEADER_MARKER || p[3] != ZSERV_VERSION ||
	    len < OFL_ZAPI_HEADER_BYTES)
		return SIZE_MAX;
	return len <= left ? len : 0;
}

static bool on_message(const struct ofl_zapi_header *h, const uint8_t *body,
		       size_t len, void *arg)
{
	struct stream_test *t = arg;

	FUZZ_CHECK(frame(t) == (size_t)h->bytes);
	FUZZ_CHECK(len + OFL_ZAPI_HEADER_BYTES == h->bytes);
	FUZZ_CHECK(
		!memcmp(body, t->bytes + t->at + OFL_ZAPI_HEADER_BYTES, len));
	t->at += h->bytes;
	t->told++;
	if (take(h->command, body, len, h->vrf))
		mirror(t, h->command, h->vrf);
	else
		t->malformed++;
	return true;
}

/* Write all of it in pieces, reading after each. */
static void pump(struct stream_test *t, struct ofl_bulk *b, const int fds[2],
		 uint32_t seed)
{
	enum ofl_bulk_read r = OFL_BULK_DRAINED;
	size_t done = 0, n;

	while (done < t->size && r == OFL_BULK_DRAINED) {
		seed = seed * 1103515245 + 12345;
		n = 1 + (seed >> 16) % (seed & 0x100 ? 16u : 4096u);
		n = MIN(n, t->size - done);
		FUZZ_CHECK(write(fds[1], t->bytes + done, n) == (ssize_t)n);
		done += n;
		r = ofl_zapi_bulk_read(b, fds[0], UINT32_MAX, on_message, t);
	}
	FUZZ_CHECK(ofl_bulk_bytes(b) == done);
	if (r == OFL_BULK_GARBAGE) {
		FUZZ_CHECK(frame(t) == SIZE_MAX);
		return;
	}
	FUZZ_CHECK(r == OFL_BULK_DRAINED);
	FUZZ_CHECK(frame(t) == 0);
}

static void stream(struct fuzz *f)
{
	static const struct ofl_rib_ops ops = {.nht_register = on_register};
	struct ofl_flowtab *flows;
	struct ofl_bulk *b = ofl_bulk_new(ofl_zapi_bulk_measure);
	uint32_t seed = fuzz_u8(f);
	struct stream_test t = {.bytes = f->at, .size = f->left};
	int fds[2];

	ofl_action_init();
	flows = ofl_flowtab_new(1);
	t.rib = ofl_rib_new(flows, &ops, &t);
	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	set_nonblocking(fds[0]);
	if (t.size)
		pump(&t, b, fds, seed);
	close(fds[0]);
	close(fds[1]);
	ofl_bulk_free(b);
	ofl_rib_free(t.rib);
	ofl_flowtab_free(flows);
	FUZZ_CHECK(!ofl_action_count());
	ofl_action_fini();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t commands[] = {
		ZEBRA_REDISTRIBUTE_ROUTE_ADD,
		ZEBRA_REDISTRIBUTE_ROUTE_DEL,
		ZEBRA_NEXTHOP_UPDATE,
		ZEBRA_INTERFACE_ADDRESS_ADD,
		ZEBRA_VRF_ADD,
		ZEBRA_INTERFACE_ADD,
	};
	struct fuzz f = {.at = data, .left = size};
	uint8_t which = fuzz_u8(&f);

	if (which < array_size(commands))
		one(commands[which], &f);
	else
		stream(&f);
	return 0;
}
