// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * with-defaults: RFC 6243.
 *
 * The basic mode is explicit: what a client set is reported, even if it is the
 * schema's default, and what the server filled in is not.  FRR's running
 * configuration tells the two apart: nodes that validation added have
 * libyang's flag LYD_DEFAULT.
 *
 * The attribute of report-all-tagged is in the namespace of RFC 6243; libyang
 * would print that of the YANG module (its LYD_PRINT_WD_ALL_TAG), so the
 * attribute is an annotation of offloadd-default-attribute.yang.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/read.h"

#define ANNOTATIONS "offloadd-default-attribute"

static const struct {
	const char *name;
	uint32_t options;
} modes[] = {
	[OFL_NC_DEFAULTS_EXPLICIT] = {"explicit", LYD_PRINT_WD_EXPLICIT},
	[OFL_NC_DEFAULTS_ALL] = {"report-all", LYD_PRINT_WD_ALL},
	[OFL_NC_DEFAULTS_TAGGED] = {"report-all-tagged", LYD_PRINT_WD_ALL},
	[OFL_NC_DEFAULTS_TRIM] = {"trim", LYD_PRINT_WD_TRIM},
};

enum ofl_nc_defaults ofl_nc_defaults_of(const struct lyd_node *op)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(op), child)
	{
		if (!child->schema ||
		    strcmp(child->schema->name, "with-defaults") != 0)
			continue;
		for (size_t i = 0; i < array_size(modes); i++) {
			if (strcmp(modes[i].name, lyd_get_value(child)) == 0)
				return i;
		}
	}
	return OFL_NC_DEFAULTS_EXPLICIT;
}

uint32_t ofl_nc_defaults_options(enum ofl_nc_defaults mode)
{
	return modes[mode].options;
}

void ofl_nc_defaults_tag(enum ofl_nc_defaults mode, struct lyd_node *tree)
{
	const struct lys_module *module;
	struct lyd_node *top, *node;

	if (mode != OFL_NC_DEFAULTS_TAGGED)
		return;
	module = ly_ctx_get_module_implemented(ofl_nc_context(), ANNOTATIONS);
	LY_LIST_FOR(tree, top)
	{
		LYD_TREE_DFS_BEGIN(top, node)
		{
			if (node->schema &&
			    (node->schema->nodetype & LYD_NODE_TERM) &&
			    (node->flags & LYD_DEFAULT))
				(void)lyd_new_meta(NULL, node, module,
						   "default", "true", 0, NULL);
			LYD_TREE_DFS_END(top, node);
		}
	}
}
