// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * With which pref an entry stands in hardware.
 *
 * Entries that overlap stand in the order of the list; others may share a pref.
 * So an entry needs a level, not a number of its own, and the level is as late
 * as possible: few prefs are in use behind an insertion, and hardware that
 * keeps its entries in one array moves few of them.  New levels leave gaps.
 *
 * Where an entry has no place between what is above it and what is below it,
 * those above go to an earlier level, and those above them as far as need be.
 * Nobody ever goes to a later one.  That is why a move is safe: the copy at the
 * earlier pref is written before the old entry goes, behind entries above it
 * that have moved already; it shields the old one wholly, so the old one may go
 * at any time.
 *
 * Two punts may stand in any order; all other overlapping entries keep theirs,
 * of the same action or not: so a real entry may become a punt in place, and a
 * punt never hides a real entry above it.  A punt that is to be real is looked
 * at again.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/acl_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_LEVEL, "offload ACL levels");

#define PREFS 65536
#define WORD_BITS 64
#define LEVELS_WANTED                                                          \
	4096 /* the gap between new levels leaves room for them                \
	      */
#define SHAPES_START 64

/* Places that were changed, to be put back if it does not end well. */
struct undo {
	struct undo_item {
		struct ofl_ace *rule;
		uint16_t pref;
	} * at;
	uint32_t count, size;
};

/* --- prefs in use --- */
void ofl_acl_prefs_add(struct ofl_acl_prefs *s, uint16_t pref)
{
	if (s->count[pref]++ == 0)
		s->used[pref / WORD_BITS] |= UINT64_C(1) << pref % WORD_BITS;
}

void ofl_acl_prefs_del(struct ofl_acl_prefs *s, uint16_t pref)
{
	if (--s->count[pref] == 0)
		s->used[pref / WORD_BITS] &= ~(UINT64_C(1) << pref % WORD_BITS);
}

uint32_t ofl_acl_prefs_behind(const struct ofl_acl_prefs *s, uint16_t pref)
{
	uint32_t word = pref / WORD_BITS, count;
	/* Shifted twice: by 64 at once is not defined. */
	uint64_t behind = UINT64_MAX << pref % WORD_BITS << 1;

	count = __builtin_popcountll(s->used[word] & behind);
	while (++word < PREFS / WORD_BITS)
		count += __builtin_popcountll(s->used[word]);
	return count;
}

/* The last pref in use before this one; 0: none. */
static uint32_t used_before(const struct ofl_acl_prefs *s, uint32_t pref)
{
	uint32_t word = pref / WORD_BITS;
	uint64_t bits;

	if (pref == PREFS)
		bits = s->used[--word];
	else
		bits = s->used[word] & ((UINT64_C(1) << pref % WORD_BITS) - 1);
	while (!bits && word)
		bits = s->used[--word];
	return bits ? word * WORD_BITS + 63 - __builtin_clzll(bits) : 0;
}

static void prefs_init(struct ofl_acl_prefs *s)
{
	s->count = XCALLOC(MTYPE_OFL_ACL_LEVEL, PREFS * sizeof(*s->count));
	s->used = XCALLOC(MTYPE_OFL_ACL_LEVEL, PREFS / 8);
}

static void prefs_fini(struct ofl_acl_prefs *s)
{
	XFREE(MTYPE_OFL_ACL_LEVEL, s->count);
	XFREE(MTYPE_OFL_ACL_LEVEL, s->used);
}

/* --- distinct masks --- */
struct ofl_acl_shape {
	struct ofl_match *of; /* a match of this shape; NULL: free */
	uint32_t count;
};

static uint32_t shape_find(const struct ofl_acl_shapes *s,
			   const struct ofl_match *m)
{
	uint32_t i = ofl_match_shape_hash(m) & (s->size - 1);

	while (s->at[i].of && !ofl_match_shape_eq(s->at[i].of, m))
		i = (i + 1) & (s->size - 1);
	return i;
}

static void shapes_grow(struct ofl_acl_shapes *s)
{
	struct ofl_acl_shapes old = *s;

	s->size = old.size ? old.size * 2 : SHAPES_START;
	s->at = XCALLOC(MTYPE_OFL_ACL_LEVEL, s->size * sizeof(*s->at));
	for (uint32_t i = 0; i < old.size; i++) {
		if (old.at[i].of)
			s->at[shape_find(s, old.at[i].of)] = old.at[i];
	}
	XFREE(MTYPE_OFL_ACL_LEVEL, old.at);
}

