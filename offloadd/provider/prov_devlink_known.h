/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devlink instances and ports that are known, and what about them is new.
 *
 * Compares what it is told with what it was told before and passes on the
 * differences.  A list is told between list_begin() and the two list_end()s,
 * which take away what was not in it.  It asks nobody; prov_devlink_view.h
 * does.
 */
#ifndef OFFLOADD_PROVIDER_PROV_DEVLINK_KNOWN_H
#define OFFLOADD_PROVIDER_PROV_DEVLINK_KNOWN_H

#include "offloadd/provider/prov_devlink_decode.h"

#define OFL_DEVLINK_INSTANCES_MAX 64
#define OFL_DEVLINK_PORTS_MAX 4096

enum ofl_devlink_state {
	OFL_DEVLINK_ASKING = 0, /* not all is known, or it may be old */
	OFL_DEVLINK_CURRENT,
	OFL_DEVLINK_ABSENT, /* this kernel has no devlink */
};

enum ofl_devlink_change {
	OFL_DEVLINK_APPEARED,
	OFL_DEVLINK_CHANGED,
	OFL_DEVLINK_RELOADED, /* an instance: its tables are empty now */
	OFL_DEVLINK_GONE,
};

/* All are called from within poll(), none may call back. */
struct ofl_devlink_events {
	/* `text` says why, for a person. */
	void (*state)(void *arg, enum ofl_devlink_state state,
		      const char *text);
	/* The ports of an instance that is gone are told before it.  CHANGED:
	 * a reload failed, or the failure was mended. */
	void (*instance)(void *arg, const struct ofl_devlink_instance *i,
			 enum ofl_devlink_change change);
	/* CHANGED: its netdev came, went (ifindex 0) or was renamed. */
	void (*port)(void *arg, const struct ofl_devlink_port *port,
		     enum ofl_devlink_change change);
	/* All resources of an instance that is followed, each time; or none
	 * and errnum: ENODEV (it is not there), EOPNOTSUPP (its driver has
	 * none), EBADMSG, or what else the kernel says. */
	void (*resources)(void *arg, const struct ofl_devlink_handle *handle,
			  const struct ofl_devlink_resource *list, size_t count,
			  int errnum);
};

struct ofl_devlink_known;

struct ofl_devlink_known *
ofl_devlink_known_new(const struct ofl_devlink_events *events, void *arg);
void ofl_devlink_known_free(struct ofl_devlink_known *k);

/* A notification, or part of a list.  True: an instance is new or different,
 * and so may be its tables. */
bool ofl_devlink_known_set_instance(struct ofl_devlink_known *k,
				    const struct ofl_devlink_instance *i);
void ofl_devlink_known_del_instance(struct ofl_devlink_known *k,
				    const struct ofl_devlink_handle *handle);
void ofl_devlink_known_set_port(struct ofl_devlink_known *k,
				const struct ofl_devlink_port *port);
void ofl_devlink_known_del_port(struct ofl_devlink_known *k,
				const struct ofl_devlink_port *port);

void ofl_devlink_known_list_begin(struct ofl_devlink_known *k);
void ofl_devlink_known_list_end_instances(struct ofl_devlink_known *k);
void ofl_devlink_known_list_end_ports(struct ofl_devlink_known *k);

/* NULL: not there, past the end. */
const struct ofl_devlink_port *
ofl_devlink_known_port_find(const struct ofl_devlink_known *k,
			    uint32_t ifindex);
const struct ofl_devlink_port *
ofl_devlink_known_port_at(const struct ofl_devlink_known *k, size_t i);
const struct ofl_devlink_instance *
ofl_devlink_known_instance_at(const struct ofl_devlink_known *k, size_t i);
/* How many there are, and how many were left out since there are too many. */
void ofl_devlink_known_count(const struct ofl_devlink_known *k,
			     uint32_t *ret_instances, uint32_t *ret_ports,
			     uint64_t *ret_left_out);

#endif /* OFFLOADD_PROVIDER_PROV_DEVLINK_KNOWN_H */
