// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state, from the callbacks of FRR's northbound.
 *
 * Why not nb_oper_data_iterate(): it asks for everything below a path in one
 * turn.  Here a plan says first which nodes a filter may select and the user
 * may read; only those are asked for, list entries that are named by their
 * keys are looked up, and lists that may be long (offloadd/northbound/large.h)
 * are left to stream.c, entry by entry.
 *
 * Like libfrr's: state below a presence container of the configuration is
 * there if the container is; entries of a configured list that only
 * operation knows appear with their state.
 *
 * What it refuses: an entry whose keys hold both kinds of quotes, and values
 * that their type does not have, are left out.
 *
 * Neighbours: select.c judges; FRR's calls are in this file only, the forms
 * that differ between its versions in base/nb_compat.c.
 */
#include <zebra.h>

#include "northbound.h"
#include "yang.h"

#include "offloadd/base/nb_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/read.h"
#include "offloadd/netconf/select.h"
#include "offloadd/northbound/large.h"

/* One node of the schema that is to be made. */
struct ofl_nc_long {
	struct ofl_nc_long *child, *next;
	const struct lysc_node *snode; /* ours */
	const struct nb_node *nb;

	/* Lists: only these entries, if is_by_key. */
	bool is_by_key;
	struct yang_list_keys *keys;
	size_t key_count;
	const struct ofl_nb_large *large;
};

struct ofl_nc_plan {
	struct ofl_nc_long *first;
	bool is_local; /* the filter can judge entries alone */
};

/* A run of a plan. */
struct walk {
	const struct ofl_nc_plan *plan;
	struct lyd_node **tree;
	struct ofl_nc_long **longs;
	size_t *long_count;
	struct ofl_nc_errors *errors;
	bool is_failed;
	/* The path as callbacks are told it. */
	char xpath[XPATH_MAXLEN];
	size_t len;
};

/* --- the plan --- */

/* Depth is that of the schema, here and below. */
static void nodes_free(struct ofl_nc_long *n)
{
	struct ofl_nc_long *next;

	for (; n; n = next) {
		next = n->next;
		nodes_free(n->child);
		free(n->keys);
		free(n);
	}
}

void ofl_nc_plan_free(struct ofl_nc_plan *plan)
{
	if (!plan)
		return;
	nodes_free(plan->first);
	free(plan);
}

static bool is_config(const struct lysc_node *snode)
{
	return snode->flags & LYS_CONFIG_W;
}

/* Can there be state in it? */
static const struct nb_node *nb_of(const struct lysc_node *snode)
{
	const struct lysc_node *native = ofl_nc_native(snode);
	const struct nb_node *nb = native ? native->priv : NULL;

	if (!nb || nb->flags & F_NB_NODE_CONFIG_ONLY)
		return NULL;
	switch (snode->nodetype) {
	case LYS_CONTAINER:
		return nb;
	case LYS_LEAF:
		return is_config(snode) || lysc_is_key(snode) ||
				       !(nb->cbs.get_elem || ofl_nb_has_get(nb))
			       ? NULL
			       : nb;
	case LYS_LEAFLIST:
		return is_config(snode) || !((nb->cbs.get_next &&
					      nb->cbs.get_elem) ||
					     ofl_nb_has_get(nb))
			       ? NULL
			       : nb;
	case LYS_LIST:
		return nb->cbs.get_next ? nb : NULL;
	}
	return NULL;
}

static struct ofl_nc_long **nodes_make(const struct ofl_nc_select *s,
				       const struct ofl_nc_user *user,
				       const struct lysc_node *parent,
				       const struct lysc_module *module,
				       struct ofl_nc_long **end);

