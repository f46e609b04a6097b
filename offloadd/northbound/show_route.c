// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload route` and `show offload flow`: where each route stands, and
 * everything about one.
 *
 * A list is sorted for the reader, so it costs a walk and a sort of what
 * passes the filters.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "vrf.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/base/names.h"
#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#include "offloadd/northbound/show_traffic.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_route_clippy.c"
#endif

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_SHOW_FLOWS, "offload show flows");

#define COVERS_SHOWN 10 /* in text */

/* --- one route --- */

static void show_nexthops(struct ofl_out *o, const struct ofl_action *a)
{
	char gw[OFL_ADDR_STRLEN], mac[18];

	if (!a)
		return;
	if (a->kind == OFL_ACTION_BLACKHOLE) {
		ofl_out_str(o, "action", "Action", "discard");
		return;
	}
	ofl_out_str(o, "action", NULL, "forward");
	ofl_out_array_begin(o, "nexthops");
	for (int i = 0; i < a->nh_count; i++) {
		const struct ofl_nexthop *nh = &a->nh[i];
		const char *ifname =
			ofl_engine_interface_name(nh->ifindex, nh->vrf);

		ofl_addr_print(nh->family, nh->gw, gw, sizeof(gw));
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
			 nh->mac[0], nh->mac[1], nh->mac[2], nh->mac[3],
			 nh->mac[4], nh->mac[5]);
		ofl_out_item_begin(o);
		ofl_out_str(o, "gateway", NULL, gw);
		ofl_out_str(o, "interface", NULL, ifname);
		ofl_out_str(o, "mac", NULL, mac);
		ofl_out_uint(o, "weight", NULL, nh->weight);
		ofl_out_item_end(o);
		ofl_out_text(o, "  %-22s%s %s\n%24s%s, weight %u\n",
			     i ? "" : "Next hops:", gw, ifname, "", mac,
			     nh->weight);
	}
	ofl_out_array_end(o);
}

struct cover_walk {
	struct ofl_out *o;
	uint32_t n;
};

static bool show_cover(const struct ofl_key *cover, enum ofl_entry entry,
		       void *arg)
{
	struct cover_walk *w = arg;
	char prefix[OFL_PREFIX_STRLEN];

	ofl_prefix_print(&cover->p, prefix, sizeof(prefix));
	if (w->n++ < COVERS_SHOWN)
		ofl_out_text(w->o, "%24s%s (%s)\n", "", prefix,
			     ofl_entry_name(entry));
	ofl_out_item_begin(w->o);
	ofl_out_str(w->o, "prefix", NULL, prefix);
	ofl_out_str(w->o, "entry", NULL, ofl_entry_name(entry));
	ofl_out_item_end(w->o);
	return true;
}

static void show_covers(struct ofl_out *o, const struct ofl_explain *e)
{
	struct cover_walk w = {.o = o};
	char prefix[OFL_PREFIX_STRLEN];

	if (e->has_cover)
		ofl_out_str(o, "cover", "Shorter entry above",
			    ofl_prefix_print(&e->cover.p, prefix,
					     sizeof(prefix)));
	if (e->has_cover && e->view.entry == OFL_ENTRY_PUNT)
		ofl_out_str(o, "serves", "Serves as cover for", prefix);
	ofl_out_uint(o, "coversNeededCount",
		     e->covers_needed ? "Covers needed" : NULL,
		     e->covers_needed);
	ofl_out_array_begin(o, "coversNeeded");
	ofl_engine_covers_walk(e->flow, show_cover, &w);
	ofl_out_array_end(o);
	if (w.n > COVERS_SHOWN)
		ofl_out_text(o, "%24sand %u more\n", "", w.n - COVERS_SHOWN);
}

static void show_class(struct ofl_out *o, const struct ofl_flow *f)
{
	const char *cls = ofl_class_name(f->cls);
	char text[64];

	if (f->rule)
		snprintf(text, sizeof(text), "%s, by rule %u", cls, f->rule);
	else
		snprintf(text, sizeof(text), "%s, by default", cls);
	ofl_out_str(o, NULL, "Class", text);
	ofl_out_str(o, "class", NULL, cls);
	ofl_out_uint(o, "rule", NULL, f->rule);
	ofl_out_uint(o, "weight", "Weight", f->weight);
	ofl_out_bool(o, "offloadOrFail",
		     f->offload_or_fail ? "Offload or fail" : NULL,
		     f->offload_or_fail);
}

