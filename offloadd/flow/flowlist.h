/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of flows, linked through the flows by their handles: half of what
 * pointers would take, and there are two links in each of a million flows.
 *
 * A list names which of the two it uses; a flow is in one list of each at most.
 * Nothing here is checked: who takes a flow out of a list knows that it is in.
 */
#ifndef OFFLOADD_FLOW_FLOWLIST_H
#define OFFLOADD_FLOW_FLOWLIST_H

#include "offloadd/flow/flow.h"

/* NULL: the handle of none. */
static inline struct ofl_flow *ofl_flow_at(uint32_t handle)
{
	return handle ? ofl_slab_at(&ofl_flow_slab, handle) : NULL;
}

static inline void ofl_flow_list_init(struct ofl_flow_list *l,
				      enum ofl_flow_link_kind kind)
{
	*l = (struct ofl_flow_list){.kind = kind};
}

static inline size_t ofl_flow_list_count(const struct ofl_flow_list *l)
{
	return l->count;
}

static inline struct ofl_flow *
ofl_flow_list_first(const struct ofl_flow_list *l)
{
	return ofl_flow_at(l->first);
}

static inline struct ofl_flow *ofl_flow_list_next(const struct ofl_flow_list *l,
						  const struct ofl_flow *f)
{
	return ofl_flow_at(f->link[l->kind].next);
}

/* Between two that are neighbours in it; 0: there is none on that side. */
static inline void ofl_flow_list_put(struct ofl_flow_list *l,
				     struct ofl_flow *f, uint32_t prev,
				     uint32_t next)
{
	f->link[l->kind] = (struct ofl_flow_link){.next = next, .prev = prev};
	if (prev)
		ofl_flow_at(prev)->link[l->kind].next = f->handle;
	else
		l->first = f->handle;
	if (next)
		ofl_flow_at(next)->link[l->kind].prev = f->handle;
	else
		l->last = f->handle;
	l->count++;
}

static inline void ofl_flow_list_add_tail(struct ofl_flow_list *l,
					  struct ofl_flow *f)
{
	ofl_flow_list_put(l, f, l->last, 0);
}

static inline void ofl_flow_list_add_head(struct ofl_flow_list *l,
					  struct ofl_flow *f)
{
	ofl_flow_list_put(l, f, 0, l->first);
}

static inline void ofl_flow_list_del(struct ofl_flow_list *l,
				     struct ofl_flow *f)
{
	struct ofl_flow_link *link = &f->link[l->kind];

	if (link->prev)
		ofl_flow_at(link->prev)->link[l->kind].next = link->next;
	else
		l->first = link->next;
	if (link->next)
		ofl_flow_at(link->next)->link[l->kind].prev = link->prev;
	else
		l->last = link->prev;
	*link = (struct ofl_flow_link){0};
	l->count--;
}

#endif /* OFFLOADD_FLOW_FLOWLIST_H */
