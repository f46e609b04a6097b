/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A match in words, for people: what hardware looks at when it sends packets
 * to software with a mark, say.
 *
 * Nobody reads it back.  Neighbour: ace_print.c prints what an operator wrote.
 */
#ifndef OFFLOADD_FLOW_MATCH_PRINT_H
#define OFFLOADD_FLOW_MATCH_PRINT_H

#include "offloadd/flow/match.h"

/* Enough for every match; a shorter buffer cuts it. */
#define OFL_MATCH_STRLEN 640

/* "any" if it matches every packet.  Returns buf. */
const char *ofl_match_print(const struct ofl_match *m, char *buf, size_t len);

#endif /* OFFLOADD_FLOW_MATCH_PRINT_H */
