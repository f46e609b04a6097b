// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The prefix forest: path-compressed binary tries, one per VRF and family.
 *
 * Only shape lives here: what a node means is the business of the others.
 * Lookups and changes walk down from the root; depth on real tables is some
 * twenty branch points.
 */
#include <zebra.h>

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/lpm.h"
#include "offloadd/placement/value.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LPM_TREE, "offload placement tree");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LPM_TREES, "offload placement trees");

struct ofl_slab ofl_lpm_slab;

static_assert(offsetof(struct ofl_lpm_node, b.addr) + 4 <= 112,
	      "there are a million routes of IPv4");
static_assert(OFL_REASON_MAX <= 64, "a reason has six bits");

static int tree_cmp(const struct ofl_lpm_tree *a, const struct ofl_lpm_tree *b)
{
	return a->vrf != b->vrf || a->family != b->family;
}

static uint32_t tree_hash(const struct ofl_lpm_tree *t)
{
	return jhash_2words(t->vrf, t->family, 0x0ff10ad);
}

DECLARE_HASH(ofl_lpm_trees, struct ofl_lpm_tree, item, tree_cmp, tree_hash);

static struct ofl_lpm_tree *tree_new(struct ofl_place *p, uint32_t vrf,
				     uint8_t family)
{
	struct ofl_lpm_tree *t = XCALLOC(MTYPE_OFL_LPM_TREE, sizeof(*t));
	uint32_t id = 0;

	while (id < p->tree_size && p->tree[id])
		id++;
	assert(id <= UINT16_MAX);
	if (id == p->tree_size) {
		p->tree_size = p->tree_size ? 2 * p->tree_size : 4;
		p->tree = XREALLOC(MTYPE_OFL_LPM_TREES, p->tree,
				   p->tree_size * sizeof(*p->tree));
		memset(&p->tree[id], 0, (p->tree_size - id) * sizeof(*p->tree));
	}
	t->vrf = vrf;
	t->family = family;
	t->id = id;
	t->sum = p->sum;
	p->tree[id] = t;
	ofl_lpm_trees_add(&p->trees, t);
	return t;
}

static void tree_free(struct ofl_place *p, struct ofl_lpm_tree *t)
{
	ofl_value_forget(p, t);
	ofl_lpm_trees_del(&p->trees, t);
	p->tree[t->id] = NULL;
	p->last_tree = NULL;
	XFREE(MTYPE_OFL_LPM_TREE, t);
}

static struct ofl_lpm_tree *tree_get(struct ofl_place *p, uint32_t vrf,
				     uint8_t family, bool make)
{
	struct ofl_lpm_tree ref = {.vrf = vrf, .family = family};
	struct ofl_lpm_tree *t = p->last_tree;

	if (t && t->vrf == vrf && t->family == family)
		return t;
	t = ofl_lpm_trees_find(&p->trees, &ref);
	if (!t && make)
		t = tree_new(p, vrf, family);
	if (t)
		p->last_tree = t;
	return t;
}

struct ofl_lpm_tree *ofl_lpm_tree_find(struct ofl_place *p, uint32_t vrf,
				       uint8_t family)
{
	return tree_get(p, vrf, family, false);
}

struct ofl_lpm_tree *ofl_lpm_tree_of(const struct ofl_place *p,
				     const struct ofl_lpm_node *n)
{
	return p->tree[n->tree];
}

static size_t addr_bytes(const struct ofl_lpm_base *b)
{
	return b->v6 ? 16 : 4;
}

struct ofl_prefix ofl_lpm_prefix(const struct ofl_lpm_base *b)
{
	struct ofl_prefix prefix = {
		.family = b->v6 ? AF_INET6 : AF_INET,
		.plen = b->plen,
	};

	memcpy(prefix.addr, b->addr, addr_bytes(b));
	return prefix;
}

struct ofl_key ofl_lpm_key(const struct ofl_place *p,
			   const struct ofl_lpm_node *n)
{
	return (struct ofl_key){.vrf = ofl_lpm_tree_of(p, n)->vrf,
				.p = ofl_lpm_prefix(&n->b)};
}

/* What points at b: in its parent, or the root. */
static uint32_t *slot_of(struct ofl_lpm_tree *t, const struct ofl_lpm_base *b)
{
	struct ofl_lpm_base *up = ofl_lpm_parent(b);

	if (!up)
		return &t->root;
	return &up->child[ofl_addr_bit(b->addr, up->plen)];
}

static void adopt(uint32_t parent, uint32_t child)
{
	struct ofl_lpm_base *up = ofl_lpm_at(parent), *b = ofl_lpm_at(child);

	up->child[ofl_addr_bit(b->addr, up->plen)] = child;
	b->parent = parent;
}

static void base_fill(struct ofl_lpm_base *b, const struct ofl_lpm_tree *t,
		      const uint8_t *addr, uint8_t plen)
{
	struct ofl_prefix p = ofl_prefix_make(t->family, addr, plen);

	b->v6 = t->family == AF_INET6;
	b->plen = plen;
	memcpy(b->addr, p.addr, addr_bytes(b));
}

