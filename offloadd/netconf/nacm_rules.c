// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making rules ready, and how a rule's path stands to a node: see
 * nacm_rules.h.
 *
 * Done once for a running configuration, so that a decision about one of very
 * many nodes compares pointers and, where a path has keys, their values.  It
 * decides nothing: that is nacm.c's.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "log.h"
#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/nacm_rules.h"
#include "offloadd/netconf/session.h"
#include "offloadd/northbound/nacm_path.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_NACM, "offload NETCONF access control");

/* So many users are remembered; one more and all are made again. */
#define USERS_MAX 32

/* A list of rules: entries of the array `rules` below. */
struct rule_list {
	char **groups;
	size_t group_count;
	bool is_for_all;
	size_t first, count;
};

struct nacm_group {
	char *name;
	char **users;
	size_t user_count;
};

struct user_rules {
	char *name;
	char **groups; /* those of the system */
	size_t group_count;
	struct ofl_nc_rules view;
};

struct ofl_nc_nacm {
	struct ly_ctx *ctx;
	bool is_enabled, with_external;
	bool read_default, write_default, exec_default;
	struct nacm_group *groups;
	size_t group_count;
	struct rule_list *lists;
	size_t list_count;
	struct ofl_nc_rule *rules;
	size_t rule_count;
	struct user_rules users[USERS_MAX];
	size_t user_count;
};

/* --- small things --- */

/* One more element at the end of an array; zeroed. */
static void *grow(void *array, size_t *count, size_t size)
{
	char *bigger = XREALLOC(MTYPE_OFL_NC_NACM, array, (*count + 1) * size);

	memset(bigger + *count * size, 0, size);
	(*count)++;
	return bigger;
}

static void word_add(char ***words, size_t *count, const char *word)
{
	*words = grow(*words, count, sizeof(**words));
	(*words)[*count - 1] = XSTRDUP(MTYPE_OFL_NC_NACM, word);
}

static void words_free(char **words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		XFREE(MTYPE_OFL_NC_NACM, words[i]);
	XFREE(MTYPE_OFL_NC_NACM, words);
}

