/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a flow is worth: the operator's rules, in order of sequence number;
 * the first whose every condition holds decides.
 *
 * Pure: prefix-lists, names of interfaces and VRFs are asked through
 * struct ofl_policy_env.
 */
#ifndef OFFLOADD_POLICY_POLICY_H
#define OFFLOADD_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/flow.h"
#include "offloadd/flow/hwtable.h"

/* Which conditions a rule has. */
#define OFL_MATCH_FAMILY (1u << 0)
#define OFL_MATCH_PREFIX_LIST (1u << 1)
#define OFL_MATCH_PROTO (1u << 2)
#define OFL_MATCH_TAG (1u << 3)
#define OFL_MATCH_DISTANCE (1u << 4)
#define OFL_MATCH_METRIC (1u << 5)
#define OFL_MATCH_VRF (1u << 6)
#define OFL_MATCH_INTERFACE (1u << 7)
#define OFL_MATCH_PLEN (1u << 8)
#define OFL_MATCH_ACCESS_LIST (1u << 9)

/* What a rule sets beside the class. */
#define OFL_SET_WEIGHT (1u << 0)
#define OFL_SET_TABLE (1u << 1)
#define OFL_SET_OFFLOAD_OR_FAIL (1u << 2)
#define OFL_SET_MICE (1u << 3)

struct ofl_rule {
	uint32_t seq; /* 1.. */
	uint32_t match; /* OFL_MATCH_* present */
	uint32_t set;	/* OFL_SET_* present */
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t proto;	/* ZEBRA_ROUTE_* */
	uint8_t plen_min, plen_max;
	uint8_t distance_min, distance_max;
	uint8_t cls; /* enum ofl_class; always set */
	uint32_t tag;
	uint32_t metric_min, metric_max;
	uint32_t weight;
	/* Mice filter: a slot only after so many packets or kilobytes (of 1000
	 * bytes) within so long. */
	uint32_t mice_packets, mice_kilobytes; /* one of them is not 0 */
	uint32_t mice_window_s;
	char prefix_list[OFL_NAME_LEN]; /* empty unless matched */
	char access_list[OFL_NAME_LEN];
	char vrf[OFL_NAME_LEN];
	char interface[OFL_NAME_LEN]; /* every next hop leaves through it */
	char table[OFL_NAME_LEN];
};

#define OFL_WEIGHT_DEFAULT 100

/* The whole policy.  `rules` sorted by seq; owned by who made it. */
struct ofl_policy {
	struct ofl_rule *rules;
	size_t rule_count;
	uint8_t default_class;		  /* enum ofl_class */
	char default_table[OFL_NAME_LEN]; /* empty: the only table, if one */
};

/* What classify asks of the world.  Each may be NULL: no match then. */
struct ofl_policy_env {
	void *arg;
	bool (*prefix_list_permits)(void *arg, const char *name,
				    const struct ofl_prefix *p);
	bool (*access_list_permits)(void *arg, const char *name,
				    const struct ofl_prefix *p);
	const char *(*vrf_name)(void *arg, uint32_t vrf);
	const char *(*interface_name)(void *arg, uint32_t ifindex,
				      uint32_t vrf);
};

struct ofl_verdict {
	uint8_t cls;
	bool offload_or_fail;
	uint32_t rule; /* sequence number; 0: the default class */
	uint32_t weight;
	const char *table; /* name in the policy; NULL: the default table */
};

/* The first matching rule decides; none: the default class and weight.
 * Guards (OFL_PROTO_LOCAL, OFL_PROTO_RESERVED) are *never* before any rule. */
struct ofl_verdict ofl_classify(const struct ofl_policy *policy,
				const struct ofl_policy_env *env,
				const struct ofl_flow *flow);

struct ofl_policy *ofl_policy_new(void); /* no rules, best-effort */
void ofl_policy_free(struct ofl_policy *p);
/* Insert (sorted) or overwrite the rule of the same seq; copies. */
void ofl_policy_rule_set(struct ofl_policy *p, const struct ofl_rule *rule);
const struct ofl_rule *ofl_policy_rule_find(const struct ofl_policy *p,
					    uint32_t seq);
bool ofl_policy_eq(const struct ofl_policy *a, const struct ofl_policy *b);
/* Does any rule look at this list / VRF / interface?  (What to re-judge.) */
bool ofl_policy_uses_prefix_list(const struct ofl_policy *p, const char *name);
bool ofl_policy_uses_access_list(const struct ofl_policy *p, const char *name);

#endif /* OFFLOADD_POLICY_POLICY_H */
