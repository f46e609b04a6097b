// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters that zoom in: see zoom.h.
 *
 * Two binary trees of prefixes, one a family.  Leaves are regions; a node has
 * two children or none.  All nodes lie in one array, and a step looks at all
 * of them some times: there are few.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/traffic/zoom.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZOOM, "offload traffic regions");

#define NODES 2048 /* a heavy IPv6 route needs some 50 */
#define ROOTS 2
#define SHARES (OFL_ZOOM_COUNTERS / 2)
/* Of a share: what carries less is let out of sight. */
#define DARK_PART 8
/* Counters, of all, that look at what was out of sight. */
#define TURN_PART 8

struct node {
	struct ofl_prefix p;
	uint16_t parent, child[2]; /* child 0: a leaf */
	bool used, lit;		   /* lit: a leaf that is counted */
	bool divided;		   /* a route lies within it */
	uint32_t seen;		   /* the step that lit it last */
	double amount;		   /* of the last reading, or thought */
	uint64_t came;
};

struct ofl_zoom {
	struct node node[NODES]; /* the first ones are the roots */
	uint32_t used, lit, step;
};

static bool is_leaf(const struct node *n)
{
	return n->used && !n->child[0];
}

struct ofl_zoom *ofl_zoom_new(void)
{
	struct ofl_zoom *z = XCALLOC(MTYPE_OFL_ZOOM, sizeof(*z));
	static const uint8_t none[16];

	for (unsigned int i = 0; i < ROOTS; i++)
		z->node[i] = (struct node){
			.p = ofl_prefix_make(i ? AF_INET6 : AF_INET, none, 0),
			.used = true,
			.lit = true,
		};
	z->used = z->lit = ROOTS;
	return z;
}

void ofl_zoom_free(struct ofl_zoom *z)
{
	XFREE(MTYPE_OFL_ZOOM, z);
}

bool ofl_zoom_count(struct ofl_zoom *z, const struct ofl_prefix *region,
		    uint64_t amount)
{
	struct node *n = &z->node[region->family == AF_INET6];

	while (n->child[0] && n->p.plen < region->plen)
		n = &z->node[n->child[ofl_addr_bit(region->addr, n->p.plen)]];
	if (!n->lit || ofl_prefix_cmp(&n->p, region) != 0)
		return false;
	n->came += amount;
	return true;
}

/* --- together --- */
static void merge(struct ofl_zoom *z, struct node *n)
{
	bool lit = false;

	n->amount = 0;
	for (int i = 0; i < 2; i++) {
		struct node *c = &z->node[n->child[i]];

		n->amount += c->amount;
		lit |= c->lit;
		z->lit -= c->lit;
		n->seen = MAX(n->seen, c->seen);
		c->used = c->lit = false;
		z->used--;
	}
	n->child[0] = n->child[1] = 0;
	n->lit = lit;
	z->lit += lit;
}

static bool is_light_pair(const struct ofl_zoom *z, const struct node *n,
			  double share)
{
	const struct node *a = &z->node[n->child[0]],
			  *b = &z->node[n->child[1]];

	return n->used && n->child[0] && is_leaf(a) && is_leaf(b) &&
	       (a->amount + b->amount < share / 2 ||
		(!n->divided && !a->divided && !b->divided));
}

/* What became one may be half of another pair. */
static void merge_all(struct ofl_zoom *z, double share)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned int i = 0; i < NODES; i++) {
			if (!is_light_pair(z, &z->node[i], share))
				continue;
			merge(z, &z->node[i]);
			more = true;
		}
	}
}

/* --- apart --- */
static uint16_t node_add(struct ofl_zoom *z, struct node *parent,
			 unsigned int side)
{
	uint8_t addr[16];
	uint16_t i = ROOTS;

	while (z->node[i].used)
		i++;
	memcpy(addr, parent->p.addr, sizeof(addr));
	if (side)
		addr[parent->p.plen >> 3] |= 0x80 >> (parent->p.plen & 7);
	z->node[i] = (struct node){
		.p = ofl_prefix_make(parent->p.family, addr,
				     parent->p.plen + 1),
		.parent = (uint16_t)(parent - z->node),
		.used = true,
		.lit = true,
		.seen = z->step,
		.amount = parent->amount / 2,
	};
	z->used++;
	z->lit++;
	return i;
}

static void split(struct ofl_zoom *z, struct node *n,
		  bool (*divides)(void *arg, const struct ofl_prefix *p),
		  void *arg)
{
	uint16_t child[2];

	z->lit -= n->lit;
	n->lit = false;
	for (unsigned int i = 0; i < 2; i++) {
		child[i] = node_add(z, n, i);
		z->node[child[i]].divided = divides(arg, &z->node[child[i]].p);
	}
	memcpy(n->child, child, sizeof(child));
}

static struct node *heaviest_divided(struct ofl_zoom *z)
{
	struct node *best = NULL;

	for (unsigned int i = 0; i < NODES; i++) {
		struct node *n = &z->node[i];

		if (is_leaf(n) && n->lit && n->divided &&
		    (!best || n->amount > best->amount))
			best = n;
	}
	return best;
}

/* --- in and out of sight --- */
static void darken(struct ofl_zoom *z, double share)
{
	for (unsigned int i = ROOTS; i < NODES; i++) {
		struct node *n = &z->node[i];

		if (!is_leaf(n) || !n->lit || n->amount >= share / DARK_PART)
			continue;
		n->lit = false;
		n->amount = 0;
		z->lit--;
	}
}

/* Those that were not looked at for longest. */
static void relight(struct ofl_zoom *z, unsigned int most)
{
	for (; most && z->lit < OFL_ZOOM_COUNTERS; most--) {
		struct node *oldest = NULL;

		for (unsigned int i = 0; i < NODES; i++) {
			struct node *n = &z->node[i];

			if (is_leaf(n) && !n->lit && n->seen != z->step &&
			    (!oldest || n->seen < oldest->seen))
				oldest = n;
		}
		if (!oldest)
			return;
		oldest->lit = true;
		oldest->seen = z->step;
		z->lit++;
	}
}

/* --- a step --- */
static double take_in(struct ofl_zoom *z,
		      bool (*divides)(void *arg, const struct ofl_prefix *p),
		      void *arg)
{
	double total = 0;

	for (unsigned int i = 0; i < NODES; i++) {
		struct node *n = &z->node[i];

		if (!n->used)
			continue;
		/* Routes come and go. */
		n->divided = divides(arg, &n->p);
		if (!is_leaf(n))
			continue;
		n->amount = n->came;
		n->came = 0;
		total += n->amount;
	}
	return total;
}

size_t ofl_zoom_step(struct ofl_zoom *z,
		     bool (*divides)(void *arg, const struct ofl_prefix *p),
		     void *arg, struct ofl_prefix ret[OFL_ZOOM_COUNTERS])
{
	double total = take_in(z, divides, arg), share = total / SHARES;
	struct node *n;
	size_t count = 0;

	z->step++;
	merge_all(z, share);
	darken(z, share);
	relight(z, OFL_ZOOM_COUNTERS / TURN_PART);
	while (total > 0 && z->lit < OFL_ZOOM_COUNTERS &&
	       z->used + 2 <= NODES) {
		n = heaviest_divided(z);
		if (!n || n->amount < share)
			break;
		split(z, n, divides, arg);
	}
	relight(z, OFL_ZOOM_COUNTERS);
	for (unsigned int i = 0; i < NODES; i++) {
		if (is_leaf(&z->node[i]) && z->node[i].lit)
			ret[count++] = z->node[i].p;
	}
	return count;
}
