// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links and neighbours of the kernel, told to the rib; and the rib's probes,
 * told to the kernel.  See neigh.h.
 *
 * While a complete list is read the notifications wait in their socket: read
 * after it, each in its turn, they end in the present whatever the list
 * caught.  When some were lost, those left are read first -- after the list
 * they would bring back the past.
 */
#include <zebra.h>

#include "log.h"
#include "memory.h"
#include "privs.h"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "lib/clock.h"
#include "lib/nlsock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/source/neigh.h"
#include "offloadd/source/neigh_decode.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NEIGH, "offload neighbor feed");

#define EVENTS_RCVBUF_BYTES (8 << 20)
#define DUMPS_RCVBUF_BYTES (1 << 20)
#define TURN_MESSAGES 2000
#define AGAIN_MS 200   /* before a list that was no good is asked for again */
#define FAILED_MS 1000 /* ... or one that was refused */
#define PROBES_A_TURN 64
#define PROBES_PAUSE_MS 50
#define LOG_EVERY_US 60000000

enum stage { IDLE, LINKS, NEIGHBORS };

struct ofl_neigh {
	struct ofl_loop *loop;
	struct ofl_rib *rib;
	struct ofl_nlsock *events, *dumps, *probes;
	struct ofl_ev *t_events, *t_dumps, *t_probes, *t_start, *t_probe;
	enum stage stage;
	bool lost;    /* read what is left, then ask for a list */
	bool current; /* what the rib knows is the present */
	uint64_t logged_us;
	struct ofl_neigh_stats stats;
};

static void start(struct ofl_ev *ev);
static void read_events(struct ofl_ev *ev);
static void read_dump(struct ofl_ev *ev);

static void complain(struct ofl_neigh *n, const char *what, int errnum)
{
	uint64_t now_us = ofl_clock_mono_us();

	if (n->logged_us && now_us - n->logged_us < LOG_EVERY_US)
		return;
	n->logged_us = now_us;
	flog_warn(EC_OFL_NETLINK, "%s: %s", what, safe_strerror(errnum));
}

/* --- what the kernel says --- */

static void on_message(const struct nlmsghdr *nlh, void *arg)
{
	struct ofl_neigh *n = arg;
	struct ofl_rtnl_event e;

	n->stats.messages++;
	switch (ofl_rtnl_decode(nlh, &e)) {
	case OFL_RTNL_LINK:
		if (e.gone)
			ofl_rib_link_del(n->rib, e.ifindex);
		else
			ofl_rib_link_set(n->rib, e.ifindex, e.up);
		break;
	case OFL_RTNL_NEIGH:
		ofl_rib_neigh_set(n->rib, e.ifindex, e.family, e.addr,
				  e.usable ? e.mac : NULL);
		if (e.fixed)
			ofl_rib_neigh_fixed(n->rib, e.ifindex, e.family,
					    e.addr);
		break;
	case OFL_RTNL_MALFORMED:
		n->stats.malformed++;
		break;
	case OFL_RTNL_IGNORED:
		break;
	}
}

static void start_in(struct ofl_neigh *n, unsigned int ms)
{
	ofl_ev_off(n->t_start);
	ofl_ev_timer_ms(n->loop, start, n, ms, &n->t_start);
}

static void listen_events(struct ofl_neigh *n)
{
	ofl_ev_read(n->loop, read_events, n, ofl_nlsock_fd(n->events),
		    &n->t_events);
}

static void listen_dump(struct ofl_neigh *n)
{
	ofl_ev_read(n->loop, read_dump, n, ofl_nlsock_fd(n->dumps),
		    &n->t_dumps);
}

/* --- the complete list: links, then neighbours --- */

