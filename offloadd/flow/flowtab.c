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

#include "lib/pool.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/flow/flowtab.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FLOWTAB, "offload flow table");

static int flow_cmp(const struct ofl_flow *a, const struct ofl_flow *b)
{
	return ofl_key_cmp(&a->key, &b->key);
}

static uint32_t flow_hash(const struct ofl_flow *f)
{
	return ofl_key_hash(&f->key);
}

DECLARE_HASH(ofl_flowtab_hash, struct ofl_flow, hash_item, flow_cmp, flow_hash);
DECLARE_DLIST(ofl_flow_list, struct ofl_flow, list_item);

#define LIST_DIRTY 2 /* 0 and 1 are clean and recheck, by turns */

struct ofl_flowtab {
	struct ofl_flowtab_hash_head hash;
	struct ofl_flow_list_head lists[3];
	uint8_t clean; /* index of the list that is clean now: 0 or 1 */
	/* Marked all while a pass was under way: when it ends, those judged
	 * before the mark are due again.  Only set while recheck holds any. */
	bool again;
	uint64_t next_id;
	struct ofl_pool pool; /* of flows */
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

	ofl_flowtab_hash_init(&tab->hash);
	for (size_t i = 0; i < array_size(tab->lists); i++)
		ofl_flow_list_init(&tab->lists[i]);
	tab->next_id = first_id ? first_id : 1;
	ofl_pool_init(&tab->pool, sizeof(struct ofl_flow));
	return tab;
}

static void flow_free(struct ofl_flowtab *tab, struct ofl_flow *f)
{
	ofl_flow_fini(f);
	ofl_pool_put(&tab->pool, f);
}

void ofl_flowtab_free(struct ofl_flowtab *tab)
{
	struct ofl_flow *f;

	if (!tab)
		return;
	/* By list: popping the hash would look for its first bucket anew each
	 * time.  The bucket array still has to go the library's way. */
	for (size_t i = 0; i < array_size(tab->lists); i++) {
		while ((f = ofl_flow_list_pop(&tab->lists[i]))) {
			ofl_flowtab_hash_del(&tab->hash, f);
			flow_free(tab, f);
		}
		ofl_flow_list_fini(&tab->lists[i]);
	}
	ofl_flowtab_hash_fini(&tab->hash);
	ofl_pool_fini(&tab->pool);
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
	struct ofl_flow ref; /* its key is all that is looked at */

	ref.key = *key;
	return ofl_flowtab_hash_find(&tab->hash, &ref);
}

static struct ofl_flow *flow_new(struct ofl_flowtab *tab,
				 const struct ofl_key *key)
{
	struct ofl_flow *f = ofl_pool_get(&tab->pool);

	f->key = *key;
	f->id = tab->next_id++;
	f->table = OFL_TABLE_NONE;
	f->list = tab->clean;
	ofl_flowtab_hash_add(&tab->hash, f);
	ofl_flow_list_add_tail(&tab->lists[f->list], f);
	/* libfrr's hash grows at a power of two and shrinks one below it: a
	 * single route that flaps there would rehash a million flows twice a
	 * flap.  So it keeps its buckets until the table is empty. */
	tab->hash.hh.minshift = tab->hash.hh.tabshift;
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

struct ofl_flow *ofl_flowtab_find_id(struct ofl_flowtab *tab, uint64_t id)
{
	struct ofl_flow *f;

	/* An index would cost every flow 16 bytes for one show command. */
	frr_each (ofl_flowtab_hash, &tab->hash, f)
		if (f->id == id)
			return f;
	return NULL;
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
	ofl_flowtab_hash_del(&tab->hash, f);
	if (!ofl_flowtab_hash_count(&tab->hash))
		tab->hash.hh.minshift = 0; /* the buckets are freed, too */
	ofl_flow_list_del(&tab->lists[f->list], f);
	begin_further_pass(tab);
	flow_free(tab, f);
}

size_t ofl_flowtab_count(const struct ofl_flowtab *tab)
{
	return ofl_flowtab_hash_count(&tab->hash);
}

void ofl_flowtab_walk(struct ofl_flowtab *tab,
		      bool (*cb)(struct ofl_flow *f, void *arg), void *arg)
{
	struct ofl_flow *f;

	frr_each (ofl_flowtab_hash, &tab->hash, f)
		if (!cb(f, arg))
			return;
}

/* Buckets stand in the order of hash values, whatever their number: where the
 * walk is, is a hash value, and holds though the table grows meanwhile. */
void ofl_flowtab_walk_some(struct ofl_flowtab *tab, uint32_t *at,
			   unsigned int max,
			   void (*cb)(struct ofl_flow *f, void *arg), void *arg)
{
	const struct thash_head *hh = &tab->hash.hh;
	uint32_t size = HASH_SIZE(*hh), i;

	/* One bucket: nothing to be shifted by. */
	for (i = size > 1 ? HASH_KEY(*hh, *at) : 0; i < size && max; i++) {
		struct thash_item *item = hh->entries[i];

		for (; item; item = item->next) {
			cb(container_of(item, struct ofl_flow, hash_item.hi),
			   arg);
			max -= max > 0;
		}
	}
	*at = i < size ? i << (33 - hh->tabshift) : 0;
}

static struct ofl_flow *flow_of(struct thash_item *item)
{
	return container_of(item, struct ofl_flow, hash_item.hi);
}

/* By hash value, as buckets and chains are; those that share one by key. */
static bool comes_after(struct thash_item *item, uint32_t hash,
			const struct ofl_key *key)
{
	if (item->hashval != hash)
		return item->hashval > hash;
	return ofl_key_cmp(&flow_of(item)->key, key) > 0;
}

/* Of a chain, the first that comes after `key`; NULL: any of it does. */
static struct ofl_flow *chain_next(struct thash_item *item, uint32_t hash,
				   const struct ofl_key *key)
{
	struct thash_item *best = NULL;

	for (; item; item = item->next) {
		if (best && item->hashval != best->hashval)
			break; /* the chain is sorted by hash value */
		if (key && !comes_after(item, hash, key))
			continue;
		if (!best ||
		    !comes_after(item, best->hashval, &flow_of(best)->key))
			best = item;
	}
	return best ? flow_of(best) : NULL;
}

struct ofl_flow *ofl_flowtab_next(struct ofl_flowtab *tab,
				  const struct ofl_key *key)
{
	const struct thash_head *hh = &tab->hash.hh;
	uint32_t size = HASH_SIZE(*hh), hash = key ? ofl_key_hash(key) : 0;
	struct ofl_flow *f = NULL;

	for (uint32_t i = size > 1 ? HASH_KEY(*hh, hash) : 0; i < size && !f;
	     i++)
		f = chain_next(hh->entries[i], hash, key);
	return f;
}
