/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread beside the event loop, for system calls that may take their time,
 * and memory for what is handed to it.
 * Who shares what with it is the caller's business.
 */
#ifndef LIB_THREAD_H
#define LIB_THREAD_H

#include <stddef.h>

/* Run run(arg) in a thread that nobody joins and that gets no signals: they
 * are for the main thread.  0, or an errno value. */
int ofl_thread_new(void *(*run)(void *arg), void *arg);

/*
 * Of the thread that calls: CAP_NET_ADMIN in force, if the process may have it.
 * The kernel wants it of who opens a socket and of who sends; capabilities are
 * a thread's own, so that the others go on without.  Where it is not permitted
 * the kernel says so of each request.
 */
void ofl_thread_net_admin_set(void);

/*
 * Zeroed memory of so many bytes, to be freed with free(), whose pages are all
 * there: calloc() leaves each of a large piece to a fault on its first use, and
 * for queues that is in the midst of the first bulk.  NULL: there is none.
 */
void *ofl_pages_new(size_t bytes);

#endif /* LIB_THREAD_H */
