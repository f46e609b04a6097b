// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload fib`: what drivers that offload routes by themselves hold, and
 * what they forward wrongly.
 *
 * Where each route stands is show_route.c's.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_fib_clippy.c"
#endif

static const char *const family_names[2] = {"ipv4", "ipv6"};
static const char *const family_labels[2] = {"IPv4", "IPv6"};

static void show_counts(struct ofl_out *o, const struct ofl_fibview_stats *st)
{
	static const char *const labels[OFL_FIB_STATE_MAX] = {
		[OFL_FIB_NONE] = "Without an answer",
		[OFL_FIB_OFFLOADED] = "Offloaded",
		[OFL_FIB_TRAPPED] = "Sent to software",
		[OFL_FIB_FAILED] = "Failed",
	};

	for (int family = 0; family < 2; family++) {
		char title[32];

		snprintf(title, sizeof(title), "%s routes of the kernel",
			 family_labels[family]);
		ofl_out_group_begin(o, family_names[family], title);
		for (int s = 0; s < OFL_FIB_STATE_MAX; s++)
			ofl_out_uint(o, ofl_fib_state_name(s), labels[s],
				     st->by_state[family][s]);
		ofl_out_group_end(o, family_names[family]);
	}
}

static void show_news(struct ofl_out *o, const struct ofl_fib_status *s)
{
	const struct ofl_fibwatch_stats *w = &s->watch;

	ofl_out_group_begin(o, "news", "News from the kernel");
	ofl_out_bool(o, "current", "Complete", w->current);
	ofl_out_bool(o, "announcedIpv4", "IPv4 flags announced",
		     w->notifies[0]);
	ofl_out_bool(o, "announcedIpv6", "IPv6 flags announced",
		     w->notifies[1]);
	for (int family = 0; family < 2; family++)
		if (!w->notifies[family])
			ofl_out_text(o,
				     "    They are seen late, by lists: set "
				     "net.%s.fib_notify_on_flag_change\n",
				     family_names[family]);
	ofl_out_bool(o, "byNexthop",
		     w->by_nexthop ? "Flags of next hops" : NULL,
		     w->by_nexthop);
	ofl_out_uint(o, "messages", "Messages", w->messages);
	ofl_out_uint(o, "malformed", "Malformed messages", w->malformed);
	ofl_out_uint(o, "overruns", "Overruns", w->overruns);
	ofl_out_uint(o, "lists", "Lists", w->lists);
	ofl_out_uint(o, "images", "Distinct routes but for the prefix",
		     w->images);
	ofl_out_uint(o, "bytes", "Memory (bytes)", s->view.bytes);
	ofl_out_group_end(o, "news");
}

static void show_resource(struct ofl_out *o, const struct ofl_fib_status *s)
{
	char text[64];

	if (!s->conf.resource[0])
		return;
	ofl_out_group_begin(o, "resource", "Resource");
	ofl_out_str(o, "path", "Path", s->conf.resource);
	ofl_out_str(o, "error", s->resource_text[0] ? "Error" : NULL,
		    s->resource_text);
	if (s->has_resource) {
		ofl_out_uint(o, "used", "Used", s->used_slots);
		ofl_out_uint(o, "capacity", "Size", s->capacity_slots);
		ofl_out_bool(o, "aboveHigh", NULL, s->above_high);
	}
	ofl_out_uint(o, "lowWatermark", NULL, s->conf.low_percent);
	ofl_out_uint(o, "highWatermark", NULL, s->conf.high_percent);
	snprintf(text, sizeof(text), "%u and %u percent%s", s->conf.low_percent,
		 s->conf.high_percent, s->above_high ? ", reached" : "");
	ofl_out_str(o, NULL, "Watermarks", text);
	ofl_out_group_end(o, "resource");
}

static void show_repairs(struct ofl_out *o, const struct ofl_fib_status *s)
{
	ofl_out_group_begin(o, "repairs", "Repairs");
	ofl_out_str(o, "policy", "Policy", ofl_fib_repair_name(s->conf.repair));
	ofl_out_uint(o, "shadowed", "Forwarded by a shorter route",
		     s->view.shadowed);
	ofl_out_uint(o, "givenUp", "Of these, no repair helped",
		     s->view.given_up);
	ofl_out_uint(o, "demoted", "Out of hardware for others",
		     s->view.demoted);
	ofl_out_uint(o, "begun", "Begun", s->view.steps);
	ofl_out_uint(o, "written", "Written", s->written);
	ofl_out_uint(o, "refused", "Refused by the kernel", s->refused);
	ofl_out_uint(o, "mended", "Mended", s->view.mended);
	ofl_out_group_end(o, "repairs");
}

static bool show_shadowed(const struct ofl_fibview_route *r, void *arg)
{
	char prefix[OFL_PREFIX_STRLEN], above[OFL_PREFIX_STRLEN];
	struct ofl_out *o = arg;
	uint32_t vrf;

	ofl_prefix_print(&r->key.p, prefix, sizeof(prefix));
	ofl_prefix_print(&r->above.p, above, sizeof(above));
	ofl_out_row_begin(o);
	ofl_out_cell(o, "prefix", 26, prefix);
	ofl_out_cell(o, "forwardedBy", 26, above);
	ofl_out_cell(o, NULL, 0, r->given_up ? "no repair helped" : "");
	ofl_out_bool(o, "givenUp", NULL, r->given_up);
	ofl_out_uint(o, "kernelTable", NULL, r->key.vrf);
	if (ofl_engine_fib_vrf(r->key.vrf, &vrf))
		ofl_out_str(o, "vrf", NULL, ofl_engine_vrf_name(vrf));
	ofl_out_row_end(o);
	return true;
}

DEFPY(ofl_show_fib, ofl_show_fib_cmd,
	"show offload fib [json$json]",
	SHOW_STR
	OFL_STR
	"Drivers that offload the kernel's routes by themselves\n"
	JSON_STR)
{
	struct ofl_fib_status s;
	struct ofl_out o;

	ofl_engine_fib_status(&s);
	ofl_out_begin(&o, vty, json);
	ofl_out_bool(&o, "observed", "Observed", s.observed);
	if (!s.observed)
		return ofl_out_end(&o);
	ofl_out_bool(&o, "drivers", "A driver answered", s.drivers);
	show_counts(&o, &s.view);
	show_repairs(&o, &s);
	show_resource(&o, &s);
	show_news(&o, &s);
	if (s.view.shadowed)
		ofl_out_text(&o, "%-26s %-26s\n", "Packets of", "forwarded by");
	ofl_out_rows_begin(&o, "shadowed");
	ofl_engine_fib_shadowed_walk(show_shadowed, &o);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

void ofl_show_fib_init(void)
{
	install_element(VIEW_NODE, &ofl_show_fib_cmd);
}
