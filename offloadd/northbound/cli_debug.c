// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `debug offload ROOM`: the switches of base/debug.h.
 *
 * Typed in configuration mode they are part of the configuration; typed
 * elsewhere they hold until the daemon ends.
 */
#include <zebra.h>

#include "command.h"

#include "offloadd/base/debug.h"
#include "offloadd/northbound/cli.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_debug_clippy.c"
#endif

static void debug_set(struct vty *vty, int room, bool on)
{
	DEBUG_MODE_SET(&ofl_debug_rooms[room], DEBUG_NODE2MODE(vty->node), on);
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
			debug_set(vty, i, !no);
	return CMD_SUCCESS;
}

DEFPY(ofl_no_debug_all, ofl_no_debug_all_cmd,
	"no debug offload",
	NO_STR
	DEBUG_STR
	OFL_STR)
{
	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		debug_set(vty, i, false);
	return CMD_SUCCESS;
}

static int show_debugging(struct vty *vty)
{
	vty_out(vty, "Offload debugging status:\n");
	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		if (ofl_debug_is_on(i))
			vty_out(vty, "  Offload %s debugging is on\n",
				ofl_debug_room_name(i));
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
	int written = 0;

	for (int i = 0; i < OFL_DEBUG_MAX; i++)
		if (DEBUG_MODE_CHECK(&ofl_debug_rooms[i], DEBUG_MODE_CONF) &&
		    !ofl_debug_is_written_by_frr())
			written += vty_out(vty, "debug offload %s\n",
					   ofl_debug_room_name(i));
	return written;
}

static struct cmd_node debug_node = {
	.name = "debug",
	.node = DEBUG_NODE,
	.prompt = "",
	.config_write = config_write,
};

void ofl_cli_debug_init(void)
{
	ofl_debug_install();
	install_node(&debug_node);
	install_element(ENABLE_NODE, &ofl_debug_room_cmd);
	install_element(CONFIG_NODE, &ofl_debug_room_cmd);
	install_element(ENABLE_NODE, &ofl_no_debug_all_cmd);
	install_element(CONFIG_NODE, &ofl_no_debug_all_cmd);
	install_element(VIEW_NODE, &ofl_show_debugging_cmd);
	install_element(VIEW_NODE, &ofl_show_debugging_all_cmd);
}
