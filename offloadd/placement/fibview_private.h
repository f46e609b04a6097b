/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fibview.c (what is) and fibrepair.c (what to do) share.
 */
#ifndef OFFLOADD_PLACEMENT_FIBVIEW_PRIVATE_H
#define OFFLOADD_PLACEMENT_FIBVIEW_PRIVATE_H

#include "offloadd/placement/fibtree.h"
#include "offloadd/placement/fibview.h"

/* Handles of nodes that have the bit which says that they are in it; others
 * are of nodes that went, and are passed over. */
struct ofl_fibqueue {
	uint32_t *handle;
	size_t head, count, size; /* a ring */
};

/* One that is being mended. */
struct ofl_fibpatient {
	uint32_t handle;
	uint32_t tries;
	uint64_t due_us; /* nothing is done before */
};

/* Cheap entries to take out, found by looking at all. */
#define OFL_FIBPOOL 32
struct ofl_fibpool {
	uint32_t handle[OFL_FIBPOOL]; /* the cheapest first */
	uint32_t cost[OFL_FIBPOOL];
	unsigned int count;
	uint64_t at;   /* of the look that is under way */
	bool looking;  /* it is under way, or */
	bool complete; /* it was finished, and the pool is its outcome */
};

struct ofl_fibview {
	struct ofl_fibforest forest;
	void (*release)(void *arg, uint32_t image);
	void *arg;
	uint8_t gen;
	bool sweeping;
	uint64_t sweep_at;
	bool again; /* all that failed are to be looked at again, */
	bool fresh; /* also those that were left */
	uint64_t again_at;
	struct ofl_fibqueue changed;
	struct ofl_fibview_stats st;

	/* fibrepair.c */
	enum ofl_fib_repair repair;
	bool has_room;
	struct ofl_fibpatient *patients;
	size_t patient_count, patient_size, patient_next;
	size_t idle;	  /* of them looked at since something was done */
	uint64_t look_us; /* when that was last */
	struct ofl_fibpool pool[2]; /* IPv4, IPv6 */
};

void ofl_fibqueue_add(struct ofl_fibqueue *q, uint32_t handle);
/* 0: it is empty. */
uint32_t ofl_fibqueue_pop(struct ofl_fibqueue *q);

/* fibview.c */
void ofl_fibview_mark(struct ofl_fibview *v, uint32_t handle);
/* Free it if there is no reason left to keep it. */
void ofl_fibview_forget(struct ofl_fibview *v, uint32_t handle);

/* fibrepair.c */
/* Something is to be done about it. */
void ofl_fibrepair_add(struct ofl_fibview *v, uint32_t handle);
/* It failed, harmlessly, and may be offered again, for there is room. */
bool ofl_fibrepair_is_wanted(const struct ofl_fibview *v,
			     const struct ofl_fibnode *n);
/* It is another route now: what was tried says nothing about it. */
void ofl_fibrepair_restart(struct ofl_fibview *v, uint32_t handle);
void ofl_fibrepair_fini(struct ofl_fibview *v);
/* A step of the search for cheap entries; false: none is wanted. */
bool ofl_fibrepair_work(struct ofl_fibview *v, unsigned int budget);

#endif /* OFFLOADD_PLACEMENT_FIBVIEW_PRIVATE_H */
