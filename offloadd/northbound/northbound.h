/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Northbound: what an operator sees of the daemon.  Configuration through the
 * YANG models frr-offload and frr-offload-acl, the commands that edit it, the show commands.
 *
 * It asks the engine and never looks below it; it keeps nothing of its own
 * but the debug settings.
 */
#ifndef OFFLOADD_NORTHBOUND_NORTHBOUND_H
#define OFFLOADD_NORTHBOUND_NORTHBOUND_H

#include <zebra.h>

/* FRR's: in quotes it would be the file of that name in this directory. */
#include <northbound.h>

/* For frr_daemon_info.yang_modules, beside frr_filter_info,
 * frr_interface_info and frr_vrf_info. */
extern const struct frr_yang_module_info ofl_nb_info;
extern const struct frr_yang_module_info ofl_nb_acl_info;
extern const struct frr_yang_module_info ofl_nb_nacm_info;
extern const struct frr_yang_module_info ofl_nb_deviations_info;

/* Install commands and hooks.  After frr_init(), ofl_engine_init() (whose
 * database path becomes the default), access_list_init() and
 * prefix_list_init(); before frr_config_fork(), which reads the
 * configuration. */
void ofl_northbound_init(void);

/* Read a whole configuration and print it on standard output as `show
 * running-config` does.  After ofl_northbound_init(), instead of
 * frr_config_fork() and all that follows.  False: it was refused, and why is on
 * standard error.  (conf_text.c) */
bool ofl_northbound_conf_print(FILE *in);

/* Take the hooks on FRR's lists away: before ofl_engine_fini() and before the
 * lists are freed. */
void ofl_northbound_fini(void);

#endif /* OFFLOADD_NORTHBOUND_NORTHBOUND_H */
