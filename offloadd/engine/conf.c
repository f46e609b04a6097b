// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration as one value: made, freed, and checked as a whole.
 *
 * The check answers what no single leaf of the model can: limits against each
 * other, names against what they name.  It refuses with a sentence and knows
 * nothing of where the configuration came from; northbound calls it before
 * anything is changed.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/conf.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_CONF, "offload configuration");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_CONF_TABLES, "offload configured tables");

struct ofl_conf *ofl_conf_new(const char *db_path)
{
	struct ofl_conf *c = XCALLOC(MTYPE_OFL_CONF, sizeof(*c));

	c->policy = ofl_policy_new();
	ofl_store_conf_init(&c->store);
	strlcpy(c->store.path, db_path, sizeof(c->store.path));
	c->feed.kind = OFL_FEED_ZAPI;
	c->feed.fpm_family = AF_INET;
	memcpy(c->feed.fpm_addr, (const uint8_t[]){127, 0, 0, 1}, 4);
	c->feed.fpm_port = OFL_FPM_PORT;
	c->feed.settle_ms = 3000;
	c->feed.settle_max_ms = 90000;
	c->shrink = (struct ofl_shrink_conf){
		.enabled = true,
		.percent = 25,
		.min_routes = 1000,
		.hold_s = 30,
	};
	ofl_audit_conf_init(&c->audit);
	c->metrics.family = AF_INET;
	memcpy(c->metrics.addr, (const uint8_t[]){127, 0, 0, 1}, 4);
	ofl_traffic_conf_init(&c->traffic);
	c->retry_ms = 5000;
	c->hw_timeout_ms = 10000;
	c->fib.repair = OFL_FIB_REPAIR_DEMOTE;
	c->fib.low_percent = 90;
	c->fib.high_percent = 97;
	return c;
}

void ofl_conf_free(struct ofl_conf *c)
{
	if (!c)
		return;
	ofl_policy_free(c->policy);
	XFREE(MTYPE_OFL_CONF_TABLES, c->tables);
	XFREE(MTYPE_OFL_CONF, c);
}

struct ofl_hwtable_conf *ofl_conf_table_add(struct ofl_conf *c,
					    const char *name)
{
	size_t at = 0;

	while (at < c->table_count && strcmp(c->tables[at].name, name) < 0)
		at++;
	c->tables = XREALLOC(MTYPE_OFL_CONF_TABLES, c->tables,
			     (c->table_count + 1) * sizeof(*c->tables));
	memmove(&c->tables[at + 1], &c->tables[at],
		(c->table_count - at) * sizeof(*c->tables));
	c->table_count++;
	ofl_hwtable_conf_init(&c->tables[at], name);
	return &c->tables[at];
}

const struct ofl_hwtable_conf *ofl_conf_table_find(const struct ofl_conf *c,
						   const char *name)
{
	for (size_t i = 0; i < c->table_count; i++)
		if (strcmp(c->tables[i].name, name) == 0)
			return &c->tables[i];
	return NULL;
}

bool ofl_conf_is_tc(const struct ofl_hwtable_conf *t)
{
	return strcmp(t->provider, "tc") == 0;
}

bool ofl_conf_is_same_hardware(const struct ofl_hwtable_conf *a,
			       const struct ofl_hwtable_conf *b)
{
	if (strcmp(a->provider, b->provider) != 0)
		return false;
	if (ofl_conf_is_tc(a))
		return memcmp(&a->tc, &b->tc, sizeof(a->tc)) == 0;
	return strcmp(a->emulated_file, b->emulated_file) == 0;
}

/* --- checks: true if it can be, else a sentence in buf --- */

bool ofl_conf_limits_can_be(const struct ofl_limit *low,
			    const struct ofl_limit *high,
			    uint32_t capacity_slots)
{
	if (low->percent == high->percent && low->value >= high->value)
		return false;
	if (!capacity_slots)
		return true;
	return ofl_limit_slots(low, capacity_slots) <
	       ofl_limit_slots(high, capacity_slots);
}

static const char *unit(const struct ofl_limit *l)
{
	return l->percent ? "percent" : "slots";
}

/* A reserve that the operator named; the automatic one always fits. */
static bool check_reserve(const struct ofl_hwtable_conf *t, char *buf,
			  size_t len)
{
	if (t->reserve_slots == OFL_RESERVE_AUTO)
		return true;
	if (t->reserve_slots >= t->capacity_slots)
		snprintf(buf, len,
			 "Table %s: a reserve of %u slots leaves nothing of "
			 "its capacity of %u.",
			 t->name, t->reserve_slots, t->capacity_slots);
	else if (ofl_limit_slots(&t->low, t->capacity_slots) >=
		 t->capacity_slots - t->reserve_slots)
		snprintf(buf, len,
			 "Table %s: the low watermark of %u %s is not below "
			 "the %u slots that the reserve leaves.",
			 t->name, t->low.value, unit(&t->low),
			 t->capacity_slots - t->reserve_slots);
	else
		return true;
	return false;
}

