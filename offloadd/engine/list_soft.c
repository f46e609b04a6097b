// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Software's half of a list: the snapshot of an edition that the provider gets.
 *
 * All rules of the list but those that are never met; and for each part the
 * rules that overlap it, on the levels of the list, for packets that come from
 * hardware with its mark.  A part that the edition has no more, and hardware
 * still has, is among them.
 *
 * A mark that hardware gave hides the one a packet had before, which hardware
 * delivers without: rules for marks are in a short list as for mark 0, and a
 * packet that meets none there is accepted there, as without any rule: in the
 * list the mark could be taken for its own.
 */
#include <zebra.h>

#include "offloadd/engine/list_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LIST_SOFT, "offload list snapshot");

#define WRITE_BATCH 2048
#define RULES_START 16

/* The provider has the first member. */
struct snapshot {
	struct ofl_list_soft soft; /* first */
	struct ofl_edition *edition;
	struct ofl_match **own; /* matches that no rule of the edition has */
	size_t own_count;
	struct ofl_list_part **parts; /* referenced */
	bool has_marks;		      /* some rule is for a mark */
	uint16_t last_level;
	struct ofl_match rest;		   /* of what meets none in a short */
	struct ofl_ace_action rest_action; /* list */
};

static bool is_for_mark(const struct ofl_match *m)
{
	return m->more & 1u << (3 - OFL_MATCH_BASE);
}

static void snapshot_free(struct ofl_list_soft *soft)
{
	struct snapshot *s = (struct snapshot *)soft;

	for (size_t i = 0; i < s->own_count; i++)
		XFREE(MTYPE_OFL_LIST_SOFT, s->own[i]);
	for (size_t i = 0; i < soft->part_count; i++)
		ofl_list_part_unref(s->parts[i]);
	ofl_edition_unref(s->edition);
	XFREE(MTYPE_OFL_LIST_SOFT, s->own);
	XFREE(MTYPE_OFL_LIST_SOFT, s->parts);
	XFREE(MTYPE_OFL_LIST_SOFT, soft->rules);
	XFREE(MTYPE_OFL_LIST_SOFT, soft->marks);
	XFREE(MTYPE_OFL_LIST_SOFT, s);
}

static struct snapshot *begin(struct ofl_list *l)
{
	struct snapshot *s = XCALLOC(MTYPE_OFL_LIST_SOFT, sizeof(*s));
	struct ofl_list_soft *soft = &s->soft;

	soft->free = snapshot_free;
	s->edition = ofl_edition_ref(l->made);
	soft->marks = XCALLOC(MTYPE_OFL_LIST_SOFT,
			      (l->part_count + 1) * sizeof(*soft->marks));
	s->parts =
		XCALLOC(MTYPE_OFL_LIST_SOFT,
			(l->part_count + 1) * sizeof(struct ofl_list_part *));
	/* Those of this edition, and those of an older one that hardware may
	 * have, or get. */
	for (size_t i = 0; i < l->part_count; i++) {
		if (!l->parts[i]->items && !l->parts[i]->placed)
			continue;
		ofl_list_part_ref(l->parts[i]);
		s->parts[soft->part_count] = l->parts[i];
		soft->marks[soft->part_count++] = l->parts[i]->mark;
	}
	for (size_t i = 0; i < l->made->count; i++) {
		const struct ofl_list_item *it = &l->made->items[i];

		s->has_marks = s->has_marks || is_for_mark(it->match);
		s->last_level = MAX(s->last_level, it->level);
	}
	ofl_match_init(&s->rest);
	l->soft = soft;
	l->soft_size = 0;
	return s;
}

static void rule_append(struct ofl_list *l, const struct ofl_list_rule *rule)
{
	struct ofl_list_soft *soft = l->soft;

	if (soft->count == l->soft_size) {
		l->soft_size = l->soft_size ? l->soft_size * 2 : RULES_START;
		soft->rules = XREALLOC(MTYPE_OFL_LIST_SOFT, soft->rules,
				       l->soft_size * sizeof(*soft->rules));
	}
	soft->rules[soft->count++] = *rule;
}

static void rule_add(struct ofl_list *l, const struct ofl_list_item *it,
		     const struct ofl_match *m)
{
	rule_append(l, &(struct ofl_list_rule){
			       .match = m,
			       .action = &it->action->action,
			       .cookie = it->cookie,
			       .level = it->level,
			       .part = l->part_at,
		       });
}

/* The match for packets of which hardware gave the mark; NULL: none. */
static const struct ofl_match *unmarked(struct snapshot *s,
					const struct ofl_match *m)
{
	struct ofl_match zero, *copy;

	if (!is_for_mark(m))
		return m;
	ofl_match_init(&zero);
	ofl_match_set(&zero, OFL_FIELD_MARK, 0, UINT32_MAX);
	if (!ofl_match_has_overlap(m, &zero))
		return NULL;
	copy = XMALLOC(MTYPE_OFL_LIST_SOFT, sizeof(*copy));
	memset(copy, 0, sizeof(*copy));
	memcpy(copy, m, ofl_match_size(m));
	ofl_match_set(copy, OFL_FIELD_MARK, 0, 0);
	s->own = XREALLOC(MTYPE_OFL_LIST_SOFT, s->own,
			  (s->own_count + 1) * sizeof(struct ofl_match *));
	s->own[s->own_count++] = copy;
	return copy;
}

/* Rule `at` where it belongs in turn `part` (0: of the list). */
static void step_one(struct ofl_list *l, struct snapshot *s)
{
	const struct ofl_list_item *it = &s->edition->items[l->at];
	const struct ofl_match *m = it->match;

	if (it->is_twin)
		return;
	if (l->part_at) {
		if (!ofl_match_has_overlap(m, &s->parts[l->part_at - 1]->match))
			return;
		m = unmarked(s, m);
	}
	if (m)
		rule_add(l, it, m);
}

static void rest_add(struct ofl_list *l, const struct snapshot *s)
{
	rule_append(l, &(struct ofl_list_rule){
			       .match = &s->rest,
			       .action = &s->rest_action,
			       .cookie = OFL_LIST_PART_COOKIE,
			       .level = s->last_level +
					(s->last_level < UINT16_MAX),
			       .part = l->part_at,
		       });
}

bool ofl_list_soft_step(struct ofl_list *l)
{
	struct snapshot *s = (struct snapshot *)l->soft;

	if (!s)
		s = begin(l);
	for (unsigned int i = 0; i < WRITE_BATCH; i++) {
		if (l->at == s->edition->count) {
			if (l->part_at && s->has_marks)
				rest_add(l, s);
			if (l->part_at == s->soft.part_count)
				return false;
			l->part_at++;
			l->at = 0;
			continue;
		}
		step_one(l, s);
		l->at++;
	}
	return true;
}

void ofl_list_soft_stop(struct ofl_list *l)
{
	if (l->soft)
		snapshot_free(l->soft);
	l->soft = NULL;
}

void ofl_list_soft_give(struct ofl_list *l)
{
	const struct ofl_list_host *h = ofl_list_host(l);
	struct ofl_list_soft *soft = l->soft;

	ofl_edition_unref(l->given);
	l->given = l->made;
	l->made = NULL;
	l->soft = NULL;
	l->stage = OFL_LIST_IDLE;
	l->current = false;
	/* Whatever it says, it is asked. */
	l->changed = true;
	h->ops->lists->set(h->prov, l->number, soft);
	ofl_list_kick(l);
}
