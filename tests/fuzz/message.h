/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages out of the bytes of an input; see fuzz.h. */
#ifndef TESTS_FUZZ_MESSAGE_H
#define TESTS_FUZZ_MESSAGE_H

#include <libmnl/libmnl.h>

#include "tests/fuzz/fuzz.h"

/* A message of this type whose payload are the next n bytes, or what there is
 * of them; its header is sound, as recvmsg() and mnl_nlmsg_ok() see to it.  In
 * memory of its own size, which is padded as a receive buffer is: libmnl's
 * walks end at the aligned length.  free() it. */
static inline struct nlmsghdr *message_make(struct fuzz *f, uint16_t type,
					    size_t n)
{
	size_t len = n < f->left ? n : f->left;
	struct nlmsghdr *nlh = calloc(1, MNL_ALIGN(MNL_NLMSG_HDRLEN + len));

	FUZZ_CHECK(nlh);
	*nlh = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)(MNL_NLMSG_HDRLEN + len),
		.nlmsg_type = type,
	};
	fuzz_bytes(f, nlh + 1, len);
	return nlh;
}

#endif /* TESTS_FUZZ_MESSAGE_H */
