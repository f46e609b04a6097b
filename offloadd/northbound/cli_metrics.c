// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload` that begin with `metrics`: where the figures
 * about this daemon may be had.
 *
 * A client of the model like cli.c, which makes the node.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "lib/unixsock.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_metrics_clippy.c"
#endif

#define METRICS_STR "Figures about this daemon, for Prometheus\n"
#define TCP_STR                                                                \
	"Port to listen at\n"                                                  \
	"TCP port\n"                                                           \
	"Address to listen at (127.0.0.1)\n"                                   \
	"127.0.0.1\n"                                                          \
	"::1\n"

DEFPY_YANG(ofl_metrics_unix, ofl_metrics_unix_cmd,
	"metrics unix WORD$path",
	METRICS_STR
	"Socket to listen at\n"
	"Absolute path\n")
{
	if (!ofl_cli_text_ok(vty, path, OFL_UNIXSOCK_PATH - 1) ||
	    !ofl_cli_path_ok(vty, path))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./metrics/unix", path);
}

DEFPY_YANG(ofl_no_metrics_unix, ofl_no_metrics_unix_cmd,
	"no metrics unix [WORD$path]",
	NO_STR
	METRICS_STR
	"Socket to listen at\n"
	"Absolute path\n")
{
	return ofl_cli_leaf_del(vty, "./metrics/unix");
}

/* A port without an address is at the default one. */
DEFPY_YANG(ofl_metrics_tcp, ofl_metrics_tcp_cmd,
	"metrics tcp (1-65535)$port [address <A.B.C.D|X:X::X:X>$address]",
	METRICS_STR
	TCP_STR)
{
	nb_cli_enqueue_change(vty, "./metrics/tcp", NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, "./metrics/tcp/address", NB_OP_MODIFY,
			      address_str);
	return ofl_cli_leaf_set(vty, "./metrics/tcp/port", port_str);
}

DEFPY_YANG(ofl_no_metrics_tcp, ofl_no_metrics_tcp_cmd,
	"no metrics tcp [(1-65535) [address <A.B.C.D|X:X::X:X>]]",
	NO_STR
	METRICS_STR
	TCP_STR)
{
	return ofl_cli_leaf_del(vty, "./metrics/tcp");
}

void ofl_cli_metrics_init(void)
{
	install_element(OFFLOAD_NODE, &ofl_metrics_unix_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_metrics_unix_cmd);
	install_element(OFFLOAD_NODE, &ofl_metrics_tcp_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_metrics_tcp_cmd);
}
