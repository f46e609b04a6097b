// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Levels of many subjects, and the slots of those there is something to tell
 * of: see levels.h.
 *
 * A slot is in one of three lists: *rising* (up, not told, in its grace),
 * *falling* (told up, down now), *known* (told up, and up: for who asks).  The
 * last give their slots to the others, the oldest first.  A pending subject
 * without a slot is *loose*: it is counted, and a walk finds it.
 */
#include <zebra.h>

#include "memory.h"
#include "typesafe.h"

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/alarm.h"
#include "offloadd/engine/levels.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LEVELS, "offload alarm levels");

PREDECL_HASH(slots);
PREDECL_DLIST(slot_list);

struct slot {
	struct slots_item hash_item;
	struct slot_list_item item;
	struct slot_list_head *list; /* where it is; NULL: unused */
	uint8_t *bits;		     /* NULL: the subject is gone */
	struct ofl_key key;
	uint64_t due_us;
};

static int slot_cmp(const struct slot *a, const struct slot *b)
{
	return a->bits < b->bits ? -1 : a->bits > b->bits;
}

static uint32_t slot_hash(const struct slot *s)
{
	return jhash(&s->bits, sizeof(s->bits), 0);
}

DECLARE_HASH(slots, struct slot, hash_item, slot_cmp, slot_hash);
DECLARE_DLIST(slot_list, struct slot, item);

struct ofl_levels {
	struct ofl_levels_conf conf;
	struct slot *all;
	struct slots_head by_bits;
	struct slot_list_head rising, falling, known, unused;
	struct ofl_pace pace, together;
	bool started, walking;
	uint64_t walk_us;	       /* not before this */
	uint64_t loose_up, loose_down; /* pending without a slot */
	uint64_t more_up, more_down;   /* to be told as numbers */
	uint64_t passed;	       /* changes untold since a telling */
	struct ofl_levels_stats st;
};

struct ofl_levels *ofl_levels_new(const struct ofl_levels_conf *conf)
{
	struct ofl_levels *l = XCALLOC(MTYPE_OFL_LEVELS, sizeof(*l));

	l->conf = *conf;
	l->all = XCALLOC(MTYPE_OFL_LEVELS, conf->slots * sizeof(*l->all));
	slots_init(&l->by_bits);
	slot_list_init(&l->rising);
	slot_list_init(&l->falling);
	slot_list_init(&l->known);
	slot_list_init(&l->unused);
	for (uint32_t i = 0; i < conf->slots; i++)
		slot_list_add_tail(&l->unused, &l->all[i]);
	ofl_pace_init(&l->pace, conf->burst, conf->every_us);
	ofl_pace_init(&l->together, 1, conf->together_us);
	return l;
}

static void list_clear(struct slot_list_head *list)
{
	while (slot_list_pop(list))
		;
	slot_list_fini(list);
}

void ofl_levels_free(struct ofl_levels *l)
{
	if (!l)
		return;
	while (slots_pop(&l->by_bits))
		;
	slots_fini(&l->by_bits);
	list_clear(&l->rising);
	list_clear(&l->falling);
	list_clear(&l->known);
	list_clear(&l->unused);
	XFREE(MTYPE_OFL_LEVELS, l->all);
	XFREE(MTYPE_OFL_LEVELS, l);
}

void ofl_levels_start(struct ofl_levels *l, uint64_t now_us)
{
	struct slot *s;

	if (l->started)
		return;
	l->started = true;
	frr_each (slot_list, &l->rising, s)
		s->due_us = now_us + l->conf.grace_us;
	l->walk_us = now_us;
}

/* --- slots --- */
static struct slot *slot_find(struct ofl_levels *l, uint8_t *bits)
{
	struct slot ref = {.bits = bits};

	return slots_find(&l->by_bits, &ref);
}

static void slot_move(struct slot *s, struct slot_list_head *to)
{
	if (s->list)
		slot_list_del(s->list, s);
	s->list = to;
	slot_list_add_tail(to, s);
}

