// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload table`: how full each hardware table is, and what is in it.
 * `offload exercise`: faults and latencies of a provider that offers them.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "vrf.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/conf.h"
#include "offloadd/engine/lists.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_table_clippy.c"
#endif

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_SHOW_ENTRIES, "offload show entries");

#define CRITICAL_SHOWN 10

static const char *admission(const struct ofl_table_status *t)
{
	return t->place.closed ? "closed" : "open";
}

/* --- all about one table --- */

static void table_slots(struct ofl_out *o, const struct ofl_table_status *t)
{
	const struct ofl_place_stats *p = &t->place;
	struct ofl_lists_at at = {0};

	ofl_out_uint(o, "capacity", "Capacity (slots)",
		     t->limits.capacity_slots);
	if (p->learned_slots)
		ofl_out_uint(o, "learned", "Learned (slots)", p->learned_slots);
	ofl_out_uint(o, "used", "Used (slots)", p->used_slots);
	ofl_out_uint(o, "high", "High watermark", t->limits.high_slots);
	ofl_out_uint(o, "low", "Low watermark", t->limits.low_slots);
	ofl_out_uint(o, "reserve", "Reserve", t->reserve_slots);
	/* Of the whole table: what lists have is off the capacity of routes. */
	if (!ofl_lists_at(t->conf->name, &at) || !at.lists)
		at.limit_slots = ofl_limit_slots(&t->conf->acl,
						 t->limits.capacity_slots);
	ofl_out_uint(o, "aclLimit", "Lists at most", at.limit_slots);
	ofl_out_uint(o, "costIpv4", "Slots per IPv4 entry",
		     t->limits.cost_v4_slots);
	ofl_out_uint(o, "costIpv6", "Slots per IPv6 entry",
		     t->limits.cost_v6_slots);
	ofl_out_str(o, "admission", "Best effort", admission(t));
	ofl_out_uint(o, "crossingsHigh", "Times closed", p->crossings_high);
	ofl_out_uint(o, "crossingsLow", "Times opened", p->crossings_low);
}

/* As configured; what the provider made of it is not said here. */
static void table_tc(struct ofl_out *o, const struct ofl_tc_conf *tc)
{
	char text[OFL_TC_PORTS_MAX * OFL_TC_PORT_LEN] = "";

	ofl_out_group_begin(o, "tc", NULL);
	ofl_out_array_begin(o, "ports");
	for (unsigned int i = 0; i < tc->port_count; i++) {
		ofl_out_item_begin(o);
		ofl_out_str(o, "name", NULL, tc->ports[i]);
		ofl_out_item_end(o);
		if (i)
			strlcat(text, " ", sizeof(text));
		strlcat(text, tc->ports[i], sizeof(text));
	}
	ofl_out_array_end(o);
	ofl_out_str(o, NULL, "Ports", text);
	ofl_out_str(o, "mode", "Mode",
		    tc->mode == OFL_TC_MODE_SOFTWARE ? "software" : "hardware");
	ofl_out_uint(o, "block", "Block", tc->block);
	ofl_out_group_end(o, "tc");
}

static void table_flows(struct ofl_out *o, const struct ofl_table_status *t)
{
	ofl_out_uint(o, "routes", "Routes", t->place.routes);
	ofl_out_uint(o, "eligible", "Eligible routes", t->place.eligible);
	ofl_out_uint(o, "waiting", "Waiting for a slot", t->place.waiting);
}

static void table_hardware(struct ofl_out *o, const struct ofl_table_status *t)
{
	const struct ofl_provider_stats *p = &t->provider;

	ofl_out_uint(o, "entries", "Entries", p->entries);
	ofl_out_uint(o, "found", p->found ? "Of an earlier run" : NULL,
		     p->found);
	ofl_out_uint(o, "added", "Added", p->added);
	ofl_out_uint(o, "replaced", "Replaced", p->replaced);
	ofl_out_uint(o, "deleted", "Deleted", p->deleted);
	ofl_out_uint(o, "refused", "Refused", p->refused);
	ofl_out_uint(o, "lost", "Lost", p->lost);
	ofl_out_uint(o, "opsSent", "Operations sent", t->ops_sent);
	ofl_out_uint(o, "opsOk", "Operations done", t->ops_ok);
	ofl_out_uint(o, "opsFailed", "Operations failed", t->ops_failed);
	ofl_out_uint(o, "inFlight", "Not answered yet", t->place.in_flight);
	ofl_out_uint(o, "oldestInFlightMs", "Oldest of them (ms)",
		     t->oldest_in_flight_ms);
}

