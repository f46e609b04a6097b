// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `debug offload ROOM`: the switches of base/debug.h.
 *
 * Typed in configuration mode they are part of the configuration; typed
 * elsewhere they hold until the daemon ends.
 */
#include <zebra.h>

#include "command.h"
#include "debug.h"

#include "offloadd/base/debug.h"
#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/cli.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_debug_clippy.c"
#endif

static uint32_t configured_flags; /* of ofl_debug_flags: to be written */

static void debug_set(struct vty *vty, uint32_t flags, bool on)
{
	bool configure = vty->node == CONFIG_NODE;

	if (on) {
		ofl_debug_flags |= flags;
		configured_flags |= configure ? flags : 0;
	} else {
		ofl_debug_flags &= ~flags;
		configured_flags &= configure ? ~flags : ~0u;
	}
}

/* For `debug all` and `no debug all`. */
static void debug_set_all(uint32_t flags, bool on)
{
	uint32_t all = (1u << OFL_DEBUG_MAX) - 1;

	ofl_debug_flags = on ? all : 0;
	if (flags & DEBUG_MODE_CONF)
		configured_flags = ofl_debug_flags;
}

DEFPY(ofl_debug_room, ofl_debug_room_cmd,
	"[no] debug offload <source|policy|placement|provider|store|state>$room",
	NO_STR
	DEBUG_STR
	OFL_STR
	"Routes, next hops and neighbours\n"
	"Classification\n"
	"Who gets a slot\n"
	"Operations on hardware\n"
	"The database\n"
	"Every change of state\n")
{
	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		if (strcmp(room, ofl_debug_room_name(i)) == 0)
			debug_set(vty, 1u << i, !no);
	return CMD_SUCCESS;
}

DEFPY(ofl_no_debug_all, ofl_no_debug_all_cmd,
	"no debug offload",
	NO_STR
	DEBUG_STR
	OFL_STR)
{
	debug_set(vty, ~0u, false);
	return CMD_SUCCESS;
}

static void print_flags(struct vty *vty, uint32_t flags, const char *before,
			const char *after)
{
	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		if (flags & (1u << i))
			vty_out(vty, "%s%s%s\n", before,
				ofl_debug_room_name(i), after);
}

static int show_debugging(struct vty *vty)
{
	vty_out(vty, "Offload debugging status:\n");
	print_flags(vty, ofl_debug_flags, "  Offload ", " debugging is on");
	return CMD_SUCCESS;
}

/* vtysh has this one itself and asks every daemon. */
DEFUN_NOSH(ofl_show_debugging_all, ofl_show_debugging_all_cmd,
	"show debugging",
	SHOW_STR
	DEBUG_STR)
{
	return show_debugging(vty);
}

DEFPY(ofl_show_debugging, ofl_show_debugging_cmd,
	"show debugging offload",
	SHOW_STR
	DEBUG_STR
	OFL_STR)
{
	return show_debugging(vty);
}

static int config_write(struct vty *vty)
{
	print_flags(vty, configured_flags, "debug offload ", "");
	return configured_flags != 0;
}

static struct cmd_node debug_node = {
	.name = "debug",
	.node = DEBUG_NODE,
	.prompt = "",
	.config_write = config_write,
};

static struct debug_callbacks callbacks = {
	.debug_set_all = debug_set_all,
};

void ofl_cli_debug_init(void)
{
	ofl_debug_install(&callbacks);
	install_node(&debug_node);
	install_element(ENABLE_NODE, &ofl_debug_room_cmd);
	install_element(CONFIG_NODE, &ofl_debug_room_cmd);
	install_element(ENABLE_NODE, &ofl_no_debug_all_cmd);
	install_element(CONFIG_NODE, &ofl_no_debug_all_cmd);
	install_element(VIEW_NODE, &ofl_show_debugging_cmd);
	install_element(VIEW_NODE, &ofl_show_debugging_all_cmd);
}
