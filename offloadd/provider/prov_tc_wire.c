// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread that talks tc with the kernel; see prov_tc_wire.h.
 *
 * Two rings under one lock: requests in, replies out.  The thread takes what
 * fits one batch, lets go of the lock, runs it, and puts the replies; where
 * the ring of replies is full it waits, so memory stays what it is.  Whoever
 * is last, the thread or the owner, frees the wire: a device that does not
 * answer holds up nobody who wants to leave.
 */
#include "offloadd/provider/prov_tc_wire.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/thread.h"
#include "offloadd/provider/prov_tc_exchange.h"

#define REQUESTS OFL_OPS_IN_FLIGHT /* powers of two */
#define REPLIES 512
#define UNTOLD_US 2000
#define SLOW_US 100000

struct ofl_tc_wire {
	struct ofl_tc_exchange *x; /* the thread's alone */
	int event_fd;
	uint32_t port;

	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool open;	/* the thread has its socket, or */
	int error;	/* why it could not have one */
	bool stop;	/* the owner has left */
	uint32_t users; /* thread and owner */
	uint32_t request_head, request_count;
	uint32_t reply_head, reply_count;
	bool told; /* the owner, that there are replies */
	uint64_t untold_since_us;
	uint64_t began_us; /* the batch under way; the thread's alone */
	struct ofl_tc_request requests[REQUESTS];
	struct ofl_tc_reply replies[REPLIES];
};

/* Under the lock, or without the other. */
static void forget(struct ofl_tc_wire *w)
{
	for (; w->request_count; w->request_count--)
		free(w->requests[w->request_head++ % REQUESTS].acl);
}