/* What can be said of a table only once its size is known. */
static bool check_capacity(const struct ofl_hwtable_conf *t, char *buf,
			   size_t len)
{
	uint32_t cost = MAX(t->cost_v4_slots, t->cost_v6_slots);

	if (cost > t->capacity_slots)
		snprintf(buf, len,
			 "Table %s: an entry takes %u slots, more than the %u "
			 "it has.",
			 t->name, cost, t->capacity_slots);
	else if (!t->high.percent && t->high.value > t->capacity_slots)
		snprintf(buf, len,
			 "Table %s: the high watermark of %u slots is above "
			 "its capacity of %u.",
			 t->name, t->high.value, t->capacity_slots);
	else if (!t->acl.percent && t->acl.value > t->capacity_slots)
		snprintf(buf, len,
			 "Table %s: the %u slots for access control lists are "
			 "more than its capacity of %u.",
			 t->name, t->acl.value, t->capacity_slots);
	else if (t->critical_cover_limit_slots > t->capacity_slots)
		snprintf(buf, len,
			 "Table %s: the critical cover limit of %u slots is "
			 "above its capacity of %u.",
			 t->name, t->critical_cover_limit_slots,
			 t->capacity_slots);
	else if (ofl_limit_slots(&t->low, t->capacity_slots) == 0)
		snprintf(buf, len,
			 "Table %s: the low watermark of %u %s is less than "
			 "one slot; best effort would never be admitted again.",
			 t->name, t->low.value, unit(&t->low));
	else
		return check_reserve(t, buf, len);
	return false;
}

bool ofl_conf_table_check(const struct ofl_hwtable_conf *t, char *buf,
			  size_t len)
{
	char of[32] = "";

	if (!ofl_provider_find(t->provider)) {
		snprintf(buf, len, "Table %s: there is no provider %s.",
			 t->name, t->provider);
		return false;
	}
	if (!ofl_conf_limits_can_be(&t->low, &t->high, t->capacity_slots)) {
		if (t->capacity_slots)
			snprintf(of, sizeof(of), " of %u slots",
				 t->capacity_slots);
		snprintf(buf, len,
			 "Table %s: the low watermark (%u %s) is not below the "
			 "high watermark (%u %s)%s.",
			 t->name, t->low.value, unit(&t->low), t->high.value,
			 unit(&t->high), of);
		return false;
	}
	if (t->capacity_slots)
		return check_capacity(t, buf, len);
	return true;
}

/* The name of a port that both have, or NULL. */
static const char *common_port(const struct ofl_tc_conf *a,
			       const struct ofl_tc_conf *b)
{
	for (unsigned int i = 0; i < a->port_count; i++)
		for (unsigned int j = 0; j < b->port_count; j++)
			if (strcmp(a->ports[i], b->ports[j]) == 0)
				return a->ports[i];
	return NULL;
}

/* A port has one ingress block and a block has one table.  Ports of a table
 * with another provider wait for theirs: they are free for others. */
static bool check_tc(const struct ofl_conf *c, size_t at, char *buf, size_t len)
{
	const struct ofl_hwtable_conf *t = &c->tables[at];
	const char *port;

	if (!ofl_conf_is_tc(t))
		return true;
	if (!t->tc.port_count) {
		snprintf(buf, len,
			 "Table %s: provider tc needs a port (tc port "
			 "INTERFACE) first.",
			 t->name);
		return false;
	}
	if (t->tc.pref < OFL_TC_PREF_MIN) {
		snprintf(
			buf, len,
			"Table %s: tc pref must be at least %u: the two before "
			"it lead to access control lists.",
			t->name, OFL_TC_PREF_MIN);
		return false;
	}
	for (size_t i = 0; i < at; i++) {
		const struct ofl_hwtable_conf *other = &c->tables[i];

		if (!ofl_conf_is_tc(other))
			continue;
		port = common_port(&t->tc, &other->tc);
		if (port) {
			snprintf(buf, len,
				 "Tables %s and %s: port %s can be in one of "
				 "them only.",
				 other->name, t->name, port);
			return false;
		}
		if (t->tc.block == other->tc.block) {
			snprintf(buf, len,
				 "Tables %s and %s: they cannot share tc block "
				 "%u.",
				 other->name, t->name, t->tc.block);
			return false;
		}
	}
	return true;
}

/* One file is one piece of hardware. */
static bool check_file(const struct ofl_conf *c, size_t at, char *buf,
		       size_t len)
{
	const struct ofl_hwtable_conf *t = &c->tables[at], *other;

	for (size_t i = 0; t->emulated_file[0] && i < at; i++) {
		other = &c->tables[i];
		if (strcmp(other->emulated_file, t->emulated_file) != 0)
			continue;
		snprintf(buf, len,
			 "Tables %s and %s: they cannot share the emulated "
			 "file %s.",
			 other->name, t->name, t->emulated_file);
		return false;
	}
	return true;
}

static bool check_range(const struct ofl_rule *r, uint32_t bit,
			const char *what, uint32_t min, uint32_t max, char *buf,
			size_t len)
{
	if (!(r->match & bit) || min <= max)
		return true;
	snprintf(buf, len, "Rule %u: the %s range %u to %u is empty.", r->seq,
		 what, min, max);
	return false;
}

