/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the plan share (private to them): greedy.c chooses who is
 * admitted, closure.c knows which covers an entry needs and what its leaving
 * entails, evict.c takes slots from those who are worth less.
 */
#ifndef OFFLOADD_PLACEMENT_GREEDY_H
#define OFFLOADD_PLACEMENT_GREEDY_H

#include "offloadd/placement/lpm.h"

int ofl_greedy_best_first(const struct ofl_lpm_node *a,
			  const struct ofl_lpm_node *b);
int ofl_greedy_worst_first(const struct ofl_lpm_node *a,
			   const struct ofl_lpm_node *b);

DECLARE_HEAP(ofl_lpm_wait, struct ofl_lpm_node, wait_item,
	     ofl_greedy_best_first);
DECLARE_HEAP(ofl_lpm_real, struct ofl_lpm_node, real_item,
	     ofl_greedy_worst_first);
DECLARE_DLIST(ofl_lpm_side, struct ofl_lpm_node, side_item);

/* --- greedy.c --- */
/* What the plan may take: entries that hardware does not let go are lost. */
uint32_t ofl_greedy_capacity(const struct ofl_place *p);
/* What entries of this class, covers included, may fill. */
uint32_t ofl_greedy_limit(const struct ofl_place *p, uint8_t cls);
void ofl_greedy_set_waiting(struct ofl_place *p, struct ofl_lpm_node *n,
			    enum ofl_lpm_wait_list where);

/* --- closure.c --- */
/* The planned entry that answers n's packets where n has none. */
struct ofl_lpm_node *ofl_closure_context(const struct ofl_lpm_node *n);
/* Its forwarding identity; 0: none, or a punt. */
static inline uint32_t ofl_closure_identity(const struct ofl_lpm_node *c)
{
	return c && c->want == OFL_ENTRY_REAL ? c->identity : 0;
}
void ofl_closure_set_want(struct ofl_place *p, struct ofl_lpm_node *n,
			  enum ofl_entry want, enum ofl_reason reason);
/* A punt above that shielded n may not be needed any longer. */
void ofl_closure_touch_shield(struct ofl_place *p,
			      const struct ofl_lpm_node *n);
/* Slots for covers below n, were it answered by `identity`.  False if that
 * takes more than `room` or needs a cover that hardware refused. */
bool ofl_closure_count(const struct ofl_place *p, const struct ofl_lpm_node *n,
		       uint32_t identity, uint32_t room, uint32_t *ret_slots);
/* Does n's REAL entry, with the covers it needs, fit below `limit`? */
bool ofl_closure_fits(const struct ofl_place *p, const struct ofl_lpm_node *n,
		      uint32_t limit);
/* n becomes REAL; its covers with it. */
void ofl_closure_admit(struct ofl_place *p, struct ofl_lpm_node *n);
/* n's route changed while it is REAL: do its covers still fit? */
void ofl_closure_refit(struct ofl_place *p, struct ofl_lpm_node *n);
/* What lies below n is answered by `identity` (0: by software) now: covers
 * that are not needed are given back. */
void ofl_closure_settle_below(struct ofl_place *p, struct ofl_lpm_node *n,
			      uint32_t identity);
/* n stands bare under `c`, which answers its packets wrongly: cover it, or let
 * c leave. */
void ofl_closure_cover(struct ofl_place *p, struct ofl_lpm_node *n,
		       struct ofl_lpm_node *c);
/* n's entry, real or punt, is given up. */
void ofl_closure_leave(struct ofl_place *p, struct ofl_lpm_node *n,
		       enum ofl_reason reason);

/* --- evict.c --- */
/* Evict best effort, least worthy first, until n fits into the table: as a
 * REAL entry with its covers, or as a cover.  False: that is not enough, and
 * nobody was evicted. */
bool ofl_evict_for(struct ofl_place *p, struct ofl_lpm_node *n,
		   enum ofl_entry entry);
/* The table became smaller than the plan: the least worthy leave. */
void ofl_evict_excess(struct ofl_place *p);

#endif /* OFFLOADD_PLACEMENT_GREEDY_H */