static void unref(struct ofl_tc_wire *w)
{
	bool last;

	pthread_mutex_lock(&w->lock);
	last = --w->users == 0;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	forget(w);
	ofl_tc_exchange_free(w->x);
	if (w->event_fd >= 0)
		close(w->event_fd);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* --- the thread --- */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

/* Wait for requests and take what makes one batch, at most `limit`; 0: it is
 * over. */
static size_t take_batch(struct ofl_tc_wire *w, struct ofl_tc_request *ret,
			 size_t limit)
{
	bool waited = false;
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	for (; !w->request_count && !w->stop; waited = true)
		pthread_cond_wait(&w->wake, &w->lock);
	if (waited)
		w->began_us = now_us();
	while (w->request_count && n < limit) {
		const struct ofl_tc_request *r =
			&w->requests[w->request_head % REQUESTS];

		/* A dump is a conversation of its own. */
		if (r->ask == OFL_TC_ASK_DUMP && n)
			break;
		ret[n++] = *r;
		w->request_head++;
		w->request_count--;
		if (r->ask == OFL_TC_ASK_DUMP)
			break;
	}
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* Under the lock.  How many fitted. */
static size_t put_some(struct ofl_tc_wire *w,
		       const struct ofl_tc_reply *replies, size_t count)
{
	size_t n;

	if (!w->reply_count)
		w->untold_since_us = w->began_us;
	for (n = 0; n < count && w->reply_count < REPLIES; n++)
		w->replies[(w->reply_head + w->reply_count++) % REPLIES] =
			replies[n];
	return n;
}

/* Under the lock.  True: to be told now, without the lock. */
static bool tell(struct ofl_tc_wire *w, bool worth)
{
	if (!worth || !w->reply_count || w->told)
		return false;
	w->told = true;
	return true;
}

static void signal_owner(const struct ofl_tc_wire *w)
{
	const uint64_t one = 1;

	(void)!write(w->event_fd, &one, sizeof(one));
}

/* Many at a time: the owner, woken by the first, would come for each. */
static bool put_replies(const struct ofl_tc_reply *replies, size_t count,
			void *arg)
{
	struct ofl_tc_wire *w = arg;
	bool told, go_on = true;
	size_t n;

	while (count && go_on) {
		pthread_mutex_lock(&w->lock);
		while (w->reply_count == REPLIES && !w->stop)
			pthread_cond_wait(&w->wake, &w->lock);
		go_on = !w->stop;
		n = go_on ? put_some(w, replies, count) : 0;
		told = tell(w, w->reply_count >= REPLIES / 2);
		pthread_mutex_unlock(&w->lock);
		if (told)
			signal_owner(w);
		replies += n;
		count -= n;
	}
	return go_on;
}

/*
 * A batch is done.  The owner is woken for many replies, not for each batch,
 * unless there is nothing else to do or it would wait long.
 */
static void end_batch(struct ofl_tc_wire *w, uint64_t ended_us)
{
	bool told;

	pthread_mutex_lock(&w->lock);
	told = tell(w, !w->request_count ||
			       ended_us - w->untold_since_us >= UNTOLD_US);
	pthread_mutex_unlock(&w->lock);
	if (told)
		signal_owner(w);
}

static bool open_socket(struct ofl_tc_wire *w)
{
	struct ofl_tc_exchange *x;

	ofl_thread_net_admin_set();
	x = ofl_tc_exchange_new();
	pthread_mutex_lock(&w->lock);
	w->x = x;
	w->error = x ? 0 : errno;
	w->port = x ? ofl_tc_exchange_port(x) : 0;
	w->open = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	return x;
}

/*
 * Answers come when a whole batch is carried out, and a process cannot end
 * before: with a slow device batches are small.
 */
static size_t limit_after(size_t limit, uint64_t took_us)
{
	if (took_us > SLOW_US)
		return limit > 1 ? limit / 2 : 1;
	return took_us < SLOW_US / 4 && limit < OFL_TC_BATCH ? limit * 2
							     : limit;
}

static void *run(void *arg)
{
	struct ofl_tc_request *batch;
	struct ofl_tc_wire *w = arg;
	size_t n, limit = OFL_TC_BATCH;
	uint64_t ended_us;

	batch = calloc(OFL_TC_BATCH, sizeof(*batch));
	if (open_socket(w)) {
		w->began_us = now_us();
		while (batch && (n = take_batch(w, batch, limit))) {
			ofl_tc_exchange_run(w->x, batch, n, put_replies, w);
			for (size_t i = 0; i < n; i++)
				free(batch[i].acl);
			ended_us = now_us();
			end_batch(w, ended_us);
			if (batch->ask != OFL_TC_ASK_DUMP)
				limit = limit_after(limit,
						    ended_us - w->began_us);
			w->began_us = ended_us; /* the next one's */
		}
	}
	free(batch);
	unref(w);
	return NULL;
}

/* --- the owner --- */

/* Opening a socket takes no time that counts: it is waited for. */
static int start(struct ofl_tc_wire *w)
{
	int error;

	if (w->event_fd < 0)
		return errno;
	w->users = 2;
	error = ofl_thread_new(run, w);
	if (error) {
		w->users = 1;
		return error;
	}
	pthread_mutex_lock(&w->lock);
	while (!w->open)
		pthread_cond_wait(&w->wake, &w->lock);
	error = w->error;
	pthread_mutex_unlock(&w->lock);
	return error;
}

struct ofl_tc_wire *ofl_tc_wire_new(void)
{
	struct ofl_tc_wire *w = ofl_pages_new(sizeof(*w));
	pthread_condattr_t attr;
	int error;

	if (!w)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	w->users = 1;
	w->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	error = start(w);
	if (error) {
		unref(w);
		errno = error;
		return NULL;
	}
	return w;
}

void ofl_tc_wire_free(struct ofl_tc_wire *w, uint32_t wait_ms)
{
	struct timespec until;

	if (!w)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->wake);
	while (w->users > 1 &&
	       !pthread_cond_timedwait(&w->wake, &w->lock, &until))
		;
	pthread_mutex_unlock(&w->lock);
	unref(w);
}

int ofl_tc_wire_fd(const struct ofl_tc_wire *w)
{
	return w->event_fd;
}

uint32_t ofl_tc_wire_port(const struct ofl_tc_wire *w)
{
	return w->port;
}

size_t ofl_tc_wire_send(struct ofl_tc_wire *w, const struct ofl_tc_request *r,
			size_t n)
{
	size_t i;

	pthread_mutex_lock(&w->lock);
	for (i = 0; i < n && w->request_count < REQUESTS; i++)
		w->requests[(w->request_head + w->request_count++) % REQUESTS] =
			r[i];
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	return i;
}

void ofl_tc_wire_forget(struct ofl_tc_wire *w)
{
	pthread_mutex_lock(&w->lock);
	forget(w);
	pthread_mutex_unlock(&w->lock);
}

size_t ofl_tc_wire_receive(struct ofl_tc_wire *w, struct ofl_tc_reply *ret,
			   size_t n)
{
	uint64_t told;
	size_t i;

	/* Before the ring is looked at: what comes later is told again. */
	(void)!read(w->event_fd, &told, sizeof(told));
	pthread_mutex_lock(&w->lock);
	for (i = 0; i < n && w->reply_count; i++) {
		ret[i] = w->replies[w->reply_head++ % REPLIES];
		w->reply_count--;
	}
	w->told = w->reply_count != 0;
	if (w->told) {
		const uint64_t one = 1;

		(void)!write(w->event_fd, &one, sizeof(one));
	}
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	return i;
}
