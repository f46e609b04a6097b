// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table that is full so soon: entries in chains in regions, looked
 * through in order as a TCAM does in one clock.
 *
 * Slots are counted for the whole switch, so that regions compete.  An entry
 * the hardware lost stays known here, as it does in a real driver: the kernel
 * believes it is there and will delete it one day.
 */
#include <linux/rculist.h>
#include <linux/slab.h>

#include "tcamsim.h"

static struct kmem_cache *entries;

int tcamsim_tcam_init(void)
{
	entries = kmem_cache_create("tcamsim_entry",
				    sizeof(struct tcamsim_entry), 0, 0, NULL);
	return entries ? 0 : -ENOMEM;
}

void tcamsim_tcam_fini(void)
{
	rcu_barrier();
	kmem_cache_destroy(entries);
}

/* ------------------------------------------------------------- chains */

static struct tcamsim_chain *chain_find(const struct tcamsim_region *region,
					u32 index)
{
	struct tcamsim_chain *chain;

	list_for_each_entry_rcu(chain, &region->chains, in_region,
				lockdep_is_held(&region->sw->lock))
		if (chain->index == index)
			return chain;
	return NULL;
}

static struct tcamsim_chain *chain_get(struct tcamsim_region *region, u32 index)
{
	struct tcamsim_chain *chain = chain_find(region, index);

	if (!chain) {
		chain = kzalloc(sizeof(*chain), GFP_KERNEL);
		if (!chain)
			return NULL;
		chain->index = index;
		INIT_LIST_HEAD(&chain->entries);
		list_add_tail_rcu(&chain->in_region, &region->chains);
	}
	chain->n_entries++;
	return chain;
}

static void chain_put(struct tcamsim_chain *chain)
{
	if (--chain->n_entries)
		return;
	list_del_rcu(&chain->in_region);
	kfree_rcu(chain, rcu);
}

/* ------------------------------------------------------------- entries */

static void entry_free_rcu(struct rcu_head *rcu)
{
	struct tcamsim_entry *entry =
		container_of(rcu, struct tcamsim_entry, rcu);

	tcamsim_actions_fini(&entry->actions);
	kmem_cache_free(entries, entry);
}

/* Behind the last entry of the same or a lower pref: most come in order. */
static void entry_insert(struct tcamsim_entry *entry)
{
	struct list_head *chain = &entry->chain->entries;
	struct tcamsim_entry *other;

	list_for_each_entry_reverse(other, chain, in_chain) {
		if (other->prio <= entry->prio) {
			list_add_rcu(&entry->in_chain, &other->in_chain);
			return;
		}
	}
	list_add_rcu(&entry->in_chain, chain);
}

/* Out of the hardware: it matches nothing and holds no slot any more. */
static void entry_remove(struct tcamsim_entry *entry)
{
	if (!entry->installed)
		return;
	entry->installed = false;
	list_del_rcu(&entry->in_chain);
	tcamsim_slots_give(entry->region->sw, TCAMSIM_TCAM,
			   entry->match.slots);
}

static void entry_forget(struct tcamsim_entry *entry)
{
	entry_remove(entry);
	if (!entry->doomed)
		hash_del(&entry->by_cookie);
	list_del(&entry->in_region);
	chain_put(entry->chain);
	call_rcu(&entry->rcu, entry_free_rcu);
}

/* Any region of the switch: a cookie is the address of a filter. */
static struct tcamsim_entry *entry_find(struct tcamsim *sw,
					unsigned long cookie)
{
	struct tcamsim_entry *entry;

	hash_for_each_possible(sw->by_cookie, entry, by_cookie, cookie)
		if (entry->cookie == cookie)
			return entry;
	return NULL;
}

static struct tcamsim_entry *
entry_new(struct tcamsim_region *region, unsigned long cookie, u32 chain,
	  u32 prio, const struct tcamsim_match *match,
	  const struct tcamsim_actions *actions)
{
	struct tcamsim_entry *entry = kmem_cache_zalloc(entries, GFP_KERNEL);

	if (!entry)
		return NULL;
	entry->chain = chain_get(region, chain);
	if (!entry->chain) {
		kmem_cache_free(entries, entry);
		return NULL;
	}
	entry->region = region;
	entry->cookie = cookie;
	entry->prio = prio;
	entry->match = *match;
	entry->actions = *actions;
	entry->last_hit = jiffies;
	return entry;
}

int tcamsim_entry_add(struct tcamsim_region *region, unsigned long cookie,
		      u32 chain, u32 prio, const struct tcamsim_match *match,
		      const struct tcamsim_actions *actions,
		      struct netlink_ext_ack *extack)
{
	struct tcamsim *sw = region->sw;
	struct tcamsim_entry *entry;
	int err;

	lockdep_assert_held(&sw->lock);
	err = tcamsim_slots_take(sw, TCAMSIM_TCAM, match->slots, extack);
	if (err)
		return err;
	err = tcamsim_write_begin(sw, TCAMSIM_TCAM, TCAMSIM_ADDS, extack);
	if (err)
		goto give;
	err = -ENOMEM;
	entry = entry_new(region, cookie, chain, prio, match, actions);
	if (!entry)
		goto give;
	entry->installed = true;
	hash_add(sw->by_cookie, &entry->by_cookie, cookie);
	list_add_tail(&entry->in_region, &region->entries);
	entry_insert(entry);
	return 0;
give:
	tcamsim_slots_give(sw, TCAMSIM_TCAM, match->slots);
	return err;
}

