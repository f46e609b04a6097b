// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which lists are large; see large.h.  How they are walked is known by the
 * files that serve them.
 */
#include <zebra.h>

#include "offloadd/northbound/large.h"
#include "offloadd/northbound/state.h"

static const struct ofl_nb_large large[] = {
	{OFL_STATE_XPATH "/flow", ofl_state_flow_next},
	{OFL_STATE_XPATH "/frr-offload-acl:acl-entry", ofl_state_ace_next},
};

const struct ofl_nb_large *ofl_nb_large_find(const char *xpath)
{
	for (size_t i = 0; i < array_size(large); i++)
		if (strcmp(large[i].xpath, xpath) == 0)
			return &large[i];
	return NULL;
}