/* Close the hole that was made at `hole`. */
static void shapes_close(struct ofl_acl_shapes *s, uint32_t hole)
{
	for (uint32_t i = (hole + 1) & (s->size - 1); s->at[i].of;
	     i = (i + 1) & (s->size - 1)) {
		struct ofl_acl_shape moved = s->at[i];

		s->at[i].of = NULL;
		s->at[shape_find(s, moved.of)] = moved;
	}
}

void ofl_acl_level_shape(struct ofl_acl_place *p, const struct ofl_match *m,
			 int sign)
{
	struct ofl_acl_shapes *s = &p->shapes;
	struct ofl_acl_shape *shape;
	size_t size = ofl_match_size(m);

	if (s->count >= s->size / 2)
		shapes_grow(s);
	shape = &s->at[shape_find(s, m)];
	if (!shape->of) {
		shape->of = XMALLOC(MTYPE_OFL_ACL_LEVEL, size);
		memcpy(shape->of, m, size);
		shape->count = 0;
		s->count++;
	}
	shape->count += sign;
	if (shape->count)
		return;
	XFREE(MTYPE_OFL_ACL_LEVEL, shape->of);
	s->count--;
	shapes_close(s, shape - s->at);
}

void ofl_acl_level_init(struct ofl_acl_place *p)
{
	prefs_init(&p->planned);
	prefs_init(&p->physical);
}

void ofl_acl_level_fini(struct ofl_acl_place *p)
{
	prefs_fini(&p->planned);
	prefs_fini(&p->physical);
	for (uint32_t i = 0; i < p->shapes.size; i++)
		XFREE(MTYPE_OFL_ACL_LEVEL, p->shapes.at[i].of);
	XFREE(MTYPE_OFL_ACL_LEVEL, p->shapes.at);
}

/* --- the ladder --- */
/* Call `what` for each rule on the ladder that overlaps `r`, on one side. */
#define EACH_NEIGHBOUR(p, r, i, o, is_above)                                   \
	for (i = 0; i < (p)->ladder.count; i++)                                \
		if ((o = neighbour(p, r, i, is_above)))

static bool is_real(const struct ofl_ace *r)
{
	return r->want || ofl_ace_may_be_real(r);
}

static struct ofl_ace *neighbour(struct ofl_acl_place *p,
				 const struct ofl_ace *r, uint32_t i,
				 bool is_above)
{
	const struct ofl_ace_scan_item *item = &p->ladder.at[i];
	const struct ofl_bits *mine = &p->ladder.at[r->level_at].summary;
	struct ofl_ace *o;

	if ((item->summary.value ^ mine->value) & item->summary.mask &
	    mine->mask)
		return NULL;
	o = ofl_ace_at(p, item->handle);
	if (o->pref == 0 || o == r || (!is_real(o) && !is_real(r)) ||
	    (o->position < r->position) != is_above ||
	    !ofl_match_has_overlap(o->entry, r->entry))
		return NULL;
	return o;
}

static void pref_set(struct ofl_acl_place *p, struct ofl_ace *r, uint16_t pref)
{
	if (r->pref)
		ofl_acl_prefs_del(&p->planned, r->pref);
	r->pref = pref;
	if (pref)
		ofl_acl_prefs_add(&p->planned, pref);
}

static void remember(struct undo *u, struct ofl_ace *r)
{
	if (u->count == u->size) {
		u->size = u->size ? u->size * 2 : 16;
		u->at = XREALLOC(MTYPE_OFL_ACL_LEVEL, u->at,
				 u->size * sizeof(*u->at));
	}
	u->at[u->count++] = (struct undo_item){r, r->pref};
}

/* The first pref of what stands below; beyond the last: nothing does. */
static uint32_t below_of(struct ofl_acl_place *p, const struct ofl_ace *r)
{
	uint32_t below = p->conf.pref_last + 1u, i;
	struct ofl_ace *o;

	EACH_NEIGHBOUR(p, r, i, o, false)
	below = MIN(below, o->pref);
	return below;
}

static uint32_t above_of(struct ofl_acl_place *p, const struct ofl_ace *r)
{
	uint32_t above = 0, i;
	struct ofl_ace *o;

	EACH_NEIGHBOUR(p, r, i, o, true)
	above = MAX(above, o->pref);
	return above;
}

