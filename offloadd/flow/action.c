// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interned actions.
 *
 * A million routes share a few thousand next-hop groups: kept once, compared
 * by pointer or id.  Two hashes, by content (to intern) and by id (operations
 * and hardware entries name an action by id).  The module refuses to interpret
 * an action; that is a provider's trade.  Neighbours: source makes actions,
 * flows hold them, the engine looks them up for operations.
 */
#include <zebra.h>

#include "jhash.h"
#include "typesafe.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/flow/action.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACTION, "offload action");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACTION_SCRATCH, "offload action scratch");

PREDECL_HASH(by_content);
PREDECL_HASH(by_id);

struct node {
	struct by_content_item content_item;
	struct by_id_item id_item;
	struct ofl_action a; /* ends in its next hops: must be last */
};

/* Next hops are hashed and compared as bytes. */
static_assert(sizeof(struct ofl_nexthop) == 32, "no padding in a next hop");

static int content_cmp(const struct node *x, const struct node *y)
{
	if (x->a.kind != y->a.kind)
		return (int)x->a.kind - (int)y->a.kind;
	if (x->a.nh_count != y->a.nh_count)
		return (int)x->a.nh_count - (int)y->a.nh_count;
	return memcmp(x->a.nh, y->a.nh, x->a.nh_count * sizeof(x->a.nh[0]));
}

static uint32_t content_hash(const struct node *x)
{
	return jhash(x->a.nh, x->a.nh_count * sizeof(x->a.nh[0]), x->a.kind);
}

static int id_cmp(const struct node *x, const struct node *y)
{
	return x->a.id < y->a.id ? -1 : x->a.id > y->a.id;
}

static uint32_t id_hash(const struct node *x)
{
	return jhash_1word(x->a.id, 0);
}

DECLARE_HASH(by_content, struct node, content_item, content_cmp, content_hash);
DECLARE_HASH(by_id, struct node, id_item, id_cmp, id_hash);

static struct by_content_head actions_by_content;
static struct by_id_head actions_by_id;
static uint32_t last_id;

/* Canonical content is built here: a look-up that finds allocates nothing. */
static struct node *scratch;
static size_t scratch_room;

static size_t node_size(size_t nh_count)
{
	return sizeof(struct node) + nh_count * sizeof(struct ofl_nexthop);
}

void ofl_action_init(void)
{
	by_content_init(&actions_by_content);
	by_id_init(&actions_by_id);
	last_id = 0;
}

void ofl_action_fini(void)
{
	assert(by_id_count(&actions_by_id) == 0);
	by_content_fini(&actions_by_content);
	by_id_fini(&actions_by_id);
	XFREE(MTYPE_OFL_ACTION_SCRATCH, scratch);
	scratch_room = 0;
}

/* Order of next hops; the weight is no part of a next hop's identity. */
static int nexthop_cmp(const struct ofl_nexthop *x, const struct ofl_nexthop *y)
{
	int diff;

	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	if (x->vrf != y->vrf)
		return x->vrf < y->vrf ? -1 : 1;
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	diff = memcmp(x->gw, y->gw, sizeof(x->gw));
	return diff ? diff : memcmp(x->mac, y->mac, sizeof(x->mac));
}

/* Insertion sort: groups are short, mostly sorted already, and the first of
 * two equal next hops must win. */
static void scratch_add(const struct ofl_nexthop *nh)
{
	struct ofl_action *a = &scratch->a;
	size_t at = a->nh_count;
	int diff = 1;

	while (at > 0 && (diff = nexthop_cmp(&a->nh[at - 1], nh)) > 0)
		at--;
	if (at > 0 && diff == 0)
		return;
	memmove(&a->nh[at + 1], &a->nh[at],
		(a->nh_count - at) * sizeof(a->nh[0]));
	a->nh[at] = *nh;
	a->nh_count++;
}

static void scratch_set(enum ofl_action_kind kind, const struct ofl_nexthop *nh,
			size_t nh_count)
{
	if (!scratch || nh_count > scratch_room) {
		scratch_room = nh_count > 16 ? nh_count : 16;
		scratch = XREALLOC(MTYPE_OFL_ACTION_SCRATCH, scratch,
				   node_size(scratch_room));
	}
	memset(scratch, 0, sizeof(*scratch));
	scratch->a.kind = kind;
	for (size_t i = 0; i < nh_count; i++) {
		struct ofl_nexthop clean = nh[i];

		/* Bytes that mean nothing must not make a difference. */
		if (clean.family == AF_INET)
			memset(clean.gw + 4, 0, sizeof(clean.gw) - 4);
		if (!clean.weight)
			clean.weight = 1;
		scratch_add(&clean);
	}
}

/* After 2^32 actions the count starts again; skip what is still alive. */
static uint32_t next_id(void)
{
	do {
		last_id++;
	} while (last_id == 0 || ofl_action_find(last_id));
	return last_id;
}

struct ofl_action *ofl_action_get(enum ofl_action_kind kind,
				  const struct ofl_nexthop *nh, size_t nh_count)
{
	struct node *node;

	assert(nh_count <= UINT16_MAX);
	if (kind == OFL_ACTION_BLACKHOLE)
		nh_count = 0;
	else
		assert(nh_count >= 1);

	scratch_set(kind, nh, nh_count);
	node = by_content_find(&actions_by_content, scratch);
	if (node)
		return ofl_action_ref(&node->a);

	node = XMALLOC(MTYPE_OFL_ACTION, node_size(scratch->a.nh_count));
	memcpy(node, scratch, node_size(scratch->a.nh_count));
	node->a.refs = 1;
	node->a.id = next_id();
	by_content_add(&actions_by_content, node);
	by_id_add(&actions_by_id, node);
	return &node->a;
}

struct ofl_action *ofl_action_ref(struct ofl_action *a)
{
	if (a)
		a->refs++;
	return a;
}

void ofl_action_unref(struct ofl_action *a)
{
	struct node *node;

	if (!a)
		return;
	assert(a->refs > 0);
	if (--a->refs > 0)
		return;
	node = container_of(a, struct node, a);
	by_content_del(&actions_by_content, node);
	by_id_del(&actions_by_id, node);
	XFREE(MTYPE_OFL_ACTION, node);
}

struct ofl_action *ofl_action_find(uint32_t id)
{
	struct node key = {.a = {.id = id}};
	struct node *node = by_id_find(&actions_by_id, &key);

	return node ? &node->a : NULL;
}

size_t ofl_action_count(void)
{
	return by_id_count(&actions_by_id);
}
