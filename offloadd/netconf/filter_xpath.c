// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XPath filters: checked when they are made, evaluated by libyang.
 *
 * What it refuses: expressions that are no XPath, that give no set of nodes,
 * or that search the whole tree again and again: "//", "..", axes and absolute
 * paths in a predicate cost the size of the tree for each node it is applied
 * to, so that they are for small trees (ofl_nc_select_is_too_wide()), and none
 * are allowed in a predicate of a predicate.
 *
 * Neighbours: filter.c (the element), xpath_guide.c (what such an expression
 * may need of the data).
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/select.h"

#define XPATH_LENGTH 2048
#define XPATH_PARTS 64

static LY_ERR evaluate(const char *xpath, const struct lyd_node *tree,
		       struct ly_set **ret)
{
	/* The value of the attribute was read with the element's namespaces
	 * and is held with names of modules as prefixes. */
	return ofl_lyd_find_xpath(tree, xpath, ret);
}

static void refuse(struct ofl_nc_errors *errors, const char *tag,
		   const char *words)
{
	struct ofl_nc_error *e;

	e = ofl_nc_error_add(errors, OFL_NC_PROTOCOL, tag, NULL, "%s", words);
	if (strcmp(tag, "bad-attribute") == 0) {
		ofl_nc_error_info(e, "bad-attribute", "select");
		ofl_nc_error_info(e, "bad-element", "filter");
	}
}

/* How deep in predicates it looks elsewhere than down by name: 0 not at all,
 * 1 in a predicate, 2 in one of a predicate.  And how many parts have to be
 * evaluated. */
static unsigned int wide_depth(const char *xpath, unsigned int *ret_parts)
{
	unsigned int depth = 0, deepest = 0;

	*ret_parts = 0;
	for (const char *p = xpath; *p; p++) {
		bool is_wide = strncmp(p, "//", 2) == 0 ||
			       strncmp(p, "..", 2) == 0 ||
			       strncmp(p, "::", 2) == 0;

		if (*p == '\'' || *p == '"') {
			p = strchr(p + 1, *p);
			if (!p)
				break;
			continue;
		}
		*ret_parts += *p == '[' || *p == '|' || is_wide;
		if (*p == '[')
			depth++;
		else if (*p == ']' && depth)
			depth--;
		else if (*p == '/' && depth && strchr("[(=<>|+, ", p[-1]))
			is_wide = true;
		if (is_wide)
			deepest = MAX(deepest, depth);
	}
	return deepest;
}

/* libyang 2.1 takes "and" and "or" in a predicate of nothing for the result: a
 * path that finds nothing becomes true or false, and an error.  So paths are
 * evaluated one by one, and such an error is an empty result. */
static bool is_of_nothing(const struct lyd_node *probe, const char *path)
{
	struct ly_set *set = NULL;
	char *stripped;
	LY_ERR err;

	if (!strstr(path, " and ") && !strstr(path, " or "))
		return false;
	stripped = ofl_nc_xpath_strip(path);
	err = evaluate(stripped, probe, &set);
	free(stripped);
	ly_set_free(set, NULL);
	return err == LY_SUCCESS;
}

/* What an error says that is_of_nothing() may be about. */
static bool is_about_kind(const char *words)
{
	return words && (strstr(words, "is not a node set") ||
			 strstr(words, "Cannot apply XPath operation"));
}

/* Try it on next to nothing: syntax and the kind of result do not depend on
 * the data. */
static bool check_path(const struct lyd_node *probe, const char *path,
		       struct ofl_nc_errors *errors)
{
	struct ly_ctx *ctx = ofl_nc_context();
	struct ly_set *set = NULL;
	const char *words;
	char *copy;
	bool ok;

	ly_err_clean(ctx, NULL);
	ok = evaluate(path, probe, &set) == LY_SUCCESS;
	ly_set_free(set, NULL);
	if (ok)
		return true;
	words = ly_errmsg(ctx);
	copy = strdup(words ? words : "The expression is no set of nodes.");
	ok = is_about_kind(words) && is_of_nothing(probe, path);
	ly_err_clean(ctx, NULL);
	if (!ok)
		refuse(errors, "bad-attribute", copy);
	free(copy);
	return ok;
}

static bool check(const struct ofl_nc_filter *filter,
		  struct ofl_nc_errors *errors)
{
	struct lyd_node *probe = NULL;
	bool ok = true;
	uint32_t log;

	if (lyd_new_path(NULL, ofl_nc_context(),
			 "/ietf-netconf-monitoring:netconf-state", NULL, 0,
			 &probe) != LY_SUCCESS) {
		refuse(errors, "operation-failed", "XPath cannot be tried.");
		return false;
	}
	log = ly_log_options(LY_LOSTORE);
	for (size_t i = 0; ok && i < filter->path_count; i++)
		ok = check_path(probe, filter->paths[i], errors);
	ly_log_options(log);
	lyd_free_all(probe);
	return ok;
}

