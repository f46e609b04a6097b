/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic in the words of show commands.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_SHOW_TRAFFIC_H
#define OFFLOADD_NORTHBOUND_SHOW_TRAFFIC_H

#include "offloadd/engine/traffic.h"

struct ofl_out;

/* The whole command, to the end of the output; what it returns.  `table` NULL:
 * all; `top` flows at most. */
int ofl_show_traffic(struct ofl_out *o, const char *table, uint32_t top);

#define OFL_RATE_LEN 32
/* "12.3k packets/s"; of five digits before the point at most.  `unit` OFF: the
 * number alone. */
const char *ofl_rate_print(double rate, enum ofl_traffic_unit unit, char *buf,
			   size_t len);
/* The group "traffic" of one route; in text a line if it has a label. */
void ofl_show_traffic_of(struct ofl_out *o, const char *label,
			 const struct ofl_traffic_view *v,
			 enum ofl_traffic_unit unit);

#endif /* OFFLOADD_NORTHBOUND_SHOW_TRAFFIC_H */
