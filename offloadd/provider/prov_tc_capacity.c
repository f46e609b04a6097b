// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How large the table is and how full, as devlink tells it; see
 * prov_tc_priv.h.
 *
 * A driver cannot tell the kernel that hardware lost a filter: tc goes on
 * saying in_hw.  What gives the loss away is the occupancy.  Between two
 * readings without a write it may not fall; where it does, everything is
 * written again, for nobody can say which entries are gone.
 */
#include <zebra.h>

#include <sys/epoll.h>

#include "log.h"

#include "offloadd/base/errors.h"
#include "offloadd/provider/prov_tc_priv.h"

#define PERIOD_MS 1000
/* Where nobody says how large the table is: what it refuses tells. */
#define CAPACITY_UNKNOWN (1u << 20)

void ofl_tc_capacity_tell(struct ofl_provider *p)
{
	uint64_t slots = CAPACITY_UNKNOWN;

	if (p->capacity_slots) {
		uint32_t foreign = ofl_tc_foreign_slots(p);

		slots = p->capacity_slots > foreign
				? p->capacity_slots - foreign
				: 1;
	} else if (p->reading.known) {
		uint64_t ours = p->used_slots + ofl_tc_lists_slots(p);
		uint64_t others =
			p->reading.occ > ours ? p->reading.occ - ours : 0;

		others += p->headroom_slots;
		slots = p->reading.size > others ? p->reading.size - others : 1;
	} else if (p->devlink && !p->resource_text[0]) {
		return; /* it is about to be told */
	}
	slots = MIN(slots, CAPACITY_UNKNOWN);
	if (slots != p->told_slots)
		p->events->capacity(p->arg, (uint32_t)slots);
	p->told_slots = (uint32_t)slots;
}

static void blame(struct ofl_provider *p, uint64_t missing)
{
	p->stats.lost += MIN(missing, p->present);
	flog_warn(EC_OFL_PROVIDER,
		  "tc block %u: hardware lost entries (%" PRIu64
		  " slots) and told nobody: all are written again",
		  p->conf.block, missing);
	ofl_tc_guards_again(p);
	ofl_tc_lists_again(p);
	ofl_tc_stale(p, 0);
}

/*
 * Fewer slots than the ledger has, or than there were when nothing was written
 * since: hardware lost something.
 */
static void compare(struct ofl_provider *p, const struct ofl_tc_reading *now)
{
	uint64_t missing;
	uint64_t ours = p->used_slots + ofl_tc_lists_slots(p);
	bool below = now->occ < ours && !p->costs_differ;

	/* Written once more, and still fewer: then an entry costs less than
	 * the configuration says. */
	if (below && p->blamed && now->occ <= p->reading.occ) {
		p->costs_differ = true;
		flog_warn(EC_OFL_PROVIDER,
			  "tc block %u: devlink counts %" PRIu64
			  " slots for entries of %" PRIu64 ": see slot-cost",
			  p->conf.block, now->occ, ours);
		return;
	}
	p->blamed = below;
	if (below) {
		blame(p, ours - now->occ);
		return;
	}
	if (!p->reading.known || p->reading.writes != now->writes ||
	    p->reading.size != now->size || now->occ >= p->reading.occ)
		return;
	missing = p->reading.occ - now->occ;
	blame(p, missing);
}

/* Nothing that would change the occupancy is being written. */
static bool is_idle(const struct ofl_provider *p)
{
	return !p->unwritten && !p->rewriting && !p->losing;
}

static void on_resources(void *arg, const struct ofl_devlink_handle *handle,
			 const struct ofl_devlink_resource *list, size_t count,
			 int errnum)
{
	struct ofl_provider *p = arg;
	const struct ofl_devlink_resource *r;
	struct ofl_tc_reading now;
	const char *error = NULL;

	if (errnum) {
		strlcpy(p->resource_text, safe_strerror(errnum),
			sizeof(p->resource_text));
		if (p->ready)
			ofl_tc_capacity_tell(p);
		return;
	}
	r = ofl_devlink_resource_find(list, count, p->conf.resource, &error);
	strlcpy(p->resource_text, error ? error : "", sizeof(p->resource_text));
	if (!r && p->ready)
		ofl_tc_capacity_tell(p);
	/* The figure is of some moment since it was asked for: where anything
	 * was written meanwhile it cannot be compared with the ledger. */
	if (!r || !r->has_occ || !is_idle(p) || !p->asked_idle ||
	    p->asked_writes != p->writes)
		return;
	now = (struct ofl_tc_reading){.known = true,
				      .size = r->size,
				      .occ = r->occ,
				      .writes = p->writes};
	compare(p, &now);
	p->reading = now;
	if (p->ready)
		ofl_tc_capacity_tell(p);
}

/* The device behind the ports; one block is one device's table. */
static void follow(struct ofl_provider *p)
{
	const struct ofl_devlink_port *port;

	for (unsigned int i = 0; i < p->conf.port_count && !p->followed; i++) {
		if (!p->ports[i].ifindex)
			continue;
		port = ofl_devlink_port_find(p->devlink, p->ports[i].ifindex);
		if (port)
			p->followed = ofl_devlink_follow(
				p->devlink, &port->handle, PERIOD_MS);
	}
}

static void on_port(void *arg, const struct ofl_devlink_port *port,
		    enum ofl_devlink_change change)
{
	((struct ofl_provider *)arg)->reading.known = false;
}

static void on_instance(void *arg, const struct ofl_devlink_instance *instance,
			enum ofl_devlink_change change)
{
	((struct ofl_provider *)arg)->reading.known = false;
}

static void on_state(void *arg, enum ofl_devlink_state state, const char *text)
{
	struct ofl_provider *p = arg;

	if (state == OFL_DEVLINK_ABSENT)
		strlcpy(p->resource_text, text, sizeof(p->resource_text));
}

static const struct ofl_devlink_events events = {
	.state = on_state,
	.instance = on_instance,
	.port = on_port,
	.resources = on_resources,
};

bool ofl_tc_capacity_init(struct ofl_provider *p)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (!p->conf.resource[0])
		return true;
	p->devlink = ofl_devlink_new(&events, p);
	return p->devlink && !epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD,
					ofl_devlink_fd(p->devlink), &event);
}

void ofl_tc_capacity_fini(struct ofl_provider *p)
{
	ofl_devlink_free(p->devlink);
	p->devlink = NULL;
}

uint64_t ofl_tc_capacity_poll(struct ofl_provider *p, uint64_t now_us,
			      unsigned int budget)
{
	struct ofl_devlink_stats stats;
	uint64_t due_us;

	if (!p->devlink)
		return UINT64_MAX;
	due_us = ofl_devlink_poll(p->devlink, now_us, budget);
	ofl_devlink_stats(p->devlink, &stats);
	if (stats.asked != p->asked) {
		p->asked = stats.asked;
		p->asked_writes = p->writes;
		p->asked_idle = is_idle(p);
	}
	if (p->followed)
		return due_us;
	follow(p);
	return p->followed ? 0 : due_us;
}
