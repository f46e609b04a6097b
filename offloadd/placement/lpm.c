// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The prefix forest: path-compressed binary tries, one per VRF and family.
 *
 * Only shape lives here: what a node means is the business of greedy.c and
 * executor.c.  Lookups and changes walk down from the root; depth on real
 * tables is some twenty branch points.
 */
#include <zebra.h>

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/lpm.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LPM_TREE, "offload placement tree");

static int tree_cmp(const struct ofl_lpm_tree *a, const struct ofl_lpm_tree *b)
{
	return a->vrf != b->vrf || a->family != b->family;
}

static uint32_t tree_hash(const struct ofl_lpm_tree *t)
{
	return jhash_2words(t->vrf, t->family, 0x0ff10ad);
}

DECLARE_HASH(ofl_lpm_trees, struct ofl_lpm_tree, item, tree_cmp, tree_hash);

static struct ofl_lpm_tree *tree_get(struct ofl_place *p, uint32_t vrf,
				     uint8_t family, bool make)
{
	struct ofl_lpm_tree ref = {.vrf = vrf, .family = family};
	struct ofl_lpm_tree *t = p->last_tree;

	if (t && t->vrf == vrf && t->family == family)
		return t;
	t = ofl_lpm_trees_find(&p->trees, &ref);
	if (!t && make) {
		t = XCALLOC(MTYPE_OFL_LPM_TREE, sizeof(*t));
		t->vrf = vrf;
		t->family = family;
		t->place = p;
		ofl_lpm_trees_add(&p->trees, t);
	}
	if (t)
		p->last_tree = t;
	return t;
}

/* The pointer that points at b: in its parent, or the root. */
static struct ofl_lpm_base **slot_of(struct ofl_lpm_tree *t,
				     const struct ofl_lpm_base *b)
{
	struct ofl_lpm_base *up = b->parent;

	if (!up)
		return &t->root;
	return &up->child[ofl_addr_bit(b->key.p.addr, up->key.p.plen)];
}

static void adopt(struct ofl_lpm_base *parent, struct ofl_lpm_base *child)
{
	parent->child[ofl_addr_bit(child->key.p.addr, parent->key.p.plen)] =
		child;
	child->parent = parent;
}

static struct ofl_lpm_node *node_new(struct ofl_lpm_tree *t,
				     const struct ofl_key *key)
{
	struct ofl_lpm_node *n = ofl_pool_get(&t->place->nodes);

	n->b.key = *key;
	return n;
}

static struct ofl_lpm_base *glue_new(struct ofl_lpm_tree *t,
				     const struct ofl_key *key, uint8_t plen)
{
	struct ofl_lpm_base *g = ofl_pool_get(&t->place->glue);

	g->key.vrf = key->vrf;
	g->key.p = ofl_prefix_make(key->p.family, key->p.addr, plen);
	g->glue = true;
	return g;
}

