/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's messages about routes into values, and the requests that write
 * such a route again.
 *
 * Pure; every length is checked (libmnl).  A route is written again by the
 * kernel's own words, its *image*: all attributes but those that are about the
 * moment (flags of a driver, ages) or that a request may not have.
 */
#ifndef OFFLOADD_PROVIDER_PROV_FIB_DECODE_H
#define OFFLOADD_PROVIDER_PROV_FIB_DECODE_H

#include <stddef.h>

#include "offloadd/flow/fibroute.h"

struct nlmsghdr;

#define OFL_FIBMSG_BYTES 8192 /* next hops without number fit in no netlink */

struct ofl_fibmsg_bytes {
	size_t len;
	_Alignas(4) uint8_t at[OFL_FIBMSG_BYTES];
};

enum ofl_fibmsg_kind {
	OFL_FIBMSG_IGNORED = 0, /* of something no driver is asked about */
	OFL_FIBMSG_ROUTE,
	OFL_FIBMSG_GONE,
	OFL_FIBMSG_MALFORMED,
};

struct ofl_fibmsg {
	struct ofl_fib_route route; /* but for way, image, own */
	bool by_nexthop; /* the driver speaks of next hops, not of the route */
	/* Equal bytes: hardware would forward alike. */
	struct ofl_fibmsg_bytes way;
	/* Empty: it cannot be written again. */
	struct ofl_fibmsg_bytes image;
};

enum ofl_fibmsg_kind ofl_fibmsg_decode(const struct nlmsghdr *nlh,
				       struct ofl_fibmsg *ret);

enum ofl_fibmsg_verb {
	OFL_FIBMSG_ADD,	    /* must not be there: EEXIST */
	OFL_FIBMSG_DEL,	    /* must be there as it is: ESRCH */
	OFL_FIBMSG_REPLACE, /* something must be there: ENOENT */
	/* The same with one metric changed which changes nothing: IPv4 tells no
	 * driver of a replacement by the same. */
	OFL_FIBMSG_REPLACE_MARKED,
};

/* The request, with NLM_F_ACK, into `buf` of `size`, aligned for a header;
 * NULL if it does not fit or the image is none. */
struct nlmsghdr *ofl_fibmsg_encode(void *buf, size_t size,
				   enum ofl_fibmsg_verb verb,
				   const struct ofl_prefix *prefix,
				   const uint8_t *image, size_t image_len);

#endif /* OFFLOADD_PROVIDER_PROV_FIB_DECODE_H */
