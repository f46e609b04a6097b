/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics: the engine's figures over HTTP, for Prometheus and whoever else
 * reads OpenMetrics.  At a socket, at a port of this machine, at both, or (by
 * default) not at all.
 *
 * Peers are not trusted: how many there are at once, how long each may take
 * and how much it may say are bounded, and nothing waits for one.
 *
 * Main thread only.
 */
#ifndef OFFLOADD_METRICS_METRICS_H
#define OFFLOADD_METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/base/frr_compat.h"
#include "offloadd/engine/engine.h"

/* After ofl_engine_init().  The texts are static: the version of this
 * program, and that of FRRouting it was built for. */
void ofl_metrics_init(struct ofl_loop *loop, const char *version,
		      const char *frr_version);
/* Listen from now on as configured (after the process went to the
 * background). */
void ofl_metrics_start(void);
/* As configured now; what did not change goes on. */
void ofl_metrics_configure(const struct ofl_metrics_conf *conf);
/* Before ofl_engine_fini(). */
void ofl_metrics_fini(void);

enum ofl_metrics_at { OFL_METRICS_UNIX = 0, OFL_METRICS_TCP };
#define OFL_METRICS_AT_MAX 2

struct ofl_metrics_status {
	struct {
		bool configured, listening;
		char where[300];  /* path, or address and port */
		char error[300];  /* why it does not listen, or "" */
		uint32_t clients; /* connected now */
	} at[OFL_METRICS_AT_MAX];
	/* Since the start. */
	uint64_t scrapes;    /* answers with metrics */
	uint64_t errors;     /* connections that ended without one */
	uint64_t longest_us; /* that making one took */
	uint64_t last_us;    /* wall clock; 0: none yet */
};
void ofl_metrics_status(struct ofl_metrics_status *ret);

#endif /* OFFLOADD_METRICS_METRICS_H */
