// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rows of reason.def as text.  Adds nothing to them: a reason that is not
 * a row there does not exist.  Neighbours: whoever shows or stores a flow.
 */
#include <zebra.h>

#include "offloadd/flow/reason.h"

/* A flow keeps its reason in a byte. */
static_assert(OFL_REASON_MAX <= UINT8_MAX, "a reason fits a byte");

static const struct {
	const char *name, *meaning, *remedy;
} reasons[] = {
#define OFL_REASON(id, name, meaning, remedy) {name, meaning, remedy},
#include "offloadd/flow/reason.def"
#undef OFL_REASON
};

const char *ofl_reason_name(enum ofl_reason r)
{
	return (unsigned int)r < OFL_REASON_MAX ? reasons[r].name : "unknown";
}

const char *ofl_reason_meaning(enum ofl_reason r)
{
	return (unsigned int)r < OFL_REASON_MAX
		       ? reasons[r].meaning
		       : "Not a reason of this version.";
}

const char *ofl_reason_remedy(enum ofl_reason r)
{
	return (unsigned int)r < OFL_REASON_MAX ? reasons[r].remedy
						: "Nothing known.";
}

enum ofl_reason ofl_reason_find(const char *name)
{
	for (unsigned int r = 0; r < OFL_REASON_MAX; r++)
		if (strcmp(name, reasons[r].name) == 0)
			return r;
	return OFL_REASON_MAX;
}