static void base_free(struct ofl_lpm_tree *t, struct ofl_lpm_base *b)
{
	if (b->glue)
		ofl_pool_put(&t->place->glue, b);
	else
		ofl_pool_put(&t->place->nodes, b);
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
static void base_swap(struct ofl_lpm_tree *t, struct ofl_lpm_base *old,
		      struct ofl_lpm_base *with)
{
	*slot_of(t, old) = with;
	with->parent = old->parent;
	for (int i = 0; i < 2; i++) {
		if (old->child[i])
			adopt(with, old->child[i]);
	}
	copy_bare(with, old);
	base_free(t, old);
}

struct ofl_lpm_node *ofl_lpm_find(struct ofl_place *p,
				  const struct ofl_key *key)
{
	struct ofl_lpm_tree *t = tree_get(p, key->vrf, key->p.family, false);
	struct ofl_lpm_base *b = t ? t->root : NULL;

	while (b && b->key.p.plen < key->p.plen)
		b = b->child[ofl_addr_bit(key->p.addr, b->key.p.plen)];
	if (!b || b->glue || ofl_prefix_cmp(&b->key.p, &key->p) != 0)
		return NULL;
	return ofl_lpm_of(b);
}

/* `b` differs from key after `common` bits, or lies below key. */
static struct ofl_lpm_node *insert_above(struct ofl_lpm_tree *t,
					 struct ofl_lpm_base *b,
					 const struct ofl_key *key,
					 unsigned int common)
{
	struct ofl_lpm_node *n = node_new(t, key);
	struct ofl_lpm_base *top = &n->b;

	if (common < key->p.plen)
		top = glue_new(t, key, common);
	copy_bare(top, b);
	*slot_of(t, b) = top;
	top->parent = b->parent;
	adopt(top, b);
	if (top != &n->b)
		adopt(top, &n->b);
	return n;
}

struct ofl_lpm_node *ofl_lpm_get(struct ofl_place *p, const struct ofl_key *key,
				 bool *ret_new)
{
	struct ofl_lpm_tree *t = tree_get(p, key->vrf, key->p.family, true);
	struct ofl_lpm_base *b = t->root, **child;
	struct ofl_lpm_node *n;
	unsigned int max, common;

	*ret_new = true;
	if (!b) {
		n = node_new(t, key);
		t->root = &n->b;
		return n;
	}
	for (;;) {
		max = MIN(b->key.p.plen, key->p.plen);
		common = ofl_addr_common(b->key.p.addr, key->p.addr, max);
		if (common < b->key.p.plen)
			return insert_above(t, b, key, common);
		if (b->key.p.plen == key->p.plen)
			break;
		child = &b->child[ofl_addr_bit(key->p.addr, b->key.p.plen)];
		if (!*child) {
			n = node_new(t, key);
			adopt(b, &n->b);
			return n;
		}
		b = *child;
	}
	if (b->glue) {
		n = node_new(t, key);
		base_swap(t, b, &n->b);
		return n;
	}
	*ret_new = false;
	return ofl_lpm_of(b);
}

/* A branch point with fewer than two children has no purpose. */
static void cut_out(struct ofl_lpm_tree *t, struct ofl_lpm_base *b)
{
	struct ofl_lpm_base *only = b->child[0] ? b->child[0] : b->child[1];

	*slot_of(t, b) = only;
	if (only)
		only->parent = b->parent;
	base_free(t, b);
}

void ofl_lpm_del(struct ofl_place *p, struct ofl_lpm_node *n)
{
	struct ofl_lpm_tree *t =
		tree_get(p, n->b.key.vrf, n->b.key.p.family, false);
	struct ofl_lpm_base *up = n->b.parent;

	if (n->b.child[0] && n->b.child[1]) {
		base_swap(t, &n->b, glue_new(t, &n->b.key, n->b.key.p.plen));
		return;
	}
	cut_out(t, &n->b);
	if (up && up->glue && !(up->child[0] && up->child[1]))
		cut_out(t, up);
	if (!t->root) {
		ofl_lpm_trees_del(&p->trees, t);
		p->last_tree = NULL;
		XFREE(MTYPE_OFL_LPM_TREE, t);
	}
}

void ofl_lpm_init(struct ofl_place *p)
{
	ofl_lpm_trees_init(&p->trees);
	ofl_pool_init(&p->nodes, sizeof(struct ofl_lpm_node));
	ofl_pool_init(&p->glue, sizeof(struct ofl_lpm_base));
}

void ofl_lpm_fini(struct ofl_place *p)
{
	struct ofl_lpm_base *b, *up;
	struct ofl_lpm_tree *t;

	while ((t = ofl_lpm_trees_pop(&p->trees))) {
		/* Depth first without a stack: a freed child is unlinked. */
		for (b = t->root; b; b = up) {
			up = b->child[0] ? b->child[0] : b->child[1];
			if (up)
				continue;
			up = b->parent;
			*slot_of(t, b) = NULL;
			base_free(t, b);
		}
		XFREE(MTYPE_OFL_LPM_TREE, t);
	}
	ofl_lpm_trees_fini(&p->trees);
	ofl_pool_fini(&p->nodes);
	ofl_pool_fini(&p->glue);
	p->last_tree = NULL;
}

struct ofl_lpm_node *ofl_lpm_up(const struct ofl_lpm_node *n)
{
	struct ofl_lpm_base *b = n->b.parent;

	while (b && b->glue)
		b = b->parent;
	return b ? ofl_lpm_of(b) : NULL;
}

struct ofl_lpm_base *ofl_lpm_next(const struct ofl_lpm_base *top,
				  struct ofl_lpm_base *n, bool descend)
{
	struct ofl_lpm_base *up;

	if (descend) {
		if (n->child[0])
			return n->child[0];
		if (n->child[1])
			return n->child[1];
	}
	for (; n != top; n = up) {
		up = n->parent;
		if (up->child[0] == n && up->child[1])
			return up->child[1];
	}
	return NULL;
}

struct ofl_lpm_base *ofl_lpm_seek(struct ofl_place *p,
				  const struct ofl_key *key)
{
	struct ofl_lpm_tree *t = tree_get(p, key->vrf, key->p.family, false);
	struct ofl_lpm_base *b = t ? t->root : NULL, *down;
	unsigned int max, common;

	while (b) {
		max = MIN(b->key.p.plen, key->p.plen);
		common = ofl_addr_common(b->key.p.addr, key->p.addr, max);
		if (common == key->p.plen)
			return b; /* key itself, or the first below it */
		if (common < b->key.p.plen) {
			if (ofl_addr_bit(b->key.p.addr, common))
				return b;
			break; /* all of b is before key */
		}
		down = b->child[ofl_addr_bit(key->p.addr, common)];
		if (!down && !ofl_addr_bit(key->p.addr, common))
			return b->child[1] ? b->child[1]
					   : ofl_lpm_next(t->root, b, false);
		if (!down)
			break;
		b = down;
	}
	return b ? ofl_lpm_next(t->root, b, false) : NULL;
}

void ofl_lpm_walk(struct ofl_place *p,
		  void (*cb)(struct ofl_place *p, struct ofl_lpm_node *n))
{
	struct ofl_lpm_tree *t;

	frr_each (ofl_lpm_trees, &p->trees, t) {
		struct ofl_lpm_base *b;

		for (b = t->root; b; b = ofl_lpm_next(t->root, b, true)) {
			if (!b->glue)
				cb(p, ofl_lpm_of(b));
		}
	}
}

void ofl_lpm_walk_trees(struct ofl_place *p,
			void (*cb)(struct ofl_place *p,
				   const struct ofl_key *top, uint8_t what),
			uint8_t what)
{
	struct ofl_lpm_tree *t;

	frr_each (ofl_lpm_trees, &p->trees, t) {
		struct ofl_key top = {.vrf = t->vrf, .p.family = t->family};

		cb(p, &top, what);
	}
}
