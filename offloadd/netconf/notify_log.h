/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications that are remembered, so that a subscription can begin in the
 * past: a bounded number in memory, the oldest are forgotten first.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_NOTIFY_LOG_H
#define OFFLOADD_NETCONF_NOTIFY_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "offloadd/netconf/text.h"

struct lyd_node;
struct lysc_node;

/* Whatever is reached first.  A session's backlog has to hold this much. */
#define OFL_NC_LOG_COUNT 1000
#define OFL_NC_LOG_BYTES (512 * 1024)

/* Enough for RFC 3339 with microseconds. */
#define OFL_NC_TIME_LEN 40

struct ofl_nc_event {
	int64_t wall_us; /* since 1970 */
	struct lyd_node *tree;
	const struct lysc_node *snode; /* of the notification itself */
	struct ofl_nc_text text;       /* <notification>, complete */
};

/* Numbers count events from the beginning: those from `first` up to, but not
 * including, `next` are remembered. */
struct ofl_nc_log_range {
	uint64_t first, next;
};

void ofl_nc_log_init(int64_t wall_us);
void ofl_nc_log_fini(void);
/* Takes the tree.  Good until the next is added; NULL: it is no notification,
 * and was freed. */
const struct ofl_nc_event *ofl_nc_log_add(struct lyd_node *tree,
					  int64_t wall_us);
struct ofl_nc_log_range ofl_nc_log_range(void);
/* NULL: not remembered. */
const struct ofl_nc_event *ofl_nc_log_find(uint64_t number);
/* When the memory began; when the youngest that was forgotten happened, 0:
 * none was. */
int64_t ofl_nc_log_created(void);
int64_t ofl_nc_log_aged(void);

/* date-and-time in UTC with microseconds. */
const char *ofl_nc_time_print(int64_t wall_us, char *buf, size_t len);
/* An element <notification> around `tree`. */
void ofl_nc_event_print(struct ofl_nc_text *out, int64_t wall_us,
			const struct lyd_node *tree);

#endif /* OFFLOADD_NETCONF_NOTIFY_LOG_H */
