// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Longest prefix match, the table itself: one hash table for all prefixes,
 * asked once for every length in use, longest first.
 *
 * Packets look under RCU.  An entry is never changed, only exchanged for
 * another, so that no packet sees half a result.  Tables of the kernel are
 * asked in the order of its default rules: fib.c refuses all others.
 */
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

#include "lpm.h"
#include "tcamsim.h"

#define MAX_PLEN 128

struct entry {
	struct rhash_head in_table;
	struct rcu_head rcu;
	struct tcamsim_route_key key;
	struct tcamsim_route_result result;
};

struct tcamsim_lpm {
	struct tcamsim *sw;
	struct rhashtable table;
	/* How many entries have this length; packets read it. */
	u32 n_ipv4[MAX_PLEN + 1];
	u32 n_ipv6[MAX_PLEN + 1];
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct entry, in_table),
	.key_offset = offsetof(struct entry, key),
	.key_len = sizeof(struct tcamsim_route_key),
	.automatic_shrinking = true,
};

u32 tcamsim_lpm_slots_of(u8 family)
{
	return family == AF_INET6 ? tcamsim_ipv6_slots : 1;
}

/* ------------------------------------------------------------- packets */

static u32 *lengths_of(struct tcamsim_lpm *lpm, u8 family)
{
	return family == AF_INET6 ? lpm->n_ipv6 : lpm->n_ipv4;
}

static bool find_in_table(struct tcamsim_lpm *lpm, u32 table, u8 family,
			  const struct in6_addr *address,
			  struct tcamsim_route_result *ret)
{
	struct tcamsim_route_key key = { .table = table, .family = family };
	const u32 *lengths = lengths_of(lpm, family);
	const struct entry *entry;
	int plen;

	for (plen = family == AF_INET6 ? 128 : 32; plen >= 0; plen--) {
		if (!READ_ONCE(lengths[plen]))
			continue;
		key.plen = plen;
		ipv6_addr_prefix(&key.prefix, address, plen);
		entry = rhashtable_lookup(&lpm->table, &key, params);
		if (entry) {
			*ret = entry->result;
			return true;
		}
	}
	return false;
}

bool tcamsim_lpm_find(struct tcamsim *sw, const struct net_device *in,
		      const struct tcamsim_frame *frame,
		      struct tcamsim_route_result *ret)
{
	const u32 tables[] = { RT_TABLE_LOCAL, l3mdev_fib_table_rcu(in),
			       RT_TABLE_MAIN, RT_TABLE_DEFAULT };
	struct tcamsim_lpm *lpm = READ_ONCE(sw->lpm);
	u8 family;
	int i;

	if (frame->key.n_proto == htons(ETH_P_IP))
		family = AF_INET;
	else if (frame->key.n_proto == htons(ETH_P_IPV6))
		family = AF_INET6;
	else
		return false;
	if (!lpm)
		return false;
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		if (tables[i] && find_in_table(lpm, tables[i], family,
					       &frame->key.dst, ret))
			return true;
	return false;
}

/* ------------------------------------------------------------- writes */

static void length_count(struct tcamsim_lpm *lpm,
			 const struct tcamsim_route_key *key, int n)
{
	u32 *length = &lengths_of(lpm, key->family)[key->plen];

	WRITE_ONCE(*length, *length + n);
}

static int exchange(struct tcamsim_lpm *lpm, struct entry *old,
		    struct entry *entry)
{
	int err = rhashtable_replace_fast(&lpm->table, &old->in_table,
					  &entry->in_table, params);

	if (!err)
		kfree_rcu(old, rcu);
	return err;
}

static int insert(struct tcamsim_lpm *lpm, struct entry *entry)
{
	int err = rhashtable_insert_fast(&lpm->table, &entry->in_table, params);

	if (!err)
		length_count(lpm, &entry->key, 1);
	return err;
}

static struct entry *entry_new(const struct tcamsim_route_key *key,
			       const struct tcamsim_route_result *result)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (entry) {
		entry->key = *key;
		entry->result = *result;
	}
	return entry;
}

int tcamsim_lpm_set(struct tcamsim *sw, const struct tcamsim_route_key *key,
		    const struct tcamsim_route_result *result,
		    enum tcamsim_write write)
{
	u32 slots = tcamsim_lpm_slots_of(key->family);
	struct tcamsim_lpm *lpm = sw->lpm;
	struct entry *old, *entry;
	int err = 0;

	lockdep_assert_held(&sw->lock);
	old = rhashtable_lookup_fast(&lpm->table, key, params);
	if (!old)
		err = tcamsim_slots_take(sw, TCAMSIM_LPM, slots, NULL);
	if (err)
		return err;
	entry = entry_new(key, result);
	err = -ENOMEM;
	if (!entry)
		goto give;
	err = tcamsim_write_begin(sw, TCAMSIM_LPM, write, NULL);
	if (!err)
		err = old ? exchange(lpm, old, entry) : insert(lpm, entry);
	if (!err)
		return 0;
	kfree(entry);
give:
	if (!old)
		tcamsim_slots_give(sw, TCAMSIM_LPM, slots);
	return err;
}

static void take_out(struct tcamsim_lpm *lpm, struct entry *entry)
{
	rhashtable_remove_fast(&lpm->table, &entry->in_table, params);
	length_count(lpm, &entry->key, -1);
	tcamsim_slots_give(lpm->sw, TCAMSIM_LPM,
			   tcamsim_lpm_slots_of(entry->key.family));
	kfree_rcu(entry, rcu);
}

int tcamsim_lpm_unset(struct tcamsim *sw, const struct tcamsim_route_key *key)
{
	struct entry *entry;
	int err;

	lockdep_assert_held(&sw->lock);
	entry = rhashtable_lookup_fast(&sw->lpm->table, key, params);
	if (!entry)
		return 0;
	err = tcamsim_write_begin(sw, TCAMSIM_LPM, TCAMSIM_DELETES, NULL);
	if (!err)
		take_out(sw->lpm, entry);
	return err;
}

void tcamsim_lpm_lose(struct tcamsim *sw, const struct tcamsim_route_key *key)
{
	struct entry *entry;

	lockdep_assert_held(&sw->lock);
	entry = rhashtable_lookup_fast(&sw->lpm->table, key, params);
	if (entry)
		take_out(sw->lpm, entry);
}

/* ------------------------------------------------------------- life */

struct tcamsim_lpm *tcamsim_lpm_new(struct tcamsim *sw)
{
	struct tcamsim_lpm *lpm = kzalloc(sizeof(*lpm), GFP_KERNEL);

	if (!lpm)
		return NULL;
	lpm->sw = sw;
	if (rhashtable_init(&lpm->table, &params)) {
		kfree(lpm);
		return NULL;
	}
	return lpm;
}

static void entry_drop(void *ptr, void *arg)
{
	struct tcamsim_lpm *lpm = arg;
	struct entry *entry = ptr;

	tcamsim_slots_give(lpm->sw, TCAMSIM_LPM,
			   tcamsim_lpm_slots_of(entry->key.family));
	kfree(entry);
}

void tcamsim_lpm_free(struct tcamsim_lpm *lpm)
{
	struct tcamsim *sw = lpm->sw;

	mutex_lock(&sw->lock); /* of the slots */
	rhashtable_free_and_destroy(&lpm->table, entry_drop, lpm);
	mutex_unlock(&sw->lock);
	kfree(lpm);
}
