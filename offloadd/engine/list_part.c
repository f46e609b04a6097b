// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parts: what hardware holds for rules that it cannot match whole.  Rules of a
 * list whose part is the same share it, and the mark that it gives to packets.
 *
 * A part is there as long as an edition has a rule of it, or hardware may
 * still have its entry; only then its mark may be another's.  An edition is
 * kept by the snapshot that software has of it, so software knows a mark as
 * long as packets may come with it.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_PART, "offload list part");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_PARTS, "offload list parts");

#define PARTS_START 8

struct ofl_list_part *ofl_list_part_find(const struct ofl_list *l,
					 uint64_t cookie)
{
	for (size_t i = 0; i < l->part_count; i++) {
		if (l->parts[i]->cookie == cookie)
			return l->parts[i];
	}
	return NULL;
}

static struct ofl_list_part *
part_new(struct ofl_list *l, const struct ofl_match *match, uint32_t hash)
{
	uint32_t mark = ofl_list_mark_get(l, match);
	struct ofl_list_part *p;

	if (!mark)
		return NULL;
	p = XCALLOC(MTYPE_OFL_LIST_PART, sizeof(*p));
	p->list = l;
	memcpy(&p->match, match, ofl_match_size(match));
	p->hash = hash;
	p->mark = mark;
	p->cookie = OFL_LIST_PART_COOKIE | ++l->last_part;
	if (l->part_count == l->part_size) {
		l->part_size = l->part_size ? l->part_size * 2 : PARTS_START;
		l->parts =
			XREALLOC(MTYPE_OFL_LIST_PARTS, l->parts,
				 l->part_size * sizeof(struct ofl_list_part *));
	}
	l->parts[l->part_count++] = p;
	return p;
}

struct ofl_list_part *ofl_list_part_get(struct ofl_list *l,
					const struct ofl_match *match)
{
	uint32_t hash = ofl_match_hash(match);
	struct ofl_list_part *p = NULL;

	for (size_t i = 0; i < l->part_count && !p; i++) {
		/* One whose mark may not be used any more has to go. */
		if (l->parts[i]->hash == hash &&
		    ofl_list_mark_is_in_range(l->parts[i]->mark) &&
		    ofl_match_eq(&l->parts[i]->match, match))
			p = l->parts[i];
	}
	if (!p)
		p = part_new(l, match, hash);
	if (p) {
		p->refs++;
		p->items++;
	}
	return p;
}

void ofl_list_part_ref(struct ofl_list_part *p)
{
	p->refs++;
}

static void forget(struct ofl_list *l, const struct ofl_list_part *p)
{
	size_t i = 0;

	while (l->parts[i] != p)
		i++;
	l->parts[i] = l->parts[--l->part_count];
	/* Who walks them begins again: another stands here now. */
	if (l->sync == OFL_LIST_SYNC_PARTS)
		l->sync_at = 0;
}

void ofl_list_part_unref(struct ofl_list_part *p)
{
	if (--p->refs)
		return;
	if (p->list)
		forget(p->list, p);
	ofl_list_mark_put(p->mark);
	XFREE(MTYPE_OFL_LIST_PART, p);
}

void ofl_list_parts_fini(struct ofl_list *l)
{
	for (size_t i = 0; i < l->part_count; i++) {
		struct ofl_list_part *p = l->parts[i];

		p->list = NULL;
		/* Hardware's reference ends with the list. */
		if (p->placed) {
			p->placed = false;
			ofl_list_part_unref(p);
		}
	}
	XFREE(MTYPE_OFL_LIST_PARTS, l->parts);
	l->part_count = l->part_size = 0;
}

void ofl_list_parts_count(struct ofl_list *l, const struct ofl_edition *e)
{
	for (size_t i = 0; i < l->part_count; i++) {
		l->parts[i]->users = 0;
		l->parts[i]->weight = 0;
		l->parts[i]->cls = OFL_CLASS_NEVER;
	}
	for (size_t i = 0; i < e->count; i++) {
		const struct ofl_list_item *it = &e->items[i];
		struct ofl_list_part *p = it->part;

		if (!p)
			continue;
		/* They come in order: the first is the topmost. */
		if (!p->users++)
			p->position = it->position;
		p->weight =
			MIN((uint64_t)p->weight + ofl_list_item_weight(l, it),
			    UINT32_MAX);
		p->slots = it->slots;
		p->cls = MAX(p->cls, it->cls);
	}
}