static uint32_t node_new(struct ofl_place *p, const struct ofl_lpm_tree *t,
			 const struct ofl_key *key)
{
	uint32_t h = ofl_slab_get(&p->nodes[t->family == AF_INET6]);
	struct ofl_lpm_base *b = ofl_lpm_at(h);

	base_fill(b, t, key->p.addr, key->p.plen);
	ofl_lpm_of(b)->tree = t->id;
	return h;
}

static uint32_t glue_new(struct ofl_place *p, const struct ofl_lpm_tree *t,
			 const uint8_t *addr, uint8_t plen)
{
	uint32_t h = ofl_slab_get(&p->glue[t->family == AF_INET6]);
	struct ofl_lpm_base *b = ofl_lpm_at(h);

	base_fill(b, t, addr, plen);
	b->glue = true;
	return h;
}

static void base_free(struct ofl_place *p, uint32_t h)
{
	struct ofl_lpm_base *b = ofl_lpm_at(h);

	ofl_slab_put(b->glue ? &p->glue[b->v6] : &p->nodes[b->v6], h);
}

/* A node that is new or about to go has neither route nor entry: what is said
 * of the branch point in its place, or of the one below it, holds for it. */
static void copy_bare(struct ofl_lpm_base *to, const struct ofl_lpm_base *from)
{
	to->bare_plan = from->bare_plan;
	to->bare_hw = from->bare_hw;
	to->punts = from->punts;
}

/* Put `with` where `old` stands, children included; old is freed. */
static void base_swap(struct ofl_place *p, struct ofl_lpm_tree *t, uint32_t old,
		      uint32_t with)
{
	struct ofl_lpm_base *from = ofl_lpm_at(old), *to = ofl_lpm_at(with);

	*slot_of(t, from) = with;
	to->parent = from->parent;
	for (int i = 0; i < 2; i++) {
		if (from->child[i])
			adopt(with, from->child[i]);
	}
	copy_bare(to, from);
	base_free(p, old);
}

struct ofl_lpm_node *ofl_lpm_find(struct ofl_place *p,
				  const struct ofl_key *key)
{
	struct ofl_lpm_tree *t = tree_get(p, key->vrf, key->p.family, false);
	struct ofl_lpm_base *b = t ? ofl_lpm_at(t->root) : NULL;

	while (b && b->plen < key->p.plen)
		b = ofl_lpm_child(b, ofl_addr_bit(key->p.addr, b->plen));
	if (!b || b->glue || b->plen != key->p.plen ||
	    ofl_addr_common(b->addr, key->p.addr, b->plen) < b->plen)
		return NULL;
	return ofl_lpm_of(b);
}

/* `h` differs from key after `common` bits, or lies below key. */
static uint32_t insert_above(struct ofl_place *p, struct ofl_lpm_tree *t,
			     uint32_t h, const struct ofl_key *key,
			     unsigned int common)
{
	uint32_t n = node_new(p, t, key), top = n;
	struct ofl_lpm_base *b = ofl_lpm_at(h);

	if (common < key->p.plen)
		top = glue_new(p, t, key->p.addr, common);
	copy_bare(ofl_lpm_at(top), b);
	*slot_of(t, b) = top;
	ofl_lpm_at(top)->parent = b->parent;
	adopt(top, h);
	if (top != n)
		adopt(top, n);
	return n;
}

struct ofl_lpm_node *ofl_lpm_get(struct ofl_place *p, const struct ofl_key *key,
				 bool *ret_new)
{
	struct ofl_lpm_tree *t = tree_get(p, key->vrf, key->p.family, true);
	uint32_t h = t->root, down, n;
	struct ofl_lpm_base *b;
	unsigned int common;

	*ret_new = true;
	if (!h) {
		t->root = node_new(p, t, key);
		return ofl_lpm_of(ofl_lpm_at(t->root));
	}
	for (;; h = down) {
		b = ofl_lpm_at(h);
		common = ofl_addr_common(b->addr, key->p.addr,
					 MIN(b->plen, key->p.plen));
		if (common < b->plen) {
			n = insert_above(p, t, h, key, common);
			return ofl_lpm_of(ofl_lpm_at(n));
		}
		if (b->plen == key->p.plen)
			break;
		down = b->child[ofl_addr_bit(key->p.addr, b->plen)];
		if (!down) {
			n = node_new(p, t, key);
			adopt(h, n);
			return ofl_lpm_of(ofl_lpm_at(n));
		}
	}
	if (b->glue) {
		n = node_new(p, t, key);
		base_swap(p, t, h, n);
		return ofl_lpm_of(ofl_lpm_at(n));
	}
	*ret_new = false;
	return ofl_lpm_of(b);
}

/* A branch point with fewer than two children has no purpose. */
static void cut_out(struct ofl_place *p, struct ofl_lpm_tree *t,
		    struct ofl_lpm_base *b)
{
	uint32_t only = b->child[0] ? b->child[0] : b->child[1];
	uint32_t *slot = slot_of(t, b), h = *slot;

