// SPDX-License-Identifier: GPL-2.0-or-later
/* Owners of guarded prefixes; see zapi_guard.h. */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/zapi_guard.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZAPI_OWNER, "offload guard owner");

struct item {
	struct ofl_owners_item item;
	struct ofl_key key;
	struct ofl_guard_owner owner;
	uint8_t seen;
};

/* By prefix first: the owners of one prefix are neighbours. */
static int item_cmp(const struct item *a, const struct item *b)
{
	int d = ofl_key_cmp(&a->key, &b->key);

	if (d)
		return d;
	if (a->owner.proto != b->owner.proto)
		return a->owner.proto < b->owner.proto ? -1 : 1;
	if (a->owner.ifindex != b->owner.ifindex)
		return a->owner.ifindex < b->owner.ifindex ? -1 : 1;
	return ofl_prefix_cmp(&a->owner.src, &b->owner.src);
}

DECLARE_RBTREE_UNIQ(ofl_owners, struct item, item, item_cmp);

static uint8_t *generation(struct ofl_zapi_guards *g, uint8_t proto)
{
	return &g->generation[proto != OFL_PROTO_LOCAL];
}

void ofl_zapi_guards_init(struct ofl_zapi_guards *g, struct ofl_rib *rib)
{
	g->rib = rib;
	memset(g->generation, 0, sizeof(g->generation));
	ofl_owners_init(&g->owners);
}

void ofl_zapi_guards_fini(struct ofl_zapi_guards *g)
{
	struct item *it;

	/* The guards stay in the rib, as its routes do. */
	while ((it = ofl_owners_pop(&g->owners)))
		XFREE(MTYPE_OFL_ZAPI_OWNER, it);
	ofl_owners_fini(&g->owners);
}

void ofl_zapi_guards_add(struct ofl_zapi_guards *g, const struct ofl_key *key,
			 const struct ofl_guard_owner *owner)
{
	struct item ref = {.key = *key, .owner = *owner}, *it;

	it = ofl_owners_find(&g->owners, &ref);
	if (!it) {
		it = XMALLOC(MTYPE_OFL_ZAPI_OWNER, sizeof(*it));
		*it = ref;
		ofl_owners_add(&g->owners, it);
		ofl_rib_guard_add(g->rib, key, owner->proto);
	}
	it->seen = *generation(g, owner->proto);
}

static void item_del(struct ofl_zapi_guards *g, struct item *it)
{
	struct item first = {.key = it->key};
	const struct item *left;

	ofl_owners_del(&g->owners, it);
	left = ofl_owners_find_gteq(&g->owners, &first);
	if (left && !ofl_key_cmp(&left->key, &it->key))
		ofl_rib_guard_add(g->rib, &it->key, left->owner.proto);
	else
		ofl_rib_guard_del(g->rib, &it->key);
	XFREE(MTYPE_OFL_ZAPI_OWNER, it);
}

void ofl_zapi_guards_del(struct ofl_zapi_guards *g, const struct ofl_key *key,
			 const struct ofl_guard_owner *owner)
{
	struct item ref = {.key = *key, .owner = *owner}, *it;

	it = ofl_owners_find(&g->owners, &ref);
	if (it)
		item_del(g, it);
}

/* --- addresses --- */

/* Blocks that are guarded as a whole: no flow for each address in them. */
static bool is_within_reserved(uint8_t family, const uint8_t *a)
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (family == AF_INET)
		return a[0] == 127;
	return (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) ||
	       !memcmp(a, loopback, sizeof(loopback));
}

static void host(struct ofl_zapi_guards *g, uint32_t vrf,
		 const struct ofl_zapi_address *a, const uint8_t *addr,
		 bool add)
{
	const struct ofl_guard_owner owner = {
		.proto = OFL_PROTO_LOCAL,
		.ifindex = a->ifindex,
	};
	struct ofl_key key = {
		.vrf = vrf,
		.p = ofl_prefix_make(a->family, addr,
				     ofl_family_bits(a->family)),
	};

	if (add)
		ofl_zapi_guards_add(g, &key, &owner);
	else
		ofl_zapi_guards_del(g, &key, &owner);
}

void ofl_zapi_guards_address(struct ofl_zapi_guards *g, uint32_t vrf,
			     const struct ofl_zapi_address *a, bool add)
{
	uint8_t broadcast[16];

	if (is_within_reserved(a->family, a->addr))
		return;
	host(g, vrf, a, a->addr, add);
	if (a->family != AF_INET || a->is_peer || a->plen > 30)
		return;
	memcpy(broadcast, a->addr, sizeof(broadcast));
	for (unsigned int bit = a->plen; bit < 32; bit++)
		broadcast[bit >> 3] |= 0x80 >> (bit & 7);
	host(g, vrf, a, broadcast, add);
}

/* --- many at once --- */

void ofl_zapi_guards_vrf_del(struct ofl_zapi_guards *g, uint32_t vrf,
			     uint8_t proto, uint32_t ifindex)
{
	struct item *it;

	frr_each_safe (ofl_owners, &g->owners, it)
		if (it->key.vrf == vrf && it->owner.proto == proto &&
		    (!ifindex || it->owner.ifindex == ifindex))
			item_del(g, it);
}

void ofl_zapi_guards_replay(struct ofl_zapi_guards *g, uint32_t vrf)
{
	struct item *it;

	frr_each (ofl_owners, &g->owners, it)
		if (it->key.vrf == vrf)
			ofl_rib_guard_add(g->rib, &it->key, it->owner.proto);
}

void ofl_zapi_guards_sync_begin(struct ofl_zapi_guards *g, uint8_t proto)
{
	++*generation(g, proto);
}

void ofl_zapi_guards_sync_end(struct ofl_zapi_guards *g)
{
	struct item *it;

	frr_each_safe (ofl_owners, &g->owners, it)
		if (it->seen != *generation(g, it->owner.proto))
			item_del(g, it);
}
