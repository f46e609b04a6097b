/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The start waits for a configuration that vtysh brings.
 *
 * FRR's start scripts start the daemons and then run `vtysh -b`.  Who begins in
 * between begins without tables: routes that an earlier life had in hardware
 * would be judged to have none, and what the database remembers of them (since
 * when, how much they carried) would be given up.
 *
 * Neighbours: main.c begins; nb_config.c tells of what was committed.
 */
#ifndef OFFLOADD_NORTHBOUND_AWAIT_H
#define OFFLOADD_NORTHBOUND_AWAIT_H

struct ofl_loop;

/* Before frr_config_fork(), with the default configuration in the engine.
 * @start is called once: when the daemon's own file was read, if that
 * configured something or if there is no database to remember anything; else
 * when vtysh has brought a configuration, or another was committed, or it was
 * waited for in vain for half a minute. */
void ofl_await_init(struct ofl_loop *loop, void (*start)(void));

/* From apply_finish: there is a configuration. */
void ofl_await_configured(void);

/* Before frr_fini(); fine without init. */
void ofl_await_fini(void);

#endif /* OFFLOADD_NORTHBOUND_AWAIT_H */
