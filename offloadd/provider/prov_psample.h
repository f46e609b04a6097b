/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of packets as the kernel hands them out: generic netlink's family
 * psample, multicast group "packets", of which one group of samples is read.
 *
 * The family comes with the kernel's module psample, which the first filter
 * that samples loads: it is looked for until it is there.  The kernel keeps
 * what was not read in a buffer of limited size; what finds no room there is
 * lost, and counted.
 *
 * Decides nothing; what a packet is for its reader knows.  Neighbour:
 * prov_psample_decode.h.
 */
#ifndef OFFLOADD_PROVIDER_PROV_PSAMPLE_H
#define OFFLOADD_PROVIDER_PROV_PSAMPLE_H

#include "offloadd/provider/prov_psample_decode.h"

struct ofl_psample;

/* Listen to samples of `group`; `cb` is told of each from within poll().  NULL
 * with errno set. */
struct ofl_psample *
ofl_psample_new(uint32_t group,
		void (*cb)(void *arg, const struct ofl_psample_packet *packet),
		void *arg);
void ofl_psample_free(struct ofl_psample *s); /* NULL is fine */
/* Readable when poll() has work to do. */
int ofl_psample_fd(const struct ofl_psample *s);
/* Read about so many samples; when to be called next at the latest: monotonic
 * microseconds, 0: at once, UINT64_MAX: when the descriptor is readable. */
uint64_t ofl_psample_poll(struct ofl_psample *s, uint64_t now_us,
			  unsigned int budget);
/* Samples come.  If not, why, in *ret_text: good until the next call. */
bool ofl_psample_is_joined(const struct ofl_psample *s, const char **ret_text);
/* Samples of the group that did not come, as far as that is known. */
uint64_t ofl_psample_lost(const struct ofl_psample *s);

#endif /* OFFLOADD_PROVIDER_PROV_PSAMPLE_H */
