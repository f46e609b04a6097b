// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operation heaviest-flows of the model: a list of the state cannot be told
 * how many of its entries are wanted.
 */
#include <zebra.h>

#include "offloadd/base/rpc.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/state.h"

#define LIMIT_DEFAULT 10

struct telling {
	struct nb_cb_rpc_args *args;
	struct ofl_at_heaviest item;
};

/* The leaves are those of the list heaviest of the state. */
static bool tell(const struct ofl_traffic_flow *f, void *arg)
{
	static const char *const leaves[] = {"table",  "vrf",	   "prefix",
					     "class",  "state",	   "reason",
					     "rate",   "error",	   "share",
					     "weight", "held-back"};
	struct telling *t = arg;
	char path[96], value[OFL_LEAF_LEN];

	t->item.index++;
	ofl_heavy_make(f, &t->item.f);
	for (size_t i = 0; i < array_size(leaves); i++) {
		snprintf(path, sizeof(path), "/traffic/heaviest/%s", leaves[i]);
		if (!ofl_state_print(path, &t->item, value, sizeof(value)))
			continue;
		snprintf(path, sizeof(path), "flow[index='%u']/%s",
			 t->item.index, leaves[i]);
		ofl_rpc_output(t->args, path, value);
	}
	return true;
}

int ofl_nb_heaviest_flows(struct nb_cb_rpc_args *args)
{
	const char *table = ofl_rpc_input(args, "table");
	const char *where = ofl_rpc_input(args, "where");
	const char *limit = ofl_rpc_input(args, "limit");
	bool software_only = !where || strcmp(where, "software") == 0;
	size_t n = limit ? ofl_state_number(limit) : LIMIT_DEFAULT;
	struct telling t = {.args = args};

	if (!ofl_at_measured(NULL)) {
		snprintf(args->errmsg, args->errmsg_len,
			 "Traffic is not counted: set /offload/traffic/count "
			 "to packets or bytes.");
		return NB_ERR;
	}
	if (!n || n > OFL_TRAFFIC_TOP_MAX) {
		snprintf(args->errmsg, args->errmsg_len, "limit is 1 to %u.",
			 OFL_TRAFFIC_TOP_MAX);
		return NB_ERR;
	}
	if (ofl_engine_traffic_top(table, software_only, n, tell, &t))
		return NB_OK;
	snprintf(args->errmsg, args->errmsg_len, "There is no table %s.",
		 table);
	return NB_ERR;
}
