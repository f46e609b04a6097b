/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only place that knows FRRouting has versions.
 *
 * Code elsewhere uses the names below and never asks for a version itself.
 * Include <zebra.h> first, as everywhere in FRR.
 */
#ifndef OFFLOADD_BASE_FRR_COMPAT_H
#define OFFLOADD_BASE_FRR_COMPAT_H

#include <zebra.h>

/* 8.4: "thread.h" and struct thread; since 9.0: "frrevent.h", struct event. */
#include "thread.h"

#define ofl_ev thread		/* struct ofl_ev: one scheduled event */
#define ofl_loop thread_master	/* struct ofl_loop: the event loop */

/* Schedule `fn(struct ofl_ev *)`; *ref is the handle, NULL when not armed. */
#define ofl_ev_timer_ms(loop, fn, arg, ms, ref)                                \
	thread_add_timer_msec(loop, fn, arg, ms, ref)
#define ofl_ev_soon(loop, fn, arg, ref)                                        \
	thread_add_event(loop, fn, arg, 0, ref)
#define ofl_ev_read(loop, fn, arg, fd, ref)                                    \
	thread_add_read(loop, fn, arg, fd, ref)
#define ofl_ev_write(loop, fn, arg, fd, ref)                                   \
	thread_add_write(loop, fn, arg, fd, ref)
#define ofl_ev_off(ref) thread_cancel(&(ref))
#define OFL_EV_ARG(ev) THREAD_ARG(ev)
#define OFL_EV_FD(ev) THREAD_FD(ev)

/* Take part in `debug all`; include "debug.h" first.  8.4 wants callbacks. */
#define ofl_debug_install(callbacks) debug_init(callbacks)

/* A loop of one's own, for tests and tools; a turn waits for one event and
 * runs it. */
#define ofl_loop_new(name) thread_master_create(name)
#define ofl_loop_free(loop) thread_master_free(loop)
#define ofl_loop_turn(loop)                                                    \
	do {                                                                   \
		struct ofl_ev ev_;                                             \
		if (thread_fetch(loop, &ev_))                                  \
			thread_call(&ev_);                                     \
	} while (0)

#endif /* OFFLOADD_BASE_FRR_COMPAT_H */
