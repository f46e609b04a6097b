// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The place of an entry among its siblings: attributes insert, key and value
 * of RFC 7950, 7.7.9 and 7.8.6.
 *
 * libyang refuses a `key` that is no list of predicates, and keeps it with
 * the names of modules or prefixes.  Keys are their list's own, so that these
 * can be dropped.
 */
#include <stdlib.h>
#include <string.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/edit.h"
#include "offloadd/netconf/tree.h"

static const char *attribute(const struct lyd_node *node, const char *name)
{
	const struct lyd_meta *meta;

	LY_LIST_FOR(node->meta, meta)
	if (!strcmp(meta->name, name) &&
	    !strcmp(meta->annotation->module->name, "yang"))
		return lyd_get_meta_value(meta);
	return NULL;
}

static bool refuse(struct ofl_nc_errors *errors, const char *tag,
		   const char *app_tag, const char *name,
		   const struct lyd_node *from, const char *words)
{
	char *path = ofl_nc_tree_path(from);
	struct ofl_nc_error *e;

	e = ofl_nc_error_add(errors, OFL_NC_APPLICATION, tag, path, "%s",
			     words);
	if (app_tag)
		e->app_tag = strdup(app_tag);
	ofl_nc_error_info(e, "bad-attribute", name);
	ofl_nc_error_info(e, "bad-element", from->schema->name);
	free(path);
	return false;
}

/* "[p:name = 'x']" -> "[name = 'x']"; freed by free(). */
static char *without_prefixes(const char *key)
{
	char *text = strdup(key), *to = text, *name = text, quote = '\0';

	for (const char *c = key; *c; c++) {
		if (quote) {
			if (*c == quote)
				quote = '\0';
		} else if (*c == '\'' || *c == '"') {
			quote = *c;
		} else if (*c == ':') {
			to = name;
			continue;
		}
		*to++ = *c;
		if (!quote && (*c == '[' || *c == ' ' || *c == '='))
			name = to;
	}
	*to = '\0';
	return text;
}

/* The sibling that `where` names. */
static struct lyd_node *anchor_find(const struct lyd_node *node,
				    const char *where)
{
	struct lyd_node *anchor = NULL;
	char *key;

	if (node->schema->nodetype == LYS_LEAFLIST) {
		(void)lyd_find_sibling_val(node, node->schema, where,
					   strlen(where), &anchor);
	} else {
		key = without_prefixes(where);
		(void)lyd_find_sibling_val(node, node->schema, key, strlen(key),
					   &anchor);
		free(key);
	}
	ly_err_clean((struct ly_ctx *)LYD_CTX(node), NULL);
	return anchor;
}

static void place_last(struct lyd_node **tree, struct lyd_node *parent,
		       struct lyd_node *node)
{
	if (*tree == node)
		*tree = node->next;
	lyd_unlink_tree(node);
	ofl_nc_tree_add(tree, parent, node);
}

bool ofl_nc_edit_place(struct lyd_node **tree, struct lyd_node *parent,
		       struct lyd_node *node, const struct lyd_node *from,
		       struct ofl_nc_errors *errors)
{
	const char *insert = attribute(from, "insert"), *name, *where;
	struct lyd_node *anchor;

	if (!insert)
		return true;
	if (!(node->schema->flags & LYS_ORDBY_USER))
		return refuse(errors, "unknown-attribute", NULL, "insert", from,
			      "The order of this list is the system's.");
	if (!strcmp(insert, "first")) {
		ofl_nc_tree_move(tree, node, NULL);
		return true;
	}
	if (!strcmp(insert, "last")) {
		place_last(tree, parent, node);
		return true;
	}
	name = node->schema->nodetype == LYS_LIST ? "key" : "value";
	where = attribute(from, name);
	if (!where)
		return refuse(errors, "missing-attribute", NULL, name, from,
			      "It is not said before or after what.");
	anchor = anchor_find(node, where);
	if (!anchor)
		return refuse(errors, "bad-attribute", "missing-instance", name,
			      from, "There is no such entry.");
	if (anchor == node)
		return true;
	if (!strcmp(insert, "after")) {
		ofl_nc_tree_move(tree, node, anchor);
		return true;
	}
	if (*tree == node)
		*tree = node->next;
	(void)lyd_insert_before(anchor, node);
	if (*tree == anchor)
		*tree = node;
	return true;
}
