// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An entry of an access control list explained in sentences; see explain.h.
 */
#include <zebra.h>

#include "offloadd/flow/words.h"
#include "offloadd/northbound/explain.h"
#include "offloadd/northbound/show_ace.h"

struct search {
	uint32_t seq;
	struct ofl_explained_ace *ret;
};

static bool take_ace(const struct ofl_ace *ace, void *arg)
{
	struct search *s = arg;

	if (ace->seq == s->seq)
		s->ret->ace = ace;
	return false;
}

static bool search_list(const struct ofl_acl_status *acl, void *arg)
{
	struct search *s = arg;

	s->ret->acl = *acl;
	ofl_aces_walk(acl->id, s->seq, take_ace, s);
	return !s->ret->ace;
}

bool ofl_explained_ace_get(const char *list, uint32_t seq,
			   struct ofl_explained_ace *ret)
{
	struct search s = {.seq = seq, .ret = ret};

	memset(ret, 0, sizeof(*ret));
	ofl_acls_walk_name(list, search_list, &s);
	if (!ret->ace)
		return false;
	ret->settings = ofl_ace_settings_make(&ret->acl.conf->settings,
					      &ret->ace->settings);
	ofl_show_ace_get(ret->acl.id, seq, ret->acl.attached, &ret->standing);
	return true;
}

static const char *state_words(enum ofl_state state)
{
	switch (state) {
	case OFL_STATE_SEEN:
		return "It is known, and not judged yet";
	case OFL_STATE_SENT:
		return "Hardware was asked for it and has not answered";
	case OFL_STATE_OFFLOADED:
		return "Hardware answers it";
	case OFL_STATE_COVERED:
		return "An entry in hardware sends its packets to software";
	case OFL_STATE_ELIDED:
		return "Hardware answers it by another entry";
	case OFL_STATE_LEAVING:
		return "Hardware was asked to remove it and has not answered";
	case OFL_STATE_FAILED:
		return "It was refused, and software answers it";
	case OFL_STATE_WAITING:
	case OFL_STATE_GONE:
		break;
	}
	return "It is not in hardware";
}

static void say_state(const struct ofl_explained_ace *x, struct ofl_words *w)
{
	const struct ofl_ace_status *s = &x->standing;

	ofl_words_put(w, "%s (%s).", state_words(s->state),
		      ofl_state_name(s->state));
	if (!x->acl.attached)
		return;
	ofl_words_put(w,
		      "Hardware answers %u of %u match%s and sends %u to "
		      "software.",
		      s->real, s->matches, s->matches == 1 ? "" : "es",
		      s->punts);
	ofl_words_put(w, "Software %s it everywhere.",
		      s->in_software ? "enforces" : "does not enforce");
}

/* Who says a setting. */
static const char *says(const struct ofl_explained_ace *x, uint8_t setting)
{
	return x->ace->settings.set & setting ? "the entry itself" : "its list";
}

static void say_class(const struct ofl_explained_ace *x, struct ofl_words *w)
{
	const struct ofl_ace_settings *s = &x->settings;

	ofl_words_put(w,
		      "Its class is %s by %s; placement %s by %s; weight %u.",
		      ofl_class_name(s->cls), says(x, OFL_ACE_S_CLASS),
		      ofl_ace_where_name(s->where),
		      says(x, OFL_ACE_S_PLACEMENT), s->weight);
	if (s->offload_or_fail)
		ofl_words_put(w, "Whenever it is not in hardware, that is an "
				 "error (offload-or-fail).");
	if (s->allow_partial)
		ofl_words_put(w, "Hardware may match a part of it "
				 "(allow-partial).");
}

static bool is_settled(const struct ofl_ace_status *s)
{
	return s->state == OFL_STATE_OFFLOADED || s->state == OFL_STATE_ELIDED;
}

static void say_why(const struct ofl_explained_ace *x, struct ofl_words *w)
{
	const struct ofl_ace_status *s = &x->standing;

	if (is_settled(s))
		return;
	ofl_words_put(w, "%s (Reason %s.)", ofl_reason_meaning(s->reason),
		      ofl_reason_name(s->reason));
	if (s->text[0])
		ofl_words_put(w, "In more words: %s.", s->text);
}

/* What the lists may still take of each table it is attached at. */
static bool say_table(const struct ofl_applied *a, void *arg)
{
	struct ofl_words *w = arg;
	struct ofl_lists_at at;

	if (a->table[0] && ofl_lists_at(a->table, &at))
		ofl_words_put(w,
			      "Lists may take %u slots of table %s, and %u "
			      "are planned.",
			      at.limit_slots, a->table, at.planned_slots);
	return true;
}

static void say_remedy(const struct ofl_explained_ace *x, struct ofl_words *w)
{
	if (is_settled(&x->standing))
		return;
	ofl_words_put(w, "%s", ofl_reason_remedy(x->standing.reason));
	ofl_applied_walk(x->acl.id, say_table, w);
}

static bool say_applied(const struct ofl_applied *a, void *arg)
{
	struct ofl_words *w = arg;

	ofl_words_put(w, "%s %s: %s%s%s%s%s%s.", a->interface,
		      ofl_direction_name(a->direction),
		      ofl_show_bound_name(a->bound),
		      a->table[0] ? ", table " : "", a->table,
		      a->current ? "" : ", not current", a->why[0] ? ", " : "",
		      a->why);
	return true;
}

static void say_shadow(const struct ofl_explained_ace *x, struct ofl_words *w)
{
	if (!x->acl.attached)
		ofl_words_put(w, "Its list is attached nowhere.");
	else
		ofl_words_put(w, "Packets meet its list here:");
	ofl_applied_walk(x->acl.id, say_applied, w);
}

static void say_cost(const struct ofl_explained_ace *x, struct ofl_words *w)
{
	const struct ofl_ace_status *s = &x->standing;

	ofl_words_put(w,
		      "It is made of %u match%s, in all places, and takes "
		      "%u slot%s now.",
		      s->matches, s->matches == 1 ? "" : "es", s->slots,
		      s->slots == 1 ? "" : "s");
	if (s->mark)
		ofl_words_put(w,
			      "It is split: hardware's part gives mark 0x%x, "
			      "which %u entr%s.",
			      s->mark, s->mark_users,
			      s->mark_users == 1 ? "y has" : "ies share");
}

bool ofl_explained_ace_answer(const struct ofl_explained_ace *x,
			      enum ofl_question q, char *buf, size_t len)
{
	static void (*const say[OFL_ASK_MAX])(const struct ofl_explained_ace *x,
					      struct ofl_words *w) = {
		[OFL_ASK_STATE] = say_state,   [OFL_ASK_CLASS] = say_class,
		[OFL_ASK_WHY] = say_why,       [OFL_ASK_REMEDY] = say_remedy,
		[OFL_ASK_SHADOW] = say_shadow, [OFL_ASK_COST] = say_cost,
	};
	struct ofl_words w = {.buf = buf, .len = len};

	buf[0] = '\0';
	if (say[q])
		say[q](x, &w);
	return w.at > 0;
}
