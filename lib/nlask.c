// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread that waits for the kernel; see nlask.h.
 *
 * `stage` says whose the request and the answer are: the thread's while it is
 * ASKED, the caller's otherwise.  The lock guards the stage, never a system
 * call that could wait.
 */
#include "lib/nlask.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "lib/nlsock.h"

#define RCVBUF_BYTES (1 << 20)
#define TURN_MESSAGES 1000
#define FIRST_BYTES 16384

enum stage { IDLE, ASKED, ANSWERED };

struct ofl_nlask {
	int protocol;
	size_t max_bytes;
	int fd;
	bool have_thread;
	pthread_t thread;

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	enum stage stage;
	bool stop;
	bool orphan; /* nobody waits for the thread: it frees all of this */

	/* whose they are is said by the stage */
	_Alignas(struct nlmsghdr) uint8_t request[OFL_NLASK_REQUEST_BYTES];
	uint8_t *answer;
	size_t answer_len, answer_size;
	enum ofl_nlask_end end;
	int errnum;

	/* the thread's */
	struct ofl_nlsock *sock;
	bool too_long, no_memory;
};

static void destroy(struct ofl_nlask *a)
{
	ofl_nlsock_free(a->sock);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
	if (a->fd >= 0)
		close(a->fd);
	free(a->answer);
	free(a);
}

/* --- the thread --- */

static bool make_room(struct ofl_nlask *a, size_t more)
{
	size_t size = a->answer_size ? a->answer_size : FIRST_BYTES;
	uint8_t *larger;

	a->too_long |= more > a->max_bytes - a->answer_len;
	if (a->too_long || a->no_memory)
		return false;
	while (size < a->answer_len + more)
		size *= 2;
	if (size == a->answer_size)
		return true;
	larger = realloc(a->answer, size);
	if (!larger) {
		a->no_memory = true;
		return false;
	}
	a->answer = larger;
	a->answer_size = size;
	return true;
}

static void gather(const struct nlmsghdr *nlh, void *arg)
{
	size_t padded = MNL_ALIGN(nlh->nlmsg_len);
	struct ofl_nlask *a = arg;

	if (!make_room(a, padded))
		return;
	memset(a->answer + a->answer_len + padded - MNL_ALIGNTO, 0,
	       MNL_ALIGNTO);
	memcpy(a->answer + a->answer_len, nlh, nlh->nlmsg_len);
	a->answer_len += padded;
}

static bool is_dump(const struct nlmsghdr *nlh)
{
	return (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

static bool put_question(struct ofl_nlask *a)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)a->request;

	if (!a->sock)
		a->sock = ofl_nlsock_new(a->protocol, NULL, 0, RCVBUF_BYTES);
	if (!a->sock)
		return false;
	if (!is_dump(nlh))
		return ofl_nlsock_send(a->sock, nlh);
	return ofl_nlsock_dump(a->sock, nlh->nlmsg_type,
			       mnl_nlmsg_get_payload(nlh),
			       mnl_nlmsg_get_payload_len(nlh));
}

/* Once a request was sent all of its answer is in the socket, and a piece of
 * a dump once the one before was read: an empty socket is the end. */
static enum ofl_nlask_end read_answer(struct ofl_nlask *a, int *errnum)
{
	bool dump = is_dump((struct nlmsghdr *)a->request);

	for (;;) {
		switch (ofl_nlsock_read(a->sock, TURN_MESSAGES, gather, a,
					errnum)) {
		case OFL_NLSOCK_MORE:
			continue;
		case OFL_NLSOCK_AGAIN:
			return dump ? OFL_NLASK_BROKEN : OFL_NLASK_DONE;
		case OFL_NLSOCK_DUMP_DONE:
			return OFL_NLASK_DONE;
		case OFL_NLSOCK_DUMP_BROKEN:
		case OFL_NLSOCK_OVERRUN:
			return OFL_NLASK_BROKEN;
		case OFL_NLSOCK_ERROR:
			return OFL_NLASK_REFUSED;
		case OFL_NLSOCK_DEAD:
			return OFL_NLASK_FAILED;
		}
	}
}

static void exchange(struct ofl_nlask *a)
{
	a->answer_len = 0;
	a->too_long = a->no_memory = false;
	a->errnum = 0;
	if (put_question(a)) {
		a->end = read_answer(a, &a->errnum);
	} else {
		a->errnum = errno;
		a->end = OFL_NLASK_FAILED;
	}
	if (a->end == OFL_NLASK_DONE && (a->too_long || a->no_memory)) {
		a->end = OFL_NLASK_FAILED;
		a->errnum = a->too_long ? EMSGSIZE : ENOMEM;
	}
	if (a->end != OFL_NLASK_DONE) {
		a->answer_len = 0;
		ofl_nlsock_free(a->sock);
		a->sock = NULL;
	}
}

