// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The policy as a value: an array of rules in order of sequence number.
 *
 * Rules are few and change rarely, so an array that classify.c can run through
 * without a pointer to follow beats any tree.  It does not check a rule (the
 * northbound does) and does not look inside lists.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/policy/policy.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_POLICY, "offload policy");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RULES, "offload policy rules");

struct ofl_policy *ofl_policy_new(void)
{
	struct ofl_policy *p = XCALLOC(MTYPE_OFL_POLICY, sizeof(*p));

	p->default_class = OFL_CLASS_BEST_EFFORT;
	return p;
}

void ofl_policy_free(struct ofl_policy *p)
{
	if (!p)
		return;
	XFREE(MTYPE_OFL_RULES, p->rules);
	XFREE(MTYPE_OFL_POLICY, p);
}

/* Index of the first rule whose sequence number is not below `seq`. */
static size_t rule_index(const struct ofl_policy *p, uint32_t seq)
{
	size_t low = 0, high = p->rule_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->rules[mid].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool has_seq_at(const struct ofl_policy *p, size_t i, uint32_t seq)
{
	return i < p->rule_count && p->rules[i].seq == seq;
}

void ofl_policy_rule_set(struct ofl_policy *p, const struct ofl_rule *rule)
{
	struct ofl_rule copy = *rule; /* `rule` may be one of p's own */
	size_t i = rule_index(p, copy.seq);

	if (!has_seq_at(p, i, copy.seq)) {
		p->rules = XREALLOC(MTYPE_OFL_RULES, p->rules,
				    (p->rule_count + 1) * sizeof(p->rules[0]));
		memmove(&p->rules[i + 1], &p->rules[i],
			(p->rule_count - i) * sizeof(p->rules[0]));
		p->rule_count++;
	}
	p->rules[i] = copy;
}

const struct ofl_rule *ofl_policy_rule_find(const struct ofl_policy *p,
					    uint32_t seq)
{
	size_t i = rule_index(p, seq);

	return has_seq_at(p, i, seq) ? &p->rules[i] : NULL;
}

/* Only what a rule says counts; what it leaves out may hold anything. */
static bool match_eq(const struct ofl_rule *a, const struct ofl_rule *b)
{
	if (a->match != b->match)
		return false;
	if ((a->match & OFL_MATCH_FAMILY) && a->family != b->family)
		return false;
	if ((a->match & OFL_MATCH_PREFIX_LIST) &&
	    strcmp(a->prefix_list, b->prefix_list) != 0)
		return false;
	if ((a->match & OFL_MATCH_PROTO) && a->proto != b->proto)
		return false;
	if ((a->match & OFL_MATCH_TAG) && a->tag != b->tag)
		return false;
	if ((a->match & OFL_MATCH_DISTANCE) &&
	    (a->distance_min != b->distance_min ||
	     a->distance_max != b->distance_max))
		return false;
	if ((a->match & OFL_MATCH_METRIC) &&
	    (a->metric_min != b->metric_min || a->metric_max != b->metric_max))
		return false;
	if ((a->match & OFL_MATCH_VRF) && strcmp(a->vrf, b->vrf) != 0)
		return false;
	if ((a->match & OFL_MATCH_INTERFACE) &&
	    strcmp(a->interface, b->interface) != 0)
		return false;
	if ((a->match & OFL_MATCH_PLEN) &&
	    (a->plen_min != b->plen_min || a->plen_max != b->plen_max))
		return false;
	if ((a->match & OFL_MATCH_ACCESS_LIST) &&
	    strcmp(a->access_list, b->access_list) != 0)
		return false;
	return true;
}

static bool set_eq(const struct ofl_rule *a, const struct ofl_rule *b)
{
	if (a->cls != b->cls || a->set != b->set)
		return false;
	if ((a->set & OFL_SET_WEIGHT) && a->weight != b->weight)
		return false;
	if ((a->set & OFL_SET_TABLE) && strcmp(a->table, b->table) != 0)
		return false;
	if ((a->set & OFL_SET_MICE) &&
	    (a->mice_packets != b->mice_packets ||
	     a->mice_kilobytes != b->mice_kilobytes ||
	     a->mice_window_s != b->mice_window_s))
		return false;
	return true;
}

bool ofl_policy_eq(const struct ofl_policy *a, const struct ofl_policy *b)
{
	if (a->rule_count != b->rule_count ||
	    a->default_class != b->default_class ||
	    strcmp(a->default_table, b->default_table) != 0)
		return false;
	for (size_t i = 0; i < a->rule_count; i++)
		if (a->rules[i].seq != b->rules[i].seq ||
		    !match_eq(&a->rules[i], &b->rules[i]) ||
		    !set_eq(&a->rules[i], &b->rules[i]))
			return false;
	return true;
}

bool ofl_policy_uses_prefix_list(const struct ofl_policy *p, const char *name)
{
	for (size_t i = 0; i < p->rule_count; i++)
		if ((p->rules[i].match & OFL_MATCH_PREFIX_LIST) &&
		    strcmp(p->rules[i].prefix_list, name) == 0)
			return true;
	return false;
}

bool ofl_policy_uses_access_list(const struct ofl_policy *p, const char *name)
{
	for (size_t i = 0; i < p->rule_count; i++)
		if ((p->rules[i].match & OFL_MATCH_ACCESS_LIST) &&
		    strcmp(p->rules[i].access_list, name) == 0)
			return true;
	return false;
}
