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

/* OFL_FRR_API comes from configure: 804 is 8.4, 1003 is 10.3. */
#define OFL_FRR_IS_10 (OFL_FRR_API >= 1000)

/* --- the event loop --- */

/* 8.4: "thread.h" and struct thread; since 9.0: "frrevent.h", struct event. */
#if OFL_FRR_IS_10
#include "frrevent.h"
#define ofl_ev event	    /* struct ofl_ev: one scheduled event */
#define ofl_loop event_loop /* struct ofl_loop: the event loop */
#define OFL_EV_(verb) event_##verb
#define OFL_EV_ARG(ev) EVENT_ARG(ev)
#define OFL_EV_FD(ev) EVENT_FD(ev)
#else
#include "thread.h"
#define ofl_ev thread
#define ofl_loop thread_master
#define OFL_EV_(verb) thread_##verb
#define OFL_EV_ARG(ev) THREAD_ARG(ev)
#define OFL_EV_FD(ev) THREAD_FD(ev)
#endif

/* Schedule `fn(struct ofl_ev *)`; *ref is the handle, NULL when not armed. */
#define ofl_ev_timer_ms(loop, fn, arg, ms, ref)                                \
	OFL_EV_(add_timer_msec)(loop, fn, arg, ms, ref)
#define ofl_ev_soon(loop, fn, arg, ref)                                        \
	OFL_EV_(add_event)(loop, fn, arg, 0, ref)
#define ofl_ev_read(loop, fn, arg, fd, ref)                                    \
	OFL_EV_(add_read)(loop, fn, arg, fd, ref)
#define ofl_ev_write(loop, fn, arg, fd, ref)                                   \
	OFL_EV_(add_write)(loop, fn, arg, fd, ref)
#define ofl_ev_off(ref) OFL_EV_(cancel)(&(ref))

/* A loop of one's own, for tests and tools; a turn waits for one event and
 * runs it. */
#define ofl_loop_new(name) OFL_EV_(master_create)(name)
#define ofl_loop_free(loop) OFL_EV_(master_free)(loop)
#define ofl_loop_turn(loop)                                                    \
	do {                                                                   \
		struct ofl_ev ev_;                                             \
		if (OFL_EV_(fetch)(loop, &ev_))                                \
			OFL_EV_(call)(&ev_);                                   \
	} while (0)

/* --- mgmtd takes daemons it was not compiled for (tried: 10.7; 10.3 has a
 * table of its own daemons) --- */
#define OFL_HAS_MGMTD_CLIENTS (OFL_FRR_API >= 1007)

/* --- lib/debug.h: a record says since 10.0 how it is configured --- */
#if OFL_FRR_IS_10
#define OFL_DEBUG_RECORD(line, text)                                           \
	{                                                                      \
		.conf = line, .desc = text                                     \
	}
#else
#define OFL_DEBUG_RECORD(line, text)                                           \
	{                                                                      \
		.desc = text                                                   \
	}
#endif

/* --- lib/vty.h: what is printed to a vty stays in its buffer --- */
#if OFL_FRR_API >= 1007
#define OFL_VTY_KEEP(vty) ((vty)->vty_buf_threshold = SIZE_MAX)
#elif OFL_FRR_IS_10
#define OFL_VTY_KEEP(vty) ((vty)->buf_size_intermediate = INT_MAX)
#else
#define OFL_VTY_KEEP(vty) ((void)(vty))
#endif

/* --- lib/command.h: who is told that vtysh brings a configuration --- */
#if OFL_FRR_API >= 1007
#define OFL_ON_VTYSH_CONFIG(name) static void name(struct vty *vty)
#else
#define OFL_ON_VTYSH_CONFIG(name) static void name(void)
#endif

/* --- lib/northbound.h --- */

/* Since 10 a container right below a case is created and deleted by callbacks,
 * as one with presence is. */
#define OFL_NB_CASE_HAS_CALLBACKS OFL_FRR_IS_10

/* Since 10 an edit names an item of a leaf-list by a predicate; before, libfrr
 * adds that to the path. */
#define OFL_NB_ITEM_HAS_PREDICATE OFL_FRR_IS_10

/* For tests, that have no daemon's libfrr around. */
#if OFL_FRR_IS_10
#define ofl_nb_init(loop, modules, count)                                      \
	do {                                                                   \
		debug_init();                                                  \
		nb_init(loop, modules, count, false, false);                   \
	} while (0)
#else
#define ofl_nb_init(loop, modules, count) nb_init(loop, modules, count, false)
#endif

/* --- lib/libfrr.h: where sockets are, with what -N says --- */
#if OFL_FRR_IS_10
#define ofl_frr_run_dir frr_runstatedir
#else
#define ofl_frr_run_dir frr_vtydir
#endif

/* --- access-lists (lib/filter.h): 10.7 has them for IPv6, too --- */
#if OFL_FRR_API >= 1007
#define OFL_CISCO_IS_IPV6(c) ((c)->ipv6)
#define OFL_CISCO_SRC6(c) (&(c)->sadr6.src)
#define OFL_CISCO_SRC6_MASK(c) (&(c)->sadr6.src_mask)
#define OFL_CISCO_DST6(c) (&(c)->sadr6.dst)
#define OFL_CISCO_DST6_MASK(c) (&(c)->sadr6.dst_mask)
#define OFL_CISCO_DST(c) (&(c)->sadr.dst)
#define OFL_CISCO_DST_MASK(c) (&(c)->sadr.dst_mask)
#else
#define OFL_CISCO_IS_IPV6(c) false
#define OFL_CISCO_SRC6(c) (&(c)->addr)
#define OFL_CISCO_SRC6_MASK(c) (&(c)->addr_mask)
#define OFL_CISCO_DST6(c) (&(c)->mask)
#define OFL_CISCO_DST6_MASK(c) (&(c)->mask_mask)
#define OFL_CISCO_DST(c) (&(c)->mask)
#define OFL_CISCO_DST_MASK(c) (&(c)->mask_mask)
#endif

/* --- ZAPI, byte by byte (lib/zclient.c, zapi_nexthop_encode()) --- */

/* After the number of labels of a next hop comes their type. */
#define OFL_ZAPI_LABEL_TYPE OFL_FRR_IS_10
/* Bytes of a next hop's weight. */
#define OFL_ZAPI_WEIGHT_BYTES (OFL_FRR_IS_10 ? 8 : 4)
/* Bytes of the number of next hops that a tracked one resolves to. */
#define OFL_ZAPI_NHT_COUNT_BYTES (OFL_FRR_IS_10 ? 2 : 1)
/* SRv6 segments: one, or a count and as many ... */
#define OFL_ZAPI_SEG6_IS_LIST OFL_FRR_IS_10
/* ... and then how to encapsulate. */
#define OFL_ZAPI_SEG6_TAIL_BYTES (OFL_FRR_API >= 1007 ? 4 : 0)

#endif /* OFFLOADD_BASE_FRR_COMPAT_H */
