// SPDX-License-Identifier: GPL-2.0-or-later
/* Is a route installed?  See acknowledge.h. */
#include <string.h>

#include "offloadd/policy/acknowledge.h"

static const char *const mode_names[OFL_ACK_MODE_MAX] = {
	[OFL_ACK_MODE_OFF] = "none",
	[OFL_ACK_MODE_OFFLOADED] = "offloaded",
	[OFL_ACK_MODE_OR_SOFTWARE] = "offloaded-or-software",
};

const char *ofl_ack_mode_name(enum ofl_ack_mode m)
{
	return (unsigned int)m < OFL_ACK_MODE_MAX ? mode_names[m] : "unknown";
}

bool ofl_ack_mode_parse(const char *name, enum ofl_ack_mode *ret_mode)
{
	for (unsigned int i = 0; i < OFL_ACK_MODE_MAX; i++) {
		if (strcmp(name, mode_names[i]) == 0) {
			*ret_mode = i;
			return true;
		}
	}
	return false;
}

/* Hardware had it, or was asked for it, and that went wrong. */
static bool is_broken(enum ofl_reason reason)
{
	switch (reason) {
	case OFL_REASON_HW_NO_SPACE:
	case OFL_REASON_HW_UNSUPPORTED:
	case OFL_REASON_HW_ERROR:
	case OFL_REASON_HW_LOST:
	case OFL_REASON_FIB_SHADOWED: /* hardware answers it wrongly */
		return true;
	default:
		return false;
	}
}

/* Something is on its way that will decide. */
static bool is_undecided(enum ofl_reason reason)
{
	switch (reason) {
	case OFL_REASON_NONE:
	case OFL_REASON_ADMITTED:
	case OFL_REASON_NEXTHOP_CHANGED:
	case OFL_REASON_CLASS_CHANGED:
	case OFL_REASON_HW_SILENT:
		return true;
	default:
		return false;
	}
}

/* Nobody decided for software: something outside is missing. */
static bool is_unready(enum ofl_reason reason)
{
	switch (reason) {
	case OFL_REASON_NEXTHOP_UNRESOLVED:
	case OFL_REASON_NEIGHBOR_UNRESOLVED:
	case OFL_REASON_LINK_DOWN:
	case OFL_REASON_TABLE_DOWN:
	case OFL_REASON_FIB_UNANSWERED:
		return true;
	default:
		return false;
	}
}

enum ofl_ack ofl_acknowledge(enum ofl_ack_mode mode, enum ofl_state state,
			     enum ofl_reason reason, enum ofl_ack told)
{
	bool software_counts = mode == OFL_ACK_MODE_OR_SOFTWARE;

	/* 1. Nobody asked. */
	if (mode == OFL_ACK_MODE_OFF)
		return told;
	/* 2. Hardware forwards it. */
	if (state == OFL_STATE_OFFLOADED || state == OFL_STATE_ELIDED)
		return OFL_ACK_INSTALLED;
	/* 3. Hardware refused it, or lost it. */
	if (state == OFL_STATE_FAILED)
		return OFL_ACK_FAILED;
	/* 4. Hardware has been asked and has not answered. */
	if (state != OFL_STATE_WAITING && state != OFL_STATE_COVERED)
		return told;
	if (is_broken(reason))
		return OFL_ACK_FAILED;
	/* 5. Hardware is about to be asked. */
	if (is_undecided(reason))
		return told;
	/* 6. It cannot be decided; software has it meanwhile. */
	if (is_unready(reason))
		return told == OFL_ACK_INSTALLED && !software_counts
			       ? OFL_ACK_FAILED
			       : told;
	/* 7. It was decided for software. */
	return software_counts ? OFL_ACK_INSTALLED : OFL_ACK_FAILED;
}
