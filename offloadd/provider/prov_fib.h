/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's routes, what drivers that offload by themselves say of them, and
 * the writes that have a driver try again.
 *
 * Such a driver is told of every route by the kernel and answers by flags of
 * the route.  The kernel announces a change of flags only where the sysctl
 * fib_notify_on_flag_change says so, and drivers of the older kind flag next
 * hops and announce nothing: then all routes are asked for now and then.
 *
 * No table, no provider in the sense of provider.h: nothing is asked of it but
 * repairs.  It keeps no route and decides nothing; placement/fibview.h does.
 */
#ifndef OFFLOADD_PROVIDER_PROV_FIB_H
#define OFFLOADD_PROVIDER_PROV_FIB_H

#include <stddef.h>

#include "offloadd/flow/fibroute.h"

struct ofl_fibwatch;

struct ofl_fibwatch_events {
	/* It is there or different; the image is the callee's to release. */
	void (*route)(void *arg, const struct ofl_fib_route *r);
	/* It is gone; the image is not the callee's.  Not told of what a
	 * repair takes out, which it puts back. */
	void (*gone)(void *arg, const struct ofl_fib_route *r);
	/* All routes follow; these were all. */
	void (*list_begin)(void *arg);
	void (*list_end)(void *arg);
	/* A repair was written: 0, or the kernel's word and what it is about.
	 * `lost`: its victim could not be put back. */
	void (*done)(void *arg, const struct ofl_fib_step *step, int errnum,
		     bool lost, const char *what);
};

/* Works in the network namespace the process is in.  NULL with errno set. */
struct ofl_fibwatch *ofl_fibwatch_new(const struct ofl_fibwatch_events *events,
				      void *arg);
void ofl_fibwatch_free(struct ofl_fibwatch *w); /* NULL is fine */

/* Call poll() when this is readable, and when poll() said: monotonic
 * microseconds, 0: at once.  Looks at about `budget` messages. */
int ofl_fibwatch_fd(const struct ofl_fibwatch *w);
uint64_t ofl_fibwatch_poll(struct ofl_fibwatch *w, uint64_t now_us,
			   unsigned int budget);

void ofl_fibwatch_release(struct ofl_fibwatch *w, uint32_t image);
/* Write a repair; done() follows.  False: too many are under way. */
bool ofl_fibwatch_send(struct ofl_fibwatch *w, const struct ofl_fib_step *step);
/* Ask for all routes with the next poll(). */
void ofl_fibwatch_ask(struct ofl_fibwatch *w);

struct ofl_fibwatch_stats {
	/* The sysctls, IPv4 and IPv6; false also where there is none. */
	bool notifies[2];
	bool by_nexthop; /* some driver flags next hops */
	bool current;	 /* all is known, and nothing was lost since */
	uint64_t messages, malformed, overruns, lists, writes;
	size_t images;
};
void ofl_fibwatch_stats(const struct ofl_fibwatch *w,
			struct ofl_fibwatch_stats *ret);

#endif /* OFFLOADD_PROVIDER_PROV_FIB_H */
