// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ietf-yang-library (RFC 8525) and its older form modules-state (RFC 7895).
 *
 * The set of modules is fixed when the daemon starts, so there are no
 * notifications of it, and the content identifier is a hash over the modules:
 * the same daemon has the same one after a restart.
 */
#include <zebra.h>

#include "jhash.h"

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/parts.h"

/* Names, revisions and features of all modules. */
static uint32_t content_make(const struct ly_ctx *ctx)
{
	const struct lys_module *m;
	uint32_t hash = 0, idx = 0;

	while ((m = ly_ctx_get_module_iter(ctx, &idx))) {
		const struct lysp_feature *f = NULL;
		uint32_t feature = 0;

		hash = jhash(m->name, strlen(m->name), hash);
		if (m->revision)
			hash = jhash(m->revision, strlen(m->revision), hash);
		hash = jhash_1word(m->implemented, hash);
		while (m->parsed &&
		       (f = lysp_feature_next(f, m->parsed, &feature))) {
			if (f->flags & LYS_FENABLED)
				hash = jhash(f->name, strlen(f->name), hash);
		}
	}
	return hash;
}

/* One datastore with all modules. */
static bool datastore_add(struct lyd_node *library, const char *name)
{
	struct lyd_node *entry;

	if (lyd_new_list(library, NULL, "datastore", 0, &entry, name))
		return false;
	return lyd_new_term(entry, NULL, "schema", "complete", 0, NULL) ==
	       LY_SUCCESS;
}

struct lyd_node *ofl_nc_yanglib_state(void)
{
	const struct ly_ctx *ctx = ofl_nc_context();
	struct lyd_node *tree = NULL, *library = NULL;

	if (ly_ctx_get_yanglib_data(ctx, &tree, "%08x", content_make(ctx)) !=
	    LY_SUCCESS)
		return NULL;
	if (lyd_find_path(tree, "/ietf-yang-library:yang-library", 0,
			  &library) != LY_SUCCESS ||
	    !datastore_add(library, "ietf-datastores:running") ||
	    !datastore_add(library, "ietf-datastores:candidate")) {
		lyd_free_all(tree);
		return NULL;
	}
	return lyd_first_sibling(tree);
}
