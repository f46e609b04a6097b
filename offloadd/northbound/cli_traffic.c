// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload` that begin with `traffic`: what of it counts,
 * and how it is measured.
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
#include "offloadd/northbound/cli_traffic_clippy.c"
#endif

#define TRAFFIC_STR "What routes carry decides which of them get slots\n"
#define COUNT_STR                                                              \
	TRAFFIC_STR                                                            \
	"What counts (default: nothing, the weights of rules hold)\n"          \
	"A route is worth the packets that it carries\n"                       \
	"A route is worth the bytes that it carries\n"
#define HALF_LIFE_STR                                                          \
	TRAFFIC_STR                                                            \
	"Traffic of so long ago counts half as much as that of now (60)\n"     \
	"Seconds\n"
#define PERIOD_STR                                                             \
	TRAFFIC_STR                                                            \
	"Time from one reading of hardware's counters to the next (5)\n"       \
	"Seconds\n"
#define SAMPLING_STR                                                           \
	TRAFFIC_STR                                                            \
	"Packets that software gets at the ports of tables\n"
#define RATE_STR                                                               \
	SAMPLING_STR                                                           \
	"One packet of so many is sampled (1000)\n"                            \
	"Number of packets, 0 for no samples\n"
#define BUDGET_STR                                                             \
	SAMPLING_STR                                                           \
	"So many samples are taken of a table at most (1000)\n"                \
	"Samples a second\n"

#define METHOD_STR                                                             \
	SAMPLING_STR                                                           \
	"How it is known what software forwards\n"                             \
	"By samples; where those cannot be had, by counters (default)\n"       \
	"By samples only\n"                                                    \
	"By counters of regions that zoom in to what carries much\n"

DEFPY_YANG(ofl_cli_traffic_count, ofl_cli_traffic_count_cmd,
	"traffic count <packets|bytes>$unit",
	COUNT_STR)
{
	return ofl_cli_leaf_set(vty, "./traffic/count", unit);
}

DEFPY_YANG(ofl_cli_no_traffic_count, ofl_cli_no_traffic_count_cmd,
	"no traffic count [<packets|bytes>]",
	NO_STR
	COUNT_STR)
{
	return ofl_cli_leaf_default(vty, "./traffic/count");
}

DEFPY_YANG(ofl_cli_traffic_half_life, ofl_cli_traffic_half_life_cmd,
	"traffic half-life (1-86400)$seconds",
	HALF_LIFE_STR)
{
	return ofl_cli_leaf_set(vty, "./traffic/half-life", seconds_str);
}

DEFPY_YANG(ofl_cli_no_traffic_half_life, ofl_cli_no_traffic_half_life_cmd,
	"no traffic half-life [(1-86400)]",
	NO_STR
	HALF_LIFE_STR)
{
	return ofl_cli_leaf_default(vty, "./traffic/half-life");
}

DEFPY_YANG(ofl_cli_traffic_period, ofl_cli_traffic_period_cmd,
	"traffic period (1-3600)$seconds",
	PERIOD_STR)
{
	return ofl_cli_leaf_set(vty, "./traffic/period", seconds_str);
}

DEFPY_YANG(ofl_cli_no_traffic_period, ofl_cli_no_traffic_period_cmd,
	"no traffic period [(1-3600)]",
	NO_STR
	PERIOD_STR)
{
	return ofl_cli_leaf_default(vty, "./traffic/period");
}

DEFPY_YANG(ofl_cli_traffic_rate, ofl_cli_traffic_rate_cmd,
	"traffic sampling rate (0-1000000)$rate",
	RATE_STR)
{
	return ofl_cli_leaf_set(vty, "./traffic/sampling/rate", rate_str);
}

DEFPY_YANG(ofl_cli_no_traffic_rate, ofl_cli_no_traffic_rate_cmd,
	"no traffic sampling rate [(0-1000000)]",
	NO_STR
	RATE_STR)
{
	return ofl_cli_leaf_default(vty, "./traffic/sampling/rate");
}

DEFPY_YANG(ofl_cli_traffic_budget, ofl_cli_traffic_budget_cmd,
	"traffic sampling budget (1-100000)$budget",
	BUDGET_STR)
{
	return ofl_cli_leaf_set(vty, "./traffic/sampling/budget", budget_str);
}

DEFPY_YANG(ofl_cli_no_traffic_budget, ofl_cli_no_traffic_budget_cmd,
	"no traffic sampling budget [(1-100000)]",
	NO_STR
	BUDGET_STR)
{
	return ofl_cli_leaf_default(vty, "./traffic/sampling/budget");
}

DEFPY_YANG(ofl_cli_traffic_method, ofl_cli_traffic_method_cmd,
	"traffic sampling by <auto|samples|counters>$method",
	METHOD_STR)
{
	return ofl_cli_leaf_set(vty, "./traffic/sampling/method", method);
}

DEFPY_YANG(ofl_cli_no_traffic_method, ofl_cli_no_traffic_method_cmd,
	"no traffic sampling by [<auto|samples|counters>]",
	NO_STR
	METHOD_STR)
{
	return ofl_cli_leaf_default(vty, "./traffic/sampling/method");
}

void ofl_cli_traffic_init(void)
{
	install_element(OFFLOAD_NODE, &ofl_cli_traffic_count_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_no_traffic_count_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_traffic_half_life_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_no_traffic_half_life_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_traffic_period_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_no_traffic_period_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_traffic_rate_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_no_traffic_rate_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_traffic_budget_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_no_traffic_budget_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_traffic_method_cmd);
	install_element(OFFLOAD_NODE, &ofl_cli_no_traffic_method_cmd);
}
