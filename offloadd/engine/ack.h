/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acknowledgements to zebra: what became of the routes it announced over FPM.
 *
 * Each announcement wants one answer, also of a route that did not change:
 * zebra forgot what it was told.  Each change of the answer is told as well.
 * A flow remembers what zebra knows of it, and waits in the queue once however
 * often it changes: the last word counts.
 *
 * What counts as installed is the policy's (policy/acknowledge.h), the message
 * the source's (source/fpm_ack.h).  Main thread only.
 */
#ifndef OFFLOADD_ENGINE_ACK_H
#define OFFLOADD_ENGINE_ACK_H

#include <stdint.h>

#include "offloadd/flow/flow.h"
#include "offloadd/policy/acknowledge.h"

/* The feed, or what is configured, is there or is another now. */
void ofl_ack_configure(void);
void ofl_ack_fini(void);
/* Its state, reason or verdict may be another now. */
void ofl_ack_flow(struct ofl_flow *f);

struct ofl_ack_stats {
	uint8_t mode;	    /* enum ofl_ack_mode */
	uint64_t installed; /* answers given since start */
	uint64_t failed;
	uint32_t queued; /* routes whose answer waits to be given */
};
void ofl_ack_stats(struct ofl_ack_stats *ret);

#endif /* OFFLOADD_ENGINE_ACK_H */
