/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The callbacks behind the model, and what a subtree of it means.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_NB_H
#define OFFLOADD_NORTHBOUND_NB_H

#include <zebra.h>

/* FRR's: in quotes it would be the file of that name in this directory. */
#include <northbound.h>

#include "offloadd/engine/engine.h"

#define OFL_XPATH "/frr-offload:offload"

/* --- nb_config.c --- */
int ofl_nb_create(struct nb_cb_create_args *args);
int ofl_nb_modify(struct nb_cb_modify_args *args);
int ofl_nb_destroy(struct nb_cb_destroy_args *args);
/* The container itself. */
int ofl_nb_offload_destroy(struct nb_cb_destroy_args *args);
int ofl_nb_offload_pre_validate(struct nb_cb_pre_validate_args *args);
void ofl_nb_offload_apply_finish(struct nb_cb_apply_finish_args *args);
/* Remember the engine's database path as the default. */
void ofl_nb_config_init(void);

/* --- nb_nacm.c --- */
void ofl_nb_nacm_init(void); /* after FRR has read the module */

/* --- nb_conf_make.c --- */
/* The configuration that the container `offload` describes; to be freed with
 * ofl_conf_free() or given to the engine.  Rules without a class are left out
 * unless `with_incomplete`, which is for checking them early. */
struct ofl_conf *ofl_nb_conf_make(const struct lyd_node *offload,
				  const char *db_path, bool with_incomplete);
/* The same for one entry of the list `table`. */
void ofl_nb_table_make(const struct lyd_node *table,
		       struct ofl_hwtable_conf *ret_table);

/* --- nb_rpc.c --- */
int ofl_nb_explain(struct nb_cb_rpc_args *args);
int ofl_nb_find_flows(struct nb_cb_rpc_args *args);
int ofl_nb_resync(struct nb_cb_rpc_args *args);
int ofl_nb_audit(struct nb_cb_rpc_args *args);
int ofl_nb_rebalance(struct nb_cb_rpc_args *args);
int ofl_nb_clear_history(struct nb_cb_rpc_args *args);
int ofl_nb_release_feed(struct nb_cb_rpc_args *args);

/* --- nb_traffic.c --- */
int ofl_nb_heaviest_flows(struct nb_cb_rpc_args *args);

/* --- nb_simulate.c --- */
int ofl_nb_simulate(struct nb_cb_rpc_args *args);
int ofl_nb_simulation(struct nb_cb_rpc_args *args);

/* --- cli_print.c: what show running-config and write print --- */
void ofl_cli_print_offload(struct vty *vty, const struct lyd_node *dnode,
			   bool show_defaults);
void ofl_cli_print_offload_end(struct vty *vty, const struct lyd_node *dnode);
void ofl_cli_print_table(struct vty *vty, const struct lyd_node *dnode,
			 bool show_defaults);
void ofl_cli_print_rule(struct vty *vty, const struct lyd_node *dnode,
			bool show_defaults);
void ofl_cli_print_entry_end(struct vty *vty, const struct lyd_node *dnode);
void ofl_cli_print_leaf(struct vty *vty, const struct lyd_node *dnode,
			bool show_defaults);
void ofl_cli_print_metrics_tcp(struct vty *vty, const struct lyd_node *dnode,
			       bool show_defaults);
int ofl_cli_table_cmp(const struct lyd_node *a, const struct lyd_node *b);
int ofl_cli_rule_cmp(const struct lyd_node *a, const struct lyd_node *b);

#endif /* OFFLOADD_NORTHBOUND_NB_H */
