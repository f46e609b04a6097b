// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The candidate, shared by all sessions, beside the running configuration that
 * is FRR's.
 *
 * A candidate that nobody changed is no copy at all: it is the running
 * configuration, whatever that becomes.  One that was changed remembers what
 * it was begun from; when somebody else commits, its changes are made anew to
 * what is running then.  Where that cannot be, it stays as it is and nothing
 * of it can be committed until it is discarded: that never takes back what
 * others did.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore_private.h"
#include "offloadd/netconf/diff.h"
#include "offloadd/netconf/rebase.h"
#include "offloadd/netconf/session.h"
#include "offloadd/netconf/tree.h"

static struct {
	bool dirty;
	struct lyd_node *tree, *base; /* only if dirty; NULL is empty */
	uint32_t version;	      /* of `base` in FRR */
	uint32_t changed_by;
} candidate;

bool ofl_nc_candidate_is_dirty(void)
{
	return candidate.dirty;
}

uint32_t ofl_nc_candidate_changed_by(void)
{
	return candidate.dirty ? candidate.changed_by : 0;
}

void ofl_nc_candidate_discard(void)
{
	lyd_free_all(candidate.tree);
	lyd_free_all(candidate.base);
	memset(&candidate, 0, sizeof(candidate));
}

void ofl_nc_candidate_set(struct lyd_node *tree, uint32_t session_id)
{
	const struct lyd_node *running = ofl_nc_running();

	ofl_nc_candidate_discard();
	if (ofl_nc_diff_is_none(running, tree)) {
		lyd_free_all(tree);
		return;
	}
	candidate.dirty = true;
	candidate.tree = tree;
	candidate.base = ofl_nc_tree_copy(running);
	candidate.version = ofl_nc_running_version();
	candidate.changed_by = session_id;
}

void ofl_nc_conflicts_add(const struct ofl_nc_conflicts *c,
			  struct ofl_nc_errors *errors)
{
	for (size_t i = 0; i < ofl_nc_conflicts_kept(c); i++)
		ofl_nc_error_add(
			errors, OFL_NC_APPLICATION, "operation-failed",
			c->paths[i],
			"%s was changed in the running configuration, too "
			"(%zu such conflicts); discard the candidate's changes "
			"and make them anew.",
			c->paths[i], c->count);
}

bool ofl_nc_candidate_refresh(struct ofl_nc_errors *errors)
{
	struct ofl_nc_conflicts conflicts = {0};
	struct lyd_node *tree;
	bool ok;

	if (!candidate.dirty || candidate.version == ofl_nc_running_version())
		return true;
	tree = ofl_nc_rebase(candidate.base, candidate.tree, ofl_nc_running(),
			     &conflicts);
	ok = !conflicts.count;
	if (ok) {
		(void)lyd_new_implicit_all(&tree, ofl_nc_context(),
					   LYD_IMPLICIT_NO_STATE, NULL);
		ofl_nc_candidate_set(tree, candidate.changed_by);
	} else {
		lyd_free_all(tree);
		if (errors)
			ofl_nc_conflicts_add(&conflicts, errors);
	}
	ofl_nc_conflicts_fini(&conflicts);
	return ok;
}

const struct lyd_node *ofl_nc_datastore_get(enum ofl_nc_datastore which)
{
	if (which == OFL_NC_RUNNING)
		return ofl_nc_running();
	(void)ofl_nc_candidate_refresh(NULL);
	return candidate.dirty ? candidate.tree : ofl_nc_running();
}

struct lyd_node *ofl_nc_datastore_copy(enum ofl_nc_datastore which)
{
	return ofl_nc_tree_copy(ofl_nc_datastore_get(which));
}

/* Its lock first, so that taking back its commit is not refused for it. */
static void session_end(struct ofl_nc_session *s)
{
	ofl_nc_lock_session_end(s);
	ofl_nc_confirm_session_end(s);
}

void ofl_nc_datastores_init(struct ofl_loop *loop)
{
	ofl_nc_lock_init();
	ofl_nc_ops_edit_init();
	ofl_nc_confirm_init(loop);
	ofl_nc_tell_init(loop);
	ofl_nc_session_on_end(session_end);
}

void ofl_nc_datastores_fini(void)
{
	ofl_nc_tell_fini();
	ofl_nc_confirm_fini();
	ofl_nc_lock_fini();
	ofl_nc_candidate_discard();
}
