// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The flow table: every flow by key, and which of them want judging.
 *
 * Every flow is on exactly one of three lists: clean (judged as it is), dirty
 * (changed on its own, longest first) and recheck (the rules changed under
 * it).  Clean and recheck are two lists that change roles, so that marking a
 * million flows is one flip and not a million writes; a flow remembers the
 * list, not the role.
 *
 * It judges nothing and knows nothing of hardware.  Neighbours: the source
 * writes, the engine reads and deletes.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/flow/flowhash.h"
#include "offloadd/flow/flowlist.h"
#include "offloadd/flow/flowtab.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FLOWTAB, "offload flow table");

struct ofl_slab ofl_flow_slab;

#define LIST_DIRTY 2 /* 0 and 1 are clean and recheck, by turns */

struct ofl_flowtab {
	struct ofl_flowhash hash;
	struct ofl_flow_list lists[3];
	uint8_t clean; /* index of the list that is clean now: 0 or 1 */
	/* Marked all while a pass was under way: when it ends, those judged
	 * before the mark are due again.  Only set while recheck holds any. */
	bool again;
	uint64_t next_id;
	struct ofl_slab_kind pool; /* of flows */
	void (*wake)(void *arg);
	void *wake_arg;
	void (*born)(struct ofl_flow *f);
};

static uint8_t recheck_of(const struct ofl_flowtab *tab)
{
	return !tab->clean;
}

struct ofl_flowtab *ofl_flowtab_new(uint64_t first_id)
{
	struct ofl_flowtab *tab = XCALLOC(MTYPE_OFL_FLOWTAB, sizeof(*tab));

	for (size_t i = 0; i < array_size(tab->lists); i++)
		ofl_flow_list_init(&tab->lists[i], OFL_FLOW_LINK_TABLE);
	tab->next_id = first_id ? first_id : 1;
	ofl_slab_kind_init(&tab->pool, &ofl_flow_slab, sizeof(struct ofl_flow),
			   0);
	return tab;
}

static void flow_free(struct ofl_flowtab *tab, struct ofl_flow *f)
{
	ofl_flow_fini(f);
	ofl_slab_put(&tab->pool, f->handle);
}

void ofl_flowtab_free(struct ofl_flowtab *tab)
{
	struct ofl_flow *f;

	if (!tab)
		return;
	for (size_t i = 0; i < array_size(tab->lists); i++) {
		while ((f = ofl_flow_list_first(&tab->lists[i]))) {
			ofl_flow_list_del(&tab->lists[i], f);
			flow_free(tab, f);
		}
	}
	ofl_flowhash_fini(&tab->hash);
	XFREE(MTYPE_OFL_FLOWTAB, tab);
}

void ofl_flowtab_raise_id(struct ofl_flowtab *tab, uint64_t first_id)
{
	if (tab->next_id < first_id)
		tab->next_id = first_id;
}

void ofl_flowtab_set_wake(struct ofl_flowtab *tab, void (*wake)(void *arg),
			  void *arg)
{
	tab->wake = wake;
	tab->wake_arg = arg;
}

void ofl_flowtab_set_born(struct ofl_flowtab *tab,
			  void (*born)(struct ofl_flow *f))
{
	tab->born = born;
}

size_t ofl_flowtab_dirty_count(const struct ofl_flowtab *tab)
{
	return ofl_flow_list_count(&tab->lists[LIST_DIRTY]) +
	       ofl_flow_list_count(&tab->lists[recheck_of(tab)]);
}

static void wake_if_first(struct ofl_flowtab *tab, size_t count_before)
{
	if (!count_before && ofl_flowtab_dirty_count(tab) && tab->wake)
		tab->wake(tab->wake_arg);
}

/* A pass ended: begin the one that was asked for meanwhile.  No wake: seen
 * from outside the dirty flows never ran out. */
static void begin_further_pass(struct ofl_flowtab *tab)
{
	if (tab->again && !ofl_flow_list_count(&tab->lists[recheck_of(tab)])) {
		tab->clean = recheck_of(tab);
		tab->again = false;
	}
}

static void list_move(struct ofl_flowtab *tab, struct ofl_flow *f, uint8_t to)
{
	ofl_flow_list_del(&tab->lists[f->list], f);
	f->list = to;
	ofl_flow_list_add_tail(&tab->lists[to], f);
	begin_further_pass(tab);
}

void ofl_flowtab_mark(struct ofl_flowtab *tab, struct ofl_flow *f)
{
	size_t before = ofl_flowtab_dirty_count(tab);

	if (f->list == LIST_DIRTY)
		return; /* keeps its place in the queue */
	list_move(tab, f, LIST_DIRTY);
	wake_if_first(tab, before);
}

bool ofl_flowtab_is_judged(const struct ofl_flowtab *tab,
			   const struct ofl_flow *f)
{
	return f->list == tab->clean;
}

struct ofl_flow *ofl_flowtab_pop_dirty(struct ofl_flowtab *tab)
{
	struct ofl_flow *f;

	f = ofl_flow_list_first(&tab->lists[LIST_DIRTY]);
	if (!f)
		f = ofl_flow_list_first(&tab->lists[recheck_of(tab)]);
	if (f)
		list_move(tab, f, tab->clean);
	return f;
}

void ofl_flowtab_mark_all(struct ofl_flowtab *tab)
{
	size_t before = ofl_flowtab_dirty_count(tab);

	if (!ofl_flow_list_count(&tab->lists[tab->clean]))
		return; /* whatever there is has yet to be judged */
	tab->again = true;
	begin_further_pass(tab);
	wake_if_first(tab, before);
}

