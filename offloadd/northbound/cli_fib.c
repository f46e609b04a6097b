// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload` that begin with `fib`: drivers that offload
 * the kernel's routes by themselves.
 *
 * A client of the model like cli.c, which makes the node.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_fib_clippy.c"
#endif

#define FIB_STR "Drivers that offload the kernel's routes by themselves\n"

DEFPY_YANG(ofl_fib_observe, ofl_fib_observe_cmd,
	"[no] fib observe",
	NO_STR
	FIB_STR
	"Follow what they say of each route, and repair\n")
{
	return ofl_cli_leaf_set(vty, "./fib/observe", no ? "false" : "true");
}

DEFPY_YANG(ofl_fib_repair, ofl_fib_repair_cmd,
	"fib repair <none|reprogram|demote>$repair",
	FIB_STR
	"What is done for a route whose packets hardware forwards wrongly\n"
	"Nothing\n"
	"It is offered to the driver again\n"
	"And a best-effort route leaves hardware for it\n")
{
	return ofl_cli_leaf_set(vty, "./fib/repair", repair);
}

DEFPY_YANG(ofl_no_fib_repair, ofl_no_fib_repair_cmd,
	"no fib repair [<none|reprogram|demote>]",
	NO_STR
	FIB_STR
	"What is done for a route whose packets hardware forwards wrongly\n"
	"Nothing\n"
	"It is offered to the driver again\n"
	"And a best-effort route leaves hardware for it\n")
{
	return ofl_cli_leaf_default(vty, "./fib/repair");
}

DEFPY_YANG(ofl_fib_resource, ofl_fib_resource_cmd,
	"fib resource WORD$path",
	FIB_STR
	"Devlink resource that tells the size of their table\n"
	"Path of the resource\n")
{
	if (!ofl_cli_resource_ok(vty, path))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./fib/resource", path);
}

DEFPY_YANG(ofl_no_fib_resource, ofl_no_fib_resource_cmd,
	"no fib resource [WORD]",
	NO_STR
	FIB_STR
	"Devlink resource that tells the size of their table\n"
	"Path of the resource\n")
{
	return ofl_cli_leaf_del(vty, "./fib/resource");
}

DEFPY_YANG(ofl_fib_watermarks, ofl_fib_watermarks_cmd,
	"fib watermarks (1-99)$low (2-100)$high",
	FIB_STR
	"Use of that resource that is told of\n"
	"Low watermark, in percent\n"
	"High watermark, in percent\n")
{
	nb_cli_enqueue_change(vty, "./fib/low-watermark", NB_OP_MODIFY,
			      low_str);
	return ofl_cli_leaf_set(vty, "./fib/high-watermark", high_str);
}

DEFPY_YANG(ofl_no_fib_watermarks, ofl_no_fib_watermarks_cmd,
	"no fib watermarks [(1-99) (2-100)]",
	NO_STR
	FIB_STR
	"Use of that resource that is told of\n"
	"Low watermark, in percent\n"
	"High watermark, in percent\n")
{
	nb_cli_enqueue_change(vty, "./fib/low-watermark", NB_OP_MODIFY, NULL);
	return ofl_cli_leaf_default(vty, "./fib/high-watermark");
}

void ofl_cli_fib_init(void)
{
	install_element(OFFLOAD_NODE, &ofl_fib_observe_cmd);
	install_element(OFFLOAD_NODE, &ofl_fib_repair_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_fib_repair_cmd);
	install_element(OFFLOAD_NODE, &ofl_fib_resource_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_fib_resource_cmd);
	install_element(OFFLOAD_NODE, &ofl_fib_watermarks_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_fib_watermarks_cmd);
}
