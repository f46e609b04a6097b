// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening and closing the room: see northbound.h.
 */
#include <zebra.h>

#include "filter.h"
#include "plist.h"

#include "offloadd/engine/acl.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_notify.h"
#include "offloadd/northbound/northbound.h"
#include "offloadd/northbound/state.h"

static void prefix_list_changed(struct prefix_list *list)
{
	ofl_engine_prefix_list_changed(prefix_list_name(list));
}

static void access_list_changed(struct access_list *list)
{
	ofl_engine_access_list_changed(list->name);
	ofl_acls_access_list_changed(list->name);
}

void ofl_northbound_init(void)
{
	ofl_nb_config_init();
	ofl_nb_nacm_init();
	ofl_cli_init();
	ofl_cli_acl_init();
	ofl_cli_ace_init();
	ofl_cli_table_init();
	ofl_cli_tc_init();
	ofl_cli_ask_init();
	ofl_cli_feed_init();
	ofl_cli_fib_init();
	ofl_cli_metrics_init();
	ofl_cli_nacm_init();
	ofl_cli_nacm_rule_init();
	ofl_cli_traffic_init();
	ofl_cli_rule_init();
	ofl_cli_debug_init();
	ofl_show_summary_init();
	ofl_show_table_init();
	ofl_show_acl_init();
	ofl_show_alarms_init();
	ofl_notify_set_tell(ofl_nb_notify);
	ofl_show_flows_init();
	ofl_show_audit_init();
	ofl_show_foreign_init();
	ofl_show_nacm_init();
	ofl_show_explain_init();
	ofl_show_fib_init();
	ofl_show_route_init();
	ofl_show_history_init();
	ofl_show_simulate_init();
	ofl_show_netconf_init();
	ofl_show_metrics_init();
	ofl_show_traffic_init();
	prefix_list_add_hook(prefix_list_changed);
	prefix_list_delete_hook(prefix_list_changed);
	access_list_add_hook(access_list_changed);
	access_list_delete_hook(access_list_changed);
}

void ofl_northbound_fini(void)
{
	ofl_notify_set_tell(NULL);
	prefix_list_add_hook(NULL);
	prefix_list_delete_hook(NULL);
	access_list_add_hook(NULL);
	access_list_delete_hook(NULL);
	ofl_state_sums_fini();
	ofl_state_table_fini();
	ofl_state_acl_fini();
	ofl_state_traffic_fini();
}