static void ask(struct ofl_neigh *n, enum stage stage)
{
	const struct ifinfomsg ifm = {0};
	const struct ndmsg ndm = {0};
	bool ok;

	if (stage == LINKS)
		ok = ofl_nlsock_dump(n->dumps, RTM_GETLINK, &ifm, sizeof(ifm));
	else
		ok = ofl_nlsock_dump(n->dumps, RTM_GETNEIGH, &ndm, sizeof(ndm));
	if (!ok) {
		complain(n, "cannot ask the kernel for links and neighbors",
			 errno);
		n->stage = IDLE;
		start_in(n, FAILED_MS);
		return;
	}
	n->stage = stage;
	listen_dump(n);
}

static void start(struct ofl_ev *ev)
{
	struct ofl_neigh *n = OFL_EV_ARG(ev);

	ofl_ev_off(n->t_events);
	n->lost = false;
	n->current = false;
	n->stats.dumps++;
	ofl_rib_kernel_sync_begin(n->rib);
	ask(n, LINKS);
}

static void list_complete(struct ofl_neigh *n)
{
	if (n->stage == LINKS) {
		ask(n, NEIGHBORS);
		return;
	}
	n->stage = IDLE;
	n->current = true;
	ofl_rib_kernel_sync_end(n->rib);
	listen_events(n);
}

static void read_dump(struct ofl_ev *ev)
{
	struct ofl_neigh *n = OFL_EV_ARG(ev);
	int errnum = 0;

	switch (ofl_nlsock_read(n->dumps, TURN_MESSAGES, on_message, n,
				&errnum)) {
	case OFL_NLSOCK_AGAIN:
	case OFL_NLSOCK_MORE:
	case OFL_NLSOCK_OVERRUN: /* it will end as broken */
		listen_dump(n);
		return;
	case OFL_NLSOCK_DUMP_DONE:
		list_complete(n);
		return;
	case OFL_NLSOCK_DUMP_BROKEN:
		ofl_debug(OFL_DEBUG_SOURCE, "kernel list changed, once more");
		start_in(n, AGAIN_MS);
		return;
	case OFL_NLSOCK_ERROR:
	case OFL_NLSOCK_DEAD:
		complain(n, "the kernel's list of links and neighbors failed",
			 errnum);
		start_in(n, FAILED_MS);
		return;
	}
}

/* --- notifications --- */

static void read_events(struct ofl_ev *ev)
{
	struct ofl_neigh *n = OFL_EV_ARG(ev);
	int errnum = 0;

	switch (ofl_nlsock_read(n->events, TURN_MESSAGES, on_message, n,
				&errnum)) {
	case OFL_NLSOCK_AGAIN:
		if (n->lost) {
			start_in(n, 0);
			return;
		}
		break;
	case OFL_NLSOCK_OVERRUN:
		n->stats.overruns++;
		n->lost = true;
		n->current = false;
		break;
	case OFL_NLSOCK_DEAD:
		complain(n, "the kernel's notifications failed", errnum);
		n->lost = true;
		start_in(n, FAILED_MS);
		return;
	default:
		break;
	}
	/* With something lost the socket may be empty and stay so: look again
	 * without waiting for it. */
	if (n->lost)
		ofl_ev_soon(n->loop, read_events, n, &n->t_events);
	else
		listen_events(n);
}

/* --- probes --- */

/* Only refusals come here: the requests ask for no answer. */
static void read_probes(struct ofl_ev *ev)
{
	struct ofl_neigh *n = OFL_EV_ARG(ev);
	enum ofl_nlsock_read r;
	int errnum = 0;

	do {
		r = ofl_nlsock_read(n->probes, TURN_MESSAGES, on_message, n,
				    &errnum);
		/* A link that went away meanwhile is no news; without the
		 * privilege neighbours come by traffic only. */
		if (r == OFL_NLSOCK_ERROR && errnum == EPERM)
			complain(n, "the kernel resolves no neighbor for us",
				 errnum);
	} while (r == OFL_NLSOCK_ERROR);
	if (r != OFL_NLSOCK_DEAD)
		ofl_ev_read(n->loop, read_probes, n, ofl_nlsock_fd(n->probes),
			    &n->t_probes);
}

