// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that begin with `rib` or `feed` in the node `offload`, and
 * `offload feed release`: how zebra tells its routes, and what is believed of
 * a zebra that withdraws a lot.
 *
 * A client of the model like cli.c, which makes the node.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_feed_clippy.c"
#endif

#define FEED_STR "Routes from zebra\n"
#define GUARD_STR                                                              \
	FEED_STR                                                               \
	"Hold withdrawals when a large share of the routes is lost at once\n"
#define GUARD_VALUES_STR                                                       \
	"Share of the routes\n"                                                \
	"Percent\n"                                                            \
	"How long withdrawals are held\n"                                      \
	"Seconds\n"                                                            \
	"Only if at least so many routes are lost\n"                           \
	"Number of routes\n"

#define RIB_STR                                                                \
	"Routes that may be offloaded\n"                                       \
	"How zebra tells them\n"
#define LISTEN_STR                                                             \
	"Address to wait for zebra at (127.0.0.1)\n"                           \
	"IPv4 address\n"                                                       \
	"IPv6 address\n"                                                       \
	"Port to wait for zebra at (2620)\n"                                   \
	"TCP port\n"

DEFPY_YANG(ofl_rib_feed_fpm, ofl_rib_feed_fpm_cmd,
	"rib feed fpm [{address <A.B.C.D|X:X::X:X>$address|port (1-65535)$port}]",
	RIB_STR
	"By its module dplane_fpm_nl: fast with very many routes\n"
	LISTEN_STR)
{
	nb_cli_enqueue_change(vty, "./feed/fpm/address", NB_OP_MODIFY,
			      address_str);
	nb_cli_enqueue_change(vty, "./feed/fpm/port", NB_OP_MODIFY, port_str);
	return ofl_cli_leaf_set(vty, "./feed/source", "fpm");
}

/* Where to wait goes with it. */
DEFPY_YANG(ofl_rib_feed_zapi, ofl_rib_feed_zapi_cmd,
	"rib feed zapi [{address <A.B.C.D|X:X::X:X>$address|port (1-65535)$port}]",
	RIB_STR
	"By redistribution, with all that zebra knows of them (default)\n"
	LISTEN_STR)
{
	nb_cli_enqueue_change(vty, "./feed/fpm/address", NB_OP_MODIFY,
			      address_str);
	nb_cli_enqueue_change(vty, "./feed/fpm/port", NB_OP_MODIFY, port_str);
	return ofl_cli_leaf_set(vty, "./feed/source", "zapi");
}

DEFPY_YANG(ofl_no_rib_feed, ofl_no_rib_feed_cmd,
	"no rib feed [<zapi|fpm> [{address <A.B.C.D|X:X::X:X>|port (1-65535)}]]",
	NO_STR
	RIB_STR
	"By redistribution\n"
	"By its module dplane_fpm_nl\n"
	LISTEN_STR)
{
	nb_cli_enqueue_change(vty, "./feed/fpm/address", NB_OP_MODIFY, NULL);
	nb_cli_enqueue_change(vty, "./feed/fpm/port", NB_OP_MODIFY, NULL);
	return ofl_cli_leaf_set(vty, "./feed/source", NULL);
}

DEFPY_YANG(ofl_rib_acknowledge, ofl_rib_acknowledge_cmd,
	"rib acknowledge <offloaded|offloaded-or-software>$what",
	"Routes that may be offloaded\n"
	"Tell zebra over FPM what became of its routes\n"
	"Installed is what hardware forwards\n"
	"Installed is also what was decided for software\n")
{
	return ofl_cli_leaf_set(vty, "./feed/acknowledge", what);
}

DEFPY_YANG(ofl_no_rib_acknowledge, ofl_no_rib_acknowledge_cmd,
	"no rib acknowledge [<offloaded|offloaded-or-software>]",
	NO_STR
	"Routes that may be offloaded\n"
	"Tell zebra over FPM what became of its routes\n"
	"Installed is what hardware forwards\n"
	"Installed is also what was decided for software\n")
{
	return ofl_cli_leaf_set(vty, "./feed/acknowledge", NULL);
}

#define GUARD "./feed/shrink-guard/"

DEFPY_YANG(ofl_feed_guard, ofl_feed_guard_cmd,
	"feed shrink-guard [{percent (1-99)$share|hold (1-3600)$hold|minimum (1-10000000)$routes}]",
	GUARD_STR
	GUARD_VALUES_STR)
{
	if (share_str)
		nb_cli_enqueue_change(vty, GUARD "percent", NB_OP_MODIFY,
				      share_str);
	if (hold_str)
		nb_cli_enqueue_change(vty, GUARD "hold", NB_OP_MODIFY,
				      hold_str);
	if (routes_str)
		nb_cli_enqueue_change(vty, GUARD "minimum", NB_OP_MODIFY,
				      routes_str);
	return ofl_cli_leaf_set(vty, GUARD "enabled", "true");
}

/* Its values go with it: what is off has none to be kept in a file. */
DEFPY_YANG(ofl_no_feed_guard, ofl_no_feed_guard_cmd,
	"no feed shrink-guard [{percent (1-99)|hold (1-3600)|minimum (1-10000000)}]",
	NO_STR
	GUARD_STR
	GUARD_VALUES_STR)
{
	nb_cli_enqueue_change(vty, GUARD "percent", NB_OP_MODIFY, NULL);
	nb_cli_enqueue_change(vty, GUARD "hold", NB_OP_MODIFY, NULL);
	nb_cli_enqueue_change(vty, GUARD "minimum", NB_OP_MODIFY, NULL);
	return ofl_cli_leaf_set(vty, GUARD "enabled", "false");
}

DEFPY(ofl_feed_release, ofl_feed_release_cmd,
	"offload feed release",
	OFL_STR
	FEED_STR
	"Withdraw now what the shrink guard holds\n")
{
	if (ofl_engine_feed_release())
		return CMD_SUCCESS;
	vty_out(vty, "%% Nothing is held.\n");
	return CMD_WARNING;
}

void ofl_cli_feed_init(void)
{
	install_element(OFFLOAD_NODE, &ofl_rib_feed_fpm_cmd);
	install_element(OFFLOAD_NODE, &ofl_rib_feed_zapi_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_rib_feed_cmd);
	install_element(OFFLOAD_NODE, &ofl_rib_acknowledge_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_rib_acknowledge_cmd);
	install_element(OFFLOAD_NODE, &ofl_feed_guard_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_feed_guard_cmd);
	install_element(ENABLE_NODE, &ofl_feed_release_cmd);
}
