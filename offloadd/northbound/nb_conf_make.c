// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The meaning of the model: a subtree of it as a struct ofl_conf.
 *
 * One table says for every leaf which member it sets.  Values are taken as
 * text, which libyang has checked, so this file refuses nothing.
 */
#include <zebra.h>

#include "if.h"

#include "offloadd/base/names.h"
#include "offloadd/engine/conf.h"
#include "offloadd/northbound/nb.h"

enum value_kind {
	VALUE_U8,
	VALUE_U16,
	VALUE_U32, /* "auto" is 0 */
	VALUE_BOOL,
	VALUE_PERMILLE, /* of a leaf in percent */
	VALUE_NAME,	/* char[OFL_NAME_LEN] */
	VALUE_PATH,	/* char[], as of struct ofl_store_conf */
	VALUE_FLAG,	/* brings its bits if true, sets no member */
	VALUE_CLASS,
	VALUE_FAMILY,
	VALUE_PROTO,
	VALUE_PERCENT, /* struct ofl_limit */
	VALUE_SLOTS,   /* struct ofl_limit */
	VALUE_TC_MODE,
	VALUE_SINGLE_PATH, /* bool */
	VALUE_REPAIR,
	VALUE_FEED,
	VALUE_ACK,
	VALUE_TRAFFIC,
	VALUE_TRAFFIC_METHOD,
	VALUE_ADDRESS,	       /* of the feed; its family goes with it */
	VALUE_METRICS_ADDRESS, /* likewise */
};

/* A leaf, by its parent's name and its own, and the member it sets. */
struct leaf {
	const char *parent, *name;
	enum value_kind kind;
	size_t offset;
	uint32_t match, set; /* bits of struct ofl_rule it brings */
};

static const struct leaf table_leaves[] = {
#define AT(member) offsetof(struct ofl_hwtable_conf, member)
	{"table", "provider", VALUE_NAME, AT(provider)},
	{"table", "capacity", VALUE_U32, AT(capacity_slots)},
	{"table", "reserve", VALUE_U32, AT(reserve_slots)},
	{"table", "hysteresis", VALUE_PERMILLE, AT(hysteresis_permille)},
	{"table", "residence", VALUE_U8, AT(residence_sweeps)},
	{"table", "critical-cover-limit", VALUE_U32,
	 AT(critical_cover_limit_slots)},
	{"table", "optional-writes", VALUE_U32, AT(optional_writes_per_s)},
	{"table", "rebalance-interval", VALUE_U32, AT(rebalance_s)},
	{"table", "exact-placement", VALUE_BOOL, AT(exact)},
	{"slot-cost", "ipv4", VALUE_U16, AT(cost_v4_slots)},
	{"slot-cost", "ipv6", VALUE_U16, AT(cost_v6_slots)},
	{"high-watermark", "percent", VALUE_PERCENT, AT(high)},
	{"high-watermark", "slots", VALUE_SLOTS, AT(high)},
	{"low-watermark", "percent", VALUE_PERCENT, AT(low)},
	{"low-watermark", "slots", VALUE_SLOTS, AT(low)},
	{"acl-slots", "percent", VALUE_PERCENT, AT(acl)},
	{"acl-slots", "slots", VALUE_SLOTS, AT(acl)},
	{"tc", "mode", VALUE_TC_MODE, AT(tc.mode)},
	{"tc", "multipath", VALUE_SINGLE_PATH, AT(tc.single_path)},
	{"tc", "block", VALUE_U32, AT(tc.block)},
	{"tc", "chain", VALUE_U32, AT(tc.chain)},
	{"tc", "pref", VALUE_U16, AT(tc.pref)},
	{"tc", "resource", VALUE_NAME, AT(tc.resource)},
	{"emulated", "file", VALUE_PATH, AT(emulated_file)},
	{NULL},
#undef AT
};

