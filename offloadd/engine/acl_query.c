// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What northbound asks about access control lists; see acl.h.
 */
#include <zebra.h>

#include "offloadd/engine/acl_private.h"

const char *ofl_acl_origin_name(enum ofl_acl_origin o)
{
	static const char *const names[OFL_ACL_ORIGIN_MAX] = {
		[OFL_ACL_OWN] = "acl",
		[OFL_ACL_FRR_IPV4] = "access-list",
		[OFL_ACL_FRR_IPV6] = "ipv6 access-list",
		[OFL_ACL_FLOWS] = "flow",
	};

	return names[o];
}

const char *ofl_direction_name(enum ofl_direction d)
{
	return d == OFL_INGRESS ? "in" : "out";
}

static struct ofl_acl_status status_of(const struct ofl_acl_node *n)
{
	return (struct ofl_acl_status){
		.id = n->id,
		.conf = &n->conf,
		.ace_count = ofl_ace_tree_count(&n->aces),
		.attached = n->link_count > 0,
	};
}

static bool call(const struct ofl_acl_node *n,
		 bool (*cb)(const struct ofl_acl_status *s, void *arg),
		 void *arg)
{
	struct ofl_acl_status s = status_of(n);

	return cb(&s, arg);
}

void ofl_acls_walk(bool (*cb)(const struct ofl_acl_status *s, void *arg),
		   void *arg)
{
	struct ofl_acl_node *n;

	frr_each (ofl_acl_tree, &ofl_acls.acls, n)
		if (!call(n, cb, arg))
			return;
}

void ofl_acls_walk_name(const char *name,
			bool (*cb)(const struct ofl_acl_status *s, void *arg),
			void *arg)
{
	for (int o = 0; o < OFL_ACL_NAMED_MAX; o++) {
		struct ofl_acl_node *n = ofl_acl_node_find(o, name);

		if (n && (!call(n, cb, arg) || o == OFL_ACL_OWN))
			return;
	}
}

void ofl_aces_walk(uint32_t id, uint32_t from_seq,
		   bool (*cb)(const struct ofl_ace *ace, void *arg), void *arg)
{
	struct ofl_acl_node *acl = ofl_acl_node_by_id(id);
	struct ofl_ace_node key = {.ace.seq = from_seq}, *n;

	if (!acl)
		return;
	for (n = ofl_ace_tree_find_gteq(&acl->aces, &key); n;
	     n = ofl_ace_tree_next(&acl->aces, n))
		if (!cb(&n->ace, arg))
			return;
}

/* --- one at a time --- */

/* The list of these words, or (`after`) the first behind them. */
static struct ofl_acl_node *node_at(const char *name,
				    enum ofl_acl_origin origin, bool after)
{
	struct ofl_acl_node ref = {.conf.origin = origin}, *n;

	strlcpy(ref.conf.name, name, sizeof(ref.conf.name));
	n = ofl_acl_tree_find_gteq(&ofl_acls.acls, &ref);
	if (!n)
		return NULL;
	if (ofl_acl_node_cmp(n, &ref) == 0)
		return after ? ofl_acl_tree_next(&ofl_acls.acls, n) : n;
	return after ? n : NULL;
}

bool ofl_acl_next(const char *name, enum ofl_acl_origin origin,
		  struct ofl_acl_status *ret)
{
	struct ofl_acl_node *n = name ? node_at(name, origin, true)
				      : ofl_acl_tree_first(&ofl_acls.acls);

	if (n)
		*ret = status_of(n);
	return n;
}

bool ofl_acl_find(const char *name, enum ofl_acl_origin origin,
		  struct ofl_acl_status *ret)
{
	struct ofl_acl_node *n = node_at(name, origin, false);

	if (n)
		*ret = status_of(n);
	return n;
}

bool ofl_acl_by_id(uint32_t id, struct ofl_acl_status *ret)
{
	struct ofl_acl_node *n = ofl_acl_node_by_id(id);

	if (n)
		*ret = status_of(n);
	return n;
}

const struct ofl_ace *ofl_ace_find(const char *name, enum ofl_acl_origin origin,
				   uint32_t seq)
{
	struct ofl_acl_node *acl = node_at(name, origin, false);
	struct ofl_ace_node ref = {.ace.seq = seq}, *n;

	n = acl ? ofl_ace_tree_find(&acl->aces, &ref) : NULL;
	return n ? &n->ace : NULL;
}

const struct ofl_ace *ofl_ace_next(const char *name, enum ofl_acl_origin origin,
				   uint32_t seq)
{
	struct ofl_ace_node ref = {.ace.seq = seq}, *n = NULL;
	struct ofl_acl_node *acl = NULL;

	if (name)
		acl = node_at(name, origin, false);
	if (acl)
		n = ofl_ace_tree_find_gteq(&acl->aces, &ref);
	if (n && n->ace.seq == seq)
		n = ofl_ace_tree_next(&acl->aces, n);
	if (!n) {
		acl = name ? node_at(name, origin, true)
			   : ofl_acl_tree_first(&ofl_acls.acls);
		while (acl && !(n = ofl_ace_tree_first(&acl->aces)))
			acl = ofl_acl_tree_next(&ofl_acls.acls, acl);
	}
	return n ? &n->ace : NULL;
}

void ofl_ace_acl(const struct ofl_ace *ace, struct ofl_acl_status *ret)
{
	*ret = status_of(container_of(ace, struct ofl_ace_node, ace)->acl);
}

const struct ofl_static_flow *
ofl_static_flow_next(const struct ofl_static_flow *f)
{
	const struct ofl_static_flow *v = ofl_acls.flows.v;

	f = f ? f + 1 : v;
	return ofl_acls.flows.count && f < v + ofl_acls.flows.count ? f : NULL;
}

void ofl_attachments_walk(bool (*cb)(const struct ofl_attachment *a, void *arg),
			  void *arg)
{
	for (size_t i = 0; i < ofl_acls.attachment_count; i++)
		if (!cb(&ofl_acls.attachments[i], arg))
			return;
}

void ofl_acls_marks_get(uint32_t *ret_first, uint32_t *ret_count)
{
	*ret_first = ofl_acls.marks_first;
	*ret_count = ofl_acls.marks_count;
}

void ofl_acls_stats(struct ofl_acls_stats *ret)
{
	*ret = (struct ofl_acls_stats){
		.acls = ofl_acl_tree_count(&ofl_acls.acls),
		.aces = ofl_acls.ace_count,
		.attachments = ofl_acls.attachment_count,
		.pending = ofl_acl_changes_count(&ofl_acls.changes) +
			   ofl_acls.frr_changed,
	};
	ret->bytes = ret->acls * sizeof(struct ofl_acl_node) +
		     ret->aces * sizeof(struct ofl_ace_node) +
		     ofl_acls.flows.count * sizeof(struct ofl_static_flow);
}