/* --- how good the plan is --- */

/* The critical routes with the most covers, and sums of all of them. */
struct critical_top {
	struct {
		struct ofl_key key;
		uint32_t slots;
	} v[CRITICAL_SHOWN];
	unsigned int n;
	uint64_t routes, slots;
};

static bool critical_collect(const struct ofl_key *key, uint32_t cover_slots,
			     void *arg)
{
	struct critical_top *top = arg;
	unsigned int at = top->n;

	top->routes++;
	top->slots += cover_slots;
	for (; at > 0; at--) {
		uint32_t slots = top->v[at - 1].slots;

		if (slots > cover_slots ||
		    (slots == cover_slots &&
		     ofl_key_cmp(&top->v[at - 1].key, key) < 0))
			break;
		if (at < CRITICAL_SHOWN)
			top->v[at] = top->v[at - 1];
	}
	if (at < CRITICAL_SHOWN) {
		top->v[at].key = *key;
		top->v[at].slots = cover_slots;
		top->n = MIN(top->n + 1, CRITICAL_SHOWN);
	}
	return true;
}

static void critical_row(struct ofl_out *o, const struct ofl_key *key,
			 uint32_t slots)
{
	const char *vrf = ofl_engine_vrf_name(key->vrf);
	char prefix[OFL_PREFIX_STRLEN];

	ofl_prefix_print(&key->p, prefix, sizeof(prefix));
	ofl_out_item_begin(o);
	ofl_out_str(o, "prefix", NULL, prefix);
	ofl_out_str(o, "vrf", NULL, vrf);
	ofl_out_uint(o, "coverSlots", NULL, slots);
	ofl_out_item_end(o);
	ofl_out_text(o, "    %s%s%s: %u slots\n", prefix,
		     key->vrf == VRF_DEFAULT ? "" : " VRF ",
		     key->vrf == VRF_DEFAULT ? "" : vrf, slots);
}

static void place_critical(struct ofl_out *o, const struct ofl_table_status *t)
{
	struct critical_top top = {.n = 0};
	char text[96];

	ofl_engine_critical_walk(t->conf->name, critical_collect, &top);
	snprintf(text, sizeof(text), "%" PRIu64 " slots, for %" PRIu64 " flows",
		 top.slots, top.routes);
	ofl_out_str(o, NULL, "Covers of critical", text);
	ofl_out_uint(o, "criticalCoverSlots", NULL, top.slots);
	ofl_out_uint(o, "criticalCoverRoutes", NULL, top.routes);
	ofl_out_array_begin(o, "criticalCovers");
	for (unsigned int i = 0; i < top.n; i++)
		critical_row(o, &top.v[i].key, top.v[i].slots);
	ofl_out_array_end(o);
	if (top.routes > top.n)
		ofl_out_text(o, "    and %" PRIu64 " more\n",
			     top.routes - top.n);
}

/* Rounded down, so that only the whole is 100. */
static double percent(double part, double whole)
{
	if (whole <= 0)
		return 100;
	return (uint32_t)(MIN(part / whole, 1.0) * 100000) / 1000.0;
}

static void place_value(struct ofl_out *o, const char *label, double value,
			double bound)
{
	char text[96];

	snprintf(text, sizeof(text), "%.0f of at most %.0f", value, bound);
	ofl_out_str(o, NULL, label, text);
}

static void place_certificate(struct ofl_out *o,
			      const struct ofl_place_certificate *c)
{
	double total = c->total + c->total_critical;
	double value = c->value + c->value_critical;
	double quality = percent(c->quality, 1), hit = percent(value, total);
	char text[96];

	ofl_out_bool(o, "valid", NULL, c->valid);
	if (!c->valid) {
		ofl_out_str(o, NULL, "Quality", "being computed");
		return;
	}
	snprintf(text, sizeof(text), "%.3f %%%s", quality,
		 c->exact ? ", the exact optimum" : " of the upper bound");
	ofl_out_str(o, NULL, "Quality", text);
	place_value(o, "Value", c->value, c->bound);
	if (c->total_critical > 0)
		place_value(o, "Critical value", c->value_critical,
			    c->bound_critical);
	snprintf(text, sizeof(text), "%.3f %% of %.0f", hit, total);
	ofl_out_str(o, NULL, "Hit share", text);
	ofl_out_bool(o, "exact", NULL, c->exact);
	ofl_out_real(o, "qualityPercent", NULL, quality, 3);
	ofl_out_real(o, "hitPercent", NULL, hit, 3);
	ofl_out_real(o, "value", NULL, c->value, 0);
	ofl_out_real(o, "valueCritical", NULL, c->value_critical, 0);
	ofl_out_real(o, "bound", NULL, c->bound, 0);
	ofl_out_real(o, "boundCritical", NULL, c->bound_critical, 0);
	ofl_out_real(o, "total", NULL, c->total, 0);
	ofl_out_real(o, "totalCritical", NULL, c->total_critical, 0);
	ofl_out_real(o, "price", "Price of a slot", c->price, 3);
	ofl_out_real(o, "priceCritical",
		     c->price_critical > 0 ? "Price, critical" : NULL,
		     c->price_critical, 3);
}

