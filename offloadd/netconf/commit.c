// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Into FRR: who may, is it valid, and the transaction.
 *
 * Access control is asked for each node that differs, before anything is done.
 * The model is checked in our context, where libyang's words come with paths;
 * FRR checks again, and the daemon's own callbacks say what no model can.
 *
 * libfrr 8.4 calls the `modify` callback of a list when an entry of it is
 * moved, and few lists have one: such a move is refused here, or it would end
 * the daemon.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/base/nb_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore_private.h"
#include "offloadd/netconf/diff.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/session.h"
#include "offloadd/netconf/tree.h"

/* Some of many refusals. */
#define ERRORS_MAX 16

/* --- who may --- */

struct ask {
	const struct ofl_nc_user *user; /* NULL: the server */
	struct ofl_nc_errors *errors;
	size_t before;
};

static bool can(enum ofl_nc_change change, const struct lyd_node *node)
{
	const struct lysc_node *native = ofl_nc_native(node->schema);
	const struct nb_node *nb_node = native ? native->priv : NULL;

	return nb_node && (change != OFL_NC_MOVED || nb_node->cbs.modify);
}

static enum ofl_nc_walk ask(enum ofl_nc_change change,
			    const struct lyd_node *node, void *arg)
{
	static const enum ofl_nc_access access[] = {
		[OFL_NC_CREATED] = OFL_NC_CREATE,
		[OFL_NC_DELETED] = OFL_NC_DELETE,
		[OFL_NC_CHANGED] = OFL_NC_UPDATE,
		[OFL_NC_MOVED] = OFL_NC_UPDATE,
	};
	struct ask *a = arg;
	char *path = NULL;

	if (a->user && !ofl_nc_nacm_may(a->user, node, access[change])) {
		path = ofl_nc_tree_path(node);
		ofl_nc_error_denied(a->errors, path);
	} else if (!can(change, node)) {
		path = ofl_nc_tree_path(node);
		ofl_nc_error_add(a->errors, OFL_NC_APPLICATION,
				 "operation-not-supported", path,
				 change == OFL_NC_MOVED
					 ? "Entries of this list cannot be "
					   "moved; remove and create them."
					 : "The daemon cannot configure this.");
	}
	free(path);
	return a->errors->count - a->before < ERRORS_MAX ? OFL_NC_ON
							 : OFL_NC_STOP;
}

bool ofl_nc_commit_allows(const struct ofl_nc_session *s,
			  const struct lyd_node *old,
			  const struct lyd_node *new,
			  struct ofl_nc_errors *errors)
{
	struct ask a = {s ? ofl_nc_session_user(s) : NULL, errors,
			errors->count};

	(void)ofl_nc_diff_walk(old, new, ask, &a);
	return errors->count == a.before;
}

/* --- is it valid --- */

bool ofl_nc_commit_validate(struct lyd_node **tree,
			    struct ofl_nc_errors *errors)
{
	ly_err_clean(ofl_nc_context(), NULL);
	if (lyd_validate_all(tree, ofl_nc_context(), LYD_VALIDATE_NO_STATE,
			     NULL) == LY_SUCCESS)
		return true;
	ofl_nc_error_libyang(errors, ofl_nc_context(), OFL_NC_APPLICATION,
			     "The configuration is not valid.");
	return false;
}

/* --- FRR --- */

/* The node that all that differs is below of, or NULL. */
struct common {
	const struct lyd_node *node;
	bool has;
};

static bool is_below(const struct lyd_node *node, const struct lyd_node *above)
{
	while (node && node != above)
		node = lyd_parent(node);
	return node;
}

static enum ofl_nc_walk common(enum ofl_nc_change change,
			       const struct lyd_node *node, void *arg)
{
	struct common *c = arg;

	/* What went is in the other tree. */
	if (change == OFL_NC_DELETED)
		return OFL_NC_SKIP;
	if (!c->has)
		c->node = node;
	c->has = true;
	while (c->node && !is_below(node, c->node))
		c->node = lyd_parent(c->node);
	return c->node ? OFL_NC_SKIP : OFL_NC_STOP;
}

/* libfrr tells the sentence of a callback, not of which node: then it is what
 * was to be changed. */
static void refused(int err, const char *words, const struct lyd_node *tree,
		    struct ofl_nc_errors *errors)
{
	struct common c = {0};
	char *path;

	ofl_nc_error_northbound(errors, err, words);
	if (errors->last->path || err != NB_ERR_VALIDATION)
		return;
	(void)ofl_nc_diff_walk(ofl_nc_running(), tree, common, &c);
	path = c.node ? ofl_nc_tree_path(c.node) : NULL;
	errors->last->path = path;
}

static struct nb_config *config_new(const struct lyd_node *tree,
				    struct ofl_nc_errors *errors)
{
	struct lyd_node *native = NULL;
	struct nb_config *config;

	if (!ofl_nc_export(tree, &native)) {
		ofl_nc_error_add(errors, OFL_NC_APPLICATION,
				 "operation-not-supported", NULL,
				 "The daemon cannot configure all of this.");
		return NULL;
	}
	config = nb_config_new(native);
	/* Or the command line's candidate were newer than what is running. */
	config->version = running_config->version;
	return config;
}

bool ofl_nc_commit_validate_all(const struct ofl_nc_session *s,
				struct lyd_node **tree,
				struct ofl_nc_errors *errors)
{
	struct nb_context context = {.client = NB_CLIENT_SYSREPO,
				     .user = ofl_nc_lock_user(s)};
	struct nb_config *config;
	char words[BUFSIZ] = "";
	int err;

	if (!ofl_nc_commit_validate(tree, errors))
		return false;
	config = config_new(*tree, errors);
	if (!config)
		return false;
	err = nb_candidate_validate(&context, config, words, sizeof(words));
	nb_config_free(config);
	if (err != NB_OK)
		refused(err, words, *tree, errors);
	return err == NB_OK;
}

bool ofl_nc_commit(const struct ofl_nc_session *s, struct lyd_node **tree,
		   struct ofl_nc_errors *errors)
{
	struct nb_context context = {.client = NB_CLIENT_SYSREPO,
				     .user = ofl_nc_lock_user(s)};
	struct lyd_node *notification;
	struct nb_config *config;
	char words[BUFSIZ] = "";
	int err;

	if (!ofl_nc_commit_allows(s, ofl_nc_running(), *tree, errors) ||
	    !ofl_nc_commit_validate(tree, errors))
		return false;
	config = config_new(*tree, errors);
	if (!config)
		return false;
	notification = ofl_nc_tell_make(s, ofl_nc_running(), *tree);
	err = ofl_nb_commit(&context, config, "NETCONF", words, sizeof(words));
	nb_config_free(config);
	if (err == NB_OK) {
		ofl_nc_tell_done(notification);
		return true;
	}
	lyd_free_all(notification);
	if (err == NB_ERR_NO_CHANGES)
		return true;
	refused(err, words, *tree, errors);
	return false;
}
