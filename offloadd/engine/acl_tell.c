// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of access control lists on their way to the consumer: a queue in the
 * order in which they may be told (see acl.h).
 *
 * A node that is in the queue already is told as it is then, once.  What went
 * goes to the end, behind what depended on it; acl.c drops attachments before
 * entries and entries before their list.
 */
#include <zebra.h>

#include "offloadd/engine/acl_private.h"

static void enqueue(struct ofl_acl_change *c)
{
	c->listed = true;
	ofl_acl_changes_add_tail(&ofl_acls.changes, c);
}

static void dequeue(struct ofl_acl_change *c)
{
	c->listed = false;
	ofl_acl_changes_del(&ofl_acls.changes, c);
}

void ofl_acl_change_put(struct ofl_acl_change *c)
{
	if (!c->listed)
		enqueue(c);
}

void ofl_acl_change_gone(struct ofl_acl_change *c)
{
	if (c->listed)
		dequeue(c);
	if (!c->told) {
		ofl_acl_change_free(c);
		return;
	}
	c->gone = true;
	enqueue(c);
}

/* --- telling --- */

static void tell_acl(struct ofl_acl_node *n)
{
	const struct ofl_acl_consumer *to = ofl_acls.consumer;

	if (n->change.gone)
		to->acl_gone(ofl_acls.arg, n->id);
	else
		to->acl(ofl_acls.arg, n->id, &n->conf);
}

static void tell_ace(struct ofl_ace_node *n)
{
	const struct ofl_acl_consumer *to = ofl_acls.consumer;
	struct ofl_ace ace;

	if (n->change.gone) {
		to->ace_gone(ofl_acls.arg, n->acl->id, n->ace.seq);
		return;
	}
	memcpy(&ace, &n->ace, sizeof(ace));
	ace.settings =
		ofl_ace_settings_make(&n->acl->conf.settings, &n->ace.settings);
	to->ace(ofl_acls.arg, n->acl->id, &ace);
}

static void tell_link(struct ofl_acl_link *l)
{
	const struct ofl_acl_consumer *to = ofl_acls.consumer;

	if (l->change.gone)
		to->detached(ofl_acls.arg, l->acl->id, l->interface,
			     l->direction);
	else
		to->attached(ofl_acls.arg, l->acl->id, l->interface,
			     l->direction);
}

static void tell(struct ofl_acl_change *c)
{
	switch ((enum ofl_acl_node_kind)c->kind) {
	case OFL_NODE_ACL:
		tell_acl((struct ofl_acl_node *)c);
		break;
	case OFL_NODE_ACE:
		tell_ace((struct ofl_ace_node *)c);
		break;
	case OFL_NODE_LINK:
		tell_link((struct ofl_acl_link *)c);
		break;
	}
	c->told = true;
}

bool ofl_acls_work(unsigned int budget)
{
	struct ofl_acl_change *c;

	if (ofl_acls.frr_changed)
		ofl_acls_refresh();
	if (!ofl_acls.consumer)
		return false;
	while (budget-- && (c = ofl_acl_changes_first(&ofl_acls.changes))) {
		dequeue(c);
		tell(c);
		ofl_acls.unsettled = true;
		if (c->gone)
			ofl_acl_change_free(c);
	}
	if (ofl_acl_changes_first(&ofl_acls.changes))
		return true;
	if (ofl_acls.unsettled) {
		ofl_acls.unsettled = false;
		ofl_acls.consumer->settled(ofl_acls.arg);
	}
	return false;
}

static void forget_changes(void)
{
	struct ofl_acl_change *c;

	while ((c = ofl_acl_changes_first(&ofl_acls.changes))) {
		dequeue(c);
		if (c->gone)
			ofl_acl_change_free(c);
	}
}

void ofl_acl_changes_done(void)
{
	if (!ofl_acls.consumer)
		forget_changes();
	else if (ofl_acl_changes_first(&ofl_acls.changes) && ofl_acls.wake)
		ofl_acls.wake();
}

void ofl_acls_marks_set(uint32_t first, uint32_t count)
{
	if (first == ofl_acls.marks_first && count == ofl_acls.marks_count)
		return;
	ofl_acls.marks_first = first;
	ofl_acls.marks_count = count;
	ofl_acls.unsettled = true;
	if (ofl_acls.consumer && ofl_acls.wake)
		ofl_acls.wake();
}

static void put_new(struct ofl_acl_change *c)
{
	c->told = false;
	ofl_acl_change_put(c);
}

void ofl_acls_consumer_set(const struct ofl_acl_consumer *consumer, void *arg)
{
	struct ofl_acl_node *acl;
	struct ofl_ace_node *ace;
	struct ofl_acl_link *link;

	forget_changes();
	ofl_acls.consumer = consumer;
	ofl_acls.arg = arg;
	ofl_acls.unsettled = consumer != NULL;
	frr_each (ofl_acl_tree, &ofl_acls.acls, acl) {
		put_new(&acl->change);
		frr_each (ofl_ace_tree, &acl->aces, ace)
			put_new(&ace->change);
	}
	frr_each (ofl_acl_links, &ofl_acls.links, link)
		put_new(&link->change);
	ofl_acl_changes_done();
}

void ofl_acls_set_wake(void (*wake)(void))
{
	ofl_acls.wake = wake;
}
