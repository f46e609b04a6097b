// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The decision of RFC 8341, section 3.4: the first rule that matches, then
 * what the schema forbids by itself, then the defaults.
 *
 * Fails closed: without a configuration to read everything is denied.  A node
 * that cannot be read goes with all that is below it, also if a rule permits
 * some of that (RFC 8341, section 3.2.4).
 *
 * Neighbours: nacm_rules.c makes rules ready, northbound/nb_nacm.c keeps the
 * counters that the model tells.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/nacm_rules.h"
#include "offloadd/netconf/session.h"
#include "offloadd/northbound/nb_nacm.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_PRUNE, "offload NETCONF access to a tree");

/* Made of the running configuration of this version. */
static struct ofl_nc_nacm *nacm;
static uint32_t nacm_version;

enum verdict {
	PERMIT_ALL,
	DENY_ALL,
	BY_RULES,
};

/* --- the configuration --- */

static const struct lyd_node *container_find(void)
{
	const struct lyd_node *node;

	LY_LIST_FOR(ofl_nc_running(), node)
	if (node->schema && strcmp(node->schema->name, "nacm") == 0 &&
	    strcmp(node->schema->module->name, "ietf-netconf-acm") == 0)
		return node;
	return NULL;
}

static enum verdict rules_get(const struct ofl_nc_user *user,
			      const struct ofl_nc_rules **ret_rules)
{
	const struct lyd_node *container;

	if (user->is_recovery)
		return PERMIT_ALL;
	if (!nacm || nacm_version != ofl_nc_running_version()) {
		ofl_nc_nacm_free(nacm);
		nacm = NULL;
		container = container_find();
		if (!container)
			return DENY_ALL;
		nacm = ofl_nc_nacm_new(ofl_nc_context(), container);
		nacm_version = ofl_nc_running_version();
	}
	if (!ofl_nc_nacm_is_enabled(nacm))
		return PERMIT_ALL;
	*ret_rules = ofl_nc_nacm_rules(nacm, user);
	return BY_RULES;
}

void ofl_nc_nacm_fini(void)
{
	ofl_nc_nacm_free(nacm);
	nacm = NULL;
}

/* --- what the schema says --- */

enum {
	SCHEMA_DENY_WRITE = 1,
	SCHEMA_DENY_ALL = 2,
};

static unsigned int schema_flags(const struct lysc_node *snode)
{
	unsigned int flags = 0;
	ofl_lya_index i;

	OFL_LYA_FOR(snode->exts, i)
	{
		const struct lysc_ext *def = snode->exts[i].def;

		if (strcmp(def->module->name, "ietf-netconf-acm") != 0)
			continue;
		if (strcmp(def->name, "default-deny-all") == 0)
			flags |= SCHEMA_DENY_ALL;
		if (strcmp(def->name, "default-deny-write") == 0)
			flags |= SCHEMA_DENY_WRITE;
	}
	return flags;
}

static bool is_of(const struct lysc_node *snode, const char *module,
		  const char *name)
{
	return strcmp(snode->name, name) == 0 &&
	       strcmp(snode->module->name, module) == 0;
}

/* --- operations and notifications --- */

/* Those inside data are matched by paths, too.  Without an instance, a path
 * with keys holds only if it denies. */
static bool matches_top(const struct ofl_nc_rule *r,
			const struct lysc_node *snode, unsigned int bit,
			enum ofl_nc_rule_kind kind)
{
	enum ofl_nc_rule_state state;

	if (!(r->access & bit) ||
	    (r->module && r->module != snode->module->name))
		return false;
	if (r->kind == OFL_NC_RULE_ANY)
		return true;
	if (r->kind == kind)
		return !r->name || strcmp(r->name, snode->name) == 0;
	if (r->kind != OFL_NC_RULE_PATH || !lysc_data_parent(snode))
		return false;
	state = ofl_nc_rule_schema(r, snode);
	return state == OFL_NC_RULE_MATCHES ||
	       (state == OFL_NC_RULE_LIVE && !r->is_permit);
}

static const struct ofl_nc_rule *rule_find_top(const struct ofl_nc_rules *v,
					       const struct lysc_node *snode,
					       unsigned int bit,
					       enum ofl_nc_rule_kind kind)
{
	for (size_t i = 0; i < v->count; i++)
		if (matches_top(v->rules[i], snode, bit, kind))
			return v->rules[i];
	return NULL;
}