/* Wait for a question; false: there will be none. */
static bool wait_asked(struct ofl_nlask *a)
{
	bool asked;

	pthread_mutex_lock(&a->lock);
	while (a->stage != ASKED && !a->stop)
		pthread_cond_wait(&a->wake, &a->lock);
	asked = !a->stop;
	pthread_mutex_unlock(&a->lock);
	return asked;
}

static void tell_answered(struct ofl_nlask *a)
{
	pthread_mutex_lock(&a->lock);
	a->stage = ANSWERED;
	/* Cannot fail: the counter is at 0 or 1. */
	(void)eventfd_write(a->fd, 1);
	pthread_mutex_unlock(&a->lock);
}

static void *run(void *arg)
{
	struct ofl_nlask *a = arg;
	bool orphan;

	while (wait_asked(a)) {
		exchange(a);
		tell_answered(a);
	}
	pthread_mutex_lock(&a->lock);
	orphan = a->orphan;
	pthread_mutex_unlock(&a->lock);
	if (orphan)
		destroy(a);
	return NULL;
}

/* A signal is the main thread's affair. */
static bool start_thread(struct ofl_nlask *a)
{
	sigset_t all, old;
	int error;

	if (a->have_thread)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&a->thread, NULL, run, a);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		errno = error;
	else
		a->have_thread = true;
	return !error;
}

/* --- the caller --- */

struct ofl_nlask *ofl_nlask_new(int protocol, size_t max_bytes)
{
	struct ofl_nlask *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->protocol = protocol;
	a->max_bytes = max_bytes;
	a->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (a->fd < 0) {
		free(a);
		return NULL;
	}
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
	return a;
}

void ofl_nlask_free(struct ofl_nlask *a)
{
	bool busy;

	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	busy = a->stage == ASKED;
	a->orphan = busy;
	/* It may be gone, and all of this with it, as soon as it can know. */
	if (busy)
		pthread_detach(a->thread);
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	if (busy)
		return;
	if (a->have_thread)
		pthread_join(a->thread, NULL);
	destroy(a);
}

int ofl_nlask_fd(const struct ofl_nlask *a)
{
	return a->fd;
}

bool ofl_nlask_ask(struct ofl_nlask *a, const struct nlmsghdr *nlh)
{
	bool idle;

	if (nlh->nlmsg_len > sizeof(a->request)) {
		errno = EMSGSIZE;
		return false;
	}
	if (!start_thread(a))
		return false;
	pthread_mutex_lock(&a->lock);
	idle = a->stage == IDLE;
	if (idle) {
		memcpy(a->request, nlh, nlh->nlmsg_len);
		a->stage = ASKED;
		pthread_cond_signal(&a->wake);
	}
	pthread_mutex_unlock(&a->lock);
	if (!idle)
		errno = EBUSY;
	return idle;
}

bool ofl_nlask_is_busy(struct ofl_nlask *a)
{
	bool busy;

	pthread_mutex_lock(&a->lock);
	busy = a->stage == ASKED;
	pthread_mutex_unlock(&a->lock);
	return busy;
}

bool ofl_nlask_take(struct ofl_nlask *a, struct ofl_nlask_answer *ret_answer)
{
	eventfd_t count;
	bool answered;

	pthread_mutex_lock(&a->lock);
	answered = a->stage == ANSWERED;
	if (answered) {
		a->stage = IDLE;
		(void)eventfd_read(a->fd, &count);
		*ret_answer = (struct ofl_nlask_answer){
			.end = a->end,
			.errnum = a->errnum,
			.buf = a->answer,
			.len = a->answer_len,
		};
	}
	pthread_mutex_unlock(&a->lock);
	return answered;
}

const struct nlmsghdr *ofl_nlask_next(const struct ofl_nlask_answer *answer,
				      const struct nlmsghdr *nlh)
{
	const uint8_t *at = answer->buf;

	if (nlh)
		at = (const uint8_t *)nlh + MNL_ALIGN(nlh->nlmsg_len);
	if (!answer->len || at >= answer->buf + answer->len)
		return NULL;
	return (const struct nlmsghdr *)at;
}