static bool words_have(char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool is_named(const struct lyd_node *node, const char *name)
{
	return node->schema && strcmp(node->schema->name, name) == 0;
}

static const char *value_of(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	if (is_named(child, name))
		return lyd_get_value(child);
	return NULL;
}

/* Only a clear word opens. */
static bool is_value(const struct lyd_node *parent, const char *name,
		     const char *value)
{
	const char *have = value_of(parent, name);

	return have && strcmp(have, value) == 0;
}

/* --- paths --- */

static const struct lysc_node *step_find(struct ly_ctx *ctx,
					 const struct lysc_node *parent,
					 const struct ofl_nacm_step *step)
{
	const struct lys_module *module = parent ? parent->module : NULL;
	char *name;

	if (step->module.len) {
		name = strndup(step->module.text, step->module.len);
		module = name ? ly_ctx_get_module_implemented(ctx, name) : NULL;
		free(name);
	}
	if (!module)
		return NULL;
	return ofl_lys_find_child(parent, module, step->name.text,
				  step->name.len);
}

static const struct lysc_node *key_find(const struct lysc_node *snode,
					const struct ofl_nacm_predicate *p)
{
	const struct lysc_node *key;

	if (p->key.len == 1 && p->key.text[0] == '.')
		return snode->nodetype == LYS_LEAFLIST ? snode : NULL;
	if (snode->nodetype != LYS_LIST)
		return NULL;
	if (p->module.len &&
	    (strlen(snode->module->name) != p->module.len ||
	     strncmp(snode->module->name, p->module.text, p->module.len) != 0))
		return NULL;
	key = ofl_lys_find_child(snode, snode->module, p->key.text, p->key.len);
	return key && lysc_is_key(key) ? key : NULL;
}

/* False: the predicate cannot be understood. */
static bool key_add(struct ofl_nc_rule_step *step,
		    const struct ofl_nacm_predicate *p)
{
	struct ofl_nc_rule_key key = {.snode = key_find(step->snode, p),
				      .is_user = p->is_user};
	LY_ERR ret;

	if (!key.snode)
		return false;
	if (!p->is_user) {
		ret = ofl_lyd_value_validate(key.snode, p->value.text,
					     p->value.len, NULL, NULL,
					     &key.value);
		if ((ret != LY_SUCCESS && ret != LY_EINCOMPLETE) || !key.value)
			return false;
	}
	step->keys = grow(step->keys, &step->key_count, sizeof(key));
	step->keys[step->key_count - 1] = key;
	return true;
}

/* False: it cannot be understood; what was made stays, to be freed. */
static bool path_parse(struct ly_ctx *ctx, const char *path,
		       struct ofl_nc_rule *r)
{
	const struct lysc_node *snode = NULL;
	struct ofl_nacm_predicate p;
	struct ofl_nacm_step step;
	const char *at = path;
	int more;

	if (ofl_nacm_path_is_all(path))
		return true;
	while ((more = ofl_nacm_path_step(&at, &step)) > 0) {
		struct ofl_nc_rule_step *made;

		snode = step_find(ctx, snode, &step);
		if (!snode || r->step_count >= OFL_NACM_STEPS)
			return false;
		r->steps = grow(r->steps, &r->step_count, sizeof(*r->steps));
		made = &r->steps[r->step_count - 1];
		made->snode = snode;
		while ((more = ofl_nacm_path_predicate(&step.predicates, &p)) >
		       0)
			if (!key_add(made, &p))
				return false;
		if (more < 0)
			return false;
	}
	return more == 0 && r->step_count > 0;
}

/* --- rules --- */

static unsigned int access_parse(const char *text)
{
	static const struct {
		const char *word;
		unsigned int bit;
	} words[] = {
		{"create", 1u << OFL_NC_CREATE},
		{"read", 1u << OFL_NC_READ},
		{"update", 1u << OFL_NC_UPDATE},
		{"delete", 1u << OFL_NC_DELETE},
		{"exec", OFL_NC_EXEC_BIT},
	};
	unsigned int bits = 0;

	if (strcmp(text, "*") == 0)
		return UINT_MAX;
	for (size_t i = 0; i < array_size(words); i++)
		if (strstr(text, words[i].word))
			bits |= words[i].bit;
	return bits;
}

static bool is_all(const char *text)
{
	return !text || strcmp(text, "*") == 0;
}

/* The name as the context has it, so that pointers can be compared.  (Its
 * dictionary does not help: since libyang 5 schemas have one of their own.)
 * A module that is not there has no nodes to compare with. */
static const char *module_make(const struct ly_ctx *ctx, const char *text)
{
	const struct lys_module *module;

	if (is_all(text))
		return NULL;
	module = ly_ctx_get_module_implemented(ctx, text);
	return module ? module->name : "";
}

static char *name_make(const char *text)
{
	return is_all(text) ? NULL : XSTRDUP(MTYPE_OFL_NC_NACM, text);
}

static void rule_make(struct ofl_nc_nacm *n, const struct lyd_node *list,
		      const struct lyd_node *node, struct ofl_nc_rule *r)
{
	const char *access = value_of(node, "access-operations");
	const char *rpc = value_of(node, "rpc-name");
	const char *notification = value_of(node, "notification-name");
	const char *path = value_of(node, "path");

	r->is_permit = is_value(node, "action", "permit");
	r->module = module_make(n->ctx, value_of(node, "module-name"));
	r->access = access ? access_parse(access) : UINT_MAX;
	if (rpc) {
		r->kind = OFL_NC_RULE_RPC;
		r->name = name_make(rpc);
	} else if (notification) {
		r->kind = OFL_NC_RULE_NOTIFICATION;
		r->name = name_make(notification);
	} else if (path) {
		r->kind = OFL_NC_RULE_PATH;
		r->is_opaque = !path_parse(n->ctx, path, r);
	}
	if (r->is_opaque)
		zlog_warn("NACM: rule %s of rule-list %s: the path %s names "
			  "nothing here: %s",
			  value_of(node, "name"), value_of(list, "name"), path,
			  r->is_permit
				  ? "the rule permits nothing"
				  : "the rule denies all data of its module");
}

static void list_make(struct ofl_nc_nacm *n, const struct lyd_node *node)
{
	const struct lyd_node *child;
	struct rule_list *list;

	n->lists = grow(n->lists, &n->list_count, sizeof(*n->lists));
	list = &n->lists[n->list_count - 1];
	list->first = n->rule_count;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (is_named(child, "rule")) {
			n->rules = grow(n->rules, &n->rule_count,
					sizeof(*n->rules));
			rule_make(n, node, child, &n->rules[n->rule_count - 1]);
		} else if (is_named(child, "group")) {
			word_add(&list->groups, &list->group_count,
				 lyd_get_value(child));
		}
	}
	list->count = n->rule_count - list->first;
	list->is_for_all = words_have(list->groups, list->group_count, "*");
}

