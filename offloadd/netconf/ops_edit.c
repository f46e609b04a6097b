// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * edit-config, copy-config, delete-config, validate, discard-changes.
 *
 * An edit is made to a copy and the copy is taken or thrown away, so that all
 * three error-options do what rollback-on-error asks: RFC 6241 lets a server
 * stop at the first error, and nobody ever meets half an edit.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore_private.h"
#include "offloadd/netconf/edit.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/session.h"
#include "offloadd/netconf/tree.h"

static const struct lyd_node *input(const struct lyd_node *op, const char *path)
{
	struct lyd_node *node = NULL;

	return lyd_find_path(op, path, 0, &node) == LY_SUCCESS ? node : NULL;
}

static const char *text_of(const struct lyd_node *op, const char *path,
			   const char *otherwise)
{
	const struct lyd_node *node = input(op, path);

	return node ? lyd_get_value(node) : otherwise;
}

static enum ofl_nc_datastore target_of(const struct lyd_node *op)
{
	return input(op, "target/candidate") ? OFL_NC_CANDIDATE
					     : OFL_NC_RUNNING;
}

/* The content of an element <config>.  False: it is no XML elements. */
static bool content_of(const struct lyd_node *config,
		       const struct lyd_node **ret_payload,
		       struct ofl_nc_errors *errors)
{
	if (!ofl_lyd_any_has_text(config)) {
		*ret_payload = ofl_lyd_any_tree(config);
		return true;
	}
	ofl_nc_error_info(ofl_nc_error_add(errors, OFL_NC_PROTOCOL,
					   "invalid-value", NULL,
					   "The element config holds no "
					   "elements."),
			  "bad-element", "config");
	return false;
}

/* The datastore becomes *tree, which is consumed. */
static bool take(const struct ofl_nc_session *s, enum ofl_nc_datastore which,
		 struct lyd_node **tree, struct ofl_nc_errors *errors)
{
	if (which == OFL_NC_RUNNING)
		return ofl_nc_commit(s, tree, errors);
	if (!ofl_nc_commit_allows(s, ofl_nc_datastore_get(which), *tree,
				  errors))
		return false;
	ofl_nc_candidate_set(*tree, ofl_nc_session_id(s));
	*tree = NULL;
	return true;
}

/* --- edit-config --- */

static enum ofl_nc_edit_op default_op_of(const struct lyd_node *op)
{
	const char *name = text_of(op, "default-operation", "merge");

	if (!strcmp(name, "replace"))
		return OFL_NC_OP_REPLACE;
	return !strcmp(name, "none") ? OFL_NC_OP_NONE : OFL_NC_OP_MERGE;
}

/* What test-option asks for before the edit is taken; running is always
 * tested, and completed with defaults, by the commit. */
static bool test(const struct ofl_nc_session *s, enum ofl_nc_datastore which,
		 const char *option, struct lyd_node **tree,
		 struct ofl_nc_errors *errors)
{
	if (!strcmp(option, "test-only"))
		return ofl_nc_commit_allows(s, ofl_nc_datastore_get(which),
					    *tree, errors) &&
		       ofl_nc_commit_validate_all(s, tree, errors);
	if (which == OFL_NC_RUNNING)
		return true;
	if (!strcmp(option, "test-then-set"))
		return ofl_nc_commit_validate(tree, errors);
	(void)lyd_new_implicit_all(tree, ofl_nc_context(),
				   LYD_IMPLICIT_NO_STATE, NULL);
	return true;
}

static void edit_config(struct ofl_nc_session *s, const struct lyd_node *op,
			struct ofl_nc_reply *reply)
{
	enum ofl_nc_datastore which = target_of(op);
	const char *option = text_of(op, "test-option", "test-then-set");
	const struct lyd_node *config = input(op, "config"), *payload = NULL;
	struct lyd_node *tree;

	if (!config) {
		ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
				 "operation-not-supported", NULL,
				 "Edits are taken from the element config.");
		return;
	}
	if (!content_of(config, &payload, &reply->errors) ||
	    !ofl_nc_lock_allows(which, s, &reply->errors))
		return;
	if (which == OFL_NC_CANDIDATE &&
	    !ofl_nc_candidate_refresh(&reply->errors))
		return;
	tree = ofl_nc_datastore_copy(which);
	if (ofl_nc_edit(&tree, payload, default_op_of(op), ofl_nc_context(),
			&reply->errors) &&
	    test(s, which, option, &tree, &reply->errors) &&
	    strcmp(option, "test-only") != 0)
		(void)take(s, which, &tree, &reply->errors);
	lyd_free_all(tree);
}

