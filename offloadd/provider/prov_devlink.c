// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors for prov_devlink_view.h; see prov_devlink.h.
 *
 * Two things can be read: an answer (nlask) and notifications (a socket).
 * They are in an epoll set, which is the one descriptor shown.  While a list
 * is under way the notifications wait in their socket, and are not in the set.
 */
#include <zebra.h>

#include "memory.h"

#include <linux/netlink.h>
#include <sys/epoll.h>

#include "lib/genl.h"
#include "lib/nlask.h"
#include "lib/nlsock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_devlink.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_DEVLINK_CLIENT, "offload devlink client");

#define ANSWER_MAX_BYTES (4 << 20) /* of 4,096 ports 1 MB at the most */
#define EVENTS_RCVBUF_BYTES (4 << 20)

struct ofl_devlink {
	struct ofl_devlink_view *view;
	struct ofl_nlask *ask;
	struct ofl_nlsock *events; /* NULL: not in the group */
	int epoll_fd;
	bool listening; /* the events are in the epoll set */
	bool lost;	/* read what is left, then ask for everything */

	/* an answer that is being looked at */
	bool answered;
	struct ofl_nlask_answer answer;
	const struct nlmsghdr *last;
};

/* --- life --- */

static bool watch(struct ofl_devlink *d, int op, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(d->epoll_fd, op, fd, &event) == 0;
}

struct ofl_devlink *ofl_devlink_new(const struct ofl_devlink_events *events,
				    void *arg)
{
	struct ofl_devlink *d = XCALLOC(MTYPE_OFL_DEVLINK_CLIENT, sizeof(*d));
	int errnum;

	d->view = ofl_devlink_view_new(events, arg);
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll_fd >= 0)
		d->ask = ofl_nlask_new(NETLINK_GENERIC, ANSWER_MAX_BYTES);
	if (d->ask && watch(d, EPOLL_CTL_ADD, ofl_nlask_fd(d->ask)))
		return d;
	errnum = errno;
	ofl_devlink_free(d);
	errno = errnum;
	return NULL;
}

void ofl_devlink_free(struct ofl_devlink *d)
{
	if (!d)
		return;
	ofl_nlsock_free(d->events);
	ofl_nlask_free(d->ask);
	if (d->epoll_fd >= 0)
		close(d->epoll_fd);
	ofl_devlink_view_free(d->view);
	XFREE(MTYPE_OFL_DEVLINK_CLIENT, d);
}

int ofl_devlink_fd(const struct ofl_devlink *d)
{
	return d->epoll_fd;
}

/* --- questions and answers --- */

/* False: there is more of it. */
static bool read_answer(struct ofl_devlink *d, uint64_t now_us,
			unsigned int budget)
{
	const struct nlmsghdr *nlh;

	if (!d->answered) {
		d->answered = ofl_nlask_take(d->ask, &d->answer);
		d->last = NULL;
	}
	if (!d->answered)
		return true;
	for (; budget; budget--) {
		nlh = ofl_nlask_next(&d->answer, d->last);
		if (!nlh) {
			d->answered = false;
			ofl_devlink_view_answered(d->view, d->answer.end,
						  d->answer.errnum, now_us);
			return true;
		}
		ofl_devlink_view_message(d->view, nlh);
		d->last = nlh;
	}
	return false;
}

static void put_question(struct ofl_devlink *d, uint64_t now_us)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_GENL_REQUEST_BYTES];
	struct nlmsghdr *nlh = ofl_devlink_view_request(d->view, buf, now_us);

	if (nlh && !ofl_nlask_ask(d->ask, nlh))
		ofl_devlink_view_answered(d->view, OFL_NLASK_FAILED, errno,
					  now_us);
}

/* --- notifications --- */

static void join(struct ofl_devlink *d, uint64_t now_us)
{
	unsigned int group = ofl_devlink_view_group(d->view, now_us);

	if (!group)
		return;
	d->events =
		ofl_nlsock_new(NETLINK_GENERIC, &group, 1, EVENTS_RCVBUF_BYTES);
	ofl_devlink_view_joined(d->view, d->events ? 0 : errno, now_us);
}

static void part(struct ofl_devlink *d, int errnum, uint64_t now_us)
{
	/* Closed, it leaves the epoll set. */
	ofl_nlsock_free(d->events);
	d->events = NULL;
	d->listening = d->lost = false;
	ofl_devlink_view_parted(d->view, errnum, now_us);
}

static void listen_or_wait(struct ofl_devlink *d, uint64_t now_us)
{
	bool listening = d->events && ofl_devlink_view_can_listen(d->view);

	if (listening == d->listening)
		return;
	d->listening = listening;
	if (!watch(d, listening ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
		   ofl_nlsock_fd(d->events)))
		part(d, errno, now_us);
}

static void on_event(const struct nlmsghdr *nlh, void *arg)
{
	struct ofl_devlink *d = arg;

	ofl_devlink_view_event(d->view, nlh);
}

/* False: there is more. */
static bool read_events(struct ofl_devlink *d, uint64_t now_us,
			unsigned int budget)
{
	int errnum = 0;

	if (!d->events || !ofl_devlink_view_can_listen(d->view))
		return true;
	switch (ofl_nlsock_read(d->events, budget, on_event, d, &errnum)) {
	case OFL_NLSOCK_AGAIN:
		/* Before, what is left would have brought back the past. */
		if (d->lost)
			ofl_devlink_view_lost(d->view);
		d->lost = false;
		return true;
	case OFL_NLSOCK_OVERRUN:
		d->lost = true;
		return false;
	case OFL_NLSOCK_DEAD:
		part(d, errnum, now_us);
		return true;
	default:
		return false;
	}
}

uint64_t ofl_devlink_poll(struct ofl_devlink *d, uint64_t now_us,
			  unsigned int budget)
{
	bool complete = read_answer(d, now_us, budget);

	complete &= read_events(d, now_us, budget);
	join(d, now_us);
	put_question(d, now_us);
	listen_or_wait(d, now_us);
	return complete ? ofl_devlink_view_due_us(d->view) : 0;
}

/* --- what the view does --- */

void ofl_devlink_ask_ports(struct ofl_devlink *d)
{
	ofl_devlink_view_ask_ports(d->view);
}

bool ofl_devlink_follow(struct ofl_devlink *d,
			const struct ofl_devlink_handle *handle,
			uint32_t period_ms)
{
	return ofl_devlink_view_follow(d->view, handle, period_ms);
}

enum ofl_devlink_state ofl_devlink_state(const struct ofl_devlink *d,
					 const char **ret_text)
{
	return ofl_devlink_view_state(d->view, ret_text);
}

const struct ofl_devlink_port *
ofl_devlink_port_find(const struct ofl_devlink *d, uint32_t ifindex)
{
	return ofl_devlink_known_port_find(ofl_devlink_view_known(d->view),
					   ifindex);
}

const struct ofl_devlink_port *ofl_devlink_port_at(const struct ofl_devlink *d,
						   size_t i)
{
	return ofl_devlink_known_port_at(ofl_devlink_view_known(d->view), i);
}

const struct ofl_devlink_instance *
ofl_devlink_instance_at(const struct ofl_devlink *d, size_t i)
{
	return ofl_devlink_known_instance_at(ofl_devlink_view_known(d->view),
					     i);
}

void ofl_devlink_stats(const struct ofl_devlink *d,
		       struct ofl_devlink_stats *ret_stats)
{
	ofl_devlink_view_stats(d->view, ret_stats);
}