static void group_make(struct ofl_nc_nacm *n, const struct lyd_node *node)
{
	const struct lyd_node *child;
	struct nacm_group *group;

	n->groups = grow(n->groups, &n->group_count, sizeof(*n->groups));
	group = &n->groups[n->group_count - 1];
	group->name = XSTRDUP(MTYPE_OFL_NC_NACM, value_of(node, "name"));
	LY_LIST_FOR(lyd_child(node), child)
	if (is_named(child, "user-name"))
		word_add(&group->users, &group->user_count,
			 lyd_get_value(child));
}

struct ofl_nc_nacm *ofl_nc_nacm_new(struct ly_ctx *ctx,
				    const struct lyd_node *nacm)
{
	struct ofl_nc_nacm *n = XCALLOC(MTYPE_OFL_NC_NACM, sizeof(*n));
	const struct lyd_node *child, *entry;

	n->ctx = ctx;
	n->is_enabled = !is_value(nacm, "enable-nacm", "false");
	n->with_external = is_value(nacm, "enable-external-groups", "true");
	n->read_default = is_value(nacm, "read-default", "permit");
	n->write_default = is_value(nacm, "write-default", "permit");
	n->exec_default = is_value(nacm, "exec-default", "permit");
	LY_LIST_FOR(lyd_child(nacm), child)
	{
		if (is_named(child, "rule-list"))
			list_make(n, child);
		if (is_named(child, "groups"))
			LY_LIST_FOR(lyd_child(child), entry)
		group_make(n, entry);
	}
	return n;
}

static void rule_fini(struct ofl_nc_nacm *n, struct ofl_nc_rule *r)
{
	for (size_t i = 0; i < r->step_count; i++) {
		struct ofl_nc_rule_step *step = &r->steps[i];

		for (size_t k = 0; k < step->key_count; k++)
			lydict_remove(n->ctx, step->keys[k].value);
		XFREE(MTYPE_OFL_NC_NACM, step->keys);
	}
	XFREE(MTYPE_OFL_NC_NACM, r->steps);
	XFREE(MTYPE_OFL_NC_NACM, r->name);
}

static void users_clear(struct ofl_nc_nacm *n)
{
	for (size_t i = 0; i < n->user_count; i++) {
		struct user_rules *u = &n->users[i];

		words_free(u->groups, u->group_count);
		XFREE(MTYPE_OFL_NC_NACM, u->name);
		XFREE(MTYPE_OFL_NC_NACM, u->view.rules);
		memset(u, 0, sizeof(*u));
	}
	n->user_count = 0;
}

bool ofl_nc_nacm_is_enabled(const struct ofl_nc_nacm *n)
{
	return n->is_enabled;
}

void ofl_nc_nacm_free(struct ofl_nc_nacm *n)
{
	if (!n)
		return;
	users_clear(n);
	for (size_t i = 0; i < n->group_count; i++) {
		words_free(n->groups[i].users, n->groups[i].user_count);
		XFREE(MTYPE_OFL_NC_NACM, n->groups[i].name);
	}
	for (size_t i = 0; i < n->list_count; i++)
		words_free(n->lists[i].groups, n->lists[i].group_count);
	for (size_t i = 0; i < n->rule_count; i++)
		rule_fini(n, &n->rules[i]);
	XFREE(MTYPE_OFL_NC_NACM, n->groups);
	XFREE(MTYPE_OFL_NC_NACM, n->lists);
	XFREE(MTYPE_OFL_NC_NACM, n->rules);
	XFREE(MTYPE_OFL_NC_NACM, n);
}

/* --- users --- */

