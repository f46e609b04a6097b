// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel tells about routes, next hops and neighbours, in the order
 * in which it was told, carried to route.c.
 *
 * The kernel tells with locks held that forbid to wait, and hardware takes
 * time: notifiers only hold what they were told and queue it, one work item
 * does the rest.  That work takes RTNL now and then; so nobody may wait for it
 * with RTNL held.  It lets go of every route sooner or later, and with it of
 * the device behind: a device that goes away waits for that, without RTNL.
 *
 * Policy rules are refused while routes are followed: hardware looks into the
 * tables in the default order and into no other.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/arp.h>
#include <net/fib_notifier.h>
#include <net/fib_rules.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/ndisc.h>
#include <net/netevent.h>
#include <net/nexthop.h>

#include "lpm.h"
#include "tcamsim.h"

struct event {
	struct list_head in_queue;
	enum {
		ROUTE_REPLACED,
		ROUTE_APPENDED,
		ROUTE_DELETED,
		NEIGHBOUR_CHANGED,
	} what;
	struct tcamsim_route_key key;
	struct tcamsim_origin origin; /* holds */
	struct tcamsim_via via;
};

/* What is due besides the queue: bits of `due`. */
enum {
	FORGET_ALL, /* an event was lost */
	UPDATE_ALL, /* next-hop objects changed */
};

struct tcamsim_fib {
	struct tcamsim *sw;
	struct tcamsim_routes routes;
	struct notifier_block on_fib, on_nexthop, on_netevent;
	struct workqueue_struct *workqueue;
	struct work_struct work;
	spinlock_t lock; /* of the queue */
	struct list_head queue;
	unsigned long due;
	bool needs_rtnl; /* see tcamsim_routes_init() in lpm.h; never reset */
};

/* ------------------------------------------------------------- the work */

/* Whether RTNL was taken. */
static bool tables_lock(struct tcamsim_fib *fib, bool rtnl)
{
	rtnl |= READ_ONCE(fib->needs_rtnl);
	if (rtnl)
		rtnl_lock();
	mutex_lock(&fib->sw->lock);
	return rtnl;
}

static void tables_unlock(struct tcamsim_fib *fib, bool rtnl)
{
	mutex_unlock(&fib->sw->lock);
	if (rtnl)
		rtnl_unlock();
}

static void forget_all(struct tcamsim_fib *fib)
{
	bool rtnl = tables_lock(fib, false);

	tcamsim_routes_forget(&fib->routes);
	tables_unlock(fib, rtnl);
}

/* RTNL: the notifier was called before the change was made, with it held. */
static void update_all(struct tcamsim_fib *fib)
{
	bool rtnl = tables_lock(fib, true);

	tcamsim_routes_update(&fib->routes, NULL);
	tables_unlock(fib, rtnl);
}

static void handle(struct tcamsim_fib *fib, struct event *event)
{
	bool rtnl = tables_lock(fib, false);

	switch (event->what) {
	case ROUTE_REPLACED:
		tcamsim_route_replace(&fib->routes, &event->key,
				      &event->origin);
		break;
	case ROUTE_APPENDED:
		tcamsim_route_append(&fib->routes, &event->key, &event->origin);
		break;
	case ROUTE_DELETED:
		tcamsim_route_del(&fib->routes, &event->key, &event->origin);
		break;
	case NEIGHBOUR_CHANGED:
		tcamsim_routes_update(&fib->routes, &event->via);
		break;
	}
	tables_unlock(fib, rtnl);
}

static void on_work(struct work_struct *work)
{
	struct tcamsim_fib *fib = container_of(work, struct tcamsim_fib, work);
	struct event *event, *next;
	LIST_HEAD(queue);

	spin_lock_bh(&fib->lock);
	list_splice_init(&fib->queue, &queue);
	spin_unlock_bh(&fib->lock);

	list_for_each_entry_safe(event, next, &queue, in_queue) {
		handle(fib, event);
		kfree(event);
		cond_resched();
	}
	if (test_and_clear_bit(FORGET_ALL, &fib->due))
		forget_all(fib);
	if (test_and_clear_bit(UPDATE_ALL, &fib->due))
		update_all(fib);
}

/* ------------------------------------------------------------- notifiers */

static void queue_due(struct tcamsim_fib *fib, int what)
{
	set_bit(what, &fib->due);
	queue_work(fib->workqueue, &fib->work);
}

static void queue_event(struct tcamsim_fib *fib, struct event *event)
{
	spin_lock_bh(&fib->lock);
	list_add_tail(&event->in_queue, &fib->queue);
	spin_unlock_bh(&fib->lock);
	queue_work(fib->workqueue, &fib->work);
}

static void read_route4(const struct fib_notifier_info *info,
			struct event *ret)
{
	const struct fib_entry_notifier_info *route =
		container_of(info, struct fib_entry_notifier_info, info);

