// SPDX-License-Identifier: GPL-2.0-or-later
/* The debug bits; see debug.h. */
#include "offloadd/base/debug.h"

uint32_t ofl_debug_flags;

static const char *const room_names[OFL_DEBUG_MAX] = {
	[OFL_DEBUG_SOURCE] = "source",	 [OFL_DEBUG_POLICY] = "policy",
	[OFL_DEBUG_PLACEMENT] = "placement", [OFL_DEBUG_PROVIDER] = "provider",
	[OFL_DEBUG_STORE] = "store",	 [OFL_DEBUG_STATE] = "state",
};

const char *ofl_debug_room_name(enum ofl_debug_room room)
{
	return room < OFL_DEBUG_MAX ? room_names[room] : "unknown";
}