static void slot_del(struct ofl_levels *l, struct slot *s)
{
	if (s->bits)
		slots_del(&l->by_bits, s);
	slot_list_del(s->list, s);
	s->list = NULL;
	s->bits = NULL;
	slot_list_add_tail(&l->unused, s);
}

/* A slot for this subject; NULL: all are pending. */
static struct slot *slot_add(struct ofl_levels *l, const struct ofl_key *key,
			     uint8_t *bits)
{
	struct slot *s = slot_list_first(&l->known);

	if (!slot_list_count(&l->unused) && s)
		slot_del(l, s);
	s = slot_list_pop(&l->unused);
	if (!s)
		return NULL;
	s->bits = bits;
	s->key = *key;
	slots_add(&l->by_bits, s);
	return s;
}

/* --- subjects --- */
static uint8_t bits_of(const struct ofl_levels *l, const uint8_t *bits)
{
	return *bits >> l->conf.shift;
}

static void bits_set(const struct ofl_levels *l, uint8_t *bits, uint8_t set,
		     uint8_t clear)
{
	*bits |= set << l->conf.shift;
	*bits &= ~(clear << l->conf.shift);
}

/* It is not as it was told. */
static void becomes_pending(struct ofl_levels *l, const struct ofl_key *key,
			    uint8_t *bits, bool up, uint64_t now_us)
{
	struct slot *s = slot_find(l, bits);

	if (!s)
		s = slot_add(l, key, bits);
	if (s) {
		s->due_us = now_us + (up ? l->conf.grace_us : 0);
		slot_move(s, up ? &l->rising : &l->falling);
		return;
	}
	if (!l->loose_up && !l->loose_down)
		l->walk_us = MAX(l->walk_us, now_us + l->conf.together_us);
	if (up)
		l->loose_up++;
	else
		l->loose_down++;
}

/* It is as it was told, again. */
static void becomes_told(struct ofl_levels *l, uint8_t *bits, bool up)
{
	struct slot *s = slot_find(l, bits);

	/* The change and the one that undid it. */
	l->passed += 2;
	l->st.suppressed += 2;
	if (!s && up)
		l->loose_down--;
	else if (!s)
		l->loose_up--;
	else if (up)
		slot_move(s, &l->known);
	else
		slot_del(l, s);
}

void ofl_levels_set(struct ofl_levels *l, const struct ofl_key *key,
		    uint8_t *bits, bool up, uint64_t now_us)
{
	uint8_t b = bits_of(l, bits);

	if (up == !!(b & OFL_LEVEL_UP))
		return;
	l->st.up += up ? 1 : -1;
	bits_set(l, bits, up ? OFL_LEVEL_UP : 0,
		 OFL_LEVEL_AGED | (up ? 0 : OFL_LEVEL_UP));
	if (up == !!(b & OFL_LEVEL_TOLD))
		becomes_told(l, bits, up);
	else
		becomes_pending(l, key, bits, up, now_us);
}

void ofl_levels_gone(struct ofl_levels *l, const struct ofl_key *key,
		     uint8_t *bits, uint64_t now_us)
{
	struct slot *s;

	ofl_levels_set(l, key, bits, false, now_us);
	if (bits_of(l, bits) & OFL_LEVEL_TOLD) {
		l->st.told--;
		s = slot_find(l, bits);
		if (s) {
			slots_del(&l->by_bits, s);
			s->bits = NULL;
		} else {
			l->loose_down--;
			l->more_down++;
		}
	}
	bits_set(l, bits, 0, OFL_LEVEL_TOLD);
}

/* --- walks --- */
bool ofl_levels_walk_is_due(const struct ofl_levels *l, uint64_t now_us)
{
	return l->started && !l->walking && (l->loose_up || l->loose_down) &&
	       l->walk_us <= now_us;
}

void ofl_levels_walk_begin(struct ofl_levels *l)
{
	l->walking = true;
}

void ofl_levels_walk_end(struct ofl_levels *l, uint64_t now_us)
{
	l->walking = false;
	l->walk_us = now_us + l->conf.grace_us;
}

