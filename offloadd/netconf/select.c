// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a subtree filter means: RFC 6241, section 6.2.
 *
 * The tests of a set of siblings are the children of one element of the
 * filter.  Those with a value are content matches and have to hold together;
 * those without children select the node and all below; the others go down.
 * An element that has content matches only selects all of its node.  Elements
 * of the same name stand beside each other and what they select is merged.
 *
 * Work is (nodes of the data) x (tests that have their parent's name), and the
 * depth of recursion that of the schema.
 *
 * Neighbours: filter.c makes tests; state.c and stream.c go down with them.
 */
#include <zebra.h>

#include "yang.h"

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/select.h"

void ofl_nc_select_root(const struct ofl_nc_filter *filter,
			struct ofl_nc_select *ret)
{
	*ret = (struct ofl_nc_select){};
	if (!filter || filter->is_whole) {
		ret->is_all = true;
		return;
	}
	ret->tests = malloc(sizeof(*ret->tests));
	if (!ret->tests)
		abort();
	ret->tests[ret->count++] = (struct ofl_nc_test *)&filter->root;
}

void ofl_nc_select_fini(struct ofl_nc_select *s)
{
	free(s->tests);
	*s = (struct ofl_nc_select){};
}

static void select_add(struct ofl_nc_select *s, struct ofl_nc_test *t)
{
	/* Room grows by doubling: counts are 1, 2, 4, 8 ... when it is full. */
	if ((s->count & (s->count - 1)) == 0) {
		s->tests = realloc(s->tests, (s->count ? 2 * s->count : 1) *
						     sizeof(*s->tests));
		if (!s->tests)
			abort();
	}
	s->tests[s->count++] = t;
}

/* --- one test --- */

static bool is_named(const struct ofl_nc_test *t, const struct lysc_node *snode)
{
	if (t->is_never)
		return false;
	if (t->snode)
		return t->snode == snode;
	return strcmp(t->name, snode->name) == 0 &&
	       (!t->ns || strcmp(t->ns, snode->module->ns) == 0);
}

/* The test's value as `snode` writes it; NULL: it has no such value. */
static const char *canonical(struct ofl_nc_test *t,
			     const struct lysc_node *snode)
{
	const char *canon = NULL, *colon;
	uint32_t log;
	LY_ERR err;

	if (t->canon_of == snode)
		return t->canon;
	free(t->canon);
	t->canon_of = snode;
	t->canon = NULL;
	/* A value that does not fit is no event, only a test that fails. */
	log = ly_log_options(0);
	err = ofl_lyd_value_validate(snode, t->value, strlen(t->value), NULL,
				     NULL, &canon);
	colon = strchr(t->value, ':');
	if (err && err != LY_EINCOMPLETE && colon)
		err = ofl_lyd_value_validate(snode, colon + 1,
					     strlen(colon + 1), NULL, NULL,
					     &canon);
	ly_log_options(log);
	if ((!err || err == LY_EINCOMPLETE) && canon) {
		t->canon = strdup(canon);
		lydict_remove(snode->module->ctx, canon);
	}
	return t->canon;
}

/* White space around does not count, on either side. */
static bool equals_trimmed(const char *value, const char *trimmed)
{
	size_t len = strlen(trimmed);

	if (strcmp(value, trimmed) == 0)
		return true;
	value += strspn(value, " \t\r\n");
	return strncmp(value, trimmed, len) == 0 &&
	       value[len + strspn(value + len, " \t\r\n")] == 0;
}

/* Is the node what a content match asks for? */
static bool has_value(struct ofl_nc_test *t, const struct lyd_node *node)
{
	const char *canon;

	if (!(node->schema->nodetype & LYD_NODE_TERM))
		return false;
	canon = canonical(t, node->schema);
	return canon && equals_trimmed(lyd_get_value(node), canon);
}

/* Does the content match hold among these children? */
static bool holds(struct ofl_nc_test *t, const struct lyd_node *children)
{
	const struct lyd_node *node;
	struct lyd_node *match;

	if (t->is_never)
		return false;
	/* Keys come first; many tests may ask many entries for theirs. */
	LY_LIST_FOR(t->snode && lysc_is_key(t->snode) ? children : NULL, node)
	{
		if (node->schema == t->snode)
			return has_value(t, node);
	}
	if (t->snode && t->snode->nodetype == LYS_LEAF) {
		/* By hash: a container may have a long list beside it. */
		return lyd_find_sibling_val(children, t->snode, NULL, 0,
					    &match) == LY_SUCCESS &&
		       has_value(t, match);
	}
	LY_LIST_FOR(children, node)
	{
		if (node->schema && is_named(t, node->schema) &&
		    has_value(t, node))
			return true;
	}
	return false;
}

static bool all_hold(const struct ofl_nc_test *parent,
		     const struct lyd_node *children)
{
	for (struct ofl_nc_test *t = parent->child; t; t = t->next) {
		if (t->value && !holds(t, children))
			return false;
	}
	return true;
}

/* --- down --- */

bool ofl_nc_select_schema(const struct ofl_nc_select *s,
			  const struct lysc_node *snode,
			  struct ofl_nc_select *ret)
{
	*ret = (struct ofl_nc_select){.is_all = s->is_all};
	for (size_t i = 0; !ret->is_all && i < s->count; i++) {
		struct ofl_nc_test *t = s->tests[i]->child;

		for (; t && !ret->is_all; t = t->next) {
			if (!is_named(t, snode))
				continue;
			if (!t->child || !t->has_other)
				ret->is_all = true;
			else
				select_add(ret, t);
		}
	}
	return ret->is_all || ret->count;
}

bool ofl_nc_select_node(const struct ofl_nc_select *s,
			const struct lyd_node *node, struct ofl_nc_select *ret)
{
	const struct lyd_node *children = lyd_child(node);

	*ret = (struct ofl_nc_select){.is_all = s->is_all};
	for (size_t i = 0; !ret->is_all && i < s->count; i++) {
		struct ofl_nc_test *t = s->tests[i]->child;

		for (; t && !ret->is_all; t = t->next) {
			if (!is_named(t, node->schema))
				continue;
			if (t->value)
				ret->is_all = has_value(t, node);
			else if (!t->child)
				ret->is_all = true;
			else if (t->has_match && !all_hold(t, children))
				continue;
			else if (!t->has_other)
				ret->is_all = true;
			else
				select_add(ret, t);
		}
	}
	return ret->is_all || ret->count;
}

/* Copy what is selected of one node to `parent`, or free-standing. */
static struct lyd_node *copy_node(const struct ofl_nc_select *s,
				  const struct lyd_node *node,
				  struct lyd_node *parent)
{
	struct lyd_node *copy = NULL;
	const struct lyd_node *child;
	struct ofl_nc_select below;
	bool any = false;

	if (!ofl_nc_select_node(s, node, &below))
		return NULL;
	if (below.is_all) {
		ofl_nc_select_fini(&below);
		if (ofl_lyd_dup_single(node, parent,
				       LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS,
				       &copy) != LY_SUCCESS)
			return NULL;
		return copy;
	}
	/* A list entry brings its keys. */
	if (lyd_dup_single(node, NULL, LYD_DUP_WITH_FLAGS, &copy) != LY_SUCCESS)
		copy = NULL;
	LY_LIST_FOR(copy ? lyd_child(node) : NULL, child)
	{
		struct ofl_nc_select key;

		if (!lysc_is_key(child->schema)) {
			any |= copy_node(&below, child, copy) != NULL;
		} else {
			any |= ofl_nc_select_node(&below, child, &key);
			ofl_nc_select_fini(&key);
		}
	}
	ofl_nc_select_fini(&below);
	if (!any) {
		lyd_free_tree(copy);
		return NULL;
	}
	if (parent)
		lyd_insert_child(parent, copy);
	return copy;
}

struct lyd_node *ofl_nc_select_copy(const struct ofl_nc_select *s,
				    const struct lyd_node *siblings,
				    bool with_siblings)
{
	const struct lyd_node *node;
	struct lyd_node *first = NULL, *copy;

	for (node = siblings; node; node = with_siblings ? node->next : NULL) {
		copy = node->schema ? copy_node(s, node, NULL) : NULL;
		if (copy)
			lyd_insert_sibling(first, copy, &first);
	}
	return first;
}

/* --- keys --- */

/* The keys that the children of a test name; false: not all. */
static bool keys_of(const struct ofl_nc_test *t, const struct lysc_node *list,
		    struct yang_list_keys *keys, bool *ret_possible)
{
	const struct lysc_node *key = lysc_node_child(list);

	*keys = (struct yang_list_keys){};
	*ret_possible = true;
	if (t->is_any_entry)
		return false;
	for (; key && lysc_is_key(key); key = key->next) {
		struct ofl_nc_test *m = t->child;
		const char *canon;

		while (m && !(m->value && is_named(m, key)))
			m = m->next;
		if (!m || keys->num >= LIST_MAXKEYS)
			return false;
		canon = canonical(m, key);
		if (!canon ||
		    strlcpy(keys->key[keys->num++], canon,
			    sizeof(keys->key[0])) >= sizeof(keys->key[0]))
			*ret_possible = false;
	}
	return keys->num > 0;
}

bool ofl_nc_select_keys(const struct ofl_nc_select *s,
			const struct lysc_node *list,
			struct yang_list_keys **ret, size_t *ret_count)
{
	struct yang_list_keys *keys = NULL;
	size_t count = 0, size = 0;

	for (size_t i = 0; !s->is_all && i < s->count; i++) {
		struct ofl_nc_test *t = s->tests[i]->child;

		for (; t; t = t->next) {
			bool possible;

			if (!is_named(t, list))
				continue;
			if (count == size) {
				size = size ? 2 * size : 4;
				keys = realloc(keys, size * sizeof(*keys));
				if (!keys)
					abort();
			}
			if (!keys_of(t, list, &keys[count], &possible)) {
				free(keys);
				return false;
			}
			/* Two values for one key: none has both, and
			 * looking one up finds what the filter drops. */
			count += possible;
		}
	}
	if (s->is_all)
		return false;
	*ret = keys;
	*ret_count = count;
	return true;
}