/* Zebra has it no longer, and that is not believed yet. */
static void show_hold(struct ofl_out *o, const struct ofl_flow *f)
{
	struct ofl_feed_hold hold;

	ofl_out_bool(o, "held", NULL, f->retained);
	if (!f->retained)
		return;
	ofl_engine_feed_hold(&hold);
	ofl_out_str(o, NULL, "Held",
		    f->retained_stale
			    ? "zebra did not announce it again; by shrink-guard"
			    : "zebra withdrew it; by shrink-guard");
	ofl_out_str(o, "heldReason", NULL,
		    ofl_reason_name(f->retained_stale ? OFL_REASON_STALE
						      : OFL_REASON_WITHDRAWN));
	ofl_out_time(o, "heldSince", "Held since", hold.since_us);
	ofl_out_time(o, "heldUntil", "Held until", hold.until_us);
}

static void show_state(struct ofl_out *o, const struct ofl_explain *e)
{
	const struct ofl_flow *f = e->flow;
	const char *table = ofl_engine_table_name(f->table);

	ofl_out_str(o, "state", "State", ofl_state_name(f->state));
	ofl_out_str(o, "reason", "Reason", ofl_reason_name(f->reason));
	ofl_out_str(o, "meaning", "Meaning", ofl_reason_meaning(f->reason));
	ofl_out_str(o, "remedy", "Changed by", ofl_reason_remedy(f->reason));
	ofl_out_time(o, "since", "Since", f->since_us);
	show_hold(o, f);
	if (f->text)
		ofl_out_str(o, "text", "Hardware says", f->text);
	if (f->errnum)
		ofl_out_uint(o, "errno", "Error number", f->errnum);
	if (table)
		ofl_out_str(o, "table", "Table", table);
	ofl_out_str(o, "entry", "Entry", ofl_entry_name(e->view.entry));
	ofl_out_str(o, "wantedEntry",
		    e->view.want != e->view.entry ? "Entry planned" : NULL,
		    ofl_entry_name(e->view.want));
	if (e->view.in_flight)
		ofl_out_str(o, "inFlight", "Operation unanswered",
			    ofl_op_kind_name(e->view.in_flight));
	ofl_out_uint(o, "slots", "Slots", e->view.slots);
}

static void show_facts(struct ofl_out *o, const struct ofl_flow *f)
{
	const struct ofl_facts *x = &f->facts;
	char text[96];

	if (ofl_facts_are_full(x))
		snprintf(text, sizeof(text),
			 "%s, distance %u, metric %u, tag %u, instance %u",
			 ofl_proto_name(x->proto), x->distance, x->metric,
			 x->tag, x->instance);
	else
		snprintf(text, sizeof(text),
			 "%s (the feed does not tell distance, metric, tag)",
			 ofl_proto_name(x->proto));
	ofl_out_str(o, NULL, "Protocol", text);
	ofl_out_str(o, "protocol", NULL, ofl_proto_name(x->proto));
	if (!ofl_facts_are_full(x))
		return;
	ofl_out_uint(o, "distance", NULL, x->distance);
	ofl_out_uint(o, "metric", NULL, x->metric);
	ofl_out_uint(o, "tag", NULL, x->tag);
	ofl_out_uint(o, "instance", NULL, x->instance);
}

static void show_traffic(struct ofl_out *o, const struct ofl_flow *f)
{
	struct ofl_traffic_status status;
	struct ofl_traffic_view view;

	ofl_engine_traffic_status(&status);
	if (ofl_engine_traffic_of(f, &view))
		ofl_show_traffic_of(o, "Traffic", &view, status.conf->unit);
}

