/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated table: a hardware LPM table of limited size, in memory.
 *
 * The embedded default (needs no privilege and no hardware), and the oracle's
 * view in tests: it looks packets up as hardware would, counts hits, refuses
 * and forgets when told so.  Default capacity with "auto": 1024 slots.  With a
 * file (see prov_emulated_file.h) its entries outlive the daemon as hardware's
 * do; while the file cannot be had it is not ready, and tries once a second.
 *
 * exercise() lines:
 *   latency USEC            answers come this long after the operation
 *   fail N [TEXT]           the Nth operation from now fails (ERROR, EIO)
 *   no-space N              the Nth operation from now is refused for space
 *   refuse add|replace|del|real|punt [TEXT]   until "accept"
 *   accept                  refuse nothing any longer
 *   lose PREFIX [vrf ID]    forget an entry and say so
 *   lose-silently PREFIX [vrf ID]
 *   silent on|off           while on, operations are taken, not answered
 *   capacity N              hardware shrinks or grows (reported)
 *   down | up               provider not ready / ready
 *   appear PREFIX [vrf ID]  a punt entry is there that nobody asked for
 *   change PREFIX [vrf ID]  an entry forwards otherwise from now on, silently
 *   traffic PREFIX|ADDRESS PACKETS [BYTES] [vrf ID]
 *                           so many packets of BYTES each (1000) come for the
 *                           address, of a prefix its first: they are counted
 *                           on the entry that answers them.  Those that
 *                           software gets are sampled while that is asked for:
 *                           every rate-th, counted on from line to line, so
 *                           10 packets at a rate of 1000 usually give none.
 *                           Samples have no port (ifindex 0); of one line
 *                           10,000 are told, what is above is lost
 *   sampling off|on         while off, packets cannot be sampled, as with a
 *                           kernel that lacks it
 *   kill-when taken|done N  the process ends by SIGKILL when the Nth operation
 *                           from now was taken, or when it was carried out or
 *                           refused but not answered
 * Each is a fault or traffic, for tests and exercises.  The last ends the
 * daemon as a crash would: with a file one sees what comes of what it left.
 */
#ifndef OFFLOADD_PROVIDER_PROV_EMULATED_H
#define OFFLOADD_PROVIDER_PROV_EMULATED_H

#include "offloadd/provider/provider.h"

#define OFL_EMULATED_CAPACITY 1024

extern const struct ofl_provider_ops ofl_prov_emulated;

enum ofl_hit {
	OFL_HIT_MISS = 0, /* no entry: software */
	OFL_HIT_PUNT,	  /* an entry says software */
	OFL_HIT_REAL,	  /* hardware forwards; identity says how */
};

/* Longest-prefix lookup as hardware does it; counts `bytes` on the entry hit
 * if count is true. */
enum ofl_hit ofl_emulated_lookup(struct ofl_provider *p, uint32_t vrf,
				 uint8_t family, const uint8_t *addr,
				 bool count, uint32_t bytes,
				 uint32_t *ret_identity);

#endif /* OFFLOADD_PROVIDER_PROV_EMULATED_H */
