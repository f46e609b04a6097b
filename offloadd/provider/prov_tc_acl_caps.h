/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device takes of ACL filters: one row for each key and action, with
 * the filter that tries it.
 *
 * As prov_tc_caps.h for routes, whose "what is known" it shares, and pure as
 * that.  A key more is a row of the table in prov_tc_acl_caps.c.  Which fields
 * of a match a refused key stands for says what partial offload has to leave to
 * software.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_ACL_CAPS_H
#define OFFLOADD_PROVIDER_PROV_TC_ACL_CAPS_H

#include "offloadd/provider/prov_tc_acl.h"
#include "offloadd/provider/prov_tc_caps.h"

/* A row is built upon one before it, if any. */
enum ofl_tc_acl_cap {
	OFL_TC_ACL_TRAP = 0,
	OFL_TC_ACL_ACCEPT,
	OFL_TC_ACL_DROP,
	OFL_TC_ACL_GOTO,
	OFL_TC_ACL_REDIRECT,
	OFL_TC_ACL_REDIRECT_IN,
	OFL_TC_ACL_MIRROR,
	OFL_TC_ACL_MIRROR_IN,
	OFL_TC_ACL_MARK,
	OFL_TC_ACL_POLICE,
	OFL_TC_ACL_SAMPLE,
	OFL_TC_ACL_INDEV, /* keys from here on */
	OFL_TC_ACL_SRC_MAC,
	OFL_TC_ACL_DST_MAC,
	OFL_TC_ACL_TAGGED,
	OFL_TC_ACL_VLAN_ID,
	OFL_TC_ACL_VLAN_PCP,
	OFL_TC_ACL_UNTAGGED,
	OFL_TC_ACL_ETHERTYPE,
	OFL_TC_ACL_IPV4,
	OFL_TC_ACL_IPV6,
	OFL_TC_ACL_IPV4_SRC,
	OFL_TC_ACL_IPV4_DST,
	OFL_TC_ACL_IPV6_SRC,
	OFL_TC_ACL_IPV6_DST,
	OFL_TC_ACL_DSCP,
	OFL_TC_ACL_TTL,
	OFL_TC_ACL_FRAGMENT,
	OFL_TC_ACL_FIRST_FRAGMENT,
	OFL_TC_ACL_PROTOCOL,
	OFL_TC_ACL_SRC_PORT,
	OFL_TC_ACL_DST_PORT,
	OFL_TC_ACL_SRC_PORTS,
	OFL_TC_ACL_DST_PORTS,
	OFL_TC_ACL_TCP_FLAGS,
	OFL_TC_ACL_ICMP_TYPE,
	OFL_TC_ACL_ICMP_CODE,
	OFL_TC_ACL_SET_DSCP, /* actions again */
	OFL_TC_ACL_SET_DSCP6,
	OFL_TC_ACL_PROGRAM, /* what flower cannot say; software only */
	OFL_TC_ACL_CAP_MAX
};

const char *ofl_tc_acl_caps_name(enum ofl_tc_acl_cap cap);
bool ofl_tc_acl_caps_is_key(enum ofl_tc_acl_cap cap);
/* The filter that tries a row; false: there is no use for it there. */
bool ofl_tc_acl_caps_filter(enum ofl_tc_acl_cap cap,
			    const struct ofl_tc_cap_place *place,
			    struct ofl_tc_acl *ret);

/* Rows that a filter needs, as bits. */
uint64_t ofl_tc_acl_caps_needs(const struct ofl_tc_acl *f);
/* Fields of a match (prov_tc_keys.h) that these keys cannot be had with: those
 * of the rows that `k` needs and that are in `refused`. */
uint32_t ofl_tc_acl_caps_missing(const struct ofl_tc_keys *k, uint64_t refused);

/* What hardware can hold of a match if the rows `refused` are: a match that
 * contains it, and itself where all can be said.  Returns the fields left out,
 * which stand in software's half of the rule.  `indev` as in
 * ofl_tc_keys_make(). */
uint32_t ofl_tc_acl_caps_part_make(const struct ofl_match *m, const char *indev,
				   uint64_t refused, struct ofl_match *ret);

/* What is known; as in prov_tc_caps.h. */
void ofl_tc_acl_caps_init(struct ofl_tc_cap_known *known,
			  const struct ofl_tc_cap_place *place);
void ofl_tc_acl_caps_settle(struct ofl_tc_cap_known *known);
bool ofl_tc_acl_caps_is_open(const struct ofl_tc_cap_known *known,
			     enum ofl_tc_acl_cap cap);
uint64_t ofl_tc_acl_caps_refused(const struct ofl_tc_cap_known *known);

#endif /* OFFLOADD_PROVIDER_PROV_TC_ACL_CAPS_H */
