// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shape of the kernel's routes; see fibtree.h.
 *
 * A branch point is a node like any other that is not known: the routes of a
 * full table are the leaves, and a second kind would save little.  A known
 * node that goes stays as a branch point while it has two children.
 */
#include <zebra.h>

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/fibtree.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBTREE, "offload kernel table");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBTREES, "offload kernel tables");

static int tree_cmp(const struct ofl_fibtree *a, const struct ofl_fibtree *b)
{
	return a->table != b->table || a->family != b->family;
}

static uint32_t tree_hash(const struct ofl_fibtree *t)
{
	return jhash_2words(t->table, t->family, 0x0ff10ad);
}

DECLARE_HASH(ofl_fibtrees, struct ofl_fibtree, item, tree_cmp, tree_hash);

static size_t addr_bytes(bool v6)
{
	return v6 ? 16 : 4;
}

void ofl_fibforest_init(struct ofl_fibforest *f)
{
	memset(f, 0, sizeof(*f));
	ofl_fibtrees_init(&f->trees);
	for (int v6 = 0; v6 < 2; v6++)
		ofl_slab_kind_init(
			&f->nodes[v6], &f->slab,
			offsetof(struct ofl_fibnode, addr) + addr_bytes(v6), 0);
}

static struct ofl_fibtree *tree_find(struct ofl_fibforest *f, uint32_t table,
				     uint8_t family)
{
	struct ofl_fibtree ref = {.table = table, .family = family};

	return ofl_fibtrees_find(&f->trees, &ref);
}

static struct ofl_fibtree *tree_new(struct ofl_fibforest *f, uint32_t table,
				    uint8_t family)
{
	struct ofl_fibtree *t = XCALLOC(MTYPE_OFL_FIBTREE, sizeof(*t));
	uint32_t id = 0;

	while (id < f->tree_size && f->tree[id])
		id++;
	assert(id <= UINT16_MAX);
	if (id == f->tree_size) {
		f->tree_size = f->tree_size ? 2 * f->tree_size : 4;
		f->tree = XREALLOC(MTYPE_OFL_FIBTREES, f->tree,
				   f->tree_size * sizeof(*f->tree));
		memset(&f->tree[id], 0, (f->tree_size - id) * sizeof(*f->tree));
	}
	t->table = table;
	t->family = family;
	t->id = id;
	f->tree[id] = t;
	ofl_fibtrees_add(&f->trees, t);
	return t;
}

static void tree_free(struct ofl_fibforest *f, struct ofl_fibtree *t)
{
	ofl_fibtrees_del(&f->trees, t);
	f->tree[t->id] = NULL;
	XFREE(MTYPE_OFL_FIBTREE, t);
}

/* What points at n: in its parent, or the root. */
static uint32_t *slot_of(struct ofl_fibforest *f, const struct ofl_fibnode *n)
{
	struct ofl_fibnode *up = ofl_fibnode_at(f, n->parent);

	return up ? &up->child[ofl_addr_bit(n->addr, up->plen)]
		  : &f->tree[n->tree]->root;
}

static uint32_t node_new(struct ofl_fibforest *f, const struct ofl_fibtree *t,
			 const uint8_t *addr, uint8_t plen)
{
	bool v6 = t->family == AF_INET6;
	struct ofl_prefix p = ofl_prefix_make(t->family, addr, plen);
	uint32_t h = ofl_slab_get(&f->nodes[v6]);
	struct ofl_fibnode *n = ofl_fibnode_at(f, h);

	n->tree = t->id;
	n->v6 = v6;
	n->plen = plen;
	memcpy(n->addr, p.addr, addr_bytes(v6));
	return h;
}

static void adopt(struct ofl_fibforest *f, uint32_t parent, uint32_t child)
{
	struct ofl_fibnode *up = ofl_fibnode_at(f, parent);
	struct ofl_fibnode *n = ofl_fibnode_at(f, child);

	up->child[ofl_addr_bit(n->addr, up->plen)] = child;
	n->parent = parent;
}

uint32_t ofl_fibnode_find(struct ofl_fibforest *f, const struct ofl_key *key)
{
	struct ofl_fibtree *t = tree_find(f, key->vrf, key->p.family);
	uint32_t h = t ? t->root : 0;
	struct ofl_fibnode *n = ofl_fibnode_at(f, h);

	while (n && n->plen < key->p.plen) {
		h = n->child[ofl_addr_bit(key->p.addr, n->plen)];
		n = ofl_fibnode_at(f, h);
	}
	if (!n || n->plen != key->p.plen ||
	    ofl_addr_common(n->addr, key->p.addr, n->plen) < n->plen)
		return 0;
	return h;
}

/* `h` differs from key after `common` bits, or lies below key. */
static uint32_t insert_above(struct ofl_fibforest *f, struct ofl_fibtree *t,
			     uint32_t h, const struct ofl_key *key,
			     unsigned int common)
{
	uint32_t made = node_new(f, t, key->p.addr, key->p.plen), top = made;
	struct ofl_fibnode *n = ofl_fibnode_at(f, h);

	if (common < key->p.plen)
		top = node_new(f, t, key->p.addr, common);
	*slot_of(f, n) = top;
	ofl_fibnode_at(f, top)->parent = n->parent;
	adopt(f, top, h);
	if (top != made)
		adopt(f, top, made);
	return made;
}