/* A rule that asks for what the feed does not tell of any route it is about
 * would never match. */
static bool check_feed(const struct ofl_conf *c, const struct ofl_rule *r,
		       char *buf, size_t len)
{
	static const struct {
		uint32_t bit;
		const char *what;
	} facts[] = {
		{OFL_MATCH_TAG, "tag"},
		{OFL_MATCH_DISTANCE, "distance"},
		{OFL_MATCH_METRIC, "metric"},
	};

	if (ofl_feed_has_attributes(c->feed.kind) ||
	    ((r->match & OFL_MATCH_PROTO) &&
	     ofl_feed_is_by_zapi(c->feed.kind, r->proto)))
		return true;
	for (size_t i = 0; i < array_size(facts); i++) {
		if (!(r->match & facts[i].bit))
			continue;
		snprintf(buf, len,
			 "Rule %u could never match: it asks for the %s of "
			 "routes, which rib feed %s does not carry.",
			 r->seq, facts[i].what,
			 ofl_feed_kind_name(c->feed.kind));
		return false;
	}
	return true;
}

static bool check_rule(const struct ofl_conf *c, const struct ofl_rule *r,
		       char *buf, size_t len)
{
	if (!check_feed(c, r, buf, len))
		return false;
	if (!check_range(r, OFL_MATCH_PLEN, "prefix length", r->plen_min,
			 r->plen_max, buf, len) ||
	    !check_range(r, OFL_MATCH_DISTANCE, "distance", r->distance_min,
			 r->distance_max, buf, len) ||
	    !check_range(r, OFL_MATCH_METRIC, "metric", r->metric_min,
			 r->metric_max, buf, len))
		return false;
	if ((r->match & OFL_MATCH_FAMILY) && (r->match & OFL_MATCH_PLEN) &&
	    r->plen_min > ofl_family_bits(r->family)) {
		snprintf(buf, len,
			 "Rule %u: no IPv4 prefix is %u bits long or longer.",
			 r->seq, r->plen_min);
		return false;
	}
	if ((r->set & OFL_SET_TABLE) && !ofl_conf_table_find(c, r->table)) {
		snprintf(buf, len, "Rule %u: there is no table %s.", r->seq,
			 r->table);
		return false;
	}
	if ((r->set & OFL_SET_MICE) && r->cls != OFL_CLASS_BEST_EFFORT) {
		snprintf(buf, len,
			 "Rule %u: a mice filter holds back best-effort routes "
			 "only; remove it, or set another class than %s.",
			 r->seq, ofl_class_name(r->cls));
		return false;
	}
	return true;
}

/* Who asks is not asked who it is: this machine only. */
static bool check_metrics(const struct ofl_metrics_conf *m, char *buf,
			  size_t len)
{
	static const uint8_t loopback[] = {127, 0, 0, 1};
	char text[INET6_ADDRSTRLEN] = "";

	if (m->family == AF_INET6
		    ? memcmp(m->addr, &in6addr_loopback, 16) == 0
		    : memcmp(m->addr, loopback, sizeof(loopback)) == 0)
		return true;
	inet_ntop(m->family, m->addr, text, sizeof(text));
	snprintf(buf, len,
		 "Metrics: %s is not this machine alone; use 127.0.0.1 or "
		 "::1, and a proxy for others.",
		 text);
	return false;
}

static bool check_rest(const struct ofl_conf *c, char *buf, size_t len)
{
	const char *table = c->policy->default_table;

	if (table[0] && !ofl_conf_table_find(c, table))
		snprintf(buf, len, "The default table %s does not exist.",
			 table);
	else if (c->fib.low_percent >= c->fib.high_percent)
		snprintf(buf, len,
			 "The low watermark of the FIB (%u percent) is not "
			 "below the high one (%u percent).",
			 c->fib.low_percent, c->fib.high_percent);
	else if (c->feed.settle_ms > c->feed.settle_max_ms)
		snprintf(buf, len,
			 "The settle time of %u ms is above its maximum of %u "
			 "ms.",
			 c->feed.settle_ms, c->feed.settle_max_ms);
	else if (c->ack != OFL_ACK_MODE_OFF && c->feed.kind != OFL_FEED_FPM)
		snprintf(buf, len,
			 "Acknowledgements go to zebra over FPM: they need rib "
			 "feed fpm.");
	else
		return check_metrics(&c->metrics, buf, len);
	return false;
}

bool ofl_conf_check(const struct ofl_conf *c, char *buf, size_t len)
{
	if (c->table_count > OFL_TABLES_MAX) {
		snprintf(buf, len, "%zu tables are more than the %u possible.",
			 c->table_count, OFL_TABLES_MAX);
		return false;
	}
	for (size_t i = 0; i < c->table_count; i++)
		if (!ofl_conf_table_check(&c->tables[i], buf, len) ||
		    !check_tc(c, i, buf, len) || !check_file(c, i, buf, len))
			return false;
	for (size_t i = 0; i < c->policy->rule_count; i++)
		if (!check_rule(c, &c->policy->rules[i], buf, len))
			return false;
	return check_rest(c, buf, len);
}
