/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fib.c (the driver's side) and fib_tell.c (the flows' side) share.
 */
#ifndef OFFLOADD_ENGINE_FIB_PRIVATE_H
#define OFFLOADD_ENGINE_FIB_PRIVATE_H

#include "offloadd/engine/engine_private.h"
#include "offloadd/provider/prov_devlink.h"

#define OFL_FIB_TOLD 64	   /* whose outcome is told */
#define OFL_FIB_VICTIMS 64 /* remembered */

/* One that was taken out and put back. */
struct ofl_fib_victim {
	struct ofl_key key; /* `vrf` is the kernel's table */
	uint64_t at_us;
	uint64_t orphan_us; /* its flow went since; to be looked at then */
};

struct ofl_fib {
	struct ofl_fib_conf conf;
	struct ofl_fibwatch *watch;
	struct ofl_fibview *view;
	struct ofl_devlink *devlink; /* NULL: nobody asks */
	struct ofl_ev *t_watch, *t_devlink, *t_turn, *t_later;
	bool drivers; /* some driver answered */
	unsigned int writing;
	uint64_t written, refused;
	struct ofl_key repaired[OFL_FIB_TOLD]; /* begun, outcome not told */
	unsigned int repaired_next;
	struct ofl_fib_victim victims[OFL_FIB_VICTIMS];
	unsigned int victims_next;
	unsigned int orphans;
	uint64_t logged_us;

	/* the resource */
	bool follow; /* instances came */
	bool has_resource, above_high;
	uint64_t used_slots, capacity_slots;
	uint64_t entries; /* that were known of when it was read */
	char resource_text[OFL_OUTCOME_TEXT];
};

/* fib.c */
void ofl_fib_turn_soon(struct ofl_fib *fib);
void ofl_fib_event(const struct ofl_fib *fib, const char *kind,
		   const char *text);
/* The flow of this route of the kernel has gone. */
void ofl_fib_suspect(struct ofl_fib *fib, const struct ofl_key *key);

/* fib_tell.c */
/* Pass on some of what is new; true: there is more. */
bool ofl_fib_tell(struct ofl_fib *fib);

#endif /* OFFLOADD_ENGINE_FIB_PRIVATE_H */
