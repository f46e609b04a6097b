// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which callback serves which node of the model: tables and nothing else.
 *
 * Leaves share theirs, because they only mark: the container builds the
 * configuration anew and checks it in pre_validate, and builds it once more
 * and hands it to the engine in apply_finish (nb_config.c).
 */
#include <zebra.h>

#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/northbound.h"
#include "offloadd/northbound/state_nodes.h"

/* A leaf with a default is never destroyed, except in a choice. */
#define LEAF_WITH_DEFAULT(path)                                                \
	{                                                                      \
		.xpath = OFL_XPATH path, .cbs = {.modify = ofl_nb_modify},     \
	}
#define LEAF(path)                                                             \
	{                                                                      \
		.xpath = OFL_XPATH path,                                       \
		.cbs = {.modify = ofl_nb_modify, .destroy = ofl_nb_destroy},   \
	}
/* The same, with a line of its own in the configuration. */
#define TOP_LEAF_WITH_DEFAULT(path)                                            \
	{                                                                      \
		.xpath = OFL_XPATH path,                                       \
		.cbs = {.modify = ofl_nb_modify,                               \
			.cli_show = ofl_cli_print_leaf},                       \
	}
#define TOP_LEAF(path)                                                         \
	{                                                                      \
		.xpath = OFL_XPATH path,                                       \
		.cbs = {.modify = ofl_nb_modify,                               \
			.destroy = ofl_nb_destroy,                             \
			.cli_show = ofl_cli_print_leaf},                       \
	}
#define LEAF_LIST(path)                                                        \
	{                                                                      \
		.xpath = OFL_XPATH path,                                       \
		.cbs = {.create = ofl_nb_create, .destroy = ofl_nb_destroy},   \
	}
#define LIST(path, print, compare)                                             \
	{                                                                      \
		.xpath = OFL_XPATH path,                                       \
		.cbs = {.create = ofl_nb_create,                               \
			.destroy = ofl_nb_destroy,                             \
			.cli_cmp = compare,                                    \
			.cli_show = print,                                     \
			.cli_show_end = ofl_cli_print_entry_end},              \
	}

#define RPC(path, function)                                                    \
	{                                                                      \
		.xpath = "/frr-offload:" path, .cbs = {.rpc = function},       \
	}