static void place_changes(struct ofl_out *o, const struct ofl_table_status *t)
{
	const struct ofl_place_stats *p = &t->place;
	bool is_limited = t->limits.optional_burst > 0;
	char text[96];

	snprintf(text, sizeof(text), "%" PRIu64 " made, not limited",
		 p->optional_writes);
	if (is_limited)
		snprintf(text, sizeof(text), "%" PRIu64 " made, %u left",
			 p->optional_writes, p->optional_left);
	ofl_out_uint(o, "searches", "Price searches", p->searches);
	ofl_out_str(o, NULL, "Optional writes", text);
	ofl_out_uint(o, "optionalWrites", NULL, p->optional_writes);
	if (is_limited)
		ofl_out_uint(o, "optionalLeft", NULL, p->optional_left);
	ofl_out_bool(o, "improving", "Still improving", p->improving);
}

/* In JSON the older members are the table's own. */
static void table_placement(struct ofl_out *o, const struct ofl_table_status *t)
{
	const struct ofl_place_stats *p = &t->place;
	char text[96];

	ofl_out_group_begin(o, NULL, "Placement");
	snprintf(text, sizeof(text), "%u planned, %u used", p->planned_slots,
		 p->used_slots);
	ofl_out_str(o, NULL, "Slots", text);
	ofl_out_uint(o, "planned", NULL, p->planned_slots);
	ofl_out_uint(o, "critical", "Of these critical", p->critical_slots);
	ofl_out_uint(o, "covers", "Of these covers", p->cover_slots);
	ofl_out_uint(o, "elided", "Elided routes", p->elided);
	ofl_out_uint(o, "evictions", "Evicted for others", p->evictions);
	ofl_out_group_begin(o, "placement", NULL);
	place_certificate(o, &t->certificate);
	place_changes(o, t);
	place_critical(o, t);
	ofl_out_group_end(o, "placement");
	ofl_out_group_end(o, NULL);
}

static void table_lists(struct ofl_out *o, const struct ofl_table_status *t)
{
	struct ofl_lists_at at;
	char text[96];

	if (!ofl_lists_at(t->conf->name, &at))
		return;
	ofl_out_group_begin(o, "lists", "Access control lists");
	snprintf(text, sizeof(text), "%u planned, %u used, at most %u",
		 at.planned_slots, at.used_slots, at.limit_slots);
	ofl_out_str(o, NULL, "Slots", text);
	ofl_out_uint(o, "limit", NULL, at.limit_slots);
	ofl_out_uint(o, "planned", NULL, at.planned_slots);
	ofl_out_uint(o, "used", NULL, at.used_slots);
	ofl_out_uint(o, "lists", "Lists", at.lists);
	ofl_out_uint(o, "rules", "Rules", at.rules);
	ofl_out_uint(o, "real", "In hardware", at.real);
	ofl_out_uint(o, "covers", "Covers", at.covers);
	ofl_out_uint(o, "parts", "Parts of split rules", at.parts);
	ofl_out_uint(o, "marks", "Marks in use", at.marks);
	ofl_out_uint(o, "writes", "Writes", at.writes);
	ofl_out_group_end(o, "lists");
}

void ofl_out_table_state(struct ofl_out *o, const struct ofl_table_status *t,
			 bool with_text)
{
	const char *because = t->not_ready_text[0] ? t->not_ready_text
						   : "not started yet";

	ofl_out_bool(o, "ready", with_text ? "Ready" : NULL, t->ready);
	if (t->ready_us)
		ofl_out_time(o, "readySince",
			     with_text && !t->ready ? "Since" : NULL,
			     t->ready_us);
	if (!t->ready)
		ofl_out_str(o, "notReadyText", with_text ? "Because" : NULL,
			    because);
	ofl_out_bool(o, "silent", NULL, t->silent);
	if (t->silent)
		ofl_out_time(o, "silentSince",
			     with_text ? "Silent since" : NULL, t->silent_us);
}