static bool may_exec(const struct ofl_nc_user *user,
		     const struct lysc_node *rpc)
{
	const struct ofl_nc_rules *v = NULL;
	enum verdict verdict = rules_get(user, &v);
	const struct ofl_nc_rule *r;

	if (verdict == PERMIT_ALL ||
	    is_of(rpc, "ietf-netconf", "close-session"))
		return true;
	if (verdict == DENY_ALL)
		return false;
	r = rule_find_top(v, rpc, OFL_NC_EXEC_BIT, OFL_NC_RULE_RPC);
	if (r)
		return r->is_permit;
	if (schema_flags(rpc) & SCHEMA_DENY_ALL ||
	    is_of(rpc, "ietf-netconf", "kill-session") ||
	    is_of(rpc, "ietf-netconf", "delete-config"))
		return false;
	return v->exec_default;
}

bool ofl_nc_nacm_may_exec(const struct ofl_nc_user *user,
			  const struct lysc_node *rpc)
{
	bool may = may_exec(user, rpc);

	if (!may)
		ofl_nacm_denied()->operations++;
	return may;
}

static bool may_notify(const struct ofl_nc_user *user,
		       const struct lysc_node *n)
{
	const struct ofl_nc_rules *v = NULL;
	enum verdict verdict = rules_get(user, &v);
	const struct ofl_nc_rule *r;

	if (verdict == PERMIT_ALL ||
	    is_of(n, "nc-notifications", "replayComplete") ||
	    is_of(n, "nc-notifications", "notificationComplete"))
		return true;
	if (verdict == DENY_ALL)
		return false;
	r = rule_find_top(v, n, 1u << OFL_NC_READ, OFL_NC_RULE_NOTIFICATION);
	if (r)
		return r->is_permit;
	return !(schema_flags(n) & SCHEMA_DENY_ALL) && v->read_default;
}

bool ofl_nc_nacm_may_notify(const struct ofl_nc_user *user,
			    const struct lysc_node *notification)
{
	bool may = may_notify(user, notification);

	if (!may)
		ofl_nacm_denied()->notifications++;
	return may;
}

/* --- data --- */

/* How each rule stands to the node above the one that is asked about, and what
 * the schema says there. */
struct place {
	const struct ofl_nc_rules *v;
	size_t depth; /* of nodes below it */
	unsigned int flags;
	uint8_t *states; /* one of each rule */
};

static void place_begin(struct place *p, const struct ofl_nc_rules *v,
			uint8_t *states)
{
	*p = (struct place){.v = v, .states = states};
	for (size_t i = 0; i < v->count; i++)
		states[i] = ofl_nc_rule_begin(v->rules[i]);
}

/* From above a node to above its children. */
static void place_enter(const struct place *above, const struct lyd_node *node,
			struct place *ret, uint8_t *states)
{
	const struct ofl_nc_rules *v = above->v;

	for (size_t i = 0; i < v->count; i++)
		states[i] = ofl_nc_rule_step(v->rules[i], above->states[i],
					     above->depth, node, v->user);
	*ret = (struct place){
		.v = v,
		.depth = above->depth + 1,
		.flags = above->flags | schema_flags(node->schema),
		.states = states,
	};
}

static bool default_of(const struct ofl_nc_rules *v, unsigned int flags,
		       enum ofl_nc_access access)
{
	if (flags & SCHEMA_DENY_ALL)
		return false;
	if (access == OFL_NC_READ)
		return v->read_default;
	return !(flags & SCHEMA_DENY_WRITE) && v->write_default;
}

static bool decide(const struct place *above, const struct lyd_node *node,
		   enum ofl_nc_access access)
{
	const struct ofl_nc_rules *v = above->v;
	const char *module = node->schema->module->name;
	const struct ofl_nc_rule *r;

	for (size_t i = 0; i < v->count; i++) {
		r = v->rules[i];
		if (above->states[i] == OFL_NC_RULE_DEAD ||
		    !(r->access & (1u << access)) ||
		    (r->module && r->module != module))
			continue;
		if (ofl_nc_rule_step(r, above->states[i], above->depth, node,
				     v->user) == OFL_NC_RULE_MATCHES)
			return r->is_permit;
	}
	return default_of(v, above->flags | schema_flags(node->schema), access);
}

