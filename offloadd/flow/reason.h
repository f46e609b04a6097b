/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a flow is where it is.  Every refusal and every departure has exactly
 * one named reason, one row of reason.def; the same name appears in show
 * commands, YANG, logs and the database.
 */
#ifndef OFFLOADD_FLOW_REASON_H
#define OFFLOADD_FLOW_REASON_H

#include <stdint.h>

enum ofl_reason {
#define OFL_REASON(id, name, meaning, remedy) OFL_REASON_##id,
#include "offloadd/flow/reason.def"
#undef OFL_REASON
	OFL_REASON_MAX
};

/* Stable name, e.g. "high-watermark".  Never NULL; out of range: "unknown". */
const char *ofl_reason_name(enum ofl_reason r);
/* One sentence: what it means. */
const char *ofl_reason_meaning(enum ofl_reason r);
/* One sentence: what changes it (for operators). */
const char *ofl_reason_remedy(enum ofl_reason r);
/* Reverse of name; returns OFL_REASON_MAX if there is none. */
enum ofl_reason ofl_reason_find(const char *name);

#endif /* OFFLOADD_FLOW_REASON_H */