	*slot = only;
	if (only)
		ofl_lpm_at(only)->parent = b->parent;
	base_free(p, h);
}

void ofl_lpm_del(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_tree *t = ofl_lpm_tree_of(p, n);
	struct ofl_lpm_base *up = ofl_lpm_parent(&n->b);

	if (n->b.child[0] && n->b.child[1]) {
		base_swap(p, t, *slot_of(t, &n->b),
			  glue_new(p, t, n->b.addr, n->b.plen));
		return;
	}
	cut_out(p, t, &n->b);
	if (up && up->glue && !(up->child[0] && up->child[1]))
		cut_out(p, t, up);
	if (!t->root)
		tree_free(p, t);
}

void ofl_lpm_init(struct ofl_place *p)
{
	static const size_t addr_at = offsetof(struct ofl_lpm_base, addr);
	static const size_t base_at = offsetof(struct ofl_lpm_node, b);

	ofl_lpm_trees_init(&p->trees);
	for (int v6 = 0; v6 < 2; v6++) {
		size_t size = addr_at + (v6 ? 16 : 4);

		ofl_slab_kind_init(&p->nodes[v6], &ofl_lpm_slab, base_at + size,
				   base_at);
		ofl_slab_kind_init(&p->glue[v6], &ofl_lpm_slab, size, 0);
	}
}

/* Depth first without a stack: what is freed is unlinked.  What is left of
 * `budget`; 0: there may be more. */
static unsigned int tree_clear(struct ofl_place *p, struct ofl_lpm_tree *t,
			       unsigned int budget)
{
	struct ofl_lpm_base *b = ofl_lpm_at(t->root), *up;

	for (; b && budget; b = up, budget--) {
		uint32_t *slot, h;

		up = ofl_lpm_at(b->child[0] ? b->child[0] : b->child[1]);
		if (up)
			continue;
		up = ofl_lpm_parent(b);
		slot = slot_of(t, b);
		h = *slot;
		*slot = 0;
		base_free(p, h);
	}
	return budget;
}

bool ofl_lpm_clear_some(struct ofl_place *p, unsigned int budget)
{
	for (uint32_t id = 0; id < p->tree_size; id++) {
		struct ofl_lpm_tree *t = p->tree[id];

		if (!t)
			continue;
		budget = tree_clear(p, t, budget);
		if (t->root)
			return true;
		tree_free(p, t);
	}
	return false;
}

void ofl_lpm_fini(struct ofl_place *p)
{
	while (ofl_lpm_clear_some(p, UINT_MAX))
		;
	XFREE(MTYPE_OFL_LPM_TREES, p->tree);
	ofl_lpm_trees_fini(&p->trees);
}

struct ofl_lpm_node *ofl_lpm_up(const struct ofl_lpm_node *n)
{
	struct ofl_lpm_base *b = ofl_lpm_parent(&n->b);

	while (b && b->glue)
		b = ofl_lpm_parent(b);
	return b ? ofl_lpm_of(b) : NULL;
}

struct ofl_lpm_base *ofl_lpm_next(const struct ofl_lpm_base *top,
				  struct ofl_lpm_base *n, bool descend)
{
	struct ofl_lpm_base *up;

	if (descend) {
		if (n->child[0])
			return ofl_lpm_child(n, 0);
		if (n->child[1])
			return ofl_lpm_child(n, 1);
	}
	for (; n != top; n = up) {
		up = ofl_lpm_parent(n);
		if (up->child[1] && !ofl_addr_bit(n->addr, up->plen))
			return ofl_lpm_child(up, 1);
	}
	return NULL;
}

struct ofl_lpm_base *ofl_lpm_seek(const struct ofl_lpm_tree *t,
				  const struct ofl_prefix *prefix)
{
	struct ofl_lpm_base *root = ofl_lpm_at(t->root), *b = root, *down;
	unsigned int common;

	while (b) {
		common = ofl_addr_common(b->addr, prefix->addr,
					 MIN(b->plen, prefix->plen));
		if (common == prefix->plen)
			return b; /* itself, or the first below it */
		if (common < b->plen) {
			if (ofl_addr_bit(b->addr, common))
				return b;
			break; /* all of b is before it */
		}
		down = ofl_lpm_child(b, ofl_addr_bit(prefix->addr, common));
		if (!down && !ofl_addr_bit(prefix->addr, common))
			return b->child[1] ? ofl_lpm_child(b, 1)
					   : ofl_lpm_next(root, b, false);
		if (!down)
			break;
		b = down;
	}
	return b ? ofl_lpm_next(root, b, false) : NULL;
}

struct ofl_lpm_node *ofl_lpm_scan(struct ofl_place *p, uint64_t *at)
{
	for (;;) {
		unsigned int v6 = *at >> 32;
		uint32_t h;

		if (v6 > 1)
			return NULL;
		h = ofl_slab_next(&p->nodes[v6], (uint32_t)*at);
		if (h) {
			*at = ((uint64_t)v6 << 32) + h + 1;
			return ofl_lpm_of(ofl_lpm_at(h));
		}
		*at = (uint64_t)(v6 + 1) << 32;
	}
}
