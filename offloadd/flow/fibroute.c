// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of the values in fibroute.h, which configuration and show share. */
#include "offloadd/flow/fibroute.h"

#include <string.h>

static const char *const state_names[OFL_FIB_STATE_MAX] = {
	[OFL_FIB_NONE] = "unanswered",
	[OFL_FIB_OFFLOADED] = "offloaded",
	[OFL_FIB_TRAPPED] = "trapped",
	[OFL_FIB_FAILED] = "failed",
};

static const char *const repair_names[] = {
	[OFL_FIB_REPAIR_NONE] = "none",
	[OFL_FIB_REPAIR_REPROGRAM] = "reprogram",
	[OFL_FIB_REPAIR_DEMOTE] = "demote",
};
#define REPAIRS (sizeof(repair_names) / sizeof(repair_names[0]))

const char *ofl_fib_state_name(enum ofl_fib_state s)
{
	return (unsigned int)s < OFL_FIB_STATE_MAX ? state_names[s] : "unknown";
}

const char *ofl_fib_repair_name(enum ofl_fib_repair r)
{
	return (unsigned int)r < REPAIRS ? repair_names[r] : "unknown";
}

bool ofl_fib_repair_parse(const char *name, enum ofl_fib_repair *ret_repair)
{
	for (unsigned int r = 0; r < REPAIRS; r++) {
		if (strcmp(name, repair_names[r]) == 0) {
			*ret_repair = r;
			return true;
		}
	}
	return false;
}
