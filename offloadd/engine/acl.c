// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mirror of access control lists: see acl.h, acl_private.h.
 *
 * A transaction says everything anew, so nothing depends on the order of
 * edits.  Comparing is cheap beside what libyang does for the same edit.  FRR
 * tells of its lists line by line: they are read again once, in a turn.
 */
#include <zebra.h>

#include "offloadd/engine/acl_private.h"

#include "offloadd/base/access_list.h"
#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL, "offload access control list");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACE, "offload access control entry");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_LINK, "offload list at interface");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_ATTACH, "offload attachments");

struct ofl_acls ofl_acls;

int ofl_acl_node_cmp(const struct ofl_acl_node *a, const struct ofl_acl_node *b)
{
	int cmp = strcmp(a->conf.name, b->conf.name);

	return cmp ? cmp : (int)a->conf.origin - (int)b->conf.origin;
}

int ofl_ace_node_cmp(const struct ofl_ace_node *a, const struct ofl_ace_node *b)
{
	return numcmp(a->ace.seq, b->ace.seq);
}

int ofl_acl_link_cmp(const struct ofl_acl_link *a, const struct ofl_acl_link *b)
{
	int cmp = strcmp(a->interface, b->interface);

	if (!cmp)
		cmp = (int)a->direction - (int)b->direction;
	return cmp ? cmp : numcmp(a->acl->id, b->acl->id);
}

void ofl_acl_conf_init(struct ofl_acl_conf *c, const char *name)
{
	memset(c, 0, sizeof(*c));
	strlcpy(c->name, name, sizeof(c->name));
	ofl_ace_settings_init(&c->settings);
}

struct ofl_acl_node *ofl_acl_node_find(enum ofl_acl_origin origin,
				       const char *name)
{
	struct ofl_acl_node key = {.conf.origin = origin};

	strlcpy(key.conf.name, name, sizeof(key.conf.name));
	return ofl_acl_tree_find(&ofl_acls.acls, &key);
}

struct ofl_acl_node *ofl_acl_node_by_id(uint32_t id)
{
	struct ofl_acl_node *n;

	frr_each (ofl_acl_tree, &ofl_acls.acls, n)
		if (n->id == id)
			return n;
	return NULL;
}

/* --- the end of nodes --- */

void ofl_acl_change_free(struct ofl_acl_change *c)
{
	if (c->listed)
		ofl_acl_changes_del(&ofl_acls.changes, c);
	switch ((enum ofl_acl_node_kind)c->kind) {
	case OFL_NODE_ACL: {
		struct ofl_acl_node *n = (struct ofl_acl_node *)c;

		ofl_ace_tree_fini(&n->aces);
		XFREE(MTYPE_OFL_ACL, n);
		break;
	}
	case OFL_NODE_ACE: {
		struct ofl_ace_node *n = (struct ofl_ace_node *)c;

		XFREE(MTYPE_OFL_ACE, n);
		break;
	}
	case OFL_NODE_LINK: {
		struct ofl_acl_link *l = (struct ofl_acl_link *)c;

		XFREE(MTYPE_OFL_ACL_LINK, l);
		break;
	}
	}
}

static void ace_drop(struct ofl_ace_node *n)
{
	ofl_ace_tree_del(&n->acl->aces, n);
	ofl_acls.ace_count--;
	ofl_acl_change_gone(&n->change);
}

static void acl_drop(struct ofl_acl_node *n)
{
	struct ofl_ace_node *ace;

	while ((ace = ofl_ace_tree_first(&n->aces)))
		ace_drop(ace);
	ofl_acl_tree_del(&ofl_acls.acls, n);
	ofl_acl_change_gone(&n->change);
}

static void link_drop(struct ofl_acl_link *l)
{
	ofl_acl_links_del(&ofl_acls.links, l);
	l->acl->link_count--;
	ofl_acl_change_gone(&l->change);
}

/* --- what a transaction says --- */

void ofl_acls_begin(void)
{
	ofl_acls.gen++;
	ofl_acls.filling = NULL;
	ofl_acls.next_count = 0;
	ofl_acl_flows_begin();
}

/* The settings are part of what its entries are told with. */
static void acl_change(struct ofl_acl_node *n, const struct ofl_acl_conf *conf)
{
	bool all = memcmp(&n->conf.settings, &conf->settings,
			  sizeof(conf->settings)) != 0;
	struct ofl_ace_node *ace;

	memcpy(&n->conf, conf, sizeof(n->conf));
	ofl_acl_change_put(&n->change);
	if (!all)
		return;
	frr_each (ofl_ace_tree, &n->aces, ace)
		ofl_acl_change_put(&ace->change);
}