static void probe_arm(struct ofl_neigh *n, uint64_t at_least_ms);

static void probe(struct ofl_ev *ev)
{
	struct ofl_neigh *n = OFL_EV_ARG(ev);
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_RTNL_PROBE_BYTES];
	uint64_t now_us = ofl_clock_mono_us();
	struct ofl_probe p;

	/* Which ones are fixed, and not to be probed, is not known yet. */
	if (!n->current) {
		probe_arm(n, PROBES_PAUSE_MS);
		return;
	}
	frr_with_privs(lib_privs)
	{
		for (int i = 0; i < PROBES_A_TURN &&
				ofl_rib_probe_next(n->rib, now_us, &p);
		     i++)
			ofl_nlsock_send(n->probes, ofl_rtnl_probe_encode(
							   buf, p.ifindex,
							   p.family, p.addr));
	}
	probe_arm(n, PROBES_PAUSE_MS);
}

static void probe_arm(struct ofl_neigh *n, uint64_t at_least_ms)
{
	uint64_t due_us = ofl_rib_probe_due_us(n->rib);
	uint64_t now_us = ofl_clock_mono_us();
	uint64_t ms = at_least_ms;

	ofl_ev_off(n->t_probe);
	if (due_us == UINT64_MAX)
		return;
	if (due_us > now_us)
		ms = MAX(ms, (due_us - now_us) / 1000 + 1);
	ofl_ev_timer_ms(n->loop, probe, n, ms, &n->t_probe);
}

/* The rib wants one sooner.  A pause also gathers what a burst of routes
 * asks for. */
static void probe_wake(void *arg)
{
	probe_arm(arg, PROBES_PAUSE_MS);
}

/* --- life --- */

struct ofl_neigh *ofl_neigh_new(struct ofl_loop *master, struct ofl_rib *rib)
{
	static const unsigned int groups[] = {RTNLGRP_LINK, RTNLGRP_NEIGH};
	struct ofl_neigh *n = XCALLOC(MTYPE_OFL_NEIGH, sizeof(*n));
	int errnum = 0;

	n->loop = master;
	n->rib = rib;
	/* The kernel asks both who opened the socket and who sends. */
	frr_with_privs(lib_privs)
	{
		n->events =
			ofl_nlsock_new(NETLINK_ROUTE, groups,
				       array_size(groups), EVENTS_RCVBUF_BYTES);
		if (n->events)
			n->dumps = ofl_nlsock_new(NETLINK_ROUTE, NULL, 0,
						  DUMPS_RCVBUF_BYTES);
		if (n->dumps)
			n->probes = ofl_nlsock_new(NETLINK_ROUTE, NULL, 0, 0);
		errnum = errno;
	}
	if (!n->probes) {
		ofl_neigh_free(n);
		errno = errnum;
		return NULL;
	}
	start_in(n, 0);
	ofl_ev_read(master, read_probes, n, ofl_nlsock_fd(n->probes),
		    &n->t_probes);
	ofl_rib_set_probe_wake(rib, probe_wake, n);
	return n;
}

void ofl_neigh_free(struct ofl_neigh *n)
{
	if (!n)
		return;
	ofl_rib_set_probe_wake(n->rib, NULL, NULL);
	ofl_ev_off(n->t_events);
	ofl_ev_off(n->t_dumps);
	ofl_ev_off(n->t_probes);
	ofl_ev_off(n->t_start);
	ofl_ev_off(n->t_probe);
	ofl_nlsock_free(n->events);
	ofl_nlsock_free(n->dumps);
	ofl_nlsock_free(n->probes);
	XFREE(MTYPE_OFL_NEIGH, n);
}

void ofl_neigh_stats(const struct ofl_neigh *n, struct ofl_neigh_stats *ret)
{
	*ret = n->stats;
}