	ret->key.table = route->tb_id;
	ret->key.family = AF_INET;
	ret->key.plen = route->dst_len;
	ret->key.prefix.s6_addr32[0] = htonl(route->dst);
	ret->origin.family = AF_INET;
	ret->origin.v4.fi = route->fi;
	ret->origin.v4.dscp = route->dscp;
	ret->origin.v4.type = route->type;
	fib_info_hold(route->fi);
}

static int read_route6(struct tcamsim_fib *fib,
		       const struct fib_notifier_info *info, struct event *ret)
{
	const struct fib6_entry_notifier_info *route =
		container_of(info, struct fib6_entry_notifier_info, info);
	struct fib6_info *rt = route->rt, *sibling;
	struct fib6_info **list;
	u32 n = 0;

	list = kcalloc(route->nsiblings + 1, sizeof(*list), GFP_ATOMIC);
	if (!list)
		return -ENOMEM;
	list[n++] = rt;
	if (route->nsiblings)
		list_for_each_entry(sibling, &rt->fib6_siblings,
				    fib6_siblings) {
			if (n > route->nsiblings)
				break;
			list[n++] = sibling;
		}
	ret->key.table = rt->fib6_table->tb6_id;
	ret->key.family = AF_INET6;
	ret->key.plen = rt->fib6_dst.plen;
	ret->key.prefix = rt->fib6_dst.addr;
	ret->origin.family = AF_INET6;
	ret->origin.v6.list = list;
	ret->origin.v6.n = n;
	while (n)
		fib6_info_hold(list[--n]);
	if (rt->nh)
		WRITE_ONCE(fib->needs_rtnl, true);
	return 0;
}

/* A lost event leaves us with routes that are wrong: better none. */
static void on_route(struct tcamsim_fib *fib,
		     const struct fib_notifier_info *info, int what)
{
	struct event *event = kzalloc(sizeof(*event), GFP_ATOMIC);
	int err = 0;

	if (!event) {
		queue_due(fib, FORGET_ALL);
		return;
	}
	event->what = what;
	if (info->family == AF_INET)
		read_route4(info, event);
	else
		err = read_route6(fib, info, event);
	if (err) {
		kfree(event);
		queue_due(fib, FORGET_ALL);
		return;
	}
	queue_event(fib, event);
}

static int on_rule(const struct fib_notifier_info *info)
{
	const struct fib_rule_notifier_info *rule =
		container_of(info, struct fib_rule_notifier_info, info);

	if (rule->rule->l3mdev || (info->family == AF_INET ?
					   fib4_rule_default(rule->rule) :
					   fib6_rule_default(rule->rule)))
		return 0;
	tcamsim_say(info->extack, "no policy rules besides the default ones");
	return -EOPNOTSUPP;
}

static int on_fib(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct tcamsim_fib *fib = container_of(nb, struct tcamsim_fib, on_fib);
	const struct fib_notifier_info *info = ptr;

	if (info->family != AF_INET && info->family != AF_INET6)
		return NOTIFY_DONE;
	switch (event) {
	case FIB_EVENT_ENTRY_REPLACE:
		on_route(fib, info, ROUTE_REPLACED);
		break;
	case FIB_EVENT_ENTRY_APPEND:
		on_route(fib, info, ROUTE_APPENDED);
		break;
	case FIB_EVENT_ENTRY_DEL:
		on_route(fib, info, ROUTE_DELETED);
		break;
	case FIB_EVENT_RULE_ADD:
		return notifier_from_errno(on_rule(info));
	}
	return NOTIFY_DONE;
}

/* The kernel could not show its routes at one moment and begins again. */
static void on_inconsistent(struct notifier_block *nb)
{
	struct tcamsim_fib *fib = container_of(nb, struct tcamsim_fib, on_fib);

	flush_work(&fib->work);
	forget_all(fib);
}

static int on_nexthop(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct tcamsim_fib *fib =
		container_of(nb, struct tcamsim_fib, on_nexthop);

	queue_due(fib, UPDATE_ALL);
	return NOTIFY_DONE;
}

static void on_neighbour(struct tcamsim_fib *fib, const struct neighbour *n)
{
	struct event *event;

	if (!tcamsim_port_of(fib->sw, n->dev) ||
	    (n->tbl != &arp_tbl && n->tbl != &nd_tbl))
		return;
	event = kzalloc(sizeof(*event), GFP_ATOMIC);
	if (!event) {
		queue_due(fib, UPDATE_ALL);
		return;
	}
	event->what = NEIGHBOUR_CHANGED;
	event->via.ifindex = n->dev->ifindex;
	event->via.family = n->tbl->family;
	memcpy(&event->via.address, n->primary_key, n->tbl->key_len);
	queue_event(fib, event);
}

static int on_netevent(struct notifier_block *nb, unsigned long event,
		       void *ptr)
{
	struct tcamsim_fib *fib =
		container_of(nb, struct tcamsim_fib, on_netevent);

	if (event == NETEVENT_NEIGH_UPDATE)
		on_neighbour(fib, ptr);
	return NOTIFY_DONE;
}

