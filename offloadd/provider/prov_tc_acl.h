/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tc filter of an access control list, and its bytes on netlink.
 *
 * As prov_tc_filter.h is for routes: one value holds what such a filter says,
 * encode() and decode() are pure and each other's inverse, and what the kernel
 * echoes is compared with what was asked.
 *
 * Two classifiers, for hardware takes only one and that one cannot say all:
 *
 *   flower   keys (prov_tc_keys.h); hardware and software
 *   bpf      a program made from the match (prov_tc_program.h); software only,
 *            for what flower cannot say: mark, length, TTL ranges ...
 *
 * Both stand in one chain, first match wins by pref.  The kernel wants of a
 * pref that all its filters be of one classifier and one protocol, and ours are
 * of three kinds (enum ofl_tc_pref_class): those of two kinds never share a
 * pref.  Nor do two filters with equal keys.
 *
 * Not here: templates of chains (a driver's refusal of one is ignored by the
 * kernel, and they fix masks).
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_ACL_H
#define OFFLOADD_PROVIDER_PROV_TC_ACL_H

#include "offloadd/provider/prov_tc_acts.h"
#include "offloadd/provider/prov_tc_filter.h"
#include "offloadd/provider/prov_tc_keys.h"

/* Where filters hang: in a shared block, or on one device. */
struct ofl_tc_at {
	uint32_t block;	  /* 0: on a device */
	uint32_t ifindex; /* with a qdisc clsact */
	bool egress;
};
void ofl_tc_place_set(struct tcmsg *tcm, const struct ofl_tc_at *at);

struct ofl_tc_acl {
	uint32_t chain;
	uint32_t handle; /* 0: the kernel gives one */
	uint16_t pref;	 /* 1.. */
	uint32_t flags;	 /* TCA_CLS_FLAGS_SKIP_SW, _SKIP_HW, _VERBOSE */

	bool is_program;	 /* bpf; else flower */
	struct ofl_tc_keys keys; /* of flower */
	struct ofl_match match;	 /* of bpf: what the program is made from; not
				  * read back */
	uint64_t digest; /* of the program, by ofl_tc_acl_program_set() */

	uint16_t ethertype; /* of the packets, 0: any; DSCP depends on it */
	struct ofl_tc_acts acts;
	uint8_t cookie[OFL_TC_COOKIE]; /* on the first action */
};

/* Room that encode() needs at most. */
#define OFL_TC_ACL_BYTES 16384

/* What it matches, as keys.  0; else fields that flower cannot say (see
 * prov_tc_keys.h), and the filter is as it was. */
uint32_t ofl_tc_acl_match_set(struct ofl_tc_acl *f, const struct ofl_match *m,
			      const char *indev);
/* What it matches, as a program; skips hardware.  False: see
 * ofl_tc_program_make(). */
bool ofl_tc_acl_program_set(struct ofl_tc_acl *f, const struct ofl_match *m);

/* Filters of one class can share a pref. */
enum ofl_tc_pref_class {
	OFL_TC_PREF_ANY = 0, /* flower, protocol all: the ethertype is a key */
	OFL_TC_PREF_TAGGED,  /* flower, protocol 802.1Q */
	OFL_TC_PREF_PROGRAM,
};
enum ofl_tc_pref_class ofl_tc_acl_pref_class(const struct ofl_tc_acl *f);

/* As ofl_tc_filter_encode(). */
struct nlmsghdr *ofl_tc_acl_encode(void *buf, size_t len, uint16_t type,
				   uint16_t nlmsg_flags,
				   const struct ofl_tc_at *at,
				   const struct ofl_tc_acl *f);
/* Read RTM_NEWTFILTER or RTM_DELTFILTER; false, with both results untouched:
 * not a message about one filter of flower or bpf.  Of a program its digest is
 * read, not its match. */
bool ofl_tc_acl_decode(const struct nlmsghdr *nlh, struct ofl_tc_acl *ret,
		       struct ofl_tc_seen *ret_seen);
/* As ofl_tc_filter_eq(). */
bool ofl_tc_acl_eq(const struct ofl_tc_acl *a, const struct ofl_tc_acl *b);
/* Equal filters have equal digests, others hardly ever; a handle is not in it.
 * Never 0. */
uint64_t ofl_tc_acl_digest(const struct ofl_tc_acl *f);
/* A copy to free(); NULL: no memory. */
struct ofl_tc_acl *ofl_tc_acl_dup(const struct ofl_tc_acl *f);

#endif /* OFFLOADD_PROVIDER_PROV_TC_ACL_H */
