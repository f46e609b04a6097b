/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory group of this daemon; each room defines its types statically.
 * (Not memory.h: that would hide FRR's from itself.) */
#ifndef OFFLOADD_BASE_MGROUP_H
#define OFFLOADD_BASE_MGROUP_H

#include "memory.h"

DECLARE_MGROUP(OFFLOADD);

#endif /* OFFLOADD_BASE_MGROUP_H */
