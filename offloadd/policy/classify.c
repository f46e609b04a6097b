// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is this flow worth?  One pure function, a numbered ladder; the rows of
 * its test carry the same numbers.
 *
 * It runs for every route of a full table whenever the policy changes: it
 * allocates nothing, and within a rule what costs little is asked before what
 * costs much (numbers, then names, then lists).  It does not ask whether the
 * flow is ready or whether there is room: readiness is the source's, room is
 * placement's.
 */
#include <zebra.h>

#include "offloadd/policy/policy.h"

static bool wants(const struct ofl_rule *r, uint32_t match)
{
	return r->match & match;
}

static bool vrf_matches(const struct ofl_rule *r,
			const struct ofl_policy_env *env,
			const struct ofl_flow *f)
{
	const char *name = NULL;

	if (env->vrf_name)
		name = env->vrf_name(env->arg, f->key.vrf);
	return name && strcmp(name, r->vrf) == 0;
}

/* A route without next hops (not ready, or a discard route) leaves through no
 * interface at all, so it does not match. */
static bool interface_matches(const struct ofl_rule *r,
			      const struct ofl_policy_env *env,
			      const struct ofl_flow *f)
{
	const struct ofl_action *a = f->action;

	if (!env->interface_name || !a || !a->nh_count)
		return false;
	for (unsigned int i = 0; i < a->nh_count; i++) {
		const char *name = env->interface_name(
			env->arg, a->nh[i].ifindex, a->nh[i].vrf);

		if (!name || strcmp(name, r->interface) != 0)
			return false;
	}
	return true;
}

/* Does every condition of the rule hold?  3.1 to 3.6 compare numbers of the
 * flow, 3.7 and 3.8 names, 3.9 and 3.10 walk lists. */
static bool rule_matches(const struct ofl_rule *r,
			 const struct ofl_policy_env *env,
			 const struct ofl_flow *f)
{
	const struct ofl_prefix *p = &f->key.p;
	const struct ofl_facts *facts = &f->facts;

	/* 3.1 address family */
	if (wants(r, OFL_MATCH_FAMILY) && p->family != r->family)
		return false;
	/* 3.2 protocol */
	if (wants(r, OFL_MATCH_PROTO) && facts->proto != r->proto)
		return false;
	/* 3.3 prefix length */
	if (wants(r, OFL_MATCH_PLEN) &&
	    (p->plen < r->plen_min || p->plen > r->plen_max))
		return false;
	/* 3.4 to 3.6 need what the feed does not always tell. */
	if (wants(r, OFL_MATCH_DISTANCE | OFL_MATCH_TAG | OFL_MATCH_METRIC) &&
	    !ofl_facts_are_full(facts))
		return false;
	/* 3.4 administrative distance */
	if (wants(r, OFL_MATCH_DISTANCE) &&
	    (facts->distance < r->distance_min ||
	     facts->distance > r->distance_max))
		return false;
	/* 3.5 tag */
	if (wants(r, OFL_MATCH_TAG) && facts->tag != r->tag)
		return false;
	/* 3.6 metric */
	if (wants(r, OFL_MATCH_METRIC) &&
	    (facts->metric < r->metric_min || facts->metric > r->metric_max))
		return false;
	/* 3.7 VRF */
	if (wants(r, OFL_MATCH_VRF) && !vrf_matches(r, env, f))
		return false;
	/* 3.8 interface of every next hop */
	if (wants(r, OFL_MATCH_INTERFACE) && !interface_matches(r, env, f))
		return false;
	/* 3.9 prefix-list */
	if (wants(r, OFL_MATCH_PREFIX_LIST) &&
	    (!env->prefix_list_permits ||
	     !env->prefix_list_permits(env->arg, r->prefix_list, p)))
		return false;
	/* 3.10 access-list */
	if (wants(r, OFL_MATCH_ACCESS_LIST) &&
	    (!env->access_list_permits ||
	     !env->access_list_permits(env->arg, r->access_list, p)))
		return false;
	return true;
}

static struct ofl_verdict rule_verdict(const struct ofl_rule *r)
{
	struct ofl_verdict v = {
		.cls = r->cls,
		.offload_or_fail = r->set & OFL_SET_OFFLOAD_OR_FAIL,
		.rule = r->seq,
		.weight = OFL_WEIGHT_DEFAULT,
	};

	if (r->set & OFL_SET_WEIGHT)
		v.weight = r->weight;
	if (r->set & OFL_SET_TABLE)
		v.table = r->table;
	return v;
}

struct ofl_verdict ofl_classify(const struct ofl_policy *policy,
				const struct ofl_policy_env *env,
				const struct ofl_flow *flow)
{
	struct ofl_verdict v = {
		.cls = OFL_CLASS_NEVER,
		.weight = OFL_WEIGHT_DEFAULT,
	};

	/* 1. An address of this router: packets to it end here. */
	if (flow->facts.proto == OFL_PROTO_LOCAL)
		return v;
	/* 2. A block that hardware must never answer. */
	if (flow->facts.proto == OFL_PROTO_RESERVED)
		return v;
	/* 3. The operator's rules: the first that matches decides. */
	for (size_t i = 0; i < policy->rule_count; i++)
		if (rule_matches(&policy->rules[i], env, flow))
			return rule_verdict(&policy->rules[i]);
	/* 4. No rule: the default class. */
	v.cls = policy->default_class;
	return v;
}