static struct ofl_nc_long *node_make(const struct ofl_nc_select *s,
				     const struct ofl_nc_user *user,
				     const struct lysc_node *snode)
{
	const struct nb_node *nb = nb_of(snode);
	struct ofl_nc_select below;
	struct ofl_nc_long *n;

	if (!nb || !ofl_nc_nacm_may_read_any(user, snode))
		return NULL;
	if (!ofl_nc_select_schema(s, snode, &below))
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		abort();
	n->snode = snode;
	n->nb = nb;
	if (snode->nodetype & (LYS_CONTAINER | LYS_LIST))
		(void)nodes_make(&below, user, snode, NULL, &n->child);
	ofl_nc_select_fini(&below);
	if (snode->nodetype == LYS_LIST) {
		n->large = ofl_nb_large_find(nb->xpath);
		n->is_by_key =
			nb->cbs.lookup_entry && nb->cbs.get_keys &&
			ofl_nc_select_keys(s, snode, &n->keys, &n->key_count);
	} else if (snode->nodetype == LYS_CONTAINER && !n->child &&
		   !nb->cbs.get_elem) {
		free(n);
		return NULL;
	}
	return n;
}

static struct ofl_nc_long **nodes_make(const struct ofl_nc_select *s,
				       const struct ofl_nc_user *user,
				       const struct lysc_node *parent,
				       const struct lysc_module *module,
				       struct ofl_nc_long **end)
{
	const struct lysc_node *snode = NULL;

	while ((snode = lys_getnext(snode, parent, module, 0))) {
		*end = node_make(s, user, snode);
		if (*end)
			end = &(*end)->next;
	}
	return end;
}

struct ofl_nc_plan *ofl_nc_plan_new(const struct ofl_nc_filter *filter,
				    const struct ofl_nc_user *user)
{
	struct ofl_nc_plan *plan = calloc(1, sizeof(*plan));
	struct ofl_nc_long **end;
	const struct lys_module *m;
	struct ofl_nc_select top;
	uint32_t idx = 0;

	if (!plan)
		abort();
	end = &plan->first;
	plan->is_local = ofl_nc_select_is_local(filter);
	ofl_nc_select_root(filter, &top);
	while ((m = ly_ctx_get_module_iter(ofl_nc_context(), &idx))) {
		if (m->implemented && m->compiled && m->compiled->data)
			end = nodes_make(&top, user, NULL, m->compiled, end);
	}
	ofl_nc_select_fini(&top);
	return plan;
}

/* --- the run --- */

static void run_nodes(struct walk *w, const struct ofl_nc_long *first,
		      const void *entry, struct lyd_node *parent);

static void path_add(struct walk *w, const struct lysc_node *snode)
{
	const struct lysc_node *up = lysc_data_parent(snode);
	bool has_module = !up || up->module != snode->module;
	int len;

	len = snprintf(w->xpath + w->len, sizeof(w->xpath) - w->len, "/%s%s%s",
		       has_module ? snode->module->name : "",
		       has_module ? ":" : "", snode->name);
	w->len = MIN(w->len + len, sizeof(w->xpath) - 1);
}

static void path_cut(struct walk *w, size_t len)
{
	w->len = len;
	w->xpath[len] = 0;
}

/* [name='value'] for each key; false: it does not fit or cannot be quoted. */
static bool keys_print(const struct lysc_node *list,
		       const struct yang_list_keys *keys, char *buf, size_t len)
{
	const struct lysc_node *key = lysc_node_child(list);
	size_t at = 0;

	for (unsigned int i = 0; i < keys->num; i++, key = key->next) {
		char quote = strchr(keys->key[i], '\'') ? '"' : '\'';

		if (!key || !lysc_is_key(key) || strchr(keys->key[i], quote))
			return false;
		at += snprintf(buf + at, len - at, "[%s=%c%s%c]", key->name,
			       quote, keys->key[i], quote);
		if (at >= len)
			return false;
	}
	return at > 0;
}

static struct lyd_node *sibling_find(struct walk *w, struct lyd_node *parent,
				     const struct lysc_node *snode,
				     const char *keys)
{
	struct lyd_node *match = NULL;
	const struct lyd_node *first = parent ? lyd_child(parent) : *w->tree;

	if (!first ||
	    lyd_find_sibling_val(first, snode, keys, keys ? strlen(keys) : 0,
				 &match) != LY_SUCCESS)
		return NULL;
	return match;
}

/* A new node at the top has to find its place there. */
static void top_insert(struct walk *w, struct lyd_node *parent,
		       struct lyd_node *node)
{
	if (!parent && node)
		lyd_insert_sibling(*w->tree, node, w->tree);
}

