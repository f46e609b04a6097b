// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of remembered notifications: see notify_log.h.
 *
 * Each is kept as a tree, for access control and filters of those who
 * subscribe later, and as the text that is sent, which is the same for all.
 * Nothing is written to disk: what was before the daemon started is unknown.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/netconf/notify_log.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_LOG, "offload NETCONF notifications");

#define NOTIFICATION_NS "urn:ietf:params:xml:ns:netconf:notification:1.0"

static struct {
	struct ofl_nc_event *ring; /* OFL_NC_LOG_COUNT of them */
	uint64_t first, next;
	size_t bytes;
	int64_t created, aged;
} events;

static struct ofl_nc_event *slot(uint64_t number)
{
	return &events.ring[number % OFL_NC_LOG_COUNT];
}

static void forget_first(void)
{
	struct ofl_nc_event *e = slot(events.first++);

	events.aged = MAX(events.aged, e->wall_us);
	events.bytes -= e->text.len;
	ofl_nc_text_fini(&e->text);
	lyd_free_all(e->tree);
	memset(e, 0, sizeof(*e));
}

void ofl_nc_log_init(int64_t wall_us)
{
	memset(&events, 0, sizeof(events));
	events.created = wall_us;
	events.ring = XCALLOC(MTYPE_OFL_NC_LOG,
			      OFL_NC_LOG_COUNT * sizeof(*events.ring));
}

void ofl_nc_log_fini(void)
{
	while (events.first < events.next)
		forget_first();
	XFREE(MTYPE_OFL_NC_LOG, events.ring);
}

/* The notification may be inside data. */
static const struct lysc_node *notification_find(const struct lyd_node *tree)
{
	const struct lyd_node *node;

	LYD_TREE_DFS_BEGIN(tree, node)
	{
		if (node->schema && node->schema->nodetype == LYS_NOTIF)
			return node->schema;
		LYD_TREE_DFS_END(tree, node);
	}
	return NULL;
}

const char *ofl_nc_time_print(int64_t wall_us, char *buf, size_t len)
{
	time_t seconds = wall_us / 1000000;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(buf, len, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec, (int)(wall_us % 1000000));
	return buf;
}

void ofl_nc_event_print(struct ofl_nc_text *out, int64_t wall_us,
			const struct lyd_node *tree)
{
	char time[OFL_NC_TIME_LEN];

	ofl_nc_text_format(out,
			   "<notification xmlns=\"%s\"><eventTime>%s"
			   "</eventTime>",
			   NOTIFICATION_NS,
			   ofl_nc_time_print(wall_us, time, sizeof(time)));
	ofl_nc_text_tree(out, tree, 0, 0);
	ofl_nc_text_str(out, "</notification>");
}

const struct ofl_nc_event *ofl_nc_log_add(struct lyd_node *tree,
					  int64_t wall_us)
{
	const struct lysc_node *snode = notification_find(tree);
	struct ofl_nc_text text = {0};
	struct ofl_nc_event *e;

	if (!snode) {
		lyd_free_all(tree);
		return NULL;
	}
	ofl_nc_event_print(&text, wall_us, tree);
	while (events.first < events.next &&
	       (events.next - events.first >= OFL_NC_LOG_COUNT ||
		events.bytes + text.len > OFL_NC_LOG_BYTES))
		forget_first();
	e = slot(events.next++);
	*e = (struct ofl_nc_event){
		.wall_us = wall_us, .tree = tree, .snode = snode, .text = text};
	events.bytes += text.len;
	return e;
}

struct ofl_nc_log_range ofl_nc_log_range(void)
{
	return (struct ofl_nc_log_range){events.first, events.next};
}

const struct ofl_nc_event *ofl_nc_log_find(uint64_t number)
{
	if (number < events.first || number >= events.next)
		return NULL;
	return slot(number);
}

int64_t ofl_nc_log_created(void)
{
	return events.created;
}

int64_t ofl_nc_log_aged(void)
{
	return events.aged;
}