/* Everything about the route, to the end of the output. */
static int show_one(struct ofl_out *o, const struct ofl_key *key)
{
	const char *vrf = ofl_engine_vrf_name(key->vrf);
	char prefix[OFL_PREFIX_STRLEN];
	struct ofl_explain e;

	ofl_prefix_print(&key->p, prefix, sizeof(prefix));
	if (!ofl_engine_explain(key, &e))
		return ofl_out_error(o, "There is no route %s in VRF %s.",
				     prefix, vrf);
	ofl_out_text(o, "Route %s, VRF %s\n", prefix, vrf);
	ofl_out_str(o, "prefix", NULL, prefix);
	ofl_out_str(o, "vrf", NULL, vrf);
	ofl_out_uint(o, "id", "Flow", e.flow->id);
	show_facts(o, e.flow);
	show_class(o, e.flow);
	show_state(o, &e);
	show_traffic(o, e.flow);
	show_covers(o, &e);
	show_nexthops(o, e.flow->action);
	return ofl_out_end(o);
}

/* --- lists --- */

/* What a list shows; has_x false: any. */
struct filter {
	bool has_vrf, has_state, has_class, has_within;
	uint32_t vrf;
	enum ofl_state state;
	enum ofl_class cls;
	struct ofl_prefix within;
};

struct flow_list {
	const struct filter *filter;
	const struct ofl_flow **v;
	size_t n, size;
};

static bool list_collect(struct ofl_flow *f, void *arg)
{
	struct flow_list *l = arg;
	const struct filter *x = l->filter;

	if ((x->has_vrf && f->key.vrf != x->vrf) ||
	    (x->has_state && f->state != x->state) ||
	    (x->has_class && f->cls != x->cls) ||
	    (x->has_within && !ofl_prefix_contains(&x->within, &f->key.p)))
		return true;
	if (l->n == l->size) {
		l->size = MAX(1024, l->size * 2);
		l->v = XREALLOC(MTYPE_OFL_SHOW_FLOWS, l->v,
				l->size * sizeof(*l->v));
	}
	l->v[l->n++] = f;
	return true;
}

static int cmp_key(const void *a, const void *b)
{
	const struct ofl_flow *const *x = a, *const *y = b;

	return ofl_key_cmp(&(*x)->key, &(*y)->key);
}

static int cmp_id(const void *a, const void *b)
{
	const struct ofl_flow *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static void list_row(struct ofl_out *o, const struct ofl_flow *f, bool by_id)
{
	const char *table = ofl_engine_table_name(f->table);
	char prefix[OFL_PREFIX_STRLEN], reason[48];

	ofl_prefix_print(&f->key.p, prefix, sizeof(prefix));
	ofl_out_row_begin(o);
	if (by_id || o->is_json)
		ofl_out_cell_uint(o, "id", -9, f->id);
	ofl_out_cell(o, "prefix", 18, prefix);
	ofl_out_cell(o, "class", 11, ofl_class_name(f->cls));
	ofl_out_cell(o, "state", 9, ofl_state_name(f->state));
	if (table || !o->is_json)
		ofl_out_cell(o, "table", by_id ? 6 : 12, table ? table : "-");
	snprintf(reason, sizeof(reason), "%s%s", ofl_reason_name(f->reason),
		 f->retained && !o->is_json ? ", held" : "");
	ofl_out_cell(o, "reason", 0, reason);
	if (f->retained)
		ofl_out_bool(o, "held", NULL, true);
	ofl_out_str(o, "vrf", NULL, ofl_engine_vrf_name(f->key.vrf));
	ofl_out_str(o, "protocol", NULL, ofl_proto_name(f->facts.proto));
	ofl_out_uint(o, "rule", NULL, f->rule);
	ofl_out_uint(o, "weight", NULL, f->weight);
	if (o->is_json)
		ofl_out_time(o, "since", NULL, f->since_us);
	ofl_out_row_end(o);
}

static void list_heading(struct ofl_out *o, bool by_id)
{
	if (by_id)
		ofl_out_text(o, "%9s %-18s %-11s %-9s %-6s %s\n", "Flow",
			     "Prefix", "Class", "State", "Table", "Reason");
	else
		ofl_out_text(o, "%-18s %-11s %-9s %-12s %s\n", "Prefix",
			     "Class", "State", "Table", "Reason");
}

static int show_list(struct ofl_out *o, const struct filter *filter, bool by_id)
{
	struct flow_list l = {.filter = filter};
	uint32_t vrf = 0;

	ofl_flowtab_walk(ofl_engine_flows(), list_collect, &l);
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_id ? cmp_id : cmp_key);
	list_heading(o, by_id);
	ofl_out_rows_begin(o, by_id ? "flows" : "routes");
	for (size_t i = 0; i < l.n; i++) {
		if (!by_id && (i == 0 || l.v[i]->key.vrf != vrf)) {
			vrf = l.v[i]->key.vrf;
			ofl_out_text(o, "VRF %s:\n", ofl_engine_vrf_name(vrf));
		}
		list_row(o, l.v[i], by_id);
	}
	ofl_out_rows_end(o);
	ofl_out_text(o, "%zu route%s\n", l.n, l.n == 1 ? "" : "s");
	XFREE(MTYPE_OFL_SHOW_FLOWS, l.v);
	return ofl_out_end(o);
}

