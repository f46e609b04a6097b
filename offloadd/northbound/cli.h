/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of commands share.  Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_CLI_H
#define OFFLOADD_NORTHBOUND_CLI_H

#include <stdbool.h>
#include <stddef.h>

struct vty;

#define OFL_STR "Offloading of routes to hardware\n"

/* --- cli.c --- */
/* Edit one leaf of the current node: set it, back to its default, remove. */
int ofl_cli_leaf_set(struct vty *vty, const char *xpath, const char *value);
int ofl_cli_leaf_default(struct vty *vty, const char *xpath);
int ofl_cli_leaf_del(struct vty *vty, const char *xpath);
/* An item of a leaf-list; its value has no quotes. */
int ofl_cli_item_edit(struct vty *vty, const char *xpath, const char *value,
		      bool is_del);
/* Can this be the name of a table or a provider?  If not, says so. */
bool ofl_cli_name_ok(struct vty *vty, const char *name);
/* Can this be any other name, of at most `max` characters? */
bool ofl_cli_text_ok(struct vty *vty, const char *text, size_t max);
/* Can this be the path of a devlink resource? */
bool ofl_cli_resource_ok(struct vty *vty, const char *path);
/* Can this be the absolute path of a file? */
bool ofl_cli_path_ok(struct vty *vty, const char *path);

/* Can this be the name of an interface? */
bool ofl_cli_port_ok(struct vty *vty, const char *name);

/* --- cli_acl.c --- */
struct lyd_node;
/* The list of the current node, in the candidate; NULL, said: it is gone. */
struct lyd_node *ofl_cli_acl_get(struct vty *vty);
/* Commit what was edited in the candidate, as nb_cli_apply_changes(), but with
 * the rest of a file. */
int ofl_cli_acl_apply(struct vty *vty);

/* Install the commands of each file. */
void ofl_cli_init(void);
void ofl_cli_acl_init(void);
void ofl_cli_ace_init(void);
void ofl_cli_table_init(void);
void ofl_cli_tc_init(void);
void ofl_cli_ask_init(void);
void ofl_cli_feed_init(void);
void ofl_cli_fib_init(void);
void ofl_cli_metrics_init(void);
void ofl_cli_nacm_init(void);
void ofl_cli_nacm_rule_init(void);
void ofl_cli_rule_init(void);
void ofl_cli_traffic_init(void);
void ofl_cli_debug_init(void);
void ofl_show_summary_init(void);
void ofl_show_acl_init(void);
void ofl_show_alarms_init(void);
void ofl_show_flows_init(void);
void ofl_show_audit_init(void);
void ofl_show_foreign_init(void);
void ofl_show_metrics_init(void);
void ofl_show_nacm_init(void);
void ofl_show_table_init(void);
void ofl_show_explain_init(void);
void ofl_show_fib_init(void);
void ofl_show_route_init(void);
void ofl_show_history_init(void);
void ofl_show_simulate_init(void);
void ofl_show_traffic_init(void);
void ofl_show_netconf_init(void);

#endif /* OFFLOADD_NORTHBOUND_CLI_H */