static const struct leaf rule_leaves[] = {
#define AT(member) offsetof(struct ofl_rule, member)
	{"rule", "sequence", VALUE_U32, AT(seq)},
	{"match", "address-family", VALUE_FAMILY, AT(family), OFL_MATCH_FAMILY},
	{"match", "prefix-list", VALUE_NAME, AT(prefix_list),
	 OFL_MATCH_PREFIX_LIST},
	{"match", "access-list", VALUE_NAME, AT(access_list),
	 OFL_MATCH_ACCESS_LIST},
	{"match", "protocol", VALUE_PROTO, AT(proto), OFL_MATCH_PROTO},
	{"match", "tag", VALUE_U32, AT(tag), OFL_MATCH_TAG},
	{"match", "vrf", VALUE_NAME, AT(vrf), OFL_MATCH_VRF},
	{"match", "nexthop-interface", VALUE_NAME, AT(interface),
	 OFL_MATCH_INTERFACE},
	{"distance", "minimum", VALUE_U8, AT(distance_min), OFL_MATCH_DISTANCE},
	{"distance", "maximum", VALUE_U8, AT(distance_max), OFL_MATCH_DISTANCE},
	{"metric", "minimum", VALUE_U32, AT(metric_min), OFL_MATCH_METRIC},
	{"metric", "maximum", VALUE_U32, AT(metric_max), OFL_MATCH_METRIC},
	{"prefix-length", "minimum", VALUE_U8, AT(plen_min), OFL_MATCH_PLEN},
	{"prefix-length", "maximum", VALUE_U8, AT(plen_max), OFL_MATCH_PLEN},
	{"set", "class", VALUE_CLASS, AT(cls)},
	{"set", "weight", VALUE_U32, AT(weight), 0, OFL_SET_WEIGHT},
	{"set", "table", VALUE_NAME, AT(table), 0, OFL_SET_TABLE},
	{"mice-filter", "packets", VALUE_U32, AT(mice_packets), 0,
	 OFL_SET_MICE},
	{"mice-filter", "kilobytes", VALUE_U32, AT(mice_kilobytes), 0,
	 OFL_SET_MICE},
	{"mice-filter", "window", VALUE_U32, AT(mice_window_s)},
	{"set", "offload-or-fail", VALUE_FLAG, 0, 0, OFL_SET_OFFLOAD_OR_FAIL},
	{NULL},
#undef AT
};

static const struct leaf conf_leaves[] = {
#define AT(member) offsetof(struct ofl_conf, member)
	{"database", "path", VALUE_PATH, AT(store.path)},
	{"database", "history-limit", VALUE_U32, AT(store.history_max)},
	{"database", "history-days", VALUE_U32, AT(store.history_days)},
	{"database", "size-limit", VALUE_U32, AT(store.size_max_mb)},
	{"database", "batch", VALUE_U32, AT(store.batch_ms)},
	{"audit", "interval", VALUE_U32, AT(audit.interval_s)},
	{"audit", "repairs", VALUE_U32, AT(audit.repairs_per_s)},
	{"feed", "source", VALUE_FEED, AT(feed.kind)},
	{"feed", "acknowledge", VALUE_ACK, AT(ack)},
	{"fpm", "address", VALUE_ADDRESS, AT(feed)},
	{"fpm", "port", VALUE_U16, AT(feed.fpm_port)},
	{"timers", "settle", VALUE_U32, AT(feed.settle_ms)},
	{"timers", "settle-max", VALUE_U32, AT(feed.settle_max_ms)},
	{"timers", "retry", VALUE_U32, AT(retry_ms)},
	{"timers", "hardware-timeout", VALUE_U32, AT(hw_timeout_ms)},
	{"shrink-guard", "enabled", VALUE_BOOL, AT(shrink.enabled)},
	{"shrink-guard", "percent", VALUE_U8, AT(shrink.percent)},
	{"shrink-guard", "hold", VALUE_U32, AT(shrink.hold_s)},
	{"shrink-guard", "minimum", VALUE_U32, AT(shrink.min_routes)},
	{"metrics", "unix", VALUE_PATH, AT(metrics.unix_path)},
	{"tcp", "port", VALUE_U16, AT(metrics.port)},
	{"tcp", "address", VALUE_METRICS_ADDRESS, AT(metrics)},
	{"traffic", "count", VALUE_TRAFFIC, AT(traffic.unit)},
	{"traffic", "half-life", VALUE_U32, AT(traffic.half_life_s)},
	{"traffic", "period", VALUE_U32, AT(traffic.period_s)},
	{"sampling", "rate", VALUE_U32, AT(traffic.sample_rate)},
	{"sampling", "budget", VALUE_U32, AT(traffic.sample_budget_pps)},
	{"sampling", "method", VALUE_TRAFFIC_METHOD, AT(traffic.method)},
	{"offload", "clean-on-exit", VALUE_BOOL, AT(clean_on_exit)},
	{"fib", "observe", VALUE_BOOL, AT(fib.observe)},
	{"fib", "repair", VALUE_REPAIR, AT(fib.repair)},
	{"fib", "resource", VALUE_NAME, AT(fib.resource)},
	{"fib", "low-watermark", VALUE_U8, AT(fib.low_percent)},
	{"fib", "high-watermark", VALUE_U8, AT(fib.high_percent)},
	{NULL},
#undef AT
};

