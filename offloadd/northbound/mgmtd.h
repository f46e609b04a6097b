/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration kept by FRR's mgmtd instead of this daemon (--mgmtd).
 *
 * There is one owner of the configuration: with this on, whatever edits it at
 * the daemon itself (terminals, NETCONF) is refused.  It refuses to exist where
 * FRR's mgmtd does not take daemons it was not compiled for.
 *
 * Neighbours: main.c asks and starts; cli.c and cli_nacm.c tell an operator
 * where to go; mgmtd/mgmtd_offload.c makes mgmtd know the models.
 */
#ifndef OFFLOADD_NORTHBOUND_MGMTD_H
#define OFFLOADD_NORTHBOUND_MGMTD_H

#include <stdbool.h>

struct ofl_loop;
struct vty;

/* Does this FRR take us? */
bool ofl_mgmtd_can(void);

/* Bits for frr_daemon_info.flags, before frr_init(): no file is read. */
int ofl_mgmtd_daemon_flags(void);

/* Become mgmtd's; after ofl_northbound_init().  @start is called once, when
 * mgmtd has told of a configuration that was taken: until then hardware is left
 * as it is, be mgmtd absent, without our models, or refused. */
void ofl_mgmtd_init(struct ofl_loop *loop, void (*start)(void));

/* From apply_finish: there is a configuration. */
void ofl_mgmtd_configured(void);

/* Before frr_fini(); fine without init. */
void ofl_mgmtd_fini(void);

/* May this terminal not configure?  Says why, if so. */
bool ofl_mgmtd_refuses(struct vty *vty);

#endif /* OFFLOADD_NORTHBOUND_MGMTD_H */