void ofl_acls_add(const struct ofl_acl_conf *conf)
{
	struct ofl_acl_node *n = ofl_acl_node_find(conf->origin, conf->name);

	if (!n) {
		n = XCALLOC(MTYPE_OFL_ACL, sizeof(*n));
		n->change.kind = OFL_NODE_ACL;
		n->id = ++ofl_acls.last_id;
		memcpy(&n->conf, conf, sizeof(n->conf));
		ofl_ace_tree_init(&n->aces);
		ofl_acl_tree_add(&ofl_acls.acls, n);
		ofl_acl_change_put(&n->change);
	} else if (memcmp(&n->conf, conf, sizeof(*conf)) != 0) {
		acl_change(n, conf);
	}
	n->gen = ofl_acls.gen;
	n->filled = true;
	ofl_acls.filling = n;
}

void ofl_acls_ace_add(const struct ofl_ace *ace)
{
	struct ofl_acl_node *acl = ofl_acls.filling;
	struct ofl_ace_node key = {.ace.seq = ace->seq}, *n;

	n = ofl_ace_tree_find(&acl->aces, &key);
	if (!n) {
		n = XCALLOC(MTYPE_OFL_ACE, sizeof(*n));
		n->change.kind = OFL_NODE_ACE;
		n->acl = acl;
		memcpy(&n->ace, ace, sizeof(n->ace));
		ofl_ace_tree_add(&acl->aces, n);
		ofl_acls.ace_count++;
		ofl_acl_change_put(&n->change);
	} else if (!ofl_ace_eq(&n->ace, ace)) {
		memcpy(&n->ace, ace, sizeof(n->ace));
		ofl_acl_change_put(&n->change);
	}
	n->gen = ofl_acls.gen;
}

void ofl_acls_attach(const struct ofl_attachment *a)
{
	ofl_acls.next = XREALLOC(MTYPE_OFL_ACL_ATTACH, ofl_acls.next,
				 (ofl_acls.next_count + 1) * sizeof(*a));
	ofl_acls.next[ofl_acls.next_count++] = *a;
}

/* --- FRR's lists --- */

static void frr_ace_add(const struct ofl_access_entry *e, void *arg)
{
	const struct ofl_acl_conf *conf = arg;
	struct ofl_ace ace;

	ofl_ace_init(&ace, conf->type);
	ace.seq = e->seq;
	ace.action.forward = e->permit ? OFL_ACE_ACCEPT : OFL_ACE_DROP;
	memcpy(ace.src, e->src, sizeof(ace.src));
	memcpy(ace.src_mask, e->src_mask, sizeof(ace.src_mask));
	memcpy(ace.dst, e->dst, sizeof(ace.dst));
	memcpy(ace.dst_mask, e->dst_mask, sizeof(ace.dst_mask));
	ofl_acls_ace_add(&ace);
}

static void frr_list_add(const char *name, bool is_v6)
{
	int family = is_v6 ? AF_INET6 : AF_INET;
	struct ofl_acl_conf conf;

	if (!ofl_access_list_exists(name, family))
		return;
	ofl_acl_conf_init(&conf, name);
	conf.origin = is_v6 ? OFL_ACL_FRR_IPV6 : OFL_ACL_FRR_IPV4;
	conf.type = is_v6 ? OFL_ACL_IPV6 : OFL_ACL_IPV4;
	ofl_acls_add(&conf);
	ofl_access_list_walk(name, family, frr_ace_add, &conf);
}

/* Is there a list of the model that hides FRR's of this name? */
static bool is_own(const char *name)
{
	struct ofl_acl_node *n = ofl_acl_node_find(OFL_ACL_OWN, name);

	return n && n->gen == ofl_acls.gen;
}

static bool was_read(const char *name)
{
	for (int o = OFL_ACL_FRR_IPV4; o < OFL_ACL_NAMED_MAX; o++) {
		struct ofl_acl_node *n = ofl_acl_node_find(o, name);

		if (n && n->gen == ofl_acls.gen)
			return true;
	}
	return false;
}

static void frr_lists_read(void)
{
	for (size_t i = 0; i < ofl_acls.attachment_count; i++) {
		const char *name = ofl_acls.attachments[i].name;

		if (is_own(name) || was_read(name))
			continue;
		frr_list_add(name, false);
		frr_list_add(name, true);
	}
	ofl_acls.filling = NULL;
	ofl_acls.frr_changed = false;
}

