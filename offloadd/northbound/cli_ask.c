// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `offload resync` and `offload rebalance`: what is asked to be done now.  The
 * operations of the model (nb_rpc.c) ask the same.
 */
#include <zebra.h>

#include "command.h"

#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_ask_clippy.c"
#endif

DEFPY(ofl_resync, ofl_resync_cmd,
	"offload resync",
	OFL_STR
	"Have zebra announce its routes once more\n")
{
	if (ofl_engine_resync())
		return CMD_SUCCESS;
	vty_out(vty, "%% There is no zebra.\n");
	return CMD_WARNING;
}

DEFPY(ofl_rebalance_now, ofl_rebalance_now_cmd,
	"offload rebalance [WORD$ofl_table]",
	OFL_STR
	"Weigh every route anew now\n"
	"Only for this table\n")
{
	if (ofl_engine_rebalance(ofl_table))
		return CMD_SUCCESS;
	vty_out(vty, "%% There is no table %s.\n", ofl_table);
	return CMD_WARNING;
}

void ofl_cli_ask_init(void)
{
	install_element(ENABLE_NODE, &ofl_resync_cmd);
	install_element(ENABLE_NODE, &ofl_rebalance_now_cmd);
}