static bool list_is_for(const struct rule_list *list, char *const *groups,
			size_t count)
{
	if (list->is_for_all && count > 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (words_have(list->groups, list->group_count, groups[i]))
			return true;
	return false;
}

static void view_make(const struct ofl_nc_nacm *n, struct user_rules *u)
{
	struct ofl_nc_rules *v = &u->view;
	char **groups = NULL;
	size_t count = 0;

	v->user = u->name;
	v->read_default = n->read_default;
	v->write_default = n->write_default;
	v->exec_default = n->exec_default;
	for (size_t i = 0; i < n->group_count; i++)
		if (words_have(n->groups[i].users, n->groups[i].user_count,
			       u->name))
			word_add(&groups, &count, n->groups[i].name);
	for (size_t i = 0; n->with_external && i < u->group_count; i++)
		word_add(&groups, &count, u->groups[i]);
	for (size_t i = 0; i < n->list_count; i++) {
		const struct rule_list *list = &n->lists[i];

		if (!list_is_for(list, groups, count))
			continue;
		for (size_t k = 0; k < list->count; k++) {
			v->rules = grow(v->rules, &v->count, sizeof(*v->rules));
			v->rules[v->count - 1] = &n->rules[list->first + k];
		}
	}
	words_free(groups, count);
}

static bool is_same(const struct user_rules *u, const struct ofl_nc_user *user)
{
	if (u->group_count != user->group_count ||
	    strcmp(u->name, user->name) != 0)
		return false;
	for (size_t i = 0; i < u->group_count; i++)
		if (strcmp(u->groups[i], user->groups[i]) != 0)
			return false;
	return true;
}

const struct ofl_nc_rules *ofl_nc_nacm_rules(struct ofl_nc_nacm *n,
					     const struct ofl_nc_user *user)
{
	struct user_rules *u;

	for (size_t i = 0; i < n->user_count; i++)
		if (is_same(&n->users[i], user))
			return &n->users[i].view;
	if (n->user_count == USERS_MAX)
		users_clear(n);
	u = &n->users[n->user_count++];
	u->name = XSTRDUP(MTYPE_OFL_NC_NACM, user->name);
	for (size_t i = 0; i < user->group_count; i++)
		word_add(&u->groups, &u->group_count, user->groups[i]);
	view_make(n, u);
	return &u->view;
}

/* --- a rule and a node --- */

enum ofl_nc_rule_state ofl_nc_rule_begin(const struct ofl_nc_rule *r)
{
	if (r->kind == OFL_NC_RULE_ANY)
		return OFL_NC_RULE_MATCHES;
	if (r->kind != OFL_NC_RULE_PATH)
		return OFL_NC_RULE_DEAD;
	if (r->is_opaque)
		return r->is_permit ? OFL_NC_RULE_DEAD : OFL_NC_RULE_MATCHES;
	return r->step_count ? OFL_NC_RULE_LIVE : OFL_NC_RULE_MATCHES;
}

/* A key that is missing cannot tell: then the rule holds if it denies. */
static bool key_holds(const struct ofl_nc_rule *r,
		      const struct ofl_nc_rule_key *key,
		      const struct lyd_node *node, const char *user)
{
	const char *wanted = key->is_user ? user : key->value;
	const struct lyd_node *child;

	if (key->snode == node->schema)
		return strcmp(lyd_get_value(node), wanted) == 0;
	LY_LIST_FOR(lyd_child(node), child)
	if (child->schema == key->snode)
		return strcmp(lyd_get_value(child), wanted) == 0;
	return !r->is_permit;
}

enum ofl_nc_rule_state
ofl_nc_rule_step(const struct ofl_nc_rule *r, enum ofl_nc_rule_state above,
		 size_t depth, const struct lyd_node *node, const char *user)
{
	const struct ofl_nc_rule_step *step;

	if (above != OFL_NC_RULE_LIVE)
		return above;
	step = &r->steps[depth];
	if (step->snode != node->schema)
		return OFL_NC_RULE_DEAD;
	for (size_t i = 0; i < step->key_count; i++)
		if (!key_holds(r, &step->keys[i], node, user))
			return OFL_NC_RULE_DEAD;
	return depth + 1 == r->step_count ? OFL_NC_RULE_MATCHES
					  : OFL_NC_RULE_LIVE;
}

enum ofl_nc_rule_state ofl_nc_rule_schema(const struct ofl_nc_rule *r,
					  const struct lysc_node *snode)
{
	const struct lysc_node *above[OFL_NACM_STEPS];
	enum ofl_nc_rule_state state = ofl_nc_rule_begin(r);
	bool is_certain = true;
	size_t depth = 0, i;

	if (state != OFL_NC_RULE_LIVE)
		return state;
	/* Deeper than any path: what is above decides. */
	for (; snode; snode = lysc_data_parent(snode)) {
		if (depth == OFL_NACM_STEPS)
			memmove(above, above + 1, --depth * sizeof(above[0]));
		above[depth++] = snode;
	}
	for (i = 0; i < r->step_count && i < depth; i++) {
		if (r->steps[i].snode != above[depth - 1 - i])
			return OFL_NC_RULE_DEAD;
		is_certain = is_certain && !r->steps[i].key_count;
	}
	if (i < r->step_count)
		return OFL_NC_RULE_DEAD;
	return is_certain ? OFL_NC_RULE_MATCHES : OFL_NC_RULE_LIVE;
}