static void table_show(struct ofl_out *o, const struct ofl_table_status *t)
{
	ofl_out_text(o, "Table %s\n", t->conf->name);
	ofl_out_str(o, "name", NULL, t->conf->name);
	ofl_out_str(o, "provider", "Provider", t->conf->provider);
	ofl_out_table_state(o, t, true);
	if (ofl_conf_is_tc(t->conf))
		table_tc(o, &t->conf->tc);
	table_slots(o, t);
	table_flows(o, t);
	table_hardware(o, t);
	table_placement(o, t);
	table_lists(o, t);
}

/* --- a line for each --- */

static void table_row(struct ofl_out *o, const struct ofl_table_status *t)
{
	ofl_out_row_begin(o);
	ofl_out_cell(o, NULL, 16, t->conf->name);
	ofl_out_cell(o, NULL, 9, t->ready ? t->conf->provider : "not ready");
	ofl_out_cell_uint(o, NULL, -8, t->limits.capacity_slots);
	ofl_out_cell_uint(o, NULL, -8, t->place.used_slots);
	ofl_out_cell_uint(o, NULL, -8, t->limits.low_slots);
	ofl_out_cell_uint(o, NULL, -8, t->limits.high_slots);
	ofl_out_cell_uint(o, NULL, -8, t->provider.entries);
	ofl_out_cell(o, NULL, 0, admission(t));
	ofl_out_row_end(o);
}

static bool table_each(const struct ofl_table_status *t, void *arg)
{
	struct ofl_out *o = arg;

	if (o->is_json) {
		ofl_out_row_begin(o);
		table_show(o, t);
		ofl_out_row_end(o);
	} else {
		table_row(o, t);
	}
	return true;
}

DEFPY(ofl_show_table, ofl_show_table_cmd,
	"show offload table [WORD$ofl_table] [json$json]",
	SHOW_STR
	OFL_STR
	"Hardware tables\n"
	"Name of a table\n"
	JSON_STR)
{
	struct ofl_table_status status;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (ofl_table) {
		if (!ofl_engine_table_status(ofl_table, &status))
			return ofl_out_error(&o, "There is no table %s.",
					     ofl_table);
		table_show(&o, &status);
		return ofl_out_end(&o);
	}
	ofl_out_text(&o, "%-16s %-9s %8s %8s %8s %8s %8s %s\n", "Table",
		     "Provider", "Slots", "Used", "Low", "High", "Entries",
		     "B.effort");
	ofl_out_rows_begin(&o, "tables");
	ofl_engine_tables_walk(table_each, &o);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

/* --- what is in it --- */

struct entries {
	struct ofl_hw_entry *v;
	size_t n, size;
};

static void entry_collect(const struct ofl_hw_entry *e, void *arg)
{
	struct entries *all = arg;

	if (all->n == all->size) {
		all->size = MAX(256, all->size * 2);
		all->v = XREALLOC(MTYPE_OFL_SHOW_ENTRIES, all->v,
				  all->size * sizeof(*all->v));
	}
	all->v[all->n++] = *e;
}

static int entry_cmp(const void *a, const void *b)
{
	const struct ofl_hw_entry *x = a, *y = b;

	return ofl_key_cmp(&x->key, &y->key);
}

static void entry_row(struct ofl_out *o, const struct ofl_hw_entry *e)
{
	char prefix[OFL_PREFIX_STRLEN];

	ofl_out_row_begin(o);
	ofl_out_cell(o, "prefix", 19,
		     ofl_prefix_print(&e->key.p, prefix, sizeof(prefix)));
	ofl_out_cell(o, "entry", 5, ofl_entry_name(e->entry));
	ofl_out_cell_uint(o, "slots", -5, e->slots);
	ofl_out_cell_uint(o, "identity", -8, e->identity);
	ofl_out_cell_uint(o, "packets", -10, e->packets);
	ofl_out_cell_uint(o, "bytes", -14, e->bytes);
	ofl_out_cell(o, "vrf", 0, ofl_engine_vrf_name(e->key.vrf));
	ofl_out_row_end(o);
}

DEFPY(ofl_show_entries, ofl_show_entries_cmd,
	"show offload table WORD$ofl_table entries [json$json]",
	SHOW_STR
	OFL_STR
	"Hardware tables\n"
	"Name of a table\n"
	"What hardware holds\n"
	JSON_STR)
{
	struct entries all = {NULL};
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!ofl_engine_table_dump(ofl_table, entry_collect, &all))
		return ofl_out_error(&o, "There is no table %s.", ofl_table);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), entry_cmp);
	ofl_out_str(&o, "name", NULL, ofl_table);
	ofl_out_text(&o, "%-19s %-5s %5s %8s %10s %14s %s\n", "Prefix", "Entry",
		     "Slots", "Next hop", "Packets", "Bytes", "VRF");
	ofl_out_rows_begin(&o, "entries");
	for (size_t i = 0; i < all.n; i++)
		entry_row(&o, &all.v[i]);
	ofl_out_rows_end(&o);
	XFREE(MTYPE_OFL_SHOW_ENTRIES, all.v);
	return ofl_out_end(&o);
}

