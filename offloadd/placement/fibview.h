/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a driver that offloads routes by itself made of the kernel's routes:
 * which it holds, which it could not take, and whose packets hardware steals.
 *
 * Such a driver is offered every route and takes what fits, first come, first
 * served.  A packet is forwarded wrongly where a route that failed lies below
 * one that hardware forwards another way: *shadowed*.  It is kept here as news
 * come, and so is which repair is the cheapest:
 *
 *   A route V may leave hardware without harm if the nearest entry above it is
 *   none, a trap, or forwards alike: then software, or the entry above, does
 *   with its packets what V did.  Taking one such V out makes room for the
 *   failed F, and V, offered again behind it, is a failure that is not
 *   shadowed.  The outermost entry above F always qualifies, so there is a
 *   repair unless class forbids.  Taking out all entries above F is never
 *   cheaper, for it costs at least that one.
 *
 * Others that failed are forwarded by software, as they should be; they are
 * offered again once there is room.
 *
 * Pure: no sockets, no clock; time is an argument.  Every call is bounded, but
 * for what a caller bounds by `budget`.
 */
#ifndef OFFLOADD_PLACEMENT_FIBVIEW_H
#define OFFLOADD_PLACEMENT_FIBVIEW_H

#include "offloadd/flow/fibroute.h"
#include "offloadd/flow/flow.h"

struct ofl_fibview;

/* `release` is called for each image that is no longer kept. */
struct ofl_fibview *ofl_fibview_new(void (*release)(void *arg, uint32_t image),
				    void *arg);
void ofl_fibview_free(struct ofl_fibview *v); /* NULL is fine */

/* --- what the kernel says --- */

/* A route is there, or is different now.  Takes over the image. */
void ofl_fibview_set(struct ofl_fibview *v, const struct ofl_fib_route *r);
/* A route is gone.  False: what is left of it is not known, ask for a list. */
bool ofl_fibview_del(struct ofl_fibview *v, const struct ofl_fib_route *r);
/* A list of all routes begins; it is complete: what was not in it is gone. */
void ofl_fibview_sync_begin(struct ofl_fibview *v);
void ofl_fibview_sync_end(struct ofl_fibview *v);
/* A step of what takes time; false: there is nothing to do. */
bool ofl_fibview_work(struct ofl_fibview *v, unsigned int budget);

/* --- what policy says --- */

/* The flow of this route is worth so much; `is_flow` false: it is none. */
void ofl_fibview_worth_set(struct ofl_fibview *v, const struct ofl_key *key,
			   bool is_flow, enum ofl_class cls, uint32_t weight);

/* --- answers --- */

struct ofl_fibview_route {
	struct ofl_key key;
	bool exists;
	uint8_t state; /* enum ofl_fib_state */
	bool is_flow;
	uint32_t image;
	bool shadowed;
	bool given_up; /* shadowed, and nothing is done about it any more */
	bool demoted;
	bool has_above; /* there is an entry of hardware above it */
	struct ofl_key above;
};
/* False: there is none. */
bool ofl_fibview_find(const struct ofl_fibview *v, const struct ofl_key *key,
		      struct ofl_fibview_route *ret);
/* A route about which there is something new to tell, or false. */
bool ofl_fibview_changed(struct ofl_fibview *v, struct ofl_fibview_route *ret);
/* Walk the shadowed ones, in no order; false from cb ends it. */
void ofl_fibview_shadowed_walk(const struct ofl_fibview *v,
			       bool (*cb)(const struct ofl_fibview_route *r,
					  void *arg),
			       void *arg);

struct ofl_fibview_stats {
	/* By family (0: IPv4, 1: IPv6) and enum ofl_fib_state. */
	uint64_t by_state[2][OFL_FIB_STATE_MAX];
	uint64_t shadowed, demoted, given_up;
	uint64_t steps, mended; /* repairs begun; routes no longer shadowed */
	size_t bytes;
};
void ofl_fibview_stats(const struct ofl_fibview *v,
		       struct ofl_fibview_stats *ret);

/* --- repairs: fibrepair.c --- */

/* `has_room`: as far as known hardware has room, so offering the route again
 * comes first. */
void ofl_fibview_policy_set(struct ofl_fibview *v, enum ofl_fib_repair repair,
			    bool has_room);
/* The next repair to carry out now, or false.  Its outcome comes by set(). */
bool ofl_fibview_repair_next(struct ofl_fibview *v, uint64_t now_us,
			     struct ofl_fib_step *ret);
/* It was not written after all: its victim stays. */
void ofl_fibview_repair_abort(struct ofl_fibview *v,
			      const struct ofl_fib_step *step);
/* When to ask again: 0: now, UINT64_MAX: when there are news. */
uint64_t ofl_fibview_repair_due_us(const struct ofl_fibview *v);

#endif /* OFFLOADD_PLACEMENT_FIBVIEW_H */