/* ------------------------------------------------------------- start, stop */

static struct tcamsim_fib *fib_new(struct tcamsim *sw, struct net *net)
{
	struct tcamsim_fib *fib = kzalloc(sizeof(*fib), GFP_KERNEL);

	if (!fib)
		return NULL;
	fib->workqueue = alloc_ordered_workqueue("tcamsim%u", 0, sw->number);
	if (!fib->workqueue) {
		kfree(fib);
		return NULL;
	}
	fib->sw = sw;
	tcamsim_routes_init(&fib->routes, sw, net);
	fib->on_fib.notifier_call = on_fib;
	fib->on_nexthop.notifier_call = on_nexthop;
	fib->on_netevent.notifier_call = on_netevent;
	INIT_WORK(&fib->work, on_work);
	spin_lock_init(&fib->lock);
	INIT_LIST_HEAD(&fib->queue);
	return fib;
}

static void fib_free(struct tcamsim_fib *fib)
{
	destroy_workqueue(fib->workqueue);
	kfree(fib);
}

static int tables_make(struct tcamsim *sw, struct net *net)
{
	struct tcamsim_fib *fib = fib_new(sw, net);
	struct tcamsim_lpm *lpm;

	if (!fib)
		return -ENOMEM;
	lpm = tcamsim_lpm_new(sw);
	if (!lpm) {
		fib_free(fib);
		return -ENOMEM;
	}
	mutex_lock(&sw->lock);
	sw->fib = fib;
	smp_store_release(&sw->lpm, lpm); /* for tcamsim_lpm_find() */
	mutex_unlock(&sw->lock);
	return 0;
}

int tcamsim_fib_start(struct tcamsim *sw, struct netlink_ext_ack *extack)
{
	struct net *net = devlink_net(priv_to_devlink(sw));
	struct tcamsim_fib *fib;
	int err;

	err = tables_make(sw, net);
	if (err)
		return err;
	fib = sw->fib;
	err = register_netevent_notifier(&fib->on_netevent);
	if (!err)
		err = register_nexthop_notifier(net, &fib->on_nexthop, extack);
	if (!err)
		err = register_fib_notifier(net, &fib->on_fib, on_inconsistent,
					    extack);
	if (err)
		tcamsim_fib_stop(sw);
	return err;
}

void tcamsim_fib_stop(struct tcamsim *sw)
{
	struct tcamsim_fib *fib = sw->fib;
	struct tcamsim_lpm *lpm = sw->lpm;
	bool rtnl;

	if (!fib)
		return;
	/* A notifier that is not registered is no harm here. */
	unregister_fib_notifier(fib->routes.net, &fib->on_fib);
	unregister_nexthop_notifier(fib->routes.net, &fib->on_nexthop);
	unregister_netevent_notifier(&fib->on_netevent);
	drain_workqueue(fib->workqueue);

	rtnl = tables_lock(fib, false);
	tcamsim_routes_forget(&fib->routes);
	sw->fib = NULL;
	WRITE_ONCE(sw->lpm, NULL);
	tables_unlock(fib, rtnl);

	synchronize_rcu();
	tcamsim_lpm_free(lpm);
	fib_free(fib);
}

/* ------------------------------------------------------------- operators */

/*
 * The devlink lock keeps sw->fib where it is.  What was queued comes first, so
 * that who adds a route and then evicts it finds it.
 */
int tcamsim_fib_evict(struct tcamsim *sw, const struct tcamsim_route_key *key)
{
	struct devlink *devlink = priv_to_devlink(sw);
	struct tcamsim_route_key masked = *key;
	int err = -ENOENT;
	bool rtnl;

	ipv6_addr_prefix(&masked.prefix, &key->prefix, key->plen);
	devl_lock(devlink);
	if (sw->fib) {
		flush_work(&sw->fib->work);
		rtnl = tables_lock(sw->fib, false);
		err = tcamsim_route_evict(&sw->fib->routes, &masked);
		tables_unlock(sw->fib, rtnl);
	}
	devl_unlock(devlink);
	return err;
}

void tcamsim_fib_catch_up(struct tcamsim *sw)
{
	struct devlink *devlink = priv_to_devlink(sw);
	bool rtnl;

	devl_lock(devlink);
	if (sw->fib) {
		rtnl = tables_lock(sw->fib, false);
		tcamsim_routes_catch_up(&sw->fib->routes);
		tables_unlock(sw->fib, rtnl);
	}
	devl_unlock(devlink);
}

void tcamsim_fib_dump(struct tcamsim *sw, struct seq_file *to)
{
	mutex_lock(&sw->lock);
	if (sw->fib)
		tcamsim_routes_dump(&sw->fib->routes, to);
	mutex_unlock(&sw->lock);
}