static const struct leaf policy_leaves[] = {
#define AT(member) offsetof(struct ofl_policy, member)
	{"offload", "default-class", VALUE_CLASS, AT(default_class)},
	{"offload", "default-table", VALUE_NAME, AT(default_table)},
	{NULL},
#undef AT
};

_Static_assert(OFL_TC_PATH_LEN == OFL_NAME_LEN, "VALUE_NAME fits a path");
_Static_assert(OFL_EMULATED_FILE_LEN ==
		       sizeof(((struct ofl_store_conf *)0)->path),
	       "VALUE_PATH fits both");
_Static_assert(sizeof(((struct ofl_metrics_conf *)0)->unix_path) ==
		       OFL_EMULATED_FILE_LEN,
	       "VALUE_PATH fits a socket, too");
_Static_assert(OFL_FIB_PATH_LEN == OFL_NAME_LEN, "VALUE_NAME fits a path");

static void address_set(const char *text, uint8_t *ret_family,
			uint8_t ret_addr[16])
{
	*ret_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	memset(ret_addr, 0, 16);
	inet_pton(*ret_family, text, ret_addr);
}

static void feed_address_set(struct ofl_feed_conf *feed, const char *text)
{
	address_set(text, &feed->fpm_family, feed->fpm_addr);
}

static void metrics_address_set(struct ofl_metrics_conf *metrics,
				const char *text)
{
	address_set(text, &metrics->family, metrics->addr);
}

/* Words of an enumeration of ours. */
static void word_set(enum value_kind kind, void *member, const char *text)
{
	enum ofl_fib_repair repair;
	enum ofl_feed_kind feed;
	enum ofl_ack_mode ack;
	enum ofl_traffic_unit unit;
	enum ofl_traffic_method method;

	switch (kind) {
	case VALUE_TC_MODE:
		*(uint8_t *)member = strcmp(text, "software") == 0
					     ? OFL_TC_MODE_SOFTWARE
					     : OFL_TC_MODE_HARDWARE;
		break;
	case VALUE_SINGLE_PATH:
		*(bool *)member = strcmp(text, "single-path") == 0;
		break;
	case VALUE_REPAIR:
		if (ofl_fib_repair_parse(text, &repair))
			*(uint8_t *)member = repair;
		break;
	case VALUE_ACK:
		if (ofl_ack_mode_parse(text, &ack))
			*(uint8_t *)member = ack;
		break;
	case VALUE_FEED:
		if (ofl_feed_kind_parse(text, &feed))
			*(uint8_t *)member = feed;
		break;
	case VALUE_TRAFFIC_METHOD:
		if (ofl_traffic_method_parse(text, &method))
			*(uint8_t *)member = method;
		break;
	case VALUE_TRAFFIC:
		if (ofl_traffic_unit_parse(text, &unit))
			*(uint8_t *)member = unit;
		break;
	default:
		break;
	}
}

static void value_set(enum value_kind kind, void *member, const char *text)
{
	uint32_t number = strtoul(text, NULL, 10);
	enum ofl_class cls;

	switch (kind) {
	case VALUE_U8:
		*(uint8_t *)member = number;
		break;
	case VALUE_U16:
		*(uint16_t *)member = number;
		break;
	case VALUE_U32:
		*(uint32_t *)member = number;
		break;
	case VALUE_BOOL:
		*(bool *)member = strcmp(text, "true") == 0;
		break;
	case VALUE_PERMILLE:
		*(uint16_t *)member = number * 10;
		break;
	case VALUE_NAME:
		strlcpy(member, text, OFL_NAME_LEN);
		break;
	case VALUE_PATH:
		strlcpy(member, text,
			sizeof(((struct ofl_store_conf *)0)->path));
		break;
	case VALUE_FLAG:
		break;
	case VALUE_CLASS:
		if (ofl_class_parse(text, &cls))
			*(uint8_t *)member = cls;
		break;
	case VALUE_FAMILY:
		*(uint8_t *)member =
			strcmp(text, "ipv4") == 0 ? AF_INET : AF_INET6;
		break;
	case VALUE_PROTO:
		ofl_proto_parse(text, member);
		break;
	case VALUE_PERCENT:
	case VALUE_SLOTS:
		*(struct ofl_limit *)member = (struct ofl_limit){
			.value = number, .percent = kind == VALUE_PERCENT};
		break;
	case VALUE_ADDRESS:
		feed_address_set(member, text);
		break;
	case VALUE_METRICS_ADDRESS:
		metrics_address_set(member, text);
		break;
	default:
		word_set(kind, member, text);
		break;
	}
}