/* As late as possible before `below`: on a level that is there, or on a new
 * one in front of all; 0: there is no pref left. */
static uint32_t level_before(const struct ofl_acl_place *p, uint32_t below)
{
	uint32_t first = p->conf.pref_first, last = p->conf.pref_last;
	uint32_t gap = MAX(1u, (last - first) / LEVELS_WANTED), used;

	if (below > last)
		return last;
	used = used_before(&p->planned, below);
	if (used)
		return used;
	if (below >= first + gap)
		return below - gap;
	return below > first ? (first + below) / 2 : 0;
}

/* --- those that stand too late: a heap, the lowest in the list first --- */
static uint64_t late_at(const struct ofl_acl_place *p,
			const struct ofl_ace_set *late, uint32_t i)
{
	return ofl_ace_at(p, late->at[i])->position;
}

static void late_swap(struct ofl_ace_set *late, uint32_t i, uint32_t k)
{
	uint32_t handle = late->at[i];

	late->at[i] = late->at[k];
	late->at[k] = handle;
}

static void late_add(struct ofl_acl_place *p, struct ofl_ace_set *late,
		     struct ofl_ace *r)
{
	uint32_t i = late->count;

	if (r->is_late)
		return;
	r->is_late = true;
	ofl_ace_set_add(late, r->handle);
	for (; i && late_at(p, late, (i - 1) / 2) < late_at(p, late, i);
	     i = (i - 1) / 2)
		late_swap(late, i, (i - 1) / 2);
}

static struct ofl_ace *late_pop(struct ofl_acl_place *p,
				struct ofl_ace_set *late)
{
	struct ofl_ace *r = ofl_ace_at(p, late->at[0]);
	uint32_t i = 0, child;

	late->at[0] = late->at[--late->count];
	while ((child = 2 * i + 1) < late->count) {
		if (child + 1 < late->count &&
		    late_at(p, late, child + 1) > late_at(p, late, child))
			child++;
		if (late_at(p, late, child) <= late_at(p, late, i))
			break;
		late_swap(late, i, child);
		i = child;
	}
	r->is_late = false;
	return r;
}

/* All above `r` that do not stand before it must; from the bottom up, so that
 * each goes once. */
static bool push(struct ofl_acl_place *p, struct ofl_ace *r, struct undo *u)
{
	struct ofl_ace_set late = {};
	struct ofl_ace *o;
	bool ok = true;
	uint32_t i;

	for (;;) {
		uint32_t below, pref;

		EACH_NEIGHBOUR(p, r, i, o, true)
		{
			if (o->pref >= r->pref)
				late_add(p, &late, o);
		}
		do {
			if (!late.count)
				goto done;
			r = late_pop(p, &late);
			below = below_of(p, r);
		} while (r->pref < below);
		pref = level_before(p, below);
		if (!pref) {
			ok = false;
			goto done;
		}
		remember(u, r);
		pref_set(p, r, pref);
		p->moves++;
	}
done:
	while (late.count)
		late_pop(p, &late);
	ofl_ace_set_fini(&late);
	return ok;
}

/* Give it a pref, or an earlier one if it has one that does not do; false:
 * there is none. */
static bool place(struct ofl_acl_place *p, struct ofl_ace *r)
{
	uint32_t below = below_of(p, r), above = above_of(p, r);
	bool stays = r->pref && r->pref < below;
	uint32_t pref = stays ? r->pref : level_before(p, below);
	struct undo u = {};
	bool ok = pref != 0;

	/* Nothing in use between the two: a level of its own. */
	if (ok && !stays && pref <= above && above + 1 < below)
		pref = (above + below) / 2;
	if (ok) {
		remember(&u, r);
		pref_set(p, r, pref);
		ok = pref > above || push(p, r, &u);
	}
	for (uint32_t i = u.count; i-- > 0;) {
		if (ok)
			ofl_acl_exec_queue(p, u.at[i].rule);
		else
			pref_set(p, u.at[i].rule, u.at[i].pref);
	}
	XFREE(MTYPE_OFL_ACL_LEVEL, u.at);
	return ok;
}

static bool is_written(const struct ofl_ace *r)
{
	return r->hw != OFL_ENTRY_NONE || r->op != OFL_OP_NONE;
}