uint32_t ofl_fibnode_get(struct ofl_fibforest *f, const struct ofl_key *key)
{
	struct ofl_fibtree *t = tree_find(f, key->vrf, key->p.family);
	uint32_t h, down;

	if (!t)
		t = tree_new(f, key->vrf, key->p.family);
	if (!t->root) {
		t->root = node_new(f, t, key->p.addr, key->p.plen);
		return t->root;
	}
	for (h = t->root;; h = down) {
		struct ofl_fibnode *n = ofl_fibnode_at(f, h);
		unsigned int common = ofl_addr_common(
			n->addr, key->p.addr, MIN(n->plen, key->p.plen));

		if (common < n->plen)
			return insert_above(f, t, h, key, common);
		if (n->plen == key->p.plen)
			return h;
		down = n->child[ofl_addr_bit(key->p.addr, n->plen)];
		if (down)
			continue;
		down = node_new(f, t, key->p.addr, key->p.plen);
		adopt(f, h, down);
		return down;
	}
}

void ofl_fibnode_del(struct ofl_fibforest *f, uint32_t handle)
{
	while (handle) {
		struct ofl_fibnode *n = ofl_fibnode_at(f, handle);
		struct ofl_fibtree *t = f->tree[n->tree];
		uint32_t up = n->parent;
		uint32_t only = n->child[0] ? n->child[0] : n->child[1];

		if (n->known || (n->child[0] && n->child[1]))
			return;
		*slot_of(f, n) = only;
		if (only)
			ofl_fibnode_at(f, only)->parent = up;
		ofl_slab_put(&f->nodes[n->v6], handle);
		if (!t->root)
			tree_free(f, t);
		handle = only ? 0 : up; /* a branch that leads nowhere now */
	}
}

struct ofl_key ofl_fibnode_key(const struct ofl_fibforest *f,
			       const struct ofl_fibnode *n)
{
	struct ofl_key key = {
		.vrf = f->tree[n->tree]->table,
		.p = {.family = n->v6 ? AF_INET6 : AF_INET, .plen = n->plen},
	};

	memcpy(key.p.addr, n->addr, addr_bytes(n->v6));
	return key;
}

struct ofl_fibnode *ofl_fibnode_entry_above(const struct ofl_fibforest *f,
					    const struct ofl_fibnode *n)
{
	do {
		n = ofl_fibnode_at(f, n->parent);
	} while (n && !ofl_fibnode_is_entry(n));
	return (struct ofl_fibnode *)n;
}

bool ofl_fibnode_is_below(const struct ofl_fibnode *n,
			  const struct ofl_fibnode *above)
{
	return n->tree == above->tree && n->plen >= above->plen &&
	       ofl_addr_common(n->addr, above->addr, above->plen) ==
		       above->plen;
}

uint32_t ofl_fibnode_next(const struct ofl_fibforest *f, uint32_t top,
			  uint32_t at, bool descend)
{
	struct ofl_fibnode *n = ofl_fibnode_at(f, at ? at : top), *up;

	if (descend && n->child[0])
		return n->child[0];
	if (descend && n->child[1])
		return n->child[1];
	for (; n != ofl_fibnode_at(f, top); n = up) {
		up = ofl_fibnode_at(f, n->parent);
		if (up->child[1] && !ofl_addr_bit(n->addr, up->plen))
			return up->child[1];
	}
	return 0;
}

uint32_t ofl_fibnode_scan(const struct ofl_fibforest *f, uint64_t *at)
{
	for (;;) {
		unsigned int v6 = *at >> 32;
		uint32_t h;

		if (v6 > 1)
			return 0;
		h = ofl_slab_next(&f->nodes[v6], (uint32_t)*at);
		if (h) {
			*at = ((uint64_t)v6 << 32) + h + 1;
			return h;
		}
		*at = (uint64_t)(v6 + 1) << 32;
	}
}

void ofl_fibforest_fini(struct ofl_fibforest *f)
{
	for (uint32_t id = 0; id < f->tree_size; id++) {
		struct ofl_fibtree *t = f->tree[id];
		uint32_t h = t ? t->root : 0;

		/* Depth first without a stack: what is freed is unlinked. */
		while (h) {
			struct ofl_fibnode *n = ofl_fibnode_at(f, h);
			uint32_t down = n->child[0] ? n->child[0] : n->child[1];
			uint32_t up = n->parent;

			if (!down) {
				*slot_of(f, n) = 0;
				ofl_slab_put(&f->nodes[n->v6], h);
			}
			h = down ? down : up;
		}
		if (t)
			tree_free(f, t);
	}
	XFREE(MTYPE_OFL_FIBTREES, f->tree);
	ofl_fibtrees_fini(&f->trees);
}
