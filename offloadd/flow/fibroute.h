/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A route of the kernel and what the driver of a switch said about it: the
 * values that cross between whoever reads them, whoever judges them, and
 * whoever writes.
 *
 * Nothing here is a flow: drivers are offered routes zebra never heard of.
 */
#ifndef OFFLOADD_FLOW_FIBROUTE_H
#define OFFLOADD_FLOW_FIBROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/flow/addr.h"

enum ofl_fib_state {
	OFL_FIB_NONE = 0,  /* no driver said anything */
	OFL_FIB_OFFLOADED, /* hardware forwards it */
	OFL_FIB_TRAPPED,   /* hardware sends it to software */
	OFL_FIB_FAILED,	   /* the driver could not take it */
};
#define OFL_FIB_STATE_MAX 4

struct ofl_fib_route {
	struct ofl_key key; /* `vrf` is the kernel's table; local is main */
	uint32_t metric;
	/* The same number: the same next hops, hardware forwards alike. */
	uint32_t way;
	uint32_t image; /* names the kernel's words about it */
	uint8_t state;	/* enum ofl_fib_state */
	bool writable;	/* it can be written again with these words */
	bool local;	/* of the table local: it is asked before main */
	bool fixed;	/* the kernel's own: nobody else may remove it */
	bool own;	/* news of a write of ours */
};

/* What may be done for a route that the driver failed to take. */
enum ofl_fib_repair {
	OFL_FIB_REPAIR_NONE = 0,
	OFL_FIB_REPAIR_REPROGRAM, /* offer it again */
	OFL_FIB_REPAIR_DEMOTE,	  /* and take out another one for it */
};

/* How drivers that offload by themselves are watched. */
#define OFL_FIB_PATH_LEN 64
struct ofl_fib_conf {
	bool observe;
	uint8_t repair;			   /* enum ofl_fib_repair */
	uint8_t low_percent, high_percent; /* watermarks, of the resource */
	char resource[OFL_FIB_PATH_LEN];   /* devlink's name of it, or "" */
};

/* One repair: offer `route` again; if `demote`, while `victim` is out.  Or, if
 * `remove`: delete `route`, if it is still as it was. */
struct ofl_fib_step {
	bool demote, remove;
	struct ofl_key route, victim;
	uint32_t route_image, victim_image;
};

const char *ofl_fib_state_name(enum ofl_fib_state s);
const char *ofl_fib_repair_name(enum ofl_fib_repair r);
bool ofl_fib_repair_parse(const char *name, enum ofl_fib_repair *ret_repair);

#endif /* OFFLOADD_FLOW_FIBROUTE_H */