int tcamsim_entry_del(struct tcamsim_region *region, unsigned long cookie)
{
	struct tcamsim *sw = region->sw;
	struct tcamsim_entry *entry;

	lockdep_assert_held(&sw->lock);
	entry = entry_find(sw, cookie);
	if (!entry)
		return -ENOENT;
	/*
	 * The kernel takes no answer to a delete.  What the device did not
	 * hear goes on matching packets until it can be told again.
	 */
	if (entry->installed &&
	    tcamsim_write_begin(sw, TCAMSIM_TCAM, TCAMSIM_DELETES, NULL)) {
		hash_del(&entry->by_cookie);
		entry->doomed = true;
		return 0;
	}
	entry_forget(entry);
	return 0;
}

int tcamsim_entry_stats(struct tcamsim_region *region, unsigned long cookie,
			u64 *ret_packets, u64 *ret_bytes,
			unsigned long *ret_last_hit)
{
	struct tcamsim_entry *entry;
	u64 packets, bytes;

	lockdep_assert_held(&region->sw->lock);
	entry = entry_find(region->sw, cookie);
	if (!entry)
		return -ENOENT;
	packets = entry->told_packets;
	bytes = entry->told_bytes;
	if (!region->sw->faults.silent) {
		packets = atomic64_read(&entry->packets);
		bytes = atomic64_read(&entry->bytes);
	}
	*ret_packets = packets - entry->told_packets;
	*ret_bytes = bytes - entry->told_bytes;
	*ret_last_hit = READ_ONCE(entry->last_hit);
	entry->told_packets = packets;
	entry->told_bytes = bytes;
	return 0;
}

int tcamsim_entry_evict(struct tcamsim *sw, unsigned long cookie)
{
	struct tcamsim_entry *entry;

	lockdep_assert_held(&sw->lock);
	entry = entry_find(sw, cookie);
	if (!entry || !entry->installed)
		return -ENOENT;
	entry_remove(entry);
	return 0;
}

/* do(entry) for each entry of the switch; how many times it said yes. */
static unsigned int for_each_entry(struct tcamsim *sw,
				   bool (*do_one)(struct tcamsim_entry *entry,
						  unsigned long arg),
				   unsigned long arg)
{
	struct tcamsim_entry *entry, *next;
	struct tcamsim_region *region;
	unsigned int n = 0;

	lockdep_assert_held(&sw->lock);
	list_for_each_entry(region, &sw->regions, in_switch)
		list_for_each_entry_safe(entry, next, &region->entries,
					 in_region)
			n += do_one(entry, arg);
	return n;
}

static bool age_one(struct tcamsim_entry *entry, unsigned long idle)
{
	if (!entry->installed ||
	    time_before(jiffies, READ_ONCE(entry->last_hit) + idle))
		return false;
	entry_remove(entry);
	return true;
}

unsigned int tcamsim_tcam_age(struct tcamsim *sw, unsigned long jiffies_idle)
{
	return for_each_entry(sw, age_one, jiffies_idle);
}

static bool bury_one(struct tcamsim_entry *entry, unsigned long arg)
{
	if (!entry->doomed)
		return false;
	entry_forget(entry);
	return true;
}

void tcamsim_tcam_catch_up(struct tcamsim *sw)
{
	for_each_entry(sw, bury_one, 0);
}

/* ------------------------------------------------------------- packets */

struct tcamsim_entry *tcamsim_tcam_find(const struct tcamsim_region *region,
					u32 chain_index,
					const struct tcamsim_frame *frame)
{
	struct tcamsim_chain *chain = chain_find(region, chain_index);
	struct tcamsim_entry *entry;

	if (!chain)
		return NULL;
	list_for_each_entry_rcu(entry, &chain->entries, in_chain)
		if (tcamsim_match_hits(&entry->match, frame))
			return entry;
	return NULL;
}

void tcamsim_entry_count(struct tcamsim_entry *entry, unsigned int bytes)
{
	atomic64_inc(&entry->packets);
	atomic64_add(bytes, &entry->bytes);
	WRITE_ONCE(entry->last_hit, jiffies);
}

/* ------------------------------------------------------------- regions */

struct tcamsim_region *tcamsim_region_new(struct tcamsim *sw)
{
	struct tcamsim_region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	if (!region)
		return NULL;
	region->sw = sw;
	INIT_LIST_HEAD(&region->chains);
	INIT_LIST_HEAD(&region->entries);
	mutex_lock(&sw->lock);
	region->id = ++sw->last_region;
	list_add_tail(&region->in_switch, &sw->regions);
	mutex_unlock(&sw->lock);
	return region;
}

void tcamsim_region_free(struct tcamsim_region *region)
{
	struct tcamsim_entry *entry, *next;
	struct tcamsim *sw = region->sw;

	mutex_lock(&sw->lock);
	list_for_each_entry_safe(entry, next, &region->entries, in_region)
		entry_forget(entry);
	list_del(&region->in_switch);
	mutex_unlock(&sw->lock);
	kfree_rcu(region, rcu);
}
