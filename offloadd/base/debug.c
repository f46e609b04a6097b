// SPDX-License-Identifier: GPL-2.0-or-later
/* The debugging records; see debug.h. */
#include <zebra.h>

#include "offloadd/base/debug.h"
#include "offloadd/base/frr_compat.h"

#define RECORD(name) OFL_DEBUG_RECORD("debug offload " name, "Offload " name)

struct debug ofl_debug_rooms[OFL_DEBUG_MAX] = {
	[OFL_DEBUG_SOURCE] = RECORD("source"),
	[OFL_DEBUG_POLICY] = RECORD("policy"),
	[OFL_DEBUG_PLACEMENT] = RECORD("placement"),
	[OFL_DEBUG_PROVIDER] = RECORD("provider"),
	[OFL_DEBUG_STORE] = RECORD("store"),
	[OFL_DEBUG_STATE] = RECORD("state"),
};

const char *ofl_debug_room_name(enum ofl_debug_room room)
{
	if (room >= OFL_DEBUG_MAX)
		return "unknown";
	return ofl_debug_rooms[room].desc + strlen("Offload ");
}

#if OFL_FRR_IS_10
void ofl_debug_install(void)
{
	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		debug_install(&ofl_debug_rooms[i]);
}
#else
static void set_all(uint32_t flags, bool on)
{
	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		DEBUG_FLAGS_SET(&ofl_debug_rooms[i], flags, on);
}

static struct debug_callbacks callbacks = {
	.debug_set_all = set_all,
};

void ofl_debug_install(void)
{
	debug_init(&callbacks);
}
#endif

bool ofl_debug_is_written_by_frr(void)
{
	return OFL_FRR_IS_10;
}
