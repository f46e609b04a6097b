// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread that writes routes; see prov_fib_wire.h.
 *
 * Two rings of jobs under one lock, no more than OFL_FIBWIRE_JOBS in both.
 * Whoever is last, the thread or the owner, frees all of it: a kernel that does
 * not come back holds up nobody who wants to leave.
 */
#include "offloadd/provider/prov_fib_wire.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "lib/nlsock.h"
#include "lib/thread.h"

#define AGAIN_TIMES 5
#define AGAIN_US 20000

struct ring {
	unsigned int head, count;
	struct ofl_fibwire_job job[OFL_FIBWIRE_JOBS];
};

struct ofl_fibwire {
	struct mnl_socket *nl; /* the thread's */
	uint32_t seq;
	int event_fd;
	uint32_t port;

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool open; /* the thread has its socket, or */
	int error; /* why it could not have one */
	bool stop;
	unsigned int users;   /* thread and owner */
	unsigned int waiting; /* jobs nobody took back yet */
	struct ring asked, done;
};

static void ring_add(struct ring *r, const struct ofl_fibwire_job *job)
{
	r->job[(r->head + r->count++) % OFL_FIBWIRE_JOBS] = *job;
}

static bool ring_take(struct ring *r, struct ofl_fibwire_job *ret)
{
	if (!r->count)
		return false;
	*ret = r->job[r->head];
	r->head = (r->head + 1) % OFL_FIBWIRE_JOBS;
	r->count--;
	return true;
}

static void unref(struct ofl_fibwire *w)
{
	struct ofl_fibwire_job job;
	bool last;

	pthread_mutex_lock(&w->lock);
	last = --w->users == 0;
	pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	while (ring_take(&w->asked, &job) || ring_take(&w->done, &job))
		free(job.at);
	if (w->nl)
		mnl_socket_close(w->nl);
	if (w->event_fd >= 0)
		close(w->event_fd);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* --- the thread --- */

static bool open_socket(struct ofl_fibwire *w)
{
	struct mnl_socket *nl;
	int error = 0;

	ofl_thread_net_admin_set();
	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		error = errno;
	pthread_mutex_lock(&w->lock);
	w->nl = nl;
	w->error = error;
	w->port = error ? 0 : mnl_socket_get_portid(nl);
	w->open = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	return !error;
}

/* Answers are there when the request has been sent. */
static void read_answers(struct ofl_fibwire *w, uint32_t first,
			 struct ofl_fibwire_job *job)
{
	_Alignas(struct nlmsghdr) uint8_t buf[32768];
	ssize_t got;

	while ((got = mnl_socket_recvfrom(w->nl, buf, sizeof(buf))) > 0) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
		int len = (int)got;

		for (; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
			uint32_t at = nlh->nlmsg_seq - first;

			if (nlh->nlmsg_type == NLMSG_ERROR && at < job->count &&
			    mnl_nlmsg_get_payload_len(nlh) >= sizeof(*err))
				job->errnum[at] =
					ofl_nlsock_errno_make(err->error);
		}
	}
}

/* Send `len` bytes of requests, the first of them number `which`. */
static void exchange(struct ofl_fibwire *w, struct ofl_fibwire_job *job,
		     unsigned int which, void *at, size_t len)
{
	struct nlmsghdr *nlh = at;
	uint32_t first = w->seq + 1 - which;
	int left = (int)len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		nlh->nlmsg_seq = ++w->seq;
	for (unsigned int i = which; i < job->count; i++)
		job->errnum[i] = ENOBUFS; /* until it is answered */
	if (mnl_socket_sendto(w->nl, at, len) < 0)
		for (unsigned int i = which; i < job->count; i++)
			job->errnum[i] = errno;
	else
		read_answers(w, first, job);
}

/* Whoever took the route away meanwhile, it shall not come back by us. */
static void take_back(struct ofl_fibwire *w, struct ofl_fibwire_job *job)
{
	struct ofl_fibwire_job one = {.count = 1};
	struct nlmsghdr *nlh = (struct nlmsghdr *)job->at;

	exchange(w, &one, 0, nlh, MNL_ALIGN(nlh->nlmsg_len));
}

static void carry_out(struct ofl_fibwire *w, struct ofl_fibwire_job *job)
{
	unsigned int last = job->count - 1;
	struct nlmsghdr *nlh = (struct nlmsghdr *)job->at;
	int left = (int)job->len;

	exchange(w, job, 0, job->at, job->len);
	if (!job->is_loan)
		return;
	for (unsigned int i = 0; i < last; i++)
		nlh = mnl_nlmsg_next(nlh, &left);
	for (int i = 0; i < AGAIN_TIMES && (job->errnum[last] == ENOBUFS ||
					    job->errnum[last] == ENOMEM);
	     i++) {
		usleep(AGAIN_US);
		exchange(w, job, last, nlh, MNL_ALIGN(nlh->nlmsg_len));
	}
	if (job->errnum[0] && !job->errnum[last])
		take_back(w, job);
}

static bool take_asked(struct ofl_fibwire *w, struct ofl_fibwire_job *ret)
{
	bool any;

	pthread_mutex_lock(&w->lock);
	while (!w->asked.count && !w->stop)
		pthread_cond_wait(&w->wake, &w->lock);
	any = ring_take(&w->asked, ret);
	pthread_mutex_unlock(&w->lock);
	return any;
}

static void *run(void *arg)
{
	struct ofl_fibwire_job job;
	struct ofl_fibwire *w = arg;

	if (open_socket(w))
		while (take_asked(w, &job)) {
			carry_out(w, &job);
			pthread_mutex_lock(&w->lock);
			ring_add(&w->done, &job);
			pthread_mutex_unlock(&w->lock);
			(void)eventfd_write(w->event_fd, 1);
		}
	unref(w);
	return NULL;
}

/* --- the owner --- */

struct ofl_fibwire *ofl_fibwire_new(void)
{
	struct ofl_fibwire *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	w->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	w->users = 2;
	error = w->event_fd < 0 ? errno : ofl_thread_new(run, w);
	if (error) {
		w->users = 1;
	} else {
		/* Opening a socket takes no time that counts. */
		pthread_mutex_lock(&w->lock);
		while (!w->open)
			pthread_cond_wait(&w->wake, &w->lock);
		error = w->error;
		pthread_mutex_unlock(&w->lock);
	}
	if (error) {
		unref(w);
		errno = error;
		return NULL;
	}
	return w;
}

void ofl_fibwire_free(struct ofl_fibwire *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	unref(w);
}

int ofl_fibwire_fd(const struct ofl_fibwire *w)
{
	return w->event_fd;
}

uint32_t ofl_fibwire_port(const struct ofl_fibwire *w)
{
	return w->port;
}

bool ofl_fibwire_send(struct ofl_fibwire *w, const struct ofl_fibwire_job *job)
{
	bool room;

	pthread_mutex_lock(&w->lock);
	room = w->waiting < OFL_FIBWIRE_JOBS;
	if (room) {
		w->waiting++;
		ring_add(&w->asked, job);
		pthread_cond_broadcast(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	return room;
}

bool ofl_fibwire_take(struct ofl_fibwire *w, struct ofl_fibwire_job *ret_job)
{
	eventfd_t told;
	bool any;

	(void)eventfd_read(w->event_fd, &told);
	pthread_mutex_lock(&w->lock);
	any = ring_take(&w->done, ret_job);
	w->waiting -= any;
	if (w->done.count)
		(void)eventfd_write(w->event_fd, 1);
	pthread_mutex_unlock(&w->lock);
	return any;
}