/* Set the member of `object` that this leaf is about; NULL: none, or a flag
 * that is false. */
static const struct leaf *leaf_apply(const struct leaf *leaves, void *object,
				     const struct lyd_node *dnode)
{
	const char *parent = lyd_parent(dnode)->schema->name;
	const char *text = yang_dnode_get_string(dnode, NULL);

	for (const struct leaf *l = leaves; l->name; l++) {
		if (strcmp(l->name, dnode->schema->name) != 0 ||
		    strcmp(l->parent, parent) != 0)
			continue;
		if (l->kind == VALUE_FLAG && strcmp(text, "true") != 0)
			return NULL;
		value_set(l->kind, (char *)object + l->offset, text);
		return l;
	}
	return NULL;
}

static bool is_leaf(const struct lyd_node *dnode)
{
	return dnode->schema->nodetype == LYS_LEAF;
}

/* In the order of numbers (sw2 before sw10), whatever order they came in: the
 * same ports are the same value.  The model has no more than there is room. */
static void port_add(struct ofl_tc_conf *tc, const char *name)
{
	unsigned int at = tc->port_count;

	if (at == OFL_TC_PORTS_MAX)
		return;
	for (; at > 0 && if_cmp_name_func(tc->ports[at - 1], name) > 0; at--)
		memcpy(tc->ports[at], tc->ports[at - 1], OFL_TC_PORT_LEN);
	memset(tc->ports[at], 0, OFL_TC_PORT_LEN);
	strlcpy(tc->ports[at], name, OFL_TC_PORT_LEN);
	tc->port_count++;
}

void ofl_nb_table_make(const struct lyd_node *table,
		       struct ofl_hwtable_conf *ret_table)
{
	const struct lyd_node *dnode;

	LYD_TREE_DFS_BEGIN(table, dnode)
	{
		if (is_leaf(dnode))
			leaf_apply(table_leaves, ret_table, dnode);
		else if (dnode->schema->nodetype == LYS_LEAFLIST)
			port_add(&ret_table->tc,
				 yang_dnode_get_string(dnode, NULL));
		LYD_TREE_DFS_END(table, dnode);
	}
}

/* False if the rule has no class. */
static bool rule_make(const struct lyd_node *entry, struct ofl_rule *ret_rule)
{
	const struct lyd_node *dnode;
	const struct leaf *l;
	bool has_class = false;

	memset(ret_rule, 0, sizeof(*ret_rule));
	ret_rule->cls = OFL_CLASS_BEST_EFFORT;
	ret_rule->weight = OFL_WEIGHT_DEFAULT;
	ret_rule->distance_max = UINT8_MAX;
	ret_rule->metric_max = UINT32_MAX;
	ret_rule->plen_max = 128;
	LYD_TREE_DFS_BEGIN(entry, dnode)
	{
		if (is_leaf(dnode)) {
			l = leaf_apply(rule_leaves, ret_rule, dnode);
			if (l) {
				ret_rule->match |= l->match;
				ret_rule->set |= l->set;
				has_class |= l->kind == VALUE_CLASS;
			}
		}
		LYD_TREE_DFS_END(entry, dnode);
	}
	return has_class;
}

static void rest_make(const struct lyd_node *top, struct ofl_conf *conf)
{
	const struct lyd_node *dnode;

	LYD_TREE_DFS_BEGIN(top, dnode)
	{
		if (is_leaf(dnode) && !leaf_apply(conf_leaves, conf, dnode))
			leaf_apply(policy_leaves, conf->policy, dnode);
		LYD_TREE_DFS_END(top, dnode);
	}
}

struct ofl_conf *ofl_nb_conf_make(const struct lyd_node *offload,
				  const char *db_path, bool with_incomplete)
{
	struct ofl_conf *conf = ofl_conf_new(db_path);
	const struct lyd_node *child;
	struct ofl_rule rule;

	LY_LIST_FOR(lyd_child(offload), child)
	{
		const char *name = child->schema->name;

		/* Access control lists are nb_acl_make.c's. */
		if (child->schema->module != offload->schema->module)
			continue;
		if (strcmp(name, "table") == 0) {
			name = yang_dnode_get_string(child, "./name");
			ofl_nb_table_make(child,
					  ofl_conf_table_add(conf, name));
		} else if (strcmp(name, "rule") == 0) {
			if (rule_make(child, &rule) || with_incomplete)
				ofl_policy_rule_set(conf->policy, &rule);
		} else {
			rest_make(child, conf);
		}
	}
	return conf;
}