/* --- the end of a transaction --- */

void ofl_acl_link_set(const struct ofl_attachment *a, struct ofl_acl_node *acl)
{
	struct ofl_acl_link key = {.acl = acl, .direction = a->direction}, *l;

	if (!acl || acl->gen != ofl_acls.gen)
		return;
	strlcpy(key.interface, a->interface, sizeof(key.interface));
	l = ofl_acl_links_find(&ofl_acls.links, &key);
	if (!l) {
		l = XCALLOC(MTYPE_OFL_ACL_LINK, sizeof(*l));
		l->change.kind = OFL_NODE_LINK;
		l->acl = acl;
		l->direction = a->direction;
		strlcpy(l->interface, a->interface, sizeof(l->interface));
		ofl_acl_links_add(&ofl_acls.links, l);
		acl->link_count++;
		ofl_acl_change_put(&l->change);
	}
	l->gen = ofl_acls.gen;
}

static void links_set(void)
{
	for (size_t i = 0; i < ofl_acls.attachment_count; i++) {
		const struct ofl_attachment *a = &ofl_acls.attachments[i];

		for (int o = 0; o < OFL_ACL_NAMED_MAX; o++) {
			if (o == OFL_ACL_FRR_IPV4 && is_own(a->name))
				break;
			ofl_acl_link_set(a, ofl_acl_node_find(o, a->name));
		}
	}
	ofl_acl_flows_link();
}

/* What was not said goes: attachments, then entries, then lists. */
static void sweep(void)
{
	struct ofl_acl_link *l;
	struct ofl_acl_node *acl;
	struct ofl_ace_node *ace;

	frr_each_safe (ofl_acl_links, &ofl_acls.links, l)
		if (l->gen != ofl_acls.gen)
			link_drop(l);
	frr_each_safe (ofl_acl_tree, &ofl_acls.acls, acl) {
		if (acl->gen != ofl_acls.gen) {
			acl_drop(acl);
			continue;
		}
		if (acl->filled)
			frr_each_safe (ofl_ace_tree, &acl->aces, ace)
				if (ace->gen != ofl_acls.gen)
					ace_drop(ace);
		acl->filled = false;
	}
}

void ofl_acls_commit(void)
{
	struct ofl_attachment *old = ofl_acls.attachments;

	ofl_acls.attachments = ofl_acls.next;
	ofl_acls.attachment_count = ofl_acls.next_count;
	ofl_acls.next = old;
	ofl_acls.next_count = 0;
	ofl_acl_flows_commit();
	frr_lists_read();
	links_set();
	sweep();
	ofl_acl_changes_done();
}

void ofl_acls_refresh(void)
{
	struct ofl_acl_node *n;

	ofl_acls.gen++;
	/* Lists of the model are as they were, with their entries. */
	frr_each (ofl_acl_tree, &ofl_acls.acls, n)
		if (n->conf.origin == OFL_ACL_OWN ||
		    n->conf.origin == OFL_ACL_FLOWS)
			n->gen = ofl_acls.gen;
	frr_lists_read();
	links_set();
	sweep();
	ofl_acl_changes_done();
}

void ofl_acls_access_list_changed(const char *name)
{
	for (size_t i = 0; i < ofl_acls.attachment_count; i++) {
		if (name && strcmp(ofl_acls.attachments[i].name, name) != 0)
			continue;
		ofl_acls.frr_changed = true;
		if (ofl_acls.wake)
			ofl_acls.wake();
		return;
	}
}

/* --- life --- */

void ofl_acls_init(void)
{
	memset(&ofl_acls, 0, sizeof(ofl_acls));
	ofl_acl_tree_init(&ofl_acls.acls);
	ofl_acl_links_init(&ofl_acls.links);
	ofl_acl_changes_init(&ofl_acls.changes);
	ofl_acls.marks_first = OFL_MARKS_FIRST;
	ofl_acls.marks_count = OFL_MARKS_COUNT;
}

void ofl_acls_fini(void)
{
	ofl_acls_consumer_set(NULL, NULL);
	ofl_acls.wake = NULL;
	ofl_acls_begin();
	ofl_acls_commit();
	XFREE(MTYPE_OFL_ACL_ATTACH, ofl_acls.attachments);
	XFREE(MTYPE_OFL_ACL_ATTACH, ofl_acls.next);
	ofl_acl_flows_fini();
	ofl_acl_tree_fini(&ofl_acls.acls);
	ofl_acl_links_fini(&ofl_acls.links);
	ofl_acl_changes_fini(&ofl_acls.changes);
}