/* Where a value goes. */
struct place {
	struct walk *walk;
	const struct lysc_node *snode;
	struct lyd_node *parent;
};

static void value_add(void *arg, const char *value)
{
	const struct place *p = arg;
	struct lyd_node *node = NULL;

	(void)lyd_new_term(p->parent, p->snode->module, p->snode->name, value,
			   0, &node);
	top_insert(p->walk, p->parent, node);
}

static void run_leaf(struct walk *w, const struct ofl_nc_long *n,
		     const void *entry, struct lyd_node *parent)
{
	struct place place = {w, n->snode, parent};
	struct yang_data *data;

	if (ofl_nb_has_get(n->nb)) {
		ofl_nb_get(n->nb, w->xpath, entry, value_add, &place);
		return;
	}
	data = nb_callback_get_elem(n->nb, w->xpath, entry);
	if (!data)
		return;
	value_add(&place, data->value ? data->value : "");
	yang_data_free(data);
}

static void run_leaflist(struct walk *w, const struct ofl_nc_long *n,
			 const void *parent_entry, struct lyd_node *parent)
{
	const void *entry = NULL;

	if (ofl_nb_has_get(n->nb)) {
		run_leaf(w, n, parent_entry, parent);
		return;
	}
	while ((entry = nb_callback_get_next(n->nb, parent_entry, entry)))
		run_leaf(w, n, entry, parent);
}

static void run_container(struct walk *w, const struct ofl_nc_long *n,
			  const void *entry, struct lyd_node *parent)
{
	bool is_presence = n->snode->flags & LYS_PRESENCE;
	struct yang_data *data;
	struct lyd_node *node;

	node = sibling_find(w, parent, n->snode, NULL);
	if (is_presence && is_config(n->snode) && !node)
		return;
	if (n->nb->cbs.get_elem) {
		data = nb_callback_get_elem(n->nb, w->xpath, entry);
		if (!data)
			return;
		yang_data_free(data);
	}
	if (!node) {
		if (lyd_new_inner(parent, n->snode->module, n->snode->name, 0,
				  &node) != LY_SUCCESS)
			return;
		top_insert(w, parent, node);
	}
	run_nodes(w, n->child, entry, node);
}

/* The node of an entry, which may be there as configuration. */
static struct lyd_node *entry_node(struct walk *w, const struct ofl_nc_long *n,
				   const struct yang_list_keys *keys,
				   const char *predicate,
				   struct lyd_node *parent)
{
	const struct lysc_node *s = n->snode;
	struct lyd_node *node = NULL;
	const char *k[LIST_MAXKEYS];

	if (predicate && (is_config(s) || n->is_by_key)) {
		node = sibling_find(w, parent, s, predicate);
		/* The same keys twice in a filter: it is made already. */
		if (node)
			return is_config(s) ? node : NULL;
	}
	for (unsigned int i = 0; i < LIST_MAXKEYS; i++)
		k[i] = keys->key[i];
	/* It takes as many as the list has keys. */
	if (lyd_new_list(parent, s->module, s->name, 0, &node, k[0], k[1], k[2],
			 k[3], k[4], k[5], k[6], k[7]) != LY_SUCCESS)
		return NULL;
	top_insert(w, parent, node);
	return node;
}

static void run_entry(struct walk *w, const struct ofl_nc_long *n,
		      const void *entry, const struct yang_list_keys *keys,
		      unsigned int position, struct lyd_node *parent)
{
	bool has_keys = !(n->snode->flags & LYS_KEYLESS);
	size_t len = w->len;
	char *predicate = w->xpath + w->len;
	struct lyd_node *node;

	if (!has_keys)
		snprintf(predicate, sizeof(w->xpath) - len, "[%u]", position);
	else if (!keys_print(n->snode, keys, predicate, sizeof(w->xpath) - len))
		return;
	w->len += strlen(predicate);
	node = entry_node(w, n, keys, has_keys ? predicate : NULL, parent);
	if (node)
		run_nodes(w, n->child, entry, node);
	path_cut(w, len);
}

