// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory group of this daemon; see mgroup.h. */
#include <zebra.h>

#include "offloadd/base/mgroup.h"

DEFINE_MGROUP(OFFLOADD, "offloadd");