/* --- what it takes --- */

struct capabilities {
	struct ofl_out *o;
	bool any;
};

static const char *capability_state(const struct ofl_capability *c)
{
	static const char *const names[] = {
		[OFL_CAPABILITY_UNKNOWN] = "unknown",
		[OFL_CAPABILITY_OK] = "ok",
		[OFL_CAPABILITY_REFUSED] = "refused",
		[OFL_CAPABILITY_UNUSED] = "unused",
	};

	return names[c->state];
}

static const char *capability_tried(const struct ofl_capability *c)
{
	if (c->state == OFL_CAPABILITY_UNUSED ||
	    (c->state == OFL_CAPABILITY_UNKNOWN && !c->errnum))
		return "no";
	return c->of_block ? "on all ports" : "alone";
}

static bool capability_row(const struct ofl_capability *c, void *arg)
{
	struct capabilities *all = arg;
	struct ofl_out *o = all->o;

	all->any = true;
	ofl_out_row_begin(o);
	ofl_out_cell(o, "port", 15, c->port);
	ofl_out_cell(o, "kind", 6, c->is_key ? "key" : "action");
	ofl_out_cell(o, "name", 19, c->name);
	ofl_out_cell(o, "state", 8, capability_state(c));
	if (o->is_json) {
		if (c->errnum)
			ofl_out_uint(o, "errno", NULL, c->errnum);
		ofl_out_bool(o, "ofBlock", NULL, c->of_block);
	} else {
		ofl_out_cell(o, NULL, 0, capability_tried(c));
	}
	if (c->text[0])
		ofl_out_note(o, "text", c->text);
	ofl_out_row_end(o);
	return true;
}

DEFPY(ofl_show_capabilities, ofl_show_capabilities_cmd,
	"show offload table WORD$ofl_table capabilities [json$json]",
	SHOW_STR
	OFL_STR
	"Hardware tables\n"
	"Name of a table\n"
	"Keys and actions that hardware takes, port by port\n"
	JSON_STR)
{
	struct ofl_out o;
	struct capabilities all = {.o = &o};
	struct ofl_table_status status;

	ofl_out_begin(&o, vty, json);
	if (!ofl_engine_table_status(ofl_table, &status))
		return ofl_out_error(&o, "There is no table %s.", ofl_table);
	ofl_out_str(&o, "name", NULL, ofl_table);
	ofl_out_text(&o, "%-15s %-6s %-19s %-8s %s\n", "Port", "Kind", "Name",
		     "State", "Tried");
	ofl_out_rows_begin(&o, "capabilities");
	ofl_engine_capabilities_walk(ofl_table, capability_row, &all);
	if (!all.any)
		ofl_out_text(&o, "Nothing was tried.\n");
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

/* --- exercises --- */

DEFPY(ofl_exercise, ofl_exercise_cmd,
	"offload exercise table WORD$ofl_table LINE...",
	OFL_STR
	"Give the provider of a table a fault or a latency\n"
	"Hardware tables\n"
	"Name of a table\n"
	"What the provider shall do\n")
{
	char *words = argv_concat(argv, argc, 4);
	const char *error = "There is no such exercise.";
	bool ok = ofl_engine_exercise(ofl_table, words, &error);

	if (!ok)
		vty_out(vty, "%% %s\n", error);
	XFREE(MTYPE_TMP, words);
	return ok ? CMD_SUCCESS : CMD_WARNING;
}

void ofl_show_table_init(void)
{
	install_element(VIEW_NODE, &ofl_show_table_cmd);
	install_element(VIEW_NODE, &ofl_show_entries_cmd);
	install_element(VIEW_NODE, &ofl_show_capabilities_cmd);
	install_element(ENABLE_NODE, &ofl_exercise_cmd);
}
