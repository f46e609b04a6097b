/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One netlink question at a time, without ever waiting for the answer.
 *
 * A non-blocking socket is not enough: the kernel carries out a request while
 * it is being sent, and the next piece of a dump while one is being read, and
 * takes its locks for it.  Devlink holds the lock of a device for as long as
 * it reloads it or writes its firmware, which is seconds to minutes.  So a
 * thread sends, reads all of the answer, and raises a file descriptor.
 *
 * The thread calls nothing but this directory's nlsock, starts with all
 * signals blocked, at the first question (a fork would leave it behind), and
 * opens its socket in the network namespace it was started in.  A socket on
 * which anything went wrong is closed, and with it whatever was to come.
 * Nothing is decoded here.
 */
#ifndef LIB_NLASK_H
#define LIB_NLASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct ofl_nlask;

#define OFL_NLASK_REQUEST_BYTES 512

enum ofl_nlask_end {
	OFL_NLASK_DONE = 0, /* the answer is complete */
	OFL_NLASK_BROKEN,   /* the world changed meanwhile: ask once more */
	OFL_NLASK_REFUSED,  /* the kernel's word is in errnum */
	OFL_NLASK_FAILED,   /* no answer could be had, errnum says why */
};

struct ofl_nlask_answer {
	enum ofl_nlask_end end;
	int errnum;	    /* of REFUSED and FAILED */
	const uint8_t *buf; /* its messages, one after the other */
	size_t len;
};

/* Questions to `protocol`, answers of at most max_bytes (a longer one FAILED
 * with EMSGSIZE).  NULL with errno set. */
struct ofl_nlask *ofl_nlask_new(int protocol, size_t max_bytes);
/* A question that hangs in the kernel is left to its thread, which cleans up
 * after itself.  NULL is fine. */
void ofl_nlask_free(struct ofl_nlask *a);
/* Readable while an answer is waiting to be taken. */
int ofl_nlask_fd(const struct ofl_nlask *a);

/* Ask: a request with or without NLM_F_DUMP; it is copied.  False with errno
 * EBUSY: another one is under way or its answer was not taken; EMSGSIZE: more
 * than OFL_NLASK_REQUEST_BYTES; or no thread could be had. */
bool ofl_nlask_ask(struct ofl_nlask *a, const struct nlmsghdr *nlh);
/* Whether a question is under way. */
bool ofl_nlask_is_busy(struct ofl_nlask *a);
/* The answer, if there is one; its bytes stay until the next question. */
bool ofl_nlask_take(struct ofl_nlask *a, struct ofl_nlask_answer *ret_answer);
/* The message behind `nlh` (NULL: the first one), or NULL. */
const struct nlmsghdr *ofl_nlask_next(const struct ofl_nlask_answer *answer,
				      const struct nlmsghdr *nlh);

#endif /* LIB_NLASK_H */
