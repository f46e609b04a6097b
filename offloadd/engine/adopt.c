// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries that an earlier life left in a table are taken over, so that a
 * restart writes nothing that is right already.
 *
 * Order is what counts.  Until the feed has settled it is not known which
 * routes there are, so nothing is planned and nothing written; hardware goes on
 * as it was left.  Then every entry is told to placement, before its first
 * plan: entries that are there are not exchanged for others of equal worth.
 * Whether one does what its route wants, its provider says.  What nobody wants
 * any more leaves in the safe order of any other entry.
 *
 * A table in which nothing is found begins at once.
 */
#include <zebra.h>

#include "log.h"

#include "offloadd/engine/engine_private.h"

void ofl_adopt_ready(struct ofl_hw *t, bool ready)
{
	struct ofl_provider_stats st;

	if (!ready) {
		if (t->adopt == OFL_ADOPT_RUNNING)
			t->adopt = OFL_ADOPT_UNKNOWN; /* all of it again */
		return;
	}
	t->ops->stats(t->prov, &st);
	if (st.found)
		t->adopt = OFL_ADOPT_WAITING;
	else if (t->adopt != OFL_ADOPT_WAITING)
		t->adopt = OFL_ADOPT_DONE;
}

/* Each its own: see OFL_IDENTITY_FOUND_FIRST. */
uint32_t ofl_adopt_identity(struct ofl_hw *t)
{
	return OFL_IDENTITY_FOUND_FIRST +
	       t->found_count++ %
		       (OFL_IDENTITY_FOUND - OFL_IDENTITY_FOUND_FIRST);
}

/* One entry, as found.  Its flow may not have been judged yet. */
static void adopt_one(const struct ofl_hw_entry *e, void *arg)
{
	struct ofl_hw *t = arg;
	const struct ofl_action *action = NULL;
	uint32_t identity = 0;
	struct ofl_flow *f;
	bool right;

	if (!e->found)
		return;
	f = ofl_flowtab_find(ofl_eng.flows, &e->key);
	if (f && !f->withdrawn)
		action = f->action;
	right = t->ops->adopt(t->prov, &e->key,
			      e->entry == OFL_ENTRY_REAL ? action : NULL);
	if (e->entry == OFL_ENTRY_REAL)
		identity = right && action ? action->id : ofl_adopt_identity(t);
	if (e->entry == OFL_ENTRY_REAL && (!f || f->withdrawn))
		ofl_restart_hold_keep(t, &e->key, identity);
	ofl_place_adopt(t->place, &e->key, e->entry, identity);
	t->adopted++;
	t->adopted_otherwise += !right;
}

void ofl_adopt_late(struct ofl_hw *t, const struct ofl_flow *f)
{
	struct ofl_place_view v;

	if (!ofl_restart_is_holding() ||
	    !ofl_place_view(t->place, &f->key, &v) || v.cookie ||
	    v.entry != OFL_ENTRY_REAL || !ofl_identity_is_found(v.identity) ||
	    v.in_flight != OFL_OP_NONE)
		return;
	if (t->ops->adopt(t->prov, &f->key, f->action))
		ofl_place_identity_set(t->place, &f->key, f->action->id);
}

static void begin(struct ofl_hw *t)
{
	ofl_restart_hold_begin();
	t->adopt = OFL_ADOPT_RUNNING;
	t->adopt_at = 0;
	t->adopted = t->adopted_otherwise = 0;
	if (!t->planned)
		return;
	/* It came up late: what was planned without it is void. */
	ofl_simulate_forget(t);
	ofl_place_free(t->place);
	t->place = ofl_place_new(&t->limits);
	t->planned = false;
	ofl_engine_forget_table(t->index);
}

static void end(struct ofl_hw *t)
{
	char text[120];

	t->adopt = OFL_ADOPT_DONE;
	snprintf(text, sizeof(text),
		 "%u entries of before are kept, %u of them to be changed",
		 t->adopted, t->adopted_otherwise);
	zlog_info("offload: table %s: %s", t->conf.name, text);
	ofl_hw_event(t, "adopted", text);
}

bool ofl_adopt_holds(struct ofl_hw *t, unsigned int budget, bool *ret_more)
{
	*ret_more = false;
	switch ((enum ofl_adopt)t->adopt) {
	case OFL_ADOPT_UNKNOWN:
		/* Should it come up later there is another way. */
		return t->ops->adopt && ofl_restart_is_on() && !ofl_eng.settled;
	case OFL_ADOPT_WAITING:
		/* One that is to go asks nobody. */
		if (!ofl_eng.settled && !t->retiring)
			return true;
		begin(t);
		/* fallthrough */
	case OFL_ADOPT_RUNNING:
		t->ops->dump(t->prov, &t->adopt_at, budget, adopt_one, t);
		if (!t->adopt_at)
			end(t);
		*ret_more = true;
		return true;
	case OFL_ADOPT_DONE:
		break;
	}
	return false;
}
