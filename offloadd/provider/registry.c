// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which providers this daemon was built with.
 *
 * A table of pointers and nothing else: a new provider is one line here.
 */
#include <string.h>

#include "offloadd/provider/prov_emulated.h"
#include "offloadd/provider/prov_tc.h"
#include "offloadd/provider/provider.h"

static const struct ofl_provider_ops *const providers[] = {
	&ofl_prov_emulated,
	&ofl_prov_tc,
};

const struct ofl_provider_ops *ofl_provider_at(size_t i)
{
	return i < sizeof(providers) / sizeof(providers[0]) ? providers[i]
							    : NULL;
}

const struct ofl_provider_ops *ofl_provider_find(const char *name)
{
	const struct ofl_provider_ops *ops;

	for (size_t i = 0; (ops = ofl_provider_at(i)); i++)
		if (strcmp(ops->name, name) == 0)
			return ops;
	return NULL;
}