/* --- commands --- */

static int show_prefix(struct ofl_out *o, const char *text, uint32_t vrf,
		       const struct ofl_prefix *prefix)
{
	struct ofl_key key = {.vrf = vrf, .p = *prefix};

	if (!strchr(text, '/') && !ofl_engine_longest(vrf, prefix, &key))
		return ofl_out_error(o, "No route in VRF %s matches %s.",
				     ofl_engine_vrf_name(vrf), text);
	return show_one(o, &key);
}

DEFPY(ofl_show_route, ofl_show_route_cmd,
	"show offload route [<A.B.C.D|A.B.C.D/M|X:X::X:X|X:X::X:X/M>$prefix [longer-prefixes$longer]] [vrf NAME$vrf_name] [{state <seen|waiting|sent|offloaded|covered|elided|leaving|failed>$state|class <critical|best-effort|never>$cls}] [json$json]",
	SHOW_STR
	OFL_STR
	"Routes and where they stand\n"
	"The route that an IPv4 address matches\n"
	"An IPv4 route\n"
	"The route that an IPv6 address matches\n"
	"An IPv6 route\n"
	"List it and the more specific ones\n"
	"In one VRF\n"
	"Name of the VRF\n"
	"Only those in one state\n"
	"Not judged yet\n"
	"In software; the reason says why\n"
	"Hardware was asked for it\n"
	"Hardware forwards it\n"
	"Hardware sends it to software\n"
	"A shorter entry forwards it alike\n"
	"Hardware was asked to remove it\n"
	"Hardware refused it\n"
	"Only those of one class\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stay in software\n"
	JSON_STR)
{
	struct filter filter = {.vrf = VRF_DEFAULT};
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (prefix && !ofl_prefix_parse(prefix, true, &filter.within))
		return ofl_out_error(&o, "%s is not a prefix.", prefix);
	if (vrf_name && !ofl_engine_vrf_find(vrf_name, &filter.vrf))
		return ofl_out_error(&o, "There is no VRF %s.", vrf_name);
	if (prefix && !longer && !state && !cls)
		return show_prefix(&o, prefix, filter.vrf, &filter.within);
	filter.has_vrf = vrf_name || prefix;
	filter.has_within = prefix;
	filter.has_state = state && ofl_state_parse(state, &filter.state);
	filter.has_class = cls && ofl_class_parse(cls, &filter.cls);
	return show_list(&o, &filter, false);
}

DEFPY(ofl_show_flow, ofl_show_flow_cmd,
	"show offload flow [(1-9223372036854775807)$id] [json$json]",
	SHOW_STR
	OFL_STR
	"Routes by the number they have in the database\n"
	"Number of a flow\n"
	JSON_STR)
{
	const struct filter all = {0};
	struct ofl_flow *f;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!id_str)
		return show_list(&o, &all, true);
	f = ofl_flowtab_find_id(ofl_engine_flows(), id);
	if (!f)
		return ofl_out_error(&o, "There is no flow %s.", id_str);
	return show_one(&o, &f->key);
}

void ofl_show_route_init(void)
{
	install_element(VIEW_NODE, &ofl_show_route_cmd);
	install_element(VIEW_NODE, &ofl_show_flow_cmd);
}
