/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of state.def and state_acl.def as nodes of a struct
 * frr_yang_module_info.
 *
 * Private to this room: nb.c and nb_acl.c include it, nobody else.
 */
#ifndef OFFLOADD_NORTHBOUND_STATE_NODES_H
#define OFFLOADD_NORTHBOUND_STATE_NODES_H

#include "offloadd/northbound/state.h"

#define OFL_STATE_LIST(path, name)                                             \
	{                                                                      \
		.xpath = OFL_STATE_XPATH path,                                 \
		.cbs = {.get_next = ofl_at_##name##_next,                      \
			.get_keys = ofl_at_##name##_keys,                      \
			.lookup_entry = ofl_at_##name##_find},                 \
	},
#define OFL_STATE_LEAF(path, name, kind, type, member)                         \
	{                                                                      \
		.xpath = OFL_STATE_XPATH path,                                 \
		.cbs = {.get_elem = ofl_state_elem},                           \
	},
#define OFL_STATE_FN(path, name, function) OFL_STATE_LEAF(path, name, , , )

#endif /* OFFLOADD_NORTHBOUND_STATE_NODES_H */
