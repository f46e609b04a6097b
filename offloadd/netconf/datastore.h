/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The datastores running and candidate: locks, edits, commits that may have to
 * be confirmed.
 *
 * FRR owns the running configuration and everyone else may change it: vtysh,
 * a reload, another northbound client.  So the candidate remembers what it was
 * begun from, is brought up to date when the running one has moved, and a
 * commit or a rollback never takes back what somebody else did in between
 * without saying so.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_DATASTORE_H
#define OFFLOADD_NETCONF_DATASTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/base/frr_compat.h"
#include "offloadd/netconf/error.h"

struct lyd_node;
struct ofl_nc_session;

enum ofl_nc_datastore {
	OFL_NC_RUNNING,
	OFL_NC_CANDIDATE,
};

/* Operations: edit-config, copy-config, delete-config, lock, unlock, validate,
 * commit, cancel-commit, discard-changes. */
void ofl_nc_datastores_init(struct ofl_loop *loop);
void ofl_nc_datastores_fini(void);

/* What the datastore holds, in the context of context.h, with implicit
 * defaults.  NULL: nothing.  Good until the end of the turn. */
const struct lyd_node *ofl_nc_datastore_get(enum ofl_nc_datastore which);

/* For ietf-netconf-monitoring: who holds the lock, 0: nobody, UINT32_MAX: not
 * one of NETCONF (vtysh's `configure exclusive`). `since`: seconds since
 * 1970. */
uint32_t ofl_nc_lock_holder(enum ofl_nc_datastore which, int64_t *ret_since);

#endif /* OFFLOADD_NETCONF_DATASTORE_H */
