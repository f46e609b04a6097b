/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `debug offload ROOM`: one bit a room.  The edges and the engine log; the
 * pure rooms cannot, so their debug lines are the engine's, about them.
 */
#ifndef OFFLOADD_BASE_DEBUG_H
#define OFFLOADD_BASE_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

enum ofl_debug_room {
	OFL_DEBUG_SOURCE = 0,
	OFL_DEBUG_POLICY,
	OFL_DEBUG_PLACEMENT,
	OFL_DEBUG_PROVIDER,
	OFL_DEBUG_STORE,
	OFL_DEBUG_STATE,
	OFL_DEBUG_MAX
};

extern uint32_t ofl_debug_flags; /* bit i: enum ofl_debug_room i */

static inline bool ofl_debug_is_on(enum ofl_debug_room room)
{
	return ofl_debug_flags & (1u << room);
}

const char *ofl_debug_room_name(enum ofl_debug_room room);

/* zlog_debug() if the room's bit is set; include "log.h" first. */
#define ofl_debug(room, ...)                                                   \
	do {                                                                   \
		if (ofl_debug_is_on(room))                                     \
			zlog_debug(__VA_ARGS__);                               \
	} while (0)

#endif /* OFFLOADD_BASE_DEBUG_H */