static void run_keys(struct walk *w, const struct ofl_nc_long *n,
		     const void *parent_entry, struct lyd_node *parent)
{
	const void *entry;

	for (size_t i = 0; i < n->key_count; i++) {
		entry = nb_callback_lookup_entry(n->nb, parent_entry,
						 &n->keys[i]);
		if (entry)
			run_entry(w, n, entry, &n->keys[i], 0, parent);
	}
}

static void too_long(struct walk *w, const struct ofl_nc_long *n)
{
	ofl_nc_error_add(
		w->errors, OFL_NC_APPLICATION, "too-big", n->nb->xpath,
		"The list has more than %u entries: use a subtree filter, or "
		"an expression that names each element down to the list and "
		"whose predicates look at the entry only.",
		OFL_NC_LONG_AT_ONCE);
	w->is_failed = true;
}

static void run_list(struct walk *w, const struct ofl_nc_long *n,
		     const void *parent_entry, struct lyd_node *parent)
{
	struct yang_list_keys keys = {};
	unsigned int position = 0;
	const void *entry = NULL;

	if (n->is_by_key) {
		run_keys(w, n, parent_entry, parent);
		return;
	}
	if (n->large && w->plan->is_local && *w->long_count < OFL_NC_LONGS) {
		w->longs[(*w->long_count)++] = (struct ofl_nc_long *)n;
		return;
	}
	while ((entry = nb_callback_get_next(n->nb, parent_entry, entry))) {
		if (n->large && position == OFL_NC_LONG_AT_ONCE) {
			too_long(w, n);
			return;
		}
		position++;
		if (!(n->snode->flags & LYS_KEYLESS) &&
		    nb_callback_get_keys(n->nb, entry, &keys) != NB_OK)
			continue;
		run_entry(w, n, entry, &keys, position, parent);
	}
}

static void run_nodes(struct walk *w, const struct ofl_nc_long *first,
		      const void *entry, struct lyd_node *parent)
{
	for (const struct ofl_nc_long *n = first; n && !w->is_failed;
	     n = n->next) {
		size_t len = w->len;

		path_add(w, n->snode);
		switch (n->snode->nodetype) {
		case LYS_LEAF:
			run_leaf(w, n, entry, parent);
			break;
		case LYS_LEAFLIST:
			run_leaflist(w, n, entry, parent);
			break;
		case LYS_CONTAINER:
			run_container(w, n, entry, parent);
			break;
		case LYS_LIST:
			run_list(w, n, entry, parent);
			break;
		}
		path_cut(w, len);
	}
}

bool ofl_nc_plan_run(struct ofl_nc_plan *plan, struct lyd_node **tree,
		     struct ofl_nc_long *ret[OFL_NC_LONGS], size_t *ret_count,
		     struct ofl_nc_errors *errors)
{
	struct walk w = {
		.plan = plan,
		.tree = tree,
		.longs = ret,
		.long_count = ret_count,
		.errors = errors,
	};

	*ret_count = 0;
	run_nodes(&w, plan->first, NULL, NULL);
	return !w.is_failed;
}

/* --- long lists --- */

const struct lysc_node *ofl_nc_long_snode(const struct ofl_nc_long *l)
{
	return l->snode;
}

/* The containers above a list, outermost first; returns the innermost. */
static struct lyd_node *chain_make(const struct lysc_node *snode)
{
	struct lyd_node *parent = NULL, *node = NULL;

	if (!snode)
		return NULL;
	parent = chain_make(lysc_data_parent(snode));
	(void)lyd_new_inner(parent, snode->module, snode->name, 0, &node);
	return node;
}

struct lyd_node *ofl_nc_long_next(struct ofl_nc_long *l, bool has_keys,
				  struct yang_list_keys *keys)
{
	struct lyd_node *parent, *tree;
	struct walk w = {.tree = &tree};
	const void *entry;

	entry = l->large->next(has_keys ? keys : NULL);
	if (!entry || nb_callback_get_keys(l->nb, entry, keys) != NB_OK)
		return NULL;
	parent = chain_make(lysc_data_parent(l->snode));
	tree = parent;
	strlcpy(w.xpath, l->nb->xpath, sizeof(w.xpath));
	w.len = strlen(w.xpath);
	run_entry(&w, l, entry, keys, 0, parent);
	return parent;
}
