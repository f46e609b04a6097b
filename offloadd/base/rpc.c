// SPDX-License-Identifier: GPL-2.0-or-later
/* Input and output of a northbound operation; see rpc.h. */
#include <zebra.h>

#include "northbound.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/base/rpc.h"
#include "offloadd/base/yang_compat.h"

#if OFL_FRR_IS_10

const char *ofl_rpc_input(const struct nb_cb_rpc_args *args, const char *path)
{
	struct lyd_node *leaf;

	if (!args->input || lyd_find_path(args->input, path, 0, &leaf))
		return NULL;
	return lyd_get_value(leaf);
}

void ofl_rpc_output(struct nb_cb_rpc_args *args, const char *path,
		    const char *value)
{
	if (value)
		lyd_new_path(args->output, NULL, path, value,
			     OFL_LYD_NEW_OUTPUT | LYD_NEW_PATH_UPDATE, NULL);
}

#else

const char *ofl_rpc_input(const struct nb_cb_rpc_args *args, const char *path)
{
	const struct yang_data *d = yang_data_list_find(
		args->input, "%s/input/%s", args->xpath, path);

	return d ? d->value : NULL;
}

void ofl_rpc_output(struct nb_cb_rpc_args *args, const char *path,
		    const char *value)
{
	char xpath[XPATH_MAXLEN];

	if (!value)
		return;
	snprintf(xpath, sizeof(xpath), "%s/output/%s", args->xpath, path);
	listnode_add(args->output, yang_data_new(xpath, value));
}

#endif
