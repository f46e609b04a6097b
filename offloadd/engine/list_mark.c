// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Marks: each part has one of the configured range, as long as anybody may
 * have the part.  What came from an earlier life is remembered by name, so that
 * a part gets its mark again: packets that are on their way, and whoever looks
 * at counters, see no other.
 *
 * A remembered mark is a wish and no more: one that is another's by now, or out
 * of the range, is not given.  When the range moves, marks of the old one stay
 * until their parts go.
 *
 * Who has a part is list_part.c's; where it is kept, the engine's.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "jhash.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/flow/match_print.h"
#include "offloadd/store/store.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_MARK, "offload list mark");

/* As much of it as the store keeps; if two are alike then, only one of them
 * has its mark again. */
#define NAME_LEN (OFL_STORE_STRING_MAX + 1)

struct ofl_list_mark {
	struct ofl_list_marks_item item;
	struct ofl_list_mark_names_item name_item;
	uint32_t mark;
	bool used;     /* a part has it; else it is only remembered */
	bool is_named; /* no other part took over its name */
	char *table, *list, *part;
};

static int mark_cmp(const struct ofl_list_mark *a,
		    const struct ofl_list_mark *b)
{
	return numcmp(a->mark, b->mark);
}

static uint32_t mark_hash(const struct ofl_list_mark *a)
{
	return jhash_1word(a->mark, 0);
}

static int name_cmp(const struct ofl_list_mark *a,
		    const struct ofl_list_mark *b)
{
	int ret = strcmp(a->part, b->part);

	ret = ret ? ret : strcmp(a->list, b->list);
	return ret ? ret : strcmp(a->table, b->table);
}

static uint32_t name_hash(const struct ofl_list_mark *a)
{
	uint32_t hash = jhash(a->part, strlen(a->part), 0);

	hash = jhash(a->list, strlen(a->list), hash);
	return jhash(a->table, strlen(a->table), hash);
}

DECLARE_HASH(ofl_list_marks, struct ofl_list_mark, item, mark_cmp, mark_hash);
DECLARE_HASH(ofl_list_mark_names, struct ofl_list_mark, name_item, name_cmp,
	     name_hash);

static struct ofl_list_marks *const marks = &ofl_lists.marks;

static struct ofl_list_mark *find(uint32_t mark)
{
	struct ofl_list_mark key = {.mark = mark};

	return ofl_list_marks_find(&marks->by_mark, &key);
}

bool ofl_list_mark_is_in_range(uint32_t mark)
{
	return mark >= marks->first && mark - marks->first < marks->count;
}

static void keep(const struct ofl_list_mark *m, uint32_t mark)
{
	const struct ofl_list_mark_name name = {m->table, m->list, m->part};

	if (ofl_lists.env.mark_keep)
		ofl_lists.env.mark_keep(&name, mark);
}

static void mark_free(struct ofl_list_mark *m)
{
	ofl_list_marks_del(&marks->by_mark, m);
	if (m->is_named)
		ofl_list_mark_names_del(&marks->by_name, m);
	XFREE(MTYPE_OFL_LIST_MARK, m->table);
	XFREE(MTYPE_OFL_LIST_MARK, m->list);
	XFREE(MTYPE_OFL_LIST_MARK, m->part);
	XFREE(MTYPE_OFL_LIST_MARK, m);
}

/* It is not to be had again. */
static void mark_drop(struct ofl_list_mark *m)
{
	if (m->is_named)
		keep(m, 0);
	mark_free(m);
}

/* Who had the name keeps its mark, and is not remembered. */
static struct ofl_list_mark *mark_new(const struct ofl_list_mark_name *name,
				      uint32_t mark)
{
	struct ofl_list_mark *m = XCALLOC(MTYPE_OFL_LIST_MARK, sizeof(*m));
	struct ofl_list_mark *old;

	m->mark = mark;
	m->is_named = true;
	m->table = XSTRDUP(MTYPE_OFL_LIST_MARK, name->table);
	m->list = XSTRDUP(MTYPE_OFL_LIST_MARK, name->list);
	m->part = XSTRDUP(MTYPE_OFL_LIST_MARK, name->part);
	old = ofl_list_mark_names_find(&marks->by_name, m);
	if (old) {
		ofl_list_mark_names_del(&marks->by_name, old);
		old->is_named = false;
	}
	ofl_list_marks_add(&marks->by_mark, m);
	ofl_list_mark_names_add(&marks->by_name, m);
	return m;
}

