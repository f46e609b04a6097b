// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel may say about links and neighbours: the type of a message is
 * the first two bytes, its payload the rest.
 */
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "offloadd/source/neigh_decode.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message.h"

static void check_neigh(const struct ofl_rtnl_event *e)
{
	static const uint8_t zero[16];

	FUZZ_CHECK(e->family == AF_INET || e->family == AF_INET6);
	FUZZ_CHECK(e->family != AF_INET || !memcmp(e->addr + 4, zero, 12));
	FUZZ_CHECK(!e->gone || (!e->usable && !e->fixed));
	/* A frame to it goes to one station. */
	FUZZ_CHECK(!e->usable || (!(e->mac[0] & 1) && memcmp(e->mac, zero, 6)));
}

/* The request that is made of it, read as the kernel would. */
static void check_probe(const struct ofl_rtnl_event *e)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_RTNL_PROBE_BYTES];
	struct ofl_rtnl_event again;
	struct nlmsghdr *nlh =
		ofl_rtnl_probe_encode(buf, e->ifindex, e->family, e->addr);

	FUZZ_CHECK(nlh->nlmsg_len <= sizeof(buf));
	FUZZ_CHECK(ofl_rtnl_decode(nlh, &again) == OFL_RTNL_NEIGH);
	FUZZ_CHECK(again.ifindex == e->ifindex && again.family == e->family);
	FUZZ_CHECK(!memcmp(again.addr, e->addr, sizeof(e->addr)));
	FUZZ_CHECK(!again.fixed && !again.usable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {.at = data, .left = size};
	uint16_t type = fuzz_u16(&f);
	struct nlmsghdr *nlh = message_make(&f, type, f.left);
	struct ofl_rtnl_event e;

	switch (ofl_rtnl_decode(nlh, &e)) {
	case OFL_RTNL_LINK:
		FUZZ_CHECK(e.ifindex && !(e.gone && e.up));
		break;
	case OFL_RTNL_NEIGH:
		FUZZ_CHECK(e.ifindex);
		check_neigh(&e);
		check_probe(&e);
		break;
	case OFL_RTNL_IGNORED:
	case OFL_RTNL_MALFORMED:
		break;
	}
	free(nlh);
	return 0;
}
