// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of operations, entries and statuses: the same words in show commands,
 * the database, notifications and logs.  Nothing else is here.
 */
#include <zebra.h>

#include "offloadd/flow/op.h"

const char *ofl_op_kind_name(enum ofl_op_kind k)
{
	switch (k) {
	case OFL_OP_NONE:
		return "none";
	case OFL_OP_ADD:
		return "add";
	case OFL_OP_REPLACE:
		return "replace";
	case OFL_OP_DEL:
		return "delete";
	}
	return "unknown";
}

const char *ofl_entry_name(enum ofl_entry e)
{
	switch (e) {
	case OFL_ENTRY_NONE:
		return "none";
	case OFL_ENTRY_REAL:
		return "real";
	case OFL_ENTRY_PUNT:
		return "punt";
	}
	return "unknown";
}

const char *ofl_status_name(enum ofl_status s)
{
	switch (s) {
	case OFL_STATUS_OK:
		return "ok";
	case OFL_STATUS_NO_SPACE:
		return "no-space";
	case OFL_STATUS_UNSUPPORTED:
		return "unsupported";
	case OFL_STATUS_ERROR:
		return "error";
	}
	return "unknown";
}