/* --- the range --- */
bool ofl_lists_marks_range_set(uint32_t first, uint32_t count)
{
	if (first == marks->first && count == marks->count)
		return false;
	marks->first = first;
	marks->count = count;
	marks->next = 0;
	marks->exhausted = false;
	return true;
}

bool ofl_lists_marks_are_left(void)
{
	return !marks->exhausted;
}

/* One that nobody has or remembers, from where the last was found; 0: none. */
static uint32_t find_free(void)
{
	/* Where one more is looked at than there are, one is free. */
	size_t looks = ofl_list_marks_count(&marks->by_mark) + 1;

	for (size_t i = 0; i < MIN(looks, marks->count); i++) {
		uint32_t at = (marks->next + i) % marks->count;

		if (find(marks->first + at))
			continue;
		marks->next = at + 1;
		return marks->first + at;
	}
	return 0;
}

/* One that is only remembered, which it is no more; 0: none. */
static uint32_t find_remembered(void)
{
	for (uint32_t i = 0; i < marks->count; i++) {
		struct ofl_list_mark *m = find(marks->first + i);

		if (!m || m->used)
			continue;
		mark_drop(m);
		return marks->first + i;
	}
	return 0;
}

/* --- names --- */
static void list_name(const struct ofl_list *l, char *buf, size_t len)
{
	buf[0] = '\0';
	for (unsigned int i = 0; i < l->acl_count; i++) {
		const struct ofl_acl_conf *c = ofl_lists_acl(l->acls[i]);
		const char *kind = c ? ofl_acl_origin_name(c->origin) : "";

		if (i)
			strlcat(buf, ", ", len);
		if (c && kind && kind[0]) {
			strlcat(buf, kind, len);
			strlcat(buf, " ", len);
		}
		strlcat(buf, c ? c->name : "", len);
	}
}

/* --- for parts --- */
uint32_t ofl_list_mark_get(const struct ofl_list *l,
			   const struct ofl_match *match)
{
	char list[NAME_LEN], part[NAME_LEN];
	struct ofl_list_mark_name name = {ofl_list_host(l)->name, list, part};
	struct ofl_list_mark key = {.part = part, .list = list}, *m;
	uint32_t mark;

	list_name(l, list, sizeof(list));
	ofl_match_print(match, part, sizeof(part));
	key.table = ofl_list_host(l)->name;
	m = ofl_list_mark_names_find(&marks->by_name, &key);
	if (m && !m->used) {
		m->used = ofl_list_mark_is_in_range(m->mark);
		if (m->used)
			return m->mark;
		mark_drop(m);
	}
	if (marks->exhausted)
		return 0;
	mark = find_free();
	if (!mark)
		mark = find_remembered();
	marks->exhausted = mark == 0;
	if (!mark)
		return 0;
	m = mark_new(&name, mark);
	m->used = true;
	keep(m, mark);
	return mark;
}

void ofl_list_mark_put(uint32_t mark)
{
	mark_drop(find(mark));
	marks->exhausted = false;
}

/* --- an earlier life, and a later one --- */
void ofl_list_mark_remember(const struct ofl_list_mark_name *name,
			    uint32_t mark)
{
	if (mark && !find(mark))
		mark_new(name, mark);
}

void ofl_lists_marks_sweep(void)
{
	struct ofl_list_mark *m;

	frr_each_safe (ofl_list_marks, &marks->by_mark, m) {
		if (m->used)
			continue;
		mark_drop(m);
		marks->exhausted = false;
	}
}

void ofl_lists_marks_restate(uint32_t room)
{
	struct ofl_list_mark *m;

	frr_each (ofl_list_marks, &marks->by_mark, m) {
		if (!m->is_named)
			continue;
		if (!room--)
			return;
		keep(m, m->mark);
	}
}

void ofl_lists_marks_init(void)
{
	ofl_acls_marks_get(&marks->first, &marks->count);
	ofl_list_marks_init(&marks->by_mark);
	ofl_list_mark_names_init(&marks->by_name);
}

void ofl_lists_marks_fini(void)
{
	struct ofl_list_mark *m;

	while ((m = ofl_list_marks_first(&marks->by_mark)))
		mark_free(m);
	ofl_list_marks_fini(&marks->by_mark);
	ofl_list_mark_names_fini(&marks->by_name);
}
