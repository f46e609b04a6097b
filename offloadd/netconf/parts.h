/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Smaller parts of the room: each has an init that adds its operations, and
 * some tell state of the server itself.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_PARTS_H
#define OFFLOADD_NETCONF_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/base/frr_compat.h"

struct lyd_node;
struct lysc_node;
struct ofl_nc_session;
struct yang_list_keys;

/* --- read.c: get, get-config --- */
void ofl_nc_read_init(void);

/* --- monitor.c: get-schema, kill-session, close-session --- */
void ofl_nc_monitor_init(void);
/* The tree /ietf-netconf-monitoring:netconf-state; caller frees. */
struct lyd_node *ofl_nc_monitor_state(void);

/* --- capabilities.c --- */
/* Each once, in hello and in the state above. */
void ofl_nc_capabilities_walk(void (*cb)(const char *uri, void *arg),
			      void *arg);
void ofl_nc_capabilities_fini(void);

/* --- arguments.c --- */
struct ofl_nc_limits;
/* Of -M netconf:KEY=VALUE,...; NULL: none.  False: a sentence is in buf. */
bool ofl_nc_arguments_parse(const char *arguments,
			    struct ofl_nc_limits *ret_limits, char *buf,
			    size_t len);

/* --- show.c: answers for northbound/show_netconf.h --- */
void ofl_nc_show_init(const struct ofl_nc_limits *limits);
void ofl_nc_show_fini(void);

/* --- notify.c: create-subscription, and notifications of FRR's northbound
 * and of ietf-netconf-notifications --- */
void ofl_nc_notify_init(struct ofl_loop *loop);
void ofl_nc_notify_fini(void);
/* The tree /nc-notifications:netconf; caller frees. */
struct lyd_node *ofl_nc_notify_state(void);
/* Something happened to the server itself: `notification` is a tree of
 * ietf-netconf-notifications, freed here. */
void ofl_nc_notify(struct lyd_node *notification);
/* A session began (`reason` NULL; after hello), or ended: `reason` is a
 * termination-reason of ietf-netconf-notifications, `killed_by` a session or
 * 0. */
void ofl_nc_notify_session(const struct ofl_nc_session *s, const char *reason,
			   uint32_t killed_by);

/* --- yanglib.c --- */
/* The tree /ietf-yang-library:yang-library and modules-state; caller frees. */
struct lyd_node *ofl_nc_yanglib_state(void);

#endif /* OFFLOADD_NETCONF_PARTS_H */
