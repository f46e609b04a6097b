/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of a batch to the kernel and its answers back, blocking; what the
 * thread of prov_tc_wire.h does all day.  No libfrr in here.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_EXCHANGE_H
#define OFFLOADD_PROVIDER_PROV_TC_EXCHANGE_H

#include "offloadd/provider/prov_tc_wire.h"

/* Messages in one send: the kernel's answers to so many fit any socket. */
#define OFL_TC_BATCH 64

struct ofl_tc_exchange;

/* NULL with errno. */
struct ofl_tc_exchange *ofl_tc_exchange_new(void);
void ofl_tc_exchange_free(struct ofl_tc_exchange *x);
uint32_t ofl_tc_exchange_port(const struct ofl_tc_exchange *x);

/*
 * Carry out n requests, at most OFL_TC_BATCH, in order; DUMP must come alone.
 * `cb` gets replies many at a time: one ANSWER for each request (in order), and
 * FOUNDs before the answer of a dump; false from cb ends a dump early.
 */
typedef bool (*ofl_tc_exchange_cb)(const struct ofl_tc_reply *replies,
				   size_t count, void *arg);
void ofl_tc_exchange_run(struct ofl_tc_exchange *x,
			 const struct ofl_tc_request *r, size_t n,
			 ofl_tc_exchange_cb cb, void *arg);

#endif /* OFFLOADD_PROVIDER_PROV_TC_EXCHANGE_H */