/* The place above a node, from the root; two arrays take turns. */
static void place_find(const struct ofl_nc_rules *v,
		       const struct lyd_node *node, uint8_t *states,
		       uint8_t *others, struct place *ret)
{
	const struct lyd_node *above[64];
	struct place p;
	size_t depth = 0;

	for (node = lyd_parent(node); node && depth < array_size(above);
	     node = lyd_parent(node))
		above[depth++] = node;
	place_begin(&p, v, states);
	while (depth-- > 0) {
		uint8_t *next = p.states == states ? others : states;

		place_enter(&p, above[depth], &p, next);
	}
	*ret = p;
}

bool ofl_nc_nacm_may(const struct ofl_nc_user *user,
		     const struct lyd_node *node, enum ofl_nc_access access)
{
	const struct ofl_nc_rules *v = NULL;
	enum verdict verdict = rules_get(user, &v);
	bool may = verdict == PERMIT_ALL;
	struct place above;
	uint8_t *states;

	if (verdict == BY_RULES && node->schema) {
		states = XMALLOC(MTYPE_OFL_NC_PRUNE, 2 * v->count + 1);
		place_find(v, node, states, states + v->count, &above);
		may = decide(&above, node, access);
		XFREE(MTYPE_OFL_NC_PRUNE, states);
	}
	if (!may && access != OFL_NC_READ)
		ofl_nacm_denied()->data_writes++;
	return may;
}

/* --- pruning --- */

/* Levels of a data tree; schemas are trusted and have few. */
#define DEPTH_MAX 64

static bool is_key(const struct lyd_node *node)
{
	return lysc_is_key(node->schema);
}

/* What is left of the siblings from `first` on.  `states` has room for the
 * levels below. */
static struct lyd_node *prune(const struct place *above, struct lyd_node *first,
			      uint8_t *states, size_t levels)
{
	struct lyd_node *node, *next, *left = NULL;
	struct place p;

	LY_LIST_FOR_SAFE(first, next, node)
	{
		if (!node->schema || !levels ||
		    (!is_key(node) && !decide(above, node, OFL_NC_READ))) {
			lyd_free_tree(node);
			continue;
		}
		left = left ? left : node;
		if (!lyd_child(node))
			continue;
		place_enter(above, node, &p, states);
		prune(&p, lyd_child(node), states + above->v->count,
		      levels - 1);
	}
	return left;
}

void ofl_nc_nacm_prune(const struct ofl_nc_user *user, struct lyd_node **tree)
{
	const struct ofl_nc_rules *v = NULL;
	enum verdict verdict = rules_get(user, &v);
	struct place above;
	uint8_t *states;

	if (!*tree || verdict == PERMIT_ALL)
		return;
	if (verdict == DENY_ALL) {
		lyd_free_siblings(*tree);
		*tree = NULL;
		return;
	}
	states = XMALLOC(MTYPE_OFL_NC_PRUNE, (DEPTH_MAX + 2) * v->count + 1);
	place_find(v, *tree, states, states + v->count, &above);
	*tree = prune(&above, lyd_first_sibling(*tree), states + 2 * v->count,
		      DEPTH_MAX);
	XFREE(MTYPE_OFL_NC_PRUNE, states);
}

/* --- before there is any data --- */

/* Is every instance of this very node denied? */
static bool is_denied(const struct ofl_nc_rules *v,
		      const struct lysc_node *snode)
{
	unsigned int flags = 0;

	for (size_t i = 0; i < v->count; i++) {
		const struct ofl_nc_rule *r = v->rules[i];
		enum ofl_nc_rule_state state;

		if (!(r->access & (1u << OFL_NC_READ)) ||
		    (r->module && r->module != snode->module->name))
			continue;
		state = ofl_nc_rule_schema(r, snode);
		if (state == OFL_NC_RULE_MATCHES)
			return !r->is_permit;
		if (state == OFL_NC_RULE_LIVE && r->is_permit)
			return false;
	}
	for (; snode; snode = snode->parent)
		flags |= schema_flags(snode);
	return !default_of(v, flags, OFL_NC_READ);
}

bool ofl_nc_nacm_may_read_any(const struct ofl_nc_user *user,
			      const struct lysc_node *snode)
{
	const struct ofl_nc_rules *v = NULL;
	enum verdict verdict = rules_get(user, &v);

	if (verdict != BY_RULES)
		return verdict == PERMIT_ALL;
	for (; snode; snode = lysc_data_parent(snode))
		if (!lysc_is_key(snode) && is_denied(v, snode))
			return false;
	return true;
}
