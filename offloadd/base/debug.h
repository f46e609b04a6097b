/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `debug offload ROOM`: one of FRR's debugging records a room.  Include
 * <zebra.h> first.  The edges and the engine log; the
 * pure rooms cannot, so their debug lines are the engine's, about them.
 */
#ifndef OFFLOADD_BASE_DEBUG_H
#define OFFLOADD_BASE_DEBUG_H

#include <stdbool.h>

#include <debug.h> /* FRR's: quoted it would be this one */

enum ofl_debug_room {
	OFL_DEBUG_SOURCE = 0,
	OFL_DEBUG_POLICY,
	OFL_DEBUG_PLACEMENT,
	OFL_DEBUG_PROVIDER,
	OFL_DEBUG_STORE,
	OFL_DEBUG_STATE,
	OFL_DEBUG_MAX
};

/* Modes of a record: DEBUG_MODE_TERM until the daemon ends, DEBUG_MODE_CONF
 * as configured. */
extern struct debug ofl_debug_rooms[OFL_DEBUG_MAX];

static inline bool ofl_debug_is_on(enum ofl_debug_room room)
{
	return DEBUG_MODE_CHECK(&ofl_debug_rooms[room], DEBUG_MODE_ALL);
}

const char *ofl_debug_room_name(enum ofl_debug_room room);

/* Take part in `debug all`; once, at start. */
void ofl_debug_install(void);
/* Does libfrr itself print what is configured?  (Since 10.0.) */
bool ofl_debug_is_written_by_frr(void);

/* zlog_debug() if the room's bit is set; include "log.h" first. */
#define ofl_debug(room, ...)                                                   \
	do {                                                                   \
		if (ofl_debug_is_on(room))                                     \
			zlog_debug(__VA_ARGS__);                               \
	} while (0)

#endif /* OFFLOADD_BASE_DEBUG_H */
