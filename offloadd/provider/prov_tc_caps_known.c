// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of rows of capabilities, whatever they are of; see
 * prov_tc_caps.h.  Pure.
 */
#include "offloadd/provider/prov_tc_caps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_refusal(int errnum)
{
	/* It does not do that; or the kernel has no such action.  Anything else
	 * (no room, no answer, a bad moment) says nothing of another time. */
	return errnum == EOPNOTSUPP || errnum == ENOENT;
}

void ofl_tc_caps_set(struct ofl_tc_cap_known *row, int errnum, bool has_it,
		     const char *text)
{
	memset(row, 0, sizeof(*row));
	if (!errnum && has_it) {
		row->state = OFL_CAPABILITY_OK;
		return;
	}
	row->state = !errnum || is_refusal(errnum) ? OFL_CAPABILITY_REFUSED
						   : OFL_CAPABILITY_UNKNOWN;
	row->errnum = errnum;
	if (errnum)
		snprintf(row->text, sizeof(row->text), "%s",
			 text[0] ? text : strerror(errnum));
	else
		snprintf(row->text, sizeof(row->text),
			 "the kernel has it, hardware has not");
}

/* The lowest refused one that a row is built upon, or ALONE. */
static unsigned int refused_below(const struct ofl_tc_cap_known *known,
				  unsigned int cap, ofl_tc_cap_row_fn row)
{
	unsigned int found = OFL_TC_CAP_ALONE, upon = row(cap)->upon;

	for (; upon != OFL_TC_CAP_ALONE; upon = row(upon)->upon)
		if (known[upon].state == OFL_CAPABILITY_REFUSED)
			found = upon;
	return found;
}

void ofl_tc_cap_rows_settle(struct ofl_tc_cap_known *known, unsigned int count,
			    ofl_tc_cap_row_fn row)
{
	/* A filter that was taken proves all that it is made of. */
	for (unsigned int cap = count; cap--;) {
		unsigned int upon = row(cap)->upon;

		if (upon == OFL_TC_CAP_ALONE ||
		    known[cap].state != OFL_CAPABILITY_OK ||
		    known[upon].state == OFL_CAPABILITY_OK ||
		    known[upon].state == OFL_CAPABILITY_UNUSED)
			continue;
		known[upon] = known[cap];
	}
	/* One that was refused together with what it is built upon says nothing
	 * of itself.  From the last: those below it are as they were. */
	for (unsigned int cap = count; cap--;) {
		unsigned int below = refused_below(known, cap, row);

		if (known[cap].state != OFL_CAPABILITY_REFUSED ||
		    below == OFL_TC_CAP_ALONE)
			continue;
		known[cap].state = OFL_CAPABILITY_UNKNOWN;
		snprintf(known[cap].text, sizeof(known[cap].text),
			 "%s is refused", row(below)->name);
	}
}

bool ofl_tc_cap_row_is_open(const struct ofl_tc_cap_known *known,
			    unsigned int cap, ofl_tc_cap_row_fn row)
{
	return known[cap].state == OFL_CAPABILITY_UNKNOWN &&
	       refused_below(known, cap, row) == OFL_TC_CAP_ALONE;
}
