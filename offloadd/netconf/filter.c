// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters: from the element <filter> to something that can be applied.
 *
 * Why here: libyang parses what is inside the element as it can: elements that
 * fit a schema become typed nodes, the others (a leaf without a value, a list
 * entry without its keys, an element of no namespace) opaque ones.  Both
 * become one kind of test, whose meaning is in select.c.
 *
 * What it refuses: filters with more elements than OFL_NC_TESTS or deeper than
 * OFL_NC_TEST_DEPTH, types other than subtree and xpath.
 *
 * Two things of RFC 6241, section 6, are as libyang leaves them: an attribute
 * without a namespace on an element that fits the schema is not seen, and the
 * prefix of an identity's name in an element without a namespace is not
 * resolved: the name alone is compared.
 *
 * Neighbours: filter_xpath.c for type xpath, select.c.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/no_namespace.h"
#include "offloadd/netconf/select.h"

#define NETCONF_NS "urn:ietf:params:xml:ns:netconf:base:1.0"

static void *allocate(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		abort();
	return p;
}

/* --- tests --- */

struct ofl_nc_test *ofl_nc_test_add(struct ofl_nc_filter *filter,
				    struct ofl_nc_test *parent,
				    const char *name, size_t len,
				    const char *ns)
{
	struct ofl_nc_test *t;

	if (filter->count >= OFL_NC_TESTS)
		return NULL;
	filter->count++;
	t = allocate(sizeof(*t));
	t->name = strndup(name, len);
	if (ns && *ns && strcmp(ns, OFL_NC_NO_NAMESPACE) != 0)
		t->ns = strdup(ns);
	t->next = parent->child;
	parent->child = t;
	return t;
}

/* Depth is bounded by OFL_NC_TEST_DEPTH. */
static void tests_free(struct ofl_nc_test *t)
{
	struct ofl_nc_test *next;

	for (; t; t = next) {
		next = t->next;
		tests_free(t->child);
		free(t->name);
		free(t->ns);
		free(t->value);
		free(t->canon);
		free(t);
	}
}

/* Without white space around; NULL: nothing is left. */
static char *trimmed(const char *value)
{
	static const char space[] = " \t\r\n";
	size_t len;

	if (!value)
		return NULL;
	value += strspn(value, space);
	len = strlen(value);
	while (len && strchr(space, value[len - 1]))
		len--;
	return len ? strndup(value, len) : NULL;
}

/* Attributes of data: none has any, so an attribute match never holds. */
static bool has_attribute(const struct lyd_node *node)
{
	const struct lyd_attr *attr;

	if (node->schema)
		return ofl_lyd_has_meta(node);
	attr = ((const struct lyd_node_opaq *)node)->attr;
	return attr != NULL;
}

static struct ofl_nc_test *test_of(struct ofl_nc_filter *filter,
				   struct ofl_nc_test *parent,
				   const struct lyd_node *node)
{
	const struct lyd_node_opaq *opaq = (const void *)node;
	const struct lysc_node *snode = node->schema;
	struct ofl_nc_test *t;

	if (!snode) {
		t = ofl_nc_test_add(filter, parent, opaq->name.name,
				    strlen(opaq->name.name),
				    opaq->name.module_ns);
		if (t)
			t->value = trimmed(opaq->value);
	} else {
		t = ofl_nc_test_add(filter, parent, snode->name,
				    strlen(snode->name), snode->module->ns);
		if (!t)
			return NULL;
		t->snode = snode;
		if (snode->nodetype & LYD_NODE_TERM) {
			t->value = trimmed(lyd_get_value(node));
			t->canon_of = snode;
			t->canon = t->value ? strdup(t->value) : NULL;
		}
	}
	if (t)
		t->is_never = has_attribute(node);
	return t;
}

/* False: too many, or too deep. */
static bool tests_make(struct ofl_nc_filter *filter, struct ofl_nc_test *parent,
		       const struct lyd_node *first, unsigned int depth)
{
	const struct lyd_node *node;

	if (first && depth > OFL_NC_TEST_DEPTH)
		return false;
	LY_LIST_FOR(first, node)
	{
		struct ofl_nc_test *t = test_of(filter, parent, node);

		if (!t || !tests_make(filter, t, lyd_child(node), depth + 1))
			return false;
		/* An element with both is mixed content, and not filtered
		 * by (6.2.5). */
		if (t->child) {
			free(t->value);
			t->value = NULL;
		}
		if (t->value)
			parent->has_match = true;
		else
			parent->has_other = true;
	}
	return true;
}