void ofl_levels_walk_meet(struct ofl_levels *l, const struct ofl_key *key,
			  uint8_t *bits)
{
	uint8_t b = bits_of(l, bits);
	bool up = b & OFL_LEVEL_UP, told = b & OFL_LEVEL_TOLD;
	struct slot *s;

	if ((!up && !told) || slot_find(l, bits))
		return;
	if (up && told) {
		/* Somebody may ask who they are. */
		if (!slot_list_count(&l->unused))
			return;
		s = slot_add(l, key, bits);
		slot_move(s, &l->known);
	} else if (told) {
		bits_set(l, bits, 0, OFL_LEVEL_TOLD);
		l->st.told--;
		l->loose_down--;
		l->more_down++;
	} else if (b & OFL_LEVEL_AGED) {
		bits_set(l, bits, OFL_LEVEL_TOLD, OFL_LEVEL_AGED);
		l->st.told++;
		l->loose_up--;
		l->more_up++;
	} else {
		bits_set(l, bits, OFL_LEVEL_AGED, 0);
	}
}

/* --- tellings --- */
/* Who has waited longest of those that may be told; NULL: nobody. */
static struct slot *first_due(const struct ofl_levels *l)
{
	struct slot *up = slot_list_first((void *)&l->rising);
	struct slot *down = slot_list_first((void *)&l->falling);

	if (!up || !down)
		return up ? up : down;
	return up->due_us < down->due_us ? up : down;
}

static void tell_together(struct ofl_levels *l, struct ofl_levels_telling *t)
{
	uint64_t *more = l->more_up ? &l->more_up : &l->more_down;

	t->up = more == &l->more_up;
	t->count = *more;
	*more = 0;
}

static void tell_one(struct ofl_levels *l, struct slot *s,
		     struct ofl_levels_telling *t)
{
	t->up = s->list == &l->rising;
	t->has_key = true;
	t->key = s->key;
	t->count = 1;
	if (t->up) {
		bits_set(l, s->bits, OFL_LEVEL_TOLD, 0);
		l->st.told++;
		slot_move(s, &l->known);
		return;
	}
	if (s->bits) {
		bits_set(l, s->bits, 0, OFL_LEVEL_TOLD);
		l->st.told--;
	}
	slot_del(l, s);
}

bool ofl_levels_next(struct ofl_levels *l, uint64_t now_us,
		     struct ofl_levels_telling *ret)
{
	struct ofl_levels_telling t = {.up = false};
	struct slot *s = first_due(l);

	if (!l->started)
		return false;
	if (!l->walking && (l->more_up || l->more_down) &&
	    ofl_pace_take(&l->together, now_us))
		tell_together(l, &t);
	else if (s && s->due_us <= now_us && ofl_pace_take(&l->pace, now_us))
		tell_one(l, s, &t);
	else
		return false;
	t.suppressed = l->passed;
	l->passed = 0;
	l->st.tellings++;
	if (t.up)
		l->st.told_up += t.count;
	else
		l->st.told_down += t.count;
	*ret = t;
	return true;
}

uint64_t ofl_levels_due_us(const struct ofl_levels *l)
{
	struct slot *s = first_due(l);
	uint64_t due_us = UINT64_MAX;

	if (!l->started)
		return due_us;
	if (s)
		due_us = MAX(s->due_us, ofl_pace_due_us(&l->pace));
	if (l->walking)
		return 0;
	if (l->more_up || l->more_down)
		due_us = MIN(due_us, ofl_pace_due_us(&l->together));
	if (l->loose_up || l->loose_down)
		due_us = MIN(due_us, l->walk_us);
	return due_us;
}

/* --- asked --- */
void ofl_levels_stats(const struct ofl_levels *l, struct ofl_levels_stats *ret)
{
	*ret = l->st;
}

void ofl_levels_known_walk(const struct ofl_levels *l,
			   bool (*cb)(const struct ofl_key *key, void *arg),
			   void *arg)
{
	struct slot *s;

	frr_each (slot_list, (struct slot_list_head *)&l->known, s) {
		if (!cb(&s->key, arg))
			return;
	}
}
