/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table: every flow by key, and the list of those that changed.
 *
 * Sources upsert and withdraw; the engine takes dirty flows and judges them.
 * A withdrawn flow stays (withdrawn = true) until the engine saw its entry
 * leave hardware and calls ofl_flowtab_del().
 */
#ifndef OFFLOADD_FLOW_FLOWTAB_H
#define OFFLOADD_FLOW_FLOWTAB_H

#include "offloadd/flow/flow.h"

struct ofl_flowtab;

/* `first_id`: ids are handed out from here upward (the store knows which
 * were used before). */
struct ofl_flowtab *ofl_flowtab_new(uint64_t first_id);
/* Ids from now on are at least this. */
void ofl_flowtab_raise_id(struct ofl_flowtab *tab, uint64_t first_id);
void ofl_flowtab_free(struct ofl_flowtab *tab); /* frees every flow; NULL ok */

/* Called (once) whenever the dirty list goes from empty to not empty. */
void ofl_flowtab_set_wake(struct ofl_flowtab *tab, void (*wake)(void *arg),
			  void *arg);

/* Called for each new flow, which has its key and a new id: somebody may know
 * it from an earlier life and give it the id it had. */
void ofl_flowtab_set_born(struct ofl_flowtab *tab,
			  void (*born)(struct ofl_flow *f));

/* Find or make; *ret_new tells which (may be NULL).  A new flow is *seen*,
 * with no action, wait = NONE, and not dirty yet: set its members, then call
 * ofl_flowtab_mark().  A withdrawn flow is revived (withdrawn = false). */
struct ofl_flow *ofl_flowtab_get(struct ofl_flowtab *tab,
				 const struct ofl_key *key, bool *ret_new);
struct ofl_flow *ofl_flowtab_find(struct ofl_flowtab *tab,
				  const struct ofl_key *key);
struct ofl_flow *ofl_flowtab_find_id(struct ofl_flowtab *tab, uint64_t id);

/* Take over a reference on `action` (may be NULL with a wait reason).  The old
 * one is dropped.  Marks the flow dirty if anything differs. */
void ofl_flow_set_action(struct ofl_flowtab *tab, struct ofl_flow *f,
			 struct ofl_action *action, enum ofl_reason wait);
/* The route is gone: action dropped, withdrawn set, marked dirty.  `why` is
 * WITHDRAWN or STALE and is kept in f->wait. */
void ofl_flow_withdraw(struct ofl_flowtab *tab, struct ofl_flow *f,
		       enum ofl_reason why);

void ofl_flowtab_mark(struct ofl_flowtab *tab, struct ofl_flow *f);
/* By its handle; NULL if it is gone (another may have the handle since). */
struct ofl_flow *ofl_flowtab_at(const struct ofl_flowtab *tab, uint32_t handle);

/* Take the longest-dirty flow off the list, or NULL. */
struct ofl_flow *ofl_flowtab_pop_dirty(struct ofl_flowtab *tab);
/* Was it taken off since it last changed? */
bool ofl_flowtab_is_judged(const struct ofl_flowtab *tab,
			   const struct ofl_flow *f);
size_t ofl_flowtab_dirty_count(const struct ofl_flowtab *tab);

/* Remove and free.  Its group link must be gone already. */
void ofl_flowtab_del(struct ofl_flowtab *tab, struct ofl_flow *f);

size_t ofl_flowtab_count(const struct ofl_flowtab *tab);
/* Walk in no particular order; the callback may not add or delete flows and
 * ends the walk by returning false. */
void ofl_flowtab_walk(struct ofl_flowtab *tab,
		      bool (*cb)(struct ofl_flow *f, void *arg), void *arg);
/* Likewise in steps of about `max` flows, while flows come and go: *at is 0 at
 * first, and 0 again when the walk has ended.  A flow that is there all the
 * while is met once at least, and twice only if the table shrank. */
void ofl_flowtab_walk_some(struct ofl_flowtab *tab, uint32_t *at,
			   unsigned int max,
			   void (*cb)(struct ofl_flow *f, void *arg),
			   void *arg);
/* The flow that comes after `key` in an order that stays the same while flows
 * come and go and the table grows; `key` NULL: the first.  NULL: none.  The
 * flow of `key` need not be there any more: who goes on from the last key meets
 * every flow that is there all the while exactly once. */
struct ofl_flow *ofl_flowtab_next(struct ofl_flowtab *tab,
				  const struct ofl_key *key);
/* Have every flow judged again (after a change of policy): O(1), the flows
 * come out of ofl_flowtab_pop_dirty() after those marked one by one. */
void ofl_flowtab_mark_all(struct ofl_flowtab *tab);

#endif /* OFFLOADD_FLOW_FLOWTAB_H */
