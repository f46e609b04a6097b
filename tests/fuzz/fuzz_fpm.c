// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What whoever connects as zebra's FPM module may say: the input is a stream of
 * frames, cut as the header says, and given to the decoder and to the table of
 * next hops.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>

#include "offloadd/source/fpm_decode.h"
#include "offloadd/source/fpm_frame.h"
#include "offloadd/source/fpm_nhg.h"

#include "tests/fuzz/fuzz.h"

static struct ofl_fpm_message m;
static struct ofl_rawnh nh[OFL_RAWNH_MAX];

static void check_prefix(const struct ofl_prefix *p)
{
	struct ofl_prefix again;

	FUZZ_CHECK(p->family == AF_INET || p->family == AF_INET6);
	FUZZ_CHECK(p->plen <= ofl_family_bits(p->family));
	again = ofl_prefix_make(p->family, p->addr, p->plen);
	FUZZ_CHECK(!ofl_prefix_cmp(p, &again));
}

static void check_nexthop(const struct ofl_rawnh *n)
{
	static const uint8_t zero[16];

	FUZZ_CHECK(n->kind <= OFL_RAWNH_REJECT);
	FUZZ_CHECK(!n->family || n->family == AF_INET || n->family == AF_INET6);
	FUZZ_CHECK(n->family == AF_INET6 || !memcmp(n->gw + (n->family ? 4 : 0),
						    zero, n->family ? 12 : 16));
	FUZZ_CHECK(n->kind != OFL_RAWNH_GATEWAY || (n->family && n->ifindex));
}

static void check_route(const struct ofl_fpm_route *r, bool add)
{
	uint8_t proto;

	check_prefix(&r->p);
	if (r->has_src)
		check_prefix(&r->src);
	ofl_fpm_proto(r->rtprot, r->p.family, &proto);
	if (!add || r->nhid)
		return;
	for (size_t i = 0; i < MIN(r->nh_count, OFL_RAWNH_MAX); i++)
		check_nexthop(&r->nh[i]);
}

static void on_message(const struct nlmsghdr *n, void *arg)
{
	struct ofl_nhgs *t = arg;
	size_t count = 0;

	switch (ofl_fpm_decode(n, &m)) {
	case OFL_FPM_ROUTE_ADD:
		check_route(&m.route, true);
		if (m.route.nhid && ofl_nhgs_find(t, m.route.nhid, nh, &count))
			for (size_t i = 0; i < MIN(count, OFL_RAWNH_MAX); i++)
				check_nexthop(&nh[i]);
		break;
	case OFL_FPM_ROUTE_DEL:
		check_route(&m.route, false);
		break;
	case OFL_FPM_NEXTHOP_ADD:
		FUZZ_CHECK(m.nexthop.id);
		if (!m.nexthop.member_count)
			check_nexthop(&m.nexthop.nh);
		ofl_nhgs_set(t, &m.nexthop);
		break;
	case OFL_FPM_NEXTHOP_DEL:
		ofl_nhgs_del(t, m.nexthop.id);
		break;
	case OFL_FPM_IGNORED:
	case OFL_FPM_MALFORMED:
		break;
	}
}

static void on_changed(uint32_t id, void *arg)
{
	size_t count;

	FUZZ_CHECK(id);
	ofl_nhgs_find(*(struct ofl_nhgs **)arg, id, nh, &count);
}

/* One frame in memory of its own size. */
static bool give(const uint8_t *data, size_t len, struct ofl_nhgs *t)
{
	uint8_t *copy = malloc(len);
	bool ok;

	FUZZ_CHECK(copy);
	memcpy(copy, data, len);
	ok = ofl_fpm_frame_walk(copy, len, on_message, t);
	free(copy);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ofl_nhgs *t;
	bool garbage = false;
	size_t len;

	ofl_fpm_protos_init();
	t = ofl_nhgs_new(on_changed, &t);
	while ((len = ofl_fpm_frame_measure(data, size, &garbage)) &&
	       len <= size && give(data, len, t)) {
		data += len;
		size -= len;
	}
	FUZZ_CHECK(!garbage || !len);
	FUZZ_CHECK(ofl_nhgs_missing(t) <= ofl_nhgs_count(t));
	ofl_nhgs_free(t);
	return 0;
}
