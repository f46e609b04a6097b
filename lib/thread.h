/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread beside the event loop, for system calls that may take their time.
 * Who shares what with it is the caller's business.
 */
#ifndef LIB_THREAD_H
#define LIB_THREAD_H

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

#endif /* LIB_THREAD_H */