struct ofl_flow *ofl_flowtab_find(struct ofl_flowtab *tab,
				  const struct ofl_key *key)
{
	return ofl_flowhash_find(&tab->hash, key);
}

struct ofl_flow *ofl_flowtab_at(const struct ofl_flowtab *tab, uint32_t handle)
{
	struct ofl_flow *f = ofl_slab_find(&tab->pool, handle);

	return f && f->handle == handle ? f : NULL;
}

static struct ofl_flow *flow_new(struct ofl_flowtab *tab,
				 const struct ofl_key *key)
{
	uint32_t handle = ofl_slab_get(&tab->pool);
	struct ofl_flow *f = ofl_flow_at(handle);

	f->handle = handle;
	f->key = *key;
	f->id = tab->next_id++;
	f->table = OFL_TABLE_NONE;
	f->list = tab->clean;
	ofl_flowhash_add(&tab->hash, f);
	ofl_flow_list_add_tail(&tab->lists[f->list], f);
	if (tab->born)
		tab->born(f);
	return f;
}

struct ofl_flow *ofl_flowtab_get(struct ofl_flowtab *tab,
				 const struct ofl_key *key, bool *ret_new)
{
	struct ofl_flow *f = ofl_flowtab_find(tab, key);

	if (ret_new)
		*ret_new = !f;
	if (!f)
		return flow_new(tab, key);
	if (f->withdrawn) {
		/* Its entry may be leaving: the engine must hear of it even if
		 * the caller finds nothing else to change. */
		f->withdrawn = false;
		ofl_flowtab_mark(tab, f);
	}
	return f;
}

struct by_id {
	uint64_t id;
	struct ofl_flow *found;
};

static bool has_id(struct ofl_flow *f, void *arg)
{
	struct by_id *want = arg;

	if (f->id == want->id)
		want->found = f;
	return !want->found;
}

struct ofl_flow *ofl_flowtab_find_id(struct ofl_flowtab *tab, uint64_t id)
{
	struct by_id want = {.id = id};

	/* An index would cost every flow 16 bytes for one show command. */
	ofl_flowtab_walk(tab, has_id, &want);
	return want.found;
}

void ofl_flow_set_action(struct ofl_flowtab *tab, struct ofl_flow *f,
			 struct ofl_action *action, enum ofl_reason wait)
{
	struct ofl_action *old = f->action;
	uint8_t old_wait = f->wait;

	f->action = action;
	f->wait = action ? OFL_REASON_NONE : wait;
	if (old != action || old_wait != f->wait)
		ofl_flowtab_mark(tab, f);
	ofl_action_unref(old);
}

void ofl_flow_withdraw(struct ofl_flowtab *tab, struct ofl_flow *f,
		       enum ofl_reason why)
{
	bool was = f->withdrawn;

	f->withdrawn = true;
	ofl_flow_set_action(tab, f, NULL, why);
	if (!was)
		ofl_flowtab_mark(tab, f);
}

void ofl_flowtab_del(struct ofl_flowtab *tab, struct ofl_flow *f)
{
	ofl_flowhash_del(&tab->hash, f);
	ofl_flow_list_del(&tab->lists[f->list], f);
	begin_further_pass(tab);
	flow_free(tab, f);
}

size_t ofl_flowtab_count(const struct ofl_flowtab *tab)
{
	return tab->hash.count;
}

void ofl_flowtab_walk(struct ofl_flowtab *tab,
		      bool (*cb)(struct ofl_flow *f, void *arg), void *arg)
{
	uint32_t at = 0;

	while (ofl_flowhash_row(&tab->hash, &at, cb, arg) && at)
		;
}

struct some {
	void (*cb)(struct ofl_flow *f, void *arg);
	void *arg;
	unsigned int left;
};

static bool some_of_row(struct ofl_flow *f, void *arg)
{
	struct some *some = arg;

	some->cb(f, some->arg);
	some->left -= some->left > 0;
	return true;
}

void ofl_flowtab_walk_some(struct ofl_flowtab *tab, uint32_t *at,
			   unsigned int max,
			   void (*cb)(struct ofl_flow *f, void *arg), void *arg)
{
	struct some some = {.cb = cb, .arg = arg, .left = max};

	do {
		ofl_flowhash_row(&tab->hash, at, some_of_row, &some);
	} while (*at && some.left);
}

/* By hash value, as rows are; those that share one by key. */
static int place_cmp(uint32_t a_hash, const struct ofl_key *a, uint32_t b_hash,
		     const struct ofl_key *b)
{
	if (a_hash != b_hash)
		return a_hash < b_hash ? -1 : 1;
	return ofl_key_cmp(a, b);
}

struct after {
	const struct ofl_key *key; /* NULL: any comes after it */
	uint32_t hash, best_hash;
	struct ofl_flow *best;
};

static bool nearest_after(struct ofl_flow *f, void *arg)
{
	uint32_t hash = ofl_flowhash_value(&f->key);
	struct after *after = arg;

	if (after->key &&
	    place_cmp(hash, &f->key, after->hash, after->key) <= 0)
		return true;
	if (!after->best ||
	    place_cmp(hash, &f->key, after->best_hash, &after->best->key) < 0) {
		after->best = f;
		after->best_hash = hash;
	}
	return true;
}

struct ofl_flow *ofl_flowtab_next(struct ofl_flowtab *tab,
				  const struct ofl_key *key)
{
	struct after after = {
		.key = key,
		.hash = key ? ofl_flowhash_value(key) : 0,
	};
	uint32_t at = after.hash;

	do {
		ofl_flowhash_row(&tab->hash, &at, nearest_after, &after);
	} while (at && !after.best);
	return after.best;
}