/* --- a whole configuration --- */

/* Of <config>; NULL with an error: it cannot be. */
static bool config_make(const struct lyd_node *config,
			struct lyd_node **ret_tree,
			struct ofl_nc_errors *errors)
{
	const struct lyd_node *payload = NULL;
	struct lyd_node *tree = NULL;

	if (!content_of(config, &payload, errors) ||
	    !ofl_nc_edit(&tree, payload, OFL_NC_OP_REPLACE, ofl_nc_context(),
			 errors)) {
		lyd_free_all(tree);
		return false;
	}
	(void)lyd_new_implicit_all(&tree, ofl_nc_context(),
				   LYD_IMPLICIT_NO_STATE, NULL);
	*ret_tree = tree;
	return true;
}

/* A copy of the source of copy-config or validate.  What the session may not
 * read is not copied (RFC 8341, 3.2.2). */
static bool source_make(const struct ofl_nc_session *s,
			const struct lyd_node *op, bool with_secrets,
			struct lyd_node **ret_tree,
			struct ofl_nc_errors *errors)
{
	const struct lyd_node *config = input(op, "source/config");

	if (config)
		return config_make(config, ret_tree, errors);
	*ret_tree = ofl_nc_datastore_copy(input(op, "source/candidate")
						  ? OFL_NC_CANDIDATE
						  : OFL_NC_RUNNING);
	if (*ret_tree && !with_secrets)
		ofl_nc_nacm_prune(ofl_nc_session_user(s), ret_tree);
	return true;
}

static void copy_config(struct ofl_nc_session *s, const struct lyd_node *op,
			struct ofl_nc_reply *reply)
{
	enum ofl_nc_datastore which = target_of(op);
	struct lyd_node *tree = NULL;

	if (input(op, "target/url") || input(op, "source/url") ||
	    input(op, "target/startup") || input(op, "source/startup")) {
		ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
				 "operation-not-supported", NULL,
				 "There is neither startup nor url.");
		return;
	}
	if (input(op, which == OFL_NC_CANDIDATE ? "source/candidate"
						: "source/running")) {
		ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
				 "invalid-value", NULL,
				 "Source and target are the same.");
		return;
	}
	if (!ofl_nc_lock_allows(which, s, &reply->errors))
		return;
	/* A stale candidate may be overwritten, not be made running. */
	if (which == OFL_NC_RUNNING && input(op, "source/candidate") &&
	    !ofl_nc_candidate_refresh(&reply->errors))
		return;
	if (source_make(s, op, false, &tree, &reply->errors))
		(void)take(s, which, &tree, &reply->errors);
	lyd_free_all(tree);
}

static void delete_config(struct ofl_nc_session *s, const struct lyd_node *op,
			  struct ofl_nc_reply *reply)
{
	ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
			 "operation-not-supported", NULL,
			 "Neither the running configuration nor the candidate "
			 "can be deleted, and there is no other.");
}

static void validate(struct ofl_nc_session *s, const struct lyd_node *op,
		     struct ofl_nc_reply *reply)
{
	struct lyd_node *tree = NULL;

	if (input(op, "source/candidate") &&
	    !ofl_nc_candidate_refresh(&reply->errors))
		return;
	if (source_make(s, op, true, &tree, &reply->errors))
		(void)ofl_nc_commit_validate_all(s, &tree, &reply->errors);
	lyd_free_all(tree);
}

static void discard_changes(struct ofl_nc_session *s, const struct lyd_node *op,
			    struct ofl_nc_reply *reply)
{
	if (ofl_nc_lock_allows(OFL_NC_CANDIDATE, s, &reply->errors))
		ofl_nc_candidate_discard();
}

void ofl_nc_ops_edit_init(void)
{
	static const struct ofl_nc_op ops[] = {
		{"ietf-netconf", "edit-config", edit_config},
		{"ietf-netconf", "copy-config", copy_config},
		{"ietf-netconf", "delete-config", delete_config},
		{"ietf-netconf", "validate", validate},
		{"ietf-netconf", "discard-changes", discard_changes},
		{},
	};

	ofl_nc_ops_add(ops);
}