/* What is not written yet is given its pref anew. */
static void again(struct ofl_acl_place *p)
{
	for (uint32_t i = 0; i < p->ladder.count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, p->ladder.at[i].handle);

		if (is_written(r))
			continue;
		pref_set(p, r, 0);
		r->is_placed_real = false;
		if (!r->replan)
			ofl_ace_set_add(&p->dirty, r->handle);
		r->replan = true;
	}
}

/* There is no pref for it: the lowest rule that needs it gives up, or itself if
 * there is none. */
static void give_up(struct ofl_acl_place *p, struct ofl_ace *r)
{
	struct ofl_ace *who = r;

	for (uint32_t i = 0; i < r->down.count; i++) {
		struct ofl_ace *l = ofl_ace_at(p, r->down.at[i]);

		if (l->want && (who == r || l->position > who->position))
			who = l;
	}
	who->fail = OFL_REASON_PREFS_EXHAUSTED;
	ofl_ace_set_add(&p->forced, who->handle);
	ofl_ace_reckon(p, who);
	again(p);
}

static void join(struct ofl_acl_place *p, struct ofl_ace *r)
{
	if (r->level_at == OFL_ACE_NOWHERE) {
		r->level_at = ofl_ace_scan_add(&p->ladder, r->entry, r->handle);
		ofl_acl_level_shape(p, r->entry, 1);
	}
	if (place(p, r))
		r->is_placed_real = r->want;
	else
		give_up(p, r);
}

void ofl_acl_level_release(struct ofl_acl_place *p, struct ofl_ace *r)
{
	pref_set(p, r, 0);
}

void ofl_acl_level_leave(struct ofl_acl_place *p, struct ofl_ace *r)
{
	uint32_t moved;

	pref_set(p, r, 0);
	r->is_placed_real = false;
	if (r->level_at == OFL_ACE_NOWHERE)
		return;
	ofl_acl_level_shape(p, r->entry, -1);
	moved = ofl_ace_scan_del(&p->ladder, r->level_at);
	if (moved != OFL_ACE_NOWHERE)
		ofl_ace_at(p, moved)->level_at = r->level_at;
	r->level_at = OFL_ACE_NOWHERE;
}

/* From the bottom up: who comes finds what is below it in its place. */
static int lower_first(const void *a, const void *b, void *arg)
{
	const struct ofl_acl_place *p = arg;
	const struct ofl_ace *x = ofl_ace_at(p, *(const uint32_t *)a);
	const struct ofl_ace *y = ofl_ace_at(p, *(const uint32_t *)b);

	return numcmp(y->position, x->position);
}

/* Those that had no turn yet come with the next call. */
static void put_off(struct ofl_acl_place *p, const uint32_t *handles,
		    uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, handles[i]);

		if (r->replan)
			continue;
		r->replan = true;
		ofl_ace_set_add(&p->dirty, handles[i]);
	}
}

bool ofl_acl_level_run(struct ofl_acl_place *p, unsigned int budget)
{
	struct ofl_ace_set dirty = p->dirty;
	uint32_t count = 0, i;

	memset(&p->dirty, 0, sizeof(p->dirty));
	for (i = 0; i < dirty.count; i++) {
		struct ofl_ace *r = ofl_ace_at(p, dirty.at[i]);

		/* It may be another rule by now, or listed twice. */
		if (!r || !r->replan)
			continue;
		r->replan = false;
		if (ofl_ace_planned(r) == OFL_ENTRY_NONE && !is_written(r))
			ofl_acl_level_leave(p, r);
		if (!r->want)
			r->is_placed_real = false;
		if ((r->want && !r->is_placed_real) ||
		    (r->pref == 0 && ofl_ace_planned(r) != OFL_ENTRY_NONE))
			dirty.at[count++] = r->handle;
		else
			ofl_acl_exec_queue(p, r);
	}
	if (count)
		qsort_r(dirty.at, count, sizeof(*dirty.at), lower_first, p);
	for (i = 0; i < count && budget; i++) {
		struct ofl_ace *r = ofl_ace_at(p, dirty.at[i]);

		p->moves = 1;
		if (!r->replan) /* or one before it gave up: another time */
			join(p, r);
		/* Who goes to an earlier level for it takes as long. */
		budget -= MIN(p->moves, budget);
	}
	put_off(p, dirty.at + i, count - i);
	ofl_ace_set_fini(&dirty);
	return i < count;
}
