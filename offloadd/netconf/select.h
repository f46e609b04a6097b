/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter step by step: what of it holds below a node.
 *
 * filter.h applies a filter to a whole tree.  Who makes the tree (state.c) or
 * sends it in pieces (stream.c) goes down with the filter instead, so that
 * nothing is made that cannot be selected, and each entry of a long list is
 * judged alone.  A subtree filter is a tree of tests; of an XPath expression
 * the location paths become such a tree too (its guide), which selects
 * everything that the expression may need and may well select more.
 *
 * Private to filter*.c, state.c, stream.c and read.c.
 */
#ifndef OFFLOADD_NETCONF_SELECT_H
#define OFFLOADD_NETCONF_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "offloadd/netconf/filter.h"

/* A filter has at most so many elements (or steps), nested so deep: more is
 * refused, since each entry of a list meets all that name the list. */
#define OFL_NC_TESTS 400
#define OFL_NC_TEST_DEPTH 32

struct yang_list_keys;

/* One element of a subtree filter.  Written when the filter is made, but for
 * the last group. */
struct ofl_nc_test {
	struct ofl_nc_test *child, *next;
	char *name;		       /* local name */
	char *ns;		       /* NULL: of any namespace */
	const struct lysc_node *snode; /* NULL: found by name */
	char *value;		       /* content match; NULL: none */
	bool is_never;		       /* an attribute that no data has */
	bool has_match, has_other;     /* kinds of children */
	bool is_any_entry;	       /* XPath: keys do not tell which */

	/* The value as it is written canonically for `canon_of`. */
	const struct lysc_node *canon_of;
	char *canon;
};

/* What selects among some siblings: the children of these tests. */
struct ofl_nc_select {
	bool is_all;
	size_t count;
	struct ofl_nc_test **tests;
};

struct ofl_nc_filter {
	struct ofl_nc_test root; /* subtree: the element <filter> */
	size_t count;		 /* tests in all */
	char *xpath;		 /* NULL: a subtree filter */
	char **paths;		 /* those of which xpath is the union */
	size_t path_count;
	bool is_whole; /* XPath: everything may be needed */
	bool is_local; /* XPath: see ofl_nc_select_is_local() */
	bool is_wide;  /* XPath: for small trees only */
};

/* Among the top-level nodes.  `filter` may be NULL.  Free what you got. */
void ofl_nc_select_root(const struct ofl_nc_filter *filter,
			struct ofl_nc_select *ret);
void ofl_nc_select_fini(struct ofl_nc_select *s);
/* False: nothing of `snode` or below can be selected or is looked at. */
bool ofl_nc_select_schema(const struct ofl_nc_select *s,
			  const struct lysc_node *snode,
			  struct ofl_nc_select *ret);
/* The same for a node that exists and has all its leaves: exact, if the filter
 * is a subtree filter. */
bool ofl_nc_select_node(const struct ofl_nc_select *s,
			const struct lyd_node *node, struct ofl_nc_select *ret);
/* A copy of what is selected of `siblings`; NULL: nothing. Subtree filters. */
struct lyd_node *ofl_nc_select_copy(const struct ofl_nc_select *s,
				    const struct lyd_node *siblings,
				    bool with_siblings);
/* The entries of a list that can be selected, if all are named by all their
 * keys.  False: any entry may be.  Caller frees *ret. */
bool ofl_nc_select_keys(const struct ofl_nc_select *s,
			const struct lysc_node *list,
			struct yang_list_keys **ret, size_t *ret_count);
/* Can the filter be applied to each entry of `list`, which is below containers
 * only, without knowing other data than the entry?  Every subtree filter can
 * (once ofl_nc_select_node() went down to it).  An XPath expression can if it
 * is a union of location paths from the root that begin with a name, go down
 * only, and have predicates at or below the list only, which compare, call
 * functions that are true or false, or test whether a child exists, with paths
 * that go down from there: no positions, no axes, no "..", no absolute path.
 * Conservative: what is not recognized as such is not. */
bool ofl_nc_select_is_local(const struct ofl_nc_filter *filter);

/* Would the expression take too long with so many nodes? */
#define OFL_NC_WIDE_NODES 1000
bool ofl_nc_select_is_too_wide(const struct ofl_nc_filter *filter,
			       const struct lyd_node *tree);

/* --- between filter.c and filter_xpath.c --- */
struct ofl_nc_test *ofl_nc_test_add(struct ofl_nc_filter *filter,
				    struct ofl_nc_test *parent,
				    const char *name, size_t len,
				    const char *ns);
/* Check it and make its guide; false: an error was added. */
bool ofl_nc_xpath_parse(struct ofl_nc_filter *filter,
			struct ofl_nc_errors *errors);
struct lyd_node *ofl_nc_xpath_apply(const struct ofl_nc_filter *filter,
				    const struct lyd_node *tree);

void ofl_nc_guide_make(struct ofl_nc_filter *filter);
/* Fill in `paths`. */
void ofl_nc_xpath_split(struct ofl_nc_filter *filter);
/* A path without its predicates; caller frees. */
char *ofl_nc_xpath_strip(const char *path);

#endif /* OFFLOADD_NETCONF_SELECT_H */
