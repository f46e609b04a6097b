/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A match (flow/match.h) as a program of the classic packet filter (BPF) for
 * the tc classifier bpf: software's answer to what flower has no key for.
 *
 * Why this one: of the kernel's classifiers only bpf says, in one filter and
 * without leaving the order of prefs, a mark *and* a length *and* all that
 * flower says.  fw and basic's meta(nf_mark) know the mark alone, and a filter
 * that leads on to a chain of flower filters cannot come back when nothing
 * matches there.  u32 has marks but no ranges, and trusts header lengths.
 *
 * A program reads packets as flower does (prov_tc_keys.h), with two limits:
 * one VLAN tag, and extension headers of IPv6 up to OFL_TC_PROGRAM_HEADERS.
 * What goes beyond them has no protocol and no ports, and is no fragment.
 * For Ethernet devices only.  The length is that in the IP header: of a packet
 * that the kernel put together from several (GRO), of all.
 *
 * Pure: no socket, no state.  Neighbour: prov_tc_acl.h sends it.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_PROGRAM_H
#define OFFLOADD_PROVIDER_PROV_TC_PROGRAM_H

#include <linux/filter.h>

#include "offloadd/flow/match.h"

#define OFL_TC_PROGRAM_HEADERS 6
/* More than any match needs. */
#define OFL_TC_PROGRAM_MAX 400

struct ofl_tc_program {
	unsigned int count;
	struct sock_filter op[OFL_TC_PROGRAM_MAX];
};

/* False: addresses, but not whose (the ethertype). */
bool ofl_tc_program_make(const struct ofl_match *m, struct ofl_tc_program *ret);
/* Programs that are alike have equal digests. */
uint64_t ofl_tc_program_digest(const struct sock_filter *op, size_t count);

#endif /* OFFLOADD_PROVIDER_PROV_TC_PROGRAM_H */
