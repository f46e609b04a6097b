// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload metrics`: where the figures about this daemon may be had, and
 * who had them.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/metrics/metrics.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_metrics_clippy.c"
#endif

static void show_place(struct ofl_out *o, const struct ofl_metrics_status *s,
		       enum ofl_metrics_at at)
{
	static const char *const kinds[] = {"unix", "tcp"};
	static const char *const titles[] = {"Socket", "TCP port"};
	bool listening = s->at[at].listening;
	const char *error = s->at[at].error;

	ofl_out_item_begin(o);
	ofl_out_group_begin(o, NULL, titles[at]);
	ofl_out_str(o, "kind", NULL, kinds[at]);
	ofl_out_str(o, "where", "Where", s->at[at].where);
	ofl_out_bool(o, "listening", "Listening", listening);
	ofl_out_str(o, "error", error[0] ? "Because" : NULL, error);
	ofl_out_uint(o, "clients", "Connected now", s->at[at].clients);
	ofl_out_group_end(o, NULL);
	ofl_out_item_end(o);
}

DEFPY(ofl_show_metrics, ofl_show_metrics_cmd,
	"show offload metrics [json$json]",
	SHOW_STR
	OFL_STR
	"Where figures about this daemon may be had, and who had them\n"
	JSON_STR)
{
	struct ofl_metrics_status s;
	bool is_on = false;
	struct ofl_out o;

	ofl_metrics_status(&s);
	ofl_out_begin(&o, vty, json);
	ofl_out_array_begin(&o, "listeners");
	for (int at = 0; at < OFL_METRICS_AT_MAX; at++) {
		if (!s.at[at].configured)
			continue;
		is_on = true;
		show_place(&o, &s, at);
	}
	ofl_out_array_end(&o);
	if (!is_on)
		ofl_out_text(&o, "Metrics are off: configure metrics unix PATH "
				 "or metrics tcp PORT.\n");
	ofl_out_group_begin(&o, NULL, "Since the start");
	ofl_out_uint(&o, "scrapes", "Scrapes", s.scrapes);
	ofl_out_uint(&o, "errors", "Errors", s.errors);
	ofl_out_uint(&o, "longestUs", "Longest scrape (us)", s.longest_us);
	if (s.last_us)
		ofl_out_time(&o, "last", "Last", s.last_us);
	ofl_out_group_end(&o, NULL);
	return ofl_out_end(&o);
}

void ofl_show_metrics_init(void)
{
	install_element(VIEW_NODE, &ofl_show_metrics_cmd);
}
