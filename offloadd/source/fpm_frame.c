// SPDX-License-Identifier: GPL-2.0-or-later
/* FPM frames; see fpm_frame.h. */
#include <zebra.h>

#include <libmnl/libmnl.h>

#include "offloadd/source/fpm_frame.h"

#define FRAME_VERSION 1
#define FRAME_NETLINK 1

size_t ofl_fpm_frame_measure(const uint8_t *data, size_t left,
			     bool *ret_garbage)
{
	size_t len;

	if (left < OFL_FPM_HEADER_BYTES)
		return 0;
	len = data[2] << 8 | data[3];
	if (data[0] != FRAME_VERSION || data[1] != FRAME_NETLINK ||
	    len < OFL_FPM_HEADER_BYTES) {
		*ret_garbage = true;
		return 0;
	}
	return len;
}

bool ofl_fpm_frame_walk(const uint8_t *frame, size_t len,
			void (*cb)(const struct nlmsghdr *n, void *arg),
			void *arg)
{
	const uint8_t *at = frame + OFL_FPM_HEADER_BYTES;
	size_t left = len - OFL_FPM_HEADER_BYTES, bytes;
	/* zebra aligns what it sends; who does not is read, too. */
	union {
		struct nlmsghdr n;
		uint8_t bytes[OFL_FPM_FRAME_MAX];
	} copy;
	const struct nlmsghdr *n = (const struct nlmsghdr *)at;

	if ((uintptr_t)at % NLMSG_ALIGNTO) {
		memcpy(copy.bytes, at, left);
		n = &copy.n;
	}
	while (left) {
		/* As mnl_nlmsg_ok(), which counts in int. */
		if (left < sizeof(*n) || n->nlmsg_len < sizeof(*n) ||
		    n->nlmsg_len > left)
			return false;
		bytes = MIN((size_t)NLMSG_ALIGN(n->nlmsg_len), left);
		cb(n, arg);
		n = (const struct nlmsghdr *)((const uint8_t *)n + bytes);
		left -= bytes;
	}
	return true;
}

bool ofl_fpm_frame_encode(uint8_t header[OFL_FPM_HEADER_BYTES], size_t payload)
{
	size_t len = payload + OFL_FPM_HEADER_BYTES;

	if (!payload || len > OFL_FPM_FRAME_MAX)
		return false;
	header[0] = FRAME_VERSION;
	header[1] = FRAME_NETLINK;
	header[2] = len >> 8;
	header[3] = len & 0xff;
	return true;
}