bool ofl_nc_xpath_parse(struct ofl_nc_filter *filter,
			struct ofl_nc_errors *errors)
{
	unsigned int depth, parts;

	if (strlen(filter->xpath) > XPATH_LENGTH) {
		refuse(errors, "too-big",
		       "An XPath expression has at most 2048 characters.");
		return false;
	}
	depth = wide_depth(filter->xpath, &parts);
	if (depth > 1 || parts > XPATH_PARTS) {
		refuse(errors, "too-big",
		       "An XPath expression has at most 64 predicates and "
		       "alternatives, and predicates inside of predicates "
		       "only look downwards by name.");
		return false;
	}
	filter->is_wide = depth > 0;
	ofl_nc_xpath_split(filter);
	if (!check(filter, errors))
		return false;
	ofl_nc_guide_make(filter);
	return true;
}

bool ofl_nc_select_is_local(const struct ofl_nc_filter *filter)
{
	return !filter || !filter->xpath || filter->is_local;
}

bool ofl_nc_select_is_too_wide(const struct ofl_nc_filter *filter,
			       const struct lyd_node *tree)
{
	const struct lyd_node *top, *node;
	unsigned int count = 0;

	if (!filter || !filter->is_wide)
		return false;
	LY_LIST_FOR(tree, top)
	{
		LYD_TREE_DFS_BEGIN(top, node)
		{
			if (++count > OFL_NC_WIDE_NODES)
				return true;
			LYD_TREE_DFS_END(top, node);
		}
	}
	return false;
}

/* --- the result as a tree --- */

/* In lyd_node.priv, which libyang leaves to its user, while a tree is
 * copied. */
static char on_way, selected;

static void mark(struct lyd_node *node)
{
	struct lyd_node *up;

	node->priv = &selected;
	for (up = lyd_parent(node); up && !up->priv; up = lyd_parent(up))
		up->priv = &on_way;
}

/* Marks of selected nodes may lie below those of others. */
static void unmark(struct lyd_node *node)
{
	for (; node && node->priv; node = lyd_parent(node))
		node->priv = NULL;
}

static struct lyd_node *copy_marked(const struct lyd_node *node)
{
	struct lyd_node *copy = NULL, *below;
	const struct lyd_node *child;

	if (!node->priv)
		return NULL;
	if (lyd_dup_single(node, NULL,
			   LYD_DUP_WITH_FLAGS |
				   (node->priv == &selected ? LYD_DUP_RECURSIVE
							    : 0),
			   &copy) != LY_SUCCESS)
		return NULL;
	if (node->priv == &selected)
		return copy;
	LY_LIST_FOR(lyd_child_no_keys(node), child)
	{
		below = copy_marked(child);
		if (below)
			lyd_insert_child(copy, below);
	}
	return copy;
}

/* The nodes of all paths; NULL: there are none. */
static struct ly_set *nodes_find(const struct ofl_nc_filter *filter,
				 const struct lyd_node *tree)
{
	struct ly_set *all = NULL, *set;
	/* Names that no module has are warnings for the log, not for us. */
	uint32_t log = ly_log_options(0);

	for (size_t i = 0; i < filter->path_count; i++) {
		set = NULL;
		if (evaluate(filter->paths[i], tree, &set) != LY_SUCCESS)
			continue;
		if (all) {
			(void)ly_set_merge(all, set, 1, NULL);
			ly_set_free(set, NULL);
		} else {
			all = set;
		}
	}
	ly_log_options(log);
	return all;
}

struct lyd_node *ofl_nc_xpath_apply(const struct ofl_nc_filter *filter,
				    const struct lyd_node *tree)
{
	struct lyd_node *first = NULL, *copy;
	const struct lyd_node *node;
	struct ly_set *set;

	tree = lyd_first_sibling(tree);
	if (strcmp(filter->xpath, "/") == 0) {
		/* The root itself is no node of libyang's. */
		(void)lyd_dup_siblings(tree, NULL,
				       LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS,
				       &first);
		return first;
	}
	set = nodes_find(filter, tree);
	if (!set)
		return NULL;
	for (uint32_t i = 0; i < set->count; i++)
		mark(set->dnodes[i]);
	LY_LIST_FOR(tree, node)
	{
		copy = copy_marked(node);
		if (copy)
			lyd_insert_sibling(first, copy, &first);
	}
	for (uint32_t i = 0; i < set->count; i++)
		unmark(set->dnodes[i]);
	ly_set_free(set, NULL);
	return first;
}
