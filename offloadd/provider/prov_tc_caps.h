/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device takes of tc flower: one row for each key and action that our
 * filters are made of, with the filter that tries it.
 *
 * Pure: it knows filters and the kernel's answers, no tables and no sockets
 * (prov_tc_try.c asks).  A key or an action more is a row of the table in
 * prov_tc_caps.c and a line of ofl_tc_caps_needs().
 *
 * A row is built upon another where one cannot be tried alone: nothing shows
 * that a device rewrites a MAC address but a filter that redirects as well.
 * So what a filter needs is tried in the form in which routes use it.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_CAPS_H
#define OFFLOADD_PROVIDER_PROV_TC_CAPS_H

#include "offloadd/provider/prov_tc_filter.h"
#include "offloadd/provider/provider.h"

/* A row is built upon one before it, if any. */
enum ofl_tc_cap {
	OFL_TC_CAP_TRAP = 0,
	OFL_TC_CAP_PASS,
	OFL_TC_CAP_DROP,
	OFL_TC_CAP_GOTO,
	OFL_TC_CAP_REDIRECT,
	OFL_TC_CAP_MACS,
	OFL_TC_CAP_TTL_DEC,
	OFL_TC_CAP_HOPS_DEC,
	OFL_TC_CAP_VLAN_PUSH,
	OFL_TC_CAP_DMAC,
	OFL_TC_CAP_INDEV,
	OFL_TC_CAP_TTL,
	OFL_TC_CAP_HOPS,
	OFL_TC_CAP_IPV4_DST,
	OFL_TC_CAP_IPV6_DST,
	OFL_TC_CAP_MAX
};

/* What is known of a row. */
struct ofl_tc_cap_known {
	uint8_t state; /* enum ofl_capability_state */
	bool of_block; /* tried on all ports at once: one of them refuses */
	int errnum;
	char text[OFL_OUTCOME_TEXT]; /* the kernel's words, or "" */
};

/* Of what a row is built; numbers of rows are less than ALONE. */
#define OFL_TC_CAP_ALONE 0xff
struct ofl_tc_cap_row {
	const char *name;
	bool is_key;
	uint8_t upon; /* a row before it; ALONE: it is tried alone */
};
typedef const struct ofl_tc_cap_row *(*ofl_tc_cap_row_fn)(unsigned int cap);

/* Where rows are tried, and as whose. */
struct ofl_tc_cap_place {
	uint32_t chain;
	uint32_t flags; /* of filters: TCA_CLS_FLAGS_SKIP_SW, _SKIP_HW */
	uint8_t to_cpu; /* enum ofl_tc_does */
	uint32_t ifindex;
	char indev[IFNAMSIZ];
	uint8_t cookie[OFL_TC_COOKIE];
};

const char *ofl_tc_caps_name(enum ofl_tc_cap cap);
bool ofl_tc_caps_is_key(enum ofl_tc_cap cap);
/* The filter that tries a row; false: this mode has no use for it. */
bool ofl_tc_caps_filter(enum ofl_tc_cap cap,
			const struct ofl_tc_cap_place *place,
			struct ofl_tc_filter *ret);

/* Rows that a filter needs, as bits. */
uint32_t ofl_tc_caps_needs(const struct ofl_tc_filter *f);
/* Rows without which no packet of a family is led to routes: its guards'. */
uint32_t ofl_tc_caps_guards(uint16_t protocol, uint8_t to_cpu);

/* Nothing is known; rows this mode has no use for are unused. */
void ofl_tc_caps_init(struct ofl_tc_cap_known *known, uint8_t to_cpu);
/* The kernel's answer to a row.  `has_it`: it echoed the very filter and says
 * it is where it was to be. */
void ofl_tc_caps_set(struct ofl_tc_cap_known *row, int errnum, bool has_it,
		     const char *text);
/* All are answered: what a row proves of those it is built upon, or cannot say
 * because they are refused. */
void ofl_tc_caps_settle(struct ofl_tc_cap_known *known);
/* To be tried again? */
bool ofl_tc_caps_is_open(const struct ofl_tc_cap_known *known,
			 enum ofl_tc_cap cap);
/* Refused rows, as bits. */
uint32_t ofl_tc_caps_refused(const struct ofl_tc_cap_known *known);

/* prov_tc_caps_known.c: the same for rows of any table (prov_tc_acl_caps.h),
 * `count` of them. */
void ofl_tc_cap_rows_settle(struct ofl_tc_cap_known *known, unsigned int count,
			    ofl_tc_cap_row_fn row);
bool ofl_tc_cap_row_is_open(const struct ofl_tc_cap_known *known,
			    unsigned int cap, ofl_tc_cap_row_fn row);

#endif /* OFFLOADD_PROVIDER_PROV_TC_CAPS_H */
