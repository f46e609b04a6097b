/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of filters and requests, as replies of prov_tc_wire.h.
 * Pure: no socket, no state, nothing of libfrr, for the thread calls it.
 *
 * Filters of routes are told whole, of all others a digest; of classifiers this
 * daemon never writes, what can be told without knowing them.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_REPLY_H
#define OFFLOADD_PROVIDER_PROV_TC_REPLY_H

#include "offloadd/provider/prov_tc_wire.h"

/* One message of a dump: all of *ret but its tag.  False, with *ret of no
 * meaning: it is no filter (of a pref, the head; of u32, a table). */
bool ofl_tc_found_decode(const struct nlmsghdr *nlh, struct ofl_tc_reply *ret);
/* The echo of an ACL's filter that was written or deleted. */
void ofl_tc_acl_echo_decode(const struct nlmsghdr *nlh,
			    const struct ofl_tc_acl *asked,
			    struct ofl_tc_reply *ret);
/* The kernel's words in an NLMSG_ERROR. */
void ofl_tc_text_decode(const struct nlmsghdr *nlh, struct ofl_tc_reply *ret);

#endif /* OFFLOADD_PROVIDER_PROV_TC_REPLY_H */
