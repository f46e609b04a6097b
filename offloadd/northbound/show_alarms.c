// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload alarms`: levels that are raised now, and how often each was
 * told.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb_notify.h"
#include "offloadd/northbound/nodes.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_alarms_clippy.c"
#endif

#define FLOWS_SHOWN 20

static void show_values(struct ofl_out *o, const struct ofl_notice *n)
{
	if (n->table)
		ofl_out_str(o, "table", NULL, n->table);
	if (n->has_limits) {
		ofl_out_uint(o, "used", NULL, n->used_slots);
		ofl_out_uint(o, "capacity", NULL, n->capacity_slots);
		ofl_out_uint(o, "high", NULL, n->high_slots);
		ofl_out_uint(o, "low", NULL, n->low_slots);
	}
	if (n->kind == OFL_NOTICE_STORE)
		ofl_out_uint(o, "backlog", NULL, n->backlog);
	if (n->kind == OFL_NOTICE_FEED_HELD) {
		ofl_out_uint(o, "held", NULL, n->held);
		ofl_out_uint(o, "of", NULL, n->of);
		if (n->until_us)
			ofl_out_time(o, "until", "Until", n->until_us);
	}
	if (n->feed)
		ofl_out_str(o, "state", NULL, n->feed);
	if (n->text)
		ofl_out_str(o, "text", NULL, n->text);
}

static void show_alarm(const struct ofl_notice *n,
		       const struct ofl_notify_counts *c, void *arg)
{
	struct ofl_out *o = arg;
	char text[512];

	ofl_nb_notice_print(n, text, sizeof(text));
	ofl_out_item_begin(o);
	ofl_out_str(o, "alarm", NULL, ofl_notice_name(n->kind));
	ofl_out_group_begin(o, NULL, ofl_notice_name(n->kind));
	ofl_out_str(o, NULL, "Level", text);
	ofl_out_time(o, "since", "Since", n->since_us);
	show_values(o, n);
	ofl_out_uint(o, "told", "Notifications", c->tellings);
	ofl_out_uint(o, "suppressed", "Changes not told", c->suppressed);
	ofl_out_group_end(o, NULL);
	ofl_out_item_end(o);
}

struct flows {
	struct ofl_out *o;
	unsigned int shown;
};

static bool show_flow(const struct ofl_flow *f, void *arg)
{
	char prefix[OFL_PREFIX_STRLEN], text[256];
	const char *table = ofl_engine_table_name(f->table);
	struct flows *s = arg;
	struct ofl_out *o = s->o;

	ofl_prefix_print(&f->key.p, prefix, sizeof(prefix));
	snprintf(text, sizeof(text), "%s, %s (VRF %s)",
		 ofl_state_name(f->state), ofl_reason_name(f->reason),
		 ofl_engine_vrf_name(f->key.vrf));
	ofl_out_item_begin(o);
	ofl_out_str(o, "prefix", NULL, prefix);
	ofl_out_str(o, "vrf", NULL, ofl_engine_vrf_name(f->key.vrf));
	if (table)
		ofl_out_str(o, "table", NULL, table);
	ofl_out_str(o, "state", NULL, ofl_state_name(f->state));
	ofl_out_str(o, "reason", NULL, ofl_reason_name(f->reason));
	if (f->text)
		ofl_out_str(o, "text", NULL, f->text);
	if (o->is_json)
		ofl_out_time(o, "since", NULL, f->since_us);
	ofl_out_str(o, NULL, prefix, text);
	ofl_out_item_end(o);
	return ++s->shown < FLOWS_SHOWN;
}

static void show_flows(struct ofl_out *o, enum ofl_notice_kind kind,
		       const char *key)
{
	struct flows s = {.o = o};
	struct ofl_notify_counts c;

	ofl_notify_counts(kind, &c);
	if (!o->is_json && !c.up)
		return;
	ofl_out_group_begin(o, key, ofl_notice_name(kind));
	ofl_out_uint(o, "count", "Flows", c.up);
	ofl_out_uint(o, "toldCount", "Of these told", c.told);
	ofl_out_array_begin(o, "flows");
	ofl_notify_flows_walk(kind, show_flow, &s);
	ofl_out_array_end(o);
	if (c.told > s.shown)
		ofl_out_text(o, "  and %" PRIu64 " more that were told\n",
			     c.told - s.shown);
	ofl_out_group_end(o, key);
}

/* Since the start, by kind. */
static void show_counts(struct ofl_out *o)
{
	struct ofl_notify_counts c;
	char text[80];

	ofl_out_group_begin(o, "notifications",
			    "Notifications since the start");
	for (unsigned int k = 0; k < OFL_NOTICE_MAX; k++) {
		const char *name = ofl_notice_name(k);

		ofl_notify_counts(k, &c);
		ofl_out_group_begin(o, name, NULL);
		ofl_out_uint(o, "told", NULL, c.tellings);
		if (k == OFL_NOTICE_REMOVED)
			ofl_out_uint(o, "entries", NULL, c.events);
		else
			ofl_out_uint(o, "suppressed", NULL, c.suppressed);
		ofl_out_group_end(o, name);
		snprintf(text, sizeof(text),
			 k == OFL_NOTICE_REMOVED
				 ? "%" PRIu64 ", of %" PRIu64 " entries"
				 : "%" PRIu64 ", %" PRIu64 " changes not told",
			 c.tellings,
			 k == OFL_NOTICE_REMOVED ? c.events : c.suppressed);
		ofl_out_str(o, NULL, name, text);
	}
	ofl_out_group_end(o, "notifications");
}

DEFPY(ofl_show_alarms, ofl_show_alarms_cmd,
	"show offload alarms [json$json]",
	SHOW_STR
	OFL_STR
	"What is not as it should be now, and how often it was told\n"
	JSON_STR)
{
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	ofl_out_array_begin(&o, "alarms");
	ofl_notify_alarms_walk(show_alarm, &o);
	ofl_out_array_end(&o);
	show_flows(&o, OFL_NOTICE_CRITICAL, "criticalNotOffloaded");
	show_flows(&o, OFL_NOTICE_OR_FAIL, "offloadOrFailFailed");
	show_counts(&o);
	return ofl_out_end(&o);
}

void ofl_show_alarms_init(void)
{
	install_element(VIEW_NODE, &ofl_show_alarms_cmd);
}