/* --- the element --- */

/* The attribute of <filter>, in NETCONF's namespace or in none. */
static const char *attribute(const struct lyd_node *element, const char *name)
{
	const struct lyd_node_opaq *opaq = (const void *)element;
	const struct lyd_meta *meta;
	const struct lyd_attr *attr;

	if (element->schema) {
		LY_LIST_FOR(element->meta, meta)
		{
			if (strcmp(meta->name, name) == 0)
				return lyd_get_meta_value(meta);
		}
		return NULL;
	}
	LY_LIST_FOR(opaq->attr, attr)
	{
		if (strcmp(attr->name.name, name) == 0 &&
		    (!attr->name.module_ns || !*attr->name.module_ns ||
		     strcmp(attr->name.module_ns, NETCONF_NS) == 0))
			return attr->value;
	}
	return NULL;
}

static const struct lyd_node *content(const struct lyd_node *element)
{
	if (!element->schema)
		return lyd_child(element);
	if (!(element->schema->nodetype & LYD_NODE_ANY))
		return NULL;
	return ofl_lyd_any_tree(element);
}

static void bad_attribute(struct ofl_nc_errors *errors, const char *tag,
			  const char *name, const char *words)
{
	struct ofl_nc_error *e;

	e = ofl_nc_error_add(errors, OFL_NC_PROTOCOL, tag, NULL, "%s", words);
	ofl_nc_error_info(e, "bad-attribute", name);
	ofl_nc_error_info(e, "bad-element", "filter");
}

static bool xpath_make(struct ofl_nc_filter *filter, const char *select,
		       struct ofl_nc_errors *errors)
{
	if (!select) {
		bad_attribute(
			errors, "missing-attribute", "select",
			"A filter of type xpath has its expression in the "
			"attribute select.");
		return false;
	}
	filter->xpath = strdup(select);
	return ofl_nc_xpath_parse(filter, errors);
}

struct ofl_nc_filter *ofl_nc_filter_new(const struct lyd_node *element,
					struct ofl_nc_errors *errors)
{
	struct ofl_nc_filter *filter;
	const char *type;
	bool ok = true;

	if (!element)
		return NULL;
	filter = allocate(sizeof(*filter));
	type = attribute(element, "type");
	if (type && strcmp(type, "xpath") == 0) {
		ok = xpath_make(filter, attribute(element, "select"), errors);
	} else if (type && strcmp(type, "subtree") != 0) {
		bad_attribute(errors, "bad-attribute", "type",
			      "A filter is of type subtree or xpath.");
		ok = false;
	} else if (!tests_make(filter, &filter->root, content(element), 1)) {
		ofl_nc_error_add(errors, OFL_NC_PROTOCOL, "too-big", NULL,
				 "A filter has at most %u elements, %u deep.",
				 OFL_NC_TESTS, OFL_NC_TEST_DEPTH);
		ok = false;
	}
	if (!ok) {
		ofl_nc_filter_free(filter);
		return NULL;
	}
	return filter;
}

void ofl_nc_filter_free(struct ofl_nc_filter *filter)
{
	if (!filter)
		return;
	tests_free(filter->root.child);
	for (size_t i = 0; i < filter->path_count; i++)
		free(filter->paths[i]);
	free(filter->paths);
	free(filter->xpath);
	free(filter);
}

struct lyd_node *ofl_nc_filter_apply(const struct ofl_nc_filter *filter,
				     const struct lyd_node *tree)
{
	struct ofl_nc_select top;
	struct lyd_node *ret;

	if (!tree)
		return NULL;
	if (filter && filter->xpath)
		return ofl_nc_xpath_apply(filter, tree);
	ofl_nc_select_root(filter, &top);
	ret = ofl_nc_select_copy(&top, lyd_first_sibling(tree), true);
	ofl_nc_select_fini(&top);
	return ret;
}

bool ofl_nc_filter_matches(const struct ofl_nc_filter *filter,
			   const struct lyd_node *tree)
{
	struct lyd_node *selected;

	if (!filter)
		return true;
	selected = ofl_nc_filter_apply(filter, tree);
	lyd_free_all(selected);
	return selected != NULL;
}
