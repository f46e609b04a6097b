// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload flow static`: static flows, and how each stands.  Flows that
 * are routes are show_route.c's.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_ace.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_flows_clippy.c"
#endif

static void flow_json(struct ofl_out *o, const struct ofl_static_flow *f,
		      const struct ofl_ace_status *s)
{
	struct ofl_ace_settings none;
	struct ofl_ace_settings settings;
	char text[OFL_ACE_STRLEN];

	ofl_ace_settings_init(&none);
	settings = ofl_ace_settings_make(&none, &f->ace.settings);
	ofl_out_str(o, "remark", NULL, f->remark);
	ofl_out_str(o, "forwarding", NULL,
		    ofl_ace_forward_name(f->ace.action.forward));
	ofl_out_str(o, "match", NULL,
		    ofl_ace_print_match(&f->ace, OFL_ACL_MIXED, text,
					sizeof(text)));
	ofl_out_str(o, "actions", NULL,
		    ofl_ace_print_action(&f->ace.action, text, sizeof(text)));
	ofl_show_ace_settings(o, &settings);
	ofl_show_ace_json(o, s);
}

/* --- one --- */

static void flow_text(struct ofl_out *o, const struct ofl_ace_status *s)
{
	char text[OFL_SHOW_ACE_LEN];

	ofl_show_ace_hardware(s, text, sizeof(text));
	ofl_out_str(o, NULL, "Hardware", text);
	ofl_show_ace_software(s, text, sizeof(text));
	ofl_out_str(o, NULL, "Software", text);
	ofl_show_ace_part(s, text, sizeof(text));
	if (text[0])
		ofl_out_str(o, NULL, "Part", text);
}

static void flow_show(struct ofl_out *o, const struct ofl_static_flow *f)
{
	struct ofl_ace_status s;
	char text[OFL_ACE_STRLEN];

	ofl_show_ace_get(f->acl_id, f->ace.seq, true, &s);
	ofl_out_str(o, "name", "Name", f->name);
	ofl_out_str(o, "interface", "Interface", f->interface);
	ofl_out_uint(o, "priority", "Priority", f->priority);
	ofl_out_str(o, NULL, f->remark[0] ? "Remark" : NULL, f->remark);
	ofl_out_str(o, "entry", "Rule",
		    ofl_ace_print(&f->ace, OFL_ACL_MIXED, text, sizeof(text)));
	ofl_out_str(o, "state", "State", ofl_state_name(s.state));
	ofl_out_str(o, "reason", "Reason", ofl_reason_name(s.reason));
	ofl_out_str(o, "meaning", "Meaning", ofl_reason_meaning(s.reason));
	ofl_out_str(o, "remedy", "What would change it",
		    ofl_reason_remedy(s.reason));
	ofl_out_str(o, NULL, s.text[0] ? "Text" : NULL, s.text);
	flow_json(o, f, &s);
	flow_text(o, &s);
	ofl_out_text(o, "Attached to\n");
	ofl_out_array_begin(o, "attachedTo");
	ofl_show_applied(o, f->acl_id, f->interface, OFL_INGRESS);
	ofl_out_array_end(o);
}

/* --- all --- */

static bool flow_row(const struct ofl_static_flow *f, void *arg)
{
	struct ofl_out *o = arg;
	struct ofl_ace_status s;
	char text[OFL_ACE_STRLEN];

	ofl_show_ace_get(f->acl_id, f->ace.seq, true, &s);
	ofl_out_row_begin(o);
	ofl_out_cell(o, "name", 20, f->name);
	ofl_out_cell(o, "interface", 15, f->interface);
	ofl_out_cell_uint(o, "priority", -5, f->priority);
	ofl_out_cell(o, "state", 9, ofl_state_name(s.state));
	ofl_out_cell(o, "reason", 0, ofl_reason_name(s.reason));
	ofl_out_note(o, "entry",
		     ofl_ace_print(&f->ace, OFL_ACL_MIXED, text, sizeof(text)));
	if (o->is_json)
		flow_json(o, f, &s);
	else
		ofl_show_ace_notes(o, &s);
	ofl_out_row_end(o);
	return true;
}

DEFPY(ofl_show_static_flow, ofl_show_static_flow_cmd,
	"show offload flow static [WORD$ofl_flow] [json$json]",
	SHOW_STR
	OFL_STR
	"Routes by the number they have in the database\n"
	"Static flows: rules on packets\n"
	"Name of a static flow\n"
	JSON_STR)
{
	const struct ofl_static_flow *flow;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (ofl_flow) {
		flow = ofl_static_flow_find(ofl_flow);
		if (!flow)
			return ofl_out_error(&o, "There is no static flow %s.",
					     ofl_flow);
		flow_show(&o, flow);
		return ofl_out_end(&o);
	}
	ofl_out_text(&o, "%-20s %-15s %5s %-9s %s\n", "Flow", "Interface",
		     "Prio.", "State", "Reason");
	ofl_out_rows_begin(&o, "staticFlows");
	ofl_static_flows_walk(flow_row, &o);
	ofl_out_rows_end(&o);
	return ofl_out_end(&o);
}

ALIAS(ofl_show_static_flow, ofl_show_named_flow_cmd,
	"show offload flow WORD$ofl_flow [json$json]",
	SHOW_STR
	OFL_STR
	"Routes by the number they have in the database\n"
	"Name of a static flow\n"
	JSON_STR)

void ofl_show_flows_init(void)
{
	install_element(VIEW_NODE, &ofl_show_static_flow_cmd);
	install_element(VIEW_NODE, &ofl_show_named_flow_cmd);
}