/* clang-format off */
const struct frr_yang_module_info ofl_nb_info = {
	.name = "frr-offload",
	.nodes = {
		{
			.xpath = OFL_XPATH,
			.cbs = {
				.create = ofl_nb_create,
				.destroy = ofl_nb_offload_destroy,
				.pre_validate = ofl_nb_offload_pre_validate,
				.apply_finish = ofl_nb_offload_apply_finish,
				.cli_show = ofl_cli_print_offload,
				.cli_show_end = ofl_cli_print_offload_end,
			},
		},
		LIST("/table", ofl_cli_print_table, ofl_cli_table_cmp),
		LEAF_WITH_DEFAULT("/table/provider"),
		LEAF_WITH_DEFAULT("/table/capacity"),
		LEAF_WITH_DEFAULT("/table/slot-cost/ipv4"),
		LEAF_WITH_DEFAULT("/table/slot-cost/ipv6"),
		LEAF("/table/high-watermark/percent"),
		LEAF("/table/high-watermark/slots"),
		LEAF("/table/low-watermark/percent"),
		LEAF("/table/low-watermark/slots"),
		LEAF("/table/acl-slots/percent"),
		LEAF("/table/acl-slots/slots"),
		LEAF("/table/reserve"),
		LEAF_WITH_DEFAULT("/table/hysteresis"),
		LEAF_WITH_DEFAULT("/table/residence"),
		LEAF_WITH_DEFAULT("/table/critical-cover-limit"),
		LEAF_WITH_DEFAULT("/table/optional-writes"),
		LEAF_WITH_DEFAULT("/table/rebalance-interval"),
		LEAF_WITH_DEFAULT("/table/exact-placement"),
		LEAF_LIST("/table/tc/port"),
		LEAF_WITH_DEFAULT("/table/tc/mode"),
		LEAF_WITH_DEFAULT("/table/tc/multipath"),
		LEAF_WITH_DEFAULT("/table/tc/block"),
		LEAF_WITH_DEFAULT("/table/tc/chain"),
		LEAF_WITH_DEFAULT("/table/tc/pref"),
		LEAF("/table/tc/resource"),
		LEAF("/table/emulated/file"),
		LIST("/rule", ofl_cli_print_rule, ofl_cli_rule_cmp),
		LEAF("/rule/match/address-family"),
		LEAF("/rule/match/prefix-list"),
		LEAF("/rule/match/access-list"),
		LEAF("/rule/match/protocol"),
		LEAF("/rule/match/tag"),
		LEAF("/rule/match/distance/minimum"),
		LEAF("/rule/match/distance/maximum"),
		LEAF("/rule/match/metric/minimum"),
		LEAF("/rule/match/metric/maximum"),
		LEAF("/rule/match/vrf"),
		LEAF("/rule/match/nexthop-interface"),
		LEAF("/rule/match/prefix-length/minimum"),
		LEAF("/rule/match/prefix-length/maximum"),
		LEAF("/rule/set/weight"),
		LEAF_WITH_DEFAULT("/rule/set/offload-or-fail"),
		LEAF("/rule/set/table"),
		{
			.xpath = OFL_XPATH "/rule/set/mice-filter",
			.cbs = {
				.create = ofl_nb_create,
				.destroy = ofl_nb_destroy,
			},
		},
		LEAF("/rule/set/mice-filter/packets"),
		LEAF("/rule/set/mice-filter/kilobytes"),
		LEAF_WITH_DEFAULT("/rule/set/mice-filter/window"),
		LEAF("/rule/set/class"),
		TOP_LEAF_WITH_DEFAULT("/fib/observe"),
		TOP_LEAF_WITH_DEFAULT("/fib/repair"),
		TOP_LEAF("/fib/resource"),
		TOP_LEAF_WITH_DEFAULT("/fib/low-watermark"),
		TOP_LEAF_WITH_DEFAULT("/fib/high-watermark"),
		TOP_LEAF_WITH_DEFAULT("/feed/source"),
		TOP_LEAF_WITH_DEFAULT("/feed/fpm/address"),
		TOP_LEAF_WITH_DEFAULT("/feed/fpm/port"),
		TOP_LEAF_WITH_DEFAULT("/feed/acknowledge"),
		TOP_LEAF_WITH_DEFAULT("/feed/shrink-guard/enabled"),
		TOP_LEAF_WITH_DEFAULT("/feed/shrink-guard/percent"),
		TOP_LEAF_WITH_DEFAULT("/feed/shrink-guard/hold"),
		TOP_LEAF_WITH_DEFAULT("/feed/shrink-guard/minimum"),
		TOP_LEAF_WITH_DEFAULT("/default-class"),
		TOP_LEAF("/default-table"),
		TOP_LEAF("/database/path"),
		TOP_LEAF_WITH_DEFAULT("/database/history-limit"),
		TOP_LEAF_WITH_DEFAULT("/database/history-days"),
		TOP_LEAF_WITH_DEFAULT("/database/size-limit"),
		TOP_LEAF_WITH_DEFAULT("/database/batch"),
		TOP_LEAF_WITH_DEFAULT("/audit/interval"),
		TOP_LEAF_WITH_DEFAULT("/audit/repairs"),
		TOP_LEAF_WITH_DEFAULT("/timers/settle"),
		TOP_LEAF_WITH_DEFAULT("/timers/settle-max"),
		TOP_LEAF_WITH_DEFAULT("/timers/retry"),
		TOP_LEAF_WITH_DEFAULT("/timers/hardware-timeout"),
		TOP_LEAF("/metrics/unix"),
		{
			.xpath = OFL_XPATH "/metrics/tcp",
			.cbs = {
				.create = ofl_nb_create,
				.destroy = ofl_nb_destroy,
				.cli_show = ofl_cli_print_metrics_tcp,
			},
		},
		LEAF_WITH_DEFAULT("/metrics/tcp/port"),
		LEAF_WITH_DEFAULT("/metrics/tcp/address"),
		TOP_LEAF_WITH_DEFAULT("/traffic/count"),
		TOP_LEAF_WITH_DEFAULT("/traffic/half-life"),
		TOP_LEAF_WITH_DEFAULT("/traffic/period"),
		TOP_LEAF_WITH_DEFAULT("/traffic/sampling/rate"),
		TOP_LEAF_WITH_DEFAULT("/traffic/sampling/budget"),
		TOP_LEAF_WITH_DEFAULT("/traffic/sampling/method"),
		TOP_LEAF_WITH_DEFAULT("/clean-on-exit"),
#include "offloadd/northbound/state.def"
		RPC("explain", ofl_nb_explain),
		RPC("find-flows", ofl_nb_find_flows),
		RPC("heaviest-flows", ofl_nb_heaviest_flows),
		RPC("resync", ofl_nb_resync),
		RPC("audit", ofl_nb_audit),
		RPC("rebalance", ofl_nb_rebalance),
		RPC("clear-history", ofl_nb_clear_history),
		RPC("release-feed", ofl_nb_release_feed),
		RPC("simulate", ofl_nb_simulate),
		RPC("simulation", ofl_nb_simulation),
		{
			.xpath = NULL,
		},
	},
};
/* clang-format on */
